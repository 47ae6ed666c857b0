//! The floor between hosts: bare quinn over loopback, one stream, as it comes. Read [`measure`] first.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use quinn::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, ServerConfig};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::median;

const QUIC_ROUND_TRIPS: usize = 1000;
const COPY_BYTES: usize = 256 << 20;
const CHUNK_BYTES: usize = 256 << 10;
/// Bytes of a small message.
const MESSAGE_BYTES: usize = 64;

/// What bare quinn gives.
#[derive(Clone, Copy, Debug)]
pub struct Quinn {
    /// 64 bytes there and back over one stream of quinn's default connection.
    pub round_trip_us: f64,
    /// One way over such a stream.
    pub gb_s: f64,
}

/// Takes both figures.
pub fn measure(rounds: usize) -> Result<Quinn> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("start a runtime")?;
    runtime.block_on(both(rounds))
}

async fn both(rounds: usize) -> Result<Quinn> {
    let (server, client) = endpoints()?;
    let address = server.local_addr().context("look at the socket")?;
    let serving = tokio::spawn(serve(server));
    let connection = client.connect(address, "localhost")?.await?;
    let (mut times, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        times.push(echo(&connection).await?);
        rates.push(send(&connection).await?);
    }
    connection.close(0_u32.into(), b"");
    serving.await??;
    Ok(Quinn {
        round_trip_us: median(times),
        gb_s: median(rates),
    })
}

/// Echoes small messages on streams that begin with one, swallows the others and says when it has.
async fn serve(server: Endpoint) -> Result<()> {
    let incoming = server.accept().await.context("no client came")?;
    let connection = incoming.await?;
    while let Ok((mut send, mut receive)) = connection.accept_bi().await {
        let mut kind = [0];
        receive.read_exact(&mut kind).await?;
        match kind[0] {
            0 => echo_all(&mut send, &mut receive).await?,
            _ => {
                while receive.read_chunk(usize::MAX, true).await?.is_some() {}
                send.write_all(&[1]).await?;
            }
        }
        send.finish()?;
    }
    Ok(())
}

async fn echo_all(send: &mut SendStream, receive: &mut RecvStream) -> Result<()> {
    let mut message = [0; MESSAGE_BYTES];
    for _ in 0..QUIC_ROUND_TRIPS {
        receive.read_exact(&mut message).await?;
        send.write_all(&message).await?;
    }
    Ok(())
}

async fn echo(connection: &Connection) -> Result<f64> {
    let (mut send, mut receive) = connection.open_bi().await?;
    send.write_all(&[0]).await?;
    let mut message = [0; MESSAGE_BYTES];
    let mut times = Vec::with_capacity(QUIC_ROUND_TRIPS);
    for _ in 0..QUIC_ROUND_TRIPS {
        let started = Instant::now();
        send.write_all(&message).await?;
        receive.read_exact(&mut message).await?;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    send.finish()?;
    Ok(median(times))
}

async fn send(connection: &Connection) -> Result<f64> {
    let (mut send, mut receive) = connection.open_bi().await?;
    send.write_all(&[1]).await?;
    let chunk = Bytes::from(vec![1_u8; CHUNK_BYTES]);
    let started = Instant::now();
    for _ in 0..COPY_BYTES / CHUNK_BYTES {
        send.write_chunk(chunk.clone()).await?;
    }
    send.finish()?;
    receive.read_exact(&mut [0]).await?;
    Ok(COPY_BYTES as f64 / started.elapsed().as_secs_f64() / 1e9)
}

/// A server and a client on loopback that trust each other.
fn endpoints() -> Result<(Endpoint, Endpoint)> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key_pair.serialize_der()));
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let _ = rustls::crypto::CryptoProvider::install_default((*provider).clone());
    let server = ServerConfig::with_single_cert(vec![certificate.clone()], key)?;
    let server = Endpoint::server(server, loopback).context("listen on loopback")?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate)?;
    let mut client = Endpoint::client(loopback).context("open a socket")?;
    client.set_default_client_config(ClientConfig::with_root_certificates(Arc::new(roots))?);
    Ok((server, client))
}
