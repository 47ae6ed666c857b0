//! A `rigel serve` of the test's own: temporary folders, free ports, a deadline, no trace left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::installation::Installation;
use crate::manager::Manager;

/// How long a server may take to open its doors.
const START_MAX: Duration = Duration::from_secs(30);
/// How often a condition on the server is looked at.
const POLL: Duration = Duration::from_millis(20);

/// A running server; dropped, it ends.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: Arc<TempDir>,
    rigel: PathBuf,
    log: Arc<Mutex<String>>,
    quic_url: String,
    manager: Option<Arc<Manager>>,
}

/// How a test's server differs from the plainest one.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Its leases; the first is the one that clients use unless they say otherwise.
    pub leases: Vec<Lease>,
    /// Environment of its workers, on top of the server's.
    pub worker_env: Vec<(String, String)>,
    /// More lines for `[server]`; `{folder}` in them is the server's own folder.
    pub settings: Vec<String>,
    /// Who keeps what it leaves; by default nobody.
    pub manager: Option<Arc<Manager>>,
}

/// A lease in the server's configuration.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Its name, and the first half of its token.
    pub name: String,
    /// More lines of it, such as `memory = "1GiB"`.
    pub settings: Vec<String>,
    /// Whether it has a token in the configuration.
    pub has_token: bool,
}

impl Lease {
    /// A lease with these settings.
    pub fn new(name: &str, settings: &[&str]) -> Self {
        let settings = settings.iter().map(|&line| line.to_owned()).collect();
        Self {
            name: name.to_owned(),
            settings,
            has_token: true,
        }
    }

    /// A kind of lease of which there are so many, each for one token made at run time.
    pub fn instances(name: &str, n: u32, settings: &[&str]) -> Self {
        let mut lease = Self::new(name, settings);
        lease.settings.push(format!("instances = {n}"));
        lease.has_token = false;
        lease
    }

    /// The secret that opens it.
    pub fn token(&self) -> String {
        format!("{}-secret", self.name)
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            leases: vec![Lease::new("tests", &[])],
            worker_env: Vec::new(),
            settings: Vec::new(),
            manager: None,
        }
    }
}

impl Server {
    /// Starts the plainest server: the soft driver, one lease of everything.
    pub fn start() -> Result<Self> {
        Self::start_with(&ServerOptions::default())
    }

    /// Starts a server and waits until it serves.
    pub fn start_with(options: &ServerOptions) -> Result<Self> {
        let installation = Installation::find()?;
        let folder = TempDir::new().context("make the server's folder")?;
        for lease in &options.leases {
            fs::write(
                folder.path().join(format!("{}.token", lease.name)),
                lease.token(),
            )
            .context("write a token")?;
        }
        // Its workers have users of their own, and pass through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711))
            .context("let workers in")?;
        let config = folder.path().join("rigel.toml");
        fs::write(&config, configuration(options, folder.path())).context("write the settings")?;
        let log = Arc::new(Mutex::new(String::new()));
        let manager = options.manager.clone();
        let rigel = installation.rigel();
        let mut server = Self {
            child: launch(&rigel, folder.path(), manager.as_deref(), &log)?,
            folder: Arc::new(folder),
            rigel,
            log,
            quic_url: String::new(),
            manager,
        };
        server.quic_url = server.wait_until_serving(0)?;
        Ok(server)
    }

    /// Kills it, as a crash would, and starts it again as its manager does.
    pub fn crash(&mut self) -> Result<()> {
        self.crash_and(|| Ok(()))
    }

    /// Likewise; something happens in between.
    pub fn crash_and(&mut self, meanwhile: impl FnOnce() -> Result<()>) -> Result<()> {
        self.child.kill().context("kill the server")?;
        self.child.wait().context("wait for the killed server")?;
        meanwhile()?;
        let said = self.log().len();
        let (folder, manager) = (self.folder.path(), self.manager.as_deref());
        self.child = launch(&self.rigel, folder, manager, &self.log)?;
        self.quic_url = self.wait_until_serving(said)?;
        Ok(())
    }

    /// Has it start anew in its own place.
    pub fn replace(&mut self) -> Result<()> {
        let said = self.log().len();
        self.signal("USR2")?;
        self.quic_url = self.wait_until_serving(said)?;
        Ok(())
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The Unix socket for clients of this host.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("rigel.sock")
    }

    /// The file with a lease's token.
    pub fn token_file(&self, lease: &str) -> PathBuf {
        self.folder.path().join(format!("{lease}.token"))
    }

    /// The address for clients elsewhere, with the certificate's fingerprint.
    pub fn quic_url(&self) -> &str {
        &self.quic_url
    }

    /// Everything it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().map(|log| log.clone()).unwrap_or_default()
    }

    /// A command of `rigel` on this server, as the operator: what it prints, or what it complains of.
    pub fn rigel(&self, arguments: &[&str]) -> Result<std::result::Result<String, String>> {
        let output = Command::new(&self.rigel)
            .args(arguments)
            .env("RIGEL_SOCKET", self.socket())
            .output()
            .context("start `rigel`")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        })
    }

    /// `rigel status --json`.
    pub fn status(&self) -> Result<Value> {
        let output = Command::new(&self.rigel)
            .args(["status", "--json"])
            .env("RIGEL_SOCKET", self.socket())
            .output()
            .context("start `rigel status`")?;
        if !output.status.success() {
            bail!(
                "`rigel status`: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        serde_json::from_slice(&output.stdout).context("understand `rigel status`")
    }

    /// Likewise; a complaint is a failure.
    pub fn operate(&self, arguments: &[&str]) -> Result<String> {
        self.rigel(arguments)?
            .map_err(|said| anyhow!("`rigel {}`: {said}", arguments.join(" ")))
    }

    /// The open sessions of the server.
    pub fn open_sessions(&self) -> Result<Vec<Value>> {
        let status = self.status()?;
        let sessions = status["sessions"].as_array().cloned().unwrap_or_default();
        Ok(sessions
            .into_iter()
            .filter(|session| session["ended"] == false)
            .collect())
    }

    /// Waits until a condition on the server's status holds; `what` names it in the failure.
    pub fn wait_for(&self, what: &str, condition: impl Fn(&Value) -> bool) -> Result<Value> {
        let started = Instant::now();
        loop {
            let status = self.status()?;
            if condition(&status) {
                return Ok(status);
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "waited in vain for {what}; status: {status:#}\nlog:\n{}",
                    self.log()
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// Its configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.folder.path().join("rigel.toml")
    }

    /// Its folder, which stays for as long as this is kept: `state` in it is the server's own.
    pub fn state(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .context("start `kill`")?;
        sent.success().then_some(()).context("signal the server")
    }

    /// Waits until it has said this.
    pub fn wait_for_log(&self, words: &str) -> Result<()> {
        let started = Instant::now();
        while !self.log().contains(words) {
            if started.elapsed() > PATIENCE {
                bail!(
                    "the server does not say `{words}`; it said:\n{}",
                    self.log()
                );
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Waits until it ends by itself; what it has said.
    pub fn wait_until_ended(&mut self) -> Result<String> {
        let started = Instant::now();
        while self
            .child
            .try_wait()
            .context("look at the server")?
            .is_none()
        {
            if started.elapsed() > PATIENCE {
                bail!("the server does not end; it said:\n{}", self.log());
            }
            std::thread::sleep(POLL);
        }
        Ok(self.log())
    }

    /// Ends it as an operator would, and waits for it.
    pub fn stop(mut self) -> Result<String> {
        terminate(&mut self.child);
        Ok(self.log())
    }

    /// The printed address; that the status answers shows that the socket is open too.
    fn wait_until_serving(&mut self, said_before: usize) -> Result<String> {
        let started = Instant::now();
        while started.elapsed() < START_MAX {
            let log = self.log();
            let url = log[said_before..].split_whitespace().find_map(quic_url);
            if let (Some(url), Ok(_)) = (url, self.status()) {
                return Ok(url);
            }
            if let Some(status) = self.child.try_wait().context("look at the server")? {
                bail!("the server ended with {status}; it said:\n{}", self.log());
            }
            std::thread::sleep(POLL);
        }
        bail!("the server does not serve; it said:\n{}", self.log())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        terminate(&mut self.child);
        if std::thread::panicking() {
            eprintln!("the server said:\n{}", self.log());
        }
    }
}

/// Starts a server in this folder; a manager hands it what it keeps.
fn launch(
    rigel: &Path,
    folder: &Path,
    manager: Option<&Manager>,
    log: &Arc<Mutex<String>>,
) -> Result<Child> {
    let (mut command, _handed) = match manager {
        None => (Command::new(rigel), None),
        Some(manager) => {
            let (command, handed) = manager.command(rigel)?;
            (command, Some(handed))
        }
    };
    let mut child = command
        .args(["serve", "--config"])
        .arg(folder.join("rigel.toml"))
        .env("RIGEL_SOCKET", folder.join("rigel.sock"))
        // A GPU of this server's own: tests that run beside it must not queue for its turns.
        .env("RIGEL_SOFT_SHARED", folder.join("soft-gpu"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("start `rigel serve`")?;
    let output = child.stdout.take();
    collect(output.context("the server's output is piped")?, log);
    let errors = child.stderr.take();
    collect(errors.context("the server's errors are piped")?, log);
    Ok(child)
}

/// Asks a process to end, and makes it if it does not.
fn terminate(child: &mut Child) {
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    let started = Instant::now();
    while asked.is_ok() && started.elapsed() < Duration::from_secs(10) {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(POLL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn configuration(options: &ServerOptions, folder: &Path) -> String {
    let mut text = format!(
        "[server]\nsocket = \"{0}/rigel.sock\"\nstate_dir = \"{0}/state\"\n\
         listen = \"127.0.0.1:0\"\ndriver = \"soft\"\n",
        folder.display()
    );
    if !options
        .settings
        .iter()
        .any(|line| line.starts_with("drain_seconds"))
    {
        text.push_str("drain_seconds = 0.0\n");
    }
    for line in &options.settings {
        let line = line.replace("{folder}", &folder.display().to_string());
        text.push_str(&format!("{line}\n"));
    }
    if !options.worker_env.is_empty() {
        text.push_str("[server.worker_env]\n");
    }
    for (name, value) in &options.worker_env {
        text.push_str(&format!("{name} = \"{value}\"\n"));
    }
    for lease in &options.leases {
        text.push_str(&format!("[[lease]]\nname = \"{}\"\n", lease.name));
        if lease.has_token {
            text.push_str(&format!("token = \"{}\"\n", lease.token()));
        }
        for line in &lease.settings {
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}

/// Adds everything a pipe says to the log; the thread ends with the pipe.
fn collect(pipe: impl std::io::Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(|line| line.ok()) {
            if let Ok(mut log) = log.lock() {
                log.push_str(&line);
                log.push('\n');
            }
        }
    });
}

/// A `quic://` address with a fingerprint inside a word of the log.
fn quic_url(word: &str) -> Option<String> {
    let url = &word[word.find("quic://")?..];
    let end = url.find(['"', '\'', '`', ',', '\x1b']);
    let url = &url[..end.unwrap_or(url.len())];
    url.contains("fingerprint=").then(|| url.to_owned())
}
