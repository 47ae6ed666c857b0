//! What a session has charged to its quota, and for what. The quota itself is [`super::ledger`].
//! Read [`Charges`] first.
//!
//! 1. A charge precedes the call that allocates, and is given back if the call fails.
//! 2. It is kept under what was allocated, and given back when that is freed or its context ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rigel_protocol::handle::Context;
use rigel_protocol::{CuError, CuResult};

use super::ledger::{Ledger, LedgerSlot, VirtualGpu};
use super::meter::{Counter, Meter};

/// Smallest unit that drivers allocate.
const UNIT_BYTES: u64 = 512;

/// A virtual GPU's part of the session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// Bytes that the session may hold; at most the lease's limit counts.
    pub(super) limit_bytes: u64,
}

/// The books of a session.
#[derive(Debug)]
pub(super) struct Charges {
    ledger: Ledger,
    slot: LedgerSlot,
    quotas: Vec<Quota>,
    meter: Arc<Meter>,
    held: Mutex<HashMap<u64, Held>>,
}

/// A charge whose allocation is not known yet; dropped, it is given back.
#[derive(Debug)]
pub(super) struct Charge<'a> {
    charges: &'a Charges,
    gpu: VirtualGpu,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    gpu: VirtualGpu,
    bytes: u64,
    context: Context,
}

impl Charges {
    /// Opens the books on a ledger.
    pub(super) fn new(
        ledger: Ledger,
        slot: LedgerSlot,
        quotas: Vec<Quota>,
        meter: Arc<Meter>,
    ) -> Self {
        Self {
            ledger,
            slot,
            quotas,
            meter,
            held: Mutex::default(),
        }
    }

    /// Takes bytes of a virtual GPU's quota; `CUDA_ERROR_OUT_OF_MEMORY` if they are not there.
    pub(super) fn charge(&self, gpu: VirtualGpu, bytes: u64) -> CuResult<Charge<'_>> {
        let bytes = bytes
            .checked_next_multiple_of(UNIT_BYTES)
            .ok_or(CuError::OUT_OF_MEMORY)?;
        let quota = self
            .quotas
            .get(gpu.0 as usize)
            .ok_or(CuError::INVALID_DEVICE)?;
        self.ledger.charge(gpu, self.slot, bytes).map_err(|over| {
            tracing::debug!(gpu = gpu.0, %over, "allocation refused: the lease's quota is used up");
            CuError::OUT_OF_MEMORY
        })?;
        self.meter.add(Counter::MemoryBytes, bytes);
        let charge = Charge {
            charges: self,
            gpu,
            bytes,
        };
        // The session's own limit is checked after the charge: two threads cannot both pass it.
        if self.ledger.held_bytes(gpu, self.slot) > quota.limit_bytes {
            tracing::debug!(
                gpu = gpu.0,
                bytes,
                "allocation refused: over the session's own limit"
            );
            return Err(CuError::OUT_OF_MEMORY);
        }
        Ok(charge)
    }

    /// Gives back what was charged for an allocation; nothing if nothing was.
    pub(super) fn refund(&self, allocation: u64) {
        let held = self.lock().remove(&allocation);
        if let Some(held) = held {
            self.give_back(held.gpu, held.bytes);
        }
    }

    /// Gives back all that was charged in a context that ends.
    pub(super) fn refund_context(&self, context: Context) {
        let mut gone = Vec::new();
        self.lock().retain(|_, held| {
            if held.context == context {
                gone.push(*held);
            }
            held.context != context
        });
        for held in gone {
            self.give_back(held.gpu, held.bytes);
        }
    }

    /// Gives everything back, at the session's end.
    pub(super) fn refund_all(&self) {
        let all: Vec<Held> = self.lock().drain().map(|(_, held)| held).collect();
        for held in all {
            self.give_back(held.gpu, held.bytes);
        }
    }

    /// Free and total bytes as the session sees them, given the driver's.
    pub(super) fn info(&self, gpu: VirtualGpu, free: u64, total: u64) -> (u64, u64) {
        let Some(usage) = self.ledger.usage(gpu) else {
            return (0, 0);
        };
        let own = self
            .quotas
            .get(gpu.0 as usize)
            .map_or(0, |quota| quota.limit_bytes);
        let own_left = own.saturating_sub(self.ledger.held_bytes(gpu, self.slot));
        let left = usage
            .limit_bytes
            .saturating_sub(usage.used_bytes)
            .min(own_left);
        (free.min(left), total.min(usage.limit_bytes).min(own))
    }

    fn give_back(&self, gpu: VirtualGpu, bytes: u64) {
        self.ledger.refund(gpu, self.slot, bytes);
        self.meter.subtract(Counter::MemoryBytes, bytes);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Held>> {
        // Every change is a single step: a panic elsewhere leaves the books whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Charge<'_> {
    /// Enters the charge under what was allocated.
    pub(super) fn keep(mut self, allocation: u64, context: Context) {
        let bytes = std::mem::take(&mut self.bytes);
        let before = self.charges.lock().insert(
            allocation,
            Held {
                gpu: self.gpu,
                bytes,
                context,
            },
        );
        // A driver that gives an address twice has freed it meanwhile.
        if let Some(before) = before {
            self.charges.give_back(before.gpu, before.bytes);
        }
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.charges.give_back(self.gpu, self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GPU: VirtualGpu = VirtualGpu(0);
    const CONTEXT: Context = Context::mint(0);

    fn charges(lease: u64, session: u64) -> Charges {
        let (ledger, _) = Ledger::create(&[lease], 1).unwrap();
        let (meter, _) = Meter::create().unwrap();
        let quotas = vec![Quota {
            limit_bytes: session,
        }];
        Charges::new(ledger, LedgerSlot(0), quotas, Arc::new(meter))
    }

    fn used(charges: &Charges) -> u64 {
        let used = charges.ledger.usage(GPU).unwrap().used_bytes;
        assert_eq!(charges.meter.read(Counter::MemoryBytes), used);
        used
    }

    #[test]
    fn charge_not_kept_is_given_back() {
        let charges = charges(4096, u64::MAX);
        drop(charges.charge(GPU, 4096).unwrap());
        assert_eq!(used(&charges), 0);
    }

    #[test]
    fn charge_kept_is_given_back_once() {
        let charges = charges(4096, u64::MAX);
        charges.charge(GPU, 1000).unwrap().keep(0x1000, CONTEXT);
        assert_eq!(used(&charges), 1024);
        charges.refund(0x1000);
        charges.refund(0x1000);
        assert_eq!(used(&charges), 0);
    }

    #[test]
    fn charge_over_the_lease_or_the_session_is_out_of_memory() {
        for (lease, session) in [(1024, u64::MAX), (1 << 20, 1024)] {
            let charges = charges(lease, session);
            charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
            assert_eq!(charges.charge(GPU, 1).unwrap_err(), CuError::OUT_OF_MEMORY);
            assert_eq!(used(&charges), 1024);
        }
        assert!(charges(0, u64::MAX).charge(GPU, u64::MAX).is_err());
    }

    #[test]
    fn context_that_ends_gives_its_memory_back() {
        let charges = charges(1 << 20, u64::MAX);
        charges.charge(GPU, 512).unwrap().keep(1, CONTEXT);
        charges.charge(GPU, 512).unwrap().keep(2, Context::mint(70));
        charges.refund_context(CONTEXT);
        assert_eq!(used(&charges), 512);
        charges.refund_all();
        assert_eq!(used(&charges), 0);
    }

    #[test]
    fn info_shows_the_smallest_of_driver_lease_and_session() {
        let charges = charges(10_240, 8192);
        charges.charge(GPU, 1024).unwrap().keep(1, CONTEXT);
        assert_eq!(charges.info(GPU, 1 << 30, 1 << 31), (7168, 8192));
        assert_eq!(charges.info(GPU, 100, 4096), (100, 4096));
    }
}
