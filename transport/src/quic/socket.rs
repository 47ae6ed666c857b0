//! The UDP socket under quinn: large buffers, and batches that the kernel does not drop. quinn builds
//! batches of ten datagrams whatever their size, and a batch over 64 KiB is silently lost. Read
//! [`bind`] first.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Runtime, UdpPoller};

/// What the socket's buffers should hold, so that a window in flight is not lost in them.
const BUFFER_BYTES: usize = 4 << 20;
/// Below this, packets were measured to be lost.
const BUFFER_BYTES_MIN: usize = 1 << 20;
/// The largest payload of an IPv4 datagram.
const BATCH_BYTES_MAX: usize = 65_507;

/// Binds a UDP socket for connections whose datagrams are at most `datagram_bytes_max` long.
pub(crate) fn bind(
    address: SocketAddr,
    runtime: &dyn Runtime,
    datagram_bytes_max: u16,
) -> io::Result<Arc<dyn AsyncUdpSocket>> {
    let socket = UdpSocket::bind(address)?;
    enlarge(&socket);
    let inner = runtime.wrap_udp_socket(socket)?;
    let batch_max = (BATCH_BYTES_MAX / usize::from(datagram_bytes_max)).max(1);
    Ok(Arc::new(ClampedSocket { inner, batch_max }))
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

/// quinn's own socket, with a limit on how many datagrams go out at once.
struct ClampedSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    batch_max: usize,
}

impl fmt::Debug for ClampedSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ClampedSocket({:?}, {} at once)",
            self.inner, self.batch_max
        )
    }
}

impl AsyncUdpSocket for ClampedSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.inner.try_send(transmit)
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_recv(context, buffers, meta)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.inner.max_transmit_segments().min(self.batch_max)
    }

    fn max_receive_segments(&self) -> usize {
        self.inner.max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.inner.may_fragment()
    }
}
