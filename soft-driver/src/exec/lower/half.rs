//! Arithmetic on `f16`, `bf16` and pairs of them. Read [`Lowering::half`].

use super::{
    form::{Form, Rounding},
    lowering::{Lowered, Lowering},
};
use crate::exec::{
    half::{Bf16, F16, Half, fused},
    lanes::{each1, each3, map1, map2, map3},
    math::{flush, min_max_f32, saturate, through_f64},
    op::OpFn,
};
use crate::ptx::{Instruction, ScalarType as T};

/// A two-operand closure on scalars or pairs of either type.
macro_rules! halves2 {
    ($ty:expr, |$a:ident, $b:ident| $body:expr) => {
        match $ty {
            T::F16 => Some(map2(|$a: F16, $b: F16| -> F16 { $body })),
            T::Bf16 => Some(map2(|$a: Bf16, $b: Bf16| -> Bf16 { $body })),
            T::F16x2 => Some(map2(|a: u32, b: u32| both2(a, b, |$a: F16, $b: F16| $body))),
            T::Bf16x2 => Some(map2(|a: u32, b: u32| {
                both2(a, b, |$a: Bf16, $b: Bf16| $body)
            })),
            _ => None,
        }
    };
}

/// A one-operand closure, likewise.
macro_rules! halves1 {
    ($ty:expr, $make:ident, |$a:ident| $body:expr) => {
        match $ty {
            T::F16 => Some($make(|$a: F16| -> F16 { $body })),
            T::Bf16 => Some($make(|$a: Bf16| -> Bf16 { $body })),
            T::F16x2 => Some($make(|a: u32| both1(a, |$a: F16| $body))),
            T::Bf16x2 => Some($make(|a: u32| both1(a, |$a: Bf16| $body))),
            _ => None,
        }
    };
}

/// A three-operand closure, likewise.
macro_rules! halves3 {
    ($ty:expr, $make:ident, |$a:ident, $b:ident, $c:ident| $body:expr) => {
        match $ty {
            T::F16 => Some($make(|$a: F16, $b: F16, $c: F16| -> F16 { $body })),
            T::Bf16 => Some($make(|$a: Bf16, $b: Bf16, $c: Bf16| -> Bf16 { $body })),
            T::F16x2 => Some($make(|a: u32, b: u32, c: u32| {
                both3(a, b, c, |$a: F16, $b: F16, $c: F16| $body)
            })),
            T::Bf16x2 => Some($make(|a: u32, b: u32, c: u32| {
                both3(a, b, c, |$a: Bf16, $b: Bf16, $c: Bf16| $body)
            })),
            _ => None,
        }
    };
}

impl<'a> Lowering<'_, 'a> {
    /// Arithmetic opcodes on halves.
    pub(super) fn half(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let rounding = form.rounding().unwrap_or(Rounding::Nearest);
        let (ftz, sat, relu) = (form.take("ftz"), form.take("sat"), form.take("relu"));
        let (nan, xorsign) = (form.take("NaN"), form.take("xorsign"));
        form.take("abs");
        let ty = form.ty().ok_or("it has no type")?;
        if rounding != Rounding::Nearest || xorsign {
            return Err("these words are not known for halves".to_owned());
        }
        let opcode = instruction.opcode;
        match opcode {
            "abs" | "neg" => {
                let run = match (opcode, ty) {
                    ("abs", T::F16 | T::Bf16) => map1(|a: u16| a & 0x7FFF),
                    ("abs", _) => map1(|a: u32| a & 0x7FFF_7FFF),
                    (_, T::F16 | T::Bf16) => map1(|a: u16| a ^ 0x8000),
                    _ => map1(|a: u32| a ^ 0x8000_8000),
                };
                self.unary(instruction, ty, Some(run))
            }
            "fma" | "mad" => {
                let run = match (sat, relu, ftz) {
                    (false, false, false) => halves3!(ty, map3, |a, b, c| fused(a, b, c)),
                    (false, false, true) => {
                        halves3!(ty, each3, |a, b, c| zap(fused(zap(a), zap(b), zap(c))))
                    }
                    (true, false, _) => halves3!(ty, each3, |a, b, c| clamp(fused(a, b, c))),
                    (false, true, _) => halves3!(ty, each3, |a, b, c| positive(fused(a, b, c))),
                    _ => None,
                };
                self.ternary_of(instruction, [ty; 4], run)
            }
            "min" | "max" => {
                let run = match (opcode, nan) {
                    ("min", false) => halves2!(ty, |a, b| extreme(a, b, true, false)),
                    ("min", true) => halves2!(ty, |a, b| extreme(a, b, true, true)),
                    (_, false) => halves2!(ty, |a, b| extreme(a, b, false, false)),
                    (_, true) => halves2!(ty, |a, b| extreme(a, b, false, true)),
                };
                self.half_binary(instruction, ty, run)
            }
            _ => self.half_binary(instruction, ty, plain(opcode, ty, ftz, sat)),
        }
    }

    fn half_binary(&mut self, instruction: &Instruction<'a>, ty: T, run: Option<OpFn>) -> Lowered {
        self.binary(instruction, ty, run)
    }

    /// `ex2` and `tanh` on halves.
    pub(super) fn half_function(&mut self, instruction: &Instruction<'a>, ty: T) -> Lowered {
        let run = match instruction.opcode {
            "ex2" => halves1!(ty, each1, |a| Half::near(through_f64(a.wide(), f64::exp2))),
            "tanh" => halves1!(ty, each1, |a| Half::near(through_f64(a.wide(), f64::tanh))),
            _ => None,
        };
        self.unary(instruction, ty, run)
    }
}

/// `add`, `sub` and `mul`: exact in `f32` up to one rounding that cannot hurt the next.
fn plain(opcode: &str, ty: T, ftz: bool, sat: bool) -> Option<OpFn> {
    match (opcode, ftz, sat) {
        ("add", false, false) => halves2!(ty, |a, b| Half::near(a.wide() + b.wide())),
        ("sub", false, false) => halves2!(ty, |a, b| Half::near(a.wide() - b.wide())),
        ("mul", false, false) => halves2!(ty, |a, b| Half::near(a.wide() * b.wide())),
        ("add", true, false) => halves2!(ty, |a, b| {
            zap(Half::near(zap(a).wide() + zap(b).wide()))
        }),
        ("sub", true, false) => halves2!(ty, |a, b| {
            zap(Half::near(zap(a).wide() - zap(b).wide()))
        }),
        ("mul", true, false) => halves2!(ty, |a, b| {
            zap(Half::near(zap(a).wide() * zap(b).wide()))
        }),
        ("add", _, true) => halves2!(ty, |a, b| Half::near(saturate(a.wide() + b.wide()))),
        ("sub", _, true) => halves2!(ty, |a, b| Half::near(saturate(a.wide() - b.wide()))),
        ("mul", _, true) => halves2!(ty, |a, b| Half::near(saturate(a.wide() * b.wide()))),
        _ => None,
    }
}

/// `.ftz` on a half.
#[inline(always)]
fn zap<H: Half>(value: H) -> H {
    let smallest = 1 << H::FORMAT.mantissa;
    if value.bits() & 0x7FFF < smallest {
        H::of(value.bits() & 0x8000)
    } else {
        value
    }
}

/// `.sat` on a half.
fn clamp<H: Half>(value: H) -> H {
    H::near(saturate(flush(value.wide())))
}

/// `.relu` on a half.
fn positive<H: Half>(value: H) -> H {
    if value.wide().is_nan() {
        return H::of(0x7FFF);
    }
    if value.bits() & 0x8000 != 0 {
        H::of(0)
    } else {
        value
    }
}

#[inline(always)]
fn extreme<H: Half>(a: H, b: H, smaller: bool, nan: bool) -> H {
    H::near(min_max_f32(a.wide(), b.wide(), smaller, nan))
}

#[inline(always)]
fn split<H: Half>(pair: u32) -> (H, H) {
    (H::of(pair as u16), H::of((pair >> 16) as u16))
}

#[inline(always)]
fn joined<H: Half>(low: H, high: H) -> u32 {
    u32::from(low.bits()) | (u32::from(high.bits()) << 16)
}

#[inline(always)]
fn both1<H: Half>(a: u32, f: impl Fn(H) -> H) -> u32 {
    let (low, high) = split(a);
    joined(f(low), f(high))
}

#[inline(always)]
fn both2<H: Half>(a: u32, b: u32, f: impl Fn(H, H) -> H) -> u32 {
    let ((a0, a1), (b0, b1)) = (split(a), split(b));
    joined(f(a0, b0), f(a1, b1))
}

#[inline(always)]
fn both3<H: Half>(a: u32, b: u32, c: u32, f: impl Fn(H, H, H) -> H) -> u32 {
    let ((a0, a1), (b0, b1), (c0, c1)) = (split(a), split(b), split(c));
    joined(f(a0, b0, c0), f(a1, b1, c1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_zeroes_negative_values_and_keeps_nan() {
        assert_eq!(positive(F16::near(-1.0)).bits(), 0);
        assert_eq!(positive(F16::near(2.0)).wide(), 2.0);
        assert_eq!(positive(F16::near(f32::NAN)).bits(), 0x7FFF);
    }

    #[test]
    fn flushing_zeroes_only_subnormal_values() {
        assert_eq!(zap(F16(0x03FF)).bits(), 0);
        assert_eq!(zap(F16(0x8001)).bits(), 0x8000);
        assert_eq!(zap(F16(0x0400)).bits(), 0x0400);
        assert_eq!(zap(Bf16(0x0080)).bits(), 0x0080);
    }
}
