//! Who is next, and who is not let in.

use rigel_protocol::control::{ProcessInfo, Request};

use super::super::lease::{Lease, Leases};
use super::super::placement::{Inventory, PhysicalGpu};
use super::*;

struct Pool {
    books: Arc<Books>,
    turns: Arc<Turns>,
    line: Line,
}

/// Two GPUs, one session on each.
fn pool(leases: &[&str]) -> Pool {
    let gpu = |ordinal| PhysicalGpu {
        ordinal,
        name: "soft".into(),
        memory_bytes: 1 << 30,
    };
    let inventory = Inventory {
        gpus: vec![gpu(0), gpu(1)],
    };
    let leases = leases
        .iter()
        .map(|text| Lease::from_config(&toml::from_str(text).unwrap()).unwrap())
        .collect();
    let leases = Leases::new(leases, &inventory);
    Pool {
        books: Arc::new(Books::new(&leases, 8, 1).unwrap()),
        turns: Turns::start(leases.terms(), true).unwrap(),
        line: Line::default(),
    }
}

fn entrant(lease: usize, gpus: u32) -> Entrant {
    Entrant {
        lease,
        asks: Asks {
            request: Request {
                gpus: Some(gpus),
                ..Request::default()
            },
            lines: None,
        },
        process: ProcessInfo::default(),
        peer: Peer::stranger(),
        queued: Duration::ZERO,
    }
}

impl Pool {
    fn enter(&self, lease: usize, gpus: u32) -> Result<OpenSession, RefusalCause> {
        let entered = self
            .line
            .enter(&self.books, &self.turns, entrant(lease, gpus));
        entered.map_err(|refusal| refusal.cause)
    }

    fn join(&self, lease: usize, gpus: u32) -> Ticket<'_> {
        let joined = self.line.join(&entrant(lease, gpus), Instant::now());
        joined.map_err(|refusal| refusal.message).unwrap()
    }

    fn attempt(&self, ticket: &Ticket<'_>, lease: usize, gpus: u32) -> Result<OpenSession, u32> {
        let entrant = entrant(lease, gpus);
        let attempt = self
            .line
            .attempt(&self.books, &self.turns, ticket, &entrant);
        attempt.unwrap().map_err(|place| place.position)
    }
}

const TWO: &str = "name='a'\ntoken='x'\ngpus=2";
const OTHER: &str = "name='b'\ntoken='y'\ngpus=2";

fn physical(session: &OpenSession) -> Vec<u32> {
    let grants = session.entry.grants.iter();
    grants.map(|grant| grant.physical).collect()
}

#[test]
fn sessions_go_to_gpus_that_have_room() {
    let pool = pool(&[TWO]);
    let first = pool.enter(0, 1).unwrap();
    let second = pool.enter(0, 1).unwrap();
    assert_eq!((physical(&first), physical(&second)), (vec![0], vec![1]));
    assert_eq!(second.entry.grants[0].line, 1);
    assert_eq!(pool.enter(0, 1).unwrap_err(), RefusalCause::TooManySessions);
    drop(first);
    assert_eq!(physical(&pool.enter(0, 1).unwrap()), [0]);
}

#[test]
fn gang_gets_all_or_none_and_is_not_starved_by_small_ones() {
    let pool = pool(&[TWO, OTHER]);
    let (one, two) = (pool.enter(0, 1).unwrap(), pool.enter(0, 1).unwrap());
    let gang = pool.join(1, 2);
    let small = pool.join(0, 1);
    assert_eq!(pool.attempt(&gang, 1, 2).unwrap_err(), 1);
    drop(one);
    // A GPU is free: it is kept for the gang, which is first.
    assert_eq!(pool.attempt(&small, 0, 1).unwrap_err(), 2);
    assert_eq!(pool.attempt(&gang, 1, 2).unwrap_err(), 1);
    assert_eq!(pool.enter(0, 1).unwrap_err(), RefusalCause::TooManySessions);
    drop(two);
    let session = pool.attempt(&gang, 1, 2).unwrap();
    assert_eq!(physical(&session), [0, 1]);
    drop(gang);
    assert_eq!(pool.attempt(&small, 0, 1).unwrap_err(), 1);
    drop(session);
    assert!(pool.attempt(&small, 0, 1).is_ok());
}

#[test]
fn lease_that_was_admitted_less_for_its_weight_is_next() {
    let pool = pool(&[
        "name='a'\ntoken='x'\non=[0]\nweight=300",
        "name='b'\ntoken='y'\non=[0]\nweight=100",
    ]);
    let mut held = Some(pool.enter(0, 1).unwrap());
    let mut admitted = [0, 0];
    for _ in 0..40 {
        let (a, b) = (pool.join(0, 1), pool.join(1, 1));
        held.take();
        held = match (pool.attempt(&a, 0, 1), pool.attempt(&b, 1, 1)) {
            (Ok(session), Err(_)) => {
                admitted[0] += 1;
                Some(session)
            }
            (Err(_), Ok(session)) => {
                admitted[1] += 1;
                Some(session)
            }
            other => panic!("{other:?}"),
        };
    }
    assert!((9..=11).contains(&admitted[1]), "{admitted:?}");
}

#[test]
fn what_is_used_is_forgotten_by_and_by() {
    let start = Instant::now();
    let mut used = Used {
        seconds: 0.0,
        gpu_ns: 5_000_000_000,
        at: start,
    };
    used.pass(15_000_000_000, start);
    assert_eq!(used.seconds, 10.0);
    used.pass(15_000_000_000, start + HALF_LIFE);
    assert!((used.seconds - 5.0).abs() < 1e-9, "{used:?}");
}

#[test]
fn in_a_lease_who_came_first_is_first() {
    let pool = pool(&["name='a'\ntoken='x'\nsessions=1"]);
    let held = pool.enter(0, 1).unwrap();
    let (first, second) = (pool.join(0, 1), pool.join(0, 1));
    assert_eq!(pool.attempt(&second, 0, 1).unwrap_err(), 2);
    drop(held);
    assert_eq!(pool.attempt(&second, 0, 1).unwrap_err(), 2);
    assert_eq!(pool.enter(0, 1).unwrap_err(), RefusalCause::TooManySessions);
    let session = pool.attempt(&first, 0, 1).unwrap();
    drop((session, first));
    assert!(pool.attempt(&second, 0, 1).is_ok());
}

#[test]
fn request_that_can_never_be_kept_does_not_wait() {
    let pool = pool(&[TWO]);
    let ticket = pool.join(0, 3);
    let entrant = entrant(0, 3);
    let attempt = pool
        .line
        .attempt(&pool.books, &pool.turns, &ticket, &entrant);
    assert_eq!(attempt.unwrap_err().cause, RefusalCause::QuotaExceeded);
}

#[test]
fn line_has_a_limit_and_a_place_is_given_up() {
    let pool = pool(&[TWO]);
    let tickets: Vec<_> = (0..WAITING_MAX).map(|_| pool.join(0, 1)).collect();
    assert!(pool.line.join(&entrant(0, 1), Instant::now()).is_err());
    drop(tickets);
    assert_eq!(pool.line.len(), 0);
}
