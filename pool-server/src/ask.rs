//! One question to a daemon, for the command line: connects, asks, leaves.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rigel_protocol::control::{ClientMessage, ServerMessage, SessionKey, Token, decode, encode};
use rigel_protocol::pool::{PoolAddress, QuicAddress};
use rigel_transport::CloseReason;
use rigel_transport::local::LocalStream;
use rigel_transport::quic::{QuicTarget, RemoteLink};

use crate::paths;

/// Longest time for the whole question.
const WITHIN: Duration = Duration::from_secs(10);

/// The server's state as a JSON document.
pub fn status(pool: &PoolAddress, token: Option<Token>) -> anyhow::Result<String> {
    let question = encode(&ClientMessage::Status { token })?;
    let answer = match pool {
        PoolAddress::Local => ask_local(&paths::default_socket(), &question),
        PoolAddress::Unix(path) => ask_local(path, &question),
        PoolAddress::Quic(address) => ask_remote(address, &question),
    }?;
    match decode::<ServerMessage>(&answer).context("understand the server's answer")? {
        ServerMessage::Status(document) => Ok(document),
        ServerMessage::Refused(refusal) => bail!("refused by the pool: {}", refusal.message),
        other => bail!("the server answered with something else: {other:?}"),
    }
}

/// Tells the server that the process of a session has died.
pub fn died(pool: &PoolAddress, key: SessionKey) -> anyhow::Result<()> {
    let PoolAddress::Quic(address) = pool else {
        bail!("a server on this host sees it itself");
    };
    ask_remote(address, &encode(&ClientMessage::Died(key))?).map(drop)
}

fn ask_local(path: &std::path::Path, question: &[u8]) -> anyhow::Result<Vec<u8>> {
    let deadline = Instant::now() + WITHIN;
    let stream = LocalStream::connect(path, deadline)?;
    stream.send(question, &[], deadline)?;
    Ok(stream.receive(deadline)?.bytes)
}

fn ask_remote(address: &QuicAddress, question: &[u8]) -> anyhow::Result<Vec<u8>> {
    let deadline = Instant::now() + WITHIN;
    let link = RemoteLink::connect(&QuicTarget::try_from(address)?, deadline)?;
    link.send(question.to_vec(), deadline)?;
    let answer = link.receive(deadline)?;
    link.close(CloseReason::FINISHED, deadline);
    Ok(answer)
}
