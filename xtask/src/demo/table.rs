//! The demo's table: one line a run.

use super::report::{Mode, Run};

const HEADINGS: [&str; 12] = [
    "run",
    "seconds",
    "auc",
    "model",
    "predictions",
    "GPU memory",
    "launches",
    "instructions",
    "calls",
    "round trips",
    "a call over direct",
    "a posted call",
];

/// The table as text.
pub(crate) fn table(runs: &[Run]) -> String {
    let direct = runs.iter().find(|run| run.mode == Mode::Direct);
    let direct_seconds = direct.map(|run| run.training.seconds);
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(runs.iter().map(|run| row(run, direct_seconds)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEADINGS.len()).map(|i| width(i).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = match index {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
            text.push_str(&cell);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn row(run: &Run, direct_seconds: Option<f64>) -> [String; 12] {
    let training = &run.training;
    let number = |value: Option<u64>| value.map_or("-".to_owned(), grouped);
    let over_direct = match (run.path, direct_seconds) {
        (Some(path), Some(direct)) if path.calls > 0 => {
            format!(
                "{:.2} µs",
                (training.seconds - direct) * 1e6 / path.calls as f64
            )
        }
        _ => "-".to_owned(),
    };
    let posted = match run.client {
        Some(client) if client.posted > 0 => {
            format!("{:.0} ns", client.post_ns as f64 / client.posted as f64)
        }
        _ => "-".to_owned(),
    };
    [
        run.mode.name().to_owned(),
        format!("{:.2}", training.seconds),
        format!("{:.5}", training.auc),
        training.model_sha256.chars().take(12).collect(),
        training.predictions_sha256.chars().take(12).collect(),
        run.driver
            .map_or("-".to_owned(), |driver| megabytes(driver.memory_peak_bytes)),
        number(run.driver.map(|driver| driver.launches)),
        number(run.driver.map(|driver| driver.thread_instructions)),
        number(run.path.map(|path| path.calls)),
        number(run.path.map(|path| path.waiting_calls)),
        over_direct,
        posted,
    ]
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// A number with its thousands apart.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_sets_thousands_apart() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1 000"),
            (1234567, "1 234 567"),
        ] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn table_without_runs_is_its_headings() {
        let text = table(&[]);
        assert_eq!(text.lines().count(), 1);
        assert!(HEADINGS.iter().all(|heading| text.contains(heading)));
    }
}
