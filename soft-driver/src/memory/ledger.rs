//! How many bytes of a device are in use, by this process and by all. It knows numbers only, no
//! addresses. Read [`Ledger`].

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rigel_protocol::{CuError, CuResult};

use crate::segment::Segment;

/// The books of one device.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The books of all processes, and the device's number there.
    shared: Option<(Arc<Segment>, usize)>,
    total_bytes: u64,
    used_bytes: AtomicU64,
    peak_bytes: AtomicU64,
    /// Memory of other processes that this one has open: theirs in the books of the device.
    borrowed_bytes: AtomicU64,
}

impl Ledger {
    /// The books of a device of this size, empty, kept together with other processes if there is
    /// something to share.
    pub(crate) fn new(total_bytes: u64, shared: Option<(Arc<Segment>, usize)>) -> Self {
        Self {
            shared,
            total_bytes,
            used_bytes: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            borrowed_bytes: AtomicU64::new(0),
        }
    }

    /// Takes bytes, or `CUDA_ERROR_OUT_OF_MEMORY`.
    pub(crate) fn charge(&self, bytes: u64) -> CuResult<()> {
        let grown = |used: u64| {
            used.checked_add(bytes)
                .filter(|sum| *sum <= self.total_bytes)
        };
        let before = self
            .used_bytes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, grown)
            .map_err(|_| CuError::OUT_OF_MEMORY)?;
        if let Some((segment, device)) = &self.shared {
            segment
                .charge(*device, bytes, self.total_bytes)
                .inspect_err(|_| self.refund_own(bytes))?;
        }
        self.peak_bytes.fetch_max(before + bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Gives bytes back.
    pub(crate) fn refund(&self, bytes: u64) {
        if let Some((segment, device)) = &self.shared {
            segment.refund(*device, bytes);
        }
        self.refund_own(bytes);
    }

    fn refund_own(&self, bytes: u64) {
        let before = self.used_bytes.fetch_sub(bytes, Ordering::SeqCst);
        debug_assert!(before >= bytes, "more is refunded than was charged");
    }

    /// Bytes in use, by all processes.
    pub(crate) fn used_bytes(&self) -> u64 {
        match &self.shared {
            Some((segment, device)) => {
                segment.bury_the_dead();
                segment.used_bytes(*device)
            }
            None => self.used_bytes.load(Ordering::SeqCst),
        }
    }

    /// Memory of another process is open here.
    pub(crate) fn borrow(&self, bytes: u64) {
        self.borrowed_bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    /// It is closed.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.borrowed_bytes.fetch_sub(bytes, Ordering::SeqCst);
    }

    /// Bytes in use by this process, borrowed ones too.
    pub(crate) fn own_bytes(&self) -> u64 {
        self.used_bytes.load(Ordering::SeqCst) + self.borrowed_bytes.load(Ordering::SeqCst)
    }

    /// Most bytes that this process had at once.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.peak_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of the device.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charge_over_the_total_is_out_of_memory_and_takes_nothing() {
        let ledger = Ledger::new(100, None);
        assert_eq!(ledger.charge(60), Ok(()));
        assert_eq!(ledger.charge(41), Err(CuError::OUT_OF_MEMORY));
        assert_eq!(ledger.charge(u64::MAX), Err(CuError::OUT_OF_MEMORY));
        assert_eq!(ledger.used_bytes(), 60);
        assert_eq!(ledger.charge(40), Ok(()));
    }

    #[test]
    fn peak_stays_after_a_refund() {
        let ledger = Ledger::new(100, None);
        ledger.charge(60).unwrap();
        ledger.refund(60);
        assert_eq!((ledger.used_bytes(), ledger.peak_bytes()), (0, 60));
    }
}
