//! A session's arenas: which it has, in memory that outlives the daemon, and how the client gets one and
//! gives it back. The memory of an arena itself is the client's and the worker's. Read [`Arenas`] first.
//!
//! ```text
//! word 0          the number that the next arena gets
//! word 1 + 2·i    an arena's number; 0: none
//! word 2 + 2·i    its bytes
//! ```

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::Ordering;

use rigel_protocol::control::ServerMessage;

use super::super::end::End;
use super::super::link::ClientLink;
use super::{Session, WORKER_TAKES_WITHIN};
use crate::worker::control::DaemonToWorker;
use crate::worker::shared::SharedWords;

/// Most arenas of a session.
const ARENAS_MAX: usize = 4096;
/// Most bytes of all arenas of a session.
const ARENA_BYTES_MAX: u64 = 64 << 30;

/// A session's arenas. Owned by its thread.
#[derive(Debug)]
pub(super) struct Arenas {
    words: SharedWords,
    memory: OwnedFd,
    next: u32,
    /// By number: its place and its bytes.
    held: BTreeMap<u32, (usize, u64)>,
    /// Places below the number of arenas that are free.
    free: Vec<usize>,
}

impl Arenas {
    /// None yet.
    pub(super) fn new() -> io::Result<Self> {
        let (words, memory) = SharedWords::create(c"rigel-arenas", 1 + 2 * ARENAS_MAX)?;
        Ok(Self {
            words,
            memory,
            next: 1,
            held: BTreeMap::new(),
            free: Vec::new(),
        })
    }

    /// Those that an earlier daemon has written down.
    pub(super) fn open(memory: OwnedFd) -> io::Result<Self> {
        let words = SharedWords::open(memory.try_clone()?)?;
        if words.len() != 1 + 2 * ARENAS_MAX {
            return Err(io::Error::other(
                "the memory does not say which arenas there are",
            ));
        }
        let mut held = BTreeMap::new();
        for place in 0..ARENAS_MAX {
            let arena = words[1 + 2 * place].load(Ordering::Acquire) as u32;
            if arena != 0 {
                held.insert(arena, (place, words[2 + 2 * place].load(Ordering::Relaxed)));
            }
        }
        let last = held.keys().next_back().copied().unwrap_or(0);
        let next = (words[0].load(Ordering::Relaxed) as u32).max(last.saturating_add(1));
        let taken: Vec<usize> = held.values().map(|(place, _)| *place).collect();
        let top = taken.iter().max().map_or(0, |top| top + 1);
        Ok(Self {
            words,
            memory,
            next,
            held,
            free: (0..top).filter(|place| !taken.contains(place)).collect(),
        })
    }

    /// For the daemon after this one.
    pub(super) fn memory(&self) -> BorrowedFd<'_> {
        self.memory.as_fd()
    }

    /// Whether there may be one more of so many bytes.
    pub(super) fn allows(&self, bytes: u64) -> bool {
        let held = self.held.values().map(|(_, bytes)| *bytes);
        let all = held.fold(bytes, u64::saturating_add);
        bytes > 0 && self.held.len() < ARENAS_MAX && all <= ARENA_BYTES_MAX
    }

    /// One more, which was allowed; its number.
    pub(super) fn add(&mut self, bytes: u64) -> u32 {
        let arena = self.next;
        self.next += 1;
        let place = self.free.pop().unwrap_or(self.held.len());
        self.words[0].store(self.next.into(), Ordering::Relaxed);
        self.words[2 + 2 * place].store(bytes, Ordering::Relaxed);
        // Release: who sees the number sees the bytes.
        self.words[1 + 2 * place].store(arena.into(), Ordering::Release);
        self.held.insert(arena, (place, bytes));
        arena
    }

    /// One less; whether it was there.
    pub(super) fn remove(&mut self, arena: u32) -> bool {
        let Some((place, _)) = self.held.remove(&arena) else {
            return false;
        };
        self.words[1 + 2 * place].store(0, Ordering::Release);
        self.free.push(place);
        true
    }
}

impl Session {
    pub(super) fn create_arena(&mut self, client: &mut ClientLink, bytes: u64) -> Option<End> {
        let made = match self.arenas.allows(bytes) {
            true => rigel_transport::arena::create_memory(bytes).map_err(|e| e.to_string()),
            false => Err(format!(
                "{bytes} bytes are more than a session may page-lock"
            )),
        };
        let fd = match made {
            Ok(fd) => fd,
            Err(error) => {
                tracing::warn!(session = self.stay.entry.id, "no arena: {error}");
                // No bytes: the client turns it into CUDA_ERROR_OUT_OF_MEMORY.
                return self.answer(client, &ServerMessage::Arena { arena: 0, bytes: 0 }, &[]);
            }
        };
        let arena = self.arenas.add(bytes);
        let message = DaemonToWorker::ArenaMap { arena, bytes };
        if self
            .worker
            .channel
            .send(&message, &[fd.as_fd()], WORKER_TAKES_WITHIN)
            .is_err()
        {
            return Some(End::failed("the worker takes no messages".into()));
        }
        self.answer(
            client,
            &ServerMessage::Arena { arena, bytes },
            &[fd.as_fd()],
        )
    }

    pub(super) fn release_arena(&mut self, arena: u32) -> Option<End> {
        if !self.arenas.remove(arena) {
            return Some(End::protocol(format!(
                "the client released arena {arena}, not its own"
            )));
        }
        self.answer_worker(&DaemonToWorker::ArenaUnmap { arena }, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arenas_are_known_to_the_next_daemon() {
        let mut first = Arenas::new().unwrap();
        let [a, b, c] = [10, 20, 30].map(|bytes| first.add(bytes));
        assert_eq!([a, b, c], [1, 2, 3]);
        assert!(first.remove(b) && !first.remove(b));
        let memory = first.memory().try_clone_to_owned().unwrap();
        drop(first);
        let mut next = Arenas::open(memory).unwrap();
        assert!(!next.remove(b));
        assert_eq!(next.add(40), 4, "no number comes twice");
        assert!(next.remove(a) && next.remove(c) && next.remove(4));
        assert!(next.held.is_empty());
    }

    #[test]
    fn arenas_beyond_the_limits_are_not_allowed() {
        let mut arenas = Arenas::new().unwrap();
        assert!(!arenas.allows(0) && !arenas.allows(ARENA_BYTES_MAX + 1));
        assert!(!arenas.allows(u64::MAX));
        arenas.add(ARENA_BYTES_MAX - 1);
        assert!(arenas.allows(1) && !arenas.allows(2));
        for _ in 1..ARENAS_MAX {
            arenas.add(0);
        }
        assert!(!arenas.allows(1));
    }

    #[test]
    fn memory_of_another_kind_is_refused() {
        let (_, memory) = SharedWords::create(c"test", 8).unwrap();
        assert!(Arenas::open(memory).is_err());
    }
}
