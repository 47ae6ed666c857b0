//! Runs cases in worker processes and reports what came of each.
//!
//! Cases that share a process are handed to one worker area by area; a worker that dies or hangs
//! takes the case it was at with it, and another worker goes on behind that case. The parent never
//! loads the library. Read [`run`] first.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::case::Case;
use crate::cases;
use crate::report::{self, Finding};
use crate::worker::MARK;

/// How long a case may take before its process is ended.
const CASE_MAX: Duration = Duration::from_secs(60);

/// What to run, and on what.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The library to judge: a path, or a name that the loader finds.
    #[arg(long, default_value = "libcuda.so.1")]
    lib: PathBuf,
    /// Only cases whose name holds this.
    #[arg(long, default_value = "")]
    filter: String,
    /// Print a JSON line for each case instead of the differences alone.
    #[arg(long)]
    json: bool,
    /// Name the cases and their rules, and run none.
    #[arg(long)]
    list: bool,
}

/// How a worker ended.
enum End {
    /// It ran all of its cases.
    Done,
    /// It ended inside the case of this position.
    Lost(usize, String),
}

/// Runs what is asked for; whether everything was as expected.
pub(crate) fn run(args: &Args) -> Result<bool> {
    let groups = chosen(&args.filter);
    if args.list {
        for case in groups.iter().flatten() {
            println!("{}\n    {}", case.name, case.rule);
        }
        return Ok(true);
    }
    probe(&args.lib)?;
    let mut tally = report::Tally::default();
    for group in groups {
        run_group(&args.lib, &group, &mut |finding| {
            tally.add(&finding);
            if args.json {
                println!("{}", finding.json());
            } else if !finding.is_expected() {
                println!("{finding}");
            }
        })?;
    }
    eprintln!("{tally}");
    Ok(tally.is_clean())
}

/// Fails if a worker cannot even load the library: then no case would say anything about it.
fn probe(lib: &Path) -> Result<()> {
    let mut worker = Command::new(std::env::current_exe().context("find this program")?);
    worker
        .arg("worker")
        .arg("--lib")
        .arg(lib)
        .stdin(Stdio::null());
    let status = worker.status().context("start a worker")?;
    ensure!(
        status.success(),
        "a worker could not load {}",
        lib.display()
    );
    Ok(())
}

/// The cases that match, in groups of one process each.
fn chosen(filter: &str) -> Vec<Vec<&'static Case>> {
    let mut groups = Vec::new();
    for area in cases::AREAS {
        let matching = area.iter().filter(|case| case.name.contains(filter));
        let (shared, alone): (Vec<&Case>, Vec<&Case>) =
            matching.partition(|case| case.shares_process());
        groups.extend((!shared.is_empty()).then_some(shared));
        groups.extend(alone.into_iter().map(|case| vec![case]));
    }
    groups
}

/// Runs a group, with as many workers as its faults take.
fn run_group(lib: &Path, group: &[&'static Case], report: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut at = 0;
    while let Some(rest) = group.get(at..).filter(|rest| !rest.is_empty()) {
        match run_worker(lib, rest, report)? {
            End::Done => return Ok(()),
            End::Lost(position, how) => {
                report(Finding::new(rest[position], how, Vec::new()));
                at += position + 1;
            }
        }
    }
    Ok(())
}

/// Starts a worker, hears it out, and says how it ended.
fn run_worker(lib: &Path, group: &[&'static Case], report: &mut dyn FnMut(Finding)) -> Result<End> {
    let mut child = Command::new(std::env::current_exe().context("find this program")?)
        .arg("worker")
        .arg("--lib")
        .arg(lib)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start a worker")?;
    let mut stdin = child.stdin.take().context("a worker's input is piped")?;
    for case in group {
        writeln!(stdin, "{}", case.name).context("name the cases to a worker")?;
    }
    drop(stdin);
    let lines = lines(child.stdout.take().context("a worker's output is piped")?);
    let mut answered = 0;
    let silence = loop {
        match lines.recv_timeout(CASE_MAX) {
            Ok(line) => {
                if let Some(finding) = finding(group, &line) {
                    report(finding);
                    answered += 1;
                }
            }
            Err(silence) => break silence,
        }
    };
    let how = end(&mut child, silence)?;
    Ok(match answered == group.len() {
        true => End::Done,
        false => End::Lost(answered, how),
    })
}

/// The result that a line holds, if it does.
fn finding(group: &[&'static Case], line: &str) -> Option<Finding> {
    let said: Value = serde_json::from_str(line.strip_prefix(MARK)?).ok()?;
    let name = said["case"].as_str()?;
    let case = group.iter().find(|case| case.name == name)?;
    let calls = said["calls"].as_array()?.iter();
    let calls = calls.filter_map(|call| call.as_str().map(str::to_owned));
    Some(Finding::new(
        case,
        said["got"].as_str()?.to_owned(),
        calls.collect(),
    ))
}

/// Ends a worker that hangs, waits for one that is done, and says how it ended.
fn end(child: &mut Child, silence: mpsc::RecvTimeoutError) -> Result<String> {
    if silence == mpsc::RecvTimeoutError::Timeout {
        child.kill().context("end a worker that hangs")?;
        child.wait().context("wait for a worker")?;
        return Ok("hung".to_owned());
    }
    let status = child.wait().context("wait for a worker")?;
    Ok(format!("process ended: {status}"))
}

/// A pipe's lines; the thread ends with the pipe.
fn lines(pipe: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let at = line.find(MARK).unwrap_or(0);
            if sender.send(line[at..].to_owned()).is_err() {
                return;
            }
        }
    });
    lines
}
