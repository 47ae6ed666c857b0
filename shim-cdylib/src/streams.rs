//! What is known of streams without asking: context, flags, priority, and whether anything is being
//! captured. Read [`Streams`] first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use rigel_protocol::handle::{Context, Device, Event, Stream};
use rigel_protocol::{CuError, CuResult};

/// The streams that the program has created.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    all: RwLock<HashMap<u64, StreamInfo>>,
    /// Captures that have begun and not ended.
    captures: AtomicUsize,
    ids: AtomicU64,
}

/// A stream as it was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamInfo {
    /// Its context.
    pub(crate) context: Context,
    /// `CU_STREAM_*`.
    pub(crate) flags: u32,
    /// Its priority within the range.
    pub(crate) priority: i32,
    /// Its number, never used again.
    pub(crate) id: u64,
}

/// Numbers up to here are those of default streams.
const IDS_RESERVED: u64 = 16;

impl Streams {
    /// A stream has been created.
    pub(crate) fn insert(&self, stream: Stream, context: Context, flags: u32, priority: i32) {
        let info = StreamInfo {
            context,
            flags,
            priority,
            id: IDS_RESERVED + self.ids.fetch_add(1, Ordering::Relaxed),
        };
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(stream.0, info);
    }

    /// A stream has been destroyed.
    pub(crate) fn remove(&self, stream: Stream) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&stream.0);
    }

    /// What is known of a stream; a default stream is `current`'s.
    pub(crate) fn info(&self, stream: Stream, current: Context) -> CuResult<StreamInfo> {
        if stream == Stream::LEGACY || stream == Stream::PER_THREAD {
            return Ok(StreamInfo {
                context: current,
                flags: 0,
                priority: 0,
                id: stream.0,
            });
        }
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&stream.0).copied().ok_or(CuError::INVALID_HANDLE)
    }

    /// Forgets the streams of a context, and names them.
    pub(crate) fn end_of(&self, context: Context) -> Vec<Stream> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = all
            .iter()
            .filter(|(_, info)| info.context == context)
            .map(|(raw, _)| Stream(*raw))
            .collect();
        for stream in &gone {
            all.remove(&stream.0);
        }
        gone
    }

    /// A capture has begun.
    pub(crate) fn capture_begun(&self) {
        self.captures.fetch_add(1, Ordering::Relaxed);
    }

    /// A capture has ended, well or not.
    pub(crate) fn capture_ended(&self) {
        // Ending what never began is the worker's to refuse.
        let _ = self
            .captures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    }

    /// Whether anything is being captured in the process. A stream may be part of a capture that began
    /// on another, so that only "nothing" is an answer.
    pub(crate) fn captures_anything(&self) -> bool {
        self.captures.load(Ordering::Relaxed) > 0
    }
}

/// The contexts of events, so that one is not recorded in a stream of another context. Device 0's primary
/// context is what most programs have alone: its events are not noted. There are no more than handles.
#[derive(Debug, Default)]
pub(crate) struct Events {
    elsewhere: RwLock<HashMap<u64, Context>>,
    any_elsewhere: AtomicBool,
}

impl Events {
    /// An event has been created.
    pub(crate) fn insert(&self, event: Event, context: Context) {
        let is_elsewhere = context != Context::primary(Device(0));
        if !is_elsewhere && !self.any_elsewhere.load(Ordering::Relaxed) {
            return;
        }
        let mut elsewhere = self
            .elsewhere
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match is_elsewhere {
            true => elsewhere.insert(event.0, context),
            // Its number may have been that of another event.
            false => elsewhere.remove(&event.0),
        };
        self.any_elsewhere.store(true, Ordering::Relaxed);
    }

    /// The context of an event.
    pub(crate) fn context(&self, event: Event) -> Context {
        if !self.any_elsewhere.load(Ordering::Relaxed) {
            return Context::primary(Device(0));
        }
        let elsewhere = self
            .elsewhere
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let noted = elsewhere.get(&event.0).copied();
        noted.unwrap_or(Context::primary(Device(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_of_default_streams_is_of_the_current_context() {
        let streams = Streams::default();
        let context = Context::primary(Device(0));
        assert_eq!(
            streams.info(Stream::LEGACY, context).unwrap().context,
            context
        );
        assert_eq!(
            streams.info(Stream::mint(1), context),
            Err(CuError::INVALID_HANDLE)
        );
    }

    #[test]
    fn streams_end_with_their_context() {
        let streams = Streams::default();
        let (one, two) = (Context::mint(70), Context::mint(71));
        streams.insert(Stream::mint(1), one, 1, 0);
        streams.insert(Stream::mint(2), two, 0, -1);
        assert_eq!(streams.end_of(one), [Stream::mint(1)]);
        assert_eq!(streams.info(Stream::mint(2), one).unwrap().priority, -1);
    }

    #[test]
    fn event_has_the_context_of_its_last_creation() {
        let (events, first) = (Events::default(), Context::primary(Device(0)));
        let (one, two) = (Event::mint(1), Event::mint(2));
        events.insert(one, first);
        events.insert(two, Context::mint(70));
        assert_eq!(events.context(one), first);
        assert_eq!(events.context(two), Context::mint(70));
        events.insert(two, first);
        assert_eq!(events.context(two), first);
    }

    #[test]
    fn captures_end_no_more_often_than_they_begin() {
        let streams = Streams::default();
        streams.capture_ended();
        streams.capture_begun();
        assert!(streams.captures_anything());
        streams.capture_ended();
        assert!(!streams.captures_anything());
    }
}
