//! Which addresses belong to which allocation, so that pointer queries need no server. Read
//! [`Allocations`] first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rigel_protocol::custom::{AllocationKind, PointerInfo};
use rigel_protocol::handle::{Context, Device, MemPool};

/// The allocations of the process, by first address. They do not overlap.
#[derive(Debug, Default)]
pub(crate) struct Allocations {
    all: RwLock<BTreeMap<u64, PointerInfo>>,
    /// Variables of loaded images that were asked for, by address, with the handle of the image.
    variables: RwLock<BTreeMap<u64, (u64, PointerInfo)>>,
    /// First addresses of mapped memory that no device was given access to yet.
    closed: RwLock<BTreeSet<u64>>,
    any_closed: AtomicBool,
    /// Sizes of address ranges reserved for memory to be mapped at, by first address.
    reserved: Mutex<BTreeMap<u64, usize>>,
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
    /// The pool it comes from.
    pub(crate) pool: MemPool,
}

impl Allocations {
    /// Enters an allocation.
    pub(crate) fn insert(&self, new: NewAllocation) {
        let info = self.info(new);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(new.base, info);
    }

    /// Whether a variable of an image is known.
    pub(crate) fn is_variable(&self, image: u64, base: u64) -> bool {
        let variables = self
            .variables
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        variables.get(&base).is_some_and(|(of, _)| *of == image)
    }

    /// Enters a variable of an image; one that is known keeps its number.
    pub(crate) fn insert_variable(&self, image: u64, new: NewAllocation) {
        let mut variables = self
            .variables
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let known = variables.get(&new.base);
        if !known.is_some_and(|(of, info)| *of == image && info.kind == new.kind) {
            variables.insert(new.base, (image, self.info(new)));
        }
    }

    /// Takes out the variables of an image that is unloaded.
    pub(crate) fn end_of_image(&self, image: u64) -> Vec<PointerInfo> {
        let mut variables = self
            .variables
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let (gone, kept) = std::mem::take(&mut *variables)
            .into_iter()
            .partition(|(_, (of, _))| *of == image);
        *variables = kept;
        BTreeMap::into_values(gone).map(|(_, info)| info).collect()
    }

    /// Addresses are reserved.
    pub(crate) fn reserve(&self, base: u64, bytes: usize) {
        self.reserved().insert(base, bytes);
    }

    /// Gives up a reservation; says whether there was one of just these addresses.
    pub(crate) fn give_up(&self, base: u64, bytes: usize) -> bool {
        let mut reserved = self.reserved();
        let is_whole = reserved.get(&base) == Some(&bytes);
        is_whole && reserved.remove(&base).is_some()
    }

    fn reserved(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The allocation that begins here cannot be used yet.
    pub(crate) fn close(&self, base: u64) {
        let mut closed = self.closed.write().unwrap_or_else(PoisonError::into_inner);
        closed.insert(base);
        self.any_closed.store(true, Ordering::Relaxed);
    }

    /// Allocations that begin within these bytes can be used from now on.
    pub(crate) fn open(&self, base: u64, bytes: u64) {
        let end = base.saturating_add(bytes);
        let mut closed = self.closed.write().unwrap_or_else(PoisonError::into_inner);
        closed.retain(|at| *at < base || *at >= end);
        self.any_closed.store(!closed.is_empty(), Ordering::Relaxed);
    }

    fn is_closed(&self, base: u64) -> bool {
        let closed = || self.closed.read().unwrap_or_else(PoisonError::into_inner);
        self.any_closed.load(Ordering::Relaxed) && closed().contains(&base)
    }

    /// Takes out the allocation that begins here.
    pub(crate) fn remove(&self, base: u64) -> Option<PointerInfo> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&base)
    }

    /// Takes out the allocations that begin within these bytes.
    pub(crate) fn remove_within(&self, base: u64, bytes: u64) {
        let end = base.saturating_add(bytes);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|at, _| *at < base || *at >= end);
    }

    /// Takes out the allocation that begins here if it is of one of these kinds.
    pub(crate) fn remove_kind(&self, base: u64, kinds: &[AllocationKind]) -> Option<PointerInfo> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        match all.get(&base) {
            Some(info) if kinds.contains(&info.kind) => all.remove(&base),
            _ => None,
        }
    }

    /// The allocation, or the variable of an image, that holds an address.
    pub(crate) fn find(&self, address: u64) -> Option<PointerInfo> {
        let holds = |info: &&PointerInfo| address - info.base < info.bytes;
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let last = all.range(..=address).next_back().map(|(_, info)| info);
        if let Some(found) = last.filter(holds) {
            return Some(*found);
        }
        let variables = self
            .variables
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let last = variables.range(..=address).next_back();
        last.map(|(_, (_, info))| info).filter(holds).copied()
    }

    /// Whether all of these bytes are in known memory that can be used, which may be several allocations
    /// side by side.
    pub(crate) fn covers(&self, address: u64, bytes: u64) -> bool {
        let Some(end) = address.checked_add(bytes) else {
            return false;
        };
        let mut at = address;
        while at < end {
            match self.find(at) {
                Some(info) if self.is_closed(info.base) => return false,
                Some(info) => at = info.base.saturating_add(info.bytes),
                None => return false,
            }
        }
        true
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
        let mut variables = self
            .variables
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        variables.retain(|_, (_, info)| info.context != context);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let (gone, kept) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, info)| info.context == context);
        *all = kept;
        BTreeMap::into_values(gone).collect()
    }

    fn info(&self, new: NewAllocation) -> PointerInfo {
        PointerInfo {
            kind: new.kind,
            base: new.base,
            bytes: new.bytes,
            context: new.context,
            device: new.device,
            buffer_id: 1 + self.ids.fetch_add(1, Ordering::Relaxed),
            pool: new.pool,
            flags: new.flags,
        }
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
            pool: MemPool::NONE,
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
    fn variable_of_an_image_is_found_until_it_is_unloaded() {
        let all = Allocations::default();
        all.insert_variable(5, allocation(0x2000, 8));
        let id = all.find(0x2007).unwrap().buffer_id;
        all.insert_variable(5, allocation(0x2000, 8));
        assert_eq!(all.find(0x2000).unwrap().buffer_id, id);
        assert!(all.find(0x2008).is_none());
        all.end_of_image(6);
        assert!(all.find(0x2000).is_some());
        all.end_of_image(5);
        assert!(all.find(0x2000).is_none());
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
    fn reservation_is_given_up_whole_and_once() {
        let all = Allocations::default();
        all.reserve(0x1000, 0x200);
        assert!(!all.give_up(0x1000, 0x100));
        assert!(!all.give_up(0x1100, 0x100));
        assert!(all.give_up(0x1000, 0x200));
        assert!(!all.give_up(0x1000, 0x200));
    }

    #[test]
    fn memory_without_access_is_found_and_covers_nothing() {
        let all = Allocations::default();
        all.insert(allocation(0x1000, 0x100));
        all.insert(allocation(0x1100, 0x100));
        all.close(0x1100);
        assert!(all.find(0x1100).is_some());
        assert!(all.covers(0x1000, 0x100));
        assert!(!all.covers(0x1000, 0x101));
        assert!(all.overlaps(0x1100, 1));
        all.open(0x1000, 0x100);
        assert!(!all.covers(0x1100, 1));
        all.open(0x1100, 0x100);
        assert!(all.covers(0x1000, 0x200));
        all.remove_within(0x1000, 0x200);
        assert!(!all.overlaps(0x1000, 0x200));
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
