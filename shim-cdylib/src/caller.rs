//! Memory of the calling program: read to be sent, written with what comes back.
//!
//! CUDA's rules say how long a caller's buffer is valid; the interposer passes it on as a number.
//! [`CallerBytes`] is where that number becomes memory again.
#![expect(unsafe_code, reason = "follows addresses that callers gave for copies")]

use rigel_protocol::{CuError, CuResult, HostPtr};
use rigel_transport::RingSlice;

/// A stretch of the caller's memory.
#[derive(Debug)]
pub(crate) struct CallerBytes {
    address: u64,
    len: u64,
}

impl CallerBytes {
    /// The stretch; `CUDA_ERROR_INVALID_VALUE` if it is null or wraps around.
    ///
    /// # Safety
    /// The memory is the caller's, for reading or writing as the result is used, and stays valid
    /// until the result is dropped.
    pub(crate) unsafe fn new(start: HostPtr, len: u64) -> CuResult<Self> {
        let end = start.0.checked_add(len);
        let sane = end.is_some_and(|end| end <= 1 << 57);
        if (start.0 == 0 && len > 0) || !sane {
            return Err(CuError::INVALID_VALUE);
        }
        Ok(Self {
            address: start.0,
            len,
        })
    }

    /// All bytes, to be read.
    pub(crate) fn as_slice(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: not null and in range as `new` has checked; readable as its caller vouched.
        unsafe { std::slice::from_raw_parts(self.address as *const u8, self.len as usize) }
    }

    /// A part of it, to be read; `None` if it reaches outside.
    pub(crate) fn part(&self, offset: u64, len: u64) -> Option<&[u8]> {
        let end = offset.checked_add(len)?;
        self.as_slice().get(offset as usize..end as usize)
    }

    /// Writes bytes that a worker sent; false if they reach outside.
    pub(crate) fn write_ring(&self, offset: u64, bytes: &RingSlice<'_>) -> bool {
        let Some(place) = self.place(offset, bytes.len() as u64) else {
            return false;
        };
        // SAFETY: inside the stretch as `place` has checked; writable as `new`'s caller vouched. The
        // bytes may be the ring's to change, but never the caller's.
        let into = unsafe { std::slice::from_raw_parts_mut(place, bytes.len()) };
        bytes.copy_to(into);
        true
    }

    /// Writes bytes; false if they reach outside.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> bool {
        let Some(place) = self.place(offset, bytes.len() as u64) else {
            return false;
        };
        // SAFETY: inside the stretch; writable as `new`'s caller vouched. `copy` allows overlap.
        unsafe { std::ptr::copy(bytes.as_ptr(), place, bytes.len()) };
        true
    }

    fn place(&self, offset: u64, len: u64) -> Option<*mut u8> {
        let end = offset.checked_add(len)?;
        (end <= self.len).then_some((self.address + offset) as *mut u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_stay_inside() {
        let mut memory = [0_u8; 8];
        // SAFETY: the array outlives the value.
        let bytes = unsafe { CallerBytes::new(HostPtr(memory.as_mut_ptr() as u64), 8) }.unwrap();
        assert!(bytes.write(6, &[1, 2]));
        assert!(!bytes.write(7, &[1, 2]));
        assert!(!bytes.write(u64::MAX, &[1]));
        assert_eq!(bytes.part(6, 2), Some(&[1, 2][..]));
        assert_eq!(bytes.part(8, 1), None);
    }

    #[test]
    fn null_with_bytes_is_refused() {
        // SAFETY: nothing is read.
        unsafe {
            assert!(CallerBytes::new(HostPtr(0), 1).is_err());
            assert!(CallerBytes::new(HostPtr(u64::MAX), 2).is_err());
            assert!(CallerBytes::new(HostPtr(0), 0).is_ok());
        }
    }
}
