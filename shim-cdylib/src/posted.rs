//! What each client thread waits for and what has failed behind its back. Read [`Slot`] first.
//!
//! 1. A thread has at most one answer outstanding.
//! 2. The first error of a thread's posted calls is latched until a synchronising call of that thread
//!    returns it. Later ones follow from the first, or come again.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rigel_protocol::generated::calls::{Call, Class};
use rigel_protocol::{CuError, ThreadId};

use crate::idle::LastIdle;

/// Most threads of a process that can call at a time; their numbers are used again.
const THREADS_MAX: usize = 1 << 16;

/// What is kept for a thread.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    answer: Mutex<Option<Answer>>,
    arrived: Condvar,
    latched: AtomicI32,
    asleep: AtomicBool,
    /// The stream that the thread has seen idle.
    pub(crate) idle: LastIdle,
}

/// An answer as it came, behind its [`rigel_protocol::link::Reply`].
#[derive(Debug)]
pub(crate) struct Answer {
    /// Position of the call it answers.
    pub(crate) position: u64,
    /// How the call ended.
    pub(crate) result: Result<(), CuError>,
    /// The record's payload, with the results from `start` on.
    pub(crate) payload: Vec<u8>,
    /// Where the results begin.
    pub(crate) start: usize,
}

impl Answer {
    /// Of a call that has no results and was not sent.
    pub(crate) fn known() -> Self {
        Self {
            position: 0,
            result: Ok(()),
            payload: Vec::new(),
            start: 0,
        }
    }
}

impl Slot {
    /// Forgets an answer that came too late for a wait that was given up.
    pub(crate) fn expect(&self) {
        self.lock().take();
    }

    /// The answer to the call at this position, if it is there.
    pub(crate) fn take(&self, position: u64) -> Option<Answer> {
        let mut answer = self.lock();
        match &*answer {
            Some(there) if there.position == position => answer.take(),
            _ => None,
        }
    }

    /// Whether the answer to the call at this position is there.
    pub(crate) fn has(&self, position: u64) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|answer| answer.position == position)
    }

    /// Delivers an answer, and wakes the thread if it sleeps.
    pub(crate) fn deliver(&self, answer: Answer) {
        *self.lock() = Some(answer);
        if self.asleep.load(Ordering::SeqCst) {
            self.arrived.notify_one();
        }
    }

    /// Sleeps until something is delivered or [`Self::nudge`] is called, or a moment has passed.
    pub(crate) fn sleep(&self, still: impl Fn() -> bool) {
        /// A lost wake-up costs this much, and so does a peer's death.
        const MOMENT: Duration = Duration::from_millis(100);
        let answer = self.lock();
        self.asleep.store(true, Ordering::SeqCst);
        if answer.is_none() && still() {
            let waited = self.arrived.wait_timeout(answer, MOMENT);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// Wakes the thread if it sleeps, so that it looks again; says whether it slept.
    pub(crate) fn nudge(&self) -> bool {
        if !self.asleep.load(Ordering::SeqCst) {
            return false;
        }
        // Under the lock: the thread is either before its check or in its sleep.
        let _answer = self.lock();
        self.arrived.notify_one();
        true
    }

    /// Notes that a posted call has failed.
    pub(crate) fn latch(&self, error: CuError) {
        // The first stays.
        let _ =
            self.latched
                .compare_exchange(0, error.code(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The latched error, to be returned once.
    pub(crate) fn take_latched(&self) -> Option<CuError> {
        if self.latched.load(Ordering::Relaxed) == 0 {
            return None;
        }
        CuError::from_code(self.latched.swap(0, Ordering::Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Answer>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Slots that come at once.
const SEGMENT: usize = 256;

/// The slots of all threads, by number, found without a lock. Most numbers are never used: slots come
/// when their thread first waits, and stay.
#[derive(Debug)]
pub(crate) struct Slots {
    segments: Box<[OnceLock<Segment>]>,
    /// Those that sleep or are about to.
    sleepers: Mutex<Vec<Arc<Slot>>>,
    n_sleepers: AtomicUsize,
}

type Segment = Box<[OnceLock<Arc<Slot>>]>;

impl Default for Slots {
    fn default() -> Self {
        let count = THREADS_MAX / SEGMENT;
        Self {
            segments: std::iter::repeat_with(OnceLock::new).take(count).collect(),
            sleepers: Mutex::default(),
            n_sleepers: AtomicUsize::new(0),
        }
    }
}

impl Slots {
    /// A thread's slot.
    pub(crate) fn of(&self, thread: ThreadId) -> Option<&Arc<Slot>> {
        let index = thread.0 as usize;
        let segment = self.segments.get(index / SEGMENT)?;
        let segment = segment.get_or_init(|| {
            std::iter::repeat_with(OnceLock::new)
                .take(SEGMENT)
                .collect()
        });
        Some(segment.get(index % SEGMENT)?.get_or_init(Arc::default))
    }

    /// A thread's slot if it has one: numbers from the worker make none.
    pub(crate) fn existing(&self, thread: ThreadId) -> Option<&Arc<Slot>> {
        let index = thread.0 as usize;
        let segment = self.segments.get(index / SEGMENT)?.get()?;
        segment.get(index % SEGMENT)?.get()
    }

    /// Sleeps in a slot, where [`Self::nudge_one`] finds it; as [`Slot::sleep`].
    pub(crate) fn sleep(&self, slot: &Arc<Slot>, still: impl Fn() -> bool) {
        self.lock_sleepers().push(Arc::clone(slot));
        // SeqCst: before the slot's last look; whoever looks for sleepers after what it looks at sees it.
        self.n_sleepers.fetch_add(1, Ordering::SeqCst);
        slot.sleep(still);
        self.n_sleepers.fetch_sub(1, Ordering::SeqCst);
        self.lock_sleepers()
            .retain(|sleeper| !Arc::ptr_eq(sleeper, slot));
    }

    /// Wakes one sleeping thread.
    pub(crate) fn nudge_one(&self) {
        if self.n_sleepers.load(Ordering::SeqCst) == 0 {
            return;
        }
        for slot in self.lock_sleepers().iter() {
            if slot.nudge() {
                return;
            }
        }
    }

    fn lock_sleepers(&self) -> MutexGuard<'_, Vec<Arc<Slot>>> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a call returns errors of earlier posted ones.
pub(crate) fn synchronises(call: Call) -> bool {
    call.class() == Class::Block || matches!(call, Call::EVENT_QUERY | Call::STREAM_QUERY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(position: u64) -> Answer {
        Answer {
            position,
            result: Ok(()),
            payload: Vec::new(),
            start: 0,
        }
    }

    #[test]
    fn take_answer_of_another_call_leaves_it() {
        let slot = Slot::default();
        slot.deliver(answer(64));
        assert!(slot.take(128).is_none());
        assert!(slot.has(64));
        assert!(slot.take(64).is_some());
        assert!(slot.take(64).is_none());
    }

    #[test]
    fn latched_error_is_the_first_and_comes_once() {
        let slot = Slot::default();
        slot.latch(CuError::ILLEGAL_ADDRESS);
        slot.latch(CuError::INVALID_VALUE);
        assert_eq!(slot.take_latched(), Some(CuError::ILLEGAL_ADDRESS));
        assert_eq!(slot.take_latched(), None);
    }

    #[test]
    fn numbers_beyond_the_limit_have_no_slot() {
        let slots = Slots::default();
        assert!(slots.of(ThreadId(u32::MAX)).is_none());
        assert!(slots.existing(ThreadId(3)).is_none());
        assert!(slots.of(ThreadId(3)).is_some());
        assert!(slots.existing(ThreadId(3)).is_some());
    }

    #[test]
    fn high_number_brings_no_slots_but_its_own() {
        let slots = Slots::default();
        let highest = ThreadId(THREADS_MAX as u32 - 1);
        assert!(slots.of(highest).is_some());
        let all = slots.segments.iter().filter_map(OnceLock::get).flatten();
        assert_eq!(all.filter_map(OnceLock::get).count(), 1);
    }

    #[test]
    fn nudge_wakes_a_sleeper_and_nobody_else() {
        let slots = Slots::default();
        slots.nudge_one();
        let slot = slots.of(ThreadId(7)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| slots.sleep(slot, || true));
            while !slot.nudge() {
                std::thread::yield_now();
            }
        });
        assert!(slots.lock_sleepers().is_empty());
        assert!(!slot.nudge());
    }

    #[test]
    fn calls_that_wait_for_the_gpu_return_latched_errors() {
        assert!(synchronises(Call::STREAM_SYNCHRONIZE));
        assert!(synchronises(Call::COPY_WAIT));
        assert!(synchronises(Call::EVENT_QUERY));
        assert!(
            !synchronises(Call::MEM_ALLOC_V2),
            "what it allocates would be lost"
        );
        assert!(!synchronises(Call::LAUNCH));
    }
}
