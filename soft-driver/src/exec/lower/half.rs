//! Arithmetic on `f16`, `bf16` and pairs of them. Read [`Lowering::half`].

use super::{
    code::{Class, Node, Ref},
    form::{Form, Rounding},
    integer::unknown_type,
    lowering::{Lowered, Lowering},
};
use crate::exec::{
    half::{Bf16, F16, Half, fused},
    lanes::{each1, each3, map1, map2, map3},
    math::{min_max_f32, saturate, through_f64},
    op::OpFn,
    soft,
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

/// What the words of an instruction do to sources and result.
#[derive(Debug, Clone, Copy)]
struct Words {
    ftz: bool,
    sat: bool,
    relu: bool,
    ty: T,
}

impl<'a> Lowering<'_, 'a> {
    /// Arithmetic opcodes on halves.
    pub(super) fn half(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let rounding = form.rounding().unwrap_or(Rounding::Nearest);
        let (ftz, sat, relu) = (form.take("ftz"), form.take("sat"), form.take("relu"));
        let nan = form.take("NaN");
        let xorsign = form.take("xorsign") && form.take("abs");
        let oob = form.take("oob");
        let ty = form.ty().ok_or("it has no type")?;
        let words = Words { ftz, sat, relu, ty };
        let opcode = instruction.opcode;
        if rounding != Rounding::Nearest && opcode != "fma" {
            return Err("this rounding is not known for halves".to_owned());
        }
        let (run, sources) = match opcode {
            "abs" | "neg" => (sign(opcode, ty), 1),
            "fma" if oob => (guarded_product_sum(ty), 3),
            "fma" | "mad" => (product_sum(ty, rounding), 3),
            "min" | "max" => (extremes(ty, opcode == "min", nan, xorsign), 2),
            _ => (plain(opcode, ty), 2),
        };
        self.half_op(instruction, words, run, sources)
    }

    /// Sources, the op, and what `.ftz`, `.sat` and `.relu` add to it.
    fn half_op(
        &mut self,
        instruction: &Instruction<'a>,
        words: Words,
        run: Option<OpFn>,
        sources: usize,
    ) -> Lowered {
        let ty = words.ty;
        let run = run.ok_or_else(|| unknown_type(ty))?;
        let flush = halves1!(ty, map1, |a| zap(a)).filter(|_| words.ftz);
        let mut refs = [Ref::None; 3];
        for (index, slot) in refs.iter_mut().enumerate().take(sources) {
            *slot = self.source(self.operand(instruction, index + 1)?, ty)?;
            if let Some(flush) = flush {
                *slot = self.step(Class::W32, flush, *slot);
            }
        }
        let clamp = halves1!(ty, each1, |a| clamp(a)).filter(|_| words.sat);
        let relu = halves1!(ty, each1, |a| positive(a)).filter(|_| words.relu);
        let mut node = Node::new(run).a(refs[0]).b(refs[1]).c(refs[2]);
        for after in [flush, clamp, relu].into_iter().flatten() {
            let temp = self.temp(Class::W32);
            self.emit_pure(node.d(Ref::Def(temp)));
            node = Node::new(after).a(Ref::Use(temp));
        }
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        self.emit(node.d(d));
        Ok(())
    }

    /// `ex2` and `tanh` on halves.
    pub(super) fn half_function(
        &mut self,
        instruction: &Instruction<'a>,
        ty: T,
        ftz: bool,
    ) -> Lowered {
        let run = match instruction.opcode {
            "ex2" => halves1!(ty, each1, |a| Half::near(through_f64(a.wide(), f64::exp2))),
            "tanh" => halves1!(ty, each1, |a| Half::near(through_f64(a.wide(), f64::tanh))),
            _ => None,
        };
        let words = Words {
            ftz,
            sat: false,
            relu: false,
            ty,
        };
        self.half_op(instruction, words, run, 1)
    }
}

/// `abs` and `neg` only touch the sign, that of a NaN too.
fn sign(opcode: &str, ty: T) -> Option<OpFn> {
    Some(match (opcode, ty) {
        ("abs", T::F16 | T::Bf16) => map1(|a: u16| a & 0x7FFF),
        ("abs", _) => map1(|a: u32| a & 0x7FFF_7FFF),
        (_, T::F16 | T::Bf16) => map1(|a: u16| a ^ 0x8000),
        _ => map1(|a: u32| a ^ 0x8000_8000),
    })
}

/// `add`, `sub` and `mul`: exact in `f32` up to one rounding that cannot hurt the next.
fn plain(opcode: &str, ty: T) -> Option<OpFn> {
    match opcode {
        "add" => halves2!(ty, |a, b| Half::near(a.wide() + b.wide())),
        "sub" => halves2!(ty, |a, b| Half::near(a.wide() - b.wide())),
        "mul" => halves2!(ty, |a, b| Half::near(a.wide() * b.wide())),
        _ => None,
    }
}

fn product_sum(ty: T, rounding: Rounding) -> Option<OpFn> {
    use Rounding::{Away, Down, Nearest, Up, Zero};
    match rounding {
        Nearest => halves3!(ty, map3, |a, b, c| fused(a, b, c)),
        Zero => halves3!(ty, each3, |a, b, c| fused_to(a, b, c, Zero)),
        Down => halves3!(ty, each3, |a, b, c| fused_to(a, b, c, Down)),
        Up => halves3!(ty, each3, |a, b, c| fused_to(a, b, c, Up)),
        Away => None,
    }
}

/// `.oob`: 0 where a factor is what tensor copies fill with outside of a tensor. Which NaN that is PTX does not
/// say, so that every NaN counts as it here.
fn guarded_product_sum(ty: T) -> Option<OpFn> {
    halves3!(
        ty,
        each3,
        |a, b, c| match a.wide().is_nan() || b.wide().is_nan() {
            true => Half::of(0),
            false => fused(a, b, c),
        }
    )
}

fn fused_to<H: Half>(a: H, b: H, c: H, rounding: Rounding) -> H {
    let [a, b, c] = [a, b, c].map(|value| u64::from(value.bits()));
    H::of(soft::fma(H::FORMAT, a, b, c, rounding) as u16)
}

fn extremes(ty: T, smaller: bool, nan: bool, xorsign: bool) -> Option<OpFn> {
    match (smaller, nan, xorsign) {
        (true, false, false) => halves2!(ty, |a, b| extreme(a, b, true, false)),
        (true, true, false) => halves2!(ty, |a, b| extreme(a, b, true, true)),
        (false, false, false) => halves2!(ty, |a, b| extreme(a, b, false, false)),
        (false, true, false) => halves2!(ty, |a, b| extreme(a, b, false, true)),
        (true, false, true) => halves2!(ty, |a, b| xor_sign(a, b, true, false)),
        (true, true, true) => halves2!(ty, |a, b| xor_sign(a, b, true, true)),
        (false, false, true) => halves2!(ty, |a, b| xor_sign(a, b, false, false)),
        (false, true, true) => halves2!(ty, |a, b| xor_sign(a, b, false, true)),
    }
}

/// `.xorsign.abs`: the minimum or maximum of the magnitudes with the product's sign.
#[inline(always)]
fn xor_sign<H: Half>(a: H, b: H, smaller: bool, nan: bool) -> H {
    let sign = (a.bits() ^ b.bits()) & 0x8000;
    let [a, b] = [a, b].map(|value| H::of(value.bits() & 0x7FFF));
    let value = extreme(a, b, smaller, nan);
    if value.wide().is_nan() {
        return value;
    }
    H::of(value.bits() | sign)
}

/// `.ftz` on a half.
#[inline(always)]
pub(super) fn zap<H: Half>(value: H) -> H {
    let smallest = 1 << H::FORMAT.mantissa;
    if value.bits() & 0x7FFF < smallest {
        H::of(value.bits() & 0x8000)
    } else {
        value
    }
}

/// `.sat` on a half.
fn clamp<H: Half>(value: H) -> H {
    H::near(saturate(value.wide()))
}

/// `.relu` on a half.
pub(super) fn positive<H: Half>(value: H) -> H {
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
pub(super) fn both1<H: Half>(a: u32, f: impl Fn(H) -> H) -> u32 {
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
