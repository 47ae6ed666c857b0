//! Sizes and offsets of everything in a session's memory, and nothing that touches memory.
//! Read [`Layout`] first.

use std::fmt;

use crate::error::TransportError;

/// A page; every part of the block starts on one.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Records start on multiples of this.
pub(crate) const GRANULE_BYTES: usize = 64;
/// Words that both sides write lie this far apart: two cache lines, as processors fetch pairs.
const WORD_STRIDE: usize = 128;
const RING_BYTES_MIN: u32 = 4096;
const RING_BYTES_MAX: u32 = 256 << 20;

/// One of the four rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ring {
    /// Calls, client to worker.
    Command = 0,
    /// Bulk bytes, client to worker.
    Upload = 1,
    /// Answers, worker to client.
    Reply = 2,
    /// Bulk bytes, worker to client.
    Download = 3,
}

impl Ring {
    /// All rings, in their order in the block.
    pub const ALL: [Ring; 4] = [Ring::Command, Ring::Upload, Ring::Reply, Ring::Download];

    /// Which way its records travel.
    #[inline]
    pub fn direction(self) -> Direction {
        match self {
            Ring::Command | Ring::Upload => Direction::ToWorker,
            Ring::Reply | Ring::Download => Direction::ToClient,
        }
    }
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ring::Command => "command",
            Ring::Upload => "upload",
            Ring::Reply => "reply",
            Ring::Download => "download",
        })
    }
}

/// Which way records travel; each direction has one data bell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client.
    ToWorker = 0,
    /// From the worker.
    ToClient = 1,
}

/// A side of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The process that makes calls, or the link that stands for it.
    Client = 0,
    /// The process that executes them, or the link that stands for it.
    Worker = 1,
}

impl Side {
    /// The direction whose records this side reads.
    pub fn reads(self) -> Direction {
        match self {
            Side::Client => Direction::ToClient,
            Side::Worker => Direction::ToWorker,
        }
    }
}

/// The sizes of a session's rings: powers of two from 4 KiB to 256 MiB, so that a decoded layout
/// is always usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    ring_bytes: [u32; 4],
}

impl Default for Layout {
    /// 1 MiB each for calls and answers; 1 MiB each for bulk, so that chunks of 256 KiB stay in the
    /// cache between their two copies.
    fn default() -> Layout {
        Layout {
            ring_bytes: [1 << 20; 4],
        }
    }
}

impl Layout {
    /// Bytes of the encoded form.
    pub const ENCODED_BYTES: usize = 16;

    /// A layout from sizes in the order command, upload, reply, download.
    pub fn new(ring_bytes: [u32; 4]) -> Result<Layout, TransportError> {
        for bytes in ring_bytes {
            if !bytes.is_power_of_two() {
                return Err(TransportError::BadLayout(
                    "a ring's size is not a power of two",
                ));
            }
            if !(RING_BYTES_MIN..=RING_BYTES_MAX).contains(&bytes) {
                return Err(TransportError::BadLayout("a ring's size is out of range"));
            }
        }
        Ok(Layout { ring_bytes })
    }

    /// The wire form: four little-endian u32 in the order command, upload, reply, download.
    pub fn encode(&self) -> [u8; Layout::ENCODED_BYTES] {
        let mut out = [0; Layout::ENCODED_BYTES];
        for (chunk, bytes) in out.chunks_exact_mut(4).zip(self.ring_bytes) {
            chunk.copy_from_slice(&bytes.to_le_bytes());
        }
        out
    }

    /// Reads the wire form, refusing what [`Layout::new`] refuses.
    pub fn decode(bytes: &[u8]) -> Result<Layout, TransportError> {
        if bytes.len() != Layout::ENCODED_BYTES {
            return Err(TransportError::BadLayout(
                "its encoding has the wrong length",
            ));
        }
        let mut ring_bytes = [0; 4];
        for (size, chunk) in ring_bytes.iter_mut().zip(bytes.chunks_exact(4)) {
            *size = u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        }
        Layout::new(ring_bytes)
    }

    /// The size of one ring.
    pub fn ring_bytes(&self, ring: Ring) -> u32 {
        self.ring_bytes[ring as usize]
    }

    /// The size of the whole block, a multiple of the page size.
    pub fn total_bytes(&self) -> usize {
        self.ring_offset(Ring::Download) + self.ring_bytes[Ring::Download as usize] as usize
    }

    pub(crate) fn stamp_count(&self, ring: Ring) -> usize {
        self.ring_bytes(ring) as usize / GRANULE_BYTES
    }

    pub(crate) fn stamps_offset(&self, ring: Ring) -> usize {
        let before = &Ring::ALL[..ring as usize];
        PAGE_BYTES
            + before
                .iter()
                .map(|&ring| self.stamps_bytes(ring))
                .sum::<usize>()
    }

    pub(crate) fn ring_offset(&self, ring: Ring) -> usize {
        let stamps: usize = Ring::ALL.iter().map(|&ring| self.stamps_bytes(ring)).sum();
        let before = &Ring::ALL[..ring as usize];
        let rings: usize = before
            .iter()
            .map(|&ring| self.ring_bytes(ring) as usize)
            .sum();
        PAGE_BYTES + stamps + rings
    }

    fn stamps_bytes(&self, ring: Ring) -> usize {
        (self.stamp_count(ring) * 4).next_multiple_of(PAGE_BYTES)
    }
}

#[inline]
pub(crate) fn released_offset(ring: Ring) -> usize {
    WORD_STRIDE * ring as usize
}

#[inline]
pub(crate) fn space_bell_offset(ring: Ring) -> usize {
    0x200 + WORD_STRIDE * ring as usize
}

#[inline]
pub(crate) fn data_bell_offset(direction: Direction) -> usize {
    0x400 + WORD_STRIDE * direction as usize
}

#[inline]
pub(crate) fn closed_offset(side: Side) -> usize {
    0x600 + WORD_STRIDE * side as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_encoded_decodes_to_the_same() {
        let layout = Layout::new([4096, 1 << 22, 1 << 16, 256 << 20]).unwrap();
        assert_eq!(Layout::decode(&layout.encode()).unwrap(), layout);
    }

    #[test]
    fn layout_with_unusable_sizes_is_refused() {
        for bytes in [0, 1, 2048, 4097, 12288, 512 << 20, u32::MAX] {
            for ring in 0..4 {
                let mut sizes = [1 << 20; 4];
                sizes[ring] = bytes;
                assert!(
                    Layout::new(sizes).is_err(),
                    "{bytes} accepted for ring {ring}"
                );
            }
        }
        assert!(Layout::decode(&[0; 15]).is_err());
    }

    #[test]
    fn parts_of_the_block_do_not_overlap() {
        let layout = Layout::new([4096, 8192, 1 << 20, 16384]).unwrap();
        let mut end = PAGE_BYTES;
        for ring in Ring::ALL {
            assert!(layout.stamps_offset(ring) >= end);
            end = layout.stamps_offset(ring) + layout.stamp_count(ring) * 4;
        }
        for ring in Ring::ALL {
            assert!(layout.ring_offset(ring) >= end);
            assert_eq!(layout.ring_offset(ring) % PAGE_BYTES, 0);
            end = layout.ring_offset(ring) + layout.ring_bytes(ring) as usize;
        }
        assert_eq!(layout.total_bytes(), end);
    }
}
