//! The report, `target/transparency.json`, and the outcome of every test as a file of lines.
//!
//! Entries of suites and links that a run leaves out stay as they were. Read [`Entry`] first.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::batch::{Outcome, Ran, Verdict};
use super::{Results, passed};

/// One suite on one route.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    /// `direct`, `shm` or `quic`.
    pub(super) link: String,
    pub(super) collected: usize,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    /// Tests in which the process was lost, or that did not end in time; counted as failed too.
    pub(super) crashed: usize,
    /// Skipped because the list of known failures says that it cannot work here.
    pub(super) not_possible: usize,
    /// Tests that passed only in a process of their own.
    pub(super) alone: Vec<String>,
    pub(super) launches: u64,
    /// Reasons of skips, and how often.
    pub(super) skips: std::collections::BTreeMap<String, usize>,
    /// Tests that pass directly and not on this link.
    pub(super) regressions: Vec<String>,
}

impl Entry {
    /// The entry of a run, compared with the direct one.
    pub(super) fn new(
        name: &str,
        link: &str,
        collected: usize,
        ran: &Ran,
        direct: &Results,
    ) -> Self {
        let count = |outcome| {
            let outcomes = ran.tests.values().map(|verdict| verdict.outcome);
            outcomes.filter(|found| *found == outcome).count()
        };
        let mut skips = std::collections::BTreeMap::new();
        for verdict in ran.tests.values() {
            if matches!(verdict.outcome, Outcome::Skipped | Outcome::NotPossible) {
                *skips.entry(verdict.reason.clone()).or_default() += 1;
            }
        }
        let lost = |(test, verdict): (&String, &Verdict)| {
            let same = !passed(verdict) || ran.tests.get(test).is_some_and(passed);
            (!same).then(|| test.clone())
        };
        let crashed = count(Outcome::Crashed);
        let not_possible = count(Outcome::NotPossible);
        Self {
            name: name.to_owned(),
            link: link.to_owned(),
            collected,
            passed: count(Outcome::Passed),
            failed: count(Outcome::Failed) + crashed,
            skipped: count(Outcome::Skipped) + not_possible,
            crashed,
            not_possible,
            alone: ran.alone.clone(),
            launches: ran.launches,
            skips,
            regressions: direct.iter().filter_map(lost).collect(),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = self.passed + self.failed + self.not_possible;
        let percent = 100.0 * self.passed as f64 / asked.max(1) as f64;
        write!(
            f,
            "{} ({}): {} passed ({percent:.1} % of what the suite does not skip itself), {} failed \
             ({} crashed), {} skipped ({} not possible here), {} alone only, {} launches, \
             {} regressions",
            self.name,
            self.link,
            self.passed,
            self.failed,
            self.crashed,
            self.skipped,
            self.not_possible,
            self.alone.len(),
            self.launches,
            self.regressions.len()
        )
    }
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    suites: Vec<Entry>,
    #[serde(skip)]
    path: PathBuf,
}

impl Report {
    /// The report of earlier runs; none, or one of another form, is empty.
    pub(super) fn load(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        let suites = serde_json::from_str::<Self>(&text).map(|report| report.suites);
        Self {
            suites: suites.unwrap_or_default(),
            path: path.to_path_buf(),
        }
    }

    /// Replaces the entry of the same suite and link.
    pub(super) fn put(&mut self, entry: Entry) {
        self.suites
            .retain(|old| (&old.name, &old.link) != (&entry.name, &entry.link));
        self.suites.push(entry);
    }

    /// Writes the file.
    pub(super) fn write(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("write the report")?;
        fs::write(&self.path, text).with_context(|| format!("write {}", self.path.display()))
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Writes every test's outcome, a line each.
pub(super) fn write_results(path: &Path, results: &Results) -> Result<()> {
    let mut text = String::new();
    for (id, verdict) in results {
        let line = Line {
            id: id.clone(),
            verdict: verdict.clone(),
        };
        text.push_str(&serde_json::to_string(&line).context("write a result")?);
        text.push('\n');
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

/// Reads what [`write_results`] wrote.
pub(super) fn read_results(path: &Path) -> Result<Ran> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("read {}: run without --keep-direct first", path.display()))?;
    let mut ran = Ran::default();
    for line in text.lines() {
        let line: Line = serde_json::from_str(line).context("understand a result")?;
        ran.tests.insert(line.id, line.verdict);
    }
    Ok(ran)
}
