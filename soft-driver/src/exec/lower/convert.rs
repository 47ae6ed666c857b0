//! `cvt`. Conversions that only differ in rounding are made of two ops: round in place, then convert.
//! Read [`Lowering::convert`].

use super::{
    code::{Class, Node, Ref},
    form::{Form, Rounding},
    integer::{by_type, unknown_type},
    lowering::{Lowered, Lowering, class_of},
    operand::as_unsigned,
};
use crate::exec::{
    half::{Bf16, F16, Half, narrow},
    lanes::{each1, map1},
    math::{canon, flush, from_f32, from_f64, saturate, saturate_f64},
    op::OpFn,
    soft,
};
use crate::ptx::{Instruction, ScalarType as T, TypeKind};

/// Integer to integer, by source and destination.
macro_rules! integer_pairs {
    ($from:expr, $to:expr, $make:ident, |$a:ident, $prim:ident| $body:expr) => {
        integer_pairs!(@from $from, $to, $make, |$a, $prim| $body,
            [U8 u8, S8 i8, U16 u16, S16 i16, U32 u32, S32 i32, U64 u64, S64 i64])
    };
    (@from $from:expr, $to:expr, $make:ident, |$a:ident, $prim:ident| $body:expr,
        [$($variant:ident $source:ident),+]) => {
        match $from {
            $(T::$variant => integer_pairs!(@to $to, $make, $source, |$a, $prim| $body),)+
            _ => None,
        }
    };
    (@to $to:expr, $make:ident, $source:ident, |$a:ident, $prim:ident| $body:expr) => {
        match $to {
            T::U8 => { type $prim = u8; Some($make(|$a: $source| -> $prim { $body })) }
            T::S8 => { type $prim = i8; Some($make(|$a: $source| -> $prim { $body })) }
            T::U16 => { type $prim = u16; Some($make(|$a: $source| -> $prim { $body })) }
            T::S16 => { type $prim = i16; Some($make(|$a: $source| -> $prim { $body })) }
            T::U32 => { type $prim = u32; Some($make(|$a: $source| -> $prim { $body })) }
            T::S32 => { type $prim = i32; Some($make(|$a: $source| -> $prim { $body })) }
            T::U64 => { type $prim = u64; Some($make(|$a: $source| -> $prim { $body })) }
            T::S64 => { type $prim = i64; Some($make(|$a: $source| -> $prim { $body })) }
            _ => None,
        }
    };
}

/// A closure over each integer source type.
macro_rules! from_any_integer {
    ($ty:expr, $make:ident, |$a:ident| $body:expr) => {
        by_type!($ty, $make, [U8: u8, S8: i8, U16: u16, S16: i16, U32: u32, S32: i32, U64: u64,
            S64: i64], |$a| $body)
    };
}

/// How a float is rounded to a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Nearest,
    Zero,
    Down,
    Up,
}

const WHOLE: [(&str, Whole); 4] = [
    ("rni", Whole::Nearest),
    ("rzi", Whole::Zero),
    ("rmi", Whole::Down),
    ("rpi", Whole::Up),
];

/// The words of a `cvt`.
pub(super) struct Words {
    whole: Option<Whole>,
    pub(super) rounding: Option<Rounding>,
    ftz: bool,
    pub(super) sat: bool,
    pub(super) satfinite: bool,
    pub(super) relu: bool,
}

impl<'a> Lowering<'_, 'a> {
    /// `cvt`.
    pub(super) fn convert(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        let words = Words {
            whole: form.take_one(&WHOLE),
            rounding: form.rounding(),
            ftz: form.take("ftz"),
            sat: form.take("sat"),
            satfinite: form.take("satfinite"),
            relu: form.take("relu"),
        };
        if form.take("pack") {
            return self.convert_and_pack(instruction, form);
        }
        let to = form.ty().ok_or("it has no type")?;
        let from = form.ty().ok_or("it has only one type")?;
        if matches!(
            (to, from),
            (T::F16x2 | T::Bf16x2, T::F32)
                | (T::E4m3x2 | T::E5m2x2, _)
                | (_, T::E4m3x2 | T::E5m2x2)
        ) {
            return self.convert_packed(instruction, (to, from), &words);
        }
        if to == T::Tf32 {
            return self.convert_tf32(instruction, &words);
        }
        let (to, from) = (as_unsigned(to), as_unsigned(from));
        let a = self.source(self.operand(instruction, 1)?, from)?;
        match (from.is_float(), to.is_float()) {
            (false, false) => self.integer_to_integer(instruction, (to, from), a, &words),
            (false, true) => self.integer_to_float(instruction, (to, from), a, &words),
            (true, false) => self.float_to_integer(instruction, (to, from), a, &words),
            (true, true) => self.float_to_float(instruction, (to, from), a, &words),
        }
    }

    /// The last op of a conversion; narrow results may go to wide registers.
    pub(super) fn deliver(
        &mut self,
        instruction: &Instruction<'a>,
        to: T,
        run: OpFn,
        a: Ref,
    ) -> Lowered {
        let d = self.operand(instruction, 0)?;
        if class_of(to) == Some(Class::W32) {
            let signed = to.kind() == TypeKind::Signed;
            return self.emit_widening(d, signed, |d| Node::new(run).d(d).a(a));
        }
        let d = self.dest_of(d, to)?;
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    /// A step of a conversion into a temporary register.
    pub(super) fn step(&mut self, class: Class, run: OpFn, a: Ref) -> Ref {
        let temp = self.temp(class);
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(a));
        Ref::Use(temp)
    }

    fn integer_to_integer(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        a: Ref,
        words: &Words,
    ) -> Lowered {
        let run = if words.sat {
            integer_pairs!(from, to, each1, |a, P| {
                (a as i128).clamp(P::MIN as i128, P::MAX as i128) as P
            })
        } else {
            integer_pairs!(from, to, map1, |a, P| a as P)
        };
        let run = run.ok_or_else(|| unknown_type(from))?;
        self.deliver(instruction, to, run, a)
    }

    fn integer_to_float(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        a: Ref,
        words: &Words,
    ) -> Lowered {
        use Rounding::{Down, Up, Zero};
        let rounding = words.rounding.unwrap_or(Rounding::Nearest);
        let run = match (to, rounding) {
            (T::F32, Rounding::Nearest) => from_any_integer!(from, map1, |a| a as f32),
            (T::F64, Rounding::Nearest) => from_any_integer!(from, map1, |a| a as f64),
            (T::F32, Zero) => from_any_integer!(from, each1, |a| integer_f32(a as i128, Zero)),
            (T::F32, Down) => from_any_integer!(from, each1, |a| integer_f32(a as i128, Down)),
            (T::F32, Up) => from_any_integer!(from, each1, |a| integer_f32(a as i128, Up)),
            (T::F64, Zero) => from_any_integer!(from, each1, |a| integer_f64(a as i128, Zero)),
            (T::F64, Down) => from_any_integer!(from, each1, |a| integer_f64(a as i128, Down)),
            (T::F64, Up) => from_any_integer!(from, each1, |a| integer_f64(a as i128, Up)),
            (T::F16, _) => from_integer_to::<F16>(from, rounding),
            (T::Bf16, _) => from_integer_to::<Bf16>(from, rounding),
            _ => None,
        };
        let run = run.ok_or_else(|| unknown_type(to))?;
        if !words.sat {
            return self.deliver(instruction, to, run, a);
        }
        let class = class_of(to).ok_or_else(|| unknown_type(to))?;
        let value = self.step(class, run, a);
        let run = saturated(to).ok_or_else(|| unknown_type(to))?;
        self.deliver(instruction, to, run, value)
    }

    /// A half as `f32`; other floats as they are.
    pub(super) fn widened(&mut self, from: T, a: Ref) -> (T, Ref) {
        match from {
            T::F16 => (T::F32, self.step(Class::W32, map1(|a: F16| a.wide()), a)),
            T::Bf16 => (T::F32, self.step(Class::W32, map1(|a: Bf16| a.wide()), a)),
            other => (other, a),
        }
    }

    fn float_to_integer(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        a: Ref,
        words: &Words,
    ) -> Lowered {
        let (wide, mut a) = self.widened(from, a);
        let whole = words.whole.ok_or("the rounding is missing")?;
        if words.ftz && from == T::F32 {
            a = self.step(Class::W32, map1(|a: f32| flush(a)), a);
        }
        let a = match whole_op(wide, whole) {
            Some(run) if whole != Whole::Zero => {
                let class = class_of(wide).ok_or_else(|| unknown_type(from))?;
                self.step(class, run, a)
            }
            _ => a,
        };
        let run = match wide {
            T::F32 => single_to_integer(to),
            T::F64 => double_to_integer(to),
            _ => None,
        };
        let run = run.ok_or_else(|| unknown_type(to))?;
        self.deliver(instruction, to, run, a)
    }

    fn float_to_float(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        a: Ref,
        words: &Words,
    ) -> Lowered {
        let (wide, mut a) = self.widened(from, a);
        let class = class_of(wide).ok_or_else(|| unknown_type(from))?;
        if words.ftz && from == T::F32 {
            a = self.step(class, map1(|a: f32| flush(a)), a);
        }
        if let Some(whole) = words.whole {
            let run = whole_op(wide, whole).ok_or_else(|| unknown_type(from))?;
            a = self.step(class, run, a);
        }
        let rounding = words.rounding.unwrap_or(Rounding::Nearest);
        let run = narrowing(wide, to, rounding).ok_or("this conversion is not known")?;
        let mut last = run;
        let mut extra = Vec::new();
        if words.ftz && to == T::F32 {
            extra.push(map1(|a: f32| flush(a)));
        }
        if words.sat {
            extra.push(saturated(to).ok_or_else(|| unknown_type(to))?);
        }
        if words.relu {
            extra.push(relu(to).ok_or_else(|| unknown_type(to))?);
        }
        if words.satfinite {
            extra.push(finite(to).ok_or_else(|| unknown_type(to))?);
        }
        for next in extra {
            let class = class_of(to).ok_or_else(|| unknown_type(to))?;
            a = self.step(class, last, a);
            last = next;
        }
        self.deliver(instruction, to, last, a)
    }
}

/// `.relu`: negative numbers become 0, NaN stays.
#[inline(always)]
pub(super) fn above_zero(value: f32) -> f32 {
    if value <= 0.0 { 0.0 } else { value }
}

fn integer_f32(value: i128, rounding: Rounding) -> f32 {
    f32::from_bits(soft::from_integer(soft::F32, value, rounding) as u32)
}

fn integer_f64(value: i128, rounding: Rounding) -> f64 {
    f64::from_bits(soft::from_integer(soft::F64, value, rounding))
}

fn integer_half<H: Half>(value: i128, rounding: Rounding) -> H {
    H::of(soft::from_integer(H::FORMAT, value, rounding) as u16)
}

fn from_integer_to<H: Half>(from: T, rounding: Rounding) -> Option<OpFn> {
    use Rounding::{Away, Down, Nearest, Up, Zero};
    match rounding {
        Nearest => from_any_integer!(from, each1, |a| integer_half::<H>(a as i128, Nearest)),
        Zero => from_any_integer!(from, each1, |a| integer_half::<H>(a as i128, Zero)),
        Down => from_any_integer!(from, each1, |a| integer_half::<H>(a as i128, Down)),
        Up => from_any_integer!(from, each1, |a| integer_half::<H>(a as i128, Up)),
        Away => None,
    }
}

/// Rounding to a whole number within a float type.
fn whole_op(ty: T, whole: Whole) -> Option<OpFn> {
    Some(match (ty, whole) {
        (T::F32, Whole::Nearest) => map1(|a: f32| canon(a.round_ties_even())),
        (T::F32, Whole::Zero) => map1(|a: f32| canon(a.trunc())),
        (T::F32, Whole::Down) => map1(|a: f32| canon(a.floor())),
        (T::F32, Whole::Up) => map1(|a: f32| canon(a.ceil())),
        (T::F64, Whole::Nearest) => map1(|a: f64| a.round_ties_even()),
        (T::F64, Whole::Zero) => map1(|a: f64| a.trunc()),
        (T::F64, Whole::Down) => map1(|a: f64| a.floor()),
        (T::F64, Whole::Up) => map1(|a: f64| a.ceil()),
        _ => return None,
    })
}

fn single_to_integer(to: T) -> Option<OpFn> {
    Some(match to {
        T::U8 => map1(|a: f32| from_f32::u8(a)),
        T::S8 => map1(|a: f32| from_f32::i8(a)),
        T::U16 => map1(|a: f32| from_f32::u16(a)),
        T::S16 => map1(|a: f32| from_f32::i16(a)),
        T::U32 => map1(|a: f32| from_f32::u32(a)),
        T::S32 => map1(|a: f32| from_f32::i32(a)),
        T::U64 => map1(|a: f32| from_f32::u64(a)),
        T::S64 => map1(|a: f32| from_f32::i64(a)),
        _ => return None,
    })
}

fn double_to_integer(to: T) -> Option<OpFn> {
    Some(match to {
        T::U8 => map1(|a: f64| from_f64::u8(a)),
        T::S8 => map1(|a: f64| from_f64::i8(a)),
        T::U16 => map1(|a: f64| from_f64::u16(a)),
        T::S16 => map1(|a: f64| from_f64::i16(a)),
        T::U32 => map1(|a: f64| from_f64::u32(a)),
        T::S32 => map1(|a: f64| from_f64::i32(a)),
        T::U64 => map1(|a: f64| from_f64::u64(a)),
        T::S64 => map1(|a: f64| from_f64::i64(a)),
        _ => return None,
    })
}

/// Float to float; halves have been widened before.
fn narrowing(from: T, to: T, rounding: Rounding) -> Option<OpFn> {
    use Rounding::{Down, Nearest, Up, Zero};
    Some(match (from, to, rounding) {
        (T::F32, T::F32, _) => map1(|a: f32| canon(a)),
        (T::F64, T::F64, _) => map1(|a: f64| a),
        (T::F32, T::F64, _) => map1(|a: f32| f64::from(a)),
        (T::F64, T::F32, Nearest) => map1(|a: f64| canon(a as f32)),
        (T::F64, T::F32, Zero) => each1(|a: f64| double_to_single(a, Zero)),
        (T::F64, T::F32, Down) => each1(|a: f64| double_to_single(a, Down)),
        (T::F64, T::F32, Up) => each1(|a: f64| double_to_single(a, Up)),
        (T::F32, T::F16, Nearest) => map1(|a: f32| F16::near(a)),
        (T::F32, T::F16, Zero) => each1(|a: f32| narrow::<F16>(a, Zero)),
        (T::F32, T::F16, Down) => each1(|a: f32| narrow::<F16>(a, Down)),
        (T::F32, T::F16, Up) => each1(|a: f32| narrow::<F16>(a, Up)),
        (T::F32, T::Bf16, Nearest) => map1(|a: f32| Bf16::near(a)),
        (T::F32, T::Bf16, Zero) => each1(|a: f32| narrow::<Bf16>(a, Zero)),
        (T::F32, T::Bf16, Down) => each1(|a: f32| narrow::<Bf16>(a, Down)),
        (T::F32, T::Bf16, Up) => each1(|a: f32| narrow::<Bf16>(a, Up)),
        (T::F64, T::F16, Nearest) => each1(|a: f64| crate::exec::half::near_f64::<F16>(a)),
        (T::F64, T::Bf16, Nearest) => each1(|a: f64| crate::exec::half::near_f64::<Bf16>(a)),
        (T::F64, T::F16, Zero) => each1(|a: f64| double_to_half::<F16>(a, Zero)),
        (T::F64, T::F16, Down) => each1(|a: f64| double_to_half::<F16>(a, Down)),
        (T::F64, T::F16, Up) => each1(|a: f64| double_to_half::<F16>(a, Up)),
        (T::F64, T::Bf16, Zero) => each1(|a: f64| double_to_half::<Bf16>(a, Zero)),
        (T::F64, T::Bf16, Down) => each1(|a: f64| double_to_half::<Bf16>(a, Down)),
        (T::F64, T::Bf16, Up) => each1(|a: f64| double_to_half::<Bf16>(a, Up)),
        _ => return None,
    })
}

fn double_to_half<H: Half>(value: f64, rounding: Rounding) -> H {
    H::of(soft::convert(soft::F64, H::FORMAT, value.to_bits(), rounding) as u16)
}

fn double_to_single(value: f64, rounding: Rounding) -> f32 {
    f32::from_bits(soft::convert(soft::F64, soft::F32, value.to_bits(), rounding) as u32)
}

/// `.sat` on a value of the type.
pub(super) fn saturated(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::F32 => map1(|a: f32| saturate(a)),
        T::F64 => map1(|a: f64| saturate_f64(a)),
        T::F16 => map1(|a: F16| F16::near(saturate(a.wide()))),
        T::Bf16 => map1(|a: Bf16| Bf16::near(saturate(a.wide()))),
        _ => return None,
    })
}

fn relu(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::F32 => map1(|a: f32| above_zero(a)),
        T::F16 => map1(|a: F16| F16::near(above_zero(a.wide()))),
        T::Bf16 => map1(|a: Bf16| Bf16::near(above_zero(a.wide()))),
        _ => return None,
    })
}

/// `.satfinite`: infinities become the largest numbers.
fn finite(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::F16 => map1(|a: F16| clip(a, 0x7BFF)),
        T::Bf16 => map1(|a: Bf16| clip(a, 0x7F7F)),
        _ => return None,
    })
}

pub(super) fn clip<H: Half>(value: H, max: u16) -> H {
    if value.wide().is_infinite() {
        return H::of((value.bits() & 0x8000) | max);
    }
    value
}
