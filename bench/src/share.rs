//! `cargo xtask bench share`: whether shares hold. Tenants run real kernels on one soft GPU, and what each
//! completes in a second, counted by itself, is compared with what it completes alone in the same run.
//!
//! 1. A tenant is two processes with the same kernels: one in its lease, and one in a lease without terms,
//!    which is let go alone before and after, as its measure.
//! 2. An error is the worst of all windows, one a second, in points of the tenant's entitlement.
//! 3. With enforcement off the same bench has to miss: that row is a test of the bench.
//! 4. `--simulate` lets the scheduler divide virtual time among the same tenants instead.
//!
//! Read [`Case`] first; `client.rs` is what a tenant does, `tenants.rs` how it is started and counted.

mod client;
mod simulate;
mod tenants;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

pub(crate) use self::client::{ClientArgs, client};
use self::tenants::{Counts, Pool, Tenant};
use crate::report::{Output, Results};

/// Whether shares hold: error in points for mixes of tenants, cost for one alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder made by `cargo xtask layout`.
    #[arg(long, value_name = "DIR")]
    layout: PathBuf,

    /// Divide virtual time, without processes and kernels.
    #[arg(long)]
    simulate: bool,

    /// Shorter windows and runs; the errors are then those of a busy machine as well.
    #[arg(long)]
    quick: bool,

    /// Only the cases whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,

    #[command(flatten)]
    output: Output,
}

/// What a tenant does. Its kernels are equal in every run of a case.
#[derive(Clone, Copy, Debug)]
struct Program {
    /// Time of a kernel, by the GPU's clock.
    kernel_us: u64,
    blocks: u32,
    /// How it issues them; see `client.rs`.
    way: &'static str,
}

const SHORT: Program = Program {
    kernel_us: 300,
    blocks: 16,
    way: "batch",
};
const LONG: Program = Program {
    kernel_us: 10_000,
    ..SHORT
};
const ONE_BLOCK: Program = Program { blocks: 1, ..SHORT };
const FLOOD: Program = Program {
    way: "flood",
    ..SHORT
};
const SYNC: Program = Program {
    way: "sync",
    ..SHORT
};
const COPIES: Program = Program {
    way: "copy",
    ..SHORT
};
const GRAPHS: Program = Program {
    way: "graph",
    ..SHORT
};
const STOPS: Program = Program {
    way: "stops",
    ..SHORT
};

/// Tenants side by side: their `compute`, their program, and what they are entitled to.
struct Case {
    name: &'static str,
    tenants: &'static [(&'static str, Program, f64)],
}

const CASES: &[Case] = &[
    Case {
        name: "10/90 short",
        tenants: &[("\"10..\"", SHORT, 10.0), ("\"90..\"", SHORT, 90.0)],
    },
    Case {
        name: "30/70 short",
        tenants: &[("\"30..\"", SHORT, 30.0), ("\"70..\"", SHORT, 70.0)],
    },
    Case {
        name: "25/25/50 short",
        tenants: &[
            ("\"25..\"", SHORT, 25.0),
            ("\"25..\"", SHORT, 25.0),
            ("\"50..\"", SHORT, 50.0),
        ],
    },
    Case {
        name: "50 alone",
        tenants: &[("50", SHORT, 50.0)],
    },
    Case {
        name: "30/70 long",
        tenants: &[("\"30..\"", LONG, 30.0), ("\"70..\"", LONG, 70.0)],
    },
    Case {
        name: "30/70 short and long",
        tenants: &[("\"30..\"", SHORT, 30.0), ("\"70..\"", LONG, 70.0)],
    },
    Case {
        name: "30/70 one block",
        tenants: &[("\"30..\"", ONE_BLOCK, 30.0), ("\"70..\"", ONE_BLOCK, 70.0)],
    },
    Case {
        name: "30/70 sync and flood",
        tenants: &[("\"30..\"", SYNC, 30.0), ("\"70..\"", FLOOD, 70.0)],
    },
    Case {
        name: "30/70 flood and graphs",
        tenants: &[("\"30..\"", FLOOD, 30.0), ("\"70..\"", GRAPHS, 70.0)],
    },
    Case {
        name: "30/70 short and copies",
        tenants: &[("\"30..\"", SHORT, 30.0), ("\"70..\"", COPIES, 70.0)],
    },
    Case {
        name: "50/50 short and stops",
        // Works half of the time, and has half of it then: the other has the rest.
        tenants: &[("\"50..\"", SHORT, 75.0), ("\"50..\"", STOPS, 50.0)],
    },
];

/// How long things are measured: alone and together whole seconds, the period of a tenant that stops.
#[derive(Clone, Copy)]
struct Times {
    alone: Duration,
    settle: Duration,
    together: Duration,
    window: Duration,
    rounds: usize,
}

const FULL: Times = Times {
    alone: Duration::from_secs(3),
    settle: Duration::from_secs(1),
    together: Duration::from_secs(20),
    window: Duration::from_secs(10),
    rounds: 2,
};
const QUICK: Times = Times {
    alone: Duration::from_secs(2),
    settle: Duration::from_secs(1),
    together: Duration::from_secs(5),
    window: Duration::from_secs(4),
    rounds: 1,
};

/// `share`.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.simulate {
        return simulate::run(&args.output);
    }
    let times = if args.quick { QUICK } else { FULL };
    // Targets are for the whole.
    let name = if args.only.is_empty() {
        "share"
    } else {
        "share_part"
    };
    let mut results = Results::new(name)?;
    let chosen = CASES.iter().filter(|case| case.name.contains(&args.only));
    for case in chosen {
        eprintln!("{}", case.name);
        let leases: Vec<&str> = case.tenants.iter().map(|tenant| tenant.0).collect();
        let pool = Pool::start(&args.layout, &leases, true)?;
        measure(&mut results, &pool, case, times, case.name)?;
    }
    if "off".contains(&args.only) {
        eprintln!("30/70 with enforcement off");
        let case = &CASES[1];
        let pool = Pool::start(&args.layout, &["\"30..\"", "\"70..\""], false)?;
        measure(&mut results, &pool, case, times, "enforcement off")?;
    }
    if "cost alone".contains(&args.only) {
        cost(&mut results, args, times)?;
    }
    if "priority".contains(&args.only) {
        priority(&mut results, args, times)?;
    }
    if "change".contains(&args.only) {
        change(&mut results, args, times)?;
    }
    results.finish(&args.output)
}

fn measure(
    results: &mut Results,
    pool: &Pool,
    case: &Case,
    times: Times,
    name: &str,
) -> Result<()> {
    let mut tenants = Vec::new();
    for (lease, (_, program, _)) in case.tenants.iter().enumerate() {
        tenants.push(Tenant::start(pool, lease, *program)?);
    }
    let stolen = Stolen::now();
    let mut alone = vec![Vec::new(); tenants.len()];
    let mut together: Vec<Vec<Counts>> = vec![Vec::new(); tenants.len()];
    for _ in 0..times.rounds {
        measure_alone(&mut tenants, &mut alone, times)?;
        tenants
            .iter_mut()
            .try_for_each(|tenant| tenant.leased.go())?;
        std::thread::sleep(times.settle + times.together);
        for (tenant, counts) in tenants.iter_mut().zip(&mut together) {
            counts.push(tenant.leased.halt()?);
        }
        measure_alone(&mut tenants, &mut alone, times)?;
    }
    for (i, (compute, program, entitled)) in case.tenants.iter().enumerate() {
        let rate = rigel_bench_floors::median(alone[i].clone());
        let shares = together[i].iter().flat_map(|counts| {
            let rates = counts.windows(times.settle, times.window, times.together);
            rates.into_iter().map(|got| got / rate * 100.0)
        });
        let shares: Vec<f64> = shares.collect();
        let worst = shares
            .iter()
            .map(|share| (share - entitled).abs())
            .fold(f64::NAN, f64::max);
        let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
        eprintln!(
            "  tenant {i} ({compute}, {}): {mean:.2} of {entitled} %, worst window off by {worst:.2}; \
             alone {rate:.1}/s",
            program.way
        );
        results.add(
            &format!("{name}: tenant {i}, worst error"),
            "points",
            worst,
            None,
        );
        results.add(&format!("{name}: tenant {i}, mean share"), "%", mean, None);
    }
    results.add(&format!("{name}: stolen CPU"), "%", stolen.percent(), None);
    Ok(())
}

fn measure_alone(tenants: &mut [Tenant], alone: &mut [Vec<f64>], times: Times) -> Result<()> {
    for (tenant, rates) in tenants.iter_mut().zip(alone) {
        tenant.free.go()?;
        std::thread::sleep(times.settle / 2 + times.alone);
        let counts = tenant.free.halt()?;
        rates.extend(counts.windows(times.settle / 2, times.alone, times.alone));
    }
    Ok(())
}

/// What enforcement costs a tenant that is alone: the same kernels behind a server that enforces, and one
/// that does not, by turns.
fn cost(results: &mut Results, args: &Args, times: Times) -> Result<()> {
    for (name, program) in [("short", SHORT), ("sync", SYNC), ("flood", FLOOD)] {
        eprintln!("cost alone, {name}");
        let on = Pool::start(&args.layout, &["100"], true)?;
        let off = Pool::start(&args.layout, &["100"], false)?;
        let mut with = Tenant::start(&on, 0, program)?;
        let mut without = Tenant::start(&off, 0, program)?;
        let mut ratios = Vec::new();
        for _ in 0..4 * times.rounds {
            let rate = |tenant: &mut Tenant| -> Result<f64> {
                tenant.leased.go()?;
                std::thread::sleep(times.settle / 4 + times.alone / 2);
                let counts = tenant.leased.halt()?;
                let rates = counts.windows(times.settle / 4, times.alone / 2, times.alone / 2);
                Ok(rates.first().copied().unwrap_or(f64::NAN))
            };
            let (a, b, c) = (rate(&mut with)?, rate(&mut without)?, rate(&mut with)?);
            ratios.push((1.0 - (a + c) / 2.0 / b) * 100.0);
        }
        let cost = rigel_bench_floors::median(ratios.clone());
        eprintln!("  {cost:.2} % (rounds: {ratios:.2?})");
        results.add(&format!("cost alone, {name}"), "%", cost, None);
    }
    Ok(())
}

/// A loop of high priority that waits after each kernel, beside a flood of low priority.
fn priority(results: &mut Results, args: &Args, times: Times) -> Result<()> {
    eprintln!("priority");
    let leases = [
        "\"..100\"\npriority = \"urgent\"",
        "\"..100\"\npriority = \"idle\"",
    ];
    let pool = Pool::start(&args.layout, &leases, true)?;
    let inference = Program {
        way: "infer",
        kernel_us: 5000,
        ..SHORT
    };
    let mut urgent = Tenant::start(&pool, 0, inference)?;
    let mut flood = Tenant::start(&pool, 1, FLOOD)?;
    let mut p99 = |beside: bool| -> Result<f64> {
        if beside {
            flood.leased.go()?;
        }
        urgent.leased.go()?;
        std::thread::sleep(times.together / 2);
        let counts = urgent.leased.halt()?;
        if beside {
            flood.leased.halt()?;
        }
        Ok(counts.latency_p99_us)
    };
    let (alone, beside) = (p99(false)?, p99(true)?);
    results.add("priority: p99 beside a flood", "us", beside, Some(alone));
    Ok(())
}

/// How long after `rigel lease` was started its change can be seen in what a tenant completes: the longest of
/// several times.
fn change(results: &mut Results, args: &Args, times: Times) -> Result<()> {
    eprintln!("change");
    let pool = Pool::start(&args.layout, &["100"], true)?;
    let mut tenant = Tenant::start(&pool, 0, SYNC)?;
    tenant.leased.go()?;
    let mut changes = Vec::new();
    for _ in 0..3 * times.rounds {
        std::thread::sleep(times.settle / 4);
        let paused = host_ns()?;
        pool.change(&["pause", "lease0"])?;
        std::thread::sleep(times.settle / 4);
        let resumed = host_ns()?;
        pool.change(&["resume", "lease0"])?;
        changes.push((paused, resumed));
    }
    std::thread::sleep(times.settle / 4);
    let counts = tenant.leased.halt()?;
    let (mut pauses, mut resumes) = (Vec::new(), Vec::new());
    for (paused, resumed) in changes {
        let (last, first) = counts.around(resumed);
        let (last, first) = last.zip(first).context("the tenant did not go on")?;
        // Counts are kept at intervals: the last kernel may be that much younger.
        let last = last + client::COUNT_EVERY_NS;
        pauses.push(last.saturating_sub(paused) as f64 / 1e6);
        resumes.push(first.saturating_sub(resumed) as f64 / 1e6);
    }
    for (name, times_ms) in [("pause", pauses), ("resume", resumes)] {
        let longest = times_ms.iter().copied().fold(0.0, f64::max);
        eprintln!("  {name}: {times_ms:.1?} ms");
        let row = format!("change: {name} seen by the tenant");
        results.add(&row, "ms", longest, None);
    }
    Ok(())
}

/// Processor time that the machine's owner took.
struct Stolen {
    steal: u64,
    all: u64,
}

impl Stolen {
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        let numbers = line.split_ascii_whitespace().skip(1);
        let numbers: Vec<u64> = numbers.filter_map(|n| n.parse().ok()).collect();
        Self {
            steal: numbers.get(7).copied().unwrap_or(0),
            all: numbers.iter().take(8).sum(),
        }
    }

    fn percent(&self) -> f64 {
        let now = Self::now();
        let all = now.all.saturating_sub(self.all).max(1);
        now.steal.saturating_sub(self.steal) as f64 / all as f64 * 100.0
    }
}

/// Time of the whole host, the same in every process.
fn host_ns() -> Result<u64> {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("read the clock")?;
    Ok(since.as_nanos() as u64)
}
