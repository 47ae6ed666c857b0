//! What of a lease may change while the server runs: its memory, its share, its priority, its weight in
//! the queue, and whether it is paused or ended. It is only remembered here; carrying it out is
//! [`super::admin`]'s. Read [`Live`] first.

use std::sync::{Mutex, PoisonError};

use rigel_share::Priority;

use crate::percent::ComputeRange;

/// Weight of a lease in the queue unless told otherwise.
pub(crate) const WEIGHT_DEFAULT: u32 = 100;

/// The terms of a lease now. Owned by the lease; changed by the operator alone.
#[derive(Debug)]
pub(crate) struct Live {
    terms: Mutex<LiveTerms>,
}

/// Terms at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LiveTerms {
    /// Memory of each virtual GPU; `None`: all of the physical one.
    pub(crate) memory: Option<u64>,
    /// Time of each physical GPU.
    pub(crate) compute: ComputeRange,
    /// How urgent its work is.
    pub(crate) priority: Priority,
    /// Its weight in the queue.
    pub(crate) weight: u32,
    /// Whether it may run.
    pub(crate) state: LeaseState,
}

/// Whether a lease may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeaseState {
    /// It admits sessions, and they get turns.
    Active,
    /// It admits sessions, and they get no turns.
    Paused,
    /// It admits nobody.
    Ended,
    /// The configuration names it no more: as if it were not there.
    Removed,
}

impl LeaseState {
    /// Its name in the status.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Removed => "removed",
        }
    }
}

impl Live {
    /// With these terms to begin with.
    pub(crate) fn new(terms: LiveTerms) -> Self {
        Self {
            terms: Mutex::new(terms),
        }
    }

    /// The terms now.
    pub(crate) fn terms(&self) -> LiveTerms {
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces them.
    pub(crate) fn set(&self, terms: LiveTerms) {
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner) = terms;
    }
}
