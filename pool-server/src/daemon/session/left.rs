//! A session as an estate: what is left of it to the next daemon, and how that goes on with it. Read
//! [`resume`] first.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use rigel_protocol::control::{RefusalCause, ServerMessage};
use rigel_share::LeaseId;
use rigel_transport::local::LocalStream;
use rigel_transport::peer::PidFd;
use rigel_transport::{CloseReason, Layout, SessionMemory, Side};
use serde_json::json;

use super::super::estate::{Left, Rest, SessionParts, SessionRecord};
use super::super::link::ClientLink;
use super::super::peer::Peer;
use super::super::process::WorkerProcess;
use super::super::server::Server;
use super::super::shelf::ImageService;
use super::arenas::Arenas;
use super::{Parts, Session, failed};

impl Session {
    /// Leaves everything of it to the daemon after this one. What cannot be left ends with this one.
    pub(super) fn keep(&self, server: &Server, client: &ClientLink) {
        let kept = match (client, &self.stay.entry.peer) {
            (ClientLink::Local { stream, process }, Peer::Local { uid, pid }) => {
                self.try_keep(server, (*uid, *pid), [stream.as_fd(), process.as_fd()])
            }
            _ => self.mark_as_ending(server),
        };
        if let Err(error) = kept {
            let session = self.stay.entry.id;
            tracing::warn!(
                session,
                "the session would not outlive the server: {error:#}"
            );
        }
    }

    /// Of a client elsewhere: the next daemon ends its worker before it counts what is free.
    fn mark_as_ending(&self, server: &Server) -> anyhow::Result<()> {
        let id = self.stay.entry.id;
        let worker = self.worker.pidfd()?;
        server.keep_pages(self.stay.entry.lease)?;
        let name = SessionRecord::parcel_name(id);
        Ok(server
            .store
            .keep(name, &Left::Ending(id), &[worker.as_fd()])?)
    }

    fn try_keep(
        &self,
        server: &Server,
        peer: (u32, i32),
        client: [BorrowedFd<'_>; 2],
    ) -> anyhow::Result<()> {
        let entry = &self.stay.entry;
        let worker = self.worker.pidfd()?;
        let parts = SessionParts {
            worker: worker.as_fd(),
            channel: self.worker.channel.as_fd(),
            memory: self.memory_fd.as_fd(),
            meter: self.stay.meter_memory.as_fd(),
            grants: self.turns.page(),
            arenas: self.arenas.memory(),
            client,
        };
        let rest = Rest {
            lease: &server.books.leases()[entry.lease].placed.lease.name,
            by: &self.by,
            shelf: self.images.shelf(),
            welcome: &self.welcome,
            worker: self.worker.to_be_kept(),
        };
        server.keep_pages(entry.lease)?;
        let left = Left::Session(Box::new(SessionRecord::of(entry, peer, rest)));
        let name = SessionRecord::parcel_name(entry.id);
        Ok(server.store.keep(name, &left, &parts.in_order())?)
    }
}

/// Goes on with a session that an earlier daemon has left. One that cannot go on is ended, its worker gone
/// when this returns, its client told; then there is none.
pub(crate) fn resume(
    server: &Arc<Server>,
    record: SessionRecord,
    parts: SessionParts<OwnedFd>,
) -> Option<(Session, ClientLink)> {
    let id = record.id;
    let worker = server
        .workers
        .adopt(&record.worker, parts.worker, parts.channel);
    let client = open_client(parts.client);
    let memory = copy(&parts.memory).and_then(|own| open_memory(&record, own));
    let shared = [parts.memory, parts.meter, parts.grants, parts.arenas];
    let resumed = match (&client, &memory) {
        (Ok(_), Ok(memory)) => rebuild(server, record, (memory, shared), worker),
        (Err(error), _) | (_, Err(error)) => Err(anyhow::anyhow!("{error:#}")),
    };
    match (resumed, client) {
        (Ok(session), Ok(client)) => {
            tracing::info!(session = id, "session goes on");
            Some((session, client))
        }
        (outcome, client) => {
            let why = outcome
                .err()
                .map_or_else(String::new, |error| format!("{error:#}"));
            tracing::warn!(session = id, "session cannot go on: {why}");
            let what = json!({ "session": id, "message": why });
            server.record("session_not_kept", serde_json::Value::Null, what);
            if let (Ok(client), Ok(memory)) = (client, memory) {
                turn_away(&memory, client, &why);
            }
            None
        }
    }
}

/// Its parts as a session. Dropped in between, the worker is killed before the books are left.
fn rebuild(
    server: &Arc<Server>,
    record: SessionRecord,
    (memory, [memory_fd, meter, grants, arenas]): (&Arc<SessionMemory>, [OwnedFd; 4]),
    mut worker: WorkerProcess,
) -> anyhow::Result<Session> {
    ensure!(!worker.has_ended(), "its worker has ended meanwhile");
    let stay = server.books.readmit(&record, meter)?;
    // Declared after its part in the books, it goes first.
    let worker = worker;
    let entry = &stay.entry;
    server
        .leases
        .readmit(&record.by, &record.lease, entry)
        .map_err(|refusal| anyhow::anyhow!("{}", refusal.message))?;
    let of = (entry.id, LeaseId(entry.lease as u32));
    let turns = server
        .turns
        .rejoin(of, &entry.grants, entry.compute_max, grants)?;
    turns.set_worker(worker.pid());
    Ok(Session::new(
        server,
        Parts {
            memory: Arc::clone(memory),
            memory_fd,
            turns,
            worker,
            arenas: Arenas::open(arenas).context("read the list of arenas")?,
            images: ImageService::new(&server.images, record.shelf),
            by: record.by,
            welcome: record.welcome,
            stay,
        },
    ))
}

fn open_memory(record: &SessionRecord, memory: OwnedFd) -> anyhow::Result<Arc<SessionMemory>> {
    let rings = record.welcome.layout;
    let layout = Layout::new([rings.command, rings.upload, rings.reply, rings.download])?;
    SessionMemory::from_fd(memory, &layout).context("map its rings")
}

fn open_client([socket, process]: [OwnedFd; 2]) -> anyhow::Result<ClientLink> {
    Ok(ClientLink::Local {
        stream: LocalStream::from_fd(socket).context("take its client's socket")?,
        process: PidFd::from(process),
    })
}

/// Tells a client that its session is over.
fn turn_away(memory: &SessionMemory, mut client: ClientLink, why: &str) {
    memory.close(Side::Worker, CloseReason::SHUTDOWN);
    memory.close(Side::Client, CloseReason::SHUTDOWN);
    let mut refusal = failed(&format!(
        "the server was started anew, and the session ends: {why}"
    ));
    refusal.cause = RefusalCause::ShuttingDown;
    let _ = client.send(&ServerMessage::Ended(refusal), &[]);
}

fn copy(descriptor: &OwnedFd) -> anyhow::Result<OwnedFd> {
    descriptor.try_clone().context("copy a descriptor")
}
