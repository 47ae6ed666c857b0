//! The UDP socket under quinn, instead of quinn's own for three reasons: quinn builds batches of ten
//! datagrams whatever their size, of which the kernel silently drops those over 64 KiB; the socket's
//! buffers must hold a window; and a socket registered for writing wakes its thread once more for every
//! packet sent. Read [`bind`] first.
#![expect(
    unsafe_code,
    reason = "the runtime wants to be promised that descriptors stay the same"
)]

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use quinn::udp::{RecvMeta, Transmit, UdpSocketState};
use quinn::{AsyncUdpSocket, UdpPoller};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::shape::{Shape, Shaped};

/// What the socket's buffers should hold, so that a window in flight is not lost in them.
const BUFFER_BYTES: usize = 4 << 20;
/// Below this, packets were measured to be lost.
const BUFFER_BYTES_MIN: usize = 1 << 20;
/// The largest payload of an IPv4 datagram.
const BATCH_BYTES_MAX: usize = 65_507;

/// What the kernel gathers into one buffer of what comes in.
const GATHERED_BYTES_MAX: usize = 1 << 16;

/// Binds a UDP socket, in a tokio runtime, for connections whose datagrams are at most
/// `datagram_bytes_max` long.
pub(crate) fn bind(
    address: SocketAddr,
    datagram_bytes_max: u16,
    shape: Option<Shape>,
) -> io::Result<Arc<dyn AsyncUdpSocket>> {
    let socket = UdpSocket::bind(address)?;
    enlarge(&socket);
    if let Some(shape) = shape {
        return Shaped::wrap(socket, shape, usize::from(datagram_bytes_max));
    }
    let state = UdpSocketState::new((&socket).into())?;
    let batch_max = (BATCH_BYTES_MAX / usize::from(datagram_bytes_max)).max(1);
    let io = register(socket, Interest::READABLE)?;
    Ok(Arc::new(Socket {
        io,
        state,
        batch_max,
        gathered_max: GATHERED_BYTES_MAX.div_ceil(usize::from(datagram_bytes_max)),
        full: AtomicBool::new(false),
    }))
}

fn register(socket: UdpSocket, interest: Interest) -> io::Result<AsyncFd<UdpSocket>> {
    // SAFETY: a `UdpSocket` keeps one open descriptor, always the same, until it is dropped.
    Ok(unsafe { AsyncFd::register_with_interest(socket, interest) }?)
}

fn enlarge(socket: &UdpSocket) {
    // A refusal shows in the sizes read back.
    let _ = setsockopt(socket, sockopt::SndBuf, &BUFFER_BYTES);
    let _ = setsockopt(socket, sockopt::RcvBuf, &BUFFER_BYTES);
    let received = getsockopt(socket, sockopt::RcvBuf).unwrap_or(0);
    let sent = getsockopt(socket, sockopt::SndBuf).unwrap_or(0);
    // The kernel reports twice what it grants.
    let granted_bytes = received.min(sent) / 2;
    if granted_bytes < BUFFER_BYTES_MIN {
        tracing::warn!(
            granted_bytes,
            wanted_bytes = BUFFER_BYTES,
            "UDP socket buffers are small and packets may be lost: raise net.core.rmem_max and wmem_max"
        );
    }
}

struct Socket {
    /// Registered for reading alone.
    io: AsyncFd<UdpSocket>,
    state: UdpSocketState,
    /// How many datagrams go out at once.
    batch_max: usize,
    /// For how many datagrams of the largest size the buffers of what comes in have room. The kernel gathers
    /// 64 KiB at most: quinn's 64 datagrams, 32 times over, would be 18 MB of buffers an endpoint at 8900 bytes.
    gathered_max: usize,
    /// The last send found the buffer full.
    full: AtomicBool,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Socket({:?}, {} datagrams at once)",
            self.io, self.batch_max
        )
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Writable {
            socket: self,
            waiting: None,
        })
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let sent = self.state.send(self.io.get_ref().into(), transmit);
        if matches!(&sent, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            self.full.store(true, Ordering::Relaxed);
        }
        sent
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.io.poll_read_ready(context))?;
            match self.state.recv(self.io.get_ref().into(), buffers, meta) {
                Ok(n) => {
                    // Fewer than asked for: the queue is empty, and what comes next is a new event.
                    if n < buffers.len() {
                        ready.clear_ready();
                    }
                    return Poll::Ready(Ok(n));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get_ref().local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.state.max_gso_segments().min(self.batch_max)
    }

    fn max_receive_segments(&self) -> usize {
        self.state.gro_segments().min(self.gathered_max)
    }

    fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }
}

/// Asked before every send: says yes until a send has found the buffer full, and then waits through a
/// registration of its own that lasts no longer.
struct Writable {
    socket: Arc<Socket>,
    waiting: Option<AsyncFd<UdpSocket>>,
}

impl fmt::Debug for Writable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writable({:?})", self.waiting)
    }
}

impl UdpPoller for Writable {
    fn poll_writable(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let waiting = match this.waiting.take() {
            Some(waiting) => waiting,
            None if !this.socket.full.load(Ordering::Relaxed) => return Poll::Ready(Ok(())),
            None => register(this.socket.io.get_ref().try_clone()?, Interest::WRITABLE)?,
        };
        let ready = waiting.poll_write_ready(context).map_ok(drop);
        match ready {
            Poll::Pending => this.waiting = Some(waiting),
            Poll::Ready(_) => this.socket.full.store(false, Ordering::Relaxed),
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::net::Ipv4Addr;

    use super::*;

    fn local() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    #[tokio::test]
    async fn batch_of_large_datagrams_stays_under_the_kernels_limit() {
        let socket = bind(local(), 8900, None).unwrap();
        assert!(socket.max_transmit_segments() * 8900 <= BATCH_BYTES_MAX);
        let socket = bind(local(), 65_000, None).unwrap();
        assert_eq!(socket.max_transmit_segments(), 1);
    }

    #[tokio::test]
    async fn buffers_hold_what_the_kernel_gathers_and_little_more() {
        for datagram_bytes in [1200, 1472, 8900, 16_000] {
            let socket = bind(local(), datagram_bytes, None).unwrap();
            let room = socket.max_receive_segments() * usize::from(datagram_bytes);
            // Too little would cut off gathered datagrams, and stall.
            let gathered = GATHERED_BYTES_MAX.min(64 * usize::from(datagram_bytes));
            assert!(room >= gathered, "{datagram_bytes}");
            assert!(room <= 2 * GATHERED_BYTES_MAX, "{datagram_bytes}");
        }
    }

    #[tokio::test]
    async fn datagrams_sent_one_after_another_all_arrive() {
        let receiver = bind(local(), 1200, None).unwrap();
        let sender = UdpSocket::bind(local()).unwrap();
        let mut storage = [[0; 64]; 4];
        for i in 0..10 {
            sender
                .send_to(&[i], receiver.local_addr().unwrap())
                .unwrap();
            let mut buffers = storage.each_mut().map(|bytes| IoSliceMut::new(bytes));
            let mut meta = [RecvMeta::default(); 4];
            let n = poll_fn(|context| receiver.poll_recv(context, &mut buffers, &mut meta)).await;
            assert_eq!((n.unwrap(), meta[0].len, storage[0][0]), (1, 1, i));
        }
    }

    #[tokio::test]
    async fn writable_socket_is_ready_again_and_again() {
        let socket = Arc::new(Socket {
            io: register(UdpSocket::bind(local()).unwrap(), Interest::READABLE).unwrap(),
            state: UdpSocketState::new((&UdpSocket::bind(local()).unwrap()).into()).unwrap(),
            batch_max: 1,
            gathered_max: 1,
            full: AtomicBool::new(false),
        });
        let mut writable = Arc::clone(&socket).create_io_poller();
        for full in [false, true, true, false] {
            socket.full.store(full, Ordering::Relaxed);
            poll_fn(|context| writable.as_mut().poll_writable(context))
                .await
                .unwrap();
        }
    }
}
