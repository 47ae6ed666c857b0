//! One situation after another, by hand.

use super::*;

const A: SessionId = SessionId(1);
const B: SessionId = SessionId(2);
const MS: u64 = 1_000_000;

fn two(a: Terms, b: Terms) -> Scheduler {
    let mut scheduler = Scheduler::new();
    for (id, terms) in [(A, a), (B, b)] {
        scheduler.set_lease(LeaseId(id.0 as u32), terms);
        scheduler.add(id, LeaseId(id.0 as u32), 100);
    }
    scheduler
}

fn terms(min: u8, max: u8, priority: Priority) -> Terms {
    Terms::new(min, max, priority).unwrap()
}

#[test]
fn session_that_is_alone_holds_the_gpu_without_an_end() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    assert_eq!(gpu.advance(0), [Order::Open(A)]);
    assert_eq!(gpu.next(), None);
    gpu.wants(B);
    assert_eq!(gpu.advance(MS), [Order::Revoke(A)]);
    assert_eq!(gpu.advance(2 * MS), []);
    gpu.wants(A);
    gpu.drained(A, 2 * MS);
    let until = 2 * MS + TURN_NS;
    assert_eq!(gpu.advance(2 * MS), [Order::Turn { session: B, until }]);
}

#[test]
fn session_below_its_maximum_is_never_open() {
    let half = terms(0, 50, Priority::Normal);
    let mut gpu = two(half, Terms::ANY);
    gpu.wants(A);
    let orders = gpu.advance(0);
    assert!(matches!(orders[..], [Order::Turn { session: A, .. }]));
}

#[test]
fn turn_goes_on_without_a_gap_while_nobody_else_is_next() {
    let mut gpu = two(
        terms(90, 100, Priority::Normal),
        terms(10, 100, Priority::Normal),
    );
    gpu.wants(A);
    gpu.wants(B);
    let first = gpu.advance(0);
    assert!(matches!(first[..], [Order::Turn { .. }]));
    let Order::Turn { session, until } = first[0] else {
        unreachable!();
    };
    gpu.advance(until);
    gpu.wants(session);
    gpu.drained(session, until);
    let _ = gpu.advance(until);
    // B's turn counts nine times as much, so A's next ones are extended.
    let mut now = until;
    let mut extended = 0;
    for _ in 0..40 {
        now = gpu.next().unwrap().max(now);
        for order in gpu.advance(now) {
            extended += usize::from(matches!(order, Order::Extend { session: A, .. }));
        }
        if let Some(holder) = gpu.holder.filter(|_| gpu.next() == Some(now + OVERDUE_NS)) {
            gpu.wants(holder);
            gpu.drained(holder, now);
            gpu.advance(now);
        }
    }
    assert!(extended >= 5, "{extended}");
}

#[test]
fn higher_priority_ends_a_lower_turn() {
    let mut gpu = two(terms(0, 100, Priority::Low), terms(0, 100, Priority::High));
    gpu.wants(A);
    gpu.advance(0);
    gpu.wants(B);
    assert_eq!(gpu.advance(MS), [Order::Revoke(A)]);
    gpu.wants(A);
    gpu.drained(A, MS);
    assert!(matches!(
        gpu.advance(MS)[..],
        [Order::Turn { session: B, .. }]
    ));
    assert_eq!(gpu.advance(2 * MS), []);
}

#[test]
fn window_is_short_while_a_higher_priority_is_there() {
    let low = terms(0, 100, Priority::Low);
    let high = terms(0, 100, Priority::High);
    let mut gpu = two(low, high);
    let windows = |gpu: &Scheduler| gpu.windows().collect::<Vec<_>>();
    assert_eq!(windows(&gpu), [(A, WINDOW_NS), (B, WINDOW_LONG_NS)]);
    gpu.set_lease(LeaseId(2), low);
    assert_eq!(windows(&gpu), [(A, WINDOW_LONG_NS), (B, WINDOW_LONG_NS)]);
    gpu.set_lease(LeaseId(2), high);
    gpu.remove(B);
    assert_eq!(windows(&gpu), [(A, WINDOW_LONG_NS)]);
}

#[test]
fn guarantee_is_kept_against_a_higher_priority() {
    let mut gpu = two(
        terms(20, 100, Priority::Idle),
        terms(0, 100, Priority::Urgent),
    );
    gpu.wants(A);
    gpu.wants(B);
    // Nobody is behind yet, so B is first; A then is, and its turn is not ended.
    assert!(matches!(
        gpu.advance(0)[..],
        [Order::Turn { session: B, .. }]
    ));
    gpu.advance(TURN_NS);
    gpu.wants(B);
    gpu.drained(B, TURN_NS);
    assert!(matches!(
        gpu.advance(TURN_NS)[..],
        [Order::Turn { session: A, .. }]
    ));
    // Of the first turn a fifth was A's; with a quarter of that again it has caught up.
    assert_eq!(gpu.advance(TURN_NS + TURN_NS / 10), []);
    let even = TURN_NS + TURN_NS / 4;
    assert_eq!(gpu.advance(even + MS / 2), [Order::Revoke(A)]);
}

#[test]
fn silent_holder_neither_stops_the_others_nor_lives_for_ever() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    gpu.wants(B);
    gpu.advance(0);
    assert_eq!(gpu.advance(TURN_NS), []);
    let late = TURN_NS + OVERDUE_NS;
    assert_eq!(gpu.next(), Some(late));
    assert!(matches!(
        gpu.advance(late)[..],
        [Order::Turn { session: B, .. }]
    ));
    gpu.advance(late + TURN_NS);
    gpu.drained(B, late + TURN_NS);
    assert_eq!(gpu.advance(TURN_NS + END_NS), [Order::End(A)]);
    assert_eq!(gpu.advance(TURN_NS + END_NS + 1), []);
}

#[test]
fn time_not_used_at_the_end_of_a_turn_is_not_charged() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    gpu.wants(B);
    gpu.advance(0);
    gpu.advance(3 * MS);
    gpu.drained(A, 2 * MS);
    assert_eq!(gpu.used(LeaseId(1)).gpu_ns, 2 * MS);
    // A word from the past, or from a session without a grant, changes nothing.
    gpu.drained(A, 0);
    gpu.drained(SessionId(9), 0);
    assert_eq!(gpu.used(LeaseId(1)).gpu_ns, 2 * MS);
}

#[test]
fn time_before_a_turn_is_used_is_not_charged() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    gpu.wants(B);
    gpu.advance(0);
    gpu.pass_time(3 * MS);
    gpu.began(A, MS);
    gpu.drained(A, 2 * MS);
    assert_eq!(gpu.used(LeaseId(1)).gpu_ns, MS);
    // Nobody begins before the turn, or without one.
    gpu.began(B, MS);
    assert_eq!(gpu.used(LeaseId(2)).gpu_ns, 0);
    gpu.advance(3 * MS);
    gpu.pass_time(5 * MS);
    gpu.began(B, 0);
    gpu.drained(B, 5 * MS);
    assert_eq!(gpu.used(LeaseId(2)).gpu_ns, 2 * MS);
}

#[test]
fn clock_that_goes_back_stands_still() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.advance(9 * MS);
    gpu.wants(A);
    gpu.wants(B);
    gpu.advance(MS);
    let until = 9 * MS + TURN_NS;
    assert_eq!(gpu.next(), Some(until - LEAD_NS));
}

#[test]
fn paused_lease_gives_the_gpu_back_and_is_not_next() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    assert_eq!(gpu.advance(0), [Order::Open(A)]);
    gpu.set_paused(LeaseId(1), true);
    assert_eq!(gpu.advance(MS), [Order::Revoke(A)]);
    gpu.wants(A);
    gpu.drained(A, MS);
    assert_eq!(gpu.advance(2 * MS), []);
    assert_eq!(gpu.next(), None, "nothing is due while it is paused");
    // Nobody contends with it either.
    gpu.wants(B);
    assert_eq!(gpu.advance(3 * MS), [Order::Open(B)]);
    gpu.set_paused(LeaseId(1), false);
    assert_eq!(gpu.advance(4 * MS), [Order::Revoke(B)]);
}

#[test]
fn session_of_a_paused_lease_that_comes_later_gets_nothing() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.set_paused(LeaseId(1), true);
    let late = SessionId(3);
    gpu.add(late, LeaseId(1), 100);
    gpu.wants(late);
    assert_eq!(gpu.advance(MS), []);
    gpu.set_paused(LeaseId(1), false);
    assert_eq!(gpu.advance(2 * MS), [Order::Open(late)]);
}

#[test]
fn maximum_that_is_set_while_a_session_is_alone_ends_its_open_grant() {
    let mut gpu = two(Terms::ANY, Terms::ANY);
    gpu.wants(A);
    assert_eq!(gpu.advance(0), [Order::Open(A)]);
    gpu.set_lease(LeaseId(1), terms(0, 50, Priority::Normal));
    assert_eq!(gpu.advance(MS), [Order::Revoke(A)]);
    gpu.wants(A);
    gpu.drained(A, MS);
    let orders = gpu.advance(2 * MS);
    assert!(matches!(orders[..], [Order::Turn { session: A, .. }]));
}

#[test]
fn strict_scheduler_gives_guarantees_and_nothing_else() {
    let mut gpu = two(terms(20, 100, Priority::Normal), Terms::ANY);
    gpu.wants(B);
    assert_eq!(gpu.advance(0), [Order::Open(B)]);
    gpu.set_strict(true);
    assert_eq!(gpu.advance(MS), [Order::Revoke(B)]);
    gpu.wants(B);
    gpu.drained(B, MS);
    gpu.wants(A);
    let (mut now, mut had, mut others) = (MS, 0, 0);
    while now < 10_000 * MS {
        for order in gpu.advance(now) {
            match order {
                Order::Turn { session: A, until } => {
                    had += until - now;
                    now = until;
                    gpu.advance(now);
                    gpu.wants(A);
                    gpu.drained(A, now);
                }
                Order::Extend { session: A, .. } => {}
                _ => others += 1,
            }
        }
        now = gpu.next().unwrap().clamp(now + 1, now + 100 * MS);
    }
    assert_eq!(others, 0, "nobody else has a guarantee");
    let percent = had * 100 / now;
    assert!((18..=20).contains(&percent), "{percent} %");
    gpu.set_strict(false);
    let orders = gpu.advance(now);
    assert!(orders.contains(&Order::Open(B)) || matches!(orders[..], [Order::Turn { .. }]));
}
