//! Memory that a program has registered: its own, wherever it has it, and pages at the same addresses in
//! another process. What is in them is [`crate::mirror`]'s. Read [`PageSet`] first.
//!
//! 1. A program registers bytes, a process maps pages: where two registrations have bytes of one page,
//!    they share it. Only the first and the last page of each can be such.
//! 2. Nothing that is mapped is ever replaced.
//! 3. The program's memory is read and written by the system, which says so when it is not there any
//!    more: programs give memory back without a word.
#![expect(
    unsafe_code,
    reason = "asks the system for memory of the program's own"
)]

use std::collections::BTreeMap;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use crate::arena::FixedMapping;
use crate::error::TransportError;
use crate::layout::PAGE_BYTES;

/// Where programs have memory: above the lowest pages, below the end of user space.
const PROGRAM_RANGE: std::ops::Range<u64> = 0x1_0000..0x7fff_ffff_f000;

/// The pages that registrations share.
#[derive(Debug, Default)]
pub struct PageSet {
    edges: BTreeMap<u64, Weak<FixedMapping>>,
}

/// Pages at the addresses of registered bytes, unmapped when the last registration goes.
#[derive(Debug)]
pub struct Pages {
    base: u64,
    len: u64,
    first: NonNull<u8>,
    _parts: Vec<Arc<FixedMapping>>,
}

// SAFETY: the mappings belong to no thread; only their address is handed out.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl PageSet {
    /// Maps pages for these bytes, or says that something else is there.
    pub fn cover(&mut self, base: u64, len: u64) -> Result<Pages, TransportError> {
        let end = base
            .checked_add(len)
            .filter(|end| *end <= PROGRAM_RANGE.end);
        let out_of_range = TransportError::BadMemory("its address is out of range");
        let end = end.filter(|_| len > 0 && base >= PROGRAM_RANGE.start);
        let end = end.ok_or(out_of_range)?;
        self.edges.retain(|_, edge| edge.strong_count() > 0);
        let page = PAGE_BYTES as u64;
        let (mut from, mut to) = (base - base % page, end.next_multiple_of(page));
        let first = from;
        let mut parts = Vec::with_capacity(3);
        if !base.is_multiple_of(page) {
            parts.push(self.edge(from)?);
            from += page;
        }
        if !end.is_multiple_of(page) && from < to {
            to -= page;
            parts.push(self.edge(to)?);
        }
        if from < to {
            parts.push(Arc::new(FixedMapping::private(from, to - from)?));
        }
        let first = NonNull::new(std::ptr::with_exposed_provenance_mut::<u8>(first as usize))
            .ok_or(TransportError::BadMemory("mapped at 0"))?;
        Ok(Pages {
            base,
            len,
            // SAFETY: the first byte is in the first page, which has just been mapped.
            first: unsafe { first.add((base % page) as usize) },
            _parts: parts,
        })
    }

    /// A page that another registration may have, too.
    fn edge(&mut self, at: u64) -> Result<Arc<FixedMapping>, TransportError> {
        if let Some(page) = self.edges.get(&at).and_then(Weak::upgrade) {
            return Ok(page);
        }
        let page = Arc::new(FixedMapping::private(at, PAGE_BYTES as u64)?);
        self.edges.insert(at, Arc::downgrade(&page));
        Ok(page)
    }
}

impl Pages {
    /// The first byte that is registered.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// How many are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The address as a pointer; the bytes may change at any time.
    pub(crate) fn as_ptr(&self) -> NonNull<u8> {
        self.first
    }
}

/// Memory that the program of this process has, or had.
#[derive(Debug)]
pub(crate) struct ProgramMemory {
    base: u64,
    len: u64,
    /// Whether the system does not do it here: then it is trusted to be there.
    is_forbidden: AtomicBool,
}

impl ProgramMemory {
    pub(crate) fn new(base: u64, len: u64) -> Self {
        Self {
            base,
            len,
            is_forbidden: AtomicBool::new(false),
        }
    }

    /// Takes out bytes that lie inside; how many of them there were.
    pub(crate) fn read(&self, at: usize, into: &mut [u8]) -> usize {
        let here = into.as_mut_ptr() as u64;
        self.exchange(at, here, into.len(), libc::SYS_process_vm_readv)
    }

    /// Writes bytes that lie inside, as far as the program has memory there that can be written.
    pub(crate) fn write(&self, at: usize, bytes: &[u8]) {
        let here = bytes.as_ptr() as u64;
        self.exchange(at, here, bytes.len(), libc::SYS_process_vm_writev);
    }

    /// Copies between the program's memory and this library's; says how many bytes.
    fn exchange(&self, at: usize, here: u64, len: usize, way: libc::c_long) -> usize {
        let is_inside = at
            .checked_add(len)
            .is_some_and(|end| end as u64 <= self.len);
        if !is_inside {
            return 0;
        }
        let there = self.base + at as u64;
        if !self.is_forbidden.load(Ordering::Relaxed) {
            match ask(way, here, there, len) {
                Ok(done) => return done,
                Err(error) if error.raw_os_error() == Some(libc::EFAULT) => return 0,
                Err(error) => {
                    tracing::info!(%error, "registered memory is touched without asking");
                    self.is_forbidden.store(true, Ordering::Relaxed);
                }
            }
        }
        let (from, to) = match way {
            libc::SYS_process_vm_readv => (there, here),
            _ => (here, there),
        };
        // SAFETY: `here` is a live slice of this length, as the callers have it; `there` is memory that
        // the program has registered and keeps until it says otherwise, as CUDA demands of it.
        unsafe { std::ptr::copy(from as *const u8, to as *mut u8, len) };
        len
    }
}

/// Lets the system copy within this process; says how many bytes it could.
fn ask(way: libc::c_long, here: u64, there: u64, len: usize) -> io::Result<usize> {
    let part = |address: u64| libc::iovec {
        iov_base: address as *mut libc::c_void,
        iov_len: len,
    };
    let (here, there) = (part(here), part(there));
    // SAFETY: both calls take a process, two rows of one part each, and no flags; the system checks the
    // addresses, and `here` is a live slice of `len` bytes.
    let done = unsafe {
        libc::syscall(
            way,
            libc::getpid(),
            &raw const here,
            1_usize,
            &raw const there,
            1_usize,
            0_usize,
        )
    };
    usize::try_from(done).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u64 = 0x2fed_0000_0000;
    const PAGE: u64 = PAGE_BYTES as u64;

    fn is_free(at: u64) -> bool {
        FixedMapping::private(at, PAGE).is_ok()
    }

    #[test]
    fn neighbours_share_the_page_that_both_have_bytes_of() {
        let mut set = PageSet::default();
        let first = set.cover(BASE + 100, 2 * PAGE).unwrap();
        let second = set.cover(BASE + 100 + 2 * PAGE, 50).unwrap();
        assert_eq!(first.as_ptr().as_ptr() as u64, BASE + 100);
        assert_eq!((second.base(), second.len()), (BASE + 100 + 2 * PAGE, 50));
        drop(first);
        assert!(is_free(BASE) && is_free(BASE + PAGE));
        assert!(!is_free(BASE + 2 * PAGE));
        drop(second);
        assert!(is_free(BASE + 2 * PAGE));
        set.cover(BASE, PAGE).unwrap();
        assert!(set.edges.is_empty());
    }

    #[test]
    fn pages_where_something_else_is_are_refused_and_left_alone() {
        let base = BASE + (1 << 30);
        let mut set = PageSet::default();
        let taken = FixedMapping::private(base + PAGE, PAGE).unwrap();
        for (base, len) in [
            (base + PAGE, 8),
            (base + 8, 2 * PAGE),
            (base, 3 * PAGE),
            (base + 8, PAGE),
        ] {
            assert!(set.cover(base, len).is_err(), "{base:#x} {len:#x}");
        }
        assert!(is_free(base) && is_free(base + 2 * PAGE));
        drop(taken);
    }

    #[test]
    fn addresses_that_no_program_has_are_refused() {
        let mut set = PageSet::default();
        for (base, len) in [(0, 8), (u64::MAX, 8), (BASE, 0), (0x7fff_ffff_e000, 0x2000)] {
            assert!(set.cover(base, len).is_err(), "{base:#x} {len:#x}");
        }
    }

    #[test]
    fn read_past_what_is_there_ends_before_it() {
        let base = BASE + (2 << 30);
        let mapping = FixedMapping::private(base, PAGE).unwrap();
        let memory = ProgramMemory::new(base, 2 * PAGE);
        let mut bytes = [1; 64];
        assert_eq!(memory.read(PAGE_BYTES - 16, &mut bytes), 16);
        assert_eq!(memory.read(PAGE_BYTES, &mut bytes), 0);
        assert_eq!(memory.read(2 * PAGE_BYTES, &mut bytes), 0);
        memory.write(PAGE_BYTES - 1, &[5, 6]);
        assert_eq!(memory.read(PAGE_BYTES - 1, &mut bytes[..1]), 1);
        assert_eq!(bytes[0], 5);
        drop(mapping);
        assert_eq!(memory.read(0, &mut bytes), 0);
    }
}
