//! Host objects and archives of them (`.o`, `.a`), as nvcc makes them and `cuLinkAddData` takes them:
//! the fat binaries inside. Nothing else of them is read. Read [`fatbins`].
//!
//! ```text
//! archive  0 "!<arch>\n"   then members, each at an even offset
//! member   0 name, 16 bytes   48 size in decimal, 10 bytes   58 "`\n"   60 contents
//! ```

use super::field::{piece, u16_at, u64_at};
use super::{ImageError, fatbin};

const MAGIC: &[u8] = b"!<arch>\n";
const MEMBER_HEADER_BYTES: usize = 60;

/// Members of an archive that are looked at.
const MEMBERS_MAX: usize = 65_536;

/// Fat binaries in an object start at multiples of this.
const FATBIN_ALIGN_BYTES: usize = 8;

/// Bytes of a fat binary's header.
const FATBIN_HEADER_BYTES: u64 = 16;

/// Machine of an ELF file that holds device code and no host code.
const MACHINE_CUDA: u16 = 190;

/// Whether these are an archive, or an object for the host.
pub(crate) fn is_object(bytes: &[u8]) -> bool {
    let elf = super::elf::is_elf(bytes);
    bytes.starts_with(MAGIC) || (elf && u16_at(bytes, 18, "the machine") != Ok(MACHINE_CUDA))
}

/// The fat binaries in an archive or object, each from its header to its end.
///
/// # Errors
/// Where an archive's member or a fat binary is cut off.
pub(crate) fn fatbins(bytes: &[u8]) -> Result<Vec<&[u8]>, ImageError> {
    if !bytes.starts_with(MAGIC) {
        return in_object(bytes);
    }
    let mut found = Vec::new();
    let mut offset = MAGIC.len();
    for _ in 0..MEMBERS_MAX {
        let Some(header) = bytes.get(offset..offset + MEMBER_HEADER_BYTES) else {
            break;
        };
        let truncated = ImageError::Truncated {
            what: "a member of the archive",
            offset: offset as u64,
        };
        let size = std::str::from_utf8(&header[48..58]).map(str::trim);
        let size: Option<usize> = size.ok().and_then(|size| size.parse().ok());
        let start = offset + MEMBER_HEADER_BYTES;
        let end = size.and_then(|size| start.checked_add(size));
        let contents = end.and_then(|end| bytes.get(start..end));
        found.extend(in_object(contents.ok_or(truncated)?)?);
        // Both were just found to lie within the bytes.
        offset = (start + size.unwrap_or(0)).next_multiple_of(2);
    }
    Ok(found)
}

fn in_object(bytes: &[u8]) -> Result<Vec<&[u8]>, ImageError> {
    const WHAT: &str = "a fat binary in an object";
    let mut found = Vec::new();
    let mut offset = 0;
    while let Some(rest) = bytes.get(offset..) {
        if rest.len() < FATBIN_HEADER_BYTES as usize {
            break;
        }
        let sound = u16_at(rest, 4, WHAT) == Ok(1) && u16_at(rest, 6, WHAT) == Ok(16);
        if !fatbin::is_fatbin(rest) || !sound {
            offset += FATBIN_ALIGN_BYTES;
            continue;
        }
        let size = u64_at(rest, 8, WHAT)?;
        let whole = size.checked_add(FATBIN_HEADER_BYTES);
        let whole = whole.ok_or(ImageError::Invalid {
            what: WHAT,
            value: size,
        })?;
        let fatbin = piece(rest, 0, whole, WHAT)?;
        found.push(fatbin);
        offset = (offset + fatbin.len()).next_multiple_of(FATBIN_ALIGN_BYTES);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::fatbin::tests::{Built, fatbin};
    use super::super::{Arch, ArchScope};
    use super::*;

    fn built(text: &str) -> Vec<u8> {
        let arch = Arch {
            sm: 80,
            scope: ArchScope::Portable,
        };
        fatbin(&[Built::ptx(arch, text)])
    }

    /// An object: something that is no device code around two fat binaries.
    fn object() -> Vec<u8> {
        let mut bytes = b"\x7fELF host code..".to_vec();
        for text in ["first", "second"] {
            bytes.extend(built(text));
            bytes.resize(bytes.len().next_multiple_of(8) + 24, 7);
        }
        bytes
    }

    fn member(name: &str, contents: &[u8]) -> Vec<u8> {
        let mut bytes = format!("{name:<48}{:<10}`\n", contents.len()).into_bytes();
        bytes.extend(contents);
        if bytes.len() % 2 == 1 {
            bytes.push(b'\n');
        }
        bytes
    }

    #[test]
    fn fatbins_of_an_object_are_all_found() {
        let object = object();
        assert!(is_object(&object));
        assert_eq!(fatbins(&object).unwrap(), [built("first"), built("second")]);
    }

    #[test]
    fn fatbins_of_an_archive_come_from_all_members() {
        let archive = [
            MAGIC.to_vec(),
            member("/", b"odd"),
            member("a.o/", &object()),
            member("b.o/", &object()),
        ]
        .concat();
        assert!(is_object(&archive));
        assert_eq!(fatbins(&archive).unwrap().len(), 4);
    }

    #[test]
    fn fatbins_of_a_damaged_archive_are_refused() {
        let archive = [MAGIC.to_vec(), member("a.o/", &object())].concat();
        for bytes in [70, archive.len() - 40] {
            assert!(fatbins(&archive[..bytes]).is_err(), "{bytes}");
        }
        let mut text = archive.clone();
        text[MAGIC.len() + 48..MAGIC.len() + 52].copy_from_slice(b"many");
        assert!(fatbins(&text).is_err());
    }
}
