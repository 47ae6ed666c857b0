//! Ops that change what runs next: branches, calls, exits, barriers between warps. Read [`branch`] and
//! [`call`].

use super::{
    block::{Arrival, Reduction},
    error::FaultKind,
    op::{Flow, Op, Slot, lanes},
    program::FunctionCode,
    warp::{BarrierResult, Frame, SPIN_COST, Wait, Warp},
};

/// Windows of a warp together: what recursion may use of registers.
const WINDOWS_MAX: u32 = 64 << 20;

/// Goes to `ext` where the guard holds; `imm` is the op after this one.
pub(super) fn branch(w: &mut Warp, op: &Op) -> Flow {
    let taken = w.guarded(op);
    if taken == w.active {
        w.next = op.ext;
        return Flow::Jump;
    }
    if taken == 0 {
        return Flow::Next;
    }
    w.split(taken, op.ext, op.imm as u32)
}

/// `brx.idx`: goes to the entry of the list at `ext` that the row `a` says. The list starts with its
/// length.
pub(super) fn branch_indexed(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.guarded(op);
    let list = w.list(op.ext);
    let targets = &list[1..=list[0] as usize];
    let index = *w.row::<u32>(op.a);
    let mut rest = mask;
    while rest != 0 {
        let lane = rest.trailing_zeros() as usize;
        let Some(target) = targets.get(index[lane] as usize) else {
            return w.fault(FaultKind::InvalidPc, lane, "the branch index is too large");
        };
        let same = lanes(rest)
            .filter(|other| index[*other] == index[lane])
            .fold(0, |same, lane| same | 1 << lane);
        w.park(*target, same, Wait::Run);
        rest &= !same;
    }
    let others = w.active & !mask;
    w.park(op.imm as u32, others, Wait::Run);
    w.active = 0;
    Flow::Reschedule
}

/// Removes lanes from everything they belong to.
fn retire(w: &mut Warp, mask: u32) {
    let threads = w.count(mask);
    w.idle |= mask;
    w.active &= !mask;
    for frame in &mut w.frames {
        frame.lanes &= !mask;
    }
    w.block().leave(threads);
}

/// `exit`; `imm` is the op after this one.
pub(super) fn exit(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.guarded(op);
    if mask == 0 {
        return Flow::Next;
    }
    retire(w, mask);
    let rest = w.active;
    w.park(op.imm as u32, rest, Wait::Run);
    w.active = 0;
    Flow::Reschedule
}

/// `ret`; `imm` is the op after this one. In the kernel itself it is `exit`.
pub(super) fn ret(w: &mut Warp, op: &Op) -> Flow {
    let current = w.frame as usize;
    if w.frames[current].depth == 0 {
        return exit(w, op);
    }
    let (mask, frame) = (w.guarded(op), w.frames[current]);
    if mask == 0 {
        return Flow::Next;
    }
    let rest = w.active & !mask;
    w.park(op.imm as u32, rest, Wait::Run);
    w.frames[current].lanes &= !mask;
    w.enter_frame(frame.parent);
    w.park(frame.return_pc, mask, Wait::Run);
    while w.frames.len() > 1 && w.frames.last().is_some_and(|last| last.lanes == 0) {
        w.frames.pop();
    }
    w.active = 0;
    Flow::Reschedule
}

/// Calls function `ext` of the program; `imm` is the op after this one.
pub(super) fn call(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.guarded(op);
    if mask == 0 {
        return Flow::Next;
    }
    let rest = w.active & !mask;
    w.park(op.imm as u32, rest, Wait::Run);
    enter(w, op.ext, mask, op.imm as u32)
}

/// Calls the functions whose addresses are in the row `a`; `imm` is the op after this one.
pub(super) fn call_indirect(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.guarded(op);
    if mask == 0 {
        return Flow::Next;
    }
    let addresses = *w.row::<u64>(op.a);
    let first = mask.trailing_zeros() as usize;
    let Some(function) = w.program().by_address.get(&addresses[first]).copied() else {
        let message = format!("{:#x} is the address of no function", addresses[first]);
        return w.fault(FaultKind::InvalidPc, first, message);
    };
    let same = lanes(mask)
        .filter(|lane| addresses[*lane] == addresses[first])
        .fold(0, |same, lane| same | 1 << lane);
    let skip = w.active & !mask;
    w.park(op.imm as u32, skip, Wait::Run);
    w.park(op.imm as u32 - 1, mask & !same, Wait::Run);
    enter(w, function, same, op.imm as u32)
}

/// Makes a frame for `function` and lets the lanes of `mask` begin it.
fn enter(w: &mut Warp, function: u32, mask: u32, return_pc: u32) -> Flow {
    let FunctionCode {
        pc,
        window_bytes,
        frame_bytes,
        ..
    } = w.program().functions[function as usize];
    let caller = w.frames[w.frame as usize];
    let window = w.frames.last().map_or(0, |last| last.window_end);
    let frame = Frame {
        parent: w.frame,
        return_pc,
        depth: caller.depth + 1,
        window,
        window_end: window + window_bytes,
        local: caller.local_end,
        local_end: caller.local_end.saturating_add(frame_bytes),
        lanes: mask,
    };
    if frame.local_end > w.local_stride - w.stack_most || frame.window_end > WINDOWS_MAX {
        let lane = mask.trailing_zeros() as usize;
        return w.fault(
            FaultKind::StackOverflow,
            lane,
            "calls are nested too deeply",
        );
    }
    w.frames.push(frame);
    w.grow_registers(frame.window_end);
    w.enter_frame(w.frames.len() as u32 - 1);
    w.park(pc, mask, Wait::Run);
    w.active = 0;
    Flow::Reschedule
}

/// Flags in `c` of [`barrier`].
pub(super) mod barrier_flags {
    /// The row `b` says how many threads to wait for.
    pub(in crate::exec) const COUNTED: u32 = 1;
    /// `bar.arrive`: do not wait.
    pub(in crate::exec) const ARRIVE: u32 = 2;
    /// The reductions; their predicate is the last entry of the list.
    pub(in crate::exec) const POPC: u32 = 4;
    /// `.and`
    pub(in crate::exec) const AND: u32 = 8;
    /// `.or`
    pub(in crate::exec) const OR: u32 = 16;
    /// The predicate is complemented.
    pub(in crate::exec) const NEGATED: u32 = 32;
}

/// `barrier`: row `a` names it, row `b` counts threads, list `ext` holds flags and the predicate of a
/// reduction, `d` receives its result; `imm` is the op after this one.
pub(super) fn barrier(w: &mut Warp, op: &Op) -> Flow {
    use barrier_flags::{AND, ARRIVE, COUNTED, NEGATED, OR, POPC};
    let mask = w.mask(op);
    if mask == 0 {
        return Flow::Next;
    }
    let list = w.list(op.ext);
    let (flags, pred) = (list[0], Slot(list[1]));
    let lane = mask.trailing_zeros() as usize;
    let id = w.row::<u32>(op.a)[lane];
    let reduction = match flags & (POPC | AND | OR) {
        POPC => Reduction::Popc,
        AND => Reduction::And,
        OR => Reduction::Or,
        _ => Reduction::None,
    };
    let votes = match reduction {
        Reduction::None => 0,
        _ if flags & NEGATED != 0 => !w.pred(pred) & mask,
        _ => w.pred(pred) & mask,
    };
    let whole = mask | w.idle == u32::MAX;
    let arrival = Arrival {
        threads: mask.count_ones(),
        padded: if whole { 32 } else { mask.count_ones() },
        expected: (flags & COUNTED != 0).then(|| w.row::<u32>(op.b)[lane]),
        votes: votes.count_ones(),
        reduction,
    };
    if id as usize >= super::block::N_BARRIERS {
        return w.fault(FaultKind::IllegalInstruction, lane, "no such barrier");
    }
    w.block().arrive(id as u8, arrival);
    if flags & ARRIVE != 0 {
        return Flow::Next;
    }
    let result = (reduction != Reduction::None).then_some(BarrierResult {
        slot: op.d,
        is_pred: reduction != Reduction::Popc,
    });
    let rest = w.active & !mask;
    w.park(op.imm as u32, rest, Wait::Run);
    let id = id as u8;
    w.park(op.imm as u32, mask, Wait::Barrier { id, result });
    w.active = 0;
    Flow::Reschedule
}

/// `nanosleep`: whoever sleeps in a loop waits for somebody.
pub(super) fn sleep(w: &mut Warp, _: &Op) -> Flow {
    w.spin = SPIN_COST;
    Flow::Next
}

/// `trap`, `brkpt`: `imm` says which.
pub(super) fn trap(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    if mask == 0 {
        return Flow::Next;
    }
    let lane = mask.trailing_zeros() as usize;
    if op.imm == 0 {
        w.fault(FaultKind::Trap, lane, "the program executed `trap`")
    } else {
        w.fault(FaultKind::Breakpoint, lane, "the program executed `brkpt`")
    }
}

/// Whatever has no effect here (`prefetch`, `griddepcontrol`, …).
pub(super) fn nothing(_: &mut Warp, _: &Op) -> Flow {
    Flow::Next
}
