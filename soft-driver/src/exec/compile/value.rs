//! What the compiler knows of a row while it writes code: its lanes may follow each other in equal steps, and
//! then one or two numbers stand for all of them. Addresses mostly do. Read [`Lanes`].

use super::template::Width;

/// Where a number is while code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Cell {
    /// It is known now.
    Const(u64),
    /// In the code's frame.
    Stack(u32),
    /// In a row of the values of the block, all lanes of which are equal.
    Block(u32),
}

/// A row whose lanes are `step` apart: lane `i` of a half is its first plus `i * step`, which wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Lanes {
    pub(super) width: Width,
    pub(super) step: i64,
    /// Lane 0.
    pub(super) low: Cell,
    /// Lane 16, if it does not follow lane 15 in the same step.
    pub(super) high: Option<Cell>,
}

/// Steps are small, so that 32 of them fit an instruction's number.
pub(super) const STEP_MAX: i64 = 1 << 20;

impl Lanes {
    /// The same number in all lanes.
    pub(super) fn uniform(width: Width, cell: Cell) -> Self {
        Self {
            width,
            step: 0,
            low: cell,
            high: None,
        }
    }

    /// The number, if it is the same in all lanes and known now.
    pub(super) fn constant(self) -> Option<u64> {
        match (self.step, self.low, self.high) {
            (0, Cell::Const(value), None) => Some(value),
            _ => None,
        }
    }

    /// Whether the lanes of each half are equal.
    pub(super) fn is_level(self) -> bool {
        self.step == 0
    }

    /// Lanes that follow each other without a break.
    pub(super) fn run(self) -> i64 {
        if self.high.is_some() { 16 } else { 32 }
    }
}

/// A row as the compiler knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) lanes: Lanes,
    /// The row in memory holds it too.
    pub(super) stored: bool,
}

/// The lanes of a row that is in memory now, if they are in equal steps: the step, and whether the halves
/// follow each other.
pub(super) fn pattern(values: &[u64; 32], width: Width) -> Option<(i64, bool)> {
    let minus = |a: u64, b: u64| match width {
        Width::W32 => i64::from((a as u32).wrapping_sub(b as u32) as i32),
        Width::W64 => a.wrapping_sub(b) as i64,
    };
    let step = minus(values[1], values[0]);
    if step.abs() > STEP_MAX {
        return None;
    }
    let follows = |lane: usize, first: usize| {
        minus(values[lane], values[first]) == step * (lane - first) as i64
    };
    let halves = (0..32).all(|lane| follows(lane, lane / 16 * 16));
    halves.then(|| (step, follows(16, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_finds_steps_and_breaks() {
        let whole: [u64; 32] = std::array::from_fn(|lane| 100 + 4 * lane as u64);
        assert_eq!(pattern(&whole, Width::W64), Some((4, true)));
        let halves: [u64; 32] = std::array::from_fn(|lane| (lane % 16) as u64);
        assert_eq!(pattern(&halves, Width::W32), Some((1, false)));
        let back: [u64; 32] = std::array::from_fn(|lane| u64::from(3u32.wrapping_sub(lane as u32)));
        assert_eq!(pattern(&back, Width::W32), Some((-1, true)));
        let mut odd = whole;
        odd[20] += 1;
        assert_eq!(pattern(&odd, Width::W64), None);
    }
}
