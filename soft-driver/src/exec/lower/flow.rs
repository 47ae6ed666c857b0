//! Branches, exits and barriers of the block. Read [`Lowering::flow`].

use super::{
    code::{Class, Exit, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering},
};
use crate::exec::{
    control::{self, barrier_flags},
    cross,
};
use crate::ptx::{Instruction, Operand, ScalarType as T};

impl<'a> Lowering<'_, 'a> {
    /// Everything that changes what runs next, and hints without effect.
    pub(super) fn flow(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let guarded = self.guard.is_some();
        match instruction.opcode {
            "bra" => {
                form.take("uni");
                let Operand::Label(label) = self.operand(instruction, 0)? else {
                    return Err("the target is no label".to_owned());
                };
                let node = Node::new(control::branch).ext(Ref::Label(*label));
                self.emit(node.wants_next().exit(Exit::Labels(vec![*label], guarded)));
            }
            "brx" => self.branch_indexed(instruction, form)?,
            "ret" => {
                form.take("uni");
                self.return_registers()?;
                self.restore_stack();
                let node = Node::new(control::ret).wants_next();
                self.emit(node.exit(Exit::End(guarded)));
            }
            "exit" => {
                let node = Node::new(control::exit).wants_next();
                self.emit(node.exit(Exit::End(guarded)));
            }
            "trap" | "brkpt" => {
                let kind = u64::from(instruction.opcode == "brkpt");
                self.emit(Node::new(control::trap).imm(kind));
            }
            "nanosleep" => {
                form.take("u32");
                self.emit(Node::new(control::sleep));
            }
            _ => {
                form.ignore_where(|_| true);
                self.emit(Node::new(control::nothing));
            }
        }
        Ok(())
    }

    fn branch_indexed(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore(&["idx", "uni"]);
        let Operand::Targets(table) = self.operand(instruction, 1)? else {
            return Err("the targets are no table".to_owned());
        };
        let labels = self.reached.body.branch_targets[*table as usize]
            .labels
            .clone();
        let index = self.source(self.operand(instruction, 0)?, T::U32)?;
        let mut items = vec![Ref::Raw(labels.len() as u32)];
        items.extend(labels.iter().map(|label| Ref::Label(*label)));
        let node = Node::new(control::branch_indexed).a(index).ext(Ref::List);
        let node = self.with_list(node.wants_next(), &items);
        let guarded = self.guard.is_some();
        self.emit(node.exit(Exit::Labels(labels, guarded)));
        Ok(())
    }

    /// `bar` and `barrier`.
    pub(super) fn barrier(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        form.ignore(&["cta", "aligned"]);
        if form.take("warp") {
            form.take("sync");
            let members = self.source(self.operand(instruction, 0)?, T::U32)?;
            self.emit(Node::new(cross::sync).a(members).wants_next());
            return Ok(());
        }
        if form.take("cluster") {
            return self.cluster_barrier(form);
        }
        let mut flags = 0;
        let mut pred = Ref::None;
        let (mut id_at, mut d) = (0, Ref::None);
        if form.take("red") {
            (flags, d) = self.reduction(instruction, form)?;
            id_at = 1;
            let last = instruction.operands.len().saturating_sub(1);
            let (source, negated) = self.pred_source(self.operand(instruction, last)?)?;
            pred = source;
            if negated {
                flags |= barrier_flags::NEGATED;
            }
        } else if form.take("arrive") {
            flags |= barrier_flags::ARRIVE;
        } else if !form.take("sync") {
            return Err("the kind of barrier is not known".to_owned());
        }
        let counts = instruction.operands.len().saturating_sub(2 * id_at);
        let id = self.source(self.operand(instruction, id_at)?, T::U32)?;
        let count = if counts == 2 {
            flags |= barrier_flags::COUNTED;
            self.source(self.operand(instruction, id_at + 1)?, T::U32)?
        } else {
            self.uniform32(0)
        };
        let pred = if pred == Ref::None {
            Ref::Const(self.assembler.pred(true))
        } else {
            pred
        };
        let node = Node::new(control::barrier).d(d).a(id).b(count);
        let node = self.with_list(node.ext(Ref::List), &[Ref::Raw(flags), pred]);
        self.emit(node.wants_next());
        Ok(())
    }

    fn reduction(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Result<(u32, Ref), String> {
        let (flags, class) = if form.take("popc") {
            (barrier_flags::POPC, Class::W32)
        } else if form.take("and") {
            (barrier_flags::AND, Class::Pred)
        } else if form.take("or") {
            (barrier_flags::OR, Class::Pred)
        } else {
            return Err("the reduction is not known".to_owned());
        };
        form.ignore(&["u32", "pred"]);
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        Ok((flags, d))
    }

    /// A cluster is one block: arriving does nothing, waiting is a barrier of the block.
    fn cluster_barrier(&mut self, form: &mut Form<'a>) -> Lowered {
        let waits = form.take("wait");
        form.ignore(&["arrive", "acquire", "release", "relaxed"]);
        if !waits {
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        let id = self.uniform32(CLUSTER_BARRIER);
        let always = Ref::Const(self.assembler.pred(true));
        let node = Node::new(control::barrier).a(id).b(id).ext(Ref::List);
        let node = self.with_list(node, &[Ref::Raw(0), always]);
        self.emit(node.wants_next());
        Ok(())
    }
}

/// The barrier that stands for the cluster's; programs rarely use the highest.
const CLUSTER_BARRIER: u32 = 15;
