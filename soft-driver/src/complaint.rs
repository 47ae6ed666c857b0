//! What the compiler has to say of an image that it refuses, for the caller's error log. It reaches
//! the log of the program too. Read [`note`] first.

use std::cell::Cell;

use crate::exec::ExecError;
use crate::ptx::PtxError;

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
