//! Bytes that follow a record through the upload ring. It knows no call. Read [`Upload`] first.
//!
//! 1. The chunks of a transfer come in order. Those of different transfers may mix: what comes for a
//!    call whose turn has not come is parked, up to [`PARKED_BYTES_MAX`].
//! 2. A client keeps this short by sending the record and all bytes of one transfer before the next.
//! 3. A transfer is consumed to its end even if its call fails.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rigel_protocol::CuError;
use rigel_protocol::call::HostPtr;
use rigel_protocol::link::{Payload, Transfer};
use rigel_transport::{BulkChunk, Consumer, Patience, RingSlice};

use super::fault::Fault;

/// Longest wait for the next chunk of a transfer that has been announced. A client that is stopped
/// in the middle of a copy for longer than this loses its session.
const STALL_MAX: Duration = Duration::from_secs(300);
/// Most bytes that may have come before their calls.
const PARKED_BYTES_MAX: u64 = 256 << 20;
/// Longest transfer that is assembled before it is used.
pub(super) const ASSEMBLED_BYTES_MAX: u64 = 512 << 20;

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

/// Bytes of a transfer: already copied, or still in the ring.
#[derive(Clone, Copy)]
enum Chunk<'a> {
    Parked(&'a [u8]),
    Ring(RingSlice<'a>),
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

    /// Takes a transfer; `take` gets the offset, the address and the length of each chunk, which the
    /// client may change meanwhile. After a failure of `take` the rest is consumed without it.
    pub(super) fn take(
        &mut self,
        transfer: Transfer,
        mut take: impl FnMut(u64, HostPtr, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut outcome = Ok(());
        self.chunks(transfer, |offset, chunk| {
            if outcome.is_ok() {
                let (address, len) = match chunk {
                    Chunk::Parked(bytes) => (bytes.as_ptr(), bytes.len()),
                    Chunk::Ring(bytes) => (bytes.as_ptr(), bytes.len()),
                };
                outcome = take(offset, HostPtr(address as u64), len as u64);
            }
        })?;
        outcome
    }

    /// Consumes the bytes of a call that has failed already.
    pub(super) fn skip(&mut self, payload: Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::Inline(_) => Ok(()),
            Payload::Bulk(transfer) => self.take(transfer, |_, _, _| Ok(())),
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
        self.chunks(transfer, |_, chunk| match chunk {
            Chunk::Parked(bytes) => all.extend_from_slice(bytes),
            Chunk::Ring(bytes) => bytes.append_to(&mut all),
        })?;
        Ok(all)
    }

    /// Goes through the chunks of a transfer in order.
    fn chunks(
        &mut self,
        transfer: Transfer,
        mut give: impl FnMut(u64, Chunk<'_>),
    ) -> Result<(), Fault> {
        let mut reached = 0;
        for parked in self.unpark(transfer.number) {
            let len = parked.bytes.len() as u64;
            check(transfer, reached, parked.offset, len)?;
            give(reached, Chunk::Parked(&parked.bytes));
            reached += len;
        }
        while reached < transfer.bytes {
            let record = self.ring.next_wait(&Patience::within(STALL_MAX))?;
            let chunk = BulkChunk::of(&record).ok_or(Fault::Broken(
                "a record of the upload ring is no bulk chunk",
            ))?;
            if chunk.transfer != transfer.number {
                let (of, offset, bytes) = (chunk.transfer, chunk.offset, chunk.bytes.copy_out());
                self.park(of, Parked { offset, bytes })?;
                continue;
            }
            let len = chunk.bytes.len() as u64;
            check(transfer, reached, chunk.offset, len)?;
            give(reached, Chunk::Ring(chunk.bytes));
            reached += len;
        }
        self.ring.release();
        Ok(())
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
    fn failure_in_the_middle_is_reported_after_the_end() {
        let (client, mut upload) = pair();
        let half = client.upload.bulk_chunk_bytes();
        send(&client, 1, &vec![0; 2 * half]);
        let transfer = Transfer {
            number: 1,
            bytes: 2 * half as u64,
        };
        let mut n_taken = 0;
        let outcome = upload.take(transfer, |_, _, _| {
            n_taken += 1;
            Err(CuError::ILLEGAL_ADDRESS.into())
        });
        assert!(
            matches!(outcome, Err(Fault::Cuda(CuError::ILLEGAL_ADDRESS))),
            "{outcome:?}"
        );
        assert_eq!(n_taken, 1);
    }
}
