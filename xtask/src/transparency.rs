//! `cargo xtask transparency`: suites that others wrote, on the soft driver and through the pool.
//!
//! A suite is a program's or a library's own tests, unmodified, of a pinned version
//! (`tests/suites.toml`). Directly on the soft driver it must pass as many tests as it ever did; through
//! the pool, every test that passes directly must pass too. Read [`run`] first; what is run stands in
//! `suite.rs`, how in `batch.rs`, what must hold in `verdict.rs`.

mod batch;
mod crates;
mod known;
mod report;
mod route;
mod sdists;
mod suite;
mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use self::batch::{Batch, Outcome, Verdict};
use self::known::Known;
use self::report::{Entry, Report};
use self::route::{Link, Route};
use self::suite::{Suite, Suites};
use crate::layout::{self, Layout};
use crate::workspace::{Profile, Workspace};

/// Run suites that others wrote, directly on the soft driver and through the pool; compare.
///
/// Installs the pinned suites into target/suites, runs each directly, then through the pool, and
/// compares test by test. Fails if a suite collects or passes fewer tests than tests/suites.toml
/// says, launches nothing, crashes, fails a test that is not listed as known, or loses a test on the
/// way through the pool. Writes target/transparency.json, and every test's outcome to
/// target/suites/results.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only directly on the soft driver.
    #[arg(long)]
    direct: bool,
    /// Only these suites (comma separated).
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    suite: Vec<String>,
    /// Ways through the pool (comma separated).
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["shm", "quic"])]
    link: Vec<Link>,
    /// Only tests whose names contain this; the suite's numbers are not checked then.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Compare with the direct results of the run before.
    #[arg(long, conflicts_with = "direct")]
    keep_direct: bool,
    /// Processes at once.
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
    /// The cargo profile to build and run. With RIGEL_TEST_LAYOUT=keep nothing is built.
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Write what came of the direct run into the lists of known failures and into suites.toml,
    /// where numbers only rise.
    #[arg(long, conflicts_with = "only")]
    accept: bool,
}

/// What all runs share.
struct Runs<'a> {
    workspace: &'a Workspace,
    args: &'a Args,
    layout: Layout,
    scratch: PathBuf,
}

/// What became of a suite on one route.
type Results = BTreeMap<String, Verdict>;

/// `cargo xtask transparency`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let suites = Suites::load(workspace)?;
    let chosen = suites.chosen(&args.suite)?;
    let keep = std::env::var("RIGEL_TEST_LAYOUT").is_ok_and(|value| value == "keep");
    let layout = match keep {
        true => Layout::existing(workspace, args.profile),
        false => layout::build(workspace, args.profile)?,
    };
    let folder = workspace.target().join("suites");
    let scratch = folder.join(format!("scratch-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("create {}", scratch.display()))?;
    let shared = Runs {
        workspace,
        args,
        layout,
        scratch,
    };
    let mut report = Report::load(&workspace.target().join("transparency.json"));
    let mut findings = Vec::new();
    for suite in chosen {
        findings.extend(shared.suite(suite, &mut report)?);
    }
    fs::remove_dir_all(&shared.scratch).context("remove the scratch folder")?;
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("transparency: {} findings", findings.len());
    }
    println!("transparency: ok");
    Ok(())
}

impl Runs<'_> {
    /// Runs one suite on all wanted routes; returns what does not hold.
    fn suite(&self, suite: &Suite, report: &mut Report) -> Result<Vec<String>> {
        let prepared = suite.prepare(self.workspace, &self.layout)?;
        let known = Known::load(self.workspace, &suite.name)?;
        let mut tests = prepared.list(&self.layout, &self.scratch)?;
        tests.retain(|test| suite.holds(test));
        let collected = tests.len();
        if let Some(part) = &self.args.only {
            tests.retain(|test| test.contains(part.as_str()));
        }
        println!("{}: {collected} tests, {} to run", suite.name, tests.len());
        let batch = |route| Batch {
            suite,
            prepared: &prepared,
            known: &known,
            layout: &self.layout,
            scratch: &self.scratch,
            tests: &tests,
            jobs: self.args.jobs,
            route,
        };

        let kept = self.results_file(suite, "direct");
        let direct = match self.args.keep_direct {
            true => report::read_results(&kept)?,
            false => batch(Route::Direct).run()?,
        };
        let entry = Entry::new(&suite.name, "direct", collected, &direct, &Results::new());
        println!("{entry}");
        let mut findings = Vec::new();
        if !self.args.keep_direct {
            report::write_results(&kept, &direct.tests)?;
            findings = match self.args.accept {
                true => self.accept(suite, &known, &entry, &direct.tests)?,
                false => verdict::direct(suite, &known, &entry, &direct, self.args.only.is_some()),
            };
            report.put(entry);
            report.write()?;
        }
        if self.args.direct {
            return Ok(findings);
        }
        for link in &self.args.link {
            let pooled = batch(Route::start(*link, &self.layout, &self.scratch)?).run()?;
            let entry = Entry::new(&suite.name, link.name(), collected, &pooled, &direct.tests);
            println!("{entry}");
            report::write_results(&self.results_file(suite, link.name()), &pooled.tests)?;
            findings.extend(verdict::pooled(suite, &entry, &pooled));
            report.put(entry);
            report.write()?;
        }
        Ok(findings)
    }

    /// Takes the results for what is known from now on.
    fn accept(
        &self,
        suite: &Suite,
        known: &Known,
        entry: &Entry,
        results: &Results,
    ) -> Result<Vec<String>> {
        known.accept(results).save(self.workspace, &suite.name)?;
        suite::raise(self.workspace, &suite.name, entry.collected, entry.passed)?;
        Ok(Vec::new())
    }

    fn results_file(&self, suite: &Suite, link: &str) -> PathBuf {
        let folder = self.workspace.target().join("suites/results");
        folder.join(format!("{}-{link}.jsonl", suite.name))
    }
}

/// Whether a test did what it is there for.
fn passed(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Passed
}
