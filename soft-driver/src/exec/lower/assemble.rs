//! From drafts to a program: places become slots, labels become addresses. Read [`Assembler`].

use std::collections::HashMap;

use super::{
    code::{Draft, Exit, Node, Ref},
    places::{Places, place},
    uniform::{Hoisted, hoist},
    units::{mark, unit},
};
use crate::exec::{
    access::NO_SLOT,
    error::ExecError,
    op::{GuardSlot, Op, Slot},
    program::{FunctionCode, Program},
    rows::AlignedBytes,
    warp::under_guard,
};

/// Ops of a program.
const OPS_MAX: u64 = 16 << 20;
/// Bytes of registers of one function.
const WINDOW_MAX: u64 = 16 << 20;

/// Collects the functions of a program and its constants.
pub(super) struct Assembler {
    program: Program,
    constants: Vec<u8>,
    known: HashMap<(u64, u32), u32>,
}

impl Assembler {
    /// The first constant is the predicate "all lanes", as `GuardSlot::ALWAYS` says.
    pub(super) fn new() -> Self {
        let mut assembler = Self {
            program: Program::default(),
            constants: Vec::new(),
            known: HashMap::new(),
        };
        assembler.pred(true);
        assembler
    }

    /// A predicate that is the same in all lanes.
    pub(super) fn pred(&mut self, value: bool) -> u32 {
        let bits = if value { u32::MAX } else { 0 };
        self.constant(u64::from(bits), 4, 1)
    }

    /// A row of equal 32-bit values.
    pub(super) fn row32(&mut self, bits: u32) -> u32 {
        self.constant(u64::from(bits), 4, 32)
    }

    /// A row of equal 64-bit values.
    pub(super) fn row64(&mut self, bits: u64) -> u32 {
        self.constant(bits, 8, 32)
    }

    fn constant(&mut self, bits: u64, width: usize, count: u32) -> u32 {
        let key = (bits, width as u32 * count);
        if let Some(slot) = self.known.get(&key) {
            return *slot;
        }
        let at = self.constants.len();
        for _ in 0..count {
            self.constants.extend(&bits.to_le_bytes()[..width]);
        }
        self.constants
            .resize(self.constants.len().next_multiple_of(64), 0);
        let slot = at as u32 | 1;
        self.known.insert(key, slot);
        slot
    }

    /// Appends a function.
    pub(super) fn add(
        &mut self,
        name: &str,
        mut draft: Draft,
        frame_bytes: u32,
    ) -> Result<(), ExecError> {
        let is_kernel = self.program.functions.is_empty();
        let hoisted = is_kernel.then(|| hoist(&mut draft));
        let spans = mark(&mut draft, self.program.units.len());
        let draft = &draft;
        let places = place(draft);
        let base = self.program.ops.len() as u32;
        let limit = |what, value: u64, max| {
            let kernel = name.to_owned();
            let error = ExecError::TooLarge {
                kernel,
                what,
                value,
                max,
            };
            if value > max { Err(error) } else { Ok(()) }
        };
        let total = u64::from(base) + draft.nodes.len() as u64;
        limit("the number of instructions", total, OPS_MAX)?;
        let window = u64::from(places.window_bytes);
        limit("the size of its registers", window, WINDOW_MAX)?;
        for node in &draft.nodes {
            let op = self.op(draft, node, &places, base);
            self.program.ops.push(op);
            self.program.lines.push(node.line);
        }
        for span in spans {
            let unit = unit(draft, span, base + span.start as u32, &places);
            self.program.units.push(unit);
        }
        if let Some(hoisted) = hoisted {
            self.uniform(draft, &hoisted, &places);
        }
        debug_assert!(
            draft
                .nodes
                .last()
                .is_some_and(|last| matches!(last.exit, Exit::End(false)))
        );
        self.program.registers = self.program.registers.max(places.registers);
        self.program.functions.push(FunctionCode {
            name: name.to_owned(),
            pc: base,
            window_bytes: places.window_bytes,
            frame_bytes,
        });
        Ok(())
    }

    /// Notes what is executed before the warps.
    fn uniform(&mut self, draft: &Draft, hoisted: &Hoisted, places: &Places) {
        for node in &hoisted.launch {
            let op = self.op(draft, node, places, 0);
            self.program.launch_ops.push(op);
        }
        for node in &hoisted.block {
            let op = self.op(draft, node, places, 0);
            self.program.block_ops.push(op);
        }
        self.program.uniform_bytes = hoisted.bytes;
        self.program.n_hoisted = hoisted.n_counted;
    }

    fn op(&mut self, draft: &Draft, node: &Node, places: &Places, base: u32) -> Op {
        let list_start = self.program.lists.len() as u32;
        for item in draft.list(node) {
            let word = self.word(*item, draft, places, (base, list_start));
            self.program.lists.push(word);
        }
        let mut slot = |item| Slot(self.word(item, draft, places, (base, list_start)));
        let guard = node.guard.map_or(GuardSlot::ALWAYS, |(reg, negated)| {
            GuardSlot::new(Slot(places.offsets[reg.0 as usize]), negated)
        });
        let wrapped = node.guard.is_some() && node.exit == Exit::Next;
        Op {
            run: if wrapped { under_guard } else { node.run },
            inner: node.run,
            d: slot(node.d),
            a: slot(node.a),
            b: slot(node.b),
            c: slot(node.c),
            guard,
            ext: slot(node.ext).0,
            imm: if node.wants_next {
                u64::from(self.program.ops.len() as u32 + 1)
            } else {
                node.imm
            },
        }
    }

    fn word(&mut self, item: Ref, draft: &Draft, places: &Places, at: (u32, u32)) -> u32 {
        let (base, list_start) = at;
        match item {
            Ref::None => NO_SLOT,
            Ref::Use(reg) | Ref::Def(reg) => places.offsets[reg.0 as usize],
            Ref::Const(slot) => slot,
            Ref::Raw(word) => word,
            Ref::Label(label) => base + draft.labels[label.0 as usize],
            Ref::Function(index) => index,
            Ref::List => list_start,
            Ref::Site => {
                self.program.n_sites += 1;
                self.program.n_sites - 1
            }
        }
    }

    /// The program, its functions' calls resolved.
    pub(super) fn finish(mut self) -> Program {
        self.program.constants = AlignedBytes::zeroed(self.constants.len());
        self.program.constants.write(0, &self.constants);
        self.program
    }
}
