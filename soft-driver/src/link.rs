//! The linker of `cuLink*`: PTX texts become one text, which loads like a cubin. Code is generated
//! when a module is loaded. Read [`link`].

use std::collections::HashSet;

use rigel_protocol::custom::{JitInput, JitOptions, LinkedImage};
use rigel_protocol::{CuError, CuResult};

use crate::complaint;
use crate::image::{EntryKind, Image, archive};

/// Functions that CUDA's device runtime library calls and the driver supplies.
const SYSCALLS: &str = include_str!("../share/syscalls.ptx");

/// How their names begin.
const SYSCALL_PREFIX: &str = "__cuda_syscall_CGS_";

/// Most bytes that a link may produce.
const LINKED_BYTES_MAX: usize = 1 << 30;

/// `CU_JIT_MAX_REGISTERS`.
const OPTION_MAX_REGISTERS: u32 = 0;

/// Begins the last line of a linked text: the registers that its kernels may use.
const LIMIT_NOTE: &str = "// --maxrregcount=";

/// Links inputs: the PTX of each, one after another, with the first one's header.
pub(crate) fn link(inputs: &[JitInput], jit: &JitOptions) -> CuResult<LinkedImage> {
    let mut linked = String::new();
    let mut declared = HashSet::new();
    for input in inputs {
        let text = ptx_of(input)?;
        if linked.len() + text.len() > LINKED_BYTES_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        append(&mut linked, &text, &mut declared);
    }
    if linked.is_empty() {
        return Err(CuError::INVALID_IMAGE);
    }
    // What is wrong is said here, where callers look for it, and not when the result is loaded.
    complaint::check(&linked)?;
    if linked.contains(SYSCALL_PREFIX) {
        append(&mut linked, SYSCALLS, &mut declared);
    }
    if let Some(limit) = max_registers(jit) {
        linked.push_str(&format!("{LIMIT_NOTE}{limit}\n"));
    }
    let note = format!("{} inputs linked for the soft GPU", inputs.len());
    let info_log = note
        .chars()
        .take(jit.info_log_bytes.saturating_sub(1))
        .collect();
    let mut image = linked.into_bytes();
    image.push(0);
    Ok(LinkedImage {
        image,
        info_log,
        error_log: String::new(),
    })
}

/// The limit that the caller set, if any.
pub(crate) fn max_registers(jit: &JitOptions) -> Option<u32> {
    let mut options = jit.options.iter();
    let (_, limit) = options.find(|(number, _)| *number == OPTION_MAX_REGISTERS)?;
    u32::try_from(*limit).ok().filter(|limit| *limit > 0)
}

/// The limit that a text was linked with.
pub(crate) fn linked_max_registers(text: &str) -> Option<u32> {
    let last = text.trim_end().lines().next_back()?;
    last.strip_prefix(LIMIT_NOTE)?.parse().ok()
}

fn ptx_of(input: &JitInput) -> CuResult<String> {
    let refused = |error| {
        tracing::error!(name = input.name, "failed to {error}");
        complaint::note(&error);
        CuError::INVALID_IMAGE
    };
    if !archive::is_object(&input.data) {
        let image = Image::parse(&input.data).map_err(refused)?;
        return text_of(&image, &input.name);
    }
    let mut text = String::new();
    for fatbin in archive::fatbins(&input.data).map_err(refused)? {
        let image = Image::parse(fatbin).map_err(refused)?;
        text.push_str(&text_of(&image, &input.name)?);
    }
    Ok(text)
}

fn text_of(image: &Image<'_>, name: &str) -> CuResult<String> {
    let mut text = String::new();
    for part in &image.parts {
        match part.choose(|_| true) {
            Some(entry) if entry.kind == EntryKind::Ptx => {
                text.push_str(&entry.text().map_err(|_| CuError::INVALID_IMAGE)?);
            }
            _ => {
                tracing::error!(name, "machine code cannot be linked: give PTX");
                return Err(CuError::NO_BINARY_FOR_GPU);
            }
        }
    }
    Ok(text)
}

/// Appends a text. A header may stand once, so the header of every further text is left out, and
/// so are declarations of what is defined elsewhere that an earlier text has made already.
fn append(linked: &mut String, text: &str, declared: &mut HashSet<String>) {
    let first = linked.is_empty();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let header = [".version", ".target", ".address_size"];
        if !first && header.iter().any(|word| trimmed.starts_with(word)) {
            continue;
        }
        let one_line = trimmed.starts_with(".extern") && trimmed.trim_end().ends_with(';');
        if one_line && !declared.insert(trimmed.trim_end().to_owned()) {
            continue;
        }
        linked.push_str(line);
        linked.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> JitInput {
        JitInput {
            kind: 1,
            data: format!("{text}\0").into_bytes(),
            name: "input".to_owned(),
        }
    }

    #[test]
    fn link_two_texts_keeps_one_header() {
        let a = ".version 8.0\n.target sm_80\n.address_size 64\n.extern .func f();\n";
        let b = ".version 8.1\n.target sm_86\n.address_size 64\n.extern .func f();\n.func f() {}\n";
        let linked = link(&[input(a), input(b)], &JitOptions::default()).unwrap();
        let text = String::from_utf8(linked.image).unwrap();
        assert_eq!(text.matches(".version").count(), 1);
        assert_eq!(text.matches(".extern").count(), 1);
        assert!(text.contains(".func f() {}"));
    }

    #[test]
    fn link_with_a_register_limit_remembers_it() {
        let jit = JitOptions {
            options: vec![(OPTION_MAX_REGISTERS, 38)],
            ..JitOptions::default()
        };
        let text = ".version 8.0\n.target sm_80\n";
        let linked = link(&[input(text)], &jit).unwrap();
        let linked = String::from_utf8(linked.image).unwrap();
        let linked = linked.trim_end_matches('\0');
        assert_eq!(linked_max_registers(linked), Some(38));
        assert_eq!(linked_max_registers(text), None);
    }

    #[test]
    fn link_nothing_or_nonsense_is_refused() {
        assert!(link(&[], &JitOptions::default()).is_err());
        assert!(link(&[input("hello")], &JitOptions::default()).is_err());
    }
}
