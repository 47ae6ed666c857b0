//! Control messages: what client, daemon and worker say to each other outside the rings.
//!
//! They travel as length-prefixed messages over the Unix socket, the QUIC control stream, or the
//! socket between daemon and worker, encoded by serde and bincode behind [`encode`] and [`decode`].
//! Nothing here is on the path of a driver call. Released variants keep their order; new ones are
//! added at the end of their enum.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::custom::DeviceProfile;
use crate::trace::TraceWords;
use crate::visible::VisibleDevices;

/// The wire this build speaks. Peers of another major refuse each other; a minor only adds.
pub const WIRE: WireVersion = WireVersion { major: 1, minor: 2 };

/// Longest control message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Longest token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 4096;

/// Version of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireVersion {
    /// Incompatible change.
    pub major: u16,
    /// Addition.
    pub minor: u16,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage {
    /// Opens a session. The first message of a client.
    Hello(Hello),
    /// Asks for page-locked memory to share; same host only. Answered by
    /// [`ServerMessage::Arena`], which carries a descriptor.
    ArenaCreate {
        /// Size in bytes, a multiple of the page size.
        bytes: u64,
    },
    /// Gives an arena back; the client has unmapped it.
    ArenaRelease {
        /// The arena.
        arena: u32,
    },
    /// Ends the session in order; everything it holds is freed.
    Goodbye,
    /// Asks for the state of the server. The first and only message of `rigel status`. The user who
    /// runs the server (or root) sees everything; a token's holder, its lease.
    Status {
        /// As in [`Hello::token`].
        token: Option<Token>,
    },
    /// Asks what a session would see of its GPUs now, without opening one: for management libraries.
    /// The first and only message of a connection. Answered by [`ServerMessage::View`].
    View {
        /// As in [`Hello::token`].
        token: Option<Token>,
        /// As in [`Hello::request`].
        request: Request,
    },
    /// Asks for a session back whose connection was lost. The first message of a connection. Answered
    /// by [`ServerMessage::Resumed`].
    Resume(Resume),
    /// The process of a session has died without a word, as whoever started it has seen. The first and
    /// only message of a connection; answered by [`ServerMessage::Ended`].
    Died(SessionKey),
    /// Like [`ClientMessage::Hello`], but waits in line if there is no room. Answered by any number of
    /// [`ServerMessage::Queued`] before the welcome or the refusal.
    HelloWaiting {
        /// The opening.
        hello: Hello,
        /// How long it waits at most.
        wait_ms: u64,
    },
    /// Asks for something, or changes it, beside sessions. The first and only message of a connection.
    /// Answered by [`ServerMessage::Done`].
    Admin {
        /// As in [`Hello::token`].
        token: Option<Token>,
        /// What.
        request: AdminRequest,
    },
    /// Asks for what a session's worker has noted for its timeline. The first and only message of a
    /// connection; answered by [`ServerMessage::Trace`].
    Trace {
        /// What shows that the session is the asker's.
        key: SessionKey,
        /// Index of the first event wanted.
        from: u64,
    },
    /// The word that a host function has returned finds no room behind calls that wait for that very word:
    /// the worker shall take more of them out of its ring. Not answered.
    MakeWay,
    /// Like [`ClientMessage::Hello`], for a process that wants to see some of its GPUs, or another order.
    HelloSeeing {
        /// The opening.
        hello: Hello,
        /// As in [`ClientMessage::HelloWaiting`]; absent, the client does not wait.
        wait_ms: Option<u64>,
        /// Which of the GPUs that it would have.
        visible: VisibleDevices,
    },
}

/// What an operator asks of a running server. Who does not run the server may ask questions about its own
/// lease and change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminRequest {
    /// Changes what a lease holds, from now on and until the server stops.
    SetLease {
        /// Its name.
        lease: String,
        /// What changes.
        change: LeaseChange,
    },
    /// Its sessions get no turn on a GPU until it is resumed.
    PauseLease(String),
    /// Undoes a pause or an end.
    ResumeLease(String),
    /// Ends its sessions and admits no others.
    EndLease(String),
    /// Ends a session.
    EndSession(u64),
    /// Why a session, or a lease, is slow now.
    Why(String),
    /// Who waits for room.
    Queue,
    /// What leases have used since this Unix time in seconds.
    Usage {
        /// Since when.
        since_unix: u64,
    },
    /// Makes a token that opens a lease.
    NewToken(NewToken),
    /// Which tokens there are, without their secrets.
    ListTokens,
    /// Ends a token, by its id, and the sessions it has opened.
    RevokeToken(String),
    /// What containers can be given: leases, their instances, and the socket for guests.
    Classes,
    /// Reads the configuration again, as SIGHUP does.
    Reload,
    /// Notes calls of an open session and exports them as spans, for a while.
    TraceSession {
        /// The session.
        session: u64,
        /// How many calls of a million are noted; 0 ends it.
        rate_ppm: u32,
        /// For how long.
        seconds: u32,
    },
    /// The physical GPUs with their health.
    Gpus,
    /// What becomes of a physical GPU.
    SetGpu {
        /// Its ordinal.
        gpu: u32,
        /// What.
        order: GpuOrder,
    },
}

/// A token to be made while the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// The lease it opens; of one with instances, a free one is taken, which nobody else gets while the
    /// token lives.
    pub lease: String,
    /// The most that each session may ask for; what is absent is as the lease says.
    pub scope: Request,
    /// After so many seconds it ends.
    pub seconds: Option<u64>,
    /// It ends with this process of the server's host.
    pub process: Option<u32>,
    /// What it is for, for people to read.
    pub note: String,
}

impl AdminRequest {
    /// Whether it changes anything.
    pub fn is_change(&self) -> bool {
        !matches!(
            self,
            Self::Why(_) | Self::Queue | Self::Usage { .. } | Self::Gpus
        )
    }
}

/// What of a lease changes; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseChange {
    /// Memory on each GPU in bytes.
    pub memory_bytes: Option<u64>,
    /// Guarantee and maximum of each GPU's time, in percent.
    pub compute_percent: Option<(u8, u8)>,
    /// Name of a priority.
    pub priority: Option<String>,
    /// Weight in the queue.
    pub weight: Option<u32>,
}

/// What shows that a session is the sender's.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionKey {
    /// As in [`Welcome::session`].
    pub session: u64,
    /// As in [`Welcome::resume_secret`].
    pub secret: [u8; 16],
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionKey({}, ..)", self.session)
    }
}

/// The return to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The session.
    pub key: SessionKey,
    /// As in [`Hello::token`]: the secret of a session is good for nothing without it.
    pub token: Option<Token>,
    /// Grows with every request, so that a late one displaces nobody.
    pub attempt: u64,
}

/// The opening of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The wire the client speaks.
    pub wire: WireVersion,
    /// Who it is: an opaque secret that names a lease. Absent: only what the socket's peer
    /// credentials allow.
    pub token: Option<Token>,
    /// What it asks for; a request can only lower what the lease holds.
    pub request: Request,
    /// The process, for people to read; nothing is decided by it.
    pub process: ProcessInfo,
}

/// A bearer secret. It is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Virtual GPUs; default: all the lease has.
    pub gpus: Option<u32>,
    /// Memory on each, in bytes; default: the lease's quota.
    pub memory_bytes: Option<u64>,
    /// Compute on each, in percent; default: the lease's.
    pub compute_percent: Option<u8>,
}

/// A process as people know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessInfo {
    /// Process id in its own namespace.
    pub pid: u32,
    /// Name of its executable.
    pub name: String,
    /// Name of its host.
    pub host: String,
}

/// What the server says to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage {
    /// The session is open. On one host two descriptors come with it: the session's memory, and a
    /// pidfd of the worker.
    Welcome(Box<Welcome>),
    /// No session.
    Refused(Refusal),
    /// An arena; one descriptor comes with it.
    Arena {
        /// Its number in the session.
        arena: u32,
        /// Its size in bytes.
        bytes: u64,
    },
    /// The session is over.
    Ended(Refusal),
    /// The answer to [`ClientMessage::Status`]: a JSON document (see `docs/operations.md`).
    Status(String),
    /// The answer to [`ClientMessage::View`].
    View(Box<View>),
    /// The session is the client's again: it sends its calls and its bulk from these bytes on.
    Resumed {
        /// Positions in the command and upload rings.
        expects: [u64; 2],
    },
    /// The client waits in line for room.
    Queued {
        /// How many are admitted before it, and itself: 1 is next.
        position: u32,
        /// How many wait.
        waiting: u32,
        /// What there is no room in.
        reason: String,
    },
    /// The answer to [`ClientMessage::Admin`]: a JSON document (see `docs/operations.md`).
    Done(String),
    /// The answer to [`ClientMessage::Trace`].
    Trace(Box<TracePart>),
}

/// What an operator does with a physical GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GpuOrder {
    /// It takes no new sessions; those on it go on.
    Drain,
    /// Undoes a drain, and declares a GPU that was ill to be well.
    Resume,
}

/// A part of what a worker has noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracePart {
    /// Events from the index asked for on; at most [`crate::trace::PART_EVENTS_MAX`].
    pub events: Vec<TraceWords>,
    /// Names that events point to, all that are known; at most [`crate::trace::NAMES_MAX`], each at most
    /// [`crate::trace::NAME_BYTES_MAX`] long. Only with the first part.
    pub names: Vec<(u32, String)>,
    /// How many events there was no room for.
    pub dropped: u64,
    /// Whether nothing will be added any more.
    pub is_final: bool,
}

/// A lease's virtual GPUs and what its sessions use of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// As in [`Welcome::driver_version`].
    pub driver_version: i32,
    /// As in [`Welcome::driver_name`].
    pub driver_name: String,
    /// As in [`Welcome::soft`].
    pub soft: bool,
    /// The virtual GPUs in the order a session has them.
    pub gpus: Vec<GpuView>,
}

/// A virtual GPU as its lease sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuView {
    /// As a session would get it, with the quota as total memory.
    pub profile: DeviceProfile,
    /// What the lease's sessions hold on it.
    pub memory_used_bytes: u64,
    /// How much of the last moment it worked for the lease, in percent, if that is known.
    pub busy_percent: Option<u8>,
    /// The lease's sessions on it, at most [`GpuView::PROCESSES_MAX`].
    pub processes: Vec<ProcessUse>,
}

impl GpuView {
    /// Most processes of a view.
    pub const PROCESSES_MAX: usize = 1024;
}

/// What a process holds on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// Process id in its own namespace.
    pub pid: u32,
    /// Device memory, in bytes.
    pub memory_bytes: u64,
}

/// An open session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The wire both speak: the client's major, the lower minor.
    pub wire: WireVersion,
    /// Number of the session on this server; also in logs and `rigel status`.
    pub session: u64,
    /// Secret that a later connection must show to resume the session.
    pub resume_secret: [u8; 16],
    /// Sizes of the session's rings.
    pub layout: RingSizes,
    /// The virtual GPUs.
    pub devices: Vec<DeviceProfile>,
    /// What `cuDriverGetVersion` reports.
    pub driver_version: i32,
    /// Name and version of the driver behind, for people.
    pub driver_name: String,
    /// Whether the driver runs kernels on the CPU.
    pub soft: bool,
    /// Addresses that device memory may take; the client keeps them free of host mappings.
    pub device_range: AddressRange,
    /// Addresses that arenas may take on both sides.
    pub arena_range: AddressRange,
    /// Highest call id the server knows; the client answers the others itself.
    pub call_id_max: u16,
    /// For how long the session waits for a client whose connection was lost.
    pub grace_ms: u32,
}

/// Sizes of the four rings, in bytes, each a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingSizes {
    /// Calls, client to worker.
    pub command: u32,
    /// Bulk bytes, client to worker.
    pub upload: u32,
    /// Replies, worker to client.
    pub reply: u32,
    /// Bulk bytes, worker to client.
    pub download: u32,
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressRange {
    /// First address.
    pub base: u64,
    /// Length in bytes; 0 means there is no such range.
    pub bytes: u64,
}

/// Why there is no session, or no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The cause, for programs.
    pub cause: RefusalCause,
    /// The cause in words, with what to do.
    pub message: String,
}

/// Causes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalCause {
    /// The peers speak different wires.
    WireVersion,
    /// The token is missing, unknown or expired.
    Unauthorized,
    /// The request exceeds what the lease may hold.
    QuotaExceeded,
    /// The lease has its sessions already, or the server has.
    TooManySessions,
    /// The lease names a GPU this server does not have.
    UnknownGpu,
    /// The lease demands what this server cannot enforce.
    CannotEnforce,
    /// The worker could not start, or has died.
    WorkerFailed,
    /// The server is stopping.
    ShuttingDown,
    /// The peer broke the protocol.
    Protocol,
    /// The operator has ended the lease or the session.
    Evicted,
    /// There was no room for as long as the client would wait.
    WaitedInVain,
    /// The server cannot keep its books at the moment, and admits nobody whose use it could not record.
    BooksClosed,
    /// A GPU of the lease is ill or drained, and takes no sessions.
    GpuUnavailable,
}

/// Encodes a control message.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, ControlError> {
    let bytes = bincode::serde::encode_to_vec(message, config())?;
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(ControlError::TooLong(bytes.len()));
    }
    Ok(bytes)
}

/// Decodes a control message; bytes left over are an error.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ControlError> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(ControlError::TooLong(bytes.len()));
    }
    let (message, used) = bincode::serde::decode_from_slice(bytes, config())?;
    if used != bytes.len() {
        return Err(ControlError::TrailingBytes(bytes.len() - used));
    }
    Ok(message)
}

fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<MESSAGE_BYTES_MAX>()
}

/// Why a control message was not understood.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It is longer than [`MESSAGE_BYTES_MAX`].
    #[error("control message of {0} bytes is longer than {MESSAGE_BYTES_MAX}")]
    TooLong(usize),
    /// It goes on after its end.
    #[error("control message has {0} bytes after its end")]
    TrailingBytes(usize),
    /// It could not be encoded.
    #[error("control message could not be encoded")]
    Encode(#[from] bincode::error::EncodeError),
    /// It could not be decoded.
    #[error("control message could not be decoded")]
    Decode(#[from] bincode::error::DecodeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello() -> ClientMessage {
        ClientMessage::Hello(Hello {
            wire: WIRE,
            token: Some(Token("secret".into())),
            request: Request {
                gpus: Some(2),
                ..Request::default()
            },
            process: ProcessInfo {
                pid: 7,
                name: "train".into(),
                host: "a".into(),
            },
        })
    }

    #[test]
    fn decode_encoded_message_gives_it_back() {
        let bytes = encode(&hello()).unwrap();
        assert_eq!(decode::<ClientMessage>(&bytes).unwrap(), hello());
    }

    #[test]
    fn decode_truncated_message_is_refused() {
        let bytes = encode(&hello()).unwrap();
        for end in 0..bytes.len() {
            assert!(decode::<ClientMessage>(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn decode_message_with_a_tail_is_refused() {
        let mut bytes = encode(&hello()).unwrap();
        bytes.push(0);
        assert!(matches!(
            decode::<ClientMessage>(&bytes),
            Err(ControlError::TrailingBytes(1))
        ));
    }

    #[test]
    fn debug_of_a_token_hides_it() {
        assert!(!format!("{:?}", hello()).contains("secret"));
    }
}
