//! What one training run reports: the trainer itself, the driver that executed it, the path between.
//!
//! Only data, read from JSON; what it must say is decided in `verdict.rs`. Read [`Run`] first.

use serde::Deserialize;

/// How a run's driver calls travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// None: XGBoost computes on the CPU by itself.
    Cpu,
    /// Into the soft driver, in the process itself.
    Direct,
    /// Through the pool of this host, in shared memory.
    SharedMemory,
    /// Through the pool, over QUIC with TLS.
    Quic,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// How its calls travelled.
    pub(crate) mode: Mode,
    /// What the trainer says.
    pub(crate) training: Training,
    /// What the driver that executed it counted; the CPU run has none.
    pub(crate) driver: Option<DriverCounters>,
    /// What the server counted on the path; pooled runs only.
    pub(crate) path: Option<PathCounters>,
    /// What the client's library counted; pooled runs only.
    pub(crate) client: Option<ClientCounters>,
}

/// The trainer's report, as `train.py` writes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Training {
    pub(crate) rows: u64,
    pub(crate) columns: u64,
    pub(crate) rounds: u64,
    /// The device in the saved configuration.
    pub(crate) device: String,
    pub(crate) seconds: f64,
    pub(crate) auc: f64,
    pub(crate) model_sha256: String,
    pub(crate) predictions_sha256: String,
    /// Everything XGBoost or Python warned of.
    pub(crate) warnings: Vec<String>,
}

/// The driver's own counters.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct DriverCounters {
    pub(crate) launches: u64,
    pub(crate) thread_instructions: u64,
    pub(crate) memory_peak_bytes: u64,
}

/// The server's counters of a session.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct PathCounters {
    pub(crate) calls: u64,
    /// Calls that waited for an answer: blocking round trips.
    pub(crate) waiting_calls: u64,
    pub(crate) launches: u64,
}

/// The counters of the client's library.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct ClientCounters {
    pub(crate) posted: u64,
    pub(crate) post_ns: u64,
}

impl Mode {
    /// All four, in the order they run.
    pub(crate) const ALL: [Self; 4] = [Self::Cpu, Self::Direct, Self::SharedMemory, Self::Quic];

    /// Its name in the table and in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Direct => "direct",
            Self::SharedMemory => "pool, shared memory",
            Self::Quic => "pool, quic",
        }
    }

    /// Whether its calls go through a server.
    pub(crate) fn is_pooled(self) -> bool {
        matches!(self, Self::SharedMemory | Self::Quic)
    }
}
