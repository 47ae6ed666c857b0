//! A service manager of the test's own: it keeps the descriptors that a server gives it, and starts the next
//! server with them, by systemd's protocol. Read [`Manager`] first.
#![expect(unsafe_code, reason = "takes ownership of descriptors that arrive")]

use std::collections::BTreeMap;
use std::io::IoSliceMut;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use tempfile::TempDir;

/// Most bytes of a message, and descriptors in it.
const BYTES_MAX: usize = 4096;
const DESCRIPTORS_MAX: usize = 16;
/// Numbers from which on copies for a new process lie: beyond those that it gets.
const COPIES_FROM: RawFd = 1000;

type Kept = Arc<Mutex<BTreeMap<String, OwnedFd>>>;

/// The manager; dropped, it keeps nothing any more.
#[derive(Debug)]
pub struct Manager {
    folder: TempDir,
    kept: Kept,
}

/// Descriptors that a command is about to inherit.
#[derive(Debug)]
pub(crate) struct Handed {
    _copies: Vec<OwnedFd>,
}

impl Manager {
    /// Listens.
    pub fn start() -> Result<Self> {
        let folder = TempDir::new().context("make the manager's folder")?;
        let socket = UnixDatagram::bind(folder.path().join("notify")).context("listen")?;
        let kept = Kept::default();
        let keeps = Arc::clone(&kept);
        std::thread::spawn(move || listen(&socket, &keeps));
        Ok(Self { folder, kept })
    }

    /// What it keeps, by name.
    pub fn kept(&self) -> Vec<String> {
        lock(&self.kept).keys().cloned().collect()
    }

    /// A command that becomes this one, with everything that is kept; [`Handed`] lives until it has started.
    pub(crate) fn command(&self, program: &Path) -> Result<(Command, Handed)> {
        let kept = lock(&self.kept);
        let (mut copies, mut script) = (Vec::new(), String::new());
        for (number, descriptor) in (3..).zip(kept.values()) {
            let copy = fcntl(descriptor.as_fd(), FcntlArg::F_DUPFD(COPIES_FROM))
                .context("copy a descriptor for the server")?;
            // SAFETY: the call has just made it.
            copies.push(unsafe { OwnedFd::from_raw_fd(copy) });
            script.push_str(&format!("exec {number}<&{copy} {copy}<&-\n"));
        }
        script.push_str("export LISTEN_PID=$$\nexec \"$0\" \"$@\"");
        let names: Vec<_> = kept.keys().map(String::as_str).collect();
        let mut command = Command::new("bash");
        command
            .arg("-c")
            .arg(script)
            .arg(program)
            .env("NOTIFY_SOCKET", self.address())
            .env("LISTEN_FDS", names.len().to_string())
            .env("LISTEN_FDNAMES", names.join(":"));
        Ok((command, Handed { _copies: copies }))
    }

    fn address(&self) -> PathBuf {
        self.folder.path().join("notify")
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        // Ends the thread.
        let _ = UnixDatagram::unbound().and_then(|from| from.send_to(b"BYE=1", self.address()));
    }
}

fn listen(socket: &UnixDatagram, kept: &Kept) {
    while let Ok((words, descriptor)) = receive(socket) {
        let said = |key: &str| words.lines().find_map(|line| line.strip_prefix(key));
        let name = said("FDNAME=").unwrap_or("unnamed").to_owned();
        match (said("FDSTORE="), said("FDSTOREREMOVE="), descriptor) {
            (Some(_), _, Some(descriptor)) => drop(lock(kept).insert(name, descriptor)),
            (_, Some(_), _) => drop(lock(kept).remove(&name)),
            _ if words == "BYE=1" => return,
            _ => {}
        }
    }
}

fn receive(socket: &UnixDatagram) -> Result<(String, Option<OwnedFd>)> {
    let mut bytes = [0; BYTES_MAX];
    let mut space = nix::cmsg_space!([RawFd; DESCRIPTORS_MAX]);
    let mut slices = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let received = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut space), flags)?;
    let mut descriptors = Vec::new();
    for message in received.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = message {
            // SAFETY: the kernel has just made them for this process.
            let owned = numbers
                .into_iter()
                .map(|raw| unsafe { OwnedFd::from_raw_fd(raw) });
            descriptors.extend(owned);
        }
    }
    let n = received.bytes;
    let words = String::from_utf8_lossy(&bytes[..n]).into_owned();
    Ok((words, descriptors.into_iter().next()))
}

fn lock(kept: &Kept) -> MutexGuard<'_, BTreeMap<String, OwnedFd>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
