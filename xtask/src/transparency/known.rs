//! The failures of a suite that are known, with their reasons: `tests/suites/NAME.toml`.
//!
//! The list is there to shrink: a listed test that passes must leave it. Tests that no PTX executor
//! can pass, because they ask for machine code, are not run at all and counted as skipped. Read
//! [`Known`] first.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::Results;
use super::batch::Outcome;
use crate::workspace::Workspace;

/// Test and reason. A name that ends with `*` stands for all that begin so.
#[derive(Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    /// What cannot work on this driver: not run.
    #[serde(default)]
    pub(super) skips: BTreeMap<String, String>,
    /// What fails and should not.
    #[serde(default)]
    pub(super) failures: BTreeMap<String, String>,
}

/// Characters of a failure's reason that the list keeps.
const REASON_CHARS_MAX: usize = 160;

impl Known {
    /// Reads the list; a suite without one has no known failures.
    pub(super) fn load(workspace: &Workspace, suite: &str) -> Result<Self> {
        let path = file(workspace, suite);
        match fs::read_to_string(&path) {
            Ok(text) => {
                toml::from_str(&text).with_context(|| format!("understand {}", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
        }
    }

    /// Why a test is not run.
    pub(super) fn skip(&self, test: &str) -> Option<&str> {
        let covers = |name: &str| match name.strip_suffix('*') {
            Some(beginning) => test.starts_with(beginning),
            None => test == name,
        };
        let found = self.skips.iter().find(|(name, _)| covers(name));
        found.map(|(_, reason)| reason.as_str())
    }

    /// The list after these results: failures that were seen, with the reasons they gave, or the
    /// ones that people wrote.
    pub(super) fn accept(&self, results: &Results) -> Self {
        let failed = results
            .iter()
            .filter(|(_, verdict)| verdict.outcome == Outcome::Failed);
        let failures = failed.map(|(test, verdict)| {
            let reason = match self.failures.get(test) {
                Some(reason) => reason.clone(),
                None => one_line(&verdict.reason),
            };
            (test.clone(), reason)
        });
        Self {
            skips: self.skips.clone(),
            failures: failures.collect(),
        }
    }

    /// Writes the list.
    pub(super) fn save(&self, workspace: &Workspace, suite: &str) -> Result<()> {
        let path = file(workspace, suite);
        let text = format!(
            "# Tests of the suite {suite} that do not pass directly on the soft driver, and why.\n\
             # `cargo xtask transparency` reads it; a test that passes must leave the list.\n\n{}",
            toml::to_string(self).context("write a list of known failures")?
        );
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    }
}

fn file(workspace: &Workspace, suite: &str) -> PathBuf {
    workspace.root().join(format!("tests/suites/{suite}.toml"))
}

/// The first line that says something, without paths of this machine.
fn one_line(reason: &str) -> String {
    let line = reason.lines().find(|line| !line.trim().is_empty());
    let words = line.unwrap_or("no reason given").split_whitespace();
    let words = words.map(|word| match word.contains("/target/suites/") {
        true => word.rsplit('/').next().unwrap_or(word),
        false => word,
    });
    let line = words.collect::<Vec<_>>().join(" ");
    line.chars().take(REASON_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::super::batch::Verdict;
    use super::*;

    fn verdict(outcome: Outcome, reason: &str) -> Verdict {
        Verdict {
            outcome,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn skip_knows_beginnings() {
        let known: Known = toml::from_str("[skips]\n\"a::x*\" = \"why\"\n\"b\" = \"so\"").unwrap();
        assert_eq!(known.skip("a::xyz"), Some("why"));
        assert_eq!(known.skip("b"), Some("so"));
        assert_eq!(known.skip("bc"), None);
    }

    #[test]
    fn accept_forgets_what_passes_and_keeps_what_people_wrote() {
        let known: Known =
            toml::from_str("[failures]\n\"old\" = \"by hand\"\n\"gone\" = \"x\"").unwrap();
        let results = Results::from([
            (
                "old".to_owned(),
                verdict(Outcome::Failed, "machine's words"),
            ),
            ("gone".to_owned(), verdict(Outcome::Passed, "")),
            (
                "new".to_owned(),
                verdict(
                    Outcome::Failed,
                    "\nat /x/target/suites/venv/y.py: wrong\nmore",
                ),
            ),
        ]);
        let accepted = known.accept(&results);
        assert_eq!(accepted.failures.len(), 2);
        assert_eq!(accepted.failures["old"], "by hand");
        assert_eq!(accepted.failures["new"], "at y.py: wrong");
    }
}
