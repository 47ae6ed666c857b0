//! Rows of the way between hosts alone: bulk over lanes beside QUIC, and steps over paths with a delay.
//! Read [`Bench::delays`] first.

use anyhow::Result;

use super::pool::{Link, Pool};
use super::{Bench, COPY_BYTES};

/// Round trips that are put on the path, in milliseconds.
const DELAYS_MS: [f64; 4] = [0.1, 0.5, 1.0, 30.0];
/// A long path, and what rings for it hold.
const LONG_MS: f64 = 30.0;
const WINDOW_BYTES: f64 = 8_388_608.0;
/// Launches of a step.
const LAUNCHES: usize = 1000;

impl Bench<'_> {
    /// Copies over each lane against a raw socket with as much cryptography, and no ring before or behind it.
    pub(super) fn lanes(&mut self) -> Result<()> {
        let floors = [
            ("tcp", self.floors.tcp.gb_s),
            ("tcp+tls", self.floors.tcp.tls_gb_s),
        ];
        let rounds = self.args.rounds;
        for (lane, floor) in floors {
            if !self.wants_row(&format!("lane {lane}")) {
                continue;
            }
            let part = format!("copies --bytes {COPY_BYTES} --rounds {rounds} --memory pageable");
            let settings = [("RIGEL_LANE", lane)];
            let figures = self.pool.client_with(Link::Quic, &settings, &part)?;
            for (direction, key) in [
                ("host to device", "up_gb_s"),
                ("device to host", "down_gb_s"),
            ] {
                let name = format!("lane {lane}: {direction}, 256 MiB pageable");
                self.add_row(&name, "GB/s", figures[key], Some(floor));
            }
        }
        Ok(())
    }

    /// Steps over paths with a delay against that delay and the local time: the same step without it, less the
    /// round trip that is in there.
    pub(super) fn delays(&mut self) -> Result<()> {
        if !self.wants_row("delay") {
            return Ok(());
        }
        let round_trip = self.shaped(0.0, "waiting --threads 1 --rounds 1", "p50_us")? / 1e3;
        let step = |rounds: usize| format!("step --rounds {rounds} --launches {LAUNCHES}");
        let at_once = self.shaped(0.0, &step(self.args.rounds), "step_ms")?;
        let local = (at_once - round_trip).max(0.0);
        let name = |delay: f64| format!("delay {delay} ms: {LAUNCHES} launches + 1 wait");
        self.add_row(&name(0.0), "ms", at_once, None);
        for delay in DELAYS_MS {
            let rounds = if delay > 10.0 { 1 } else { self.args.rounds };
            let ms = self.shaped(delay, &step(rounds), "step_ms")?;
            self.add_row(&name(delay), "ms", ms, Some(delay + local));
        }
        Ok(())
    }

    /// A large copy over a long path, against what the rings can have on their way in a round trip.
    pub(super) fn long_path(&mut self) -> Result<()> {
        let name = |direction: &str| format!("delay {LONG_MS} ms: {direction}, 256 MiB pageable");
        if !self.wants_row(&name("host to device")) {
            return Ok(());
        }
        let pool = Pool::start_for_long_path(&self.args.layout)?;
        let shape = format!("rtt={LONG_MS}ms");
        let settings = [("RIGEL_LINK_SHAPE", shape.as_str())];
        let part = format!("copies --bytes {COPY_BYTES} --rounds 1 --memory pageable");
        let figures = pool.client_with(Link::Quic, &settings, &part)?;
        let floor = WINDOW_BYTES / LONG_MS / 1e6;
        for (direction, key) in [
            ("host to device", "up_gb_s"),
            ("device to host", "down_gb_s"),
        ] {
            self.add_row(&name(direction), "GB/s", figures[key], Some(floor));
        }
        Ok(())
    }

    /// A figure of a client behind a path with this round trip.
    fn shaped(&self, delay_ms: f64, part: &str, figure: &str) -> Result<f64> {
        let shape = format!("rtt={delay_ms}ms");
        let settings = [("RIGEL_LINK_SHAPE", shape.as_str())];
        let figures = self.pool.client_with(Link::Quic, &settings, part)?;
        Ok(figures[figure])
    }

    fn wants_row(&self, name: &str) -> bool {
        let only = self.args.only.as_deref().unwrap_or_default();
        name.starts_with(only) || only.starts_with(name)
    }

    fn add_row(&mut self, name: &str, unit: &str, ours: f64, floor: Option<f64>) {
        eprintln!("  {name} {ours:.3} {unit}");
        self.results.add(name, unit, ours, floor);
    }
}
