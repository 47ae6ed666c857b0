//! Way for the word that a host function has returned, when the ring is full of calls that wait for it.
//! Read [`Way`] first.
//!
//! 1. The worker takes calls out of its ring early while a stream waits for a host function, up to a limit.
//!    Then the ring fills up, and whoever posts a call waits.
//! 2. The word must not wait there. While it does, nobody else writes calls, and the worker is asked to
//!    take out those that are in the ring, which are then few.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a poster sleeps before it looks whether the worker lives.
const LOOK: Duration = Duration::from_millis(100);

/// Whether calls give way.
#[derive(Debug, Default)]
pub(crate) struct Way {
    wanted: AtomicBool,
    turn: Mutex<()>,
    free: Condvar,
}

/// Holds calls back; dropped, they go on.
#[derive(Debug)]
pub(crate) struct HoldsBack<'a>(&'a Way);

impl Way {
    /// Whether calls give way now.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Holds back whoever begins to post a call from now on. One thread at a time calls host functions.
    pub(crate) fn hold_back(&self) -> HoldsBack<'_> {
        self.wanted.store(true, Ordering::Relaxed);
        HoldsBack(self)
    }

    /// Gives way: for no longer than until `deadline`, and while the worker is `alive`.
    pub(crate) fn give(&self, deadline: Instant, alive: impl Fn() -> bool) {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while self.is_wanted() && Instant::now() < deadline && alive() {
            let waited = self.free.wait_timeout(turn, LOOK);
            (turn, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for HoldsBack<'_> {
    fn drop(&mut self) {
        let turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.wanted.store(false, Ordering::Relaxed);
        drop(turn);
        self.0.free.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_wait_while_they_are_held_back_and_go_on() {
        let way = Way::default();
        let held = way.hold_back();
        assert!(way.is_wanted());
        way.give(Instant::now(), || true);
        way.give(Instant::now() + Duration::from_secs(60), || false);
        std::thread::scope(|scope| {
            let poster =
                scope.spawn(|| way.give(Instant::now() + Duration::from_secs(60), || true));
            drop(held);
            poster.join().unwrap();
        });
        assert!(!way.is_wanted());
    }
}
