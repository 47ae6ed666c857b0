//! Tests of turns: between sessions, and from one daemon to the next.

use rigel_share::{Priority, WINDOW_LONG_NS, WINDOW_NS};

use super::*;

fn turns(terms: Terms) -> Arc<Turns> {
    let leases = [(LeaseId(0), terms, vec![0]), (LeaseId(1), terms, vec![0])];
    Turns::start(leases.into_iter(), true).unwrap()
}

fn join(turns: &Arc<Turns>, session: u64, lease: u32) -> (TurnsMember, Grants, Bell) {
    let placement = Placement {
        line: 0,
        physical: 0,
        quota_bytes: 1,
        own_bytes: None,
    };
    let member = turns
        .join(session, LeaseId(lease), &[placement], 100)
        .unwrap();
    let [grants, bell] = member
        .descriptors()
        .map(|fd| fd.try_clone_to_owned().unwrap());
    let (grants, bell) = (Grants::open(grants, 1).unwrap(), Bell::open(bell).unwrap());
    (member, grants, bell)
}

const GPU: VirtualGpu = VirtualGpu(0);

/// Waits until the page grants what is wanted; a test that waits in vain never ends.
fn await_grant(grants: &Grants, wanted: GrantKind) -> Grant {
    loop {
        let grant = grants.grant(GPU);
        if grant.kind() == wanted {
            return grant;
        }
        grants.sleep_on_grant(GPU, grant, Duration::from_secs(1));
    }
}

#[test]
fn session_of_an_earlier_daemon_asks_anew_and_gets_the_gpu() {
    let first = turns(Terms::ANY);
    let (member, grants, bell) = join(&first, 7, 0);
    grants.ask(GPU);
    bell.ring();
    let before = await_grant(&grants, GrantKind::Open);
    let [page, bell] = [member.page(), first.bell_memory()].map(|fd| fd.try_clone_to_owned());
    first.stop();
    // It is killed: nothing is given back.
    std::mem::forget(member);
    let leases = [(LeaseId(0), Terms::ANY, vec![0])];
    let next = Turns::resume(leases.into_iter(), true, Some(bell.unwrap())).unwrap();
    let placement = Placement {
        line: 0,
        physical: 0,
        quota_bytes: 1,
        own_bytes: None,
    };
    let of = (7, LeaseId(0));
    let _member = next.rejoin(of, &[placement], 100, page.unwrap()).unwrap();
    while grants.grant(GPU) == before {
        std::thread::yield_now();
    }
    let after = await_grant(&grants, GrantKind::Open);
    assert!(after.is_at_least(before) && after != before);
}

#[test]
fn gpu_goes_from_one_session_to_the_other_and_back() {
    let turns = turns(Terms::ANY);
    let (_a, first, bell) = join(&turns, 1, 0);
    let (b, second, _) = join(&turns, 2, 1);
    first.ask(GPU);
    bell.ring();
    let open = await_grant(&first, GrantKind::Open);
    second.ask(GPU);
    bell.ring();
    await_grant(&first, GrantKind::None);
    assert_eq!(second.grant(GPU).kind(), GrantKind::None);
    first.ask(GPU);
    first.give_back(GPU, open, 0..now_ns());
    bell.ring();
    await_grant(&second, GrantKind::Turn);
    // Its death gives the GPU back too.
    drop(b);
    await_grant(&first, GrantKind::Turn);
    turns.stop();
}

#[test]
fn grant_of_before_is_not_given_back_a_second_time() {
    let turns = turns(Terms::ANY);
    let (_a, first, bell) = join(&turns, 1, 0);
    let (_b, second, _) = join(&turns, 2, 1);
    first.give_back(GPU, Grant::default(), 0..0);
    first.ask(GPU);
    second.ask(GPU);
    bell.ring();
    let turn = await_grant(&first, GrantKind::Turn);
    first.ask(GPU);
    first.give_back(GPU, turn, 0..now_ns());
    bell.ring();
    await_grant(&second, GrantKind::Turn);
    // The second holds it: the first's old word must not bring it a turn.
    bell.ring();
    assert_eq!(first.grant(GPU), turn);
    turns.stop();
}

#[test]
fn new_terms_reach_the_session_that_holds_the_gpu() {
    let turns = turns(Terms::ANY);
    let (_a, session, bell) = join(&turns, 1, 0);
    session.ask(GPU);
    bell.ring();
    let open = await_grant(&session, GrantKind::Open);
    let half = Terms::new(0, 50, Priority::Normal).unwrap();
    turns.set_terms(LeaseId(0), half, &[0]);
    await_grant(&session, GrantKind::None);
    session.ask(GPU);
    session.give_back(GPU, open, 0..now_ns());
    bell.ring();
    // From now on it gets turns and nothing without an end.
    await_grant(&session, GrantKind::Turn);
    turns.stop();
}

#[test]
fn session_below_another_is_told_to_keep_little_under_way() {
    let turns = turns(Terms::ANY);
    let (_a, low, _) = join(&turns, 1, 0);
    assert_eq!(low.window_ns(GPU), WINDOW_LONG_NS);
    let urgent = Terms::new(0, 100, Priority::Urgent).unwrap();
    turns.set_terms(LeaseId(1), urgent, &[0]);
    let (b, high, _) = join(&turns, 2, 1);
    assert_eq!(
        (low.window_ns(GPU), high.window_ns(GPU)),
        (WINDOW_NS, WINDOW_LONG_NS)
    );
    drop(b);
    assert_eq!(low.window_ns(GPU), WINDOW_LONG_NS);
    turns.stop();
}
