//! Notes of when the worker did what for which call, for a timeline or for spans. Nothing is measured, and
//! a call costs one look at a word, while nobody asks. Read [`Trace`] first.
//!
//! 1. A client asks by `traceStart` before its first call: all calls are noted. The daemon asks at any time
//!    for a part of them.
//! 2. What the GPU does is timed by the driver's events, before and behind the work in its stream
//!    ([`gpu`]); while a stream is captured nothing is, since events would be captured too.
//! 3. A thread of its own, started with the first note, asks for the events' times and sends all notes to
//!    the daemon.
//! 4. At most so many events as was agreed are sent; what is beyond is counted.

mod gpu;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rigel_protocol::CuResult;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::Context;
use rigel_protocol::trace::{
    EVENTS_MAX, NAME_BYTES_MAX, NAMES_MAX, RATE_ALL_PPM, TraceEvent, TraceKind, TraceWords,
    is_sampled,
};
use rigel_protocol::wire::Get;

use self::gpu::{Begun, Flight, Timing};
use super::control::{Channel, TraceBatch, WorkerToDaemon};
use super::fault::Fault;
use super::grants::now_ns;
use super::issue::Issue;
use super::session::{Caller, Session};

/// How often events under way are looked at.
const LOOK_PERIOD: Duration = Duration::from_millis(5);
/// Notes that make a message.
const BATCH: usize = 1024;
/// Longest wait for the daemon to take a message.
const DAEMON_WITHIN: Duration = Duration::from_secs(5);
/// Longest wait for the GPU at the end of a session or context.
const SETTLES_WITHIN: Duration = Duration::from_secs(1);
/// Most notes that a client sends at a time.
const CLIENT_EVENTS_MAX: usize = 256;
/// Where a call ended that the issue thread did not end itself.
const ELSEWHERE: u32 = 1;

/// The notes of a session.
#[derive(Debug)]
pub(super) struct Trace {
    /// How many calls of a million are noted.
    rate_ppm: AtomicU32,
    /// The client makes a timeline: all calls are noted, and the daemon keeps them for it.
    keeps: AtomicBool,
    /// To the daemon.
    channel: Option<Channel>,
    timing: Timing,
    notes: Mutex<Notes>,
    wake: Condvar,
    sender: OnceLock<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Notes {
    ready: Vec<TraceWords>,
    names: HashMap<Box<str>, u32>,
    new_names: Vec<(u32, String)>,
    noted: u64,
    events_max: u64,
    dropped: u64,
    is_sending: bool,
    is_closed: bool,
}

/// A call that is being noted.
#[derive(Debug)]
pub(super) struct Span {
    caller: Caller,
    start_ns: u64,
    gpu: Option<Begun>,
}

impl Trace {
    /// Nothing is noted yet.
    pub(super) fn new(channel: Option<Channel>) -> Self {
        Self {
            rate_ppm: AtomicU32::new(0),
            keeps: AtomicBool::new(false),
            channel,
            timing: Timing::default(),
            notes: Mutex::default(),
            wake: Condvar::new(),
            sender: OnceLock::new(),
        }
    }

    /// Whether the call at this position is noted.
    #[inline]
    pub(super) fn takes(&self, position: u64) -> bool {
        let rate = self.rate_ppm.load(Ordering::Relaxed);
        rate != 0 && is_sampled(position, rate)
    }

    /// `traceStart`: the client makes a timeline.
    pub(super) fn start(&self, session: &Arc<Session>, events_max: u64) {
        self.keeps.store(true, Ordering::Relaxed);
        self.ask(session, RATE_ALL_PPM, events_max);
        // The daemon knows from now on that there is something to be fetched.
        self.send();
    }

    /// The daemon wants to know of a part of the calls, or of none any more.
    pub(super) fn tell(&self, session: &Arc<Session>, rate_ppm: u32, events_max: u64) {
        if self.keeps.load(Ordering::Relaxed) {
            return;
        }
        self.ask(session, rate_ppm, events_max);
    }

    fn ask(&self, session: &Arc<Session>, rate_ppm: u32, events_max: u64) {
        {
            let mut notes = self.lock();
            notes.events_max = notes.noted.saturating_add(events_max.min(EVENTS_MAX));
        }
        if rate_ppm > 0 {
            self.sender.get_or_init(|| {
                let weak = Arc::downgrade(session);
                std::thread::spawn(move || {
                    while let Some(session) = weak.upgrade() {
                        if !session.trace.turn(&session) {
                            return;
                        }
                    }
                })
            });
        }
        self.rate_ppm.store(rate_ppm, Ordering::Relaxed);
    }

    /// A call's turn has come. For the issue thread.
    #[cold]
    pub(super) fn begin(&self, issue: &Issue<'_>, payload: &[u8]) -> Span {
        let (caller, start_ns) = (*issue.caller(), now_ns());
        if matches!(caller.call, Call::CONTEXT_DESTROY | Call::PRIMARY_RESET) {
            self.settle(issue.session());
        }
        let gpu = gpu::work(issue, payload).and_then(|work| self.timing.begin(issue, work));
        Span {
            caller,
            start_ns,
            gpu,
        }
    }

    /// The issue thread is done with it. Gives it back if somebody else has to end it.
    #[cold]
    pub(super) fn issued(
        &self,
        session: &Session,
        span: Span,
        went_well: bool,
        goes_on: bool,
    ) -> Option<Span> {
        if goes_on {
            return Some(span);
        }
        let flight = match (span.gpu, went_well) {
            (Some(begun), true) => self.timing.launched(session, begun),
            (Some(begun), false) => {
                self.timing.recycle(begun);
                None
            }
            (None, _) => None,
        };
        self.conclude(span.caller, span.start_ns, 0, flight);
        None
    }

    /// A thread that waits for the GPU is done with it.
    #[cold]
    pub(super) fn ended(&self, span: Span) {
        let flight = span.gpu.map(|begun| begun.landed(now_ns()));
        self.conclude(span.caller, span.start_ns, ELSEWHERE, flight);
    }

    fn conclude(&self, caller: Caller, start_ns: u64, place: u32, flight: Option<Flight>) {
        if is_own(caller.call) {
            return;
        }
        let event = TraceEvent {
            kind: TraceKind::Worker,
            call: caller.call,
            thread: caller.thread.0,
            position: caller.sequence,
            start_ns,
            end_ns: now_ns().max(start_ns),
            stream: 0,
            bytes: 0,
            name: 0,
            place,
        };
        let mut notes = self.lock();
        if let Some(mut flight) = flight {
            flight.event.name = notes.name(&flight.name);
            flight.event.thread = caller.thread.0;
            flight.event.position = caller.sequence;
            flight.event.call = caller.call;
            if !self.timing.fly(flight) {
                notes.dropped += 1;
            }
        }
        notes.add(&event);
        if !notes.is_sending {
            notes.is_sending = true;
            self.wake.notify_one();
        }
    }

    /// `traceEvents`: what the client has noted.
    pub(super) fn client_events(&self, args: &mut Get<'_>) -> Result<(), Fault> {
        let offset: u64 = args.get()?;
        let count: u32 = args.get()?;
        if count as usize > CLIENT_EVENTS_MAX {
            return Err(Fault::Broken("a client sent too many notes at a time"));
        }
        let mut notes = self.lock();
        for _ in 0..count {
            let mut words: TraceWords = [0; 8];
            for word in &mut words {
                *word = args.get()?;
            }
            // What makes no sense is left out: it would only spoil a picture.
            let Some(event) = TraceEvent::from_words(&words).filter(|one| one.kind.is_clients())
            else {
                continue;
            };
            notes.add(&TraceEvent {
                start_ns: event.start_ns.wrapping_add(offset),
                end_ns: event.end_ns.wrapping_add(offset),
                stream: event.stream.wrapping_add(offset),
                ..event
            });
        }
        Ok(())
    }

    /// One turn of the thread that sends; false: it was the last.
    fn turn(&self, session: &Session) -> bool {
        {
            let mut notes = self.lock();
            if notes.is_closed {
                return false;
            }
            if !notes.is_sending {
                // Woken often enough to notice that the session is gone.
                let rest = self.wake.wait_timeout(notes, Duration::from_secs(1));
                notes = rest.map_or_else(|error| error.into_inner().0, |(notes, _)| notes);
            }
            if notes.is_closed {
                return false;
            }
        }
        std::thread::sleep(LOOK_PERIOD);
        self.collect(session);
        self.send();
        let mut notes = self.lock();
        notes.is_sending = !notes.ready.is_empty() || !self.timing.is_empty();
        true
    }

    /// Takes the times of what has ended on the GPUs.
    fn collect(&self, session: &Session) {
        let (landed, lost) = self.timing.landed(session);
        let mut notes = self.lock();
        notes.dropped += lost;
        for event in &landed {
            notes.add(event);
        }
    }

    /// Waits a little for what is under way on the GPUs: its events go with their context.
    fn settle(&self, session: &Session) {
        let deadline = Instant::now() + SETTLES_WITHIN;
        self.collect(session);
        while !self.timing.is_empty() && Instant::now() < deadline {
            std::thread::sleep(LOOK_PERIOD / 10);
            self.collect(session);
        }
        let lost = self.timing.give_up(session);
        self.lock().dropped += lost;
    }

    /// The session ends: everything goes to the daemon.
    pub(super) fn close(&self, session: &Session) {
        self.rate_ppm.store(0, Ordering::Relaxed);
        if self.sender.get().is_none() {
            return;
        }
        self.settle(session);
        self.lock().is_closed = true;
        self.wake.notify_one();
        self.send();
    }

    /// Sends what there is.
    fn send(&self) {
        let Some(channel) = &self.channel else { return };
        // One at a time, in order: the lock of the timing's questions serves both.
        let _alone = self.timing.alone();
        loop {
            let (batch, more) = {
                let mut notes = self.lock();
                let n = notes.ready.len().min(BATCH);
                let batch = TraceBatch {
                    events: notes.ready.drain(..n).collect(),
                    names: std::mem::take(&mut notes.new_names),
                    dropped: notes.dropped,
                    keep: self.keeps.load(Ordering::Relaxed),
                };
                (batch, !notes.ready.is_empty())
            };
            let message = WorkerToDaemon::Trace(batch);
            if let Err(error) = channel.send(&message, &[], DAEMON_WITHIN) {
                tracing::debug!(%error, "the daemon takes no notes");
                self.rate_ppm.store(0, Ordering::Relaxed);
                return;
            }
            if !more {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        // Every change is a single step.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn add(&mut self, event: &TraceEvent) {
        if self.noted >= self.events_max {
            self.dropped += 1;
            return;
        }
        self.noted += 1;
        self.ready.push(event.words());
    }

    /// The index of a name; 0 if there are too many.
    fn name(&mut self, name: &str) -> u32 {
        let mut end = name.len().min(NAME_BYTES_MAX);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let name = &name[..end];
        if let Some(index) = self.names.get(name) {
            return *index;
        }
        if self.names.len() >= NAMES_MAX {
            return 0;
        }
        let index = self.names.len() as u32 + 1;
        self.names.insert(name.into(), index);
        self.new_names.push((index, name.to_owned()));
        index
    }
}

/// Calls that exist for the notes' sake are not noted.
fn is_own(call: Call) -> bool {
    matches!(
        call,
        Call::TRACE_START | Call::TRACE_CLOCK | Call::TRACE_EVENTS
    )
}

/// `traceStart`.
pub(super) fn start(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let events_max = issue.get()?;
    issue.end_of_record()?;
    issue.session().trace.start(issue.session(), events_max);
    Ok(())
}

/// `traceClock`.
pub(super) fn clock(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    issue.put(&now_ns());
    Ok(())
}

/// `traceEvents`.
pub(super) fn client_events(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let session = Arc::clone(issue.session());
    session.trace.client_events(issue.args())?;
    issue.end_of_record()
}

/// What a question to the driver answers where nobody may ask it now.
type Asked<T> = Option<CuResult<T>>;

/// Contexts whose work is timed at once.
const CONTEXTS_MAX: usize = 64;

/// Whether a context is one that a driver knows.
fn is_real(context: Context) -> bool {
    !context.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_a_limit_and_count_what_is_beyond() {
        let mut notes = Notes {
            events_max: 2,
            ..Notes::default()
        };
        let event = TraceEvent::from_words(&[3, 0, 1, 2, 0, 0, 0, 1]).unwrap();
        for _ in 0..5 {
            notes.add(&event);
        }
        assert_eq!((notes.ready.len(), notes.dropped), (2, 3));
    }

    #[test]
    fn name_is_sent_once_and_cut() {
        let mut notes = Notes::default();
        let (gemm, long) = (notes.name("gemm"), notes.name(&"é".repeat(1000)));
        assert_eq!(notes.name("gemm"), gemm);
        assert_ne!(gemm, long);
        assert_eq!(notes.new_names.len(), 2);
        assert!(notes.new_names[1].1.len() <= NAME_BYTES_MAX);
        for n in 0..2 * NAMES_MAX {
            notes.name(&n.to_string());
        }
        assert_eq!(notes.name("one more"), 0);
    }
}
