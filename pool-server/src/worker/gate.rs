//! The gate before a GPU: work passes it only while the daemon grants the GPU to the session. It knows
//! nothing of other sessions. Read [`Gate`] first; `docs/decisions/0230-shares-by-turns.md` says why.
//!
//! 1. Under a grant without an end a piece of work costs one look at the grant, and a stamp (an event
//!    behind it) about every [`OPEN_WINDOW_NS`] of work. At most [`OPEN_FLYING_MAX`] such windows fly.
//! 2. In a turn, at most a window of work by its expected time is under way, and at least one piece. A
//!    window is 1 ms, or what the daemon allows (`turn.rs`). Nothing begins that would begin after the turn's end.
//! 3. What is under way at the end has to be done before the grant is given back.
//! 4. The issue thread does all this while it issues work. When it turns to something else it leaves what is
//!    under way to the keeper, a thread of its own, which gives back what is not used for a
//!    while ([`Patience`]).
//!    Only the issue thread records events, so that nothing of ours gets into a capture.
//! 5. The lock is never held across a call into the driver.
//! 6. A stamp is recorded when something else is issued to its stream, just before: behind the last work of
//!    a stream stands none, where a client that asks whether the stream is done would find it. Until then the
//!    stream itself is asked.
//! 7. Work that has to pass for others to be able to end does, in the end: a stream may wait for a word
//!    that a later record writes. See [`STUCK_NS`].

mod flight;
mod keeper;
mod look;
mod turn;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rigel_protocol::call::Cx;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::types::CUstreamCaptureStatus;
use rigel_protocol::handle::{Context, Event, Stream};
use rigel_share::Patience;

pub(super) use self::flight::Work;
use self::flight::{Flight, Head};
use self::turn::next_in_turn;
use super::grants::{Bell, Grant, GrantKind, Grants, now_ns};
use super::ledger::VirtualGpu;
use super::session::Session;

/// Work between stamps under a grant without an end.
const OPEN_WINDOW_NS: u64 = 5_000_000;
/// Most pieces of work between stamps under such a grant, and how many until their time is known.
const OPEN_WINDOW_MAX: u64 = 1024;
const OPEN_WINDOW_FIRST: u64 = 32;
/// Most windows that fly under such a grant.
const OPEN_FLYING_MAX: usize = 2;
/// Work that is so much later than expected may be waiting for what comes behind in the ring: from then on
/// one more piece of work passes at this interval, or many if the client made a stream wait.
const STUCK_NS: u64 = 100_000_000;
/// Most pieces of work that pass while streams wait for the client.
const STUCK_PASSES_MAX: u64 = 4096;
/// How often a session that waits for a grant looks whether it is still there.
const ALIVE_LOOK: Duration = Duration::from_millis(100);

/// From when to when a grant was used that never was.
const NEVER_USED: Range<u64> = 0..0;
/// In place of a grant that lets work pass unlooked.
const NOT_OPEN: u64 = u64::MAX;
/// Likewise, and the issue thread has handed over all it issued.
const HANDED_OVER: u64 = u64::MAX - 1;

/// The gates of a session, by its virtual GPUs.
#[derive(Debug, Default)]
pub(super) struct Gates {
    gates: Vec<Gate>,
    /// A capture is beginning: the keepers ask the driver nothing.
    capturing: AtomicBool,
    /// How many keepers ask the driver something.
    asking: AtomicU64,
    /// The client has made streams wait for it.
    makes_wait: AtomicBool,
    closing: AtomicBool,
}

/// The gate before one GPU.
#[derive(Debug)]
struct Gate {
    gpu: VirtualGpu,
    grants: Arc<Grants>,
    bell: Arc<Bell>,
    /// The grant without an end under which work in `stream` passes, `left` more times, unlooked. Written
    /// by the issue thread, and set to something else by the keeper.
    admitted: AtomicU64,
    stream: AtomicU64,
    left: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    held: Option<Grant>,
    /// When the first piece of work passed under it.
    began_ns: Option<u64>,
    returned: Grant,
    /// The issue thread waits for a grant.
    asked: bool,
    flight: Flight,
    /// `left` when the open window began.
    window_left: u64,
    /// The issue thread is at work, and sees to stamps and the turn's end itself.
    issuing: bool,
    /// When it last issued something or left.
    left_at_ns: u64,
    /// The keeper sleeps without a limit.
    keeper_sleeps: bool,
    /// How long what is held is kept without work.
    patience: Patience,
    /// When a piece of work last passed because everything stood still.
    let_through_ns: u64,
    stuck_passes: u64,
    free_events: HashMap<Context, Vec<Event>>,
    /// The first window, by its start, was seen not to have landed.
    looked_for_ns: u64,
    /// For the keeper: when it last looked whether the GPU is busy, when it was, and when it asked.
    sample_at_ns: u64,
    busy_at_ns: u64,
    looked_at_ns: u64,
}

/// What the issue thread does next to let work pass.
enum Step {
    Pass,
    /// Close the window.
    Close,
    /// Stamp what this window has in the stream.
    Stamp(u64),
    Await(Head),
    Sleep(u64),
    Ask,
}

impl Gates {
    /// Gates for this many GPUs. Nothing is held.
    pub(super) fn new(grants: Grants, bell: Bell, gpus: usize) -> Self {
        let (grants, bell) = (Arc::new(grants), Arc::new(bell));
        let gates = (0..gpus as u32).map(|gpu| Gate {
            gpu: VirtualGpu(gpu),
            grants: Arc::clone(&grants),
            bell: Arc::clone(&bell),
            admitted: AtomicU64::new(HANDED_OVER),
            stream: AtomicU64::new(u64::MAX),
            left: AtomicU64::new(0),
            inner: Mutex::default(),
        });
        Self {
            gates: gates.collect(),
            ..Self::default()
        }
    }

    /// Lets a piece of work pass to a GPU, as soon as the session may. For the issue thread.
    #[inline]
    pub(super) fn pass(&self, session: &Session, cx: Cx, stream: Stream, work: impl Fn() -> Work) {
        if let Some(gate) = self.gate(session, cx.context)
            && !gate.passes_unlooked(stream)
        {
            gate.pass_looking(self, session, cx, stream, work());
        }
    }

    /// Something that does not pass by itself is about to be issued to a stream. For the issue thread.
    pub(super) fn before(&self, session: &Session, cx: Cx, stream: Stream, call: Call) {
        if let Some(gate) = self.gate(session, cx.context)
            && !gate.is_open()
            && !adds_nothing(call)
        {
            gate.before(session, cx, stream);
        }
    }

    #[inline]
    fn gate(&self, session: &Session, context: Context) -> Option<&Gate> {
        match self.gates.as_slice() {
            [] => None,
            [gate] => Some(gate),
            gates => {
                let gpu = session.gpu_of(context).map_or(0, |gpu| gpu.0 as usize);
                gates.get(gpu.min(gates.len() - 1))
            }
        }
    }

    /// The issue thread turns to something that is no work for a GPU.
    #[inline]
    pub(super) fn leave(&self, session: &Session, call: Call) {
        match call {
            Call::STREAM_BEGIN_CAPTURE_V2 | Call::STREAM_BEGIN_CAPTURE_TO_GRAPH => {
                return self.begin_capture(session);
            }
            Call::STREAM_DESTROY_V2 | Call::THREAD_END => return self.stop_asking(session),
            Call::LAUNCH_HOST
            | Call::STREAM_WAIT_VALUE32_V2
            | Call::STREAM_WAIT_VALUE64_V2
            | Call::STREAM_BATCH_MEM_OP_V2 => self.makes_wait.store(true, Ordering::Relaxed),
            _ => {}
        }
        for gate in &self.gates {
            if gate.admitted.load(Ordering::Relaxed) != HANDED_OVER && !gate.is_open() {
                gate.hand_over(self);
            }
        }
    }

    /// The issue thread goes to sleep.
    pub(super) fn rest(&self) {
        self.capturing.store(false, Ordering::SeqCst);
        for gate in &self.gates {
            if gate.admitted.load(Ordering::Relaxed) != HANDED_OVER {
                gate.hand_over(self);
            }
        }
    }

    /// A context ends: nothing of it is looked at any more.
    pub(super) fn forget(&self, context: Context) {
        for gate in &self.gates {
            let mut inner = gate.lock();
            inner.flight.forget(context);
            inner.free_events.remove(&context);
            gate.stream.store(u64::MAX, Ordering::Relaxed);
        }
        self.await_keepers();
    }

    /// Whether a stream of this context may have a stamp of ours behind the client's work.
    pub(super) fn has_stamp_in(&self, context: Context) -> bool {
        let mut gates = self.gates.iter();
        gates.any(|gate| gate.lock().flight.has_stamp_in(context))
    }

    /// Everything is stamped before a capture begins: afterwards a stamp might land in it.
    fn begin_capture(&self, session: &Session) {
        for gate in &self.gates {
            gate.stamp_all(session);
            gate.hand_over(self);
            gate.stream.store(u64::MAX, Ordering::Relaxed);
        }
        self.capturing.store(true, Ordering::SeqCst);
        self.await_keepers();
    }

    /// A stream ends: keepers ask stamps in place of streams from here on.
    fn stop_asking(&self, session: &Session) {
        for gate in &self.gates {
            gate.stamp_all(session);
            gate.hand_over(self);
        }
        self.await_keepers();
    }

    /// Questions of keepers are short: they never wait in the driver.
    fn await_keepers(&self) {
        while self.asking.load(Ordering::SeqCst) > 0 && !self.closing.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
    }

    /// Asks the driver something that a capture would not bear; `None` if one is under way or begins.
    pub(super) fn ask<T>(&self, session: &Session, question: impl FnOnce() -> T) -> Option<T> {
        self.asking.fetch_add(1, Ordering::SeqCst);
        let may = session.may_query() && !self.capturing.load(Ordering::SeqCst);
        let answer = may.then(question);
        self.asking.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

impl Gate {
    /// Whether work passes under a grant without an end.
    #[inline]
    fn is_open(&self) -> bool {
        self.grants.grant(self.gpu).0 == self.admitted.load(Ordering::Relaxed)
    }

    /// The fast way: one look at the grant.
    #[inline]
    fn passes_unlooked(&self, stream: Stream) -> bool {
        let left = self.left.load(Ordering::Relaxed);
        if !self.is_open() || left == 0 || self.stream.load(Ordering::Relaxed) != stream.0 {
            return false;
        }
        self.left.store(left - 1, Ordering::Relaxed);
        true
    }

    fn pass_looking(&self, gates: &Gates, session: &Session, cx: Cx, stream: Stream, work: Work) {
        if is_captured(session, cx, stream) {
            return;
        }
        while session.is_open() {
            let place = (cx.context, stream);
            match self.step(gates, session, place, work) {
                Step::Pass => return,
                Step::Close => self.close(),
                Step::Stamp(window) => self.stamp(session, cx.thread, window, place),
                Step::Await(head) => self.look(gates, session, &head),
                Step::Sleep(ns) => {
                    let seen = self.grants.grant(self.gpu);
                    self.grants
                        .sleep_on_grant(self.gpu, seen, Duration::from_nanos(ns));
                }
                Step::Ask => self.ask(session),
            }
        }
    }

    fn step(&self, gates: &Gates, session: &Session, place: (Context, Stream), work: Work) -> Step {
        let now = now_ns();
        let mut inner = self.lock();
        self.take_stock(&mut inner);
        if !std::mem::replace(&mut inner.issuing, true) && inner.flight.is_empty() {
            let idle_ns = now.saturating_sub(inner.flight.landed_ns);
            inner.patience.work_came_after(idle_ns);
        }
        inner.left_at_ns = now;
        if let Some(window) = inner.flight.unstamped_flying(place) {
            return Step::Stamp(window);
        }
        let Some(held) = inner.held else {
            return Step::Ask;
        };
        let (grant, until) = self.grants.grant_until(self.gpu);
        let is_upgraded = grant.kind() == GrantKind::Open && held.kind() == GrantKind::Turn;
        if is_upgraded {
            inner.held = Some(grant);
        } else if grant != held
            || held.kind() == GrantKind::Turn && self.is_over(&inner, now, until)
        {
            return self.wind_up(gates, session, &mut inner, now);
        }
        let next = match grant.kind() {
            GrantKind::Open => self.next_when_open(&inner),
            _ => next_in_turn(&inner.flight, now, work, self.grants.window_ns(self.gpu)),
        };
        if let Step::Await(head) = &next
            && may_pass_stuck(gates, &mut inner, head, now)
        {
            inner.flight.add(place, work, now);
            return Step::Pass;
        }
        if matches!(next, Step::Pass) {
            inner.began_ns.get_or_insert(now);
            inner.flight.add(place, work, now);
            inner.stuck_passes = 0;
            if grant.kind() == GrantKind::Open && session.may_query() {
                self.open_fast_way(&mut inner, grant, place.1);
            } else {
                self.admitted.store(NOT_OPEN, Ordering::Relaxed);
            }
        }
        next
    }

    /// Nothing begins that would begin after the end; one piece of work fits every turn.
    fn is_over(&self, inner: &Inner, now: u64, until: u64) -> bool {
        now.saturating_add(inner.flight.remaining_ns(now)) >= until
            && (now >= until || !inner.flight.is_empty())
    }

    /// The grant is over: what is under way ends first, then the grant is given back, and asked for anew.
    fn wind_up(&self, gates: &Gates, session: &Session, inner: &mut Inner, now: u64) -> Step {
        self.admitted.store(NOT_OPEN, Ordering::Relaxed);
        if !inner.flight.is_open_empty() {
            return Step::Close;
        }
        match inner.flight.head() {
            Some(head) if may_pass_stuck(gates, inner, &head, now) => Step::Pass,
            Some(head) => Step::Await(head),
            None => {
                self.grants.ask(self.gpu);
                inner.asked = true;
                self.give_back(session, inner, now);
                Step::Ask
            }
        }
    }

    fn next_when_open(&self, inner: &Inner) -> Step {
        let flight = &inner.flight;
        if !flight.is_open_empty() && self.left.load(Ordering::Relaxed) == 0 {
            return Step::Close;
        }
        match flight.head() {
            Some(head) if flight.n_flying() > OPEN_FLYING_MAX => Step::Await(head),
            _ => Step::Pass,
        }
    }

    /// From here on work in this stream passes unlooked.
    fn open_fast_way(&self, inner: &mut Inner, grant: Grant, stream: Stream) {
        if self.admitted.load(Ordering::Relaxed) != grant.0 || inner.window_left == 0 {
            let window = match inner.flight.average_ns() {
                0 => OPEN_WINDOW_FIRST,
                each => (OPEN_WINDOW_NS / each.max(1)).clamp(1, OPEN_WINDOW_MAX),
            };
            // What is open already counts.
            let window = window.saturating_sub(inner.flight.open_n()).max(1);
            inner.window_left = window;
            self.left.store(window, Ordering::Relaxed);
        }
        let left = self.left.load(Ordering::Relaxed).saturating_sub(1);
        self.left.store(left, Ordering::Relaxed);
        inner.window_left = left;
        self.stream.store(stream.0, Ordering::Relaxed);
        self.admitted.store(grant.0, Ordering::Relaxed);
    }

    /// Counts what has passed unlooked.
    fn take_stock(&self, inner: &mut Inner) {
        let left = self.left.load(Ordering::Relaxed);
        let passed = inner.window_left.saturating_sub(left);
        if passed > 0 {
            inner.flight.add_uncounted(passed);
            inner.window_left = left;
        }
    }

    /// What comes from now on is looked at apart.
    fn close(&self) {
        let mut inner = self.lock();
        self.take_stock(&mut inner);
        inner.window_left = 0;
        self.left.store(0, Ordering::Relaxed);
        inner.flight.close();
    }

    /// Waits until the daemon grants the GPU.
    fn ask(&self, session: &Session) {
        let began = now_ns();
        let mut inner = self.lock();
        if !std::mem::replace(&mut inner.asked, true) {
            let (grant, _) = self.grants.grant_until(self.gpu);
            if grant.kind() == GrantKind::None || grant == inner.returned {
                self.grants.ask(self.gpu);
            }
        }
        let mut returned = inner.returned;
        drop(inner);
        self.bell.ring();
        while session.is_open() {
            let (grant, _) = self.grants.grant_until(self.gpu);
            if grant.kind() != GrantKind::None && grant != returned {
                let mut inner = self.lock();
                inner.hold(grant);
                inner.asked = false;
                self.admitted.store(NOT_OPEN, Ordering::Relaxed);
                break;
            }
            if grant != returned && grant.kind() == GrantKind::None {
                self.give_back_unseen(grant);
                returned = grant;
            }
            self.grants.sleep_on_grant(self.gpu, grant, ALIVE_LOOK);
        }
        let waited = now_ns().saturating_sub(began);
        self.grants.add_throttled(self.gpu, waited);
    }

    /// A grant came and was taken away before this thread saw it: the daemon waits for it all the same.
    fn give_back_unseen(&self, taken_away: Grant) {
        self.lock().returned = taken_away;
        self.grants.ask(self.gpu);
        self.grants.give_back(self.gpu, taken_away, NEVER_USED);
        self.bell.ring();
    }

    /// The issue thread leaves: the rest is the keeper's.
    fn hand_over(&self, gates: &Gates) {
        let mut inner = self.lock();
        self.take_stock(&mut inner);
        self.admitted.store(HANDED_OVER, Ordering::Relaxed);
        if std::mem::replace(&mut inner.issuing, false) {
            inner.left_at_ns = now_ns();
        }
        let wakes = inner.held.is_some() && std::mem::take(&mut inner.keeper_sleeps);
        drop(inner);
        if wakes && !gates.closing.load(Ordering::Relaxed) {
            self.grants.wake_keeper(self.gpu);
        }
    }

    fn give_back(&self, session: &Session, inner: &mut Inner, idle_since: u64) {
        let Some(held) = inner.held.take() else {
            return;
        };
        inner.returned = held;
        self.admitted.store(HANDED_OVER, Ordering::Relaxed);
        self.stream.store(u64::MAX, Ordering::Relaxed);
        if let Some(soft) = &session.soft {
            soft.rest();
        }
        // Without work it was held in vain, and not used until it was.
        let began = inner.began_ns.take().unwrap_or(idle_since);
        self.grants.give_back(self.gpu, held, began..idle_since);
        self.bell.ring();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is a single step: a panic elsewhere leaves the books whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn hold(&mut self, grant: Grant) {
        self.held = Some(grant);
        self.began_ns = None;
    }

    /// What has to land first.
    fn head(&self) -> Option<Head> {
        match self.issuing {
            true => self.flight.head(),
            false => self.flight.head_at_rest(),
        }
    }
}

/// Whether work passes although what is before it does not end.
fn may_pass_stuck(gates: &Gates, inner: &mut Inner, head: &Head, now: u64) -> bool {
    let late = STUCK_NS.saturating_add(head.expected_ns.saturating_mul(10));
    if now.saturating_sub(head.since_ns) < late {
        return false;
    }
    let waits = gates.makes_wait.load(Ordering::Relaxed);
    if waits && inner.stuck_passes < STUCK_PASSES_MAX {
        inner.stuck_passes += 1;
        return true;
    }
    let due = now.saturating_sub(inner.let_through_ns) >= STUCK_NS;
    if due {
        inner.let_through_ns = now;
    }
    due
}

/// Whether a call that names a stream issues nothing to it, or passes by itself, or something that is done
/// when the work before it is.
fn adds_nothing(call: Call) -> bool {
    matches!(
        call,
        Call::LAUNCH
            | Call::GRAPH_LAUNCH
            | Call::FILL
            | Call::EVENT_RECORD
            | Call::EVENT_RECORD_WITH_FLAGS
            | Call::STREAM_QUERY
            | Call::STREAM_SYNCHRONIZE
            | Call::STREAM_END_CAPTURE
            | Call::STREAM_IS_CAPTURING
            | Call::STREAM_GET_CAPTURE_INFO
            | Call::STREAM_UPDATE_CAPTURE_DEPENDENCIES_V2
            | Call::STREAM_COPY_ATTRIBUTES
            | Call::STREAM_GET_ATTRIBUTE
            | Call::STREAM_SET_ATTRIBUTE
    )
}

/// Whether a stream is captured: then work in it is not executed. Asked only while there is a capture.
fn is_captured(session: &Session, cx: Cx, stream: Stream) -> bool {
    !session.may_query()
        && session
            .driver
            .stream_capture(cx, stream)
            .is_ok_and(|state| state.status != CUstreamCaptureStatus(0))
}
