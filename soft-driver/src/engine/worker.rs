//! The engine's threads: what each does next, and how several run one launch together. Read
//! [`start`], then [`perform_task`].

use std::{
    sync::{Arc, MutexGuard, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use nix::sys::signal::SigSet;
use rigel_protocol::CuError;

use super::{Op, SLICE, Shared, State, perform, schedule::Task};
use crate::exec::{FaultKind, Launch, Poll, RunState};

/// Stack of an engine thread: device functions may call each other deeply.
const STACK_BYTES: usize = 16 << 20;

/// Launches of fewer threads than this are run by one CPU thread: waking another costs more.
const SHARED_LAUNCH_THREADS_MIN: u64 = 2048;

/// How often a word in memory is looked at that an operation waits for.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// A launch that several threads run, or that was set aside.
pub(super) struct Running {
    task: Arc<LaunchTask>,
    /// Threads that run its blocks now.
    n_attending: usize,
    /// No blocks are left to take.
    drained: bool,
}

impl Running {
    /// Whether it stands still for want of a thread.
    pub(super) fn is_unattended(&self) -> bool {
        self.n_attending == 0 && !self.drained
    }

    /// Whether another thread can help.
    fn is_joinable(&self, n_threads: usize) -> bool {
        !self.drained && self.n_attending < n_threads
    }
}

struct LaunchTask {
    lane: Arc<super::Lane>,
    position: u64,
    launch: Arc<Launch>,
}

enum Job {
    Task(Task),
    Launch(Arc<LaunchTask>),
}

/// Starts the threads.
pub(super) fn start(shared: &Arc<Shared>) {
    for number in 0..shared.n_threads {
        let shared = Arc::clone(shared);
        let spawned = std::thread::Builder::new()
            .name(format!("rigel-soft-{number}"))
            .stack_size(STACK_BYTES)
            .spawn(move || {
                // Signals are for the program's own threads.
                let _ = SigSet::all().thread_block();
                work(&shared);
            });
        if let Err(error) = spawned {
            tracing::error!(%error, number, "start a thread of the soft GPU");
        }
    }
}

/// What a thread does all its life.
fn work(shared: &Shared) {
    let mut state = shared.lock();
    while !state.stopping {
        check_polled(shared, &mut state);
        let Some(job) = state.next_job(shared.n_threads) else {
            state = rest(shared, state);
            continue;
        };
        shared.call_for_help(&state, 0);
        drop(state);
        match job {
            Job::Task(task) => perform_task(shared, task, 1),
            Job::Launch(task) => run_launch(shared, &task, 1),
        }
        state = shared.lock();
    }
}

impl State {
    fn next_job(&mut self, n_threads: usize) -> Option<Job> {
        if let Some(task) = self.schedule.next() {
            return Some(Job::Task(task));
        }
        let alone = self.launches.iter().position(Running::is_unattended);
        let joinable = |running: &Running| running.is_joinable(n_threads);
        let index = alone.or_else(|| self.launches.iter().position(joinable))?;
        let running = &mut self.launches[index];
        running.n_attending += 1;
        Some(Job::Launch(Arc::clone(&running.task)))
    }

    /// Whether [`Self::next_job`] would find something.
    fn has_job(&self, n_threads: usize) -> bool {
        let joinable = |running: &Running| running.is_joinable(n_threads);
        self.schedule.n_ready() > 0 || self.launches.iter().any(joinable)
    }

    fn find(&mut self, task: &Arc<LaunchTask>) -> Option<usize> {
        self.launches
            .iter()
            .position(|running| Arc::ptr_eq(&running.task, task))
    }
}

/// Sleeps until there may be work.
fn rest<'a>(shared: &'a Shared, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    drop(state);
    if shared.spin() {
        return shared.lock();
    }
    let mut state = shared.lock();
    if state.has_job(shared.n_threads) || state.stopping {
        return state;
    }
    state.n_sleeping += 1;
    let mut state = match state.polled.is_empty() {
        false => {
            let slept = shared.work.wait_timeout(state, POLL_INTERVAL);
            slept.unwrap_or_else(PoisonError::into_inner).0
        }
        true => shared
            .work
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner),
    };
    state.n_sleeping -= 1;
    state
}

/// Completes what waited for a word in memory and has met it.
fn check_polled(shared: &Shared, state: &mut State) {
    let met = |task: &mut Task| match &task.op {
        Op::Wait(word, compare) => {
            task.lane.group.health.check().is_err() || perform::is_met(word, *compare)
        }
        Op::Await(event, number) => {
            task.lane.group.health.check().is_err() || event.has_reached(*number)
        }
        _ => true,
    };
    let mut index = 0;
    while index < state.polled.len() {
        if !met(&mut state.polled[index]) {
            index += 1;
            continue;
        }
        let task = state.polled.swap_remove(index);
        state.schedule.complete(&task.lane, task.position);
        if task.lane.watched.swap(false, Ordering::SeqCst) {
            shared.advanced.notify_all();
        }
    }
}

/// Performs an operation and tells everybody when it is done, now or later. `n_awake` is 1 if the
/// calling thread will look for work afterwards.
pub(super) fn perform_task(shared: &Shared, task: Task, n_awake: usize) {
    let Task { lane, position, op } = task;
    let lost = lane.group.health.check();
    match op {
        Op::Host {
            callback,
            even_after_error,
        } if lost.is_ok() || even_after_error => {
            shared.host.call(callback, lost, lane, position);
            return;
        }
        Op::Kernel { launch, n_threads } if lost.is_ok() => {
            let task = Arc::new(LaunchTask {
                lane,
                position,
                launch,
            });
            if shared.n_threads > 1 && n_threads >= SHARED_LAUNCH_THREADS_MIN {
                offer(shared, &task);
            }
            run_launch(shared, &task, n_awake);
            return;
        }
        Op::Wait(word, compare) if lost.is_ok() && !perform::is_met(&word, compare) => {
            return poll_later(shared, Task { lane, position, op });
        }
        Op::Await(ref event, number) if lost.is_ok() && !event.has_reached(number) => {
            return poll_later(shared, Task { lane, position, op });
        }
        // Memory is freed in a lost context too, and other processes do not wait in vain.
        op @ (Op::Release(_) | Op::Signal(..)) => perform::perform(&shared.machine, op),
        op if lost.is_ok() => perform::perform(&shared.machine, op),
        _ => {}
    }
    shared.complete(&lane, position, n_awake);
}

/// Looks at intervals whether an operation can go on.
fn poll_later(shared: &Shared, task: Task) {
    let mut state = shared.lock();
    state.polled.push(task);
    // Somebody must wake at intervals from now on.
    shared.work.notify_one();
}

/// Lets other threads join a launch.
fn offer(shared: &Shared, task: &Arc<LaunchTask>) {
    let mut state = shared.lock();
    state.launches.push(Running {
        task: Arc::clone(task),
        n_attending: 1,
        drained: false,
    });
    if state.n_sleeping > 0 {
        shared.work.notify_all();
    }
}

/// Runs blocks of a launch until it is over, has nothing left to take, or others need the thread.
fn run_launch(shared: &Shared, task: &Arc<LaunchTask>, n_awake: usize) {
    let device = task.lane.group.device;
    let entered = shared.turns.enter(device);
    // Most launches are over before anybody else waits: the clock is read only then.
    let mut start = None;
    let limit = shared.machine.launch_timeout;
    let mut poll = || {
        if limit.is_some_and(|limit| task.launch.age() > limit) {
            return Poll::Cancel;
        }
        let others = shared.n_unattended.load(Ordering::Relaxed) > 0;
        let slice_is_over = others && start.get_or_insert_with(Instant::now).elapsed() > SLICE;
        match slice_is_over || shared.turns.must_yield(device, entered) {
            true => Poll::Pause,
            false => Poll::Continue,
        }
    };
    let ran = task.launch.run_blocks(&mut poll);
    if entered {
        shared.turns.leave(device);
    }
    match ran {
        RunState::Finished => finish(shared, task, n_awake),
        RunState::Drained => leave(shared, task, true, n_awake),
        RunState::Paused => leave(shared, task, false, n_awake),
    }
}

fn finish(shared: &Shared, task: &Arc<LaunchTask>, n_awake: usize) {
    let outcome = task.launch.outcome();
    shared.machine.stats.add_executed(&outcome.counters);
    if let Some(fault) = &outcome.fault {
        tracing::error!("kernel failed: {fault}");
        task.lane.group.health.lose(fault_error(fault.kind));
    }
    let mut state = shared.lock();
    if let Some(index) = state.find(task) {
        state.launches.remove(index);
    }
    shared.complete_in(&mut state, &task.lane, task.position, n_awake);
}

/// A thread turns to something else; the launch goes to the end of the line.
fn leave(shared: &Shared, task: &Arc<LaunchTask>, drained: bool, n_awake: usize) {
    let mut state = shared.lock();
    let mut running = match state.find(task) {
        Some(index) => state.launches.remove(index),
        // Finished by others meanwhile, or run by this thread alone until now.
        None if drained => return,
        None => Running {
            task: Arc::clone(task),
            n_attending: 1,
            drained,
        },
    };
    running.n_attending -= 1;
    // A thread that paused has left blocks for others to take. One that found none left may come here
    // after it: if then nobody attends and the launch is not over, there are such blocks.
    running.drained = drained && running.n_attending > 0;
    state.launches.push(running);
    shared.call_for_help(&state, n_awake);
}

/// The error by which CUDA names a fault.
fn fault_error(kind: FaultKind) -> CuError {
    match kind {
        FaultKind::IllegalAddress => CuError::ILLEGAL_ADDRESS,
        FaultKind::Misaligned => CuError::MISALIGNED_ADDRESS,
        FaultKind::InvalidAddressSpace => CuError::INVALID_ADDRESS_SPACE,
        FaultKind::InvalidPc => CuError::INVALID_PC,
        FaultKind::Assert => CuError::ASSERT,
        FaultKind::IllegalInstruction => CuError::ILLEGAL_INSTRUCTION,
        FaultKind::StackOverflow => CuError::HARDWARE_STACK_ERROR,
        // A launch is cancelled for its time only.
        FaultKind::Deadlock | FaultKind::Cancelled => CuError::LAUNCH_TIMEOUT,
        FaultKind::Trap | FaultKind::Breakpoint => CuError::LAUNCH_FAILED,
    }
}
