//! What CUDA's manual says of each driver function, as cases that run on any `libcuda.so.1`.
//!
//! It judges a library by the C ABI alone: NVIDIA's, the soft driver's, or the pool's client
//! library, which it loads by path. It is not about speed, nor about what kernels compute.
//! `docs/conformance.md` tells how to run it; read [`case::Case`] first.

mod case;
mod cases;
mod compare;
mod cuda;
mod fixture;
mod gate;
mod generated;
mod ptx;
mod report;
mod runner;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Run the conformance cases on a libcuda, or compare two runs.
#[derive(Debug, Parser)]
#[command(
    name = "rigel-conformance",
    version,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: runner::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the cases that two runs (files of `--json`) answered differently.
    Compare {
        /// The run to compare with.
        left: PathBuf,
        /// The other one.
        right: PathBuf,
    },
    /// Print every function with the cases that call it, from a run (a file of `--json`).
    Functions {
        /// The run.
        run: PathBuf,
    },
    /// Run cases in this very process, named on standard input.
    #[command(hide = true)]
    Worker(worker::Args),
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rigel-conformance: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything was as expected.
fn run() -> Result<bool> {
    let cli = Cli::parse();
    match cli.command {
        None => runner::run(&cli.run),
        Some(Command::Compare { left, right }) => compare::run(&left, &right),
        Some(Command::Functions { run }) => report::functions(&run),
        Some(Command::Worker(args)) => worker::run(&args).map(|()| true),
    }
}
