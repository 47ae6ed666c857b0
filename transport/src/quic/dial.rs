//! Coming back: how a client whose path is silent (`silence` notices) dials until the session goes on over
//! a fresh connection. Read [`Dialler`] first.
//!
//! 1. QUIC's own probes back off to seconds, so that a path which comes back is found late. Fresh handshakes
//!    are begun every 25 ms instead, each of which lives long enough for a slow path.
//! 2. Handshakes run side by side; what comes after, asking for the session, is done by one at a time and
//!    numbered, so that the server knows which is the latest.
//! 3. A port whose packets are lost is left for another after ten handshakes.
//! 4. The old connection stays until a fresh one has the session: should it come to life before the session
//!    was asked for, dialling ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quinn::{Connection, Endpoint};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::client::{Connected, QuicTarget, Resumption};
use super::connect::{endpoint_for, greet};
use super::control::within;
use super::silence::Traffic;
use crate::error::TransportError;
use crate::layout::Side;
use crate::session::SessionMemory;
use crate::tls;

/// Between two handshakes.
pub(super) const DIAL_PERIOD: Duration = Duration::from_millis(25);
/// So many handshakes from one port: what loses the packets of one port for good, as a router that has
/// forgotten it, may pass those of another.
const N_DIALS_A_PORT: u32 = 10;
/// The shortest time for a handshake, and for the session's return over it.
const ATTEMPT_MIN: Duration = Duration::from_millis(500);

/// A connection that has the session.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) connected: Connected,
    /// From where the server wants calls and bulk.
    pub(super) expects: [u64; 2],
}

/// How dialling ended.
#[derive(Debug)]
pub(super) enum Dialled {
    /// The session goes on over this connection.
    Fresh(Box<Fresh>),
    /// The old connection has come to life.
    Revived,
    /// The server does not give the session back, and says why.
    Refused(String),
    /// The grace period is over, or the session has ended there. One that was closed here goes on until
    /// the server has heard of it, or whoever closes it has no more patience.
    GaveUp,
}

/// What dialling needs.
#[derive(Debug)]
pub(super) struct Dialler {
    pub(super) target: QuicTarget,
    pub(super) address: SocketAddr,
    pub(super) resumption: Resumption,
    /// Numbers the requests for the session, over all outages.
    n_asked: AtomicU64,
}

/// Whether a connection of this outage has been given the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Not,
    Over,
}

impl Dialler {
    pub(super) fn new(target: QuicTarget, address: SocketAddr, resumption: Resumption) -> Dialler {
        Dialler {
            target,
            address,
            resumption,
            n_asked: AtomicU64::new(0),
        }
    }

    /// Dials until there is an end of it. `old` is the connection that may still come to life.
    pub(super) async fn dial(
        self: &Arc<Self>,
        memory: &SessionMemory,
        old: Option<&Connection>,
        deadline: Instant,
    ) -> Dialled {
        let before = old.map(Traffic::of);
        let n_asked_before = self.n_asked.load(Ordering::Relaxed);
        let asking = Arc::new(Mutex::new(Given::Not));
        let mut attempts: JoinSet<Result<Dialled, TransportError>> = JoinSet::new();
        let mut endpoint = match endpoint_for(&self.target, self.address) {
            Ok(endpoint) => endpoint,
            Err(error) => return Dialled::Refused(error.to_string()),
        };
        let mut n_dials = 0;
        let life = ATTEMPT_MIN.max(old.map_or(ATTEMPT_MIN, |old| 6 * old.rtt()));
        let mut tick = tokio::time::interval(DIAL_PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(ended) = attempts.join_next() => match ended {
                    Ok(Ok(end)) => return end,
                    Ok(Err(error)) => tracing::debug!(%error, "a dialled connection failed"),
                    Err(_) => {}
                },
                _ = tick.tick() => {
                    let revived = old
                        .zip(before)
                        .is_some_and(|(old, before)| {
                            old.close_reason().is_none()
                                && Traffic::of(old).n_received != before.n_received
                        });
                    // Not once the session was asked for: the server may have taken it away already.
                    if revived && self.n_asked.load(Ordering::Relaxed) == n_asked_before {
                        return Dialled::Revived;
                    }
                    if memory.closed_by(Side::Worker).is_some() || Instant::now() >= deadline {
                        return Dialled::GaveUp;
                    }
                    n_dials += 1;
                    if n_dials % N_DIALS_A_PORT == 0
                        && let Ok(other) = endpoint_for(&self.target, self.address)
                    {
                        endpoint = other;
                    }
                    let (this, endpoint) = (Arc::clone(self), endpoint.clone());
                    let asking = Arc::clone(&asking);
                    attempts.spawn(async move {
                        this.attempt(endpoint, &asking, life).await
                    });
                }
            }
        }
    }

    async fn attempt(
        &self,
        endpoint: Endpoint,
        given: &Mutex<Given>,
        life: Duration,
    ) -> Result<Dialled, TransportError> {
        let (tls, _) = tls::client_config(&self.target.trust, self.target.identity.as_ref())?;
        let config = self.target.tuning.client(self.address, tls)?;
        let greeted = greet(&self.target, self.address, endpoint, config);
        let connected = within(life, "dial", greeted).await?;
        // The time for its turn counts: those that the path has lost meanwhile do not queue up.
        let (mut given, answer) = within(life, "ask for the session", async {
            let given = given.lock().await;
            if let Given::Over = *given {
                // Asked for again, the session would be taken from the connection that has it.
                return Err(TransportError::Disconnected);
            }
            let number = self.n_asked.fetch_add(1, Ordering::Relaxed) + 1;
            let question = (self.resumption.ask)(number);
            connected.sender.lock().await.send(&question).await?;
            Ok((given, connected.receiver.lock().await.receive().await?))
        })
        .await?;
        match (self.resumption.understand)(&answer) {
            Ok(expects) => {
                *given = Given::Over;
                Ok(Dialled::Fresh(Box::new(Fresh { connected, expects })))
            }
            Err(why) => Ok(Dialled::Refused(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::{Ipv4Addr, UdpSocket};

    use super::super::QuicTuning;
    use super::*;
    use crate::error::CloseReason;
    use crate::layout::Layout;
    use crate::tls::Trust;

    const LIMIT: Duration = Duration::from_secs(60);
    const N_HANDSHAKES: usize = 12;

    fn dialler(address: SocketAddr) -> Arc<Dialler> {
        let target = QuicTarget {
            host: address.ip().to_string(),
            port: address.port(),
            trust: Trust::Insecure,
            identity: None,
            tuning: QuicTuning::default(),
        };
        let resumption = Resumption {
            ask: Box::new(|_| Vec::new()),
            understand: Box::new(|_| Err("nobody answers".to_owned())),
            grace: LIMIT,
        };
        Arc::new(Dialler::new(target, address, resumption))
    }

    /// Waits for handshakes at a port that answers none: by whom, and how many addresses they came from.
    fn handshakes(silent: &UdpSocket) -> (usize, usize) {
        let (mut begun, mut from) = (HashSet::new(), HashSet::new());
        let mut packet = [0; 2048];
        while begun.len() < N_HANDSHAKES {
            let (n, peer) = silent.recv_from(&mut packet).unwrap();
            // A first packet has a long head: flags, version, length of the connection's id, the id. A
            // packet that is sent again has the same.
            let id = &packet[..n][6..6 + usize::from(packet[5])];
            begun.insert(id.to_vec());
            from.insert(peer);
        }
        (begun.len(), from.len())
    }

    #[tokio::test]
    async fn path_that_is_down_gets_a_fresh_handshake_every_period_and_another_port_after_ten() {
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        silent.set_read_timeout(Some(LIMIT)).unwrap();
        let address = silent.local_addr().unwrap();
        let memory = SessionMemory::anonymous(&Layout::new([4096; 4]).unwrap()).unwrap();
        let ended = Arc::clone(&memory);
        let counting = tokio::task::spawn_blocking(move || {
            let counts = handshakes(&silent);
            ended.close(Side::Worker, CloseReason::FINISHED);
            counts
        });
        let begun = Instant::now();
        let dialled = dialler(address).dial(&memory, None, begun + LIMIT).await;
        assert!(matches!(dialled, Dialled::GaveUp), "{dialled:?}");
        // Never faster; that a slow machine is slower says nothing.
        assert!(begun.elapsed() >= (N_HANDSHAKES as u32 - 1) * DIAL_PERIOD);
        assert_eq!(counting.await.unwrap(), (N_HANDSHAKES, 2));
    }

    #[tokio::test]
    async fn dialling_ends_when_the_grace_is_over() {
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let memory = SessionMemory::anonymous(&Layout::new([4096; 4]).unwrap()).unwrap();
        let dialler = dialler(silent.local_addr().unwrap());
        let dialled = dialler.dial(&memory, None, Instant::now()).await;
        assert!(matches!(dialled, Dialled::GaveUp), "{dialled:?}");
    }
}
