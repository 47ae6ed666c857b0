//! The engine: performs the operations of all streams of all devices on the CPU's cores, in the
//! order that CUDA promises. It knows no handles and answers no calls. Read [`Engine`].
//!
//! Rules of its threads:
//! 1. One lock guards the schedule; it is never held while an operation is performed.
//! 2. A thread takes an operation that may run, else a launch that nobody attends, else it joins a
//!    launch that others run.
//! 3. While operations wait for a thread, a launch is set aside after [`SLICE`] and goes on later,
//!    so that a kernel which waits for another stream meets it.
//! 4. A host function runs on a thread of its own: a slow one holds back its stream only.

mod host;
mod lane;
mod op;
mod perform;
mod schedule;
mod turns;
mod worker;

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use rigel_protocol::{CuError, CuResult};

use self::{
    host::HostThreads,
    schedule::{Schedule, Task},
    turns::Turns,
    worker::Running,
};
pub(crate) use self::{
    lane::{Group, Lane, LaneKind},
    op::{Compare, Direction, Fill, Health, Op, Record, Shape, Source, Transfer, Word},
    schedule::Need,
};
use crate::{memory::Memory, segment::Segment, stats::Stats};

/// How long a launch runs while something else waits for its thread.
const SLICE: Duration = Duration::from_millis(2);

/// How long a thread looks for work before it sleeps; as much as a wake-up costs.
const SPIN: Duration = Duration::from_micros(20);

/// How often a moment without work is looked for, while other threads issue more.
const IDLE_TRIES: u32 = 100_000;

/// What performing operations needs.
pub(crate) struct Machine {
    /// The memory.
    pub(crate) memory: Arc<Memory>,
    /// The counters.
    pub(crate) stats: Arc<Stats>,
    /// What is shared with other processes, if anything is.
    pub(crate) segment: Option<Arc<Segment>>,
    /// How long a launch may run, if there is a limit.
    pub(crate) launch_timeout: Option<Duration>,
    /// How many threads execute kernels.
    pub(crate) n_threads: usize,
}

/// Performs the operations of all streams. Its threads start with the first operation.
pub(crate) struct Engine {
    shared: Arc<Shared>,
    started: OnceLock<()>,
}

struct Shared {
    state: Mutex<State>,
    /// There is work for a sleeping thread.
    work: Condvar,
    /// A watched lane has advanced.
    advanced: Condvar,
    /// Operations and launches that no thread attends.
    n_unattended: AtomicUsize,
    /// A thread is looking for work without sleeping.
    spinning: AtomicBool,
    n_threads: usize,
    machine: Machine,
    turns: Turns,
    host: HostThreads,
}

#[derive(Default)]
struct State {
    schedule: Schedule,
    /// Launches that several threads run, or that were set aside.
    launches: Vec<Running>,
    /// Operations that wait for a word in memory.
    polled: Vec<Task>,
    n_sleeping: usize,
    /// The engine is gone; its threads end.
    stopping: bool,
}

impl Engine {
    /// An engine for this many devices.
    pub(crate) fn new(machine: Machine, n_devices: usize) -> Self {
        let n_threads = machine.n_threads;
        let shared = Shared {
            state: Mutex::default(),
            work: Condvar::new(),
            advanced: Condvar::new(),
            n_unattended: AtomicUsize::new(0),
            spinning: AtomicBool::new(false),
            n_threads,
            turns: Turns::new(machine.segment.clone(), n_devices),
            machine,
            host: HostThreads::default(),
        };
        let shared = Arc::new(shared);
        let _ = shared.host.engine.set(Arc::downgrade(&shared));
        Self {
            shared,
            started: OnceLock::new(),
        }
    }

    /// Adds a stream.
    pub(crate) fn open(&self, group: &Arc<Group>, kind: LaneKind) -> CuResult<Arc<Lane>> {
        self.shared.lock().schedule.open(group, kind)
    }

    /// Removes a stream once all it holds is done.
    pub(crate) fn close(&self, lane: &Lane) {
        self.shared.lock().schedule.close(lane);
    }

    /// Appends an operation to a stream and returns its place there.
    pub(crate) fn submit(&self, lane: &Lane, op: Op, needs: Vec<Need>) -> CuResult<u64> {
        self.started.get_or_init(|| worker::start(&self.shared));
        let mut state = self.shared.lock();
        let position = state
            .schedule
            .submit(lane, op, needs)
            .ok_or(CuError::INVALID_HANDLE)?;
        self.shared.call_for_help(&state, 0);
        Ok(position)
    }

    /// Performs an operation at once if nothing stands before it and returns its place, else gives
    /// it back.
    pub(crate) fn perform(&self, lane: &Arc<Lane>, op: Op) -> Result<u64, Op> {
        let begun = self.shared.lock().schedule.begin(lane);
        let Some(position) = begun else {
            return Err(op);
        };
        let task = Task {
            lane: Arc::clone(lane),
            position,
            op,
        };
        worker::perform_task(&self.shared, task, 0);
        Ok(position)
    }

    /// Performs an operation at once if nothing stands before it, else submits it.
    pub(crate) fn perform_or_submit(&self, lane: &Arc<Lane>, op: Op) -> CuResult<u64> {
        self.perform(lane, op)
            .or_else(|op| self.submit(lane, op, Vec::new()))
    }

    /// Waits until a stream has reached a place, and lends a hand meanwhile.
    pub(crate) fn wait(&self, lane: &Lane, position: u64) {
        if lane.has_reached(position) {
            return;
        }
        let mut state = self.shared.lock();
        while !lane.has_reached(position) {
            if let Some(task) = state.schedule.next_of(lane) {
                self.shared.count_unattended(&state);
                drop(state);
                worker::perform_task(&self.shared, task, 0);
                state = self.shared.lock();
                continue;
            }
            lane.watched.store(true, Ordering::SeqCst);
            state = self
                .shared
                .advanced
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for all that is issued to the streams of a context.
    pub(crate) fn wait_group(&self, group: &Group) {
        let lanes = self.shared.lock().schedule.lanes_of(group);
        lanes.iter().for_each(|lane| self.wait(lane, lane.issued()));
    }

    /// Waits for all that is issued to any stream.
    pub(crate) fn wait_all(&self) {
        let lanes = self.shared.lock().schedule.all_lanes();
        lanes.iter().for_each(|lane| self.wait(lane, lane.issued()));
    }

    /// Does something while no operation runs and none can begin; `None` if there was no such moment.
    pub(crate) fn while_idle<T>(&self, act: impl FnOnce() -> T) -> Option<T> {
        for _ in 0..IDLE_TRIES {
            self.wait_all();
            let state = self.shared.lock();
            if state.schedule.all_lanes().iter().all(|lane| lane.is_idle()) {
                return Some(act());
            }
        }
        None
    }

    /// Gives the process's turns on the devices back, where nothing runs.
    pub(crate) fn rest(&self) {
        self.shared.turns.rest();
    }

    /// How often kernels went on without their process's turn.
    #[cfg(test)]
    pub(crate) fn n_turns_in_vain(&self) -> u64 {
        self.shared.turns.n_in_vain()
    }

    /// Closes all streams of a context.
    pub(crate) fn close_group(&self, group: &Group) {
        let mut state = self.shared.lock();
        for lane in state.schedule.lanes_of(group) {
            state.schedule.close(&lane);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        self.shared.work.notify_all();
        self.shared.turns.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes a thread if there is more to do than the `n_awake` threads behind the caller do.
    fn call_for_help(&self, state: &State, n_awake: usize) {
        let wanted = self.count_unattended(state) > n_awake;
        if wanted && state.n_sleeping > 0 && !self.spinning.load(Ordering::SeqCst) {
            self.work.notify_one();
        }
    }

    fn count_unattended(&self, state: &State) -> usize {
        let launches = state
            .launches
            .iter()
            .filter(|running| running.is_unattended())
            .count();
        let count = state.schedule.n_ready() + launches;
        self.n_unattended.store(count, Ordering::SeqCst);
        count
    }

    /// Tells everybody that an operation is done.
    fn complete(&self, lane: &Lane, position: u64, n_awake: usize) {
        self.complete_in(&mut self.lock(), lane, position, n_awake);
    }

    fn complete_in(&self, state: &mut State, lane: &Lane, position: u64, n_awake: usize) {
        state.schedule.complete(lane, position);
        if lane.watched.swap(false, Ordering::SeqCst) {
            self.advanced.notify_all();
        }
        self.call_for_help(state, n_awake);
    }

    /// Looks for work for a moment; false if there was none.
    fn spin(&self) -> bool {
        if self.spinning.swap(true, Ordering::SeqCst) {
            return false;
        }
        let start = Instant::now();
        let found = loop {
            if self.n_unattended.load(Ordering::SeqCst) > 0 {
                break true;
            }
            if start.elapsed() > SPIN {
                break false;
            }
            std::hint::spin_loop();
        };
        self.spinning.store(false, Ordering::SeqCst);
        found
    }
}
