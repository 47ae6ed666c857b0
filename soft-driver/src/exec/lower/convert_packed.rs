//! `cvt` between packed formats, to `tf32`, and `cvt.pack`. What `.relu` and `.satfinite` ask for is done by ops
//! after the conversion. Read [`Lowering::convert_packed`].

use super::{
    code::Class,
    convert::{Words, above_zero, clip},
    form::{Form, Rounding},
    half::{both1, positive},
    integer::unknown_type,
    lowering::{Lowered, Lowering},
};
use crate::exec::{
    float8::{E4M3, E5M2, Float8},
    half::{Bf16, F16, Half, narrow},
    lanes::{each1, each2, map1, map2, map3},
    op::OpFn,
    soft,
};
use crate::ptx::{Instruction, ScalarType as T};

impl<'a> Lowering<'_, 'a> {
    /// `cvt.rn.f16x2.f32 d, a, b`: `a` goes to the upper half.
    pub(super) fn convert_packed(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        words: &Words,
    ) -> Lowered {
        if matches!(to, T::E4m3x2 | T::E5m2x2) || from != T::F32 {
            return self.convert_float8(instruction, (to, from), words);
        }
        let rounding = words.rounding.unwrap_or(Rounding::Nearest);
        let run = match (to, rounding) {
            (T::F16x2, Rounding::Nearest) => {
                map2(|a: f32, b: f32| pack(F16::near(a), F16::near(b)))
            }
            (T::Bf16x2, Rounding::Nearest) => {
                map2(|a: f32, b: f32| pack(Bf16::near(a), Bf16::near(b)))
            }
            (T::F16x2, Rounding::Zero) => each2(|a: f32, b: f32| cut::<F16>(a, b)),
            (T::Bf16x2, Rounding::Zero) => each2(|a: f32, b: f32| cut::<Bf16>(a, b)),
            _ => return Err(unknown_type(to)),
        };
        if words.sat {
            return Err("'.sat' is not known here".to_owned());
        }
        self.two_sources(instruction, (to, from), run, words)
    }

    /// Two sources, the conversion, and what its words add.
    fn two_sources(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        run: OpFn,
        words: &Words,
    ) -> Lowered {
        let a = self.source(self.operand(instruction, 1)?, from)?;
        let b = self.source(self.operand(instruction, 2)?, from)?;
        let after = after(to, words);
        let td = if to.size_bits() == 16 { T::B16 } else { T::B32 };
        if after.is_empty() {
            let d = self.dest_of(self.operand(instruction, 0)?, td)?;
            self.emit(super::Node::new(run).d(d).a(a).b(b));
            return Ok(());
        }
        let value = self.temp(Class::W32);
        self.emit_pure(super::Node::new(run).d(super::Ref::Def(value)).a(a).b(b));
        self.finish_with(instruction, td, super::Ref::Use(value), &after)
    }

    /// The last ops of a conversion, one after the other.
    fn finish_with(
        &mut self,
        instruction: &Instruction<'a>,
        to: T,
        mut value: super::Ref,
        after: &[OpFn],
    ) -> Lowered {
        let Some((last, first)) = after.split_last() else {
            return self.deliver(instruction, to, map1(|a: u32| a), value);
        };
        for run in first {
            value = self.step(Class::W32, *run, value);
        }
        self.deliver(instruction, to, *last, value)
    }

    /// Between pairs of 8-bit floats and pairs of halves or two `f32`.
    fn convert_float8(
        &mut self,
        instruction: &Instruction<'a>,
        (to, from): (T, T),
        words: &Words,
    ) -> Lowered {
        let run = match (to, from) {
            (T::E4m3x2, T::F32) => each2(|a: f32, b: f32| pair8(E4M3.near(a), E4M3.near(b))),
            (T::E5m2x2, T::F32) => each2(|a: f32, b: f32| pair8(E5M2.near(a), E5M2.near(b))),
            (T::E4m3x2, T::F16x2) => each1(|a: u32| from_halves(E4M3, a)),
            (T::E5m2x2, T::F16x2) => each1(|a: u32| from_halves(E5M2, a)),
            (T::F16x2, T::E4m3x2) => each1(|a: u16| to_halves(E4M3, a)),
            (T::F16x2, T::E5m2x2) => each1(|a: u16| to_halves(E5M2, a)),
            _ => return Err("this conversion of 8-bit floats is not known".to_owned()),
        };
        if from == T::F32 {
            return self.two_sources(instruction, (to, from), run, words);
        }
        let (td, ta) = if to == T::F16x2 {
            (T::B32, T::B16)
        } else {
            (T::B16, T::B32)
        };
        let a = self.source(self.operand(instruction, 1)?, ta)?;
        let mut all = vec![run];
        all.extend(after(to, words));
        self.finish_with(instruction, td, a, &all)
    }

    pub(super) fn convert_tf32(&mut self, instruction: &Instruction<'a>, words: &Words) -> Lowered {
        let run = match words.rounding {
            Some(Rounding::Away) => each1(|a: f32| to_tf32(a, Rounding::Away)),
            Some(Rounding::Nearest) => each1(|a: f32| to_tf32(a, Rounding::Nearest)),
            Some(Rounding::Zero) => each1(|a: f32| to_tf32(a, Rounding::Zero)),
            _ => return Err("this rounding is not known".to_owned()),
        };
        let mut all = vec![run];
        if words.relu {
            all.push(map1(|a: f32| above_zero(a)));
        }
        if words.satfinite {
            all.push(map1(|a: f32| {
                let largest = f32::from_bits(0x7F7F_E000);
                if a.is_infinite() {
                    largest.copysign(a)
                } else {
                    a
                }
            }));
        }
        let a = self.source(self.operand(instruction, 1)?, T::F32)?;
        self.finish_with(instruction, T::B32, a, &all)
    }

    /// `cvt.pack.sat`: two integers saturate to a narrow type; a third operand gives the bits above.
    pub(super) fn convert_and_pack(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        let narrow = form.take_one(&[
            ("u16", 0),
            ("s16", 1),
            ("u8", 2),
            ("s8", 3),
            ("u4", 4),
            ("s4", 5),
            ("u2", 6),
            ("s2", 7),
        ]);
        let run = match narrow.ok_or("the type is not known")? {
            0 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (16, false))),
            1 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (16, true))),
            2 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (8, false))),
            3 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (8, true))),
            4 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (4, false))),
            5 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (4, true))),
            6 => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (2, false))),
            _ => map3(|a: i32, b: i32, c: u32| packed(a, b, c, (2, true))),
        };
        if !form.take("s32") {
            return Err("the type of the sources is not known".to_owned());
        }
        let a = self.source(self.operand(instruction, 1)?, T::S32)?;
        let b = self.source(self.operand(instruction, 2)?, T::S32)?;
        let c = if form.take("b32") {
            self.source(self.operand(instruction, 3)?, T::B32)?
        } else {
            self.uniform32(0)
        };
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        self.emit(super::Node::new(run).d(d).a(a).b(b).c(c));
        Ok(())
    }
}

/// What `.relu` and `.satfinite` do to a value of the type; 8-bit floats always saturate.
fn after(to: T, words: &Words) -> Vec<OpFn> {
    let relu: Option<OpFn> = match to {
        T::F16x2 => Some(each1(|a: u32| both1(a, |a: F16| positive(a)))),
        T::Bf16x2 => Some(each1(|a: u32| both1(a, |a: Bf16| positive(a)))),
        T::E4m3x2 | T::E5m2x2 => Some(map1(|a: u16| pair8(above8(a >> 8), above8(a)))),
        _ => None,
    };
    let finite: Option<OpFn> = match to {
        T::F16x2 => Some(each1(|a: u32| both1(a, |a: F16| clip(a, 0x7BFF)))),
        T::Bf16x2 => Some(each1(|a: u32| both1(a, |a: Bf16| clip(a, 0x7F7F)))),
        _ => None,
    };
    let relu = relu.filter(|_| words.relu);
    let finite = finite.filter(|_| words.satfinite);
    relu.into_iter().chain(finite).collect()
}

/// `.relu` on an 8-bit float; the NaN that conversions give has no sign.
fn above8(byte: u16) -> u8 {
    let byte = byte as u8;
    if byte & 0x80 != 0 { 0 } else { byte }
}

/// `a` and `b` clamped to a width and a sign, `b` lowest, `c` above both.
#[inline(always)]
fn packed(a: i32, b: i32, c: u32, (bits, signed): (u32, bool)) -> u32 {
    let (least, most) = if signed {
        (-(1i32 << (bits - 1)), (1i32 << (bits - 1)) - 1)
    } else {
        (0, (1i32 << bits) - 1)
    };
    let field = |value: i32| value.clamp(least, most) as u32 & ((1u32 << bits) - 1);
    let above = c.checked_shl(2 * bits).unwrap_or(0);
    field(b) | field(a) << bits | above
}

/// `high` above `low`.
#[inline(always)]
fn pack<H: Half>(high: H, low: H) -> u32 {
    (u32::from(high.bits()) << 16) | u32::from(low.bits())
}

fn cut<H: Half>(high: f32, low: f32) -> u32 {
    let [high, low] = [high, low].map(|value| narrow::<H>(value, Rounding::Zero));
    pack(high, low)
}

fn pair8(high: u8, low: u8) -> u16 {
    (u16::from(high) << 8) | u16::from(low)
}

fn from_halves(format: Float8, pair: u32) -> u16 {
    let near = |half: u32| format.near(F16(half as u16).wide());
    pair8(near(pair >> 16), near(pair))
}

fn to_halves(format: Float8, pair: u16) -> u32 {
    let half = |byte: u16| F16::near(format.wide(byte as u8));
    pack(half(pair >> 8), half(pair))
}

fn to_tf32(value: f32, rounding: Rounding) -> u32 {
    if value.is_nan() {
        return 0x7FFF_FFFF;
    }
    let bits = soft::convert(soft::F32, soft::TF32, u64::from(value.to_bits()), rounding);
    (bits as u32) << 13
}
