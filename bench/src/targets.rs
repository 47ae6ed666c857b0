//! What is to be reached, from `targets.toml`, and the one place where "met" is decided. Read
//! [`Targets`] first.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::report::Row;

/// The file, compiled in: figures and targets are of one commit.
const TEXT: &str = include_str!("../targets.toml");

/// The targets of one bench, by row.
#[derive(Debug)]
pub(crate) struct Targets {
    rows: BTreeMap<String, Target>,
}

/// What one row has to reach. Every condition given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    unit: String,
    floor_times_at_most: Option<f64>,
    floor_times_at_least: Option<f64>,
    at_most: Option<f64>,
    at_least: Option<f64>,
    /// Why it is missed, and what would help.
    reason: Option<String>,
}

/// What a figure is judged to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The conditions, in words; `None` for a row without a target.
    pub(crate) target: Option<String>,
    /// Whether all hold.
    pub(crate) met: Option<bool>,
    /// The recorded reason, if one does not.
    pub(crate) reason: Option<String>,
}

impl Targets {
    /// Those of a bench; none if the file does not name it.
    pub(crate) fn of(bench: &str) -> Result<Self> {
        Self::parse(TEXT, bench)
    }

    fn parse(text: &str, bench: &str) -> Result<Self> {
        let mut all: BTreeMap<String, BTreeMap<String, Target>> =
            toml::from_str(text).context("understand targets.toml")?;
        let rows = all.remove(bench).unwrap_or_default();
        Ok(Self { rows })
    }

    /// Judges a figure.
    pub(crate) fn judge(&self, name: &str, ours: f64, floor: Option<f64>) -> Verdict {
        let Some(target) = self.rows.get(name) else {
            return Verdict::default();
        };
        let met = met(target, ours, floor);
        Verdict {
            target: Some(words(target)),
            met: Some(met),
            reason: target.reason.clone().filter(|_| !met),
        }
    }

    /// The rows that have a target and no figure.
    pub(crate) fn missing(&self, rows: &[Row]) -> Vec<&str> {
        let measured = |name: &str, unit: &str| {
            rows.iter()
                .any(|row| row.name == name && row.unit == unit && row.ours.is_finite())
        };
        self.rows
            .iter()
            .filter(|(name, target)| !measured(name, &target.unit))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// Whether a figure reaches its target: the only place that decides. A condition on a floor that was not
/// measured is not met, nor is one on a figure that is not a number.
fn met(target: &Target, ours: f64, floor: Option<f64>) -> bool {
    let floor = floor.unwrap_or(f64::NAN);
    let holds = |limit: Option<f64>, test: fn(f64, f64) -> bool, scale: f64| {
        limit.is_none_or(|limit| test(ours, limit * scale))
    };
    let (at_most, at_least) = (|a: f64, b: f64| a <= b, |a: f64, b: f64| a >= b);
    ours.is_finite()
        && holds(target.at_most, at_most, 1.0)
        && holds(target.at_least, at_least, 1.0)
        && holds(target.floor_times_at_most, at_most, floor)
        && holds(target.floor_times_at_least, at_least, floor)
}

fn words(target: &Target) -> String {
    let conditions = [
        (target.floor_times_at_most, "<=", " x floor"),
        (target.floor_times_at_least, ">=", " x floor"),
        (target.at_most, "<=", ""),
        (target.at_least, ">=", ""),
    ];
    let words = conditions
        .iter()
        .filter_map(|(limit, sign, of)| limit.map(|limit| format!("{sign} {limit}{of}")));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        toml::from_str(&format!("unit = \"us\"\n{text}")).unwrap()
    }

    #[test]
    fn met_follows_every_condition() {
        let check = |text: &str, ours: f64, floor: Option<f64>, expected: bool| {
            assert_eq!(met(&target(text), ours, floor), expected, "{text} {ours}");
        };
        check("floor_times_at_most = 2.5", 2.5, Some(1.0), true);
        check("floor_times_at_most = 2.5", 2.6, Some(1.0), false);
        check("floor_times_at_most = 2.5", 0.1, None, false);
        check("floor_times_at_least = 0.9", 3.0, Some(4.0), false);
        check("floor_times_at_least = 0.9", 3.6, Some(4.0), true);
        check("at_most = 0.1", 0.2, None, false);
        check("at_least = 2\nat_most = 4", 3.0, None, true);
        check("at_least = 2\nat_most = 4", 5.0, None, false);
        check("at_most = 1", f64::NAN, None, false);
    }

    #[test]
    fn reason_shows_only_where_the_target_is_missed() {
        let text = "[x.a]\nunit = \"us\"\nat_most = 1\nreason = \"heavy\"\n";
        let targets = Targets::parse(text, "x").unwrap();
        assert_eq!(targets.judge("a", 0.5, None).reason, None);
        let verdict = targets.judge("a", 2.0, None);
        assert_eq!(verdict.reason.as_deref(), Some("heavy"));
        assert_eq!(verdict.target.as_deref(), Some("<= 1"));
        assert_eq!(targets.judge("b", 2.0, None), Verdict::default());
    }

    #[test]
    fn row_that_was_not_measured_is_missing() {
        let targets = Targets::parse("[x.a]\nunit = \"us\"\nat_most = 1\n", "x").unwrap();
        assert_eq!(targets.missing(&[]), ["a"]);
    }

    #[test]
    fn every_target_of_the_file_has_a_condition() {
        let all: BTreeMap<String, BTreeMap<String, Target>> = toml::from_str(TEXT).unwrap();
        for (name, target) in all.values().flatten() {
            assert!(!words(target).is_empty(), "{name} asks for nothing");
        }
    }
}
