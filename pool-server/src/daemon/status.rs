//! The state of the server as one JSON document, for `rigel status` and whoever reads it with a
//! program. Its fields are described in `docs/operations.md`; they are only added to.

use rigel_share::LeaseId;
use serde::Serialize;

use super::alerts::Alert;
use super::audit::Auditor;
use super::books::{Books, EndedSession, LeaseBook, SessionEntry};
use super::health::GpuHealth;
use super::peer::Peer;
use super::placement::Inventory;
use super::turns::Turns;
use crate::worker::ledger::VirtualGpu;
use crate::worker::meter::Counter;

/// The document.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    version: &'static str,
    driver: DriverStatus,
    /// Names of what is wrong now.
    alerts: Vec<&'static str>,
    pub(crate) gpus: Vec<GpuStatus>,
    leases: Vec<LeaseStatus>,
    /// Open sessions by number, then ended ones, the latest first.
    sessions: Vec<SessionStatus>,
}

/// The driver behind the workers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DriverStatus {
    /// Name, for people.
    pub(crate) name: String,
    /// What `cuDriverGetVersion` reports.
    pub(crate) version: i32,
    /// Whether it runs kernels on the CPU.
    pub(crate) soft: bool,
}

impl Status {
    /// What the holder of one lease sees: its lease and sessions; the GPUs without others' use.
    pub(crate) fn only(mut self, lease: Option<&str>) -> Self {
        let Some(name) = lease else {
            return self;
        };
        self.leases.retain(|lease| lease.name == name);
        self.sessions.retain(|session| session.lease == name);
        let (leases, sessions) = (&self.leases, &self.sessions);
        self.gpus.retain_mut(|gpu| {
            let mut lines = leases.iter().flat_map(|lease| &lease.gpus);
            let Some(line) = lines.find(|line| line.physical == gpu.ordinal) else {
                return false;
            };
            gpu.memory_bytes = line.memory_limit_bytes;
            gpu.memory_used_bytes = line.memory_used_bytes;
            gpu.sessions = sessions
                .iter()
                .filter(|s| s.gpus.contains(&gpu.ordinal))
                .count();
            true
        });
        self
    }
}

/// A physical GPU.
#[derive(Debug, Serialize)]
pub(crate) struct GpuStatus {
    ordinal: u32,
    name: String,
    memory_bytes: u64,
    /// Charged to leases on it now.
    memory_used_bytes: u64,
    sessions: usize,
    health: GpuHealth,
}

#[derive(Debug, Serialize)]
struct LeaseStatus {
    name: String,
    /// Its maximum, as before guarantees.
    compute_percent: u8,
    compute_min_percent: u8,
    compute_max_percent: u8,
    priority: &'static str,
    /// Weight in the queue.
    weight: u32,
    /// `active`, `paused` or `ended`.
    state: &'static str,
    sessions: usize,
    /// Why its clients are refused, if they are.
    refused: Option<String>,
    gpus: Vec<VirtualGpuStatus>,
}

#[derive(Debug, Serialize)]
struct VirtualGpuStatus {
    physical: u32,
    memory_limit_bytes: u64,
    memory_used_bytes: u64,
    memory_peak_bytes: u64,
    /// It holds more than its quota, which was lowered: it can allocate nothing until it has freed enough.
    memory_over_quota: bool,
    allocations_denied: u64,
    /// Time for which it held the GPU or kept it busy; it only grows.
    gpu_seconds: f64,
    /// Time in which it wanted the GPU and its maximum kept it from running.
    capped_seconds: f64,
}

#[derive(Debug, Serialize)]
struct SessionStatus {
    id: u64,
    lease: String,
    ended: bool,
    seconds: f64,
    pid: u32,
    process: String,
    host: String,
    link: &'static str,
    /// Who the transport says it is: a user id on this host.
    uid: Option<u32>,
    worker_pid: Option<u64>,
    /// Physical GPUs in the session's order.
    gpus: Vec<u32>,
    memory_bytes: Vec<u64>,
    memory_quota_bytes: Vec<u64>,
    /// Time for which it has waited for its GPUs.
    throttled_seconds: f64,
    /// Time for which it stood in line before it began.
    queued_seconds: f64,
    /// The kernel it launched last, as of its last synchronising call.
    last_kernel: String,
    path: PathStatus,
    /// Counters of the driver that executed the session; absent where it has none.
    driver: Option<serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Serialize)]
struct PathStatus {
    calls: u64,
    waiting_calls: u64,
    bytes_up: u64,
    bytes_down: u64,
    launches: u64,
    copies: u64,
    posted_errors: u64,
}

/// Everything as it is now.
pub(crate) fn status(
    (books, turns, auditor): (&Books, &Turns, &Auditor),
    inventory: &Inventory,
    driver: &DriverStatus,
) -> Status {
    let open = books.sessions();
    let mut sessions: Vec<_> = open
        .iter()
        .map(|entry| open_session(books, turns, entry))
        .collect();
    sessions.extend(
        books
            .ended()
            .iter()
            .map(|ended| ended_session(books, ended)),
    );
    Status {
        version: env!("CARGO_PKG_VERSION"),
        driver: driver.clone(),
        alerts: Alert::ALL
            .into_iter()
            .filter(|alert| auditor.alerts.is_on(*alert))
            .map(Alert::name)
            .collect(),
        gpus: gpus(books, inventory, &open),
        leases: books
            .leases()
            .iter()
            .enumerate()
            .filter(|(_, book)| !book.placed.lease.is_removed())
            .map(|(i, book)| lease((i, book), turns, auditor, &open))
            .collect(),
        sessions,
    }
}

fn gpus(
    books: &Books,
    inventory: &Inventory,
    open: &[std::sync::Arc<SessionEntry>],
) -> Vec<GpuStatus> {
    let used = |ordinal: u32| -> u64 {
        let lines = |book: &LeaseBook| -> u64 {
            let gpus = book.placed.gpus.as_deref().unwrap_or(&[]);
            let on = gpus
                .iter()
                .enumerate()
                .filter(|(_, gpu)| gpu.ordinal == ordinal);
            on.filter_map(|(line, _)| book.usage(line))
                .map(|usage| usage.used_bytes)
                .sum()
        };
        books.leases().iter().map(lines).sum()
    };
    let gpus = inventory.gpus.iter().map(|gpu| GpuStatus {
        ordinal: gpu.ordinal,
        name: gpu.name.clone(),
        memory_bytes: gpu.memory_bytes,
        memory_used_bytes: used(gpu.ordinal),
        health: books.health.of(gpu.ordinal),
        sessions: open
            .iter()
            .filter(|entry| {
                entry
                    .grants
                    .iter()
                    .any(|grant| grant.physical == gpu.ordinal)
            })
            .count(),
    });
    gpus.collect()
}

fn lease(
    (index, book): (usize, &LeaseBook),
    turns: &Turns,
    auditor: &Auditor,
    open: &[std::sync::Arc<SessionEntry>],
) -> LeaseStatus {
    let gpus = book.placed.gpus.as_deref().unwrap_or(&[]);
    let lines = gpus.iter().enumerate().filter_map(|(line, gpu)| {
        let usage = book.usage(line)?;
        let time = turns.used(LeaseId(index as u32), gpu.ordinal);
        Some(VirtualGpuStatus {
            physical: gpu.ordinal,
            memory_limit_bytes: usage.limit_bytes,
            memory_used_bytes: usage.used_bytes,
            memory_peak_bytes: usage.peak_bytes,
            memory_over_quota: usage.used_bytes > usage.limit_bytes,
            allocations_denied: usage.denied_count,
            gpu_seconds: seconds(auditor.gpu_ns(&book.placed.lease.name, gpu.ordinal, time.gpu_ns)),
            capped_seconds: seconds(time.capped_ns),
        })
    });
    let terms = book.placed.lease.terms();
    LeaseStatus {
        name: book.placed.lease.name.clone(),
        compute_percent: terms.compute.max,
        compute_min_percent: terms.compute.min,
        compute_max_percent: terms.compute.max,
        priority: terms.priority.name(),
        weight: terms.weight,
        state: terms.state.name(),
        sessions: open.iter().filter(|entry| entry.lease == index).count(),
        refused: book
            .placed
            .gpus
            .as_ref()
            .err()
            .map(|refusal| refusal.message.clone()),
        gpus: lines.collect(),
    }
}

fn open_session(books: &Books, turns: &Turns, entry: &SessionEntry) -> SessionStatus {
    let book = &books.leases()[entry.lease];
    let held = |line: u32| match &book.ledger {
        Some((ledger, _)) => ledger.held_bytes(VirtualGpu(line), entry.slot),
        None => 0,
    };
    let counters = entry.counters();
    SessionStatus {
        id: entry.id,
        lease: book.placed.lease.name.clone(),
        ended: false,
        seconds: entry.since.elapsed().map_or(0.0, |age| age.as_secs_f64()),
        pid: entry.process.pid,
        process: entry.process.name.clone(),
        host: entry.process.host.clone(),
        link: link(&entry.peer),
        uid: uid(&entry.peer),
        worker_pid: Some(entry.worker_pid.load(std::sync::atomic::Ordering::Relaxed)),
        gpus: entry.grants.iter().map(|grant| grant.physical).collect(),
        memory_bytes: entry.grants.iter().map(|grant| held(grant.line)).collect(),
        memory_quota_bytes: entry.grants.iter().map(|grant| grant.quota_bytes).collect(),
        throttled_seconds: seconds(turns.waited(entry.id).throttled_ns),
        queued_seconds: entry.queued.as_secs_f64(),
        last_kernel: entry.meter.last_kernel(),
        path: path(&counters),
        driver: driver_counters(&counters),
    }
}

fn ended_session(books: &Books, ended: &EndedSession) -> SessionStatus {
    SessionStatus {
        id: ended.id,
        lease: books.leases()[ended.lease].placed.lease.name.clone(),
        ended: true,
        seconds: ended.seconds,
        pid: ended.process.pid,
        process: ended.process.name.clone(),
        host: ended.process.host.clone(),
        link: link(&ended.peer),
        uid: uid(&ended.peer),
        worker_pid: None,
        gpus: Vec::new(),
        memory_bytes: Vec::new(),
        memory_quota_bytes: Vec::new(),
        throttled_seconds: 0.0,
        queued_seconds: 0.0,
        last_kernel: String::new(),
        path: path(&ended.counters),
        driver: driver_counters(&ended.counters),
    }
}

/// To a microsecond: more would only be noise.
fn seconds(ns: u64) -> f64 {
    (ns / 1000) as f64 / 1e6
}

fn link(peer: &Peer) -> &'static str {
    match peer {
        Peer::Local { .. } => "shm",
        Peer::Remote { .. } => "quic",
    }
}

fn uid(peer: &Peer) -> Option<u32> {
    match peer {
        Peer::Local { uid, .. } => Some(*uid),
        Peer::Remote { .. } => None,
    }
}

fn value(counters: &[(Counter, u64)], wanted: Counter) -> u64 {
    counters
        .iter()
        .find(|(counter, _)| *counter == wanted)
        .map_or(0, |(_, value)| *value)
}

fn path(counters: &[(Counter, u64)]) -> PathStatus {
    PathStatus {
        calls: value(counters, Counter::Calls),
        waiting_calls: value(counters, Counter::WaitingCalls),
        bytes_up: value(counters, Counter::BytesUp),
        bytes_down: value(counters, Counter::BytesDown),
        launches: value(counters, Counter::Launches),
        copies: value(counters, Counter::Copies),
        posted_errors: value(counters, Counter::PostedErrors),
    }
}

/// The counters whose names begin with `driver_`, without that.
fn driver_counters(
    counters: &[(Counter, u64)],
) -> Option<serde_json::Map<String, serde_json::Value>> {
    if value(counters, Counter::HasDriverCounters) == 0 {
        return None;
    }
    let named = counters.iter().filter_map(|(counter, value)| {
        let name = counter.name().strip_prefix("driver_")?;
        Some((name.to_owned(), serde_json::Value::from(*value)))
    });
    Some(named.collect())
}
