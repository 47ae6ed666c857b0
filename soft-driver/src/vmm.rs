//! Virtual memory management: addresses reserved, physical memory created, mapped, opened to
//! kernels, and all of it undone. Read [`PhysicalState`].

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use rigel_protocol::generated::driver::VmmApi;
use rigel_protocol::generated::types::{
    CUmemAccessDesc, CUmemAllocationGranularity_flags, CUmemAllocationProp, CUmemLocation,
};
use rigel_protocol::handle::{Context, Device, DevicePtr, MemAllocation};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::driver::{SoftDriver, World};
use crate::memory::{ACCESS_READ_WRITE, GRANULARITY_BYTES, Memory};

/// `CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR`: programs ask for it in case they share the memory later.
const FILE_DESCRIPTOR: u32 = 1;

/// `CU_MEM_LOCATION_TYPE_DEVICE` and `CU_MEM_ALLOCATION_TYPE_PINNED`.
const ON_DEVICE: u32 = 1;
const PINNED: u32 = 1;

/// Physical memory. It goes back to the device when its handle is released and the last mapping of
/// it is gone.
pub(crate) struct PhysicalState {
    memory: Arc<Memory>,
    device: Device,
    pages: Range<u64>,
    properties: CUmemAllocationProp,
}

impl Drop for PhysicalState {
    fn drop(&mut self) {
        if let Err(error) = self.memory.destroy(self.device, self.pages.clone()) {
            tracing::error!(%error, "give physical memory back");
        }
    }
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
    let whole = start.0 % GRANULARITY_BYTES == 0 && end % GRANULARITY_BYTES == 0;
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
        if !fits || offset % GRANULARITY_BYTES != 0 || !state.is_reserved(&at) {
            return Err(CuError::INVALID_VALUE);
        }
        if state.is_mapped(&at) {
            return Err(CuError::ALREADY_MAPPED);
        }
        self.memory
            .map_pages(at.clone(), physical.device, physical.pages.start + offset)?;
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
        if bytes == 0 || bytes % GRANULARITY_BYTES != 0 || !align.is_power_of_two() || flags != 0 {
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
        if bytes == 0 || bytes % GRANULARITY_BYTES != 0 || flags != 0 || prop.r#type.0 != PINNED {
            return Err(CuError::INVALID_VALUE);
        }
        let shareable = prop.requestedHandleTypes.0 & !FILE_DESCRIPTOR == 0;
        if prop.location.r#type.0 != ON_DEVICE || !shareable {
            return Err(CuError::NOT_SUPPORTED);
        }
        let device = Device(prop.location.id);
        let pages = world.memory.create(device, bytes)?;
        let memory = Arc::clone(&world.memory);
        let state = PhysicalState {
            memory,
            device,
            pages,
            properties: *prop,
        };
        world.physical.insert(|_| state).map(|made| made.0)
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
        world.map_physical(range(ptr, size)?, offset as u64, physical)
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
