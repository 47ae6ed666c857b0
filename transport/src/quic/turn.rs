//! Who drives a client's link. Its tasks run in a runtime of one thread, which is whichever thread is in
//! it: the link's own, or a caller that waits for an answer and would otherwise sleep while another thread
//! does its work. So an answer costs the caller one sleep, in the network. Read [`Turn`] first.
//!
//! 1. A caller that waits asks the link's thread to leave and drives until its wait is over.
//! 2. The link's thread then parks. It comes back when it is struck (something was published and nobody
//!    drives), or when nobody has driven for [`PARK`].
//! 3. A caller drives for [`DRIVE_MAX`] at most: in a longer wait a switch of threads does not count, and
//!    bulk is faster with a thread that decrypts beside one that copies.
//! 4. What a caller publishes before it waits strikes nobody: it will drive, and sends it then
//!    (`bell::hold`).

use std::cell::Cell;
use std::future::Future;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Runtime};
use tokio::sync::{Notify, oneshot};

use super::pump::{Rings, Waker};
use crate::bell::{self, Patience, WAITING_HOOK};
use crate::error::{RingError, TransportError};
use crate::layout::{Direction, Side};
use crate::session::SessionMemory;

/// How long the link's thread leaves the runtime to callers that have stopped driving.
const PARK: Duration = Duration::from_millis(10);
/// The longest that a caller drives in one wait.
const DRIVE_MAX: Duration = Duration::from_millis(2);

/// The runtime of a link, and whose turn it is to drive it.
#[derive(Debug)]
pub(super) struct Turn {
    /// None only while it is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    /// Asks the link's thread to leave the runtime.
    leave: Notify,
    thread: OnceLock<Thread>,
    parked: AtomicBool,
    struck: AtomicBool,
    n_drivers: AtomicUsize,
    n_drives: AtomicU64,
}

thread_local! {
    /// This thread is in a runtime of ours already.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl Turn {
    pub(super) fn new() -> Result<Turn, TransportError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| TransportError::os("start the link's runtime", source))?;
        Ok(Turn {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            leave: Notify::new(),
            thread: OnceLock::new(),
            parked: AtomicBool::new(false),
            struck: AtomicBool::new(false),
            n_drivers: AtomicUsize::new(0),
            n_drives: AtomicU64::new(0),
        })
    }

    /// Runs a task in the runtime.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
        self.strike();
    }

    /// Drives until a future is ready.
    pub(super) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let runtime = self.runtime.as_ref();
        let runtime = runtime.expect("the runtime is taken only by drop");
        INSIDE.set(true);
        let output = runtime.block_on(future);
        INSIDE.set(false);
        output
    }

    /// The life of the link's thread: drives whenever no caller does, until it is told to stop.
    pub(super) fn drive_until(&self, mut stopped: oneshot::Receiver<()>) {
        let _ = self.thread.set(std::thread::current());
        loop {
            let stop = self.block_on(async {
                tokio::select! {
                    biased;
                    _ = &mut stopped => true,
                    () = self.leave.notified() => false,
                }
            });
            if stop {
                return;
            }
            self.park();
        }
    }

    /// Makes the link's thread drive again if it does not.
    pub(super) fn strike(&self) {
        if self.parked.load(Ordering::SeqCst) {
            self.struck.store(true, Ordering::SeqCst);
            if let Some(thread) = self.thread.get() {
                thread.unpark();
            }
        }
    }

    /// Lets callers that wait at `memory` drive, and whoever publishes there strike.
    pub(super) fn serve(self: &Arc<Self>, memory: &Arc<SessionMemory>, rings: &Rings) {
        let waker = Arc::clone(&rings.waker);
        let turn = Arc::downgrade(self);
        let struck = Arc::clone(&waker);
        waker.set_turn(Box::new(move || {
            if let Some(turn) = turn.upgrade() {
                turn.strike();
            }
        }));
        let arrived = Arc::new(Notify::new());
        let arrival = Arc::clone(&arrived);
        memory.set_hook(Side::Client, move || arrival.notify_waiters());
        let turn = Arc::downgrade(self);
        memory.set_driver(Box::new(move |memory, patience, ready| {
            let turn = turn.upgrade()?;
            turn.drive(memory, &struck, &arrived, patience, ready)
        }));
    }

    /// Drives until `ready`, or an end of the wait; `None` if the caller had better sleep.
    fn drive(
        &self,
        memory: &SessionMemory,
        waker: &Waker,
        arrived: &Notify,
        patience: &Patience<'_>,
        ready: &mut dyn FnMut() -> bool,
    ) -> Option<Result<(), RingError>> {
        if INSIDE.get() || Handle::try_current().is_ok() {
            return None;
        }
        self.n_drivers.fetch_add(1, Ordering::SeqCst);
        if !self.parked.load(Ordering::SeqCst) {
            self.leave.notify_one();
        }
        let until = Instant::now() + DRIVE_MAX;
        let result = self.block_on(async {
            // What was published and struck nobody.
            bell::forget_held();
            waker.wake();
            let woken = wait_inside(memory, arrived, patience, until, ready);
            tokio::time::timeout_at(until.into(), woken).await.ok()
        });
        self.n_drives.fetch_add(1, Ordering::SeqCst);
        let last = self.n_drivers.fetch_sub(1, Ordering::SeqCst) == 1;
        if result.is_none() || (last && !is_quiet(memory, waker)) {
            self.strike();
        }
        result
    }

    fn park(&self) {
        self.struck.store(false, Ordering::SeqCst);
        self.parked.store(true, Ordering::SeqCst);
        loop {
            let before = self.n_drives.load(Ordering::SeqCst);
            std::thread::park_timeout(PARK);
            let is_driven = self.n_drivers.load(Ordering::SeqCst) > 0
                || self.n_drives.load(Ordering::SeqCst) != before;
            if self.struck.swap(false, Ordering::SeqCst) || !is_driven {
                break;
            }
        }
        self.parked.store(false, Ordering::SeqCst);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The tasks hold nothing that needs waiting for; dropped in one of them, it must not wait.
            runtime.shutdown_background();
        }
    }
}

async fn wait_inside(
    memory: &SessionMemory,
    arrived: &Notify,
    patience: &Patience<'_>,
    until: Instant,
    ready: &mut dyn FnMut() -> bool,
) -> Result<(), RingError> {
    let deadline = patience.deadline();
    loop {
        let woken = arrived.notified();
        memory.data_bell(Direction::ToClient).arm(WAITING_HOOK);
        if ready() {
            return Ok(());
        }
        if let Some(reason) = memory.closed() {
            return Err(RingError::Closed(reason));
        }
        if deadline <= until && Instant::now() >= deadline {
            return Err(RingError::Timeout);
        }
        woken.await;
    }
}

/// Whether nothing is underway that needs a thread: what was published is sent, and mostly received.
fn is_quiet(memory: &SessionMemory, waker: &Waker) -> bool {
    let waiting = memory.data_bell(Direction::ToWorker).waiting;
    waiting.load(Ordering::SeqCst) & WAITING_HOOK != 0 && waker.is_quiet()
}
