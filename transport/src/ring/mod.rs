//! One ring: many producers, one consumer, variable-size records, position is issue order.
//! `core` holds the lock-free rules, `producer` and `consumer` the memory. Read [`Producer`] first.

pub(crate) mod consumer;
pub(crate) mod core;
pub(crate) mod producer;
mod slice;

/// The atomics that `core` uses; loom's in the loom test.
pub(crate) mod sync {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

    /// Stores, ordered before the sequentially consistent loads that follow: as a swap, which costs half
    /// of a store and a fence.
    #[inline]
    pub(crate) fn store_and_fence(word: &AtomicU32, value: u32) {
        word.swap(value, Ordering::SeqCst);
    }

    /// As [`store_and_fence`].
    #[inline]
    pub(crate) fn store_and_fence_wide(word: &AtomicU64, value: u64) {
        word.swap(value, Ordering::SeqCst);
    }
}

pub use consumer::{Consumer, HeldRecord, Record};
pub use producer::{Producer, Reservation};
pub use slice::RingSlice;

use crate::layout::Ring;
use crate::session::SessionMemory;

use self::core::{GRANULE, Geometry};

/// Bytes of a record's head.
pub const RECORD_HEAD_BYTES: usize = 16;
/// The op of a record that only fills space.
pub const PAD_OP: u16 = 0xffff;

/// What stands before a record's payload, except its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecordHead {
    /// What the record asks or answers; [`PAD_OP`] is reserved.
    pub op: u16,
    /// Bits whose meaning belongs to the op's owner.
    pub flags: u16,
    /// The issuing thread.
    pub thread: u32,
    /// The context it had current.
    pub context: u32,
}

impl RecordHead {
    /// The head as it stands in the ring and on the wire.
    #[inline]
    pub fn encode(&self, len: u32) -> [u8; RECORD_HEAD_BYTES] {
        let word = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        let first = word(len, u32::from(self.op) | u32::from(self.flags) << 16);
        let second = word(self.thread, self.context);
        (u128::from(first) | u128::from(second) << 64).to_le_bytes()
    }

    /// The head and the payload's length; nothing is checked.
    #[inline]
    pub fn decode(bytes: &[u8; RECORD_HEAD_BYTES]) -> (RecordHead, u32) {
        let all = u128::from_le_bytes(*bytes);
        let head = RecordHead {
            op: (all >> 32) as u16,
            flags: (all >> 48) as u16,
            thread: (all >> 64) as u32,
            context: (all >> 96) as u32,
        };
        (head, all as u32)
    }
}

/// Bytes that a record with this payload takes in the ring.
#[inline]
pub(crate) fn footprint(len: usize) -> u64 {
    (len as u64)
        .saturating_add(RECORD_HEAD_BYTES as u64)
        .div_ceil(GRANULE)
        .saturating_mul(GRANULE)
}

/// Addresses of one ring inside a session's memory, from our own copy of the layout.
#[derive(Clone, Copy)]
pub(crate) struct RingMap {
    pub(crate) ring: Ring,
    pub(crate) geometry: Geometry,
    stamps_offset: usize,
    data_offset: usize,
}

impl RingMap {
    pub(crate) fn new(memory: &SessionMemory, ring: Ring) -> RingMap {
        let layout = memory.layout();
        RingMap {
            ring,
            geometry: Geometry::new(u64::from(layout.ring_bytes(ring))),
            stamps_offset: layout.stamps_offset(ring),
            data_offset: layout.ring_offset(ring),
        }
    }

    /// The largest payload.
    #[inline]
    pub(crate) fn payload_max(self) -> usize {
        self.geometry.footprint_max() as usize - RECORD_HEAD_BYTES
    }

    /// The block's offset of the stamp of a position.
    #[inline]
    pub(crate) fn stamp_at(self, position: u64) -> usize {
        self.stamps_offset + self.geometry.granule(position) * 4
    }

    /// The block's offset of a position.
    #[inline]
    pub(crate) fn data_at(self, position: u64) -> usize {
        self.data_offset + self.geometry.offset(position) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_head_encoded_has_the_documented_bytes() {
        let head = RecordHead {
            op: 0x0102,
            flags: 0x0304,
            thread: 0x05060708,
            context: 0x090a0b0c,
        };
        let bytes = head.encode(0x11121314);
        let expected = [
            0x14, 0x13, 0x12, 0x11, 2, 1, 4, 3, 8, 7, 6, 5, 0xc, 0xb, 0xa, 9,
        ];
        assert_eq!(bytes, expected);
        assert_eq!(RecordHead::decode(&bytes), (head, 0x11121314));
    }

    #[test]
    fn footprint_is_the_next_granule() {
        let check = |len, expected| assert_eq!(footprint(len), expected, "for {len}");
        check(0, 64);
        check(48, 64);
        check(49, 128);
        check(usize::MAX, u64::MAX);
    }
}
