//! Threads for host functions. Each runs one function at a time, and there are as many as functions
//! run at once. Read [`HostThreads`].

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, PoisonError, Weak},
    time::Duration,
};

use nix::sys::signal::SigSet;
use rigel_protocol::CuResult;
use rigel_protocol::custom::HostCallback;

use super::{Lane, Shared};

/// Most threads for host functions; further functions wait for one.
const THREADS_MAX: usize = 64;

/// An idle thread ends after this time.
const IDLE: Duration = Duration::from_secs(10);

/// The threads, which come and go.
#[derive(Default)]
pub(super) struct HostThreads {
    inner: Arc<Inner>,
    /// The engine, for threads that tell it of the end of a function.
    pub(super) engine: std::sync::OnceLock<Weak<Shared>>,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    calls: VecDeque<Call>,
    n_threads: usize,
    n_idle: usize,
}

struct Call {
    callback: HostCallback,
    status: CuResult<()>,
    engine: Arc<Shared>,
    lane: Arc<Lane>,
    position: u64,
}

impl HostThreads {
    /// Calls a host function on another thread; its stream goes on once it has returned.
    pub(super) fn call(
        &self,
        callback: HostCallback,
        status: CuResult<()>,
        lane: Arc<Lane>,
        position: u64,
    ) {
        let Some(engine) = self.engine.get().and_then(Weak::upgrade) else {
            return;
        };
        let mut state = self
            .inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.calls.push_back(Call {
            callback,
            status,
            engine,
            lane,
            position,
        });
        if state.n_idle >= state.calls.len() || state.n_threads >= THREADS_MAX {
            self.inner.wake.notify_one();
            return;
        }
        let inner = Arc::clone(&self.inner);
        let spawned = std::thread::Builder::new()
            .name("rigel-soft-host".to_owned())
            .spawn(move || {
                let _ = SigSet::all().thread_block();
                serve(&inner);
            });
        match spawned {
            Ok(_) => state.n_threads += 1,
            Err(error) => tracing::error!(%error, "start a thread for host functions"),
        }
    }
}

fn serve(inner: &Inner) {
    let mut state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(call) = state.calls.pop_front() {
            drop(state);
            (call.callback)(call.status);
            call.engine.complete(&call.lane, call.position, 0);
            drop(call);
            state = inner.state.lock().unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        state.n_idle += 1;
        let (woken, slept) = inner
            .wake
            .wait_timeout(state, IDLE)
            .unwrap_or_else(PoisonError::into_inner);
        state = woken;
        state.n_idle -= 1;
        if slept.timed_out() && state.calls.is_empty() {
            state.n_threads -= 1;
            return;
        }
    }
}
