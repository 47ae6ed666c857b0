//! What sessions let the other sessions of their lease open: memory, events, pools, by tokens drawn at
//! random. It opens none of it. Read [`Exports`] first.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::lease::random_bytes;
use crate::worker::control::{DaemonToWorker, Export, WorkerToDaemon};

/// Most of them in a lease, and those of them that come with a descriptor.
const EXPORTS_MAX: usize = 1 << 16;
const DESCRIPTORS_MAX: usize = 16_384;

/// Longest name a driver has for what it shares.
const NAME_BYTES_MAX: usize = 64;

/// A lease in the books, and a session of it.
pub(crate) type Place = (usize, u64);

/// All that is shared, by lease and token.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    leases: Mutex<HashMap<usize, HashMap<u64, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    session: u64,
    export: Export,
    descriptor: Option<OwnedFd>,
}

impl Exports {
    /// What a worker has to say of this, and what it is answered.
    pub(crate) fn hear(
        &self,
        place: Place,
        message: WorkerToDaemon,
        files: Vec<OwnedFd>,
    ) -> Option<(DaemonToWorker, Option<OwnedFd>)> {
        match message {
            WorkerToDaemon::Export { question, export } => {
                let token = self.add(place, export, files.into_iter().next());
                Some((DaemonToWorker::Exported { question, token }, None))
            }
            WorkerToDaemon::Import { question, token } => {
                let (export, file) = self.find(place.0, token).unzip();
                let answer = DaemonToWorker::Imported { question, export };
                Some((answer, file.flatten()))
            }
            WorkerToDaemon::Withdraw { token } => {
                self.remove(place, token);
                None
            }
            _ => None,
        }
    }

    /// Enters something of a session's and gives its token; none if the lease has too much of it.
    fn add(
        &self,
        (lease, session): Place,
        export: Export,
        descriptor: Option<OwnedFd>,
    ) -> Option<u64> {
        let mut leases = self.lock();
        let entries = leases.entry(lease).or_default();
        let n_descriptors = match descriptor {
            Some(_) => entries
                .values()
                .filter(|one| one.descriptor.is_some())
                .count(),
            None => 0,
        };
        if entries.len() >= EXPORTS_MAX
            || n_descriptors >= DESCRIPTORS_MAX
            || export.data.len() > NAME_BYTES_MAX
        {
            return None;
        }
        let token = u64::from_le_bytes(random_bytes().ok()?);
        if entries.contains_key(&token) {
            return None;
        }
        let entry = Entry {
            session,
            export,
            descriptor,
        };
        entries.insert(token, entry);
        Some(token)
    }

    /// What a token stands for in a lease, with a descriptor of its own.
    fn find(&self, lease: usize, token: u64) -> Option<(Export, Option<OwnedFd>)> {
        let leases = self.lock();
        let entry = leases.get(&lease)?.get(&token)?;
        let descriptor = match &entry.descriptor {
            Some(descriptor) => Some(descriptor.try_clone().ok()?),
            None => None,
        };
        Some((entry.export.clone(), descriptor))
    }

    /// Forgets something of a session's.
    fn remove(&self, (lease, session): Place, token: u64) {
        let mut leases = self.lock();
        let Some(entries) = leases.get_mut(&lease) else {
            return;
        };
        if entries
            .get(&token)
            .is_some_and(|entry| entry.session == session)
        {
            entries.remove(&token);
        }
    }

    /// Forgets all of a session that ends.
    pub(crate) fn end(&self, (lease, session): Place) {
        let mut leases = self.lock();
        let Some(entries) = leases.get_mut(&lease) else {
            return;
        };
        entries.retain(|_, entry| entry.session != session);
        if entries.is_empty() {
            leases.remove(&lease);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<usize, HashMap<u64, Entry>>> {
        // Every change is a single step: a panic elsewhere leaves the map whole.
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::control::ExportKind;

    fn export() -> Export {
        Export {
            kind: ExportKind::Memory,
            data: vec![7; 64],
            bytes: 4096,
            physical: 0,
        }
    }

    #[test]
    fn token_of_another_lease_stands_for_nothing() {
        let exports = Exports::default();
        let token = exports.add((1, 10), export(), None).unwrap();
        assert!(exports.find(1, token).is_some());
        assert!(exports.find(2, token).is_none());
        assert!(exports.find(1, token ^ 1).is_none());
    }

    #[test]
    fn session_withdraws_its_own_only() {
        let exports = Exports::default();
        let token = exports.add((1, 10), export(), None).unwrap();
        exports.remove((1, 11), token);
        exports.end((1, 11));
        assert!(exports.find(1, token).is_some());
        exports.end((1, 10));
        assert!(exports.find(1, token).is_none());
    }

    #[test]
    fn descriptors_of_a_lease_have_a_limit() {
        let exports = Exports::default();
        let file = tempfile::tempfile().unwrap();
        for _ in 0..3 {
            let descriptor = file.try_clone().unwrap().into();
            assert!(exports.add((1, 10), export(), Some(descriptor)).is_some());
        }
        let long = Export {
            data: vec![0; NAME_BYTES_MAX + 1],
            ..export()
        };
        assert!(exports.add((1, 10), long, None).is_none());
        for _ in 0..EXPORTS_MAX - 3 {
            assert!(exports.add((1, 10), export(), None).is_some());
        }
        assert!(exports.add((1, 10), export(), None).is_none());
        assert!(exports.add((2, 10), export(), None).is_some());
    }
}
