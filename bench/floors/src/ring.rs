//! The floor of a small message on one host: a ring of 64-byte slots in plain memory, one thread on
//! each side, spinning. Nothing waits, wakes, checks or frames. Read [`round_trip_us`] first.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::{Spread, median};

/// Slots of a ring: 64 KiB of them.
const SLOTS: usize = 1024;
/// Words of payload in a slot, beside its stamp: 64 bytes in all.
const WORDS: usize = 7;
const ROUND_TRIPS: u64 = 20_000;
const ENQUEUES: u64 = 512;

/// A slot: the payload, and the number of the message that stands in it.
#[repr(align(64))]
struct Slot {
    words: [AtomicU64; WORDS],
    stamp: AtomicU64,
}

/// A ring for one writer and one reader that never overtake each other.
struct Ring {
    slots: Vec<Slot>,
}

impl Ring {
    fn new() -> Self {
        let slot = |_| Slot {
            words: Default::default(),
            stamp: AtomicU64::new(0),
        };
        Self {
            slots: (0..SLOTS).map(slot).collect(),
        }
    }

    fn write(&self, number: u64, word: u64) {
        let slot = &self.slots[number as usize % SLOTS];
        for place in &slot.words {
            place.store(word, Ordering::Relaxed);
        }
        // Release: the payload comes before its stamp.
        slot.stamp.store(number, Ordering::Release);
    }

    fn read(&self, number: u64) -> u64 {
        let slot = &self.slots[number as usize % SLOTS];
        // Acquire: the payload is read after its stamp.
        while slot.stamp.load(Ordering::Acquire) != number {
            spin_loop();
        }
        let words = slot.words.iter();
        words.fold(0, |sum, word| sum ^ word.load(Ordering::Relaxed))
    }
}

/// 64 bytes there and back, both sides spinning: microseconds of one round trip, over `rounds` runs.
pub fn round_trip_us(rounds: usize) -> Spread {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let (there, back) = (Ring::new(), Ring::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1..=ROUND_TRIPS {
                    back.write(number, there.read(number));
                }
            });
            for number in 1..=ROUND_TRIPS {
                let started = Instant::now();
                there.write(number, number);
                black_box(back.read(number));
                times.push(started.elapsed().as_secs_f64() * 1e6);
            }
        });
    }
    Spread::of(times)
}

/// One message of 128 bytes into a ring that nobody reads meanwhile: nanoseconds.
pub fn enqueue_ns(rounds: usize) -> f64 {
    let mut costs = Vec::new();
    let ring = Ring::new();
    for round in 0..rounds as u64 * 20 {
        let started = Instant::now();
        for number in 0..ENQUEUES {
            // Two slots make the 128 bytes of a launch.
            ring.write(2 * number, round);
            ring.write(2 * number + 1, round);
        }
        costs.push(started.elapsed().as_secs_f64() * 1e9 / ENQUEUES as f64);
    }
    black_box(&ring.slots);
    median(costs)
}
