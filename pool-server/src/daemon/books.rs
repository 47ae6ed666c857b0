//! The books: which sessions are open, what each lease has in use, what ended lately.
//!
//! 1. A session is in the books from before its worker starts until after it has ended; leaving
//!    ([`OpenSession::drop`]) gives its part of the ledger back, whatever way it ended.
//! 2. The lock of the books is never held across a wait.

mod readmit;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{ProcessInfo, Refusal, RefusalCause};
use rigel_transport::CloseReason;

use super::growing::Growing;
use super::health::Health;
use super::lease::{Asks, Grant, Leases, PlacedLease};
use super::peer::Peer;
use crate::worker::ledger::{Ledger, LedgerSlot, SLOTS_MAX, VirtualGpu};
use crate::worker::meter::{Counter, Meter};

/// Ended sessions that `rigel status` still shows.
const ENDED_MAX: usize = 64;

/// The books of a server.
#[derive(Debug)]
pub(crate) struct Books {
    leases: Growing<LeaseBook>,
    sessions_max: u32,
    sessions_per_gpu: u32,
    /// The health of the GPUs: which of them take sessions.
    pub(crate) health: Health,
    next_session: AtomicU64,
    open: Mutex<OpenBook>,
}

/// A lease with its ledger.
#[derive(Debug)]
pub(crate) struct LeaseBook {
    /// The lease and its GPUs.
    pub(crate) placed: PlacedLease,
    /// Its ledger, shared with the workers; `None` for a lease that has no GPU here.
    pub(crate) ledger: Option<(Ledger, OwnedFd)>,
    slots: usize,
    /// Whether the ledger is that of an earlier daemon.
    goes_on: bool,
}

#[derive(Debug, Default)]
struct OpenBook {
    sessions: BTreeMap<u64, Arc<SessionEntry>>,
    /// Of ended sessions, by lease.
    past: HashMap<usize, Sums>,
    ended: VecDeque<EndedSession>,
}

/// A session in the books.
#[derive(Debug)]
pub(crate) struct SessionEntry {
    /// Its number.
    pub(crate) id: u64,
    /// Index of its lease.
    pub(crate) lease: usize,
    /// Its place in the lease's ledger.
    pub(crate) slot: LedgerSlot,
    /// What it may hold.
    pub(crate) grants: Vec<Grant>,
    /// The most GPU time it may have, in percent of each.
    pub(crate) compute_max: u8,
    /// The process, as it said.
    pub(crate) process: ProcessInfo,
    /// Who it is, as the transport says.
    pub(crate) peer: Peer,
    /// When it began.
    pub(crate) since: SystemTime,
    /// Its counters, written by the worker.
    pub(crate) meter: Meter,
    /// Its worker's process id, 0 until it runs.
    pub(crate) worker_pid: AtomicU64,
    /// How long it stood in line.
    pub(crate) queued: Duration,
    /// What it had waited for its GPUs when it ended.
    pub(crate) throttled_ns: AtomicU64,
    /// How it is told to end.
    pub(crate) eviction: Eviction,
}

/// The operator's word to a session that it is over.
#[derive(Debug)]
pub(crate) struct Eviction {
    wake: EventFd,
    reason: OnceLock<(CloseReason, String)>,
}

/// Who enters the books.
#[derive(Debug)]
pub(crate) struct Entrant {
    /// Index of its lease.
    pub(crate) lease: usize,
    /// What it asks for.
    pub(crate) asks: Asks,
    /// The process, as it said.
    pub(crate) process: ProcessInfo,
    /// Who it is, as the transport says.
    pub(crate) peer: Peer,
    /// How long it stood in line.
    pub(crate) queued: Duration,
}

/// Whether there is room for one more session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is.
    Free,
    /// The server has all its sessions.
    ServerFull(String),
    /// The lease has.
    LeaseFull(String),
    /// Too few of its GPUs have room; these are they.
    GpusFull(String, BTreeSet<u32>),
}

/// What all sessions of a lease have done, those that ended included. It only grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    counters: HashMap<Counter, u64>,
    /// Time for which they have waited for GPUs.
    pub(crate) throttled_ns: u64,
    /// Time for which they stood in line.
    pub(crate) queued_ns: u64,
    /// How many have begun.
    pub(crate) sessions: u64,
}

/// A session that has ended, with its last counters.
#[derive(Clone, Debug)]
pub(crate) struct EndedSession {
    /// Its number.
    pub(crate) id: u64,
    /// Index of its lease.
    pub(crate) lease: usize,
    /// The process, as it said.
    pub(crate) process: ProcessInfo,
    /// Who it was.
    pub(crate) peer: Peer,
    /// How long it lasted.
    pub(crate) seconds: f64,
    /// Its counters at the end.
    pub(crate) counters: Vec<(Counter, u64)>,
}

/// A session's stay in the books.
#[derive(Debug)]
pub(crate) struct OpenSession {
    books: Arc<Books>,
    /// The session.
    pub(crate) entry: Arc<SessionEntry>,
    /// The meter's memory, for the worker.
    pub(crate) meter_memory: OwnedFd,
}

impl Books {
    /// Opens the books for these leases.
    #[cfg(test)]
    pub(crate) fn new(
        leases: &Leases,
        sessions_max: u32,
        sessions_per_gpu: u32,
    ) -> anyhow::Result<Self> {
        Self::resume(
            leases,
            (sessions_max, sessions_per_gpu),
            &mut BTreeMap::new(),
        )
    }

    /// Opens the books for these leases, with the ledgers that an earlier daemon has left, by lease.
    pub(crate) fn resume(
        leases: &Leases,
        (sessions_max, sessions_per_gpu): (u32, u32),
        kept: &mut BTreeMap<String, OwnedFd>,
    ) -> anyhow::Result<Self> {
        let leases = leases
            .iter()
            .map(|placed| LeaseBook::new(placed, sessions_max, kept.remove(&placed.lease.name)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            leases: Growing::new(leases),
            sessions_max,
            sessions_per_gpu,
            health: Health::default(),
            next_session: AtomicU64::new(1),
            open: Mutex::default(),
        })
    }

    /// The leases, in the order in which they came; those that were removed too.
    pub(crate) fn leases(&self) -> &Growing<LeaseBook> {
        &self.leases
    }

    /// Makes the book of a lease that comes later.
    pub(crate) fn prepare(&self, placed: &PlacedLease) -> anyhow::Result<LeaseBook> {
        LeaseBook::new(placed, self.sessions_max, None)
    }

    /// Adds a prepared book; its lease was added to the leases just before. One thread at a time adds.
    pub(crate) fn add(&self, book: LeaseBook) -> Option<usize> {
        self.leases.push(book).ok()
    }

    /// The lease of this name.
    pub(crate) fn lease_index(&self, name: &str) -> Option<usize> {
        self.leases
            .iter()
            .position(|book| book.placed.lease.name == name && !book.placed.lease.is_removed())
    }

    /// Enters a session, if its lease and the server have room for one more.
    /// `full` are GPUs that are kept for others.
    pub(crate) fn enter(
        self: &Arc<Self>,
        entrant: Entrant,
        full: &BTreeSet<u32>,
    ) -> Result<OpenSession, Refusal> {
        let cannot = |what: &str, error: std::io::Error| Refusal {
            cause: RefusalCause::WorkerFailed,
            message: format!("the server cannot make the session's {what}: {error}"),
        };
        let (meter, meter_memory) = Meter::create().map_err(|error| cannot("counters", error))?;
        let eviction = Eviction::new().map_err(|error| cannot("eventfd", error.into()))?;
        let mut open = self.lock();
        let slot = self.free_slot(&open, entrant.lease).map_err(no_room)?;
        let placed = &self.leases[entrant.lease].placed;
        let full: BTreeSet<u32> = self.full_gpus(&open).union(full).copied().collect();
        let grants = placed
            .grant_beside(&entrant.asks, &full)
            .map_err(|refusal| self.why_not(placed, refusal))?;
        let compute_max = placed.compute_max(&entrant.asks.request)?;
        let entry = Arc::new(SessionEntry {
            id: self.next_session.fetch_add(1, Ordering::Relaxed),
            lease: entrant.lease,
            slot,
            grants,
            compute_max,
            process: entrant.process,
            peer: entrant.peer,
            since: SystemTime::now(),
            meter,
            worker_pid: AtomicU64::new(0),
            queued: entrant.queued,
            throttled_ns: AtomicU64::new(0),
            eviction,
        });
        open.sessions.insert(entry.id, Arc::clone(&entry));
        let past = open.past.entry(entrant.lease).or_default();
        past.sessions += 1;
        past.queued_ns += nanoseconds(entrant.queued);
        Ok(OpenSession {
            books: Arc::clone(self),
            entry,
            meter_memory,
        })
    }

    /// What all sessions of a lease have done; `throttled_ns` tells what an open one has waited.
    pub(crate) fn sums(&self, lease: usize, throttled_ns: impl Fn(u64) -> u64) -> Sums {
        let open = self.lock();
        let mut sums = open.past.get(&lease).cloned().unwrap_or_default();
        for entry in open.sessions.values().filter(|entry| entry.lease == lease) {
            // It may have left the turns already.
            let kept = entry.throttled_ns.load(Ordering::Relaxed);
            sums.add(entry, throttled_ns(entry.id).max(kept));
        }
        sums
    }

    /// The open sessions, by number.
    pub(crate) fn sessions(&self) -> Vec<Arc<SessionEntry>> {
        self.lock().sessions.values().cloned().collect()
    }

    /// The sessions that ended last, the latest first.
    pub(crate) fn ended(&self) -> Vec<EndedSession> {
        self.lock().ended.iter().cloned().collect()
    }

    /// Whether there is room for what a lease's client asks for, beside GPUs that are kept for others.
    pub(crate) fn room(
        &self,
        lease: usize,
        asks: &Asks,
        kept: &BTreeSet<u32>,
    ) -> Result<Room, Refusal> {
        let open = self.lock();
        let placed = &self.leases[lease].placed;
        // What is refused whoever else there is, is refused now.
        placed.grant(&asks.request)?;
        if let Err(room) = self.free_slot(&open, lease) {
            return Ok(room);
        }
        let full: BTreeSet<u32> = self.full_gpus(&open).union(kept).copied().collect();
        match placed.grant_beside(asks, &full) {
            Ok(_) => Ok(Room::Free),
            Err(refusal) => {
                let gpus = placed.gpus.iter().flatten().map(|gpu| gpu.ordinal);
                let refusal = self.why_not(placed, refusal);
                Ok(Room::GpusFull(refusal.message, gpus.collect()))
            }
        }
    }

    /// A refusal, or that a GPU is ill, if that is why.
    fn why_not(&self, placed: &PlacedLease, refusal: Refusal) -> Refusal {
        let gpus = placed.gpus.iter().flatten().map(|gpu| gpu.ordinal);
        self.health.refusal(gpus).unwrap_or(refusal)
    }

    /// GPUs with as many sessions as they may have, or that take none.
    fn full_gpus(&self, open: &OpenBook) -> BTreeSet<u32> {
        let mut counts = BTreeMap::<u32, u32>::new();
        let grants = open.sessions.values().flat_map(|one| &one.grants);
        for grant in grants {
            *counts.entry(grant.physical).or_default() += 1;
        }
        counts.retain(|_, n| *n >= self.sessions_per_gpu);
        counts.into_keys().chain(self.health.closed()).collect()
    }

    fn free_slot(&self, open: &OpenBook, lease: usize) -> Result<LedgerSlot, Room> {
        let book = &self.leases[lease];
        let full = |who: &str, n: usize| {
            format!(
                "{who} has its {n} sessions already; end one, raise the limit, or wait (--wait 10m)"
            )
        };
        let n = open.sessions.len();
        if n >= self.sessions_max as usize {
            return Err(Room::ServerFull(full("the server", n)));
        }
        let taken: Vec<u32> = open
            .sessions
            .values()
            .filter(|s| s.lease == lease)
            .map(|s| s.slot.0)
            .collect();
        (0..book.slots as u32)
            .find(|slot| !taken.contains(slot))
            .map(LedgerSlot)
            .ok_or_else(|| {
                let name = format!("lease `{}`", book.placed.lease.name);
                Room::LeaseFull(full(&name, taken.len()))
            })
    }

    fn leave(&self, entry: &SessionEntry) {
        let mut open = self.lock();
        if let Some((ledger, _)) = &self.leases[entry.lease].ledger {
            ledger.release(entry.slot);
            if !open
                .sessions
                .values()
                .any(|s| s.lease == entry.lease && s.id != entry.id)
            {
                ledger.settle();
            }
        }
        open.sessions.remove(&entry.id);
        let throttled_ns = entry.throttled_ns.load(Ordering::Relaxed);
        let past = open.past.entry(entry.lease).or_default();
        past.add(entry, throttled_ns);
        open.ended.push_front(EndedSession {
            id: entry.id,
            lease: entry.lease,
            process: entry.process.clone(),
            peer: entry.peer.clone(),
            seconds: entry.since.elapsed().map_or(0.0, |age| age.as_secs_f64()),
            counters: entry.counters(),
        });
        open.ended.truncate(ENDED_MAX);
    }

    fn lock(&self) -> MutexGuard<'_, OpenBook> {
        // A panic while the books were open leaves them consistent: each step is one insertion.
        self.open
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl LeaseBook {
    fn new(placed: &PlacedLease, sessions_max: u32, kept: Option<OwnedFd>) -> anyhow::Result<Self> {
        let wanted = placed
            .lease
            .sessions_max
            .unwrap_or(sessions_max)
            .min(sessions_max);
        let slots = (wanted as usize).clamp(1, SLOTS_MAX);
        let kept = kept.and_then(|memory| Self::resume(placed, slots, memory));
        let goes_on = kept.is_some();
        let ledger = match &placed.gpus {
            Err(_) => None,
            Ok(_) if goes_on => kept,
            Ok(gpus) => {
                let limits: Vec<u64> = gpus.iter().map(|gpu| placed.memory_bytes(gpu)).collect();
                let made = Ledger::create(&limits, slots)
                    .with_context(|| format!("make the ledger of lease `{}`", placed.lease.name))?;
                Some(made)
            }
        };
        Ok(Self {
            placed: placed.clone(),
            ledger,
            slots,
            goes_on,
        })
    }

    /// Bytes in use and the quota on one of its virtual GPUs.
    pub(crate) fn usage(&self, line: usize) -> Option<crate::worker::ledger::Usage> {
        self.ledger.as_ref()?.0.usage(VirtualGpu(line as u32))
    }
}

impl SessionEntry {
    /// All counters now.
    pub(crate) fn counters(&self) -> Vec<(Counter, u64)> {
        Counter::ALL
            .iter()
            .map(|counter| (*counter, self.meter.read(*counter)))
            .collect()
    }
}

impl Sums {
    /// What they have of a counter that only grows.
    pub(crate) fn of(&self, counter: Counter) -> u64 {
        self.counters.get(&counter).copied().unwrap_or(0)
    }

    fn add(&mut self, entry: &SessionEntry, throttled_ns: u64) {
        for (counter, value) in entry.counters() {
            *self.counters.entry(counter).or_default() += value;
        }
        self.throttled_ns += throttled_ns;
    }
}

impl Eviction {
    fn new() -> nix::Result<Self> {
        Ok(Self {
            wake: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            reason: OnceLock::new(),
        })
    }

    /// Ends the session; the first reason stays.
    pub(crate) fn evict(&self, reason: &str) {
        self.evict_because(CloseReason::EVICTED, reason);
    }

    /// Ends the session with a reason that tells its client which error to give.
    pub(crate) fn evict_because(&self, close: CloseReason, reason: &str) {
        let _ = self.reason.set((close, reason.to_owned()));
        // Readable for good: nobody reads it. It is full only if it was written before.
        let _ = self.wake.write(1);
    }

    /// Why the session is to end, if it is.
    pub(crate) fn reason(&self) -> Option<(CloseReason, &str)> {
        let (close, reason) = self.reason.get()?;
        Some((*close, reason))
    }

    /// Readable once the session is to end.
    pub(crate) fn wake_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

/// The refusal of who does not wait.
pub(crate) fn no_room(room: Room) -> Refusal {
    let message = match room {
        Room::Free => "there was no room a moment ago; try again".to_owned(),
        Room::ServerFull(why) | Room::LeaseFull(why) | Room::GpusFull(why, _) => why,
    };
    Refusal {
        cause: RefusalCause::TooManySessions,
        message,
    }
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.books.leave(&self.entry);
    }
}

#[cfg(test)]
mod tests {
    use super::super::lease::Lease;
    use super::super::placement::{Inventory, PhysicalGpu};
    use super::*;

    fn books(sessions: u32) -> Arc<Books> {
        let gpu = PhysicalGpu {
            ordinal: 0,
            name: "soft".into(),
            memory_bytes: 1 << 30,
        };
        let config = toml::from_str(&format!("name='a'\ntoken='x'\nsessions={sessions}")).unwrap();
        let lease = Lease::from_config(&config).unwrap();
        let leases = Leases::new(vec![lease], &Inventory { gpus: vec![gpu] });
        Arc::new(Books::new(&leases, 8, u32::MAX).unwrap())
    }

    fn enter(books: &Arc<Books>) -> Result<OpenSession, Refusal> {
        let peer = Peer::Local { uid: 0, pid: 1 };
        let entrant = Entrant {
            lease: 0,
            asks: Asks::default(),
            process: ProcessInfo::default(),
            peer,
            queued: Duration::ZERO,
        };
        books.enter(entrant, &BTreeSet::new())
    }

    #[test]
    fn enter_more_than_the_lease_allows_is_refused() {
        let books = books(2);
        let one = enter(&books).unwrap();
        let _two = enter(&books).unwrap();
        assert_eq!(
            enter(&books).unwrap_err().cause,
            RefusalCause::TooManySessions
        );
        drop(one);
        assert!(enter(&books).is_ok());
    }

    #[test]
    fn leave_gives_back_what_a_dead_session_held() {
        let books = books(2);
        let (one, two) = (enter(&books).unwrap(), enter(&books).unwrap());
        let ledger = &books.leases()[0].ledger.as_ref().unwrap().0;
        ledger.charge(VirtualGpu(0), one.entry.slot, 100).unwrap();
        ledger.charge(VirtualGpu(0), two.entry.slot, 10).unwrap();
        drop(one);
        assert_eq!(books.leases()[0].usage(0).unwrap().used_bytes, 10);
    }

    #[test]
    fn sums_of_a_lease_only_grow_when_sessions_end() {
        let books = books(2);
        let (one, two) = (enter(&books).unwrap(), enter(&books).unwrap());
        one.entry.meter.add(Counter::Calls, 5);
        two.entry.meter.add(Counter::Calls, 7);
        one.entry.throttled_ns.store(30, Ordering::Relaxed);
        let waited = |_| 10;
        let before = books.sums(0, waited);
        assert_eq!((before.of(Counter::Calls), before.throttled_ns), (12, 40));
        drop(one);
        let after = books.sums(0, waited);
        assert_eq!((after.of(Counter::Calls), after.throttled_ns), (12, 40));
        assert_eq!(after.sessions, 2);
    }

    #[test]
    fn ended_sessions_are_kept_up_to_a_limit() {
        let books = books(2);
        for _ in 0..ENDED_MAX + 3 {
            drop(enter(&books).unwrap());
        }
        let ended = books.ended();
        assert_eq!(ended.len(), ENDED_MAX);
        assert_eq!(ended[0].id, (ENDED_MAX + 3) as u64);
        assert!(books.sessions().is_empty());
    }
}
