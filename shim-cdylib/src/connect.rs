//! From an address to an open session: the hello, and what must be set up before the first call.
//! Read [`connect`] first.

use std::io::Write;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rigel_protocol::control::{
    self, ClientMessage, ControlError, Hello, ProcessInfo, Refusal, RefusalCause, Resume,
    ServerMessage, SessionKey, WIRE, Welcome,
};
use rigel_protocol::pool::{self, PoolAddress, QuicAddress};
use rigel_protocol::{CuError, CuResult};
use rigel_transport::arena::AddressRange;
use rigel_transport::local::{LocalStream, Message};
use rigel_transport::peer::PidFd;
use rigel_transport::quic::{QuicTarget, QuicTuning, RemoteLink, Resumption};
use rigel_transport::tls::{ClientIdentity, Fingerprint, Trust};
use rigel_transport::{CloseReason, Layout, SessionMemory, TransportError};

use crate::config::{Config, ConfigError};
use crate::logging;
use crate::soft;

/// How long opening a session may take: a worker may have to open a driver with many GPUs.
const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How long the server may take to answer a control message.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long the last words of a process may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The way to the server.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A message.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The server's refusal.
    #[error("open a session: {}", .0.message)]
    Refused(Refusal),
    /// An answer of the wrong kind.
    #[error("open a session: the server answered something else")]
    Unexpected,
    /// No trust was given for a server on the network.
    #[error(
        "trust the server: add `?fingerprint=HEX` (printed when it starts) or `?ca=FILE` to RIGEL_POOL"
    )]
    NoTrust,
    /// The process wants to see none.
    #[error("CUDA_VISIBLE_DEVICES names no GPU")]
    NoneVisible,
}

impl ConnectError {
    /// Tells the user; not that no GPU is seen where that was asked for.
    pub(crate) fn tell(&self) {
        if !matches!(self, Self::NoneVisible) {
            logging::tell(&format!("no GPU: {}", logging::with_causes(self)));
        }
    }

    /// What a program is told.
    pub(crate) fn code(&self) -> CuError {
        match self {
            Self::Refused(refusal) => match refusal.cause {
                RefusalCause::UnknownGpu => CuError::NO_DEVICE,
                RefusalCause::QuotaExceeded => CuError::OUT_OF_MEMORY,
                RefusalCause::Unauthorized => CuError::NOT_PERMITTED,
                RefusalCause::WireVersion => CuError::SYSTEM_DRIVER_MISMATCH,
                _ => CuError::SYSTEM_NOT_READY,
            },
            Self::NoneVisible => CuError::NO_DEVICE,
            _ => CuError::SYSTEM_NOT_READY,
        }
    }
}

/// A session that is open.
#[derive(Debug)]
pub(crate) struct Connection {
    /// What the server said.
    pub(crate) welcome: Welcome,
    /// The rings.
    pub(crate) memory: Arc<SessionMemory>,
    /// The way to the server outside the rings.
    pub(crate) control: Arc<Control>,
    /// Keeps the addresses of device memory free of everything else; dropped never.
    pub(crate) device_range: Option<AddressRange>,
}

/// The way to the server outside the rings.
#[derive(Debug)]
pub(crate) enum Control {
    /// On this host.
    Local {
        /// The socket; one exchange at a time.
        stream: Mutex<LocalStream>,
        /// The worker.
        worker: Option<PidFd>,
    },
    /// Elsewhere.
    Remote {
        /// The link, until goodbye.
        link: Mutex<Option<RemoteLink>>,
        /// The socket of whoever reports this process's death, if there is one.
        lifeline: Option<UnixStream>,
    },
}

/// Opens a session as the settings say.
pub(crate) fn connect(config: &Config) -> Result<Connection, ConnectError> {
    if config.visible.is_none() {
        return Err(ConnectError::NoneVisible);
    }
    let mut connection = match &config.pool {
        PoolAddress::Local => {
            let socket = pool::default_socket(|name| std::env::var_os(name), euid());
            connect_local(&socket, config)?
        }
        PoolAddress::Unix(socket) => connect_local(socket, config)?,
        PoolAddress::Quic(address) => connect_remote(address, config)?,
    };
    soft::present(&mut connection.welcome, |name| std::env::var(name).ok());
    tracing::info!(
        session = connection.welcome.session,
        driver = connection.welcome.driver_name,
        devices = connection.welcome.devices.len(),
        "session open"
    );
    Ok(connection)
}

fn euid() -> u32 {
    nix::unistd::geteuid().as_raw()
}

fn connect_local(socket: &std::path::Path, config: &Config) -> Result<Connection, ConnectError> {
    let deadline = Instant::now() + OPEN_WITHIN;
    let stream = LocalStream::connect(socket, deadline)?;
    stream.send(&control::encode(&opening(config))?, &[], deadline)?;
    let deadline = deadline + config.wait.unwrap_or_default();
    let (welcome, mut fds) = loop {
        let Message { bytes, fds } = stream.receive(deadline)?;
        if let Some(welcome) = welcome(&bytes)? {
            break (welcome, fds);
        }
    };
    if fds.is_empty() {
        return Err(ConnectError::Unexpected);
    }
    let memory = SessionMemory::from_fd(fds.remove(0), &layout(&welcome)?)?;
    let worker = fds.pop().map(PidFd::from);
    Ok(Connection {
        device_range: reserve(&welcome)?,
        welcome,
        memory,
        control: Arc::new(Control::Local {
            stream: Mutex::new(stream),
            worker,
        }),
    })
}

fn connect_remote(address: &QuicAddress, config: &Config) -> Result<Connection, ConnectError> {
    let deadline = Instant::now() + OPEN_WITHIN;
    let target = QuicTarget {
        host: address.host.clone(),
        port: address.port,
        trust: trust(&address.trust)?,
        identity: address.client.as_ref().map(ClientIdentity::from),
        tuning: QuicTuning {
            shape: config.shape,
            lanes: config.lanes,
            ..QuicTuning::default()
        },
    };
    // The pages of the rings take about as long as the handshake, and come meanwhile.
    let likely = Layout::default();
    let (opened, ready) = std::thread::scope(|scope| {
        let ready = scope.spawn(|| SessionMemory::anonymous(&likely));
        (open_remote(&target, config, deadline), ready.join())
    });
    let (link, welcome, deadline) = opened?;
    let memory = match ready {
        Ok(ready) if layout(&welcome)? == likely => ready?,
        _ => SessionMemory::anonymous(&layout(&welcome)?)?,
    };
    let resumption = resumption(config, &welcome);
    link.attach(welcome.session, &memory, Some(resumption), deadline)?;
    Ok(Connection {
        device_range: reserve(&welcome)?,
        control: Arc::new(Control::Remote {
            link: Mutex::new(Some(link)),
            lifeline: lifeline(&welcome),
        }),
        welcome,
        memory,
    })
}

/// Connects and is welcomed; also until when the rest may take.
fn open_remote(
    target: &QuicTarget,
    config: &Config,
    deadline: Instant,
) -> Result<(RemoteLink, Welcome, Instant), ConnectError> {
    let link = RemoteLink::connect(target, deadline)?;
    link.send(control::encode(&opening(config))?, deadline)?;
    let deadline = deadline + config.wait.unwrap_or_default();
    loop {
        if let Some(welcome) = welcome(&link.receive(deadline)?)? {
            return Ok((link, welcome, deadline));
        }
    }
}

/// Leaves the session's key with the watcher of `rigel run`, if there is one.
fn lifeline(welcome: &Welcome) -> Option<UnixStream> {
    let name = std::env::var_os("RIGEL_LIFELINE")?;
    let address = SocketAddr::from_abstract_name(name.as_encoded_bytes()).ok()?;
    let mut key = [0; pool::LIFELINE_KEY_BYTES];
    key[..8].copy_from_slice(&welcome.session.to_le_bytes());
    key[8..].copy_from_slice(&welcome.resume_secret);
    let left = UnixStream::connect_addr(&address).and_then(|mut stream| {
        stream.write_all(&key)?;
        Ok(stream)
    });
    left.inspect_err(|error| tracing::debug!(%error, "no watcher"))
        .ok()
}

/// How the session comes back after its connection was lost.
fn resumption(config: &Config, welcome: &Welcome) -> Resumption {
    let key = SessionKey {
        session: welcome.session,
        secret: welcome.resume_secret,
    };
    let token = config.token.clone();
    Resumption {
        ask: Box::new(move |attempt| {
            let resume = Resume {
                key,
                token: token.clone(),
                attempt,
            };
            // Empty is refused, as what cannot be encoded would be; it is the token of the hello.
            control::encode(&ClientMessage::Resume(resume)).unwrap_or_default()
        }),
        understand: Box::new(|answer| match control::decode(answer) {
            Ok(ServerMessage::Resumed { expects }) => Ok(expects),
            Ok(ServerMessage::Refused(refusal)) => Err(refusal.message),
            _ => Err("the server answered something else".to_owned()),
        }),
        grace: Duration::from_millis(u64::from(welcome.grace_ms)),
    }
}

fn trust(trust: &pool::Trust) -> Result<Trust, ConnectError> {
    Ok(match trust {
        pool::Trust::Fingerprint(bytes) => Trust::Fingerprint(Fingerprint(*bytes)),
        pool::Trust::Authority(file) => Trust::Authority(file.clone()),
        pool::Trust::Insecure => Trust::Insecure,
        pool::Trust::Unspecified => return Err(ConnectError::NoTrust),
    })
}

fn hello(config: &Config) -> Hello {
    let name = std::env::current_exe().ok().and_then(|path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    });
    let host = nix::unistd::gethostname().map(|host| host.to_string_lossy().into_owned());
    Hello {
        wire: WIRE,
        token: config.token.clone(),
        request: config.request.clone(),
        process: ProcessInfo {
            pid: std::process::id(),
            name: name.unwrap_or_default(),
            host: host.unwrap_or_default(),
        },
    }
}

/// The first message: whether the client waits in line if there is no room.
fn opening(config: &Config) -> ClientMessage {
    let hello = hello(config);
    let wait_ms = config
        .wait
        .map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    match wait_ms {
        // A server older than these variables' use takes every opening but this.
        _ if !config.visible.is_default() => ClientMessage::HelloSeeing {
            hello,
            wait_ms,
            visible: config.visible.clone(),
        },
        None => ClientMessage::Hello(hello),
        Some(wait_ms) => ClientMessage::HelloWaiting { hello, wait_ms },
    }
}

/// The welcome; none yet while the client waits in line.
fn welcome(bytes: &[u8]) -> Result<Option<Welcome>, ConnectError> {
    match control::decode(bytes)? {
        ServerMessage::Welcome(welcome) => Ok(Some(*welcome)),
        ServerMessage::Queued {
            position,
            waiting,
            reason,
        } => {
            tracing::warn!("waiting for room, {position} of {waiting}: {reason}");
            Ok(None)
        }
        ServerMessage::Refused(refusal) => Err(ConnectError::Refused(refusal)),
        _ => Err(ConnectError::Unexpected),
    }
}

fn layout(welcome: &Welcome) -> Result<Layout, TransportError> {
    let sizes = welcome.layout;
    Layout::new([sizes.command, sizes.upload, sizes.reply, sizes.download])
}

/// Keeps the addresses of device memory free, so that no host address equals a device address.
fn reserve(welcome: &Welcome) -> Result<Option<AddressRange>, TransportError> {
    let range = welcome.device_range;
    if range.bytes == 0 {
        return Ok(None);
    }
    AddressRange::reserve(range.base, range.bytes).map(Some)
}

impl Control {
    /// Whether the worker lives, as far as one can see without asking it.
    pub(crate) fn is_alive(&self) -> bool {
        match self {
            Self::Local { worker, .. } => worker.as_ref().is_none_or(|worker| !worker.has_exited()),
            Self::Remote { link, .. } => match link.try_lock() {
                Ok(link) => link.as_ref().is_some_and(|link| link.ended().is_none()),
                // Whoever holds it is closing it or looks itself.
                Err(_) => true,
            },
        }
    }

    /// Whether the server is on this host.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self, Self::Local { .. })
    }

    /// Asks for the memory of an arena; `None` where memory cannot be shared.
    pub(crate) fn create_arena(&self, bytes: u64) -> CuResult<Option<(u32, std::os::fd::OwnedFd)>> {
        let Self::Local { stream, .. } = self else {
            return Ok(None);
        };
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = ask(&stream, &ClientMessage::ArenaCreate { bytes });
        match asked {
            Ok((ServerMessage::Arena { arena, .. }, Some(fd))) => Ok(Some((arena, fd))),
            Ok((ServerMessage::Refused(refusal), _)) => {
                tracing::warn!(bytes, reason = refusal.message, "no arena");
                Err(CuError::OUT_OF_MEMORY)
            }
            Ok(_) => Err(CuError::UNKNOWN),
            Err(error) => {
                tracing::warn!(bytes, %error, "no arena");
                Err(CuError::OUT_OF_MEMORY)
            }
        }
    }

    /// Asks that the worker take calls out of its ring though it has many already.
    pub(crate) fn make_way(&self) {
        let sent = match self {
            Self::Local { stream, .. } => {
                let stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                tell(&stream, &ClientMessage::MakeWay)
            }
            Self::Remote { link, .. } => {
                let link = link.lock().unwrap_or_else(PoisonError::into_inner);
                match (&*link, control::encode(&ClientMessage::MakeWay)) {
                    (Some(link), Ok(message)) => link
                        .send(message, Instant::now() + ANSWER_WITHIN)
                        .map_err(ConnectError::from),
                    _ => Ok(()),
                }
            }
        };
        if let Err(error) = sent {
            // It is said again for as long as it is needed.
            tracing::debug!(%error, "the server did not hear that a host function waits");
        }
    }

    /// Gives an arena back.
    pub(crate) fn release_arena(&self, arena: u32) {
        let Self::Local { stream, .. } = self else {
            return;
        };
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = tell(&stream, &ClientMessage::ArenaRelease { arena }) {
            tracing::debug!(arena, %error, "the server did not take an arena back");
        }
    }

    /// The process is done: everything the session holds may go.
    pub(crate) fn goodbye(&self) {
        match self {
            Self::Local { stream, .. } => {
                // A thread that was killed in an exchange may hold it: then the socket's end must do.
                if let Ok(stream) = stream.try_lock() {
                    // The socket's end says the same.
                    let _ = tell(&stream, &ClientMessage::Goodbye);
                }
            }
            Self::Remote { link, lifeline } => {
                let link = link.try_lock().ok().and_then(|mut link| link.take());
                if let Some(link) = link {
                    let deadline = Instant::now() + CLOSE_WITHIN;
                    if let Ok(message) = control::encode(&ClientMessage::Goodbye) {
                        // The connection's end says the same.
                        let _ = link.send(message, deadline);
                    }
                    link.close(CloseReason::FINISHED, deadline);
                }
                if let Some(mut lifeline) = lifeline.as_ref() {
                    // Unsaid, the watcher asks the server to free what is free already.
                    let _ = lifeline.write_all(&[1]);
                }
            }
        }
    }
}

fn tell(stream: &LocalStream, message: &ClientMessage) -> Result<(), ConnectError> {
    let bytes = control::encode(message)?;
    Ok(stream.send(&bytes, &[], Instant::now() + ANSWER_WITHIN)?)
}

fn ask(
    stream: &LocalStream,
    message: &ClientMessage,
) -> Result<(ServerMessage, Option<std::os::fd::OwnedFd>), ConnectError> {
    tell(stream, message)?;
    let answer = stream.receive(Instant::now() + ANSWER_WITHIN)?;
    Ok((
        control::decode(&answer.bytes)?,
        answer.fds.into_iter().next(),
    ))
}
