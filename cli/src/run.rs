//! `rigel run`: starts an unmodified program whose CUDA calls go to a pool.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;
use rigel_pool_server::bytes::ByteSize;
use rigel_pool_server::paths;

use crate::client::PoolArguments;

/// Run a program on a pooled GPU.
///
/// The program is not changed: it finds Rigel's libcuda.so.1 and libnvidia-ml.so.1 before any
/// others. Its exit status is the command's. The same works without this command: LD_PRELOAD the
/// library, with RIGEL_POOL and RIGEL_TOKEN in the environment.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Virtual GPUs to ask for. Default: all that the lease holds.
    #[arg(long, value_name = "N", env = "RIGEL_GPUS")]
    gpus: Option<u32>,

    /// Memory of each, such as 8GiB. Default: the lease's quota.
    #[arg(long, value_name = "SIZE", env = "RIGEL_MEMORY")]
    memory: Option<ByteSize>,

    /// Compute of each in percent. Default: the lease's.
    #[arg(long, value_name = "PCT", env = "RIGEL_COMPUTE", value_parser = clap::value_parser!(u8).range(1..=100))]
    compute: Option<u8>,

    /// The program and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    command: Vec<OsString>,
}

/// Replaces this process by the program.
pub(crate) fn main(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let address = arguments.pool.address()?;
    // Asked first, so that a missing server or a wrong token is one clear line, not a CUDA error.
    let status = arguments.pool.status()?;
    let libraries = Libraries::find()?;

    let mut set = BTreeMap::new();
    set.insert("RIGEL_POOL", OsString::from(address.to_string()));
    if let Some(file) = &arguments.pool.token_file {
        let file = file
            .canonicalize()
            .with_context(|| format!("find {}", file.display()))?;
        set.insert("RIGEL_TOKEN_FILE", file.into_os_string());
    }
    let numbers = [
        ("RIGEL_GPUS", arguments.gpus.map(|n| n.to_string())),
        (
            "RIGEL_MEMORY",
            arguments.memory.map(|size| size.0.to_string()),
        ),
        ("RIGEL_COMPUTE", arguments.compute.map(|n| n.to_string())),
    ];
    set.extend(
        numbers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.into()))),
    );
    set.extend(libraries.environment());
    if status["driver"]["soft"] == true {
        set.extend(libraries.soft_environment());
    }

    let program = &arguments.command[0];
    let error = Command::new(program)
        .args(&arguments.command[1..])
        .envs(set)
        .exec();
    bail!("start {}: {error}", program.to_string_lossy())
}

/// The client libraries beside the binary.
struct Libraries {
    shim: PathBuf,
    nvml: Option<PathBuf>,
}

impl Libraries {
    fn find() -> anyhow::Result<Self> {
        let shim = paths::shim().context(
            "the client library (shim/libcuda.so.1) is not beside the rigel binary; \
             in a build tree run `cargo xtask layout`, or set RIGEL_LIB_DIR",
        )?;
        Ok(Self {
            shim,
            nvml: paths::nvml(),
        })
    }

    /// What makes a program find them: preloaded for those that dlopen by name, in the search path
    /// for those that look for a file.
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        let files: Vec<&Path> = [Some(self.shim.as_path()), self.nvml.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        let mut set = vec![
            ("LD_PRELOAD", before(&files, "LD_PRELOAD")),
            ("LD_LIBRARY_PATH", before(&folders, "LD_LIBRARY_PATH")),
        ];
        if let Some(folder) = self.shim.parent() {
            set.push(("TRITON_LIBCUDA_PATH", folder.into()));
        }
        set
    }

    /// What makes clients keep their kernels as PTX, which is what the soft driver executes. Each
    /// only if the user has not set it; documented in docs/clients.md.
    fn soft_environment(&self) -> Vec<(&'static str, OsString)> {
        let mut wanted: Vec<(&'static str, OsString)> = vec![
            ("CUPY_COMPILE_WITH_PTX", "1".into()),
            ("NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS", "0".into()),
        ];
        if let Some(ptxas) = paths::ptxas() {
            wanted.push(("TRITON_PTXAS_PATH", ptxas.clone().into()));
            wanted.push(("TRITON_PTXAS_BLACKWELL_PATH", ptxas.into()));
        }
        wanted.retain(|(name, _)| std::env::var_os(name).is_none());
        wanted
    }
}

/// These paths, then what the variable holds already.
fn before(paths: &[&Path], variable: &str) -> OsString {
    let mut value = OsString::new();
    let old = std::env::var_os(variable).filter(|old| !old.is_empty());
    for part in paths
        .iter()
        .map(|path| path.as_os_str())
        .chain(old.as_deref())
    {
        if !value.is_empty() {
            value.push(OsStr::new(":"));
        }
        value.push(part);
    }
    value
}
