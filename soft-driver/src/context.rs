//! Contexts: what belongs to one, its limits, its default streams, and how it ends. The stack of
//! current contexts is the interposer's. Read [`ContextState`].

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use rigel_protocol::custom::{AllocationKind, Contexts};
use rigel_protocol::generated::driver::{ContextApi, DeviceApi};
use rigel_protocol::generated::types::{CUdevice_P2PAttribute, CUfunc_cache, CUlimit};
use rigel_protocol::handle::{Context, Device, MemPool, Stream};
use rigel_protocol::{CuError, CuResult, Cx, ThreadId};

use crate::device;
use crate::driver::{SoftDriver, World};
use crate::engine::{Group, Health, LaneKind};
use crate::exec::DeviceServices;
use crate::memory::{Memory, Request};
use crate::output::Output;
use crate::stream::StreamState;

/// Limits that a context starts with, by `CUlimit` number. The last three are those of contexts shared
/// with graphics, which this one is not; cuBLAS asks for them and keeps to slow kernels without an answer.
const LIMITS: [u64; 10] = [
    1024,
    1 << 20,
    8 << 20,
    2,
    2048,
    128,
    0,
    device::SHARED_BYTES_PER_BLOCK as u64,
    0,
    0,
];

/// Stack a thread may ask for.
const STACK_BYTES_MAX: u64 = 512 << 10;

/// Bytes of a grid's workspace: a header of two words, on a line of its own.
const WORKSPACE_BYTES: u64 = 256;

/// Workspaces of a context. Launches take turns, so at most this many cooperative grids of a context
/// may run at once.
const WORKSPACES: u64 = 256;

/// Memory the device-side heap may ask for.
const HEAP_BYTES_MAX: u64 = 1 << 40;

/// A context.
pub(crate) struct ContextState {
    pub(crate) handle: Context,
    pub(crate) device: Device,
    /// Its streams wait for each other, and are lost together.
    pub(crate) group: Arc<Group>,
    /// The legacy default stream.
    pub(crate) legacy: Arc<StreamState>,
    /// The default stream of each thread that has used one.
    per_thread: Mutex<HashMap<ThreadId, Arc<StreamState>>>,
    limits: [AtomicU64; LIMITS.len()],
    cache_config: AtomicU32,
    /// Memory for the barriers of cooperative grids, 0 until there is one.
    workspaces: Mutex<u64>,
    next_workspace: AtomicU64,
    /// What its kernels ask of the driver.
    pub(crate) services: Arc<Services>,
}

impl ContextState {
    /// The stack a thread may use.
    pub(crate) fn stack_bytes(&self) -> u32 {
        self.limits[0].load(Ordering::Relaxed) as u32
    }

    /// Takes out the default stream of a thread that has ended.
    pub(crate) fn forget_thread(&self, thread: ThreadId) -> Option<Arc<StreamState>> {
        self.per_thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&thread)
    }

    fn limit(&self, limit: CUlimit) -> CuResult<&AtomicU64> {
        self.limits
            .get(limit.0 as usize)
            .ok_or(CuError::UNSUPPORTED_LIMIT)
    }
}

/// `printf` and `malloc` of a context's kernels.
pub(crate) struct Services {
    output: Arc<Output>,
    memory: Arc<Memory>,
    context: Context,
    device: Device,
    heap_bytes_max: AtomicU64,
    /// Sizes of the blocks in use, by address.
    heap: Mutex<HashMap<u64, u64>>,
}

impl DeviceServices for Services {
    fn print(&self, text: &[u8]) {
        self.output.add(text);
    }

    fn allocate(&self, bytes: u64) -> Option<u64> {
        let mut heap = self.heap.lock().unwrap_or_else(PoisonError::into_inner);
        let used: u64 = heap.values().sum();
        if used.checked_add(bytes)? > self.heap_bytes_max.load(Ordering::Relaxed) {
            return None;
        }
        let base = self.memory.allocate(&Request {
            bytes: bytes.max(1),
            align: 16,
            kind: AllocationKind::Device,
            context: self.context,
            device: self.device,
            pool: MemPool::NONE,
        });
        let base = base.ok()?;
        heap.insert(base, bytes);
        Some(base)
    }

    fn free(&self, address: u64) -> bool {
        let mut heap = self.heap.lock().unwrap_or_else(PoisonError::into_inner);
        heap.remove(&address).is_some() && self.memory.release(address).is_ok()
    }
}

impl World {
    /// Zeroed words for the barrier of the next cooperative grid.
    pub(crate) fn grid_workspace(&self, context: &ContextState) -> CuResult<u64> {
        let mut base = context
            .workspaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *base == 0 {
            let request = Request {
                bytes: WORKSPACE_BYTES * WORKSPACES,
                align: WORKSPACE_BYTES,
                kind: AllocationKind::Device,
                context: context.handle,
                device: context.device,
                pool: MemPool::NONE,
            };
            *base = self.memory.allocate(&request)?;
            // A barrier leaves its words as it found them but for one bit, which it tolerates.
            self.memory.zero(*base, request.bytes)?;
        }
        let turn = context.next_workspace.fetch_add(1, Ordering::Relaxed) % WORKSPACES;
        Ok(*base + turn * WORKSPACE_BYTES)
    }

    fn make_context(&self, handle: Context, device: Device) -> CuResult<ContextState> {
        let group = Arc::new(Group {
            id: self.number(),
            device: device.0 as usize,
            health: Health::default(),
        });
        let lane = self.engine.open(&group, LaneKind::Legacy)?;
        let legacy = StreamState::new(Stream::LEGACY, lane, (handle, device), 0, 0, self.number());
        let services = Services {
            output: Arc::clone(&self.output),
            memory: Arc::clone(&self.memory),
            context: handle,
            device,
            heap_bytes_max: AtomicU64::new(LIMITS[2]),
            heap: Mutex::default(),
        };
        Ok(ContextState {
            handle,
            device,
            group,
            legacy: Arc::new(legacy),
            per_thread: Mutex::default(),
            limits: LIMITS.map(AtomicU64::new),
            cache_config: AtomicU32::new(0),
            workspaces: Mutex::default(),
            next_workspace: AtomicU64::new(0),
            services: Arc::new(services),
        })
    }

    /// The default stream of a thread in a context.
    pub(crate) fn per_thread(
        &self,
        context: &ContextState,
        thread: ThreadId,
    ) -> CuResult<Arc<StreamState>> {
        let mut streams = context
            .per_thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = streams.get(&thread) {
            return Ok(Arc::clone(stream));
        }
        let lane = self.engine.open(&context.group, LaneKind::Blocking)?;
        let owner = (context.handle, context.device);
        let stream = StreamState::new(Stream::PER_THREAD, lane, owner, 0, 0, self.number());
        let stream = Arc::new(stream);
        streams.insert(thread, Arc::clone(&stream));
        Ok(stream)
    }

    /// Ends everything in a context, after its work.
    fn end_context(&self, context: &ContextState) {
        self.engine.wait_group(&context.group);
        self.output.flush();
        let handle = context.handle;
        self.streams.remove_all(|stream| stream.context == handle);
        self.engine.close_group(&context.group);
        self.events.remove_all(|event| event.context == handle);
        for module in self.modules.remove_all(|module| module.context == handle) {
            self.forget_functions(&module);
        }
        for library in self.libraries.select(|_| true) {
            library.forget_context(handle);
        }
        for kernel in self.kernels.select(|_| true) {
            kernel.forget_context(handle);
        }
        self.memory.release_context(handle);
    }

    fn check_device(&self, device: Device) -> CuResult<usize> {
        let index = usize::try_from(device.0).map_err(|_| CuError::INVALID_DEVICE)?;
        if index < self.primary.len() {
            Ok(index)
        } else {
            Err(CuError::INVALID_DEVICE)
        }
    }
}

impl Contexts for SoftDriver {
    fn primary_activate(&self, device: Device, _flags: u32) -> CuResult<()> {
        let world = self.world()?;
        let index = world.check_device(device)?;
        let mut slot = world.primary[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(Arc::new(
                world.make_context(Context::primary(device), device)?,
            ));
        }
        Ok(())
    }

    fn primary_reset(&self, device: Device) -> CuResult<()> {
        let world = self.world()?;
        let index = world.check_device(device)?;
        let context = world.primary[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(context) = context {
            world.end_context(&context);
        }
        Ok(())
    }

    fn context_create(&self, device: Device, _flags: u32) -> CuResult<Context> {
        let world = self.world()?;
        world.check_device(device)?;
        let made = world
            .contexts
            .try_insert(|handle| world.make_context(handle, device))?;
        Ok(made.0)
    }

    fn context_destroy(&self, context: Context) -> CuResult<()> {
        let world = self.world()?;
        let state = world
            .contexts
            .remove(context)
            .map_err(|_| CuError::INVALID_CONTEXT)?;
        world.end_context(&state);
        Ok(())
    }
}

impl ContextApi for SoftDriver {
    fn ctx_synchronize(&self, cx: Cx) -> CuResult<()> {
        let world = self.world()?;
        let context = world.context(cx)?;
        world.engine.wait_group(&context.group);
        world.output.flush();
        context.group.health.check()
    }

    fn ctx_set_limit(&self, cx: Cx, limit: CUlimit, value: usize) -> CuResult<()> {
        let context = self.world()?.context(cx)?;
        let slot = context.limit(limit)?;
        let value = value as u64;
        match limit {
            CUlimit::CU_LIMIT_SHMEM_SIZE | CUlimit::CU_LIMIT_CIG_ENABLED => {
                return Err(CuError::UNSUPPORTED_LIMIT);
            }
            CUlimit::CU_LIMIT_STACK_SIZE if value > STACK_BYTES_MAX => {
                return Err(CuError::INVALID_VALUE);
            }
            CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE => {
                let most = value.min(HEAP_BYTES_MAX);
                context
                    .services
                    .heap_bytes_max
                    .store(most, Ordering::Relaxed);
            }
            _ => {}
        }
        slot.store(value, Ordering::Relaxed);
        Ok(())
    }

    fn ctx_get_limit(&self, cx: Cx, limit: CUlimit) -> CuResult<usize> {
        let context = self.world()?.context(cx)?;
        Ok(context.limit(limit)?.load(Ordering::Relaxed) as usize)
    }

    fn ctx_get_cache_config(&self, cx: Cx) -> CuResult<CUfunc_cache> {
        let context = self.world()?.context(cx)?;
        Ok(CUfunc_cache(context.cache_config.load(Ordering::Relaxed)))
    }

    fn ctx_set_cache_config(&self, cx: Cx, config: CUfunc_cache) -> CuResult<()> {
        let context = self.world()?.context(cx)?;
        context.cache_config.store(config.0, Ordering::Relaxed);
        Ok(())
    }

    fn ctx_get_stream_priority_range(&self, cx: Cx) -> CuResult<(i32, i32)> {
        self.world()?.context(cx)?;
        Ok((
            crate::stream::PRIORITY_LEAST,
            crate::stream::PRIORITY_GREATEST,
        ))
    }

    fn ctx_reset_persisting_l2_cache(&self, cx: Cx) -> CuResult<()> {
        self.world()?.context(cx).map(|_| ())
    }

    fn ctx_enable_peer_access(&self, cx: Cx, peer_context: Context, flags: u32) -> CuResult<()> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let peer = world.find_context(peer_context)?;
        if flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        // Every soft device can touch the memory of every other anyway.
        match context.device == peer.device {
            true => Err(CuError::INVALID_DEVICE),
            false => Ok(()),
        }
    }

    fn ctx_disable_peer_access(&self, cx: Cx, peer_context: Context) -> CuResult<()> {
        let world = self.world()?;
        world.context(cx)?;
        world.find_context(peer_context).map(|_| ())
    }
}

impl DeviceApi for SoftDriver {
    fn device_can_access_peer(&self, _cx: Cx, dev: Device, peer_dev: Device) -> CuResult<i32> {
        let world = self.world()?;
        world.check_device(dev)?;
        world.check_device(peer_dev)?;
        Ok(i32::from(dev != peer_dev))
    }

    fn device_get_p2p_attribute(
        &self,
        _cx: Cx,
        attrib: CUdevice_P2PAttribute,
        src_device: Device,
        dst_device: Device,
    ) -> CuResult<i32> {
        let world = self.world()?;
        world.check_device(src_device)?;
        world.check_device(dst_device)?;
        if src_device == dst_device {
            return Err(CuError::INVALID_DEVICE);
        }
        // 2: access is supported; 3: native atomics are; 1 (rank) and 4 (arrays) are not.
        match attrib.0 {
            2 | 3 => Ok(1),
            1 | 4 => Ok(0),
            _ => Err(CuError::INVALID_VALUE),
        }
    }
}
