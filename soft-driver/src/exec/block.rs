//! A block: its warps, shared memory and barriers. It decides which warp runs; what the warp does is
//! in `warp`. Read [`Block`] and [`Block::run`].
//!
//! A block and everything in it is used by one CPU thread at a time.
#![expect(unsafe_code, reason = "warps point to the state of their block")]

use std::{cell::RefCell, ops::Range, sync::Arc};

use super::{
    error::{Fault, FaultKind},
    launch::Context,
    memory::Site,
    op::{Op, lanes, low_mask},
    program::{Program, TAG_SHIFT},
    rows::AlignedBytes,
    warp::{Stop, Warp},
};

/// Barriers of a block.
pub(super) const N_BARRIERS: usize = 16;
/// What is below is no address of device memory.
const LEAST_DEVICE_ADDRESS: u64 = 1 << 20;
/// Passes over the warps before the caller gets a say.
const PASSES_MAX: u32 = 256;

/// One of the barriers of a block.
#[derive(Debug, Clone, Copy, Default)]
struct Barrier {
    /// Threads that have arrived.
    threads: u32,
    /// The same, a whole warp counting 32.
    padded: u32,
    /// Threads to wait for, if the instruction says so.
    expected: Option<u32>,
    /// Threads whose predicate was true, for `bar.red`.
    votes: u32,
    reduction: Reduction,
}

/// What `bar.red` computes from the threads' predicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reduction {
    /// No result.
    #[default]
    None,
    /// Whether all are true.
    And,
    /// Whether any is true.
    Or,
    /// How many are true.
    Popc,
}

/// Lanes that come to a barrier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// Threads.
    pub(super) threads: u32,
    /// Threads, a whole warp counting 32.
    pub(super) padded: u32,
    /// Threads to wait for, if not all of the block.
    pub(super) expected: Option<u32>,
    /// Threads whose predicate is true.
    pub(super) votes: u32,
    /// What to compute.
    pub(super) reduction: Reduction,
}

/// What the warps of a block share.
pub(super) struct BlockState {
    /// The launch.
    pub(super) context: Arc<Context>,
    /// `%ctaid`.
    pub(super) ctaid: [u32; 3],
    /// Shared memory; the first `shared_bytes` count.
    pub(super) shared: AlignedBytes,
    pub(super) shared_bytes: u32,
    /// By access site, the allocation it last used.
    pub(super) sites: Vec<Site>,
    /// Why the launch must end.
    pub(super) fault: Option<Fault>,
    barriers: [Barrier; N_BARRIERS],
    /// Barriers at which threads have arrived, a bit each.
    awaited: u32,
    /// Threads that have not exited.
    alive: u32,
    /// Barriers that are complete, a bit each.
    released: u32,
}

impl BlockState {
    /// Notes the arrival of lanes at barrier `id`.
    pub(super) fn arrive(&mut self, id: u8, arrival: Arrival) {
        let barrier = &mut self.barriers[usize::from(id) % N_BARRIERS];
        self.awaited |= 1 << (usize::from(id) % N_BARRIERS);
        barrier.threads += arrival.threads;
        barrier.padded += arrival.padded;
        barrier.votes += arrival.votes;
        if arrival.expected.is_some() {
            barrier.expected = arrival.expected;
        }
        if arrival.reduction != Reduction::None {
            barrier.reduction = arrival.reduction;
        }
        self.check_barriers();
    }

    /// Notes that threads have exited.
    pub(super) fn leave(&mut self, threads: u32) {
        self.alive -= threads;
        self.check_barriers();
    }

    fn check_barriers(&mut self) {
        for id in lanes(self.awaited) {
            let barrier = &self.barriers[id];
            let complete = match barrier.expected {
                Some(expected) => barrier.padded >= expected,
                None => barrier.threads >= self.alive,
            };
            if barrier.threads > 0 && complete {
                self.released |= 1 << id;
            }
        }
    }

    /// Ends barrier `id` and returns what its reduction computed.
    fn end_barrier(&mut self, id: usize) -> u32 {
        self.awaited &= !(1 << id);
        let barrier = std::mem::take(&mut self.barriers[id]);
        match barrier.reduction {
            Reduction::None => 0,
            Reduction::And => u32::from(barrier.votes == barrier.threads),
            Reduction::Or => u32::from(barrier.votes > 0),
            Reduction::Popc => barrier.votes,
        }
    }

    /// Who has come to which barriers, in words.
    fn awaited_barriers(&self) -> String {
        let each = lanes(self.awaited).map(|id| {
            let barrier = &self.barriers[id];
            let (arrived, expected) = match barrier.expected {
                Some(expected) => (barrier.padded, expected),
                None => (barrier.threads, self.alive),
            };
            format!("{arrived} of {expected} threads are at barrier {id}")
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// Ends the launch, unless something else already has.
    pub(super) fn raise(
        &mut self,
        kind: FaultKind,
        thread: [u32; 3],
        address: Option<u64>,
        message: String,
    ) {
        if self.fault.is_some() {
            return;
        }
        let nearest = address
            .filter(|_| kind == FaultKind::IllegalAddress)
            .and_then(|address| self.neighbour(address));
        let message = message + &nearest.unwrap_or_default();
        self.fault = Some(Fault {
            kind,
            kernel: Arc::clone(&self.context.kernel.name),
            block: self.ctaid,
            thread,
            address,
            line: 0,
            message,
        });
    }

    /// Where the allocation lies that is nearest to an address. What is less than any device address is an offset
    /// in shared or local memory, or an index by mistake.
    #[cold]
    fn neighbour(&self, address: u64) -> Option<String> {
        let tagged = address >> TAG_SHIFT != 0;
        if tagged || address < LEAST_DEVICE_ADDRESS {
            return None;
        }
        let Range { start, end } = self.context.env.memory.nearest(address)?;
        let bytes = end - start;
        let place = if address < start {
            format!("begins {} bytes above", start - address)
        } else if address < end {
            "holds its first byte".to_owned()
        } else {
            format!("ended {} bytes below", address - end)
        };
        Some(format!(
            "; the nearest allocation, {bytes} bytes at {start:#x}, {place}"
        ))
    }

    /// Says where in the text the fault happened.
    pub(super) fn locate_fault(&mut self, line: u32) {
        // Machine code has already said so if the fault is one of its ops.
        if let Some(fault) = self.fault.as_mut().filter(|fault| fault.line == 0) {
            fault.line = line;
        }
    }
}

/// How a turn of a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockStop {
    /// All threads have exited.
    Finished,
    /// There is more to do; `true` if all it did was wait for memory.
    Yielded(bool),
    /// `BlockState::fault` says why.
    Fault,
}

/// Warps of a block, reused from block to block.
pub(super) struct Block {
    context: Arc<Context>,
    state: Box<BlockState>,
    /// Computes what is the same for all warps.
    leader: Box<Warp>,
    warps: Vec<Warp>,
    ready: Vec<bool>,
    left: usize,
    /// It has been some block already.
    begun: bool,
}

impl Block {
    /// `%ctaid`.
    pub(super) fn ctaid(&self) -> [u32; 3] {
        self.state.ctaid
    }

    /// A block for launches with this context; [`Block::start`] makes it a particular one.
    pub(super) fn new(context: &Arc<Context>) -> Self {
        let n_warps = context.shape.n_threads().div_ceil(32) as usize;
        let (shared, leader, warps) = Spare::take(context, n_warps);
        let mut block = Self {
            context: Arc::clone(context),
            state: Box::new(BlockState {
                ctaid: [0; 3],
                shared,
                shared_bytes: context.shared_bytes,
                sites: vec![Site::default(); context.program().n_sites as usize],
                fault: None,
                barriers: Default::default(),
                awaited: 0,
                alive: 0,
                released: 0,
                context: Arc::clone(context),
            }),
            leader,
            warps,
            ready: vec![false; n_warps],
            left: 0,
            begun: false,
        };
        block.prepare(|program| &program.launch_ops);
        block
    }

    /// Executes ops whose results all warps read.
    fn prepare(&mut self, ops: impl Fn(&Program) -> &[Op]) {
        let state: *mut BlockState = &raw mut *self.state;
        let program = self.context.program();
        // SAFETY: as in `start_warps`.
        unsafe { self.leader.prepare(state, program, ops(program)) };
    }

    /// Where it stands in the order in which blocks start.
    pub(super) fn rank(&self) -> [u32; 3] {
        let [x, y, z] = self.state.ctaid;
        [z, y, x]
    }

    /// Begins block `index` of the grid.
    pub(super) fn start(&mut self, index: u64) {
        let [gx, gy, _] = self.context.shape.grid.map(u64::from);
        self.state.ctaid = if index < gx {
            [index as u32, 0, 0]
        } else {
            [
                (index % gx) as u32,
                (index / gx % gy) as u32,
                (index / gx / gy) as u32,
            ]
        };
        let threads = self.context.shape.n_threads() as u32;
        self.state.alive = threads;
        if self.state.awaited | self.state.released != 0 {
            self.state.barriers = Default::default();
            self.state.awaited = 0;
            self.state.released = 0;
        }
        self.prepare(|program| &program.block_ops);
        self.start_warps(threads);
        self.ready.fill(true);
        self.left = self.warps.len();
    }

    fn start_warps(&mut self, threads: u32) {
        let state: *mut BlockState = &raw mut *self.state;
        let context = &*self.context;
        let begun = std::mem::replace(&mut self.begun, true);
        for (warp, index) in self.warps.iter_mut().zip(0u32..) {
            let lanes = low_mask(threads - index * 32);
            if begun {
                warp.restart(lanes);
                continue;
            }
            warp.follow(&self.leader);
            // SAFETY: the state is boxed and lives as long as the warps beside it, the context keeps
            // the program alive, and `run` lends the state to one warp at a time.
            unsafe { warp.start(state, context.program(), lanes, context.local_stride) };
        }
    }

    /// Runs each warp that can until all have exited, or somebody else may want a turn.
    pub(super) fn run(&mut self) -> BlockStop {
        for _ in 0..PASSES_MAX {
            let (mut yielded, mut moved) = (false, false);
            for index in 0..self.warps.len() {
                if !self.ready[index] {
                    continue;
                }
                match self.warps[index].run() {
                    Stop::Yielded(spun) => {
                        yielded = true;
                        moved |= !spun;
                    }
                    Stop::Blocked => {
                        self.ready[index] = false;
                        moved = true;
                    }
                    Stop::Exited => {
                        self.ready[index] = false;
                        self.left -= 1;
                        moved = true;
                    }
                    Stop::Fault => return BlockStop::Fault,
                }
                self.open_barriers();
            }
            if self.left == 0 {
                return BlockStop::Finished;
            }
            if yielded {
                return BlockStop::Yielded(!moved);
            }
            if !self.ready.contains(&true) && !self.force() {
                return BlockStop::Fault;
            }
        }
        BlockStop::Yielded(false)
    }

    fn open_barriers(&mut self) {
        while self.state.released != 0 {
            let id = self.state.released.trailing_zeros() as usize;
            self.state.released &= !(1 << id);
            let value = self.state.end_barrier(id);
            for (warp, ready) in self.warps.iter_mut().zip(&mut self.ready) {
                *ready |= warp.release(id as u8, value);
            }
        }
    }

    /// Nothing can run: lets lanes go on that wait for others of their warp, else ends the launch.
    fn force(&mut self) -> bool {
        let mut forced = false;
        for (warp, ready) in self.warps.iter_mut().zip(&mut self.ready) {
            if warp.force() {
                *ready = true;
                forced = true;
            }
        }
        if !forced {
            let (thread, line) = self.standing().unwrap_or_default();
            let message = format!(
                "all threads of the block wait at barriers that cannot complete: {}",
                self.state.awaited_barriers()
            );
            self.state.raise(FaultKind::Deadlock, thread, None, message);
            self.state.locate_fault(line);
        }
        forced
    }

    /// A thread that has not exited, and the line at which it stands. Not while a warp runs.
    pub(super) fn standing(&self) -> Option<([u32; 3], u32)> {
        self.warps.iter().find_map(Warp::standing)
    }

    /// The fault that ended it.
    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.state.fault.take()
    }

    /// Instructions issued since the last call, and the same times their lanes.
    pub(super) fn take_counts(&mut self) -> (u64, u64) {
        let mut sum = (0, 0);
        for warp in &mut self.warps {
            let counts = warp.take_counts();
            sum.0 += counts.0;
            sum.1 += counts.1;
        }
        sum
    }
}

/// Memory of blocks that are gone, kept by each thread for the next launch: small launches would
/// otherwise spend most of their time on fresh pages.
#[derive(Default)]
struct Spare {
    shared: Vec<AlignedBytes>,
    #[expect(
        clippy::vec_box,
        reason = "a leader moves from block to block, and is large"
    )]
    leaders: Vec<Box<Warp>>,
    warps: Vec<Warp>,
}

/// Warps that a thread keeps.
const SPARE_WARPS: usize = 64;
/// Shared memories and leaders that a thread keeps.
const SPARE_SHARED: usize = 4;
/// Largest buffer that is kept.
const SPARE_BYTES: usize = 128 << 10;

thread_local! {
    static SPARE: RefCell<Spare> = RefCell::default();
}

impl Spare {
    /// Shared memory, a leader and `n_warps` warps for a block of `context`.
    fn take(context: &Context, n_warps: usize) -> (AlignedBytes, Box<Warp>, Vec<Warp>) {
        SPARE.with_borrow_mut(|spare| {
            let mut shared = spare.shared.pop().unwrap_or_default();
            shared.grow(context.shared_bytes as usize);
            let leader = spare.leaders.pop().unwrap_or_else(|| Box::new(Warp::new()));
            let kept = spare.warps.len().saturating_sub(n_warps);
            let mut warps = spare.warps.split_off(kept);
            warps.resize_with(n_warps, Warp::new);
            for (warp, index) in warps.iter_mut().zip(0u32..) {
                warp.place(context.shape.block, index);
            }
            (shared, leader, warps)
        })
    }

    fn put(&mut self, shared: AlignedBytes, leader: Box<Warp>, warps: Vec<Warp>) {
        if leader.bytes() <= SPARE_BYTES && self.leaders.len() < SPARE_SHARED {
            self.leaders.push(leader);
        }
        if shared.len() <= SPARE_BYTES && self.shared.len() < SPARE_SHARED {
            self.shared.push(shared);
        }
        for warp in warps {
            if self.warps.len() < SPARE_WARPS && warp.bytes() <= SPARE_BYTES {
                self.warps.push(warp);
            }
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let shared = std::mem::take(&mut self.state.shared);
        let leader = std::mem::replace(&mut self.leader, Box::new(Warp::new()));
        let warps = std::mem::take(&mut self.warps);
        // While the thread ends there is nothing to keep them in; then they are freed.
        let _ = SPARE.try_with(|spare| {
            if let Ok(mut spare) = spare.try_borrow_mut() {
                spare.put(shared, leader, warps);
            }
        });
    }
}
