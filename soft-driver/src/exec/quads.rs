//! Matrix products of the first tensor cores: `mma.m8n8k4` on halves, four products at once, one for each pair of
//! quads. Also the fragments of elements smaller than a byte. Read [`multiply`].
#![expect(unsafe_code, reason = "reads words of matrices in device memory")]

use super::{
    env::Access,
    half::{F16, Half},
    memory::{Generic, Reach, Space},
    op::{Flow, Op, Slot, lanes},
    warp::Warp,
};

/// Bits of `imm` of [`multiply`].
pub(super) mod flags {
    /// `a` is stored by columns.
    pub(in crate::exec) const A_BY_COLUMN: u64 = 1;
    /// `b` is stored by columns.
    pub(in crate::exec) const B_BY_COLUMN: u64 = 2;
    /// `c` is `f32` rather than `f16`.
    pub(in crate::exec) const C_SINGLE: u64 = 4;
    /// So is `d`.
    pub(in crate::exec) const D_SINGLE: u64 = 8;
}

/// Which of the four products a lane takes part in, and whether it is of the upper quad of the pair.
fn pair_of(lane: usize) -> (usize, usize) {
    (lane % 16 / 4, lane / 16)
}

/// Row and column of element `index` of a result that `lane` holds.
fn place(lane: usize, index: usize, single: bool) -> (usize, usize) {
    let (_, upper) = pair_of(lane);
    if !single {
        return (lane % 4 + 4 * upper, index);
    }
    (
        (lane & 1) + (index & 2) + 4 * upper,
        (index & 4) + (lane & 2) + (index & 1),
    )
}

/// Element `index` of halves packed in registers.
fn half(w: &Warp, slots: &[u32], lane: usize, index: usize) -> f32 {
    let word = w.row::<u32>(Slot(slots[index / 2]))[lane];
    F16((word >> (16 * (index % 2))) as u16).wide()
}

/// `d = a * b + c`; the list holds two registers of `a`, two of `b`, then four or eight of `c` and of `d`.
pub(super) fn multiply(w: &mut Warp, op: &Op) -> Flow {
    let flag = |flag: u64| op.imm & flag != 0;
    let list = w.list(op.ext);
    let c_len = if flag(flags::C_SINGLE) { 8 } else { 4 };
    let d_len = if flag(flags::D_SINGLE) { 8 } else { 4 };
    let (a, b) = (&list[..2], &list[2..4]);
    let (c, d) = (&list[4..4 + c_len], &list[4 + c_len..4 + c_len + d_len]);
    let mut left = [[[0f32; 4]; 8]; 4];
    let mut right = [[[0f32; 8]; 4]; 4];
    let mut sum = [[[0f32; 8]; 8]; 4];
    for lane in 0..32 {
        let (pair, upper) = pair_of(lane);
        for index in 0..4 {
            let (row, k) = if flag(flags::A_BY_COLUMN) {
                (index + 4 * upper, lane % 4)
            } else {
                (lane % 4 + 4 * upper, index)
            };
            left[pair][row][k] = half(w, a, lane, index);
            let (k, column) = if flag(flags::B_BY_COLUMN) {
                (index, lane % 4 + 4 * upper)
            } else {
                (lane % 4, index + 4 * upper)
            };
            right[pair][k][column] = half(w, b, lane, index);
        }
        for index in 0..8 {
            let (row, column) = place(lane, index, c_len == 8);
            sum[pair][row][column] = if c_len == 8 {
                f32::from_bits(w.row::<u32>(Slot(c[index]))[lane])
            } else {
                half(w, c, lane, index)
            };
        }
    }
    for pair in 0..4 {
        for row in 0..8 {
            for column in 0..8 {
                let to = &mut sum[pair][row][column];
                for k in 0..4 {
                    *to = left[pair][row][k].mul_add(right[pair][k][column], *to);
                }
            }
        }
    }
    for lane in lanes(w.mask(op)) {
        let (pair, _) = pair_of(lane);
        let value = |index: usize| {
            let (row, column) = place(lane, index, d_len == 8);
            sum[pair][row][column]
        };
        for (reg, slot) in d.iter().enumerate() {
            w.row_mut::<u32>(Slot(*slot))[lane] = if d_len == 8 {
                super::math::canon(value(reg)).to_bits()
            } else {
                let [low, high] = [value(2 * reg), value(2 * reg + 1)];
                u32::from(F16::near(low).0) | u32::from(F16::near(high).0) << 16
            };
        }
    }
    Flow::Next
}

/// `wmma.load` of elements of 4 bits or 1: a lane's 32 bits are contiguous in a row of `a` or a column of `b`. Row
/// `a` holds generic addresses, row `b` the distance of rows in elements; `imm` bits an element; `ext` the site.
pub(super) fn load_words(w: &mut Warp, op: &Op) -> Flow {
    let (bases, strides) = (*w.row::<u64>(op.a), *w.row::<u32>(op.b));
    let reach = Reach {
        site: op.ext,
        bytes: 4,
        access: Access::Read,
    };
    for lane in lanes(w.mask(op)) {
        let line = u64::from(strides[lane]) * op.imm / 8 * (lane as u64 / 4);
        let address = bases[lane].wrapping_add(line + lane as u64 % 4 * 4);
        let Some(at) = Generic::resolve(w, reach, lane, address) else {
            return Flow::Fault;
        };
        // SAFETY: `resolve` has checked four aligned bytes.
        let word = unsafe { at.cast::<u32>().read_volatile() };
        w.row_mut::<u32>(op.d)[lane] = word;
    }
    Flow::Next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_cover_four_matrices_once() {
        for single in [false, true] {
            let mut seen = [[[0; 8]; 8]; 4];
            for lane in 0..32 {
                for index in 0..8 {
                    let (row, column) = place(lane, index, single);
                    seen[pair_of(lane).0][row][column] += 1;
                }
            }
            assert!(seen.iter().flatten().flatten().all(|n| *n == 1));
        }
    }
}
