//! What a warp has executed: instructions, and the same times their lanes. Read [`Warp::take_counts`].

use super::Warp;

impl Warp {
    /// The op at hand is none of the program.
    #[inline(always)]
    pub(in crate::exec) fn uncount(&mut self) {
        self.markers += 1;
        self.lane_markers += self.width;
    }

    /// How many lanes `mask` has, some of the active ones.
    #[inline(always)]
    pub(in crate::exec) fn count(&self, mask: u32) -> u32 {
        if mask == self.active {
            return self.width as u32;
        }
        mask.count_ones()
    }

    /// Counts ops that machine code has executed.
    #[inline(always)]
    pub(in crate::exec) fn count_executed(&mut self, ops: u32) {
        self.issued += u64::from(ops);
        self.lane_issued += u64::from(ops) * self.width;
    }

    /// Instructions issued since the last call, and the same times their lanes.
    pub(in crate::exec) fn take_counts(&mut self) -> (u64, u64) {
        let counts = (
            self.issued - self.markers,
            self.lane_issued - self.lane_markers,
        );
        (self.issued, self.lane_issued) = (0, 0);
        (self.markers, self.lane_markers) = (0, 0);
        counts
    }
}

/// How many lanes `mask` has. Most warps are whole, and not every CPU has an instruction for it.
#[inline(always)]
pub(super) fn width_of(mask: u32) -> u64 {
    if mask == u32::MAX {
        return 32;
    }
    u64::from(mask.count_ones())
}
