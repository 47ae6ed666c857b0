//! What a session has charged to its quota, and for what. The quota itself is [`super::ledger`].
//! Read [`Charges`] first.
//!
//! 1. A charge precedes the call that allocates, and is given back if the call fails.
//! 2. It is kept under what was allocated, and given back when that is freed or its context ends.
//!    Physical memory is kept until its handle is released and its last mapping is gone.
//! 3. What the driver has in use beyond that (contexts, code, heaps, memory whose free waits in a
//!    stream) is its own account's word: it is charged as overhead whenever the books are looked at, also
//!    over the quota, so that nothing later passes. A refund is of what the driver has really let go.
//! 4. The ledger changes once for both, by the difference.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rigel_protocol::handle::Context;
use rigel_protocol::{CuError, CuResult};

use super::ledger::{Ledger, LedgerSlot, VirtualGpu};
use super::meter::{Counter, Meter};

/// Smallest unit that drivers allocate.
const UNIT_BYTES: u64 = 512;
/// How long an allocation waits for frees that stand in streams, and how often it looks.
const FREES_WITHIN: Duration = Duration::from_secs(1);
const FREES_LOOK: Duration = Duration::from_micros(200);

/// A virtual GPU's part of the session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    /// Bytes that the session may hold; at most the lease's limit counts.
    pub(super) limit_bytes: u64,
    /// Its line in the lease's ledger.
    pub(super) line: VirtualGpu,
}

/// What the driver has in use of a GPU for this process, where it says so.
pub(super) type Account = Box<dyn Fn(VirtualGpu) -> Option<u64> + Send + Sync>;

/// The books of a session.
pub(super) struct Charges {
    ledger: Ledger,
    slot: LedgerSlot,
    quotas: Vec<Quota>,
    meter: Arc<Meter>,
    account: Account,
    books: Mutex<Books>,
}

/// A charge whose allocation is not known yet; dropped, it is given back.
#[derive(Debug)]
pub(super) struct Charge<'a> {
    charges: &'a Charges,
    gpu: VirtualGpu,
    bytes: u64,
}

#[derive(Debug, Default)]
struct Books {
    /// Plain allocations by address.
    held: HashMap<u64, Held>,
    /// Physical memory by a number of its own: a driver may give a handle again while its memory is mapped.
    physical: HashMap<u64, Physical>,
    /// The numbers of handles that are not released, and how often each has been handed out.
    handles: HashMap<u64, (u64, usize)>,
    /// Mappings by first address: the address behind the last, and what is mapped.
    mapped: BTreeMap<u64, (u64, u64)>,
    next_physical: u64,
    /// By GPU.
    sums: Vec<Sum>,
}

/// What is charged of one GPU.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// For allocations, kept or under way.
    known: u64,
    /// For what the driver has beyond those.
    overhead: u64,
    /// The part of it that was freed and that the driver has not let go yet.
    waiting: u64,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    gpu: VirtualGpu,
    bytes: u64,
    context: Context,
}

#[derive(Clone, Copy, Debug)]
struct Physical {
    gpu: VirtualGpu,
    bytes: u64,
    mappings: usize,
    /// Handles that are not released.
    handles: usize,
}

impl std::fmt::Debug for Charges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Charges")
            .field("slot", &self.slot)
            .field("quotas", &self.quotas)
            .finish_non_exhaustive()
    }
}

impl Charges {
    /// Opens the books on a ledger, held against the driver's own account.
    pub(super) fn new(
        ledger: Ledger,
        slot: LedgerSlot,
        quotas: Vec<Quota>,
        meter: Arc<Meter>,
        account: Account,
    ) -> Self {
        let books = Books {
            sums: vec![Sum::default(); quotas.len()],
            ..Books::default()
        };
        Self {
            ledger,
            slot,
            quotas,
            meter,
            account,
            books: Mutex::new(books),
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
        let deadline = Instant::now() + FREES_WITHIN;
        while let Err(reason) = self.take(gpu, bytes, *quota) {
            // Frees that stand in streams may be about to make room.
            let waiting = self.lock().sum(gpu).waiting;
            if waiting == 0 || bytes > quota.limit_bytes || Instant::now() >= deadline {
                self.meter.add(reason, 1);
                tracing::debug!(gpu = gpu.0, bytes, ?reason, "allocation refused");
                return Err(CuError::OUT_OF_MEMORY);
            }
            std::thread::sleep(FREES_LOOK);
        }
        Ok(Charge {
            charges: self,
            gpu,
            bytes,
        })
    }

    /// Gives back what was charged for an allocation; nothing if nothing was.
    pub(super) fn refund(&self, allocation: u64) {
        let mut books = self.lock();
        if let Some(held) = books.held.remove(&allocation) {
            self.forget(&mut books, held.gpu, held.bytes);
        }
    }

    /// Where an allocation lies, and what was charged for it.
    pub(super) fn held(&self, allocation: u64) -> Option<(VirtualGpu, u64)> {
        let books = self.lock();
        let held = books.held.get(&allocation)?;
        Some((held.gpu, held.bytes))
    }

    /// Gives back all that was charged in a context that ends.
    pub(super) fn refund_context(&self, context: Context) {
        let mut books = self.lock();
        let mut gone = Vec::new();
        books.held.retain(|_, held| {
            if held.context == context {
                gone.push(*held);
            }
            held.context != context
        });
        for held in gone {
            self.forget(&mut books, held.gpu, held.bytes);
        }
    }

    /// Gives everything back, at the session's end.
    pub(super) fn refund_all(&self) {
        let mut books = self.lock();
        books.held.clear();
        books.physical.clear();
        books.handles.clear();
        books.mapped.clear();
        for gpu in self.gpus() {
            self.set(&mut books, gpu, Sum::default());
        }
    }

    /// Charges what the driver has taken by itself. Says whether that has grown, and a GPU's quota is
    /// exceeded now.
    pub(super) fn reconcile(&self) -> bool {
        let mut books = self.lock();
        let mut exceeds = false;
        for gpu in self.gpus() {
            let before = books.sum(gpu);
            self.set_known(&mut books, gpu, before.known);
            let has_grown = books.sum(gpu).overhead > before.overhead;
            exceeds |= has_grown && self.is_over(gpu);
        }
        exceeds
    }

    /// Free and total bytes as the session sees them, given the driver's.
    pub(super) fn info(&self, gpu: VirtualGpu, free: u64, total: u64) -> (u64, u64) {
        self.reconcile();
        let Some(usage) = self.ledger.usage(self.line(gpu)) else {
            return (0, 0);
        };
        let own = self
            .quotas
            .get(gpu.0 as usize)
            .map_or(0, |quota| quota.limit_bytes);
        let own_left = own.saturating_sub(self.ledger.held_bytes(self.line(gpu), self.slot));
        let left = usage
            .limit_bytes
            .saturating_sub(usage.used_bytes)
            .min(own_left);
        (free.min(left), total.min(usage.limit_bytes).min(own))
    }

    /// A GPU's line in the lease's ledger; one that is not the session's has none.
    fn line(&self, gpu: VirtualGpu) -> VirtualGpu {
        let quota = self.quotas.get(gpu.0 as usize);
        quota.map_or(VirtualGpu(u32::MAX), |quota| quota.line)
    }

    fn gpus(&self) -> impl Iterator<Item = VirtualGpu> + use<> {
        (0..self.quotas.len() as u32).map(VirtualGpu)
    }

    fn take(&self, gpu: VirtualGpu, bytes: u64, quota: Quota) -> Result<(), Counter> {
        let mut books = self.lock();
        let known = books.sum(gpu).known;
        self.set_known(&mut books, gpu, known);
        // Nobody else changes the session's part while the books are open.
        let own = self
            .ledger
            .held_bytes(self.line(gpu), self.slot)
            .checked_add(bytes);
        if own.is_none_or(|own| own > quota.limit_bytes) {
            return Err(Counter::DeniedBySession);
        }
        self.ledger
            .charge(self.line(gpu), self.slot, bytes)
            .map_err(|_| Counter::DeniedByLease)?;
        books.sums[gpu.0 as usize].known += bytes;
        self.meter.add(Counter::MemoryBytes, bytes);
        Ok(())
    }

    fn is_over(&self, gpu: VirtualGpu) -> bool {
        let usage = self.ledger.usage(self.line(gpu));
        let own = self.quotas.get(gpu.0 as usize);
        usage.is_some_and(|usage| usage.used_bytes > usage.limit_bytes)
            || own.is_some_and(|own| {
                self.ledger.held_bytes(self.line(gpu), self.slot) > own.limit_bytes
            })
    }

    fn forget(&self, books: &mut Books, gpu: VirtualGpu, bytes: u64) {
        let before = books.sum(gpu);
        self.set_known(books, gpu, before.known.saturating_sub(bytes));
        if let Some(sum) = books.sums.get_mut(gpu.0 as usize) {
            sum.waiting += sum.overhead.saturating_sub(before.overhead).min(bytes);
        }
    }

    /// So much is known; the rest of what the driver has is overhead.
    fn set_known(&self, books: &mut Books, gpu: VirtualGpu, known: u64) {
        let taken = (self.account)(gpu).unwrap_or(0);
        let overhead = taken.saturating_sub(known);
        let before = books.sum(gpu);
        let let_go = before.overhead.saturating_sub(overhead);
        let waiting = before.waiting.saturating_sub(let_go);
        let sum = Sum {
            known,
            overhead,
            waiting,
        };
        self.set(books, gpu, sum);
    }

    fn set(&self, books: &mut Books, gpu: VirtualGpu, sum: Sum) {
        let Some(place) = books.sums.get_mut(gpu.0 as usize) else {
            return;
        };
        let before = std::mem::replace(place, sum);
        let (before, now) = (before.known + before.overhead, sum.known + sum.overhead);
        if now > before {
            self.ledger
                .charge_taken(self.line(gpu), self.slot, now - before);
            self.meter.add(Counter::MemoryBytes, now - before);
        } else if now < before {
            self.ledger.refund(self.line(gpu), self.slot, before - now);
            self.meter.subtract(Counter::MemoryBytes, before - now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        // Every change is a single step: a panic elsewhere leaves the books whole.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Physical memory, which lives as long as its handle or a mapping of it.
impl Charges {
    /// Physical memory is mapped.
    pub(super) fn map(&self, handle: u64, start: u64, bytes: u64) {
        let mut books = self.lock();
        let Some(&(number, _)) = books.handles.get(&handle) else {
            return;
        };
        if let Some(physical) = books.physical.get_mut(&number) {
            physical.mappings += 1;
        }
        let end = start.saturating_add(bytes);
        books.mapped.insert(start, (end, number));
    }

    /// Mappings within these addresses are gone.
    pub(super) fn unmap(&self, start: u64, bytes: u64) {
        let mut books = self.lock();
        let end = start.saturating_add(bytes);
        let gone: Vec<u64> = books.mapped.range(start..end).map(|(at, _)| *at).collect();
        for at in gone {
            let Some((_, number)) = books.mapped.remove(&at) else {
                continue;
            };
            if let Some(physical) = books.physical.get_mut(&number) {
                physical.mappings -= 1;
            }
            self.bury(&mut books, number);
        }
    }

    /// A handle of physical memory is released.
    pub(super) fn release(&self, handle: u64) {
        let mut books = self.lock();
        let Some((number, count)) = books.handles.get_mut(&handle) else {
            return;
        };
        let number = *number;
        *count -= 1;
        if *count == 0 {
            books.handles.remove(&handle);
        }
        if let Some(physical) = books.physical.get_mut(&number) {
            physical.handles -= 1;
        }
        self.bury(&mut books, number);
    }

    /// The memory mapped at an address has another handle, or the same once more.
    pub(super) fn retain(&self, handle: u64, address: u64) {
        let mut books = self.lock();
        let found = books.mapped.range(..=address).next_back();
        let Some((_, &(end, number))) = found.filter(|(_, (end, _))| address < *end) else {
            return;
        };
        debug_assert!(address < end);
        books.handles.entry(handle).or_insert((number, 0)).1 += 1;
        if let Some(physical) = books.physical.get_mut(&number) {
            physical.handles += 1;
        }
    }

    /// Where the memory of a handle lies, and how much it is.
    pub(super) fn physical(&self, handle: u64) -> Option<(VirtualGpu, u64)> {
        let books = self.lock();
        let (number, _) = books.handles.get(&handle)?;
        let physical = books.physical.get(number)?;
        Some((physical.gpu, physical.bytes))
    }

    /// Whether a handle is not released, or its memory is mapped.
    pub(super) fn is_physical_held(&self, number: u64) -> bool {
        self.lock().physical.contains_key(&number)
    }

    /// What tells the memory of a handle from all other.
    pub(super) fn physical_number(&self, handle: u64) -> Option<u64> {
        self.lock().handles.get(&handle).map(|(number, _)| *number)
    }

    /// Gives physical memory back that nothing refers to.
    fn bury(&self, books: &mut Books, number: u64) {
        let found = books.physical.get(&number).copied();
        if let Some(physical) = found.filter(|one| one.handles == 0 && one.mappings == 0) {
            books.physical.remove(&number);
            self.forget(books, physical.gpu, physical.bytes);
        }
    }
}

impl Books {
    fn sum(&self, gpu: VirtualGpu) -> Sum {
        self.sums.get(gpu.0 as usize).copied().unwrap_or_default()
    }
}

impl Charge<'_> {
    /// Enters the charge under what was allocated.
    pub(super) fn keep(mut self, allocation: u64, context: Context) {
        let bytes = std::mem::take(&mut self.bytes);
        let gpu = self.gpu;
        let held = Held {
            gpu,
            bytes,
            context,
        };
        let mut books = self.charges.lock();
        // A driver that gives an address twice has freed it meanwhile.
        if let Some(before) = books.held.insert(allocation, held) {
            self.charges.forget(&mut books, before.gpu, before.bytes);
        }
    }

    /// Enters the charge under a handle of physical memory.
    pub(super) fn keep_physical(mut self, handle: u64) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut books = self.charges.lock();
        let number = books.next_physical;
        books.next_physical += 1;
        books.handles.insert(handle, (number, 1));
        books.physical.insert(
            number,
            Physical {
                gpu: self.gpu,
                bytes,
                mappings: 0,
                handles: 1,
            },
        );
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.charges.meter.add(Counter::DeniedByDriver, 1);
            let mut books = self.charges.lock();
            self.charges.forget(&mut books, self.gpu, self.bytes);
        }
    }
}

#[cfg(test)]
mod tests;
