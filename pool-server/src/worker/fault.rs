//! Why a call did not do what it asked for. Read [`Fault`] first.

use rigel_protocol::CuError;
use rigel_protocol::wire::WireError;
use rigel_transport::RingError;

/// A call's failure: either the call's own, which its caller learns, or the session's end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The driver's answer, or ours in its stead.
    #[error("{0}")]
    Cuda(#[from] CuError),
    /// The record makes no sense: the session ends.
    #[error("a record is malformed: {0}")]
    Wire(#[from] WireError),
    /// The rings are closed, or their contents make no sense: the session ends.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The client broke another rule of the wire: the session ends.
    #[error("{0}")]
    Broken(&'static str),
}
