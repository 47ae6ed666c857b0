//! One mapped block of memory shared with another process, and the sealed memfd behind it. It is
//! not a ring: offsets mean nothing here. Every access is bounds-checked against the mapping's own
//! length. Read [`Block`] first.
#![expect(
    unsafe_code,
    reason = "maps shared memory and accesses it through raw pointers"
)]

use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use crate::error::TransportError;

/// The largest memory whose pages are touched before it is used. Those of larger rings come as they are
/// needed: to touch them all would take longer than the start of a session.
const POPULATED_BYTES_MAX: usize = 8 << 20;

/// The seals without which shared memory is refused: nobody may shrink it under a mapping.
const SEALS: libc::c_int = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;

/// A shared, pre-faulted, readable and writable mapping, unmapped on drop.
///
/// The process on the other side may write any byte at any time, so that contents are only ever
/// copied or accessed as atomics.
#[derive(Debug)]
pub(crate) struct Block {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping belongs to no thread; its accessors hand out atomics, copies and raw pointers.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    /// Maps all of a memfd whose length the caller has checked to be `len`.
    pub(crate) fn map(fd: BorrowedFd<'_>, len: usize) -> Result<Block, TransportError> {
        Block::map_with(libc::MAP_SHARED, fd.as_raw_fd(), len)
    }

    /// Memory of this process alone.
    pub(crate) fn anonymous(len: usize) -> Result<Block, TransportError> {
        Block::map_with(libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1, len)
    }

    fn map_with(flags: libc::c_int, fd: libc::c_int, len: usize) -> Result<Block, TransportError> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = match len <= POPULATED_BYTES_MAX {
            true => flags | libc::MAP_POPULATE,
            false => flags,
        };
        // SAFETY: no address is asked for, so that nothing existing is replaced; the result is checked.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, fd, 0) };
        if base == libc::MAP_FAILED {
            return Err(TransportError::last_os("map shared memory"));
        }
        let base =
            NonNull::new(base.cast::<u8>()).ok_or(TransportError::BadMemory("mapped at 0"))?;
        Ok(Block { base, len })
    }

    /// The u32 at an offset.
    #[inline]
    pub(crate) fn atomic_u32(&self, offset: usize) -> &AtomicU32 {
        let word = self.at(offset, 4).cast::<u32>();
        // SAFETY: `at` checked that the word lies in the mapping, which lives as long as `self`;
        // the base is page-aligned and the assertion keeps the offset aligned; all access is atomic.
        unsafe { AtomicU32::from_ptr(word.as_ptr()) }
    }

    /// The two u32 at an offset.
    #[inline]
    pub(crate) fn atomic_pair(&self, offset: usize) -> [&AtomicU32; 2] {
        let words = self.at(offset, 8).cast::<AtomicU32>();
        // SAFETY: `at` checked that both words lie in the mapping, which lives as long as `self`; the base is
        // page-aligned and the assertion keeps the offset aligned; all access is atomic.
        unsafe { [words.as_ref(), words.add(1).as_ref()] }
    }

    /// The u64 at an offset.
    #[inline]
    pub(crate) fn atomic_u64(&self, offset: usize) -> &AtomicU64 {
        assert!(offset.is_multiple_of(8), "a u64 of the block is aligned");
        let word = self.at(offset, 8).cast::<u64>();
        // SAFETY: `at` checked that the word lies in the mapping, which lives as long as `self`;
        // the base is page-aligned and the offset a multiple of eight; all access is atomic.
        unsafe { AtomicU64::from_ptr(word.as_ptr()) }
    }

    /// The address of `len` bytes at an offset, which must be a multiple of four.
    #[inline]
    pub(crate) fn at(&self, offset: usize, len: usize) -> NonNull<u8> {
        assert!(offset.is_multiple_of(4), "parts of the block are aligned");
        let end = offset.checked_add(len);
        assert!(
            end.is_some_and(|end| end <= self.len),
            "stays inside the block"
        );
        // SAFETY: offset ≤ len of the mapping, checked above.
        unsafe { self.base.add(offset) }
    }

    /// Copies bytes into the block at an offset that is a multiple of four.
    #[inline]
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        let to = self.at(offset, bytes.len());
        // SAFETY: `at` checked the destination. The source is memory of ours: it overlaps the block only
        // if a caller passes a reservation's own bytes, whose exclusive borrow forbids it.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.as_ptr(), bytes.len()) };
    }

    /// Copies bytes into the block at any offset.
    pub(crate) fn write_bytes(&self, offset: usize, bytes: &[u8]) {
        let aligned = offset & !3;
        let to = self.at(aligned, offset - aligned + bytes.len());
        // SAFETY: as in `write`; the added distance lies in the checked range.
        unsafe {
            let to = to.as_ptr().add(offset - aligned);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
        }
    }

    /// Copies bytes out of the block.
    #[inline]
    pub(crate) fn read<const N: usize>(&self, offset: usize) -> [u8; N] {
        let from = self.at(offset, N);
        let mut out = [0; N];
        // SAFETY: `at` checked the source; the destination is a fresh array of the same length.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), out.as_mut_ptr(), N) };
        out
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: base and length are those of our own mapping, and nothing borrowed from it outlives
        // `self`. A failure cannot be acted on.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.len) };
    }
}

/// Creates a memfd of `len` zero bytes whose size can no longer change.
pub(crate) fn sealed_memfd(len: usize) -> Result<OwnedFd, TransportError> {
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    // SAFETY: the name is a terminated string; the result is checked.
    let raw = unsafe { libc::memfd_create(c"rigel".as_ptr(), flags) };
    if raw < 0 {
        return Err(TransportError::last_os("create a memfd"));
    }
    // SAFETY: `raw` is a descriptor that was just made and belongs to nobody else.
    let file = File::from(unsafe { OwnedFd::from_raw_fd(raw) });
    file.set_len(len as u64)
        .map_err(|source| TransportError::os("size a memfd", source))?;
    // SAFETY: a valid descriptor and integer arguments only.
    if unsafe { libc::fcntl(raw, libc::F_ADD_SEALS, SEALS) } != 0 {
        return Err(TransportError::last_os("seal a memfd"));
    }
    Ok(OwnedFd::from(file))
}

/// Refuses a descriptor that is not a memfd of exactly `len` bytes, sealed against any change of size.
pub(crate) fn check_sealed(fd: BorrowedFd<'_>, len: usize) -> Result<(), TransportError> {
    // SAFETY: a valid descriptor and integer arguments only.
    let seals = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GET_SEALS) };
    if seals < 0 {
        return Err(TransportError::BadMemory("it is not a memfd"));
    }
    if seals & SEALS != SEALS {
        return Err(TransportError::BadMemory("its size is not sealed"));
    }
    if seals & (libc::F_SEAL_WRITE | libc::F_SEAL_FUTURE_WRITE) != 0 {
        return Err(TransportError::BadMemory("it is sealed against writing"));
    }
    // SAFETY: `libc::stat` is plain data for which zero bytes are a value.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a valid descriptor and a pointer to a live `stat`.
    if unsafe { libc::fstat(fd.as_raw_fd(), &mut status) } != 0 {
        return Err(TransportError::last_os("look at a memfd"));
    }
    if status.st_size != len as i64 {
        return Err(TransportError::BadMemory(
            "its size is not that of the layout",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn sealed_memfd_cannot_be_resized() {
        let file = File::from(sealed_memfd(8192).unwrap());
        assert!(file.set_len(4096).is_err());
        assert!(file.set_len(16384).is_err());
        check_sealed(file.as_fd(), 8192).unwrap();
    }

    #[test]
    fn memory_that_is_not_sealed_or_of_another_size_is_refused() {
        let plain = tempfile::tempfile().unwrap();
        plain.set_len(8192).unwrap();
        assert!(check_sealed(plain.as_fd(), 8192).is_err());
        let sealed = sealed_memfd(8192).unwrap();
        assert!(check_sealed(sealed.as_fd(), 4096).is_err());
        // SAFETY: the name is a terminated string.
        let raw = unsafe { libc::memfd_create(c"x".as_ptr(), libc::MFD_ALLOW_SEALING) };
        // SAFETY: a descriptor just made.
        let open = File::from(unsafe { OwnedFd::from_raw_fd(raw) });
        open.set_len(8192).unwrap();
        assert!(check_sealed(open.as_fd(), 8192).is_err());
    }

    #[test]
    #[should_panic(expected = "stays inside the block")]
    fn access_beyond_the_block_panics() {
        let block = Block::anonymous(4096).unwrap();
        assert_eq!(block.len(), 4096);
        block.atomic_u32(4096);
    }

    #[test]
    fn two_mappings_of_a_memfd_show_the_same_bytes() {
        let fd = sealed_memfd(4096).unwrap();
        let one = Block::map(fd.as_fd(), 4096).unwrap();
        let two = Block::map(fd.as_fd(), 4096).unwrap();
        one.write(64, b"hello");
        assert_eq!(two.read::<5>(64), *b"hello");
    }
}
