//! The page through which the daemon grants a session the GPUs and the worker gives them back. It
//! holds words and says what they mean; it decides nothing. Read [`Grants`] first.
//!
//! ```text
//! word 16·g + 0   grant: the epoch in all but the two lowest bits, the kind in these    daemon
//! word 16·g + 1   until when a turn, or a grant without an end, holds                   daemon
//! word 16·g + 2   what wakes the worker's keeper                                        both
//! word 16·g + 3   how much work may be under way in a turn                              daemon
//! word 16·g + 4   how often the worker has asked for the GPU                            worker
//! word 16·g + 5   the grant that it has given back                                      worker
//! word 16·g + 6   since when it did not use that any more                               worker
//! word 16·g + 7   time in which it kept the GPU busy under grants without an end        worker
//! word 16·g + 8   time for which it has waited for the GPU                              worker
//! word 16·g + 9   when it began to use the grant that it has given back                 worker
//! ```
//!
//! 1. Each word has one writer, except what only wakes. Times are of [`now_ns`].
//! 2. A worker writes words 6 and 9 before word 5, and the daemon word 1 before word 0.
//! 3. The daemon believes a worker's times only within what its own clock allows.

use std::io;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::ledger::{GPUS_MAX, VirtualGpu};
use super::shared::SharedWords;

const GPU_WORDS: usize = 16;
const GRANT: usize = 0;
const UNTIL: usize = 1;
const KEEPER: usize = 2;
const WINDOW: usize = 3;
const ASKED: usize = 4;
const RETURNED: usize = 5;
const IDLE_SINCE: usize = 6;
const BUSY: usize = 7;
const THROTTLED: usize = 8;
const BEGAN: usize = 9;

/// Words of the daemon's bell: how often it was rung, and whether the daemon sleeps.
const RUNG: usize = 0;
const SLEEPS: usize = 1;
const BELL_WORDS: usize = 8;

/// A grant as it stands in the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant(pub u64);

/// What a grant allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// Nothing.
    None,
    /// The GPU until the time beside it.
    Turn,
    /// The GPU until further notice.
    Open,
}

impl Grant {
    /// The grant after this one.
    #[must_use]
    pub fn next(self, kind: GrantKind) -> Self {
        Self((self.0 >> 2).wrapping_add(1) << 2 | kind as u64)
    }

    /// Whether it is the other grant or one after it.
    pub fn is_at_least(self, other: Self) -> bool {
        let ahead = (self.0 >> 2).wrapping_sub(other.0 >> 2) & (u64::MAX >> 2);
        ahead < 1 << 61
    }

    /// What it allows.
    pub fn kind(self) -> GrantKind {
        match self.0 & 3 {
            1 => GrantKind::Turn,
            2 => GrantKind::Open,
            _ => GrantKind::None,
        }
    }
}

/// The grants of a session, by its virtual GPUs.
#[derive(Debug)]
pub struct Grants {
    words: SharedWords,
}

impl Grants {
    /// Makes the page, for the daemon. Nothing is granted.
    pub fn create(gpus: usize) -> io::Result<(Self, OwnedFd)> {
        if gpus == 0 || gpus > GPUS_MAX {
            return Err(io::Error::other(
                "a session has an impossible number of GPUs",
            ));
        }
        let (words, memory) = SharedWords::create(c"rigel-grants", gpus * GPU_WORDS)?;
        Ok((Self { words }, memory))
    }

    /// Opens a page that the daemon made for this many GPUs.
    pub fn open(memory: OwnedFd, gpus: usize) -> io::Result<Self> {
        let words = SharedWords::open(memory)?;
        if words.len() < gpus * GPU_WORDS {
            return Err(io::Error::other("the memory holds no grants"));
        }
        Ok(Self { words })
    }

    /// The grant now. One relaxed load.
    #[inline]
    pub fn grant(&self, gpu: VirtualGpu) -> Grant {
        Grant(self.read(gpu, GRANT, Ordering::Relaxed))
    }

    /// The grant now, and until when it holds.
    pub fn grant_until(&self, gpu: VirtualGpu) -> (Grant, u64) {
        // Acquire: the time was written before the grant.
        let grant = Grant(self.read(gpu, GRANT, Ordering::Acquire));
        (grant, self.read(gpu, UNTIL, Ordering::Relaxed))
    }

    /// Grants, and wakes whoever waits for it.
    pub fn set_grant(&self, gpu: VirtualGpu, grant: Grant, until_ns: u64) {
        self.write(gpu, UNTIL, until_ns, Ordering::Relaxed);
        // Release: who sees the grant sees its end.
        self.write(gpu, GRANT, grant.0, Ordering::Release);
        self.words.wake(word(gpu, GRANT));
        // A turn goes to an issue thread that waits for it; the keeper hears of it when that leaves.
        if grant.kind() != GrantKind::Turn {
            self.wake_keeper(gpu);
        }
    }

    /// Makes the present grant longer.
    pub fn set_until(&self, gpu: VirtualGpu, until_ns: u64) {
        self.write(gpu, UNTIL, until_ns, Ordering::Relaxed);
    }

    /// How much work may be under way in a turn, by its expected time.
    pub fn window_ns(&self, gpu: VirtualGpu) -> u64 {
        self.read(gpu, WINDOW, Ordering::Relaxed)
    }

    /// Sets [`Self::window_ns`].
    pub fn set_window_ns(&self, gpu: VirtualGpu, ns: u64) {
        self.write(gpu, WINDOW, ns, Ordering::Relaxed);
    }

    /// Sleeps while the grant is this one, for at most so long.
    pub fn sleep_on_grant(&self, gpu: VirtualGpu, seen: Grant, at_most: Duration) {
        self.words.sleep(word(gpu, GRANT), seen.0, at_most);
    }

    /// What the keeper is to see unchanged when it goes to sleep.
    pub fn keeper_word(&self, gpu: VirtualGpu) -> u64 {
        self.read(gpu, KEEPER, Ordering::SeqCst)
    }

    /// Sleeps until somebody wakes the keeper, for at most so long.
    pub fn sleep_as_keeper(&self, gpu: VirtualGpu, seen: u64, at_most: Duration) {
        self.words.sleep(word(gpu, KEEPER), seen, at_most);
    }

    /// Wakes the worker's keeper.
    pub fn wake_keeper(&self, gpu: VirtualGpu) {
        if let Some(word) = self.words.get(word(gpu, KEEPER)) {
            word.fetch_add(1, Ordering::SeqCst);
        }
        self.words.wake(word(gpu, KEEPER));
    }

    /// How often the worker has asked.
    pub fn asked(&self, gpu: VirtualGpu) -> u64 {
        self.read(gpu, ASKED, Ordering::SeqCst)
    }

    /// Asks for the GPU. The bell must be rung then.
    pub fn ask(&self, gpu: VirtualGpu) {
        self.add(gpu, ASKED, 1);
    }

    /// The grant given back last, and from when to when it was used.
    pub fn returned(&self, gpu: VirtualGpu) -> (Grant, Range<u64>) {
        // Acquire: the times were written before.
        let grant = Grant(self.read(gpu, RETURNED, Ordering::Acquire));
        let began = self.read(gpu, BEGAN, Ordering::Relaxed);
        (grant, began..self.read(gpu, IDLE_SINCE, Ordering::Relaxed))
    }

    /// Gives a grant back, which was used from when to when. The bell must be rung then.
    pub fn give_back(&self, gpu: VirtualGpu, grant: Grant, used_ns: Range<u64>) {
        self.write(gpu, BEGAN, used_ns.start, Ordering::Relaxed);
        self.write(gpu, IDLE_SINCE, used_ns.end, Ordering::Relaxed);
        // Release: who sees that it was given back sees when it was used.
        self.write(gpu, RETURNED, grant.0, Ordering::Release);
    }

    /// Time in which the session kept the GPU busy under grants without an end.
    pub fn busy_ns(&self, gpu: VirtualGpu) -> u64 {
        self.read(gpu, BUSY, Ordering::Relaxed)
    }

    /// Adds to [`Self::busy_ns`].
    pub fn add_busy(&self, gpu: VirtualGpu, ns: u64) {
        self.add(gpu, BUSY, ns);
    }

    /// Time for which the session has waited for the GPU.
    pub fn throttled_ns(&self, gpu: VirtualGpu) -> u64 {
        self.read(gpu, THROTTLED, Ordering::Relaxed)
    }

    /// Adds to [`Self::throttled_ns`].
    pub fn add_throttled(&self, gpu: VirtualGpu, ns: u64) {
        self.add(gpu, THROTTLED, ns);
    }

    fn read(&self, gpu: VirtualGpu, offset: usize, order: Ordering) -> u64 {
        let word = self.words.get(word(gpu, offset));
        word.map_or(0, |word| word.load(order))
    }

    fn write(&self, gpu: VirtualGpu, offset: usize, value: u64, order: Ordering) {
        if let Some(word) = self.words.get(word(gpu, offset)) {
            word.store(value, order);
        }
    }

    fn add(&self, gpu: VirtualGpu, offset: usize, value: u64) {
        if let Some(word) = self.words.get(word(gpu, offset)) {
            word.fetch_add(value, Ordering::SeqCst);
        }
    }
}

fn word(gpu: VirtualGpu, offset: usize) -> usize {
    gpu.0 as usize * GPU_WORDS + offset
}

/// What wakes the daemon's scheduler: one for all workers.
#[derive(Debug)]
pub struct Bell {
    words: SharedWords,
}

impl Bell {
    /// Makes the bell, for the daemon.
    pub fn create() -> io::Result<(Self, OwnedFd)> {
        let (words, memory) = SharedWords::create(c"rigel-bell", BELL_WORDS)?;
        Ok((Self { words }, memory))
    }

    /// Opens the daemon's bell.
    pub fn open(memory: OwnedFd) -> io::Result<Self> {
        let words = SharedWords::open(memory)?;
        if words.len() < BELL_WORDS {
            return Err(io::Error::other("the memory is not a bell"));
        }
        Ok(Self { words })
    }

    /// Wakes the daemon if it sleeps.
    pub fn ring(&self) {
        self.words[RUNG].fetch_add(1, Ordering::SeqCst);
        if self.words[SLEEPS].load(Ordering::SeqCst) != 0 {
            self.words.wake(RUNG);
        }
    }

    /// How often it was rung: what is to be seen unchanged before sleeping.
    pub fn rung(&self) -> u64 {
        self.words[RUNG].load(Ordering::SeqCst)
    }

    /// Sleeps until it is rung again, for at most so long.
    pub fn sleep(&self, rung: u64, at_most: Duration) {
        self.words[SLEEPS].store(1, Ordering::SeqCst);
        self.words.sleep(RUNG, rung, at_most);
        self.words[SLEEPS].store(0, Ordering::SeqCst);
    }
}

/// The host's monotonic clock: the same in daemon and workers, and never set.
pub fn now_ns() -> u64 {
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    nix::time::clock_gettime(clock).map_or(0, |time| {
        (time.tv_sec() as u64)
            .wrapping_mul(1_000_000_000)
            .wrapping_add(time.tv_nsec() as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GPU: VirtualGpu = VirtualGpu(1);

    #[test]
    fn grant_of_the_daemon_is_seen_and_given_back_by_the_worker() {
        let (daemon, memory) = Grants::create(2).unwrap();
        let worker = Grants::open(memory, 2).unwrap();
        worker.ask(GPU);
        assert_eq!((daemon.asked(GPU), daemon.asked(VirtualGpu(0))), (1, 0));
        let turn = daemon.grant(GPU).next(GrantKind::Turn);
        daemon.set_grant(GPU, turn, 77);
        assert_eq!(worker.grant_until(GPU), (turn, 77));
        assert_eq!(turn.kind(), GrantKind::Turn);
        worker.give_back(GPU, turn, 60..70);
        assert_eq!(daemon.returned(GPU), (turn, 60..70));
        assert_ne!(turn.next(GrantKind::Turn), turn);
    }

    #[test]
    fn page_too_small_for_its_gpus_is_refused() {
        let (_, memory) = Grants::create(1).unwrap();
        assert!(Grants::open(memory, 2).is_err());
        assert!(Grants::create(0).is_err());
        assert!(Grants::create(GPUS_MAX + 1).is_err());
    }

    #[test]
    fn gpu_beyond_the_page_has_no_grant() {
        let (grants, _) = Grants::create(1).unwrap();
        grants.ask(VirtualGpu(5));
        assert_eq!(grants.grant(VirtualGpu(5)).kind(), GrantKind::None);
    }

    #[test]
    fn bell_wakes_the_sleeping_daemon() {
        let (daemon, memory) = Bell::create().unwrap();
        let worker = Bell::open(memory).unwrap();
        let rung = daemon.rung();
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                while daemon.rung() == rung {
                    daemon.sleep(rung, Duration::from_secs(60));
                }
            });
            worker.ring();
            sleeper.join().unwrap();
        });
    }
}
