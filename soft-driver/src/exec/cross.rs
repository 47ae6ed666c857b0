//! Ops in which lanes of a warp see each other: shuffles, votes, matches, reductions. Read [`gather`],
//! which decides who takes part, and [`shuffle`].
#![expect(unsafe_code, reason = "gathers within a row")]

use super::{
    lanes::{Raw, by_cpu, in_mask},
    op::{Flow, Op, OpFn, Slot, lanes},
    simd::{Vectors, bits},
    warp::{Wait, Warp},
};

/// The lanes that execute a warp-wide op now: `None` if others named in `members` are still to come,
/// in which case the active lanes have been put aside to try `pc` again.
///
/// Lanes that do not name themselves or that name absent lanes go on regardless.
fn gather(w: &mut Warp, op: &Op, members: Slot, pc: u32) -> Option<u32> {
    let mask = w.mask(op);
    if mask == 0 {
        return Some(0);
    }
    let first = mask.trailing_zeros() as usize;
    let members = w.row::<u32>(members)[first];
    let missing = members & !w.idle & !w.active;
    if missing == 0 || std::mem::take(&mut w.forced) {
        return Some(mask);
    }
    let active = w.active;
    w.park(pc, active, Wait::Lanes);
    w.active = 0;
    None
}

/// `bar.warp.sync a`; `imm` is the op after this one.
pub(super) fn sync(w: &mut Warp, op: &Op) -> Flow {
    match gather(w, op, op.a, op.imm as u32 - 1) {
        Some(_) => Flow::Next,
        None => Flow::Reschedule,
    }
}

/// How `shfl` names the source lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shuffle {
    Up,
    Down,
    Butterfly,
    Index,
}

/// `shfl.sync d|p, a, b, c, members`; list `ext`: the slot of `p` or `NO_SLOT`, then that of `members`.
pub(super) fn shuffle<const MODE: u8>() -> OpFn {
    by_cpu!(shuffle_body, [const MODE: u8], [MODE])
}

#[inline(always)]
fn shuffle_body<V: Vectors, const MODE: u8>(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[1]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let source = *w.row::<u32>(op.a);
    let (out, valid) = match shift::<MODE>(w, op, &source) {
        Some(moved) => moved,
        None => permute::<V, MODE>(&source, w.row::<u32>(op.b), w.row::<u32>(op.c)),
    };
    w.commit_by::<V, u32>(op.d, &out, mask);
    if list[0] != super::access::NO_SLOT {
        w.commit_pred(Slot(list[0]), valid, mask);
    }
    Flow::Next
}

/// The common shuffles: up or down by a constant within the whole warp, or from one lane. The values,
/// and the lanes that have a source.
#[inline(always)]
fn shift<const MODE: u8>(w: &Warp, op: &Op, source: &[u32; 32]) -> Option<([u32; 32], u32)> {
    if op.b.base() == 0 || op.c.base() == 0 {
        return None;
    }
    let by = (w.row::<u32>(op.b)[0] & 31) as usize;
    let whole = w.row::<u32>(op.c)[0] & 0x1F1F;
    let mut wide = [0; 96];
    wide[32..64].copy_from_slice(source);
    let from = |start: usize| std::array::from_fn(|lane| wide[start..start + 32][lane]);
    if MODE == Shuffle::Up as u8 && whole == 0 {
        let valid = u32::MAX << by;
        return Some((kept(from(32 - by), source, valid), valid));
    }
    if MODE == Shuffle::Down as u8 && whole == 31 {
        let valid = u32::MAX >> by;
        return Some((kept(from(32 + by), source, valid), valid));
    }
    if MODE == Shuffle::Index as u8 && whole == 31 {
        return Some(([source[by]; 32], u32::MAX));
    }
    None
}

/// `moved` where there was a source, else the lane's own value.
#[inline(always)]
fn kept(mut moved: [u32; 32], own: &[u32; 32], valid: u32) -> [u32; 32] {
    for lane in 0..32 {
        moved[lane] = u32::pick(moved[lane], own[lane], in_mask(valid, lane));
    }
    moved
}

/// Any shuffle.
#[inline(always)]
fn permute<V: Vectors, const MODE: u8>(
    source: &[u32; 32],
    b: &[u32; 32],
    c: &[u32; 32],
) -> ([u32; 32], u32) {
    let (mut offsets, mut flags) = ([0u32; 32], [0u8; 32]);
    for lane in 0..32 {
        let (from, inside) = pick::<MODE>(lane as i32, b[lane], c[lane]);
        let from = if inside { from & 31 } else { lane as i32 };
        offsets[lane] = from as u32 * 4;
        flags[lane] = 0u8.wrapping_sub(u8::from(inside));
    }
    let mut out = [0; 32];
    // SAFETY: each offset is that of one of the 32 words.
    unsafe { V::gather::<u32, u32, u32>(source.as_ptr().cast(), &offsets, &mut out) };
    (out, bits(&flags))
}

/// The lane that `lane` has its value from, which is itself if there is no other, and whether there is.
pub(super) fn source_lane(mode: Shuffle, lane: usize, b: u32, c: u32) -> (usize, bool) {
    let at = lane as i32;
    let (from, inside) = match mode {
        Shuffle::Up => pick::<{ Shuffle::Up as u8 }>(at, b, c),
        Shuffle::Down => pick::<{ Shuffle::Down as u8 }>(at, b, c),
        Shuffle::Butterfly => pick::<{ Shuffle::Butterfly as u8 }>(at, b, c),
        Shuffle::Index => pick::<{ Shuffle::Index as u8 }>(at, b, c),
    };
    (if inside { from as usize & 31 } else { lane }, inside)
}

/// The source lane of `lane`, and whether it is inside the segment that `c` describes.
#[inline(always)]
fn pick<const MODE: u8>(lane: i32, b: u32, c: u32) -> (i32, bool) {
    let (b, clamp, segment) = ((b & 31) as i32, (c & 31) as i32, ((c >> 8) & 31) as i32);
    let last = (lane & segment) | (clamp & !segment);
    let first = lane & segment;
    if MODE == Shuffle::Up as u8 {
        let from = lane - b;
        (from, from >= last)
    } else if MODE == Shuffle::Down as u8 {
        let from = lane + b;
        (from, from <= last)
    } else if MODE == Shuffle::Butterfly as u8 {
        let from = lane ^ b;
        (from, from <= last)
    } else {
        let from = first | (b & !segment);
        (from, from <= last)
    }
}

/// What `vote` computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vote {
    All,
    Any,
    Uniform,
    Ballot,
}

/// `vote.sync d, {!}a, members`: predicate `a`, complemented if bit 0 of list entry 1; list entry 0 is
/// the slot of `members`.
pub(super) fn vote<const MODE: u8>(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[0]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let value = w.pred(op.a) ^ 0u32.wrapping_sub(list[1] & 1);
    let votes = value & mask;
    if MODE == Vote::Ballot as u8 {
        w.commit(op.d, &[votes; 32], mask);
        return Flow::Next;
    }
    let result = if MODE == Vote::All as u8 {
        votes == mask
    } else if MODE == Vote::Any as u8 {
        votes != 0
    } else {
        votes == 0 || votes == mask
    };
    w.commit_pred(op.d, 0u32.wrapping_sub(u32::from(result)), mask);
    Flow::Next
}

/// `match.any.sync d, a, members` on rows of `R`; list `ext`: unused, then the slot of `members`.
pub(super) fn match_any<R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[1]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let value = *w.row::<R>(op.a);
    for lane in lanes(mask) {
        let same = lanes(mask)
            .filter(|other| value[*other] == value[lane])
            .fold(0u32, |same, lane| same | 1 << lane);
        w.row_mut::<u32>(op.d)[lane] = same;
    }
    Flow::Next
}

/// `match.all.sync d|p, a, members` on rows of `R`; list `ext`: slot of `p` or `NO_SLOT`, then `members`.
pub(super) fn match_all<R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[1]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let value = *w.row::<R>(op.a);
    let first = value[(mask.trailing_zeros() & 31) as usize];
    let same = lanes(mask).all(|lane| value[lane] == first);
    let found = if same { mask } else { 0 };
    if op.d.0 != super::access::NO_SLOT {
        w.commit(op.d, &[found; 32], mask);
    }
    if list[0] != super::access::NO_SLOT {
        w.commit_pred(Slot(list[0]), found, mask);
    }
    Flow::Next
}

/// What `redux.sync` computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redux {
    Add,
    MinU,
    MaxU,
    MinS,
    MaxS,
    And,
    Or,
    Xor,
    /// On `f32`; `.NaN` and `.abs` are bits 0 and 1 of list entry 0.
    MinF,
    MaxF,
}

/// `redux.sync d, a, members`; list `ext`: flags, then the slot of `members`.
pub(super) fn redux<const MODE: u8>(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[1]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let row = *w.row::<u32>(op.a);
    let Some(value) = lanes(mask)
        .map(|lane| row[lane])
        .reduce(|a, b| fold::<MODE>(a, b, list[0]))
    else {
        return Flow::Next;
    };
    w.commit(op.d, &[value; 32], mask);
    Flow::Next
}

fn fold<const MODE: u8>(a: u32, b: u32, flags: u32) -> u32 {
    const ADD: u8 = Redux::Add as u8;
    const MIN_U: u8 = Redux::MinU as u8;
    const MAX_U: u8 = Redux::MaxU as u8;
    const MIN_S: u8 = Redux::MinS as u8;
    const MAX_S: u8 = Redux::MaxS as u8;
    const AND: u8 = Redux::And as u8;
    const OR: u8 = Redux::Or as u8;
    const XOR: u8 = Redux::Xor as u8;
    match MODE {
        ADD => a.wrapping_add(b),
        MIN_U => a.min(b),
        MAX_U => a.max(b),
        MIN_S => (a as i32).min(b as i32) as u32,
        MAX_S => (a as i32).max(b as i32) as u32,
        AND => a & b,
        OR => a | b,
        XOR => a ^ b,
        _ => {
            let abs = if flags & 2 != 0 {
                0x7FFF_FFFF
            } else {
                u32::MAX
            };
            let (a, b) = (f32::from_bits(a & abs), f32::from_bits(b & abs));
            let smaller = MODE == Redux::MinF as u8;
            super::math::min_max_f32(a, b, smaller, flags & 1 != 0).to_bits()
        }
    }
}

/// `activemask`: the lanes that execute it, those that its guard holds back not counted.
pub(super) fn active_mask(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    w.commit(op.d, &[mask; 32], mask);
    Flow::Next
}

/// `elect.sync d|p, members`: the lowest member leads; list `ext`: slot of `p` or `NO_SLOT`, then
/// `members`.
pub(super) fn elect(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let Some(mask) = gather(w, op, Slot(list[1]), op.imm as u32 - 1) else {
        return Flow::Reschedule;
    };
    let leader = mask.trailing_zeros() & 31;
    if op.d.0 != super::access::NO_SLOT {
        w.commit(op.d, &[leader; 32], mask);
    }
    if list[0] != super::access::NO_SLOT {
        w.commit_pred(Slot(list[0]), 1 << leader, mask);
    }
    Flow::Next
}
