//! The socket for containers. Whoever comes through it is nobody in particular, whatever user id the kernel
//! reports: root of a container is not root of this host, and only a token opens a lease. Read [`start`]
//! first.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_transport::TransportError;
use rigel_transport::local::LocalListener;

use super::link::ClientLink;
use super::peer::Peer;
use super::server::{SOCKET_MODE, Server, prepare_folder};

/// The user id of guests: no user has it.
pub(crate) const GUEST: u32 = u32::MAX;

/// How long to wait when no connection can be accepted.
const FULL_FOR: Duration = Duration::from_millis(50);

/// Listens for guests until the server stops.
pub(crate) fn start(server: &Arc<Server>, socket: &Path) -> anyhow::Result<JoinHandle<()>> {
    prepare_folder(socket)?;
    let listener = LocalListener::bind(socket, SOCKET_MODE)
        .with_context(|| format!("listen at {}", socket.display()))?;
    let server = Arc::clone(server);
    std::thread::Builder::new()
        .name("guests".into())
        .spawn(move || serve(&server, &listener))
        .context("start the thread for guests")
}

fn serve(server: &Arc<Server>, listener: &LocalListener) {
    loop {
        match wait(listener.as_fd(), server.stop_fd()) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return tracing::error!("no more guests: {error}"),
        }
        if server.is_stopping() {
            return;
        }
        match listener.accept(Instant::now()) {
            Ok(stream) => {
                let pid = stream.peer().map_or(0, |id| id.pid);
                let peer = Peer::Local { uid: GUEST, pid };
                server.spawn_connection(peer, || ClientLink::local(stream));
            }
            Err(TransportError::Timeout { .. }) => {}
            Err(error) => {
                // Out of descriptors, most likely: sessions that end make room.
                tracing::error!("a guest could not be accepted: {error}");
                std::thread::sleep(FULL_FOR);
            }
        }
    }
}

fn wait(listener: BorrowedFd<'_>, stop: BorrowedFd<'_>) -> nix::Result<i32> {
    let mut fds = [
        PollFd::new(listener, PollFlags::POLLIN),
        PollFd::new(stop, PollFlags::POLLIN),
    ];
    poll(&mut fds, PollTimeout::NONE)
}
