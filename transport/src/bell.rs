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
/// A spin shorter than this is not worth its processor time.
const SPIN_NS_MIN: u32 = 2_000;
/// After this long a spinning waiter lets others run between its looks.
const SPIN_ALONE_NS: u32 = 2_000;
/// A waiter that has given up spinning tries again once in so many waits.
const SPIN_RETRY_PERIOD: u32 = 32;

/// What ends a wait: a deadline always, and a liveness check asked every 100 ms.
#[derive(Clone, Copy)]
pub struct Patience<'a> {
    deadline: Instant,
    alive: Option<&'a (dyn Fn() -> bool + 'a)>,
}

impl<'a> Patience<'a> {
    /// Waits until a moment at most.
    pub fn until(deadline: Instant) -> Patience<'a> {
        Patience {
            deadline,
            alive: None,
        }
    }

    /// Waits this long at most; centuries are cut to a year.
    pub fn within(duration: Duration) -> Patience<'a> {
        let year = Duration::from_secs(365 * 86_400);
        Patience::until(Instant::now() + duration.min(year))
    }

    /// Also gives up when `alive` says that the peer is gone.
    pub fn while_alive(self, alive: &'a (dyn Fn() -> bool + 'a)) -> Patience<'a> {
        Patience {
            alive: Some(alive),
            ..self
        }
    }

    /// The last moment.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
}

impl std::fmt::Debug for Patience<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let checked = self.alive.is_some();
        f.debug_struct("Patience")
            .field("deadline", &self.deadline)
            .field("checked", &checked)
            .finish()
    }
}

/// How long to spin: about twice the waits that spinning has caught, halved by each that it has not.
/// So nothing is spun away where waits are long, or where the peer needs this very processor.
#[derive(Debug)]
pub(crate) struct Spin {
    budget_ns: AtomicU32,
    limit_ns: AtomicU32,
    n_skipped: AtomicU32,
}

impl Spin {
    pub(crate) fn new() -> Spin {
        Spin {
            budget_ns: AtomicU32::new(SPIN_NS_MAX),
            limit_ns: AtomicU32::new(SPIN_NS_MAX),
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
        let budget_ns = self.budget_ns.load(Ordering::Relaxed);
        if budget_ns > 0 {
            return budget_ns.min(limit_ns);
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

    fn caught(&self, waited: Duration) {
        let waited_ns = waited.as_nanos().min(u128::from(SPIN_NS_MAX)) as u32;
        let before_ns = self.budget_ns.load(Ordering::Relaxed);
        let budget_ns = (7 * before_ns + 2 * waited_ns) / 8;
        self.budget_ns.store(
            budget_ns.clamp(2 * SPIN_NS_MIN, SPIN_NS_MAX),
            Ordering::Relaxed,
        );
    }

    fn missed(&self) {
        let half_ns = self.budget_ns.load(Ordering::Relaxed) / 2;
        let budget_ns = if half_ns < SPIN_NS_MIN { 0 } else { half_ns };
        self.budget_ns.store(budget_ns, Ordering::Relaxed);
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
    let started = Instant::now();
    let caught = spin_until(started, budget_ns, ready);
    match caught {
        true => spin.caught(started.elapsed()),
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

fn spin_until(started: Instant, budget_ns: u32, ready: &mut impl FnMut() -> bool) -> bool {
    loop {
        for _ in 0..16 {
            std::hint::spin_loop();
            if ready() {
                return true;
            }
        }
        let spun = started.elapsed();
        if spun >= Duration::from_nanos(u64::from(budget_ns)) {
            return false;
        }
        if spun >= Duration::from_nanos(u64::from(SPIN_ALONE_NS)) {
            // The peer may be waiting for this processor.
            std::thread::yield_now();
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
    loop {
        let sequence = bell.arm(WAITING_FUTEX);
        if ready() {
            return Ok(());
        }
        if let Some(reason) = memory.closed() {
            return Err(RingError::Closed(reason));
        }
        let now = Instant::now();
        if now >= patience.deadline {
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
        let mut nap = patience.deadline.duration_since(now);
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
        spin.caught(Duration::from_micros(20));
        assert!(spin.budget_ns() >= 2 * SPIN_NS_MIN);
    }

    #[test]
    fn spin_follows_the_waits_it_catches_up_to_its_limit() {
        let spin = Spin::new();
        for waited_us in [1, 10, 60] {
            (0..64).for_each(|_| spin.caught(Duration::from_micros(waited_us)));
            let expected_ns = (2_000 * waited_us as u32).clamp(2 * SPIN_NS_MIN, SPIN_NS_MAX);
            assert!(spin.budget_ns.load(Ordering::Relaxed).abs_diff(expected_ns) < 100);
        }
        spin.set_limit(Duration::ZERO);
        assert_eq!(spin.budget_ns(), 0);
    }
}
