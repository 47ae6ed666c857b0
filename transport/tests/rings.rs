//! The rings from outside: order, backpressure, holding, closing, and threads against each other.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rigel_transport::{
    BulkChunk, ClientEnd, CloseReason, Layout, Patience, RecordHead, RingError, SessionMemory,
    Side, WorkerEnd,
};

const SMALL: [u32; 4] = [4096, 16384, 4096, 16384];

fn pair(sizes: [u32; 4]) -> (ClientEnd, WorkerEnd) {
    let memory = SessionMemory::anonymous(&Layout::new(sizes).unwrap()).unwrap();
    (memory.client().unwrap(), memory.worker().unwrap())
}

fn soon() -> Patience<'static> {
    Patience::within(Duration::from_secs(60))
}

fn head(op: u16, thread: u32) -> RecordHead {
    RecordHead {
        op,
        flags: 7,
        thread,
        context: 9,
    }
}

#[test]
fn record_sent_arrives_whole() {
    let (client, mut worker) = pair(SMALL);
    client
        .command
        .send(head(3, 4), &[b"ab", b"", b"cde"], &soon())
        .unwrap();
    let record = worker.command.next().unwrap().unwrap();
    assert_eq!(record.head, head(3, 4));
    assert_eq!(record.position, 0);
    assert_eq!(record.payload.copy_out(), b"abcde");
    assert!(worker.command.next().unwrap().is_none());
}

#[test]
fn records_of_all_sizes_arrive_in_order_over_many_laps() {
    let (client, mut worker) = pair(SMALL);
    let max = client.command.payload_max();
    for round in 0..2000usize {
        let len = (round * 37) % (max + 1);
        let bytes = vec![round as u8; len];
        client
            .command
            .send(head(round as u16 & 0xff, 0), &[&bytes], &soon())
            .unwrap();
        let record = worker.command.next().unwrap().unwrap();
        assert_eq!(record.head.op, round as u16 & 0xff);
        assert_eq!(record.payload.copy_out(), bytes);
    }
}

#[test]
fn record_over_the_limit_is_refused() {
    let (client, _worker) = pair(SMALL);
    let max = client.command.payload_max();
    let error = client.command.reserve(head(1, 0), max + 1).unwrap_err();
    assert!(matches!(error, RingError::TooLarge { .. }));
    let error = client
        .command
        .reserve(head(rigel_transport::PAD_OP, 0), 1)
        .unwrap_err();
    assert_eq!(error, RingError::ReservedOp);
}

#[test]
fn full_ring_takes_no_more_until_released() {
    let (client, mut worker) = pair(SMALL);
    let mut n_sent = 0;
    while let Some(mut place) = client.command.reserve(head(1, 0), 48).unwrap() {
        place.fill(n_sent as u8);
        place.publish();
        n_sent += 1;
    }
    assert_eq!(n_sent, 4096 / 64);
    let short = Patience::within(Duration::from_millis(1));
    let error = client
        .command
        .send(head(1, 0), &[b"x"], &short)
        .unwrap_err();
    assert_eq!(error, RingError::Timeout);
    worker.command.next().unwrap().unwrap();
    worker.command.release();
    assert!(client.command.reserve(head(1, 0), 48).unwrap().is_some());
}

#[test]
fn reservation_dropped_is_skipped_by_the_reader() {
    let (client, mut worker) = pair(SMALL);
    drop(client.command.reserve(head(1, 0), 100).unwrap().unwrap());
    client
        .command
        .send(head(2, 0), &[b"after"], &soon())
        .unwrap();
    assert_eq!(worker.command.next().unwrap().unwrap().head.op, 2);
}

#[test]
fn record_is_not_seen_before_the_ones_reserved_earlier() {
    let (client, mut worker) = pair(SMALL);
    let first = client.command.reserve(head(1, 0), 1).unwrap().unwrap();
    client
        .command
        .send(head(2, 0), &[b"second"], &soon())
        .unwrap();
    assert!(worker.command.next().unwrap().is_none());
    first.publish();
    assert_eq!(worker.command.next().unwrap().unwrap().head.op, 1);
    assert_eq!(worker.command.next().unwrap().unwrap().head.op, 2);
}

#[test]
fn held_records_keep_their_space_until_the_first_is_dropped() {
    let (client, mut worker) = pair(SMALL);
    let bytes = vec![5; client.upload.payload_max()];
    for _ in 0..4 {
        client.upload.send(head(1, 0), &[&bytes], &soon()).unwrap();
    }
    let first = worker.upload.next().unwrap().unwrap().hold();
    let second = worker.upload.next().unwrap().unwrap().hold();
    let third = worker.upload.next().unwrap().unwrap().position;
    assert_eq!((first.position, second.position, third), (0, 4096, 8192));
    worker.upload.release();
    drop(second);
    assert!(client.upload.reserve(head(1, 0), 1).unwrap().is_none());
    assert_eq!(first.payload().copy_out(), bytes);
    drop(first);
    let place = client.upload.reserve(head(1, 0), 3 * 4096 - 16);
    assert!(matches!(place, Err(RingError::TooLarge { .. })));
    for _ in 0..3 {
        client
            .upload
            .reserve(head(1, 0), 4080)
            .unwrap()
            .unwrap()
            .publish();
    }
    assert!(client.upload.reserve(head(1, 0), 4080).unwrap().is_none());
}

#[test]
fn bulk_transfer_arrives_with_its_offsets() {
    let (client, mut worker) = pair(SMALL);
    let bytes: Vec<u8> = (0..100_000u32).map(|i| (i * 7) as u8).collect();
    let expected = bytes.clone();
    let sender = thread::spawn(move || client.upload.send_bulk(42, &bytes, &soon()).unwrap());
    let mut seen = vec![0; expected.len()];
    let mut n = 0;
    while n < expected.len() {
        let record = worker.upload.next_wait(&soon()).unwrap();
        let chunk = BulkChunk::of(&record).unwrap();
        assert_eq!((chunk.transfer, chunk.offset), (42, n as u64));
        n += chunk.bytes.copy_to(&mut seen[n..]);
    }
    sender.join().unwrap();
    assert_eq!(seen, expected);
}

#[test]
fn ends_are_handed_out_once() {
    let memory = SessionMemory::anonymous(&Layout::default()).unwrap();
    let _client = memory.client().unwrap();
    assert!(memory.client().is_err());
}

#[test]
fn close_wakes_waiters_and_keeps_what_was_published() {
    let (mut client, worker) = pair(SMALL);
    worker.reply.send(head(1, 0), &[b"last"], &soon()).unwrap();
    let waiter = thread::spawn(move || {
        let last = client.reply.next_wait(&soon()).unwrap().payload.copy_out();
        let end = client.wait(&soon()).unwrap_err();
        let refused = client.command.send(head(1, 0), &[], &soon()).unwrap_err();
        (last, end, refused)
    });
    worker.close(CloseReason::SHUTDOWN);
    let (last, end, refused) = waiter.join().unwrap();
    assert_eq!(last, b"last");
    assert_eq!(end, RingError::Closed(CloseReason::SHUTDOWN));
    assert_eq!(refused, RingError::Closed(CloseReason::SHUTDOWN));
    worker.memory.close(Side::Worker, CloseReason::LINK_LOST);
    assert_eq!(worker.memory.closed(), Some(CloseReason::SHUTDOWN));
}

#[test]
fn wait_with_a_dead_peer_ends() {
    let (mut client, _worker) = pair(SMALL);
    let dead = || false;
    let error = client.wait(&soon().while_alive(&dead)).unwrap_err();
    assert_eq!(error, RingError::PeerGone);
}

/// Many producers on a small ring, echoes back, full rings all the time: nothing is lost, doubled or
/// reordered within a thread.
#[test]
fn many_threads_keep_their_order_and_lose_nothing() {
    const N_THREADS: u32 = 4;
    const N_RECORDS: u32 = 20_000;
    let (mut client, mut worker) = pair(SMALL);
    let mut senders = Vec::new();
    for thread in 0..N_THREADS {
        let command = client.command.clone();
        senders.push(thread::spawn(move || {
            for i in 0..N_RECORDS {
                let len = (i.wrapping_mul(2654435761) >> 24) as usize;
                let mut place = command
                    .reserve_wait(head(1, thread), len + 4, &soon())
                    .unwrap();
                place.fill(i as u8);
                place[..4].copy_from_slice(&i.to_le_bytes());
                if i % 97 == 0 {
                    drop(place);
                    command
                        .send(head(1, thread), &[&i.to_le_bytes()], &soon())
                        .unwrap();
                } else {
                    place.publish();
                }
            }
        }));
    }
    let echo = thread::spawn(move || {
        for _ in 0..N_THREADS * N_RECORDS {
            let record = worker.command.next_wait(&soon()).unwrap();
            let (head, bytes) = (record.head, record.payload.copy_out());
            worker.reply.send(head, &[&bytes], &soon()).unwrap();
        }
    });
    let mut expected = [0; N_THREADS as usize];
    for _ in 0..N_THREADS * N_RECORDS {
        let record = client.reply.next_wait(&soon()).unwrap();
        let bytes = record.payload.copy_out();
        let i = &mut expected[record.head.thread as usize];
        assert_eq!(bytes[..4], u32::to_le_bytes(*i));
        assert!(bytes[4..].iter().all(|&byte| byte == *i as u8));
        *i += 1;
    }
    senders
        .into_iter()
        .for_each(|sender| sender.join().unwrap());
    echo.join().unwrap();
    assert_eq!(expected, [N_RECORDS; N_THREADS as usize]);
}

#[test]
fn memory_passed_by_descriptor_is_the_same_memory() {
    let layout = Layout::new(SMALL).unwrap();
    let (server, fd) = SessionMemory::create_memfd(&layout).unwrap();
    let client = SessionMemory::from_fd(fd, &layout).unwrap();
    let (client, mut worker) = (client.client().unwrap(), server.worker().unwrap());
    client
        .command
        .send(head(1, 0), &[b"across"], &soon())
        .unwrap();
    assert_eq!(
        worker.command.next().unwrap().unwrap().payload.copy_out(),
        b"across"
    );
    drop(Arc::clone(&client.memory));
}

#[test]
fn memory_of_another_layout_is_refused() {
    let (_server, fd) = SessionMemory::create_memfd(&Layout::new(SMALL).unwrap()).unwrap();
    assert!(SessionMemory::from_fd(fd, &Layout::default()).is_err());
}
