//! The pump: one task that keeps a session's rings equal to those at the other end of a connection.
//! Both sides use it: the client's link stands for the worker, the daemon's bridge for the client.
//! Read [`Pump`] first.
//!
//! 1. A record goes out when the pump finds it; records that have gathered meanwhile go in one write.
//! 2. A full ring stops its reader, and QUIC's flow control then stops the sender.
//! 3. Closing the memory drains what is published and finishes the streams. The peer finishes its own once
//!    all is in its rings, and only then the connection is closed with the reason: closing it earlier
//!    would throw away what the peer has received and not yet read.
//! 4. The end of the connection closes the memory with the peer's reason.
//! 5. All four directions live in one task, so that a strike of a bell costs one wake-up. Each creates
//!    its future of the notification before it announces itself and looks again: nothing is missed.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::Notify;

use super::control::{close_reason, read_error, write_error};

use crate::error::{CloseReason, RingError, TransportError};
use crate::inflow::{Inflow, Progress};
use crate::layout::Side;
use crate::ring::consumer::Found;
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
/// How long a closing side waits for what it sent to reach the peer's rings.
const LINGER: Duration = Duration::from_secs(5);

/// One ring pair and its stream.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) outgoing: Consumer,
    pub(super) incoming: Producer,
    pub(super) send: SendStream,
    pub(super) receive: RecvStream,
}

/// Wakes the pump's task from any thread.
#[derive(Debug, Default)]
pub(super) struct Waker(Notify);

impl Waker {
    pub(super) fn wake(&self) {
        self.0.notify_waiters();
    }
}

/// Keeps a session's rings equal over one connection.
#[derive(Debug)]
pub(super) struct Pump {
    pub(super) memory: Arc<SessionMemory>,
    /// The side of the memory that this pump stands for.
    pub(super) side: Side,
    pub(super) connection: Connection,
    pub(super) waker: Arc<Waker>,
    pub(super) lanes: [Lane; 2],
}

impl Pump {
    /// Pumps until one side closes or the connection ends, and returns the reason, with which the
    /// memory is then closed.
    pub(super) async fn run(self) -> CloseReason {
        let Pump {
            memory,
            side,
            connection,
            waker,
            lanes: [calls, bulk],
        } = self;
        let reason = {
            let (call_out, call_in) = calls.flows(side, &waker);
            let (bulk_out, bulk_in) = bulk.flows(side, &waker);
            let outflows = async { tokio::try_join!(call_out, bulk_out).map(drop) };
            let inflows = async { tokio::try_join!(call_in, bulk_in).map(drop) };
            supervise(&memory, &connection, outflows, inflows).await
        };
        memory.close(side, reason);
        connection.close(
            VarInt::from_u32(reason.code()),
            reason.to_string().as_bytes(),
        );
        reason
    }
}

impl Lane {
    /// The two halves of the lane, each running until its end.
    fn flows(
        self,
        side: Side,
        waker: &Waker,
    ) -> (impl Future<Output = Flow>, impl Future<Output = Flow>) {
        let outflow = Outflow {
            ring: self.outgoing,
            stream: self.send,
            side,
            batch: BytesMut::with_capacity(BATCH_BYTES),
            chunks: Vec::new(),
        };
        (
            outflow.run(waker),
            pump_in(self.receive, Inflow::new(self.incoming), waker),
        )
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
) -> CloseReason {
    let mut ended = std::pin::pin!(connection.closed());
    let mut inflows = std::pin::pin!(inflows);
    let first = {
        let outflows = std::pin::pin!(outflows);
        tokio::select! {
            error = &mut ended => return close_reason(&error),
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
                error = ended => return close_reason(&error),
                _ = inflows => {}
                () = linger => {}
            }
            memory.closed().unwrap_or(CloseReason::FINISHED)
        }
        // All of the peer's is in our rings: it closes the connection with its reason next. Or a stream
        // ended with the connection, whose own end says why.
        Ok(Finished::There) | Err(TransportError::Disconnected) => tokio::select! {
            error = ended => close_reason(&error),
            () = linger => CloseReason::FINISHED,
        },
        Err(error) => {
            tracing::warn!(%error, peer = %connection.remote_address(), "the peer broke the rings");
            CloseReason::PROTOCOL
        }
    }
}

/// Which side finished its streams first.
enum Finished {
    Here,
    There,
}

/// From a ring to a stream.
struct Outflow {
    ring: Consumer,
    stream: SendStream,
    side: Side,
    batch: BytesMut,
    chunks: Vec<Bytes>,
}

impl Outflow {
    async fn run(mut self, waker: &Waker) -> Flow {
        let memory = Arc::clone(self.ring.memory());
        loop {
            self.gather()?;
            if !self.chunks.is_empty() {
                let sent = self.stream.write_all_chunks(&mut self.chunks).await;
                sent.map_err(|error| write_error(&error))?;
                self.chunks.clear();
                continue;
            }
            let woken = waker.0.notified();
            memory.arm_data_hook(self.side);
            let closed = memory.closed().is_some();
            if self.ring.is_ready() {
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

    /// Takes what is published, at most [`GATHER_BYTES`] and one record, as chunks for the stream.
    fn gather(&mut self) -> Result<(), RingError> {
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
async fn pump_in(mut stream: RecvStream, mut inflow: Inflow, waker: &Waker) -> Flow {
    let mut pieces: [Bytes; N_PIECES] = std::array::from_fn(|_| Bytes::new());
    loop {
        let read = stream
            .read_chunks(&mut pieces)
            .await
            .map_err(|error| read_error(&error))?;
        let Some(n_pieces) = read else {
            if inflow.is_between_records() {
                return Ok(());
            }
            return Err(TransportError::Protocol("a stream ended inside a record"));
        };
        for piece in &mut pieces[..n_pieces] {
            if !put(&mut inflow, piece, waker).await? {
                return discard(stream).await;
            }
        }
    }
}

/// Puts bytes into the ring, waiting for space; false if the memory is closed and nobody makes any.
async fn put(inflow: &mut Inflow, bytes: &mut Bytes, waker: &Waker) -> Result<bool, RingError> {
    while inflow.push(bytes)? == Progress::Full {
        let (memory, ring) = (inflow.ring().memory(), inflow.ring().ring());
        let woken = waker.0.notified();
        memory.arm_space_hook(ring);
        if memory.closed().is_some() {
            return Ok(false);
        }
        if inflow.push(bytes)? == Progress::Taken {
            break;
        }
        woken.await;
    }
    Ok(true)
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
