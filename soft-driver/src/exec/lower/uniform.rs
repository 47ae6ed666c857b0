//! Values that are the same for all threads of a block are computed once a block, or once a launch, instead
//! of once a warp: what is made of parameters, constants, `%ctaid`, `%ntid` alone. Read [`hoist`].
//!
//! A register takes part if one node writes it, without a guard and without an effect besides: then
//! whoever reads it after that node reads this value, on whatever path, and nobody may read it before.

use super::code::{Class, Draft, Exit, Node, Ref, Reg};

/// How often a node has to be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::exec) enum Often {
    /// Once a launch, if its sources allow it.
    Launch,
    /// Once a block, if its sources allow it.
    Block,
    /// Wherever it stands.
    Here,
}

/// The nodes that were taken out of a function.
#[derive(Debug, Default)]
pub(super) struct Hoisted {
    /// To be executed once a launch, in this order.
    pub(super) launch: Vec<Node>,
    /// To be executed once a block, in this order.
    pub(super) block: Vec<Node>,
    /// Bytes of their results.
    pub(super) bytes: u32,
    /// How many of them every thread would have executed once: those of the first basic block.
    pub(super) n_counted: u32,
}

/// Bits of a slot that lies among the hoisted values.
const UNIFORM: u32 = 2;

/// Takes out of `draft` what is uniform, and makes its readers read the values' rows.
pub(super) fn hoist(draft: &mut Draft) -> Hoisted {
    let once = written_once(draft);
    let first_block = first_block(draft);
    let mut hoisted = Hoisted::default();
    let mut rows: Vec<Option<(u32, Often)>> = vec![None; draft.classes.len()];
    let mut kept = Vec::with_capacity(draft.nodes.len());
    let mut moved = Vec::with_capacity(draft.nodes.len() + 1);
    for (index, node) in std::mem::take(&mut draft.nodes).into_iter().enumerate() {
        moved.push(kept.len() as u32);
        let Some((d, often)) = uniform(draft, &node, &once, &rows) else {
            kept.push(node);
            continue;
        };
        let class = draft.class(d);
        rows[d.0 as usize] = Some((hoisted.bytes | UNIFORM, often));
        hoisted.bytes += class.bytes();
        hoisted.n_counted += u32::from(index < first_block);
        match often {
            Often::Launch => hoisted.launch.push(node),
            _ => hoisted.block.push(node),
        }
    }
    moved.push(kept.len() as u32);
    draft.nodes = kept;
    for label in &mut draft.labels {
        *label = moved[*label as usize];
    }
    let redirect = |item: &mut Ref| {
        if let Ref::Use(reg) | Ref::Def(reg) = item
            && let Some((slot, _)) = rows[reg.0 as usize]
        {
            *item = Ref::Const(slot);
        }
    };
    let nodes = draft.nodes.iter_mut();
    for node in nodes.chain(&mut hoisted.launch).chain(&mut hoisted.block) {
        node.slots_mut().into_iter().for_each(redirect);
    }
    draft.items.iter_mut().for_each(redirect);
    hoisted
}

/// For each register whether one node writes it, and that node has no guard.
fn written_once(draft: &Draft) -> Vec<bool> {
    let mut writes = vec![0u32; draft.classes.len()];
    for node in &draft.nodes {
        let weight = if node.guard.is_some() { 2 } else { 1 };
        for item in node.slots().iter().chain(draft.list(node)) {
            if let Ref::Def(reg) = item {
                writes[reg.0 as usize] += weight;
            }
        }
    }
    writes.iter().map(|count| *count == 1).collect()
}

/// How many nodes come before the first label and the first jump.
fn first_block(draft: &Draft) -> usize {
    let jump = draft.nodes.iter().position(|node| node.exit != Exit::Next);
    let label = draft.labels.iter().min().map(|label| *label as usize);
    jump.unwrap_or(0).min(label.unwrap_or(usize::MAX))
}

/// The register that `node` writes and how often that has to be done, if it is uniform.
fn uniform(
    draft: &Draft,
    node: &Node,
    once: &[bool],
    rows: &[Option<(u32, Often)>],
) -> Option<(Reg, Often)> {
    let Ref::Def(d) = node.d else {
        return None;
    };
    let alone = node.guard.is_none() && node.exit == Exit::Next && node.list.1 == 0;
    if !alone || node.wants_next || !once[d.0 as usize] || draft.class(d) == Class::Pred {
        return None;
    }
    let [_, sources @ ..] = node.slots();
    let mut often = node.often.unwrap_or(Often::Here);
    for source in sources {
        let needs = match source {
            Ref::None | Ref::Const(_) | Ref::Raw(_) => Often::Launch,
            Ref::Use(reg) => rows[reg.0 as usize].map_or(Often::Here, |(_, often)| often),
            _ => Often::Here,
        };
        often = often.max(needs);
    }
    (often != Often::Here).then_some((d, often))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::{lanes::map1, op::OpFn};

    fn copy() -> OpFn {
        map1(|a: u32| a)
    }

    /// `regs` in a row: each copies the one before, the first a constant.
    fn chain(draft: &mut Draft, count: usize) -> Vec<Reg> {
        let regs: Vec<Reg> = (0..count).map(|_| draft.reg(Class::W32)).collect();
        for (index, reg) in regs.iter().enumerate() {
            let source = match index {
                0 => Ref::Const(1),
                _ => Ref::Use(regs[index - 1]),
            };
            let node = Node::new(copy()).d(Ref::Def(*reg)).a(source);
            draft.nodes.push(node.often(Often::Launch));
        }
        regs
    }

    #[test]
    fn values_of_constants_are_hoisted_in_order() {
        let mut draft = Draft::default();
        let regs = chain(&mut draft, 3);
        draft.nodes[1].often = Some(Often::Block);
        let reader = Node::new(copy()).a(Ref::Use(regs[2]));
        draft.nodes.push(reader.exit(Exit::End(false)));
        draft.labels.push(3);
        let hoisted = hoist(&mut draft);
        let counts = (hoisted.launch.len(), hoisted.block.len(), hoisted.n_counted);
        assert_eq!(
            counts,
            (1, 2, 3),
            "what reads a block's value is the block's"
        );
        assert_eq!((draft.nodes.len(), draft.labels[0]), (1, 0));
        assert_eq!(draft.nodes[0].a, Ref::Const(256 | UNIFORM));
    }

    #[test]
    fn register_written_twice_or_under_a_guard_stays() {
        let mut draft = Draft::default();
        let regs = chain(&mut draft, 1);
        let again = draft.nodes[0].clone();
        draft.nodes.push(again);
        let (guarded, guard) = (draft.reg(Class::W32), draft.reg(Class::Pred));
        let mut node = Node::new(copy()).d(Ref::Def(guarded)).a(Ref::Const(1));
        node.guard = Some((guard, false));
        draft.nodes.push(node.often(Often::Launch));
        let lane = Node::new(copy()).d(Ref::Def(draft.reg(Class::W32)));
        draft
            .nodes
            .push(lane.a(Ref::Use(regs[0])).often(Often::Launch));
        let hoisted = hoist(&mut draft);
        assert_eq!((hoisted.launch.len(), hoisted.block.len()), (0, 0));
        assert_eq!(draft.nodes.len(), 4);
    }
}
