//! A lane: a stream as the engine sees it, and the group of lanes (a context) within which legacy
//! and blocking streams wait for each other. Read [`Lane`].

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::op::Health;

/// How a stream stands to the legacy default stream of its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaneKind {
    /// The legacy default stream: waits for all blocking streams, and they for it.
    Legacy,
    /// A stream that waits for the legacy stream, and it for the stream.
    Blocking,
    /// A stream that nobody waits for unasked.
    NonBlocking,
}

/// What the lanes of one context share.
#[derive(Debug)]
pub(crate) struct Group {
    /// Number of the context, unique in the process.
    pub(crate) id: u64,
    /// Ordinal of its device.
    pub(crate) device: usize,
    /// Whether the context still works.
    pub(crate) health: Health,
}

/// One stream. The counters are written by the engine under its lock and read by anybody.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Its place in the engine's schedule.
    pub(super) slot: u32,
    /// Its context.
    pub(crate) group: Arc<Group>,
    /// How it stands to the legacy stream.
    pub(crate) kind: LaneKind,
    issued: AtomicU64,
    done: AtomicU64,
    /// Somebody sleeps until it advances.
    pub(super) watched: AtomicBool,
}

impl Lane {
    pub(super) fn new(slot: u32, group: Arc<Group>, kind: LaneKind) -> Self {
        Self {
            slot,
            group,
            kind,
            issued: AtomicU64::new(0),
            done: AtomicU64::new(0),
            watched: AtomicBool::new(false),
        }
    }

    /// Place of the latest operation; places count from 1.
    pub(crate) fn issued(&self) -> u64 {
        self.issued.load(Ordering::SeqCst)
    }

    /// Whether everything up to this place is done.
    pub(crate) fn has_reached(&self, position: u64) -> bool {
        self.done.load(Ordering::SeqCst) >= position
    }

    /// Whether everything issued so far is done.
    pub(crate) fn is_idle(&self) -> bool {
        self.has_reached(self.issued())
    }

    pub(super) fn issue(&self) -> u64 {
        self.issued.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) fn reach(&self, position: u64) {
        self.done.store(position, Ordering::SeqCst);
    }
}
