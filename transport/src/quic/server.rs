//! The server's half of connections between hosts: one endpoint accepts, and a bridge per session pumps
//! between the connection and the rings that the worker holds. Read [`QuicServer`] first.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use quinn::{
    Connection, Endpoint, RecvStream, Runtime, SendStream, ServerConfig, TokioRuntime, VarInt,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::config::QuicTuning;
use super::control::{
    ControlReceiver, ControlSender, Preamble, StreamKind, connection_error, within,
};
use super::pump::{Lane, Pump, Waker};
use super::socket;
use crate::error::{CloseReason, TransportError};
use crate::layout::Side;
use crate::ring::{Consumer, Producer};
use crate::session::{ClientEnd, SessionMemory};
use crate::tls::ServerIdentity;

/// A UDP port at which clients of other hosts arrive. Lives inside a tokio runtime; the lowest round
/// trips come from a runtime of one thread.
#[derive(Debug, Clone)]
pub struct QuicServer {
    endpoint: Endpoint,
    config: Arc<ServerConfig>,
    tuning: QuicTuning,
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
        let socket = socket::bind(address, tuning.datagram_limit())
            .map_err(|source| TransportError::os("listen for remote clients", source))?;
        let endpoint = Endpoint::new_with_abstract_socket(
            tuning.endpoint()?,
            Some(config.clone()),
            socket,
            runtime,
        )
        .map_err(|source| TransportError::os("listen for remote clients", source))?;
        Ok(QuicServer {
            endpoint,
            config: Arc::new(config),
            tuning,
        })
    }

    /// Where it listens.
    pub fn local_address(&self) -> Result<SocketAddr, TransportError> {
        self.endpoint
            .local_addr()
            .map_err(|source| TransportError::os("look at the listening socket", source))
    }

    /// The next client, before any of its bytes are believed; `None` once closed.
    pub async fn accept(&self) -> Option<QuicConnecting> {
        let incoming = self.endpoint.accept().await?;
        let mut config = ServerConfig::clone(&self.config);
        config.transport_config(Arc::new(self.tuning.transport(incoming.remote_address())));
        Some(QuicConnecting { incoming, config })
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
            let connection = connecting.await.map_err(lost)?;
            let (mut send, mut receive) = connection.accept_bi().await.map_err(lost)?;
            let _ = send.set_priority(2);
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
            })
        };
        within(limit, "complete a client's handshake", handshake).await
    }
}

/// A connected client. Who it is, its first message says.
#[derive(Debug)]
pub struct QuicPeer {
    connection: Connection,
    sender: ControlSender,
    receiver: ControlReceiver,
}

impl QuicPeer {
    /// Where it is.
    pub fn remote_address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Sends a control message.
    pub async fn send(&mut self, message: &[u8], limit: Duration) -> Result<(), TransportError> {
        within(limit, "send a control message", self.sender.send(message)).await
    }

    /// Receives a control message. Given up half-way, nothing is lost.
    pub async fn receive(&mut self, limit: Duration) -> Result<Vec<u8>, TransportError> {
        within(limit, "receive a control message", self.receiver.receive()).await
    }

    /// Takes the session's streams, which the client opens after it was welcomed. `memory` is the one
    /// the worker holds too; `bell` is the eventfd that the worker strikes for the bridge (see
    /// [`SessionMemory::ring_eventfd`]), or none if it runs in this process.
    pub async fn bridge(
        &self,
        session: u64,
        memory: &Arc<SessionMemory>,
        bell: Option<OwnedFd>,
        limit: Duration,
    ) -> Result<Bridge, TransportError> {
        let end = memory.client()?;
        let waker = Arc::new(Waker::default());
        let hook = Arc::clone(&waker);
        memory.set_hook(Side::Client, move || hook.wake());
        let bell = bell.map(watch).transpose()?;
        let lanes = within(
            limit,
            "take a session's streams",
            self.accept_lanes(session, end),
        )
        .await?;
        let pump = Pump {
            memory: Arc::clone(memory),
            side: Side::Client,
            connection: self.connection.clone(),
            waker: Arc::clone(&waker),
            lanes,
        };
        Ok(Bridge { pump, bell, waker })
    }

    /// Waits until the connection has ended.
    pub async fn closed(&self) -> CloseReason {
        super::control::close_reason(&self.connection.closed().await)
    }

    /// Ends the connection.
    pub fn close(&self, reason: CloseReason) {
        self.connection.close(
            VarInt::from_u32(reason.code()),
            reason.to_string().as_bytes(),
        );
    }

    async fn accept_lanes(
        &self,
        session: u64,
        end: ClientEnd,
    ) -> Result<[Lane; 2], TransportError> {
        let mut calls = Waiting::For(end.reply, end.command);
        let mut bulk = Waiting::For(end.download, end.upload);
        loop {
            let (send, mut receive) = self
                .connection
                .accept_bi()
                .await
                .map_err(|_| TransportError::Disconnected)?;
            let theirs = Preamble::read(&mut receive).await?;
            if theirs.session != session {
                return Err(TransportError::Protocol("a stream names another session"));
            }
            let (waiting, priority) = match theirs.kind {
                StreamKind::Calls => (&mut calls, 1),
                StreamKind::Bulk => (&mut bulk, 0),
                StreamKind::Control => {
                    return Err(TransportError::Protocol("a second control stream"));
                }
            };
            let _ = send.set_priority(priority);
            waiting.take(theirs, send, receive).await?;
            if let (Waiting::Lane(_), Waiting::Lane(_)) = (&calls, &bulk) {
                break;
            }
        }
        match (calls, bulk) {
            (Waiting::Lane(calls), Waiting::Lane(bulk)) => Ok([*calls, *bulk]),
            _ => Err(TransportError::Protocol("a session has two lanes")),
        }
    }
}

/// A ring pair before and after its stream has come.
#[derive(Debug)]
enum Waiting {
    For(Consumer, Producer),
    Lane(Box<Lane>),
    Taken,
}

impl Waiting {
    async fn take(
        &mut self,
        theirs: Preamble,
        mut send: SendStream,
        receive: RecvStream,
    ) -> Result<(), TransportError> {
        let Waiting::For(outgoing, incoming) = std::mem::replace(self, Waiting::Taken) else {
            return Err(TransportError::Protocol("a stream came twice"));
        };
        let sends = outgoing.position();
        let ours = Preamble {
            sends,
            expects: incoming.position(),
            ..theirs
        };
        if theirs.sends != ours.expects || theirs.expects != ours.sends {
            return Err(TransportError::Protocol(
                "the client's rings stand elsewhere",
            ));
        }
        ours.write(&mut send).await?;
        *self = Waiting::Lane(Box::new(Lane {
            outgoing,
            incoming,
            send,
            receive,
        }));
        Ok(())
    }
}

/// The pump of one session.
#[derive(Debug)]
pub struct Bridge {
    pump: Pump,
    bell: Option<AsyncFd<OwnedFd>>,
    waker: Arc<Waker>,
}

impl Bridge {
    /// Pumps until either side closes the session or the connection is lost, and returns the reason,
    /// with which the memory is then closed.
    pub async fn run(self) -> CloseReason {
        let Bridge { pump, bell, waker } = self;
        let Some(bell) = bell else {
            return pump.run().await;
        };
        tokio::select! {
            reason = pump.run() => reason,
            error = listen(&bell, &waker) => {
                tracing::error!(%error, "a session's bell cannot be read");
                CloseReason::LINK_LOST
            }
        }
    }
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
