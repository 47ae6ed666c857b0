//! The pump: one task that keeps a session's rings equal to those at the other end of a connection, and
//! of the connections that follow it. Both sides use it: the client's link stands for the worker, the
//! daemon's bridge for the client. Read [`Rings`] first.
//!
//! 1. A record goes out when the pump finds it; records that have gathered meanwhile go in one write.
//! 2. A full ring stops its reader, and QUIC's flow control then stops the sender.
//! 3. A record stays in the sender's ring until the peer's pump has said that it is in the other ring:
//!    what QUIC acknowledges may still be lost, since it was not read. **An acknowledgement never waits for
//!    payload**: acknowledgements have a stream of their own (`acks`), which is always read. Behind payload
//!    they would stand still with it, and it may be waiting for the room that only they make.
//! 4. A pump may be dropped at any await. [`Rings::restart`] then forgets what was underway, and the next
//!    connection goes on at byte offsets.
//! 5. Closing the memory drains what is published and finishes the streams. The peer finishes its own once
//!    all is in its rings, and only then the connection is closed with the reason: closing it earlier
//!    would throw away what the peer has received and not yet read.
//! 6. All directions live in one task, so that a strike of a bell costs one wake-up. Each creates
//!    its future of the notification before it announces itself and looks again: nothing is missed.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use quinn::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use tokio::sync::Notify;

use super::acks;
use super::control::{StreamKind, TAKEN_OVER, close_reason};
use super::flow::{self, Answers, Counts, Flow, Incoming, Outflow, Sink, Source};
use super::stripe::{self, LaneSocket};
use crate::bell::Hook;
use crate::error::{CloseReason, TransportError};
use crate::inflow::Inflow;
use crate::layout::Side;
use crate::ring::{Consumer, Producer};
use crate::session::SessionMemory;

/// So much may be underway without a thread that looks after it: what the peer acknowledges late anyway.
const QUIET_BYTES_MAX: u64 = 256 << 10;
/// How long a closing side waits for what it sent to reach the peer's rings.
const LINGER: Duration = Duration::from_secs(5);

/// One end of a link: the ends of a session's rings that stand for the other side, over all connections
/// of the session's life.
#[derive(Debug)]
pub(super) struct Rings {
    pub(super) memory: Arc<SessionMemory>,
    /// The side of the memory that this end stands for.
    pub(super) side: Side,
    pub(super) waker: Arc<Waker>,
    pub(super) lanes: [LaneRings; 2],
}

/// One ring pair.
#[derive(Debug)]
pub(super) struct LaneRings {
    pub(super) kind: StreamKind,
    outgoing: Consumer,
    inflow: Inflow,
}

/// One connection's stream, or lanes, for a ring pair.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) send: Sink,
    pub(super) receive: Source,
}

impl Streams {
    pub(super) fn of((send, receive): (SendStream, RecvStream)) -> Streams {
        Streams {
            send: Sink::Quic(send),
            receive: Source::Quic(receive),
        }
    }

    pub(super) fn over(lanes: Vec<LaneSocket>) -> Result<Streams, TransportError> {
        let (writer, reader) = stripe::halves(lanes)?;
        Ok(Streams {
            send: Sink::Lanes(writer),
            receive: Source::Lanes(reader),
        })
    }
}

/// One connection's streams for a session.
#[derive(Debug)]
pub(super) struct SessionStreams {
    /// Calls and bulk.
    pub(super) lanes: [Streams; 2],
    /// Acknowledgements of both.
    pub(super) acks: (SendStream, RecvStream),
}

/// Wakes the pump's task from any thread.
#[derive(Default)]
pub(super) struct Waker {
    pub(super) published: Notify,
    /// Something was sent: what is answered to it shows that the path works.
    pub(super) sent: Notify,
    pub(super) counts: [Counts; 2],
    /// There is much to acknowledge, or a probe to send.
    pub(super) untold: Notify,
    /// An acknowledgement is to be sent, whatever there is to acknowledge: it will be answered.
    pub(super) probe: AtomicBool,
    /// Sees to it that a thread drives the pump.
    drive: OnceLock<Hook>,
}

/// How a pump ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The session is over, for this reason.
    Ended(CloseReason),
    /// The connection is; another may go on.
    Lost(Loss),
}

/// Why a session needs another connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Loss {
    #[error(transparent)]
    Connection(ConnectionError),
    #[error(transparent)]
    Lane(TransportError),
}

impl Waker {
    /// From the thread that drives the pump.
    pub(super) fn wake(&self) {
        self.published.notify_waiters();
    }

    /// Sends something small that the peer answers. From the thread that drives the pump.
    pub(super) fn probe(&self) {
        self.probe.store(true, Ordering::Relaxed);
        self.untold.notify_one();
    }

    /// From any thread.
    fn strike(&self) {
        self.wake();
        if let Some(drive) = self.drive.get() {
            drive();
        }
    }

    /// Sets what sees to it that a thread drives the pump. The first stays.
    pub(super) fn set_turn(&self, drive: Hook) {
        let _ = self.drive.set(drive);
    }

    /// Whether little of what was sent is still underway.
    pub(super) fn is_quiet(&self) -> bool {
        self.counts.iter().all(|counts| {
            let taken = counts.taken.load(Ordering::Relaxed);
            taken.saturating_sub(counts.acked.load(Ordering::Relaxed)) <= QUIET_BYTES_MAX
        })
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waker({:?})", self.counts)
    }
}

impl Rings {
    /// The ends of the rings, none of which has moved. `pairs` are calls and bulk, outgoing first.
    pub(super) fn new(
        memory: &Arc<SessionMemory>,
        side: Side,
        pairs: [(StreamKind, Consumer, Producer); 2],
    ) -> Rings {
        let waker = Arc::new(Waker::default());
        let hook = Arc::clone(&waker);
        memory.set_hook(side, move || hook.strike());
        Rings {
            memory: Arc::clone(memory),
            side,
            waker,
            lanes: pairs.map(|(kind, mut outgoing, incoming)| {
                outgoing.retain();
                LaneRings {
                    kind,
                    outgoing,
                    inflow: Inflow::new(incoming),
                }
            }),
        }
    }

    /// Forgets what an earlier connection had underway.
    pub(super) fn restart(&mut self) {
        for lane in &mut self.lanes {
            lane.inflow.restart();
        }
    }

    /// The positions of the first bytes that a new connection has to bring.
    pub(super) fn expects(&self) -> [u64; 2] {
        [self.lanes[0].expects(), self.lanes[1].expects()]
    }

    /// Pumps over a connection until one side closes or the connection ends. May be dropped.
    pub(super) async fn pump(
        &mut self,
        connection: &Connection,
        streams: SessionStreams,
    ) -> Outcome {
        let Rings {
            memory,
            side,
            waker,
            lanes: [calls, bulk],
        } = self;
        let (side, waker) = (*side, &**waker);
        let SessionStreams {
            lanes: [call_streams, bulk_streams],
            acks,
        } = streams;
        let tellings = [calls.telling(), bulk.telling()];
        let releasers = [calls.outgoing.releaser(), bulk.outgoing.releaser()];
        let (call_out, call_in) = calls.flows(call_streams, side, waker, &waker.counts[0]);
        let (bulk_out, bulk_in) = bulk.flows(bulk_streams, side, waker, &waker.counts[1]);
        let outflows = async {
            tokio::select! {
                done = async { tokio::try_join!(call_out, bulk_out).map(drop) } => done,
                failed = acks::tell(acks.0, waker, tellings) => failed,
            }
        };
        let heeded = acks::heed(acks.1, waker, &releasers);
        let inflows = async { tokio::try_join!(call_in, bulk_in, heeded).map(drop) };
        let outcome = supervise(memory, connection, outflows, inflows).await;
        if let Outcome::Ended(reason) = &outcome {
            connection.close(
                VarInt::from_u32(reason.code()),
                reason.to_string().as_bytes(),
            );
        }
        outcome
    }
}

impl LaneRings {
    /// The position of the first byte that this end sends.
    pub(super) fn sends(&self) -> u64 {
        self.outgoing.position()
    }

    /// The position of the first byte that this end wants.
    pub(super) fn expects(&self) -> u64 {
        self.inflow.position()
    }

    /// Sends again from a position that the peer names.
    pub(super) fn rewind(&mut self, position: u64) -> Result<(), TransportError> {
        self.outgoing.rewind(position)?;
        // What it wants next it has up to there.
        self.outgoing.releaser().release_to(position);
        Ok(())
    }

    /// The two halves of the lane, each running until its end.
    fn flows<'a>(
        &'a mut self,
        streams: Streams,
        side: Side,
        waker: &'a Waker,
        counts: &'a Counts,
    ) -> (
        impl Future<Output = Flow> + 'a,
        impl Future<Output = Flow> + 'a,
    ) {
        let answered = self.kind == StreamKind::Calls && side == Side::Client;
        let LaneRings {
            outgoing, inflow, ..
        } = self;
        counts.taken.store(outgoing.position(), Ordering::Relaxed);
        counts.acked.store(outgoing.kept_from(), Ordering::Relaxed);
        // The peer knows: the streams' heads have said so.
        counts.received.store(inflow.position(), Ordering::Relaxed);
        counts.told.store(inflow.position(), Ordering::Relaxed);
        let incoming = Incoming {
            answers: answered.then(|| Answers::of(outgoing)),
            inflow,
            counts,
            waker,
        };
        let outflow = Outflow::new(outgoing, streams.send, side, counts);
        (outflow.run(waker), incoming.run(streams.receive))
    }

    /// From how many bytes on the peer is told that they are here.
    fn telling(&self) -> u64 {
        flow::tell_after(self.inflow.ring_bytes())
    }
}

async fn supervise(
    memory: &SessionMemory,
    connection: &Connection,
    outflows: impl Future<Output = Flow>,
    inflows: impl Future<Output = Flow>,
) -> Outcome {
    let mut ended = std::pin::pin!(connection.closed());
    let mut inflows = std::pin::pin!(inflows);
    let first = {
        let outflows = std::pin::pin!(outflows);
        tokio::select! {
            error = &mut ended => return outcome(error),
            flow = outflows => flow.map(|()| Finished::Here),
            flow = &mut inflows => flow.map(|()| Finished::There),
        }
        // The streams out are dropped here, which finishes them.
    };
    let linger = tokio::time::sleep(LINGER);
    match first {
        Ok(Finished::Here) => {
            // The peer finishes its streams when it has put all of ours into its rings; whatever else
            // it leaves behind no longer matters.
            tokio::select! {
                error = ended => return outcome(error),
                _ = inflows => {}
                () = linger => {}
            }
            Outcome::Ended(memory.closed().unwrap_or(CloseReason::FINISHED))
        }
        // All of the peer's is in our rings: it closes the connection with its reason next. Or a stream
        // ended with the connection, whose own end says why.
        Ok(Finished::There) | Err(TransportError::Disconnected) => tokio::select! {
            error = ended => outcome(error),
            () = linger => Outcome::Ended(CloseReason::FINISHED),
        },
        Err(error @ TransportError::LaneLost(_)) => {
            // Said as what it is: the session goes on.
            connection.close(TAKEN_OVER, b"a lane was lost");
            Outcome::Lost(Loss::Lane(error))
        }
        Err(error) => {
            tracing::warn!(%error, peer = %connection.remote_address(), "the peer broke the rings");
            Outcome::Ended(CloseReason::PROTOCOL)
        }
    }
}

/// What the end of a connection means for the session.
pub(super) fn outcome(error: ConnectionError) -> Outcome {
    match &error {
        // Code 0 is that of a connection whose owner went away without a word.
        ConnectionError::ApplicationClosed(close)
            if close.error_code != TAKEN_OVER && close.error_code != VarInt::from_u32(0) =>
        {
            Outcome::Ended(close_reason(&error))
        }
        _ => Outcome::Lost(Loss::Connection(error)),
    }
}

/// Which side finished its streams first.
enum Finished {
    Here,
    There,
}
