//! The memory quota of a lease: one ledger in shared memory, charged by every worker of the lease
//! before each allocating call, read by the daemon. It is not a count of what is allocated, but the
//! permission to allocate. Read [`Ledger`] first.
//!
//! ```text
//! word 0                 magic
//! word 1                 virtual GPUs (G)
//! word 2                 slots, one per session (S)
//! word 8 + 8·g           limit, used, peak, denied of virtual GPU g
//! word 8 + 8·G + s·G + g part of `used` that session s holds on virtual GPU g
//! ```
//!
//! 1. A charge never takes `used` beyond `limit`, not by a byte and not for a moment: it grows only by a
//!    compare-and-swap that has checked it. What a driver has taken inside a call ([`Ledger::charge_taken`])
//!    may exceed it: then no charge passes.
//! 2. A charge goes to `used` first and to the slot second; a refund the other way round. So a worker
//!    killed in between leaves `used` too high, never too low, until [`Ledger::settle`].
//! 3. Only the daemon writes limits. A limit below `used` lets no charge pass, and takes nothing away.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};

use super::shared::SharedWords;

/// Most virtual GPUs of a lease.
pub const GPUS_MAX: usize = 64;
/// Most sessions of a lease.
pub const SLOTS_MAX: usize = 4096;

const MAGIC: u64 = u64::from_le_bytes(*b"rigelLG1");
const HEAD_WORDS: usize = 8;
const GPU_WORDS: usize = 8;

/// A virtual GPU of a lease, numbered as the client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VirtualGpu(pub u32);

/// A session's place in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerSlot(pub u32);

/// A charge that the quota does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("charge {asked} bytes where {left} of the quota are left")]
pub struct OverQuota {
    /// Bytes asked for.
    pub asked: u64,
    /// Bytes that were left.
    pub left: u64,
}

/// What a virtual GPU's ledger shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The quota in bytes; `u64::MAX` where there is none.
    pub limit_bytes: u64,
    /// Bytes charged now.
    pub used_bytes: u64,
    /// The most ever charged.
    pub peak_bytes: u64,
    /// Charges refused.
    pub denied_count: u64,
}

/// The ledger of a lease. The daemon makes it; workers open it.
#[derive(Debug)]
pub struct Ledger {
    words: SharedWords,
    gpus: usize,
    slots: usize,
}

impl Ledger {
    /// Makes a ledger with a limit per virtual GPU (0: none) and room for this many sessions.
    pub fn create(limits: &[u64], slots: usize) -> io::Result<(Self, OwnedFd)> {
        if limits.len() > GPUS_MAX || slots > SLOTS_MAX {
            return Err(io::Error::other("a ledger has too many GPUs or sessions"));
        }
        let gpus = limits.len();
        let count = HEAD_WORDS + gpus * GPU_WORDS + gpus * slots;
        let (words, memory) = SharedWords::create(c"rigel-ledger", count)?;
        for (word, value) in words.iter().zip([MAGIC, gpus as u64, slots as u64]) {
            word.store(value, Ordering::Relaxed);
        }
        let ledger = Self { words, gpus, slots };
        for (gpu, &limit) in limits.iter().enumerate() {
            let limit = if limit == 0 { u64::MAX } else { limit };
            ledger.words[HEAD_WORDS + gpu * GPU_WORDS].store(limit, Ordering::Relaxed);
        }
        Ok((ledger, memory))
    }

    /// Opens a ledger that the daemon made.
    pub fn open(memory: OwnedFd) -> io::Result<Self> {
        let words = SharedWords::open(memory)?;
        let head = |index: usize| {
            words
                .get(index)
                .map_or(0, |word| word.load(Ordering::Relaxed))
        };
        let (magic, gpus, slots) = (head(0), head(1), head(2));
        let fits = magic == MAGIC && gpus <= GPUS_MAX as u64 && slots <= SLOTS_MAX as u64;
        let (gpus, slots) = (gpus as usize, slots as usize);
        if !fits || words.len() < HEAD_WORDS + gpus * GPU_WORDS + gpus * slots {
            return Err(io::Error::other("the memory is not a ledger"));
        }
        Ok(Self { words, gpus, slots })
    }

    /// How many virtual GPUs it has.
    pub fn gpus(&self) -> usize {
        self.gpus
    }

    /// How many sessions it has room for.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Takes bytes of the quota for a session, all or none. A GPU or slot that does not exist has no
    /// quota.
    pub fn charge(&self, gpu: VirtualGpu, slot: LedgerSlot, bytes: u64) -> Result<(), OverQuota> {
        let (Some(row), Some(part)) = (self.row(gpu), self.part(gpu, slot)) else {
            return Err(OverQuota {
                asked: bytes,
                left: 0,
            });
        };
        let limit = row.limit.load(Ordering::Relaxed);
        let grow = |used: u64| used.checked_add(bytes).filter(|&used| used <= limit);
        match row
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow)
        {
            Ok(before) => {
                row.peak.fetch_max(before + bytes, Ordering::Relaxed);
                part.fetch_add(bytes, Ordering::Relaxed);
                Ok(())
            }
            Err(used) => {
                row.denied.fetch_add(1, Ordering::Relaxed);
                Err(OverQuota {
                    asked: bytes,
                    left: limit.saturating_sub(used),
                })
            }
        }
    }

    /// Enters bytes that the driver has taken already, whatever the quota says.
    pub fn charge_taken(&self, gpu: VirtualGpu, slot: LedgerSlot, bytes: u64) {
        let (Some(row), Some(part)) = (self.row(gpu), self.part(gpu, slot)) else {
            return;
        };
        let grow = |used: u64| Some(used.saturating_add(bytes));
        if let Ok(before) = row
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow)
        {
            row.peak
                .fetch_max(before.saturating_add(bytes), Ordering::Relaxed);
        }
        let _ = part.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow);
    }

    /// Sets the limit of a virtual GPU (0: none), for the daemon.
    pub fn set_limit(&self, gpu: VirtualGpu, limit: u64) {
        if let Some(row) = self.row(gpu) {
            let limit = if limit == 0 { u64::MAX } else { limit };
            row.limit.store(limit, Ordering::Relaxed);
        }
    }

    /// Gives bytes of a session back; never more than it holds.
    pub fn refund(&self, gpu: VirtualGpu, slot: LedgerSlot, bytes: u64) {
        let (Some(row), Some(part)) = (self.row(gpu), self.part(gpu, slot)) else {
            return;
        };
        let shrink = |held: u64| Some(held.saturating_sub(bytes));
        if let Ok(held) = part.fetch_update(Ordering::Relaxed, Ordering::Relaxed, shrink) {
            subtract(row.used, held.min(bytes));
        }
    }

    /// Gives back everything that a dead session held, for the daemon.
    pub fn release(&self, slot: LedgerSlot) {
        for gpu in (0..self.gpus as u32).map(VirtualGpu) {
            if let (Some(row), Some(part)) = (self.row(gpu), self.part(gpu, slot)) {
                subtract(row.used, part.swap(0, Ordering::Relaxed));
            }
        }
    }

    /// Corrects `used` when the lease has no session at all, for the daemon: a worker killed between
    /// the two halves of a charge has left a rest.
    pub fn settle(&self) {
        for gpu in (0..self.gpus as u32).map(VirtualGpu) {
            if let Some(row) = self.row(gpu) {
                row.used.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Whether less is charged to the lease than its sessions hold, which no order of charges explains:
    /// then the books are damaged, and are put right upwards. For the daemon.
    pub fn mend(&self) -> bool {
        let mut damaged = false;
        for gpu in (0..self.gpus as u32).map(VirtualGpu) {
            let Some(row) = self.row(gpu) else { continue };
            let look = || {
                let parts =
                    (0..self.slots as u32).map(|slot| self.held_bytes(gpu, LedgerSlot(slot)));
                (
                    parts.fold(0, u64::saturating_add),
                    row.used.load(Ordering::SeqCst),
                )
            };
            // A refund between the two looks at words would explain it: nothing moves between these.
            let (before, after) = (look(), look());
            if before == after && before.1 < before.0 {
                damaged = true;
                row.used.fetch_max(before.0, Ordering::Relaxed);
            }
        }
        damaged
    }

    /// What a virtual GPU's ledger shows; `None` if there is no such GPU.
    pub fn usage(&self, gpu: VirtualGpu) -> Option<Usage> {
        let row = self.row(gpu)?;
        Some(Usage {
            limit_bytes: row.limit.load(Ordering::Relaxed),
            used_bytes: row.used.load(Ordering::Relaxed),
            peak_bytes: row.peak.load(Ordering::Relaxed),
            denied_count: row.denied.load(Ordering::Relaxed),
        })
    }

    /// Bytes that one session holds.
    pub fn held_bytes(&self, gpu: VirtualGpu, slot: LedgerSlot) -> u64 {
        self.part(gpu, slot)
            .map_or(0, |part| part.load(Ordering::Relaxed))
    }

    fn row(&self, gpu: VirtualGpu) -> Option<Row<'_>> {
        let gpu = usize::try_from(gpu.0).ok().filter(|&gpu| gpu < self.gpus)?;
        let words = &self.words[HEAD_WORDS + gpu * GPU_WORDS..][..GPU_WORDS];
        Some(Row {
            limit: &words[0],
            used: &words[1],
            peak: &words[2],
            denied: &words[3],
        })
    }

    fn part(&self, gpu: VirtualGpu, slot: LedgerSlot) -> Option<&AtomicU64> {
        let gpu = usize::try_from(gpu.0).ok().filter(|&gpu| gpu < self.gpus)?;
        let slot = usize::try_from(slot.0)
            .ok()
            .filter(|&slot| slot < self.slots)?;
        Some(&self.words[HEAD_WORDS + self.gpus * GPU_WORDS + slot * self.gpus + gpu])
    }
}

/// The words of one virtual GPU.
struct Row<'a> {
    limit: &'a AtomicU64,
    used: &'a AtomicU64,
    peak: &'a AtomicU64,
    denied: &'a AtomicU64,
}

fn subtract(word: &AtomicU64, bytes: u64) {
    let shrink = |used: u64| Some(used.saturating_sub(bytes));
    let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, shrink);
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::sync::Barrier;

    use super::*;

    const GPU: VirtualGpu = VirtualGpu(0);

    #[test]
    fn charge_to_the_last_byte_passes_and_one_more_is_refused() {
        let (ledger, _memory) = Ledger::create(&[1000], 2).unwrap();
        ledger.charge(GPU, LedgerSlot(0), 600).unwrap();
        ledger.charge(GPU, LedgerSlot(1), 400).unwrap();
        let over = ledger.charge(GPU, LedgerSlot(0), 1);
        assert_eq!(over, Err(OverQuota { asked: 1, left: 0 }));
        let usage = ledger.usage(GPU).unwrap();
        assert_eq!(
            (usage.used_bytes, usage.peak_bytes, usage.denied_count),
            (1000, 1000, 1)
        );
    }

    #[test]
    fn charge_that_overflows_is_refused() {
        let (ledger, _memory) = Ledger::create(&[0], 1).unwrap();
        ledger.charge(GPU, LedgerSlot(0), u64::MAX).unwrap();
        assert!(ledger.charge(GPU, LedgerSlot(0), 1).is_err());
    }

    #[test]
    fn refund_gives_back_no_more_than_was_charged() {
        let (ledger, _memory) = Ledger::create(&[1000], 2).unwrap();
        ledger.charge(GPU, LedgerSlot(0), 300).unwrap();
        ledger.charge(GPU, LedgerSlot(1), 300).unwrap();
        ledger.refund(GPU, LedgerSlot(0), 900);
        assert_eq!(ledger.usage(GPU).unwrap().used_bytes, 300);
        assert_eq!(ledger.held_bytes(GPU, LedgerSlot(1)), 300);
    }

    #[test]
    fn release_of_a_dead_session_frees_its_part_only() {
        let (ledger, _memory) = Ledger::create(&[1000, 500], 2).unwrap();
        ledger.charge(GPU, LedgerSlot(0), 300).unwrap();
        ledger.charge(VirtualGpu(1), LedgerSlot(0), 500).unwrap();
        ledger.charge(GPU, LedgerSlot(1), 100).unwrap();
        ledger.release(LedgerSlot(0));
        assert_eq!(ledger.usage(GPU).unwrap().used_bytes, 100);
        assert_eq!(ledger.usage(VirtualGpu(1)).unwrap().used_bytes, 0);
    }

    #[test]
    fn limit_below_what_is_held_lets_nothing_pass_and_takes_nothing() {
        let (ledger, _memory) = Ledger::create(&[1000], 1).unwrap();
        ledger.charge(GPU, LedgerSlot(0), 600).unwrap();
        ledger.set_limit(GPU, 500);
        let over = ledger.charge(GPU, LedgerSlot(0), 1);
        assert_eq!(over, Err(OverQuota { asked: 1, left: 0 }));
        assert_eq!(ledger.usage(GPU).unwrap().used_bytes, 600);
        ledger.refund(GPU, LedgerSlot(0), 200);
        ledger.charge(GPU, LedgerSlot(0), 100).unwrap();
    }

    #[test]
    fn bytes_taken_beyond_the_limit_are_booked_and_given_back() {
        let (ledger, _memory) = Ledger::create(&[1000], 1).unwrap();
        ledger.charge_taken(GPU, LedgerSlot(0), 1500);
        assert_eq!(ledger.usage(GPU).unwrap().peak_bytes, 1500);
        assert!(ledger.charge(GPU, LedgerSlot(0), 1).is_err());
        ledger.refund(GPU, LedgerSlot(0), 1500);
        ledger.charge(GPU, LedgerSlot(0), 1000).unwrap();
    }

    #[test]
    fn damaged_books_are_noticed_and_put_right_upwards() {
        let (ledger, _memory) = Ledger::create(&[1000], 2).unwrap();
        ledger.charge(GPU, LedgerSlot(0), 600).unwrap();
        ledger.charge(GPU, LedgerSlot(1), 300).unwrap();
        assert!(!ledger.mend());
        ledger.row(GPU).unwrap().used.store(5, Ordering::Relaxed);
        assert!(ledger.mend());
        assert_eq!(ledger.usage(GPU).unwrap().used_bytes, 900);
        assert!(ledger.charge(GPU, LedgerSlot(0), 101).is_err());
        assert!(!ledger.mend());
    }

    #[test]
    fn gpu_or_slot_beyond_the_ledger_has_no_quota() {
        let (ledger, _memory) = Ledger::create(&[1000], 1).unwrap();
        assert!(ledger.charge(VirtualGpu(1), LedgerSlot(0), 1).is_err());
        assert!(ledger.charge(GPU, LedgerSlot(1), 1).is_err());
        assert_eq!(ledger.usage(VirtualGpu(1)), None);
    }

    #[test]
    fn memory_that_is_no_ledger_is_refused() {
        let (words, memory) = SharedWords::create(c"test", 512).unwrap();
        let again = memory.as_fd().try_clone_to_owned().unwrap();
        assert!(Ledger::open(memory).is_err());
        words[0].store(MAGIC, Ordering::Relaxed);
        words[1].store(u64::MAX, Ordering::Relaxed);
        assert!(Ledger::open(again).is_err());
    }

    /// Sixteen processes race for the last bytes; a model of what each holds must match the ledger
    /// at the end, and nobody may ever have seen more than the limit.
    #[test]
    fn sixteen_racing_sessions_never_exceed_the_limit() {
        const LIMIT: u64 = 1_000_003;
        let (ledger, memory) = Ledger::create(&[LIMIT], 16).unwrap();
        let start = Barrier::new(16);
        let held: Vec<u64> = std::thread::scope(|scope| {
            let race = |slot: u32| {
                let memory = memory.as_fd().try_clone_to_owned().unwrap();
                let start = &start;
                scope.spawn(move || {
                    let ledger = Ledger::open(memory).unwrap();
                    start.wait();
                    race_one(&ledger, LedgerSlot(slot), LIMIT)
                })
            };
            let racers: Vec<_> = (0..16).map(race).collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let usage = ledger.usage(GPU).unwrap();
        assert_eq!(usage.used_bytes, held.iter().sum::<u64>());
        assert!(usage.peak_bytes <= LIMIT, "{usage:?}");
        assert!(
            usage.denied_count > 0,
            "the race was never tight: {usage:?}"
        );
        for (slot, held) in held.into_iter().enumerate() {
            assert_eq!(ledger.held_bytes(GPU, LedgerSlot(slot as u32)), held);
        }
    }

    fn race_one(ledger: &Ledger, slot: LedgerSlot, limit: u64) -> u64 {
        let mut random = u64::from(slot.0) + 1;
        let mut held = Vec::new();
        for _ in 0..20_000 {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let bytes = (random >> 40) % (limit / 8);
            if random >> 63 == 0 && ledger.charge(GPU, slot, bytes).is_ok() {
                held.push(bytes);
            } else if let Some(bytes) = held.pop() {
                ledger.refund(GPU, slot, bytes);
            }
            assert!(ledger.usage(GPU).unwrap().used_bytes <= limit);
        }
        held.iter().sum()
    }
}
