//! `rigel usage`: what leases have used, from the server's usage ledger.

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use rigel_pool_server::bytes::ByteSize;
use rigel_protocol::control::AdminRequest;
use rigel_protocol::span;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{Column, head, list, row, text};

/// Show what leases have used, restarts of the server included.
///
/// The holder of a token sees its own lease.
#[derive(Debug, Args)]
pub(crate) struct UsageArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// How far back: 90s, 10m, 24h, 30d; or a Unix time in seconds, as @1760000000.
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = since)]
    since: Since,

    /// Print the JSON document.
    #[arg(long)]
    json: bool,
}

/// A time in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Ago(Duration),
    Unix(u64),
}

fn since(text: &str) -> Result<Since, String> {
    let unix = text.strip_prefix('@').and_then(|text| text.parse().ok());
    match (unix, span::parse(text)) {
        (Some(unix), _) => Ok(Since::Unix(unix)),
        (None, Some(ago)) => Ok(Since::Ago(ago)),
        (None, None) => Err(format!(
            "`{text}` is neither a time like 24h nor like @1760000000"
        )),
    }
}

/// Asks and prints.
pub(crate) fn main(arguments: &UsageArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let since_unix = match arguments.since {
        Since::Unix(unix) => unix,
        Since::Ago(ago) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.unwrap_or_default().saturating_sub(ago).as_secs()
        }
    };
    let answer = arguments.pool.admin(AdminRequest::Usage { since_unix })?;
    match arguments.json {
        true => println!("{answer:#}"),
        false => print!("{}", render(&answer)),
    }
    Ok(ExitCode::SUCCESS)
}

fn render(answer: &Value) -> String {
    const COLUMNS: &[Column] = &[
        ("LEASE", 24, false),
        ("GPU TIME", 12, true),
        ("MEMORY-HOURS", 14, true),
        ("SESSIONS", 8, true),
        ("LAUNCHES", 12, true),
        ("UP", 10, true),
        ("DOWN", 10, true),
        ("THROTTLED", 10, true),
        ("QUEUED", 10, true),
        ("DENIED", 7, true),
    ];
    let leases = list(&answer["leases"]);
    if leases.is_empty() {
        return "nothing was used since then\n".into();
    }
    let seconds = |value: &Value| format!("{:.1} s", value.as_f64().unwrap_or(0.0));
    let bytes = |value: f64| ByteSize(value as u64).to_string();
    let mut out = String::new();
    head(&mut out, COLUMNS);
    for one in leases {
        let held = one["memory_byte_seconds"].as_f64().unwrap_or(0.0);
        let cells = [
            text(&one["lease"]),
            seconds(&one["gpu_seconds"]),
            bytes(held / 3600.0),
            text(&one["sessions"]),
            text(&one["launches"]),
            bytes(one["bytes_up"].as_f64().unwrap_or(0.0)),
            bytes(one["bytes_down"].as_f64().unwrap_or(0.0)),
            seconds(&one["throttled_seconds"]),
            seconds(&one["queued_seconds"]),
            text(&one["allocations_denied"]),
        ];
        row(&mut out, COLUMNS, &cells);
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_span_or_a_time() {
        assert_eq!(since("@12"), Ok(Since::Unix(12)));
        assert_eq!(since("1h"), Ok(Since::Ago(Duration::from_secs(3600))));
        assert!(since("yesterday").is_err());
    }

    #[test]
    fn usage_is_a_line_for_each_lease() {
        let answer = serde_json::json!({ "leases": [
            { "lease": "team", "gpu_seconds": 12.34, "memory_byte_seconds": 3600.0 * 1024.0 * 1024.0,
              "sessions": 2 },
        ]});
        let page = render(&answer);
        assert!(page.contains("12.3 s") && page.contains("1 MiB"), "{page}");
        assert_eq!(render(&Value::Null), "nothing was used since then\n");
    }
}
