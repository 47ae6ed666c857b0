//! The only place of the runtime that touches memory by address: reserving, committing and mapping
//! pages, copying and filling bytes. Whether an address may be touched is decided by the callers,
//! from the allocation map. Read [`Reservation`].

#![expect(unsafe_code, reason = "device memory is plain pages of this process")]

use std::{
    ffi::c_void,
    io,
    ops::Range,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

/// Bytes of a page.
pub(crate) const PAGE_BYTES: u64 = 4096;

/// Reservations start at a multiple of this.
const ALIGN_BYTES: u64 = 2 << 20;

/// A range of addresses that nothing else in the process can take.
#[derive(Debug)]
pub(crate) struct Reservation {
    range: Range<u64>,
}

impl Reservation {
    /// Reserves `bytes` bytes at the first of `bases` that is free, else wherever the system likes,
    /// without access.
    pub(crate) fn at_one_of(bases: &[u64], bytes: u64) -> io::Result<Self> {
        for base in bases {
            match map_anonymous(*base, bytes, libc::PROT_NONE, libc::MAP_FIXED_NOREPLACE) {
                Ok(at) if at == *base => {
                    return Ok(Self {
                        range: at..at + bytes,
                    });
                }
                // A kernel without MAP_FIXED_NOREPLACE takes the address as a hint.
                Ok(at) => unmap(at, bytes),
                Err(error) => tracing::debug!(%error, base, "device addresses are taken"),
            }
        }
        let slack = ALIGN_BYTES.min(bytes);
        let at = map_anonymous(0, bytes + slack, libc::PROT_NONE, 0)?;
        let start = at.next_multiple_of(slack);
        Ok(Self {
            range: start..start + bytes,
        })
    }

    /// The addresses.
    pub(crate) fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Makes pages readable and writable.
    pub(crate) fn commit(&self, pages: &Range<u64>) -> io::Result<()> {
        self.check(pages)?;
        let (start, bytes) = (
            pages.start as *mut c_void,
            (pages.end - pages.start) as usize,
        );
        // SAFETY: the pages lie in this reservation, which nothing but device memory uses.
        let status = unsafe { libc::mprotect(start, bytes, libc::PROT_READ | libc::PROT_WRITE) };
        if status != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above. Large pages are a wish; without them everything works as well.
        let _ = unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
        Ok(())
    }

    /// Gives the contents of pages back to the system. They stay accessible and read as zero, so
    /// that a kernel with a stale address harms nobody.
    pub(crate) fn discard(&self, pages: &Range<u64>) -> io::Result<()> {
        self.check(pages)?;
        let (start, bytes) = (
            pages.start as *mut c_void,
            (pages.end - pages.start) as usize,
        );
        // SAFETY: the pages lie in this reservation and belong to no allocation any more.
        let status = unsafe { libc::madvise(start, bytes, libc::MADV_DONTNEED) };
        if status == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Maps part of a file in place of pages.
    pub(crate) fn map(&self, pages: &Range<u64>, file: BorrowedFd<'_>, at: u64) -> io::Result<()> {
        self.check(pages)?;
        let offset = i64::try_from(at).map_err(|_| io::ErrorKind::InvalidInput)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_FIXED;
        let (start, bytes) = (
            pages.start as *mut c_void,
            (pages.end - pages.start) as usize,
        );
        // SAFETY: the pages lie in this reservation and hold no mapping in use.
        let at = unsafe { libc::mmap(start, bytes, protection, flags, file.as_raw_fd(), offset) };
        if at == libc::MAP_FAILED {
            Err(io::Error::last_os_error())
        } else {
            Ok(())
        }
    }

    /// Writes the contents of pages into a file; what is zero stays a hole.
    pub(crate) fn save(&self, pages: &Range<u64>, file: BorrowedFd<'_>, at: u64) -> io::Result<()> {
        self.check(pages)?;
        for page in pages.clone().step_by(PAGE_BYTES as usize) {
            // SAFETY: the page lies in this reservation, is committed, and is touched by nobody else now, as
            // the caller promises.
            let bytes =
                unsafe { std::slice::from_raw_parts(page as *const u8, PAGE_BYTES as usize) };
            if bytes.iter().all(|byte| *byte == 0) {
                continue;
            }
            let written = nix::sys::uio::pwrite(file, bytes, (at + page - pages.start) as i64)?;
            if written != bytes.len() {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Takes access and contents away from pages.
    pub(crate) fn clear(&self, pages: &Range<u64>) -> io::Result<()> {
        self.check(pages)?;
        let bytes = pages.end - pages.start;
        map_anonymous(pages.start, bytes, libc::PROT_NONE, libc::MAP_FIXED).map(|_| ())
    }

    fn check(&self, pages: &Range<u64>) -> io::Result<()> {
        let inside = self.range.start <= pages.start && pages.end <= self.range.end;
        let whole = pages.start.is_multiple_of(PAGE_BYTES) && pages.end.is_multiple_of(PAGE_BYTES);
        if inside && whole && pages.start < pages.end {
            return Ok(());
        }
        Err(io::ErrorKind::InvalidInput.into())
    }
}

fn map_anonymous(at: u64, bytes: u64, protection: i32, flags: i32) -> io::Result<u64> {
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping without MAP_FIXED replaces nothing; with it, the callers in this module
    // have checked that the pages lie in a reservation of ours.
    let at = unsafe { libc::mmap(at as *mut c_void, bytes as usize, protection, flags, -1, 0) };
    if at == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(at as u64)
    }
}

fn unmap(at: u64, bytes: u64) {
    // SAFETY: the callers own this mapping and nobody uses it.
    let status = unsafe { libc::munmap(at as *mut c_void, bytes as usize) };
    debug_assert_eq!(status, 0, "unmapping pages of ours cannot fail");
}

impl Drop for Reservation {
    fn drop(&mut self) {
        unmap(self.range.start, self.range.end - self.range.start);
    }
}

/// Page-locked host memory: pages of its own, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct HostPages {
    at: u64,
    bytes: u64,
}

impl HostPages {
    /// Maps at least `bytes` bytes, zeroed.
    pub(crate) fn new(bytes: u64) -> io::Result<Self> {
        let bytes = bytes
            .checked_next_multiple_of(PAGE_BYTES)
            .ok_or(io::ErrorKind::OutOfMemory)?;
        let at = map_anonymous(0, bytes, libc::PROT_READ | libc::PROT_WRITE, 0)?;
        Ok(Self { at, bytes })
    }

    /// The first address.
    pub(crate) fn address(&self) -> u64 {
        self.at
    }
}

impl Drop for HostPages {
    fn drop(&mut self) {
        unmap(self.at, self.bytes);
    }
}

/// Maps a file of words that other processes map too, for as long as this process lives.
///
/// The words are only ever touched atomically, so that nothing another process writes breaks a rule
/// of Rust; the file has been made long enough, and shrinking it would be an attack by its owner
/// on himself.
pub(crate) fn map_words(file: BorrowedFd<'_>, count: usize) -> io::Result<&'static [AtomicU64]> {
    let bytes = count * size_of::<AtomicU64>();
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping at an address of the system's choice replaces nothing.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            protection,
            libc::MAP_SHARED,
            file.as_raw_fd(),
            0,
        )
    };
    if at == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping is page-aligned, has room for `count` words, is never taken away, and is
    // accessed by atomic operations only.
    Ok(unsafe { std::slice::from_raw_parts(at.cast::<AtomicU64>(), count) })
}

/// A page of words that other processes map too, unmapped when dropped.
#[derive(Debug)]
pub(crate) struct SharedPage {
    words: &'static [AtomicU64],
}

impl SharedPage {
    /// Maps the page of a file that begins here; the file is long enough, for ever.
    pub(crate) fn map(file: &OwnedFd, at: u64) -> io::Result<Self> {
        let offset = i64::try_from(at).map_err(|_| io::ErrorKind::InvalidInput)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the system's choice replaces nothing.
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                PAGE_BYTES as usize,
                protection,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                offset,
            )
        };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let count = PAGE_BYTES as usize / size_of::<AtomicU64>();
        // SAFETY: the mapping is page-aligned, has room for these words, lives as long as the value that
        // lends them out, and is accessed by atomic operations only.
        let words = unsafe { std::slice::from_raw_parts(at.cast::<AtomicU64>(), count) };
        Ok(Self { words })
    }

    /// The words.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        self.words
    }
}

impl Drop for SharedPage {
    fn drop(&mut self) {
        unmap(self.words.as_ptr() as u64, PAGE_BYTES);
    }
}

/// Sleeps until a word of a shared file no longer has this value in its low half, somebody calls
/// [`wake_word`], or the time is over; it may also return for no reason.
pub(crate) fn wait_word(word: &AtomicU64, seen: u32, limit: Duration) {
    let limit = libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: libc::c_long::from(limit.subsec_nanos() as i32),
    };
    let (at, limit) = (low_half(word), &raw const limit);
    // SAFETY: the word is a live atomic and the limit a live value; the call only reads them.
    unsafe { libc::syscall(libc::SYS_futex, at, libc::FUTEX_WAIT, seen, limit) };
}

/// Wakes all processes that sleep in [`wait_word`].
pub(crate) fn wake_word(word: &AtomicU64) {
    // SAFETY: the word is a live atomic; the call does not touch it.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            low_half(word),
            libc::FUTEX_WAKE,
            libc::c_int::MAX,
        )
    };
}

/// The half of a word that the system compares, which is the first in memory or the second.
fn low_half(word: &AtomicU64) -> *const u32 {
    let halves = word.as_ptr().cast::<u32>();
    halves.wrapping_add(usize::from(cfg!(target_endian = "big")))
}

/// Copies bytes, also between overlapping ranges.
///
/// # Safety
/// Both ranges must be mapped and accessible in this way until the call returns.
pub(crate) unsafe fn copy(dst: u64, src: u64, bytes: u64) {
    // SAFETY: the caller's promise; `u8` has no alignment.
    unsafe { std::ptr::copy(src as *const u8, dst as *mut u8, bytes as usize) }
}

/// Copies a slice to an address.
///
/// # Safety
/// As of [`copy`] for the destination.
pub(crate) unsafe fn write(dst: u64, src: &[u8]) {
    // SAFETY: the caller's promise; the slice is readable.
    unsafe { copy(dst, src.as_ptr() as u64, src.len() as u64) }
}

/// Copies bytes from an address to the heap.
///
/// # Safety
/// As of [`copy`] for the source.
pub(crate) unsafe fn read(src: u64, bytes: u64) -> Box<[u8]> {
    let mut copied = Vec::<u8>::with_capacity(bytes as usize);
    // SAFETY: the capacity was just reserved; the source is the caller's promise.
    unsafe { copy(copied.as_mut_ptr() as u64, src, bytes) };
    // SAFETY: that many bytes have just been written.
    unsafe { copied.set_len(bytes as usize) };
    copied.into_boxed_slice()
}

/// Fills `count` elements of 1, 2 or 4 bytes.
///
/// # Safety
/// As of [`copy`] for the destination, which must be a multiple of the element's size.
pub(crate) unsafe fn fill(dst: u64, value: u32, element_bytes: u8, count: u64) {
    let count = count as usize;
    // SAFETY, for the three blocks: the caller promises that the elements are ours to write and
    // aligned.
    match element_bytes {
        // SAFETY: as above.
        1 => unsafe { std::ptr::write_bytes(dst as *mut u8, value as u8, count) },
        // SAFETY: as above.
        2 => unsafe { std::slice::from_raw_parts_mut(dst as *mut u16, count) }.fill(value as u16),
        // SAFETY: as above.
        _ => unsafe { std::slice::from_raw_parts_mut(dst as *mut u32, count) }.fill(value),
    }
}

/// Loads a 32-bit word that kernels and host may be changing.
///
/// # Safety
/// The address must be accessible and a multiple of 4.
pub(crate) unsafe fn load_u32(address: u64) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { AtomicU32::from_ptr(address as *mut u32) }.load(Ordering::SeqCst)
}

/// Loads a 64-bit word that kernels and host may be changing.
///
/// # Safety
/// The address must be accessible and a multiple of 8.
pub(crate) unsafe fn load_u64(address: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { AtomicU64::from_ptr(address as *mut u64) }.load(Ordering::SeqCst)
}

/// Stores a 32-bit word that others may be polling.
///
/// # Safety
/// The address must be writable and a multiple of 4.
pub(crate) unsafe fn store_u32(address: u64, value: u32) {
    // SAFETY: the caller's promise.
    unsafe { AtomicU32::from_ptr(address as *mut u32) }.store(value, Ordering::SeqCst);
}

/// Stores a 64-bit word that others may be polling.
///
/// # Safety
/// The address must be writable and a multiple of 8.
pub(crate) unsafe fn store_u64(address: u64, value: u64) {
    // SAFETY: the caller's promise.
    unsafe { AtomicU64::from_ptr(address as *mut u64) }.store(value, Ordering::SeqCst);
}
