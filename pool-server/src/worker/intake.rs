//! The issue thread: takes records in ring order and issues each, until the session is over. Read
//! [`run`] first.
//!
//! 1. Ring position is issue order for the whole process. Only waiting leaves this thread, and only
//!    after its call's turn has come.
//!    While the bytes of a large copy come, calls of other threads that CUDA does not order after it are
//!    issued between its chunks ([`Beside`]).
//! 2. A record that makes no sense ends the session; nothing after it is issued.

use std::sync::Arc;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use rigel_protocol::CuError;
use rigel_protocol::call::ThreadId;
use rigel_protocol::generated::calls::{Call, Class};
use rigel_protocol::handle::Context;
use rigel_protocol::link::context_of_word;
use rigel_protocol::wire::Put;

use super::beside::{Beside, NonBlocking};
use super::fault::Fault;
use super::issue::{Issue, Later, Results};
use super::landing::Landing;
use super::meter::Counter;
use super::prompt::run_promptly;
use super::session::{Caller, Session};
use super::source::{Source, Taken};
use super::trace::Span;
use super::upload::{Step, Upload};
use super::{custom, generated};

/// Most calls of other threads between two chunks of a copy.
const BESIDE_MAX: usize = 64;
/// How often a thread that reads ahead does so.
const RELIEF_PERIOD: Duration = Duration::from_millis(1);

/// Issues calls until the session is over, and says why it is in [`Session::ended`].
pub(super) fn run(session: &Arc<Session>, source: &Arc<Source>, upload: &mut Upload) {
    run_promptly();
    let mut intake = Intake {
        session,
        source,
        upload,
        payload: Vec::new(),
        results: Vec::new(),
        relief: false,
        streams: NonBlocking::default(),
    };
    if let Err(fault) = intake.all() {
        session.fail(&fault);
    }
}

struct Intake<'a> {
    session: &'a Arc<Session>,
    source: &'a Arc<Source>,
    upload: &'a mut Upload,
    payload: Vec<u8>,
    results: Vec<u8>,
    relief: bool,
    streams: NonBlocking,
}

impl Intake<'_> {
    fn all(&mut self) -> Result<(), Fault> {
        loop {
            let mut payload = std::mem::take(&mut self.payload);
            let taken = self.source.next(&mut payload)?;
            match taken {
                Some(taken) => self.one(taken, &payload)?,
                None => self.idle()?,
            }
            self.payload = payload;
        }
    }

    /// Nothing to issue: brings the meter up to date and sleeps.
    fn idle(&mut self) -> Result<(), Fault> {
        let session = self.session;
        session.gates.rest();
        session.read_counters();
        session.meter.set(Counter::LastCallUnixMs, unix_ms());
        Ok(self.source.wait()?)
    }

    fn one(&mut self, taken: Taken, payload: &[u8]) -> Result<(), Fault> {
        let session = self.session;
        let caller = caller(session, &taken);
        session.meter.add(Counter::Calls, 1);
        if caller.waits {
            session.meter.add(Counter::WaitingCalls, 1);
        }
        if caller.call == Call::LAUNCH_HOST {
            self.start_relief();
        }
        self.streams.follow(caller.call, payload);
        if !custom::is_gpu_work(caller.call) {
            session.gates.leave(session, caller.call);
        }
        let out = Put::reuse(std::mem::take(&mut self.results));
        let mut issue = Issue::new(session, caller, payload, out, self.upload);
        let traced = session.trace.takes(caller.sequence);
        let span = traced.then(|| session.trace.begin(&issue, payload));
        let outcome = custom::dispatch(caller.call, &mut issue)
            .or_else(|| generated::dispatch::dispatch(caller.call, &mut issue))
            .unwrap_or(Err(Fault::Broken("a record names no call that travels")));
        let (put, later, landing) = issue.into_parts();
        session.follow_captures(caller.call, outcome.is_ok());
        let outcome = match landing {
            Some(landing) => self.land(&caller, landing)?,
            None => outcome,
        };
        let goes_on = outcome.is_ok() && later.is_some();
        let span = span.and_then(|span| {
            let trace = &session.trace;
            trace.issued(session, span, outcome.is_ok(), goes_on)
        });
        match (outcome, later) {
            (Ok(()), Some(later)) => self.wait_elsewhere(caller, put, later, span),
            (outcome, _) => {
                let finished = session.finish(&caller, outcome, put.as_slice());
                self.results = put.into_vec();
                finished
            }
        }
    }

    /// Takes a copy's bytes as they come, and issues what other threads want meanwhile. The inner outcome
    /// is the copy's, the outer one the session's.
    fn land(&mut self, caller: &Caller, landing: Landing) -> Result<Result<(), Fault>, Fault> {
        let (session, source) = (self.session, self.source);
        let mut beside = Beside::new(caller.thread, landing.stream);
        let mut taking = self.upload.begin(landing.transfer);
        let mut outcome = Ok(());
        let mut payload = Vec::new();
        source.begin_beside();
        loop {
            let step = self.upload.step(&mut taking, |offset, chunk| {
                if outcome.is_ok() {
                    outcome = landing.take(&*session.driver, offset, chunk);
                }
            })?;
            match step {
                Step::Took => {}
                Step::Waiting => self.upload.wait_or(&taking, || source.has_more_beside())?,
                Step::Done => break,
            }
            for _ in 0..BESIDE_MAX {
                // No chunk is taken between this look and the record's reading: what is left to take
                // then was left, or more, when the record was written.
                let (streams, upload) = (&self.streams, &*self.upload);
                let returned = taking.left() <= upload.bytes_under_way_max();
                let taken = source.next_beside(&mut payload, |head, payload| {
                    beside.passes(head, payload, streams, returned)
                })?;
                let Some(taken) = taken else { break };
                self.one(taken, &payload)?;
            }
        }
        Ok(outcome)
    }

    fn wait_elsewhere(
        &self,
        caller: Caller,
        out: Put,
        later: Later,
        span: Option<Span>,
    ) -> Result<(), Fault> {
        let session = Arc::clone(self.session);
        let job = move || {
            let mut results = Results::new(&session, caller, out);
            let outcome = later(&*session.driver, &mut results);
            let put = results.into_put();
            if let Some(span) = span {
                session.trace.ended(span);
            }
            let finished = session
                .catch_up()
                .and_then(|()| session.finish(&caller, outcome, put.as_slice()));
            if let Err(fault) = finished {
                session.fail(&fault);
            }
        };
        let submitted = self.session.waiters.submit(caller.thread, Box::new(job));
        submitted.map_err(|error| {
            tracing::error!(%error, "a thread to wait on cannot be started");
            Fault::Cuda(CuError::OPERATING_SYSTEM)
        })
    }

    /// From the first host function on, a thread listens for their return when this one cannot.
    fn start_relief(&mut self) {
        if std::mem::replace(&mut self.relief, true) {
            return;
        }
        let (session, source) = (Arc::downgrade(self.session), Arc::clone(self.source));
        let relieve = move || {
            while let Some(session) = session.upgrade().filter(|session| session.is_open()) {
                session.callbacks.wait_for_any(|| session.is_open());
                source.relieve(
                    |ticket| session.callbacks.finish(ticket),
                    |changes| session.arenas.apply(changes),
                );
                drop(session);
                std::thread::sleep(RELIEF_PERIOD);
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("relief".into())
            .spawn(relieve)
        {
            tracing::error!(%error, "a thread to read ahead cannot be started");
        }
    }
}

/// Milliseconds since 1970, to a few: a clock that costs next to nothing.
fn unix_ms() -> u64 {
    let clock = ClockId::CLOCK_REALTIME_COARSE;
    clock_gettime(clock).map_or(0, |now| Duration::from(now).as_millis() as u64)
}

fn caller(session: &Session, taken: &Taken) -> Caller {
    let client = context_of_word(taken.head.context);
    let call = Call(taken.head.op);
    Caller {
        thread: ThreadId(taken.head.thread),
        // A context that is not there is none: the driver says so where it matters.
        context: session.real_context(client).unwrap_or(Context::NONE),
        sequence: taken.position,
        call,
        waits: matches!(call.class(), Class::Cached | Class::Wait | Class::Block),
    }
}
