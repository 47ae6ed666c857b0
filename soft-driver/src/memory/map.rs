//! The allocation map: every range that kernels and copies may touch, and what it is. It owns no
//! memory. Read [`AllocationMap`].

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rigel_protocol::custom::{AllocationKind, PointerInfo};
use rigel_protocol::handle::{Context, Device, MemPool};
use rigel_protocol::{CuError, CuResult};

use super::heap::ALIGN_BYTES;
use crate::exec::{Access, DeviceMemory};

/// One range of the map.
#[derive(Debug, Clone)]
pub(crate) struct Allocation {
    /// First address.
    pub(crate) base: u64,
    /// Exact size, as it was asked for.
    pub(crate) bytes: u64,
    /// What kind of memory it is.
    pub(crate) kind: AllocationKind,
    /// Context it was made in.
    pub(crate) context: Context,
    /// Device that is charged for it.
    pub(crate) device: Device,
    /// Pool it came from.
    pub(crate) pool: MemPool,
    /// Flags of host memory.
    pub(crate) flags: u32,
    /// Whether kernels may write it.
    pub(crate) writable: bool,
    /// Part of a virtual memory mapping: neighbours of the same kind are one range to an access.
    pub(crate) mapped: bool,
    /// Memory of another process.
    pub(crate) borrowed: bool,
    /// Unique number, never used again.
    pub(crate) buffer_id: u64,
}

impl Allocation {
    /// Plain device memory of a context.
    pub(crate) fn device(base: u64, bytes: u64, context: Context, device: Device) -> Self {
        Self {
            base,
            bytes,
            kind: AllocationKind::Device,
            context,
            device,
            pool: MemPool::NONE,
            flags: 0,
            writable: true,
            mapped: false,
            borrowed: false,
            buffer_id: next_buffer_id(),
        }
    }

    fn end(&self) -> u64 {
        self.base + self.bytes
    }

    /// Where it ends for kernels: with the last piece that the heap gave for it.
    fn kernels_end(&self) -> u64 {
        match self.kind {
            AllocationKind::Device | AllocationKind::Managed if !self.mapped => {
                self.end().next_multiple_of(ALIGN_BYTES)
            }
            _ => self.end(),
        }
    }

    /// What a caller may know of it.
    pub(crate) fn info(&self) -> PointerInfo {
        PointerInfo {
            kind: self.kind,
            base: self.base,
            bytes: self.bytes,
            context: self.context,
            device: self.device,
            buffer_id: self.buffer_id,
            pool: self.pool,
            flags: self.flags,
        }
    }
}

fn next_buffer_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// All allocations of the process, by address. Locks are held for a lookup only.
#[derive(Debug, Default)]
pub(crate) struct AllocationMap {
    by_base: RwLock<BTreeMap<u64, Allocation>>,
    /// Whether kernels are held to the exact size of device memory; see [`Self::exact`].
    exact: bool,
}

impl AllocationMap {
    /// A map that holds kernels to the byte. NVIDIA's driver hands memory out in pieces of 512 bytes,
    /// so that an access in the rest of the last piece works there, as it does here by default.
    pub(crate) fn exact() -> Self {
        Self {
            exact: true,
            ..Self::default()
        }
    }

    /// Adds an allocation; false if it overlaps another.
    pub(crate) fn insert(&self, allocation: Allocation) -> bool {
        let mut map = self.by_base.write().unwrap_or_else(PoisonError::into_inner);
        let before = map.range(..allocation.end()).next_back();
        if before.is_some_and(|(_, other)| other.end() > allocation.base) {
            return false;
        }
        map.insert(allocation.base, allocation);
        true
    }

    /// Removes the allocation that starts at `base` if `chosen` says so.
    pub(crate) fn remove(
        &self,
        base: u64,
        chosen: impl Fn(&Allocation) -> bool,
    ) -> Option<Allocation> {
        let mut map = self.by_base.write().unwrap_or_else(PoisonError::into_inner);
        if !chosen(map.get(&base)?) {
            return None;
        }
        map.remove(&base)
    }

    /// The allocation that holds `address`.
    pub(crate) fn find(&self, address: u64) -> Option<Allocation> {
        let map = self.by_base.read().unwrap_or_else(PoisonError::into_inner);
        let (_, allocation) = map.range(..=address).next_back()?;
        (address < allocation.end()).then(|| allocation.clone())
    }

    /// All allocations for which `chosen` says so.
    pub(crate) fn select(&self, chosen: impl Fn(&Allocation) -> bool) -> Vec<Allocation> {
        let map = self.by_base.read().unwrap_or_else(PoisonError::into_inner);
        map.values()
            .filter(|allocation| chosen(allocation))
            .cloned()
            .collect()
    }

    /// Checks that a copy or fill may touch the range; an empty one may be anywhere.
    pub(crate) fn check(&self, address: u64, bytes: u64) -> CuResult<()> {
        if bytes == 0 {
            return Ok(());
        }
        let found = self.range_of(address, bytes, Access::Read, Allocation::end);
        found.map(|_| ()).ok_or(CuError::INVALID_VALUE)
    }

    /// The range around these bytes that such an access may touch; `end` says where an allocation
    /// ends.
    fn range_of(
        &self,
        address: u64,
        bytes: u64,
        access: Access,
        end: impl Fn(&Allocation) -> u64,
    ) -> Option<Range<u64>> {
        let last = address.checked_add(bytes)?;
        let allowed = |allocation: &Allocation| access == Access::Read || allocation.writable;
        let map = self.by_base.read().unwrap_or_else(PoisonError::into_inner);
        let (_, first) = map.range(..=address).next_back()?;
        let (base, mut limit) = (first.base, end(first));
        if address >= limit || !allowed(first) {
            return None;
        }
        if first.mapped {
            for (_, next) in map.range(limit..) {
                if next.base != limit || !next.mapped || !allowed(next) {
                    break;
                }
                limit = next.end();
            }
        }
        (last <= limit).then_some(base..limit)
    }

    /// Whether the whole range is page-locked memory of the host.
    pub(crate) fn is_page_locked(&self, address: u64, bytes: u64) -> bool {
        self.find(address).is_some_and(|allocation| {
            let host = !matches!(allocation.kind, AllocationKind::Device);
            host && address
                .checked_add(bytes)
                .is_some_and(|end| end <= allocation.end())
        })
    }
}

impl DeviceMemory for AllocationMap {
    fn accessible(&self, address: u64, bytes: u64, access: Access) -> Option<Range<u64>> {
        match self.exact {
            true => self.range_of(address, bytes, access, Allocation::end),
            false => self.range_of(address, bytes, access, Allocation::kernels_end),
        }
    }

    fn nearest(&self, address: u64) -> Option<Range<u64>> {
        let map = self.by_base.read().unwrap_or_else(PoisonError::into_inner);
        let below = map.range(..=address).next_back();
        let above = map.range(address..).next();
        let range = |(_, found): (&u64, &Allocation)| found.base..found.end();
        match (below.map(range), above.map(range)) {
            (Some(below), Some(above)) => {
                let is_above = above.start - address < address.saturating_sub(below.end);
                Some(if is_above { above } else { below })
            }
            (below, above) => below.or(above),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_allocation_is_that_with_the_nearest_end() {
        let map = map(&[device(0x1000, 0x100), device(0x3000, 0x100)]);
        assert_eq!(map.nearest(0x1108), Some(0x1000..0x1100));
        assert_eq!(map.nearest(0x2FF0), Some(0x3000..0x3100));
        assert_eq!(map.nearest(0x800), Some(0x1000..0x1100));
        assert_eq!(map.nearest(0x9000), Some(0x3000..0x3100));
        assert_eq!(AllocationMap::default().nearest(5), None);
    }

    fn device(base: u64, bytes: u64) -> Allocation {
        Allocation::device(base, bytes, Context::primary(Device(0)), Device(0))
    }

    fn map(allocations: &[Allocation]) -> AllocationMap {
        let map = AllocationMap::default();
        assert!(
            allocations
                .iter()
                .all(|allocation| map.insert(allocation.clone()))
        );
        map
    }

    #[test]
    fn accessible_ends_with_the_last_piece() {
        let map = map(&[device(0x1000, 100)]);
        assert!(map.accessible(0x1000, 512, Access::Write).is_some());
        assert!(map.accessible(0x11ff, 2, Access::Read).is_none());
        assert!(map.accessible(0xfff, 1, Access::Read).is_none());
        assert_eq!(map.check(0x1000, 101), Err(CuError::INVALID_VALUE));
    }

    #[test]
    fn accessible_exact_is_exact_at_both_ends() {
        let map = AllocationMap {
            exact: true,
            ..map(&[device(0x1000, 100)])
        };
        let accessible = |address, bytes| map.accessible(address, bytes, Access::Write).is_some();
        assert!(accessible(0x1000, 100));
        assert!(accessible(0x1063, 1));
        assert!(!accessible(0x1063, 2));
        assert!(!accessible(0xfff, 1));
        assert!(!accessible(u64::MAX, 1));
    }

    #[test]
    fn accessible_read_only_memory_refuses_writes() {
        let map = map(&[Allocation {
            writable: false,
            ..device(0x1000, 100)
        }]);
        assert!(map.accessible(0x1000, 4, Access::Read).is_some());
        assert!(map.accessible(0x1000, 4, Access::Write).is_none());
    }

    #[test]
    fn accessible_mapped_neighbours_are_one_range() {
        let mapped = |base| Allocation {
            mapped: true,
            ..device(base, 0x1000)
        };
        let map = map(&[mapped(0x1000), mapped(0x2000), device(0x3000, 0x1000)]);
        assert_eq!(
            map.accessible(0x1ff0, 0x20, Access::Write),
            Some(0x1000..0x3000)
        );
        assert_eq!(map.accessible(0x2ff0, 0x20, Access::Write), None);
    }

    #[test]
    fn insert_overlapping_is_refused() {
        let map = map(&[device(0x1000, 0x100)]);
        for (base, bytes) in [(0xfff, 2), (0x10ff, 1), (0x1000, 1), (0x800, 0x1000)] {
            assert!(!map.insert(device(base, bytes)), "{base:#x}");
        }
        assert!(map.insert(device(0x1100, 1)));
    }

    #[test]
    fn check_removed_memory_is_invalid() {
        let map = map(&[device(0x1000, 0x100)]);
        assert!(map.remove(0x1000, |_| true).is_some());
        assert_eq!(map.check(0x1000, 1), Err(CuError::INVALID_VALUE));
        assert_eq!(map.check(0x1000, 0), Ok(()));
    }
}
