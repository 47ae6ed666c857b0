//! Page-locked memory of which client and worker have a copy each, at the same address: allocated where the
//! worker is on another host, and registered memory on any, whose pages are the program's (decision 440).
//! Read [`Mirrors`] first.
//!
//! 1. What the program has written goes out before a call that may read it: launches, copies, fills (the
//!    program would keep what they overwrite), the return of a host function.
//! 2. What the GPU has written comes in before the answers after which the program may look; whoever
//!    reads the rings takes it in.
//! 3. Finding changes means comparing: allocations are mirrored as long as they are small and few. Larger
//!    ones are ordinary memory, whose bytes travel with each copy, and which kernels cannot reach.
//! 4. Nothing is sent while the lock is held: whoever reads needs it too. What was found goes into an
//!    [`Outbox`], under the lock, so that a later change never overtakes an earlier one of another thread.
//! 5. Memory that is being unregistered takes in what the GPU has written until the worker has answered,
//!    and tells nothing any more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Context;
use rigel_protocol::link::mirror::{
    ChangeRecords, MAPPED_BYTES_ALL_MAX, MAPPED_BYTES_MAX, MIRROR_BYTES_MAX, MIRRORS_BYTES_MAX,
    MIRRORS_MAX, get_change,
};
use rigel_protocol::wire::{Get, WireError};
use rigel_transport::mirror::Mirror;

use crate::outbox::{Mark, Outbox, Sent};

/// The mirrors of a process.
#[derive(Debug, Default)]
pub(crate) struct Mirrors {
    any: AtomicBool,
    /// By first address.
    all: Mutex<BTreeMap<u64, Entry>>,
    outbox: Outbox,
}

#[derive(Debug)]
struct Entry {
    /// The context that it ends with.
    context: Context,
    mirror: Mirror,
    /// Whether the worker is asked to end it.
    is_ending: bool,
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
        let (used, count) = {
            let all = self.lock();
            let used: u64 = all.values().map(|entry| entry.mirror.len()).sum();
            (used, all.len())
        };
        let (one, all) = match mapped {
            true => (MAPPED_BYTES_MAX, MAPPED_BYTES_ALL_MAX),
            false => (MIRROR_BYTES_MAX, MIRRORS_BYTES_MAX),
        };
        bytes <= one && used + bytes <= all && count < MIRRORS_MAX
    }

    /// Adds what the worker has too.
    pub(crate) fn insert(&self, context: Context, mirror: Mirror) {
        let entry = Entry {
            context,
            mirror,
            is_ending: false,
        };
        self.lock().insert(entry.mirror.base(), entry);
        self.any.store(true, Ordering::Relaxed);
    }

    /// Takes out the mirror that begins here.
    pub(crate) fn remove(&self, address: u64) -> Option<Mirror> {
        let mut all = self.lock();
        let mirror = all.remove(&address);
        self.any.store(!all.is_empty(), Ordering::Relaxed);
        mirror.map(|entry| entry.mirror)
    }

    /// The worker will be asked to end the mirror that begins here; false if there is none.
    pub(crate) fn begin_end(&self, address: u64) -> bool {
        let mut all = self.lock();
        let entry = all.get_mut(&address);
        entry.map(|entry| entry.is_ending = true).is_some()
    }

    /// The size of the mirror that begins here; 0 if there is none.
    pub(crate) fn len_of(&self, address: u64) -> u64 {
        self.lock()
            .get(&address)
            .map_or(0, |entry| entry.mirror.len())
    }

    /// Takes out the mirrors of a context.
    pub(crate) fn take_of(&self, context: Context) -> Vec<Mirror> {
        let mut all = self.lock();
        let (gone, kept) = std::mem::take(&mut *all)
            .into_iter()
            .partition(|(_, entry)| entry.context == context);
        *all = kept;
        self.any.store(!all.is_empty(), Ordering::Relaxed);
        BTreeMap::into_values(gone)
            .map(|entry| entry.mirror)
            .collect()
    }

    /// Whether all of these bytes lie in a mirror.
    pub(crate) fn holds(&self, address: u64, bytes: u64) -> bool {
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let all = self.lock();
        let below = all.range(..=address).next_back();
        below.is_some_and(|(_, entry)| entry.mirror.contains(address, bytes))
    }

    /// Looks for what the program has written, if this call may read it: up to the mark that this
    /// returns, changes have to be [sent](Self::send) before it.
    #[inline]
    pub(crate) fn changes_before(&self, call: Call) -> Option<Mark> {
        (self.any() && reads_host_memory(call)).then(|| self.find_changes())
    }

    fn find_changes(&self) -> Mark {
        let mut records = ChangeRecords::default();
        let mut all = self.lock();
        for entry in all.values_mut().filter(|entry| !entry.is_ending) {
            let mirror = &mut entry.mirror;
            mirror.changes(|address, bytes| records.add(address, bytes));
        }
        // Still locked: who finds a newer change comes after.
        self.outbox.add(records.into_records())
    }

    /// Sends the changes before a mark that have not been sent, as far as there is room for `try_send`,
    /// which must not wait.
    pub(crate) fn send<E>(
        &self,
        mark: Mark,
        try_send: impl FnMut(&[u8]) -> Result<bool, E>,
    ) -> Result<Sent, E> {
        self.outbox.send(mark, try_send)
    }

    /// Takes in what the GPU has written. Changes of memory that has just been freed are dropped.
    pub(crate) fn apply(&self, record: &[u8]) -> Result<(), WireError> {
        let mut all = self.lock();
        let mut from = Get::new(record);
        while let Some((address, bytes)) = get_change(&mut from)? {
            if let Some((_, entry)) = all.range_mut(..=address).next_back() {
                entry.mirror.apply(address, bytes);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the GPU may read host memory in the course of a call. Or what is still to be told of memory that
/// was there before would come after the call, and be taken for its memory's.
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
            | Call::HOST_REGISTER
            | Call::MIRROR_MAP
            | Call::STREAM_WAIT_VALUE32_V2
            | Call::STREAM_WAIT_VALUE64_V2
            | Call::STREAM_BATCH_MEM_OP_V2
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicU64;

    use rigel_protocol::link::mirror::put_change;
    use rigel_protocol::wire::Put;

    use super::*;

    const BASE: u64 = 0x2def_0000_0000;

    fn word_of(record: &[u8]) -> u64 {
        let (_, bytes) = get_change(&mut Get::new(record)).unwrap().unwrap();
        u64::from_ne_bytes(bytes.try_into().unwrap())
    }

    /// How many records go out before a launch.
    fn sent_before_a_launch(mirrors: &Mirrors) -> usize {
        let mark = mirrors.changes_before(Call::LAUNCH).unwrap();
        let mut n = 0;
        let sent = mirrors.send(mark, |_| {
            n += 1;
            Ok::<_, Infallible>(true)
        });
        assert_eq!(sent, Ok(Sent::All));
        n
    }

    #[test]
    fn changes_go_out_before_calls_that_may_read_them_only() {
        let mirrors = Mirrors::default();
        assert!(mirrors.changes_before(Call::LAUNCH).is_none());
        mirrors.insert(Context::mint(70), Mirror::create(BASE, 4096).unwrap());
        assert!(mirrors.changes_before(Call::EVENT_RECORD).is_none());
        assert_eq!(sent_before_a_launch(&mirrors), 0, "nothing was written");
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
        assert_eq!(sent_before_a_launch(&mirrors), 0);
        assert!(mirrors.apply(&put.as_slice()[..10]).is_err());
    }

    #[test]
    fn memory_that_is_being_unregistered_takes_in_and_tells_nothing() {
        let mut memory = [7_u8; 64];
        let base = memory.as_mut_ptr() as u64;
        let mirrors = Mirrors::default();
        mirrors.insert(Context::mint(70), Mirror::of_program(base, 64));
        assert!(mirrors.begin_end(base) && !mirrors.begin_end(base + 1));
        assert_eq!(sent_before_a_launch(&mirrors), 0);
        let mut put = Put::new();
        put_change(&mut put, base + 8, &[5; 8]);
        mirrors.apply(put.as_slice()).unwrap();
        assert!(mirrors.remove(base).is_some());
        assert_eq!(memory[7..9], [7, 5]);
    }

    #[test]
    fn mirrors_have_room_up_to_the_limits() {
        let mirrors = Mirrors::default();
        assert!(mirrors.has_room(MIRROR_BYTES_MAX, false));
        assert!(!mirrors.has_room(MIRROR_BYTES_MAX + 1, false));
        assert!(mirrors.has_room(MAPPED_BYTES_MAX, true));
        assert!(!mirrors.has_room(MAPPED_BYTES_MAX + 1, true));
    }

    /// Threads count up a word of mirrored memory, each before a call of its own. The ring takes one
    /// record at a time, and every other one finds no room at first.
    #[test]
    fn calls_of_many_threads_come_behind_all_that_was_written_before_them() {
        const THREADS: usize = 4;
        const ROUNDS: usize = 500;
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let mirrors = Mirrors::default();
        let memory = Mirror::of_program((&raw const COUNTER) as u64, 8);
        mirrors.insert(Context::mint(70), memory);
        let ring = Mutex::new(Vec::<(Option<u64>, u64)>::new());
        let tries = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let written = COUNTER.fetch_add(1, Ordering::SeqCst) + 1;
                        let mark = mirrors.changes_before(Call::LAUNCH).unwrap();
                        let mut put_in = |record: &[u8]| {
                            let fits = tries.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
                            if fits {
                                ring.lock().unwrap().push((None, word_of(record)));
                            }
                            Ok::<_, Infallible>(fits)
                        };
                        while mirrors.send(mark, &mut put_in) != Ok(Sent::All) {}
                        ring.lock().unwrap().push((Some(written), 0));
                    }
                });
            }
        });
        let mut seen = 0;
        for (call, change) in ring.into_inner().unwrap() {
            match call {
                None => {
                    assert!(change > seen, "{change} came after {seen}");
                    seen = change;
                }
                Some(written) => assert!(written <= seen, "a call reads {seen}, not {written}"),
            }
        }
        assert_eq!(seen, (THREADS * ROUNDS) as u64);
    }
}
