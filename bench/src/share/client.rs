//! A tenant's process: issues equal kernels in one of several ways, and counts what is done, through the C
//! library that the process was given. It is told what to do line by line. Read [`client`] first.
//!
//! `length N` says how many nanoseconds each block lasts; `go` begins, and `halt` ends and prints the 99th percentile of a kernel's time (0 if it was not timed), the number of
//! counts, and the counts: times, and kernels completed until then.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::io::BufRead as _;
use std::ptr::null_mut;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use libloading::{Library, Symbol};

use super::host_ns;

/// Run kernels as a tenant: what the bench starts under `rigel run`.
#[derive(Debug, clap::Args)]
pub(crate) struct ClientArgs {
    /// `batch`, `flood`, `sync`, `graph`, `copy`, `stops` or `infer`.
    #[arg(long)]
    way: String,
    #[arg(long)]
    blocks: u32,
}

/// Kernels between two events.
const BATCH: u64 = 4;
/// Batches under way, for most ways and for the one that floods.
const DEPTH: usize = 3;
const FLOOD_DEPTH: usize = 200;
/// Threads of a block: one warp, or the others would begin when the first has ended.
const THREADS: c_uint = 32;
/// Bytes that a copying tenant sends and fetches for each kernel.
const COPY_BYTES: usize = 256 << 10;
/// A tenant that stops works and rests for so long.
const STOPS: Duration = Duration::from_millis(500);
/// A tenant that infers rests for so long.
const INFER_PAUSE: Duration = Duration::from_millis(10);
/// Counts are kept at this interval.
pub(super) const COUNT_EVERY_NS: u64 = 20_000_000;

/// Each block of `spin(pointer, n)` lasts `n` nanoseconds of the GPU's clock, as a block on a GPU does whose
/// clock stands still: processors that are faster in one second than in the next change nothing.
const KERNEL: &CStr = c".version 7.0
.target sm_80
.address_size 64
.visible .entry spin(.param .u64 out, .param .u32 n)
{
    .reg .pred %p;
    .reg .b32 %r<4>;
    .reg .b64 %d<7>;
    mov.u64 %d0, %globaltimer;
    ld.param.u64 %d1, [out];
    ld.param.u32 %r0, [n];
    cvt.u64.u32 %d2, %r0;
    add.u64 %d3, %d0, %d2;
    mov.u32 %r1, %tid.x;
again:
    mad.lo.u32 %r1, %r1, 1664525, 1013904223;
    mov.u64 %d4, %globaltimer;
    setp.lt.u64 %p, %d4, %d3;
    @%p bra again;
    mov.u32 %r2, %tid.x;
    mul.wide.u32 %d5, %r2, 4;
    add.u64 %d6, %d1, %d5;
    st.global.u32 [%d6], %r1;
    ret;
}
";

/// Does as it is told until its input ends.
pub(crate) fn client(args: &ClientArgs) -> Result<()> {
    let (said, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if said.send(line).is_err() {
                return;
            }
        }
    });
    let mut tenant = Worker::new(args)?;
    while let Ok(line) = lines.recv() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["length", n] => {
                tenant.length_ns = n.parse()?;
                println!("ok");
            }
            ["go"] => tenant.work(&args.way, &lines)?,
            _ => bail!("`{line}` is not understood"),
        }
    }
    Ok(())
}

/// A tenant with its kernel, its memory and its events.
struct Worker {
    cuda: Cuda,
    function: *mut c_void,
    stream: *mut c_void,
    device: u64,
    blocks: u32,
    length_ns: u32,
    done: u64,
    /// What is completed is counted until the client is told to halt.
    counts: bool,
    points: Vec<(u64, u64)>,
    latencies: Vec<u64>,
}

impl Worker {
    fn new(args: &ClientArgs) -> Result<Self> {
        // SAFETY: the library's initialisers do nothing but register.
        let library = unsafe { Library::new("libcuda.so.1") }.context("open libcuda.so.1")?;
        let cuda = Cuda { library };
        cuda.start()?;
        Ok(Self {
            function: cuda.kernel()?,
            stream: cuda.stream()?,
            device: cuda.allocate(COPY_BYTES)?,
            cuda,
            blocks: args.blocks,
            length_ns: 1,
            done: 0,
            counts: true,
            points: Vec::new(),
            latencies: Vec::new(),
        })
    }

    /// Works until told to halt, and prints what it counted.
    fn work(&mut self, way: &str, lines: &Receiver<String>) -> Result<()> {
        (self.done, self.points, self.latencies) = (0, vec![(host_ns()?, 0)], Vec::new());
        self.counts = true;
        match way {
            "batch" => self.batches(DEPTH, false, lines)?,
            "stops" => self.batches(DEPTH, true, lines)?,
            "flood" => self.batches(FLOOD_DEPTH, false, lines)?,
            "graph" => self.graphs(lines)?,
            "sync" => self.one_by_one(Duration::ZERO, lines)?,
            "infer" => self.one_by_one(INFER_PAUSE, lines)?,
            "copy" => self.copies(lines)?,
            _ => bail!("there is no way `{way}`"),
        }
        self.latencies.sort_unstable();
        let p99 = self.latencies.get(self.latencies.len() * 99 / 100);
        let mut answer = format!("{} {}", p99.unwrap_or(&0), self.points.len());
        for (at, done) in &self.points {
            answer += &format!(" {at} {done}");
        }
        println!("{answer}");
        Ok(())
    }

    fn batches(&mut self, depth: usize, stops: bool, lines: &Receiver<String>) -> Result<()> {
        let events = self.cuda.events(depth)?;
        let started = Instant::now();
        let mut issued = 0;
        while !told_to_halt(lines)? {
            let rests = stops && (started.elapsed().as_millis() / STOPS.as_millis()) % 2 == 1;
            if rests {
                self.drain(&events, &mut issued)?;
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            let event = events[issued % depth];
            if issued >= depth {
                self.cuda.wait(event)?;
                self.count(BATCH)?;
            }
            for _ in 0..BATCH {
                self.launch()?;
            }
            self.cuda.record(event, self.stream)?;
            issued += 1;
        }
        self.end_count()?;
        self.drain(&events, &mut issued)
    }

    /// Waits for all batches; afterwards it is as if none had been issued.
    fn drain(&mut self, events: &[*mut c_void], issued: &mut usize) -> Result<()> {
        let depth = events.len();
        for batch in issued.saturating_sub(depth)..*issued {
            self.cuda.wait(events[batch % depth])?;
            self.count(BATCH)?;
        }
        *issued = 0;
        Ok(())
    }

    fn graphs(&mut self, lines: &Receiver<String>) -> Result<()> {
        self.cuda.begin_capture(self.stream)?;
        for _ in 0..BATCH {
            self.launch()?;
        }
        let graph = self.cuda.end_capture(self.stream)?;
        let events = self.cuda.events(DEPTH)?;
        let mut issued = 0;
        while !told_to_halt(lines)? {
            let event = events[issued % DEPTH];
            if issued >= DEPTH {
                self.cuda.wait(event)?;
                self.count(BATCH)?;
            }
            self.cuda.launch_graph(graph, self.stream)?;
            self.cuda.record(event, self.stream)?;
            issued += 1;
        }
        self.end_count()?;
        self.drain(&events, &mut issued)
    }

    fn one_by_one(&mut self, pause: Duration, lines: &Receiver<String>) -> Result<()> {
        while !told_to_halt(lines)? {
            let started = Instant::now();
            self.launch()?;
            self.cuda.synchronize(self.stream)?;
            self.latencies.push(started.elapsed().as_micros() as u64);
            self.count(1)?;
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
        }
        Ok(())
    }

    fn copies(&mut self, lines: &Receiver<String>) -> Result<()> {
        let mut host = vec![7_u8; COPY_BYTES];
        while !told_to_halt(lines)? {
            self.cuda.upload(self.device, &host)?;
            for _ in 0..BATCH {
                self.launch()?;
            }
            self.cuda.synchronize(self.stream)?;
            self.cuda.download(&mut host, self.device)?;
            self.count(BATCH)?;
        }
        Ok(())
    }

    fn launch(&self) -> Result<()> {
        self.cuda.launch(
            self.function,
            self.blocks,
            self.stream,
            self.device,
            self.length_ns,
        )
    }

    /// What completed before and was not waited for yet is not to count at the end all at once.
    fn end_count(&mut self) -> Result<()> {
        self.counts = false;
        self.points.push((host_ns()?, self.done));
        Ok(())
    }

    fn count(&mut self, kernels: u64) -> Result<()> {
        if !self.counts {
            return Ok(());
        }
        self.done += kernels;
        let now = host_ns()?;
        let last = self.points.last().map_or(0, |(at, _)| *at);
        if now.saturating_sub(last) >= COUNT_EVERY_NS {
            self.points.push((now, self.done));
        }
        Ok(())
    }
}

fn told_to_halt(lines: &Receiver<String>) -> Result<bool> {
    match lines.try_recv() {
        Ok(line) if line == "halt" => Ok(true),
        Ok(line) => bail!("`{line}` in place of `halt`"),
        Err(TryRecvError::Empty) => Ok(false),
        Err(TryRecvError::Disconnected) => bail!("the bench is gone"),
    }
}

type Launch = unsafe extern "C" fn(
    *mut c_void,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    *mut c_void,
    *mut *mut c_void,
    *mut *mut c_void,
) -> c_int;

/// The driver's library.
struct Cuda {
    library: Library,
}

/// Calls a function of the library by name and types, and checks what it returns.
macro_rules! call {
    ($cuda:expr, $name:literal, $($value:expr => $kind:ty),*) => {{
        // SAFETY: the type is that of cuda.h, and the arguments are valid for the call.
        let code = unsafe {
            let function: Symbol<'_, unsafe extern "C" fn($($kind),*) -> c_int> =
                $cuda.library.get(concat!($name, "\0").as_bytes())?;
            function($($value),*)
        };
        if code != 0 {
            bail!("{} returned {code}", $name);
        }
    }};
}

type Out = *mut *mut c_void;
type Pointer = *mut c_void;

impl Cuda {
    fn start(&self) -> Result<()> {
        let mut context = null_mut();
        call!(self, "cuInit", 0 => c_uint);
        call!(self, "cuDevicePrimaryCtxRetain", &raw mut context => Out, 0 => c_int);
        call!(self, "cuCtxSetCurrent", context => Pointer);
        Ok(())
    }

    fn kernel(&self) -> Result<Pointer> {
        let (mut module, mut function) = (null_mut(), null_mut());
        let (text, name) = (KERNEL.as_ptr(), c"spin".as_ptr());
        call!(self, "cuModuleLoadData", &raw mut module => Out, text => *const c_char);
        call!(self, "cuModuleGetFunction",
            &raw mut function => Out, module => Pointer, name => *const c_char);
        Ok(function)
    }

    fn stream(&self) -> Result<Pointer> {
        let mut stream = null_mut();
        call!(self, "cuStreamCreate", &raw mut stream => Out, 1 => c_uint);
        Ok(stream)
    }

    fn events(&self, n: usize) -> Result<Vec<Pointer>> {
        let mut events = vec![null_mut(); n];
        for event in &mut events {
            call!(self, "cuEventCreate", event => Out, 2 => c_uint);
        }
        Ok(events)
    }

    fn record(&self, event: Pointer, stream: Pointer) -> Result<()> {
        call!(self, "cuEventRecord", event => Pointer, stream => Pointer);
        Ok(())
    }

    fn wait(&self, event: Pointer) -> Result<()> {
        call!(self, "cuEventSynchronize", event => Pointer);
        Ok(())
    }

    fn synchronize(&self, stream: Pointer) -> Result<()> {
        call!(self, "cuStreamSynchronize", stream => Pointer);
        Ok(())
    }

    fn allocate(&self, bytes: usize) -> Result<u64> {
        let mut device = 0_u64;
        call!(self, "cuMemAlloc_v2", &raw mut device => *mut u64, bytes => usize);
        Ok(device)
    }

    fn upload(&self, device: u64, host: &[u8]) -> Result<()> {
        let from = host.as_ptr().cast::<c_void>();
        call!(self, "cuMemcpyHtoD_v2",
            device => u64, from => *const c_void, host.len() => usize);
        Ok(())
    }

    fn download(&self, host: &mut [u8], device: u64) -> Result<()> {
        let (to, bytes) = (host.as_mut_ptr().cast::<c_void>(), host.len());
        call!(self, "cuMemcpyDtoH_v2", to => Pointer, device => u64, bytes => usize);
        Ok(())
    }

    fn begin_capture(&self, stream: Pointer) -> Result<()> {
        call!(self, "cuStreamBeginCapture_v2", stream => Pointer, 2 => c_uint);
        Ok(())
    }

    fn end_capture(&self, stream: Pointer) -> Result<Pointer> {
        let (mut graph, mut executable) = (null_mut(), null_mut());
        call!(self, "cuStreamEndCapture", stream => Pointer, &raw mut graph => Out);
        call!(self, "cuGraphInstantiateWithFlags",
            &raw mut executable => Out, graph => Pointer, 0 => u64);
        Ok(executable)
    }

    fn launch_graph(&self, graph: Pointer, stream: Pointer) -> Result<()> {
        call!(self, "cuGraphLaunch", graph => Pointer, stream => Pointer);
        Ok(())
    }

    fn launch(
        &self,
        function: Pointer,
        blocks: c_uint,
        stream: Pointer,
        device: u64,
        length_ns: u32,
    ) -> Result<()> {
        // SAFETY: the type is that of cuda.h.
        let launch: Symbol<'_, Launch> = unsafe { self.library.get(b"cuLaunchKernel\0") }?;
        let (mut pointer, mut number) = (device, length_ns);
        let mut parameters = [
            (&raw mut pointer).cast::<c_void>(),
            (&raw mut number).cast::<c_void>(),
        ];
        let (list, none) = (parameters.as_mut_ptr(), null_mut());
        // SAFETY: the parameters are those of the kernel and live until the call returns.
        let code = unsafe { launch(function, blocks, 1, 1, THREADS, 1, 1, 0, stream, list, none) };
        match code {
            0 => Ok(()),
            code => bail!("cuLaunchKernel returned {code}"),
        }
    }
}
