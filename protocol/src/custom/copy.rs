//! Copies and fills of every kind, folded into three methods.

use super::not_supported;
use crate::call::{Cx, HostPtr};
use crate::handle::{Array, DevicePtr, Stream};
use crate::status::CuResult;

/// One end of a linear copy. A unified address (`cuMemcpy`) is classified before it comes here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Memory of the calling process, pageable or page-locked.
    Host(HostPtr),
    /// Device (or managed) memory of any device of the process.
    Device(DevicePtr),
    /// A one-dimensional array, from this byte on.
    Array(ArraySlot),
}

/// A byte position in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArraySlot {
    /// The array.
    pub array: Array,
    /// Offset in bytes.
    pub offset_bytes: u64,
}

/// Where in the order of work an operation stands, and whether the caller waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The stream; a synchronous call names [`Stream::LEGACY`] or [`Stream::PER_THREAD`].
    pub stream: Stream,
    /// True for the synchronous forms: the call returns as CUDA's synchronous form does (a copy
    /// from pageable memory once it is staged, a copy to the host once it has landed).
    pub wait: bool,
}

/// A box in bytes × rows × slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Width in bytes.
    pub width_bytes: u64,
    /// Rows.
    pub height: u64,
    /// Slices; 1 for two dimensions.
    pub depth: u64,
}

/// One end of a 2D or 3D copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Base of the volume.
    pub place: Place,
    /// First byte within a row.
    pub x_bytes: u64,
    /// First row.
    pub y: u64,
    /// First slice.
    pub z: u64,
    /// Bytes from one row to the next; unused for arrays.
    pub pitch_bytes: u64,
    /// Rows from one slice to the next; unused for arrays.
    pub rows: u64,
}

impl Side {
    /// Bytes from the base to the end of a box; `None` on overflow.
    pub fn span(&self, extent: Extent) -> Option<u64> {
        if extent.width_bytes == 0 || extent.height == 0 || extent.depth == 0 {
            return Some(0);
        }
        let slice = self.z.checked_add(extent.depth - 1)?;
        let rows = slice
            .checked_mul(self.rows)?
            .checked_add(self.y)?
            .checked_add(extent.height - 1)?;
        rows.checked_mul(self.pitch_bytes)?
            .checked_add(self.x_bytes)?
            .checked_add(extent.width_bytes)
    }
}

/// A 2D or 3D copy (`CUDA_MEMCPY2D`, `CUDA_MEMCPY3D`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy3d {
    /// Where to.
    pub dst: Side,
    /// Where from.
    pub src: Side,
    /// How much.
    pub extent: Extent,
}

/// A fill of 1, 2 or 4-byte elements, linear or pitched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// First element.
    pub dst: DevicePtr,
    /// Bytes from one row to the next; 0 if there is one row.
    pub pitch_bytes: u64,
    /// The element's value in its low bits.
    pub value: u32,
    /// Size of an element: 1, 2 or 4.
    pub element_bytes: u8,
    /// Elements a row.
    pub width: u64,
    /// Rows; 1 for the linear forms.
    pub height: u64,
}

/// Copies and fills.
pub trait Copies {
    /// Copies `bytes` bytes. Between devices too: addresses name their device.
    fn copy(&self, _cx: Cx, _dst: Place, _src: Place, _bytes: u64, _order: Order) -> CuResult<()> {
        not_supported("cuMemcpy")
    }

    /// Copies a 2D or 3D box.
    fn copy_3d(&self, _cx: Cx, _copy: &Copy3d, _order: Order) -> CuResult<()> {
        not_supported("cuMemcpy3D")
    }

    /// Fills memory. Never waits for the GPU, whatever `order.wait` says of a device destination.
    fn fill(&self, _cx: Cx, _fill: &Fill, _order: Order) -> CuResult<()> {
        not_supported("cuMemsetD8")
    }
}
