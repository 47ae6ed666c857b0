//! The file of a process's notes: mapped, of a fixed size, and written without a lock. Its words are
//! described in [`rigel_protocol::trace`]. Read [`add`] first.
#![expect(unsafe_code, reason = "maps a file and reaches it through a pointer")]

use std::fs::OpenOptions;
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::mman::{MapFlags, ProtFlags, mmap};
use rigel_protocol::trace::{EVENT_WORDS, EVENTS_MAX, HEAD_WORDS, Head, MAGIC, TraceWords};

use super::TraceSettings;
use crate::session::Session;

/// The mapped file, never unmapped: threads note until the very end.
#[derive(Debug)]
struct Log {
    words: &'static [AtomicU64],
}

/// The open file; null before there is one, and in a forked child.
static LOG: AtomicPtr<Log> = AtomicPtr::new(std::ptr::null_mut());

/// Makes the file and writes its head.
pub(super) fn open(
    settings: &TraceSettings,
    session: &Session,
    has_worker: bool,
) -> io::Result<()> {
    let capacity = settings.events_max.clamp(1, EVENTS_MAX);
    let pid = std::process::id();
    let name = format!("{pid}-{}.notes", session.welcome.session);
    let words = map(&settings.folder.join(name), capacity as usize)?;
    let log = Log { words };
    let (first, second) = session.welcome.resume_secret.split_at(8);
    let half = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
    let head = [
        (Head::Capacity as usize, capacity),
        (Head::Session as usize, session.welcome.session),
        (Head::Secret as usize, half(first)),
        (Head::Secret as usize + 1, half(second)),
        (Head::Pid as usize, u64::from(pid)),
        (Head::Worker as usize, u64::from(has_worker)),
    ];
    for (place, word) in head {
        log.set(place, word);
    }
    for (at, part) in program().chunks(8).enumerate() {
        let mut eight = [0; 8];
        eight[..part.len()].copy_from_slice(part);
        log.set(Head::Program as usize + at, u64::from_le_bytes(eight));
    }
    log.set(Head::Magic as usize, MAGIC);
    // Release: who finds the log finds it mapped and headed.
    LOG.store(Box::into_raw(Box::new(log)), Ordering::Release);
    Ok(())
}

/// Whether there is a file.
pub(super) fn is_open() -> bool {
    current().is_some()
}

/// Adds an event, if there is room.
pub(super) fn add(event: &TraceWords) {
    let Some(log) = current() else { return };
    let count = &log.words[Head::Count as usize];
    let at = count.fetch_add(1, Ordering::Relaxed) as usize;
    let begin = HEAD_WORDS.saturating_add(at.saturating_mul(EVENT_WORDS));
    let Some(place) = log.words.get(begin..begin.saturating_add(EVENT_WORDS)) else {
        return;
    };
    for (word, value) in place.iter().zip(event) {
        // Release: the last word says that the others are there.
        word.store(*value, Ordering::Release);
    }
}

/// Notes what has to be added to this side's times.
pub(super) fn set_clock_offset(offset_ns: i64) {
    if let Some(log) = current() {
        log.set(Head::ClockOffset as usize, offset_ns as u64);
    }
}

/// Lets go of the file without a word to it.
pub(super) fn forget() {
    LOG.store(std::ptr::null_mut(), Ordering::Release);
}

impl Log {
    fn set(&self, place: usize, word: u64) {
        self.words[place].store(word, Ordering::Relaxed);
    }
}

fn current() -> Option<&'static Log> {
    // Acquire: what was written into the log before it was published is seen.
    let log = LOG.load(Ordering::Acquire);
    // SAFETY: null, or from `Box::into_raw` and never freed.
    unsafe { log.as_ref() }
}

fn map(path: &std::path::Path, capacity: usize) -> io::Result<&'static [AtomicU64]> {
    let count = HEAD_WORDS + capacity * EVENT_WORDS;
    let bytes = 8 * count;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        // It holds the session's secret.
        .mode(0o600)
        .open(path)?;
    // Now, and not by a signal in the middle of the program, a full disk shows itself.
    fallocate(&file, FallocateFlags::empty(), 0, bytes as i64)?;
    let length = NonZeroUsize::new(bytes).ok_or(io::ErrorKind::InvalidInput)?;
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a fresh mapping at an address of the kernel's choice replaces nothing.
    let base = unsafe { mmap(None, length, access, MapFlags::MAP_SHARED, file.as_fd(), 0)? };
    // SAFETY: the mapping has `count` words, begins on a page and is never unmapped; any bytes are a valid
    // `AtomicU64`, and others who map the file only read.
    Ok(unsafe { std::slice::from_raw_parts(base.cast().as_ptr(), count) })
}

/// The program's name, as far as there is room for it and a zero.
fn program() -> Vec<u8> {
    let name = std::env::current_exe().ok();
    let name = name.as_deref().and_then(std::path::Path::file_name);
    let mut bytes = name.map_or(Vec::new(), |name| name.as_encoded_bytes().to_vec());
    bytes.truncate(8 * (HEAD_WORDS - Head::Program as usize) - 1);
    bytes
}
