//! Runs the tests of a suite in processes that may die: nothing that one does loses another's result.
//!
//! 1. Tests are dealt to processes module by module, several modules to a process.
//! 2. A process tells what it does by events in a file (`tests/suites/runner.py`). One that dies, or
//!    whose test takes too long and is ended, has crashed that test; what it had not begun goes to a
//!    new process.
//! 3. What failed or crashed in company runs once more in a process of its own, and that counts: a
//!    lost context of one test is no failure of the next.
//!
//! Read [`Batch::run`] first.

use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Results;
use super::known::Known;
use super::route::Route;
use super::suite::{Job, Prepared, Suite};
use crate::layout::Layout;

/// Tests after which a process gets no further module.
const TESTS_A_PROCESS: usize = 60;
/// How long a process may take to import what it tests, and to end.
const START_MAX: Duration = Duration::from_secs(180);
/// How often events are looked for.
const POLL: Duration = Duration::from_millis(50);
/// Failures that are run once more alone, at most.
const ALONE_MAX: usize = 300;

/// A suite on a route.
pub(super) struct Batch<'a> {
    pub(super) suite: &'a Suite,
    pub(super) prepared: &'a Prepared,
    pub(super) known: &'a Known,
    pub(super) layout: &'a Layout,
    pub(super) scratch: &'a Path,
    pub(super) tests: &'a [String],
    pub(super) jobs: usize,
    pub(super) route: Route,
}

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub(super) tests: Results,
    pub(super) launches: u64,
    /// Libraries that answered driver calls and are not ours.
    pub(super) strangers: Vec<PathBuf>,
    /// Tests that passed only in a process of their own.
    pub(super) alone: Vec<String>,
}

/// What became of a test, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) reason: String,
}

/// What became of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// By the suite itself.
    Skipped,
    /// By the list of known failures: it asks for what no PTX executor has.
    NotPossible,
    /// The process died in it, or it did not end in time.
    Crashed,
}

/// What a process tells.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Event {
    Collected {
        id: String,
    },
    Start {
        id: String,
    },
    End {
        id: String,
        outcome: Outcome,
        reason: String,
    },
    Attest {
        libraries: Vec<PathBuf>,
    },
    Done,
}

/// What the processes of a batch share.
#[derive(Default)]
struct Shared {
    waiting: VecDeque<Vec<String>>,
    ran: Ran,
    n_processes: usize,
}

impl Batch<'_> {
    /// Runs everything.
    pub(super) fn run(&self) -> Result<Ran> {
        let mut ran = Ran::default();
        let mut wanted = Vec::new();
        for test in self.tests {
            match self.known.skip(test) {
                Some(reason) => {
                    let verdict = Verdict::new(Outcome::NotPossible, reason);
                    ran.tests.insert(test.clone(), verdict);
                }
                None => wanted.push(test.clone()),
            }
        }
        let mut ran = self.run_groups(deal(&wanted), ran)?;
        let alone: Vec<String> = ran
            .tests
            .iter()
            .filter(|(_, verdict)| matches!(verdict.outcome, Outcome::Failed | Outcome::Crashed))
            .map(|(test, _)| test.clone())
            // What is known to fail need not fail twice.
            .filter(|test| !self.known.failures.contains_key(test))
            .take(ALONE_MAX)
            .collect();
        if !alone.is_empty() {
            println!(
                "{}: {} tests once more, alone",
                self.route.name(),
                alone.len()
            );
            let groups = alone.iter().map(|test| vec![test.clone()]).collect();
            ran = self.run_groups(groups, ran)?;
            let passed = |test: &String| ran.tests.get(test).is_some_and(super::passed);
            ran.alone = alone.into_iter().filter(passed).collect();
        }
        Ok(ran)
    }

    fn run_groups(&self, groups: VecDeque<Vec<String>>, ran: Ran) -> Result<Ran> {
        let shared = Mutex::new(Shared {
            waiting: groups,
            ran,
            n_processes: 0,
        });
        let failures = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for number in 0..self.jobs.max(1) {
                let (shared, failures) = (&shared, &failures);
                scope.spawn(move || {
                    if let Err(error) = self.work(number, shared) {
                        failures.lock().expect("no worker panics").push(error);
                    }
                });
            }
        });
        let failures = failures.into_inner().expect("no worker panics");
        if let Some(failure) = failures.into_iter().next() {
            return Err(failure);
        }
        let mut ran = shared.into_inner().expect("no worker panics").ran;
        if let Route::Pool { .. } = self.route {
            ran.launches = self.route.launches(self.scratch)?;
        }
        Ok(ran)
    }

    /// One process after another, until nothing waits.
    fn work(&self, number: usize, shared: &Mutex<Shared>) -> Result<()> {
        loop {
            let (group, serial) = {
                let mut shared = shared.lock().expect("no worker panics");
                let Some(group) = shared.waiting.pop_front() else {
                    return Ok(());
                };
                shared.n_processes += 1;
                (group, shared.n_processes)
            };
            let name = format!("{}-{}-{number}", self.suite.name, self.route.name());
            let job = Job::new(self.scratch, &name)?;
            let mut process = Process::start(self, &job, &group)?;
            let (done, rest) = process.watch(group)?;
            drop(process);

            let mut shared = shared.lock().expect("no worker panics");
            if let Route::Direct = self.route {
                shared.ran.launches += self.route.launches(&job.folder)?;
            }
            let (told, strangers) = done;
            println!(
                "  process {serial}: {} tests, {} left",
                told.len(),
                rest.len()
            );
            shared.ran.tests.extend(told);
            for stranger in strangers {
                if !shared.ran.strangers.contains(&stranger) {
                    shared.ran.strangers.push(stranger);
                }
            }
            if !rest.is_empty() {
                shared.waiting.push_front(rest);
            }
        }
    }
}

impl Verdict {
    fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self {
            outcome,
            reason: reason.into(),
        }
    }
}

/// What a process told: outcomes, and libraries that are not ours.
type Told = (Results, Vec<PathBuf>);

/// A process that runs tests; dropped, it and what it started ends.
struct Process {
    child: Child,
    events: PathBuf,
    log: PathBuf,
    library: PathBuf,
    patience: Duration,
    offset: u64,
    told: Told,
    running: Option<String>,
}

impl Process {
    fn start(batch: &Batch<'_>, job: &Job, tests: &[String]) -> Result<Self> {
        fs::write(job.tests(), tests.join("\n") + "\n").context("write which tests to run")?;
        let log = fs::File::create(job.log()).context("create the log of a process")?;
        let mut command = batch.prepared.command(batch.layout, &batch.route, job);
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("share the log")?)
            .stderr(log);
        let child = command.spawn().context("start a process of a suite")?;
        let library = batch.route.library(batch.layout);
        Ok(Self {
            child,
            events: job.events(),
            log: job.log(),
            library: library.canonicalize().unwrap_or(library),
            patience: batch.suite.patience(),
            offset: 0,
            told: Told::default(),
            running: None,
        })
    }

    /// Follows it to its end; returns what it told, and the tests it did not begin.
    fn watch(&mut self, tests: Vec<String>) -> Result<(Told, Vec<String>)> {
        let mut since = Instant::now();
        let end = loop {
            // Asked before the events are read: what a dead process told is then all there.
            let ended = self.child.try_wait().context("look at a process")?;
            let (news, done) = self.hear()?;
            if news {
                since = Instant::now();
            }
            let most = match self.running {
                Some(_) => self.patience,
                None => START_MAX,
            };
            match ended {
                Some(_) if done => break None,
                Some(status) => break Some(format!("the process ended with {status}")),
                None if since.elapsed() > most => {
                    break Some(format!("no end after {} s", most.as_secs()));
                }
                None => std::thread::sleep(POLL),
            }
        };
        let mut told = std::mem::take(&mut self.told);
        let mut rest: Vec<String> = tests
            .into_iter()
            .filter(|test| !told.0.contains_key(test))
            .collect();
        if rest.is_empty() {
            return Ok((told, rest));
        }
        // Without a reason the process ended well and left tests out: they are not there any more.
        let lost = match end {
            None => std::mem::take(&mut rest),
            Some(_) => {
                let at = self.running.take().unwrap_or_else(|| rest[0].clone());
                rest.retain(|test| *test != at);
                vec![at]
            }
        };
        let reason = end.unwrap_or_else(|| "not run: not collected".to_owned());
        let reason = format!("{reason}{}", self.last_words());
        for test in lost {
            let verdict = Verdict::new(Outcome::Crashed, reason.clone());
            told.0.insert(test, verdict);
        }
        Ok((told, rest))
    }

    /// Takes in new events; whether there were any, and whether they say that all is done.
    fn hear(&mut self) -> Result<(bool, bool)> {
        let events = events_of(&self.events, &mut self.offset)?;
        let news = !events.is_empty();
        let mut done = false;
        for event in events {
            match event {
                Event::Collected { .. } => {}
                Event::Start { id } => self.running = Some(id),
                Event::End {
                    id,
                    outcome,
                    reason,
                } => {
                    self.told.0.insert(id, Verdict::new(outcome, reason));
                    self.running = None;
                }
                Event::Attest { libraries } => {
                    let strangers = libraries.into_iter().filter(|path| {
                        path.canonicalize().unwrap_or_else(|_| path.clone()) != self.library
                    });
                    self.told.1.extend(strangers);
                }
                Event::Done => done = true,
            }
        }
        Ok((news, done))
    }

    /// The end of the log, for a process that died.
    fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let last = lines[lines.len().saturating_sub(3)..].join(" | ");
        let from = last.char_indices().rev().nth(400).map_or(0, |(at, _)| at);
        format!("; its last words: {}", &last[from..])
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The group: a test may have left children that hold the device.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whole modules together, in groups of about [`TESTS_A_PROCESS`].
fn deal(tests: &[String]) -> VecDeque<Vec<String>> {
    let module = |test: &String| test.split("::").next().unwrap_or_default().to_owned();
    let mut groups = VecDeque::new();
    let mut group: Vec<String> = Vec::new();
    for test in tests {
        let turns = group
            .last()
            .is_some_and(|last| module(last) != module(test));
        if turns && group.len() >= TESTS_A_PROCESS {
            groups.push_back(std::mem::take(&mut group));
        }
        group.push(test.clone());
    }
    if !group.is_empty() {
        groups.push_back(group);
    }
    groups
}

/// The events written since the last call; a line without its end is left for the next.
pub(super) fn events_of(path: &Path, offset: &mut u64) -> Result<Vec<Event>> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("open the events of a process"),
    };
    file.seek(SeekFrom::Start(*offset))
        .context("find the new events")?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).context("read the events")?;
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    *offset += whole as u64;
    let lines = bytes[..whole].split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).context("understand an event"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deal_keeps_modules_whole() {
        let names = |module: &str, count: usize| -> Vec<String> {
            (0..count).map(|n| format!("{module}.py::t{n}")).collect()
        };
        let tests = [names("a", 50), names("b", 50), names("c", 5)].concat();
        let groups = deal(&tests);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].len(), 100);
        assert_eq!(groups[1], names("c", 5));
    }

    #[test]
    fn events_of_a_growing_file_are_each_read_once() {
        let path = std::env::temp_dir().join(format!("rigel-events-{}", std::process::id()));
        let mut offset = 0;
        assert!(events_of(&path, &mut offset).unwrap().is_empty());
        let first = "{\"event\": \"start\", \"id\": \"a\"}\n";
        fs::write(&path, format!("{first}{{\"event\": \"do")).unwrap();
        assert_eq!(events_of(&path, &mut offset).unwrap().len(), 1);
        fs::write(&path, format!("{first}{{\"event\": \"done\"}}\n")).unwrap();
        let rest = events_of(&path, &mut offset).unwrap();
        assert!(matches!(rest[..], [Event::Done]));
        fs::remove_file(&path).unwrap();
    }
}
