//! Whether work has ended: events recorded behind it, and looks at them and at streams. Read
//! [`Gate::look`] first; what is under way is `flight`'s.

use std::time::Duration;

use rigel_protocol::call::{Cx, ThreadId};
use rigel_protocol::handle::{Context, Stream};
use rigel_protocol::{CuError, CuResult};

use super::flight::{Head, Place};
use super::{Gate, Gates, GrantKind, is_captured};
use crate::worker::grants::now_ns;
use crate::worker::session::Session;

/// `CU_EVENT_DISABLE_TIMING`.
const STAMP_FLAGS: u32 = 2;
/// Longest and shortest sleep between two looks at a stamp.
const LOOK_MAX_NS: u64 = 1_000_000;
const LOOK_MIN_NS: u64 = 40_000;
/// Longest one once the turn is over: others wait.
const LOOK_LAST_NS: u64 = 100_000;

impl Gate {
    /// Whether a window has landed; `None` if the driver may not be asked now, or is not to be asked about
    /// this any more.
    fn has_landed(&self, gates: &Gates, session: &Session, head: &Head) -> Option<bool> {
        let is_done = |answer: CuResult<()>| answer != Err(CuError::NOT_READY);
        let question = || {
            // Whoever ends a stream or a context has changed the window before it waits for us.
            if !self.lock().flight.is_head(head) {
                return None;
            }
            let mut places = head.sign.places.iter();
            let mut stamps = head.sign.stamps.iter();
            let query = |context| (&session.driver, own_cx(context));
            Some(
                stamps.all(|(context, event)| {
                    let (driver, cx) = query(*context);
                    is_done(driver.event_query(cx, *event))
                }) && places.all(|(context, stream)| {
                    let (driver, cx) = query(*context);
                    is_done(driver.stream_query(cx, *stream))
                }),
            )
        };
        gates.ask(session, question).flatten()
    }

    /// Something is about to be issued to a stream which may last longer than the work there.
    pub(super) fn before(&self, session: &Session, cx: Cx, stream: Stream) {
        let place = (cx.context, stream);
        let window = self.lock().flight.unstamped(place);
        if let Some(window) = window {
            self.stamp(session, cx.thread, window, place);
        }
    }

    /// For streams that cannot be asked from now on.
    pub(super) fn stamp_all(&self, session: &Session) {
        let unstamped = self.lock().flight.all_unstamped();
        for (window, place) in unstamped {
            self.stamp(session, ThreadId(0), window, place);
        }
    }

    /// Records an event behind a window's work in a stream.
    pub(super) fn stamp(&self, session: &Session, thread: ThreadId, window: u64, place: Place) {
        let (context, stream) = place;
        let cx = Cx { context, thread };
        // It fails in a lost context, where nothing runs any more.
        let record = || {
            let free = self.lock().free_events.get_mut(&context).and_then(Vec::pop);
            let event = free.map_or_else(|| session.driver.event_create(cx, STAMP_FLAGS), Ok);
            let event = event.ok()?;
            let recorded = session.driver.event_record(cx, event, stream);
            recorded.is_ok().then_some(event)
        };
        let event = match is_captured(session, cx, stream) {
            true => None,
            false => record(),
        };
        let mut inner = self.lock();
        let free = inner.flight.stamp(window, place, event);
        inner.free_events.entry(context).or_default().extend(free);
    }

    /// Looks whether the first window has landed, and sleeps a little if not.
    pub(super) fn look(&self, gates: &Gates, session: &Session, head: &Head) {
        let landed = self.has_landed(gates, session, head);
        let now = now_ns();
        let (ran, expected) = (now.saturating_sub(head.since_ns), head.expected_ns);
        // While a stream is captured the driver is not asked: then time has to tell.
        let believed = landed.unwrap_or(ran > 2 * expected + LOOK_MAX_NS);
        if believed {
            let mut inner = self.lock();
            let waited = landed.is_some() && inner.looked_for_ns == head.since_ns;
            let stamps = inner.flight.land(head, now, waited);
            inner.looked_for_ns = 0;
            for (context, event) in stamps {
                inner.free_events.entry(context).or_default().push(event);
            }
            return;
        }
        self.lock().looked_for_ns = head.since_ns;
        let least = LOOK_MIN_NS.max(head.behind_ns / 4);
        let most = match self.is_expired(now) {
            true => LOOK_LAST_NS,
            false => LOOK_MAX_NS,
        };
        // Whoever always slept until the expected end would never learn that it came before.
        let rest = expected.saturating_sub(ran) / 4 * 3;
        let rest = rest.max(least).min(most);
        std::thread::sleep(Duration::from_nanos(rest));
    }

    /// Whether what is held, if anything, is held too long.
    fn is_expired(&self, now: u64) -> bool {
        let (grant, until) = self.grants.grant_until(self.gpu);
        grant.kind() == GrantKind::None || now >= until
    }
}

/// The side of a call that the gate makes by itself.
fn own_cx(context: Context) -> Cx {
    Cx {
        context,
        thread: ThreadId(0),
    }
}
