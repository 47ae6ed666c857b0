//! Copies and fills: the C function for each pair of places.
#![expect(unsafe_code, reason = "calls into a loaded libcuda")]

use std::ffi::c_void;
use std::ptr;

use rigel_protocol::call::{Cx, HostPtr};
use rigel_protocol::custom::{ArraySlot, Copies, Copy3d, Fill, Order, Place, Side};
use rigel_protocol::generated::driver::StreamApi;
use rigel_protocol::generated::types::{CUDA_MEMCPY3D, CUmemorytype};
use rigel_protocol::handle::{Array, DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult};

use super::Native;

impl Copies for Native {
    fn copy(&self, cx: Cx, dst: Place, src: Place, bytes: u64, order: Order) -> CuResult<()> {
        self.enter(cx)?;
        let n = usize::try_from(bytes).map_err(|_| CuError::INVALID_VALUE)?;
        let stream = order.stream;
        match (dst, src) {
            (Place::Device(dst), Place::Host(src)) => self.up(dst, src, n, stream),
            (Place::Host(dst), Place::Device(src)) => self.down(cx, dst, src, n, order),
            (Place::Device(dst), Place::Device(src)) => self.within(dst, src, n, stream),
            (Place::Host(dst), Place::Host(src)) => {
                self.across(DevicePtr(dst.0), DevicePtr(src.0), n, stream)?;
                self.wait_if(cx, order)
            }
            (Place::Array(dst), Place::Host(src)) => self.host_to_array(dst, src, n, stream),
            (Place::Host(dst), Place::Array(src)) => {
                self.array_to_host(dst, src, n, stream)?;
                self.wait_if(cx, order)
            }
            (Place::Array(dst), Place::Device(src)) => self.device_to_array(dst, src, n),
            (Place::Device(dst), Place::Array(src)) => self.array_to_device(dst, src, n),
            (Place::Array(dst), Place::Array(src)) => self.array_to_array(dst, src, n),
        }
    }

    fn copy_3d(&self, cx: Cx, copy: &Copy3d, order: Order) -> CuResult<()> {
        let entry = self.symbols.cuMemcpy3DAsync_v2.get()?;
        let copy = parameters(copy);
        self.enter(cx)?;
        // SAFETY: the structure is a live local; the places in it are those the caller checked, and
        // host memory stays valid as `HostPtr` says.
        CuError::check(unsafe { entry(&copy, order.stream) })?;
        match copy.dstMemoryType {
            HOST => self.wait_if(cx, order),
            _ => Ok(()),
        }
    }

    fn fill(&self, cx: Cx, fill: &Fill, order: Order) -> CuResult<()> {
        self.enter(cx)?;
        match fill.height == 1 && fill.pitch_bytes == 0 {
            true => self.fill_line(fill, order.stream),
            false => self.fill_rows(fill, order.stream),
        }
    }
}

impl Native {
    fn up(&self, dst: DevicePtr, src: HostPtr, n: usize, stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyHtoDAsync_v2.get()?;
        // SAFETY: the source is readable for `n` bytes during the call; the driver captures pageable
        // memory before it returns, and page-locked memory lives as `HostPtr` says.
        CuError::check(unsafe { entry(dst, src.0 as *const c_void, n, stream) })
    }

    fn down(&self, cx: Cx, dst: HostPtr, src: DevicePtr, n: usize, order: Order) -> CuResult<()> {
        if order.wait && order.stream == Stream::LEGACY {
            let entry = self.symbols.cuMemcpyDtoH_v2.get()?;
            // SAFETY: the destination is writable for `n` bytes during the call, which ends when the
            // bytes have landed.
            return CuError::check(unsafe { entry(dst.0 as *mut c_void, src, n) });
        }
        let entry = self.symbols.cuMemcpyDtoHAsync_v2.get()?;
        // SAFETY: the destination is writable for `n` bytes until the copy has ended: waited for
        // below, or page-locked memory that lives as `HostPtr` says.
        CuError::check(unsafe { entry(dst.0 as *mut c_void, src, n, order.stream) })?;
        self.wait_if(cx, order)
    }

    /// Between device memory, and nothing else: the addresses are a client's, and a call that takes any
    /// address would read or write this process's own memory for it.
    fn within(&self, dst: DevicePtr, src: DevicePtr, n: usize, stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyDtoDAsync_v2.get()?;
        // SAFETY: the driver refuses addresses that are not device memory.
        CuError::check(unsafe { entry(dst, src, n, stream) })
    }

    fn across(&self, dst: DevicePtr, src: DevicePtr, n: usize, stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyAsync.get()?;
        // SAFETY: host memory of ours, which lives as `HostPtr` says.
        CuError::check(unsafe { entry(dst, src, n, stream) })
    }

    fn host_to_array(
        &self,
        dst: ArraySlot,
        src: HostPtr,
        n: usize,
        stream: Stream,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyHtoAAsync_v2.get()?;
        let (array, offset) = (dst.array, dst.offset_bytes as usize);
        // SAFETY: as in `up`.
        CuError::check(unsafe { entry(array, offset, src.0 as *const c_void, n, stream) })
    }

    fn array_to_host(
        &self,
        dst: HostPtr,
        src: ArraySlot,
        n: usize,
        stream: Stream,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyAtoHAsync_v2.get()?;
        let (array, offset) = (src.array, src.offset_bytes as usize);
        // SAFETY: as in `down`.
        CuError::check(unsafe { entry(dst.0 as *mut c_void, array, offset, n, stream) })
    }

    fn device_to_array(&self, dst: ArraySlot, src: DevicePtr, n: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyDtoA_v2.get()?;
        // SAFETY: no host memory takes part; the driver checks the rest.
        CuError::check(unsafe { entry(dst.array, dst.offset_bytes as usize, src, n) })
    }

    fn array_to_device(&self, dst: DevicePtr, src: ArraySlot, n: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyAtoD_v2.get()?;
        // SAFETY: as above.
        CuError::check(unsafe { entry(dst, src.array, src.offset_bytes as usize, n) })
    }

    fn array_to_array(&self, dst: ArraySlot, src: ArraySlot, n: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemcpyAtoA_v2.get()?;
        let (to, from) = (dst.offset_bytes as usize, src.offset_bytes as usize);
        // SAFETY: as above.
        CuError::check(unsafe { entry(dst.array, to, src.array, from, n) })
    }

    fn wait_if(&self, cx: Cx, order: Order) -> CuResult<()> {
        match order.wait {
            true => self.stream_synchronize(cx, order.stream),
            false => Ok(()),
        }
    }

    fn fill_line(&self, fill: &Fill, stream: Stream) -> CuResult<()> {
        let (dst, n) = (fill.dst, fill.width as usize);
        let filled = match fill.element_bytes {
            1 => {
                let entry = self.symbols.cuMemsetD8Async.get()?;
                // SAFETY: no host memory takes part; the driver checks the address.
                unsafe { entry(dst, fill.value as u8, n, stream) }
            }
            2 => {
                let entry = self.symbols.cuMemsetD16Async.get()?;
                // SAFETY: as above.
                unsafe { entry(dst, fill.value as u16, n, stream) }
            }
            _ => {
                let entry = self.symbols.cuMemsetD32Async.get()?;
                // SAFETY: as above.
                unsafe { entry(dst, fill.value, n, stream) }
            }
        };
        CuError::check(filled)
    }

    fn fill_rows(&self, fill: &Fill, stream: Stream) -> CuResult<()> {
        let (dst, pitch) = (fill.dst, fill.pitch_bytes as usize);
        let (width, height) = (fill.width as usize, fill.height as usize);
        let filled = match fill.element_bytes {
            1 => {
                let entry = self.symbols.cuMemsetD2D8Async.get()?;
                // SAFETY: no host memory takes part; the driver checks the addresses.
                unsafe { entry(dst, pitch, fill.value as u8, width, height, stream) }
            }
            2 => {
                let entry = self.symbols.cuMemsetD2D16Async.get()?;
                // SAFETY: as above.
                unsafe { entry(dst, pitch, fill.value as u16, width, height, stream) }
            }
            _ => {
                let entry = self.symbols.cuMemsetD2D32Async.get()?;
                // SAFETY: as above.
                unsafe { entry(dst, pitch, fill.value, width, height, stream) }
            }
        };
        CuError::check(filled)
    }
}

const HOST: CUmemorytype = CUmemorytype(1);
const DEVICE: CUmemorytype = CUmemorytype(2);
const ARRAY: CUmemorytype = CUmemorytype(3);

pub(super) fn parameters(copy: &Copy3d) -> CUDA_MEMCPY3D {
    let Copy3d { dst, src, extent } = copy;
    let ((src_type, src_host, src_device, src_array), dst_end) = (end(src), end(dst));
    let (dst_type, dst_host, dst_device, dst_array) = dst_end;
    CUDA_MEMCPY3D {
        srcXInBytes: (src.x_bytes + array_offset(src)) as usize,
        srcY: src.y as usize,
        srcZ: src.z as usize,
        srcLOD: 0,
        srcMemoryType: src_type,
        srcHost: src_host.0 as *const c_void,
        srcDevice: src_device,
        srcArray: src_array,
        reserved0: ptr::null_mut(),
        srcPitch: src.pitch_bytes as usize,
        srcHeight: src.rows as usize,
        dstXInBytes: (dst.x_bytes + array_offset(dst)) as usize,
        dstY: dst.y as usize,
        dstZ: dst.z as usize,
        dstLOD: 0,
        dstMemoryType: dst_type,
        dstHost: dst_host.0 as *mut c_void,
        dstDevice: dst_device,
        dstArray: dst_array,
        reserved1: ptr::null_mut(),
        dstPitch: dst.pitch_bytes as usize,
        dstHeight: dst.rows as usize,
        WidthInBytes: extent.width_bytes as usize,
        Height: extent.height as usize,
        Depth: extent.depth as usize,
    }
}

fn end(side: &Side) -> (CUmemorytype, HostPtr, DevicePtr, Array) {
    match side.place {
        Place::Host(address) => (HOST, address, DevicePtr(0), Array::NONE),
        Place::Device(address) => (DEVICE, HostPtr(0), address, Array::NONE),
        Place::Array(slot) => (ARRAY, HostPtr(0), DevicePtr(0), slot.array),
    }
}

/// An array's volume begins at its slot.
fn array_offset(side: &Side) -> u64 {
    match side.place {
        Place::Array(slot) => slot.offset_bytes,
        _ => 0,
    }
}
