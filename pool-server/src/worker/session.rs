//! A session as the worker holds it: everything that its calls need, whichever thread they run on.
//! Read [`Session`] first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rigel_protocol::call::{Cx, ThreadId};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::link::Notice;
use rigel_protocol::{CuError, CuResult, Driver};
use rigel_transport::{CloseReason, SessionMemory, Side};

use super::arena::Arenas;
use super::callback::Callbacks;
use super::charge::Charges;
use super::control::Ended;
use super::exports::Exports;
use super::fault::Fault;
use super::gate::Gates;
use super::handles::Handles;
use super::images::ImageDesk;
use super::last_kernel::LastKernel;
use super::ledger::VirtualGpu;
use super::meter::{Counter, Meter};
use super::native::SoftTable;
use super::output::Output;
use super::recent::Recent;
use super::reply::Replies;
use super::trace::Trace;
use super::waiters::Waiters;

/// A session: shared by the issue thread, the waiters, and threads of the driver that call back.
pub(super) struct Session {
    /// One thread at a time tells what has changed in page-locked memory.
    pub(super) telling: Mutex<()>,
    /// What executes the calls.
    pub(super) driver: Arc<dyn Driver>,
    /// The client's handles.
    pub(super) handles: Handles,
    /// What is charged to the quota.
    pub(super) charges: Charges,
    /// Counters for the daemon.
    pub(super) meter: Arc<Meter>,
    /// What it launched last.
    pub(super) last_kernel: LastKernel,
    /// What it has to pass to the GPUs.
    pub(super) gates: Gates,
    /// The way to the client.
    pub(super) replies: Replies,
    /// Page-locked memory.
    pub(super) arenas: Arenas,
    /// Host functions under way.
    pub(super) callbacks: Callbacks,
    /// Threads that wait for the GPU.
    pub(super) waiters: Waiters,
    /// The rings, to close them.
    pub(super) memory: Arc<SessionMemory>,
    /// Standard output, where this process hosts this session alone.
    pub(super) output: Option<Output>,
    /// What the driver says of itself, if it is one of ours.
    pub(super) soft: Option<SoftTable>,
    /// The contexts that are active, with their devices.
    pub(super) contexts: ActiveContexts,
    /// The streams that may be at work.
    pub(super) recent: Recent,
    /// How many captures are under way: nothing of ours may touch their streams.
    pub(super) captures: AtomicUsize,
    /// Notes of when it did what.
    pub(super) trace: Trace,
    /// Why the session is over.
    pub(super) ended: OnceLock<Ended>,
    /// What other sessions of the lease may open, and what they have opened.
    pub(super) exports: Exports,
    /// What compilers said of loads that failed.
    pub(super) failed_logs: super::custom::FailedLogs,
    /// Images that the daemon keeps.
    pub(super) images: ImageDesk,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Who made a call, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// The client's thread.
    pub(super) thread: ThreadId,
    /// Its current context, as the driver knows it.
    pub(super) context: Context,
    /// The call's sequence number.
    pub(super) sequence: u64,
    /// The call.
    pub(super) call: Call,
    /// Whether it waits for a reply.
    pub(super) waits: bool,
}

impl Caller {
    /// The caller's side of a call, for the driver.
    pub(super) fn cx(&self) -> Cx {
        Cx {
            context: self.context,
            thread: self.thread,
        }
    }
}

impl Session {
    /// Tells the client how a call went, as far as it wants to know.
    pub(super) fn finish(
        &self,
        caller: &Caller,
        result: Result<(), Fault>,
        results: &[u8],
    ) -> Result<(), Fault> {
        let result: CuResult<()> = match result {
            Ok(()) => Ok(()),
            Err(Fault::Cuda(error)) => Err(error),
            Err(fault) => return Err(fault),
        };
        if caller.waits {
            let looks = matches!(caller.call, Call::EVENT_QUERY | Call::STREAM_QUERY);
            if looks && result.is_ok() {
                self.tell_changes()?;
            }
            let Caller {
                call,
                thread,
                sequence,
                ..
            } = *caller;
            self.replies
                .answer(call, thread, sequence, result, results)?;
        } else if let Err(error) = result {
            tracing::debug!(call = caller.call.name(), thread = caller.thread.0, %error, "posted call failed");
            self.meter.add(Counter::PostedErrors, 1);
            self.replies.notice(
                caller.thread,
                Notice {
                    call: caller.call.0,
                    error,
                },
            )?;
        }
        Ok(())
    }

    /// Sends what kernels have printed, and reads the driver's counters: at every call after which
    /// the client may look.
    pub(super) fn catch_up(&self) -> Result<(), Fault> {
        if let Some(output) = &self.output {
            if let Some(soft) = &self.soft {
                soft.flush();
            }
            output.drain(|part| self.replies.output(part))?;
        }
        self.read_counters();
        self.charges.reconcile();
        self.tell_changes()
    }

    /// Tells a client of another host what the GPU has changed in page-locked memory.
    pub(super) fn tell_changes(&self) -> Result<(), Fault> {
        // What another thread has found is on its way before this one says what relies on it.
        let _one_at_a_time = self.telling.lock().unwrap_or_else(PoisonError::into_inner);
        for changes in self.arenas.changes().records() {
            self.replies.mirror_changed(changes)?;
        }
        Ok(())
    }

    /// Reads the driver's counters into the meter.
    pub(super) fn read_counters(&self) {
        self.last_kernel.show(&self.meter);
        if let Some(soft) = &self.soft {
            soft.read(&self.meter);
        }
    }

    /// Ends the session; the first reason stays.
    pub(super) fn end(&self, ended: Ended) {
        let reason = match &ended {
            Ended::Goodbye | Ended::Closed => CloseReason::FINISHED,
            Ended::Told => CloseReason::EVICTED,
            Ended::Protocol(_) => CloseReason::PROTOCOL,
            Ended::Failed(_) => CloseReason::WORKER_FAILED,
        };
        let _ = self.ended.set(ended);
        self.memory.close(Side::Worker, reason);
    }

    /// Ends the session because of a fault that is not a call's own.
    pub(super) fn fail(&self, fault: &Fault) {
        self.end(match fault {
            Fault::Ring(rigel_transport::RingError::Closed(_)) => Ended::Closed,
            Fault::Ring(error) => Ended::Protocol(error.to_string()),
            Fault::Wire(_) | Fault::Broken(_) => Ended::Protocol(fault.to_string()),
            Fault::Cuda(error) => Ended::Failed(error.to_string()),
        });
    }

    /// Whether a stream may be asked whether it is idle: a question of ours would spoil a capture.
    pub(super) fn may_query(&self) -> bool {
        self.captures.load(Ordering::Relaxed) == 0
    }

    /// Counts the captures that begin and end.
    pub(super) fn follow_captures(&self, call: Call, succeeded: bool) {
        let next = match call {
            Call::STREAM_BEGIN_CAPTURE_V2 | Call::STREAM_BEGIN_CAPTURE_TO_GRAPH if succeeded => {
                |n: usize| n.saturating_add(1)
            }
            // A capture that ends in an error has ended too.
            Call::STREAM_END_CAPTURE => |n: usize| n.saturating_sub(1),
            _ => return,
        };
        let _ = self
            .captures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| Some(next(n)));
    }

    /// Whether the rings are open.
    pub(super) fn is_open(&self) -> bool {
        self.memory.closed().is_none()
    }

    /// The virtual GPU of a context.
    pub(super) fn gpu_of(&self, context: Context) -> CuResult<VirtualGpu> {
        let device = self
            .contexts
            .device(context)
            .ok_or(CuError::INVALID_CONTEXT)?;
        u32::try_from(device.0)
            .map(VirtualGpu)
            .map_err(|_| CuError::INVALID_DEVICE)
    }
}

/// The contexts that are active.
#[derive(Debug, Default)]
pub(super) struct ActiveContexts {
    devices: Mutex<BTreeMap<u64, Device>>,
}

impl ActiveContexts {
    /// A context begins.
    pub(super) fn add(&self, context: Context, device: Device) {
        self.lock().insert(context.0, device);
    }

    /// A context ends.
    pub(super) fn remove(&self, context: Context) {
        self.lock().remove(&context.0);
    }

    /// A context's device.
    pub(super) fn device(&self, context: Context) -> Option<Device> {
        self.lock()
            .get(&context.0)
            .copied()
            .or_else(|| context.primary_device())
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<(Context, Device)> {
        self.lock()
            .iter()
            .map(|(&context, &device)| (Context(context), device))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Device>> {
        // Every change is a single step: a panic elsewhere leaves the map whole.
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
