//! The floor of bytes on one host: copies of large buffers whose pages are all there. Read
//! [`two_copies`] first.

use std::hint::{black_box, spin_loop};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::median;

/// Rings that are tried: chunk bytes and number of chunks. The best one is the floor.
const SHAPES: [(usize, usize); 3] = [(64 << 10, 8), (128 << 10, 8), (256 << 10, 4)];

/// One thread copies into a ring of memory that fits the cache, another out of it, both spinning:
/// GB/s of the best of several shapes.
pub fn two_copies(bytes: usize, rounds: usize) -> f64 {
    let (source, mut target) = (vec![1_u8; bytes], vec![1_u8; bytes]);
    let shapes = SHAPES.iter().map(|&(chunk, chunks)| {
        let rates = (0..rounds).map(|_| through_ring(&source, &mut target, chunk, chunks));
        median(rates.collect())
    });
    shapes.fold(0.0, f64::max)
}

/// One copy between buffers whose pages are all there: GB/s.
pub fn one_copy(bytes: usize, rounds: usize) -> f64 {
    let (source, mut target) = (vec![1_u8; bytes], vec![1_u8; bytes]);
    let rates = (0..rounds).map(|_| {
        let started = Instant::now();
        target.copy_from_slice(black_box(&source));
        black_box(&target);
        rate(bytes, started)
    });
    median(rates.collect())
}

fn through_ring(source: &[u8], target: &mut [u8], chunk: usize, chunks: usize) -> f64 {
    let slots: Vec<Slot> = (0..chunks).map(|_| Slot::new(chunk)).collect();
    let (written, read) = (AtomicU64::new(0), AtomicU64::new(0));
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for (number, part) in (0_u64..).zip(source.chunks(chunk)) {
                wait_until(&read, (number + 1).saturating_sub(chunks as u64));
                slots[number as usize % chunks].fill(part);
                // Release: the bytes come before their number.
                written.store(number + 1, Ordering::Release);
            }
        });
        for (number, part) in (0_u64..).zip(target.chunks_mut(chunk)) {
            wait_until(&written, number + 1);
            slots[number as usize % chunks].drain(part);
            // Release: the bytes have been read before they are written over.
            read.store(number + 1, Ordering::Release);
        }
    });
    rate(source.len(), started)
}

fn wait_until(word: &AtomicU64, least: u64) {
    // Acquire: pairs with the stores of the other side.
    while word.load(Ordering::Acquire) < least {
        spin_loop();
    }
}

/// Bytes that two threads use in turn.
struct Slot {
    bytes: std::cell::UnsafeCell<Box<[u8]>>,
}

#[expect(unsafe_code, reason = "two threads take turns at a buffer")]
mod slot {
    use super::{Range, Slot};

    // SAFETY: the threads of `through_ring` take turns, ordered by its two counters.
    unsafe impl Sync for Slot {}

    impl Slot {
        pub(super) fn new(bytes: usize) -> Self {
            Self {
                bytes: std::cell::UnsafeCell::new(vec![1; bytes].into()),
            }
        }

        pub(super) fn fill(&self, from: &[u8]) {
            let part: Range<usize> = 0..from.len();
            // SAFETY: it is the writer's turn: nobody else looks at the slot.
            let bytes = unsafe { &mut *self.bytes.get() };
            bytes[part].copy_from_slice(from);
        }

        pub(super) fn drain(&self, into: &mut [u8]) {
            let part: Range<usize> = 0..into.len();
            // SAFETY: it is the reader's turn: nobody writes to the slot.
            let bytes = unsafe { &*self.bytes.get() };
            into.copy_from_slice(&bytes[part]);
        }
    }
}

fn rate(bytes: usize, started: Instant) -> f64 {
    bytes as f64 / started.elapsed().as_secs_f64() / 1e9
}
