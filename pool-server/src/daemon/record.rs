//! What goes into the audit log, and who is heard at all. Read [`Server::hears`] and [`Server::record`] first;
//! the log itself is [`super::journal`]'s, the counting [`super::attempts`]'.

use std::sync::Arc;
use std::time::Instant;

use rigel_protocol::control::{AdminRequest, Refusal, RefusalCause};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admin::refuse;
use super::alerts::Alert;
use super::attempts::{Attempts, Source, Verdict};
use super::books::SessionEntry;
use super::end::End;
use super::journal::{who, who_by};
use super::lease::{Leases, PlacedLease};
use super::openers::Opener;
use super::peer::Peer;
use super::server::Server;
use super::tokens::unix_now;

/// What let a session in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum By {
    /// Something of the configuration.
    Configured(Opener),
    /// A token made at run time, by its id.
    Token(String),
}

impl Leases {
    /// Enters a session that an earlier daemon has let in, if what opened its lease opens it still.
    pub(crate) fn readmit(
        &self,
        by: &By,
        lease: &str,
        session: &Arc<SessionEntry>,
    ) -> Result<(), Refusal> {
        match by {
            By::Token(id) => self.tokens.reenter(id, lease, session, unix_now()),
            By::Configured(opener) => {
                let opens = |placed: &PlacedLease| placed.lease.openers().still(opener);
                let enter = || match self.by_name(lease).is_some_and(opens) {
                    true => Ok(opener.clone()),
                    false => Err(refuse(
                        "nothing in the configuration lets its client in".into(),
                    )),
                };
                self.admitted.enter(session, enter).map(drop)
            }
        }
    }
}

impl Server {
    /// Writes a line of the audit log.
    pub(crate) fn record(&self, event: &str, who: Value, what: Value) {
        let missing = self.journal.write(event, who, what);
        self.auditor.alerts.set(Alert::AuditLog, missing);
    }

    /// Whether a peer is heard: not while it has failed too often.
    pub(crate) fn hears(&self, peer: &Peer) -> Result<(), Refusal> {
        if self.is_operator(peer) {
            return Ok(());
        }
        let left = self
            .tokens_failed
            .shut_out(&Source::of(peer), Instant::now());
        left.map_or(Ok(()), |left| {
            Err(Refusal {
                cause: RefusalCause::Unauthorized,
                message: format!(
                    "too many attempts to open a lease have failed from here; try again in {:.0} s",
                    left.as_secs_f64().ceil()
                ),
            })
        })
    }

    /// A peer was refused what it asked for.
    pub(crate) fn refused(&self, peer: &Peer, asked: &str, refusal: &Refusal) {
        tracing::warn!(%peer, asked, cause = ?refusal.cause, "refused: {}", refusal.message);
        let what = json!({
            "asked": asked,
            "cause": format!("{:?}", refusal.cause),
            "message": refusal.message,
        });
        self.record("refused", who(peer), what);
        if refusal.cause == RefusalCause::Unauthorized {
            self.failed(&self.tokens_failed, peer);
        }
    }

    /// A peer has shown a certificate that is not taken.
    pub(crate) fn refused_certificate(&self, peer: &Peer, why: &str) {
        tracing::warn!(%peer, "a client's certificate was refused: {why}");
        let what = json!({ "asked": "handshake", "cause": "Certificate", "message": why });
        self.record("refused", who(peer), what);
        self.failed(&self.handshakes_failed, peer);
    }

    fn failed(&self, attempts: &Attempts, peer: &Peer) {
        let source = Source::of(peer);
        let shown = source.to_string();
        if attempts.fail(source, Instant::now()) == Verdict::ShutOut {
            tracing::warn!(
                source = shown,
                "not heard for a while: too many failed attempts"
            );
            self.record("shut_out", who(peer), json!({ "source": shown }));
        }
    }

    /// A session has begun.
    pub(crate) fn record_admitted(&self, entry: &SessionEntry, by: &By) {
        let who = match by {
            By::Configured(opener) => who_by(&entry.peer, Some(opener), None),
            By::Token(id) => who_by(&entry.peer, None, Some(id)),
        };
        let gpus: Vec<u32> = entry.grants.iter().map(|grant| grant.physical).collect();
        let what = json!({
            "session": entry.id,
            "lease": self.books.leases()[entry.lease].placed.lease.name,
            "gpus": gpus,
            "memory_bytes": entry.grants.iter().map(|grant| grant.quota_bytes).collect::<Vec<_>>(),
            "process": { "pid": entry.process.pid, "name": entry.process.name, "host": entry.process.host },
        });
        self.record("session_admitted", who, what);
    }

    /// A session has ended.
    pub(crate) fn record_ended(&self, entry: &SessionEntry, end: &End) {
        let what = json!({
            "session": entry.id,
            "lease": self.books.leases()[entry.lease].placed.lease.name,
            "reason": end.reason.to_string(),
            "message": end.refusal.message,
            "seconds": entry.since.elapsed().map_or(0.0, |age| age.as_secs_f64()),
        });
        self.record("session_ended", who(&entry.peer), what);
    }

    /// An operator has changed something; `answer` is what it was told, of which no secret is taken.
    pub(crate) fn record_change(&self, peer: &Peer, request: &AdminRequest, answer: &str) {
        let answer: Value = serde_json::from_str(answer).unwrap_or(Value::Null);
        let (event, what) = match request {
            AdminRequest::SetLease { lease, change } => (
                "lease_changed",
                json!({
                    "lease": lease,
                    "memory_bytes": change.memory_bytes,
                    "compute_percent": change.compute_percent,
                    "priority": change.priority,
                    "weight": change.weight,
                }),
            ),
            AdminRequest::PauseLease(lease) => ("lease_paused", json!({ "lease": lease })),
            AdminRequest::ResumeLease(lease) => ("lease_resumed", json!({ "lease": lease })),
            AdminRequest::EndLease(lease) => ("lease_ended", json!({ "lease": lease })),
            AdminRequest::EndSession(session) => {
                ("session_ended_by_operator", json!({ "session": session }))
            }
            AdminRequest::NewToken(_) => ("token_made", without_secret(answer)),
            AdminRequest::RevokeToken(id) => (
                "token_revoked",
                json!({ "token": id, "sessions_ended": answer["sessions_ended"] }),
            ),
            AdminRequest::TraceSession {
                session,
                rate_ppm: 1..,
                seconds,
            } => (
                "session_traced",
                json!({ "session": session, "seconds": seconds }),
            ),
            // A reload writes its own line, whoever asks for it.
            _ => return,
        };
        self.record(event, who(peer), what);
    }
}

/// What was told of a new token, but not what opens the lease.
fn without_secret(answer: Value) -> Value {
    let taken = [
        "id",
        "lease",
        "gpus",
        "memory_bytes",
        "compute_percent",
        "expires_unix",
        "pid",
        "note",
    ];
    let kept = taken.map(|name| (name.to_owned(), answer[name].clone()));
    Value::Object(kept.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_token_is_recorded_without_its_secret() {
        let told = json!({ "id": "1f", "lease": "team", "token": "rgl-1f-secret", "note": "n" });
        let kept = without_secret(told).to_string();
        assert!(kept.contains("team") && !kept.contains("secret"), "{kept}");
    }
}
