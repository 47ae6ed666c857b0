//! A daemon with one session, whose client may come back, and what its worker and its client do in tests.
//! Read [`Daemon`] first.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod relay;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::socket::{Shutdown, SockaddrIn, getpeername, getsockname, shutdown};
use relay::Relay;
use rigel_transport::quic::{
    BridgeEnd, Bridgehead, Lanes, QuicPeer, QuicServer, QuicTarget, QuicTuning, RemoteLink,
    Resumption, Shape,
};
use rigel_transport::tls::{ServerIdentity, Trust};
use rigel_transport::{
    BulkChunk, ClientEnd, CloseReason, Layout, Patience, RecordHead, RingError, SessionMemory,
    Side, TransportError, WorkerEnd,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle as TaskHandle;

pub(crate) const LIMIT: Duration = Duration::from_secs(60);
const SESSION: u64 = 77;
/// The welcome of a client that says hello.
const WELCOME: &[u8] = b"welcome";

pub(crate) fn soon() -> Instant {
    Instant::now() + LIMIT
}

pub(crate) fn patience() -> Patience<'static> {
    Patience::within(LIMIT)
}

pub(crate) fn layout() -> Layout {
    Layout::new([8192, 1 << 16, 8192, 1 << 16]).unwrap()
}

pub(crate) fn head(op: u16) -> RecordHead {
    RecordHead {
        op,
        flags: 0,
        thread: 5,
        context: 6,
    }
}

/// A daemon with one session, whose client may come back.
pub(crate) struct Daemon {
    pub(crate) relay: Relay,
    /// Where lanes beside QUIC arrive.
    pub(crate) lane_port: Option<u16>,
    /// What clients choose.
    pub(crate) lanes: Lanes,
    /// The path of clients.
    pub(crate) shape: Option<Shape>,
    trust: Trust,
    pub(crate) memory: Arc<SessionMemory>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    worker: Option<JoinHandle<()>>,
}

impl Daemon {
    pub(crate) fn start(work: impl FnOnce(WorkerEnd) + Send + 'static) -> Daemon {
        Daemon::start_with("", Lanes::default(), work)
    }

    /// Allows lanes beside QUIC, of which clients choose.
    pub(crate) fn start_with(
        allowed: &str,
        lanes: Lanes,
        work: impl FnOnce(WorkerEnd) + Send + 'static,
    ) -> Daemon {
        let tuning = QuicTuning {
            allowed_lanes: allowed.parse().unwrap(),
            ..QuicTuning::default()
        };
        let dir = tempfile::tempdir().unwrap();
        let identity = ServerIdentity::load_or_create(dir.path(), &[]).unwrap();
        let trust = Trust::Fingerprint(identity.fingerprint());
        let memory = SessionMemory::anonymous(&layout()).unwrap();
        let end = memory.worker().unwrap();
        let worker = thread::spawn(move || work(end));
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = mpsc::channel(1);
        let bridged = Arc::clone(&memory);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let any = (Ipv4Addr::LOCALHOST, 0).into();
                let server = QuicServer::bind(any, &identity, tuning).unwrap();
                let address = server.local_address().unwrap();
                tell.send((address, server.lane_port())).unwrap();
                accept(server, bridged, stopped).await;
            });
        });
        let (address, lane_port) = told.recv().unwrap();
        Daemon {
            relay: Relay::start(address),
            lane_port,
            lanes,
            shape: None,
            trust,
            memory,
            stop: Some(stop),
            thread: Some(thread),
            worker: Some(worker),
        }
    }

    pub(crate) fn target(&self) -> QuicTarget {
        let address: SocketAddr = self.relay.address();
        QuicTarget {
            host: address.ip().to_string(),
            port: address.port(),
            trust: self.trust.clone(),
            identity: None,
            tuning: QuicTuning {
                lanes: self.lanes,
                shape: self.shape,
                ..QuicTuning::default()
            },
        }
    }

    pub(crate) fn connect(&self) -> (RemoteLink, ClientEnd) {
        self.connect_for(LIMIT)
    }

    pub(crate) fn connect_for(&self, grace: Duration) -> (RemoteLink, ClientEnd) {
        self.try_connect(grace).unwrap()
    }

    pub(crate) fn try_connect(
        &self,
        grace: Duration,
    ) -> Result<(RemoteLink, ClientEnd), TransportError> {
        let link = RemoteLink::connect(&self.target(), soon()).unwrap();
        link.send(b"hello".to_vec(), soon()).unwrap();
        assert_eq!(link.receive(soon()).unwrap(), WELCOME);
        let memory = SessionMemory::anonymous(&layout()).unwrap();
        let client = memory.client().unwrap();
        let resumption = Resumption {
            ask: Box::new(|attempt| attempt.to_le_bytes().to_vec()),
            understand: Box::new(|answer| {
                let bytes = <[u8; 16]>::try_from(answer).map_err(|_| "refused".to_owned())?;
                let both = u128::from_le_bytes(bytes);
                Ok([both as u64, (both >> 64) as u64])
            }),
            grace,
        };
        let attached = link.attach(SESSION, &memory, Some(resumption), soon());
        attached.map(|()| (link, client))
    }

    /// Ends the session at the client, in order, and then the daemon.
    pub(crate) fn end(mut self, link: RemoteLink, client: &ClientEnd) {
        client.close(CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
        self.worker.take().unwrap().join().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.memory.close(Side::Worker, CloseReason::SHUTDOWN);
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
        if let Some(worker) = self.worker.take() {
            worker.join().unwrap();
        }
    }
}

type Bridging = TaskHandle<()>;

/// Accepts connections: the first says hello, later ones ask for the session.
async fn accept(server: QuicServer, memory: Arc<SessionMemory>, mut stop: mpsc::Receiver<()>) {
    let bridgehead = Bridgehead::new(SESSION, &memory, None).unwrap();
    let (tell, mut told) = mpsc::channel::<QuicPeer>(64);
    let mut bridging: Option<Bridging> = None;
    loop {
        tokio::select! {
            _ = stop.recv() => return,
            connecting = server.accept() => {
                let (connecting, tell) = (connecting.unwrap(), tell.clone());
                tokio::spawn(async move {
                    if let Ok(peer) = connecting.handshake(LIMIT).await {
                        let _ = tell.send(peer).await;
                    }
                });
            }
            peer = told.recv() => {
                let (mut peer, head) = (peer.unwrap(), Arc::clone(&bridgehead));
                let Ok(Ok(first)) = tokio::time::timeout(
                    Duration::from_secs(1),
                    peer.receive(LIMIT),
                ).await else {
                    continue;
                };
                if let Some(old) = bridging.take() {
                    old.abort();
                }
                let bridge = peer.bridge(&head, LIMIT).await.unwrap();
                let answer = if first == b"hello" {
                    WELCOME.to_vec()
                } else {
                    let [calls, bulk] = bridge.expects();
                    [calls.to_le_bytes(), bulk.to_le_bytes()].concat()
                };
                if peer.send(&answer, LIMIT).await.is_err() {
                    continue;
                }
                let memory = Arc::clone(&memory);
                bridging = Some(tokio::spawn(async move {
                    if let Ok(BridgeEnd::Ended(reason)) = bridge.run(LIMIT).await {
                        memory.close(Side::Client, reason);
                    }
                    drop(peer);
                }));
            }
        }
    }
}

/// Answers every call with its number and its bytes reversed, and insists on their order.
pub(crate) fn count_and_reverse(mut worker: WorkerEnd) {
    for n in 0u64.. {
        match worker.command.next_wait(&patience()) {
            Ok(record) => {
                let (head, mut bytes) = (record.head, record.payload.copy_out());
                bytes.reverse();
                worker
                    .reply
                    .send(head, &[&n.to_le_bytes(), &bytes], &patience())
                    .unwrap();
            }
            Err(RingError::Closed(_)) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Small generator, so that a seed gives the same test everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// So many seeds from 1 on, or from where `RIGEL_TEST_SEED` says, for longer runs.
pub(crate) fn seeds(n: u64) -> std::ops::Range<u64> {
    let first = std::env::var("RIGEL_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
    first..first + n
}

pub(crate) fn call(client: &mut ClientEnd, n: u64, len: usize) {
    let bytes: Vec<u8> = (0..len).map(|i| (i as u64 * 7 + n) as u8).collect();
    client
        .command
        .send(head(1), &[&bytes], &patience())
        .unwrap();
    let reply = client.reply.next_wait(&patience()).unwrap();
    let answer = reply.payload.copy_out();
    assert_eq!(answer[..8], n.to_le_bytes(), "a call was lost or repeated");
    assert!(answer[8..].iter().rev().eq(&bytes));
}

/// Sends what is uploaded back, insists on the order of 2000 posted calls and answers the last.
pub(crate) fn echo_bulk(worker: WorkerEnd) {
    let WorkerEnd {
        mut command,
        mut upload,
        reply,
        download,
        ..
    } = worker;
    let bulk = thread::spawn(move || {
        while let Ok(record) = upload.next_wait(&patience()) {
            let chunk = BulkChunk::of(&record).unwrap();
            let (offset, bytes) = (chunk.offset, chunk.bytes.copy_out());
            let mut place = download
                .reserve_bulk(9, offset, bytes.len(), &patience())
                .unwrap();
            place.copy_from_slice(&bytes);
            place.publish();
        }
    });
    for i in 0..2000u32 {
        let record = command.next_wait(&patience()).unwrap();
        assert_eq!(record.payload.copy_out()[..4], i.to_le_bytes());
    }
    reply.send(head(2), &[], &patience()).unwrap();
    while command.next_wait(&patience()).is_ok() {}
    bulk.join().unwrap();
}

pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let deadline = soon();
    while !condition() {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
}

/// Posts calls and sends bytes that come back, and compares; `during` is told how many have come.
pub(crate) fn copy_both_ways(client: ClientEnd, len: usize, mut during: impl FnMut(usize)) {
    let ClientEnd {
        command,
        upload,
        mut reply,
        mut download,
        ..
    } = client;
    let sent: Arc<Vec<u8>> = Arc::new((0..len as u32).map(|i| (i ^ (i >> 7)) as u8).collect());
    let bytes = Arc::clone(&sent);
    let sender = thread::spawn(move || upload.send_bulk(8, &bytes, &patience()).unwrap());
    let poster = thread::spawn(move || {
        for i in 0..2000u32 {
            command
                .send(head(2), &[&i.to_le_bytes(), &[1; 300]], &patience())
                .unwrap();
        }
    });
    let mut back = vec![0; len];
    let mut n = 0;
    while n < len {
        during(n);
        let record = download.next_wait(&patience()).unwrap();
        let chunk = BulkChunk::of(&record).unwrap();
        assert_eq!(chunk.offset, n as u64);
        n += chunk.bytes.copy_to(&mut back[n..]);
    }
    sender.join().unwrap();
    poster.join().unwrap();
    assert!(back == *sent);
    reply.next_wait(&patience()).unwrap();
}

/// Ends every TCP connection of this process with this port at either end: how many ends.
pub(crate) fn cut_tcp(port: u16) -> usize {
    let ends = std::fs::read_dir("/proc/self/fd").unwrap();
    let fds = ends.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let of_port = |fd: &i32| {
        let ports = [
            getsockname::<SockaddrIn>(*fd),
            getpeername::<SockaddrIn>(*fd),
        ];
        let [Ok(here), Ok(there)] = ports else {
            return false;
        };
        here.port() == port || there.port() == port
    };
    let cut = fds
        .filter(of_port)
        .filter(|fd| shutdown(*fd, Shutdown::Both).is_ok());
    cut.count()
}
