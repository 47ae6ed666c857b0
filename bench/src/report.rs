//! Rows of a result, as a table for people and as JSON for the next run.

use std::fmt::Write as _;

use serde::Serialize;

/// One figure with its floor and its target.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    name: String,
    unit: &'static str,
    ours: f64,
    floor: Option<f64>,
    ratio: Option<f64>,
    target: Option<String>,
    met: Option<bool>,
}

/// Which way a figure is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    /// Times.
    Lower,
    /// Rates.
    Higher,
}

impl Row {
    /// A figure alone.
    pub(crate) fn new(name: String, unit: &'static str, ours: f64) -> Self {
        Self {
            name,
            unit,
            ours,
            floor: None,
            ratio: None,
            target: None,
            met: None,
        }
    }

    /// Judged by itself: at most this much, in its unit.
    pub(crate) fn at_most(mut self, limit: f64) -> Self {
        self.target = Some(format!("<= {limit} {}", self.unit));
        self.met = Some(self.ours <= limit);
        self
    }

    /// Shown beside its floor.
    pub(crate) fn against_without_target(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self.ratio = Some(self.ours / floor);
        self
    }

    /// Judged by its ratio to the floor.
    pub(crate) fn against(self, floor: f64, better: Better, ratio: f64) -> Self {
        let mut row = self.against_without_target(floor);
        let reached = row.ours / floor;
        let (sign, met) = match better {
            Better::Lower => ("<=", reached <= ratio),
            Better::Higher => (">=", reached >= ratio),
        };
        row.target = Some(format!("{sign} {ratio} x floor"));
        row.met = Some(met);
        row
    }
}

/// The rows as a table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    let number = |value: Option<f64>| value.map_or_else(|| "-".into(), |v| format!("{v:.3}"));
    let _ = writeln!(
        out,
        "{:<42} {:>5} {:>10} {:>10} {:>8}  {:<16} met",
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
            "{:<42} {:>5} {:>10.3} {:>10} {:>8}  {:<16} {met}",
            row.name,
            row.unit,
            row.ours,
            number(row.floor),
            number(row.ratio),
            row.target.as_deref().unwrap_or("-"),
        );
    }
    out
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: f64) -> Row {
        Row::new("x".into(), "us", ours)
    }

    #[test]
    fn met_follows_the_direction_of_the_figure() {
        assert_eq!(row(2.0).against(1.0, Better::Lower, 2.5).met, Some(true));
        assert_eq!(row(3.0).against(1.0, Better::Lower, 2.5).met, Some(false));
        assert_eq!(row(3.0).against(4.0, Better::Higher, 0.9).met, Some(false));
        assert_eq!(row(0.2).at_most(0.1).met, Some(false));
    }

    #[test]
    fn median_of_an_odd_count_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
