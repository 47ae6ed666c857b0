//! A driver for tests: it remembers what it was asked, has some memory, and streams that are busy as long as
//! a test wants.
#![expect(
    unsafe_code,
    reason = "a driver that copies from and to addresses it is given"
)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use rigel_protocol::call::{Cx, HostPtr};
use rigel_protocol::custom::*;
use rigel_protocol::generated::driver::*;
use rigel_protocol::handle::*;
use rigel_protocol::{CuError, CuResult};

use crate::worker::landing::further;

/// Where the driver's memory begins.
pub(super) const MEMORY: u64 = 0x1000_0000;
const MEMORY_BYTES: usize = 8 << 20;
/// A driver that remembers what it was asked, and has some memory.
#[derive(Default)]
pub(super) struct Memory {
    log: Mutex<Vec<String>>,
    bytes: Mutex<Vec<u8>>,
    /// Where host memory was that copies were asked of, and how many bytes.
    pub(super) hosts: Mutex<Vec<(u64, u64)>>,
    next: AtomicU64,
    /// Streams that are busy until they are let go.
    busy: Mutex<Vec<Stream>>,
    changed: Condvar,
    /// What launches and loads answer.
    pub(super) launch_error: Mutex<Option<CuError>>,
    callbacks: Mutex<Vec<JoinHandle<()>>>,
    infos: Mutex<HashMap<Function, Arc<FunctionInfo>>>,
    /// How many functions a module has.
    pub(super) functions: AtomicU64,
}

impl Memory {
    /// All of it zero.
    pub(super) fn new() -> Self {
        Self {
            bytes: Mutex::new(vec![0; MEMORY_BYTES]),
            ..Self::default()
        }
    }

    fn note(&self, text: String) {
        self.log.lock().unwrap().push(text);
    }

    /// What was asked.
    pub(super) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    fn fresh(&self) -> u64 {
        100 + self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes a stream busy.
    pub(super) fn occupy(&self, stream: Stream) {
        self.busy.lock().unwrap().push(stream);
    }

    /// Lets all streams go.
    pub(super) fn let_go(&self) {
        self.busy.lock().unwrap().clear();
        self.changed.notify_all();
    }

    fn is_busy(&self, stream: Stream) -> bool {
        self.busy.lock().unwrap().contains(&stream)
    }

    fn wait(&self, stream: Stream) {
        let busy = self.busy.lock().unwrap();
        drop(
            self.changed
                .wait_while(busy, |busy| busy.contains(&stream))
                .unwrap(),
        );
    }

    /// Bytes of the memory.
    pub(super) fn read(&self, address: u64, len: usize) -> Vec<u8> {
        let start = (address - MEMORY) as usize;
        self.bytes.lock().unwrap()[start..start + len].to_vec()
    }

    fn place(&self, address: DevicePtr, len: u64) -> CuResult<std::ops::Range<usize>> {
        let start = address
            .0
            .checked_sub(MEMORY)
            .ok_or(CuError::INVALID_VALUE)?;
        let end = start.checked_add(len).ok_or(CuError::INVALID_VALUE)?;
        match end <= MEMORY_BYTES as u64 {
            true => Ok(start as usize..end as usize),
            false => Err(CuError::INVALID_VALUE),
        }
    }
}

impl rigel_protocol::Graphs for Memory {}

impl Driver for Memory {}
impl DeviceApi for Memory {}
impl HostMemory for Memory {}
impl LaunchApi for Memory {}
impl GraphApi for Memory {}
impl PoolApi for Memory {
    fn device_get_default_mem_pool(&self, _cx: Cx, _dev: Device) -> CuResult<MemPool> {
        Ok(MemPool(77))
    }
}
impl VmmApi for Memory {}
impl ModuleApi for Memory {}

impl ContextApi for Memory {
    fn ctx_synchronize(&self, _cx: Cx) -> CuResult<()> {
        self.note("ctx_synchronize".into());
        Ok(())
    }

    fn ctx_get_stream_priority_range(&self, cx: Cx) -> CuResult<(i32, i32)> {
        match cx.context {
            Context::NONE => Err(CuError::INVALID_CONTEXT),
            _ => Ok((0, -5)),
        }
    }
}

impl Lifecycle for Memory {}

impl Contexts for Memory {
    fn primary_activate(&self, _device: Device, _flags: u32) -> CuResult<()> {
        Ok(())
    }

    fn primary_reset(&self, _device: Device) -> CuResult<()> {
        Ok(())
    }

    fn context_create(&self, _device: Device, _flags: u32) -> CuResult<Context> {
        Ok(Context::mint(900))
    }

    fn context_destroy(&self, _context: Context) -> CuResult<()> {
        Ok(())
    }
}

impl MemoryApi for Memory {
    fn mem_get_info(&self, _cx: Cx) -> CuResult<(usize, usize)> {
        Ok((1 << 40, 1 << 40))
    }

    fn mem_alloc(&self, _cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        if bytesize == 13 {
            return Err(CuError::INVALID_VALUE);
        }
        let at = self.next.fetch_add(bytesize as u64, Ordering::Relaxed);
        Ok(DevicePtr(MEMORY + at))
    }

    fn mem_free(&self, _cx: Cx, _dptr: DevicePtr) -> CuResult<()> {
        // As a real driver may, it waits for all work, host functions included.
        for callback in std::mem::take(&mut *self.callbacks.lock().unwrap()) {
            callback.join().unwrap();
        }
        Ok(())
    }
}

impl StreamApi for Memory {
    fn stream_create(&self, cx: Cx, _flags: u32) -> CuResult<Stream> {
        let stream = Stream(self.fresh());
        self.note(format!("stream_create {} by {}", stream.0, cx.thread.0));
        Ok(stream)
    }

    fn stream_destroy(&self, _cx: Cx, h_stream: Stream) -> CuResult<()> {
        self.note(format!("stream_destroy {}", h_stream.0));
        Ok(())
    }

    fn stream_query(&self, _cx: Cx, h_stream: Stream) -> CuResult<()> {
        match self.is_busy(h_stream) {
            true => Err(CuError::NOT_READY),
            false => Ok(()),
        }
    }

    fn stream_synchronize(&self, _cx: Cx, h_stream: Stream) -> CuResult<()> {
        self.note(format!("stream_synchronize {}", h_stream.0));
        self.wait(h_stream);
        Ok(())
    }
}

impl EventApi for Memory {
    fn event_create(&self, _cx: Cx, _flags: u32) -> CuResult<Event> {
        Ok(Event(self.fresh()))
    }

    fn event_record(&self, _cx: Cx, h_event: Event, h_stream: Stream) -> CuResult<()> {
        self.note(format!("event_record {} in {}", h_event.0, h_stream.0));
        Ok(())
    }
}

impl Copies for Memory {
    fn copy(&self, _cx: Cx, dst: Place, src: Place, bytes: u64, order: Order) -> CuResult<()> {
        if let (Place::Host(host), _) | (_, Place::Host(host)) = (dst, src) {
            self.hosts.lock().unwrap().push((host.0, bytes));
        }
        match (dst, src) {
            (Place::Device(dst), Place::Host(HostPtr(src))) => {
                let place = self.place(dst, bytes)?;
                // SAFETY: the worker vouches for `bytes` readable bytes at its own address.
                let src = unsafe { std::slice::from_raw_parts(src as *const u8, bytes as usize) };
                self.bytes.lock().unwrap()[place].copy_from_slice(src);
            }
            (Place::Host(HostPtr(dst)), Place::Device(src)) => {
                self.wait(order.stream);
                let place = self.place(src, bytes)?;
                let bytes = bytes as usize;
                // SAFETY: the worker vouches for `bytes` writable bytes at its own address.
                let dst = unsafe { std::slice::from_raw_parts_mut(dst as *mut u8, bytes) };
                dst.copy_from_slice(&self.bytes.lock().unwrap()[place]);
            }
            (Place::Device(dst), Place::Device(src)) => {
                let (dst, src) = (self.place(dst, bytes)?, self.place(src, bytes)?);
                self.bytes.lock().unwrap().copy_within(src, dst.start);
            }
            _ => return Err(CuError::NOT_SUPPORTED),
        }
        Ok(())
    }

    /// Row by row.
    fn copy_3d(&self, cx: Cx, copy: &Copy3d, order: Order) -> CuResult<()> {
        let Extent {
            width_bytes,
            height,
            depth,
        } = copy.extent;
        for z in 0..depth {
            for y in 0..height {
                let row = |side: &Side| {
                    let row = (side.z + z) * side.rows + side.y + y;
                    let offset = row * side.pitch_bytes + side.x_bytes;
                    further(side.place, offset)
                };
                self.copy(cx, row(&copy.dst)?, row(&copy.src)?, width_bytes, order)?;
            }
        }
        Ok(())
    }
}

impl Images for Memory {
    fn module_load(
        &self,
        _cx: Cx,
        image: &[u8],
        _jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        if !image.starts_with(b".version") {
            return Err(CuError::INVALID_IMAGE);
        }
        self.note(format!("module_load of {} bytes", image.len()));
        let logs = LinkedImage {
            info_log: "loaded".into(),
            ..LinkedImage::default()
        };
        Ok((Module(self.fresh()), logs))
    }

    fn module_function(
        &self,
        _cx: Cx,
        _module: Module,
        name: &std::ffi::CStr,
    ) -> CuResult<Function> {
        if name != c"kernel" {
            return Err(CuError::NOT_FOUND);
        }
        let info = FunctionInfo {
            name: "kernel".into(),
            params: vec![ParamSlot { offset: 0, size: 8 }].into(),
            ..FunctionInfo::default()
        };
        self.infos
            .lock()
            .unwrap()
            .insert(Function(5), Arc::new(info));
        Ok(Function(5))
    }

    fn module_functions(&self, _cx: Cx, _module: Module) -> CuResult<Vec<Function>> {
        let name = "x".repeat(200);
        let count = self.functions.load(Ordering::Relaxed);
        let info = Arc::new(FunctionInfo {
            name,
            ..FunctionInfo::default()
        });
        let functions: Vec<_> = (0..count).map(|n| Function(0x5000 + n)).collect();
        let mut infos = self.infos.lock().unwrap();
        infos.extend(
            functions
                .iter()
                .map(|&function| (function, Arc::clone(&info))),
        );
        Ok(functions)
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        self.infos
            .lock()
            .unwrap()
            .get(&function)
            .cloned()
            .ok_or(CuError::INVALID_HANDLE)
    }
}

impl Launches for Memory {
    fn launch(
        &self,
        _cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<()> {
        self.note(format!(
            "launch {} in {} of {params:?}",
            function.0, config.stream.0
        ));
        self.launch_error.lock().unwrap().map_or(Ok(()), Err)
    }

    fn launch_host(
        &self,
        _cx: Cx,
        _stream: Stream,
        callback: HostCallback,
        _even_after_error: bool,
    ) -> CuResult<()> {
        let thread = std::thread::spawn(move || callback(Ok(())));
        self.callbacks.lock().unwrap().push(thread);
        Ok(())
    }
}
