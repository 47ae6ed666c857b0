//! Integer arithmetic and bit operations. Read [`Lowering::integer`] and [`Lowering::bits`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal, class_of},
    operand::as_unsigned,
};
use crate::exec::{
    bits,
    lanes::{each2, each3, map1, map2, map3},
    op::OpFn,
};
use crate::ptx::{Instruction, Operand, ScalarType as T};

/// Applies a constructor of ops to a closure over each of the named types.
macro_rules! by_type {
    ($ty:expr, $make:ident, [$($variant:ident: $prim:ty),+], |$a:ident| $body:expr) => {
        match $ty {
            $(T::$variant => Some($make(|$a: $prim| $body)),)+
            _ => None,
        }
    };
    ($ty:expr, $make:ident, [$($variant:ident: $prim:ty),+], |$a:ident, $b:ident| $body:expr) => {
        match $ty {
            $(T::$variant => Some($make(|$a: $prim, $b: $prim| $body)),)+
            _ => None,
        }
    };
    ($ty:expr, $make:ident, [$($variant:ident: $prim:ty),+],
        |$a:ident, $b:ident, $c:ident| $body:expr) => {
        match $ty {
            $(T::$variant => Some($make(|$a: $prim, $b: $prim, $c: $prim| $body)),)+
            _ => None,
        }
    };
}

/// `by_type` for the six integer types.
macro_rules! by_integer {
    ($ty:expr, $make:ident, |$($arg:ident),+| $body:expr) => {
        by_type!($ty, $make, [U16: u16, S16: i16, U32: u32, S32: i32, U64: u64, S64: i64],
            |$($arg),+| $body)
    };
}

/// `by_type` for the unsigned types of 16 to 64 bits.
macro_rules! by_word {
    ($ty:expr, $make:ident, |$($arg:ident),+| $body:expr) => {
        by_type!($ty, $make, [U16: u16, U32: u32, U64: u64], |$($arg),+| $body)
    };
}

pub(super) use by_type;

impl<'a> Lowering<'_, 'a> {
    /// `d = f(a)`, all of type `ty`.
    pub(super) fn unary(
        &mut self,
        instruction: &Instruction<'a>,
        ty: T,
        run: Option<OpFn>,
    ) -> Lowered {
        let run = run.ok_or_else(|| unknown_type(ty))?;
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let d = self.dest_of(self.operand(instruction, 0)?, ty)?;
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    /// `d = f(a, b)`, all of type `ty`.
    pub(super) fn binary(
        &mut self,
        instruction: &Instruction<'a>,
        ty: T,
        run: Option<OpFn>,
    ) -> Lowered {
        self.binary_of(instruction, [ty, ty, ty], run)
    }

    /// `d = f(a, b)` with the types of `d`, `a`, `b`.
    pub(super) fn binary_of(
        &mut self,
        instruction: &Instruction<'a>,
        [td, ta, tb]: [T; 3],
        run: Option<OpFn>,
    ) -> Lowered {
        let run = run.ok_or_else(|| unknown_type(td))?;
        let a = self.source(self.operand(instruction, 1)?, ta)?;
        let b = self.source(self.operand(instruction, 2)?, tb)?;
        let d = self.dest_of(self.operand(instruction, 0)?, td)?;
        self.emit(Node::new(run).d(d).a(a).b(b));
        Ok(())
    }

    /// `d = f(a, b, c)` with the types of `d`, `a`, `b`, `c`.
    pub(super) fn ternary_of(
        &mut self,
        instruction: &Instruction<'a>,
        [td, ta, tb, tc]: [T; 4],
        run: Option<OpFn>,
    ) -> Lowered {
        let run = run.ok_or_else(|| unknown_type(td))?;
        let a = self.source(self.operand(instruction, 1)?, ta)?;
        let b = self.source(self.operand(instruction, 2)?, tb)?;
        let c = self.source(self.operand(instruction, 3)?, tc)?;
        let d = self.dest_of(self.operand(instruction, 0)?, td)?;
        self.emit(Node::new(run).d(d).a(a).b(b).c(c));
        Ok(())
    }

    /// Integer forms of the arithmetic opcodes.
    pub(super) fn integer(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        let opcode = instruction.opcode;
        if matches!(opcode, "dp4a" | "dp2a") {
            return self.dot(instruction, form);
        }
        let ty = as_unsigned(form.ty().ok_or("it has no type")?);
        let carries = form.take("cc");
        if carries || matches!(opcode, "addc" | "subc" | "madc") {
            return self.with_carry(instruction, form, ty, carries);
        }
        if form.take("sat") {
            let run = match (opcode, ty) {
                ("add", T::S32) => map2(|a: i32, b: i32| a.saturating_add(b)),
                ("sub", T::S32) => map2(|a: i32, b: i32| a.saturating_sub(b)),
                ("mad", T::S32) if form.take("hi") => {
                    map3(|a: i32, b: i32, c: i32| bits::mul_hi_s32(a, b).saturating_add(c))
                }
                _ => return Err("'.sat' is not known for this type".to_owned()),
            };
            if opcode == "mad" {
                return self.ternary_of(instruction, [ty; 4], Some(run));
            }
            return self.binary(instruction, ty, Some(run));
        }
        match opcode {
            "add" => self.binary(instruction, ty, add(ty)),
            "sub" => self.binary(instruction, ty, sub(ty)),
            "div" => {
                let run = by_integer!(ty, each2, |a, b| bits::Int::quotient(a, b));
                self.binary(instruction, ty, run)
            }
            "rem" => {
                let run = by_integer!(ty, each2, |a, b| bits::Int::remainder(a, b));
                self.binary(instruction, ty, run)
            }
            "min" | "max" => self.min_max(instruction, form, ty),
            "abs" => {
                let run = by_type!(ty, map1, [S16: i16, S32: i32, S64: i64], |a| a.wrapping_abs());
                self.unary(instruction, ty, run)
            }
            "neg" => {
                let run = by_integer!(ty, map1, |a| a.wrapping_neg());
                self.unary(instruction, ty, run)
            }
            "sad" => {
                let run = by_integer!(ty, map3, |a, b, c| c.wrapping_add(if a > b {
                    a.wrapping_sub(b)
                } else {
                    b.wrapping_sub(a)
                }));
                self.ternary_of(instruction, [ty; 4], run)
            }
            "mul" | "mad" => self.product(instruction, form, ty),
            "mul24" | "mad24" => self.product24(instruction, form, ty),
            _ => Err("integers are not known here".to_owned()),
        }
    }

    fn min_max(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>, ty: T) -> Lowered {
        let relu = form.take("relu");
        let smaller = instruction.opcode == "min";
        let run = match (ty, smaller, relu) {
            (T::S32, true, true) => Some(map2(|a: i32, b: i32| a.min(b).max(0))),
            (T::S32, false, true) => Some(map2(|a: i32, b: i32| a.max(b).max(0))),
            (_, _, true) => None,
            (T::U16x2, true, _) => Some(map2(|a: u32, b: u32| bits::pair(a, b, |a, b| a.min(b)))),
            (T::U16x2, false, _) => Some(map2(|a: u32, b: u32| bits::pair(a, b, |a, b| a.max(b)))),
            (T::S16x2, true, _) => Some(map2(|a: u32, b: u32| {
                bits::pair(a, b, |a, b| (a as i16).min(b as i16) as u16)
            })),
            (T::S16x2, false, _) => Some(map2(|a: u32, b: u32| {
                bits::pair(a, b, |a, b| (a as i16).max(b as i16) as u16)
            })),
            (_, true, _) => by_integer!(ty, map2, |a, b| a.min(b)),
            (_, false, _) => by_integer!(ty, map2, |a, b| a.max(b)),
        };
        self.binary(instruction, ty, run)
    }

    fn product(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>, ty: T) -> Lowered {
        let mad = instruction.opcode == "mad";
        let wide = form.take("wide");
        let high = form.take("hi");
        if !wide && !high && !form.take("lo") {
            return Err("'.lo', '.hi' or '.wide' is missing".to_owned());
        }
        if wide {
            let double = doubled(ty).ok_or_else(|| unknown_type(ty))?;
            return if mad {
                self.ternary_of(instruction, [double, ty, ty, double], mad_wide(ty))
            } else {
                self.binary_of(instruction, [double, ty, ty], mul_wide(ty))
            };
        }
        let run = match (mad, high) {
            (false, false) => by_integer!(ty, map2, |a, b| a.wrapping_mul(b)),
            (true, false) => by_integer!(ty, map3, |a, b, c| a.wrapping_mul(b).wrapping_add(c)),
            (false, true) => by_integer!(ty, map2, |a, b| bits::Int::product_high(a, b)),
            (true, true) => by_integer!(ty, map3, |a, b, c| {
                bits::Int::product_high(a, b).wrapping_add(c)
            }),
        };
        if mad {
            self.ternary_of(instruction, [ty; 4], run)
        } else {
            self.binary(instruction, ty, run)
        }
    }

    fn product24(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>, ty: T) -> Lowered {
        let high = form.take("hi");
        if !high && !form.take("lo") {
            return Err("'.lo' or '.hi' is missing".to_owned());
        }
        let run = match (instruction.opcode, ty, high) {
            ("mul24", T::U32, false) => map2(|a: u32, b: u32| bits::mul24_u(a, b) as u32),
            ("mul24", T::U32, true) => map2(|a: u32, b: u32| (bits::mul24_u(a, b) >> 16) as u32),
            ("mul24", T::S32, false) => map2(|a: i32, b: i32| bits::mul24_s(a, b) as i32),
            ("mul24", T::S32, true) => map2(|a: i32, b: i32| (bits::mul24_s(a, b) >> 16) as i32),
            ("mad24", T::U32, false) => {
                map3(|a: u32, b: u32, c: u32| (bits::mul24_u(a, b) as u32).wrapping_add(c))
            }
            ("mad24", T::U32, true) => {
                map3(|a: u32, b: u32, c: u32| ((bits::mul24_u(a, b) >> 16) as u32).wrapping_add(c))
            }
            ("mad24", T::S32, false) => {
                map3(|a: i32, b: i32, c: i32| (bits::mul24_s(a, b) as i32).wrapping_add(c))
            }
            ("mad24", T::S32, true) => {
                map3(|a: i32, b: i32, c: i32| ((bits::mul24_s(a, b) >> 16) as i32).wrapping_add(c))
            }
            _ => return Err(unknown_type(ty)),
        };
        if instruction.opcode == "mad24" {
            self.ternary_of(instruction, [ty; 4], Some(run))
        } else {
            self.binary(instruction, ty, Some(run))
        }
    }

    /// `add.cc`, `addc`, `sub.cc`, `subc`, `mad.cc`, `madc`.
    fn with_carry(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
        ty: T,
        carries: bool,
    ) -> Lowered {
        let ty = match ty {
            T::S32 => T::U32,
            T::S64 => T::U64,
            ty => ty,
        };
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let opcode = instruction.opcode;
        let product = matches!(opcode, "mad" | "madc");
        let (a, b) = if product {
            let high = form.take("hi");
            if !high && !form.take("lo") {
                return Err("'.lo' or '.hi' is missing".to_owned());
            }
            let signed = matches!(instruction.modifiers.types().next(), Some(T::S32 | T::S64));
            let run = match (ty, high, signed) {
                (T::U32, false, _) => map2(|a: u32, b: u32| a.wrapping_mul(b)),
                (T::U64, false, _) => map2(|a: u64, b: u64| a.wrapping_mul(b)),
                (T::U32, true, false) => map2(|a: u32, b: u32| bits::Int::product_high(a, b)),
                (T::U32, true, true) => map2(|a: i32, b: i32| bits::Int::product_high(a, b)),
                (T::U64, true, false) => map2(|a: u64, b: u64| bits::Int::product_high(a, b)),
                (T::U64, true, true) => map2(|a: i64, b: i64| bits::Int::product_high(a, b)),
                _ => return Err(unknown_type(ty)),
            };
            let a = self.source(self.operand(instruction, 1)?, ty)?;
            let b = self.source(self.operand(instruction, 2)?, ty)?;
            let temp = self.temp(class);
            self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(a).b(b));
            let c = self.source(self.operand(instruction, 3)?, ty)?;
            (Ref::Use(temp), c)
        } else {
            let a = self.source(self.operand(instruction, 1)?, ty)?;
            (a, self.source(self.operand(instruction, 2)?, ty)?)
        };
        let carry = match self.carry {
            Some(carry) => carry,
            None => {
                let carry = self.temp(Class::Pred);
                self.carry = Some(carry);
                carry
            }
        };
        let takes = matches!(opcode, "addc" | "subc" | "madc");
        let subtracts = matches!(opcode, "sub" | "subc");
        let zero = Ref::Const(self.assembler.pred(false));
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        let run: OpFn = match class {
            Class::W32 if subtracts => bits::carry::<u32, true>,
            Class::W32 => bits::carry::<u32, false>,
            Class::W64 if subtracts => bits::carry::<u64, true>,
            _ => bits::carry::<u64, false>,
        };
        let node = Node::new(run).d(d).a(a).b(b);
        let node = node.c(if takes { Ref::Use(carry) } else { zero });
        let node = node.ext(if carries { Ref::Def(carry) } else { Ref::None });
        self.emit(node.early());
        Ok(())
    }

    fn dot(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let low = instruction.opcode == "dp4a" || form.take("lo");
        if !low && !form.take("hi") {
            return Err("'.lo' or '.hi' is missing".to_owned());
        }
        let ta = form.ty().ok_or("it has no type")?;
        let tb = form.ty().ok_or("it has only one type")?;
        let (a, b) = (ta == T::S32, tb == T::S32);
        let run = match (instruction.opcode, a, b) {
            ("dp4a", false, false) => {
                map3(|a: u32, b: u32, c: u32| bits::dp4a(a, b, c, false, false))
            }
            ("dp4a", false, true) => {
                map3(|a: u32, b: u32, c: u32| bits::dp4a(a, b, c, false, true))
            }
            ("dp4a", true, false) => {
                map3(|a: u32, b: u32, c: u32| bits::dp4a(a, b, c, true, false))
            }
            ("dp4a", true, true) => map3(|a: u32, b: u32, c: u32| bits::dp4a(a, b, c, true, true)),
            (_, false, false) if low => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b, c, 0)),
            (_, false, true) if low => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b, c, 2)),
            (_, true, false) if low => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b, c, 1)),
            (_, true, true) if low => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b, c, 3)),
            (_, false, false) => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b >> 16, c, 0)),
            (_, false, true) => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b >> 16, c, 2)),
            (_, true, false) => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b >> 16, c, 1)),
            (_, true, true) => map3(|a: u32, b: u32, c: u32| bits::dp2a(a, b >> 16, c, 3)),
        };
        self.ternary_of(instruction, [T::U32; 4], Some(run))
    }

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
                let run = by_word!(ty, map1, |a| if a == 0 { 1 } else { 0 });
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
            T::U32 => bits::bfi::<u32>,
            T::U64 => bits::bfi::<u64>,
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
        form.take("b32");
        let Operand::Imm(table) = self.operand(instruction, 4)? else {
            return Err("the table is no constant".to_owned());
        };
        let table = table.bits() & 0xFF;
        let a = self.source(self.operand(instruction, 1)?, T::U32)?;
        let b = self.source(self.operand(instruction, 2)?, T::U32)?;
        let c = self.source(self.operand(instruction, 3)?, T::U32)?;
        let d = self.dest_of(self.operand(instruction, 0)?, T::U32)?;
        self.emit(Node::new(bits::lop3).d(d).a(a).b(b).c(c).imm(table));
        Ok(())
    }
}

pub(super) fn unknown_type(ty: T) -> Refusal {
    format!("the type '.{}' is not known here", ty.name())
}

/// Addition for integers and packed integers.
fn add(ty: T) -> Option<OpFn> {
    match ty {
        T::U16x2 | T::S16x2 => Some(map2(|a: u32, b: u32| bits::pair(a, b, u16::wrapping_add))),
        _ => by_integer!(ty, map2, |a, b| a.wrapping_add(b)),
    }
}

fn sub(ty: T) -> Option<OpFn> {
    by_integer!(ty, map2, |a, b| a.wrapping_sub(b))
}

fn doubled(ty: T) -> Option<T> {
    Some(match ty {
        T::U16 => T::U32,
        T::S16 => T::S32,
        T::U32 => T::U64,
        T::S32 => T::S64,
        _ => return None,
    })
}

fn mul_wide(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::U16 => map2(|a: u16, b: u16| u32::from(a) * u32::from(b)),
        T::S16 => map2(|a: i16, b: i16| i32::from(a) * i32::from(b)),
        T::U32 => map2(|a: u32, b: u32| u64::from(a) * u64::from(b)),
        T::S32 => map2(|a: i32, b: i32| i64::from(a) * i64::from(b)),
        _ => return None,
    })
}

fn mad_wide(ty: T) -> Option<OpFn> {
    Some(match ty {
        T::U16 => map3(|a: u16, b: u16, c: u32| (u32::from(a) * u32::from(b)).wrapping_add(c)),
        T::S16 => map3(|a: i16, b: i16, c: i32| (i32::from(a) * i32::from(b)).wrapping_add(c)),
        T::U32 => map3(|a: u32, b: u32, c: u64| (u64::from(a) * u64::from(b)).wrapping_add(c)),
        T::S32 => map3(|a: i32, b: i32, c: i64| (i64::from(a) * i64::from(b)).wrapping_add(c)),
        _ => return None,
    })
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
