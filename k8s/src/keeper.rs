//! Which container has which token: made when it starts, ended when it is gone. Read [`Keeper`] first.
//!
//! 1. Whatever makes or ends tokens happens under one lock, and a look asks under it who there is. So a
//!    container that starts is never taken for one that is gone: the kubelet named it before.
//! 2. A token is ended when its slots are given to somebody else, when its container starts anew, or when the
//!    kubelet has not named its container for some looks. A container that has sessions open is believed to
//!    live for longer: a kubelet that has just started does not know its pods yet.
//! 3. A container that the kubelet names again, or whose token the pool has lost, gets another, into the
//!    folder it sees. So a mistake by rule 2, and a pool that forgot everything, do not need a restart of it.
//! 4. Tokens of this node that no record names were made by a plugin that died meanwhile: they are ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, watch};

use crate::PluginError;
use crate::answer::{self, AUTHORITY};
use crate::api::ContainerAllocateResponse;
use crate::install::Installed;
use crate::kubelet::{Container, Holder, Kubelet};
use crate::pool::{Granted, Issued, Pool, PoolError, Scope};
use crate::resource::{self, Offer, Slot};
use crate::settings::Settings;
use crate::slots::{Record, Slots, TOKEN};

/// Longest note of a token.
const NOTE_BYTES_MAX: usize = 256;
/// A container with open sessions may be missing for so many times as many looks.
const PATIENCE: u32 = 60;
/// Between questions for a container that starts.
const ASK_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// Keeps containers and tokens together.
#[derive(Debug)]
pub(crate) struct Keeper<P> {
    settings: Settings,
    installed: Installed,
    kubelet: Arc<Kubelet>,
    pool: Arc<P>,
    offer: watch::Receiver<Offer>,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    slots: Slots,
    /// At how many looks in a row the container of a slot was missing.
    missing: BTreeMap<Slot, u32>,
}

/// What is to be done after a look.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The container is gone.
    End(Slot),
    /// It lives, and its token does not.
    Renew(Slot),
    /// The token is nobody's.
    Revoke(String),
}

impl<P: Pool> Keeper<P> {
    pub(crate) fn new(
        settings: &Settings,
        installed: Installed,
        kubelet: Arc<Kubelet>,
        pool: Arc<P>,
        offer: watch::Receiver<Offer>,
    ) -> Result<Self, PluginError> {
        Ok(Self {
            settings: settings.clone(),
            installed,
            kubelet,
            pool,
            offer,
            kept: Mutex::new(Kept {
                slots: Slots::open(&settings.folder)?,
                missing: BTreeMap::new(),
            }),
        })
    }

    /// A container gets these devices: whoever had them has them no more.
    pub(crate) async fn allocate(
        &self,
        ids: &[String],
    ) -> Result<ContainerAllocateResponse, PluginError> {
        let wanted = resource::slots(ids)?;
        let lowest = lowest(&wanted)?;
        let mut kept = self.kept.lock().await;
        for slot in kept.slots.holding(&wanted) {
            if let Err(error) = self.end_token(&kept.slots.records()[&slot]).await {
                // A pod that is refused here has failed for good. The token is nobody's now, and ends
                // when the pool answers.
                tracing::warn!(
                    ?slot,
                    "the token of who had the slot lives on for now: {error}"
                );
            }
            kept.slots.forget(slot)?;
            kept.missing.remove(&slot);
        }
        let folder = kept.slots.folder(lowest)?;
        Ok(answer::allocation(&self.settings, &self.installed, &folder))
    }

    /// The container with these devices is about to start.
    pub(crate) async fn pre_start(&self, ids: &[String]) -> Result<(), PluginError> {
        let wanted = resource::slots(ids)?;
        let lowest = lowest(&wanted)?;
        // Others are not kept waiting for it: a container that is found now is named at any later look.
        let holder = self.find(&wanted).await?;
        let defaults = &self.settings.defaults;
        let part = || self.offer.borrow().part_bytes(self.settings.memory_unit);
        let memory = defaults.memory_bytes.or_else(part);
        let scope = scope(&holder, memory, defaults.compute_percent)?;
        let mut kept = self.kept.lock().await;
        for slot in kept.slots.holding(&wanted) {
            self.end_token(&kept.slots.records()[&slot]).await?;
            kept.slots.forget(slot)?;
        }
        kept.missing.remove(&lowest);
        let record = Record {
            container: holder.container,
            slots: wanted,
            scope,
            token: None,
        };
        self.give(&mut kept.slots, lowest, record).await
    }

    /// Compares who there is with who has tokens, and puts right what differs.
    pub(crate) async fn look(&self) -> Result<(), PluginError> {
        let mut kept = self.kept.lock().await;
        let holders = self.kubelet.holders().await?;
        let issued = self.asked(|pool| pool.list()).await?;
        let Kept { slots, missing } = &mut *kept;
        let steps = decide(
            &self.prefix(),
            self.settings.pace.missing,
            slots.records(),
            &holders,
            &issued,
            missing,
        );
        for step in steps {
            match step {
                Step::End(slot) => {
                    let record = &slots.records()[&slot];
                    tracing::info!(container = %record.container, "the container is gone");
                    self.end_token(record).await?;
                    slots.end(slot)?;
                }
                Step::Renew(slot) => {
                    let record = slots.records()[&slot].clone();
                    tracing::warn!(container = %record.container, "its token is lost; it gets another");
                    self.give(slots, slot, record).await?;
                }
                Step::Revoke(id) => {
                    tracing::warn!(token = id, "a token is nobody's; it is ended");
                    self.asked(move |pool| pool.revoke(&id)).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes a token, and shows it to the container.
    async fn give(&self, slots: &mut Slots, slot: Slot, record: Record) -> Result<(), PluginError> {
        let scope = record.scope;
        let note = self.note(&record.container);
        let Granted { id, token } = self.asked(move |pool| pool.grant(scope, &note)).await?;
        tracing::info!(container = %record.container, token = id, ?scope, "a container has a token");
        let record = Record {
            token: Some(id),
            ..record
        };
        slots.keep(slot, record)?;
        let (settings, authority) = answer::client_file(&self.settings.pool)?;
        if let Some(file) = authority {
            let text = std::fs::read(&file).map_err(PluginError::file("read", &file))?;
            slots.show(slot, AUTHORITY, &text)?;
        }
        slots.show(slot, "client.toml", settings.as_bytes())?;
        slots.show(slot, TOKEN, format!("{token}\n").as_bytes())
    }

    async fn end_token(&self, record: &Record) -> Result<(), PluginError> {
        let Some(id) = record.token.clone() else {
            return Ok(());
        };
        self.asked(move |pool| pool.revoke(&id)).await
    }

    /// The one container that holds exactly these slots. The kubelet may name it a moment later.
    async fn find(&self, slots: &BTreeSet<Slot>) -> Result<Holder, PluginError> {
        let deadline = Instant::now() + self.settings.pace.find;
        loop {
            let missing = match self.kubelet.holders().await {
                Ok(holders) => match only(holders, slots)? {
                    Some(holder) => return Ok(holder),
                    None => PluginError::Holder(
                        "the kubelet names no container that holds exactly these devices".into(),
                    ),
                },
                Err(error) => error,
            };
            if Instant::now() >= deadline {
                return Err(missing);
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Asks the pool on a thread of its own.
    async fn asked<T: Send + 'static>(
        &self,
        question: impl FnOnce(&P) -> Result<T, PoolError> + Send + 'static,
    ) -> Result<T, PluginError> {
        let pool = Arc::clone(&self.pool);
        let answer = tokio::task::spawn_blocking(move || question(&pool)).await?;
        Ok(answer?)
    }

    /// How notes of this node's tokens begin.
    fn prefix(&self) -> String {
        format!("k8s {} ", self.settings.node)
    }

    fn note(&self, container: &Container) -> String {
        let odd = |c: char| if c.is_control() { '?' } else { c };
        let mut note: String = format!("{}{container}", self.prefix())
            .chars()
            .map(odd)
            .collect();
        while note.len() > NOTE_BYTES_MAX {
            note.pop();
        }
        note
    }
}

fn lowest(slots: &BTreeSet<Slot>) -> Result<Slot, PluginError> {
    let first = slots.first().copied();
    first.ok_or_else(|| PluginError::Request("no devices are no container's".into()))
}

/// The holder of exactly these slots; two of them are a mistake that nobody may profit from.
fn only(holders: Vec<Holder>, slots: &BTreeSet<Slot>) -> Result<Option<Holder>, PluginError> {
    let mut found = holders.into_iter().filter(|holder| holder.slots == *slots);
    let first = found.next();
    match (&first, found.next()) {
        (Some(one), Some(other)) => Err(PluginError::Holder(format!(
            "the kubelet says that {} and {} hold the same devices",
            one.container, other.container
        ))),
        _ => Ok(first),
    }
}

/// What a container may hold on each of its virtual GPUs: an equal part of what its pod asked for.
fn scope(
    holder: &Holder,
    default_bytes: Option<u64>,
    default_percent: u8,
) -> Result<Scope, PluginError> {
    let gpus = holder.slots.len() as u32;
    let little = |what: &str| {
        PluginError::Holder(format!(
            "{} has less than 1 {what} for each of its {gpus} virtual GPUs",
            holder.container
        ))
    };
    let asked = holder.memory_bytes.map(|bytes| bytes / u64::from(gpus));
    let bytes = asked.or(default_bytes).unwrap_or_default();
    // Whole MiB, as pods count.
    let memory_bytes = bytes >> 20 << 20;
    if memory_bytes == 0 {
        return Err(little("MiB of memory"));
    }
    let asked = holder.compute_percent.map(|percent| percent / gpus);
    let percent = asked.unwrap_or(u32::from(default_percent)).min(100);
    if percent == 0 {
        return Err(little("percent of compute"));
    }
    Ok(Scope {
        gpus,
        memory_bytes,
        compute_percent: percent as u8,
    })
}

/// What differs between those who hold devices, those who are on record, and the tokens there are.
fn decide(
    prefix: &str,
    patience: u32,
    records: &BTreeMap<Slot, Record>,
    holders: &[Holder],
    issued: &[Issued],
    missing: &mut BTreeMap<Slot, u32>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut known = BTreeSet::new();
    missing.retain(|slot, _| records.contains_key(slot));
    for (slot, record) in records {
        let token = record.token.as_ref();
        known.extend(token);
        let live = token.and_then(|id| issued.iter().find(|one| one.id == *id));
        let is_there =
            |holder: &Holder| holder.container == record.container && holder.slots == record.slots;
        if holders.iter().any(is_there) {
            missing.remove(slot);
            if live.is_none() {
                steps.push(Step::Renew(*slot));
            }
            continue;
        }
        let times = missing.entry(*slot).or_default();
        *times = times.saturating_add(1);
        let enough = match live.is_some_and(|one| one.sessions > 0) {
            true => patience.saturating_mul(PATIENCE),
            false => patience,
        };
        if token.is_some() && *times >= enough {
            steps.push(Step::End(*slot));
        }
    }
    let nobodys = issued.iter().filter(|one| one.note.starts_with(prefix));
    let nobodys = nobodys.filter(|one| !known.contains(&one.id));
    steps.extend(nobodys.map(|one| Step::Revoke(one.id.clone())));
    steps
}

#[cfg(test)]
mod tests;
