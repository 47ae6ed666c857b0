//! A client that posts calls and copies as fast as it can, to a worker that takes nothing: what is on its way
//! stays within the rings of both sides, whichever way bulk travels, the caller waits, and nothing is lost
//! when the worker goes on. What a peer that keeps no rule can do is tested beside the code
//! (`quic/flood.rs`, `hostile.rs`, `quic/ucx/arrivals.rs`).
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod daemon;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use daemon::{Daemon, head, layout, patience, soon, wait_until};
use rigel_transport::{BulkChunk, ClientEnd, CloseReason, Ring, Side, WorkerEnd};

/// A posted call, and what it takes of the ring.
const CALL_BYTES: usize = 1000;
const CALL_FOOTPRINT: u64 = 1024;
/// A copy, and the same.
const COPY_BYTES: usize = 4000;
const COPY_FOOTPRINT: u64 = 4032;
/// What the rings for calls and copies hold, of each side.
const CALL_RING_BYTES: u64 = 8192;
const COPY_RING_BYTES: u64 = 1 << 16;

/// What a client has been able to post.
#[derive(Default)]
struct Posted {
    calls: AtomicU64,
    copies: AtomicU64,
    stop: AtomicBool,
}

impl Posted {
    fn has_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Bytes of rings that are full of calls, and of copies.
    fn footprints(&self) -> [u64; 2] {
        [
            self.calls.load(Ordering::SeqCst) * CALL_FOOTPRINT,
            self.copies.load(Ordering::SeqCst) * COPY_FOOTPRINT,
        ]
    }
}

/// Takes nothing until it is told to, then everything, in order: how many calls and copies.
fn work_once_told(worker: WorkerEnd, told: &mpsc::Receiver<()>) -> [u64; 2] {
    let WorkerEnd {
        mut command,
        mut upload,
        ..
    } = worker;
    told.recv().unwrap();
    let copies = thread::spawn(move || {
        let mut n = 0;
        while let Ok(record) = upload.next_wait(&patience()) {
            let chunk = BulkChunk::of(&record).unwrap();
            assert_eq!((chunk.transfer, chunk.bytes.len()), (n, COPY_BYTES));
            n += 1;
        }
        n
    });
    let mut n = 0;
    while let Ok(record) = command.next_wait(&patience()) {
        assert_eq!(record.payload.copy_out()[..8], u64::to_le_bytes(n));
        n += 1;
    }
    [n, copies.join().unwrap()]
}

/// Posts both from threads of their own until told to stop.
fn flood(client: ClientEnd, posted: &Arc<Posted>) -> [thread::JoinHandle<()>; 2] {
    let ClientEnd {
        command, upload, ..
    } = client;
    let (calls, copies) = (Arc::clone(posted), Arc::clone(posted));
    let caller = thread::spawn(move || {
        let rest = [0; CALL_BYTES - 8];
        while !calls.has_stopped() {
            let n = calls.calls.load(Ordering::SeqCst).to_le_bytes();
            command.send(head(1), &[&n, &rest], &patience()).unwrap();
            calls.calls.fetch_add(1, Ordering::SeqCst);
        }
    });
    let copier = thread::spawn(move || {
        while !copies.has_stopped() {
            let n = copies.copies.load(Ordering::SeqCst);
            upload.send_bulk(n, &[7; COPY_BYTES], &patience()).unwrap();
            copies.copies.fetch_add(1, Ordering::SeqCst);
        }
    });
    [caller, copier]
}

fn check(lanes: &str) {
    let rings = [Ring::Command, Ring::Upload].map(|ring| u64::from(layout().ring_bytes(ring)));
    assert_eq!(rings, [CALL_RING_BYTES, COPY_RING_BYTES]);
    let (tell, told) = mpsc::channel();
    let (count, counted) = mpsc::channel();
    let work = move |worker| count.send(work_once_told(worker, &told)).unwrap();
    let daemon = Daemon::start_with("tcp,tcp+tls", lanes.parse().unwrap(), work);
    let (link, client) = daemon.connect();
    let memory = Arc::clone(&client.memory);
    let posted = Arc::new(Posted::default());
    let flooders = flood(client, &posted);
    // All of the server's rings and most of the client's, an eighth of which may wait to be acknowledged.
    let full = [CALL_RING_BYTES * 3 / 2, COPY_RING_BYTES * 3 / 2];
    wait_until(|| {
        let [calls, copies] = posted.footprints();
        calls >= full[0] && copies >= full[1]
    });
    // Turns enough for more, if more were let in.
    (0..10_000).for_each(|_| thread::yield_now());
    let [calls, copies] = posted.footprints();
    assert!(calls <= 2 * CALL_RING_BYTES, "{lanes}: {calls}");
    assert!(copies <= 2 * COPY_RING_BYTES, "{lanes}: {copies}");
    posted.stop.store(true, Ordering::SeqCst);
    tell.send(()).unwrap();
    for flooder in flooders {
        flooder.join().unwrap();
    }
    memory.close(Side::Client, CloseReason::FINISHED);
    link.close(CloseReason::FINISHED, soon());
    let expected = [&posted.calls, &posted.copies].map(|n| n.load(Ordering::SeqCst));
    assert_eq!(counted.recv_timeout(daemon::LIMIT).unwrap(), expected);
}

#[test]
fn flood_of_calls_and_copies_fills_the_rings_and_then_waits_without_loss() {
    for lanes in ["quic", "tcp", "tcp+tls:2"] {
        check(lanes);
    }
}
