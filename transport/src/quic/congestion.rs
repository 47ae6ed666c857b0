//! Congestion control: quinn's Cubic under a cap. Uncapped, Cubic fills every buffer on the way and
//! multiplies the round trip (measured at 29-36 ms instead of 0.2-0.6 ms on loopback). Read
//! [`CappedCubic`] first.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quinn::congestion::{Controller, ControllerFactory, CubicConfig};
use quinn_proto::RttEstimator;

/// The least the window is capped to: measured best on loopback, where more only leaves the cache.
pub(crate) const WINDOW_BYTES_MIN: u64 = 512 << 10;
/// A sample of the delivery rate takes at least this long.
const SAMPLE_MIN: Duration = Duration::from_millis(1);
/// How many samples the best rate is remembered for.
const N_SAMPLES: usize = 10;
/// Samples without growth after which the rate is the path's.
const N_SAMPLES_FULL: usize = 3;

/// Makes [`CappedCubic`] controllers.
#[derive(Debug)]
pub(crate) struct CappedCubicConfig {
    pub(crate) initial_window: u64,
}

impl ControllerFactory for CappedCubicConfig {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let mut cubic = CubicConfig::default();
        cubic.initial_window(self.initial_window);
        Box::new(CappedCubic {
            cubic: Arc::new(cubic).build(now, current_mtu),
            rate: DeliveryRate::new(now),
        })
    }
}

/// Cubic, at most max(512 KiB, 1.25 × best recent delivery rate × least round trip); 2.5 × while that rate
/// still grows, since a rate that the cap itself holds down says nothing about the path: at 1.25 a path of
/// 30 ms would take a dozen round trips to open.
struct CappedCubic {
    cubic: Box<dyn Controller>,
    rate: DeliveryRate,
}

impl Controller for CappedCubic {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.cubic.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        rtt: &RttEstimator,
    ) {
        self.rate.on_ack(now, bytes, rtt.min());
        self.cubic.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        self.cubic
            .on_end_acks(now, in_flight, app_limited, largest_packet_num_acked);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        self.cubic
            .on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.cubic.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.cubic.window().min(self.rate.window_cap())
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(CappedCubic {
            cubic: self.cubic.clone_box(),
            rate: self.rate.clone(),
        })
    }

    fn initial_window(&self) -> u64 {
        self.cubic.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The best delivery rate of the last samples, each at least a round trip long.
#[derive(Debug, Clone)]
struct DeliveryRate {
    since: Instant,
    delivered: u64,
    least_rtt: Duration,
    bytes_per_second: [u64; N_SAMPLES],
    next: usize,
    /// The best rate when it last grew by a good part, and samples since.
    grown_to: u64,
    n_since_growth: usize,
}

impl DeliveryRate {
    fn new(now: Instant) -> DeliveryRate {
        DeliveryRate {
            since: now,
            delivered: 0,
            least_rtt: Duration::ZERO,
            bytes_per_second: [0; N_SAMPLES],
            next: 0,
            grown_to: 0,
            n_since_growth: 0,
        }
    }

    fn on_ack(&mut self, now: Instant, bytes: u64, least_rtt: Duration) {
        self.delivered += bytes;
        self.least_rtt = least_rtt;
        let elapsed = now.saturating_duration_since(self.since);
        if elapsed < least_rtt.max(SAMPLE_MIN) {
            return;
        }
        let rate = u128::from(self.delivered) * 1_000_000_000 / elapsed.as_nanos().max(1);
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        self.bytes_per_second[self.next] = rate;
        self.next = (self.next + 1) % N_SAMPLES;
        self.n_since_growth += 1;
        if rate >= self.grown_to.saturating_add(self.grown_to / 4) {
            self.grown_to = rate;
            self.n_since_growth = 0;
        }
        self.since = now;
        self.delivered = 0;
    }

    fn window_cap(&self) -> u64 {
        let best = self.bytes_per_second.iter().copied().max().unwrap_or(0);
        let product = u128::from(best) * self.least_rtt.as_nanos() / 1_000_000_000;
        let quarters = match self.n_since_growth < N_SAMPLES_FULL {
            true => 10,
            false => 5,
        };
        let cap = u64::try_from(product * quarters / 4).unwrap_or(u64::MAX);
        cap.max(WINDOW_BYTES_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cap_follows_bandwidth_times_round_trip() {
        let start = Instant::now();
        let mut rate = DeliveryRate::new(start);
        let rtt = Duration::from_millis(10);
        // 1 GB/s over 10 ms keeps 10 MB in flight.
        for i in 1..=20u32 {
            rate.on_ack(start + i * rtt, 10_000_000, rtt);
        }
        assert_eq!(rate.window_cap(), 12_500_000);
    }

    #[test]
    fn cap_opens_in_a_few_round_trips_on_a_path_that_it_holds_down() {
        let start = Instant::now();
        let mut rate = DeliveryRate::new(start);
        let rtt = Duration::from_millis(30);
        let mut n_round_trips = 0;
        while rate.window_cap() < 8 << 20 {
            n_round_trips += 1;
            // As much as it allows is delivered in each.
            rate.on_ack(start + n_round_trips * rtt, rate.window_cap(), rtt);
        }
        assert!(n_round_trips <= 4, "{n_round_trips}");
    }

    #[test]
    fn cap_is_never_below_the_least_window() {
        let start = Instant::now();
        let mut rate = DeliveryRate::new(start);
        assert_eq!(rate.window_cap(), WINDOW_BYTES_MIN);
        rate.on_ack(start + Duration::from_secs(1), 1, Duration::from_micros(50));
        assert_eq!(rate.window_cap(), WINDOW_BYTES_MIN);
    }

    #[test]
    fn window_that_cubic_would_open_wide_stays_under_the_cap() {
        let start = Instant::now();
        let factory = CappedCubicConfig {
            initial_window: 8 << 30,
        };
        let mut controller = Arc::new(factory).build(start, 8900);
        assert_eq!(controller.window(), WINDOW_BYTES_MIN);
        controller.on_congestion_event(start, start, true, 1200);
        assert!(controller.window() < WINDOW_BYTES_MIN);
    }

    #[test]
    fn best_rate_is_forgotten_after_its_samples() {
        let start = Instant::now();
        let mut rate = DeliveryRate::new(start);
        let rtt = Duration::from_millis(10);
        rate.on_ack(start + rtt, 100_000_000, rtt);
        assert!(rate.window_cap() > 100_000_000);
        for i in 2..=11u32 {
            rate.on_ack(start + i * rtt, 1000, rtt);
        }
        assert_eq!(rate.window_cap(), WINDOW_BYTES_MIN);
    }
}
