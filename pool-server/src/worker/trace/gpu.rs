//! When a GPU did its work: events of the driver's before and behind it in its stream, measured from an
//! anchor whose place on the host's clock is known. Read [`Timing`] first.
//!
//! 1. Only the issue thread creates and records events, and never while a stream is captured.
//! 2. An anchor is an event in a stream of our own that is idle, so that it happens when it is recorded. A
//!    fresh one is set every [`ANCHOR_AGE_NS`]: times from events are floats, and clocks drift.
//! 3. Questions to the driver are asked by one thread at a time, and through the gates, which know when a
//!    capture begins.
//! 4. No lock is held across a call into the driver but that of who asks.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rigel_protocol::call::Cx;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Context, Event, Stream};
use rigel_protocol::link::launch::get_launch;
use rigel_protocol::link::{WireCopy, WireCopy3d, WireFill, WirePlace};
use rigel_protocol::trace::{TraceEvent, TraceKind};
use rigel_protocol::wire::Get;
use rigel_protocol::{CuError, CuResult, ThreadId};

use super::{Asked, CONTEXTS_MAX, is_real};
use crate::worker::grants::now_ns;
use crate::worker::issue::Issue;
use crate::worker::session::Session;

/// An anchor serves so long.
const ANCHOR_AGE_NS: u64 = 2_000_000_000;
/// Attempts at an anchor whose place is known to this, and how many there are at most.
const ANCHOR_EXACT_NS: u64 = 50_000;
const ANCHOR_TRIES: usize = 3;
/// Most work that is timed at once.
const FLYING_MAX: usize = 1 << 14;
/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: u32 = 1;
/// Where the number of a thread's own default stream begins: no handle has this bit.
const THREADS_STREAM: u64 = 1 << 63;

/// What is being timed.
#[derive(Debug, Default)]
pub(super) struct Timing {
    inner: Mutex<Inner>,
    asking: Mutex<()>,
}

#[derive(Debug, Default)]
struct Inner {
    flying: VecDeque<Flight>,
    free: HashMap<Context, Vec<Event>>,
    anchors: HashMap<Context, (Stream, Arc<Anchor>)>,
}

#[derive(Debug)]
struct Anchor {
    event: Event,
    host_ns: u64,
}

/// Work for a GPU, as its call describes it.
#[derive(Debug)]
pub(super) struct GpuWork {
    kind: TraceKind,
    name: Box<str>,
    bytes: u64,
    stream: Stream,
    /// The stream as the client knows it.
    shown: u64,
}

/// Work whose beginning is marked.
#[derive(Debug)]
pub(super) struct Begun {
    work: GpuWork,
    context: Context,
    thread: ThreadId,
    place: u32,
    anchor: Arc<Anchor>,
    start: Event,
}

/// Work on its way through the GPU.
#[derive(Debug)]
pub(super) struct Flight {
    /// Everything but the times.
    pub(super) event: TraceEvent,
    /// What it is called.
    pub(super) name: Box<str>,
    context: Context,
    stream: Stream,
    anchor: Arc<Anchor>,
    start: Event,
    end: End,
}

#[derive(Debug)]
enum End {
    /// Marked in the stream.
    Marked(Event),
    /// Seen by whoever waited, at this time.
    Seen(u64),
}

/// The work that a call is, if it is any.
pub(super) fn work(issue: &Issue<'_>, payload: &[u8]) -> Option<GpuWork> {
    let mut get = Get::new(payload);
    let (kind, name, bytes, stream): (_, Box<str>, u64, Stream) = match issue.caller().call {
        Call::LAUNCH => {
            let head = get_launch(&mut get).ok()?.head;
            let function = issue.real_function(head.function).ok()?.real;
            let name = issue.session().last_kernel.name_of(function);
            let name = name.unwrap_or_else(|| "kernel".into());
            (TraceKind::Kernel, name, 0, head.stream)
        }
        Call::GRAPH_LAUNCH => {
            let _graph: u64 = get.get().ok()?;
            (TraceKind::Graph, "graph".into(), 0, get.get().ok()?)
        }
        Call::COPY | Call::COPY_WAIT => {
            let copy = WireCopy::get(&mut get).ok()?;
            let name = direction(&copy.dst, &copy.src);
            (TraceKind::Copy, name.into(), copy.bytes, copy.stream)
        }
        Call::COPY3D | Call::COPY3D_WAIT => {
            let copy = WireCopy3d::get(&mut get).ok()?;
            let name = direction(&copy.dst.place, &copy.src.place);
            let extent = copy.extent;
            let area = extent.width_bytes.saturating_mul(extent.height);
            let bytes = area.saturating_mul(extent.depth);
            (TraceKind::Copy, name.into(), bytes, copy.stream)
        }
        Call::FILL => {
            let WireFill { fill, stream, .. } = get.get().ok()?;
            let bytes = fill.width.saturating_mul(fill.height);
            (TraceKind::Fill, "fill".into(), bytes, stream)
        }
        _ => return None,
    };
    Some(GpuWork {
        kind,
        name,
        bytes,
        shown: match stream {
            Stream::PER_THREAD => THREADS_STREAM | u64::from(issue.caller().thread.0),
            Stream::NONE => Stream::LEGACY.0,
            stream => stream.0,
        },
        stream: issue.real_stream(stream).ok()?,
    })
}

fn direction(dst: &WirePlace<'_>, src: &WirePlace<'_>) -> &'static str {
    let is_host =
        |place: &WirePlace<'_>| matches!(place, WirePlace::Shared(_) | WirePlace::Bytes(_));
    match (is_host(dst), is_host(src)) {
        (false, true) => "copy host to device",
        (true, false) => "copy device to host",
        (true, true) => "copy host to host",
        (false, false) => "copy on device",
    }
}

impl Timing {
    /// Marks the beginning of work. For the issue thread.
    pub(super) fn begin(&self, issue: &Issue<'_>, work: GpuWork) -> Option<Begun> {
        let (cx, session) = (issue.cx(), issue.session());
        if !session.may_query() || !is_real(cx.context) {
            return None;
        }
        let place = session.gpu_of(cx.context).map_or(0, |gpu| gpu.0);
        let anchor = self.anchor(session, cx).ok()?;
        let start = self.mark(session, cx, work.stream)?;
        Some(Begun {
            context: cx.context,
            thread: cx.thread,
            work,
            place,
            anchor,
            start,
        })
    }

    /// Marks its end. For the issue thread.
    pub(super) fn launched(&self, session: &Session, begun: Begun) -> Option<Flight> {
        let cx = Cx {
            context: begun.context,
            thread: begun.thread,
        };
        match self.mark(session, cx, begun.work.stream) {
            Some(end) => Some(begun.flight(End::Marked(end))),
            None => {
                self.recycle(begun);
                None
            }
        }
    }

    /// The work did not come about.
    pub(super) fn recycle(&self, begun: Begun) {
        self.lock().give_back(begun.context, [begun.start]);
    }

    /// Follows work; false if too much is followed already.
    pub(super) fn fly(&self, flight: Flight) -> bool {
        let mut inner = self.lock();
        let has_room = inner.flying.len() < FLYING_MAX;
        match has_room {
            true => inner.flying.push_back(flight),
            false => inner.take_apart(flight),
        }
        has_room
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().flying.is_empty()
    }

    /// Keeps others from asking and sending.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has ended, with its times, and how much of it has lost them.
    pub(super) fn landed(&self, session: &Session) -> (Vec<TraceEvent>, u64) {
        let _alone = self.alone();
        let flying = std::mem::take(&mut self.lock().flying);
        let (mut landed, mut back) = (Vec::new(), VecDeque::new());
        let (mut waiting, mut over, mut lost) = (Vec::new(), Vec::new(), 0);
        for flight in flying {
            // In a stream work ends in order: what is behind something unfinished need not be asked for.
            let place = (flight.context, flight.stream);
            let asked = match waiting.contains(&place) {
                true => None,
                false => flight.times(session),
            };
            match asked {
                None | Some(Err(CuError::NOT_READY)) => {
                    waiting.push(place);
                    back.push_back(flight);
                    continue;
                }
                Some(Ok((start_ns, end_ns))) => landed.push(TraceEvent {
                    start_ns,
                    end_ns,
                    ..flight.event
                }),
                Some(Err(_)) => lost += 1,
            }
            over.push(flight);
        }
        let mut inner = self.lock();
        over.into_iter().for_each(|flight| inner.take_apart(flight));
        let later = std::mem::replace(&mut inner.flying, back);
        inner.flying.extend(later);
        (landed, lost)
    }

    /// Forgets everything: contexts end. How much is lost thereby.
    pub(super) fn give_up(&self, session: &Session) -> u64 {
        let _alone = self.alone();
        let inner = std::mem::take(&mut *self.lock());
        for (context, (stream, anchor)) in &inner.anchors {
            let cx = nobody(*context);
            // What is not destroyed goes with its context.
            let _ = session.driver.event_destroy(cx, anchor.event);
            let _ = session.driver.stream_destroy(cx, *stream);
        }
        for (context, events) in &inner.free {
            for event in events {
                let _ = session.driver.event_destroy(nobody(*context), *event);
            }
        }
        inner.flying.len() as u64
    }

    /// Records an event; none if the driver has none.
    fn mark(&self, session: &Session, cx: Cx, stream: Stream) -> Option<Event> {
        let kept = self.lock().free.get_mut(&cx.context).and_then(Vec::pop);
        let event = match kept {
            Some(event) => event,
            None => session.driver.event_create(cx, 0).ok()?,
        };
        match session.driver.event_record(cx, event, stream) {
            Ok(()) => Some(event),
            Err(_) => {
                self.lock().give_back(cx.context, [event]);
                None
            }
        }
    }

    /// The context's anchor, a fresh one if it is old.
    fn anchor(&self, session: &Session, cx: Cx) -> CuResult<Arc<Anchor>> {
        let known = self.lock().anchors.get(&cx.context).cloned();
        let stream = match known {
            Some((_, anchor)) if now_ns().saturating_sub(anchor.host_ns) < ANCHOR_AGE_NS => {
                return Ok(anchor);
            }
            Some((stream, _)) => stream,
            None if self.lock().anchors.len() >= CONTEXTS_MAX => {
                return Err(CuError::OUT_OF_MEMORY);
            }
            None => session.driver.stream_create(cx, NON_BLOCKING)?,
        };
        let event = session.driver.event_create(cx, 0)?;
        let mut host_ns = 0;
        for _ in 0..ANCHOR_TRIES {
            let before = now_ns();
            session.driver.event_record(cx, event, stream)?;
            session.driver.event_synchronize(cx, event)?;
            let took = now_ns().saturating_sub(before);
            host_ns = before + took / 2;
            if took <= ANCHOR_EXACT_NS {
                break;
            }
        }
        let anchor = Arc::new(Anchor { event, host_ns });
        let fresh = (stream, Arc::clone(&anchor));
        self.lock().anchors.insert(cx.context, fresh);
        Ok(anchor)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is a single step.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn give_back(&mut self, context: Context, events: impl IntoIterator<Item = Event>) {
        self.free.entry(context).or_default().extend(events);
    }

    /// Keeps the events of work that is over.
    fn take_apart(&mut self, flight: Flight) {
        let Flight {
            context,
            start,
            end,
            anchor,
            ..
        } = flight;
        self.give_back(context, [start]);
        if let End::Marked(event) = end {
            self.give_back(context, [event]);
        }
        let current = self.anchors.get(&context);
        let is_current = current.is_some_and(|(_, current)| Arc::ptr_eq(current, &anchor));
        // The last that was measured from it.
        if let (false, Ok(anchor)) = (is_current, Arc::try_unwrap(anchor)) {
            self.give_back(context, [anchor.event]);
        }
    }
}

impl Begun {
    /// Somebody has waited for it until now.
    pub(super) fn landed(self, now: u64) -> Flight {
        self.flight(End::Seen(now))
    }

    fn flight(self, end: End) -> Flight {
        Flight {
            event: TraceEvent {
                kind: self.work.kind,
                call: Call::LAUNCH,
                thread: 0,
                position: 0,
                start_ns: 0,
                end_ns: 0,
                stream: self.work.shown,
                bytes: self.work.bytes,
                name: 0,
                place: self.place,
            },
            name: self.work.name,
            context: self.context,
            stream: self.work.stream,
            anchor: self.anchor,
            start: self.start,
            end,
        }
    }
}

impl Flight {
    /// When it began and ended, on the host's clock.
    fn times(&self, session: &Session) -> Asked<(u64, u64)> {
        let (cx, driver) = (nobody(self.context), &session.driver);
        session.gates.ask(session, || {
            let last = match self.end {
                End::Marked(event) => event,
                End::Seen(_) => self.start,
            };
            driver.event_query(cx, last)?;
            let at = |event| {
                let ms = driver.event_elapsed_time(cx, self.anchor.event, event)?;
                let ns = (f64::from(ms) * 1e6).max(0.0) as u64;
                Ok::<_, CuError>(self.anchor.host_ns.saturating_add(ns))
            };
            let start = at(self.start)?;
            let end = match self.end {
                End::Marked(event) => at(event)?,
                End::Seen(ns) => ns,
            };
            Ok((start, end.max(start)))
        })
    }
}

fn nobody(context: Context) -> Cx {
    Cx {
        context,
        thread: ThreadId(0),
    }
}
