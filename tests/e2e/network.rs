//! What an unmodified program notices of its network: nothing but time, as long as the path comes back within
//! the grace period; and a clear end otherwise. The relay between client and server is `transport`'s.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

#[expect(dead_code, reason = "the transport's own tests use the rest of it")]
#[path = "../../transport/tests/daemon/relay.rs"]
mod relay;

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use relay::Relay;
use rigel_tests::{
    Client, Installation, Lease, Mode, RunningClient, Server, ServerOptions, missing,
};

/// A server, a relay before it, and a scripted client that reaches it through the relay alone.
struct Network {
    server: Server,
    relay: Relay,
    client: Client,
}

impl Network {
    /// None where the client was not built.
    fn start(settings: &[&str]) -> Result<Option<Network>> {
        let installation = Installation::find()?;
        let program = installation.cuda_program("cuda13", "static", "scripted");
        if !Client::new(&program).exists() && missing("`cargo xtask programs`") {
            return Ok(None);
        }
        let server = Server::start_with(&ServerOptions {
            settings: settings.iter().map(|&line| line.to_owned()).collect(),
            ..ServerOptions::default()
        })?;
        let url = server.quic_url().to_owned();
        let (address, trust) = url
            .trim_start_matches("quic://")
            .split_once('?')
            .context("the address says how to trust it")?;
        let relay = Relay::start(address.trim_end_matches('/').parse::<SocketAddr>()?);
        let client = Client::new(&program)
            .environment("LD_PRELOAD", installation.shim().join("libcuda.so.1"))
            .environment("RIGEL_POOL", format!("quic://{}?{trust}", relay.address()))
            .environment("RIGEL_TOKEN", Lease::new("tests", &[]).token());
        Ok(Some(Network {
            server,
            relay,
            client,
        }))
    }

    fn connect(&self) -> Result<RunningClient> {
        // Preloaded with the client's library: nothing here is direct.
        let mut running = self.client.start(Mode::Direct)?;
        expect(&mut running, "init", "ok")?;
        Ok(running)
    }

    fn open_sessions(&self) -> Result<usize> {
        Ok(self.server.open_sessions()?.len())
    }

    fn wait_until_free(&self) -> Result<()> {
        let free = |status: &serde_json::Value| {
            let sessions = status["sessions"].as_array().into_iter().flatten();
            sessions.filter(|session| session["ended"] == false).count() == 0
        };
        self.server.wait_for("a free server", free).map(drop)
    }
}

fn expect(client: &mut RunningClient, line: &str, answer: &str) -> Result<()> {
    let got = client.ask(line)?;
    ensure!(got == answer, "`{line}` gave {got}, not {answer}");
    Ok(())
}

#[test]
fn program_goes_on_after_cuts() -> Result<()> {
    let Some(network) = Network::start(&[])? else {
        return Ok(());
    };
    let mut running = network.connect()?;
    expect(&mut running, "alloc 1000000", "ok")?;
    for round in 0..6u64 {
        // Somewhere in what follows, each time elsewhere.
        network.relay.cut_after(1 + 7 * round);
        expect(&mut running, "touch", "ok")?;
        expect(&mut running, "copy 2", "ok")?;
        expect(&mut running, "sync", "ok")?;
    }
    ensure!(network.relay.n_cuts() > 0, "nothing was cut");
    ensure!(network.open_sessions()? == 1, "the session is another");
    running.finish()?.check("the client")?;
    network.wait_until_free()
}

#[test]
fn program_whose_path_stays_down_gets_an_error_and_the_server_frees_everything() -> Result<()> {
    let Some(network) = Network::start(&["grace_seconds = 1"])? else {
        return Ok(());
    };
    let mut running = network.connect()?;
    expect(&mut running, "alloc 1000000", "ok")?;
    network.relay.set_down(true);
    let answer = running.ask("sync")?;
    ensure!(answer.starts_with("cudaError"), "{answer}");
    network.wait_until_free()?;
    let output = running.finish()?;
    ensure!(
        output.stderr.contains("connection was lost"),
        "{}",
        output.stderr
    );
    Ok(())
}

#[test]
fn program_killed_is_freed_after_the_grace_where_nobody_watches() -> Result<()> {
    let Some(network) = Network::start(&["grace_seconds = 1"])? else {
        return Ok(());
    };
    let mut running = network.connect()?;
    expect(&mut running, "alloc 1000000", "ok")?;
    running.kill()?;
    network.wait_until_free()
}

#[test]
fn program_killed_under_rigel_run_is_freed_at_once() -> Result<()> {
    // Long enough that only the watcher can be it: the test's patience ends before.
    let Some(network) = Network::start(&["grace_seconds = 3600"])? else {
        return Ok(());
    };
    let installation = Installation::find()?;
    let program = installation.cuda_program("cuda13", "static", "scripted");
    let mut running = Client::new(program).start(Mode::Quic(&network.server))?;
    expect(&mut running, "init", "ok")?;
    expect(&mut running, "alloc 1000000", "ok")?;
    running.kill()?;
    network.wait_until_free()
}

#[test]
fn path_with_delay_and_loss_changes_no_result() -> Result<()> {
    let Some(network) = Network::start(&[])? else {
        return Ok(());
    };
    let shaped = network
        .client
        .clone()
        .environment("RIGEL_LINK_SHAPE", "rtt=2ms,jitter=200us,loss=1%");
    let mut running = shaped.start(Mode::Direct)?;
    for (line, answer) in [
        ("init", "ok"),
        ("alloc 1000000", "ok"),
        ("touch", "ok"),
        ("copy 3", "ok"),
        ("sync", "ok"),
    ] {
        expect(&mut running, line, answer)?;
    }
    running.finish()?.check("the client")
}

/// Whether UCX is on this machine.
fn has_ucx() -> bool {
    // SAFETY: its initialisers do nothing that this test relies on.
    #[expect(unsafe_code, reason = "looks whether a library is there")]
    let found = unsafe { libloading::Library::new("libucp.so.0") }.is_ok();
    found || !missing("libucx0")
}

#[test]
fn bulk_over_ucx_goes_on_after_a_cut() -> Result<()> {
    let network = match has_ucx() {
        true => Network::start(&["lanes = [\"ucx\"]"])?,
        false => None,
    };
    let Some(network) = network else {
        return Ok(());
    };
    let client = network.client.clone().environment("RIGEL_LANE", "ucx");
    let mut running = client.start(Mode::Direct)?;
    for line in ["init", "alloc 1000000", "touch", "copy 3"] {
        expect(&mut running, line, "ok")?;
    }
    network.relay.cut();
    for line in ["touch", "copy 3", "sync"] {
        expect(&mut running, line, "ok")?;
    }
    running.finish()?.check("ucx")
}

#[test]
fn program_that_is_run_over_ucx_computes_the_same() -> Result<()> {
    let installation = Installation::find()?;
    let program = installation.cuda_program("cuda13", "static", "reduction");
    let client = Client::new(&program);
    if !has_ucx() || !client.exists() && missing("`cargo xtask programs`") {
        return Ok(());
    }
    let server = Server::start_with(&ServerOptions {
        settings: vec!["lanes = [\"ucx\"]".to_owned()],
        ..ServerOptions::default()
    })?;
    let direct = client.run(Mode::Direct)?;
    let pooled = client.request("--lane=ucx").run(Mode::Quic(&server))?;
    ensure!(pooled.stdout == direct.stdout, "{}", pooled.stdout);
    Ok(())
}

#[test]
fn bulk_over_tcp_beside_quic_changes_no_result() -> Result<()> {
    let Some(network) = Network::start(&["lanes = [\"tcp\", \"tcp+tls\"]"])? else {
        return Ok(());
    };
    for lane in ["tcp", "tcp+tls", "tcp:3"] {
        let client = network.client.clone().environment("RIGEL_LANE", lane);
        let mut running = client.start(Mode::Direct)?;
        for line in ["init", "alloc 1000000", "touch", "copy 3"] {
            expect(&mut running, line, "ok")?;
        }
        network.relay.cut();
        for line in ["touch", "copy 3", "sync"] {
            expect(&mut running, line, "ok")?;
        }
        running.finish()?.check(lane)?;
    }
    Ok(())
}
