//! `cargo xtask codegen`: everything that follows from the table of driver calls.
//!
//! It reads `protocol/api/`, decides by the rules of `rules.rs`, and writes each output with one
//! emitter. The outputs are committed; `--check` (and a test) fails when one is stale. Read
//! [`outputs`] first.

pub(crate) mod rules;
pub(crate) mod table;

mod emit_conformance;
mod emit_coverage;
mod emit_dispatch;
mod emit_exports;
mod emit_native;
mod emit_protocol;
mod emit_remote;
mod names;
mod reasons;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use rules::Plan;
use table::Table;

/// Write what follows from the table of driver calls in `protocol/api/`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail if something is stale.
    #[arg(long)]
    check: bool,
}

/// One generated file.
#[derive(Debug)]
struct Output {
    /// Path from the repository's root.
    path: &'static str,
    /// What stands in it.
    text: String,
}

/// `cargo xtask codegen`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let stale = stale(workspace.root())?;
    if args.check {
        ensure!(
            stale.is_empty(),
            "run `cargo xtask codegen`: stale are {}",
            stale
                .iter()
                .map(|output| output.path)
                .collect::<Vec<_>>()
                .join(", ")
        );
        return Ok(());
    }
    for output in stale {
        let path = workspace.root().join(output.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, &output.text).with_context(|| format!("write {}", path.display()))?;
        println!("wrote {}", output.path);
    }
    Ok(())
}

/// The table's folder.
pub(crate) fn table_folder(root: &Path) -> std::path::PathBuf {
    root.join("protocol/api")
}

fn stale(root: &Path) -> Result<Vec<Output>> {
    let table = Table::read(&table_folder(root))?;
    let plan = Plan::new(&table)?;
    let mut stale = Vec::new();
    for output in outputs(&plan)? {
        let there = fs::read_to_string(root.join(output.path)).unwrap_or_default();
        if there != output.text {
            stale.push(output);
        }
    }
    Ok(stale)
}

/// Everything that is generated.
fn outputs(plan: &Plan<'_>) -> Result<Vec<Output>> {
    let rust = [
        ("protocol/src/generated.rs", emit_protocol::module()),
        (
            "protocol/src/generated/calls.rs",
            emit_protocol::calls(plan),
        ),
        (
            "protocol/src/generated/types.rs",
            emit_protocol::types(plan),
        ),
        (
            "protocol/src/generated/driver.rs",
            emit_protocol::driver(plan),
        ),
        (
            "protocol/src/generated/layouts.rs",
            emit_protocol::layouts(plan),
        ),
        (
            "protocol/src/generated/symbols.rs",
            emit_protocol::symbols(plan),
        ),
        (
            "interposer/src/generated/exports.rs",
            emit_exports::exports(plan),
        ),
        (
            "shim-cdylib/src/generated/remote.rs",
            emit_remote::remote(plan),
        ),
        (
            "pool-server/src/worker/generated/dispatch.rs",
            emit_dispatch::dispatch(plan),
        ),
        (
            "pool-server/src/worker/native/generated/mod.rs",
            emit_native::native(plan),
        ),
        (
            "tests/conformance/src/generated/api.rs",
            emit_conformance::api(plan),
        ),
        (
            "tests/conformance/src/generated/types.rs",
            emit_conformance::types(plan),
        ),
    ];
    let mut outputs = Vec::new();
    for (path, text) in rust {
        let text = rustfmt(&text).with_context(|| format!("format {path}"))?;
        outputs.push(Output { path, text });
    }
    outputs.push(Output {
        path: "docs/cuda-coverage.md",
        text: emit_coverage::coverage(plan)?,
    });
    Ok(outputs)
}

/// The head of every generated file.
const HEAD: &str = "// Generated from protocol/api by `cargo xtask codegen`; do not edit.\n\n";

fn rustfmt(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args([
            "--edition",
            "2024",
            "--config",
            "max_width=100,use_small_heuristics=Default",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start rustfmt")?;
    let mut stdin = child.stdin.take().context("a pipe to rustfmt")?;
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("feed rustfmt"))??;
    if !output.status.success() {
        bail!("rustfmt refused the text");
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_fresh() {
        let workspace = Workspace::find().unwrap();
        let stale = stale(workspace.root()).unwrap();
        let paths: Vec<_> = stale.iter().map(|output| output.path).collect();
        assert!(
            paths.is_empty(),
            "run `cargo xtask codegen`: stale are {paths:?}"
        );
    }
}
