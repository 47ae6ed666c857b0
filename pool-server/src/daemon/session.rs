//! One session, from the client's hello to its end: a thread that sleeps in poll until the client,
//! the worker or the server has something to say.
//!
//! 1. Nothing of a client is believed before [`open`] has matched it with a lease.
//! 2. A remote client whose connection is lost has the grace period to come back, by [`Returns`]; the worker
//!    notices nothing of it.
//! 3. Whatever ends the session, the rings are closed for both sides with the reason, the worker is
//!    ended within [`WORKER_ENDS_WITHIN`], and leaving the books gives the memory back.

mod arenas;
mod away;
mod left;

pub(super) use left::resume;

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{
    ClientMessage, Hello, Refusal, RefusalCause, ServerMessage, Welcome, WireVersion,
};
use rigel_protocol::visible::VisibleDevices;
use rigel_share::LeaseId;
use rigel_transport::{SessionMemory, Side};

use self::arenas::Arenas;
use self::away::{RemoteSide, make_bell, remote_side};
use super::assigned;
use super::books::{Entrant, OpenSession};
use super::end::End;
use super::estate::SessionRecord;
use super::host;
use super::lease::PlacedLease;
use super::link::{ClientLink, FromClient};
use super::peer::Peer;
use super::process::WorkerProcess;
use super::record::By;
use super::server::Server;
use super::shelf::ImageService;
use super::traced::Traced;
use super::turns::TurnsMember;
use crate::worker::control::{DaemonToWorker, Ended, Start, WorkerToDaemon};

/// Longest time a worker takes to give everything back.
const WORKER_ENDS_WITHIN: Duration = Duration::from_secs(5);
/// Longest time a message to a worker may wait for room.
const WORKER_TAKES_WITHIN: Duration = Duration::from_secs(5);

/// While it is held the daemon is not replaced.
type Busy<'a> = std::sync::RwLockReadGuard<'a, ()>;

/// An open session.
pub(crate) struct Session {
    // Dropped first: what the session held is free when its worker is gone.
    worker: WorkerProcess,
    /// Dropped when the worker is gone: it then holds no GPU.
    turns: TurnsMember,
    stay: OpenSession,
    /// The rings' memory, kept to close it.
    pub(crate) memory: Arc<SessionMemory>,
    memory_fd: OwnedFd,
    /// What the worker of a remote client strikes for the bridge, until the bridge has it.
    bell: Option<OwnedFd>,
    traced: Traced,
    welcome: Welcome,
    arenas: Arenas,
    images: ImageService,
    /// What let its client in.
    by: By,
    /// Of a remote client.
    remote: Option<RemoteSide>,
    grace: Duration,
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
    let _busy = server.store.busy();
    let wire = assigned::agree(hello.wire)?;
    let by = server.leases.enter(hello.token.as_ref(), &stay.entry)?;
    let entry = Arc::clone(&stay.entry);
    let placed = &server.books.leases()[stay.entry.lease].placed;
    let token = hello.token.as_ref().map(|token| token.0.as_str());
    let is_instance = placed.lease.class.is_some();
    let shelf = server.images.shelf(&placed.lease.name, is_instance, token);
    let images = ImageService::new(&server.images, shelf);
    start(server, stay, placed, (images, by.clone()), wire)
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
    (images, by): (ImageService, By),
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
    let remote = remote_side(server, peer, &welcome, &placed.lease.name)?;
    let parts = Parts {
        stay,
        memory,
        memory_fd,
        turns,
        worker,
        welcome,
        arenas: Arenas::new().context("make the list of arenas")?,
        images,
        by,
    };
    Ok(Session {
        bell,
        remote,
        ..Session::new(server, parts)
    })
}

/// What a session is made of, whether it has just been opened or an earlier daemon has left it.
struct Parts {
    stay: OpenSession,
    memory: Arc<SessionMemory>,
    memory_fd: OwnedFd,
    turns: TurnsMember,
    worker: WorkerProcess,
    welcome: Welcome,
    arenas: Arenas,
    images: ImageService,
    by: By,
}

impl Session {
    /// Of a client of this host.
    fn new(server: &Server, parts: Parts) -> Self {
        Self {
            traced: server
                .follower
                .follow(&parts.welcome, &parts.worker.channel),
            stay: parts.stay,
            memory: parts.memory,
            memory_fd: parts.memory_fd,
            bell: None,
            turns: parts.turns,
            worker: parts.worker,
            welcome: parts.welcome,
            arenas: parts.arenas,
            images: parts.images,
            by: parts.by,
            remote: None,
            grace: server.grace,
        }
    }

    /// Welcomes the client and serves until either side ends. Consumes the session: when this
    /// returns, everything it held is free.
    pub(crate) fn serve(mut self, server: &Arc<Server>, mut client: ClientLink) {
        let greeted = {
            let _busy = server.store.busy();
            self.keep(server, &client);
            self.greet(&mut client)
        };
        match greeted {
            Ok(()) => self.go_on(server, client),
            Err(error) => {
                tracing::warn!(
                    session = self.stay.entry.id,
                    "client left at once: {error:#}"
                );
                let _busy = server.store.busy();
                self.end(server, End::gone(), client);
            }
        }
    }

    /// Serves a client that has been welcomed, until either side ends.
    pub(super) fn go_on(mut self, server: &Arc<Server>, mut client: ClientLink) {
        let (end, _busy) = self.watch(server, &mut client);
        self.end(server, end, client);
    }

    fn end(self, server: &Arc<Server>, end: End, mut client: ClientLink) {
        let place = (self.stay.entry.lease, self.stay.entry.id);
        server.record_ended(&self.stay.entry, &end);
        self.finish(end, &mut client);
        server.store.remove(&SessionRecord::parcel_name(place.1));
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

    /// Until the end, of which nothing is left by halves.
    fn watch<'a>(&mut self, server: &'a Server, client: &mut ClientLink) -> (End, Busy<'a>) {
        loop {
            let slept = self.sleep(server, client);
            let busy = server.store.busy();
            if let Err(error) = slept {
                return (
                    End::failed(format!("the server cannot wait: {error}")),
                    busy,
                );
            }
            if let Some(end) = self.hear(server, client) {
                return (end, busy);
            }
        }
    }

    /// Hears what each of the parties has to say.
    fn hear(&mut self, server: &Server, client: &mut ClientLink) -> Option<End> {
        if server.is_stopping() {
            return Some(End::stopping());
        }
        if let Some((close, reason)) = self.stay.entry.eviction.reason() {
            return Some(End::evicted(close, reason.to_owned()));
        }
        if let Some(end) = self.hear_worker(server) {
            return Some(end);
        }
        if let Some(end) = self.hear_visitors(client) {
            return Some(end);
        }
        match client.receive() {
            FromClient::Nothing => None,
            FromClient::Lost { silent } => self.lost(silent),
            // Said once more by a connection whose loss is known.
            FromClient::Gone if self.is_away() => None,
            FromClient::Gone => Some(End::gone()),
            FromClient::Broken(message) => Some(End::protocol(message)),
            FromClient::Said(message) => self.hear_client(client, &message),
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
