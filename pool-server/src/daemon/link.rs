//! The control side of a client, the same whether it is on this host or across the network.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{ServerMessage, encode};
use rigel_transport::local::LocalStream;
use rigel_transport::peer::PidFd;
use rigel_transport::quic::Bridgehead;

use super::remote::RemoteClient;

/// Longest time a client takes to take a message, or to finish one it has begun.
const CLIENT_WITHIN: Duration = Duration::from_secs(5);

/// A client's control side.
#[derive(Debug)]
pub(crate) enum ClientLink {
    /// On this host: its socket, and a handle on the process that connected. The socket alone would
    /// not do: a forked child may hold it open after its parent's death.
    Local {
        /// The socket.
        stream: LocalStream,
        /// The process.
        process: PidFd,
    },
    /// Across the network.
    Remote(RemoteClient),
}

/// What came from a client.
#[derive(Debug)]
pub(crate) enum FromClient {
    /// Nothing yet.
    Nothing,
    /// A message.
    Said(Vec<u8>),
    /// It is gone.
    Gone,
    /// Its connection was lost; it may come back.
    Lost {
        /// Nothing was heard of it for a long time before.
        silent: bool,
    },
    /// It broke the protocol, in words.
    Broken(String),
}

impl ClientLink {
    /// A client on this host.
    pub(crate) fn local(stream: LocalStream) -> anyhow::Result<Self> {
        let process = stream
            .peer_process()
            .context("identify the client's process")?;
        Ok(Self::Local { stream, process })
    }

    /// What to poll for input.
    pub(crate) fn descriptors(&self) -> Vec<BorrowedFd<'_>> {
        match self {
            Self::Local { stream, process } => vec![stream.as_fd(), process.as_fd()],
            Self::Remote(remote) => vec![remote.wake_fd()],
        }
    }

    /// Sends the welcome. A client of this host gets the descriptors; for a remote one the rings
    /// are bridged from now on.
    pub(crate) fn welcome(
        &mut self,
        message: &ServerMessage,
        descriptors: [BorrowedFd<'_>; 2],
        bridge: Option<&Arc<Bridgehead>>,
    ) -> anyhow::Result<()> {
        match (self, bridge) {
            (Self::Remote(remote), Some(head)) => remote.welcome(encode(message)?, head),
            (link, _) => link.send(message, &descriptors),
        }
    }

    /// Sends a message.
    pub(crate) fn send(
        &mut self,
        message: &ServerMessage,
        descriptors: &[BorrowedFd<'_>],
    ) -> anyhow::Result<()> {
        let bytes = encode(message)?;
        match self {
            Self::Local { stream, .. } => {
                Ok(stream.send(&bytes, descriptors, Instant::now() + CLIENT_WITHIN)?)
            }
            Self::Remote(remote) => remote.send(bytes),
        }
    }

    /// Ends the connection after what has been sent.
    pub(crate) fn close(self) {
        if let Self::Remote(remote) = self {
            remote.close();
        }
    }

    /// Takes one message if there is one.
    pub(crate) fn receive(&mut self) -> FromClient {
        match self {
            Self::Remote(remote) => remote.receive(),
            Self::Local { stream, process } => {
                if readable(stream.as_fd()) {
                    return match stream.receive(Instant::now() + CLIENT_WITHIN) {
                        Ok(message) => FromClient::Said(message.bytes),
                        Err(error) if stream.is_connected() => {
                            FromClient::Broken(error.to_string())
                        }
                        Err(_) => FromClient::Gone,
                    };
                }
                match process.has_exited() {
                    true => FromClient::Gone,
                    false => FromClient::Nothing,
                }
            }
        }
    }
}

fn readable(fd: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(fd, PollFlags::POLLIN)];
    matches!(poll(&mut fds, PollTimeout::ZERO), Ok(n) if n > 0)
}
