//! Video instructions. Read [`Lowering::video`].

use super::{
    code::{Class, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal},
};
use crate::exec::video::{self, Action, Plan, Product, Second, part};
use crate::ptx::{Instruction, Operand, RegPart, ScalarType as T};

const COMPARISONS: [(&str, Action); 6] = [
    ("eq", Action::Eq),
    ("ne", Action::Ne),
    ("lt", Action::Lt),
    ("le", Action::Le),
    ("gt", Action::Gt),
    ("ge", Action::Ge),
];

impl<'a> Lowering<'_, 'a> {
    /// `vadd` and the other scalar ones, `vadd2` and `vadd4` and the other SIMD ones.
    pub(super) fn video(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        if instruction.opcode == "vmad" {
            return self.video_product(instruction, form);
        }
        let (name, lanes) = match instruction.opcode.as_bytes().last() {
            Some(b'2') => (instruction.opcode.trim_end_matches('2'), 2),
            Some(b'4') => (instruction.opcode.trim_end_matches('4'), 4),
            _ => (instruction.opcode, 1),
        };
        let compares = name == "vset";
        let action = match name {
            "vadd" => Action::Add,
            "vsub" => Action::Sub,
            "vabsdiff" => Action::AbsDiff,
            "vmin" => Action::Min,
            "vmax" => Action::Max,
            "vavrg" => Action::Average,
            "vshl" => Action::ShiftLeft,
            "vshr" => Action::ShiftRight,
            _ => form
                .take_one(&COMPARISONS)
                .ok_or("the comparison is not known")?,
        };
        let wrap = form.take("wrap");
        form.take("clamp");
        let signed_d = !compares && is_signed(form)?;
        let mut plan = Plan {
            action,
            second: Second::Nothing,
            signed_d,
            signed_a: is_signed(form)?,
            signed_b: is_signed(form)?,
            saturate: form.take("sat"),
            wrap,
            lanes,
            parts: [part::WHOLE; 3],
        };
        let second = form.take_one(&[
            ("add", Second::Add),
            ("min", Second::Min),
            ("max", Second::Max),
        ]);
        plan.second = second.unwrap_or(Second::Nothing);
        if lanes == 1 {
            self.video_scalar(instruction, plan)
        } else {
            self.video_simd(instruction, plan)
        }
    }

    fn video_scalar(&mut self, instruction: &Instruction<'a>, mut plan: Plan) -> Lowered {
        let (a, part_a) = self.video_source(instruction, 1)?;
        let (b, part_b) = self.video_source(instruction, 2)?;
        let (d, part_d) = self.video_dest(instruction)?;
        let c = match instruction.operands.get(3) {
            Some(c) => self.source(c, T::U32)?,
            None => self.uniform32(0),
        };
        plan.parts = [scalar(part_a)?, scalar(part_b)?, scalar(part_d)?];
        if part_d.is_some() {
            plan.second = Second::Merge;
        }
        let node = Node::new(video::execute).d(d).a(a).b(b).c(c);
        let node = self.with_list(node.ext(Ref::List), &plan.words().map(Ref::Raw));
        self.emit(node);
        Ok(())
    }

    fn video_simd(&mut self, instruction: &Instruction<'a>, mut plan: Plan) -> Lowered {
        let (a, part_a) = self.video_source(instruction, 1)?;
        let (b, part_b) = self.video_source(instruction, 2)?;
        let (d, part_d) = self.video_dest(instruction)?;
        let c = self.source(self.operand(instruction, 3)?, T::U32)?;
        let lanes = plan.lanes;
        let all = (1 << lanes) - 1;
        let [low, high] = if lanes == 2 {
            [0x10, 0x32]
        } else {
            [0x3210, 0x7654]
        };
        plan.parts = [
            part_a.map_or(Ok(low), |part| digits(part, lanes))?,
            part_b.map_or(Ok(high), |part| digits(part, lanes))?,
            part_d.map_or(Ok(all), |part| lane_mask(part, lanes))?,
        ];
        let node = Node::new(video::execute).d(d).a(a).b(b).c(c);
        let node = self.with_list(node.ext(Ref::List), &plan.words().map(Ref::Raw));
        self.emit(node);
        Ok(())
    }

    fn video_product(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        is_signed(form)?;
        let minus = |index: usize| {
            let operand = instruction.operands.get(index);
            matches!(operand, Some(Operand::NegReg(_)))
        };
        let (a, part_a) = self.video_source(instruction, 1)?;
        let (b, part_b) = self.video_source(instruction, 2)?;
        let (c, _) = self.video_source(instruction, 3)?;
        let shift = form.take_one(&[("shr7", 7), ("shr15", 15)]).unwrap_or(0);
        let product = Product {
            signed_a: is_signed(form)?,
            signed_b: is_signed(form)?,
            negate_product: minus(1) != minus(2),
            negate_sum: minus(3),
            plus_one: form.take("po"),
            saturate: form.take("sat"),
            shift,
            parts: [scalar(part_a)?, scalar(part_b)?],
        };
        let d = self.dest(self.operand(instruction, 0)?, Class::W32)?;
        let node = Node::new(video::multiply_add).d(d).a(a).b(b).c(c);
        let node = self.with_list(node.ext(Ref::List), &product.words().map(Ref::Raw));
        self.emit(node);
        Ok(())
    }

    /// A source without its sign, and the part of it that is meant.
    fn video_source(
        &mut self,
        instruction: &Instruction<'a>,
        index: usize,
    ) -> Result<(Ref, Option<RegPart>), Refusal> {
        Ok(match self.operand(instruction, index)? {
            Operand::Part(reg, part) => (self.source(&Operand::Reg(*reg), T::U32)?, Some(*part)),
            Operand::NegReg(reg) => (self.source(&Operand::Reg(*reg), T::U32)?, None),
            other => (self.source(other, T::U32)?, None),
        })
    }

    fn video_dest(
        &mut self,
        instruction: &Instruction<'a>,
    ) -> Result<(Ref, Option<RegPart>), Refusal> {
        Ok(match self.operand(instruction, 0)? {
            Operand::Part(reg, part) => (self.dest(&Operand::Reg(*reg), Class::W32)?, Some(*part)),
            other => (self.dest(other, Class::W32)?, None),
        })
    }
}

fn is_signed(form: &mut Form<'_>) -> Result<bool, Refusal> {
    match form.ty() {
        Some(T::S32) => Ok(true),
        Some(T::U32) => Ok(false),
        _ => Err("32-bit types are expected".to_owned()),
    }
}

/// The part that a scalar instruction means.
fn scalar(part: Option<RegPart>) -> Result<u32, Refusal> {
    Ok(match part {
        None => part::WHOLE,
        Some(RegPart::Byte(index)) => part::BYTE + u32::from(index),
        Some(RegPart::Half(index)) => part::HALF + u32::from(index),
        Some(RegPart::Several { .. }) => return Err("one part is expected".to_owned()),
    })
}

/// A digit of four bits for each lane, lane 0 lowest.
fn digits(part: RegPart, lanes: u32) -> Result<u32, Refusal> {
    match part {
        RegPart::Several {
            halves,
            digits,
            count,
        } if u32::from(count) == lanes && halves == (lanes == 2) => {
            let digits = &digits[..usize::from(count)];
            Ok(digits
                .iter()
                .fold(0, |all, digit| all << 4 | u32::from(*digit)))
        }
        _ => Err("the selected parts do not fit the instruction".to_owned()),
    }
}

/// The lanes that a destination names.
fn lane_mask(part: RegPart, lanes: u32) -> Result<u32, Refusal> {
    let (halves, digits, count) = match part {
        RegPart::Byte(index) => (false, [index, 0, 0, 0], 1),
        RegPart::Half(index) => (true, [index, 0, 0, 0], 1),
        RegPart::Several {
            halves,
            digits,
            count,
        } => (halves, digits, usize::from(count)),
    };
    if halves != (lanes == 2)
        || digits[..count]
            .iter()
            .any(|digit| u32::from(*digit) >= lanes)
    {
        return Err("the destination's parts do not fit the instruction".to_owned());
    }
    Ok(digits[..count]
        .iter()
        .fold(0, |mask, digit| mask | 1 << digit))
}
