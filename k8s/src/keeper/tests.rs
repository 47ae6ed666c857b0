//! What is decided after a look, without a kubelet or a pool.

use super::*;

fn container(name: &str) -> Container {
    Container {
        namespace: "ns".into(),
        pod: name.into(),
        name: "c".into(),
    }
}

fn holder(name: &str, slots: &[u32]) -> Holder {
    Holder {
        container: container(name),
        slots: slots.iter().copied().map(Slot).collect(),
        memory_bytes: None,
        compute_percent: None,
    }
}

fn records(all: &[(&str, u32, Option<&str>)]) -> BTreeMap<Slot, Record> {
    let record = |(name, slot, token): &(&str, u32, Option<&str>)| {
        let record = Record {
            container: container(name),
            slots: [Slot(*slot)].into(),
            scope: Scope {
                gpus: 1,
                memory_bytes: 5,
                compute_percent: 100,
            },
            token: token.map(Into::into),
        };
        (Slot(*slot), record)
    };
    all.iter().map(record).collect()
}

fn issued(id: &str, sessions: u32) -> Issued {
    Issued {
        id: id.into(),
        note: "k8s node ns/p/c".into(),
        sessions,
    }
}

#[test]
fn token_of_a_missing_container_ends_after_some_looks() {
    let records = records(&[("p", 1, Some("t"))]);
    let mut missing = BTreeMap::new();
    let mut look = |holders: &[Holder]| {
        let tokens = [issued("t", 0)];
        decide("k8s node ", 2, &records, holders, &tokens, &mut missing)
    };
    assert_eq!(look(&[holder("p", &[1])]), []);
    assert_eq!(look(&[]), []);
    assert_eq!(
        look(&[holder("p", &[1])]),
        [],
        "it was there again, and the count begins anew"
    );
    assert_eq!(look(&[holder("q", &[1])]), [], "another container");
    assert_eq!(
        look(&[holder("p", &[1, 2])]),
        [Step::End(Slot(1))],
        "other devices"
    );
}

#[test]
fn container_with_sessions_is_believed_to_live_for_longer() {
    let records = records(&[("p", 1, Some("t"))]);
    let mut missing = BTreeMap::new();
    let mut looks = 0;
    loop {
        looks += 1;
        let tokens = [issued("t", 1)];
        let steps = decide("k8s node ", 2, &records, &[], &tokens, &mut missing);
        if steps == [Step::End(Slot(1))] {
            break;
        }
        assert!(steps.is_empty() && looks < 1000);
    }
    assert_eq!(looks, 2 * PATIENCE);
}

#[test]
fn living_container_without_a_token_gets_one() {
    let records = records(&[("p", 1, Some("lost")), ("q", 2, None), ("r", 3, None)]);
    let holders = [holder("p", &[1]), holder("q", &[2])];
    let steps = decide(
        "k8s node ",
        2,
        &records,
        &holders,
        &[],
        &mut BTreeMap::new(),
    );
    assert_eq!(steps, [Step::Renew(Slot(1)), Step::Renew(Slot(2))]);
}

#[test]
fn tokens_on_no_record_end_if_they_are_this_nodes() {
    let records = records(&[("p", 1, Some("t"))]);
    let mut others = issued("x", 0);
    others.note = "k8s node-2 ns/p/c".into();
    let tokens = [issued("t", 0), issued("orphan", 0), others];
    let holders = [holder("p", &[1])];
    let steps = decide(
        "k8s node ",
        2,
        &records,
        &holders,
        &tokens,
        &mut BTreeMap::new(),
    );
    assert_eq!(steps, [Step::Revoke("orphan".into())]);
}

#[test]
fn scope_is_an_equal_part_or_the_default() {
    const MIB: u64 = 1 << 20;
    let ask = |slots: &[u32], memory_mib: Option<u64>, compute_percent| {
        let holder = Holder {
            memory_bytes: memory_mib.map(|mib| mib * MIB),
            compute_percent,
            ..holder("p", slots)
        };
        let scope = scope(&holder, Some(7 * MIB), 9);
        scope.map(|scope| (scope.gpus, scope.memory_bytes, scope.compute_percent))
    };
    assert_eq!(ask(&[1], None, None).unwrap(), (1, 7 * MIB, 9));
    assert_eq!(ask(&[1, 2], Some(11), Some(61)).unwrap(), (2, 5 * MIB, 30));
    assert_eq!(ask(&[1], Some(1), Some(250)).unwrap(), (1, MIB, 100));
    assert!(ask(&[1, 2], Some(1), None).is_err());
    assert!(ask(&[1, 2], None, Some(1)).is_err());
    assert!(
        scope(&holder("p", &[1]), None, 9).is_err(),
        "nobody knows what there is"
    );
}

#[test]
fn two_containers_with_the_same_devices_get_nothing() {
    let slots: BTreeSet<Slot> = [Slot(1)].into();
    let both = vec![holder("p", &[1]), holder("q", &[1])];
    assert!(only(both, &slots).is_err());
    assert_eq!(only(vec![holder("p", &[1, 2])], &slots).unwrap(), None);
    assert!(only(vec![holder("p", &[1])], &slots).unwrap().is_some());
}
