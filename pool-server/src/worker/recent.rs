//! Which streams have been given work lately, so that it can be told whether a context is idle: no driver
//! answers that. A wrong guess costs time and nothing else. Read [`Recent`] first.
//!
//! 1. The issue thread alone writes the list; waiters only report.
//! 2. What is not in the list may still be at work if `unknown` is set.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use rigel_protocol::handle::{Context, Stream};

/// Most streams that are asked one by one.
const STREAMS_MAX: usize = 8;

/// The streams used since their context was last seen idle.
#[derive(Debug, Default)]
pub(super) struct Recent {
    used: [(AtomicU64, AtomicU64); STREAMS_MAX],
    count: AtomicUsize,
    /// There were others.
    unknown: AtomicBool,
    /// Counts uses.
    now: AtomicU64,
    /// What [`Self::now`] was when a context's end of work was asked for that has come since.
    settled: AtomicU64,
}

impl Recent {
    /// Notes that a stream may get work. For the issue thread.
    #[inline]
    pub(super) fn note(&self, context: Context, stream: Stream) {
        let now = self.now.load(Ordering::Relaxed);
        self.now.store(now + 1, Ordering::Relaxed);
        let count = self.count.load(Ordering::Relaxed);
        let same = |(of, used): &(AtomicU64, AtomicU64)| {
            used.load(Ordering::Relaxed) == stream.0 && of.load(Ordering::Relaxed) == context.0
        };
        if self.used.iter().take(count).any(same) {
            return;
        }
        match self.used.get(count) {
            Some((of, used)) => {
                of.store(context.0, Ordering::Relaxed);
                used.store(stream.0, Ordering::Relaxed);
                self.count.store(count + 1, Ordering::Relaxed);
            }
            None => self.unknown.store(true, Ordering::Relaxed),
        }
    }

    /// A stream is no more, what it was given may still run. For the issue thread.
    pub(super) fn lose(&self, stream: Stream) {
        let count = self.count.load(Ordering::Relaxed);
        let lost = |(_, used): &(AtomicU64, AtomicU64)| used.load(Ordering::Relaxed) == stream.0;
        if self.used.iter().take(count).any(lost) {
            self.unknown.store(true, Ordering::Relaxed);
        }
    }

    /// Whether nothing is at work, as far as `is_idle` says so of each stream in turn. All of them have to be
    /// of one context. For the issue thread.
    pub(super) fn are_idle(&self, context: Context, is_idle: impl Fn(Stream) -> bool) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        let settled = self.settled.load(Ordering::Relaxed) == self.now.load(Ordering::Relaxed);
        if !settled {
            let idle = |(of, used): &(AtomicU64, AtomicU64)| {
                of.load(Ordering::Relaxed) == context.0
                    && is_idle(Stream(used.load(Ordering::Relaxed)))
            };
            let unknown = self.unknown.load(Ordering::Relaxed);
            if unknown || !self.used.iter().take(count).all(idle) {
                return false;
            }
        }
        self.count.store(0, Ordering::Relaxed);
        self.unknown.store(false, Ordering::Relaxed);
        true
    }

    /// Where the uses stand; to be given to [`Self::settle`].
    pub(super) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// All work before [`Self::now`] was `then` has ended, if every stream used since the last time is of this
    /// context. For any thread.
    pub(super) fn settle(&self, context: Context, then: u64) {
        let count = self.count.load(Ordering::Relaxed);
        let here = |(of, _): &(AtomicU64, AtomicU64)| of.load(Ordering::Relaxed) == context.0;
        if self.used.iter().take(count).all(here) {
            self.settled.fetch_max(then, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Context = Context::mint(0);

    #[test]
    fn context_is_idle_when_every_stream_used_is() {
        let recent = Recent::default();
        for stream in [1, 100, 1] {
            recent.note(HERE, Stream(stream));
        }
        assert!(!recent.are_idle(HERE, |stream| stream == Stream(1)));
        assert!(recent.are_idle(HERE, |stream| [1, 100].contains(&stream.0)));
        assert!(recent.are_idle(HERE, |_| unreachable!("nothing was used since")));
    }

    #[test]
    fn stream_that_is_gone_or_uncounted_leaves_its_context_unknown() {
        let lost = Recent::default();
        lost.note(HERE, Stream(100));
        lost.lose(Stream(100));
        assert!(!lost.are_idle(HERE, |_| true));
        let many = Recent::default();
        for stream in 0..=STREAMS_MAX as u64 {
            many.note(HERE, Stream(stream));
        }
        assert!(!many.are_idle(HERE, |_| true));
        many.settle(HERE, many.now());
        assert!(many.are_idle(HERE, |_| unreachable!("all work has been waited for")));
    }

    #[test]
    fn wait_for_one_context_says_nothing_of_another() {
        let recent = Recent::default();
        recent.note(Context::mint(1), Stream(1));
        recent.settle(HERE, recent.now());
        assert!(!recent.are_idle(HERE, |_| true));
    }

    #[test]
    fn use_after_a_wait_has_begun_is_not_covered_by_it() {
        let recent = Recent::default();
        recent.note(HERE, Stream(1));
        let then = recent.now();
        recent.note(HERE, Stream(1));
        recent.settle(HERE, then);
        assert!(!recent.are_idle(HERE, |_| false));
    }
}
