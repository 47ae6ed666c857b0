//! How a client notices that its path has fallen silent: something was sent, and nothing at all has come
//! for too long. What is done about it is `dial`'s. Read [`Watch`] first.
//!
//! 1. Too long is 100 ms, or twice the round trip and a half more, or twice the longest wait that was answered
//!    after all: where hosts are busy answers come late, and a fresh handshake for nothing costs what a call costs.
//! 2. At half of it a probe goes out, which is cheap: an acknowledgement that the peer's QUIC answers by itself.
//! 3. While a thread sleeps here until the other side does something and nothing goes out, probes do too: the
//!    answer may be what was lost.
//! 4. A look that comes late says that this machine is busy, and does not count.
//! 5. A connection that carries nothing is looked at four times a second.

use std::time::{Duration, Instant};

use quinn::Connection;

use super::pump::Waker;
use crate::session::SessionMemory;

/// How often the traffic is looked at while something is underway.
const LOOK_PERIOD: Duration = Duration::from_millis(20);
/// After so many looks at nothing the connection is idle, and looked at this often.
const IDLE_LOOKS: u32 = 2;
const IDLE_PERIOD: Duration = Duration::from_millis(250);
/// The shortest silence, after something was sent, that counts as such.
const SILENCE_MIN: Duration = Duration::from_millis(100);
/// The longest that late answers can make it, but for the round trip.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// A look that comes this late says that this machine is busy, not that the path is silent.
const LATE: Duration = Duration::from_millis(20);
/// After this long a late answer counts for half.
const HALF_LIFE: Duration = Duration::from_secs(10);

/// What a connection has carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traffic {
    pub(super) n_received: u64,
    /// Frames sent that the peer has to answer.
    pub(super) n_asking: u64,
}

impl Traffic {
    pub(super) fn of(connection: &Connection) -> Traffic {
        let stats = connection.stats();
        Traffic {
            n_received: stats.udp_rx.datagrams,
            n_asking: stats.frame_tx.stream + stats.frame_tx.ping,
        }
    }
}

/// What a look at a connection saw.
#[derive(Debug, Clone, Copy)]
struct Look {
    now: Instant,
    /// Since the look before.
    elapsed: Duration,
    traffic: Traffic,
    /// A thread sleeps here until the other side does something.
    awaited: bool,
    rtt: Duration,
}

/// What is to be done after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Probe,
    Silent,
}

/// Judges a connection's silence by what is seen of it: time and counts in, a verdict out.
#[derive(Debug)]
pub(super) struct Watch {
    traffic: Traffic,
    /// Since when something that was sent is unanswered.
    waiting_since: Option<Instant>,
    /// Looks in a row that saw nothing.
    n_idle: u32,
    probed: bool,
    /// The longest wait that was answered after all, and since when it counts as much as it does.
    longest: Duration,
    longest_since: Instant,
}

impl Watch {
    pub(super) fn new(now: Instant) -> Watch {
        Watch {
            traffic: Traffic::default(),
            waiting_since: None,
            n_idle: 0,
            probed: false,
            longest: Duration::ZERO,
            longest_since: now,
        }
    }

    /// Ends when the connection is silent.
    pub(super) async fn silence(
        &mut self,
        connection: &Connection,
        memory: &SessionMemory,
        waker: &Waker,
    ) {
        self.begin(Traffic::of(connection));
        loop {
            let slept = Instant::now();
            if self.is_idle() {
                // A thread may begin to wait for what it has sent long ago.
                let _ = tokio::time::timeout(IDLE_PERIOD, waker.sent.notified()).await;
            } else {
                tokio::time::sleep(LOOK_PERIOD).await;
            }
            let now = Instant::now();
            let verdict = self.judge(Look {
                now,
                elapsed: now.duration_since(slept),
                traffic: Traffic::of(connection),
                awaited: memory.is_awaited(),
                rtt: connection.rtt(),
            });
            match verdict {
                Verdict::Fine => {}
                Verdict::Probe => waker.probe(),
                Verdict::Silent => return,
            }
        }
    }

    /// The connection that was called silent was not.
    pub(super) fn revived(&mut self, now: Instant) {
        self.answered(now);
    }

    fn begin(&mut self, traffic: Traffic) {
        self.traffic = traffic;
        self.waiting_since = None;
        self.probed = false;
        self.n_idle = 0;
    }

    fn is_idle(&self) -> bool {
        self.n_idle >= IDLE_LOOKS
    }

    fn judge(&mut self, look: Look) -> Verdict {
        let Look { now, traffic, .. } = look;
        let late = !self.is_idle() && look.elapsed > LOOK_PERIOD + LATE;
        let came = traffic.n_received != self.traffic.n_received;
        let asked = traffic.n_asking != self.traffic.n_asking;
        self.traffic = traffic;
        if came {
            self.answered(now);
        } else if late {
            self.waiting_since = None;
        }
        if asked && self.waiting_since.is_none() {
            self.waiting_since = Some(now);
        }
        self.n_idle = match asked || came || look.awaited || self.waiting_since.is_some() {
            true => 0,
            false => (self.n_idle + 1).min(IDLE_LOOKS),
        };
        let patience = self.patience(now, look.rtt);
        let waited = self.waiting_since.map_or(Duration::ZERO, |since| {
            now.duration_since(since) + LOOK_PERIOD
        });
        if waited >= patience {
            return Verdict::Silent;
        }
        let doubts = waited >= patience / 2 && !self.probed;
        if doubts || (look.awaited && !asked && !came) {
            self.probed = doubts;
            return Verdict::Probe;
        }
        Verdict::Fine
    }

    /// How long nothing may come.
    fn patience(&mut self, now: Instant, rtt: Duration) -> Duration {
        if now.duration_since(self.longest_since) >= HALF_LIFE {
            self.longest /= 2;
            self.longest_since = now;
        }
        let seen = (2 * self.longest).min(SILENCE_MAX);
        SILENCE_MIN.max(2 * rtt + SILENCE_MIN / 2).max(seen)
    }

    fn answered(&mut self, now: Instant) {
        self.probed = false;
        let Some(since) = self.waiting_since.take() else {
            return;
        };
        let waited = now.duration_since(since);
        if waited > self.longest {
            self.longest = waited;
            self.longest_since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection whose looks come on time.
    struct Path {
        watch: Watch,
        now: Instant,
        traffic: Traffic,
        awaited: bool,
    }

    impl Path {
        fn new() -> Path {
            let now = Instant::now();
            Path {
                watch: Watch::new(now),
                now,
                traffic: Traffic::default(),
                awaited: false,
            }
        }

        fn look_after(&mut self, elapsed: Duration) -> Verdict {
            self.now += elapsed;
            self.watch.judge(Look {
                now: self.now,
                elapsed,
                traffic: self.traffic,
                awaited: self.awaited,
                rtt: Duration::from_millis(1),
            })
        }

        fn look(&mut self) -> Verdict {
            self.look_after(LOOK_PERIOD)
        }

        /// Looks until the path is called silent: how often.
        fn looks_until_silent(&mut self) -> u32 {
            let mut n = 1;
            while self.look() != Verdict::Silent {
                n += 1;
                assert!(n < 1000, "never silent");
            }
            n
        }
    }

    #[test]
    fn question_without_an_answer_is_silence_after_a_tenth_of_a_second_and_a_probe() {
        let mut path = Path::new();
        path.traffic.n_asking += 1;
        let verdicts: Vec<Verdict> = (0..5).map(|_| path.look()).collect();
        let expected = [
            Verdict::Fine,
            Verdict::Fine,
            Verdict::Probe,
            Verdict::Fine,
            Verdict::Silent,
        ];
        assert_eq!(verdicts, expected);
    }

    #[test]
    fn answered_questions_and_idleness_are_no_silence() {
        let mut path = Path::new();
        for _ in 0..100 {
            path.traffic.n_asking += 1;
            path.traffic.n_received += 1;
            assert_eq!(path.look(), Verdict::Fine);
        }
        path.traffic.n_received += 1;
        for _ in 0..100 {
            assert_eq!(path.look(), Verdict::Fine);
        }
        assert!(path.watch.is_idle());
    }

    #[test]
    fn late_answer_makes_patient_for_a_while() {
        let mut path = Path::new();
        path.traffic.n_asking += 1;
        assert_eq!(path.looks_until_silent(), 5);
        path.now += Duration::from_millis(220);
        path.watch.revived(path.now);
        path.watch.begin(path.traffic);
        path.traffic.n_asking += 1;
        // Twice the 300 ms that the answer took.
        assert_eq!(path.looks_until_silent(), 30);
        path.watch.begin(path.traffic);
        path.now += 3 * HALF_LIFE;
        for _ in 0..4 {
            path.look_after(HALF_LIFE);
        }
        path.watch.begin(path.traffic);
        path.traffic.n_asking += 1;
        assert_eq!(path.looks_until_silent(), 5);
    }

    #[test]
    fn look_that_comes_late_does_not_count() {
        let mut path = Path::new();
        path.traffic.n_asking += 1;
        for _ in 0..100 {
            assert_ne!(path.look_after(Duration::from_millis(60)), Verdict::Silent);
        }
    }

    #[test]
    fn thread_that_sleeps_while_nothing_goes_out_sends_probes() {
        let mut path = Path::new();
        path.awaited = true;
        assert_eq!(path.look(), Verdict::Probe);
        path.traffic.n_asking += 1;
        path.traffic.n_received += 1;
        assert_eq!(path.look(), Verdict::Fine);
        assert_eq!(path.look(), Verdict::Probe);
    }
}
