//! Nothing is in the tenant's hands: whatever a client is, says, or claims to be, its lease's limits hold, and
//! nobody else is touched. One test for each way of trying.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rigel_protocol::CuError;
use rigel_protocol::control::{
    self, ClientMessage, Hello, RefusalCause, Request, Resume, ServerMessage, SessionKey, Token,
};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{DevicePtr, Event, Stream};
use rigel_protocol::link::{Payload, Transfer, WireCopy, WirePlace};
use rigel_tests::{
    Installation, Lease, Liar, RandomClient, RunningClient, Server, ServerOptions, missing,
};
use rigel_transport::CloseReason;
use rigel_transport::local::LocalStream;
use serde_json::Value;

const MIB: u64 = 1 << 20;
/// What each of the two leases holds.
const QUOTA: u64 = 64 * MIB;
const MINE: &str = "mine-secret";
const THEIRS: &str = "theirs-secret";
/// Sessions of the bounded random run; `fuzz-client` runs for longer.
const RANDOM_SESSIONS: u64 = 12;

/// A server with two tenants.
fn server() -> Result<Server> {
    let quota = format!("memory = {QUOTA}");
    Server::start_with(&ServerOptions {
        leases: vec![
            Lease::new("mine", &[&quota, "compute = \"..50\""]),
            Lease::new("theirs", &[&quota]),
        ],
        ..ServerOptions::default()
    })
}

fn connect(server: &Server, token: &str) -> Result<Liar> {
    let mut liar = Liar::connect(&server.socket(), token)?;
    liar.activate()?;
    Ok(liar)
}

fn lease<'a>(status: &'a Value, name: &str) -> Result<&'a Value> {
    let leases = status["leases"].as_array().context("leases")?;
    let found = leases.iter().find(|lease| lease["name"] == name);
    found.with_context(|| format!("no lease {name} in {status:#}"))
}

fn used(status: &Value, name: &str) -> u64 {
    let lease = lease(status, name).ok();
    let bytes = lease.and_then(|lease| lease["gpus"][0]["memory_used_bytes"].as_u64());
    bytes.unwrap_or(u64::MAX)
}

fn check_peak(server: &Server, name: &str) -> Result<()> {
    let status = server.status()?;
    let peak = lease(&status, name)?["gpus"][0]["memory_peak_bytes"].as_u64();
    ensure!(peak.is_some_and(|peak| peak <= QUOTA), "{status:#}");
    Ok(())
}

/// Somebody who keeps to the protocol, and looks whether anybody has touched what is his.
struct Witness {
    session: Liar,
    address: DevicePtr,
    bytes: Vec<u8>,
}

impl Witness {
    fn new(server: &Server, token: &str) -> Result<Self> {
        let mut session = connect(server, token)?;
        let address = session.allocate(4096)??;
        let bytes: Vec<u8> = (0..4096_u32).map(|n| ((n * 7) >> 3) as u8).collect();
        session.write(address, &bytes)??;
        Ok(Self {
            session,
            address,
            bytes,
        })
    }

    fn check(&mut self) -> Result<()> {
        let seen = self.session.read(self.address, 4096)??;
        ensure!(seen == self.bytes, "somebody has written to the witness");
        Ok(())
    }
}

#[test]
fn handles_and_pointers_of_another_session_are_refused() -> Result<()> {
    let server = server()?;
    // Of another tenant, and of another process of the same one.
    for token in [THEIRS, MINE] {
        let mut owner = Witness::new(&server, token)?;
        owner.session.make(5)?;
        let kernel = owner.session.kernel()?;
        owner.check()?;
        let mut thief = connect(&server, MINE)?;
        let (stream, event) = (Stream::mint(5), Event::mint(5));
        for (call, handle) in [
            (Call::STREAM_QUERY, stream.0),
            (Call::STREAM_SYNCHRONIZE, stream.0),
            (Call::EVENT_QUERY, event.0),
            (Call::EVENT_SYNCHRONIZE, event.0),
        ] {
            let (result, _) = thief.ask(call, |put| put.put(&handle))?;
            ensure!(
                result == Err(CuError::INVALID_HANDLE),
                "{:?} of another's handle gave {result:?}",
                call.name()
            );
        }
        let address = owner.address;
        let stolen = [
            thief.read(address, 4096)?.map(|_| ()),
            thief.write(address, &[0; 64])?,
        ];
        ensure!(
            stolen
                .iter()
                .all(|result| *result == Err(CuError::INVALID_VALUE)),
            "another's pointer gave {stolen:?}"
        );
        // A posted call fails by a notice; what it names stays as it was.
        let free: Vec<u8> = address.0.to_le_bytes().to_vec();
        thief.send(Call::MEM_FREE_V2, &free)?;
        let launched = thief.store(kernel, address.0)?;
        ensure!(launched == Ok(()), "another's kernel ran: {launched:?}");
        let own = thief.kernel()?;
        let fault = thief.store(own, address.0)?;
        ensure!(fault.is_err(), "a kernel reached another's memory");
        owner.check()?;
        drop(thief);
    }
    Ok(())
}

#[test]
fn sizes_that_lie_are_refused_and_cost_nothing() -> Result<()> {
    let server = server()?;
    let mut witness = Witness::new(&server, THEIRS)?;
    let mut liar = connect(&server, MINE)?;
    let address = liar.allocate(4096)??;
    let before = used(&server.status()?, "mine");
    for bytes in [QUOTA, QUOTA - before + 1, u64::MAX, u64::MAX - 511, 1 << 63] {
        // What is held already counts.
        let result = liar.allocate(bytes)?;
        ensure!(
            result == Err(CuError::OUT_OF_MEMORY),
            "{bytes} bytes gave {result:?}"
        );
    }
    for bytes in [8192, u64::MAX, u64::MAX - address.0, 1 << 62] {
        let place = WireCopy {
            dst: WirePlace::Device(address),
            src: WirePlace::Device(DevicePtr(address.0 + 64)),
            bytes,
            stream: Stream::LEGACY,
            wait: true,
        };
        let (result, _) = liar.ask(Call::COPY_WAIT, |put| place.put(put))?;
        ensure!(result.is_err(), "a copy of {bytes} bytes succeeded");
    }
    let after = used(&server.status()?, "mine");
    ensure!(before == after, "{before} bytes became {after}");
    let short = WireCopy {
        dst: WirePlace::Device(address),
        src: WirePlace::Bytes(Payload::Inline(&[1; 64])),
        bytes: 4096,
        stream: Stream::LEGACY,
        wait: true,
    };
    let (result, _) = liar.ask(Call::COPY_WAIT, |put| short.put(put))?;
    ensure!(result.is_err(), "64 bytes were taken for 4096");
    // What breaks the protocol ends its own session alone.
    liar.send(Call::MEM_ALLOC_V2, &[0; 9])?;
    ensure!(liar.ended()? == CloseReason::PROTOCOL, "it goes on");
    server.wait_for("its memory to come back", |status| {
        used(status, "mine") == 0
    })?;
    witness.check()?;
    check_peak(&server, "mine")
}

#[test]
fn transfers_that_never_come_hold_up_nobody_else() -> Result<()> {
    let server = server()?;
    let mut witness = Witness::new(&server, THEIRS)?;
    let mut liar = connect(&server, MINE)?;
    let address = liar.allocate(MIB)??;
    let copy = WireCopy {
        dst: WirePlace::Device(address),
        src: WirePlace::Bytes(Payload::Bulk(Transfer {
            number: 3,
            bytes: MIB,
        })),
        bytes: MIB,
        stream: Stream::LEGACY,
        wait: false,
    };
    let mut put = rigel_protocol::wire::Put::new();
    copy.put(&mut put);
    liar.send(Call::COPY, put.as_slice())?;
    liar.send(Call::CTX_SYNCHRONIZE, &[])?;
    witness.check()?;
    drop(liar);
    server.wait_for("its memory to come back", |status| {
        used(status, "mine") == 0
    })?;
    witness.check()
}

#[test]
fn ring_positions_that_lie_end_the_liar_alone() -> Result<()> {
    let server = server()?;
    let mut witness = Witness::new(&server, THEIRS)?;
    for (step, word) in [(8, u64::MAX), (64, 1 << 40), (128, 3), (8, 0)] {
        let liar = connect(&server, MINE)?;
        ensure!(liar.shrink().is_err(), "the rings' memory is not sealed");
        // Head, tail and bells of all rings, wherever they are on the first pages.
        for at in (0..16_384).step_by(step) {
            liar.scribble(at, &word.to_le_bytes());
        }
        let _ = liar.send(Call::CTX_SYNCHRONIZE, &[]);
        witness.check()?;
        drop(liar);
        server.wait_for("its memory to come back", |status| {
            used(status, "mine") == 0
        })?;
    }
    witness.check()?;
    connect(&server, MINE).map(drop)
}

#[test]
fn tokens_and_sessions_of_others_open_nothing_more() -> Result<()> {
    let server = server()?;
    let mut theirs = Witness::new(&server, THEIRS)?;
    let key = SessionKey {
        session: theirs.session.welcome.session,
        secret: theirs.session.welcome.resume_secret,
    };
    let wrong = SessionKey {
        secret: [0; 16],
        ..key
    };
    let resume = |key, token: &str| {
        ClientMessage::Resume(Resume {
            key,
            token: Some(Token(token.to_owned())),
            attempt: 1,
        })
    };
    let mut refusals = Vec::new();
    for attempt in [
        resume(wrong, THEIRS),
        resume(key, MINE),
        ClientMessage::Died(wrong),
        ClientMessage::Hello(Liar::hello(Some("nobody's"))),
        ClientMessage::Hello(Liar::hello(Some(""))),
        // What is asked for can lower what a lease holds, and never raise it.
        ClientMessage::Hello(Hello {
            request: Request {
                memory_bytes: Some(QUOTA + 1),
                ..Request::default()
            },
            ..Liar::hello(Some(MINE))
        }),
        ClientMessage::Hello(Hello {
            request: Request {
                compute_percent: Some(51),
                ..Request::default()
            },
            ..Liar::hello(Some(MINE))
        }),
    ] {
        let (_stream, heard) = Liar::say(&server.socket(), &attempt)?;
        match heard.message {
            ServerMessage::Refused(refusal) | ServerMessage::Ended(refusal) => {
                refusals.push(refusal.cause);
            }
            other => bail!("{attempt:?} was answered by {other:?}"),
        }
    }
    ensure!(
        refusals[5..] == [RefusalCause::QuotaExceeded; 2],
        "{refusals:?}"
    );
    // A token that was stolen opens its own lease, and is held to it.
    let mut thief = connect(&server, THEIRS)?;
    ensure!(
        thief.allocate(QUOTA + 1)? == Err(CuError::OUT_OF_MEMORY),
        "more than the lease"
    );
    theirs.check()
}

/// A process of its own with nothing of ours in it; ended with its input.
struct StaticClient {
    child: Child,
}

impl Drop for StaticClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program without any library, or none where nothing compiles it.
fn static_client(folder: &std::path::Path) -> Result<Option<PathBuf>> {
    let program = folder.join("static_client");
    let compiled = Command::new("cc")
        .args(["-O1", "-static", "-o"])
        .arg(&program)
        .arg(Installation::sources().join("c/static_client.c"))
        .status();
    match compiled {
        Ok(status) if status.success() => Ok(Some(program)),
        _ if missing("a C compiler that links statically") => Ok(None),
        _ => bail!("cc does not compile static_client.c"),
    }
}

#[test]
fn static_binary_is_held_to_its_lease() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let Some(program) = static_client(folder.path())? else {
        return Ok(());
    };
    let server = server()?;
    let message = folder.path().join("hello");
    let hello = ClientMessage::Hello(Liar::hello(Some(MINE)));
    std::fs::write(&message, control::encode(&hello)?)?;
    let shim = Installation::find()?.shim().join("libcuda.so.1");
    let mut child = Command::new(&program)
        .arg(server.socket())
        .arg(&message)
        .env("LD_PRELOAD", &shim)
        .env("RIGEL_MEMORY", "1TiB")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("start the static client")?;
    let said = child.stdout.take().context("its output is piped")?;
    let mut client = StaticClient { child };
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line)?;
    let (fd, answer) = line.trim().split_once(' ').context("FD HEX")?;
    let hex = |i| u8::from_str_radix(&answer[2 * i..2 * i + 2], 16);
    let bytes: Vec<u8> = (0..answer.len() / 2).map(hex).collect::<Result<_, _>>()?;
    let ServerMessage::Welcome(welcome) = control::decode(&bytes)? else {
        bail!("no welcome: {line}");
    };
    // Its memory is driven from here; the session is that process's all the same.
    let pid = client.child.id();
    let rings = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(format!("/proc/{pid}/fd/{fd}"))?;
    let status = server.status()?;
    ensure!(status["sessions"][0]["lease"] == "mine", "{status:#}");
    let (unused, _other_end) = LocalStream::pair()?;
    let mut hand = Liar::over(unused, *welcome, OwnedFd::from(rings))?;
    hand.activate()?;
    ensure!(
        hand.allocate(QUOTA + 1)? == Err(CuError::OUT_OF_MEMORY),
        "it holds more than its lease"
    );
    hand.allocate(QUOTA / 2)??;
    check_peak(&server, "mine")?;
    client.child.kill()?;
    server.wait_for("its memory to come back", |status| {
        used(status, "mine") == 0
    })?;
    Ok(())
}

/// The scripted program in namespaces of its own, started by this shell line in which `$0` is the program.
fn in_namespaces(options: &[&str], script: &str, server: &Server) -> Result<Option<RunningClient>> {
    let can = Command::new("unshare")
        .args(options)
        .args(["--", "true"])
        .stderr(Stdio::null())
        .status();
    if !can.is_ok_and(|status| status.success()) {
        return match missing("unshare and the namespaces it makes") {
            true => Ok(None),
            false => bail!("unshare {options:?} fails"),
        };
    }
    let installation = Installation::find()?;
    let program = installation.cuda_program("cuda13", "static", "scripted");
    if !program.exists() && missing("`cargo xtask programs`") {
        return Ok(None);
    }
    let socket = server.socket();
    let folder = socket.parent().context("the socket has a folder")?;
    let mut command = Command::new("unshare");
    command
        .args(options)
        .args(["--", "sh", "-c", script])
        .arg(&program)
        .env("FOLDER", folder)
        .env("SHIM", installation.shim());
    RunningClient::start(&mut command).map(Some)
}

fn expect(client: &mut RunningClient, line: &str, answer: &str) -> Result<()> {
    let got = client.ask(line)?;
    ensure!(got == answer, "`{line}` gave {got}, not {answer}");
    Ok(())
}

#[test]
fn program_with_an_empty_environment_has_its_users_lease() -> Result<()> {
    let user = nix::unistd::geteuid();
    let settings = [format!("memory = {QUOTA}"), format!("uids = [{user}]")];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let server = Server::start_with(&ServerOptions {
        leases: vec![Lease::new("mine", &settings)],
        ..ServerOptions::default()
    })?;
    // The socket is where a service has it, in a mount namespace of the program's own.
    let script = "mount -t tmpfs run /run && mkdir /run/rigel && mount --bind \"$FOLDER\" /run/rigel && \
                  exec env -i LD_LIBRARY_PATH=\"$SHIM\" \"$0\"";
    let Some(mut client) = in_namespaces(&["--mount"], script, &server)? else {
        return Ok(());
    };
    expect(&mut client, "init", "ok")?;
    expect(
        &mut client,
        &format!("alloc {}", QUOTA + 1),
        "cudaErrorMemoryAllocation",
    )?;
    expect(&mut client, "alloc 4096", "ok")?;
    expect(&mut client, "touch", "ok")?;
    client
        .finish()?
        .check("the client with nothing in its environment")?;
    check_peak(&server, "mine")
}

#[test]
fn nested_namespace_gives_no_other_identity() -> Result<()> {
    let server = server()?;
    // Inside it calls itself by a user id that is nobody's here, with process ids of its own.
    let nested = [
        "--user",
        "--map-user=4321",
        "--pid",
        "--fork",
        "--kill-child",
    ];
    let script = |token: &str| {
        format!(
            "exec env -i LD_LIBRARY_PATH=\"$SHIM\" RIGEL_POOL=unix:\"$FOLDER\"/rigel.sock {token} \"$0\""
        )
    };
    let stranger = in_namespaces(&nested, &script(""), &server)?;
    let Some(mut stranger) = stranger else {
        return Ok(());
    };
    let answer = stranger.ask("init")?;
    ensure!(answer.starts_with("cudaError"), "{answer}");
    let said = stranger.finish()?.stderr;
    let user = nix::unistd::geteuid();
    ensure!(said.contains(&format!("user id {user} ")), "{said}");
    let with_token = script(&format!("RIGEL_TOKEN={MINE}"));
    let half = format!("alloc {}", QUOTA / 2 + MIB);
    let mut first = in_namespaces(&nested, &with_token, &server)?.context("it ran before")?;
    let mut second = in_namespaces(&nested, &with_token, &server)?.context("it ran before")?;
    for client in [&mut first, &mut second] {
        expect(client, "init", "ok")?;
    }
    // One quota, whatever namespaces its processes are in.
    expect(&mut first, &half, "ok")?;
    expect(&mut second, &half, "cudaErrorMemoryAllocation")?;
    first.kill()?;
    server.wait_for("what the killed one held", |status| {
        used(status, "mine") < QUOTA / 2
    })?;
    expect(&mut second, &half, "ok")?;
    second.finish()?.check("the second client")?;
    check_peak(&server, "mine")
}

#[test]
fn edited_environment_changes_no_limit() -> Result<()> {
    let server = server()?;
    let installation = Installation::find()?;
    let program = installation.cuda_program("cuda13", "static", "scripted");
    if !program.exists() && missing("`cargo xtask programs`") {
        return Ok(());
    }
    let mut command = Command::new(&program);
    command
        .env_clear()
        .env("LD_LIBRARY_PATH", installation.shim())
        .env("RIGEL_POOL", format!("unix:{}", server.socket().display()))
        .env("RIGEL_TOKEN", MINE);
    // Settings of servers, workers and soft GPUs: none is a client's to make.
    for (name, value) in [
        ("RIGEL_SOFT_MEMORY", "1TiB"),
        ("RIGEL_SOFT_DEVICES", "8"),
        ("RIGEL_SOFT_SHARED", "off"),
        ("RIGEL_SOFT_KERNELS", "skip"),
        ("RIGEL_SOFT_LAUNCH_TIMEOUT_MS", "1"),
        ("RIGEL_GPUS", "1"),
        ("RIGEL_COMPUTE", "50"),
        ("CUDA_VISIBLE_DEVICES", "0"),
    ] {
        command.env(name, value);
    }
    let mut client = RunningClient::start(&mut command)?;
    expect(&mut client, "init", "ok")?;
    expect(&mut client, "devices", "devices 1")?;
    expect(
        &mut client,
        &format!("alloc {}", QUOTA + 1),
        "cudaErrorMemoryAllocation",
    )?;
    expect(&mut client, "alloc 65536", "ok")?;
    expect(&mut client, "touch", "ok")?;
    let status = server.status()?;
    let executed = status["sessions"][0]["driver"]["thread_instructions"].as_u64();
    ensure!(
        executed.is_some_and(|n| n > 0),
        "nothing was executed: {status:#}"
    );
    ensure!(
        lease(&status, "mine")?["compute_max_percent"] == 50,
        "{status:#}"
    );
    client
        .finish()?
        .check("the client with an edited environment")?;
    check_peak(&server, "mine")
}

#[test]
fn random_client_with_a_token_hurts_nobody() -> Result<()> {
    let server = server()?;
    let mut tenant = Witness::new(&server, THEIRS)?;
    let mut neighbour = Witness::new(&server, MINE)?;
    let mut random = RandomClient::new(1);
    random.knows(tenant.address);
    random.knows(neighbour.address);
    for _ in 0..RANDOM_SESSIONS {
        random.session(&server.socket(), MINE)?;
        tenant.check()?;
        neighbour.check()?;
    }
    let tally = random.tally;
    // A run that does nothing but fail tests nothing.
    ensure!(tally.calls > 200 && tally.successes > 5, "{tally:?}");
    check_peak(&server, "mine")?;
    drop(neighbour);
    server.wait_for("all memory to come back", |status| {
        used(status, "mine") == 0
    })?;
    tenant.check()
}
