//! What can go wrong, one variant per cause. [`RingError`] belongs to the data path and is small;
//! [`TransportError`] belongs to connecting and mapping and carries advice for the user.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::layout::Ring;
use crate::quic::{LaneKind, LaneSet};

/// Why a side closed the session's rings; any non-zero number, since it is read from a peer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseReason(u32);

impl CloseReason {
    /// The side finished its work and left.
    pub const FINISHED: CloseReason = CloseReason(1);
    /// The process on the other side died.
    pub const PEER_DIED: CloseReason = CloseReason(2);
    /// The network connection was lost.
    pub const LINK_LOST: CloseReason = CloseReason(3);
    /// The other side broke the protocol.
    pub const PROTOCOL: CloseReason = CloseReason(4);
    /// The server is shutting down.
    pub const SHUTDOWN: CloseReason = CloseReason(5);
    /// The server ended the session, by quota, revocation or an administrator.
    pub const EVICTED: CloseReason = CloseReason(6);
    /// The worker failed and cannot go on.
    pub const WORKER_FAILED: CloseReason = CloseReason(7);
    /// A GPU of the session has an error of its memory that cannot be corrected.
    pub const GPU_MEMORY: CloseReason = CloseReason(8);
    /// A GPU of the session is lost to its host.
    pub const GPU_LOST: CloseReason = CloseReason(9);
    /// A GPU of the session has failed in another way.
    pub const GPU_FAILED: CloseReason = CloseReason(10);

    /// The reason with this number; zero means open and becomes [`CloseReason::PROTOCOL`].
    pub fn from_code(code: u32) -> CloseReason {
        if code == 0 {
            return CloseReason::PROTOCOL;
        }
        CloseReason(code)
    }

    /// The number, never zero.
    pub fn code(self) -> u32 {
        self.0
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            CloseReason::FINISHED => "the other side has finished",
            CloseReason::PEER_DIED => "the process on the other side died",
            CloseReason::LINK_LOST => "the connection was lost",
            CloseReason::PROTOCOL => "the protocol was broken",
            CloseReason::SHUTDOWN => "the server is shutting down",
            CloseReason::EVICTED => "the server ended the session",
            CloseReason::WORKER_FAILED => "the worker failed",
            CloseReason::GPU_MEMORY => "a GPU's memory has an error that cannot be corrected",
            CloseReason::GPU_LOST => "a GPU is lost",
            CloseReason::GPU_FAILED => "a GPU has failed",
            CloseReason(other) => return write!(f, "reason {other}"),
        };
        f.write_str(text)
    }
}

impl fmt::Debug for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseReason({}: {self})", self.0)
    }
}

/// What can go wrong on a ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// One side closed the session.
    #[error("use a closed session ({0})")]
    Closed(CloseReason),
    /// The deadline of a wait passed.
    #[error("wait on the ring: deadline passed")]
    Timeout,
    /// The caller's liveness check said that the peer is gone.
    #[error("wait on the ring: the peer is gone")]
    PeerGone,
    /// What the peer wrote into the shared block cannot be.
    #[error("read the {ring} ring at position {position}: {what}")]
    Corrupt {
        /// The ring.
        ring: Ring,
        /// The position in its stream.
        position: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// A record larger than a quarter of the ring.
    #[error("write a record of {len} bytes to the {ring} ring: at most {max} fit")]
    TooLarge {
        /// The ring.
        ring: Ring,
        /// Payload bytes asked for.
        len: usize,
        /// The largest payload that fits.
        max: usize,
    },
    /// The op is reserved for padding.
    #[error("write a record with the op reserved for padding")]
    ReservedOp,
}

/// What can go wrong when connecting, mapping or exchanging control messages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// A failure on a ring.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// A system call failed.
    #[error("{what}")]
    Os {
        /// What was attempted.
        what: &'static str,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A layout that no side of ours would send.
    #[error("accept the ring layout: {0}")]
    BadLayout(&'static str),
    /// A file descriptor that is not the sealed memory it should be.
    #[error("accept shared memory from the peer: {0}")]
    BadMemory(&'static str),
    /// The end was handed out before.
    #[error("take the {0} end of a session twice")]
    EndTaken(&'static str),
    /// An address range that is not free.
    #[error(
        "map {len:#x} bytes at {base:#x}: the range is taken by something else in this process"
    )]
    RangeTaken {
        /// First address.
        base: u64,
        /// Length in bytes.
        len: u64,
    },
    /// Nobody listens on the local socket.
    #[error("connect to the pool at {}: no server listens there (start one with `rigel serve`)", path.display())]
    NoLocalServer {
        /// The socket.
        path: PathBuf,
    },
    /// The server does not take the client's certificate, or wants one.
    #[error("connect to {address}: the server refused the client: {why}")]
    CertificateRefused {
        /// Where it is.
        address: SocketAddr,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The address does not say how the server proves itself.
    #[error(
        "connect to {address}: it does not say how the server proves itself; add \
         ?fingerprint=HEX (`rigel serve` prints it) or ?ca=FILE"
    )]
    NoTrust {
        /// The address as written.
        address: String,
    },
    /// The other side closed the control channel.
    #[error("exchange a control message: the other side closed the connection")]
    Disconnected,
    /// A control message over the limit.
    #[error("exchange a control message of {len} bytes: the limit is {max}")]
    MessageTooLarge {
        /// Its length.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The deadline passed.
    #[error("{what}: deadline passed")]
    Timeout {
        /// What was attempted.
        what: &'static str,
    },
    /// No answer from the server.
    #[error("reach the server at {address}: {why} (is `rigel serve` running there, and is UDP port {} open?)", address.port())]
    Unreachable {
        /// The address.
        address: SocketAddr,
        /// What the network said.
        why: String,
    },
    /// The host name has no address.
    #[error("resolve the host name `{host}`: {why}")]
    UnknownHost {
        /// The host.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// No connection came of it.
    #[error("shake hands with the server: {0}")]
    Handshake(quinn::ConnectionError),
    /// The server's certificate is not the pinned one.
    #[error(
        "trust the server at {address}: its certificate's fingerprint is {actual}, expected {expected} (if the server was reinstalled, take the new fingerprint from its start-up line; otherwise someone may be in between)"
    )]
    FingerprintMismatch {
        /// The address.
        address: SocketAddr,
        /// What the URL pins.
        expected: String,
        /// What the server presented.
        actual: String,
    },
    /// The server's certificate is not signed by the given authority, or otherwise unacceptable.
    #[error("trust the server at {address}: {why}")]
    Untrusted {
        /// The address.
        address: SocketAddr,
        /// What TLS said.
        why: String,
    },
    /// The server speaks something else.
    #[error(
        "agree on a protocol with {address}: it does not speak `{ours}` (is it a Rigel server of the same major version?)"
    )]
    AlpnMismatch {
        /// The address.
        address: SocketAddr,
        /// What we speak.
        ours: String,
    },
    /// The connection ended.
    #[error("keep the connection to {address}: {why}")]
    ConnectionLost {
        /// The address.
        address: SocketAddr,
        /// What the network said.
        why: String,
    },
    /// The server does not allow a lane.
    #[error("send bulk over the lane `{lane}`: the server allows {allowed} (its setting `lanes`)")]
    LaneRefused {
        /// What was asked for.
        lane: LaneKind,
        /// What may be.
        allowed: LaneSet,
    },
    /// No connection for a lane.
    #[error("open a lane to {address}: {source} (is TCP port {} open?)", address.port())]
    LaneUnreachable {
        /// Where.
        address: SocketAddr,
        /// What the system or TLS said.
        source: io::Error,
    },
    /// A lane's connection ended before the session.
    #[error("send bulk over a lane: {0}")]
    LaneLost(io::Error),
    /// The peer sent something that the wire does not allow.
    #[error("read from the peer: {0}")]
    Protocol(&'static str),
    /// A certificate or key cannot be made, read or used.
    #[error("use the certificate {}: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl TransportError {
    /// A failed system call, from `errno`.
    pub(crate) fn last_os(what: &'static str) -> TransportError {
        TransportError::Os {
            what,
            source: io::Error::last_os_error(),
        }
    }

    /// A failed system call.
    pub(crate) fn os(what: &'static str, source: impl Into<io::Error>) -> TransportError {
        TransportError::Os {
            what,
            source: source.into(),
        }
    }
}
