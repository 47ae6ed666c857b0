//! Sessions of this host go on when the server is started anew: in its place, or by a service manager after a
//! crash. Nothing is lost, the quota holds over both, and what ends meanwhile is given back.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{
    Client, Installation, Lease, Manager, Mode, RunningClient, Server, ServerOptions, missing,
};
use serde_json::Value;

const MIB: u64 = 1 << 20;

fn scripted() -> Result<Option<Client>> {
    let installation = Installation::find()?;
    let client = Client::new(installation.cuda_program("cuda13", "static", "scripted"));
    Ok((client.exists() || !missing("`cargo xtask programs`")).then_some(client))
}

fn server(manager: Option<&Arc<Manager>>) -> Result<Server> {
    Server::start_with(&ServerOptions {
        leases: vec![Lease::new("tests", &["memory = \"64MiB\"", "sessions = 3"])],
        manager: manager.cloned(),
        ..ServerOptions::default()
    })
}

fn expect(client: &mut RunningClient, line: &str, answer: &str) -> Result<()> {
    let said = client.ask(line)?;
    ensure!(said == answer, "{line}: {said}, not {answer}");
    Ok(())
}

/// A session that holds 40 MiB.
fn open(client: &Client, server: &Server) -> Result<RunningClient> {
    let mut running = client.start(Mode::SharedMemory(server))?;
    expect(&mut running, "init", "ok")?;
    expect(&mut running, &format!("alloc {}", 40 * MIB), "ok")?;
    expect(&mut running, "touch", "ok")?;
    Ok(running)
}

fn only(sessions: Vec<Value>) -> Result<Value> {
    ensure!(sessions.len() == 1, "{sessions:?}");
    sessions.into_iter().next().context("there is one")
}

fn wait_until_free(server: &Server) -> Result<()> {
    server.wait_for("everything to be given back", |status| {
        let lease = &status["leases"][0];
        lease["sessions"] == 0 && lease["gpus"][0]["memory_used_bytes"] == 0
    })?;
    Ok(())
}

/// After a restart the session holds what it held, and a new one gets the rest, to the byte.
fn check_after(client: &Client, server: &Server, old: &mut RunningClient) -> Result<()> {
    for line in ["touch", "sync", "copy 3"] {
        expect(old, line, "ok")?;
    }
    let mut fresh = client.start(Mode::SharedMemory(server))?;
    expect(&mut fresh, "init", "ok")?;
    let too_much = format!("alloc {}", 24 * MIB + 1);
    expect(&mut fresh, &too_much, "cudaErrorMemoryAllocation")?;
    expect(&mut fresh, &format!("alloc {}", 20 * MIB), "ok")?;
    expect(
        old,
        &format!("alloc {}", 8 * MIB),
        "cudaErrorMemoryAllocation",
    )?;
    for client in [&mut fresh, old] {
        expect(client, "touch", "ok")?;
    }
    fresh.finish()?.check("the session after the restart")?;
    server.wait_for("the session after the restart to end", |status| {
        status["leases"][0]["sessions"] == 1
    })?;
    Ok(())
}

#[test]
fn session_goes_on_when_the_server_is_replaced() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let mut server = server(None)?;
    let mut running = open(&client, &server)?;
    let mut remote = client.start(Mode::Quic(&server))?;
    expect(&mut remote, "init", "ok")?;
    // One of another host ends, and what it holds is free.
    expect(&mut remote, &format!("alloc {}", 10 * MIB), "ok")?;
    let before = server.open_sessions()?;
    let pid = server.pid();
    for _ in 0..2 {
        // In the middle of a copy.
        running.say("copy 8")?;
        server.replace()?;
        ensure!(running.hear()? == "ok");
        ensure!(server.pid() == pid);
        let after = only(server.open_sessions()?)?;
        let same = ["worker_pid", "lease", "pid", "uid", "memory_bytes"];
        let kept = before.iter().find(|one| one["id"] == after["id"]);
        let kept = kept.context("it has another number")?;
        ensure!(
            same.iter().all(|key| kept[*key] == after[*key]),
            "{kept} {after}"
        );
        check_after(&client, &server, &mut running)?;
    }
    remote.kill()?;
    running.finish()?.check("the session before")?;
    wait_until_free(&server)
}

#[test]
fn session_goes_on_when_the_server_is_killed() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let manager = Arc::new(Manager::start()?);
    let mut server = server(Some(&manager))?;
    let mut running = open(&client, &server)?;
    // At rest, in the middle of copies, and with kernels under way.
    for line in ["sync", "copy 8", "copy 24", "launch", "copy 1"] {
        running.say(line)?;
        server.crash()?;
        let said = running.hear()?;
        ensure!(said == "ok", "{line}: {said}");
        only(server.open_sessions()?)?;
    }
    check_after(&client, &server, &mut running)?;
    running.finish()?.check("the session before")?;
    wait_until_free(&server)?;
    let kept = manager.kept();
    ensure!(
        !kept.iter().any(|name| name.starts_with("session")),
        "{kept:?}"
    );
    Ok(())
}

#[test]
fn what_ends_while_there_is_no_server_is_given_back() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let manager = Arc::new(Manager::start()?);
    let mut server = server(Some(&manager))?;
    let mut killed = Some(open(&client, &server)?);
    let mut staying = client.start(Mode::SharedMemory(&server))?;
    expect(&mut staying, "init", "ok")?;
    server.crash_and(|| killed.take().map_or(Ok(()), RunningClient::kill))?;
    server.wait_for("the killed client's session to end", |status| {
        status["leases"][0]["sessions"] == 1
    })?;
    expect(&mut staying, &format!("alloc {}", 60 * MIB), "ok")?;
    staying.finish()?.check("the session that stays")?;
    wait_until_free(&server)
}

#[test]
fn program_computes_the_same_over_crashes() -> Result<()> {
    let installation = Installation::find()?;
    let client = Client::python(&installation, "xgboost_classification.py");
    if !client.exists() && missing("`cargo xtask programs`") {
        return Ok(());
    }
    let expected = client.run(Mode::Direct)?;
    let manager = Arc::new(Manager::start()?);
    let mut server = Server::start_with(&ServerOptions {
        manager: Some(Arc::clone(&manager)),
        ..ServerOptions::default()
    })?;
    let running = client.start(Mode::SharedMemory(&server))?;
    server.wait_for("the session to begin", |status| {
        status["sessions"][0]["path"]["calls"].as_u64().unwrap_or(0) > 0
    })?;
    let mut crashes = 0;
    while !server.open_sessions()?.is_empty() && crashes < 5 {
        server.crash()?;
        crashes += 1;
    }
    let output = running.finish()?;
    output.check("the program")?;
    let own = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with("driver: "));
        lines.map(str::to_owned).collect()
    };
    ensure!(
        own(&output.stdout) == own(&expected.stdout),
        "{}",
        output.stdout
    );
    ensure!(crashes > 0, "it was over before the first crash");
    wait_until_free(&server)
}
