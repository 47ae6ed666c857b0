//! What a call that returns at once does not do: it makes no system call and allocates nothing. And what a
//! wait does not do whose answer is known: ask the server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rigel_tests::{Client, Installation, Mode, Server, missing};

/// Calls that the program makes between its two words.
const CALLS: usize = 5 * 400;

#[test]
fn posted_calls_make_no_system_calls() -> Result<()> {
    if Command::new("strace").arg("--version").output().is_err() && missing("strace") {
        return Ok(());
    }
    let server = Server::start()?;
    let folder = tempfile::TempDir::new()?;
    let log = folder.path().join("strace.log");
    let client = Client::new("strace")
        .argument("-qq")
        .argument("-o")
        .argument(&log)
        .argument(env!("CARGO_BIN_EXE_posted-client"));
    client.run(Mode::SharedMemory(&server))?;
    let log = std::fs::read_to_string(&log).context("read what strace saw")?;
    let said = |line: &str, word: &str| line.starts_with("write(2") && line.contains(word);
    let made: Vec<&str> = log
        .lines()
        .skip_while(|line| !said(line, "begin"))
        .skip(1)
        .take_while(|line| !said(line, "end"))
        .collect();
    ensure!(log.lines().any(|line| said(line, "end")), "no end in {log}");
    // A worker that sleeps has to be woken; it stays awake while there is something to do.
    let (wakes, others): (Vec<&str>, Vec<&str>) = made
        .into_iter()
        .partition(|line| line.starts_with("futex("));
    ensure!(others.is_empty(), "{others:#?}");
    ensure!(wakes.len() <= CALLS / 10, "{} wake-ups", wakes.len());
    Ok(())
}

#[test]
fn posted_calls_allocate_nothing() -> Result<()> {
    let folder = tempfile::TempDir::new()?;
    let Some(counter) = counter(folder.path())? else {
        return Ok(());
    };
    let server = Server::start()?;
    let client =
        Client::new(env!("CARGO_BIN_EXE_posted-client")).environment("LD_PRELOAD", counter);
    let output = client.run(Mode::SharedMemory(&server))?;
    let said = &output.stdout;
    ensure!(said.trim() == "allocations: 0", "{said}");
    Ok(())
}

#[test]
fn waits_for_streams_seen_idle_ask_nobody() -> Result<()> {
    let server = Server::start()?;
    for mode in [Mode::SharedMemory(&server), Mode::Quic(&server)] {
        let folder = tempfile::TempDir::new()?;
        let stats = folder.path().join("stats.json");
        let client = Client::new(env!("CARGO_BIN_EXE_posted-client"))
            .argument("waits")
            .environment("RIGEL_STATS", &stats);
        let output = client.run(mode)?;
        let text = std::fs::read_to_string(&stats).context("read the client's counters")?;
        let counters: serde_json::Value = serde_json::from_str(&text)?;
        let asked = &counters["waits"]["cuStreamSynchronize"]["count"];
        let said = format!("asked: {asked}");
        ensure!(output.stdout.trim() == said, "{}, {text}", output.stdout);
    }
    Ok(())
}

/// The library that counts allocations, compiled; `None` without a C compiler.
fn counter(folder: &Path) -> Result<Option<PathBuf>> {
    let source = Installation::sources().join("c/count_allocations.c");
    let library = folder.join("libcount.so");
    let mut compile = Command::new("cc");
    compile
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&library);
    match compile.arg(&source).status() {
        Err(_) if missing("cc") => Ok(None),
        Err(error) => Err(error).context("start cc"),
        Ok(status) => {
            ensure!(status.success(), "cc cannot compile {}", source.display());
            Ok(Some(library))
        }
    }
}
