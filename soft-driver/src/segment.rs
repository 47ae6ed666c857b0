//! What the processes that open the soft devices share: how many bytes each holds of each device,
//! and whose kernels run. One small file, mapped by all; a process that dies leaves nothing behind.
//! Read [`Segment`].
//!
//! Layout, in words of 64 bits: word 0, [`MAGIC`]; word 1, slots in use, as a hint; word 2, slots
//! that were ever used; words 3 to 18, how often the turn on each device was given back, and words
//! 19 to 34, how often it was taken; from word 64 on, slots of 32 words: word 0, 1 if it is in use; words 1 to
//! 16, bytes held of each device; word 17, the process id; word 18, a bit for each device whose turn
//! the process waits for.
//!
//! 1. A process owns the slot whose byte of the file it has locked. The kernel drops the lock when
//!    the process dies, so a slot that can be locked belongs to nobody.
//! 2. Only the owner of a slot writes it, or whoever has locked it because its owner is dead.
//! 3. A device's bytes are the sum over the slots in use. A process adds its bytes first and takes
//!    them off again if the sum is too large, so the device is never overdrawn.
//! 4. A process may run kernels of a device while it has locked that device's turn byte.

use std::{
    fs::{File, OpenOptions},
    io,
    os::{
        fd::AsFd,
        unix::fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use nix::fcntl::{FcntlArg, fcntl};
use rigel_protocol::{CuError, CuResult};

use crate::config::{Config, DEVICES_MAX};
use crate::memory::raw;

/// First word of the file: its layout and version.
const MAGIC: u64 = 0x7269_6765_6c73_0002;

/// Processes that may share the devices.
const SLOTS: usize = 1024;

const SLOT_WORDS: usize = 32;
const SLOTS_START: usize = 64;
const WORDS: usize = SLOTS_START + SLOTS * SLOT_WORDS;

/// Word of the file that counts slots in use, and word that counts slots ever used.
const IN_USE_WORD: usize = 1;
const EVER_WORD: usize = 2;

/// Words that count how often the turn on each device was given back, and taken.
const RETURNED_START: usize = 3;
const TAKEN_START: usize = RETURNED_START + DEVICES_MAX as usize;

/// Words of a slot.
const PID_WORD: usize = 17;
const WAITING_WORD: usize = 18;

/// Byte whose lock is the turn on device 0; the slots' bytes come before.
const TURN_BYTES_START: i64 = 1 << 20;

/// How often a charge is tried while others give back what they could not keep.
const CHARGE_TRIES: u32 = 3;

/// Pause between two tries.
const CHARGE_PAUSE: Duration = Duration::from_micros(200);

/// A process's part in the shared file.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    words: &'static [AtomicU64],
    slot: usize,
    /// The device of the file behind each device of the process.
    places: Vec<usize>,
}

impl Segment {
    /// Joins the processes that share the devices of these settings; `None` if this one shall be
    /// alone. Its own devices are those at `places` of the file, each below [`DEVICES_MAX`].
    pub(crate) fn join(config: &Config, places: Vec<usize>) -> io::Result<Option<Self>> {
        let Some(path) = &config.shared else {
            return Ok(None);
        };
        let mut segment = Self::open(path, config.shared_is_named)?;
        segment.places = places;
        Ok(Some(segment))
    }

    /// `named`: by the operator, who says whose the file is.
    fn open(path: &Path, named: bool) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
            .open(path)?;
        let meta = file.metadata()?;
        let is_own = meta.uid() == nix::unistd::geteuid().as_raw();
        if !meta.is_file() || !(is_own || named) {
            return Err(io::Error::other("the shared file belongs to somebody else"));
        }
        file.set_len((WORDS * size_of::<u64>()) as u64)?;
        let words = raw::map_words(file.as_fd(), WORDS)?;
        let magic = words[0].compare_exchange(0, MAGIC, Ordering::SeqCst, Ordering::SeqCst);
        if magic.is_err_and(|found| found != MAGIC) {
            return Err(io::Error::other("the shared file has another layout"));
        }
        let mut segment = Self {
            file,
            words,
            slot: 0,
            places: (0..DEVICES_MAX as usize).collect(),
        };
        segment.slot = segment.claim()?;
        segment.bury_the_dead();
        Ok(segment)
    }

    fn claim(&self) -> io::Result<usize> {
        let own = u64::from(std::process::id());
        for slot in 0..SLOTS {
            let words = self.words_of(slot);
            // A lock does not keep two libraries of one process apart; the process id does.
            let ours = words[0].load(Ordering::SeqCst) == 1
                && words[PID_WORD].load(Ordering::SeqCst) == own;
            if !ours && self.try_lock(slot as i64)? {
                self.clear(slot);
                words[PID_WORD].store(own, Ordering::SeqCst);
                self.words[EVER_WORD].fetch_max(slot as u64 + 1, Ordering::SeqCst);
                self.words[IN_USE_WORD].fetch_add(1, Ordering::SeqCst);
                words[0].store(1, Ordering::SeqCst);
                return Ok(slot);
            }
        }
        Err(io::Error::other(
            "too many processes share the soft devices",
        ))
    }

    fn words_of(&self, slot: usize) -> &[AtomicU64] {
        &self.words[SLOTS_START + slot * SLOT_WORDS..][..SLOT_WORDS]
    }

    fn slots_in_use(&self) -> impl Iterator<Item = usize> {
        let ever = usize::try_from(self.words[EVER_WORD].load(Ordering::SeqCst));
        let ever = ever.map_or(SLOTS, |ever| ever.min(SLOTS));
        (0..ever).filter(|slot| self.words_of(*slot)[0].load(Ordering::SeqCst) == 1)
    }

    /// Empties a slot that this process has locked or owns.
    fn clear(&self, slot: usize) {
        let words = self.words_of(slot);
        if words[0].swap(0, Ordering::SeqCst) == 1 {
            let less = |count: u64| Some(count.saturating_sub(1));
            let count = &self.words[IN_USE_WORD];
            let _ = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        }
        words
            .iter()
            .for_each(|word| word.store(0, Ordering::SeqCst));
    }

    fn held(&self, slot: usize, device: usize) -> &AtomicU64 {
        &self.words_of(slot)[1 + self.place(device)]
    }

    /// Where a device of the process stands in the file.
    fn place(&self, device: usize) -> usize {
        self.places.get(device).copied().unwrap_or_default()
    }

    /// Bytes of a device that all processes hold together.
    pub(crate) fn used_bytes(&self, device: usize) -> u64 {
        let held = |slot| self.held(slot, device).load(Ordering::SeqCst);
        self.slots_in_use().map(held).fold(0, u64::saturating_add)
    }

    /// Takes bytes of a device, or `CUDA_ERROR_OUT_OF_MEMORY`.
    pub(crate) fn charge(&self, device: usize, bytes: u64, total_bytes: u64) -> CuResult<()> {
        let own = self.held(self.slot, device);
        for tried in 0..CHARGE_TRIES {
            own.fetch_add(bytes, Ordering::SeqCst);
            if self.used_bytes(device) <= total_bytes {
                return Ok(());
            }
            own.fetch_sub(bytes, Ordering::SeqCst);
            self.bury_the_dead();
            if bytes > total_bytes || tried + 1 == CHARGE_TRIES {
                break;
            }
            std::thread::sleep(CHARGE_PAUSE);
        }
        Err(CuError::OUT_OF_MEMORY)
    }

    /// Gives bytes back.
    pub(crate) fn refund(&self, device: usize, bytes: u64) {
        self.held(self.slot, device)
            .fetch_sub(bytes, Ordering::SeqCst);
    }

    /// Frees what dead processes held.
    pub(crate) fn bury_the_dead(&self) {
        for slot in self.slots_in_use().filter(|slot| *slot != self.slot) {
            if self.words_of(slot)[PID_WORD].load(Ordering::SeqCst) == u64::from(std::process::id())
            {
                continue;
            }
            if matches!(self.try_lock(slot as i64), Ok(true)) {
                self.clear(slot);
                self.unlock(slot as i64);
            }
        }
    }

    /// Whether no other process shares the devices. A dead one counts until it is buried.
    pub(crate) fn is_alone(&self) -> bool {
        self.words[IN_USE_WORD].load(Ordering::SeqCst) <= 1
            || self.slots_in_use().all(|slot| slot == self.slot)
    }

    /// Takes the turn on a device, if nobody else has it.
    pub(crate) fn try_turn(&self, device: usize) -> bool {
        // A lock that cannot be taken at all must not stop kernels for ever.
        let taken = self
            .try_lock(TURN_BYTES_START + self.place(device) as i64)
            .unwrap_or(true);
        if taken {
            self.words[TAKEN_START + self.place(device)].fetch_add(1, Ordering::SeqCst);
        }
        taken
    }

    /// How often the turn on a device has been taken.
    pub(crate) fn n_taken(&self, device: usize) -> u64 {
        self.words[TAKEN_START + self.place(device)].load(Ordering::SeqCst)
    }

    /// Waits a moment for the turn; false if it did not come.
    pub(crate) fn await_turn(&self, device: usize, limit: Duration) -> bool {
        let returned = &self.words[RETURNED_START + self.place(device)];
        let seen = returned.load(Ordering::SeqCst);
        if self.try_turn(device) {
            return true;
        }
        raw::wait_word(returned, seen as u32, limit);
        self.try_turn(device)
    }

    /// Gives the turn back.
    pub(crate) fn end_turn(&self, device: usize) {
        self.unlock(TURN_BYTES_START + self.place(device) as i64);
        let returned = &self.words[RETURNED_START + self.place(device)];
        returned.fetch_add(1, Ordering::SeqCst);
        raw::wake_word(returned);
    }

    /// Whether other processes wait for their turn on a device.
    pub(crate) fn is_wanted(&self, device: usize) -> bool {
        let waiting = |slot| self.words_of(slot)[WAITING_WORD].load(Ordering::SeqCst);
        self.slots_in_use()
            .any(|slot| slot != self.slot && waiting(slot) >> self.place(device) & 1 == 1)
    }

    /// Says whether this process waits for its turn on a device.
    pub(crate) fn set_waiting(&self, device: usize, waits: bool) {
        let (word, bit) = (
            &self.words_of(self.slot)[WAITING_WORD],
            1 << self.place(device),
        );
        match waits {
            true => word.fetch_or(bit, Ordering::SeqCst),
            false => word.fetch_and(!bit, Ordering::SeqCst),
        };
    }

    /// Gives everything back at the end of the process.
    pub(crate) fn quit(&self) {
        self.clear(self.slot);
    }

    fn try_lock(&self, byte: i64) -> io::Result<bool> {
        match self.set_lock(libc::F_WRLCK, byte) {
            Ok(()) => Ok(true),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn unlock(&self, byte: i64) {
        if let Err(error) = self.set_lock(libc::F_UNLCK, byte) {
            tracing::warn!(%error, byte, "unlock the shared file");
        }
    }

    fn set_lock(&self, kind: i32, byte: i64) -> nix::Result<()> {
        let lock = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: byte,
            l_len: 1,
            l_pid: 0,
        };
        fcntl(&self.file, FcntlArg::F_SETLK(&lock)).map(|_| ())
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        self.clear(self.slot);
    }
}

/// Where the devices of these settings are shared unless a setting says otherwise: one file a user
/// and kind of device.
pub(crate) fn default_path(config: &Config) -> PathBuf {
    let uid = nix::unistd::geteuid().as_raw();
    let (devices, bytes) = (config.n_devices, config.memory_bytes);
    PathBuf::from(format!("/dev/shm/rigel-soft-{uid}-{devices}x{bytes:x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELF: &str = "segment::tests::child_holds_memory_until_it_is_killed";

    fn path(name: &str) -> PathBuf {
        let unique = format!("rigel-segment-{}-{name}", std::process::id());
        std::env::temp_dir().join(unique)
    }

    #[test]
    fn charge_counts_every_process_and_refuses_the_rest() {
        let path = path("charge");
        let (first, second) = (
            Segment::open(&path, false).unwrap(),
            Segment::open(&path, false).unwrap(),
        );
        assert_ne!(first.slot, second.slot);
        assert_eq!(first.charge(0, 60, 100), Ok(()));
        assert_eq!(second.charge(0, 41, 100), Err(CuError::OUT_OF_MEMORY));
        assert_eq!(second.charge(1, 100, 100), Ok(()), "another device");
        assert_eq!(second.charge(0, 40, 100), Ok(()));
        assert_eq!(second.used_bytes(0), 100);
        first.refund(0, 60);
        assert_eq!(second.used_bytes(0), 40);
        drop(first);
        assert!(second.is_alone());
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn charge_of_a_process_with_fewer_devices_counts_on_those_it_sees() {
        let path = path("places");
        let all = Segment::open(&path, false).unwrap();
        let config = Config {
            shared: Some(path.clone()),
            ..Config::default()
        };
        let second_only = Segment::join(&config, vec![1]).unwrap().unwrap();
        assert_eq!(second_only.charge(0, 60, 100), Ok(()));
        assert_eq!((all.used_bytes(0), all.used_bytes(1)), (0, 60));
        assert!(second_only.try_turn(0));
        assert_eq!((all.n_taken(0), all.n_taken(1)), (0, 1));
        std::fs::remove_file(path).unwrap();
    }

    /// Runs in a process of its own, started by the next test.
    #[test]
    fn child_holds_memory_until_it_is_killed() {
        let Ok(path) = std::env::var("RIGEL_TEST_SEGMENT") else {
            return;
        };
        let segment = Segment::open(Path::new(&path), false).unwrap();
        segment.charge(0, 70, 100).unwrap();
        assert!(segment.try_turn(0));
        println!("holding");
        // Until the parent kills this process, or is gone and the pipe with it.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
    }

    #[test]
    fn bury_frees_what_a_killed_process_held() {
        use std::io::{BufRead, BufReader};
        use std::process::{Command, Stdio};
        let path = path("bury");
        let segment = Segment::open(&path, false).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", SELF, "--nocapture"])
            .env("RIGEL_TEST_SEGMENT", &path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("holding")));
        assert!(!segment.is_alone());
        assert!(!segment.try_turn(0), "the child has its turn");
        assert_eq!(segment.charge(0, 31, 100), Err(CuError::OUT_OF_MEMORY));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(segment.charge(0, 31, 100), Ok(()));
        assert!(segment.try_turn(0));
        assert!(segment.is_alone());
        std::fs::remove_file(path).unwrap();
    }
}
