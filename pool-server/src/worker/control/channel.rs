//! A socketpair that keeps message boundaries (`SOCK_SEQPACKET`) and carries descriptors. It is not
//! for peers that are not ours. Read [`Channel`] first.
#![expect(
    unsafe_code,
    reason = "takes ownership of descriptors that arrive or are inherited"
)]

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, setsockopt, socketpair, sockopt,
};
use rigel_protocol::control::{ControlError, MESSAGE_BYTES_MAX, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Most descriptors a message carries.
pub const DESCRIPTORS_MAX: usize = 8;

/// Why a message could not be exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The other side has closed its end.
    #[error("exchange a control message: the other process closed the channel")]
    Closed,
    /// The deadline passed.
    #[error("exchange a control message: deadline passed")]
    Timeout,
    /// A system call failed.
    #[error("exchange a control message")]
    Os(#[from] Errno),
    /// The message could not be encoded or decoded.
    #[error("understand a control message")]
    Control(#[from] ControlError),
    /// More descriptors than any message carries, or fewer than this one needs.
    #[error("exchange a control message with {0} descriptors")]
    Descriptors(usize),
}

/// One end of the socketpair.
#[derive(Debug)]
pub struct Channel {
    socket: OwnedFd,
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Channel {
    /// Two connected ends, both closed on exec.
    pub fn pair() -> Result<(Self, Self), ChannelError> {
        Self::pair_of(SockType::SeqPacket)
    }

    /// Two ends of which the second keeps what the first has sent when that is closed: to anyone who polls
    /// it, it looks like a channel on which nothing has happened. See [`Self::peek`].
    pub fn mailbox() -> Result<(Self, Self), ChannelError> {
        Self::pair_of(SockType::Datagram)
    }

    fn pair_of(kind: SockType) -> Result<(Self, Self), ChannelError> {
        let (one, two) = socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC)?;
        for end in [&one, &two] {
            // A message must fit the buffer whole; the kernel may grant less, and sending says so.
            setsockopt(end, sockopt::SndBuf, &(2 * MESSAGE_BYTES_MAX))?;
        }
        Ok((Self { socket: one }, Self { socket: two }))
    }

    /// The end that the parent process left open under this number. Closed on exec from now on.
    pub fn inherited(number: RawFd) -> Result<Self, ChannelError> {
        if number < 0 {
            return Err(Errno::EBADF.into());
        }
        // SAFETY: the number is the start contract's own descriptor, passed as an argument and taken
        // once, at the start of the process.
        let socket = unsafe { OwnedFd::from_raw_fd(number) };
        nix::fcntl::fcntl(&socket, nix::fcntl::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC))?;
        Ok(Self { socket })
    }

    /// Wraps a descriptor that is an end of such a pair.
    pub fn from_fd(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// The descriptor itself.
    pub fn into_fd(self) -> OwnedFd {
        self.socket
    }

    /// Sends a message with descriptors, which stay open here.
    pub fn send<T: Serialize>(
        &self,
        message: &T,
        descriptors: &[BorrowedFd<'_>],
        within: Duration,
    ) -> Result<(), ChannelError> {
        if descriptors.len() > DESCRIPTORS_MAX {
            return Err(ChannelError::Descriptors(descriptors.len()));
        }
        let bytes = encode(message)?;
        let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&raw)];
        let attached = if raw.is_empty() {
            &rights[..0]
        } else {
            &rights[..]
        };
        let slices = [IoSlice::new(&bytes)];
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        let deadline = Instant::now() + within;
        loop {
            match sendmsg::<()>(self.socket.as_raw_fd(), &slices, attached, flags, None) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => self.wait(PollFlags::POLLOUT, deadline)?,
                Err(Errno::EPIPE | Errno::ECONNRESET) => return Err(ChannelError::Closed),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Receives a message and its descriptors, waiting at most `within`.
    pub fn receive<T: DeserializeOwned>(
        &self,
        within: Duration,
    ) -> Result<(T, Vec<OwnedFd>), ChannelError> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(received) = self.try_receive()? {
                return Ok(received);
            }
            self.wait(PollFlags::POLLIN, deadline)?;
        }
    }

    /// Receives a message if one is there; for a caller that polls the descriptor itself.
    pub fn try_receive<T: DeserializeOwned>(
        &self,
    ) -> Result<Option<(T, Vec<OwnedFd>)>, ChannelError> {
        self.look(MsgFlags::empty())
    }

    /// Reads the next message if one is there, and leaves it there, with descriptors of one's own.
    pub fn peek<T: DeserializeOwned>(&self) -> Result<Option<(T, Vec<OwnedFd>)>, ChannelError> {
        self.look(MsgFlags::MSG_PEEK)
    }

    fn look<T: DeserializeOwned>(
        &self,
        how: MsgFlags,
    ) -> Result<Option<(T, Vec<OwnedFd>)>, ChannelError> {
        let mut bytes = vec![0; MESSAGE_BYTES_MAX];
        let mut space = nix::cmsg_space!([RawFd; DESCRIPTORS_MAX]);
        let flags = MsgFlags::MSG_CMSG_CLOEXEC | MsgFlags::MSG_DONTWAIT | how;
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let socket = self.socket.as_raw_fd();
        let received = match recvmsg::<()>(socket, &mut slices, Some(&mut space), flags) {
            Ok(received) => received,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
            Err(Errno::ECONNRESET) => return Err(ChannelError::Closed),
            Err(error) => return Err(error.into()),
        };
        let mut descriptors = Vec::new();
        for message in received.cmsgs()? {
            if let ControlMessageOwned::ScmRights(numbers) = message {
                // SAFETY: the kernel has just made these descriptors for this process, and nobody
                // else knows their numbers.
                let owned = numbers
                    .into_iter()
                    .map(|raw| unsafe { OwnedFd::from_raw_fd(raw) });
                descriptors.extend(owned);
            }
        }
        let len = received.bytes;
        if len == 0 {
            return Err(ChannelError::Closed);
        }
        Ok(Some((decode(&bytes[..len])?, descriptors)))
    }

    fn wait(&self, events: PollFlags, deadline: Instant) -> Result<(), ChannelError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ChannelError::Timeout);
        }
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(self.socket.as_fd(), events)], timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek, Write};

    use super::super::{DaemonToWorker, Ended, WorkerToDaemon};
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn mailbox_keeps_its_message_when_the_sender_is_gone() {
        let (sender, kept) = Channel::mailbox().unwrap();
        let file = tempfile::tempfile().unwrap();
        let sent = DaemonToWorker::ArenaMap { arena: 3, bytes: 5 };
        sender.send(&sent, &[file.as_fd()], SOON).unwrap();
        drop(sender);
        let mut polled = [PollFd::new(kept.as_fd(), PollFlags::empty())];
        assert_eq!(poll(&mut polled, PollTimeout::ZERO), Ok(0), "no hang-up");
        for _ in 0..3 {
            let (message, descriptors) = kept.peek::<DaemonToWorker>().unwrap().unwrap();
            assert_eq!((message, descriptors.len()), (sent.clone(), 1));
        }
    }

    #[test]
    fn message_with_a_descriptor_arrives_whole() {
        let (daemon, worker) = Channel::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"arena").unwrap();
        let sent = DaemonToWorker::ArenaMap { arena: 3, bytes: 5 };
        daemon.send(&sent, &[file.as_fd()], SOON).unwrap();
        let (message, mut descriptors) = worker.receive::<DaemonToWorker>(SOON).unwrap();
        assert_eq!(message, sent);
        let mut file = File::from(descriptors.remove(0));
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "arena");
    }

    #[test]
    fn receive_from_a_closed_end_says_so() {
        let (daemon, worker) = Channel::pair().unwrap();
        drop(daemon);
        let received = worker.receive::<DaemonToWorker>(SOON);
        assert!(matches!(received, Err(ChannelError::Closed)));
        let sent = worker.send(&WorkerToDaemon::Ended(Ended::Told), &[], SOON);
        assert!(matches!(sent, Err(ChannelError::Closed)));
    }

    #[test]
    fn receive_past_the_deadline_is_a_timeout() {
        let (_daemon, worker) = Channel::pair().unwrap();
        let received = worker.receive::<DaemonToWorker>(Duration::from_millis(1));
        assert!(matches!(received, Err(ChannelError::Timeout)));
    }

    #[test]
    fn message_that_is_no_message_is_refused() {
        let (daemon, worker) = Channel::pair().unwrap();
        daemon.send(&[255_u8; 32], &[], SOON).unwrap();
        let received = worker.receive::<DaemonToWorker>(SOON);
        assert!(matches!(received, Err(ChannelError::Control(_))));
    }
}
