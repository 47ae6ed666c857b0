//! Bytes that follow a record through the upload ring. It knows no call. Read [`Upload`] first.
//!
//! 1. The chunks of a transfer come in order. Those of different transfers may mix: what comes for a
//!    call whose turn has not come is parked, up to [`PARKED_BYTES_MAX`].
//! 2. A client keeps this short by sending the record and all bytes of one transfer before the next.
//! 3. A transfer is consumed to its end even if its call fails.
//! 4. Who has something else to do between chunks takes them one by one ([`Upload::step`]).

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use rigel_protocol::CuError;
use rigel_protocol::call::HostPtr;
use rigel_protocol::link::{Payload, Transfer};
use rigel_transport::{BulkChunk, Consumer, Patience, RingError, RingSlice};

use super::fault::Fault;

/// Longest wait for the next chunk of a transfer that has been announced. A client that is stopped
/// in the middle of a copy for longer than this loses its session.
const STALL_MAX: Duration = Duration::from_secs(300);
/// Most bytes that may have come before their calls.
const PARKED_BYTES_MAX: u64 = 256 << 20;
/// Longest transfer that is assembled before it is used.
pub(crate) const ASSEMBLED_BYTES_MAX: u64 = 512 << 20;

/// The upload ring's reader, owned by the issue thread.
#[derive(Debug)]
pub(super) struct Upload {
    ring: Consumer,
    parked: BTreeMap<u64, VecDeque<Parked>>,
    parked_bytes: u64,
    parked_bytes_max: u64,
}

#[derive(Debug)]
struct Parked {
    offset: u64,
    bytes: Vec<u8>,
}

/// Bytes of a transfer: already copied, or still in the ring, where the client may change them.
#[derive(Clone, Copy)]
pub(super) enum Chunk<'a> {
    /// Came before its call.
    Parked(&'a [u8]),
    /// In its place.
    Ring(RingSlice<'a>),
}

impl Chunk<'_> {
    /// Where the bytes are, and how many.
    pub(super) fn place(&self) -> (HostPtr, u64) {
        let (address, len) = match self {
            Chunk::Parked(bytes) => (bytes.as_ptr(), bytes.len()),
            Chunk::Ring(bytes) => (bytes.as_ptr(), bytes.len()),
        };
        (HostPtr(address as u64), len as u64)
    }

    /// Copies the bytes behind others.
    pub(super) fn append_to(&self, all: &mut Vec<u8>) {
        match self {
            Chunk::Parked(bytes) => all.extend_from_slice(bytes),
            Chunk::Ring(bytes) => bytes.append_to(all),
        }
    }
}

/// A transfer that is being taken.
#[derive(Debug)]
pub(super) struct Taking {
    transfer: Transfer,
    reached: u64,
    parked: VecDeque<Parked>,
    /// When the next chunk must have come.
    deadline: Instant,
}

/// What a step has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Taken a chunk.
    Took,
    /// Nothing: the next chunk has not come.
    Waiting,
    /// Nothing: all chunks were taken.
    Done,
}

impl Taking {
    /// How many bytes have not been taken.
    pub(super) fn left(&self) -> u64 {
        self.transfer.bytes - self.reached
    }

    /// Counts a chunk that is the next one.
    fn advance(&mut self, offset: u64, len: u64) -> Result<u64, Fault> {
        let at = self.reached;
        check(self.transfer, at, offset, len)?;
        self.reached += len;
        self.deadline = Instant::now() + STALL_MAX;
        Ok(at)
    }
}

impl Upload {
    /// On this ring.
    pub(super) fn new(ring: Consumer) -> Self {
        Self {
            ring,
            parked: BTreeMap::new(),
            parked_bytes: 0,
            parked_bytes_max: PARKED_BYTES_MAX,
        }
    }

    /// Consumes the bytes of a call that has failed already.
    pub(super) fn skip(&mut self, payload: Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::Inline(_) => Ok(()),
            Payload::Bulk(transfer) => self.chunks(transfer, |_, _| {}),
        }
    }

    /// A copy of all bytes; too many are consumed and refused.
    pub(super) fn assemble(&mut self, payload: Payload<'_>) -> Result<Vec<u8>, Fault> {
        let transfer = match payload {
            Payload::Inline(bytes) => return Ok(bytes.to_vec()),
            Payload::Bulk(transfer) => transfer,
        };
        if transfer.bytes > ASSEMBLED_BYTES_MAX {
            self.skip(payload)?;
            return Err(CuError::OUT_OF_MEMORY.into());
        }
        let mut all = Vec::new();
        self.chunks(transfer, |_, chunk| chunk.append_to(&mut all))?;
        Ok(all)
    }

    /// Begins to take a transfer.
    pub(super) fn begin(&mut self, transfer: Transfer) -> Taking {
        Taking {
            transfer,
            reached: 0,
            parked: self.unpark(transfer.number),
            deadline: Instant::now() + STALL_MAX,
        }
    }

    /// Takes the next chunk if it is there; `give` gets its offset in the transfer.
    pub(super) fn step(
        &mut self,
        taking: &mut Taking,
        give: impl FnOnce(u64, Chunk<'_>),
    ) -> Result<Step, Fault> {
        if let Some(parked) = taking.parked.pop_front() {
            let at = taking.advance(parked.offset, parked.bytes.len() as u64)?;
            give(at, Chunk::Parked(&parked.bytes));
            return Ok(Step::Took);
        }
        if taking.left() == 0 {
            self.ring.release();
            return Ok(Step::Done);
        }
        loop {
            let Some(record) = self.ring.next()? else {
                return match Instant::now() < taking.deadline {
                    true => Ok(Step::Waiting),
                    false => Err(Fault::Broken("an announced chunk has not come")),
                };
            };
            let chunk = BulkChunk::of(&record).ok_or(Fault::Broken(
                "a record of the upload ring is no bulk chunk",
            ))?;
            if chunk.transfer == taking.transfer.number {
                let at = taking.advance(chunk.offset, chunk.bytes.len() as u64)?;
                give(at, Chunk::Ring(chunk.bytes));
                return Ok(Step::Took);
            }
            let (of, offset, bytes) = (chunk.transfer, chunk.offset, chunk.bytes.copy_out());
            self.park(of, Parked { offset, bytes })?;
        }
    }

    /// Sleeps until there is a chunk, or `other` is so, or the chunk is overdue.
    pub(super) fn wait_or(
        &mut self,
        taking: &Taking,
        other: impl FnMut() -> bool,
    ) -> Result<(), Fault> {
        match self.ring.wait_or(&Patience::until(taking.deadline), other) {
            Err(RingError::Timeout) => Ok(()),
            waited => Ok(waited?),
        }
    }

    /// The longest end of a transfer that may be in rings on its way: the client's and this one. A
    /// transfer of which more is left has not been captured by its client.
    pub(super) fn bytes_under_way_max(&self) -> u64 {
        2 * self.ring.ring_bytes()
    }

    /// Goes through the chunks of a transfer in order.
    pub(super) fn chunks(
        &mut self,
        transfer: Transfer,
        mut give: impl FnMut(u64, Chunk<'_>),
    ) -> Result<(), Fault> {
        let mut taking = self.begin(transfer);
        loop {
            match self.step(&mut taking, &mut give)? {
                Step::Took => {}
                Step::Waiting => self.wait_or(&taking, || false)?,
                Step::Done => return Ok(()),
            }
        }
    }

    fn park(&mut self, transfer: u64, chunk: Parked) -> Result<(), Fault> {
        self.parked_bytes += chunk.bytes.len() as u64;
        if self.parked_bytes > self.parked_bytes_max || chunk.bytes.is_empty() {
            return Err(Fault::Broken("too many bytes came before their calls"));
        }
        self.parked.entry(transfer).or_default().push_back(chunk);
        Ok(())
    }

    fn unpark(&mut self, transfer: u64) -> VecDeque<Parked> {
        let parked = self.parked.remove(&transfer).unwrap_or_default();
        self.parked_bytes -= parked
            .iter()
            .map(|chunk| chunk.bytes.len() as u64)
            .sum::<u64>();
        parked
    }
}

/// Whether a chunk is the next one of its transfer.
fn check(transfer: Transfer, reached: u64, offset: u64, len: u64) -> Result<(), Fault> {
    if offset != reached {
        return Err(Fault::Broken(
            "a bulk chunk is not the next one of its transfer",
        ));
    }
    if len == 0 || len > transfer.bytes - reached {
        return Err(Fault::Broken(
            "a bulk chunk has not the length that is left",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rigel_transport::{ClientEnd, Layout, SessionMemory};

    use super::*;

    fn pair() -> (ClientEnd, Upload) {
        let memory = SessionMemory::anonymous(&Layout::new([1 << 16; 4]).unwrap()).unwrap();
        let upload = Upload::new(memory.worker().unwrap().upload);
        (memory.client().unwrap(), upload)
    }

    fn send(client: &ClientEnd, transfer: u64, bytes: &[u8]) {
        let patience = Patience::within(Duration::from_secs(60));
        client.upload.send_bulk(transfer, bytes, &patience).unwrap();
    }

    #[test]
    fn bytes_ahead_of_their_calls_are_parked_up_to_a_limit() {
        for (limit, fits) in [(2000, true), (1999, false)] {
            let (client, mut upload) = pair();
            upload.parked_bytes_max = limit;
            send(&client, 2, &[2; 1000]);
            send(&client, 3, &[3; 1000]);
            send(&client, 1, &[1; 10]);
            let first = upload.assemble(Payload::Bulk(Transfer {
                number: 1,
                bytes: 10,
            }));
            assert_eq!(first.is_ok(), fits, "{first:?}");
            if fits {
                let later = Payload::Bulk(Transfer {
                    number: 3,
                    bytes: 1000,
                });
                assert_eq!(upload.assemble(later).unwrap(), [3; 1000]);
                assert_eq!(upload.parked_bytes, 1000);
            }
        }
    }

    #[test]
    fn bytes_of_a_failed_call_are_consumed() {
        let (client, mut upload) = pair();
        send(&client, 1, &[1; 5000]);
        send(&client, 2, &[2; 8]);
        upload
            .skip(Payload::Bulk(Transfer {
                number: 1,
                bytes: 5000,
            }))
            .unwrap();
        let next = Payload::Bulk(Transfer {
            number: 2,
            bytes: 8,
        });
        assert_eq!(upload.assemble(next).unwrap(), [2; 8]);
    }

    #[test]
    fn chunks_are_taken_one_by_one_as_they_come() {
        let (client, mut upload) = pair();
        let half = client.upload.bulk_chunk_bytes();
        let transfer = Transfer {
            number: 1,
            bytes: 2 * half as u64,
        };
        let mut taking = upload.begin(transfer);
        let mut step = |upload: &mut Upload| upload.step(&mut taking, |_, _| {}).unwrap();
        assert_eq!(step(&mut upload), Step::Waiting);
        send(&client, 1, &vec![0; 2 * half]);
        let steps: Vec<_> = (0..3).map(|_| step(&mut upload)).collect();
        assert_eq!(steps, [Step::Took, Step::Took, Step::Done]);
    }

    #[test]
    fn chunk_that_is_overdue_ends_the_session() {
        let (_client, mut upload) = pair();
        let transfer = Transfer {
            number: 1,
            bytes: 10,
        };
        let mut taking = upload.begin(transfer);
        taking.deadline = Instant::now();
        upload.wait_or(&taking, || false).unwrap();
        let step = upload.step(&mut taking, |_, _| {});
        assert!(matches!(step, Err(Fault::Broken(_))), "{step:?}");
    }
}
