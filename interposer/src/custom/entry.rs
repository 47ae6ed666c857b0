//! Start, version, errors and the lookup of entry points.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use rigel_protocol::generated::types::{CUdriverProcAddressQueryResult, CUuuid};
use rigel_protocol::{CuError, CuResult};

use crate::export_table;
use crate::ffi;
use crate::install::driver;
use crate::state;
use crate::symbols::{self, Lookup};

pub(crate) unsafe fn cuInit(flags: u32) -> CuResult<()> {
    if flags != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    state::init()
}

pub(crate) unsafe fn cuDriverGetVersion(driver_version: *mut i32) -> CuResult<()> {
    ffi::check_out(driver_version)?;
    let version = driver()?.driver_version()?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(driver_version, version) }
}

pub(crate) unsafe fn cuGetErrorString(error: i32, p_str: *mut *const c_char) -> CuResult<()> {
    // SAFETY: the caller's out-pointer.
    unsafe { write_text(p_str, CuError::c_text(error)) }
}

pub(crate) unsafe fn cuGetErrorName(error: i32, p_str: *mut *const c_char) -> CuResult<()> {
    // SAFETY: the caller's out-pointer.
    unsafe { write_text(p_str, CuError::c_name(error)) }
}

pub(crate) unsafe fn cuGetProcAddress_v2(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cuda_version: i32,
    flags: u64,
    symbol_status: *mut CUdriverProcAddressQueryResult,
) -> CuResult<()> {
    ffi::check_out(pfn)?;
    // SAFETY: the caller's string.
    let symbol = unsafe { ffi::cstr(symbol) }?;
    let found = symbols::find(symbol, cuda_version, flags);
    let (address, status) = match found {
        Lookup::Found(address) => (address.cast_mut(), 0),
        Lookup::Unknown => (ptr::null_mut(), 1),
        Lookup::TooNew => (ptr::null_mut(), 2),
    };
    // SAFETY: the caller's out-pointers; the status is optional.
    unsafe {
        ffi::write(pfn, address)?;
        ffi::write_optional(symbol_status, CUdriverProcAddressQueryResult(status));
    }
    match found {
        Lookup::Found(_) => Ok(()),
        _ => Err(CuError::NOT_FOUND),
    }
}

pub(crate) unsafe fn cuGetProcAddress(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cuda_version: i32,
    flags: u64,
) -> CuResult<()> {
    // SAFETY: the caller's pointers, and no status.
    unsafe { cuGetProcAddress_v2(symbol, pfn, cuda_version, flags, ptr::null_mut()) }
}

pub(crate) unsafe fn cuGetExportTable(
    pp_export_table: *mut *const c_void,
    p_export_table_id: *const CUuuid,
) -> CuResult<()> {
    ffi::check_out(pp_export_table)?;
    // SAFETY: the caller's pointer.
    let id = unsafe { ffi::read(p_export_table_id) }?;
    let table = export_table::find(&id.bytes);
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pp_export_table, table.unwrap_or(ptr::null())) }?;
    table.map(|_| ()).ok_or(CuError::INVALID_VALUE)
}

/// Writes the address of a text, or null and `CUDA_ERROR_INVALID_VALUE`.
unsafe fn write_text(out: *mut *const c_char, text: Option<&'static CStr>) -> CuResult<()> {
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(out, text.map_or(ptr::null(), CStr::as_ptr)) }?;
    text.map(|_| ()).ok_or(CuError::INVALID_VALUE)
}
