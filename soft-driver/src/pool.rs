//! Memory pools: allocation in stream order. Memory is taken at the call and given back when its
//! stream reaches the free; a pool keeps nothing back, so trimming has nothing to do. Read
//! [`PoolState`].

use std::sync::{
    PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rigel_protocol::custom::{AllocateNode, AllocationKind};
use rigel_protocol::generated::driver::PoolApi;
use rigel_protocol::generated::types::{
    CUmemAccess_flags, CUmemAccessDesc, CUmemAllocationHandleType, CUmemAllocationType,
    CUmemLocation, CUmemLocationType, CUmemPool_attribute, CUmemPoolProps, CUmemPoolPtrExportData,
};
use rigel_protocol::handle::{Context, Device, DevicePtr, MemPool, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::driver::{SoftDriver, World};
use crate::engine::Op;
use crate::graph::Recipe;
use crate::ipc::{Kind, Name};
use crate::memory::{ACCESS_READ_WRITE, Request};
use crate::stream::StreamState;
use crate::vmm::{Described, FILE_DESCRIPTOR};

/// Location of memory on a device (`CU_MEM_LOCATION_TYPE_DEVICE`).
const ON_DEVICE: u32 = 1;

/// `CU_MEM_ALLOCATION_TYPE_PINNED`, the only kind of memory that pools hold.
const PINNED: u32 = 1;

/// Attributes that a caller may set: reuse policies and the release threshold.
const SETTABLE: std::ops::RangeInclusive<u32> = 1..=4;

/// Attributes of a pool, by number; those that are not kept here follow from its memory.
const ATTRIBUTES: usize = 16;

/// A pool.
pub(crate) struct PoolState {
    pub(crate) handle: MemPool,
    pub(crate) device: Device,
    max_bytes: u64,
    /// Other processes may open it.
    shareable: bool,
    /// Another process's: nothing is taken of it here.
    imported: bool,
    used_bytes: AtomicU64,
    peak_bytes: AtomicU64,
    attributes: [AtomicU64; ATTRIBUTES],
}

impl PoolState {
    /// An empty pool; `max_bytes` 0 sets no limit.
    pub(crate) fn new(handle: MemPool, device: Device, max_bytes: u64) -> Self {
        let attributes: [AtomicU64; ATTRIBUTES] = Default::default();
        for reuse_policy in &attributes[1..=3] {
            reuse_policy.store(1, Ordering::Relaxed);
        }
        Self {
            handle,
            device,
            max_bytes,
            shareable: false,
            imported: false,
            used_bytes: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            attributes,
        }
    }

    /// Whether other processes may open it.
    pub(crate) fn is_shareable(&self) -> bool {
        self.shareable
    }

    /// As `cuMemPoolCreate` takes them.
    fn properties(&self) -> CUmemPoolProps {
        CUmemPoolProps {
            allocType: CUmemAllocationType(PINNED),
            handleTypes: CUmemAllocationHandleType(0),
            location: CUmemLocation {
                r#type: CUmemLocationType(ON_DEVICE),
                id: self.device.0,
            },
            win32SecurityAttributes: 0,
            maxSize: self.max_bytes as usize,
            usage: 0,
            reserved: [0; 54],
        }
    }

    fn charge(&self, bytes: u64) -> CuResult<()> {
        let most = if self.max_bytes == 0 {
            u64::MAX
        } else {
            self.max_bytes
        };
        let grown = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= most);
        let before = self
            .used_bytes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, grown)
            .map_err(|_| CuError::OUT_OF_MEMORY)?;
        self.peak_bytes.fetch_max(before + bytes, Ordering::SeqCst);
        Ok(())
    }

    fn refund(&self, bytes: u64) {
        self.used_bytes.fetch_sub(bytes, Ordering::SeqCst);
    }
}

impl World {
    /// The pool that a device's stream-ordered allocations come from.
    pub(crate) fn current_pool(&self, device: Device) -> CuResult<MemPool> {
        let slot = self
            .current_pools
            .get(device.0 as usize)
            .ok_or(CuError::INVALID_DEVICE)?;
        Ok(*slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Allocates in stream order.
    pub(crate) fn allocate_async(
        &self,
        cx: Cx,
        bytes: u64,
        pool: Option<MemPool>,
        stream: Stream,
    ) -> CuResult<DevicePtr> {
        let stream = self.stream(cx, stream)?;
        let pool = match pool {
            Some(pool) => pool,
            None => self.current_pool(stream.device)?,
        };
        let pool = self.pools.find(pool).map_err(|_| CuError::INVALID_VALUE)?;
        if bytes == 0 || pool.imported {
            return Err(CuError::INVALID_VALUE);
        }
        if stream.is_captured() {
            return self.allocate_captured(&stream, &pool, bytes);
        }
        let request = Request {
            bytes,
            align: 1,
            kind: AllocationKind::Device,
            context: stream.context,
            device: pool.device,
            pool: pool.handle,
        };
        pool.charge(bytes)?;
        let allocated = self.allocate_patiently(&request);
        allocated.map(DevicePtr).inspect_err(|_| pool.refund(bytes))
    }

    /// Allocates; if there is not enough, waits for the frees that streams hold and tries again.
    pub(crate) fn allocate_patiently(&self, request: &Request) -> CuResult<u64> {
        match self.memory.allocate(request) {
            Err(CuError::OUT_OF_MEMORY) => {
                self.engine.wait_all();
                self.memory.allocate(request)
            }
            result => result,
        }
    }

    /// Frees in stream order.
    pub(crate) fn free_async(&self, cx: Cx, memory: DevicePtr, stream: Stream) -> CuResult<()> {
        let stream = self.stream(cx, stream)?;
        if stream.is_captured() {
            let recipe = self.graph_memory.freed_by(memory.0)?;
            return self.record(&stream, recipe).map(|_| ());
        }
        if self.graph_memory.holds(memory.0) {
            return self.graph_memory.end(memory.0);
        }
        let allocation = self
            .memory
            .map()
            .find(memory.0)
            .ok_or(CuError::INVALID_VALUE)?;
        if allocation.base != memory.0 || allocation.mapped {
            return Err(CuError::INVALID_VALUE);
        }
        if allocation.borrowed && allocation.pool == MemPool::NONE {
            return Err(CuError::INVALID_VALUE);
        }
        self.refund_pool(allocation.pool, allocation.bytes);
        self.engine
            .perform_or_submit(&stream.lane, Op::Release(memory.0))
            .map(|_| ())
    }

    /// Takes memory for the graph that a capture makes.
    fn allocate_captured(
        &self,
        stream: &StreamState,
        pool: &PoolState,
        bytes: u64,
    ) -> CuResult<DevicePtr> {
        let node = AllocateNode {
            properties: pool.properties(),
            access: Vec::new(),
            bytes,
            address: DevicePtr(0),
        };
        let recipe = self.take_for_graph(node, stream.context, pool.device)?;
        let Recipe::Allocate(memory) = &recipe else {
            return Err(CuError::UNKNOWN);
        };
        let address = memory.node().address;
        self.record(stream, recipe)?;
        Ok(address)
    }

    /// Takes freed bytes off a pool's books.
    pub(crate) fn refund_pool(&self, pool: MemPool, bytes: u64) {
        if let Ok(pool) = self.pools.find(pool) {
            pool.refund(bytes);
        }
    }

    fn device_at(&self, location: &CUmemLocation, kind: CUmemAllocationType) -> CuResult<Device> {
        let known = location.r#type.0 == ON_DEVICE && kind.0 == PINNED;
        if !known {
            return Err(CuError::NOT_SUPPORTED);
        }
        Ok(Device(location.id))
    }

    fn default_pool(&self, device: Device) -> CuResult<MemPool> {
        let index = usize::try_from(device.0).map_err(|_| CuError::INVALID_DEVICE)?;
        self.default_pools
            .get(index)
            .copied()
            .ok_or(CuError::INVALID_DEVICE)
    }

    fn set_current_pool(&self, device: Device, pool: MemPool) -> CuResult<()> {
        let slot = self
            .current_pools
            .get(device.0 as usize)
            .ok_or(CuError::INVALID_DEVICE)?;
        let state = self.pools.find(pool).map_err(|_| CuError::INVALID_VALUE)?;
        if state.device != device {
            return Err(CuError::INVALID_VALUE);
        }
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = pool;
        Ok(())
    }
}

impl PoolApi for SoftDriver {
    fn device_set_mem_pool(&self, _cx: Cx, dev: Device, pool: MemPool) -> CuResult<()> {
        self.world()?.set_current_pool(dev, pool)
    }

    fn device_get_mem_pool(&self, _cx: Cx, dev: Device) -> CuResult<MemPool> {
        self.world()?.current_pool(dev)
    }

    fn device_get_default_mem_pool(&self, _cx: Cx, dev: Device) -> CuResult<MemPool> {
        self.world()?.default_pool(dev)
    }

    fn mem_pool_trim_to(&self, _cx: Cx, pool: MemPool, _min_bytes_to_keep: usize) -> CuResult<()> {
        self.world()?
            .pools
            .find(pool)
            .map(|_| ())
            .map_err(|_| CuError::INVALID_VALUE)
    }

    fn mem_pool_set_attribute(
        &self,
        _cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
        value: u64,
    ) -> CuResult<()> {
        let pool = self
            .world()?
            .pools
            .find(pool)
            .map_err(|_| CuError::INVALID_VALUE)?;
        match attr.0 {
            number if SETTABLE.contains(&number) => {
                pool.attributes[number as usize].store(value, Ordering::Relaxed);
            }
            // The high marks can be set back to the present.
            6 | 8 if value == 0 => {
                let used = pool.used_bytes.load(Ordering::SeqCst);
                pool.peak_bytes.store(used, Ordering::SeqCst);
            }
            _ => return Err(CuError::INVALID_VALUE),
        }
        Ok(())
    }

    fn mem_pool_get_attribute(
        &self,
        _cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
    ) -> CuResult<u64> {
        let pool = self
            .world()?
            .pools
            .find(pool)
            .map_err(|_| CuError::INVALID_VALUE)?;
        Ok(match attr.0 {
            number if SETTABLE.contains(&number) => {
                pool.attributes[number as usize].load(Ordering::Relaxed)
            }
            5 | 7 => pool.used_bytes.load(Ordering::SeqCst),
            6 | 8 => pool.peak_bytes.load(Ordering::SeqCst),
            9 => u64::from(PINNED),
            10 | 14 => 0,
            11 => pool.device.0 as u64,
            12 => u64::from(ON_DEVICE),
            13 => pool.max_bytes,
            _ => return Err(CuError::INVALID_VALUE),
        })
    }

    fn mem_pool_set_access(&self, _cx: Cx, pool: MemPool, map: &[CUmemAccessDesc]) -> CuResult<()> {
        // Every soft device can touch the memory of every other anyway.
        let world = self.world()?;
        world.pools.find(pool).map_err(|_| CuError::INVALID_VALUE)?;
        let on_device = |entry: &CUmemAccessDesc| entry.location.r#type.0 == ON_DEVICE;
        if map.iter().all(on_device) {
            Ok(())
        } else {
            Err(CuError::INVALID_VALUE)
        }
    }

    fn mem_pool_get_access(
        &self,
        _cx: Cx,
        mem_pool: MemPool,
        location: &CUmemLocation,
    ) -> CuResult<CUmemAccess_flags> {
        let world = self.world()?;
        world
            .pools
            .find(mem_pool)
            .map_err(|_| CuError::INVALID_VALUE)?;
        match location.r#type.0 {
            ON_DEVICE => Ok(CUmemAccess_flags(ACCESS_READ_WRITE)),
            _ => Ok(CUmemAccess_flags(0)),
        }
    }

    fn mem_pool_create(&self, _cx: Cx, pool_props: &CUmemPoolProps) -> CuResult<MemPool> {
        let world = self.world()?;
        let device = world.device_at(&pool_props.location, pool_props.allocType)?;
        world.default_pool(device)?;
        if pool_props.handleTypes.0 & !FILE_DESCRIPTOR != 0 {
            return Err(CuError::NOT_SUPPORTED);
        }
        let most = pool_props.maxSize as u64;
        let shareable = pool_props.handleTypes.0 == FILE_DESCRIPTOR;
        let make = |handle| PoolState {
            shareable,
            ..PoolState::new(handle, device, most)
        };
        world.pools.insert(make).map(|made| made.0)
    }

    fn mem_pool_export_to_shareable_handle(
        &self,
        _cx: Cx,
        pool: MemPool,
        _handle_type: CUmemAllocationHandleType,
        _flags: u64,
    ) -> CuResult<u64> {
        let pools = &self.world()?.pools;
        let pool = pools.find(pool).map_err(|_| CuError::INVALID_VALUE)?;
        match pool.is_shareable() {
            true => Described::Pool.give(pool.device, pool.max_bytes),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    fn mem_pool_import_from_shareable_handle(
        &self,
        _cx: Cx,
        handle: u64,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<MemPool> {
        let world = self.world()?;
        if handle_type.0 != FILE_DESCRIPTOR || flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let found = Described::Pool.take(handle)?;
        world.default_pool(found.device)?;
        let make = |handle| PoolState {
            imported: true,
            ..PoolState::new(handle, found.device, found.bytes)
        };
        world.pools.insert(make).map(|made| made.0)
    }

    fn mem_pool_export_pointer(&self, cx: Cx, ptr: DevicePtr) -> CuResult<CUmemPoolPtrExportData> {
        let reserved = self.world()?.lend(cx, ptr, Kind::PoolMemory)?;
        Ok(CUmemPoolPtrExportData { reserved })
    }

    fn mem_pool_import_pointer(
        &self,
        cx: Cx,
        pool: MemPool,
        share_data: &CUmemPoolPtrExportData,
    ) -> CuResult<DevicePtr> {
        let world = self.world()?;
        let pool = world.pools.find(pool).map_err(|_| CuError::INVALID_VALUE)?;
        if !pool.imported {
            return Err(CuError::INVALID_VALUE);
        }
        let name = Name::read(&share_data.reserved, Kind::PoolMemory)?;
        let context = match world.context(cx) {
            Ok(context) => context.handle,
            Err(_) => Context::primary(pool.device),
        };
        pool.charge(name.bytes)?;
        let owner = (context, pool.device);
        let borrowed = world.memory.borrow(&name, owner, pool.handle);
        borrowed
            .map(DevicePtr)
            .inspect_err(|_| pool.refund(name.bytes))
    }

    fn mem_pool_destroy(&self, _cx: Cx, pool: MemPool) -> CuResult<()> {
        let world = self.world()?;
        if world.default_pools.contains(&pool) {
            return Err(CuError::INVALID_VALUE);
        }
        let state = world
            .pools
            .remove(pool)
            .map_err(|_| CuError::INVALID_VALUE)?;
        if world.current_pool(state.device)? == pool {
            world.set_current_pool(state.device, world.default_pool(state.device)?)?;
        }
        Ok(())
    }

    fn mem_get_default_mem_pool(
        &self,
        _cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let world = self.world()?;
        world.default_pool(world.device_at(location, kind)?)
    }

    fn mem_get_mem_pool(
        &self,
        _cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let world = self.world()?;
        world.current_pool(world.device_at(location, kind)?)
    }

    fn mem_set_mem_pool(
        &self,
        _cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
        pool: MemPool,
    ) -> CuResult<()> {
        let world = self.world()?;
        world.set_current_pool(world.device_at(location, kind)?, pool)
    }
}
