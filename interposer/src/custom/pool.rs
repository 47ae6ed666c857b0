//! Attributes of memory pools, whose width depends on the attribute, and pools for other processes.

use std::ffi::c_void;

use rigel_protocol::CuResult;
use rigel_protocol::generated::types::{CUmemAllocationHandleType, CUmemPool_attribute};
use rigel_protocol::handle::MemPool;

use super::vmm::{check_export, write_descriptor};
use crate::ffi;

pub(crate) unsafe fn cuMemPoolSetAttribute(
    pool: MemPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    // SAFETY: the caller's pointer to a value as wide as the attribute.
    let value = unsafe {
        match is_wide(attr) {
            true => ffi::read(value.cast::<u64>())?,
            false => u64::from(ffi::read(value.cast::<u32>())?),
        }
    };
    crate::checks::mem_pool_set_attribute(attr)?;
    driver.mem_pool_set_attribute(cx, pool, attr, value)
}

pub(crate) unsafe fn cuMemPoolGetAttribute(
    pool: MemPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> CuResult<()> {
    ffi::check_out(value)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let found = driver.mem_pool_get_attribute(cx, pool, attr)?;
    // SAFETY: the caller's pointer to room as wide as the attribute.
    unsafe {
        match is_wide(attr) {
            true => ffi::write(value.cast::<u64>(), found),
            false => ffi::write(value.cast::<u32>(), found as u32),
        }
    }
}

pub(crate) unsafe fn cuMemPoolExportToShareableHandle(
    handle_out: *mut c_void,
    pool: MemPool,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> CuResult<()> {
    ffi::check_out(handle_out)?;
    let (driver, cx) = ffi::enter_unbound()?;
    check_export(handle_type, flags)?;
    let descriptor = driver.mem_pool_export_to_shareable_handle(cx, pool, handle_type, flags)?;
    // SAFETY: the caller's out-pointer to a descriptor.
    unsafe { write_descriptor(handle_out, descriptor) }
}

/// Whether an attribute has 64 bits: sizes do, switches and kinds have 32.
fn is_wide(attr: CUmemPool_attribute) -> bool {
    let first = CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    let last = CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_HIGH;
    (first..=last).contains(&attr) || attr == CUmemPool_attribute::CU_MEMPOOL_ATTR_MAX_POOL_SIZE
}
