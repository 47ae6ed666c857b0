//! What the holder of a lease may see of its GPUs without opening a session: the same devices and
//! quotas a session would be given, and what the lease's sessions hold. Read [`view`] first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rigel_protocol::control::{GpuView, ProcessUse, View};
use rigel_protocol::custom::DeviceProfile;

use super::books::{Books, LeaseBook, SessionEntry};
use super::lease::Grant;
use super::load::{Load, processor_time};
use super::status::DriverStatus;
use crate::worker::ledger::VirtualGpu;

/// What a session of this lease would see now. `profiles` are those of the physical GPUs.
pub(crate) fn view(
    books: &Books,
    lease: usize,
    grants: &[Grant],
    profiles: &[DeviceProfile],
    driver: &DriverStatus,
    load: &Load,
) -> View {
    let open = books.sessions();
    let book = &books.leases()[lease];
    let of_lease: Vec<_> = open.iter().filter(|entry| entry.lease == lease).collect();
    let busy = driver.soft.then(|| {
        let worker = |entry: &&Arc<SessionEntry>| entry.worker_pid.load(Ordering::Relaxed);
        // Sessions may share a worker.
        let workers: BTreeSet<u64> = of_lease.iter().map(worker).collect();
        let spent: Duration = workers.into_iter().map(processor_time).sum();
        load.percent(lease, spent, Instant::now())
    });
    let gpus = grants.iter().filter_map(|grant| {
        let profile = profiles.get(grant.physical as usize)?;
        Some(GpuView {
            busy_percent: busy,
            ..gpu(book, grant, profile, &of_lease)
        })
    });
    View {
        driver_version: driver.version,
        driver_name: driver.name.clone(),
        soft: driver.soft,
        gpus: gpus.collect(),
    }
}

fn gpu(
    book: &LeaseBook,
    grant: &Grant,
    profile: &DeviceProfile,
    sessions: &[&Arc<SessionEntry>],
) -> GpuView {
    let used = book
        .usage(grant.line as usize)
        .map_or(0, |usage| usage.used_bytes);
    let on_it = sessions
        .iter()
        .filter(|entry| entry.grants.iter().any(|held| held.line == grant.line));
    let processes = on_it.take(GpuView::PROCESSES_MAX).map(|entry| ProcessUse {
        pid: entry.process.pid,
        memory_bytes: match &book.ledger {
            Some((ledger, _)) => ledger.held_bytes(VirtualGpu(grant.line), entry.slot),
            None => 0,
        },
    });
    GpuView {
        profile: DeviceProfile {
            total_bytes: grant.quota_bytes,
            ..profile.clone()
        },
        memory_used_bytes: used.min(grant.quota_bytes),
        busy_percent: None,
        processes: processes.collect(),
    }
}
