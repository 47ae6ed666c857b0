//! Events that several processes record and wait for. Read [`SharedEvent`].
//!
//! Each lies in a slot of a file of the process that made it, in words of 64 bits: word 0, how often it
//! was recorded; word 1, the latest recording that was reached; word 2, the process that recorded last.
//! A slot that is used again counts on.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::ftruncate;
use rigel_protocol::{CuError, CuResult};

use super::{Kind, Name, SEALS};
use crate::memory::Lent;
use crate::memory::raw::{self, SharedPage};

/// Words of a slot: a cache line.
const SLOT_WORDS: u64 = 8;
const SLOT_BYTES: u64 = SLOT_WORDS * 8;

/// Most events of a process that others may open.
const SLOTS_MAX: u64 = 1 << 16;

const RECORDED: usize = 0;
const REACHED: usize = 1;
const RECORDER: usize = 2;

/// How long a waiter sleeps before it looks whether the recorder is alive.
const LOOK: Duration = Duration::from_millis(20);

/// The slots of this process.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<Arc<OwnedFd>>,
    used: u64,
    free: Vec<u64>,
}

/// An event in a slot of this process or of another.
#[derive(Debug)]
pub(crate) struct SharedEvent {
    page: SharedPage,
    /// First word in the page.
    word: usize,
    /// The file, the slot, and where the slot goes back to: of this process's events.
    own: Option<(Arc<OwnedFd>, u64)>,
}

impl Slots {
    /// A new event of this process.
    pub(crate) fn take(&self) -> CuResult<SharedEvent> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &state.file {
            Some(file) => Arc::clone(file),
            None => {
                let file = Arc::new(make_file().map_err(|error| {
                    tracing::error!(%error, "make the file of shared events");
                    CuError::OPERATING_SYSTEM
                })?);
                state.file = Some(Arc::clone(&file));
                file
            }
        };
        let slot = match state.free.pop() {
            Some(slot) => slot,
            None if state.used < SLOTS_MAX => {
                state.used += 1;
                state.used - 1
            }
            None => return Err(CuError::OUT_OF_MEMORY),
        };
        SharedEvent::at(&file, slot, Some((Arc::clone(&file), slot)))
    }

    /// An event is gone; what waits for it goes on by itself.
    pub(crate) fn give(&self, event: &SharedEvent) {
        if let Some((_, slot)) = event.own {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.free.push(slot);
        }
    }
}

fn make_file() -> std::io::Result<OwnedFd> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let file = memfd_create("rigel-soft-events", flags)?;
    ftruncate(&file, (SLOTS_MAX * SLOT_BYTES) as i64)?;
    nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_ADD_SEALS(SEALS))?;
    Ok(file)
}

impl SharedEvent {
    fn at(file: &OwnedFd, slot: u64, own: Option<(Arc<OwnedFd>, u64)>) -> CuResult<Self> {
        let byte = slot * SLOT_BYTES;
        let start = byte / raw::PAGE_BYTES * raw::PAGE_BYTES;
        let page = SharedPage::map(file, start).map_err(|error| {
            tracing::error!(%error, "map a shared event");
            CuError::OPERATING_SYSTEM
        })?;
        Ok(Self {
            page,
            word: ((byte - start) / 8) as usize,
            own,
        })
    }

    /// The event that another process has named.
    pub(crate) fn open(bytes: &[u8; 64]) -> CuResult<Self> {
        let name = Name::read(bytes, Kind::Event)?;
        if name.offset >= SLOTS_MAX {
            return Err(CuError::INVALID_VALUE);
        }
        let file = name.open()?;
        let long = std::fs::File::from(file.try_clone().map_err(|_| CuError::OPERATING_SYSTEM)?);
        let length = long
            .metadata()
            .map_err(|_| CuError::OPERATING_SYSTEM)?
            .len();
        if length != SLOTS_MAX * SLOT_BYTES {
            return Err(CuError::INVALID_VALUE);
        }
        Self::at(&file, name.offset, None)
    }

    /// What another process opens it by; an event of another process has no name here.
    pub(crate) fn name(&self) -> CuResult<[u8; 64]> {
        let (file, slot) = self.own.as_ref().ok_or(CuError::INVALID_HANDLE)?;
        let lent = Lent {
            offset: *slot,
            bytes: 0,
            number: 0,
        };
        Ok(Name::of_own(Kind::Event, file, &lent)?.written())
    }

    fn words(&self) -> &[AtomicU64] {
        &self.page.words()[self.word..][..SLOT_WORDS as usize]
    }

    /// It is recorded once more; the number of the recording.
    pub(crate) fn record(&self) -> u64 {
        let words = self.words();
        words[RECORDER].store(u64::from(std::process::id()), Ordering::SeqCst);
        words[RECORDED].fetch_add(1, Ordering::SeqCst) + 1
    }

    /// A stream has reached a recording.
    pub(crate) fn reach(&self, number: u64) {
        let reached = &self.words()[REACHED];
        reached.fetch_max(number, Ordering::SeqCst);
        raw::wake_word(reached);
    }

    /// The latest recording.
    pub(crate) fn latest(&self) -> u64 {
        self.words()[RECORDED].load(Ordering::SeqCst)
    }

    /// Whether a recording was reached, or never will be because its process is gone.
    pub(crate) fn has_reached(&self, number: u64) -> bool {
        self.words()[REACHED].load(Ordering::SeqCst) >= number || !self.is_recorder_alive()
    }

    /// Waits until a recording was reached.
    pub(crate) fn wait(&self, number: u64) {
        let reached = &self.words()[REACHED];
        loop {
            let seen = reached.load(Ordering::SeqCst);
            if seen >= number || !self.is_recorder_alive() {
                return;
            }
            raw::wait_word(reached, seen as u32, LOOK);
        }
    }

    fn is_recorder_alive(&self) -> bool {
        let recorder = self.words()[RECORDER].load(Ordering::SeqCst);
        let Some(pid) = i32::try_from(recorder).ok().filter(|pid| *pid > 0) else {
            return false;
        };
        // A process of another user may not be sent signals, not even none.
        recorder == u64::from(std::process::id())
            || std::path::Path::new(&format!("/proc/{pid}")).exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_reached_with_its_latest_recording() {
        let slots = Slots::default();
        let event = slots.take().unwrap();
        assert!(event.has_reached(event.latest()), "never recorded");
        let (first, second) = (event.record(), event.record());
        assert!(!event.has_reached(first));
        event.reach(second);
        assert!(event.has_reached(first) && event.has_reached(event.latest()));
    }

    #[test]
    fn event_of_a_process_that_is_gone_is_reached() {
        let slots = Slots::default();
        let event = slots.take().unwrap();
        let number = event.record();
        // No process has this id: it is above the highest the system gives.
        event.words()[RECORDER].store(u64::from(u32::MAX >> 1), Ordering::SeqCst);
        assert!(event.has_reached(number));
        event.wait(number);
    }

    #[test]
    fn slots_are_used_again_and_stay_apart() {
        let slots = Slots::default();
        let (first, second) = (slots.take().unwrap(), slots.take().unwrap());
        let number = first.record();
        assert_eq!(second.latest(), 0);
        first.reach(number);
        slots.give(&first);
        let again = slots.take().unwrap();
        assert_eq!(again.latest(), number);
        assert!(again.has_reached(again.latest()));
    }
}
