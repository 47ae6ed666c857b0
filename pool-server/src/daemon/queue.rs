//! The line of clients that wait for room: who is next is decided here, and nothing else. Read [`Line`]
//! first; [`verdict`] is the decision, a pure function.
//!
//! 1. In line goes first whose lease has had the least GPU time for its weight, lately (half of it is
//!    forgotten every [`HALF_LIFE`]); in a lease, who came first.
//! 2. A client that wants several GPUs gets all or none. While it is before others, GPUs it may have are
//!    not given to those behind it: they come together for it.
//! 3. Who does not wait does not push in: it enters only if all who wait would leave it the room.
//! 4. Each client waits on its own thread; whoever makes room wakes all of them. They look again every
//!    [`LOOK`] in any case: a lease may have been changed.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{Hello, Refusal, RefusalCause, ServerMessage};
use rigel_protocol::visible::VisibleDevices;
use rigel_share::LeaseId;
use serde_json::{Value, json};

use super::books::{Books, Entrant, OpenSession, Room, no_room};
use super::lease::Asks;
use super::link::{ClientLink, FromClient};
use super::peer::Peer;
use super::server::Server;
use super::session::{self, Session};
use super::turns::Turns;

/// Most clients in line.
const WAITING_MAX: usize = 1024;
/// Longest wait.
const WAIT_MAX: Duration = Duration::from_secs(30 * 86_400);
/// How often who waits looks again.
const LOOK: Duration = Duration::from_secs(1);
/// After so long half of what a lease has used is forgotten.
const HALF_LIFE: Duration = Duration::from_secs(600);
/// What an admission counts beside GPU time, in seconds: leases that use none take turns.
const ADMISSION_SECONDS: f64 = 1.0;

/// Who waits. Shared by the threads of their connections.
#[derive(Debug, Default)]
pub(crate) struct Line {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By ticket: the order of arrival.
    waiting: BTreeMap<u64, Waiter>,
    next_ticket: u64,
    used: BTreeMap<usize, Used>,
}

#[derive(Debug)]
struct Waiter {
    lease: usize,
    asks: Asks,
    since: Instant,
    process: String,
    wake: Arc<EventFd>,
}

/// What a lease has used lately, in seconds.
#[derive(Clone, Copy, Debug)]
struct Used {
    seconds: f64,
    gpu_ns: u64,
    at: Instant,
}

/// A place in line.
#[derive(Debug)]
struct Place {
    /// 1 is next.
    position: u32,
    waiting: u32,
    /// What there is no room in.
    reason: String,
}

/// What is decided for one who asks.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// He enters, and leaves these GPUs to others.
    Enter(BTreeSet<u32>),
    /// He waits, for this reason.
    Wait(String),
}

/// Waits in line, telling the client its place, until the session is open or the time is over.
pub(crate) fn open(
    server: &Arc<Server>,
    (hello, visible): (&Hello, &VisibleDevices),
    wait: Duration,
    peer: &Peer,
    client: &mut ClientLink,
) -> Result<Session, Refusal> {
    let entrant = session::introduce(server, hello, visible, peer)?;
    let began = Instant::now();
    let deadline = began + wait.min(WAIT_MAX);
    let ticket = server.line.join(&entrant, began)?;
    let mut told = None;
    loop {
        let attempt = server
            .line
            .attempt(&server.books, &server.turns, &ticket, &entrant)?;
        let Place {
            position,
            waiting,
            reason,
        } = match attempt {
            Ok(stay) => {
                drop(ticket);
                return session::begin(server, stay, hello);
            }
            Err(place) => place,
        };
        if Instant::now() >= deadline {
            return Err(Refusal {
                cause: RefusalCause::WaitedInVain,
                message: format!("no room came in {:.0} s: {reason}", wait.as_secs_f64()),
            });
        }
        if told != Some((position, waiting)) {
            told = Some((position, waiting));
            let message = ServerMessage::Queued {
                position,
                waiting,
                reason,
            };
            client.send(&message, &[]).map_err(|_| gone())?;
        }
        sleep(server, client, &ticket, deadline)?;
    }
}

fn gone() -> Refusal {
    Refusal {
        cause: RefusalCause::ShuttingDown,
        message: "the client in line is gone".into(),
    }
}

/// Sleeps until there may be room, the client leaves, or the server stops.
fn sleep(
    server: &Server,
    client: &mut ClientLink,
    ticket: &Ticket<'_>,
    deadline: Instant,
) -> Result<(), Refusal> {
    let left = deadline.saturating_duration_since(Instant::now());
    let timeout = PollTimeout::try_from(left.min(LOOK)).unwrap_or(PollTimeout::MAX);
    {
        let mut wanted: Vec<BorrowedFd<'_>> = client.descriptors();
        wanted.extend([ticket.wake.as_fd(), server.stop_fd()]);
        let mut fds: Vec<PollFd<'_>> = wanted
            .into_iter()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        // An interrupted or failed wait is a reason to look again.
        let _ = poll(&mut fds, timeout);
    }
    let _ = ticket.wake.read();
    if server.is_stopping() {
        return Err(Refusal {
            cause: RefusalCause::ShuttingDown,
            message: "the pool server is stopping".into(),
        });
    }
    server.admits_sessions()?;
    match client.receive() {
        FromClient::Nothing => Ok(()),
        FromClient::Said(_) => Err(Refusal {
            cause: RefusalCause::Protocol,
            message: "a client in line has nothing to say".into(),
        }),
        _ => Err(gone()),
    }
}

/// A place in line; dropped, it is given up.
struct Ticket<'a> {
    line: &'a Line,
    number: u64,
    wake: Arc<EventFd>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.line.lock().waiting.remove(&self.number);
        self.line.wake();
    }
}

impl Line {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// There may be room.
    pub(crate) fn wake(&self) {
        for waiter in self.lock().waiting.values() {
            // Full, it is readable already.
            let _ = waiter.wake.write(1);
        }
    }

    /// Enters at once, or is refused.
    pub(crate) fn enter(
        &self,
        books: &Arc<Books>,
        turns: &Turns,
        entrant: Entrant,
    ) -> Result<OpenSession, Refusal> {
        let mut inner = self.lock();
        inner.count(books, turns, Instant::now());
        let order = inner.order(books);
        let waiting = order.iter().map(|ticket| inner.waiting[ticket].wants());
        let asks = (entrant.lease, &entrant.asks);
        match verdict(waiting, asks, |who, kept| books.room(who.0, who.1, kept))? {
            Verdict::Wait(reason) => Err(no_room(Room::LeaseFull(reason))),
            Verdict::Enter(kept) => {
                let lease = entrant.lease;
                let stay = books.enter(entrant, &kept)?;
                inner.admitted(lease);
                Ok(stay)
            }
        }
    }

    /// The line, for people: of everybody, or of one lease.
    pub(crate) fn shown(&self, books: &Books, turns: &Turns, only: Option<&str>) -> Value {
        let mut inner = self.lock();
        let now = Instant::now();
        inner.count(books, turns, now);
        let order = inner.order(books);
        let rows: Vec<Value> = order
            .iter()
            .enumerate()
            .filter_map(|(place, ticket)| {
                let waiter = &inner.waiting[ticket];
                let lease = &books.leases()[waiter.lease].placed.lease;
                let room = books.room(waiter.lease, &waiter.asks, &BTreeSet::new());
                let reason =
                    room.map_or_else(|refusal| refusal.message, |room| no_room(room).message);
                only.is_none_or(|only| only == lease.name).then(|| {
                    json!({
                        "position": place + 1,
                        "lease": lease.name,
                        "process": waiter.process,
                        "gpus": waiter.asks.gpus(),
                        "seconds": now.saturating_duration_since(waiter.since).as_secs_f64(),
                        "weight": lease.terms().weight,
                        "used_seconds_lately": inner.used(waiter.lease),
                        "reason": reason,
                    })
                })
            })
            .collect();
        json!({ "waiting": rows })
    }

    fn join(&self, entrant: &Entrant, now: Instant) -> Result<Ticket<'_>, Refusal> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let wake = EventFd::from_flags(flags).map_err(|error| Refusal {
            cause: RefusalCause::TooManySessions,
            message: format!("the server cannot let one more wait: {error}"),
        })?;
        let wake = Arc::new(wake);
        let mut inner = self.lock();
        if inner.waiting.len() >= WAITING_MAX {
            return Err(Refusal {
                cause: RefusalCause::TooManySessions,
                message: format!("{WAITING_MAX} clients wait in line already"),
            });
        }
        let number = inner.next_ticket;
        inner.next_ticket += 1;
        let waiter = Waiter {
            lease: entrant.lease,
            asks: entrant.asks.clone(),
            since: now,
            process: entrant.process.name.clone(),
            wake: Arc::clone(&wake),
        };
        inner.waiting.insert(number, waiter);
        Ok(Ticket {
            line: self,
            number,
            wake,
        })
    }

    /// Enters if it is its turn; else its place, and why it waits.
    fn attempt(
        &self,
        books: &Arc<Books>,
        turns: &Turns,
        ticket: &Ticket<'_>,
        entrant: &Entrant,
    ) -> Result<Result<OpenSession, Place>, Refusal> {
        let mut inner = self.lock();
        inner.count(books, turns, Instant::now());
        let order = inner.order(books);
        let before = order.iter().take_while(|one| **one != ticket.number);
        let place = before.clone().count();
        let ahead = before.map(|one| inner.waiting[one].wants());
        let asks = (entrant.lease, &entrant.asks);
        match verdict(ahead, asks, |who, kept| books.room(who.0, who.1, kept))? {
            Verdict::Wait(reason) => Ok(Err(Place {
                position: place as u32 + 1,
                waiting: order.len() as u32,
                reason,
            })),
            Verdict::Enter(kept) => {
                let since = inner.waiting.get(&ticket.number).map(|waiter| waiter.since);
                let queued = since.map_or(Duration::ZERO, |since| since.elapsed());
                let entrant = Entrant {
                    lease: entrant.lease,
                    asks: entrant.asks.clone(),
                    process: entrant.process.clone(),
                    peer: entrant.peer.clone(),
                    queued,
                };
                let lease = entrant.lease;
                let stay = books.enter(entrant, &kept)?;
                inner.admitted(lease);
                Ok(Ok(stay))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is a single step: a panic elsewhere leaves the line whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who asks: a lease, and what for.
type Wants<'a> = (usize, &'a Asks);

/// Whether one may enter behind those who are before him. What is refused for good is an error of his own.
fn verdict<'a>(
    before: impl Iterator<Item = Wants<'a>>,
    asks: Wants<'a>,
    room: impl Fn(Wants<'a>, &BTreeSet<u32>) -> Result<Room, Refusal>,
) -> Result<Verdict, Refusal> {
    let mut kept = BTreeSet::new();
    let mut others_first = None;
    let mut leases = BTreeSet::new();
    for one in before {
        match room(one, &kept) {
            // Its own thread will tell it.
            Err(_) => {}
            Ok(Room::Free) => others_first = Some("others in line are admitted first".to_owned()),
            Ok(Room::ServerFull(why)) => others_first = Some(why),
            Ok(Room::LeaseFull(_)) => drop(leases.insert(one.0)),
            Ok(Room::GpusFull(_, gpus)) => kept.extend(gpus),
        }
    }
    let own = room(asks, &kept)?;
    Ok(match (own, others_first) {
        (Room::Free, Some(why)) => Verdict::Wait(why),
        (Room::Free, None) if leases.contains(&asks.0) => {
            Verdict::Wait("others of its lease in line are admitted first".into())
        }
        (Room::Free, None) => Verdict::Enter(kept),
        (full, _) => Verdict::Wait(no_room(full).message),
    })
}

impl Waiter {
    fn wants(&self) -> Wants<'_> {
        (self.lease, &self.asks)
    }
}

impl Inner {
    /// Takes what leases have used since the last count, and forgets what is long ago.
    fn count(&mut self, books: &Books, turns: &Turns, now: Instant) {
        for (lease, book) in books.leases().iter().enumerate() {
            let gpus = book.placed.gpus.iter().flatten();
            let gpu_ns = gpus
                .map(|gpu| turns.used(LeaseId(lease as u32), gpu.ordinal).gpu_ns)
                .sum();
            let used = self.used.entry(lease).or_insert(Used {
                seconds: 0.0,
                gpu_ns,
                at: now,
            });
            used.pass(gpu_ns, now);
        }
    }

    fn admitted(&mut self, lease: usize) {
        if let Some(used) = self.used.get_mut(&lease) {
            used.seconds += ADMISSION_SECONDS;
        }
    }

    fn used(&self, lease: usize) -> f64 {
        self.used.get(&lease).map_or(0.0, |used| used.seconds)
    }

    /// Tickets, the next one first.
    fn order(&self, books: &Books) -> Vec<u64> {
        let rank = |lease: usize| {
            let weight = books.leases()[lease].placed.lease.terms().weight;
            self.used(lease) / f64::from(weight.max(1))
        };
        let mut order: Vec<(f64, u64)> = self
            .waiting
            .iter()
            .map(|(ticket, waiter)| (rank(waiter.lease), *ticket))
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.into_iter().map(|(_, ticket)| ticket).collect()
    }
}

impl Used {
    fn pass(&mut self, gpu_ns: u64, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        self.seconds *= 0.5_f64.powf(passed.as_secs_f64() / HALF_LIFE.as_secs_f64());
        self.seconds += gpu_ns.saturating_sub(self.gpu_ns) as f64 / 1e9;
        self.gpu_ns = gpu_ns;
        self.at = now;
    }
}

#[cfg(test)]
mod tests;
