//! What the plugin asks of a pool. Calls block, and end at deadlines of their own. Read [`Pool`] first.

use serde::{Deserialize, Serialize};

/// A pool, as the plugin needs it. Implemented by whoever runs the plugin, over the pool's admin messages.
pub trait Pool: Send + Sync + 'static {
    /// What it has now.
    fn capacity(&self) -> Result<Capacity, PoolError>;
    /// Makes a token of this scope. The note names its container, and comes back in [`Pool::list`].
    fn grant(&self, scope: Scope, note: &str) -> Result<Granted, PoolError>;
    /// Ends a token and its sessions; one that is not there is well ended.
    fn revoke(&self, id: &str) -> Result<(), PoolError>;
    /// The tokens there are.
    fn list(&self) -> Result<Vec<Issued>, PoolError>;
}

/// What a pool has, for this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// GPUs in service.
    pub gpus: u32,
    /// Memory of all of them.
    pub memory_bytes: u64,
}

/// What a container holds: on each of its virtual GPUs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Virtual GPUs.
    pub gpus: u32,
    /// Memory on each.
    pub memory_bytes: u64,
    /// Most time of each, in percent.
    pub compute_percent: u8,
}

/// A token that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Granted {
    /// Its name, which is no secret.
    pub id: String,
    /// The secret.
    pub token: String,
}

impl std::fmt::Debug for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Granted({}, ..)", self.id)
    }
}

/// A token there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its name.
    pub id: String,
    /// What it was made with.
    pub note: String,
    /// Its open sessions.
    pub sessions: u32,
}

/// Why a pool did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// It does not answer.
    #[error("reach the pool: {0}")]
    Away(String),
    /// It will not.
    #[error("get it from the pool: {0}")]
    Refused(String),
}
