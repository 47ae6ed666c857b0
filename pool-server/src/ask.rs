//! One question or order to a daemon, for the command line: connects, asks, leaves.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use rigel_protocol::control::{
    AdminRequest, ClientMessage, ServerMessage, SessionKey, Token, TracePart, decode, encode,
};
use rigel_protocol::pool::{PoolAddress, QuicAddress};
use rigel_transport::CloseReason;
use rigel_transport::local::LocalStream;
use rigel_transport::quic::{QuicTarget, RemoteLink};

use crate::paths;

/// Longest time for the whole question.
const WITHIN: Duration = Duration::from_secs(10);

/// The server's state as a JSON document.
pub fn status(pool: &PoolAddress, token: Option<Token>) -> anyhow::Result<String> {
    match ask(pool, &ClientMessage::Status { token })? {
        ServerMessage::Status(document) => Ok(document),
        other => Err(not_it(other)),
    }
}

/// What an operator asks; the answer is a JSON document.
pub fn admin(
    pool: &PoolAddress,
    token: Option<Token>,
    request: AdminRequest,
) -> anyhow::Result<String> {
    match ask(pool, &ClientMessage::Admin { token, request })? {
        ServerMessage::Done(document) => Ok(document),
        other => Err(not_it(other)),
    }
}

/// A part of what a session's worker has noted for its timeline.
pub fn trace(pool: &PoolAddress, key: SessionKey, from: u64) -> anyhow::Result<TracePart> {
    match ask(pool, &ClientMessage::Trace { key, from })? {
        ServerMessage::Trace(part) => Ok(*part),
        other => Err(not_it(other)),
    }
}

/// Tells the server that the process of a session has died.
pub fn died(pool: &PoolAddress, key: SessionKey) -> anyhow::Result<()> {
    let PoolAddress::Quic(address) = pool else {
        bail!("a server on this host sees it itself");
    };
    ask_remote(address, &encode(&ClientMessage::Died(key))?).map(drop)
}

fn ask(pool: &PoolAddress, question: &ClientMessage) -> anyhow::Result<ServerMessage> {
    let question = encode(question)?;
    let answer = match pool {
        PoolAddress::Local => ask_local(&paths::default_socket(), &question),
        PoolAddress::Unix(path) => ask_local(path, &question),
        PoolAddress::Quic(address) => ask_remote(address, &question),
    }?;
    decode(&answer).context("understand the server's answer")
}

fn not_it(answer: ServerMessage) -> anyhow::Error {
    match answer {
        ServerMessage::Refused(refusal) => anyhow!("refused by the pool: {}", refusal.message),
        other => anyhow!("the server answered with something else: {other:?}"),
    }
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
