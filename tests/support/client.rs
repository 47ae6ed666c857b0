//! An unmodified program, run in one of three ways, with a deadline.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::PATIENCE;
use crate::installation::Installation;
use crate::server::Server;

/// How a program's driver calls travel.
#[derive(Debug, Clone, Copy)]
pub enum Mode<'a> {
    /// Into the soft driver, in the program's own process.
    Direct,
    /// Through the pool, in shared memory.
    SharedMemory(&'a Server),
    /// Through the pool, over QUIC.
    Quic(&'a Server),
}

/// A program and its arguments.
#[derive(Debug, Clone)]
pub struct Client {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    requests: Vec<OsString>,
    lease: String,
    device_files: bool,
}

/// What a program left.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed: equal however its calls travelled.
    pub stdout: String,
    /// What it, and our library in it, had to say besides.
    pub stderr: String,
}

/// A program that is still running, spoken to line by line.
#[derive(Debug)]
pub struct RunningClient {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
    /// What was taken from `stderr` for a failure, before the end.
    complaints: String,
}

impl Mode<'_> {
    /// Its name in failures.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::SharedMemory(_) => "shared memory",
            Self::Quic(_) => "quic",
        }
    }
}

impl Client {
    /// A program without arguments.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            requests: Vec::new(),
            lease: "tests".to_owned(),
            device_files: false,
        }
    }

    /// One of the Python clients.
    pub fn python(installation: &Installation, script: &str) -> Self {
        let script = Installation::sources().join("python").join(script);
        Self::new(installation.python()).argument(script)
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Lets it see NVIDIA's device files, however it is run.
    #[must_use]
    pub fn device_files(mut self) -> Self {
        self.device_files = true;
        self
    }

    /// Adds an option of `rigel run`; for the pooled modes.
    #[must_use]
    pub fn request(mut self, option: &str) -> Self {
        self.requests.push(option.into());
        self
    }

    /// Presents the token of this lease instead of that of `tests`.
    #[must_use]
    pub fn lease(mut self, name: &str) -> Self {
        self.lease = name.to_owned();
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Whether the program was built.
    pub fn exists(&self) -> bool {
        self.program.exists()
    }

    /// Runs it to its end.
    pub fn run(&self, mode: Mode<'_>) -> Result<Output> {
        self.start(mode)?.finish()
    }

    /// Starts it.
    pub fn start(&self, mode: Mode<'_>) -> Result<RunningClient> {
        let installation = Installation::find()?;
        let mut command = match mode {
            Mode::Direct => self.direct(&installation),
            Mode::SharedMemory(server) => self.pooled(&installation, server, "local"),
            Mode::Quic(server) => self.pooled(&installation, server, server.quic_url()),
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // Python would write its caches beside the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        RunningClient::start(&mut command)
    }

    fn direct(&self, installation: &Installation) -> Command {
        let mut command = if self.device_files {
            let mut command = Command::new(installation.rigel());
            command
                .args(["soft", "--device-files", "--"])
                .arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command.args(&self.arguments);
        command.env(
            "LD_LIBRARY_PATH",
            join(&[installation.soft(), installation.nvml()]),
        );
        command.envs(soft_environment(installation));
        // As a server of the tests: a GPU of its own.
        command.env("RIGEL_SOFT_SHARED", "off");
        command
    }

    /// `rigel run` sets what a soft pool needs by itself.
    fn pooled(&self, installation: &Installation, server: &Server, address: &str) -> Command {
        let mut command = Command::new(installation.rigel());
        command.args(["run", "--pool", address, "--token-file"]);
        command
            .arg(server.token_file(&self.lease))
            .args(&self.requests)
            .args(self.device_files.then_some("--device-files"))
            .arg("--")
            .arg(&self.program);
        command
            .args(&self.arguments)
            .env("RIGEL_SOCKET", server.socket());
        command
    }
}

impl Output {
    /// The library that answered the program's driver calls, by its own testimony.
    pub fn attested(&self) -> Option<&Path> {
        self.stderr
            .lines()
            .find_map(|line| line.strip_prefix("attest: "))
            .map(Path::new)
    }

    /// Fails with everything the program said unless it ended well.
    pub fn check(&self, name: &str) -> Result<()> {
        if self.status.success() {
            return Ok(());
        }
        bail!(
            "{name} ended with {}\nout:\n{}\nerr:\n{}",
            self.status,
            self.stdout,
            self.stderr
        )
    }
}

impl RunningClient {
    /// Starts a command whose input and output are spoken through.
    pub fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", command.get_program().to_string_lossy()))?;
        let stdin = child.stdin.take();
        let stdout = lines(
            child
                .stdout
                .take()
                .context("the program's output is piped")?,
        );
        let stderr = lines(
            child
                .stderr
                .take()
                .context("the program's errors are piped")?,
        );
        Ok(Self {
            child,
            stdin,
            stdout,
            stderr,
            complaints: String::new(),
        })
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Gives it a line to read.
    pub fn say(&mut self, line: &str) -> Result<()> {
        let stdin = self
            .stdin
            .as_mut()
            .context("the program's input is still open")?;
        writeln!(stdin, "{line}").context("speak to the program")?;
        stdin.flush().context("speak to the program")
    }

    /// The next line it prints.
    pub fn hear(&mut self) -> Result<String> {
        match self.stdout.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line.trim_end().to_owned()),
            Err(_) => {
                // It has ended, or hangs: what it complains of comes now or not at all.
                self.complaints
                    .push_str(&rest(&self.stderr, Duration::from_secs(1)));
                bail!(
                    "the program said nothing more; its errors: {}",
                    self.complaints
                )
            }
        }
    }

    /// Says a line and returns the answer.
    pub fn ask(&mut self, line: &str) -> Result<String> {
        self.say(line)?;
        self.hear()
    }

    /// Kills it, as the system would.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill().context("kill the program")?;
        self.child.wait().context("wait for the killed program")?;
        Ok(())
    }

    /// Closes its input and waits for its end.
    pub fn finish(mut self) -> Result<Output> {
        drop(self.stdin.take());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().context("wait for the program")? {
                break status;
            }
            if started.elapsed() > PATIENCE {
                self.child.kill().context("end a hung program")?;
                self.child.wait().context("wait for the ended program")?;
                let errors: String = self.stderr.iter().collect();
                bail!("the program hung; its errors:\n{errors}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        // The pipes close with the program; what it left running keeps them open no longer than this.
        let patience = Duration::from_secs(10);
        let stderr = self.complaints.clone() + &rest(&self.stderr, patience);
        Ok(Output {
            status,
            stdout: rest(&self.stdout, patience),
            stderr,
        })
    }
}

impl Drop for RunningClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program in every mode; it must end well, print the same, and attest the right library.
pub fn run_alike(client: &Client, server: &Server) -> Result<String> {
    let installation = Installation::find()?;
    let modes = [
        (Mode::Direct, installation.soft()),
        (Mode::SharedMemory(server), installation.shim()),
        (Mode::Quic(server), installation.shim()),
    ];
    let mut expected: Option<String> = None;
    for (mode, library) in modes {
        let name = format!("{} ({})", client.program.display(), mode.name());
        let output = client.run(mode).with_context(|| name.clone())?;
        output.check(&name)?;
        let attested = output
            .attested()
            .with_context(|| format!("{name} attests nothing"))?;
        let attested = attested
            .canonicalize()
            .with_context(|| format!("{name}: find {}", attested.display()))?;
        // Our NVML stands in its own folder, whichever the path.
        let right = [&library, &installation.nvml()]
            .map(|folder| folder.canonicalize().ok())
            .iter()
            .any(|folder| folder.as_deref() == attested.parent());
        if !right {
            bail!(
                "{name} used {}, not {}",
                attested.display(),
                library.display()
            );
        }
        match &expected {
            None => expected = Some(output.stdout),
            Some(text) if *text == output.stdout => {}
            Some(text) => {
                bail!(
                    "{name} printed\n{}\nbut directly it printed\n{text}",
                    output.stdout
                )
            }
        }
    }
    expected.context("there is at least one mode")
}

/// What `rigel run` sets for clients of a soft pool, for those that run directly; see
/// `docs/clients.md`.
fn soft_environment(installation: &Installation) -> [(&'static str, OsString); 6] {
    let ptxas = installation.soft().join("ptxas");
    [
        ("CUPY_COMPILE_WITH_PTX", "1".into()),
        ("CUDA_ROOT", installation.soft().into()),
        ("TRITON_PTXAS_PATH", ptxas.clone().into()),
        ("TRITON_PTXAS_BLACKWELL_PATH", ptxas.into()),
        ("TRITON_LIBCUDA_PATH", installation.soft().into()),
        ("NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS", "0".into()),
    ]
}

fn join(folders: &[PathBuf]) -> OsString {
    let mut joined = OsString::new();
    for folder in folders {
        if !joined.is_empty() {
            joined.push(":");
        }
        joined.push(folder);
    }
    joined
}

/// Everything that still comes, until the pipe closes or is silent for this long.
fn rest(lines: &mpsc::Receiver<String>, patience: Duration) -> String {
    let mut text = String::new();
    while let Ok(line) = lines.recv_timeout(patience) {
        text.push_str(&line);
    }
    text
}

/// The lines a pipe says, with their ends; the thread ends with the pipe.
fn lines(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        let mut pending = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let n = pipe.read(&mut chunk).unwrap_or(0);
            pending.extend_from_slice(&chunk[..n]);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
            if n == 0 {
                if !pending.is_empty() {
                    let _ = sender.send(String::from_utf8_lossy(&pending).into_owned());
                }
                return;
            }
        }
    });
    lines
}
