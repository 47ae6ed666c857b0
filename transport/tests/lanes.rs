//! Bulk over TCP beside QUIC, in clear text and under TLS, over one connection and several: every byte
//! arrives, through cuts too, and nobody else's connection gets in.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod daemon;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;

use daemon::{
    Daemon, LIMIT, Random, call, copy_both_ways, count_and_reverse, cut_tcp, echo_bulk, seeds, soon,
};
use rigel_transport::{CloseReason, Side, TransportError};

const ALL: &str = "tcp,tcp+tls";

#[test]
fn copies_both_ways_arrive_over_every_lane() {
    for lanes in ["tcp", "tcp+tls", "tcp:3", "tcp+tls:2"] {
        let daemon = Daemon::start_with(ALL, lanes.parse().unwrap(), echo_bulk);
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        copy_both_ways(client, 3_000_001, |_| ());
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn copies_arrive_over_lanes_on_a_path_with_delay_and_loss() {
    for lanes in ["tcp", "tcp+tls:2"] {
        let mut daemon = Daemon::start_with(ALL, lanes.parse().unwrap(), echo_bulk);
        daemon.shape = Some("rtt=0.5ms,jitter=50us,loss=0.1%".parse().unwrap());
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        copy_both_ways(client, 1_000_001, |_| ());
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn session_whose_path_is_cut_goes_on_over_lanes_anew() {
    for (seed, lanes) in seeds(4).zip(["tcp", "tcp+tls", "tcp:3", "tcp+tls:2"]) {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let daemon = Daemon::start_with(ALL, lanes.parse().unwrap(), echo_bulk);
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
fn session_whose_lane_alone_is_cut_goes_on() {
    for lanes in ["tcp", "tcp+tls", "tcp:2"] {
        let daemon = Daemon::start_with(ALL, lanes.parse().unwrap(), echo_bulk);
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
fn lane_that_is_not_allowed_is_refused_with_what_is() {
    let daemon = Daemon::start_with("tcp+tls", "tcp".parse().unwrap(), count_and_reverse);
    let error = daemon.try_connect(LIMIT).unwrap_err();
    assert!(
        matches!(error, TransportError::LaneRefused { .. }),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("`tcp`") && text.contains("quic, tcp+tls"),
        "{text}"
    );
}

#[test]
fn server_that_allows_none_listens_for_none() {
    let daemon = Daemon::start(count_and_reverse);
    assert_eq!(daemon.lane_port, None);
}

#[test]
fn stranger_at_the_port_for_lanes_is_turned_away_and_disturbs_nobody() {
    let daemon = Daemon::start_with(ALL, "tcp".parse().unwrap(), count_and_reverse);
    let (link, mut client) = daemon.connect();
    let unknown = b"RGL1\x01\0\0\0\x07\0\0\0\0\0\0\0";
    let under_tls = b"RGL1\x02\0\0\0\x07\0\0\0\0\0\0\0";
    for pass in [unknown, under_tls, b"GET / HTTP/1.1\r\n", &[0xff; 16]] {
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
