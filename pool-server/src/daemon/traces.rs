//! What workers have noted of their sessions, kept until somebody fetches it for a timeline or for spans. It
//! judges nothing of it. Read [`Traces`] first.
//!
//! 1. Whoever shows a session's secret may fetch the notes that its program has asked for, and whoever shows
//!    the ticket those that the operator has asked for: while they are made and for [`KEPT_FOR`] after their end.
//! 2. At most [`EVENTS_KEPT_MAX`] events of [`BOOKS_MAX`] sessions are kept; what is beyond is counted as
//!    left out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rigel_protocol::control::{Refusal, RefusalCause, SessionKey, TracePart};
use rigel_protocol::trace::{EVENTS_MAX, NAME_BYTES_MAX, NAMES_MAX, PART_EVENTS_MAX, TraceWords};

use super::admin::refuse;
use crate::worker::control::TraceBatch;

/// Most events that are kept, over all sessions: 256 MiB.
const EVENTS_KEPT_MAX: usize = EVENTS_MAX as usize;
/// Most sessions whose notes are kept.
const BOOKS_MAX: usize = 256;
/// How long the notes of a session that has ended are kept.
const KEPT_FOR: Duration = Duration::from_secs(120);
/// How long a worker that has been told to note nothing more may still send what it has noted.
const LATE_BY: Duration = Duration::from_millis(300);

/// The notes of all sessions.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    books: Mutex<BTreeMap<u64, Book>>,
}

#[derive(Debug)]
struct Book {
    secret: [u8; 16],
    events: Vec<TraceWords>,
    names: Vec<(u32, String)>,
    /// Left out by the worker, and here.
    dropped: [u64; 2],
    /// The operator has asked for it, and not the program.
    is_operators: bool,
    /// From then on nothing is added.
    ended: Option<Instant>,
}

impl Traces {
    /// Keeps what a session's worker says, for its program.
    pub(crate) fn keep(&self, key: SessionKey, batch: TraceBatch) {
        let mut books = self.lock();
        forget_old(&mut books);
        if books
            .get(&key.session)
            .is_some_and(|book| book.is_operators)
        {
            // The program's timeline has everything, and began before its first call.
            books.remove(&key.session);
        }
        if !books.contains_key(&key.session) && books.len() >= BOOKS_MAX {
            return;
        }
        books
            .entry(key.session)
            .or_insert_with(|| Book::new(key.secret, false));
        add(&mut books, key.session, batch);
    }

    /// Begins notes for the operator, who fetches them with this ticket.
    pub(super) fn begin(&self, session: u64, ticket: [u8; 16]) -> Result<(), Refusal> {
        let mut books = self.lock();
        forget_old(&mut books);
        match books.get(&session) {
            Some(book) if !book.is_operators => {
                return Err(refuse(format!(
                    "session {session} makes a timeline of its own (rigel trace), which has all its calls"
                )));
            }
            Some(book) if book.ended.is_none() => {
                return Err(refuse(format!("somebody else traces session {session}")));
            }
            None if books.len() >= BOOKS_MAX => {
                return Err(refuse(format!("{BOOKS_MAX} sessions are traced already")));
            }
            _ => {}
        }
        books.insert(session, Book::new(ticket, true));
        Ok(())
    }

    /// Keeps what a session's worker says, if the operator has asked for it.
    pub(super) fn keep_asked(&self, session: u64, batch: TraceBatch) {
        let mut books = self.lock();
        if books.get(&session).is_some_and(|book| book.is_operators) {
            add(&mut books, session, batch);
        }
    }

    /// The operator's notes end, but for what is on its way.
    pub(super) fn finish(&self, session: u64) {
        let mut books = self.lock();
        let book = books.get_mut(&session).filter(|book| book.is_operators);
        if let Some(book) = book.filter(|book| book.ended.is_none()) {
            book.ended = Some(Instant::now() + LATE_BY);
        }
    }

    /// The session has ended: there will be no more.
    pub(crate) fn end(&self, session: u64) {
        if let Some(book) = self.lock().get_mut(&session) {
            book.ended = Some(Instant::now());
        }
    }

    /// A part of a session's notes, for who shows its secret. The last part of an ended session is the
    /// last time that anything of it can be had.
    pub(crate) fn part(&self, key: SessionKey, from: u64) -> Result<TracePart, Refusal> {
        let mut books = self.lock();
        forget_old(&mut books);
        let known = books.get(&key.session);
        let book = known
            .filter(|book| same(&book.secret, &key.secret))
            .ok_or_else(|| Refusal {
                cause: RefusalCause::Unauthorized,
                message: "there are no notes of this session, or they are another's".into(),
            })?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let rest = book.events.get(from..).unwrap_or_default();
        let events = rest[..rest.len().min(PART_EVENTS_MAX)].to_vec();
        let part = TracePart {
            is_final: book.has_ended() && events.len() == rest.len(),
            // Names may come as late as the last event that bears them.
            names: match events.len() == rest.len() {
                true => book.names.clone(),
                false => Vec::new(),
            },
            events,
            dropped: book.dropped.iter().sum(),
        };
        if part.is_final {
            books.remove(&key.session);
        }
        Ok(part)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Book>> {
        // Every change is a single step.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn new(secret: [u8; 16], is_operators: bool) -> Self {
        Self {
            secret,
            events: Vec::new(),
            names: Vec::new(),
            dropped: [0; 2],
            is_operators,
            ended: None,
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.is_some_and(|end| end <= Instant::now())
    }
}

/// Adds to the notes of a session that has any, as far as there is room.
fn add(books: &mut BTreeMap<u64, Book>, session: u64, batch: TraceBatch) {
    let kept: usize = books.values().map(|book| book.events.len()).sum();
    let Some(book) = books.get_mut(&session) else {
        return;
    };
    let room = EVENTS_KEPT_MAX.saturating_sub(kept);
    let taken = batch.events.len().min(room);
    book.dropped[0] = batch.dropped;
    book.dropped[1] += (batch.events.len() - taken) as u64;
    book.events.extend_from_slice(&batch.events[..taken]);
    let room = NAMES_MAX.saturating_sub(book.names.len());
    let names = batch.names.into_iter();
    let short = names.filter(|(_, name)| name.len() <= NAME_BYTES_MAX);
    book.names.extend(short.take(room));
}

fn forget_old(books: &mut BTreeMap<u64, Book>) {
    books.retain(|_, book| book.ended.is_none_or(|ended| ended.elapsed() < KEPT_FOR));
}

/// Whether two secrets are equal, in a time that tells nothing of where they differ.
fn same(one: &[u8; 16], other: &[u8; 16]) -> bool {
    let differs = one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b));
    differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SessionKey = SessionKey {
        session: 7,
        secret: [1; 16],
    };

    fn batch(n: usize) -> TraceBatch {
        TraceBatch {
            events: vec![[0; 8]; n],
            names: vec![(1, "gemm".into())],
            dropped: 3,
            keep: true,
        }
    }

    #[test]
    fn notes_come_in_parts_and_are_gone_after_the_last() {
        let traces = Traces::default();
        traces.keep(KEY, batch(PART_EVENTS_MAX));
        traces.keep(KEY, batch(10));
        let first = traces.part(KEY, 0).unwrap();
        assert_eq!(
            (first.events.len(), first.is_final),
            (PART_EVENTS_MAX, false)
        );
        traces.end(7);
        let from = PART_EVENTS_MAX as u64;
        let last = traces.part(KEY, from).unwrap();
        assert_eq!((last.events.len(), last.is_final), (10, true));
        assert_eq!((last.dropped, last.names.len()), (3, 2));
        assert!(traces.part(KEY, 0).is_err());
    }

    #[test]
    fn notes_of_others_are_not_shown() {
        let traces = Traces::default();
        traces.keep(KEY, batch(1));
        let secret = [2; 16];
        assert!(traces.part(SessionKey { secret, ..KEY }, 0).is_err());
        assert!(traces.part(SessionKey { session: 8, ..KEY }, 0).is_err());
        assert!(!traces.part(KEY, u64::MAX).unwrap().is_final);
    }

    #[test]
    fn operators_notes_have_a_ticket_and_end_a_moment_after_they_are_told_to() {
        let traces = Traces::default();
        let ticket = SessionKey {
            secret: [9; 16],
            ..KEY
        };
        traces.keep_asked(7, batch(1));
        assert!(traces.part(ticket, 0).is_err());
        traces.begin(7, ticket.secret).unwrap();
        assert!(traces.begin(7, [8; 16]).is_err());
        traces.keep_asked(7, batch(2));
        traces.finish(7);
        traces.keep_asked(7, batch(3));
        assert!(traces.part(KEY, 0).is_err());
        assert_eq!(traces.part(ticket, 0).unwrap().events.len(), 5);
        traces.lock().get_mut(&7).unwrap().ended = Some(Instant::now());
        assert!(traces.part(ticket, 5).unwrap().is_final);
        traces.begin(7, ticket.secret).unwrap();
    }

    #[test]
    fn timeline_of_the_program_goes_before_the_operators_notes() {
        let traces = Traces::default();
        traces.begin(7, [9; 16]).unwrap();
        traces.keep(KEY, batch(1));
        assert_eq!(traces.part(KEY, 0).unwrap().events.len(), 1);
        assert!(traces.begin(7, [9; 16]).is_err());
    }

    #[test]
    fn notes_beyond_the_limit_are_counted() {
        let traces = Traces::default();
        for session in 0..BOOKS_MAX as u64 + 5 {
            traces.keep(SessionKey { session, ..KEY }, batch(0));
        }
        assert_eq!(traces.lock().len(), BOOKS_MAX);
        traces.lock().get_mut(&0).unwrap().events = vec![[0; 8]; EVENTS_KEPT_MAX - 2];
        traces.keep(SessionKey { session: 0, ..KEY }, batch(5));
        let book = &traces.lock()[&0];
        assert_eq!((book.events.len(), book.dropped[1]), (EVENTS_KEPT_MAX, 3));
    }
}
