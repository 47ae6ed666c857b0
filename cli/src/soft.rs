//! `rigel soft`: starts an unmodified program directly on the soft driver, with no pool at all.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;
use rigel_pool_server::bytes::ByteSize;

use crate::capability::Capability;
use crate::device_files;
use crate::libraries::{self, Libraries};

/// Variables that would make the program, or what it starts, a client of a pool.
const POOL_VARIABLES: [&str; 5] = [
    "RIGEL_POOL",
    "RIGEL_TOKEN",
    "RIGEL_TOKEN_FILE",
    "RIGEL_GPUS",
    "RIGEL_MEMORY",
];

/// Memory that a soft GPU may have.
const MEMORY_BYTES: std::ops::RangeInclusive<u64> = 16 << 20..=1 << 40;

/// Run a program on GPUs made of this machine's CPU; no server, no GPU.
///
/// The program is not changed: it finds a libcuda.so.1 that executes kernels on the CPU. Good for
/// testing CUDA code where there is no GPU:
///
///     rigel soft -- ./my_cuda_tests
///     rigel soft --devices 4 --memory 2G -- python -m pytest
///
/// Kernels must be there as PTX: nvcc puts it into programs unless told otherwise, CuPy and Triton
/// are told to by this command, numba-cuda does without nvJitLink. A kernel that exists only as
/// machine code fails at its launch with a line that names it. Libraries such as cuBLAS hold PTX
/// for devices newer than they know: give them --capability 13.0.
///
/// The exit status is the command's. Processes of one user on GPUs of one kind share them, memory and
/// time; RIGEL_SOFT_SHARED=off gives each process its own.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SoftArguments {
    /// How many GPUs. Default: 1.
    #[arg(long, value_name = "N", env = "RIGEL_SOFT_DEVICES", value_parser = clap::value_parser!(u32).range(1..=16))]
    devices: Option<u32>,

    /// Memory of each, such as 8GiB; taken from this machine only as it is used. Default: 8GiB.
    #[arg(long, value_name = "SIZE", env = "RIGEL_SOFT_MEMORY", value_parser = memory)]
    memory: Option<ByteSize>,

    /// Compute capability that they report. Default: 8.6.
    #[arg(long, value_name = "X.Y", env = "RIGEL_SOFT_CAPABILITY")]
    capability: Option<Capability>,

    /// Threads of the CPU that execute kernels. Default: one for each processor.
    #[arg(long, value_name = "N", env = "RIGEL_SOFT_THREADS", value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: Option<u32>,

    /// Hold kernels to the exact size of allocations. A device allows them the rest of the last 512
    /// bytes, and so does this one otherwise.
    #[arg(long)]
    exact_bounds: bool,

    /// Let the program see /dev/nvidia0 and /dev/nvidiactl, by which JAX judges whether there is a
    /// GPU. They are empty files in a mount namespace of its own.
    #[arg(long)]
    device_files: bool,

    /// Write counters (launches, instructions, copies) to this file as JSON when the program ends;
    /// `%p` becomes the number of each process.
    #[arg(long, value_name = "FILE", env = "RIGEL_SOFT_STATS")]
    stats: Option<PathBuf>,

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
pub(crate) fn main(arguments: SoftArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let mut set = BTreeMap::new();
    let settings = [
        (
            "RIGEL_SOFT_DEVICES",
            arguments.devices.map(|n| n.to_string().into()),
        ),
        (
            "RIGEL_SOFT_MEMORY",
            arguments.memory.map(|size| size.0.to_string().into()),
        ),
        (
            "RIGEL_SOFT_THREADS",
            arguments.threads.map(|n| n.to_string().into()),
        ),
        (
            "RIGEL_SOFT_CAPABILITY",
            arguments.capability.map(|found| found.to_string().into()),
        ),
    ];
    set.extend(
        settings
            .into_iter()
            .filter_map(|(name, value): (_, Option<OsString>)| Some((name, value?))),
    );
    if let Some(file) = &arguments.stats {
        // The program may change its folder before it ends.
        let file = std::path::absolute(file)
            .with_context(|| format!("make a whole path of {}", file.display()))?;
        set.insert("RIGEL_SOFT_STATS", file.into_os_string());
    }
    if arguments.exact_bounds {
        set.insert("RIGEL_SOFT_BOUNDS", "exact".into());
    }
    set.extend(Libraries::soft()?.environment());
    set.extend(libraries::ptx_environment());

    if arguments.device_files {
        device_files::show()?;
    }
    let program = &arguments.command[0];
    let mut command = Command::new(program);
    command.args(&arguments.command[1..]);
    for name in POOL_VARIABLES {
        command.env_remove(name);
    }
    let error = command.envs(set).exec();
    bail!("start {}: {error}", program.to_string_lossy())
}

fn memory(text: &str) -> Result<ByteSize, String> {
    let size: ByteSize = text.parse().map_err(|error| format!("{error}"))?;
    if MEMORY_BYTES.contains(&size.0) {
        return Ok(size);
    }
    Err("a soft GPU has from 16MiB to 1TiB of memory".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_a_least_and_a_most() {
        assert_eq!(memory("2G").unwrap().0, 2 << 30);
        assert!(memory("1M").is_err());
        assert!(memory("2T").is_err());
        assert!(memory("much").is_err());
    }
}
