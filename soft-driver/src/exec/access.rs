//! Loads and stores of scalars. Lanes that access neighbouring elements, or all the same one, become one
//! copy; all else is checked together and goes lane by lane. Vectors are in `access_vector`. Read
//! [`load`] and [`store`].
#![expect(unsafe_code, reason = "reads and writes device memory")]

use super::{
    env::Access,
    lanes::{Raw, by_cpu},
    memory::{Param, Reach, Space},
    op::{Flow, Op, OpFn, Slot, lanes},
    simd::Vectors,
    warp::{SPIN_COST, Warp},
};

/// An element in memory that a load turns into a register of type `R`.
pub(super) trait Element<R: Raw>: Copy + Default + 'static {
    /// One in memory, in one access of the machine.
    ///
    /// # Safety
    /// It must be readable and aligned.
    unsafe fn read(at: *const u8) -> Self;
    /// To the register, extended by sign or zeros.
    fn to_raw(self) -> R;
    /// From the register, cut.
    fn from_raw(raw: R) -> Self;
}

/// Words are read as floating point numbers of their size: that leaves them in a vector register,
/// where a row of them comes together.
macro_rules! element {
    ($($ty:ty => $raw:ty, $wide:ty, $read:ty: $from:expr;)+) => {$(
        impl Element<$raw> for $ty {
            #[inline(always)]
            unsafe fn read(at: *const u8) -> Self {
                // SAFETY: as the caller promises; both types have the same size.
                ($from)(unsafe { at.cast::<$read>().read_volatile() })
            }

            #[inline(always)]
            fn to_raw(self) -> $raw {
                <$wide>::from(self) as $raw
            }

            #[inline(always)]
            fn from_raw(raw: $raw) -> Self {
                raw as Self
            }
        }
    )+};
}

element! {
    u8 => u32, u32, u8: |v| v;
    i8 => u32, i32, i8: |v| v;
    u16 => u32, u32, u16: |v| v;
    i16 => u32, i32, i16: |v| v;
    u32 => u32, u32, f32: f32::to_bits;
    u8 => u64, u64, u8: |v| v;
    i8 => u64, i64, i8: |v| v;
    u16 => u64, u64, u16: |v| v;
    i16 => u64, i64, i16: |v| v;
    u32 => u64, u64, f32: f32::to_bits;
    i32 => u64, i64, f32: |v: f32| v.to_bits() as i32;
    u64 => u64, u64, f64: f64::to_bits;
}

/// A destination that is not wanted (`_`).
pub(super) const NO_SLOT: u32 = u32::MAX;

/// Flag in `c` of loads and stores whose loops wait for other threads (`volatile`, `relaxed`).
pub(super) const WAITS: Slot = Slot(4);

/// `d = [a + imm]`, element by element; site in `ext`.
pub(super) fn load<S: Space, A: Raw, M: Element<R>, R: Raw>() -> OpFn {
    by_cpu!(load_body, [S: Space, A: Raw, M: Element<R>, R: Raw], [S, A, M, R])
}

/// `[a + imm] = b`, element by element; site in `ext`.
pub(super) fn store<S: Space, A: Raw, M: Element<R>, R: Raw>() -> OpFn {
    by_cpu!(store_body, [S: Space, A: Raw, M: Element<R>, R: Raw], [S, A, M, R])
}

/// The addresses that `op` names, in memory: whoever needs single ones shall read them from there
/// instead of taking them out of vectors, and the compiler cannot tell which is cheaper.
#[inline(always)]
pub(super) fn in_memory<A: Raw>(addresses: &[A; 32]) -> &[A; 32] {
    std::hint::black_box(addresses)
}

/// Whether each of the addresses is `step` behind the one before it. Two of them tell most; only what
/// looks so is looked at in full.
#[inline(always)]
pub(super) fn in_steps<V: Vectors, A: Raw, const L: usize>(addresses: &[A; L], step: u64) -> bool {
    let ahead = |lane: usize| addresses[0].plus(A::narrow(lane as u64 * step));
    addresses[1] == ahead(1) && addresses[L - 1] == ahead(L - 1) && V::in_steps(addresses, step)
}

/// The addresses, with those of lanes outside `mask` replaced by that of a lane inside.
#[inline(always)]
pub(super) fn settled<V: Vectors, A: Raw>(addresses: &[A; 32], mask: u32) -> [A; 32] {
    if mask == u32::MAX {
        return *addresses;
    }
    let mut settled = [addresses[(mask.trailing_zeros() & 31) as usize]; 32];
    V::blend(&mut settled, addresses, mask);
    settled
}

#[inline(always)]
fn reach<M>(op: &Op, access: Access) -> Reach {
    Reach {
        site: op.ext,
        bytes: size_of::<M>() as u64,
        access,
    }
}

#[inline(always)]
fn load_body<V: Vectors, S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let reach = reach::<M>(op, Access::Read);
    let addresses = w.addresses::<A>(op.a, op.imm);
    let addresses = in_memory(&addresses);
    if op.c == WAITS {
        w.spin = SPIN_COST;
    }
    if mask == u32::MAX
        && (load_together::<V, S, A, M, R, 32>(w, op.d, reach, addresses)
            || load_together::<V, S, A, M, R, 16>(w, op.d, reach, addresses))
    {
        return Flow::Next;
    }
    let mut good = settled::<V, A>(addresses, mask);
    if mask.count_ones() >= MANY
        && let Some(base) = S::all::<V, A>(w, reach, &mut good)
    {
        let good = in_memory(&good);
        let mut out = [R::default(); 32];
        // SAFETY: `all` has checked that each of these elements may be read, and its alignment.
        unsafe { V::gather::<A, M, R>(base, good, &mut out) };
        w.commit_by::<V, R>(op.d, &out, mask);
        return Flow::Next;
    }
    for lane in lanes(mask) {
        let Some(at) = S::resolve(w, reach, lane, addresses[lane].widen()) else {
            return Flow::Fault;
        };
        // SAFETY: `resolve` has checked that this element may be read, and its alignment.
        w.row_mut::<R>(op.d)[lane] = unsafe { M::read(at) }.to_raw();
    }
    Flow::Next
}

/// Lanes from which on it pays to check all at once.
const MANY: u32 = 3;

/// Loads if the addresses of each run of `L` lanes are all the same or neighbours: tiles of matrices
/// are often read so by half warps.
#[inline(always)]
fn load_together<V: Vectors, S: Space, A: Raw, M: Element<R>, R: Raw, const L: usize>(
    w: &mut Warp,
    d: Slot,
    reach: Reach,
    addresses: &[A; 32],
) -> bool {
    let mut out = [R::default(); 32];
    for (run, to) in addresses.chunks_exact(L).zip(out.chunks_exact_mut(L)) {
        let Some(run) = run.first_chunk::<L>() else {
            return false;
        };
        let first = run[0].widen();
        if in_steps::<V, A, L>(run, 0) {
            let Some(at) = S::range(w, reach, first, reach.bytes) else {
                return false;
            };
            // SAFETY: `range` has checked that this element may be read, and its alignment.
            to.fill(unsafe { M::read(at) }.to_raw());
        } else if in_steps::<V, A, L>(run, reach.bytes) {
            let Some(at) = S::range(w, reach, first, reach.bytes * L as u64) else {
                return false;
            };
            // SAFETY: `range` has checked this many elements from here, and their alignment.
            let values = unsafe { *at.cast::<[M; L]>() };
            for lane in 0..L {
                to[lane] = values[lane].to_raw();
            }
        } else {
            return false;
        }
    }
    *w.row_mut::<R>(d) = out;
    true
}

#[inline(always)]
fn store_body<V: Vectors, S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let reach = reach::<M>(op, Access::Write);
    let addresses = w.addresses::<A>(op.a, op.imm);
    let addresses = in_memory(&addresses);
    if mask == u32::MAX
        && in_steps::<V, A, 32>(addresses, reach.bytes)
        && let Some(at) = S::range(w, reach, addresses[0].widen(), reach.bytes * 32)
    {
        let row = w.row::<R>(op.b);
        let mut values = [M::default(); 32];
        for lane in 0..32 {
            values[lane] = M::from_raw(row[lane]);
        }
        // SAFETY: `range` has checked 32 elements from here, and their alignment.
        unsafe { *at.cast::<[M; 32]>() = values };
        return Flow::Next;
    }
    let mut good = settled::<V, A>(addresses, mask);
    if mask.count_ones() >= MANY
        && let Some(base) = S::all::<V, A>(w, reach, &mut good)
    {
        let good = in_memory(&good);
        // SAFETY: `all` has checked that each of these elements may be written, and its alignment.
        unsafe { scatter::<A, M, R>(base, good, w.row::<R>(op.b), mask) };
        return Flow::Next;
    }
    for lane in lanes(mask) {
        let Some(at) = S::resolve(w, reach, lane, addresses[lane].widen()) else {
            return Flow::Fault;
        };
        let value = M::from_raw(w.row::<R>(op.b)[lane]);
        // SAFETY: `resolve` has checked that this element may be written, and its alignment.
        unsafe { at.cast::<M>().write_volatile(value) };
    }
    Flow::Next
}

/// Stores an element for each lane of `mask`, the lowest first. A function of its own for the same
/// reason as [`Vectors::gather`].
///
/// # Safety
/// An aligned, writable element must lie at `base` plus each of their addresses.
#[inline(never)]
unsafe fn scatter<A: Raw, M: Element<R>, R: Raw>(
    base: *mut u8,
    addresses: &[A; 32],
    row: &[R; 32],
    mask: u32,
) {
    for lane in lanes(mask) {
        let at = base.wrapping_add(addresses[lane].widen() as usize);
        // SAFETY: as the caller promises.
        unsafe { at.cast::<M>().write_volatile(M::from_raw(row[lane])) };
    }
}

/// `d` = parameters of the kernel from byte `imm` on, the same for all lanes.
pub(super) fn load_param<M: Element<R>, R: Raw>() -> OpFn {
    by_cpu!(load_param_body, [M: Element<R>, R: Raw], [M, R])
}

#[inline(always)]
fn load_param_body<V: Vectors, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let context = &w.block().context;
    let (start, bytes) = (op.imm as usize, size_of::<M>());
    let mut value = M::default();
    if start + bytes <= context.param_bytes as usize {
        // SAFETY: just checked; every bit pattern is an element.
        value = unsafe { context.params.at(start).cast::<M>().read_unaligned() };
    }
    w.commit_by::<V, R>(op.d, &[value.to_raw(); 32], mask);
    Flow::Next
}

/// `d` = parameters of the kernel from byte `a + imm` on.
pub(super) fn load_param_at<M: Element<R>, R: Raw>() -> OpFn {
    by_cpu!(load_param_at_body, [M: Element<R>, R: Raw], [M, R])
}

/// Where the address is uniform it is hoisted, and then an address that no thread may ever come to must not end
/// the launch: it reads zero there, as parameters beyond the last do.
#[inline(always)]
fn load_param_at_body<V: Vectors, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let addresses = w.addresses::<u64>(op.a, op.imm);
    let reach = reach::<M>(op, Access::Read);
    let good = settled::<V, u64>(&addresses, mask);
    let mut out = [R::default(); 32];
    if good == [good[0]; 32] {
        match Param::range(w, reach, good[0], reach.bytes) {
            // SAFETY: `range` has checked that this element may be read; it need not be aligned here.
            Some(at) => out = [unsafe { at.cast::<M>().read_unaligned() }.to_raw(); 32],
            // Nobody has started yet: the op was hoisted.
            None if w.frames.is_empty() => {}
            None => return refused(w, reach, mask, good[0]),
        }
    } else {
        for lane in lanes(mask) {
            let Some(at) = Param::resolve(w, reach, lane, addresses[lane]) else {
                return Flow::Fault;
            };
            // SAFETY: `resolve` has checked that this element may be read, and its alignment.
            out[lane] = unsafe { M::read(at) }.to_raw();
        }
    }
    w.commit_by::<V, R>(op.d, &out, mask);
    Flow::Next
}

/// Raises the fault of an address that parameters do not have.
#[cold]
fn refused(w: &mut Warp, reach: Reach, mask: u32, address: u64) -> Flow {
    match Param::resolve(w, reach, mask.trailing_zeros() as usize & 31, address) {
        Some(_) => Flow::Next,
        None => Flow::Fault,
    }
}
