//! `rigel token`: tokens that are made while the server runs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use rigel_pool_server::bytes::ByteSize;
use rigel_protocol::control::{AdminRequest, NewToken, Request};
use rigel_protocol::span;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::table::{Column, head, list, row, size, text};

/// Make, list and revoke tokens of a running server.
///
/// A token opens a lease of the configuration, within a scope of its own, until it is revoked or its time
/// is over; then its sessions end too. The server keeps its SHA-256, in its state folder. Only operators may do
/// this: root and the user who runs the server, on its own host, and who shows a certificate that `operators` names.
#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    #[command(flatten)]
    pool: PoolArguments,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token, and print it: it is shown this once.
    New(NewArguments),
    /// Show the tokens that were made, without their secrets.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// End a token, and the sessions that it has opened.
    Revoke {
        /// The token's id, as `rigel token list` shows it.
        id: String,
    },
}

#[derive(Debug, Args)]
struct NewArguments {
    /// The lease that it opens; of one with instances, a free one.
    #[arg(value_name = "LEASE")]
    lease: String,

    /// Most GPUs of a session. Default: the lease's.
    #[arg(long, value_name = "N")]
    gpus: Option<u32>,

    /// Most memory of a session on each GPU, such as 2G. Default: the lease's.
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,

    /// Most compute of a session, in percent of each GPU. Default: the lease's.
    #[arg(long, value_name = "PCT", value_parser = clap::value_parser!(u8).range(1..=100))]
    compute: Option<u8>,

    /// When it ends, from now: 30m, 8h, 7d. Default: never.
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires: Option<Duration>,

    /// End it with this process.
    #[arg(long, value_name = "PID")]
    process: Option<u32>,

    /// What it is for, in a line.
    #[arg(long, default_value = "")]
    note: String,

    /// Print all that is known of it, as JSON.
    #[arg(long)]
    json: bool,
}

/// Does it, and says what was done.
pub(crate) fn main(arguments: &TokenArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let pool = &arguments.pool;
    match &arguments.action {
        Action::New(wanted) => {
            let made = pool.admin(AdminRequest::NewToken(wanted.request()))?;
            if wanted.json {
                println!("{made:#}");
            } else {
                println!(
                    "{}",
                    made["token"].as_str().context("the server sent no token")?
                );
                eprintln!(
                    "rigel: token {} opens lease {}",
                    text(&made["id"]),
                    text(&made["lease"])
                );
            }
        }
        Action::List { json } => {
            let answer = pool.admin(AdminRequest::ListTokens)?;
            match json {
                true => println!("{:#}", answer["tokens"]),
                false => print!("{}", render(&answer)),
            }
        }
        Action::Revoke { id } => {
            let done = pool.admin(AdminRequest::RevokeToken(id.clone()))?;
            println!(
                "token {id}: revoked, {} sessions ended",
                text(&done["sessions_ended"])
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl NewArguments {
    fn request(&self) -> NewToken {
        NewToken {
            lease: self.lease.clone(),
            scope: Request {
                gpus: self.gpus,
                memory_bytes: self.memory.map(|size| size.0),
                compute_percent: self.compute,
            },
            seconds: self.expires.map(|span| span.as_secs()),
            process: self.process,
            note: self.note.clone(),
        }
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let span = span::parse(text).filter(|span| span.as_secs() > 0);
    span.ok_or_else(|| "expected a time such as 30m, 8h or 7d".to_owned())
}

fn render(answer: &Value) -> String {
    const COLUMNS: &[Column] = &[
        ("TOKEN", 8, false),
        ("LEASE", 24, false),
        ("GPUS", 4, true),
        ("MEMORY", 10, true),
        ("COMPUTE", 7, true),
        ("SESSIONS", 8, true),
        ("ENDS (UNIX)", 11, true),
        ("PID", 8, true),
        ("NOTE", 40, false),
    ];
    let mut out = String::new();
    head(&mut out, COLUMNS);
    for token in list(&answer["tokens"]) {
        let cells = [
            text(&token["id"]),
            text(&token["lease"]),
            text(&token["gpus"]),
            size(&token["memory_bytes"]),
            text(&token["compute_percent"]),
            text(&token["sessions"]),
            text(&token["expires_unix"]),
            text(&token["pid"]),
            text(&token["note"]),
        ];
        row(&mut out, COLUMNS, &cells);
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_shows_a_line_for_each_token_and_no_secret() {
        let answer = serde_json::json!({ "tokens": [
            { "id": "0a1b2c3d", "lease": "8g.1", "memory_bytes": 1u64 << 30, "token": "hidden" },
        ]});
        let page = render(&answer);
        assert!(
            page.contains("0a1b2c3d") && page.contains("1 GiB"),
            "{page}"
        );
        assert!(!page.contains("hidden"), "{page}");
    }

    #[test]
    fn time_of_nothing_is_refused() {
        assert!(time("0s").is_err());
        assert!(time("soon").is_err());
        assert_eq!(time("1h"), Ok(Duration::from_secs(3600)));
    }
}
