//! A session as far as notes of it are concerned: what its worker has noted goes to who wants it, and the
//! operator's wish for notes goes to the worker. Read [`Traced`] first; [`Follower::ask`] is the wish.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rigel_protocol::control::{Refusal, SessionKey, Welcome};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::trace::RATE_ALL_PPM;

use super::admin::refuse;
use super::lease::random_bytes;
use super::traces::Traces;
use crate::worker::control::{Channel, DaemonToWorker, TraceBatch, WorkerToDaemon};

/// Longest time for which the operator may have a session noted.
const SECONDS_MAX: u32 = 3600;
/// Most events that he gets of it: 64 MiB.
const EVENTS_MAX: u64 = 1 << 20;
/// Longest time a message to a worker may wait for room.
const WORKER_TAKES_WITHIN: Duration = Duration::from_secs(1);

/// The open sessions, and what has been noted of them and of others.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    /// What has been noted.
    pub(crate) traces: Traces,
    open: Mutex<BTreeMap<u64, Followed>>,
}

/// An open session, seen by who wants to have it noted.
#[derive(Debug)]
struct Followed {
    /// To its worker; none if there were no descriptors left for it.
    channel: Option<Channel>,
    /// Whether its client understands that it shall note its calls.
    tell_client: bool,
    /// The operator wants notes until then.
    until: Option<Instant>,
}

/// The notes of an open session. Dropped, the session has ended.
#[derive(Debug)]
pub(super) struct Traced {
    follower: Arc<Follower>,
    key: SessionKey,
}

impl Follower {
    /// Follows a session that has just been opened.
    pub(super) fn follow(self: &Arc<Self>, welcome: &Welcome, channel: &Channel) -> Traced {
        let key = SessionKey {
            session: welcome.session,
            secret: welcome.resume_secret,
        };
        let own_end = channel.as_fd().try_clone_to_owned();
        let followed = Followed {
            channel: own_end.ok().map(Channel::from_fd),
            tell_client: welcome.call_id_max >= Call::TRACE_EVENTS.0,
            until: None,
        };
        self.lock().insert(key.session, followed);
        Traced {
            follower: Arc::clone(self),
            key,
        }
    }

    /// From now on so many calls of a million of this session are noted, for so long. The notes are to be
    /// had for the ticket.
    pub(super) fn ask(
        &self,
        session: u64,
        rate_ppm: u32,
        seconds: u32,
    ) -> Result<[u8; 16], Refusal> {
        if rate_ppm == 0 || rate_ppm > RATE_ALL_PPM || !(1..=SECONDS_MAX).contains(&seconds) {
            return Err(refuse(format!(
                "1 to {RATE_ALL_PPM} calls of a million can be noted, for 1 to {SECONDS_MAX} seconds"
            )));
        }
        let ticket = random_bytes().map_err(|error| refuse(format!("{error:#}")))?;
        let mut open = self.lock();
        let followed = open
            .get_mut(&session)
            .ok_or_else(|| refuse(format!("there is no open session {session}")))?;
        self.traces.begin(session, ticket)?;
        if let Err(error) = followed.tell(rate_ppm) {
            self.traces.finish(session);
            return Err(error);
        }
        followed.until = Some(Instant::now() + Duration::from_secs(seconds.into()));
        Ok(ticket)
    }

    /// The operator has seen enough.
    pub(super) fn stop(&self, session: u64) {
        if let Some(followed) = self.lock().get_mut(&session)
            && followed.until.take().is_some()
            && let Err(refusal) = followed.tell(0)
        {
            // The session is ending, or its worker stands still; nothing more is kept of it anyway.
            tracing::debug!(session, "{}", refusal.message);
        }
        self.traces.finish(session);
    }

    fn is_over(&self, session: u64) -> bool {
        let open = self.lock();
        let until = open.get(&session).and_then(|followed| followed.until);
        until.is_some_and(|until| until <= Instant::now())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Followed>> {
        // Every change is a single step.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followed {
    fn tell(&self, rate_ppm: u32) -> Result<(), Refusal> {
        let message = DaemonToWorker::Trace {
            rate_ppm,
            events_max: EVENTS_MAX,
            tell_client: self.tell_client,
        };
        let channel = self.channel.as_ref();
        let sent = channel.map(|channel| channel.send(&message, &[], WORKER_TAKES_WITHIN));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(refuse("the session's worker takes no messages now".into())),
        }
    }
}

impl Traced {
    /// Its worker has noted something.
    pub(super) fn take(&self, batch: TraceBatch) {
        let session = self.key.session;
        if batch.keep {
            return self.follower.traces.keep(self.key, batch);
        }
        self.follower.traces.keep_asked(session, batch);
        // Who has asked may have gone without a word.
        if self.follower.is_over(session) {
            self.follower.stop(session);
        }
    }

    /// Takes what the worker still has to say; it has been told to end.
    pub(super) fn drain(&self, channel: &Channel, within: Duration) {
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match channel.receive::<WorkerToDaemon>(left) {
                Ok((WorkerToDaemon::Trace(batch), _)) => self.take(batch),
                Ok((WorkerToDaemon::Ended(_) | WorkerToDaemon::Failed { .. }, _)) | Err(_) => {
                    return;
                }
                Ok(_) => {}
            }
        }
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        self.follower.lock().remove(&self.key.session);
        self.follower.traces.end(self.key.session);
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::trace::TraceWords;

    use super::*;

    /// A session as [`Follower::follow`] enters it, and its worker's end.
    fn followed(follower: &Arc<Follower>) -> (Traced, Channel) {
        let (ours, theirs) = Channel::pair().unwrap();
        let key = SessionKey {
            session: 7,
            secret: [1; 16],
        };
        let followed = Followed {
            channel: Some(ours),
            tell_client: true,
            until: None,
        };
        follower.lock().insert(7, followed);
        let follower = Arc::clone(follower);
        (Traced { follower, key }, theirs)
    }

    fn told(worker: &Channel) -> u32 {
        match worker.receive::<DaemonToWorker>(Duration::from_secs(5)) {
            Ok((DaemonToWorker::Trace { rate_ppm, .. }, _)) => rate_ppm,
            other => panic!("{other:?}"),
        }
    }

    fn batch() -> TraceBatch {
        TraceBatch {
            events: vec![TraceWords::default()],
            ..TraceBatch::default()
        }
    }

    #[test]
    fn session_is_noted_while_it_is_asked_for() {
        let follower = Arc::new(Follower::default());
        let (traced, worker) = followed(&follower);
        traced.take(batch());
        let secret = follower.ask(7, 1000, 60).unwrap();
        assert_eq!(told(&worker), 1000);
        traced.take(batch());
        let key = SessionKey { session: 7, secret };
        assert_eq!(follower.traces.part(key, 0).unwrap().events.len(), 1);
        follower.stop(7);
        assert_eq!(told(&worker), 0);
        assert!(follower.ask(8, 1000, 60).is_err());
        assert!(follower.ask(7, 0, 60).is_err());
        assert!(follower.ask(7, 1000, SECONDS_MAX + 1).is_err());
    }

    #[test]
    fn notes_end_by_themselves_when_the_time_is_over() {
        let follower = Arc::new(Follower::default());
        let (traced, worker) = followed(&follower);
        follower.ask(7, RATE_ALL_PPM, 60).unwrap();
        assert_eq!(told(&worker), RATE_ALL_PPM);
        follower.lock().get_mut(&7).unwrap().until = Some(Instant::now());
        traced.take(batch());
        assert_eq!(told(&worker), 0);
        drop(traced);
        assert!(follower.ask(7, 1000, 60).is_err());
    }
}
