//! Physical memory for other processes, as file descriptors.

use std::ffi::{c_int, c_void};

use rigel_protocol::generated::types::CUmemAllocationHandleType;
use rigel_protocol::handle::MemAllocation;
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// `CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR`.
pub(super) const FILE_DESCRIPTOR: u32 = 1;

pub(crate) unsafe fn cuMemExportToShareableHandle(
    shareable_handle: *mut c_void,
    handle: MemAllocation,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> CuResult<()> {
    ffi::check_out(shareable_handle)?;
    let (driver, cx) = ffi::enter_unbound()?;
    check_export(handle_type, flags)?;
    let descriptor = driver.mem_export_to_shareable_handle(cx, handle, handle_type, flags)?;
    // SAFETY: the caller's out-pointer to a descriptor.
    unsafe { write_descriptor(shareable_handle, descriptor) }
}

/// Whether something may be exported as this.
pub(super) fn check_export(handle_type: CUmemAllocationHandleType, flags: u64) -> CuResult<()> {
    match (handle_type.0, flags) {
        (FILE_DESCRIPTOR, 0) => Ok(()),
        // Handles of Windows and of fabrics.
        (2 | 4 | 8, 0) => Err(CuError::NOT_SUPPORTED),
        _ => Err(CuError::INVALID_VALUE),
    }
}

/// # Safety
/// `out` is null or valid for writing a descriptor.
pub(super) unsafe fn write_descriptor(out: *mut c_void, descriptor: u64) -> CuResult<()> {
    let descriptor = c_int::try_from(descriptor).map_err(|_| CuError::OPERATING_SYSTEM)?;
    // SAFETY: the caller vouches for it.
    unsafe { ffi::write(out.cast::<c_int>(), descriptor) }
}
