//! What lowering knows of the module: its functions, and where its variables are. Read [`Symbols`].

use std::collections::HashMap;

use crate::ptx::{Function, Module, ScalarType, Space, Span};

/// A module-level variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::exec) struct GlobalEntry {
    /// Its state space.
    pub(in crate::exec) space: Space,
    /// The type of its elements.
    pub(in crate::exec) ty: ScalarType,
    /// Its address, for `.global` and `.const`.
    pub(in crate::exec) address: Option<u64>,
    /// Its size; 0 if unsized.
    pub(in crate::exec) bytes: u64,
    /// Its alignment.
    pub(in crate::exec) align: u32,
    /// Declared elsewhere, or without a size.
    pub(in crate::exec) is_extern: bool,
}

/// A function of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) struct FunctionEntry {
    /// Position among the module's functions, which its address derives from.
    pub(in crate::exec) index: usize,
    /// Where its text is.
    pub(in crate::exec) span: Span,
    /// Whether it has a body.
    pub(in crate::exec) has_body: bool,
}

/// Names of a module.
#[derive(Debug, Default)]
pub(in crate::exec) struct Symbols {
    /// Variables.
    pub(in crate::exec) globals: HashMap<String, GlobalEntry>,
    /// Functions and kernels.
    pub(in crate::exec) functions: HashMap<String, FunctionEntry>,
    /// Functions named in the initial values of variables.
    pub(in crate::exec) addressed: Vec<String>,
}

impl Symbols {
    /// The functions of `module`; definitions win over declarations.
    pub(in crate::exec) fn functions_of(module: &Module<'_>) -> HashMap<String, FunctionEntry> {
        let mut functions = HashMap::new();
        for (index, function) in module.functions.iter().enumerate() {
            let chosen = module.function(function.name);
            if chosen.is_some_and(|chosen| chosen.span == function.span) {
                functions.insert(function.name.to_owned(), entry(index, function));
            }
        }
        for (alias, target) in &module.aliases {
            if let Some(function) = functions.get(*target).copied() {
                functions.insert((*alias).to_owned(), function);
            }
        }
        functions
    }
}

fn entry(index: usize, function: &Function<'_>) -> FunctionEntry {
    FunctionEntry {
        index,
        span: function.span,
        has_body: function.body.is_some(),
    }
}
