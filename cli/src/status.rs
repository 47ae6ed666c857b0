//! `rigel status`: GPUs, leases and sessions of a pool, as a table or as JSON.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use rigel_pool_server::bytes::ByteSize;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{Column, head, list, row, size, text, used_of};

/// Show a pool's GPUs, leases and sessions.
///
/// The user who runs the server sees everything; the holder of a token, its lease.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Print the JSON document; its fields are described in docs/operations.md.
    #[arg(long)]
    json: bool,
}

/// Asks and prints.
pub(crate) fn main(arguments: &StatusArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let status = arguments.pool.status()?;
    if arguments.json {
        println!("{status:#}");
    } else {
        print!("{}", render(&status));
    }
    Ok(ExitCode::SUCCESS)
}

fn render(status: &Value) -> String {
    let mut out = String::new();
    let driver = &status["driver"];
    let _ = writeln!(
        out,
        "rigel {}   driver: {} {}",
        text(&status["version"]),
        text(&driver["name"]),
        cuda_version(&driver["version"]),
    );
    render_gpus(&mut out, status);
    render_leases(&mut out, status);
    render_sessions(&mut out, status);
    out
}

fn render_gpus(out: &mut String, status: &Value) {
    const COLUMNS: &[Column] = &[
        ("GPU", 4, true),
        ("NAME", 32, false),
        ("MEMORY", 21, true),
        ("SESSIONS", 9, true),
    ];
    head(out, COLUMNS);
    for gpu in list(&status["gpus"]) {
        let memory = used_of(&gpu["memory_used_bytes"], &gpu["memory_bytes"]);
        row(
            out,
            COLUMNS,
            &[
                text(&gpu["ordinal"]),
                text(&gpu["name"]),
                memory,
                text(&gpu["sessions"]),
            ],
        );
    }
}

fn render_leases(out: &mut String, status: &Value) {
    const COLUMNS: &[Column] = &[
        ("LEASE", 20, false),
        ("GPU", 4, true),
        ("MEMORY", 21, true),
        ("PEAK", 10, true),
        ("DENIED", 7, true),
        ("SHARE", 8, true),
        ("PRIORITY", 8, false),
        ("GPU TIME", 10, true),
        ("SESSIONS", 9, true),
        ("STATE", 7, false),
    ];
    head(out, COLUMNS);
    for lease in list(&status["leases"]) {
        if let Some(reason) = lease["refused"].as_str() {
            let _ = writeln!(out, "{}  refused: {reason}", text(&lease["name"]));
        }
        for gpu in list(&lease["gpus"]) {
            let cells = [
                text(&lease["name"]),
                text(&gpu["physical"]),
                used_of(&gpu["memory_used_bytes"], &gpu["memory_limit_bytes"]),
                size(&gpu["memory_peak_bytes"]),
                text(&gpu["allocations_denied"]),
                share(lease),
                text(&lease["priority"]),
                format!("{:.1} s", gpu["gpu_seconds"].as_f64().unwrap_or(0.0)),
                text(&lease["sessions"]),
                text(&lease["state"]),
            ];
            row(out, COLUMNS, &cells);
            if gpu["memory_over_quota"] == true {
                let _ = writeln!(
                    out,
                    "{}  holds more than its quota on GPU {}: it can allocate nothing until it has freed enough",
                    text(&lease["name"]),
                    text(&gpu["physical"])
                );
            }
        }
    }
}

fn render_sessions(out: &mut String, status: &Value) {
    const COLUMNS: &[Column] = &[
        ("SESSION", 7, true),
        ("LEASE", 16, false),
        ("PROCESS", 24, false),
        ("LINK", 5, false),
        ("TIME", 9, true),
        ("MEMORY", 10, true),
        ("LAUNCHES", 10, true),
        ("CALLS", 10, true),
        ("WAITING", 10, true),
    ];
    head(out, COLUMNS);
    let open: Vec<&Value> = list(&status["sessions"])
        .iter()
        .filter(|session| session["ended"] == false)
        .collect();
    if open.is_empty() {
        let _ = writeln!(out, "(none)");
    }
    for session in open {
        let held: u64 = list(&session["memory_bytes"])
            .iter()
            .filter_map(Value::as_u64)
            .sum();
        let cells = [
            text(&session["id"]),
            text(&session["lease"]),
            format!("{} {}", text(&session["pid"]), text(&session["process"])),
            text(&session["link"]),
            format!("{:.0} s", session["seconds"].as_f64().unwrap_or(0.0)),
            ByteSize(held).to_string(),
            text(&session["path"]["launches"]),
            text(&session["path"]["calls"]),
            text(&session["path"]["waiting_calls"]),
        ];
        row(out, COLUMNS, &cells);
    }
}

/// Guarantee and maximum of a lease, in percent.
pub(crate) fn share(lease: &Value) -> String {
    match (&lease["compute_min_percent"], &lease["compute_max_percent"]) {
        (Value::Null, _) | (_, Value::Null) => "-".into(),
        (min, max) if min == max => format!("{min} %"),
        (min, max) => format!("{min}..{max}"),
    }
}

/// 13020 is CUDA 13.2.
fn cuda_version(value: &Value) -> String {
    let number = value.as_u64().unwrap_or(0);
    format!("(CUDA {}.{})", number / 1000, number % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn render_shows_gpus_leases_and_open_sessions() {
        let status = serde_json::json!({
            "version": "0.1.0",
            "driver": {"name": "soft", "version": 13020, "soft": true},
            "gpus": [{"ordinal": 0, "name": "Rigel Soft GPU", "memory_bytes": 8u64 << 30,
                      "memory_used_bytes": 1 << 20, "sessions": 1}],
            "leases": [{"name": "team", "sessions": 1, "refused": null, "priority": "high",
                        "compute_min_percent": 20, "compute_max_percent": 50, "gpus": [
                {"physical": 0, "memory_limit_bytes": 4u64 << 30, "memory_used_bytes": 1 << 20,
                 "memory_peak_bytes": 2 << 20, "allocations_denied": 3, "gpu_seconds": 12.34}]}],
            "sessions": [
                {"id": 4, "lease": "team", "ended": false, "pid": 77, "process": "python",
                 "link": "shm", "seconds": 3.2, "memory_bytes": [1 << 20],
                 "path": {"launches": 9, "calls": 20, "waiting_calls": 5}},
                {"id": 3, "lease": "team", "ended": true}],
        });
        let page = render(&status);
        for part in [
            "CUDA 13.2",
            "Rigel Soft GPU",
            "1 MiB / 8 GiB",
            "1 MiB / 4 GiB",
            "77 python",
            "20..50",
            "high",
            "12.3 s",
        ] {
            assert!(page.contains(part), "{part} is missing in\n{page}");
        }
        assert!(
            !page.contains("      3  team"),
            "ended sessions are for --json:\n{page}"
        );
    }

    #[test]
    fn render_of_a_document_without_fields_does_not_fail() {
        assert!(render(&Value::Null).contains("SESSION"));
    }
}
