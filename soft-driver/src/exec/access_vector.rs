//! Loads and stores of vectors: two, four or eight elements a lane.
//!
//! A vector of up to 16 bytes is one access of the machine, as the flag-and-value pairs of decoupled
//! look-back scans need. Read [`load_vector`] and [`store_vector`].
#![expect(unsafe_code, reason = "reads and writes device memory")]

use super::{
    access::{Element, NO_SLOT, WAITS, in_memory, in_steps, settled},
    env::Access,
    lanes::{Raw, by_cpu},
    memory::{Reach, Space},
    op::{Flow, Op, OpFn, Slot, lanes},
    simd::Vectors,
    warp::{SPIN_COST, Warp},
};

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
    by_cpu!(
        load_vector_body,
        [S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize],
        [S, A, M, R, N]
    )
}

#[inline(always)]
fn load_vector_body<V: Vectors, S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
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
    let addresses = in_memory(&addresses);
    let mut out = [[R::default(); 32]; N];
    let mut good = settled::<V, A>(addresses, mask);
    if op.c != WAITS
        && mask == u32::MAX
        && in_steps::<V, A, 32>(addresses, reach.bytes)
        && let Some(at) = S::range(w, reach, addresses[0].widen(), reach.bytes * 32)
    {
        // SAFETY: `range` has checked 32 vectors from here, and their alignment.
        let vectors = unsafe { &*at.cast::<[[M; N]; 32]>() };
        for (index, column) in out.iter_mut().enumerate() {
            for lane in 0..32 {
                column[lane] = vectors[lane][index].to_raw();
            }
        }
    } else if let Some(base) = S::all::<V, A>(w, reach, &mut good) {
        // SAFETY: `all` has checked that each of these vectors may be read, and its alignment.
        unsafe { gather_vectors::<A, M, R, N>(base, in_memory(&good), &mut out) };
    } else {
        for lane in lanes(mask) {
            let Some(at) = S::resolve(w, reach, lane, addresses[lane].widen()) else {
                return Flow::Fault;
            };
            // SAFETY: `resolve` has checked that the vector may be read, and its alignment.
            let values = unsafe { read_vector::<M, N>(at) };
            for (column, value) in out.iter_mut().zip(values) {
                column[lane] = value.to_raw();
            }
        }
    }
    for (column, slot) in out.iter().zip(&list[1..=N]) {
        if *slot != NO_SLOT {
            w.commit_by::<V, R>(Slot(*slot), column, mask);
        }
    }
    Flow::Next
}

/// Loads a vector for each lane. Inlined, since it needs the vectors of its caller.
///
/// # Safety
/// An aligned, readable vector must lie at `base` plus each address.
#[inline(always)]
unsafe fn gather_vectors<A: Raw, M: Element<R>, R: Raw, const N: usize>(
    base: *const u8,
    addresses: &[A; 32],
    out: &mut [[R; 32]; N],
) {
    for first in (0..32).step_by(4) {
        let four: [[M; N]; 4] = std::array::from_fn(|lane| {
            let at = base.wrapping_add(addresses[first + lane].widen() as usize);
            // SAFETY: as the caller promises.
            unsafe { read_vector::<M, N>(at) }
        });
        for (index, column) in out.iter_mut().enumerate() {
            let values: [R; 4] = std::array::from_fn(|lane| four[lane][index].to_raw());
            column[first..first + 4].copy_from_slice(&values);
        }
    }
}

/// Vector store of `N` elements; the list at `b` holds the site, then the sources.
pub(super) fn store_vector<S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>() -> OpFn {
    by_cpu!(
        store_vector_body,
        [S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize],
        [S, A, M, R, N]
    )
}

#[inline(always)]
fn store_vector_body<V: Vectors, S: Space, A: Raw, M: Element<R>, R: Raw, const N: usize>(
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
    let addresses = in_memory(&addresses);
    let mut good = settled::<V, A>(addresses, mask);
    let base = S::all::<V, A>(w, reach, &mut good);
    let good = in_memory(&good);
    for lane in lanes(mask) {
        let at = match base {
            Some(base) => base.wrapping_add(good[lane].widen() as usize),
            None => match S::resolve(w, reach, lane, addresses[lane].widen()) {
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
