//! Which way bulk bytes travel between hosts: what a client may choose, what a server allows, and how a
//! lane outside QUIC is agreed on. Carrying them is `stripe`'s. Read [`Lanes`] first.
//!
//! The client names its choice in the preamble of the bulk stream. The server answers there, after its own
//! preamble, with a grant, and takes TCP connections that begin with a pass; of those over TLS the secret
//! comes inside. A secret is made for one connection of one session and crosses only the control
//! connection's encryption, or, of the lane in clear text, a network that its server has called trusted.
//!
//! ```text
//! grant   answer u8 (0 granted, 1 not allowed) │ allowed u8 │ port u16 │ zero u32 │ id u64 │ secret (32)
//! pass    "RGL1" │ lane u8 │ index u8 │ zero u16 │ id u64, then: secret (32);   answered by one byte: 1
//! ```

use std::fmt;
use std::str::FromStr;

use crate::error::TransportError;

pub(super) const GRANT_BYTES: usize = 48;
pub(super) const PASS_BYTES: usize = 16;
pub(super) const SECRET_BYTES: usize = 32;
/// What a server answers to a pass.
pub(super) const TAKEN: u8 = 1;
const MAGIC: [u8; 4] = *b"RGL1";
/// The most connections of one session's bulk.
const N_LANES_MAX: u8 = 16;

/// What carries bulk bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LaneKind {
    /// The connection that carries the calls.
    #[default]
    Quic = 0,
    /// TCP in clear text, for networks that are trusted.
    Tcp = 1,
    /// TCP under TLS.
    TcpTls = 2,
    /// UCX, which uses RDMA where there is any, in clear text: for fabrics that are trusted.
    Ucx = 3,
}

/// Each kind with its name, in the order of their numbers.
const KINDS: [(LaneKind, &str); 4] = [
    (LaneKind::Quic, "quic"),
    (LaneKind::Tcp, "tcp"),
    (LaneKind::TcpTls, "tcp+tls"),
    (LaneKind::Ucx, "ucx"),
];

/// A client's choice: `quic`, `tcp`, `tcp+tls`, `ucx`, and of all but the first several connections, as `tcp:4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// What carries bulk bytes.
    pub kind: LaneKind,
    /// Over how many connections: 1 to 16, and 1 of QUIC.
    pub count: u8,
}

/// What a server allows: QUIC always, others by name, as `tcp+tls,tcp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneSet(u8);

/// What a lane is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "understand the lane `{0}` (quic, tcp, tcp+tls or ucx; several connections as tcp:4, at most 16)"
)]
pub struct BadLane(String);

impl Default for Lanes {
    fn default() -> Lanes {
        Lanes {
            kind: LaneKind::Quic,
            count: 1,
        }
    }
}

impl Default for LaneSet {
    fn default() -> LaneSet {
        LaneSet(1 << LaneKind::Quic as u8)
    }
}

impl LaneKind {
    fn from_code(code: u8) -> Option<LaneKind> {
        KINDS.get(usize::from(code)).map(|(kind, _)| *kind)
    }
}

impl LaneSet {
    /// Whether it holds a kind.
    pub fn allows(self, kind: LaneKind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// Whether a server has to listen beside QUIC.
    pub(super) fn needs_tcp(self) -> bool {
        self != LaneSet::default()
    }
}

impl fmt::Display for LaneKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS[*self as usize].1)
    }
}

impl fmt::Display for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => self.kind.fmt(f),
            n => write!(f, "{}:{n}", self.kind),
        }
    }
}

impl fmt::Display for LaneSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = KINDS.iter().filter(|(kind, _)| self.allows(*kind));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        f.write_str(&names.join(", "))
    }
}

impl FromStr for LaneKind {
    type Err = BadLane;

    fn from_str(text: &str) -> Result<LaneKind, BadLane> {
        let found = KINDS.iter().find(|(_, name)| *name == text);
        found
            .map(|(kind, _)| *kind)
            .ok_or_else(|| BadLane(text.to_owned()))
    }
}

impl FromStr for Lanes {
    type Err = BadLane;

    fn from_str(text: &str) -> Result<Lanes, BadLane> {
        let bad = || BadLane(text.to_owned());
        let (kind, count) = text.split_once(':').unwrap_or((text, "1"));
        let count = count.parse().map_err(|_| bad())?;
        let kind = kind.parse().map_err(|_| bad())?;
        Lanes { kind, count }.checked().ok_or_else(bad)
    }
}

impl FromStr for LaneSet {
    type Err = BadLane;

    fn from_str(text: &str) -> Result<LaneSet, BadLane> {
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        names.map(str::parse).collect()
    }
}

impl FromIterator<LaneKind> for LaneSet {
    fn from_iter<T: IntoIterator<Item = LaneKind>>(kinds: T) -> LaneSet {
        let bits = kinds.into_iter().map(|kind| 1 << kind as u8);
        LaneSet(bits.fold(LaneSet::default().0, |all, bit| all | bit))
    }
}

impl Lanes {
    fn checked(self) -> Option<Lanes> {
        let most = match self.kind {
            LaneKind::Quic => 1,
            LaneKind::Tcp | LaneKind::TcpTls | LaneKind::Ucx => N_LANES_MAX,
        };
        (1..=most).contains(&self.count).then_some(self)
    }

    /// As two bytes of a preamble; zeros are QUIC.
    pub(super) fn encode(self) -> [u8; 2] {
        match self.kind {
            LaneKind::Quic => [0, 0],
            kind => [kind as u8, self.count],
        }
    }

    pub(super) fn decode(bytes: [u8; 2]) -> Result<Lanes, TransportError> {
        let kind = LaneKind::from_code(bytes[0]);
        let lanes = match (kind, bytes) {
            (_, [0, 0]) => Some(Lanes::default()),
            (Some(kind), [_, count]) if kind != LaneKind::Quic => Lanes { kind, count }.checked(),
            _ => None,
        };
        lanes.ok_or(TransportError::Protocol(
            "a stream names a lane that is not one",
        ))
    }
}

/// What lets a connection take a lane.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Secret(pub(super) [u8; SECRET_BYTES]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Compares in a time that does not tell how much is right.
    pub(super) fn matches(&self, other: &[u8; SECRET_BYTES]) -> bool {
        let differing = self
            .0
            .iter()
            .zip(other)
            .fold(0, |all, (a, b)| all | (a ^ b));
        std::hint::black_box(differing) == 0
    }
}

/// A server's answer to a client that asks for a lane outside QUIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Granted { port: u16, id: u64, secret: Secret },
    NotAllowed(LaneSet),
}

impl Grant {
    pub(super) fn encode(&self) -> [u8; GRANT_BYTES] {
        let mut out = [0; GRANT_BYTES];
        match self {
            Grant::NotAllowed(allowed) => out[..2].copy_from_slice(&[1, allowed.0]),
            Grant::Granted { port, id, secret } => {
                out[2..4].copy_from_slice(&port.to_le_bytes());
                out[8..16].copy_from_slice(&id.to_le_bytes());
                out[16..].copy_from_slice(&secret.0);
            }
        }
        out
    }

    pub(super) fn decode(bytes: &[u8; GRANT_BYTES]) -> Result<Grant, TransportError> {
        let unknown = TransportError::Protocol("a grant of a lane is none");
        let (head, secret) = bytes.split_at(GRANT_BYTES - SECRET_BYTES);
        match (head[0], secret.try_into()) {
            (0, Ok(secret)) => Ok(Grant::Granted {
                port: u16::from_le_bytes([head[2], head[3]]),
                id: head[8..]
                    .iter()
                    .rev()
                    .fold(0, |id, &byte| id << 8 | u64::from(byte)),
                secret: Secret(secret),
            }),
            (1, _) => Ok(Grant::NotAllowed(LaneSet(head[1]))),
            _ => Err(unknown),
        }
    }
}

/// With what a TCP connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) kind: LaneKind,
    /// Which of the lanes.
    pub(super) index: u8,
    pub(super) id: u64,
}

impl Pass {
    pub(super) fn encode(&self) -> [u8; PASS_BYTES] {
        let mut out = [0; PASS_BYTES];
        out[..4].copy_from_slice(&MAGIC);
        out[4..6].copy_from_slice(&[self.kind as u8, self.index]);
        out[8..].copy_from_slice(&self.id.to_le_bytes());
        out
    }

    /// None if it is none.
    pub(super) fn decode(bytes: &[u8; PASS_BYTES]) -> Option<Pass> {
        let (head, id) = bytes.split_at(8);
        let kind = LaneKind::from_code(head[4]).filter(|kind| *kind != LaneKind::Quic)?;
        let pass = Pass {
            kind,
            index: head[5],
            id: u64::from_le_bytes(id.try_into().ok()?),
        };
        (head[..4] == MAGIC && head[6..] == [0, 0]).then_some(pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_written_are_read_the_same() {
        for text in [
            "quic",
            "tcp",
            "tcp+tls",
            "tcp:4",
            "tcp+tls:16",
            "ucx",
            "ucx:2",
        ] {
            let lanes: Lanes = text.parse().unwrap();
            assert_eq!(lanes.to_string(), text);
            assert_eq!(Lanes::decode(lanes.encode()).unwrap(), lanes);
        }
        assert_eq!(Lanes::default().encode(), [0, 0]);
    }

    #[test]
    fn lanes_that_make_no_sense_are_refused_by_name() {
        for bad in ["", "rdma", "tcp:0", "tcp:17", "quic:2", "tcp:", "tcp:x"] {
            let error = bad.parse::<Lanes>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{bad}`")), "{error}");
        }
        for bad in [[0, 1], [1, 0], [1, 17], [4, 1], [255, 255]] {
            assert!(Lanes::decode(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn set_allows_quic_and_what_it_names() {
        let set: LaneSet = "tcp+tls".parse().unwrap();
        assert!(set.allows(LaneKind::Quic) && set.allows(LaneKind::TcpTls));
        assert!(!set.allows(LaneKind::Tcp));
        assert_eq!(set.to_string(), "quic, tcp+tls");
        assert!(set.needs_tcp() && !"".parse::<LaneSet>().unwrap().needs_tcp());
        assert!("tcp,ucp".parse::<LaneSet>().is_err());
    }

    #[test]
    fn grant_and_pass_encoded_decode_to_the_same() {
        let secret = Secret(std::array::from_fn(|i| i as u8));
        let granted = Grant::Granted {
            port: 7400,
            id: 0x0102_0304_0506_0708,
            secret,
        };
        let refused = Grant::NotAllowed("tcp+tls".parse().unwrap());
        for grant in [granted, refused] {
            assert_eq!(Grant::decode(&grant.encode()).unwrap(), grant);
        }
        assert_eq!(granted.encode()[..9], [0, 0, 0xe8, 0x1c, 0, 0, 0, 0, 8]);
        assert!(Grant::decode(&[2; GRANT_BYTES]).is_err());
        let pass = Pass {
            kind: LaneKind::Tcp,
            index: 3,
            id: 77,
        };
        let good = pass.encode();
        assert_eq!(Pass::decode(&good), Some(pass));
        for (index, value) in [(0, b'X'), (4, 0), (4, 4), (6, 1)] {
            let mut bad = good;
            bad[index] = value;
            assert_eq!(Pass::decode(&bad), None, "byte {index}");
        }
    }

    #[test]
    fn secret_matches_itself_alone() {
        let secret = Secret([7; SECRET_BYTES]);
        assert!(secret.matches(&[7; SECRET_BYTES]));
        for index in 0..SECRET_BYTES {
            let mut other = secret.0;
            other[index] ^= 1;
            assert!(!secret.matches(&other));
        }
    }
}
