//! How a daemon takes over what an earlier one has left. What that is, is `estate`'s; a single session,
//! `session::left`'s. Read [`Estate`] first.
//!
//! 1. First what is left is looked through, before anything of it is used ([`Estate::gather`]): what is not
//!    understood is ended, and its worker gone, before a byte of its quota is free.
//! 2. The pages that workers hold are taken before the books and the turns are made.
//! 3. Then the sessions go on, before a new client is heard ([`go_on`]).

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rigel_transport::peer::PidFd;

use super::estate::{EstateError, Left, Parcel, SessionParts, SessionRecord, look_into, only};
use super::link::ClientLink;
use super::notify;
use super::openers::digest;
use super::server::Server;
use super::session::{Session, resume};
use super::store::Store;

/// Longest time a killed worker takes to be gone.
const DIES_WITHIN: Duration = Duration::from_secs(5);
/// The name of the parcel with the scheduler's bell.
const TURNS: &str = "turns";

/// What an earlier daemon has left.
#[derive(Debug, Default)]
pub(crate) struct Estate {
    /// The scheduler's bell.
    pub(crate) bell: Option<OwnedFd>,
    /// Ledgers, by lease.
    pub(crate) ledgers: BTreeMap<String, OwnedFd>,
    sessions: BTreeMap<u64, (SessionRecord, SessionParts<OwnedFd>)>,
    /// Parcels of sessions that have ended.
    ended: Vec<String>,
    /// The parcels of all these.
    parcels: BTreeMap<String, OwnedFd>,
}

impl Estate {
    /// Looks through it.
    pub(crate) fn gather(inherited: Vec<(String, OwnedFd)>) -> Self {
        let mut estate = Self::default();
        for (name, parcel) in inherited {
            let taken = look_into(parcel.as_fd()).and_then(|opened| estate.take(opened));
            match taken {
                Ok(name) => {
                    estate.parcels.entry(name).or_insert(parcel);
                }
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::warn!(
                        name,
                        "what an earlier server has left is of no use: {error:#}"
                    );
                    notify::tell(&format!("FDSTOREREMOVE=1\nFDNAME={name}"));
                }
            }
        }
        estate
    }

    /// The users of workers that run.
    pub(crate) fn worker_users(&self) -> Vec<u32> {
        let sessions = self.sessions.values();
        sessions
            .filter_map(|(record, _)| record.worker.uid)
            .collect()
    }

    /// Where all of it lies, for the daemon after this one.
    pub(crate) fn store(&mut self) -> Store {
        Store::with(std::mem::take(&mut self.parcels))
    }

    /// Sorts what a parcel held; the name that it has.
    fn take(&mut self, parcel: Parcel) -> Result<String, EstateError> {
        let Parcel { left, descriptors } = parcel;
        match left {
            Ok(Left::Turns) => {
                self.bell = Some(only(descriptors)?);
                Ok(TURNS.to_owned())
            }
            Ok(Left::Ledger(lease)) => {
                let name = ledger_name(&lease);
                self.ledgers.insert(lease, only(descriptors)?);
                Ok(name)
            }
            Ok(Left::Session(record)) => {
                let id = record.id;
                let parts = SessionParts::from_parcel(descriptors)?;
                self.sessions.entry(id).or_insert((*record, parts));
                Ok(SessionRecord::parcel_name(id))
            }
            Ok(Left::Ending(id)) => {
                end_worker(descriptors);
                self.ended.push(SessionRecord::parcel_name(id));
                Ok(SessionRecord::parcel_name(id))
            }
            Err(error) => {
                end_worker(descriptors);
                Err(error)
            }
        }
    }
}

impl Server {
    /// Leaves the pages that a worker of this lease holds to the daemon after this one.
    pub(crate) fn keep_pages(&self, lease: usize) -> anyhow::Result<()> {
        let book = &self.books.leases()[lease];
        let (_, ledger) = book.ledger.as_ref().context("the lease has no ledger")?;
        let name = &book.placed.lease.name;
        let left = Left::Ledger(name.clone());
        self.store
            .keep_once(TURNS, &Left::Turns, &self.turns.bell_memory())?;
        Ok(self.store.keep_once(&ledger_name(name), &left, ledger)?)
    }
}

/// Lets the sessions go on; how many there are.
pub(crate) fn go_on(server: &Arc<Server>, estate: Estate) -> usize {
    for name in &estate.ended {
        server.store.remove(name);
    }
    let mut resumed = Vec::new();
    for (id, (record, parts)) in estate.sessions {
        match resume(server, record, parts) {
            Some(session) => resumed.push(session),
            None => server.store.remove(&SessionRecord::parcel_name(id)),
        }
    }
    server.books.settle_after_takeover();
    let count = resumed.len();
    for (session, client) in resumed {
        serve(server, session, client);
    }
    count
}

fn serve(server: &Arc<Server>, session: Session, client: ClientLink) {
    let served = Arc::clone(server);
    let begun = server.spawn_thread(move || session.go_on(&served, client));
    if let Err(error) = begun {
        tracing::error!("no thread for a session that was left, which ends: {error}");
    }
}

/// FDNAME allows no colon and no control character.
fn ledger_name(lease: &str) -> String {
    format!(
        "ledger-{}",
        rigel_protocol::pool::to_hex(&digest(lease)[..8])
    )
}

/// Ends the worker of a session of which nothing else is known.
fn end_worker(descriptors: Vec<OwnedFd>) {
    if let Some(worker) = descriptors.into_iter().next().map(PidFd::from) {
        // A descriptor of another kind takes no signal.
        if worker.signal(libc::SIGKILL).is_ok() {
            worker.wait(Instant::now() + DIES_WITHIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::super::estate::{seal, seal_one, tests::record};
    use super::*;

    fn file() -> OwnedFd {
        tempfile::tempfile().unwrap().into()
    }

    #[test]
    fn estate_is_sorted_whatever_the_order_and_names() {
        let session = Left::Session(Box::new(record()));
        let file = file();
        let parcels = [
            seal(&session, &[file.as_fd(); 8]).unwrap(),
            seal_one(&Left::Ledger("team:\n".into()), &file).unwrap(),
            seal_one(&Left::Turns, &file).unwrap(),
            seal(&session, &[file.as_fd(); 8]).unwrap(),
            // Not a parcel, and one without its descriptor.
            file.try_clone().unwrap(),
            seal(&Left::Turns, &[]).unwrap(),
        ];
        let inherited = parcels.map(|parcel| ("unknown".to_owned(), parcel));
        let estate = Estate::gather(inherited.into());
        assert!(estate.bell.is_some());
        assert_eq!(estate.ledgers.len(), 1);
        assert_eq!(estate.sessions.len(), 1);
        assert_eq!(estate.worker_users(), [1_900_000_000]);
        let names: Vec<_> = estate.parcels.keys().collect();
        assert_eq!(names.len(), 3);
        assert!(
            names.iter().all(|name| !name.contains([':', '\n'])),
            "{names:?}"
        );
    }

    #[test]
    fn worker_of_a_session_that_is_not_understood_is_ended() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let worker = PidFd::open(child.id() as i32).unwrap();
        let own = worker.as_fd().try_clone_to_owned().unwrap();
        end_worker(vec![own, file()]);
        assert!(worker.has_exited());
        assert!(!child.wait().unwrap().success());
        end_worker(vec![file()]);
        end_worker(Vec::new());
    }
}
