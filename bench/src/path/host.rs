//! What the machine says of processes. Read [`busy_percent`] first.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How long processes are watched.
const WATCHED: Duration = Duration::from_secs(2);
/// How long they are left alone before, so that their beginning is over.
const SETTLED: Duration = Duration::from_millis(500);

/// How much of a processor each process uses, in percent, over two seconds.
pub(super) fn busy_percent(pids: &[u32]) -> Result<Vec<f64>> {
    std::thread::sleep(SETTLED);
    let started = Instant::now();
    let before: Result<Vec<u64>> = pids.iter().map(|pid| run_ns(*pid)).collect();
    std::thread::sleep(WATCHED);
    let after: Result<Vec<u64>> = pids.iter().map(|pid| run_ns(*pid)).collect();
    let elapsed_ns = started.elapsed().as_nanos() as f64;
    let used = after?.into_iter().zip(before?);
    Ok(used
        .map(|(after, before)| after.saturating_sub(before) as f64 / elapsed_ns * 100.0)
        .collect())
}

/// Nanoseconds that all threads of a process have run.
fn run_ns(pid: u32) -> Result<u64> {
    let mut total = 0;
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).context("look at a process's threads")?;
    for task in tasks {
        // A thread that has ended meanwhile counts for nothing.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        total += first.and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(total)
}

/// Whether a program can be started.
pub(super) fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version");
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
