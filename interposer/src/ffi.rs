//! What every export does at the C border: stop panics, check pointers, read and write them.
//!
//! It is the only place where callers' pointers become references or values, always for a length
//! given beside them and below a written limit. Read [`call`] and [`enter`] first: an export is
//! `call(|| { let (driver, cx) = enter()?; ... })`.
//!
//! Rules for exports, generated and hand-written alike:
//! 1. Check out-pointers ([`check_out`]) before anything is done, write them ([`write()`]) after.
//! 2. [`enter`] where a context is needed, [`enter_unbound`] where none is, [`crate::install`] alone
//!    before `cuInit`.
//! 3. A stream argument goes through [`stream`], which gives the null stream its meaning.
#![expect(
    unsafe_code,
    reason = "the C border: reads and writes callers' pointers"
)]

use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rigel_protocol::custom::DeviceProfile;
use rigel_protocol::handle::Stream;
use rigel_protocol::{CuError, CuResult, Cx, Driver};

use crate::captures;
use crate::current;
use crate::install::driver;
use crate::state;

/// Longest C string an export reads, in bytes.
pub(crate) const STRING_BYTES_MAX: usize = 1 << 20;

/// Most elements of an array an export reads or writes.
pub(crate) const ELEMENTS_MAX: usize = 1 << 20;

/// Runs the body of an export and turns its result into the number C sees. A panic becomes
/// `CUDA_ERROR_UNKNOWN`: it must not unwind into the caller's frames.
#[inline]
pub(crate) fn call(body: impl FnOnce() -> CuResult<()>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => error.code(),
        Err(_) => CuError::UNKNOWN.code(),
    }
}

/// The driver and the caller, for calls that need a current context: `CUDA_ERROR_NOT_INITIALIZED`
/// before `cuInit`, `CUDA_ERROR_INVALID_CONTEXT` without a context, and
/// `CUDA_ERROR_CONTEXT_IS_DESTROYED` if the current one is gone.
#[inline]
pub(crate) fn enter() -> CuResult<(&'static dyn Driver, Cx)> {
    state::check_ready()?;
    let cx = current::live_cx()?;
    Ok((driver()?, cx))
}

/// As [`enter`], for what puts work into a stream.
#[inline]
pub(crate) fn enter_to_work(stream: Stream) -> CuResult<(&'static dyn Driver, Cx)> {
    let entered = enter()?;
    captures::forbid_legacy(stream)?;
    Ok(entered)
}

/// As [`enter`], and what is known of the current context's device.
#[inline]
pub(crate) fn enter_on_device() -> CuResult<(&'static dyn Driver, Cx, &'static DeviceProfile)> {
    state::check_ready()?;
    let (cx, device) = current::live_on_device()?;
    Ok((driver()?, cx, device))
}

/// The driver and the caller, for calls that work without a current context.
#[inline]
pub(crate) fn enter_unbound() -> CuResult<(&'static dyn Driver, Cx)> {
    state::check_ready()?;
    Ok((driver()?, current::cx()))
}

/// The stream a caller means: its null stream is `null_stream`, which is [`Stream::LEGACY`] in plain
/// entry points and [`Stream::PER_THREAD`] in those with the suffix `_ptds` or `_ptsz`.
#[inline]
pub(crate) fn stream(stream: Stream, null_stream: Stream) -> Stream {
    if stream.is_none() {
        null_stream
    } else {
        stream
    }
}

/// Refuses a null out-pointer.
#[inline]
pub(crate) fn check_out<T>(out: *const T) -> CuResult<()> {
    if out.is_null() {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(())
}

/// Writes through an out-pointer; null is `CUDA_ERROR_INVALID_VALUE`.
///
/// # Safety
/// `out` is null or valid for writing one `T`; it need not be aligned.
#[inline]
pub(crate) unsafe fn write<T>(out: *mut T, value: T) -> CuResult<()> {
    check_out(out)?;
    // SAFETY: not null, and the caller vouches for the rest.
    unsafe { out.write_unaligned(value) };
    Ok(())
}

/// Writes through an out-pointer that may be null, which means that the value is not wanted.
///
/// # Safety
/// As for [`write()`].
#[inline]
pub(crate) unsafe fn write_optional<T>(out: *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: not null, and the caller vouches for the rest.
        unsafe { out.write_unaligned(value) };
    }
}

/// Reads a value; null is `CUDA_ERROR_INVALID_VALUE`.
///
/// # Safety
/// `from` is null or valid for reading one `T`; it need not be aligned.
#[inline]
pub(crate) unsafe fn read<T: Copy>(from: *const T) -> CuResult<T> {
    check_out(from)?;
    // SAFETY: not null, and the caller vouches for the rest.
    Ok(unsafe { from.read_unaligned() })
}

/// Reads a value if there is one.
///
/// # Safety
/// As for [`read()`].
#[inline]
pub(crate) unsafe fn read_optional<T: Copy>(from: *const T) -> Option<T> {
    // SAFETY: the caller vouches for it.
    unsafe { read(from) }.ok()
}

/// Reads an array; null is allowed if it has no elements.
///
/// # Safety
/// `data` is null or valid for reading `len` elements during `'a`, and not written meanwhile.
pub(crate) unsafe fn slice<'a, T>(data: *const T, len: usize) -> CuResult<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || !data.is_aligned() || len > ELEMENTS_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: not null, aligned, bounded; the caller vouches for the memory.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The elements of an out-array, to be written; null is allowed if it has none.
///
/// # Safety
/// `data` is null or valid for reading and writing `len` elements during `'a`, by nobody else.
pub(crate) unsafe fn slice_mut<'a, T>(data: *mut T, len: usize) -> CuResult<&'a mut [T]> {
    if len == 0 {
        return Ok(&mut []);
    }
    if data.is_null() || !data.is_aligned() || len > ELEMENTS_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: not null, aligned, bounded; the caller vouches for the memory.
    Ok(unsafe { std::slice::from_raw_parts_mut(data, len) })
}

/// Reads a string; null is `CUDA_ERROR_INVALID_VALUE`, and so is one longer than
/// [`STRING_BYTES_MAX`].
///
/// # Safety
/// `text` is null or points to a string that ends in a zero byte and lives during `'a`.
pub(crate) unsafe fn cstr<'a>(text: *const c_char) -> CuResult<&'a CStr> {
    check_out(text)?;
    // SAFETY: not null; `strnlen` stops at the zero byte the caller vouches for, or at the limit.
    let len = unsafe { libc::strnlen(text, STRING_BYTES_MAX) };
    if len == STRING_BYTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: `len` bytes were just read, and the byte after them is zero.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), len + 1) };
    CStr::from_bytes_with_nul(bytes).map_err(|_| CuError::INVALID_VALUE)
}

/// Writes a string and its zero byte into a caller's buffer of `len` bytes, cut to what fits.
///
/// # Safety
/// `out` is null or valid for writing `len` bytes.
pub(crate) unsafe fn write_string(out: *mut c_char, len: usize, text: &[u8]) -> CuResult<()> {
    check_out(out)?;
    let Some(room) = len.checked_sub(1) else {
        return Err(CuError::INVALID_VALUE);
    };
    let taken = text.len().min(room);
    // SAFETY: `taken + 1 <= len` bytes are written, and the caller vouches for `len`.
    unsafe {
        std::ptr::copy_nonoverlapping(text.as_ptr(), out.cast::<u8>(), taken);
        out.add(taken).write(0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_panic_is_unknown() {
        assert_eq!(call(|| panic!("on purpose")), CuError::UNKNOWN.code());
        assert_eq!(call(|| Err(CuError::NOT_FOUND)), 500);
        assert_eq!(call(|| Ok(())), 0);
    }

    #[test]
    fn slice_null_with_elements_is_refused() {
        // SAFETY: null is allowed by the contract.
        unsafe {
            assert_eq!(slice::<u32>(std::ptr::null(), 0), Ok(&[][..]));
            assert_eq!(
                slice::<u32>(std::ptr::null(), 1),
                Err(CuError::INVALID_VALUE)
            );
            let one = [7_u32];
            assert_eq!(slice(one.as_ptr(), 1), Ok(&one[..]));
            assert!(slice(one.as_ptr(), ELEMENTS_MAX + 1).is_err());
        }
    }

    #[test]
    fn cstr_without_an_end_is_refused() {
        let endless = vec![b'x'; STRING_BYTES_MAX + 1];
        // SAFETY: `strnlen` stays within the limit, and the buffer is longer than that.
        unsafe {
            assert!(cstr(endless.as_ptr().cast()).is_err());
            assert_eq!(cstr(c"cuInit".as_ptr()), Ok(c"cuInit"));
            assert!(cstr(std::ptr::null()).is_err());
        }
    }

    #[test]
    fn write_string_longer_than_the_buffer_is_cut() {
        let mut buffer = [1 as c_char; 4];
        // SAFETY: the buffer has four bytes.
        unsafe {
            write_string(buffer.as_mut_ptr(), 4, b"abcdef").unwrap();
            assert_eq!(cstr(buffer.as_ptr()), Ok(c"abc"));
            assert!(write_string(buffer.as_mut_ptr(), 0, b"a").is_err());
        }
    }
}
