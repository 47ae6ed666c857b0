//! Local memory that a function takes while it runs: `alloca`, `stacksave`, `stackrestore`. Read [`take`].
//!
//! 1. Frames grow from the beginning of a lane's local memory, these pieces from its end. The stack
//!    pointer of a lane is the offset at which its pieces begin.
//! 2. A function that takes pieces saves the pointer when it is entered and restores it when it returns
//!    (`lower/stack.rs`), so that they go with its frame.
//! 3. A pointer never leaves local memory; what is read or written through a piece's address is checked
//!    as any other access.

use super::{
    error::FaultKind,
    op::{Flow, Op, lanes},
    warp::Warp,
};

/// `d` = address of the `a` bytes that are now taken, aligned to `imm`, a power of two.
pub(super) fn take(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let sizes = *w.row::<u64>(op.a);
    let floor = u64::from(w.frames[w.frame as usize].local_end);
    let mut addresses = [0; 32];
    for lane in lanes(mask) {
        let start = pointer(w, lane).checked_sub(sizes[lane]);
        let start = start.map(|start| start & !(op.imm - 1));
        let Some(start) = start.filter(|start| *start >= floor) else {
            let message = format!("alloca of {} bytes exceeds the stack", sizes[lane]);
            return w.fault(FaultKind::StackOverflow, lane, message);
        };
        w.stack_taken[lane] = w.local_stride - start as u32;
        addresses[lane] = start;
    }
    w.commit(op.d, &addresses, mask);
    note_most(w);
    Flow::Next
}

/// `d` = the stack pointer.
pub(super) fn save(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let pointers = std::array::from_fn(|lane| pointer(w, lane));
    w.commit::<u64>(op.d, &pointers, mask);
    Flow::Next
}

/// The stack pointer is `a` again: what was taken since it was saved is given back.
pub(super) fn restore(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let pointers = *w.row::<u64>(op.a);
    for lane in lanes(mask) {
        let taken = u64::from(w.local_stride).checked_sub(pointers[lane]);
        let Some(taken) = taken.filter(|taken| *taken <= u64::from(w.stack_taken[lane])) else {
            let message = format!("{:#x} is no saved stack pointer", pointers[lane]);
            return w.fault(FaultKind::StackOverflow, lane, message);
        };
        w.stack_taken[lane] = taken as u32;
    }
    note_most(w);
    Flow::Next
}

fn pointer(w: &Warp, lane: usize) -> u64 {
    u64::from(w.local_stride - w.stack_taken[lane])
}

/// Frames of all lanes have to end before the pieces of any.
fn note_most(w: &mut Warp) {
    w.stack_most = w.stack_taken.iter().copied().max().unwrap_or(0);
}
