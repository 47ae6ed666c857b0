//! What has come over a lane of UCX and was not read: messages may overtake each other, the bytes in them
//! have positions. It holds a bounded amount, which the sender knows. Read [`Arrivals`] first.

use std::collections::BTreeMap;

/// Bytes of a lane that may be on their way and unread.
pub(super) const WINDOW_BYTES: u64 = 2 << 20;
/// Messages that may.
pub(super) const WINDOW_MESSAGES: u64 = 256;

/// How far a lane's reader has come, as it tells the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    pub(super) bytes: u64,
    pub(super) messages: u64,
}

impl Mark {
    /// Whether a sender at `self` may send more to a reader at `read`.
    pub(super) fn room_after(self, read: Mark) -> u64 {
        let bytes = self.bytes.saturating_sub(read.bytes);
        let messages = self.messages.saturating_sub(read.messages);
        match messages < WINDOW_MESSAGES {
            true => WINDOW_BYTES.saturating_sub(bytes),
            false => 0,
        }
    }

    /// Whether a reader at `self` should tell, who last told `told`.
    pub(super) fn is_worth_telling(self, told: Mark) -> bool {
        self.bytes - told.bytes >= WINDOW_BYTES / 4
            || self.messages - told.messages >= WINDOW_MESSAGES / 4
    }
}

/// Messages by the position of their first byte.
#[derive(Debug)]
pub(super) struct Arrivals<M> {
    messages: BTreeMap<u64, (u64, M)>,
    read: Mark,
}

/// A message that no sender of ours sends, given back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused<M>(pub(super) M);

impl<M> Default for Arrivals<M> {
    fn default() -> Self {
        Self {
            messages: BTreeMap::new(),
            read: Mark::default(),
        }
    }
}

impl<M> Arrivals<M> {
    /// Keeps a message of `len` bytes if it is new, not empty and within the window.
    pub(super) fn accept(&mut self, at: u64, len: u64, message: M) -> Result<(), Refused<M>> {
        let end = at.checked_add(len).filter(|_| len > 0);
        let fits = end.is_some_and(|end| {
            let before = self.messages.range(..end).next_back();
            at >= self.read.bytes
                && end - self.read.bytes <= WINDOW_BYTES
                && (self.messages.len() as u64) < WINDOW_MESSAGES
                && before.is_none_or(|(first, (len, _))| first + len <= at)
        });
        if !fits {
            return Err(Refused(message));
        }
        self.messages.insert(at, (len, message));
        Ok(())
    }

    /// The message to be read next, and how much of it was read.
    pub(super) fn next(&self) -> Option<(&M, u64)> {
        let (at, (_, message)) = self.messages.first_key_value()?;
        let read = self.read.bytes.checked_sub(*at)?;
        Some((message, read))
    }

    /// So many of its bytes were read: the message, if those were the last.
    pub(super) fn advance(&mut self, n: u64) -> Option<M> {
        self.read.bytes += n;
        let first = self.messages.first_entry()?;
        if first.key() + first.get().0 > self.read.bytes {
            return None;
        }
        self.read.messages += 1;
        Some(first.remove().1)
    }

    /// How far it was read.
    pub(super) fn read(&self) -> Mark {
        self.read
    }

    /// All that was not read.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = M> {
        std::mem::take(&mut self.messages)
            .into_values()
            .map(|(_, message)| message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_overtake_each_other_are_read_in_order() {
        let mut arrivals = Arrivals::default();
        arrivals.accept(10, 5, 'b').unwrap();
        assert_eq!(arrivals.next(), None);
        arrivals.accept(0, 10, 'a').unwrap();
        assert_eq!(arrivals.next(), Some((&'a', 0)));
        assert_eq!(arrivals.advance(4), None);
        assert_eq!(arrivals.next(), Some((&'a', 4)));
        assert_eq!(arrivals.advance(6), Some('a'));
        assert_eq!(arrivals.next(), Some((&'b', 0)));
        assert_eq!(arrivals.advance(5), Some('b'));
        let read = Mark {
            bytes: 15,
            messages: 2,
        };
        assert_eq!((arrivals.read(), arrivals.next()), (read, None));
    }

    #[test]
    fn message_that_no_sender_sends_is_refused() {
        let mut arrivals = Arrivals::default();
        arrivals.accept(0, 10, 0).unwrap();
        arrivals.advance(10);
        arrivals.accept(20, 10, 0).unwrap();
        let refused = [
            (5, 3),                 // read already
            (5, 6),                 // partly
            (15, 6),                // overlaps what follows
            (20, 10),               // a second time
            (25, 1),                // within one
            (29, 5),                // overlaps what precedes
            (30, 0),                // empty
            (10, WINDOW_BYTES + 1), // beyond the window
            (10 + WINDOW_BYTES, 1),
            (u64::MAX, 2), // beyond all
        ];
        for (at, len) in refused {
            assert_eq!(arrivals.accept(at, len, 1), Err(Refused(1)), "{at} {len}");
        }
        arrivals.accept(15, 5, 0).unwrap();
        arrivals.accept(30, 5, 0).unwrap();
    }

    #[test]
    fn flood_of_small_messages_stops_at_the_window() {
        let mut arrivals = Arrivals::default();
        let taken = (0..10_000u64).filter(|at| arrivals.accept(*at, 1, ()).is_ok());
        assert_eq!(taken.count() as u64, WINDOW_MESSAGES);
        assert_eq!(arrivals.drain().count() as u64, WINDOW_MESSAGES);
    }

    #[test]
    fn sender_within_the_window_is_never_refused() {
        let (mut sent, mut arrivals) = (Mark::default(), Arrivals::default());
        let (mut told, mut random) = (Mark::default(), 7u64);
        for _ in 0..20_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005) + 1;
            let n = sent.room_after(told).min(random >> 47);
            if n > 0 && random & 3 > 0 {
                arrivals.accept(sent.bytes, n, n).unwrap();
                sent.bytes += n;
                sent.messages += 1;
                continue;
            }
            if let Some(&n) = arrivals.next().map(|(n, _)| n) {
                arrivals.advance(n);
            }
            if arrivals.read().is_worth_telling(told) {
                told = arrivals.read();
            }
        }
        assert!(sent.bytes > 100 * WINDOW_BYTES);
    }
}
