//! Divides the time of one GPU among leases: who holds it, for how long, and who is next. A pure
//! function of requests, completions and time: no clock, no thread, no I/O, nothing of CUDA.
//!
//! Times are nanoseconds of one monotonic clock that the caller reads. Read [`Scheduler`] first, then
//! [`Terms`]; [`simulate`] drives it over virtual time.

mod account;
mod patience;
mod scheduler;
pub mod simulate;

pub use account::Use;
pub use patience::Patience;
pub use scheduler::{Order, Scheduler};

/// Length of a turn while several sessions want the GPU.
pub const TURN_NS: u64 = 6_000_000;
/// Shortest turn worth a change of hands.
pub const TURN_MIN_NS: u64 = 1_000_000;
/// Most work under way in a turn, by its expected time, where a session of higher priority is: so soon it
/// gets through.
pub const WINDOW_NS: u64 = 1_000_000;
/// Most where there is none: a newcomer waits for it once.
pub const WINDOW_LONG_NS: u64 = 5_000_000;
/// So long before its end a turn is made longer if nobody else is to have the next one: the holder
/// then goes on without a gap.
pub const LEAD_NS: u64 = 1_200_000;
/// A session that is alone is freed from turns once nobody has contended for so long.
pub const CALM_NS: u64 = 500_000_000;
/// A holder that has not given the GPU back so long after its end keeps others waiting no longer.
pub const OVERDUE_NS: u64 = 1_000_000_000;
/// And is ended after so long.
pub const END_NS: u64 = 60_000_000_000;
/// Most of the past that a maximum remembers: what a lease did not use may be used later, up to so
/// much GPU time at once.
pub const BURST_NS: u64 = 40_000_000;
/// GPU time that a lease below its maximum has saved up before it is given a turn.
pub const START_NS: u64 = 5_000_000;
/// Most GPU time by which a lease may be behind or ahead of its guarantee.
pub const CREDIT_NS: u64 = 50_000_000;

/// A lease, numbered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseId(pub u32);

/// A session of a lease, numbered by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// How urgent a lease's work is. A higher one goes before a lower one, except that the lower one's
/// guarantee is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Runs when nobody else wants to, beyond its guarantee.
    Idle,
    /// Below normal.
    Low,
    /// What a lease has unless it says otherwise.
    #[default]
    Normal,
    /// Above normal: inference beside training.
    High,
    /// Above all others.
    Urgent,
}

impl Priority {
    /// All of them, the lowest first.
    pub const ALL: [Self; 5] = [
        Self::Idle,
        Self::Low,
        Self::Normal,
        Self::High,
        Self::Urgent,
    ];

    /// Its name in a configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// What a lease is promised of a GPU's time, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    min: u8,
    max: u8,
    /// Its priority.
    pub priority: Priority,
}

impl Terms {
    /// No promise and no limit.
    pub const ANY: Self = Self {
        min: 0,
        max: 100,
        priority: Priority::Normal,
    };

    /// `None` unless `min <= max`, `1 <= max <= 100`.
    pub const fn new(min: u8, max: u8, priority: Priority) -> Option<Self> {
        if min > max || max == 0 || max > 100 {
            return None;
        }
        Some(Self { min, max, priority })
    }

    /// The guarantee: so much it gets whatever others want.
    pub const fn min(self) -> u8 {
        self.min
    }

    /// The limit: it never gets more, even if the GPU is idle.
    pub const fn max(self) -> u8 {
        self.max
    }

    /// Its weight where more wants to run than is guaranteed. A lease without a guarantee weighs as
    /// one of 10 %.
    const fn weight(self) -> u64 {
        if self.min == 0 { 10 } else { self.min as u64 }
    }
}
