//! `rigel serve`: the daemon, from a configuration file, from options, or from nothing at all.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use rigel_pool_server::config::Config;
use rigel_pool_server::daemon::{self, Reread};

/// Own this machine's GPUs and share them among clients.
///
/// With no configuration: NVIDIA's driver if there is one, else the soft driver, which runs kernels
/// on the CPU; a local socket; one lease that holds everything, for the user who runs the server and
/// for the holder of a random token that is printed once. Options override the file.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Configuration file (TOML); see docs/operations.md.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Socket for clients of this host.
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,

    /// Address and UDP port for clients of other hosts (QUIC, TLS 1.3), such as 0.0.0.0:7400; port
    /// 0 takes a free one. The URL for clients is printed.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Folder for the server's certificate.
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,

    /// `auto`, `nvidia`, `soft`, or the path of a libcuda.so.1.
    #[arg(long, value_name = "DRIVER")]
    driver: Option<String>,

    /// Check the configuration and the files that it names, and exit.
    #[arg(long)]
    check_config: bool,
}

/// Runs the daemon until it is told to stop: SIGTERM drains it first, SIGINT does not; SIGHUP reads the
/// configuration again; SIGUSR2 starts the installed program in its place.
pub(crate) fn main(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("info");
    let config = arguments.config()?;
    if arguments.check_config {
        daemon::check(&config)?;
        println!("configuration ok: {} leases", config.leases.len());
        return Ok(ExitCode::SUCCESS);
    }
    let reread: Option<Box<Reread>> = match arguments.config {
        None => None,
        Some(_) => Some(Box::new(move || arguments.config())),
    };
    daemon::run(&config, reread)?;
    Ok(ExitCode::SUCCESS)
}

impl ServeArguments {
    /// The file, if there is one, and the options over it.
    fn config(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            Some(path) => Config::load(path)?,
            None => Config::default(),
        };
        let server = &mut config.server;
        server.socket = self.socket.clone().or(server.socket.take());
        server.listen = self.listen.or(server.listen);
        server.state_dir = self.state_dir.clone().or(server.state_dir.take());
        server.driver = self.driver.clone().or(server.driver.take());
        Ok(config)
    }
}
