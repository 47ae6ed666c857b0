//! Bad days of the books, on clocks of the test's own.

use std::collections::BTreeSet;
use std::sync::Arc;

use rigel_protocol::control::ProcessInfo;

use super::super::books::{Entrant, OpenSession};
use super::super::lease::{Asks, Grant as Placement, Lease, Leases};
use super::super::peer::Peer;
use super::super::placement::{Inventory, PhysicalGpu};
use super::*;
use crate::worker::grants::Grants;
use crate::worker::ledger::VirtualGpu;

const MINUTE: Duration = Duration::from_secs(60);

struct Server {
    books: Arc<Books>,
    turns: Arc<Turns>,
    auditor: Auditor,
    now: Moment,
}

fn server(folder: &Path) -> Server {
    let gpu = PhysicalGpu {
        ordinal: 0,
        name: "soft".into(),
        memory_bytes: 1 << 30,
    };
    let lease = |text: &str| Lease::from_config(&toml::from_str(text).unwrap()).unwrap();
    let leases = vec![
        lease("name='sure'\ntoken='x'\ncompute='20..'"),
        lease("name='rest'\ntoken='y'"),
    ];
    let leases = Leases::new(leases, &Inventory { gpus: vec![gpu] });
    let books = Arc::new(Books::new(&leases, 8, u32::MAX).unwrap());
    let now = Moment::now();
    Server {
        turns: Turns::start(leases.terms(), true).unwrap(),
        auditor: Auditor::new(folder, 1 << 20, MINUTE, &books, now),
        books,
        now,
    }
}

impl Server {
    fn pass(&mut self, span: Duration) {
        self.now.at += span;
        self.now.wall += span;
        self.auditor.look(&self.books, &self.turns, self.now);
    }

    fn enter(&self, lease: usize) -> OpenSession {
        let entrant = Entrant {
            lease,
            asks: Asks::default(),
            process: ProcessInfo::default(),
            peer: Peer::stranger(),
            queued: Duration::from_secs(3),
        };
        self.books.enter(entrant, &BTreeSet::new()).unwrap()
    }

    fn admits(&self, lease: usize) -> Result<(), RefusalCause> {
        let placed = &self.books.leases()[lease].placed;
        self.auditor.admits(placed).map_err(|refusal| refusal.cause)
    }

    fn is_on(&self, alert: Alert) -> bool {
        self.auditor.alerts.is_on(alert)
    }
}

#[test]
fn lines_hold_what_was_used_since_the_line_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path());
    let session = server.enter(0);
    session.entry.meter.add(Counter::Calls, 5);
    let ledger = &server.books.leases()[0].ledger.as_ref().unwrap().0;
    ledger
        .charge(VirtualGpu(0), session.entry.slot, 1000)
        .unwrap();
    server.pass(MINUTE);
    session.entry.meter.add(Counter::Calls, 2);
    server.pass(MINUTE);
    drop(session);
    server.pass(MINUTE);
    server.pass(MINUTE);
    let text = std::fs::read_to_string(folder.path().join("usage.jsonl")).unwrap();
    let lines: Vec<UsageLine> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |pick: fn(&UsageLine) -> f64| lines.iter().map(pick).collect::<Vec<_>>();
    assert_eq!(of(|line| line.calls as f64), [5.0, 2.0]);
    assert_eq!(of(|line| line.sessions as f64), [1.0, 0.0]);
    assert_eq!(of(|line| line.memory_byte_seconds), [60_000.0, 60_000.0]);
    assert_eq!(of(|line| line.queued_seconds), [3.0, 0.0]);
}

#[test]
fn full_disk_closes_the_books_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("usage.jsonl");
    std::os::unix::fs::symlink("/dev/full", &file).unwrap();
    let mut server = server(folder.path());
    let session = server.enter(0);
    session.entry.meter.add(Counter::Calls, 5);
    server.pass(MINUTE);
    assert!(server.is_on(Alert::UsageLedger));
    assert_eq!(server.admits(1), Ok(()), "one line may be late");
    server.pass(MINUTE * LATE_MAX);
    assert!(server.is_on(Alert::BooksClosed));
    assert_eq!(server.admits(1), Err(RefusalCause::BooksClosed));
    assert_eq!(server.admits(0), Ok(()), "it has a guarantee");
    std::fs::remove_file(&file).unwrap();
    server.pass(MINUTE);
    assert!(!server.is_on(Alert::UsageLedger) && !server.is_on(Alert::BooksClosed));
    assert_eq!(server.admits(1), Ok(()));
    let text = std::fs::read_to_string(&file).unwrap();
    let line: UsageLine = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((line.calls, line.seconds), (5, 720.0), "nothing is lost");
}

#[test]
fn clock_that_is_set_is_told_and_bills_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path());
    let session = server.enter(0);
    session.entry.meter.add(Counter::Calls, 1);
    server.pass(MINUTE);
    for jump in [true, false] {
        let day = Duration::from_secs(86_400);
        server.now.wall = match jump {
            true => server.now.wall + day,
            false => server.now.wall - 2 * day,
        };
        session.entry.meter.add(Counter::Calls, 1);
        server.pass(MINUTE);
        assert!(server.is_on(Alert::Clock));
        server.pass(Duration::from_secs(1));
        assert!(!server.is_on(Alert::Clock));
    }
    let text = std::fs::read_to_string(folder.path().join("usage.jsonl")).unwrap();
    let lines: Vec<UsageLine> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.is_sorted_by_key(|line| line.time));
    assert!(lines.iter().all(|line| line.seconds <= 61.0), "{lines:?}");
}

#[test]
fn damaged_memory_books_are_mended_and_close_until_they_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path());
    let session = server.enter(1);
    let ledger = &server.books.leases()[1].ledger.as_ref().unwrap().0;
    ledger
        .charge(VirtualGpu(0), session.entry.slot, 4096)
        .unwrap();
    // As if the words had been overwritten.
    ledger.settle();
    server.pass(LOOK);
    assert!(server.is_on(Alert::MemoryLedger));
    assert_eq!(server.admits(1), Err(RefusalCause::BooksClosed));
    let used = server.books.leases()[1].usage(0).unwrap().used_bytes;
    assert_eq!(used, 4096);
    server.pass(LOOK);
    assert!(!server.is_on(Alert::MemoryLedger));
    assert_eq!(server.admits(1), Ok(()));
}

#[test]
fn gpu_time_goes_on_from_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let line = |ns| UsageLine {
        lease: "rest".into(),
        time: 1,
        gpu_ns_total: BTreeMap::from([(0, ns)]),
        ..UsageLine::default()
    };
    UsageLedger::open(folder.path(), 1 << 20)
        .unwrap()
        .append(vec![line(7_000)])
        .unwrap();
    let server = server(folder.path());
    assert_eq!(server.auditor.gpu_ns("rest", 0, 5), 7_005);
    assert_eq!(server.auditor.gpu_ns("sure", 0, 5), 5);
}

/// A worker that has been given a turn and never answers.
#[test]
fn silent_worker_is_told_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path());
    let join = |turns: &Arc<Turns>, session, lease| {
        let placement = Placement {
            line: 0,
            physical: 0,
            quota_bytes: 1,
            own_bytes: None,
        };
        let member = turns
            .join(session, LeaseId(lease), &[placement], 100)
            .unwrap();
        let page = member.descriptors()[0].try_clone_to_owned().unwrap();
        Grants::open(page, 1).unwrap().ask(VirtualGpu(0));
        member
    };
    let silent = join(&server.turns, 1, 0);
    let other = join(&server.turns, 2, 1);
    assert!(server.turns.pretend(Duration::ZERO));
    server.pass(Duration::from_secs(1));
    assert!(!server.is_on(Alert::WorkerSilent));
    // Its turn is over, and then it is late.
    server.turns.pretend(Duration::from_secs(2));
    server.turns.pretend(Duration::from_secs(2));
    server.pass(Duration::from_secs(1));
    assert!(server.is_on(Alert::WorkerSilent));
    assert_eq!(server.admits(1), Ok(()));
    drop(silent);
    server.pass(Duration::from_secs(1));
    assert!(!server.is_on(Alert::WorkerSilent));
    drop(other);
    server.turns.stop();
}
