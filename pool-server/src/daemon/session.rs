//! One session, from the client's hello to its end: a thread that sleeps in poll until the client,
//! the worker or the server has something to say.
//!
//! 1. Nothing of a client is believed before [`open`] has matched it with a lease.
//! 2. A remote client whose connection is lost has the grace period to come back, by [`Returns`]; the worker
//!    notices nothing of it.
//! 3. Whatever ends the session, the rings are closed for both sides with the reason, the worker is
//!    ended within [`WORKER_ENDS_WITHIN`], and leaving the books gives the memory back.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::control::{
    ClientMessage, Hello, Refusal, RefusalCause, ServerMessage, SessionKey, Welcome, WireVersion,
};
use rigel_protocol::visible::VisibleDevices;
use rigel_share::LeaseId;
use rigel_transport::quic::{Bridgehead, QuicTuning};
use rigel_transport::{SessionMemory, Side};

use super::assigned;
use super::books::{Entrant, OpenSession};
use super::end::End;
use super::host;
use super::lease::PlacedLease;
use super::link::{ClientLink, FromClient};
use super::peer::Peer;
use super::process::WorkerProcess;
use super::remote::RemoteClient;
use super::returns::{Doorway, Visit};
use super::server::Server;
use super::shelf::ImageService;
use super::traced::Traced;
use super::turns::TurnsMember;
use crate::worker::control::{DaemonToWorker, Ended, Start, WorkerToDaemon};

/// Longest time a worker takes to give everything back.
const WORKER_ENDS_WITHIN: Duration = Duration::from_secs(5);
/// Longest time a message to a worker may wait for room.
const WORKER_TAKES_WITHIN: Duration = Duration::from_secs(5);
/// Most arenas of a session.
const ARENAS_MAX: usize = 4096;
/// Most bytes of all arenas of a session.
const ARENA_BYTES_MAX: u64 = 64 << 30;

/// An open session.
pub(crate) struct Session {
    stay: OpenSession,
    /// The rings' memory, kept to close it.
    pub(crate) memory: Arc<SessionMemory>,
    memory_fd: OwnedFd,
    /// What the worker of a remote client strikes for the bridge, until the bridge has it.
    bell: Option<OwnedFd>,
    /// Dropped when the worker is gone: it then holds no GPU.
    turns: TurnsMember,
    worker: WorkerProcess,
    traced: Traced,
    welcome: Welcome,
    arenas: BTreeMap<u32, u64>,
    next_arena: u32,
    images: ImageService,
    /// Of a remote client.
    remote: Option<RemoteSide>,
    grace: Duration,
}

/// What lets a remote client come back.
struct RemoteSide {
    doorway: Doorway,
    head: Option<Arc<Bridgehead>>,
    last_attempt: u64,
    /// Its connection is lost, and this is how long it has.
    away_until: Option<Instant>,
}

/// Opens a session at once, or not at all: checks the wire, finds the lease, enters the books, starts the
/// worker.
pub(crate) fn open(
    server: &Arc<Server>,
    hello: &Hello,
    visible: &VisibleDevices,
    peer: &Peer,
) -> Result<Session, Refusal> {
    let entrant = introduce(server, hello, visible, peer)?;
    let stay = server.line.enter(&server.books, &server.turns, entrant)?;
    begin(server, stay, hello)
}

/// Who asks for a session, if he may have one at all: checks the wire, and finds the lease.
pub(crate) fn introduce(
    server: &Server,
    hello: &Hello,
    visible: &VisibleDevices,
    peer: &Peer,
) -> Result<Entrant, Refusal> {
    assigned::agree(hello.wire)?;
    server.admits_sessions()?;
    host::admits(server.configured.server().memory_reserve())?;
    let placed = server.leases.authorise(hello.token.as_ref(), peer)?;
    server.auditor.admits(placed)?;
    let lease = server
        .books
        .lease_index(&placed.lease.name)
        .ok_or_else(|| failed("the lease is not in the books"))?;
    let token = hello.token.as_ref();
    let request = server.leases.request(token, placed, &hello.request)?;
    Ok(Entrant {
        lease,
        asks: placed.seeing(request, visible, &server.profiles)?,
        process: hello.process.clone(),
        peer: peer.clone(),
        queued: Duration::ZERO,
    })
}

/// Starts the worker of a session that is in the books.
pub(crate) fn begin(
    server: &Arc<Server>,
    stay: OpenSession,
    hello: &Hello,
) -> Result<Session, Refusal> {
    let wire = assigned::agree(hello.wire)?;
    let by = server.leases.enter(hello.token.as_ref(), &stay.entry)?;
    let entry = Arc::clone(&stay.entry);
    let placed = &server.books.leases()[stay.entry.lease].placed;
    let token = hello.token.as_ref().map(|token| token.0.as_str());
    let is_instance = placed.lease.class.is_some();
    let shelf = server.images.shelf(&placed.lease.name, is_instance, token);
    let images = ImageService::new(&server.images, shelf);
    start(server, stay, placed, images, wire)
        .map_err(|error| {
            tracing::error!(
                lease = placed.lease.name,
                "session could not start: {error:#}"
            );
            failed(&format!("the server could not start a worker: {error:#}"))
        })
        .inspect(|_| server.record_admitted(&entry, &by))
}

fn start(
    server: &Arc<Server>,
    stay: OpenSession,
    placed: &PlacedLease,
    images: ImageService,
    wire: WireVersion,
) -> anyhow::Result<Session> {
    let entry = Arc::clone(&stay.entry);
    let peer = &entry.peer;
    let layout = assigned::layout(server, &entry.peer)?;
    let rings = assigned::ring_sizes(&layout);
    let (memory, memory_fd) = server.workers.memory(&layout)?;
    let arena_range = assigned::arena_range();
    let lease = LeaseId(entry.lease as u32);
    let turns = server
        .turns
        .join(entry.id, lease, &entry.grants, entry.compute_max)?;
    let book = &server.books.leases()[entry.lease];
    let (_, ledger) = book.ledger.as_ref().context("the lease has no ledger")?;
    let message = DaemonToWorker::Start(Start {
        session: entry.id,
        rings,
        devices: entry.grants.iter().map(assigned::device).collect(),
        ledger_slot: entry.slot.0,
        gated: server.turns.enforce,
        arena_range,
        local: matches!(peer, Peer::Local { .. }),
    });
    let bell = match peer {
        Peer::Local { .. } => None,
        Peer::Remote { .. } => Some(make_bell()?),
    };
    let mut descriptors = vec![memory_fd.as_fd(), ledger.as_fd(), stay.meter_memory.as_fd()];
    descriptors.extend(turns.descriptors());
    descriptors.extend(bell.as_ref().map(OwnedFd::as_fd));
    let (worker, ready) = server.workers.open(&message, &descriptors, |pid| {
        turns.set_worker(pid);
        let worker_pid = &entry.worker_pid;
        worker_pid.store(u64::from(pid), std::sync::atomic::Ordering::Relaxed);
    })?;
    tracing::info!(
        session = entry.id,
        lease = placed.lease.name,
        pid = entry.process.pid,
        process = entry.process.name,
        worker = worker.pid(),
        gpus = entry.grants.len(),
        peer = %peer,
        "session opened"
    );
    let mut welcome = assigned::welcome(entry.id, ready, (rings, arena_range), wire)?;
    welcome.grace_ms = server.grace.as_millis() as u32;
    Ok(Session {
        remote: remote_side(server, peer, &welcome, &placed.lease.name)?,
        grace: server.grace,
        turns,
        stay,
        memory,
        memory_fd,
        bell,
        traced: server.follower.follow(&welcome, &worker.channel),
        worker,
        welcome,
        arenas: BTreeMap::new(),
        next_arena: 1,
        images,
    })
}

/// Where a client of another host comes back to.
fn remote_side(
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
fn make_bell() -> anyhow::Result<OwnedFd> {
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    Ok(EventFd::from_flags(flags)
        .context("make the bridge's bell")?
        .into())
}

impl Session {
    /// Welcomes the client and serves until either side ends. Consumes the session: when this
    /// returns, everything it held is free.
    pub(crate) fn serve(mut self, server: &Arc<Server>, mut client: ClientLink) {
        let end = match self.greet(&mut client) {
            Ok(()) => self.watch(server, &mut client),
            Err(error) => {
                tracing::warn!(
                    session = self.stay.entry.id,
                    "client left at once: {error:#}"
                );
                End::gone()
            }
        };
        let place = (self.stay.entry.lease, self.stay.entry.id);
        server.record_ended(&self.stay.entry, &end);
        self.finish(end, &mut client);
        server.exports.end(place);
        // There may be room for somebody now.
        server.line.wake();
    }

    fn greet(&mut self, client: &mut ClientLink) -> anyhow::Result<()> {
        let message = ServerMessage::Welcome(Box::new(self.welcome.clone()));
        let pidfd = self.worker.pidfd()?;
        if let (ClientLink::Remote(remote), Some(bell), Some(side)) =
            (&*client, self.bell.take(), &mut self.remote)
        {
            let session = self.stay.entry.id;
            side.head = Some(remote.bridgehead(session, &self.memory, bell)?);
        }
        let head = self.remote.as_ref().and_then(|side| side.head.as_ref());
        client.welcome(&message, [self.memory_fd.as_fd(), pidfd.as_fd()], head)
    }

    fn watch(&mut self, server: &Server, client: &mut ClientLink) -> End {
        loop {
            if let Err(error) = self.sleep(server, client) {
                return End::failed(format!("the server cannot wait: {error}"));
            }
            if server.is_stopping() {
                return End::stopping();
            }
            if let Some((close, reason)) = self.stay.entry.eviction.reason() {
                return End::evicted(close, reason.to_owned());
            }
            if let Some(end) = self.hear_worker(server) {
                return end;
            }
            if let Some(end) = self.hear_visitors(client) {
                return end;
            }
            match client.receive() {
                FromClient::Nothing => {}
                FromClient::Lost { silent } => {
                    if let Some(end) = self.lost(silent) {
                        return end;
                    }
                }
                // Said once more by a connection whose loss is known.
                FromClient::Gone if self.is_away() => {}
                FromClient::Gone => return End::gone(),
                FromClient::Broken(message) => return End::protocol(message),
                FromClient::Said(message) => {
                    if let Some(end) = self.hear_client(client, &message) {
                        return end;
                    }
                }
            }
        }
    }

    /// Sleeps until any of the parties has something to say, or the client's time is over.
    fn sleep(&self, server: &Server, client: &ClientLink) -> nix::Result<()> {
        let mut wanted: Vec<BorrowedFd<'_>> = client.descriptors();
        wanted.push(self.worker.channel.as_fd());
        wanted.push(server.stop_fd());
        wanted.push(self.stay.entry.eviction.wake_fd());
        wanted.extend(self.remote.as_ref().map(|side| side.doorway.wake_fd()));
        let mut fds: Vec<PollFd<'_>> = wanted
            .into_iter()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        let away_until = self.remote.as_ref().and_then(|side| side.away_until);
        let timeout = away_until.map_or(PollTimeout::NONE, |until| {
            let left = until.saturating_duration_since(Instant::now());
            PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut fds, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn is_away(&self) -> bool {
        self.remote
            .as_ref()
            .is_some_and(|side| side.away_until.is_some())
    }

    /// The client's connection is lost: it has the grace period, less the time it was silent before.
    fn lost(&mut self, silent: bool) -> Option<End> {
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

    fn hear_visitors(&mut self, client: &mut ClientLink) -> Option<End> {
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

    fn hear_worker(&mut self, server: &Server) -> Option<End> {
        match self.worker.channel.try_receive::<WorkerToDaemon>() {
            Ok(None) => None,
            Ok(Some((WorkerToDaemon::Ended(Ended::Goodbye), _))) => Some(End::goodbye()),
            Ok(Some((WorkerToDaemon::Ended(Ended::Protocol(message)), _))) => {
                Some(End::protocol(message))
            }
            Ok(Some((WorkerToDaemon::Ended(Ended::Failed(message)), _)))
            | Ok(Some((WorkerToDaemon::Failed { message }, _))) => Some(End::failed(message)),
            Ok(Some((WorkerToDaemon::Ended(Ended::Told | Ended::Closed), _))) => Some(End::gone()),
            Ok(Some((WorkerToDaemon::Image(question), _))) => {
                let answered = self.images.answer(&self.worker.channel, question);
                answered.err().map(|error| End::failed(error.to_string()))
            }
            Ok(Some((WorkerToDaemon::Trace(batch), _))) => {
                self.traced.take(batch);
                None
            }
            Ok(Some((
                message @ (WorkerToDaemon::Export { .. }
                | WorkerToDaemon::Withdraw { .. }
                | WorkerToDaemon::Import { .. }),
                files,
            ))) => {
                let place = (self.stay.entry.lease, self.stay.entry.id);
                let (answer, file) = server.exports.hear(place, message, files)?;
                self.answer_worker(&answer, file)
            }
            Ok(Some((WorkerToDaemon::Ready(_) | WorkerToDaemon::GpuFault(_), _))) => Some(
                End::failed("the worker reported twice that it is ready".into()),
            ),
            Err(error) => {
                tracing::warn!(session = self.stay.entry.id, "worker is gone: {error}");
                Some(End::failed("the worker process of the session died".into()))
            }
        }
    }

    fn answer_worker(&self, message: &DaemonToWorker, descriptor: Option<OwnedFd>) -> Option<End> {
        let descriptors: Vec<_> = descriptor.iter().map(AsFd::as_fd).collect();
        let channel = &self.worker.channel;
        match channel.send(message, &descriptors, WORKER_TAKES_WITHIN) {
            Ok(()) => None,
            Err(_) => Some(End::failed("the worker takes no messages".into())),
        }
    }

    fn hear_client(&mut self, client: &mut ClientLink, bytes: &[u8]) -> Option<End> {
        let message = match rigel_protocol::control::decode::<ClientMessage>(bytes) {
            Ok(message) => message,
            Err(error) => return Some(End::protocol(error.to_string())),
        };
        match message {
            ClientMessage::Goodbye => Some(End::goodbye()),
            ClientMessage::ArenaCreate { bytes } => self.create_arena(client, bytes),
            ClientMessage::ArenaRelease { arena } => self.release_arena(arena),
            ClientMessage::MakeWay => self.answer_worker(&DaemonToWorker::MakeWay, None),
            ClientMessage::Hello(_)
            | ClientMessage::Status { .. }
            | ClientMessage::View { .. }
            | ClientMessage::Resume(_)
            | ClientMessage::HelloWaiting { .. }
            | ClientMessage::HelloSeeing { .. }
            | ClientMessage::Admin { .. }
            | ClientMessage::Trace { .. }
            | ClientMessage::Died(_) => Some(End::protocol(
                "the client opened its session a second time".into(),
            )),
        }
    }

    fn create_arena(&mut self, client: &mut ClientLink, bytes: u64) -> Option<End> {
        let held: u64 = self.arenas.values().sum();
        let allowed = bytes > 0
            && self.arenas.len() < ARENAS_MAX
            && held
                .checked_add(bytes)
                .is_some_and(|all| all <= ARENA_BYTES_MAX);
        let made = match allowed {
            true => rigel_transport::arena::create_memory(bytes).map_err(|e| e.to_string()),
            false => Err(format!(
                "{bytes} bytes are more than a session may page-lock"
            )),
        };
        let fd = match made {
            Ok(fd) => fd,
            Err(error) => {
                tracing::warn!(session = self.stay.entry.id, "no arena: {error}");
                // No bytes: the client turns it into CUDA_ERROR_OUT_OF_MEMORY.
                return self.answer(client, &ServerMessage::Arena { arena: 0, bytes: 0 }, &[]);
            }
        };
        let arena = self.next_arena;
        self.next_arena += 1;
        self.arenas.insert(arena, bytes);
        let message = DaemonToWorker::ArenaMap { arena, bytes };
        if self
            .worker
            .channel
            .send(&message, &[fd.as_fd()], WORKER_TAKES_WITHIN)
            .is_err()
        {
            return Some(End::failed("the worker takes no messages".into()));
        }
        self.answer(
            client,
            &ServerMessage::Arena { arena, bytes },
            &[fd.as_fd()],
        )
    }

    fn release_arena(&mut self, arena: u32) -> Option<End> {
        if self.arenas.remove(&arena).is_none() {
            return Some(End::protocol(format!(
                "the client released arena {arena}, not its own"
            )));
        }
        self.answer_worker(&DaemonToWorker::ArenaUnmap { arena }, None)
    }

    fn answer(
        &self,
        client: &mut ClientLink,
        message: &ServerMessage,
        descriptors: &[BorrowedFd<'_>],
    ) -> Option<End> {
        match client.send(message, descriptors) {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(
                    session = self.stay.entry.id,
                    "client takes no messages: {error:#}"
                );
                Some(End::gone())
            }
        }
    }

    fn finish(self, end: End, client: &mut ClientLink) {
        let session = self.stay.entry.id;
        // For the client the worker's side has closed; for the worker, the client's.
        self.memory.close(Side::Worker, end.reason);
        self.memory.close(Side::Client, end.reason);
        if end.tell {
            let _ = client.send(&ServerMessage::Ended(end.refusal.clone()), &[]);
        }
        let _ = self
            .worker
            .channel
            .send(&DaemonToWorker::End, &[], WORKER_TAKES_WITHIN);
        self.traced.drain(&self.worker.channel, WORKER_ENDS_WITHIN);
        let status = self.worker.end(WORKER_ENDS_WITHIN);
        tracing::info!(
            session,
            reason = %end.reason,
            detail = end.refusal.message,
            worker = ?status.and_then(|status| status.code()),
            "session ended"
        );
        let waited = self.turns.throttled_ns();
        let entry = &self.stay.entry;
        entry
            .throttled_ns
            .store(waited, std::sync::atomic::Ordering::Relaxed);
        drop(self.turns);
        drop(self.stay);
    }
}

fn failed(message: &str) -> Refusal {
    Refusal {
        cause: RefusalCause::WorkerFailed,
        message: message.into(),
    }
}
