//! What the ops of a unit read and write, and which rows are read later. Read [`Builder::is_live`].

use super::{
    build::Builder,
    template::{
        Template,
        Width::{self, W32, W64},
    },
    unit::Unit,
};
use crate::exec::{op::Op, program::Program};

/// Slots of the window, by op.
pub(super) type Slots = Vec<Vec<u32>>;

/// The ops of a unit.
pub(super) fn ops_of<'p>(unit: &Unit, program: &'p Program) -> &'p [Op] {
    &program.ops[unit.start as usize..unit.end() as usize]
}

/// What closures read, and what they write, by op.
pub(super) fn touched_of(unit: &Unit) -> (Slots, Slots) {
    let mut reads = vec![Vec::new(); unit.steps.len()];
    let mut writes = reads.clone();
    for touch in &unit.touched {
        let list = if touch.writes {
            &mut writes
        } else {
            &mut reads
        };
        list[touch.step as usize].push(touch.slot);
    }
    (reads, writes)
}

/// How wide the rows are that a template computes from; not for accesses.
pub(super) fn shape(template: Template) -> [Option<Width>; 3] {
    use Template as T;
    let (one, two) = (|w| [Some(w), None, None], |w| [Some(w), Some(w), None]);
    match template {
        T::Copy(width) | T::Not(width) => one(width),
        T::Int(_, width) => two(width),
        T::MultiplyAdd(width) => [Some(width); 3],
        T::Shift(_, width) => [Some(width), Some(W32), None],
        T::Widen { .. } | T::FloatOfSigned | T::ToDouble | T::Extract { .. } => one(W32),
        T::Narrow | T::Upper | T::ToSingle | T::DoubleOfWide { .. } => one(W64),
        T::Extend { from, .. } => one(from),
        T::Sign { width, .. } => one(width),
        T::Double(_) => two(W64),
        T::Pack | T::Permute(_) | T::Divide | T::Insert { .. } | T::Quotient => two(W32),
        T::CopySign(width) => two(width),
        T::MultiplyWide { adds, .. } => [Some(W32), Some(W32), adds.then_some(W64)],
        T::Float(_) => two(W32),
        T::Fma => [Some(W32); 3],
        T::Compare(_, what) => two(what.width()),
        T::Select(width) => two(width),
        T::Call
        | T::Tid(_)
        | T::LaneId
        | T::AddGlobal(_)
        | T::Load(_)
        | T::LoadVector(..)
        | T::StoreVector(..)
        | T::Shuffle(_)
        | T::AddShared
        | T::Store(_)
        | T::Logic(_)
        | T::Branch => [None; 3],
    }
}

/// What each op reads and writes of the window.
pub(super) fn read_and_written(unit: &Unit, program: &Program) -> (Slots, Slots) {
    let (mut reads, mut writes) = touched_of(unit);
    for (index, (step, op)) in unit.steps.iter().zip(ops_of(unit, program)).enumerate() {
        let (sources, writing) = match step.template {
            listed if listed.is_listed() => continue,
            Template::Logic(_) => (vec![op.a, op.b], true),
            Template::Branch => (vec![op.guard.slot()], false),
            Template::Load(_) => (vec![op.a], true),
            Template::Store(_) => (vec![op.a, op.b], false),
            Template::Select(_) => (vec![op.a, op.b, op.c], true),
            template => {
                let slots = [op.a, op.b, op.c].into_iter().zip(shape(template));
                (
                    slots
                        .filter(|(_, width)| width.is_some())
                        .map(|(slot, _)| slot)
                        .collect(),
                    true,
                )
            }
        };
        let window = sources.iter().filter(|slot| slot.base() == 0);
        reads[index].extend(window.map(|slot| slot.0));
        if writing {
            writes[index].push(op.d.0);
        }
    }
    (reads, writes)
}

impl Builder<'_> {
    /// Whether anybody reads a row from op `next` on.
    pub(super) fn is_live(&self, slot: u32, next: usize) -> bool {
        let dies =
            |op: usize| ops_of(self.unit, self.program)[op].d.0 == slot && self.unit.steps[op].dies;
        let written = |below: usize| {
            let writes = &self.writes[..below];
            writes.iter().rposition(|writes| writes.contains(&slot))
        };
        for index in next..self.reads.len() {
            if self.reads[index].contains(&slot) {
                return true;
            }
            // Where a branch in the middle leads the row may be read, unless it dies in its basic block.
            if self.unit.steps[index].template == Template::Branch
                && !written(index).is_some_and(dies)
            {
                return true;
            }
            if self.writes[index].contains(&slot) {
                return false;
            }
        }
        !written(self.writes.len()).is_some_and(dies)
    }
}
