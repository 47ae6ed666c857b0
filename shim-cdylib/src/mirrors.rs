//! Page-locked memory where the worker is on another host: both sides have a copy at the same address.
//! Read [`Mirrors`] first.
//!
//! 1. What the program has written goes out before a call that may read it: launches, copies, fills (the
//!    program would keep what they overwrite), the return of a host function.
//! 2. What the GPU has written comes in before the answers after which the program may look; whoever
//!    reads the rings takes it in.
//! 3. Finding changes means comparing: allocations are mirrored as long as they are small and few. Larger
//!    ones are ordinary memory, whose bytes travel with each copy, and which kernels cannot reach.
//! 4. Nothing is sent while the lock is held: whoever reads needs it too.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Context;
use rigel_protocol::link::mirror::{
    ChangeRecords, MAPPED_BYTES_ALL_MAX, MAPPED_BYTES_MAX, MIRROR_BYTES_MAX, MIRRORS_BYTES_MAX,
    get_change,
};
use rigel_protocol::wire::{Get, WireError};
use rigel_transport::mirror::Mirror;

/// The mirrors of a process.
#[derive(Debug, Default)]
pub(crate) struct Mirrors {
    any: AtomicBool,
    /// By first address, with the context that each ends with.
    all: Mutex<BTreeMap<u64, (Context, Mirror)>>,
}

impl Mirrors {
    /// Whether there are any.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Whether one more of this size may be. `mapped`: the program has asked for memory that the GPU
    /// reaches, and bears what comparing costs.
    pub(crate) fn has_room(&self, bytes: u64, mapped: bool) -> bool {
        let used: u64 = self
            .lock()
            .values()
            .map(|(_, mirror)| mirror.arena().len())
            .sum();
        let (one, all) = match mapped {
            true => (MAPPED_BYTES_MAX, MAPPED_BYTES_ALL_MAX),
            false => (MIRROR_BYTES_MAX, MIRRORS_BYTES_MAX),
        };
        bytes <= one && used + bytes <= all
    }

    /// Adds what the worker has too.
    pub(crate) fn insert(&self, context: Context, mirror: Mirror) {
        self.lock().insert(mirror.arena().base(), (context, mirror));
        self.any.store(true, Ordering::Relaxed);
    }

    /// Takes out the mirror that begins here.
    pub(crate) fn remove(&self, address: u64) -> Option<Mirror> {
        let mut all = self.lock();
        let mirror = all.remove(&address);
        self.any.store(!all.is_empty(), Ordering::Relaxed);
        mirror.map(|(_, mirror)| mirror)
    }

    /// Takes out the mirrors of a context.
    pub(crate) fn take_of(&self, context: Context) -> Vec<Mirror> {
        let mut all = self.lock();
        let (gone, kept) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, (owner, _))| *owner == context);
        *all = kept;
        self.any.store(!all.is_empty(), Ordering::Relaxed);
        BTreeMap::into_values(gone)
            .map(|(_, mirror)| mirror)
            .collect()
    }

    /// Whether all of these bytes lie in a mirror.
    pub(crate) fn holds(&self, address: u64, bytes: u64) -> bool {
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let all = self.lock();
        let below = all.range(..=address).next_back();
        below.is_some_and(|(_, (_, mirror))| mirror.arena().contains(address, bytes))
    }

    /// What the program has written, if this call may read it.
    #[inline]
    pub(crate) fn changes_before(&self, call: Call) -> Option<ChangeRecords> {
        if !self.any() || !reads_host_memory(call) {
            return None;
        }
        let mut records = ChangeRecords::default();
        for (_, mirror) in self.lock().values_mut() {
            mirror.changes(|address, bytes| records.add(address, bytes));
        }
        Some(records)
    }

    /// Takes in what the GPU has written. Changes of memory that has just been freed are dropped.
    pub(crate) fn apply(&self, record: &[u8]) -> Result<(), WireError> {
        let mut all = self.lock();
        let mut from = Get::new(record);
        while let Some((address, bytes)) = get_change(&mut from)? {
            if let Some((_, (_, mirror))) = all.range_mut(..=address).next_back() {
                mirror.apply(address, bytes);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, (Context, Mirror)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the GPU may read host memory in the course of a call.
fn reads_host_memory(call: Call) -> bool {
    matches!(
        call,
        Call::LAUNCH
            | Call::GRAPH_LAUNCH
            | Call::COPY
            | Call::COPY_WAIT
            | Call::COPY3D
            | Call::COPY3D_WAIT
            | Call::FILL
            | Call::HOST_RETURNED
            | Call::STREAM_WAIT_VALUE32_V2
            | Call::STREAM_WAIT_VALUE64_V2
            | Call::STREAM_BATCH_MEM_OP_V2
    )
}

#[cfg(test)]
mod tests {
    use rigel_protocol::wire::Put;

    use rigel_protocol::link::mirror::put_change;

    use super::*;

    const BASE: u64 = 0x2def_0000_0000;

    #[test]
    fn changes_go_out_before_calls_that_may_read_them_only() {
        let mirrors = Mirrors::default();
        assert!(mirrors.changes_before(Call::LAUNCH).is_none());
        mirrors.insert(Context::mint(70), Mirror::create(BASE, 4096).unwrap());
        assert!(mirrors.changes_before(Call::EVENT_RECORD).is_none());
        let records = mirrors.changes_before(Call::LAUNCH).unwrap();
        assert_eq!(records.records().count(), 0, "nothing was written");
        assert!(mirrors.holds(BASE + 4095, 1));
        assert!(!mirrors.holds(BASE + 4095, 2));
    }

    #[test]
    fn changes_that_come_in_do_not_go_out_again() {
        let mirrors = Mirrors::default();
        let base = BASE + (1 << 30);
        mirrors.insert(Context::mint(70), Mirror::create(base, 4096).unwrap());
        let mut put = Put::new();
        put_change(&mut put, base + 8, &[5; 8]);
        put_change(&mut put, 1, b"freed meanwhile");
        mirrors.apply(put.as_slice()).unwrap();
        let records = mirrors.changes_before(Call::LAUNCH).unwrap();
        assert_eq!(records.records().count(), 0);
        assert!(mirrors.apply(&put.as_slice()[..10]).is_err());
    }

    #[test]
    fn mirrors_have_room_up_to_the_limits() {
        let mirrors = Mirrors::default();
        assert!(mirrors.has_room(MIRROR_BYTES_MAX, false));
        assert!(!mirrors.has_room(MIRROR_BYTES_MAX + 1, false));
        assert!(mirrors.has_room(MAPPED_BYTES_MAX, true));
        assert!(!mirrors.has_room(MAPPED_BYTES_MAX + 1, true));
    }
}
