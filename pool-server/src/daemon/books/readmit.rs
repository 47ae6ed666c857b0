//! Sessions and ledgers of an earlier daemon, taken into the books of this one. Read [`Books::readmit`] first.
//!
//! What does not fit the configuration of today is not taken: a session never holds more than its lease has
//! now, and its part of the ledger stays charged until its worker is gone.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, ensure};

use super::super::estate::SessionRecord;
use super::super::lease::PlacedLease;
use super::super::peer::Peer;
use super::{Books, Eviction, LeaseBook, OpenSession, SessionEntry};
use crate::worker::ledger::{Ledger, LedgerSlot, VirtualGpu};
use crate::worker::meter::Meter;

impl Books {
    /// Enters a session that an earlier daemon has left, with its counters; or why it cannot go on.
    pub(crate) fn readmit(
        self: &Arc<Self>,
        record: &SessionRecord,
        meter_memory: OwnedFd,
    ) -> anyhow::Result<OpenSession> {
        let lease = self
            .lease_index(&record.lease)
            .with_context(|| format!("the server has no lease `{}` any more", record.lease))?;
        let book = &self.leases[lease];
        book.still_fits(record)?;
        let own = meter_memory.try_clone().context("copy its counters")?;
        let meter = Meter::open(own).context("open its counters")?;
        let eviction = Eviction::new().context("make its eventfd")?;
        let (uid, pid) = record.peer;
        let mut open = self.lock();
        ensure!(
            open.sessions.len() < self.sessions_max as usize,
            "the server has its {} sessions already",
            open.sessions.len()
        );
        let mut of_lease = open.sessions.values().filter(|s| s.lease == lease);
        ensure!(
            of_lease.all(|s| s.slot.0 != record.slot) && !open.sessions.contains_key(&record.id),
            "another session has its place"
        );
        let entry = Arc::new(SessionEntry {
            id: record.id,
            lease,
            slot: LedgerSlot(record.slot),
            grants: record.grants.clone(),
            compute_max: record.compute_max,
            process: record.process.clone(),
            peer: Peer::Local { uid, pid },
            since: record.since(),
            meter,
            worker_pid: AtomicU64::new(record.worker.pid.into()),
            queued: record.queued,
            throttled_ns: AtomicU64::new(0),
            eviction,
        });
        self.next_session
            .fetch_max(record.id.saturating_add(1), Ordering::Relaxed);
        open.sessions.insert(entry.id, Arc::clone(&entry));
        Ok(OpenSession {
            books: Arc::clone(self),
            entry,
            meter_memory,
        })
    }

    /// Gives back what sessions held that were not taken in. Their workers are gone.
    pub(crate) fn settle_after_takeover(&self) {
        let open = self.lock();
        for (index, book) in self.leases.iter().enumerate() {
            let Some((ledger, _)) = book.ledger.as_ref().filter(|_| book.goes_on) else {
                continue;
            };
            let taken: Vec<u32> = open
                .sessions
                .values()
                .filter(|s| s.lease == index)
                .map(|s| s.slot.0)
                .collect();
            let free = (0..book.slots as u32).filter(|slot| !taken.contains(slot));
            free.for_each(|slot| ledger.release(LedgerSlot(slot)));
            if taken.is_empty() {
                ledger.settle();
            }
        }
    }
}

impl LeaseBook {
    /// The ledger of an earlier daemon, with the limits of today; none if it has another shape.
    pub(super) fn resume(
        placed: &PlacedLease,
        slots: usize,
        memory: OwnedFd,
    ) -> Option<(Ledger, OwnedFd)> {
        let gpus = placed.gpus.as_ref().ok()?;
        let ledger = Ledger::open(memory.try_clone().ok()?).ok()?;
        if ledger.gpus() != gpus.len() || ledger.slots() != slots {
            return None;
        }
        for (gpu, line) in gpus.iter().zip(0..) {
            ledger.set_limit(VirtualGpu(line), placed.memory_bytes(gpu));
        }
        Some((ledger, memory))
    }

    fn still_fits(&self, record: &SessionRecord) -> anyhow::Result<()> {
        let name = &self.placed.lease.name;
        let gpus = self.placed.gpus.as_ref();
        let gpus = gpus.map_err(|refusal| anyhow::anyhow!("{}", refusal.message))?;
        ensure!(self.goes_on, "lease `{name}` has another shape now");
        ensure!(
            (record.slot as usize) < self.slots,
            "lease `{name}` has fewer sessions now"
        );
        ensure!(!record.grants.is_empty(), "it has no GPU");
        for grant in &record.grants {
            let gpu = gpus.get(grant.line as usize);
            let gpu = gpu.filter(|gpu| gpu.ordinal == grant.physical);
            let gpu = gpu.with_context(|| format!("lease `{name}` is on other GPUs now"))?;
            ensure!(
                grant.own_bytes.unwrap_or(0) <= self.placed.memory_bytes(gpu),
                "lease `{name}` has less memory now than the session asked for"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::time::Duration;

    use rigel_protocol::control::ProcessInfo;

    use super::super::super::estate;
    use super::super::super::lease::{Asks, Lease, Leases};
    use super::super::super::placement::{Inventory, PhysicalGpu};
    use super::super::Entrant;
    use super::*;

    fn books(lease: &str, ledger: Option<OwnedFd>) -> Arc<Books> {
        let gpu = |ordinal| PhysicalGpu {
            ordinal,
            name: "soft".into(),
            memory_bytes: 1 << 30,
        };
        let inventory = Inventory {
            gpus: vec![gpu(0), gpu(1)],
        };
        let lease = Lease::from_config(&toml::from_str(lease).unwrap()).unwrap();
        let leases = Leases::new(vec![lease], &inventory);
        let mut kept = BTreeMap::new();
        kept.extend(ledger.map(|memory| ("a".to_owned(), memory)));
        Arc::new(Books::resume(&leases, (8, u32::MAX), &mut kept).unwrap())
    }

    const LEASE: &str = "name='a'\ntoken='x'\nsessions=2\nmemory='1MiB'";

    fn copy(descriptor: BorrowedFd<'_>) -> OwnedFd {
        descriptor.try_clone_to_owned().unwrap()
    }

    /// A daemon with one session that holds 100 bytes, and what it leaves.
    fn left() -> (SessionRecord, OwnedFd, OwnedFd) {
        let books = books(LEASE, None);
        let entrant = Entrant {
            lease: 0,
            asks: Asks::default(),
            process: ProcessInfo::default(),
            peer: Peer::Local { uid: 5, pid: 6 },
            queued: Duration::ZERO,
        };
        let open = books.enter(entrant, &BTreeSet::new()).unwrap();
        let (ledger, memory) = books.leases()[0].ledger.as_ref().unwrap();
        ledger.charge(VirtualGpu(0), open.entry.slot, 100).unwrap();
        // A second session, whose worker is killed in the middle of a charge.
        ledger.charge(VirtualGpu(0), LedgerSlot(1), 7).unwrap();
        let mut record = estate::tests::record();
        record.id = open.entry.id;
        record.lease = "a".into();
        record.slot = open.entry.slot.0;
        record.grants = open.entry.grants.clone();
        let (ledger, meter) = (copy(memory.as_fd()), copy(open.meter_memory.as_fd()));
        // A daemon that crashes does not leave its books.
        std::mem::forget(open);
        (record, ledger, meter)
    }

    #[test]
    fn session_goes_on_with_what_it_holds_and_no_more_than_its_lease_has() {
        let (record, ledger, meter) = left();
        let books = books(&LEASE.replace("1MiB", "2KiB"), Some(ledger));
        let open = books.readmit(&record, meter).unwrap();
        books.settle_after_takeover();
        let usage = books.leases()[0].usage(0).unwrap();
        assert_eq!((usage.used_bytes, usage.limit_bytes), (100, 2048));
        let ledger = &books.leases()[0].ledger.as_ref().unwrap().0;
        assert!(ledger.charge(VirtualGpu(0), open.entry.slot, 1949).is_err());
        assert!(ledger.charge(VirtualGpu(0), open.entry.slot, 1948).is_ok());
        assert_eq!(
            (open.entry.id, open.entry.since),
            (record.id, record.since())
        );
        drop(open);
        assert_eq!(books.leases()[0].usage(0).unwrap().used_bytes, 0);
    }

    #[test]
    fn new_session_gets_another_number_and_slot_than_those_that_go_on() {
        let (record, ledger, meter) = left();
        let books = books(LEASE, Some(ledger));
        let kept = books.readmit(&record, meter).unwrap();
        books.settle_after_takeover();
        let entrant = Entrant {
            lease: 0,
            asks: Asks::default(),
            process: ProcessInfo::default(),
            peer: Peer::stranger(),
            queued: Duration::ZERO,
        };
        let fresh = books.enter(entrant, &BTreeSet::new()).unwrap();
        assert!(fresh.entry.id > kept.entry.id);
        assert_ne!(fresh.entry.slot, kept.entry.slot);
    }

    #[test]
    fn session_that_does_not_fit_any_more_is_refused() {
        type Spoil = fn(&mut SessionRecord);
        let spoil: [(&str, Spoil); 6] = [
            ("no lease", |record| record.lease = "gone".into()),
            ("fewer sessions", |record| record.slot = 2),
            ("other GPUs", |record| record.grants[0].physical = 1),
            ("other GPUs", |record| record.grants[0].line = 9),
            ("no GPU", |record| record.grants.clear()),
            ("less memory", |record| {
                record.grants[0].own_bytes = Some(1 << 21)
            }),
        ];
        for (why, spoil) in spoil {
            let (mut record, ledger, meter) = left();
            spoil(&mut record);
            let error = books(LEASE, Some(ledger))
                .readmit(&record, meter)
                .unwrap_err();
            assert!(error.to_string().contains(why), "{error} is not {why}");
        }
        let (record, ledger, meter) = left();
        let shape = LEASE.replace("sessions=2", "sessions=3");
        let error = books(&shape, Some(ledger))
            .readmit(&record, meter)
            .unwrap_err();
        assert!(error.to_string().contains("another shape"), "{error}");
        let (record, _, meter) = left();
        assert!(
            books(LEASE, None).readmit(&record, meter).is_err(),
            "its ledger is lost"
        );
    }

    #[test]
    fn session_is_taken_in_once() {
        let (record, ledger, meter) = left();
        let books = books(LEASE, Some(ledger));
        let again = copy(meter.as_fd());
        let _first = books.readmit(&record, meter).unwrap();
        assert!(books.readmit(&record, again).is_err());
    }
}
