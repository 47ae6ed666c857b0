//! What the worker says to its client through the reply and download rings. Any thread may speak.
//! Read [`Replies`] first.
//!
//! 1. Bytes in the download ring precede the reply that announces them.
//! 2. Waiting for room has no deadline of its own: it ends when the rings are closed, and the daemon
//!    closes them when the client is gone.

use std::time::Duration;

use rigel_protocol::call::{HostPtr, ThreadId};
use rigel_protocol::custom::{Extent, Piece};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::link::{HostCall, Notice, Reply, Transfer};
use rigel_protocol::wire::{Put, Wire};
use rigel_protocol::{CuError, CuResult};
use rigel_transport::{BulkReservation, Patience, Producer, RecordHead, RingError};

use super::fault::Fault;

/// Longest wait in one go; the caller's loop is the session's life.
const DAY: Duration = Duration::from_secs(86_400);
/// Bytes of an answer before its results.
const REPLY_BYTES: usize = 12;

/// The worker's way to its client.
#[derive(Debug)]
pub(super) struct Replies {
    reply: Producer,
    download: Producer,
}

impl Replies {
    /// On these rings.
    pub(super) fn new(reply: Producer, download: Producer) -> Self {
        Self { reply, download }
    }

    /// Answers a waiting call.
    pub(super) fn answer(
        &self,
        call: Call,
        thread: ThreadId,
        position: u64,
        result: CuResult<()>,
        results: &[u8],
    ) -> Result<(), RingError> {
        let mut reply = Reply { position, result };
        let mut results = if result.is_ok() { results } else { &[] };
        if results.len() + REPLY_BYTES > self.reply.payload_max() {
            tracing::warn!(
                call = call.name(),
                bytes = results.len(),
                "results too long to send"
            );
            (reply.result, results) = (Err(CuError::OUT_OF_MEMORY), &[]);
        }
        let mut head = Put::new();
        head.put(&reply);
        self.send(call, thread, &[head.as_slice(), results])
    }

    /// How many bytes of results fit an answer.
    pub(super) fn results_max(&self) -> usize {
        self.reply.payload_max() - REPLY_BYTES
    }

    /// Says that a posted call has failed.
    pub(super) fn notice(&self, thread: ThreadId, notice: Notice) -> Result<(), RingError> {
        self.send_record(Call::NOTICE, thread, &notice)
    }

    /// Says that a stream has reached a host function.
    pub(super) fn host_call(&self, thread: ThreadId, call: HostCall) -> Result<(), RingError> {
        self.send_record(Call::HOST_CALL, thread, &call)
    }

    /// Tells what the GPU has changed in memory that the client has a copy of.
    pub(super) fn mirror_changed(&self, changes: &[u8]) -> Result<(), RingError> {
        self.send(Call::MIRROR_CHANGED, ThreadId(0), &[changes])
    }

    /// Says how many calls of a million the client shall note.
    pub(super) fn trace_on(&self, rate_ppm: u32) -> Result<(), RingError> {
        self.send_record(Call::TRACE_ON, ThreadId(0), &rate_ppm)
    }

    /// Hands over what kernels have printed.
    pub(super) fn output(&self, bytes: &[u8]) -> Result<(), RingError> {
        for part in bytes.chunks(self.reply.payload_max()) {
            self.send(Call::PRINT, ThreadId(0), &[part])?;
        }
        Ok(())
    }

    /// Sends a transfer's bytes, `fill` writing each chunk in place: it gets the offset, the address
    /// and the length.
    pub(super) fn send_filled(
        &self,
        transfer: Transfer,
        mut fill: impl FnMut(u64, HostPtr, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut offset = 0;
        while offset < transfer.bytes {
            let len = (transfer.bytes - offset).min(self.download.bulk_chunk_bytes() as u64);
            self.send_chunk((transfer, offset), len, |room| fill(offset, room, len))?;
            offset += len;
        }
        Ok(())
    }

    /// Likewise a transfer that is a box, `fill` writing a piece of it in place.
    pub(super) fn send_pieces(
        &self,
        transfer: Transfer,
        extent: Extent,
        mut fill: impl FnMut(Piece, HostPtr) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut offset = 0;
        while let Some(piece) = extent.piece(offset, self.download.bulk_chunk_bytes() as u64) {
            let len = piece.bytes();
            self.send_chunk((transfer, offset), len, |room| fill(piece, room))?;
            offset += len;
        }
        Ok(())
    }

    fn send_chunk(
        &self,
        (transfer, offset): (Transfer, u64),
        len: u64,
        fill: impl FnOnce(HostPtr) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let patience = Patience::asleep(DAY);
        let mut place: BulkReservation<'_> =
            self.download
                .reserve_bulk(transfer.number, offset, len as usize, &patience)?;
        fill(HostPtr(place.as_mut_ptr() as u64))?;
        place.publish();
        Ok(())
    }

    /// Sends a transfer's bytes.
    pub(super) fn send_bytes(&self, transfer: u64, bytes: &[u8]) -> Result<(), RingError> {
        self.download
            .send_bulk(transfer, bytes, &Patience::asleep(DAY))
    }

    fn send_record<T: Wire>(
        &self,
        call: Call,
        thread: ThreadId,
        record: &T,
    ) -> Result<(), RingError> {
        let mut put = Put::new();
        put.put(record);
        self.send(call, thread, &[put.as_slice()])
    }

    fn send(&self, call: Call, thread: ThreadId, parts: &[&[u8]]) -> Result<(), RingError> {
        let head = RecordHead {
            op: call.0,
            flags: 0,
            thread: thread.0,
            context: 0,
        };
        self.reply
            .send(head, parts, &Patience::asleep(DAY))
            .map(|_| ())
    }
}
