//! Leases: who may hold what, and who holds it now.
//!
//! A lease is opened by a token, or by a process of this host whose user id it names. A request can
//! only lower what the lease holds; more than it holds is refused with the numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use rigel_protocol::control::{Refusal, RefusalCause, Request, TOKEN_BYTES_MAX, Token};
use rigel_protocol::custom::DeviceProfile;
use rigel_protocol::visible::VisibleDevices;
use rigel_share::{LeaseId, Priority, Terms};
use serde::{Deserialize, Serialize};

use super::books::SessionEntry;
use super::growing::Growing;
use super::guests::GUEST;
use super::live::{LeaseState, Live, LiveTerms, WEIGHT_DEFAULT};
use super::openers::{Admitted, Opener, Openers, digest};
use super::peer::Peer;
use super::placement::{Inventory, PhysicalGpu, Promised, Wanted, place};
use super::record::By;
use super::tokens::{Opens, Tokens, unix_now};
use crate::bytes::ByteSize;
use crate::config::LeaseConfig;
use crate::percent::ComputeRange;

/// A lease, parsed and checked.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    /// Its name.
    pub(crate) name: String,
    /// The name in the configuration, if it is one of several instances.
    pub(crate) class: Option<String>,
    /// Who opens it, beside the holders of tokens made at run time.
    openers: Arc<Mutex<Openers>>,
    /// How many virtual GPUs.
    gpus: u32,
    /// Physical GPUs they may be on; `None`: any.
    on: Option<Vec<u32>>,
    /// What may change.
    live: Arc<Live>,
    /// Sessions at once; `None`: the server's limit.
    pub(crate) sessions_max: Option<u32>,
}

/// What a client asks of its lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asks {
    /// How much.
    pub(crate) request: Request,
    /// Which of the lease's virtual GPUs, in its order, if it wants certain ones.
    pub(crate) lines: Option<Vec<u32>>,
}

impl Asks {
    /// How many GPUs, if it says.
    pub(crate) fn gpus(&self) -> Option<u32> {
        let lines = self.lines.as_ref().map(|lines| lines.len() as u32);
        lines.or(self.request.gpus)
    }
}

/// One virtual GPU of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// Index among the lease's virtual GPUs: its line in the ledger.
    pub(crate) line: u32,
    /// Ordinal of the physical GPU.
    pub(crate) physical: u32,
    /// Most bytes this session may hold on it, as far as is known when it begins.
    pub(crate) quota_bytes: u64,
    /// The part of that which it asked for itself: it stays when the lease's changes.
    pub(crate) own_bytes: Option<u64>,
}

/// The leases of a server, with the physical GPUs of each.
#[derive(Debug)]
pub(crate) struct Leases {
    all: Growing<PlacedLease>,
    /// Tokens that open them beside those of the configuration.
    pub(crate) tokens: Tokens,
    /// What the configuration has let in.
    pub(super) admitted: Admitted,
}

/// A lease and where its virtual GPUs are.
#[derive(Clone, Debug)]
pub(crate) struct PlacedLease {
    /// The lease.
    pub(crate) lease: Lease,
    /// Its virtual GPUs in order, or why there are none.
    pub(crate) gpus: Result<Vec<PhysicalGpu>, Refusal>,
}

impl Lease {
    /// Reads a lease of the configuration, its token file included.
    pub(crate) fn from_config(config: &LeaseConfig) -> anyhow::Result<Self> {
        Ok(Self {
            name: config.name.clone(),
            class: config.class.clone(),
            openers: Arc::new(Mutex::new(Openers::from_config(config)?)),
            gpus: config.gpus.unwrap_or(1),
            on: config.on.clone(),
            live: Arc::new(Live::new(Self::terms_of(config))),
            sessions_max: config.sessions,
        })
    }

    /// What a lease of the configuration holds to begin with.
    pub(crate) fn terms_of(config: &LeaseConfig) -> LiveTerms {
        LiveTerms {
            memory: config.memory.map(|size| size.0),
            compute: config.compute,
            priority: config.priority.unwrap_or_default(),
            weight: config.weight.unwrap_or(WEIGHT_DEFAULT),
            state: LeaseState::Active,
        }
    }

    /// Whether it has what a key of the configuration says that cannot change.
    pub(crate) fn has_shape_of(&self, config: &LeaseConfig, key: &str) -> bool {
        match key {
            "gpus" => self.gpus == config.gpus.unwrap_or(1),
            "on" => self.on == config.on,
            "sessions" => self.sessions_max == config.sessions,
            _ => false,
        }
    }

    /// The lease of a server without a configuration: everything, for the holder of `token` and for
    /// the user who runs the server.
    pub(crate) fn everything(token: &str, uid: u32, gpus: u32) -> Self {
        Self {
            name: "default".into(),
            class: None,
            openers: Arc::new(Mutex::new(Openers {
                token: Some(digest(token)),
                uids: vec![uid],
                names: Vec::new(),
            })),
            gpus: gpus.max(1),
            on: None,
            live: Arc::new(Live::new(LiveTerms {
                memory: None,
                compute: ComputeRange::ANY,
                priority: Priority::Normal,
                weight: WEIGHT_DEFAULT,
                state: LeaseState::Active,
            })),
            sessions_max: None,
        }
    }

    /// What it holds now.
    pub(crate) fn terms(&self) -> LiveTerms {
        self.live.terms()
    }

    /// Changes what it holds.
    pub(crate) fn set_terms(&self, terms: LiveTerms) {
        self.live.set(terms);
    }

    /// Who opens it now.
    pub(crate) fn openers(&self) -> MutexGuard<'_, Openers> {
        // It is replaced whole: a panic elsewhere leaves it so.
        self.openers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the configuration names it no more.
    pub(crate) fn is_removed(&self) -> bool {
        self.terms().state == LeaseState::Removed
    }
}

impl Leases {
    /// Places every lease on the inventory. A lease that does not fit stays, and refuses its
    /// clients with the reason.
    pub(crate) fn new(leases: Vec<Lease>, inventory: &Inventory) -> Self {
        let mut committed = BTreeMap::new();
        let all = leases
            .into_iter()
            .map(|lease| PlacedLease::place(lease, inventory, &mut committed))
            .collect();
        Self {
            all: Growing::new(all),
            tokens: Tokens::default(),
            admitted: Admitted::default(),
        }
    }

    /// All of them, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PlacedLease> {
        self.all.iter()
    }

    /// Adds a lease; it is the last one then. One thread at a time adds.
    pub(crate) fn add(&self, placed: PlacedLease) -> Result<usize, Refusal> {
        self.all.push(placed).map_err(|placed| Refusal {
            cause: RefusalCause::CannotEnforce,
            message: format!(
                "lease `{}`: so many leases were added that the server must be started anew",
                placed.lease.name
            ),
        })
    }

    /// How many can be added.
    pub(crate) fn room(&self) -> usize {
        self.all.room()
    }

    /// Ends the sessions that the configuration lets in no more; how many there were.
    pub(crate) fn sweep(&self) -> usize {
        self.admitted.sweep(|session, opener| {
            let lease = &self.all[session.lease].lease;
            !lease.is_removed() && lease.openers().still(opener)
        })
    }

    /// What each lease is promised of the GPUs it is on, by its place in the configuration.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (LeaseId, Terms, Vec<u32>)> {
        self.all.iter().enumerate().map(|(i, placed)| {
            let terms = placed.lease.terms();
            let gpus = placed.gpus.as_deref().unwrap_or(&[]);
            let ordinals = gpus.iter().map(|gpu| gpu.ordinal).collect();
            (
                LeaseId(i as u32),
                terms.compute.terms(terms.priority),
                ordinals,
            )
        })
    }

    /// The lease that a client may open.
    pub(crate) fn authorise(
        &self,
        token: Option<&Token>,
        peer: &Peer,
    ) -> Result<&PlacedLease, Refusal> {
        self.opened_by(token, peer).map(|(placed, _)| placed)
    }

    /// Likewise, and what of its configuration opens it; none where a token made at run time does.
    fn opened_by(
        &self,
        token: Option<&Token>,
        peer: &Peer,
    ) -> Result<(&PlacedLease, Option<Opener>), Refusal> {
        let found = match token {
            Some(token) => self.by_token(token),
            None => self.in_force().find_map(|placed| {
                let opener = placed.lease.openers().admit(peer)?;
                Some((placed, Some(opener)))
            }),
        };
        found.ok_or_else(|| refuse_stranger(token.is_some(), peer))
    }

    fn in_force(&self) -> impl Iterator<Item = &PlacedLease> {
        self.all.iter().filter(|placed| !placed.lease.is_removed())
    }

    /// Compares with every lease, so that the time taken says nothing about which one is near.
    fn by_token(&self, token: &Token) -> Option<(&PlacedLease, Option<Opener>)> {
        if token.0.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let offered = digest(&token.0);
        let issued = self.tokens.find(&offered, unix_now());
        let mut found = issued.and_then(|opens| Some((self.by_name(&opens.lease)?, None)));
        let opener = Opener::Token(offered);
        for placed in self.in_force() {
            let same = placed.lease.openers().still(&opener);
            if same && found.is_none() {
                found = Some((placed, Some(opener.clone())));
            }
        }
        found
    }
}

impl Leases {
    /// The lease of this name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&PlacedLease> {
        self.in_force().find(|placed| placed.lease.name == name)
    }

    /// The token that was made at run time, if this is one.
    fn issued(&self, token: Option<&Token>) -> Option<Opens> {
        let token = token.filter(|token| token.0.len() <= TOKEN_BYTES_MAX)?;
        self.tokens.find(&digest(&token.0), unix_now())
    }

    /// What is asked for, within what the token allows of its lease.
    pub(crate) fn request(
        &self,
        token: Option<&Token>,
        placed: &PlacedLease,
        request: &Request,
    ) -> Result<Request, Refusal> {
        match self.issued(token) {
            Some(opens) => placed.within(&opens.scope, request),
            None => Ok(request.clone()),
        }
    }

    /// Enters a session under what opens its lease, and ends it when that is revoked.
    pub(crate) fn enter(
        &self,
        token: Option<&Token>,
        session: &Arc<SessionEntry>,
    ) -> Result<By, Refusal> {
        match self.issued(token) {
            Some(opens) => {
                self.tokens.enter(&opens, session)?;
                Ok(By::Token(opens.id))
            }
            // One of the configuration, or one that was revoked since.
            None => self
                .admitted
                .enter(session, || {
                    let (_, opener) = self.opened_by(token, &session.peer)?;
                    opener.ok_or_else(|| refuse_stranger(true, &session.peer))
                })
                .map(By::Configured),
        }
    }
}

impl PlacedLease {
    /// Places a lease beside those that are committed. One that does not fit has no GPUs, and the reason.
    pub(crate) fn place(
        lease: Lease,
        inventory: &Inventory,
        committed: &mut BTreeMap<u32, Promised>,
    ) -> Self {
        let terms = lease.terms();
        let wanted = Wanted {
            gpus: lease.gpus,
            on: lease.on.as_deref(),
            percent: terms.compute.min,
            memory_bytes: terms.memory,
        };
        let gpus = place(inventory, wanted, committed).map_err(|(cause, message)| Refusal {
            cause,
            message: format!("lease `{}`: {message}", lease.name),
        });
        Self { lease, gpus }
    }

    /// A request within the scope of a token. A lease that holds less by now lowers the scope.
    fn within(&self, scope: &Request, request: &Request) -> Result<Request, Refusal> {
        let terms = self.lease.terms();
        let memory = scope.memory_bytes;
        let memory = memory.map(|most| most.min(terms.memory.unwrap_or(most)));
        let compute = scope.compute_percent;
        let compute = compute.map(|most| most.min(terms.compute.max));
        let over = |what: &str| self.over(format!("more {what} requested than the token allows"));
        Ok(Request {
            gpus: lowered(scope.gpus, request.gpus).ok_or_else(|| over("GPUs"))?,
            memory_bytes: lowered(memory, request.memory_bytes).ok_or_else(|| over("memory"))?,
            compute_percent: lowered(compute, request.compute_percent)
                .ok_or_else(|| over("compute"))?,
        })
    }

    /// What a session gets: the lease, lowered by the request.
    pub(crate) fn grant(&self, request: &Request) -> Result<Vec<Grant>, Refusal> {
        let asks = Asks {
            request: request.clone(),
            lines: None,
        };
        self.grant_beside(&asks, &BTreeSet::new())
    }

    /// A request of a process that sees some of the GPUs it would have, by what its environment says.
    /// `profiles` are those of the physical GPUs.
    pub(crate) fn seeing(
        &self,
        request: Request,
        visible: &VisibleDevices,
        profiles: &[DeviceProfile],
    ) -> Result<Asks, Refusal> {
        if visible.is_default() {
            return Ok(Asks {
                request,
                lines: None,
            });
        }
        let grants = self.grant(&request)?;
        let devices: Vec<DeviceProfile> = grants
            .iter()
            .filter_map(|grant| profiles.get(grant.physical as usize).cloned())
            .collect();
        let chosen = visible.choose(&devices);
        if chosen.is_empty() {
            return Err(Refusal {
                cause: RefusalCause::UnknownGpu,
                message: format!(
                    "lease `{}`: CUDA_VISIBLE_DEVICES names none of its {} GPU(s)",
                    self.lease.name,
                    devices.len()
                ),
            });
        }
        let lines = chosen.into_iter().map(|place| grants[place].line).collect();
        Ok(Asks {
            request,
            lines: Some(lines),
        })
    }

    /// Likewise, of the physical GPUs that are not full: all that is asked for, or nothing.
    pub(crate) fn grant_beside(
        &self,
        asks: &Asks,
        full: &BTreeSet<u32>,
    ) -> Result<Vec<Grant>, Refusal> {
        let request = &asks.request;
        if self.lease.is_removed() {
            return Err(Refusal {
                cause: RefusalCause::Evicted,
                message: format!(
                    "lease `{}` was removed from the configuration",
                    self.lease.name
                ),
            });
        }
        if self.lease.terms().state == LeaseState::Ended {
            return Err(Refusal {
                cause: RefusalCause::Evicted,
                message: format!(
                    "lease `{}` was ended by the operator, who can resume it",
                    self.lease.name
                ),
            });
        }
        let gpus = self.gpus.as_ref().map_err(Clone::clone)?;
        self.compute_max(request)?;
        let wanted = request.gpus.map_or(gpus.len(), |n| n as usize);
        if wanted == 0 || wanted > gpus.len() {
            return Err(self.over(format!(
                "{wanted} GPUs requested, it holds {}; ask for fewer (--gpus, RIGEL_GPUS)",
                gpus.len()
            )));
        }
        let (lines, wanted): (Vec<usize>, usize) = match &asks.lines {
            None => ((0..gpus.len()).collect(), wanted),
            Some(lines) => (
                lines.iter().map(|line| *line as usize).collect(),
                lines.len(),
            ),
        };
        let free: Vec<_> = lines
            .into_iter()
            .filter_map(|line| Some((line, gpus.get(line)?)))
            .filter(|(_, gpu)| !full.contains(&gpu.ordinal))
            .take(wanted)
            .collect();
        if free.len() < wanted {
            return Err(Refusal {
                cause: RefusalCause::TooManySessions,
                message: format!(
                    "{wanted} GPUs are wanted, and {} of lease `{}` have room for one more session; wait \
                     for them (--wait 10m, RIGEL_WAIT)",
                    free.len(),
                    self.lease.name
                ),
            });
        }
        free.into_iter()
            .map(|(line, gpu)| self.grant_one(line, gpu, request))
            .collect()
    }

    fn grant_one(
        &self,
        line: usize,
        gpu: &PhysicalGpu,
        request: &Request,
    ) -> Result<Grant, Refusal> {
        let limit = self.memory_bytes(gpu);
        let quota_bytes = request.memory_bytes.unwrap_or(limit);
        if quota_bytes == 0 || quota_bytes > limit {
            return Err(self.over(format!(
                "{} of GPU memory requested, it holds {}; ask for less (--memory, RIGEL_MEMORY)",
                ByteSize(quota_bytes),
                ByteSize(limit)
            )));
        }
        Ok(Grant {
            line: line as u32,
            physical: gpu.ordinal,
            quota_bytes,
            own_bytes: request.memory_bytes,
        })
    }

    /// The lease's quota on one of its GPUs, which has so much.
    pub(crate) fn memory_bytes(&self, gpu: &PhysicalGpu) -> u64 {
        let memory = self.lease.terms().memory;
        memory.unwrap_or(gpu.memory_bytes)
    }

    /// The most GPU time that a session may have by its own request, in percent, besides the lease's.
    pub(crate) fn compute_max(&self, request: &Request) -> Result<u8, Refusal> {
        let held = self.lease.terms().compute.max;
        if request.compute_percent.is_none() {
            return Ok(100);
        }
        let wanted = request.compute_percent.unwrap_or(held);
        if wanted == 0 || wanted > held {
            return Err(self.over(format!(
                "{wanted} % of compute requested, it holds {held} %; ask for less (--compute, \
                 RIGEL_COMPUTE)"
            )));
        }
        Ok(wanted)
    }

    fn over(&self, what: String) -> Refusal {
        Refusal {
            cause: RefusalCause::QuotaExceeded,
            message: format!("lease `{}`: {what}", self.lease.name),
        }
    }
}

/// A new random token: 256 bits in hexadecimal.
pub(crate) fn random_token() -> anyhow::Result<String> {
    Ok(rigel_protocol::pool::to_hex(&random_bytes::<32>()?))
}

/// Bytes from the kernel's generator.
pub(crate) fn random_bytes<const N: usize>() -> anyhow::Result<[u8; N]> {
    use std::io::Read;
    let mut bytes = [0; N];
    let mut file = std::fs::File::open("/dev/urandom").context("open /dev/urandom")?;
    file.read_exact(&mut bytes).context("read /dev/urandom")?;
    Ok(bytes)
}

/// What is asked for, if it is no more than allowed; all that is allowed if nothing is asked for.
fn lowered<T: PartialOrd>(most: Option<T>, wanted: Option<T>) -> Option<Option<T>> {
    match (most, wanted) {
        (Some(most), Some(wanted)) if wanted > most => None,
        (most, None) => Some(most),
        (_, wanted) => Some(wanted),
    }
}

fn refuse_stranger(has_token: bool, peer: &Peer) -> Refusal {
    let message = match (has_token, peer) {
        (true, _) => {
            "the token is not one of this server's; check RIGEL_TOKEN or --token-file".into()
        }
        (false, Peer::Local { uid: GUEST, .. }) => {
            "a container needs a token; give it a device of `rigel cdi`, or `rigel hook`".into()
        }
        (false, Peer::Local { uid, .. }) => format!(
            "no lease admits user id {uid} without a token; set RIGEL_TOKEN or --token-file"
        ),
        (false, Peer::Remote { certificate, .. }) => match certificate {
            None => {
                "a token is needed, or a certificate; set RIGEL_TOKEN or --token-file, or --cert \
                     and --key"
                    .to_owned()
            }
            Some(certificate) => format!(
                "no lease admits the certificate of {} without a token; its names can be added to \
                 `certificates` of a lease",
                certificate.names.join(", ").escape_debug()
            ),
        },
    };
    Refusal {
        cause: RefusalCause::Unauthorized,
        message,
    }
}

#[cfg(test)]
mod tests;
