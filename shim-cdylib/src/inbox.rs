//! What comes from the worker: answers, bulk bytes, notices, host calls, prints. Read [`Inbox`] first.
//!
//! There is no thread for it. Whoever waits reads for everybody:
//! 1. Who holds `end` reads both rings and delivers to slots and sinks, until its own wait is over.
//! 2. Who does not get it sleeps in its slot, until an answer is delivered or the reader leaves.
//! 3. The reader that leaves wakes one sleeper, which becomes the reader.
//! 4. Lock order: `end`, then a slot or the sinks. Nothing is held while a callback runs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rigel_protocol::generated::calls::Call;
use rigel_protocol::link::{HostCall, Notice, Reply};
use rigel_protocol::wire::{Get, WireError};
use rigel_protocol::{CuError, CuResult, ThreadId};
use rigel_transport::{BulkChunk, ClientEnd, CloseReason, Patience, Record, RingError};

use crate::caller::CallerBytes;
use crate::posted::{Answer, Slot, Slots};
use crate::print;

/// What the worker sends.
pub(crate) struct Inbox {
    end: Mutex<ClientEnd>,
    slots: Slots,
    sinks: Mutex<HashMap<u64, Sink>>,
    transfers: AtomicU64,
    host_calls: Box<dyn Fn(HostCall) + Send + Sync>,
    alive: Box<dyn Fn() -> bool + Send + Sync>,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

/// Where the bytes of a transfer go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// Straight to where the caller wants them.
    Caller {
        /// The caller's memory.
        memory: CallerBytes,
        /// How many bytes have come.
        received: u64,
        /// Who waits for them.
        waiter: Arc<Slot>,
    },
    /// Gathered first.
    Gather {
        /// What has come, in order.
        bytes: Vec<u8>,
        /// How many may come.
        max: u64,
        /// Who waits for them.
        waiter: Arc<Slot>,
    },
}

impl Inbox {
    /// Reads from this end. `alive` says whether the worker is; `host_calls` takes what streams ask
    /// the program to call, and returns at once.
    pub(crate) fn new(
        end: ClientEnd,
        alive: Box<dyn Fn() -> bool + Send + Sync>,
        host_calls: Box<dyn Fn(HostCall) + Send + Sync>,
    ) -> Self {
        Self {
            end: Mutex::new(end),
            slots: Slots::default(),
            sinks: Mutex::default(),
            transfers: AtomicU64::new(1),
            host_calls,
            alive,
        }
    }

    /// A thread's slot.
    pub(crate) fn slot(&self, thread: ThreadId) -> CuResult<Arc<Slot>> {
        self.slots.of(thread).ok_or(CuError::OUT_OF_MEMORY)
    }

    /// Whether the worker is alive, as far as one can see from here.
    pub(crate) fn worker_is_alive(&self) -> bool {
        (self.alive)()
    }

    /// A number for a transfer.
    pub(crate) fn new_transfer(&self) -> u64 {
        self.transfers.fetch_add(1, Ordering::Relaxed)
    }

    /// Says where the bytes of a transfer go. Whoever opens a sink closes it.
    pub(crate) fn open_sink(&self, transfer: u64, sink: Sink) {
        self.lock_sinks().insert(transfer, sink);
    }

    /// Ends a transfer; nothing is written for it any more.
    pub(crate) fn close_sink(&self, transfer: u64) -> Option<Sink> {
        self.lock_sinks().remove(&transfer)
    }

    /// Waits for the answer to the call at `position`, reading for everybody meanwhile.
    pub(crate) fn wait(&self, slot: &Slot, position: u64) -> Result<Answer, RingError> {
        self.wait_until(slot, || slot.has(position))?;
        slot.take(position).ok_or(RingError::PeerGone)
    }

    /// Waits until all bytes of a transfer have come.
    pub(crate) fn wait_bytes(
        &self,
        slot: &Slot,
        transfer: u64,
        bytes: u64,
    ) -> Result<(), RingError> {
        self.wait_until(slot, || self.received(transfer) >= bytes)
    }

    /// Waits for anything that a record brings.
    pub(crate) fn wait_until(&self, slot: &Slot, done: impl Fn() -> bool) -> Result<(), RingError> {
        loop {
            if done() {
                return Ok(());
            }
            if let Some(mut end) = self.try_end() {
                let outcome = self.read_until(&mut end, &done);
                drop(end);
                self.leave();
                return outcome;
            }
            slot.sleep(|| self.is_read());
        }
    }

    /// Reads what is there, if nobody else does; never waits.
    pub(crate) fn poll(&self) {
        if let Some(mut end) = self.try_end() {
            // An error shows itself to the next wait.
            let _ = self.read_all(&mut end);
            end.reply.release();
            end.download.release();
            drop(end);
            self.leave();
        }
    }

    fn try_end(&self) -> Option<MutexGuard<'_, ClientEnd>> {
        match self.end.try_lock() {
            Ok(end) => Some(end),
            Err(TryLockError::Poisoned(end)) => Some(end.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether somebody reads right now.
    fn is_read(&self) -> bool {
        // SeqCst order: the sleeper announced itself before this look, the reader looks for sleepers
        // after it has let go.
        fence(Ordering::SeqCst);
        self.try_end().is_none()
    }

    /// The reader leaves: somebody else may have to go on.
    fn leave(&self) {
        fence(Ordering::SeqCst);
        self.slots.nudge_one();
    }

    fn read_until(&self, end: &mut ClientEnd, done: &impl Fn() -> bool) -> Result<(), RingError> {
        /// How long one sleep may be; what ends a wait is the worker's death.
        const LONG: Duration = Duration::from_secs(3600);
        let alive = || (self.alive)();
        loop {
            let found = self.read_all(end)?;
            if done() {
                end.reply.release();
                end.download.release();
                return Ok(());
            }
            if found {
                continue;
            }
            match end.wait(&Patience::within(LONG).while_alive(&alive)) {
                Ok(()) | Err(RingError::Timeout) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Delivers all that is there; whether there was anything.
    fn read_all(&self, end: &mut ClientEnd) -> Result<bool, RingError> {
        let mut found = false;
        // A notice precedes the answer it concerns in the same ring, bytes may follow in the other.
        while let Some(record) = end.reply.next()? {
            found = true;
            if let Err(error) = self.deliver(&record) {
                tracing::error!(op = record.head.op, %error, "the worker broke the protocol");
                end.close(CloseReason::PROTOCOL);
                return Err(RingError::Closed(CloseReason::PROTOCOL));
            }
        }
        while let Some(record) = end.download.next()? {
            found = true;
            let understood = BulkChunk::of(&record).is_some_and(|chunk| self.absorb(&chunk));
            if !understood {
                tracing::error!("the worker sent bytes that nobody asked for");
                end.close(CloseReason::PROTOCOL);
                return Err(RingError::Closed(CloseReason::PROTOCOL));
            }
            end.download.release();
        }
        Ok(found)
    }

    fn deliver(&self, record: &Record<'_>) -> Result<(), WireError> {
        let payload = record.payload.copy_out();
        let thread = ThreadId(record.head.thread);
        let mut get = Get::new(&payload);
        match Call(record.head.op) {
            Call::NOTICE => {
                let notice: Notice = get.get()?;
                tracing::debug!(
                    call = Call(notice.call).name(),
                    thread = thread.0,
                    error = %notice.error,
                    "a posted call has failed"
                );
                if let Some(slot) = self.slots.existing(thread) {
                    slot.latch(notice.error);
                }
            }
            Call::HOST_CALL => (self.host_calls)(get.get()?),
            Call::PRINT => print::write(&payload),
            _ => {
                let reply: Reply = get.get()?;
                let start = payload.len() - get.left();
                let slot = self.slots.existing(thread).ok_or(WireError::BadValue {
                    what: "a thread",
                    value: thread.0.into(),
                })?;
                slot.deliver(Answer {
                    position: reply.position,
                    result: reply.result,
                    payload,
                    start,
                });
            }
        }
        Ok(())
    }

    /// Takes a chunk in; false if it reaches outside its transfer. Bytes of a transfer that was given
    /// up are dropped.
    fn absorb(&self, chunk: &BulkChunk<'_>) -> bool {
        match self.lock_sinks().get_mut(&chunk.transfer) {
            None => chunk.transfer < self.transfers.load(Ordering::Relaxed),
            Some(Sink::Caller {
                memory,
                received,
                waiter,
            }) => {
                let written = memory.write_ring(chunk.offset, &chunk.bytes);
                *received += chunk.bytes.len() as u64;
                waiter.nudge();
                written
            }
            Some(Sink::Gather { bytes, max, waiter }) => {
                let fits = (bytes.len() as u64).saturating_add(chunk.bytes.len() as u64) <= *max;
                if !fits || chunk.offset != bytes.len() as u64 {
                    return false;
                }
                chunk.bytes.append_to(bytes);
                waiter.nudge();
                true
            }
        }
    }

    fn received(&self, transfer: u64) -> u64 {
        match self.lock_sinks().get(&transfer) {
            Some(Sink::Caller { received, .. }) => *received,
            Some(Sink::Gather { bytes, .. }) => bytes.len() as u64,
            None => u64::MAX,
        }
    }

    fn lock_sinks(&self) -> MutexGuard<'_, HashMap<u64, Sink>> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
