//! The pump: one task that keeps a session's rings equal to those at the other end of a connection, and
//! of the connections that follow it. Both sides use it: the client's link stands for the worker, the
//! daemon's bridge for the client. Read [`Rings`] first.
//!
//! 1. A record goes out when the pump finds it; records that have gathered meanwhile go in one write.
//! 2. A full ring stops its reader, and QUIC's flow control then stops the sender.
//! 3. A record stays in the sender's ring until the peer's pump has said that it is in the other ring:
//!    what QUIC acknowledges may still be lost, since it was not read. Acknowledgements ride on what goes
//!    the other way, and go alone when an eighth of the ring has gathered.
//! 4. A pump may be dropped at any await. [`Rings::restart`] then forgets what was underway, and the next
//!    connection goes on at byte offsets.
//! 5. Closing the memory drains what is published and finishes the streams. The peer finishes its own once
//!    all is in its rings, and only then the connection is closed with the reason: closing it earlier
//!    would throw away what the peer has received and not yet read.
//! 6. All four directions live in one task, so that a strike of a bell costs one wake-up. Each creates
//!    its future of the notification before it announces itself and looks again: nothing is missed.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use quinn::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use tokio::sync::Notify;

use super::control::{StreamKind, TAKEN_OVER, close_reason, read_error, write_error};

use crate::bell::{self, Hook, Spin};
use crate::error::{CloseReason, RingError, TransportError};
use crate::inflow::{self, Inflow, Progress};
use crate::layout::{Direction, Side};
use crate::ring::consumer::{Found, Peek, Releaser};
use crate::ring::{Consumer, HeldRecord, PAD_OP, Producer};
use crate::session::SessionMemory;

/// Small records gather into one chunk of at most this.
const BATCH_BYTES: usize = 64 << 10;
/// Larger records are not copied: they stay in the ring until acknowledged.
const HOLD_BYTES_MIN: usize = 16 << 10;
/// Bytes taken from a ring before they are handed to the stream.
const GATHER_BYTES: usize = 256 << 10;
/// Datagram-sized pieces taken from a stream at once.
const N_PIECES: usize = 32;
/// So much may be underway without a thread that looks after it: what the peer acknowledges late anyway.
const QUIET_BYTES_MAX: u64 = 256 << 10;
/// The longest that a daemon looks for the answer to a call before it serves others.
const SPIN_MAX: Duration = Duration::from_micros(15);
/// How long a closing side waits for what it sent to reach the peer's rings.
const LINGER: Duration = Duration::from_secs(5);

/// One end of a link: the ends of a session's rings that stand for the other side, over all connections
/// of the session's life.
#[derive(Debug)]
pub(super) struct Rings {
    pub(super) memory: Arc<SessionMemory>,
    /// The side of the memory that this end stands for.
    pub(super) side: Side,
    pub(super) waker: Arc<Waker>,
    pub(super) lanes: [LaneRings; 2],
}

/// One ring pair.
#[derive(Debug)]
pub(super) struct LaneRings {
    pub(super) kind: StreamKind,
    outgoing: Consumer,
    inflow: Inflow,
}

/// Positions that both halves of a lane look at, and whoever drives them. They run in one task: no order
/// between them matters.
#[derive(Debug, Default)]
struct Counts {
    /// Taken out of the ring that goes out.
    taken: AtomicU64,
    /// Of these, what is in the peer's.
    acked: AtomicU64,
    /// In the ring that comes in.
    received: AtomicU64,
    /// Of these, what the peer knows of.
    told: AtomicU64,
}

/// One connection's stream for a ring pair.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) send: SendStream,
    pub(super) receive: RecvStream,
}

/// Wakes the pump's task from any thread.
#[derive(Default)]
pub(super) struct Waker {
    published: Notify,
    /// Something was sent: what is answered to it shows that the path works.
    pub(super) sent: Notify,
    counts: [Counts; 2],
    /// An acknowledgement is to be sent, whatever there is to acknowledge: it will be answered.
    probe: AtomicBool,
    /// Sees to it that a thread drives the pump.
    drive: OnceLock<Hook>,
}

/// How a pump ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The session is over, for this reason.
    Ended(CloseReason),
    /// The connection is; another may go on.
    Lost(ConnectionError),
}

impl Waker {
    /// From the thread that drives the pump.
    pub(super) fn wake(&self) {
        self.published.notify_waiters();
    }

    /// Sends something small that the peer answers. From the thread that drives the pump.
    pub(super) fn probe(&self) {
        self.probe.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// From any thread.
    fn strike(&self) {
        self.wake();
        if let Some(drive) = self.drive.get() {
            drive();
        }
    }

    /// Sets what sees to it that a thread drives the pump. The first stays.
    pub(super) fn set_turn(&self, drive: Hook) {
        let _ = self.drive.set(drive);
    }

    /// Whether little of what was sent is still underway.
    pub(super) fn is_quiet(&self) -> bool {
        self.counts.iter().all(|counts| {
            let taken = counts.taken.load(Ordering::Relaxed);
            taken.saturating_sub(counts.acked.load(Ordering::Relaxed)) <= QUIET_BYTES_MAX
        })
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waker({:?})", self.counts)
    }
}

impl Rings {
    /// The ends of the rings, none of which has moved. `pairs` are calls and bulk, outgoing first.
    pub(super) fn new(
        memory: &Arc<SessionMemory>,
        side: Side,
        pairs: [(StreamKind, Consumer, Producer); 2],
    ) -> Rings {
        let waker = Arc::new(Waker::default());
        let hook = Arc::clone(&waker);
        memory.set_hook(side, move || hook.strike());
        Rings {
            memory: Arc::clone(memory),
            side,
            waker,
            lanes: pairs.map(|(kind, mut outgoing, incoming)| {
                outgoing.retain();
                LaneRings {
                    kind,
                    outgoing,
                    inflow: Inflow::new(incoming),
                }
            }),
        }
    }

    /// Forgets what an earlier connection had underway.
    pub(super) fn restart(&mut self) {
        for lane in &mut self.lanes {
            lane.inflow.restart();
        }
    }

    /// The positions of the first bytes that a new connection has to bring.
    pub(super) fn expects(&self) -> [u64; 2] {
        [self.lanes[0].expects(), self.lanes[1].expects()]
    }

    /// Pumps over a connection until one side closes or the connection ends. May be dropped.
    pub(super) async fn pump(&mut self, connection: &Connection, streams: [Streams; 2]) -> Outcome {
        let Rings {
            memory,
            side,
            waker,
            lanes: [calls, bulk],
        } = self;
        let (side, waker) = (*side, &**waker);
        let [call_streams, bulk_streams] = streams;
        let (call_out, call_in) = calls.flows(call_streams, side, waker, &waker.counts[0]);
        let (bulk_out, bulk_in) = bulk.flows(bulk_streams, side, waker, &waker.counts[1]);
        let outflows = async { tokio::try_join!(call_out, bulk_out).map(drop) };
        let inflows = async { tokio::try_join!(call_in, bulk_in).map(drop) };
        let outcome = supervise(memory, connection, outflows, inflows).await;
        if let Outcome::Ended(reason) = &outcome {
            connection.close(
                VarInt::from_u32(reason.code()),
                reason.to_string().as_bytes(),
            );
        }
        outcome
    }
}

impl LaneRings {
    /// The position of the first byte that this end sends.
    pub(super) fn sends(&self) -> u64 {
        self.outgoing.position()
    }

    /// The position of the first byte that this end wants.
    pub(super) fn expects(&self) -> u64 {
        self.inflow.position()
    }

    /// Sends again from a position that the peer names.
    pub(super) fn rewind(&mut self, position: u64) -> Result<(), TransportError> {
        self.outgoing.rewind(position)?;
        // What it wants next it has up to there.
        self.outgoing.releaser().release_to(position);
        Ok(())
    }

    /// The two halves of the lane, each running until its end.
    fn flows<'a>(
        &'a mut self,
        streams: Streams,
        side: Side,
        waker: &'a Waker,
        counts: &'a Counts,
    ) -> (
        impl Future<Output = Flow> + 'a,
        impl Future<Output = Flow> + 'a,
    ) {
        let answered = self.kind == StreamKind::Calls && side == Side::Client;
        let LaneRings {
            outgoing, inflow, ..
        } = self;
        counts.taken.store(outgoing.position(), Ordering::Relaxed);
        counts.acked.store(outgoing.kept_from(), Ordering::Relaxed);
        // The peer knows: the streams' heads have said so.
        counts.received.store(inflow.position(), Ordering::Relaxed);
        counts.told.store(inflow.position(), Ordering::Relaxed);
        let incoming = Incoming {
            releaser: outgoing.releaser(),
            tell_after: u64::from(inflow.ring_bytes() / 8),
            answers: answered.then(|| Answers::of(outgoing)),
            inflow,
            counts,
            waker,
        };
        let outflow = Outflow {
            ring: outgoing,
            stream: streams.send,
            side,
            tell_after: incoming.tell_after,
            counts,
            batch: BytesMut::with_capacity(BATCH_BYTES),
            chunks: Vec::new(),
        };
        (outflow.run(waker), incoming.run(streams.receive))
    }
}

/// How a half of a lane ended: an outflow when the memory is closed and all that was published is on
/// its way, an inflow when the peer has finished its stream.
type Flow = Result<(), TransportError>;

async fn supervise(
    memory: &SessionMemory,
    connection: &Connection,
    outflows: impl Future<Output = Flow>,
    inflows: impl Future<Output = Flow>,
) -> Outcome {
    let mut ended = std::pin::pin!(connection.closed());
    let mut inflows = std::pin::pin!(inflows);
    let first = {
        let outflows = std::pin::pin!(outflows);
        tokio::select! {
            error = &mut ended => return outcome(error),
            flow = outflows => flow.map(|()| Finished::Here),
            flow = &mut inflows => flow.map(|()| Finished::There),
        }
        // The streams out are dropped here, which finishes them.
    };
    let linger = tokio::time::sleep(LINGER);
    match first {
        Ok(Finished::Here) => {
            // The peer finishes its streams when it has put all of ours into its rings; whatever else
            // it leaves behind no longer matters.
            tokio::select! {
                error = ended => return outcome(error),
                _ = inflows => {}
                () = linger => {}
            }
            Outcome::Ended(memory.closed().unwrap_or(CloseReason::FINISHED))
        }
        // All of the peer's is in our rings: it closes the connection with its reason next. Or a stream
        // ended with the connection, whose own end says why.
        Ok(Finished::There) | Err(TransportError::Disconnected) => tokio::select! {
            error = ended => outcome(error),
            () = linger => Outcome::Ended(CloseReason::FINISHED),
        },
        Err(error) => {
            tracing::warn!(%error, peer = %connection.remote_address(), "the peer broke the rings");
            Outcome::Ended(CloseReason::PROTOCOL)
        }
    }
}

/// What the end of a connection means for the session.
pub(super) fn outcome(error: ConnectionError) -> Outcome {
    match &error {
        // Code 0 is that of a connection whose owner went away without a word.
        ConnectionError::ApplicationClosed(close)
            if close.error_code != TAKEN_OVER && close.error_code != VarInt::from_u32(0) =>
        {
            Outcome::Ended(close_reason(&error))
        }
        _ => Outcome::Lost(error),
    }
}

/// Which side finished its streams first.
enum Finished {
    Here,
    There,
}

/// From a ring to a stream.
struct Outflow<'a> {
    ring: &'a mut Consumer,
    stream: SendStream,
    side: Side,
    /// So many bytes that the peer does not know we have are worth a packet.
    tell_after: u64,
    counts: &'a Counts,
    batch: BytesMut,
    chunks: Vec<Bytes>,
}

impl Outflow<'_> {
    async fn run(mut self, waker: &Waker) -> Flow {
        let memory = Arc::clone(self.ring.memory());
        loop {
            self.gather(waker)?;
            if !self.chunks.is_empty() {
                waker.sent.notify_one();
                let sent = self.stream.write_all_chunks(&mut self.chunks).await;
                sent.map_err(|error| write_error(&error))?;
                self.chunks.clear();
                continue;
            }
            let woken = waker.published.notified();
            memory.arm_data_hook(self.side);
            let closed = memory.closed().is_some();
            if self.ring.is_ready()
                || self.untold() >= self.tell_after
                || waker.probe.load(Ordering::Relaxed)
            {
                continue;
            }
            if closed {
                // An error means that the stream is closed already.
                let _ = self.stream.finish();
                return Ok(());
            }
            woken.await;
        }
    }

    /// Bytes that have come and that the peer does not know we have.
    fn untold(&self) -> u64 {
        let received = self.counts.received.load(Ordering::Relaxed);
        received - self.counts.told.load(Ordering::Relaxed)
    }

    /// Takes what is published, at most [`GATHER_BYTES`] and one record, as chunks for the stream.
    fn gather(&mut self, waker: &Waker) -> Result<(), RingError> {
        let n_untold = self.untold();
        if n_untold >= self.tell_after
            || (n_untold > 0 && self.ring.is_ready())
            || waker.probe.load(Ordering::Relaxed)
        {
            waker.probe.store(false, Ordering::Relaxed);
            let received = self.counts.received.load(Ordering::Relaxed);
            self.batch.extend_from_slice(&inflow::ack(received));
            self.counts.told.store(received, Ordering::Relaxed);
        }
        let mut n_bytes = 0;
        while n_bytes < GATHER_BYTES {
            let Some(found) = self.ring.step()? else {
                break;
            };
            let len = found.len as usize;
            let is_pad = found.head.op == PAD_OP;
            n_bytes += if is_pad { 0 } else { len } + found.head.encode(found.len).len();
            if !is_pad && len >= HOLD_BYTES_MIN {
                self.take_held(found);
            } else {
                self.take_copy(found, is_pad);
            }
        }
        self.end_batch();
        // Before anything of it is sent: what the peer acknowledges was taken.
        let taken = self.ring.position();
        self.counts.taken.store(taken, Ordering::Relaxed);
        Ok(())
    }

    fn take_copy(&mut self, found: Found, is_pad: bool) {
        self.batch.extend_from_slice(&found.head.encode(found.len));
        if !is_pad {
            self.ring.payload(&found).append_to_bytes(&mut self.batch);
        }
        if self.batch.len() >= BATCH_BYTES - HOLD_BYTES_MIN {
            self.end_batch();
        }
    }

    fn take_held(&mut self, found: Found) {
        self.batch.extend_from_slice(&found.head.encode(found.len));
        self.end_batch();
        let held = self.ring.record(found).hold();
        self.chunks.push(Bytes::from_owner(Lent(held)));
    }

    fn end_batch(&mut self) {
        if !self.batch.is_empty() {
            self.chunks.push(self.batch.split().freeze());
            // Takes the allocation back once the chunks made of it are acknowledged.
            self.batch.reserve(BATCH_BYTES);
        }
    }
}

/// A held record lent to quinn, which copies it into packets until it is acknowledged.
struct Lent(HeldRecord);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.as_published_bytes()
    }
}

/// From a stream to a ring.
struct Incoming<'a> {
    inflow: &'a mut Inflow,
    /// Of the ring that goes the other way.
    releaser: Releaser,
    tell_after: u64,
    counts: &'a Counts,
    waker: &'a Waker,
    /// At the daemon's end of the calls.
    answers: Option<Answers>,
}

/// Looks for the answers to calls that have just come: mostly they come at once, and to be woken for them
/// costs more than to look.
struct Answers {
    peek: Peek,
    spin: Spin,
}

impl Answers {
    fn of(outgoing: &Consumer) -> Answers {
        let spin = Spin::new();
        spin.set_limit(SPIN_MAX);
        Answers {
            peek: outgoing.peek(),
            spin,
        }
    }

    /// Looks for a few microseconds at most; the outflow must then look for itself.
    fn look(&self, memory: &SessionMemory, from: &Counts) {
        memory.disarm_data_hook(Direction::ToClient);
        let position = from.taken.load(Ordering::Relaxed);
        bell::spin_a_while(&self.spin, &mut || self.peek.is_ready_at(position));
    }
}

impl Incoming<'_> {
    async fn run(mut self, mut stream: RecvStream) -> Flow {
        let mut pieces: [Bytes; N_PIECES] = std::array::from_fn(|_| Bytes::new());
        loop {
            let read = stream
                .read_chunks(&mut pieces)
                .await
                .map_err(|error| read_error(&error))?;
            let Some(n_pieces) = read else {
                if self.inflow.is_between_records() {
                    return Ok(());
                }
                return Err(TransportError::Protocol("a stream ended inside a record"));
            };
            for piece in &mut pieces[..n_pieces] {
                if !self.put(piece).await? {
                    return discard(stream).await;
                }
            }
            self.note()?;
            if let Some(answers) = &self.answers {
                answers.look(self.inflow.ring().memory(), self.counts);
                self.waker.wake();
            }
        }
    }

    /// Puts bytes into the ring, waiting for space; false if the memory is closed and nobody makes any.
    async fn put(&mut self, bytes: &mut Bytes) -> Result<bool, TransportError> {
        while self.inflow.push(bytes)? == Progress::Full {
            self.note()?;
            let (memory, ring) = (self.inflow.ring().memory(), self.inflow.ring().ring());
            let woken = self.waker.published.notified();
            memory.arm_space_hook(ring);
            if memory.closed().is_some() {
                return Ok(false);
            }
            if self.inflow.push(bytes)? == Progress::Taken {
                break;
            }
            woken.await;
        }
        Ok(true)
    }

    /// Notes what the peer has acknowledged, and what there is to be acknowledged to it.
    fn note(&mut self) -> Flow {
        if let Some(acked) = self.inflow.take_acked() {
            if acked > self.counts.taken.load(Ordering::Relaxed) {
                return Err(TransportError::Protocol(
                    "what was not sent is acknowledged",
                ));
            }
            self.releaser.release_to(acked);
            self.counts.acked.store(acked, Ordering::Relaxed);
        }
        let received = self.inflow.position();
        self.counts.received.store(received, Ordering::Relaxed);
        if received - self.counts.told.load(Ordering::Relaxed) >= self.tell_after {
            self.waker.wake();
        }
        Ok(())
    }
}

/// Reads on to the stream's end, which tells that the peer is done.
async fn discard(mut stream: RecvStream) -> Flow {
    while stream
        .read_chunk(usize::MAX, false)
        .await
        .map_err(|error| read_error(&error))?
        .is_some()
    {}
    Ok(())
}
