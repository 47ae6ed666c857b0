//! What the server counts, in Prometheus' text format. Names and meanings are listed in
//! `docs/operations.md`; they are only added to. Read [`metrics`] first.

use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rigel_share::LeaseId;

use super::alerts::Alert;
use super::books::{SessionEntry, Sums};
use super::lease::Lease;
use super::live::LeaseState;
use super::server::Server;
use crate::worker::ledger::VirtualGpu;
use crate::worker::meter::Counter;

/// Longest text of a client's in a label, in characters.
const LABEL_CHARS_MAX: usize = 128;

/// Refused allocations as a label and the counter behind it.
const DENIED: [(&str, Counter); 3] = [
    ("lease_quota", Counter::DeniedByLease),
    ("session_limit", Counter::DeniedBySession),
    ("driver", Counter::DeniedByDriver),
];

/// Counters of sessions and of leases: the end of the name, what it is, and where it comes from.
const PATH: [(&str, &str, Counter); 5] = [
    ("calls_total", "Driver calls.", Counter::Calls),
    (
        "waiting_calls_total",
        "Driver calls whose caller waited for an answer.",
        Counter::WaitingCalls,
    ),
    ("launches_total", "Kernel launches.", Counter::Launches),
    ("copies_total", "Copies of every kind.", Counter::Copies),
    (
        "posted_errors_total",
        "Calls without an answer that failed.",
        Counter::PostedErrors,
    ),
];

/// What a gauge of a lease shows, given how many sessions it has open.
type OfLease = fn(&Lease, usize) -> f64;
/// What a counter of a lease shows.
type OfSums = fn(&Sums) -> f64;

/// The page under construction.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &dyn Display)], value: f64) {
        self.text.push_str(name);
        for (i, (label, value)) in labels.iter().enumerate() {
            let before = if i == 0 { '{' } else { ',' };
            let value = escaped(&value.to_string());
            let _ = write!(self.text, "{before}{label}=\"{value}\"");
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

/// Everything, at this moment.
pub(crate) fn metrics(server: &Server) -> String {
    let mut page = Page::default();
    let version: &dyn Display = &env!("CARGO_PKG_VERSION");
    page.family("rigel_build_info", "gauge", "The server's version.");
    page.sample("rigel_build_info", &[("version", version)], 1.0);
    of_alerts(&mut page, server);
    let open = server.books.sessions();
    of_gpus(&mut page, server, &open);
    of_health(&mut page, server);
    of_lease_memory(&mut page, server);
    of_lease_time(&mut page, server, &open);
    of_lease_path(&mut page, server);
    of_sessions(&mut page, server, &open);
    page.text
}

fn of_alerts(page: &mut Page, server: &Server) {
    let alerts = &server.auditor.alerts;
    page.family(
        "rigel_alert",
        "gauge",
        "1 while something needs the operator.",
    );
    for alert in Alert::ALL {
        let on = f64::from(u8::from(alerts.is_on(alert)));
        page.sample("rigel_alert", &[("alert", &alert.name())], on);
    }
    page.family(
        "rigel_alerts_raised_total",
        "counter",
        "How often an alert began.",
    );
    for alert in Alert::ALL {
        let n = alerts.raised(alert) as f64;
        page.sample("rigel_alerts_raised_total", &[("alert", &alert.name())], n);
    }
}

fn of_gpus(page: &mut Page, server: &Server, open: &[Arc<SessionEntry>]) {
    let gpus = &server.inventory.gpus;
    page.family(
        "rigel_gpu_memory_bytes",
        "gauge",
        "Memory of the physical GPU.",
    );
    for gpu in gpus {
        let labels: &[(&str, &dyn Display)] = &[("gpu", &gpu.ordinal), ("name", &gpu.name)];
        page.sample("rigel_gpu_memory_bytes", labels, gpu.memory_bytes as f64);
    }
    page.family(
        "rigel_gpu_sessions",
        "gauge",
        "Open sessions on the physical GPU.",
    );
    for gpu in gpus {
        let is_on =
            |one: &&Arc<SessionEntry>| one.grants.iter().any(|grant| grant.physical == gpu.ordinal);
        let n = open.iter().filter(is_on).count();
        page.sample("rigel_gpu_sessions", &[("gpu", &gpu.ordinal)], n as f64);
    }
}

/// A gauge, its help, and the states of a GPU in which it is 1.
type StateGauge = (&'static str, &'static str, fn(&str) -> bool);

fn of_health(page: &mut Page, server: &Server) {
    let of = |ordinal| server.books.health.of(ordinal);
    let gauges: [StateGauge; 2] = [
        (
            "rigel_gpu_healthy",
            "0 while the GPU is ill: it takes no sessions until the operator resumes it.",
            |state| state != "ill",
        ),
        (
            "rigel_gpu_in_service",
            "1 while the GPU takes sessions: 0 while it is ill or drained.",
            |state| state == "healthy",
        ),
    ];
    for (name, help, is_so) in gauges {
        page.family(name, "gauge", help);
        for gpu in &server.inventory.gpus {
            let value = f64::from(u8::from(is_so(of(gpu.ordinal).state)));
            page.sample(name, &[("gpu", &gpu.ordinal)], value);
        }
    }
    let name = "rigel_gpu_errors_total";
    page.family(name, "counter", "Errors that the GPU has reported, by Xid.");
    for gpu in &server.inventory.gpus {
        for (xid, n) in of(gpu.ordinal).errors {
            page.sample(name, &[("gpu", &gpu.ordinal), ("xid", &xid)], n as f64);
        }
    }
}

fn of_lease_memory(page: &mut Page, server: &Server) {
    let families = [
        (
            "rigel_lease_memory_limit_bytes",
            "The lease's quota on a GPU.",
        ),
        (
            "rigel_lease_memory_used_bytes",
            "Memory that the lease's sessions hold on a GPU.",
        ),
        (
            "rigel_lease_memory_peak_bytes",
            "The most they have held at once.",
        ),
    ];
    for (at, (name, help)) in families.into_iter().enumerate() {
        page.family(name, "gauge", help);
        for book in server.books.leases().iter() {
            let placed = &book.placed;
            for (line, gpu) in placed.gpus.iter().flatten().enumerate() {
                let Some(usage) = book.usage(line) else {
                    continue;
                };
                let values = [usage.limit_bytes, usage.used_bytes, usage.peak_bytes];
                let labels: &[(&str, &dyn Display)] =
                    &[("lease", &placed.lease.name), ("gpu", &gpu.ordinal)];
                page.sample(name, labels, values[at] as f64);
            }
        }
    }
}

fn of_lease_time(page: &mut Page, server: &Server, open: &[Arc<SessionEntry>]) {
    for (name, help, capped) in [
        (
            "rigel_lease_gpu_seconds_total",
            "Time the lease held a GPU or kept it busy; it goes on over restarts.",
            false,
        ),
        (
            "rigel_lease_capped_seconds_total",
            "Time in which the lease wanted a GPU and its maximum kept it from it.",
            true,
        ),
    ] {
        page.family(name, "counter", help);
        for (index, book) in server.books.leases().iter().enumerate() {
            let lease = &book.placed.lease.name;
            for gpu in book.placed.gpus.iter().flatten() {
                let time = server.turns.used(LeaseId(index as u32), gpu.ordinal);
                let ns = match capped {
                    true => time.capped_ns,
                    false => server.auditor.gpu_ns(lease, gpu.ordinal, time.gpu_ns),
                };
                let labels: &[(&str, &dyn Display)] = &[("lease", lease), ("gpu", &gpu.ordinal)];
                page.sample(name, labels, seconds(ns));
            }
        }
    }
    let gauges: [(&str, &str, OfLease); 4] = [
        (
            "rigel_lease_compute_guarantee_ratio",
            "Guaranteed part of each GPU's time.",
            |lease, _| f64::from(lease.terms().compute.min) / 100.0,
        ),
        (
            "rigel_lease_compute_limit_ratio",
            "The most of each GPU's time.",
            |lease, _| f64::from(lease.terms().compute.max) / 100.0,
        ),
        (
            "rigel_lease_active",
            "1 while the lease may run: 0 while it is paused or ended.",
            |lease, _| f64::from(u8::from(lease.terms().state == LeaseState::Active)),
        ),
        ("rigel_lease_sessions", "Open sessions.", |_, n| n as f64),
    ];
    for (name, help, value) in gauges {
        page.family(name, "gauge", help);
        for (index, book) in server.books.leases().iter().enumerate() {
            let lease = &book.placed.lease;
            let n = open.iter().filter(|one| one.lease == index).count();
            page.sample(name, &[("lease", &lease.name)], value(lease, n));
        }
    }
}

fn of_lease_path(page: &mut Page, server: &Server) {
    let sums: Vec<(&str, Sums)> = server
        .books
        .leases()
        .iter()
        .enumerate()
        .map(|(index, book)| {
            let waited = |session| server.turns.waited(session).throttled_ns;
            let name = book.placed.lease.name.as_str();
            (name, server.books.sums(index, waited))
        })
        .collect();
    let of_sums: [(&str, &str, OfSums); 3] = [
        (
            "rigel_lease_throttled_seconds_total",
            "Time for which calls of the lease waited for a turn on a GPU.",
            |sums| seconds(sums.throttled_ns),
        ),
        (
            "rigel_lease_queue_wait_seconds_total",
            "Time for which clients of the lease stood in line.",
            |sums| seconds(sums.queued_ns),
        ),
        (
            "rigel_lease_sessions_started_total",
            "Sessions that began.",
            |sums| sums.sessions as f64,
        ),
    ];
    for (name, help, value) in of_sums {
        page.family(name, "counter", help);
        for (lease, sums) in &sums {
            page.sample(name, &[("lease", lease)], value(sums));
        }
    }
    let of = |at: usize, counter| sums[at].1.of(counter);
    let labels: Vec<Labels> = sums
        .iter()
        .map(|(lease, _)| vec![("lease", (*lease).to_owned())])
        .collect();
    path(page, "rigel_lease", &labels, of);
}

/// Labels of a sample.
type Labels = Vec<(&'static str, String)>;

/// The counters that sessions and leases have alike.
fn path(page: &mut Page, of_what: &str, all: &[Labels], value: impl Fn(usize, Counter) -> u64) {
    let mut family = |name: &str, help: &str, rows: &[(Option<(&str, &str)>, Counter)]| {
        let name = format!("{of_what}_{name}");
        page.family(&name, "counter", help);
        for (at, labels) in all.iter().enumerate() {
            for (extra, counter) in rows {
                let mut labels: Vec<(&str, &dyn Display)> = labels
                    .iter()
                    .map(|(label, value)| (*label, value as &dyn Display))
                    .collect();
                if let Some((label, value)) = extra {
                    labels.push((label, value));
                }
                page.sample(&name, &labels, value(at, *counter) as f64);
            }
        }
    };
    for (name, help, counter) in PATH {
        family(name, help, &[(None, counter)]);
    }
    let directions = [
        (Some(("direction", "up")), Counter::BytesUp),
        (Some(("direction", "down")), Counter::BytesDown),
    ];
    family(
        "bytes_total",
        "Bytes of copies through the rings: up from clients, down to them.",
        &directions,
    );
    let denied = DENIED.map(|(reason, counter)| (Some(("reason", reason)), counter));
    family(
        "allocations_denied_total",
        "Allocations refused, by reason.",
        &denied,
    );
}

fn of_sessions(page: &mut Page, server: &Server, open: &[Arc<SessionEntry>]) {
    let leases = server.books.leases();
    let lease = |one: &SessionEntry| leases[one.lease].placed.lease.name.clone();
    let name = "rigel_session_memory_used_bytes";
    page.family(name, "gauge", "Memory that the session holds on a GPU.");
    for one in open {
        let Some((ledger, _)) = &leases[one.lease].ledger else {
            continue;
        };
        for grant in &one.grants {
            let held = ledger.held_bytes(VirtualGpu(grant.line), one.slot);
            let labels: &[(&str, &dyn Display)] = &[
                ("session", &one.id),
                ("lease", &lease(one)),
                ("gpu", &grant.physical),
            ];
            page.sample(name, labels, held as f64);
        }
    }
    let labels: Vec<Labels> = open
        .iter()
        .map(|one| vec![("session", one.id.to_string()), ("lease", lease(one))])
        .collect();
    path(page, "rigel_session", &labels, |at, counter| {
        open[at].meter.read(counter)
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0.0, |since| since.as_secs_f64());
    let idle = |one: &SessionEntry| {
        let last = one.meter.read(Counter::LastCallUnixMs) as f64 / 1e3;
        (now - last).max(0.0)
    };
    let throttled = |one: &SessionEntry| seconds(server.turns.waited(one.id).throttled_ns);
    type Value<'a> = &'a dyn Fn(&SessionEntry) -> f64;
    let rows: [(&str, &str, &str, Value<'_>); 3] = [
        (
            "rigel_session_throttled_seconds_total",
            "counter",
            "Time for which its calls waited for a turn on a GPU.",
            &throttled,
        ),
        (
            "rigel_session_queue_wait_seconds",
            "gauge",
            "Time for which it stood in line before it began.",
            &|one| one.queued.as_secs_f64(),
        ),
        (
            "rigel_session_idle_seconds",
            "gauge",
            "Time since its last call.",
            &idle,
        ),
    ];
    for (name, kind, help, value) in rows {
        page.family(name, kind, help);
        for (one, labels) in open.iter().zip(&labels) {
            let labels: Vec<(&str, &dyn Display)> = labels
                .iter()
                .map(|(label, value)| (*label, value as &dyn Display))
                .collect();
            page.sample(name, &labels, value(one));
        }
    }
    of_processes(page, open, &labels);
}

/// Who the sessions are, as they say themselves, and what they ran last.
fn of_processes(page: &mut Page, open: &[Arc<SessionEntry>], labels: &[Labels]) {
    let name = "rigel_session_info";
    let help = "The process behind a session, as it says, and the kernel it launched last.";
    page.family(name, "gauge", help);
    for (one, labels) in open.iter().zip(labels) {
        let kernel = one.meter.last_kernel();
        let mut labels: Vec<(&str, &dyn Display)> = labels
            .iter()
            .map(|(label, value)| (*label, value as &dyn Display))
            .collect();
        labels.push(("process", &one.process.name));
        labels.push(("host", &one.process.host));
        labels.push(("pid", &one.process.pid));
        labels.push(("kernel", &kernel));
        page.sample(name, &labels, 1.0);
    }
}

/// To a microsecond: more would only be noise.
fn seconds(ns: u64) -> f64 {
    (ns / 1000) as f64 / 1e6
}

/// A label's value, which may be a client's: short, and without what would end it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(LABEL_CHARS_MAX) {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_of_a_client_cannot_end_its_line() {
        let mut page = Page::default();
        let evil: &dyn Display = &"a\"} 1\nrigel_alert{alert=\"x\\";
        page.sample("rigel_x", &[("process", evil)], 2.0);
        assert_eq!(page.text.lines().count(), 1, "{}", page.text);
        assert_eq!(
            page.text,
            "rigel_x{process=\"a\\\"} 1\\nrigel_alert{alert=\\\"x\\\\\"} 2\n"
        );
        assert_eq!(escaped(&"x".repeat(1000)).len(), LABEL_CHARS_MAX);
    }
}
