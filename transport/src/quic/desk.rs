//! Where lanes outside QUIC arrive: a server's TCP port, and a client's way there. A stranger is turned away
//! by the number in its pass, before any cryptography. Read [`Desk`] first.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::client::QuicTarget;
use super::connect::server_name;
use super::control::within;
use super::lane::{Grant, LaneKind, LaneSet, Lanes, PASS_BYTES, Pass, SECRET_BYTES, Secret, TAKEN};
use super::shape::Shape;
use super::shape_lane;
use super::stripe::{LaneSocket, prepare};
use super::ucx::{self, UcxStream};
use crate::error::TransportError;
use crate::tls::{self, ServerIdentity};

/// How long a lane may take to arrive, and a guest to show its pass.
const ARRIVE_WITHIN: Duration = Duration::from_secs(5);
/// Guests that have not shown what lets them in; more are turned away.
const N_GUESTS_MAX: usize = 64;
/// How long accepting pauses when the process has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// What is shown to whom comes next.
type Renewable = Arc<Mutex<Arc<ServerConfig>>>;

/// A server's port for lanes.
#[derive(Debug)]
pub(super) struct Desk {
    allowed: LaneSet,
    port: u16,
    expected: Arc<Expected>,
    accepting: Option<AbortHandle>,
    /// How the port proves who it is, to whom comes next.
    tls: Option<Renewable>,
}

/// Lanes that were granted and have not all arrived, by their number.
#[derive(Debug, Default)]
struct Expected(Mutex<HashMap<u64, Reservation>>);

#[derive(Debug)]
struct Reservation {
    secret: Secret,
    kind: LaneKind,
    /// One bit for each that is missing.
    missing: u16,
    arrived: mpsc::Sender<(u8, LaneSocket)>,
}

/// Lanes that are on their way. Dropped, they are no longer let in.
#[derive(Debug)]
pub(super) struct Arrival {
    id: u64,
    count: usize,
    arrived: mpsc::Receiver<(u8, LaneSocket)>,
    expected: Arc<Expected>,
}

impl Desk {
    /// Listens for lanes, if any are allowed, at the port of `address`, or at any if that is taken. In a
    /// runtime.
    pub(super) fn open(
        address: SocketAddr,
        allowed: LaneSet,
        identity: &ServerIdentity,
    ) -> Result<Desk, TransportError> {
        let mut desk = Desk {
            allowed,
            port: 0,
            expected: Arc::default(),
            accepting: None,
            tls: None,
        };
        if !allowed.needs_tcp() {
            return Ok(desk);
        }
        let failed = |source| TransportError::os("listen for lanes", source);
        if allowed.allows(LaneKind::Ucx) {
            ucx::check().map_err(failed)?;
        }
        let any = SocketAddr::new(address.ip(), 0);
        let listener = listen(address).or_else(|_| listen(any)).map_err(failed)?;
        desk.port = listener.local_addr().map_err(failed)?.port();
        tracing::info!(port = desk.port, lanes = %allowed, "bulk lanes over TCP");
        let tls = Arc::new(Mutex::new(acceptor(identity)?));
        desk.tls = Some(Arc::clone(&tls));
        let accepting = tokio::spawn(accept(listener, tls, Arc::clone(&desk.expected)));
        desk.accepting = Some(accepting.abort_handle());
        Ok(desk)
    }

    /// Shows another certificate from now on.
    pub(super) fn renew(&self, identity: &ServerIdentity) -> Result<(), TransportError> {
        if let Some(tls) = &self.tls {
            *tls.lock().unwrap_or_else(PoisonError::into_inner) = acceptor(identity)?;
        }
        Ok(())
    }

    /// Where it listens.
    pub(super) fn port(&self) -> Option<u16> {
        self.accepting.as_ref().map(|_| self.port)
    }

    /// Answers a client that asks for lanes, and lets them in if it may have them.
    pub(super) fn grant(&self, lanes: Lanes) -> Result<(Grant, Option<Arrival>), TransportError> {
        if !self.allowed.allows(lanes.kind) {
            return Ok((Grant::NotAllowed(self.allowed), None));
        }
        let (id, secret) = (u64::from_le_bytes(random()?), Secret(random()?));
        let (tell, arrived) = mpsc::channel(usize::from(lanes.count));
        let reservation = Reservation {
            secret,
            kind: lanes.kind,
            missing: u16::MAX >> (16 - lanes.count),
            arrived: tell,
        };
        self.expected.lock().insert(id, reservation);
        let arrival = Arrival {
            id,
            count: usize::from(lanes.count),
            arrived,
            expected: Arc::clone(&self.expected),
        };
        let port = self.port;
        Ok((Grant::Granted { port, id, secret }, Some(arrival)))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

impl Arrival {
    /// All of them, in their order.
    pub(super) async fn all(mut self) -> Result<Vec<LaneSocket>, TransportError> {
        let mut lanes = Vec::new();
        within(ARRIVE_WITHIN, "wait for a client's lanes", async {
            while lanes.len() < self.count {
                let arrived = self.arrived.recv().await;
                lanes.push(arrived.ok_or(TransportError::Disconnected)?);
            }
            Ok(())
        })
        .await?;
        lanes.sort_by_key(|(index, _)| *index);
        Ok(lanes.into_iter().map(|(_, lane)| lane).collect())
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.expected.lock().remove(&self.id);
    }
}

impl Expected {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Reservation>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn knows(&self, pass: &Pass) -> bool {
        let reservations = self.lock();
        reservations
            .get(&pass.id)
            .is_some_and(|found| found.kind == pass.kind)
    }

    /// Takes the place of a lane whose secret is right: where the lane goes.
    fn take(
        &self,
        pass: &Pass,
        secret: &[u8; SECRET_BYTES],
    ) -> Option<mpsc::Sender<(u8, LaneSocket)>> {
        let mut reservations = self.lock();
        let reservation = reservations.get_mut(&pass.id)?;
        let bit = 1u16.checked_shl(u32::from(pass.index))?;
        if !reservation.secret.matches(secret) || reservation.missing & bit == 0 {
            return None;
        }
        reservation.missing &= !bit;
        Some(reservation.arrived.clone())
    }
}

fn acceptor(identity: &ServerIdentity) -> Result<Arc<ServerConfig>, TransportError> {
    Ok(Arc::new(identity.lane_config()?))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

async fn accept(listener: TcpListener, tls: Renewable, expected: Arc<Expected>) {
    let guests = Arc::new(Semaphore::new(N_GUESTS_MAX));
    loop {
        let Ok((tcp, address)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&guests).try_acquire_owned() else {
            continue;
        };
        let current = Arc::clone(&tls.lock().unwrap_or_else(PoisonError::into_inner));
        let (tls, expected) = (TlsAcceptor::from(current), Arc::clone(&expected));
        tokio::spawn(async move {
            let guest = tokio::time::timeout(ARRIVE_WITHIN, receive(tcp, tls, &expected));
            if !matches!(guest.await, Ok(Ok(()))) {
                tracing::debug!(%address, "a lane was turned away");
            }
            drop(place);
        });
    }
}

/// Lets a guest in that has a pass.
async fn receive(mut tcp: TcpStream, tls: TlsAcceptor, expected: &Expected) -> io::Result<()> {
    let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
    prepare(&tcp)?;
    let mut pass = [0; PASS_BYTES];
    tcp.read_exact(&mut pass).await?;
    let pass = Pass::decode(&pass).ok_or_else(denied)?;
    if !expected.knows(&pass) {
        return Err(denied());
    }
    let mut lane = match pass.kind {
        LaneKind::TcpTls => LaneSocket::Server(Box::new(tls.accept(tcp).await?)),
        _ => LaneSocket::Clear(tcp),
    };
    let mut secret = [0; SECRET_BYTES];
    lane.read_exact(&mut secret).await?;
    let place = expected.take(&pass, &secret).ok_or_else(denied)?;
    lane.write_all(&[TAKEN]).await?;
    lane.flush().await?;
    let lane = taken(lane, pass.kind).await?;
    let sent = place.send((pass.index, lane)).await;
    sent.map_err(|_| denied())
}

/// Opens the lanes that a server has granted, in their order.
pub(super) async fn open_lanes(
    target: &QuicTarget,
    server: SocketAddr,
    grant: &Grant,
) -> Result<Vec<LaneSocket>, TransportError> {
    let lanes = target.tuning.lanes;
    let (port, id, secret) = match *grant {
        Grant::Granted { port, id, secret } => (port, id, secret),
        Grant::NotAllowed(allowed) => {
            return Err(TransportError::LaneRefused {
                lane: lanes.kind,
                allowed,
            });
        }
    };
    let address = SocketAddr::new(server.ip(), port);
    if lanes.kind == LaneKind::Ucx {
        ucx::check().map_err(|source| TransportError::LaneUnreachable { address, source })?;
    }
    let (tls, _) = tls::client_config(&target.trust, None)?;
    let tls = TlsConnector::from(Arc::new(tls));
    let mut opening = JoinSet::new();
    for index in 0..lanes.count {
        let pass = Pass {
            kind: lanes.kind,
            index,
            id,
        };
        let lane = open(
            address,
            pass,
            secret,
            (tls.clone(), server_name(&target.host)),
            target.tuning.shape,
        );
        opening.spawn(async move {
            let opened = tokio::time::timeout(ARRIVE_WITHIN, lane).await;
            let opened = opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            opened.map(|lane| (index, lane))
        });
    }
    let mut opened = Vec::new();
    while let Some(lane) = opening.join_next().await {
        let lane = lane.map_err(io::Error::other).and_then(|lane| lane);
        opened.push(lane.map_err(|source| TransportError::LaneUnreachable { address, source })?);
    }
    opened.sort_by_key(|(index, _)| *index);
    Ok(opened.into_iter().map(|(_, lane)| lane).collect())
}

async fn open(
    address: SocketAddr,
    pass: Pass,
    secret: Secret,
    (tls, name): (TlsConnector, String),
    shape: Option<Shape>,
) -> io::Result<LaneSocket> {
    let mut tcp = match shape {
        Some(shape) => shape_lane::connect(address, shape).await?,
        None => TcpStream::connect(address).await?,
    };
    prepare(&tcp)?;
    tcp.write_all(&pass.encode()).await?;
    let mut lane = match pass.kind {
        LaneKind::TcpTls => {
            let name = ServerName::try_from(name).map_err(io::Error::other)?;
            LaneSocket::Client(Box::new(tls.connect(name, tcp).await?))
        }
        _ => LaneSocket::Clear(tcp),
    };
    lane.write_all(&secret.0).await?;
    lane.flush().await?;
    match lane.read_u8().await? {
        TAKEN => taken(lane, pass.kind).await,
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A connection whose secret was right, as the lane that it is to be.
async fn taken(connection: LaneSocket, kind: LaneKind) -> io::Result<LaneSocket> {
    match (connection, kind) {
        (LaneSocket::Clear(tcp), LaneKind::Ucx) => {
            let stream = UcxStream::meet(tcp).await?;
            Ok(LaneSocket::Ucx(Box::new(stream)))
        }
        (connection, _) => Ok(connection),
    }
}

/// Bytes that nobody can guess.
fn random<const N: usize>() -> Result<[u8; N], TransportError> {
    let mut bytes = [0; N];
    tls::fill_random(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(allowed: &str) -> Desk {
        Desk {
            allowed: allowed.parse().unwrap(),
            port: 7400,
            expected: Arc::default(),
            accepting: None,
            tls: None,
        }
    }

    #[test]
    fn lane_is_taken_once_and_by_its_secret_alone() {
        let desk = desk("tcp");
        let (grant, arrival) = desk.grant("tcp:2".parse().unwrap()).unwrap();
        let Grant::Granted { id, secret, .. } = grant else {
            panic!("{grant:?}");
        };
        let pass = |index| Pass {
            kind: LaneKind::Tcp,
            index,
            id,
        };
        let mut wrong = secret.0;
        wrong[31] ^= 1;
        let take = |pass: Pass, secret| desk.expected.take(&pass, secret).is_some();
        assert!(!take(pass(0), &wrong));
        assert!(!take(pass(2), &secret.0) && !take(pass(255), &secret.0));
        assert!(take(pass(1), &secret.0) && take(pass(0), &secret.0));
        assert!(!take(pass(0), &secret.0), "taken twice");
        drop(arrival);
        assert!(!desk.expected.knows(&pass(0)));
    }

    #[test]
    fn pass_is_known_by_its_number_and_its_kind() {
        let desk = desk("tcp,tcp+tls");
        let (grant, _arrival) = desk.grant("tcp+tls".parse().unwrap()).unwrap();
        let Grant::Granted { id, .. } = grant else {
            panic!("{grant:?}");
        };
        let knows = |kind, id| desk.expected.knows(&Pass { kind, index: 0, id });
        assert!(knows(LaneKind::TcpTls, id));
        assert!(!knows(LaneKind::Tcp, id) && !knows(LaneKind::TcpTls, !id));
    }

    #[test]
    fn lane_in_clear_text_is_not_granted_unless_allowed() {
        let (grant, arrival) = desk("tcp+tls").grant("tcp".parse().unwrap()).unwrap();
        assert!(matches!(grant, Grant::NotAllowed(_)) && arrival.is_none());
    }
}
