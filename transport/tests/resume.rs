//! A session outlives its connections: cuts at any point, a new address, a path that is down for a while.
//! Every call arrives exactly once, every byte is the same; and where it cannot go on, both sides learn it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod daemon;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use daemon::{
    Daemon, Random, call, copy_both_ways, count_and_reverse, echo_bulk, head, patience, seeds,
    soon, wait_until,
};
use rigel_transport::{CloseReason, RingError, Side};

#[test]
fn calls_go_on_over_a_fresh_connection_after_a_cut() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    for n in 0..40 {
        if n % 10 == 5 {
            daemon.relay.cut();
        }
        call(&mut client, n, 100);
    }
    assert_eq!(daemon.relay.n_cuts(), 4);
    daemon.end(link, &client);
}

#[test]
fn cuts_after_any_number_of_packets_lose_and_repeat_nothing() {
    for seed in seeds(4) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let daemon = Daemon::start(count_and_reverse);
        let (link, mut client) = daemon.connect();
        let mut n = 0;
        for _ in 0..6 {
            daemon.relay.cut_after(1 + random.below(60));
            for _ in 0..10 + random.below(30) {
                call(&mut client, n, random.below(1900) as usize);
                n += 1;
            }
        }
        assert!(daemon.relay.n_cuts() > 0);
        daemon.end(link, &client);
    }
}

#[test]
fn posted_calls_and_bulk_survive_cuts_bit_by_bit() {
    const LEN: usize = 1_500_001;
    for seed in seeds(3) {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let daemon = Daemon::start(echo_bulk);
        let (link, client) = daemon.connect();
        let memory = Arc::clone(&client.memory);
        let mut next_cut = 0;
        copy_both_ways(client, LEN, |n| {
            if n >= next_cut {
                daemon.relay.cut_after(1 + random.below(200));
                next_cut += LEN / 6;
            }
        });
        assert!(daemon.relay.n_cuts() > 0);
        memory.close(Side::Client, CloseReason::FINISHED);
        link.close(CloseReason::FINISHED, soon());
    }
}

#[test]
fn session_closed_while_its_connection_is_cut_ends_at_the_worker_too() {
    for cut_after in [0, 1, 2, 3, 5, 8] {
        let daemon = Daemon::start(count_and_reverse);
        let (link, mut client) = daemon.connect();
        call(&mut client, 0, 100);
        match cut_after {
            0 => daemon.relay.cut(),
            n => daemon.relay.cut_after(n),
        }
        // Joins the worker, which fails if it does not hear of the end in time.
        daemon.end(link, &client);
    }
}

#[test]
fn client_whose_address_changes_goes_on() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    for n in 0..60 {
        if n % 20 == 10 {
            daemon.relay.rebind();
        }
        call(&mut client, n, 500);
    }
    daemon.end(link, &client);
}

#[test]
fn port_from_which_nothing_passes_any_more_is_left_for_another() {
    let daemon = Daemon::start(count_and_reverse);
    // Shorter than the idle timeout, which would begin anew as well.
    let (link, mut client) = daemon.connect_for(Duration::from_secs(20));
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            // The port of the connection, and that from which it dials.
            wait_until(|| daemon.relay.n_clients() >= 2);
            daemon.relay.cut();
            wait_until(|| daemon.relay.n_cuts() == 1);
            daemon.relay.set_down(false);
        });
        call(&mut client, 1, 1000);
    });
    daemon.end(link, &client);
}

#[test]
fn path_down_for_ten_seconds_delays_and_loses_nothing() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect();
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_secs(10));
            daemon.relay.set_down(false);
        });
        for n in 1..20 {
            call(&mut client, n, 1000);
        }
    });
    assert_eq!(link.ended(), None);
    daemon.end(link, &client);
}

#[test]
fn path_that_stays_down_ends_the_session_at_the_client_after_its_grace() {
    let daemon = Daemon::start(count_and_reverse);
    let (link, mut client) = daemon.connect_for(Duration::from_millis(600));
    call(&mut client, 0, 10);
    daemon.relay.set_down(true);
    client
        .command
        .send(head(1), &[b"lost"], &patience())
        .unwrap();
    let error = client.reply.next_wait(&patience()).unwrap_err();
    assert_eq!(error, RingError::Closed(CloseReason::LINK_LOST));
    // The rings say so first, the link a moment later.
    wait_until(|| link.ended().is_some());
    assert_eq!(link.ended(), Some(CloseReason::LINK_LOST));
}
