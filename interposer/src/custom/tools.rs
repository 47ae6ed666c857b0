//! The driver's log of errors, as programs may ask for it: there is never anything in it. What this library
//! has to say goes to standard error.

use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicU32, Ordering};

use rigel_protocol::handle::CallbackRegistration;
use rigel_protocol::{CuError, CuResult};

pub(crate) use super::core_dump::{
    cuCoredumpGetAttribute, cuCoredumpGetAttributeGlobal, cuCoredumpSetAttribute,
    cuCoredumpSetAttributeGlobal,
};
use crate::{ffi, state};

/// Notes that a program wants to hear of errors.
pub(crate) unsafe fn cuLogsRegisterCallback(
    _callback_func: u32,
    _user_data: *mut c_void,
    callback_out: *mut CallbackRegistration,
) -> CuResult<()> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    ffi::check_out(callback_out)?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(callback_out, CallbackRegistration::mint(number)) }
}

pub(crate) unsafe fn cuLogsUnregisterCallback(callback: CallbackRegistration) -> CuResult<()> {
    match callback.index() {
        Some(_) => Ok(()),
        None => Err(CuError::INVALID_VALUE),
    }
}

/// The place after the newest entry.
pub(crate) unsafe fn cuLogsCurrent(iterator_out: *mut c_void, _flags: u32) -> CuResult<()> {
    state::check_ready()?;
    // SAFETY: the caller's out-pointer to a 32-bit number.
    unsafe { ffi::write(iterator_out.cast::<u32>(), 0) }
}

pub(crate) unsafe fn cuLogsDumpToFile(
    _iterator: *mut c_void,
    path_to_file: *const c_char,
    flags: u32,
) -> CuResult<()> {
    state::check_ready()?;
    // SAFETY: the caller's string.
    let path = unsafe { ffi::cstr(path_to_file) }?;
    let path = path.to_str().map_err(|_| CuError::INVALID_VALUE)?;
    if flags != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    std::fs::write(path, b"").map_err(|_| CuError::OPERATING_SYSTEM)
}

pub(crate) unsafe fn cuLogsDumpToMemory(
    _iterator: *mut c_void,
    buffer: *mut c_char,
    size: *mut usize,
    flags: u32,
) -> CuResult<()> {
    state::check_ready()?;
    // SAFETY: the caller's buffer and its size.
    unsafe {
        let room = ffi::read(size)?;
        if flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        ffi::write_string(buffer, room, b"")?;
        ffi::write(size, 0)
    }
}
