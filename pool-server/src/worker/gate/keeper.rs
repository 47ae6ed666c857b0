//! The keeper: sees to what a session holds of a GPU while its issue thread does something else. Read
//! [`keep`] first.
//!
//! 1. It waits for what is under way, gives back a turn that is over or not used, and follows the end of a
//!    grant without an end.
//! 2. It never records an event, and never waits in the driver.
//! 3. Under a grant without an end it looks now and then whether the GPU is busy, for the meter; it sleeps
//!    when nothing was issued for a while.

use std::time::Duration;

use rigel_share::Patience;

use super::{Gate, Gates, Grant, GrantKind, Head, Inner, NEVER_USED, NOT_OPEN};
use crate::worker::grants::now_ns;
use crate::worker::prompt::run_promptly;
use crate::worker::session::Session;

/// How often it looks whether the GPU is busy.
const SAMPLE_NS: u64 = 2_000_000;
/// After so long without work it sleeps.
const QUIET_NS: u64 = 50_000_000;
/// How long it leaves the issue thread to see the end of a grant by itself.
const COURTESY_NS: u64 = 500_000;
/// How often a sleeping keeper looks whether the session is still there.
const ALIVE_NS: u64 = 1_000_000_000;

/// What the keeper does next.
enum Plan {
    /// Sleep until woken, or for so long.
    Sleep(u64),
    /// Look whether this has landed.
    Look(Head),
    /// Decide again.
    Again,
}

impl Gates {
    /// Keeps the gates until [`Self::close`]; each GPU's on a thread of its own.
    pub(in crate::worker) fn keep(&self, session: &Session) {
        std::thread::scope(|scope| {
            for gate in &self.gates {
                let name = format!("keeper-{}", gate.gpu.0);
                let spawned = std::thread::Builder::new()
                    .name(name)
                    .spawn_scoped(scope, || gate.keep(self, session));
                if let Err(error) = spawned {
                    tracing::error!(%error, "no thread to give the GPU back");
                }
            }
        });
    }

    /// Ends the keepers.
    pub(in crate::worker) fn close(&self) {
        self.closing
            .store(true, std::sync::atomic::Ordering::SeqCst);
        for gate in &self.gates {
            gate.grants.wake_keeper(gate.gpu);
        }
    }
}

impl Gate {
    fn keep(&self, gates: &Gates, session: &Session) {
        run_promptly();
        while !gates.closing.load(std::sync::atomic::Ordering::SeqCst) {
            let seen = self.grants.keeper_word(self.gpu);
            let plan = self.plan(session, now_ns());
            match plan {
                Plan::Again => {}
                Plan::Look(head) => self.look(gates, session, &head),
                Plan::Sleep(ns) => {
                    let limit = Duration::from_nanos(ns);
                    self.grants.sleep_as_keeper(self.gpu, seen, limit);
                }
            }
        }
        let mut inner = self.lock();
        self.give_back(session, &mut inner, now_ns());
    }

    fn plan(&self, session: &Session, now: u64) -> Plan {
        let mut inner = self.lock();
        inner.keeper_sleeps = false;
        let (grant, until) = self.grants.grant_until(self.gpu);
        match inner.held.map(|held| (held, held.kind())) {
            None => self.without(&mut inner, grant),
            Some((held, GrantKind::Open)) => {
                let holds = held == grant && now < until;
                self.with_open(session, &mut inner, holds, now)
            }
            Some((held, _)) => {
                if grant != held && grant.kind() == GrantKind::Open {
                    inner.held = Some(grant);
                    return Plan::Again;
                }
                let over = grant != held || now >= until;
                self.with_turn(session, &mut inner, over, until, now)
            }
        }
    }

    /// Nothing is held. A grant that nobody waits for is taken, to be given back in order.
    fn without(&self, inner: &mut Inner, grant: Grant) -> Plan {
        if !inner.asked && grant != inner.returned {
            if grant.kind() == GrantKind::None {
                // It was withdrawn before anybody saw it.
                inner.returned = grant;
                self.grants.give_back(self.gpu, grant, NEVER_USED);
                self.bell.ring();
                return Plan::Again;
            }
            inner.hold(grant);
            inner.left_at_ns = now_ns();
            self.admitted
                .store(NOT_OPEN, std::sync::atomic::Ordering::Relaxed);
            return Plan::Again;
        }
        inner.keeper_sleeps = true;
        Plan::Sleep(ALIVE_NS)
    }

    fn with_open(&self, session: &Session, inner: &mut Inner, holds: bool, now: u64) -> Plan {
        self.take_stock(inner);
        let busy = !inner.flight.is_empty();
        if !holds {
            self.admitted
                .store(NOT_OPEN, std::sync::atomic::Ordering::Relaxed);
            return match inner.head() {
                // Only the issue thread closes it, and it comes by here or goes to sleep.
                _ if inner.issuing && !inner.flight.is_open_empty() => Plan::Sleep(COURTESY_NS),
                _ if inner.issuing && now < inner.left_at_ns.saturating_add(COURTESY_NS) => {
                    Plan::Sleep(COURTESY_NS)
                }
                Some(head) => Plan::Look(head),
                None => {
                    self.give_back(session, inner, now);
                    Plan::Again
                }
            };
        }
        let passed = now.saturating_sub(inner.sample_at_ns).min(2 * SAMPLE_NS);
        inner.sample_at_ns = now;
        if busy {
            self.grants.add_busy(self.gpu, passed);
            inner.busy_at_ns = now;
        }
        if let (Some(head), true) = (inner.head(), inner.looked_at_ns + SAMPLE_NS <= now) {
            inner.looked_at_ns = now;
            return Plan::Look(head);
        }
        if !busy && now.saturating_sub(inner.busy_at_ns) > QUIET_NS {
            inner.keeper_sleeps = true;
            return Plan::Sleep(ALIVE_NS);
        }
        Plan::Sleep(SAMPLE_NS)
    }

    fn with_turn(
        &self,
        session: &Session,
        inner: &mut Inner,
        over: bool,
        until: u64,
        now: u64,
    ) -> Plan {
        if inner.issuing {
            // The issue thread sees to the end itself, and says when it leaves.
            inner.keeper_sleeps = true;
            return Plan::Sleep(ALIVE_NS);
        }
        if let Some(head) = inner.head() {
            return Plan::Look(head);
        }
        let idle_since = inner.flight.landed_ns.max(inner.left_at_ns);
        let patient_until = idle_since.saturating_add(inner.patience.ns());
        if over || now >= patient_until {
            if !over {
                inner.patience.was_in_vain();
            }
            let charged_until = Patience::charged_until(idle_since, now);
            self.give_back(session, inner, charged_until);
            return Plan::Again;
        }
        Plan::Sleep(patient_until.min(until).saturating_sub(now).max(1))
    }
}
