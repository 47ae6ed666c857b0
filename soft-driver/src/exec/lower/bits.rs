//! Logic, shifts, bit fields and permutations. Read [`Lowering::bits`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    integer::{by_type, unknown_type},
    lowering::{Lowered, Lowering},
    operand::as_unsigned,
};
use crate::exec::{
    bits,
    lanes::{compare, each3, map1, map2, map3},
    op::OpFn,
};
use crate::ptx::{Instruction, Operand, ScalarType as T};

/// `by_type` for the unsigned types of 16 to 64 bits.
macro_rules! by_word {
    ($ty:expr, $make:ident, |$($arg:ident),+| $body:expr) => {
        by_type!($ty, $make, [U16: u16, U32: u32, U64: u64], |$($arg),+| $body)
    };
}

impl<'a> Lowering<'_, 'a> {
    /// Logic, shifts and bit fields.
    pub(super) fn bits(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        match instruction.opcode {
            "and" | "or" | "xor" | "not" if instruction.modifiers.has("pred") => {
                form.take("pred");
                self.pred_logic(instruction)
            }
            "prmt" => self.permute(instruction, form),
            "shf" => self.funnel(instruction, form),
            "bfind" => self.find_bit(instruction, form),
            "bfi" => self.insert_field(instruction, form),
            "bmsk" | "szext" => self.masks(instruction, form),
            "lop3" => self.lookup(instruction, form),
            _ => {
                let ty = as_unsigned(form.ty().ok_or("it has no type")?);
                self.plain_bits(instruction, ty)
            }
        }
    }

    fn plain_bits(&mut self, instruction: &Instruction<'a>, ty: T) -> Lowered {
        let count = |run: Option<OpFn>| (run, [T::U32, ty]);
        let (run, [td, ta]) = match instruction.opcode {
            "and" => return self.binary(instruction, ty, by_word!(ty, map2, |a, b| a & b)),
            "or" => return self.binary(instruction, ty, by_word!(ty, map2, |a, b| a | b)),
            "xor" => return self.binary(instruction, ty, by_word!(ty, map2, |a, b| a ^ b)),
            "not" => return self.unary(instruction, ty, by_word!(ty, map1, |a| !a)),
            "cnot" => {
                // An expression of the operand's own type: a bare 1 or 0 would be 32 bits wide.
                let run = by_word!(ty, map1, |a| a.min(1) ^ 1);
                return self.unary(instruction, ty, run);
            }
            "shl" => return self.binary_of(instruction, [ty, ty, T::U32], shift_left(ty)),
            "shr" => return self.binary_of(instruction, [ty, ty, T::U32], shift_right(ty)),
            "brev" => {
                let run = by_type!(ty, map1, [U32: u32, U64: u64], |a| a.reverse_bits());
                return self.unary(instruction, ty, run);
            }
            "bfe" => {
                let run = match ty {
                    T::U32 => Some(map3(|a: u32, b: u32, c: u32| bits::bfe_u32(a, b, c))),
                    T::S32 => Some(map3(|a: i32, b: u32, c: u32| bits::bfe_s32(a, b, c))),
                    T::U64 => Some(map3(|a: u64, b: u32, c: u32| bits::bfe_u64(a, b, c))),
                    T::S64 => Some(each3(|a: i64, b: u32, c: u32| bits::bfe_s64(a, b, c))),
                    _ => None,
                };
                return self.ternary_of(instruction, [ty, ty, T::U32, T::U32], run);
            }
            "fns" => {
                let run = each3(|a: u32, b: u32, c: i32| bits::fns(a, b, c));
                return self.ternary_of(instruction, [T::U32, T::U32, T::U32, T::S32], Some(run));
            }
            "popc" => count(by_type!(ty, map1, [U32: u32, U64: u64], |a| a.count_ones())),
            "clz" => count(by_type!(ty, map1, [U32: u32, U64: u64], |a| a.leading_zeros())),
            _ => return Err("integers are not known here".to_owned()),
        };
        let run = run.ok_or_else(|| unknown_type(ty))?;
        let a = self.source(self.operand(instruction, 1)?, ta)?;
        let d = self.dest_of(self.operand(instruction, 0)?, td)?;
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    fn pred_logic(&mut self, instruction: &Instruction<'a>) -> Lowered {
        let (a, not_a) = self.pred_source(self.operand(instruction, 1)?)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        let (b, not_b) = match instruction.opcode {
            "not" => (a, not_a),
            _ => self.pred_source(self.operand(instruction, 2)?)?,
        };
        let run: OpFn = match instruction.opcode {
            "and" => bits::pred_and,
            "or" => bits::pred_or,
            "xor" => bits::pred_xor,
            _ => bits::pred_not,
        };
        let flags = u64::from(not_a) | (u64::from(not_b) << 1);
        self.emit(Node::new(run).d(d).a(a).b(b).imm(flags));
        Ok(())
    }

    fn permute(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.take("b32");
        if let Operand::Imm(selector) = self.operand(instruction, 3)?
            && instruction.modifiers.count() == 1
            && selector.bits() & 0x8888 == 0
        {
            let a = self.source(self.operand(instruction, 1)?, T::U32)?;
            let b = self.source(self.operand(instruction, 2)?, T::U32)?;
            let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
            let node = Node::new(bits::permute_fixed()).d(d).a(a).b(b);
            self.emit(node.imm(selector.bits() & 0xFFFF));
            return Ok(());
        }
        let run = match form.take_one(&[
            ("f4e", 1),
            ("b4e", 2),
            ("rc8", 3),
            ("ecl", 4),
            ("ecr", 5),
            ("rc16", 6),
        ]) {
            None => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, c)),
            Some(1) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(1, c))),
            Some(2) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(2, c))),
            Some(3) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(3, c))),
            Some(4) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(4, c))),
            Some(5) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(5, c))),
            Some(_) => map3(|a: u32, b: u32, c: u32| bits::permute(a, b, bits::selector(6, c))),
        };
        self.ternary_of(instruction, [T::U32; 4], Some(run))
    }

    fn funnel(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.take("b32");
        let left = form.take("l");
        if !left && !form.take("r") {
            return Err("'.l' or '.r' is missing".to_owned());
        }
        let clamp = form.take("clamp");
        if !clamp && !form.take("wrap") {
            return Err("'.clamp' or '.wrap' is missing".to_owned());
        }
        let run = match (left, clamp) {
            (true, true) => map3(|a: u32, b: u32, c: u32| bits::funnel_left(a, b, c.min(32))),
            (true, false) => map3(|a: u32, b: u32, c: u32| bits::funnel_left(a, b, c & 31)),
            (false, true) => map3(|a: u32, b: u32, c: u32| bits::funnel_right(a, b, c.min(32))),
            (false, false) => map3(|a: u32, b: u32, c: u32| bits::funnel_right(a, b, c & 31)),
        };
        self.ternary_of(instruction, [T::U32; 4], Some(run))
    }

    fn find_bit(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let shift = form.take("shiftamt");
        let ty = form.ty().ok_or("it has no type")?;
        let run = match (ty, shift) {
            (T::U32, false) => map1(|a: u32| bits::find(u64::from(a), 32, false)),
            (T::U32, true) => map1(|a: u32| bits::find(u64::from(a), 32, true)),
            (T::S32, false) => map1(|a: i32| bits::find((a ^ (a >> 31)) as u32 as u64, 32, false)),
            (T::S32, true) => map1(|a: i32| bits::find((a ^ (a >> 31)) as u32 as u64, 32, true)),
            (T::U64, false) => map1(|a: u64| bits::find(a, 64, false)),
            (T::U64, true) => map1(|a: u64| bits::find(a, 64, true)),
            (T::S64, false) => map1(|a: i64| bits::find((a ^ (a >> 63)) as u64, 64, false)),
            (T::S64, true) => map1(|a: i64| bits::find((a ^ (a >> 63)) as u64, 64, true)),
            _ => return Err(unknown_type(ty)),
        };
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let d = self.dest_of(self.operand(instruction, 0)?, T::U32)?;
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    fn insert_field(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let ty = as_unsigned(form.ty().ok_or("it has no type")?);
        let run: OpFn = match ty {
            T::U32 => bits::bfi::<u32>(),
            T::U64 => bits::bfi::<u64>(),
            _ => return Err(unknown_type(ty)),
        };
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let b = self.source(self.operand(instruction, 2)?, ty)?;
        let c = self.source(self.operand(instruction, 3)?, T::U32)?;
        let len = self.source(self.operand(instruction, 4)?, T::U32)?;
        let d = self.dest_of(self.operand(instruction, 0)?, ty)?;
        self.emit(Node::new(run).d(d).a(a).b(b).c(c).ext(len));
        Ok(())
    }

    fn masks(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let clamp = form.take("clamp");
        if !clamp && !form.take("wrap") {
            return Err("'.clamp' or '.wrap' is missing".to_owned());
        }
        let ty = as_unsigned(form.ty().ok_or("it has no type")?);
        let run = match (instruction.opcode, ty, clamp) {
            ("bmsk", T::U32, true) => map2(|a: u32, b: u32| bits::mask_field(a, b)),
            ("bmsk", T::U32, false) => map2(|a: u32, b: u32| bits::mask_field(a & 31, b & 31)),
            ("szext", T::U32, true) => map2(|a: u32, b: u32| bits::bfe_u32(a, 0, b.min(32))),
            ("szext", T::U32, false) => map2(|a: u32, b: u32| bits::bfe_u32(a, 0, b & 31)),
            ("szext", T::S32, true) => map2(|a: i32, b: u32| bits::bfe_s32(a, 0, b.min(32))),
            ("szext", T::S32, false) => map2(|a: i32, b: u32| bits::bfe_s32(a, 0, b & 31)),
            _ => return Err(unknown_type(ty)),
        };
        self.binary_of(instruction, [ty, ty, T::U32], Some(run))
    }

    fn lookup(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let any = form.take("or");
        let combines = any || form.take("and");
        form.take("b32");
        let Operand::Imm(table) = self.operand(instruction, 4)? else {
            return Err("the table is no constant".to_owned());
        };
        let table = table.bits() & 0xFF;
        let a = self.source(self.operand(instruction, 1)?, T::U32)?;
        let b = self.source(self.operand(instruction, 2)?, T::U32)?;
        let c = self.source(self.operand(instruction, 3)?, T::U32)?;
        let node = Node::new(bits::lop3()).a(a).b(b).c(c).imm(table);
        if combines {
            return self.lookup_and_test(instruction, node, any);
        }
        let d = self.dest_of(self.operand(instruction, 0)?, T::U32)?;
        self.emit(node.d(d));
        Ok(())
    }

    /// `lop3.and d|p, a, b, c, table, q`: `p` tells whether the result is not 0, combined with `q`.
    fn lookup_and_test(&mut self, instruction: &Instruction<'a>, node: Node, any: bool) -> Lowered {
        let Operand::RegPair(d, p) = *self.operand(instruction, 0)? else {
            return Err("two destinations are needed".to_owned());
        };
        let (q, negated) = self.pred_source(self.operand(instruction, 5)?)?;
        let value = self.temp(Class::W32);
        self.emit_pure(node.d(Ref::Def(value)));
        let hit = self.temp(Class::Pred);
        let run = compare(|a: u32, _: u32| a != 0);
        let value = Ref::Use(value);
        self.emit_pure(Node::new(run).d(Ref::Def(hit)).a(value).b(value));
        if let Some(p) = p {
            let p = self.pred_reg(p)?;
            let run: OpFn = if any { bits::pred_or } else { bits::pred_and };
            let node = Node::new(run).d(Ref::Def(p)).a(Ref::Use(hit)).b(q);
            self.emit(node.imm(u64::from(negated) << 1));
        }
        if let Some(d) = d {
            let d = self.dest(&Operand::Reg(d), Class::W32)?;
            self.emit(Node::new(map1(|a: u32| a)).d(d).a(value));
        }
        Ok(())
    }
}

fn shift_left(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::U16 => map2(|a: u16, b: u32| if b < 16 { a << b } else { 0 }),
        T::U32 => map2(|a: u32, b: u32| a.checked_shl(b).unwrap_or(0)),
        T::U64 => map2(|a: u64, b: u32| a.checked_shl(b).unwrap_or(0)),
        _ => return None,
    })
}

fn shift_right(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::U16 => map2(|a: u16, b: u32| if b < 16 { a >> b } else { 0 }),
        T::U32 => map2(|a: u32, b: u32| a.checked_shr(b).unwrap_or(0)),
        T::U64 => map2(|a: u64, b: u32| a.checked_shr(b).unwrap_or(0)),
        T::S16 => map2(|a: i16, b: u32| a >> b.min(15)),
        T::S32 => map2(|a: i32, b: u32| a >> b.min(31)),
        T::S64 => map2(|a: i64, b: u32| a >> b.min(63)),
        _ => return None,
    })
}
