//! Ops before their registers have places: virtual registers, labels, lists. Read [`Draft`], one
//! function being lowered; `places` gives the registers places and `assemble` makes ops of it.

use crate::ptx::LabelId;

use super::{
    super::{compile::Template, op::OpFn},
    uniform::Often,
};

/// A virtual register; its class is in [`Draft::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::exec) struct Reg(pub(super) u32);

/// How a register is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// A bit a lane.
    Pred,
    /// A row of `u32`.
    W32,
    /// A row of `u64`.
    W64,
}

impl Class {
    /// Bytes of a row.
    pub(super) fn bytes(self) -> u32 {
        match self {
            Class::Pred => 4,
            Class::W32 => 128,
            Class::W64 => 256,
        }
    }
}

/// What goes into a slot of an op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum Ref {
    /// Nothing reads the slot.
    None,
    /// A register that is read.
    Use(Reg),
    /// A register that is written.
    Def(Reg),
    /// A slot of the constants.
    Const(u32),
    /// A number that is no slot.
    Raw(u32),
    /// A branch target.
    Label(LabelId),
    /// A function of the program.
    Function(u32),
    /// The start of the op's list.
    List,
    /// A new access site.
    Site,
}

/// Where control goes after an op.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::exec) enum Exit {
    /// To the next op.
    Next,
    /// To one of the labels; also to the next op if the flag says so.
    Labels(Vec<LabelId>, bool),
    /// Nowhere; to the next op if the flag says so.
    End(bool),
}

/// One op to be.
#[derive(Debug, Clone)]
pub(in crate::exec) struct Node {
    pub(super) run: OpFn,
    pub(super) d: Ref,
    pub(super) a: Ref,
    pub(super) b: Ref,
    pub(super) c: Ref,
    pub(super) ext: Ref,
    /// Start and length in [`Draft::items`].
    pub(super) list: (u32, u32),
    pub(super) guard: Option<(Reg, bool)>,
    pub(super) imm: u64,
    /// `imm` is to be the address of the next op.
    pub(super) wants_next: bool,
    /// Destinations are written before all sources have been read.
    pub(super) early: bool,
    pub(super) exit: Exit,
    /// How often it has to be executed if its sources are uniform; if nobody says, the opcode decides.
    pub(super) often: Option<Often>,
    /// What it does, as far as the compiler knows.
    pub(super) template: Template,
    pub(super) line: u32,
}

impl Node {
    /// An op without operands.
    pub(in crate::exec) fn new(run: OpFn) -> Self {
        Self {
            run,
            d: Ref::None,
            a: Ref::None,
            b: Ref::None,
            c: Ref::None,
            ext: Ref::None,
            list: (0, 0),
            guard: None,
            imm: 0,
            wants_next: false,
            early: false,
            exit: Exit::Next,
            often: None,
            template: Template::Call,
            line: 0,
        }
    }

    pub(in crate::exec) fn d(mut self, d: Ref) -> Self {
        self.d = d;
        self
    }

    pub(super) fn a(mut self, a: Ref) -> Self {
        self.a = a;
        self
    }

    pub(super) fn b(mut self, b: Ref) -> Self {
        self.b = b;
        self
    }

    pub(super) fn c(mut self, c: Ref) -> Self {
        self.c = c;
        self
    }

    pub(super) fn ext(mut self, ext: Ref) -> Self {
        self.ext = ext;
        self
    }

    pub(in crate::exec) fn imm(mut self, imm: u64) -> Self {
        self.imm = imm;
        self
    }

    /// `imm` becomes the address of the op after this one.
    pub(super) fn wants_next(mut self) -> Self {
        self.wants_next = true;
        self
    }

    /// Destinations may not share a place with sources.
    pub(super) fn early(mut self) -> Self {
        self.early = true;
        self
    }

    pub(super) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The result depends on the sources and on what is the same for as many threads; there is no other
    /// effect.
    pub(in crate::exec) fn often(mut self, often: Often) -> Self {
        self.often = Some(often);
        self
    }

    /// The slots.
    pub(super) fn slots(&self) -> [Ref; 5] {
        [self.d, self.a, self.b, self.c, self.ext]
    }

    pub(super) fn slots_mut(&mut self) -> [&mut Ref; 5] {
        [
            &mut self.d,
            &mut self.a,
            &mut self.b,
            &mut self.c,
            &mut self.ext,
        ]
    }
}

/// One function being lowered.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) nodes: Vec<Node>,
    pub(super) items: Vec<Ref>,
    pub(super) classes: Vec<Class>,
    /// For each label the node it precedes.
    pub(super) labels: Vec<u32>,
}

impl Draft {
    /// A new register.
    pub(super) fn reg(&mut self, class: Class) -> Reg {
        self.classes.push(class);
        Reg(self.classes.len() as u32 - 1)
    }

    pub(super) fn class(&self, reg: Reg) -> Class {
        self.classes[reg.0 as usize]
    }

    /// What a node's list holds.
    pub(super) fn list(&self, node: &Node) -> &[Ref] {
        let (start, len) = node.list;
        &self.items[start as usize..(start + len) as usize]
    }
}
