//! Worker processes started ahead, so that a session need not wait for its own: a spare has opened the
//! driver and knows of no lease until it is given a session. With each goes memory for a session's rings:
//! its pages cost more than all the rest of a session's start. Read [`Workers`] first.
//!
//! 1. A spare is used once, and replaced when the session that took it has begun.
//! 2. One that has died, or dies at its first word, is passed over: the session gets another.
//! 3. No lock is held while a process is started or ended.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use rigel_transport::{Layout, SessionMemory};

use super::estate::KeptWorker;
use super::process::{WorkerCommand, WorkerProcess};
use crate::worker::control::{DaemonToWorker, Ready};

/// Longest wait until a worker takes a message.
const TAKES_WITHIN: Duration = Duration::from_secs(10);

/// Memory of a session, that no process has yet, and its descriptor for others.
type Memory = (Arc<SessionMemory>, OwnedFd);

/// Where sessions get their workers, and the memory of their rings.
#[derive(Debug)]
pub(crate) struct Workers {
    command: WorkerCommand,
    spares: Arc<Spares>,
}

/// The processes that wait for a session.
#[derive(Debug)]
struct Spares {
    wanted: usize,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: Vec<WorkerProcess>,
    /// As many as spares, when nothing is missing.
    memory: Vec<Memory>,
    /// How many are to be started.
    missing: usize,
    stopping: bool,
}

impl Workers {
    /// Keeps so many spares from now on.
    pub(crate) fn start(command: WorkerCommand, wanted: usize) -> anyhow::Result<Self> {
        let inner = Inner {
            missing: wanted,
            ..Inner::default()
        };
        let spares = Arc::new(Spares {
            wanted,
            inner: Mutex::new(inner),
            changed: Condvar::new(),
        });
        if wanted > 0 {
            let (spares, command) = (Arc::clone(&spares), command.clone());
            std::thread::Builder::new()
                .name("spares".into())
                .spawn(move || spares.replace(&command))
                .context("start the thread that replaces spare workers")?;
        }
        Ok(Self { command, spares })
    }

    /// Gives a session to a worker, and waits until it has begun. `chosen` is told the process id first.
    pub(crate) fn open(
        &self,
        message: &DaemonToWorker,
        descriptors: &[BorrowedFd<'_>],
        chosen: impl Fn(u32),
    ) -> anyhow::Result<(WorkerProcess, Ready)> {
        let begin = |mut worker: WorkerProcess| {
            chosen(worker.pid());
            worker
                .channel
                .send(message, descriptors, TAKES_WITHIN)
                .context("start the session")?;
            let ready = *worker.ready()?;
            Ok((worker, ready))
        };
        while let Some(spare) = self.spares.take() {
            let pid = spare.pid();
            match begin(spare) {
                Ok(opened) => {
                    self.spares.refill();
                    return Ok(opened);
                }
                Err(error) => {
                    let error: anyhow::Error = error;
                    tracing::warn!(pid, "a spare worker failed: {error:#}");
                }
            }
        }
        let opened = self.command.spawn().and_then(begin);
        self.spares.refill();
        opened
    }

    /// Takes over a worker that an earlier daemon has left.
    pub(crate) fn adopt(
        &self,
        kept: &KeptWorker,
        process: OwnedFd,
        channel: OwnedFd,
    ) -> WorkerProcess {
        self.command.adopt(kept, process, channel)
    }

    /// The process that watches the GPUs for errors.
    pub(crate) fn watcher(&self, soft: bool) -> anyhow::Result<Option<WorkerProcess>> {
        self.command.watcher(soft)
    }

    /// The shape of the memory that is made ahead.
    pub(crate) fn layout() -> Layout {
        Layout::default()
    }

    /// Memory of this shape for a session.
    pub(crate) fn memory(&self, layout: &Layout) -> anyhow::Result<Memory> {
        if *layout != Self::layout() {
            return SessionMemory::create_memfd(layout).context("make the session's memory");
        }
        let ready = self.spares.lock().memory.pop();
        ready.map_or_else(make_memory, Ok)
    }

    /// Ends the spares; none is started any more.
    pub(crate) fn stop(&self) {
        let waiting = {
            let mut inner = self.spares.lock();
            inner.stopping = true;
            inner.memory.clear();
            std::mem::take(&mut inner.waiting)
        };
        self.spares.changed.notify_all();
        // Each ends with its channel, or by force.
        drop(waiting);
    }
}

impl Spares {
    /// One that lives, if there is one.
    fn take(&self) -> Option<WorkerProcess> {
        loop {
            let mut spare = self.lock().waiting.pop()?;
            match spare.has_ended() {
                false => return Some(spare),
                true => tracing::warn!(pid = spare.pid(), "a spare worker has died"),
            }
        }
    }

    /// Has those replaced that were taken.
    fn refill(&self) {
        let mut inner = self.lock();
        inner.missing = self.wanted.saturating_sub(inner.waiting.len());
        self.changed.notify_all();
    }

    /// Starts what is missing until the daemon stops. A spare that could not be started is not tried again
    /// before the next session, which then learns why.
    fn replace(&self, command: &WorkerCommand) {
        loop {
            {
                let idle = |inner: &mut Inner| inner.missing == 0 && !inner.stopping;
                let waited = self.changed.wait_while(self.lock(), idle);
                let mut inner = waited.unwrap_or_else(PoisonError::into_inner);
                if inner.stopping {
                    return;
                }
                inner.missing -= 1;
            }
            let made = command
                .spawn()
                .and_then(|spare| Ok((spare, make_memory()?)));
            let (spare, memory) = match made {
                Ok(made) => made,
                Err(error) => {
                    tracing::warn!("a spare worker could not be started: {error:#}");
                    continue;
                }
            };
            let mut inner = self.lock();
            if inner.stopping {
                return;
            }
            if inner.memory.len() < self.wanted {
                inner.memory.push(memory);
            }
            if inner.waiting.len() < self.wanted {
                inner.waiting.push(spare);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is a single step: a panic elsewhere leaves the list whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_memory() -> anyhow::Result<Memory> {
    SessionMemory::create_memfd(&Workers::layout()).context("make the session's memory")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Instant;

    use super::*;

    /// Starts what is no worker: it ends at once.
    fn workers(wanted: usize) -> Workers {
        let command = WorkerCommand {
            binary: PathBuf::from("/bin/sh"),
            driver: PathBuf::new(),
            env: Vec::new(),
            users: None,
            filter: crate::config::WorkerFilter::Enforce,
        };
        Workers::start(command, wanted).unwrap()
    }

    fn waiting(workers: &Workers) -> Vec<u32> {
        let inner = workers.spares.lock();
        inner.waiting.iter().map(WorkerProcess::pid).collect()
    }

    /// Waits for what another thread brings about.
    fn wait_for(what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_so() {
            assert!(Instant::now() < deadline, "{what}");
            std::thread::yield_now();
        }
    }

    #[test]
    fn spares_are_started_ahead_and_ended_with_the_daemon() {
        let workers = workers(2);
        wait_for("two spares wait", || waiting(&workers).len() == 2);
        assert_eq!(workers.spares.lock().memory.len(), 2);
        workers.stop();
        assert!(waiting(&workers).is_empty());
        workers.spares.refill();
        wait_for("the thread ends", || {
            Arc::strong_count(&workers.spares) == 1
        });
        assert!(waiting(&workers).is_empty(), "none is started any more");
    }

    #[test]
    fn spare_that_is_no_worker_is_passed_over_and_replaced() {
        let workers = workers(1);
        wait_for("a spare waits", || waiting(&workers).len() == 1);
        let first = waiting(&workers)[0];
        let tried = Mutex::new(Vec::new());
        let opened = workers.open(&DaemonToWorker::End, &[], |pid| {
            tried.lock().unwrap().push(pid)
        });
        assert!(opened.is_err(), "a shell is no worker");
        let tried = tried.into_inner().unwrap();
        assert!(tried.len() <= 2, "a spare and one of its own: {tried:?}");
        wait_for("another waits", || {
            waiting(&workers).iter().any(|pid| *pid != first)
        });
        workers.stop();
    }

    #[test]
    fn worker_without_spares_is_started_for_its_session() {
        let workers = workers(0);
        let tried = Mutex::new(0);
        let opened = workers.open(&DaemonToWorker::End, &[], |_| *tried.lock().unwrap() += 1);
        assert!(opened.is_err(), "a shell is no worker");
        assert_eq!(tried.into_inner().unwrap(), 1);
        assert!(waiting(&workers).is_empty());
    }
}
