//! Host functions in stream order: the stream waits here while the client's function runs. It keeps
//! no function: those are the client's. Read [`Callbacks`] first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a waiting stream looks whether the session is still open.
const LOOK: Duration = Duration::from_millis(100);

/// The calls of host functions that have not returned.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    next: AtomicU64,
    /// False until the client says that it has returned.
    returned: Mutex<BTreeMap<u64, bool>>,
    changed: Condvar,
}

impl Callbacks {
    /// Begins a call and returns its number.
    pub(super) fn begin(&self) -> u64 {
        let ticket = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().insert(ticket, false);
        self.changed.notify_all();
        ticket
    }

    /// Waits until the client's function has returned, or the session is over.
    pub(super) fn wait(&self, ticket: u64, is_open: impl Fn() -> bool) {
        let mut returned = self.lock();
        while is_open() && returned.get(&ticket) == Some(&false) {
            let waited = self.changed.wait_timeout(returned, LOOK);
            (returned, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        returned.remove(&ticket);
    }

    /// The client says that a function has returned. A number of nothing is ignored.
    pub(super) fn finish(&self, ticket: u64) {
        if let Some(returned) = self.lock().get_mut(&ticket) {
            *returned = true;
        }
        self.changed.notify_all();
    }

    /// Waits until a stream waits for a client's function, or the session is over.
    pub(super) fn wait_for_any(&self, is_open: impl Fn() -> bool) {
        let mut returned = self.lock();
        while is_open() && returned.is_empty() {
            let waited = self.changed.wait_timeout(returned, LOOK);
            (returned, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, bool>> {
        // Every change is a single step: a panic elsewhere leaves the map whole.
        self.returned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn wait_ends_when_the_client_has_returned() {
        let callbacks = Callbacks::default();
        let (one, two) = (callbacks.begin(), callbacks.begin());
        assert_ne!(one, two);
        callbacks.finish(77);
        callbacks.finish(two);
        callbacks.wait(two, || true);
        assert!(!callbacks.lock().is_empty());
        std::thread::scope(|scope| {
            scope.spawn(|| callbacks.wait(one, || true));
            callbacks.finish(one);
        });
        assert!(callbacks.lock().is_empty());
    }

    #[test]
    fn wait_ends_with_the_session() {
        let callbacks = Callbacks::default();
        let open = AtomicBool::new(true);
        let ticket = callbacks.begin();
        std::thread::scope(|scope| {
            scope.spawn(|| callbacks.wait(ticket, || open.load(Ordering::Relaxed)));
            open.store(false, Ordering::Relaxed);
        });
        assert!(callbacks.lock().is_empty());
    }
}
