//! Who a client proved to be, by its transport alone: what it says of itself is not here. Read [`Peer`]
//! first.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use rigel_transport::pki::Names;

use super::guests::GUEST;

/// Who a client proved to be, by its transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A process of this host, by `SO_PEERCRED`.
    Local {
        /// Effective user id.
        uid: u32,
        /// Process id.
        pid: i32,
    },
    /// Somebody on the network.
    Remote {
        /// Where it is: it has answered from there.
        address: SocketAddr,
        /// The certificate it has shown and holds the key of, if any: signed by the server's authority for
        /// clients.
        certificate: Option<Arc<Names>>,
    },
}

impl Peer {
    /// Somebody on the network without a certificate.
    #[cfg(test)]
    pub(crate) fn stranger() -> Self {
        Self::Remote {
            address: ([127, 0, 0, 1], 1).into(),
            certificate: None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { uid: GUEST, pid } => write!(f, "container process {pid}"),
            Self::Local { uid, pid } => write!(f, "user {uid} process {pid}"),
            Self::Remote { address, .. } => address.fmt(f),
        }
    }
}
