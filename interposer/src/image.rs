//! How long an image is that C passes as a bare pointer, and the image as self-contained bytes.
//!
//! A caller hands over a wrapper of the CUDA runtime, a fat binary, an ELF cubin or PTX text, never
//! with a length. The length is read from the image's own headers, and every sum of it is checked
//! against [`IMAGE_BYTES_MAX`]. What the image holds is not looked at: that is the driver's job. Read
//! [`read`] first.
//!
//! ```text
//! wrapper     u32 magic 0x466243B1, u32 version, u64 fat binary, u64 null-ended list (version 2)
//! fat binary  u32 magic 0xBA55ED50, u16 version, u16 header size, u64 bytes that follow the header
//! ELF         64-byte header; ends with its section headers, program headers or last section
//! PTX         text up to a zero byte
//! ```
#![expect(unsafe_code, reason = "follows pointers of the image's own headers")]

use std::borrow::Cow;
use std::ffi::{c_char, c_void};

use rigel_protocol::{CuError, CuResult};

/// Longest image, in bytes; the largest known ones have some hundred MiB.
pub(crate) const IMAGE_BYTES_MAX: usize = 1 << 30;

/// Most fat binaries behind one wrapper.
const FATBINS_MAX: usize = 4096;

const WRAPPER_MAGIC: [u8; 4] = 0x4662_43B1_u32.to_le_bytes();
const FATBIN_MAGIC: [u8; 4] = 0xBA55_ED50_u32.to_le_bytes();
const ELF_MAGIC: [u8; 4] = *b"\x7fELF";

const FATBIN_HEADER_BYTES: usize = 16;
const ELF_HEADER_BYTES: usize = 64;
const SECTION_HEADER_BYTES: usize = 64;
const SECTION_NOBITS: u32 = 8;

/// The bytes of an image. Several fat binaries of one wrapper come one after another.
///
/// # Safety
/// `image` is null or points to a wrapper, fat binary, ELF or zero-ended text that lives, with what
/// it points to, during `'a`.
pub(crate) unsafe fn read<'a>(image: *const c_void) -> CuResult<Cow<'a, [u8]>> {
    if image.is_null() {
        return Err(CuError::INVALID_VALUE);
    }
    let image = image.cast::<u8>();
    // SAFETY: each magic is compared byte by byte and ends at the first that differs, so a text is
    // not read past its zero byte; what matched vouches for the header that follows.
    unsafe {
        if starts_with(image, WRAPPER_MAGIC) {
            return wrapper(image);
        }
        if starts_with(image, FATBIN_MAGIC) {
            return fatbin(image).map(Cow::Borrowed);
        }
        if starts_with(image, ELF_MAGIC) {
            return elf(image).map(Cow::Borrowed);
        }
        text(image).map(Cow::Borrowed)
    }
}

/// The fat binaries of a wrapper.
///
/// # Safety
/// `wrapper` points to a whole wrapper with valid pointers.
unsafe fn wrapper<'a>(wrapper: *const u8) -> CuResult<Cow<'a, [u8]>> {
    // SAFETY: the wrapper has 24 bytes.
    let (version, first, list) = unsafe {
        (
            field::<u32>(wrapper, 4),
            field::<u64>(wrapper, 8) as *const u8,
            field::<u64>(wrapper, 16) as *const u64,
        )
    };
    if first.is_null() {
        return Err(CuError::INVALID_IMAGE);
    }
    // SAFETY: the wrapper's pointer leads to a fat binary.
    let image = unsafe { fatbin(first) }?;
    if version < 2 || list.is_null() {
        return Ok(Cow::Borrowed(image));
    }
    let mut all = image.to_vec();
    for index in 0..FATBINS_MAX {
        // SAFETY: the list ends with a null entry, which ends this loop.
        let next = unsafe { list.add(index).read_unaligned() } as *const u8;
        if next.is_null() {
            return Ok(Cow::Owned(all));
        }
        if next == first {
            continue;
        }
        // SAFETY: entries of the list lead to fat binaries.
        let image = unsafe { fatbin(next) }?;
        if all.len() + image.len() > IMAGE_BYTES_MAX {
            return Err(CuError::INVALID_IMAGE);
        }
        all.extend_from_slice(image);
    }
    Err(CuError::INVALID_IMAGE)
}

/// One fat binary.
///
/// # Safety
/// `fatbin` points to at least a fat binary's magic; if that is right, to all of it.
unsafe fn fatbin<'a>(fatbin: *const u8) -> CuResult<&'a [u8]> {
    // SAFETY: the caller vouches for the magic, and the magic for the header.
    let (header_bytes, payload_bytes) = unsafe {
        if !starts_with(fatbin, FATBIN_MAGIC) {
            return Err(CuError::INVALID_IMAGE);
        }
        (
            usize::from(field::<u16>(fatbin, 6)),
            field::<u64>(fatbin, 8),
        )
    };
    if header_bytes < FATBIN_HEADER_BYTES {
        return Err(CuError::INVALID_IMAGE);
    }
    let bytes = usize::try_from(payload_bytes)
        .ok()
        .and_then(|payload| payload.checked_add(header_bytes))
        .ok_or(CuError::INVALID_IMAGE)?;
    // SAFETY: the header says that the fat binary has so many bytes.
    unsafe { bounded(fatbin, bytes) }
}

/// A 64-bit little-endian ELF file.
///
/// # Safety
/// `elf` points to a whole ELF file.
unsafe fn elf<'a>(elf: *const u8) -> CuResult<&'a [u8]> {
    // SAFETY: an ELF file begins with its identification, and a 64-bit one with a 64-byte header.
    let header = unsafe {
        const CLASS_64_LITTLE: [u8; 2] = [2, 1];
        if !starts_with(elf.add(4), CLASS_64_LITTLE) {
            return Err(CuError::INVALID_IMAGE);
        }
        std::slice::from_raw_parts(elf, ELF_HEADER_BYTES)
    };
    let tables = ElfTables::of(header);
    let bytes = tables.end().ok_or(CuError::INVALID_IMAGE)?;
    // SAFETY: the file reaches to the end of its tables.
    let file = unsafe { bounded(elf, bytes)? };
    let sections_end = tables.sections_end(file).ok_or(CuError::INVALID_IMAGE)?;
    // SAFETY: and to the end of its last section.
    unsafe { bounded(elf, bytes.max(sections_end)) }
}

/// A zero-ended text, without the zero byte.
///
/// # Safety
/// `text` points to a zero-ended text.
unsafe fn text<'a>(text: *const u8) -> CuResult<&'a [u8]> {
    // SAFETY: `strnlen` stops at the zero byte or at the limit.
    let bytes = unsafe { libc::strnlen(text.cast::<c_char>(), IMAGE_BYTES_MAX) };
    if bytes == 0 {
        return Err(CuError::INVALID_IMAGE);
    }
    // SAFETY: `strnlen` has read these bytes.
    unsafe { bounded(text, bytes) }
}

/// The first `bytes` bytes of an image.
///
/// # Safety
/// The image has that many bytes.
unsafe fn bounded<'a>(image: *const u8, bytes: usize) -> CuResult<&'a [u8]> {
    if bytes >= IMAGE_BYTES_MAX {
        return Err(CuError::INVALID_IMAGE);
    }
    // SAFETY: below the limit, and the caller vouches for the memory.
    Ok(unsafe { std::slice::from_raw_parts(image, bytes) })
}

/// Whether memory begins with these bytes; reads none after the first that differs.
///
/// # Safety
/// Memory is readable up to and including the first byte that differs.
unsafe fn starts_with<const N: usize>(memory: *const u8, expected: [u8; N]) -> bool {
    expected
        .iter()
        .enumerate()
        // SAFETY: all bytes before this one were equal.
        .all(|(at, byte)| unsafe { memory.add(at).read() } == *byte)
}

/// A field of a header.
///
/// # Safety
/// The header has a `T` at this offset.
unsafe fn field<T: Copy>(header: *const u8, offset: usize) -> T {
    // SAFETY: the caller vouches for it.
    unsafe { header.add(offset).cast::<T>().read_unaligned() }
}

/// Where an ELF file's tables are.
struct ElfTables {
    program_offset: u64,
    section_offset: u64,
    program_entry: u16,
    program_count: u16,
    section_entry: u16,
    section_count: u16,
}

impl ElfTables {
    fn of(header: &[u8]) -> Self {
        Self {
            program_offset: u64_at(header, 0x20),
            section_offset: u64_at(header, 0x28),
            program_entry: u16_at(header, 0x36),
            program_count: u16_at(header, 0x38),
            section_entry: u16_at(header, 0x3a),
            section_count: u16_at(header, 0x3c),
        }
    }

    /// Where the last table ends; `None` if that is no size.
    fn end(&self) -> Option<usize> {
        let end = |offset: u64, entry: u16, count: u16| {
            offset.checked_add(u64::from(entry) * u64::from(count))
        };
        let programs = end(self.program_offset, self.program_entry, self.program_count)?;
        let sections = end(self.section_offset, self.section_entry, self.section_count)?;
        let bytes = programs.max(sections).max(ELF_HEADER_BYTES as u64);
        usize::try_from(bytes).ok()
    }

    /// Where the last section with bytes ends.
    fn sections_end(&self, file: &[u8]) -> Option<usize> {
        if usize::from(self.section_entry) < SECTION_HEADER_BYTES {
            return Some(0);
        }
        let start = usize::try_from(self.section_offset).ok()?;
        let table = file.get(start..)?;
        let headers = table
            .chunks_exact(self.section_entry.into())
            .take(self.section_count.into());
        let mut last = 0;
        for header in headers {
            let kind = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
            if kind == SECTION_NOBITS {
                continue;
            }
            last = last.max(u64_at(header, 0x18).checked_add(u64_at(header, 0x20))?);
        }
        usize::try_from(last).ok()
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(image: &[u8], expected: CuResult<usize>) {
        // SAFETY: every image here is as long as its headers say, or refused before it is read.
        let read = unsafe { read(image.as_ptr().cast()) };
        assert_eq!(read.map(|bytes| bytes.len()), expected);
    }

    fn fatbin_of(payload: &[u8], says: u64) -> Vec<u8> {
        let mut image = FATBIN_MAGIC.to_vec();
        image.extend([1, 0, 16, 0]);
        image.extend(says.to_le_bytes());
        image.extend(payload);
        image
    }

    fn elf_of(section_offset: u64, section_count: u16, bytes: usize) -> Vec<u8> {
        let mut image = vec![0; bytes.max(ELF_HEADER_BYTES)];
        image[..4].copy_from_slice(&ELF_MAGIC);
        image[4..6].copy_from_slice(&[2, 1]);
        image[0x28..0x30].copy_from_slice(&section_offset.to_le_bytes());
        image[0x3a..0x3c].copy_from_slice(&64_u16.to_le_bytes());
        image[0x3c..0x3e].copy_from_slice(&section_count.to_le_bytes());
        image
    }

    #[test]
    fn read_text_ends_before_its_zero_byte() {
        check(b"  .version 8.0\n\0tail", Ok(15));
        check(b"P\0", Ok(1));
        check(b"\0", Err(CuError::INVALID_IMAGE));
        // SAFETY: null is allowed.
        assert!(unsafe { read(std::ptr::null()) }.is_err());
    }

    #[test]
    fn read_fatbin_has_the_length_its_header_says() {
        check(&fatbin_of(&[7; 40], 24), Ok(40));
        check(&fatbin_of(&[], 0), Ok(16));
    }

    #[test]
    fn read_fatbin_with_an_absurd_length_is_refused() {
        for says in [u64::MAX, u64::MAX - 15, 1 << 40, 1 << 30] {
            check(&fatbin_of(&[], says), Err(CuError::INVALID_IMAGE));
        }
        let mut short_header = fatbin_of(&[], 0);
        short_header[6] = 4;
        check(&short_header, Err(CuError::INVALID_IMAGE));
    }

    #[test]
    fn read_elf_ends_with_its_tables_or_last_section() {
        check(&elf_of(0, 0, 64), Ok(64));
        check(&elf_of(64, 1, 128), Ok(128));
        let mut with_data = elf_of(64, 1, 1000);
        with_data[64 + 0x18..64 + 0x20].copy_from_slice(&128_u64.to_le_bytes());
        with_data[64 + 0x20..64 + 0x28].copy_from_slice(&72_u64.to_le_bytes());
        check(&with_data, Ok(200));
        with_data[64 + 4] = SECTION_NOBITS as u8;
        check(&with_data, Ok(128));
    }

    #[test]
    fn read_elf_with_absurd_offsets_is_refused() {
        for offset in [u64::MAX, u64::MAX - 63, 1 << 40] {
            check(&elf_of(offset, 1, 64), Err(CuError::INVALID_IMAGE));
        }
        let mut section_past_everything = elf_of(64, 1, 128);
        section_past_everything[64 + 0x18..64 + 0x20].copy_from_slice(&u64::MAX.to_le_bytes());
        check(&section_past_everything, Err(CuError::INVALID_IMAGE));
        let mut class_32 = elf_of(0, 0, 64);
        class_32[4] = 1;
        check(&class_32, Err(CuError::INVALID_IMAGE));
    }

    #[test]
    fn read_wrapper_follows_its_pointers() {
        let one = fatbin_of(&[1; 8], 8);
        let two = fatbin_of(&[2; 16], 16);
        let list = [one.as_ptr() as u64, two.as_ptr() as u64, 0];
        let wrapper = |version: u64, fatbin: u64, list: u64| {
            [
                u64::from(u32::from_le_bytes(WRAPPER_MAGIC)) | version << 32,
                fatbin,
                list,
            ]
        };
        let bytes = |words: &[u64; 3]| {
            // SAFETY: the words are a wrapper whose pointers live.
            unsafe { read(words.as_ptr().cast()) }.map(Cow::into_owned)
        };
        let v1 = wrapper(1, one.as_ptr() as u64, 0);
        assert_eq!(bytes(&v1), Ok(one.clone()));
        let v2 = wrapper(2, one.as_ptr() as u64, list.as_ptr() as u64);
        assert_eq!(bytes(&v2), Ok([one.clone(), two].concat()));
        assert_eq!(bytes(&wrapper(1, 0, 0)), Err(CuError::INVALID_IMAGE));
        let wrong = [0_u64; 2];
        let to_wrong = wrapper(1, wrong.as_ptr() as u64, 0);
        assert_eq!(bytes(&to_wrong), Err(CuError::INVALID_IMAGE));
    }
}
