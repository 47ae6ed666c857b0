//! The gate before the GPU, driven by the daemon's words alone: nothing here depends on how long anything
//! takes. Turns end far in the future, or have ended long ago.

use std::time::Duration;

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Function, Stream};

use super::super::gate::Gates;
use super::super::grants::{Bell, Grant, GrantKind, Grants};
use super::super::ledger::VirtualGpu;
use super::bench::{Bench, ONE, TWO};

const GPU: VirtualGpu = VirtualGpu(0);
/// No turn of a test ends by itself.
const NEVER: u64 = u64::MAX;

/// A session behind a gate, and the daemon's side of it.
struct Gated {
    bench: Bench,
    kernel: Function,
    grants: Grants,
    granted: Grant,
    asked: u64,
    keeper: Option<std::thread::JoinHandle<()>>,
}

impl Gated {
    fn new() -> Self {
        let (grants, memory) = Grants::create(1).unwrap();
        let worker = Grants::open(memory, 1).unwrap();
        let bell = Bell::create().unwrap().0;
        let mut bench = Bench::behind(Gates::new(worker, bell, 1));
        let kernel = bench.kernel();
        let session = std::sync::Arc::clone(&bench.session);
        let keeper = std::thread::spawn(move || session.gates.keep(&session));
        Self {
            bench,
            kernel,
            grants,
            granted: Grant::default(),
            asked: 0,
            keeper: Some(keeper),
        }
    }

    fn launch(&mut self) {
        self.bench.launch(ONE, self.kernel, Stream::LEGACY);
    }

    fn launches(&self) -> usize {
        self.logged("launch").len()
    }

    /// What the driver was asked to do, of this kind.
    fn logged(&self, kind: &str) -> Vec<String> {
        let log = self.bench.driver.log();
        log.into_iter()
            .filter(|line| line.starts_with(kind))
            .collect()
    }

    /// Waits until the worker has asked for the GPU once more.
    fn await_question(&mut self) {
        while self.grants.asked(GPU) == self.asked {
            std::thread::yield_now();
        }
        self.asked = self.grants.asked(GPU);
    }

    fn grant(&mut self, kind: GrantKind, until: u64) {
        self.granted = self.granted.next(kind);
        self.grants.set_grant(GPU, self.granted, until);
    }

    /// Waits until the latest grant that gave something is given back.
    fn await_return(&self, grant: Grant) {
        while !self.grants.returned(GPU).0.is_at_least(grant) {
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    fn synchronise(&mut self) {
        let (done, _) = self.bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {});
        assert_eq!(done, Ok(()));
    }
}

impl Drop for Gated {
    fn drop(&mut self) {
        self.bench.session.gates.close();
        if let Some(keeper) = self.keeper.take() {
            keeper.join().unwrap();
        }
    }
}

#[test]
fn launch_waits_for_the_grant_and_calls_that_are_no_work_do_not() {
    let mut gated = Gated::new();
    let priority = Call::CTX_GET_STREAM_PRIORITY_RANGE;
    assert_eq!(gated.bench.ask(ONE, priority, |_| {}).0, Ok(()));
    assert_eq!(
        gated.grants.asked(GPU),
        0,
        "nothing is asked for without work"
    );
    gated.launch();
    gated.await_question();
    assert_eq!(gated.launches(), 0);
    gated.grant(GrantKind::Turn, NEVER);
    gated.synchronise();
    assert_eq!(gated.launches(), 1);
}

#[test]
fn turn_that_is_not_used_is_given_back_and_the_next_launch_asks_again() {
    let mut gated = Gated::new();
    gated.launch();
    gated.await_question();
    gated.grant(GrantKind::Turn, NEVER);
    gated.synchronise();
    gated.await_return(gated.granted);
    gated.launch();
    gated.await_question();
    assert_eq!(gated.launches(), 1);
    gated.grant(GrantKind::Turn, NEVER);
    gated.synchronise();
    assert_eq!(gated.launches(), 2);
}

#[test]
fn grant_without_an_end_lets_work_pass_until_it_is_withdrawn() {
    let mut gated = Gated::new();
    gated.launch();
    gated.await_question();
    gated.grant(GrantKind::Open, NEVER);
    let open = gated.granted;
    for _ in 0..100 {
        gated.launch();
    }
    gated.synchronise();
    assert_eq!(gated.launches(), 101);
    gated.grant(GrantKind::None, 0);
    gated.await_return(open);
    let asked = gated.grants.asked(GPU);
    gated.asked = asked;
    gated.launch();
    gated.await_question();
    assert_eq!(gated.launches(), 101);
    gated.grant(GrantKind::Turn, NEVER);
    gated.synchronise();
    assert_eq!(gated.launches(), 102);
}

#[test]
fn turn_that_ended_before_it_was_seen_is_given_back_unused() {
    let mut gated = Gated::new();
    gated.launch();
    gated.await_question();
    gated.grant(GrantKind::Turn, 1);
    gated.await_question();
    gated.await_return(gated.granted);
    assert_eq!(gated.launches(), 0);
    gated.grant(GrantKind::Turn, NEVER);
    gated.synchronise();
    assert_eq!(gated.launches(), 1);
}

#[test]
fn behind_the_last_launch_stands_nothing_of_the_gates_own() {
    let mut gated = Gated::new();
    for kind in [GrantKind::Turn, GrantKind::Open] {
        gated.launch();
        gated.await_question();
        gated.grant(kind, NEVER);
        gated.synchronise();
        if kind == GrantKind::Open {
            gated.grant(GrantKind::None, 0);
        }
        gated.await_return(gated.granted);
    }
    assert_eq!(gated.launches(), 2);
    assert_eq!(gated.logged("event_record"), [""; 0]);
}

#[test]
fn stream_that_ends_is_stamped_and_asked_about_no_more() {
    let mut gated = Gated::new();
    let default_stream = Stream(101);
    gated.bench.driver.occupy(default_stream);
    gated.bench.launch(ONE, gated.kernel, Stream::PER_THREAD);
    gated.await_question();
    gated.grant(GrantKind::Turn, NEVER);
    gated.bench.send(ONE, Call::THREAD_END, |_| {});
    let (done, _) = gated
        .bench
        .ask(TWO, Call::CTX_GET_STREAM_PRIORITY_RANGE, |_| {});
    assert_eq!(done, Ok(()));
    let log = gated.bench.driver.log();
    let at = |start: &str, end: &str| {
        log.iter()
            .position(|line| line.starts_with(start) && line.ends_with(end))
    };
    let (stamped, ended) = (at("event_record", " in 101"), at("stream_destroy", " 101"));
    assert!(stamped.is_some() && stamped < ended, "{log:#?}");
    gated.bench.driver.let_go();
    gated.await_return(gated.granted);
}
