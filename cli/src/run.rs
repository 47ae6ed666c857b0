//! `rigel run`: starts an unmodified program whose CUDA calls go to a pool.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use rigel_pool_server::bytes::ByteSize;
use rigel_protocol::pool::PoolAddress;
use rigel_protocol::span;
use rigel_transport::quic::Lanes;

use crate::capability::Capability;
use crate::client::PoolArguments;
use crate::device_files;
use crate::libraries::{self, Libraries};

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

    /// What carries bulk bytes to a pool on another host: quic, tcp+tls, tcp (clear text), or ucx (RDMA
    /// through UCX, clear text; needs libucx0); `tcp:4` uses four connections. The server must allow it.
    #[arg(long, value_name = "LANE", env = "RIGEL_LANE")]
    lane: Option<Lanes>,

    /// Wait for room for at most so long, such as 10m, instead of failing where the pool has none.
    #[arg(long, value_name = "SPAN", env = "RIGEL_WAIT", value_parser = wait)]
    wait: Option<Duration>,

    /// Compute capability that soft GPUs report to this program. NVIDIA's libraries need 13.0 there.
    #[arg(long, value_name = "X.Y", env = "RIGEL_SOFT_CAPABILITY")]
    capability: Option<Capability>,

    /// Let the program see /dev/nvidia0 and /dev/nvidiactl, by which JAX judges whether there is a
    /// GPU. They are empty files in a mount namespace of its own.
    #[arg(long)]
    device_files: bool,

    /// The program and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    command: Vec<OsString>,
}

fn wait(text: &str) -> Result<Duration, String> {
    span::parse(text).ok_or_else(|| format!("`{text}` is not a time like 10m"))
}

/// Replaces this process by the program.
pub(crate) fn main(arguments: RunArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let error = arguments.prepare()?.exec();
    let program = arguments.command[0].to_string_lossy();
    bail!("start {program}: {error}")
}

impl RunArguments {
    /// The program with everything that makes its CUDA calls go to the pool.
    pub(crate) fn prepare(&self) -> anyhow::Result<Command> {
        prepare(self)
    }

    /// The pool.
    pub(crate) fn pool(&self) -> &PoolArguments {
        &self.pool
    }
}

fn prepare(arguments: &RunArguments) -> anyhow::Result<Command> {
    let address = arguments.pool.address()?;
    // Asked first, so that a missing server or a wrong token is one clear line, not a CUDA error.
    let status = arguments.pool.status()?;
    let libraries = Libraries::client()?;

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
        (
            "RIGEL_WAIT",
            arguments.wait.map(|span| format!("{}ms", span.as_millis())),
        ),
        ("RIGEL_LANE", arguments.lane.map(|lanes| lanes.to_string())),
        (
            "RIGEL_SOFT_CAPABILITY",
            arguments.capability.map(|found| found.to_string()),
        ),
    ];
    set.extend(
        numbers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.into()))),
    );
    set.extend(libraries.environment());
    if status["driver"]["soft"] == true {
        set.extend(libraries::ptx_environment());
    }

    if matches!(address, PoolAddress::Quic(_)) {
        match crate::watch::start(&address) {
            Ok(name) => {
                set.insert("RIGEL_LIFELINE", name.into());
            }
            // Without it the server waits out its grace period for a process that was killed.
            Err(error) => tracing::warn!("nobody will report the death of the program: {error:#}"),
        }
    }

    if arguments.device_files {
        device_files::show()?;
    }
    let mut command = Command::new(&arguments.command[0]);
    command.args(&arguments.command[1..]).envs(set);
    Ok(command)
}
