//! Bulk bytes over connections beside QUIC, one or several: one stream of bytes, dealt out in blocks in turn, so that
//! who reads takes them in order from each. Who may connect is `desk`'s. Read [`LaneWriter`] first.
//!
//! 1. Bytes go from the ring to the socket and from the socket into the ring: neither end holds a copy.
//! 2. After a block the task lets others run: calls share its thread.
//! 3. A connection that ends in the middle of a record, or with what was sent unheard for
//!    [`UNHEARD_MAX`], is lost, and with it the session's connection: both begin anew.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::TcpStream;

use super::ucx::{UcxEnd, UcxStream};
use crate::error::TransportError;

/// Bytes on one connection before the next has its turn.
const BLOCK_BYTES: u64 = 256 << 10;
/// Pieces handed to the kernel at once.
const N_SLICES: usize = 16;
/// How long sent bytes may stay unacknowledged by the peer's kernel.
const UNHEARD_MAX: Duration = Duration::from_secs(5);

/// One connection: TCP in clear text or under TLS, or UCX.
pub(super) enum LaneSocket {
    Clear(TcpStream),
    Client(Box<tokio_rustls::client::TlsStream<TcpStream>>),
    Server(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    Ucx(Box<UcxStream>),
}

/// Ends the sending half of a lane.
enum LaneEnd {
    Tcp(std::net::TcpStream),
    Ucx(UcxEnd),
}

impl LaneSocket {
    /// What ends its sending half once the halves are apart.
    fn end(&self) -> io::Result<LaneEnd> {
        let tcp = match self {
            LaneSocket::Clear(tcp) => tcp,
            LaneSocket::Client(tls) => tls.get_ref().0,
            LaneSocket::Server(tls) => tls.get_ref().0,
            LaneSocket::Ucx(stream) => return stream.end().map(LaneEnd::Ucx),
        };
        Ok(LaneEnd::Tcp(nix::unistd::dup(tcp)?.into()))
    }
}

/// Sets what every lane wants of its socket.
pub(super) fn prepare(tcp: &TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let unheard_ms = UNHEARD_MAX.as_millis() as u32;
    Ok(setsockopt(tcp, sockopt::TcpUserTimeout, &unheard_ms)?)
}

/// The sending half of a session's lanes. Dropped, it ends the peer's stream.
pub(super) struct LaneWriter {
    halves: Vec<WriteHalf<LaneSocket>>,
    ends: Vec<LaneEnd>,
    /// Bytes sent so far, over all.
    at: u64,
}

/// The receiving half.
pub(super) struct LaneReader {
    halves: Vec<ReadHalf<LaneSocket>>,
    at: u64,
}

/// The two halves of a session's lanes, which are in the same order on both sides.
pub(super) fn halves(lanes: Vec<LaneSocket>) -> Result<(LaneWriter, LaneReader), TransportError> {
    let mut writer = LaneWriter {
        halves: Vec::new(),
        ends: Vec::new(),
        at: 0,
    };
    let mut reader = LaneReader {
        halves: Vec::new(),
        at: 0,
    };
    for lane in lanes {
        let end = lane.end();
        let end = end.map_err(|source| TransportError::os("copy a lane's socket", source))?;
        writer.ends.push(end);
        let (read, write) = tokio::io::split(lane);
        writer.halves.push(write);
        reader.halves.push(read);
    }
    Ok((writer, reader))
}

/// Whose turn it is among `n` lanes after `at` bytes, and for how many more.
fn turn(at: u64, n: usize) -> (usize, usize) {
    let lane = (at / BLOCK_BYTES % n as u64) as usize;
    (lane, (BLOCK_BYTES - at % BLOCK_BYTES) as usize)
}

impl LaneWriter {
    /// Sends chunks, and takes them off the front as they go.
    pub(super) async fn write_all(&mut self, chunks: &mut Vec<Bytes>) -> io::Result<()> {
        let mut n_sent = 0;
        while n_sent < chunks.len() {
            let (lane, room) = turn(self.at, self.halves.len());
            let half = &mut self.halves[lane];
            let n = {
                let slices = gather(&chunks[n_sent..], room);
                half.write_vectored(&slices).await?
            };
            if n == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.at += n as u64;
            if n == room {
                // What TLS still holds would wait for this lane's next turn.
                half.flush().await?;
                tokio::task::yield_now().await;
            }
            n_sent += advance(&mut chunks[n_sent..], n);
        }
        chunks.clear();
        let (lane, _) = turn(self.at, self.halves.len());
        self.halves[lane].flush().await
    }
}

/// The front of the chunks, at most `room` bytes of it.
fn gather(chunks: &[Bytes], mut room: usize) -> Vec<IoSlice<'_>> {
    let mut slices = Vec::with_capacity(N_SLICES.min(chunks.len()));
    for chunk in chunks.iter().take(N_SLICES) {
        let n = chunk.len().min(room);
        if n == 0 {
            break;
        }
        slices.push(IoSlice::new(&chunk[..n]));
        room -= n;
    }
    slices
}

/// Takes `n` bytes off the front: how many chunks are gone.
fn advance(chunks: &mut [Bytes], mut n: usize) -> usize {
    let mut n_gone = 0;
    for chunk in chunks {
        let taken = chunk.len().min(n);
        chunk.advance(taken);
        n -= taken;
        if !chunk.is_empty() {
            break;
        }
        // Its record need not be held any longer.
        *chunk = Bytes::new();
        n_gone += 1;
    }
    n_gone
}

impl Drop for LaneWriter {
    fn drop(&mut self) {
        for end in &mut self.ends {
            match end {
                // An error means that it has ended already.
                LaneEnd::Tcp(socket) => drop(socket.shutdown(Shutdown::Write)),
                LaneEnd::Ucx(end) => end.finish(),
            }
        }
    }
}

impl fmt::Debug for LaneWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LaneWriter({} lanes at {})", self.halves.len(), self.at)
    }
}

impl fmt::Debug for LaneReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LaneReader({} lanes at {})", self.halves.len(), self.at)
    }
}

impl LaneReader {
    /// Reads what is there, at most what fits; 0 at the end of the stream.
    pub(super) async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (lane, room) = turn(self.at, self.halves.len());
        let len = into.len().min(room);
        let n = match self.halves[lane].read(&mut into[..len]).await {
            Ok(n) => n,
            // TLS misses its own goodbye; that everything has come, the records say.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error),
        };
        self.at += n as u64;
        if n == room {
            tokio::task::yield_now().await;
        }
        Ok(n)
    }
}

impl AsyncRead for LaneSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            LaneSocket::Clear(tcp) => Pin::new(tcp).poll_read(context, into),
            LaneSocket::Client(tls) => Pin::new(tls).poll_read(context, into),
            LaneSocket::Server(tls) => Pin::new(tls).poll_read(context, into),
            LaneSocket::Ucx(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for LaneSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            LaneSocket::Clear(tcp) => Pin::new(tcp).poll_write_vectored(context, slices),
            LaneSocket::Client(tls) => Pin::new(tls).poll_write_vectored(context, slices),
            LaneSocket::Server(tls) => Pin::new(tls).poll_write_vectored(context, slices),
            LaneSocket::Ucx(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            LaneSocket::Clear(tcp) => Pin::new(tcp).poll_flush(context),
            LaneSocket::Client(tls) => Pin::new(tls).poll_flush(context),
            LaneSocket::Server(tls) => Pin::new(tls).poll_flush(context),
            LaneSocket::Ucx(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            LaneSocket::Clear(tcp) => Pin::new(tcp).poll_shutdown(context),
            LaneSocket::Client(tls) => Pin::new(tls).poll_shutdown(context),
            LaneSocket::Server(tls) => Pin::new(tls).poll_shutdown(context),
            LaneSocket::Ucx(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_dealt_out_in_turn() {
        let block = BLOCK_BYTES as usize;
        assert_eq!(turn(0, 3), (0, block));
        assert_eq!(turn(5, 3), (0, block - 5));
        assert_eq!(turn(BLOCK_BYTES, 3), (1, block));
        assert_eq!(turn(3 * BLOCK_BYTES - 1, 3), (2, 1));
        assert_eq!(turn(3 * BLOCK_BYTES, 3), (0, block));
        assert_eq!(turn(7 * BLOCK_BYTES, 1), (0, block));
    }

    #[test]
    fn chunks_are_gathered_up_to_the_room_and_taken_off_the_front() {
        let mut chunks = [&b"one"[..], b"two", b"three"].map(Bytes::from_static);
        let lens: Vec<usize> = gather(&chunks, 7).iter().map(|slice| slice.len()).collect();
        assert_eq!(lens, [3, 3, 1]);
        assert_eq!(advance(&mut chunks, 7), 2);
        assert_eq!(chunks[2], b"hree"[..]);
        assert_eq!(advance(&mut chunks[2..], 4), 1);
    }
}
