//! ELF files: sections, names and symbols, as far as a cubin's description needs them. Read
//! [`Reader`].

use std::collections::{HashMap, HashSet};

use super::field::{piece, u16_at, u32_at, u64_at};
use super::{Arch, ArchScope, ImageError};

/// 64 bits, little-endian, the two bytes at offset 4.
const CLASS_64_LITTLE: u16 = 0x0102;
pub(super) const MACHINE_CUDA: u16 = 190;
pub(super) const SECTION_SYMTAB: u32 = 2;
pub(super) const SECTION_NOBITS: u32 = 8;

pub(super) fn is_elf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}

/// Checks that `bytes` begin with the header of a cubin and hold its tables. What follows the file
/// cannot be told from it and does no harm.
pub(super) fn check(bytes: &[u8]) -> Result<(), ImageError> {
    const WHAT: &str = "the ELF header";
    let header = piece(bytes, 0, 64, WHAT)?;
    let class = u16_at(header, 4, WHAT)?;
    if class != CLASS_64_LITTLE {
        return Err(ImageError::Invalid {
            what: "the ELF class",
            value: u64::from(class),
        });
    }
    let machine = u16_at(header, 18, WHAT)?;
    if machine != MACHINE_CUDA {
        return Err(ImageError::Invalid {
            what: "the ELF machine",
            value: u64::from(machine),
        });
    }
    let table = |offset, entry_bytes, count, what| {
        let count = u64::from(u16_at(header, count, WHAT)?);
        let length = count * u64::from(u16_at(header, entry_bytes, WHAT)?);
        piece(bytes, u64_at(header, offset, WHAT)?, length, what).map(drop)
    };
    table(40, 58, 60, "the section table")?;
    table(32, 54, 56, "the segment table")
}

/// The architecture in the flags of the ELF header.
pub(super) fn arch(file: &[u8]) -> Arch {
    let flags = u32_at(file, 48, "the ELF header").unwrap_or(0);
    // The layout of the flags changed with the ABI version.
    let newer = file.get(8).is_some_and(|abi_version| *abi_version >= 8);
    let sm = if newer {
        (flags >> 8) & 0xff
    } else {
        flags & 0xff
    };
    Arch {
        sm,
        scope: ArchScope::Portable,
    }
}

/// Looks into the sections of an ELF file.
pub(super) struct Reader<'a> {
    file: &'a [u8],
    sections: Vec<Section<'a>>,
    by_name: HashMap<&'a str, usize>,
    /// Bytes that may still be looked at. Names and sections may share bytes; honest files never
    /// ask for more than their own length, hostile ones could ask for its square.
    bytes_left: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a [u8]) -> Result<Self, ImageError> {
        let sections = sections(file)?;
        let names = sections.iter().map(|section| section.name);
        let by_name = names.zip(0..).collect();
        let bytes_left = file.len() as u64;
        Ok(Self {
            file,
            sections,
            by_name,
            bytes_left,
        })
    }

    /// The size of the section called `name`, 0 if there is none.
    pub(super) fn size_of(&self, name: &str) -> u64 {
        self.by_name
            .get(name)
            .map_or(0, |index| self.sections[*index].size)
    }

    /// The name of the section that a symbol lies in.
    pub(super) fn section_of(&self, symbol: &Symbol<'_>) -> Option<&'a str> {
        self.sections
            .get(usize::from(symbol.section))
            .map(|section| section.name)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ImageError> {
        let left = self.bytes_left.checked_sub(bytes as u64);
        let what = "the file shorter than what its parts sum up to, bytes";
        self.bytes_left = left.ok_or(ImageError::Invalid {
            what,
            value: self.file.len() as u64,
        })?;
        Ok(())
    }

    /// The bytes of the section called `name`; none if there is no such section.
    pub(super) fn content_named(&mut self, name: &str) -> Result<&'a [u8], ImageError> {
        let Some(index) = self.by_name.get(name) else {
            return Ok(&[]);
        };
        let content = self.sections[*index].content(self.file)?;
        self.spend(content.len())?;
        Ok(content)
    }

    /// The named symbols with their index in the table; of kernels that repeat, the first.
    pub(super) fn symbols(&mut self) -> Result<Vec<(u64, Symbol<'a>)>, ImageError> {
        let is_table = |section: &&Section<'_>| section.kind == SECTION_SYMTAB;
        let Some(section) = self.sections.iter().find(is_table) else {
            return Ok(Vec::new());
        };
        let table = section.content(self.file)?;
        let entry_bytes = section.entry_bytes.max(24);
        let names = match self.sections.get(section.link as usize) {
            Some(names) => names.content(self.file)?,
            None => &[],
        };
        self.spend(table.len())?;
        let mut symbols = Vec::new();
        let mut seen = HashSet::new();
        for index in 0..table.len() as u64 / entry_bytes {
            let symbol = symbol(table, index * entry_bytes, names)?;
            self.spend(symbol.name.len())?;
            if !symbol.name.is_empty() && seen.insert(symbol.name) {
                symbols.push((index, symbol));
            }
        }
        Ok(symbols)
    }
}

struct Section<'a> {
    name: &'a str,
    kind: u32,
    offset: u64,
    size: u64,
    link: u32,
    entry_bytes: u64,
}

impl Section<'_> {
    /// The section's bytes. Sections that nobody asks for may lie anywhere, even past the end.
    fn content<'f>(&self, file: &'f [u8]) -> Result<&'f [u8], ImageError> {
        match self.kind {
            SECTION_NOBITS => Ok(&[]),
            _ => piece(file, self.offset, self.size, "a section"),
        }
    }
}

pub(super) struct Symbol<'a> {
    pub(super) name: &'a str,
    pub(super) kind: u8,
    pub(super) other: u8,
    section: u16,
    pub(super) size: u64,
}

fn symbol<'a>(table: &[u8], at: u64, names: &'a [u8]) -> Result<Symbol<'a>, ImageError> {
    let entry = piece(table, at, 24, "a symbol")?;
    let name = u32_at(entry, 0, "a symbol")?;
    Ok(Symbol {
        name: if name == 0 {
            ""
        } else {
            string_at(names, name)?
        },
        kind: entry[4] & 0xf,
        other: entry[5],
        section: u16_at(entry, 6, "a symbol")?,
        size: u64_at(entry, 16, "a symbol")?,
    })
}

fn sections(file: &[u8]) -> Result<Vec<Section<'_>>, ImageError> {
    const WHAT: &str = "the section table";
    let table = u64_at(file, 40, WHAT)?;
    let entry_bytes = u64::from(u16_at(file, 58, WHAT)?);
    let count = u64::from(u16_at(file, 60, WHAT)?);
    if count > 0 && entry_bytes < 64 {
        return Err(ImageError::Invalid {
            what: "the size of a section",
            value: entry_bytes,
        });
    }
    let mut sections = Vec::with_capacity(count as usize);
    let mut names = Vec::with_capacity(count as usize);
    for index in 0..count {
        let header = piece(file, table.saturating_add(index * entry_bytes), 64, WHAT)?;
        names.push(u32_at(header, 0, WHAT)?);
        sections.push(Section {
            name: "",
            kind: u32_at(header, 4, WHAT)?,
            offset: u64_at(header, 24, WHAT)?,
            size: u64_at(header, 32, WHAT)?,
            link: u32_at(header, 40, WHAT)?,
            entry_bytes: u64_at(header, 56, WHAT)?,
        });
    }
    let name_table = match sections.get(usize::from(u16_at(file, 62, WHAT)?)) {
        Some(section) => section.content(file)?,
        None => &[],
    };
    let mut bytes_left = file.len();
    for (section, name) in sections.iter_mut().zip(names) {
        section.name = string_at(name_table, name)?;
        // Names may share bytes, and each is hashed.
        bytes_left = bytes_left
            .checked_sub(section.name.len())
            .ok_or(ImageError::Invalid {
                what: "the length of all section names together over bytes",
                value: file.len() as u64,
            })?;
    }
    Ok(sections)
}

/// The NUL-terminated string at `offset` of a string table.
fn string_at(table: &[u8], offset: u32) -> Result<&str, ImageError> {
    let truncated = ImageError::Truncated {
        what: "a name",
        offset: u64::from(offset),
    };
    let rest = table.get(offset as usize..).ok_or(truncated.clone())?;
    let end = rest.iter().position(|byte| *byte == 0).ok_or(truncated)?;
    std::str::from_utf8(&rest[..end]).map_err(|_| ImageError::Invalid {
        what: "a name at byte",
        value: u64::from(offset),
    })
}
