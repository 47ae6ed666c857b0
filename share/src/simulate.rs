//! Tenants in virtual time: what each gets of a GPU that the scheduler divides. A model of workers as
//! they behave, with the latencies given; it draws no conclusions. Read [`run`] first.

use std::collections::BTreeMap;

use crate::{LeaseId, Order, Patience, Scheduler, SessionId, Terms};

/// A tenant's program: one lease with one session.
#[derive(Clone, Copy, Debug)]
pub struct Tenant {
    /// What its lease is promised.
    pub terms: Terms,
    /// GPU time of each of its kernels.
    pub kernel_ns: u64,
    /// Pause after each kernel, in which it computes on its own.
    pub gap_ns: u64,
    /// It works for the first part of each period, and rests for the second.
    pub works_ns: u64,
    /// See [`Self::works_ns`].
    pub rests_ns: u64,
}

impl Tenant {
    /// One that always has kernels of this length to run.
    pub const fn busy(terms: Terms, kernel_ns: u64) -> Self {
        Self {
            terms,
            kernel_ns,
            gap_ns: 0,
            works_ns: u64::MAX,
            rests_ns: 0,
        }
    }

    fn rests_at(&self, now: u64) -> Option<u64> {
        if self.rests_ns == 0 {
            return None;
        }
        let period = self.works_ns + self.rests_ns;
        let into = now % period;
        (into >= self.works_ns).then_some(now - into + period)
    }
}

/// How long messages take, and for how long to run.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// From an order to a worker that follows it, and from a worker's word to the scheduler.
    pub latency_ns: u64,
    /// Virtual time in all.
    pub until_ns: u64,
    /// Results are told apart by windows of this length.
    pub window_ns: u64,
}

/// GPU time that each tenant's kernels had, by window.
pub type Windows = Vec<Vec<u64>>;

/// Runs the tenants. Kernels count in the window in which they end.
pub fn run(tenants: &[Tenant], world: World) -> Windows {
    Simulation::new(tenants, world).run()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The scheduler's timer.
    Timer,
    /// An order reaches a worker.
    Order(usize, Grant),
    /// A worker's kernel ends, or its pause.
    Worker(usize),
    /// A worker says that it wants the GPU.
    Wants(usize),
    /// A worker has given it back, unused since then.
    Drained(usize, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    None,
    Until(u64),
}

#[derive(Clone, Copy, Debug)]
struct Worker {
    grant: Grant,
    holds: bool,
    asked: bool,
    /// The kernel it runs ends then.
    running: Option<u64>,
    /// It has no work before then.
    next_work: u64,
    idle_since: u64,
    patience: Patience,
}

struct Simulation<'a> {
    tenants: &'a [Tenant],
    world: World,
    scheduler: Scheduler,
    workers: Vec<Worker>,
    /// By time, then in order of entry.
    events: BTreeMap<(u64, u64), Event>,
    entered: u64,
    now: u64,
    windows: Windows,
}

impl<'a> Simulation<'a> {
    fn new(tenants: &'a [Tenant], world: World) -> Self {
        let mut scheduler = Scheduler::new();
        for (i, tenant) in tenants.iter().enumerate() {
            scheduler.set_lease(LeaseId(i as u32), tenant.terms);
            scheduler.add(SessionId(i as u64), LeaseId(i as u32), 100);
        }
        let n_windows = world.until_ns.div_ceil(world.window_ns.max(1)) as usize;
        let worker = Worker {
            grant: Grant::None,
            holds: false,
            asked: false,
            running: None,
            next_work: 0,
            idle_since: 0,
            patience: Patience::default(),
        };
        let mut simulation = Self {
            tenants,
            world,
            scheduler,
            workers: vec![worker; tenants.len()],
            events: BTreeMap::new(),
            entered: 0,
            now: 0,
            windows: vec![vec![0; n_windows]; tenants.len()],
        };
        for i in 0..tenants.len() {
            simulation.at(0, Event::Worker(i));
        }
        simulation
    }

    fn run(mut self) -> Windows {
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at >= self.world.until_ns {
                break;
            }
            self.now = at;
            match event {
                Event::Timer => self.schedule(),
                Event::Wants(i) => {
                    self.scheduler.wants(SessionId(i as u64));
                    self.schedule();
                }
                Event::Drained(i, idle_since) => {
                    self.scheduler.pass_time(self.now);
                    self.scheduler.drained(SessionId(i as u64), idle_since);
                    self.schedule();
                }
                Event::Order(i, grant) => {
                    self.workers[i].holds = true;
                    self.workers[i].grant = grant;
                    self.work(i);
                }
                Event::Worker(i) => self.work(i),
            }
        }
        self.windows
    }

    fn at(&mut self, at: u64, event: Event) {
        self.entered += 1;
        self.events.insert((at, self.entered), event);
    }

    fn advance_only(&mut self) {
        let orders = self.scheduler.advance(self.now);
        self.obey(orders);
    }

    fn schedule(&mut self) {
        self.advance_only();
        self.events.retain(|_, event| *event != Event::Timer);
        if let Some(next) = self.scheduler.next() {
            self.at(next.max(self.now + 1), Event::Timer);
        }
    }

    fn obey(&mut self, orders: Vec<Order>) {
        for order in orders {
            let (session, grant) = match order {
                Order::Open(session) => (session, Grant::Until(u64::MAX)),
                Order::Turn { session, until } | Order::Extend { session, until } => {
                    (session, Grant::Until(until))
                }
                Order::Revoke(session) => (session, Grant::Until(0)),
                Order::End(_) => continue,
            };
            let at = self.now + self.world.latency_ns;
            self.at(at, Event::Order(session.0 as usize, grant));
        }
    }

    /// What a worker does now: ends a kernel, begins one, asks, or gives the GPU back.
    fn work(&mut self, i: usize) {
        let (now, tenant) = (self.now, self.tenants[i]);
        let worker = &mut self.workers[i];
        if let Some(end) = worker.running {
            if end > now {
                return;
            }
            worker.running = None;
            worker.idle_since = now;
            worker.next_work = now + tenant.gap_ns;
            let window = (now / self.world.window_ns) as usize;
            self.windows[i][window] += tenant.kernel_ns;
        }
        if let Some(end) = tenant.rests_at(now) {
            worker.next_work = worker.next_work.max(end);
        }
        let has_work = worker.next_work <= now;
        if has_work && worker.idle_since < worker.next_work {
            worker
                .patience
                .work_came_after(worker.next_work - worker.idle_since);
        }
        let until = match worker.grant {
            Grant::Until(until) if worker.holds => until,
            _ => 0,
        };
        if !worker.holds {
            if !has_work {
                let next = worker.next_work;
                return self.at(next, Event::Worker(i));
            }
            if !worker.asked {
                worker.asked = true;
                self.at(now + self.world.latency_ns, Event::Wants(i));
            }
            return;
        }
        if has_work && now < until {
            worker.running = Some(now + tenant.kernel_ns);
            worker.asked = false;
            return self.at(now + tenant.kernel_ns, Event::Worker(i));
        }
        let idle_since = worker.idle_since;
        let patient_until = idle_since.max(1) + worker.patience.ns();
        if now < until && now < patient_until {
            let next = worker.next_work.min(patient_until).max(now + 1);
            return self.at(next, Event::Worker(i));
        }
        if now < until && until == u64::MAX {
            // Alone, it keeps the GPU while it rests.
            let next = worker.next_work.max(now + 1);
            return self.at(next, Event::Worker(i));
        }
        worker.holds = false;
        worker.grant = Grant::None;
        worker.asked = false;
        if now >= patient_until && now < until {
            worker.patience.was_in_vain();
        }
        let idle_since = Patience::charged_until(idle_since, now);
        let told = now + self.world.latency_ns;
        self.at(told, Event::Drained(i, idle_since));
        self.at(told, Event::Worker(i));
    }
}
