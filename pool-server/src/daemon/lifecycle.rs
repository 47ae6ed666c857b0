//! A server's days and its end: the loop that takes this host's clients and hears signals. Read [`serve`]
//! first.
//!
//! 1. SIGHUP reads the configuration again.
//! 2. SIGTERM drains: no session begins any more, those that run may finish until the deadline; clients
//!    whose connection was lost may come back. SIGTERM once more, or SIGINT at any time, stops at once.
//! 3. SIGUSR2 starts the installed program in the server's place: sessions of this host go on.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rigel_protocol::control::{Refusal, RefusalCause};
use rigel_transport::local::{LocalListener, LocalStream};

use super::link::ClientLink;
use super::notify;
use super::peer::Peer;
use super::server::Server;

/// How often a server that drains looks whether all have finished.
const LOOK: Duration = Duration::from_millis(50);
/// What the service manager is told beside the time to drain: the time to end what is left.
const END_WITHIN: Duration = Duration::from_secs(30);

/// Why the loop goes on or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Clients come and go.
    Serving,
    /// Until then those who are there may finish.
    Draining(Instant),
    /// It is over.
    Stopped,
    /// Another server starts in its place.
    Replaced,
}

/// To whom the server leaves its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// They end with it.
    ToNobody,
    /// A server starts in its place.
    ToSuccessor,
}

/// Serves clients of this host until the server is to stop.
pub(crate) fn serve(
    server: &Arc<Server>,
    listener: &LocalListener,
    signals: &SignalFd,
) -> anyhow::Result<Left> {
    let mut phase = Phase::Serving;
    loop {
        let timeout = match phase {
            Phase::Serving => PollTimeout::NONE,
            _ => PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::MAX),
        };
        let mut fds = [
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error).context("wait for connections"),
        }
        while let Ok(Some(info)) = signals.read_signal() {
            phase = hear(server, phase, info.ssi_signo as i32);
        }
        let open = server.books.sessions().len();
        match phase {
            Phase::Stopped => return Ok(Left::ToNobody),
            Phase::Replaced => return Ok(Left::ToSuccessor),
            Phase::Draining(_) if open == 0 => {
                tracing::info!("drained: no session is left");
                return Ok(Left::ToNobody);
            }
            Phase::Draining(until) if Instant::now() >= until => {
                tracing::warn!(
                    sessions = open,
                    "the time to drain is over: sessions are told and ended"
                );
                return Ok(Left::ToNobody);
            }
            _ => accept(server, listener),
        }
    }
}

/// What follows from a signal.
fn hear(server: &Server, phase: Phase, signal: i32) -> Phase {
    if signal == Signal::SIGHUP as i32 {
        reload(server);
        return phase;
    }
    if signal == Signal::SIGUSR2 as i32 {
        // A server that drains has been told to stop.
        return match phase {
            Phase::Serving => Phase::Replaced,
            _ => phase,
        };
    }
    if signal == Signal::SIGINT as i32 || phase != Phase::Serving {
        tracing::info!("told to stop at once: sessions are told and ended");
        return Phase::Stopped;
    }
    let drain = server.configured.server().drain();
    server.draining.store(true, Ordering::SeqCst);
    server.line.wake();
    let sessions = server.books.sessions().len();
    tracing::info!(sessions, within = ?drain, "told to stop: no session begins any more");
    let allowed = (drain + END_WITHIN).as_micros();
    notify::tell(&format!(
        "STOPPING=1\nEXTEND_TIMEOUT_USEC={allowed}\nSTATUS=Draining, {sessions} sessions"
    ));
    Phase::Draining(Instant::now() + drain)
}

fn reload(server: &Server) {
    let now = nix::time::clock_gettime(nix::time::ClockId::CLOCK_MONOTONIC);
    let now = now.map_or(Duration::ZERO, Duration::from);
    notify::tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.as_micros()));
    if let Err(refusal) = server
        .configured
        .reload(server, serde_json::json!({ "from": "SIGHUP" }))
    {
        tracing::error!(
            "the configuration stays as it was, the file is not used: {}",
            refusal.message
        );
    }
    notify::tell("READY=1");
}

impl Server {
    /// Whether sessions may begin.
    pub(crate) fn admits_sessions(&self) -> Result<(), Refusal> {
        match self.draining.load(Ordering::SeqCst) {
            false => Ok(()),
            true => Err(Refusal {
                cause: RefusalCause::ShuttingDown,
                message: "the pool server is about to stop and begins no session; try again when it has been \
                          started anew, or use another pool"
                    .into(),
            }),
        }
    }
}

fn accept(server: &Arc<Server>, listener: &LocalListener) {
    match listener.accept(Instant::now()) {
        Ok(stream) => welcome_local(server, stream),
        Err(rigel_transport::TransportError::Timeout { .. }) => {}
        Err(error) => {
            // Out of descriptors, most likely: sessions that end make room.
            tracing::error!("a connection could not be accepted: {error}");
            std::thread::sleep(LOOK);
        }
    }
}

fn welcome_local(server: &Arc<Server>, stream: LocalStream) {
    match stream.peer() {
        Ok(id) => {
            let peer = Peer::Local {
                uid: id.uid,
                pid: id.pid,
            };
            server.spawn_connection(peer, || ClientLink::local(stream));
        }
        Err(error) => tracing::warn!("a connection has no identity: {error}"),
    }
}

/// Signals become readable; blocked before any thread starts, so that all inherit it.
pub(crate) fn block_signals() -> anyhow::Result<SignalFd> {
    let mut set = SigSet::empty();
    for signal in [
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGUSR2,
    ] {
        set.add(signal);
    }
    set.thread_block().context("block signals")?;
    SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .context("make signals readable")
}
