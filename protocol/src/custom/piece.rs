//! Parts of a box that is packed: rows follow one another without gaps, slices too. A copy travels in
//! such parts. It copies nothing. Read [`Piece`] first.

use super::copy::{Copy3d, Extent, Place, Side};
use crate::call::HostPtr;
use crate::status::{CuError, CuResult};

/// A part of a box that is a box again, whose bytes follow one another in the packed form: a part of a
/// row, whole rows of a slice, or whole slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First byte within a row of the box.
    pub x_bytes: u64,
    /// First row.
    pub y: u64,
    /// First slice.
    pub z: u64,
    /// How much.
    pub extent: Extent,
}

impl Extent {
    /// How many bytes it has; `None` for more than can be counted.
    pub fn bytes(&self) -> Option<u64> {
        self.width_bytes
            .checked_mul(self.height)?
            .checked_mul(self.depth)
    }

    /// The largest piece of at most `bytes_max` that begins at this byte of the packed form; `None` behind
    /// the last byte.
    pub fn piece(&self, offset: u64, bytes_max: u64) -> Option<Piece> {
        let Extent {
            width_bytes,
            height,
            depth,
        } = *self;
        let bytes_max = bytes_max.min(self.bytes()?.checked_sub(offset)?);
        if bytes_max == 0 {
            return None;
        }
        let (x_bytes, row) = (offset % width_bytes, offset / width_bytes);
        let (y, z) = (row % height, row / height);
        let extent = if x_bytes > 0 || bytes_max < width_bytes {
            [bytes_max.min(width_bytes - x_bytes), 1, 1]
        } else if y > 0 || bytes_max < width_bytes * height {
            [width_bytes, (bytes_max / width_bytes).min(height - y), 1]
        } else {
            let slices = bytes_max / (width_bytes * height);
            [width_bytes, height, slices.min(depth - z)]
        };
        let [width_bytes, height, depth] = extent;
        Some(Piece {
            x_bytes,
            y,
            z,
            extent: Extent {
                width_bytes,
                height,
                depth,
            },
        })
    }

    /// A box without gaps in the host's memory.
    pub fn packed_at(&self, base: HostPtr) -> Side {
        Side {
            place: Place::Host(base),
            x_bytes: 0,
            y: 0,
            z: 0,
            pitch_bytes: self.width_bytes,
            rows: self.height,
        }
    }
}

impl Piece {
    /// How many bytes it has.
    pub fn bytes(&self) -> u64 {
        let Extent {
            width_bytes,
            height,
            depth,
        } = self.extent;
        width_bytes * height * depth
    }

    /// Where it is in a volume in which the box is at `side`.
    pub fn within(&self, side: &Side) -> CuResult<Side> {
        let beyond = CuError::INVALID_VALUE;
        Ok(Side {
            x_bytes: side.x_bytes.checked_add(self.x_bytes).ok_or(beyond)?,
            y: side.y.checked_add(self.y).ok_or(beyond)?,
            z: side.z.checked_add(self.z).ok_or(beyond)?,
            ..*side
        })
    }

    /// The copy of this piece, packed at an address of the host's, to where the whole is at `dst`.
    pub fn copy_from(&self, packed: HostPtr, dst: &Side) -> CuResult<Copy3d> {
        Ok(Copy3d {
            dst: self.within(dst)?,
            src: self.extent.packed_at(packed),
            extent: self.extent,
        })
    }

    /// The copy of this piece of what is at `src` to an address of the host's, where it is packed.
    pub fn copy_to(&self, packed: HostPtr, src: &Side) -> CuResult<Copy3d> {
        Ok(Copy3d {
            dst: self.extent.packed_at(packed),
            src: self.within(src)?,
            extent: self.extent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Extent = Extent {
        width_bytes: 5,
        height: 3,
        depth: 4,
    };

    fn check(offset: u64, bytes_max: u64, expected: Option<([u64; 3], [u64; 3])>) {
        let piece = BOX.piece(offset, bytes_max).map(|piece| {
            let Extent {
                width_bytes,
                height,
                depth,
            } = piece.extent;
            (
                [piece.x_bytes, piece.y, piece.z],
                [width_bytes, height, depth],
            )
        });
        assert_eq!(piece, expected, "{bytes_max} bytes from {offset}");
    }

    #[test]
    fn piece_is_a_part_of_a_row_or_rows_or_slices() {
        check(0, 60, Some(([0, 0, 0], [5, 3, 4])));
        check(0, 1000, Some(([0, 0, 0], [5, 3, 4])));
        check(15, 44, Some(([0, 0, 1], [5, 3, 2])));
        check(0, 14, Some(([0, 0, 0], [5, 2, 1])));
        check(20, 40, Some(([0, 1, 1], [5, 2, 1])));
        check(0, 4, Some(([0, 0, 0], [4, 1, 1])));
        check(58, 40, Some(([3, 2, 3], [2, 1, 1])));
        check(60, 40, None);
        check(61, 40, None);
        check(0, 0, None);
    }

    #[test]
    fn pieces_of_every_size_cover_each_byte_once_in_order() {
        for bytes_max in 1..=61 {
            let (mut offset, mut seen) = (0, Vec::new());
            while let Some(piece) = BOX.piece(offset, bytes_max) {
                assert!((1..=bytes_max).contains(&piece.bytes()));
                for z in piece.z..piece.z + piece.extent.depth {
                    for y in piece.y..piece.y + piece.extent.height {
                        let row = (z * BOX.height + y) * BOX.width_bytes + piece.x_bytes;
                        seen.extend(row..row + piece.extent.width_bytes);
                    }
                }
                offset += piece.bytes();
            }
            assert_eq!(seen, (0..60).collect::<Vec<_>>());
        }
    }

    #[test]
    fn box_without_bytes_or_beyond_all_measure_has_no_pieces() {
        for [width_bytes, height, depth] in [[0, 1, 1], [1, 0, 1], [1, 1, 0], [1 << 32, 1 << 32, 1]]
        {
            let extent = Extent {
                width_bytes,
                height,
                depth,
            };
            assert_eq!(extent.piece(0, u64::MAX), None);
        }
    }
}
