//! Clients of other hosts: the QUIC endpoint on its own runtime, and a client's control side as a
//! session's thread sees it, which sleeps in poll and knows no async.
//!
//! One task a connection owns the connection. It hands what the client says to the session's thread
//! (a bounded channel and an eventfd) and takes what the thread wants done from another. A session may
//! have several connections one after another; its bridgehead goes from one to the next.

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{ServerMessage, encode};
use rigel_protocol::pool::{QuicAddress, Trust};
use rigel_transport::quic::{
    BridgeEnd, Bridgehead, LaneSet, QuicConnecting, QuicPeer, QuicServer, QuicTuning,
};
use rigel_transport::tls::{ClientAuthority, ServerIdentity};
use rigel_transport::{CloseReason, SessionMemory, TransportError};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::attempts::Source;
use super::link::{ClientLink, FromClient};
use super::peer::Peer;
use super::server::Server;
use crate::config::ServerConfig;

/// Longest time of a handshake, and of a message to a client.
const CLIENT_WITHIN: Duration = Duration::from_secs(10);
/// Control messages that wait for the session's thread, and for the connection's task.
const QUEUE: usize = 64;
/// Longest time for which clients are told that the server has closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// The endpoint and the runtime that drives it.
pub(crate) struct RemoteListener {
    runtime: Option<Runtime>,
    endpoint: QuicServer,
    url: QuicAddress,
}

/// A remote client's control side.
#[derive(Debug)]
pub(crate) struct RemoteClient {
    wake: Arc<EventFd>,
    said: Receiver<Said>,
    orders: mpsc::Sender<Order>,
    runtime: Handle,
}

/// From the connection's task to the session's thread.
#[derive(Debug)]
enum Said {
    Message(Vec<u8>),
    Broken(String),
    Gone,
    Lost { silent: bool },
}

/// From the session's thread to the connection's task.
#[derive(Debug)]
enum Order {
    Send(Vec<u8>),
    /// Bridge the session's rings from now on; a client that returns is told where it stands first.
    Bridge {
        head: Arc<Bridgehead>,
        returns: bool,
    },
    /// The session goes on over another connection.
    Yield,
    Close,
}

impl RemoteListener {
    /// Listens, and shows this certificate.
    pub(crate) fn start(
        server: &Arc<Server>,
        address: SocketAddr,
        identity: &ServerIdentity,
        allowed_lanes: LaneSet,
    ) -> anyhow::Result<Self> {
        // One thread: the lowest round trips, since nothing moves between cores.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("quic")
            .enable_all()
            .build()
            .context("start the network's runtime")?;
        let endpoint = {
            let _inside = runtime.enter();
            let tuning = QuicTuning {
                idle_timeout: server.grace.min(QuicTuning::default().idle_timeout),
                allowed_lanes,
                ..QuicTuning::default()
            };
            QuicServer::bind(address, identity, tuning)
                .with_context(|| format!("listen at {address} (UDP)"))?
        };
        let local = endpoint.local_address()?;
        let url = QuicAddress {
            host: local.ip().to_string(),
            port: local.port(),
            trust: Trust::Fingerprint(identity.fingerprint().0),
            client: None,
        };
        let _ = server.endpoint.set(endpoint.clone());
        runtime.spawn(accept(Arc::clone(server), endpoint.clone()));
        Ok(Self {
            runtime: Some(runtime),
            endpoint,
            url,
        })
    }

    /// The address for clients. Its host is the one listened at; a wildcard is theirs to replace.
    pub(crate) fn url(&self) -> String {
        self.url.to_string()
    }
}

impl Drop for RemoteListener {
    fn drop(&mut self) {
        self.endpoint.close(CloseReason::SHUTDOWN);
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(self.endpoint.wait_idle(CLOSE_WITHIN));
            runtime.shutdown_background();
        }
    }
}

/// The server's certificate: its own, or the one kept in the state folder, which is made at the first start;
/// and the authority for those of clients.
pub(crate) fn identity(
    config: &ServerConfig,
    state: &Path,
    address: SocketAddr,
) -> anyhow::Result<ServerIdentity> {
    let identity = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => ServerIdentity::load(certificate, key)
            .context("open the server's certificate (`certificate`, `key`)")?,
        _ => ServerIdentity::load_or_create(state, &names(address))
            .with_context(|| format!("open the server's certificate in {}", state.display()))?,
    };
    let required = config.require_certificate.unwrap_or(false);
    let clients = config.client_ca.as_deref();
    let clients = clients.map(|path| ClientAuthority::load(path, required));
    let clients = clients
        .transpose()
        .context("open the authority for clients (`client_ca`)")?;
    Ok(identity.with_clients(clients))
}

/// The names of a new certificate, for clients that check it against an authority.
fn names(address: SocketAddr) -> Vec<String> {
    let host = nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok());
    let mut names = vec!["localhost".to_owned(), address.ip().to_string()];
    names.extend(host);
    names
}

async fn accept(server: Arc<Server>, endpoint: QuicServer) {
    while let Some(connecting) = endpoint.accept().await {
        let source = Source::network(connecting.remote_address());
        let shut_out = server.handshakes_failed.shut_out(&source, Instant::now());
        if server.is_stopping() || !server.has_room_for_strangers() || shut_out.is_some() {
            connecting.refuse();
            continue;
        }
        tokio::spawn(connection(Arc::clone(&server), connecting));
    }
}

async fn connection(server: Arc<Server>, connecting: QuicConnecting) {
    let address = connecting.remote_address();
    match connecting.handshake(CLIENT_WITHIN).await {
        Err(TransportError::Untrusted { address, why }) => {
            let peer = Peer::Remote {
                address,
                certificate: None,
            };
            server.refused_certificate(&peer, &why);
        }
        Err(error) => tracing::debug!(%address, "handshake failed: {error}"),
        Ok(peer) => match RemoteClient::pair() {
            Err(error) => tracing::error!(%address, "no room for a connection: {error:#}"),
            Ok((client, task)) => {
                let link = ClientLink::Remote(client);
                let from = Peer::Remote {
                    address: peer.remote_address(),
                    certificate: peer.names().map(Arc::new),
                };
                server.spawn_connection(from, move || Ok(link));
                task.run(peer).await;
            }
        },
    }
}

/// The connection's task.
struct Task {
    wake: Arc<EventFd>,
    said: SyncSender<Said>,
    orders: mpsc::Receiver<Order>,
}

impl Task {
    /// Carries messages both ways until either side ends, then closes the connection.
    async fn run(mut self, mut peer: QuicPeer) {
        let mut bridging = Bridging::default();
        let reason = loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Send(bytes)) => {
                        if peer.send(&bytes, CLIENT_WITHIN).await.is_err() {
                            self.tell(lost(&peer).await);
                            break CloseReason::LINK_LOST;
                        }
                    }
                    Some(Order::Bridge { head, returns }) => {
                        match bridge(&mut peer, &head, returns).await {
                            Ok(task) => bridging = task,
                            Err(error) => {
                                tracing::debug!("a session was not bridged: {error:#}");
                                self.tell(Said::Lost { silent: false });
                                break CloseReason::LINK_LOST;
                            }
                        }
                    }
                    Some(Order::Yield) => return peer.yield_session(),
                    Some(Order::Close) | None => break CloseReason::FINISHED,
                },
                ended = bridging.ended() => {
                    tracing::debug!(address = %peer.remote_address(), ?ended, "bridge ended");
                    let (said, reason) = match ended {
                        Ok(BridgeEnd::Ended(reason)) => (Said::Gone, reason),
                        Ok(BridgeEnd::Lost { silent }) => {
                            (Said::Lost { silent }, CloseReason::LINK_LOST)
                        }
                        Err(error) => (Said::Broken(error.to_string()), CloseReason::PROTOCOL),
                    };
                    self.tell(said);
                    break reason;
                }
                received = peer.receive(Duration::MAX) => match received {
                    Ok(bytes) => self.tell(Said::Message(bytes)),
                    Err(error) => {
                        tracing::debug!(address = %peer.remote_address(), "{error}");
                        self.tell(lost(&peer).await);
                        break CloseReason::LINK_LOST;
                    }
                },
            }
        };
        self.tell(Said::Gone);
        if reason == CloseReason::FINISHED {
            // What was sent last is lost with the connection: the client leaves first.
            let _ = tokio::time::timeout(CLOSE_WITHIN, peer.closed()).await;
        }
        peer.close(reason);
    }

    /// A client that says more than the session's thread can hear is broken off by the queue's limit.
    fn tell(&self, said: Said) {
        let _ = self.said.try_send(said);
        let _ = self.wake.write(1);
    }
}

/// What it means that the control stream has ended.
async fn lost(peer: &QuicPeer) -> Said {
    let ended = tokio::time::timeout(CLOSE_WITHIN, peer.closed()).await;
    match ended {
        Ok(BridgeEnd::Lost { silent }) => Said::Lost { silent },
        _ => Said::Gone,
    }
}

/// The task that bridges a session over one connection; dropped, it lets go of the session.
#[derive(Debug, Default)]
struct Bridging(Option<JoinHandle<Result<BridgeEnd, TransportError>>>);

impl Bridging {
    /// How it ended; never, if there is none.
    async fn ended(&mut self) -> Result<BridgeEnd, TransportError> {
        let Some(task) = &mut self.0 else {
            return std::future::pending().await;
        };
        let ended = task.await;
        self.0 = None;
        ended.unwrap_or(Ok(BridgeEnd::Ended(CloseReason::LINK_LOST)))
    }
}

impl Drop for Bridging {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

async fn bridge(
    peer: &mut QuicPeer,
    head: &Arc<Bridgehead>,
    returns: bool,
) -> anyhow::Result<Bridging> {
    let bridge = peer.bridge(head, CLIENT_WITHIN).await?;
    if returns {
        let expects = bridge.expects();
        let answer = encode(&ServerMessage::Resumed { expects })?;
        peer.send(&answer, CLIENT_WITHIN).await?;
    }
    let task = tokio::spawn(bridge.run(CLIENT_WITHIN));
    Ok(Bridging(Some(task)))
}

impl RemoteClient {
    fn pair() -> anyhow::Result<(Self, Task)> {
        let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
        let wake = Arc::new(EventFd::from_flags(flags).context("make an eventfd")?);
        let (say, said) = sync_channel(QUEUE);
        let (order, orders) = mpsc::channel(QUEUE);
        let task = Task {
            wake: Arc::clone(&wake),
            said: say,
            orders,
        };
        let runtime = Handle::current();
        Ok((
            Self {
                wake,
                said,
                orders: order,
                runtime,
            },
            task,
        ))
    }

    /// Readable when the client has said something.
    pub(crate) fn wake_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }

    /// Welcomes the client and bridges the session's rings from now on.
    pub(crate) fn welcome(&self, welcome: Vec<u8>, head: &Arc<Bridgehead>) -> anyhow::Result<()> {
        self.send(welcome)?;
        self.bridge(head, false)
    }

    /// Gives the session back to a client that returns.
    pub(crate) fn give_back(&self, head: &Arc<Bridgehead>) -> anyhow::Result<()> {
        self.bridge(head, true)
    }

    /// Ends a connection whose session goes on over another.
    pub(crate) fn yield_session(&self) {
        let _ = self.orders.try_send(Order::Yield);
    }

    /// The bridge's end of a session's rings.
    pub(crate) fn bridgehead(
        &self,
        session: u64,
        memory: &Arc<SessionMemory>,
        bell: OwnedFd,
    ) -> anyhow::Result<Arc<Bridgehead>> {
        let _inside = self.runtime.enter();
        Ok(Bridgehead::new(session, memory, Some(bell))?)
    }

    fn bridge(&self, head: &Arc<Bridgehead>, returns: bool) -> anyhow::Result<()> {
        let head = Arc::clone(head);
        self.order(Order::Bridge { head, returns })
    }

    /// Sends a message.
    pub(crate) fn send(&self, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.order(Order::Send(bytes))
    }

    /// Takes one message if there is one.
    pub(crate) fn receive(&mut self) -> FromClient {
        let _ = self.wake.read();
        match self.said.try_recv() {
            Ok(Said::Message(bytes)) => {
                // Poll must come back for those behind it.
                let _ = self.wake.write(1);
                FromClient::Said(bytes)
            }
            Ok(Said::Broken(message)) => FromClient::Broken(message),
            Ok(Said::Lost { silent }) => FromClient::Lost { silent },
            Ok(Said::Gone) | Err(TryRecvError::Disconnected) => FromClient::Gone,
            Err(TryRecvError::Empty) => FromClient::Nothing,
        }
    }

    /// Ends the connection after what has been sent.
    pub(crate) fn close(self) {
        let _ = self.orders.try_send(Order::Close);
    }

    fn order(&self, order: Order) -> anyhow::Result<()> {
        let full = "the client does not take its messages";
        self.orders
            .try_send(order)
            .map_err(|_| anyhow::anyhow!(full))
    }
}
