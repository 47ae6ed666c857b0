//! `rigel gpu`: the physical GPUs of a pool, their health, and which of them take sessions.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rigel_pool_server::bytes::ByteSize;
use rigel_protocol::control::{AdminRequest, GpuOrder};
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{Column, head, list, row, text};

/// Show the physical GPUs of a pool and their health; take them out of service and back.
#[derive(Debug, Args)]
pub(crate) struct GpuArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Print the JSON document.
    #[arg(long)]
    json: bool,

    #[command(subcommand)]
    order: Order,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Order {
    /// Show them.
    List,
    /// Give a GPU no new sessions; those on it go on.
    Drain {
        /// Its number.
        gpu: u32,
    },
    /// Give a GPU sessions again: after a drain, or after what made it ill has been seen to.
    Resume {
        /// Its number.
        gpu: u32,
    },
}

/// Does it, and shows the GPUs.
pub(crate) fn main(arguments: &GpuArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let set = |gpu, order| AdminRequest::SetGpu { gpu, order };
    let answer = arguments.pool.admin(match arguments.order {
        Order::List => AdminRequest::Gpus,
        Order::Drain { gpu } => set(gpu, GpuOrder::Drain),
        Order::Resume { gpu } => set(gpu, GpuOrder::Resume),
    })?;
    match arguments.json {
        true => println!("{answer:#}"),
        false => print!("{}", render(&answer)),
    }
    Ok(ExitCode::SUCCESS)
}

fn render(answer: &Value) -> String {
    const COLUMNS: &[Column] = &[
        ("GPU", 3, true),
        ("NAME", 32, false),
        ("MEMORY", 10, true),
        ("SESSIONS", 8, true),
        ("STATE", 8, false),
        ("ERRORS", 20, false),
        ("REASON", 80, false),
    ];
    let mut out = String::new();
    head(&mut out, COLUMNS);
    for one in list(&answer["gpus"]) {
        let health = &one["health"];
        let errors = health["errors"].as_object();
        let errors = errors.into_iter().flatten();
        let errors: Vec<String> = errors.map(|(xid, n)| format!("{n} x {xid}")).collect();
        let reason = match &health["reason"] {
            Value::Null => String::new(),
            reason => text(reason),
        };
        let cells = [
            text(&one["ordinal"]),
            text(&one["name"]),
            ByteSize(one["memory_bytes"].as_u64().unwrap_or(0)).to_string(),
            text(&one["sessions"]),
            text(&health["state"]),
            errors.join(", "),
            reason,
        ];
        row(&mut out, COLUMNS, &cells);
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpu_that_is_ill_says_why() {
        let answer = serde_json::json!({ "gpus": [{
            "ordinal": 1, "name": "H200", "memory_bytes": 1_u64 << 30, "sessions": 0,
            "health": { "state": "ill", "reason": "it has failed (Xid 62)", "errors": { "62": 2 } },
        }]});
        let page = render(&answer);
        assert!(page.contains("ill") && page.contains("2 x 62"), "{page}");
        assert!(page.contains("it has failed (Xid 62)"), "{page}");
    }
}
