//! Boxes of bytes in the caller's memory: packed into the ring, and filled from it, row by row. Which
//! copies they belong to is not known here. Read [`CallerBox`] first.
#![expect(unsafe_code, reason = "follows addresses that callers gave for copies")]

use rigel_protocol::custom::{Extent, Side};
use rigel_protocol::{CuError, CuResult, HostPtr};
use rigel_transport::{Patience, Producer, RingError, RingSlice};

use crate::caller::CallerBytes;

/// A box in the caller's memory. Its bytes are counted as if rows and slices followed one another without
/// gaps.
#[derive(Debug)]
pub(crate) struct CallerBox {
    /// From the base of the volume to the box's last byte.
    memory: CallerBytes,
    side: Side,
    extent: Extent,
    bytes: u64,
}

impl CallerBox {
    /// The box of this extent where `side` says, in the volume at `base`; not empty.
    ///
    /// # Safety
    /// All its rows are the caller's, for reading or writing as the result is used, and stay valid until
    /// the result is dropped.
    pub(crate) unsafe fn new(base: HostPtr, side: &Side, extent: Extent) -> CuResult<Self> {
        let span = span(side, extent)?;
        Ok(Self {
            // SAFETY: nothing is read or written but rows of the box, for which the caller vouches.
            memory: unsafe { CallerBytes::new(base, span) }?,
            side: *side,
            extent,
            bytes: extent.bytes().ok_or(CuError::INVALID_VALUE)?,
        })
    }

    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All its bytes, of a box that is known to be small.
    pub(crate) fn to_vec(&self) -> CuResult<Vec<u8>> {
        let mut packed = vec![0; self.bytes as usize];
        match self.read(0, &mut packed) {
            true => Ok(packed),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// Packs its bytes into the ring, each chunk a piece that the worker's driver copies in one call.
    pub(crate) fn send(
        &self,
        ring: &Producer,
        transfer: u64,
        patience: &Patience<'_>,
    ) -> Result<(), RingError> {
        let mut offset = 0;
        while let Some(piece) = self.extent.piece(offset, ring.bulk_chunk_bytes() as u64) {
            let len = piece.bytes();
            let mut place = ring.reserve_bulk(transfer, offset, len as usize, patience)?;
            self.read(offset, &mut place);
            place.publish();
            offset += len;
        }
        Ok(())
    }

    /// Reads bytes from an offset on; false if they reach outside.
    fn read(&self, offset: u64, into: &mut [u8]) -> bool {
        self.each_row(offset, into.len() as u64, |from, at, len| {
            let row = self.memory.part(from, len as u64);
            let place = into.get_mut(at..at + len);
            row.zip(place)
                .map(|(row, place)| place.copy_from_slice(row))
                .is_some()
        })
    }

    /// Writes bytes that a worker sent; false if they reach outside.
    pub(crate) fn write_ring(&self, offset: u64, bytes: &RingSlice<'_>) -> bool {
        self.each_row(offset, bytes.len() as u64, |to, at, len| {
            let row = bytes.part(at..at + len);
            row.is_some_and(|row| self.memory.write_ring(to, &row))
        })
    }

    /// Writes bytes; false if they reach outside.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> bool {
        self.each_row(offset, bytes.len() as u64, |to, at, len| {
            let row = bytes.get(at..at + len);
            row.is_some_and(|row| self.memory.write(to, row))
        })
    }

    /// Copies a box of the same extent.
    pub(crate) fn copy_from(&self, other: &CallerBox) -> CuResult<()> {
        let mut offset = 0;
        let copied = other.each_row(0, other.bytes, |from, _, len| {
            let row = other.memory.part(from, len as u64);
            let written = row.is_some_and(|row| self.write(offset, row));
            offset += len as u64;
            written
        });
        match copied {
            true => Ok(()),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// Visits `len` bytes from an offset on, row by row: where they are in the memory, how many come before
    /// them, and how many they are. False if they reach outside, or a visit says so.
    fn each_row(
        &self,
        mut offset: u64,
        len: u64,
        mut visit: impl FnMut(u64, usize, usize) -> bool,
    ) -> bool {
        let begin = offset;
        let Some(end) = offset.checked_add(len).filter(|end| *end <= self.bytes) else {
            return false;
        };
        while let Some(piece) = self.extent.piece(offset, end - offset) {
            let width = piece.extent.width_bytes;
            for slice in 0..piece.extent.depth {
                let Some(mut row) = row_offset(&self.side, piece.y, piece.z + slice) else {
                    return false;
                };
                row = row.saturating_add(piece.x_bytes);
                for _ in 0..piece.extent.height {
                    if !visit(row, (offset - begin) as usize, width as usize) {
                        return false;
                    }
                    row = row.saturating_add(self.side.pitch_bytes);
                    offset += width;
                }
            }
        }
        true
    }
}

/// How many bytes from a side's base to the end of its box.
pub(crate) fn span(side: &Side, extent: Extent) -> CuResult<u64> {
    let last = |count: u64| count.checked_sub(1).ok_or(CuError::INVALID_VALUE);
    row_offset(side, last(extent.height)?, last(extent.depth)?)
        .and_then(|offset| offset.checked_add(extent.width_bytes))
        .ok_or(CuError::INVALID_VALUE)
}

/// Where a row of the box begins.
pub(crate) fn row_offset(side: &Side, row: u64, slice: u64) -> Option<u64> {
    let slice = side.z.checked_add(slice)?;
    let rows = slice
        .checked_mul(side.rows)?
        .checked_add(side.y)?
        .checked_add(row)?;
    rows.checked_mul(side.pitch_bytes)?
        .checked_add(side.x_bytes)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rigel_protocol::custom::Place;
    use rigel_transport::{BulkChunk, Layout, SessionMemory};

    use super::*;

    /// Boxes of 3 bytes, 2 rows, 2 slices, in volumes with rows of 8 bytes and slices of 4 rows.
    const EXTENT: Extent = Extent {
        width_bytes: 3,
        height: 2,
        depth: 2,
    };

    fn boxed(memory: &mut [u8], x_bytes: u64, y: u64) -> CallerBox {
        let base = HostPtr(memory.as_mut_ptr() as u64);
        let side = Side {
            place: Place::Host(base),
            x_bytes,
            y,
            z: 0,
            pitch_bytes: 8,
            rows: 4,
        };
        // SAFETY: the tests keep the memory for as long as the box.
        unsafe { CallerBox::new(base, &side, EXTENT) }.unwrap()
    }

    #[test]
    fn box_is_copied_to_the_same_places_of_another() {
        let mut from: Vec<u8> = (0..64).collect();
        let mut to = vec![0_u8; 64];
        let source = boxed(&mut from, 2, 1);
        let packed = [10, 11, 12, 18, 19, 20, 42, 43, 44, 50, 51, 52];
        assert_eq!(source.to_vec().unwrap(), packed);
        boxed(&mut to, 1, 0).copy_from(&source).unwrap();
        for (at, row) in [(1, 0..3), (9, 3..6), (33, 6..9), (41, 9..12)] {
            assert_eq!(to[at..at + 3], packed[row]);
        }
        assert_eq!(to.iter().filter(|byte| **byte != 0).count(), 12);
    }

    #[test]
    fn bytes_from_any_offset_land_in_their_rows() {
        let packed: Vec<u8> = (1..=12).collect();
        for cut in 0..=12 {
            let mut memory = vec![0_u8; 64];
            let place = boxed(&mut memory, 1, 1);
            assert!(place.write(0, &packed[..cut]) && place.write(cut as u64, &packed[cut..]));
            assert_eq!(place.to_vec().unwrap(), packed);
        }
    }

    #[test]
    fn bytes_outside_the_box_are_refused() {
        let mut memory = vec![0_u8; 64];
        let place = boxed(&mut memory, 1, 1);
        assert!(!place.write(12, &[1]));
        assert!(!place.write(11, &[1, 2]));
        assert!(!place.write(u64::MAX, &[1]));
        assert!(memory.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn box_goes_through_the_ring_packed() {
        let memory = SessionMemory::anonymous(&Layout::new([1 << 16; 4]).unwrap()).unwrap();
        let (client, mut worker) = (memory.client().unwrap(), memory.worker().unwrap());
        let mut from: Vec<u8> = (0..64).collect();
        let mut to = vec![0_u8; 64];
        let (source, target) = (boxed(&mut from, 2, 1), boxed(&mut to, 2, 1));
        let patience = Patience::within(Duration::from_secs(60));
        source.send(&client.upload, 7, &patience).unwrap();
        let record = worker.upload.next().unwrap().unwrap();
        let chunk = BulkChunk::of(&record).unwrap();
        assert_eq!(
            (chunk.transfer, chunk.offset, chunk.bytes.len()),
            (7, 0, 12)
        );
        assert!(target.write_ring(0, &chunk.bytes));
        assert_eq!(target.to_vec(), source.to_vec());
    }

    #[test]
    fn boxes_beyond_all_measure_are_refused() {
        let side = Side {
            place: Place::Host(HostPtr(64)),
            x_bytes: u64::MAX,
            y: 1,
            z: 0,
            pitch_bytes: u64::MAX,
            rows: 4,
        };
        let extent = Extent {
            width_bytes: u64::MAX,
            height: 2,
            depth: 1,
        };
        // SAFETY: nothing is read.
        assert!(unsafe { CallerBox::new(HostPtr(64), &side, extent) }.is_err());
        assert!(span(&side, extent).is_err());
        assert!(
            span(
                &side,
                Extent {
                    height: 0,
                    ..extent
                }
            )
            .is_err()
        );
    }
}
