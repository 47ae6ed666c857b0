//! `cargo xtask bench path`: the way of a call, from a client's C call to the worker's driver and back.
//!
//! The same binary is the client: it starts itself under `rigel run` for each link. Read [`run`] first; the
//! figures are taken in `client.rs`.

mod client;
mod pool;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use rigel_bench_floors as floors;

use self::client::Figures;
use self::pool::{Link, Pool};
use crate::report::{Output, Results};

/// The way of a call: posted and waiting calls, bytes, start.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder made by `cargo xtask layout`.
    #[arg(long, value_name = "DIR")]
    layout: PathBuf,

    /// Rounds of each measurement; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    #[command(flatten)]
    output: Output,
}

/// Measure as a client and print the figures as JSON: what the bench starts under `rigel run`.
#[derive(Debug, clap::Args)]
pub(crate) struct ClientArgs {
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// Bytes of a large copy.
const COPY_BYTES: usize = 256 << 20;

/// `path`.
pub(crate) fn run(args: &Args) -> Result<()> {
    eprintln!("floors: memory, rings, bare quinn");
    let ring = floors::ring::round_trip_us(args.rounds);
    let two_copies = floors::memory::two_copies(COPY_BYTES, args.rounds);
    let quinn = floors::quic::measure(args.rounds)?;
    let pool = Pool::start(&args.layout)?;
    let mut results = Results::new("path")?;
    for link in [Link::SharedMemory, Link::Quic] {
        eprintln!("client over {}", link.name());
        let figures = pool.client(link, args.rounds)?;
        let (round_trip, copy) = match link {
            Link::SharedMemory => (ring.p50, two_copies),
            Link::Quic => (quinn.round_trip_us, quinn.gb_s),
        };
        add(&mut results, link, &figures, round_trip, copy);
    }
    results.finish(&args.output)
}

/// `client`.
pub(crate) fn client(args: &ClientArgs) -> Result<()> {
    let figures = client::measure(args.rounds)?;
    println!(
        "{}",
        serde_json::to_string(&figures).context("write the figures")?
    );
    Ok(())
}

fn add(results: &mut Results, link: Link, ours: &Figures, round_trip: f64, copy: f64) {
    let mut row = |name: &str, unit: &str, ours: f64, floor: Option<f64>| {
        results.add(&format!("{}: {name}", link.name()), unit, ours, floor);
    };
    row("first cuInit to ready", "ms", ours.start_ms, None);
    row(
        "waiting call, p50",
        "us",
        ours.waiting_p50_us,
        Some(round_trip),
    );
    row(
        "waiting call, p99",
        "us",
        ours.waiting_p99_us,
        Some(round_trip),
    );
    row("posted launch, caller's cost", "us", ours.launch_us, None);
    row(
        "step, 324 launches + 4 B readback",
        "ms",
        ours.step_ms,
        None,
    );
    row(
        "host to device, 256 MiB pageable",
        "GB/s",
        ours.upload_gb_s,
        Some(copy),
    );
    row(
        "device to host, 256 MiB pageable",
        "GB/s",
        ours.download_gb_s,
        Some(copy),
    );
}
