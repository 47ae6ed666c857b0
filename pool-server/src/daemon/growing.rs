//! A list that only grows, read without a lock: an index, once given, means the same thing for as long as
//! the server runs. What is no longer wanted is marked by whoever owns it. Read [`Growing`] first.

use std::ops::Index;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many can be added beside those it begins with.
const ROOM: usize = 4096;

/// The list. One thread at a time adds, which its owner sees to; any number read.
#[derive(Debug)]
pub(crate) struct Growing<T> {
    slots: Box<[OnceLock<T>]>,
    len: AtomicUsize,
}

impl<T> Growing<T> {
    /// Begins with these.
    pub(crate) fn new(first: Vec<T>) -> Self {
        let n = first.len();
        let empty = std::iter::repeat_with(OnceLock::new).take(ROOM);
        let slots = first.into_iter().map(OnceLock::from).chain(empty).collect();
        Self {
            slots,
            len: AtomicUsize::new(n),
        }
    }

    /// Adds one at the end; gives it back if there is no room.
    pub(crate) fn push(&self, value: T) -> Result<usize, T> {
        let at = self.len();
        match self.slots.get(at) {
            None => Err(value),
            Some(slot) => slot.set(value).map(|()| {
                self.len.store(at + 1, Ordering::SeqCst);
                at
            }),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::SeqCst)
    }

    /// How many can still be added.
    pub(crate) fn room(&self) -> usize {
        self.slots.len() - self.len()
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.slots[..self.len()].iter().filter_map(OnceLock::get)
    }
}

impl<T> Index<usize> for Growing<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        self.slots[at]
            .get()
            .expect("an index was given for something that was added")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_where_it_is() {
        let list = Growing::new(vec!["a", "b"]);
        let first = &list[0];
        assert_eq!(list.push("c"), Ok(2));
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((*first, list[2], list.len()), ("a", "c", 3));
    }

    #[test]
    fn list_takes_so_many_and_no_more() {
        let list = Growing::new(vec![0]);
        for i in 1..=ROOM {
            assert_eq!(list.push(i), Ok(i));
        }
        assert_eq!((list.push(0), list.room()), (Err(0), 0));
    }
}
