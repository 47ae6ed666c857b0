//! Clients that do not keep to the protocol: the session ends with a reason, the worker lives.

use rigel_protocol::generated::calls::{Call, Class};
use rigel_protocol::handle::{DevicePtr, Stream};
use rigel_protocol::link::{Payload, Transfer, WireCopy, WirePlace};
use rigel_transport::{CloseReason, RecordHead, SessionMemory};

use super::super::control::Ended;
use super::super::source::Source;
use super::bench::{Bench, MEMORY, ONE};

fn ends_with(bench: &mut Bench, reason: &str) {
    match bench.ended() {
        Ended::Protocol(text) if text.contains(reason) => {}
        other => panic!("ended with {other:?}, expected `{reason}`"),
    }
    assert_eq!(bench.client.memory.closed(), Some(CloseReason::PROTOCOL));
}

#[test]
fn record_that_ends_early_or_late_ends_the_session() {
    let mut short = Bench::new();
    short.send(ONE, Call::MEM_ALLOC_V2, |put| put.put(&7_u32));
    ends_with(&mut short, "malformed");
    let mut long = Bench::new();
    long.send(ONE, Call::MEM_ALLOC_V2, |put| put.raw(&[0; 9]));
    ends_with(&mut long, "malformed");
}

#[test]
fn record_of_no_call_ends_the_session() {
    for op in [0, 0x0101, 0xf101, 0x7777] {
        let mut bench = Bench::new();
        bench.send(ONE, Call(op), |_| {});
        ends_with(&mut bench, "names no call");
    }
}

fn copy_of(bytes: u64) -> WireCopy<'static> {
    WireCopy {
        dst: WirePlace::Device(DevicePtr(MEMORY)),
        src: WirePlace::Bytes(Payload::Bulk(Transfer { number: 1, bytes })),
        bytes,
        stream: Stream::LEGACY,
        wait: false,
    }
}

#[test]
fn chunks_that_do_not_fit_their_transfer_end_the_session() {
    for (offset, len, reason) in [
        (1, 8, "not the next one"),
        (0, 101, "length"),
        (u64::MAX, 8, "not the next one"),
    ] {
        let mut bench = Bench::new();
        bench.send(ONE, Call::COPY, |put| copy_of(100).put(put));
        bench.upload(1, offset, &vec![0; len]);
        ends_with(&mut bench, reason);
    }
}

#[test]
fn chunk_that_is_no_chunk_ends_the_session() {
    let mut bench = Bench::new();
    bench.send(ONE, Call::COPY, |put| copy_of(100).put(put));
    let head = RecordHead {
        op: 9,
        ..RecordHead::default()
    };
    let patience = rigel_transport::Patience::within(std::time::Duration::from_secs(60));
    bench
        .client
        .upload
        .send(head, &[&[0; 64]], &patience)
        .unwrap();
    ends_with(&mut bench, "no bulk chunk");
}

/// Every id with bytes that mean nothing: an answer, a notice or the end, never a crash.
#[test]
fn random_records_never_crash_the_worker() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for &call in Call::ALL.iter().filter(|call| call.class() != Class::Local) {
        for _ in 0..4 {
            let mut bench = Bench::new();
            let bytes: Vec<u8> = (0..next() % 120)
                .map(|_| (next() >> (next() % 60)) as u8)
                .collect();
            // A record that announces bytes waits for them: nobody sends any.
            bench.send(ONE, call, |put| put.raw(&bytes));
            bench.client.close(CloseReason::FINISHED);
            match bench.ended() {
                Ended::Protocol(_) | Ended::Closed => {}
                other => panic!("{:?} ended with {other:?} after {bytes:?}", call.name()),
            }
        }
    }
}

#[test]
fn record_changed_after_it_was_taken_changes_nothing() {
    let layout = rigel_transport::Layout::new([1 << 16; 4]).unwrap();
    let (memory, fd) = SessionMemory::create_memfd(&layout).unwrap();
    let (client, worker) = (memory.client().unwrap(), memory.worker().unwrap());
    let source = Source::new(worker.command);
    let head = RecordHead {
        op: Call::MEM_ALLOC_V2.0,
        ..RecordHead::default()
    };
    let patience = rigel_transport::Patience::within(std::time::Duration::from_secs(60));
    client.command.send(head, &[&[5; 32]], &patience).unwrap();
    let mut payload = Vec::new();
    let taken = source.next(&mut payload).unwrap().unwrap();
    let file = std::fs::File::from(fd);
    let len = file.metadata().unwrap().len() - 4096;
    std::os::unix::fs::FileExt::write_all_at(&file, &vec![0xee; len as usize], 4096).unwrap();
    assert_eq!(
        (taken.head.op, payload),
        (Call::MEM_ALLOC_V2.0, vec![5; 32])
    );
}

#[test]
fn ring_full_of_nonsense_ends_the_session() {
    let mut bench = Bench::new();
    bench.scribble();
    bench.send(ONE, Call::CTX_SYNCHRONIZE, |_| {});
    bench.scribble();
    bench.client.close(CloseReason::FINISHED);
    assert!(matches!(bench.ended(), Ended::Protocol(_) | Ended::Closed));
}
