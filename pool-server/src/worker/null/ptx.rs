//! The entries of PTX text and their parameters, and nothing else of it. Read [`entries`] first.

use rigel_protocol::custom::{FunctionInfo, ParamSlot};

/// Most entries that are read from an image.
const ENTRIES_MAX: usize = 4096;
/// Threads a block that a function is said to allow.
const THREADS: i32 = 1024;
/// Dynamic shared memory that a function is said to allow.
const SHARED_BYTES: i32 = 49_152;

/// The entries in the image's order; none if it is no text.
pub(super) fn entries(image: &[u8]) -> Vec<FunctionInfo> {
    let end = image
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(image.len());
    let Ok(text) = std::str::from_utf8(&image[..end]) else {
        return Vec::new();
    };
    let parts = text.split(".entry").skip(1).take(ENTRIES_MAX);
    parts.filter_map(entry).collect()
}

/// `name ( .param .align 8 .b8 a[16], .param .u32 b ) ...`, or a name alone.
fn entry(text: &str) -> Option<FunctionInfo> {
    let name_end = text.find(['(', '{', '.'])?;
    let name = text[..name_end].trim();
    let params = match text[name_end..].strip_prefix('(') {
        Some(list) => params(&list[..list.find(')')?])?,
        None => Vec::new(),
    };
    let mut info = FunctionInfo {
        name: name.to_owned(),
        params: params.into(),
        ..FunctionInfo::default()
    };
    info.attributes[0] = THREADS;
    info.attributes[8] = SHARED_BYTES;
    Some(info)
}

fn params(list: &str) -> Option<Vec<ParamSlot>> {
    let mut slots = Vec::new();
    let mut offset = 0_u32;
    for param in list.split(',').filter(|param| !param.trim().is_empty()) {
        let (size, align) = param_size(param)?;
        offset = offset.checked_next_multiple_of(align)?;
        slots.push(ParamSlot { offset, size });
        offset = offset.checked_add(size)?;
    }
    Some(slots)
}

/// Size and alignment.
fn param_size(param: &str) -> Option<(u32, u32)> {
    let words: Vec<&str> = param.split_whitespace().collect();
    let element = words.iter().find_map(|word| {
        let bits: u32 = word.strip_prefix(['.'])?.get(1..)?.parse().ok()?;
        matches!(bits, 8 | 16 | 32 | 64).then_some(bits / 8)
    })?;
    let count = match param.split_once('[') {
        Some((_, rest)) => rest.split(']').next()?.trim().parse().ok()?,
        None => 1_u32,
    };
    let align = words
        .iter()
        .position(|word| *word == ".align")
        .and_then(|at| words.get(at + 1)?.parse().ok())
        .unwrap_or(element);
    (align > 0).then_some((element.checked_mul(count)?, align))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_laid_out_as_in_c() {
        let text = b".version 7.0\n.visible .entry f(\n.param .u32 a,\n\
            .param .align 16 .b8 b[20],\n.param .f64 c\n)\n{ ret; }\n.entry g { ret; }\0junk";
        let entries = entries(text);
        let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["f", "g"]);
        let slots: Vec<_> = entries[0]
            .params
            .iter()
            .map(|slot| (slot.offset, slot.size))
            .collect();
        assert_eq!(slots, [(0, 4), (16, 20), (40, 8)]);
        assert_eq!(entries[1].param_bytes(), 0);
    }

    #[test]
    fn what_is_no_text_has_no_entries() {
        assert!(entries(&[0x7f, b'E', b'L', b'F', 0xff]).is_empty());
        assert!(entries(b".entry f(.param .huge x[99999999999])").is_empty());
    }
}
