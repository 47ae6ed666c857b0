//! Where the libraries, the `rigel` command and the client programs lie in the build tree.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What `cargo xtask layout` and `cargo xtask programs` made, for the profile of this test.
#[derive(Debug, Clone)]
pub struct Installation {
    profile: PathBuf,
    target: PathBuf,
}

impl Installation {
    /// Finds it from the test's own path, and checks that it is as new as what cargo built.
    pub fn find() -> Result<Self> {
        let test = std::env::current_exe().context("find the path of this test")?;
        let profile = test
            .ancestors()
            .find(|folder| folder.ends_with("debug") || folder.ends_with("release"))
            .context("find the profile's folder above this test")?;
        let target = profile
            .parent()
            .context("a profile's folder lies in target")?;
        let found = Self {
            profile: profile.to_path_buf(),
            target: target.to_path_buf(),
        };
        found.check_fresh()?;
        Ok(found)
    }

    /// The `rigel` command.
    pub fn rigel(&self) -> PathBuf {
        self.profile.join("rigel/bin/rigel")
    }

    /// Holds the `libcuda.so.1` that executes on the CPU, and what goes with it.
    pub fn soft(&self) -> PathBuf {
        self.profile.join("rigel/soft")
    }

    /// Holds the `libcuda.so.1` that forwards to a pool.
    pub fn shim(&self) -> PathBuf {
        self.profile.join("rigel/shim")
    }

    /// Holds our `libnvidia-ml.so.1`.
    pub fn nvml(&self) -> PathBuf {
        self.profile.join("rigel/nvml")
    }

    /// A CUDA program, by runtime (`cuda12`, `cuda13`), linkage (`static`, `shared`) and name.
    pub fn cuda_program(&self, runtime: &str, linkage: &str, name: &str) -> PathBuf {
        self.target
            .join("programs")
            .join(runtime)
            .join(linkage)
            .join(name)
    }

    /// The interpreter that the Python clients run in.
    pub fn python(&self) -> PathBuf {
        self.target.join("programs/venv/bin/python")
    }

    /// The interpreter that PyTorch runs in; `cargo xtask programs --full` makes it.
    pub fn torch_python(&self) -> PathBuf {
        self.target.join("programs/torch-venv/bin/python")
    }

    /// The sources of the client programs.
    pub fn sources() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
    }

    fn check_fresh(&self) -> Result<()> {
        let pairs = [
            ("rigel", self.rigel()),
            ("librigel_soft.so", self.soft().join("libcuda.so.1")),
            ("librigel_cuda.so", self.shim().join("libcuda.so.1")),
            ("librigel_nvml.so", self.nvml().join("libnvidia-ml.so.1")),
        ];
        for (built, placed) in pairs {
            let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified());
            let Ok(placed_at) = changed(&placed) else {
                bail!(
                    "{} is missing; run `cargo xtask layout --profile dev`",
                    placed.display()
                );
            };
            if changed(&self.profile.join(built)).is_ok_and(|built_at| built_at > placed_at) {
                bail!(
                    "{} is stale; run `cargo xtask layout --profile dev`",
                    placed.display()
                );
            }
        }
        Ok(())
    }
}
