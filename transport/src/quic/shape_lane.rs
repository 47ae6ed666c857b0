//! The path of `shape` for lanes over TCP: a relay inside the client, for measurements and tests. Bytes wait
//! their time between the lane's socket and the server's. Read [`connect`] first; [`Clock`] says when.
//!
//! 1. Half of the round trip is waited in each direction, and a whole one before a connection is there.
//! 2. Bytes are neither lost nor reordered: a loss is a round trip more, for its segment and all behind it.
//! 3. What waits is bounded. Beyond it the relay reads no more, as a full window of TCP's.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::shape::{Shape, now, sleep_until, spawn};

/// Bytes that wait in a direction at once: what TCP has on its way at most where the kernel's limits are common.
const HELD_BYTES_MAX: usize = 4 << 20;
/// Read at once.
const PIECE_BYTES: usize = 64 << 10;
/// Bytes of a segment, one of which is lost.
const SEGMENT_BYTES: usize = 1448;

/// Connects to a server through a path of this shape.
pub(super) async fn connect(
    address: SocketAddr,
    shape: Shape,
) -> io::Result<tokio::net::TcpStream> {
    tokio::time::sleep(shape.rtt).await;
    let server = tokio::net::TcpStream::connect(address).await?.into_std()?;
    server.set_nonblocking(false)?;
    server.set_nodelay(true)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let here = TcpStream::connect(listener.local_addr()?)?;
    let (relayed, peer) = listener.accept()?;
    if peer != here.local_addr()? {
        // Somebody else was faster.
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    relayed.set_nodelay(true)?;
    relay(
        relayed.try_clone()?,
        server.try_clone()?,
        Clock::new(shape, 1),
    )?;
    relay(server, relayed, Clock::new(shape, 2))?;
    here.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(here)
}

/// When bytes arrive that leave now.
#[derive(Debug)]
struct Clock {
    shape: Shape,
    /// When the last bit of what was sent is on the wire.
    free_at: Duration,
    /// When the last of it arrives: nothing arrives before it.
    last: Duration,
    random: u64,
}

impl Clock {
    fn new(shape: Shape, seed: u64) -> Clock {
        Clock {
            shape,
            free_at: Duration::ZERO,
            last: Duration::ZERO,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    fn due(&mut self, now: Duration, len: usize) -> Duration {
        self.free_at = self.free_at.max(now);
        if self.shape.bytes_per_second > 0 {
            let on_wire = len as f64 / self.shape.bytes_per_second as f64;
            self.free_at += Duration::from_secs_f64(on_wire);
        }
        let jitter = self.shape.jitter.as_nanos() as u64;
        let jitter = Duration::from_nanos(self.random() % (jitter + 1));
        let mut due = self.free_at + self.shape.rtt / 2 + jitter;
        let lost = u64::from(self.shape.lost_per_million);
        if (0..len.div_ceil(SEGMENT_BYTES)).any(|_| self.random() % 1_000_000 < lost) {
            due += self.shape.rtt;
        }
        self.last = self.last.max(due);
        self.last
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// What waits in one direction.
#[derive(Default)]
struct Held {
    state: Mutex<HeldState>,
    changed: Condvar,
}

#[derive(Default)]
struct HeldState {
    /// In order; a piece without bytes is the end.
    pieces: VecDeque<(Duration, Vec<u8>)>,
    n_bytes: usize,
    /// Nobody takes any more.
    broken: bool,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, HeldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&'a self, state: MutexGuard<'a, HeldState>) -> MutexGuard<'a, HeldState> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a piece, once there is room; false if nobody takes any more.
    fn put(&self, due: Duration, piece: Vec<u8>) -> bool {
        let mut state = self.lock();
        while state.n_bytes + piece.len() > HELD_BYTES_MAX && !state.broken {
            state = self.wait(state);
        }
        state.n_bytes += piece.len();
        state.pieces.push_back((due, piece));
        self.changed.notify_all();
        !state.broken
    }

    fn take(&self) -> (Duration, Vec<u8>) {
        let mut state = self.lock();
        loop {
            if let Some(first) = state.pieces.pop_front() {
                return first;
            }
            state = self.wait(state);
        }
    }

    /// A piece has arrived: there is room for others.
    fn arrived(&self, len: usize) {
        self.lock().n_bytes -= len;
        self.changed.notify_all();
    }

    fn break_off(&self) {
        self.lock().broken = true;
        self.changed.notify_all();
    }
}

/// Carries one direction, until its end.
fn relay(mut from: TcpStream, mut to: TcpStream, mut clock: Clock) -> io::Result<()> {
    let held = Arc::new(Held::default());
    let taken = Arc::clone(&held);
    spawn("shape-lane-in", move || {
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            // An error is an end too.
            let n = from.read(&mut buffer).unwrap_or(0);
            let due = clock.due(now(), n);
            if !held.put(due, buffer[..n].to_vec()) || n == 0 {
                return;
            }
        }
    })?;
    spawn("shape-lane-out", move || {
        loop {
            let (due, piece) = taken.take();
            sleep_until(due);
            if piece.is_empty() || to.write_all(&piece).is_err() {
                break;
            }
            taken.arrived(piece.len());
        }
        taken.break_off();
        // An error means that it has ended already.
        let _ = to.shutdown(Shutdown::Write);
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn clock(shape: &str) -> Clock {
        Clock::new(shape.parse().unwrap(), 7)
    }

    #[test]
    fn bytes_are_due_half_a_round_trip_later_and_in_order() {
        let mut clock = clock("rtt=20ms,jitter=5ms");
        let mut last = Duration::ZERO;
        for n in 0..100 {
            let due = clock.due(n * MS, 1000);
            assert!(due >= (n + 10) * MS && due <= (n + 15) * MS && due >= last);
            last = due;
        }
    }

    #[test]
    fn rate_spaces_bytes() {
        let mut clock = clock("rate=8mbit");
        assert_eq!(clock.due(MS, 1000), 2 * MS);
        assert_eq!(clock.due(MS, 3000), 5 * MS);
        assert_eq!(clock.due(100 * MS, 1000), 101 * MS);
    }

    #[test]
    fn loss_costs_a_round_trip_and_holds_back_what_follows() {
        let mut clock = clock("rtt=20ms,loss=10%");
        let dues: Vec<Duration> = (0..1000).map(|n| clock.due(n * MS, 1)).collect();
        let late = dues
            .iter()
            .zip(0..)
            .filter(|(due, n)| **due == (n + 30) * MS);
        assert!((50..200).contains(&late.count()));
        assert!(dues.is_sorted());
    }

    #[tokio::test]
    async fn relayed_bytes_and_both_ends_arrive() {
        let server = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let server = server.unwrap();
        let address = server.local_addr().unwrap();
        let shape = "rtt=1ms,jitter=100us,loss=1%".parse().unwrap();
        let sent: Vec<u8> = (0..3_000_000u32).map(|i| (i ^ i >> 9) as u8).collect();
        let echo = tokio::spawn(async move {
            let (mut tcp, _) = server.accept().await.unwrap();
            let mut came = Vec::new();
            tcp.read_to_end(&mut came).await.unwrap();
            tcp.write_all(&came).await.unwrap();
        });
        let mut lane = connect(address, shape).await.unwrap();
        lane.write_all(&sent).await.unwrap();
        lane.shutdown().await.unwrap();
        let mut back = Vec::new();
        lane.read_to_end(&mut back).await.unwrap();
        assert!(back == sent);
        echo.await.unwrap();
    }
}
