//! Turns on the GPUs: a scheduler for each physical GPU, and the thread that carries words between it
//! and the workers' pages. What is decided, and why, is `rigel_share`'s. Read [`Turns`] first.
//!
//! 1. A session's page is looked at whenever a worker rings the bell, and its words are believed only as
//!    far as they fit what was granted.
//! 2. The lock is held for arithmetic and for wake-ups, never across a wait.
//! 3. Grants end by themselves if this thread is silent: turns at their time, grants without an end
//!    [`OPEN_HOLDS_NS`] after they were last renewed.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use rigel_share::{LeaseId, Order, Scheduler, SessionId, Terms, Use};

use super::lease::Grant as Placement;
use crate::worker::grants::{Bell, Grant, GrantKind, Grants, now_ns};
use crate::worker::ledger::VirtualGpu;
use crate::worker::prompt::run_promptly;

/// For how long a grant without an end holds if it is not renewed.
const OPEN_HOLDS_NS: u64 = 10_000_000_000;
/// How often it is renewed.
const RENEW_NS: u64 = 2_000_000_000;

/// All GPUs' schedulers.
#[derive(Debug)]
pub(crate) struct Turns {
    bell: Bell,
    bell_memory: OwnedFd,
    inner: Mutex<Inner>,
    /// Whether workers have gates at all.
    pub(crate) enforce: bool,
    stopping: AtomicBool,
}

#[derive(Debug, Default)]
struct Inner {
    /// By ordinal.
    gpus: BTreeMap<u32, Scheduler>,
    members: BTreeMap<SessionId, Member>,
}

/// A session, as far as it takes turns.
#[derive(Debug)]
struct Member {
    grants: Grants,
    lanes: Vec<Lane>,
    worker_pid: Option<i32>,
}

/// A session's standing on one GPU.
#[derive(Debug)]
struct Lane {
    gpu: VirtualGpu,
    physical: u32,
    /// The word in the page, and the last one of them that granted something.
    word: Grant,
    granted: Grant,
    holds: bool,
    is_open: bool,
    /// Questions heard, and busy time seen.
    asked: u64,
    busy_ns: u64,
}

/// A session's part in the turns; dropped, it has left.
#[derive(Debug)]
pub(crate) struct TurnsMember {
    turns: Arc<Turns>,
    session: SessionId,
    grants_memory: OwnedFd,
}

/// What a session has waited.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waited {
    /// For the GPU, over all of its GPUs.
    pub(crate) throttled_ns: u64,
}

impl Turns {
    /// Schedulers for the GPUs that these leases are on, and the thread that serves them.
    #[cfg(test)]
    pub(crate) fn start(
        leases: impl Iterator<Item = (LeaseId, Terms, Vec<u32>)>,
        enforce: bool,
    ) -> anyhow::Result<Arc<Self>> {
        Self::resume(leases, enforce, None)
    }

    /// Schedulers for the GPUs that these leases are on, and the thread that serves them. An earlier daemon
    /// may have left the bell that workers ring.
    pub(crate) fn resume(
        leases: impl Iterator<Item = (LeaseId, Terms, Vec<u32>)>,
        enforce: bool,
        bell: Option<OwnedFd>,
    ) -> anyhow::Result<Arc<Self>> {
        let (bell, bell_memory) = match bell {
            None => Bell::create().context("make the scheduler's bell")?,
            Some(memory) => {
                let own = memory.try_clone().context("copy the scheduler's bell")?;
                (
                    Bell::open(own).context("open the scheduler's bell")?,
                    memory,
                )
            }
        };
        let mut gpus = BTreeMap::<u32, Scheduler>::new();
        for (lease, terms, ordinals) in leases {
            for ordinal in ordinals {
                gpus.entry(ordinal).or_default().set_lease(lease, terms);
            }
        }
        let inner = Inner {
            gpus,
            members: BTreeMap::new(),
        };
        let turns = Arc::new(Self {
            bell,
            bell_memory,
            inner: Mutex::new(inner),
            enforce,
            stopping: AtomicBool::new(false),
        });
        let served = Arc::downgrade(&turns);
        std::thread::Builder::new()
            .name("turns".into())
            .spawn(move || {
                run_promptly();
                while let Some(turns) = served.upgrade() {
                    if turns.stopping.load(Ordering::Relaxed) {
                        return;
                    }
                    turns.serve_once();
                }
            })
            .context("start the scheduler's thread")?;
        Ok(turns)
    }

    /// Lets a session take part. `max` is its own maximum in percent.
    pub(crate) fn join(
        self: &Arc<Self>,
        session: u64,
        lease: LeaseId,
        placements: &[Placement],
        max: u8,
    ) -> anyhow::Result<TurnsMember> {
        let page = Grants::create(placements.len()).context("make the session's grants")?;
        Ok(self.admit((session, lease), placements, max, page))
    }

    /// Lets a session of an earlier daemon go on taking part, with its page. What that daemon has granted is
    /// withdrawn: nothing is known of whose turn it was.
    pub(crate) fn rejoin(
        self: &Arc<Self>,
        of: (u64, LeaseId),
        placements: &[Placement],
        max: u8,
        memory: OwnedFd,
    ) -> anyhow::Result<TurnsMember> {
        let own = memory.try_clone().context("copy the session's grants")?;
        let grants = Grants::open(own, placements.len()).context("open the session's grants")?;
        Ok(self.admit(of, placements, max, (grants, memory)))
    }

    fn admit(
        self: &Arc<Self>,
        (session, lease): (u64, LeaseId),
        placements: &[Placement],
        max: u8,
        (grants, grants_memory): (Grants, OwnedFd),
    ) -> TurnsMember {
        let session = SessionId(session);
        let mut inner = self.lock();
        let lanes = placements
            .iter()
            .zip(0..)
            .map(|(placement, gpu)| Lane::begin(&grants, VirtualGpu(gpu), placement.physical));
        let member = Member {
            lanes: lanes.collect(),
            grants,
            worker_pid: None,
        };
        for lane in &member.lanes {
            if let Some(scheduler) = inner.gpus.get_mut(&lane.physical) {
                scheduler.add(session, lease, max);
            }
        }
        inner.members.insert(session, member);
        inner.set_windows();
        TurnsMember {
            turns: Arc::clone(self),
            session,
            grants_memory,
        }
    }

    /// New terms for a lease, from now on.
    pub(crate) fn set_terms(&self, lease: LeaseId, terms: Terms, physical: &[u32]) {
        let mut inner = self.lock();
        for ordinal in physical {
            inner
                .gpus
                .entry(*ordinal)
                .or_default()
                .set_lease(lease, terms);
        }
        inner.set_windows();
        drop(inner);
        self.bell.ring();
    }

    /// Stops a lease's turns, or lets them go on.
    pub(crate) fn set_paused(&self, lease: LeaseId, paused: bool) {
        for scheduler in self.lock().gpus.values_mut() {
            scheduler.set_paused(lease, paused);
        }
        self.bell.ring();
    }

    /// Keeps all leases to their guarantees, or lets them have more again.
    pub(crate) fn set_strict(&self, strict: bool) {
        for scheduler in self.lock().gpus.values_mut() {
            scheduler.set_strict(strict);
        }
        self.bell.ring();
    }

    /// How many sessions have not given a GPU back long after their turn.
    pub(crate) fn overdue(&self) -> usize {
        self.lock().gpus.values().map(Scheduler::overdue).sum()
    }

    /// What a lease has used of a physical GPU.
    pub(crate) fn used(&self, lease: LeaseId, physical: u32) -> Use {
        let inner = self.lock();
        let scheduler = inner.gpus.get(&physical);
        scheduler.map(|gpu| gpu.used(lease)).unwrap_or_default()
    }

    /// What an open session has waited.
    pub(crate) fn waited(&self, session: u64) -> Waited {
        let inner = self.lock();
        let Some(member) = inner.members.get(&SessionId(session)) else {
            return Waited::default();
        };
        let lanes = member.lanes.iter();
        Waited {
            throttled_ns: lanes.map(|lane| member.grants.throttled_ns(lane.gpu)).sum(),
        }
    }

    /// The bell, for the daemon after this one.
    pub(crate) fn bell_memory(&self) -> BorrowedFd<'_> {
        self.bell_memory.as_fd()
    }

    /// Ends the thread.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.bell.ring();
    }

    fn serve_once(&self) {
        let rung = self.bell.rung();
        let next = {
            let mut inner = self.lock();
            let now = now_ns();
            inner.hear(now);
            inner.decide(now)
        };
        let sleep = next.map_or(RENEW_NS, |next| next.saturating_sub(now_ns()).min(RENEW_NS));
        if sleep > 0 {
            self.bell.sleep(rung, Duration::from_nanos(sleep));
        }
    }

    /// Lets the schedulers believe that it is so much later. Says whether somebody holds a GPU.
    #[cfg(test)]
    pub(crate) fn pretend(&self, later: Duration) -> bool {
        let mut inner = self.lock();
        let now = now_ns() + later.as_nanos() as u64;
        inner.hear(now);
        inner.decide(now);
        let mut lanes = inner.members.values().flat_map(|member| &member.lanes);
        lanes.any(|lane| lane.holds)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave more than a grant that ends by itself.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnsMember {
    /// The page, for the daemon after this one.
    pub(crate) fn page(&self) -> BorrowedFd<'_> {
        self.grants_memory.as_fd()
    }

    /// The descriptors for the worker: its grants, and the bell.
    pub(crate) fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.grants_memory.as_fd(), self.turns.bell_memory.as_fd()]
    }

    /// What it has waited until now.
    pub(crate) fn throttled_ns(&self) -> u64 {
        self.turns.waited(self.session.0).throttled_ns
    }

    /// Names the worker, which is ended if it does not give a GPU back.
    pub(crate) fn set_worker(&self, pid: u32) {
        if let Some(member) = self.turns.lock().members.get_mut(&self.session) {
            member.worker_pid = i32::try_from(pid).ok();
        }
    }
}

impl Drop for TurnsMember {
    fn drop(&mut self) {
        let mut inner = self.turns.lock();
        if let Some(member) = inner.members.remove(&self.session) {
            for lane in member.lanes {
                if let Some(scheduler) = inner.gpus.get_mut(&lane.physical) {
                    scheduler.remove(self.session);
                }
            }
        }
        inner.set_windows();
        drop(inner);
        self.turns.bell.ring();
    }
}

impl Inner {
    /// Tells the sessions how much may be under way, since somebody has come or gone, or has other terms.
    fn set_windows(&mut self) {
        let Self { gpus, members } = self;
        for (&physical, scheduler) in gpus {
            for (session, window_ns) in scheduler.windows() {
                let Some(member) = members.get(&session) else {
                    continue;
                };
                for lane in member.lanes.iter().filter(|lane| lane.physical == physical) {
                    member.grants.set_window_ns(lane.gpu, window_ns);
                }
            }
        }
    }

    /// Takes the workers' words to the schedulers.
    fn hear(&mut self, now: u64) {
        let Self { gpus, members } = self;
        for (&session, member) in members {
            for lane in &mut member.lanes {
                if let Some(scheduler) = gpus.get_mut(&lane.physical) {
                    lane.hear(&member.grants, session, scheduler, now);
                }
            }
        }
    }

    /// Lets the schedulers decide, and carries their orders out. Says when they are due again.
    fn decide(&mut self, now: u64) -> Option<u64> {
        let Self { gpus, members } = self;
        let mut next = None;
        for (&physical, scheduler) in gpus {
            for order in scheduler.advance(now) {
                carry_out(members, physical, order, now);
            }
            let due = scheduler.next();
            next = [next, due].into_iter().flatten().min();
        }
        for member in members.values() {
            for lane in member.lanes.iter().filter(|lane| lane.is_open) {
                member.grants.set_until(lane.gpu, now + OPEN_HOLDS_NS);
            }
        }
        next
    }
}

impl Lane {
    /// On a page that is fresh, or that of an earlier daemon: then every question counts as unanswered.
    fn begin(grants: &Grants, gpu: VirtualGpu, physical: u32) -> Self {
        let mut lane = Self {
            gpu,
            physical,
            word: grants.grant(gpu),
            granted: Grant::default(),
            holds: false,
            is_open: false,
            asked: 0,
            busy_ns: grants.busy_ns(gpu),
        };
        if lane.word != Grant::default() {
            lane.grant(grants, GrantKind::None, 0);
        }
        lane
    }

    fn hear(&mut self, grants: &Grants, session: SessionId, gpu: &mut Scheduler, now: u64) {
        let asked = grants.asked(self.gpu);
        if asked != self.asked {
            self.asked = asked;
            gpu.wants(session);
        }
        let (returned, used) = grants.returned(self.gpu);
        if self.holds && returned.is_at_least(self.granted) {
            self.holds = false;
            self.is_open = false;
            // What was decided until now is charged before.
            gpu.pass_time(now);
            let idle_since = used.end.min(now);
            gpu.began(session, used.start.min(idle_since));
            gpu.drained(session, idle_since);
        }
        let busy_ns = grants.busy_ns(self.gpu);
        let more = busy_ns.saturating_sub(self.busy_ns);
        if more > 0 {
            self.busy_ns = busy_ns;
            gpu.used_while_open(session, more);
        }
    }

    fn grant(&mut self, grants: &Grants, kind: GrantKind, until: u64) {
        self.word = self.word.next(kind);
        if kind != GrantKind::None {
            self.granted = self.word;
            self.holds = true;
        }
        self.is_open = kind == GrantKind::Open;
        grants.set_grant(self.gpu, self.word, until);
    }
}

fn carry_out(members: &mut BTreeMap<SessionId, Member>, physical: u32, order: Order, now: u64) {
    let (Order::Open(session)
    | Order::Turn { session, .. }
    | Order::Extend { session, .. }
    | Order::Revoke(session)
    | Order::End(session)) = order;
    let Some(member) = members.get_mut(&session) else {
        return;
    };
    let Some(lane) = member
        .lanes
        .iter_mut()
        .find(|lane| lane.physical == physical)
    else {
        return;
    };
    tracing::trace!(?order, gpu = physical, "turn");
    match order {
        Order::Open(_) => lane.grant(&member.grants, GrantKind::Open, now + OPEN_HOLDS_NS),
        Order::Turn { until, .. } => lane.grant(&member.grants, GrantKind::Turn, until),
        Order::Extend { until, .. } => member.grants.set_until(lane.gpu, until),
        Order::Revoke(_) => lane.grant(&member.grants, GrantKind::None, 0),
        Order::End(_) => {
            tracing::warn!(
                session = session.0,
                gpu = physical,
                "the worker does not give the GPU back; it is ended"
            );
            if let Some(pid) = member.worker_pid {
                let pid = nix::unistd::Pid::from_raw(pid);
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::SIGKILL);
            }
        }
    }
}

#[cfg(test)]
mod tests;
