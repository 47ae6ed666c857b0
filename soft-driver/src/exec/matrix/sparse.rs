//! Matrices half of whose rows' elements are left out, and the metadata that says which. Read [`indices`].

use super::{Kind, Plan};

/// The metadata of a row: two bits an element, or four of `tf32`, or two for two elements of four bits. Threads of
/// a group of four hold 16 bits each of rows `r` and `r + 8`, or, of smaller elements, 32 bits of one of these rows
/// and 32 bits of the other in turn; the selector says with which thread of the group they begin.
pub(super) fn indices(plan: Plan, words: &[u32; 32], row: usize) -> u64 {
    let selector = plan.sparse as usize - 1;
    let (group, lower) = (4 * (row % 8), row / 8);
    let narrow = plan.a.bits() < 16;
    let bits = match plan.a {
        Kind::Tf32 => 2 * plan.k,
        Kind::S4 | Kind::U4 => plan.k / 2,
        _ => plan.k,
    };
    // Sixteen bits of each of two rows are a thread's, in either arrangement.
    let threads = bits / 16;
    let first = group + selector * threads % 4;
    let part = |at: usize| match narrow {
        true => u64::from(words[first + at / 2 * 2 + lower] >> (16 * (at % 2)) & 0xFFFF),
        false => u64::from(words[first + at] >> (16 * lower) & 0xFFFF),
    };
    (0..threads).fold(0, |all, at| all | part(at) << (16 * at))
}

/// The column of the `at`-th element that a sparse row has.
pub(super) fn column(kind: Kind, indices: u64, at: usize) -> usize {
    match kind {
        Kind::Tf32 => 2 * at + (indices >> (4 * at + 1) & 1) as usize,
        Kind::S4 | Kind::U4 => {
            let pair = (indices >> (at / 2 * 2) & 3) as usize;
            at / 4 * 8 + 2 * pair + at % 2
        }
        _ => at / 2 * 4 + (indices >> (2 * at) & 3) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparse_rows_find_their_columns() {
        // The first and the last of four; the second of two; the pairs 1 and 3 of four.
        assert_eq!([0, 1].map(|at| column(Kind::F16, 0b1100, at)), [0, 3]);
        assert_eq!([0, 1].map(|at| column(Kind::Tf32, 0x4E, at)), [1, 2]);
        let pairs = [0, 1, 2, 3].map(|at| column(Kind::S4, 0b1101, at));
        assert_eq!(pairs, [2, 3, 6, 7]);
    }
}
