//! `rigel reload`: has a running server read its configuration again. Read [`main`] first.

use std::process::ExitCode;

use clap::Args;
use rigel_protocol::control::AdminRequest;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{list, text};

/// Have the server of this host read its configuration again.
///
/// Leases come, change and go, and certificates are renewed, while sessions go on; a session ends when the
/// configuration no longer lets its client in. A bad file changes nothing. What needs a restart is named, and
/// the exit status is 3 then.
#[derive(Debug, Args)]
pub(crate) struct ReloadArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Print what was done as JSON.
    #[arg(long)]
    json: bool,
}

/// Asks the server, and shows what it has done.
pub(crate) fn main(arguments: &ReloadArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let done = arguments.pool.admin(AdminRequest::Reload)?;
    match arguments.json {
        true => println!("{done}"),
        false => print!("{}", told(&done)),
    }
    Ok(match list(&done["needs_restart"]).is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(3),
    })
}

fn told(done: &Value) -> String {
    let mut lines = String::new();
    let mut say = |what: &str, names: &Value| {
        for name in list(names) {
            lines.push_str(&format!("{what} {}\n", text(name)));
        }
    };
    say("lease added:", &done["added"]);
    say("lease removed:", &done["removed"]);
    say("server changed:", &done["server"]);
    say("needs a restart:", &done["needs_restart"]);
    for (lease, keys) in done["changed"].as_object().into_iter().flatten() {
        let keys: Vec<String> = list(keys).iter().map(text).collect();
        lines.push_str(&format!("lease changed: {lease} ({})\n", keys.join(", ")));
    }
    if let Some(n @ 1..) = done["sessions_ended"].as_u64() {
        lines.push_str(&format!("sessions ended: {n}\n"));
    }
    if lines.is_empty() {
        lines.push_str("nothing has changed\n");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_told_line_by_line() {
        let done = serde_json::json!({
            "added": ["a"], "removed": [], "changed": { "b": ["memory", "uids"] },
            "server": [], "needs_restart": ["[server] driver"], "sessions_ended": 2,
        });
        assert_eq!(
            told(&done),
            "lease added: a\nneeds a restart: [server] driver\nlease changed: b (memory, uids)\n\
             sessions ended: 2\n"
        );
        assert_eq!(told(&serde_json::json!({})), "nothing has changed\n");
    }
}
