//! Changes of mirrored memory on their way to the worker: in the order in which they were found, whichever
//! thread found them. Read [`Outbox`] first.
//!
//! 1. Records are added under the lock under which changes are found. Whoever has a call that may read
//!    them first sends all that was added until then, by whomever.
//! 2. A record leaves the box by being written into the ring, in order. Nobody holds the box while waiting
//!    for room there: the word that a host function has returned has to get through, and that makes room.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Records that are not in the ring yet.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    records: VecDeque<Vec<u8>>,
    /// How many have left.
    sent: u64,
}

/// How many records were added until a moment: these are to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

/// How far sending came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All up to the mark.
    All,
    /// There is no room for a record of this length.
    Full(usize),
}

impl Outbox {
    /// Adds records, behind all others.
    pub(crate) fn add(&self, records: impl Iterator<Item = Vec<u8>>) -> Mark {
        let mut queue = self.lock();
        queue.records.extend(records);
        Mark(queue.sent + queue.records.len() as u64)
    }

    /// Sends what was added before the mark, as long as `try_send` finds room. It must not wait.
    pub(crate) fn send<E>(
        &self,
        mark: Mark,
        mut try_send: impl FnMut(&[u8]) -> Result<bool, E>,
    ) -> Result<Sent, E> {
        let mut queue = self.lock();
        while queue.sent < mark.0 {
            let Some(record) = queue.records.front() else {
                break;
            };
            if !try_send(record)? {
                return Ok(Sent::Full(record.len()));
            }
            queue.records.pop_front();
            queue.sent += 1;
        }
        Ok(Sent::All)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // A panic while it was locked leaves a record that is sent twice at worst.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn send(outbox: &Outbox, mark: Mark, room: usize, ring: &mut Vec<u8>) -> Sent {
        let mut left = room;
        let sent = outbox.send(mark, |record| {
            let fits = left > 0;
            left = left.saturating_sub(1);
            if fits {
                ring.extend(record);
            }
            Ok::<_, Infallible>(fits)
        });
        sent.unwrap()
    }

    #[test]
    fn whoever_comes_later_sends_what_others_have_found_before() {
        let outbox = Outbox::default();
        let first = outbox.add([vec![1], vec![2]].into_iter());
        let second = outbox.add(std::iter::empty());
        let third = outbox.add(std::iter::once(vec![3]));
        let mut ring = Vec::new();
        assert_eq!(send(&outbox, second, 9, &mut ring), Sent::All);
        assert_eq!(ring, [1, 2]);
        assert_eq!(send(&outbox, first, 9, &mut ring), Sent::All);
        assert_eq!(ring, [1, 2], "nothing is sent twice");
        assert_eq!(send(&outbox, third, 9, &mut ring), Sent::All);
        assert_eq!(ring, [1, 2, 3]);
    }

    #[test]
    fn record_without_room_stays_the_next_one() {
        let outbox = Outbox::default();
        let mark = outbox.add([vec![1], vec![2, 2], vec![3]].into_iter());
        let mut ring = Vec::new();
        assert_eq!(send(&outbox, mark, 1, &mut ring), Sent::Full(2));
        assert_eq!(send(&outbox, mark, 0, &mut ring), Sent::Full(2));
        assert_eq!(send(&outbox, mark, 9, &mut ring), Sent::All);
        assert_eq!(ring, [1, 2, 2, 3]);
    }
}
