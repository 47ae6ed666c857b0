//! Cubins: what an ELF file of machine code says of its kernels and variables. The code itself is
//! not executed here; names and layouts suffice for a module to load. Read [`Cubin`].

use std::collections::HashMap;

use super::ImageError;
use super::elf::{Reader, Symbol};
use super::field::{piece, u16_at, u32_at};
use crate::ptx::ParamSlot;

/// What a cubin declares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cubin {
    /// Its kernels in the order of the symbol table.
    pub kernels: Vec<CubinKernel>,
    /// Its variables in the order of the symbol table.
    pub globals: Vec<CubinGlobal>,
}

/// A kernel of a cubin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CubinKernel {
    /// Its name.
    pub name: String,
    /// Where each parameter lies in the parameter buffer.
    pub params: Vec<ParamSlot>,
    /// Bytes of the parameter buffer.
    pub param_bytes: u32,
    /// Registers of a thread; 0 where the file does not say.
    pub registers: u32,
    /// Static shared memory in bytes.
    pub shared_bytes: u64,
    /// Stack of a thread in bytes.
    pub frame_bytes: u32,
}

/// A variable of a cubin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CubinGlobal {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// Whether it lies in constant memory.
    pub constant: bool,
}

/// Parameters of one kernel: the parameter buffer has 32764 bytes at most.
const PARAMS_MAX: usize = 32764;

const SYMBOL_OBJECT: u8 = 1;
const SYMBOL_FUNCTION: u8 = 2;
/// Bit of a symbol's `other` field: the function is a kernel.
const SYMBOL_ENTRY: u8 = 0x10;

const ATTRIBUTE_FRAME_SIZE: u8 = 0x11;
const ATTRIBUTE_PARAM: u8 = 0x17;
const ATTRIBUTE_PARAM_BYTES: u8 = 0x19;
const ATTRIBUTE_REGISTERS: u8 = 0x2f;
/// Like `ATTRIBUTE_PARAM` for large parameters: the last word is the size.
const ATTRIBUTE_LARGE_PARAM: u8 = 0x45;
/// The attribute's value follows its header; otherwise it is in the header's upper half.
const FORMAT_SIZED: u8 = 4;

/// A record of an `.nv.info` section.
struct Attribute<'a> {
    id: u8,
    short: u16,
    value: &'a [u8],
}

impl Cubin {
    /// Reads the symbol table and the kernels' attributes.
    pub(super) fn parse(bytes: &[u8]) -> Result<Cubin, ImageError> {
        let mut reader = Reader::new(bytes)?;
        let mut cubin = Cubin::default();
        let mut kernels_by_symbol = HashMap::new();
        for (index, symbol) in reader.symbols()? {
            match symbol.kind {
                SYMBOL_FUNCTION if symbol.other & SYMBOL_ENTRY != 0 => {
                    kernels_by_symbol.insert(index, cubin.kernels.len());
                    cubin.kernels.push(kernel(&mut reader, symbol.name)?);
                }
                SYMBOL_OBJECT => cubin.globals.extend(global(&reader, &symbol)),
                _ => {}
            }
        }
        for attribute in attributes(reader.content_named(".nv.info")?)? {
            cubin.set_attribute(&attribute, &kernels_by_symbol)?;
        }
        Ok(cubin)
    }

    /// Attributes of the whole image name the kernel by its symbol.
    fn set_attribute(
        &mut self,
        attribute: &Attribute<'_>,
        kernels_by_symbol: &HashMap<u64, usize>,
    ) -> Result<(), ImageError> {
        if !matches!(attribute.id, ATTRIBUTE_REGISTERS | ATTRIBUTE_FRAME_SIZE) {
            return Ok(());
        }
        let symbol = u64::from(u32_at(attribute.value, 0, "an attribute")?);
        let value = u32_at(attribute.value, 4, "an attribute")?;
        if let Some(index) = kernels_by_symbol.get(&symbol) {
            match attribute.id {
                ATTRIBUTE_REGISTERS => self.kernels[*index].registers = value,
                _ => self.kernels[*index].frame_bytes = value,
            }
        }
        Ok(())
    }
}

/// The variable behind an object symbol, if it lies in global or constant memory.
fn global(reader: &Reader<'_>, symbol: &Symbol<'_>) -> Option<CubinGlobal> {
    let section = reader.section_of(symbol)?;
    let constant = section.starts_with(".nv.constant");
    let variable = constant || section.starts_with(".nv.global");
    let name = symbol.name.to_owned();
    variable.then_some(CubinGlobal {
        name,
        size_bytes: symbol.size,
        constant,
    })
}

fn kernel(reader: &mut Reader<'_>, name: &str) -> Result<CubinKernel, ImageError> {
    let mut kernel = CubinKernel {
        name: name.to_owned(),
        ..CubinKernel::default()
    };
    kernel.shared_bytes = reader.size_of(&format!(".nv.shared.{name}"));
    let mut params = Vec::new();
    for attribute in attributes(reader.content_named(&format!(".nv.info.{name}"))?)? {
        match attribute.id {
            ATTRIBUTE_PARAM_BYTES => kernel.param_bytes = u32::from(attribute.short),
            ATTRIBUTE_PARAM | ATTRIBUTE_LARGE_PARAM => params.push(param(&attribute)?),
            _ => {}
        }
    }
    if params.len() > PARAMS_MAX {
        let value = params.len() as u64;
        return Err(ImageError::Invalid {
            what: "the number of parameters",
            value,
        });
    }
    // The records stand in no particular order; each says which parameter it describes.
    params.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    kernel.params = params.into_iter().map(|(_, slot)| slot).collect();
    Ok(kernel)
}

/// `u32 index, u16 ordinal, u16 offset`, then the size: in the upper 14 bits, or for large
/// parameters in the lower half.
fn param(attribute: &Attribute<'_>) -> Result<(u16, ParamSlot), ImageError> {
    const WHAT: &str = "a parameter record";
    let offset = u32::from(u16_at(attribute.value, 6, WHAT)?);
    let size = match attribute.id {
        ATTRIBUTE_LARGE_PARAM => u32::from(u16_at(attribute.value, 8, WHAT)?),
        _ => u32_at(attribute.value, 8, WHAT)? >> 18,
    };
    Ok((
        u16_at(attribute.value, 4, WHAT)?,
        ParamSlot { offset, size },
    ))
}

fn attributes(info: &[u8]) -> Result<Vec<Attribute<'_>>, ImageError> {
    const WHAT: &str = "an attribute";
    let mut found = Vec::new();
    let mut at = 0;
    while at < info.len() as u64 {
        let header = piece(info, at, 4, WHAT)?;
        let short = u16_at(header, 2, WHAT)?;
        let length = if header[0] == FORMAT_SIZED {
            u64::from(short)
        } else {
            0
        };
        let value = piece(info, at + 4, length, WHAT)?;
        found.push(Attribute {
            id: header[1],
            short,
            value,
        });
        at += 4 + length;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::elf::{MACHINE_CUDA, SECTION_NOBITS, SECTION_SYMTAB, arch, check};
    use super::super::field::u64_at;
    use super::super::{EntryKind, Image};
    use super::*;

    /// A section to be written by [`elf`].
    struct Built {
        name: &'static str,
        kind: u32,
        content: Vec<u8>,
        link: u32,
    }

    fn built(name: &'static str, kind: u32, content: Vec<u8>) -> Built {
        Built {
            name,
            kind,
            content,
            link: 0,
        }
    }

    fn put(bytes: &mut [u8], at: usize, value: u64, length: usize) {
        bytes[at..at + length].copy_from_slice(&value.to_le_bytes()[..length]);
    }

    /// An ELF file: header, contents, then the section table. The names are section 1.
    fn elf(mut sections: Vec<Built>) -> Vec<u8> {
        sections.insert(0, built("", 0, Vec::new()));
        sections.insert(1, built(".shstrtab", 3, Vec::new()));
        let mut name_offsets = Vec::new();
        for index in 0..sections.len() {
            let name = sections[index].name.as_bytes().to_vec();
            let table = &mut sections[1].content;
            name_offsets.push(table.len());
            table.extend(name);
            table.push(0);
        }
        let mut bytes = vec![0; 64];
        let mut table = Vec::new();
        for (section, name) in sections.iter().zip(name_offsets) {
            let mut header = [0; 64];
            put(&mut header, 0, name as u64, 4);
            put(&mut header, 4, u64::from(section.kind), 4);
            put(&mut header, 24, bytes.len() as u64, 8);
            put(&mut header, 32, section.content.len() as u64, 8);
            put(&mut header, 40, u64::from(section.link), 4);
            put(
                &mut header,
                56,
                if section.kind == SECTION_SYMTAB {
                    24
                } else {
                    0
                },
                8,
            );
            table.extend(header);
            if section.kind != SECTION_NOBITS {
                bytes.extend(&section.content);
            }
        }
        let table_at = bytes.len() as u64;
        bytes.extend(table);
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        put(&mut bytes, 18, u64::from(MACHINE_CUDA), 2);
        put(&mut bytes, 40, table_at, 8);
        put(&mut bytes, 48, 0x5056, 4);
        put(&mut bytes, 58, 64, 2);
        put(&mut bytes, 60, sections.len() as u64, 2);
        put(&mut bytes, 62, 1, 2);
        bytes
    }

    fn symbol_entry(name: u64, info: u64, other: u64, section: u64, size: u64) -> Vec<u8> {
        let mut entry = vec![0; 24];
        put(&mut entry, 0, name, 4);
        put(&mut entry, 4, info, 1);
        put(&mut entry, 5, other, 1);
        put(&mut entry, 6, section, 2);
        put(&mut entry, 16, size, 8);
        entry
    }

    fn param_record(ordinal: u64, offset: u64, size: u64) -> Vec<u8> {
        let mut record = vec![0; 16];
        put(&mut record, 0, 0x0c_17_04, 4);
        put(&mut record, 8, ordinal, 2);
        put(&mut record, 10, offset, 2);
        put(&mut record, 12, (size << 18) | 0x1f000, 4);
        record
    }

    /// A kernel `k(u64, 24 bytes)`, a device function `f`, and variables `g` and `c`.
    fn sample() -> Vec<u8> {
        sample_with(&[])
    }

    /// The same with further records among the kernel's attributes.
    fn sample_with(records: &[u8]) -> Vec<u8> {
        let names = b"\0k\0f\0g\0c\0s\0".to_vec();
        let symbols = [
            symbol_entry(0, 0, 0, 0, 0),
            symbol_entry(1, 0x12, 0x10, 4, 128),
            symbol_entry(3, 0x12, 0, 4, 64),
            symbol_entry(5, 0x11, 0, 8, 20),
            symbol_entry(7, 0x11, 0, 9, 12),
            symbol_entry(9, 0x11, 0, 7, 4),
        ];
        let mut kernel_info = vec![3, ATTRIBUTE_PARAM_BYTES, 32, 0];
        kernel_info.extend(param_record(1, 8, 24));
        kernel_info.extend(param_record(0, 0, 8));
        kernel_info.extend(records);
        let image_info = [
            &[4, ATTRIBUTE_REGISTERS, 8, 0, 1, 0, 0, 0, 40, 0, 0, 0][..],
            &[4, ATTRIBUTE_FRAME_SIZE, 8, 0, 1, 0, 0, 0, 96, 0, 0, 0],
        ]
        .concat();
        elf(vec![
            built(".strtab", 3, names),
            Built {
                link: 2,
                ..built(".symtab", SECTION_SYMTAB, symbols.concat())
            },
            built(".text.k", 1, vec![0; 16]),
            built(".nv.info.k", 0x7000_0000, kernel_info),
            built(".nv.info", 0x7000_0000, image_info),
            built(".nv.shared.k", SECTION_NOBITS, vec![0; 48]),
            built(".nv.global", SECTION_NOBITS, vec![0; 20]),
            built(".nv.constant3", 1, vec![0; 12]),
        ])
    }

    #[test]
    fn kernels_and_variables_are_found() {
        let bytes = sample();
        let image = Image::parse(&bytes).unwrap();
        let entry = image.parts[0].choose(|_| true).unwrap();
        assert_eq!((entry.kind, entry.arch.sm), (EntryKind::Cubin, 86));
        let cubin = entry.cubin().unwrap();
        let params = [
            ParamSlot { offset: 0, size: 8 },
            ParamSlot {
                offset: 8,
                size: 24,
            },
        ];
        let expected = CubinKernel {
            name: "k".into(),
            params: params.to_vec(),
            param_bytes: 32,
            registers: 40,
            shared_bytes: 48,
            frame_bytes: 96,
        };
        assert_eq!(cubin.kernels, [expected]);
        let globals: Vec<_> = cubin
            .globals
            .iter()
            .map(|g| (g.name.as_str(), g.size_bytes, g.constant))
            .collect();
        assert_eq!(globals, [("g", 20, false), ("c", 12, true)]);
    }

    #[test]
    fn architecture_follows_the_abi_version() {
        let mut bytes = sample();
        assert_eq!(arch(&bytes).sm, 0x56);
        bytes[8] = 8;
        assert_eq!(arch(&bytes).sm, 0x50);
    }

    #[test]
    fn bytes_after_the_file_do_no_harm() {
        let mut bytes = sample();
        let expected = Cubin::parse(&bytes).unwrap();
        bytes.extend([1; 99]);
        assert_eq!(check(&bytes), Ok(()));
        assert_eq!(Cubin::parse(&bytes), Ok(expected));
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = sample();
        for length in 4..bytes.len() {
            assert!(Image::parse(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn large_parameters_have_records_of_their_own() {
        let mut record = param_record(0, 0, 0);
        record[1] = ATTRIBUTE_LARGE_PARAM;
        put(&mut record, 12, 8064, 4);
        let attribute = &attributes(&record).unwrap()[0];
        assert_eq!(
            param(attribute),
            Ok((
                0,
                ParamSlot {
                    offset: 0,
                    size: 8064
                }
            ))
        );
    }

    #[test]
    fn sections_of_no_interest_may_lie_past_the_end() {
        let mut bytes = sample();
        let table = u64_at(&bytes, 40, "").unwrap() as usize;
        put(&mut bytes, table + 4 * 64 + 24, 1 << 40, 8);
        let image = Image::parse(&bytes).unwrap();
        assert_eq!(image.parts[0].entries[0].cubin().unwrap().kernels.len(), 1);
    }

    #[test]
    fn sections_that_share_bytes_are_refused() {
        // Two attribute sections over the same thousand records, most of the file.
        let mut bytes = sample_with(&[1, 0, 0, 0].repeat(1000));
        assert!(Cubin::parse(&bytes).is_ok());
        let table = u64_at(&bytes, 40, "").unwrap() as usize;
        let place = table + 5 * 64 + 24..table + 5 * 64 + 40;
        bytes.copy_within(place, table + 6 * 64 + 24);
        assert!(matches!(
            Cubin::parse(&bytes),
            Err(ImageError::Invalid { .. })
        ));
    }

    #[test]
    fn elf_of_another_machine_is_refused() {
        let mut bytes = sample();
        put(&mut bytes, 18, 62, 2);
        let expected = ImageError::Invalid {
            what: "the ELF machine",
            value: 62,
        };
        assert_eq!(Image::parse(&bytes), Err(expected));
    }
}
