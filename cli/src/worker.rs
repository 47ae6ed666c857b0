//! `rigel worker`: what the daemon starts for each session. Not for people.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rigel_pool_server::config::WorkerFilter;
use rigel_pool_server::worker::confine::{Confinement, WorkerUser};

/// Host one session (started by the daemon).
#[derive(Debug, Args)]
pub(crate) struct WorkerArguments {
    /// The libcuda.so.1 to open.
    #[arg(long, value_name = "PATH")]
    driver: PathBuf,

    /// Number of the inherited descriptor of the daemon's channel.
    #[arg(long, value_name = "FD")]
    control_fd: i32,

    /// Report the driver's devices and exit.
    #[arg(long)]
    probe: bool,

    /// Report the errors of GPUs instead.
    #[arg(long)]
    watch: bool,

    /// The user it becomes.
    #[arg(long, value_name = "UID", requires = "gid")]
    uid: Option<u32>,

    /// The group it becomes.
    #[arg(long, value_name = "GID", requires = "uid")]
    gid: Option<u32>,

    /// What becomes of system calls that no driver makes: enforce, log or off.
    #[arg(long, value_name = "FILTER", default_value = "enforce")]
    filter: WorkerFilter,
}

/// Hosts the session until it ends.
pub(crate) fn main(arguments: WorkerArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("info");
    rigel_pool_server::worker::main(&rigel_pool_server::worker::Arguments {
        driver: arguments.driver,
        control_fd: arguments.control_fd,
        probe: arguments.probe,
        watch: arguments.watch,
        confinement: Confinement {
            user: arguments
                .uid
                .zip(arguments.gid)
                .map(|(uid, gid)| WorkerUser { uid, gid }),
            filter: arguments.filter,
        },
    })?;
    Ok(ExitCode::SUCCESS)
}
