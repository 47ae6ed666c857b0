//! A view of payload bytes in the ring, which the peer may still change: it copies, and never lends
//! a reference. It does not know when its record is released. Read [`RingSlice`] first.
#![expect(
    unsafe_code,
    reason = "copies out of shared memory through raw pointers"
)]

use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::NonNull;

/// Bytes in the ring, valid for `'a`. Check a copy of them, never the bytes themselves.
#[derive(Clone, Copy)]
pub struct RingSlice<'a> {
    base: NonNull<u8>,
    len: usize,
    lives: PhantomData<&'a ()>,
}

// SAFETY: only copies and raw pointers come out of it, and the memory belongs to no thread.
unsafe impl Send for RingSlice<'_> {}
// SAFETY: as above.
unsafe impl Sync for RingSlice<'_> {}

impl std::fmt::Debug for RingSlice<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RingSlice({} bytes)", self.len)
    }
}

impl<'a> RingSlice<'a> {
    /// A view of `len` bytes.
    ///
    /// # Safety
    /// The bytes stay mapped and readable for `'a`.
    pub(crate) unsafe fn new(base: NonNull<u8>, len: usize) -> RingSlice<'a> {
        RingSlice {
            base,
            len,
            lives: PhantomData,
        }
    }

    /// How many bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Their address, for a device or a system call that reads them itself.
    #[inline]
    pub fn as_ptr(&self) -> *const u8 {
        self.base.as_ptr()
    }

    /// A part of the view; `None` if it reaches outside.
    pub fn part(&self, range: Range<usize>) -> Option<RingSlice<'a>> {
        if range.start > range.end || range.end > self.len {
            return None;
        }
        // SAFETY: start ≤ end ≤ len, so that the part lies in the bytes of this view.
        let part = unsafe { RingSlice::new(self.base.add(range.start), range.len()) };
        Some(part)
    }

    /// Copies the first bytes into `into`, as many as both have, and says how many.
    #[inline]
    pub fn copy_to(&self, into: &mut [u8]) -> usize {
        let n = self.len.min(into.len());
        // SAFETY: n is within both; the destination is exclusively borrowed and not in the ring.
        unsafe { std::ptr::copy_nonoverlapping(self.base.as_ptr(), into.as_mut_ptr(), n) };
        n
    }

    /// Appends a copy of all bytes.
    pub fn append_to(&self, into: &mut Vec<u8>) {
        into.reserve(self.len);
        let end = into.spare_capacity_mut().as_mut_ptr().cast::<u8>();
        // SAFETY: `reserve` made room for `len` bytes at `end`, which no reference covers.
        unsafe { std::ptr::copy_nonoverlapping(self.base.as_ptr(), end, self.len) };
        // SAFETY: the bytes up to the new length were just written.
        unsafe { into.set_len(into.len() + self.len) };
    }

    /// Appends a copy of all bytes.
    pub(crate) fn append_to_bytes(&self, into: &mut bytes::BytesMut) {
        use bytes::BufMut;
        into.reserve(self.len);
        let end = into.chunk_mut().as_mut_ptr();
        // SAFETY: `reserve` made room for `len` bytes at `end`, which no reference covers.
        unsafe { std::ptr::copy_nonoverlapping(self.base.as_ptr(), end, self.len) };
        // SAFETY: the next `len` bytes were just written.
        unsafe { into.advance_mut(self.len) };
    }

    /// A copy of all bytes.
    pub fn copy_out(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.append_to(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(bytes: &[u8]) -> RingSlice<'_> {
        let base = NonNull::from(bytes).cast();
        // SAFETY: the view's lifetime is that of the slice.
        unsafe { RingSlice::new(base, bytes.len()) }
    }

    #[test]
    fn copy_takes_no_more_than_either_has() {
        let mut small = [0; 2];
        assert_eq!(view(b"abc").copy_to(&mut small), 2);
        assert_eq!(&small, b"ab");
        let mut large = [b'-'; 4];
        assert_eq!(view(b"abc").copy_to(&mut large), 3);
        assert_eq!(&large, b"abc-");
    }

    #[test]
    fn part_outside_is_refused() {
        let bytes = view(b"abcdef");
        assert_eq!(bytes.part(2..4).unwrap().copy_out(), b"cd");
        assert!(bytes.part(6..6).unwrap().is_empty());
        assert!(bytes.part(5..7).is_none());
        #[expect(clippy::reversed_empty_ranges, reason = "what is tested")]
        let reversed = bytes.part(4..2);
        assert!(reversed.is_none());
    }

    #[test]
    fn append_keeps_what_was_there() {
        let mut out = b"x".to_vec();
        view(b"yz").append_to(&mut out);
        assert_eq!(out, b"xyz");
    }
}
