//! What a client loads as a module: fat binaries, cubins and PTX text. It finds the parts, undoes
//! compression and says which part to execute; it does not parse PTX (`ptx` does) and follows no
//! pointers (the fat binary wrapper is the interposer's). Read [`Image`] first.
//!
//! Images come from clients: every length is checked before it is used, decompression is bounded
//! by [`PAYLOAD_BYTES_MAX`], and a truncated image is an error.

pub(crate) mod archive;
mod cubin;
mod elf;
mod fatbin;
mod field;
mod payload;

use std::borrow::Cow;

use thiserror::Error;

pub use cubin::{Cubin, CubinGlobal, CubinKernel};

/// The largest single PTX text or cubin, uncompressed. 35 MB is the largest seen in libraries.
pub const PAYLOAD_BYTES_MAX: u64 = 1 << 30;

/// Why an image was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImageError {
    /// Neither a fat binary, nor an ELF file, nor PTX text.
    #[error(
        "recognise the image: not a fat binary, an ELF file or PTX text; it begins {beginning:x?}"
    )]
    Unrecognised {
        /// Its first bytes.
        beginning: [u8; 16],
    },
    /// A structure reaches past the end of the image.
    #[error("read the image: {what} at byte {offset} reaches past its end")]
    Truncated {
        /// The structure.
        what: &'static str,
        /// Where it starts.
        offset: u64,
    },
    /// A field has a value that it cannot have.
    #[error("read the image: {what} is {value}")]
    Invalid {
        /// The field.
        what: &'static str,
        /// Its value.
        value: u64,
    },
    /// Compressed data do not decompress to what the header says.
    #[error("decompress the image: {0}")]
    Compression(String),
}

/// A loadable image: one part for each fat binary in it, each part with one or several entries of
/// which one is to be used. Nearly all images have one part; programs linked from relocatable
/// device code have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image<'a> {
    /// The parts in order; at least one.
    pub parts: Vec<Part<'a>>,
}

/// One fat binary, or a file that stands alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// The same code for several architectures.
    pub entries: Vec<Entry<'a>>,
}

/// Code for one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// PTX or cubin.
    pub kind: EntryKind,
    /// The architecture it was compiled for. For PTX text that stands alone it is zero: the text
    /// says it.
    pub arch: Arch,
    /// PTX version, or version of the cubin format, major and minor. Zero if it stands alone.
    pub version: (u16, u16),
    /// The options record of PTX, for example ` -maxrregcount=40 `.
    pub options: &'a str,
    payload: payload::Payload<'a>,
}

/// What an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// PTX text.
    Ptx,
    /// Machine code in an ELF file.
    Cubin,
}

/// An architecture: `sm_90a` is number 90, [`ArchScope::Specific`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Arch {
    /// Ten times the major compute capability plus the minor one.
    pub sm: u32,
    /// Which other architectures can run the code.
    pub scope: ArchScope,
}

/// Which architectures can run code compiled for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ArchScope {
    /// All later ones.
    #[default]
    Portable,
    /// Those of its family (`sm_100f`).
    Family,
    /// That one only (`sm_90a`).
    Specific,
}

impl<'a> Image<'a> {
    /// Finds the parts and entries of an image. Bytes after the image are ignored; payloads are
    /// not looked at yet.
    ///
    /// # Errors
    /// Where the bytes are no image or a structure is cut off.
    pub fn parse(bytes: &'a [u8]) -> Result<Image<'a>, ImageError> {
        if fatbin::is_fatbin(bytes) {
            return fatbin::parse(bytes).map(|parts| Image { parts });
        }
        let (kind, payload, arch) = if elf::is_elf(bytes) {
            elf::check(bytes)?;
            (EntryKind::Cubin, bytes, elf::arch(bytes))
        } else {
            (EntryKind::Ptx, ptx_text(bytes)?, Arch::default())
        };
        let payload = payload::Payload::plain(payload);
        let entry = Entry {
            kind,
            arch,
            version: (0, 0),
            options: "",
            payload,
        };
        Ok(Image {
            parts: vec![Part {
                entries: vec![entry],
            }],
        })
    }
}

impl<'a> Part<'a> {
    /// The entry to load: of the PTX whose architecture `executable` accepts the newest, else a
    /// cubin. PTX that is bound to one architecture or family is used only where there is no
    /// portable PTX, because it is likely to use what only that architecture has.
    pub fn choose(&self, executable: impl Fn(Arch) -> bool) -> Option<&Entry<'a>> {
        let ptx = self
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Ptx && executable(entry.arch))
            .max_by_key(|entry| (entry.arch.scope == ArchScope::Portable, entry.arch.sm));
        ptx.or_else(|| {
            let cubins = self
                .entries
                .iter()
                .filter(|entry| entry.kind == EntryKind::Cubin);
            cubins.max_by_key(|entry| entry.arch.sm)
        })
    }
}

impl<'a> Entry<'a> {
    /// The uncompressed PTX text or cubin.
    ///
    /// # Errors
    /// Where compressed data are damaged.
    pub fn bytes(&self) -> Result<Cow<'a, [u8]>, ImageError> {
        self.payload.bytes()
    }

    /// The PTX text, without the NUL at its end. Bytes that are not UTF-8 (they can only stand in
    /// comments and file names) are replaced.
    ///
    /// # Errors
    /// Where compressed data are damaged.
    pub fn text(&self) -> Result<Cow<'a, str>, ImageError> {
        Ok(match self.bytes()? {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(until_nul(bytes)),
            Cow::Owned(mut bytes) => {
                bytes.truncate(until_nul(&bytes).len());
                Cow::Owned(match String::from_utf8(bytes) {
                    Ok(text) => text,
                    Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
                })
            }
        })
    }

    /// Names, parameters and variables of a cubin.
    ///
    /// # Errors
    /// Where the ELF file is damaged.
    pub fn cubin(&self) -> Result<Cubin, ImageError> {
        Cubin::parse(&self.bytes()?)
    }

    /// The register limit that PTX was compiled with (`-maxrregcount`).
    #[must_use]
    pub fn max_registers(&self) -> Option<u32> {
        let mut words = self
            .options
            .split([' ', '='])
            .filter(|word| !word.is_empty());
        words.find(|word| word.trim_start_matches('-') == "maxrregcount")?;
        words.next()?.parse().ok()
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    &bytes[..end]
}

/// The bytes up to the first NUL if they look like PTX: after blanks and comments stands a
/// `.version` directive.
fn ptx_text(bytes: &[u8]) -> Result<&[u8], ImageError> {
    let text = until_nul(bytes);
    let mut rest = text.trim_ascii_start();
    loop {
        let comment_end: &[u8] = match rest {
            [b'/', b'/', ..] => b"\n",
            [b'/', b'*', ..] => b"*/",
            _ => break,
        };
        let found = rest[2..]
            .windows(comment_end.len())
            .position(|window| window == comment_end);
        let end = found.ok_or_else(|| unrecognised(bytes))? + 2 + comment_end.len();
        rest = rest[end..].trim_ascii_start();
    }
    if rest.starts_with(b".version") {
        Ok(text)
    } else {
        Err(unrecognised(bytes))
    }
}

fn unrecognised(bytes: &[u8]) -> ImageError {
    let mut beginning = [0; 16];
    for (to, from) in beginning.iter_mut().zip(bytes) {
        *to = *from;
    }
    ImageError::Unrecognised { beginning }
}

#[cfg(test)]
mod tests {
    use super::fatbin::tests::{Built, fatbin};
    use super::*;

    const PTX: &str = ".version 8.8\n.target sm_90\n";

    fn portable(sm: u32) -> Arch {
        Arch {
            sm,
            scope: ArchScope::Portable,
        }
    }

    #[test]
    fn ptx_text_is_recognised_with_blanks_comments_and_nul() {
        let bytes = format!(" \r\n// c\n/* .d */{PTX}\0garbage");
        let image = Image::parse(bytes.as_bytes()).unwrap();
        let entry = image.parts[0].choose(|_| true).unwrap();
        assert_eq!(entry.kind, EntryKind::Ptx);
        assert!(entry.text().unwrap().ends_with(".target sm_90\n"));
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [
            &b""[..],
            b"hello",
            b"\0\0\0\0",
            b"// .version",
            b"\xb1\x43\x62\x46",
        ] {
            let refused = Image::parse(bytes);
            assert!(matches!(refused, Err(ImageError::Unrecognised { .. })));
        }
    }

    #[test]
    fn ptx_that_is_not_utf8_in_comments_is_still_text() {
        let bytes = b".version 8.0 // caf\xe9\n.target sm_50";
        let image = Image::parse(bytes).unwrap();
        assert!(
            image.parts[0].entries[0]
                .text()
                .unwrap()
                .contains("caf\u{fffd}")
        );
    }

    #[test]
    fn choose_takes_the_newest_portable_ptx() {
        let specific = Arch {
            sm: 100,
            scope: ArchScope::Specific,
        };
        let bytes = fatbin(&[
            Built::ptx(portable(80), "80"),
            Built::ptx(portable(90), "90"),
            Built::ptx(specific, "100a"),
            Built::cubin(120),
        ]);
        let image = Image::parse(&bytes).unwrap();
        let arch = |executable: fn(Arch) -> bool| {
            image.parts[0]
                .choose(executable)
                .map(|entry| (entry.kind, entry.arch))
        };
        assert_eq!(arch(|_| true), Some((EntryKind::Ptx, portable(90))));
        assert_eq!(
            arch(|arch| arch.sm < 90),
            Some((EntryKind::Ptx, portable(80)))
        );
        assert_eq!(arch(|arch| arch.sm > 90), Some((EntryKind::Ptx, specific)));
        assert_eq!(arch(|_| false), Some((EntryKind::Cubin, portable(120))));
    }

    #[test]
    fn consecutive_fatbins_are_parts() {
        let mut bytes = fatbin(&[Built::ptx(portable(80), PTX)]);
        bytes.extend(fatbin(&[Built::ptx(portable(70), PTX), Built::cubin(70)]));
        bytes.extend([0; 40]);
        let image = Image::parse(&bytes).unwrap();
        let counts: Vec<_> = image.parts.iter().map(|part| part.entries.len()).collect();
        assert_eq!(counts, [1, 2]);
    }

    #[test]
    fn options_give_the_register_limit() {
        let check = |options: &str, expected| {
            let built = Built {
                options: options.into(),
                ..Built::ptx(portable(80), PTX)
            };
            let bytes = fatbin(&[built]);
            let image = Image::parse(&bytes).unwrap();
            let entry = &image.parts[0].entries[0];
            assert_eq!(entry.options, options);
            assert_eq!(entry.max_registers(), expected, "{options}");
            assert_eq!(entry.text().unwrap(), PTX);
        };
        check(" -maxrregcount=40 ", Some(40));
        check("--maxrregcount 32", Some(32));
        check(" -g ", None);
        check("", None);
    }
}
