//! Worker processes as the daemon sees them: started with one end of a channel as standard input,
//! watched through a pidfd, ended within a deadline.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use rigel_protocol::pool::to_hex;
use rigel_transport::peer::PidFd;

use super::estate::KeptWorker;
use super::openers::digest;
use super::placement::{Inventory, PhysicalGpu};
use super::worker_users::{Given, WorkerUsers};
use crate::config::{ServerConfig, WorkerFilter};
use crate::worker;
use crate::worker::confine::WorkerUser;
use crate::worker::control::{Channel, Ready, WorkerToDaemon};

/// Longest time a worker takes to open its driver: a real one with many GPUs takes seconds.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Longest time a killed process takes to be gone.
const DIES_WITHIN: Duration = Duration::from_secs(5);

/// How a worker is started.
#[derive(Clone, Debug)]
pub(crate) struct WorkerCommand {
    /// The `rigel` binary.
    pub(crate) binary: PathBuf,
    /// The libcuda.so.1 it opens.
    pub(crate) driver: PathBuf,
    /// Environment on top of the daemon's.
    pub(crate) env: Vec<(String, String)>,
    /// Users for them, if they have their own.
    pub(crate) users: Option<Arc<WorkerUsers>>,
    /// Their system calls.
    pub(crate) filter: WorkerFilter,
}

/// A started worker. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct WorkerProcess {
    handle: Handle,
    /// Its user, until it has ended.
    user: Option<Given>,
    /// The daemon's end of its channel.
    pub(crate) channel: Channel,
}

/// How the daemon holds on to a process.
#[derive(Debug)]
enum Handle {
    /// It has started it.
    Child(Child),
    /// A daemon before it has.
    Adopted { pid: u32, process: PidFd },
}

/// Variables of the daemon's own environment that would make a worker a client of a pool, or are a client's
/// to set, or are between it and its service manager. Which GPUs the server was given, by CUDA_VISIBLE_DEVICES, holds for its workers, too.
const KEPT_FROM_WORKERS: [&str; 11] = [
    "LD_PRELOAD",
    "RIGEL_POOL",
    "RIGEL_TOKEN",
    "RIGEL_TOKEN_FILE",
    "RIGEL_STATS",
    "CUDA_LAUNCH_BLOCKING",
    "NOTIFY_SOCKET",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    super::inherited::VARIABLE,
];

/// Where the soft driver's processes share their GPUs.
const SHARED_VARIABLE: &str = "RIGEL_SOFT_SHARED";

impl WorkerCommand {
    /// Starts a worker that waits for its session.
    pub(crate) fn spawn(&self) -> anyhow::Result<WorkerProcess> {
        self.spawn_with(&[])
    }

    fn spawn_with(&self, arguments: &[&str]) -> anyhow::Result<WorkerProcess> {
        let (ours, theirs) = Channel::pair().context("make the worker's channel")?;
        let theirs: OwnedFd = theirs
            .as_fd()
            .try_clone_to_owned()
            .context("hand over the worker's channel")?;
        let mut command = Command::new(&self.binary);
        command
            .arg("worker")
            .arg("--driver")
            .arg(&self.driver)
            .args(["--control-fd", "0", "--filter", self.filter.name()])
            .args(arguments)
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            // A signal from the operator's terminal is the daemon's to pass on.
            .process_group(0)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        let user = self.users.as_ref().map(WorkerUsers::give).transpose()?;
        if let Some(given) = &user {
            let WorkerUser { uid, gid } = given.user();
            command.args(["--uid", &uid.to_string(), "--gid", &gid.to_string()]);
        }
        for name in KEPT_FROM_WORKERS {
            if !self.env.iter().any(|(set, _)| set == name) {
                command.env_remove(name);
            }
        }
        let child = command
            .spawn()
            .with_context(|| format!("start worker {}", self.binary.display()))?;
        Ok(WorkerProcess {
            handle: Handle::Child(child),
            user,
            channel: ours,
        })
    }

    /// Takes a worker over that an earlier daemon has started.
    pub(crate) fn adopt(
        &self,
        kept: &KeptWorker,
        process: OwnedFd,
        channel: OwnedFd,
    ) -> WorkerProcess {
        let users = self.users.as_ref();
        WorkerProcess {
            handle: Handle::Adopted {
                pid: kept.pid,
                process: PidFd::from(process),
            },
            user: kept.uid.and_then(|uid| users?.keep(uid)),
            channel: Channel::from_fd(channel),
        }
    }

    /// Starts the process that watches the GPUs for errors; none where there is nothing to be watched.
    pub(crate) fn watcher(&self, soft: bool) -> anyhow::Result<Option<WorkerProcess>> {
        let name = worker::FAULTS_VARIABLE;
        let imitated =
            self.env.iter().any(|(set, _)| set == name) || std::env::var_os(name).is_some();
        let is_real = !soft && self.driver != Path::new(worker::NULL_DRIVER);
        match imitated || is_real {
            true => self.spawn_with(&["--watch"]).map(Some),
            false => Ok(None),
        }
    }

    /// Asks a worker which devices its driver has. The daemon itself never loads it.
    pub(crate) fn probe(&self) -> anyhow::Result<(Inventory, Ready)> {
        let mut worker = self.spawn_with(&["--probe"])?;
        let ready = worker.ready()?;
        let gpus = ready
            .devices
            .iter()
            .enumerate()
            .map(|(ordinal, device)| PhysicalGpu {
                ordinal: ordinal as u32,
                name: device.name.clone(),
                memory_bytes: device.total_bytes,
            })
            .collect();
        Ok((Inventory { gpus }, *ready))
    }
}

impl WorkerCommand {
    /// Gives workers users of their own, if that was asked for, or can be done: the driver must be within
    /// their reach. Those in `taken` have workers that an earlier daemon has left. Also asks for the devices.
    pub(crate) fn choose_users(
        mut self,
        config: &ServerConfig,
        state: &Path,
        taken: &[u32],
    ) -> anyhow::Result<(Self, Inventory, Ready)> {
        let opens = |worker: &Self| {
            let driver = worker.driver.display();
            worker
                .probe()
                .with_context(|| format!("open the driver {driver}"))
        };
        let Some(base) = config.worker_uid_base() else {
            let (inventory, ready) = opens(&self)?;
            return Ok((self, inventory, ready));
        };
        let with_users = || {
            let users = WorkerUsers::new(base, taken)?;
            let mut worker = self.clone();
            worker.share_soft_gpus(&users, state)?;
            worker.users = Some(users);
            let (inventory, ready) = opens(&worker)?;
            Ok((worker, inventory, ready))
        };
        match with_users() {
            Ok(chosen) => return Ok(chosen),
            Err(error) if config.worker_uid_base.is_some() => {
                let error: anyhow::Error = error;
                return Err(error.context("give workers users of their own (`worker_uid_base`)"));
            }
            Err(error) => {
                tracing::warn!("workers run as the server's own user: {error:#}");
            }
        }
        self.users = None;
        let (inventory, ready) = opens(&self)?;
        Ok((self, inventory, ready))
    }

    /// Soft GPUs are shared through a file, which belongs to who makes it: to all workers here.
    fn share_soft_gpus(&mut self, users: &WorkerUsers, state: &Path) -> anyhow::Result<()> {
        let set = self.env.iter().find(|(name, _)| name == SHARED_VARIABLE);
        let set = set.map(|(_, value)| value.into());
        let path = match set.or_else(|| std::env::var_os(SHARED_VARIABLE)) {
            Some(off) if off == "off" => return Ok(()),
            Some(path) => PathBuf::from(path),
            None => {
                let name = to_hex(&digest(&state.to_string_lossy())[..8]);
                PathBuf::from(format!("/dev/shm/rigel-soft-pool-{name}"))
            }
        };
        users.make_shared_file(&path)?;
        self.env.retain(|(name, _)| name != SHARED_VARIABLE);
        let path = path.to_string_lossy().into_owned();
        self.env.push((SHARED_VARIABLE.into(), path));
        Ok(())
    }
}

impl WorkerProcess {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        match &self.handle {
            Handle::Child(child) => child.id(),
            Handle::Adopted { pid, .. } => *pid,
        }
    }

    /// What the next daemon must know of it.
    pub(crate) fn to_be_kept(&self) -> KeptWorker {
        KeptWorker {
            pid: self.pid(),
            uid: self.user.as_ref().map(|given| given.user().uid),
        }
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.handle.has_ended()
    }

    /// A handle on it; a client of this host gets one too.
    pub(crate) fn pidfd(&self) -> anyhow::Result<PidFd> {
        self.handle.pidfd()
    }

    /// Waits until the worker has opened its driver.
    pub(crate) fn ready(&mut self) -> anyhow::Result<Box<Ready>> {
        match self.channel.receive::<WorkerToDaemon>(READY_WITHIN) {
            Ok((WorkerToDaemon::Ready(ready), _)) => Ok(ready),
            Ok((WorkerToDaemon::Failed { message }, _)) => bail!("{message}"),
            Ok((WorkerToDaemon::Ended(ended), _)) => bail!("worker ended at once: {ended:?}"),
            Ok((other, _)) => bail!("the worker's first message is {other:?}"),
            Err(error) => match self.handle.status() {
                Some(status) => bail!("worker died while it opened the driver ({status})"),
                None => Err(error).context("wait for the worker to open the driver"),
            },
        }
    }

    /// Waits for the process to end, and kills it when it has not within `grace`. Says how it ended, if
    /// this daemon has started it.
    pub(crate) fn end(mut self, grace: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + grace;
        if let Ok(pidfd) = self.pidfd() {
            pidfd.wait(deadline);
        }
        if !self.handle.has_ended() {
            tracing::warn!(pid = self.pid(), "worker does not end; killing it");
            self.handle.kill();
        }
        self.handle.status()
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        if !self.handle.has_ended() {
            self.handle.kill();
        }
    }
}

impl Handle {
    fn pidfd(&self) -> anyhow::Result<PidFd> {
        match self {
            Self::Child(child) => PidFd::open(child.id() as i32).context("open the worker's pidfd"),
            Self::Adopted { process, .. } => {
                let own = process.as_fd().try_clone_to_owned();
                own.map(PidFd::from).context("copy the worker's pidfd")
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        match self {
            Self::Child(child) => !matches!(child.try_wait(), Ok(None)),
            Self::Adopted { process, .. } => {
                let ended = process.has_exited();
                if ended {
                    // A daemon that was started anew in the place of the first is the parent still.
                    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG;
                    let _ = waitid(Id::PIDFd(process.as_fd()), flags);
                }
                ended
            }
        }
    }

    /// Kills it, and waits for its end.
    fn kill(&mut self) {
        match self {
            Self::Child(child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            Self::Adopted { process, .. } => {
                let _ = process.signal(libc::SIGKILL);
                process.wait(Instant::now() + DIES_WITHIN);
                self.has_ended();
            }
        }
    }

    /// How it ended, if that is known.
    fn status(&mut self) -> Option<ExitStatus> {
        match self {
            Self::Child(child) => child.try_wait().ok().flatten(),
            Self::Adopted { .. } => None,
        }
    }
}

/// The driver that the configuration means.
pub(crate) fn find_driver(setting: Option<&str>) -> anyhow::Result<PathBuf> {
    match setting.unwrap_or("auto") {
        "soft" => soft(),
        worker::NULL_DRIVER => {
            tracing::warn!("the null driver executes nothing: it is for measuring the path alone");
            Ok(PathBuf::from(worker::NULL_DRIVER))
        }
        "nvidia" => nvidia().context(
            "no NVIDIA driver found (libcuda.so.1 in the system's library folders); \
             install it, or use --driver soft",
        ),
        "auto" => match nvidia() {
            Some(path) if Path::new("/dev/nvidiactl").exists() => Ok(path),
            _ => soft(),
        },
        path if Path::new(path).is_file() => Ok(PathBuf::from(path)),
        other => {
            bail!("driver `{other}` is none of auto, nvidia, soft, null, or the path of a library")
        }
    }
}

fn soft() -> anyhow::Result<PathBuf> {
    crate::paths::soft_driver().context(
        "the soft driver (soft/libcuda.so.1) is not beside the rigel binary; \
         in a build tree run `cargo xtask layout`, or set RIGEL_LIB_DIR",
    )
}

/// NVIDIA's library where distributions put it. Not by the loader's search path, on which one of
/// our own libraries may come first.
fn nvidia() -> Option<PathBuf> {
    const FOLDERS: [&str; 7] = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/usr/lib/wsl/lib",
        "/usr/local/nvidia/lib64",
        "/usr/local/cuda/compat",
    ];
    FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join("libcuda.so.1"))
        .find(|path| path.exists())
}
