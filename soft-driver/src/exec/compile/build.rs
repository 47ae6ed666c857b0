//! A unit into machine code. It goes through the ops once. Rows whose lanes are in equal steps are computed as
//! numbers, at once (`scalar`, `access`); all else becomes operations that wait (`operation`) and are written
//! together for eight lanes at a time (`vector`). Closures are called in between. Read [`compile`].
//!
//! 1. A check that fails leaves at the first op whose effects are not complete: the one at hand, or the first
//!    that waits. What was known of rows before that op is in `snapshot`.
//! 2. Numbers are written once and never again, so that an early leave finds what it needs.
//! 3. Loads may wait with the operations that read them, but not beyond a store or a closure.
#![expect(unsafe_code, reason = "closures are called from machine code")]

use std::collections::{BTreeMap, HashMap};
use std::mem::offset_of;

use iced_x86::{
    Code as X86, MemoryOperand,
    Register::{self, AL, EAX, ECX, RAX, RBP, RBX, RCX, RDI, RSI, RSP, YMM0, YMM1},
};

use super::{
    assembler::{Assembler, Label, at},
    flow::{Slots, ops_of, read_and_written, shape},
    guard::{Expected, expected},
    mask::Masks,
    memory::{Code, FLOW_SHIFT, Left},
    operation::{Operation, Source},
    template::{
        Template,
        Width::{self, W32, W64},
    },
    unit::{Layout, Unit},
    value::{Cell, Known, Lanes},
    vector::{PARTS, PREDICATES, Registers, home},
};
use crate::exec::{
    op::{Flow, Op, Slot},
    program::Program,
    warp::Warp,
};

/// The warp, while code runs.
pub(super) const WARP: Register = RBX;
/// Its window, the constants, the values of the block, the access sites of the block.
pub(super) const WINDOW: Register = Register::R12;
pub(super) const CONSTANTS: Register = Register::R14;
pub(super) const BLOCK_VALUES: Register = Register::R15;
pub(super) const SITES: Register = RBP;
/// What the code saves for its caller.
const SAVED: [Register; 6] = [RBX, RBP, WINDOW, Register::R13, CONSTANTS, BLOCK_VALUES];
/// Numbers that code may keep, and the bytes of its frame, which keep the stack aligned for calls.
const CELLS_MAX: u32 = 255;
/// Where addresses are kept meanwhile, one for each lane.
pub(super) const SCRATCH: i64 = CELLS_MAX as i64 * 8;
const FRAME_BYTES: i32 = SCRATCH as i32 + 256;
/// Operations that wait at most.
const PENDING_MAX: usize = 48;

/// The rows that are known to be in equal steps, by slot.
type Rows = HashMap<u32, Known>;

/// A way out of the code before its end.
struct Exit {
    label: Label,
    /// The op to go on with.
    step: usize,
    /// What has to be put into rows first.
    known: Rows,
    /// A check has failed.
    early: bool,
}

/// A unit being compiled.
pub(super) struct Builder<'a> {
    pub(super) asm: Assembler,
    pub(super) program: &'a Program,
    /// The warp that has come to the unit.
    pub(super) warp: &'a Warp,
    pub(super) unit: &'a Unit,
    pub(super) layout: Layout,
    /// The op at hand.
    pub(super) index: usize,
    pub(super) known: Rows,
    pub(super) pending: Vec<Operation>,
    /// The first op that waits, and what was known before it.
    pub(super) snapshot: Option<(usize, Rows)>,
    pub(super) registers: Registers,
    /// Accesses that are written as vectors or numbers.
    pub(super) n_inlined: usize,
    n_cells: u32,
    /// Nothing is expected of rows and of which lanes are active.
    pub(super) careful: bool,
    /// Where the code loads the address of its constants.
    pool: u64,
    widths: HashMap<u32, Width>,
    /// What each op reads and writes of the window.
    pub(super) reads: Slots,
    pub(super) writes: Slots,
    exits: Vec<Exit>,
    /// Where code goes that is done.
    end: Label,
}

/// Makes code of a unit that the warp is about to execute; `None` if that is not possible. The rows that the
/// warp has now tell which ones to expect in equal steps, unless the code is to be careful: expect nothing.
pub(super) fn compile(unit: &Unit, w: &Warp, careful: bool) -> Option<Code> {
    let guards = if careful {
        BTreeMap::new()
    } else {
        expected(unit, w)
    };
    let mut builder = Builder::new(unit, w, careful);
    builder.write(&guards);
    if builder.n_inlined == 0 && !guards.is_empty() {
        builder = Builder::new(unit, w, careful);
        builder.write(&BTreeMap::new());
    }
    if builder.n_cells > CELLS_MAX {
        return None;
    }
    let n_inlined = builder.n_inlined;
    let bytes = builder.asm.finish(builder.pool)?;
    tracing::debug!(
        function = %w.program().functions[0].name,
        line = w.program().lines[unit.start as usize],
        ops = unit.steps.len(),
        bytes = bytes.len(),
        expected = guards.len(),
        n_inlined,
        careful,
        "unit compiled"
    );
    Code::map(&bytes)
}

impl<'a> Builder<'a> {
    fn new(unit: &'a Unit, w: &'a Warp, careful: bool) -> Self {
        let program = w.program();
        let (reads, writes) = read_and_written(unit, program);
        let mut asm = Assembler::new();
        let end = asm.label();
        Self {
            asm,
            program,
            warp: w,
            unit,
            layout: w.layout,
            index: 0,
            known: HashMap::new(),
            pending: Vec::new(),
            snapshot: None,
            registers: Registers::default(),
            n_inlined: 0,
            n_cells: 0,
            careful,
            pool: 0,
            widths: HashMap::new(),
            reads,
            writes,
            exits: Vec::new(),
            end,
        }
    }

    fn write(&mut self, guards: &BTreeMap<u32, Expected>) {
        self.prologue();
        self.check_entry();
        let mut found = Rows::new();
        for (slot, expected) in guards {
            let lanes = self.check_row(*slot, *expected);
            self.widths.insert(*slot, expected.width);
            let stored = true;
            found.insert(*slot, Known { lanes, stored });
        }
        self.known = found;
        let ops = ops_of(self.unit, self.program);
        let mut index = 0;
        while index < ops.len() {
            self.index = index;
            if self.pending.len() >= PENDING_MAX {
                self.flush(index);
            }
            let together = match self.add_wide(ops) {
                0 => self.gather_pair(ops),
                together => together,
            };
            if together == 0 {
                self.step(&ops[index]);
            }
            index += together.max(1);
        }
        if self.unit.steps.last().map(|step| step.template) != Some(Template::Branch) {
            let end = self.unit.steps.len();
            self.settle(end);
            self.leave(self.unit.end(), end as u32, false);
        }
        self.write_exits();
        self.epilogue();
    }

    fn prologue(&mut self) {
        for register in SAVED {
            self.asm.op1(X86::Push_r64, register);
        }
        self.asm.op2(X86::Sub_rm64_imm32, RSP, FRAME_BYTES);
        self.asm.op2(X86::Mov_r64_rm64, WARP, RDI);
        let bases = offset_of!(Warp, bases) as i64;
        for (index, register) in [WINDOW, CONSTANTS, BLOCK_VALUES].into_iter().enumerate() {
            let from = at(WARP, bases + 8 * index as i64);
            self.asm.op2(X86::Mov_r64_rm64, register, from);
        }
        let sites = at(WARP, offset_of!(Warp, sites) as i64);
        self.asm.op2(X86::Mov_r64_rm64, SITES, sites);
        self.pool = self.asm.load_pool();
    }

    fn epilogue(&mut self) {
        self.asm.bind(self.end);
        self.asm.op0(X86::VEX_Vzeroupper);
        self.asm.op2(X86::Add_rm64_imm32, RSP, FRAME_BYTES);
        for register in SAVED.into_iter().rev() {
            self.asm.op1(X86::Pop_r64, register);
        }
        self.asm.op0(X86::Retnq);
    }

    fn step(&mut self, op: &Op) {
        let template = self.unit.steps[self.index].template;
        let done = match template {
            Template::Call => false,
            Template::Branch if self.index + 1 < self.unit.steps.len() => {
                self.branch_aside(op);
                true
            }
            Template::Branch => {
                self.branch(op);
                true
            }
            Template::Tid(component) => self.thread_number(op, usize::from(component)),
            Template::LaneId => self.lane_number(op),
            Template::Load(access) => self.load(op, access) || self.gather(op, access),
            Template::LoadVector(access, count) => self.gather_vectors(op, access, count),
            Template::Shuffle(mode) => self.shuffle(op, mode),
            Template::AddShared => self.add_shared(op),
            Template::AddGlobal(width) => self.add_global(op, width),
            Template::Logic(operation) => {
                self.logic(operation, op);
                true
            }
            Template::Store(access) => self.store(op, access) || self.scatter(op, access),
            Template::StoreVector(access, count) => self.scatter_vectors(op, access, count),
            template => {
                self.compute(template, op);
                true
            }
        };
        if !done {
            self.call(op);
        }
    }

    fn compute(&mut self, template: Template, op: &Op) {
        let slots = [op.a, op.b, op.c];
        let mut sources = [Source::None; 3];
        for ((source, slot), width) in sources.iter_mut().zip(slots).zip(shape(template)) {
            if let Some(width) = width {
                *source = self.source(slot, width);
            }
        }
        let lanes = sources.map(|source| match source {
            Source::Lanes(lanes) => Some(lanes),
            _ => None,
        });
        if let Some(result) = self.scalar(template, lanes) {
            self.know(op.d.0, result);
            return;
        }
        if matches!(template, Template::Select(_)) {
            let waits = |pending: &Operation| pending.width().is_none() && pending.d == op.c.0;
            if self.pending.iter().any(waits) {
                self.flush(self.index);
            }
            sources[2] = Source::Predicate(op.c.0);
        }
        let compares = self
            .pending
            .iter()
            .filter(|one| one.width().is_none())
            .count();
        if matches!(template, Template::Compare(..)) && compares == PREDICATES.len() {
            self.flush(self.index);
        }
        self.push(Operation {
            template,
            d: op.d.0,
            sources,
            from: [Cell::Const(0); 2],
        });
    }

    /// Lets an operation wait.
    pub(super) fn push(&mut self, operation: Operation) {
        if self.pending.is_empty() {
            self.snapshot = Some((self.index, self.known.clone()));
        }
        if let Some(width) = operation.width() {
            self.widths.insert(operation.d, width);
            self.known.remove(&operation.d);
        }
        self.pending.push(operation);
    }

    /// The lanes of a row are known from here on.
    pub(super) fn know(&mut self, slot: u32, lanes: Lanes) {
        let known = Known {
            lanes,
            stored: false,
        };
        self.widths.insert(slot, lanes.width);
        self.known.insert(slot, known);
    }

    /// What a slot holds.
    pub(super) fn source(&self, slot: Slot, width: Width) -> Source {
        match slot.base() {
            0 => match self.known.get(&slot.0) {
                Some(known) => Source::Lanes(known.lanes),
                None => Source::Row(slot.0, width),
            },
            1 => Source::Lanes(Lanes::uniform(
                width,
                Cell::Const(self.constant(slot, width)),
            )),
            _ => Source::Lanes(Lanes::uniform(width, Cell::Block(slot.offset() as u32))),
        }
    }

    /// The number in a row of constants.
    pub(super) fn constant(&self, slot: Slot, width: Width) -> u64 {
        let from = self.program.constants.at(slot.offset());
        match width {
            // SAFETY: rule 1 of `op`: a row of this width lies there.
            W32 => u64::from(unsafe { *from.cast::<u32>() }),
            // SAFETY: as above.
            W64 => unsafe { *from.cast::<u64>() },
        }
    }

    /// Where a predicate is.
    pub(super) fn predicate(&self, slot: u32) -> MemoryOperand {
        let slot = Slot(slot);
        let base = [WINDOW, CONSTANTS, BLOCK_VALUES][slot.base() % 3];
        at(base, slot.offset() as i64)
    }

    /// How wide the rows at a slot are.
    pub(super) fn width_of(&self, slot: u32) -> Width {
        self.widths.get(&slot).copied().unwrap_or(W32)
    }

    /// A number's place that nobody uses yet.
    pub(super) fn cell(&mut self) -> Cell {
        self.n_cells += 1;
        Cell::Stack((self.n_cells - 1).min(CELLS_MAX - 1))
    }

    /// A row has been written in memory.
    pub(super) fn forget(&mut self, slot: u32, width: Width) {
        self.known.remove(&slot);
        self.widths.insert(slot, width);
    }

    /// Where a check jumps to that fails now.
    pub(super) fn bail(&mut self) -> Label {
        let (step, known) = match &self.snapshot {
            Some((step, known)) => (*step, known),
            None => (self.index, &self.known),
        };
        if let Some(exit) = self.exits.last()
            && exit.early
            && exit.step == step
            && exit.known == *known
        {
            return exit.label;
        }
        let (known, label) = (known.clone(), self.asm.label());
        self.exits.push(Exit {
            label,
            step,
            known,
            early: true,
        });
        label
    }

    /// Puts everything into rows that is read from op `next` on.
    pub(super) fn settle(&mut self, next: usize) {
        self.flush(next);
        let mut unstored: Vec<(u32, Lanes)> = self
            .known
            .iter()
            .filter(|(slot, known)| !known.stored && self.is_live(**slot, next))
            .map(|(slot, known)| (*slot, known.lanes))
            .collect();
        unstored.sort_unstable_by_key(|(slot, _)| *slot);
        for (slot, lanes) in unstored {
            self.store_row(slot, lanes);
            self.known.insert(
                slot,
                Known {
                    lanes,
                    stored: true,
                },
            );
        }
    }

    /// Writes lanes in equal steps to their row.
    pub(super) fn store_row(&mut self, slot: u32, lanes: Lanes) {
        let halves = 1 + usize::from(lanes.width == W64);
        self.registers.masks = Masks::default();
        for part in 0..PARTS {
            match lanes.high {
                Some(high) if part == 2 => self.broadcast_to(YMM0, high, lanes.width),
                _ if part == 0 => self.broadcast_to(YMM0, lanes.low, lanes.width),
                _ => {}
            }
            for half in 0..halves {
                let to = home(slot, lanes.width, part, half);
                if lanes.step == 0 && !self.careful {
                    self.asm.op2(X86::VEX_Vmovaps_ymmm256_ymm, to, YMM0);
                    continue;
                }
                let steps = self.steps(lanes, part * 8 + half * 4);
                self.asm.op3(add_code(lanes.width), YMM1, YMM0, steps);
                self.put(slot, lanes.width, (part, half), YMM1);
            }
        }
    }

    /// Calls the closure of an op.
    pub(super) fn call(&mut self, op: &Op) {
        self.settle(self.index);
        self.asm.op0(X86::VEX_Vzeroupper);
        self.asm.op2(X86::Mov_r64_rm64, RDI, WARP);
        self.asm.number(RSI, std::ptr::from_ref(op) as u64);
        self.asm.number(RAX, call_op as *const () as u64);
        self.asm.call(RAX);
        let (next, index) = (self.asm.label(), self.index);
        self.asm.op2(X86::Test_rm8_r8, AL, AL);
        self.asm.jump(X86::Je_rel32_64, next);
        self.asm.op2(X86::Movzx_r32_rm8, ECX, AL);
        self.asm.op2(X86::Shl_rm64_imm8, RCX, FLOW_SHIFT as i32);
        self.asm
            .number(RAX, self.left(self.pc(index), index as u32 + 1, false));
        self.asm.op2(X86::Or_r64_rm64, RAX, RCX);
        self.asm.jump(X86::Jmp_rel32_64, self.end);
        self.asm.bind(next);
        for slot in std::mem::take(&mut self.writes[index]) {
            self.known.remove(&slot);
            self.writes[index].push(slot);
        }
    }

    /// The lanes that take a branch, in `eax`, and the active ones, in `ecx`.
    fn takers(&mut self, op: &Op) {
        let from = self.predicate(op.guard.slot().0);
        self.asm.op2(X86::Mov_r32_rm32, EAX, from);
        if op.guard.flip() != 0 {
            self.asm.op1(X86::Not_rm32, EAX);
        }
        let active = at(WARP, offset_of!(Warp, active) as i64);
        self.asm.op2(X86::Mov_r32_rm32, ECX, active);
        self.asm.op2(X86::And_r32_rm32, EAX, ECX);
    }

    /// A branch in the middle: leaves if any lane takes it.
    fn branch_aside(&mut self, op: &Op) {
        self.flush(self.index);
        self.takers(op);
        let (label, step, known) = (self.asm.label(), self.index, self.known.clone());
        self.asm.jump(X86::Jne_rel32_64, label);
        self.exits.push(Exit {
            label,
            step,
            known,
            early: false,
        });
    }

    /// The branch at the end.
    fn branch(&mut self, op: &Op) {
        self.settle(self.index);
        let (all, index) = (self.index as u32 + 1, self.index);
        if op.guard == crate::exec::op::GuardSlot::ALWAYS {
            self.leave(op.ext, all, false);
            return;
        }
        let (falls, parts) = (self.asm.label(), self.asm.label());
        self.takers(op);
        self.asm.jump(X86::Je_rel32_64, falls);
        self.asm.op2(X86::Cmp_r32_rm32, EAX, ECX);
        self.asm.jump(X86::Jne_rel32_64, parts);
        self.leave(op.ext, all, false);
        self.asm.bind(falls);
        self.leave(self.unit.end(), all, false);
        self.asm.bind(parts);
        self.leave(self.pc(index), index as u32, false);
    }

    fn pc(&self, step: usize) -> u32 {
        self.unit.start + step as u32
    }

    fn left(&self, pc: u32, executed: u32, early: bool) -> u64 {
        let flow = Flow::Jump;
        let left = Left {
            pc,
            executed,
            early,
            flow,
        };
        left.packed()
    }

    /// Returns to the interpreter.
    fn leave(&mut self, pc: u32, executed: u32, early: bool) {
        self.asm.number(RAX, self.left(pc, executed, early));
        self.asm.jump(X86::Jmp_rel32_64, self.end);
    }

    fn write_exits(&mut self) {
        for exit in std::mem::take(&mut self.exits) {
            self.asm.bind(exit.label);
            let mut unstored: Vec<_> = exit.known.iter().filter(|(_, k)| !k.stored).collect();
            unstored.sort_unstable_by_key(|(slot, _)| **slot);
            for (slot, known) in unstored {
                if self.is_live(*slot, exit.step) {
                    self.store_row(*slot, known.lanes);
                }
            }
            self.leave(self.pc(exit.step), exit.step as u32, exit.early);
        }
    }
}

/// The addition of lanes.
pub(super) fn add_code(width: Width) -> X86 {
    match width {
        W32 => X86::VEX_Vpaddd_ymm_ymm_ymmm256,
        W64 => X86::VEX_Vpaddq_ymm_ymm_ymmm256,
    }
}

/// Executes an op as the interpreter does.
extern "sysv64" fn call_op(w: *mut Warp, op: *const Op) -> u8 {
    // SAFETY: machine code passes the warp that it was entered with, which nobody else uses meanwhile.
    let w = unsafe { &mut *w };
    // SAFETY: the op belongs to the program of the code, which the warp runs.
    let op = unsafe { &*op };
    // SAFETY: as in `Warp::run`.
    let flow = unsafe { (op.run)(w, op) };
    flow as u8
}
