//! Page-locked memory shared with a client of the same host: the daemon hands over its memory, the
//! client says where it lies. Read [`Arenas`] first.
//!
//! 1. An arena is known by number when the daemon has sent it, and usable when it is placed. A mirror
//!    is memory of this host alone, of which the client keeps a copy: of another host where there are no
//!    arenas, of any where the program has registered its own.
//! 2. An address that a client names is used only if it lies in a placed arena or mirror, to its last byte.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rigel_protocol::call::HostPtr;
use rigel_protocol::control::AddressRange;
use rigel_protocol::link::mirror::{
    ChangeRecords, MAPPED_BYTES_ALL_MAX, MAPPED_BYTES_MAX, MIRRORS_MAX, get_change,
};
use rigel_protocol::wire::Get;
use rigel_protocol::{CuError, CuResult};
use rigel_transport::TransportError;
use rigel_transport::arena::Arena;
use rigel_transport::mirror::Mirror;
use rigel_transport::pages::PageSet;

/// Most arenas of a session.
const ARENAS_MAX: usize = 4096;
/// How long a client's record may be ahead of the daemon's message.
const HANDOVER: Duration = Duration::from_secs(5);

/// The arenas of a session.
#[derive(Debug)]
pub(super) struct Arenas {
    range: AddressRange,
    state: Mutex<State>,
    handed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    handed: BTreeMap<u32, (OwnedFd, u64)>,
    /// By first address.
    placed: BTreeMap<u64, (u32, Arena)>,
    /// By first address.
    mirrors: BTreeMap<u64, Mirror>,
    /// Pages of registered memory.
    pages: PageSet,
}

impl Arenas {
    /// None yet; they may lie in this range.
    pub(super) fn new(range: AddressRange) -> Self {
        Self {
            range,
            state: Mutex::default(),
            handed: Condvar::new(),
        }
    }

    /// Takes an arena's memory from the daemon.
    pub(super) fn hand_over(&self, arena: u32, memory: OwnedFd, bytes: u64) {
        let mut state = self.lock();
        if state.handed.len() + state.placed.len() < ARENAS_MAX {
            state.handed.insert(arena, (memory, bytes));
        }
        drop(state);
        self.handed.notify_all();
    }

    /// Maps an arena where the client has it.
    pub(super) fn place(&self, arena: u32, address: HostPtr, bytes: u64) -> CuResult<()> {
        let end = address.0.checked_add(bytes).ok_or(CuError::INVALID_VALUE)?;
        let range_end = self.range.base.saturating_add(self.range.bytes);
        if address.0 < self.range.base || end > range_end {
            return Err(CuError::INVALID_VALUE);
        }
        let state = self.lock();
        let waited = self
            .handed
            .wait_timeout_while(state, HANDOVER, |state| !state.handed.contains_key(&arena));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (memory, handed_bytes) = state.handed.remove(&arena).ok_or(CuError::INVALID_VALUE)?;
        if bytes != handed_bytes {
            return Err(CuError::INVALID_VALUE);
        }
        let again = memory.try_clone().map_err(|_| CuError::OPERATING_SYSTEM)?;
        match Arena::open(memory, address.0, bytes) {
            Ok(mapped) => {
                state.placed.insert(address.0, (arena, mapped));
                Ok(())
            }
            Err(TransportError::RangeTaken { .. }) => {
                state.handed.insert(arena, (again, handed_bytes));
                Err(CuError::MAP_FAILED)
            }
            Err(error) => {
                tracing::warn!(arena, %error, "arena refused");
                Err(CuError::OPERATING_SYSTEM)
            }
        }
    }

    /// Whether all these bytes lie in one placed arena or mirror.
    pub(super) fn check(&self, address: HostPtr, bytes: u64) -> CuResult<()> {
        let state = self.lock();
        let placed = state.placed.range(..=address.0).next_back();
        let mirror = state.mirrors.range(..=address.0).next_back();
        match (placed, mirror) {
            (Some((_, (_, arena))), _) if arena.contains(address.0, bytes) => Ok(()),
            (_, Some((_, mirror))) if mirror.contains(address.0, bytes) => Ok(()),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    /// Begins a mirror.
    pub(super) fn mirror(&self, address: HostPtr, bytes: u64) -> CuResult<()> {
        self.lock()
            .add_mirror(address.0, bytes, |_| Mirror::create(address.0, bytes))
    }

    /// Begins a mirror of memory that the program has registered, wherever it has it.
    pub(super) fn register(&self, address: HostPtr, bytes: u64) -> CuResult<()> {
        self.lock().add_mirror(address.0, bytes, |pages| {
            pages.cover(address.0, bytes).map(Mirror::in_pages)
        })
    }

    /// Ends a mirror that nothing uses any more.
    pub(super) fn unmirror(&self, address: HostPtr) {
        self.lock().mirrors.remove(&address.0);
    }

    /// Takes in what the client has changed; false if that is no row of changes. What one of its threads
    /// has found in memory that another has just given back goes nowhere.
    pub(super) fn apply(&self, changes: &[u8]) -> bool {
        let mut state = self.lock();
        let mut from = Get::new(changes);
        loop {
            match get_change(&mut from) {
                Ok(None) => return true,
                Ok(Some((address, bytes))) => {
                    let mirror = state.mirrors.range_mut(..=address).next_back();
                    if !mirror.is_some_and(|(_, mirror)| mirror.apply(address, bytes)) {
                        tracing::debug!(address, "a change of memory that is no mirror");
                    }
                }
                Err(_) => return false,
            }
        }
    }

    /// What the GPU has changed in mirrors since it was last told.
    pub(super) fn changes(&self) -> ChangeRecords {
        let mut records = ChangeRecords::default();
        for mirror in self.lock().mirrors.values_mut() {
            mirror.changes(|address, bytes| records.add(address, bytes));
        }
        records
    }

    /// Where an arena lies.
    pub(super) fn base(&self, arena: u32) -> CuResult<HostPtr> {
        let state = self.lock();
        let found = state
            .placed
            .iter()
            .find(|(_, (number, _))| *number == arena);
        found
            .map(|(base, _)| HostPtr(*base))
            .ok_or(CuError::INVALID_VALUE)
    }

    /// Unmaps an arena that nothing uses any more.
    pub(super) fn remove(&self, arena: u32) {
        let mut state = self.lock();
        state.handed.remove(&arena);
        state.placed.retain(|_, (number, _)| *number != arena);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is a single step: a panic elsewhere leaves the maps whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// One more mirror, if there may be so much.
    fn add_mirror(
        &mut self,
        address: u64,
        bytes: u64,
        make: impl FnOnce(&mut PageSet) -> Result<Mirror, TransportError>,
    ) -> CuResult<()> {
        let all: u64 = self.mirrors.values().map(Mirror::len).sum();
        let is_too_much = bytes > MAPPED_BYTES_MAX || all + bytes > MAPPED_BYTES_ALL_MAX;
        if is_too_much || self.mirrors.len() >= MIRRORS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let end = address.checked_add(bytes).ok_or(CuError::INVALID_VALUE)?;
        let below = self.mirrors.range(..end).next_back();
        if below.is_some_and(|(_, mirror)| mirror.overlaps(address, bytes)) {
            return Err(CuError::MAP_FAILED);
        }
        match make(&mut self.pages) {
            Ok(mirror) => {
                self.mirrors.insert(address, mirror);
                Ok(())
            }
            Err(TransportError::RangeTaken { .. }) => Err(CuError::MAP_FAILED),
            Err(error) => {
                tracing::warn!(%error, "mirror refused");
                Err(CuError::INVALID_VALUE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::link::mirror::put_change;
    use rigel_protocol::wire::Put;
    use rigel_transport::arena::{ARENA_RANGE, create_memory};

    use super::*;

    const MIB: u64 = 1 << 20;

    fn arenas() -> Arenas {
        let bytes = ARENA_RANGE.end - ARENA_RANGE.start;
        Arenas::new(AddressRange {
            base: ARENA_RANGE.start,
            bytes,
        })
    }

    #[test]
    fn address_in_no_arena_or_past_its_end_is_refused() {
        let arenas = arenas();
        let base = ARENA_RANGE.start + (3 << 40);
        arenas.hand_over(1, create_memory(MIB).unwrap(), MIB);
        arenas.place(1, HostPtr(base), MIB).unwrap();
        assert_eq!(arenas.check(HostPtr(base), MIB), Ok(()));
        assert_eq!(arenas.check(HostPtr(base + MIB - 1), 1), Ok(()));
        for (address, bytes) in [(base - 1, 1), (base, MIB + 1), (base + 1, u64::MAX), (0, 0)] {
            let checked = arenas.check(HostPtr(address), bytes);
            assert_eq!(
                checked,
                Err(CuError::INVALID_VALUE),
                "{address:#x} {bytes:#x}"
            );
        }
        arenas.remove(1);
        assert!(arenas.check(HostPtr(base), 1).is_err());
    }

    #[test]
    fn arena_of_another_size_or_outside_the_range_is_refused() {
        let arenas = arenas();
        let base = ARENA_RANGE.start + (3 << 40) + 64 * MIB;
        arenas.hand_over(1, create_memory(MIB).unwrap(), MIB);
        assert_eq!(
            arenas.place(1, HostPtr(4096), MIB),
            Err(CuError::INVALID_VALUE)
        );
        let last = HostPtr(ARENA_RANGE.end - 4096);
        assert_eq!(arenas.place(1, last, MIB), Err(CuError::INVALID_VALUE));
        assert_eq!(
            arenas.place(1, HostPtr(base), 2 * MIB),
            Err(CuError::INVALID_VALUE)
        );
    }

    #[test]
    fn registered_memory_is_used_to_the_byte_and_within_the_limits() {
        let arenas = arenas();
        let base = ARENA_RANGE.start + (3 << 40) + 256 * MIB;
        arenas.register(HostPtr(base + 100), 8000).unwrap();
        assert_eq!(arenas.check(HostPtr(base + 100), 8000), Ok(()));
        assert!(arenas.check(HostPtr(base + 99), 1).is_err());
        assert!(arenas.check(HostPtr(base + 100), 8001).is_err());
        let again = arenas.register(HostPtr(base + 8099), 1);
        assert_eq!(again, Err(CuError::MAP_FAILED));
        arenas.register(HostPtr(base + 8100), 1).unwrap();
        let much = arenas.register(HostPtr(base + 16 * MIB), MAPPED_BYTES_MAX + 1);
        assert_eq!(much, Err(CuError::OUT_OF_MEMORY));
        arenas.unmirror(HostPtr(base + 100));
        assert!(arenas.check(HostPtr(base + 100), 1).is_err());
        assert_eq!(arenas.check(HostPtr(base + 8100), 1), Ok(()));
    }

    #[test]
    fn change_of_memory_given_back_goes_nowhere() {
        let arenas = arenas();
        let base = ARENA_RANGE.start + (3 << 40) + 320 * MIB;
        arenas.register(HostPtr(base), 64).unwrap();
        let mut changes = Put::new();
        put_change(&mut changes, base + 4096, &[1; 8]);
        put_change(&mut changes, base + 60, &[1; 8]);
        assert!(arenas.apply(changes.as_slice()));
        assert!(!arenas.apply(&changes.as_slice()[..9]), "it is cut");
        assert_eq!(arenas.changes().records().count(), 0);
    }

    #[test]
    fn address_that_is_taken_may_be_tried_again_elsewhere() {
        let arenas = arenas();
        let base = ARENA_RANGE.start + (3 << 40) + 128 * MIB;
        let _taken = Arena::create(base, MIB).unwrap();
        arenas.hand_over(1, create_memory(MIB).unwrap(), MIB);
        assert_eq!(
            arenas.place(1, HostPtr(base), MIB),
            Err(CuError::MAP_FAILED)
        );
        arenas.place(1, HostPtr(base + 2 * MIB), MIB).unwrap();
    }
}
