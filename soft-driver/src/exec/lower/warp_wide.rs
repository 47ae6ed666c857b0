//! Shuffles, votes, matches and reductions of a warp. Read [`Lowering::warp_wide`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal},
};
use crate::exec::{
    cross::{self, Redux, Shuffle, Vote},
    op::OpFn,
};
use crate::ptx::{Instruction, Operand, RegId, ScalarType as T};

impl<'a> Lowering<'_, 'a> {
    /// Ops in which lanes see each other.
    pub(super) fn warp_wide(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
    ) -> Lowered {
        match instruction.opcode {
            "shfl" => self.shuffle(instruction, form),
            "vote" => self.vote(instruction, form),
            "match" => self.matching(instruction, form),
            "redux" => self.redux(instruction, form),
            "elect" => {
                form.take("sync");
                let (d, pred) = self.row_and_pred(instruction)?;
                let members = self.source(self.operand(instruction, 1)?, T::U32)?;
                let node = Node::new(cross::elect).d(d).ext(Ref::List).wants_next();
                let node = self.with_list(node, &[pred, members]);
                self.emit(node.early());
                Ok(())
            }
            _ => {
                form.take("b32");
                let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
                self.emit(Node::new(cross::active_mask).d(d));
                Ok(())
            }
        }
    }

    /// `d|p` or `d`; what is not wanted is `Ref::None`.
    fn row_and_pred(&mut self, instruction: &Instruction<'a>) -> Result<(Ref, Ref), Refusal> {
        let row = |lowering: &mut Self, reg: Option<RegId>| match reg {
            Some(reg) => lowering.dest(&Operand::Reg(reg), Class::W32),
            None => Ok(Ref::None),
        };
        match self.operand(instruction, 0)? {
            Operand::RegPair(d, pred) => {
                let d = row(self, *d)?;
                let pred = match pred {
                    Some(pred) => Ref::Def(self.pred_reg(*pred)?),
                    None => Ref::None,
                };
                Ok((d, pred))
            }
            Operand::Reg(d) => Ok((row(self, Some(*d))?, Ref::None)),
            Operand::Sink => Ok((Ref::None, Ref::None)),
            _ => Err("the destination is no register".to_owned()),
        }
    }

    /// The member mask: operand `index` of the `.sync` forms, else whoever is active.
    fn members(
        &mut self,
        instruction: &Instruction<'a>,
        form: &mut Form<'a>,
        index: usize,
    ) -> Result<Ref, Refusal> {
        if form.take("sync") {
            return self.source(self.operand(instruction, index)?, T::U32);
        }
        Ok(self.uniform32(0))
    }

    fn shuffle(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let run: OpFn = match form.take_one(&[
            ("up", Shuffle::Up),
            ("down", Shuffle::Down),
            ("bfly", Shuffle::Butterfly),
            ("idx", Shuffle::Index),
        ]) {
            Some(Shuffle::Up) => cross::shuffle::<{ Shuffle::Up as u8 }>(),
            Some(Shuffle::Down) => cross::shuffle::<{ Shuffle::Down as u8 }>(),
            Some(Shuffle::Butterfly) => cross::shuffle::<{ Shuffle::Butterfly as u8 }>(),
            Some(Shuffle::Index) => cross::shuffle::<{ Shuffle::Index as u8 }>(),
            None => return Err("the mode is not known".to_owned()),
        };
        form.take("b32");
        let members = self.members(instruction, form, 4)?;
        let (mut d, pred) = self.row_and_pred(instruction)?;
        if d == Ref::None {
            d = Ref::Def(self.temp(Class::W32));
        }
        let a = self.source(self.operand(instruction, 1)?, T::U32)?;
        let b = self.source(self.operand(instruction, 2)?, T::U32)?;
        let c = self.source(self.operand(instruction, 3)?, T::U32)?;
        let node = Node::new(run).d(d).a(a).b(b).c(c).ext(Ref::List);
        let node = self.with_list(node.wants_next(), &[pred, members]);
        self.emit(node);
        Ok(())
    }

    fn vote(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let (run, class): (OpFn, Class) = match form.take_one(&[
            ("all", Vote::All),
            ("any", Vote::Any),
            ("uni", Vote::Uniform),
            ("ballot", Vote::Ballot),
        ]) {
            Some(Vote::All) => (cross::vote::<{ Vote::All as u8 }>, Class::Pred),
            Some(Vote::Any) => (cross::vote::<{ Vote::Any as u8 }>, Class::Pred),
            Some(Vote::Uniform) => (cross::vote::<{ Vote::Uniform as u8 }>, Class::Pred),
            Some(Vote::Ballot) => (cross::vote::<{ Vote::Ballot as u8 }>, Class::W32),
            None => return Err("the mode is not known".to_owned()),
        };
        form.ignore(&["pred", "b32"]);
        let members = self.members(instruction, form, 2)?;
        let (a, negated) = self.pred_source(self.operand(instruction, 1)?)?;
        let d = self.dest(self.operand(instruction, 0)?, class)?;
        let node = Node::new(run).d(d).a(a).ext(Ref::List).wants_next();
        let node = self.with_list(node, &[members, Ref::Raw(u32::from(negated))]);
        self.emit(node);
        Ok(())
    }

    fn matching(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let any = form.take("any");
        if !any && !form.take("all") {
            return Err("the mode is not known".to_owned());
        }
        let ty = form.ty().ok_or("it has no type")?;
        let run: OpFn = match (any, ty.size_bits()) {
            (true, 32) => cross::match_any::<u32>,
            (true, 64) => cross::match_any::<u64>,
            (false, 32) => cross::match_all::<u32>,
            (false, 64) => cross::match_all::<u64>,
            _ => return Err("the type is not known here".to_owned()),
        };
        let members = self.members(instruction, form, 2)?;
        let (mut d, pred) = self.row_and_pred(instruction)?;
        if any && d == Ref::None {
            d = Ref::Def(self.temp(Class::W32));
        }
        let a = self.source(self.operand(instruction, 1)?, ty)?;
        let node = Node::new(run).d(d).a(a).ext(Ref::List).wants_next();
        let node = self.with_list(node, &[pred, members]);
        self.emit(node.early());
        Ok(())
    }

    fn redux(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let (abs, nan) = (form.take("abs"), form.take("NaN"));
        let mode = form
            .take_one(&[
                ("add", Redux::Add),
                ("min", Redux::MinU),
                ("max", Redux::MaxU),
                ("and", Redux::And),
                ("or", Redux::Or),
                ("xor", Redux::Xor),
            ])
            .ok_or("the operation is not known")?;
        let ty = form.ty().ok_or("it has no type")?;
        let run: OpFn = match (mode, ty) {
            (Redux::Add, T::U32 | T::S32) => cross::redux::<{ Redux::Add as u8 }>,
            (Redux::MinU, T::U32) => cross::redux::<{ Redux::MinU as u8 }>,
            (Redux::MaxU, T::U32) => cross::redux::<{ Redux::MaxU as u8 }>,
            (Redux::MinU, T::S32) => cross::redux::<{ Redux::MinS as u8 }>,
            (Redux::MaxU, T::S32) => cross::redux::<{ Redux::MaxS as u8 }>,
            (Redux::MinU, T::F32) => cross::redux::<{ Redux::MinF as u8 }>,
            (Redux::MaxU, T::F32) => cross::redux::<{ Redux::MaxF as u8 }>,
            (Redux::And, T::B32) => cross::redux::<{ Redux::And as u8 }>,
            (Redux::Or, T::B32) => cross::redux::<{ Redux::Or as u8 }>,
            (Redux::Xor, T::B32) => cross::redux::<{ Redux::Xor as u8 }>,
            _ => return Err("the type is not known here".to_owned()),
        };
        let members = self.members(instruction, form, 2)?;
        let a = self.source(self.operand(instruction, 1)?, T::U32)?;
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        let flags = Ref::Raw(u32::from(nan) | (u32::from(abs) << 1));
        let node = Node::new(run).d(d).a(a).ext(Ref::List).wants_next();
        let node = self.with_list(node, &[flags, members]);
        self.emit(node);
        Ok(())
    }
}
