//! The cases on every way that calls can travel: each must answer what is expected, on the soft
//! driver in the program's own process and through the pool alike.
//!
//! What differs is a line of `known.txt` with its reason, or a failure; so is a line that is no longer
//! true. An in-process pair of rings is not among the ways: what the cases judge is a `libcuda.so.1`,
//! and client and worker in one process would be the shared-memory link with less in it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rigel_tests::{Client, Lease, Mode, Server, ServerOptions};
use serde_json::Value;

/// Cases that a whole run has at least: a run that lost its lists must not pass.
const CASES_MIN: usize = 480;
/// GPUs, so that there are peers.
const DEVICES: &str = "2";
/// What is known to differ.
const KNOWN: &str = include_str!("../known.txt");
/// Which function is called by which cases.
const FUNCTIONS: &str = include_str!("../functions.txt");

/// The findings of a run, by case.
type Run = BTreeMap<String, Value>;

#[test]
fn cases_directly_answer_as_expected() -> Result<()> {
    check("direct", &run(&suite(), Mode::Direct)?);
    Ok(())
}

#[test]
fn listing_of_functions_is_fresh() {
    let output = suite().run(Mode::Direct).unwrap();
    let file = std::env::temp_dir().join(format!("rigel-conformance-{}", std::process::id()));
    std::fs::write(&file, findings(&output.stdout).join("\n")).unwrap();
    let listing = std::process::Command::new(env!("CARGO_BIN_EXE_rigel-conformance"))
        .arg("functions")
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let listing = String::from_utf8(listing.stdout).unwrap();
    assert_eq!(
        listing, FUNCTIONS,
        "write functions.txt again: see docs/conformance.md"
    );
}

#[test]
fn cases_through_shared_memory_answer_as_expected() -> Result<()> {
    let server = server()?;
    check("pool", &run(&suite(), Mode::SharedMemory(&server))?);
    Ok(())
}

#[test]
fn cases_through_quic_answer_as_expected() -> Result<()> {
    let server = server()?;
    check("pool", &run(&suite(), Mode::Quic(&server))?);
    Ok(())
}

#[test]
fn cases_through_slow_quic_answer_as_expected() -> Result<()> {
    let server = server()?;
    let slow = suite().environment("RIGEL_LINK_SHAPE", "rtt=1ms");
    check("pool", &run(&slow, Mode::Quic(&server))?);
    Ok(())
}

/// The suite as a program.
fn suite() -> Client {
    Client::new(env!("CARGO_BIN_EXE_rigel-conformance"))
        .argument("--json")
        .environment("RIGEL_SOFT_DEVICES", DEVICES)
}

fn server() -> Result<Server> {
    let options = ServerOptions {
        leases: vec![Lease::new("tests", &["gpus = 2"])],
        worker_env: vec![("RIGEL_SOFT_DEVICES".to_owned(), DEVICES.to_owned())],
        ..ServerOptions::default()
    };
    Server::start_with(&options)
}

/// Runs the suite; its verdict is made again here, from what it observed.
fn run(suite: &Client, mode: Mode<'_>) -> Result<Run> {
    let output = suite.run(mode)?;
    let run: Result<Run> = findings(&output.stdout)
        .into_iter()
        .map(|line| {
            let finding: Value = serde_json::from_str(line).context(line.to_owned())?;
            let case = finding["case"]
                .as_str()
                .context("a finding names its case")?;
            Ok((case.to_owned(), finding))
        })
        .collect();
    let run = run?;
    let (n, name) = (run.len(), mode.name());
    assert!(n >= CASES_MIN, "{n} cases ran ({name}): {}", output.stderr);
    Ok(run)
}

/// The lines of a run that are findings: kernels may print, too.
fn findings(stdout: &str) -> Vec<&str> {
    let lines = stdout.lines();
    lines.filter(|line| line.starts_with('{')).collect()
}

/// Every case observed what is expected, or is known to differ here, and none that is known does not.
fn check(link: &str, run: &Run) {
    let known = known(link);
    let mut wrong = Vec::new();
    for (case, finding) in run {
        let same = finding["got"] == finding["expected"];
        let line = || {
            format!(
                "{case}: {} {}, not {}",
                finding["rule"], finding["got"], finding["expected"]
            )
        };
        match (same, known.get(case.as_str())) {
            (false, None) => wrong.push(line()),
            (true, Some(&always)) if always => {
                wrong.push(format!(
                    "{case} no longer differs: take it out of known.txt"
                ));
            }
            _ => {}
        }
    }
    let missing = known.keys().filter(|case| !run.contains_key(**case));
    wrong.extend(missing.map(|case| format!("{case} is in known.txt and nowhere else")));
    assert!(wrong.is_empty(), "{link}:\n{}", wrong.join("\n"));
}

/// The cases known to differ on a link, and whether they always do.
fn known(link: &str) -> BTreeMap<&'static str, bool> {
    let lines = KNOWN.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (case, rest) = line.split_once(' ').expect("a case, a place, a reason");
            let (place, _) = rest.split_once(' ').expect("a place and a reason");
            match place {
                "sometimes" => Some((case, false)),
                "everywhere" => Some((case, true)),
                place => (place == link).then_some((case, true)),
            }
        })
        .collect()
}
