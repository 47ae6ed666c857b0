//! What every call carries besides its arguments: who calls, and under which context.

use crate::handle::Context;

/// A thread of the client process, numbered by the client from 1 on. Numbers of ended threads may
/// be used again after [`crate::Lifecycle::thread_end`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThreadId(pub u32);

/// The caller's side of a call: the context current to the calling thread, and that thread.
///
/// CUDA keeps both in thread-local state; Rigel passes them explicitly, so that a [`crate::Driver`]
/// holds no state of its callers' threads and may be called from any thread of its own process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cx {
    /// The current context; [`Context::NONE`] if the thread has none.
    pub context: Context,
    /// The calling thread; the owner of its per-thread default stream and of latched errors.
    pub thread: ThreadId,
}

/// An address in the memory of the process that makes the call, never of a peer.
///
/// It is a plain number: only the crates allowed unsafe code may follow it, and only for the length
/// given beside it. For a synchronous copy it is valid during the call; for an asynchronous copy of
/// page-locked memory, until the copy has completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct HostPtr(pub u64);

impl HostPtr {
    /// The address `bytes` further on, or `None` on overflow.
    pub fn checked_add(self, bytes: u64) -> Option<Self> {
        self.0.checked_add(bytes).map(Self)
    }
}
