//! Where a pool is: the address a client is given in `RIGEL_POOL` or `--pool`. Parsing only; nothing
//! here connects.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The UDP port of a pool when the address names none.
pub const DEFAULT_PORT: u16 = 7400;

/// What a client process leaves with the watcher of `rigel run`, at the abstract Unix socket that
/// `RIGEL_LIFELINE` names: session u64, secret; and one byte more once it has said goodbye itself.
pub const LIFELINE_KEY_BYTES: usize = 24;

/// The address of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolAddress {
    /// `local`: the daemon of this host at its default socket.
    Local,
    /// `unix:PATH`: the daemon of this host at this socket.
    Unix(PathBuf),
    /// `quic://HOST[:PORT][?fingerprint=HEX|ca=FILE|insecure][&cert=FILE&key=FILE]`: a daemon anywhere.
    Quic(QuicAddress),
}

/// A daemon on the network, and how its certificate is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuicAddress {
    /// Name or address (IPv6 without brackets).
    pub host: String,
    /// UDP port.
    pub port: u16,
    /// How the server proves itself.
    pub trust: Trust,
    /// How the client proves itself, beside a token or in place of one.
    pub client: Option<ClientFiles>,
}

/// A client's certificate and its key, as PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFiles {
    /// The certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How a server's certificate is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The certificate has this SHA-256.
    Fingerprint([u8; 32]),
    /// The certificate is signed by an authority in this PEM file, and names the host.
    Authority(PathBuf),
    /// It is not checked: anybody on the way can read and change everything.
    Insecure,
    /// Nothing was said; connecting must be refused with advice.
    Unspecified,
}

/// The socket of this host's daemon when nobody names one: `RIGEL_SOCKET`; else
/// `$XDG_RUNTIME_DIR/rigel/rigel.sock`; else `/run/rigel/rigel.sock` for root and
/// `/tmp/rigel-UID/rigel.sock` for others. `env` reads the environment.
pub fn default_socket(env: impl Fn(&str) -> Option<OsString>, euid: u32) -> PathBuf {
    if let Some(path) = env("RIGEL_SOCKET").filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    if let Some(folder) = env("XDG_RUNTIME_DIR").filter(|path| !path.is_empty()) {
        return PathBuf::from(folder).join("rigel/rigel.sock");
    }
    match euid {
        0 => PathBuf::from("/run/rigel/rigel.sock"),
        uid => PathBuf::from(format!("/tmp/rigel-{uid}/rigel.sock")),
    }
}

/// Why an address was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolAddressError {
    /// It begins like none of the forms.
    #[error("pool address `{0}` is none of: local, unix:PATH, quic://HOST[:PORT]?fingerprint=HEX")]
    Scheme(String),
    /// No host.
    #[error("pool address `{0}` names no host")]
    Host(String),
    /// The port is not one.
    #[error("`{0}` is not a port (1 to 65535)")]
    Port(String),
    /// The fingerprint is not one.
    #[error("fingerprint `{0}` is not 64 hexadecimal digits")]
    Fingerprint(String),
    /// An unknown parameter.
    #[error(
        "pool address has an unknown parameter `{0}`; known: fingerprint=HEX, ca=FILE, insecure, cert=FILE, \
         key=FILE"
    )]
    Parameter(String),
    /// A certificate without its key, or a key without its certificate.
    #[error("pool address `{0}` needs both cert=FILE and key=FILE, or neither")]
    HalfCertificate(String),
}

impl FromStr for PoolAddress {
    type Err = PoolAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text == "local" {
            return Ok(Self::Local);
        }
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(PoolAddressError::Host(text.into())),
                path => Ok(Self::Unix(PathBuf::from(path))),
            };
        }
        match text.strip_prefix("quic://") {
            Some(rest) => parse_quic(text, rest).map(Self::Quic),
            None => Err(PoolAddressError::Scheme(text.into())),
        }
    }
}

impl fmt::Display for PoolAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Quic(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for QuicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "quic://[{}]:{}", self.host, self.port)?;
        } else {
            write!(f, "quic://{}:{}", self.host, self.port)?;
        }
        let trust = match &self.trust {
            Trust::Fingerprint(bytes) => Some(format!("fingerprint={}", to_hex(bytes))),
            Trust::Authority(file) => Some(format!("ca={}", file.display())),
            Trust::Insecure => Some("insecure".to_owned()),
            Trust::Unspecified => None,
        };
        let client = self.client.as_ref().map(|files| {
            format!(
                "cert={}&key={}",
                files.certificate.display(),
                files.key.display()
            )
        });
        for (i, parameter) in trust.into_iter().chain(client).enumerate() {
            write!(f, "{}{parameter}", if i == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

fn parse_quic(whole: &str, rest: &str) -> Result<QuicAddress, PoolAddressError> {
    let (place, parameters) = match rest.find(['?', '#']) {
        Some(at) => (&rest[..at], &rest[at + 1..]),
        None => (rest, ""),
    };
    let (host, port) = split_host(place.trim_end_matches('/'))?;
    if host.is_empty() {
        return Err(PoolAddressError::Host(whole.into()));
    }
    let mut trust = Trust::Unspecified;
    let (mut certificate, mut key) = (None, None);
    for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
        match parameter.split_once('=') {
            Some(("cert", file)) if !file.is_empty() => certificate = Some(PathBuf::from(file)),
            Some(("key", file)) if !file.is_empty() => key = Some(PathBuf::from(file)),
            _ => trust = parse_trust(parameter)?,
        }
    }
    let client = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(ClientFiles { certificate, key }),
        _ => return Err(PoolAddressError::HalfCertificate(whole.into())),
    };
    Ok(QuicAddress {
        host: host.into(),
        port,
        trust,
        client,
    })
}

fn split_host(place: &str) -> Result<(&str, u16), PoolAddressError> {
    let (host, port) = match place
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, tail)) => (host, tail.strip_prefix(':')),
        None => match place.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let port = match port {
        None => DEFAULT_PORT,
        Some(text) => match text.parse() {
            Ok(port) if port != 0 => port,
            _ => return Err(PoolAddressError::Port(text.into())),
        },
    };
    Ok((host, port))
}

fn parse_trust(parameter: &str) -> Result<Trust, PoolAddressError> {
    match parameter.split_once('=') {
        Some(("fingerprint", hex)) => from_hex(hex).map(Trust::Fingerprint),
        Some(("ca", file)) if !file.is_empty() => Ok(Trust::Authority(PathBuf::from(file))),
        None if parameter == "insecure" => Ok(Trust::Insecure),
        // The short form: quic://host:port#HEX.
        None if parameter.len() == 64 => from_hex(parameter).map(Trust::Fingerprint),
        _ => Err(PoolAddressError::Parameter(parameter.into())),
    }
}

/// A fingerprint in lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Result<[u8; 32], PoolAddressError> {
    let bad = || PoolAddressError::Fingerprint(text.into());
    if text.len() != 64 || !text.is_ascii() {
        return Err(bad());
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |c: u8| char::from(c).to_digit(16).ok_or_else(bad);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_every_form_and_print_it_again() {
        let hex = "0f".repeat(32);
        for (text, printed) in [
            ("local", "local".to_owned()),
            ("", "local".to_owned()),
            ("unix:/run/x.sock", "unix:/run/x.sock".to_owned()),
            ("unix:///run/x.sock", "unix:/run/x.sock".to_owned()),
            ("quic://gpu", "quic://gpu:7400".to_owned()),
            ("quic://gpu:1?insecure", "quic://gpu:1?insecure".to_owned()),
            (
                "quic://[::1]:9?ca=/a.pem",
                "quic://[::1]:9?ca=/a.pem".to_owned(),
            ),
            (
                &format!("quic://a:1?fingerprint={hex}"),
                format!("quic://a:1?fingerprint={hex}"),
            ),
            (
                "quic://a:9?ca=/a.pem&cert=/c.pem&key=/k.pem",
                "quic://a:9?ca=/a.pem&cert=/c.pem&key=/k.pem".to_owned(),
            ),
            (
                &format!("quic://a:1#{hex}"),
                format!("quic://a:1?fingerprint={hex}"),
            ),
        ] {
            let address: PoolAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn parse_bad_addresses_names_the_fault() {
        for text in [
            "http://a",
            "quic://",
            "quic://a:0",
            "quic://a:99999",
            "quic://a:1?x=y",
            "unix:",
            "quic://a:1?fingerprint=12",
            "quic://a?ca=",
            "quic://a?ca=/a&cert=/c",
            "quic://a?key=/k",
        ] {
            assert!(text.parse::<PoolAddress>().is_err(), "{text}");
        }
    }
}
