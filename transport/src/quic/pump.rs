//! The pumps: four tasks that keep a session's rings equal to those at the other end of a connection.
//! Both sides use them: the client's link stands for the worker, the daemon's bridge for the client.
//! Read [`Pump`] first.
//!
//! 1. A record goes out when the pump finds it; records that have gathered meanwhile go in one write.
//! 2. A full ring stops its reader, and QUIC's flow control then stops the sender.
//! 3. Closing the memory drains what is published and finishes the streams. The peer finishes its own once
//!    all is in its rings, and only then the connection is closed with the reason: closing it earlier
//!    would throw away what the peer has received and not yet read.
//! 4. The end of the connection closes the memory with the peer's reason.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::control::{close_reason, read_error, write_error};
use super::inflow::{Inflow, Progress};
use crate::error::{CloseReason, RingError, TransportError};
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
const FOREVER: Duration = Duration::from_secs(365 * 86_400);
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

/// Wakes the pumps' tasks from any thread.
#[derive(Debug, Default)]
pub(super) struct Wakers([Notify; 4]);

impl Wakers {
    pub(super) fn wake_all(&self) {
        self.0.iter().for_each(Notify::notify_one);
    }
}

/// Keeps a session's rings equal over one connection.
#[derive(Debug)]
pub(super) struct Pump {
    pub(super) memory: Arc<SessionMemory>,
    /// The side of the memory that this pump stands for.
    pub(super) side: Side,
    pub(super) connection: Connection,
    pub(super) wakers: Arc<Wakers>,
    pub(super) lanes: [Lane; 2],
}

/// How a task of the pump came to its end.
#[derive(Debug)]
enum Ended {
    /// The memory is closed, and all that was published is at the other side.
    Outflow,
    /// The peer finished the stream.
    Inflow,
}

impl Pump {
    /// Pumps until one side closes or the connection ends, and returns the reason, with which the
    /// memory is then closed.
    pub(super) async fn run(self) -> CloseReason {
        let Pump {
            memory,
            side,
            connection,
            wakers,
            lanes,
        } = self;
        let mut tasks = JoinSet::new();
        for (index, lane) in lanes.into_iter().enumerate() {
            let to_peer = Outflow {
                ring: lane.outgoing,
                stream: lane.send,
                side,
                batch: BytesMut::with_capacity(BATCH_BYTES),
                chunks: Vec::new(),
            };
            let from_peer = (lane.receive, Inflow::new(lane.incoming));
            let (out_waker, in_waker) = (Arc::clone(&wakers), Arc::clone(&wakers));
            tasks.spawn(async move { to_peer.run(&out_waker.0[2 * index]).await });
            tasks.spawn(async move {
                pump_in(from_peer.0, from_peer.1, &in_waker.0[2 * index + 1]).await
            });
        }
        let reason = supervise(&memory, &connection, &mut tasks).await;
        memory.close(side, reason);
        connection.close(
            VarInt::from_u32(reason.code()),
            reason.to_string().as_bytes(),
        );
        reason
    }
}

async fn supervise(
    memory: &SessionMemory,
    connection: &Connection,
    tasks: &mut JoinSet<Result<Ended, TransportError>>,
) -> CloseReason {
    let (mut n_out, mut n_in) = (0, 0);
    let mut connection_ended = std::pin::pin!(connection.closed());
    // Far away until a side has finished.
    let mut linger = std::pin::pin!(tokio::time::sleep(FOREVER));
    loop {
        let ended = tokio::select! {
            error = &mut connection_ended => return close_reason(&error),
            () = &mut linger => return memory.closed().unwrap_or(CloseReason::FINISHED),
            Some(ended) = tasks.join_next() => ended,
        };
        match ended {
            Ok(Ok(Ended::Outflow)) => n_out += 1,
            Ok(Ok(Ended::Inflow)) => n_in += 1,
            // The connection's own end says why, and comes next.
            Ok(Err(TransportError::Disconnected)) => {}
            // What a peer leaves behind when it was told that we finished.
            Ok(Err(_)) if n_out == 2 => n_in += 1,
            Ok(Err(error)) => {
                tracing::warn!(%error, peer = %connection.remote_address(), "the peer broke the rings");
                return CloseReason::PROTOCOL;
            }
            // Told to stop, below.
            Err(_) => {}
        }
        if n_out == 2 && n_in == 2 {
            return memory.closed().unwrap_or(CloseReason::FINISHED);
        }
        if n_in == 2 || n_out == 2 {
            linger.as_mut().reset(Instant::now() + LINGER);
        }
        if n_in == 2 {
            // All of the peer's is in our rings: the streams of our own, dropped, tell it so, and it
            // closes the connection with its reason next.
            tasks.abort_all();
        }
    }
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
    async fn run(mut self, waker: &Notify) -> Result<Ended, TransportError> {
        let memory = Arc::clone(self.ring.memory());
        loop {
            self.gather()?;
            if !self.chunks.is_empty() {
                let sent = self.stream.write_all_chunks(&mut self.chunks).await;
                sent.map_err(|error| write_error(&error))?;
                self.chunks.clear();
                continue;
            }
            memory.arm_data_hook(self.side);
            let closed = memory.closed().is_some();
            if self.ring.is_ready() {
                continue;
            }
            if closed {
                // An error means that the stream is closed already.
                let _ = self.stream.finish();
                return Ok(Ended::Outflow);
            }
            waker.notified().await;
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
async fn pump_in(
    mut stream: RecvStream,
    mut inflow: Inflow,
    waker: &Notify,
) -> Result<Ended, TransportError> {
    let mut pieces: [Bytes; N_PIECES] = std::array::from_fn(|_| Bytes::new());
    loop {
        let read = stream
            .read_chunks(&mut pieces)
            .await
            .map_err(|error| read_error(&error))?;
        let Some(n_pieces) = read else {
            if inflow.is_between_records() {
                return Ok(Ended::Inflow);
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
async fn put(inflow: &mut Inflow, bytes: &mut Bytes, waker: &Notify) -> Result<bool, RingError> {
    while inflow.push(bytes)? == Progress::Full {
        let (memory, ring) = (inflow.ring().memory(), inflow.ring().ring());
        memory.arm_space_hook(ring);
        if memory.closed().is_some() {
            return Ok(false);
        }
        if inflow.push(bytes)? == Progress::Taken {
            break;
        }
        waker.notified().await;
    }
    Ok(true)
}

/// Reads on to the stream's end, which tells that the peer is done.
async fn discard(mut stream: RecvStream) -> Result<Ended, TransportError> {
    while stream
        .read_chunk(usize::MAX, false)
        .await
        .map_err(|error| read_error(&error))?
        .is_some()
    {}
    Ok(Ended::Inflow)
}
