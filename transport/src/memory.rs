//! A link within one process, for tests: two copies of a session's rings, kept equal by threads, with a
//! delay each way and a cut on demand. It is no faster or slower than memory otherwise. Read
//! [`MemoryLink`] first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::bell::{self, Patience};
use crate::error::{CloseReason, RingError, TransportError};
use crate::inflow::{Inflow, Progress};
use crate::layout::{Layout, Side};
use crate::ring::{Consumer, PAD_OP, Producer};
use crate::session::{ClientEnd, SessionMemory, WorkerEnd};

/// Records on their way in one direction of one ring pair.
const N_UNDERWAY_MAX: usize = 4096;
/// A forwarding thread looks for its end this often at least.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Two session memories kept equal; ends with a cut or when either end is closed.
#[derive(Debug)]
pub struct MemoryLink {
    client: Arc<SessionMemory>,
    worker: Arc<SessionMemory>,
    threads: Vec<JoinHandle<()>>,
}

impl MemoryLink {
    /// Two fresh memories and a link between them whose records arrive after `delay`.
    pub fn start(
        layout: &Layout,
        delay: Duration,
    ) -> Result<(MemoryLink, ClientEnd, WorkerEnd), TransportError> {
        let near = SessionMemory::anonymous(layout)?;
        let far = SessionMemory::anonymous(layout)?;
        let (client, worker) = (near.client()?, far.worker()?);
        // The link stands for the worker near the client and for the client near the worker.
        let (near_end, far_end) = (near.worker()?, far.client()?);
        let mut threads = Vec::new();
        let (there, back) = (Closing::of(Side::Client), Closing::of(Side::Worker));
        for (from, to, closing) in [
            (near_end.command, far_end.command, &there),
            (near_end.upload, far_end.upload, &there),
            (far_end.reply, near_end.reply, &back),
            (far_end.download, near_end.download, &back),
        ] {
            let closing = Arc::clone(closing);
            let (underway, arriving) = sync_channel(N_UNDERWAY_MAX);
            threads.push(spawn("forward", move || forward(from, delay, &underway))?);
            threads.push(spawn("deliver", move || deliver(&arriving, to, &closing))?);
        }
        Ok((
            MemoryLink {
                client: near,
                worker: far,
                threads,
            },
            client,
            worker,
        ))
    }

    /// Loses the connection: both ends find their session closed, and what is underway is lost.
    pub fn cut(&self) {
        self.client.close(Side::Worker, CloseReason::LINK_LOST);
        self.worker.close(Side::Client, CloseReason::LINK_LOST);
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.cut();
        for thread in self.threads.drain(..) {
            // A panic was reported by the thread.
            let _ = thread.join();
        }
    }
}

/// Closes the far memory when both rings of a direction have delivered what was before the close.
#[derive(Debug)]
struct Closing {
    side: Side,
    n_arrived: AtomicUsize,
}

impl Closing {
    fn of(side: Side) -> Arc<Closing> {
        Arc::new(Closing {
            side,
            n_arrived: AtomicUsize::new(0),
        })
    }

    fn arrived(&self, memory: &SessionMemory, reason: CloseReason) {
        // AcqRel: the last to arrive closes after what the other has delivered.
        if self.n_arrived.fetch_add(1, Ordering::AcqRel) == 1 {
            memory.close(self.side, reason);
        }
    }
}

/// Something underway, with the moment of its arrival.
struct Underway {
    due: Instant,
    what: Parcel,
}

enum Parcel {
    /// A record's head and payload.
    Record(Bytes),
    /// The sender closed its session.
    Close(CloseReason),
}

fn spawn(
    name: &str,
    body: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, TransportError> {
    let builder = std::thread::Builder::new().name(format!("memory-{name}"));
    builder
        .spawn(body)
        .map_err(|source| TransportError::os("start a link's thread", source))
}

fn forward(mut from: Consumer, delay: Duration, underway: &SyncSender<Underway>) {
    loop {
        let what = match take(&mut from) {
            Ok(Some(bytes)) => Parcel::Record(bytes),
            Ok(None) => match from.wait(&Patience::within(PATIENCE)) {
                Ok(()) | Err(RingError::Timeout) => continue,
                Err(RingError::Closed(reason)) => Parcel::Close(reason),
                Err(_) => Parcel::Close(CloseReason::PROTOCOL),
            },
            Err(_) => Parcel::Close(CloseReason::PROTOCOL),
        };
        let last = matches!(what, Parcel::Close(_));
        if underway
            .send(Underway {
                due: Instant::now() + delay,
                what,
            })
            .is_err()
            || last
        {
            return;
        }
    }
}

/// The next record as it stands on the wire.
fn take(from: &mut Consumer) -> Result<Option<Bytes>, RingError> {
    let Some(found) = from.step()? else {
        return Ok(None);
    };
    let mut bytes = found.head.encode(found.len).to_vec();
    if found.head.op != PAD_OP {
        from.payload(&found).append_to(&mut bytes);
    }
    Ok(Some(Bytes::from(bytes)))
}

fn deliver(arriving: &Receiver<Underway>, to: Producer, closing: &Closing) {
    let memory = Arc::clone(to.memory());
    let mut inflow = Inflow::new(to);
    while let Ok(Underway { due, what }) = arriving.recv() {
        // The delay is what this link is for.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        match what {
            Parcel::Record(mut bytes) => {
                if put(&mut inflow, &mut bytes).is_err() {
                    return;
                }
            }
            Parcel::Close(reason) => return closing.arrived(&memory, reason),
        }
    }
}

fn put(inflow: &mut Inflow, bytes: &mut Bytes) -> Result<(), RingError> {
    let memory = Arc::clone(inflow.ring().memory());
    let bell = memory.space_bell(inflow.ring().ring());
    let spin = bell::Spin::new();
    let mut result = inflow.push(bytes);
    while let Ok(Progress::Full) = result {
        bell::wait(&memory, bell, &spin, &Patience::within(PATIENCE), || {
            result = inflow.push(bytes);
            !matches!(result, Ok(Progress::Full))
        })?;
    }
    result.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::RecordHead;

    fn start(delay: Duration) -> (MemoryLink, ClientEnd, WorkerEnd) {
        MemoryLink::start(&Layout::new([4096; 4]).unwrap(), delay).unwrap()
    }

    fn soon() -> Patience<'static> {
        Patience::within(Duration::from_secs(60))
    }

    #[test]
    fn records_arrive_in_order_at_equal_positions() {
        let (_link, client, mut worker) = start(Duration::ZERO);
        for i in 0..500u16 {
            let head = RecordHead {
                op: i,
                ..RecordHead::default()
            };
            let sent = client
                .command
                .send(head, &[&vec![1; i as usize]], &soon())
                .unwrap();
            let record = worker.command.next_wait(&soon()).unwrap();
            assert_eq!((record.head.op, record.position), (i, sent));
            assert_eq!(record.payload.len(), i as usize);
        }
    }

    #[test]
    fn full_ring_at_the_other_side_loses_nothing() {
        let (_link, client, mut worker) = start(Duration::ZERO);
        let sender = std::thread::spawn(move || {
            for i in 0..300u16 {
                let head = RecordHead {
                    op: i,
                    ..RecordHead::default()
                };
                client.command.send(head, &[&[2; 200]], &soon()).unwrap();
            }
            client
        });
        for i in 0..300 {
            assert_eq!(worker.command.next_wait(&soon()).unwrap().head.op, i);
        }
        sender.join().unwrap();
    }

    #[test]
    fn delay_is_paid_once_for_what_is_sent_together() {
        let delay = Duration::from_millis(20);
        let (_link, client, mut worker) = start(delay);
        let started = Instant::now();
        for _ in 0..30 {
            client
                .command
                .send(RecordHead::default(), &[b"x"], &soon())
                .unwrap();
        }
        for _ in 0..30 {
            worker.command.next_wait(&soon()).unwrap();
        }
        assert!(started.elapsed() >= delay);
    }

    #[test]
    fn cut_closes_both_ends() {
        let (link, mut client, mut worker) = start(Duration::ZERO);
        link.cut();
        let lost = RingError::Closed(CloseReason::LINK_LOST);
        assert_eq!(client.wait(&soon()).unwrap_err(), lost);
        assert_eq!(worker.wait(&soon()).unwrap_err(), lost);
    }

    #[test]
    fn closing_one_end_delivers_its_last_records_and_then_the_reason() {
        let (_link, client, mut worker) = start(Duration::ZERO);
        client
            .command
            .send(RecordHead::default(), &[b"last"], &soon())
            .unwrap();
        client.close(CloseReason::FINISHED);
        assert_eq!(
            worker
                .command
                .next_wait(&soon())
                .unwrap()
                .payload
                .copy_out(),
            b"last"
        );
        let error = worker.command.next_wait(&soon()).unwrap_err();
        assert_eq!(error, RingError::Closed(CloseReason::FINISHED));
    }
}
