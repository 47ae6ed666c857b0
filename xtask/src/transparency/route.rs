//! How a suite's driver calls travel: into the soft driver, or through a pool of the run's own.
//!
//! Read [`Route`] first.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::demo::pool::Pool;
use crate::layout::Layout;

/// The way to the driver.
#[derive(Debug)]
pub(super) enum Route {
    /// The soft driver, in the test's own process.
    Direct,
    /// A pool server on this machine.
    Pool {
        /// How the bytes of the rings travel.
        link: Link,
        /// The server; it ends with the route.
        pool: Box<Pool>,
    },
}

/// How a client reaches its pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Link {
    /// Shared memory.
    Shm,
    /// QUIC on the loopback interface.
    Quic,
}

impl Link {
    /// Its name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Shm => "shm",
            Self::Quic => "quic",
        }
    }
}

impl Route {
    /// Starts a server for a route through the pool.
    pub(super) fn start(link: Link, layout: &Layout, scratch: &Path) -> Result<Self> {
        let folder = scratch.join(format!("pool-{}", link.name()));
        std::fs::create_dir_all(&folder).context("create the server's folder")?;
        let pool = Box::new(Pool::start(layout, &folder)?);
        Ok(Self::Pool { link, pool })
    }

    /// Its name in reports.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Pool { link, .. } => link.name(),
        }
    }

    /// A command that runs a line on this route.
    pub(super) fn command(&self, layout: &Layout, line: &[OsString]) -> Command {
        match self {
            Self::Direct => {
                let mut command = Command::new(&layout.rigel);
                command
                    .args(["soft", "--stats", "stats-%p.json", "--"])
                    .args(line);
                // A GPU of the process's own, whoever else runs on a soft one.
                command.env("RIGEL_SOFT_SHARED", "off");
                command
            }
            Self::Pool { link, pool } => pool.run_command(*link == Link::Quic, line),
        }
    }

    /// The library that must answer the driver calls.
    pub(super) fn library(&self, layout: &Layout) -> PathBuf {
        let folder = match self {
            Self::Direct => "soft",
            Self::Pool { .. } => "shim",
        };
        layout.root.join(folder).join("libcuda.so.1")
    }

    /// Kernels launched by processes that ran in this folder, as far as counters tell.
    pub(super) fn launches(&self, folder: &Path) -> Result<u64> {
        match self {
            Self::Direct => counted(folder),
            Self::Pool { pool, .. } => pool.launches(),
        }
    }
}

/// The sum over the counters that the soft driver left in a folder.
fn counted(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with("stats-") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let counters: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        sum += counters["launches"].as_u64().unwrap_or(0);
    }
    Ok(sum)
}
