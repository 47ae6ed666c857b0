//! Changes of leases, and what is refused.

use std::sync::Arc;

use super::super::lease::{Lease, Leases};
use super::super::placement::{Inventory, PhysicalGpu};
use super::*;
use crate::worker::ledger::LedgerSlot;

const GIB: u64 = 1 << 30;

struct Pool {
    books: Books,
    turns: Arc<Turns>,
    admin: Admin,
}

fn pool(leases: &[&str], enforce: bool) -> Pool {
    let gpu = |ordinal| PhysicalGpu {
        ordinal,
        name: "soft".into(),
        memory_bytes: 8 * GIB,
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
        books: Books::new(&leases, 8, u32::MAX).unwrap(),
        turns: Turns::start(leases.terms(), enforce).unwrap(),
        admin: Admin::default(),
    }
}

impl Pool {
    fn ask(&self, request: &AdminRequest) -> Result<Value, String> {
        let answer = self.admin.change(&self.books, &self.turns, request);
        answer.unwrap().map_err(|refusal| refusal.message)
    }

    fn set(&self, lease: &str, change: LeaseChange) -> Result<Value, String> {
        self.ask(&AdminRequest::SetLease {
            lease: lease.into(),
            change,
        })
    }
}

fn memory(bytes: u64) -> LeaseChange {
    LeaseChange {
        memory_bytes: Some(bytes),
        ..LeaseChange::default()
    }
}

fn compute(min: u8, max: u8) -> LeaseChange {
    LeaseChange {
        compute_percent: Some((min, max)),
        ..LeaseChange::default()
    }
}

#[test]
fn set_memory_holds_for_the_next_charge_and_tells_of_what_is_over() {
    let pool = pool(&["name='a'\ntoken='x'\nmemory='4GiB'\non=[0]"], true);
    let ledger = &pool.books.leases()[0].ledger.as_ref().unwrap().0;
    let charge = |bytes| ledger.charge(VirtualGpu(0), LedgerSlot(0), bytes);
    charge(4 * GIB).unwrap();
    assert!(charge(1).is_err());
    pool.set("a", memory(6 * GIB)).unwrap();
    charge(2 * GIB).unwrap();
    let shown = pool.set("a", memory(GIB)).unwrap();
    assert_eq!(shown["over_quota_on"], json!([0]));
    assert!(charge(1).is_err());
    assert_eq!(ledger.usage(VirtualGpu(0)).unwrap().used_bytes, 6 * GIB);
}

#[test]
fn set_what_cannot_be_kept_is_refused_and_changes_nothing() {
    let pool = pool(
        &[
            "name='a'\ntoken='x'\ncompute='30..'\non=[0]",
            "name='b'\ntoken='y'\ncompute='60..'\non=[0]",
        ],
        true,
    );
    let before = pool.books.leases()[0].placed.lease.terms();
    for (lease, change, word) in [
        ("a", memory(9 * GIB), "more than GPU 0 has"),
        ("a", memory(0), "no memory"),
        ("a", compute(41, 100), "promised 101 %"),
        ("a", compute(50, 20), "not a share"),
        ("a", compute(0, 0), "not a share"),
        ("c", memory(GIB), "no lease `c`"),
    ] {
        let error = pool.set(lease, change).unwrap_err();
        assert!(error.contains(word), "{word}: {error}");
    }
    let both = LeaseChange {
        memory_bytes: Some(GIB),
        priority: Some("vip".into()),
        ..LeaseChange::default()
    };
    assert!(pool.set("a", both).is_err());
    assert_eq!(pool.books.leases()[0].placed.lease.terms(), before);
    pool.set("a", compute(40, 100)).unwrap();
}

#[test]
fn lease_that_is_ended_admits_nobody_until_it_is_resumed() {
    let pool = pool(&["name='a'\ntoken='x'"], true);
    let placed = &pool.books.leases()[0].placed;
    let admits = || placed.grant(&Default::default()).map_err(|r| r.cause);
    assert!(admits().is_ok());
    pool.ask(&AdminRequest::EndLease("a".into())).unwrap();
    assert_eq!(admits().unwrap_err(), RefusalCause::Evicted);
    pool.ask(&AdminRequest::ResumeLease("a".into())).unwrap();
    assert!(admits().is_ok());
}

#[test]
fn pause_without_turns_is_refused() {
    let pool = pool(&["name='a'\ntoken='x'"], false);
    let error = pool.ask(&AdminRequest::PauseLease("a".into())).unwrap_err();
    assert!(error.contains("enforce_compute"), "{error}");
}

#[test]
fn session_that_is_not_there_cannot_be_ended() {
    let pool = pool(&["name='a'\ntoken='x'"], true);
    let error = pool.ask(&AdminRequest::EndSession(7)).unwrap_err();
    assert!(error.contains("session 7"), "{error}");
}
