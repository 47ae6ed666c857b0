//! The shortest way of a posted call: its record is written where the worker reads it, and nothing else is
//! done. It is taken where nothing asks for more: nobody watches, no memory of the program has to go out
//! before, no context is lost, the ring has room. Everything else is [`Remote::post`]'s.
//!
//! Expected here, on the development machine: some 120 instructions with the ring's, two of them atomic
//! updates. Read [`Remote::post_at_once`] first.

use rigel_protocol::Cx;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::link::context_word;
use rigel_transport::RecordHead;

use crate::observe;
use crate::remote::{POLL_EVERY_BYTES, Remote};
use crate::session::Session;

impl Remote {
    /// Sends a call that is not answered, of `len` bytes that `write` fills in, if nothing is in its way.
    /// `false`: nothing was sent, because something is, or because `write` refused.
    #[inline]
    pub(crate) fn post_at_once(
        session: &'static Session,
        cx: Cx,
        call: Call,
        len: usize,
        write: impl FnOnce(&mut [u8]) -> bool,
    ) -> bool {
        let clear = !observe::is_watched()
            && !session.way.is_wanted()
            && !session.contexts.any_is_lost()
            && !session.mirrors.any()
            && session.managed.is_settled()
            && call.0 <= session.welcome.call_id_max;
        let context = context_word(cx.context).filter(|_| clear);
        let Some(context) = context else {
            return false;
        };
        let head = RecordHead {
            op: call.0,
            flags: 0,
            thread: cx.thread.0,
            context,
        };
        let Some(mut record) = session.command.reserve_at_once(head, len) else {
            return false;
        };
        if !write(&mut record) {
            // What was reserved becomes padding.
            return false;
        }
        let position = record.publish();
        if position / POLL_EVERY_BYTES != (position + len as u64) / POLL_EVERY_BYTES {
            session.inbox.poll();
        }
        true
    }
}
