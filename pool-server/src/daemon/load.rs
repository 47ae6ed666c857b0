//! How busy soft GPUs are: their kernels run on this host's processors, so the load of a lease's
//! virtual GPUs is the processor time of its workers. Read [`Load::percent`] first.
//!
//! A load is the average since it was last asked for, at least [`PERIOD`] ago; before the first
//! question, since the server's start. A session with several soft GPUs has one worker, so its GPUs
//! show the same load.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Questions closer to each other get the same answer.
const PERIOD: Duration = Duration::from_millis(100);

/// Loads by lease. Owned by the server; the lock is held for arithmetic only.
#[derive(Debug)]
pub(crate) struct Load {
    start: Instant,
    processors: u32,
    latest: Mutex<BTreeMap<usize, Sample>>,
}

/// The latest answer for a lease, and what it was computed from.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at: Instant,
    spent: Duration,
    percent: u8,
}

impl Load {
    /// Nothing spent so far.
    pub(crate) fn new(start: Instant) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            start,
            processors: u32::try_from(processors).unwrap_or(u32::MAX),
            latest: Mutex::default(),
        }
    }

    /// The load of a lease whose workers have spent this much processor time until now.
    pub(crate) fn percent(&self, lease: usize, spent: Duration, now: Instant) -> u8 {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = latest.get(&lease).copied().unwrap_or(Sample {
            at: self.start,
            spent: Duration::ZERO,
            percent: 0,
        });
        let passed = now.saturating_duration_since(before.at);
        if passed < PERIOD {
            return before.percent;
        }
        // Workers that have ended take their time with them: then nothing is known to be spent.
        let worked = spent.saturating_sub(before.spent).as_secs_f64();
        let share = worked / (passed.as_secs_f64() * f64::from(self.processors));
        let percent = (share * 100.0).clamp(0.0, 100.0).round() as u8;
        let at = now;
        latest.insert(lease, Sample { at, spent, percent });
        percent
    }
}

/// Processor time of a process, in all its threads; none if it is gone.
pub(crate) fn processor_time(pid: u64) -> Duration {
    let ticks = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| ticks(&stat))
        .unwrap_or(0);
    let a_second = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK);
    let a_second = a_second.ok().flatten().filter(|ticks| *ticks > 0);
    Duration::from_secs_f64(ticks as f64 / a_second.unwrap_or(100) as f64)
}

/// User and system time from a line of `/proc/PID/stat`. The second field is a name in parentheses
/// that may hold anything, so fields are counted from its end.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    user.checked_add(system)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(start: Instant) -> Load {
        Load {
            processors: 2,
            ..Load::new(start)
        }
    }

    #[test]
    fn percent_is_the_average_since_the_last_question() {
        let start = Instant::now();
        let load = load(start);
        let second = Duration::from_secs(1);
        assert_eq!(load.percent(0, second, start + second), 50);
        assert_eq!(load.percent(0, 3 * second, start + 2 * second), 100);
        assert_eq!(load.percent(0, 3 * second, start + 3 * second), 0);
        assert_eq!(load.percent(1, second, start + second), 50, "another lease");
    }

    #[test]
    fn percent_asked_again_at_once_is_the_same() {
        let start = Instant::now();
        let load = load(start);
        let second = Duration::from_secs(1);
        assert_eq!(load.percent(0, second, start + second), 50);
        assert_eq!(load.percent(0, 9 * second, start + second + PERIOD / 2), 50);
    }

    #[test]
    fn percent_after_workers_ended_is_zero() {
        let start = Instant::now();
        let load = load(start);
        let second = Duration::from_secs(1);
        assert_eq!(load.percent(0, 2 * second, start + second), 100);
        assert_eq!(load.percent(0, Duration::ZERO, start + 2 * second), 0);
    }

    #[test]
    fn ticks_of_a_process_with_a_strange_name() {
        let stat = "7 (a) b ()) S 1 7 7 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 1 0 5";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (short) S 1"), None);
    }

    #[test]
    fn processor_time_of_nobody_is_zero() {
        assert_eq!(processor_time(u64::MAX), Duration::ZERO);
    }
}
