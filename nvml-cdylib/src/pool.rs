//! One question to the pool's daemon: connects, asks for the view of our lease, leaves.

use std::path::Path;
use std::time::{Duration, Instant};

use rigel_protocol::control::{ClientMessage, RefusalCause, ServerMessage, View, decode, encode};
use rigel_protocol::pool::{PoolAddress, QuicAddress, default_socket};
use rigel_transport::local::LocalStream;
use rigel_transport::quic::{QuicTarget, RemoteLink};
use rigel_transport::{CloseReason, TransportError};

use crate::config::PoolConfig;
use crate::status::{NvmlError, NvmlResult};

/// Longest time for the whole question.
const WITHIN: Duration = Duration::from_secs(10);

/// What our lease has, as the daemon sees it now.
pub(crate) fn ask(config: &PoolConfig) -> NvmlResult<View> {
    let question = encode(&ClientMessage::View {
        token: config.token.clone(),
        request: config.request.clone(),
    })
    .map_err(|_| NvmlError::UNKNOWN)?;
    let answer = match &config.address {
        PoolAddress::Local => ask_local(&local_socket(), &question),
        PoolAddress::Unix(path) => ask_local(path, &question),
        PoolAddress::Quic(address) => ask_remote(address, &question),
    };
    let answer = answer.map_err(|error| {
        tracing::warn!(%error, "the pool did not answer");
        NvmlError::DRIVER_NOT_LOADED
    })?;
    match decode::<ServerMessage>(&answer) {
        Ok(ServerMessage::View(view)) => Ok(*view),
        Ok(ServerMessage::Refused(refusal)) => {
            tracing::warn!(reason = refusal.message, "the pool refused");
            Err(match refusal.cause {
                RefusalCause::Unauthorized => NvmlError::NO_PERMISSION,
                _ => NvmlError::DRIVER_NOT_LOADED,
            })
        }
        Ok(_) | Err(_) => {
            tracing::warn!("the pool answered something else");
            Err(NvmlError::UNKNOWN)
        }
    }
}

fn local_socket() -> std::path::PathBuf {
    default_socket(|name| std::env::var_os(name), effective_user())
}

#[expect(unsafe_code, reason = "asks the kernel who runs this")]
fn effective_user() -> u32 {
    // SAFETY: it has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

fn ask_local(socket: &Path, question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let deadline = Instant::now() + WITHIN;
    let stream = LocalStream::connect(socket, deadline)?;
    stream.send(question, &[], deadline)?;
    Ok(stream.receive(deadline)?.bytes)
}

fn ask_remote(address: &QuicAddress, question: &[u8]) -> Result<Vec<u8>, TransportError> {
    let deadline = Instant::now() + WITHIN;
    let link = RemoteLink::connect(&QuicTarget::try_from(address)?, deadline)?;
    link.send(question.to_vec(), deadline)?;
    let answer = link.receive(deadline)?;
    link.close(CloseReason::FINISHED, deadline);
    Ok(answer)
}
