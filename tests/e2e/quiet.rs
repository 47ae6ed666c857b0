//! What our libraries do to a program that does not use them: nothing.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use rigel_tests::{Installation, missing};

/// System calls by which a library would show itself: connections, threads, processes, signals.
const TRACED: &str = "trace=socket,connect,clone,clone3,fork,vfork,rt_sigaction,memfd_create";

#[test]
fn library_without_a_cuda_call_starts_nothing() -> Result<()> {
    if Command::new("strace").arg("--version").output().is_err() && missing("strace") {
        return Ok(());
    }
    let installation = Installation::find()?;
    let traced = |preload: Option<&std::path::Path>| -> Result<Vec<String>> {
        let folder = tempfile::TempDir::new()?;
        let log = folder.path().join("strace.log");
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", TRACED, "-o"]).arg(&log);
        if let Some(library) = preload {
            command
                .arg("-E")
                .arg(format!("LD_PRELOAD={}", library.display()));
        }
        let output = command.args(["-E", "RIGEL_POOL=local", "true"]).output()?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "something was said"
        );
        let log = std::fs::read_to_string(&log).context("read what strace saw")?;
        // Each line starts with the number of the process.
        Ok(log
            .lines()
            .filter_map(|line| Some(line.split_once(' ')?.1.to_owned()))
            .collect())
    };
    let bare = traced(None)?;
    for library in [installation.shim(), installation.soft()] {
        let loaded = traced(Some(&library.join("libcuda.so.1")))?;
        ensure!(loaded == bare, "{} does {loaded:#?}", library.display());
    }
    let nvml = traced(Some(&installation.nvml().join("libnvidia-ml.so.1")))?;
    ensure!(nvml == bare, "libnvidia-ml.so.1 does {nvml:#?}");
    Ok(())
}
