//! The reading side of a ring: one owner. A record's head is copied out before it is checked, sizes
//! come from our own layout, and what cannot be is an error, never a panic. Read [`Consumer`] first.
//!
//! 1. A record is consumed when the next one is asked for, unless it was turned into a [`HeldRecord`].
//! 2. Space goes back in order: what is held keeps everything behind it.
//! 3. Space goes back when an eighth of the ring has gathered, when the ring is found empty, when a
//!    held record is dropped, and at [`Consumer::release`].
//! 4. A link reads with [`Consumer::retain`]: then space goes back only as far as its [`Releaser`] says,
//!    and what is kept can be read again after [`Consumer::rewind`].
#![expect(unsafe_code, reason = "hands out views of shared memory")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::core;
use super::{PAD_OP, RECORD_HEAD_BYTES, RecordHead, RingMap, RingSlice, footprint};
use crate::bell::{self, Patience, Spin};
use crate::error::RingError;
use crate::layout::Ring;
use crate::session::SessionMemory;

/// Reads the records of a ring in issue order.
pub struct Consumer {
    map: RingMap,
    /// The next record to look at; all before it is consumed or held.
    next: u64,
    /// What was last given back.
    returned: u64,
    spin: Spin,
    /// Space goes back by [`Releaser`] alone.
    retains: bool,
    line: Arc<ReleaseLine>,
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Consumer({} ring at {})", self.map.ring, self.next)
    }
}

/// What a step found: a record or padding, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) head: RecordHead,
    pub(crate) len: u32,
    pub(crate) position: u64,
}

impl Consumer {
    pub(crate) fn new(memory: &Arc<SessionMemory>, ring: Ring) -> Consumer {
        Consumer {
            map: RingMap::new(memory, ring),
            next: 0,
            returned: 0,
            spin: Spin::new(),
            retains: false,
            line: Arc::new(ReleaseLine::new(memory, ring, 0)),
        }
    }

    /// Which ring.
    pub fn ring(&self) -> Ring {
        self.map.ring
    }

    /// The position of the next record to be read.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Whether something is published at the current position.
    #[inline]
    pub fn is_ready(&self) -> bool {
        let stamp = self
            .line
            .memory
            .block()
            .atomic_u32(self.map.stamp_at(self.next));
        core::is_published(stamp, self.map.geometry.lap(self.next))
    }

    /// The next record, or `None` when all that is published has been read. Consumes the one before.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "records borrow the consumer")]
    pub fn next(&mut self) -> Result<Option<Record<'_>>, RingError> {
        let mut padding = 0;
        loop {
            let Some(found) = self.step()? else {
                return Ok(None);
            };
            if found.head.op != PAD_OP {
                return Ok(Some(self.record(found)));
            }
            padding += footprint(found.len as usize);
            if padding > self.map.geometry.room(0) {
                return Err(self.corrupt("a whole lap of padding"));
            }
        }
    }

    /// Waits until [`Consumer::next`] has something to say.
    pub fn wait(&mut self, patience: &Patience<'_>) -> Result<(), RingError> {
        self.release();
        let memory = &self.line.memory;
        let bell = memory.data_bell(self.map.ring.direction());
        bell::wait(memory, bell, &self.spin, patience, || self.is_ready())
    }

    /// The same, or until `other` is so, which something published in this direction brings about.
    pub fn wait_or(
        &mut self,
        patience: &Patience<'_>,
        mut other: impl FnMut() -> bool,
    ) -> Result<(), RingError> {
        self.release();
        let memory = &self.line.memory;
        let bell = memory.data_bell(self.map.ring.direction());
        let ready = || self.is_ready() || other();
        bell::wait(memory, bell, &self.spin, patience, ready)
    }

    /// Bytes of the ring.
    pub fn ring_bytes(&self) -> u64 {
        self.map.geometry.room(0)
    }

    /// Limits how long [`Consumer::wait`] spins before it sleeps; 50 µs at most, which is the default.
    /// Zero leaves the processor to others at once, at 10 µs a wake-up.
    pub fn set_spin_limit(&self, limit: Duration) {
        self.spin.set_limit(limit);
    }

    /// The next record, waiting for it.
    pub fn next_wait(&mut self, patience: &Patience<'_>) -> Result<Record<'_>, RingError> {
        let mut padding = 0;
        loop {
            if let Some(found) = self.step()? {
                if found.head.op != PAD_OP {
                    return Ok(self.record(found));
                }
                padding += footprint(found.len as usize);
                if padding > self.map.geometry.room(0) {
                    return Err(self.corrupt("a whole lap of padding"));
                }
                continue;
            }
            self.wait(patience)?;
        }
    }

    /// Gives back the space of everything consumed so far.
    #[inline]
    pub fn release(&mut self) {
        if self.returned != self.next && !self.retains {
            self.returned = self.next;
            self.line.release(self.next);
        }
    }

    /// From now on keeps what is read until the [`Releaser`] gives it back.
    pub(crate) fn retain(&mut self) {
        self.release();
        self.retains = true;
        self.line.retain();
    }

    /// What gives space back of a consumer that retains; void after a rewind.
    pub(crate) fn releaser(&self) -> Releaser {
        Releaser(Arc::clone(&self.line))
    }

    /// What looks at the ring beside its consumer.
    pub(crate) fn peek(&self) -> Peek {
        Peek {
            map: self.map,
            memory: Arc::clone(&self.line.memory),
        }
    }

    /// Where a consumer that retains may go back to: all before is given back.
    pub(crate) fn kept_from(&self) -> u64 {
        self.line.tail()
    }

    /// Goes back to a position from which on everything is kept, and forgets its held records.
    pub(crate) fn rewind(&mut self, position: u64) -> Result<(), RingError> {
        let kept_from = self.kept_from();
        if position < kept_from || position > self.next {
            return Err(self.corrupt("asked for again what is not kept"));
        }
        self.line.abandon();
        let memory = Arc::clone(&self.line.memory);
        self.line = Arc::new(ReleaseLine::new(&memory, self.map.ring, kept_from));
        self.line.retain();
        self.next = position;
        Ok(())
    }

    /// Consumes the record before and looks at the next, padding included.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Option<Found>, RingError> {
        if !self.is_ready() {
            self.release();
            return Ok(None);
        }
        if self.next - self.returned >= self.map.geometry.room(0) / 8 {
            self.release();
        }
        let bytes = self.line.memory.block().read(self.map.data_at(self.next));
        let (head, len) = RecordHead::decode(&bytes);
        let footprint = footprint(len as usize);
        if footprint > self.map.geometry.footprint_max() {
            return Err(self.corrupt("a record larger than a quarter of the ring"));
        }
        if footprint > self.map.geometry.room(self.next) {
            return Err(self.corrupt("a record beyond the end of the ring"));
        }
        let position = self.next;
        self.next += footprint;
        Ok(Some(Found {
            head,
            len,
            position,
        }))
    }

    /// The payload of a record found by [`Consumer::step`], as long as it is not consumed.
    #[inline]
    pub(crate) fn payload(&self, found: &Found) -> RingSlice<'_> {
        let at = self.map.data_at(found.position) + RECORD_HEAD_BYTES;
        let base = self.line.memory.block().at(at, found.len as usize);
        // SAFETY: `at` checked the bounds; the borrow of `self` keeps the memory mapped.
        unsafe { RingSlice::new(base, found.len as usize) }
    }

    pub(crate) fn memory(&self) -> &Arc<SessionMemory> {
        &self.line.memory
    }

    #[inline]
    pub(crate) fn record(&self, found: Found) -> Record<'_> {
        Record {
            head: found.head,
            position: found.position,
            payload: self.payload(&found),
            line: &self.line,
        }
    }

    #[cold]
    fn corrupt(&self, what: &'static str) -> RingError {
        RingError::Corrupt {
            ring: self.map.ring,
            position: self.next,
            what,
        }
    }
}

/// A record in the ring. Its head is a copy; its payload is still the peer's to change.
#[derive(Debug)]
pub struct Record<'a> {
    /// What it asks or answers.
    pub head: RecordHead,
    /// Where it stands in the ring's stream.
    pub position: u64,
    /// Its bytes.
    pub payload: RingSlice<'a>,
    line: &'a Arc<ReleaseLine>,
}

impl Record<'_> {
    /// Keeps the record's space until the result is dropped, by any thread and in any order. The
    /// records behind it can be read meanwhile, until the ring is full.
    pub fn hold(self) -> HeldRecord {
        let end = self.position + footprint(self.payload.len());
        self.line.hold(self.position, end);
        HeldRecord {
            head: self.head,
            position: self.position,
            base: self.payload.as_ptr() as usize,
            len: self.payload.len(),
            line: Arc::clone(self.line),
        }
    }
}

/// A record whose space is kept until it is dropped.
pub struct HeldRecord {
    /// What it asks or answers.
    pub head: RecordHead,
    /// Where it stands in the ring's stream.
    pub position: u64,
    /// The payload's address, in the block that `line` keeps mapped.
    base: usize,
    len: usize,
    line: Arc<ReleaseLine>,
}

impl std::fmt::Debug for HeldRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeldRecord({} bytes at {})", self.len, self.position)
    }
}

impl HeldRecord {
    /// Its bytes.
    pub fn payload(&self) -> RingSlice<'_> {
        let base =
            std::ptr::NonNull::new(self.base as *mut u8).unwrap_or(std::ptr::NonNull::dangling());
        // SAFETY: address and length come from a checked record, whose block `line` keeps mapped.
        unsafe { RingSlice::new(base, self.len) }
    }

    /// Its bytes, for a link that only copies them on: should a faulty producer write after publishing,
    /// some mixture of the two is sent.
    pub(crate) fn as_published_bytes(&self) -> &[u8] {
        let bytes = self.payload();
        // SAFETY: the view lies in the block, which `line` keeps mapped, and the record's space is not
        // given back while `self` lives, so that no producer that keeps the rules writes there.
        unsafe { std::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
    }
}

impl Drop for HeldRecord {
    fn drop(&mut self) {
        self.line.drop_hold(self.position);
    }
}

/// Gives space back in order. The consumer owns it; held records come back to it from any thread.
struct ReleaseLine {
    ring: Ring,
    memory: Arc<SessionMemory>,
    /// The length of `held`'s list: while it is zero only the consumer writes `released`.
    n_held: AtomicUsize,
    held: Mutex<HeldList>,
}

impl std::fmt::Debug for ReleaseLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReleaseLine({} ring)", self.ring)
    }
}

struct HeldList {
    /// In ring order; never longer than the ring has granules.
    entries: VecDeque<HeldEntry>,
    /// All before it is consumed or held; of a consumer that retains, given back or held.
    tail: u64,
    retains: bool,
    /// Another line has taken over.
    abandoned: bool,
}

/// Looks whether there is something, without taking it.
pub(crate) struct Peek {
    map: RingMap,
    memory: Arc<SessionMemory>,
}

impl Peek {
    /// Whether something is published at a position.
    pub(crate) fn is_ready_at(&self, position: u64) -> bool {
        let stamp = self.memory.block().atomic_u32(self.map.stamp_at(position));
        core::is_published(stamp, self.map.geometry.lap(position))
    }
}

/// Gives back the space of a consumer that retains.
#[derive(Debug, Clone)]
pub(crate) struct Releaser(Arc<ReleaseLine>);

impl Releaser {
    /// All before `position`, which the consumer has passed, is no longer needed.
    pub(crate) fn release_to(&self, position: u64) {
        let mut held = self.0.lock();
        if position > held.tail {
            held.tail = position;
            self.0.settle(&mut held);
        }
    }
}

struct HeldEntry {
    start: u64,
    dropped: bool,
}

impl ReleaseLine {
    fn new(memory: &Arc<SessionMemory>, ring: Ring, tail: u64) -> ReleaseLine {
        ReleaseLine {
            ring,
            memory: Arc::clone(memory),
            n_held: AtomicUsize::new(0),
            held: Mutex::new(HeldList {
                entries: VecDeque::new(),
                tail,
                retains: false,
                abandoned: false,
            }),
        }
    }

    fn retain(&self) {
        self.lock().retains = true;
    }

    fn tail(&self) -> u64 {
        self.lock().tail
    }

    fn abandon(&self) {
        self.lock().abandoned = true;
    }

    #[inline]
    fn release(&self, consumed: u64) {
        // Acquire: the last drop of a held record stored `released` before it brought this to zero.
        if self.n_held.load(Ordering::Acquire) == 0 {
            self.store(consumed);
            return;
        }
        let mut held = self.lock();
        held.tail = consumed;
        self.settle(&mut held);
    }

    fn hold(&self, start: u64, end: u64) {
        let mut held = self.lock();
        held.entries.push_back(HeldEntry {
            start,
            dropped: false,
        });
        if !held.retains {
            held.tail = end;
        }
        self.n_held.store(held.entries.len(), Ordering::Relaxed);
    }

    fn drop_hold(&self, start: u64) {
        let mut held = self.lock();
        if let Ok(index) = held
            .entries
            .binary_search_by_key(&start, |entry| entry.start)
        {
            held.entries[index].dropped = true;
        }
        self.settle(&mut held);
    }

    /// Removes dropped entries from the front and gives back all before the first that is left.
    fn settle(&self, held: &mut HeldList) {
        while held.entries.front().is_some_and(|entry| entry.dropped) {
            held.entries.pop_front();
        }
        if !held.abandoned {
            let first = held.entries.front();
            self.store(first.map_or(held.tail, |entry| entry.start.min(held.tail)));
        }
        // Release: pairs with the load in `release`.
        self.n_held.store(held.entries.len(), Ordering::Release);
    }

    #[inline]
    fn store(&self, released: u64) {
        core::release(self.memory.released(self.ring), released);
        bell::strike(
            self.memory.space_bell(self.ring),
            self.memory.space_hook(self.ring),
        );
    }

    fn lock(&self) -> MutexGuard<'_, HeldList> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    fn retained() -> (Arc<SessionMemory>, Consumer) {
        let memory = SessionMemory::anonymous(&Layout::new([4096; 4]).unwrap()).unwrap();
        let client = memory.client().unwrap();
        for payload in [&b"one"[..], &[2; 900], b"three"] {
            let patience = Patience::within(Duration::from_secs(60));
            client
                .command
                .send(RecordHead::default(), &[payload], &patience)
                .unwrap();
        }
        let mut consumer = memory.worker().unwrap().command;
        consumer.retain();
        while consumer.next().unwrap().is_some() {}
        (memory, consumer)
    }

    #[test]
    fn what_is_retained_is_read_again_after_a_rewind() {
        let (memory, mut consumer) = retained();
        assert_eq!(memory.released(Ring::Command).load(Ordering::Relaxed), 0);
        consumer.rewind(64).unwrap();
        assert_eq!(
            consumer.next().unwrap().unwrap().payload.copy_out(),
            [2; 900]
        );
        assert_eq!(
            consumer.next().unwrap().unwrap().payload.copy_out(),
            b"three"
        );
    }

    #[test]
    fn rewind_to_what_is_not_kept_is_refused() {
        let (memory, mut consumer) = retained();
        consumer.releaser().release_to(64);
        assert_eq!(memory.released(Ring::Command).load(Ordering::Relaxed), 64);
        assert!(consumer.rewind(0).is_err());
        assert!(consumer.rewind(consumer.position() + 64).is_err());
        assert!(consumer.rewind(64).is_ok());
    }

    #[test]
    fn held_record_keeps_its_space_beyond_the_acknowledgement() {
        let (memory, mut consumer) = retained();
        consumer.rewind(64).unwrap();
        let held = consumer.next().unwrap().unwrap().hold();
        consumer.releaser().release_to(consumer.position());
        assert_eq!(memory.released(Ring::Command).load(Ordering::Relaxed), 64);
        let end = consumer.position();
        drop(held);
        assert_eq!(memory.released(Ring::Command).load(Ordering::Relaxed), end);
    }

    #[test]
    fn record_held_before_a_rewind_gives_nothing_back() {
        let (memory, mut consumer) = retained();
        consumer.rewind(0).unwrap();
        let held = consumer.next().unwrap().unwrap().hold();
        consumer.rewind(0).unwrap();
        drop(held);
        assert_eq!(memory.released(Ring::Command).load(Ordering::Relaxed), 0);
    }
}
