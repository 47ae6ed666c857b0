//! 2D and 3D copies: each C structure becomes one `Copy3d`.
//!
//! `CUDA_MEMCPY2D` is the case of one slice; `CUDA_MEMCPY3D_PEER` names contexts, which addresses make
//! superfluous. Read [`run`] first.

use std::ffi::c_void;

use rigel_protocol::custom::{Copy3d, Extent, Order, Place, Side};
use rigel_protocol::generated::types::{
    CUDA_MEMCPY2D, CUDA_MEMCPY3D, CUDA_MEMCPY3D_PEER, CUmemorytype,
};
use rigel_protocol::handle::{Array, DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult, Driver};

use super::copy::{End, later, now};
use crate::ffi;

/// One end as the C structures describe it.
struct CSide {
    kind: CUmemorytype,
    host: *const c_void,
    device: DevicePtr,
    array: Array,
    /// x in bytes, y, z.
    at: [usize; 3],
    pitch: usize,
    rows: usize,
}

/// A copy as the C structures describe it.
struct CBox {
    dst: CSide,
    src: CSide,
    /// Width in bytes, height, depth.
    extent: [usize; 3],
}

pub(crate) unsafe fn cuMemcpy2D_v2(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY2D,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    run(&from_2d(&unsafe { ffi::read(p_copy) }?), now(null_stream))
}

pub(crate) use cuMemcpy2D_v2 as cuMemcpy2DUnaligned_v2;

pub(crate) unsafe fn cuMemcpy2DAsync_v2(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY2D,
    h_stream: Stream,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    let copy = from_2d(&unsafe { ffi::read(p_copy) }?);
    run(&copy, later(null_stream, h_stream))
}

pub(crate) unsafe fn cuMemcpy3D_v2(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY3D,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    run(&from_3d(&unsafe { ffi::read(p_copy) }?), now(null_stream))
}

pub(crate) unsafe fn cuMemcpy3DAsync_v2(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY3D,
    h_stream: Stream,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    let copy = from_3d(&unsafe { ffi::read(p_copy) }?);
    run(&copy, later(null_stream, h_stream))
}

pub(crate) unsafe fn cuMemcpy3DPeer(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY3D_PEER,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    run(
        &from_3d_peer(&unsafe { ffi::read(p_copy) }?),
        now(null_stream),
    )
}

pub(crate) unsafe fn cuMemcpy3DPeerAsync(
    null_stream: Stream,
    p_copy: *const CUDA_MEMCPY3D_PEER,
    h_stream: Stream,
) -> CuResult<()> {
    // SAFETY: the caller's pointer.
    let copy = from_3d_peer(&unsafe { ffi::read(p_copy) }?);
    run(&copy, later(null_stream, h_stream))
}

fn run(copy: &CBox, order: Order) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    match checked(copy, driver)? {
        Some(copy) => driver.copy_3d(cx, &copy, order),
        None => Ok(()),
    }
}

/// The copy a node of a graph makes.
pub(super) fn of_node(copy: &CUDA_MEMCPY3D, driver: &dyn Driver) -> CuResult<Copy3d> {
    checked(&from_3d(copy), driver)?.ok_or(CuError::INVALID_VALUE)
}

/// The copy, if it copies anything.
fn checked(copy: &CBox, driver: &dyn Driver) -> CuResult<Option<Copy3d>> {
    let [width, height, depth] = copy.extent.map(|length| length as u64);
    if width == 0 || height == 0 || depth == 0 {
        return Ok(None);
    }
    let extent = Extent {
        width_bytes: width,
        height,
        depth,
    };
    let side = |side: &CSide| -> CuResult<Side> {
        let place = side.end()?.place(driver)?;
        side.within(place, extent)
    };
    Ok(Some(Copy3d {
        dst: side(&copy.dst)?,
        src: side(&copy.src)?,
        extent,
    }))
}

impl CSide {
    fn end(&self) -> CuResult<End> {
        Ok(match self.kind {
            CUmemorytype::CU_MEMORYTYPE_HOST => End::Host(self.host as u64),
            CUmemorytype::CU_MEMORYTYPE_DEVICE => End::Device(self.device.0),
            CUmemorytype::CU_MEMORYTYPE_UNIFIED => End::Unified(self.device.0),
            CUmemorytype::CU_MEMORYTYPE_ARRAY => End::Array(self.array, 0),
            _ => return Err(CuError::INVALID_VALUE),
        })
    }

    /// The side, if the box lies within its pitch and no address overflows.
    fn within(&self, place: Place, extent: Extent) -> CuResult<Side> {
        let [x, y, z] = self.at.map(|position| position as u64);
        let side = Side {
            place,
            x_bytes: x,
            y,
            z,
            // 0 stands for rows without a gap, where it is not looked at because there is one row.
            pitch_bytes: match self.pitch as u64 {
                0 => extent
                    .width_bytes
                    .checked_add(x)
                    .ok_or(CuError::INVALID_VALUE)?,
                pitch => pitch,
            },
            rows: match self.rows as u64 {
                0 => extent.height.checked_add(y).ok_or(CuError::INVALID_VALUE)?,
                rows => rows,
            },
        };
        if matches!(place, Place::Array(_)) {
            return Ok(side);
        }
        let row_end = x.checked_add(extent.width_bytes);
        let one_row = extent.height == 1 && extent.depth == 1 && y == 0 && z == 0;
        let fits = one_row || row_end.is_some_and(|end| end <= side.pitch_bytes);
        match fits && self.span(&side, extent).is_some() {
            true => Ok(side),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// Bytes from the base to the end of the box; `None` on overflow.
    fn span(&self, side: &Side, extent: Extent) -> Option<u64> {
        let slices = side.z.checked_add(extent.depth)?;
        let rows = slices.checked_mul(side.rows.max(1))?.checked_add(side.y)?;
        rows.checked_add(extent.height)?
            .checked_mul(side.pitch_bytes)?
            .checked_add(side.x_bytes)
    }
}

fn from_2d(copy: &CUDA_MEMCPY2D) -> CBox {
    CBox {
        dst: CSide {
            kind: copy.dstMemoryType,
            host: copy.dstHost,
            device: copy.dstDevice,
            array: copy.dstArray,
            at: [copy.dstXInBytes, copy.dstY, 0],
            pitch: copy.dstPitch,
            rows: 0,
        },
        src: CSide {
            kind: copy.srcMemoryType,
            host: copy.srcHost,
            device: copy.srcDevice,
            array: copy.srcArray,
            at: [copy.srcXInBytes, copy.srcY, 0],
            pitch: copy.srcPitch,
            rows: 0,
        },
        extent: [copy.WidthInBytes, copy.Height, 1],
    }
}

/// The two 3D structures differ in fields that no copy needs.
macro_rules! from_3d {
    ($copy:expr) => {
        CBox {
            dst: CSide {
                kind: $copy.dstMemoryType,
                host: $copy.dstHost,
                device: $copy.dstDevice,
                array: $copy.dstArray,
                at: [$copy.dstXInBytes, $copy.dstY, $copy.dstZ],
                pitch: $copy.dstPitch,
                rows: $copy.dstHeight,
            },
            src: CSide {
                kind: $copy.srcMemoryType,
                host: $copy.srcHost,
                device: $copy.srcDevice,
                array: $copy.srcArray,
                at: [$copy.srcXInBytes, $copy.srcY, $copy.srcZ],
                pitch: $copy.srcPitch,
                rows: $copy.srcHeight,
            },
            extent: [$copy.WidthInBytes, $copy.Height, $copy.Depth],
        }
    };
}

fn from_3d(copy: &CUDA_MEMCPY3D) -> CBox {
    from_3d!(copy)
}

fn from_3d_peer(copy: &CUDA_MEMCPY3D_PEER) -> CBox {
    from_3d!(copy)
}
