//! The register code: what one lowered instruction looks like. Lowering makes it, [`super::warp`]
//! runs it. Read [`Op`].
//!
//! 1. An `Op` is only made by `lower::assemble`, which guarantees that every slot lies inside the
//!    window of its function or inside the program's constants, and that control never leaves the
//!    program. The accessors of `Warp` rely on it.
//! 2. A row is one register of all 32 lanes: 128 bytes for registers of up to 32 bits, 256 bytes for
//!    64-bit ones. A predicate is one `u32`, a bit a lane.

use super::warp::Warp;

/// Executes one op for the active lanes.
///
/// # Safety
/// The CPU must have the features of the level the function was compiled for, and the `Op` must
/// belong to the program that the warp runs.
pub(super) type OpFn = unsafe fn(&mut Warp, &Op) -> Flow;

/// Where a row or predicate is: a byte offset, and in the two lowest bits whether into the window of the
/// current function (0), the constants (1), or the values of the block (2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Slot(pub(super) u32);

impl Slot {
    /// Index into the bases of a warp: 0 the window, 1 the constants, 2 the values of the block.
    pub(super) fn base(self) -> usize {
        (self.0 & 3) as usize
    }

    /// Bytes from that base.
    pub(super) fn offset(self) -> usize {
        (self.0 & !3) as usize
    }
}

/// The predicate under which an op executes: its slot, and bit 1 set for `@!p`. Slot 0 of the
/// constants holds "all lanes".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GuardSlot(pub(super) u32);

impl GuardSlot {
    /// No guard.
    pub(super) const ALWAYS: Self = Self(1);

    /// `@p` or `@!p`.
    pub(super) fn new(slot: Slot, negated: bool) -> Self {
        Self(slot.0 | (u32::from(negated) << 1))
    }

    pub(super) fn slot(self) -> Slot {
        Slot(self.0 & !2)
    }

    /// All ones for `@!p`.
    pub(super) fn flip(self) -> u32 {
        0u32.wrapping_sub((self.0 >> 1) & 1)
    }
}

/// One lowered instruction.
#[derive(Clone, Copy)]
pub(super) struct Op {
    /// What executes it: `inner`, or what looks at the guard and then calls it.
    pub(super) run: OpFn,
    /// What executes it under its guard.
    pub(super) inner: OpFn,
    /// Destination.
    pub(super) d: Slot,
    /// First source; the address of memory ops.
    pub(super) a: Slot,
    /// Second source.
    pub(super) b: Slot,
    /// Third source.
    pub(super) c: Slot,
    /// Under which predicate.
    pub(super) guard: GuardSlot,
    /// Start of a list in the program's `lists`, or the access site, or a program counter.
    pub(super) ext: u32,
    /// Address offset, flags or another constant.
    pub(super) imm: u64,
}

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "d{:#x} a{:#x} b{:#x} c{:#x} @{:#x} ext{} imm{:#x}",
            self.d.0, self.a.0, self.b.0, self.c.0, self.guard.0, self.ext, self.imm
        )
    }
}

/// What the interpreter does after an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flow {
    /// Go on with the next op.
    Next,
    /// Go on at `Warp::next`; the active lanes are the same.
    Jump,
    /// The active lanes, their frame or the waiting groups changed: choose anew. The op has put the
    /// current lanes back into the groups.
    Reschedule,
    /// The launch is over for this reason: `Warp::fault` says why.
    Fault,
}

/// `count` low bits set, for `count` up to 32.
pub(super) fn low_mask(count: u32) -> u32 {
    if count >= 32 {
        u32::MAX
    } else {
        (1 << count) - 1
    }
}

/// The lanes set in `mask`, in order.
pub(super) fn lanes(mask: u32) -> impl Iterator<Item = usize> {
    let mut rest = mask;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let lane = rest.trailing_zeros();
        rest &= rest - 1;
        Some(lane as usize)
    })
}
