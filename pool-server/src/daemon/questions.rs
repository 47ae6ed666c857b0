//! Questions and orders beside sessions: who may ask what, and who answers it. Read
//! [`Server::administrate`] first.

use std::sync::atomic::Ordering;
use std::time::SystemTime;

use rigel_protocol::control::{AdminRequest, Refusal, RefusalCause, Token};
use rigel_protocol::pool::to_hex;
use serde_json::json;

use super::admin;
use super::issue;
use super::journal::who;
use super::peer::Peer;
use super::server::Server;
use super::status::status;
use super::why::why;
use crate::worker::grants::now_ns;

impl Server {
    /// The lease whose affairs this peer may see; `None`: everything.
    fn sees(&self, token: Option<&Token>, peer: &Peer) -> Result<Option<String>, Refusal> {
        match self.is_operator(peer) {
            true => Ok(None),
            false => Ok(Some(self.leases.authorise(token, peer)?.lease.name.clone())),
        }
    }

    /// Whether this is the user who runs the server, or root, on its own host, and not one of its workers; or
    /// somebody elsewhere whose certificate the configuration names.
    pub(crate) fn is_operator(&self, peer: &Peer) -> bool {
        match peer {
            Peer::Local { uid, pid } => {
                let is_user = *uid == 0 || *uid == nix::unistd::geteuid().as_raw();
                is_user && !self.is_worker(*pid)
            }
            Peer::Remote { certificate, .. } => certificate.as_deref().is_some_and(|shown| {
                let operators = self.configured.server().operators;
                shown.names.iter().any(|name| operators.contains(name))
            }),
        }
    }

    /// Whether a session runs in this process: its code is a tenant's, should it be taken over.
    fn is_worker(&self, pid: i32) -> bool {
        let pid = u64::try_from(pid).unwrap_or(0);
        let sessions = self.books.sessions();
        sessions
            .iter()
            .any(|session| session.worker_pid.load(Ordering::Relaxed) == pid)
    }

    /// The state of the server for this peer, as JSON.
    pub(crate) fn status_for(&self, token: Option<&Token>, peer: &Peer) -> Result<String, Refusal> {
        let only = self.sees(token, peer)?;
        let kept = (&*self.books, &*self.turns, &self.auditor);
        let document = status(kept, &self.inventory, &self.driver);
        as_json(&document.only(only.as_deref()))
    }

    /// Does or answers what an operator asks.
    pub(crate) fn administrate(
        &self,
        token: Option<&Token>,
        request: &AdminRequest,
        peer: &Peer,
    ) -> Result<String, Refusal> {
        let answer = self.carry_out(token, request, peer)?;
        self.record_change(peer, request, &answer);
        Ok(answer)
    }

    fn carry_out(
        &self,
        token: Option<&Token>,
        request: &AdminRequest,
        peer: &Peer,
    ) -> Result<String, Refusal> {
        let only = self.sees(token, peer)?;
        if only.is_some() && request.is_change() {
            return Err(Refusal {
                cause: RefusalCause::Unauthorized,
                message:
                    "only the user who runs the server, or root, on its own host, or who shows a certificate that \
                     `operators` names, changes leases"
                        .into(),
            });
        }
        if let Some(answer) = self.admin.change(&self.books, &self.turns, request) {
            return as_json(&answer?);
        }
        match request {
            AdminRequest::Usage { since_unix } => self.usage(*since_unix, only.as_deref()),
            AdminRequest::Gpus => as_json(&self.gpus(only.as_deref())),
            AdminRequest::SetGpu { gpu, order } => {
                self.books.health.order(*gpu, *order)?;
                self.mind_health();
                // There may be room for somebody now.
                self.line.wake();
                as_json(&self.gpus(None))
            }
            AdminRequest::Queue => {
                as_json(&self.line.shown(&self.books, &self.turns, only.as_deref()))
            }
            AdminRequest::NewToken(wanted) => as_json(&issue::make(self, wanted)?),
            AdminRequest::ListTokens => as_json(&self.leases.tokens.list()),
            AdminRequest::RevokeToken(id) => as_json(&self.leases.tokens.revoke(id)?),
            AdminRequest::Reload => as_json(&self.configured.reload(self, who(peer))?),
            AdminRequest::Classes => as_json(&issue::classes(self)),
            AdminRequest::Why(id) => as_json(&why(self, id, only.as_deref())?),
            AdminRequest::TraceSession {
                session,
                rate_ppm: 0,
                ..
            } => {
                self.follower.stop(*session);
                as_json(&json!({ "session": session }))
            }
            AdminRequest::TraceSession {
                session,
                rate_ppm,
                seconds,
            } => self.trace_session(*session, *rate_ppm, *seconds),
            _ => Err(admin::refuse(
                "the server does not know the question".into(),
            )),
        }
    }

    /// Has calls of a session noted; the answer says how the notes are to be had and read.
    fn trace_session(&self, id: u64, rate_ppm: u32, seconds: u32) -> Result<String, Refusal> {
        let ticket = self.follower.ask(id, rate_ppm, seconds)?;
        let sessions = self.books.sessions();
        let entry = sessions.iter().find(|session| session.id == id);
        let lease = entry.map(|entry| &self.books.leases()[entry.lease].placed.lease.name);
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        as_json(&json!({
            "session": id,
            "ticket": to_hex(&ticket),
            "lease": lease,
            "program": entry.map(|entry| &entry.process.name),
            "pid": entry.map(|entry| entry.process.pid),
            "host": entry.map(|entry| &entry.process.host),
            // The clock of the notes, and what people's clocks show at the same moment.
            "monotonic_ns": now_ns(),
            "unix_ns": unix.map_or(0, |unix| unix.as_nanos() as u64),
        }))
    }

    /// The GPUs with their health, as far as this lease is on them.
    fn gpus(&self, only: Option<&str>) -> serde_json::Value {
        let kept = (&*self.books, &*self.turns, &self.auditor);
        let document = status(kept, &self.inventory, &self.driver).only(only);
        json!({ "gpus": document.gpus })
    }

    /// What leases have used since then.
    fn usage(&self, since_unix: u64, only: Option<&str>) -> Result<String, Refusal> {
        let lines = self.auditor.since(&self.books, &self.turns, since_unix);
        let mut lines = lines.map_err(|error| admin::refuse(error.to_string()))?;
        lines.retain(|line| only.is_none_or(|only| line.lease == only));
        as_json(&json!({ "since": since_unix, "leases": lines }))
    }
}

fn as_json(document: &impl serde::Serialize) -> Result<String, Refusal> {
    serde_json::to_string(document).map_err(|error| Refusal {
        cause: RefusalCause::Protocol,
        message: format!("the answer could not be written: {error}"),
    })
}
