//! The client's half of a link between hosts: the rings are kept equal over one connection after another,
//! so that callers only ever touch memory. Who drives it is `turn`'s. Read [`RemoteLink`] first.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow};
use quinn::{Connection, Endpoint, RecvStream, SendStream, VarInt};
use tokio::sync::{Mutex, oneshot};

use super::config::QuicTuning;
use super::connect::{PROBE_AFTER, connect_any, resolve};
use super::control::{
    ControlReceiver, ControlSender, Preamble, StreamKind, TAKEN_OVER, connection_error, read_grant,
    within,
};
use super::desk;
use super::dial::{DIAL_PERIOD, Dialled, Dialler, Fresh};
use super::lane::{LaneKind, Lanes};
use super::pump::{Outcome, Rings, SessionStreams, Streams, Waker};
use super::silence::Watch;
use super::turn::Turn;
use crate::error::{CloseReason, TransportError};
use crate::layout::Side;
use crate::session::SessionMemory;
use crate::tls::{ClientIdentity, Trust};

/// How long a fresh connection takes to open the session's streams.
const OPEN_WITHIN: Duration = Duration::from_secs(2);
/// Slack for the end of an operation on a busy machine, beyond its own deadline.
const SLACK: Duration = Duration::from_secs(3);
/// How long a closing link keeps its socket, so that its last words leave. What matters was answered before
/// (a session's goodbye); to wait for the draining period of RFC 9000, section 10.2, would keep every
/// program for three probe timeouts, 80 ms, at its end.
const LINGER: Duration = Duration::from_millis(5);

/// A server and how to trust it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuicTarget {
    /// Host name or address.
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// How its certificate is checked.
    pub trust: Trust,
    /// How the client proves who it is, if by a certificate.
    pub identity: Option<ClientIdentity>,
    /// Settings of the connection.
    pub tuning: QuicTuning,
}

/// Reads an answer to [`Resumption::ask`].
pub type Understand = dyn Fn(&[u8]) -> Result<[u64; 2], String> + Send + Sync;

/// How a session comes back after its connection was lost. What is said is the caller's; the transport
/// carries it.
pub struct Resumption {
    /// Asks for the session on a fresh connection; the number grows with every request.
    pub ask: Box<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
    /// Reads the server's answer: from which byte it wants calls and bulk, or why there is no session.
    pub understand: Box<Understand>,
    /// For how long it is tried.
    pub grace: Duration,
}

impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resumption(within {:?})", self.grace)
    }
}

/// A link to a server, with a thread of its own until it is dropped. All methods block, each until its
/// deadline at most.
#[derive(Debug)]
pub struct RemoteLink {
    turn: Arc<Turn>,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    target: QuicTarget,
    current: std::sync::Mutex<Arc<Connected>>,
    attached: AtomicBool,
    /// Set when the attached session has ended.
    ended: OnceLock<CloseReason>,
    pump_ended: tokio::sync::Notify,
}

/// One connection and its control stream.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) address: SocketAddr,
    pub(super) endpoint: Endpoint,
    pub(super) connection: Connection,
    pub(super) sender: Mutex<ControlSender>,
    pub(super) receiver: Mutex<ControlReceiver>,
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
        let (turn, shared) =
            told.recv_timeout(patience)
                .map_err(|_| TransportError::Timeout {
                    what: "connect to the server",
                })??;
        Ok(RemoteLink {
            turn,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where the server is.
    pub fn remote_address(&self) -> SocketAddr {
        self.shared.current().address
    }

    /// Sends a control message.
    pub fn send(&self, message: Vec<u8>, deadline: Instant) -> Result<(), TransportError> {
        let connected = self.shared.current();
        self.block(deadline, "send a control message", async move {
            let sent = connected.sender.lock().await.send(&message).await;
            sent.map_err(|error| connected.explain(error))
        })
    }

    /// Receives a control message.
    pub fn receive(&self, deadline: Instant) -> Result<Vec<u8>, TransportError> {
        let connected = self.shared.current();
        self.block(deadline, "receive a control message", async move {
            let received = connected.receiver.lock().await.receive().await;
            received.map_err(|error| connected.explain(error))
        })
    }

    /// Opens the session's streams and from then on keeps `memory`, whose client end is the caller's,
    /// equal to the session's memory at the server; over further connections if it may come back.
    pub fn attach(
        &self,
        session: u64,
        memory: &Arc<SessionMemory>,
        resumption: Option<Resumption>,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let (shared, turn) = (Arc::clone(&self.shared), Arc::clone(&self.turn));
        let memory = Arc::clone(memory);
        self.block(deadline, "open the session's streams", async move {
            let connected = shared.current();
            let rings = client_rings(&memory)?;
            let streams = open_streams(&shared.target, &connected, session, &rings).await;
            let streams = streams.map_err(|error| connected.explain(error))?;
            shared.attached.store(true, Ordering::Relaxed);
            turn.serve(&memory, &rings);
            let dialler = resumption.map(|resumption| {
                let target = shared.target.clone();
                Arc::new(Dialler::new(target, connected.address, resumption))
            });
            tokio::spawn(async move {
                let keeper = Keeper {
                    shared: &shared,
                    session,
                    rings,
                    dialler,
                };
                let reason = keeper.keep(streams).await;
                memory.close(Side::Worker, reason);
                let _ = shared.ended.set(reason);
                shared.pump_ended.notify_waiters();
            });
            Ok(())
        })
    }

    /// Why the session, or before there is one the connection, is over; `None` while it lives or may come
    /// back. Never blocks: suits as a liveness check.
    pub fn ended(&self) -> Option<CloseReason> {
        if let Some(reason) = self.shared.ended.get() {
            return Some(*reason);
        }
        if self.shared.attached.load(Ordering::Relaxed) {
            return None;
        }
        let why = self.shared.current().connection.close_reason()?;
        Some(super::control::close_reason(&why))
    }

    /// Closes the connection once what the closed session's rings hold has reached the server, waiting
    /// up to the deadline for that.
    pub fn close(mut self, reason: CloseReason, deadline: Instant) {
        let shared = Arc::clone(&self.shared);
        // Whether in time or not, the connection is closed next.
        let _ = self.block(deadline, "close the connection", async move {
            let ended = shared.pump_ended.notified();
            // Through an outage too: a server that does not hear of the end keeps everything.
            if shared.attached.load(Ordering::Relaxed) && shared.ended.get().is_none() {
                ended.await;
            }
            Ok(())
        });
        self.shared.close(reason);
        self.stop();
    }

    /// Ends the link's thread.
    fn stop(&mut self) {
        drop(self.stop.take());
        self.turn.strike();
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
        self.turn.spawn(async move {
            let _ = tell.send(within(left, what, operation).await);
        });
        // The runtime keeps the time.
        match told.recv_timeout(left + SLACK) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => Err(TransportError::Timeout { what }),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(TransportError::Disconnected),
        }
    }
}

impl Drop for RemoteLink {
    fn drop(&mut self) {
        self.shared.close(CloseReason::FINISHED);
        self.stop();
    }
}

impl Shared {
    fn current(&self) -> Arc<Connected> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    fn replace(&self, connected: Connected) -> Arc<Connected> {
        let connected = Arc::new(connected);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, connected)
    }

    fn close(&self, reason: CloseReason) {
        let code = VarInt::from_u32(reason.code());
        self.current().connection.close(code, b"");
    }
}

impl Connected {
    /// Puts the connection's own end in place of a stream's.
    fn explain(&self, error: TransportError) -> TransportError {
        match (&error, self.connection.close_reason()) {
            (TransportError::Disconnected, Some(why)) => connection_error(self.address, &why),
            _ => error,
        }
    }
}

/// Keeps an attached session over its connections.
struct Keeper<'a> {
    shared: &'a Shared,
    session: u64,
    rings: Rings,
    /// None: the first lost connection is the end.
    dialler: Option<Arc<Dialler>>,
}

/// What ends the life of one connection.
enum Turned {
    Pumped(Outcome),
    Dialled(Dialled),
}

impl Keeper<'_> {
    async fn keep(mut self, mut streams: SessionStreams) -> CloseReason {
        loop {
            let connected = self.shared.current();
            let Some(dialler) = self.dialler.clone() else {
                return match self.rings.pump(&connected.connection, streams).await {
                    Outcome::Ended(reason) => reason,
                    Outcome::Lost(_) => CloseReason::LINK_LOST,
                };
            };
            let memory = Arc::clone(&self.rings.memory);
            let waker = Arc::clone(&self.rings.waker);
            let turned = tokio::select! {
                outcome = self.rings.pump(&connected.connection, streams) => {
                    Turned::Pumped(outcome)
                }
                end = watch(&dialler, &memory, &waker, &connected.connection) => {
                    Turned::Dialled(end)
                }
            };
            let mut end = match turned {
                Turned::Pumped(Outcome::Ended(reason)) => return reason,
                Turned::Pumped(Outcome::Lost(error)) => {
                    tracing::info!(session = self.session, %error, "connection lost, dialling");
                    let deadline = Instant::now() + dialler.resumption.grace;
                    dialler.dial(&memory, None, deadline).await
                }
                Turned::Dialled(end) => end,
            };
            let deadline = Instant::now() + dialler.resumption.grace;
            streams = loop {
                let fresh = match end {
                    Dialled::Fresh(fresh) => fresh,
                    other => return self.give_up(other),
                };
                match self.go_on(*fresh).await {
                    Ok(streams) => break streams,
                    Err(error @ TransportError::LaneRefused { .. }) => {
                        return self.give_up(Dialled::Refused(error.to_string()));
                    }
                    Err(error) => {
                        // What fails at once must not be tried as fast as that.
                        tokio::time::sleep(DIAL_PERIOD).await;
                        tracing::debug!(%error, "a fresh connection did not last");
                        end = dialler.dial(&memory, None, deadline).await;
                    }
                }
            };
        }
    }

    /// Goes on over a fresh connection.
    async fn go_on(&mut self, fresh: Fresh) -> Result<SessionStreams, TransportError> {
        let Fresh { connected, expects } = fresh;
        self.rings.restart();
        for (lane, position) in self.rings.lanes.iter_mut().zip(expects) {
            lane.rewind(position)?;
        }
        let old = self.shared.replace(connected);
        old.connection.close(TAKEN_OVER, b"");
        let (target, current) = (&self.shared.target, self.shared.current());
        let streams = open_streams(target, &current, self.session, &self.rings);
        let streams = within(OPEN_WITHIN, "open the session's streams", streams).await?;
        tracing::info!(session = self.session, ?expects, "session resumed");
        Ok(streams)
    }

    fn give_up(&self, end: Dialled) -> CloseReason {
        let session = self.session;
        match (end, self.rings.memory.closed()) {
            // It has ended, and the answer to the goodbye was lost.
            (_, Some(_)) => {}
            (Dialled::Refused(why), None) => {
                tracing::error!(session, why, "the session cannot be resumed");
            }
            _ => tracing::error!(session, "no way back to the server was found"),
        }
        self.shared.close(CloseReason::LINK_LOST);
        self.rings.memory.closed().unwrap_or(CloseReason::LINK_LOST)
    }
}

/// Waits for the connection to fall silent, and then dials beside it; ends unless it comes to life again.
async fn watch(
    dialler: &Arc<Dialler>,
    memory: &SessionMemory,
    waker: &Waker,
    connection: &Connection,
) -> Dialled {
    let mut path = Watch::new(Instant::now());
    loop {
        path.silence(connection, memory, waker).await;
        tracing::debug!("the connection is silent, dialling");
        let deadline = Instant::now() + dialler.resumption.grace;
        match dialler.dial(memory, Some(connection), deadline).await {
            Dialled::Revived => path.revived(Instant::now()),
            end => return end,
        }
    }
}

type Established = Result<(Arc<Turn>, Arc<Shared>), TransportError>;

fn link_thread(
    target: &QuicTarget,
    addresses: &[SocketAddr],
    deadline: Instant,
    tell: &mpsc::SyncSender<Established>,
    stopped: oneshot::Receiver<()>,
) {
    let turn = match Turn::new() {
        Ok(turn) => Arc::new(turn),
        Err(error) => {
            let _ = tell.send(Err(error));
            return;
        }
    };
    let connected = turn.block_on(connect_any(target, addresses, deadline));
    let shared = match connected {
        Ok(connected) => Arc::new(Shared {
            target: target.clone(),
            current: std::sync::Mutex::new(Arc::new(connected)),
            attached: AtomicBool::new(false),
            ended: OnceLock::new(),
            pump_ended: tokio::sync::Notify::new(),
        }),
        Err(error) => {
            let _ = tell.send(Err(error));
            return;
        }
    };
    let _ = tell.send(Ok((Arc::clone(&turn), Arc::clone(&shared))));
    turn.drive_until(stopped);
    turn.block_on(async {
        let endpoint = shared.current().endpoint.clone();
        let _ = tokio::time::timeout(LINGER, endpoint.wait_idle()).await;
    });
}

fn client_rings(memory: &Arc<SessionMemory>) -> Result<Rings, TransportError> {
    let end = memory.worker()?;
    let pairs = [
        (StreamKind::Calls, end.command, end.reply),
        (StreamKind::Bulk, end.upload, end.download),
    ];
    Ok(Rings::new(memory, Side::Worker, pairs))
}

async fn open_streams(
    target: &QuicTarget,
    connected: &Connected,
    session: u64,
    rings: &Rings,
) -> Result<SessionStreams, TransportError> {
    let mut opened = Vec::new();
    let lanes = rings.lanes.iter().map(|lane| Preamble {
        kind: lane.kind,
        lanes: match lane.kind {
            StreamKind::Bulk => target.tuning.lanes,
            _ => Lanes::default(),
        },
        session,
        sends: lane.sends(),
        expects: lane.expects(),
    });
    for ours in lanes.chain([Preamble::acks(session)]) {
        let lost = |_| TransportError::Disconnected;
        let (mut send, receive) = connected.connection.open_bi().await.map_err(lost)?;
        let _ = send.set_priority(ours.kind.priority());
        ours.write(&mut send).await?;
        opened.push((ours, send, receive));
    }
    // All are asked for at once: one round trip.
    let mut streams = Vec::new();
    for (ours, send, mut receive) in opened {
        let expected = Preamble {
            sends: ours.expects,
            expects: ours.sends,
            ..ours
        };
        if Preamble::read(&mut receive).await? != expected {
            return Err(TransportError::Protocol(
                "the server's rings stand elsewhere",
            ));
        }
        streams.push((send, receive));
    }
    let [calls, mut bulk, acks] = <[(SendStream, RecvStream); 3]>::try_from(streams)
        .map_err(|_| TransportError::Protocol("a session has two lanes"))?;
    let bulk = match target.tuning.lanes.kind {
        LaneKind::Quic => Streams::of(bulk),
        _ => {
            let grant = read_grant(&mut bulk.1).await?;
            Streams::over(desk::open_lanes(target, connected.address, &grant).await?)?
        }
    };
    Ok(SessionStreams {
        lanes: [Streams::of(calls), bulk],
        acks,
    })
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
