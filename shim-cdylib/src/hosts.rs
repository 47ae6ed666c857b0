//! Host functions: what the program has put into streams to be called. Read [`Hosts`] first.
//!
//! 1. Two threads start with the first host function and not before: one reads answers while functions
//!    are outstanding, so that they are called even if the program waits for nothing; the other calls
//!    them, one at a time, in the order in which the worker says.
//! 2. A function may take as long as it likes and may not call CUDA; the reader never waits for it.
//! 3. The worker is told when it has returned, and only then goes on with that stream.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, OnceLock, PoisonError};

use rigel_protocol::custom::HostCallback;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Context;
use rigel_protocol::link::HostCall;
use rigel_protocol::{CuError, CuResult, Cx, ThreadId};

use crate::remote::Remote;
use crate::session::Session;

/// Most functions that may be registered at a time.
const FUNCTIONS_MAX: usize = 1 << 20;
/// The number under which the reading thread waits: no thread of the program has it.
const READER: ThreadId = ThreadId(0);

/// The host functions of a session.
pub(crate) struct Hosts {
    functions: Mutex<HashMap<u64, Registered>>,
    /// Numbers of functions of nodes, by what the border knows them by.
    nodes: Mutex<HashMap<u64, u64>>,
    next: AtomicU64,
    /// How many registered functions have not been called; functions of captures do not count.
    outstanding: Mutex<u64>,
    begun: Condvar,
    calls: Mutex<Option<Sender<HostCall>>>,
    threads: Once,
    session: OnceLock<&'static Session>,
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}

struct Registered {
    callback: HostCallback,
    once: bool,
}

impl Hosts {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            functions: Mutex::default(),
            nodes: Mutex::default(),
            next: AtomicU64::new(1),
            outstanding: Mutex::new(0),
            begun: Condvar::new(),
            calls: Mutex::new(None),
            threads: Once::new(),
            session: OnceLock::new(),
        }
    }

    /// The session they belong to; its threads start later.
    pub(crate) fn start_with(self: Arc<Self>, session: &'static Session) {
        // Said once, by whoever made both.
        let _ = self.session.set(session);
    }

    /// Registers a function and numbers it. `once`: it is forgotten when it has been called.
    pub(crate) fn register(self: &Arc<Self>, callback: HostCallback, once: bool) -> CuResult<u64> {
        self.start_threads();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        {
            let mut functions = lock(&self.functions);
            if functions.len() >= FUNCTIONS_MAX {
                return Err(CuError::OUT_OF_MEMORY);
            }
            functions.insert(number, Registered { callback, once });
        }
        *lock(&self.outstanding) += 1;
        self.begun.notify_all();
        Ok(number)
    }

    /// Registers a function of a node of a graph. The same one has one number, as long as the process lives.
    pub(crate) fn register_node(
        self: &Arc<Self>,
        callback: &HostCallback,
        tag: u64,
    ) -> CuResult<u64> {
        if let Some(&number) = lock(&self.nodes).get(&tag) {
            return Ok(number);
        }
        let number = self.register(Arc::clone(callback), false)?;
        if tag != 0 {
            lock(&self.nodes).insert(tag, number);
        }
        Ok(number)
    }

    /// Forgets a function that was not put into a stream after all.
    pub(crate) fn forget(&self, number: u64) {
        if lock(&self.functions).remove(&number).is_some() {
            self.settle();
        }
    }

    /// A stream has reached a function. Called by whoever reads; returns at once.
    pub(crate) fn arrived(&self, call: HostCall) {
        if let Some(calls) = &*lock(&self.calls) {
            // The calling thread ends with the process only.
            let _ = calls.send(call);
        }
    }

    fn start_threads(self: &Arc<Self>) {
        self.threads.call_once(|| {
            let (sender, receiver) = channel();
            *lock(&self.calls) = Some(sender);
            let (caller, reader) = (Arc::clone(self), Arc::clone(self));
            spawn("rigel-callbacks", move || caller.call_all(&receiver));
            spawn("rigel-reader", move || reader.read());
        });
    }

    fn call_all(&self, calls: &Receiver<HostCall>) {
        for call in calls {
            let function = {
                let mut functions = lock(&self.functions);
                let found = functions.get(&call.callback);
                let found = found.map(|found| (Arc::clone(&found.callback), found.once));
                if let Some((_, true)) = &found {
                    functions.remove(&call.callback);
                }
                found
            };
            let Some((callback, once)) = function else {
                tracing::error!(
                    number = call.callback,
                    "the worker asked for an unknown function"
                );
                continue;
            };
            if catch_unwind(AssertUnwindSafe(|| callback(call.state))).is_err() {
                tracing::error!("a host function has panicked");
            }
            self.returned(call.ticket);
            if once {
                self.settle();
            }
        }
    }

    fn returned(&self, ticket: u64) {
        let remote = Remote::new();
        let cx = Cx {
            context: Context::NONE,
            thread: READER,
        };
        if let Ok(mut request) = remote.request(cx, Call::HOST_RETURNED) {
            request.put(&ticket);
            // A lost session has told so itself.
            let _ = remote.post(request);
        }
    }

    /// One function less is outstanding.
    fn settle(&self) {
        let mut outstanding = lock(&self.outstanding);
        *outstanding = outstanding.saturating_sub(1);
        drop(outstanding);
        if let Some(session) = self.session.get()
            && let Ok(slot) = session.inbox.slot(READER)
        {
            slot.nudge();
        }
    }

    fn read(&self) {
        let Some(session) = self.session.get() else {
            return;
        };
        let Ok(slot) = session.inbox.slot(READER) else {
            return;
        };
        loop {
            let mut outstanding = lock(&self.outstanding);
            while *outstanding == 0 {
                outstanding = self
                    .begun
                    .wait(outstanding)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            drop(outstanding);
            let done = || *lock(&self.outstanding) == 0;
            if let Err(error) = session.inbox.wait_until(slot, done) {
                // Whoever calls next gets the error.
                let _ = session.lost(&error);
                return;
            }
        }
    }
}

/// Starts a thread that takes no signals of the program's; false if it cannot.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> bool {
    use nix::sys::signal::{SigSet, SigmaskHow};

    let mut before = SigSet::empty();
    let masked = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
    if let Ok(mask) = masked {
        before = mask;
    }
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body);
    // The mask was the thread's own a moment ago.
    let _ = before.thread_set_mask();
    thread
        .inspect_err(|error| tracing::error!(name, %error, "could not start a thread"))
        .is_ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
