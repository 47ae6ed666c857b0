//! The configuration, read again while the server runs: on SIGHUP, or when the operator says so. Read
//! [`Configured::reload`] first.
//!
//! 1. Everything is read and checked before anything is changed: a bad file changes nothing.
//! 2. What the operator has changed since (`rigel lease set`) stays, unless the file's own words for it change.
//! 3. A lease that the file names no more ends its sessions, and so does one whose opener it names no more.
//!    A lease keeps its index for good; one that returns is the same one.
//! 4. What cannot change while the server runs is named, and stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::control::Refusal;
use serde::Serialize;
use toml::Table;

use super::admin::{self, refuse};
use super::books::{Books, LeaseBook};
use super::lease::{Lease, Leases, PlacedLease};
use super::live::{LeaseState, LiveTerms};
use super::openers::Openers;
use super::placement::{Inventory, Promised};
use super::server::Server;
use super::turns::Turns;
use crate::bytes::ByteSize;
use crate::config::{Config, LeaseConfig, ServerConfig};
use crate::percent::ComputeRange;

/// Reads the configuration as at the start: the file, and what the command line puts over it.
pub type Reread = dyn Fn() -> anyhow::Result<Config> + Send + Sync;

/// Keys of a lease that take effect at once.
const LEASE_LIVE: [&str; 9] = [
    "certificates",
    "compute",
    "memory",
    "priority",
    "token",
    "token_file",
    "token_sha256",
    "uids",
    "weight",
];
/// Keys of a lease that only say how many entries it stands for: they are added and removed.
const LEASE_SHAPE: [&str; 2] = ["instances", "name"];
/// Keys of the server that take effect at once.
const SERVER_LIVE: [&str; 8] = [
    "certificate",
    "client_ca",
    "drain_seconds",
    "failures_per_minute",
    "key",
    "memory_reserve",
    "operators",
    "require_certificate",
];

/// The configuration that is in force. Owned by the server; one reload at a time.
pub(crate) struct Configured {
    loaded: Mutex<Config>,
    reread: Option<Box<Reread>>,
}

/// What a reload has done.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Reloaded {
    added: Vec<String>,
    removed: Vec<String>,
    /// Leases, and which of their keys.
    changed: BTreeMap<String, Vec<String>>,
    /// Keys of the server.
    server: Vec<String>,
    /// What the file says otherwise and stays as it is until the server is started anew.
    needs_restart: Vec<String>,
    sessions_ended: usize,
}

/// What leases live in.
#[derive(Clone, Copy)]
struct Parts<'a> {
    leases: &'a Leases,
    books: &'a Books,
    turns: &'a Turns,
    inventory: &'a Inventory,
}

/// What is to become of the leases: checked, and nothing of it done.
#[derive(Default)]
struct Plan {
    added: Vec<(PlacedLease, LeaseBook)>,
    kept: Vec<Kept>,
    removed: Vec<usize>,
    needs_restart: Vec<String>,
}

/// A lease that stays.
struct Kept {
    index: usize,
    terms: LiveTerms,
    openers: Openers,
    keys: Vec<String>,
}

impl std::fmt::Debug for Configured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Configured").finish_non_exhaustive()
    }
}

impl Configured {
    /// In force from the start.
    pub(crate) fn new(config: &Config, reread: Option<Box<Reread>>) -> Self {
        Self {
            loaded: Mutex::new(config.clone()),
            reread,
        }
    }

    /// The server's own settings, now.
    pub(crate) fn server(&self) -> ServerConfig {
        self.lock().server.clone()
    }

    /// Reads the configuration again and puts it in force, or says why not. `who` asks for it.
    pub(crate) fn reload(
        &self,
        server: &Server,
        who: serde_json::Value,
    ) -> Result<Reloaded, Refusal> {
        let Some(reread) = &self.reread else {
            return Err(refuse(
                "the server was started without a configuration file: there is nothing to read again"
                    .into(),
            ));
        };
        let mut loaded = self.lock();
        let _alone = server.admin.alone();
        let config = reread().map_err(|error| refuse(format!("{error:#}")))?;
        let parts = Parts {
            leases: &server.leases,
            books: &server.books,
            turns: &server.turns,
            inventory: &server.inventory,
        };
        let plan = plan(parts, &loaded, &config).map_err(refuse)?;
        let door = server.door(&config.server);
        let door = door.map_err(|error| refuse(format!("{error:#}")))?;
        let (live, mut needs_restart) = server_keys(&loaded, &config);
        let mut done = carry_out(parts, plan)?;
        server.put_in_force(&config.server, door.as_ref());
        needs_restart.append(&mut done.needs_restart);
        done.needs_restart = needs_restart;
        done.server = live;
        done.tell();
        let what = serde_json::to_value(&done).unwrap_or_default();
        server.record("reloaded", who, what);
        *loaded = config;
        drop(loaded);
        // There may be room for somebody now, or none any more.
        server.line.wake();
        Ok(done)
    }

    fn lock(&self) -> MutexGuard<'_, Config> {
        // It is replaced whole: a panic leaves it so.
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reloaded {
    fn tell(&self) {
        tracing::info!(
            added = ?self.added,
            removed = ?self.removed,
            changed = ?self.changed,
            server = ?self.server,
            sessions_ended = self.sessions_ended,
            "configuration read again"
        );
        for what in &self.needs_restart {
            tracing::warn!("{what} changes only when the server is started anew");
        }
    }
}

/// The keys of the server that differ: those that take effect, and those that do not.
fn server_keys(before: &Config, after: &Config) -> (Vec<String>, Vec<String>) {
    let of = |config: &Config| match config.written.get("server") {
        Some(toml::Value::Table(server)) => server.clone(),
        _ => Table::new(),
    };
    let differing = differing(&of(before), &of(after));
    let (live, restart): (Vec<_>, Vec<_>) = differing
        .into_iter()
        .partition(|key| SERVER_LIVE.contains(&key.as_str()));
    let restart = restart.iter().map(|key| format!("[server] {key}"));
    (live, restart.collect())
}

/// The keys whose values differ.
fn differing(before: &Table, after: &Table) -> Vec<String> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .cloned()
        .collect()
}

/// A lease of a configuration, and its table in the file.
fn entries(config: &Config) -> BTreeMap<String, (LeaseConfig, Table)> {
    let tables = match config.written.get("lease") {
        Some(toml::Value::Array(tables)) => tables.as_slice(),
        _ => &[],
    };
    let table = |name: &str| {
        let named = |value: &&toml::Value| value.get("name").and_then(|v| v.as_str()) == Some(name);
        let found = tables.iter().find(named);
        found.and_then(toml::Value::as_table).cloned()
    };
    config
        .each_lease()
        .map(|lease| {
            let written = table(lease.class.as_ref().unwrap_or(&lease.name));
            let name = lease.name.clone();
            (name, (lease, written.unwrap_or_default()))
        })
        .collect()
}

fn plan(parts: Parts<'_>, before: &Config, after: &Config) -> Result<Plan, String> {
    let mut plan = Plan::default();
    if after.leases.is_empty() {
        return match before.leases.is_empty() {
            true => Ok(plan),
            false => Err(
                "the file names no lease any more; a server that runs keeps at least one".into(),
            ),
        };
    }
    let (old, new) = (entries(before), entries(after));
    let mut strange = Vec::new();
    for (name, (config, table)) in &new {
        let found = parts.leases.iter().position(|one| one.lease.name == *name);
        match found {
            Some(index) => {
                let kept = keep(parts, index, old.get(name), (config, table))?;
                plan.needs_restart.extend(kept.1);
                plan.kept.push(kept.0);
            }
            None => strange.push(Lease::from_config(config).map_err(|error| format!("{error:#}"))?),
        }
    }
    for (index, placed) in parts.leases.iter().enumerate() {
        if !placed.lease.is_removed() && !new.contains_key(&placed.lease.name) {
            plan.removed.push(index);
        }
    }
    add(parts, &mut plan, strange)?;
    Ok(plan)
}

/// What becomes of a lease that is there already, and what of its entry must wait for a restart.
fn keep(
    parts: Parts<'_>,
    index: usize,
    before: Option<&(LeaseConfig, Table)>,
    (config, table): (&LeaseConfig, &Table),
) -> Result<(Kept, Vec<String>), String> {
    let book = &parts.books.leases()[index];
    let lease = &book.placed.lease;
    let empty = Table::new();
    let was = before
        .filter(|_| !lease.is_removed())
        .map_or(&empty, |(_, table)| table);
    let keys = differing(was, table);
    let has = |key: &str| keys.iter().any(|one| one == key);
    let mut terms = lease.terms();
    let written = Lease::terms_of(config);
    if lease.is_removed() {
        terms = written;
    }
    if has("memory") {
        terms.memory = written.memory;
    }
    if has("compute") {
        terms.compute = written.compute;
    }
    if has("priority") {
        terms.priority = written.priority;
    }
    if has("weight") {
        terms.weight = written.weight;
    }
    for gpu in book.placed.gpus.as_deref().unwrap_or(&[]) {
        let wanted = terms.memory.unwrap_or(gpu.memory_bytes);
        if wanted > gpu.memory_bytes {
            return Err(format!(
                "lease `{}`: {} of memory is more than GPU {} has ({})",
                lease.name,
                ByteSize(wanted),
                gpu.ordinal,
                ByteSize(gpu.memory_bytes)
            ));
        }
    }
    let openers = Openers::from_config(config).map_err(|error| format!("{error:#}"))?;
    let fixed = |key: &&String| {
        let key = key.as_str();
        // One that returns is judged by what it has, not by what its entry once was.
        let differs = !lease.is_removed() || !lease.has_shape_of(config, key);
        differs && !LEASE_LIVE.contains(&key) && !LEASE_SHAPE.contains(&key)
    };
    let restart = keys.iter().filter(fixed);
    let restart = restart.map(|key| format!("lease `{}`: {key}", lease.name));
    let restart = restart.collect();
    let live = |key: &String| LEASE_LIVE.contains(&key.as_str());
    let kept = Kept {
        index,
        terms,
        openers,
        keys: keys.into_iter().filter(live).collect(),
    };
    Ok((kept, restart))
}

/// Places the leases that come, beside what those that stay are promised.
fn add(parts: Parts<'_>, plan: &mut Plan, strange: Vec<Lease>) -> Result<(), String> {
    let mut committed = BTreeMap::<u32, Promised>::new();
    for kept in &plan.kept {
        let placed = &parts.books.leases()[kept.index].placed;
        for gpu in placed.gpus.as_deref().unwrap_or(&[]) {
            let promised = committed.entry(gpu.ordinal).or_default();
            promised.virtual_gpus += 1;
            promised.percent += u32::from(kept.terms.compute.min);
        }
    }
    if let Some((gpu, promised)) = committed.iter().find(|(_, one)| one.percent > 100) {
        return Err(format!(
            "the leases on GPU {gpu} would be promised {} % of it; lower a guarantee",
            promised.percent
        ));
    }
    if strange.len() > parts.leases.room() {
        return Err("so many leases were added that the server must be started anew".into());
    }
    for lease in strange {
        let placed = PlacedLease::place(lease, parts.inventory, &mut committed);
        if let Err(refusal) = &placed.gpus {
            return Err(refusal.message.clone());
        }
        let book = parts.books.prepare(&placed);
        plan.added
            .push((placed, book.map_err(|error| format!("{error:#}"))?));
    }
    Ok(())
}

/// Does what was planned. Nothing of it can fail but what was checked.
fn carry_out(parts: Parts<'_>, plan: Plan) -> Result<Reloaded, Refusal> {
    let mut done = Reloaded {
        needs_restart: plan.needs_restart,
        ..Reloaded::default()
    };
    for index in plan.removed {
        let lease = &parts.books.leases()[index].placed.lease;
        let terms = LiveTerms {
            compute: ComputeRange::ANY,
            state: LeaseState::Removed,
            ..lease.terms()
        };
        done.removed.push(lease.name.clone());
        admin::put_in_force(parts.books, parts.turns, index, terms);
        let reason = format!("lease `{}` was removed from the configuration", lease.name);
        done.sessions_ended += admin::end_sessions(parts.books, index, &reason);
    }
    for Kept {
        index,
        mut terms,
        openers,
        keys,
    } in plan.kept
    {
        let lease = &parts.books.leases()[index].placed.lease;
        if terms.state == LeaseState::Removed {
            terms.state = LeaseState::Active;
        }
        if lease.is_removed() {
            done.added.push(lease.name.clone());
        } else if !keys.is_empty() {
            done.changed.insert(lease.name.clone(), keys);
        }
        *lease.openers() = openers;
        admin::put_in_force(parts.books, parts.turns, index, terms);
    }
    for (placed, book) in plan.added {
        done.added.push(placed.lease.name.clone());
        let terms = placed.lease.terms();
        // The book first: whoever finds the lease finds its book.
        let index = parts.books.add(book);
        parts.leases.add(placed)?;
        if let Some(index) = index {
            admin::put_in_force(parts.books, parts.turns, index, terms);
        }
    }
    done.sessions_ended += parts.leases.sweep();
    Ok(done)
}

#[cfg(test)]
mod tests;
