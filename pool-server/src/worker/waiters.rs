//! Threads that wait for the GPU on behalf of client threads, so that the issue thread never does.
//! They know nothing of calls. Read [`Waiters`] first.
//!
//! 1. What one client thread waits for is waited for by one thread, in order.
//! 2. A thread is started when first needed and ends when it has had nothing to do for a while.
//! 3. Beyond [`WAITERS_MAX`] client threads share the waiters there are.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rigel_protocol::call::ThreadId;

use super::meter::{Counter, Meter};
use super::prompt::run_promptly;

/// Most waiting threads of a session.
const WAITERS_MAX: usize = 256;
/// A waiter with nothing to do for this long ends.
const IDLE: Duration = Duration::from_secs(10);

/// Something to wait for.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// The waiting threads of a session. At most one job of a client thread is queued at a time by a
/// client that keeps to the protocol, since its thread waits for the answer.
#[derive(Debug)]
pub(super) struct Waiters {
    meter: Arc<Meter>,
    running: Arc<Mutex<Running>>,
}

#[derive(Debug, Default)]
struct Running {
    by_thread: BTreeMap<ThreadId, Waiter>,
    closed: bool,
}

#[derive(Debug)]
struct Waiter {
    jobs: Sender<Job>,
    /// How many jobs were given to it: it ends only if there was none since it looked.
    given: u64,
    handle: JoinHandle<()>,
}

impl Waiters {
    /// None yet.
    pub(super) fn new(meter: Arc<Meter>) -> Self {
        Self {
            meter,
            running: Arc::default(),
        }
    }

    /// Runs a job on the waiter of a client thread, after the jobs given before.
    pub(super) fn submit(&self, thread: ThreadId, job: Job) -> std::io::Result<()> {
        let mut running = lock(&self.running);
        if running.closed {
            return Ok(());
        }
        let thread = match running.by_thread.contains_key(&thread) {
            false if running.by_thread.len() >= WAITERS_MAX => {
                let nth = thread.0 as usize % running.by_thread.len();
                running.by_thread.keys().nth(nth).copied().unwrap_or(thread)
            }
            _ => thread,
        };
        let waiter = match running.by_thread.entry(thread) {
            Entry::Occupied(waiter) => waiter.into_mut(),
            Entry::Vacant(place) => place.insert(self.start(thread)?),
        };
        waiter.given += 1;
        // It cannot have ended: it takes itself out of the map first, under the lock.
        let _ = waiter.jobs.send(job);
        Ok(())
    }

    /// Waits until every job given has been done; none is taken any more.
    pub(super) fn close(&self) {
        let waiters = {
            let mut running = lock(&self.running);
            running.closed = true;
            std::mem::take(&mut running.by_thread)
        };
        for waiter in waiters.into_values() {
            drop(waiter.jobs);
            // A job that panicked has been reported by the panic handler.
            let _ = waiter.handle.join();
        }
    }

    fn start(&self, thread: ThreadId) -> std::io::Result<Waiter> {
        let (jobs, receiver) = channel();
        let (running, meter) = (Arc::clone(&self.running), Arc::clone(&self.meter));
        let handle = std::thread::Builder::new()
            .name(format!("wait-{}", thread.0))
            .spawn(move || {
                meter.add(Counter::Waiters, 1);
                run(thread, &receiver, &running);
                meter.subtract(Counter::Waiters, 1);
            })?;
        Ok(Waiter {
            jobs,
            given: 0,
            handle,
        })
    }
}

fn run(thread: ThreadId, jobs: &Receiver<Job>, running: &Mutex<Running>) {
    run_promptly();
    let mut done = 0;
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(job) => {
                job();
                done += 1;
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let mut running = lock(running);
                if running
                    .by_thread
                    .get(&thread)
                    .is_none_or(|waiter| waiter.given == done)
                {
                    running.by_thread.remove(&thread);
                    return;
                }
            }
        }
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    // Every change is a single step: a panic elsewhere leaves the map whole.
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    fn waiters() -> Waiters {
        Waiters::new(Arc::new(Meter::create().unwrap().0))
    }

    #[test]
    fn jobs_of_one_thread_run_in_order() {
        let waiters = waiters();
        let seen = Arc::new(Mutex::new(Vec::new()));
        for n in 0..100 {
            let seen = Arc::clone(&seen);
            waiters
                .submit(ThreadId(1), Box::new(move || seen.lock().unwrap().push(n)))
                .unwrap();
        }
        waiters.close();
        assert_eq!(*seen.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn jobs_of_different_threads_wait_at_the_same_time() {
        let waiters = waiters();
        let all = Arc::new(Barrier::new(8));
        for thread in 0..8 {
            let all = Arc::clone(&all);
            waiters
                .submit(
                    ThreadId(thread),
                    Box::new(move || {
                        all.wait();
                    }),
                )
                .unwrap();
        }
        waiters.close();
    }

    #[test]
    fn threads_beyond_the_limit_share_waiters() {
        let waiters = waiters();
        let (done, all) = channel();
        for thread in 0..WAITERS_MAX as u32 + 20 {
            let done = done.clone();
            waiters
                .submit(ThreadId(thread), Box::new(move || done.send(()).unwrap()))
                .unwrap();
        }
        assert!(lock(&waiters.running).by_thread.len() <= WAITERS_MAX);
        waiters.close();
        drop(done);
        assert_eq!(all.iter().count(), WAITERS_MAX + 20);
    }

    #[test]
    fn job_after_closing_is_not_run() {
        let waiters = waiters();
        waiters.close();
        waiters
            .submit(
                ThreadId(1),
                Box::new(|| unreachable!("the session is over")),
            )
            .unwrap();
    }
}
