//! A session to test: its worker's side runs on a thread, its client's side is in the test's hand.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rigel_protocol::CuResult;
use rigel_protocol::call::ThreadId;
use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::*;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::driver::*;
use rigel_protocol::handle::*;
use rigel_protocol::link::{Notice, Reply, context_word};
use rigel_protocol::wire::{Get, Put};
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
pub(super) use super::memory::MEMORY;
use super::memory::Memory;

/// The first thread, and the context that every test has current.
pub(super) const ONE: ThreadId = ThreadId(1);
pub(super) const TWO: ThreadId = ThreadId(2);
pub(super) const CONTEXT: Context = Context::mint(0);

/// No test waits for anything this long.
const PATIENCE: Duration = Duration::from_secs(60);

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
        let driver = Arc::new(Memory::new());
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
            telling: std::sync::Mutex::default(),
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
            trace: crate::worker::trace::Trace::new(None),
            exports: crate::worker::exports::Exports::none(),
            failed_logs: crate::worker::custom::FailedLogs::default(),
            images: crate::worker::images::ImageDesk::default(),
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
