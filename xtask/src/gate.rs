//! `cargo xtask test`: the whole gate, the same here and in CI.
//!
//! It is a list of steps, each a program of its own, run in order; a failed step does not hide the
//! ones after it. Read [`STEPS`] first; what a step checks is decided where it is implemented.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::exec;
use crate::workspace::Workspace;

/// Check everything: format, lints, generated code, dependencies, all tests, documentation, demo.
///
/// The last line counts what passed, failed and was skipped. A test that lacks a program or a tool
/// is skipped and says what it needs; with RIGEL_TEST_REQUIRE=all it fails instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also what takes long or downloads much: PyTorch, NVIDIA's libraries.
    #[arg(long)]
    full: bool,
    /// Run only these steps (comma separated); `--list` names them.
    #[arg(long, value_delimiter = ',', value_name = "STEPS")]
    only: Vec<String>,
    /// Name the steps and end.
    #[arg(long)]
    list: bool,
}

/// One part of the gate.
#[derive(Debug)]
struct Step {
    name: &'static str,
    action: Action,
    /// Only with `--full`.
    full_only: bool,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    /// `cargo` with these arguments; it passes or fails as one.
    Cargo(&'static [&'static str]),
    /// A subcommand of this program; likewise.
    Xtask(&'static [&'static str]),
    /// `cargo test` with these arguments, whose tests are counted one by one.
    Tests(&'static [&'static str]),
}

/// The gate, cheapest first, except that tests need what the steps before them build.
const STEPS: [Step; 16] = [
    step("format", Action::Cargo(&["fmt", "--all", "--check"])),
    step("generated", Action::Xtask(&["codegen", "--check"])),
    step("api", Action::Xtask(&["api-check"])),
    step("tidy", Action::Xtask(&["tidy"])),
    step("dependencies", Action::Xtask(&["deps"])),
    step("clippy", Action::Cargo(CLIPPY)),
    step("libraries", Action::Xtask(&["layout", "--profile", "dev"])),
    step("programs", Action::Xtask(&["programs"])),
    step("tests", Action::Tests(&["--workspace", "--no-fail-fast"])),
    step(
        "documentation",
        Action::Cargo(&["doc", "--workspace", "--no-deps"]),
    ),
    step(
        "demo",
        Action::Xtask(&["demo", "--quick", "--profile", "dev", "--faults"]),
    ),
    step(
        "gpu-pack",
        Action::Xtask(&["gpu-pack", "--profile", "dev", "--check"]),
    ),
    full_step("package", Action::Xtask(&["deb", "--profile", "dev"])),
    full_step("torch-programs", Action::Xtask(&["programs", "--full"])),
    full_step("torch", Action::Tests(TORCH)),
    full_step("gpu-pack-torch", Action::Xtask(GPU_PACK_TORCH)),
];

const CLIPPY: &[&str] = &[
    "clippy",
    "--workspace",
    "--all-targets",
    "--features=rigel-tests/full",
    "--",
    "--deny=warnings",
];
const TORCH: &[&str] = &[
    "--package=rigel-tests",
    "--features=full",
    "--test=jax_programs",
    "--test=library_programs",
    "--test=package",
    "--test=torch_programs",
    "--no-fail-fast",
];
const GPU_PACK_TORCH: &[&str] = &[
    "gpu-pack",
    "--profile=dev",
    "--check",
    "--python=target/programs/torch-venv/bin/python",
    "--only=torch",
];

/// What came of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

const fn step(name: &'static str, action: Action) -> Step {
    Step {
        name,
        action,
        full_only: false,
    }
}

const fn full_step(name: &'static str, action: Action) -> Step {
    Step {
        name,
        action,
        full_only: true,
    }
}

/// `cargo xtask test`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if args.list {
        STEPS.iter().for_each(|step| println!("{}", step.name));
        return Ok(());
    }
    let chosen = chosen(args)?;
    let mut results = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!("\n== {} ({} of {})", step.name, index + 1, chosen.len());
        let started = Instant::now();
        let tally = step.run(workspace).unwrap_or_else(|error| {
            eprintln!("{error:#}");
            Tally {
                failed: 1,
                ..Tally::default()
            }
        });
        results.push((step.name, tally, started.elapsed()));
    }
    let total = summary(&results);
    println!(
        "{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.skipped
    );
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn chosen(args: &Args) -> Result<Vec<&'static Step>> {
    for name in &args.only {
        if !STEPS.iter().any(|step| step.name == name) {
            bail!("there is no step `{name}`; --list names them");
        }
    }
    let wanted = |step: &Step| {
        if args.only.is_empty() {
            return args.full || !step.full_only;
        }
        args.only.iter().any(|name| name == step.name)
    };
    Ok(STEPS.iter().filter(|step| wanted(step)).collect())
}

/// Prints a line a step; returns the sum.
fn summary(results: &[(&str, Tally, Duration)]) -> Tally {
    println!(
        "\n{:<16} {:>8} {:>8} {:>8} {:>9}",
        "step", "passed", "failed", "skipped", "seconds"
    );
    let mut total = Tally::default();
    for (name, tally, took) in results {
        let Tally {
            passed,
            failed,
            skipped,
        } = tally;
        println!(
            "{name:<16} {passed:>8} {failed:>8} {skipped:>8} {:>9.1}",
            took.as_secs_f64()
        );
        total.add(*tally);
    }
    total
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Step {
    fn run(&self, workspace: &Workspace) -> Result<Tally> {
        match self.action {
            Action::Cargo(arguments) => {
                let mut cargo = exec::cargo();
                cargo.current_dir(workspace.root()).args(arguments);
                exec::check(cargo.env("RUSTDOCFLAGS", "--deny warnings"))?;
            }
            Action::Xtask(arguments) => {
                let ourselves = std::env::current_exe().context("find this program")?;
                exec::check(Command::new(ourselves).args(arguments))?;
            }
            Action::Tests(arguments) => return run_tests(workspace, arguments),
        }
        Ok(Tally {
            passed: 1,
            ..Tally::default()
        })
    }
}

fn run_tests(workspace: &Workspace, arguments: &[&str]) -> Result<Tally> {
    let skips = workspace.target().join("test-skips.txt");
    forget(&skips)?;
    let mut cargo = exec::cargo();
    cargo
        .current_dir(workspace.root())
        .arg("test")
        .args(arguments);
    let mut child = cargo
        .env("RIGEL_TEST_SKIPS", &skips)
        // The step before has just made it.
        .env("RIGEL_TEST_LAYOUT", "keep")
        .stdout(Stdio::piped())
        .spawn()
        .context("start `cargo test`")?;
    let output = child.stdout.take().context("the tests' output is piped")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line.context("read the tests' output")?;
        println!("{line}");
        if let Some(part) = test_result(&line) {
            tally.add(part);
        }
    }
    let status = child.wait().context("wait for `cargo test`")?;
    if !status.success() && tally.failed == 0 {
        // Something did not compile, or a test binary died before it could count.
        tally.failed = 1;
    }
    let skipped = fs::read_to_string(&skips).unwrap_or_default();
    for line in skipped.lines() {
        println!("skipped: {line}");
        // The runner, which knows no skips, counted it as passed.
        tally.passed = tally.passed.saturating_sub(1);
        tally.skipped += 1;
    }
    Ok(tally)
}

/// The counts in a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn test_result(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |what: &str| {
        let part = counts
            .split("; ")
            .find_map(|part| part.strip_suffix(what))?;
        part.trim().parse::<usize>().ok()
    };
    Some(Tally {
        passed: count(" passed")?,
        failed: count(" failed")?,
        skipped: count(" ignored")?,
    })
}

fn forget(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_result_counts_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; \
                    0 filtered out; finished in 0.01s";
        assert_eq!(
            test_result(line),
            Some(Tally {
                passed: 12,
                failed: 3,
                skipped: 1
            })
        );
        assert_eq!(test_result("test thing_works ... ok"), None);
        assert_eq!(test_result("test result: ok. many passed"), None);
    }

    #[test]
    fn chosen_steps_are_those_asked_for() {
        let names = |full, only: &[&str]| -> Result<Vec<&str>> {
            let only = only.iter().map(|&name| name.to_owned()).collect();
            let steps = chosen(&Args {
                full,
                only,
                list: false,
            })?;
            Ok(steps.iter().map(|step| step.name).collect())
        };
        assert!(!names(false, &[]).unwrap().contains(&"torch"));
        assert!(names(true, &[]).unwrap().contains(&"torch"));
        assert_eq!(names(false, &["tidy", "torch"]).unwrap(), ["tidy", "torch"]);
        assert!(names(false, &["tidier"]).is_err());
    }
}
