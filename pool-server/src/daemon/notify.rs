//! What the service manager is told (systemd's protocol: words in a datagram to `NOTIFY_SOCKET`): that the
//! server is ready, alive, stopping, and what it is to keep for the next one. Without a manager nothing is said. Read [`tell`] first.

use std::ffi::OsString;
use std::io::IoSlice;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::{Duration, Instant};

use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, sendmsg};

/// Longest time the manager takes to take a descriptor.
const STORED_WITHIN: Duration = Duration::from_secs(1);

/// Tells the manager, if there is one.
pub(crate) fn tell(words: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
        return;
    };
    if let Err(error) = send(&socket, words) {
        tracing::warn!("the service manager was not told {words}: {error}");
    }
}

/// Has the manager keep a descriptor under a name, over a crash of this process; without one nothing is kept.
pub(crate) fn store(name: &str, descriptor: BorrowedFd<'_>) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
        return;
    };
    if let Err(error) = send_with(&socket, &format!("FDSTORE=1\nFDNAME={name}"), descriptor) {
        tracing::warn!(
            "the service manager does not keep {name}: {error}; it ends if the server crashes"
        );
    }
}

fn send_with(socket: &OsString, words: &str, descriptor: BorrowedFd<'_>) -> std::io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => UnixAddr::new_abstract(name)?,
        path => UnixAddr::new(path)?,
    };
    let from = UnixDatagram::unbound()?;
    // A manager that stands still must not stop the server.
    from.set_write_timeout(Some(STORED_WITHIN))?;
    let raw = [descriptor.as_raw_fd()];
    let rights = [ControlMessage::ScmRights(&raw)];
    let words = [IoSlice::new(words.as_bytes())];
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg(from.as_raw_fd(), &words, &rights, flags, Some(&address))?;
    Ok(())
}

fn send(socket: &OsString, words: &str) -> std::io::Result<()> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        path => SocketAddr::from_pathname(std::path::Path::new(std::ffi::OsStr::from_bytes(path)))?,
    };
    let from = UnixDatagram::unbound()?;
    from.set_nonblocking(true)?;
    from.send_to_addr(words.as_bytes(), &address).map(drop)
}

/// How often the manager wants to hear that the server is alive: twice as often as it would act.
#[derive(Debug)]
pub(crate) struct Watchdog {
    every: Duration,
    next: Option<Instant>,
}

impl Watchdog {
    /// As the manager has said; `None` if it does not watch this process.
    pub(crate) fn from_environment() -> Option<Self> {
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let of_another =
            number("WATCHDOG_PID").is_some_and(|pid| pid != u64::from(std::process::id()));
        let limit = number("WATCHDOG_USEC").filter(|_| !of_another)?;
        Some(Self::new(Duration::from_micros(limit)))
    }

    fn new(limit: Duration) -> Self {
        Self {
            every: limit / 2,
            next: None,
        }
    }

    /// Whether it is time to say it again.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        if self.next.is_some_and(|next| now < next) {
            return false;
        }
        self.next = Some(now + self.every);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_managers_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        send(&path.into_os_string(), "READY=1").unwrap();
        let mut heard = [0; 16];
        let n = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..n], b"READY=1");
    }

    #[test]
    fn watchdog_is_told_twice_as_often_as_it_bites() {
        let mut dog = Watchdog::new(Duration::from_secs(10));
        let start = Instant::now();
        assert!(dog.is_due(start));
        assert!(!dog.is_due(start + Duration::from_secs(4)));
        assert!(dog.is_due(start + Duration::from_secs(5)));
    }
}
