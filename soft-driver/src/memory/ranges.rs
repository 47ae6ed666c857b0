//! Which parts of an address range are free. Pure bookkeeping: no pages, no locks. Read [`Ranges`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// The free parts of a range, neighbours always joined. Best fit, then lowest address.
#[derive(Debug, Default)]
pub(crate) struct Ranges {
    /// Start to end.
    by_start: BTreeMap<u64, u64>,
    /// Length and start.
    by_length: BTreeSet<(u64, u64)>,
}

impl Ranges {
    /// All of `range` is free.
    pub(crate) fn new(range: Range<u64>) -> Self {
        let mut ranges = Self::default();
        ranges.put(range);
        ranges
    }

    /// Takes `bytes` bytes at a multiple of `align`, a power of two.
    pub(crate) fn take(&mut self, bytes: u64, align: u64) -> Option<u64> {
        let fits = |&(length, start): &(u64, u64)| {
            let at = start.checked_next_multiple_of(align)?;
            (at.checked_add(bytes)? <= start + length).then_some(at)
        };
        let at = self.by_length.range((bytes, 0)..).find_map(fits)?;
        self.take_at(at..at + bytes).then_some(at)
    }

    /// Takes exactly this range; false if part of it is not free.
    pub(crate) fn take_at(&mut self, wanted: Range<u64>) -> bool {
        let Some((&start, &end)) = self.by_start.range(..=wanted.start).next_back() else {
            return false;
        };
        if end < wanted.end || wanted.is_empty() {
            return false;
        }
        self.forget(start, end);
        self.put(start..wanted.start);
        self.put(wanted.end..end);
        true
    }

    /// Gives a range back that was taken.
    pub(crate) fn give(&mut self, given: Range<u64>) {
        let Range { mut start, mut end } = given;
        if let Some((&before, &before_end)) = self.by_start.range(..start).next_back() {
            debug_assert!(before_end <= start, "a free range is given back again");
            if before_end == start {
                self.forget(before, before_end);
                start = before;
            }
        }
        if let Some(&after_end) = self.by_start.get(&end) {
            self.forget(end, after_end);
            end = after_end;
        }
        self.put(start..end);
    }

    fn put(&mut self, range: Range<u64>) {
        if !range.is_empty() {
            self.by_start.insert(range.start, range.end);
            self.by_length
                .insert((range.end - range.start, range.start));
        }
    }

    fn forget(&mut self, start: u64, end: u64) {
        self.by_start.remove(&start);
        self.by_length.remove(&(end - start, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn take_prefers_the_tightest_hole() {
        let mut ranges = Ranges::new(0..1000);
        assert!(ranges.take_at(100..200));
        assert!(ranges.take_at(250..900));
        assert_eq!(ranges.take(50, 1), Some(200));
        assert_eq!(ranges.take(60, 1), Some(0));
    }

    #[test]
    fn take_aligned_starts_at_a_multiple() {
        let mut ranges = Ranges::new(1..1000);
        assert_eq!(ranges.take(10, 256), Some(256));
    }

    #[test]
    fn take_from_full_ranges_is_none() {
        let mut ranges = Ranges::new(0..64);
        assert_eq!(ranges.take(64, 1), Some(0));
        assert_eq!(ranges.take(1, 1), None);
    }

    #[test]
    fn give_joins_both_neighbours() {
        let mut ranges = Ranges::new(0..300);
        for start in [0, 100, 200] {
            assert!(ranges.take_at(start..start + 100));
        }
        for start in [0, 200, 100] {
            ranges.give(start..start + 100);
        }
        assert_eq!(ranges.take(300, 1), Some(0));
    }

    proptest! {
        #[test]
        fn taken_ranges_never_overlap_and_all_come_back(
            steps in prop::collection::vec((1u64..200, 0u32..7, any::<prop::sample::Index>()), 1..80)
        ) {
            let mut ranges = Ranges::new(0..4096);
            let mut held: Vec<Range<u64>> = Vec::new();
            for (bytes, shift, victim) in steps {
                if let Some(at) = ranges.take(bytes, 1 << shift) {
                    prop_assert_eq!(at % (1 << shift), 0);
                    let taken = at..at + bytes;
                    let apart = |r: &Range<u64>| r.end <= taken.start || taken.end <= r.start;
                    prop_assert!(taken.end <= 4096 && held.iter().all(apart));
                    held.push(taken);
                }
                if shift == 0 && !held.is_empty() {
                    let index = victim.index(held.len());
                    ranges.give(held.swap_remove(index));
                }
            }
            for range in held {
                ranges.give(range);
            }
            prop_assert_eq!(ranges.take(4096, 1), Some(0));
        }
    }
}
