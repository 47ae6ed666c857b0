//! Certificates: who one names, and a small authority of one's own that signs them for servers and clients.
//! Checking them is [`crate::tls`]'s. Read [`Authority`] first.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, Ia5String, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::error::TransportError;
use crate::tls::{bad, read_file, write_file};

/// Most names taken from a certificate, and the longest of them.
const NAMES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 256;

/// Whom a certificate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The common name of its subject, then its alternative names (DNS, address, mail, URI), without
    /// repetition.
    pub names: Vec<String>,
    /// Its serial number in hexadecimal.
    pub serial: String,
    /// When it ends, in seconds of Unix time.
    pub not_after_unix: i64,
    /// What it is for, if it is for one thing alone.
    pub purpose: Option<Purpose>,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A pool server shows it; its names are those by which clients reach it.
    Server,
    /// A client shows it; its names are those in leases.
    Client,
}

/// A certificate to be signed.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The common name of its subject.
    pub name: &'a str,
    /// Further names: DNS names, addresses, mail addresses, URIs.
    pub also: &'a [String],
    /// What it is for.
    pub purpose: Purpose,
    /// When it holds.
    pub validity: Range<SystemTime>,
}

/// A certificate and its private key, in PEM.
#[derive(Clone)]
pub struct Pair {
    certificate: String,
    key: String,
}

/// Signs certificates.
pub struct Authority {
    certificate: Certificate,
    key: KeyPair,
    pem: Pair,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pair(..)")
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority(..)")
    }
}

impl Names {
    /// Those in a certificate, whose signature was checked before; none if it is no certificate.
    pub fn of(der: &[u8]) -> Option<Names> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let subject = certificate.subject().iter_common_name();
        let mut names: Vec<String> = subject
            .filter_map(|name| Some(name.as_str().ok()?.to_owned()))
            .collect();
        if let Ok(Some(alternative)) = certificate.subject_alternative_name() {
            let found = alternative.value.general_names.iter();
            names.extend(found.filter_map(|name| match name {
                GeneralName::DNSName(text) | GeneralName::RFC822Name(text) => {
                    Some((*text).to_owned())
                }
                GeneralName::URI(text) => Some((*text).to_owned()),
                GeneralName::IPAddress(bytes) => address(bytes),
                _ => None,
            }));
        }
        let mut seen = Vec::new();
        for name in names {
            if !name.is_empty() && name.len() <= NAME_BYTES_MAX && !seen.contains(&name) {
                seen.push(name);
            }
        }
        seen.truncate(NAMES_MAX);
        Some(Names {
            names: seen,
            serial: hex(certificate.raw_serial()),
            not_after_unix: certificate.validity().not_after.timestamp(),
            purpose: purpose(&certificate),
        })
    }

    /// Those of the first certificate in a PEM file.
    pub fn of_file(path: &Path) -> Result<Names, TransportError> {
        let text = read_file(path)?;
        let pem = x509_parser::pem::Pem::iter_from_buffer(&text).next();
        let pem = pem.ok_or_else(|| bad(path, "it holds no certificate"))?;
        let pem = pem.map_err(|e| bad(path, e))?;
        Names::of(&pem.contents).ok_or_else(|| bad(path, "it holds no certificate"))
    }
}

impl Pair {
    /// With a second certificate behind its own, for a time in which both hold.
    pub fn and(&self, other: &Pair) -> Pair {
        Pair {
            certificate: format!("{}{}", self.certificate, other.certificate),
            key: self.key.clone(),
        }
    }

    /// Writes both; the key is readable by its owner alone. The certificate is the last: where it is, its
    /// key is.
    pub fn write(&self, certificate: &Path, key: &Path) -> Result<(), TransportError> {
        write_file(key, 0o600, self.key.as_bytes())?;
        write_file(certificate, 0o644, self.certificate.as_bytes())
    }
}

impl Authority {
    /// A new one.
    pub fn create(name: &str, validity: Range<SystemTime>) -> Result<Authority, TransportError> {
        let failed = |error: rcgen::Error| bad(Path::new(name), error);
        let mut params = params(name, &[], validity).map_err(failed)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        let pem = Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        };
        Ok(Authority {
            certificate,
            key,
            pem,
        })
    }

    /// The one in two PEM files.
    pub fn open(certificate: &Path, key: &Path) -> Result<Authority, TransportError> {
        let text = |path: &Path| {
            String::from_utf8(read_file(path)?).map_err(|_| bad(path, "it is not text"))
        };
        let pem = Pair {
            certificate: text(certificate)?,
            key: text(key)?,
        };
        let pair = KeyPair::from_pem(&pem.key).map_err(|e| bad(key, e))?;
        let params = CertificateParams::from_ca_cert_pem(&pem.certificate);
        let params = params.map_err(|e| bad(certificate, e))?;
        Ok(Authority {
            certificate: params.self_signed(&pair).map_err(|e| bad(certificate, e))?,
            key: pair,
            pem,
        })
    }

    /// Its own certificate and key.
    pub fn pair(&self) -> &Pair {
        &self.pem
    }

    /// Signs a certificate for a new key.
    pub fn issue(&self, wanted: &Wanted<'_>) -> Result<Pair, TransportError> {
        let failed = |error: rcgen::Error| bad(Path::new(wanted.name), error);
        let also = match wanted.purpose {
            // Clients look for the host among the alternative names alone.
            Purpose::Server => [&[wanted.name.to_owned()], wanted.also].concat(),
            Purpose::Client => wanted.also.to_vec(),
        };
        let mut params = params(wanted.name, &also, wanted.validity.clone()).map_err(failed)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match wanted.purpose {
            Purpose::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Purpose::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        let key = KeyPair::generate().map_err(failed)?;
        let signed = params.signed_by(&key, &self.certificate, &self.key);
        Ok(Pair {
            certificate: signed.map_err(failed)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn purpose(certificate: &X509Certificate<'_>) -> Option<Purpose> {
    let usage = certificate.extended_key_usage().ok()??.value;
    match (usage.server_auth, usage.client_auth) {
        (true, false) => Some(Purpose::Server),
        (false, true) => Some(Purpose::Client),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| v6()).ok().map(|address| address.to_string())
}

fn params(
    name: &str,
    also: &[String],
    validity: Range<SystemTime>,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    for name in also {
        params.subject_alt_names.push(alternative(name)?);
    }
    let date = |time: SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        rcgen::date_time_ymd(1970, 1, 1) + since
    };
    params.not_before = date(validity.start);
    params.not_after = date(validity.end);
    Ok(params)
}

fn alternative(name: &str) -> Result<SanType, rcgen::Error> {
    if let Ok(address) = name.parse() {
        return Ok(SanType::IpAddress(address));
    }
    let text = Ia5String::try_from(name)?;
    Ok(match name {
        name if name.contains("://") => SanType::URI(text),
        name if name.contains('@') => SanType::Rfc822Name(text),
        _ => SanType::DnsName(text),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Range<SystemTime> {
        let now = SystemTime::now();
        now - Duration::from_secs(60)..now + Duration::from_secs(3600)
    }

    #[test]
    fn names_of_an_issued_certificate_are_those_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let authority = Authority::create("lab", soon()).unwrap();
        authority
            .pair()
            .write(&file("ca.crt"), &file("ca.key"))
            .unwrap();
        let opened = Authority::open(&file("ca.crt"), &file("ca.key")).unwrap();
        let also = ["a@lab.org".to_owned(), "spiffe://lab/alice".to_owned()];
        let wanted = Wanted {
            name: "alice",
            also: &also,
            purpose: Purpose::Client,
            validity: soon(),
        };
        let pair = opened.issue(&wanted).unwrap();
        pair.write(&file("a.crt"), &file("a.key")).unwrap();
        let names = Names::of_file(&file("a.crt")).unwrap();
        assert_eq!(names.names, ["alice", "a@lab.org", "spiffe://lab/alice"]);
        assert!(!names.serial.is_empty());
    }

    #[test]
    fn what_is_no_certificate_has_no_names() {
        assert_eq!(Names::of(b"not a certificate"), None);
    }
}
