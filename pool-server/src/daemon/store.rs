//! Where what is left lies while a daemon lives: here, for one that is started in its place, and with the
//! service manager, which keeps it over a crash. What it is, is [`super::estate`]'s. Read [`Store`] first.
//!
//! 1. A parcel is with the manager before anybody relies on it, and is taken back when its session ends.
//! 2. Whoever changes what a parcel stands for holds [`Store::busy`]; the daemon is replaced while nobody
//!    does, so that no message is read and not acted on.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::estate::{EstateError, Left, seal, seal_one};
use super::{inherited, notify};

/// The parcels of a daemon, by name.
#[derive(Debug, Default)]
pub(crate) struct Store {
    parcels: Mutex<BTreeMap<String, OwnedFd>>,
    gate: RwLock<()>,
}

impl Store {
    /// With what an earlier daemon has left: the manager has it already.
    pub(crate) fn with(parcels: BTreeMap<String, OwnedFd>) -> Self {
        Self {
            parcels: Mutex::new(parcels),
            gate: RwLock::default(),
        }
    }

    /// Keeps something from now on, unless it is kept under this name already.
    pub(crate) fn keep_once(
        &self,
        name: &str,
        left: &Left,
        descriptor: &impl AsFd,
    ) -> Result<(), EstateError> {
        let mut parcels = self.lock();
        if parcels.contains_key(name) {
            return Ok(());
        }
        let parcel = seal_one(left, descriptor)?;
        notify::store(name, parcel.as_fd());
        parcels.insert(name.to_owned(), parcel);
        Ok(())
    }

    /// Keeps something from now on.
    pub(crate) fn keep(
        &self,
        name: String,
        left: &Left,
        descriptors: &[std::os::fd::BorrowedFd<'_>],
    ) -> Result<(), EstateError> {
        let parcel = seal(left, descriptors)?;
        notify::store(&name, parcel.as_fd());
        self.lock().insert(name, parcel);
        Ok(())
    }

    /// Keeps it no longer.
    pub(crate) fn remove(&self, name: &str) {
        if self.lock().remove(name).is_some() {
            notify::tell(&format!("FDSTOREREMOVE=1\nFDNAME={name}"));
        }
    }

    /// Held by whoever does something by halves; never twice by one thread, and not while it sleeps for want
    /// of something to do.
    pub(crate) fn busy(&self) -> RwLockReadGuard<'_, ()> {
        // It guards nothing: a panic elsewhere breaks nothing.
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody does anything by halves; nobody begins to while this is held.
    pub(crate) fn quiet(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves everything open for a program that this process becomes, and gives what it must be told.
    pub(crate) fn leave_open(&self) -> String {
        let left: Vec<(String, RawFd)> = self
            .lock()
            .iter()
            .filter(|(_, parcel)| inherited::leave_open(parcel.as_fd()).is_ok())
            .map(|(name, parcel)| (name.clone(), parcel.as_raw_fd()))
            .collect();
        inherited::announce(std::process::id(), &left)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, OwnedFd>> {
        // Each change is one step.
        self.parcels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_announced_until_it_is_removed() {
        let store = Store::default();
        let file = tempfile::tempfile().unwrap();
        store.keep_once("turns", &Left::Turns, &file).unwrap();
        store.keep_once("turns", &Left::Turns, &file).unwrap();
        let left = Left::Ledger("team".into());
        store
            .keep("session-1".into(), &left, &[file.as_fd()])
            .unwrap();
        let said = store.leave_open();
        assert_eq!(said.matches('=').count(), 2, "{said}");
        assert!(
            said.contains("turns=") && said.contains("session-1="),
            "{said}"
        );
        store.remove("session-1");
        store.remove("session-1");
        assert!(!store.leave_open().contains("session-1"));
    }
}
