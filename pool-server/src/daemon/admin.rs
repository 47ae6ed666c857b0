//! What an operator does to a running server: leases are changed, paused, resumed and ended. A change
//! holds from the moment its answer is sent, and until the server stops: the configuration is the truth
//! after that. Read [`change`] first.
//!
//! 1. A change is checked as a whole before any part of it is made.
//! 2. One change at a time ([`Admin`]); sessions are never waited for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::control::{AdminRequest, LeaseChange, Refusal, RefusalCause};
use rigel_share::{LeaseId, Priority};
use serde_json::{Value, json};

use super::books::{Books, LeaseBook};
use super::live::{LeaseState, LiveTerms};
use super::turns::Turns;
use crate::bytes::ByteSize;
use crate::percent::ComputeRange;
use crate::worker::ledger::VirtualGpu;

/// Changes are made one at a time.
#[derive(Debug, Default)]
pub(crate) struct Admin {
    one_at_a_time: Mutex<()>,
}

impl Admin {
    /// Keeps others from making changes until it is dropped.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.one_at_a_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out a change; `None` if the request is none.
    pub(crate) fn change(
        &self,
        books: &Books,
        turns: &Turns,
        request: &AdminRequest,
    ) -> Option<Result<Value, Refusal>> {
        let _alone = self.alone();
        let state = |name: &str, state| set_state(books, turns, name, state);
        Some(match request {
            AdminRequest::SetLease { lease, change } => set(books, turns, lease, change),
            AdminRequest::PauseLease(lease) => state(lease, LeaseState::Paused),
            AdminRequest::ResumeLease(lease) => state(lease, LeaseState::Active),
            AdminRequest::EndLease(lease) => state(lease, LeaseState::Ended),
            AdminRequest::EndSession(session) => end_session(books, *session),
            _ => return None,
        })
    }
}

/// A refusal of a request that makes no sense as it is.
pub(crate) fn refuse(message: String) -> Refusal {
    Refusal {
        cause: RefusalCause::CannotEnforce,
        message,
    }
}

/// The lease of this name, and its number.
pub(crate) fn find<'a>(books: &'a Books, name: &str) -> Result<(usize, &'a LeaseBook), Refusal> {
    let index = books.lease_index(name);
    index
        .map(|index| (index, &books.leases()[index]))
        .ok_or_else(|| {
            refuse(format!(
                "there is no lease `{name}`; `rigel lease list` names them"
            ))
        })
}

fn set(books: &Books, turns: &Turns, name: &str, change: &LeaseChange) -> Result<Value, Refusal> {
    let (index, book) = find(books, name)?;
    let terms = checked(books, index, change)?;
    put_in_force(books, turns, index, terms);
    tracing::info!(lease = name, ?terms, "lease changed by the operator");
    Ok(shown(book, terms))
}

/// From now on the lease holds this.
pub(crate) fn put_in_force(books: &Books, turns: &Turns, index: usize, terms: LiveTerms) {
    let book = &books.leases()[index];
    let gpus = book.placed.gpus.as_deref().unwrap_or(&[]);
    book.placed.lease.set_terms(terms);
    if let Some((ledger, _)) = &book.ledger {
        for (line, gpu) in gpus.iter().enumerate() {
            ledger.set_limit(VirtualGpu(line as u32), book.placed.memory_bytes(gpu));
        }
    }
    let ordinals: Vec<u32> = gpus.iter().map(|gpu| gpu.ordinal).collect();
    let promise = terms.compute.terms(terms.priority);
    turns.set_terms(LeaseId(index as u32), promise, &ordinals);
}

/// Ends the sessions of a lease; how many there were.
pub(crate) fn end_sessions(books: &Books, index: usize, reason: &str) -> usize {
    let sessions = books.sessions();
    let own = sessions.iter().filter(|session| session.lease == index);
    own.inspect(|session| session.eviction.evict(reason))
        .count()
}

/// The lease's terms with the change, if all of it can be kept.
fn checked(books: &Books, index: usize, change: &LeaseChange) -> Result<LiveTerms, Refusal> {
    let book = &books.leases()[index];
    let gpus = book.placed.gpus.as_ref().map_err(Clone::clone)?;
    let mut terms = book.placed.lease.terms();
    if let Some(bytes) = change.memory_bytes {
        if let Some(gpu) = gpus.iter().find(|gpu| gpu.memory_bytes < bytes) {
            return Err(refuse(format!(
                "{} of memory is more than GPU {} has ({})",
                ByteSize(bytes),
                gpu.ordinal,
                ByteSize(gpu.memory_bytes)
            )));
        }
        if bytes == 0 {
            return Err(refuse(
                "a lease of no memory cannot run; pause or end it".into(),
            ));
        }
        terms.memory = Some(bytes);
    }
    if let Some((min, max)) = change.compute_percent {
        terms.compute = ComputeRange::of(min, max)
            .ok_or_else(|| refuse(format!("{min}..{max} is not a share of a GPU in percent")))?;
        can_guarantee(books, index, min)?;
    }
    if let Some(name) = &change.priority {
        let found = Priority::ALL.into_iter().find(|one| one.name() == name);
        terms.priority =
            found.ok_or_else(|| refuse(format!("`{}` is not a priority", name.escape_debug())))?;
    }
    match change.weight {
        Some(0) => return Err(refuse("a weight must be at least 1".into())),
        Some(weight) => terms.weight = weight,
        None => {}
    }
    Ok(terms)
}

/// Whether each GPU of the lease has so much time to promise beside the other leases.
fn can_guarantee(books: &Books, index: usize, percent: u8) -> Result<(), Refusal> {
    let mut promised = BTreeMap::<u32, u32>::new();
    for (other, book) in books.leases().iter().enumerate() {
        let min = match other == index {
            true => percent,
            false => book.placed.lease.terms().compute.min,
        };
        for gpu in book.placed.gpus.as_deref().unwrap_or(&[]) {
            *promised.entry(gpu.ordinal).or_default() += u32::from(min);
        }
    }
    let own = books.leases()[index].placed.gpus.as_deref().unwrap_or(&[]);
    let full = own
        .iter()
        .filter_map(|gpu| Some((gpu.ordinal, *promised.get(&gpu.ordinal)?)))
        .find(|(_, sum)| *sum > 100);
    match full {
        None => Ok(()),
        Some((gpu, sum)) => Err(refuse(format!(
            "{percent} % cannot be guaranteed: the leases on GPU {gpu} would be promised {sum} %; lower \
             another's guarantee first"
        ))),
    }
}

fn set_state(
    books: &Books,
    turns: &Turns,
    name: &str,
    state: LeaseState,
) -> Result<Value, Refusal> {
    let (index, book) = find(books, name)?;
    if state == LeaseState::Paused && !turns.enforce {
        return Err(refuse(
            "this server does not enforce turns (enforce_compute = false), so it cannot pause"
                .into(),
        ));
    }
    let mut terms = book.placed.lease.terms();
    terms.state = state;
    book.placed.lease.set_terms(terms);
    turns.set_paused(LeaseId(index as u32), state == LeaseState::Paused);
    if state == LeaseState::Ended {
        let reason = format!("the operator has ended lease `{name}`");
        end_sessions(books, index, &reason);
    }
    tracing::info!(
        lease = name,
        state = state.name(),
        "lease changed by the operator"
    );
    Ok(shown(book, terms))
}

fn end_session(books: &Books, number: u64) -> Result<Value, Refusal> {
    let sessions = books.sessions();
    let found = sessions.iter().find(|session| session.id == number);
    let session = found.ok_or_else(|| refuse(format!("there is no open session {number}")))?;
    session.eviction.evict("the operator has ended the session");
    tracing::info!(session = number, "session ended by the operator");
    Ok(json!({ "session": number, "state": "ended" }))
}

fn shown(book: &LeaseBook, terms: LiveTerms) -> Value {
    let gpus = book.placed.gpus.as_deref().unwrap_or(&[]);
    let over: Vec<u32> = gpus
        .iter()
        .enumerate()
        .filter(|(line, _)| {
            let usage = book.usage(*line);
            usage.is_some_and(|usage| usage.used_bytes > usage.limit_bytes)
        })
        .map(|(_, gpu)| gpu.ordinal)
        .collect();
    json!({
        "lease": book.placed.lease.name,
        "state": terms.state.name(),
        "memory_bytes": gpus.iter().map(|gpu| book.placed.memory_bytes(gpu)).collect::<Vec<_>>(),
        "compute_min_percent": terms.compute.min,
        "compute_max_percent": terms.compute.max,
        "priority": terms.priority.name(),
        "weight": terms.weight,
        "over_quota_on": over,
    })
}

#[cfg(test)]
mod tests;
