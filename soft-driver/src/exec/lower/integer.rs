//! Integer arithmetic. Read [`Lowering::integer`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal, class_of},
    operand::as_unsigned,
};
use crate::exec::{
    bits,
    lanes::{each2, map1, map2, map3},
    op::OpFn,
};
use crate::ptx::{Instruction, ScalarType as T};

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
        if opcode != "mad24" && form.take("sat") {
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
                let run = match ty {
                    T::U32 => Some(map2(|a: u32, b: u32| bits::quotient_u32(a, b))),
                    T::S32 => Some(map2(|a: i32, b: i32| bits::quotient_s32(a, b))),
                    _ => by_integer!(ty, each2, |a, b| bits::Int::quotient(a, b)),
                };
                self.binary(instruction, ty, run)
            }
            "rem" => {
                let run = match ty {
                    T::U32 => Some(map2(|a: u32, b: u32| {
                        a.wrapping_sub(bits::quotient_u32(a, b).wrapping_mul(b))
                    })),
                    T::S32 => Some(map2(|a: i32, b: i32| {
                        a.wrapping_sub(bits::quotient_s32(a, b).wrapping_mul(b))
                    })),
                    _ => by_integer!(ty, each2, |a, b| bits::Int::remainder(a, b)),
                };
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
            (T::S16x2, true, true) => Some(map2(|a: u32, b: u32| {
                bits::pair(a, b, |a, b| (a as i16).min(b as i16).max(0) as u16)
            })),
            (T::S16x2, false, true) => Some(map2(|a: u32, b: u32| {
                bits::pair(a, b, |a, b| (a as i16).max(b as i16).max(0) as u16)
            })),
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
        let sat = form.take("sat");
        let run = match (instruction.opcode, ty, high) {
            ("mad24", T::S32, true) if sat => map3(|a: i32, b: i32, c: i32| {
                ((bits::mul24_s(a, b) >> 16) as i32).saturating_add(c)
            }),
            _ if sat => return Err("'.sat' is not known for this type".to_owned()),
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
            T::S16 => T::U16,
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
            let signed = instruction.modifiers.types().next();
            let signed = signed.is_some_and(T::is_signed);
            let run = match (ty, high, signed) {
                (T::U16, false, _) => map2(|a: u16, b: u16| a.wrapping_mul(b)),
                (T::U16, true, false) => map2(|a: u16, b: u16| bits::Int::product_high(a, b)),
                (T::U16, true, true) => map2(|a: i16, b: i16| bits::Int::product_high(a, b)),
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
            Class::W32 if subtracts => bits::carry::<u32, true>(),
            Class::W32 => bits::carry::<u32, false>(),
            Class::W64 if subtracts => bits::carry::<u64, true>(),
            _ => bits::carry::<u64, false>(),
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
