//! Who is at the other end of a local socket, and whether that process still lives. It decides nothing
//! about what they may do. Read [`PidFd`] first.
#![expect(unsafe_code, reason = "pidfd system calls")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::TransportError;

/// The `getsockopt` option that gives a pidfd of the process that connected (Linux 6.5).
const SO_PEERPIDFD: libc::c_int = 77;

/// Who connected, as the kernel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerIdentity {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Process, at the time of connecting.
    pub pid: i32,
}

/// A handle on a process that survives the reuse of its number.
#[derive(Debug)]
pub struct PidFd {
    fd: OwnedFd,
}

/// A handle received from another process. A descriptor of another kind never shows an exit.
impl From<OwnedFd> for PidFd {
    fn from(fd: OwnedFd) -> PidFd {
        PidFd { fd }
    }
}

impl PidFd {
    /// A handle on a running process.
    pub fn open(pid: i32) -> Result<PidFd, TransportError> {
        // SAFETY: integer arguments only.
        let raw = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        if raw < 0 {
            return Err(TransportError::last_os("open a process"));
        }
        // SAFETY: `raw` is a descriptor that was just made and belongs to nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(raw as RawFd) };
        Ok(PidFd { fd })
    }

    /// A handle on the process that connected a Unix socket, free of the race between learning its
    /// number and opening it where the kernel allows.
    pub(crate) fn of_peer(socket: BorrowedFd<'_>, pid: i32) -> Result<PidFd, TransportError> {
        let mut raw: RawFd = -1;
        let mut len = size_of::<RawFd>() as libc::socklen_t;
        // SAFETY: the out-pointers are to live values of the length given.
        let result = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                SO_PEERPIDFD,
                (&raw mut raw).cast(),
                &raw mut len,
            )
        };
        if result == 0 && raw >= 0 {
            // SAFETY: the kernel made the descriptor for this call.
            let fd = unsafe { OwnedFd::from_raw_fd(raw) };
            return Ok(PidFd { fd });
        }
        PidFd::open(pid)
    }

    /// Whether the process has ended.
    pub fn has_exited(&self) -> bool {
        self.poll(PollTimeout::ZERO)
    }

    /// Waits for the process to end; false at the deadline.
    pub fn wait(&self, deadline: Instant) -> bool {
        loop {
            if self.poll(poll_timeout(deadline)) {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: i32) -> Result<(), TransportError> {
        let fd = self.fd.as_raw_fd();
        let none = std::ptr::null::<libc::siginfo_t>();
        // SAFETY: a valid descriptor; the null pointer asks for the default information.
        if unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, none, 0) } != 0 {
            return Err(TransportError::last_os("signal a process"));
        }
        Ok(())
    }

    fn poll(&self, timeout: PollTimeout) -> bool {
        let mut fds = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut fds, timeout), Ok(n) if n > 0)
    }
}

impl AsFd for PidFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The poll timeout that ends at a deadline, rounded up, and within an hour.
pub(crate) fn poll_timeout(deadline: Instant) -> PollTimeout {
    let left = deadline.saturating_duration_since(Instant::now());
    let ms = left.as_micros().div_ceil(1000).min(3_600_000) as i32;
    PollTimeout::try_from(ms).unwrap_or(PollTimeout::ZERO)
}

/// Waits until a descriptor is ready for `flags` or closed by the other side.
pub(crate) fn wait_ready(
    fd: BorrowedFd<'_>,
    flags: PollFlags,
    deadline: Instant,
    what: &'static str,
) -> Result<(), TransportError> {
    loop {
        let mut fds = [PollFd::new(fd, flags)];
        match poll(&mut fds, poll_timeout(deadline)) {
            Ok(n) if n > 0 => return Ok(()),
            Ok(_) if Instant::now() >= deadline => return Err(TransportError::Timeout { what }),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(TransportError::os(what, io::Error::from(errno))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::*;

    #[test]
    fn exit_of_a_process_is_seen() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let handle = PidFd::open(child.id() as i32).unwrap();
        assert!(!handle.has_exited());
        drop(child.stdin.take());
        assert!(handle.wait(Instant::now() + Duration::from_secs(60)));
        assert!(handle.has_exited());
        child.wait().unwrap();
    }

    #[test]
    fn signal_reaches_the_process() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let handle = PidFd::open(child.id() as i32).unwrap();
        handle.signal(libc::SIGKILL).unwrap();
        assert!(handle.wait(Instant::now() + Duration::from_secs(60)));
        child.wait().unwrap();
    }

    #[test]
    fn wait_for_a_living_process_ends_at_the_deadline() {
        let this = PidFd::open(std::process::id() as i32).unwrap();
        assert!(!this.wait(Instant::now()));
    }
}
