//! The worker: a process that hosts one session. It takes calls from the session's rings in order,
//! translates handles, charges what allocates, and calls a loaded libcuda. It does not know who the
//! client is or what it may hold: that is the daemon's. Read [`control`] for how it is started,
//! `intake` for the way of a call.

mod arena;
mod beside;
mod callback;
mod charge;
pub mod confine;
pub mod control;
mod custom;
mod exports;
mod fault;
mod gate;
pub mod grants;
mod handles;
mod host;
mod images;
mod intake;
mod issue;
mod landing;
mod last_kernel;
pub mod ledger;
pub mod meter;
mod native;
mod null;
mod output;
pub mod prompt;
mod recent;
mod reply;
mod session;
pub mod shared;
mod source;
#[cfg(test)]
mod tests;
mod trace;
mod upload;
mod waiters;
mod watch;

/// What follows from the table of driver calls.
mod generated {
    pub(super) mod dispatch;
}

pub use self::watch::FAULTS_VARIABLE;

use std::path::PathBuf;

/// In place of a library's path: the driver that does nothing, built in.
pub const NULL_DRIVER: &str = "null";

/// Longest image, in bytes.
pub const IMAGE_BYTES_MAX: u64 = upload::ASSEMBLED_BYTES_MAX;

/// How the daemon starts a worker.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The libcuda.so.1 to open, or [`NULL_DRIVER`].
    pub driver: PathBuf,
    /// Number of the inherited descriptor of the daemon's channel.
    pub control_fd: i32,
    /// Report the driver's devices and exit.
    pub probe: bool,
    /// Host nothing: report the errors of GPUs.
    pub watch: bool,
    /// What it may do.
    pub confinement: confine::Confinement,
}

/// Hosts a session until it ends, or probes the driver.
pub fn main(arguments: &Arguments) -> anyhow::Result<()> {
    host::main(arguments)
}
