//! Boxes of bytes in the caller's memory: their size, and their rows packed and spread. It sends
//! nothing. Read [`gather`] first.

use rigel_protocol::custom::{Copy3d, Side};
use rigel_protocol::link::COLLECT_BYTES_MAX;
use rigel_protocol::{CuError, CuResult, HostPtr};

use crate::caller::CallerBytes;

/// How many bytes a box has without gaps.
pub(super) fn box_bytes(copy: &Copy3d) -> CuResult<u64> {
    let extent = copy.extent;
    extent
        .width_bytes
        .checked_mul(extent.height)
        .and_then(|bytes| bytes.checked_mul(extent.depth))
        .filter(|bytes| *bytes <= COLLECT_BYTES_MAX)
        .ok_or(CuError::INVALID_VALUE)
}

/// How many bytes from a side's base to the end of its box.
pub(super) fn span(side: &Side, copy: &Copy3d) -> CuResult<u64> {
    row_offset(side, copy.extent.height - 1, copy.extent.depth - 1)
        .and_then(|offset| offset.checked_add(copy.extent.width_bytes))
        .ok_or(CuError::INVALID_VALUE)
}

/// Where a row of the box begins.
pub(super) fn row_offset(side: &Side, row: u64, slice: u64) -> Option<u64> {
    let slice = side.z.checked_add(slice)?;
    let rows = slice
        .checked_mul(side.rows)?
        .checked_add(side.y)?
        .checked_add(row)?;
    rows.checked_mul(side.pitch_bytes)?
        .checked_add(side.x_bytes)
}

/// The bytes of a box in the caller's memory, without gaps.
pub(super) fn gather(base: HostPtr, side: &Side, copy: &Copy3d, bytes: u64) -> CuResult<Vec<u8>> {
    // SAFETY: the caller of a copy vouches for the whole box at its source.
    let memory = unsafe { CallerBytes::new(base, span(side, copy)?) }?;
    let mut packed = Vec::with_capacity(bytes as usize);
    for_each_row(side, copy, |offset, _| {
        let row = memory
            .part(offset, copy.extent.width_bytes)
            .ok_or(CuError::INVALID_VALUE)?;
        packed.extend_from_slice(row);
        Ok(())
    })?;
    Ok(packed)
}

/// Writes bytes without gaps into a box in the caller's memory.
pub(super) fn scatter(base: HostPtr, side: &Side, copy: &Copy3d, packed: &[u8]) -> CuResult<()> {
    // SAFETY: the caller of a copy vouches for the whole box at its destination.
    let memory = unsafe { CallerBytes::new(base, span(side, copy)?) }?;
    for_each_row(side, copy, |offset, at| {
        let row = packed.get(at as usize..(at + copy.extent.width_bytes) as usize);
        let written = row.is_some_and(|row| memory.write(offset, row));
        if written {
            Ok(())
        } else {
            Err(CuError::UNKNOWN)
        }
    })
}

/// Visits the rows of a box: where each begins in the memory, and where among the packed bytes.
fn for_each_row(
    side: &Side,
    copy: &Copy3d,
    mut visit: impl FnMut(u64, u64) -> CuResult<()>,
) -> CuResult<()> {
    let mut at = 0;
    for slice in 0..copy.extent.depth {
        for row in 0..copy.extent.height {
            let offset = row_offset(side, row, slice).ok_or(CuError::INVALID_VALUE)?;
            visit(offset, at)?;
            at += copy.extent.width_bytes;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rigel_protocol::custom::{Extent, Place};

    use super::*;

    fn side(memory: &mut [u8], x_bytes: u64, y: u64, pitch_bytes: u64) -> Side {
        Side {
            place: Place::Host(HostPtr(memory.as_mut_ptr() as u64)),
            x_bytes,
            y,
            z: 0,
            pitch_bytes,
            rows: 4,
        }
    }

    #[test]
    fn gathered_box_scatters_to_the_same_places() {
        let mut from: Vec<u8> = (0..64).collect();
        let mut to = vec![0_u8; 64];
        let copy = Copy3d {
            src: side(&mut from, 2, 1, 8),
            dst: side(&mut to, 1, 0, 8),
            extent: Extent {
                width_bytes: 3,
                height: 2,
                depth: 2,
            },
        };
        let base = HostPtr(from.as_mut_ptr() as u64);
        let packed = gather(base, &copy.src, &copy, 12).unwrap();
        assert_eq!(packed, [10, 11, 12, 18, 19, 20, 42, 43, 44, 50, 51, 52]);
        scatter(HostPtr(to.as_mut_ptr() as u64), &copy.dst, &copy, &packed).unwrap();
        assert_eq!(&to[1..4], [10, 11, 12]);
        assert_eq!(&to[9..12], [18, 19, 20]);
        assert_eq!(&to[33..36], [42, 43, 44]);
        assert_eq!(&to[41..44], [50, 51, 52]);
        assert_eq!(to.iter().filter(|byte| **byte != 0).count(), 12);
    }

    #[test]
    fn boxes_beyond_all_measure_are_refused() {
        let mut memory = [0_u8; 1];
        let side = side(&mut memory, u64::MAX, 1, u64::MAX);
        let copy = Copy3d {
            src: side,
            dst: side,
            extent: Extent {
                width_bytes: u64::MAX,
                height: 2,
                depth: 1,
            },
        };
        assert!(box_bytes(&copy).is_err());
        assert!(span(&side, &copy).is_err());
    }
}
