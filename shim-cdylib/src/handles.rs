//! Handles: numbers minted for what the client creates, and which of them are alive. Read
//! [`Handles`] first.
//!
//! Whether a handle is alive is asked at nearly every call, by all threads at once: it is a bit, read without
//! a lock.
//!
//! Freed numbers are used again, oldest first and only once many have gathered, so that a stale
//! handle is noticed for a while. The ring keeps order: the worker has always seen the end of the old
//! object before the beginning of the new one.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rigel_protocol::handle::{Context, Handle, HandleKind};
use rigel_protocol::{CuError, CuResult};

/// How many freed numbers gather before the first is used again.
const FREED_MIN: usize = 1024;

/// Most numbers of a kind, which is the worker's limit too.
const HANDLES_MAX: u32 = 1 << 20;

/// Numbers from here on are the server's to mint.
pub(crate) const SERVER_INDICES: u32 = 0x8000_0000;

/// How many kinds there are, at most.
const KINDS: usize = 32;

/// All handles of a session.
#[derive(Debug)]
pub(crate) struct Handles {
    kinds: [Kind; KINDS],
}

/// The handles of one kind.
#[derive(Debug, Default)]
struct Kind {
    live: Bits,
    numbers: Mutex<Numbers>,
}

/// Which numbers are in use. What changes one holds the lock of [`Kind::numbers`].
#[derive(Debug, Default)]
struct Numbers {
    next: u32,
    freed: VecDeque<u32>,
    /// Handles that the server has minted.
    adopted: HashSet<u64>,
}

impl Handles {
    /// None yet.
    pub(crate) fn new() -> Self {
        let handles = Self {
            kinds: std::array::from_fn(|_| Kind::default()),
        };
        // The first contexts are the devices' primary ones.
        handles.kinds[HandleKind::Context as usize].lock().next = Context::PRIMARY_MAX;
        handles
    }

    /// A new handle; alive from now on.
    pub(crate) fn mint<T: Handle>(&self) -> CuResult<T> {
        let kind = &self.kinds[T::KIND as usize];
        let mut numbers = kind.lock();
        let index = match numbers.freed.len() > FREED_MIN {
            true => numbers.freed.pop_front(),
            false => None,
        };
        let index = match index {
            Some(index) => index,
            None => {
                let index = numbers.next;
                if index >= HANDLES_MAX {
                    return Err(CuError::OUT_OF_MEMORY);
                }
                numbers.next += 1;
                index
            }
        };
        kind.live.set(index);
        Ok(T::mint(index))
    }

    /// Notes a handle of the server's.
    pub(crate) fn adopt<T: Handle>(&self, handle: T) {
        if handle.raw() != 0 {
            let kind = &self.kinds[T::KIND as usize];
            kind.lock().adopted.insert(handle.raw());
        }
    }

    /// Ends a handle.
    pub(crate) fn retire<T: Handle>(&self, handle: T) {
        let kind = &self.kinds[T::KIND as usize];
        let mut numbers = kind.lock();
        match index_of(handle) {
            Some(index) if kind.live.is_set(index) => {
                kind.live.clear(index);
                numbers.freed.push_back(index);
            }
            _ => {
                numbers.adopted.remove(&handle.raw());
            }
        }
    }

    /// Whether the server has minted it.
    pub(crate) fn is_servers<T: Handle>(&self, handle: T) -> bool {
        index_of(handle).is_some_and(|index| index >= SERVER_INDICES) && self.is_live(handle)
    }

    /// Whether it is alive and of its kind.
    #[inline]
    pub(crate) fn is_live<T: Handle>(&self, handle: T) -> bool {
        let kind = &self.kinds[T::KIND as usize];
        match index_of(handle) {
            Some(index) if index < SERVER_INDICES => kind.live.is_set(index),
            _ => kind.lock().adopted.contains(&handle.raw()),
        }
    }
}

impl Kind {
    fn lock(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Words of a part of [`Bits`].
const WORDS: usize = 64;
/// Handles that a part has bits for.
const PART: u32 = 64 * WORDS as u32;

type Part = Box<[AtomicU64; WORDS]>;

/// A bit for each of a kind's numbers, in parts that come when they are needed. A number is handed from
/// thread to thread by the program, which orders the bit as it orders the handle.
#[derive(Debug, Default)]
struct Bits {
    parts: OnceLock<Box<[OnceLock<Part>]>>,
}

impl Bits {
    #[inline]
    fn word(&self, index: u32) -> Option<&AtomicU64> {
        let part = self.parts.get()?.get((index / PART) as usize)?.get()?;
        part.get((index % PART / 64) as usize)
    }

    #[inline]
    fn is_set(&self, index: u32) -> bool {
        self.word(index)
            .is_some_and(|word| word.load(Ordering::Relaxed) >> (index % 64) & 1 == 1)
    }

    fn set(&self, index: u32) {
        let count = (HANDLES_MAX / PART) as usize;
        let parts = self
            .parts
            .get_or_init(|| std::iter::repeat_with(OnceLock::new).take(count).collect());
        if let Some(part) = parts.get((index / PART) as usize) {
            part.get_or_init(|| Box::new(std::array::from_fn(|_| AtomicU64::new(0))));
        }
        if let Some(word) = self.word(index) {
            word.fetch_or(1 << (index % 64), Ordering::Relaxed);
        }
    }

    fn clear(&self, index: u32) {
        if let Some(word) = self.word(index) {
            word.fetch_and(!(1 << (index % 64)), Ordering::Relaxed);
        }
    }
}

/// The index of a minted handle of its own kind.
#[inline]
fn index_of<T: Handle>(handle: T) -> Option<u32> {
    let base = T::mint(0).raw();
    let offset = handle.raw().checked_sub(base)?;
    u32::try_from(offset).ok()
}

/// A handle that its call has not yet created.
#[derive(Debug)]
pub(crate) struct Minted<T: Handle> {
    handles: &'static Handles,
    handle: T,
    kept: bool,
}

impl<T: Handle> Minted<T> {
    /// A new handle.
    pub(crate) fn new(handles: &'static Handles) -> CuResult<Self> {
        Ok(Self {
            handle: handles.mint()?,
            handles,
            kept: false,
        })
    }

    /// The handle, to be sent.
    pub(crate) fn handle(&self) -> T {
        self.handle
    }

    /// The call has been sent or has succeeded: the handle lives.
    pub(crate) fn keep(mut self) -> T {
        self.kept = true;
        self.handle
    }
}

impl<T: Handle> Drop for Minted<T> {
    fn drop(&mut self) {
        if !self.kept {
            self.handles.retire(self.handle);
        }
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::{Event, Stream};

    use super::*;

    #[test]
    fn minted_handle_lives_until_it_is_retired() {
        let handles = Handles::new();
        let stream: Stream = handles.mint().unwrap();
        assert!(handles.is_live(stream));
        assert!(!handles.is_live(Event(stream.0)), "kinds are apart");
        handles.retire(stream);
        assert!(!handles.is_live(stream));
    }

    #[test]
    fn null_and_foreign_numbers_are_not_alive() {
        let handles = Handles::new();
        for raw in [0, 1, 2, 0xdead_beef, u64::MAX] {
            assert!(!handles.is_live(Stream(raw)), "{raw:#x}");
        }
    }

    #[test]
    fn freed_numbers_come_back_late() {
        let handles = Handles::new();
        let first: Stream = handles.mint().unwrap();
        handles.retire(first);
        for _ in 0..FREED_MIN {
            let stream: Stream = handles.mint().unwrap();
            assert_ne!(stream, first);
            handles.retire(stream);
        }
        assert_eq!(handles.mint::<Stream>().unwrap(), first);
    }

    #[test]
    fn numbers_end_at_the_limit() {
        let handles = Handles::new();
        for _ in 0..HANDLES_MAX {
            handles.mint::<Event>().unwrap();
        }
        assert_eq!(handles.mint::<Event>(), Err(CuError::OUT_OF_MEMORY));
        assert!(handles.is_live(Event::mint(HANDLES_MAX - 1)));
        assert!(!handles.is_live(Event::mint(HANDLES_MAX)));
    }

    #[test]
    fn contexts_begin_after_the_primary_ones() {
        let context: Context = Handles::new().mint().unwrap();
        assert_eq!(context.index(), Some(Context::PRIMARY_MAX));
    }

    #[test]
    fn adopted_handle_lives_until_it_is_retired() {
        let handles = Handles::new();
        let stream = Stream::mint(SERVER_INDICES + 3);
        assert!(!handles.is_live(stream));
        handles.adopt(stream);
        assert!(handles.is_live(stream));
        assert!(handles.is_servers(stream));
        handles.retire(stream);
        assert!(!handles.is_live(stream));
        assert!(!handles.is_servers(handles.mint::<Stream>().unwrap()));
    }
}
