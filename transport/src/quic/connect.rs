//! A client's connection: from a host's name to a server that has shown its certificate, and in plain
//! words why there is none. Read [`connect_any`] first.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, Runtime, TokioRuntime};
use tokio::sync::Mutex;

use super::client::{Connected, QuicTarget};
use super::control::{ControlReceiver, ControlSender, Preamble, StreamKind, connection_error};
use super::socket;
use crate::error::TransportError;
use crate::tls::{self, Seen, Trust};

/// After this long without an answer the address is asked whether anybody listens there.
pub(super) const PROBE_AFTER: Duration = Duration::from_millis(250);
/// Where TLS alerts begin among the codes of QUIC.
pub(super) const CRYPTO_ERRORS: u64 = 0x100;
/// How long a refused handshake stays to tell the server why.
const REFUSAL_WITHIN: Duration = Duration::from_millis(50);

pub(super) async fn connect_any(
    target: &QuicTarget,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<Connected, TransportError> {
    let mut last = TransportError::Timeout {
        what: "connect to the server",
    };
    for &address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        let attempt = connect_one(target, address);
        match tokio::time::timeout(left, attempt).await {
            Ok(Ok(established)) => return Ok(established),
            Ok(Err(error)) => last = error,
            Err(_) => {
                let why = "no answer before the deadline".to_owned();
                return Err(TransportError::Unreachable { address, why });
            }
        }
    }
    Err(last)
}

async fn connect_one(
    target: &QuicTarget,
    address: SocketAddr,
) -> Result<Connected, TransportError> {
    let (tls, seen) = tls::client_config(&target.trust, target.identity.as_ref())?;
    let config = target.tuning.client(address, tls)?;
    let endpoint = endpoint_for(target, address)?;
    tokio::select! {
        connected = greet(target, address, endpoint.clone(), config) => match connected {
            Err(TransportError::Handshake(error)) => {
                // The server is told why before the endpoint goes.
                let _ = tokio::time::timeout(REFUSAL_WITHIN, endpoint.wait_idle()).await;
                Err(handshake_error(target, address, &seen, &error))
            }
            connected => connected,
        },
        why = closed_port(address) => Err(TransportError::Unreachable { address, why }),
    }
}

/// A socket for connections to this address.
pub(super) fn endpoint_for(
    target: &QuicTarget,
    address: SocketAddr,
) -> Result<Endpoint, TransportError> {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let runtime: Arc<dyn Runtime> = Arc::new(TokioRuntime);
    let tuning = target.tuning;
    let socket = socket::bind(any, tuning.datagram_limit(), tuning.shape)
        .map_err(|source| TransportError::os("open a UDP socket", source))?;
    Endpoint::new_with_abstract_socket(target.tuning.endpoint()?, None, socket, runtime)
        .map_err(|source| TransportError::os("open a QUIC endpoint", source))
}

/// The handshake and the control stream.
pub(super) async fn greet(
    target: &QuicTarget,
    address: SocketAddr,
    endpoint: Endpoint,
    config: ClientConfig,
) -> Result<Connected, TransportError> {
    let connecting = endpoint
        .connect_with(config, address, &server_name(&target.host))
        .map_err(|error| TransportError::Unreachable {
            address,
            why: error.to_string(),
        })?;
    let connection = connecting.await.map_err(TransportError::Handshake)?;
    let opened = open_control(&connection).await;
    let (sender, receiver) = opened.map_err(|error| match connection.close_reason() {
        Some(why) => refused_certificate(target, address, &why)
            .unwrap_or_else(|| connection_error(address, &why)),
        None => error,
    })?;
    Ok(Connected {
        address,
        endpoint,
        connection,
        sender: Mutex::new(sender),
        receiver: Mutex::new(receiver),
    })
}

/// A server judges a client's certificate after the client takes the handshake for done.
fn refused_certificate(
    target: &QuicTarget,
    address: SocketAddr,
    why: &ConnectionError,
) -> Option<TransportError> {
    let ConnectionError::ConnectionClosed(close) = why else {
        return None;
    };
    let alert = u64::from(close.error_code).checked_sub(CRYPTO_ERRORS)?;
    let why = match (alert, &target.identity) {
        (116, _) => "it wants a certificate; set --cert and --key",
        (42, None) => "it wants a certificate; set --cert and --key",
        (45, _) => "the certificate is out of date; issue a new one",
        (48, _) => "the certificate is signed by an authority that it does not know",
        (42..=44 | 46 | 49 | 51, _) => "it does not take the certificate",
        _ => return None,
    };
    Some(TransportError::CertificateRefused { address, why })
}

async fn open_control(
    connection: &Connection,
) -> Result<(ControlSender, ControlReceiver), TransportError> {
    let (mut send, mut receive) = connection
        .open_bi()
        .await
        .map_err(|_| TransportError::Disconnected)?;
    // A failure means that the stream is closed, which the write will say.
    let _ = send.set_priority(StreamKind::Control.priority());
    Preamble::control().write(&mut send).await?;
    if Preamble::read(&mut receive).await? != Preamble::control() {
        return Err(TransportError::Protocol(
            "the server answers on another stream",
        ));
    }
    Ok((ControlSender(send), ControlReceiver::new(receive)))
}

fn handshake_error(
    target: &QuicTarget,
    address: SocketAddr,
    seen: &Seen,
    error: &ConnectionError,
) -> TransportError {
    if let (Trust::Fingerprint(expected), Some(actual)) = (&target.trust, seen.fingerprint())
        && *expected != actual
    {
        let (expected, actual) = (expected.to_string(), actual.to_string());
        return TransportError::FingerprintMismatch {
            address,
            expected,
            actual,
        };
    }
    match (error, connection_error(address, error)) {
        (_, mismatch @ TransportError::AlpnMismatch { .. }) => mismatch,
        (ConnectionError::TransportError(error), _) if error.frame.is_none() => {
            TransportError::Untrusted {
                address,
                why: error.reason.clone(),
            }
        }
        (ConnectionError::TimedOut, _) => TransportError::Unreachable {
            address,
            why: "no answer".to_owned(),
        },
        (_, lost) => lost,
    }
}

/// Ends only when the host says that nobody listens at the port, which a QUIC socket is not told.
async fn closed_port(address: SocketAddr) -> String {
    tokio::time::sleep(PROBE_AFTER).await;
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let probe = async {
        let socket = tokio::net::UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        socket.send(&[0]).await?;
        socket.recv(&mut [0]).await
    };
    match probe.await {
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "nobody listens at this port".to_owned()
        }
        _ => std::future::pending().await,
    }
}

pub(super) fn resolve(target: &QuicTarget) -> Result<Vec<SocketAddr>, TransportError> {
    let unknown = |why: String| TransportError::UnknownHost {
        host: target.host.clone(),
        why,
    };
    let found = (target.host.as_str(), target.port).to_socket_addrs();
    let addresses: Vec<SocketAddr> = found.map_err(|e| unknown(e.to_string()))?.take(8).collect();
    if addresses.is_empty() {
        return Err(unknown("it has no address".to_owned()));
    }
    Ok(addresses)
}

/// The name in the handshake; what is not a name there (a host with underscores) is only pinned.
pub(super) fn server_name(host: &str) -> String {
    match rustls::pki_types::ServerName::try_from(host) {
        Ok(_) => host.to_owned(),
        Err(_) => "localhost".to_owned(),
    }
}
