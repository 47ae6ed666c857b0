//! Waiting on the rings: spin a little, then sleep on a futex, with a deadline, a liveness check and
//! closing as the ways out. The rule that loses no wake-up is in `ring/core.rs`. Read [`Patience`] first.
#![expect(unsafe_code, reason = "futex system calls")]

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
const SPIN_NS_MAX: u64 = 50_000;
/// Beyond this mean wait spinning is not worth its processor time.
const SPIN_WORTH_NS_MAX: u64 = 100_000;

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

/// How long to spin: about twice the running mean of the waits seen, nothing where a single
/// processor is allowed or waits are long.
#[derive(Debug)]
pub(crate) struct Spin {
    mean_ns: AtomicU32,
}

impl Spin {
    pub(crate) fn new() -> Spin {
        Spin {
            mean_ns: AtomicU32::new(SPIN_NS_MAX as u32),
        }
    }

    fn budget(&self) -> Duration {
        let mean = u64::from(self.mean_ns.load(Ordering::Relaxed));
        if mean > SPIN_WORTH_NS_MAX || processors_allowed() < 2 {
            return Duration::ZERO;
        }
        Duration::from_nanos((2 * mean).clamp(2_000, SPIN_NS_MAX))
    }

    fn note(&self, waited: Duration) {
        let waited = waited.as_nanos().min(10 * u128::from(SPIN_WORTH_NS_MAX)) as u64;
        let mean = u64::from(self.mean_ns.load(Ordering::Relaxed));
        self.mean_ns
            .store(((7 * mean + waited) / 8) as u32, Ordering::Relaxed);
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
    let started = Instant::now();
    let outcome = if spin_until(
        started,
        spin.budget().min(patience.deadline - started),
        &mut ready,
    ) {
        Ok(())
    } else {
        sleep_until(memory, bell, patience, &mut ready)
    };
    if outcome.is_ok() {
        spin.note(started.elapsed());
    }
    outcome
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
        hook();
    }
}

fn spin_until(started: Instant, budget: Duration, ready: &mut impl FnMut() -> bool) -> bool {
    if budget.is_zero() {
        return false;
    }
    loop {
        for _ in 0..16 {
            std::hint::spin_loop();
            if ready() {
                return true;
            }
        }
        if started.elapsed() >= budget {
            return false;
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
        futex_wait(bell.sequence, sequence, nap);
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
    fn spin_after_long_waits_is_nothing() {
        let spin = Spin::new();
        for _ in 0..64 {
            spin.note(Duration::from_millis(5));
        }
        assert_eq!(spin.budget(), Duration::ZERO);
    }

    #[test]
    fn spin_never_exceeds_its_cap() {
        let spin = Spin::new();
        for waited_us in [1, 10, 60, 90, 99] {
            for _ in 0..64 {
                spin.note(Duration::from_micros(waited_us));
            }
            assert!(spin.budget() <= Duration::from_nanos(SPIN_NS_MAX));
        }
    }
}
