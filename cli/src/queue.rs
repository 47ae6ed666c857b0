//! `rigel queue`: who waits for room in a pool, and why.

use std::process::ExitCode;

use clap::Args;
use rigel_protocol::control::AdminRequest;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{Column, head, list, row, text};

/// Show the clients that wait for room (`rigel run --wait 10m`), the next one first.
#[derive(Debug, Args)]
pub(crate) struct QueueArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Print the JSON document.
    #[arg(long)]
    json: bool,
}

/// Asks and prints.
pub(crate) fn main(arguments: &QueueArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let answer = arguments.pool.admin(AdminRequest::Queue)?;
    match arguments.json {
        true => println!("{answer:#}"),
        false => print!("{}", render(&answer)),
    }
    Ok(ExitCode::SUCCESS)
}

fn render(answer: &Value) -> String {
    const COLUMNS: &[Column] = &[
        ("PLACE", 5, true),
        ("LEASE", 20, false),
        ("PROCESS", 20, false),
        ("GPUS", 4, true),
        ("WAITED", 8, true),
        ("WEIGHT", 6, true),
        ("REASON", 120, false),
    ];
    let waiting = list(&answer["waiting"]);
    if waiting.is_empty() {
        return "nobody waits\n".into();
    }
    let mut out = String::new();
    head(&mut out, COLUMNS);
    for one in waiting {
        let gpus = match &one["gpus"] {
            Value::Null => "all".into(),
            n => text(n),
        };
        let cells = [
            text(&one["position"]),
            text(&one["lease"]),
            text(&one["process"]),
            gpus,
            format!("{:.0} s", one["seconds"].as_f64().unwrap_or(0.0)),
            text(&one["weight"]),
            text(&one["reason"]),
        ];
        row(&mut out, COLUMNS, &cells);
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_shown_by_place() {
        let answer = serde_json::json!({ "waiting": [
            { "position": 1, "lease": "team", "process": "python", "gpus": 2, "seconds": 12.4,
              "weight": 100, "reason": "two GPUs are wanted" },
        ]});
        let page = render(&answer);
        assert!(page.contains("12 s") && page.contains("two GPUs"), "{page}");
        assert_eq!(render(&Value::Null), "nobody waits\n");
    }
}
