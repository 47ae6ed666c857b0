//! `mov` with its packing and unpacking, and conversions of addresses. Read [`Lowering::mov`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    integer::unknown_type,
    lowering::{Kept, Lowered, Lowering, Refusal, class_of},
    meaning::part,
    memory::space,
    module::GlobalEntry,
};
use crate::exec::{
    compile::{Template, Width},
    lanes::{compare, map1, map2},
    memory::has_tag,
    op::OpFn,
    program::{LOCAL_TAG, PARAM_TAG, SHARED_TAG, TAG_SHIFT},
    special,
};
use crate::ptx::{Component, Instruction, Operand, ScalarType as T, Space, SpecialReg};

impl<'a> Lowering<'_, 'a> {
    /// `mov`, including packing and unpacking of vectors.
    pub(super) fn mov(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let vector = form.take_one(&[("v2", 2), ("v4", 4)]);
        let ty = form.ty().ok_or("it has no type")?;
        if ty == T::Pred {
            return self.copy_predicate(instruction);
        }
        let (to, from) = (self.operand(instruction, 0)?, self.operand(instruction, 1)?);
        match (to, from) {
            (_, Operand::Special(special)) if vector.is_some() => {
                self.spread_special(Self::elements(to), *special)
            }
            (Operand::Vector(to), Operand::Vector(from)) if to.len() == from.len() => {
                for (to, from) in to.iter().zip(from) {
                    self.copy(to, from, ty)?;
                }
                Ok(())
            }
            (Operand::Vector(to), from) => self.unpack(to, from, ty),
            (to, Operand::Vector(from)) => self.pack(to, from, ty),
            (Operand::Reg(_), Operand::Special(special)) => {
                let wide = special::is_wide(*special);
                let class = if wide { Class::W64 } else { Class::W32 };
                if self.register_class(to)? != class {
                    return self.copy(to, from, ty);
                }
                let d = self.dest(to, class)?;
                self.emit(special::node(*special, d)?);
                Ok(())
            }
            _ => self.copy(to, from, ty),
        }
    }

    fn spread_special(&mut self, to: &[Operand<'a>], special: SpecialReg) -> Lowered {
        use SpecialReg as R;
        let components = [Component::X, Component::Y, Component::Z, Component::W];
        for (to, component) in to.iter().zip(components) {
            let part = match special {
                R::Tid(_) => R::Tid(component),
                R::Ntid(_) => R::Ntid(component),
                R::Ctaid(_) => R::Ctaid(component),
                R::Nctaid(_) => R::Nctaid(component),
                _ => return Err("the special register is no vector".to_owned()),
            };
            let d = self.dest(to, Class::W32)?;
            self.emit(special::node(part, d)?);
        }
        Ok(())
    }

    fn copy(&mut self, to: &Operand<'a>, from: &Operand<'a>, ty: T) -> Lowered {
        if ty == T::B128 {
            return self.copy_128(to, from);
        }
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let a = self.source(from, ty)?;
        let d = self.dest(to, class)?;
        let run = copy_op(class).ok_or_else(|| unknown_type(ty))?;
        self.emit(Node::new(run).d(d).a(a));
        Ok(())
    }

    fn copy_128(&mut self, to: &Operand<'a>, from: &Operand<'a>) -> Lowered {
        let (Operand::Reg(to), Operand::Reg(from)) = (to, from) else {
            return Err("128-bit registers are expected".to_owned());
        };
        let (Kept::Pair(d0, d1), Kept::Pair(a0, a1)) = (self.kept(*to), self.kept(*from)) else {
            return Err("128-bit registers are expected".to_owned());
        };
        for (d, a) in [(d0, a0), (d1, a1)] {
            let run = map1(|a: u64| a);
            self.emit(Node::new(run).d(Ref::Def(d)).a(Ref::Use(a)));
        }
        Ok(())
    }

    /// `mov.b32 d, {a, b}` and the like: the first element is the lowest.
    fn pack(&mut self, to: &Operand<'a>, from: &[Operand<'a>], ty: T) -> Lowered {
        if ty == T::B128 {
            return self.pack_128(to, from);
        }
        let bits = ty.size_bits() / from.len() as u32;
        let element = bits_type(bits).ok_or_else(|| unknown_type(ty))?;
        let mut sources = Vec::new();
        for from in from {
            sources.push(self.source(from, element)?);
        }
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let d = self.dest(to, class)?;
        match (ty.size_bits(), bits) {
            (64, 32) => {
                let run = map2(|a: u32, b: u32| u64::from(a) | (u64::from(b) << 32));
                self.emit(Node::new(run).d(d).a(sources[0]).b(sources[1]));
            }
            (32, 16) => {
                let run = map2(|a: u16, b: u16| u32::from(a) | (u32::from(b) << 16));
                self.emit(Node::new(run).d(d).a(sources[0]).b(sources[1]));
            }
            (16, 8) => {
                let run = map2(|a: u8, b: u8| u16::from(a) | (u16::from(b) << 8));
                self.emit(Node::new(run).d(d).a(sources[0]).b(sources[1]));
            }
            (64, 16) => {
                let low = self.joined(
                    map2(|a: u16, b: u16| u32::from(a) | (u32::from(b) << 16)),
                    sources[0],
                    sources[1],
                );
                let high = self.joined(
                    map2(|a: u16, b: u16| u32::from(a) | (u32::from(b) << 16)),
                    sources[2],
                    sources[3],
                );
                let run = map2(|a: u32, b: u32| u64::from(a) | (u64::from(b) << 32));
                self.emit(Node::new(run).d(d).a(low).b(high));
            }
            (32, 8) => {
                let low = self.joined(
                    map2(|a: u8, b: u8| u16::from(a) | (u16::from(b) << 8)),
                    sources[0],
                    sources[1],
                );
                let high = self.joined(
                    map2(|a: u8, b: u8| u16::from(a) | (u16::from(b) << 8)),
                    sources[2],
                    sources[3],
                );
                let run = map2(|a: u16, b: u16| u32::from(a) | (u32::from(b) << 16));
                self.emit(Node::new(run).d(d).a(low).b(high));
            }
            _ => return Err(unknown_type(ty)),
        }
        Ok(())
    }

    fn joined(&mut self, run: OpFn, a: Ref, b: Ref) -> Ref {
        let temp = self.temp(Class::W32);
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(a).b(b));
        Ref::Use(temp)
    }

    fn pack_128(&mut self, to: &Operand<'a>, from: &[Operand<'a>]) -> Lowered {
        let (Operand::Reg(to), [low, high]) = (to, from) else {
            return Err("two 64-bit values are expected".to_owned());
        };
        let Kept::Pair(d0, d1) = self.kept(*to) else {
            return Err("a 128-bit register is expected".to_owned());
        };
        for (d, from) in [(d0, low), (d1, high)] {
            let a = self.source(from, T::B64)?;
            self.emit(Node::new(map1(|a: u64| a)).d(Ref::Def(d)).a(a));
        }
        Ok(())
    }

    /// `mov.b32 {d, e}, a`.
    fn unpack(&mut self, to: &[Operand<'a>], from: &Operand<'a>, ty: T) -> Lowered {
        if ty == T::B128 {
            return self.unpack_128(to, from);
        }
        let bits = ty.size_bits() / to.len() as u32;
        let element = bits_type(bits).ok_or_else(|| unknown_type(ty))?;
        let a = self.source(from, ty)?;
        let a = self.copied(a, ty)?;
        for (index, to) in (0u32..).zip(to) {
            if matches!(to, Operand::Sink) {
                continue;
            }
            let run = extract_op(ty, bits, index).ok_or_else(|| unknown_type(ty))?;
            let d = self.dest_of(to, element)?;
            let mut node = Node::new(run).d(d).a(a);
            if (ty.size_bits(), bits) == (64, 32) && self.guard.is_none() {
                node.template = part(index == 1, &node, &self.draft);
            }
            self.emit(node);
        }
        Ok(())
    }

    /// A copy that later writes of the same instruction cannot change.
    fn copied(&mut self, a: Ref, ty: T) -> Result<Ref, Refusal> {
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        if matches!(a, Ref::Const(_)) {
            return Ok(a);
        }
        let run = copy_op(class).ok_or_else(|| unknown_type(ty))?;
        let copied = self.step(class, run, a);
        if let (Class::W64, Some(last)) = (class, self.draft.nodes.last_mut()) {
            last.template = Template::Copy(Width::W64);
        }
        Ok(copied)
    }

    fn unpack_128(&mut self, to: &[Operand<'a>], from: &Operand<'a>) -> Lowered {
        let (Operand::Reg(from), [low, high]) = (from, to) else {
            return Err("two 64-bit registers are expected".to_owned());
        };
        let Kept::Pair(a0, a1) = self.kept(*from) else {
            return Err("a 128-bit register is expected".to_owned());
        };
        for (to, a) in [(low, a0), (high, a1)] {
            let d = self.dest(to, Class::W64)?;
            self.emit(Node::new(map1(|a: u64| a)).d(d).a(Ref::Use(a)));
        }
        Ok(())
    }

    /// `cvta`, `isspacep`, `istypep`, `mapa`, `getctarank`.
    pub(super) fn address(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        match instruction.opcode {
            "isspacep" => self.is_space(instruction, form),
            "istypep" => self.is_type(instruction, form),
            "cvta" => self.convert_address(instruction, form),
            "mapa" => {
                space(form)?;
                let ty = form.ty().ok_or("it has no type")?;
                self.copy(
                    self.operand(instruction, 0)?,
                    self.operand(instruction, 1)?,
                    ty,
                )
            }
            _ => {
                space(form)?;
                form.ty();
                let zero = self.uniform32(0);
                let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
                self.emit(Node::new(map1(|a: u32| a)).d(d).a(zero));
                Ok(())
            }
        }
    }

    fn convert_address(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let to_space = form.take("to");
        let space = space(form)?.ok_or("the state space is missing")?;
        let ty = form.ty().ok_or("it has no type")?;
        if ty.size_bits() != 64 {
            return Err("32-bit generic addresses are not known".to_owned());
        }
        let tag = match space {
            Space::Shared => SHARED_TAG,
            Space::Local => LOCAL_TAG,
            Space::Param if self.is_kernel() => PARAM_TAG,
            Space::Param => LOCAL_TAG,
            _ => 0,
        };
        let a = self.source(self.operand(instruction, 1)?, T::U64)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::W64)?;
        if tag == 0 {
            self.emit(Node::new(map1(|a: u64| a)).d(d).a(a));
            return Ok(());
        }
        let shifted = Ref::Const(self.assembler.row64(tag << TAG_SHIFT));
        let run = if to_space {
            map2(|a: u64, b: u64| a.wrapping_sub(b))
        } else {
            map2(|a: u64, b: u64| a.wrapping_add(b))
        };
        self.emit(Node::new(run).d(d).a(a).b(shifted));
        Ok(())
    }

    fn is_space(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let space = space(form)?.ok_or("the state space is missing")?;
        let run = match space {
            Space::Shared => compare(|a: u64, _: u64| has_tag(a, SHARED_TAG)),
            Space::Local => compare(|a: u64, _: u64| has_tag(a, LOCAL_TAG)),
            Space::Param => compare(|a: u64, _: u64| has_tag(a, PARAM_TAG)),
            Space::Const => compare(|_: u64, _: u64| false),
            _ => compare(|a: u64, _: u64| has_tag(a, 0)),
        };
        let a = self.source(self.operand(instruction, 1)?, T::U64)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        self.emit(Node::new(run).d(d).a(a).b(a));
        Ok(())
    }

    /// `istypep`: whether an address is that of a variable of an opaque type.
    fn is_type(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let ty = form.ty().ok_or("it has no type")?;
        let globals = self.symbols.globals.values();
        let mut places: Vec<u64> = globals
            .flat_map(|entry| opaque_places(entry, ty))
            .take(OPAQUE_MAX)
            .collect();
        places.sort_unstable();
        let mut items = vec![Ref::Raw(places.len() as u32)];
        for place in places {
            items.extend([Ref::Raw(place as u32), Ref::Raw((place >> 32) as u32)]);
        }
        let a = self.source(self.operand(instruction, 1)?, T::U64)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        let node = Node::new(special::is_one_of).d(d).a(a).ext(Ref::List);
        let node = self.with_list(node, &items);
        self.emit(node);
        Ok(())
    }
}

/// Opaque variables that `istypep` knows of.
const OPAQUE_MAX: usize = 1 << 16;

/// Where the elements of an opaque variable of this type are.
fn opaque_places(entry: &GlobalEntry, ty: T) -> impl Iterator<Item = u64> {
    let first = entry.address.filter(|_| entry.ty == ty);
    let bytes = u64::from(ty.size_bits() / 8);
    first
        .into_iter()
        .flat_map(move |first| (0..entry.bytes / bytes).map(move |index| first + index * bytes))
}

fn bits_type(bits: u32) -> Option<T> {
    Some(match bits {
        8 => T::U8,
        16 => T::U16,
        32 => T::U32,
        64 => T::U64,
        _ => return None,
    })
}

pub(super) fn copy_op(class: Class) -> Option<OpFn> {
    match class {
        Class::W32 => Some(map1(|a: u32| a)),
        Class::W64 => Some(map1(|a: u64| a)),
        Class::Pred => None,
    }
}

/// Element `index` of `bits` bits of a value of type `ty`.
fn extract_op(ty: T, bits: u32, index: u32) -> Option<OpFn> {
    Some(match (ty.size_bits(), bits, index) {
        (64, 32, 0) => map1(|a: u64| a as u32),
        (64, 32, _) => map1(|a: u64| (a >> 32) as u32),
        (64, 16, 0) => map1(|a: u64| a as u16),
        (64, 16, 1) => map1(|a: u64| (a >> 16) as u16),
        (64, 16, 2) => map1(|a: u64| (a >> 32) as u16),
        (64, 16, _) => map1(|a: u64| (a >> 48) as u16),
        (32, 16, 0) => map1(|a: u32| a as u16),
        (32, 16, _) => map1(|a: u32| (a >> 16) as u16),
        (32, 8, 0) => map1(|a: u32| a as u8),
        (32, 8, 1) => map1(|a: u32| (a >> 8) as u8),
        (32, 8, 2) => map1(|a: u32| (a >> 16) as u8),
        (32, 8, _) => map1(|a: u32| (a >> 24) as u8),
        (16, 8, 0) => map1(|a: u32| a as u8),
        (16, 8, _) => map1(|a: u32| (a >> 8) as u8),
        _ => return None,
    })
}
