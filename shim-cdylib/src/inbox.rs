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
use rigel_transport::{
    BulkChunk, ClientEnd, CloseReason, Patience, Record, RingError, SessionMemory,
};

use crate::caller::CallerBytes;
use crate::caller_box::CallerBox;
use crate::mirrors::Mirrors;
use crate::posted::{Answer, Slot, Slots};
use crate::print;
use crate::trace;

/// Most chunks of bytes that are taken in passing.
const POLL_MAX: usize = 8;

/// What the worker sends.
pub(crate) struct Inbox {
    memory: Arc<SessionMemory>,
    end: Mutex<ClientEnd>,
    slots: Slots,
    sinks: Mutex<HashMap<u64, Sink>>,
    transfers: AtomicU64,
    host_calls: Box<dyn Fn(HostCall) + Send + Sync>,
    mirrors: Arc<Mirrors>,
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
    /// Likewise, row by row.
    Box {
        /// The caller's memory.
        rows: CallerBox,
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
        mirrors: Arc<Mirrors>,
        alive: Box<dyn Fn() -> bool + Send + Sync>,
        host_calls: Box<dyn Fn(HostCall) + Send + Sync>,
    ) -> Self {
        Self {
            memory: Arc::clone(&end.memory),
            end: Mutex::new(end),
            slots: Slots::default(),
            sinks: Mutex::default(),
            transfers: AtomicU64::new(1),
            host_calls,
            mirrors,
            alive,
        }
    }

    /// A thread's slot.
    pub(crate) fn slot(&self, thread: ThreadId) -> CuResult<&Arc<Slot>> {
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
    pub(crate) fn wait(&self, slot: &Arc<Slot>, position: u64) -> Result<Answer, RingError> {
        self.wait_until(slot, || slot.has(position))?;
        slot.take(position).ok_or(RingError::PeerGone)
    }

    /// Waits until all bytes of a transfer have come.
    pub(crate) fn wait_bytes(
        &self,
        slot: &Arc<Slot>,
        transfer: u64,
        bytes: u64,
    ) -> Result<(), RingError> {
        self.wait_until(slot, || self.received(transfer) >= bytes)
    }

    /// Waits for anything that a record brings.
    pub(crate) fn wait_until(
        &self,
        slot: &Arc<Slot>,
        done: impl Fn() -> bool,
    ) -> Result<(), RingError> {
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
            // Who reads may not look at the link before its own answer comes.
            self.memory.flush();
            self.slots.sleep(slot, || self.is_read());
        }
    }

    /// Reads what is there, if nobody else does; never waits.
    pub(crate) fn poll(&self) {
        if let Some(mut end) = self.try_end() {
            // An error shows itself to the next wait, and the rest comes with it.
            for _ in 0..POLL_MAX {
                if !matches!(self.read_some(&mut end), Ok(true)) {
                    break;
                }
            }
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
            let found = self.read_some(end)?;
            if done() {
                end.reply.release();
                end.download.release();
                return Ok(());
            }
            if found {
                continue;
            }
            match end.wait(&Patience::asleep(LONG).while_alive(&alive)) {
                Ok(()) | Err(RingError::Timeout) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Delivers the answers that are there and at most one chunk of bytes, so that answers do not wait for
    /// many of those; whether there was anything.
    fn read_some(&self, end: &mut ClientEnd) -> Result<bool, RingError> {
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
        if let Some(record) = end.download.next()? {
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
            Call::MIRROR_CHANGED => self.mirrors.apply(&payload)?,
            Call::PRINT => print::write(&payload),
            Call::TRACE_ON => trace::told(get.get()?),
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
            Some(Sink::Box {
                rows,
                received,
                waiter,
            }) => {
                let written = rows.write_ring(chunk.offset, &chunk.bytes);
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
            Some(Sink::Caller { received, .. } | Sink::Box { received, .. }) => *received,
            Some(Sink::Gather { bytes, .. }) => bytes.len() as u64,
            None => u64::MAX,
        }
    }

    fn lock_sinks(&self) -> MutexGuard<'_, HashMap<u64, Sink>> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use rigel_protocol::HostPtr;
    use rigel_protocol::wire::Put;
    use rigel_transport::{Layout, Producer, RecordHead, WorkerEnd};

    use super::*;

    fn patience() -> Patience<'static> {
        Patience::within(Duration::from_secs(60))
    }

    struct Pair {
        inbox: Inbox,
        command: Producer,
        alive: Arc<AtomicBool>,
    }

    fn pair() -> (Pair, WorkerEnd) {
        let memory = SessionMemory::anonymous(&Layout::new([1 << 16; 4]).unwrap()).unwrap();
        let end = memory.client().unwrap();
        let command = end.command.clone();
        let alive = Arc::new(AtomicBool::new(true));
        let watched = Arc::clone(&alive);
        let inbox = Inbox::new(
            end,
            Arc::default(),
            Box::new(move || watched.load(Ordering::Relaxed)),
            Box::new(|_| {}),
        );
        let pair = Pair {
            inbox,
            command,
            alive,
        };
        (pair, memory.worker().unwrap())
    }

    fn call(pair: &Pair, thread: u32, argument: u32) -> (Arc<Slot>, u64) {
        let slot = Arc::clone(pair.inbox.slot(ThreadId(thread)).unwrap());
        slot.expect();
        let head = RecordHead {
            op: Call::CTX_SYNCHRONIZE.0,
            thread,
            ..RecordHead::default()
        };
        let position = pair
            .command
            .send(head, &[&argument.to_le_bytes()], &patience())
            .unwrap();
        (slot, position)
    }

    /// Answers `n` calls, each with its own argument, in bunches and out of order.
    fn echo(worker: &mut WorkerEnd, n: usize) {
        let mut held = Vec::new();
        for at in 0..n {
            let record = worker.command.next_wait(&patience()).unwrap();
            held.push((record.head, record.position, record.payload.copy_out()));
            if held.len() == 3 || at + 1 == n || !worker.command.is_ready() {
                for (head, position, argument) in held.drain(..).rev() {
                    answer(worker, head, position, &argument);
                }
            }
        }
    }

    fn answer(worker: &WorkerEnd, head: RecordHead, position: u64, results: &[u8]) {
        let mut put = Put::new();
        put.put(&Reply {
            position,
            result: Ok(()),
        });
        put.raw(results);
        worker
            .reply
            .send(head, &[put.as_slice()], &patience())
            .unwrap();
    }

    #[test]
    fn every_thread_gets_its_own_answers() {
        const THREADS: u32 = 6;
        const CALLS: u32 = 300;
        let (pair, mut worker) = pair();
        std::thread::scope(|scope| {
            scope.spawn(|| echo(&mut worker, (THREADS * CALLS) as usize));
            for thread in 1..=THREADS {
                let pair = &pair;
                scope.spawn(move || {
                    for number in 0..CALLS {
                        let argument = thread * 1_000_000 + number;
                        let (slot, position) = call(pair, thread, argument);
                        let answer = pair.inbox.wait(&slot, position).unwrap();
                        assert_eq!(answer.payload[answer.start..], argument.to_le_bytes());
                    }
                });
            }
        });
    }

    #[test]
    fn bytes_land_where_the_caller_wants_them() {
        let (pair, worker) = pair();
        let mut memory = vec![0_u8; 100_000];
        let sent: Vec<u8> = (0..memory.len()).map(|at| at as u8).collect();
        let slot = pair.inbox.slot(ThreadId(1)).unwrap();
        let transfer = pair.inbox.new_transfer();
        // SAFETY: the memory outlives the sink.
        #[expect(unsafe_code, reason = "a test's own memory")]
        let place = unsafe {
            CallerBytes::new(HostPtr(memory.as_mut_ptr() as u64), memory.len() as u64).unwrap()
        };
        let sink = Sink::Caller {
            memory: place,
            received: 0,
            waiter: Arc::clone(slot),
        };
        pair.inbox.open_sink(transfer, sink);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                worker
                    .download
                    .send_bulk(transfer, &sent, &patience())
                    .unwrap()
            });
            pair.inbox
                .wait_bytes(slot, transfer, sent.len() as u64)
                .unwrap();
        });
        pair.inbox.close_sink(transfer);
        assert!(memory == sent);
    }

    #[test]
    fn chunk_beyond_its_transfer_ends_the_session() {
        let (pair, worker) = pair();
        let slot = pair.inbox.slot(ThreadId(1)).unwrap();
        let transfer = pair.inbox.new_transfer();
        let sink = Sink::Gather {
            bytes: Vec::new(),
            max: 10,
            waiter: Arc::clone(slot),
        };
        pair.inbox.open_sink(transfer, sink);
        worker
            .download
            .send_bulk(transfer, &[0; 11], &patience())
            .unwrap();
        let waited = pair.inbox.wait_bytes(slot, transfer, 11);
        assert_eq!(waited, Err(RingError::Closed(CloseReason::PROTOCOL)));
    }

    #[test]
    fn chunk_of_a_transfer_that_was_given_up_is_dropped() {
        let (pair, mut worker) = pair();
        let transfer = pair.inbox.new_transfer();
        worker
            .download
            .send_bulk(transfer, &[0; 100], &patience())
            .unwrap();
        let (slot, position) = call(&pair, 1, 7);
        echo(&mut worker, 1);
        assert!(pair.inbox.wait(&slot, position).is_ok());
    }

    #[test]
    fn notice_is_latched_for_its_thread_alone() {
        let (pair, mut worker) = pair();
        let notice = Notice {
            call: Call::LAUNCH.0,
            error: CuError::ILLEGAL_ADDRESS,
        };
        let mut put = Put::new();
        put.put(&notice);
        let (slot, position) = call(&pair, 2, 0);
        let head = RecordHead {
            op: Call::NOTICE.0,
            thread: 2,
            ..RecordHead::default()
        };
        worker
            .reply
            .send(head, &[put.as_slice()], &patience())
            .unwrap();
        echo(&mut worker, 1);
        pair.inbox.wait(&slot, position).unwrap();
        assert_eq!(slot.take_latched(), Some(CuError::ILLEGAL_ADDRESS));
        let other = pair.inbox.slot(ThreadId(1)).unwrap();
        assert_eq!(other.take_latched(), None);
    }

    #[test]
    fn answer_to_nobody_ends_the_session() {
        let (pair, worker) = pair();
        let (slot, position) = call(&pair, 1, 0);
        let head = RecordHead {
            op: Call::CTX_SYNCHRONIZE.0,
            thread: 77,
            ..RecordHead::default()
        };
        answer(&worker, head, position, &[]);
        let waited = pair.inbox.wait(&slot, position).map(|_| ());
        assert_eq!(waited, Err(RingError::Closed(CloseReason::PROTOCOL)));
    }

    #[test]
    fn death_of_the_worker_ends_a_wait() {
        let (pair, _worker) = pair();
        let (slot, position) = call(&pair, 1, 0);
        pair.alive.store(false, Ordering::Relaxed);
        let waited = pair.inbox.wait(&slot, position).map(|_| ());
        assert_eq!(waited, Err(RingError::PeerGone));
    }
}
