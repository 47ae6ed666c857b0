//! `rigel worker`: what the daemon starts for each session. Not for people.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

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
}

/// Hosts the session until it ends.
pub(crate) fn main(arguments: WorkerArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("info");
    rigel_pool_server::worker::main(&rigel_pool_server::worker::Arguments {
        driver: arguments.driver,
        control_fd: arguments.control_fd,
        probe: arguments.probe,
    })?;
    Ok(ExitCode::SUCCESS)
}
