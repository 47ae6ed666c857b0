//! The names of a function body. Blocks nest and may redeclare names; labels may be used before
//! they are defined. Read [`Scopes`] first.
//!
//! A branch inside a block to a name that the block has not defined (yet) makes a label that is
//! open: defined later in the block, or, when the block ends, handed to the enclosing block.

use std::collections::HashMap;

use super::ast::{Label, LabelId, ParamRef, RegId, RegType, Register, VarId};
use super::error::PtxError;
use super::lexer::Token;
use super::types::ScalarType;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity {
    Register(RegId),
    /// A vector register: that many registers from the first on.
    VectorRegister(RegId, u8),
    Variable(VarId),
    Param(ParamRef),
    Targets(u32),
    Prototype(u32),
}

/// A declared range of registers: `%r<100>`.
#[derive(Debug, Clone, Copy)]
struct Range {
    count: u64,
    ty: RegType,
    vector: u8,
}

#[derive(Debug, Default)]
struct Scope<'a> {
    names: HashMap<&'a str, Entity>,
    /// Ranges by the part of the name before the number.
    ranges: HashMap<&'a str, Range>,
    labels: HashMap<&'a str, LabelId>,
}

#[derive(Debug, Clone, Copy)]
enum LabelState {
    /// Used at this line and column, not defined yet.
    Open(u32, u32),
    /// Defined before this instruction.
    Defined(u32),
    /// The same as a label of an enclosing block.
    Same(LabelId),
}

/// The open blocks, the innermost last, and what their names refer to.
#[derive(Debug)]
pub(super) struct Scopes<'a> {
    open: Vec<Scope<'a>>,
    pub(super) registers: Vec<Register<'a>>,
    labels: Vec<(&'a str, LabelState)>,
}

impl<'a> Scopes<'a> {
    /// One open block, that of the function.
    pub(super) fn new() -> Self {
        Self {
            open: vec![Scope::default()],
            registers: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// How many blocks are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    pub(super) fn enter(&mut self) {
        self.open.push(Scope::default());
    }

    /// Ends the innermost block; its open labels become the enclosing block's.
    pub(super) fn leave(&mut self) {
        let Some(ended) = self.open.pop() else { return };
        let Some(enclosing) = self.open.last_mut() else {
            return;
        };
        for (name, label) in ended.labels {
            let state = &mut self.labels[label.0 as usize].1;
            if let LabelState::Open(..) = state {
                let outer = *enclosing.labels.entry(name).or_insert(label);
                if outer != label {
                    *state = LabelState::Same(outer);
                }
            }
        }
    }

    fn innermost(&mut self) -> &mut Scope<'a> {
        // The function's own block is never left while names are declared.
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    pub(super) fn declare(&mut self, name: &'a str, entity: Entity) {
        self.innermost().names.insert(name, entity);
    }

    /// Declares one register, or one a component for a vector.
    pub(super) fn declare_register(&mut self, name: &'a str, ty: RegType, vector: u8) -> RegId {
        let (first, entity) = self.new_register(name, ty, vector);
        self.declare(name, entity);
        first
    }

    pub(super) fn declare_range(&mut self, prefix: &'a str, count: u64, ty: RegType, vector: u8) {
        self.innermost()
            .ranges
            .insert(prefix, Range { count, ty, vector });
    }

    fn new_register(&mut self, name: &'a str, ty: ScalarType, vector: u8) -> (RegId, Entity) {
        let first = RegId(self.registers.len() as u32);
        self.registers
            .extend((0..vector).map(|_| Register { name, ty }));
        let entity = match vector {
            1 => Entity::Register(first),
            components => Entity::VectorRegister(first, components),
        };
        (first, entity)
    }

    /// What `name` stands for here; registers of a range come into being at their first use.
    pub(super) fn find(&mut self, name: &'a str) -> Option<Entity> {
        for at in (0..self.open.len()).rev() {
            if let Some(entity) = self.open[at].names.get(name) {
                return Some(*entity);
            }
            if let Some(range) = self.open[at].range_of(name) {
                let (_, entity) = self.new_register(name, range.ty, range.vector);
                self.open[at].names.insert(name, entity);
                return Some(entity);
            }
        }
        None
    }

    /// The label that a branch to `name` here goes to.
    pub(super) fn use_label(&mut self, name: Token<'a>) -> LabelId {
        let fresh = LabelId(self.labels.len() as u32);
        let label = *self.innermost().labels.entry(name.text).or_insert(fresh);
        if label == fresh {
            self.labels
                .push((name.text, LabelState::Open(name.line, name.column)));
        }
        label
    }

    /// Defines a label before instruction `target`; `false` if this block has defined it before.
    pub(super) fn define_label(&mut self, name: Token<'a>, target: u32) -> bool {
        let label = self.use_label(name);
        let state = &mut self.labels[label.0 as usize].1;
        let open = matches!(state, LabelState::Open(..));
        if open {
            *state = LabelState::Defined(target);
        }
        open
    }

    /// All registers and labels, once the function's block is done.
    pub(super) fn finish(self) -> Result<(Vec<Register<'a>>, Vec<Label<'a>>), PtxError> {
        let mut labels = Vec::with_capacity(self.labels.len());
        for (name, state) in &self.labels {
            let mut state = *state;
            while let LabelState::Same(outer) = state {
                state = self.labels[outer.0 as usize].1;
            }
            match state {
                LabelState::Defined(target) => labels.push(Label { name, target }),
                LabelState::Open(line, column) => {
                    return Err(PtxError::unknown_name(line, column, name));
                }
                LabelState::Same(_) => {}
            }
        }
        Ok((self.registers, labels))
    }
}

impl Scope<'_> {
    /// The range that `name` belongs to: its prefix is declared and its number below the count.
    fn range_of(&self, name: &str) -> Option<Range> {
        if self.ranges.is_empty() {
            return None;
        }
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        // A prefix may itself end in digits: try the shortest first.
        (stem.len()..name.len()).find_map(|split| {
            let (prefix, number) = name.split_at(split);
            let range = self.ranges.get(prefix)?;
            let canonical = number == "0" || !number.starts_with('0');
            let number: u64 = number.parse().ok().filter(|_| canonical)?;
            (number < range.count).then_some(*range)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::TokenKind;
    use super::*;

    fn token(text: &str) -> Token<'_> {
        Token {
            kind: TokenKind::Word,
            text,
            start: 0,
            line: 1,
            column: 1,
        }
    }

    #[test]
    fn range_registers_exist_from_first_use_and_keep_their_id() {
        let mut scopes = Scopes::new();
        scopes.declare_range("%r", 12, ScalarType::B32, 1);
        let first = scopes.find("%r11");
        assert_eq!(first, Some(Entity::Register(RegId(0))));
        assert_eq!(scopes.find("%r0"), Some(Entity::Register(RegId(1))));
        assert_eq!(scopes.find("%r11"), first);
        for absent in ["%r12", "%r01", "%r", "%rd1", "%r99999999999999999999"] {
            assert_eq!(scopes.find(absent), None, "{absent}");
        }
    }

    #[test]
    fn range_prefix_may_end_in_digits() {
        let mut scopes = Scopes::new();
        scopes.declare_range("a1", 3, ScalarType::F32, 1);
        assert!(scopes.find("a12").is_some());
        assert!(scopes.find("a13").is_none());
    }

    #[test]
    fn inner_declaration_hides_outer_until_block_ends() {
        let mut scopes = Scopes::new();
        let outer = scopes.declare_register("x", ScalarType::B32, 1);
        scopes.enter();
        let inner = scopes.declare_register("x", ScalarType::F64, 1);
        assert_eq!(scopes.find("x"), Some(Entity::Register(inner)));
        scopes.leave();
        assert_eq!(scopes.find("x"), Some(Entity::Register(outer)));
    }

    #[test]
    fn labels_bind_to_the_innermost_definition() {
        let mut scopes = Scopes::new();
        assert!(scopes.define_label(token("L"), 1));
        scopes.enter();
        let inner = scopes.use_label(token("L"));
        let outward = scopes.use_label(token("M"));
        assert!(scopes.define_label(token("L"), 2));
        assert!(!scopes.define_label(token("L"), 3));
        scopes.leave();
        let outer = scopes.use_label(token("L"));
        let same = scopes.use_label(token("M"));
        assert!(scopes.define_label(token("M"), 9));
        let (_, labels) = scopes.finish().unwrap();
        let target = |label: LabelId| labels[label.0 as usize].target;
        assert_eq!((target(inner), target(outer)), (2, 1));
        assert_eq!((target(outward), target(same)), (9, 9));
    }

    #[test]
    fn label_never_defined_is_an_error() {
        let mut scopes = Scopes::new();
        scopes.enter();
        scopes.use_label(token("L"));
        scopes.leave();
        assert!(matches!(scopes.finish(), Err(PtxError::UnknownName { .. })));
    }
}
