//! Measures what Rigel costs: our figure, the raw floor of the same machine in the same run, their
//! ratio, as one table and as JSON. One module a bench: `path` is the way of a call,
//! `soft` the driver that executes kernels on the CPU, `share` whether shares of a GPU hold, `capacity` what a
//! session costs the server's host.
//!
//! What is to be reached stands in `targets.toml`, and `targets.rs` alone decides what is met. The floors
//! are a crate of their own. Nothing here links a crate of the project, but for the scheduler that `share
//! --simulate` drives: what is measured is called through the C library, as any program does. Read [`Command`] first, then `report.rs`.

mod path;
mod report;
mod share;
mod soft;
mod targets;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measure what Rigel costs against the floors of this machine.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Path(path::Args),
    Soft(soft::Args),
    Share(share::Args),
    Capacity(path::capacity::Args),
    #[command(hide = true)]
    ShareClient(share::ClientArgs),
    #[command(hide = true)]
    Client(path::ClientArgs),
    /// What bare quinn and bare TCP reach on this machine's loopback, as JSON.
    Floors,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Path(args) => path::run(&args),
        Command::Soft(args) => soft::run(&args),
        Command::Share(args) => share::run(&args),
        Command::Capacity(args) => path::capacity::run(&args),
        Command::ShareClient(args) => share::client(&args),
        Command::Client(args) => path::client(&args),
        Command::Floors => path::floors(),
    }
}
