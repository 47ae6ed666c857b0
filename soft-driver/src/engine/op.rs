//! What a stream holds: operations, ready to be performed without asking anybody. Read [`Op`].

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI32, AtomicU64, Ordering},
};
use std::time::Instant;

use rigel_protocol::custom::HostCallback;
use rigel_protocol::{CuError, CuResult};

use super::lane::Lane;
use crate::exec::Launch;
use crate::ipc::SharedEvent;

/// One operation of a stream.
pub(crate) enum Op {
    /// Nothing: a place in the order, for what later work waits for.
    Nothing,
    /// A kernel.
    Kernel {
        /// Its blocks.
        launch: Arc<Launch>,
        /// How many threads they have together, for deciding who runs them.
        n_threads: u64,
    },
    /// A copy.
    Copy(Transfer),
    /// A fill.
    Fill(Fill),
    /// Takes the time.
    Record(Arc<Record>),
    /// A function of the caller's process.
    Host {
        /// The function.
        callback: HostCallback,
        /// Whether it is called in a lost context too.
        even_after_error: bool,
    },
    /// Frees device memory.
    Release(u64),
    /// Stores a word.
    Write(Word),
    /// Waits until a word compares.
    Wait(Word, Compare),
    /// An event that other processes wait for is reached.
    Signal(Arc<SharedEvent>, u64),
    /// Waits until an event is reached that other processes record.
    Await(Arc<SharedEvent>, u64),
}

/// Bytes to copy.
pub(crate) struct Transfer {
    /// First byte of the destination.
    pub(crate) dst: u64,
    /// First byte of the source.
    pub(crate) src: Source,
    /// How much, and how rows and slices lie.
    pub(crate) shape: Shape,
    /// For the counters.
    pub(crate) direction: Direction,
}

/// Where a copy comes from.
pub(crate) enum Source {
    /// Memory.
    Address(u64),
    /// Bytes captured at the call, rows without gaps.
    Captured(Box<[u8]>),
}

/// A box of bytes in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Bytes of a row.
    pub(crate) width: u64,
    /// Rows of a slice.
    pub(crate) height: u64,
    /// Slices.
    pub(crate) depth: u64,
    /// From row to row and slice to slice, at the destination.
    pub(crate) dst_strides: (u64, u64),
    /// From row to row and slice to slice, at the source.
    pub(crate) src_strides: (u64, u64),
}

impl Shape {
    /// A row of bytes.
    pub(crate) fn linear(bytes: u64) -> Self {
        let strides = (bytes, bytes);
        Self {
            width: bytes,
            height: 1,
            depth: 1,
            dst_strides: strides,
            src_strides: strides,
        }
    }

    /// All bytes that are copied.
    pub(crate) fn bytes(&self) -> u64 {
        self.width * self.height * self.depth
    }

    /// Offset of each row at destination and source.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u64, u64)> {
        let shape = *self;
        (0..shape.depth).flat_map(move |z| {
            (0..shape.height).map(move |y| {
                let at = |(row, slice): (u64, u64)| z * slice + y * row;
                (at(shape.dst_strides), at(shape.src_strides))
            })
        })
    }
}

/// Between what a copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Host to device.
    HostToDevice,
    /// Device to host.
    DeviceToHost,
    /// On one side.
    Within,
}

/// A fill of rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fill {
    /// First element.
    pub(crate) dst: u64,
    /// The element in its low bits.
    pub(crate) value: u32,
    /// 1, 2 or 4.
    pub(crate) element_bytes: u8,
    /// Elements of a row.
    pub(crate) width: u64,
    /// Rows.
    pub(crate) height: u64,
    /// Bytes from row to row.
    pub(crate) pitch: u64,
}

/// A word in memory and a value for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    /// Its address, a multiple of its size.
    pub(crate) address: u64,
    /// The value to store or to compare with.
    pub(crate) value: u64,
    /// 8 bytes rather than 4.
    pub(crate) wide: bool,
}

/// How a word is compared (`CUstreamWaitValue_flags`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compare {
    /// The difference to the value is not negative.
    GreaterOrEqual,
    /// It is the value.
    Equal,
    /// It has bits in common with the value.
    And,
    /// It lacks bits of the value.
    Nor,
}

impl Compare {
    /// Whether `word` satisfies the condition.
    pub(crate) fn holds(self, word: u64, value: u64, wide: bool) -> bool {
        let mask = if wide { u64::MAX } else { u64::from(u32::MAX) };
        match self {
            Self::GreaterOrEqual if wide => word.wrapping_sub(value) as i64 >= 0,
            Self::GreaterOrEqual => (word as u32).wrapping_sub(value as u32) as i32 >= 0,
            Self::Equal => word & mask == value & mask,
            Self::And => word & value & mask != 0,
            Self::Nor => !(word | value) & mask != 0,
        }
    }
}

/// One recording of an event: a place in a stream, and the time at which it was reached.
#[derive(Debug)]
pub(crate) struct Record {
    /// The stream.
    pub(crate) lane: Arc<Lane>,
    /// Its place there, once it is submitted.
    pub(crate) position: OnceLock<u64>,
    time_ns: AtomicU64,
}

impl Record {
    /// A recording that has no place yet.
    pub(crate) fn new(lane: Arc<Lane>) -> Self {
        Self {
            lane,
            position: OnceLock::new(),
            time_ns: AtomicU64::new(0),
        }
    }

    /// Its place in the stream.
    pub(crate) fn position(&self) -> u64 {
        self.position.get().copied().unwrap_or(u64::MAX)
    }

    /// Whether the stream has reached it.
    pub(crate) fn is_done(&self) -> bool {
        self.lane.has_reached(self.position())
    }

    /// Takes the time.
    pub(crate) fn stamp(&self) {
        self.time_ns.store(now_ns(), Ordering::Relaxed);
    }

    /// The time in nanoseconds of this process's clock, 0 if not reached.
    pub(crate) fn time_ns(&self) -> u64 {
        self.time_ns.load(Ordering::Relaxed)
    }
}

/// Nanoseconds since the first question, never 0.
fn now_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos())
        .unwrap_or(u64::MAX)
        .saturating_add(1)
}

/// Whether a context still works: the first error that CUDA calls sticky stays.
#[derive(Debug, Default)]
pub(crate) struct Health {
    error: AtomicI32,
}

impl Health {
    /// The context is lost from now on; an earlier error stays.
    pub(crate) fn lose(&self, error: CuError) {
        let _ = self
            .error
            .compare_exchange(0, error.code(), Ordering::SeqCst, Ordering::SeqCst);
    }

    /// The error by which the context was lost, if it was.
    pub(crate) fn check(&self) -> CuResult<()> {
        CuError::check(self.error.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compare_follows_the_flags() {
        for (compare, word, value, wide, holds) in [
            (Compare::GreaterOrEqual, 5, 5, false, true),
            (Compare::GreaterOrEqual, 4, 5, false, false),
            (Compare::GreaterOrEqual, 0, u64::from(u32::MAX), false, true),
            (Compare::Equal, 1 << 32, 0, false, true),
            (Compare::Equal, 1 << 32, 0, true, false),
            (Compare::And, 6, 2, false, true),
            (Compare::And, 4, 2, false, false),
            (Compare::Nor, u64::from(u32::MAX), 0, false, false),
            (Compare::Nor, 1, 2, false, true),
        ] {
            let got = compare.holds(word, value, wide);
            assert_eq!(got, holds, "{compare:?} {word} {value} {wide}");
        }
    }

    #[test]
    fn rows_of_a_box_have_both_offsets() {
        let shape = Shape {
            width: 4,
            height: 2,
            depth: 2,
            dst_strides: (4, 8),
            src_strides: (16, 100),
        };
        let rows: Vec<_> = shape.rows().collect();
        assert_eq!(rows, [(0, 0), (4, 16), (8, 100), (12, 116)]);
        assert_eq!(shape.bytes(), 16);
    }

    #[test]
    fn health_keeps_the_first_error() {
        let health = Health::default();
        assert_eq!(health.check(), Ok(()));
        health.lose(CuError::ILLEGAL_ADDRESS);
        health.lose(CuError::ASSERT);
        assert_eq!(health.check(), Err(CuError::ILLEGAL_ADDRESS));
    }
}
