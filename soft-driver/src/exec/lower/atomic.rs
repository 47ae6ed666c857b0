//! Atomics, reductions to memory and fences. Read [`Lowering::atomic`].

use super::{
    code::{Node, Ref},
    form::Form,
    integer::unknown_type,
    lowering::{Kept, Lowered, Lowering, class_of},
    memory::{Address, Room, by_room, ignore_cache_hints, space},
};
use crate::exec::{
    atomics::{atomic, fence},
    half::{Bf16, F16, Half},
    math::{canon, min_max_f32},
    memory::{Generic, Global, Shared},
    op::OpFn,
    wide_atomics,
};
use crate::ptx::{Instruction, Operand, ScalarType as T, Space};

/// What an atomic does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Add,
    Min,
    Max,
    And,
    Or,
    Xor,
    Exchange,
    CompareExchange,
    Increment,
    Decrement,
}

const ACTIONS: [(&str, Action); 10] = [
    ("add", Action::Add),
    ("min", Action::Min),
    ("max", Action::Max),
    ("and", Action::And),
    ("or", Action::Or),
    ("xor", Action::Xor),
    ("exch", Action::Exchange),
    ("cas", Action::CompareExchange),
    ("inc", Action::Increment),
    ("dec", Action::Decrement),
];

/// An atomic in any space.
macro_rules! update {
    ($address:expr, |$old:ident: $ty:ty, $b:ident, $c:ident| $body:expr) => {
        update!(@ false, $address, |$old: $ty, $b, $c| $body)
    };
    (@ $waits:literal, $address:expr, |$old:ident: $ty:ty, $b:ident, $c:ident| $body:expr) => {
        Some(by_room!($address, |S, A| atomic::<S, A, $ty, $waits, _>(
            |$old: $ty, $b: $ty, $c: $ty| -> Option<$ty> {
                let _ = (&$old, &$b, &$c);
                $body
            }
        )))
    };
}

impl<'a> Lowering<'_, 'a> {
    /// `atom` and `red`.
    pub(super) fn atomic(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore(&[
            "relaxed", "acquire", "release", "acq_rel", "weak", "cta", "cluster", "gpu", "sys",
            "noftz",
        ]);
        ignore_cache_hints(form);
        let space = space(form)?;
        let action = form
            .take_one(&ACTIONS)
            .ok_or("the operation is not known")?;
        let count = form
            .take_one(&[("v2", 2), ("v4", 4), ("v8", 8)])
            .unwrap_or(1);
        let ty = form.ty().ok_or("it has no type")?;
        let first = usize::from(instruction.opcode == "atom");
        if ty == T::B128 {
            return self.atomic_128(instruction, space, action);
        }
        let mut address = self.bracket(self.operand(instruction, first)?, space)?;
        let run = action_op(&address, action, ty).ok_or_else(|| unknown_type(ty))?;
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let values = Self::elements(self.operand(instruction, first + 1)?);
        if values.len() != count {
            return Err("the number of values is wrong".to_owned());
        }
        let old = match first {
            0 => &[],
            _ => Self::elements(self.operand(instruction, 0)?),
        };
        for (index, value) in values.iter().enumerate() {
            let b = self.source(value, ty)?;
            let c = match action {
                Action::CompareExchange => {
                    self.source(self.operand(instruction, first + 2)?, ty)?
                }
                _ => b,
            };
            let d = match old.get(index) {
                None | Some(Operand::Sink) => Ref::None,
                Some(Operand::Reg(old)) if self.is_named_once(*old) => Ref::None,
                Some(old) => self.dest(old, class)?,
            };
            let node = Node::new(run).d(d).a(address.base).b(b).c(c);
            self.emit(node.ext(Ref::Site).imm(address.offset).early());
            address.offset = address.offset.wrapping_add(u64::from(ty.size_bytes()));
        }
        Ok(())
    }

    /// `atom.cas.b128` and `atom.exch.b128`.
    fn atomic_128(
        &mut self,
        instruction: &Instruction<'a>,
        space: Option<Space>,
        action: Action,
    ) -> Lowered {
        let compares = action == Action::CompareExchange;
        if !compares && action != Action::Exchange || instruction.opcode != "atom" {
            return Err(unknown_type(T::B128));
        }
        let pair = |index: usize| match self.operand(instruction, index)? {
            Operand::Reg(reg) => match self.kept(*reg) {
                Kept::Pair(low, high) => Ok([low, high]),
                Kept::One(_) => Err("a 128-bit register is expected".to_owned()),
            },
            _ => Err("a 128-bit register is expected".to_owned()),
        };
        let d = match instruction.operands.first() {
            Some(Operand::Sink) => [Ref::None; 2],
            _ => pair(0)?.map(Ref::Def),
        };
        let [first, last] = if compares { [2, 3] } else { [2, 2] };
        let (wanted, new) = (pair(first)?.map(Ref::Use), pair(last)?.map(Ref::Use));
        let address = self.generic_row(instruction, 1, space.unwrap_or(Space::Reg))?;
        let items = [&[Ref::Site][..], &d, &new, &wanted].concat();
        let node = Node::new(wide_atomics::atomic).a(address).ext(Ref::List);
        let node = self.with_list(node.imm(u64::from(compares)), &items);
        self.emit(node.early());
        Ok(())
    }

    /// `membar` and `fence`.
    pub(super) fn fence(&mut self, form: &mut Form<'a>) -> Lowered {
        form.ignore_where(|_| true);
        self.emit(Node::new(fence));
        Ok(())
    }
}

fn action_op(address: &Address, action: Action, ty: T) -> Option<OpFn> {
    match action {
        Action::Add => add_op(address, ty),
        Action::Min | Action::Max => extreme_op(address, action == Action::Min, ty),
        Action::And | Action::Or | Action::Xor => logic_op(address, action, ty),
        Action::Exchange => match ty.size_bits() {
            16 => update!(@ true, address, |_old: u16, b, _c| Some(b)),
            32 => update!(@ true, address, |_old: u32, b, _c| Some(b)),
            64 => update!(@ true, address, |_old: u64, b, _c| Some(b)),
            _ => None,
        },
        Action::CompareExchange => match ty.size_bits() {
            16 => update!(@ true, address, |old: u16, b, c| (old == b).then_some(c)),
            32 => update!(@ true, address, |old: u32, b, c| (old == b).then_some(c)),
            64 => update!(@ true, address, |old: u64, b, c| (old == b).then_some(c)),
            _ => None,
        },
        Action::Increment => match ty {
            T::U32 => update!(address, |old: u32, b, _c| Some(if old >= b {
                0
            } else {
                old + 1
            })),
            _ => None,
        },
        Action::Decrement => match ty {
            T::U32 => update!(address, |old: u32, b, _c| {
                Some(if old == 0 || old > b { b } else { old - 1 })
            }),
            _ => None,
        },
    }
}

fn add_op(address: &Address, ty: T) -> Option<OpFn> {
    match ty {
        // Adding nothing changes nothing, and histograms mostly add nothing.
        T::U32 | T::S32 => update!(address, |old: u32, b, _c| {
            (b != 0).then(|| old.wrapping_add(b))
        }),
        T::U64 | T::S64 => update!(address, |old: u64, b, _c| {
            (b != 0).then(|| old.wrapping_add(b))
        }),
        T::F32 => update!(address, |old: f32, b, _c| Some(canon(old + b))),
        T::F64 => update!(address, |old: f64, b, _c| Some(old + b)),
        T::F16 => update!(address, |old: u16, b, _c| Some(half_sum::<F16>(old, b))),
        T::Bf16 => update!(address, |old: u16, b, _c| Some(half_sum::<Bf16>(old, b))),
        T::F16x2 => update!(address, |old: u32, b, _c| Some(pair_sum::<F16>(old, b))),
        T::Bf16x2 => update!(address, |old: u32, b, _c| Some(pair_sum::<Bf16>(old, b))),
        _ => None,
    }
}

fn extreme_op(address: &Address, smaller: bool, ty: T) -> Option<OpFn> {
    match (ty, smaller) {
        (T::U32, true) => update!(address, |old: u32, b, _c| (b < old).then_some(b)),
        (T::U32, false) => update!(address, |old: u32, b, _c| (b > old).then_some(b)),
        (T::S32, true) => update!(address, |old: i32, b, _c| (b < old).then_some(b)),
        (T::S32, false) => update!(address, |old: i32, b, _c| (b > old).then_some(b)),
        (T::U64, true) => update!(address, |old: u64, b, _c| (b < old).then_some(b)),
        (T::U64, false) => update!(address, |old: u64, b, _c| (b > old).then_some(b)),
        (T::S64, true) => update!(address, |old: i64, b, _c| (b < old).then_some(b)),
        (T::S64, false) => update!(address, |old: i64, b, _c| (b > old).then_some(b)),
        (T::F16 | T::Bf16 | T::F16x2 | T::Bf16x2, _) => half_extreme_op(address, smaller, ty),
        _ => None,
    }
}

fn half_extreme_op(address: &Address, smaller: bool, ty: T) -> Option<OpFn> {
    match (ty, smaller) {
        (T::F16, true) => update!(address, |old: u16, b, _c| Some(half_min::<F16>(
            old, b, true
        ))),
        (T::F16, false) => update!(address, |old: u16, b, _c| Some(half_min::<F16>(
            old, b, false
        ))),
        (T::Bf16, true) => update!(address, |old: u16, b, _c| Some(half_min::<Bf16>(
            old, b, true
        ))),
        (T::Bf16, false) => {
            update!(address, |old: u16, b, _c| Some(half_min::<Bf16>(
                old, b, false
            )))
        }
        (T::F16x2, true) => update!(address, |old: u32, b, _c| Some(pair_min::<F16>(
            old, b, true
        ))),
        (T::F16x2, false) => {
            update!(address, |old: u32, b, _c| Some(pair_min::<F16>(
                old, b, false
            )))
        }
        (T::Bf16x2, true) => {
            update!(address, |old: u32, b, _c| Some(pair_min::<Bf16>(
                old, b, true
            )))
        }
        (T::Bf16x2, false) => {
            update!(address, |old: u32, b, _c| Some(pair_min::<Bf16>(
                old, b, false
            )))
        }
        _ => None,
    }
}

fn logic_op(address: &Address, action: Action, ty: T) -> Option<OpFn> {
    match (ty.size_bits(), action) {
        (32, Action::And) => update!(address, |old: u32, b, _c| Some(old & b)),
        (32, Action::Or) => update!(address, |old: u32, b, _c| Some(old | b)),
        (32, _) => update!(address, |old: u32, b, _c| Some(old ^ b)),
        (64, Action::And) => update!(address, |old: u64, b, _c| Some(old & b)),
        (64, Action::Or) => update!(address, |old: u64, b, _c| Some(old | b)),
        (64, _) => update!(address, |old: u64, b, _c| Some(old ^ b)),
        _ => None,
    }
}

fn half_sum<H: Half>(a: u16, b: u16) -> u16 {
    H::near(H::of(a).wide() + H::of(b).wide()).bits()
}

fn half_min<H: Half>(a: u16, b: u16, smaller: bool) -> u16 {
    H::near(min_max_f32(
        H::of(a).wide(),
        H::of(b).wide(),
        smaller,
        false,
    ))
    .bits()
}

fn pair_sum<H: Half>(a: u32, b: u32) -> u32 {
    crate::exec::bits::pair(a, b, half_sum::<H>)
}

fn pair_min<H: Half>(a: u32, b: u32, smaller: bool) -> u32 {
    crate::exec::bits::pair(a, b, |a, b| half_min::<H>(a, b, smaller))
}
