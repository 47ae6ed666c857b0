//! Memory at an agreed address: pinned arenas mapped at the same place in client and worker, and the
//! reservation of the device address range in the client. Who chooses addresses is not decided here.
//! Read [`Arena`] first.
#![expect(unsafe_code, reason = "maps memory at fixed addresses")]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;

use crate::block;
use crate::error::TransportError;
use crate::layout::PAGE_BYTES;

/// Where pinned arenas live: a stretch of the address space that loaders and allocators leave alone.
pub const ARENA_RANGE: std::ops::Range<u64> = 0x2000_0000_0000..0x3000_0000_0000;
/// Addresses that may be reserved at all: above the lowest pages, below the end of user space.
const USER_RANGE: std::ops::Range<u64> = 0x1_0000..0x7fff_0000_0000;

/// Creates the sealed memory of an arena without mapping it, for a process that only hands it on.
pub fn create_memory(len: u64) -> Result<OwnedFd, TransportError> {
    check_arena(ARENA_RANGE.start, len)?;
    block::sealed_memfd(len as usize)
}

/// Pinned memory shared by two processes at one address, unmapped on drop.
#[derive(Debug)]
pub struct Arena {
    mapping: FixedMapping,
    fd: OwnedFd,
}

impl Arena {
    /// Creates sealed, pre-faulted memory and maps it at `base`, a page-aligned address in
    /// [`ARENA_RANGE`].
    pub fn create(base: u64, len: u64) -> Result<Arena, TransportError> {
        check_arena(base, len)?;
        let fd = block::sealed_memfd(len as usize)?;
        Ok(Arena {
            mapping: FixedMapping::shared(base, len, fd.as_fd())?,
            fd,
        })
    }

    /// Maps what the other side created, after checking that its size is right and sealed.
    pub fn open(fd: OwnedFd, base: u64, len: u64) -> Result<Arena, TransportError> {
        check_arena(base, len)?;
        block::check_sealed(fd.as_fd(), len as usize)?;
        Ok(Arena {
            mapping: FixedMapping::shared(base, len, fd.as_fd())?,
            fd,
        })
    }

    /// The first address, the same in both processes.
    pub fn base(&self) -> u64 {
        self.mapping.base
    }

    /// The length in bytes.
    pub fn len(&self) -> u64 {
        self.mapping.len
    }

    /// Never: an arena has at least one page.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The address as a pointer; the bytes may change at any time.
    pub fn as_ptr(&self) -> NonNull<u8> {
        self.mapping.pointer
    }

    /// Whether all of `len` bytes at an address lie inside.
    pub fn contains(&self, address: u64, len: u64) -> bool {
        let end = self.base() + self.len();
        address >= self.base() && address.checked_add(len).is_some_and(|last| last <= end)
    }
}

impl AsFd for Arena {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// A range of addresses kept free of everything else, inaccessible, given up on drop.
#[derive(Debug)]
pub struct AddressRange {
    mapping: FixedMapping,
}

impl AddressRange {
    /// Reserves page-aligned addresses, or says that they are taken.
    pub fn reserve(base: u64, len: u64) -> Result<AddressRange, TransportError> {
        check_range(base, len, USER_RANGE)?;
        Ok(AddressRange {
            mapping: FixedMapping::inaccessible(base, len)?,
        })
    }

    /// The first address.
    pub fn base(&self) -> u64 {
        self.mapping.base
    }

    /// The length in bytes.
    pub fn len(&self) -> u64 {
        self.mapping.len
    }

    /// Never: a range has at least one page.
    pub fn is_empty(&self) -> bool {
        false
    }
}

fn check_arena(base: u64, len: u64) -> Result<(), TransportError> {
    check_range(base, len, ARENA_RANGE)
}

fn check_range(base: u64, len: u64, within: std::ops::Range<u64>) -> Result<(), TransportError> {
    let page = PAGE_BYTES as u64;
    if len == 0 || !base.is_multiple_of(page) || !len.is_multiple_of(page) {
        return Err(TransportError::BadMemory(
            "its address or length is not a multiple of a page",
        ));
    }
    let fits = base >= within.start && base.checked_add(len).is_some_and(|end| end <= within.end);
    if fits {
        Ok(())
    } else {
        Err(TransportError::BadMemory("its address is out of range"))
    }
}

/// A mapping at exactly one address, never in place of another.
#[derive(Debug)]
pub(crate) struct FixedMapping {
    pointer: NonNull<u8>,
    base: u64,
    len: u64,
}

// SAFETY: the mapping belongs to no thread; only its address is handed out.
unsafe impl Send for FixedMapping {}
// SAFETY: as above.
unsafe impl Sync for FixedMapping {}

impl FixedMapping {
    fn shared(base: u64, len: u64, fd: BorrowedFd<'_>) -> Result<FixedMapping, TransportError> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        FixedMapping::map(
            base,
            len,
            protection,
            libc::MAP_SHARED | libc::MAP_POPULATE,
            fd.as_raw_fd(),
        )
    }

    /// Zeroed pages of this process alone.
    pub(crate) fn private(base: u64, len: u64) -> Result<FixedMapping, TransportError> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        FixedMapping::map(base, len, protection, flags, -1)
    }

    fn inaccessible(base: u64, len: u64) -> Result<FixedMapping, TransportError> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        FixedMapping::map(base, len, libc::PROT_NONE, flags, -1)
    }

    fn map(
        base: u64,
        len: u64,
        protection: libc::c_int,
        flags: libc::c_int,
        fd: libc::c_int,
    ) -> Result<FixedMapping, TransportError> {
        let address = base as usize as *mut libc::c_void;
        let flags = flags | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: NOREPLACE never touches an existing mapping; the result is checked below.
        let mapped = unsafe { libc::mmap(address, len as usize, protection, flags, fd, 0) };
        if mapped == libc::MAP_FAILED {
            let error = std::io::Error::last_os_error();
            return Err(match error.raw_os_error() {
                Some(libc::EEXIST) => TransportError::RangeTaken { base, len },
                _ => TransportError::os("map memory at a fixed address", error),
            });
        }
        let pointer =
            NonNull::new(mapped.cast()).ok_or(TransportError::BadMemory("mapped at 0"))?;
        let mapping = FixedMapping {
            pointer,
            base: mapped as u64,
            len,
        };
        // A kernel that does not know NOREPLACE takes the address for a hint; the drop unmaps.
        if mapping.base != base {
            return Err(TransportError::RangeTaken { base, len });
        }
        Ok(mapping)
    }
}

impl Drop for FixedMapping {
    fn drop(&mut self) {
        // SAFETY: address and length are those of our own mapping. A failure cannot be acted on.
        unsafe { libc::munmap(self.pointer.as_ptr().cast(), self.len as usize) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// Every test of this process takes addresses of its own.
    fn fresh_base() -> u64 {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(ARENA_RANGE.start + (1 << 40));
        NEXT.fetch_add(64 * MIB, Ordering::Relaxed)
    }

    #[test]
    fn arena_lies_where_it_was_asked_for() {
        let base = fresh_base();
        let arena = Arena::create(base, MIB).unwrap();
        assert_eq!(arena.as_ptr().as_ptr() as u64, base);
        assert!(arena.contains(base, MIB));
        assert!(!arena.contains(base + 1, MIB));
        assert!(!arena.contains(base, u64::MAX));
        // SAFETY: the arena is mapped, writable and at least one byte long.
        unsafe { arena.as_ptr().write_volatile(7) };
    }

    #[test]
    fn taken_range_is_an_error_and_stays_untouched() {
        let base = fresh_base();
        let arena = Arena::create(base, MIB).unwrap();
        let again = arena.as_fd().try_clone_to_owned().unwrap();
        let error = Arena::open(again, base, MIB).unwrap_err();
        assert!(matches!(error, TransportError::RangeTaken { .. }));
        let error = AddressRange::reserve(base + MIB / 2, MIB).unwrap_err();
        assert!(error.to_string().contains("taken"));
        drop(arena);
        AddressRange::reserve(base, MIB).unwrap();
    }

    #[test]
    fn addresses_outside_are_refused() {
        for (base, len) in [
            (ARENA_RANGE.start - MIB, MIB),
            (ARENA_RANGE.end, MIB),
            (ARENA_RANGE.start, 0),
            (ARENA_RANGE.start + 1, MIB),
            (ARENA_RANGE.start, 1),
            (ARENA_RANGE.start, u64::MAX - 4095),
        ] {
            assert!(
                Arena::create(base, len).is_err(),
                "{base:#x}+{len:#x} accepted"
            );
        }
        assert!(AddressRange::reserve(0, MIB).is_err());
    }

    #[test]
    fn arena_of_another_size_is_refused() {
        let arena = Arena::create(fresh_base(), MIB).unwrap();
        let fd = arena.as_fd().try_clone_to_owned().unwrap();
        assert!(Arena::open(fd, fresh_base(), 2 * MIB).is_err());
    }

    #[test]
    fn large_reservation_costs_no_memory() {
        let base = ARENA_RANGE.end + (1 << 40);
        let range = AddressRange::reserve(base, 1 << 40).unwrap();
        assert_eq!((range.base(), range.len()), (base, 1 << 40));
    }
}
