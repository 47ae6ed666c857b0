//! Where the shared variables of a kernel and its callees lie. Read [`SharedLayout`].

use std::collections::HashMap;

use super::{Reached, module::Symbols};
use crate::ptx::{AddressBase, Operand, Space, VarId, Variable};

/// Offsets in the shared memory of a block.
#[derive(Debug, Default)]
pub(super) struct SharedLayout {
    /// Module-level variables.
    globals: HashMap<String, u32>,
    /// Variables of functions, by function name.
    locals: HashMap<(String, VarId), u32>,
    /// Bytes of all variables with a size; the others start here.
    pub(super) static_bytes: u32,
}

impl SharedLayout {
    /// Lays out what the functions use.
    pub(super) fn new(functions: &[Reached<'_>], symbols: &Symbols) -> Self {
        let mut layout = Self::default();
        let mut unsized_globals = Vec::new();
        let mut unsized_locals = Vec::new();
        let mut unsized_align = 16;
        for reached in functions {
            for (index, variable) in (0u32..).zip(&reached.body.variables) {
                if variable.space != Space::Shared {
                    continue;
                }
                let key = (reached.function.name.to_owned(), VarId(index));
                if variable.is_unsized() {
                    unsized_align = unsized_align.max(variable.align);
                    unsized_locals.push(key);
                    continue;
                }
                let at = layout.reserve(size_of_variable(variable), variable.align);
                layout.locals.insert(key, at);
            }
            for name in names(reached) {
                let Some(entry) = symbols.globals.get(name) else {
                    continue;
                };
                if entry.space != Space::Shared || layout.globals.contains_key(name) {
                    continue;
                }
                if entry.bytes == 0 {
                    unsized_align = unsized_align.max(entry.align);
                    unsized_globals.push(name.to_owned());
                    continue;
                }
                let bytes = u32::try_from(entry.bytes).unwrap_or(u32::MAX);
                let at = layout.reserve(bytes, entry.align);
                layout.globals.insert(name.to_owned(), at);
            }
        }
        if !unsized_globals.is_empty() || !unsized_locals.is_empty() {
            layout.reserve(0, unsized_align);
        }
        let end = layout.static_bytes;
        layout
            .globals
            .extend(unsized_globals.into_iter().map(|name| (name, end)));
        layout
            .locals
            .extend(unsized_locals.into_iter().map(|key| (key, end)));
        layout
    }

    /// Where the module-level variable `name` is.
    pub(super) fn global(&self, name: &str) -> Option<u32> {
        self.globals.get(name).copied()
    }

    /// Where a variable of `function` is.
    pub(super) fn local(&self, function: &str, variable: VarId) -> Option<u32> {
        self.locals.get(&(function.to_owned(), variable)).copied()
    }

    fn reserve(&mut self, bytes: u32, align: u32) -> u32 {
        let align = align.max(1);
        let at = self.static_bytes.saturating_add(align - 1) / align * align;
        self.static_bytes = at.saturating_add(bytes);
        at
    }
}

fn size_of_variable(variable: &Variable<'_>) -> u32 {
    u32::try_from(variable.size_bytes()).unwrap_or(u32::MAX)
}

/// Module-level names in the operands of a body.
fn names<'a>(reached: &Reached<'a>) -> Vec<&'a str> {
    let mut names = Vec::new();
    let operands = reached.body.instructions.iter().flat_map(|i| &i.operands);
    let mut rest: Vec<&Operand<'a>> = operands.collect();
    while let Some(operand) = rest.pop() {
        match operand {
            Operand::Global(name, _) | Operand::Address(AddressBase::Global(name), _) => {
                names.push(*name);
            }
            Operand::Vector(list) | Operand::List(list) | Operand::Bracketed(list) => {
                rest.extend(list);
            }
            _ => {}
        }
    }
    names.sort_unstable();
    names
}
