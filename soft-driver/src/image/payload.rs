//! The bytes of an entry, decompressed on demand. Read [`Payload`].

use std::borrow::Cow;
use std::io::Read;

use super::{ImageError, PAYLOAD_BYTES_MAX};

/// An LZ4 block cannot expand further than this, so a larger claim is false before any work.
const LZ4_RATIO_MAX: u64 = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// A bare LZ4 block.
    Lz4,
    /// A zstd frame.
    Zstd,
}

/// Bytes as they stand in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payload<'a> {
    stored: &'a [u8],
    compression: Compression,
    /// Bytes after decompression, as the header claims.
    size: u64,
}

impl<'a> Payload<'a> {
    pub(super) fn plain(stored: &'a [u8]) -> Self {
        Self {
            stored,
            compression: Compression::None,
            size: stored.len() as u64,
        }
    }

    pub(super) fn compressed(
        stored: &'a [u8],
        compression: Compression,
        size: u64,
    ) -> Result<Self, ImageError> {
        let lz4_max = (stored.len() as u64).saturating_mul(LZ4_RATIO_MAX);
        let false_claim = compression == Compression::Lz4 && size > lz4_max;
        if size > PAYLOAD_BYTES_MAX || false_claim {
            return Err(ImageError::Invalid {
                what: "the uncompressed size",
                value: size,
            });
        }
        Ok(Self {
            stored,
            compression,
            size,
        })
    }

    pub(super) fn bytes(&self) -> Result<Cow<'a, [u8]>, ImageError> {
        let bytes = match self.compression {
            Compression::None => return Ok(Cow::Borrowed(self.stored)),
            Compression::Lz4 => lz4_flex::block::decompress(self.stored, self.size as usize)
                .map_err(|error| ImageError::Compression(error.to_string()))?,
            Compression::Zstd => self.unpack_zstd()?,
        };
        if bytes.len() as u64 == self.size {
            return Ok(Cow::Owned(bytes));
        }
        let produced = bytes.len();
        Err(ImageError::Compression(format!(
            "{produced} bytes where {} were announced",
            self.size
        )))
    }

    /// Stops one byte after the announced size: the output never grows past it.
    fn unpack_zstd(&self) -> Result<Vec<u8>, ImageError> {
        let failed = |error: &dyn std::fmt::Display| ImageError::Compression(error.to_string());
        let decoder =
            ruzstd::decoding::StreamingDecoder::new(self.stored).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        decoder
            .take(self.size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(&error))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zstd frame by hand: magic, single segment with a one-byte size, one raw last block.
    fn zstd_frame(content: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, content.len() as u8];
        let block = ((content.len() as u32) << 3) | 1;
        frame.extend(&block.to_le_bytes()[..3]);
        frame.extend(content);
        frame
    }

    #[test]
    fn both_compressions_give_back_the_bytes() {
        let content = b"abcabcabcabcabcabc";
        let check = |stored: &[u8], compression| {
            let size = content.len() as u64;
            let payload = Payload::compressed(stored, compression, size).unwrap();
            assert_eq!(payload.bytes().unwrap().as_ref(), content);
        };
        check(&lz4_flex::block::compress(content), Compression::Lz4);
        check(&zstd_frame(content), Compression::Zstd);
        check(content, Compression::None);
    }

    #[test]
    fn a_false_size_is_refused() {
        let stored = lz4_flex::block::compress(&[7; 1000]);
        for size in [0, 999, 1001] {
            let payload = Payload::compressed(&stored, Compression::Lz4, size).unwrap();
            assert!(payload.bytes().is_err(), "{size}");
            let frame = zstd_frame(&[7; 100]);
            let payload = Payload::compressed(&frame, Compression::Zstd, size.min(101)).unwrap();
            assert!(payload.bytes().is_err(), "{size}");
        }
        for size in [PAYLOAD_BYTES_MAX + 1, 256 * 1000] {
            assert!(Payload::compressed(&stored[..9], Compression::Lz4, size).is_err());
        }
    }

    #[test]
    fn damaged_data_are_refused() {
        for compression in [Compression::Lz4, Compression::Zstd] {
            let payload = Payload::compressed(&[0xff; 64], compression, 500).unwrap();
            assert!(matches!(payload.bytes(), Err(ImageError::Compression(_))));
        }
    }
}
