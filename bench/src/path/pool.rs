//! A server of the bench's own, and this binary as its client. Read [`Pool`] first.

use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::client::Figures;

/// How a client reaches the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The same host.
    SharedMemory,
    /// QUIC over loopback, TLS included.
    Quic,
}

impl Link {
    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SharedMemory => "shm",
            Self::Quic => "quic",
        }
    }
}

/// A running server; dropped, it ends.
pub(super) struct Pool {
    server: Child,
    layout: PathBuf,
    folder: tempfile::TempDir,
    url: String,
    /// The program that server and clients are started with.
    under: Vec<String>,
}

/// A client that runs. Dropped, it ends.
pub(super) struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

const TOKEN: &str = "bench";

impl Pool {
    /// Starts `rigel serve` on the driver that does nothing, and waits until it is ready.
    pub(super) fn start(layout: &Path) -> Result<Self> {
        Self::start_under(&[], layout)
    }

    /// The same, with rings for a long path.
    pub(super) fn start_for_long_path(layout: &Path) -> Result<Self> {
        Self::start_with(&[], "bulk_window = \"8MiB\"\n", layout)
    }

    /// The same, with server and clients started by another program.
    pub(super) fn start_under(under: &[&str], layout: &Path) -> Result<Self> {
        Self::start_with(under, "", layout)
    }

    fn start_with(under: &[&str], settings: &str, layout: &Path) -> Result<Self> {
        let layout = layout.canonicalize().context("find the layout")?;
        let folder = tempfile::tempdir().context("make a scratch folder")?;
        let config = folder.path().join("rigel.toml");
        let text = format!(
            "[server]\nsocket = {:?}\nstate_dir = {:?}\nlisten = \"127.0.0.1:0\"\n\
             lanes = [\"tcp\", \"tcp+tls\"]\n\
             driver = \"null\"\nsessions_max = 512\n{settings}\
             [[lease]]\nname = \"bench\"\ntoken = \"{TOKEN}\"\nsessions = 512\n",
            folder.path().join("rigel.sock"),
            folder.path().join("state"),
        );
        std::fs::write(&config, text).context("write the server's configuration")?;
        let mut server = started_by(under, &layout.join("bin/rigel"))
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .env("RIGEL_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("start `rigel serve`")?;
        let said = server.stdout.take();
        let said = said.context("the server's output is piped")?;
        let mut pool = Self {
            server,
            layout,
            folder,
            url: String::new(),
            under: under.iter().map(|&word| word.to_owned()).collect(),
        };
        for line in BufReader::new(said).lines() {
            let line = line.context("read what the server says")?;
            if let Some(at) = line.find("quic://") {
                let url = line[at..].split(['\'', ' ']).next();
                pool.url = url.unwrap_or_default().into();
            }
            if line == "rigel: ready" {
                return Ok(pool);
            }
        }
        bail!("the server ended before it was ready")
    }

    /// A scratch folder that lives as long as the server.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs this binary as a client and reads its figures.
    pub(super) fn client(&self, link: Link, part: &str) -> Result<Figures> {
        let output = self.command(link, &[], part)?.output();
        figures(part, output.context("start the client")?)
    }

    /// The same, with settings in the client's environment.
    pub(super) fn client_with(
        &self,
        link: Link,
        settings: &[(&str, &str)],
        part: &str,
    ) -> Result<Figures> {
        let mut command = self.command(link, &[], part)?;
        let output = command.envs(settings.iter().copied()).output();
        figures(part, output.context("start the client")?)
    }

    /// The same, with the client's own counters written to a file.
    pub(super) fn client_with_stats(
        &self,
        link: Link,
        part: &str,
        stats: &Path,
    ) -> Result<Figures> {
        let mut command = self.command(link, &[], part)?;
        let output = command.env("RIGEL_STATS", stats).output();
        figures(part, output.context("start the client")?)
    }

    /// Runs this binary as a client of its own under another program, whose errors are returned.
    pub(super) fn client_under(&self, link: Link, under: &[&str], part: &str) -> Result<String> {
        let mut command = self.command(link, under, part)?;
        let output = command.stderr(Stdio::piped()).output()?;
        if !output.status.success() {
            bail!(
                "{under:?} failed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Starts a client, to be waited for later.
    pub(super) fn begin(&self, link: Link, part: &str) -> Result<Running> {
        let mut command = self.command(link, &[], part)?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("start a client")?;
        let lines = child
            .stdout
            .take()
            .context("the client's output is piped")?;
        Ok(Running {
            child,
            lines: BufReader::new(lines),
        })
    }

    /// The server's process id.
    pub(super) fn pid(&self) -> u32 {
        self.server.id()
    }

    /// The worker processes: the server's children.
    pub(super) fn workers(&self) -> Result<Vec<u32>> {
        let task = format!("/proc/{0}/task", self.server.id());
        let mut workers = Vec::new();
        for thread in std::fs::read_dir(task).context("look at the server's threads")? {
            let children = std::fs::read_to_string(thread?.path().join("children"))?;
            workers.extend(
                children
                    .split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
        Ok(workers)
    }

    /// The client is started as the programs of users are, but without the `rigel run` in between, which is
    /// not on the way of a call.
    fn command(&self, link: Link, under: &[&str], part: &str) -> Result<Command> {
        let address = match link {
            Link::SharedMemory => {
                format!("unix:{}", self.folder.path().join("rigel.sock").display())
            }
            Link::Quic => self.url.clone(),
        };
        let this = std::env::current_exe().context("find this program")?;
        let own = self.under.iter().map(String::as_str);
        let under: Vec<&str> = own.chain(under.iter().copied()).collect();
        let mut command = started_by(&under, &this);
        command
            .arg("client")
            .args(part.split_whitespace())
            .env("LD_LIBRARY_PATH", self.layout.join("shim"))
            .env("RIGEL_POOL", address)
            .env("RIGEL_TOKEN", TOKEN)
            .stderr(Stdio::inherit());
        Ok(command)
    }
}

impl Running {
    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says that it is ready.
    pub(super) fn wait_ready(&mut self) -> Result<()> {
        let mut line = String::new();
        self.lines
            .read_line(&mut line)
            .context("read what the client says")?;
        match line.trim() {
            "ready" => Ok(()),
            other => bail!("a client said `{other}` in place of `ready`"),
        }
    }

    /// Lets it end, and reads its figures.
    pub(super) fn finish(mut self) -> Result<Figures> {
        drop(self.child.stdin.take());
        let mut said = String::new();
        self.lines
            .read_to_string(&mut said)
            .context("read the figures")?;
        let status = self.child.wait().context("wait for the client")?;
        if !status.success() {
            bail!("a client failed: {status}");
        }
        serde_json::from_str(&said).context("understand the figures")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
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

/// A program, or another that starts it.
fn started_by(under: &[&str], program: &Path) -> Command {
    let Some((first, arguments)) = under.split_first() else {
        return Command::new(program);
    };
    let mut command = Command::new(first);
    command.args(arguments).arg(program);
    command
}

fn figures(part: &str, output: Output) -> Result<Figures> {
    if !output.status.success() {
        bail!("the client `{part}` failed: {}", output.status);
    }
    serde_json::from_slice(&output.stdout).context("understand the client's figures")
}
