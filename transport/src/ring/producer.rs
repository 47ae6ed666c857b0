//! The writing side of a ring: any number of threads of one process, each writing its record in
//! place. Reading is `consumer`. Read [`Producer`] first.
//!
//! Cost expected for a record of 64 bytes: 10 ns; measured figures are in
//! `docs/measurements/transport.md`. No lock and no allocation.
#![expect(
    unsafe_code,
    reason = "lends a claimed stretch of shared memory for writing"
)]

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::core::{self, Claim, Claims};
use super::{PAD_OP, RECORD_HEAD_BYTES, RecordHead, RingMap, footprint};
use crate::bell::{self, Patience, Spin};
use crate::error::RingError;
use crate::layout::Ring;
use crate::session::SessionMemory;

/// Writes records into a ring. Clones share one issue order.
#[derive(Clone)]
pub struct Producer {
    core: Arc<Core>,
}

struct Core {
    map: RingMap,
    claims: Claims,
    spin: Spin,
    memory: Arc<SessionMemory>,
}

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Producer({} ring at {})",
            self.core.map.ring,
            self.position()
        )
    }
}

impl Producer {
    pub(crate) fn new(memory: &Arc<SessionMemory>, ring: Ring) -> Producer {
        let map = RingMap::new(memory, ring);
        let memory = Arc::clone(memory);
        Producer {
            core: Arc::new(Core {
                map,
                claims: Claims::new(0),
                spin: Spin::new(),
                memory,
            }),
        }
    }

    /// Which ring.
    #[inline]
    pub fn ring(&self) -> Ring {
        self.core.map.ring
    }

    /// The position after the newest reservation of any thread.
    pub fn position(&self) -> u64 {
        self.core.claims.reserved()
    }

    /// The position after a record of so many bytes: the ring's, as long as nothing follows it.
    pub fn end_of(&self, position: u64, len: usize) -> u64 {
        position.wrapping_add(footprint(len))
    }

    /// The largest payload of a record.
    #[inline]
    pub fn payload_max(&self) -> usize {
        self.core.map.payload_max()
    }

    /// Takes the next place in issue order for a record of `len` bytes; `None` when the ring is full.
    #[inline]
    pub fn reserve(
        &self,
        head: RecordHead,
        len: usize,
    ) -> Result<Option<Reservation<'_>>, RingError> {
        if head.op == PAD_OP {
            return Err(RingError::ReservedOp);
        }
        if len > self.payload_max() {
            let (ring, max) = (self.ring(), self.payload_max());
            return Err(RingError::TooLarge { ring, len, max });
        }
        if let Some(reason) = self.core.memory.closed() {
            return Err(RingError::Closed(reason));
        }
        let claim = self.core.claim(footprint(len))?;
        Ok(claim.map(|claim| Reservation {
            core: &self.core,
            claim,
            head,
            len,
        }))
    }

    /// As [`Producer::reserve`], waiting for space.
    pub fn reserve_wait(
        &self,
        head: RecordHead,
        len: usize,
        patience: &Patience<'_>,
    ) -> Result<Reservation<'_>, RingError> {
        if let Some(reservation) = self.reserve(head, len)? {
            return Ok(reservation);
        }
        let core = &self.core;
        let bell = core.memory.space_bell(core.map.ring);
        let mut found = None;
        bell::wait(&core.memory, bell, &core.spin, patience, || {
            found = self.reserve(head, len).transpose();
            found.is_some()
        })?;
        // `wait` returns success only after its condition held.
        found.unwrap_or(Err(RingError::Timeout))
    }

    /// Waits until there is space for a record of `len` bytes. Another thread may take it first.
    pub fn wait_room(&self, len: usize, patience: &Patience<'_>) -> Result<(), RingError> {
        let core = &self.core;
        let bell = core.memory.space_bell(core.map.ring);
        let footprint = footprint(len);
        bell::wait(&core.memory, bell, &core.spin, patience, || {
            let released = core.memory.released(core.map.ring);
            core.claims.has_room(core.map.geometry, released, footprint)
        })
    }

    /// Writes a record made of `parts`, waiting for space, and returns its position.
    #[inline]
    pub fn send(
        &self,
        head: RecordHead,
        parts: &[&[u8]],
        patience: &Patience<'_>,
    ) -> Result<u64, RingError> {
        let len = parts
            .iter()
            .fold(0usize, |sum, part| sum.saturating_add(part.len()));
        let mut reservation = match self.reserve(head, len)? {
            Some(reservation) => reservation,
            None => self.reserve_wait(head, len, patience)?,
        };
        let mut rest: &mut [u8] = &mut reservation;
        for part in parts {
            let (here, later) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = later;
        }
        Ok(reservation.publish())
    }

    /// Writes a record if there is space for it now, and returns its position. It does not look at a clock.
    #[inline]
    pub fn try_send(&self, head: RecordHead, payload: &[u8]) -> Result<Option<u64>, RingError> {
        let Some(mut reservation) = self.reserve(head, payload.len())? else {
            return Ok(None);
        };
        reservation.copy_from_slice(payload);
        Ok(Some(reservation.publish()))
    }

    /// The next place in issue order for a record of `len` bytes, if there is nothing in the way at all:
    /// what calls ask first that are to cost as little as they can. `None`: [`Producer::reserve`] says why.
    #[inline(always)]
    pub fn reserve_at_once(&self, head: RecordHead, len: usize) -> Option<Reservation<'_>> {
        let core = &*self.core;
        if head.op == PAD_OP || len > core.map.payload_max() || core.memory.closed().is_some() {
            return None;
        }
        let footprint = footprint(len);
        let position = core.claims.claim_at_once(core.map.geometry, footprint)?;
        let claim = Claim {
            pad: 0,
            position,
            footprint,
        };
        Some(Reservation {
            core,
            claim,
            head,
            len,
        })
    }

    pub(crate) fn memory(&self) -> &Arc<SessionMemory> {
        &self.core.memory
    }

    /// Takes a place for a record that a link will write bit by bit, of exactly this footprint and with
    /// no pad of ours: a copied stream carries its own.
    pub(crate) fn claim_verbatim(&self, footprint: u64) -> Result<Option<Claim>, RingError> {
        let at = self.core.claims.reserved();
        if footprint > self.core.map.geometry.room(at) {
            return Err(self
                .core
                .corrupt(at, "the stream's record crosses the end of a lap"));
        }
        self.core.claim(footprint)
    }

    /// Writes payload bytes of a claimed record. Offsets outside it are an error of the caller.
    pub(crate) fn write_claimed(&self, claim: &Claim, offset: usize, bytes: &[u8]) {
        let end = (RECORD_HEAD_BYTES + offset).saturating_add(bytes.len());
        assert!(
            end as u64 <= claim.footprint,
            "writes stay inside the claim"
        );
        let at = self.core.map.data_at(claim.position) + RECORD_HEAD_BYTES + offset;
        self.core.memory.block().write_bytes(at, bytes);
    }

    /// The payload of a claimed record from an offset on, of `len` bytes, to be written in place. A stretch
    /// outside the claim is an error of the caller.
    pub(crate) fn claimed_bytes(&mut self, claim: &Claim, offset: usize, len: usize) -> &mut [u8] {
        let end = (RECORD_HEAD_BYTES + offset).saturating_add(len);
        assert!(
            end as u64 <= claim.footprint,
            "writes stay inside the claim"
        );
        let at = self.core.map.data_at(claim.position) + RECORD_HEAD_BYTES;
        let base = self.core.memory.block().at(at, offset + len);
        // SAFETY: `at` checked that the bytes lie in the block, which `core` keeps mapped; the claim is the
        // caller's alone, who lends `self` for as long as the bytes.
        let payload = unsafe { std::slice::from_raw_parts_mut(base.as_ptr(), offset + len) };
        &mut payload[offset..]
    }

    /// Publishes a claimed record.
    pub(crate) fn publish_claimed(&self, claim: &Claim, head: RecordHead, len: u32) {
        self.core.publish(claim.position, head, len);
        self.core.strike();
    }
}

impl Core {
    #[inline]
    fn claim(&self, footprint: u64) -> Result<Option<Claim>, RingError> {
        let released = self.memory.released(self.map.ring);
        let claim = match self.claims.claim(self.map.geometry, released, footprint) {
            Ok(claim) => claim,
            Err(core::BadReleased(position)) => {
                return Err(self.corrupt(position, "more was released than was ever written"));
            }
        };
        if let Some(claim) = claim
            && claim.pad > 0
        {
            self.publish_pad(claim.position - claim.pad, claim.pad);
        }
        Ok(claim)
    }

    #[cold]
    fn publish_pad(&self, position: u64, footprint: u64) {
        let head = RecordHead {
            op: PAD_OP,
            ..RecordHead::default()
        };
        self.publish(position, head, footprint as u32 - RECORD_HEAD_BYTES as u32);
    }

    #[inline(always)]
    fn publish(&self, position: u64, head: RecordHead, len: u32) {
        let block = self.memory.block();
        block.write(self.map.data_at(position), &head.encode(len));
        let stamp = block.atomic_u32(self.map.stamp_at(position));
        core::publish(stamp, self.map.geometry.lap(position));
    }

    #[inline]
    fn strike(&self) {
        let direction = self.map.ring.direction();
        bell::strike(
            self.memory.data_bell(direction),
            self.memory.data_hook(direction),
        );
    }

    fn corrupt(&self, position: u64, what: &'static str) -> RingError {
        RingError::Corrupt {
            ring: self.map.ring,
            position,
            what,
        }
    }
}

/// A place in issue order whose payload is still being written: dereferences to its bytes. Dropped
/// without [`Reservation::publish`] it becomes padding, so that those behind it can be read.
///
/// The peer could read or overwrite the bytes at any time: write them, and do not rely on reading
/// them back.
pub struct Reservation<'a> {
    core: &'a Core,
    claim: Claim,
    head: RecordHead,
    len: usize,
}

impl std::fmt::Debug for Reservation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Reservation({} bytes at {})",
            self.len, self.claim.position
        )
    }
}

impl Reservation<'_> {
    /// Where the record stands in the ring's stream.
    pub fn position(&self) -> u64 {
        self.claim.position
    }

    /// Makes the record visible to the consumer and returns its position.
    #[inline(always)]
    pub fn publish(self) -> u64 {
        let position = self.claim.position;
        self.core.publish(position, self.head, self.len as u32);
        self.core.strike();
        std::mem::forget(self);
        position
    }

    #[inline(always)]
    fn base(&self) -> std::ptr::NonNull<u8> {
        let at = self.core.map.data_at(self.claim.position) + RECORD_HEAD_BYTES;
        self.core.memory.block().at(at, self.len)
    }
}

impl Deref for Reservation<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: `base` checked that the bytes lie in the block, which `core` keeps mapped; the claim
        // belongs to this reservation alone in this process.
        unsafe { std::slice::from_raw_parts(self.base().as_ptr(), self.len) }
    }
}

impl DerefMut for Reservation<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `&mut self` makes the borrow exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.base().as_ptr(), self.len) }
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.core
            .publish_pad(self.claim.position, self.claim.footprint);
        self.core.strike();
    }
}
