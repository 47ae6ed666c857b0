//! Atomic read-modify-write on memory. Every form is a compare-and-swap loop around a closure that
//! computes the new value, on the machine's own atomics, since several CPU threads run blocks. Read
//! [`atomic`].
#![expect(unsafe_code, reason = "updates device memory through atomics")]

use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering};

use super::{
    access::{NO_SLOT, in_memory, settled},
    env::Access,
    lanes::{Lane, Raw, by_cpu},
    memory::{Reach, Space},
    op::{Flow, Op, OpFn, lanes},
    simd::Vectors,
    warp::{SPIN_COST, Warp},
};

/// A machine word that can be compared and swapped.
pub(super) trait Word: Copy + PartialEq {
    /// Replaces the value at `at` by `update` of it, and returns the old one. `update` may decline.
    ///
    /// # Safety
    /// `at` must be readable, writable and aligned.
    unsafe fn replace(at: *mut u8, update: impl FnMut(Self) -> Option<Self>) -> Self;

    /// The same where no other CPU thread can look.
    ///
    /// # Safety
    /// As for `replace`, and only this thread may access the memory.
    unsafe fn replace_own(at: *mut u8, update: impl FnOnce(Self) -> Option<Self>) -> Self;
}

macro_rules! word {
    ($($ty:ty: $atomic:ty;)+) => {$(
        impl Word for $ty {
            #[inline(always)]
            unsafe fn replace(at: *mut u8, mut update: impl FnMut(Self) -> Option<Self>) -> Self {
                // SAFETY: the caller promises access and alignment; concurrent accesses of other
                // blocks go through atomics or are races of the program that runs here.
                let atomic = unsafe { <$atomic>::from_ptr(at.cast()) };
                let mut old = atomic.load(Ordering::Relaxed);
                while let Some(new) = update(old) {
                    match atomic.compare_exchange_weak(old, new, Ordering::SeqCst, Ordering::Relaxed) {
                        Ok(_) => break,
                        Err(now) => old = now,
                    }
                }
                old
            }

            #[inline(always)]
            unsafe fn replace_own(
                at: *mut u8,
                update: impl FnOnce(Self) -> Option<Self>,
            ) -> Self {
                let at = at.cast::<Self>();
                // SAFETY: the caller promises access, alignment and exclusivity.
                let old = unsafe { at.read() };
                if let Some(new) = update(old) {
                    // SAFETY: as above.
                    unsafe { at.write(new) };
                }
                old
            }
        }
    )+};
}

word! { u16: AtomicU16; u32: AtomicU32; u64: AtomicU64; }

/// A type that atomics work on, kept in memory as [`Atom::Word`].
pub(super) trait Atom: Lane {
    /// Its bits in memory.
    type Word: Word;
    /// From the register's storage.
    fn to_word(raw: Self::Raw) -> Self::Word;
    /// To the register's storage.
    fn from_word(word: Self::Word) -> Self::Raw;
}

macro_rules! atom {
    ($($ty:ty as $word:ty, $raw:ty;)+) => {$(
        impl Atom for $ty {
            type Word = $word;

            #[inline(always)]
            fn to_word(raw: $raw) -> $word {
                raw as $word
            }

            #[inline(always)]
            fn from_word(word: $word) -> $raw {
                word as $raw
            }
        }
    )+};
}

atom! {
    u16 as u16, u32; u32 as u32, u32; i32 as u32, u32; f32 as u32, u32;
    u64 as u64, u64; i64 as u64, u64; f64 as u64, u64;
}

/// `d = [a + imm]; [a + imm] = f(old, b, c)`; site in `ext`; `d` may be [`NO_SLOT`]. Where `f` returns
/// `None` memory stays as it is.
///
/// `WAITS`: a loop around it probably waits for another thread.
pub(super) fn atomic<S, A, T, const WAITS: bool, F>(_: F) -> OpFn
where
    S: Space,
    A: Raw,
    T: Atom,
    F: Fn(T, T, T) -> Option<T> + Copy + 'static,
{
    by_cpu!(
        atomic_body,
        [S: Space, A: Raw, T: Atom, const WAITS: bool, F: Fn(T, T, T) -> Option<T> + Copy + 'static],
        [S, A, T, WAITS, F]
    )
}

#[inline(always)]
fn atomic_body<V, S, A, T, const WAITS: bool, F>(w: &mut Warp, op: &Op) -> Flow
where
    V: Vectors,
    S: Space,
    A: Raw,
    T: Atom,
    F: Fn(T, T, T) -> Option<T> + Copy + 'static,
{
    let mask = w.mask(op);
    let addresses = w.addresses::<A>(op.a, op.imm);
    let addresses = in_memory(&addresses);
    let reach = Reach {
        site: op.ext,
        bytes: size_of::<T::Word>() as u64,
        access: Access::Write,
    };
    if op.d.0 != NO_SLOT {
        w.spin = w.spin.max(if WAITS { SPIN_COST } else { RETRY_COST });
    }
    let mut good = settled::<V, A>(addresses, mask);
    let base = if mask.count_ones() > 1 {
        S::all::<V, A>(w, reach, &mut good)
    } else {
        None
    };
    let good = in_memory(&good);
    let (b, c) = (*w.row::<T::Raw>(op.b), *w.row::<T::Raw>(op.c));
    let mut old = [T::Raw::default(); 32];
    if let (u32::MAX, Some(base)) = (mask, base) {
        for first in (0..32).step_by(8) {
            // Together, since a vector that is read from words just written would have to wait.
            let eight: [T::Raw; 8] = std::array::from_fn(|lane| {
                let lane = first + lane;
                let at = base.wrapping_add(good[lane].widen() as usize);
                // SAFETY: as below.
                unsafe { update::<S, T, F>(at, b[lane], c[lane]) }
            });
            old[first..first + 8].copy_from_slice(&eight);
        }
    } else {
        for lane in lanes(mask) {
            let at = match base {
                Some(base) => base.wrapping_add(good[lane].widen() as usize),
                None => match S::resolve(w, reach, lane, addresses[lane].widen()) {
                    Some(at) => at,
                    None => return Flow::Fault,
                },
            };
            // SAFETY: `all` or `resolve` has checked access and alignment, and nobody else can look
            // into a space that is the block's own.
            old[lane] = unsafe { update::<S, T, F>(at, b[lane], c[lane]) };
        }
    }
    if op.d.0 != NO_SLOT {
        w.commit_by::<V, T::Raw>(op.d, &old, mask);
    }
    Flow::Next
}

/// Updates one word and returns what it was.
///
/// # Safety
/// `at` must be readable, writable and aligned, and in the memory of the block if `S` is its own.
#[inline(always)]
unsafe fn update<S, T, F>(at: *mut u8, b: T::Raw, c: T::Raw) -> T::Raw
where
    S: Space,
    T: Atom,
    F: Fn(T, T, T) -> Option<T> + Copy + 'static,
{
    let f = super::lanes::closure::<F>();
    let new = |old| {
        let new = f(T::load(T::from_word(old)), T::load(b), T::load(c))?;
        Some(T::to_word(new.store()))
    };
    // SAFETY: as the caller promises; one thread runs the block.
    T::from_word(unsafe {
        if S::OWN {
            T::Word::replace_own(at, new)
        } else {
            T::Word::replace(at, new)
        }
    })
}

/// What any other atomic with a result costs at the next jump backwards; too little to count as waiting.
pub(super) const RETRY_COST: i32 = 1;

/// A fence: everything before is visible to all threads before anything after.
pub(super) fn fence(_: &mut Warp, _: &Op) -> Flow {
    std::sync::atomic::fence(Ordering::SeqCst);
    Flow::Next
}
