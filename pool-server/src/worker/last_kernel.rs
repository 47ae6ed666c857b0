//! Which kernel a session launched last, for people who ask why it is slow. A launch costs one store; the
//! name is looked up where the session's counters are read. Read [`LastKernel`] first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::handle::Function;

use super::meter::Meter;

/// Most names that are kept; functions beyond them have none.
const NAMES_MAX: usize = 1 << 14;

/// The last launch, and the names of functions by the driver's handles.
#[derive(Debug, Default)]
pub(super) struct LastKernel {
    launched: AtomicU64,
    shown: AtomicU64,
    names: Mutex<HashMap<u64, Box<str>>>,
}

impl LastKernel {
    /// A function is launched.
    #[inline]
    pub(super) fn launched(&self, function: Function) {
        self.launched.store(function.0, Ordering::Relaxed);
    }

    /// A function's name is known.
    pub(super) fn name(&self, function: Function, name: &str) {
        let mut names = self.lock();
        if names.len() < NAMES_MAX || names.contains_key(&function.0) {
            names.insert(function.0, name.into());
        }
    }

    /// Two handles are of one function.
    pub(super) fn same(&self, known: Function, other: Function) {
        let name = self.lock().get(&known.0).cloned();
        if let Some(name) = name {
            self.name(other, &name);
        }
    }

    /// A function's name, if it is known.
    pub(super) fn name_of(&self, function: Function) -> Option<Box<str>> {
        self.lock().get(&function.0).cloned()
    }

    /// Tells the daemon, if it is another one than before.
    pub(super) fn show(&self, meter: &Meter) {
        let launched = self.launched.load(Ordering::Relaxed);
        if self.shown.swap(launched, Ordering::Relaxed) != launched {
            let names = self.lock();
            meter.show_kernel(names.get(&launched).map_or("", |name| name));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Box<str>>> {
        // Every change is a single step.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_launch_is_shown_by_its_name() {
        let meter = Meter::create().unwrap().0;
        let last = LastKernel::default();
        last.name(Function(1), "gemm");
        last.same(Function(1), Function(2));
        last.launched(Function(2));
        last.show(&meter);
        assert_eq!(meter.last_kernel(), "gemm");
        last.launched(Function(3));
        last.show(&meter);
        assert_eq!(meter.last_kernel(), "", "it has no name here");
    }
}
