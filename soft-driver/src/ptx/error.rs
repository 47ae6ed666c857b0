//! Why PTX text was refused, with the place. Read [`PtxError`].

use thiserror::Error;

/// A refusal of PTX text. Lines and columns count from 1 in the whole module's text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PtxError {
    /// The text does not follow the grammar.
    #[error("parse PTX at line {line}, column {column}: expected {expected}, found {found}")]
    Syntax {
        /// Line of the offending word.
        line: u32,
        /// Column of the offending word.
        column: u32,
        /// What would have been accepted.
        expected: &'static str,
        /// What stood there, shortened.
        found: String,
    },
    /// A name is used that nothing declares.
    #[error("resolve '{name}' in PTX at line {line}, column {column}: nothing declares it")]
    UnknownName {
        /// Line of the use.
        line: u32,
        /// Column of the use.
        column: u32,
        /// The name, shortened.
        name: String,
    },
    /// Something exceeds a limit of this parser.
    #[error("parse PTX at line {line}, column {column}: more than {max} {what}")]
    TooMany {
        /// Line where the limit was met.
        line: u32,
        /// Column where the limit was met.
        column: u32,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        max: u64,
    },
}

/// Words of the text quoted in messages are cut to this many characters.
const QUOTE_CHARS_MAX: usize = 40;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl PtxError {
    pub(super) fn syntax(line: u32, column: u32, expected: &'static str, found: &str) -> Self {
        let found = match shortened(found) {
            empty if empty.is_empty() => "the end".to_owned(),
            found => format!("'{found}'"),
        };
        Self::Syntax {
            line,
            column,
            expected,
            found,
        }
    }

    pub(super) fn unknown_name(line: u32, column: u32, name: &str) -> Self {
        Self::UnknownName {
            line,
            column,
            name: shortened(name),
        }
    }
}
