//! The health of the physical GPUs: what their errors mean, and who may use them. It hears of errors from
//! a process of its own ([`crate::worker`]'s watch) and from the operator. Read [`Health`] first.
//!
//! 1. An error that is a program's own fault is counted and changes nothing.
//! 2. Any other makes the GPU ill: its sessions end with the error that CUDA has for it, and it takes no
//!    new ones until the operator declares it well (`rigel gpu resume`) or the server starts anew.
//! 3. A GPU that is drained takes no new sessions; those on it go on.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{GpuOrder, Refusal, RefusalCause};
use rigel_transport::CloseReason;
use serde::Serialize;

use super::admin::refuse;
use super::alerts::Alert;
use super::process::WorkerProcess;
use super::server::Server;
use crate::worker::control::{GpuFault, GpuName, WorkerToDaemon};

/// Errors of programs: an illegal address, a kernel that ran too long, a process that ended.
const OF_PROGRAMS: [u32; 7] = [8, 13, 31, 43, 45, 68, 109];
/// Errors that were corrected, or are a notice of repair.
const CORRECTED: [u32; 3] = [63, 92, 122];
/// Errors of memory that could not be corrected.
const OF_MEMORY: [u32; 4] = [48, 64, 94, 95];
/// The GPU does not answer any more.
const LOST: [u32; 2] = [79, 119];
/// Kinds of errors that are counted apart, for each GPU; more are counted together.
const KINDS_MAX: usize = 64;
/// A watcher that has ended is started again after this.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The health of all GPUs, by ordinal.
#[derive(Debug, Default)]
pub(crate) struct Health {
    gpus: Mutex<BTreeMap<u32, Gpu>>,
}

#[derive(Debug, Default)]
struct Gpu {
    drained: bool,
    illness: Option<(Illness, u32)>,
    errors: BTreeMap<u32, u64>,
}

/// What an ill GPU suffers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Illness {
    Memory,
    Lost,
    Failed,
}

/// A GPU's health, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct GpuHealth {
    /// `healthy`, `drained` or `ill`.
    pub(crate) state: &'static str,
    /// Why it is ill, in words.
    pub(crate) reason: Option<String>,
    /// How many errors it had, by Xid.
    pub(crate) errors: BTreeMap<u32, u64>,
}

impl Illness {
    /// What an error means; none if it is no illness.
    fn of(xid: u32) -> Option<Self> {
        match xid {
            xid if OF_PROGRAMS.contains(&xid) || CORRECTED.contains(&xid) => None,
            xid if OF_MEMORY.contains(&xid) => Some(Self::Memory),
            xid if LOST.contains(&xid) => Some(Self::Lost),
            _ => Some(Self::Failed),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Memory => "its memory has an error that cannot be corrected",
            Self::Lost => "it does not answer any more",
            Self::Failed => "it has failed",
        }
    }

    /// By which clients learn the error that CUDA has for it.
    fn close_reason(self) -> CloseReason {
        match self {
            Self::Memory => CloseReason::GPU_MEMORY,
            Self::Lost => CloseReason::GPU_LOST,
            Self::Failed => CloseReason::GPU_FAILED,
        }
    }
}

impl Health {
    /// There are these GPUs too.
    pub(crate) fn know(&self, ordinals: impl IntoIterator<Item = u32>) {
        let mut gpus = self.lock();
        for ordinal in ordinals {
            gpus.entry(ordinal).or_default();
        }
    }

    /// The GPUs that take no sessions.
    pub(crate) fn closed(&self) -> Vec<u32> {
        let gpus = self.lock();
        let closed = gpus.iter().filter(|(_, gpu)| gpu.is_closed());
        closed.map(|(ordinal, _)| *ordinal).collect()
    }

    /// The refusal of who needs one of these GPUs, if that is why there is none for him.
    pub(crate) fn refusal(&self, gpus: impl IntoIterator<Item = u32>) -> Option<Refusal> {
        let known = self.lock();
        let mut closed = gpus
            .into_iter()
            .filter_map(|ordinal| Some((ordinal, known.get(&ordinal)?)))
            .filter(|(_, gpu)| gpu.is_closed());
        let (ordinal, gpu) = closed.next()?;
        let why = gpu
            .reason()
            .unwrap_or_else(|| "the operator has drained it".into());
        Some(Refusal {
            cause: RefusalCause::GpuUnavailable,
            message: format!("GPU {ordinal} takes no sessions: {why}"),
        })
    }

    /// How a GPU is.
    pub(crate) fn of(&self, ordinal: u32) -> GpuHealth {
        let gpus = self.lock();
        let well = Gpu::default();
        let gpu = gpus.get(&ordinal).unwrap_or(&well);
        GpuHealth {
            state: match (gpu.illness, gpu.drained) {
                (Some(_), _) => "ill",
                (None, true) => "drained",
                (None, false) => "healthy",
            },
            reason: gpu.reason(),
            errors: gpu.errors.clone(),
        }
    }

    /// Does what the operator says.
    pub(crate) fn order(&self, ordinal: u32, order: GpuOrder) -> Result<(), Refusal> {
        let mut gpus = self.lock();
        let gpu = gpus
            .get_mut(&ordinal)
            .ok_or_else(|| refuse(format!("this server has no GPU {ordinal}")))?;
        match order {
            GpuOrder::Drain => gpu.drained = true,
            GpuOrder::Resume => {
                gpu.drained = false;
                gpu.illness = None;
            }
        }
        Ok(())
    }

    /// Whether any GPU is ill.
    fn any_ill(&self) -> bool {
        self.lock().values().any(|gpu| gpu.illness.is_some())
    }

    /// Counts an error; if the GPU falls ill of it, of what.
    fn note(&self, ordinal: u32, xid: u32) -> Option<Illness> {
        let mut gpus = self.lock();
        let gpu = gpus.get_mut(&ordinal)?;
        if gpu.errors.len() < KINDS_MAX || gpu.errors.contains_key(&xid) {
            *gpu.errors.entry(xid).or_default() += 1;
        }
        let illness = Illness::of(xid)?;
        // The first stays: the others follow from it.
        let is_new = gpu.illness.is_none();
        gpu.illness.get_or_insert((illness, xid));
        is_new.then_some(illness)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Gpu>> {
        // Every change is a single step.
        self.gpus.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gpu {
    fn is_closed(&self) -> bool {
        self.drained || self.illness.is_some()
    }

    fn reason(&self) -> Option<String> {
        let (illness, xid) = self.illness?;
        Some(format!("{} (Xid {xid})", illness.in_words()))
    }
}

impl Server {
    /// Follows from an error of a GPU.
    fn gpu_fault(&self, fault: &GpuFault) {
        let ordinal = match fault.gpu {
            GpuName::Ordinal(ordinal) => Some(ordinal),
            GpuName::Uuid(uuid) => {
                let found = self.profiles.iter().position(|one| one.uuid == uuid);
                found.map(|at| at as u32)
            }
        };
        let Some(gpu) = ordinal else {
            // Not one that the driver shows us.
            return;
        };
        tracing::warn!(gpu, xid = fault.xid, "a GPU reports an error");
        let Some(illness) = self.books.health.note(gpu, fault.xid) else {
            return;
        };
        let why = format!("GPU {gpu}: {} (Xid {})", illness.in_words(), fault.xid);
        tracing::error!("{why}; its sessions end, and it takes no new ones");
        self.mind_health();
        for session in self.books.sessions() {
            if session.grants.iter().any(|grant| grant.physical == gpu) {
                session.eviction.evict_because(illness.close_reason(), &why);
            }
        }
        self.line.wake();
    }

    /// Sets the alert by what is so.
    pub(crate) fn mind_health(&self) {
        let ill = self.books.health.any_ill();
        self.auditor.alerts.set(Alert::Gpu, ill);
    }

    /// Watches the GPUs for errors until the server stops.
    pub(crate) fn watch_gpus(&self) {
        while !self.is_stopping() {
            let outcome = match self.workers.watcher(self.driver.soft) {
                Ok(Some(watcher)) => self.listen_to(watcher),
                // There is nothing to be watched.
                Ok(None) => return,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => return,
                Err(error) => tracing::warn!("GPUs are not watched for errors: {error:#}"),
            }
            if self.stops_within(AGAIN_AFTER) {
                return;
            }
        }
    }

    fn listen_to(&self, mut watcher: WorkerProcess) -> anyhow::Result<()> {
        loop {
            let mut fds = [
                PollFd::new(watcher.channel.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.stop_fd(), PollFlags::POLLIN),
            ];
            // What interrupts it is looked at below.
            let _ = poll(&mut fds, PollTimeout::NONE);
            if self.is_stopping() {
                return Ok(());
            }
            match watcher.channel.try_receive::<WorkerToDaemon>()? {
                Some((WorkerToDaemon::GpuFault(fault), _)) => self.gpu_fault(&fault),
                Some((WorkerToDaemon::Failed { message }, _)) => {
                    // A host without NVML has none later either.
                    tracing::warn!("GPUs are not watched for errors: {message}");
                    let _ = watcher.has_ended();
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    /// Waits; whether the server stops meanwhile.
    fn stops_within(&self, span: Duration) -> bool {
        let mut fds = [PollFd::new(self.stop_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(span).unwrap_or(PollTimeout::MAX);
        matches!(poll(&mut fds, timeout), Ok(n) if n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well(n: u32) -> Health {
        let health = Health::default();
        health.know(0..n);
        health
    }

    #[test]
    fn error_of_a_program_is_counted_and_no_illness() {
        let health = well(2);
        for xid in OF_PROGRAMS.into_iter().chain(CORRECTED) {
            assert_eq!(health.note(0, xid), None, "{xid}");
        }
        assert_eq!(health.of(0).state, "healthy");
        assert_eq!(health.of(0).errors[&13], 1);
        assert!(health.closed().is_empty());
    }

    #[test]
    fn first_error_names_the_illness_until_the_operator_resumes() {
        let health = well(2);
        assert_eq!(health.note(1, 48), Some(Illness::Memory));
        assert_eq!(health.note(1, 79), None, "it was ill before");
        assert_eq!(health.closed(), [1]);
        assert!(health.refusal([0]).is_none());
        let refusal = health.refusal([0, 1]).unwrap();
        assert!(refusal.message.contains("Xid 48"), "{refusal:?}");
        health.order(1, GpuOrder::Resume).unwrap();
        assert!(health.closed().is_empty());
        assert_eq!(health.of(1).errors.len(), 2, "what has been stays counted");
    }

    #[test]
    fn drained_gpu_takes_none_and_is_not_ill() {
        let health = well(1);
        health.order(0, GpuOrder::Drain).unwrap();
        assert_eq!((health.of(0).state, health.any_ill()), ("drained", false));
        assert_eq!(health.closed(), [0]);
        assert!(health.order(7, GpuOrder::Drain).is_err());
        assert_eq!(health.note(7, 79), None);
    }

    #[test]
    fn each_illness_has_an_error_of_cuda() {
        let reasons = [48, 79, 62].map(|xid| Illness::of(xid).unwrap().close_reason());
        let expected = [
            CloseReason::GPU_MEMORY,
            CloseReason::GPU_LOST,
            CloseReason::GPU_FAILED,
        ];
        assert_eq!(reasons, expected);
    }
}
