//! What the daemon and a worker say to each other: messages over a Unix socketpair, with
//! descriptors. It is not the path of a call: that is the session's rings. Read [`Start`] first.
//!
//! 1. The daemon makes a [`Channel::pair`], starts `rigel worker --driver PATH --control-fd N` with
//!    one end inherited, and sends [`DaemonToWorker::Start`].
//! 2. The worker opens its driver and answers [`WorkerToDaemon::Ready`], or [`WorkerToDaemon::Failed`]
//!    and exits.
//! 3. [`DaemonToWorker::ArenaMap`] precedes the answer to the client that asked for the arena; the
//!    client's record that places it may overtake the message, so that the worker waits for it.
//! 4. The worker ends when the client says goodbye, when the daemon says so or closes the channel,
//!    or when the client breaks the protocol. It says [`WorkerToDaemon::Ended`] and exits.
//! 5. With `--probe` there is no `Start`: the worker reports every physical device and exits.

mod channel;

use rigel_protocol::control::{AddressRange, RingSizes};
use rigel_protocol::custom::DeviceProfile;
use rigel_protocol::link::ImageName;
use rigel_protocol::trace::TraceWords;
use serde::{Deserialize, Serialize};

pub use channel::{Channel, ChannelError, DESCRIPTORS_MAX};

/// What the daemon says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DaemonToWorker {
    /// Opens the worker's session. Five descriptors come with it, in this order: the session's
    /// memory, the lease's ledger ([`crate::worker::ledger`]), the session's meter
    /// ([`crate::worker::meter`]), its grants and the daemon's bell ([`crate::worker::grants`]). For a
    /// client of another host a sixth follows: the eventfd that wakes the daemon's bridge ([`rigel_transport::SessionMemory::ring_eventfd`]).
    Start(Start),
    /// Hands over the memory of an arena (one descriptor). The client maps it first, then says where
    /// in a record of its command ring.
    ArenaMap {
        /// Its number in the session.
        arena: u32,
        /// Its size in bytes.
        bytes: u64,
    },
    /// The client has given an arena back.
    ArenaUnmap {
        /// Its number in the session.
        arena: u32,
    },
    /// Answers a question about an image. A descriptor comes with it, or none: the image is not there, or
    /// there is no room for it.
    Image {
        /// The question's number.
        ask: u64,
    },
    /// What became of a [`WorkerToDaemon::Export`].
    Exported {
        /// Its number.
        question: u64,
        /// The token; none if the lease has too many.
        token: Option<u64>,
    },
    /// The answer to a [`WorkerToDaemon::Import`], with the descriptor that was exported, if there was one.
    Imported {
        /// Its number.
        question: u64,
        /// What the token stands for in this lease, if it stands for anything.
        export: Option<Export>,
    },
    /// The word that a host function has returned waits behind the calls in the ring: more of them shall be
    /// taken out.
    MakeWay,
    /// Ends the session: nothing of it is issued any more, and everything it holds is freed.
    End,
    /// Notes a part of the calls from now on, or none any more.
    Trace {
        /// How many of a million.
        rate_ppm: u32,
        /// After so many events it ends.
        events_max: u64,
        /// Whether the client understands that it shall do likewise.
        tell_client: bool,
    },
}

/// A session to host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Its number, for logs.
    pub session: u64,
    /// Sizes of its rings.
    pub rings: RingSizes,
    /// The virtual GPUs in the client's order.
    pub devices: Vec<DeviceAssignment>,
    /// The session's slot in the ledger.
    pub ledger_slot: u32,
    /// Whether its work passes gates.
    pub gated: bool,
    /// Addresses that arenas may take.
    pub arena_range: AddressRange,
    /// Whether the client is on this host: then it may ask for arenas.
    pub local: bool,
}

/// One virtual GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAssignment {
    /// Ordinal of the physical GPU, as a probe reports them. No two virtual GPUs of a session share
    /// one.
    pub physical: u32,
    /// Its line in the lease's ledger.
    pub line: u32,
    /// The session's own limit of memory in bytes, below the lease's; 0 means none.
    pub quota_bytes: u64,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkerToDaemon {
    /// The driver is open: the session runs, or the probe is done.
    Ready(Box<Ready>),
    /// The worker cannot serve and exits. The message says why and what to do.
    Failed {
        /// In words, for the log and the client.
        message: String,
    },
    /// Something of the session's may be opened by the other sessions of its lease. It comes with a descriptor if
    /// the driver has made one.
    Export {
        /// A number for the answer.
        question: u64,
        /// What.
        export: Export,
    },
    /// It is gone.
    Withdraw {
        /// Its token.
        token: u64,
    },
    /// A session asks what a token stands for.
    Import {
        /// A number for the answer.
        question: u64,
        /// The token.
        token: u64,
    },
    /// The session is over and its memory given back.
    Ended(Ended),
    /// What was noted for a timeline or for spans.
    Trace(TraceBatch),
    /// A GPU has had an error. From the process that watches them.
    GpuFault(GpuFault),
    /// About an image.
    Image(ImageQuestion),
}

/// What a worker says of images. Those with a number are answered by [`DaemonToWorker::Image`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageQuestion {
    /// Asks for an image to read.
    Find {
        /// The question's number.
        ask: u64,
        /// Its name.
        name: ImageName,
        /// Its size in bytes.
        bytes: u64,
    },
    /// Asks for memory to put an image down in.
    Room {
        /// The question's number.
        ask: u64,
        /// Its name.
        name: ImageName,
        /// Its size in bytes.
        bytes: u64,
    },
    /// The image lies in that memory, whole.
    Written {
        /// Its name.
        name: ImageName,
    },
}

/// An error of a physical GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuFault {
    /// Which.
    pub gpu: GpuName,
    /// What, as NVIDIA numbers it.
    pub xid: u32,
}

/// How a physical GPU is known to whoever watches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GpuName {
    /// By its ordinal for the driver.
    Ordinal(u32),
    /// By its UUID.
    Uuid([u8; 16]),
}

/// Notes of a session, in the order of their ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceBatch {
    /// The events.
    pub events: Vec<TraceWords>,
    /// Names that have come up since the last batch, by their index.
    pub names: Vec<(u32, String)>,
    /// How many events were left out so far.
    pub dropped: u64,
    /// Whether somebody will fetch them.
    pub keep: bool,
}

/// An open driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The session's virtual GPUs with their quota as total memory, or all physical ones of a probe.
    pub devices: Vec<DeviceProfile>,
    /// What `cuDriverGetVersion` reports.
    pub driver_version: i32,
    /// Name of the driver, for people.
    pub driver_name: String,
    /// Whether it runs kernels on the CPU.
    pub soft: bool,
    /// Addresses that device memory may take; no bytes where the driver does not say.
    pub device_range: AddressRange,
    /// Highest call id this worker knows.
    pub call_id_max: u16,
}

/// What a session lets the others of its lease open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// What it is.
    pub kind: ExportKind,
    /// What the driver calls it, where that is no descriptor.
    pub data: Vec<u8>,
    /// Bytes that whoever opens it is charged.
    pub bytes: u64,
    /// Ordinal of the physical GPU it lies on.
    pub physical: u32,
}

/// Kinds of what is shared between sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExportKind {
    /// Memory of a `cuMemAlloc`.
    Memory,
    /// An event.
    Event,
    /// Physical memory.
    Physical,
    /// A pool.
    Pool,
    /// Memory of a pool.
    PoolMemory,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// The client said goodbye.
    Goodbye,
    /// The daemon said so.
    Told,
    /// The rings were closed by the other side.
    Closed,
    /// The client broke the protocol, in words.
    Protocol(String),
    /// Something failed in the worker, in words.
    Failed(String),
}
