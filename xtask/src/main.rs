//! Everything a developer runs: `cargo xtask demo`, `test`, `codegen`, `api-check`, `bench`, `gpu-pack`, `tidy`, `transparency`.
//!
//! Each subcommand is one file (or folder) beside this one, with an `Args` struct and a `run`
//! function; this file only dispatches. It depends on no other crate of the project. Read
//! [`Command`] first.

mod api_check;
mod bench;
mod codegen;
mod deb;
mod demo;
mod deps;
mod exec;
mod gate;
mod gpu_pack;
mod layout;
mod programs;
mod ptx_forms;
mod tidy;
mod toolkit;
mod transparency;
mod venv;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The developer's tools of Rigel.
///
/// Everything works on a machine with Rust, Python 3 (venv, pip), gcc and g++; no GPU, no CUDA
/// toolkit. What a command downloads (compilers and clients, as Python wheels of pinned versions)
/// stays under `target/`.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    ApiCheck(api_check::Args),
    Bench(bench::Args),
    Codegen(codegen::Args),
    Deb(deb::Args),
    Demo(demo::Args),
    Deps(deps::Args),
    GpuPack(gpu_pack::Args),
    Layout(layout::Args),
    Programs(programs::Args),
    PtxForms(ptx_forms::Args),
    Test(gate::Args),
    Tidy(tidy::Args),
    Transparency(transparency::Args),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match Cli::parse().command {
        Command::ApiCheck(args) => api_check::run(&workspace, &args),
        Command::Bench(args) => bench::run(&workspace, &args),
        Command::Codegen(args) => codegen::run(&workspace, &args),
        Command::Deb(args) => deb::run(&workspace, &args),
        Command::Demo(args) => demo::run(&workspace, &args),
        Command::Deps(args) => deps::run(&workspace, &args),
        Command::GpuPack(args) => gpu_pack::run(&workspace, &args),
        Command::Layout(args) => layout::run(&workspace, &args),
        Command::Programs(args) => programs::run(&workspace, &args),
        Command::PtxForms(args) => ptx_forms::run(&workspace, &args),
        Command::Test(args) => gate::run(&workspace, &args),
        Command::Tidy(args) => tidy::run(&workspace, &args),
        Command::Transparency(args) => transparency::run(&workspace, &args),
    }
}
