//! The demo's training, by XGBoost's own CPU code and on the soft driver. Read [`measure`].
//!
//! It needs the Python environment that `cargo xtask demo` makes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// Rows of the data, rounds and depth of the trees.
const ROWS: &str = "50000";
const ROUNDS: &str = "60";
const DEPTH: &str = "6";
/// Each side trains this often; its best time counts, since both are as fast as the machine lets them.
const RUNS: usize = 2;

/// Seconds of training.
pub(super) struct Trained {
    pub(super) soft_s: f64,
    pub(super) cpu_s: f64,
}

/// What the trainer writes down; it writes more.
#[derive(Debug, Deserialize)]
struct Report {
    device: String,
    train_seconds: f64,
}

/// Trains on both.
pub(super) fn measure(layout: &Path) -> Result<Trained> {
    let folder = tempfile::tempdir().context("make a folder for the data")?;
    let trainer = Trainer::new(folder.path())?;
    trainer.make()?;
    let soft = std::path::absolute(layout.join("soft"))?;
    let (mut cpu_s, mut soft_s) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..RUNS {
        cpu_s = cpu_s.min(trainer.train("cpu", None)?);
        soft_s = soft_s.min(trainer.train("cuda", Some(&soft))?);
    }
    Ok(Trained { soft_s, cpu_s })
}

struct Trainer {
    python: PathBuf,
    script: PathBuf,
    folder: PathBuf,
}

impl Trainer {
    fn new(folder: &Path) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = root.join("target/demo-venv/bin/python");
        ensure!(
            python.exists(),
            "run `cargo xtask demo --quick` once: it installs XGBoost"
        );
        Ok(Self {
            python,
            script: root.join("xtask/demo/train.py"),
            folder: folder.to_owned(),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(&self.script)
            .arg("--data")
            .arg(self.folder.join("data.npz"));
        command.stdout(Stdio::null());
        command
    }

    fn make(&self) -> Result<()> {
        let status = self.command().args(["--make", ROWS]).status()?;
        ensure!(status.success(), "the trainer made no data: {status}");
        Ok(())
    }

    fn train(&self, device: &str, libraries: Option<&Path>) -> Result<f64> {
        let report = self.folder.join("report.json");
        let mut command = self.command();
        command.args(["--device", device, "--rounds", ROUNDS, "--depth", DEPTH]);
        command
            .arg("--report")
            .arg(&report)
            .env("OMP_NUM_THREADS", "2");
        if let Some(libraries) = libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let status = command.status()?;
        ensure!(status.success(), "the trainer failed on {device}: {status}");
        let text = std::fs::read_to_string(&report).context("read the trainer's report")?;
        let report: Report = serde_json::from_str(&text).context("understand the report")?;
        ensure!(
            report.device.starts_with(device),
            "it trained on {}",
            report.device
        );
        Ok(report.train_seconds)
    }
}
