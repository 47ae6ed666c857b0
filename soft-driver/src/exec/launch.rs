//! One launch of a kernel, whose blocks any number of CPU threads execute together. Read [`Launch`]
//! and [`Launch::run_blocks`].
//!
//! 1. Blocks start in the order of their index and normally run to their end, so that a block which
//!    waits for one of a lower index always finds it finished or running.
//! 2. A block that only waits for memory gives its thread away: to the operating system first, then,
//!    after `PATIENCE` fruitless turns or `PATIENCE_TIME`, to a further block (at most `RESIDENT_MAX` a
//!    thread). In
//!    cooperative launches it starts the next block at once and without a limit.
//! 3. The thread that ends the last block reports [`RunState::Finished`]; after a fault, the last
//!    thread that leaves does.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    block::{Block, BlockStop},
    env::{Counters, LaunchEnv, LaunchShape, Poll, RunState},
    error::{ExecError, Fault, FaultKind},
    fpu::DefaultMode,
    kernel::Kernel,
    program::Program,
    rows::AlignedBytes,
};

/// Blocks that a thread keeps half-done because they wait for each other.
const RESIDENT_MAX: usize = 64;
/// Fruitless turns of all resident blocks before another is started.
const PATIENCE: u32 = 256;
/// How long blocks may run without one of them ending before another is started: they may wait in a
/// way that does not look like it.
const PATIENCE_TIME: Duration = Duration::from_millis(500);
/// How often `poll` is asked.
const POLL_EVERY: Duration = Duration::from_millis(1);
/// Where turns take less than this, the clock is only read every so many of them.
const QUICK: Duration = Duration::from_micros(10);
const QUICK_TURNS: u32 = 7;
/// Threads of a block.
const THREADS_MAX: u64 = 1024;
/// Shared memory of a block, static and dynamic.
const SHARED_MAX: u64 = 1 << 20;
/// Local memory of a thread.
const LOCAL_MAX: u32 = 1 << 20;

/// How a launch ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was executed.
    pub counters: Counters,
    /// The first fault, if any.
    pub fault: Option<Fault>,
}

/// What all blocks of a launch read.
pub(super) struct Context {
    pub(super) kernel: Arc<Kernel>,
    program: Arc<Program>,
    pub(super) shape: LaunchShape,
    /// Parameters, aligned as vector loads need.
    pub(super) params: AlignedBytes,
    /// How many bytes of them there are.
    pub(super) param_bytes: u32,
    pub(super) env: LaunchEnv,
    /// Static and dynamic shared memory.
    pub(super) shared_bytes: u32,
    /// Local memory of a thread.
    pub(super) local_stride: u32,
}

impl Context {
    pub(super) fn program(&self) -> &Program {
        &self.program
    }
}

/// One launch. Share it in an `Arc` among the threads that execute it.
pub struct Launch {
    context: Arc<Context>,
    n_blocks: u64,
    /// Next block to start.
    next: AtomicU64,
    /// Blocks that have ended.
    ended: AtomicU64,
    /// Threads inside `run_blocks`.
    runners: AtomicUsize,
    /// No thread shall go on: there was a fault.
    stop: AtomicBool,
    /// Somebody has been told of the end.
    reported: AtomicBool,
    thread_instructions: AtomicU64,
    warp_instructions: AtomicU64,
    /// Time that threads have spent here.
    busy_ns: AtomicU64,
    /// When a thread first ran blocks.
    started: OnceLock<Instant>,
    /// Blocks that paused threads have left, and how many these are.
    parked: Mutex<Vec<Block>>,
    n_parked: AtomicUsize,
    fault: Mutex<Option<Fault>>,
}

impl Launch {
    /// Checks shape and parameters against the kernel.
    ///
    /// # Errors
    /// If the kernel could not be lowered or does not fit the shape or the parameters.
    pub fn new(
        kernel: Arc<Kernel>,
        shape: LaunchShape,
        params: Arc<[u8]>,
        env: LaunchEnv,
    ) -> Result<Self, ExecError> {
        let program = Arc::clone(kernel.program.as_ref().map_err(Clone::clone)?);
        let shared_bytes = check(&kernel, &program, &shape, params.len())?;
        let stack = if program.unbounded_stack {
            env.stack_bytes
        } else {
            0
        };
        let local = program.local_bytes.saturating_add(stack);
        if local > LOCAL_MAX {
            return Err(ExecError::TooLarge {
                kernel: kernel.name.to_string(),
                what: "the local memory of a thread",
                value: u64::from(local),
                max: u64::from(LOCAL_MAX),
            });
        }
        let local_stride = local.next_multiple_of(16);
        Ok(Self {
            n_blocks: shape.n_blocks(),
            context: Arc::new(Context {
                kernel,
                program,
                shape,
                param_bytes: params.len() as u32,
                params: aligned(&params),
                env,
                shared_bytes,
                local_stride,
            }),
            next: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            runners: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            reported: AtomicBool::new(false),
            thread_instructions: AtomicU64::new(0),
            warp_instructions: AtomicU64::new(0),
            busy_ns: AtomicU64::new(0),
            started: OnceLock::new(),
            parked: Mutex::new(Vec::new()),
            n_parked: AtomicUsize::new(0),
            fault: Mutex::new(None),
        })
    }

    /// Time since a thread first ran blocks of it.
    pub fn age(&self) -> Duration {
        self.started.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    /// Executes blocks until none are left or `poll` asks to stop; `poll` is called about every
    /// millisecond. Call it from each thread that helps.
    pub fn run_blocks(&self, poll: &mut dyn FnMut() -> Poll) -> RunState {
        self.runners.fetch_add(1, Ordering::SeqCst);
        let _mode = DefaultMode::enter();
        let began = Instant::now();
        self.started.get_or_init(|| began);
        let mut turn = Turn {
            launch: self,
            resident: VecDeque::new(),
            spare: None,
            fruitless: 0,
            counts: (0, 0),
            n_ended: 0,
            polled: None,
            n_unasked: 0,
            now: began,
            progress: began,
        };
        let state = turn.work(poll);
        drop(turn);
        let busy = began.elapsed().as_nanos() as u64;
        self.busy_ns.fetch_add(busy, Ordering::Relaxed);
        if state == RunState::Finished {
            self.log_end();
        }
        let last = self.runners.fetch_sub(1, Ordering::SeqCst) == 1;
        if self.stop.load(Ordering::SeqCst) {
            if last && !self.reported.swap(true, Ordering::SeqCst) {
                return RunState::Finished;
            }
            return RunState::Drained;
        }
        state
    }

    /// The kernel.
    #[must_use]
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.context.kernel
    }

    /// Grid and block.
    #[must_use]
    pub fn shape(&self) -> &LaunchShape {
        &self.context.shape
    }

    /// What has been executed so far, and the fault if there was one. Final once
    /// [`Launch::run_blocks`] has returned [`RunState::Finished`] to somebody.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome {
            counters: Counters {
                thread_instructions: self.thread_instructions.load(Ordering::SeqCst),
                warp_instructions: self.warp_instructions.load(Ordering::SeqCst),
                blocks: self.ended.load(Ordering::SeqCst),
            },
            fault: lock(&self.fault).clone(),
        }
    }

    /// The first of the parked blocks: the others may be waiting for it.
    fn unpark(&self) -> Option<Block> {
        // Whoever parks a block stops right after: somebody comes again for it.
        if self.n_parked.load(Ordering::SeqCst) == 0 {
            return None;
        }
        let mut parked = lock(&self.parked);
        let ranks = parked.iter().map(Block::rank).enumerate();
        let (first, _) = ranks.min_by_key(|(_, rank)| *rank)?;
        self.n_parked.fetch_sub(1, Ordering::SeqCst);
        Some(parked.swap_remove(first))
    }

    fn fail(&self, fault: Fault) {
        let mut first = lock(&self.fault);
        if first.as_ref().is_none_or(is_without_place) {
            *first = Some(fault);
        }
        drop(first);
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Whether it was ended by a thread that had no block at hand.
    fn misses_place(&self) -> bool {
        lock(&self.fault).as_ref().is_some_and(is_without_place)
    }

    /// For who wants to know where the time goes.
    fn log_end(&self) {
        tracing::debug!(
            kernel = %self.context.kernel.name,
            blocks = self.n_blocks,
            threads = self.context.shape.n_threads(),
            warp_instructions = self.warp_instructions.load(Ordering::Relaxed),
            thread_instructions = self.thread_instructions.load(Ordering::Relaxed),
            busy_us = self.busy_ns.load(Ordering::Relaxed) / 1000,
            "launch ended"
        );
    }
}

/// One thread's part in a launch.
struct Turn<'a> {
    launch: &'a Launch,
    /// Blocks begun and not ended, the next to run in front.
    resident: VecDeque<Block>,
    /// Storage of a block that has ended.
    spare: Option<Block>,
    /// Turns in which a block only waited, since one did not.
    fruitless: u32,
    /// Instructions and ended blocks that the launch does not know of yet: threads that told it after each
    /// block would wait for each other.
    counts: (u64, u64),
    n_ended: u64,
    polled: Option<Instant>,
    /// Turns of the loop for which the clock is not read again.
    n_unasked: u32,
    /// When this turn of the loop began: reading the clock costs as much as some instructions.
    now: Instant,
    /// When a block was last started or ended.
    progress: Instant,
}

impl Turn<'_> {
    fn work(&mut self, poll: &mut dyn FnMut() -> Poll) -> RunState {
        loop {
            match self.ask(poll) {
                Poll::Continue => {}
                Poll::Pause => {
                    self.park();
                    return self.report(RunState::Paused);
                }
                Poll::Cancel => {
                    if self.resident.is_empty() {
                        self.resident.extend(self.launch.unpark());
                    }
                    self.launch.fail(self.cancelled());
                }
            }
            if self.launch.stop.load(Ordering::SeqCst) {
                if !self.resident.is_empty() && self.launch.misses_place() {
                    self.launch.fail(self.cancelled());
                }
                self.settle();
                return RunState::Drained;
            }
            if self.wants_another() && !self.begin() && self.resident.is_empty() {
                return self.report(RunState::Drained);
            }
            self.advance();
        }
    }

    /// Tells the launch what has been executed. True if all blocks have ended with that.
    fn settle(&mut self) -> bool {
        let (launch, (warp, thread)) = (self.launch, std::mem::take(&mut self.counts));
        launch.warp_instructions.fetch_add(warp, Ordering::Relaxed);
        launch
            .thread_instructions
            .fetch_add(thread, Ordering::Relaxed);
        let ended = std::mem::take(&mut self.n_ended);
        // After the counts: whoever sees the last block ended sees them all.
        let before = launch.ended.fetch_add(ended, Ordering::SeqCst);
        ended > 0 && before + ended == launch.n_blocks
    }

    /// Settles, and says how this thread leaves unless it is the one to tell of the end.
    fn report(&mut self, state: RunState) -> RunState {
        if self.settle() && !self.launch.reported.swap(true, Ordering::SeqCst) {
            return RunState::Finished;
        }
        state
    }

    fn park(&mut self) {
        let mut parked = lock(&self.launch.parked);
        let count = self.resident.len();
        parked.extend(self.resident.drain(..));
        self.launch.n_parked.fetch_add(count, Ordering::SeqCst);
    }

    fn ask(&mut self, poll: &mut dyn FnMut() -> Poll) -> Poll {
        if self.n_unasked > 0 {
            self.n_unasked -= 1;
            return Poll::Continue;
        }
        let before = std::mem::replace(&mut self.now, Instant::now());
        if self.now - before < QUICK {
            self.n_unasked = QUICK_TURNS;
        }
        if self.polled.is_some_and(|then| self.now - then < POLL_EVERY) {
            return Poll::Continue;
        }
        self.polled = Some(self.now);
        poll()
    }

    /// A launch over its time is told with the place of a thread that has not come to its end.
    fn cancelled(&self) -> Fault {
        let block = self.resident.front();
        let (thread, line) = block.and_then(Block::standing).unwrap_or_default();
        Fault {
            kind: FaultKind::Cancelled,
            kernel: Arc::clone(&self.launch.kernel().name),
            block: block.map_or([0; 3], Block::ctaid),
            thread,
            address: None,
            line,
            message: format!("the launch was ended after {:.1?}", self.launch.age()),
        }
    }

    fn wants_another(&self) -> bool {
        let waiting = self.fruitless as usize;
        if self.launch.context.shape.cooperative {
            return waiting >= self.resident.len();
        }
        if self.resident.len() >= RESIDENT_MAX {
            return false;
        }
        self.resident.is_empty()
            || waiting >= PATIENCE as usize * self.resident.len()
            || self
                .polled
                .is_some_and(|now| now > self.progress + PATIENCE_TIME)
    }

    /// Starts the next block, if there is one.
    fn begin(&mut self) -> bool {
        if let Some(parked) = self.launch.unpark() {
            self.resident.push_front(parked);
            return true;
        }
        let index = self.launch.next.fetch_add(1, Ordering::SeqCst);
        if index >= self.launch.n_blocks {
            self.launch.next.fetch_sub(1, Ordering::SeqCst);
            return false;
        }
        let mut block = match self.spare.take() {
            Some(block) => block,
            None => Block::new(&self.launch.context),
        };
        block.start(index);
        self.fruitless = 0;
        self.progress = self.now;
        self.resident.push_front(block);
        true
    }

    /// Gives the first resident block a turn.
    fn advance(&mut self) {
        let Some(mut block) = self.resident.pop_front() else {
            return;
        };
        let stop = block.run();
        let (warp, thread) = block.take_counts();
        self.counts.0 += warp;
        self.counts.1 += thread;
        match stop {
            BlockStop::Finished => {
                self.fruitless = 0;
                self.progress = self.now;
                self.spare = Some(block);
                self.n_ended += 1;
            }
            BlockStop::Yielded(false) => {
                let together = self.launch.context.shape.cooperative;
                self.fruitless = if together { self.fruitless + 1 } else { 0 };
                self.resident.push_back(block);
            }
            BlockStop::Yielded(true) => {
                self.fruitless += 1;
                self.resident.push_back(block);
                std::thread::yield_now();
            }
            BlockStop::Fault => {
                if let Some(fault) = block.take_fault() {
                    self.launch.fail(fault);
                }
            }
        }
    }
}

fn is_without_place(fault: &Fault) -> bool {
    fault.kind == FaultKind::Cancelled && fault.line == 0
}

fn aligned(params: &[u8]) -> AlignedBytes {
    let mut bytes = AlignedBytes::zeroed(params.len());
    bytes.write(0, params);
    bytes
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks a launch and returns the bytes of shared memory of a block.
fn check(
    kernel: &Kernel,
    program: &Program,
    shape: &LaunchShape,
    param_bytes: usize,
) -> Result<u32, ExecError> {
    let refuse = |reason: String| ExecError::BadLaunch {
        kernel: kernel.name.to_string(),
        reason,
    };
    let empty = shape.grid.contains(&0) || shape.block.contains(&0);
    if empty || shape.n_threads() > THREADS_MAX {
        return Err(refuse(format!("its block is {:?}", shape.block)));
    }
    if shape.cluster != [1; 3] {
        return Err(refuse(format!("its cluster is {:?}", shape.cluster)));
    }
    if param_bytes < kernel.param_bytes as usize {
        return Err(refuse(format!(
            "{param_bytes} bytes of parameters for {}",
            kernel.param_bytes
        )));
    }
    let dynamic = u64::from(shape.dynamic_shared_bytes);
    let shared = u64::from(program.shared_bytes) + dynamic;
    if shared > SHARED_MAX {
        return Err(refuse(format!("{shared} bytes of shared memory")));
    }
    Ok(shared as u32)
}
