//! How a call's record gets into the ring: behind the changes of mirrored memory that it may read, and around
//! a ring that is full. Read [`Request::send`] first.

use std::time::Instant;

use rigel_protocol::CuResult;
use rigel_protocol::generated::calls::Call;
use rigel_transport::{Patience, RecordHead, RingError};

use super::{MAKE_WAY_AFTER, ROOM_WITHIN, Request, ring_error};
use crate::outbox::{Mark, Sent};

impl Request {
    /// Sends what the program has changed in mirrored memory, if the call may read it, and the record.
    pub(super) fn send(&self) -> CuResult<u64> {
        if let Some(mark) = self.session.mirrors.changes_before(self.call) {
            self.tell_changes(mark)?;
        }
        let (head, bytes) = (self.head(self.call), self.put.as_slice());
        if self.session.way.is_wanted() {
            self.give_way();
        }
        match self.session.command.try_send(head, bytes) {
            Ok(Some(position)) => Ok(position),
            full_or_failed => self.send_slowly(head, bytes, full_or_failed),
        }
    }

    fn head(&self, call: Call) -> RecordHead {
        RecordHead {
            op: call.0,
            flags: 0,
            thread: self.thread.0,
            context: self.context,
        }
    }

    /// Sends what was found changed in mirrored memory, by this thread and others.
    fn tell_changes(&self, mark: Mark) -> CuResult<()> {
        let (session, head) = (self.session, self.head(Call::MIRROR_WRITE));
        let mut held_back = None;
        loop {
            if session.way.is_wanted() {
                self.give_way();
            }
            let sent = session.mirrors.send(mark, |record| {
                let position = session.command.try_send(head, record);
                position.map(|position| position.is_some())
            });
            let len = match sent.map_err(|error| ring_error(session, &error))? {
                Sent::All => return Ok(()),
                Sent::Full(len) => len,
            };
            if self.call == Call::HOST_RETURNED {
                held_back.get_or_insert_with(|| session.way.hold_back());
            }
            self.await_room(len)
                .map_err(|error| ring_error(session, &error))?;
        }
    }

    /// Waits until there is room in the ring. The word of a host function has it made.
    fn await_room(&self, len: usize) -> Result<(), RingError> {
        let alive = || self.session.inbox.worker_is_alive();
        if self.call != Call::HOST_RETURNED {
            let patience = Patience::within(ROOM_WITHIN).while_alive(&alive);
            return self.session.command.wait_room(len, &patience);
        }
        self.make_way_until(|| {
            let patience = Patience::within(MAKE_WAY_AFTER).while_alive(&alive);
            self.session.command.wait_room(len, &patience)
        })
    }

    /// Lets the word of a host function pass.
    #[cold]
    fn give_way(&self) {
        if self.call != Call::HOST_RETURNED {
            let alive = || self.session.inbox.worker_is_alive();
            self.session.way.give(Instant::now() + ROOM_WITHIN, alive);
        }
    }

    /// Sends the word of a host function though the ring is full of calls that may wait for it.
    fn send_before_others(&self, head: RecordHead, bytes: &[u8]) -> Result<u64, RingError> {
        let _held_back = self.session.way.hold_back();
        let alive = || self.session.inbox.worker_is_alive();
        self.make_way_until(|| {
            let patience = Patience::within(MAKE_WAY_AFTER).while_alive(&alive);
            self.session.command.send(head, &[bytes], &patience)
        })
    }

    /// Has the worker take out what is in the ring for as long as an attempt times out.
    fn make_way_until<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, RingError>,
    ) -> Result<T, RingError> {
        let deadline = Instant::now() + ROOM_WITHIN;
        loop {
            match attempt() {
                Err(RingError::Timeout) if Instant::now() < deadline => {
                    self.session.control.make_way();
                }
                ended => return ended,
            }
        }
    }

    /// The ring is full, or no ring any more.
    #[cold]
    fn send_slowly(
        &self,
        head: RecordHead,
        bytes: &[u8],
        tried: Result<Option<u64>, RingError>,
    ) -> CuResult<u64> {
        if self.call == Call::HOST_RETURNED {
            return tried
                .and_then(|_| self.send_before_others(head, bytes))
                .map_err(|error| ring_error(self.session, &error));
        }
        let alive = || self.session.inbox.worker_is_alive();
        let patience = Patience::within(ROOM_WITHIN).while_alive(&alive);
        tried
            .and_then(|_| self.session.command.send(head, &[bytes], &patience))
            .map_err(|error| ring_error(self.session, &error))
    }
}
