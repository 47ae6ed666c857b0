//! Loads and stores. Neighbouring lanes that access neighbouring elements become one copy; all else
//! goes lane by lane. Read [`load`] and [`store`].
//!
//! An element is a scalar of 1 to 8 bytes. A vector access of up to 16 bytes a lane is one access of
//! the machine, as the flag-and-value pairs of decoupled look-back scans need.
#![expect(unsafe_code, reason = "reads and writes device memory")]

use super::{
    env::Access,
    lanes::{Level, Raw, in_mask},
    memory::{Reach, Space},
    op::{Flow, Op, OpFn, Slot, lanes},
    warp::{SPIN_COST, Warp},
};

/// An element in memory that a load turns into a register of type `R`.
pub(super) trait Element<R: Raw>: Copy + Default + 'static {
    /// To the register, extended by sign or zeros.
    fn to_raw(self) -> R;
    /// From the register, cut.
    fn from_raw(raw: R) -> Self;
}

macro_rules! element {
    ($($ty:ty => $raw:ty, $wide:ty;)+) => {$(
        impl Element<$raw> for $ty {
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
    u8 => u32, u32; i8 => u32, i32; u16 => u32, u32; i16 => u32, i32; u32 => u32, u32;
    u8 => u64, u64; i8 => u64, i64; u16 => u64, u64; i16 => u64, i64;
    u32 => u64, u64; i32 => u64, i64; u64 => u64, u64;
}

/// Flag in `c` of loads and stores whose loops wait for other threads (`volatile`, `relaxed`).
pub(super) const WAITS: Slot = Slot(4);

/// `d = [a + imm]`, element by element; site in `ext`.
pub(super) fn load<S: Space, A: Raw, M: Element<R>, R: Raw>() -> OpFn {
    fn base<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
        load_body::<S, A, M, R>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn v3<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
        load_body::<S, A, M, R>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    if Level::get() > Level::Base {
        return v3::<S, A, M, R>;
    }
    let _ = Level::get();
    base::<S, A, M, R>
}

/// `[a + imm] = b`, element by element; site in `ext`.
pub(super) fn store<S: Space, A: Raw, M: Element<R>, R: Raw>() -> OpFn {
    fn base<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
        store_body::<S, A, M, R>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn v3<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
        store_body::<S, A, M, R>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    if Level::get() > Level::Base {
        return v3::<S, A, M, R>;
    }
    base::<S, A, M, R>
}

/// How the addresses of 32 lanes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    Same,
    Neighbours,
    Other,
}

/// Two lanes tell most patterns apart; only what looks regular is looked at in full.
#[inline(always)]
fn pattern(addresses: &[u64; 32], bytes: u64) -> Pattern {
    let first = addresses[0];
    let step = addresses[1].wrapping_sub(first);
    let regular = step == 0 || step == bytes;
    if !regular || addresses[31] != first.wrapping_add(31 * step) {
        return Pattern::Other;
    }
    let mut differs = 0;
    for (lane, address) in (0u64..).zip(addresses) {
        differs |= address ^ first.wrapping_add(lane.wrapping_mul(step));
    }
    match (differs, step) {
        (0, 0) => Pattern::Same,
        (0, _) => Pattern::Neighbours,
        _ => Pattern::Other,
    }
}

/// The addresses, with those of lanes outside `mask` replaced by that of a lane inside.
#[inline(always)]
pub(super) fn settled(addresses: &[u64; 32], mask: u32) -> [u64; 32] {
    let some = addresses[(mask.trailing_zeros() & 31) as usize];
    let mut settled = [0; 32];
    for lane in 0..32 {
        settled[lane] = if in_mask(mask, lane) {
            addresses[lane]
        } else {
            some
        };
    }
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
fn load_body<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let reach = reach::<M>(op, Access::Read);
    let addresses = w.addresses::<A>(op.a, op.imm);
    if op.c == WAITS {
        w.spin = SPIN_COST;
    }
    if mask == u32::MAX && load_together::<S, M, R>(w, op.d, reach, &addresses) {
        return Flow::Next;
    }
    load_apart::<S, M, R>(w, op, mask, &addresses)
}

/// Loads lane by lane.
#[inline(always)]
fn load_apart<S: Space, M: Element<R>, R: Raw>(
    w: &mut Warp,
    op: &Op,
    mask: u32,
    addresses: &[u64; 32],
) -> Flow {
    let reach = reach::<M>(op, Access::Read);
    let safe = settled(addresses, mask);
    if mask.count_ones() >= MANY
        && let Some(base) = S::all(w, reach, &safe)
    {
        let mut out = [R::default(); 32];
        for lane in 0..32 {
            let at = base.wrapping_add(safe[lane] as usize);
            // SAFETY: `all` has checked that each of these elements may be read, and its alignment.
            out[lane] = unsafe { at.cast::<M>().read_volatile() }.to_raw();
        }
        w.commit(op.d, &out, mask);
        return Flow::Next;
    }
    for lane in lanes(mask) {
        let Some(at) = S::resolve(w, reach, lane, addresses[lane]) else {
            return Flow::Fault;
        };
        // SAFETY: `resolve` has checked that this element may be read, and its alignment.
        let value = unsafe { at.cast::<M>().read_volatile() };
        w.row_mut::<R>(op.d)[lane] = value.to_raw();
    }
    Flow::Next
}

/// Lanes from which on it pays to check all at once.
const MANY: u32 = 6;

/// Loads for 32 lanes at once if their addresses allow it.
#[inline(always)]
fn load_together<S: Space, M: Element<R>, R: Raw>(
    w: &mut Warp,
    d: Slot,
    reach: Reach,
    addresses: &[u64; 32],
) -> bool {
    match pattern(addresses, reach.bytes) {
        Pattern::Same => {
            let Some(at) = S::range(w, reach, addresses[0], reach.bytes) else {
                return false;
            };
            // SAFETY: `range` has checked that this element may be read, and its alignment.
            let value = unsafe { at.cast::<M>().read_volatile() };
            *w.row_mut::<R>(d) = [value.to_raw(); 32];
            true
        }
        Pattern::Neighbours => {
            let Some(at) = S::range(w, reach, addresses[0], reach.bytes * 32) else {
                return false;
            };
            // SAFETY: `range` has checked 32 elements from here, and their alignment.
            let values = unsafe { *at.cast::<[M; 32]>() };
            let row = w.row_mut::<R>(d);
            for lane in 0..32 {
                row[lane] = values[lane].to_raw();
            }
            true
        }
        Pattern::Other => false,
    }
}

#[inline(always)]
fn store_body<S: Space, A: Raw, M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let reach = reach::<M>(op, Access::Write);
    let addresses = w.addresses::<A>(op.a, op.imm);
    if mask == u32::MAX
        && pattern(&addresses, reach.bytes) == Pattern::Neighbours
        && let Some(at) = S::range(w, reach, addresses[0], reach.bytes * 32)
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
    let safe = settled(&addresses, mask);
    if mask.count_ones() >= MANY
        && let Some(base) = S::all(w, reach, &safe)
    {
        let row = w.row::<R>(op.b);
        for lane in lanes(mask) {
            let at = base.wrapping_add(addresses[lane] as usize);
            // SAFETY: `all` has checked that each of these elements may be written, and its alignment.
            unsafe { at.cast::<M>().write_volatile(M::from_raw(row[lane])) };
        }
        return Flow::Next;
    }
    for lane in lanes(mask) {
        let Some(at) = S::resolve(w, reach, lane, addresses[lane]) else {
            return Flow::Fault;
        };
        let value = M::from_raw(w.row::<R>(op.b)[lane]);
        // SAFETY: `resolve` has checked that this element may be written, and its alignment.
        unsafe { at.cast::<M>().write_volatile(value) };
    }
    Flow::Next
}

/// The bytes of a vector access of one lane.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Chunk([u64; 4]);

/// Reads `bytes` (a power of two up to 32) in as few machine accesses as there are.
///
/// # Safety
/// They must be readable, and `at` a multiple of `bytes`.
#[inline(always)]
unsafe fn read_chunk(at: *const u8, bytes: u64) -> Chunk {
    let mut chunk = Chunk([0; 4]);
    // SAFETY: as the caller promises.
    unsafe {
        match bytes {
            0..=2 => chunk.0[0] = u64::from(at.cast::<u16>().read_volatile()),
            4 => chunk.0[0] = u64::from(at.cast::<u32>().read_volatile()),
            8 => chunk.0[0] = at.cast::<u64>().read_volatile(),
            _ => {
                for part in 0..(bytes / 16) as usize {
                    let pair = read16(at.add(part * 16));
                    chunk.0[part * 2..part * 2 + 2].copy_from_slice(&pair);
                }
            }
        }
    }
    chunk
}

/// Writes the first `bytes` of `chunk`, as [`read_chunk`] reads.
///
/// # Safety
/// They must be writable, and `at` a multiple of `bytes`.
#[inline(always)]
unsafe fn write_chunk(at: *mut u8, bytes: u64, chunk: Chunk) {
    // SAFETY: as the caller promises.
    unsafe {
        match bytes {
            0..=2 => at.cast::<u16>().write_volatile(chunk.0[0] as u16),
            4 => at.cast::<u32>().write_volatile(chunk.0[0] as u32),
            8 => at.cast::<u64>().write_volatile(chunk.0[0]),
            _ => {
                for part in 0..(bytes / 16) as usize {
                    let pair = [chunk.0[part * 2], chunk.0[part * 2 + 1]];
                    write16(at.add(part * 16), pair);
                }
            }
        }
    }
}

/// Sixteen bytes in one access: aligned ones are atomic on every x86-64 CPU with AVX.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn read16(at: *const u8) -> [u64; 2] {
    use std::arch::x86_64::__m128i;
    // SAFETY: the caller promises 16 readable, aligned bytes; the types have the same size.
    unsafe { std::mem::transmute(at.cast::<__m128i>().read_volatile()) }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn write16(at: *mut u8, pair: [u64; 2]) {
    use std::arch::x86_64::__m128i;
    // SAFETY: the caller promises 16 writable, aligned bytes; the types have the same size.
    unsafe {
        at.cast::<__m128i>()
            .write_volatile(std::mem::transmute::<[u64; 2], __m128i>(pair));
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
unsafe fn read16(at: *const u8) -> [u64; 2] {
    // SAFETY: the caller promises 16 readable, aligned bytes.
    unsafe { at.cast::<[u64; 2]>().read_volatile() }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
unsafe fn write16(at: *mut u8, pair: [u64; 2]) {
    // SAFETY: the caller promises 16 writable, aligned bytes.
    unsafe { at.cast::<[u64; 2]>().write_volatile(pair) };
}

/// Elements of a vector access of `N` elements, in memory order.
///
/// # Safety
/// `N` elements must be accessible at `at`, aligned to their total size.
#[inline(always)]
unsafe fn read_vector<M: Copy + Default, const N: usize>(at: *const u8) -> [M; N] {
    let bytes = (N * size_of::<M>()) as u64;
    let mut values = [M::default(); N];
    // SAFETY: as the caller promises; a chunk is at least as large and aligned as the elements.
    unsafe {
        let chunk = read_chunk(at, bytes);
        let from = chunk.0.as_ptr().cast::<M>();
        for (index, value) in values.iter_mut().enumerate() {
            *value = from.add(index).read();
        }
    }
    values
}

/// Vector load of `N` elements; the list at `b` holds the site, then the destinations.
pub(super) fn load_vector<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>() -> OpFn {
    fn base<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
        w: &mut Warp,
        op: &Op,
    ) -> Flow {
        load_vector_body::<S, A, M, R, N>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn v3<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(w: &mut Warp, op: &Op) -> Flow {
        load_vector_body::<S, A, M, R, N>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    if Level::get() > Level::Base {
        return v3::<S, A, M, R, N>;
    }
    base::<S, A, M, R, N>
}

#[inline(always)]
fn load_vector_body<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
    w: &mut Warp,
    op: &Op,
) -> Flow {
    let mask = w.mask(op);
    let list = w.list(op.b.0);
    let reach = Reach {
        site: list[0],
        bytes: (N * size_of::<M>()) as u64,
        access: Access::Read,
    };
    if op.c == WAITS {
        w.spin = SPIN_COST;
    }
    let addresses = w.addresses::<A>(op.a, op.imm);
    let mut out = [[R::default(); 32]; N];
    let base = S::all(w, reach, &settled(&addresses, mask));
    for lane in lanes(mask) {
        let at = match base {
            Some(base) => base.wrapping_add(addresses[lane] as usize),
            None => match S::resolve(w, reach, lane, addresses[lane]) {
                Some(at) => at,
                None => return Flow::Fault,
            },
        };
        // SAFETY: `all` or `resolve` has checked that the vector may be read, and its alignment.
        let values = unsafe { read_vector::<M, N>(at) };
        for (column, value) in out.iter_mut().zip(values) {
            column[lane] = value.to_raw();
        }
    }
    for (column, slot) in out.iter().zip(&list[1..=N]) {
        if *slot != NO_SLOT {
            w.commit(Slot(*slot), column, mask);
        }
    }
    Flow::Next
}

/// A destination that is not wanted (`_`).
pub(super) const NO_SLOT: u32 = u32::MAX;

/// Vector store of `N` elements; the list at `b` holds the site, then the sources.
pub(super) fn store_vector<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>() -> OpFn {
    fn base<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
        w: &mut Warp,
        op: &Op,
    ) -> Flow {
        store_vector_body::<S, A, M, R, N>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn v3<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(w: &mut Warp, op: &Op) -> Flow {
        store_vector_body::<S, A, M, R, N>(w, op)
    }
    #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
    if Level::get() > Level::Base {
        return v3::<S, A, M, R, N>;
    }
    base::<S, A, M, R, N>
}

#[inline(always)]
fn store_vector_body<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
    w: &mut Warp,
    op: &Op,
) -> Flow {
    let mask = w.mask(op);
    let list = w.list(op.b.0);
    let bytes = (N * size_of::<M>()) as u64;
    let reach = Reach {
        site: list[0],
        bytes,
        access: Access::Write,
    };
    let addresses = w.addresses::<A>(op.a, op.imm);
    let base = S::all(w, reach, &settled(&addresses, mask));
    for lane in lanes(mask) {
        let at = match base {
            Some(base) => base.wrapping_add(addresses[lane] as usize),
            None => match S::resolve(w, reach, lane, addresses[lane]) {
                Some(at) => at,
                None => return Flow::Fault,
            },
        };
        let mut chunk = Chunk([0; 4]);
        let to = chunk.0.as_mut_ptr().cast::<M>();
        for (index, slot) in list[1..=N].iter().enumerate() {
            let value = M::from_raw(w.row::<R>(Slot(*slot))[lane]);
            // SAFETY: at most 32 bytes are written to the chunk, which is aligned for any element.
            unsafe { to.add(index).write(value) };
        }
        // SAFETY: `all` or `resolve` has checked that the vector may be written, and its alignment.
        unsafe { write_chunk(at, bytes, chunk) };
    }
    Flow::Next
}

/// `d` = parameters of the kernel from byte `imm` on, the same for all lanes.
pub(super) fn load_param<M: Element<R>, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let context = &w.block().context;
    let (start, bytes) = (op.imm as usize, size_of::<M>());
    let mut value = M::default();
    if start + bytes <= context.param_bytes as usize {
        // SAFETY: just checked; every bit pattern is an element.
        value = unsafe { context.params.at(start).cast::<M>().read_unaligned() };
    }
    w.commit(op.d, &[value.to_raw(); 32], mask);
    Flow::Next
}
