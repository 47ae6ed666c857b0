//! A session of a client of another host: how long it waits for one whose connection is lost, and how that
//! comes back. Read [`RemoteSide`] first.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{SessionKey, Welcome};
use rigel_transport::quic::{Bridgehead, QuicTuning};

use super::super::end::End;
use super::super::link::ClientLink;
use super::super::peer::Peer;
use super::super::remote::RemoteClient;
use super::super::returns::{Doorway, Visit};
use super::super::server::Server;
use super::Session;

/// What lets a remote client come back.
pub(super) struct RemoteSide {
    pub(super) doorway: Doorway,
    pub(super) head: Option<Arc<Bridgehead>>,
    pub(super) last_attempt: u64,
    /// Its connection is lost, and this is how long it has.
    pub(super) away_until: Option<Instant>,
}

/// Where a client of another host comes back to.
pub(super) fn remote_side(
    server: &Server,
    peer: &Peer,
    welcome: &Welcome,
    lease: &str,
) -> anyhow::Result<Option<RemoteSide>> {
    if let Peer::Local { .. } = peer {
        return Ok(None);
    }
    let key = SessionKey {
        session: welcome.session,
        secret: welcome.resume_secret,
    };
    Ok(Some(RemoteSide {
        doorway: server.returns.open(key, lease)?,
        head: None,
        last_attempt: 0,
        away_until: None,
    }))
}

/// The eventfd between a worker and the daemon's bridge.
pub(super) fn make_bell() -> anyhow::Result<OwnedFd> {
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    Ok(EventFd::from_flags(flags)
        .context("make the bridge's bell")?
        .into())
}

impl Session {
    pub(super) fn is_away(&self) -> bool {
        self.remote
            .as_ref()
            .is_some_and(|side| side.away_until.is_some())
    }

    /// The client's connection is lost: it has the grace period, less the time it was silent before.
    pub(super) fn lost(&mut self, silent: bool) -> Option<End> {
        let side = match &mut self.remote {
            Some(side) if self.memory.closed().is_none() => side,
            _ => return Some(End::gone()),
        };
        let heard_before = match silent {
            true => self.grace.min(QuicTuning::default().idle_timeout),
            false => Duration::ZERO,
        };
        let left = self.grace - heard_before;
        side.away_until = Some(Instant::now() + left);
        tracing::info!(session = self.stay.entry.id, ?left, "connection lost");
        None
    }

    pub(super) fn hear_visitors(&mut self, client: &mut ClientLink) -> Option<End> {
        loop {
            let side = self.remote.as_mut()?;
            match side.doorway.next() {
                Some(Visit::Died) => return Some(End::gone()),
                Some(Visit::Back {
                    client: new,
                    attempt,
                }) => {
                    if let Err(error) = self.welcome_back(client, new, attempt) {
                        tracing::warn!(session = self.stay.entry.id, "{error:#}");
                    }
                }
                None => break,
            }
        }
        let away_until = self.remote.as_ref()?.away_until?;
        (Instant::now() >= away_until).then(End::stayed_away)
    }

    /// The session goes on over a fresh connection.
    fn welcome_back(
        &mut self,
        client: &mut ClientLink,
        new: RemoteClient,
        attempt: u64,
    ) -> anyhow::Result<()> {
        let side = self
            .remote
            .as_mut()
            .context("only a remote client returns")?;
        let head = side.head.as_ref().context("it was never welcomed")?;
        if attempt <= side.last_attempt {
            // Dropped, its connection is closed.
            anyhow::bail!("a request to resume came late");
        }
        side.last_attempt = attempt;
        side.away_until = None;
        if let ClientLink::Remote(old) = &*client {
            old.yield_session();
        }
        let given = new.give_back(head);
        // Whatever becomes of the new connection, the old one is out.
        *client = ClientLink::Remote(new);
        if let Err(error) = given {
            self.lost(false);
            return Err(error.context("a client that came back was gone again"));
        }
        tracing::info!(session = self.stay.entry.id, attempt, "client came back");
        Ok(())
    }
}
