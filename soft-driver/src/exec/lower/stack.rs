//! `alloca`, `stacksave` and `stackrestore`: memory that goes with the frame of a function, in whose body
//! its size is only known when it runs. Read [`Lowering::dynamic_stack`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering},
};
use crate::exec::{lanes::map1, stack};
use crate::ptx::{Body, Instruction, Operand, ScalarType as T};

/// The manual's alignment of a piece that asks for none.
const ALIGNMENT: u64 = 8;
/// The largest alignment that can be asked for.
const ALIGNMENT_MAX: u64 = 1 << 23;

/// Whether a function takes memory while it runs.
pub(super) fn takes(body: &Body<'_>) -> bool {
    let moves =
        |instruction: &Instruction<'_>| matches!(instruction.opcode, "alloca" | "stackrestore");
    body.instructions.iter().any(moves)
}

impl<'a> Lowering<'_, 'a> {
    /// `alloca`, `stacksave`, `stackrestore`.
    pub(super) fn dynamic_stack(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        let ty = form.ty().ok_or("it has no type")?;
        let first = self.operand(instruction, 0)?;
        if instruction.opcode == "stackrestore" {
            let pointer = self.wide(first, ty)?;
            self.emit(Node::new(stack::restore).a(pointer));
            return Ok(());
        }
        let node = match instruction.opcode {
            "alloca" => {
                let size = self.wide(self.operand(instruction, 1)?, ty)?;
                Node::new(stack::take).a(size).imm(alignment(instruction)?)
            }
            _ => Node::new(stack::save),
        };
        if ty.size_bits() == 64 {
            let d = self.dest(first, Class::W64)?;
            self.emit(node.d(d));
            return Ok(());
        }
        let pointer = self.temp(Class::W64);
        self.emit(node.d(Ref::Def(pointer)));
        let d = self.dest(first, Class::W32)?;
        let narrow = Node::new(map1(|a: u64| a as u32));
        self.emit(narrow.d(d).a(Ref::Use(pointer)));
        Ok(())
    }

    /// Keeps the stack pointer that a function is entered with.
    pub(super) fn save_stack(&mut self) {
        if self.is_kernel() || !takes(&self.reached.body) {
            return;
        }
        let entered = self.temp(Class::W64);
        self.entered = Some(entered);
        self.emit(Node::new(stack::save).d(Ref::Def(entered)));
    }

    /// Gives back what the function took.
    pub(super) fn restore_stack(&mut self) {
        if let Some(entered) = self.entered {
            self.emit(Node::new(stack::restore).a(Ref::Use(entered)));
        }
    }

    /// An operand of 32 or 64 bits as one of 64.
    fn wide(&mut self, operand: &Operand<'a>, ty: T) -> Result<Ref, String> {
        let value = self.source(operand, ty)?;
        if ty.size_bits() == 64 {
            return Ok(value);
        }
        let wide = self.temp(Class::W64);
        self.emit_pure(
            Node::new(map1(|a: u32| u64::from(a)))
                .d(Ref::Def(wide))
                .a(value),
        );
        Ok(Ref::Use(wide))
    }
}

fn alignment(instruction: &Instruction<'_>) -> Result<u64, String> {
    let asked = match instruction.operands.get(2) {
        None => return Ok(ALIGNMENT),
        Some(Operand::Imm(asked)) => asked.bits(),
        Some(_) => return Err("the alignment is no number".to_owned()),
    };
    if !asked.is_power_of_two() || asked > ALIGNMENT_MAX {
        return Err(format!("{asked} is no alignment"));
    }
    Ok(asked)
}
