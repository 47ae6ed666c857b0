//! Notes of when this process made which calls. Read [`note`] first.
//!
//! 1. `RIGEL_TRACE` names a folder: notes go to a file there that is mapped, so that whatever ends the
//!    process loses none of them. `rigel trace` makes a timeline of it.
//! 2. A server may ask for notes of a part of the calls ([`told`]): they are sent to it as calls of their
//!    own, when enough have gathered or somebody has waited anyway.
//! 3. Both have a limit; what is beyond is counted and not noted.
//! 4. Nothing here waits but at the end of a call that has waited itself: a thread of the program that
//!    runs a host function must not wait for a worker that waits for it.

mod log;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Context;
use rigel_protocol::trace::{RATE_ALL_PPM, TraceEvent, TraceKind, TraceWords, is_sampled};
use rigel_protocol::wire::Put;
use rigel_protocol::{CuResult, Cx, ThreadId};
use rigel_transport::{Patience, RecordHead};

use crate::logging;
use crate::observe::{self, Kind, Seen, now_ns};
use crate::remote::Remote;
use crate::session::Session;

/// Notes that are sent together.
const BATCH: usize = 64;
/// Most notes that wait to be sent.
const BATCH_MAX: usize = 4096;
/// Questions after the worker's clock, of which the one answered fastest counts.
const CLOCK_LOOKS: u32 = 8;
/// Looks at a lock that is held for a moment at a time.
const LOCK_TRIES: u32 = 1000;
/// How long the first word of a trace may wait for room in an empty ring.
const ROOM_WITHIN: Duration = Duration::from_secs(10);

/// The worker's clock is unknown, is being asked for, is known.
const UNKNOWN: u8 = 0;
const ASKED: u8 = 1;
const KNOWN: u8 = 2;

/// What the environment asks for.
#[derive(Clone, Debug)]
pub(crate) struct TraceSettings {
    /// `RIGEL_TRACE`: the folder.
    pub(crate) folder: PathBuf,
    /// `RIGEL_TRACE_EVENTS`: most events of a process, on each side.
    pub(crate) events_max: u64,
}

/// How many calls of a million the server wants to know of.
static TOLD_PPM: AtomicU32 = AtomicU32::new(0);
/// Whether the worker's clock is known.
static CLOCK: AtomicU8 = AtomicU8::new(UNKNOWN);
/// What the worker's clock shows beyond ours.
static OFFSET_NS: AtomicI64 = AtomicI64::new(0);
/// What is to be sent to the server.
static BATCHED: Mutex<Vec<TraceWords>> = Mutex::new(Vec::new());

/// Begins the file of a session that has just been opened, before its first call.
pub(crate) fn start(settings: &TraceSettings, session: &Session) {
    let understands = session.welcome.call_id_max >= Call::TRACE_EVENTS.0;
    if let Err(error) = log::open(settings, session, understands) {
        let folder = settings.folder.display();
        logging::tell(&format!("no timeline in {folder}: {error}"));
        return;
    }
    if understands {
        let mut put = Put::new();
        put.put(&settings.events_max);
        let head = RecordHead {
            op: Call::TRACE_START.0,
            ..RecordHead::default()
        };
        let patience = Patience::within(ROOM_WITHIN);
        // A ring that is closed shows itself to the first call.
        let _ = session.command.send(head, &[put.as_slice()], &patience);
    }
    observe::watch(observe::TIMELINE);
}

/// The server wants to know of a part of the calls, or of none any more.
pub(crate) fn told(rate_ppm: u32) {
    TOLD_PPM.store(rate_ppm.min(RATE_ALL_PPM), Ordering::Relaxed);
    if rate_ppm > 0 {
        observe::watch(observe::TIMELINE);
    } else if !log::is_open() {
        observe::leave(observe::TIMELINE);
    }
}

/// Calls that exist for the notes' sake are not noted.
pub(crate) fn is_own(call: Call) -> bool {
    matches!(
        call,
        Call::TRACE_START | Call::TRACE_CLOCK | Call::TRACE_EVENTS
    )
}

/// A call is over.
pub(crate) fn note(seen: &Seen, kind: Kind, end_ns: u64) {
    let words = event(seen, kind, end_ns).words();
    log::add(&words);
    let rate = TOLD_PPM.load(Ordering::Relaxed);
    if is_sampled(seen.position, rate)
        && let Some(mut batched) = batched()
        && batched.len() < BATCH_MAX
    {
        batched.push(words);
    }
    match kind {
        Kind::Wait => {
            learn_clock(seen.thread);
            send(seen.thread, 1);
        }
        Kind::Post => send(seen.thread, BATCH),
    }
}

/// The process ends: sends what is left.
pub(crate) fn finish() {
    send(ThreadId(0), 1);
}

/// The file is its parent's: this process is a forked child.
pub(crate) fn forget() {
    observe::leave(observe::TIMELINE | observe::COUNTERS);
    TOLD_PPM.store(0, Ordering::Relaxed);
    CLOCK.store(UNKNOWN, Ordering::Relaxed);
    OFFSET_NS.store(0, Ordering::Relaxed);
    log::forget();
}

fn event(seen: &Seen, kind: Kind, end_ns: u64) -> TraceEvent {
    TraceEvent {
        kind: match kind {
            Kind::Post => TraceKind::Posted,
            Kind::Wait => TraceKind::Waited,
        },
        call: seen.call,
        thread: seen.thread.0,
        position: seen.position,
        start_ns: seen.started_ns,
        end_ns: end_ns.max(seen.started_ns),
        stream: seen.sent_ns,
        bytes: seen.bytes,
        name: 0,
        place: nix::unistd::gettid().as_raw() as u32,
    }
}

/// Brings the clocks together, once.
fn learn_clock(thread: ThreadId) {
    let first = CLOCK.compare_exchange(UNKNOWN, ASKED, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_err() {
        return;
    }
    let looks = (0..CLOCK_LOOKS).map_while(|_| look_at_clock(thread).ok());
    let Some((round_trip, offset)) = looks.min_by_key(|(round_trip, _)| *round_trip) else {
        return;
    };
    // On one host there is one clock: what differs by less than can be told does not differ.
    let offset = match offset.unsigned_abs() <= round_trip / 2 + 1 {
        true => 0,
        false => offset,
    };
    OFFSET_NS.store(offset, Ordering::Relaxed);
    log::set_clock_offset(offset);
    CLOCK.store(KNOWN, Ordering::Relaxed);
}

/// How long an answer took, and what the worker's clock shows beyond ours.
fn look_at_clock(thread: ThreadId) -> CuResult<(u64, i64)> {
    let remote = Remote::new();
    let request = remote.request(nobody(thread), Call::TRACE_CLOCK)?;
    let before = now_ns();
    let mut reply = remote.wait(request)?;
    let round_trip = now_ns().saturating_sub(before);
    let theirs: u64 = reply.take()?;
    let middle = before.wrapping_add(round_trip / 2);
    Ok((round_trip, theirs.wrapping_sub(middle) as i64))
}

/// Sends what has gathered, if it is so much.
fn send(thread: ThreadId, at_least: usize) {
    if CLOCK.load(Ordering::Relaxed) != KNOWN {
        return;
    }
    let ready = {
        match batched() {
            Some(mut batched) if batched.len() >= at_least => std::mem::take(&mut *batched),
            _ => return,
        }
    };
    let remote = Remote::new();
    for part in ready.chunks(BATCH) {
        let Ok(mut request) = remote.request(nobody(thread), Call::TRACE_EVENTS) else {
            return;
        };
        request.put(&(OFFSET_NS.load(Ordering::Relaxed) as u64));
        request.put(&(part.len() as u32));
        for word in part.iter().flatten() {
            request.put(word);
        }
        // A session that is lost has told its callers.
        if remote.post(request).is_err() {
            return;
        }
    }
}

/// What is to be sent; `None` if that cannot be had soon, as in a child that was forked while it was held.
fn batched() -> Option<MutexGuard<'static, Vec<TraceWords>>> {
    for _ in 0..LOCK_TRIES {
        match BATCHED.try_lock() {
            Ok(batched) => return Some(batched),
            Err(TryLockError::Poisoned(batched)) => return Some(batched.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

fn nobody(thread: ThreadId) -> Cx {
    Cx {
        context: Context::NONE,
        thread,
    }
}
