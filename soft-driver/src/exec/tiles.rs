//! Moving 8 x 8 matrices of 16-bit elements between shared memory and the registers of a warp:
//! `ldmatrix`, `stmatrix`, `movmatrix`. Read [`rows`].
#![expect(
    unsafe_code,
    reason = "reads and writes rows of matrices in device memory"
)]

use super::{
    env::Access,
    matrix::take,
    memory::{Generic, Reach, Space},
    op::{Flow, Op, Slot},
    warp::Warp,
};

/// `ldmatrix` and `stmatrix` on 8 x 8 matrices of 16-bit elements: lane `8 i + r` of row `a` holds the
/// generic address of row `r` of matrix `i`; the list: whether transposed, the site, then the counted
/// registers. `imm` is 1 to store.
pub(super) fn rows(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let transposed = list[0] != 0;
    let (regs, _) = take(&list[2..]);
    let stores = op.imm != 0;
    let reach = Reach {
        site: list[1],
        bytes: 16,
        access: if stores { Access::Write } else { Access::Read },
    };
    let addresses = *w.row::<u64>(op.a);
    let mask = w.mask(op);
    if mask == 0 {
        return Flow::Next;
    }
    for (index, slot) in regs.iter().enumerate() {
        let mut tile = [[0u16; 8]; 8];
        if stores {
            tile = tile_of(w.row::<u32>(Slot(*slot)), transposed);
        }
        for (row, line) in tile.iter_mut().enumerate() {
            let lane = index * 8 + row;
            let Some(at) = Generic::resolve(w, reach, lane, addresses[lane]) else {
                return Flow::Fault;
            };
            let at = at.cast::<[u16; 8]>();
            if stores {
                // SAFETY: `resolve` has checked 16 aligned bytes.
                unsafe { at.write_volatile(*line) };
            } else {
                // SAFETY: as above.
                *line = unsafe { at.read_volatile() };
            }
        }
        if !stores {
            let row = fragments(&tile, transposed);
            w.commit(Slot(*slot), &row, mask);
        }
    }
    Flow::Next
}

/// `movmatrix`: `d` = the transpose of the 8 x 8 matrix in row `a`.
pub(super) fn transpose(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let tile = tile_of(w.row::<u32>(op.a), false);
    let row = fragments(&tile, true);
    w.commit(op.d, &row, mask);
    Flow::Next
}

/// The matrix whose fragments the lanes hold: two neighbours of a row each.
fn tile_of(row: &[u32; 32], transposed: bool) -> [[u16; 8]; 8] {
    let mut tile = [[0; 8]; 8];
    for (lane, word) in row.iter().enumerate() {
        for part in 0..2 {
            let (r, c) = (lane / 4, lane % 4 * 2 + part);
            let value = (word >> (16 * part)) as u16;
            if transposed {
                tile[c][r] = value;
            } else {
                tile[r][c] = value;
            }
        }
    }
    tile
}

fn fragments(tile: &[[u16; 8]; 8], transposed: bool) -> [u32; 32] {
    let mut row = [0; 32];
    for (lane, word) in row.iter_mut().enumerate() {
        for part in 0..2 {
            let (r, c) = (lane / 4, lane % 4 * 2 + part);
            let value = if transposed { tile[c][r] } else { tile[r][c] };
            *word |= u32::from(value) << (16 * part);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_twice_gives_the_matrix_back() {
        let row: [u32; 32] = std::array::from_fn(|lane| lane as u32 * 0x1_0003 + 7);
        let once = fragments(&tile_of(&row, false), true);
        assert_ne!(once, row);
        assert_eq!(fragments(&tile_of(&once, false), true), row);
    }
}
