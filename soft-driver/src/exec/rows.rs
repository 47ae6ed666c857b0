//! Memory for registers, shared and local memory: zeroed, aligned to a cache line, growing. Read
//! [`AlignedBytes`].
#![expect(
    unsafe_code,
    reason = "allocates with an alignment that Vec cannot ask for"
)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

const ALIGN: usize = 64;

/// Bytes aligned to 64. They are initialised; ops write them through raw pointers.
#[derive(Debug)]
pub(super) struct AlignedBytes {
    start: *mut u8,
    len: usize,
}

// SAFETY: it owns its bytes and hands out plain pointers only; whoever uses those sees to order.
unsafe impl Send for AlignedBytes {}
// SAFETY: through a shared reference only a pointer can be had.
unsafe impl Sync for AlignedBytes {}

impl Default for AlignedBytes {
    fn default() -> Self {
        Self {
            start: std::ptr::without_provenance_mut(ALIGN),
            len: 0,
        }
    }
}

impl AlignedBytes {
    /// `len` zeroed bytes.
    pub(super) fn zeroed(len: usize) -> Self {
        let mut bytes = Self::default();
        bytes.grow(len);
        bytes
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Makes it at least `len` bytes, keeping what is there and zeroing the rest. Pointers into it
    /// may become stale.
    #[inline(always)]
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.len {
            self.grow_to(len);
        }
    }

    #[cold]
    fn grow_to(&mut self, len: usize) {
        let len = len.next_multiple_of(ALIGN).max(self.len * 2);
        let layout = layout(len);
        // SAFETY: the layout has a size above 0.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: both are at least `self.len` bytes and the new one is fresh.
        unsafe { std::ptr::copy_nonoverlapping(self.start, start, self.len) };
        *self = Self { start, len };
    }

    /// The byte at `offset`, which must not be beyond the end.
    #[inline(always)]
    pub(super) fn at(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset <= self.len);
        self.start.wrapping_add(offset)
    }

    /// Writes `bytes` at `offset`.
    pub(super) fn write(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= self.len, "inside the buffer");
        // SAFETY: just checked; `bytes` cannot overlap what is borrowed mutably.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(offset), bytes.len()) };
    }
}

impl Drop for AlignedBytes {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: `grow` allocated it with this layout.
            unsafe { dealloc(self.start, layout(self.len)) };
        }
    }
}

fn layout(len: usize) -> Layout {
    Layout::from_size_align(len, ALIGN).expect("a buffer is smaller than the address space")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grow_keeps_bytes_and_alignment() {
        let mut bytes = AlignedBytes::zeroed(10);
        bytes.write(3, &[1, 2, 3]);
        bytes.grow(1000);
        assert!(bytes.len >= 1000);
        assert_eq!(bytes.at(0) as usize % ALIGN, 0);
        // SAFETY: within the buffer.
        let read = unsafe { std::slice::from_raw_parts(bytes.at(0), 1000) };
        assert_eq!(&read[..8], &[0, 0, 0, 1, 2, 3, 0, 0]);
        assert!(read[8..].iter().all(|byte| *byte == 0));
    }
}
