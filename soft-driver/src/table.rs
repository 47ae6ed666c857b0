//! Objects by handle. A table mints handles, finds objects without copying them, and forgets them;
//! it does not know what they are. Read [`Table`].

use std::{
    collections::VecDeque,
    marker::PhantomData,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use rigel_protocol::handle::Handle;
use rigel_protocol::{CuError, CuResult};

/// Most live objects of one kind.
const OBJECTS_MAX: usize = 1 << 22;

/// A freed slot is used again only after this many others were freed, so that the use of a stale
/// handle is noticed.
const FREED_MIN: usize = 1024;

/// Objects of one kind, by handle. The slots are its own; every lock is held for a lookup only.
#[derive(Debug)]
pub(crate) struct Table<H, T> {
    slots: RwLock<Slots<T>>,
    first: u32,
    handle: PhantomData<fn() -> H>,
}

#[derive(Debug)]
struct Slots<T> {
    objects: Vec<Option<Arc<T>>>,
    freed: VecDeque<u32>,
}

impl<H: Handle, T> Table<H, T> {
    /// An empty table whose handles begin at index `first`.
    pub(crate) fn new(first: u32) -> Self {
        let slots = Slots {
            objects: Vec::new(),
            freed: VecDeque::new(),
        };
        Self {
            slots: RwLock::new(slots),
            first,
            handle: PhantomData,
        }
    }

    /// Puts in what `make` makes of its own handle.
    pub(crate) fn insert(&self, make: impl FnOnce(H) -> T) -> CuResult<(H, Arc<T>)> {
        self.try_insert(|handle| Ok(make(handle)))
    }

    /// Puts in what `make` makes of its own handle, if it does.
    pub(crate) fn try_insert(&self, make: impl FnOnce(H) -> CuResult<T>) -> CuResult<(H, Arc<T>)> {
        let mut slots = self.write();
        let slot = if slots.freed.len() > FREED_MIN {
            slots.freed.pop_front()
        } else {
            None
        };
        let slot = slot.map_or(slots.objects.len(), |slot| slot as usize);
        if slot >= OBJECTS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let handle = H::mint(self.first + slot as u32);
        let object = Arc::new(make(handle)?);
        if slot == slots.objects.len() {
            slots.objects.push(None);
        }
        slots.objects[slot] = Some(Arc::clone(&object));
        Ok((handle, object))
    }

    /// The object, or `CUDA_ERROR_INVALID_HANDLE`.
    pub(crate) fn find(&self, handle: H) -> CuResult<Arc<T>> {
        let slot = self.slot(handle).ok_or(CuError::INVALID_HANDLE)?;
        let slots = self.read();
        slots
            .objects
            .get(slot)
            .and_then(Clone::clone)
            .ok_or(CuError::INVALID_HANDLE)
    }

    /// Takes the object out, or `CUDA_ERROR_INVALID_HANDLE`.
    pub(crate) fn remove(&self, handle: H) -> CuResult<Arc<T>> {
        let slot = self.slot(handle).ok_or(CuError::INVALID_HANDLE)?;
        let mut slots = self.write();
        let object = slots.objects.get_mut(slot).and_then(Option::take);
        if object.is_some() {
            slots.freed.push_back(slot as u32);
        }
        object.ok_or(CuError::INVALID_HANDLE)
    }

    /// Takes out all objects for which `chosen` says so.
    pub(crate) fn remove_all(&self, chosen: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let mut slots = self.write();
        let slots = &mut *slots;
        let mut removed = Vec::new();
        for (index, slot) in slots.objects.iter_mut().enumerate() {
            if let Some(object) = slot.take_if(|object| chosen(object)) {
                slots.freed.push_back(index as u32);
                removed.push(object);
            }
        }
        removed
    }

    /// All objects for which `chosen` says so.
    pub(crate) fn select(&self, chosen: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let slots = self.read();
        slots
            .objects
            .iter()
            .flatten()
            .filter(|object| chosen(object))
            .cloned()
            .collect()
    }

    fn slot(&self, handle: H) -> Option<usize> {
        // The index within its own kind; a handle of another kind has none.
        let low = handle.raw().checked_sub(H::mint(self.first).raw())?;
        usize::try_from(low).ok().filter(|slot| *slot < OBJECTS_MAX)
    }

    fn read(&self) -> RwLockReadGuard<'_, Slots<T>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slots<T>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rigel_protocol::handle::{Event, Stream};

    #[test]
    fn find_inserted_object_gives_it() {
        let table: Table<Event, u32> = Table::new(0);
        let (handle, _) = table.insert(|_| 7).unwrap();
        assert_eq!(*table.find(handle).unwrap(), 7);
    }

    #[test]
    fn find_removed_or_foreign_handle_is_invalid() {
        let table: Table<Event, u32> = Table::new(0);
        let (handle, _) = table.insert(|_| 7).unwrap();
        table.remove(handle).unwrap();
        for bad in [
            handle,
            Event::NONE,
            Event(2),
            Event(Stream::mint(0).0),
            Event(u64::MAX),
        ] {
            assert_eq!(table.find(bad), Err(CuError::INVALID_HANDLE), "{bad:?}");
        }
    }

    #[test]
    fn insert_after_remove_gives_another_handle() {
        let table: Table<Event, u32> = Table::new(5);
        let (first, _) = table.insert(|_| 1).unwrap();
        table.remove(first).unwrap();
        let (second, _) = table.insert(|_| 2).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn remove_all_takes_the_chosen() {
        let table: Table<Event, u32> = Table::new(0);
        let (odd, _) = table.insert(|_| 1).unwrap();
        let (even, _) = table.insert(|_| 2).unwrap();
        assert_eq!(table.remove_all(|object| object % 2 == 1).len(), 1);
        assert!(table.find(odd).is_err());
        assert!(table.find(even).is_ok());
    }
}
