//! What happens when things go wrong: each ends in a clear message and an error that the program can
//! handle, and never touches another session.
//!
//! The client is `programs/cuda/scripted.cu`, which does what a test tells it, call by call. The
//! tests are of order and outcome; how long things take is the bench's affair.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use rigel_tests::{
    Client, Installation, Lease, Mode, Output, RunningClient, Server, ServerOptions, missing,
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

/// A server with one lease.
fn server_with(settings: &[&str]) -> Result<Server> {
    let leases = vec![Lease::new("tests", settings)];
    Server::start_with(&ServerOptions {
        leases,
        ..ServerOptions::default()
    })
}

/// A client that is connected.
fn connected(client: &Client, mode: Mode<'_>) -> Result<RunningClient> {
    let mut running = client.start(mode)?;
    let answer = running.ask("init")?;
    ensure!(answer == "ok", "init: {answer}");
    Ok(running)
}

/// Asks, and insists on the answer.
fn expect(client: &mut RunningClient, line: &str, answer: &str) -> Result<()> {
    let got = client.ask(line)?;
    ensure!(got == answer, "`{line}` gave {got}, not {answer}");
    Ok(())
}

/// Asks for something that must fail, with an error a CUDA program knows.
fn expect_error(client: &mut RunningClient, line: &str) -> Result<String> {
    let got = client.ask(line)?;
    ensure!(
        got.starts_with("cudaError"),
        "`{line}` gave {got}, not an error"
    );
    Ok(got)
}

/// Runs the client's library with nothing but an environment, as without `rigel run`.
fn bare(settings: &[(&str, &str)], script: &str) -> Result<Output> {
    let installation = Installation::find()?;
    let mut client = Client::new("sh")
        .argument("-c")
        .argument("printf '%s\\n' \"$1\" | LD_PRELOAD=\"$2\" \"$3\"")
        .argument("sh")
        .argument(script)
        .argument(installation.shim().join("libcuda.so.1"))
        .argument(installation.cuda_program("cuda13", "static", "scripted"));
    for (name, value) in settings {
        client = client.environment(name, *value);
    }
    client.run(Mode::Direct)
}

fn used_bytes(status: &Value) -> u64 {
    let gpus = status["leases"].as_array().into_iter().flatten();
    gpus.flat_map(|lease| lease["gpus"].as_array().into_iter().flatten())
        .filter_map(|gpu| gpu["memory_used_bytes"].as_u64())
        .sum()
}

fn open_sessions(status: &Value) -> usize {
    let sessions = status["sessions"].as_array().into_iter().flatten();
    sessions.filter(|session| session["ended"] == false).count()
}

/// The worker of the client with this process number.
fn worker_of(server: &Server, client: &RunningClient) -> Result<u64> {
    let sessions = server.open_sessions()?;
    let own = sessions
        .iter()
        .find(|session| session["pid"] == client.pid());
    own.context("the client has a session")?["worker_pid"]
        .as_u64()
        .context("it has a worker")
}

fn kill(pid: u64) -> Result<()> {
    let status = Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status()?;
    ensure!(status.success(), "kill {pid}: {status}");
    Ok(())
}

/// Everything is free again and nobody is connected.
fn wait_until_idle(server: &Server) -> Result<()> {
    server
        .wait_for("an idle server", |status| {
            open_sessions(status) == 0 && used_bytes(status) == 0
        })
        .map(drop)
}

/// Does the same through shared memory and over QUIC, each with a server of its own.
fn both(settings: &[&str], check: impl Fn(&Server, Mode<'_>) -> Result<()>) -> Result<()> {
    let server = server_with(settings)?;
    check(&server, Mode::SharedMemory(&server)).context("shared memory")?;
    let server = server_with(settings)?;
    check(&server, Mode::Quic(&server)).context("quic")
}

#[test]
fn no_server_command_says_so_and_fails() -> Result<()> {
    let installation = Installation::find()?;
    let output = Command::new(installation.rigel())
        .args(["run", "--pool", "unix:/nowhere/rigel.sock", "--", "true"])
        .stdin(Stdio::null())
        .output()?;
    ensure!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(said.contains("/nowhere/rigel.sock"), "{said}");
    Ok(())
}

#[test]
fn no_server_library_gives_an_error_the_program_can_handle() -> Result<()> {
    if scripted()?.is_none() {
        return Ok(());
    }
    for pool in ["unix:/nowhere/rigel.sock", "quic://127.0.0.1:9?insecure"] {
        let output = bare(&[("RIGEL_POOL", pool), ("RIGEL_TOKEN", "t")], "init")?;
        output.check(pool)?;
        ensure!(output.stdout.starts_with("cudaError"), "{}", output.stdout);
        ensure!(
            output.stderr.contains("rigel"),
            "no message: {}",
            output.stderr
        );
    }
    Ok(())
}

#[test]
fn wrong_token_is_refused_with_a_reason() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&[], |server, mode| {
        let right = std::fs::read(server.token_file("tests"))?;
        std::fs::write(server.token_file("tests"), "wrong")?;
        // Refused by `rigel run`, or by the library at the first call.
        let mut refused = client.start(mode)?;
        let answer = refused
            .ask("init")
            .unwrap_or_else(|_| "cudaError".to_owned());
        ensure!(answer.starts_with("cudaError"), "{answer}");
        let said = refused.finish()?.stderr;
        ensure!(said.contains("token"), "{said}");
        // The server is as it was.
        std::fs::write(server.token_file("tests"), right)?;
        connected(&client, mode)?
            .finish()?
            .check("a client with the right token")
    })
}

#[test]
fn wrong_token_in_the_environment_is_an_error_of_cuda() -> Result<()> {
    if scripted()?.is_none() {
        return Ok(());
    }
    let server = Server::start()?;
    let pool = format!("unix:{}", server.socket().display());
    let output = bare(&[("RIGEL_POOL", &pool), ("RIGEL_TOKEN", "wrong")], "init")?;
    ensure!(output.stdout.starts_with("cudaError"), "{}", output.stdout);
    ensure!(output.stderr.contains("token"), "{}", output.stderr);
    Ok(())
}

#[test]
fn environment_alone_connects_without_rigel_run() -> Result<()> {
    if scripted()?.is_none() {
        return Ok(());
    }
    let server = Server::start()?;
    let pool = format!("unix:{}", server.socket().display());
    let token = Lease::new("tests", &[]).token();
    for pool in [pool.as_str(), server.quic_url()] {
        let output = bare(
            &[("RIGEL_POOL", pool), ("RIGEL_TOKEN", &token)],
            "init\nalloc 1000\ntouch",
        )?;
        output.check(pool)?;
        ensure!(
            output.stdout == "ok\nok\nok\n",
            "{pool}: {}{}",
            output.stdout,
            output.stderr
        );
    }
    Ok(())
}

#[test]
fn memory_quota_is_what_the_program_sees_and_gets() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&["memory = \"256MiB\""], |server, mode| {
        let mut one = connected(&client, mode)?;
        let info = one.ask("info")?;
        ensure!(info.ends_with(&format!("total {}", 256 * MIB)), "{info}");
        expect(&mut one, &format!("alloc {}", 200 * MIB), "ok")?;
        expect(
            &mut one,
            &format!("alloc {}", 100 * MIB),
            "cudaErrorMemoryAllocation",
        )?;
        // The quota is the lease's, not the process's.
        let mut two = connected(&client, mode)?;
        expect(
            &mut two,
            &format!("alloc {}", 100 * MIB),
            "cudaErrorMemoryAllocation",
        )?;
        expect(&mut one, "free", "ok")?;
        expect(&mut one, "sync", "ok")?;
        expect(&mut two, &format!("alloc {}", 100 * MIB), "ok")?;
        expect(&mut two, "touch", "ok")?;
        one.finish()?.check("the first client")?;
        two.finish()?.check("the second client")?;
        wait_until_idle(server)
    })
}

#[test]
fn request_beyond_the_lease_is_refused() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server_with(&["memory = \"256MiB\""])?;
    for request in ["--memory=1GiB", "--gpus=5"] {
        let asking = client.clone().request(request);
        let mut running = asking.start(Mode::SharedMemory(&server))?;
        // Refused by `rigel run`, or by the library at the first call.
        let refused = match running.ask("init") {
            Ok(answer) => answer.starts_with("cudaError"),
            Err(_) => true,
        };
        ensure!(refused, "{request} was granted");
    }
    let lowered = client.request("--memory=64MiB");
    let mut running = connected(&lowered, Mode::SharedMemory(&server))?;
    let info = running.ask("info")?;
    ensure!(info.ends_with(&format!("total {}", 64 * MIB)), "{info}");
    Ok(())
}

#[test]
fn impossible_leases_are_refused_and_leave_the_others() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let leases = vec![
        Lease::new("tests", &[]),
        Lease::new("absent", &["on = [7]"]),
        Lease::new("large", &["memory = \"1TiB\""]),
        Lease::new("half", &["compute = \"60..\""]),
        Lease::new("share", &["compute = 50"]),
    ];
    let server = Server::start_with(&ServerOptions {
        leases,
        ..ServerOptions::default()
    })?;
    for (lease, word) in [("absent", "7"), ("large", "memory"), ("share", "compute")] {
        let output = client
            .clone()
            .lease(lease)
            .run(Mode::SharedMemory(&server))?;
        let mut running = client
            .clone()
            .lease(lease)
            .start(Mode::SharedMemory(&server))?;
        let refused = !output.status.success() || running.ask("init")?.starts_with("cudaError");
        ensure!(refused, "{lease} was granted");
        let said = if output.status.success() {
            running.finish()?.stderr
        } else {
            output.stderr
        };
        ensure!(said.contains(word), "{lease}: {said}");
    }
    connected(&client, Mode::SharedMemory(&server))?
        .finish()?
        .check("the possible lease")
}

#[test]
fn several_virtual_gpus_are_as_many_devices() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let options = ServerOptions {
        leases: vec![Lease::new("tests", &["gpus = 2"])],
        worker_env: vec![("RIGEL_SOFT_DEVICES".to_owned(), "3".to_owned())],
        ..ServerOptions::default()
    };
    let server = Server::start_with(&options)?;
    for mode in [Mode::SharedMemory(&server), Mode::Quic(&server)] {
        expect(&mut connected(&client, mode)?, "devices", "devices 2")?;
    }
    let mut one = client
        .request("--gpus=1")
        .start(Mode::SharedMemory(&server))?;
    expect(&mut one, "devices", "devices 1")
}

#[test]
fn worker_killed_ends_its_own_session_only() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&[], |server, mode| {
        let mut victim = connected(&client, mode)?;
        let mut bystander = connected(&client, mode)?;
        expect(&mut victim, "alloc 1000000", "ok")?;
        expect(&mut bystander, "alloc 1000000", "ok")?;
        expect(&mut bystander, "touch", "ok")?;
        kill(worker_of(server, &victim)?)?;
        let first = expect_error(&mut victim, "sync")?;
        let second = expect_error(&mut victim, "alloc 1000")?;
        ensure!(
            first == second,
            "the error changed from {first} to {second}"
        );
        let output = victim.finish()?;
        output.check("the victim")?;
        ensure!(
            output.stderr.contains("rigel"),
            "no message: {}",
            output.stderr
        );
        expect(&mut bystander, "touch", "ok")?;
        expect(&mut bystander, "copy 3", "ok")?;
        bystander.finish()?.check("the bystander")?;
        wait_until_idle(server)
    })
}

#[test]
fn client_killed_frees_everything() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&[], |server, mode| {
        let mut bystander = connected(&client, mode)?;
        // At rest, in the middle of a copy, and with a kernel that never ends.
        for last in ["sync", "copy 64", "block"] {
            let mut victim = connected(&client, mode)?;
            expect(&mut victim, "alloc 50000000", "ok")?;
            expect(&mut victim, "touch", "ok")?;
            victim.say(last)?;
            if last != "copy 64" {
                victim.hear()?;
            }
            victim.kill()?;
            server.wait_for("the victim's session to end", |status| {
                open_sessions(status) == 1
            })?;
            expect(&mut bystander, "copy 1", "ok")?;
        }
        bystander.finish()?.check("the bystander")?;
        wait_until_idle(server)
    })
}

#[test]
fn kernel_that_crashes_poisons_its_own_session_only() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&[], |server, mode| {
        let mut victim = connected(&client, mode)?;
        let mut bystander = connected(&client, mode)?;
        expect(&mut victim, "crash", "cudaErrorIllegalAddress")?;
        expect(&mut victim, "sync", "cudaErrorIllegalAddress")?;
        expect(&mut bystander, "alloc 1000", "ok")?;
        expect(&mut bystander, "touch", "ok")?;
        victim.finish()?.check("the victim")?;
        bystander.finish()?.check("the bystander")?;
        wait_until_idle(server)
    })
}

#[test]
fn server_stopped_ends_its_sessions_with_an_error() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    for quic in [false, true] {
        let server = Server::start()?;
        let mode = if quic {
            Mode::Quic(&server)
        } else {
            Mode::SharedMemory(&server)
        };
        let mut running = connected(&client, mode)?;
        expect(&mut running, "alloc 1000000", "ok")?;
        expect(&mut running, "touch", "ok")?;
        server.stop()?;
        expect_error(&mut running, "sync")?;
        expect_error(&mut running, "alloc 1000")?;
        running.finish()?.check("the client of a stopped server")?;
    }
    Ok(())
}

#[test]
fn sessions_beyond_the_limit_are_refused_until_one_ends() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server_with(&["sessions = 2"])?;
    let mode = Mode::SharedMemory(&server);
    let one = connected(&client, mode)?;
    let _two = connected(&client, mode)?;
    let mut three = client.start(mode)?;
    let refused = three
        .ask("init")
        .map_or(true, |answer| answer.starts_with("cudaError"));
    ensure!(refused, "a third session was granted");
    one.finish()?.check("the first client")?;
    server.wait_for("the first session to end", |status| {
        open_sessions(status) == 1
    })?;
    connected(&client, mode)?
        .finish()?
        .check("the client that came later")
}

/// What a process has of its own memory and of shared memory, without files.
fn resident_bytes(pid: u64) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok());
        kib.with_context(|| format!("{pid} has {name}"))
    };
    Ok((of("RssAnon:")? + of("RssShmem:")?) * 1024)
}

/// Waits until the worker has taken no calls for a while, but for those few that pass in case that the GPU
/// waits for one of them: everything on the way is full.
fn wait_until_full(server: &Server) -> Result<u64> {
    let calls = || -> Result<u64> {
        let sessions = server.open_sessions()?;
        let path = &sessions.first().context("the session is open")?["path"];
        path["calls"].as_u64().context("it counts calls")
    };
    let (mut seen, mut still) = (calls()?, 0);
    for _ in 0..600 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let now = calls()?;
        still = if now <= seen + 2 { still + 1 } else { 0 };
        seen = now;
        if still == 10 && seen > 0 {
            return Ok(seen);
        }
    }
    anyhow::bail!("the flood never came to a stand: {seen} calls")
}

/// Rings of both sides, what the worker takes out early, and QUIC's windows (`docs/wire.md`, limits), with as
/// much again for what allocators keep.
const FLOOD_BYTES_MAX: u64 = 64 * MIB;

fn flood_stays_within_its_bounds(server: &Server, mode: Mode<'_>, client: &Client) -> Result<()> {
    let mut running = connected(client, mode)?;
    for line in ["alloc 65536", "touch", "copy 1", "block"] {
        let answer = running.ask(line)?;
        ensure!(answer == "ok", "{line}: {answer}");
    }
    let worker = worker_of(server, &running)?;
    let processes = [
        ("client", u64::from(running.pid())),
        ("daemon", u64::from(server.pid())),
        ("worker", worker),
    ];
    let before = processes.map(|(_, pid)| resident_bytes(pid));
    ensure!(running.ask("flood 4")? == "ok", "the flood began");
    let calls = wait_until_full(server)?;
    for ((name, pid), before) in processes.into_iter().zip(before) {
        let more = resident_bytes(pid)?.saturating_sub(before?);
        ensure!(
            more <= FLOOD_BYTES_MAX,
            "{name}: {more} bytes more after {calls} calls"
        );
    }
    running.kill()?;
    wait_until_idle(server)
}

#[test]
fn flood_of_calls_blocks_its_callers_and_takes_no_memory() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    both(&[], |server, mode| {
        flood_stays_within_its_bounds(server, mode, &client)
    })
}
