//! A warp: 32 lanes in lockstep, their registers, and which of them run next. It executes ops and
//! knows no PTX; barriers between warps are in `block`. Read [`Warp`] and [`Warp::run`].
//!
//! 1. Lanes with the same program counter and frame form a group. One group runs; the others are in
//!    `groups`. The deepest call, then the lowest program counter, goes first, so that lanes meet
//!    again after a branch. Groups at the same place merge.
//! 2. A jump backwards costs fuel, and much more if the loop seems to wait for memory (an atomic
//!    compare-and-swap, a volatile load). A warp out of fuel yields. If it seemed to wait, the group that
//!    has waited longest goes first next time, so that spinning lanes cannot starve the lane they
//!    wait for; otherwise this happens now and then only, since it drives lanes apart.
//! 3. `idle` lanes have exited or never existed; nobody reads their registers, so that ops may write
//!    all 32 lanes when every lane outside `idle` is active.
#![expect(
    unsafe_code,
    reason = "register rows are addressed by the offsets of a checked program"
)]

mod count;
mod groups;

use count::width_of;

use super::{
    block::BlockState,
    compile::{Layout, Unit},
    lanes::Raw,
    memory::Site,
    op::{Flow, Op, Slot},
    program::Program,
    rows::AlignedBytes,
    simd::{Plain, Vectors},
};

/// Fuel of one turn: jumps backwards.
const FUEL: i32 = 512;
/// What a jump backwards costs if the loop body looked as if it waits.
pub(super) const SPIN_COST: i32 = 32;
/// Turns after which lanes that wait get theirs although the others do not seem to wait for them.
const TURNS_UNTIL_ROTATION: u32 = 64;
/// Ops for which a group that has waited goes before lower ones.
const ROTATION_OPS: u32 = 2048;

/// What a group waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nothing.
    Run,
    /// Other lanes of the warp, which must come to a warp-wide op; then this op is tried again.
    Lanes,
    /// A barrier of the block; `result` receives what `bar.red` computed.
    Barrier {
        /// Which of the 16 barriers.
        id: u8,
        /// Destination of a reduction, if there is one.
        result: Option<BarrierResult>,
    },
}

/// Where the result of a barrier's reduction goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BarrierResult {
    /// A row, or a predicate.
    pub(super) slot: Slot,
    /// Whether `slot` is a predicate.
    pub(super) is_pred: bool,
}

/// Lanes at the same place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) pc: u32,
    pub(super) mask: u32,
    pub(super) frame: u32,
    pub(super) wait: Wait,
    /// When it last ran, by `Warp::turn`.
    turn: u32,
}

/// One activation of a function, by the lanes that called it together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) parent: u32,
    pub(super) return_pc: u32,
    pub(super) depth: u32,
    /// Byte offset of its registers, and where they end.
    pub(super) window: u32,
    pub(super) window_end: u32,
    /// Offset of its local memory, and where it ends.
    pub(super) local: u32,
    pub(super) local_end: u32,
    /// Lanes that have not returned.
    pub(super) lanes: u32,
}

/// Why [`Warp::run`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Out of fuel; `true` if it was waiting for memory.
    Yielded(bool),
    /// Every group waits.
    Blocked,
    /// All lanes have exited.
    Exited,
    /// `BlockState::fault` says why.
    Fault,
}

/// 32 lanes.
pub(super) struct Warp {
    /// Lanes at the current program counter.
    pub(super) active: u32,
    /// Those that execute the current op: `active` unless the op has a guard.
    mask: u32,
    /// How many lanes are active, while ops run.
    width: u64,
    /// Lanes that have exited or never existed.
    pub(super) idle: u32,
    /// Registers of the current frame, the constants of the program, and the values of the block; the
    /// last one is there for slots that nobody reads.
    pub(super) bases: [*mut u8; 4],
    /// Where the lanes begin that are active and have not run.
    begin: Option<u32>,
    /// Where to go after [`Flow::Jump`].
    pub(super) next: u32,
    /// Program counter at which another group has to be considered.
    limit: u32,
    /// Cost of the next jump backwards.
    pub(super) spin: i32,
    fuel: i32,
    /// The next warp-wide op goes on with the lanes there are.
    pub(super) forced: bool,
    /// Fuel spent on waiting in this turn.
    spun: i32,
    rotate: bool,
    turns_since_rotation: u32,
    rotation_left: u32,
    turn: u32,
    /// Current frame.
    pub(super) frame: u32,
    /// Offset of the current frame in each lane's local memory.
    pub(super) local_offset: u32,
    /// Bytes of local memory a lane.
    pub(super) local_stride: u32,
    /// Bytes that each lane has taken at the end of its local memory, and the most of them.
    pub(super) stack_taken: [u32; 32],
    pub(super) stack_most: u32,
    /// Number of the warp in its block.
    pub(super) index: u32,
    /// Local memory of the lanes, one after the other.
    pub(super) local: AlignedBytes,
    registers: AlignedBytes,
    pub(super) groups: Vec<Group>,
    pub(super) frames: Vec<Frame>,
    /// Threads of its block in x, y, z.
    shape: [u32; 3],
    /// `%tid` of the lanes.
    pub(super) tid: [[u32; 32]; 3],
    /// How these follow each other.
    pub(super) layout: Layout,
    /// The access sites of the block, and its shared memory.
    pub(super) sites: *mut Site,
    pub(super) shared: *mut u8,
    pub(super) shared_bytes: u64,
    /// Markers among the instructions issued, and the same times their lanes.
    markers: u64,
    lane_markers: u64,
    /// Instructions issued, and the same times their lanes.
    pub(super) issued: u64,
    pub(super) lane_issued: u64,
    block: *mut BlockState,
    program: *const Program,
}

// SAFETY: the pointers lead to the block that owns the warp and to the program that the block's
// launch keeps alive; a block and its warps are only ever used by one thread at a time.
unsafe impl Send for Warp {}

impl Warp {
    /// A warp without lanes, to be given a place by [`Warp::place`] and lanes by [`Warp::start`].
    pub(super) fn new() -> Self {
        Self {
            active: 0,
            mask: 0,
            width: 0,
            idle: u32::MAX,
            bases: [std::ptr::null_mut(); 4],
            begin: None,
            next: 0,
            limit: 0,
            spin: 0,
            fuel: 0,
            forced: false,
            spun: 0,
            rotate: false,
            turns_since_rotation: 0,
            rotation_left: 0,
            turn: 0,
            frame: 0,
            local_offset: 0,
            local_stride: 0,
            stack_taken: [0; 32],
            stack_most: 0,
            index: 0,
            local: AlignedBytes::default(),
            registers: AlignedBytes::default(),
            groups: Vec::new(),
            frames: Vec::new(),
            shape: [0; 3],
            tid: [[0; 32]; 3],
            layout: Layout::Irregular,
            sites: std::ptr::null_mut(),
            shared: std::ptr::null_mut(),
            shared_bytes: 0,
            markers: 0,
            lane_markers: 0,
            issued: 0,
            lane_issued: 0,
            block: std::ptr::null_mut(),
            program: std::ptr::null(),
        }
    }

    /// Begins the entry function with the lanes of `mask`.
    ///
    /// # Safety
    /// `block` and `program` must outlive every later use of this warp, and nobody else may use
    /// `block` while a method of this warp runs.
    pub(super) unsafe fn start(
        &mut self,
        block: *mut BlockState,
        program: &Program,
        mask: u32,
        local_stride: u32,
    ) {
        let entry = &program.functions[0];
        self.block = block;
        self.program = program;
        let state = self.block();
        let (sites, shared) = (state.sites.as_mut_ptr(), state.shared.at(0));
        self.shared_bytes = u64::from(state.shared_bytes);
        (self.sites, self.shared) = (sites, shared);
        self.local_stride = local_stride;
        self.registers.grow(entry.window_bytes as usize);
        self.local.grow(local_stride as usize * 32);
        self.bases[1] = program.constants.at(0);
        self.frames.clear();
        self.frames.push(Frame {
            parent: 0,
            return_pc: 0,
            depth: 0,
            window: 0,
            window_end: entry.window_bytes,
            local: 0,
            local_end: entry.frame_bytes,
            lanes: mask,
        });
        self.stack_most = u32::MAX;
        self.restart(mask);
    }

    /// Begins the entry function again, in another block of the launch that it was started for.
    #[inline(always)]
    pub(super) fn restart(&mut self, mask: u32) {
        let program = self.program();
        let (entry, n_hoisted) = (program.functions[0].pc, program.n_hoisted);
        self.idle = !mask;
        if self.stack_most != 0 {
            (self.stack_taken, self.stack_most) = ([0; 32], 0);
        }
        self.groups.clear();
        self.frames.truncate(1);
        self.frames[0].lanes = mask;
        (self.frame, self.local_offset) = (0, 0);
        self.bases[0] = self.registers.at(0);
        (self.active, self.mask) = (mask, mask);
        (self.begin, self.limit) = (Some(entry), u32::MAX);
        self.spin = 0;
        self.forced = false;
        self.rotate = false;
        self.rotation_left = 0;
        self.turn = 0;
        self.width = width_of(mask);
        self.issued += u64::from(n_hoisted);
        self.lane_issued += u64::from(n_hoisted) * self.width;
    }

    /// Executes ops whose results all warps of a block read, into the registers of this one.
    ///
    /// # Safety
    /// As for [`Warp::start`]; the ops must be those of the program that write such values.
    pub(super) unsafe fn prepare(&mut self, block: *mut BlockState, program: &Program, ops: &[Op]) {
        self.block = block;
        self.program = program;
        (self.active, self.mask, self.idle) = (u32::MAX, u32::MAX, 0);
        self.registers.grow(program.uniform_bytes as usize);
        self.bases[1] = program.constants.at(0);
        self.bases[2] = self.registers.at(0);
        for op in ops {
            // SAFETY: the op belongs to the program; it reads constants and values of earlier ops.
            let flow = unsafe { (op.run)(self, op) };
            debug_assert_eq!(flow, Flow::Next, "uniform ops only compute");
        }
    }

    /// Reads the values that `leader` has prepared.
    pub(super) fn follow(&mut self, leader: &Self) {
        self.bases[2] = leader.bases[2];
    }

    /// Makes it warp `index` of blocks of this shape.
    pub(super) fn place(&mut self, block: [u32; 3], index: u32) {
        if (self.shape, self.index) != (block, index) {
            self.tid = thread_ids(block, index);
            self.layout = Layout::of(&self.tid);
            (self.shape, self.index) = (block, index);
        }
    }

    /// A unit of the program. Do not keep it beyond the op.
    #[inline(always)]
    pub(super) fn unit<'p>(&self, index: u32) -> &'p Unit {
        // SAFETY: `start` was given a program that outlives every op that this warp executes.
        let program: &'p Program = unsafe { &*self.program };
        &program.units[index as usize]
    }

    /// Whether no other group is to be looked at before `pc`.
    #[inline(always)]
    pub(super) fn is_alone_until(&self, pc: u32) -> bool {
        self.limit >= pc
    }

    /// Says where in the text the fault happened.
    #[cold]
    pub(super) fn locate_fault(&mut self, pc: u32) {
        let line = self.program().lines[pc as usize];
        self.block().locate_fault(line);
    }

    /// Bytes of its registers and local memory.
    pub(super) fn bytes(&self) -> usize {
        self.registers.len() + self.local.len()
    }

    /// The block.
    #[inline(always)]
    pub(super) fn block(&mut self) -> &mut BlockState {
        // SAFETY: `start` was given a block that outlives this, which only this warp uses now.
        unsafe { &mut *self.block }
    }

    /// The program.
    #[inline(always)]
    pub(super) fn program(&self) -> &Program {
        // SAFETY: `start` was given a program that outlives this.
        unsafe { &*self.program }
    }

    /// A list of the program, from `start` on. Do not keep it beyond the op.
    #[inline(always)]
    pub(super) fn list<'p>(&self, start: u32) -> &'p [u32] {
        // SAFETY: `start` was given a program that outlives every op that this warp executes.
        let program: &'p Program = unsafe { &*self.program };
        &program.lists[start as usize..]
    }

    #[inline(always)]
    fn at(&self, slot: Slot) -> *mut u8 {
        // SAFETY: rule 1 of `op`: the slot lies inside the window or the constants.
        unsafe { self.bases[slot.base()].add(slot.offset()) }
    }

    /// A register of all lanes.
    #[inline(always)]
    pub(super) fn row<R: Raw>(&self, slot: Slot) -> &[R; 32] {
        // SAFETY: rule 1 of `op`: a row of this width lies here, aligned to 64 bytes and initialised;
        // the result borrows the warp, which all writers of rows borrow mutably.
        unsafe { &*self.at(slot).cast::<[R; 32]>() }
    }

    /// A register of all lanes, to be written.
    #[inline(always)]
    pub(super) fn row_mut<R: Raw>(&mut self, slot: Slot) -> &mut [R; 32] {
        // SAFETY: as in `row`; destinations are never constants.
        unsafe { &mut *self.at(slot).cast::<[R; 32]>() }
    }

    /// A predicate of all lanes.
    #[inline(always)]
    pub(super) fn pred(&self, slot: Slot) -> u32 {
        // SAFETY: rule 1 of `op`: an aligned `u32` lies here.
        unsafe { *self.at(slot).cast::<u32>() }
    }

    /// Lanes for which the op at hand is to be executed; for branches and the like see
    /// [`Warp::guarded`].
    #[inline(always)]
    pub(super) fn mask(&self, _: &Op) -> u32 {
        self.mask
    }

    /// Active lanes for which the guard of `op` holds. Ops that end a run of ops look at their guard
    /// themselves; all others are called by [`under_guard`] if they have one.
    #[inline(always)]
    pub(super) fn guarded(&self, op: &Op) -> u32 {
        self.active & (self.pred(op.guard.slot()) ^ op.guard.flip())
    }

    /// Writes the lanes of `mask`.
    #[inline(always)]
    pub(super) fn commit<R: Raw>(&mut self, slot: Slot, new: &[R; 32], mask: u32) {
        self.commit_by::<Plain, R>(slot, new, mask);
    }

    /// Writes the lanes of `mask`, with the vectors of the CPU that the op is compiled for.
    #[inline(always)]
    pub(super) fn commit_by<V: Vectors, R: Raw>(&mut self, slot: Slot, new: &[R; 32], mask: u32) {
        let full = mask | self.idle == u32::MAX;
        let row = self.row_mut::<R>(slot);
        if full {
            *row = *new;
            return;
        }
        V::blend(row, new, mask);
    }

    /// Writes the predicate bits of the lanes of `mask`.
    #[inline(always)]
    pub(super) fn commit_pred(&mut self, slot: Slot, new: u32, mask: u32) {
        let at = self.at(slot).cast::<u32>();
        // SAFETY: as in `pred`; destinations are never constants.
        unsafe { *at = (*at & !mask) | (new & mask) };
    }

    /// Makes `frame` the current one.
    pub(super) fn enter_frame(&mut self, frame: u32) {
        let Frame { window, local, .. } = self.frames[frame as usize];
        self.frame = frame;
        self.local_offset = local;
        self.bases[0] = self.registers.at(window as usize);
    }

    /// Makes room for registers up to `bytes`.
    pub(super) fn grow_registers(&mut self, bytes: u32) {
        self.registers.grow(bytes as usize);
        let window = self.frames[self.frame as usize].window;
        self.bases[0] = self.registers.at(window as usize);
    }

    /// Puts lanes of the current frame aside.
    pub(super) fn park(&mut self, pc: u32, mask: u32, wait: Wait) {
        if mask == 0 {
            return;
        }
        self.groups.push(Group {
            pc,
            mask,
            frame: self.frame,
            wait,
            turn: self.turn,
        });
    }

    /// Divides the active lanes: those of `taken` go to `target`, the others to `other`.
    pub(super) fn split(&mut self, taken: u32, target: u32, other: u32) -> Flow {
        let rest = self.active & !taken;
        self.park(target, taken, Wait::Run);
        self.park(other, rest, Wait::Run);
        self.active = 0;
        Flow::Reschedule
    }

    /// Executes ops until the warp yields, blocks, exits or faults.
    #[inline(never)]
    pub(super) fn run(&mut self) -> Stop {
        self.fuel = FUEL;
        self.spun = 0;
        self.turn = self.turn.wrapping_add(1);
        let ops = self.program().ops.as_ptr();
        let Some(mut pc) = self.begin.take().or_else(|| self.choose()) else {
            return self.stopped();
        };
        let mut issued = 0u64;
        self.width = width_of(self.active);
        let stop = loop {
            // SAFETY: rule 1 of `op`: control never leaves the program.
            let op = unsafe { &*ops.add(pc as usize) };
            issued += 1;
            // SAFETY: the op belongs to this program; `Level::get` chose what the CPU can do.
            let flow = unsafe { (op.run)(self, op) };
            if flow == Flow::Next {
                pc += 1;
                if pc < self.limit {
                    continue;
                }
            } else if flow == Flow::Jump {
                let from = std::mem::replace(&mut pc, self.next);
                if pc > from && pc < self.limit || pc <= from && self.burn() {
                    continue;
                }
                if self.fuel < 0 {
                    break self.out_of_fuel(pc);
                }
            } else if self.has_failed(flow, pc) {
                break Stop::Fault;
            }
            self.issued += issued;
            self.lane_issued += issued * self.width;
            issued = 0;
            let Some(settled) = self.settle(pc) else {
                break self.stopped();
            };
            pc = settled;
            self.width = width_of(self.active);
        };
        self.issued += issued;
        self.lane_issued += issued * self.width;
        stop
    }

    /// What is left of `match flow`: with all cases in one place the compiler makes a table of it, and
    /// each op costs an indirect jump more.
    #[cold]
    #[inline(never)]
    fn has_failed(&mut self, flow: Flow, pc: u32) -> bool {
        if flow == Flow::Fault {
            self.locate_fault(pc);
        }
        flow == Flow::Fault
    }

    /// Pays for a jump backwards; false if the groups or the fuel must be looked at.
    #[inline(always)]
    fn burn(&mut self) -> bool {
        self.fuel -= 1 + self.spin;
        self.spun += self.spin;
        self.spin = 0;
        self.fuel >= 0 && self.groups.is_empty()
    }

    /// Puts the active lanes aside and says whether they seemed to wait.
    fn out_of_fuel(&mut self, pc: u32) -> Stop {
        let waited = self.spun > FUEL / 2;
        self.park(pc, self.active, Wait::Run);
        self.active = 0;
        self.turns_since_rotation += 1;
        if waited || self.turns_since_rotation >= TURNS_UNTIL_ROTATION {
            self.rotate = true;
            self.turns_since_rotation = 0;
        }
        Stop::Yielded(waited)
    }

    fn stopped(&mut self) -> Stop {
        if self.groups.is_empty() {
            Stop::Exited
        } else {
            Stop::Blocked
        }
    }
}

/// Executes `op.inner` for the lanes for which the guard holds, if there are any.
pub(super) fn under_guard(w: &mut Warp, op: &Op) -> Flow {
    w.mask = w.guarded(op);
    if w.mask == 0 {
        w.mask = w.active;
        return Flow::Next;
    }
    // SAFETY: assembly has put an op of this program there.
    let flow = unsafe { (op.inner)(w, op) };
    w.mask = w.active;
    flow
}

/// `%tid` of the lanes of warp `index`.
fn thread_ids(block: [u32; 3], index: u32) -> [[u32; 32]; 3] {
    let of = |lane: usize| {
        let linear = index * 32 + lane as u32;
        let (row, x) = (linear / block[0], linear % block[0]);
        [x, row % block[1], row / block[1]]
    };
    [0, 1, 2].map(|component| std::array::from_fn(|lane| of(lane)[component]))
}
