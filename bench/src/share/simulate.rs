//! `--simulate`: the scheduler's own arithmetic over virtual time, for the mixes that the bench runs.

use anyhow::Result;
use rigel_share::simulate::{Tenant, World, run as simulate};
use rigel_share::{Priority, Terms};

use crate::report::{Output, Results};

const SECOND: u64 = 1_000_000_000;
/// A change of hands takes as long here as between processes.
const WORLD: World = World {
    latency_ns: 50_000,
    until_ns: 30 * SECOND,
    window_ns: SECOND,
};
/// Seconds of a window, the worst of which counts.
const WINDOW: usize = 10;

/// Adds a row for each tenant of each mix.
pub(super) fn run(output: &Output) -> Result<()> {
    let mut results = Results::new("share_simulated")?;
    for kernel_us in [5, 100, 1000, 10_000] {
        let busy = |min: u8, max: u8| {
            let terms = Terms::new(min, max, Priority::Normal).unwrap_or(Terms::ANY);
            Tenant::busy(terms, kernel_us * 1000)
        };
        let mixes: [(&str, Vec<Tenant>, Vec<f64>); 4] = [
            (
                "10/90",
                vec![busy(10, 100), busy(90, 100)],
                vec![10.0, 90.0],
            ),
            ("30/70", vec![busy(30, 30), busy(70, 70)], vec![30.0, 70.0]),
            (
                "25/25/50",
                vec![busy(25, 100), busy(25, 100), busy(50, 100)],
                vec![25.0, 25.0, 50.0],
            ),
            ("50 alone", vec![busy(50, 50)], vec![50.0]),
        ];
        for (name, tenants, entitled) in mixes {
            let windows = simulate(&tenants, WORLD);
            for (i, entitled) in entitled.iter().enumerate() {
                let got = windows[i][1..].windows(WINDOW).map(|seconds| {
                    let ns: u64 = seconds.iter().sum();
                    ns as f64 / (WINDOW as u64 * SECOND) as f64 * 100.0
                });
                let worst = got.map(|got| (got - entitled).abs()).fold(0.0, f64::max);
                let row = format!("{name}, kernels of {kernel_us} us: tenant {i}");
                results.add(&row, "points", worst, None);
            }
        }
    }
    results.finish(output)
}
