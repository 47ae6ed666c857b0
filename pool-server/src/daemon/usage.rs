//! The usage ledger: what leases have used, on disk, for bills. One line of JSON a lease for each interval
//! in which it did anything. Read [`UsageLedger`] first.
//!
//! 1. Lines are appended, several at a time by one write, and synchronised. A line torn by a crash is
//!    ignored, and the next one begins on a line of its own.
//! 2. Totals go on from the last line of a lease after a restart: GPU seconds only grow.
//! 3. The file is replaced when it has half of the allowed size, and the one before it goes. A new file
//!    begins with a line of each lease, so that totals are never lost.
//! 4. What could not be written is part of the next line that can.
//! 5. Time in a file never goes backward, whatever the host's clock does.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

/// Longest line that is read.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Most leases whose totals are carried on.
const LEASES_MAX: usize = 1 << 16;

/// A line: what a lease has used since its line before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UsageLine {
    /// Unix time in seconds at the end of the interval.
    pub(crate) time: u64,
    /// The lease.
    pub(crate) lease: String,
    /// Length of the interval.
    pub(crate) seconds: f64,
    /// Time it held GPUs or kept them busy.
    pub(crate) gpu_seconds: f64,
    /// By ordinal, that time since the ledger began, in nanoseconds.
    pub(crate) gpu_ns_total: BTreeMap<u32, u64>,
    /// Memory held times time.
    pub(crate) memory_byte_seconds: f64,
    /// Sessions that began.
    pub(crate) sessions: u64,
    /// Kernel launches.
    pub(crate) launches: u64,
    /// Calls.
    pub(crate) calls: u64,
    /// Bytes from clients.
    pub(crate) bytes_up: u64,
    /// Bytes to clients.
    pub(crate) bytes_down: u64,
    /// Time sessions waited for GPUs.
    pub(crate) throttled_seconds: f64,
    /// Time clients stood in line.
    pub(crate) queued_seconds: f64,
    /// Allocations refused.
    pub(crate) allocations_denied: u64,
}

/// The file and what it says of each lease's totals. Owned by the auditor, lent for questions.
#[derive(Debug)]
pub(crate) struct UsageLedger {
    folder: PathBuf,
    bytes_max: u64,
    /// Nobody else writes here while this is open.
    _alone: Option<Flock<File>>,
    latest: BTreeMap<String, UsageLine>,
    /// The last line may be torn.
    unsure: bool,
}

impl UsageLedger {
    /// Opens the ledger of a folder, which is made if it is missing.
    pub(crate) fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let lock = File::create(folder.join("usage.lock"))?;
        let alone = Flock::lock(lock, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, error)| io::Error::from(error))?;
        let mut ledger = Self {
            folder: folder.into(),
            bytes_max,
            _alone: Some(alone),
            latest: BTreeMap::new(),
            unsure: true,
        };
        let mut latest = BTreeMap::new();
        ledger.read(0, |line| {
            if latest.len() < LEASES_MAX || latest.contains_key(&line.lease) {
                latest.insert(line.lease.clone(), line);
            }
        })?;
        ledger.latest = latest;
        Ok(ledger)
    }

    /// GPU time of a lease by ordinal at its last line, in nanoseconds.
    pub(crate) fn gpu_ns(&self, lease: &str, ordinal: u32) -> u64 {
        let line = self.latest.get(lease);
        let total = line.and_then(|line| line.gpu_ns_total.get(&ordinal));
        total.copied().unwrap_or(0)
    }

    /// The time of the latest line.
    pub(crate) fn time(&self) -> u64 {
        let times = self.latest.values().map(|line| line.time);
        times.max().unwrap_or(0)
    }

    /// Appends lines, all or none as far as the disk allows.
    pub(crate) fn append(&mut self, lines: Vec<UsageLine>) -> io::Result<()> {
        self.make_room()?;
        let before = self.time();
        let torn = self.unsure && ends_torn(&self.current());
        let mut text = if torn { "\n" } else { "" }.to_owned();
        let mut written = Vec::with_capacity(lines.len());
        for mut line in lines {
            line.time = line.time.max(before);
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
            written.push(line);
        }
        let mut file = append_to(&self.current())?;
        self.unsure = true;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        self.unsure = false;
        for line in written {
            self.latest.insert(line.lease.clone(), line);
        }
        Ok(())
    }

    /// What leases have used since then, by name.
    pub(crate) fn since(&self, unix: u64) -> io::Result<BTreeMap<String, UsageLine>> {
        let mut sums = BTreeMap::<String, UsageLine>::new();
        self.read(unix, |line| {
            if let Some(sum) = sums.get_mut(&line.lease) {
                sum.add(&line);
            } else if sums.len() < LEASES_MAX {
                sums.insert(line.lease.clone(), line);
            }
        })?;
        Ok(sums)
    }

    fn current(&self) -> PathBuf {
        self.folder.join("usage.jsonl")
    }

    fn before(&self) -> PathBuf {
        self.folder.join("usage.1.jsonl")
    }

    /// Hands over the lines that end after this time, the oldest first. What is no line is skipped.
    fn read(&self, unix: u64, mut take: impl FnMut(UsageLine)) -> io::Result<()> {
        for path in [self.before(), self.current()] {
            let file = match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            if !file.metadata()?.is_file() {
                continue;
            }
            for line in BufReader::new(file).split(b'\n') {
                let line = line?;
                if line.len() > LINE_BYTES_MAX {
                    continue;
                }
                if let Ok(line) = serde_json::from_slice::<UsageLine>(&line)
                    && line.time > unix
                {
                    take(line);
                }
            }
        }
        Ok(())
    }

    /// Begins a new file when this one is half of what may be.
    fn make_room(&mut self) -> io::Result<()> {
        let bytes = std::fs::metadata(self.current()).map_or(0, |meta| meta.len());
        if bytes < self.bytes_max / 2 {
            return Ok(());
        }
        std::fs::rename(self.current(), self.before())?;
        let mut text = String::new();
        for line in self.latest.values() {
            let carried = UsageLine {
                time: line.time,
                lease: line.lease.clone(),
                gpu_ns_total: line.gpu_ns_total.clone(),
                ..UsageLine::default()
            };
            text.push_str(&serde_json::to_string(&carried)?);
            text.push('\n');
        }
        let mut file = append_to(&self.current())?;
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}

impl UsageLine {
    /// Whether the lease did or held anything.
    pub(crate) fn is_worth_while(&self) -> bool {
        let n = self.sessions + self.calls + self.allocations_denied;
        n > 0 || self.gpu_seconds > 0.0 || self.memory_byte_seconds > 0.0
    }

    fn add(&mut self, more: &Self) {
        self.time = more.time;
        self.gpu_ns_total.clone_from(&more.gpu_ns_total);
        self.seconds += more.seconds;
        self.gpu_seconds += more.gpu_seconds;
        self.memory_byte_seconds += more.memory_byte_seconds;
        self.sessions += more.sessions;
        self.launches += more.launches;
        self.calls += more.calls;
        self.bytes_up += more.bytes_up;
        self.bytes_down += more.bytes_down;
        self.throttled_seconds += more.throttled_seconds;
        self.queued_seconds += more.queued_seconds;
        self.allocations_denied += more.allocations_denied;
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Whether a file ends in the middle of a line.
fn ends_torn(path: &Path) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let last = || -> io::Result<u8> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    last().is_ok_and(|byte| byte != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 1 << 20;

    fn line(lease: &str, time: u64, gpu_ns: u64) -> UsageLine {
        UsageLine {
            time,
            lease: lease.into(),
            gpu_seconds: 1.0,
            calls: 2,
            gpu_ns_total: BTreeMap::from([(0, gpu_ns)]),
            ..UsageLine::default()
        }
    }

    #[test]
    fn totals_go_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        ledger
            .append(vec![line("a", 60, 5), line("b", 60, 7)])
            .unwrap();
        ledger.append(vec![line("a", 120, 9)]).unwrap();
        drop(ledger);
        let ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        assert_eq!((ledger.gpu_ns("a", 0), ledger.gpu_ns("b", 0)), (9, 7));
        assert_eq!((ledger.gpu_ns("a", 1), ledger.gpu_ns("c", 0)), (0, 0));
        let sums = ledger.since(60).unwrap();
        assert_eq!(sums.len(), 1);
        let sums = ledger.since(0).unwrap();
        assert_eq!((sums["a"].calls, sums["a"].gpu_seconds), (4, 2.0));
    }

    #[test]
    fn torn_line_is_ignored_and_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        ledger.append(vec![line("a", 60, 5)]).unwrap();
        drop(ledger);
        let path = folder.path().join("usage.jsonl");
        let mut file = append_to(&path).unwrap();
        file.write_all(b"{\"time\":99,\"lease\":\"a\",\"gpu_ns")
            .unwrap();
        drop(file);
        let mut ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        assert_eq!(ledger.gpu_ns("a", 0), 5);
        ledger.append(vec![line("a", 120, 8)]).unwrap();
        assert_eq!(ledger.since(0).unwrap()["a"].calls, 4);
    }

    #[test]
    fn files_stay_within_their_limit_and_keep_the_totals() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = UsageLedger::open(folder.path(), 4096).unwrap();
        ledger.append(vec![line("idle", 1, 77)]).unwrap();
        for time in 2..200 {
            ledger.append(vec![line("a", time, time)]).unwrap();
        }
        let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
        let all = bytes("usage.jsonl") + bytes("usage.1.jsonl");
        assert!(all <= 4096 + 1024, "{all}");
        drop(ledger);
        let ledger = UsageLedger::open(folder.path(), 4096).unwrap();
        assert_eq!((ledger.gpu_ns("idle", 0), ledger.gpu_ns("a", 0)), (77, 199));
    }

    #[test]
    fn time_never_goes_backward() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        ledger.append(vec![line("a", 1000, 1)]).unwrap();
        ledger.append(vec![line("a", 10, 2)]).unwrap();
        assert_eq!(ledger.time(), 1000);
    }

    #[test]
    fn full_disk_is_an_error_and_what_follows_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usage.jsonl");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let mut ledger = UsageLedger::open(folder.path(), MAX).unwrap();
        let error = ledger.append(vec![line("a", 1, 1)]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        std::fs::remove_file(&path).unwrap();
        ledger.append(vec![line("a", 2, 2)]).unwrap();
        assert_eq!(ledger.since(0).unwrap()["a"].calls, 2);
    }

    #[test]
    fn second_server_of_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _first = UsageLedger::open(folder.path(), MAX).unwrap();
        let error = UsageLedger::open(folder.path(), MAX).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
