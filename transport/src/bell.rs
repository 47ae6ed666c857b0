//! Waiting on the rings: spin a little, then sleep on a futex, with a deadline, a liveness check and
//! closing as the ways out. The rule that loses no wake-up is in `ring/core.rs`. Read [`Patience`] first.
#![expect(unsafe_code, reason = "futex system calls")]

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::error::RingError;
use crate::ring::core::Bell;
use crate::session::SessionMemory;

/// A thread sleeps on the bell's futex.
pub(crate) const WAITING_FUTEX: u32 = 1;
/// A link waits for the hook of its side.
pub(crate) const WAITING_HOOK: u32 = 2;

/// How often a sleeping waiter asks whether its peer is alive.
const LIVENESS_PERIOD: Duration = Duration::from_millis(100);
/// The longest that a waiter spins before it sleeps.
const SPIN_NS_MAX: u32 = 50_000;
/// After so many spins in a row that caught nothing, waits sleep at once.
const MISSES_MAX: u32 = 3;
/// After this long a spinning waiter lets others run between its looks.
const SPIN_ALONE_NS: u32 = 2_000;
/// If others ran for so long when it let them, and it has nothing for it, they need the processor more.
const OTHERS_RUN_NS: u32 = 5_000;
/// So often a waiter looks before it looks at a clock: about a microsecond.
const LOOKS_UNTIMED: usize = 32;
/// A waiter that has given up spinning tries again once in so many waits.
const SPIN_RETRY_PERIOD: u32 = 32;
/// The longest of all waits.
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What ends a wait: a deadline always, and a liveness check asked every 100 ms.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    limit: Limit,
    alive: Option<&'a (dyn Fn() -> bool + 'a)>,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    Until(Instant),
    Asleep(Duration),
}

impl<'a> Patience<'a> {
    /// Waits until a moment at most.
    pub fn until(deadline: Instant) -> Patience<'a> {
        Patience {
            limit: Limit::Until(deadline),
            alive: None,
        }
    }

    /// Sleeps this long at most in each wait. A wait that need not sleep then looks at no clock: for what
    /// mostly need not wait.
    pub fn asleep(at_most: Duration) -> Patience<'a> {
        Patience {
            limit: Limit::Asleep(at_most),
            alive: None,
        }
    }

    /// Waits this long at most; centuries are cut to a year.
    pub fn within(duration: Duration) -> Patience<'a> {
        Patience::until(Instant::now() + duration.min(YEAR))
    }

    /// Also gives up when `alive` says that the peer is gone.
    pub fn while_alive(self, alive: &'a (dyn Fn() -> bool + 'a)) -> Patience<'a> {
        Patience {
            alive: Some(alive),
            ..self
        }
    }

    /// The last moment of a wait that begins to sleep now.
    pub fn deadline(&self) -> Instant {
        match self.limit {
            Limit::Until(deadline) => deadline,
            Limit::Asleep(at_most) => Instant::now() + at_most.min(YEAR),
        }
    }
}

impl std::fmt::Debug for Patience<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let checked = self.alive.is_some();
        f.debug_struct("Patience")
            .field("limit", &self.limit)
            .field("checked", &checked)
            .finish()
    }
}

/// Whether to spin: as long as spinning has caught what was waited for. How long that took does not
/// matter: calls that follow each other closely are answered in a microsecond, but once one side has slept
/// the other waits for a wake-up, and if it slept as well both would go on sleeping in turns.
#[derive(Debug)]
pub(crate) struct Spin {
    limit_ns: AtomicU32,
    /// Spins in a row that caught nothing.
    n_missed: AtomicU32,
    n_skipped: AtomicU32,
}

impl Spin {
    pub(crate) fn new() -> Spin {
        Spin {
            limit_ns: AtomicU32::new(SPIN_NS_MAX),
            n_missed: AtomicU32::new(0),
            n_skipped: AtomicU32::new(0),
        }
    }

    pub(crate) fn set_limit(&self, limit: Duration) {
        let limit_ns = limit.as_nanos().min(u128::from(SPIN_NS_MAX)) as u32;
        self.limit_ns.store(limit_ns, Ordering::Relaxed);
    }

    /// How long this wait may spin, in nanoseconds.
    fn budget_ns(&self) -> u32 {
        let limit_ns = self.limit_ns.load(Ordering::Relaxed);
        if limit_ns == 0 || processors_allowed() < 2 {
            return 0;
        }
        if self.n_missed.load(Ordering::Relaxed) < MISSES_MAX {
            return limit_ns;
        }
        let n_skipped = self.n_skipped.load(Ordering::Relaxed) + 1;
        self.n_skipped
            .store(n_skipped % SPIN_RETRY_PERIOD, Ordering::Relaxed);
        if n_skipped == SPIN_RETRY_PERIOD {
            limit_ns
        } else {
            0
        }
    }

    fn caught(&self) {
        self.n_missed.store(0, Ordering::Relaxed);
    }

    fn missed(&self) {
        let n_missed = self.n_missed.load(Ordering::Relaxed);
        self.n_missed
            .store(n_missed.saturating_add(1), Ordering::Relaxed);
    }
}

/// Waits until `ready`, which is asked before anything else: what is there is had even from a
/// closed session.
pub(crate) fn wait(
    memory: &SessionMemory,
    bell: Bell<'_>,
    spin: &Spin,
    patience: &Patience<'_>,
    mut ready: impl FnMut() -> bool,
) -> Result<(), RingError> {
    if ready() {
        return Ok(());
    }
    flush(memory);
    if spin_a_while(spin, &mut ready) {
        return Ok(());
    }
    sleep_until(memory, bell, patience, &mut ready)
}

/// Looks for as long as a spin is worth it whether `ready`.
pub(crate) fn spin_a_while(spin: &Spin, ready: &mut impl FnMut() -> bool) -> bool {
    let budget_ns = spin.budget_ns();
    if budget_ns == 0 {
        return false;
    }
    let caught = look(LOOKS_UNTIMED, ready) || spin_until(Instant::now(), budget_ns, ready);
    match caught {
        true => spin.caught(),
        false => spin.missed(),
    }
    caught
}

/// Wakes whoever announced itself at the bell.
#[inline]
pub(crate) fn strike(bell: Bell<'_>, hook: &OnceLock<Hook>) {
    let bits = bell.strike();
    if bits != 0 {
        wake(bell, bits, hook);
    }
}

/// Wakes everyone at the bell, announced or not.
pub(crate) fn strike_always(bell: Bell<'_>, hook: &OnceLock<Hook>) {
    bell.strike_always();
    wake(bell, WAITING_FUTEX | WAITING_HOOK, hook);
}

/// What wakes a link that does not sleep on a futex.
pub(crate) type Hook = Box<dyn Fn() + Send + Sync>;

#[cold]
fn wake(bell: Bell<'_>, bits: u32, hook: &OnceLock<Hook>) {
    if bits & WAITING_FUTEX != 0 {
        futex_wake_all(bell.sequence);
    }
    if bits & WAITING_HOOK != 0
        && let Some(hook) = hook.get()
    {
        if HOLDING.get() {
            HELD.set(true);
            return;
        }
        hook();
    }
}

thread_local! {
    static HOLDING: Cell<bool> = const { Cell::new(false) };
    /// A link was not woken.
    static HELD: Cell<bool> = const { Cell::new(false) };
}

/// Runs `publish` without waking a link: this thread waits at the same memory next, and the wait does.
/// If it does not come to that, [`SessionMemory::flush`] must.
pub fn hold<T>(publish: impl FnOnce() -> T) -> T {
    HOLDING.set(true);
    let result = publish();
    HOLDING.set(false);
    result
}

/// The link is awake.
pub(crate) fn forget_held() {
    HELD.set(false);
}

/// Wakes the links that were not.
pub(crate) fn flush(memory: &SessionMemory) {
    if HELD.get() {
        HELD.set(false);
        let holding = HOLDING.replace(false);
        memory.call_hooks();
        HOLDING.set(holding);
    }
}

fn look(times: usize, ready: &mut impl FnMut() -> bool) -> bool {
    (0..times).any(|_| {
        std::hint::spin_loop();
        ready()
    })
}

fn spin_until(started: Instant, budget_ns: u32, ready: &mut impl FnMut() -> bool) -> bool {
    loop {
        if look(16, ready) {
            return true;
        }
        let spun = started.elapsed();
        if spun >= Duration::from_nanos(u64::from(budget_ns)) {
            return false;
        }
        if spun >= Duration::from_nanos(u64::from(SPIN_ALONE_NS)) {
            // The peer may be waiting for this processor.
            std::thread::yield_now();
            if ready() {
                return true;
            }
            if started.elapsed() - spun >= Duration::from_nanos(u64::from(OTHERS_RUN_NS)) {
                return false;
            }
        }
    }
}

fn sleep_until(
    memory: &SessionMemory,
    bell: Bell<'_>,
    patience: &Patience<'_>,
    ready: &mut impl FnMut() -> bool,
) -> Result<(), RingError> {
    let mut checked = Instant::now();
    let deadline = patience.deadline();
    loop {
        let sequence = bell.arm(WAITING_FUTEX);
        if ready() {
            return Ok(());
        }
        if let Some(reason) = memory.closed() {
            return Err(RingError::Closed(reason));
        }
        let now = Instant::now();
        if now >= deadline {
            return Err(RingError::Timeout);
        }
        if now.duration_since(checked) >= LIVENESS_PERIOD {
            checked = now;
            if patience.alive.is_some_and(|alive| !alive()) {
                // The peer may have answered before it died.
                return if ready() {
                    Ok(())
                } else {
                    Err(RingError::PeerGone)
                };
            }
        }
        let mut nap = deadline.duration_since(now);
        if patience.alive.is_some() {
            nap = nap.min(LIVENESS_PERIOD);
        }
        memory.while_asleep(|| futex_wait(bell.sequence, sequence, nap));
    }
}

/// Sleeps while the word has the expected value; returns for any reason at all.
fn futex_wait(word: &AtomicU32, expected: u32, at_most: Duration) {
    let timeout = libc::timespec {
        tv_sec: at_most.as_secs().min(86_400) as libc::time_t,
        tv_nsec: libc::c_long::from(at_most.subsec_nanos()),
    };
    // SAFETY: the word and the timeout live across the call; the kernel only reads them. The futex is
    // not private, since the waker may be another process.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT,
            expected,
            &timeout,
        )
    };
}

fn futex_wake_all(word: &AtomicU32) {
    // SAFETY: the word lives across the call; the kernel only uses its address.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAKE,
            libc::c_int::MAX,
        )
    };
}

/// On how many processors this process may run, as found at the first wait.
fn processors_allowed() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spin_that_catches_nothing_ends_and_is_tried_again() {
        let spin = Spin::new();
        (0..8).for_each(|_| spin.missed());
        if processors_allowed() < 2 {
            return;
        }
        let budgets: Vec<u32> = (0..2 * SPIN_RETRY_PERIOD)
            .map(|_| spin.budget_ns())
            .collect();
        assert_eq!(budgets.iter().filter(|&&budget| budget > 0).count(), 2);
        spin.caught();
        assert_eq!(spin.budget_ns(), SPIN_NS_MAX);
    }

    #[test]
    fn one_wait_that_was_long_does_not_end_the_spinning() {
        if processors_allowed() < 2 {
            return;
        }
        let spin = Spin::new();
        (1..MISSES_MAX).for_each(|_| spin.missed());
        assert_eq!(spin.budget_ns(), SPIN_NS_MAX);
        spin.set_limit(Duration::from_micros(20));
        assert_eq!(spin.budget_ns(), 20_000);
        spin.set_limit(Duration::ZERO);
        assert_eq!(spin.budget_ns(), 0);
    }
}
