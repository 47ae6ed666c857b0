//! What every export does at the C border: stop panics, check pointers, write results.
#![expect(unsafe_code, reason = "writes through callers' pointers")]

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::status::{NvmlError, NvmlResult};

/// Longest string an export reads.
const STRING_BYTES_MAX: usize = 4096;

/// Runs the body of an export. A panic must not unwind into the caller's frames.
pub(crate) fn call(body: impl FnOnce() -> NvmlResult<()>) -> u32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => error.0,
        Err(_) => NvmlError::UNKNOWN.0,
    }
}

/// Refuses a null pointer.
pub(crate) fn check<T>(pointer: *const T) -> NvmlResult<()> {
    match pointer.is_null() {
        true => Err(NvmlError::INVALID_ARGUMENT),
        false => Ok(()),
    }
}

/// Writes a result.
///
/// # Safety
/// `out` is null or valid for writing one `T`.
pub(crate) unsafe fn write<T>(out: *mut T, value: T) -> NvmlResult<()> {
    check(out)?;
    // SAFETY: not null, and the caller vouches for the rest.
    unsafe { out.write_unaligned(value) };
    Ok(())
}

/// Reads a value.
///
/// # Safety
/// `from` is null or valid for reading one `T`.
pub(crate) unsafe fn read<T: Copy>(from: *const T) -> NvmlResult<T> {
    check(from)?;
    // SAFETY: not null, and the caller vouches for the rest.
    Ok(unsafe { from.read_unaligned() })
}

/// Reads a string.
///
/// # Safety
/// `text` is null or points to a zero-ended string that lives during `'a`.
pub(crate) unsafe fn read_text<'a>(text: *const c_char) -> NvmlResult<&'a str> {
    check(text)?;
    // SAFETY: not null; `strnlen` stops at the zero byte or the limit.
    let len = unsafe { libc::strnlen(text, STRING_BYTES_MAX) };
    if len == STRING_BYTES_MAX {
        return Err(NvmlError::INVALID_ARGUMENT);
    }
    // SAFETY: the string ends within the limit.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| NvmlError::INVALID_ARGUMENT)
}

/// Writes a string and its zero byte; one that does not fit is `NVML_ERROR_INSUFFICIENT_SIZE`.
///
/// # Safety
/// `out` is null or valid for writing `len` bytes.
pub(crate) unsafe fn write_text(out: *mut c_char, len: u32, text: &str) -> NvmlResult<()> {
    check(out)?;
    if text.len() >= len as usize {
        return Err(NvmlError::INSUFFICIENT_SIZE);
    }
    // SAFETY: text and zero byte fit into `len` bytes, for which the caller vouches.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), out.cast::<u8>(), text.len());
        out.add(text.len()).write(0);
    }
    Ok(())
}

/// A text in a field of a C structure, cut to what fits before its zero byte.
pub(crate) fn field<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    let taken = text.len().min(N - 1);
    bytes[..taken].copy_from_slice(&text.as_bytes()[..taken]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_text_without_room_is_insufficient_size() {
        let mut room = [1 as c_char; 4];
        // SAFETY: the room has four bytes.
        unsafe {
            assert_eq!(write_text(room.as_mut_ptr(), 4, "abc"), Ok(()));
            assert_eq!(read_text(room.as_ptr()), Ok("abc"));
            let refused = write_text(room.as_mut_ptr(), 4, "abcd");
            assert_eq!(refused, Err(NvmlError::INSUFFICIENT_SIZE));
            let null = write_text(std::ptr::null_mut(), 4, "");
            assert_eq!(null, Err(NvmlError::INVALID_ARGUMENT));
        }
    }

    #[test]
    fn call_panic_is_unknown() {
        assert_eq!(call(|| panic!("on purpose")), 999);
        assert_eq!(call(|| Err(NvmlError::NOT_SUPPORTED)), 3);
    }

    #[test]
    fn field_longer_text_is_cut() {
        assert_eq!(field::<4>("abcdef"), *b"abc\0");
    }
}
