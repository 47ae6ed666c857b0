//! Identities and trust between hosts: a server's certificate, and how a client checks it. TLS 1.3
//! alone, with AES-128-GCM first, as the fastest measured. Who the client is, its certificate says, or its
//! token later.
//! Read [`ServerIdentity`] first.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::DigitallySignedStruct;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::cipher_suite;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use sha2::{Digest, Sha256};

use crate::error::TransportError;

/// The protocol both sides name in the handshake; its number is the wire's major version.
pub const ALPN: &str = "rigel/1";
/// The largest certificate or key file read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The SHA-256 of a certificate: what a client pins. Displayed as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate.
    pub fn of(certificate: &[u8]) -> Fingerprint {
        Fingerprint(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// How a client checks a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It is this one, whoever signed it and whatever name it bears.
    Fingerprint(Fingerprint),
    /// An authority in this PEM file signed it for the host's name.
    Authority(PathBuf),
    /// Not at all: anybody on the way can read and change everything. Said loudly in the log.
    Insecure,
}

/// A client's certificate and its key: who it is, beside its token or in place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate, and those between it and the authority (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
}

/// The authorities that sign certificates of clients.
#[derive(Clone)]
pub struct ClientAuthority {
    verifier: Arc<dyn ClientCertVerifier>,
}

impl fmt::Debug for ClientAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAuthority(..)")
    }
}

impl ClientAuthority {
    /// Those in a PEM file. Whether a client without a certificate is let in says `required`.
    pub fn load(path: &Path, required: bool) -> Result<ClientAuthority, TransportError> {
        let roots = Arc::new(roots(path)?);
        let builder = WebPkiClientVerifier::builder_with_provider(roots, provider());
        let builder = match required {
            true => builder,
            false => builder.allow_unauthenticated(),
        };
        let verifier = builder.build().map_err(|e| bad(path, e))?;
        Ok(ClientAuthority { verifier })
    }
}

/// A server's certificate and its key.
pub struct ServerIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    fingerprint: Fingerprint,
    path: PathBuf,
    clients: Option<ClientAuthority>,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerIdentity({})", self.fingerprint)
    }
}

impl ServerIdentity {
    /// The identity kept in a state directory as `server.crt` and `server.key`; made, self-signed for
    /// these names, if it is not there yet.
    pub fn load_or_create(
        state: &Path,
        names: &[String],
    ) -> Result<ServerIdentity, TransportError> {
        let (certificate, key) = (state.join("server.crt"), state.join("server.key"));
        if !certificate.exists() || !key.exists() {
            let mut folder = fs::DirBuilder::new();
            folder
                .recursive(true)
                .mode(0o700)
                .create(state)
                .map_err(|e| bad(state, e))?;
            create(&certificate, &key, names)?;
        }
        ServerIdentity::load(&certificate, &key)
    }

    /// The identity in two PEM files, the certificate's chain included.
    pub fn load(certificate: &Path, key: &Path) -> Result<ServerIdentity, TransportError> {
        let chain = read_certificates(certificate)?;
        let key_der = read_key(key)?;
        let fingerprint = Fingerprint::of(&chain[0]);
        Ok(ServerIdentity {
            chain,
            key: key_der,
            fingerprint,
            path: certificate.to_owned(),
            clients: None,
        })
    }

    /// Likewise, asking clients for certificates that these authorities have signed.
    pub fn with_clients(self, clients: Option<ClientAuthority>) -> ServerIdentity {
        ServerIdentity { clients, ..self }
    }

    /// What clients pin.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The TLS half of a server, which asks clients for certificates if there is an authority for them.
    pub(crate) fn server_config(&self) -> Result<rustls::ServerConfig, TransportError> {
        self.config(self.clients.clone())
    }

    /// The TLS half of a port whose clients prove otherwise who they are.
    pub(crate) fn lane_config(&self) -> Result<rustls::ServerConfig, TransportError> {
        self.config(None)
    }

    fn config(
        &self,
        clients: Option<ClientAuthority>,
    ) -> Result<rustls::ServerConfig, TransportError> {
        let builder = rustls::ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|e| bad(&self.path, e))?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => builder.with_client_cert_verifier(clients.verifier),
        };
        let mut config = builder
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|e| bad(&self.path, e))?;
        config.alpn_protocols = vec![ALPN.as_bytes().to_vec()];
        Ok(config)
    }
}

/// What a client's verifier saw, for the message when it refused.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Option<Fingerprint>>);

impl Seen {
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The TLS half of a client, and where its verifier notes what it saw.
pub(crate) fn client_config(
    trust: &Trust,
    identity: Option<&ClientIdentity>,
) -> Result<(rustls::ClientConfig, Arc<Seen>), TransportError> {
    let seen = Arc::new(Seen::default());
    let provider = provider();
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| bad(Path::new(""), e))?;
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Authority(path) => {
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots(path)?), provider)
                .build()
                .map_err(|e| bad(path, e))?
        }
        Trust::Fingerprint(pinned) => Arc::new(Pinned {
            expected: Some(*pinned),
            seen: Arc::clone(&seen),
            provider,
        }),
        Trust::Insecure => {
            tracing::warn!("the server's certificate is not checked: the connection is insecure");
            Arc::new(Pinned {
                expected: None,
                seen: Arc::clone(&seen),
                provider,
            })
        }
    };
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(
                read_certificates(&identity.certificate)?,
                read_key(&identity.key)?,
            )
            .map_err(|e| bad(&identity.certificate, e))?,
    };
    config.alpn_protocols = vec![ALPN.as_bytes().to_vec()];
    // Nothing is sent before the handshake: early data could be replayed.
    config.enable_early_data = false;
    Ok((config, seen))
}

/// Accepts the certificate with one fingerprint, or any when none is expected; the server must hold
/// its key in either case.
#[derive(Debug)]
struct Pinned {
    expected: Option<Fingerprint>,
    seen: Arc<Seen>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let actual = Fingerprint::of(end_entity);
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(actual);
        if self.expected.is_some_and(|expected| expected != actual) {
            let cause = rustls::CertificateError::ApplicationVerificationFailure;
            return Err(rustls::Error::InvalidCertificate(cause));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Fills with bytes that nobody can guess.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), TransportError> {
    let filled = provider().secure_random.fill(bytes);
    filled.map_err(|_| TransportError::os("draw random bytes", std::io::ErrorKind::Other))
}

fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites = vec![
        cipher_suite::TLS13_AES_128_GCM_SHA256,
        cipher_suite::TLS13_AES_256_GCM_SHA384,
        cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    ];
    Arc::new(provider)
}

fn create(certificate: &Path, key: &Path, names: &[String]) -> Result<(), TransportError> {
    let mut names = names.to_vec();
    names.push("localhost".to_owned());
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| bad(certificate, e))?;
    // The key first: a certificate without its key would be replaced, never used.
    write_file(key, 0o600, made.key_pair.serialize_pem().as_bytes())?;
    write_file(certificate, 0o644, made.cert.pem().as_bytes())
}

pub(crate) fn write_file(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), TransportError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let _ = fs::remove_file(&partial);
    let write = || {
        let options = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .to_owned();
        options.open(&partial)?.write_all(bytes)?;
        fs::rename(&partial, path)
    };
    write().map_err(|e| bad(path, e))
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let text = read_file(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|e| bad(path, e))?;
    if chain.is_empty() {
        return Err(bad(path, "it holds no certificate"));
    }
    Ok(chain)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TransportError> {
    PrivateKeyDer::from_pem_slice(&read_file(path)?).map_err(|e| bad(path, e))
}

fn roots(path: &Path) -> Result<rustls::RootCertStore, TransportError> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in read_certificates(path)? {
        roots.add(certificate).map_err(|e| bad(path, e))?;
    }
    Ok(roots)
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, TransportError> {
    let len = fs::metadata(path).map_err(|e| bad(path, e))?.len();
    if len > FILE_BYTES_MAX {
        return Err(bad(path, "the file is too large"));
    }
    fs::read(path).map_err(|e| bad(path, e))
}

pub(crate) fn bad(path: &Path, why: impl fmt::Display) -> TransportError {
    TransportError::Certificate {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn identity_made_once_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        // A folder that is not there is made.
        let state = dir.path().join("new/state");
        let first = ServerIdentity::load_or_create(&state, &["gpu1".to_owned()]).unwrap();
        let second = ServerIdentity::load_or_create(&state, &[]).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        let mode = fs::metadata(state.join("server.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn identity_that_is_not_one_is_refused_with_its_path() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("server.crt"), "not a certificate").unwrap();
        fs::write(dir.path().join("server.key"), "not a key").unwrap();
        let error = ServerIdentity::load_or_create(dir.path(), &[]).unwrap_err();
        assert!(error.to_string().contains("server.crt"), "{error}");
    }

    #[test]
    fn fingerprint_displays_as_hexadecimal() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Fingerprint::of(b"abc").to_string(), expected);
    }
}
