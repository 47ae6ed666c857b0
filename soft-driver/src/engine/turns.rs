//! Turns between processes: kernels of different processes run one process after another, as a real
//! GPU slices time. A process that is alone never notices. Read [`Turns`].
//!
//! 1. Before a thread runs blocks it enters, and afterwards leaves. While a process is not alone,
//!    its threads run blocks only while it has the device's turn.
//! 2. The last thread that leaves gives the turn back.
//! 3. A process whose turn has lasted [`TURN`] while others wait sets its launches aside, and waits
//!    until somebody else has had the turn.
//! 4. Nobody waits longer than [`PATIENCE`]: a stopped process must not stop the others.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::segment::Segment;

/// How long a turn lasts while others wait.
const TURN: Duration = Duration::from_millis(4);

/// How long a process waits for its turn before it runs without.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long it waits after it has waited in vain.
const IMPATIENCE: Duration = Duration::from_millis(10);

/// How often it looks.
const LOOK: Duration = Duration::from_micros(100);

/// How long a process that gave way lets the others go first.
const COURTESY: Duration = Duration::from_millis(1);

/// The turns of this process on all devices.
pub(super) struct Turns {
    segment: Option<Arc<Segment>>,
    devices: Vec<Device>,
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
    /// When the turn began, or the process went on without one.
    since: Option<Instant>,
    /// It has the turn.
    has_turn: bool,
    /// The last wait was in vain: the next one is short.
    impatient: bool,
    /// A thread is waiting for the turn on behalf of all.
    asking: bool,
    gave_way: bool,
}

impl Turns {
    pub(super) fn new(segment: Option<Arc<Segment>>, n_devices: usize) -> Self {
        let devices = (0..n_devices).map(|_| Device::default()).collect();
        Self {
            segment,
            devices,
            n_in_vain: AtomicU64::new(0),
        }
    }

    /// Waits for this process's turn on a device. True if [`Self::leave`] must be called.
    pub(super) fn enter(&self, device: usize) -> bool {
        let (Some(segment), Some(own)) = (&self.segment, self.devices.get(device)) else {
            return false;
        };
        let mut state = lock(own);
        if segment.is_alone() && state.n_inside == 0 {
            return false;
        }
        while state.asking {
            state = own
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.n_inside += 1;
        if state.since.is_none() {
            state.asking = true;
            let gave_way = std::mem::take(&mut state.gave_way);
            let patience = if state.impatient {
                IMPATIENCE
            } else {
                PATIENCE
            };
            drop(state);
            let granted = ask(segment, device, gave_way, patience);
            state = lock(own);
            state.asking = false;
            state.has_turn = granted;
            self.n_in_vain
                .fetch_add(u64::from(!granted), Ordering::Relaxed);
            state.impatient = !granted;
            state.since = Some(Instant::now());
            own.changed.notify_all();
        }
        true
    }

    /// How often the process went on without its turn.
    #[cfg(test)]
    pub(super) fn n_in_vain(&self) -> u64 {
        self.n_in_vain.load(Ordering::Relaxed)
    }

    /// A thread has set its blocks aside or ended them.
    pub(super) fn leave(&self, device: usize) {
        let (Some(segment), Some(own)) = (&self.segment, self.devices.get(device)) else {
            return;
        };
        let mut state = lock(own);
        state.n_inside -= 1;
        if state.n_inside > 0 {
            return;
        }
        state.since = None;
        if std::mem::take(&mut state.has_turn) {
            state.gave_way = segment.is_wanted(device);
            segment.end_turn(device);
        }
    }

    /// Whether running blocks must be set aside. `entered` is what [`Self::enter`] said.
    pub(super) fn must_yield(&self, device: usize, entered: bool) -> bool {
        let (Some(segment), Some(own)) = (&self.segment, self.devices.get(device)) else {
            return false;
        };
        if !entered {
            return !segment.is_alone();
        }
        let lasted = lock(own).since.is_none_or(|since| since.elapsed() > TURN);
        lasted && segment.is_wanted(device)
    }
}

/// Waits for the turn; false if it did not come in time.
fn ask(segment: &Segment, device: usize, gave_way: bool, patience: Duration) -> bool {
    let start = Instant::now();
    if gave_way {
        while segment.is_wanted(device) && start.elapsed() < COURTESY {
            std::thread::sleep(LOOK);
        }
    }
    if segment.try_turn(device) {
        return true;
    }
    segment.set_waiting(device, true);
    let granted = loop {
        std::thread::sleep(LOOK);
        if segment.try_turn(device) {
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
