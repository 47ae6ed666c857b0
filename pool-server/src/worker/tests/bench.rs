//! A session to test: its worker's side runs on a thread, its client's side is in the test's hand.
#![expect(
    unsafe_code,
    reason = "a driver that copies from and to addresses it is given"
)]

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rigel_protocol::call::{Cx, HostPtr, ThreadId};
use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::*;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::driver::*;
use rigel_protocol::handle::*;
use rigel_protocol::link::{Notice, Reply, context_word};
use rigel_protocol::wire::{Get, Put};
use rigel_protocol::{CuError, CuResult};
use rigel_transport::arena::ARENA_RANGE;
use rigel_transport::{
    BulkChunk, ClientEnd, Layout, Patience, RecordHead, SessionMemory, WorkerEnd,
};

use super::super::arena::Arenas;
use super::super::callback::Callbacks;
use super::super::charge::{Charges, Quota};
use super::super::control::Ended;
use super::super::gate::Gates;
use super::super::handles::Handles;
use super::super::intake;
use super::super::last_kernel::LastKernel;
use super::super::ledger::{Ledger, LedgerSlot, VirtualGpu};
use super::super::meter::Meter;
use super::super::recent::Recent;
use super::super::reply::Replies;
use super::super::session::{ActiveContexts, Session};
use super::super::source::Source;
use super::super::upload::Upload;
use super::super::waiters::Waiters;

/// The first thread, and the context that every test has current.
pub(super) const ONE: ThreadId = ThreadId(1);
pub(super) const TWO: ThreadId = ThreadId(2);
pub(super) const CONTEXT: Context = Context::mint(0);

/// Where the driver's memory begins.
pub(super) const MEMORY: u64 = 0x1000_0000;
const MEMORY_BYTES: usize = 8 << 20;
/// No test waits for anything this long.
const PATIENCE: Duration = Duration::from_secs(60);

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
            params: vec![ParamSlot { offset: 0, size: 8 }],
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

/// A session under test.
pub(super) struct Bench {
    pub(super) driver: Arc<Memory>,
    pub(super) session: Arc<Session>,
    pub(super) client: ClientEnd,
    pub(super) memory_file: File,
    /// Failures of posted calls that have come.
    pub(super) notices: Vec<(ThreadId, Notice)>,
    /// Bytes that have come, by transfer.
    pub(super) came: HashMap<u64, Vec<u8>>,
    worker: Option<JoinHandle<()>>,
}

/// An answer: how the call ended, and its results.
pub(super) type Answer = (CuResult<()>, Vec<u8>);

impl Bench {
    /// A session with a quota of 1 MiB and its primary context active.
    pub(super) fn new() -> Self {
        Self::behind(Gates::default())
    }

    /// Likewise behind these gates, whose keepers the test runs.
    pub(super) fn behind(gates: Gates) -> Self {
        let layout = Layout::new([1 << 16; 4]).unwrap();
        let (memory, fd) = SessionMemory::create_memfd(&layout).unwrap();
        let WorkerEnd {
            command,
            upload,
            reply,
            download,
            ..
        } = memory.worker().unwrap();
        let driver = Arc::new(Memory::default());
        driver.bytes.lock().unwrap().resize(MEMORY_BYTES, 0);
        let meter = Arc::new(Meter::create().unwrap().0);
        let ledger = Ledger::create(&[1 << 20], 1).unwrap().0;
        let quotas = vec![Quota {
            limit_bytes: u64::MAX,
            line: VirtualGpu(0),
        }];
        let slot = LedgerSlot(0);
        let bytes = ARENA_RANGE.end - ARENA_RANGE.start;
        let arenas = Arenas::new(AddressRange {
            base: ARENA_RANGE.start,
            bytes,
        });
        let dynamic: Arc<dyn Driver> = Arc::clone(&driver) as Arc<dyn Driver>;
        let session = Arc::new(Session {
            driver: dynamic,
            handles: Handles::default(),
            charges: Charges::new(ledger, slot, quotas, Arc::clone(&meter), Box::new(|_| None)),
            meter: Arc::clone(&meter),
            last_kernel: LastKernel::default(),
            replies: Replies::new(reply, download),
            arenas,
            callbacks: Callbacks::default(),
            waiters: Waiters::new(meter),
            memory: Arc::clone(&memory),
            gates,
            output: None,
            soft: None,
            contexts: ActiveContexts::default(),
            recent: Recent::default(),
            captures: std::sync::atomic::AtomicUsize::new(0),
            ended: std::sync::OnceLock::new(),
            failed_logs: crate::worker::custom::FailedLogs::default(),
        });
        session.contexts.add(CONTEXT, Device(0));
        let source = Arc::new(Source::new(command));
        let worker = std::thread::spawn({
            let session = Arc::clone(&session);
            move || intake::run(&session, &source, &mut Upload::new(upload))
        });
        Self {
            driver,
            session,
            client: memory.client().unwrap(),
            memory_file: File::from(fd),
            notices: Vec::new(),
            came: HashMap::new(),
            worker: Some(worker),
        }
    }

    /// Sends a call; returns its position.
    pub(super) fn send(&self, thread: ThreadId, call: Call, write: impl FnOnce(&mut Put)) -> u64 {
        self.send_in(CONTEXT, thread, call, write)
    }

    /// Sends a call under another context.
    pub(super) fn send_in(
        &self,
        context: Context,
        thread: ThreadId,
        call: Call,
        write: impl FnOnce(&mut Put),
    ) -> u64 {
        let mut put = Put::new();
        write(&mut put);
        let context = context_word(context).unwrap();
        let head = RecordHead {
            op: call.0,
            flags: 0,
            thread: thread.0,
            context,
        };
        let patience = Patience::within(PATIENCE);
        self.client
            .command
            .send(head, &[put.as_slice()], &patience)
            .unwrap()
    }

    /// Sends bytes of a transfer.
    pub(super) fn upload(&self, transfer: u64, offset: u64, bytes: &[u8]) {
        let patience = Patience::within(PATIENCE);
        let upload = &self.client.upload;
        let mut place = upload
            .reserve_bulk(transfer, offset, bytes.len(), &patience)
            .unwrap();
        place.copy_from_slice(bytes);
        place.publish();
    }

    /// The next record of the reply ring: its head's call and thread, and its payload.
    pub(super) fn next(&mut self) -> (Call, ThreadId, Vec<u8>) {
        loop {
            if let Some(record) = self.client.reply.next().unwrap() {
                let payload = record.payload.copy_out();
                return (Call(record.head.op), ThreadId(record.head.thread), payload);
            }
            self.drain();
            self.client.wait(&Patience::within(PATIENCE)).unwrap();
        }
    }

    fn drain(&mut self) {
        while let Some(record) = self.client.download.next().unwrap() {
            let chunk = BulkChunk::of(&record).unwrap();
            let came = self.came.entry(chunk.transfer).or_default();
            assert_eq!(chunk.offset, came.len() as u64);
            chunk.bytes.append_to(came);
        }
        self.client.download.release();
    }

    /// The next answer, with the position of its call; notices are put aside.
    pub(super) fn next_answer(&mut self) -> (u64, Answer) {
        loop {
            let (call, thread, payload) = self.next();
            let mut get = Get::new(&payload);
            if call == Call::NOTICE {
                self.notices.push((thread, get.get().unwrap()));
                continue;
            }
            let Reply { position, result } = get.get().unwrap();
            self.drain();
            return (position, (result, get.rest().to_vec()));
        }
    }

    /// Sends a call and takes its answer, which must be the next one.
    pub(super) fn ask(
        &mut self,
        thread: ThreadId,
        call: Call,
        write: impl FnOnce(&mut Put),
    ) -> Answer {
        let position = self.send(thread, call, write);
        let (answered, answer) = self.next_answer();
        assert_eq!(answered, position);
        answer
    }

    /// Loads a module with one kernel of 8 bytes of parameters, and returns the kernel's handle.
    pub(super) fn kernel(&mut self) -> Function {
        let module = Module::mint(0);
        let image = rigel_protocol::link::Payload::Inline(b".version 8.0");
        let jit = JitOptions::default();
        let (loaded, _) = self.ask(ONE, Call::MODULE_LOAD, |put| {
            let handle = module.0;
            let options = Vec::new();
            rigel_protocol::link::ImageHead {
                handle,
                jit,
                options,
                image,
            }
            .put(put);
        });
        loaded.unwrap();
        let (found, row) = self.ask(ONE, Call::MODULE_FUNCTION, |put| {
            put.put(&module);
            put.cstr(c"kernel");
        });
        found.unwrap();
        let row: rigel_protocol::link::FunctionRow = Get::new(&row).get().unwrap();
        Function(row.handle)
    }

    /// Sends a launch in a stream.
    pub(super) fn launch(&self, thread: ThreadId, function: Function, stream: Stream) -> u64 {
        let config = LaunchConfig {
            grid: [1; 3],
            block: [32, 1, 1],
            shared_bytes: 0,
            stream,
            cooperative: false,
            attributes: &[],
        };
        self.send(thread, Call::LAUNCH, |put| {
            rigel_protocol::link::launch::put_launch(put, function, &config, &[7; 8]);
        })
    }

    /// Whether so many bytes at an address lie in the session's memory, as this process has it mapped.
    pub(super) fn is_in_rings(&self, address: u64, bytes: u64) -> bool {
        let inode = self.memory_file.metadata().unwrap().ino();
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (start, end) = fields[0].split_once('-').unwrap();
            let hex = |text| u64::from_str_radix(text, 16).unwrap();
            fields[4].parse() == Ok(inode)
                && (hex(start)..=hex(end)).contains(&address)
                && address + bytes <= hex(end)
        })
    }

    /// Overwrites every byte of the rings' contents.
    pub(super) fn scribble(&self) {
        let from = 1 << 16;
        let len = self.memory_file.metadata().unwrap().len() - from;
        self.memory_file
            .write_all_at(&vec![0xee; len as usize], from)
            .unwrap();
    }

    /// Waits until the session is over, and says why it is.
    pub(super) fn ended(&mut self) -> Ended {
        self.worker.take().unwrap().join().unwrap();
        self.session.waiters.close();
        self.session.ended.get().cloned().unwrap()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.driver.let_go();
        self.client.close(rigel_transport::CloseReason::FINISHED);
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
        self.session.waiters.close();
    }
}
