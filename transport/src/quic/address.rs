//! From the address a user writes to a target one can connect to.

use rigel_protocol::pool::{ClientFiles, QuicAddress, Trust as WrittenTrust};

use super::client::QuicTarget;
use super::config::QuicTuning;
use crate::error::TransportError;
use crate::tls::{ClientIdentity, Fingerprint, Trust};

impl From<&ClientFiles> for ClientIdentity {
    fn from(files: &ClientFiles) -> Self {
        Self {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
        }
    }
}

impl TryFrom<&QuicAddress> for QuicTarget {
    type Error = TransportError;

    /// Refuses an address that does not say how the server proves itself.
    fn try_from(address: &QuicAddress) -> Result<Self, TransportError> {
        let trust = match &address.trust {
            WrittenTrust::Fingerprint(bytes) => Trust::Fingerprint(Fingerprint(*bytes)),
            WrittenTrust::Authority(file) => Trust::Authority(file.clone()),
            WrittenTrust::Insecure => Trust::Insecure,
            WrittenTrust::Unspecified => {
                return Err(TransportError::NoTrust {
                    address: address.to_string(),
                });
            }
        };
        Ok(QuicTarget {
            host: address.host.clone(),
            port: address.port,
            trust,
            identity: address.client.as_ref().map(ClientIdentity::from),
            tuning: QuicTuning::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Result<QuicTarget, TransportError> {
        match text.parse() {
            Ok(rigel_protocol::pool::PoolAddress::Quic(address)) => QuicTarget::try_from(&address),
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn address_with_a_fingerprint_is_a_target() {
        let hex = "ab".repeat(32);
        let target = target(&format!("quic://gpu:7401?fingerprint={hex}")).unwrap();
        assert_eq!(target.trust, Trust::Fingerprint(Fingerprint([0xab; 32])));
        assert_eq!((target.host.as_str(), target.port), ("gpu", 7401));
    }

    #[test]
    fn address_without_trust_is_refused_with_advice() {
        let error = target("quic://gpu").unwrap_err().to_string();
        assert!(error.contains("fingerprint="), "{error}");
    }
}
