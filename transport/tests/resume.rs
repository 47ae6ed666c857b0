//! A session outlives its connections: cuts at any point, a new address, a path that is down for a while.
//! Every call arrives exactly once, every byte is the same; and where it cannot go on, both sides learn it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod relay;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use relay::Relay;
use rigel_transport::quic::{
    BridgeEnd, Bridgehead, QuicPeer, QuicServer, QuicTarget, QuicTuning, RemoteLink, Resumption,
};
use rigel_transport::tls::{ServerIdentity, Trust};
use rigel_transport::{
    BulkChunk, ClientEnd, CloseReason, Layout, Patience, RecordHead, RingError, SessionMemory,
    Side, WorkerEnd,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle as TaskHandle;

const LIMIT: Duration = Duration::from_secs(60);
const SESSION: u64 = 77;
/// The welcome of a client that says hello.
const WELCOME: &[u8] = b"welcome";

fn soon() -> Instant {
    Instant::now() + LIMIT
}

fn patience() -> Patience<'static> {
    Patience::within(LIMIT)
}

fn layout() -> Layout {
    Layout::new([8192, 1 << 16, 8192, 1 << 16]).unwrap()
}

fn head(op: u16) -> RecordHead {
    RecordHead {
        op,
        flags: 0,
        thread: 5,
        context: 6,
    }
}

/// A daemon with one session, whose client may come back.
struct Daemon {
    relay: Relay,
    trust: Trust,
    memory: Arc<SessionMemory>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    worker: Option<JoinHandle<()>>,
}

impl Daemon {
    fn start(work: impl FnOnce(WorkerEnd) + Send + 'static) -> Daemon {
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
                let server = QuicServer::bind(any, &identity, QuicTuning::default()).unwrap();
                tell.send(server.local_address().unwrap()).unwrap();
                accept(server, bridged, stopped).await;
            });
        });
        Daemon {
            relay: Relay::start(told.recv().unwrap()),
            trust,
            memory,
            stop: Some(stop),
            thread: Some(thread),
            worker: Some(worker),
        }
    }

    fn target(&self) -> QuicTarget {
        let address: SocketAddr = self.relay.address();
        QuicTarget {
            host: address.ip().to_string(),
            port: address.port(),
            trust: self.trust.clone(),
            tuning: QuicTuning::default(),
        }
    }

    fn connect(&self) -> (RemoteLink, ClientEnd) {
        self.connect_for(LIMIT)
    }

    fn connect_for(&self, grace: Duration) -> (RemoteLink, ClientEnd) {
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
        link.attach(SESSION, &memory, Some(resumption), soon())
            .unwrap();
        (link, client)
    }

    /// Ends the session at the client, in order, and then the daemon.
    fn end(mut self, link: RemoteLink, client: &ClientEnd) {
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
fn count_and_reverse(mut worker: WorkerEnd) {
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
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// So many seeds from 1 on, or from where `RIGEL_TEST_SEED` says, for longer runs.
fn seeds(n: u64) -> std::ops::Range<u64> {
    let first = std::env::var("RIGEL_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
    first..first + n
}

fn call(client: &mut ClientEnd, n: u64, len: usize) {
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

#[test]
fn calls_go_on_over_a_fresh_connection_after_a_cut() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    for n in 0..40 {
        if n % 10 == 5 {
            daemon.relay.cut();
        }
        call(&mut client, n, 100);
    }
    assert_eq!(daemon.relay.n_cuts(), 4);
    daemon.end(link, &client);
}

#[test]
fn cuts_after_any_number_of_packets_lose_and_repeat_nothing() {
    for seed in seeds(4) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let daemon = Daemon::start(count_and_reverse);
        let (link, mut client) = daemon.connect();
        let mut n = 0;
        for _ in 0..6 {
            daemon.relay.cut_after(1 + random.below(60));
            for _ in 0..10 + random.below(30) {
                call(&mut client, n, random.below(1900) as usize);
                n += 1;
            }
        }
        assert!(daemon.relay.n_cuts() > 0);
        daemon.end(link, &client);
    }
}

#[test]
fn posted_calls_and_bulk_survive_cuts_bit_by_bit() {
    const LEN: usize = 1_500_001;
    for seed in seeds(3) {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let daemon = Daemon::start(echo_bulk);
        let (link, client) = daemon.connect();
        let ClientEnd {
            command,
            upload,
            mut reply,
            mut download,
            memory,
            ..
        } = client;
        let sent: Arc<Vec<u8>> = Arc::new((0..LEN as u32).map(|i| (i ^ (i >> 7)) as u8).collect());
        let bytes = Arc::clone(&sent);
        let sender = thread::spawn(move || upload.send_bulk(8, &bytes, &patience()).unwrap());
        let poster = thread::spawn(move || {
            for i in 0..2000u32 {
                command
                    .send(head(2), &[&i.to_le_bytes(), &[1; 300]], &patience())
                    .unwrap();
            }
        });
        let mut back = vec![0; LEN];
        let mut n = 0;
        let mut next_cut = 0;
        while n < LEN {
            if n >= next_cut {
                daemon.relay.cut_after(1 + random.below(200));
                next_cut += LEN / 6;
            }
            let record = download.next_wait(&patience()).unwrap();
            let chunk = BulkChunk::of(&record).unwrap();
            assert_eq!(chunk.offset, n as u64);
            n += chunk.bytes.copy_to(&mut back[n..]);
        }
        sender.join().unwrap();
        poster.join().unwrap();
        assert!(back == *sent);
        reply.next_wait(&patience()).unwrap();
        assert!(daemon.relay.n_cuts() > 0);
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

/// Sends what is uploaded back, insists on the order of 2000 posted calls and answers the last.
fn echo_bulk(worker: WorkerEnd) {
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

#[test]
fn session_closed_while_its_connection_is_cut_ends_at_the_worker_too() {
    for cut_after in [0, 1, 2, 3, 5, 8] {
        let daemon = Daemon::start(count_and_reverse);
        let (link, mut client) = daemon.connect();
        call(&mut client, 0, 100);
        match cut_after {
            0 => daemon.relay.cut(),
            n => daemon.relay.cut_after(n),
        }
        // Joins the worker, which fails if it does not hear of the end in time.
        daemon.end(link, &client);
    }
}

#[test]
fn client_whose_address_changes_goes_on() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    for n in 0..60 {
        if n % 20 == 10 {
            daemon.relay.rebind();
        }
        call(&mut client, n, 500);
    }
    daemon.end(link, &client);
}

#[test]
fn port_from_which_nothing_passes_any_more_is_left_for_another() {
    let daemon = Daemon::start(count_and_reverse);
    // Shorter than the idle timeout, which would begin anew as well.
    let (link, mut client) = daemon.connect_for(Duration::from_secs(20));
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            // The port of the connection, and that from which it dials.
            wait_until(|| daemon.relay.n_clients() >= 2);
            daemon.relay.cut();
            wait_until(|| daemon.relay.n_cuts() == 1);
            daemon.relay.set_down(false);
        });
        call(&mut client, 1, 1000);
    });
    daemon.end(link, &client);
}

fn wait_until(condition: impl Fn() -> bool) {
    let deadline = soon();
    while !condition() {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
}

#[test]
fn path_down_for_ten_seconds_delays_and_loses_nothing() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(10));
            daemon.relay.set_down(false);
        });
        for n in 1..20 {
            call(&mut client, n, 1000);
        }
    });
    assert_eq!(link.ended(), None);
    daemon.end(link, &client);
}

#[test]
fn path_that_stays_down_ends_the_session_at_the_client_after_its_grace() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect_for(Duration::from_millis(600));
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    client
        .command
        .send(head(1), &[b"lost"], &patience())
        .unwrap();
    let error = client.reply.next_wait(&patience()).unwrap_err();
    assert_eq!(error, RingError::Closed(CloseReason::LINK_LOST));
    assert_eq!(link.ended(), Some(CloseReason::LINK_LOST));
}
