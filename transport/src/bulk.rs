//! Bulk bytes in the upload and download rings: chunks of a transfer, each with its offset. Who names
//! transfers and what they fill is the caller's. Read [`BulkChunk`] first.
//!
//! ```text
//! record head (16) │ transfer u64 │ offset u64 │ bytes
//! ```

use crate::bell::Patience;
use crate::error::RingError;
use crate::ring::{HeldRecord, Producer, Record, RecordHead, Reservation, RingSlice};

/// The op of a bulk chunk.
pub const BULK_OP: u16 = 1;
/// Bytes before a chunk's own.
pub const BULK_HEAD_BYTES: usize = 16;
/// The most bytes a chunk carries: small enough to stay cached between its two copies.
const CHUNK_BYTES_MAX: usize = 256 << 10;

/// A chunk of a transfer as it stands in the ring.
#[derive(Debug, Clone, Copy)]
pub struct BulkChunk<'a> {
    /// Which transfer.
    pub transfer: u64,
    /// Where in the transfer the bytes begin; hostile, as everything from the ring.
    pub offset: u64,
    /// The bytes.
    pub bytes: RingSlice<'a>,
}

impl<'a> BulkChunk<'a> {
    /// Reads a chunk out of a record; `None` if the record is something else.
    pub fn of(record: &Record<'a>) -> Option<BulkChunk<'a>> {
        BulkChunk::parse(record.head, record.payload)
    }

    /// Reads a chunk out of a held record; `None` if the record is something else.
    pub fn of_held(record: &'a HeldRecord) -> Option<BulkChunk<'a>> {
        BulkChunk::parse(record.head, record.payload())
    }

    fn parse(head: RecordHead, payload: RingSlice<'a>) -> Option<BulkChunk<'a>> {
        let bytes = payload.part(BULK_HEAD_BYTES..payload.len())?;
        if head.op != BULK_OP {
            return None;
        }
        let mut fields = [0; BULK_HEAD_BYTES];
        payload.copy_to(&mut fields);
        let all = u128::from_le_bytes(fields);
        Some(BulkChunk {
            transfer: all as u64,
            offset: (all >> 64) as u64,
            bytes,
        })
    }
}

/// A chunk whose bytes are still being written in place: dereferences to them.
#[derive(Debug)]
pub struct BulkReservation<'a> {
    inner: Reservation<'a>,
}

impl BulkReservation<'_> {
    /// Makes the chunk visible and returns its record's position.
    pub fn publish(self) -> u64 {
        self.inner.publish()
    }
}

impl std::ops::Deref for BulkReservation<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.inner[BULK_HEAD_BYTES..]
    }
}

impl std::ops::DerefMut for BulkReservation<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.inner[BULK_HEAD_BYTES..]
    }
}

impl Producer {
    /// The most bytes one chunk carries in this ring: at most 256 KiB and at most a quarter of the ring.
    pub fn bulk_chunk_bytes(&self) -> usize {
        (self.payload_max() - BULK_HEAD_BYTES).min(CHUNK_BYTES_MAX)
    }

    /// Takes the next place for `len` bytes of a transfer, to be filled in place, waiting for space.
    pub fn reserve_bulk(
        &self,
        transfer: u64,
        offset: u64,
        len: usize,
        patience: &Patience<'_>,
    ) -> Result<BulkReservation<'_>, RingError> {
        let head = RecordHead {
            op: BULK_OP,
            ..RecordHead::default()
        };
        let with_head = len.saturating_add(BULK_HEAD_BYTES);
        let mut inner = self.reserve_wait(head, with_head, patience)?;
        let fields = u128::from(transfer) | u128::from(offset) << 64;
        inner[..BULK_HEAD_BYTES].copy_from_slice(&fields.to_le_bytes());
        Ok(BulkReservation { inner })
    }

    /// Writes all bytes of a transfer in chunks, waiting for space. On return they are captured.
    pub fn send_bulk(
        &self,
        transfer: u64,
        bytes: &[u8],
        patience: &Patience<'_>,
    ) -> Result<(), RingError> {
        let mut offset = 0;
        for chunk in bytes.chunks(self.bulk_chunk_bytes()) {
            let mut place = self.reserve_bulk(transfer, offset, chunk.len(), patience)?;
            place.copy_from_slice(chunk);
            place.publish();
            offset += chunk.len() as u64;
        }
        Ok(())
    }
}
