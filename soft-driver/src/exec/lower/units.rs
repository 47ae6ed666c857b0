//! Units: straight runs of ops that the compiler may make machine code of. Each gets a marker in front, an
//! op that counts how often it is reached and runs the machine code once there is some. Read [`mark`].
//!
//! A unit is entered at its start only: no label lies inside, and no op after which lanes may be parked. A
//! branch may be its last op, and one in the middle is where lanes may leave it.

use std::collections::HashSet;

use super::{
    code::{Draft, Exit, Node, Ref, Reg},
    places::Places,
};
use crate::exec::compile::{Step, Template, Touch, Unit, enter};

/// Ops that the compiler must know for a unit to be worth its marker.
const KNOWN_LEAST: usize = 3;
/// Ops of a unit; longer runs become several.
const OPS_MAX: usize = 192;

/// A unit's ops among the nodes of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Puts markers into `draft`, numbered from `first` on, and returns where the units are.
pub(super) fn mark(draft: &mut Draft, first: usize) -> Vec<Span> {
    let found = find(draft);
    if found.is_empty() {
        return found;
    }
    let mut moved = Vec::with_capacity(draft.nodes.len() + 1);
    let mut nodes = Vec::with_capacity(draft.nodes.len() + found.len());
    let mut spans = Vec::with_capacity(found.len());
    for (index, node) in std::mem::take(&mut draft.nodes).into_iter().enumerate() {
        moved.push(nodes.len() as u32);
        if let Some(span) = found.get(spans.len()).filter(|span| span.start == index) {
            let number = Ref::Raw((first + spans.len()) as u32);
            let line = node.line;
            let mut marker = Node::new(enter).ext(number);
            marker.line = line;
            nodes.push(marker);
            let start = nodes.len();
            spans.push(Span {
                start,
                end: start + (span.end - span.start),
            });
        }
        nodes.push(node);
    }
    moved.push(nodes.len() as u32);
    draft.nodes = nodes;
    for label in &mut draft.labels {
        *label = moved[*label as usize];
    }
    spans
}

fn find(draft: &Draft) -> Vec<Span> {
    let count = draft.nodes.len();
    let mut is_label = vec![false; count + 1];
    for label in &draft.labels {
        is_label[*label as usize] = true;
    }
    let mut found = Vec::new();
    let mut start = 0;
    for (index, node) in draft.nodes.iter().enumerate() {
        if is_label[index] || index - start >= OPS_MAX {
            found.extend(trimmed(draft, start, index));
            start = index;
        }
        // A branch that lanes may pass does not end a unit unless others can come in right behind it.
        let passed = node.template == Template::Branch
            && matches!(node.exit, Exit::Labels(_, true))
            && !is_label[index + 1];
        // Lanes may be parked at a shuffle, to wait for others. Then whoever comes interprets the unit.
        let parks = node.wants_next && !matches!(node.template, Template::Shuffle(_));
        let ends = node.exit != Exit::Next || parks;
        if ends && !passed {
            let with = node.template == Template::Branch;
            found.extend(trimmed(draft, start, index + usize::from(with)));
            start = index + 1;
        }
    }
    found
}

/// The run without what only closures know at its ends, if enough is left.
fn trimmed(draft: &Draft, start: usize, end: usize) -> Option<Span> {
    let known = |index: &usize| draft.nodes[*index].template.is_known();
    let first = (start..end).find(known)?;
    let last = (start..end).rev().find(known)?;
    let n_known = (first..=last).filter(known).count();
    (n_known >= KNOWN_LEAST).then_some(Span {
        start: first,
        end: last + 1,
    })
}

/// The unit at `span`, whose first op will be at `pc`.
pub(super) fn unit(draft: &Draft, span: Span, pc: u32, places: &Places) -> Unit {
    let rest = draft.nodes[span.end..].iter().scan(true, |inside, node| {
        let was = *inside;
        *inside = node.exit == Exit::Next;
        was.then_some(node)
    });
    let mut read_later = HashSet::new();
    let mut is_label = false;
    for (offset, node) in rest.enumerate() {
        is_label |= draft.labels.contains(&((span.end + offset) as u32));
        if is_label {
            break;
        }
        let guard = node.guard.map(|(reg, _)| Ref::Use(reg));
        let refs = node.slots().into_iter().chain(guard);
        for item in refs.chain(draft.list(node).iter().copied()) {
            if let Ref::Use(reg) | Ref::Def(reg) = item {
                read_later.insert(reg);
            }
        }
    }
    let steps = (span.start..span.end).map(|index| {
        let node = &draft.nodes[index];
        let dies = match node.d {
            Ref::Def(reg) => places.dying[index] && !read_later.contains(&reg),
            _ => false,
        };
        Step {
            template: node.template,
            dies,
        }
    });
    Unit::new(pc, steps.collect(), touched(draft, span, places))
}

/// What the ops that are left to closures read and write.
fn touched(draft: &Draft, span: Span, places: &Places) -> Box<[Touch]> {
    let mut touched = Vec::new();
    for index in span.start..span.end {
        let node = &draft.nodes[index];
        if !node.template.is_listed() {
            continue;
        }
        let mut note = |reg: Reg, writes: bool| {
            touched.push(Touch {
                step: (index - span.start) as u32,
                slot: places.offsets[reg.0 as usize],
                writes,
            });
        };
        if let Some((reg, _)) = node.guard {
            note(reg, false);
        }
        for item in node.slots().iter().chain(draft.list(node)) {
            match item {
                Ref::Use(reg) => note(*reg, false),
                Ref::Def(reg) => {
                    // Lanes outside the guard keep what they have.
                    if node.guard.is_some() {
                        note(*reg, false);
                    }
                    note(*reg, true);
                }
                _ => {}
            }
        }
    }
    touched.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::{
        compile::{IntOp, Width},
        lanes::map2,
    };

    fn known() -> Node {
        let mut node = Node::new(map2(|a: u32, b: u32| a.wrapping_add(b)));
        node.template = Template::Int(IntOp::Add, Width::W32);
        node
    }

    fn unknown() -> Node {
        Node::new(map2(|a: u32, b: u32| a.wrapping_add(b)))
    }

    #[test]
    fn unit_ends_at_labels_and_loses_unknown_ends() {
        let mut nodes = vec![unknown(), known(), known(), unknown(), known(), unknown()];
        nodes.extend([known(), known(), known()]);
        nodes.push(unknown().exit(Exit::End(false)));
        let mut draft = Draft {
            nodes,
            labels: vec![6, 0],
            ..Draft::default()
        };
        let spans = mark(&mut draft, 5);
        assert_eq!(
            spans,
            [Span { start: 2, end: 6 }, Span { start: 8, end: 11 }]
        );
        assert_eq!(draft.labels, [7, 0], "a label leads to the marker");
        assert_eq!(draft.nodes[7].ext, Ref::Raw(6));
    }

    #[test]
    fn few_known_ops_get_no_marker() {
        let mut draft = Draft {
            nodes: vec![known(), known(), unknown().exit(Exit::End(false))],
            ..Draft::default()
        };
        assert!(mark(&mut draft, 0).is_empty());
        assert_eq!(draft.nodes.len(), 3);
    }
}
