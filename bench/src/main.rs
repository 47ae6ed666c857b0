//! Measures the path of a call: our figure, the raw floor of the same machine in the same run, and their
//! ratio, as one table and as `path.json`.
//!
//! The driver behind is the soft one with its kernels skipped, so that only the path is measured. The
//! same binary is the client: it starts itself under `rigel run` for each link. It depends on no other
//! crate of the project; what it calls is the C library, as any program does.
//!
//! Read [`main`] first; the figures are taken in `client.rs`, the floors in `floor.rs`.

mod client;
mod floor;
mod pool;
mod report;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;

use crate::client::Figures;
use crate::pool::{Link, Pool};
use crate::report::{Better, Row};

/// Measure the path of a call against the floors of this machine.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder made by `cargo xtask layout`.
    #[arg(long, value_name = "DIR")]
    layout: PathBuf,

    /// Where path.json goes.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    out: PathBuf,

    /// Rounds of each measurement; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// Measure as a client and print the figures as JSON (what the bench starts under `rigel run`).
    #[arg(long, hide = true)]
    client: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.client {
        let figures = client::measure(arguments.rounds)?;
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    eprintln!("floors: memory, rings, bare quinn");
    let floors = floor::measure(arguments.rounds)?;
    let pool = Pool::start(&arguments.layout)?;
    let mut rows = Vec::new();
    for link in [Link::SharedMemory, Link::Quic] {
        eprintln!("client over {}", link.name());
        let figures = pool.client(link, arguments.rounds)?;
        rows.extend(compare(link, &figures, &floors));
    }
    print!("{}", report::table(&rows));
    let path = arguments.out.join("path.json");
    std::fs::create_dir_all(&arguments.out).context("make the folder of the results")?;
    std::fs::write(&path, serde_json::to_string_pretty(&rows)?)
        .with_context(|| format!("write {}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}

/// The rows of one link. Targets are those of the design's table; a row without a floor of its own is
/// judged by its absolute figure.
fn compare(link: Link, ours: &Figures, floors: &floor::Floors) -> Vec<Row> {
    let (round_trip, copy, start_ms, wait_ratio, step_ms) = match link {
        Link::SharedMemory => (
            floors.ring_round_trip_us,
            floors.two_copy_gb_s,
            3.0,
            2.5,
            0.1,
        ),
        Link::Quic => (
            floors.quinn_round_trip_us,
            floors.quinn_gb_s,
            10.0,
            1.3,
            0.2,
        ),
    };
    let row = |name: &str, unit, ours| Row::new(format!("{}: {name}", link.name()), unit, ours);
    vec![
        row("first cuInit to ready", "ms", ours.start_ms).at_most(start_ms),
        row("waiting call, p50", "us", ours.waiting_p50_us).against(
            round_trip,
            Better::Lower,
            wait_ratio,
        ),
        row("waiting call, p99", "us", ours.waiting_p99_us).against_without_target(round_trip),
        row("posted launch, caller's cost", "us", ours.launch_us).at_most(0.1),
        row("step: 324 launches + 4 B readback", "ms", ours.step_ms).at_most(step_ms),
        row("host to device, 256 MiB pageable", "GB/s", ours.upload_gb_s).against(
            copy,
            Better::Higher,
            0.9,
        ),
        row(
            "device to host, 256 MiB pageable",
            "GB/s",
            ours.download_gb_s,
        )
        .against(copy, Better::Higher, 0.9),
    ]
}
