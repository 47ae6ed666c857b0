//! `f16` and `bf16` as lane types. Arithmetic happens in `f32` or `f64`, which hold every intermediate
//! exactly enough that one rounding remains. Read [`Half`].

use super::{
    lanes::Lane,
    lower::Rounding,
    soft::{self, BF16, F32, F64, Format},
};

/// A 16-bit floating point type.
pub(super) trait Half: Lane<Raw = u32> {
    /// Its format.
    const FORMAT: Format;
    /// From bits.
    fn of(bits: u16) -> Self;
    /// The bits.
    fn bits(self) -> u16;
    /// Exact value.
    fn wide(self) -> f32;
    /// Nearest value, ties to even; NaN becomes 0x7FFF.
    fn near(value: f32) -> Self;
}

/// `f16`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct F16(pub(super) u16);

/// `bf16`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bf16(pub(super) u16);

impl Lane for F16 {
    type Raw = u32;

    #[inline(always)]
    fn load(raw: u32) -> Self {
        Self(raw as u16)
    }

    #[inline(always)]
    fn store(self) -> u32 {
        u32::from(self.0)
    }
}

impl Lane for Bf16 {
    type Raw = u32;

    #[inline(always)]
    fn load(raw: u32) -> Self {
        Self(raw as u16)
    }

    #[inline(always)]
    fn store(self) -> u32 {
        u32::from(self.0)
    }
}

impl Half for F16 {
    const FORMAT: Format = soft::F16;

    #[inline(always)]
    fn of(bits: u16) -> Self {
        Self(bits)
    }

    #[inline(always)]
    fn bits(self) -> u16 {
        self.0
    }

    /// Scaling by a power of two turns subnormal numbers into normal ones without a branch.
    #[inline(always)]
    fn wide(self) -> f32 {
        let magnitude = u32::from(self.0 & 0x7FFF) << 13;
        let special = magnitude >= 0x0F80_0000;
        let scaled = f32::from_bits(magnitude) * f32::from_bits((254 - 15) << 23);
        let bits = if special {
            magnitude | 0x7F80_0000
        } else {
            scaled.to_bits()
        };
        f32::from_bits(bits | (u32::from(self.0 & 0x8000) << 16))
    }

    /// Adding and subtracting a suitable power of two lets the CPU round at the right bit.
    #[inline(always)]
    fn near(value: f32) -> Self {
        let bits = value.to_bits();
        let sign = (bits >> 16) as u16 & 0x8000;
        let magnitude = bits & 0x7FFF_FFFF;
        let clipped = f32::from_bits(magnitude.min(0x4780_0000));
        let exponent = (clipped.to_bits() & 0x7F80_0000).max(0x3880_0000);
        let magic = f32::from_bits(exponent + (13 << 23));
        let rounded = (clipped + magic) - magic;
        let scaled = rounded * f32::from_bits((127 - 112) << 23);
        let half = if rounded >= 65536.0 {
            0x7C00
        } else {
            (scaled.to_bits() >> 13) as u16
        };
        Self(if magnitude > 0x7F80_0000 {
            0x7FFF
        } else {
            half | sign
        })
    }
}

impl Half for Bf16 {
    const FORMAT: Format = BF16;

    #[inline(always)]
    fn of(bits: u16) -> Self {
        Self(bits)
    }

    #[inline(always)]
    fn bits(self) -> u16 {
        self.0
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    #[inline(always)]
    fn near(value: f32) -> Self {
        let bits = value.to_bits();
        let rounded = (bits.wrapping_add(0x7FFF + ((bits >> 16) & 1)) >> 16) as u16;
        Self(if value.is_nan() { 0x7FFF } else { rounded })
    }
}

/// `a * b + c`, rounded once: the product is exact in `f64`, and rounding the sum to odd keeps what
/// the last rounding needs.
#[inline(always)]
pub(super) fn fused<H: Half>(a: H, b: H, c: H) -> H {
    let product = f64::from(a.wide()) * f64::from(b.wide());
    near_f64(add_to_odd(product, f64::from(c.wide())))
}

/// `a + b`, where an inexact sum ends in a one bit.
#[inline(always)]
fn add_to_odd(a: f64, b: f64) -> f64 {
    let sum = a + b;
    let back = sum - a;
    let error = (a - (sum - back)) + (b - back);
    let inexact = error != 0.0 && sum.is_finite();
    let even = sum.to_bits() & 1 == 0;
    if !(inexact && even) {
        return sum;
    }
    let away = (error > 0.0) == (sum > 0.0);
    let step = if away { 1 } else { u64::MAX };
    f64::from_bits(sum.to_bits().wrapping_add(step))
}

/// The nearest value of `value`.
#[inline(always)]
pub(super) fn near_f64<H: Half>(value: f64) -> H {
    if value.is_nan() {
        return H::near(f32::NAN);
    }
    H::of(soft::convert(F64, H::FORMAT, value.to_bits(), Rounding::Nearest) as u16)
}

/// `value` rounded as said.
pub(super) fn narrow<H: Half>(value: f32, rounding: Rounding) -> H {
    H::of(soft::convert(F32, H::FORMAT, u64::from(value.to_bits()), rounding) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f16_widening_agrees_with_exact_conversion() {
        for bits in 0..=u16::MAX {
            let exact = soft::convert(soft::F16, F32, u64::from(bits), Rounding::Nearest);
            let exact = f32::from_bits(exact as u32);
            let ours = F16(bits).wide();
            assert!(
                ours.to_bits() == exact.to_bits() || ours.is_nan() && exact.is_nan(),
                "{bits:#x}: {ours:e} for {exact:e}"
            );
        }
    }

    #[test]
    fn narrowing_agrees_with_exact_conversion() {
        let mut bits = 0x3u32;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            assert_eq!(
                F16::near(value),
                narrow::<F16>(value, Rounding::Nearest),
                "{value:e}"
            );
            assert_eq!(
                Bf16::near(value),
                narrow::<Bf16>(value, Rounding::Nearest),
                "{value:e}"
            );
            let small = value.to_bits() & 0x8FFF_FFFF | 0x3000_0000;
            let value = f32::from_bits(small);
            assert_eq!(
                F16::near(value),
                narrow::<F16>(value, Rounding::Nearest),
                "{value:e}"
            );
        }
    }

    #[test]
    fn fused_agrees_with_exact_arithmetic() {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as u16
        };
        for _ in 0..100_000 {
            let (a, b, c) = (next(), next(), next());
            let [x, y, z] = [a, b, c].map(u64::from);
            let exact = soft::fma(soft::F16, x, y, z, Rounding::Nearest) as u16;
            assert_eq!(
                fused(F16(a), F16(b), F16(c)).0,
                exact,
                "{a:#x} {b:#x} {c:#x}"
            );
            let exact = soft::fma(BF16, x, y, z, Rounding::Nearest) as u16;
            assert_eq!(
                fused(Bf16(a), Bf16(b), Bf16(c)).0,
                exact,
                "{a:#x} {b:#x} {c:#x}"
            );
        }
    }
}
