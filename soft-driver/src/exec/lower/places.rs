//! Places for virtual registers: liveness, then a linear scan, so that a warp's registers fit the
//! cache however many names the text uses. Read [`place`].
//!
//! A lane's path through the program is one path of the control flow graph, and every write keeps to
//! the active lanes, so that divergence needs no special care. Rows of 32 and 64 bits never share a
//! place, since their lanes lie differently.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::code::{Class, Draft, Exit, Node, Ref, Reg};

/// Where the registers of a function are.
#[derive(Debug)]
pub(super) struct Places {
    /// For each register its byte offset in the window; unused ones have 0.
    pub(super) offsets: Vec<u32>,
    /// Bytes of the window.
    pub(super) window_bytes: u32,
    /// 32-bit registers a thread holds at most.
    pub(super) registers: u32,
    /// For each node whether its result `d` is read by nobody after its basic block.
    pub(super) dying: Vec<bool>,
}

/// Finds places for all registers of `draft`.
pub(super) fn place(draft: &Draft) -> Places {
    let blocks = blocks(draft);
    let (number, count) = exposed(draft, &blocks);
    let (live_in, live_out) = liveness(draft, &blocks, &number, count);
    let spans = spans(draft, &blocks, &number, [&live_in, &live_out]);
    let dying = dying(draft, &blocks, &number, &live_out);
    Places {
        dying,
        ..scan(draft, &spans)
    }
}

/// For each node whether nobody reads its result after the basic block.
fn dying(draft: &Draft, blocks: &[Block], number: &[u32], live_out: &Sets) -> Vec<bool> {
    let mut dying = vec![false; draft.nodes.len()];
    for (index, block) in blocks.iter().enumerate() {
        for node in block.start..block.end {
            if let Ref::Def(reg) = draft.nodes[node as usize].d {
                let number = number[reg.0 as usize];
                dying[node as usize] = number == u32::MAX || !live_out.contains(index, number);
            }
        }
    }
    dying
}

/// A run of nodes that is only entered at the top.
struct Block {
    start: u32,
    end: u32,
    next: Vec<u32>,
}

/// First and last position at which each register is alive; `None` for unused ones.
type Spans = Vec<Option<(u32, u32)>>;

fn blocks(draft: &Draft) -> Vec<Block> {
    let count = draft.nodes.len() as u32;
    let mut starts: Vec<u32> = draft.labels.clone();
    starts.push(0);
    for (index, node) in (0u32..).zip(&draft.nodes) {
        if node.exit != Exit::Next {
            starts.push(index + 1);
        }
    }
    starts.retain(|start| *start < count);
    starts.sort_unstable();
    starts.dedup();
    let block_of = |node: u32| starts.partition_point(|start| *start <= node) as u32 - 1;
    let mut blocks = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(count);
        let fall = (end < count).then_some(index as u32 + 1);
        let mut next = Vec::new();
        match &draft.nodes[end as usize - 1].exit {
            Exit::Next => next.extend(fall),
            Exit::End(falls) => next.extend(fall.filter(|_| *falls)),
            Exit::Labels(labels, falls) => {
                let targets = labels.iter().map(|label| draft.labels[label.0 as usize]);
                next.extend(targets.filter(|target| *target < count).map(block_of));
                next.extend(fall.filter(|_| *falls));
            }
        }
        blocks.push(Block {
            start: *start,
            end,
            next,
        });
    }
    blocks
}

/// Calls `on_use` for each register that `node` reads, then `on_def` for each it writes. A guarded
/// write leaves other lanes as they were, so it reads too.
fn visit(draft: &Draft, node: &Node, mut on: impl FnMut(Reg, bool)) {
    let list = draft.list(node);
    let refs = node.slots();
    for item in refs.iter().chain(list) {
        match item {
            Ref::Use(reg) => on(*reg, false),
            Ref::Def(reg) if node.guard.is_some() => on(*reg, false),
            _ => {}
        }
    }
    if let Some((reg, _)) = node.guard {
        on(reg, false);
    }
    for item in refs.iter().chain(list) {
        if let Ref::Def(reg) = item {
            on(*reg, true);
        }
    }
}

/// Registers that a block reads before it writes them get a number, for the bit sets.
fn exposed(draft: &Draft, blocks: &[Block]) -> (Vec<u32>, usize) {
    let mut number = vec![u32::MAX; draft.classes.len()];
    let mut written = vec![u32::MAX; draft.classes.len()];
    let mut count = 0;
    for (index, block) in (0u32..).zip(blocks) {
        for node in &draft.nodes[block.start as usize..block.end as usize] {
            visit(draft, node, |reg, def| {
                let reg = reg.0 as usize;
                if def {
                    written[reg] = index;
                } else if written[reg] != index && number[reg] == u32::MAX {
                    number[reg] = count;
                    count += 1;
                }
            });
        }
    }
    (number, count as usize)
}

/// A set of numbered registers for each block.
struct Sets {
    words: usize,
    bits: Vec<u64>,
}

impl Sets {
    fn new(blocks: usize, numbers: usize) -> Self {
        let words = numbers.div_ceil(64);
        Self {
            words,
            bits: vec![0; words * blocks],
        }
    }

    fn row(&self, block: usize) -> &[u64] {
        &self.bits[block * self.words..(block + 1) * self.words]
    }

    fn row_mut(&mut self, block: usize) -> &mut [u64] {
        &mut self.bits[block * self.words..(block + 1) * self.words]
    }

    fn insert(&mut self, block: usize, number: u32) {
        self.row_mut(block)[number as usize / 64] |= 1 << (number % 64);
    }

    fn contains(&self, block: usize, number: u32) -> bool {
        self.row(block)[number as usize / 64] & (1 << (number % 64)) != 0
    }
}

/// Which numbered registers are alive at the start and at the end of each block.
fn liveness(draft: &Draft, blocks: &[Block], number: &[u32], count: usize) -> (Sets, Sets) {
    let mut live_in = Sets::new(blocks.len(), count);
    let mut live_out = Sets::new(blocks.len(), count);
    let mut kill = Sets::new(blocks.len(), count);
    for (index, block) in blocks.iter().enumerate() {
        for node in &draft.nodes[block.start as usize..block.end as usize] {
            visit(draft, node, |reg, def| {
                let number = number[reg.0 as usize];
                if number == u32::MAX {
                    return;
                }
                if def {
                    kill.insert(index, number);
                } else if !kill.contains(index, number) {
                    live_in.insert(index, number);
                }
            });
        }
    }
    let mut previous: Vec<Vec<u32>> = vec![Vec::new(); blocks.len()];
    for (index, block) in (0u32..).zip(blocks) {
        for next in &block.next {
            previous[*next as usize].push(index);
        }
    }
    let mut work: Vec<u32> = (0..blocks.len() as u32).collect();
    let mut queued = vec![true; blocks.len()];
    while let Some(block) = work.pop() {
        let block = block as usize;
        queued[block] = false;
        let mut grew = false;
        for word in 0..count.div_ceil(64) {
            let out = blocks[block]
                .next
                .iter()
                .fold(0, |out, next| out | live_in.row(*next as usize)[word]);
            live_out.row_mut(block)[word] = out;
            let gained = out & !kill.row(block)[word] & !live_in.row(block)[word];
            if gained != 0 {
                live_in.row_mut(block)[word] |= gained;
                grew = true;
            }
        }
        if grew {
            for before in &previous[block] {
                if !std::mem::replace(&mut queued[*before as usize], true) {
                    work.push(*before);
                }
            }
        }
    }
    (live_in, live_out)
}

/// Positions: node `i` reads at `2i` and writes at `2i + 1`; an early node the other way round.
fn spans(draft: &Draft, blocks: &[Block], number: &[u32], live: [&Sets; 2]) -> Spans {
    let [live_in, live_out] = live;
    let count = number.iter().filter(|number| **number != u32::MAX).count();
    let mut spans: Spans = vec![None; draft.classes.len()];
    let touch = |spans: &mut Spans, reg: usize, at: u32| {
        let span = spans[reg].get_or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
    };
    for block in blocks {
        for index in block.start..block.end {
            let node = &draft.nodes[index as usize];
            visit(draft, node, |reg, def| {
                touch(
                    &mut spans,
                    reg.0 as usize,
                    2 * index + u32::from(def != node.early),
                );
                if def {
                    touch(&mut spans, reg.0 as usize, 2 * index + 1);
                }
            });
        }
    }
    let mut reg_of = vec![0; count];
    for (reg, number) in number.iter().enumerate() {
        if *number != u32::MAX {
            reg_of[*number as usize] = reg;
        }
    }
    for (index, block) in blocks.iter().enumerate() {
        for (sets, at) in [(live_in, block.start), (live_out, block.end)] {
            for (word, bits) in sets.row(index).iter().enumerate() {
                let mut rest = *bits;
                while rest != 0 {
                    let number = word * 64 + rest.trailing_zeros() as usize;
                    touch(&mut spans, reg_of[number], 2 * at);
                    rest &= rest - 1;
                }
            }
        }
    }
    spans
}

fn scan(draft: &Draft, spans: &Spans) -> Places {
    let mut order: Vec<u32> = (0..spans.len() as u32)
        .filter(|reg| spans[*reg as usize].is_some())
        .collect();
    order.sort_unstable_by_key(|reg| spans[*reg as usize]);
    let mut index_of = vec![0u32; spans.len()];
    let mut counts = [0u32; 3];
    let mut free: [Vec<u32>; 3] = Default::default();
    let mut active: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    let (mut held, mut held_max) = (0, 0);
    let weight = |class: Class| class.bytes() / 128;
    for reg in order {
        let Some((start, end)) = spans[reg as usize] else {
            continue;
        };
        while let Some(Reverse((last, old))) = active.peek().copied() {
            if last >= start {
                break;
            }
            active.pop();
            let class = draft.classes[old as usize];
            free[class as usize].push(index_of[old as usize]);
            held -= weight(class);
        }
        let class = draft.classes[reg as usize];
        index_of[reg as usize] = free[class as usize].pop().unwrap_or_else(|| {
            counts[class as usize] += 1;
            counts[class as usize] - 1
        });
        held += weight(class);
        held_max = held_max.max(held);
        active.push(Reverse((end, reg)));
    }
    let starts = layout(counts);
    let offset = |reg: usize| {
        let class = draft.classes[reg];
        starts[class as usize] + index_of[reg] * class.bytes()
    };
    Places {
        offsets: (0..spans.len())
            .map(|reg| spans[reg].map_or(0, |_| offset(reg)))
            .collect(),
        window_bytes: starts[3],
        registers: held_max,
        dying: Vec::new(),
    }
}

/// Where the rows of each class start, and where all end: predicates, then 32, then 64 bits.
fn layout(counts: [u32; 3]) -> [u32; 4] {
    let w32 = (counts[0] * Class::Pred.bytes()).next_multiple_of(64);
    let w64 = w32 + counts[1] * Class::W32.bytes();
    [0, w32, w64, w64 + counts[2] * Class::W64.bytes()]
}
