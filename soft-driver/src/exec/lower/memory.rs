//! Loads, stores and what they address. Read [`Lowering::access`] and [`Address`].

use super::{
    code::{Class, Node, Ref},
    elements::{load_op, load_vector_op, param_at_op, param_op, store_op, store_vector_op},
    form::Form,
    integer::unknown_type,
    lowering::{Kept, Lowered, Lowering, Refusal, class_of},
    operand::Location,
    uniform::Often,
};
use crate::exec::{
    access::WAITS,
    control,
    lanes::map1,
    program::{LOCAL_TAG, PARAM_TAG, TAG_SHIFT},
};
use crate::ptx::{AddressBase, Instruction, Operand, ParamRef, RegId, ScalarType as T, Space};

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
        let wide = room != Room::Shared || u32::try_from(offset).is_err();
        let base = if wide {
            self.assembler.row64(0)
        } else {
            self.assembler.row32(0)
        };
        Ok(Address {
            room,
            base: Ref::Const(base),
            wide,
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
        if form.take("bulk") {
            return self.fill(instruction, form);
        }
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
        if is_param {
            let offset = address.offset.wrapping_sub(PARAM_TAG << TAG_SHIFT);
            let node = match address.base {
                Ref::Const(_) => param_op(ty, class).map(Node::new),
                base => param_at_op(ty, class).map(|run| Node::new(run).a(base)),
            };
            let node = node.ok_or_else(|| unknown_type(ty))?;
            self.emit(node.d(d).imm(offset).often(Often::Launch));
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
    pub(super) fn register_class(&self, operand: &Operand<'a>) -> Result<Class, Refusal> {
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
