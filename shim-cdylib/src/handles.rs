//! Handles: numbers minted for what the client creates, and which of them are alive. Read
//! [`Handles`] first.
//!
//! Freed numbers are used again, oldest first and only once many have gathered, so that a stale
//! handle is noticed for a while. The ring keeps order: the worker has always seen the end of the old
//! object before the beginning of the new one.

use std::collections::{HashSet, VecDeque};
use std::sync::{PoisonError, RwLock};

use rigel_protocol::handle::{Context, Handle, HandleKind};
use rigel_protocol::{CuError, CuResult};

/// How many freed numbers gather before the first is used again.
const FREED_MIN: usize = 1024;

/// Numbers from here on are the server's to mint.
const SERVER_INDICES: u32 = 0x8000_0000;

/// How many kinds there are, at most.
const KINDS: usize = 32;

/// All handles of a session.
#[derive(Debug)]
pub(crate) struct Handles {
    kinds: [RwLock<Live>; KINDS],
}

/// The live handles of one kind.
#[derive(Debug, Default)]
struct Live {
    /// A bit for each of the client's indices.
    bits: Vec<u64>,
    next: u32,
    freed: VecDeque<u32>,
    /// Handles that the server has minted.
    adopted: HashSet<u64>,
}

impl Handles {
    /// None yet.
    pub(crate) fn new() -> Self {
        let handles = Self {
            kinds: std::array::from_fn(|_| RwLock::default()),
        };
        // The first contexts are the devices' primary ones.
        handles.write(HandleKind::Context).next = Context::PRIMARY_MAX;
        handles
    }

    /// A new handle; alive from now on.
    pub(crate) fn mint<T: Handle>(&self) -> CuResult<T> {
        let mut live = self.write(T::KIND);
        let index = match live.freed.len() > FREED_MIN {
            true => live.freed.pop_front(),
            false => None,
        };
        let index = match index {
            Some(index) => index,
            None => {
                let index = live.next;
                if index >= SERVER_INDICES {
                    return Err(CuError::OUT_OF_MEMORY);
                }
                live.next += 1;
                index
            }
        };
        live.set(index);
        Ok(T::mint(index))
    }

    /// Notes a handle of the server's.
    pub(crate) fn adopt<T: Handle>(&self, handle: T) {
        if handle.raw() != 0 {
            self.write(T::KIND).adopted.insert(handle.raw());
        }
    }

    /// Ends a handle.
    pub(crate) fn retire<T: Handle>(&self, handle: T) {
        let mut live = self.write(T::KIND);
        match index_of(handle) {
            Some(index) if live.is_set(index) => {
                live.clear(index);
                live.freed.push_back(index);
            }
            _ => {
                live.adopted.remove(&handle.raw());
            }
        }
    }

    /// Whether it is alive and of its kind.
    pub(crate) fn is_live<T: Handle>(&self, handle: T) -> bool {
        let kind = &self.kinds[T::KIND as usize];
        let live = kind.read().unwrap_or_else(PoisonError::into_inner);
        match index_of(handle) {
            Some(index) if index < SERVER_INDICES => live.is_set(index),
            _ => live.adopted.contains(&handle.raw()),
        }
    }

    fn write(&self, kind: HandleKind) -> std::sync::RwLockWriteGuard<'_, Live> {
        self.kinds[kind as usize]
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn is_set(&self, index: u32) -> bool {
        let word = self.bits.get(index as usize / 64).copied().unwrap_or(0);
        word >> (index % 64) & 1 == 1
    }

    fn set(&mut self, index: u32) {
        let word = index as usize / 64;
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (index % 64);
    }

    fn clear(&mut self, index: u32) {
        if let Some(word) = self.bits.get_mut(index as usize / 64) {
            *word &= !(1 << (index % 64));
        }
    }
}

/// The index of a minted handle of its own kind.
fn index_of<T: Handle>(handle: T) -> Option<u32> {
    let base = T::mint(0).raw();
    let offset = handle.raw().checked_sub(base)?;
    u32::try_from(offset).ok()
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
        handles.retire(stream);
        assert!(!handles.is_live(stream));
    }
}
