//! A driver that records what reaches it, and answers with numbers that tests can predict.
//!
//! It has two devices and one function, whose parameters are a 4-byte and an 8-byte number.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::CStr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::custom::*;
use rigel_protocol::generated::driver::*;
use rigel_protocol::generated::types::CUmemPool_attribute;
use rigel_protocol::handle::*;
use rigel_protocol::{CuError, CuResult, Cx, Driver, HostPtr, ThreadId};

/// Version the mock reports.
pub(crate) const VERSION: i32 = 13020;

/// Devices it has.
pub(crate) const DEVICES: i32 = 2;

/// The one function, by every name but [`MISSING`].
pub(crate) const FUNCTION: Function = Function::mint(7);

/// A name that no image has.
pub(crate) const MISSING: &CStr = c"missing";

/// The mock behind this test binary's exports.
pub(crate) static MOCK: Mock = Mock::new();

thread_local! {
    /// What the calls of this thread came to: a driver is called in its caller's thread.
    static OWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Records calls.
pub(crate) struct Mock {
    shared: Mutex<Vec<String>>,
    profiles: std::sync::OnceLock<Vec<DeviceProfile>>,
    allocations: Mutex<BTreeMap<u64, PointerInfo>>,
    next_address: AtomicU64,
    next_context: AtomicU32,
}

/// What the library under test registers.
pub(crate) fn driver() -> &'static dyn Driver {
    &MOCK
}

impl Mock {
    const fn new() -> Self {
        Self {
            shared: Mutex::new(Vec::new()),
            profiles: std::sync::OnceLock::new(),
            allocations: Mutex::new(BTreeMap::new()),
            next_address: AtomicU64::new(0x7000_0000_0000),
            next_context: AtomicU32::new(Context::PRIMARY_MAX),
        }
    }

    /// The calls that a body makes in this thread.
    pub(crate) fn recorded(&self, body: impl FnOnce()) -> Vec<String> {
        OWN.take();
        body();
        OWN.take()
    }

    /// Calls that belong to no thread: of contexts, and ends of threads.
    pub(crate) fn shared(&self) -> Vec<String> {
        let calls = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clone()
    }

    fn record(&self, call: String) {
        OWN.with_borrow_mut(|own| own.push(call));
    }

    fn record_shared(&self, call: String) {
        let mut calls = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    fn allocate(&self, kind: AllocationKind, bytes: u64, cx: Cx, flags: u32) -> u64 {
        let base = self.next_address.fetch_add(1 << 20, Ordering::Relaxed);
        let info = PointerInfo {
            kind,
            base,
            bytes,
            context: cx.context,
            device: cx.context.primary_device().unwrap_or(Device(0)),
            buffer_id: base >> 20,
            pool: MemPool::NONE,
            flags,
        };
        let mut allocations = self
            .allocations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        allocations.insert(base, info);
        base
    }
}

fn profile(ordinal: u32) -> DeviceProfile {
    let mut attributes = vec![0; 150];
    for (number, value) in [
        (1, 1024),
        (2, 1024),
        (3, 1024),
        (4, 64),
        (5, i32::MAX),
        (6, 65535),
        (7, 65535),
        (8, 49152),
        (10, 32),
        (16, 4),
        (33, 1 + ordinal as i32),
        (39, 1536),
        (75, 8),
        (76, 6),
        (95, 1),
    ] {
        attributes[number] = value;
    }
    DeviceProfile {
        name: format!("Mock {ordinal}"),
        uuid: [ordinal as u8 + 1; 16],
        total_bytes: 1 << 30,
        pci: PciAddress {
            domain: 0,
            bus: 1 + ordinal,
            device: 0,
        },
        attributes,
    }
}

impl Lifecycle for Mock {
    fn init(&self) -> CuResult<()> {
        self.profiles
            .get_or_init(|| (0..DEVICES as u32).map(profile).collect());
        Ok(())
    }

    fn driver_version(&self) -> CuResult<i32> {
        Ok(VERSION)
    }

    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        self.profiles
            .get()
            .map(Vec::as_slice)
            .ok_or(CuError::NOT_INITIALIZED)
    }

    fn thread_end(&self, thread: ThreadId) {
        self.record_shared(format!("thread_end {}", thread.0));
    }
}

impl Contexts for Mock {
    fn primary_activate(&self, device: Device, flags: u32) -> CuResult<()> {
        self.record_shared(format!("activate {} {flags}", device.0));
        Ok(())
    }

    fn primary_reset(&self, device: Device) -> CuResult<()> {
        self.record_shared(format!("reset {}", device.0));
        Ok(())
    }

    fn context_create(&self, _: Device, _: u32) -> CuResult<Context> {
        Ok(Context::mint(
            self.next_context.fetch_add(1, Ordering::Relaxed),
        ))
    }

    fn context_destroy(&self, _: Context) -> CuResult<()> {
        Ok(())
    }
}

impl HostMemory for Mock {
    fn host_alloc(&self, cx: Cx, bytes: u64, flags: u32) -> CuResult<HostPtr> {
        let base = self.allocate(AllocationKind::HostAllocated, bytes, cx, flags);
        Ok(HostPtr(base))
    }

    fn pointer_info(&self, address: u64) -> Option<PointerInfo> {
        let allocations = self
            .allocations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (_, info) = allocations.range(..=address).next_back()?;
        (address < info.base + info.bytes).then_some(*info)
    }
}

impl Copies for Mock {
    fn copy(&self, _: Cx, dst: Place, src: Place, bytes: u64, order: Order) -> CuResult<()> {
        let end = |place| match place {
            Place::Host(_) => "host",
            Place::Device(_) => "device",
            Place::Array(_) => "array",
        };
        let Order { stream, wait } = order;
        let (from, to) = (end(src), end(dst));
        let text = format!("copy {from} to {to} {bytes} on {:#x} wait {wait}", stream.0);
        self.record(text);
        Ok(())
    }

    fn copy_3d(&self, _: Cx, copy: &Copy3d, order: Order) -> CuResult<()> {
        let Extent {
            width_bytes,
            height,
            depth,
        } = copy.extent;
        let pitches = (copy.src.pitch_bytes, copy.dst.pitch_bytes);
        let text = format!(
            "copy_3d {width_bytes}x{height}x{depth} {pitches:?} wait {}",
            order.wait
        );
        self.record(text);
        Ok(())
    }

    fn fill(&self, _: Cx, fill: &Fill, order: Order) -> CuResult<()> {
        let Fill {
            value,
            element_bytes,
            width,
            height,
            ..
        } = *fill;
        let text = format!(
            "fill {value:#x} {element_bytes} {width}x{height} on {:#x}",
            order.stream.0
        );
        self.record(text);
        Ok(())
    }
}

impl Images for Mock {
    fn module_load(&self, _: Cx, image: &[u8], _: &JitOptions) -> CuResult<(Module, LinkedImage)> {
        self.record(format!("module_load {}", image.len()));
        Ok((Module::mint(1), LinkedImage::default()))
    }

    fn library_load(
        &self,
        _: Cx,
        image: &[u8],
        _: &JitOptions,
        options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        self.record(format!("library_load {} {options:?}", image.len()));
        Ok((Library::mint(1), LinkedImage::default()))
    }

    fn link(&self, _: Cx, inputs: &[JitInput], _: &JitOptions) -> CuResult<LinkedImage> {
        let image = inputs.iter().flat_map(|input| input.data.clone()).collect();
        Ok(LinkedImage {
            image,
            ..LinkedImage::default()
        })
    }

    fn module_function(&self, _: Cx, _: Module, name: &CStr) -> CuResult<Function> {
        match name == MISSING {
            true => Err(CuError::NOT_FOUND),
            false => Ok(FUNCTION),
        }
    }

    fn library_kernel(&self, cx: Cx, _: Library, name: &CStr) -> CuResult<Function> {
        self.module_function(cx, Module::NONE, name)
    }

    fn kernel_function(&self, _: Cx, kernel: Function) -> CuResult<Function> {
        Ok(kernel)
    }

    fn module_functions(&self, _: Cx, _: Module) -> CuResult<Vec<Function>> {
        Ok(vec![FUNCTION])
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        if function != FUNCTION {
            return Err(CuError::INVALID_HANDLE);
        }
        let mut info = FunctionInfo {
            name: "function".into(),
            params: vec![
                ParamSlot { offset: 0, size: 4 },
                ParamSlot { offset: 8, size: 8 },
            ]
            .into(),
            module: Some(Module::mint(1)),
            ..FunctionInfo::default()
        };
        info.attributes[0] = 512;
        info.attributes[8] = 49152;
        Ok(Arc::new(info))
    }
}

impl Launches for Mock {
    fn launch(&self, _: Cx, _: Function, config: &LaunchConfig<'_>, params: &[u8]) -> CuResult<()> {
        let LaunchConfig { grid, block, .. } = config;
        let more = config.attributes.len();
        let text = format!(
            "launch {grid:?} {block:?} on {:#x} cooperative {} more {more} params {params:?}",
            config.stream.0, config.cooperative
        );
        self.record(text);
        Ok(())
    }

    fn launch_host(
        &self,
        _: Cx,
        stream: Stream,
        callback: HostCallback,
        even_after_error: bool,
    ) -> CuResult<()> {
        self.record(format!("host {:#x} {even_after_error}", stream.0));
        callback(Ok(()));
        Ok(())
    }
}

impl MemoryApi for Mock {
    fn mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        let base = self.allocate(AllocationKind::Device, bytesize as u64, cx, 0);
        Ok(DevicePtr(base))
    }
}

impl PoolApi for Mock {
    fn mem_pool_get_attribute(
        &self,
        _: Cx,
        _: MemPool,
        attr: CUmemPool_attribute,
    ) -> CuResult<u64> {
        Ok(0x1_0000_0000 + u64::from(attr.0))
    }
}

impl ContextApi for Mock {
    fn ctx_synchronize(&self, cx: Cx) -> CuResult<()> {
        self.record(format!("ctx_synchronize by {}", cx.thread.0));
        Ok(())
    }
}

impl StreamApi for Mock {
    fn stream_synchronize(&self, _: Cx, h_stream: Stream) -> CuResult<()> {
        self.record(format!("synchronize {:#x}", h_stream.0));
        Ok(())
    }
}

impl LaunchApi for Mock {
    fn occupancy_max_active_blocks_per_multiprocessor(
        &self,
        _: Cx,
        _: Function,
        block_size: i32,
        _: usize,
    ) -> CuResult<i32> {
        Ok(1536 / block_size)
    }

    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        _: Cx,
        _: Function,
        block_size: i32,
        _: usize,
        _: u32,
    ) -> CuResult<i32> {
        Ok(1536 / block_size)
    }
}

impl DeviceApi for Mock {}
impl EventApi for Mock {}
impl ModuleApi for Mock {}
impl GraphApi for Mock {}
impl VmmApi for Mock {}
impl rigel_protocol::Graphs for Mock {}

impl Driver for Mock {}

unsafe extern "C" {
    fn cuInit(flags: u32) -> i32;
    fn cuCtxCreate_v2(context: *mut u64, flags: u32, device: i32) -> i32;
    fn cuCtxDestroy_v2(context: u64) -> i32;
}

/// Runs a test's body in a new thread of the driver's.
pub(crate) fn alone(body: impl FnOnce() + Send + 'static) {
    std::thread::spawn(|| {
        rigel_interposer::install(driver);
        // SAFETY: it takes no pointers.
        assert_eq!(unsafe { cuInit(0) }, 0);
        body();
    })
    .join()
    .expect("the body of the test panicked");
}

/// The same with a context of its own.
pub(crate) fn in_context(body: impl FnOnce() + Send + 'static) {
    alone(|| {
        let mut context = 0;
        // SAFETY: the out-pointer is valid.
        assert_eq!(unsafe { cuCtxCreate_v2(&mut context, 0, 0) }, 0);
        body();
        // SAFETY: the context was just made.
        assert_eq!(unsafe { cuCtxDestroy_v2(context) }, 0);
    });
}
