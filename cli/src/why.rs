//! `rigel why`: why a client is slow now, in sentences. What is measured and judged is the server's.

use std::process::ExitCode;

use clap::Args;
use rigel_protocol::control::AdminRequest;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{list, text};

/// Say why a session, or the sessions of a lease, are slow now.
///
/// The server watches for half a second and tells what held them up: a maximum, others' turns, a pause, a
/// quota that is used up; or that nothing did.
#[derive(Debug, Args)]
pub(crate) struct WhyArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Number of a session (see `rigel status`), or name of a lease.
    #[arg(value_name = "SESSION|LEASE")]
    id: String,

    /// Print the JSON document.
    #[arg(long)]
    json: bool,
}

/// Asks and prints.
pub(crate) fn main(arguments: &WhyArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let answer = arguments
        .pool
        .admin(AdminRequest::Why(arguments.id.clone()))?;
    match arguments.json {
        true => println!("{answer:#}"),
        false => print!("{}", render(&answer)),
    }
    Ok(ExitCode::SUCCESS)
}

fn render(answer: &Value) -> String {
    let mut out = String::new();
    for session in list(&answer["sessions"]) {
        for reason in list(&session["reasons"]) {
            out.push_str(&format!(
                "session {} ({}): {}\n",
                text(&session["session"]),
                text(&session["process"]),
                text(reason)
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_lines() {
        let answer = serde_json::json!({ "sessions": [
            { "session": 4, "process": "python", "reasons": ["it waits", "and more"] },
        ]});
        assert_eq!(
            render(&answer),
            "session 4 (python): it waits\nsession 4 (python): and more\n"
        );
    }
}
