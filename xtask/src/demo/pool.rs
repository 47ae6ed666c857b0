//! A server of the demo's own: started on free ports in a scratch folder, asked for its counters,
//! and ended with the demo.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::report::{DriverCounters, PathCounters};
use crate::exec;
use crate::layout::Layout;

/// How long a server may take to open its doors, and a session to appear among the ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; dropped, it ends.
#[derive(Debug)]
pub(crate) struct Pool {
    child: Child,
    rigel: PathBuf,
    socket: PathBuf,
    token_file: PathBuf,
    quic_url: String,
}

/// One entry of `rigel status --json`, as far as the demo reads it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: u64,
    ended: bool,
    pub(crate) path: PathCounters,
    pub(crate) driver: Option<DriverCounters>,
}

#[derive(Debug, Deserialize)]
struct Status {
    sessions: Vec<Session>,
}

impl Pool {
    /// Starts `rigel serve` on the soft driver and waits until it serves.
    pub(crate) fn start(layout: &Layout, scratch: &Path) -> Result<Self> {
        let socket = scratch.join("rigel.sock");
        let token = random_token()?;
        let token_file = scratch.join("token");
        fs::write(&token_file, &token).context("write the token")?;
        let config = scratch.join("rigel.toml");
        fs::write(
            &config,
            configuration(&socket, &scratch.join("state"), &token),
        )
        .context("write the server's configuration")?;
        let mut child = Command::new(&layout.rigel)
            .args(["serve", "--config"])
            .arg(&config)
            .env("RIGEL_SOCKET", &socket)
            // A GPU of the demo's own, whoever else runs on a soft one.
            .env("RIGEL_SOFT_SHARED", scratch.join("soft-gpu"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("start `rigel serve`")?;
        let said = listen_to(&mut child)?;
        // Made before the wait, so that a server that never answers is ended too.
        let mut pool = Self {
            child,
            rigel: layout.rigel.clone(),
            socket,
            token_file,
            quic_url: String::new(),
        };
        pool.quic_url = wait_for_url(&said)?;
        pool.sessions()
            .context("ask the new server for its status")?;
        Ok(pool)
    }

    /// A command that runs `line` on this pool, over its socket or over QUIC.
    pub(crate) fn run_command(&self, quic: bool, line: &[std::ffi::OsString]) -> Command {
        let address = if quic {
            self.quic_url.as_str()
        } else {
            "local"
        };
        let mut command = Command::new(&self.rigel);
        command
            .args(["run", "--pool", address, "--token-file"])
            .arg(&self.token_file);
        command.arg("--").args(line);
        command.env("RIGEL_SOCKET", &self.socket);
        command
    }

    /// The highest session number so far.
    pub(crate) fn last_session(&self) -> Result<u64> {
        Ok(self
            .sessions()?
            .iter()
            .map(|session| session.id)
            .max()
            .unwrap_or(0))
    }

    /// The one session that began after number `after`, once it has ended with its counters in.
    pub(crate) fn ended_session(&self, after: u64) -> Result<Session> {
        let started = Instant::now();
        loop {
            let new: Vec<_> = self
                .sessions()?
                .into_iter()
                .filter(|session| session.id > after)
                .collect();
            if let [session] = new.as_slice()
                && session.ended
            {
                return Ok(session.clone());
            }
            if started.elapsed() > PATIENCE {
                bail!("one ended session was expected, the server lists {new:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kernels that its sessions have launched, as far as it remembers them.
    pub(crate) fn launches(&self) -> Result<u64> {
        let sessions = self.sessions()?;
        Ok(sessions.iter().map(|session| session.path.launches).sum())
    }

    fn sessions(&self) -> Result<Vec<Session>> {
        let mut command = Command::new(&self.rigel);
        command
            .args(["status", "--json"])
            .env("RIGEL_SOCKET", &self.socket);
        let text = exec::stdout(&mut command)?;
        let status: Status = serde_json::from_str(&text).context("understand `rigel status`")?;
        Ok(status.sessions)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Asked first, so that it can end its workers.
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let deadline = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything the server says, line by line; the threads end with it.
fn listen_to(child: &mut Child) -> Result<mpsc::Receiver<String>> {
    let (sender, said) = mpsc::channel();
    let stdout = child
        .stdout
        .take()
        .context("the server's output is piped")?;
    let stderr = child
        .stderr
        .take()
        .context("the server's errors are piped")?;
    let other = sender.clone();
    std::thread::spawn(move || {
        BufReader::new(stdout)
            .lines()
            .map_while(|line| line.ok())
            .for_each(|line| {
                let _ = sender.send(line);
            });
    });
    std::thread::spawn(move || {
        BufReader::new(stderr)
            .lines()
            .map_while(|line| line.ok())
            .for_each(|line| {
                let _ = other.send(line);
            });
    });
    Ok(said)
}

/// The address the server prints, with its certificate's fingerprint.
fn wait_for_url(said: &mpsc::Receiver<String>) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    let mut heard = Vec::new();
    while let Ok(line) = said.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if let Some(url) = quic_url(&line) {
            return Ok(url.to_owned());
        }
        heard.push(line);
    }
    bail!(
        "`rigel serve` announced no quic:// address; it said:\n{}",
        heard.join("\n")
    )
}

/// The `quic://` address in a line, without quotes or punctuation around it.
fn quic_url(line: &str) -> Option<&str> {
    let url = &line[line.find("quic://")?..];
    let end = url.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '\x1b'));
    let url = &url[..end.unwrap_or(url.len())];
    url.contains("fingerprint=").then_some(url)
}

fn configuration(socket: &Path, state: &Path, token: &str) -> String {
    let (socket, state) = (socket.display(), state.display());
    format!(
        "[server]\nsocket = \"{socket}\"\nstate_dir = \"{state}\"\nlisten = \"127.0.0.1:0\"\n\
         driver = \"soft\"\n\n[[lease]]\nname = \"demo\"\ntoken = \"{token}\"\n"
    )
}

fn random_token() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    let mut source = fs::File::open("/dev/urandom").context("open the random source")?;
    source.read_exact(&mut bytes).context("read random bytes")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quic_url_found_between_other_words() {
        let url = "quic://127.0.0.1:7400?fingerprint=ab12";
        for line in [
            url.to_owned(),
            format!("listening on {url}"),
            format!("url=\"{url}\", tls"),
        ] {
            assert_eq!(quic_url(&line), Some(url), "{line}");
        }
        assert_eq!(quic_url("listening on quic://127.0.0.1:7400"), None);
        assert_eq!(quic_url("listening"), None);
    }
}
