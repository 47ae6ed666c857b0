//! Functions of numbers that PTX defines differently from Rust, or that it calls approximate: the
//! latter are computed in double precision and rounded once. Read the functions in any order.

/// The NaN of single precision results.
pub(super) const NAN32: f32 = f32::from_bits(0x7FFF_FFFF);

/// `value`, any NaN replaced by the one PTX returns. It looks at the bits, since the compiler may
/// take one NaN for another.
#[inline(always)]
pub(super) fn canon(value: f32) -> f32 {
    let bits = value.to_bits();
    let is_nan = bits & 0x7FFF_FFFF > 0x7F80_0000;
    f32::from_bits(if is_nan { 0x7FFF_FFFF } else { bits })
}

/// `.ftz`: subnormal numbers become zeros of their sign.
#[inline(always)]
pub(super) fn flush(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE {
        f32::from_bits(value.to_bits() & 0x8000_0000)
    } else {
        value
    }
}

/// `.sat`: clamps to [0, 1]; NaN becomes 0.
#[inline(always)]
pub(super) fn saturate(value: f32) -> f32 {
    if value >= 1.0 {
        1.0
    } else if value > 0.0 {
        value
    } else {
        0.0
    }
}

/// `.sat` in double precision.
#[inline(always)]
pub(super) fn saturate_f64(value: f64) -> f64 {
    if value >= 1.0 {
        1.0
    } else if value > 0.0 {
        value
    } else {
        0.0
    }
}

/// `min` or `max`: a NaN loses unless `nan_wins`, and -0 is below +0.
#[inline(always)]
pub(super) fn min_max_f32(a: f32, b: f32, smaller: bool, nan_wins: bool) -> f32 {
    if a.is_nan() || b.is_nan() {
        return match (nan_wins, a.is_nan(), b.is_nan()) {
            (true, ..) | (_, true, true) => NAN32,
            (_, true, _) => b,
            _ => a,
        };
    }
    let a_first = a < b || a == b && a.is_sign_negative();
    if a_first == smaller { a } else { b }
}

/// `min` or `max` in double precision.
#[inline(always)]
pub(super) fn min_max_f64(a: f64, b: f64, smaller: bool) -> f64 {
    if a.is_nan() {
        return b;
    }
    if b.is_nan() {
        return a;
    }
    let a_first = a < b || a == b && a.is_sign_negative();
    if a_first == smaller { a } else { b }
}

/// `f` in double precision, rounded once.
#[inline(always)]
pub(super) fn through_f64(value: f32, f: impl Fn(f64) -> f64) -> f32 {
    canon(f(f64::from(value)) as f32)
}

/// `rcp.approx.ftz.f64` and `rsqrt.approx.ftz.f64`: the lower half of the result is zero.
#[inline(always)]
pub(super) fn gross(value: f64, f: impl Fn(f64) -> f64) -> f64 {
    let flushed = if value.abs() < f64::MIN_POSITIVE {
        f64::from_bits(value.to_bits() & (1 << 63))
    } else {
        value
    };
    let exact = f(flushed);
    let result = if exact.abs() < f64::MIN_POSITIVE {
        f64::from_bits(exact.to_bits() & (1 << 63))
    } else {
        exact
    };
    f64::from_bits(result.to_bits() & !0xFFFF_FFFF)
}

/// Float to integer as PTX has it: clamped, and NaN as 0 or as the smallest signed value when a
/// 64-bit type takes part.
macro_rules! to_integer {
    ($from:ty => $($to:ident $nan:expr),+) => {
        $(
            #[doc = concat!("To `", stringify!($to), "`.")]
            #[inline(always)]
            pub(in crate::exec) fn $to(value: $from) -> $to {
                if value.is_nan() { $nan } else { value as $to }
            }
        )+
    };
}

/// From single precision.
pub(super) mod from_f32 {
    to_integer!(f32 => u8 0, i8 0, u16 0, i16 0, u32 0, i32 0, u64 1 << 63, i64 i64::MIN);
}

/// From double precision.
pub(super) mod from_f64 {
    to_integer!(
        f64 => u8 1 << 7, i8 i8::MIN, u16 1 << 15, i16 i16::MIN, u32 1 << 31, i32 i32::MIN,
        u64 1 << 63, i64 i64::MIN
    );
}
