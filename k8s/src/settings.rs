//! What the operator says. Checked once, at the start. Read [`Settings`] first.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rigel_protocol::pool::PoolAddress;

use crate::PluginError;
use crate::resource::{SLOTS_MAX, UNITS_MAX};

/// Longest name of a node here: it is part of each token's note, which tells whose it is.
const NODE_BYTES_MAX: usize = 128;

/// How the plugin works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The node's name; unique among all that use the pool.
    pub node: String,
    /// The kubelet's folder for device plugins.
    pub plugins: PathBuf,
    /// The kubelet's socket for the pod resources API.
    pub pod_resources: PathBuf,
    /// The plugin's own folder, at the same path on the host: what containers are shown lies in it.
    pub folder: PathBuf,
    /// The pool, as containers reach it.
    pub pool: ContainerPool,
    /// How containers come by the libraries.
    pub delivery: Delivery,
    /// What is offered, where it is not all that the pool has.
    pub offered: Offered,
    /// Unit of the memory resource.
    pub memory_unit: MemoryUnit,
    /// What a container gets that asks for virtual GPUs alone.
    pub defaults: Defaults,
    /// How often, and how long.
    pub pace: Pace,
}

/// The pool, as containers reach it.
#[derive(Clone, Debug)]
pub enum ContainerPool {
    /// On this host: a socket that knows nobody without a token. Its folder is mounted, so that a server
    /// that is started anew is found again.
    Socket(PathBuf),
    /// Elsewhere.
    Remote(PoolAddress),
}

/// How containers come by the client libraries: the files are mounted into folders that the loader searches.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `libcuda.so.1`, where the plugin sees it.
    pub cuda: PathBuf,
    /// `libnvidia-ml.so.1`.
    pub nvml: Option<PathBuf>,
    /// The folders, in containers.
    pub into: Vec<PathBuf>,
    /// Variables that containers get.
    pub environment: BTreeMap<String, String>,
    /// The container runtime's folder of CDI specifications, if all this is to be done by a device of its;
    /// else the kubelet is told each mount.
    pub cdi: Option<PathBuf>,
}

/// What of the pool this node offers.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// Virtual GPUs at once; else so many for each GPU of the pool.
    pub slots: Option<u32>,
    /// Virtual GPUs for each GPU of the pool.
    pub slots_per_gpu: u32,
    /// Memory; else all.
    pub memory_bytes: Option<u64>,
    /// Percent of a GPU's time; else 100 for each GPU.
    pub compute_percent: Option<u32>,
}

/// What a container gets that asks for virtual GPUs alone, on each of them.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// Memory; else an equal part of what the node offers.
    pub memory_bytes: Option<u64>,
    /// Most time, in percent.
    pub compute_percent: u8,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            memory_bytes: None,
            compute_percent: 100,
        }
    }
}

/// Unit of the memory resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryUnit {
    /// `rigel.dev/vgpu-memory-mib`.
    #[default]
    Mib,
    /// `rigel.dev/vgpu-memory-gib`, for nodes with more than 175 GiB.
    Gib,
}

/// How often, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between looks at the pool and at who holds what.
    pub look: Duration,
    /// Between looks at the kubelet's socket.
    pub socket: Duration,
    /// A call to the kubelet.
    pub call: Duration,
    /// For how long a container that starts is looked for.
    pub find: Duration,
    /// After a registration that failed, at first; twice as long each time.
    pub retry_first: Duration,
    /// At most.
    pub retry_max: Duration,
    /// At so many looks in a row a container must be missing, before its token is ended.
    pub missing: u32,
}

impl Default for Offered {
    fn default() -> Self {
        Self {
            slots: None,
            slots_per_gpu: 8,
            memory_bytes: None,
            compute_percent: None,
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(5),
            socket: Duration::from_secs(1),
            call: Duration::from_secs(5),
            // The kubelet gives up after 30 seconds; the pool may take ten of them.
            find: Duration::from_secs(10),
            retry_first: Duration::from_millis(500),
            retry_max: Duration::from_secs(30),
            missing: 2,
        }
    }
}

impl MemoryUnit {
    /// Bytes in one.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Mib => 1 << 20,
            Self::Gib => 1 << 30,
        }
    }
}

impl Settings {
    /// Whether the settings make sense.
    pub fn check(&self) -> Result<(), PluginError> {
        let bad = |name, why: String| Err(PluginError::Setting { name, why });
        let odd = |c: char| c.is_control() || c.is_whitespace();
        let node = &self.node;
        if node.is_empty() || node.len() > NODE_BYTES_MAX || node.contains(odd) {
            let why = format!("a name of 1 to {NODE_BYTES_MAX} bytes without blanks is needed");
            return bad("node", why);
        }
        for (name, path) in [("folder", &self.folder), ("plugins", &self.plugins)] {
            if !path.is_absolute() {
                return bad(
                    name,
                    format!("{} is not the same path everywhere", path.display()),
                );
            }
        }
        let offered = &self.offered;
        if offered.slots.is_some_and(|slots| slots > SLOTS_MAX) {
            return bad("slots", format!("a node has at most {SLOTS_MAX}"));
        }
        if !(1..=SLOTS_MAX).contains(&offered.slots_per_gpu) {
            return bad("slots per GPU", format!("1 to {SLOTS_MAX} are possible"));
        }
        let units = offered
            .memory_bytes
            .map(|bytes| bytes / self.memory_unit.bytes());
        if units.is_some_and(|units| units > u64::from(UNITS_MAX)) {
            let why = format!("{UNITS_MAX} units are the most a kubelet can be told of: use GiB");
            return bad("memory", why);
        }
        if self.defaults.memory_bytes == Some(0) {
            return bad("default memory", "none at all is no use".into());
        }
        if !(1..=100).contains(&self.defaults.compute_percent) {
            return bad("default compute", "1 to 100 percent are possible".into());
        }
        match &self.pool {
            ContainerPool::Socket(path) if !path.is_absolute() || path.parent().is_none() => bad(
                "socket",
                format!("{} is not the path of a socket", path.display()),
            ),
            ContainerPool::Remote(PoolAddress::Quic(_)) | ContainerPool::Socket(_) => Ok(()),
            ContainerPool::Remote(other) => bad("pool", format!("{other} is not somewhere else")),
        }
    }
}
