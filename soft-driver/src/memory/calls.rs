//! The calls of this area: plain, managed and page-locked memory, and what is known of an address.
//! Read [`World::free`].

use rigel_protocol::custom::{AllocationKind, HostMemory, PointerInfo};
use rigel_protocol::generated::driver::MemoryApi;
use rigel_protocol::generated::types::{
    CUipcMemHandle, CUmem_advise, CUmem_range_attribute, CUmemLocation,
};
use rigel_protocol::handle::{DevicePtr, MemPool, Stream};
use rigel_protocol::{CuError, CuResult, Cx, HostPtr};

use super::Request;
use crate::driver::{SoftDriver, World};
use crate::ipc::Kind;

/// Flags of `cuMemHostAlloc`: portable, mapped, write-combined.
const HOST_ALLOC_FLAGS: u32 = 0b111;

/// Flags of `cuMemHostRegister`: portable, mapped, I/O memory, read-only.
const HOST_REGISTER_FLAGS: u32 = 0b1111;

/// `CU_MEMHOSTREGISTER_IOMEMORY`.
const IO_MEMORY: u32 = 4;

/// `CU_MEMHOSTREGISTER_READ_ONLY`.
const READ_ONLY: u32 = 8;

impl World {
    fn allocate(&self, cx: Cx, bytes: usize, kind: AllocationKind) -> CuResult<DevicePtr> {
        let context = self.context(cx)?;
        if bytes == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let request = Request {
            bytes: bytes as u64,
            align: 1,
            kind,
            context: context.handle,
            device: context.device,
            pool: MemPool::NONE,
        };
        self.allocate_patiently(&request).map(DevicePtr)
    }

    /// Frees memory after all work that may use it.
    fn free(&self, cx: Cx, memory: DevicePtr) -> CuResult<()> {
        self.context(cx)?;
        let allocation = self
            .memory
            .map()
            .find(memory.0)
            .ok_or(CuError::INVALID_VALUE)?;
        if allocation.base != memory.0 {
            return Err(CuError::INVALID_VALUE);
        }
        self.engine.wait_all();
        if self.graph_memory.holds(memory.0) {
            return self.graph_memory.end(memory.0);
        }
        if allocation.borrowed && allocation.pool != MemPool::NONE {
            self.refund_pool(allocation.pool, allocation.bytes);
            return self.memory.give_back(memory.0, allocation.pool);
        }
        let freed = self.memory.release(memory.0)?;
        self.refund_pool(freed.pool, freed.bytes);
        self.context(cx).map(|_| ())
    }
}

impl MemoryApi for SoftDriver {
    fn mem_get_info(&self, cx: Cx) -> CuResult<(usize, usize)> {
        let world = self.world()?;
        let ledger = world.memory.ledger(world.context(cx)?.device)?;
        let free = ledger.total_bytes().saturating_sub(ledger.used_bytes());
        Ok((free as usize, ledger.total_bytes() as usize))
    }

    fn mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        self.world()?.allocate(cx, bytesize, AllocationKind::Device)
    }

    fn mem_free(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let world = self.world()?;
        match dptr.0 {
            0 => world.context(cx).map(|_| ()),
            _ => world.free(cx, dptr),
        }
    }

    fn mem_alloc_managed(&self, cx: Cx, bytesize: usize, flags: u32) -> CuResult<DevicePtr> {
        // Attached globally or to the host: memory that is accessible from everywhere.
        match flags {
            1 | 2 => self
                .world()?
                .allocate(cx, bytesize, AllocationKind::Managed),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    fn ipc_get_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<CUipcMemHandle> {
        let reserved = self.world()?.lend(cx, dptr, Kind::Memory)?;
        Ok(CUipcMemHandle { reserved })
    }

    fn ipc_open_mem_handle(
        &self,
        cx: Cx,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        self.world()?.borrow(cx, &handle, flags)
    }

    fn ipc_close_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        self.world()?.give_back(cx, dptr)
    }

    fn mem_advise(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        _advice: CUmem_advise,
        _location: CUmemLocation,
    ) -> CuResult<()> {
        let world = self.world()?;
        world.context(cx)?;
        world.memory.map().check(dev_ptr.0, count as u64)
    }

    fn mem_range_get_attribute(
        &self,
        cx: Cx,
        data_size: usize,
        attribute: CUmem_range_attribute,
        dev_ptr: DevicePtr,
        count: usize,
    ) -> CuResult<Vec<u8>> {
        use CUmem_range_attribute as A;
        /// `CU_DEVICE_INVALID`: nothing was advised, nothing prefetched.
        const NOWHERE: [u8; 4] = (-2_i32).to_le_bytes();
        /// All attributes are numbers or short lists of devices.
        const DATA_BYTES_MAX: usize = 4096;
        let world = self.world()?;
        world.context(cx)?;
        world.memory.map().check(dev_ptr.0, count as u64)?;
        let found = world.memory.map().find(dev_ptr.0);
        let managed = found.is_some_and(|found| found.kind == AllocationKind::Managed);
        if !managed || data_size > DATA_BYTES_MAX || !data_size.is_multiple_of(NOWHERE.len()) {
            return Err(CuError::INVALID_VALUE);
        }
        Ok(match attribute {
            A::CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION
            | A::CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY
            | A::CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION => {
                NOWHERE.repeat(data_size / NOWHERE.len())
            }
            _ => vec![0; data_size],
        })
    }

    fn mem_prefetch_async(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        _location: CUmemLocation,
        _flags: u32,
        h_stream: Stream,
    ) -> CuResult<()> {
        let world = self.world()?;
        world.stream(cx, h_stream)?;
        world.memory.map().check(dev_ptr.0, count as u64)
    }

    fn mem_free_async(&self, cx: Cx, dptr: DevicePtr, h_stream: Stream) -> CuResult<()> {
        let world = self.world()?;
        match dptr.0 {
            0 => world.stream(cx, h_stream).map(|_| ()),
            _ => world.free_async(cx, dptr, h_stream),
        }
    }

    fn mem_alloc_async(&self, cx: Cx, bytesize: usize, h_stream: Stream) -> CuResult<DevicePtr> {
        self.world()?
            .allocate_async(cx, bytesize as u64, None, h_stream)
    }

    fn mem_alloc_from_pool_async(
        &self,
        cx: Cx,
        bytesize: usize,
        pool: MemPool,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        self.world()?
            .allocate_async(cx, bytesize as u64, Some(pool), h_stream)
    }
}

impl HostMemory for SoftDriver {
    fn host_alloc(&self, cx: Cx, bytes: u64, flags: u32) -> CuResult<HostPtr> {
        let world = self.world()?;
        let context = world.context(cx)?;
        if bytes == 0 || flags & !HOST_ALLOC_FLAGS != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let owner = (context.handle, context.device);
        world.memory.host_allocate(bytes, flags, owner).map(HostPtr)
    }

    fn host_free(&self, cx: Cx, memory: HostPtr) -> CuResult<()> {
        let world = self.world()?;
        world.context(cx)?;
        world.engine.wait_all();
        world.memory.host_free(memory.0)
    }

    fn host_register(&self, cx: Cx, memory: HostPtr, bytes: u64, flags: u32) -> CuResult<()> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let end = memory.0.checked_add(bytes).ok_or(CuError::INVALID_VALUE)?;
        if bytes == 0 || memory.0 == 0 || flags & !HOST_REGISTER_FLAGS != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        if flags & IO_MEMORY != 0 {
            return Err(CuError::NOT_SUPPORTED);
        }
        let owner = (context.handle, context.device);
        world
            .memory
            .host_register(memory.0..end, flags, owner, flags & READ_ONLY == 0)
    }

    fn host_unregister(&self, cx: Cx, memory: HostPtr) -> CuResult<()> {
        let world = self.world()?;
        world.context(cx)?;
        world.engine.wait_all();
        world.memory.host_unregister(memory.0)
    }

    fn pointer_info(&self, address: u64) -> Option<PointerInfo> {
        self.world()
            .ok()?
            .memory
            .map()
            .find(address)
            .map(|allocation| allocation.info())
    }
}
