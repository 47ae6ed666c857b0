//! Runs a random client with a valid token against a server of its own, for as long as it is told:
//! `cargo run -p rigel-tests --bin fuzz-client -- SEED SECONDS`. A run that fails names the seed to repeat it.
//! `random_client_with_a_token_hurts_nobody` is the same, bounded, among the tests.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rigel_tests::{Lease, Liar, RandomClient, Server, ServerOptions};

const QUOTA: u64 = 64 << 20;
/// Sessions of one seed; the next ones are of the next seed.
const SESSIONS: u64 = 20;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |name| -> Result<u64> {
        let text = arguments
            .next()
            .with_context(|| format!("{name} is missing"))?;
        text.parse().with_context(|| format!("{name} is a number"))
    };
    let (first, seconds) = (number("SEED")?, number("SECONDS")?);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let server = Server::start_with(&ServerOptions {
        leases: vec![Lease::new("fuzz", &[&format!("memory = {QUOTA}")])],
        ..ServerOptions::default()
    })?;
    let token = Lease::new("fuzz", &[]).token();
    let mut seed = first;
    while Instant::now() < deadline {
        let tally = run(&server, &token, seed).with_context(|| format!("seed {seed}"))?;
        println!("seed {seed}: {tally}");
        seed += 1;
    }
    Ok(())
}

fn run(server: &Server, token: &str, seed: u64) -> Result<String> {
    let mut witness = Liar::connect(&server.socket(), token)?;
    witness.activate()?;
    let address = witness.allocate(4096)??;
    witness.write(address, &[0x5a; 4096])??;
    let mut random = RandomClient::new(seed);
    random.knows(address);
    for _ in 0..SESSIONS {
        random.session(&server.socket(), token)?;
        let seen = witness.read(address, 4096)??;
        ensure!(seen == [0x5a; 4096], "the witness's memory was changed");
    }
    drop(witness);
    let status = server.wait_for("all memory to come back", |status| {
        status["leases"][0]["gpus"][0]["memory_used_bytes"] == 0
    })?;
    let peak = status["leases"][0]["gpus"][0]["memory_peak_bytes"].as_u64();
    ensure!(peak.is_some_and(|peak| peak <= QUOTA), "{status:#}");
    let tally = random.tally;
    Ok(format!(
        "{} sessions, {} calls, {} answers without error",
        tally.sessions, tally.calls, tally.successes
    ))
}
