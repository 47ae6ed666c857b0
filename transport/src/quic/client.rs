//! The client's half of a connection between hosts: a thread of its own keeps the rings equal, so that
//! callers only ever touch memory. Read [`RemoteLink`] first.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow};
use quinn::{Connection, ConnectionError, Endpoint, Runtime, TokioRuntime, VarInt};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, oneshot};

use super::config::QuicTuning;
use super::control::{
    ControlReceiver, ControlSender, Preamble, StreamKind, connection_error, within,
};
use super::pump::{Lane, Pump, Waker};
use super::socket;
use crate::error::{CloseReason, TransportError};
use crate::layout::Side;
use crate::session::SessionMemory;
use crate::tls::{self, Seen, Trust};

/// After this long without an answer the address is asked whether anybody listens there.
const PROBE_AFTER: Duration = Duration::from_millis(250);
/// How long a refused handshake stays to tell the server why.
const REFUSAL_WITHIN: Duration = Duration::from_millis(50);
/// How long a closing link waits for its last words to be heard.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// A server and how to trust it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuicTarget {
    /// Host name or address.
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// How its certificate is checked.
    pub trust: Trust,
    /// Settings of the connection.
    pub tuning: QuicTuning,
}

/// A connection to a server, driven by a thread of its own until it is dropped. All methods block, each
/// until its deadline at most.
#[derive(Debug)]
pub struct RemoteLink {
    runtime: Handle,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    connection: Connection,
    sender: Mutex<ControlSender>,
    receiver: Mutex<ControlReceiver>,
    attached: AtomicBool,
    /// Set when the pump of the attached session has ended.
    ended: OnceLock<CloseReason>,
    pump_ended: tokio::sync::Notify,
}

impl RemoteLink {
    /// Connects: name resolution, TLS handshake, control stream.
    pub fn connect(target: &QuicTarget, deadline: Instant) -> Result<RemoteLink, TransportError> {
        let addresses = resolve(target)?;
        let target = target.clone();
        let (tell, told) = mpsc::sync_channel(1);
        let (stop, stopped) = oneshot::channel();
        let body = move || link_thread(&target, &addresses, deadline, &tell, stopped);
        let thread = spawn_without_signals(body)?;
        let patience = deadline.saturating_duration_since(Instant::now()) + PROBE_AFTER;
        let (runtime, shared) =
            told.recv_timeout(patience)
                .map_err(|_| TransportError::Timeout {
                    what: "connect to the server",
                })??;
        Ok(RemoteLink {
            runtime,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where the server is.
    pub fn remote_address(&self) -> SocketAddr {
        self.shared.connection.remote_address()
    }

    /// Sends a control message.
    pub fn send(&self, message: Vec<u8>, deadline: Instant) -> Result<(), TransportError> {
        let shared = Arc::clone(&self.shared);
        self.block(deadline, "send a control message", async move {
            let sent = shared.sender.lock().await.send(&message).await;
            sent.map_err(|error| shared.explain(error))
        })
    }

    /// Receives a control message.
    pub fn receive(&self, deadline: Instant) -> Result<Vec<u8>, TransportError> {
        let shared = Arc::clone(&self.shared);
        self.block(deadline, "receive a control message", async move {
            let received = shared.receiver.lock().await.receive().await;
            received.map_err(|error| shared.explain(error))
        })
    }

    /// Opens the session's streams and from then on keeps `memory`, whose client end is the caller's,
    /// equal to the session's memory at the server.
    pub fn attach(
        &self,
        session: u64,
        memory: &Arc<SessionMemory>,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let (shared, memory) = (Arc::clone(&self.shared), Arc::clone(memory));
        self.block(deadline, "open the session's streams", async move {
            let pump = open_lanes(&shared, session, memory).await;
            let pump = pump.map_err(|error| shared.explain(error))?;
            shared.attached.store(true, Ordering::Relaxed);
            tokio::spawn(async move {
                let reason = pump.run().await;
                let _ = shared.ended.set(reason);
                shared.pump_ended.notify_waiters();
            });
            Ok(())
        })
    }

    /// Why the connection is over; `None` while it lives. Never blocks: suits as a liveness check.
    pub fn ended(&self) -> Option<CloseReason> {
        if let Some(reason) = self.shared.ended.get() {
            return Some(*reason);
        }
        self.shared
            .connection
            .close_reason()
            .map(|error| super::control::close_reason(&error))
    }

    /// Closes the connection once what the closed session's rings hold has reached the server, waiting
    /// up to the deadline for that.
    pub fn close(mut self, reason: CloseReason, deadline: Instant) {
        let shared = Arc::clone(&self.shared);
        // Whether in time or not, the connection is closed next.
        let _ = self.block(deadline, "close the connection", async move {
            let ended = shared.pump_ended.notified();
            let pumping = shared.attached.load(Ordering::Relaxed) && shared.ended.get().is_none();
            if pumping && shared.connection.close_reason().is_none() {
                ended.await;
            }
            Ok(())
        });
        self.shared
            .connection
            .close(VarInt::from_u32(reason.code()), b"");
        self.stop();
    }

    /// Ends the link's thread.
    fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by the thread.
            let _ = thread.join();
        }
    }

    /// Runs an operation on the link's thread and waits for it.
    fn block<T: Send + 'static>(
        &self,
        deadline: Instant,
        what: &'static str,
        operation: impl Future<Output = Result<T, TransportError>> + Send + 'static,
    ) -> Result<T, TransportError> {
        let left = deadline.saturating_duration_since(Instant::now());
        let (tell, told) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let _ = tell.send(within(left, what, operation).await);
        });
        // The runtime keeps the time; the slack is for a machine under load.
        match told.recv_timeout(left + CLOSE_WITHIN) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(TransportError::Timeout { what }),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(TransportError::Disconnected),
        }
    }
}

impl Drop for RemoteLink {
    fn drop(&mut self) {
        let code = CloseReason::FINISHED.code();
        self.shared.connection.close(VarInt::from_u32(code), b"");
        self.stop();
    }
}

impl Shared {
    /// Puts the connection's own end in place of a stream's.
    fn explain(&self, error: TransportError) -> TransportError {
        match (&error, self.connection.close_reason()) {
            (TransportError::Disconnected, Some(why)) => {
                connection_error(self.connection.remote_address(), &why)
            }
            _ => error,
        }
    }
}

type Established = Result<(Handle, Arc<Shared>), TransportError>;

fn link_thread(
    target: &QuicTarget,
    addresses: &[SocketAddr],
    deadline: Instant,
    tell: &mpsc::SyncSender<Established>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(source) => {
            let _ = tell.send(Err(TransportError::os("start the link's runtime", source)));
            return;
        }
    };
    runtime.block_on(async {
        match connect_any(target, addresses, deadline).await {
            Ok((endpoint, shared)) => {
                let _ = tell.send(Ok((Handle::current(), shared)));
                let _ = stopped.await;
                let _ = tokio::time::timeout(CLOSE_WITHIN, endpoint.wait_idle()).await;
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        }
    });
    // The endpoint's own tasks hold nothing that needs waiting for.
    runtime.shutdown_background();
}

async fn connect_any(
    target: &QuicTarget,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<(Endpoint, Arc<Shared>), TransportError> {
    let mut last = TransportError::Timeout {
        what: "connect to the server",
    };
    for &address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        let attempt = connect_one(target, address);
        match tokio::time::timeout(left, attempt).await {
            Ok(Ok(established)) => return Ok(established),
            Ok(Err(error)) => last = error,
            Err(_) => {
                let why = "no answer before the deadline".to_owned();
                return Err(TransportError::Unreachable { address, why });
            }
        }
    }
    Err(last)
}

async fn connect_one(
    target: &QuicTarget,
    address: SocketAddr,
) -> Result<(Endpoint, Arc<Shared>), TransportError> {
    let (tls, seen) = tls::client_config(&target.trust)?;
    let config = target.tuning.client(address, tls)?;
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime);
    let socket = socket::bind(any, target.tuning.datagram_limit())
        .map_err(|source| TransportError::os("open a UDP socket", source))?;
    let endpoint =
        Endpoint::new_with_abstract_socket(target.tuning.endpoint()?, None, socket, runtime)
            .map_err(|source| TransportError::os("open a QUIC endpoint", source))?;
    let connecting = endpoint
        .connect_with(config, address, &server_name(&target.host))
        .map_err(|error| TransportError::Unreachable {
            address,
            why: error.to_string(),
        })?;
    let connection = tokio::select! {
        connected = connecting => match connected {
            Ok(connection) => connection,
            Err(error) => {
                // The server is told why before the endpoint goes.
                let _ = tokio::time::timeout(REFUSAL_WITHIN, endpoint.wait_idle()).await;
                return Err(handshake_error(target, address, &seen, &error));
            }
        },
        why = closed_port(address) => return Err(TransportError::Unreachable { address, why }),
    };
    let opened = open_control(&connection).await;
    let (sender, receiver) = opened.map_err(|error| match connection.close_reason() {
        Some(why) => connection_error(address, &why),
        None => error,
    })?;
    let shared = Shared {
        connection,
        sender: Mutex::new(sender),
        receiver: Mutex::new(receiver),
        attached: AtomicBool::new(false),
        ended: OnceLock::new(),
        pump_ended: tokio::sync::Notify::new(),
    };
    Ok((endpoint, Arc::new(shared)))
}

async fn open_control(
    connection: &Connection,
) -> Result<(ControlSender, ControlReceiver), TransportError> {
    let (mut send, mut receive) = connection
        .open_bi()
        .await
        .map_err(|_| TransportError::Disconnected)?;
    // A failure means that the stream is closed, which the write will say.
    let _ = send.set_priority(2);
    Preamble::control().write(&mut send).await?;
    if Preamble::read(&mut receive).await? != Preamble::control() {
        return Err(TransportError::Protocol(
            "the server answers on another stream",
        ));
    }
    Ok((ControlSender(send), ControlReceiver::new(receive)))
}

async fn open_lanes(
    shared: &Shared,
    session: u64,
    memory: Arc<SessionMemory>,
) -> Result<Pump, TransportError> {
    let end = memory.worker()?;
    let waker = Arc::new(Waker::default());
    let hook = Arc::clone(&waker);
    memory.set_hook(Side::Worker, move || hook.wake());
    let mut lanes = Vec::new();
    for (kind, outgoing, incoming) in [
        (StreamKind::Calls, end.command, end.reply),
        (StreamKind::Bulk, end.upload, end.download),
    ] {
        let (mut send, mut receive) = shared
            .connection
            .open_bi()
            .await
            .map_err(|_| TransportError::Disconnected)?;
        let _ = send.set_priority(i32::from(kind == StreamKind::Calls));
        let ours = Preamble {
            kind,
            session,
            sends: outgoing.position(),
            expects: incoming.position(),
        };
        ours.write(&mut send).await?;
        let theirs = Preamble::read(&mut receive).await?;
        let expected = Preamble {
            sends: ours.expects,
            expects: ours.sends,
            ..ours
        };
        if theirs != expected {
            return Err(TransportError::Protocol(
                "the server's rings stand elsewhere",
            ));
        }
        lanes.push(Lane {
            outgoing,
            incoming,
            send,
            receive,
        });
    }
    let lanes = <[Lane; 2]>::try_from(lanes)
        .map_err(|_| TransportError::Protocol("a session has two lanes"))?;
    let connection = shared.connection.clone();
    Ok(Pump {
        memory,
        side: Side::Worker,
        connection,
        waker,
        lanes,
    })
}

fn handshake_error(
    target: &QuicTarget,
    address: SocketAddr,
    seen: &Seen,
    error: &ConnectionError,
) -> TransportError {
    if let (Trust::Fingerprint(expected), Some(actual)) = (&target.trust, seen.fingerprint())
        && *expected != actual
    {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        return TransportError::FingerprintMismatch {
            address,
            expected,
            actual,
        };
    }
    match (error, connection_error(address, error)) {
        (_, mismatch @ TransportError::AlpnMismatch { .. }) => mismatch,
        (ConnectionError::TransportError(error), _) if error.frame.is_none() => {
            TransportError::Untrusted {
                address,
                why: error.reason.clone(),
            }
        }
        (ConnectionError::TimedOut, _) => TransportError::Unreachable {
            address,
            why: "no answer".to_owned(),
        },
        (_, lost) => lost,
    }
}

/// Ends only when the host says that nobody listens at the port, which a QUIC socket is not told.
async fn closed_port(address: SocketAddr) -> String {
    tokio::time::sleep(PROBE_AFTER).await;
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let probe = async {
        let socket = tokio::net::UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        socket.send(&[0]).await?;
        socket.recv(&mut [0]).await
    };
    match probe.await {
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "nobody listens at this port".to_owned()
        }
        _ => std::future::pending().await,
    }
}

fn resolve(target: &QuicTarget) -> Result<Vec<SocketAddr>, TransportError> {
    let unknown = |why: String| TransportError::UnknownHost {
        host: target.host.clone(),
        why,
    };
    let found = (target.host.as_str(), target.port).to_socket_addrs();
    let addresses: Vec<SocketAddr> = found.map_err(|e| unknown(e.to_string()))?.take(8).collect();
    if addresses.is_empty() {
        return Err(unknown("it has no address".to_owned()));
    }
    Ok(addresses)
}

/// The name in the handshake; what is not a name there (a host with underscores) is only pinned.
fn server_name(host: &str) -> String {
    match rustls::pki_types::ServerName::try_from(host) {
        Ok(_) => host.to_owned(),
        Err(_) => "localhost".to_owned(),
    }
}

/// Starts the link's thread with all signals blocked: the program's handlers run on its own threads.
fn spawn_without_signals(
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, TransportError> {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
    let thread = std::thread::Builder::new()
        .name("rigel-link".to_owned())
        .spawn(body);
    if let Ok(before) = before {
        // It was the mask a moment ago, so that it can be set again.
        let _ = before.thread_set_mask();
    }
    thread.map_err(|source| TransportError::os("start the link's thread", source))
}
