//! Failed attempts to show who one is, counted by source: whoever fails too often is not heard for a while.
//! A pure function of time. Read [`Attempts`] first.
//!
//! 1. A source may fail so many times at once, and gets one more try back each time a part of a minute has
//!    passed. While it has none it is refused whatever it shows, so that the answer tells nothing.
//! 2. Sources are an address (the first half of one of IPv6), a user of this host, a container. Only what has
//!    answered from its address counts: nobody can have another one's address shut out.
//! 3. The table has [`SOURCES_MAX`] places. When it is full, the source that failed longest ago is forgotten.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::guests::GUEST;
use super::peer::Peer;

/// Most sources that are remembered.
const SOURCES_MAX: usize = 4096;
/// The time in which all tries come back.
const WINDOW: Duration = Duration::from_secs(60);

/// Where somebody comes from, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// An address, or the network of one of IPv6.
    Network(IpAddr),
    /// A user of this host.
    User(u32),
    /// A container of this host, by its control group.
    Container(String),
}

/// The sources that have failed lately. Shared by the threads of connections.
#[derive(Debug)]
pub(crate) struct Attempts {
    failed: Mutex<HashMap<Source, Failed>>,
    /// Tries of a source in a minute; 0: any number.
    limit: AtomicU32,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    /// Tries it has left, in parts: one is 1.
    left: f64,
    at: Instant,
    /// Whether it was said that it is shut out.
    told: bool,
}

/// What becomes of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may try again.
    Counted,
    /// It is not heard from now on, which is new.
    ShutOut,
}

impl Source {
    /// Somebody at this address.
    pub(crate) fn network(address: SocketAddr) -> Self {
        Self::Network(network(address.ip()))
    }

    /// Where a peer comes from.
    pub(crate) fn of(peer: &Peer) -> Self {
        match peer {
            Peer::Local { uid: GUEST, pid } => Self::Container(control_group(*pid)),
            Peer::Local { uid, .. } => Self::User(*uid),
            Peer::Remote { address, .. } => Self::network(*address),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(IpAddr::V6(address)) => write!(f, "{address}/64"),
            Self::Network(address) => write!(f, "{address}"),
            Self::User(uid) => write!(f, "user {uid}"),
            Self::Container(group) => write!(f, "container {}", group.escape_debug()),
        }
    }
}

impl Attempts {
    /// So many tries a minute for each; none: any number.
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self {
            failed: Mutex::default(),
            limit: AtomicU32::new(limit.unwrap_or(0)),
        }
    }

    /// So many from now on.
    pub(crate) fn set_limit(&self, limit: Option<u32>) {
        self.limit.store(limit.unwrap_or(0), Ordering::Relaxed);
    }

    /// For how long a source is not heard any more; none if it is.
    pub(crate) fn shut_out(&self, source: &Source, now: Instant) -> Option<Duration> {
        let limit = self.limit.load(Ordering::Relaxed);
        if limit == 0 {
            return None;
        }
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let left = failed.get(source)?.left_at(limit, now);
        (left < 1.0).then(|| WINDOW.mul_f64((1.0 - left) / f64::from(limit)))
    }

    /// Counts a failure.
    pub(crate) fn fail(&self, source: Source, now: Instant) -> Verdict {
        let limit = self.limit.load(Ordering::Relaxed);
        if limit == 0 {
            return Verdict::Counted;
        }
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= SOURCES_MAX && !failed.contains_key(&source) {
            let oldest = failed.iter().min_by_key(|(_, failed)| failed.at);
            if let Some(oldest) = oldest.map(|(source, _)| source.clone()) {
                failed.remove(&oldest);
            }
        }
        let entry = failed.entry(source).or_insert(Failed {
            left: f64::from(limit),
            at: now,
            told: false,
        });
        let before = entry.left_at(limit, now);
        *entry = Failed {
            left: (before - 1.0).max(0.0),
            at: now,
            told: entry.told && before < 1.0 + f64::from(limit) / 2.0,
        };
        if entry.left >= 1.0 || entry.told {
            return Verdict::Counted;
        }
        entry.told = true;
        Verdict::ShutOut
    }
}

impl Failed {
    fn left_at(&self, limit: u32, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let back = passed / WINDOW.as_secs_f64() * f64::from(limit);
        (self.left + back).min(f64::from(limit))
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

/// The control group of a process; a container has its own, whatever processes it starts.
fn control_group(pid: i32) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    let group = text.lines().next().unwrap_or_default();
    group.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Source {
        Source::Network(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn source_that_fails_too_often_is_not_heard_until_time_has_passed() {
        let (attempts, start) = (Attempts::new(Some(3)), Instant::now());
        let fail = || attempts.fail(address(1), start);
        assert_eq!(
            [fail(), fail(), fail(), fail()],
            [
                Verdict::Counted,
                Verdict::Counted,
                Verdict::ShutOut,
                Verdict::Counted
            ],
            "it is said once"
        );
        assert_eq!(attempts.shut_out(&address(1), start), Some(WINDOW / 3));
        assert_eq!(attempts.shut_out(&address(2), start), None);
        assert_eq!(attempts.shut_out(&address(1), start + WINDOW / 3), None);
    }

    #[test]
    fn table_is_bounded_and_forgets_who_failed_longest_ago() {
        let (attempts, start) = (Attempts::new(Some(1)), Instant::now());
        for i in 0..=SOURCES_MAX as u32 {
            let now = start + Duration::from_micros(u64::from(i));
            attempts.fail(Source::User(i), now);
        }
        let failed = attempts.failed.lock().unwrap();
        assert_eq!(failed.len(), SOURCES_MAX);
        assert!(!failed.contains_key(&Source::User(0)));
        assert!(failed.contains_key(&Source::User(SOURCES_MAX as u32)));
    }

    #[test]
    fn addresses_of_one_network_are_one_source() {
        let of = |text: &str| {
            Source::of(&Peer::Remote {
                address: text.parse().unwrap(),
                certificate: None,
            })
        };
        assert_eq!(of("[2001:db8::1]:1"), of("[2001:db8::ffff:2]:9"));
        assert_eq!(of("[::ffff:10.0.0.1]:1"), of("10.0.0.1:2"));
        assert_ne!(of("10.0.0.1:1"), of("10.0.0.2:1"));
    }
}
