//! Where the libraries, the `rigel` command and the client programs lie in the build tree.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// What `cargo xtask layout` and `cargo xtask programs` made, for the profile of this test.
#[derive(Debug, Clone)]
pub struct Installation {
    profile: PathBuf,
    target: PathBuf,
}

impl Installation {
    /// Finds it from the test's own path, after bringing it up to date, once a test program.
    ///
    /// With `RIGEL_TEST_LAYOUT=keep` it is taken as it is.
    pub fn find() -> Result<Self> {
        let test = std::env::current_exe().context("find the path of this test")?;
        let profile = test
            .ancestors()
            .find(|folder| folder.ends_with("debug") || folder.ends_with("release"))
            .context("find the profile's folder above this test")?;
        let target = profile
            .parent()
            .context("a profile's folder lies in target")?;
        static UP_TO_DATE: OnceLock<std::result::Result<(), String>> = OnceLock::new();
        let name = if profile.ends_with("debug") {
            "dev"
        } else {
            "release"
        };
        let ready = UP_TO_DATE.get_or_init(|| lay_out(name).map_err(|error| format!("{error:#}")));
        if let Err(error) = ready {
            bail!("{error}");
        }
        Ok(Self {
            profile: profile.to_path_buf(),
            target: target.to_path_buf(),
        })
    }

    /// The `rigel` command.
    pub fn rigel(&self) -> PathBuf {
        self.profile.join("layout/bin/rigel")
    }

    /// Holds the `libcuda.so.1` that executes on the CPU, and what goes with it.
    pub fn soft(&self) -> PathBuf {
        self.profile.join("layout/soft")
    }

    /// Holds the `libcuda.so.1` that forwards to a pool.
    pub fn shim(&self) -> PathBuf {
        self.profile.join("layout/shim")
    }

    /// Holds our `libnvidia-ml.so.1`.
    pub fn nvml(&self) -> PathBuf {
        self.profile.join("layout/nvml")
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

    /// The interpreter that JAX runs in; `cargo xtask programs --full` makes it.
    pub fn jax_python(&self) -> PathBuf {
        self.target.join("programs/jax-venv/bin/python")
    }

    /// The interpreter that finds NVIDIA's libraries; `cargo xtask programs --full` makes it.
    pub fn libraries_python(&self) -> PathBuf {
        self.target.join("programs/libraries-venv/bin/python")
    }

    /// Where file systems of containers are kept.
    pub fn images(&self) -> PathBuf {
        self.target.join("containers")
    }

    /// The sources of the client programs.
    pub fn sources() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
    }
}

/// What a test runs against must be what the sources say.
fn lay_out(profile: &str) -> Result<()> {
    if std::env::var("RIGEL_TEST_LAYOUT").is_ok_and(|value| value == "keep") {
        return Ok(());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            "layout",
            "--profile",
            profile,
        ])
        .output()
        .context("start `cargo xtask layout`")?;
    if !output.status.success() {
        bail!(
            "`cargo xtask layout` failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
