//! Between processes of one host: control messages and descriptors over a Unix socket. What the
//! messages say belongs to `protocol`; the rings themselves travel as a memfd among the descriptors.
//! Read [`LocalStream`] first.
//!
//! A message is its length as a little-endian u32, then its bytes; descriptors ride on the length.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::PollFlags;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, UnixAddr,
    connect, getsockopt, recv, recvmsg, send, sendmsg, socket, sockopt,
};

use crate::error::TransportError;
use crate::peer::{PeerIdentity, PidFd, wait_ready};

/// The largest control message.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// The most descriptors that ride on one message.
pub const MESSAGE_FDS_MAX: usize = 16;

const SEND: &str = "send a control message";
const RECEIVE: &str = "receive a control message";

/// A control message with the descriptors that came with it.
#[derive(Debug)]
pub struct Message {
    /// Its bytes, at most [`MESSAGE_BYTES_MAX`].
    pub bytes: Vec<u8>,
    /// Its descriptors, close-on-exec, at most [`MESSAGE_FDS_MAX`].
    pub fds: Vec<OwnedFd>,
}

/// A connected Unix socket that carries messages. Every operation has a deadline; one thread sends
/// and one receives at a time.
#[derive(Debug)]
pub struct LocalStream {
    socket: UnixStream,
}

impl LocalStream {
    /// Connects to a server's socket, waiting for a place in its queue.
    pub fn connect(path: &Path, deadline: Instant) -> Result<LocalStream, TransportError> {
        let what = "connect to the local pool";
        let address = UnixAddr::new(path).map_err(|errno| TransportError::os(what, errno))?;
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None)
            .map_err(|errno| TransportError::os(what, errno))?;
        loop {
            match connect(socket.as_raw_fd(), &address) {
                Ok(()) => return LocalStream::from_fd(socket),
                Err(Errno::ENOENT | Errno::ECONNREFUSED) => {
                    return Err(TransportError::NoLocalServer {
                        path: path.to_owned(),
                    });
                }
                Err(Errno::EINTR) => {}
                // The queue of the listener is full, of which no poll tells the end.
                Err(Errno::EAGAIN) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(Errno::EAGAIN) => return Err(TransportError::Timeout { what }),
                Err(errno) => return Err(TransportError::os(what, errno)),
            }
        }
    }

    /// Two streams connected to each other, for a process and its child.
    pub fn pair() -> Result<(LocalStream, LocalStream), TransportError> {
        let (one, two) = UnixStream::pair()
            .map_err(|source| TransportError::os("make a socket pair", source))?;
        Ok((LocalStream::over(one)?, LocalStream::over(two)?))
    }

    /// A stream from an inherited or received descriptor.
    pub fn from_fd(fd: OwnedFd) -> Result<LocalStream, TransportError> {
        LocalStream::over(UnixStream::from(fd))
    }

    fn over(socket: UnixStream) -> Result<LocalStream, TransportError> {
        socket
            .set_nonblocking(true)
            .map_err(|source| TransportError::os("set up a socket", source))?;
        Ok(LocalStream { socket })
    }

    /// Sends one message and its descriptors, which stay the caller's too.
    pub fn send(
        &self,
        bytes: &[u8],
        fds: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<(), TransportError> {
        if bytes.len() > MESSAGE_BYTES_MAX {
            let (len, max) = (bytes.len(), MESSAGE_BYTES_MAX);
            return Err(TransportError::MessageTooLarge { len, max });
        }
        if fds.len() > MESSAGE_FDS_MAX {
            return Err(TransportError::Protocol(
                "too many descriptors for one message",
            ));
        }
        let length = (bytes.len() as u32).to_le_bytes();
        let n = self.send_first(&length, bytes, fds, deadline)?;
        self.send_rest(&length, n.min(4), deadline)?;
        self.send_rest(bytes, n.saturating_sub(4), deadline)
    }

    /// Receives one message, or says that the other side is gone.
    pub fn receive(&self, deadline: Instant) -> Result<Message, TransportError> {
        let mut fds = Vec::new();
        let mut length = [0; 4];
        let mut n = 0;
        while n < length.len() {
            n += self.receive_head(&mut length[n..], &mut fds, deadline)?;
        }
        let len = u32::from_le_bytes(length) as usize;
        if len > MESSAGE_BYTES_MAX {
            return Err(TransportError::MessageTooLarge {
                len,
                max: MESSAGE_BYTES_MAX,
            });
        }
        let mut bytes = vec![0; len];
        let mut n = 0;
        while n < len {
            n += self.receive_some(&mut bytes[n..], deadline)?;
        }
        Ok(Message { bytes, fds })
    }

    /// Who is at the other end.
    pub fn peer(&self) -> Result<PeerIdentity, TransportError> {
        let credentials = getsockopt(&self.socket, sockopt::PeerCredentials)
            .map_err(|errno| TransportError::os("identify the peer", errno))?;
        Ok(PeerIdentity {
            uid: credentials.uid(),
            gid: credentials.gid(),
            pid: credentials.pid(),
        })
    }

    /// A handle on the process at the other end.
    pub fn peer_process(&self) -> Result<PidFd, TransportError> {
        PidFd::of_peer(self.socket.as_fd(), self.peer()?.pid)
    }

    /// Whether the other side still has the socket open. A forked child of the peer counts as the
    /// peer here; [`LocalStream::peer_process`] does not.
    pub fn is_connected(&self) -> bool {
        let mut byte = [0];
        match recv(
            self.socket.as_raw_fd(),
            &mut byte,
            MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT,
        ) {
            Ok(n) => n > 0,
            Err(errno) => matches!(errno, Errno::EAGAIN | Errno::EINTR),
        }
    }

    /// The descriptor itself, to be handed to a child.
    pub fn into_fd(self) -> OwnedFd {
        self.socket.into()
    }

    fn send_first(
        &self,
        length: &[u8],
        bytes: &[u8],
        fds: &[BorrowedFd<'_>],
        deadline: Instant,
    ) -> Result<usize, TransportError> {
        let parts = [IoSlice::new(length), IoSlice::new(bytes)];
        let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&raw)];
        let control = if raw.is_empty() {
            &rights[..0]
        } else {
            &rights[..]
        };
        self.retry(PollFlags::POLLOUT, SEND, deadline, || {
            sendmsg::<()>(
                self.socket.as_raw_fd(),
                &parts,
                control,
                MsgFlags::MSG_NOSIGNAL,
                None,
            )
        })
    }

    fn send_rest(
        &self,
        bytes: &[u8],
        from: usize,
        deadline: Instant,
    ) -> Result<(), TransportError> {
        let mut n = from;
        while n < bytes.len() {
            n += self.retry(PollFlags::POLLOUT, SEND, deadline, || {
                send(self.socket.as_raw_fd(), &bytes[n..], MsgFlags::MSG_NOSIGNAL)
            })?;
        }
        Ok(())
    }

    fn receive_head(
        &self,
        into: &mut [u8],
        fds: &mut Vec<OwnedFd>,
        deadline: Instant,
    ) -> Result<usize, TransportError> {
        let n = self.retry(PollFlags::POLLIN, RECEIVE, deadline, || {
            let mut space = nix::cmsg_space!([RawFd; MESSAGE_FDS_MAX]);
            let mut parts = [IoSliceMut::new(into)];
            let flags = MsgFlags::MSG_CMSG_CLOEXEC;
            let socket = self.socket.as_raw_fd();
            let received = recvmsg::<()>(socket, &mut parts, Some(&mut space), flags)?;
            let truncated = received.flags.contains(MsgFlags::MSG_CTRUNC);
            adopt(received.cmsgs()?, fds);
            if truncated {
                Err(Errno::EMSGSIZE)
            } else {
                Ok(received.bytes)
            }
        })?;
        if fds.len() > MESSAGE_FDS_MAX {
            return Err(TransportError::Protocol(
                "too many descriptors for one message",
            ));
        }
        if n == 0 {
            Err(TransportError::Disconnected)
        } else {
            Ok(n)
        }
    }

    fn receive_some(&self, into: &mut [u8], deadline: Instant) -> Result<usize, TransportError> {
        let n = self.retry(PollFlags::POLLIN, RECEIVE, deadline, || {
            recv(self.socket.as_raw_fd(), into, MsgFlags::empty())
        })?;
        if n == 0 {
            Err(TransportError::Disconnected)
        } else {
            Ok(n)
        }
    }

    fn retry(
        &self,
        flags: PollFlags,
        what: &'static str,
        deadline: Instant,
        mut operation: impl FnMut() -> nix::Result<usize>,
    ) -> Result<usize, TransportError> {
        loop {
            match operation() {
                Ok(n) => return Ok(n),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => wait_ready(self.socket.as_fd(), flags, deadline, what)?,
                Err(Errno::EPIPE | Errno::ECONNRESET) => return Err(TransportError::Disconnected),
                Err(errno) => return Err(TransportError::os(what, errno)),
            }
        }
    }
}

impl AsFd for LocalStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// A server's socket. The file goes when this is dropped.
#[derive(Debug)]
pub struct LocalListener {
    socket: UnixListener,
    path: PathBuf,
}

impl LocalListener {
    /// Listens at a path with these permission bits, in place of a dead server's socket but never of a
    /// living one's or of another kind of file.
    pub fn bind(path: &Path, mode: u32) -> Result<LocalListener, TransportError> {
        let os = |source| TransportError::os("listen on the local socket", source);
        if let Ok(metadata) = std::fs::symlink_metadata(path) {
            if !metadata.file_type().is_socket() || UnixStream::connect(path).is_ok() {
                return Err(os(io::Error::from(io::ErrorKind::AddrInUse)));
            }
            std::fs::remove_file(path).map_err(os)?;
        }
        let socket = UnixListener::bind(path).map_err(os)?;
        socket.set_nonblocking(true).map_err(os)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(os)?;
        Ok(LocalListener {
            socket,
            path: path.to_owned(),
        })
    }

    /// The next client, or [`TransportError::Timeout`].
    pub fn accept(&self, deadline: Instant) -> Result<LocalStream, TransportError> {
        let what = "accept a local client";
        loop {
            match self.socket.accept() {
                Ok((socket, _)) => return LocalStream::over(socket),
                Err(source) if source.kind() == io::ErrorKind::WouldBlock => {
                    wait_ready(self.socket.as_fd(), PollFlags::POLLIN, deadline, what)?;
                }
                Err(source)
                    if matches!(
                        source.kind(),
                        io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted
                    ) => {}
                Err(source) => return Err(TransportError::os(what, source)),
            }
        }
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for LocalListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for LocalListener {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes ownership of every received descriptor, so that none leaks.
#[expect(unsafe_code, reason = "received descriptors arrive as plain numbers")]
fn adopt(messages: impl Iterator<Item = ControlMessageOwned>, fds: &mut Vec<OwnedFd>) {
    for message in messages {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel made these descriptors for this message, and nobody else knows them.
            fds.extend(
                raw.into_iter()
                    .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek, Write};
    use std::thread;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[test]
    fn message_with_a_descriptor_arrives() {
        let (one, two) = LocalStream::pair().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"inside").unwrap();
        file.rewind().unwrap();
        one.send(b"hello", &[file.as_fd()], soon()).unwrap();
        let mut message = two.receive(soon()).unwrap();
        assert_eq!(message.bytes, b"hello");
        let mut text = String::new();
        File::from(message.fds.remove(0))
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "inside");
    }

    #[test]
    fn largest_message_crosses_a_small_socket_buffer() {
        let (one, two) = LocalStream::pair().unwrap();
        let bytes: Vec<u8> = (0..MESSAGE_BYTES_MAX).map(|i| (i / 251) as u8).collect();
        let expected = bytes.clone();
        let sender = thread::spawn(move || one.send(&bytes, &[], soon()).unwrap());
        assert!(two.receive(soon()).unwrap().bytes == expected);
        sender.join().unwrap();
    }

    #[test]
    fn messages_in_a_row_keep_their_descriptors_apart() {
        let (one, two) = LocalStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        one.send(b"a", &[], soon()).unwrap();
        one.send(b"b", &[file.as_fd(), file.as_fd()], soon())
            .unwrap();
        one.send(b"", &[], soon()).unwrap();
        let counts: Vec<usize> = (0..3)
            .map(|_| two.receive(soon()).unwrap().fds.len())
            .collect();
        assert_eq!(counts, [0, 2, 0]);
    }

    #[test]
    fn message_over_the_limit_is_refused_on_both_sides() {
        let (one, two) = LocalStream::pair().unwrap();
        let error = one
            .send(&vec![0; MESSAGE_BYTES_MAX + 1], &[], soon())
            .unwrap_err();
        assert!(matches!(error, TransportError::MessageTooLarge { .. }));
        (&one.socket).write_all(&u32::MAX.to_le_bytes()).unwrap();
        let error = two.receive(soon()).unwrap_err();
        assert!(matches!(error, TransportError::MessageTooLarge { .. }));
    }

    #[test]
    fn too_many_descriptors_are_refused() {
        let (one, two) = LocalStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        let raw = vec![file.as_raw_fd(); MESSAGE_FDS_MAX + 1];
        let rights = [ControlMessage::ScmRights(&raw)];
        let parts = [IoSlice::new(&[0, 0, 0, 0])];
        let socket = one.socket.as_raw_fd();
        sendmsg::<()>(socket, &parts, &rights, MsgFlags::empty(), None).unwrap();
        assert!(two.receive(soon()).is_err());
    }

    #[test]
    fn receive_after_the_peer_left_says_so() {
        let (one, two) = LocalStream::pair().unwrap();
        assert!(two.is_connected());
        drop(one);
        assert!(!two.is_connected());
        assert!(matches!(
            two.receive(soon()).unwrap_err(),
            TransportError::Disconnected
        ));
    }

    #[test]
    fn receive_of_half_a_message_ends_at_the_deadline() {
        let (one, two) = LocalStream::pair().unwrap();
        (&one.socket).write_all(&[9, 0, 0, 0, 1]).unwrap();
        let error = two
            .receive(Instant::now() + Duration::from_millis(1))
            .unwrap_err();
        assert!(matches!(error, TransportError::Timeout { .. }));
    }

    #[test]
    fn listener_knows_its_peer_and_replaces_only_a_dead_socket() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pool.sock");
        assert!(matches!(
            LocalStream::connect(&path, soon()).unwrap_err(),
            TransportError::NoLocalServer { .. }
        ));
        drop(UnixListener::bind(&path).unwrap());
        let listener = LocalListener::bind(&path, 0o600).unwrap();
        assert!(LocalListener::bind(&path, 0o600).is_err());
        let _living_probe = listener.accept(soon()).unwrap();
        let client = LocalStream::connect(&path, soon()).unwrap();
        let server = listener.accept(soon()).unwrap();
        assert_eq!(server.peer().unwrap().pid, std::process::id() as i32);
        assert!(!server.peer_process().unwrap().has_exited());
        client.send(b"x", &[], soon()).unwrap();
        assert_eq!(server.receive(soon()).unwrap().bytes, b"x");
        drop(listener);
        assert!(!path.exists());
    }
}
