//! The floor of lanes over TCP: a raw socket over loopback, in clear text and under TLS, from memory that is
//! not in the cache to memory that is not either. Read [`measure`] first.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

use crate::median;

const COPY_BYTES: usize = 256 << 20;
const CHUNK_BYTES: usize = 256 << 10;

/// What bare TCP gives, one way.
#[derive(Clone, Copy, Debug)]
pub struct Tcp {
    /// In clear text.
    pub gb_s: f64,
    /// Under TLS 1.3 with rustls, as it comes.
    pub tls_gb_s: f64,
}

/// Takes both figures.
pub fn measure(rounds: usize) -> Result<Tcp> {
    let (server, client) = configurations()?;
    let source = vec![1_u8; COPY_BYTES];
    let mut target = vec![2_u8; COPY_BYTES];
    let (mut clear, mut tls) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (here, there) = pair()?;
        clear.push(send(&source, &mut target, here, there)?);
        let (here, there) = pair()?;
        let name = "localhost".try_into().context("name the server")?;
        let here = StreamOwned::new(ClientConnection::new(Arc::clone(&client), name)?, here);
        let there = StreamOwned::new(ServerConnection::new(Arc::clone(&server))?, there);
        tls.push(send(&source, &mut target, here, there)?);
    }
    Ok(Tcp {
        gb_s: median(clear),
        tls_gb_s: median(tls),
    })
}

/// Sends the source into the target, piece by piece: GB/s, after both have said a byte.
fn send(
    source: &[u8],
    target: &mut [u8],
    mut here: impl Read + Write + Send,
    mut there: impl Read + Write + Send,
) -> Result<f64> {
    thread::scope(|scope| {
        let receiving = scope.spawn(move || -> Result<()> {
            there.read_exact(&mut [0])?;
            there.write_all(&[1])?;
            for piece in target.chunks_mut(CHUNK_BYTES) {
                there.read_exact(piece)?;
            }
            Ok(there.write_all(&[1])?)
        });
        here.write_all(&[0])?;
        here.read_exact(&mut [0])?;
        let started = Instant::now();
        for piece in source.chunks(CHUNK_BYTES) {
            here.write_all(piece)?;
        }
        here.read_exact(&mut [0])?;
        let seconds = started.elapsed().as_secs_f64();
        let received = receiving.join();
        received.map_err(|_| anyhow::anyhow!("the receiving thread panicked"))??;
        Ok(COPY_BYTES as f64 / seconds / 1e9)
    })
}

/// Two ends of a connection.
fn pair() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen on loopback")?;
    let here = TcpStream::connect(listener.local_addr()?)?;
    let (there, _) = listener.accept()?;
    here.set_nodelay(true)?;
    there.set_nodelay(true)?;
    Ok((here, there))
}

/// A server's and a client's configuration that trust each other, with the cipher that we prefer too.
fn configurations() -> Result<(Arc<ServerConfig>, Arc<ClientConfig>)> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key_pair.serialize_der()));
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites = vec![rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256];
    let provider = Arc::new(provider);
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((Arc::new(server), Arc::new(client)))
}
