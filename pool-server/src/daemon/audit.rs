//! The auditor: looks at the books every second, writes the usage ledger, and closes the books when they
//! can no longer be kept. Read [`Auditor`] first.
//!
//! 1. Time is passed in ([`Moment`]); only [`Auditor::run`] looks at clocks. Spans are of the monotonic
//!    clock, which nobody sets; the wall clock only dates lines.
//! 2. While the books are closed nobody gets more than a guarantee: turns are kept to it, and leases
//!    without one admit nobody. What runs is not ended.
//! 3. What is wrong is an alert for as long as it lasts; nothing needs a restart to recover.

use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{Refusal, RefusalCause};
use rigel_share::LeaseId;

use super::alerts::{Alert, Alerts};
use super::books::{Books, Sums};
use super::lease::PlacedLease;
use super::turns::Turns;
use super::usage::{UsageLedger, UsageLine};
use crate::worker::meter::Counter;

/// How often the books are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// For how many intervals lines may be late before the books are closed.
const LATE_MAX: u32 = 10;
/// By how much the wall clock may leave the monotonic one between two looks.
const DRIFT_MAX: Duration = Duration::from_secs(2);

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Monotonic.
    pub(crate) at: Instant,
    /// Of the day.
    pub(crate) wall: SystemTime,
}

/// Keeps the usage ledger and the alerts. Owned by the server; one thread of it looks.
#[derive(Debug)]
pub(crate) struct Auditor {
    /// What is wrong now.
    pub(crate) alerts: Alerts,
    interval: Duration,
    /// GPU time of before this server's start, by lease and ordinal, in nanoseconds.
    base: BTreeMap<(String, u32), u64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    ledger: Option<UsageLedger>,
    looked: Moment,
    /// When lines were last tried, and last written.
    tried: Instant,
    written: Instant,
    closed: bool,
    /// By lease, what was in its last line.
    marks: BTreeMap<usize, Mark>,
}

/// What a lease's last line went up to.
#[derive(Clone, Debug, Default)]
struct Mark {
    gpu_ns: u64,
    sums: Sums,
    denied: u64,
    /// Since then.
    byte_seconds: f64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        Self {
            at: Instant::now(),
            wall: SystemTime::now(),
        }
    }
}

impl Auditor {
    /// With the usage ledger of a folder, if it can be opened. `names` are the leases' names and GPUs.
    pub(crate) fn new(
        folder: &Path,
        bytes_max: u64,
        interval: Duration,
        books: &Books,
        now: Moment,
    ) -> Self {
        let alerts = Alerts::default();
        let ledger = UsageLedger::open(folder, bytes_max)
            .inspect_err(|error| {
                let folder = folder.display();
                tracing::warn!(%folder, %error, "no usage is recorded: the ledger cannot be opened");
                alerts.set(Alert::UsageLedger, true);
            })
            .ok();
        let mut base = BTreeMap::new();
        for placed in books.leases().iter().map(|book| &book.placed) {
            for gpu in placed.gpus.as_deref().unwrap_or(&[]) {
                let name = &placed.lease.name;
                let before = ledger.as_ref().map_or(0, |it| it.gpu_ns(name, gpu.ordinal));
                base.insert((name.clone(), gpu.ordinal), before);
            }
        }
        Self {
            alerts,
            interval,
            base,
            state: Mutex::new(State {
                ledger,
                looked: now,
                tried: now.at,
                written: now.at,
                closed: false,
                marks: BTreeMap::new(),
            }),
        }
    }

    /// What sessions have used that an earlier daemon has left stands in its lines.
    pub(crate) fn begin(&self, books: &Books, turns: &Turns) {
        let mut state = self.lock();
        for index in 0..books.leases().len() {
            let (_, mark) = self.line(books, turns, index, &Mark::default());
            state.marks.insert(index, mark);
        }
    }

    /// Looks until the descriptor is readable, and then writes the last lines.
    pub(crate) fn run(&self, books: &Books, turns: &Turns, stop: BorrowedFd<'_>) {
        let pause = PollTimeout::try_from(LOOK.min(self.interval)).unwrap_or(PollTimeout::MAX);
        loop {
            let mut fds = [PollFd::new(stop, PollFlags::POLLIN)];
            let stopping = matches!(poll(&mut fds, pause), Ok(n) if n > 0);
            self.look(books, turns, Moment::now());
            if stopping {
                return;
            }
        }
    }

    /// Writes what has been used until now, at the server's end.
    pub(crate) fn close(&self, books: &Books, turns: &Turns) {
        let mut state = self.lock();
        self.write(&mut state, books, turns, Moment::now());
    }

    /// Looks at everything once.
    pub(crate) fn look(&self, books: &Books, turns: &Turns, now: Moment) {
        let mut state = self.lock();
        let passed = now.at.saturating_duration_since(state.looked.at);
        self.look_at_clock(state.looked, now);
        state.looked = now;
        let mut damaged = false;
        for (index, book) in books.leases().iter().enumerate() {
            let Some((ledger, _)) = &book.ledger else {
                continue;
            };
            damaged |= ledger.mend();
            let lines = 0..ledger.gpus();
            let held: u64 = lines
                .filter_map(|line| Some(book.usage(line)?.used_bytes))
                .sum();
            let mark = state.marks.entry(index).or_default();
            mark.byte_seconds += held as f64 * passed.as_secs_f64();
        }
        self.alerts.set(Alert::MemoryLedger, damaged);
        self.alerts.set(Alert::WorkerSilent, turns.overdue() > 0);
        if now.at.saturating_duration_since(state.tried) >= self.interval {
            self.write(&mut state, books, turns, now);
        }
        let late = now.at.saturating_duration_since(state.written) > self.interval * LATE_MAX;
        self.alerts
            .set(Alert::BooksClosed, late && state.ledger.is_some());
        let closed = damaged || late && state.ledger.is_some();
        if std::mem::replace(&mut state.closed, closed) != closed {
            turns.set_strict(closed);
        }
    }

    /// Whether a session of this lease may begin although the books are closed.
    pub(crate) fn admits(&self, placed: &PlacedLease) -> Result<(), Refusal> {
        if !self.lock().closed || placed.lease.terms().compute.min > 0 {
            return Ok(());
        }
        Err(Refusal {
            cause: RefusalCause::BooksClosed,
            message: "the server cannot keep its books at the moment (see its log): it admits only leases \
                      with a guarantee"
                .into(),
        })
    }

    /// GPU time of a lease since its ledger began, given that of this server.
    pub(crate) fn gpu_ns(&self, lease: &str, ordinal: u32, of_this_server: u64) -> u64 {
        let before = self.base.get(&(lease.to_owned(), ordinal));
        of_this_server.saturating_add(before.copied().unwrap_or(0))
    }

    /// What leases have used since then, by name, up to now.
    pub(crate) fn since(
        &self,
        books: &Books,
        turns: &Turns,
        unix: u64,
    ) -> std::io::Result<Vec<UsageLine>> {
        let mut state = self.lock();
        self.write(&mut state, books, turns, Moment::now());
        let Some(ledger) = &state.ledger else {
            return Err(std::io::Error::other(
                "this server records no usage; see its log",
            ));
        };
        Ok(ledger.since(unix)?.into_values().collect())
    }

    fn look_at_clock(&self, before: Moment, now: Moment) {
        let passed = now.at.saturating_duration_since(before.at);
        let expected = before.wall + passed;
        let drift = match now.wall.duration_since(expected) {
            Ok(ahead) => ahead,
            Err(behind) => behind.duration(),
        };
        if drift > DRIFT_MAX {
            tracing::warn!(?drift, "the host's clock was set");
        }
        self.alerts.set(Alert::Clock, drift > DRIFT_MAX);
    }

    fn write(&self, state: &mut State, books: &Books, turns: &Turns, now: Moment) {
        let seconds = now
            .at
            .saturating_duration_since(state.written)
            .as_secs_f64();
        state.tried = now.at;
        let time = now.wall.duration_since(UNIX_EPOCH);
        let time = time.map_or(0, |since| since.as_secs());
        let (mut lines, mut marks) = (Vec::new(), Vec::new());
        for index in 0..books.leases().len() {
            let before = state.marks.get(&index).cloned().unwrap_or_default();
            let (mut line, mark) = self.line(books, turns, index, &before);
            line.time = time;
            line.seconds = seconds;
            if line.is_worth_while() {
                lines.push(line);
                marks.push((index, mark));
            }
        }
        let State {
            ledger: Some(ledger),
            ..
        } = state
        else {
            return;
        };
        let written = match lines.is_empty() {
            true => Ok(()),
            false => ledger.append(lines),
        };
        if let Err(error) = &written {
            tracing::warn!(%error, "usage could not be recorded; the next lines will hold it");
        }
        self.alerts.set(Alert::UsageLedger, written.is_err());
        if written.is_ok() {
            state.written = now.at;
            state.marks.extend(marks);
        }
    }

    fn line(&self, books: &Books, turns: &Turns, index: usize, before: &Mark) -> (UsageLine, Mark) {
        let placed = &books.leases()[index].placed;
        let name = &placed.lease.name;
        let sums = books.sums(index, |session| turns.waited(session).throttled_ns);
        let gpus = placed.gpus.as_deref().unwrap_or(&[]);
        let used = |ordinal| turns.used(LeaseId(index as u32), ordinal).gpu_ns;
        let gpu_ns: u64 = gpus.iter().map(|gpu| used(gpu.ordinal)).sum();
        let totals = gpus.iter().map(|gpu| {
            (
                gpu.ordinal,
                self.gpu_ns(name, gpu.ordinal, used(gpu.ordinal)),
            )
        });
        let denied = DENIED.iter().map(|counter| sums.of(*counter)).sum::<u64>();
        let more = |counter| sums.of(counter).saturating_sub(before.sums.of(counter));
        let seconds = |now: u64, before: u64| now.saturating_sub(before) as f64 / 1e9;
        let line = UsageLine {
            lease: name.clone(),
            gpu_seconds: seconds(gpu_ns, before.gpu_ns),
            gpu_ns_total: totals.collect(),
            memory_byte_seconds: before.byte_seconds,
            sessions: sums.sessions.saturating_sub(before.sums.sessions),
            launches: more(Counter::Launches),
            calls: more(Counter::Calls),
            bytes_up: more(Counter::BytesUp),
            bytes_down: more(Counter::BytesDown),
            throttled_seconds: seconds(sums.throttled_ns, before.sums.throttled_ns),
            queued_seconds: seconds(sums.queued_ns, before.sums.queued_ns),
            allocations_denied: denied.saturating_sub(before.denied),
            ..UsageLine::default()
        };
        let mark = Mark {
            gpu_ns,
            sums,
            denied,
            byte_seconds: 0.0,
        };
        (line, mark)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is a single step: a panic elsewhere leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refused allocations, by reason.
pub(crate) const DENIED: [Counter; 3] = [
    Counter::DeniedByLease,
    Counter::DeniedBySession,
    Counter::DeniedByDriver,
];

#[cfg(test)]
mod tests;
