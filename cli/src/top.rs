//! `rigel top`: a pool as it works, refreshed on the terminal. It asks for the status again and again and
//! shows what changed between two of them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use rigel_pool_server::bytes::ByteSize;
use rigel_protocol::span;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::status::share;
use crate::table::{Column, head, list, row, text, used_of};

/// Sessions that are shown, the busiest first.
const SESSIONS_MAX: usize = 40;
/// Clears the terminal and goes to its corner.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Watch a pool at work: GPUs, leases, and the busiest sessions. Ctrl-C ends it.
#[derive(Debug, Args)]
pub(crate) struct TopArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Time between two views.
    #[arg(long, value_name = "SPAN", default_value = "1s", value_parser = every)]
    every: Duration,

    /// How many views; default: until it is ended.
    #[arg(long, value_name = "N")]
    views: Option<u64>,
}

fn every(text: &str) -> Result<Duration, String> {
    span::parse(text)
        .filter(|span| *span >= Duration::from_millis(100))
        .ok_or_else(|| format!("`{text}` is not a time of at least 100ms, like 1s"))
}

/// Shows views until told to stop.
pub(crate) fn main(arguments: &TopArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let mut before = (Instant::now(), arguments.pool.status()?);
    let mut left = arguments.views.unwrap_or(u64::MAX);
    while left > 0 {
        left -= 1;
        std::thread::sleep(arguments.every);
        let now = (Instant::now(), arguments.pool.status()?);
        let page = render(&before.1, &now.1, now.0 - before.0);
        let mut out = std::io::stdout().lock();
        let clear = if out.is_terminal() { CLEAR } else { "" };
        if write!(out, "{clear}{page}")
            .and_then(|()| out.flush())
            .is_err()
        {
            // Nobody looks any more.
            break;
        }
        before = now;
    }
    Ok(ExitCode::SUCCESS)
}

fn render(before: &Value, now: &Value, span: Duration) -> String {
    let mut out = String::new();
    let alerts: Vec<String> = list(&now["alerts"]).iter().map(text).collect();
    let _ = writeln!(
        out,
        "rigel {}   {} sessions{}",
        text(&now["version"]),
        open(now).count(),
        match alerts.is_empty() {
            true => String::new(),
            false => format!("   ALERT: {}", alerts.join(", ")),
        }
    );
    leases(&mut out, before, now, span.as_secs_f64());
    sessions(&mut out, before, now, span.as_secs_f64());
    out
}

fn leases(out: &mut String, before: &Value, now: &Value, span: f64) {
    const COLUMNS: &[Column] = &[
        ("LEASE", 20, false),
        ("STATE", 7, false),
        ("GPU", 4, true),
        ("BUSY", 6, true),
        ("SHARE", 8, true),
        ("CAPPED", 6, true),
        ("MEMORY", 21, true),
        ("DENIED", 7, true),
        ("SESSIONS", 8, true),
    ];
    let times = |status: &Value| -> HashMap<(String, String), (f64, f64)> {
        let mut times = HashMap::new();
        for lease in list(&status["leases"]) {
            for gpu in list(&lease["gpus"]) {
                let time = (number(&gpu["gpu_seconds"]), number(&gpu["capped_seconds"]));
                times.insert((text(&lease["name"]), text(&gpu["physical"])), time);
            }
        }
        times
    };
    let past = times(before);
    head(out, COLUMNS);
    for lease in list(&now["leases"]) {
        for gpu in list(&lease["gpus"]) {
            let key = (text(&lease["name"]), text(&gpu["physical"]));
            let (held, capped) = past.get(&key).copied().unwrap_or_default();
            let cells = [
                key.0,
                text(&lease["state"]),
                key.1,
                percent((number(&gpu["gpu_seconds"]) - held) / span),
                share(lease),
                percent((number(&gpu["capped_seconds"]) - capped) / span),
                used_of(&gpu["memory_used_bytes"], &gpu["memory_limit_bytes"]),
                text(&gpu["allocations_denied"]),
                text(&lease["sessions"]),
            ];
            row(out, COLUMNS, &cells);
        }
    }
}

fn sessions(out: &mut String, before: &Value, now: &Value, span: f64) {
    const COLUMNS: &[Column] = &[
        ("SESSION", 7, true),
        ("LEASE", 16, false),
        ("PROCESS", 24, false),
        ("CALLS/S", 9, true),
        ("LAUNCH/S", 9, true),
        ("WAIT/S", 8, true),
        ("THROTTLED", 9, true),
        ("UP/S", 10, true),
        ("DOWN/S", 10, true),
        ("MEMORY", 10, true),
        ("KERNEL", 32, false),
    ];
    let past: HashMap<u64, &Value> = open(before)
        .filter_map(|session| Some((session["id"].as_u64()?, session)))
        .collect();
    let mut rows: Vec<(f64, Vec<String>)> = open(now)
        .map(|session| {
            let old = session["id"].as_u64().and_then(|id| past.get(&id).copied());
            cells_of(session, old.unwrap_or(&Value::Null), span)
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    head(out, COLUMNS);
    for (_, cells) in rows.iter().take(SESSIONS_MAX) {
        row(out, COLUMNS, cells);
    }
    if rows.len() > SESSIONS_MAX {
        let _ = writeln!(out, "(and {} more)", rows.len() - SESSIONS_MAX);
    }
}

/// How busy a session is, and its line.
fn cells_of(session: &Value, old: &Value, span: f64) -> (f64, Vec<String>) {
    let rate = |name: &str| {
        let more = number(&session["path"][name]) - number(&old["path"][name]);
        (more / span).max(0.0)
    };
    let throttled = number(&session["throttled_seconds"]) - number(&old["throttled_seconds"]);
    let held: f64 = list(&session["memory_bytes"]).iter().map(number).sum();
    let bytes = |value: f64| ByteSize(value as u64).to_string();
    let calls = rate("calls");
    let cells = vec![
        text(&session["id"]),
        text(&session["lease"]),
        format!("{} {}", text(&session["pid"]), text(&session["process"])),
        format!("{calls:.0}"),
        format!("{:.0}", rate("launches")),
        format!("{:.0}", rate("waiting_calls")),
        percent(throttled / span),
        bytes(rate("bytes_up")),
        bytes(rate("bytes_down")),
        bytes(held),
        text(&session["last_kernel"]),
    ];
    (calls, cells)
}

fn open(status: &Value) -> impl Iterator<Item = &Value> {
    let sessions = list(&status["sessions"]).iter();
    sessions.filter(|session| session["ended"] == false)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

fn percent(part: f64) -> String {
    format!("{:.0} %", (part * 100.0).clamp(0.0, 999.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(gpu_seconds: f64, calls: u64) -> Value {
        serde_json::json!({
            "version": "0.1.0", "alerts": ["clock"],
            "leases": [{ "name": "team", "state": "active", "sessions": 1,
                "compute_min_percent": 20, "compute_max_percent": 50,
                "gpus": [{ "physical": 0, "gpu_seconds": gpu_seconds, "capped_seconds": 0.0 }] }],
            "sessions": [{ "id": 7, "lease": "team", "ended": false, "pid": 3, "process": "python",
                "throttled_seconds": 0.0, "memory_bytes": [1024], "last_kernel": "gemm",
                "path": { "calls": calls, "launches": 0, "waiting_calls": 0 } }],
        })
    }

    #[test]
    fn view_shows_what_changed_between_two() {
        let span = Duration::from_secs(2);
        let page = render(&status(1.0, 100), &status(1.5, 300), span);
        for part in ["25 %", "100", "3 python", "gemm", "ALERT: clock", "20..50"] {
            assert!(page.contains(part), "{part} is missing in\n{page}");
        }
    }

    #[test]
    fn view_of_documents_without_fields_does_not_fail() {
        let page = render(&Value::Null, &Value::Null, Duration::from_secs(1));
        assert!(page.contains("SESSION"), "{page}");
    }

    #[test]
    fn every_has_a_least() {
        assert!(every("1ms").is_err());
        assert_eq!(every("2s"), Ok(Duration::from_secs(2)));
    }
}
