//! The folders that containers see as `/run/rigel`, and what the plugin must know after its own restart:
//! which container has which token. Read [`Slots`] first.
//!
//! ```text
//! FOLDER/                 0700: nobody on the host reaches what is below, containers do by their mounts
//!   lib/                  the libraries, see `install`
//!   records/vgpu-3.json   whose slot 3 is (and others of the same container), and the token's name
//!   slots/vgpu-3/         what that container sees: client.toml, token
//! ```
//!
//! 1. A slot's folder is never removed or replaced: it may be mounted in a container that runs. Its files are
//!    replaced by renaming, and so appear in the container whole.
//! 2. A container's folder and record are those of its lowest slot.
//! 3. A record is on disk before the token is in the container's folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::PluginError;
use crate::kubelet::Container;
use crate::pool::Scope;
use crate::resource::{Resource, SLOTS_MAX, Slot};

/// Longest record.
const RECORD_BYTES_MAX: u64 = 1 << 20;
/// The token's name in a container's folder.
pub(crate) const TOKEN: &str = "token";

/// What the plugin knows of its slots.
#[derive(Debug)]
pub(crate) struct Slots {
    folder: PathBuf,
    records: BTreeMap<Slot, Record>,
}

/// Whose slots these are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The container.
    pub(crate) container: Container,
    /// Its slots.
    pub(crate) slots: BTreeSet<Slot>,
    /// What it may hold.
    pub(crate) scope: Scope,
    /// The name of its token; absent: it was ended.
    pub(crate) token: Option<String>,
}

impl Slots {
    /// What is known from before.
    pub(crate) fn open(folder: &Path) -> Result<Self, PluginError> {
        for part in ["records", "slots"] {
            prepare(&folder.join(part))?;
        }
        let mut slots = Self {
            folder: folder.to_owned(),
            records: BTreeMap::new(),
        };
        for number in 0..SLOTS_MAX {
            let slot = Slot(number);
            match slots.read(slot) {
                Ok(Some(record)) => drop(slots.records.insert(slot, record)),
                Ok(None) => {}
                Err(error) => tracing::error!("a slot counts as nobody's: {error}"),
            }
        }
        Ok(slots)
    }

    /// All records, by the lowest slot.
    pub(crate) fn records(&self) -> &BTreeMap<Slot, Record> {
        &self.records
    }

    /// Those that hold any of these slots.
    pub(crate) fn holding(&self, slots: &BTreeSet<Slot>) -> Vec<Slot> {
        let holds = |record: &Record| !record.slots.is_disjoint(slots);
        let found = self.records.iter().filter(|(_, record)| holds(record));
        found.map(|(slot, _)| *slot).collect()
    }

    /// The folder of a slot, made if it is missing.
    pub(crate) fn folder(&self, slot: Slot) -> Result<PathBuf, PluginError> {
        let folder = self.folder.join("slots").join(Resource::Vgpu.id(slot.0));
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(&folder);
        made.map_err(PluginError::file("make", &folder))?;
        // Whatever the process's mask is: the container's user must pass.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        let passable = std::fs::set_permissions(&folder, mode);
        passable.map_err(PluginError::file("open to containers", &folder))?;
        Ok(folder)
    }

    /// Notes whose slots these are.
    pub(crate) fn keep(&mut self, slot: Slot, record: Record) -> Result<(), PluginError> {
        let path = self.record(slot);
        let text = serde_json::to_vec(&record).map_err(|error| PluginError::Record {
            path: path.clone(),
            why: error.to_string(),
        })?;
        replace(&path, 0o600, &text)?;
        self.records.insert(slot, record);
        Ok(())
    }

    /// Writes a file into the folder of a slot.
    pub(crate) fn show(&self, slot: Slot, name: &str, text: &[u8]) -> Result<(), PluginError> {
        // Any user of the container may read it; nobody else sees the folder.
        replace(&self.folder(slot)?.join(name), 0o444, text)
    }

    /// Takes a token out of the folder of a slot, and off its record.
    pub(crate) fn end(&mut self, slot: Slot) -> Result<(), PluginError> {
        remove(&self.folder(slot)?.join(TOKEN))?;
        let Some(mut record) = self.records.get(&slot).cloned() else {
            return Ok(());
        };
        record.token = None;
        self.keep(slot, record)
    }

    /// Forgets whose a slot was.
    pub(crate) fn forget(&mut self, slot: Slot) -> Result<(), PluginError> {
        remove(&self.folder(slot)?.join(TOKEN))?;
        remove(&self.record(slot))?;
        self.records.remove(&slot);
        Ok(())
    }

    fn record(&self, slot: Slot) -> PathBuf {
        let name = format!("{}.json", Resource::Vgpu.id(slot.0));
        self.folder.join("records").join(name)
    }

    fn read(&self, slot: Slot) -> Result<Option<Record>, PluginError> {
        let path = self.record(slot);
        let bad = |why: String| PluginError::Record {
            path: path.clone(),
            why,
        };
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Ok(found) if found.len() > RECORD_BYTES_MAX => {
                return Err(bad("it is too long".into()));
            }
            _ => {}
        }
        let text = std::fs::read(&path).map_err(PluginError::file("read", &path))?;
        let record: Record =
            serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        match record.slots.first() {
            Some(first) if *first == slot => Ok(Some(record)),
            _ => Err(bad("it is another slot's".into())),
        }
    }
}

/// A folder that nobody else on the host may pass, made if it is missing.
pub(crate) fn prepare(folder: &Path) -> Result<(), PluginError> {
    let make = || {
        std::fs::create_dir_all(folder)?;
        // It may have been made by somebody else before: by the kubelet, for a volume.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(folder, mode)
    };
    make().map_err(PluginError::file("make", folder))
}

/// Writes a file so that a reader sees the old one or the new one, whole.
pub(crate) fn replace(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), PluginError> {
    let staged = path.with_extension("new");
    remove(&staged)?;
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&staged)?;
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&staged, path)
    };
    write().map_err(PluginError::file("write", path))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), PluginError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(PluginError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    fn record(slots: &[u32]) -> Record {
        Record {
            container: Container {
                namespace: "ns".into(),
                pod: "p".into(),
                name: "c".into(),
            },
            slots: slots.iter().copied().map(Slot).collect(),
            scope: Scope {
                gpus: 1,
                memory_bytes: 5,
                compute_percent: 100,
            },
            token: Some("t1".into()),
        }
    }

    #[test]
    fn records_outlive_the_plugin() {
        let folder = tempfile::tempdir().unwrap();
        let mut slots = Slots::open(folder.path()).unwrap();
        slots.keep(Slot(3), record(&[3, 7])).unwrap();
        slots.keep(Slot(5), record(&[5])).unwrap();
        slots.end(Slot(5)).unwrap();
        let again = Slots::open(folder.path()).unwrap();
        assert_eq!(again.records(), slots.records());
        assert_eq!(again.records()[&Slot(5)].token, None);
        assert_eq!(again.holding(&[Slot(7)].into()), [Slot(3)]);
        assert!(again.holding(&[Slot(4)].into()).is_empty());
    }

    #[test]
    fn container_sees_the_new_token_in_the_same_folder() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        std::fs::create_dir(&own).unwrap();
        prepare(&own).unwrap();
        let mut slots = Slots::open(&own).unwrap();
        slots.show(Slot(2), TOKEN, b"one").unwrap();
        let seen = slots.folder(Slot(2)).unwrap();
        let inode = std::fs::metadata(&seen).unwrap().ino();
        slots.forget(Slot(2)).unwrap();
        assert!(!seen.join(TOKEN).exists());
        slots.show(Slot(2), TOKEN, b"two").unwrap();
        assert_eq!(std::fs::metadata(&seen).unwrap().ino(), inode);
        assert_eq!(std::fs::read(seen.join(TOKEN)).unwrap(), b"two");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&seen.join(TOKEN)), 0o444);
        assert_eq!(mode(&seen), 0o755);
        assert_eq!(mode(&own), 0o700);
    }

    #[test]
    fn damaged_records_are_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let mut slots = Slots::open(folder.path()).unwrap();
        slots.keep(Slot(1), record(&[1])).unwrap();
        let records = folder.path().join("records");
        std::fs::copy(records.join("vgpu-1.json"), records.join("vgpu-2.json")).unwrap();
        std::fs::write(records.join("vgpu-3.json"), "{").unwrap();
        let again = Slots::open(folder.path()).unwrap();
        assert_eq!(again.records().len(), 1);
    }
}
