//! A server as a service: it drains, reads its configuration again, writes down who did what, does not hear
//! who fails too often, and its workers have no more rights than they need.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{
    Client, Installation, Lease, Mode, RunningClient, Server, ServerOptions, missing,
};
use serde_json::Value;

fn scripted() -> Result<Option<Client>> {
    let installation = Installation::find()?;
    let client = Client::new(installation.cuda_program("cuda13", "static", "scripted"));
    Ok((client.exists() || !missing("`cargo xtask programs`")).then_some(client))
}

fn server(settings: &[&str]) -> Result<Server> {
    Server::start_with(&ServerOptions {
        settings: settings.iter().map(|line| (*line).to_owned()).collect(),
        ..ServerOptions::default()
    })
}

fn open(client: &Client, mode: Mode<'_>) -> Result<RunningClient> {
    let mut running = client.start(mode)?;
    let said = running.ask("init")?;
    ensure!(said == "ok", "{said}");
    Ok(running)
}

#[test]
fn sigterm_lets_sessions_finish_and_begins_none() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let mut server = server(&["drain_seconds = 600.0"])?;
    let mut running = open(&client, Mode::SharedMemory(&server))?;
    let mut remote = open(&client, Mode::Quic(&server))?;
    server.signal("TERM")?;
    server.wait_for_log("no session begins any more")?;
    let mut refused = client.start(Mode::SharedMemory(&server))?;
    ensure!(refused.ask("init")? != "ok");
    let said = refused.finish()?.stderr;
    ensure!(said.contains("about to stop"), "{said}");
    for client in [&mut running, &mut remote] {
        ensure!(client.ask("alloc 1024")? == "ok");
        ensure!(client.ask("copy 4")? == "ok");
    }
    running.finish()?.check("the first session")?;
    remote.finish()?.check("the second session")?;
    let log = server.wait_until_ended()?;
    ensure!(log.contains("drained"), "{log}");
    Ok(())
}

#[test]
fn drain_ends_at_its_time_or_at_a_second_word() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    for (seconds, words, expected) in [
        ("drain_seconds = 0.05", 1, "the time to drain is over"),
        ("drain_seconds = 600.0", 2, "told to stop at once"),
    ] {
        let mut server = server(&[seconds])?;
        let mut running = open(&client, Mode::SharedMemory(&server))?;
        for _ in 0..words {
            server.signal("TERM")?;
            server.wait_for_log("told to stop")?;
        }
        let log = server.wait_until_ended()?;
        ensure!(log.contains(expected), "{log}");
        ensure!(running.ask("alloc 1024")? != "ok");
        let said = running.finish()?.stderr;
        ensure!(said.contains("shutting down"), "{said}");
    }
    Ok(())
}

#[test]
fn configuration_is_read_again_while_sessions_go_on() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = Server::start_with(&ServerOptions {
        leases: vec![Lease::new("tests", &[]), Lease::new("gone", &[])],
        ..ServerOptions::default()
    })?;
    let file = server.configuration();
    let before = fs::read_to_string(&file)?;
    let mut staying = open(&client, Mode::SharedMemory(&server))?;
    let mut leaving = open(&client.clone().lease("gone"), Mode::Quic(&server))?;

    let bad = before.replace("state_dir", "state_dri");
    fs::write(&file, bad)?;
    let said = server.rigel(&["reload"])?.expect_err("the file is bad");
    ensure!(said.contains("did you mean `state_dir`"), "{said}");
    ensure!(
        leaving.ask("alloc 1024")? == "ok",
        "a bad file changes nothing"
    );

    let after = before
        .replace("name = \"gone\"", "name = \"fresh\"\nmemory = \"1GiB\"")
        .replace("driver = \"soft\"", "driver = \"soft\"\nsessions_max = 9");
    fs::write(&file, after)?;
    let said = server.rigel(&["reload", "--json"])?.unwrap_or_default();
    // What needs a restart is no success.
    ensure!(said.is_empty(), "{said}");
    server.wait_for_log("sessions_max changes only when the server is started anew")?;
    server.wait_for("the removed lease's session to end", |status| {
        let open = status["sessions"].as_array();
        open.is_some_and(|all| all.iter().filter(|one| one["ended"] == false).count() == 1)
    })?;
    ensure!(leaving.ask("alloc 1024")? != "ok");
    ensure!(staying.ask("alloc 1024")? == "ok");
    fs::write(server.token_file("fresh"), "gone-secret")?;
    let mut fresh = open(&client.clone().lease("fresh"), Mode::SharedMemory(&server))?;
    let info = fresh.ask("info")?;
    ensure!(info.ends_with(&format!("total {}", 1 << 30)), "{info}");

    fs::write(&file, "nonsense")?;
    server.signal("HUP")?;
    server.wait_for_log("the configuration stays as it was")?;
    ensure!(staying.ask("alloc 1024")? == "ok");
    Ok(())
}

#[test]
fn server_without_descriptors_or_memory_refuses_and_recovers() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&[])?;
    let mut staying = open(&client, Mode::SharedMemory(&server))?;
    let open_now = fs::read_dir(format!("/proc/{}/fd", server.pid()))?.count();
    let refused = |why: &str| -> Result<()> {
        let mut refused = client.start(Mode::Quic(&server))?;
        ensure!(refused.ask("init")? != "ok", "{why}");
        let said = refused.finish()?.stderr;
        ensure!(said.contains(why), "{said}");
        Ok(())
    };

    // Enough for the question, and too few for a session.
    limit_descriptors(&server, open_now + 24)?;
    refused("too few file descriptors")?;
    ensure!(staying.ask("copy 4")? == "ok");
    limit_descriptors(&server, 4096)?;
    open(&client, Mode::Quic(&server))?
        .finish()?
        .check("the first one after")?;

    let before = fs::read_to_string(server.configuration())?;
    let more = "driver = \"soft\"\nmemory_reserve = \"1000T\"";
    let after = before.replace("driver = \"soft\"", more);
    fs::write(server.configuration(), after)?;
    server.operate(&["reload"])?;
    refused("of memory left")?;
    ensure!(staying.ask("copy 4")? == "ok");
    fs::write(server.configuration(), before)?;
    server.operate(&["reload"])?;
    open(&client, Mode::Quic(&server))?
        .finish()?
        .check("the second one after")?;
    staying.finish()?.check("the one that was there")
}

/// Descriptors that a server may have open, from now on.
fn limit_descriptors(server: &Server, n: usize) -> Result<()> {
    let status = Command::new("prlimit")
        .args(["--pid", &server.pid().to_string()])
        .arg(format!("--nofile={n}:"))
        .status()
        .context("start prlimit, of util-linux")?;
    ensure!(status.success(), "{status}");
    Ok(())
}

#[test]
fn audit_log_says_who_did_what_and_no_secret() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&[])?;
    let made = server.operate(&["token", "new", "tests", "--json", "--note", "an audit"])?;
    let token: Value = serde_json::from_str(&made)?;
    let secret = token["token"].as_str().context("it has a secret")?;
    let id = token["id"].as_str().context("it has an id")?;
    fs::write(server.token_file(id), secret)?;
    fs::write(server.token_file("wrong"), "a-wrong-secret")?;
    open(&client.clone().lease(id), Mode::SharedMemory(&server))?.finish()?;
    open(&client, Mode::Quic(&server))?.finish()?;
    ensure!(
        client
            .clone()
            .lease("wrong")
            .start(Mode::Quic(&server))?
            .finish()
            .is_ok()
    );
    server.operate(&["lease", "set", "tests", "--memory", "2GiB"])?;
    server.operate(&["token", "revoke", id])?;
    let state = server.state();
    server.stop()?;
    let text = fs::read_to_string(state.path().join("state/audit.jsonl"))?;
    for secret in [secret, "tests-secret", "a-wrong-secret"] {
        ensure!(!text.contains(secret), "the audit log holds a secret");
    }
    let lines: Vec<Value> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let has = |event: &str, what: &dyn Fn(&Value) -> bool| {
        lines
            .iter()
            .any(|line| line["event"] == event && what(line))
    };
    ensure!(has("server_started", &|_| true) && has("server_stopped", &|_| true));
    ensure!(has("token_made", &|line| line["id"] == id
        && line["note"] == "an audit"));
    ensure!(has("token_revoked", &|line| line["token"] == id));
    ensure!(has("lease_changed", &|line| line["memory_bytes"] == 2u64 << 30));
    ensure!(has("session_admitted", &|line| line["who"]["by"]["token"] == id));
    ensure!(has("session_admitted", &|line| {
        let from = line["who"]["from"].as_str().unwrap_or_default();
        from.starts_with("127.0.0.1:") && line["who"]["by"] == "token of the configuration"
    }));
    ensure!(has("session_ended", &|line| line["lease"] == "tests"));
    ensure!(has("refused", &|line| line["cause"] == "Unauthorized"));
    Ok(())
}

#[test]
fn who_fails_too_often_is_not_heard() -> Result<()> {
    let server = server(&["failures_per_minute = 3"])?;
    fs::write(server.token_file("wrong"), "a-wrong-secret")?;
    let ask = |lease: &str| {
        let file = server.token_file(lease).display().to_string();
        let pool = ["status", "--pool", server.quic_url(), "--token-file", &file];
        server.rigel(&pool)
    };
    ensure!(ask("tests")?.is_ok());
    for _ in 0..3 {
        let said = ask("wrong")?.expect_err("the token is wrong");
        ensure!(said.contains("not one of this server's"), "{said}");
    }
    let said = ask("tests")?.expect_err("nothing is heard from here for a while");
    ensure!(said.contains("too many attempts"), "{said}");
    server.wait_for_log("not heard for a while")?;
    // The operator is at the server's own socket.
    server.status()?;
    Ok(())
}

#[test]
fn workers_have_users_of_their_own_and_cannot_reach_each_other() -> Result<()> {
    if !nix::unistd::geteuid().is_root() && missing("root") {
        return Ok(());
    }
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(&["worker_uid_base = 1900000000"])?;
    let _one = open(&client, Mode::SharedMemory(&server))?;
    let _two = open(&client, Mode::Quic(&server))?;
    let workers: Vec<u64> = server
        .open_sessions()?
        .iter()
        .filter_map(|session| session["worker_pid"].as_u64())
        .collect();
    let [one, two] = workers[..] else {
        anyhow::bail!("two workers are wanted, there are {workers:?}");
    };
    let field = |pid: u64, name: &str| -> Result<Vec<String>> {
        let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let words = line.context("the kernel says so")?.split_whitespace();
        Ok(words.map(str::to_owned).collect())
    };
    for pid in [one, two] {
        ensure!(field(pid, "CapEff:")? == ["0000000000000000"]);
        ensure!(field(pid, "CapPrm:")? == ["0000000000000000"]);
        ensure!(field(pid, "NoNewPrivs:")? == ["1"]);
        ensure!(
            field(pid, "Seccomp:")? == ["2"],
            "system calls are filtered"
        );
    }
    let (first, second) = (field(one, "Uid:")?, field(two, "Uid:")?);
    ensure!(
        first[0] != second[0] && first[0].starts_with("19000"),
        "{first:?} {second:?}"
    );
    // Whoever has taken over one worker stands before the other one, and before the server's secrets.
    let group = &field(one, "Gid:")?[0];
    let state = server.state();
    let secrets = ["state/server.key", "state/audit.jsonl"];
    let mut forbidden: Vec<String> = secrets
        .iter()
        .map(|name| state.path().join(name).display().to_string())
        .collect();
    for name in ["mem", "environ", "maps", "fd/0"] {
        forbidden.push(format!("/proc/{two}/{name}"));
    }
    for path in forbidden {
        let read = Command::new("setpriv")
            .args(["--reuid", &first[0], "--regid", group, "--clear-groups"])
            .args(["head", "-c", "1", &path])
            .output()
            .context("start setpriv")?;
        let said = String::from_utf8_lossy(&read.stderr);
        ensure!(
            !read.status.success() && said.contains("Permission denied"),
            "{path}: {said}"
        );
    }
    Ok(())
}
