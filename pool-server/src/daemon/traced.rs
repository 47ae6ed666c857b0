//! A session as far as notes of it are concerned: what its worker has noted goes to who wants it. Read
//! [`Traced`] first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rigel_protocol::control::{SessionKey, Welcome};

use super::traces::Traces;
use crate::worker::control::{Channel, TraceBatch, WorkerToDaemon};

/// The notes of an open session. Dropped, the session has ended.
#[derive(Debug)]
pub(super) struct Traced {
    traces: Arc<Traces>,
    key: SessionKey,
}

impl Traces {
    /// Follows a session that has just been opened.
    pub(super) fn follow(self: &Arc<Self>, welcome: &Welcome) -> Traced {
        let key = SessionKey {
            session: welcome.session,
            secret: welcome.resume_secret,
        };
        Traced {
            traces: Arc::clone(self),
            key,
        }
    }
}

impl Traced {
    /// Its worker has noted something.
    pub(super) fn take(&self, batch: TraceBatch) {
        if batch.keep {
            self.traces.keep(self.key, batch);
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
        self.traces.end(self.key.session);
    }
}
