//! Clients of other hosts: the QUIC endpoint, and a client's control side seen from a session's
//! thread, which sleeps in poll and knows no async.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;

use nix::sys::eventfd::EventFd;
use rigel_transport::SessionMemory;

use super::link::FromClient;
use super::server::Server;

pub(crate) struct RemoteListener;
impl RemoteListener {
    pub(crate) fn start(
        _s: &Arc<Server>,
        _a: std::net::SocketAddr,
        _d: &Path,
    ) -> anyhow::Result<Self> {
        anyhow::bail!("clients of other hosts are not served yet")
    }
    pub(crate) fn url(&self) -> String {
        String::new()
    }
}
pub(crate) struct RemoteClient {
    wake: EventFd,
}
impl RemoteClient {
    pub(crate) fn wake_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
    pub(crate) fn bridge(
        &mut self,
        _welcome: &[u8],
        _m: &Arc<SessionMemory>,
    ) -> anyhow::Result<()> {
        anyhow::bail!("clients of other hosts are not served yet")
    }
    pub(crate) fn send(&mut self, _b: Vec<u8>) -> anyhow::Result<()> {
        anyhow::bail!("clients of other hosts are not served yet")
    }
    pub(crate) fn close(self) {}
    pub(crate) fn receive(&mut self) -> FromClient {
        FromClient::Nothing
    }
}
