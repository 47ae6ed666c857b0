//! The server's half of connections between hosts: one endpoint accepts, and a bridge per session pumps
//! between its connection, of which it may have several in turn, and the rings that the worker holds. Read [`QuicServer`] first.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use quinn::{
    Connection, ConnectionError, Endpoint, RecvStream, Runtime, SendStream, ServerConfig,
    TokioRuntime, VarInt,
};
use rustls::pki_types::CertificateDer;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::config::QuicTuning;
use super::connect::CRYPTO_ERRORS;
use super::control::{
    ControlReceiver, ControlSender, Preamble, StreamKind, TAKEN_OVER, connection_error, within,
};
use super::desk::{Arrival, Desk};
use super::lane::{LaneKind, Lanes};
use super::pump::{LaneRings, Loss, Outcome, Rings, SessionStreams, Streams, Waker, outcome};
use super::socket;
use crate::error::{CloseReason, TransportError};
use crate::layout::Side;
use crate::pki::Names;
use crate::session::SessionMemory;
use crate::tls::ServerIdentity;

/// How long a client may take to leave that was refused a lane.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// A UDP port at which clients of other hosts arrive. Lives inside a tokio runtime; the lowest round
/// trips come from a runtime of one thread.
#[derive(Debug, Clone)]
pub struct QuicServer {
    endpoint: Endpoint,
    config: Arc<std::sync::Mutex<Arc<ServerConfig>>>,
    tuning: QuicTuning,
    desk: Arc<Desk>,
}

impl QuicServer {
    /// Listens at an address.
    pub fn bind(
        address: SocketAddr,
        identity: &ServerIdentity,
        tuning: QuicTuning,
    ) -> Result<QuicServer, TransportError> {
        let config = tuning.server(identity)?;
        let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime);
        let socket = socket::bind(address, tuning.datagram_limit(), None)
            .map_err(|source| TransportError::os("listen for remote clients", source))?;
        let endpoint = Endpoint::new_with_abstract_socket(
            tuning.endpoint()?,
            Some(config.clone()),
            socket,
            runtime,
        )
        .map_err(|source| TransportError::os("listen for remote clients", source))?;
        let local = endpoint.local_addr().unwrap_or(address);
        let desk = Desk::open(local, tuning.allowed_lanes, identity)?;
        Ok(QuicServer {
            endpoint,
            config: Arc::new(std::sync::Mutex::new(Arc::new(config))),
            tuning,
            desk: Arc::new(desk),
        })
    }

    /// Shows another certificate, and asks clients for other ones, from the next connection on.
    pub fn renew(&self, identity: &ServerIdentity) -> Result<(), TransportError> {
        let config = self.tuning.server(identity)?;
        self.desk.renew(identity)?;
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        Ok(())
    }

    /// Where it listens.
    pub fn local_address(&self) -> Result<SocketAddr, TransportError> {
        self.endpoint
            .local_addr()
            .map_err(|source| TransportError::os("look at the listening socket", source))
    }

    /// The TCP port for bulk lanes, if any but QUIC is allowed.
    pub fn lane_port(&self) -> Option<u16> {
        self.desk.port()
    }

    /// The next client, before any of its bytes are believed; `None` once closed.
    pub async fn accept(&self) -> Option<QuicConnecting> {
        let incoming = self.endpoint.accept().await?;
        let current = Arc::clone(&self.config.lock().unwrap_or_else(PoisonError::into_inner));
        let mut config = ServerConfig::clone(&current);
        config.transport_config(Arc::new(self.tuning.transport(incoming.remote_address())));
        let desk = Arc::clone(&self.desk);
        Some(QuicConnecting {
            incoming,
            config,
            desk,
        })
    }

    /// Refuses new clients and closes every connection with a reason.
    pub fn close(&self, reason: CloseReason) {
        self.endpoint.close(
            VarInt::from_u32(reason.code()),
            reason.to_string().as_bytes(),
        );
    }

    /// Waits until the clients know that they are closed, for this long at most.
    pub async fn wait_idle(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.endpoint.wait_idle()).await;
    }
}

/// A client that has sent its first packet.
#[derive(Debug)]
pub struct QuicConnecting {
    incoming: quinn::Incoming,
    config: ServerConfig,
    desk: Arc<Desk>,
}

impl QuicConnecting {
    /// Where it says it is; not yet proven.
    pub fn remote_address(&self) -> SocketAddr {
        self.incoming.remote_address()
    }

    /// Turns it away without any work.
    pub fn refuse(self) {
        self.incoming.refuse();
    }

    /// Completes the handshake and takes the control stream.
    pub async fn handshake(self, limit: Duration) -> Result<QuicPeer, TransportError> {
        let address = self.remote_address();
        let handshake = async {
            let lost = |error| connection_error(address, &error);
            let connecting = self
                .incoming
                .accept_with(Arc::new(self.config))
                .map_err(lost)?;
            let connection = connecting
                .await
                .map_err(|error| untrusted(address, &error).unwrap_or_else(|| lost(error)))?;
            let (mut send, mut receive) = connection.accept_bi().await.map_err(lost)?;
            let _ = send.set_priority(StreamKind::Control.priority());
            if Preamble::read(&mut receive).await? != Preamble::control() {
                return Err(TransportError::Protocol(
                    "the first stream is not for control",
                ));
            }
            Preamble::control().write(&mut send).await?;
            Ok(QuicPeer {
                connection,
                sender: ControlSender(send),
                receiver: ControlReceiver::new(receive),
                desk: self.desk,
            })
        };
        within(limit, "complete a client's handshake", handshake).await
    }
}

/// A client whose certificate is not taken, or missing. It has shown before that it is where it says: only who
/// hears the server's answer gets so far.
fn untrusted(address: SocketAddr, error: &ConnectionError) -> Option<TransportError> {
    let ConnectionError::TransportError(error) = error else {
        return None;
    };
    let alert = u64::from(error.code).checked_sub(CRYPTO_ERRORS)?;
    // All that TLS has to say of certificates.
    matches!(alert, 42..=46 | 48 | 49 | 51 | 116).then(|| TransportError::Untrusted {
        address,
        why: error.reason.clone(),
    })
}

/// A connected client. Who it is, its first message says.
#[derive(Debug)]
pub struct QuicPeer {
    connection: Connection,
    sender: ControlSender,
    receiver: ControlReceiver,
    desk: Arc<Desk>,
}

impl QuicPeer {
    /// Where it is.
    pub fn remote_address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Whom the certificate names that it has shown, whose key it has, and which the server's authority for
    /// clients has signed; none if it has shown none.
    pub fn names(&self) -> Option<Names> {
        let shown = self.connection.peer_identity()?;
        let chain = shown.downcast::<Vec<CertificateDer<'static>>>().ok()?;
        Names::of(chain.first()?)
    }

    /// Sends a control message.
    pub async fn send(&mut self, message: &[u8], limit: Duration) -> Result<(), TransportError> {
        within(limit, "send a control message", self.sender.send(message)).await
    }

    /// Receives a control message. Given up half-way, nothing is lost.
    pub async fn receive(&mut self, limit: Duration) -> Result<Vec<u8>, TransportError> {
        within(limit, "receive a control message", self.receiver.receive()).await
    }

    /// Takes the bridge of a session: from the connection that had it before, once that lets go.
    pub async fn bridge(
        &self,
        head: &Arc<Bridgehead>,
        limit: Duration,
    ) -> Result<Bridge, TransportError> {
        let rings = async { Ok(Arc::clone(&head.rings).lock_owned().await) };
        let mut rings = within(limit, "take a session from its last connection", rings).await?;
        rings.restart();
        Ok(Bridge {
            connection: self.connection.clone(),
            desk: Arc::clone(&self.desk),
            head: Arc::clone(head),
            rings,
        })
    }

    /// Waits until the connection has ended.
    pub async fn closed(&self) -> BridgeEnd {
        BridgeEnd::of(outcome(self.connection.closed().await))
    }

    /// Ends the connection.
    pub fn close(&self, reason: CloseReason) {
        self.connection.close(
            VarInt::from_u32(reason.code()),
            reason.to_string().as_bytes(),
        );
    }

    /// Ends a connection whose session goes on over another.
    pub fn yield_session(&self) {
        self.connection
            .close(TAKEN_OVER, b"the session goes on over another connection");
    }
}

/// How a connection, or the bridge over it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BridgeEnd {
    /// The session is over: a side closed it.
    Ended(CloseReason),
    /// The connection is over, and nobody said that the session is. `silent` if nothing was heard for the
    /// whole idle timeout, rather than lost at once.
    Lost {
        /// Whether it was a timeout.
        silent: bool,
    },
}

impl BridgeEnd {
    fn of(outcome: Outcome) -> BridgeEnd {
        match outcome {
            Outcome::Ended(reason) => BridgeEnd::Ended(reason),
            Outcome::Lost(error) => BridgeEnd::Lost {
                silent: matches!(error, Loss::Connection(ConnectionError::TimedOut)),
            },
        }
    }
}

/// The daemon's end of a session's link over all its connections, each of which has it in turn.
#[derive(Debug)]
pub struct Bridgehead {
    session: u64,
    rings: Arc<Mutex<Rings>>,
    bell: Option<AsyncFd<OwnedFd>>,
    waker: Arc<Waker>,
}

impl Bridgehead {
    /// For the session whose worker holds `memory` too; `bell` is the eventfd that the worker strikes
    /// for the bridge (see [`SessionMemory::ring_eventfd`]), or none if it runs in this process. Call it
    /// in a runtime.
    pub fn new(
        session: u64,
        memory: &Arc<SessionMemory>,
        bell: Option<OwnedFd>,
    ) -> Result<Arc<Bridgehead>, TransportError> {
        let end = memory.client()?;
        let pairs = [
            (StreamKind::Calls, end.reply, end.command),
            (StreamKind::Bulk, end.download, end.upload),
        ];
        let rings = Rings::new(memory, Side::Client, pairs);
        let waker = Arc::clone(&rings.waker);
        Ok(Arc::new(Bridgehead {
            session,
            rings: Arc::new(Mutex::new(rings)),
            bell: bell.map(watch).transpose()?,
            waker,
        }))
    }
}

/// A session in the hands of one connection, until it is dropped.
#[derive(Debug)]
pub struct Bridge {
    connection: Connection,
    desk: Arc<Desk>,
    head: Arc<Bridgehead>,
    rings: OwnedMutexGuard<Rings>,
}

impl Bridge {
    /// What a returning client has to send: from which byte of its calls and of its bulk.
    pub fn expects(&self) -> [u64; 2] {
        self.rings.expects()
    }

    /// Takes the session's streams, which the client opens once it was welcomed, and pumps until either
    /// side closes the session or the connection is lost. With the reason of an end the memory is then
    /// closed. May be dropped, and the session goes on over another connection.
    pub async fn run(mut self, limit: Duration) -> Result<BridgeEnd, TransportError> {
        let Bridge {
            connection,
            desk,
            head,
            rings,
        } = &mut self;
        let lanes = accept_streams(connection, desk, head.session, rings);
        let streams = match within(limit, "take a session's streams", lanes).await {
            Ok(streams) => streams,
            // It went before it had begun; the client is on its way over another, or is gone.
            Err(TransportError::Disconnected | TransportError::Timeout { .. }) => {
                return Ok(BridgeEnd::Lost { silent: false });
            }
            Err(error) => return Err(error),
        };
        let pumped = rings.pump(connection, streams);
        let outcome = match &head.bell {
            None => pumped.await,
            Some(bell) => tokio::select! {
                outcome = pumped => outcome,
                error = listen(bell, &head.waker) => {
                    tracing::error!(%error, "a session's bell cannot be read");
                    Outcome::Ended(CloseReason::LINK_LOST)
                }
            },
        };
        let end = BridgeEnd::of(outcome);
        if let BridgeEnd::Ended(reason) = end {
            rings.memory.close(Side::Client, reason);
        }
        Ok(end)
    }
}

async fn accept_streams(
    connection: &Connection,
    desk: &Desk,
    session: u64,
    rings: &mut Rings,
) -> Result<SessionStreams, TransportError> {
    let mut taken: [Option<(SendStream, RecvStream)>; 3] = [None, None, None];
    let mut granted: Option<Option<Arrival>> = None;
    while taken.iter().any(Option::is_none) {
        let (mut send, mut receive) = connection
            .accept_bi()
            .await
            .map_err(|_| TransportError::Disconnected)?;
        let theirs = Preamble::read(&mut receive).await?;
        if theirs.session != session {
            return Err(TransportError::Protocol("a stream names another session"));
        }
        let index = match theirs.kind {
            StreamKind::Calls => 0,
            StreamKind::Bulk => 1,
            StreamKind::Acks => 2,
            StreamKind::Control => {
                return Err(TransportError::Protocol("a second control stream"));
            }
        };
        if taken[index].is_some() {
            return Err(TransportError::Protocol("a stream came twice"));
        }
        let ours = match rings.lanes.get_mut(index) {
            Some(lane) => answer(lane, &theirs)?,
            None => Preamble::acks(session),
        };
        let _ = send.set_priority(theirs.kind.priority());
        ours.write(&mut send).await?;
        if theirs.lanes.kind != LaneKind::Quic {
            granted = Some(grant(desk, theirs.lanes, &mut send).await?);
        }
        taken[index] = Some((send, receive));
    }
    let [Some(calls), Some(bulk), Some(acks)] = taken else {
        return Err(TransportError::Protocol("a session has two lanes"));
    };
    let bulk = match granted {
        None => Streams::of(bulk),
        Some(Some(arrival)) => Streams::over(arrival.all().await?)?,
        Some(None) => {
            // The client goes when it has read why.
            let _ = tokio::time::timeout(REFUSED_WITHIN, connection.closed()).await;
            let why = "a lane is asked for that is not allowed";
            return Err(TransportError::Protocol(why));
        }
    };
    Ok(SessionStreams {
        lanes: [Streams::of(calls), bulk],
        acks,
    })
}

/// Answers a client that wants its bulk to go over lanes of its own; none if it may not.
async fn grant(
    desk: &Desk,
    lanes: Lanes,
    send: &mut SendStream,
) -> Result<Option<Arrival>, TransportError> {
    let (grant, arrival) = desk.grant(lanes)?;
    let sent = send
        .write_chunk(Bytes::copy_from_slice(&grant.encode()))
        .await;
    sent.map_err(|_| TransportError::Disconnected)?;
    Ok(arrival)
}

/// Goes to where the client wants a lane to go on.
fn answer(lane: &mut LaneRings, theirs: &Preamble) -> Result<Preamble, TransportError> {
    if theirs.sends != lane.expects() {
        return Err(TransportError::Protocol(
            "the client's rings stand elsewhere",
        ));
    }
    lane.rewind(theirs.expects)?;
    Ok(Preamble {
        sends: lane.sends(),
        expects: lane.expects(),
        ..*theirs
    })
}

/// Registers an eventfd with the runtime.
#[expect(
    unsafe_code,
    reason = "the runtime wants to be promised that the descriptor stays the same"
)]
fn watch(bell: OwnedFd) -> Result<AsyncFd<OwnedFd>, TransportError> {
    // SAFETY: an `OwnedFd` keeps one open descriptor, always the same, until it is dropped.
    let watched = unsafe { AsyncFd::register_with_interest(bell, Interest::READABLE) };
    watched.map_err(|source| TransportError::os("watch a session's bell", io::Error::from(source)))
}

/// Passes the strikes of another process on to the pump.
async fn listen(bell: &AsyncFd<OwnedFd>, waker: &Waker) -> io::Error {
    loop {
        let mut ready = match bell.readable().await {
            Ok(ready) => ready,
            Err(error) => return error,
        };
        // Every strike raises the event anew, whether or not the counter is read.
        ready.clear_ready();
        waker.wake();
    }
}
