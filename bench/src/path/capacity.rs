//! `cargo xtask bench capacity`: what a session costs the server's host, for the table that operators plan
//! with. Read [`run`] first.
//!
//! The driver is the one that does nothing, so that memory, descriptors and threads are Rigel's own; what a real
//! driver takes for a context comes on top, once a session.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::host::busy_percent;
use super::pool::{Link, Pool};
use crate::report::{Output, Results};

/// Sessions that are open at once.
const COUNTS: [usize; 3] = [1, 32, 128];
/// 1 MiB.
const MIB: f64 = (1 << 20) as f64;

/// What a session costs: memory, descriptors and threads of server and worker.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder made by `cargo xtask layout`.
    #[arg(long, value_name = "DIR")]
    layout: PathBuf,

    #[command(flatten)]
    output: Output,
}

/// What processes hold, summed.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    /// Proportional: shared pages count for a part in each process that maps them.
    memory_bytes: f64,
    descriptors: f64,
    threads: f64,
}

/// `capacity`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut results = Results::new("capacity")?;
    for link in [Link::SharedMemory, Link::Quic] {
        for count in COUNTS {
            measure(&mut results, args, link, count)?;
        }
    }
    results.finish(&args.output)
}

fn measure(results: &mut Results, args: &Args, link: Link, count: usize) -> Result<()> {
    let pool = Pool::start(&args.layout)?;
    let server = [pool.pid()];
    let (server_before, workers_before) = (held(&server)?, held(&pool.workers()?)?);
    let mut clients = Vec::new();
    for _ in 0..count {
        let mut client = pool.begin(link, "idle")?;
        client.wait_ready()?;
        clients.push(client);
    }
    let workers = pool.workers()?;
    let busy: f64 = busy_percent(&[&server[..], &workers[..]].concat())?
        .iter()
        .sum();
    let (server_after, workers_after) = (held(&server)?, held(&workers)?);
    let mut row = |what: &str, unit: &str, figure: f64| {
        let name = format!("{}: {count} sessions, {what}", link.name());
        results.add(&name, unit, figure, None);
    };
    let each = |after: f64, before: f64| (after - before) / count as f64;
    row(
        "server's memory for each",
        "MiB",
        each(server_after.memory_bytes, server_before.memory_bytes) / MIB,
    );
    row(
        "worker's memory for each",
        "MiB",
        each(workers_after.memory_bytes, workers_before.memory_bytes) / MIB,
    );
    row(
        "server's descriptors for each",
        "",
        each(server_after.descriptors, server_before.descriptors),
    );
    row(
        "server's threads for each",
        "",
        each(server_after.threads, server_before.threads),
    );
    row(
        "worker's threads for each",
        "",
        each(workers_after.threads, workers_before.threads),
    );
    row("server and workers, idle", "% core", busy);
    clients
        .into_iter()
        .try_for_each(|client| client.finish().map(drop))
}

fn held(pids: &[u32]) -> Result<Held> {
    let mut sum = Held::default();
    for pid in pids {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
            .context("read what memory a process has (needs its user, or root)")?;
        let kib = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB"))
            .context("the kernel says how much memory a process has")?;
        sum.memory_bytes += kib.trim().parse::<f64>()? * 1024.0;
        sum.descriptors += entries(&format!("/proc/{pid}/fd"))?;
        sum.threads += entries(&format!("/proc/{pid}/task"))?;
    }
    Ok(sum)
}

fn entries(folder: &str) -> Result<f64> {
    let all = fs::read_dir(folder).with_context(|| format!("read {folder}"))?;
    Ok(all.count() as f64)
}
