//! Loads, stores, moves and address conversions. Read [`Lowering::access`] and [`Address`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    integer::unknown_type,
    lowering::{Kept, Lowered, Lowering, Refusal, class_of},
    operand::Location,
};
use crate::exec::{
    access::{WAITS, load, load_param, load_vector, store, store_vector},
    control,
    lanes::{Raw, compare, map1, map2},
    memory::{Generic, Global, Shared, Space as ExecSpace, has_tag},
    op::OpFn,
    program::{LOCAL_TAG, PARAM_TAG, SHARED_TAG, TAG_SHIFT},
    special,
};
use crate::ptx::{
    AddressBase, Instruction, Operand, ParamRef, RegId, ScalarType as T, Space, TypeKind,
};

/// A state space as an op sees it. Local memory and parameters are reached by generic addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Global,
    Shared,
    Generic,
}

/// Where an access goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address {
    pub(super) room: Room,
    /// Base address: a row of 32 or 64 bits.
    pub(super) base: Ref,
    pub(super) wide: bool,
    pub(super) offset: u64,
}

/// Picks an op by space and width of the address.
macro_rules! by_room {
    ($address:expr, |$space:ident, $width:ident| $body:expr) => {
        match ($address.room, $address.wide) {
            (Room::Global, _) => by_room!(@ Global, u64, $space, $width, $body),
            (Room::Shared, true) => by_room!(@ Shared, u64, $space, $width, $body),
            (Room::Shared, false) => by_room!(@ Shared, u32, $space, $width, $body),
            (Room::Generic, _) => by_room!(@ Generic, u64, $space, $width, $body),
        }
    };
    (@ $from:ident, $prim:ident, $space:ident, $width:ident, $body:expr) => {{
        type $space = $from;
        type $width = $prim;
        $body
    }};
}

pub(super) use by_room;

impl<'a> Lowering<'_, 'a> {
    /// The address in brackets.
    pub(super) fn bracket(
        &mut self,
        operand: &Operand<'a>,
        space: Option<Space>,
    ) -> Result<Address, Refusal> {
        let (base, offset) = match operand {
            Operand::Address(base, offset) => (*base, *offset),
            Operand::Bracketed(parts) => return self.bracketed(parts, space),
            _ => return Err("an address is expected".to_owned()),
        };
        let location = match base {
            AddressBase::Reg(reg) => return self.register_address(reg, offset, space),
            AddressBase::Absolute => Location::Fixed(offset as u64),
            AddressBase::Local(variable) => self.variable(variable, offset)?,
            AddressBase::Global(name) => self.global(name, offset)?,
            AddressBase::Param(param) => self.parameter(param, offset)?,
        };
        let (room, tag) = match (base, location) {
            (_, Location::Frame(offset)) => return self.frame_address(offset),
            (AddressBase::Param(ParamRef::Input(_)), _) => (Room::Generic, PARAM_TAG),
            (AddressBase::Local(_), _) => (Room::Shared, 0),
            (AddressBase::Global(name), _) => (self.room_of(name), 0),
            _ => self.room(space),
        };
        let (Location::Fixed(offset) | Location::Frame(offset)) = location;
        Ok(Address {
            room,
            base: Ref::Const(self.assembler.row64(0)),
            wide: true,
            offset: offset.wrapping_add(tag << TAG_SHIFT),
        })
    }

    /// `[a]` written as a one-part list.
    fn bracketed(
        &mut self,
        parts: &[Operand<'a>],
        space: Option<Space>,
    ) -> Result<Address, Refusal> {
        match parts {
            [Operand::Reg(reg)] => self.register_address(*reg, 0, space),
            _ => Err("this kind of address is not known".to_owned()),
        }
    }

    fn register_address(
        &mut self,
        reg: RegId,
        offset: i64,
        space: Option<Space>,
    ) -> Result<Address, Refusal> {
        let Kept::One(base) = self.kept(reg) else {
            return Err("an address has 32 or 64 bits".to_owned());
        };
        let class = self.draft.class(base);
        if class == Class::Pred {
            return Err("a predicate is no address".to_owned());
        }
        let (room, tag) = self.room(space);
        let keeps = room == Room::Shared || class == Class::W64;
        let base = if keeps {
            Ref::Use(base)
        } else {
            self.step(Class::W64, map1(|a: u32| u64::from(a)), Ref::Use(base))
        };
        Ok(Address {
            room,
            base,
            wide: !keeps || class == Class::W64,
            offset: (offset as u64).wrapping_add(tag << TAG_SHIFT),
        })
    }

    /// The space that an instruction names, and what its addresses carry as generic ones.
    fn room(&self, space: Option<Space>) -> (Room, u64) {
        match space {
            Some(Space::Global | Space::Const) => (Room::Global, 0),
            Some(Space::Shared) => (Room::Shared, 0),
            Some(Space::Local) => (Room::Generic, LOCAL_TAG),
            Some(Space::Param) if self.is_kernel() => (Room::Generic, PARAM_TAG),
            Some(Space::Param) => (Room::Generic, LOCAL_TAG),
            _ => (Room::Generic, 0),
        }
    }

    fn room_of(&self, name: &str) -> Room {
        match self.symbols.globals.get(name).map(|entry| entry.space) {
            Some(Space::Shared) => Room::Shared,
            _ => Room::Global,
        }
    }

    /// `ld`, `ldu` and `st`.
    pub(super) fn access(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let mut waits = false;
        for word in ["volatile", "relaxed", "acquire", "mmio"] {
            waits |= form.take(word);
        }
        form.ignore(&[
            "weak", "release", "nc", "cta", "cluster", "gpu", "sys", "unified",
        ]);
        ignore_cache_hints(form);
        let space = space(form)?;
        let count = form
            .take_one(&[("v2", 2), ("v4", 4), ("v8", 8)])
            .unwrap_or(1);
        let ty = form.ty().ok_or("it has no type")?;
        let stores = instruction.opcode == "st";
        let (address_at, value_at) = if stores { (0, 1) } else { (1, 0) };
        let address = self.bracket(self.operand(instruction, address_at)?, space)?;
        let values = Self::elements(self.operand(instruction, value_at)?);
        if values.len() != count {
            return Err(format!(
                "{count} values are expected, {} are given",
                values.len()
            ));
        }
        if ty == T::B128 {
            return self.access_128(address, values, stores);
        }
        match (stores, count) {
            (false, 1) => self.load_one(&address, &values[0], ty, waits),
            (true, 1) => self.store_one(&address, &values[0], ty),
            (false, _) => self.load_many(&address, values, ty, waits),
            (true, _) => self.store_many(&address, values, ty),
        }
    }

    fn load_one(&mut self, address: &Address, value: &Operand<'a>, ty: T, waits: bool) -> Lowered {
        let class = self.register_class(value)?;
        let d = self.dest(value, class)?;
        let is_param = address.offset >> TAG_SHIFT == PARAM_TAG;
        if is_param && matches!(address.base, Ref::Const(_)) {
            let run = param_op(ty, class).ok_or_else(|| unknown_type(ty))?;
            let offset = address.offset & ((1 << TAG_SHIFT) - 1);
            self.emit(Node::new(run).d(d).imm(offset));
            return Ok(());
        }
        let run = load_op(address, ty, class).ok_or_else(|| unknown_type(ty))?;
        let node = Node::new(run).d(d).a(address.base).imm(address.offset);
        let node = node.ext(Ref::Site);
        self.emit(if waits {
            node.c(Ref::Raw(WAITS.0))
        } else {
            node
        });
        Ok(())
    }

    fn store_one(&mut self, address: &Address, value: &Operand<'a>, ty: T) -> Lowered {
        let (value, class) = self.stored(value, ty)?;
        let run = store_op(address, ty, class).ok_or_else(|| unknown_type(ty))?;
        let node = Node::new(run).a(address.base).b(value);
        self.emit(node.ext(Ref::Site).imm(address.offset));
        Ok(())
    }

    /// A value to store, and how wide its register is, which may be more than `ty` is.
    fn stored(&mut self, value: &Operand<'a>, ty: T) -> Result<(Ref, Class), Refusal> {
        if let Operand::Reg(reg) = value
            && let Kept::One(reg) = self.kept(*reg)
            && self.draft.class(reg) != Class::Pred
        {
            return Ok((Ref::Use(reg), self.draft.class(reg)));
        }
        let class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        Ok((self.source(value, ty)?, class))
    }

    /// How wide a destination is; `_` may be anything.
    fn register_class(&self, operand: &Operand<'a>) -> Result<Class, Refusal> {
        match operand {
            Operand::Reg(reg) => match self.kept(*reg) {
                Kept::One(reg) => Ok(self.draft.class(reg)),
                Kept::Pair(..) => Err("a 128-bit register cannot be loaded so".to_owned()),
            },
            Operand::Sink => Ok(Class::W64),
            _ => Err("the destination is no register".to_owned()),
        }
    }

    fn load_many(
        &mut self,
        address: &Address,
        values: &[Operand<'a>],
        ty: T,
        waits: bool,
    ) -> Lowered {
        let known = values.iter().find(|value| matches!(value, Operand::Reg(_)));
        let class = match known {
            Some(value) => self.register_class(value)?,
            None => Class::W64,
        };
        let mut items = vec![Ref::Site];
        for value in values {
            items.push(match value {
                Operand::Sink => Ref::None,
                value => self.dest(value, class)?,
            });
        }
        let run = load_vector_op(address, ty, class, values.len());
        let run = run.ok_or_else(|| unknown_type(ty))?;
        let node = Node::new(run).a(address.base).b(Ref::List);
        let node = self.with_list(node.imm(address.offset), &items);
        self.emit(if waits {
            node.c(Ref::Raw(WAITS.0))
        } else {
            node
        });
        Ok(())
    }

    fn store_many(&mut self, address: &Address, values: &[Operand<'a>], ty: T) -> Lowered {
        let mut class = class_of(ty).ok_or_else(|| unknown_type(ty))?;
        let mut items = vec![Ref::Site];
        for value in values {
            let (value, wide) = self.stored(value, ty)?;
            if wide == Class::W64 && class == Class::W32 && items.len() == 1 {
                class = wide;
            }
            if wide != class {
                return Err("registers of several widths are stored together".to_owned());
            }
            items.push(value);
        }
        let run = store_vector_op(address, ty, class, values.len());
        let run = run.ok_or_else(|| unknown_type(ty))?;
        let node = Node::new(run).a(address.base).b(Ref::List);
        let node = self.with_list(node.imm(address.offset), &items);
        self.emit(node);
        Ok(())
    }

    /// A 128-bit access is one of two 64-bit elements.
    fn access_128(&mut self, address: Address, values: &[Operand<'a>], stores: bool) -> Lowered {
        let [Operand::Reg(reg)] = values else {
            return Err("vectors of 128-bit values are not known".to_owned());
        };
        let Kept::Pair(low, high) = self.kept(*reg) else {
            return Err("a 128-bit register is expected".to_owned());
        };
        let (run, items) = if stores {
            let run = store_vector_op(&address, T::B64, Class::W64, 2);
            (run, [Ref::Site, Ref::Use(low), Ref::Use(high)])
        } else {
            let run = load_vector_op(&address, T::B64, Class::W64, 2);
            (run, [Ref::Site, Ref::Def(low), Ref::Def(high)])
        };
        let run = run.ok_or_else(|| unknown_type(T::B128))?;
        let node = Node::new(run).a(address.base).b(Ref::List);
        let node = self.with_list(node.imm(address.offset), &items);
        self.emit(node);
        Ok(())
    }

    /// A place in the frame as an address. The frame of a kernel starts at 0.
    pub(super) fn frame_address(&mut self, offset: u64) -> Result<Address, Refusal> {
        let offset_of_tag = LOCAL_TAG << TAG_SHIFT;
        if self.is_kernel() {
            return Ok(Address {
                room: Room::Generic,
                base: Ref::Const(self.assembler.row64(0)),
                wide: true,
                offset: offset.wrapping_add(offset_of_tag),
            });
        }
        Ok(Address {
            room: Room::Generic,
            base: self.location_value(Location::Frame(0), Class::W64)?,
            wide: true,
            offset: offset.wrapping_add(offset_of_tag),
        })
    }

    /// Loads a register of the text from the frame.
    pub(super) fn load_frame_register(&mut self, reg: RegId, ty: T, offset: u32) -> Lowered {
        let address = self.frame_address(u64::from(offset))?;
        self.load_one(&address, &Operand::Reg(reg), ty, false)
    }

    /// Stores a register of the text to the frame.
    pub(super) fn store_frame_register(&mut self, reg: RegId, ty: T, offset: u32) -> Lowered {
        let address = self.frame_address(u64::from(offset))?;
        self.store_one(&address, &Operand::Reg(reg), ty)
    }

    /// Stores a value to the frame.
    pub(super) fn store_frame(&mut self, value: &Operand<'a>, ty: T, offset: u32) -> Lowered {
        let address = self.frame_address(u64::from(offset))?;
        self.store_one(&address, value, ty)
    }

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

    fn spread_special(&mut self, to: &[Operand<'a>], special: crate::ptx::SpecialReg) -> Lowered {
        use crate::ptx::{Component, SpecialReg as R};
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
            self.emit(Node::new(run).d(d).a(a));
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
        Ok(self.step(class, run, a))
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

    /// `cvta`, `isspacep`, `mapa`, `getctarank`.
    pub(super) fn address(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        match instruction.opcode {
            "isspacep" => self.is_space(instruction, form),
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

    /// Cache hints: no effect.
    pub(super) fn hint(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore_where(|_| true);
        if instruction.opcode == "createpolicy" {
            let zero = Ref::Const(self.assembler.row64(0));
            let d = self.dest(self.operand(instruction, 0)?, Class::W64)?;
            self.emit(Node::new(map1(|a: u64| a)).d(d).a(zero));
            return Ok(());
        }
        self.emit(Node::new(control::nothing));
        Ok(())
    }
}

/// Takes cache operators and eviction hints.
pub(super) fn ignore_cache_hints(form: &mut Form<'_>) {
    form.ignore(&["ca", "cg", "cs", "lu", "cv", "wb", "wt"]);
    form.ignore_where(|word| word.starts_with("L1::") || word.starts_with("L2::"));
}

/// Takes the state space.
pub(super) fn space(form: &mut Form<'_>) -> Result<Option<Space>, Refusal> {
    Ok(form.take_next(&[
        ("global", Space::Global),
        ("shared", Space::Shared),
        ("shared::cta", Space::Shared),
        ("shared::cluster", Space::Shared),
        ("local", Space::Local),
        ("const", Space::Const),
        ("param", Space::Param),
        ("param::entry", Space::Param),
        ("param::func", Space::Param),
    ]))
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

/// Picks `$f::<S, A, element, raw>` by type and class.
macro_rules! by_element {
    ($address:expr, $ty:expr, $class:expr, |$space:ident, $width:ident, $element:ident, $raw:ident|
        $body:expr) => {{
        let signed = $ty.kind() == TypeKind::Signed;
        by_room!($address, |$space, $width| match ($ty.size_bits(), signed, $class) {
            (8, false, Class::W32) => by_element!(@ u8, u32, $element, $raw, $body),
            (8, true, Class::W32) => by_element!(@ i8, u32, $element, $raw, $body),
            (16, false, Class::W32) => by_element!(@ u16, u32, $element, $raw, $body),
            (16, true, Class::W32) => by_element!(@ i16, u32, $element, $raw, $body),
            (32, _, Class::W32) => by_element!(@ u32, u32, $element, $raw, $body),
            (8, false, Class::W64) => by_element!(@ u8, u64, $element, $raw, $body),
            (8, true, Class::W64) => by_element!(@ i8, u64, $element, $raw, $body),
            (16, false, Class::W64) => by_element!(@ u16, u64, $element, $raw, $body),
            (16, true, Class::W64) => by_element!(@ i16, u64, $element, $raw, $body),
            (32, false, Class::W64) => by_element!(@ u32, u64, $element, $raw, $body),
            (32, true, Class::W64) => by_element!(@ i32, u64, $element, $raw, $body),
            (64, _, Class::W64) => by_element!(@ u64, u64, $element, $raw, $body),
            _ => None,
        })
    }};
    (@ $from:ident, $reg:ident, $element:ident, $raw:ident, $body:expr) => {{
        type $element = $from;
        type $raw = $reg;
        Some($body)
    }};
}

fn load_op(address: &Address, ty: T, class: Class) -> Option<OpFn> {
    by_element!(address, ty, class, |S, A, M, R| load::<S, A, M, R>())
}

fn store_op(address: &Address, ty: T, class: Class) -> Option<OpFn> {
    by_element!(address, ty, class, |S, A, M, R| store::<S, A, M, R>())
}

/// A loader of vectors with elements of one kind, by number of elements.
fn vector_loader<S, A, M, R>(count: usize) -> Option<OpFn>
where
    S: ExecSpace,
    A: Raw,
    M: crate::exec::access::Element<R>,
    R: Raw,
{
    Some(match count {
        2 => load_vector::<S, A, M, R, 2>,
        4 => load_vector::<S, A, M, R, 4>,
        8 if size_of::<M>() <= 4 => load_vector::<S, A, M, R, 8>,
        _ => return None,
    })
}

fn vector_storer<S, A, M, R>(count: usize) -> Option<OpFn>
where
    S: ExecSpace,
    A: Raw,
    M: crate::exec::access::Element<R>,
    R: Raw,
{
    Some(match count {
        2 => store_vector::<S, A, M, R, 2>,
        4 => store_vector::<S, A, M, R, 4>,
        8 if size_of::<M>() <= 4 => store_vector::<S, A, M, R, 8>,
        _ => return None,
    })
}

fn load_vector_op(address: &Address, ty: T, class: Class, count: usize) -> Option<OpFn> {
    by_element!(
        address,
        ty,
        class,
        |S, A, M, R| vector_loader::<S, A, M, R>(count)
    )
    .flatten()
}

fn store_vector_op(address: &Address, ty: T, class: Class, count: usize) -> Option<OpFn> {
    by_element!(
        address,
        ty,
        class,
        |S, A, M, R| vector_storer::<S, A, M, R>(count)
    )
    .flatten()
}

fn param_op(ty: T, class: Class) -> Option<OpFn> {
    let signed = ty.kind() == TypeKind::Signed;
    Some(match (ty.size_bits(), signed, class) {
        (8, false, Class::W32) => load_param::<u8, u32>,
        (8, true, Class::W32) => load_param::<i8, u32>,
        (16, false, Class::W32) => load_param::<u16, u32>,
        (16, true, Class::W32) => load_param::<i16, u32>,
        (32, _, Class::W32) => load_param::<u32, u32>,
        (8, false, Class::W64) => load_param::<u8, u64>,
        (8, true, Class::W64) => load_param::<i8, u64>,
        (16, false, Class::W64) => load_param::<u16, u64>,
        (16, true, Class::W64) => load_param::<i16, u64>,
        (32, false, Class::W64) => load_param::<u32, u64>,
        (32, true, Class::W64) => load_param::<i32, u64>,
        (64, _, Class::W64) => load_param::<u64, u64>,
        _ => return None,
    })
}
