//! Plain operations: the same Rust closure on 32 lanes, compiled once a level of CPU features. It
//! knows no opcode; `lower` names the closures. Read [`Lane`] and [`map2`].
//!
//! Each function here takes a closure that captures nothing and returns the [`OpFn`] that applies it.
//! All lanes are computed, then the active ones are kept, so that the loop has no branch in it and
//! becomes vector code. Closures must therefore not panic for any input. The `each` variants compute
//! active lanes only and are for closures that are long.
#![expect(
    unsafe_code,
    reason = "functions compiled for optional CPU features, closures without a value"
)]

use std::ops::{BitAnd, BitOr, BitXor};

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
use super::simd::Avx2;
use super::{
    op::{Flow, Op, OpFn, Slot, lanes},
    simd::{Plain, Vectors, bits},
    warp::Warp,
};

/// How a register is stored: rows of `u32` or of `u64`.
pub(super) trait Raw:
    Copy
    + Default
    + PartialEq
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + 'static
{
    /// As 64 bits, zero-extended.
    fn widen(self) -> u64;
    /// The low bits.
    fn narrow(bits: u64) -> Self;
    /// `a` if `first`, else `b`.
    fn pick(a: Self, b: Self, first: bool) -> Self;
    /// The sum, which wraps.
    fn plus(self, other: Self) -> Self;
    /// The difference, which wraps.
    fn minus(self, other: Self) -> Self;
    /// Whether the highest bit is set.
    fn is_negative(self) -> bool;
}

impl Raw for u32 {
    #[inline(always)]
    fn widen(self) -> u64 {
        u64::from(self)
    }

    #[inline(always)]
    fn narrow(bits: u64) -> Self {
        bits as u32
    }

    #[inline(always)]
    fn pick(a: Self, b: Self, first: bool) -> Self {
        let mask = 0u32.wrapping_sub(u32::from(first));
        (a & mask) | (b & !mask)
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn is_negative(self) -> bool {
        (self as i32) < 0
    }
}

impl Raw for u64 {
    #[inline(always)]
    fn widen(self) -> u64 {
        self
    }

    #[inline(always)]
    fn narrow(bits: u64) -> Self {
        bits
    }

    #[inline(always)]
    fn pick(a: Self, b: Self, first: bool) -> Self {
        let mask = 0u64.wrapping_sub(u64::from(first));
        (a & mask) | (b & !mask)
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn is_negative(self) -> bool {
        (self as i64) < 0
    }
}

/// A value as an operation sees it. Registers narrower than 32 bits live in the low bits of a `u32`
/// whose upper bits mean nothing.
pub(super) trait Lane: Copy + 'static {
    /// Its storage.
    type Raw: Raw;
    /// From storage.
    fn load(raw: Self::Raw) -> Self;
    /// To storage.
    fn store(self) -> Self::Raw;
}

macro_rules! lane {
    ($($ty:ty as $raw:ty: $load:expr, $store:expr;)+) => {$(
        impl Lane for $ty {
            type Raw = $raw;

            #[inline(always)]
            fn load(raw: $raw) -> Self {
                ($load)(raw)
            }

            #[inline(always)]
            fn store(self) -> $raw {
                ($store)(self)
            }
        }
    )+};
}

lane! {
    u8 as u32: |r| r as u8, u32::from;
    i8 as u32: |r| r as i8, |v| v as i32 as u32;
    u16 as u32: |r| r as u16, u32::from;
    i16 as u32: |r| r as i16, |v| v as i32 as u32;
    u32 as u32: |r| r, |v| v;
    i32 as u32: |r| r as i32, |v| v as u32;
    f32 as u32: f32::from_bits, f32::to_bits;
    u64 as u64: |r| r, |v| v;
    i64 as u64: |r| r as i64, |v| v as u64;
    f64 as u64: f64::from_bits, f64::to_bits;
}

/// A set of CPU features that ops are compiled for. Without optimisation there are no vectors to gain,
/// and one level compiles faster.
#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Whatever the target triple guarantees.
    Base,
    /// AVX2, FMA, BMI, F16C. (AVX-512 was measured to be slower here: 1.19 against 1.01 s of CPU time.)
    V3,
}

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
impl Level {
    /// The best level of this CPU, found once a process. `RIGEL_SOFT_CPU=base` asks for less.
    pub(super) fn get() -> Self {
        static LEVEL: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
        *LEVEL.get_or_init(|| {
            let wanted = match std::env::var("RIGEL_SOFT_CPU").as_deref() {
                Ok("base") => Self::Base,
                _ => Self::V3,
            };
            Self::detect().min(wanted)
        })
    }

    fn detect() -> Self {
        let v3 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("fma")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("f16c")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        if v3 { Self::V3 } else { Self::Base }
    }
}

/// The value of a closure type that captures nothing.
#[inline(always)]
pub(super) fn closure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "the closure must not capture") };
    // SAFETY: F has no bytes, so that any aligned address holds one; it is `Copy`, and every caller was
    // given a value of F, so the type is inhabited.
    unsafe { std::ptr::NonNull::<F>::dangling().read() }
}

/// Defines `$name`, which picks the version of `$body` for this CPU. Where that is an x86-64 CPU without
/// AVX2 it is `$plain`, which compiles to little code.
macro_rules! leveled {
    ($(#[$doc:meta])* $name:ident = $body:ident or $plain:ident<$($g:ident),*>($($sig:tt)+)) => {
        $(#[$doc])*
        pub(super) fn $name<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(_: F) -> OpFn {
            #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
            {
                fn base<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(w: &mut Warp, op: &Op) -> Flow {
                    $plain::<$($g,)* F>(w, op, closure::<F>())
                }
                #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt")]
                fn v3<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(w: &mut Warp, op: &Op) -> Flow {
                    $body::<Avx2, $($g,)* F>(w, op, closure::<F>())
                }
                match Level::get() {
                    Level::V3 => v3::<$($g,)* F>,
                    Level::Base => base::<$($g,)* F>,
                }
            }
            #[cfg(not(all(target_arch = "x86_64", not(debug_assertions))))]
            {
                fn base<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(w: &mut Warp, op: &Op) -> Flow {
                    $body::<Plain, $($g,)* F>(w, op, closure::<F>())
                }
                base::<$($g,)* F>
            }
        }
    };
}

/// Picks the version of `$body`, a function of a [`Vectors`] and `$args`, for this CPU.
macro_rules! by_cpu {
    ($body:ident, [$($params:tt)*], [$($args:tt)*]) => {{
        fn base<$($params)*>(w: &mut Warp, op: &Op) -> Flow {
            $body::<$crate::exec::simd::Plain, $($args)*>(w, op)
        }
        #[cfg(not(all(target_arch = "x86_64", not(debug_assertions))))]
        {
            base::<$($args)*>
        }
        #[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
        {
            #[target_feature(enable = "avx2,fma,bmi1,bmi2,f16c,lzcnt,popcnt")]
            fn v3<$($params)*>(w: &mut Warp, op: &Op) -> Flow {
                $body::<$crate::exec::simd::Avx2, $($args)*>(w, op)
            }
            match $crate::exec::lanes::Level::get() {
                $crate::exec::lanes::Level::V3 => v3::<$($args)*>,
                $crate::exec::lanes::Level::Base => base::<$($args)*>,
            }
        }
    }};
}

pub(super) use by_cpu;

/// Defines `$name`, which has one version for all CPUs.
macro_rules! unleveled {
    ($(#[$doc:meta])* $name:ident = $body:ident<$($g:ident),*>($($sig:tt)+)) => {
        $(#[$doc])*
        pub(super) fn $name<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(_: F) -> OpFn {
            fn base<$($g: Lane,)* F: $($sig)+ + Copy + 'static>(w: &mut Warp, op: &Op) -> Flow {
                $body::<$($g,)* F>(w, op, closure::<F>())
            }
            base::<$($g,)* F>
        }
    };
}

/// All-ones bytes of the lanes in `mask`, as booleans that vector code can select by.
#[inline(always)]
pub(super) fn in_mask(mask: u32, lane: usize) -> bool {
    (mask >> lane) & 1 != 0
}

leveled! {
    /// `d = f(a)`
    map1 = map1_body or each1_body<A, R>(Fn(A) -> R)
}
leveled! {
    /// `d = f(a, b)`
    map2 = map2_body or each2_body<A, B, R>(Fn(A, B) -> R)
}
leveled! {
    /// `d = f(a, b, c)`
    map3 = map3_body or each3_body<A, B, C, R>(Fn(A, B, C) -> R)
}
unleveled! {
    /// `d = f(a)` for active lanes only
    each1 = each1_body<A, R>(Fn(A) -> R)
}
unleveled! {
    /// `d = f(a, b)` for active lanes only
    each2 = each2_body<A, B, R>(Fn(A, B) -> R)
}
unleveled! {
    /// `d = f(a, b, c)` for active lanes only
    each3 = each3_body<A, B, C, R>(Fn(A, B, C) -> R)
}
leveled! {
    /// `d = f(a, b)` into a predicate, and what `CompareFlags` in `imm` adds to it
    compare = compare_body or compare_plain<A, B>(Fn(A, B) -> bool)
}
leveled! {
    /// `d = f(a, b, p)` where `p` is the predicate in `c`
    select = select_body or select_plain<A, B, R>(Fn(A, B, bool) -> R)
}

/// The loops stand in functions of their own, whose parameters tell the compiler that results and
/// operands do not overlap.
#[inline(always)]
fn apply1<A: Lane, R: Lane>(out: &mut [R::Raw; 32], a: &[A::Raw; 32], f: impl Fn(A) -> R) {
    for lane in 0..32 {
        out[lane] = f(A::load(a[lane])).store();
    }
}

#[inline(always)]
fn apply2<A: Lane, B: Lane, R: Lane>(
    out: &mut [R::Raw; 32],
    a: &[A::Raw; 32],
    b: &[B::Raw; 32],
    f: impl Fn(A, B) -> R,
) {
    for lane in 0..32 {
        out[lane] = f(A::load(a[lane]), B::load(b[lane])).store();
    }
}

#[inline(always)]
fn apply3<A: Lane, B: Lane, C: Lane, R: Lane>(
    out: &mut [R::Raw; 32],
    a: &[A::Raw; 32],
    b: &[B::Raw; 32],
    c: &[C::Raw; 32],
    f: impl Fn(A, B, C) -> R,
) {
    for lane in 0..32 {
        out[lane] = f(A::load(a[lane]), B::load(b[lane]), C::load(c[lane])).store();
    }
}

#[inline(always)]
fn map1_body<V: Vectors, A: Lane, R: Lane, F: Fn(A) -> R>(w: &mut Warp, op: &Op, f: F) -> Flow {
    let mask = w.mask(op);
    let mut out = [R::Raw::default(); 32];
    apply1(&mut out, w.row::<A::Raw>(op.a), f);
    w.commit_by::<V, R::Raw>(op.d, &out, mask);
    Flow::Next
}

#[inline(always)]
fn map2_body<V: Vectors, A: Lane, B: Lane, R: Lane, F: Fn(A, B) -> R>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    let mask = w.mask(op);
    let mut out = [R::Raw::default(); 32];
    apply2(&mut out, w.row::<A::Raw>(op.a), w.row::<B::Raw>(op.b), f);
    w.commit_by::<V, R::Raw>(op.d, &out, mask);
    Flow::Next
}

#[inline(always)]
fn map3_body<V: Vectors, A: Lane, B: Lane, C: Lane, R: Lane, F: Fn(A, B, C) -> R>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    let mask = w.mask(op);
    let mut out = [R::Raw::default(); 32];
    let (a, b) = (w.row::<A::Raw>(op.a), w.row::<B::Raw>(op.b));
    apply3(&mut out, a, b, w.row::<C::Raw>(op.c), f);
    w.commit_by::<V, R::Raw>(op.d, &out, mask);
    Flow::Next
}

#[inline(always)]
fn each1_body<A: Lane, R: Lane, F: Fn(A) -> R>(w: &mut Warp, op: &Op, f: F) -> Flow {
    for lane in lanes(w.mask(op)) {
        let value = f(A::load(w.row::<A::Raw>(op.a)[lane]));
        w.row_mut::<R::Raw>(op.d)[lane] = value.store();
    }
    Flow::Next
}

#[inline(always)]
fn each2_body<A: Lane, B: Lane, R: Lane, F: Fn(A, B) -> R>(w: &mut Warp, op: &Op, f: F) -> Flow {
    for lane in lanes(w.mask(op)) {
        let a = A::load(w.row::<A::Raw>(op.a)[lane]);
        let value = f(a, B::load(w.row::<B::Raw>(op.b)[lane]));
        w.row_mut::<R::Raw>(op.d)[lane] = value.store();
    }
    Flow::Next
}

#[inline(always)]
fn each3_body<A: Lane, B: Lane, C: Lane, R: Lane, F: Fn(A, B, C) -> R>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    for lane in lanes(w.mask(op)) {
        let a = A::load(w.row::<A::Raw>(op.a)[lane]);
        let b = B::load(w.row::<B::Raw>(op.b)[lane]);
        let value = f(a, b, C::load(w.row::<C::Raw>(op.c)[lane]));
        w.row_mut::<R::Raw>(op.d)[lane] = value.store();
    }
    Flow::Next
}

/// How a comparison is combined with the predicate in `c`, and where its complement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CompareFlags(pub(super) u64);

impl CompareFlags {
    pub(super) const AND: u64 = 1;
    pub(super) const OR: u64 = 2;
    pub(super) const XOR: u64 = 3;
    /// The combining predicate is complemented.
    pub(super) const NEGATED: u64 = 4;
    /// `ext` is a slot that receives the complement of the comparison, combined too.
    pub(super) const SECOND: u64 = 8;
}

#[inline(always)]
fn compare_body<V: Vectors, A: Lane, B: Lane, F: Fn(A, B) -> bool>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    let mask = w.mask(op);
    let (a, b) = (w.row::<A::Raw>(op.a), w.row::<B::Raw>(op.b));
    let mut flags = [0u8; 32];
    for lane in 0..32 {
        flags[lane] = 0u8.wrapping_sub(u8::from(f(A::load(a[lane]), B::load(b[lane]))));
    }
    let hits = bits(&flags);
    if op.imm == 0 {
        w.commit_pred(op.d, hits, mask);
    } else {
        combine(w, op, hits, mask);
    }
    Flow::Next
}

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
fn compare_plain<A: Lane, B: Lane, F: Fn(A, B) -> bool>(w: &mut Warp, op: &Op, f: F) -> Flow {
    compare_body::<Plain, A, B, F>(w, op, f)
}

/// The rest of `setp` with a boolean operation or a second destination.
#[inline(never)]
fn combine(w: &mut Warp, op: &Op, hits: u32, mask: u32) {
    let flip = if op.imm & CompareFlags::NEGATED != 0 {
        u32::MAX
    } else {
        0
    };
    // Without a boolean operation there is no predicate to combine with.
    let operation = op.imm & 3;
    let other = if operation == 0 {
        0
    } else {
        w.pred(op.c) ^ flip
    };
    let with = |hits: u32| match operation {
        CompareFlags::AND => hits & other,
        CompareFlags::OR => hits | other,
        CompareFlags::XOR => hits ^ other,
        _ => hits,
    };
    w.commit_pred(op.d, with(hits), mask);
    if op.imm & CompareFlags::SECOND != 0 {
        w.commit_pred(Slot(op.ext), with(!hits), mask);
    }
}

#[inline(always)]
fn select_body<V: Vectors, A: Lane, B: Lane, R: Lane, F: Fn(A, B, bool) -> R>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    let mask = w.mask(op);
    let (a, b) = (w.row::<A::Raw>(op.a), w.row::<B::Raw>(op.b));
    let chosen = V::spread(w.pred(op.c));
    let mut out = [R::Raw::default(); 32];
    for lane in 0..32 {
        out[lane] = f(A::load(a[lane]), B::load(b[lane]), chosen[lane] != 0).store();
    }
    w.commit_by::<V, R::Raw>(op.d, &out, mask);
    Flow::Next
}

#[cfg(all(target_arch = "x86_64", not(debug_assertions)))]
fn select_plain<A: Lane, B: Lane, R: Lane, F: Fn(A, B, bool) -> R>(
    w: &mut Warp,
    op: &Op,
    f: F,
) -> Flow {
    select_body::<Plain, A, B, R, F>(w, op, f)
}
