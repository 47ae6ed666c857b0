//! Tenants: a server with their leases, their processes, and what these count. Read [`Tenant`] first.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use super::{Program, host_ns};

/// A running server; dropped, it ends.
pub(super) struct Pool {
    server: Child,
    rigel: PathBuf,
    folder: tempfile::TempDir,
}

impl Pool {
    /// Starts a server with a lease for each `compute`, and one without terms, on a soft GPU of its own.
    pub(super) fn start(layout: &Path, leases: &[&str], enforce: bool) -> Result<Self> {
        let rigel = layout.join("bin/rigel");
        let rigel = rigel.canonicalize().context("find bin/rigel")?;
        let folder = tempfile::tempdir().context("make a scratch folder")?;
        let mut text = format!(
            "[server]\nsocket = {:?}\nstate_dir = {:?}\ndriver = \"soft\"\nenforce_compute = {enforce}\n\
             [[lease]]\nname = \"free\"\ntoken = \"free\"\n",
            folder.path().join("rigel.sock"),
            folder.path().join("state"),
        );
        for (i, compute) in leases.iter().enumerate() {
            text += &format!(
                "[[lease]]\nname = \"lease{i}\"\ntoken = \"token{i}\"\ncompute = {compute}\n"
            );
        }
        let config = folder.path().join("rigel.toml");
        std::fs::write(&config, text).context("write the server's configuration")?;
        let mut server = Command::new(&rigel)
            .args(["serve", "--config"])
            .arg(&config)
            .env("RIGEL_LOG", "error")
            // A GPU is not made of the processors that its tenants' programs need.
            .env("RIGEL_SOFT_THREADS", "1")
            .env("RIGEL_SOFT_SHARED", folder.path().join("soft-gpu"))
            .stdout(Stdio::piped())
            .spawn()
            .context("start `rigel serve`")?;
        let said = server
            .stdout
            .take()
            .context("the server's output is piped")?;
        let pool = Self {
            server,
            rigel,
            folder,
        };
        let mut lines = BufReader::new(said).lines();
        match lines.any(|line| line.is_ok_and(|line| line == "rigel: ready")) {
            true => Ok(pool),
            false => bail!("the server ended before it was ready"),
        }
    }

    /// Changes a lease as an operator does: `rigel lease ORDER`.
    pub(super) fn change(&self, order: &[&str]) -> Result<()> {
        let socket = self.folder.path().join("rigel.sock");
        let done = Command::new(&self.rigel)
            .args(["lease", "--pool", &format!("unix:{}", socket.display())])
            .args(order)
            .stdout(Stdio::null())
            .status()
            .context("run `rigel lease`")?;
        ensure!(done.success(), "`rigel lease {order:?}` failed");
        Ok(())
    }

    fn process(&self, token: &str, program: Program) -> Result<Process> {
        let socket = self.folder.path().join("rigel.sock");
        let mut child = Command::new(&self.rigel)
            .args(["run", "--pool", &format!("unix:{}", socket.display()), "--"])
            .arg(std::env::current_exe().context("find this program")?)
            .args(["share-client", "--way", program.way])
            .args(["--blocks", &program.blocks.to_string()])
            .env("RIGEL_TOKEN", token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("start a tenant")?;
        let stdin = child.stdin.take().context("the tenant's input is piped")?;
        let stdout = child
            .stdout
            .take()
            .context("the tenant's output is piped")?;
        Ok(Process {
            child,
            stdin: Some(stdin),
            stdout: BufReader::new(stdout),
            went_ns: 0,
        })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Asked first, so that it can end its workers.
        let pid = self.server.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let deadline = Instant::now() + Duration::from_secs(10);
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

/// A tenant: the same program in its lease, and in one without terms.
pub(super) struct Tenant {
    pub(super) leased: Process,
    pub(super) free: Process,
}

impl Tenant {
    /// Starts both processes.
    pub(super) fn start(pool: &Pool, lease: usize, program: Program) -> Result<Self> {
        let mut tenant = Self {
            free: pool.process("free", program)?,
            leased: pool.process(&format!("token{lease}"), program)?,
        };
        let length_ns = program.kernel_us * 1000 / u64::from(program.blocks);
        for process in [&mut tenant.free, &mut tenant.leased] {
            let answer = process.ask(&format!("length {length_ns}"))?;
            ensure!(answer == "ok", "a tenant answered {answer}");
        }
        Ok(tenant)
    }
}

/// A tenant's process; dropped, it ends.
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    went_ns: u64,
}

/// What a process completed while it went.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    went_ns: u64,
    /// Times, and kernels completed until then.
    points: Vec<(u64, u64)>,
    /// Of one kernel, where it was timed.
    pub(super) latency_p99_us: f64,
}

impl Process {
    fn ask(&mut self, line: &str) -> Result<String> {
        self.say(line)?;
        let mut answer = String::new();
        self.stdout
            .read_line(&mut answer)
            .context("hear a tenant")?;
        ensure!(!answer.is_empty(), "a tenant ended at `{line}`");
        Ok(answer.trim().to_owned())
    }

    fn say(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("the tenant is asked")?;
        writeln!(stdin, "{line}").context("ask a tenant")
    }

    /// Lets it work.
    pub(super) fn go(&mut self) -> Result<()> {
        self.went_ns = host_ns()?;
        self.say("go")
    }

    /// Stops it, and takes what it counted.
    pub(super) fn halt(&mut self) -> Result<Counts> {
        let answer = self.ask("halt")?;
        let mut numbers = answer.split_ascii_whitespace().map(str::parse::<u64>);
        let mut number =
            || -> Result<u64> { Ok(numbers.next().context("a tenant counted too little")??) };
        let (latency, n) = (number()?, number()?);
        let points = (0..n).map(|_| Ok((number()?, number()?)));
        Ok(Counts {
            went_ns: self.went_ns,
            points: points.collect::<Result<_>>()?,
            latency_p99_us: latency as f64,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Counts {
    /// When the last kernel was completed before a time, and the first after it, as exactly as counts are kept.
    pub(super) fn around(&self, at_ns: u64) -> (Option<u64>, Option<u64>) {
        let after = self.points.partition_point(|(time, _)| *time <= at_ns);
        let time = |point: &(u64, u64)| point.0;
        let before = after.checked_sub(1).map(|last| self.points[last].0);
        (before, self.points.get(after).map(time))
    }

    /// Kernels a second in each window, one a second, of `all` after `settle`.
    pub(super) fn windows(&self, settle: Duration, window: Duration, all: Duration) -> Vec<f64> {
        let ns = |time: Duration| time.as_nanos() as u64;
        let (window, all) = (ns(window), ns(all));
        let first = self.went_ns + ns(settle);
        let starts = (0..).map(|second: u64| first + second * 1_000_000_000);
        starts
            .take_while(|start| start + window <= first + all)
            .map(|start| {
                let done = self.done_at(start + window) - self.done_at(start);
                done / (window as f64 / 1e9)
            })
            .collect()
    }

    /// Kernels completed until a time, between two counts in proportion.
    fn done_at(&self, at: u64) -> f64 {
        let after = self.points.partition_point(|(time, _)| *time <= at);
        let before = after.checked_sub(1).map(|i| self.points[i]);
        match (before, self.points.get(after)) {
            (Some((t0, n0)), Some((t1, n1))) => {
                let part = (at - t0) as f64 / (t1 - t0).max(1) as f64;
                n0 as f64 + part * (n1 - n0) as f64
            }
            (Some((_, n)), None) => n as f64,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_count_what_was_completed_in_each() {
        let second = 1_000_000_000;
        let counts = Counts {
            went_ns: 0,
            points: vec![(0, 0), (second, 100), (2 * second, 100), (4 * second, 300)],
            latency_p99_us: 0.0,
        };
        let s = Duration::from_secs;
        assert_eq!(counts.windows(s(0), s(1), s(4)), [100.0, 0.0, 100.0, 100.0]);
        assert_eq!(counts.windows(s(1), s(2), s(3)), [50.0, 100.0]);
    }
}
