//! `cargo xtask demo`: an unmodified trainer trains on a pooled GPU, on a machine that has none.
//!
//! The same training runs four times: on the CPU by XGBoost itself, on the soft driver in the same
//! process, through the pool on this host, and through the pool over QUIC. The demo succeeds only if
//! the reports prove that the device did the work and that the path changed no bit. Read [`run`]
//! first; the proof is in `demo/verdict.rs`.

pub(crate) mod pool;
mod report;
mod table;
mod training;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::pool::Pool;
use self::report::{ClientCounters, DriverCounters, Mode, Run};
use self::training::Trainer;
use crate::layout::{self, Layout};
use crate::venv;
use crate::workspace::{Profile, Workspace};

/// Train XGBoost on the CPU, on the soft GPU, through the pool here and over QUIC; compare.
///
/// Builds everything in release, installs XGBoost into target/demo-venv, starts `rigel serve` on the
/// soft driver, and trains on data made locally. Ends with `demo: ok` only if the three runs on the
/// GPU predict the same, bit for bit, as well as the CPU, and the counters of the driver prove that
/// it executed them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A tenth of the data.
    #[arg(long)]
    quick: bool,
    /// The cargo profile to build and run.
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Afterwards break one opcode, then lose one copy, and insist that the demo would have failed.
    #[arg(long)]
    faults: bool,
}

/// How much is trained.
#[derive(Debug, Clone, Copy)]
struct Size {
    rows: u64,
    rounds: u64,
    depth: u64,
}

const FULL: Size = Size {
    rows: 50_000,
    rounds: 60,
    depth: 6,
};
const QUICK: Size = Size {
    rows: 5_000,
    ..FULL
};

/// Settings of the soft driver that make it wrong on purpose, and what that is.
const FAULTS: [(&str, &str, &str); 2] = [
    ("RIGEL_SOFT_BREAK", "fma.rn.f32", "a broken opcode"),
    ("RIGEL_SOFT_DROP_COPY", "2", "a lost copy"),
];

/// What the runs share.
struct Demo {
    layout: Layout,
    trainer: Trainer,
    scratch: PathBuf,
}

/// `cargo xtask demo`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let outcome = attempt(workspace, args);
    match &outcome {
        Ok(()) => println!("demo: ok"),
        Err(error) => println!("demo: failed: {error:#}"),
    }
    if outcome.is_err() {
        std::process::exit(1);
    }
    Ok(())
}

fn attempt(workspace: &Workspace, args: &Args) -> Result<()> {
    println!("building, {} profile", args.profile.name());
    let size = if args.quick { QUICK } else { FULL };
    let demo = prepare(workspace, args.profile, size)?;
    println!(
        "training on {} rows, {} rounds of depth {}, four times:",
        size.rows, size.rounds, size.depth
    );
    let mut runs = vec![demo.cpu()?, demo.direct(&[])?];
    let pool = Pool::start(&demo.layout, &demo.scratch)?;
    runs.push(demo.pooled(&pool, Mode::SharedMemory)?);
    runs.push(demo.pooled(&pool, Mode::Quic)?);
    drop(pool);

    println!("\n{}", table::table(&runs));
    let reasons = verdict::verdict(&runs);
    if !reasons.is_empty() {
        bail!("{}", reasons.join("; "));
    }
    if args.faults {
        for fault in FAULTS {
            demo.insist_on_failure(&runs, fault)?;
        }
    }
    Ok(())
}

/// Builds, installs, and makes the data.
fn prepare(workspace: &Workspace, profile: Profile, size: Size) -> Result<Demo> {
    let layout = layout::build(workspace, profile)?;
    let sources = workspace.root().join("xtask/demo");
    let venv = venv::ensure(
        &workspace.target().join("demo-venv"),
        &sources.join("requirements.txt"),
    )?;
    // Not under target/: the path of a socket has little room.
    let scratch = std::env::temp_dir().join(format!("rigel-demo-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("create {}", scratch.display()))?;
    let trainer = Trainer {
        python: venv.python(),
        script: sources.join("train.py"),
        data: scratch.join("data.npz"),
        rounds: size.rounds,
        depth: size.depth,
    };
    let demo = Demo {
        layout,
        trainer,
        scratch,
    };
    demo.trainer.make_data(size.rows)?;
    Ok(demo)
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

impl Demo {
    fn cpu(&self) -> Result<Run> {
        let report = self.scratch.join("cpu.json");
        let mut command = command(&self.trainer.command_line("cpu", &report));
        let training = training::run(Mode::Cpu.name(), &mut command, &report)?;
        Ok(Run {
            mode: Mode::Cpu,
            training,
            driver: None,
            path: None,
            client: None,
        })
    }

    /// On the soft driver, with settings of its own on top.
    fn direct(&self, settings: &[(&str, &str)]) -> Result<Run> {
        let report = self.scratch.join("direct.json");
        let counters = self.scratch.join("direct-driver.json");
        let mut command = command(&self.trainer.command_line("cuda", &report));
        command
            .env("LD_LIBRARY_PATH", &self.layout.soft)
            .env("RIGEL_SOFT_STATS", &counters);
        command.envs(settings.iter().copied());
        let training = training::run(Mode::Direct.name(), &mut command, &report)?;
        let driver: Option<DriverCounters> = read_counters(&counters)?;
        Ok(Run {
            mode: Mode::Direct,
            training,
            driver,
            path: None,
            client: None,
        })
    }

    /// Trains once more with a fault in the direct run; the verdict must turn.
    fn insist_on_failure(&self, runs: &[Run], fault: (&str, &str, &str)) -> Result<()> {
        let (setting, value, what) = fault;
        let reasons = match self.direct(&[(setting, value)]) {
            Ok(wrong) => {
                let mut runs = runs.to_vec();
                runs.retain(|run| run.mode != Mode::Direct);
                runs.push(wrong);
                verdict::verdict(&runs)
            }
            // A trainer that notices is a failed demo too.
            Err(error) => vec![format!("{error:#}")],
        };
        let Some(reason) = reasons.first() else {
            bail!("{what} ({setting}={value}) went unnoticed");
        };
        println!(
            "  {what} is noticed: {}",
            reason.lines().next().unwrap_or_default()
        );
        Ok(())
    }

    fn pooled(&self, pool: &Pool, mode: Mode) -> Result<Run> {
        let quic = mode == Mode::Quic;
        let report = self
            .scratch
            .join(if quic { "quic.json" } else { "shm.json" });
        let counters = report.with_extension("client.json");
        let before = pool.last_session()?;
        let mut command = pool.run_command(quic, &self.trainer.command_line("cuda", &report));
        command.env("RIGEL_STATS", &counters);
        let training = training::run(mode.name(), &mut command, &report)?;
        let session = pool.ended_session(before)?;
        let client: Option<ClientCounters> = read_counters(&counters)?;
        Ok(Run {
            mode,
            training,
            driver: session.driver,
            path: Some(session.path),
            client,
        })
    }
}

fn command(line: &[std::ffi::OsString]) -> Command {
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]);
    command
}

/// The counters a library left at its process's exit; none where it left none.
fn read_counters<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .with_context(|| format!("understand the counters in {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}
