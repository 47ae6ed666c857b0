//! Who watches the calls of this process: the counters of `RIGEL_STATS`, the timeline of `RIGEL_TRACE`, the
//! server that asked for spans. A call costs one look at a word while nobody does. Read [`start`] first.

use std::sync::atomic::{AtomicU8, Ordering};

use rigel_protocol::ThreadId;
use rigel_protocol::generated::calls::Call;

use crate::stats::STATS;
use crate::trace;

/// Somebody wants counters.
pub(crate) const COUNTERS: u8 = 1;
/// Somebody wants a timeline.
pub(crate) const TIMELINE: u8 = 2;

/// Who watches.
static WATCHED: AtomicU8 = AtomicU8::new(0);

/// How a call ends for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is in the ring.
    Post,
    /// It was answered.
    Wait,
}

/// A call whose record is in the ring.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Which.
    pub(crate) call: Call,
    /// Whose.
    pub(crate) thread: ThreadId,
    /// Where.
    pub(crate) position: u64,
    /// When it began.
    pub(crate) started_ns: u64,
    /// When its record was there.
    pub(crate) sent_ns: u64,
    /// Bytes that were sent beside it.
    pub(crate) bytes: u64,
}

/// Somebody watches from now on.
pub(crate) fn watch(who: u8) {
    WATCHED.fetch_or(who, Ordering::Relaxed);
}

/// Somebody does not watch any more.
pub(crate) fn leave(who: u8) {
    WATCHED.fetch_and(!who, Ordering::Relaxed);
}

/// Whether anybody watches.
#[inline]
pub(crate) fn is_watched() -> bool {
    WATCHED.load(Ordering::Relaxed) != 0
}

/// The start of a call, if anybody wants to know.
#[inline]
pub(crate) fn start() -> Option<u64> {
    is_watched().then(now_ns)
}

/// The end of a call.
#[cold]
pub(crate) fn end(seen: &Seen, kind: Kind) {
    let now = now_ns();
    let watched = WATCHED.load(Ordering::Relaxed);
    if trace::is_own(seen.call) {
        return;
    }
    if watched & COUNTERS != 0 {
        STATS.count(now.saturating_sub(seen.started_ns), kind, seen.call);
    }
    if watched & TIMELINE != 0 {
        trace::note(seen, kind, now);
    }
}

/// The monotonic clock, in nanoseconds.
#[cold]
pub(crate) fn now_ns() -> u64 {
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    nix::time::clock_gettime(clock).map_or(0, |time| {
        (time.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(time.tv_nsec() as u64)
    })
}
