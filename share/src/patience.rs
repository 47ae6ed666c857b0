//! How long a holder without work keeps the GPU. Read [`Patience`] first.

/// A session that holds the GPU waits for its client's next work, since a change of hands costs more than a
/// short gap. Not every client comes back soon: a long wait is only for one that did the last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patience {
    came_back_soon: bool,
}

impl Patience {
    /// For a client that is not known to come back. Nobody is charged for such a wait that is in vain.
    pub const SHORT_NS: u64 = 200_000;
    /// For one that came back so soon after its work was done the last time.
    pub const LONG_NS: u64 = 1_000_000;

    /// For so long the GPU is kept now.
    pub const fn ns(self) -> u64 {
        if self.came_back_soon {
            Self::LONG_NS
        } else {
            Self::SHORT_NS
        }
    }

    /// New work came so long after all work was done.
    pub const fn work_came_after(&mut self, idle_ns: u64) {
        self.came_back_soon = idle_ns <= Self::LONG_NS;
    }

    /// The GPU was kept for nothing.
    pub const fn was_in_vain(&mut self) {
        self.came_back_soon = false;
    }

    /// Until when a session is charged that has had no work since then, and gives the GPU back now: others
    /// do not pay for a long wait.
    pub fn charged_until(idle_since_ns: u64, now_ns: u64) -> u64 {
        let short = now_ns.saturating_sub(Self::SHORT_NS);
        idle_since_ns.max(short).min(now_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: u64 = 1000;

    #[test]
    fn client_that_comes_back_soon_is_waited_for_next_time() {
        let mut patience = Patience::default();
        assert_eq!(patience.ns(), Patience::SHORT_NS);
        patience.work_came_after(300 * US);
        assert_eq!(patience.ns(), Patience::LONG_NS);
        patience.work_came_after(20_000 * US);
        assert_eq!(patience.ns(), Patience::SHORT_NS);
        patience.work_came_after(300 * US);
        patience.was_in_vain();
        assert_eq!(patience.ns(), Patience::SHORT_NS);
    }

    #[test]
    fn long_wait_is_charged_and_a_short_one_is_not() {
        assert_eq!(Patience::charged_until(5000 * US, 5150 * US), 5000 * US);
        assert_eq!(Patience::charged_until(5000 * US, 6000 * US), 5800 * US);
        assert_eq!(Patience::charged_until(u64::MAX, 6000 * US), 6000 * US);
    }
}
