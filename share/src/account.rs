//! What a lease has had of a GPU, and what it is owed. It decides nothing. Read [`Account`] first.

use crate::{BURST_NS, CREDIT_NS, START_NS, TURN_MIN_NS, TURN_NS, Terms};

/// Percent times nanoseconds: what time earns at a rate.
type PercentNs = i64;

/// What a lease has used and missed, for people and bills. It only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Time it held the GPU, or kept it busy while it was alone.
    pub gpu_ns: u64,
    /// Time in which it wanted the GPU and its maximum kept it from running.
    pub capped_ns: u64,
}

/// The account of a lease on one GPU.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) terms: Terms,
    pub(crate) used: Use,
    /// Behind its guarantee if positive.
    credit: PercentNs,
    pub(crate) limit: Limit,
    /// GPU time over weight: the lowest is served next.
    virtual_time: u128,
    /// It gets its guarantee and no more.
    strict: bool,
}

/// A maximum: a bucket that fills at its rate and is emptied by use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    max: u8,
    saved: PercentNs,
}

impl Limit {
    pub(crate) fn new(max: u8) -> Self {
        Self {
            max,
            saved: percent_ns(100, BURST_NS),
        }
    }

    /// Whether there is no limit.
    pub(crate) fn is_all(self) -> bool {
        self.max >= 100
    }

    pub(crate) fn pass(&mut self, ns: u64) {
        let most = percent_ns(100, BURST_NS);
        self.saved = self
            .saved
            .saturating_add(percent_ns(self.max, ns))
            .min(most);
    }

    pub(crate) fn spend(&mut self, ns: u64) {
        self.saved = self.saved.saturating_sub(percent_ns(100, ns));
    }

    pub(crate) fn give_back(&mut self, ns: u64) {
        self.saved = self.saved.saturating_add(percent_ns(100, ns));
    }

    /// The longest turn it allows now, `None` if no turn is worth while. What goes on running needs
    /// to have saved less than what begins.
    pub(crate) fn turn(self, begins: bool) -> Option<u64> {
        if self.is_all() {
            return Some(TURN_NS);
        }
        // It goes on filling while it is emptied.
        let drain_rate = 100 - i64::from(self.max);
        let longest = u64::try_from(self.saved / drain_rate).unwrap_or(0);
        let enough = !begins || self.saved >= percent_ns(100, START_NS);
        (enough && longest >= TURN_MIN_NS).then_some(longest.min(TURN_NS))
    }

    /// Time until a turn may begin.
    pub(crate) fn wait_ns(self) -> u64 {
        let missing = percent_ns(100, START_NS).saturating_sub(self.saved);
        let rate = i64::from(self.max.max(1));
        u64::try_from(missing).map_or(0, |missing| missing.div_ceil(rate as u64))
    }
}

impl Account {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            terms,
            used: Use::default(),
            credit: 0,
            limit: Limit::new(terms.max()),
            virtual_time: 0,
            strict: false,
        }
    }

    /// New terms hold from now on; what was owed is forgotten.
    pub(crate) fn set_terms(&mut self, terms: Terms) {
        self.terms = terms;
        self.credit = 0;
        self.limit = Limit::new(terms.max());
        self.keep_to_guarantee();
    }

    /// Whether it gets its guarantee and no more, from now on.
    pub(crate) fn set_strict(&mut self, strict: bool) {
        if std::mem::replace(&mut self.strict, strict) != strict {
            self.limit = Limit::new(self.terms.max());
            self.keep_to_guarantee();
        }
    }

    fn keep_to_guarantee(&mut self) {
        if self.strict {
            self.limit = Limit {
                max: self.terms.min(),
                saved: 0,
            };
        }
    }

    /// Time passes, in which it demanded the GPU or not.
    pub(crate) fn pass(&mut self, ns: u64, demands: bool) {
        self.limit.pass(ns);
        if demands {
            self.earn(percent_ns(self.terms.min(), ns));
        }
    }

    /// It held the GPU.
    pub(crate) fn spend(&mut self, ns: u64) {
        self.used.gpu_ns = self.used.gpu_ns.saturating_add(ns);
        self.limit.spend(ns);
        self.earn(-percent_ns(100, ns));
        self.virtual_time += self.virtual_of(ns);
    }

    /// It was charged for time in which it held the GPU and did not use it.
    pub(crate) fn give_back(&mut self, ns: u64) {
        self.used.gpu_ns = self.used.gpu_ns.saturating_sub(ns);
        self.limit.give_back(ns);
        self.earn(percent_ns(100, ns));
        self.virtual_time = self.virtual_time.saturating_sub(self.virtual_of(ns));
    }

    /// Whether it has had less than its guarantee.
    pub(crate) fn is_owed(&self) -> bool {
        self.credit > 0
    }

    /// Whether it is behind its guarantee by half a turn: others' turns then end for it.
    pub(crate) fn is_owed_much(&self) -> bool {
        self.credit > percent_ns(100, TURN_NS / 2)
    }

    pub(crate) fn virtual_time(&self) -> u128 {
        self.virtual_time
    }

    /// Its virtual time if it held the GPU for so long.
    pub(crate) fn virtual_time_after(&self, ns: u64) -> u128 {
        self.virtual_time + self.virtual_of(ns)
    }

    /// What it did not claim is not saved up: it is never further behind than the others' time.
    pub(crate) fn catch_up(&mut self, others: u128, may_lag_ns: u64) {
        let floor = others.saturating_sub(self.virtual_of(may_lag_ns));
        self.virtual_time = self.virtual_time.max(floor);
    }

    fn virtual_of(&self, ns: u64) -> u128 {
        u128::from(ns) * 1000 / u128::from(self.terms.weight())
    }

    fn earn(&mut self, amount: PercentNs) {
        let most = percent_ns(100, CREDIT_NS);
        self.credit = self.credit.saturating_add(amount).clamp(-most, most);
    }
}

fn percent_ns(percent: u8, ns: u64) -> PercentNs {
    i64::try_from(ns)
        .unwrap_or(i64::MAX)
        .saturating_mul(i64::from(percent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Priority;

    fn account(min: u8, max: u8) -> Account {
        Account::new(Terms::new(min, max, Priority::Normal).unwrap())
    }

    #[test]
    fn turn_of_a_limited_lease_ends_when_its_savings_do() {
        let mut limit = Limit::new(50);
        assert_eq!(limit.turn(true), Some(TURN_NS));
        limit.spend(BURST_NS);
        assert_eq!(limit.turn(false), None);
        assert_eq!(limit.wait_ns(), 2 * START_NS);
        limit.pass(2 * START_NS);
        assert_eq!(limit.turn(true), Some(TURN_NS));
    }

    #[test]
    fn lease_that_overran_waits_for_it() {
        let mut limit = Limit::new(10);
        limit.spend(BURST_NS + 1_000_000);
        assert_eq!(limit.wait_ns(), 10 * (START_NS + 1_000_000));
    }

    #[test]
    fn guarantee_is_owed_only_to_who_demands() {
        let mut lease = account(30, 100);
        lease.pass(1_000_000, false);
        assert!(!lease.is_owed());
        lease.pass(10_000_000, true);
        assert!(lease.is_owed());
        lease.spend(3_000_000);
        assert!(!lease.is_owed());
    }

    #[test]
    fn clock_that_jumps_saves_up_no_more_than_a_burst() {
        let mut lease = account(30, 50);
        lease.pass(u64::MAX, true);
        assert_eq!(lease.limit.turn(true), Some(TURN_NS));
        lease.spend(BURST_NS);
        assert_eq!(lease.limit.turn(true), None);
    }
}
