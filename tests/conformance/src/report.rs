//! What came of a case, as a line for people and as a line of JSON; and which case calls what.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::case::{Case, Standing};
use crate::cuda;

/// A case and what was observed.
#[derive(Debug)]
pub(crate) struct Finding {
    case: &'static Case,
    got: String,
    calls: Vec<String>,
}

/// How many cases ended how.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    expected: usize,
    skipped: usize,
    different: usize,
}

/// Begins what a case observes that this machine cannot show.
pub(crate) const NEEDS: &str = "needs ";

impl Finding {
    /// A case that observed this.
    pub(crate) fn new(case: &'static Case, got: String, calls: Vec<String>) -> Self {
        Self { case, got, calls }
    }

    /// Whether the rule holds, or cannot be shown here.
    pub(crate) fn is_expected(&self) -> bool {
        self.got == self.case.expected || self.is_skipped()
    }

    fn is_skipped(&self) -> bool {
        self.got.starts_with(NEEDS)
    }

    /// The line for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "case": self.case.name,
            "section": cuda::section(self.case.function()),
            "rule": self.case.rule,
            "believed": self.case.standing == Standing::Believed,
            "expected": self.case.expected,
            "got": self.got,
            "calls": self.calls,
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let believed = match self.case.standing {
            Standing::Documented => "",
            Standing::Believed => " (believed)",
        };
        write!(
            f,
            "{}{believed}: {}\n    expected: {}\n    got:      {}",
            self.case.name, self.case.rule, self.case.expected, self.got
        )
    }
}

impl Tally {
    /// Counts a case.
    pub(crate) fn add(&mut self, finding: &Finding) {
        match finding {
            finding if finding.is_skipped() => self.skipped += 1,
            finding if finding.is_expected() => self.expected += 1,
            _ => self.different += 1,
        }
    }

    /// Whether no case differed, and there was one at all.
    pub(crate) fn is_clean(&self) -> bool {
        self.different == 0 && self.expected > 0
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} as expected, {} different, {} not possible here",
            self.expected, self.different, self.skipped
        )
    }
}

/// The findings of a run, by case.
pub(crate) fn read(path: &Path) -> Result<BTreeMap<String, Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    text.lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).context("understand a line of a run")?;
            Ok((value["case"].as_str().unwrap_or_default().to_owned(), value))
        })
        .collect()
}

/// Prints each function with the cases about it and the number of other cases that call it.
pub(crate) fn functions(run: &Path) -> Result<bool> {
    let mut about: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    for (name, finding) in read(run)? {
        let (function, word) = name.split_once('/').unwrap_or((&name, ""));
        about
            .entry(function.to_owned())
            .or_default()
            .push(word.to_owned());
        let calls = finding["calls"].as_array().cloned().unwrap_or_default();
        for call in calls.iter().filter_map(Value::as_str) {
            if call != function {
                *others.entry(call.to_owned()).or_default() += 1;
            }
        }
    }
    for function in others.keys() {
        about.entry(function.clone()).or_default();
    }
    for (function, mut words) in about {
        let n = others.get(&function).copied().unwrap_or(0);
        words.sort_unstable();
        println!("{function} {n} {}", words.join(" "));
    }
    Ok(true)
}
