//! Rows of a result, as a table for people and as JSON for the next run. Read [`Results`] first.
//!
//! A bench adds its figures; [`Results::finish`] prints, writes, compares, and fails if a row that
//! `targets.toml` names was not added.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::targets::{Targets, Verdict};

/// One line of a result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What was measured; equal in every run.
    pub(crate) name: String,
    /// The unit of `ours` and `floor`.
    pub(crate) unit: String,
    /// Our figure.
    pub(crate) ours: f64,
    /// What the machine gave without us in the same run.
    pub(crate) floor: Option<f64>,
    /// Ours over the floor.
    pub(crate) ratio: Option<f64>,
    /// What is to be reached, in words.
    pub(crate) target: Option<String>,
    /// Whether it is.
    pub(crate) met: Option<bool>,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// Where a bench's results go, and with what they are compared.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Output {
    /// Folder of the JSON file, which is named after the bench.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    out: PathBuf,

    /// A JSON file of an earlier run to compare with.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

/// The results of a bench.
#[derive(Debug)]
pub(crate) struct Results {
    bench: &'static str,
    targets: Targets,
    rows: Vec<Row>,
    /// What cannot be measured here, and why.
    skipped: Vec<(String, &'static str)>,
}

impl Results {
    /// None yet, for the bench of this name in `targets.toml`.
    pub(crate) fn new(bench: &'static str) -> Result<Self> {
        Ok(Self {
            bench,
            targets: Targets::of(bench)?,
            rows: Vec::new(),
            skipped: Vec::new(),
        })
    }

    /// Says that a row cannot be measured on this machine.
    pub(crate) fn skip(&mut self, name: &str, why: &'static str) {
        self.skipped.push((name.to_owned(), why));
    }

    /// Adds a figure, beside the floor of the same run if it has one.
    pub(crate) fn add(&mut self, name: &str, unit: &str, ours: f64, floor: Option<f64>) {
        let Verdict {
            target,
            met,
            reason,
        } = self.targets.judge(name, ours, floor);
        self.rows.push(Row {
            name: name.to_owned(),
            unit: unit.to_owned(),
            ours,
            floor,
            ratio: floor.map(|floor| ours / floor),
            target,
            met,
            reason,
        });
    }

    /// Prints the table, writes the file, compares if asked to; fails if a row is missing.
    pub(crate) fn finish(&self, output: &Output) -> Result<()> {
        self.finish_part(output, None)
    }

    /// The same; only rows whose name begins with `only` are missed, if that is given.
    pub(crate) fn finish_part(&self, output: &Output, only: Option<&str>) -> Result<()> {
        print!("{}", table(&self.rows));
        for (name, why) in &self.skipped {
            println!("skipped: {name}: {why}");
        }
        if let Some(before) = &output.against {
            let text = std::fs::read_to_string(before)
                .with_context(|| format!("read {}", before.display()))?;
            let before: Vec<Row> =
                serde_json::from_str(&text).context("understand the earlier run")?;
            print!("{}", comparison(&before, &self.rows));
        }
        let path = self.write(&output.out)?;
        println!("written to {}", path.display());
        let mut missing = self.targets.missing(&self.rows);
        let skipped = |name: &str| self.skipped.iter().any(|(skipped, _)| skipped == name);
        missing.retain(|name| name.starts_with(only.unwrap_or_default()) && !skipped(name));
        if !missing.is_empty() {
            bail!("rows that targets.toml names were not measured: {missing:?}");
        }
        Ok(())
    }

    fn write(&self, folder: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(folder).context("make the folder of the results")?;
        let path = folder.join(format!("{}.json", self.bench));
        std::fs::write(&path, serde_json::to_string_pretty(&self.rows)?)
            .with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    }
}

fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<48} {:>6} {:>10} {:>10} {:>8}  {:<20} met",
        "", "unit", "ours", "floor", "ratio", "target"
    );
    for row in rows {
        let met = match row.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "-",
        };
        let _ = writeln!(
            out,
            "{:<48} {:>6} {:>10} {:>10} {:>8}  {:<20} {met}",
            row.name,
            row.unit,
            number(Some(row.ours)),
            number(row.floor),
            number(row.ratio),
            row.target.as_deref().unwrap_or("-"),
        );
    }
    for row in rows.iter().filter(|row| row.met == Some(false)) {
        let reason = row.reason.as_deref().unwrap_or("no reason is recorded");
        let _ = writeln!(out, "missed: {}: {reason}", row.name);
    }
    out
}

/// What changed since an earlier run, row by row.
fn comparison(before: &[Row], now: &[Row]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<48} {:>6} {:>10} {:>10} {:>8}",
        "compared", "unit", "before", "now", "change"
    );
    for row in now {
        let Some(old) = before.iter().find(|old| old.name == row.name) else {
            let _ = writeln!(out, "{:<48} new", row.name);
            continue;
        };
        let change = format!("{:+.1}%", (row.ours / old.ours - 1.0) * 100.0);
        let (old, new) = (number(Some(old.ours)), number(Some(row.ours)));
        let _ = writeln!(
            out,
            "{:<48} {:>6} {old:>10} {new:>10} {change:>8}",
            row.name, row.unit
        );
    }
    for old in before {
        if !now.iter().any(|row| row.name == old.name) {
            let _ = writeln!(out, "{:<48} gone", old.name);
        }
    }
    out
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(value) if value != 0.0 && value.abs() < 0.1 => format!("{value:.4}"),
        Some(value) => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, ours: f64) -> Row {
        Row {
            name: name.into(),
            unit: "us".into(),
            ours,
            floor: None,
            ratio: None,
            target: None,
            met: Some(false),
            reason: None,
        }
    }

    #[test]
    fn comparison_tells_changed_new_and_gone_rows() {
        let text = comparison(
            &[row("a", 2.0), row("b", 1.0)],
            &[row("a", 3.0), row("c", 1.0)],
        );
        for part in ["+50.0%", "new", "gone"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn missed_row_stays_in_the_table_with_its_reason() {
        let mut missed = row("slow", 9.0);
        assert!(table(&[missed.clone()]).contains("missed: slow: no reason"));
        missed.reason = Some("gravity".into());
        let text = table(&[missed]);
        assert!(
            text.contains("NO") && text.contains("missed: slow: gravity"),
            "{text}"
        );
    }

    #[test]
    fn rows_written_are_read_back() {
        let text = serde_json::to_string(&[row("a", 1.5)]).unwrap();
        let back: Vec<Row> = serde_json::from_str(&text).unwrap();
        assert_eq!((back[0].ours, back[0].met), (1.5, Some(false)));
    }
}
