//! Turns between processes: kernels of different processes run one process after another, as a real
//! GPU slices time. A process that is alone never notices. Read [`Turns`].
//!
//! 1. Before a thread runs blocks it enters, and afterwards leaves. While a process is not alone,
//!    its threads run blocks only while it has the device's turn.
//! 2. A turn outlives its kernels by [`GRACE`], because the next one often follows at once; then a
//!    thread of its own, the keeper, gives it back.
//! 3. A process whose turn has lasted [`TURN`] while others wait sets its launches aside, gives the
//!    turn back, and waits until somebody else has taken it.
//! 4. Nobody waits longer than [`PATIENCE`]: a stopped process must not stop the others.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use nix::sys::signal::SigSet;

use crate::segment::Segment;

/// How long a turn lasts while others wait.
const TURN: Duration = Duration::from_millis(1);

/// How long a turn is kept without a kernel.
const GRACE: Duration = Duration::from_micros(100);

/// How long a process waits for its turn before it runs without.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits after it has waited in vain.
const IMPATIENCE: Duration = Duration::from_millis(10);

/// How often a waiting process looks even if nobody wakes it: a turn may end by a death.
const LOOK: Duration = Duration::from_millis(1);

/// How long a process that gave way lets the others go first.
const COURTESY: Duration = Duration::from_millis(1);

/// How often it looks whether they have.
const COURTESY_LOOK: Duration = Duration::from_micros(50);

/// The turns of this process on all devices.
pub(super) struct Turns {
    shared: Option<(Arc<Segment>, Arc<[Device]>)>,
    keeper: OnceLock<()>,
    /// How often the process went on without its turn.
    n_in_vain: AtomicU64,
}

#[derive(Default)]
struct Device {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Threads that run blocks.
    n_inside: usize,
    phase: Phase,
    /// When the last thread left.
    idle_since: Option<Instant>,
    /// Others had taken the turn this often when it was given to them.
    gave_way_at: Option<u64>,
    /// The last wait was in vain: the next one is short.
    impatient: bool,
    /// The engine is gone.
    stopping: bool,
}

/// How a process stands to the turn.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It has not got it.
    #[default]
    Without,
    /// A thread is waiting for it on behalf of all.
    Asking,
    /// It has it since then.
    Having(Instant),
    /// It did not come in time; the process goes on as if it had.
    Ignoring(Instant),
}

impl Turns {
    pub(super) fn new(segment: Option<Arc<Segment>>, n_devices: usize) -> Self {
        let devices = || (0..n_devices).map(|_| Device::default()).collect();
        Self {
            shared: segment.map(|segment| (segment, devices())),
            keeper: OnceLock::new(),
            n_in_vain: AtomicU64::new(0),
        }
    }

    /// Waits for this process's turn on a device. True if [`Self::leave`] must be called.
    pub(super) fn enter(&self, device: usize) -> bool {
        let Some((segment, own)) = self.device(device) else {
            return false;
        };
        let mut state = lock(own);
        if segment.is_alone() && state.n_inside == 0 && state.phase == Phase::Without {
            return false;
        }
        // Nobody joins a turn that is asked for or over: the last one inside ends it.
        while state.phase == Phase::Asking || state.n_inside > 0 && is_over(&state, segment, device)
        {
            let woken = own.changed.wait_timeout(state, LOOK);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.n_inside == 0 && is_over(&state, segment, device) {
            give_back(&mut state, segment, device);
        }
        state.n_inside += 1;
        state.idle_since = None;
        if state.phase == Phase::Without {
            self.keeper.get_or_init(|| self.start_keeper());
            self.take(segment, own, state, device);
        }
        true
    }

    fn take(
        &self,
        segment: &Segment,
        own: &Device,
        mut state: MutexGuard<'_, State>,
        device: usize,
    ) {
        state.phase = Phase::Asking;
        let patience = if state.impatient {
            IMPATIENCE
        } else {
            PATIENCE
        };
        let gave_way_at = state.gave_way_at.take();
        drop(state);
        let granted = ask(segment, device, gave_way_at, patience);
        let mut state = lock(own);
        state.impatient = !granted;
        state.phase = if granted {
            Phase::Having(Instant::now())
        } else {
            self.n_in_vain.fetch_add(1, Ordering::Relaxed);
            Phase::Ignoring(Instant::now())
        };
        own.changed.notify_all();
    }

    /// How often the process went on without its turn.
    #[cfg(test)]
    pub(super) fn n_in_vain(&self) -> u64 {
        self.n_in_vain.load(Ordering::Relaxed)
    }

    /// A thread has set its blocks aside or ended them.
    pub(super) fn leave(&self, device: usize) {
        let Some((segment, own)) = self.device(device) else {
            return;
        };
        let mut state = lock(own);
        state.n_inside -= 1;
        if state.n_inside > 0 {
            return;
        }
        state.idle_since = Some(Instant::now());
        if is_over(&state, segment, device) {
            give_back(&mut state, segment, device);
            own.changed.notify_all();
        }
    }

    /// Gives back at once every turn under which nothing runs: somebody above divides the devices, and the
    /// next process is not to wait for [`GRACE`].
    pub(super) fn rest(&self) {
        let Some((segment, devices)) = &self.shared else {
            return;
        };
        for (device, own) in devices.iter().enumerate() {
            let mut state = lock(own);
            if state.n_inside == 0 && matches!(state.phase, Phase::Having(_)) {
                give_back(&mut state, segment, device);
                state.gave_way_at = None;
            }
        }
    }

    /// Whether running blocks must be set aside. `entered` is what [`Self::enter`] said.
    pub(super) fn must_yield(&self, device: usize, entered: bool) -> bool {
        match self.device(device) {
            None => false,
            Some((segment, _)) if !entered => !segment.is_alone(),
            Some((segment, own)) => {
                let state = lock(own);
                is_over(&state, segment, device)
            }
        }
    }

    /// Ends the keeper.
    pub(super) fn stop(&self) {
        for own in self.shared.iter().flat_map(|(_, devices)| devices.iter()) {
            lock(own).stopping = true;
            own.changed.notify_all();
        }
    }

    fn device(&self, device: usize) -> Option<(&Segment, &Device)> {
        let (segment, devices) = self.shared.as_ref()?;
        Some((segment, devices.get(device)?))
    }

    /// Starts a thread a device that gives turns back which nobody uses.
    fn start_keeper(&self) {
        let Some((segment, devices)) = &self.shared else {
            return;
        };
        let n_devices = devices.len();
        for device in 0..n_devices {
            let (segment, devices) = (Arc::clone(segment), Arc::clone(devices));
            let spawned = std::thread::Builder::new()
                .name("rigel-soft-turn".to_owned())
                .stack_size(256 << 10)
                .spawn(move || {
                    let _ = SigSet::all().thread_block();
                    keep(&segment, &devices[device], device);
                });
            if let Err(error) = spawned {
                tracing::error!(%error, "start a thread that gives turns back");
            }
        }
    }
}

/// Whether the turn has lasted long enough, seen that others wait.
fn is_over(state: &State, segment: &Segment, device: usize) -> bool {
    let lasted = match state.phase {
        Phase::Without | Phase::Asking => false,
        Phase::Having(since) | Phase::Ignoring(since) => since.elapsed() > TURN,
    };
    lasted && segment.is_wanted(device)
}

fn give_back(state: &mut State, segment: &Segment, device: usize) {
    if matches!(state.phase, Phase::Having(_)) {
        state.gave_way_at = Some(segment.n_taken(device));
        segment.end_turn(device);
    }
    state.phase = Phase::Without;
}

/// Gives back turns that are not used. Sleeps without a limit while there is none.
fn keep(segment: &Segment, own: &Device, device: usize) {
    let mut state = lock(own);
    while !state.stopping {
        state = match state.phase {
            Phase::Without | Phase::Asking => own
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner),
            Phase::Having(_) | Phase::Ignoring(_) => {
                let pause = if state.n_inside > 0 { TURN } else { GRACE };
                let woken = own.changed.wait_timeout(state, pause);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        let unused = state
            .idle_since
            .is_some_and(|since| since.elapsed() > GRACE);
        if state.n_inside == 0 && unused {
            give_back(&mut state, segment, device);
            // Nobody was kept waiting, so nobody must be let through first.
            state.gave_way_at = None;
        }
    }
}

/// Waits for the turn; false if it did not come in time.
fn ask(segment: &Segment, device: usize, gave_way_at: Option<u64>, patience: Duration) -> bool {
    let start = Instant::now();
    if let Some(taken) = gave_way_at {
        while segment.is_wanted(device)
            && segment.n_taken(device) == taken
            && start.elapsed() < COURTESY
        {
            std::thread::sleep(COURTESY_LOOK);
        }
    }
    if segment.try_turn(device) {
        return true;
    }
    segment.set_waiting(device, true);
    let granted = loop {
        if segment.await_turn(device, LOOK) {
            break true;
        }
        if start.elapsed() > patience {
            break false;
        }
    };
    segment.set_waiting(device, false);
    if !granted {
        segment.bury_the_dead();
        tracing::warn!(
            device,
            "another process keeps the soft GPU: going on without a turn"
        );
    }
    granted
}

fn lock(device: &Device) -> MutexGuard<'_, State> {
    device.state.lock().unwrap_or_else(PoisonError::into_inner)
}
