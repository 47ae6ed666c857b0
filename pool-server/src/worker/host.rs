//! The worker process from its start to its end. Read [`main`] first.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use rigel_protocol::Driver;
use rigel_protocol::control::RingSizes;
use rigel_protocol::custom::DeviceProfile;
use rigel_protocol::generated::calls::Call;
use rigel_transport::{Layout, SessionMemory, Side, WorkerEnd};

use super::arena::Arenas;
use super::callback::Callbacks;
use super::charge::{Account, Charges, Quota};
use super::control::{Channel, ChannelError, DaemonToWorker, Ended, Ready, Start, WorkerToDaemon};
use super::exports::{Answer, Exports};
use super::gate::Gates;
use super::grants::{Bell, Grants};
use super::handles::Handles;
use super::images::ImageDesk;
use super::intake;
use super::last_kernel::LastKernel;
use super::ledger::{Ledger, LedgerSlot, VirtualGpu};
use super::meter::Meter;
use super::native::{Native, SoftTable};
use super::null::Null;
use super::output::Output;
use super::recent::Recent;
use super::reply::Replies;
use super::session::{ActiveContexts, Session};
use super::source::Source;
use super::trace::Trace;
use super::upload::Upload;
use super::waiters::Waiters;
use super::watch;
use super::{Arguments, NULL_DRIVER};

/// Longest wait for the daemon to take a message.
const DAEMON_WITHIN: Duration = Duration::from_secs(30);
/// Longest time for giving everything back at the end of a session.
const GIVES_BACK_WITHIN: Duration = Duration::from_secs(3);
/// The daemon's channel is looked at for a message for this long at a time.
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Hosts a session until it ends, or probes the driver.
pub(super) fn main(arguments: &Arguments) -> anyhow::Result<()> {
    let channel = Channel::inherited(arguments.control_fd).context("take the daemon's channel")?;
    let confined = match arguments.watch {
        // It hosts nobody, and hears nothing of clients.
        true => Ok(()),
        false => arguments.confinement.enter(),
    };
    let outcome = confined.and_then(|()| match (arguments.probe, arguments.watch) {
        (true, _) => probe(arguments, &channel),
        (false, true) => watch::main(&channel),
        (false, false) => host(arguments, &channel),
    });
    if let Err(error) = &outcome {
        let message = format!("{error:#}");
        tracing::error!("worker failed: {message}");
        // The daemon may be gone, which is why it failed.
        let _ = channel.send(&WorkerToDaemon::Failed { message }, &[], DAEMON_WITHIN);
    }
    outcome
}

/// A driver that is open, and what it says of itself.
struct Behind {
    opened: Opening,
    ready: Ready,
    soft: Option<SoftTable>,
}

impl Behind {
    /// Opens a driver and all its devices.
    fn open(path: &Path) -> anyhow::Result<Self> {
        let ready = |devices: &[DeviceProfile], version, name, range| Ready {
            devices: devices.to_vec(),
            driver_version: version,
            driver_name: name,
            soft: false,
            device_range: range,
            call_id_max: Call::ALL.last().map_or(0, |call| call.0),
        };
        if path == Path::new(NULL_DRIVER) {
            let null = Null::new()?;
            let range = null.device_range();
            let ready = ready(null.profiles(), null.version(), null.name(), range);
            return Ok(Self {
                opened: Opening::Null(Arc::new(null)),
                ready,
                soft: None,
            });
        }
        let native = Native::open(path)?;
        let (soft, range) = (native.soft(), native.device_range());
        let mut ready = ready(native.profiles(), native.version(), native.name(), range);
        ready.soft = soft.is_some();
        Ok(Self {
            opened: Opening::Native(Box::new(native)),
            ready,
            soft,
        })
    }

    /// Keeps the devices with these ordinals, in this order.
    fn choose(&mut self, physical: &[u32]) -> anyhow::Result<()> {
        if let Opening::Native(native) = &mut self.opened {
            native.choose(physical)?;
            self.ready.devices = native.profiles().to_vec();
        }
        Ok(())
    }

    /// The driver, as the session uses it.
    fn driver(opened: Opening) -> Arc<dyn Driver> {
        match opened {
            Opening::Null(null) => null,
            Opening::Native(native) => Arc::<Native>::from(native),
        }
    }
}

/// A driver whose devices are not chosen yet.
enum Opening {
    /// Has one device.
    Null(Arc<Null>),
    /// A library's.
    Native(Box<Native>),
}

/// Reports all physical devices.
fn probe(arguments: &Arguments, channel: &Channel) -> anyhow::Result<()> {
    let behind = Behind::open(&arguments.driver)?;
    say_ready(channel, behind.ready)
}

fn host(arguments: &Arguments, channel: &Channel) -> anyhow::Result<()> {
    let output = Output::capture().context("catch standard output")?;
    // Before the session is known: this process may be a spare one, started ahead.
    let mut behind = Behind::open(&arguments.driver)?;
    let (start, descriptors) = match channel.receive(YEAR) {
        Ok((DaemonToWorker::Start(start), descriptors)) => (start, descriptors),
        Ok((DaemonToWorker::End, _)) | Err(ChannelError::Closed) => return Ok(()),
        Ok((other, _)) => bail!("the daemon's first message is {other:?}"),
        Err(error) => return Err(error).context("wait for the session"),
    };
    let physical: Vec<u32> = start.devices.iter().map(|device| device.physical).collect();
    behind.choose(&physical)?;
    let opened = Opened::new(&start, descriptors)?;
    behind.ready.devices = opened.within_quota(behind.ready.devices);
    say_ready(channel, behind.ready)?;
    let parts = Parts {
        driver: Behind::driver(behind.opened),
        output: Some(output),
        soft: behind.soft,
    };
    let ended = serve(&start, opened, parts, channel);
    tracing::info!(session = start.session, ?ended, "session ended");
    // The daemon may be gone, which is why it ended.
    let _ = channel.send(&WorkerToDaemon::Ended(ended), &[], DAEMON_WITHIN);
    Ok(())
}

fn say_ready(channel: &Channel, ready: Ready) -> anyhow::Result<()> {
    let message = WorkerToDaemon::Ready(Box::new(ready));
    channel
        .send(&message, &[], DAEMON_WITHIN)
        .context("report the devices")
}

/// What the daemon has handed over.
struct Opened {
    memory: Arc<SessionMemory>,
    ledger: Ledger,
    meter: Arc<Meter>,
    gates: Gates,
    quotas: Vec<Quota>,
    /// Ordinals of the GPUs for the driver.
    physical: Vec<u32>,
}

/// What executes the session's calls.
struct Parts {
    driver: Arc<dyn Driver>,
    output: Option<Output>,
    soft: Option<SoftTable>,
}

impl Opened {
    fn new(start: &Start, mut descriptors: Vec<OwnedFd>) -> anyhow::Result<Self> {
        // A client elsewhere has the daemon's bridge for its end, which this bell wakes.
        let bell = if start.local { None } else { descriptors.pop() };
        let count = descriptors.len();
        let Ok([memory, ledger, meter, grants, alarm]) = <[OwnedFd; 5]>::try_from(descriptors)
        else {
            bail!("the session came with {count} descriptors in place of 5");
        };
        let RingSizes {
            command,
            upload,
            reply,
            download,
        } = start.rings;
        let layout = Layout::new([command, upload, reply, download]).context("read the rings")?;
        let limit = |quota: u64| if quota == 0 { u64::MAX } else { quota };
        let quotas = start.devices.iter();
        let gpus = start.devices.len();
        let grants = Grants::open(grants, gpus).context("open the session's grants")?;
        let alarm = Bell::open(alarm).context("open the daemon's bell")?;
        let memory = SessionMemory::from_fd(memory, &layout).context("map the session's memory")?;
        if let Some(bell) = bell {
            memory.ring_eventfd(Side::Client, bell);
        }
        Ok(Self {
            memory,
            ledger: Ledger::open(ledger).context("open the lease's ledger")?,
            meter: Arc::new(Meter::open(meter).context("open the session's meter")?),
            gates: Gates::new(grants, alarm, if start.gated { gpus } else { 0 }),
            quotas: quotas
                .map(|d| Quota {
                    limit_bytes: limit(d.quota_bytes),
                    line: VirtualGpu(d.line),
                })
                .collect(),
            physical: start.devices.iter().map(|d| d.physical).collect(),
        })
    }

    /// The devices with the quota as their memory.
    fn within_quota(&self, mut profiles: Vec<DeviceProfile>) -> Vec<DeviceProfile> {
        for (profile, quota) in profiles.iter_mut().zip(&self.quotas) {
            let lease = self.ledger.usage(quota.line);
            let limit = lease.map_or(0, |usage| usage.limit_bytes);
            profile.total_bytes = profile.total_bytes.min(quota.limit_bytes).min(limit);
        }
        profiles
    }
}

/// Serves the session until it is over, and gives back what it held.
fn serve(start: &Start, opened: Opened, parts: Parts, channel: &Channel) -> Ended {
    let end = match opened.memory.worker() {
        Ok(end) => end,
        Err(error) => return Ended::Failed(error.to_string()),
    };
    let WorkerEnd {
        command,
        upload,
        reply,
        download,
        memory,
        ..
    } = end;
    let slot = LedgerSlot(start.ledger_slot);
    let exports = match Exports::new(channel, opened.physical.clone()) {
        Ok(exports) => exports,
        Err(error) => return Ended::Failed(error.to_string()),
    };
    let session = Arc::new(Session {
        driver: parts.driver,
        handles: Handles::default(),
        charges: Charges::new(
            opened.ledger,
            slot,
            opened.quotas,
            Arc::clone(&opened.meter),
            account(parts.soft, opened.physical.clone()),
        ),
        meter: Arc::clone(&opened.meter),
        last_kernel: LastKernel::default(),
        gates: opened.gates,
        telling: std::sync::Mutex::default(),
        replies: Replies::new(reply, download),
        arenas: Arenas::new(start.arena_range),
        callbacks: Callbacks::default(),
        waiters: Waiters::new(opened.meter),
        memory,
        output: parts.output,
        soft: parts.soft,
        contexts: ActiveContexts::default(),
        recent: Recent::default(),
        trace: Trace::new(own_end(channel)),
        captures: std::sync::atomic::AtomicUsize::new(0),
        ended: std::sync::OnceLock::new(),
        exports,
        failed_logs: super::custom::FailedLogs::default(),
        images: ImageDesk::new(own_end(channel)),
    });
    let source = Arc::new(Source::new(command));
    std::thread::scope(|scope| {
        scope.spawn(|| listen(&session, &source, channel));
        scope.spawn(|| session.gates.keep(&session));
        intake::run(&session, &source, &mut Upload::new(upload));
        finish(&session, channel)
    })
}

/// The channel's end once more, for a thread that sends notes, and one that asks.
fn own_end(channel: &Channel) -> Option<Channel> {
    let end = std::os::fd::AsFd::as_fd(channel).try_clone_to_owned();
    end.ok().map(Channel::from_fd)
}

/// What the driver has in use by its own account; only ours keeps one for each process.
fn account(soft: Option<SoftTable>, physical: Vec<u32>) -> Account {
    Box::new(move |gpu| {
        let device = physical.get(gpu.0 as usize)?;
        Some(soft?.memory_bytes(*device))
    })
}

/// Listens to the daemon until the session is over.
fn listen(session: &Arc<Session>, source: &Source, channel: &Channel) {
    while session.is_open() {
        match channel.receive::<DaemonToWorker>(YEAR) {
            Ok((DaemonToWorker::ArenaMap { arena, bytes }, descriptors)) => {
                match descriptors.into_iter().next() {
                    Some(memory) => session.arenas.hand_over(arena, memory, bytes),
                    None => session.end(Ended::Failed("an arena came without memory".into())),
                }
            }
            // The client has asked for it with `hostFree` first; this is for one that never placed it.
            Ok((DaemonToWorker::ArenaUnmap { arena }, _)) => session.arenas.remove(arena),
            Ok((DaemonToWorker::MakeWay, _)) => source.make_way(),
            Ok((DaemonToWorker::Image { ask }, files)) => {
                session.images.answered(ask, files.into_iter().next());
            }
            Ok((DaemonToWorker::Exported { question, token }, _)) => {
                session.exports.answered(question, Answer::Token(token));
            }
            Ok((DaemonToWorker::Imported { question, export }, descriptors)) => {
                let descriptor = descriptors.into_iter().next();
                let answer = Answer::Found(export, descriptor);
                session.exports.answered(question, answer);
            }
            Ok((DaemonToWorker::End, _)) => session.end(Ended::Told),
            Ok((
                DaemonToWorker::Trace {
                    rate_ppm,
                    events_max,
                    tell_client,
                },
                _,
            )) => {
                session.trace.tell(session, rate_ppm, events_max);
                if tell_client {
                    // A session that is over ends this loop by itself.
                    let _ = session.replies.trace_on(rate_ppm);
                }
            }
            Ok((DaemonToWorker::Start(_), _)) => {
                session.end(Ended::Failed("the daemon started a second session".into()));
            }
            Err(ChannelError::Timeout) => {}
            Err(ChannelError::Closed) => session.end(Ended::Told),
            Err(error) => session.end(Ended::Failed(error.to_string())),
        }
    }
}

/// Ends the process when it has not ended by itself in time: a kernel that never returns would keep its
/// context, and with it the process, for ever. What it held goes with it; the daemon keeps the books.
fn end_by_force() {
    std::thread::spawn(|| {
        std::thread::sleep(GIVES_BACK_WITHIN);
        tracing::warn!("work of the session does not end; the worker goes with it");
        let _ = nix::sys::signal::kill(nix::unistd::Pid::this(), nix::sys::signal::SIGKILL);
    });
}

/// Nothing is issued any more: everything the session held is given back.
fn finish(session: &Arc<Session>, channel: &Channel) -> Ended {
    session.read_counters();
    end_by_force();
    session.gates.close();
    session.waiters.close();
    session.trace.close(session);
    for (context, device) in session.contexts.all() {
        let ended = match context.primary_device() {
            Some(_) => session.driver.primary_reset(device),
            None => session.driver.context_destroy(context),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "context at the session's end");
        }
    }
    session.charges.refund_all();
    session.read_counters();
    // The listener sleeps in a receive: the end of our sending half does not wake it, this does.
    let _ = nix::sys::socket::shutdown(
        std::os::fd::AsRawFd::as_raw_fd(&std::os::fd::AsFd::as_fd(channel)),
        nix::sys::socket::Shutdown::Read,
    );
    session.ended.get().cloned().unwrap_or(Ended::Closed)
}
