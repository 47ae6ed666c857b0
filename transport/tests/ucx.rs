//! Bulk over UCX beside QUIC: every byte arrives, through cuts too, and nobody else gets in. The library is
//! Debian's libucx0. Its transports here are TCP and shared memory, where RDMA would be; they are named by
//! the environment, which UCX reads once, so that each test runs itself in a process for each.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod daemon;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::sync::Arc;

use daemon::{
    Daemon, LIMIT, Random, call, copy_both_ways, count_and_reverse, cut_tcp, echo_bulk, seeds, soon,
};
use rigel_transport::quic::{QuicServer, QuicTuning};
use rigel_transport::tls::ServerIdentity;
use rigel_transport::{CloseReason, Side, TransportError};

/// What UCX may use, in a process of its own each.
const TRANSPORTS: [&str; 2] = ["tcp", "posix,self"];
/// Set in those processes.
const INSIDE: &str = "RIGEL_TEST_UCX_INSIDE";

/// Runs a test in a process for each of UCX's transports; in such a process, says so.
fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !has_ucx() {
        return false;
    }
    for transports in TRANSPORTS {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .envs([
                (INSIDE, "1"),
                ("UCX_TLS", transports),
                ("UCX_NET_DEVICES", "lo"),
            ])
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "UCX_TLS={transports}: {}: {text}",
            output.status
        );
    }
    false
}

/// Whether UCX is here; if it is not and must be, the test fails.
fn has_ucx() -> bool {
    // SAFETY: its initialisers do nothing that these tests rely on.
    #[expect(unsafe_code, reason = "looks whether a library is there")]
    let found = unsafe { libloading::Library::new("libucp.so.0") }.is_ok();
    let required = std::env::var("RIGEL_TEST_REQUIRE").is_ok_and(|value| value == "all");
    assert!(
        found || !required,
        "needs libucx0, and RIGEL_TEST_REQUIRE=all allows no skip"
    );
    if !found {
        println!("skipped: needs libucx0");
        if let Some(path) = std::env::var_os("RIGEL_TEST_SKIPS") {
            let mut file = std::fs::OpenOptions::new();
            let mut file = file.create(true).append(true).open(path).unwrap();
            writeln!(file, "transport/ucx: needs libucx0").unwrap();
        }
    }
    found
}

fn daemon(lanes: &str) -> Daemon {
    Daemon::start_with("ucx", lanes.parse().unwrap(), echo_bulk)
}

#[test]
fn copies_both_ways_arrive_over_ucx() {
    if !is_inside("copies_both_ways_arrive_over_ucx") {
        return;
    }
    for lanes in ["ucx", "ucx:3"] {
        let daemon = daemon(lanes);
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        copy_both_ways(client, 20_000_001, |_| ());
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn session_whose_path_is_cut_goes_on_over_ucx_anew() {
    if !is_inside("session_whose_path_is_cut_goes_on_over_ucx_anew") {
        return;
    }
    for seed in seeds(3) {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let daemon = daemon("ucx");
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        let mut next_cut = 0;
        copy_both_ways(client, 1_000_001, |n| {
            if n >= next_cut {
                daemon.relay.cut_after(1 + random.below(50));
                next_cut += 250_000;
            }
        });
        assert!(daemon.relay.n_cuts() > 0);
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn session_whose_lane_over_ucx_alone_is_cut_goes_on() {
    if !is_inside("session_whose_lane_over_ucx_alone_is_cut_goes_on") {
        return;
    }
    for lanes in ["ucx", "ucx:2"] {
        let daemon = daemon(lanes);
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        let (mut n_cut, mut next_cut) = (0, 100_000);
        copy_both_ways(client, 1_000_001, |n| {
            if n >= next_cut {
                n_cut += cut_tcp(daemon.lane_port.unwrap());
                next_cut += 300_000;
            }
        });
        assert!(n_cut > 0, "no lane was there to be cut");
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn stranger_at_the_port_for_ucx_is_turned_away_and_disturbs_nobody() {
    if !is_inside("stranger_at_the_port_for_ucx_is_turned_away_and_disturbs_nobody") {
        return;
    }
    let daemon = Daemon::start_with("ucx", "ucx".parse().unwrap(), count_and_reverse);
    let (link, mut client) = daemon.connect();
    let unknown = b"RGL1\x03\0\0\0\x07\0\0\0\0\0\0\0";
    for pass in [unknown, b"GET / HTTP/1.1\r\n", &[0xff; 16]] {
        let port = daemon.lane_port.unwrap();
        let mut stranger = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stranger.set_read_timeout(Some(LIMIT)).unwrap();
        stranger.write_all(pass).unwrap();
        // Closed, with nothing said.
        assert_eq!(stranger.read(&mut [0; 64]).unwrap_or(0), 0);
    }
    call(&mut client, 0, 100);
    daemon.end(link, &client);
}

#[test]
fn ucx_that_is_not_allowed_is_refused_with_what_is() {
    let daemon = Daemon::start_with("tcp+tls", "ucx".parse().unwrap(), count_and_reverse);
    let error = daemon.try_connect(LIMIT).unwrap_err();
    assert!(
        matches!(error, TransportError::LaneRefused { .. }),
        "{error}"
    );
}

#[test]
fn server_whose_library_cannot_be_loaded_says_what_to_install() {
    let test = "server_whose_library_cannot_be_loaded_says_what_to_install";
    if std::env::var_os(INSIDE).is_none() {
        let folder = tempfile::tempdir().unwrap();
        for library in ["libucp.so.0", "libucs.so.0"] {
            std::fs::write(folder.path().join(library), "none").unwrap();
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--test-threads=1"])
            .env(INSIDE, "1")
            .env("LD_LIBRARY_PATH", folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let identity = ServerIdentity::load_or_create(folder.path(), &[]).unwrap();
    let tuning = QuicTuning {
        allowed_lanes: "ucx".parse().unwrap(),
        ..QuicTuning::default()
    };
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bound = runtime.block_on(async { QuicServer::bind(any, &identity, tuning).map(drop) });
    let error = bound.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("libucx0"), "{error}: {source}");
}
