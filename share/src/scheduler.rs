//! Who holds the GPU now, and who is next. Read [`Scheduler`] first.
//!
//! 1. One session holds the GPU at a time. It gives it back ([`Scheduler::drained`]) when its turn is
//!    over, when it is told to, or when it has nothing to do.
//! 2. A session that is alone, and whose maximum is all, holds it without an end, until somebody else
//!    wants it.
//! 3. Next is: of those behind their guarantee, the one of the highest priority, then the one with the
//!    least time for its weight; else of all others likewise. Who has reached its maximum is not next.
//! 4. A session of higher priority ends the turn of a lower one, unless that one alone is behind its
//!    guarantee. So does one that is far behind its guarantee, if the holder is not behind its own.
//! 5. What a session holds is charged from the grant until it is given back, less what it says it did
//!    not use at the beginning and at the end.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::{Account, Limit, Use};
use crate::{
    CALM_NS, END_NS, LEAD_NS, LeaseId, OVERDUE_NS, Priority, SessionId, TURN_MIN_NS, TURN_NS,
    Terms, WINDOW_LONG_NS, WINDOW_NS,
};

/// By how much a lease that could not run may be behind the others' time.
const LAG_NS: u64 = 50_000_000;

/// What is to be told to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It holds the GPU until told otherwise.
    Open(SessionId),
    /// It holds the GPU until then.
    Turn {
        /// Who.
        session: SessionId,
        /// When it stops issuing.
        until: u64,
    },
    /// Its turn lasts until then.
    Extend {
        /// Who.
        session: SessionId,
        /// When it stops issuing.
        until: u64,
    },
    /// It stops issuing now, and gives the GPU back when what it issued is done.
    Revoke(SessionId),
    /// It has not given the GPU back for too long: its process is to be ended.
    End(SessionId),
}

/// The scheduler of one GPU.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {
    now: u64,
    leases: BTreeMap<LeaseId, Account>,
    sessions: BTreeMap<SessionId, Session>,
    /// Leases that get no turns.
    paused: BTreeSet<LeaseId>,
    /// Nobody gets more than its guarantee.
    strict: bool,
    /// Who holds the GPU.
    holder: Option<SessionId>,
    /// By priority, the virtual time of who was given the GPU last.
    virtual_now: [u128; Priority::ALL.len()],
    /// When two sessions last wanted it at a time.
    contended_at: Option<u64>,
}

#[derive(Clone, Debug)]
struct Session {
    lease: LeaseId,
    /// Its own maximum, below the lease's.
    limit: Limit,
    /// GPU time it has had, to take turns within its lease.
    had_ns: u64,
    wants: bool,
    /// Its lease gets no turns.
    paused: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It holds nothing.
    Without,
    /// It holds the GPU without an end.
    Open,
    /// It holds the GPU.
    Turn { since: u64, until: u64 },
    /// It is to give the GPU back.
    Ending { since: u64, over: u64 },
    /// It has not given it back in time; it is charged on.
    Overdue {
        since: u64,
        over: u64,
        told_to_end: bool,
    },
}

/// Who goes first: the smallest.
type Rank = (bool, std::cmp::Reverse<Priority>, u128, u64);

impl Scheduler {
    /// Of a GPU that nobody holds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a lease, or changes its terms.
    pub fn set_lease(&mut self, lease: LeaseId, terms: Terms) {
        let account = self
            .leases
            .entry(lease)
            .and_modify(|account| account.set_terms(terms))
            .or_insert_with(|| Account::new(terms));
        account.set_strict(self.strict);
    }

    /// Stops the turns of a lease's sessions, those to come included, or lets them go on.
    pub fn set_paused(&mut self, lease: LeaseId, paused: bool) {
        match paused {
            true => self.paused.insert(lease),
            false => self.paused.remove(&lease),
        };
        let sessions = self.sessions.values_mut();
        for session in sessions.filter(|session| session.lease == lease) {
            session.paused = paused;
        }
    }

    /// Keeps all leases to their guarantees, or lets them have more again.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
        for account in self.leases.values_mut() {
            account.set_strict(strict);
        }
    }

    /// How many sessions have not given the GPU back long after their turn.
    pub fn overdue(&self) -> usize {
        let sessions = self.sessions.values();
        sessions
            .filter(|session| matches!(session.state, State::Overdue { .. }))
            .count()
    }

    /// Adds a session of a lease that is known, with a maximum of its own. It wants nothing yet.
    pub fn add(&mut self, session: SessionId, lease: LeaseId, max: u8) {
        let had_ns = self.least_had(lease);
        if self.leases.contains_key(&lease) {
            let session_state = Session {
                lease,
                limit: Limit::new(max.clamp(1, 100)),
                had_ns,
                wants: false,
                paused: self.paused.contains(&lease),
                state: State::Without,
            };
            self.sessions.insert(session, session_state);
        }
    }

    /// Removes a session with whatever it held.
    pub fn remove(&mut self, session: SessionId) {
        self.sessions.remove(&session);
        if self.holder == Some(session) {
            self.holder = None;
        }
    }

    /// A session has work for the GPU.
    pub fn wants(&mut self, session: SessionId) {
        let Some(lease) = self.sessions.get(&session).map(|session| session.lease) else {
            return;
        };
        let demanded = self.demands(lease);
        let least_had = self.least_had(lease);
        if let (false, Some(account)) = (demanded, self.leases.get_mut(&lease)) {
            account.catch_up(self.virtual_now[account.terms.priority as usize], 0);
        }
        if let Some(session) = self.sessions.get_mut(&session) {
            session.wants = true;
            session.had_ns = session.had_ns.max(least_had);
        }
    }

    /// A session has begun to use what it holds only then: until it has heard of its turn and its work is there,
    /// the GPU is nobody's.
    pub fn began(&mut self, session: SessionId, at: u64) {
        let since = match self.sessions.get(&session).map(|held| held.state) {
            Some(
                State::Turn { since, .. }
                | State::Ending { since, .. }
                | State::Overdue { since, .. },
            ) => since,
            _ => return,
        };
        self.give_back(session, at.clamp(since, self.now) - since);
    }

    /// A session has given the GPU back. It used it until `idle_since`.
    pub fn drained(&mut self, session: SessionId, idle_since: u64) {
        let Some(held) = self.sessions.get_mut(&session) else {
            return;
        };
        let since = match held.state {
            State::Without => return,
            State::Open => self.now,
            State::Turn { since, .. }
            | State::Ending { since, .. }
            | State::Overdue { since, .. } => since,
        };
        held.state = State::Without;
        self.give_back(session, self.now.saturating_sub(idle_since.max(since)));
        if self.holder == Some(session) {
            self.holder = None;
        }
    }

    /// It was charged for so much that it did not use.
    fn give_back(&mut self, session: SessionId, unused: u64) {
        let Some(held) = self.sessions.get_mut(&session) else {
            return;
        };
        held.had_ns = held.had_ns.saturating_sub(unused);
        held.limit.give_back(unused);
        if let Some(account) = self.leases.get_mut(&held.lease) {
            account.give_back(unused);
        }
    }

    /// A session that holds the GPU without an end has kept it busy for so long.
    pub fn used_while_open(&mut self, session: SessionId, ns: u64) {
        let lease = self.sessions.get(&session).map(|session| session.lease);
        if let Some(account) = lease.and_then(|lease| self.leases.get_mut(&lease)) {
            account.used.gpu_ns = account.used.gpu_ns.saturating_add(ns);
        }
    }

    /// How much work each session may have under way in a turn: little where one of higher priority may want
    /// the GPU at any moment, else more.
    pub fn windows(&self) -> impl Iterator<Item = (SessionId, u64)> {
        let priority = |session: &Session| {
            let lease = self.leases.get(&session.lease);
            lease.map(|account| account.terms.priority)
        };
        let highest = self.sessions.values().map(priority).max().flatten();
        self.sessions.iter().map(move |(id, session)| {
            let is_below = priority(session) < highest;
            (*id, if is_below { WINDOW_NS } else { WINDOW_LONG_NS })
        })
    }

    /// What a lease has used.
    pub fn used(&self, lease: LeaseId) -> Use {
        self.leases
            .get(&lease)
            .map(|account| account.used)
            .unwrap_or_default()
    }

    /// Time has come: charges what passed, and says what follows. A clock that goes back stands still.
    pub fn advance(&mut self, now: u64) -> Vec<Order> {
        self.charge(now);
        let mut orders = Vec::new();
        self.give_up_the_overdue(&mut orders);
        if self.demanding() > 1 {
            self.contended_at = Some(self.now);
        }
        match self.holder {
            Some(holder) => self.review(holder, &mut orders),
            None => self.grant_next(&mut orders),
        }
        orders
    }

    /// When [`Self::advance`] is due again if nothing is heard until then.
    pub fn next(&self) -> Option<u64> {
        let states = self
            .sessions
            .values()
            .filter_map(|session| match session.state {
                State::Without | State::Open => None,
                State::Turn { until, .. } if self.now < until.saturating_sub(LEAD_NS) => {
                    Some(until - LEAD_NS)
                }
                State::Turn { until, .. } => Some(until),
                State::Ending { over, .. } => Some(over.saturating_add(OVERDUE_NS)),
                State::Overdue {
                    over, told_to_end, ..
                } => (!told_to_end).then(|| over.saturating_add(END_NS)),
            });
        let waiting = self
            .sessions
            .values()
            .filter(|session| self.holder.is_none() && session.is_waiting());
        let refills = waiting.filter_map(|session| {
            let account = self.leases.get(&session.lease)?;
            let wait = account.limit.wait_ns().max(session.limit.wait_ns());
            Some(self.now.saturating_add(wait.max(1)))
        });
        states.chain(refills).min()
    }

    /// Time has passed: charges it, and decides nothing. Before [`Self::drained`], so that what is not
    /// used of it can be given back.
    pub fn pass_time(&mut self, now: u64) {
        self.charge(now);
    }

    fn charge(&mut self, now: u64) {
        let passed = now.saturating_sub(self.now);
        self.now += passed;
        let mut capped = Vec::new();
        for session in self.sessions.values_mut() {
            session.limit.pass(passed);
        }
        let of = |chosen: fn(&Session) -> bool| -> BTreeSet<LeaseId> {
            let sessions = self.sessions.values().filter(|session| chosen(session));
            sessions.map(|session| session.lease).collect()
        };
        let (demand, wait) = (of(Session::demands), of(Session::is_waiting));
        for (lease, account) in &mut self.leases {
            account.pass(passed, demand.contains(lease));
            if wait.contains(lease) && account.limit.turn(true).is_none() {
                capped.push(*lease);
            }
        }
        for session in self.sessions.values_mut() {
            let holds = !matches!(session.state, State::Without | State::Open);
            if let (true, Some(account)) = (holds, self.leases.get_mut(&session.lease)) {
                account.spend(passed);
                session.limit.spend(passed);
                session.had_ns = session.had_ns.saturating_add(passed);
                capped.retain(|lease| *lease != session.lease);
            }
        }
        for lease in capped {
            if let Some(account) = self.leases.get_mut(&lease) {
                account.used.capped_ns = account.used.capped_ns.saturating_add(passed);
            }
        }
    }

    fn give_up_the_overdue(&mut self, orders: &mut Vec<Order>) {
        let now = self.now;
        for (&id, session) in &mut self.sessions {
            match session.state {
                State::Turn { since, until } if now >= until => {
                    session.state = State::Ending { since, over: until };
                }
                State::Ending { since, over } if now >= over.saturating_add(OVERDUE_NS) => {
                    session.state = State::Overdue {
                        since,
                        over,
                        told_to_end: false,
                    };
                    self.holder = self.holder.filter(|holder| *holder != id);
                }
                State::Overdue {
                    since,
                    over,
                    told_to_end: false,
                } if now >= over.saturating_add(END_NS) => {
                    session.state = State::Overdue {
                        since,
                        over,
                        told_to_end: true,
                    };
                    orders.push(Order::End(id));
                }
                _ => {}
            }
        }
    }

    /// What becomes of the holder's grant.
    fn review(&mut self, holder: SessionId, orders: &mut Vec<Order>) {
        let Some(held) = self.sessions.get(&holder) else {
            return;
        };
        let others_wait = self
            .sessions
            .iter()
            .any(|(id, session)| *id != holder && session.is_waiting());
        match held.state {
            State::Open | State::Turn { .. } if held.paused => self.revoke(holder, orders),
            State::Open if others_wait || !self.is_unlimited(holder) => {
                self.revoke(holder, orders);
            }
            State::Turn { since, until } => {
                let rival = self.best_waiting(holder);
                if rival.is_some_and(|rival| self.must_give_way(holder, rival)) {
                    self.revoke(holder, orders);
                } else if !others_wait && self.may_be_open(holder) {
                    self.set_state(holder, State::Open);
                    orders.push(Order::Open(holder));
                } else if self.now >= until.saturating_sub(LEAD_NS) {
                    self.extend(holder, rival, since, until, orders);
                }
            }
            _ => {}
        }
    }

    fn extend(
        &mut self,
        holder: SessionId,
        rival: Option<SessionId>,
        since: u64,
        until: u64,
        orders: &mut Vec<Order>,
    ) {
        let rest = until.saturating_sub(self.now);
        let stays = rival.is_none_or(|rival| self.rank(holder, rest) <= self.rank(rival, 0));
        let Some(turn) = self.turn_of(holder, false).filter(|_| stays) else {
            return;
        };
        // What is left of the turn is of the same savings.
        let longer = self.now.saturating_add(turn);
        if longer < until.saturating_add(TURN_MIN_NS) {
            return;
        }
        let until = longer.min(until.saturating_add(TURN_NS));
        self.set_state(holder, State::Turn { since, until });
        let lease = self.sessions.get(&holder).map(|held| held.lease);
        if let Some(account) = lease.and_then(|lease| self.leases.get(&lease)) {
            let virtual_now = &mut self.virtual_now[account.terms.priority as usize];
            *virtual_now = account.virtual_time().max(*virtual_now);
        }
        orders.push(Order::Extend {
            session: holder,
            until,
        });
    }

    fn grant_next(&mut self, orders: &mut Vec<Order>) {
        let best = self
            .sessions
            .keys()
            .copied()
            .filter(|id| self.is_eligible(*id));
        let Some(next) = best.min_by_key(|id| self.rank(*id, 0)) else {
            return;
        };
        let Some(turn) = self.turn_of(next, true) else {
            return;
        };
        let now = self.now;
        let open = self.may_be_open(next);
        let Some(session) = self.sessions.get_mut(&next) else {
            return;
        };
        session.wants = false;
        if let Some(account) = self.leases.get_mut(&session.lease) {
            let virtual_now = &mut self.virtual_now[account.terms.priority as usize];
            account.catch_up(*virtual_now, LAG_NS);
            *virtual_now = account.virtual_time().max(*virtual_now);
        }
        self.holder = Some(next);
        if open {
            session.state = State::Open;
            orders.push(Order::Open(next));
            return;
        }
        let until = now.saturating_add(turn);
        session.state = State::Turn { since: now, until };
        orders.push(Order::Turn {
            session: next,
            until,
        });
    }

    fn revoke(&mut self, holder: SessionId, orders: &mut Vec<Order>) {
        let since = match self.sessions.get(&holder).map(|held| held.state) {
            Some(State::Turn { since, .. }) => since,
            _ => self.now,
        };
        let over = self.now;
        self.set_state(holder, State::Ending { since, over });
        orders.push(Order::Revoke(holder));
    }

    fn set_state(&mut self, session: SessionId, state: State) {
        if let Some(session) = self.sessions.get_mut(&session) {
            session.state = state;
        }
    }

    /// Whether it may hold the GPU without an end: it is alone, has been for a while, and has no
    /// maximum.
    fn may_be_open(&self, session: SessionId) -> bool {
        let calm = self
            .contended_at
            .is_none_or(|at| self.now.saturating_sub(at) >= CALM_NS);
        let alone = self
            .sessions
            .iter()
            .all(|(id, other)| *id == session || !other.demands());
        calm && self.is_unlimited(session) && alone
    }

    /// Whether neither it nor its lease has a maximum.
    fn is_unlimited(&self, session: SessionId) -> bool {
        self.sessions.get(&session).is_some_and(|held| {
            let account = self.leases.get(&held.lease);
            held.limit.is_all() && account.is_some_and(|account| account.limit.is_all())
        })
    }

    fn best_waiting(&self, except: SessionId) -> Option<SessionId> {
        let ids = self.sessions.keys().copied();
        ids.filter(|id| *id != except && self.is_eligible(*id))
            .min_by_key(|id| self.rank(*id, 0))
    }

    fn must_give_way(&self, holder: SessionId, rival: SessionId) -> bool {
        let (held, waits) = (self.rank(holder, 0), self.rank(rival, 0));
        // Of the ranks, the first says who is not behind its guarantee, the second the priority.
        let is_urgent = waits.1 < held.1 && waits.0 <= held.0;
        let had_some = self.sessions.get(&holder).is_some_and(|holder| {
            matches!(holder.state, State::Turn { since, .. }
                if self.now.saturating_sub(since) >= TURN_MIN_NS)
        });
        let rival = self.sessions.get(&rival);
        let owed = rival.and_then(|rival| self.leases.get(&rival.lease));
        is_urgent || had_some && held.0 && owed.is_some_and(Account::is_owed_much)
    }

    fn is_eligible(&self, session: SessionId) -> bool {
        self.sessions.get(&session).is_some_and(Session::is_waiting)
            && self.turn_of(session, true).is_some()
    }

    fn turn_of(&self, session: SessionId, begins: bool) -> Option<u64> {
        let session = self.sessions.get(&session)?;
        let lease = self.leases.get(&session.lease)?.limit.turn(begins)?;
        Some(lease.min(session.limit.turn(begins)?))
    }

    /// Where a session stands after having held the GPU for so much longer.
    fn rank(&self, session: SessionId, after_ns: u64) -> Rank {
        let last = (true, std::cmp::Reverse(Priority::Idle), u128::MAX, u64::MAX);
        let Some(session) = self.sessions.get(&session) else {
            return last;
        };
        self.leases.get(&session.lease).map_or(last, |account| {
            (
                !account.is_owed(),
                std::cmp::Reverse(account.terms.priority),
                account.virtual_time_after(after_ns),
                session.had_ns.saturating_add(after_ns),
            )
        })
    }

    /// The least GPU time that a session of the lease that wants it has had.
    fn least_had(&self, lease: LeaseId) -> u64 {
        let of_lease = self
            .sessions
            .values()
            .filter(|s| s.lease == lease && s.demands());
        of_lease.map(|session| session.had_ns).min().unwrap_or(0)
    }

    fn demands(&self, lease: LeaseId) -> bool {
        self.sessions
            .values()
            .any(|session| session.lease == lease && session.demands())
    }

    fn demanding(&self) -> usize {
        self.sessions.values().filter(|s| s.demands()).count()
    }
}

impl Session {
    fn demands(&self) -> bool {
        self.wants && !self.paused || self.state != State::Without
    }

    /// It wants the GPU, may have it, and holds nothing.
    fn is_waiting(&self) -> bool {
        self.wants && !self.paused && self.state == State::Without
    }
}

#[cfg(test)]
mod tests;
