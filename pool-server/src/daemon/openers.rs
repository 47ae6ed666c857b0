//! Who opens a lease: the holder of its token, users of this host, holders of certificates. What the
//! configuration says of it may change while the server runs, and a session ends whose opener is gone.
//! Read [`Openers`] first; tokens made at run time are [`super::tokens`]'s.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::books::SessionEntry;
use super::peer::Peer;
use crate::config::LeaseConfig;

/// Who opens a lease, by its configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Openers {
    /// SHA-256 of its token, if a token opens it.
    pub(crate) token: Option<[u8; 32]>,
    /// User ids that open it from this host.
    pub(crate) uids: Vec<u32>,
    /// Names in certificates that open it.
    pub(crate) names: Vec<String>,
}

/// What opened a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Opener {
    /// The token of the configuration, by its digest.
    Token([u8; 32]),
    /// A user of this host.
    Uid(u32),
    /// A name in the client's certificate.
    Name(String),
}

/// The open sessions that something of the configuration has opened. Owned by the leases.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    sessions: Mutex<Vec<(Weak<SessionEntry>, Opener)>>,
}

impl Openers {
    /// What a lease of the configuration says, its token file included.
    pub(crate) fn from_config(config: &LeaseConfig) -> anyhow::Result<Self> {
        let token = match (&config.token, &config.token_file, &config.token_sha256) {
            (Some(token), _, _) => Some(digest(token)),
            (_, Some(file), _) => Some(digest(&read_token(file)?)),
            (_, _, Some(hex)) => Some(parse_digest(hex).with_context(|| {
                format!(
                    "lease `{}`: token_sha256 is not 64 hexadecimal digits",
                    config.name
                )
            })?),
            _ => None,
        };
        Ok(Self {
            token,
            uids: config.uids.clone(),
            names: config.certificates.clone(),
        })
    }

    /// What of this peer opens the lease, without a token.
    pub(crate) fn admit(&self, peer: &Peer) -> Option<Opener> {
        match peer {
            Peer::Local { uid, .. } => self.uids.contains(uid).then_some(Opener::Uid(*uid)),
            Peer::Remote { certificate, .. } => {
                let names = certificate.as_deref()?.names.iter();
                let mut known = names.filter(|name| self.names.contains(name));
                known.next().cloned().map(Opener::Name)
            }
        }
    }

    /// Whether this still opens it.
    pub(crate) fn still(&self, opener: &Opener) -> bool {
        match opener {
            Opener::Token(digest) => self.token.is_some_and(|known| equal(&known, digest)),
            Opener::Uid(uid) => self.uids.contains(uid),
            Opener::Name(name) => self.names.contains(name),
        }
    }
}

impl Admitted {
    /// Enters a session, if what opens it opens it still: asked under the lock that [`Self::sweep`] takes,
    /// so that none slips in beside a change.
    pub(crate) fn enter<E>(
        &self,
        session: &Arc<SessionEntry>,
        opener: impl FnOnce() -> Result<Opener, E>,
    ) -> Result<Opener, E> {
        let mut sessions = self.lock();
        let opener = opener()?;
        sessions.retain(|(session, _)| session.strong_count() > 0);
        sessions.push((Arc::downgrade(session), opener.clone()));
        Ok(opener)
    }

    /// Ends the sessions that nothing opens any more; how many there were.
    pub(crate) fn sweep(&self, still: impl Fn(&SessionEntry, &Opener) -> bool) -> usize {
        let mut ended = 0;
        self.lock().retain(|(session, opener)| {
            let Some(open) = session.upgrade() else {
                return false;
            };
            let keeps = still(&open, opener);
            if !keeps && open.eviction.reason().is_none() {
                ended += 1;
                open.eviction
                    .evict("the server's configuration no longer lets this client in");
            }
            keeps
        });
        ended
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Weak<SessionEntry>, Opener)>> {
        // Each change is one step: a panic leaves the list consistent.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// SHA-256 of a secret.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Without saying by its time where they differ.
pub(crate) fn equal(one: &[u8; 32], two: &[u8; 32]) -> bool {
    one.iter()
        .zip(two)
        .fold(0, |differing, (a, b)| differing | (a ^ b))
        == 0
}

/// 64 hexadecimal digits.
pub(crate) fn parse_digest(hex: &str) -> Option<[u8; 32]> {
    let hex = hex.trim();
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The first line of a file.
fn read_token(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("read the token file {}", file.display()))?;
    match text.lines().next().map(str::trim) {
        Some(token) if !token.is_empty() => Ok(token.to_owned()),
        _ => bail!("the token file {} is empty", file.display()),
    }
}
