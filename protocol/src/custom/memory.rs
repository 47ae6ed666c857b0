//! Page-locked host memory, and what is known of an address.

use super::not_supported;
use crate::call::{Cx, HostPtr};
use crate::handle::{Context, Device, DevicePtr, MemPool};
use crate::status::CuResult;

/// What an address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AllocationKind {
    /// Device memory.
    Device,
    /// Page-locked host memory of the driver's.
    HostAllocated,
    /// The caller's memory, page-locked by `cuMemHostRegister`.
    HostRegistered,
    /// Managed memory.
    Managed,
}

/// The allocation that holds an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointerInfo {
    /// What kind of memory it is.
    pub kind: AllocationKind,
    /// First address of the allocation, as the host or the device addresses it (they are equal).
    pub base: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// The context it was allocated in.
    pub context: Context,
    /// The device it is on, or the device of its context.
    pub device: Device,
    /// `CU_POINTER_ATTRIBUTE_BUFFER_ID`: unique in the process, never used again.
    pub buffer_id: u64,
    /// The pool it came from, if any.
    pub pool: MemPool,
    /// Flags of `cuMemHostAlloc` or `cuMemHostRegister`; 0 for device memory.
    pub flags: u32,
}

/// Page-locked host memory and pointer queries. Addresses are equal on both sides (unified
/// addressing): the device pointer of page-locked memory is its host address.
pub trait HostMemory {
    /// Allocates page-locked memory (`cuMemHostAlloc`, `cuMemAllocHost`).
    fn host_alloc(&self, _cx: Cx, _bytes: u64, _flags: u32) -> CuResult<HostPtr> {
        not_supported("cuMemHostAlloc")
    }

    /// Frees page-locked memory, after all work that uses it.
    fn host_free(&self, _cx: Cx, _memory: HostPtr) -> CuResult<()> {
        not_supported("cuMemFreeHost")
    }

    /// Page-locks memory of the caller's.
    fn host_register(&self, _cx: Cx, _memory: HostPtr, _bytes: u64, _flags: u32) -> CuResult<()> {
        not_supported("cuMemHostRegister")
    }

    /// Ends that, after all work that uses the memory.
    fn host_unregister(&self, _cx: Cx, _memory: HostPtr) -> CuResult<()> {
        not_supported("cuMemHostUnregister")
    }

    /// The allocation of the driver's that holds this address; `None` if it is unknown to CUDA.
    /// Answered locally.
    fn pointer_info(&self, _address: u64) -> Option<PointerInfo> {
        None
    }

    /// The allocation that starts at or holds a device address, or the error a caller gets.
    fn address_range(&self, address: DevicePtr) -> CuResult<(DevicePtr, u64)> {
        match self.pointer_info(address.0) {
            Some(info) => Ok((DevicePtr(info.base), info.bytes)),
            None => Err(crate::status::CuError::NOT_FOUND),
        }
    }
}
