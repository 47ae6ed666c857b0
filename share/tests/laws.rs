//! Laws that hold for any mix of tenants, in virtual time: nobody has more than his maximum, everybody
//! his guarantee, no time is lost, nobody starves, and all this within a second.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use rigel_share::simulate::{Tenant, Windows, World, run};
use rigel_share::{Priority, Terms};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;

fn terms(min: u8, max: u8) -> Terms {
    Terms::new(min, max, Priority::Normal).unwrap()
}

fn simulate(tenants: &[Tenant], seconds: u64) -> Windows {
    let world = World {
        latency_ns: 30_000,
        until_ns: seconds * SECOND,
        window_ns: SECOND,
    };
    run(tenants, world)
}

/// Percent of the time from second `from` on.
fn percent(windows: &Windows, tenant: usize, from: usize) -> f64 {
    let kept = &windows[tenant][from..];
    kept.iter().sum::<u64>() as f64 / (kept.len() as u64 * SECOND) as f64 * 100.0
}

#[track_caller]
fn check(tenants: &[Tenant], expected: &[f64]) {
    let windows = simulate(tenants, 5);
    for (i, (expected, windows)) in expected.iter().zip(&windows).enumerate() {
        // From the second second on: settled by then.
        for (second, ns) in windows.iter().enumerate().skip(1) {
            let got = *ns as f64 / SECOND as f64 * 100.0;
            let error = (got - expected).abs();
            assert!(
                error <= 2.0,
                "tenant {i} got {got:.2} of {expected} in second {second}"
            );
        }
    }
}

#[test]
fn shares_of_busy_tenants_are_exact_for_kernels_up_to_ten_milliseconds() {
    for kernel in [5_000, 100_000, MS, 3 * MS, 10 * MS] {
        let busy = |min, max| Tenant::busy(terms(min, max), kernel);
        check(&[busy(10, 100), busy(90, 100)], &[10.0, 90.0]);
        check(&[busy(30, 30), busy(70, 70)], &[30.0, 70.0]);
        check(
            &[busy(25, 100), busy(25, 100), busy(50, 100)],
            &[25.0, 25.0, 50.0],
        );
        check(&[busy(50, 50)], &[50.0]);
        check(&[busy(0, 100), busy(0, 100)], &[50.0, 50.0]);
    }
}

#[test]
fn shares_do_not_depend_on_the_length_of_kernels() {
    let (short, long) = (20_000, 10 * MS);
    let tenants = [
        Tenant::busy(terms(30, 100), short),
        Tenant::busy(terms(70, 100), long),
    ];
    check(&tenants, &[30.0, 70.0]);
}

#[test]
fn tenant_that_waits_after_each_kernel_gets_its_share() {
    let waits = Tenant {
        gap_ns: 30_000,
        ..Tenant::busy(terms(50, 100), 500_000)
    };
    // The pauses are part of what it holds.
    let own = 50.0 * 500.0 / 530.0;
    check(&[waits, Tenant::busy(terms(50, 100), 100_000)], &[own]);
}

#[test]
fn tenant_that_copies_between_its_kernels_gets_its_share_of_what_it_does_alone() {
    for gap in [100_000, 300_000, 600_000] {
        let copies = Tenant {
            gap_ns: gap,
            ..Tenant::busy(terms(70, 100), 1_200_000)
        };
        let own = 70.0 * 1_200.0 / (1_200.0 + gap as f64 / 1000.0);
        let other = Tenant::busy(terms(30, 100), 300_000);
        check(&[copies, other], &[own, 30.0]);
    }
}

#[test]
fn what_one_does_not_use_the_others_get() {
    let rests = Tenant {
        works_ns: 100 * MS,
        rests_ns: 100 * MS,
        ..Tenant::busy(terms(50, 100), 100_000)
    };
    check(
        &[rests, Tenant::busy(terms(50, 100), 100_000)],
        &[25.0, 75.0],
    );
    // A limit holds all the same, over rests and work together.
    check(
        &[rests, Tenant::busy(terms(50, 60), 100_000)],
        &[25.0, 60.0],
    );
}

#[test]
fn urgent_loop_beside_a_flood_hardly_notices() {
    let urgent = Terms::new(0, 100, Priority::Urgent).unwrap();
    let idle = Terms::new(10, 100, Priority::Idle).unwrap();
    let inference = Tenant {
        gap_ns: 20 * MS,
        ..Tenant::busy(urgent, 5 * MS)
    };
    let alone = simulate(&[inference], 5);
    let beside = simulate(&[inference, Tenant::busy(idle, 500_000)], 5);
    let (alone, with) = (percent(&alone, 0, 1), percent(&beside, 0, 1));
    assert!(with > 0.9 * alone, "{with} of {alone}");
    assert!(percent(&beside, 1, 1) > 70.0);
}

#[test]
fn flood_of_high_priority_leaves_the_low_one_its_guarantee() {
    let high = Terms::new(0, 100, Priority::High).unwrap();
    let low = Terms::new(15, 100, Priority::Low).unwrap();
    check(
        &[Tenant::busy(high, 100_000), Tenant::busy(low, 100_000)],
        &[85.0, 15.0],
    );
}

#[test]
fn hundreds_of_tenants_all_run_and_no_time_is_lost() {
    let tenants: Vec<Tenant> = (0..200)
        .map(|_| Tenant::busy(Terms::ANY, 200_000))
        .collect();
    let windows = simulate(&tenants, 4);
    let all: f64 = (0..tenants.len()).map(|i| percent(&windows, i, 1)).sum();
    assert!(all > 95.0, "{all}");
    for i in 0..tenants.len() {
        assert!(percent(&windows, i, 1) > 0.25, "tenant {i}");
    }
}

/// Guarantees that add up to no more than all, with maxima above them.
fn mixes() -> impl Strategy<Value = Vec<Tenant>> {
    let one = (0_u8..=100, 0_u8..=100, 0_usize..5, 5_000_u64..10 * MS);
    prop::collection::vec(one, 1..24).prop_map(|raw| {
        let wanted: u32 = raw.iter().map(|one| u32::from(one.0)).sum();
        let scale = |min: u8| (u32::from(min) * 90 / wanted.max(90)) as u8;
        raw.iter()
            .map(|&(min, more, priority, kernel)| {
                let min = scale(min);
                let max = min.saturating_add(more).clamp(1, 100);
                let terms = Terms::new(min, max, Priority::ALL[priority]).unwrap();
                Tenant::busy(terms, kernel)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_mix_keeps_guarantees_and_maxima(tenants in mixes()) {
        let windows = simulate(&tenants, 5);
        let mut all = 0.0;
        for (i, tenant) in tenants.iter().enumerate() {
            let got = percent(&windows, i, 1);
            all += got;
            let (min, max) = (f64::from(tenant.terms.min()), f64::from(tenant.terms.max()));
            prop_assert!(got <= max + 2.0, "tenant {} got {} of at most {}", i, got, max);
            prop_assert!(got >= min - 2.0, "tenant {} got {} of at least {}", i, got, min);
        }
        let wanted: f64 = tenants.iter().map(|tenant| f64::from(tenant.terms.max())).sum();
        prop_assert!(all >= wanted.min(100.0) - 8.0, "{} of {}", all, wanted);
    }
}
