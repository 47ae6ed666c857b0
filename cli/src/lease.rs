//! `rigel lease`: what an operator does to leases while the server runs.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use rigel_pool_server::bytes::ByteSize;
use rigel_pool_server::percent::ComputeRange;
use rigel_protocol::control::{AdminRequest, LeaseChange};
use serde_json::Value;

use crate::client::PoolArguments;
use crate::status::share;
use crate::table::{Column, head, list, row, size, text, used_of};

/// Show and change leases of a running server.
///
/// Changes hold at once and until the server stops; its configuration is not written. Only operators may
/// make them: root and the user who runs the server, on its own host, and who shows a certificate that `operators` names.
#[derive(Debug, Args)]
pub(crate) struct LeaseArguments {
    #[command(flatten)]
    pool: PoolArguments,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show all leases.
    List {
        /// Print the JSON of `rigel status`.
        #[arg(long)]
        json: bool,
    },
    /// Change what a lease holds.
    Set(SetArguments),
    /// Keep a lease's sessions from the GPUs; they stand still where they are.
    Pause {
        /// The lease.
        #[arg(value_name = "LEASE")]
        id: String,
    },
    /// Undo a pause or an end.
    Resume {
        /// The lease.
        #[arg(value_name = "LEASE")]
        id: String,
    },
    /// End a lease's sessions and admit no others; or end one session, by its number.
    End {
        /// The lease, or the number of a session.
        #[arg(value_name = "LEASE|SESSION")]
        id: String,
    },
}

#[derive(Debug, Args)]
struct SetArguments {
    /// The lease.
    #[arg(value_name = "LEASE")]
    id: String,

    /// Memory on each of its GPUs, such as 6G. Less than is held: nothing more can be allocated.
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,

    /// Time of each GPU in percent: `30`, or guarantee and maximum, `20..50`.
    #[arg(long, value_name = "SHARE")]
    compute: Option<ComputeRange>,

    /// idle, low, normal, high or urgent.
    #[arg(long)]
    priority: Option<String>,

    /// Weight in the queue.
    #[arg(long)]
    weight: Option<u32>,
}

/// Does it, and shows the lease as it is then.
pub(crate) fn main(arguments: &LeaseArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let request = match &arguments.action {
        Action::List { json } => {
            let status = arguments.pool.status()?;
            match json {
                true => println!("{:#}", status["leases"]),
                false => print!("{}", render(&status)),
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Set(set) => set.request()?,
        Action::Pause { id } => AdminRequest::PauseLease(id.clone()),
        Action::Resume { id } => AdminRequest::ResumeLease(id.clone()),
        Action::End { id } => match id.parse() {
            Ok(session) => AdminRequest::EndSession(session),
            Err(_) => AdminRequest::EndLease(id.clone()),
        },
    };
    let done = arguments.pool.admin(request)?;
    print!("{}", told(&done));
    Ok(ExitCode::SUCCESS)
}

impl SetArguments {
    fn request(&self) -> anyhow::Result<AdminRequest> {
        let change = LeaseChange {
            memory_bytes: self.memory.map(|size| size.0),
            compute_percent: self.compute.map(|range| (range.min, range.max)),
            priority: self.priority.clone(),
            weight: self.weight,
        };
        if change == LeaseChange::default() {
            bail!("nothing to change: give --memory, --compute, --priority or --weight");
        }
        Ok(AdminRequest::SetLease {
            lease: self.id.clone(),
            change,
        })
    }
}

/// The lease after a change, in lines.
fn told(done: &Value) -> String {
    if let Some(session) = done["session"].as_u64() {
        return format!("session {session}: ended\n");
    }
    let memory: Vec<String> = list(&done["memory_bytes"]).iter().map(size).collect();
    let mut lines = format!(
        "lease {}: {}, memory {}, compute {}, priority {}, weight {}\n",
        text(&done["lease"]),
        text(&done["state"]),
        memory.join(" "),
        share(done),
        text(&done["priority"]),
        text(&done["weight"]),
    );
    for gpu in list(&done["over_quota_on"]) {
        lines.push_str(&format!(
            "it holds more than that on GPU {gpu}: it can allocate nothing until it has freed enough\n"
        ));
    }
    lines
}

fn render(status: &Value) -> String {
    const COLUMNS: &[Column] = &[
        ("LEASE", 24, false),
        ("STATE", 7, false),
        ("GPU", 4, true),
        ("MEMORY", 21, true),
        ("SHARE", 8, true),
        ("PRIORITY", 8, false),
        ("WEIGHT", 6, true),
        ("SESSIONS", 9, true),
    ];
    let mut out = String::new();
    head(&mut out, COLUMNS);
    for lease in list(&status["leases"]) {
        for gpu in list(&lease["gpus"]) {
            let cells = [
                text(&lease["name"]),
                text(&lease["state"]),
                text(&gpu["physical"]),
                used_of(&gpu["memory_used_bytes"], &gpu["memory_limit_bytes"]),
                share(lease),
                text(&lease["priority"]),
                text(&lease["weight"]),
                text(&lease["sessions"]),
            ];
            row(&mut out, COLUMNS, &cells);
        }
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_told_with_what_is_over() {
        let done = serde_json::json!({
            "lease": "team", "state": "paused", "memory_bytes": [1u64 << 30],
            "compute_min_percent": 20, "compute_max_percent": 50, "priority": "low", "weight": 5,
            "over_quota_on": [1],
        });
        let lines = told(&done);
        assert_eq!(
            lines.lines().next(),
            Some("lease team: paused, memory 1 GiB, compute 20..50, priority low, weight 5")
        );
        assert!(lines.contains("GPU 1"), "{lines}");
    }

    #[test]
    fn list_shows_a_line_for_each_gpu() {
        let status = serde_json::json!({ "leases": [{
            "name": "team", "state": "active", "priority": "high", "weight": 100, "sessions": 2,
            "compute_min_percent": 0, "compute_max_percent": 100,
            "gpus": [{"physical": 0}, {"physical": 3}],
        }]});
        let page = render(&status);
        assert_eq!(page.matches("team").count(), 2, "{page}");
    }
}
