//! `cp.async`, `cp.async.bulk` and `mbarrier`. Read [`Lowering::async_copy`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal},
    memory::{Address, Room, space},
};
use crate::exec::{
    async_copy::{self, Action},
    control,
    lanes::{map1, map2},
    program::{SHARED_TAG, TAG_SHIFT},
};
use crate::ptx::{Instruction, Operand, ScalarType as T, Space};

impl<'a> Lowering<'_, 'a> {
    /// `cp` and `mbarrier`.
    pub(super) fn async_copy(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        if instruction.opcode == "mbarrier" {
            return self.mbarrier(instruction, form);
        }
        if !form.take("async") {
            return Err("only asynchronous copies are known".to_owned());
        }
        if form.take("bulk") {
            return self.copy_bulk(instruction, form);
        }
        if form.take("mbarrier") {
            return self.copies_arrive(instruction, form);
        }
        if form.take("commit_group") || form.take("wait_group") || form.take("wait_all") {
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        form.ignore(&["ca", "cg", "shared", "shared::cta", "global"]);
        // The policy is the last operand and has no effect.
        let n_operands = instruction.operands.len() - usize::from(form.has("L2::cache_hint"));
        form.ignore_where(|word| word.starts_with("L2::"));
        let to = self.generic_row(instruction, 0, Space::Shared)?;
        let from = self.generic_row(instruction, 1, Space::Global)?;
        let Operand::Imm(size) = self.operand(instruction, 2)? else {
            return Err("the size is no constant".to_owned());
        };
        let size = size.bits();
        if !matches!(size, 4 | 8 | 16) {
            return Err(format!("{size} bytes cannot be copied so"));
        }
        let count = match instruction.operands[..n_operands].get(3) {
            Some(Operand::Imm(_)) => self.source(self.operand(instruction, 3)?, T::U32)?,
            Some(Operand::Reg(reg)) if self.pred_reg(*reg).is_err() => {
                self.source(self.operand(instruction, 3)?, T::U32)?
            }
            None => self.uniform32(size as u32),
            Some(_) if n_operands == 4 => self.unless(instruction, size as u32)?,
            Some(_) => return Err("the operands are not known".to_owned()),
        };
        let node = Node::new(async_copy::copy).a(to).b(from).c(count);
        let node = self.with_list(node.ext(Ref::List).imm(size), &[Ref::Site, Ref::Site]);
        self.emit(node);
        Ok(())
    }

    /// The bytes to read where a predicate tells to ignore the source.
    fn unless(&mut self, instruction: &Instruction<'a>, size: u32) -> Result<Ref, Refusal> {
        let (pred, negated) = self.pred_source(self.operand(instruction, 3)?)?;
        let (zero, all) = (self.uniform32(0), self.uniform32(size));
        let (a, b) = if negated { (all, zero) } else { (zero, all) };
        let temp = self.temp(Class::W32);
        let run = crate::exec::lanes::select(|a: u32, b: u32, p| if p { a } else { b });
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(a).b(b).c(pred));
        Ok(Ref::Use(temp))
    }

    /// The address in operand `index` as a row of generic addresses.
    pub(super) fn generic_row(
        &mut self,
        instruction: &Instruction<'a>,
        index: usize,
        space: Space,
    ) -> Result<Ref, Refusal> {
        let address = self.bracket(self.operand(instruction, index)?, Some(space))?;
        self.generic(&address)
    }

    fn generic(&mut self, address: &Address) -> Result<Ref, Refusal> {
        let tag = match address.room {
            Room::Shared => SHARED_TAG << TAG_SHIFT,
            Room::Global | Room::Generic => 0,
        };
        let base = if address.wide {
            address.base
        } else {
            let run = map1(|a: u32| u64::from(a));
            self.step(Class::W64, run, address.base)
        };
        let offset = Ref::Const(self.assembler.row64(address.offset.wrapping_add(tag)));
        let temp = self.temp(Class::W64);
        let run = map2(|a: u64, b: u64| a.wrapping_add(b));
        self.emit_pure(Node::new(run).d(Ref::Def(temp)).a(base).b(offset));
        Ok(Ref::Use(temp))
    }

    fn copy_bulk(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        if form.take("commit_group") || form.take("wait_group") {
            form.take("read");
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        if form.take("prefetch") {
            form.ignore_where(|_| true);
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        form.ignore_where(|word| word.starts_with("L2::"));
        let counted = form.take("mbarrier::complete_tx::bytes");
        let grouped = form.take("bulk_group");
        if counted == grouped {
            return Err("the completion mechanism is not known".to_owned());
        }
        let to = space(form)?.ok_or("the destination's space is missing")?;
        let from = space(form)?.ok_or("the source's space is missing")?;
        let to = self.generic_row(instruction, 0, to)?;
        let from = self.generic_row(instruction, 1, from)?;
        let count = self.source(self.operand(instruction, 2)?, T::U32)?;
        let barrier = if counted {
            self.generic_row(instruction, 3, Space::Shared)?
        } else {
            Ref::None
        };
        let node = Node::new(async_copy::copy_bulk).a(to).b(from).c(count);
        let items = [Ref::Site, Ref::Site, barrier, Ref::Site];
        let node = self.with_list(node.ext(Ref::List), &items);
        self.emit(node);
        Ok(())
    }

    /// `cp.async.mbarrier.arrive`: earlier copies are done, so that the arrival happens now; without
    /// `.noinc` it was not expected before either.
    fn copies_arrive(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore(&["arrive", "b64"]);
        let space = space(form)?.unwrap_or(Space::Reg);
        if !form.take("noinc") {
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        let address = self.generic_row(instruction, 0, space)?;
        let one = self.uniform32(1);
        let node = Node::new(async_copy::mbarrier).a(address).b(one);
        self.emit(node.ext(Ref::Site).imm(Action::Arrive as u64));
        Ok(())
    }

    fn mbarrier(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.ignore(&[
            "release",
            "acquire",
            "relaxed",
            "cta",
            "cluster",
            "noComplete",
            "b64",
        ]);
        if form.take("pending_count") {
            let state = self.source(self.operand(instruction, 1)?, T::B64)?;
            let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
            self.emit(Node::new(map1(async_copy::pending)).d(d).a(state));
            return Ok(());
        }
        let test = form.take("test_wait") || form.take("try_wait");
        let space = space(form)?.unwrap_or(Space::Global);
        let space = if space == Space::Shared {
            Space::Shared
        } else {
            Space::Reg
        };
        if test {
            return self.mbarrier_test(instruction, form, space);
        }
        if form.take("inval") {
            self.emit(Node::new(control::nothing));
            return Ok(());
        }
        let action = form.take_one(&[
            ("init", Action::Init),
            ("arrive_drop", Action::ArriveDrop),
            ("arrive", Action::Arrive),
            ("complete_tx", Action::Complete),
        ]);
        let expects = form.take("expect_tx");
        let action = match (action, expects) {
            (Some(Action::Arrive), true) => Action::ArriveExpect,
            (Some(Action::ArriveDrop), true) => Action::ArriveDropExpect,
            (None, true) => Action::Expect,
            (Some(action), false) => action,
            _ => return Err("the operation is not known".to_owned()),
        };
        let has_state = matches!(
            action,
            Action::Arrive | Action::ArriveDrop | Action::ArriveExpect | Action::ArriveDropExpect
        ) && matches!(
            instruction.operands.first(),
            Some(Operand::Reg(_) | Operand::Sink)
        );
        let first = usize::from(has_state);
        let address = self.generic_row(instruction, first, space)?;
        let count = match instruction.operands.get(first + 1) {
            Some(count) => self.source(count, T::U32)?,
            None => self.uniform32(1),
        };
        let d = match instruction.operands.first() {
            Some(operand @ Operand::Reg(_)) if has_state => self.dest(operand, Class::W64)?,
            _ => Ref::None,
        };
        let node = Node::new(async_copy::mbarrier).d(d).a(address).b(count);
        self.emit(node.ext(Ref::Site).imm(action as u64).early());
        Ok(())
    }

    /// `st.bulk`: zeros.
    pub(super) fn fill(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.take("weak");
        let space = space(form)?.unwrap_or(Space::Reg);
        let address = self.generic_row(instruction, 0, space)?;
        let count = self.source(self.operand(instruction, 1)?, T::U64)?;
        let node = Node::new(async_copy::fill).a(address).b(count);
        self.emit(node.ext(Ref::Site));
        Ok(())
    }

    fn mbarrier_test(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
        space: Space,
    ) -> Lowered {
        let parity = form.take("parity");
        let address = self.generic_row(instruction, 1, space)?;
        let ty = if parity { T::U32 } else { T::B64 };
        let mut state = self.source(self.operand(instruction, 2)?, ty)?;
        if parity {
            let run = map1(|a: u32| u64::from(a));
            state = self.step(Class::W64, run, state);
        }
        let d = self.dest(self.operand(instruction, 0)?, Class::Pred)?;
        let node = Node::new(async_copy::test_wait).d(d).a(address).b(state);
        self.emit(node.ext(Ref::Site).imm(u64::from(parity)));
        Ok(())
    }
}
