//! User ids of workers: one each, from a range that nobody else has, where the server has the right to give
//! them. Read [`WorkerUsers`] first.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail, ensure};
use nix::unistd::{Gid, setfsgid};

use crate::worker::confine::WorkerUser;

/// How many ids there are: far more than workers.
const IDS: u32 = 1 << 16;

/// CAP_SETGID and CAP_SETUID as bits of `/proc/self/status`.
const CAPABILITIES: u64 = 1 << 6 | 1 << 7;

/// The ids, and which are in use.
#[derive(Debug)]
pub(crate) struct WorkerUsers {
    base: u32,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    ids: BTreeSet<u32>,
    next: u32,
}

/// A user that one worker has until this is dropped.
#[derive(Debug)]
pub(crate) struct Given {
    users: Arc<WorkerUsers>,
    id: u32,
}

impl WorkerUsers {
    /// Ids from this one on, of which some are taken by workers of an earlier server; or why the server
    /// cannot give them.
    pub(crate) fn new(base: u32, taken: &[u32]) -> anyhow::Result<Arc<Self>> {
        ensure!(
            base.checked_add(IDS).is_some_and(|end| end < u32::MAX),
            "there are no {IDS} user ids from {base} on"
        );
        let status = fs::read_to_string("/proc/self/status").context("read /proc/self/status")?;
        let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        let held = held.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
        ensure!(
            held.unwrap_or(0) & CAPABILITIES == CAPABILITIES,
            "the server lacks CAP_SETUID and CAP_SETGID"
        );
        for map in ["/proc/self/uid_map", "/proc/self/gid_map"] {
            let text = fs::read_to_string(map).with_context(|| format!("read {map}"))?;
            ensure!(
                text.lines().any(|line| covers(line, base)),
                "{map} does not have the ids from {base} on"
            );
        }
        let ids = taken.iter().copied();
        let ids = ids.filter(|id| (base..base + IDS).contains(id)).collect();
        Ok(Arc::new(Self {
            base,
            taken: Mutex::new(Taken { ids, next: 0 }),
        }))
    }

    /// The user of a worker that an earlier server has started, if it is one of these.
    pub(crate) fn keep(self: &Arc<Self>, id: u32) -> Option<Given> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.ids.contains(&id).then(|| Given {
            users: Arc::clone(self),
            id,
        })
    }

    /// A user for a worker.
    pub(crate) fn give(self: &Arc<Self>) -> anyhow::Result<Given> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was given back last is the last to be given again.
        let ids = (0..IDS).map(|i| self.base + (taken.next + i) % IDS);
        let Some(id) = ids.into_iter().find(|id| !taken.ids.contains(id)) else {
            bail!("all user ids of workers are in use");
        };
        taken.ids.insert(id);
        taken.next = (id - self.base + 1) % IDS;
        Ok(Given {
            users: Arc::clone(self),
            id,
        })
    }

    /// Makes the file through which soft GPUs are shared, for all workers and nobody else.
    pub(crate) fn make_shared_file(&self, path: &Path) -> anyhow::Result<()> {
        let is_ours = |path: &Path| {
            let found = fs::symlink_metadata(path).ok()?;
            let ours = found.is_file()
                && found.uid() == nix::unistd::geteuid().as_raw()
                && found.gid() == self.base;
            Some(ours)
        };
        match is_ours(path) {
            Some(true) => return Ok(()),
            Some(false) => {
                fs::remove_file(path).with_context(|| format!("replace {}", path.display()))?;
            }
            None => {}
        }
        // The group of a new file; of this thread alone, and only meanwhile.
        let before = setfsgid(Gid::from_raw(self.base));
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o660)
            .open(path);
        setfsgid(before);
        let file = made.with_context(|| format!("make {}", path.display()))?;
        file.set_permissions(fs::Permissions::from_mode(0o660))
            .with_context(|| format!("let workers use {}", path.display()))
    }
}

impl Given {
    /// The user.
    pub(crate) fn user(&self) -> WorkerUser {
        WorkerUser {
            uid: self.id,
            gid: self.users.base,
        }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        let taken = &self.users.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.ids.remove(&self.id);
    }
}

/// Whether a line of a map of ids has all of them.
fn covers(line: &str, base: u32) -> bool {
    let mut numbers = line.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(first)), _, Some(Ok(count))) = (numbers.next(), numbers.next(), numbers.next())
    else {
        return false;
    };
    first <= u64::from(base) && u64::from(base) + u64::from(IDS) <= first + count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(base: u32) -> Arc<WorkerUsers> {
        Arc::new(WorkerUsers {
            base,
            taken: Mutex::default(),
        })
    }

    #[test]
    fn no_two_workers_have_one_user() {
        let users = users(1000);
        let (one, two) = (users.give().unwrap(), users.give().unwrap());
        assert_eq!((one.user().uid, two.user().uid), (1000, 1001));
        assert_eq!(one.user().gid, two.user().gid);
        drop(one);
        assert_eq!(users.give().unwrap().user().uid, 1002, "not at once again");
    }

    #[test]
    fn user_of_an_earlier_worker_is_given_to_nobody_until_that_has_ended() {
        let users = Arc::new(WorkerUsers {
            base: 1000,
            taken: Mutex::new(Taken {
                ids: [1000, 1001].into(),
                next: 0,
            }),
        });
        let kept = users.keep(1001).unwrap();
        assert!(users.keep(5).is_none());
        assert_eq!(users.give().unwrap().user().uid, 1002);
        drop(kept);
        let all: Vec<_> = (0..IDS - 2).map(|_| users.give().unwrap()).collect();
        assert!(all.iter().any(|given| given.id == 1001));
    }

    #[test]
    fn map_covers_what_lies_in_it() {
        for (line, base, expected) in [
            ("0 0 4294967295", 1_900_000_000, true),
            ("0 1000 1", 1_900_000_000, false),
            ("0 100000 65536", 0, true),
            ("0 100000 65536", 1, false),
            ("", 0, false),
        ] {
            assert_eq!(covers(line, base), expected, "{line}");
        }
    }
}
