//! Sessions whose clients may come back over another connection, and news of clients that will not. Who
//! asks must show the session's secret and a token of its lease. Read [`Returns`] first.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{Refusal, RefusalCause, SessionKey};

use super::remote::RemoteClient;

/// Visits that wait for a session's thread; more are refused.
const VISITS_MAX: usize = 16;

/// The doors of all sessions of remote clients, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Returns {
    doors: Mutex<HashMap<u64, Door>>,
}

#[derive(Debug)]
struct Door {
    secret: [u8; 16],
    lease: String,
    visits: SyncSender<Visit>,
    wake: Arc<EventFd>,
}

/// Who comes to a session.
#[derive(Debug)]
pub(crate) enum Visit {
    /// Its client, over a fresh connection.
    Back {
        /// The connection.
        client: RemoteClient,
        /// Which of its requests this is.
        attempt: u64,
    },
    /// Somebody who saw its process die.
    Died,
}

/// A session's side of its door; dropped, the door is gone.
#[derive(Debug)]
pub(crate) struct Doorway {
    session: u64,
    visits: Receiver<Visit>,
    wake: Arc<EventFd>,
    returns: Arc<Returns>,
}

impl Returns {
    /// Opens a door to a session.
    pub(crate) fn open(self: &Arc<Self>, key: SessionKey, lease: &str) -> anyhow::Result<Doorway> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let wake = Arc::new(EventFd::from_flags(flags).context("make an eventfd")?);
        let (tell, visits) = sync_channel(VISITS_MAX);
        let door = Door {
            secret: key.secret,
            lease: lease.to_owned(),
            visits: tell,
            wake: Arc::clone(&wake),
        };
        self.lock().insert(key.session, door);
        Ok(Doorway {
            session: key.session,
            visits,
            wake,
            returns: Arc::clone(self),
        })
    }

    /// Lets a visit through to the session of this key. `lease` is the one that the visitor's token
    /// opens; whoever only saw a death has none to show. A visit that is refused comes back.
    pub(crate) fn visit(
        &self,
        key: SessionKey,
        lease: Option<&str>,
        visit: Visit,
    ) -> Result<(), (Refusal, Visit)> {
        let doors = self.lock();
        let door = doors
            .get(&key.session)
            .filter(|door| equal(&door.secret, &key.secret))
            .filter(|door| lease.is_none_or(|lease| door.lease == lease));
        let Some(door) = door else {
            return Err((unknown(), visit));
        };
        if let Err(TrySendError::Full(visit) | TrySendError::Disconnected(visit)) =
            door.visits.try_send(visit)
        {
            return Err((unknown(), visit));
        }
        // Full only if the session's thread was woken already.
        let _ = door.wake.write(1);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doorway {
    /// Readable when somebody has come.
    pub(crate) fn wake_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// Takes a visit if there is one.
    pub(crate) fn next(&self) -> Option<Visit> {
        let visit = self.visits.try_recv().ok();
        if visit.is_none() {
            let _ = self.wake.read();
            // Somebody may have come between the two.
            return self.visits.try_recv().ok();
        }
        visit
    }
}

impl Drop for Doorway {
    fn drop(&mut self) {
        self.returns.lock().remove(&self.session);
    }
}

/// The same whatever is wrong, so that numbers cannot be tried.
fn unknown() -> Refusal {
    Refusal {
        cause: RefusalCause::Unauthorized,
        message: "there is no such session any more: it has ended, or the server was started anew"
            .into(),
    }
}

/// Compares in a time that does not depend on where the difference is.
fn equal(a: &[u8; 16], b: &[u8; 16]) -> bool {
    a.iter()
        .zip(b)
        .fold(0, |different, (a, b)| different | (a ^ b))
        == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SessionKey = SessionKey {
        session: 7,
        secret: [9; 16],
    };

    #[test]
    fn visit_with_the_key_and_the_lease_is_let_through() {
        let returns = Arc::new(Returns::default());
        let doorway = returns.open(KEY, "team").unwrap();
        returns.visit(KEY, Some("team"), Visit::Died).unwrap();
        assert!(matches!(doorway.next(), Some(Visit::Died)));
        assert!(doorway.next().is_none());
    }

    #[test]
    fn visit_with_anything_wrong_is_refused_in_the_same_words() {
        let returns = Arc::new(Returns::default());
        let doorway = returns.open(KEY, "team").unwrap();
        let mut secret = KEY.secret;
        secret[15] ^= 1;
        let wrong = [
            (SessionKey { secret, ..KEY }, Some("team")),
            (SessionKey { session: 8, ..KEY }, Some("team")),
            (KEY, Some("others")),
        ];
        let refusals =
            wrong.map(|(key, lease)| returns.visit(key, lease, Visit::Died).unwrap_err().0);
        assert!(refusals.iter().all(|refusal| *refusal == refusals[0]));
        assert!(doorway.next().is_none());
    }

    #[test]
    fn visit_to_a_session_that_has_ended_is_refused() {
        let returns = Arc::new(Returns::default());
        drop(returns.open(KEY, "team").unwrap());
        assert!(returns.visit(KEY, Some("team"), Visit::Died).is_err());
    }

    #[test]
    fn visits_beyond_the_limit_are_refused() {
        let returns = Arc::new(Returns::default());
        let _doorway = returns.open(KEY, "team").unwrap();
        let n = (0..100).filter(|_| returns.visit(KEY, None, Visit::Died).is_ok());
        assert_eq!(n.count(), VISITS_MAX);
    }
}
