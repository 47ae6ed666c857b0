//! Why a session, or a lease, is slow now: what was measured over half a second, in sentences. It changes
//! nothing. Read [`why`] first; [`explain`] is the judgement, a pure function.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rigel_protocol::control::Refusal;
use rigel_share::LeaseId;
use serde_json::{Value, json};

use super::admin::refuse;
use super::books::SessionEntry;
use super::live::LeaseState;
use super::server::Server;
use crate::bytes::ByteSize;
use crate::worker::meter::Counter;

/// How long is measured.
const SPAN: Duration = Duration::from_millis(500);
/// Sessions of a lease that are explained.
const SESSIONS_MAX: usize = 16;
/// Part of the time from which on something is a reason.
const WORTH_SAYING: f64 = 0.05;

/// What is seen of a session over a span. Parts are of that span's length.
#[derive(Clone, Debug, Default)]
struct Seen {
    state: Option<LeaseState>,
    /// Part of the time its calls waited for a turn.
    throttled: f64,
    /// Part of the time its lease held the GPU, and was kept from it by its maximum.
    lease_gpu: f64,
    capped: f64,
    /// Who else held the GPU most, and for which part of the time.
    rival: Option<(String, f64)>,
    calls_a_second: f64,
    waiting_a_second: f64,
    /// Seconds since its last call.
    idle_seconds: f64,
    denied: u64,
    over_quota: Option<(u64, u64)>,
    max_percent: u8,
    min_percent: u8,
}

/// Measures, and says why. The server's thread for this connection waits meanwhile.
pub(crate) fn why(server: &Server, id: &str, only: Option<&str>) -> Result<Value, Refusal> {
    let sessions = chosen(server, id, only)?;
    let before: Vec<Sample> = sessions.iter().map(|one| Sample::of(server, one)).collect();
    std::thread::sleep(SPAN);
    let explained: Vec<Value> = sessions
        .iter()
        .zip(before)
        .map(|(session, before)| {
            let reasons = explain(&seen(server, session, &before));
            json!({ "session": session.id, "process": session.process.name, "reasons": reasons })
        })
        .collect();
    Ok(json!({ "id": id, "sessions": explained }))
}

/// The sessions that are meant: one by its number, or those of a lease.
fn chosen(
    server: &Server,
    id: &str,
    only: Option<&str>,
) -> Result<Vec<Arc<SessionEntry>>, Refusal> {
    let mut sessions = server.books.sessions();
    let name = |one: &SessionEntry| &server.books.leases()[one.lease].placed.lease.name;
    sessions.retain(|one| only.is_none_or(|only| name(one) == only));
    match id.parse::<u64>() {
        Ok(number) => sessions.retain(|one| one.id == number),
        Err(_) => sessions.retain(|one| name(one) == id),
    }
    sessions.truncate(SESSIONS_MAX);
    match sessions.is_empty() {
        true => Err(refuse(format!(
            "there is no open session `{0}`, and no session of a lease `{0}`",
            id.escape_debug()
        ))),
        false => Ok(sessions),
    }
}

/// Counters at one moment.
struct Sample {
    at: Instant,
    throttled_ns: u64,
    calls: u64,
    waiting: u64,
    denied: u64,
    /// By lease, its time on the session's GPUs, and what its maximum kept it from.
    gpu_ns: Vec<(u64, u64)>,
}

impl Sample {
    fn of(server: &Server, session: &SessionEntry) -> Self {
        let leases = 0..server.books.leases().len();
        let used = |lease: usize| {
            let times = session
                .grants
                .iter()
                .map(|grant| server.turns.used(LeaseId(lease as u32), grant.physical));
            times.fold((0, 0), |sum, time| {
                (sum.0 + time.gpu_ns, sum.1 + time.capped_ns)
            })
        };
        let meter = &session.meter;
        let denied = super::audit::DENIED.iter().map(|one| meter.read(*one));
        Self {
            at: Instant::now(),
            throttled_ns: server.turns.waited(session.id).throttled_ns,
            calls: meter.read(Counter::Calls),
            waiting: meter.read(Counter::WaitingCalls),
            denied: denied.sum(),
            gpu_ns: leases.map(used).collect(),
        }
    }
}

fn seen(server: &Server, session: &SessionEntry, before: &Sample) -> Seen {
    let after = Sample::of(server, session);
    let span = after.at.saturating_duration_since(before.at).as_secs_f64();
    let part = |after: u64, before: u64| after.saturating_sub(before) as f64 / 1e9 / span;
    let leases = server.books.leases();
    let gpu = |lease: usize| part(after.gpu_ns[lease].0, before.gpu_ns[lease].0);
    let rival = (0..leases.len().min(before.gpu_ns.len()))
        .filter(|lease| *lease != session.lease)
        .map(|lease| (leases[lease].placed.lease.name.clone(), gpu(lease)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let book = &leases[session.lease];
    let over = session.grants.iter().find_map(|grant| {
        let usage = book.usage(grant.line as usize)?;
        (usage.used_bytes > usage.limit_bytes).then_some((usage.used_bytes, usage.limit_bytes))
    });
    let terms = book.placed.lease.terms();
    let last = session.meter.read(Counter::LastCallUnixMs) as f64 / 1e3;
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    let unix = unix.map_or(0.0, |since| since.as_secs_f64());
    let own = session.lease;
    Seen {
        state: Some(terms.state),
        throttled: part(after.throttled_ns, before.throttled_ns),
        lease_gpu: gpu(own),
        capped: part(after.gpu_ns[own].1, before.gpu_ns[own].1),
        rival,
        calls_a_second: after.calls.saturating_sub(before.calls) as f64 / span,
        waiting_a_second: after.waiting.saturating_sub(before.waiting) as f64 / span,
        idle_seconds: (unix - last).max(0.0),
        denied: after.denied.saturating_sub(before.denied),
        over_quota: over,
        max_percent: terms.compute.max.min(session.compute_max),
        min_percent: terms.compute.min,
    }
}

/// The reasons, the weightiest first; never none.
fn explain(seen: &Seen) -> Vec<String> {
    let percent = |part: f64| (part * 100.0).round();
    let mut reasons = Vec::new();
    if seen.state == Some(LeaseState::Paused) {
        reasons.push("its lease is paused by the operator: it gets no turn on a GPU".into());
    }
    if seen.capped > WORTH_SAYING {
        reasons.push(format!(
            "its maximum of {} % keeps it from the GPU {} % of the time",
            seen.max_percent,
            percent(seen.capped)
        ));
    }
    if let (true, Some((rival, held))) = (seen.throttled > WORTH_SAYING, &seen.rival)
        && *held > WORTH_SAYING
    {
        reasons.push(format!(
            "it waits for turns {} % of the time: lease `{rival}` holds the GPU {} % of it (guaranteed to \
             this one: {} %)",
            percent(seen.throttled.min(1.0)),
            percent(*held),
            seen.min_percent
        ));
    }
    if let Some((held, quota)) = seen.over_quota {
        reasons.push(format!(
            "its lease holds {} where its quota is {}: it can allocate nothing",
            ByteSize(held),
            ByteSize(quota)
        ));
    }
    if seen.denied > 0 {
        reasons.push(format!(
            "{} allocations were refused in this half second: its quota is used up",
            seen.denied
        ));
    }
    reasons.extend(own_reason(seen).filter(|_| reasons.is_empty()));
    reasons
}

/// What is its own doing, where nobody holds it up.
fn own_reason(seen: &Seen) -> Option<String> {
    let percent = (seen.lease_gpu * 100.0).round();
    Some(
        if seen.calls_a_second == 0.0 && seen.lease_gpu < WORTH_SAYING {
            format!(
                "nothing holds it up: the program makes no calls (the last one {:.1} s ago)",
                seen.idle_seconds
            )
        } else if seen.lease_gpu > 0.9 {
            format!(
                "nothing holds it up: its own kernels keep the GPU busy {percent} % of the time"
            )
        } else if seen.waiting_a_second > 1000.0 {
            format!(
                "nothing holds it up: the program waits for an answer {:.0} times a second, and the GPU is busy \
             {percent} % of the time",
                seen.waiting_a_second
            )
        } else {
            format!(
                "nothing holds it up: the program makes {:.0} calls a second, and the GPU is busy {percent} % \
             of the time",
                seen.calls_a_second
            )
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(seen: &Seen) -> String {
        explain(seen).remove(0)
    }

    #[test]
    fn reason_is_what_holds_it_up() {
        let calm = Seen {
            state: Some(LeaseState::Active),
            calls_a_second: 10.0,
            max_percent: 50,
            ..Seen::default()
        };
        let check = |seen: &Seen, word: &str| {
            let said = first(seen);
            assert!(said.contains(word), "{word}: {said}");
        };
        let with = |change: &dyn Fn(&mut Seen)| {
            let mut seen = calm.clone();
            change(&mut seen);
            seen
        };
        check(&with(&|s| s.state = Some(LeaseState::Paused)), "paused");
        check(&with(&|s| s.capped = 0.4), "maximum of 50 %");
        let rivalled = with(&|s| {
            s.throttled = 0.6;
            s.rival = Some(("big".into(), 0.7));
        });
        check(&rivalled, "`big` holds the GPU 70 %");
        check(&with(&|s| s.over_quota = Some((2, 1))), "allocate nothing");
        check(&with(&|s| s.denied = 3), "3 allocations");
        check(&with(&|s| s.lease_gpu = 0.99), "its own kernels");
        check(&with(&|s| s.waiting_a_second = 9000.0), "9000 times");
        check(&with(&|s| s.calls_a_second = 0.0), "makes no calls");
        check(&calm, "10 calls a second");
    }

    #[test]
    fn own_doing_is_told_only_where_nobody_holds_it_up() {
        let seen = Seen {
            capped: 0.5,
            lease_gpu: 1.0,
            ..Seen::default()
        };
        assert_eq!(explain(&seen).len(), 1);
    }
}
