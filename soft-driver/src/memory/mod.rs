//! Memory of the devices and page-locked memory of the host: addresses, pages, books, and the map
//! that says what kernels may touch. It knows no streams: whoever frees has waited before. Read
//! [`Memory`].
//!
//! All device addresses lie in one reservation of the process, [`Memory::device_range`]: first a
//! heap for each device, then the addresses for virtual memory management. A device address is the
//! host address of the same byte.

mod calls;
mod contents;
mod heap;
mod ledger;
mod lent;
mod map;
mod physical;
mod ranges;
pub(crate) mod raw;

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    os::fd::BorrowedFd,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rigel_protocol::custom::AllocationKind;
use rigel_protocol::handle::{Context, Device, MemPool};
use rigel_protocol::{CuError, CuResult};

use self::{heap::Heap, ranges::Ranges, raw::HostPages, raw::PAGE_BYTES, raw::Reservation};
pub(crate) use self::{
    heap::lendable_file,
    ledger::Ledger,
    lent::{Lent, length},
    map::{Allocation, AllocationMap},
    physical::{ACCESS_READ_WRITE, GRANULARITY_BYTES, Physical},
};
use crate::segment::Segment;

/// Where the device addresses begin: the first of these that is free.
const BASES: [u64; 4] = [
    0x1000_0000_0000,
    0x2000_0000_0000,
    0x3000_0000_0000,
    0x0800_0000_0000,
];

/// Addresses of a device's heap, and of virtual memory, in multiples of its memory.
const ADDRESS_FACTOR: u64 = 4;

/// Least addresses for virtual memory.
const VIRTUAL_BYTES_MIN: u64 = 256 << 30;

/// Memory of all devices.
#[derive(Debug)]
pub(crate) struct Memory {
    map: Arc<AllocationMap>,
    reservation: Arc<Reservation>,
    devices: Vec<DeviceMemoryParts>,
    virtual_free: Mutex<Ranges>,
    host_pages: Mutex<BTreeMap<u64, HostPages>>,
    borrowed: lent::Borrowed,
    /// Held by who writes to device memory outside streams; exclusively while pages move.
    loads: RwLock<()>,
    n_allocations: AtomicU64,
}

#[derive(Debug)]
struct DeviceMemoryParts {
    heap: Heap,
    ledger: Ledger,
    physical: Arc<Physical>,
}

/// What is asked of [`Memory::allocate`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// Size in bytes, not 0.
    pub(crate) bytes: u64,
    /// Least alignment, a power of two; 512 is always given.
    pub(crate) align: u64,
    /// [`AllocationKind::Device`] or [`AllocationKind::Managed`].
    pub(crate) kind: AllocationKind,
    /// The context it belongs to.
    pub(crate) context: Context,
    /// The device that holds it.
    pub(crate) device: Device,
    /// The pool it comes from.
    pub(crate) pool: MemPool,
}

impl Memory {
    /// The memory of `n_devices` devices of this size each, whose books are shared with other
    /// processes through `segment`; `map` is empty.
    pub(crate) fn new(
        n_devices: u32,
        device_bytes: u64,
        segment: Option<&Arc<Segment>>,
        map: AllocationMap,
    ) -> io::Result<Self> {
        let heap_bytes = device_bytes * ADDRESS_FACTOR;
        let heaps_bytes = heap_bytes * u64::from(n_devices);
        let virtual_bytes = heaps_bytes.max(VIRTUAL_BYTES_MIN);
        let reservation = Arc::new(Reservation::at_one_of(&BASES, heaps_bytes + virtual_bytes)?);
        let range = reservation.range();
        let part = |ordinal: u32| -> io::Result<DeviceMemoryParts> {
            let start = range.start + heap_bytes * u64::from(ordinal);
            Ok(DeviceMemoryParts {
                heap: Heap::new(Arc::clone(&reservation), start..start + heap_bytes),
                ledger: Ledger::new(
                    device_bytes,
                    segment.map(|segment| (Arc::clone(segment), ordinal as usize)),
                ),
                physical: Arc::new(Physical::new(device_bytes)?),
            })
        };
        let devices = (0..n_devices).map(part).collect::<io::Result<_>>()?;
        Ok(Self {
            map: Arc::new(map),
            devices,
            virtual_free: Mutex::new(Ranges::new(range.start + heaps_bytes..range.end)),
            reservation,
            host_pages: Mutex::default(),
            borrowed: lent::Borrowed::default(),
            loads: RwLock::default(),
            n_allocations: AtomicU64::new(0),
        })
    }

    /// Every address that device memory may take.
    pub(crate) fn device_range(&self) -> Range<u64> {
        self.reservation.range()
    }

    /// The allocation map.
    pub(crate) fn map(&self) -> &Arc<AllocationMap> {
        &self.map
    }

    /// The books of a device.
    pub(crate) fn ledger(&self, device: Device) -> CuResult<&Ledger> {
        self.part(device).map(|part| &part.ledger)
    }

    /// Allocations made so far.
    pub(crate) fn n_allocations(&self) -> u64 {
        self.n_allocations.load(Ordering::Relaxed)
    }

    /// Allocates plain device memory, contents undefined.
    pub(crate) fn allocate(&self, request: &Request) -> CuResult<u64> {
        let part = self.part(request.device)?;
        let (charged, align) = taken(request.kind, request.bytes)?;
        part.ledger.charge(charged)?;
        let base = part
            .heap
            .take(charged, request.align.max(align))
            .inspect_err(|_| part.ledger.refund(charged))?;
        let inserted = self.map.insert(Allocation {
            kind: request.kind,
            pool: request.pool,
            ..Allocation::device(base, request.bytes, request.context, request.device)
        });
        debug_assert!(inserted, "the heap gives no address twice");
        self.n_allocations.fetch_add(1, Ordering::Relaxed);
        Ok(base)
    }

    /// Frees what [`Self::allocate`] gave. Nobody may use it any more.
    pub(crate) fn release(&self, base: u64) -> CuResult<Allocation> {
        let plain = |allocation: &Allocation| {
            let kind = matches!(
                allocation.kind,
                AllocationKind::Device | AllocationKind::Managed
            );
            kind && !allocation.mapped && !allocation.borrowed
        };
        let allocation = self.map.remove(base, plain).ok_or(CuError::INVALID_VALUE)?;
        let part = self.part(allocation.device)?;
        let (charged, _) = taken(allocation.kind, allocation.bytes)?;
        part.heap.give(base, charged);
        part.ledger.refund(charged);
        Ok(allocation)
    }

    /// Frees what [`Self::allocate`] gave, or closes what another process has lent a pool.
    pub(crate) fn release_any(&self, base: u64) -> CuResult<()> {
        match self.map.find(base) {
            Some(found) if found.borrowed => self.give_back(base, found.pool),
            _ => self.release(base).map(|_| ()),
        }
    }

    /// Frees everything that belongs to a context and is not a mapping.
    pub(crate) fn release_context(&self, context: Context) {
        let owned = |allocation: &Allocation| allocation.context == context && !allocation.mapped;
        for allocation in self.map.select(owned) {
            let freed = match allocation.kind {
                _ if allocation.borrowed => self.give_back_all(&allocation),
                AllocationKind::Device | AllocationKind::Managed => {
                    self.release(allocation.base).map(|_| ())
                }
                AllocationKind::HostAllocated => self.host_free(allocation.base),
                AllocationKind::HostRegistered => self.host_unregister(allocation.base),
            };
            if let Err(error) = freed {
                tracing::debug!(%error, base = allocation.base, "allocation was freed meanwhile");
            }
        }
    }

    /// Allocates page-locked memory of the host.
    pub(crate) fn host_allocate(
        &self,
        bytes: u64,
        flags: u32,
        owner: (Context, Device),
    ) -> CuResult<u64> {
        let pages = HostPages::new(bytes).map_err(|_| CuError::OUT_OF_MEMORY)?;
        let base = pages.address();
        let kind = AllocationKind::HostAllocated;
        let allocation = Allocation {
            kind,
            flags,
            ..Allocation::device(base, bytes, owner.0, owner.1)
        };
        if !self.map.insert(allocation) {
            return Err(CuError::OPERATING_SYSTEM);
        }
        self.host_pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(base, pages);
        Ok(base)
    }

    /// Frees what [`Self::host_allocate`] gave.
    pub(crate) fn host_free(&self, base: u64) -> CuResult<()> {
        let chosen = |allocation: &Allocation| allocation.kind == AllocationKind::HostAllocated;
        self.map
            .remove(base, chosen)
            .ok_or(CuError::INVALID_VALUE)?;
        self.host_pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&base);
        Ok(())
    }

    /// Lets kernels touch memory of the caller's.
    pub(crate) fn host_register(
        &self,
        range: Range<u64>,
        flags: u32,
        owner: (Context, Device),
        writable: bool,
    ) -> CuResult<()> {
        let bytes = range.end - range.start;
        let allocation = Allocation {
            kind: AllocationKind::HostRegistered,
            flags,
            writable,
            ..Allocation::device(range.start, bytes, owner.0, owner.1)
        };
        match self.map.insert(allocation) {
            true => Ok(()),
            false => Err(CuError::HOST_MEMORY_ALREADY_REGISTERED),
        }
    }

    /// Ends that.
    pub(crate) fn host_unregister(&self, base: u64) -> CuResult<()> {
        let chosen = |allocation: &Allocation| allocation.kind == AllocationKind::HostRegistered;
        self.map
            .remove(base, chosen)
            .ok_or(CuError::HOST_MEMORY_NOT_REGISTERED)
            .map(|_| ())
    }

    fn part(&self, device: Device) -> CuResult<&DeviceMemoryParts> {
        let index = usize::try_from(device.0).map_err(|_| CuError::INVALID_DEVICE)?;
        self.devices.get(index).ok_or(CuError::INVALID_DEVICE)
    }
}

/// Bytes that an allocation takes from the device, and their alignment. Managed memory has its pages for
/// itself: where it is pooled, they come and go one by one.
fn taken(kind: AllocationKind, bytes: u64) -> CuResult<(u64, u64)> {
    let align = match kind {
        AllocationKind::Managed => PAGE_BYTES,
        _ => 1,
    };
    let bytes = bytes.checked_next_multiple_of(align);
    Ok((
        Heap::charged_bytes(bytes.ok_or(CuError::OUT_OF_MEMORY)?)?,
        align,
    ))
}

/// Virtual memory management.
impl Memory {
    /// Reserves addresses, at `wanted` if that part is free.
    pub(crate) fn reserve(&self, bytes: u64, align: u64, wanted: u64) -> CuResult<u64> {
        let mut free = self
            .virtual_free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let end = wanted.checked_add(bytes).ok_or(CuError::INVALID_VALUE)?;
        if wanted != 0 && wanted.is_multiple_of(align) && free.take_at(wanted..end) {
            return Ok(wanted);
        }
        free.take(bytes, align).ok_or(CuError::OUT_OF_MEMORY)
    }

    /// Gives reserved addresses back; nothing may be mapped there.
    pub(crate) fn unreserve(&self, range: Range<u64>) {
        self.virtual_free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .give(range);
    }

    /// Takes physical memory of a device.
    pub(crate) fn create(&self, device: Device, bytes: u64) -> CuResult<Range<u64>> {
        let part = self.part(device)?;
        part.ledger.charge(bytes)?;
        let pages = part
            .physical
            .take(bytes)
            .inspect_err(|_| part.ledger.refund(bytes))?;
        self.n_allocations.fetch_add(1, Ordering::Relaxed);
        Ok(pages)
    }

    /// Gives physical memory back that is mapped nowhere.
    pub(crate) fn destroy(&self, device: Device, pages: Range<u64>) -> CuResult<()> {
        let part = self.part(device)?;
        let bytes = pages.end - pages.start;
        part.physical.give(pages);
        part.ledger.refund(bytes);
        Ok(())
    }

    /// Charges physical memory that lies in a file of its own.
    pub(crate) fn charge_apart(&self, device: Device, bytes: u64) -> CuResult<()> {
        self.part(device)?.ledger.charge(bytes)?;
        self.n_allocations.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Maps physical memory at reserved addresses; kernels may not touch it yet.
    pub(crate) fn map_pages(&self, at: Range<u64>, device: Device, offset: u64) -> CuResult<()> {
        let part = self.part(device)?;
        self.map_file(at, part.physical.file(), offset)
    }

    /// The same of a file.
    pub(crate) fn map_file(
        &self,
        at: Range<u64>,
        file: BorrowedFd<'_>,
        offset: u64,
    ) -> CuResult<()> {
        let mapped = self.reservation.map(&at, file, offset);
        mapped.map_err(|error| {
            tracing::error!(%error, "map physical memory");
            CuError::MAP_FAILED
        })
    }

    /// Takes a mapping away, and the kernels' access to it.
    pub(crate) fn unmap_pages(&self, at: &Range<u64>) -> CuResult<()> {
        self.revoke(at);
        self.reservation.clear(at).map_err(|error| {
            tracing::error!(%error, "unmap physical memory");
            CuError::UNMAP_FAILED
        })
    }

    /// Lets kernels touch a mapping.
    pub(crate) fn grant(&self, at: &Range<u64>, owner: (Context, Device), writable: bool) {
        self.revoke(at);
        let bytes = at.end - at.start;
        let allocation = Allocation {
            mapped: true,
            writable,
            ..Allocation::device(at.start, bytes, owner.0, owner.1)
        };
        let inserted = self.map.insert(allocation);
        debug_assert!(inserted, "reserved addresses hold nothing but mappings");
    }

    /// Ends that.
    pub(crate) fn revoke(&self, at: &Range<u64>) {
        let _ = self.map.remove(at.start, |allocation| allocation.mapped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::{Access, DeviceMemory};

    const DEVICE: Device = Device(0);
    const OWNER: (Context, Device) = (Context::primary(DEVICE), DEVICE);

    fn memory() -> Memory {
        Memory::new(1, 64 << 20, None, AllocationMap::exact()).unwrap()
    }

    fn request(bytes: u64) -> Request {
        Request {
            bytes,
            align: 1,
            kind: AllocationKind::Device,
            context: OWNER.0,
            device: DEVICE,
            pool: MemPool::NONE,
        }
    }

    #[test]
    fn allocate_memory_is_writable_and_apart() {
        let memory = memory();
        let first = memory.allocate(&request(100)).unwrap();
        let second = memory.allocate(&request(100)).unwrap();
        assert_eq!((first % 512, second % 512), (0, 0));
        assert!(first.abs_diff(second) > 512);
        assert!(memory.map().accessible(first, 100, Access::Write).is_some());
        assert!(memory.map().accessible(first, 101, Access::Write).is_none());
    }

    #[test]
    fn allocate_more_than_there_is_takes_nothing() {
        let memory = memory();
        assert_eq!(
            memory.allocate(&request(65 << 20)),
            Err(CuError::OUT_OF_MEMORY)
        );
        assert_eq!(
            memory.allocate(&request(u64::MAX)),
            Err(CuError::OUT_OF_MEMORY)
        );
        assert_eq!(memory.ledger(DEVICE).unwrap().used_bytes(), 0);
    }

    #[test]
    fn release_gives_all_bytes_back() {
        let memory = memory();
        for _ in 0..200 {
            let base = memory.allocate(&request(60 << 20)).unwrap();
            memory.release(base).unwrap();
        }
        assert_eq!(memory.ledger(DEVICE).unwrap().used_bytes(), 0);
        assert_eq!(memory.ledger(DEVICE).unwrap().peak_bytes(), 60 << 20);
    }

    #[test]
    fn release_inside_or_twice_is_invalid() {
        let memory = memory();
        let base = memory.allocate(&request(4096)).unwrap();
        assert!(memory.release(base + 512).is_err());
        assert!(memory.release(base).is_ok());
        assert!(memory.release(base).is_err());
    }

    #[test]
    fn host_register_twice_is_refused() {
        let memory = memory();
        let buffer = [0u8; 100];
        let start = buffer.as_ptr() as u64;
        assert_eq!(
            memory.host_register(start..start + 100, 0, OWNER, true),
            Ok(())
        );
        assert_eq!(
            memory.host_register(start + 50..start + 60, 0, OWNER, true),
            Err(CuError::HOST_MEMORY_ALREADY_REGISTERED)
        );
        assert_eq!(memory.host_unregister(start), Ok(()));
        assert_eq!(
            memory.host_unregister(start),
            Err(CuError::HOST_MEMORY_NOT_REGISTERED)
        );
    }

    #[test]
    fn release_context_frees_its_memory_only() {
        let memory = memory();
        let other = Context::mint(Context::PRIMARY_MAX);
        memory.allocate(&request(1024)).unwrap();
        memory.host_allocate(1024, 0, OWNER).unwrap();
        let kept = memory
            .allocate(&Request {
                context: other,
                ..request(512)
            })
            .unwrap();
        memory.release_context(OWNER.0);
        assert_eq!(memory.ledger(DEVICE).unwrap().used_bytes(), 512);
        assert!(memory.map().find(kept).is_some());
    }

    #[test]
    fn map_pages_twice_shows_the_same_bytes() {
        let memory = memory();
        let bytes = GRANULARITY_BYTES;
        let pages = memory.create(DEVICE, bytes).unwrap();
        let at = memory.reserve(2 * bytes, bytes, 0).unwrap();
        let (first, second) = (at..at + bytes, at + bytes..at + 2 * bytes);
        memory
            .map_pages(first.clone(), DEVICE, pages.start)
            .unwrap();
        memory
            .map_pages(second.clone(), DEVICE, pages.start)
            .unwrap();
        memory.grant(&first, OWNER, true);
        memory.write(first.start, b"seen twice").unwrap();
        memory.grant(&second, OWNER, false);
        assert_eq!(*memory.read(second.start, 10).unwrap(), *b"seen twice");
        memory.revoke(&second);
        assert!(
            memory
                .map()
                .accessible(first.start, bytes, Access::Write)
                .is_some()
        );
        assert!(
            memory
                .map()
                .accessible(second.start, 1, Access::Read)
                .is_none()
        );
        memory.unmap_pages(&first).unwrap();
        assert!(
            memory
                .map()
                .accessible(first.start, 1, Access::Read)
                .is_none()
        );
    }
}
