//! `cargo xtask bench path`: the way of a call, from a client's C call to the worker's driver and back.
//!
//! The same binary is the client, a process for each part. Behind the worker is the driver that does
//! nothing, so that only the path is measured. Read [`run`] first; the figures are taken in `client.rs`.

mod between;
mod boxes;
pub(crate) mod capacity;
mod client;
mod cuda;
mod host;
mod pool;
mod replay;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use rigel_bench_floors::{self as floors, Spread, median};

use self::client::Part;
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

    /// Only the rows whose name begins so; the others are then not missed.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    #[command(flatten)]
    output: Output,
}

/// Measure as a client and print the figures as JSON: what the bench starts.
#[derive(Debug, clap::Args)]
pub(crate) struct ClientArgs {
    #[command(subcommand)]
    part: Part,
}

/// Bytes of a large copy.
const COPY_BYTES: usize = 256 << 20;
/// Sizes of copies, up to the large one.
const SIZES: [(usize, &str); 7] = [
    (4, "4 B"),
    (4 << 10, "4 KiB"),
    (64 << 10, "64 KiB"),
    (1 << 20, "1 MiB"),
    (16 << 20, "16 MiB"),
    (COPY_BYTES, "256 MiB"),
    (1 << 30, "1 GiB"),
];
/// Clients that start at once.
const CROWD: usize = 300;

/// What the machine gives.
struct Floors {
    ring: Spread,
    enqueue_ns: f64,
    two_copies: f64,
    one_copy: f64,
    quinn: floors::quic::Quinn,
    tcp: floors::tcp::Tcp,
}

/// One run.
struct Bench<'a> {
    pool: Pool,
    floors: Floors,
    args: &'a Args,
    results: Results,
}

/// `path`.
pub(crate) fn run(args: &Args) -> Result<()> {
    eprintln!("floors: rings, memory, bare quinn, bare TCP");
    let floors = Floors {
        ring: floors::ring::round_trip_us(args.rounds),
        enqueue_ns: floors::ring::enqueue_ns(args.rounds),
        two_copies: floors::memory::two_copies(COPY_BYTES, args.rounds),
        one_copy: floors::memory::one_copy(COPY_BYTES, args.rounds),
        quinn: floors::quic::measure(args.rounds)?,
        tcp: floors::tcp::measure(args.rounds)?,
    };
    let mut bench = Bench {
        pool: Pool::start(&args.layout)?,
        floors,
        args,
        results: Results::new("path")?,
    };
    for link in [Link::SharedMemory, Link::Quic] {
        bench.start(link)?;
        bench.calls(link)?;
        bench.threads(link)?;
        bench.bytes(link)?;
        bench.round_trips(link)?;
        bench.idle(link)?;
        bench.images(link)?;
    }
    bench.lanes()?;
    bench.delays()?;
    bench.long_path()?;
    bench.instructions()?;
    bench.processes()?;
    bench.one_processor()?;
    bench.crowd()?;
    bench
        .results
        .finish_part(&args.output, args.only.as_deref())
}

/// `client`.
pub(crate) fn client(args: &ClientArgs) -> Result<()> {
    let figures = client::measure(args.part)?;
    let text = serde_json::to_string(&figures).context("write the figures")?;
    println!("{text}");
    Ok(())
}

/// `floors`: those of links, for a report that compares with them.
pub(crate) fn floors() -> Result<()> {
    const ROUNDS: usize = 3;
    let quinn = floors::quic::measure(ROUNDS)?;
    let tcp = floors::tcp::measure(ROUNDS)?;
    let figures = serde_json::json!({
        "quinn_round_trip_us": quinn.round_trip_us,
        "quinn_gb_s": quinn.gb_s,
        "tcp_gb_s": tcp.gb_s,
        "tls_gb_s": tcp.tls_gb_s,
    });
    println!("{figures}");
    Ok(())
}

impl Bench<'_> {
    fn wants(&self, link: Link, name: &str) -> bool {
        let only = self.args.only.as_deref().unwrap_or_default();
        let name = format!("{}: {name}", link.name());
        name.starts_with(only) || only.starts_with(&name)
    }

    fn row(&mut self, link: Link, name: &str, unit: &str, ours: f64, floor: Option<f64>) {
        let name = format!("{}: {name}", link.name());
        eprintln!("  {name} {ours:.3} {unit}");
        self.results.add(&name, unit, ours, floor);
    }

    fn figure(&self, link: Link, part: &str, name: &str) -> Result<f64> {
        let figures = self.pool.client(link, part)?;
        figures
            .get(name)
            .copied()
            .with_context(|| format!("{part} measured no {name}"))
    }

    fn start(&mut self, link: Link) -> Result<()> {
        if !self.wants(link, "first cuInit") {
            return Ok(());
        }
        let times: Result<Vec<f64>> = (0..2 * self.args.rounds + 1)
            .map(|_| self.figure(link, "start", "start_ms"))
            .collect();
        self.row(link, "first cuInit to ready", "ms", median(times?), None);
        Ok(())
    }

    fn calls(&mut self, link: Link) -> Result<()> {
        let rounds = self.args.rounds;
        let floor = match link {
            Link::SharedMemory => self.floors.ring,
            Link::Quic => Spread {
                p50: self.floors.quinn.round_trip_us,
                p99: f64::NAN,
            },
        };
        if self.wants(link, "waiting call") {
            let part = format!("waiting --threads 1 --rounds {rounds}");
            let figures = self.pool.client(link, &part)?;
            let p99 = Some(floor.p99).filter(|p99| p99.is_finite());
            self.row(
                link,
                "waiting call, p50",
                "us",
                figures["p50_us"],
                Some(floor.p50),
            );
            self.row(link, "waiting call, p99", "us", figures["p99_us"], p99);
        }
        if self.wants(link, "posted launch") {
            let part = format!("launching --threads 1 --rounds {rounds}");
            let us = self.figure(link, &part, "launch_us")?;
            let floor = self.floors.enqueue_ns / 1e3;
            self.row(link, "posted launch, caller's cost", "us", us, Some(floor));
        }
        if self.wants(link, "step") {
            let ms = self.figure(link, &format!("step --rounds {rounds}"), "step_ms")?;
            self.row(link, "step, 324 launches + 4 B readback", "ms", ms, None);
        }
        Ok(())
    }

    fn threads(&mut self, link: Link) -> Result<()> {
        let rounds = self.args.rounds;
        for threads in [2, 4] {
            if self.wants(link, "waiting call") {
                let part = format!("waiting --threads {threads} --rounds {rounds}");
                let figures = self.pool.client(link, &part)?;
                for quantile in ["p50", "p99"] {
                    let us = figures[&format!("{quantile}_us")];
                    let name = format!("waiting call, {quantile}, {threads} threads");
                    self.row(link, &name, "us", us, None);
                }
            }
            if self.wants(link, "posted launch") {
                let part = format!("launching --threads {threads} --rounds {rounds}");
                let us = self.figure(link, &part, "launch_us")?;
                self.row(
                    link,
                    &format!("posted launch, {threads} threads"),
                    "us",
                    us,
                    None,
                );
            }
        }
        Ok(())
    }

    fn bytes(&mut self, link: Link) -> Result<()> {
        for (bytes, size) in SIZES {
            for kind in ["pageable", "pinned", "registered"] {
                if self.wants(link, "host to device") || self.wants(link, "device to host") {
                    let rounds = if bytes > COPY_BYTES {
                        1
                    } else {
                        self.args.rounds
                    };
                    let part = format!("copies --bytes {bytes} --rounds {rounds} --memory {kind}");
                    self.copies(link, &part, bytes, &format!("{size} {kind}"))?;
                }
            }
        }
        for (shape, what) in [
            ("rows", "2D"),
            ("slices", "3D"),
            ("batch", "256 in a batch"),
        ] {
            if self.wants(link, "host to device") || self.wants(link, "device to host") {
                let part = format!("boxes --shape {shape} --rounds {}", self.args.rounds);
                self.copies(
                    link,
                    &part,
                    boxes::BYTES,
                    &format!("16 MiB pageable, {what}"),
                )?;
            }
        }
        if self.wants(link, "small call beside") {
            let part = format!("beside --rounds {}", self.args.rounds);
            let figures = self.pool.client(link, &part)?;
            let added = figures["beside_p99_us"] - figures["alone_p99_us"];
            let name = "small call beside a large copy, added at p99";
            self.row(link, name, "us", added.max(0.0), None);
        }
        Ok(())
    }

    fn copies(&mut self, link: Link, part: &str, bytes: usize, what: &str) -> Result<()> {
        let figures = self.pool.client(link, part)?;
        let copy = match link {
            Link::SharedMemory if part.ends_with("pinned") => self.floors.one_copy,
            Link::SharedMemory => self.floors.two_copies,
            Link::Quic => self.floors.quinn.gb_s,
        };
        let directions = [("host to device", "up"), ("device to host", "down")];
        for (direction, key) in directions {
            let name = format!("{direction}, {what}");
            match bytes >= 1 << 20 {
                true => self.row(
                    link,
                    &name,
                    "GB/s",
                    figures[&format!("{key}_gb_s")],
                    Some(copy),
                ),
                false => self.row(link, &name, "us", figures[&format!("{key}_us")], None),
            }
        }
        Ok(())
    }

    /// Blocking round trips of steps of programs, in all and by call.
    fn round_trips(&mut self, link: Link) -> Result<()> {
        let programs = [
            ("torch", "a torch training step"),
            ("xgboost", "an XGBoost round"),
            ("launches", "324 launches + 4 B readback"),
        ];
        for (program, step) in programs {
            let name = format!("blocking round trips of {step}");
            if !self.wants(link, &name) {
                continue;
            }
            let (all, by_call) = self.waits(link, program)?;
            self.row(link, &name, "calls", all, None);
            for (call, each) in by_call.into_iter().filter(|(_, each)| *each > 0.0) {
                self.row(link, &format!("{name}, {call}"), "calls", each, None);
            }
        }
        Ok(())
    }

    /// How often a step waits: what two runs of different length differ by.
    fn waits(&self, link: Link, program: &str) -> Result<(f64, BTreeMap<String, f64>)> {
        const STEPS: [u64; 2] = [10, 110];
        let each = |counts: &[f64; 2]| (counts[1] - counts[0]) / (STEPS[1] - STEPS[0]) as f64;
        let (mut all, mut by_call) = ([0.0; 2], BTreeMap::<String, [f64; 2]>::new());
        for (run, steps) in STEPS.into_iter().enumerate() {
            let file = format!("stats-{program}-{steps}.json");
            let stats = self.pool.folder().join(file);
            let part = format!("replay --what {program} --steps {steps}");
            self.pool.client_with_stats(link, &part, &stats)?;
            let text = std::fs::read_to_string(&stats).context("read the client's counters")?;
            let counters: serde_json::Value = serde_json::from_str(&text)?;
            all[run] = counters["waited"]
                .as_f64()
                .context("the counters hold `waited`")?;
            let waits = counters["waits"].as_object();
            for (call, wait) in waits.context("the counters hold `waits`")? {
                let count = wait["count"].as_f64().context("a wait has a count")?;
                by_call.entry(call.clone()).or_default()[run] = count;
            }
        }
        let by_call = by_call
            .iter()
            .map(|(call, counts)| (call.clone(), each(counts)));
        Ok((each(&all), by_call.collect()))
    }

    fn idle(&mut self, link: Link) -> Result<()> {
        if !self.wants(link, "idle session") {
            return Ok(());
        }
        let mut client = self.pool.begin(link, "idle")?;
        client.wait_ready()?;
        // The client's worker is one of them; the others wait for sessions, and are to be as quiet.
        let mut watched = vec![client.pid()];
        watched.extend(self.pool.workers()?);
        let busy = host::busy_percent(&watched)?;
        client.finish()?;
        let (ours, workers) = busy.split_first().context("the client was watched")?;
        let worker = workers.iter().copied().fold(0.0, f64::max);
        self.row(link, "idle session, client", "% core", *ours, None);
        self.row(link, "idle session, worker", "% core", worker, None);
        Ok(())
    }

    /// A program's code, hundreds of megabytes of it: the first process of its server, and those after it.
    fn images(&mut self, link: Link) -> Result<()> {
        if !self.wants(link, "fat binary of 300 MB") {
            return Ok(());
        }
        // A server that knows nothing yet.
        let pool = Pool::start(&self.args.layout)?;
        let load =
            || -> Result<f64> { Ok(pool.client(link, "image --bytes 300000000")?["load_ms"]) };
        let first = load()?;
        let again: Result<Vec<f64>> = (0..self.args.rounds).map(|_| load()).collect();
        self.row(
            link,
            "fat binary of 300 MB, first process",
            "ms",
            first,
            None,
        );
        let name = "fat binary of 300 MB, second process";
        self.row(link, name, "ms", median(again?), Some(first));
        Ok(())
    }

    /// Instructions do not depend on what else the machine does.
    fn instructions(&mut self) -> Result<()> {
        const COUNT: usize = 2000;
        let (link, name) = (Link::SharedMemory, "instructions per posted launch");
        if !self.wants(link, name) {
            return Ok(());
        }
        if !host::has("valgrind") {
            eprintln!("  {name}: skipped: needs valgrind");
            self.results
                .skip(&format!("{}: {name}", link.name()), "needs valgrind");
            return Ok(());
        }
        let part = format!("launches --count {COUNT}");
        let under = [
            "valgrind",
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--toggle-collect=cuLaunchKernel",
        ];
        let said = self.pool.client_under(link, &under, &part)?;
        let collected = said
            .lines()
            .find_map(|line| line.split("Collected : ").nth(1));
        let collected = collected.and_then(|count| count.trim().parse::<f64>().ok());
        let collected = collected.with_context(|| format!("callgrind said: {said}"))?;
        self.row(link, name, "instr", collected / COUNT as f64, None);
        Ok(())
    }

    /// Eight processes that call at once.
    fn processes(&mut self) -> Result<()> {
        const PROCESSES: usize = 8;
        let link = Link::SharedMemory;
        let parts = [
            ("waiting call", "p50_us", "waiting call, p50"),
            ("waiting call", "p99_us", "waiting call, p99"),
            ("posted launch", "launch_us", "posted launch"),
        ];
        for (wanted, key, what) in parts {
            if !self.wants(link, wanted) {
                continue;
            }
            let does = if key == "launch_us" {
                "launching"
            } else {
                "waiting"
            };
            let part = format!("{does} --threads 1 --rounds {}", self.args.rounds);
            let running: Result<Vec<_>> = (0..PROCESSES)
                .map(|_| self.pool.begin(link, &part))
                .collect();
            let figures: Result<Vec<_>> = running?.into_iter().map(pool::Running::finish).collect();
            let middles = figures?.iter().map(|figures| figures[key]).collect();
            let name = format!("{what}, {PROCESSES} processes");
            self.row(link, &name, "us", median(middles), None);
        }
        Ok(())
    }

    /// Client, worker and daemon on one processor: who waits has to leave it to the others.
    fn one_processor(&mut self) -> Result<()> {
        let (link, name) = (Link::SharedMemory, "waiting call, one processor");
        if !self.wants(link, name) {
            return Ok(());
        }
        if !host::has("taskset") {
            self.results
                .skip(&format!("{}: {name}, p99", link.name()), "needs taskset");
            return Ok(());
        }
        let pool = Pool::start_under(&["taskset", "-c", "0"], &self.args.layout)?;
        let part = format!("waiting --threads 1 --rounds {}", self.args.rounds);
        let figures = pool.client(link, &part)?;
        for quantile in ["p50", "p99"] {
            let us = figures[&format!("{quantile}_us")];
            self.row(link, &format!("{name}, {quantile}"), "us", us, None);
        }
        let figures = pool.client(link, &format!("step --rounds {}", self.args.rounds))?;
        let ms = figures["step_ms"];
        self.row(link, "step, one processor", "ms", ms, None);
        Ok(())
    }

    /// Three hundred clients at once.
    fn crowd(&mut self) -> Result<()> {
        let (link, name) = (Link::SharedMemory, "300 clients at once, all ready");
        if !self.wants(link, name) {
            return Ok(());
        }
        let started = std::time::Instant::now();
        let running: Result<Vec<_>> = (0..CROWD).map(|_| self.pool.begin(link, "idle")).collect();
        let mut running = running?;
        for client in &mut running {
            client.wait_ready()?;
        }
        self.row(link, name, "s", started.elapsed().as_secs_f64(), None);
        for client in running {
            client.finish()?;
        }
        Ok(())
    }
}
