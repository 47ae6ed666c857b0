//! `cargo xtask bench`: builds in release and runs the bench crate.
//!
//! What is measured, and how, is the bench crate's affair.

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{exec, layout};

/// Measure: our figure, the raw floor of this machine, their ratio, as one table.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Arguments for the bench program itself; `-- --help` lists them.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Runs the bench on a fresh release build.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let built = layout::build(workspace, Profile::Release)?;
    exec::check(
        exec::cargo()
            .current_dir(workspace.root())
            .args([
                "run",
                "--quiet",
                "--release",
                "--package",
                "rigel-bench",
                "--",
                "--layout",
            ])
            .arg(&built.root)
            .args(&args.arguments),
    )
}
