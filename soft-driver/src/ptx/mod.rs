//! PTX text to a syntax tree: zero-copy, tolerant, and lazy per function. It knows the grammar
//! and the names in scope, not the meaning of instructions: unknown opcodes are kept as text for
//! `exec` to refuse. Read [`Module`] first.

mod ast;
mod body;
mod constant;
mod cursor;
mod declare;
mod error;
mod lexer;
mod module;
mod operand;
mod scope;
mod types;

pub use ast::*;
pub use declare::UnresolvedSymbol;
pub use error::PtxError;
pub use types::{
    Component, Linkage, RegPart, ScalarSpecial, ScalarType, Space, SpecialReg, TypeKind,
};
