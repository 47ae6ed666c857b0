//! `cargo xtask bench`: builds in release and runs a bench of the bench crate.
//!
//! What is measured, and how, is the bench crate's affair.

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{exec, layout};

/// Measure: our figure, the raw floor of this machine, their ratio, as one table.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which bench.
    #[arg(value_enum, default_value = "path")]
    bench: Bench,

    /// Compare with the JSON file of an earlier run.
    #[arg(long, value_name = "FILE")]
    against: Option<std::path::PathBuf>,

    /// Arguments for the bench program itself; `-- --help` lists them.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// The benches; each is a subcommand of the bench program.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Bench {
    /// The way of a call, from a client to the worker's driver and back.
    Path,
    /// The driver that executes kernels on the CPU.
    Soft,
    /// Whether shares of a GPU hold.
    Share,
    /// What a session costs the server's host.
    Capacity,
}

impl Bench {
    fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Soft => "soft",
            Self::Share => "share",
            Self::Capacity => "capacity",
        }
    }
}

/// Runs a bench on a fresh release build.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let built = layout::build(workspace, Profile::Release)?;
    let mut cargo = exec::cargo();
    cargo
        .current_dir(workspace.root())
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "rigel-bench",
            "--",
        ])
        .args([args.bench.name(), "--layout"])
        .arg(&built.root);
    if let Some(before) = &args.against {
        cargo.arg("--against").arg(std::path::absolute(before)?);
    }
    exec::check(cargo.args(&args.arguments))
}
