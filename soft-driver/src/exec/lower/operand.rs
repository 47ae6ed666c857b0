//! Operands as slots: registers, constants, addresses, special registers. Read [`Lowering::source`]
//! and [`Lowering::dest`].

use super::{
    code::{Class, Node, Ref, Reg},
    lowering::{Kept, Lowered, Lowering, Refusal, class_of},
};
use crate::exec::{compile::Template, lanes::map1, program::function_address, special};
use crate::ptx::{Imm, Instruction, Operand, ParamRef, RegId, ScalarType, Space, TypeKind, VarId};

/// What a name stands for as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    /// A number known now.
    Fixed(u64),
    /// An offset in the frame of the function, in local memory.
    Frame(u64),
}

impl<'a> Lowering<'_, 'a> {
    /// The operand at `index`.
    pub(super) fn operand<'i>(
        &self,
        instruction: &'i Instruction<'a>,
        index: usize,
    ) -> Result<&'i Operand<'a>, Refusal> {
        let operand = instruction.operands.get(index);
        operand.ok_or_else(|| format!("operand {} is missing", index + 1))
    }

    /// A value to read as `ty`.
    pub(super) fn source(&mut self, operand: &Operand<'a>, ty: ScalarType) -> Result<Ref, Refusal> {
        let class = class_of(ty).ok_or("128-bit values are not known here")?;
        match operand {
            Operand::Reg(reg) => self.read_as(*reg, class),
            Operand::Imm(imm) => Ok(self.constant(*imm, ty, class)),
            Operand::Special(special) => {
                let wide = special::is_wide(*special);
                let temp = self.temp(if wide { Class::W64 } else { Class::W32 });
                self.emit_pure(special::node(*special, Ref::Def(temp))?);
                self.adapt(temp, class)
            }
            Operand::NegReg(reg) => {
                let value = self.read_as(*reg, class)?;
                self.negated(value, class)
            }
            Operand::Local(..) | Operand::Global(..) | Operand::Param(..) => {
                let location = self.location(operand)?;
                self.location_value(location, class)
            }
            _ => Err("an operand is of the wrong kind".to_owned()),
        }
    }

    fn negated(&mut self, value: Ref, class: Class) -> Result<Ref, Refusal> {
        let temp = self.temp(class);
        let run = match class {
            Class::W32 => map1(|a: u32| a.wrapping_neg()),
            Class::W64 => map1(|a: u64| a.wrapping_neg()),
            Class::Pred => return Err("a predicate cannot be negated so".to_owned()),
        };
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(value));
        Ok(Ref::Use(temp))
    }

    /// A register, widened with zeros or cut to `class`.
    fn read_as(&mut self, reg: RegId, class: Class) -> Result<Ref, Refusal> {
        match self.kept(reg) {
            Kept::One(reg) => self.adapt(reg, class),
            Kept::Pair(low, _) if class == Class::W64 => Ok(Ref::Use(low)),
            Kept::Pair(..) => Err("a 128-bit register cannot be read so".to_owned()),
        }
    }

    fn adapt(&mut self, reg: Reg, class: Class) -> Result<Ref, Refusal> {
        let (run, template) = match (self.draft.class(reg), class) {
            (have, want) if have == want => return Ok(Ref::Use(reg)),
            (Class::W64, Class::W32) => (map1(|a: u64| a as u32), Template::Narrow),
            (Class::W32, Class::W64) => {
                let widen = Template::Widen { signed: false };
                (map1(|a: u32| u64::from(a)), widen)
            }
            _ => return Err("a predicate stands where a number must, or the reverse".to_owned()),
        };
        let temp = self.temp(class);
        let mut node = Node::new(run).d(Ref::Def(temp)).a(Ref::Use(reg));
        node.template = template;
        self.emit_pure(node);
        Ok(Ref::Use(temp))
    }

    /// The constant `imm` as a value of `ty`.
    pub(super) fn constant(&mut self, imm: Imm, ty: ScalarType, class: Class) -> Ref {
        let bits = match ty {
            ScalarType::F32 => u64::from(imm.to_f32().to_bits()),
            ScalarType::F64 => imm.to_f64().to_bits(),
            _ => imm.bits(),
        };
        match class {
            Class::Pred => Ref::Const(self.assembler.pred(bits != 0)),
            Class::W32 => Ref::Const(self.assembler.row32(bits as u32)),
            Class::W64 => Ref::Const(self.assembler.row64(bits)),
        }
    }

    /// A row that is the same in all lanes.
    pub(super) fn uniform32(&mut self, value: u32) -> Ref {
        Ref::Const(self.assembler.row32(value))
    }

    /// What a name stands for.
    pub(super) fn location(&self, operand: &Operand<'a>) -> Result<Location, Refusal> {
        match operand {
            Operand::Local(variable, offset) => self.variable(*variable, *offset),
            Operand::Global(name, offset) => self.global(name, *offset),
            Operand::Param(param, offset) => self.parameter(*param, *offset),
            _ => Err("an operand is no address".to_owned()),
        }
    }

    /// The address of a variable of the function within its state space.
    pub(super) fn variable(&self, variable: VarId, offset: i64) -> Result<Location, Refusal> {
        let declared = &self.reached.body.variables[variable.0 as usize];
        match declared.space {
            Space::Shared => {
                let at = self.shared.local(self.reached.function.name, variable);
                let at = at.ok_or("a shared variable has no place")?;
                Ok(Location::Fixed(u64::from(at).wrapping_add(offset as u64)))
            }
            Space::Local | Space::Param => {
                let at = u64::from(self.frame.variables[variable.0 as usize]);
                Ok(Location::Frame(at.wrapping_add(offset as u64)))
            }
            _ => Err(format!("'{}' cannot live in a function", declared.name)),
        }
    }

    /// The address of a module-level variable or function within its state space.
    pub(super) fn global(&self, name: &str, offset: i64) -> Result<Location, Refusal> {
        if let Some(function) = self.symbols.functions.get(name) {
            let address = function_address(function.index);
            return Ok(Location::Fixed(address.wrapping_add(offset as u64)));
        }
        let Some(entry) = self.symbols.globals.get(name) else {
            return Err(format!("nothing defines '{name}'"));
        };
        let address = match entry.space {
            Space::Shared => self.shared.global(name).map(u64::from),
            _ => entry.address,
        };
        let address = address.ok_or_else(|| format!("nothing places '{name}'"))?;
        Ok(Location::Fixed(address.wrapping_add(offset as u64)))
    }

    /// The address of a parameter: in the buffer of the kernel, or in the frame of the function.
    pub(super) fn parameter(&self, param: ParamRef, offset: i64) -> Result<Location, Refusal> {
        let function = &self.reached.function;
        let slot = match param {
            ParamRef::Input(index) if self.is_kernel() => {
                let layout = crate::ptx::Param::layout(&function.params);
                let slot = layout.and_then(|slots| slots.get(index as usize).copied());
                let slot = slot.ok_or("the parameter has no place")?;
                let at = u64::from(slot.offset).wrapping_add(offset as u64);
                return Ok(Location::Fixed(at));
            }
            ParamRef::Input(index) => self.frame.params.get(index as usize),
            ParamRef::Return(index) => self.frame.returns.get(index as usize),
        };
        let slot = slot.ok_or("the parameter has no place")?;
        let at = u64::from(slot.offset).wrapping_add(offset as u64);
        Ok(Location::Frame(at))
    }

    /// An address as a value.
    pub(super) fn location_value(
        &mut self,
        location: Location,
        class: Class,
    ) -> Result<Ref, Refusal> {
        match location {
            Location::Fixed(value) => Ok(self.constant(Imm::Int(value), ScalarType::B64, class)),
            Location::Frame(offset) => {
                let temp = self.temp(Class::W64);
                let node = Node::new(special::frame_address()).imm(offset);
                self.emit_pure(node.d(Ref::Def(temp)));
                self.adapt(temp, class)
            }
        }
    }

    /// A destination for a value of `class`. What is not wanted goes to a register nobody reads.
    pub(super) fn dest(&mut self, operand: &Operand<'a>, class: Class) -> Result<Ref, Refusal> {
        match operand {
            Operand::Reg(reg) => match self.kept(*reg) {
                Kept::One(reg) if self.draft.class(reg) == class => Ok(Ref::Def(reg)),
                Kept::One(_) | Kept::Pair(..) => {
                    Err("the destination has the wrong width".to_owned())
                }
            },
            Operand::Sink => Ok(Ref::Def(self.temp(class))),
            _ => Err("the destination is no register".to_owned()),
        }
    }

    /// A destination for a value of type `ty`.
    pub(super) fn dest_of(
        &mut self,
        operand: &Operand<'a>,
        ty: ScalarType,
    ) -> Result<Ref, Refusal> {
        let class = class_of(ty).ok_or("128-bit values are not known here")?;
        self.dest(operand, class)
    }

    /// Emits what `make` builds for a value of `class`, and widens it if the destination is a 64-bit
    /// register.
    pub(super) fn emit_widening(
        &mut self,
        operand: &Operand<'a>,
        signed: bool,
        make: impl FnOnce(Ref) -> Node,
    ) -> Lowered {
        if let Operand::Reg(reg) = operand
            && let Kept::One(wide) = self.kept(*reg)
            && self.draft.class(wide) == Class::W64
        {
            let temp = self.temp(Class::W32);
            self.emit_pure(make(Ref::Def(temp)));
            let run = if signed {
                map1(|a: i32| i64::from(a))
            } else {
                map1(|a: u32| u64::from(a))
            };
            self.emit(Node::new(run).d(Ref::Def(wide)).a(Ref::Use(temp)));
            return Ok(());
        }
        let d = self.dest(operand, Class::W32)?;
        self.emit(make(d));
        Ok(())
    }

    /// A predicate register.
    pub(super) fn pred_reg(&self, reg: RegId) -> Result<Reg, Refusal> {
        match self.kept(reg) {
            Kept::One(reg) if self.draft.class(reg) == Class::Pred => Ok(reg),
            _ => Err("a predicate is expected".to_owned()),
        }
    }

    /// A predicate to read, and whether it is complemented.
    pub(super) fn pred_source(&mut self, operand: &Operand<'a>) -> Result<(Ref, bool), Refusal> {
        match operand {
            Operand::Reg(reg) => Ok((Ref::Use(self.pred_reg(*reg)?), false)),
            Operand::NotReg(reg) => Ok((Ref::Use(self.pred_reg(*reg)?), true)),
            Operand::Imm(imm) => {
                let value = self.assembler.pred(imm.bits() != 0);
                Ok((Ref::Const(value), false))
            }
            _ => Err("a predicate is expected".to_owned()),
        }
    }

    /// The registers of a vector operand, or the one operand.
    pub(super) fn elements<'i>(operand: &'i Operand<'a>) -> &'i [Operand<'a>] {
        match operand {
            Operand::Vector(elements) => elements,
            other => std::slice::from_ref(other),
        }
    }
}

/// Integer types as their bits: `.b32` behaves as `.u32`.
pub(super) fn as_unsigned(ty: ScalarType) -> ScalarType {
    match (ty.kind(), ty.size_bits()) {
        (TypeKind::Bits, 8) => ScalarType::U8,
        (TypeKind::Bits, 16) => ScalarType::U16,
        (TypeKind::Bits, 32) => ScalarType::U32,
        (TypeKind::Bits, 64) => ScalarType::U64,
        _ => ty,
    }
}
