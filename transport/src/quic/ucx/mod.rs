//! Bulk bytes over UCX, which uses RDMA where there is any: a lane as a stream of bytes. Who may have one is
//! `desk`'s. Read [`UcxStream`] first.
//!
//! 1. A lane arrives as one over TCP does, with a pass and a secret. Then both sides say over that TCP
//!    connection where their UCX is, and bulk goes there. Nobody can ask a server's UCX for a connection
//!    by UCX's own ways of connecting.
//! 2. The TCP connection stays as the lane's life. A side that has no more to send says there how much that
//!    was and ends its half; one that ends it without a word is lost.
//! 3. Messages carry the position of their first byte, since UCX may let them overtake each other. The
//!    reader says how far it has come, and the sender keeps within a window: UCX would hold any amount.
//! 4. Nobody polls. A side that can do nothing arms its worker and sleeps on the worker's descriptor.
//!
//! ```text
//! meeting, over TCP, each side    length u32 │ address of UCX's worker (at most 8192 bytes)
//! data,    message 1              head: position u64 │ zero u64;   bytes
//! read,    message 2              head: bytes read u64 │ messages read u64
//! end,     over TCP               bytes sent u64, end of stream
//! ```

mod arrivals;
mod library;
mod worker;

use std::fmt;
use std::io::{self, IoSlice, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use arrivals::Mark;
use worker::{ADDRESS_BYTES_MAX, HEAD_BYTES, Progress, Worker};

/// The most bytes of a message.
const MESSAGE_BYTES_MAX: u64 = 256 << 10;
/// Messages that are being sent at once.
const N_SENDING_MAX: usize = 4;

/// Whether this process can have lanes over UCX, or why not.
pub(super) fn check() -> io::Result<()> {
    library::load().map(drop)
}

/// A lane.
pub(super) struct UcxStream {
    // Before the worker, whose descriptor it copies.
    readiness: AsyncFd<OwnedFd>,
    worker: Worker,
    tcp: TcpStream,
    halves: Arc<Halves>,
    sent: Mark,
    /// Bytes sent, for whoever ends the sending half.
    n_sent: Arc<AtomicU64>,
    /// What the peer was told last of what was read.
    told: Mark,
    end: PeerEnd,
}

/// What has come of the peer's word that it sends no more.
#[derive(Debug, Default)]
struct PeerEnd {
    bytes: [u8; 8],
    n: usize,
    is_complete: bool,
}

/// Who sleeps: the reading half, the writing half.
#[derive(Default)]
struct Halves(Mutex<[Option<Waker>; 2]>);

const READING: usize = 0;
const WRITING: usize = 1;

impl Wake for Halves {
    fn wake(self: Arc<Self>) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wakers = std::mem::take(&mut *wakers);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}

impl Halves {
    fn sleep(&self, half: usize, waker: &Waker) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wakers[half] = Some(waker.clone());
    }

    fn wake_half(&self, half: usize) {
        let mut wakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waker = wakers[half].take();
        drop(wakers);
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Ends the sending half of a lane.
pub(super) struct UcxEnd {
    tcp: std::net::TcpStream,
    n_sent: Arc<AtomicU64>,
}

impl UcxEnd {
    /// Says that no more comes. What fails has ended already.
    pub(super) fn finish(&mut self) {
        let n_sent = self.n_sent.load(Ordering::Relaxed);
        // The connection was idle until now: so little fits its buffer.
        let _ = self.tcp.write_all(&n_sent.to_le_bytes());
        let _ = self.tcp.shutdown(Shutdown::Write);
    }
}

impl UcxStream {
    /// Meets the peer, with which a connection has been made that both sides know to be the other's.
    pub(super) async fn meet(mut tcp: TcpStream) -> io::Result<UcxStream> {
        let mut worker = Worker::open()?;
        let here = worker.address()?;
        let here_len = here.len();
        if here_len > ADDRESS_BYTES_MAX {
            let text = format!(
                "say where UCX is in {ADDRESS_BYTES_MAX} bytes: it takes {here_len}; name fewer devices in \
                 UCX_NET_DEVICES"
            );
            return Err(io::Error::other(text));
        }
        tcp.write_all(&(here_len as u32).to_le_bytes()).await?;
        tcp.write_all(&here).await?;
        let len = tcp.read_u32_le().await? as usize;
        if !(1..=ADDRESS_BYTES_MAX).contains(&len) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut there = vec![0; len];
        tcp.read_exact(&mut there).await?;
        worker.connect(&there)?;
        Ok(UcxStream {
            readiness: worker.descriptor()?,
            worker,
            tcp,
            halves: Arc::default(),
            sent: Mark::default(),
            n_sent: Arc::default(),
            told: Mark::default(),
            end: PeerEnd::default(),
        })
    }

    /// What ends it once its halves are apart.
    pub(super) fn end(&self) -> io::Result<UcxEnd> {
        let copy = nix::unistd::dup(&self.tcp)?;
        Ok(UcxEnd {
            tcp: copy.into(),
            n_sent: Arc::clone(&self.n_sent),
        })
    }

    /// Tries something until it can be done, sleeping in between.
    fn poll<T>(
        &mut self,
        context: &mut Context<'_>,
        half: usize,
        mut attempt: impl FnMut(&mut Self, &mut Context<'_>) -> io::Result<Option<T>>,
    ) -> Poll<io::Result<T>> {
        self.halves.sleep(half, context.waker());
        let both = Waker::from(Arc::clone(&self.halves));
        loop {
            let progress = self.worker.progress()?;
            if progress != Progress::Nothing {
                // What has happened may be what the other half sleeps for.
                self.halves.wake_half(1 - half);
            }
            if let Some(done) = attempt(self, context)? {
                return Poll::Ready(Ok(done));
            }
            if progress == Progress::MoreToDo {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !self.worker.arm()? {
                continue;
            }
            match self
                .readiness
                .poll_read_ready(&mut Context::from_waker(&both))
            {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(ready) => ready?.clear_ready(),
            }
        }
    }

    /// Sends what fits a message; `None`: not now.
    fn send(&mut self, slices: &[IoSlice<'_>]) -> io::Result<Option<usize>> {
        let read = self.worker.peer_read();
        if read.bytes > self.sent.bytes || read.messages > self.sent.messages {
            // It has read what was not sent.
            return Err(io::ErrorKind::InvalidData.into());
        }
        let room = self.sent.room_after(read).min(MESSAGE_BYTES_MAX) as usize;
        if room == 0 || self.worker.n_sending() >= N_SENDING_MAX {
            return Ok(None);
        }
        let mut message = self.worker.buffer();
        message.extend_from_slice(&self.sent.bytes.to_le_bytes());
        message.extend_from_slice(&[0; 8]);
        for slice in slices {
            let left = HEAD_BYTES + room - message.len();
            message.extend_from_slice(&slice[..slice.len().min(left)]);
        }
        let n = message.len() - HEAD_BYTES;
        self.worker.send_data(message)?;
        self.sent.bytes += n as u64;
        self.sent.messages += 1;
        self.n_sent.store(self.sent.bytes, Ordering::Relaxed);
        Ok(Some(n))
    }

    /// Reads what is there; 0 at the end of the stream, `None` if nothing is there.
    fn receive(&mut self, context: &mut Context<'_>, into: &mut [u8]) -> io::Result<Option<usize>> {
        let n = self.worker.read(into);
        let read = self.worker.has_read();
        if n > 0 {
            if read.is_worth_telling(self.told) {
                self.worker.send_read(read)?;
                self.told = read;
            }
            return Ok(Some(n));
        }
        let Some(total) = self.end.poll(&mut self.tcp, context)? else {
            return Ok(None);
        };
        match total.cmp(&read.bytes) {
            std::cmp::Ordering::Less => Err(io::ErrorKind::InvalidData.into()),
            std::cmp::Ordering::Equal => Ok(Some(0)),
            std::cmp::Ordering::Greater => Ok(None),
        }
    }
}

impl PeerEnd {
    /// How much the peer has sent in all, once it has said so.
    fn poll(&mut self, tcp: &mut TcpStream, context: &mut Context<'_>) -> io::Result<Option<u64>> {
        while !self.is_complete {
            let mut one_more = [0; 9];
            let mut into = ReadBuf::new(&mut one_more[self.n..]);
            match Pin::new(&mut *tcp).poll_read(context, &mut into) {
                Poll::Pending => return Ok(None),
                Poll::Ready(read) => read?,
            }
            let n = into.filled().len();
            match (n, self.n) {
                (0, 8) => self.is_complete = true,
                (0, _) => return Err(io::ErrorKind::ConnectionReset.into()),
                _ if self.n + n > 8 => return Err(io::ErrorKind::InvalidData.into()),
                _ => {
                    self.bytes[self.n..self.n + n].copy_from_slice(into.filled());
                    self.n += n;
                }
            }
        }
        Ok(Some(u64::from_le_bytes(self.bytes)))
    }
}

impl AsyncRead for UcxStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = into.initialize_unfilled();
        let read = self.get_mut().poll(context, READING, |stream, context| {
            stream.receive(context, room)
        });
        into.advance(std::task::ready!(read)?);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for UcxStream {
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
        if slices.iter().all(|slice| slice.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.get_mut()
            .poll(context, WRITING, |stream, _| stream.send(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll(context, WRITING, |stream, _| {
            Ok((stream.worker.n_sending() == 0).then_some(()))
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

impl fmt::Debug for UcxStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UcxStream({:?} sent)", self.sent)
    }
}
