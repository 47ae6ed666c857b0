//! The soft driver as one object: its settings, its devices, and everything that exists once a
//! process has called `cuInit`. What each call does stands in the file of its area. Read
//! [`SoftDriver`], then [`World`].

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rigel_protocol::custom::{DeviceProfile, Lifecycle};
use rigel_protocol::handle::{
    Context, Device, Event, Function, Kernel, Library, MemAllocation, MemPool, Module, Stream,
};
use rigel_protocol::visible::VisibleDevices;
use rigel_protocol::{CuError, CuResult, Cx, Driver, ThreadId};

use crate::config::{Config, KernelMode};
use crate::context::ContextState;
use crate::device;
use crate::engine::{Engine, Machine};
use crate::event::EventState;
use crate::graph::{GraphExecState, GraphMemoryBooks, GraphState};
use crate::ipc::Slots;
use crate::memory::{AllocationMap, Memory};
use crate::module::{FunctionState, KernelState, LibraryState, ModuleState};
use crate::output::Output;
use crate::pool::PoolState;
use crate::segment::Segment;
use crate::stats::{Snapshot, Stats};
use crate::stream::StreamState;
use crate::table::Table;
use crate::vmm::{PhysicalState, Reservations};

/// A CUDA driver that executes on the CPU.
pub struct SoftDriver {
    config: Config,
    /// What the environment says of the devices to be seen, when `cuInit` asks.
    visible: fn() -> VisibleDevices,
    world: OnceLock<World>,
    starting: Mutex<()>,
}

/// What exists after `cuInit`.
pub(crate) struct World {
    pub(crate) config: Config,
    profiles: Vec<DeviceProfile>,
    pub(crate) memory: Arc<Memory>,
    /// What is shared with other processes, if anything is.
    segment: Option<Arc<Segment>>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) output: Arc<Output>,
    pub(crate) engine: Engine,
    /// The primary context of each device, while it is active.
    pub(crate) primary: Vec<Mutex<Option<Arc<ContextState>>>>,
    pub(crate) contexts: Table<Context, ContextState>,
    pub(crate) streams: Table<Stream, StreamState>,
    pub(crate) events: Table<Event, EventState>,
    pub(crate) modules: Table<Module, ModuleState>,
    pub(crate) libraries: Table<Library, LibraryState>,
    pub(crate) functions: Table<Function, FunctionState>,
    pub(crate) kernels: Table<Kernel, KernelState>,
    pub(crate) pools: Table<MemPool, PoolState>,
    /// The pool that `cuMemAllocAsync` takes from, for each device: the default one at first.
    pub(crate) current_pools: Vec<Mutex<MemPool>>,
    pub(crate) default_pools: Vec<MemPool>,
    pub(crate) physical: Table<MemAllocation, Arc<PhysicalState>>,
    pub(crate) reservations: Reservations,
    pub(crate) graphs: Table<rigel_protocol::handle::Graph, GraphState>,
    pub(crate) graph_memory: Arc<GraphMemoryBooks>,
    pub(crate) event_slots: Slots,
    pub(crate) graph_execs: Table<rigel_protocol::handle::GraphExec, GraphExecState>,
    /// Copies from host to device so far, for `RIGEL_SOFT_DROP_COPY`.
    pub(crate) n_uploads: AtomicU64,
    /// Contexts, streams and grids are numbered by one counter.
    next_number: AtomicU64,
}

impl Driver for SoftDriver {}

impl SoftDriver {
    /// A driver with the settings of the environment.
    pub fn from_env() -> Self {
        Self {
            visible: || VisibleDevices::read(|name| std::env::var(name).ok()),
            ..Self::new(Config::from_env())
        }
    }

    /// A driver with these settings.
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            visible: VisibleDevices::default,
            world: OnceLock::new(),
            starting: Mutex::new(()),
        }
    }

    /// Everything, or `CUDA_ERROR_NOT_INITIALIZED` before `cuInit`.
    pub(crate) fn world(&self) -> CuResult<&World> {
        self.world.get().ok_or(CuError::NOT_INITIALIZED)
    }

    /// The counters; all zero before `cuInit`.
    pub fn snapshot(&self) -> Snapshot {
        self.world.get().map(World::snapshot).unwrap_or_default()
    }

    /// Every address that device memory may take: base and size, 0 before `cuInit`.
    pub fn device_range(&self) -> (u64, u64) {
        let range = self.world.get().map(|world| world.memory.device_range());
        range.map_or((0, 0), |range| (range.start, range.end - range.start))
    }

    /// Bytes of a device's memory that this process has in use.
    pub fn memory_bytes(&self, device: i32) -> u64 {
        let memory = self.world.get().map(|world| &world.memory);
        let ledger = memory.and_then(|memory| memory.ledger(Device(device)).ok());
        ledger.map_or(0, crate::memory::Ledger::own_bytes)
    }

    /// Delivers what kernels have printed.
    pub fn flush(&self) {
        if let Some(world) = self.world.get() {
            world.output.flush();
        }
    }

    /// Gives the process's turns on the devices back at once, where nothing runs.
    pub fn rest(&self) {
        if let Some(world) = self.world.get() {
            world.engine.rest();
        }
    }

    /// Delivers what kernels have printed, and writes the counters where they are wanted.
    pub fn finish(&self) {
        let Some(world) = self.world.get() else {
            return;
        };
        world.output.flush();
        if let Some(segment) = &world.segment {
            segment.quit();
        }
        let Some(path) = &world.config.stats else {
            return;
        };
        if let Err(error) = std::fs::write(path, world.snapshot().to_json()) {
            tracing::error!(%error, path = %path.display(), "write the counters");
        }
    }
}

impl Lifecycle for SoftDriver {
    fn init(&self) -> CuResult<()> {
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.world.get().is_some() {
            return Ok(());
        }
        let world = World::new(&self.config, &(self.visible)())?;
        if self.config.kernels == KernelMode::Skip {
            tracing::warn!("RIGEL_SOFT_KERNELS=skip: kernels are accepted and NOT executed");
        }
        let _ = self.world.set(world);
        Ok(())
    }

    fn driver_version(&self) -> CuResult<i32> {
        let (major, minor) = self.config.cuda_version;
        Ok(major * 1000 + minor * 10)
    }

    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        Ok(&self.world()?.profiles)
    }

    fn thread_end(&self, thread: ThreadId) {
        if let Some(world) = self.world.get() {
            world.forget_thread(thread);
        }
    }
}

/// The devices that a process sees: their places among all, and their profiles.
fn seen(config: &Config, visible: &VisibleDevices) -> CuResult<(Vec<usize>, Vec<DeviceProfile>)> {
    let all: Vec<DeviceProfile> = (0..config.n_devices)
        .map(|at| device::profile(config, at))
        .collect();
    let places = visible.choose(&all);
    if places.is_empty() {
        return Err(CuError::NO_DEVICE);
    }
    let profiles = places.iter().map(|place| all[*place].clone()).collect();
    Ok((places, profiles))
}

/// Joins the other processes, if it can.
fn join(config: &Config, places: Vec<usize>) -> Option<Arc<Segment>> {
    let joined = Segment::join(config, places).unwrap_or_else(|error| {
        let path = config.shared.as_ref();
        let path = path.map(|path| path.display().to_string());
        tracing::warn!(%error, path, "the soft GPU is not shared with other processes");
        None
    });
    joined.map(Arc::new)
}

impl World {
    fn new(config: &Config, visible: &VisibleDevices) -> CuResult<Self> {
        let (places, profiles) = seen(config, visible)?;
        let config = &Config {
            n_devices: places.len() as u32,
            ..config.clone()
        };
        let segment = join(config, places);
        let (n_devices, bytes) = (config.n_devices, config.memory_bytes);
        let map = match config.exact_bounds {
            true => AllocationMap::exact(),
            false => AllocationMap::default(),
        };
        let memory = Memory::new(n_devices, bytes, segment.as_ref(), map).map_err(|error| {
            tracing::error!(%error, bytes = config.memory_bytes, "reserve device memory");
            CuError::OUT_OF_MEMORY
        })?;
        let memory = Arc::new(memory);
        let stats = Arc::new(Stats::default());
        let machine = Machine {
            memory: Arc::clone(&memory),
            stats: Arc::clone(&stats),
            segment: segment.clone(),
            launch_timeout: config.launch_timeout,
            n_threads: config
                .threads
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        };
        let devices = 0..config.n_devices;
        let pools = Table::new(0);
        let default_pools: Vec<MemPool> = devices
            .clone()
            .map(|ordinal| {
                let device = Device(ordinal as i32);
                pools
                    .insert(|handle| PoolState::new(handle, device, 0))
                    .map(|pool| pool.0)
            })
            .collect::<CuResult<_>>()?;
        Ok(Self {
            config: config.clone(),
            profiles,
            engine: Engine::new(machine, n_devices as usize),
            memory,
            segment,
            stats,
            output: Arc::default(),
            primary: devices.map(|_| Mutex::default()).collect(),
            contexts: Table::new(Context::PRIMARY_MAX),
            streams: Table::new(0),
            events: Table::new(0),
            modules: Table::new(0),
            libraries: Table::new(0),
            functions: Table::new(0),
            kernels: Table::new(0),
            pools,
            current_pools: default_pools.iter().map(|pool| Mutex::new(*pool)).collect(),
            default_pools,
            physical: Table::new(0),
            reservations: Reservations::default(),
            graphs: Table::new(0),
            graph_memory: Arc::default(),
            event_slots: Slots::default(),
            graph_execs: Table::new(0),
            n_uploads: AtomicU64::new(0),
            next_number: AtomicU64::new(1),
        })
    }

    /// A number that no context, stream or grid has had.
    pub(crate) fn number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// The caller's context; the error by which it was lost, if it was.
    pub(crate) fn context(&self, cx: Cx) -> CuResult<Arc<ContextState>> {
        let context = self.find_context(cx.context)?;
        context.group.health.check()?;
        Ok(context)
    }

    /// A context, lost or not.
    pub(crate) fn find_context(&self, handle: Context) -> CuResult<Arc<ContextState>> {
        if let Some(device) = handle.primary_device() {
            let slot = self
                .primary
                .get(device.0 as usize)
                .ok_or(CuError::INVALID_CONTEXT)?;
            let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            return slot.clone().ok_or(CuError::CONTEXT_IS_DESTROYED);
        }
        self.contexts
            .find(handle)
            .map_err(|_| CuError::INVALID_CONTEXT)
    }

    /// All contexts, lost or not.
    pub(crate) fn all_contexts(&self) -> Vec<Arc<ContextState>> {
        let primary = self
            .primary
            .iter()
            .filter_map(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).clone());
        primary.chain(self.contexts.select(|_| true)).collect()
    }

    /// The counters.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let devices = (0..self.config.n_devices).map(|ordinal| Device(ordinal as i32));
        let peak = devices.filter_map(|device| self.memory.ledger(device).ok());
        Snapshot {
            memory_peak_bytes: peak.map(|ledger| ledger.peak_bytes()).sum(),
            allocations: self.memory.n_allocations(),
            ..self.stats.snapshot()
        }
    }

    fn forget_thread(&self, thread: ThreadId) {
        for context in self.all_contexts() {
            if let Some(stream) = context.forget_thread(thread) {
                self.engine.close(&stream.lane);
            }
        }
    }
}
