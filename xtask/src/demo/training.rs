//! Runs the trainer as a child process: environment, progress, a deadline on silence.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::report::Training;
use crate::exec;

/// How long a trainer may say nothing before it counts as stuck.
const SILENCE_MAX: Duration = Duration::from_secs(300);
/// How often progress is printed where lines cannot be overwritten.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// What every run of one demo has in common.
#[derive(Debug)]
pub(crate) struct Trainer {
    /// The interpreter with XGBoost.
    pub(crate) python: PathBuf,
    /// `train.py`.
    pub(crate) script: PathBuf,
    /// The data that `train.py --make` made.
    pub(crate) data: PathBuf,
    /// Boosting rounds.
    pub(crate) rounds: u64,
    /// Depth of a tree.
    pub(crate) depth: u64,
}

impl Trainer {
    /// Makes the data, from the script's fixed seed.
    pub(crate) fn make_data(&self, rows: u64) -> Result<()> {
        let mut command = Command::new(&self.python);
        command.arg(&self.script).arg("--data").arg(&self.data);
        exec::check(command.arg("--make").arg(rows.to_string()))
    }

    /// The command line that trains on `device` and leaves its report in `report`.
    pub(crate) fn command_line(&self, device: &str, report: &Path) -> Vec<std::ffi::OsString> {
        let mut line = vec![self.python.clone().into(), self.script.clone().into()];
        line.extend(["--data".into(), self.data.clone().into()]);
        line.extend(["--device".into(), device.into()]);
        line.extend(["--rounds".into(), self.rounds.to_string().into()]);
        line.extend(["--depth".into(), self.depth.to_string().into()]);
        line.extend(["--report".into(), report.into()]);
        line
    }
}

/// Runs a trainer's command, shows its progress under `name`, and reads its report.
pub(crate) fn run(name: &str, command: &mut Command, report: &Path) -> Result<Training> {
    let line = exec::command_line(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start `{line}`"))?;
    let stdout = child
        .stdout
        .take()
        .context("the trainer's output is piped")?;
    let stderr = child
        .stderr
        .take()
        .context("the trainer's errors are piped")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = BufReader::new(stderr).read_to_string(&mut text);
        text
    });

    let finished = show_progress(name, &lines);
    if !finished {
        child.kill().context("end a stuck trainer")?;
    }
    let status = child.wait().context("wait for the trainer")?;
    let errors = errors.join().unwrap_or_default();
    if !finished {
        bail!(
            "{name}: no progress for {} s; its errors: {errors}",
            SILENCE_MAX.as_secs()
        );
    }
    if !status.success() {
        bail!("{name}: `{line}` ended with {status}: {errors}");
    }
    let text = std::fs::read_to_string(report)
        .with_context(|| format!("{name}: read its report {}", report.display()))?;
    let mut training: Training =
        serde_json::from_str(&text).with_context(|| format!("{name}: understand its report"))?;
    // XGBoost writes some warnings to standard error itself.
    training.warnings.extend(warnings_in(&errors));
    Ok(training)
}

/// Prints progress until the trainer closes its output; false when it fell silent before.
fn show_progress(name: &str, lines: &mpsc::Receiver<String>) -> bool {
    let terminal = std::io::stdout().is_terminal();
    let started = Instant::now();
    let mut printed = started;
    let mut latest = String::new();
    let finished = loop {
        match lines.recv_timeout(SILENCE_MAX) {
            Ok(line) => latest = line,
            Err(mpsc::RecvTimeoutError::Disconnected) => break true,
            Err(mpsc::RecvTimeoutError::Timeout) => break false,
        }
        let seconds = started.elapsed().as_secs_f64();
        if terminal {
            print!("\r  {name:<20} {latest:<14} {seconds:6.1} s ");
            let _ = std::io::stdout().flush();
        } else if printed.elapsed() >= PROGRESS_EVERY {
            printed = Instant::now();
            println!("  {name:<20} {latest:<14} {seconds:6.1} s");
        }
    };
    let start = if terminal { "\r" } else { "" };
    println!(
        "{start}  {name:<20} {latest:<14} {:6.1} s",
        started.elapsed().as_secs_f64()
    );
    finished
}

fn warnings_in(errors: &str) -> impl Iterator<Item = String> {
    errors
        .lines()
        .filter(|line| line.contains("WARNING"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_in_finds_the_fallback() {
        let errors = "ok\n[12:00:00] WARNING: context.cc:53: No visible GPU is found\n";
        assert_eq!(warnings_in(errors).count(), 1);
        assert_eq!(warnings_in("all well\n").count(), 0);
    }

    #[test]
    fn run_command_that_fails_names_it_and_its_errors() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo broken >&2; exit 3"]);
        let error = run("direct", &mut command, Path::new("none"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("direct: ") && error.contains("broken"),
            "{error}"
        );
    }
}
