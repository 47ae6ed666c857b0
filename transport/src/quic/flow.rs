//! The two halves of a lane: a ring's records onto a stream, and a stream's bytes into a ring. What ties
//! the lanes of a session together is `pump`'s. Read [`Outflow`] first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use quinn::{RecvStream, SendStream};

use super::control::{read_error, write_error};
use super::pump::Waker;
use super::stripe::{LaneReader, LaneWriter};
use crate::bell::{self, Spin};
use crate::error::{RingError, TransportError};
use crate::inflow::{Inflow, Progress};
use crate::layout::{Direction, Side};
use crate::ring::consumer::{Found, Peek};
use crate::ring::{Consumer, HeldRecord, PAD_OP};
use crate::session::SessionMemory;

/// Small records gather into one chunk of at most this.
const BATCH_BYTES: usize = 64 << 10;
/// Larger records are not copied: they stay in the ring until acknowledged.
const HOLD_BYTES_MIN: usize = 16 << 10;
/// Bytes taken from a ring before they are handed to the stream.
const GATHER_BYTES: usize = 256 << 10;
/// The most bytes that have come and of which the peer is not told.
const TELL_BYTES_MAX: u64 = 256 << 10;
/// Read from a lane at once between records: a record's head, and small ones whole.
const STAGING_BYTES: usize = 4 << 10;
/// Datagram-sized pieces taken from a stream at once.
const N_PIECES: usize = 32;
/// The longest that a daemon looks for the answer to a call before it serves others.
const SPIN_MAX: Duration = Duration::from_micros(15);

/// Where an outflow's bytes go.
#[derive(Debug)]
pub(super) enum Sink {
    Quic(SendStream),
    Lanes(LaneWriter),
}

/// Where an inflow's bytes come from.
#[derive(Debug)]
pub(super) enum Source {
    Quic(RecvStream),
    Lanes(LaneReader),
}

/// How a half of a lane ended: an outflow when the memory is closed and all that was published is on
/// its way, an inflow when the peer has finished its stream.
pub(super) type Flow = Result<(), TransportError>;

/// Positions that both halves of a lane, the acknowledgements, and whoever drives them look at. They run
/// in one task: no order between them matters.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Taken out of the ring that goes out.
    pub(super) taken: AtomicU64,
    /// Of these, what is in the peer's.
    pub(super) acked: AtomicU64,
    /// In the ring that comes in.
    pub(super) received: AtomicU64,
    /// Of these, what the peer knows of.
    pub(super) told: AtomicU64,
}

impl Counts {
    /// Bytes that have come and that the peer does not know we have.
    pub(super) fn untold(&self) -> u64 {
        self.received.load(Ordering::Relaxed) - self.told.load(Ordering::Relaxed)
    }
}

/// From a ring to a stream.
pub(super) struct Outflow<'a> {
    gathered: Gathered<'a>,
    sink: Sink,
    side: Side,
}

impl<'a> Outflow<'a> {
    pub(super) fn new(
        ring: &'a mut Consumer,
        sink: Sink,
        side: Side,
        counts: &'a Counts,
    ) -> Outflow<'a> {
        Outflow {
            gathered: Gathered::new(ring, counts),
            sink,
            side,
        }
    }

    /// Sends what is published, until the memory is closed and all of it is sent.
    pub(super) async fn run(mut self, waker: &Waker) -> Flow {
        let memory = Arc::clone(self.gathered.ring.memory());
        loop {
            let chunks = self.gathered.take()?;
            if !chunks.is_empty() {
                waker.sent.notify_one();
                self.sink.write_all(chunks).await?;
                chunks.clear();
                continue;
            }
            let woken = waker.published.notified();
            memory.arm_data_hook(self.side);
            let closed = memory.closed().is_some();
            if self.gathered.ring.is_ready() {
                continue;
            }
            if closed {
                if let Sink::Quic(stream) = &mut self.sink {
                    // An error means that the stream is closed already. Lanes finish when dropped.
                    let _ = stream.finish();
                }
                return Ok(());
            }
            woken.await;
        }
    }
}

/// What was taken out of a ring and is to be sent: few large pieces, since many small writes are quadratic
/// in quinn.
struct Gathered<'a> {
    ring: &'a mut Consumer,
    counts: &'a Counts,
    batch: BytesMut,
    chunks: Vec<Bytes>,
}

impl<'a> Gathered<'a> {
    fn new(ring: &'a mut Consumer, counts: &'a Counts) -> Gathered<'a> {
        Gathered {
            ring,
            counts,
            batch: BytesMut::with_capacity(BATCH_BYTES),
            chunks: Vec::new(),
        }
    }

    /// Takes what is published, at most [`GATHER_BYTES`] and one record.
    fn take(&mut self) -> Result<&mut Vec<Bytes>, RingError> {
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
        Ok(&mut self.chunks)
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

impl Sink {
    async fn write_all(&mut self, chunks: &mut Vec<Bytes>) -> Flow {
        match self {
            Sink::Quic(stream) => {
                let sent = stream.write_all_chunks(chunks).await;
                sent.map_err(|error| write_error(&error))
            }
            Sink::Lanes(lanes) => {
                let sent = lanes.write_all(chunks).await;
                sent.map_err(TransportError::LaneLost)
            }
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
pub(super) struct Incoming<'a> {
    pub(super) inflow: &'a mut Inflow,
    pub(super) counts: &'a Counts,
    pub(super) waker: &'a Waker,
    /// At the daemon's end of the calls.
    pub(super) answers: Option<Answers>,
}

/// Looks for the answers to calls that have just come: mostly they come at once, and to be woken for them
/// costs more than to look.
pub(super) struct Answers {
    peek: Peek,
    spin: Spin,
}

impl Answers {
    pub(super) fn of(outgoing: &Consumer) -> Answers {
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
    /// Puts what comes into the ring, until the peer finishes the stream.
    pub(super) async fn run(self, source: Source) -> Flow {
        match source {
            Source::Quic(stream) => self.run_stream(stream).await,
            Source::Lanes(lanes) => self.run_lanes(lanes).await,
        }
    }

    async fn run_lanes(mut self, mut lanes: LaneReader) -> Flow {
        let mut staging = vec![0; STAGING_BYTES];
        loop {
            let read = match self.inflow.space() {
                Some(space) => {
                    let read = lanes.read(space).await;
                    self.inflow.filled(*read.as_ref().unwrap_or(&0));
                    read
                }
                None => {
                    let read = lanes.read(&mut staging).await;
                    let n = *read.as_ref().unwrap_or(&0);
                    let mut bytes = Bytes::copy_from_slice(&staging[..n]);
                    if !self.put(&mut bytes).await? {
                        return Ok(());
                    }
                    read
                }
            };
            self.note();
            if read.map_err(TransportError::LaneLost)? == 0 {
                if self.inflow.is_between_records() {
                    return Ok(());
                }
                let cut = std::io::ErrorKind::UnexpectedEof;
                return Err(TransportError::LaneLost(cut.into()));
            }
        }
    }

    async fn run_stream(mut self, mut stream: RecvStream) -> Flow {
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
            self.note();
            if let Some(answers) = &self.answers {
                answers.look(self.inflow.ring().memory(), self.counts);
                self.waker.wake();
            }
        }
    }

    /// Puts bytes into the ring, waiting for space; false if the memory is closed and nobody makes any.
    async fn put(&mut self, bytes: &mut Bytes) -> Result<bool, TransportError> {
        while self.inflow.push(bytes)? == Progress::Full {
            self.note();
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

    /// Notes what there is to be acknowledged to the peer.
    fn note(&mut self) {
        let received = self.inflow.position();
        self.counts.received.store(received, Ordering::Relaxed);
        if self.counts.untold() >= tell_after(self.inflow.ring_bytes()) {
            self.waker.untold.notify_one();
        }
    }
}

/// So many bytes that the peer does not know we have are worth a packet: an eighth of the ring, so that
/// the peer always finds room for its next record; and of rings for long paths less, where what nobody
/// knows of would be missing from every round trip.
pub(super) fn tell_after(ring_bytes: u32) -> u64 {
    u64::from(ring_bytes / 8).min(TELL_BYTES_MAX)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::ring::RecordHead;

    #[test]
    fn small_records_go_in_few_large_chunks_and_large_ones_uncopied() {
        const N_SMALL: usize = 1500;
        let layout = Layout::new([4096, 1 << 20, 4096, 4096]).unwrap();
        let memory = SessionMemory::anonymous(&layout).unwrap();
        let client = memory.client().unwrap();
        let mut worker = memory.worker().unwrap();
        let head = RecordHead::default();
        let large = vec![7; HOLD_BYTES_MIN];
        for _ in 0..N_SMALL {
            let place = client.upload.reserve(head, 100).unwrap().unwrap();
            place.publish();
        }
        let mut place = client.upload.reserve(head, large.len()).unwrap().unwrap();
        place.copy_from_slice(&large);
        place.publish();
        let counts = Counts::default();
        let mut gathered = Gathered::new(&mut worker.upload, &counts);
        let chunks = std::mem::take(gathered.take().unwrap());
        let n_bytes: usize = chunks.iter().map(Bytes::len).sum();
        assert_eq!(n_bytes, N_SMALL * 116 + 16 + large.len());
        assert!(chunks.len() <= 1 + n_bytes / (BATCH_BYTES - HOLD_BYTES_MIN) + 1);
        let last = chunks.last().unwrap();
        let ring = memory
            .block()
            .at(layout.ring_offset(client.upload.ring()), 1 << 20);
        let inside = last.as_ptr() as usize - ring.as_ptr() as usize;
        assert!(inside < 1 << 20 && last[..] == large[..], "it was copied");
    }
}
