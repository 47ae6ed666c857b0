//! Why a session ends, and what its client is told. Read [`End`] first.

use rigel_protocol::control::{Refusal, RefusalCause};
use rigel_transport::CloseReason;

/// Why a session is over, for its client.
pub(super) struct End {
    pub(super) refusal: Refusal,
    pub(super) reason: CloseReason,
    /// Whether the client is still there to be told.
    pub(super) tell: bool,
}

impl End {
    fn new(cause: RefusalCause, message: String, reason: CloseReason, tell: bool) -> Self {
        Self {
            refusal: Refusal { cause, message },
            reason,
            tell,
        }
    }

    pub(super) fn goodbye() -> Self {
        let message = "the client said goodbye".into();
        Self::new(
            RefusalCause::ShuttingDown,
            message,
            CloseReason::FINISHED,
            false,
        )
    }

    pub(super) fn gone() -> Self {
        let message = "the client is gone".into();
        Self::new(
            RefusalCause::ShuttingDown,
            message,
            CloseReason::PEER_DIED,
            false,
        )
    }

    pub(super) fn stayed_away() -> Self {
        let message = "the client's connection was lost and it did not come back".into();
        Self::new(
            RefusalCause::ShuttingDown,
            message,
            CloseReason::LINK_LOST,
            false,
        )
    }

    pub(super) fn evicted(reason: CloseReason, message: String) -> Self {
        let cause = match reason {
            CloseReason::EVICTED => RefusalCause::Evicted,
            _ => RefusalCause::GpuUnavailable,
        };
        Self::new(cause, message, reason, true)
    }

    pub(super) fn stopping() -> Self {
        let message = "the pool server is stopping".into();
        Self::new(
            RefusalCause::ShuttingDown,
            message,
            CloseReason::SHUTDOWN,
            true,
        )
    }

    pub(super) fn protocol(message: String) -> Self {
        Self::new(RefusalCause::Protocol, message, CloseReason::PROTOCOL, true)
    }

    pub(super) fn failed(message: String) -> Self {
        Self::new(
            RefusalCause::WorkerFailed,
            message,
            CloseReason::WORKER_FAILED,
            true,
        )
    }
}
