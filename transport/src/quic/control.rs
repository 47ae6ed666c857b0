//! What stands at the head of each stream, and the control stream's messages. What the messages say
//! belongs to `protocol`. Read [`Preamble`] first.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use quinn::{
    ConnectionError, ReadError, ReadExactError, RecvStream, SendStream, VarInt, WriteError,
};

use super::lane::{GRANT_BYTES, Grant, LaneKind, Lanes};
use crate::error::{CloseReason, TransportError};
use crate::tls::ALPN;

/// The largest control message.
pub const CONTROL_BYTES_MAX: usize = 1 << 20;
pub(super) const PREAMBLE_BYTES: usize = 32;
const MAGIC: [u8; 4] = *b"RGL1";
/// Closes a connection whose session goes on over another; no [`CloseReason`].
pub(super) const TAKEN_OVER: VarInt = VarInt::from_u32(0x1001);
/// QUIC's code for the TLS alert `no_application_protocol`.
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// What a stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamKind {
    Control = 0,
    Calls = 1,
    Bulk = 2,
    Acks = 3,
}

impl StreamKind {
    /// Which stream's bytes go first: an acknowledgement never waits for payload, nor a call for bulk.
    pub(super) fn priority(self) -> i32 {
        match self {
            StreamKind::Control => 3,
            StreamKind::Acks => 2,
            StreamKind::Calls => 1,
            StreamKind::Bulk => 0,
        }
    }
}

/// The first bytes of each direction of a stream; the diagram is in the parent module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preamble {
    pub(super) kind: StreamKind,
    /// Of bulk, what carries it instead.
    pub(super) lanes: Lanes,
    pub(super) session: u64,
    pub(super) sends: u64,
    pub(super) expects: u64,
}

impl Preamble {
    pub(super) fn control() -> Preamble {
        Preamble {
            kind: StreamKind::Control,
            lanes: Lanes::default(),
            session: 0,
            sends: 0,
            expects: 0,
        }
    }

    pub(super) fn acks(session: u64) -> Preamble {
        Preamble {
            kind: StreamKind::Acks,
            session,
            ..Preamble::control()
        }
    }

    pub(super) fn encode(&self) -> [u8; PREAMBLE_BYTES] {
        let mut out = [0; PREAMBLE_BYTES];
        out[..4].copy_from_slice(&MAGIC);
        out[4] = self.kind as u8;
        out[5..7].copy_from_slice(&self.lanes.encode());
        out[8..16].copy_from_slice(&self.session.to_le_bytes());
        out[16..24].copy_from_slice(&self.sends.to_le_bytes());
        out[24..].copy_from_slice(&self.expects.to_le_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8; PREAMBLE_BYTES]) -> Result<Preamble, TransportError> {
        let mut rest = &bytes[..];
        if rest.split_to(4) != MAGIC {
            return Err(TransportError::Protocol(
                "a stream does not begin as one of ours",
            ));
        }
        let kind = match rest.get_u8() {
            0 => StreamKind::Control,
            1 => StreamKind::Calls,
            2 => StreamKind::Bulk,
            3 => StreamKind::Acks,
            _ => return Err(TransportError::Protocol("a stream is of an unknown kind")),
        };
        let lanes = Lanes::decode([rest.get_u8(), rest.get_u8()])?;
        let strays = kind != StreamKind::Bulk && lanes.kind != LaneKind::Quic;
        if rest.get_u8() != 0 || strays {
            return Err(TransportError::Protocol(
                "a stream's reserved bytes are not zero",
            ));
        }
        let (session, sends, expects) = (rest.get_u64_le(), rest.get_u64_le(), rest.get_u64_le());
        Ok(Preamble {
            kind,
            lanes,
            session,
            sends,
            expects,
        })
    }

    pub(super) async fn write(&self, to: &mut SendStream) -> Result<(), TransportError> {
        let bytes = Bytes::copy_from_slice(&self.encode());
        to.write_chunk(bytes)
            .await
            .map_err(|error| write_error(&error))
    }

    pub(super) async fn read(from: &mut RecvStream) -> Result<Preamble, TransportError> {
        let mut bytes = [0; PREAMBLE_BYTES];
        from.read_exact(&mut bytes)
            .await
            .map_err(|error| match error {
                ReadExactError::FinishedEarly(_) => TransportError::Disconnected,
                ReadExactError::ReadError(error) => read_error(&error),
            })?;
        Preamble::decode(&bytes)
    }
}

/// Reads the server's answer to a client that asks for a lane outside QUIC.
pub(super) async fn read_grant(from: &mut RecvStream) -> Result<Grant, TransportError> {
    let mut bytes = [0; GRANT_BYTES];
    let read = from.read_exact(&mut bytes).await;
    read.map_err(|_| TransportError::Disconnected)?;
    Grant::decode(&bytes)
}

trait SplitTo {
    fn split_to(&mut self, n: usize) -> Self;
}

impl SplitTo for &[u8] {
    fn split_to(&mut self, n: usize) -> Self {
        let (here, later) = self.split_at(n);
        *self = later;
        here
    }
}

/// Sends control messages, one at a time.
#[derive(Debug)]
pub(super) struct ControlSender(pub(super) SendStream);

impl ControlSender {
    pub(super) async fn send(&mut self, message: &[u8]) -> Result<(), TransportError> {
        if message.len() > CONTROL_BYTES_MAX {
            let (len, max) = (message.len(), CONTROL_BYTES_MAX);
            return Err(TransportError::MessageTooLarge { len, max });
        }
        let mut bytes = BytesMut::with_capacity(4 + message.len());
        bytes.extend_from_slice(&(message.len() as u32).to_le_bytes());
        bytes.extend_from_slice(message);
        self.0
            .write_chunk(bytes.freeze())
            .await
            .map_err(|error| write_error(&error))
    }
}

/// Receives control messages. A receive given up half-way loses nothing.
#[derive(Debug)]
pub(super) struct ControlReceiver {
    stream: RecvStream,
    received: BytesMut,
}

impl ControlReceiver {
    pub(super) fn new(stream: RecvStream) -> ControlReceiver {
        ControlReceiver {
            stream,
            received: BytesMut::new(),
        }
    }

    pub(super) async fn receive(&mut self) -> Result<Vec<u8>, TransportError> {
        loop {
            if let Some(message) = take_message(&mut self.received)? {
                return Ok(message);
            }
            let chunk = self.stream.read_chunk(64 << 10, true).await;
            match chunk.map_err(|error| read_error(&error))? {
                Some(chunk) => self.received.extend_from_slice(&chunk.bytes),
                None => return Err(TransportError::Disconnected),
            }
        }
    }
}

/// Takes a whole message off the front, if there is one.
fn take_message(received: &mut BytesMut) -> Result<Option<Vec<u8>>, TransportError> {
    let Some(length) = received.first_chunk::<4>() else {
        return Ok(None);
    };
    let len = u32::from_le_bytes(*length) as usize;
    if len > CONTROL_BYTES_MAX {
        return Err(TransportError::MessageTooLarge {
            len,
            max: CONTROL_BYTES_MAX,
        });
    }
    if received.len() < 4 + len {
        return Ok(None);
    }
    received.advance(4);
    Ok(Some(received.split_to(len).to_vec()))
}

/// Runs an operation with a limit on its time.
pub(super) async fn within<T>(
    limit: Duration,
    what: &'static str,
    operation: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    match tokio::time::timeout(limit, operation).await {
        Ok(result) => result,
        Err(_) => Err(TransportError::Timeout { what }),
    }
}

/// Why a connection ended, as told to the rings.
pub(super) fn close_reason(error: &ConnectionError) -> CloseReason {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            CloseReason::from_code(u32::try_from(close.error_code.into_inner()).unwrap_or(0))
        }
        ConnectionError::LocallyClosed => CloseReason::FINISHED,
        _ => CloseReason::LINK_LOST,
    }
}

/// A connection's end as an error.
pub(super) fn connection_error(address: SocketAddr, error: &ConnectionError) -> TransportError {
    if is_alpn_mismatch(error) {
        return TransportError::AlpnMismatch {
            address,
            ours: ALPN.to_owned(),
        };
    }
    let why = match error {
        ConnectionError::ApplicationClosed(_) => close_reason(error).to_string(),
        other => other.to_string(),
    };
    TransportError::ConnectionLost { address, why }
}

fn is_alpn_mismatch(error: &ConnectionError) -> bool {
    let expected = quinn::TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL);
    match error {
        ConnectionError::TransportError(error) => error.code == expected,
        ConnectionError::ConnectionClosed(close) => close.error_code == expected,
        _ => false,
    }
}

pub(super) fn write_error(error: &WriteError) -> TransportError {
    match error {
        WriteError::ConnectionLost(ConnectionError::ApplicationClosed(_)) => {
            TransportError::Disconnected
        }
        WriteError::ConnectionLost(_) | WriteError::ClosedStream => TransportError::Disconnected,
        WriteError::Stopped(_) => TransportError::Protocol("the peer refused a stream"),
        WriteError::ZeroRttRejected => TransportError::Protocol("early data was rejected"),
    }
}

pub(super) fn read_error(error: &ReadError) -> TransportError {
    match error {
        ReadError::ConnectionLost(_) | ReadError::ClosedStream => TransportError::Disconnected,
        ReadError::Reset(_) => TransportError::Protocol("the peer reset a stream"),
        _ => TransportError::Protocol("a stream was read out of order"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preamble_encoded_decodes_to_the_same() {
        let sent = Preamble {
            kind: StreamKind::Bulk,
            lanes: "tcp:4".parse().unwrap(),
            session: 7,
            sends: 1 << 40,
            expects: 64,
        };
        assert_eq!(Preamble::decode(&sent.encode()).unwrap(), sent);
        assert_eq!(sent.encode()[..9], *b"RGL1\x02\x01\x04\0\x07");
    }

    #[test]
    fn preamble_with_a_wrong_byte_is_refused() {
        let good = Preamble::control().encode();
        for (index, value) in [(0, b'X'), (3, b'2'), (4, 4), (5, 1), (7, 1)] {
            let mut bad = good;
            bad[index] = value;
            assert!(Preamble::decode(&bad).is_err(), "byte {index}");
        }
    }

    #[test]
    fn messages_are_taken_whole_and_in_order() {
        let mut received = BytesMut::new();
        received.extend_from_slice(b"\x02\0\0\0ab\x00\0\0\0\x03\0\0\0c");
        assert_eq!(take_message(&mut received).unwrap().unwrap(), b"ab");
        assert_eq!(take_message(&mut received).unwrap().unwrap(), b"");
        assert!(take_message(&mut received).unwrap().is_none());
        received.extend_from_slice(b"de");
        assert_eq!(take_message(&mut received).unwrap().unwrap(), b"cde");
    }

    #[test]
    fn message_over_the_limit_is_refused_before_it_is_gathered() {
        let mut received = BytesMut::from(&u32::MAX.to_le_bytes()[..]);
        assert!(take_message(&mut received).is_err());
    }
}
