//! Which addresses belong to which allocation, so that pointer queries need no server. Read
//! [`Allocations`] first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use rigel_protocol::custom::{AllocationKind, PointerInfo};
use rigel_protocol::handle::{Context, Device, MemPool};

/// The allocations of the process, by first address. They do not overlap.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    all: RwLock<BTreeMap<u64, PointerInfo>>,
    ids: AtomicU64,
}

/// What a new allocation is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewAllocation {
    /// What kind.
    pub(crate) kind: AllocationKind,
    /// First address.
    pub(crate) base: u64,
    /// Size.
    pub(crate) bytes: u64,
    /// The context it was made in.
    pub(crate) context: Context,
    /// Its device.
    pub(crate) device: Device,
    /// Flags of page-locked memory.
    pub(crate) flags: u32,
}

impl Allocations {
    /// Enters an allocation.
    pub(crate) fn insert(&self, new: NewAllocation) {
        let info = PointerInfo {
            kind: new.kind,
            base: new.base,
            bytes: new.bytes,
            context: new.context,
            device: new.device,
            buffer_id: 1 + self.ids.fetch_add(1, Ordering::Relaxed),
            pool: MemPool::NONE,
            flags: new.flags,
        };
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(new.base, info);
    }

    /// Takes out the allocation that begins here.
    pub(crate) fn remove(&self, base: u64) -> Option<PointerInfo> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&base)
    }

    /// Takes out the allocation that begins here if it is of one of these kinds.
    pub(crate) fn remove_kind(&self, base: u64, kinds: &[AllocationKind]) -> Option<PointerInfo> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        match all.get(&base) {
            Some(info) if kinds.contains(&info.kind) => all.remove(&base),
            _ => None,
        }
    }

    /// The allocation that holds an address.
    pub(crate) fn find(&self, address: u64) -> Option<PointerInfo> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let (_, info) = all.range(..=address).next_back()?;
        (address - info.base < info.bytes).then_some(*info)
    }

    /// Whether any allocation overlaps these bytes.
    pub(crate) fn overlaps(&self, base: u64, bytes: u64) -> bool {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let end = base.saturating_add(bytes);
        let last = all.range(..end).next_back();
        last.is_some_and(|(_, info)| info.base.saturating_add(info.bytes) > base)
    }

    /// Takes out what belongs to a context that has ended.
    pub(crate) fn end_of(&self, context: Context) -> Vec<PointerInfo> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let (gone, kept) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, info)| info.context == context);
        *all = kept;
        BTreeMap::into_values(gone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocation(base: u64, bytes: u64) -> NewAllocation {
        NewAllocation {
            kind: AllocationKind::Device,
            base,
            bytes,
            context: Context::mint(70),
            device: Device(0),
            flags: 0,
        }
    }

    #[test]
    fn find_gives_the_allocation_that_holds_the_address() {
        let all = Allocations::default();
        all.insert(allocation(0x1000, 0x100));
        assert_eq!(all.find(0x10ff).unwrap().base, 0x1000);
        assert!(all.find(0x1100).is_none());
        assert!(all.find(0xfff).is_none());
    }

    #[test]
    fn overlap_is_seen_from_both_sides() {
        let all = Allocations::default();
        all.insert(allocation(0x1000, 0x100));
        assert!(all.overlaps(0x10ff, 1));
        assert!(all.overlaps(0xf00, 0x101));
        assert!(!all.overlaps(0x1100, 1));
        assert!(!all.overlaps(0xf00, 0x100));
    }

    #[test]
    fn remove_of_another_kind_leaves_it() {
        let all = Allocations::default();
        all.insert(allocation(0x1000, 0x100));
        assert!(
            all.remove_kind(0x1000, &[AllocationKind::HostAllocated])
                .is_none()
        );
        assert!(all.remove_kind(0x1000, &[AllocationKind::Device]).is_some());
        assert!(all.remove(0x1000).is_none());
    }

    #[test]
    fn numbers_of_allocations_are_never_used_again() {
        let all = Allocations::default();
        all.insert(allocation(0x1000, 0x100));
        let first = all.remove(0x1000).unwrap().buffer_id;
        all.insert(allocation(0x1000, 0x100));
        assert_ne!(all.find(0x1000).unwrap().buffer_id, first);
    }
}
