//! The stream that a thread has just seen idle: a wait for it that follows at once needs no server.
//! Read [`Idle`] first.
//!
//! 1. The answer to a call that waits for a stream says that everything is done that was submitted to the
//!    stream before that call's record.
//! 2. Nothing reaches a stream but through the command ring: work of every thread, words of host functions,
//!    captures, graphs, memory operations, changes of page-locked memory. Other processes cannot submit to it, and
//!    an event of theirs that it waited for is behind it.
//! 3. So it is idle for as long as the ring's newest record is that call's. Who reads the ring's position sees
//!    every record that came before in the program's own order, whichever thread wrote it.
//! 4. One answer is used once: a program that asks in a loop learns what went wrong on other streams.
//! 5. Errors latched for the thread come first, as at every call that waits. While anything is captured the server
//!    is asked, which may forbid to wait.

use std::sync::{Mutex, PoisonError};

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Stream;
use rigel_protocol::wire::Get;

use crate::posted::Slot;
use crate::session::Session;

/// A stream, as a call that waited for it left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Idle {
    /// The stream.
    pub(crate) stream: Stream,
    /// The context it was named in, which default streams depend on.
    pub(crate) context: u32,
    /// Where that call's record ends in the ring of calls.
    pub(crate) end: u64,
}

/// What a thread knows.
#[derive(Debug, Default)]
pub(crate) struct LastIdle(Mutex<Option<Idle>>);

impl LastIdle {
    /// A call that waited for a stream has been answered.
    pub(crate) fn note(&self, idle: Idle) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(idle);
    }

    /// Whether this is what is known. It is known no longer.
    pub(crate) fn take(&self, asked: Idle) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        known == Some(asked)
    }
}

/// Whether the thread has seen this stream idle, and nothing has been submitted since.
pub(crate) fn is_known(session: &Session, slot: &Slot, stream: Stream, context: u32) -> bool {
    let now = Idle {
        stream,
        context,
        end: session.command.position(),
    };
    slot.idle.take(now) && !session.streams.captures_anything()
}

/// The stream that a call does nothing but ask about.
pub(crate) fn asked_about(call: Call, arguments: &[u8]) -> Option<Stream> {
    match call {
        Call::STREAM_SYNCHRONIZE | Call::STREAM_QUERY => Get::new(arguments).get().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::wire::Put;

    use super::*;

    const SEEN: Idle = Idle {
        stream: Stream::LEGACY,
        context: 3,
        end: 640,
    };

    #[test]
    fn idle_stream_is_known_once() {
        let last = LastIdle::default();
        assert!(!last.take(SEEN));
        last.note(SEEN);
        assert!(last.take(SEEN));
        assert!(!last.take(SEEN));
    }

    #[test]
    fn idle_stream_of_another_place_time_or_context_is_not_known() {
        let later = Idle { end: 704, ..SEEN };
        let elsewhere = Idle { context: 4, ..SEEN };
        let other = Idle {
            stream: Stream::PER_THREAD,
            ..SEEN
        };
        for asked in [later, elsewhere, other] {
            let last = LastIdle::default();
            last.note(SEEN);
            assert!(!last.take(asked), "{asked:?}");
        }
    }

    #[test]
    fn calls_that_do_more_than_ask_are_sent() {
        let mut put = Put::new();
        put.put(&Stream::LEGACY);
        let asked = |call| asked_about(call, put.as_slice());
        assert_eq!(asked(Call::STREAM_SYNCHRONIZE), Some(Stream::LEGACY));
        assert_eq!(asked(Call::STREAM_QUERY), Some(Stream::LEGACY));
        assert_eq!(asked(Call::STREAM_WAIT_EVENT), None);
        assert_eq!(asked(Call::COPY_WAIT), None);
    }
}
