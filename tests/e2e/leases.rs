//! Leases from outside: what an operator changes while clients run, the line for those who find no room,
//! what is counted, and that memory is the lease's whichever process takes it.
//!
//! Nothing is timed: each test waits for what it wants to see.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rigel_protocol::control::{ClientMessage, Request, ServerMessage, Token};
use rigel_tests::{
    Client, Installation, Lease, Liar, Mode, RunningClient, Server, ServerOptions, missing,
};
use serde_json::Value;

const MIB: u64 = 1 << 20;

/// The scripted client, or none where it was not built.
fn scripted() -> Result<Option<Client>> {
    let installation = Installation::find()?;
    let client = Client::new(installation.cuda_program("cuda13", "static", "scripted"));
    if !client.exists() && missing("`cargo xtask programs`") {
        return Ok(None);
    }
    Ok(Some(client))
}

fn server(lease: &[&str], settings: &[&str]) -> Result<Server> {
    Server::start_with(&ServerOptions {
        leases: vec![Lease::new("tests", lease)],
        settings: settings.iter().map(|&line| line.to_owned()).collect(),
        ..ServerOptions::default()
    })
}

fn connected(client: &Client, server: &Server) -> Result<RunningClient> {
    let mut running = client.start(Mode::SharedMemory(server))?;
    expect(&mut running, "init", "ok")?;
    Ok(running)
}

fn expect(client: &mut RunningClient, line: &str, answer: &str) -> Result<()> {
    let got = client.ask(line)?;
    ensure!(got == answer, "`{line}` gave {got}, not {answer}");
    Ok(())
}

fn operator(server: &Server, arguments: &[&str]) -> Result<String> {
    let done = server.rigel(arguments)?;
    done.map_err(|error| anyhow::anyhow!("rigel {arguments:?}: {error}"))
}

fn gpu(status: &Value) -> &Value {
    &status["leases"][0]["gpus"][0]
}

#[test]
fn quota_changes_under_a_running_client() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&["memory = \"64MiB\""], &[])?;
    let mut running = connected(&client, &server)?;
    let chunk = format!("alloc {}", 24 * MIB);
    expect(&mut running, &chunk, "ok")?;
    let said = operator(&server, &["lease", "set", "tests", "--memory", "16M"])?;
    ensure!(said.contains("holds more than that on GPU 0"), "{said}");
    expect(&mut running, "alloc 512", "cudaErrorMemoryAllocation")?;
    let status = server.status()?;
    ensure!(gpu(&status)["memory_over_quota"] == true, "{status:#}");
    operator(&server, &["lease", "set", "tests", "--memory", "128M"])?;
    expect(&mut running, &chunk, "ok")?;
    expect(&mut running, &chunk, "ok")?;
    expect(&mut running, "alloc 67108864", "cudaErrorMemoryAllocation")?;
    let info = running.ask("info")?;
    let status = server.status()?;
    let used = gpu(&status)["memory_used_bytes"].as_u64().context("used")?;
    ensure!(
        info == format!("used {used} total {}", 128 * MIB),
        "{info}, {used}"
    );
    running.finish()?.check("the client whose quota changes")
}

#[test]
fn paused_lease_stands_still_and_goes_on() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&[], &[])?;
    let mut running = connected(&client, &server)?;
    expect(&mut running, "alloc 65536", "ok")?;
    expect(&mut running, "touch", "ok")?;
    operator(&server, &["lease", "pause", "tests"])?;
    let executed = |status: &Value, part: &str| status["sessions"][0][part]["launches"].as_u64();
    let before = server.status()?;
    running.say("touch")?;
    let path = executed(&before, "path");
    server.wait_for("the launch at the gate", |status| {
        executed(status, "path") > path
    })?;
    let why = operator(&server, &["why", "tests"])?;
    ensure!(why.contains("paused by the operator"), "{why}");
    let status = server.status()?;
    ensure!(
        executed(&status, "driver") == executed(&before, "driver"),
        "it ran while it was paused: {status:#}"
    );
    operator(&server, &["lease", "resume", "tests"])?;
    let answer = running.hear()?;
    ensure!(answer == "ok", "touch after the pause: {answer}");
    running.finish()?.check("the paused client")
}

#[test]
fn ended_lease_ends_its_sessions_and_admits_nobody() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&[], &[])?;
    let mut running = connected(&client, &server)?;
    operator(&server, &["lease", "end", "tests"])?;
    server.wait_for("the session's end", |status| {
        status["sessions"][0]["ended"] == true && gpu(status)["memory_used_bytes"] == 0
    })?;
    let answer = running.ask("alloc 512")?;
    ensure!(answer.starts_with("cudaError"), "{answer}");
    drop(running);
    let mut late = client.start(Mode::SharedMemory(&server))?;
    let answer = late.ask("init")?;
    ensure!(answer.starts_with("cudaError"), "{answer}");
    let said = late.finish()?.stderr;
    ensure!(said.contains("ended by the operator"), "{said}");
    operator(&server, &["lease", "resume", "tests"])?;
    connected(&client, &server)?
        .finish()?
        .check("the client after the end")
}

#[test]
fn holder_of_a_token_changes_nothing() -> Result<()> {
    let server = server(&[], &[])?;
    let token = server.token_file("tests");
    let token = token.to_str().context("the path is text")?;
    for order in [
        &["lease", "set", "tests", "--memory", "8G"][..],
        &["lease", "resume", "tests"],
    ] {
        let as_tenant = ["lease", "--pool", server.quic_url(), "--token-file", token];
        let arguments: Vec<&str> = as_tenant.iter().chain(&order[1..]).copied().collect();
        let error = server.rigel(&arguments)?.err().context("it was allowed")?;
        ensure!(
            error.contains("only the user who runs the server"),
            "{error}"
        );
    }
    let seen = server.rigel(&["usage", "--pool", server.quic_url(), "--token-file", token])?;
    ensure!(seen.is_ok(), "{seen:?}");
    Ok(())
}

#[test]
fn client_waits_in_line_for_room() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&[], &["sessions_per_gpu = 1"])?;
    let first = connected(&client, &server)?;
    // Who does not wait is told what to do.
    let mut hasty = client.start(Mode::SharedMemory(&server))?;
    let answer = hasty.ask("init")?;
    ensure!(answer.starts_with("cudaError"), "{answer}");
    let said = hasty.finish()?.stderr;
    ensure!(said.contains("--wait"), "{said}");
    let mut patient = client
        .clone()
        .request("--wait=10m")
        .start(Mode::SharedMemory(&server))?;
    patient.say("init")?;
    loop {
        let line = operator(&server, &["queue", "--json"])?;
        let line: Value = serde_json::from_str(&line)?;
        if line["waiting"][0]["position"] == 1 {
            break;
        }
    }
    first.finish()?.check("the first client")?;
    let answer = patient.hear()?;
    ensure!(answer == "ok", "{answer}");
    let line = operator(&server, &["queue"])?;
    ensure!(line == "nobody waits\n", "{line}");
    let said = patient.finish()?.stderr;
    ensure!(said.contains("waiting for room, 1 of 1"), "{said}");
    Ok(())
}

#[test]
fn usage_is_recorded_and_metrics_are_well_formed() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let settings = ["usage_seconds = 0.1", "metrics = \"127.0.0.1:0\""];
    let server = server(&["memory = \"64MiB\""], &settings)?;
    let mut running = connected(&client, &server)?;
    expect(&mut running, "alloc 65536", "ok")?;
    expect(&mut running, "alloc 67108864", "cudaErrorMemoryAllocation")?;
    expect(&mut running, "touch", "ok")?;
    let page = metrics(&server)?;
    for sample in [
        "rigel_lease_memory_limit_bytes{lease=\"tests\",gpu=\"0\"} 67108864\n",
        "rigel_lease_allocations_denied_total{lease=\"tests\",reason=\"lease_quota\"} 1\n",
        "rigel_lease_sessions{lease=\"tests\"} 1\n",
        "rigel_lease_launches_total{lease=\"tests\"} 1\n",
        "rigel_alert{alert=\"books_closed\"} 0\n",
        "add_one",
    ] {
        ensure!(page.contains(sample), "{sample} is missing in\n{page}");
    }
    running.finish()?.check("the metered client")?;
    let usage = operator(&server, &["usage", "--since", "1h", "--json"])?;
    let usage: Value = serde_json::from_str(&usage)?;
    let lease = &usage["leases"][0];
    ensure!(
        lease["launches"] == 1 && lease["sessions"] == 1,
        "{usage:#}"
    );
    ensure!(lease["allocations_denied"] == 1, "{usage:#}");
    let top = operator(&server, &["top", "--every", "100ms", "--views", "1"])?;
    ensure!(top.contains("tests"), "{top}");
    well_formed(&page)
}

/// What the metrics port answers.
fn metrics(server: &Server) -> Result<String> {
    let log = server.log();
    let url = log
        .split_whitespace()
        .find(|word| word.ends_with("/metrics"));
    let address = url.and_then(|url| url.strip_prefix("http://")?.strip_suffix("/metrics"));
    let address = address.context("the server names its metrics port")?;
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, page) = answer
        .split_once("\r\n\r\n")
        .context("an answer has a head")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "{head}");
    Ok(page.to_owned())
}

/// By the judgement of Prometheus' own tool.
fn well_formed(page: &str) -> Result<()> {
    let started = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = started else {
        missing("prometheus");
        return Ok(());
    };
    let mut input = promtool.stdin.take().context("its input is piped")?;
    input.write_all(page.as_bytes())?;
    drop(input);
    let output = promtool.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "promtool: {said}");
    Ok(())
}

#[test]
fn all_accounts_of_memory_agree() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&["memory = \"64MiB\""], &[])?;
    let mut clients = [connected(&client, &server)?, connected(&client, &server)?];
    for order in ["alloc 1", "alloc 5000000", "touch", "free", "alloc 3000000"] {
        for running in &mut clients {
            expect(running, order, "ok")?;
        }
        // What management libraries see, `cuMemGetInfo`, and the ledger.
        let ask = ClientMessage::View {
            token: Some(Token("tests-secret".into())),
            request: Request::default(),
        };
        let (_stream, heard) = Liar::say(&server.socket(), &ask)?;
        let ServerMessage::View(view) = heard.message else {
            bail!("no view: {:?}", heard.message);
        };
        let seen = &view.gpus[0];
        ensure!(seen.profile.total_bytes == 64 * MIB, "{seen:?}");
        let info = format!("used {} total {}", seen.memory_used_bytes, 64 * MIB);
        for running in &mut clients {
            expect(running, "info", &info)?;
        }
        let status = server.status()?;
        let used = gpu(&status)["memory_used_bytes"].as_u64();
        ensure!(used == Some(seen.memory_used_bytes), "{status:#}");
        let processes = seen.processes.iter().map(|process| process.memory_bytes);
        ensure!(Some(processes.sum()) == used, "{seen:?}");
        let sessions = status["sessions"].as_array().context("sessions")?;
        let held = sessions
            .iter()
            .map(|session| session["memory_bytes"][0].as_u64());
        ensure!(held.sum::<Option<u64>>() == used, "{status:#}");
    }
    Ok(())
}

/// Sixteen processes race for a quota that holds five of their allocations, again and again.
#[test]
fn sixteen_processes_never_hold_more_than_the_lease() -> Result<()> {
    const CHUNK: u64 = 12 * MIB;
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&["memory = \"64MiB\""], &[])?;
    let mut racers = Vec::new();
    for _ in 0..16 {
        racers.push(connected(&client, &server)?);
    }
    let idle = gpu(&server.status()?)["memory_used_bytes"]
        .as_u64()
        .context("used")?;
    let fit = (64 * MIB - idle) / CHUNK;
    for round in 0..5 {
        let mut holders = Vec::new();
        for racer in &mut racers {
            racer.say(&format!("alloc {CHUNK}"))?;
        }
        for (number, racer) in racers.iter_mut().enumerate() {
            if racer.hear()? == "ok" {
                holders.push(number);
            }
        }
        ensure!(
            holders.len() as u64 == fit,
            "round {round}: {holders:?} of {fit}"
        );
        let status = server.status()?;
        let held = gpu(&status)["memory_used_bytes"].as_u64();
        ensure!(held == Some(idle + fit * CHUNK), "{status:#}");
        for number in holders {
            expect(&mut racers[number], "free", "ok")?;
        }
    }
    let status = server.status()?;
    let peak = gpu(&status)["memory_peak_bytes"].as_u64().context("peak")?;
    ensure!(peak <= 64 * MIB, "{status:#}");
    // One is killed while it holds memory; the others end in order.
    let mut killed = racers.pop().context("there are racers")?;
    expect(&mut killed, &format!("alloc {CHUNK}"), "ok")?;
    killed.kill()?;
    drop(racers);
    server.wait_for("all memory to come back", |status| {
        gpu(status)["memory_used_bytes"] == 0
    })?;
    Ok(())
}

/// A program that was not started by `rigel run`, and whose environment says what it likes.
#[test]
fn environment_of_the_tenant_cannot_raise_its_quota() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let installation = Installation::find()?;
    let server = server(&["memory = \"64MiB\""], &[])?;
    let program = installation.cuda_program("cuda13", "static", "scripted");
    ensure!(client.exists(), "it was there a moment ago");
    for (memory, first, second) in [
        (None, "ok", "cudaErrorMemoryAllocation"),
        (
            Some("8MiB"),
            "cudaErrorMemoryAllocation",
            "cudaErrorMemoryAllocation",
        ),
        (Some("1GiB"), "cudaError", "cudaError"),
    ] {
        let mut command = Command::new(&program);
        command
            .env_clear()
            .env("LD_LIBRARY_PATH", installation.shim())
            .env("RIGEL_POOL", format!("unix:{}", server.socket().display()))
            .env("RIGEL_TOKEN", "tests-secret")
            .envs(memory.map(|size| ("RIGEL_MEMORY", size)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().context("start the bare client")?;
        let mut input = child.stdin.take().context("its input is piped")?;
        writeln!(input, "init\nalloc {}\nalloc {}", 40 * MIB, 40 * MIB)?;
        drop(input);
        let said = String::from_utf8(child.wait_with_output()?.stdout)?;
        let answers: Vec<&str> = said.lines().skip(1).collect();
        ensure!(answers.len() == 2, "{memory:?}: {said}");
        ensure!(answers[0].starts_with(first), "{memory:?}: {said}");
        ensure!(answers[1].starts_with(second), "{memory:?}: {said}");
    }
    let peak = gpu(&server.status()?)["memory_peak_bytes"].as_u64();
    ensure!(peak.is_some_and(|peak| peak <= 64 * MIB), "{peak:?}");
    Ok(())
}

/// The client's environment chooses among the GPUs of its lease, the server's among those of the machine.
#[test]
fn visible_devices_are_the_clients_to_choose_and_the_servers_to_pass_on() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = Server::start_with(&ServerOptions {
        leases: vec![Lease::new("tests", &["gpus = 2"])],
        worker_env: vec![
            ("RIGEL_SOFT_DEVICES".to_owned(), "3".to_owned()),
            ("CUDA_VISIBLE_DEVICES".to_owned(), "2,1".to_owned()),
        ],
        ..ServerOptions::default()
    })?;
    let gpus = server.status()?["gpus"].as_array().map(Vec::len);
    ensure!(gpus == Some(2), "{gpus:?} of three are the server's");
    for mode in [Mode::SharedMemory(&server), Mode::Quic(&server)] {
        for (names, count) in [
            (None, 2),
            (Some("1"), 1),
            (Some("1,0"), 2),
            (Some("1,7"), 1),
        ] {
            let client = match names {
                Some(names) => client.clone().environment("CUDA_VISIBLE_DEVICES", names),
                None => client.clone(),
            };
            let mut running = client.start(mode)?;
            expect(&mut running, "init", "ok")?;
            expect(&mut running, "devices", &format!("devices {count}"))?;
            running.finish()?.check("a client that sees some GPUs")?;
        }
        for names in ["", "-1", "2", "0,0"] {
            let blind = client.clone().environment("CUDA_VISIBLE_DEVICES", names);
            let mut running = blind.start(mode)?;
            expect(&mut running, "init", "cudaErrorNoDevice")?;
            running.kill()?;
        }
    }
    Ok(())
}
