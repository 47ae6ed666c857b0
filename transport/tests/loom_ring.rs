//! The ring's lock-free rules under every interleaving that loom can find: `src/ring/core.rs` is compiled
//! here once more, with loom's atomics, on ordinary memory. The payload of a granule is a cell that loom
//! watches, so that a read that could overlap a write fails the test.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]
#![expect(
    unsafe_code,
    reason = "loom hands out the watched cells as raw pointers"
)]

#[path = "../src/ring/core.rs"]
#[expect(dead_code, reason = "the crate uses more of it than the model")]
mod core;

/// What `core` finds as `super::sync`.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

    pub(crate) fn store_and_fence(word: &AtomicU32, value: u32) {
        word.store(value, Ordering::Release);
        fence(Ordering::SeqCst);
    }

    pub(crate) fn store_and_fence_wide(word: &AtomicU64, value: u64) {
        word.store(value, Ordering::Release);
        fence(Ordering::SeqCst);
    }
}

use core::{Bell, Claims, GRANULE, Geometry};
use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use sync::{AtomicU32, AtomicU64, Ordering};

const N_GRANULES: usize = 4;
const RING_BYTES: u64 = N_GRANULES as u64 * GRANULE;

struct Model {
    geometry: Geometry,
    claims: Claims,
    stamps: Vec<AtomicU32>,
    payload: Vec<UnsafeCell<u64>>,
    released: AtomicU64,
    data: Futex,
    space: Futex,
}

/// A bell with the kernel's part: sleeping while a word keeps its value.
struct Futex {
    sequence: AtomicU32,
    waiting: AtomicU32,
    queue: Mutex<()>,
    wake: Condvar,
}

impl Futex {
    fn new() -> Futex {
        Futex {
            sequence: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            queue: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    fn bell(&self) -> Bell<'_> {
        Bell {
            sequence: &self.sequence,
            waiting: &self.waiting,
        }
    }

    fn strike(&self) {
        if self.bell().strike() != 0 {
            let _queue = self.queue.lock().unwrap();
            self.wake.notify_all();
        }
    }

    fn wait(&self, mut ready: impl FnMut() -> bool) {
        loop {
            let sequence = self.bell().arm(1);
            if ready() {
                return;
            }
            let queue = self.queue.lock().unwrap();
            if self.sequence.load(Ordering::Acquire) == sequence {
                drop(self.wake.wait(queue).unwrap());
            }
        }
    }
}

impl Model {
    fn new() -> Arc<Model> {
        Arc::new(Model {
            geometry: Geometry::new(RING_BYTES),
            claims: Claims::new(0),
            stamps: (0..N_GRANULES).map(|_| AtomicU32::new(0)).collect(),
            payload: (0..N_GRANULES).map(|_| UnsafeCell::new(0)).collect(),
            released: AtomicU64::new(0),
            data: Futex::new(),
            space: Futex::new(),
        })
    }

    /// Writes one record of one granule; false when the ring is full.
    fn try_send(&self, value: u64) -> bool {
        let at_once = self.claims.claim_at_once(self.geometry, GRANULE);
        let claimed = at_once.or_else(|| {
            let claim = self.claims.claim(self.geometry, &self.released, GRANULE);
            claim.unwrap().map(|claim| {
                assert_eq!(claim.pad, 0);
                claim.position
            })
        });
        let Some(position) = claimed else {
            return false;
        };
        let granule = self.geometry.granule(position);
        // SAFETY: the pointer is to a live cell; loom fails the test if another thread uses it meanwhile.
        self.payload[granule].with_mut(|cell| unsafe { *cell = value });
        core::publish(&self.stamps[granule], self.geometry.lap(position));
        self.data.strike();
        true
    }

    fn send(&self, value: u64) {
        if !self.try_send(value) {
            self.space.wait(|| self.try_send(value));
        }
    }

    fn is_ready(&self, position: u64) -> bool {
        let stamp = &self.stamps[self.geometry.granule(position)];
        core::is_published(stamp, self.geometry.lap(position))
    }

    /// Reads one record and gives its space back.
    fn receive(&self, position: &mut u64) -> u64 {
        if !self.is_ready(*position) {
            self.data.wait(|| self.is_ready(*position));
        }
        let granule = self.geometry.granule(*position);
        // SAFETY: as in `try_send`.
        let value = self.payload[granule].with(|cell| unsafe { *cell });
        *position += GRANULE;
        core::release(&self.released, *position);
        self.space.strike();
        value
    }
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // Enough to find each ordering weakened on purpose (decision 0140); more takes hours.
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn two_producers_lose_nothing_and_keep_their_order() {
    check(|| {
        let model = Model::new();
        let other = Arc::clone(&model);
        let one = thread::spawn(move || other.send(11));
        let other = Arc::clone(&model);
        let two = thread::spawn(move || {
            other.send(21);
            other.send(22);
        });
        let mut position = 0;
        let received: Vec<u64> = (0..3).map(|_| model.receive(&mut position)).collect();
        one.join().unwrap();
        two.join().unwrap();
        let of_two: Vec<u64> = received
            .iter()
            .copied()
            .filter(|value| *value > 20)
            .collect();
        assert_eq!(of_two, [21, 22]);
        assert!(received.contains(&11));
    });
}

#[test]
fn producer_on_a_full_ring_is_woken_and_overwrites_nothing_unread() {
    check(|| {
        let model = Model::new();
        for value in 0..N_GRANULES as u64 {
            assert!(model.try_send(value));
        }
        assert!(!model.try_send(99));
        let other = Arc::clone(&model);
        let producer = thread::spawn(move || other.send(N_GRANULES as u64));
        let mut position = 0;
        for expected in 0..=N_GRANULES as u64 {
            assert_eq!(model.receive(&mut position), expected);
        }
        producer.join().unwrap();
    });
}

#[test]
fn producers_share_what_one_of_them_learnt_of_released_space() {
    check(|| {
        let model = Model::new();
        (0..N_GRANULES as u64).for_each(|value| assert!(model.try_send(value)));
        let producers: Vec<_> = (0..2)
            .map(|_| {
                let other = Arc::clone(&model);
                thread::spawn(move || other.try_send(9))
            })
            .collect();
        let mut position = 0;
        assert_eq!(model.receive(&mut position), 0);
        assert_eq!(model.receive(&mut position), 1);
        producers
            .into_iter()
            .for_each(|producer| assert!(matches!(producer.join(), Ok(true | false))));
    });
}

#[test]
fn record_across_the_end_claims_its_pad_once() {
    check(|| {
        let model = Model::new();
        let geometry = Geometry::new(2 * RING_BYTES);
        let claim = |footprint| {
            model
                .claims
                .claim(geometry, &model.released, footprint)
                .unwrap()
        };
        for _ in 0..7 {
            claim(GRANULE).unwrap();
        }
        core::release(&model.released, 7 * GRANULE);
        let other = Arc::clone(&model);
        let rival = thread::spawn(move || {
            other
                .claims
                .claim(geometry, &other.released, 2 * GRANULE)
                .unwrap()
                .unwrap()
        });
        let mine = claim(2 * GRANULE).unwrap();
        let theirs = rival.join().unwrap();
        let (first, second) = if mine.position < theirs.position {
            (mine, theirs)
        } else {
            (theirs, mine)
        };
        assert_eq!((first.pad, first.position), (GRANULE, 8 * GRANULE));
        assert_eq!((second.pad, second.position), (0, 10 * GRANULE));
    });
}

#[test]
fn released_beyond_what_was_reserved_is_noticed() {
    check(|| {
        let model = Model::new();
        (0..N_GRANULES as u64).for_each(|value| assert!(model.try_send(value)));
        core::release(&model.released, RING_BYTES + GRANULE);
        let error = model
            .claims
            .claim(model.geometry, &model.released, GRANULE)
            .unwrap_err();
        assert_eq!(error, core::BadReleased(RING_BYTES + GRANULE));
    });
}
