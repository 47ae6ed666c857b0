//! Fat binaries: a header, then entries, each with a header of its own and a payload. Several may
//! follow one another. Read [`parse`].
//!
//! ```text
//! header   0 u32 magic   4 u16 version   6 u16 header size   8 u64 size of what follows
//! entry    0 u16 kind    4 u32 header size   8 u64 payload size, padded
//!         16 u32 payload size, compressed   20 u32 offset of the options
//!         24 u16 minor version   26 u16 major version   28 u32 architecture
//!         40 u64 flags   56 u64 payload size, uncompressed
//! options  0 u32 offset of the text   4 u32 length of the text
//! ```

use super::field::{piece, u16_at, u32_at, u64_at};
use super::payload::{Compression, Payload};
use super::{Arch, ArchScope, Entry, EntryKind, ImageError, Part};

const MAGIC: u32 = 0xba55_ed50;
const HEADER_BYTES: u64 = 16;
const ENTRY_HEADER_BYTES: u64 = 64;

const KIND_PTX: u16 = 1;
const KIND_CUBIN: u16 = 2;

const FLAG_LZ4: u64 = 0x2000;
const FLAG_ZSTD: u64 = 0x8000;
const FLAG_SPECIFIC: u64 = 0x10_0000;
const FLAG_FAMILY: u64 = 0x20_0000;

/// Fat binaries in one image, and entries in one fat binary.
const PARTS_MAX: usize = 4096;
const ENTRIES_MAX: usize = 4096;

pub(super) fn is_fatbin(bytes: &[u8]) -> bool {
    u32_at(bytes, 0, "the magic number") == Ok(MAGIC)
}

/// The fat binaries that follow one another from the first byte on.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Vec<Part<'_>>, ImageError> {
    let mut parts = Vec::new();
    while is_fatbin(bytes) {
        if parts.len() == PARTS_MAX {
            return Err(ImageError::Invalid {
                what: "the number of fat binaries",
                value: 4097,
            });
        }
        let header_bytes = u64::from(u16_at(bytes, 6, "the fat binary header")?);
        let size = u64_at(bytes, 8, "the fat binary header")?;
        if header_bytes < HEADER_BYTES {
            let what = "the size of the fat binary header";
            return Err(ImageError::Invalid {
                what,
                value: header_bytes,
            });
        }
        let content = piece(bytes, header_bytes, size, "a fat binary")?;
        parts.push(Part {
            entries: entries(content)?,
        });
        // Both were just found to lie within the bytes.
        bytes = &bytes[(header_bytes + size) as usize..];
    }
    Ok(parts)
}

fn entries(mut content: &[u8]) -> Result<Vec<Entry<'_>>, ImageError> {
    let mut entries = Vec::new();
    // What is shorter than a header is padding.
    while content.len() as u64 >= ENTRY_HEADER_BYTES {
        if entries.len() == ENTRIES_MAX {
            return Err(ImageError::Invalid {
                what: "the number of entries",
                value: 4097,
            });
        }
        let header_bytes = u64::from(u32_at(content, 4, "an entry header")?);
        let payload_bytes = u64_at(content, 8, "an entry header")?;
        if header_bytes < ENTRY_HEADER_BYTES {
            let what = "the size of an entry header";
            return Err(ImageError::Invalid {
                what,
                value: header_bytes,
            });
        }
        let header = piece(content, 0, header_bytes, "an entry header")?;
        let payload = piece(content, header_bytes, payload_bytes, "a payload")?;
        entries.extend(entry(header, payload)?);
        content = &content[header.len() + payload.len()..];
    }
    Ok(entries)
}

/// One entry; `None` if it is of a kind that is not executed (LTO intermediate code and others).
fn entry<'a>(header: &'a [u8], payload: &'a [u8]) -> Result<Option<Entry<'a>>, ImageError> {
    const WHAT: &str = "an entry header";
    let kind = match u16_at(header, 0, WHAT)? {
        KIND_PTX => EntryKind::Ptx,
        KIND_CUBIN => EntryKind::Cubin,
        _ => return Ok(None),
    };
    let flags = u64_at(header, 40, WHAT)?;
    let scope = match flags {
        _ if flags & FLAG_SPECIFIC != 0 => ArchScope::Specific,
        _ if flags & FLAG_FAMILY != 0 => ArchScope::Family,
        _ => ArchScope::Portable,
    };
    let compression = match flags {
        _ if flags & FLAG_ZSTD != 0 => Compression::Zstd,
        _ if flags & FLAG_LZ4 != 0 => Compression::Lz4,
        _ => Compression::None,
    };
    let payload = match compression {
        Compression::None => Payload::plain(payload),
        _ => {
            let stored_bytes = u64::from(u32_at(header, 16, WHAT)?);
            let stored = piece(payload, 0, stored_bytes, "a compressed payload")?;
            Payload::compressed(stored, compression, u64_at(header, 56, WHAT)?)?
        }
    };
    Ok(Some(Entry {
        kind,
        arch: Arch {
            sm: u32_at(header, 28, WHAT)?,
            scope,
        },
        version: (u16_at(header, 26, WHAT)?, u16_at(header, 24, WHAT)?),
        options: if kind == EntryKind::Ptx {
            options(header)?
        } else {
            ""
        },
        payload,
    }))
}

/// The option text of a PTX entry, which lies in its header.
fn options(header: &[u8]) -> Result<&str, ImageError> {
    let record = u64::from(u32_at(header, 20, "an entry header")?);
    if record == 0 {
        return Ok("");
    }
    let offset = u64::from(u32_at(header, record, "an options record")?);
    let length = u64::from(u32_at(header, record + 4, "an options record")?);
    let text = piece(header, offset, length, "an options record")?;
    let end = text
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(text.len());
    Ok(std::str::from_utf8(&text[..end]).unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Image;
    use super::*;

    /// An entry to be written by [`fatbin`].
    pub(in super::super) struct Built {
        pub(in super::super) kind: u16,
        pub(in super::super) arch: Arch,
        pub(in super::super) content: Vec<u8>,
        pub(in super::super) options: String,
        pub(in super::super) lz4: bool,
    }

    impl Built {
        pub(in super::super) fn ptx(arch: Arch, text: &str) -> Self {
            let content = format!("{text}\0").into_bytes();
            Self {
                kind: KIND_PTX,
                arch,
                content,
                options: String::new(),
                lz4: false,
            }
        }

        pub(in super::super) fn cubin(sm: u32) -> Self {
            let arch = Arch {
                sm,
                scope: ArchScope::Portable,
            };
            Self {
                kind: KIND_CUBIN,
                ..Self::ptx(arch, "")
            }
        }
    }

    /// A fat binary with these entries, laid out as the compilers do.
    pub(in super::super) fn fatbin(entries: &[Built]) -> Vec<u8> {
        let mut content = Vec::new();
        for built in entries {
            let stored = match built.lz4 {
                true => lz4_flex::block::compress(&built.content),
                false => built.content.clone(),
            };
            let mut header = vec![0; 64];
            if !built.options.is_empty() {
                header.extend(0x48u32.to_le_bytes());
                header.extend((built.options.len() as u32).to_le_bytes());
                header.extend(built.options.as_bytes());
                header.resize(header.len().next_multiple_of(8), 0);
                header[20] = 0x40;
            }
            let scope = match built.arch.scope {
                ArchScope::Portable => 0,
                ArchScope::Family => FLAG_FAMILY,
                ArchScope::Specific => FLAG_SPECIFIC,
            };
            let mut put = |at: usize, value: u64, bytes: usize| {
                header[at..at + bytes].copy_from_slice(&value.to_le_bytes()[..bytes]);
            };
            put(0, u64::from(built.kind), 2);
            put(8, stored.len().next_multiple_of(8) as u64, 8);
            put(24, 8, 2);
            put(26, 9, 2);
            put(28, u64::from(built.arch.sm), 4);
            put(40, scope | if built.lz4 { FLAG_LZ4 } else { 0 }, 8);
            if built.lz4 {
                put(16, stored.len() as u64, 4);
                put(56, built.content.len() as u64, 8);
            }
            let header_bytes = header.len() as u32;
            header[4..8].copy_from_slice(&header_bytes.to_le_bytes());
            content.extend(header);
            content.extend(&stored);
            content.resize(content.len().next_multiple_of(8), 0);
        }
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        bytes.extend([1, 0, 16, 0]);
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend(content);
        bytes
    }

    const ARCH: Arch = Arch {
        sm: 75,
        scope: ArchScope::Family,
    };

    #[test]
    fn entry_fields_are_read() {
        let text = ".version 9.8 .target sm_75 // aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let bytes = fatbin(&[
            Built {
                lz4: true,
                ..Built::ptx(ARCH, text)
            },
            Built::cubin(80),
        ]);
        let image = Image::parse(&bytes).unwrap();
        let [ptx, cubin] = &image.parts[0].entries[..] else {
            panic!("{image:?}")
        };
        assert_eq!(
            (ptx.kind, ptx.arch, ptx.version),
            (EntryKind::Ptx, ARCH, (9, 8))
        );
        assert_eq!(ptx.text().unwrap(), text);
        assert_eq!((cubin.kind, cubin.arch.sm), (EntryKind::Cubin, 80));
    }

    #[test]
    fn unknown_kinds_are_skipped() {
        let lto = Built {
            kind: 8,
            ..Built::ptx(ARCH, "x")
        };
        let bytes = fatbin(&[lto, Built::cubin(80)]);
        assert_eq!(Image::parse(&bytes).unwrap().parts[0].entries.len(), 1);
    }

    #[test]
    fn every_truncation_is_an_error() {
        let options = " -maxrregcount=40 ".to_owned();
        let bytes = fatbin(&[Built {
            options,
            lz4: true,
            ..Built::ptx(ARCH, "text text text")
        }]);
        for length in 0..bytes.len() {
            assert!(Image::parse(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn sizes_that_overflow_are_errors() {
        let good = fatbin(&[Built {
            lz4: true,
            ..Built::ptx(ARCH, "text")
        }]);
        // Size of the content, of the entry's header, payload, compressed and uncompressed payload.
        for (at, length) in [(8, 8), (16 + 4, 4), (16 + 8, 8), (16 + 16, 4), (16 + 56, 8)] {
            let mut bytes = good.clone();
            bytes[at..at + length].fill(0xff);
            assert!(Image::parse(&bytes).is_err(), "{at}");
        }
    }
}
