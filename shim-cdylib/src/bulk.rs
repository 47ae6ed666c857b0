//! Bytes of the caller that go beside a call's record, through the upload ring. Whose turn it is to write
//! there is not known here. Read [`Bulk`] first.

use rigel_transport::{Patience, Producer, RingError};

use crate::caller_box::CallerBox;

/// Bytes that go beside a call's record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bulk<'a> {
    /// The number of their transfer, which the record names.
    pub(crate) transfer: u64,
    /// All of them.
    pub(crate) source: Source<'a>,
}

/// Where bytes that go are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    /// One behind the other.
    Line(&'a [u8]),
    /// In rows.
    Box(&'a CallerBox),
}

impl Bulk<'_> {
    /// How many.
    pub(crate) fn len(&self) -> u64 {
        match self.source {
            Source::Line(bytes) => bytes.len() as u64,
            Source::Box(rows) => rows.bytes(),
        }
    }

    /// Writes them into the ring, waiting for room. On return they are captured.
    pub(crate) fn send(&self, ring: &Producer, patience: &Patience<'_>) -> Result<(), RingError> {
        match self.source {
            Source::Line(bytes) => ring.send_bulk(self.transfer, bytes, patience),
            Source::Box(rows) => rows.send(ring, self.transfer, patience),
        }
    }
}
