//! Tokens that are made while the server runs: what they open, how far, and that their end is the end of
//! what they have opened.

use anyhow::{Result, ensure};
use rigel_tests::{Client, Installation, Lease, Mode, Server, ServerOptions, missing};
use serde_json::Value;

/// A server with a lease, and two of a kind that only tokens made at run time open.
fn server() -> Result<Server> {
    Server::start_with(&ServerOptions {
        leases: vec![
            Lease::new("tests", &[]),
            Lease::instances("small", 2, &["memory = \"1GiB\""]),
        ],
        ..ServerOptions::default()
    })
}

/// The client that does what a test tells it.
fn scripted() -> Result<Option<Client>> {
    let installation = Installation::find()?;
    let client = Client::new(installation.cuda_program("cuda13", "static", "scripted"));
    Ok((client.exists() || !missing("`cargo xtask programs`")).then_some(client))
}

fn new_token(server: &Server, arguments: &[&str]) -> Result<Value> {
    let all = [&["token", "new", "--json"], arguments].concat();
    Ok(serde_json::from_str(&server.operate(&all)?)?)
}

/// A client that shows this token.
fn with_token(server: &Server, client: &Client, token: &Value) -> Result<Client> {
    let id = token["id"].as_str().unwrap_or_default();
    // Beside the tokens of the configuration, under its id.
    std::fs::write(
        server.token_file(id),
        token["token"].as_str().unwrap_or_default(),
    )?;
    Ok(client.clone().lease(id))
}

#[test]
fn revoked_token_ends_its_sessions_and_opens_no_other() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server()?;
    let token = new_token(&server, &["tests", "--memory", "512M", "--note", "a test"])?;
    let client = with_token(&server, &client, &token)?;
    for mode in [Mode::SharedMemory(&server), Mode::Quic(&server)] {
        let mut running = client.start(mode)?;
        ensure!(running.ask("init")? == "ok");
        let info = running.ask("info")?;
        ensure!(info.ends_with(&format!("total {}", 512 << 20)), "{info}");
        if matches!(mode, Mode::SharedMemory(_)) {
            running.finish()?;
            continue;
        }
        let id = token["id"].as_str().unwrap_or_default();
        server.operate(&["token", "revoke", id])?;
        server.wait_for("the session's end", |status| {
            let sessions = status["sessions"].as_array();
            sessions.is_some_and(|all| all.iter().all(|session| session["ended"] == true))
        })?;
        ensure!(running.ask("alloc 1024")? != "ok");
    }
    let mut refused = client.start(Mode::SharedMemory(&server))?;
    ensure!(refused.ask("init")? != "ok");
    let said = refused.finish()?.stderr;
    ensure!(said.contains("not one of this server's"), "{said}");
    let log = server.stop()?;
    let secret = token["token"].as_str().unwrap_or("?");
    ensure!(!log.contains(secret), "the server's log holds a token");
    Ok(())
}

#[test]
fn instances_are_given_once_and_come_back() -> Result<()> {
    let server = server()?;
    let first = new_token(&server, &["small"])?;
    let second = new_token(&server, &["small"])?;
    ensure!(first["lease"] == "small.1" && second["lease"] == "small.2");
    let full = new_token(&server, &["small"])
        .map(drop)
        .unwrap_err()
        .to_string();
    ensure!(full.contains("all 2 instances"), "{full}");
    server.operate(&["token", "revoke", first["id"].as_str().unwrap_or_default()])?;
    ensure!(new_token(&server, &["small"])?["lease"] == "small.1");
    let listed = server.operate(&["token", "list"])?;
    ensure!(
        !listed.contains(second["token"].as_str().unwrap_or("?")),
        "{listed}"
    );
    Ok(())
}

#[test]
fn token_of_more_than_its_lease_is_refused() -> Result<()> {
    let server = server()?;
    let refused = new_token(&server, &["small", "--memory", "2G"]).map(drop);
    let refused = refused.unwrap_err().to_string();
    ensure!(refused.contains("1 GiB"), "{refused}");
    ensure!(new_token(&server, &["nobody's"]).is_err());
    Ok(())
}
