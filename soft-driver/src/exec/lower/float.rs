//! Single and double precision: arithmetic, and the functions PTX calls approximate. Read
//! [`Lowering::float`].
//!
//! Round-to-nearest forms with and without `.ftz` are closures of their own; other roundings run in
//! `soft`; `.sat` is an op after.

use super::{
    code::{Class, Node, Ref},
    convert::saturated,
    form::{Form, Rounding},
    integer::unknown_type,
    lowering::{Lowered, Lowering, class_of},
};
use crate::exec::{
    lanes::{each1, each2, each3, map1, map2, map3},
    math::{canon, flush, gross, min_max_f32, min_max_f64, through_f64},
    op::OpFn,
    soft,
};
use crate::ptx::{Instruction, ScalarType as T};

/// A closure over `f32` and `f64` in `soft`, for one of the three directed roundings.
macro_rules! directed {
    ($rounding:expr, $ty:expr, $make:ident, $function:ident, |$($arg:ident),+|) => {
        match ($ty, $rounding) {
            (T::F32, Rounding::Zero) => directed!(@f32 Zero, $make, $function, $($arg),+),
            (T::F32, Rounding::Down) => directed!(@f32 Down, $make, $function, $($arg),+),
            (T::F32, Rounding::Up) => directed!(@f32 Up, $make, $function, $($arg),+),
            (T::F64, Rounding::Zero) => directed!(@f64 Zero, $make, $function, $($arg),+),
            (T::F64, Rounding::Down) => directed!(@f64 Down, $make, $function, $($arg),+),
            (T::F64, Rounding::Up) => directed!(@f64 Up, $make, $function, $($arg),+),
            _ => None,
        }
    };
    (@f32 $rounding:ident, $make:ident, $function:ident, $($arg:ident),+) => {
        Some($make(|$($arg: u32),+| {
            soft::$function(soft::F32, $(u64::from($arg),)+ Rounding::$rounding) as u32
        }))
    };
    (@f64 $rounding:ident, $make:ident, $function:ident, $($arg:ident),+) => {
        Some($make(|$($arg: u64),+| soft::$function(soft::F64, $($arg,)+ Rounding::$rounding)))
    };
}

/// Likewise over both halves of a pair of `f32`.
macro_rules! directed_halves {
    ($rounding:expr, $make:ident, $function:ident, |$($arg:ident),+|) => {
        match $rounding {
            Rounding::Zero => directed_halves!(@ Zero, $make, $function, $($arg),+),
            Rounding::Down => directed_halves!(@ Down, $make, $function, $($arg),+),
            Rounding::Up => directed_halves!(@ Up, $make, $function, $($arg),+),
            _ => None,
        }
    };
    (@ $rounding:ident, $make:ident, $function:ident, $($arg:ident),+) => {
        Some($make(|$($arg: u64),+| {
            in_halves([$($arg),+], |[$($arg),+]| {
                soft::$function(soft::F32, $($arg,)+ Rounding::$rounding)
            })
        }))
    };
}

/// Words of a floating point instruction.
#[derive(Debug, Clone, Copy)]
struct Words {
    rounding: Rounding,
    ftz: bool,
    sat: bool,
    ty: T,
    /// The type of the sources of `add.f32.f16` that are halves; else `ty`.
    factor: T,
}

impl<'a> Lowering<'_, 'a> {
    /// Arithmetic in single and double precision.
    pub(super) fn float(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let approx = form.take("approx") || form.take("full");
        let rounding = form.rounding().unwrap_or(Rounding::Nearest);
        let (ftz, sat) = (form.take("ftz"), form.take("sat"));
        let (nan, xorsign) = (form.take("NaN"), form.take("xorsign"));
        let abs = form.take("abs");
        let ty = form.ty().ok_or("it has no type")?;
        let narrow = form.ty().unwrap_or(ty);
        let words = Words {
            rounding,
            ftz,
            sat,
            ty,
            factor: narrow,
        };
        if ty == T::F32x2 {
            return self.float_pair(instruction, words);
        }
        match instruction.opcode {
            "min" | "max" => self.float_min_max(instruction, words, (nan, xorsign, abs)),
            _ if nan || xorsign || abs => Err("these words are not known here".to_owned()),
            "abs" | "neg" => self.float_sign(instruction, words),
            "div" if approx => {
                let run = if ftz {
                    map2(|a: f32, b: f32| flush(quotient(flush(a), flush(b))))
                } else {
                    map2(|a: f32, b: f32| quotient(a, b))
                };
                self.float_op(instruction, words, Some(run), 2)
            }
            "add" | "sub" | "mul" | "div" => {
                let run = if rounding == Rounding::Nearest {
                    nearest2(instruction.opcode, ty, ftz)
                } else {
                    directed2(instruction.opcode, ty, rounding)
                };
                self.float_op(instruction, words, run, 2)
            }
            "fma" | "mad" => {
                let run = match (rounding, ty, ftz) {
                    (Rounding::Nearest, T::F32, false) => {
                        Some(map3(|a: f32, b: f32, c: f32| canon(a.mul_add(b, c))))
                    }
                    (Rounding::Nearest, T::F32, true) => Some(map3(|a: f32, b: f32, c: f32| {
                        flush(canon(flush(a).mul_add(flush(b), flush(c))))
                    })),
                    (Rounding::Nearest, T::F64, _) => {
                        Some(map3(|a: f64, b: f64, c: f64| a.mul_add(b, c)))
                    }
                    _ => directed!(rounding, ty, each3, fma, |a, b, c|),
                };
                self.float_op(instruction, words, run, 3)
            }
            _ => Err("floating point is not known here".to_owned()),
        }
    }

    /// Sources, the op, and what `.ftz` and `.sat` add to it.
    fn float_op(
        &mut self,
        instruction: &Instruction<'a>,
        words: Words,
        run: Option<OpFn>,
        sources: usize,
    ) -> Lowered {
        let run = run.ok_or_else(|| unknown_type(words.ty))?;
        let class = class_of(words.ty).ok_or_else(|| unknown_type(words.ty))?;
        let flushing =
            flush_op(words.ty).filter(|_| words.ftz && words.rounding != Rounding::Nearest);
        let mut refs = [Ref::None; 3];
        for (index, slot) in refs.iter_mut().enumerate().take(sources) {
            let is_last = index + 1 == sources;
            let ty = if is_last { words.ty } else { words.factor };
            *slot = self.source(self.operand(instruction, index + 1)?, ty)?;
            if ty != words.ty {
                *slot = self.widened(ty, *slot).1;
            }
            if let Some(flushing) = flushing {
                *slot = self.step(class, flushing, *slot);
            }
        }
        let mut after: Vec<OpFn> = flushing.into_iter().collect();
        if words.sat {
            after.push(saturated(words.ty).ok_or_else(|| unknown_type(words.ty))?);
        }
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        let mut node = Node::new(run).a(refs[0]).b(refs[1]).c(refs[2]);
        for run in after {
            let temp = self.temp(class);
            self.emit_pure(node.d(Ref::Def(temp)));
            node = Node::new(run).a(Ref::Use(temp));
        }
        self.emit(node.d(d));
        Ok(())
    }

    fn float_min_max(
        &mut self,
        instruction: &Instruction<'a>,
        words: Words,
        (nan, xorsign, abs): (bool, bool, bool),
    ) -> Lowered {
        let smaller = instruction.opcode == "min";
        let third = instruction.operands.len() == 4;
        if xorsign && !abs {
            return Err("'.xorsign' is only known with '.abs'".to_owned());
        }
        let run =
            min_max(words, smaller, nan, xorsign).ok_or("this minimum or maximum is not known")?;
        if !third {
            return self.binary(instruction, words.ty, Some(run));
        }
        let class = class_of(words.ty).ok_or_else(|| unknown_type(words.ty))?;
        let mut refs = [Ref::None; 3];
        for (index, slot) in refs.iter_mut().enumerate() {
            *slot = self.source(self.operand(instruction, index + 1)?, words.ty)?;
            if abs && !xorsign {
                *slot = self.step(class, map1(|a: f32| a.abs()), *slot);
            }
        }
        let [a, b, c] = refs;
        let temp = self.temp(class);
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(a).b(b));
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        self.emit(Node::new(run).d(d).a(Ref::Use(temp)).b(c));
        Ok(())
    }

    fn float_sign(&mut self, instruction: &Instruction<'a>, words: Words) -> Lowered {
        let abs = instruction.opcode == "abs";
        let run = match (words.ty, abs, words.ftz) {
            (T::F32, true, false) => map1(|a: f32| a.abs()),
            (T::F32, true, true) => map1(|a: f32| flush(a).abs()),
            (T::F32, false, false) => map1(|a: f32| -a),
            (T::F32, false, true) => map1(|a: f32| -flush(a)),
            (T::F64, true, _) => map1(|a: f64| a.abs()),
            (T::F64, false, _) => map1(|a: f64| -a),
            _ => return Err(unknown_type(words.ty)),
        };
        self.unary(instruction, words.ty, Some(run))
    }

    /// `add.f32x2` and the like: two `f32` in a 64-bit register.
    fn float_pair(&mut self, instruction: &Instruction<'a>, words: Words) -> Lowered {
        if words.rounding != Rounding::Nearest {
            let sources = if instruction.opcode == "fma" { 3 } else { 2 };
            let run = directed_pair(instruction.opcode, words.rounding);
            return self.float_op(instruction, words, run, sources);
        }
        let run = match (instruction.opcode, words.ftz) {
            ("add", false) => map2(|a: u64, b: u64| pairwise(a, b, |a, b| a + b)),
            ("sub", false) => map2(|a: u64, b: u64| pairwise(a, b, |a, b| a - b)),
            ("mul", false) => map2(|a: u64, b: u64| pairwise(a, b, |a, b| a * b)),
            ("add", true) => {
                map2(|a: u64, b: u64| pairwise(a, b, |a, b| flush(flush(a) + flush(b))))
            }
            ("sub", true) => {
                map2(|a: u64, b: u64| pairwise(a, b, |a, b| flush(flush(a) - flush(b))))
            }
            ("mul", true) => {
                map2(|a: u64, b: u64| pairwise(a, b, |a, b| flush(flush(a) * flush(b))))
            }
            ("fma", false) => map3(|a: u64, b: u64, c: u64| {
                let low = half_of(a, 0).mul_add(half_of(b, 0), half_of(c, 0));
                join(low, half_of(a, 1).mul_add(half_of(b, 1), half_of(c, 1)))
            }),
            ("fma", true) => map3(|a: u64, b: u64, c: u64| {
                let at = |value, index| flush(half_of(value, index));
                let low = flush(at(a, 0).mul_add(at(b, 0), at(c, 0)));
                join(low, flush(at(a, 1).mul_add(at(b, 1), at(c, 1))))
            }),
            _ => return Err(unknown_type(T::F32x2)),
        };
        if instruction.opcode == "fma" {
            return self.ternary_of(instruction, [T::B64; 4], Some(run));
        }
        self.binary(instruction, T::B64, Some(run))
    }

    /// `rcp`, `sqrt`, `rsqrt`, `sin`, `cos`, `ex2`, `lg2`, `tanh`, `copysign`, `testp`.
    pub(super) fn float_function(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        if instruction.opcode == "testp" {
            return self.test_property(instruction, form);
        }
        let approx = form.take("approx");
        let rounding = form.rounding().unwrap_or(Rounding::Nearest);
        let ftz = form.take("ftz");
        let ty = form.ty().ok_or("it has no type")?;
        if matches!(ty, T::F16 | T::F16x2 | T::Bf16 | T::Bf16x2) {
            return self.half_function(instruction, ty, ftz);
        }
        let opcode = instruction.opcode;
        let run = match (opcode, ty) {
            ("copysign", T::F32) => Some(map2(|a: f32, b: f32| b.copysign(a))),
            ("copysign", T::F64) => Some(map2(|a: f64, b: f64| b.copysign(a))),
            ("rcp", T::F64) if approx => Some(map1(|a: f64| gross(a, |a| 1.0 / a))),
            ("rsqrt", T::F64) if ftz => Some(map1(|a: f64| gross(a, |a| 1.0 / a.sqrt()))),
            ("rsqrt", T::F64) => Some(map1(|a: f64| 1.0 / a.sqrt())),
            ("rcp" | "sqrt", _) if !approx && rounding != Rounding::Nearest => {
                directed1(opcode, ty, rounding)
            }
            ("rcp", T::F64) => Some(map1(|a: f64| 1.0 / a)),
            ("sqrt", T::F64) => Some(map1(|a: f64| a.sqrt())),
            ("rcp", T::F32) => Some(map1(|a: f32| canon(1.0 / a))),
            ("sqrt", T::F32) => Some(map1(|a: f32| canon(a.sqrt()))),
            ("rsqrt", T::F32) => Some(map1(|a: f32| through_f64(a, |a| 1.0 / a.sqrt()))),
            ("sin", T::F32) => Some(each1(|a: f32| through_f64(a, f64::sin))),
            ("cos", T::F32) => Some(each1(|a: f32| through_f64(a, f64::cos))),
            ("ex2", T::F32) => Some(each1(|a: f32| through_f64(a, f64::exp2))),
            ("lg2", T::F32) => Some(each1(|a: f32| through_f64(a, f64::log2))),
            ("tanh", T::F32) => Some(each1(|a: f32| through_f64(a, f64::tanh))),
            _ => None,
        };
        let run = run.ok_or_else(|| unknown_type(ty))?;
        if opcode == "copysign" {
            return self.binary(instruction, ty, Some(run));
        }
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let mut a = self.source(self.operand(instruction, 1)?, ty)?;
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        if ftz && ty == T::F32 {
            a = self.step(class, map1(|a: f32| flush(a)), a);
            let value = self.step(class, run, a);
            self.emit(Node::new(map1(|a: f32| flush(a))).d(d).a(value));
            return Ok(());
        }
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    fn test_property(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        use crate::exec::lanes::compare;
        use std::num::FpCategory as C;
        let property = form.take_one(&[
            ("finite", 0),
            ("infinite", 1),
            ("number", 2),
            ("notanumber", 3),
            ("normal", 4),
            ("subnormal", 5),
        ]);
        let ty = form.ty().ok_or("it has no type")?;
        let run = match (ty, property) {
            (T::F32, Some(0)) => compare(|a: f32, _: f32| a.is_finite()),
            (T::F32, Some(1)) => compare(|a: f32, _: f32| a.is_infinite()),
            (T::F32, Some(2)) => compare(|a: f32, _: f32| !a.is_nan()),
            (T::F32, Some(3)) => compare(|a: f32, _: f32| a.is_nan()),
            (T::F32, Some(4)) => {
                compare(|a: f32, _: f32| matches!(a.classify(), C::Normal | C::Zero))
            }
            (T::F32, Some(5)) => compare(|a: f32, _: f32| a.classify() == C::Subnormal),
            (T::F64, Some(0)) => compare(|a: f64, _: f64| a.is_finite()),
            (T::F64, Some(1)) => compare(|a: f64, _: f64| a.is_infinite()),
            (T::F64, Some(2)) => compare(|a: f64, _: f64| !a.is_nan()),
            (T::F64, Some(3)) => compare(|a: f64, _: f64| a.is_nan()),
            (T::F64, Some(4)) => {
                compare(|a: f64, _: f64| matches!(a.classify(), C::Normal | C::Zero))
            }
            (T::F64, Some(5)) => compare(|a: f64, _: f64| a.classify() == C::Subnormal),
            _ => return Err("the property or the type is not known".to_owned()),
        };
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        self.emit(Node::new(run).d(d).a(a).b(a));
        Ok(())
    }
}

/// Two-operand arithmetic, rounded to nearest.
fn nearest2(opcode: &str, ty: T, ftz: bool) -> Option<OpFn> {
    Some(match (opcode, ty, ftz) {
        ("add", T::F32, false) => map2(|a: f32, b: f32| canon(a + b)),
        ("sub", T::F32, false) => map2(|a: f32, b: f32| canon(a - b)),
        ("mul", T::F32, false) => map2(|a: f32, b: f32| canon(a * b)),
        ("div", T::F32, false) => map2(|a: f32, b: f32| canon(a / b)),
        ("add", T::F32, true) => map2(|a: f32, b: f32| flush(canon(flush(a) + flush(b)))),
        ("sub", T::F32, true) => map2(|a: f32, b: f32| flush(canon(flush(a) - flush(b)))),
        ("mul", T::F32, true) => map2(|a: f32, b: f32| flush(canon(flush(a) * flush(b)))),
        ("div", T::F32, true) => map2(|a: f32, b: f32| flush(canon(flush(a) / flush(b)))),
        ("add", T::F64, _) => map2(|a: f64, b: f64| a + b),
        ("sub", T::F64, _) => map2(|a: f64, b: f64| a - b),
        ("mul", T::F64, _) => map2(|a: f64, b: f64| a * b),
        ("div", T::F64, _) => map2(|a: f64, b: f64| a / b),
        _ => return None,
    })
}

/// Two-operand arithmetic in another rounding.
fn directed2(opcode: &str, ty: T, rounding: Rounding) -> Option<OpFn> {
    match opcode {
        "add" => directed!(rounding, ty, each2, add, |a, b|),
        "sub" => directed!(rounding, ty, each2, sub, |a, b|),
        "mul" => directed!(rounding, ty, each2, mul, |a, b|),
        _ => directed!(rounding, ty, each2, div, |a, b|),
    }
}

/// The same on both halves of a pair.
fn directed_pair(opcode: &str, rounding: Rounding) -> Option<OpFn> {
    match opcode {
        "add" => directed_halves!(rounding, each2, add, |a, b|),
        "sub" => directed_halves!(rounding, each2, sub, |a, b|),
        "mul" => directed_halves!(rounding, each2, mul, |a, b|),
        "fma" => directed_halves!(rounding, each3, fma, |a, b, c|),
        _ => None,
    }
}

/// `f` on the low and the high halves of 64-bit values.
fn in_halves<const N: usize>(values: [u64; N], f: impl Fn([u64; N]) -> u64) -> u64 {
    let low = f(values.map(|value| value & 0xFFFF_FFFF));
    low | f(values.map(|value| value >> 32)) << 32
}

/// `.ftz` on a value of the type.
fn flush_op(ty: T) -> Option<OpFn> {
    match ty {
        T::F32 => Some(map1(|a: f32| flush(a))),
        T::F32x2 => Some(map1(|a: u64| {
            let flushed = |index| u64::from(flush(half_of(a, index)).to_bits());
            flushed(0) | flushed(1) << 32
        })),
        _ => None,
    }
}

/// `rcp` and `sqrt` in another rounding.
fn directed1(opcode: &str, ty: T, rounding: Rounding) -> Option<OpFn> {
    match opcode {
        "sqrt" => directed!(rounding, ty, each1, sqrt, |a|),
        _ => directed!(rounding, ty, each1, reciprocal, |a|),
    }
}

/// `div.approx` and `div.full`: through double precision.
#[inline(always)]
fn quotient(a: f32, b: f32) -> f32 {
    canon((f64::from(a) / f64::from(b)) as f32)
}

/// `min` and `max` of two numbers.
fn min_max(words: Words, smaller: bool, nan: bool, xorsign: bool) -> Option<OpFn> {
    Some(match (words.ty, smaller, nan, words.ftz, xorsign) {
        (T::F64, true, false, _, false) => map2(|a: f64, b: f64| min_max_f64(a, b, true)),
        (T::F64, false, false, _, false) => map2(|a: f64, b: f64| min_max_f64(a, b, false)),
        (T::F32, true, false, false, false) => {
            map2(|a: f32, b: f32| min_max_f32(a, b, true, false))
        }
        (T::F32, false, false, false, false) => {
            map2(|a: f32, b: f32| min_max_f32(a, b, false, false))
        }
        (T::F32, true, true, false, false) => map2(|a: f32, b: f32| min_max_f32(a, b, true, true)),
        (T::F32, false, true, false, false) => {
            map2(|a: f32, b: f32| min_max_f32(a, b, false, true))
        }
        (T::F32, true, false, true, false) => {
            map2(|a: f32, b: f32| min_max_f32(flush(a), flush(b), true, false))
        }
        (T::F32, false, false, true, false) => {
            map2(|a: f32, b: f32| min_max_f32(flush(a), flush(b), false, false))
        }
        (T::F32, true, true, true, false) => {
            map2(|a: f32, b: f32| min_max_f32(flush(a), flush(b), true, true))
        }
        (T::F32, false, true, true, false) => {
            map2(|a: f32, b: f32| min_max_f32(flush(a), flush(b), false, true))
        }
        (T::F32, true, false, false, true) => map2(|a: f32, b: f32| xor_sign(a, b, true, false)),
        (T::F32, false, false, false, true) => map2(|a: f32, b: f32| xor_sign(a, b, false, false)),
        (T::F32, true, true, false, true) => map2(|a: f32, b: f32| xor_sign(a, b, true, true)),
        (T::F32, false, true, false, true) => map2(|a: f32, b: f32| xor_sign(a, b, false, true)),
        (T::F32, true, false, true, true) => {
            map2(|a: f32, b: f32| xor_sign(flush(a), flush(b), true, false))
        }
        (T::F32, false, false, true, true) => {
            map2(|a: f32, b: f32| xor_sign(flush(a), flush(b), false, false))
        }
        (T::F32, true, true, true, true) => {
            map2(|a: f32, b: f32| xor_sign(flush(a), flush(b), true, true))
        }
        (T::F32, false, true, true, true) => {
            map2(|a: f32, b: f32| xor_sign(flush(a), flush(b), false, true))
        }
        _ => return None,
    })
}

/// `.xorsign.abs`: the minimum or maximum of the magnitudes with the product's sign.
#[inline(always)]
fn xor_sign(a: f32, b: f32, smaller: bool, nan: bool) -> f32 {
    let sign = (a.to_bits() ^ b.to_bits()) & 0x8000_0000;
    let value = min_max_f32(a.abs(), b.abs(), smaller, nan);
    if value.is_nan() {
        return value;
    }
    f32::from_bits(value.to_bits() | sign)
}

#[inline(always)]
fn half_of(pair: u64, index: u32) -> f32 {
    f32::from_bits((pair >> (index * 32)) as u32)
}

#[inline(always)]
fn join(low: f32, high: f32) -> u64 {
    u64::from(canon(low).to_bits()) | (u64::from(canon(high).to_bits()) << 32)
}

#[inline(always)]
fn pairwise(a: u64, b: u64, f: impl Fn(f32, f32) -> f32) -> u64 {
    join(
        f(half_of(a, 0), half_of(b, 0)),
        f(half_of(a, 1), half_of(b, 1)),
    )
}
