//! A server of the bench's own, and this binary as its client.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::client::Figures;

/// How a client reaches the pool.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Link {
    /// The same host.
    SharedMemory,
    /// QUIC over loopback, TLS included.
    Quic,
}

impl Link {
    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SharedMemory => "shm",
            Self::Quic => "quic",
        }
    }
}

/// A running server; dropped, it ends.
pub(crate) struct Pool {
    server: Child,
    rigel: PathBuf,
    folder: tempfile::TempDir,
    url: String,
}

const TOKEN: &str = "bench";

impl Pool {
    /// Starts `rigel serve` on the soft driver, which skips kernels, and waits until it is ready.
    pub(crate) fn start(layout: &Path) -> Result<Self> {
        let rigel = layout
            .join("bin/rigel")
            .canonicalize()
            .context("find bin/rigel")?;
        let folder = tempfile::tempdir().context("make a scratch folder")?;
        let config = folder.path().join("rigel.toml");
        let text = format!(
            "[server]\nsocket = {:?}\nstate_dir = {:?}\nlisten = \"127.0.0.1:0\"\n\
             driver = \"soft\"\nworker_env = {{ RIGEL_SOFT_KERNELS = \"skip\" }}\n\
             [[lease]]\nname = \"bench\"\ntoken = \"{TOKEN}\"\n",
            folder.path().join("rigel.sock"),
            folder.path().join("state"),
        );
        std::fs::write(&config, text).context("write the server's configuration")?;
        let mut server = Command::new(&rigel)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .env("RIGEL_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("start `rigel serve`")?;
        let said = server
            .stdout
            .take()
            .context("the server's output is piped")?;
        let mut pool = Self {
            server,
            rigel,
            folder,
            url: String::new(),
        };
        for line in BufReader::new(said).lines() {
            let line = line.context("read what the server says")?;
            if let Some(at) = line.find("quic://") {
                pool.url = line[at..]
                    .split(['\'', ' '])
                    .next()
                    .unwrap_or_default()
                    .into();
            }
            if line == "rigel: ready" {
                return Ok(pool);
            }
        }
        bail!("the server ended before it was ready")
    }

    /// Runs this binary as a client and reads its figures.
    pub(crate) fn client(&self, link: Link, rounds: usize) -> Result<Figures> {
        let address = match link {
            Link::SharedMemory => {
                format!("unix:{}", self.folder.path().join("rigel.sock").display())
            }
            Link::Quic => self.url.clone(),
        };
        let output = Command::new(&self.rigel)
            .args(["run", "--pool", &address, "--"])
            .arg(std::env::current_exe().context("find this program")?)
            .args(["client", "--rounds", &rounds.to_string()])
            .env("RIGEL_TOKEN", TOKEN)
            .stderr(Stdio::inherit())
            .output()
            .context("start the client")?;
        if !output.status.success() {
            bail!("the client over {} failed: {}", link.name(), output.status);
        }
        serde_json::from_slice(&output.stdout).context("read the client's figures")
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Asked first, so that it can end its workers.
        let _ = Command::new("kill")
            .arg(self.server.id().to_string())
            .status();
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
