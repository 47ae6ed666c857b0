//! Pages of 64-bit counters shared by daemon and workers: what ledger and meter are written on. It
//! says nothing of what the words mean. Read [`SharedWords`] first.
//!
//! These pages are never registered with a CUDA driver: what is registered, a tenant's kernels can
//! write.
#![expect(unsafe_code, reason = "maps shared memory")]

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

/// Most words of such memory: 4 MiB.
const WORDS_MAX: usize = 1 << 19;

/// Counters in sealed shared memory, unmapped on drop.
#[derive(Debug)]
pub struct SharedWords {
    base: NonNull<AtomicU64>,
    count: usize,
}

// SAFETY: the mapping belongs to no thread, and only atomics are handed out.
unsafe impl Send for SharedWords {}
// SAFETY: as above.
unsafe impl Sync for SharedWords {}

impl SharedWords {
    /// Makes the memory, all zero, of a size that can no longer change. The descriptor goes to other
    /// processes.
    pub fn create(name: &std::ffi::CStr, count: usize) -> io::Result<(Self, OwnedFd)> {
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let file = File::from(memfd_create(name, flags)?);
        file.set_len(8 * count as u64)?;
        fcntl(&file, FcntlArg::F_ADD_SEALS(seals()))?;
        let words = Self::map(file.as_fd(), count)?;
        Ok((words, file.into()))
    }

    /// Maps memory made by another process, whatever its size is; unsealed memory is refused.
    pub fn open(memory: OwnedFd) -> io::Result<Self> {
        let file = File::from(memory);
        let found = SealFlag::from_bits_truncate(fcntl(&file, FcntlArg::F_GET_SEALS)?);
        if !found.contains(seals()) {
            return Err(io::Error::other("shared counters are not sealed"));
        }
        let count = usize::try_from(file.metadata()?.len() / 8).unwrap_or(usize::MAX);
        Self::map(file.as_fd(), count)
    }

    /// Sleeps while the low half of a word is `seen`, until somebody wakes it or for this long. It may
    /// wake early: the caller looks again.
    pub fn sleep(&self, word: usize, seen: u64, at_most: Duration) {
        let Some(word) = self.get(word) else {
            return;
        };
        let limit = libc::timespec {
            tv_sec: at_most.as_secs() as libc::time_t,
            tv_nsec: libc::c_long::from(at_most.subsec_nanos() as i32),
        };
        let (at, limit) = (low_half(word), &raw const limit);
        // SAFETY: the word is mapped as long as `self` lives and the limit is a live local; the call only
        // reads them. Its failures are reasons to look again, too.
        unsafe { libc::syscall(libc::SYS_futex, at, libc::FUTEX_WAIT, seen as u32, limit) };
    }

    /// Wakes all who sleep on a word, in every process.
    pub fn wake(&self, word: usize) {
        let Some(word) = self.get(word) else {
            return;
        };
        let (at, all) = (low_half(word), libc::c_int::MAX);
        // SAFETY: the word is mapped as long as `self` lives; the call does not touch it.
        unsafe { libc::syscall(libc::SYS_futex, at, libc::FUTEX_WAKE, all) };
    }

    fn map(memory: BorrowedFd<'_>, count: usize) -> io::Result<Self> {
        let bytes = NonZeroUsize::new(8 * count.min(WORDS_MAX + 1));
        let (Some(bytes), true) = (bytes, count <= WORDS_MAX) else {
            return Err(io::Error::other("shared counters have an impossible size"));
        };
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a fresh mapping at an address of the kernel's choice replaces nothing.
        let base = unsafe { mmap(None, bytes, protection, MapFlags::MAP_SHARED, memory, 0)? };
        Ok(Self {
            base: base.cast(),
            count,
        })
    }
}

impl Deref for SharedWords {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        // SAFETY: the mapping has `count` words, starts on a page, lives as long as `self` and, its
        // size being sealed, cannot shrink; any bytes are a valid `AtomicU64`.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.count) }
    }
}

impl Drop for SharedWords {
    fn drop(&mut self) {
        // SAFETY: base and length are those of our own mapping, which nothing outlives. A failure
        // cannot be acted on.
        let _ = unsafe { munmap(self.base.cast(), 8 * self.count) };
    }
}

/// The half of a word that the kernel compares, which is the first in memory or the second.
fn low_half(word: &AtomicU64) -> *const u32 {
    let halves = word.as_ptr().cast::<u32>();
    halves.wrapping_add(usize::from(cfg!(target_endian = "big")))
}

fn seals() -> SealFlag {
    SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn words_written_in_one_mapping_are_read_in_another() {
        let (one, memory) = SharedWords::create(c"test", 512).unwrap();
        let two = SharedWords::open(memory).unwrap();
        one[511].store(7, Ordering::Relaxed);
        assert_eq!((two.len(), two[511].load(Ordering::Relaxed)), (512, 7));
    }

    #[test]
    fn sleep_ends_when_the_word_has_changed_or_is_woken() {
        let (one, memory) = SharedWords::create(c"test", 8).unwrap();
        let two = SharedWords::open(memory).unwrap();
        let long = Duration::from_secs(60);
        one[3].store(1, Ordering::SeqCst);
        two.sleep(3, 0, long);
        two.sleep(99, 0, long);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                while two[3].load(Ordering::SeqCst) == 1 {
                    two.sleep(3, 1, long);
                }
            });
            one[3].store(2, Ordering::SeqCst);
            one.wake(3);
            sleeper.join().unwrap();
        });
    }

    #[test]
    fn memory_that_may_shrink_is_refused() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(4096).unwrap();
        assert!(SharedWords::open(file.into()).is_err());
    }

    #[test]
    fn memory_of_an_impossible_size_is_refused() {
        assert!(SharedWords::create(c"test", 0).is_err());
        assert!(SharedWords::create(c"test", WORDS_MAX + 1).is_err());
    }
}
