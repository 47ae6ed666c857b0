//! Comparisons and selections. Read [`Lowering::comparison`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    half::zap,
    integer::unknown_type,
    lowering::{Lowered, Lowering, Refusal, class_of},
    operand::as_unsigned,
};
use crate::exec::{
    bits,
    half::{Bf16, F16, Half},
    lanes::{CompareFlags, compare, map1, map3, select},
    math::flush,
    op::OpFn,
};
use crate::ptx::{Instruction, Operand, ScalarType as T, TypeKind};

/// A comparison operator. The last six are true for NaN as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Equ,
    Neu,
    Ltu,
    Leu,
    Gtu,
    Geu,
    Num,
    Nan,
}

const OPERATORS: [(&str, Cmp); 18] = [
    ("eq", Cmp::Eq),
    ("ne", Cmp::Ne),
    ("lt", Cmp::Lt),
    ("le", Cmp::Le),
    ("gt", Cmp::Gt),
    ("ge", Cmp::Ge),
    ("lo", Cmp::Lt),
    ("ls", Cmp::Le),
    ("hi", Cmp::Gt),
    ("hs", Cmp::Ge),
    ("equ", Cmp::Equ),
    ("neu", Cmp::Neu),
    ("ltu", Cmp::Ltu),
    ("leu", Cmp::Leu),
    ("gtu", Cmp::Gtu),
    ("geu", Cmp::Geu),
    ("num", Cmp::Num),
    ("nan", Cmp::Nan),
];

macro_rules! integer_compare {
    ($cmp:expr, $prim:ty) => {
        Some(match $cmp {
            Cmp::Eq => compare(|a: $prim, b: $prim| a == b),
            Cmp::Ne => compare(|a: $prim, b: $prim| a != b),
            Cmp::Lt => compare(|a: $prim, b: $prim| a < b),
            Cmp::Le => compare(|a: $prim, b: $prim| a <= b),
            Cmp::Gt => compare(|a: $prim, b: $prim| a > b),
            Cmp::Ge => compare(|a: $prim, b: $prim| a >= b),
            _ => return None,
        })
    };
}

macro_rules! float_compare {
    ($cmp:expr, $prim:ty, |$v:ident| $wide:expr) => {{
        #[inline(always)]
        fn wide($v: $prim) -> impl PartialOrd + Copy + IsNan {
            $wide
        }
        Some(match $cmp {
            Cmp::Eq => compare(|a: $prim, b: $prim| wide(a) == wide(b)),
            Cmp::Ne => compare(|a: $prim, b: $prim| wide(a) < wide(b) || wide(a) > wide(b)),
            Cmp::Lt => compare(|a: $prim, b: $prim| wide(a) < wide(b)),
            Cmp::Le => compare(|a: $prim, b: $prim| wide(a) <= wide(b)),
            Cmp::Gt => compare(|a: $prim, b: $prim| wide(a) > wide(b)),
            Cmp::Ge => compare(|a: $prim, b: $prim| wide(a) >= wide(b)),
            Cmp::Equ => compare(|a: $prim, b: $prim| !(wide(a) < wide(b) || wide(a) > wide(b))),
            Cmp::Neu => compare(|a: $prim, b: $prim| wide(a) != wide(b)),
            Cmp::Ltu => compare(|a: $prim, b: $prim| !(wide(a) >= wide(b))),
            Cmp::Leu => compare(|a: $prim, b: $prim| !(wide(a) > wide(b))),
            Cmp::Gtu => compare(|a: $prim, b: $prim| !(wide(a) <= wide(b))),
            Cmp::Geu => compare(|a: $prim, b: $prim| !(wide(a) < wide(b))),
            Cmp::Num => compare(|a: $prim, b: $prim| !wide(a).nan() && !wide(b).nan()),
            Cmp::Nan => compare(|a: $prim, b: $prim| wide(a).nan() || wide(b).nan()),
        })
    }};
}

/// Whether a float is a NaN, for both widths.
trait IsNan {
    fn nan(self) -> bool;
}

impl IsNan for f32 {
    #[inline(always)]
    fn nan(self) -> bool {
        self.is_nan()
    }
}

impl IsNan for f64 {
    #[inline(always)]
    fn nan(self) -> bool {
        self.is_nan()
    }
}

/// The op that compares two values of `ty`.
#[expect(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "the unordered comparisons are true for NaN"
)]
fn compare_op(cmp: Cmp, ty: T, ftz: bool) -> Option<OpFn> {
    match ty {
        T::U16 => integer_compare!(cmp, u16),
        T::S16 => integer_compare!(cmp, i16),
        T::U32 => integer_compare!(cmp, u32),
        T::S32 => integer_compare!(cmp, i32),
        T::U64 => integer_compare!(cmp, u64),
        T::S64 => integer_compare!(cmp, i64),
        T::F32 if ftz => float_compare!(cmp, f32, |v| flush(v)),
        T::F32 => float_compare!(cmp, f32, |v| v),
        T::F64 => float_compare!(cmp, f64, |v| v),
        T::F16 if ftz => float_compare!(cmp, F16, |v| zap(v).wide()),
        T::F16 => float_compare!(cmp, F16, |v| v.wide()),
        T::Bf16 => float_compare!(cmp, Bf16, |v| v.wide()),
        _ => None,
    }
}

impl<'a> Lowering<'_, 'a> {
    /// `setp`, `set`, `selp` and `slct`.
    pub(super) fn comparison(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        match instruction.opcode {
            "selp" => self.select(instruction, form),
            "slct" => self.select_by_sign(instruction, form),
            "set" => self.set(instruction, form),
            _ => self.set_predicate(instruction, form),
        }
    }

    /// The flags and the predicate that a comparison is combined with.
    fn combination(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Result<(u64, Ref), Refusal> {
        let combine = form.take_one(&[
            ("and", CompareFlags::AND),
            ("or", CompareFlags::OR),
            ("xor", CompareFlags::XOR),
        ]);
        let Some(combine) = combine else {
            return Ok((0, Ref::None));
        };
        let (pred, negated) = self.pred_source(self.operand(instruction, 3)?)?;
        let negated = if negated { CompareFlags::NEGATED } else { 0 };
        Ok((combine | negated, pred))
    }

    fn set_predicate(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let cmp = form
            .take_one(&OPERATORS)
            .ok_or("the comparison is not known")?;
        let ftz = form.take("ftz");
        let (flags, pred) = self.combination(instruction, form)?;
        let ty = as_unsigned(form.ty().ok_or("it has no type")?);
        if matches!(ty, T::F16x2 | T::Bf16x2) {
            return self.set_predicate_pair(instruction, (cmp, ftz), ty, (flags, pred));
        }
        let run = compare_op(cmp, ty, ftz).ok_or_else(|| unknown_type(ty))?;
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let b = self.source(self.operand(instruction, 2)?, ty)?;
        let (d, second) = match self.operand(instruction, 0)? {
            Operand::RegPair(d, second) => (*d, *second),
            Operand::Reg(d) => (Some(*d), None),
            Operand::Sink => (None, None),
            _ => return Err("the destination is no predicate".to_owned()),
        };
        let d = match d {
            Some(d) => self.pred_reg(d)?,
            None => self.temp(Class::Pred),
        };
        let mut node = Node::new(run).d(Ref::Def(d)).a(a).b(b).c(pred).imm(flags);
        if let Some(second) = second {
            let second = self.pred_reg(second)?;
            node = node.ext(Ref::Def(second)).imm(flags | CompareFlags::SECOND);
        }
        self.emit(node);
        Ok(())
    }

    /// `setp` on packed halves: one predicate for each.
    fn set_predicate_pair(
        &mut self,
        instruction: &Instruction<'a>,
        (cmp, ftz): (Cmp, bool),
        ty: T,
        (flags, pred): (u64, Ref),
    ) -> Lowered {
        let (low, high) = match self.operand(instruction, 0)? {
            Operand::RegPair(low, high) => (low, high),
            Operand::Reg(low) => (&Some(*low), &None),
            _ => return Err("the destination is no predicate".to_owned()),
        };
        let half = if ty == T::F16x2 { T::F16 } else { T::Bf16 };
        let run = compare_op(cmp, half, ftz).ok_or_else(|| unknown_type(ty))?;
        let mut a = self.source(self.operand(instruction, 1)?, T::B32)?;
        let mut b = self.source(self.operand(instruction, 2)?, T::B32)?;
        for (index, d) in [low, high].into_iter().enumerate() {
            if index == 1 {
                (a, b) = (self.upper_half(a), self.upper_half(b));
            }
            if let Some(d) = *d {
                let d = Ref::Def(self.pred_reg(d)?);
                self.emit(Node::new(run).d(d).a(a).b(b).c(pred).imm(flags));
            }
        }
        Ok(())
    }

    /// The upper 16 bits of a row.
    pub(super) fn upper_half(&mut self, value: Ref) -> Ref {
        let temp = self.temp(Class::W32);
        let node = Node::new(map1(|a: u32| a >> 16)).d(Ref::Def(temp)).a(value);
        self.emit_pure(node);
        Ref::Use(temp)
    }

    /// `set`: a comparison whose result is all ones or 1.0.
    fn set(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let cmp = form
            .take_one(&OPERATORS)
            .ok_or("the comparison is not known")?;
        let ftz = form.take("ftz");
        let (flags, pred) = self.combination(instruction, form)?;
        let td = form.ty().ok_or("it has no type")?;
        let ty = as_unsigned(form.ty().ok_or("it has only one type")?);
        if matches!(ty, T::F16x2 | T::Bf16x2) {
            return self.set_pair(instruction, (cmp, ftz), ty, (flags, pred, td));
        }
        let run = compare_op(cmp, ty, ftz).ok_or_else(|| unknown_type(ty))?;
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let b = self.source(self.operand(instruction, 2)?, ty)?;
        let hit = self.temp(Class::Pred);
        self.emit_pure(Node::new(run).d(Ref::Def(hit)).a(a).b(b).c(pred).imm(flags));
        let one = truth(td).ok_or_else(|| unknown_type(td))?;
        let (one, zero) = (self.uniform32(one), self.uniform32(0));
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        let run = select(|a: u32, b: u32, p| if p { a } else { b });
        self.emit(Node::new(run).d(d).a(one).b(zero).c(Ref::Use(hit)));
        Ok(())
    }

    fn set_pair(
        &mut self,
        instruction: &Instruction<'a>,
        (cmp, ftz): (Cmp, bool),
        ty: T,
        (flags, pred, td): (u64, Ref, T),
    ) -> Lowered {
        let half = if ty == T::F16x2 { T::F16 } else { T::Bf16 };
        let one = match td {
            T::F16x2 => 0x3C00,
            T::Bf16x2 => 0x3F80,
            T::U32 | T::S32 | T::B32 | T::U16x2 | T::S16x2 => 0xFFFF,
            _ => return Err(unknown_type(td)),
        };
        let run = compare_op(cmp, half, ftz).ok_or_else(|| unknown_type(ty))?;
        let mut a = self.source(self.operand(instruction, 1)?, T::B32)?;
        let mut b = self.source(self.operand(instruction, 2)?, T::B32)?;
        let mut halves = [Ref::None; 2];
        for (index, shift) in [0, 16].into_iter().enumerate() {
            if index == 1 {
                (a, b) = (self.upper_half(a), self.upper_half(b));
            }
            let hit = self.temp(Class::Pred);
            self.emit_pure(Node::new(run).d(Ref::Def(hit)).a(a).b(b).c(pred).imm(flags));
            let (one, zero) = (self.uniform32(one << shift), self.uniform32(0));
            let value = self.temp(Class::W32);
            let run = select(|a: u32, b: u32, p| if p { a } else { b });
            let node = Node::new(run).d(Ref::Def(value)).a(one).b(zero);
            self.emit_pure(node.c(Ref::Use(hit)));
            halves[index] = Ref::Use(value);
        }
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        let run = crate::exec::lanes::map2(|a: u32, b: u32| a | b);
        self.emit(Node::new(run).d(d).a(halves[0]).b(halves[1]));
        Ok(())
    }

    fn select(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let ty = form.ty().ok_or("it has no type")?;
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let b = self.source(self.operand(instruction, 2)?, ty)?;
        let (c, negated) = self.pred_source(self.operand(instruction, 3)?)?;
        let (a, b) = if negated { (b, a) } else { (a, b) };
        let run = match class {
            Class::W32 => select(|a: u32, b: u32, p| if p { a } else { b }),
            Class::W64 => select(|a: u64, b: u64, p| if p { a } else { b }),
            Class::Pred => return Err(unknown_type(ty)),
        };
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        self.emit(Node::new(run).d(d).a(a).b(b).c(c));
        Ok(())
    }

    fn select_by_sign(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let ftz = form.take("ftz");
        let ty = form.ty().ok_or("it has no type")?;
        let tc = form.ty().ok_or("it has only one type")?;
        let run = match (class_of(ty), tc, ftz) {
            (Some(Class::W32), T::S32, _) => {
                map3(|a: u32, b: u32, c: i32| if c >= 0 { a } else { b })
            }
            (Some(Class::W64), T::S32, _) => {
                map3(|a: u64, b: u64, c: i32| if c >= 0 { a } else { b })
            }
            (Some(Class::W32), T::F32, false) => {
                map3(|a: u32, b: u32, c: f32| if c >= 0.0 { a } else { b })
            }
            (Some(Class::W64), T::F32, false) => {
                map3(|a: u64, b: u64, c: f32| if c >= 0.0 { a } else { b })
            }
            (Some(Class::W32), T::F32, true) => {
                map3(|a: u32, b: u32, c: f32| if flush(c) >= 0.0 { a } else { b })
            }
            (Some(Class::W64), T::F32, true) => {
                map3(|a: u64, b: u64, c: f32| if flush(c) >= 0.0 { a } else { b })
            }
            _ => return Err(unknown_type(tc)),
        };
        self.ternary_of(instruction, [ty, ty, ty, tc], Some(run))
    }

    /// `mov.pred`.
    pub(super) fn copy_predicate(&mut self, instruction: &Instruction<'a>) -> Lowered {
        let (a, negated) = self.pred_source(self.operand(instruction, 1)?)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        let node = Node::new(bits::pred_copy).d(d).a(a).b(a);
        self.emit(node.imm(u64::from(negated)));
        Ok(())
    }
}

/// What `set` writes for "true".
fn truth(ty: T) -> Option<u32> {
    match (ty, ty.kind()) {
        (T::F32, _) => Some(1.0f32.to_bits()),
        (T::F16, _) => Some(0x3C00),
        (T::Bf16, _) => Some(0x3F80),
        (T::U32 | T::S32 | T::B32, _) => Some(u32::MAX),
        (_, TypeKind::Unsigned | TypeKind::Signed) if ty.size_bits() == 16 => Some(0xFFFF),
        _ => None,
    }
}
