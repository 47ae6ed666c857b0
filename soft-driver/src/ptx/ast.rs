//! The syntax tree of PTX. Names borrow from the text (`'a`); nothing is evaluated except constant
//! expressions, and nothing of an instruction's meaning is checked. Read [`Module`] first, then
//! [`Instruction`].
//!
//! [`Module::parse`] reads declarations only and skips function bodies;
//! [`Function::parse_body`] reads one body when it is needed. An owner of the text that cannot hold
//! borrows keeps each function's [`Span`] and calls [`Function::parse_at`].

use std::collections::HashMap;

use super::types::{Linkage, RegPart, ScalarType, Space, SpecialReg};

/// Registers have plain scalar types; a vector register is one register a component.
pub type RegType = ScalarType;

/// One PTX module: its header and its declarations.
#[derive(Debug, Clone, PartialEq)]
pub struct Module<'a> {
    /// `.version`, major and minor.
    pub version: (u8, u8),
    /// `.target`.
    pub target: Target<'a>,
    /// `.address_size` in bits; 32 where the module does not say.
    pub address_size: u8,
    /// Module-level variables in order of appearance.
    pub globals: Vec<Variable<'a>>,
    /// Functions and kernels in order of appearance, prototypes included.
    pub functions: Vec<Function<'a>>,
    /// `.alias` directives: the alias, then the function it stands for.
    pub aliases: Vec<(&'a str, &'a str)>,
    /// Function names, each to the entry of `functions` that defines (else declares) it.
    pub(super) by_name: HashMap<&'a str, usize>,
}

/// The architecture a module was compiled for, for example `sm_90a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The number: 90 for `sm_90a`.
    pub sm: u32,
    /// The suffix: `a` (that architecture only), `f` (its family) or nothing.
    pub suffix: &'a str,
}

/// A place in the module's text, from the first byte of a function's declaration past its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Byte offset of the first directive of the declaration.
    pub start: usize,
    /// Byte offset past the closing brace or semicolon.
    pub end: usize,
    /// Line of `start`, counted from 1.
    pub line: u32,
}

/// A variable, of the module or of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable<'a> {
    /// Where it lives.
    pub space: Space,
    /// Its name; names of nested blocks may repeat, [`VarId`]s do not.
    pub name: &'a str,
    /// Type of one element (of one component, for vectors).
    pub ty: ScalarType,
    /// Components of one element: 1, 2, 4 or 8.
    pub vector: u8,
    /// Alignment in bytes: as declared, else natural.
    pub align: u32,
    /// Array dimensions; empty for a scalar, 0 for an unsized `[]`.
    pub dims: Vec<u64>,
    /// Initial values; elements not named here are zero.
    pub init: Vec<InitElement<'a>>,
    /// Linking directive.
    pub linkage: Linkage,
    /// `.attribute(.managed)`.
    pub managed: bool,
    /// Line of the declaration.
    pub line: u32,
}

/// One initial value of a variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InitElement<'a> {
    /// Scalar index in row-major order, vector components counted separately.
    pub index: u64,
    /// The value.
    pub value: InitItem<'a>,
}

/// An initial value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InitItem<'a> {
    /// An integer, two's complement, to be cut to the element's width.
    Int(u64),
    /// A floating point number, to be rounded to the element's type.
    Float(f64),
    /// Exact single precision bits (`0fXXXXXXXX`).
    F32Bits(u32),
    /// Exact double precision bits (`0dXXXXXXXXXXXXXXXX`).
    F64Bits(u64),
    /// The address of a variable or function.
    Symbol {
        /// Its name.
        name: &'a str,
        /// Bytes added to the address.
        addend: i64,
        /// `generic(name)`: the generic address rather than the one within the state space.
        generic: bool,
        /// `0xFF00(name)`: only these bits, shifted down to bit 0.
        mask: Option<u64>,
    },
}

/// A parameter or return value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its name; `_` in prototypes.
    pub name: &'a str,
    /// [`Space::Param`] or [`Space::Reg`].
    pub space: Space,
    /// Type of one element.
    pub ty: ScalarType,
    /// Components of one element.
    pub vector: u8,
    /// Alignment in bytes: as declared, else natural.
    pub align: u32,
    /// Array dimensions; empty for a scalar.
    pub dims: Vec<u64>,
}

/// Where a parameter lies in the parameter buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamSlot {
    /// Bytes from the start of the buffer.
    pub offset: u32,
    /// Bytes.
    pub size: u32,
}

/// Whether the host may launch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// `.entry`: a kernel.
    Entry,
    /// `.func`: called from the device.
    Func,
}

/// A function or kernel: its declaration, and where its body is.
#[derive(Debug, Clone, PartialEq)]
pub struct Function<'a> {
    /// Kernel or device function.
    pub kind: FunctionKind,
    /// Its name.
    pub name: &'a str,
    /// Linking directive.
    pub linkage: Linkage,
    /// Return values, in `.reg` or `.param` space.
    pub returns: Vec<Param<'a>>,
    /// Parameters, in `.reg` or `.param` space.
    pub params: Vec<Param<'a>>,
    /// Launch bounds and the like.
    pub directives: Directives<'a>,
    /// The body; a prototype has none.
    pub body: Option<BodyText<'a>>,
    /// Line of the declaration.
    pub line: u32,
    /// Place of declaration and body in the module's text.
    pub span: Span,
}

/// Performance and cluster directives of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives<'a> {
    /// `.maxntid`
    pub max_ntid: Option<[u32; 3]>,
    /// `.reqntid`
    pub req_ntid: Option<[u32; 3]>,
    /// `.minnctapersm`
    pub min_ncta_per_sm: Option<u32>,
    /// `.maxnctapersm`
    pub max_ncta_per_sm: Option<u32>,
    /// `.maxnreg`
    pub max_nreg: Option<u32>,
    /// `.noreturn`
    pub noreturn: bool,
    /// `.explicitcluster`
    pub explicit_cluster: bool,
    /// `.reqnctapercluster`
    pub req_ncta_per_cluster: Option<[u32; 3]>,
    /// `.maxclusterrank`
    pub max_cluster_rank: Option<u32>,
    /// `.pragma` strings between the parameters and the body.
    pub pragmas: Vec<&'a str>,
}

/// The text between a function's outer braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyText<'a> {
    /// The text, without the braces.
    pub text: &'a str,
    /// Line on which `text` starts.
    pub line: u32,
    /// Column at which `text` starts.
    pub column: u32,
}

/// A register of a [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegId(pub u32);

/// A variable of a [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// A label of a [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u32);

/// A parsed function body. Ids index the vectors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body<'a> {
    /// The registers that instructions use, by [`RegId`]; declared but unused ones are absent.
    pub registers: Vec<Register<'a>>,
    /// `.local`, `.shared`, `.param`, … declared inside, by [`VarId`].
    pub variables: Vec<Variable<'a>>,
    /// The instructions in order.
    pub instructions: Vec<Instruction<'a>>,
    /// Labels, by [`LabelId`].
    pub labels: Vec<Label<'a>>,
    /// `.branchtargets` and `.calltargets` tables, by the index in [`Operand::Targets`].
    pub branch_targets: Vec<TargetTable<'a>>,
    /// `.callprototype` declarations, by the index in [`Operand::Prototype`].
    pub prototypes: Vec<Prototype<'a>>,
    /// For each parameter in `.reg` space its register.
    pub param_registers: Vec<Option<RegId>>,
    /// For each return value in `.reg` space its register.
    pub return_registers: Vec<Option<RegId>>,
}

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Register<'a> {
    /// Its name; a component of a vector register has the vector's name.
    pub name: &'a str,
    /// Its type.
    pub ty: RegType,
}

/// A label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label<'a> {
    /// Its name; names of nested blocks may repeat.
    pub name: &'a str,
    /// Index of the instruction it precedes; the number of instructions at the end of the body.
    pub target: u32,
}

/// A `.branchtargets` or `.calltargets` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetTable<'a> {
    /// Its label.
    pub name: &'a str,
    /// Branch targets in order; empty for `.calltargets`.
    pub labels: Vec<LabelId>,
    /// Call targets in order; empty for `.branchtargets`.
    pub functions: Vec<&'a str>,
}

/// A `.callprototype` declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prototype<'a> {
    /// Its label.
    pub name: &'a str,
    /// Return values.
    pub returns: Vec<Param<'a>>,
    /// Parameters.
    pub params: Vec<Param<'a>>,
    /// `.noreturn`
    pub noreturn: bool,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction<'a> {
    /// The predicate in `@p` or `@!p`.
    pub guard: Option<Guard>,
    /// The opcode up to the first dot, for example `setp`.
    pub opcode: &'a str,
    /// What follows the opcode, for example `lt`, `and`, `s32`.
    pub modifiers: Modifiers<'a>,
    /// Operands in order. A `call` always has the return list, the callee and the argument list
    /// (lists may be empty), then the prototype or target table if one is named.
    pub operands: Vec<Operand<'a>>,
    /// Line in the module's text.
    pub line: u32,
}

/// A guard predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// The predicate register.
    pub reg: RegId,
    /// `@!p`
    pub negated: bool,
}

/// The dotted words after an opcode, kept as one piece of text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Modifiers<'a>(pub(super) &'a str);

/// An operand.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand<'a> {
    /// A register.
    Reg(RegId),
    /// `d|p`: two destinations, `None` where the text says `_`.
    RegPair(Option<RegId>, Option<RegId>),
    /// `!p`
    NotReg(RegId),
    /// `-r`, only where old PTX allowed it.
    NegReg(RegId),
    /// `r.b0`, `r.h1`: part of a register, in the scalar video instructions.
    Part(RegId, RegPart),
    /// A constant.
    Imm(Imm),
    /// A special register.
    Special(SpecialReg),
    /// `_`
    Sink,
    /// The address of a function-local variable, plus bytes.
    Local(VarId, i64),
    /// The address of a module-level variable or function, plus bytes.
    Global(&'a str, i64),
    /// The address of a parameter (`mov.b64 %rd, param`), plus bytes.
    Param(ParamRef, i64),
    /// The callee of a `call`.
    Function(&'a str),
    /// A branch target.
    Label(LabelId),
    /// `[base+offset]`
    Address(AddressBase<'a>, i64),
    /// `{a, b, …}`
    Vector(Vec<Operand<'a>>),
    /// `(a, b, …)`: return values or arguments of a call.
    List(Vec<Operand<'a>>),
    /// `[a, b, …]`: a texture, surface or tensor with its coordinates; each part as it would read
    /// on its own, so a name is `Global` and a register `Reg`.
    Bracketed(Vec<Operand<'a>>),
    /// A table of `branch_targets`.
    Targets(u32),
    /// An entry of `prototypes`.
    Prototype(u32),
}

/// A parameter or return value of the function that a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParamRef {
    /// Index into [`Function::params`].
    Input(u32),
    /// Index into [`Function::returns`].
    Return(u32),
}

/// What an address is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressBase<'a> {
    /// A register.
    Reg(RegId),
    /// A function-local variable.
    Local(VarId),
    /// A module-level variable.
    Global(&'a str),
    /// A parameter or return value of this function.
    Param(ParamRef),
    /// Nothing: the offset is the address.
    Absolute,
}

/// A constant operand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Imm {
    /// An integer, two's complement in 64 bits.
    Int(u64),
    /// A decimal floating point number.
    Float(f64),
    /// `0fXXXXXXXX`
    F32Bits(u32),
    /// `0dXXXXXXXXXXXXXXXX`
    F64Bits(u64),
}

impl<'a> Module<'a> {
    /// The function or kernel called `name`; its definition where the module has one.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function<'a>> {
        self.by_name.get(name).map(|index| &self.functions[*index])
    }

    /// The module-level variable called `name`; its definition where the module has one.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<&Variable<'a>> {
        let mut named = self.globals.iter().filter(|variable| variable.name == name);
        let first = named.next()?;
        if first.linkage != Linkage::Extern {
            return Some(first);
        }
        Some(
            named
                .find(|variable| variable.linkage != Linkage::Extern)
                .unwrap_or(first),
        )
    }

    /// The kernels with a body, in order.
    pub fn kernels(&self) -> impl Iterator<Item = &Function<'a>> {
        self.functions
            .iter()
            .filter(|f| f.kind == FunctionKind::Entry && f.body.is_some())
    }
}

/// Elements of an array with these dimensions, `None` beyond 64 bits.
fn element_count(dims: &[u64]) -> Option<u64> {
    dims.iter()
        .try_fold(1u64, |count, dim| count.checked_mul(*dim))
}

fn byte_size(ty: ScalarType, vector: u8, dims: &[u64]) -> Option<u64> {
    let element = u64::from(ty.size_bytes()) * u64::from(vector);
    element_count(dims)?.checked_mul(element)
}

impl Variable<'_> {
    /// Bytes it occupies; 0 when unsized. Saturates where a hostile module overflows.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        byte_size(self.ty, self.vector, &self.dims).unwrap_or(u64::MAX)
    }

    /// Whether its size is decided elsewhere (`.extern .shared .b8 buffer[]`).
    #[must_use]
    pub fn is_unsized(&self) -> bool {
        self.dims.contains(&0)
    }
}

impl Param<'_> {
    /// Bytes it occupies. Saturates where a hostile module overflows.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        byte_size(self.ty, self.vector, &self.dims).unwrap_or(u64::MAX)
    }

    /// Where each parameter lies: in order, each at its alignment. `None` if they do not fit in
    /// 32 bits.
    #[must_use]
    pub fn layout(params: &[Param<'_>]) -> Option<Vec<ParamSlot>> {
        let mut end = 0u64;
        let mut slots = Vec::with_capacity(params.len());
        for param in params {
            let offset = end.checked_next_multiple_of(u64::from(param.align.max(1)))?;
            end = offset.checked_add(param.size_bytes())?;
            u32::try_from(end).ok()?;
            slots.push(ParamSlot {
                offset: u32::try_from(offset).ok()?,
                size: u32::try_from(param.size_bytes()).ok()?,
            });
        }
        Some(slots)
    }
}

impl<'a> Modifiers<'a> {
    /// The words in order, without dots; `shared::cta` is one word.
    pub fn iter(self) -> impl Iterator<Item = &'a str> + Clone {
        self.0.split('.').skip(1).map(str::trim)
    }

    /// Whether one of the words is `word`.
    #[must_use]
    pub fn has(self, word: &str) -> bool {
        self.iter().any(|modifier| modifier == word)
    }

    /// The word at `index`.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'a str> {
        self.iter().nth(index)
    }

    /// The last word, usually the type.
    #[must_use]
    pub fn last(self) -> Option<&'a str> {
        self.iter().last()
    }

    /// The words that are scalar types, in order: destination first in `cvt.f32.s32`.
    pub fn types(self) -> impl Iterator<Item = ScalarType> + Clone + use<'a> {
        self.iter().filter_map(ScalarType::parse)
    }

    /// How many words there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.iter().count()
    }

    /// The words with their dots, as written: `.lt.and.s32`.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl std::fmt::Debug for Modifiers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Instruction<'_> {
    /// Opcode and modifiers as written, for messages and histograms.
    #[must_use]
    pub fn form(&self) -> String {
        format!("{}{}", self.opcode, self.modifiers.0)
    }
}

impl Imm {
    /// The bits as an operand of an integer or untyped instruction.
    #[must_use]
    pub fn bits(self) -> u64 {
        match self {
            Imm::Int(bits) | Imm::F64Bits(bits) => bits,
            Imm::Float(value) => value.to_bits(),
            Imm::F32Bits(bits) => u64::from(bits),
        }
    }

    /// The value as an operand of an `f32` instruction.
    #[must_use]
    pub fn to_f32(self) -> f32 {
        match self {
            Imm::Int(bits) => bits as i64 as f32,
            Imm::Float(value) => value as f32,
            Imm::F32Bits(bits) => f32::from_bits(bits),
            Imm::F64Bits(bits) => f64::from_bits(bits) as f32,
        }
    }

    /// The value as an operand of an `f64` instruction.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Imm::Int(bits) => bits as i64 as f64,
            Imm::Float(value) => value,
            Imm::F32Bits(bits) => f64::from(f32::from_bits(bits)),
            Imm::F64Bits(bits) => f64::from_bits(bits),
        }
    }
}
