//! Virtual memory management: addresses reserved, physical memory created, mapped, opened to
//! kernels, and all of it undone. Read [`PhysicalState`].

use std::{
    collections::BTreeMap,
    fs::File,
    ops::Range,
    os::{
        fd::{AsFd, IntoRawFd, OwnedFd},
        unix::fs::FileExt,
    },
    sync::{Arc, Mutex, PoisonError},
};

use rigel_protocol::generated::driver::VmmApi;
use rigel_protocol::generated::types::{
    CUmemAccessDesc, CUmemAllocationFlags, CUmemAllocationGranularity_flags,
    CUmemAllocationHandleType, CUmemAllocationProp, CUmemAllocationType, CUmemLocation,
    CUmemLocationType,
};
use rigel_protocol::handle::{Context, Device, DevicePtr, MemAllocation};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::driver::{SoftDriver, World};
use crate::ipc::is_fixed;
use crate::memory::{ACCESS_READ_WRITE, GRANULARITY_BYTES, Memory, lendable_file, length};

/// `CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR`: programs ask for it in case they share the memory later.
pub(crate) const FILE_DESCRIPTOR: u32 = 1;

/// `CU_MEM_LOCATION_TYPE_DEVICE` and `CU_MEM_ALLOCATION_TYPE_PINNED`.
const ON_DEVICE: u32 = 1;
const PINNED: u32 = 1;

/// Physical memory. It goes back to the device when its handle is released and the last mapping of
/// it is gone.
pub(crate) struct PhysicalState {
    memory: Arc<Memory>,
    device: Device,
    pages: Range<u64>,
    /// A file of its own, if other processes may open it.
    file: Option<OwnedFd>,
    /// Another process's, which has it in its books.
    imported: bool,
    properties: CUmemAllocationProp,
}

impl Drop for PhysicalState {
    fn drop(&mut self) {
        let bytes = self.pages.end - self.pages.start;
        let ledger = self.memory.ledger(self.device);
        let given = match (&self.file, ledger) {
            (None, _) => self.memory.destroy(self.device, self.pages.clone()),
            (Some(_), Ok(ledger)) => {
                match self.imported {
                    true => ledger.give_back(bytes),
                    false => ledger.refund(bytes),
                }
                Ok(())
            }
            (Some(_), Err(error)) => Err(error),
        };
        if let Err(error) = given {
            tracing::error!(%error, "give physical memory back");
        }
    }
}

/// What a file that goes to other processes is. Its last page says so, and how much of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Described {
    /// Physical memory, in the pages before the last.
    Physical = 1,
    /// A pool: the last page is all.
    Pool = 2,
}

/// What a file says of itself.
pub(crate) struct Found {
    file: OwnedFd,
    pub(crate) device: Device,
    pub(crate) bytes: u64,
}

/// First word of the last page.
const MAGIC: u64 = 0x7269_6765_6c66_0001;
const PAGE_BYTES: u64 = crate::memory::raw::PAGE_BYTES;

impl Described {
    /// A new file, as the caller's descriptor.
    pub(crate) fn give(self, device: Device, bytes: u64) -> CuResult<u64> {
        describe(self, device, bytes).map(|file| file.into_raw_fd() as u64)
    }

    /// The file behind a descriptor that the caller keeps, if it is one of ours of this kind.
    pub(crate) fn take(self, descriptor: u64) -> CuResult<Found> {
        let number = i32::try_from(descriptor).map_err(|_| CuError::INVALID_VALUE)?;
        let path = format!("/proc/self/fd/{number}");
        let opened = File::options().read(true).write(true).open(path);
        let file = OwnedFd::from(opened.map_err(|_| CuError::INVALID_VALUE)?);
        let at = length(&file)?.checked_sub(PAGE_BYTES);
        let at = at
            .filter(|_| is_fixed(&file))
            .ok_or(CuError::INVALID_VALUE)?;
        let reader = File::from(file.try_clone().map_err(|_| CuError::OPERATING_SYSTEM)?);
        let mut words = [0; 4];
        for (word, place) in words.iter_mut().zip((at..).step_by(8)) {
            let mut bytes = [0; 8];
            let read = reader.read_exact_at(&mut bytes, place);
            read.map_err(|_| CuError::INVALID_VALUE)?;
            *word = u64::from_le_bytes(bytes);
        }
        let [magic, kind, device, bytes] = words;
        let fits = match self {
            Self::Physical => bytes == at && bytes > 0 && bytes % GRANULARITY_BYTES == 0,
            Self::Pool => at == 0,
        };
        let device = i32::try_from(device).map_err(|_| CuError::INVALID_VALUE)?;
        match magic == MAGIC && kind == self as u64 && fits {
            true => Ok(Found {
                file,
                device: Device(device),
                bytes,
            }),
            false => Err(CuError::INVALID_VALUE),
        }
    }
}

/// A file that says of itself what it is.
fn describe(kind: Described, device: Device, bytes: u64) -> CuResult<OwnedFd> {
    let at = match kind {
        Described::Physical => bytes,
        Described::Pool => 0,
    };
    let made = || -> std::io::Result<OwnedFd> {
        let length = at.checked_add(PAGE_BYTES);
        let length = length.ok_or(std::io::ErrorKind::InvalidInput)?;
        let file = lendable_file("rigel-soft-shared", length)?;
        let writer = File::from(file.try_clone()?);
        let words = [MAGIC, kind as u64, device.0 as u64, bytes];
        for (word, place) in words.iter().zip((at..).step_by(8)) {
            writer.write_all_at(&word.to_le_bytes(), place)?;
        }
        Ok(file)
    };
    made().map_err(|error| {
        tracing::error!(%error, "make a file for other processes");
        CuError::OPERATING_SYSTEM
    })
}

/// Reserved addresses and what is mapped there. Both maps are keyed by the first address.
#[derive(Default)]
pub(crate) struct Reservations {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reserved: BTreeMap<u64, u64>,
    mapped: BTreeMap<u64, Mapping>,
}

struct Mapping {
    end: u64,
    physical: Arc<PhysicalState>,
    access: u64,
}

impl State {
    fn is_reserved(&self, range: &Range<u64>) -> bool {
        let before = self.reserved.range(..=range.start).next_back();
        before.is_some_and(|(_, end)| range.end <= *end)
    }

    fn is_mapped(&self, range: &Range<u64>) -> bool {
        let before = self.mapped.range(..range.end).next_back();
        before.is_some_and(|(_, mapping)| mapping.end > range.start)
    }

    /// First addresses of the mappings that together are exactly this range.
    fn exact(&self, range: &Range<u64>) -> CuResult<Vec<u64>> {
        let mut at = range.start;
        let mut found = Vec::new();
        while at < range.end {
            let mapping = self.mapped.get(&at).ok_or(CuError::INVALID_VALUE)?;
            found.push(at);
            at = mapping.end;
        }
        if at == range.end {
            Ok(found)
        } else {
            Err(CuError::INVALID_VALUE)
        }
    }
}

fn range(start: DevicePtr, bytes: usize) -> CuResult<Range<u64>> {
    let end = start
        .0
        .checked_add(bytes as u64)
        .ok_or(CuError::INVALID_VALUE)?;
    let whole = start.0.is_multiple_of(GRANULARITY_BYTES) && end % GRANULARITY_BYTES == 0;
    if whole && bytes > 0 {
        Ok(start.0..end)
    } else {
        Err(CuError::INVALID_VALUE)
    }
}

impl World {
    fn map_physical(
        &self,
        at: Range<u64>,
        offset: u64,
        physical: Arc<PhysicalState>,
    ) -> CuResult<()> {
        let mut state = self
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let have = physical.pages.end - physical.pages.start;
        let fits = offset
            .checked_add(at.end - at.start)
            .is_some_and(|end| end <= have);
        if !fits || !offset.is_multiple_of(GRANULARITY_BYTES) || !state.is_reserved(&at) {
            return Err(CuError::INVALID_VALUE);
        }
        if state.is_mapped(&at) {
            return Err(CuError::INVALID_VALUE);
        }
        let start = physical.pages.start + offset;
        match &physical.file {
            Some(file) => self.memory.map_file(at.clone(), file.as_fd(), start)?,
            None => self.memory.map_pages(at.clone(), physical.device, start)?,
        }
        state.mapped.insert(
            at.start,
            Mapping {
                end: at.end,
                physical,
                access: 0,
            },
        );
        Ok(())
    }

    fn unmap_physical(&self, at: &Range<u64>) -> CuResult<()> {
        // Earlier work may still touch the pages.
        self.engine.wait_all();
        let mut state = self
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for start in state.exact(at)? {
            if let Some(mapping) = state.mapped.remove(&start) {
                self.memory.unmap_pages(&(start..mapping.end))?;
            }
        }
        Ok(())
    }

    fn set_access(&self, at: &Range<u64>, access: u64) -> CuResult<()> {
        let mut state = self
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for start in state.exact(at)? {
            let Some(mapping) = state.mapped.get_mut(&start) else {
                continue;
            };
            let (range, device) = (start..mapping.end, mapping.physical.device);
            mapping.access = access;
            match access {
                0 => self.memory.revoke(&range),
                _ => {
                    let owner = (Context::primary(device), device);
                    self.memory
                        .grant(&range, owner, access == u64::from(ACCESS_READ_WRITE));
                }
            }
        }
        Ok(())
    }
}

impl VmmApi for SoftDriver {
    fn mem_address_reserve(
        &self,
        _cx: Cx,
        size: usize,
        alignment: usize,
        addr: DevicePtr,
        flags: u64,
    ) -> CuResult<DevicePtr> {
        let world = self.world()?;
        let align = (alignment as u64).max(GRANULARITY_BYTES);
        let bytes = size as u64;
        if bytes == 0
            || !bytes.is_multiple_of(GRANULARITY_BYTES)
            || !align.is_power_of_two()
            || flags != 0
        {
            return Err(CuError::INVALID_VALUE);
        }
        let base = world.memory.reserve(bytes, align, addr.0)?;
        let mut state = world
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.reserved.insert(base, base + bytes);
        Ok(DevicePtr(base))
    }

    fn mem_address_free(&self, _cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let world = self.world()?;
        let range = range(ptr, size)?;
        let mut state = world
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if state.reserved.get(&range.start) != Some(&range.end) || state.is_mapped(&range) {
            return Err(CuError::INVALID_VALUE);
        }
        state.reserved.remove(&range.start);
        world.memory.unreserve(range);
        Ok(())
    }

    fn mem_create(
        &self,
        _cx: Cx,
        size: usize,
        prop: &CUmemAllocationProp,
        flags: u64,
    ) -> CuResult<MemAllocation> {
        let world = self.world()?;
        let bytes = size as u64;
        if bytes == 0
            || !bytes.is_multiple_of(GRANULARITY_BYTES)
            || flags != 0
            || prop.r#type.0 != PINNED
        {
            return Err(CuError::INVALID_VALUE);
        }
        let shareable = prop.requestedHandleTypes.0 & !FILE_DESCRIPTOR == 0;
        if prop.location.r#type.0 != ON_DEVICE || !shareable {
            return Err(CuError::NOT_SUPPORTED);
        }
        let device = Device(prop.location.id);
        let (pages, file) = match prop.requestedHandleTypes.0 {
            0 => (world.memory.create(device, bytes)?, None),
            _ => {
                world.memory.charge_apart(device, bytes)?;
                let made = describe(Described::Physical, device, bytes);
                let refund = |_: &CuError| {
                    if let Ok(ledger) = world.memory.ledger(device) {
                        ledger.refund(bytes);
                    }
                };
                (0..bytes, Some(made.inspect_err(refund)?))
            }
        };
        let memory = Arc::clone(&world.memory);
        let state = Arc::new(PhysicalState {
            memory,
            device,
            pages,
            file,
            imported: false,
            properties: *prop,
        });
        world.physical.insert(|_| state).map(|made| made.0)
    }

    fn mem_export_to_shareable_handle(
        &self,
        _cx: Cx,
        handle: MemAllocation,
        _handle_type: CUmemAllocationHandleType,
        _flags: u64,
    ) -> CuResult<u64> {
        let found = self.world()?.physical.find(handle);
        let state = found.map_err(|_| CuError::INVALID_VALUE)?;
        let file = state.file.as_ref().ok_or(CuError::INVALID_VALUE)?;
        let copy = file.try_clone().map_err(|_| CuError::OPERATING_SYSTEM)?;
        Ok(copy.into_raw_fd() as u64)
    }

    fn mem_import_from_shareable_handle(
        &self,
        _cx: Cx,
        os_handle: u64,
        sh_handle_type: CUmemAllocationHandleType,
    ) -> CuResult<MemAllocation> {
        let world = self.world()?;
        if sh_handle_type.0 != FILE_DESCRIPTOR {
            return Err(CuError::NOT_SUPPORTED);
        }
        let found = Described::Physical.take(os_handle)?;
        world.memory.ledger(found.device)?.borrow(found.bytes);
        let location = CUmemLocation {
            r#type: CUmemLocationType(ON_DEVICE),
            id: found.device.0,
        };
        let state = Arc::new(PhysicalState {
            memory: Arc::clone(&world.memory),
            device: found.device,
            pages: 0..found.bytes,
            file: Some(found.file),
            imported: true,
            properties: CUmemAllocationProp {
                r#type: CUmemAllocationType(PINNED),
                requestedHandleTypes: CUmemAllocationHandleType(FILE_DESCRIPTOR),
                location,
                win32HandleMetaData: 0,
                allocFlags: CUmemAllocationFlags {
                    compressionType: 0,
                    gpuDirectRDMACapable: 0,
                    usage: 0,
                    reserved: [0; 4],
                },
            },
        });
        world.physical.insert(|_| state).map(|made| made.0)
    }

    fn mem_retain_allocation_handle(&self, _cx: Cx, addr: u64) -> CuResult<MemAllocation> {
        let world = self.world()?;
        let physical = {
            let state = world
                .reservations
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let before = state.mapped.range(..=addr).next_back();
            let holds = before.filter(|(_, mapping)| addr < mapping.end);
            let (_, mapping) = holds.ok_or(CuError::INVALID_VALUE)?;
            Arc::clone(&mapping.physical)
        };
        world.physical.insert(|_| physical).map(|made| made.0)
    }

    fn mem_release(&self, _cx: Cx, handle: MemAllocation) -> CuResult<()> {
        self.world()?
            .physical
            .remove(handle)
            .map(|_| ())
            .map_err(|_| CuError::INVALID_VALUE)
    }

    fn mem_map(
        &self,
        _cx: Cx,
        ptr: DevicePtr,
        size: usize,
        offset: usize,
        handle: MemAllocation,
        flags: u64,
    ) -> CuResult<()> {
        let world = self.world()?;
        let physical = world
            .physical
            .find(handle)
            .map_err(|_| CuError::INVALID_VALUE)?;
        if flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        world.map_physical(range(ptr, size)?, offset as u64, Arc::clone(&physical))
    }

    fn mem_unmap(&self, _cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        self.world()?.unmap_physical(&range(ptr, size)?)
    }

    fn mem_set_access(
        &self,
        _cx: Cx,
        ptr: DevicePtr,
        size: usize,
        desc: &[CUmemAccessDesc],
    ) -> CuResult<()> {
        let world = self.world()?;
        let access = match desc {
            [] => return Err(CuError::INVALID_VALUE),
            all => all
                .iter()
                .map(|entry| u64::from(entry.flags.0))
                .max()
                .unwrap_or(0),
        };
        if !matches!(access, 0 | 1 | 3) {
            return Err(CuError::INVALID_VALUE);
        }
        world.set_access(&range(ptr, size)?, access)
    }

    fn mem_get_access(&self, _cx: Cx, location: &CUmemLocation, ptr: DevicePtr) -> CuResult<u64> {
        let world = self.world()?;
        if location.r#type.0 != ON_DEVICE {
            return Err(CuError::INVALID_VALUE);
        }
        let state = world
            .reservations
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = state.mapped.range(..=ptr.0).next_back();
        let holds = before.filter(|(_, mapping)| ptr.0 < mapping.end);
        holds
            .map(|(_, mapping)| mapping.access)
            .ok_or(CuError::INVALID_VALUE)
    }

    fn mem_get_allocation_granularity(
        &self,
        _cx: Cx,
        _prop: &CUmemAllocationProp,
        _option: CUmemAllocationGranularity_flags,
    ) -> CuResult<usize> {
        self.world().map(|_| GRANULARITY_BYTES as usize)
    }

    fn mem_get_allocation_properties_from_handle(
        &self,
        _cx: Cx,
        handle: MemAllocation,
    ) -> CuResult<CUmemAllocationProp> {
        let found = self.world()?.physical.find(handle);
        found
            .map(|state| state.properties)
            .map_err(|_| CuError::INVALID_VALUE)
    }
}
