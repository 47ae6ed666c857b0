//! Python virtual environments of exactly the packages a list names.
//!
//! Everything is installed without dependencies: the list is the whole closure, so that nothing
//! large comes along unasked (XGBoost's NCCL, Triton's torch) and a build is the same next year.
//! Read [`ensure`] first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::exec;

/// A ready environment.
#[derive(Debug, Clone)]
pub(crate) struct Venv {
    root: PathBuf,
}

impl Venv {
    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.root.join("bin/python")
    }

    /// The folder its packages lie in.
    pub(crate) fn site_packages(&self) -> Result<PathBuf> {
        let lib = self.root.join("lib");
        for entry in fs::read_dir(&lib).with_context(|| format!("read {}", lib.display()))? {
            let candidate = entry?.path().join("site-packages");
            if candidate.is_dir() {
                return Ok(candidate);
            }
        }
        anyhow::bail!("no site-packages folder under {}", lib.display())
    }
}

/// Makes the environment, or takes the one that an earlier run made from the same list.
pub(crate) fn ensure(root: &Path, requirements: &Path) -> Result<Venv> {
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("read {}", requirements.display()))?;
    let stamp = root.join("installed.txt");
    let venv = Venv {
        root: root.to_path_buf(),
    };
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(venv);
    }

    let count = wanted.lines().filter(|line| line.contains("==")).count();
    println!("installing {count} Python packages into {}", root.display());
    if root.exists() {
        fs::remove_dir_all(root).with_context(|| format!("remove {}", root.display()))?;
    }
    exec::check(Command::new("python3").args(["-m", "venv"]).arg(root))
        .context("make a virtual environment (Debian: apt install python3-venv)")?;
    let mut pip = Command::new(venv.python());
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]);
    exec::check(pip.arg("--requirement").arg(requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))?;
    Ok(venv)
}
