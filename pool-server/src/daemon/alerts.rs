//! What is wrong with the server now, for the operator: a few named alerts that are on or off. It only
//! remembers and tells; what follows is decided by [`super::audit`]. Read [`Alerts`] first.

use std::sync::atomic::{AtomicU64, Ordering};

/// Something an operator has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alert {
    /// The usage ledger cannot be written.
    UsageLedger,
    /// It could not be written for so long that no work beyond guarantees is begun.
    BooksClosed,
    /// The ledger of a lease's memory was damaged.
    MemoryLedger,
    /// The host's clock was set.
    Clock,
    /// A worker does not give a GPU back.
    WorkerSilent,
    /// The audit log cannot be written.
    AuditLog,
    /// A GPU is ill.
    Gpu,
}

impl Alert {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::UsageLedger,
        Self::BooksClosed,
        Self::MemoryLedger,
        Self::Clock,
        Self::WorkerSilent,
        Self::AuditLog,
        Self::Gpu,
    ];

    /// Its name in metrics and logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::UsageLedger => "usage_ledger",
            Self::BooksClosed => "books_closed",
            Self::MemoryLedger => "memory_ledger",
            Self::Clock => "clock",
            Self::WorkerSilent => "worker_silent",
            Self::AuditLog => "audit_log",
            Self::Gpu => "gpu",
        }
    }
}

/// The alerts that are on. Shared by all threads of the daemon.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    on: AtomicU64,
    raised: [AtomicU64; Alert::ALL.len()],
}

impl Alerts {
    /// Sets an alert, and says so when it changes.
    pub(crate) fn set(&self, alert: Alert, on: bool) {
        let bit = 1 << alert as u64;
        let before = match on {
            true => self.on.fetch_or(bit, Ordering::Relaxed),
            false => self.on.fetch_and(!bit, Ordering::Relaxed),
        };
        match (before & bit != 0, on) {
            (false, true) => {
                self.raised[alert as usize].fetch_add(1, Ordering::Relaxed);
                tracing::error!(alert = alert.name(), "alert");
            }
            (true, false) => tracing::info!(alert = alert.name(), "alert is over"),
            _ => {}
        }
    }

    /// Whether an alert is on.
    pub(crate) fn is_on(&self, alert: Alert) -> bool {
        self.on.load(Ordering::Relaxed) & (1 << alert as u64) != 0
    }

    /// How often it was raised.
    pub(crate) fn raised(&self, alert: Alert) -> u64 {
        self.raised[alert as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_are_counted_when_they_begin() {
        let alerts = Alerts::default();
        for on in [true, true, false, true] {
            alerts.set(Alert::Clock, on);
        }
        assert!(alerts.is_on(Alert::Clock));
        assert!(!alerts.is_on(Alert::UsageLedger));
        assert_eq!(alerts.raised(Alert::Clock), 2);
    }
}
