//! Attributes of the driver's core dumps. There are none: the process keeps what a program sets, and
//! says so where a program asks for dumps.

use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use rigel_protocol::custom::not_supported;
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Longest name of a file or pipe, its zero byte included.
const NAME_BYTES_MAX: usize = 1024;

/// Attributes by number, `CU_COREDUMP_ENABLE_ON_EXCEPTION` to `CU_COREDUMP_GENERATION_FLAGS`.
const FIRST: u32 = 1;
const COUNT: usize = 7;

/// What each attribute is, as bytes: a truth value, a string with its zero byte, flags.
static VALUES: Mutex<Option<[Vec<u8>; COUNT]>> = Mutex::new(None);

fn defaults() -> [Vec<u8>; COUNT] {
    [
        vec![0],
        vec![1],
        vec![0],
        vec![0],
        b"core_%t_%h_%p.nvcudmp\0".to_vec(),
        b"corepipe.cuda.%h.%p\0".to_vec(),
        vec![0; 4],
    ]
}

fn with<T>(attribute: u32, act: impl FnOnce(&mut Vec<u8>) -> CuResult<T>) -> CuResult<T> {
    let index = attribute.checked_sub(FIRST).ok_or(CuError::INVALID_VALUE)?;
    let mut values = VALUES.lock().unwrap_or_else(PoisonError::into_inner);
    let values = values.get_or_insert_with(defaults);
    act(values
        .get_mut(index as usize)
        .ok_or(CuError::INVALID_VALUE)?)
}

pub(crate) unsafe fn cuCoredumpGetAttributeGlobal(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> CuResult<()> {
    ffi::enter_unbound()?;
    let told = with(attrib, |known| Ok(known.clone()))?;
    // SAFETY: the caller's out-pointers, and room for as many bytes as it says.
    unsafe {
        if value.is_null() {
            return ffi::write(size, told.len());
        }
        let room = ffi::read(size.cast_const())?;
        let filled = room.min(told.len());
        ffi::slice_mut(value.cast::<u8>(), filled)?.copy_from_slice(&told[..filled]);
        ffi::write(size, filled)
    }
}

pub(crate) unsafe fn cuCoredumpSetAttributeGlobal(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> CuResult<()> {
    ffi::enter_unbound()?;
    ffi::check_out(value)?;
    // SAFETY: the caller's pointers, and as many bytes as it says.
    let given = unsafe {
        let bytes = ffi::read(size.cast_const())?;
        if bytes == 0 || bytes > NAME_BYTES_MAX {
            return Err(CuError::INVALID_VALUE);
        }
        ffi::slice(value.cast::<u8>().cast_const(), bytes)?
    };
    // Dumps at faults, and on request.
    if matches!(attrib, 1 | 4) && given[0] != 0 {
        return not_supported("core dumps of a GPU");
    }
    with(attrib, |known| {
        let is_name = matches!(attrib, 5 | 6);
        if !is_name && given.len() != known.len() {
            return Err(CuError::INVALID_VALUE);
        }
        *known = given.to_vec();
        if is_name && known.last() != Some(&0) {
            known.push(0);
        }
        Ok(())
    })
}

pub(crate) unsafe fn cuCoredumpGetAttribute(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> CuResult<()> {
    ffi::enter()?;
    // SAFETY: the caller's pointers.
    unsafe { cuCoredumpGetAttributeGlobal(attrib, value, size) }
}

pub(crate) unsafe fn cuCoredumpSetAttribute(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> CuResult<()> {
    ffi::enter()?;
    // SAFETY: the caller's pointers.
    unsafe { cuCoredumpSetAttributeGlobal(attrib, value, size) }
}
