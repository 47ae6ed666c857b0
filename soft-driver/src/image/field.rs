//! Little-endian fields at checked offsets. Nothing here can panic or overflow.

use super::ImageError;

/// The piece of `bytes` from `offset` on that is `length` long.
pub(super) fn piece<'a>(
    bytes: &'a [u8],
    offset: u64,
    length: u64,
    what: &'static str,
) -> Result<&'a [u8], ImageError> {
    let truncated = ImageError::Truncated { what, offset };
    let (Ok(start), Some(Ok(end))) = (
        usize::try_from(offset),
        offset.checked_add(length).map(usize::try_from),
    ) else {
        return Err(truncated);
    };
    bytes.get(start..end).ok_or(truncated)
}

fn array<const N: usize>(
    bytes: &[u8],
    offset: u64,
    what: &'static str,
) -> Result<[u8; N], ImageError> {
    let mut value = [0; N];
    value.copy_from_slice(piece(bytes, offset, N as u64, what)?);
    Ok(value)
}

pub(super) fn u16_at(bytes: &[u8], offset: u64, what: &'static str) -> Result<u16, ImageError> {
    array(bytes, offset, what).map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], offset: u64, what: &'static str) -> Result<u32, ImageError> {
    array(bytes, offset, what).map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], offset: u64, what: &'static str) -> Result<u64, ImageError> {
    array(bytes, offset, what).map(u64::from_le_bytes)
}
