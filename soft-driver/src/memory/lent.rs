//! Memory that goes to other processes and comes from them: pages of the heap that move into a file
//! when they are lent, and mappings of other processes' files. Read [`Memory::lend`] and
//! [`Memory::borrow`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::custom::AllocationKind;
use rigel_protocol::handle::{Context, Device, MemPool};
use rigel_protocol::{CuError, CuResult};

use super::heap::CHUNK_BYTES;
use super::{Allocation, Memory};
use crate::ipc::Name;

/// Where lent memory lies in the file of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lent {
    /// First byte.
    pub(crate) offset: u64,
    /// Size.
    pub(crate) bytes: u64,
    /// Unique number of the allocation.
    pub(crate) number: u64,
}

/// Memory of other processes, by address here.
#[derive(Debug, Default)]
pub(super) struct Borrowed {
    by_base: Mutex<BTreeMap<u64, Loan>>,
}

#[derive(Debug)]
struct Loan {
    /// The addresses it takes.
    pages: Range<u64>,
    /// Whose, and what.
    name: Name,
    /// How often it is open.
    count: usize,
    bytes: u64,
    device: Device,
    context: Context,
}

impl Borrowed {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Loan>> {
        self.by_base.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// The allocation that holds an address, if its kind can be lent.
    pub(crate) fn lendable(&self, address: u64) -> CuResult<Allocation> {
        let found = self.map().find(address).ok_or(CuError::INVALID_VALUE)?;
        let plain = found.kind == AllocationKind::Device && !found.mapped && !found.borrowed;
        plain.then_some(found).ok_or(CuError::INVALID_VALUE)
    }

    /// Where an allocation lies in the file, if all of it does.
    pub(crate) fn lent(&self, allocation: &Allocation) -> CuResult<Option<Lent>> {
        let heap = &self.part(allocation.device)?.heap;
        let offset = heap.place_in_file(allocation.base, allocation.bytes);
        Ok(offset.map(|offset| lent(allocation, offset)))
    }

    /// Moves an allocation into the file of its device. Nobody may touch its pages meanwhile.
    pub(crate) fn lend(&self, allocation: &Allocation) -> CuResult<Lent> {
        let _loading = self.loads.write().unwrap_or_else(PoisonError::into_inner);
        let heap = &self.part(allocation.device)?.heap;
        let offset = heap.move_into_file(allocation.base, allocation.bytes);
        let offset = offset.map_err(|error| {
            tracing::error!(%error, bytes = allocation.bytes, "lend memory");
            CuError::OPERATING_SYSTEM
        })?;
        Ok(lent(allocation, offset))
    }

    /// The file that lent memory of a device lies in.
    pub(crate) fn lent_file(&self, device: Device) -> CuResult<&OwnedFd> {
        let file = self.part(device)?.heap.file();
        file.ok_or(CuError::INVALID_VALUE)
    }

    /// Maps what another process has lent, or says where it is mapped already.
    pub(crate) fn borrow(
        &self,
        name: &Name,
        owner: (Context, Device),
        pool: MemPool,
    ) -> CuResult<u64> {
        let file = name.open()?;
        let end = name.offset.checked_add(name.bytes);
        let end = end.ok_or(CuError::INVALID_VALUE)?;
        if name.bytes == 0 || end > length(&file)? {
            return Err(CuError::INVALID_VALUE);
        }
        let mut loans = self.borrowed.lock();
        let same = |loan: &&mut Loan| loan.name.is_same(name) && loan.context == owner.0;
        if let Some(loan) = loans.values_mut().find(same) {
            loan.count += 1;
            return Ok(loan.pages.start + name.offset % CHUNK_BYTES);
        }
        let first = name.offset / CHUNK_BYTES * CHUNK_BYTES;
        let room = end.next_multiple_of(CHUNK_BYTES).min(length(&file)?) - first;
        let start = self.reserve(room.next_multiple_of(CHUNK_BYTES), CHUNK_BYTES, 0)?;
        let pages = start..start + room;
        let reserved = start..start + room.next_multiple_of(CHUNK_BYTES);
        if let Err(error) = self.reservation.map(&pages, file.as_fd(), first) {
            tracing::error!(%error, "map lent memory");
            self.unreserve(reserved);
            return Err(CuError::MAP_FAILED);
        }
        let base = start + (name.offset - first);
        let inserted = self.map().insert(Allocation {
            borrowed: true,
            pool,
            ..Allocation::device(base, name.bytes, owner.0, owner.1)
        });
        debug_assert!(inserted, "reserved addresses hold nothing else");
        self.part(owner.1)?.ledger.borrow(name.bytes);
        let loan = Loan {
            pages: reserved,
            name: *name,
            count: 1,
            bytes: name.bytes,
            device: owner.1,
            context: owner.0,
        };
        loans.insert(base, loan);
        Ok(base)
    }

    /// Closes borrowed memory once; the last time its pages go. Nobody may use it any more.
    pub(crate) fn give_back(&self, base: u64, pool: MemPool) -> CuResult<()> {
        let mut loans = self.borrowed.lock();
        let loan = loans.get_mut(&base).ok_or(CuError::INVALID_VALUE)?;
        let found = self.map().find(base).ok_or(CuError::INVALID_VALUE)?;
        if found.pool != pool {
            return Err(CuError::INVALID_VALUE);
        }
        loan.count -= 1;
        if loan.count > 0 {
            return Ok(());
        }
        let Some(loan) = loans.remove(&base) else {
            return Ok(());
        };
        let _ = self.map().remove(base, |allocation| allocation.borrowed);
        self.part(loan.device)?.ledger.give_back(loan.bytes);
        let cleared = self.reservation.clear(&loan.pages);
        self.unreserve(loan.pages);
        cleared.map_err(|error| {
            tracing::error!(%error, "unmap lent memory");
            CuError::UNMAP_FAILED
        })
    }

    /// Closes what a context that ends has borrowed.
    pub(super) fn give_back_all(&self, allocation: &Allocation) -> CuResult<()> {
        while self
            .map()
            .find(allocation.base)
            .is_some_and(|one| one.borrowed)
        {
            self.give_back(allocation.base, allocation.pool)?;
        }
        Ok(())
    }
}

fn lent(allocation: &Allocation, offset: u64) -> Lent {
    Lent {
        offset,
        bytes: allocation.bytes,
        number: allocation.buffer_id,
    }
}

/// Length of a file.
pub(crate) fn length(file: &OwnedFd) -> CuResult<u64> {
    let copy = file.try_clone().map_err(|_| CuError::OPERATING_SYSTEM)?;
    let meta = std::fs::File::from(copy).metadata();
    meta.map(|meta| meta.len())
        .map_err(|_| CuError::OPERATING_SYSTEM)
}
