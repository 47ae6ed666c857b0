//! What the compiler has to say of an image that it refuses, for the caller's error log. It reaches
//! the log of the program too. Read [`note`] first.

use std::cell::Cell;

use rigel_protocol::{CuError, CuResult};

use crate::exec::ExecError;
use crate::ptx::{Module, PtxError};

/// Functions of longer texts are not read for their mistakes.
const CHECKED_BYTES_MAX: usize = 4 << 20;

thread_local! {
    /// Of this thread's last load or link.
    static LAST: Cell<Option<String>> = const { Cell::new(None) };
}

/// Forgets what was said of an earlier image.
pub(crate) fn clear() {
    LAST.take();
}

/// Keeps what is wrong with an image, as an assembler of PTX would say it.
pub(crate) fn note(error: &(impl std::error::Error + ?Sized)) {
    LAST.set(Some(told("", error)));
}

/// As [`note`], with the line.
pub(crate) fn note_of_text(error: &ExecError) {
    let line = match error {
        ExecError::Ptx(
            PtxError::Syntax { line, .. }
            | PtxError::UnknownName { line, .. }
            | PtxError::TooMany { line, .. },
        )
        | ExecError::Unsupported { line, .. } => format!(", line {line}"),
        _ => String::new(),
    };
    LAST.set(Some(told(&line, error)));
}

/// Reads a text, and its functions unless it is large, and keeps what is wrong.
pub(crate) fn check(text: &str) -> CuResult<()> {
    let read = || {
        let module = Module::parse(text)?;
        if text.len() <= CHECKED_BYTES_MAX {
            for function in &module.functions {
                if function.body.is_some() {
                    function.parse_body()?;
                }
            }
        }
        Ok(())
    };
    read().map_err(|error: PtxError| {
        tracing::error!("failed to {error}");
        note_of_text(&ExecError::from(error));
        CuError::INVALID_PTX
    })
}

/// What was said, once.
pub(crate) fn take() -> Option<String> {
    LAST.take()
}

fn told(line: &str, error: &(impl std::error::Error + ?Sized)) -> String {
    format!(
        "ptxas application ptx input{line}; error   : failed to {error}\n\
         ptxas fatal   : Ptx assembly aborted due to errors"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_finds_a_mistake_in_a_body() {
        let head = ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n";
        assert_eq!(check(&format!("{head}ret;\n}}\n")), Ok(()));
        let wrong = check(&format!("{head}foo bar\nret\n}}\n"));
        assert_eq!(wrong, Err(CuError::INVALID_PTX));
        assert!(take().unwrap().contains("line "));
    }

    #[test]
    fn complaint_names_the_line_and_is_told_once() {
        clear();
        assert!(take().is_none());
        let error = PtxError::Syntax {
            line: 7,
            column: 3,
            expected: "a register",
            found: "'foo'".to_owned(),
        };
        note_of_text(&error.into());
        let text = take().unwrap();
        assert!(text.contains("line 7;") && text.contains("'foo'"), "{text}");
        assert!(take().is_none());
    }
}
