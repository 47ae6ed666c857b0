//! Acknowledgements: what is in a ring of this side is told to the peer, so that it may let go of its
//! copy; and what the peer tells is heeded. They say nothing else. Read [`tell`] first.
//!
//! 1. They have a stream of their own in each direction, for both lanes, before all others but control. It
//!    is read whatever the rings are doing: an acknowledgement never waits for payload.
//! 2. On the wire each is 16 bytes: kind of the lane u64, position u64; everything of that lane before the
//!    position is in the ring.
//! 3. One is sent when an eighth of a ring has gathered. More often would only cost packets: a peer never
//!    lacks room for its next record with so much of its ring kept.

use std::sync::atomic::Ordering;

use bytes::{Buf, Bytes, BytesMut};
use quinn::{RecvStream, SendStream};

use super::control::{StreamKind, read_error, write_error};
use super::flow::Flow;
use super::pump::Waker;
use crate::error::TransportError;
use crate::ring::consumer::Releaser;

const ACK_BYTES: usize = 16;
/// The kinds of the lanes, in their order.
const LANES: [StreamKind; 2] = [StreamKind::Calls, StreamKind::Bulk];
/// Taken from the stream at once.
const READ_BYTES: usize = 4096;

/// Tells the peer what has come, lane by lane after so many bytes; ends only with the stream.
pub(super) async fn tell(mut stream: SendStream, waker: &Waker, after: [u64; 2]) -> Flow {
    loop {
        let told = gather(waker, after);
        if told.is_empty() {
            waker.untold.notified().await;
            continue;
        }
        waker.sent.notify_one();
        let sent = stream.write_chunk(told).await;
        sent.map_err(|error| write_error(&error))?;
    }
}

/// The acknowledgements that are due.
fn gather(waker: &Waker, after: [u64; 2]) -> Bytes {
    let probe = waker.probe.swap(false, Ordering::Relaxed);
    let mut due = BytesMut::new();
    for ((kind, counts), after) in LANES.into_iter().zip(&waker.counts).zip(after) {
        if probe || counts.untold() >= after {
            let received = counts.received.load(Ordering::Relaxed);
            due.extend_from_slice(&encode(kind, received));
            counts.told.store(received, Ordering::Relaxed);
        }
    }
    due.freeze()
}

/// Lets go of what the peer has, until it finishes the stream.
pub(super) async fn heed(mut stream: RecvStream, waker: &Waker, releasers: &[Releaser; 2]) -> Flow {
    let mut received = BytesMut::new();
    loop {
        let chunk = stream.read_chunk(READ_BYTES, true).await;
        let Some(chunk) = chunk.map_err(|error| read_error(&error))? else {
            return Ok(());
        };
        received.extend_from_slice(&chunk.bytes);
        while let Some((lane, position)) = take(&mut received)? {
            let counts = &waker.counts[lane];
            if position > counts.taken.load(Ordering::Relaxed) {
                return Err(TransportError::Protocol(
                    "what was not sent is acknowledged",
                ));
            }
            releasers[lane].release_to(position);
            counts.acked.fetch_max(position, Ordering::Relaxed);
        }
    }
}

fn encode(kind: StreamKind, position: u64) -> [u8; ACK_BYTES] {
    (u128::from(kind as u8) | u128::from(position) << 64).to_le_bytes()
}

/// Takes an acknowledgement off the front, if there is a whole one: the lane's index and the position.
fn take(received: &mut BytesMut) -> Result<Option<(usize, u64)>, TransportError> {
    if received.len() < ACK_BYTES {
        return Ok(None);
    }
    let (kind, position) = (received.get_u64_le(), received.get_u64_le());
    let lane = LANES.iter().position(|&lane| lane as u64 == kind);
    let unknown = TransportError::Protocol("a lane that is not there is acknowledged");
    lane.map(|lane| Some((lane, position))).ok_or(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgement_has_the_documented_bytes_and_is_taken_whole() {
        let encoded = encode(StreamKind::Bulk, 1 << 40 | 64);
        let expected = [2, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 1, 0, 0];
        assert_eq!(encoded, expected);
        let mut received = BytesMut::from(&encoded[..15]);
        assert_eq!(take(&mut received).unwrap(), None);
        received.extend_from_slice(&encoded[15..]);
        assert_eq!(take(&mut received).unwrap(), Some((1, 1 << 40 | 64)));
        assert!(received.is_empty());
    }

    #[test]
    fn acknowledgement_of_an_unknown_lane_is_refused() {
        for kind in [0, 3, u64::MAX] {
            let bytes = [kind.to_le_bytes(), [0; 8]].concat();
            assert!(take(&mut BytesMut::from(&bytes[..])).is_err());
        }
    }

    #[test]
    fn acknowledgement_is_due_after_its_bytes_or_for_a_probe() {
        let waker = Waker::default();
        let after = [100, 100];
        waker.counts[1].received.store(99, Ordering::Relaxed);
        assert!(gather(&waker, after).is_empty());
        waker.counts[1].received.store(100, Ordering::Relaxed);
        assert_eq!(gather(&waker, after), encode(StreamKind::Bulk, 100)[..]);
        assert!(gather(&waker, after).is_empty());
        waker.probe();
        assert_eq!(gather(&waker, after).len(), 2 * ACK_BYTES);
        assert!(gather(&waker, after).is_empty());
    }
}
