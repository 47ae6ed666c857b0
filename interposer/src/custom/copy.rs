//! Linear copies and fills: some fifty C functions fold into `Copies::copy` and `Copies::fill`.
//!
//! A C function says by its name what each address is; where it does not (`cuMemcpy`), or where the
//! name is wrong (page-locked memory passed as a device address is allowed), the driver's map of
//! allocations decides. Read [`Linear`] first. Pitched copies are in [`super::copy_box`].

use std::ffi::c_void;

use rigel_protocol::custom::{AllocationKind, ArraySlot, Fill, Order, Place};
use rigel_protocol::generated::types::CUmemcpyAttributes;
use rigel_protocol::handle::{Array, Context, DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult, Driver, HostPtr};

use crate::ffi;

pub(crate) use super::copy_batch::*;
pub(crate) use super::copy_box::{
    cuMemcpy2D_v2, cuMemcpy2DAsync_v2, cuMemcpy2DUnaligned_v2, cuMemcpy3D_v2, cuMemcpy3DAsync_v2,
    cuMemcpy3DPeer, cuMemcpy3DPeerAsync,
};

/// An end of a linear copy as a caller gives it.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// The function's name says host.
    Host(u64),
    /// The function's name says device.
    Device(u64),
    /// The address may be anything.
    Unified(u64),
    /// An array, and an offset in it.
    Array(Array, usize),
}

/// A linear copy.
#[derive(Clone, Copy)]
struct Linear {
    dst: End,
    src: End,
    bytes: usize,
}

impl End {
    /// The place it is. An address of a known allocation is what that allocation is.
    pub(super) fn place(self, driver: &dyn Driver) -> CuResult<Place> {
        let (address, otherwise_device) = match self {
            Self::Array(array, offset) => {
                return Ok(Place::Array(ArraySlot {
                    array,
                    offset_bytes: offset as u64,
                }));
            }
            Self::Host(address) | Self::Unified(address) => (address, false),
            Self::Device(address) => (address, true),
        };
        if address == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let is_device = match driver.pointer_info(address).map(|info| info.kind) {
            Some(AllocationKind::Device | AllocationKind::Managed) => true,
            Some(AllocationKind::HostAllocated | AllocationKind::HostRegistered) => false,
            None => otherwise_device,
        };
        Ok(match is_device {
            true => Place::Device(DevicePtr(address)),
            false => Place::Host(HostPtr(address)),
        })
    }
}

impl Linear {
    fn run(self, order: Order) -> CuResult<()> {
        let (driver, cx) = ffi::enter_to_work(order.stream)?;
        if self.bytes == 0 {
            return Ok(());
        }
        let dst = self.dst.place(driver)?;
        let src = self.src.place(driver)?;
        driver.copy(cx, dst, src, self.bytes as u64, order)
    }

    /// The synchronous form, in the order of the default stream.
    fn now(self, null_stream: Stream) -> CuResult<()> {
        self.run(Order {
            stream: null_stream,
            wait: true,
        })
    }

    /// The asynchronous form.
    fn later(self, null_stream: Stream, stream: Stream) -> CuResult<()> {
        self.run(Order {
            stream: ffi::stream(stream, null_stream),
            wait: false,
        })
    }
}

pub(crate) unsafe fn cuMemcpyHtoD_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
) -> CuResult<()> {
    host_to_device(dst_device, src_host, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyDtoH_v2(
    null_stream: Stream,
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
) -> CuResult<()> {
    device_to_host(dst_host, src_device, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyDtoD_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
) -> CuResult<()> {
    device_to_device(dst_device, src_device, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyDtoA_v2(
    null_stream: Stream,
    dst_array: Array,
    dst_offset: usize,
    src_device: DevicePtr,
    byte_count: usize,
) -> CuResult<()> {
    Linear {
        dst: End::Array(dst_array, dst_offset),
        src: End::Device(src_device.0),
        bytes: byte_count,
    }
    .now(null_stream)
}

pub(crate) unsafe fn cuMemcpyAtoD_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> CuResult<()> {
    Linear {
        dst: End::Device(dst_device.0),
        src: End::Array(src_array, src_offset),
        bytes: byte_count,
    }
    .now(null_stream)
}

pub(crate) unsafe fn cuMemcpyHtoA_v2(
    null_stream: Stream,
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
) -> CuResult<()> {
    host_to_array(dst_array, dst_offset, src_host, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyAtoH_v2(
    null_stream: Stream,
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> CuResult<()> {
    array_to_host(dst_host, src_array, src_offset, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyAtoA_v2(
    null_stream: Stream,
    dst_array: Array,
    dst_offset: usize,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> CuResult<()> {
    Linear {
        dst: End::Array(dst_array, dst_offset),
        src: End::Array(src_array, src_offset),
        bytes: byte_count,
    }
    .now(null_stream)
}

pub(crate) unsafe fn cuMemcpyHtoAAsync_v2(
    null_stream: Stream,
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    host_to_array(dst_array, dst_offset, src_host, byte_count).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpyAtoHAsync_v2(
    null_stream: Stream,
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    array_to_host(dst_host, src_array, src_offset, byte_count).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpyHtoDAsync_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    host_to_device(dst_device, src_host, byte_count).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpyDtoHAsync_v2(
    null_stream: Stream,
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    device_to_host(dst_host, src_device, byte_count).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpyDtoDAsync_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    device_to_device(dst_device, src_device, byte_count).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpy(
    null_stream: Stream,
    dst: DevicePtr,
    src: DevicePtr,
    byte_count: usize,
) -> CuResult<()> {
    unified(dst, src, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyAsync(
    null_stream: Stream,
    dst: DevicePtr,
    src: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    unified(dst, src, byte_count).later(null_stream, h_stream)
}

/// Addresses name their device; the contexts say nothing more.
pub(crate) unsafe fn cuMemcpyPeer(
    null_stream: Stream,
    dst_device: DevicePtr,
    _dst_context: Context,
    src_device: DevicePtr,
    _src_context: Context,
    byte_count: usize,
) -> CuResult<()> {
    device_to_device(dst_device, src_device, byte_count).now(null_stream)
}

pub(crate) unsafe fn cuMemcpyPeerAsync(
    null_stream: Stream,
    dst_device: DevicePtr,
    _dst_context: Context,
    src_device: DevicePtr,
    _src_context: Context,
    byte_count: usize,
    h_stream: Stream,
) -> CuResult<()> {
    device_to_device(dst_device, src_device, byte_count).later(null_stream, h_stream)
}

/// Attributes of a copy are hints, all but one: when the source may be read. Every copy here reads a
/// pageable source before it returns, which is the strictest of them.
pub(crate) unsafe fn cuMemcpyWithAttributesAsync(
    null_stream: Stream,
    dst: DevicePtr,
    src: DevicePtr,
    size: usize,
    _attr: *mut CUmemcpyAttributes,
    h_stream: Stream,
) -> CuResult<()> {
    unified(dst, src, size).later(null_stream, h_stream)
}

pub(crate) unsafe fn cuMemcpyBatchAsync_v2(
    null_stream: Stream,
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    _attrs: *mut CUmemcpyAttributes,
    _attrs_idxs: *mut usize,
    _num_attrs: usize,
    h_stream: Stream,
) -> CuResult<()> {
    if h_stream.is_none() || count == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's three arrays of `count` elements.
    let (dsts, srcs, sizes) = unsafe {
        (
            ffi::slice(dsts, count)?,
            ffi::slice(srcs, count)?,
            ffi::slice(sizes, count)?,
        )
    };
    for ((dst, src), size) in dsts.iter().zip(srcs).zip(sizes) {
        unified(*dst, *src, *size).later(null_stream, h_stream)?;
    }
    Ok(())
}

pub(crate) unsafe fn cuMemcpyBatchAsync(
    null_stream: Stream,
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrs_idxs: *mut usize,
    num_attrs: usize,
    fail_idx: *mut usize,
    h_stream: Stream,
) -> CuResult<()> {
    // SAFETY: the caller's pointers. `SIZE_MAX` is CUDA's word for "not one copy in particular".
    unsafe {
        let done = cuMemcpyBatchAsync_v2(
            null_stream,
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrs_idxs,
            num_attrs,
            h_stream,
        );
        if done.is_err() {
            ffi::write_optional(fail_idx, usize::MAX);
        }
        done
    }
}

pub(crate) unsafe fn cuMemsetD8_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    uc: u8,
    n: usize,
) -> CuResult<()> {
    fill(row(dst_device, uc.into(), 1, n), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD16_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    us: u16,
    n: usize,
) -> CuResult<()> {
    fill(row(dst_device, us.into(), 2, n), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD32_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    ui: u32,
    n: usize,
) -> CuResult<()> {
    fill(row(dst_device, ui, 4, n), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD2D8_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
) -> CuResult<()> {
    let row = row(dst_device, uc.into(), 1, width);
    fill(rows(row, dst_pitch, height), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD2D16_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
) -> CuResult<()> {
    let row = row(dst_device, us.into(), 2, width);
    fill(rows(row, dst_pitch, height), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD2D32_v2(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
) -> CuResult<()> {
    let row = row(dst_device, ui, 4, width);
    fill(rows(row, dst_pitch, height), now(null_stream))
}

pub(crate) unsafe fn cuMemsetD8Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    uc: u8,
    n: usize,
    h_stream: Stream,
) -> CuResult<()> {
    fill(
        row(dst_device, uc.into(), 1, n),
        later(null_stream, h_stream),
    )
}

pub(crate) unsafe fn cuMemsetD16Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    us: u16,
    n: usize,
    h_stream: Stream,
) -> CuResult<()> {
    fill(
        row(dst_device, us.into(), 2, n),
        later(null_stream, h_stream),
    )
}

pub(crate) unsafe fn cuMemsetD32Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    ui: u32,
    n: usize,
    h_stream: Stream,
) -> CuResult<()> {
    fill(row(dst_device, ui, 4, n), later(null_stream, h_stream))
}

pub(crate) unsafe fn cuMemsetD2D8Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> CuResult<()> {
    let row = row(dst_device, uc.into(), 1, width);
    fill(rows(row, dst_pitch, height), later(null_stream, h_stream))
}

pub(crate) unsafe fn cuMemsetD2D16Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> CuResult<()> {
    let row = row(dst_device, us.into(), 2, width);
    fill(rows(row, dst_pitch, height), later(null_stream, h_stream))
}

pub(crate) unsafe fn cuMemsetD2D32Async(
    null_stream: Stream,
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> CuResult<()> {
    let row = row(dst_device, ui, 4, width);
    fill(rows(row, dst_pitch, height), later(null_stream, h_stream))
}

/// The order of a synchronous call.
pub(super) fn now(null_stream: Stream) -> Order {
    Order {
        stream: null_stream,
        wait: true,
    }
}

/// The order of an asynchronous call.
pub(super) fn later(null_stream: Stream, stream: Stream) -> Order {
    Order {
        stream: ffi::stream(stream, null_stream),
        wait: false,
    }
}

fn host_to_device(dst: DevicePtr, src: *const c_void, bytes: usize) -> Linear {
    Linear {
        dst: End::Device(dst.0),
        src: End::Host(src as u64),
        bytes,
    }
}

fn device_to_host(dst: *mut c_void, src: DevicePtr, bytes: usize) -> Linear {
    Linear {
        dst: End::Host(dst as u64),
        src: End::Device(src.0),
        bytes,
    }
}

fn device_to_device(dst: DevicePtr, src: DevicePtr, bytes: usize) -> Linear {
    Linear {
        dst: End::Device(dst.0),
        src: End::Device(src.0),
        bytes,
    }
}

fn unified(dst: DevicePtr, src: DevicePtr, bytes: usize) -> Linear {
    Linear {
        dst: End::Unified(dst.0),
        src: End::Unified(src.0),
        bytes,
    }
}

fn host_to_array(dst: Array, offset: usize, src: *const c_void, bytes: usize) -> Linear {
    Linear {
        dst: End::Array(dst, offset),
        src: End::Host(src as u64),
        bytes,
    }
}

fn array_to_host(dst: *mut c_void, src: Array, offset: usize, bytes: usize) -> Linear {
    Linear {
        dst: End::Host(dst as u64),
        src: End::Array(src, offset),
        bytes,
    }
}

/// A linear fill.
fn row(dst: DevicePtr, value: u32, element_bytes: u8, width: usize) -> Fill {
    Fill {
        dst,
        pitch_bytes: 0,
        value,
        element_bytes,
        width: width as u64,
        height: 1,
    }
}

/// The same in several rows.
fn rows(row: Fill, pitch: usize, height: usize) -> Fill {
    Fill {
        pitch_bytes: pitch as u64,
        height: height as u64,
        ..row
    }
}

fn fill(fill: Fill, order: Order) -> CuResult<()> {
    let (driver, cx) = ffi::enter_to_work(order.stream)?;
    if fill.width == 0 || fill.height == 0 {
        return Ok(());
    }
    let row_bytes = fill.width.checked_mul(fill.element_bytes.into());
    let pitch_fits = fill.height == 1 || row_bytes.is_some_and(|row| row <= fill.pitch_bytes);
    let aligned = |bytes: u64| bytes.is_multiple_of(u64::from(fill.element_bytes));
    let is_right = row_bytes.is_some()
        && pitch_fits
        && fill.dst.0 != 0
        && aligned(fill.dst.0)
        && aligned(fill.pitch_bytes);
    if !is_right {
        return Err(CuError::INVALID_VALUE);
    }
    driver.fill(cx, &fill, order)
}
