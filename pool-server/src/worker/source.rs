//! Where the issue thread takes records from: the command ring, and what was taken out of it early.
//! It issues nothing. Read [`Source`] first.
//!
//! 1. Records leave in ring order, whoever took them out of the ring.
//! 2. A record is copied out before anything of it is looked at.
//! 3. While a stream waits for a client's host function, and the issue thread is stuck in the driver
//!    behind it, [`Source::relieve`] reads ahead, so that the word that the function has returned is
//!    heard, and before it what the function has written to page-locked memory. Nothing else overtakes.
//!    A word that finds no room in the ring is announced ([`Source::make_way`]), and the limit raised.
//! 4. While a large copy waits for its bytes, [`Source::next_beside`] hands out what may be issued before
//!    its end, and keeps the rest.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rigel_protocol::generated::calls::Call;
use rigel_protocol::wire::Get;
use rigel_transport::{Consumer, Patience, RecordHead, RingError};

/// Most bytes of records taken out early.
const AHEAD_BYTES_MAX: usize = 16 << 20;
/// As many more for a client that has said that a host function's word waits behind them: what the rings
/// and a link hold by then, since it posts nothing else meanwhile.
const WAY_BYTES_MAX: usize = 16 << 20;
/// What a record takes at least.
const RECORD_BYTES_MIN: usize = 64;
/// Longest sleep in one go; the caller's loop is the session's life.
const DAY: Duration = Duration::from_secs(86_400);

/// The records of a session, in issue order.
#[derive(Debug)]
pub(super) struct Source {
    inner: Mutex<Inner>,
    /// A host function's word waits for room in the ring.
    way: AtomicBool,
}

#[derive(Debug)]
struct Inner {
    ring: Consumer,
    ahead: VecDeque<(RecordHead, u64, Vec<u8>)>,
    ahead_bytes: usize,
    /// How many of those taken out early were looked at during the copy that is under way.
    looked_at: usize,
    /// The issue thread is at a change of page-locked memory: what follows in the ring may rely on it.
    is_written: bool,
}

/// A record's head and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// The head.
    pub(super) head: RecordHead,
    /// The position in the ring, which is the call's sequence number.
    pub(super) position: u64,
}

impl Source {
    /// On this ring.
    pub(super) fn new(ring: Consumer) -> Self {
        let inner = Inner {
            ring,
            ahead: VecDeque::new(),
            ahead_bytes: 0,
            looked_at: 0,
            is_written: false,
        };
        Self {
            inner: Mutex::new(inner),
            way: AtomicBool::new(false),
        }
    }

    /// Takes more out of the ring, until the word of a host function has come.
    pub(super) fn make_way(&self) {
        self.way.store(true, Ordering::Relaxed);
    }

    /// The next record, its payload copied into `payload`; `None` if there is none now.
    pub(super) fn next(&self, payload: &mut Vec<u8>) -> Result<Option<Taken>, RingError> {
        let mut inner = self.lock();
        inner.is_written = false;
        if let Some((head, position, bytes)) = inner.ahead.pop_front() {
            inner.ahead_bytes -= weight(&bytes);
            inner.is_written = is_write(head);
            *payload = bytes;
            return Ok(Some(Taken { head, position }));
        }
        payload.clear();
        let Some(record) = inner.ring.next()? else {
            return Ok(None);
        };
        record.payload.append_to(payload);
        let (head, position) = (record.head, record.position);
        inner.is_written = is_write(head);
        Ok(Some(Taken { head, position }))
    }

    /// A large copy begins: what was taken out early stands behind it.
    pub(super) fn begin_beside(&self) {
        self.lock().looked_at = 0;
    }

    /// The next record that `passes`, its payload copied into `payload`; the others stay in order. `None`
    /// if there is no further one now.
    pub(super) fn next_beside(
        &self,
        payload: &mut Vec<u8>,
        mut passes: impl FnMut(RecordHead, &[u8]) -> bool,
    ) -> Result<Option<Taken>, RingError> {
        let mut inner = self.lock();
        inner.is_written = false;
        loop {
            let at = inner.looked_at;
            if let Some((head, position, bytes)) = inner.ahead.get(at) {
                let taken = Taken {
                    head: *head,
                    position: *position,
                };
                if !passes(*head, bytes) {
                    inner.looked_at += 1;
                    continue;
                }
                inner.is_written = is_write(taken.head);
                let bytes = inner.ahead.remove(at).map(|(_, _, bytes)| bytes);
                *payload = bytes.unwrap_or_default();
                inner.ahead_bytes -= weight(payload);
                return Ok(Some(taken));
            }
            if inner.ahead_bytes >= AHEAD_BYTES_MAX {
                return Ok(None);
            }
            let Some(record) = inner.ring.next()? else {
                return Ok(None);
            };
            let (head, position) = (record.head, record.position);
            payload.clear();
            record.payload.append_to(payload);
            if passes(head, payload) {
                inner.is_written = is_write(head);
                return Ok(Some(Taken { head, position }));
            }
            inner.ahead_bytes += weight(payload);
            inner.ahead.push_back((head, position, payload.clone()));
            inner.looked_at += 1;
        }
    }

    /// Whether [`Self::next_beside`] has something to look at.
    pub(super) fn has_more_beside(&self) -> bool {
        let inner = self.lock();
        let room = inner.ahead_bytes < AHEAD_BYTES_MAX;
        inner.looked_at < inner.ahead.len() || room && inner.ring.is_ready()
    }

    /// Sleeps until there is a record, or the session is closed.
    pub(super) fn wait(&self) -> Result<(), RingError> {
        let mut inner = self.lock();
        inner.is_written = false;
        if !inner.ahead.is_empty() {
            // Taken out of the ring since the issue thread found nothing there.
            return Ok(());
        }
        match inner.ring.wait(&Patience::asleep(DAY)) {
            Err(RingError::Timeout) => Ok(()),
            waited => waited,
        }
    }

    /// Reads ahead for words that host functions have returned, if the issue thread is not reading
    /// itself. `written` takes changes of memory, and says whether they were any.
    pub(super) fn relieve(
        &self,
        mut returned: impl FnMut(u64),
        mut written: impl FnMut(&[u8]) -> bool,
    ) {
        let mut inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if inner.is_written {
            // The word may come behind it. It is soon done, and does not wait in the driver.
            return;
        }
        inner.take_in_writes(&mut written);
        let more = match self.way.load(Ordering::Relaxed) {
            true => WAY_BYTES_MAX,
            false => 0,
        };
        while inner.ahead_bytes < AHEAD_BYTES_MAX + more {
            // A broken ring is the issue thread's to report.
            let Ok(Some(record)) = inner.ring.next() else {
                break;
            };
            let (head, position) = (record.head, record.position);
            let payload = record.payload.copy_out();
            if let Some(ticket) = returned_host_function(head, &payload) {
                self.way.store(false, Ordering::Relaxed);
                returned(ticket);
                continue;
            }
            if Call(head.op) == Call::MIRROR_WRITE && written(&payload) {
                continue;
            }
            inner.ahead_bytes += weight(&payload);
            inner.ahead.push_back((head, position, payload));
        }
        inner.ring.release();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Records are taken in single steps: a panic elsewhere leaves the queue whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a record taken out early counts for: also one without payload takes room.
fn weight(payload: &[u8]) -> usize {
    payload.len() + RECORD_BYTES_MIN
}

/// The ticket, if the record is a well-formed word of a host function's return.
fn returned_host_function(head: RecordHead, payload: &[u8]) -> Option<u64> {
    if Call(head.op) != Call::HOST_RETURNED {
        return None;
    }
    let mut get = Get::new(payload);
    let ticket = get.get().ok()?;
    get.finish().ok().map(|()| ticket)
}

impl Inner {
    /// Takes in the changes of memory among what was taken out early: words that come later may rely on them.
    fn take_in_writes(&mut self, written: &mut impl FnMut(&[u8]) -> bool) {
        let mut at = 0;
        while let Some((head, _, payload)) = self.ahead.get(at) {
            if !is_write(*head) || !written(payload) {
                at += 1;
                continue;
            }
            self.ahead_bytes -= weight(payload);
            self.ahead.remove(at);
            self.looked_at -= usize::from(at < self.looked_at);
        }
    }
}

/// Whether a record changes page-locked memory.
fn is_write(head: RecordHead) -> bool {
    Call(head.op) == Call::MIRROR_WRITE
}

#[cfg(test)]
mod tests {
    use rigel_transport::{ClientEnd, CloseReason, Layout, SessionMemory};

    use super::*;

    fn pair() -> (ClientEnd, Source) {
        let memory = SessionMemory::anonymous(&Layout::new([1 << 16; 4]).unwrap()).unwrap();
        let source = Source::new(memory.worker().unwrap().command);
        (memory.client().unwrap(), source)
    }

    fn send(client: &ClientEnd, call: Call, payload: &[u8]) {
        let head = RecordHead {
            op: call.0,
            ..RecordHead::default()
        };
        let patience = Patience::within(Duration::from_secs(60));
        client.command.send(head, &[payload], &patience).unwrap();
    }

    #[test]
    fn only_the_return_of_host_functions_overtakes() {
        let (client, source) = pair();
        send(&client, Call::LAUNCH, b"one");
        send(&client, Call::HOST_RETURNED, &7_u64.to_le_bytes());
        send(&client, Call::FILL, b"two");
        // One that is malformed waits its turn, to end the session there.
        send(&client, Call::HOST_RETURNED, b"short");
        let mut tickets = Vec::new();
        source.relieve(|ticket| tickets.push(ticket), |_| false);
        assert_eq!(tickets, [7]);
        send(&client, Call::COPY, b"three");
        let mut payload = Vec::new();
        let mut seen = Vec::new();
        while let Some(taken) = source.next(&mut payload).unwrap() {
            seen.push((Call(taken.head.op), payload.clone()));
        }
        let expected = [
            (Call::LAUNCH, b"one".to_vec()),
            (Call::FILL, b"two".to_vec()),
            (Call::HOST_RETURNED, b"short".to_vec()),
            (Call::COPY, b"three".to_vec()),
        ];
        assert_eq!(seen, expected);
        assert_eq!(source.lock().ahead_bytes, 0);
    }

    #[test]
    fn record_taken_out_early_is_not_slept_over() {
        let (client, source) = pair();
        let mut payload = Vec::new();
        assert!(source.next(&mut payload).unwrap().is_none());
        send(&client, Call::STREAM_QUERY, b"asked meanwhile");
        source.relieve(|_| {}, |_| false);
        client.close(CloseReason::FINISHED);
        // A wait for the ring would say that it is closed.
        source.wait().unwrap();
        assert!(source.next(&mut payload).unwrap().is_some());
    }

    #[test]
    fn return_of_a_host_function_waits_for_the_change_that_is_taken_in() {
        let (client, source) = pair();
        send(&client, Call::MIRROR_WRITE, b"written by it");
        send(&client, Call::HOST_RETURNED, &7_u64.to_le_bytes());
        let mut payload = Vec::new();
        source.next(&mut payload).unwrap().unwrap();
        let mut tickets = Vec::new();
        source.relieve(|ticket| tickets.push(ticket), |_| true);
        assert!(tickets.is_empty(), "the change is not in yet");
        let taken = source.next(&mut payload).unwrap().unwrap();
        assert_eq!(Call(taken.head.op), Call::HOST_RETURNED);
    }

    #[test]
    fn reading_ahead_has_a_limit() {
        let (client, source) = pair();
        source.lock().ahead_bytes = AHEAD_BYTES_MAX - 2 * RECORD_BYTES_MIN;
        for _ in 0..5 {
            send(&client, Call::LAUNCH, b"");
        }
        source.relieve(|_| {}, |_| false);
        assert_eq!(source.lock().ahead.len(), 2);
    }

    #[test]
    fn word_of_a_host_function_is_heard_behind_more_than_the_limit() {
        let (client, source) = pair();
        source.lock().ahead_bytes = AHEAD_BYTES_MAX;
        let mut queued = 0;
        let head = |call: Call| RecordHead {
            op: call.0,
            ..RecordHead::default()
        };
        let launch = [7; 1000];
        let post = || client.command.try_send(head(Call::LAUNCH), &launch);
        while post().unwrap().is_some() {
            queued += 1;
        }
        let ticket = 7_u64.to_le_bytes();
        let word = || client.command.try_send(head(Call::HOST_RETURNED), &ticket);
        let mut heard = Vec::new();
        source.relieve(|ticket| heard.push(ticket), |_| false);
        assert!(word().unwrap().is_none(), "the ring is full and stays so");
        source.make_way();
        source.relieve(|ticket| heard.push(ticket), |_| false);
        word().unwrap().unwrap();
        source.relieve(|ticket| heard.push(ticket), |_| false);
        assert_eq!((heard, source.lock().ahead.len()), (vec![7], queued));
        // And then the limit is what it was.
        send(&client, Call::LAUNCH, b"");
        source.relieve(|_| {}, |_| false);
        assert_eq!(source.lock().ahead.len(), queued);
    }

    #[test]
    fn what_does_not_pass_a_copy_stays_in_order() {
        let (client, source) = pair();
        for text in ["stay 1", "pass 1", "stay 2", "pass 2"] {
            send(&client, Call::LAUNCH, text.as_bytes());
        }
        let mut payload = Vec::new();
        let passes = |_: RecordHead, payload: &[u8]| payload.starts_with(b"pass");
        let mut passed = Vec::new();
        source.begin_beside();
        while source.next_beside(&mut payload, passes).unwrap().is_some() {
            passed.push(String::from_utf8(payload.clone()).unwrap());
        }
        assert!(!source.has_more_beside());
        send(&client, Call::LAUNCH, b"stay 3");
        assert!(source.has_more_beside());
        assert!(source.next_beside(&mut payload, passes).unwrap().is_none());
        // The next copy looks at all of them again.
        source.begin_beside();
        assert!(source.has_more_beside());
        let mut stayed = Vec::new();
        while source.next(&mut payload).unwrap().is_some() {
            stayed.push(String::from_utf8(payload.clone()).unwrap());
        }
        assert_eq!(passed, ["pass 1", "pass 2"]);
        assert_eq!(stayed, ["stay 1", "stay 2", "stay 3"]);
        assert_eq!(source.lock().ahead_bytes, 0);
    }

    #[test]
    fn copy_keeps_records_back_up_to_a_limit() {
        let (client, source) = pair();
        source.lock().ahead_bytes = AHEAD_BYTES_MAX - 2 * RECORD_BYTES_MIN;
        for _ in 0..5 {
            send(&client, Call::LAUNCH, b"");
        }
        source.begin_beside();
        let mut payload = Vec::new();
        let taken = source.next_beside(&mut payload, |_, _| false).unwrap();
        assert_eq!((taken, source.lock().ahead.len()), (None, 2));
        assert!(!source.has_more_beside());
    }
}
