//! The lock-free part of the ring, on nothing but atomics: who may write where, when a record
//! counts as published, and how a sleeper is woken without being missed. It knows no memory and no
//! system calls, so that loom can drive it (`tests/loom_ring.rs` compiles this file with loom's
//! atomics as `super::sync`). Read [`Claims`] first.
//!
//! 1. `reserved` is private to the producing process; a claim moves it forward by compare-and-swap.
//! 2. `released` is shared and written by the consumer alone. Producers keep the last value seen.
//! 3. A granule's stamp equals the lap of a position exactly when the record there is published.
//! 4. A sleeper sets `waiting`, fences, looks again, sleeps on `sequence`. A waker stores and fences in
//!    one step, looks at `waiting`. One of the two sees the other.

use super::sync::{AtomicU32, AtomicU64, Ordering, fence, store_and_fence, store_and_fence_wide};

/// Records start on multiples of this.
pub(crate) const GRANULE: u64 = 64;

/// The shape of one ring: a power of two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometry {
    bytes: u64,
    shift: u32,
}

impl Geometry {
    pub(crate) fn new(bytes: u64) -> Geometry {
        debug_assert!(bytes.is_power_of_two() && bytes >= 4 * GRANULE);
        Geometry {
            bytes,
            shift: bytes.trailing_zeros(),
        }
    }

    /// The largest footprint of a record.
    #[inline]
    pub(crate) fn footprint_max(self) -> u64 {
        self.bytes / 4
    }

    /// Where a position lies in the ring.
    #[inline]
    pub(crate) fn offset(self, position: u64) -> u64 {
        position & (self.bytes - 1)
    }

    /// Which stamp belongs to a position.
    #[inline]
    pub(crate) fn granule(self, position: u64) -> usize {
        (self.offset(position) / GRANULE) as usize
    }

    /// The stamp of a record published at a position; never the zero of fresh memory in the first
    /// 2³² laps.
    #[inline]
    pub(crate) fn lap(self, position: u64) -> u32 {
        ((position >> self.shift) as u32).wrapping_add(1)
    }

    /// Bytes from a position to the end of its lap.
    #[inline]
    pub(crate) fn room(self, position: u64) -> u64 {
        self.bytes - self.offset(position)
    }
}

/// A stretch of the ring that belongs to one producer until it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Bytes to be published as a pad record just before `position`; zero mostly.
    pub(crate) pad: u64,
    /// Where the record goes.
    pub(crate) position: u64,
    /// Its bytes, a multiple of the granule.
    pub(crate) footprint: u64,
}

/// `released` points beyond what was ever reserved: the peer wrote nonsense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadReleased(pub(crate) u64);

/// The producers' common state, private to their process.
#[derive(Debug)]
pub(crate) struct Claims {
    reserved: AtomicU64,
    released_seen: AtomicU64,
}

impl Claims {
    pub(crate) fn new(position: u64) -> Claims {
        Claims {
            reserved: AtomicU64::new(position),
            released_seen: AtomicU64::new(position),
        }
    }

    /// The position after the newest claim.
    pub(crate) fn reserved(&self) -> u64 {
        self.reserved.load(Ordering::Relaxed)
    }

    /// Claims room for a record where that takes nothing but one step: no pad, no look at what the consumer
    /// has given back since, no other thread in between. `None`: ask [`Claims::claim`].
    #[inline]
    pub(crate) fn claim_at_once(&self, geometry: Geometry, footprint: u64) -> Option<u64> {
        // Acquire: as in `claim`.
        let free_from = self.released_seen.load(Ordering::Acquire);
        let at = self.reserved.load(Ordering::Relaxed);
        let end = at.wrapping_add(footprint);
        if footprint > geometry.room(at) || end.wrapping_sub(free_from) > geometry.bytes {
            return None;
        }
        self.reserved
            .compare_exchange_weak(at, end, Ordering::Relaxed, Ordering::Relaxed)
            .ok()
    }

    /// Whether there is room for a record now. It says so, too, if more was released than was ever written:
    /// then [`Claims::claim`] says what is wrong.
    pub(crate) fn has_room(
        &self,
        geometry: Geometry,
        released: &AtomicU64,
        footprint: u64,
    ) -> bool {
        let at = self.reserved.load(Ordering::Relaxed);
        let room = geometry.room(at);
        let pad = if footprint > room { room } else { 0 };
        let end = at.wrapping_add(pad).wrapping_add(footprint);
        // Acquire: as in `claim`.
        let free_from = released.load(Ordering::Acquire);
        free_from > at || end.wrapping_sub(free_from) <= geometry.bytes
    }

    /// Claims room for a record; `None` when the ring is full.
    pub(crate) fn claim(
        &self,
        geometry: Geometry,
        released: &AtomicU64,
        footprint: u64,
    ) -> Result<Option<Claim>, BadReleased> {
        loop {
            // Acquire: whoever stored it had read the consumer's release, so that the consumer's
            // reads of the old bytes come before our writes, and `reserved` read next is not older.
            let mut free_from = self.released_seen.load(Ordering::Acquire);
            let at = self.reserved.load(Ordering::Relaxed);
            let room = geometry.room(at);
            let pad = if footprint > room { room } else { 0 };
            let end = at.wrapping_add(pad).wrapping_add(footprint);
            if end.wrapping_sub(free_from) > geometry.bytes {
                // Acquire: as above, from the consumer itself.
                free_from = released.load(Ordering::Acquire);
                let newest = self.reserved.load(Ordering::Relaxed);
                if free_from > newest {
                    return Err(BadReleased(free_from));
                }
                // Release: hands the consumer's release on to other producers.
                self.released_seen.store(free_from, Ordering::Release);
                if newest != at {
                    continue;
                }
                if end.wrapping_sub(free_from) > geometry.bytes {
                    return Ok(None);
                }
            }
            let swap =
                self.reserved
                    .compare_exchange_weak(at, end, Ordering::Relaxed, Ordering::Relaxed);
            if swap.is_ok() {
                return Ok(Some(Claim {
                    pad,
                    position: at.wrapping_add(pad),
                    footprint,
                }));
            }
        }
    }
}

/// Publishes the record whose first granule has this stamp. Afterwards the caller strikes the bell with
/// [`Bell::strike`].
#[inline]
pub(crate) fn publish(stamp: &AtomicU32, lap: u32) {
    // At least Release: the record's bytes come before its stamp. The fence is rule 4's.
    store_and_fence(stamp, lap);
}

/// Gives back all before a position. Afterwards the caller strikes the bell with [`Bell::strike`].
#[inline]
pub(crate) fn release(released: &AtomicU64, position: u64) {
    // At least Release: our reads of the bytes come before a producer's writes over them. The fence is
    // rule 4's.
    store_and_fence_wide(released, position);
}

/// Whether the record whose first granule has this stamp is published.
#[inline]
pub(crate) fn is_published(stamp: &AtomicU32, lap: u32) -> bool {
    // Acquire: the record's bytes are read after its stamp.
    stamp.load(Ordering::Acquire) == lap
}

/// Two words on which one or several threads sleep until struck.
#[derive(Clone, Copy)]
pub(crate) struct Bell<'a> {
    /// Counts strikes that had to wake someone; sleepers sleep while it keeps its value.
    pub(crate) sequence: &'a AtomicU32,
    /// Who sleeps or is about to: one bit per way of sleeping.
    pub(crate) waiting: &'a AtomicU32,
}

impl Bell<'_> {
    /// Announces a sleeper. The caller then looks again for what it waits for, and if it is still
    /// not there sleeps while `sequence` has the value returned.
    pub(crate) fn arm(self, bit: u32) -> u32 {
        // Acquire: a strike seen here comes with what it announced.
        let sequence = self.sequence.load(Ordering::Acquire);
        self.waiting.fetch_or(bit, Ordering::Relaxed);
        // Rule 4: between setting `waiting` and looking again.
        fence(Ordering::SeqCst);
        sequence
    }

    /// Announces what [`publish`] or [`release`] just stored. Returns the bits of those to wake: mostly
    /// none.
    #[inline]
    pub(crate) fn strike(self) -> u32 {
        // SeqCst: after the store that comes before it, whose fence is part of it.
        if self.waiting.load(Ordering::SeqCst) == 0 {
            return 0;
        }
        self.strike_always()
    }

    /// As [`Bell::strike`], whether or not someone announced itself.
    pub(crate) fn strike_always(self) -> u32 {
        // AcqRel: sleepers that armed before are seen; those that arm after see the new sequence.
        let bits = self.waiting.swap(0, Ordering::AcqRel);
        // Release: pairs with the load in `arm`.
        self.sequence.fetch_add(1, Ordering::Release);
        bits
    }
}
