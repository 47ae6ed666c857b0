//! A driver that does nothing (`driver = "null"`): kernels are taken and forgotten, work is over when its
//! call returns, copies move bytes. With it behind the worker, what is measured is the way of a call
//! alone. It computes nothing, and says so. Read [`Null`] first; its memory is `memory.rs`.
//!
//! Of images it reads what a launch needs to travel: the names and parameters of entries in plain PTX
//! text (`ptx.rs`).

mod memory;
mod ptx;

use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rigel_protocol::call::Cx;
use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::{
    Contexts, Copies, Copy3d, DeviceProfile, Fill, FunctionInfo, Graphs, HostCallback, HostMemory,
    Images, JitOptions, LaunchConfig, Launches, Lifecycle, LinkedImage, Order, PciAddress, Place,
};
use rigel_protocol::generated::driver::{
    ContextApi, DeviceApi, EventApi, GraphApi, LaunchApi, MemoryApi, ModuleApi, PoolApi, StreamApi,
    VmmApi,
};
use rigel_protocol::handle::{
    Context, Device, DevicePtr, Event, Function, Library, Module, Stream,
};
use rigel_protocol::{CuError, CuResult, Driver, HostPtr};

use self::memory::Memory;

/// The version it reports, that of CUDA 13.2.
const VERSION: i32 = 13020;
/// The memory it reports.
const MEMORY_BYTES: u64 = 64 << 30;
/// Most functions of all images together.
const FUNCTIONS_MAX: usize = 1 << 16;
/// How many attributes CUDA 13.2 numbers, rounded up.
const ATTRIBUTES: usize = 160;

/// Attributes with a value: limits of launches, capability 8.6, unified addresses, mapped host memory.
const VALUES: [(usize, i32); 20] = [
    (1, 1024),
    (2, 1024),
    (3, 1024),
    (4, 64),
    (5, i32::MAX),
    (6, 65535),
    (7, 65535),
    (8, 49_152),
    (9, 65_536),
    (10, 32),
    (12, 65_536),
    (13, 1_000_000),
    (16, 16),
    (19, 1),
    (31, 1),
    (39, 1536),
    (40, 1),
    (41, 1),
    (75, 8),
    (76, 6),
];

/// A driver that does nothing.
#[derive(Debug)]
pub(super) struct Null {
    devices: Vec<DeviceProfile>,
    memory: Memory,
    next_handle: AtomicU64,
    images: Mutex<Vec<Image>>,
    infos: Mutex<HashMap<u64, Arc<FunctionInfo>>>,
}

/// A loaded module or library.
#[derive(Debug)]
struct Image {
    handle: u64,
    functions: Vec<(String, Function)>,
}

impl Null {
    /// With one device.
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut attributes = vec![0; ATTRIBUTES];
        for (number, value) in VALUES {
            attributes[number] = value;
        }
        let device = DeviceProfile {
            name: "Rigel null driver".into(),
            uuid: *b"rigel null gpu 0",
            total_bytes: MEMORY_BYTES,
            pci: PciAddress::default(),
            attributes,
        };
        Ok(Self {
            devices: vec![device],
            memory: Memory::reserve()?,
            next_handle: AtomicU64::new(0x1000),
            images: Mutex::default(),
            infos: Mutex::default(),
        })
    }

    /// The devices' profiles.
    pub(super) fn profiles(&self) -> &[DeviceProfile] {
        &self.devices
    }

    /// Its name, for people.
    pub(super) fn name(&self) -> String {
        "Rigel null driver: executes nothing, for measuring alone".into()
    }

    /// What `cuDriverGetVersion` reports.
    pub(super) fn version(&self) -> i32 {
        VERSION
    }

    /// The addresses of its memory.
    pub(super) fn device_range(&self) -> AddressRange {
        self.memory.range()
    }

    fn handle(&self) -> u64 {
        self.next_handle.fetch_add(1, Ordering::Relaxed)
    }

    fn load(&self, image: &[u8]) -> CuResult<u64> {
        let handle = self.handle();
        let entries = ptx::entries(image);
        if lock(&self.infos).len() + entries.len() > FUNCTIONS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let mut functions = Vec::with_capacity(entries.len());
        for info in entries {
            let function = Function(self.handle());
            functions.push((info.name.clone(), function));
            lock(&self.infos).insert(function.0, Arc::new(info));
        }
        lock(&self.images).push(Image { handle, functions });
        Ok(handle)
    }

    fn unload(&self, handle: u64) -> CuResult<()> {
        let mut images = lock(&self.images);
        let at = images.iter().position(|image| image.handle == handle);
        let image = images.swap_remove(at.ok_or(CuError::INVALID_HANDLE)?);
        for (_, function) in image.functions {
            lock(&self.infos).remove(&function.0);
        }
        Ok(())
    }

    fn functions<T>(
        &self,
        handle: u64,
        read: impl FnOnce(&[(String, Function)]) -> CuResult<T>,
    ) -> CuResult<T> {
        let images = lock(&self.images);
        let image = images.iter().find(|image| image.handle == handle);
        read(&image.ok_or(CuError::INVALID_HANDLE)?.functions)
    }

    fn function_named(&self, handle: u64, name: &CStr) -> CuResult<Function> {
        self.functions(handle, |functions| {
            let found = functions
                .iter()
                .find(|(of, _)| of.as_bytes() == name.to_bytes());
            found
                .map(|(_, function)| *function)
                .ok_or(CuError::NOT_FOUND)
        })
    }

    fn all_functions(&self, handle: u64) -> CuResult<Vec<Function>> {
        self.functions(handle, |functions| {
            Ok(functions.iter().map(|(_, function)| *function).collect())
        })
    }
}

impl Driver for Null {}
impl Graphs for Null {}
impl DeviceApi for Null {}
impl GraphApi for Null {}
impl PoolApi for Null {}
impl VmmApi for Null {}

impl Lifecycle for Null {
    fn init(&self) -> CuResult<()> {
        Ok(())
    }

    fn driver_version(&self) -> CuResult<i32> {
        Ok(VERSION)
    }

    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        Ok(&self.devices)
    }
}

impl Contexts for Null {
    fn primary_activate(&self, _device: Device, _flags: u32) -> CuResult<()> {
        Ok(())
    }

    fn primary_reset(&self, _device: Device) -> CuResult<()> {
        Ok(())
    }

    fn context_create(&self, _device: Device, _flags: u32) -> CuResult<Context> {
        let index = u32::try_from(self.handle()).map_err(|_| CuError::OUT_OF_MEMORY)?;
        Ok(Context::mint(index))
    }

    fn context_destroy(&self, _context: Context) -> CuResult<()> {
        Ok(())
    }
}

impl ContextApi for Null {
    fn ctx_synchronize(&self, _cx: Cx) -> CuResult<()> {
        Ok(())
    }
}

impl MemoryApi for Null {
    fn mem_get_info(&self, _cx: Cx) -> CuResult<(usize, usize)> {
        Ok((MEMORY_BYTES as usize, MEMORY_BYTES as usize))
    }

    fn mem_alloc(&self, _cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        self.memory.allocate(bytesize as u64)
    }

    fn mem_free(&self, _cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        self.memory.free(dptr)
    }

    fn mem_alloc_async(&self, _cx: Cx, bytesize: usize, _stream: Stream) -> CuResult<DevicePtr> {
        self.memory.allocate(bytesize as u64)
    }

    fn mem_free_async(&self, _cx: Cx, dptr: DevicePtr, _stream: Stream) -> CuResult<()> {
        self.memory.free(dptr)
    }
}

impl Copies for Null {
    fn copy(&self, _cx: Cx, dst: Place, src: Place, bytes: u64, _order: Order) -> CuResult<()> {
        self.memory.copy(dst, src, bytes)
    }

    fn copy_3d(&self, _cx: Cx, copy: &Copy3d, _order: Order) -> CuResult<()> {
        self.memory.copy_box(copy)
    }

    fn fill(&self, _cx: Cx, fill: &Fill, _order: Order) -> CuResult<()> {
        self.memory.fill(fill)
    }
}

impl HostMemory for Null {
    fn host_register(&self, _cx: Cx, _memory: HostPtr, _bytes: u64, _flags: u32) -> CuResult<()> {
        Ok(())
    }

    fn host_unregister(&self, _cx: Cx, _memory: HostPtr) -> CuResult<()> {
        Ok(())
    }
}

impl StreamApi for Null {
    fn stream_create(&self, _cx: Cx, _flags: u32) -> CuResult<Stream> {
        Ok(Stream(self.handle()))
    }

    fn stream_create_with_priority(
        &self,
        _cx: Cx,
        _flags: u32,
        _priority: i32,
    ) -> CuResult<Stream> {
        Ok(Stream(self.handle()))
    }

    fn stream_destroy(&self, _cx: Cx, _stream: Stream) -> CuResult<()> {
        Ok(())
    }

    fn stream_wait_event(
        &self,
        _cx: Cx,
        _stream: Stream,
        _event: Event,
        _flags: u32,
    ) -> CuResult<()> {
        Ok(())
    }

    fn stream_query(&self, _cx: Cx, _stream: Stream) -> CuResult<()> {
        Ok(())
    }

    fn stream_synchronize(&self, _cx: Cx, _stream: Stream) -> CuResult<()> {
        Ok(())
    }
}

impl EventApi for Null {
    fn event_create(&self, _cx: Cx, _flags: u32) -> CuResult<Event> {
        Ok(Event(self.handle()))
    }

    fn event_query(&self, _cx: Cx, _event: Event) -> CuResult<()> {
        Ok(())
    }

    fn event_synchronize(&self, _cx: Cx, _event: Event) -> CuResult<()> {
        Ok(())
    }

    fn event_destroy(&self, _cx: Cx, _event: Event) -> CuResult<()> {
        Ok(())
    }

    fn event_elapsed_time(&self, _cx: Cx, _start: Event, _end: Event) -> CuResult<f32> {
        Ok(0.0)
    }

    fn event_record(&self, _cx: Cx, _event: Event, _stream: Stream) -> CuResult<()> {
        Ok(())
    }
}

impl Images for Null {
    fn module_load(
        &self,
        _cx: Cx,
        image: &[u8],
        _jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        Ok((Module(self.load(image)?), LinkedImage::default()))
    }

    fn library_load(
        &self,
        _cx: Cx,
        image: &[u8],
        _jit: &JitOptions,
        _options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        Ok((Library(self.load(image)?), LinkedImage::default()))
    }

    fn module_function(&self, _cx: Cx, module: Module, name: &CStr) -> CuResult<Function> {
        self.function_named(module.0, name)
    }

    fn library_kernel(&self, _cx: Cx, library: Library, name: &CStr) -> CuResult<Function> {
        self.function_named(library.0, name)
    }

    fn kernel_function(&self, _cx: Cx, kernel: Function) -> CuResult<Function> {
        Ok(kernel)
    }

    fn module_functions(&self, _cx: Cx, module: Module) -> CuResult<Vec<Function>> {
        self.all_functions(module.0)
    }

    fn library_kernels(&self, _cx: Cx, library: Library) -> CuResult<Vec<Function>> {
        self.all_functions(library.0)
    }

    fn function_set_attribute(
        &self,
        _cx: Cx,
        _function: Function,
        _attribute: u32,
        _value: i32,
    ) -> CuResult<()> {
        Ok(())
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        let infos = lock(&self.infos);
        infos
            .get(&function.0)
            .cloned()
            .ok_or(CuError::INVALID_HANDLE)
    }
}

impl LaunchApi for Null {
    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        _cx: Cx,
        _function: Function,
        _block_size: i32,
        _dynamic_bytes: usize,
        _flags: u32,
    ) -> CuResult<i32> {
        Ok(1)
    }
}

impl ModuleApi for Null {
    fn module_unload(&self, _cx: Cx, module: Module) -> CuResult<()> {
        self.unload(module.0)
    }

    fn library_unload(&self, _cx: Cx, library: Library) -> CuResult<()> {
        self.unload(library.0)
    }

    fn library_get_module(&self, _cx: Cx, library: Library) -> CuResult<Module> {
        Ok(Module(library.0))
    }
}

impl Launches for Null {
    fn launch(
        &self,
        _cx: Cx,
        _function: Function,
        _config: &LaunchConfig<'_>,
        _params: &[u8],
    ) -> CuResult<()> {
        Ok(())
    }

    fn launch_host(
        &self,
        _cx: Cx,
        _stream: Stream,
        callback: HostCallback,
        _even_after_error: bool,
    ) -> CuResult<()> {
        callback(Ok(()));
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is a single step: a panic elsewhere leaves the maps whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use rigel_protocol::call::ThreadId;

    use super::*;

    const CX: Cx = Cx {
        context: Context::NONE,
        thread: ThreadId(0),
    };

    #[test]
    fn functions_of_an_image_are_found_until_it_is_unloaded() {
        let null = Null::new().unwrap();
        let image = b".visible .entry one(.param .u64 a) { ret; }";
        let (module, _) = null.module_load(CX, image, &JitOptions::default()).unwrap();
        let one = null.module_function(CX, module, c"one").unwrap();
        assert_eq!(null.function_info(one).unwrap().param_bytes(), 8);
        assert_eq!(
            null.module_function(CX, module, c"two"),
            Err(CuError::NOT_FOUND)
        );
        null.module_unload(CX, module).unwrap();
        assert!(null.function_info(one).is_err());
    }
}
