//! A network path that this machine does not have: delay, jitter, rate and loss between quinn and its
//! socket, for measurements and tests. Threads that sleep to the nanosecond hold packets back, since timers
//! of the runtime tick at a millisecond. Read [`Shape`] first; [`Shaped`] is the socket.
//!
//! 1. Half of the round trip is waited in each direction, all of it on this side.
//! 2. Order is kept. What does not fit the queue of a rate is lost, as at a router.
#![expect(
    unsafe_code,
    reason = "the runtime wants to be promised that the descriptor stays the same"
)]

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How long a packet may wait for its turn at the rate before it is lost.
const QUEUE_DELAY_MAX: Duration = Duration::from_millis(50);
/// Packets held back at once in a direction.
const N_HELD_MAX: usize = 1 << 16;
/// How often a thread that receives looks for its end.
const STOP_PERIOD: Duration = Duration::from_millis(100);
/// The longest delay that makes sense.
const DELAY_MAX: Duration = Duration::from_secs(10);

/// A path: `rtt=0.5ms,rate=10gbit,loss=0.1%,jitter=50us`, in any order, each optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// Added to every round trip.
    pub rtt: Duration,
    /// Added at random, up to this, to each direction.
    pub jitter: Duration,
    /// Bytes per second in each direction; zero for no limit.
    pub bytes_per_second: u64,
    /// Packets lost of a million in each direction.
    pub lost_per_million: u32,
}

/// What a shape is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("understand `{0}` of a link's shape (such as rtt=0.5ms,rate=10gbit,loss=0.1%,jitter=50us)")]
pub struct BadShape(String);

impl FromStr for Shape {
    type Err = BadShape;

    fn from_str(text: &str) -> Result<Shape, BadShape> {
        let mut shape = Shape::default();
        for part in text.split(',').map(str::trim) {
            let bad = || BadShape(part.to_owned());
            let (key, value) = part.split_once('=').ok_or_else(bad)?;
            match key {
                "rtt" => shape.rtt = duration(value).ok_or_else(bad)?,
                "jitter" => shape.jitter = duration(value).ok_or_else(bad)?,
                "rate" => shape.bytes_per_second = rate(value).ok_or_else(bad)?,
                "loss" => shape.lost_per_million = loss(value).ok_or_else(bad)?,
                _ => return Err(bad()),
            }
        }
        Ok(shape)
    }
}

/// A number at the front and what stands behind it.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    Some((number.parse().ok()?, unit))
}

fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number(text)?;
    let seconds = match unit {
        "s" => number,
        "ms" => number / 1e3,
        "us" => number / 1e6,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    (duration <= DELAY_MAX).then_some(duration)
}

fn rate(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let bits = match unit {
        "gbit" => number * 1e9,
        "mbit" => number * 1e6,
        "kbit" => number * 1e3,
        _ => return None,
    };
    (bits >= 8e3).then_some((bits / 8.0) as u64)
}

fn loss(text: &str) -> Option<u32> {
    let (number, unit) = number(text)?;
    let share = match unit {
        "%" => number / 100.0,
        "" => number,
        _ => return None,
    };
    (share < 1.0).then_some((share * 1e6) as u32)
}

/// A UDP socket at the end of a shaped path.
pub(super) struct Shaped {
    socket: Arc<UdpSocket>,
    sending: Arc<Path>,
    arrived: Arc<Path>,
    /// Readable when something has arrived.
    bell: AsyncFd<OwnedFd>,
    stop: Arc<AtomicBool>,
}

impl fmt::Debug for Shaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shaped({:?})", self.sending.shape)
    }
}

impl Shaped {
    /// Shapes a socket; in a runtime.
    pub(super) fn wrap(
        socket: UdpSocket,
        shape: Shape,
        datagram_bytes_max: usize,
    ) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        socket.set_read_timeout(Some(STOP_PERIOD))?;
        let socket = Arc::new(socket);
        let stop = Arc::new(AtomicBool::new(false));
        let bell = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let bell = OwnedFd::from(bell);
        let (sending, arrived) = (Arc::new(Path::new(shape, 1)), Arc::new(Path::new(shape, 2)));
        let strike = bell.try_clone()?;
        // SAFETY: an `OwnedFd` keeps one open descriptor, always the same, until it is dropped.
        let bell = unsafe { AsyncFd::register_with_interest(bell, Interest::READABLE) }?;
        let (path, out) = (Arc::clone(&sending), Arc::clone(&socket));
        spawn("shape-send", move || {
            path.deliver(|packet| {
                // Lost at the socket is lost on the path.
                let _ = out.send_to(&packet.bytes, packet.peer);
            });
        })?;
        let (path, from, end) = (Arc::clone(&arrived), Arc::clone(&socket), Arc::clone(&stop));
        spawn("shape-receive", move || {
            receive(&from, &path, &end, datagram_bytes_max)
        })?;
        let path = Arc::clone(&arrived);
        spawn("shape-arrive", move || {
            path.deliver(|packet| {
                path.lock().ready.push_back(packet);
                let _ = nix::unistd::write(&strike, &1u64.to_ne_bytes());
            });
        })?;
        Ok(Arc::new(Shaped {
            socket,
            sending,
            arrived,
            bell,
            stop,
        }))
    }
}

impl Drop for Shaped {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.sending.stop();
        self.arrived.stop();
    }
}

/// A thread that wakes to the microsecond.
pub(super) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let exact = move || {
        // The default slack of 50 µs would be most of a short delay; a refusal only costs accuracy.
        let _ = nix::sys::prctl::set_timerslack(1);
        body();
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(exact)
        .map(drop)
}

fn receive(socket: &UdpSocket, path: &Path, stop: &AtomicBool, datagram_bytes_max: usize) {
    let mut buffer = vec![0; datagram_bytes_max.max(2048)];
    while !stop.load(Ordering::Relaxed) {
        if let Ok((n, peer)) = socket.recv_from(&mut buffer) {
            path.send(&buffer[..n], peer);
        }
    }
}

/// One direction.
struct Path {
    shape: Shape,
    state: Mutex<PathState>,
    more: Condvar,
}

struct PathState {
    /// In order of their time.
    held: VecDeque<Packet>,
    ready: VecDeque<Packet>,
    /// When the last bit of what was sent is on the wire.
    free_at: Duration,
    random: u64,
    stopped: bool,
}

struct Packet {
    due: Duration,
    peer: SocketAddr,
    bytes: Vec<u8>,
}

impl Path {
    fn new(shape: Shape, seed: u64) -> Path {
        Path {
            shape,
            state: Mutex::new(PathState {
                held: VecDeque::new(),
                ready: VecDeque::new(),
                free_at: Duration::ZERO,
                random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                stopped: false,
            }),
            more: Condvar::new(),
        }
    }

    /// Sends a packet, or loses it.
    fn send(&self, bytes: &[u8], peer: SocketAddr) {
        let now = now();
        let mut state = self.lock();
        if state.random() % 1_000_000 < u64::from(self.shape.lost_per_million)
            || state.held.len() + state.ready.len() >= N_HELD_MAX
        {
            return;
        }
        if self.shape.bytes_per_second > 0 {
            let start = state.free_at.max(now);
            if start - now > QUEUE_DELAY_MAX {
                return;
            }
            let on_wire = bytes.len() as f64 / self.shape.bytes_per_second as f64;
            state.free_at = start + Duration::from_secs_f64(on_wire);
        }
        let jitter = self.shape.jitter.as_nanos() as u64;
        let jitter = Duration::from_nanos(state.random() % (jitter + 1));
        let due = state.free_at.max(now) + self.shape.rtt / 2 + jitter;
        state.held.push_back(Packet {
            due,
            peer,
            bytes: bytes.to_vec(),
        });
        drop(state);
        self.more.notify_one();
    }

    /// Hands out each packet at its time, until stopped.
    fn deliver(&self, mut hand_out: impl FnMut(Packet)) {
        loop {
            let due = {
                let mut state = self.lock();
                while state.held.is_empty() && !state.stopped {
                    let waited = self.more.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
                match state.held.front() {
                    Some(first) if !state.stopped => first.due,
                    _ => return,
                }
            };
            sleep_until(due);
            let packet = self.lock().held.pop_front();
            if let Some(packet) = packet {
                hand_out(packet);
            }
        }
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.more.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, PathState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PathState {
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

pub(super) fn sleep_until(due: Duration) {
    let at = TimeSpec::from_duration(due);
    // An interrupted sleep is short, and what waits is early.
    let _ = clock_nanosleep(
        ClockId::CLOCK_MONOTONIC,
        ClockNanosleepFlags::TIMER_ABSTIME,
        &at,
    );
}

pub(super) fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from)
}

impl AsyncUdpSocket for Shaped {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let each = transmit.segment_size.unwrap_or(transmit.contents.len());
        for datagram in transmit.contents.chunks(each.max(1)) {
            self.sending.send(datagram, transmit.destination);
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut readable = ready!(self.bell.poll_read_ready(context))?;
            // Every strike raises the event anew, whether or not the counter is read.
            readable.clear_ready();
            let mut state = self.arrived.lock();
            let mut n = 0;
            while n < buffers.len().min(meta.len()) {
                let Some(packet) = state.ready.pop_front() else {
                    break;
                };
                let len = packet.bytes.len().min(buffers[n].len());
                buffers[n][..len].copy_from_slice(&packet.bytes[..len]);
                meta[n] = RecvMeta {
                    addr: packet.peer,
                    len,
                    stride: len,
                    ecn: None,
                    dst_ip: None,
                };
                n += 1;
            }
            if n > 0 {
                if !state.ready.is_empty() {
                    // Come back for the rest.
                    context.waker().wake_by_ref();
                    let _ = nix::unistd::write(self.bell.get_ref(), &1u64.to_ne_bytes());
                }
                return Poll::Ready(Ok(n));
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_is_read_in_any_order() {
        let shape: Shape = "rate=10gbit,rtt=0.5ms, loss=0.1%,jitter=50us"
            .parse()
            .unwrap();
        let expected = Shape {
            rtt: Duration::from_micros(500),
            jitter: Duration::from_micros(50),
            bytes_per_second: 1_250_000_000,
            lost_per_million: 1000,
        };
        assert_eq!(shape, expected);
        assert_eq!(
            "loss=0.02".parse::<Shape>().unwrap().lost_per_million,
            20_000
        );
    }

    #[test]
    fn shape_that_makes_no_sense_names_what() {
        for bad in [
            "",
            "rtt",
            "rtt=1",
            "rtt=-1ms",
            "rtt=1h",
            "rate=fast",
            "loss=100%",
            "mtu=9000",
        ] {
            let error = bad.parse::<Shape>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{bad}`")), "{error}");
        }
    }

    fn peer() -> SocketAddr {
        ([127, 0, 0, 1], 9).into()
    }

    fn path(text: &str) -> Path {
        Path::new(text.parse().unwrap(), 7)
    }

    #[test]
    fn packets_are_due_half_a_round_trip_later_and_in_order() {
        let path = path("rtt=20ms,jitter=5ms");
        let before = now();
        (0..50u8).for_each(|n| path.send(&[n], peer()));
        let state = path.lock();
        for (n, packet) in state.held.iter().enumerate() {
            assert_eq!(packet.bytes, [n as u8]);
            assert!(packet.due >= before + Duration::from_millis(10));
            assert!(packet.due <= now() + Duration::from_millis(15));
        }
    }

    #[test]
    fn rate_spaces_packets_and_its_queue_is_bounded() {
        let path = path("rate=8mbit");
        (0..200).for_each(|_| path.send(&[0; 1000], peer()));
        let state = path.lock();
        // A millisecond each, and at most 50 ms of them wait.
        assert!(
            (50..=55).contains(&state.held.len()),
            "{}",
            state.held.len()
        );
        let (first, second) = (&state.held[0], &state.held[1]);
        assert!(second.due - first.due >= Duration::from_micros(990));
    }

    #[test]
    fn loss_takes_about_its_share() {
        let path = path("loss=20%");
        (0..10_000).for_each(|_| path.send(&[0], peer()));
        let n_lost = 10_000 - path.lock().held.len();
        assert!((1700..2300).contains(&n_lost), "{n_lost}");
    }
}
