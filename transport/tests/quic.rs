//! The link between hosts, over loopback: rings stay equal, refusals name their cause, and whichever
//! side ends, the other learns why.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rigel_transport::quic::{
    BridgeEnd, Bridgehead, QuicPeer, QuicServer, QuicTarget, QuicTuning, RemoteLink,
};
use rigel_transport::tls::{Fingerprint, ServerIdentity, Trust};
use rigel_transport::{
    BulkChunk, ClientEnd, CloseReason, Layout, Patience, RecordHead, RingError, SessionMemory,
    Side, TransportError, WorkerEnd, bell_eventfd,
};

const LIMIT: Duration = Duration::from_secs(60);
const SESSION: u64 = 77;

fn soon() -> Instant {
    Instant::now() + LIMIT
}

fn patience() -> Patience<'static> {
    Patience::within(LIMIT)
}

fn layout() -> Layout {
    Layout::new([8192, 1 << 18, 8192, 1 << 18]).unwrap()
}

fn head(op: u16) -> RecordHead {
    RecordHead {
        op,
        flags: 0,
        thread: 5,
        context: 6,
    }
}

/// A daemon with one worker, as two mappings of one memfd with an eventfd between them.
struct Daemon {
    target: QuicTarget,
    thread: JoinHandle<CloseReason>,
}

impl Daemon {
    /// Serves one client, whose session's worker is `work`.
    fn start(work: impl FnOnce(WorkerEnd) + Send + 'static) -> Daemon {
        Daemon::start_with(layout(), work)
    }

    fn start_with(layout: Layout, work: impl FnOnce(WorkerEnd) + Send + 'static) -> Daemon {
        Daemon::start_tuned(layout, QuicTuning::default(), work)
    }

    fn start_tuned(
        layout: Layout,
        tuning: QuicTuning,
        work: impl FnOnce(WorkerEnd) + Send + 'static,
    ) -> Daemon {
        let dir = tempfile::tempdir().unwrap();
        let identity = ServerIdentity::load_or_create(dir.path(), &[]).unwrap();
        let trust = Trust::Fingerprint(identity.fingerprint());
        let (tell, told) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let any = (Ipv4Addr::LOCALHOST, 0).into();
                let server = QuicServer::bind(any, &identity, tuning).unwrap();
                tell.send(server.local_address().unwrap()).unwrap();
                let peer = server.accept().await.unwrap().handshake(LIMIT).await;
                let reason = match peer {
                    Ok(peer) => serve(peer, layout, work).await,
                    Err(_) => CloseReason::PROTOCOL,
                };
                server.wait_idle(LIMIT).await;
                reason
            })
        });
        let address = told.recv().unwrap();
        Daemon {
            target: target(address, trust),
            thread,
        }
    }
}

fn target(address: SocketAddr, trust: Trust) -> QuicTarget {
    let host = address.ip().to_string();
    QuicTarget {
        host,
        port: address.port(),
        trust,
        identity: None,
        tuning: QuicTuning::default(),
    }
}

async fn serve(
    mut peer: QuicPeer,
    layout: Layout,
    work: impl FnOnce(WorkerEnd) + Send + 'static,
) -> CloseReason {
    let (memory, fd) = SessionMemory::create_memfd(&layout).unwrap();
    let (bell, copy) = bell_eventfd().unwrap();
    let worker = thread::spawn(move || {
        let memory = SessionMemory::from_fd(fd, &layout).unwrap();
        memory.ring_eventfd(Side::Client, bell);
        work(memory.worker().unwrap());
    });
    let hello = peer.receive(LIMIT).await.unwrap();
    peer.send(&[b"welcome ", &hello[..]].concat(), LIMIT)
        .await
        .unwrap();
    let head = Bridgehead::new(SESSION, &memory, Some(copy)).unwrap();
    let bridge = peer.bridge(&head, LIMIT).await.unwrap();
    let reason = match bridge.run(LIMIT).await {
        Ok(BridgeEnd::Ended(reason)) => reason,
        Ok(BridgeEnd::Lost { .. }) => CloseReason::LINK_LOST,
        Err(_) => CloseReason::PROTOCOL,
    };
    memory.close(Side::Client, reason);
    tokio::task::spawn_blocking(move || worker.join().unwrap())
        .await
        .unwrap();
    reason
}

fn connect(daemon: &Daemon) -> (RemoteLink, ClientEnd) {
    connect_with(daemon, layout())
}

fn connect_with(daemon: &Daemon, layout: Layout) -> (RemoteLink, ClientEnd) {
    let link = RemoteLink::connect(&daemon.target, soon()).unwrap();
    link.send(b"hello".to_vec(), soon()).unwrap();
    assert_eq!(link.receive(soon()).unwrap(), b"welcome hello");
    let memory = SessionMemory::anonymous(&layout).unwrap();
    let client = memory.client().unwrap();
    link.attach(SESSION, &memory, None, soon()).unwrap();
    (link, client)
}

/// Answers every call with its bytes reversed until the session ends.
fn reverse_calls(mut worker: WorkerEnd) {
    loop {
        match worker.command.next_wait(&patience()) {
            Ok(record) => {
                let (head, mut bytes) = (record.head, record.payload.copy_out());
                bytes.reverse();
                worker.reply.send(head, &[&bytes], &patience()).unwrap();
            }
            Err(RingError::Closed(_)) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn calls_cross_and_come_back_over_many_laps() {
    let daemon = Daemon::start(reverse_calls);
    let (link, mut client) = connect(&daemon);
    for round in 0..500usize {
        let bytes: Vec<u8> = (0..round * 5 % 2000).map(|i| (i + round) as u8).collect();
        client
            .command
            .send(head(round as u16), &[&bytes], &patience())
            .unwrap();
        let reply = client.reply.next_wait(&patience()).unwrap();
        assert_eq!(reply.head, head(round as u16));
        assert!(reply.payload.copy_out().iter().rev().eq(&bytes));
    }
    client.close(CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    assert_eq!(daemon.thread.join().unwrap(), CloseReason::FINISHED);
}

#[test]
fn posted_calls_stream_without_replies_and_positions_stay_equal() {
    const N: u32 = 5000;
    let daemon = Daemon::start(|mut worker| {
        let mut last = 0;
        for i in 0..N {
            let record = worker.command.next_wait(&patience()).unwrap();
            let mut bytes = record.payload.copy_out();
            bytes.truncate(4);
            assert_eq!(bytes, i.to_le_bytes());
            last = record.position;
        }
        worker
            .reply
            .send(head(1), &[&last.to_le_bytes()], &patience())
            .unwrap();
        while worker.command.next_wait(&patience()).is_ok() {}
    });
    let (link, mut client) = connect(&daemon);
    let mut last = 0;
    for i in 0..N {
        let padding = vec![1; i as usize * 13 % 500];
        // An abandoned place is padding that has to cross as well.
        drop(
            client
                .command
                .reserve_wait(head(0), 10, &patience())
                .unwrap(),
        );
        last = client
            .command
            .send(head(0), &[&i.to_le_bytes(), &padding], &patience())
            .unwrap();
    }
    let reply = client.reply.next_wait(&patience()).unwrap();
    assert_eq!(reply.payload.copy_out(), last.to_le_bytes());
    drop(client);
    drop(link);
    daemon.thread.join().unwrap();
}

#[test]
fn bulk_crosses_both_ways_beside_calls() {
    const LEN: usize = 3_000_001;
    let daemon = Daemon::start(|worker| {
        let WorkerEnd {
            mut command,
            mut upload,
            reply,
            download,
            ..
        } = worker;
        let bulk = thread::spawn(move || {
            let mut bytes = vec![0; LEN];
            let mut n = 0;
            while n < LEN {
                let record = upload.next_wait(&patience()).unwrap();
                let chunk = BulkChunk::of(&record).unwrap();
                n += chunk.bytes.copy_to(&mut bytes[chunk.offset as usize..]);
            }
            download.send_bulk(9, &bytes, &patience()).unwrap();
        });
        while let Ok(record) = command.next_wait(&patience()) {
            let (head, bytes) = (record.head, record.payload.copy_out());
            reply.send(head, &[&bytes], &patience()).unwrap();
        }
        bulk.join().unwrap();
    });
    let (link, client) = connect(&daemon);
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
    for i in 0..50u16 {
        command.send(head(i), &[b"beside"], &patience()).unwrap();
        assert_eq!(reply.next_wait(&patience()).unwrap().head.op, i);
    }
    let mut back = vec![0; LEN];
    let mut n = 0;
    while n < LEN {
        let record = download.next_wait(&patience()).unwrap();
        let chunk = BulkChunk::of(&record).unwrap();
        assert_eq!(chunk.transfer, 9);
        n += chunk.bytes.copy_to(&mut back[chunk.offset as usize..]);
    }
    sender.join().unwrap();
    assert!(back == *sent);
    memory.close(Side::Client, CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    daemon.thread.join().unwrap();
}

#[test]
fn copies_both_ways_through_rings_much_smaller_do_not_stand_still() {
    const LEN: usize = 4_000_001;
    let small = Layout::new([4096, 8192, 4096, 8192]).unwrap();
    // What comes is taken only as what goes is taken: each direction waits for the other's room.
    let daemon = Daemon::start_with(small, |worker| {
        let WorkerEnd {
            mut upload,
            download,
            ..
        } = worker;
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
    let (link, client) = connect_with(&daemon, small);
    let ClientEnd {
        upload,
        mut download,
        memory,
        ..
    } = client;
    let sent: Arc<Vec<u8>> = Arc::new((0..LEN as u32).map(|i| (i ^ (i >> 9)) as u8).collect());
    let bytes = Arc::clone(&sent);
    let sender = thread::spawn(move || upload.send_bulk(8, &bytes, &patience()).unwrap());
    let mut back = vec![0; LEN];
    let mut n = 0;
    while n < LEN {
        let record = download.next_wait(&patience()).unwrap();
        let chunk = BulkChunk::of(&record).unwrap();
        assert_eq!(chunk.offset, n as u64);
        n += chunk.bytes.copy_to(&mut back[n..]);
    }
    sender.join().unwrap();
    assert!(back == *sent);
    memory.close(Side::Client, CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    daemon.thread.join().unwrap();
}

/// Counts what is uploaded until the session ends.
fn swallow(mut worker: WorkerEnd) {
    let mut n = 0;
    while let Ok(record) = worker.upload.next_wait(&patience()) {
        n += BulkChunk::of(&record).unwrap().bytes.len() as u64;
        if n == SWALLOWED as u64 {
            worker
                .reply
                .send(head(9), &[&n.to_le_bytes()], &patience())
                .unwrap();
        }
    }
}

/// More than quinn may hold of what is sent.
const SWALLOWED: usize = 40 << 20;

#[test]
fn more_than_every_window_crosses_since_what_has_come_is_let_go() {
    let daemon = Daemon::start(swallow);
    let (link, client) = connect(&daemon);
    let bytes = vec![3; SWALLOWED];
    let ClientEnd {
        upload,
        mut reply,
        memory,
        ..
    } = client;
    upload.send_bulk(1, &bytes, &patience()).unwrap();
    let answer = reply.next_wait(&patience()).unwrap().payload.copy_out();
    assert_eq!(answer, (SWALLOWED as u64).to_le_bytes());
    memory.close(Side::Client, CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    daemon.thread.join().unwrap();
}

#[test]
fn datagrams_of_any_size_carry_bulk() {
    for datagram_bytes_max in [1200, 6600, 16_000, u16::MAX] {
        let tuning = QuicTuning {
            datagram_bytes_max,
            ..QuicTuning::default()
        };
        let mut daemon = Daemon::start_tuned(layout(), tuning, |mut worker| {
            let mut bytes = Vec::new();
            while bytes.len() < 2_000_000 {
                let record = worker.upload.next_wait(&patience()).unwrap();
                bytes.extend(BulkChunk::of(&record).unwrap().bytes.copy_out());
            }
            worker.download.send_bulk(2, &bytes, &patience()).unwrap();
            while worker.command.next_wait(&patience()).is_ok() {}
        });
        daemon.target.tuning = tuning;
        let (link, mut client) = connect(&daemon);
        let sent: Vec<u8> = (0..2_000_000u32).map(|i| (i ^ (i >> 5)) as u8).collect();
        client.upload.send_bulk(1, &sent, &patience()).unwrap();
        let mut back = Vec::new();
        while back.len() < sent.len() {
            let record = client.download.next_wait(&patience()).unwrap();
            back.extend(BulkChunk::of(&record).unwrap().bytes.copy_out());
        }
        assert!(back == sent, "{datagram_bytes_max}");
        client.close(CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
        daemon.thread.join().unwrap();
    }
}

#[test]
fn calls_pass_while_bulk_does_not_end() {
    let daemon = Daemon::start(|worker| {
        let WorkerEnd {
            mut command,
            mut upload,
            reply,
            ..
        } = worker;
        let bulk = thread::spawn(move || while upload.next_wait(&patience()).is_ok() {});
        while let Ok(record) = command.next_wait(&patience()) {
            reply.send(record.head, &[b"done"], &patience()).unwrap();
        }
        bulk.join().unwrap();
    });
    let (link, client) = connect(&daemon);
    let ClientEnd {
        command,
        upload,
        mut reply,
        memory,
        ..
    } = client;
    let sender = thread::spawn(move || {
        let bytes = vec![1; 1 << 20];
        while upload.send_bulk(1, &bytes, &patience()).is_ok() {}
    });
    for i in 0..200 {
        command.send(head(i), &[b"beside"], &patience()).unwrap();
        assert_eq!(reply.next_wait(&patience()).unwrap().head.op, i);
    }
    memory.close(Side::Client, CloseReason::FINISHED);
    sender.join().unwrap();
    link.close(CloseReason::FINISHED, soon());
    daemon.thread.join().unwrap();
}

#[test]
fn last_reply_of_a_closing_worker_arrives_before_its_reason() {
    let daemon = Daemon::start(|mut worker| {
        worker.command.next_wait(&patience()).unwrap();
        for i in 0..40 {
            worker
                .reply
                .send(head(i), &[&[3; 900]], &patience())
                .unwrap();
        }
        worker.close(CloseReason::EVICTED);
    });
    let (link, mut client) = connect(&daemon);
    client.command.send(head(0), &[b"go"], &patience()).unwrap();
    for i in 0..40 {
        assert_eq!(client.reply.next_wait(&patience()).unwrap().head.op, i);
    }
    let error = client.reply.next_wait(&patience()).unwrap_err();
    assert_eq!(error, RingError::Closed(CloseReason::EVICTED));
    // The rings say so first, the link a moment later.
    let late = soon();
    while link.ended().is_none() && Instant::now() < late {
        thread::yield_now();
    }
    assert_eq!(link.ended(), Some(CloseReason::EVICTED));
    assert_eq!(daemon.thread.join().unwrap(), CloseReason::EVICTED);
}

#[test]
fn last_calls_of_a_closing_client_arrive_before_its_reason() {
    let (tell, told) = std::sync::mpsc::channel();
    let daemon = Daemon::start(move |mut worker| {
        let mut n_calls = 0;
        let error = loop {
            match worker.command.next_wait(&patience()) {
                Ok(_) => n_calls += 1,
                Err(error) => break error,
            }
        };
        tell.send((n_calls, error)).unwrap();
    });
    let (link, client) = connect(&daemon);
    for i in 0..100 {
        client
            .command
            .send(head(i), &[&[4; 500]], &patience())
            .unwrap();
    }
    client.close(CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    let (n_calls, error) = told.recv().unwrap();
    assert_eq!(
        (n_calls, error),
        (100, RingError::Closed(CloseReason::FINISHED))
    );
    daemon.thread.join().unwrap();
}

#[test]
fn stream_of_another_session_is_refused() {
    let daemon = Daemon::start(|mut worker| {
        assert!(worker.command.next_wait(&patience()).is_err());
    });
    let link = RemoteLink::connect(&daemon.target, soon()).unwrap();
    link.send(b"x".to_vec(), soon()).unwrap();
    link.receive(soon()).unwrap();
    let memory = SessionMemory::anonymous(&layout()).unwrap();
    assert!(link.attach(SESSION + 1, &memory, None, soon()).is_err());
    drop(link);
    daemon.thread.join().unwrap();
}

#[test]
fn server_with_another_certificate_is_refused_with_both_fingerprints() {
    let mut daemon = Daemon::start(|_| ());
    let pinned = Fingerprint([0xab; 32]);
    daemon.target.trust = Trust::Fingerprint(pinned);
    let error = RemoteLink::connect(&daemon.target, soon()).unwrap_err();
    let TransportError::FingerprintMismatch {
        expected, actual, ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(expected, pinned.to_string());
    assert_ne!(actual, expected);
    daemon.thread.join().unwrap();
}

#[test]
fn certificate_of_an_authority_is_trusted_for_its_name_alone() {
    let dir = tempfile::tempdir().unwrap();
    ServerIdentity::load_or_create(dir.path(), &[]).unwrap();
    let mut daemon = Daemon::start(|_| ());
    daemon.target.trust = Trust::Authority(dir.path().join("server.crt"));
    let error = RemoteLink::connect(&daemon.target, soon()).unwrap_err();
    assert!(matches!(error, TransportError::Untrusted { .. }), "{error}");
    daemon.thread.join().unwrap();
}

#[test]
fn port_where_nobody_listens_is_reported_as_such() {
    let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = RemoteLink::connect(&target(address, Trust::Insecure), soon()).unwrap_err();
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("nobody listens"), "{error}");
}

#[test]
fn port_that_never_answers_ends_at_the_deadline() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let deadline = Instant::now() + Duration::from_millis(400);
    let error = RemoteLink::connect(&target(address, Trust::Insecure), deadline).unwrap_err();
    assert!(
        matches!(error, TransportError::Unreachable { .. }),
        "{error}"
    );
}

#[test]
fn host_without_an_address_is_reported_as_such() {
    let mut nowhere = target((Ipv4Addr::LOCALHOST, 1).into(), Trust::Insecure);
    nowhere.host = "no such host".to_owned();
    let error = RemoteLink::connect(&nowhere, soon()).unwrap_err();
    assert!(
        matches!(error, TransportError::UnknownHost { .. }),
        "{error}"
    );
}
