//! The issue thread: takes records in ring order and issues each, until the session is over. Read
//! [`run`] first.
//!
//! 1. Ring position is issue order for the whole process. Only waiting leaves this thread, and only
//!    after its call's turn has come.
//! 2. A record that makes no sense ends the session; nothing after it is issued.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rigel_protocol::CuError;
use rigel_protocol::call::ThreadId;
use rigel_protocol::generated::calls::{Call, Class};
use rigel_protocol::handle::Context;
use rigel_protocol::link::context_of_word;
use rigel_protocol::wire::Put;

use super::fault::Fault;
use super::issue::{Issue, Later, Results};
use super::meter::Counter;
use super::session::{Caller, Session};
use super::source::{Source, Taken};
use super::upload::Upload;
use super::{custom, generated};

/// How often a thread that reads ahead does so.
const RELIEF_PERIOD: Duration = Duration::from_millis(1);

/// Issues calls until the session is over, and says why it is in [`Session::ended`].
pub(super) fn run(session: &Arc<Session>, source: &Arc<Source>, upload: &mut Upload) {
    let mut intake = Intake {
        session,
        source,
        upload,
        payload: Vec::new(),
        results: Vec::new(),
        relief: false,
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
        session.gates.rest(session);
        session.read_counters();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        session
            .meter
            .set(Counter::LastCallUnixMs, now.as_millis() as u64);
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
        if !custom::is_gpu_work(caller.call) {
            session.gates.leave(session, caller.call);
        }
        let out = Put::reuse(std::mem::take(&mut self.results));
        let mut issue = Issue::new(session, caller, payload, out, self.upload);
        let outcome = custom::dispatch(caller.call, &mut issue)
            .or_else(|| generated::dispatch::dispatch(caller.call, &mut issue))
            .unwrap_or(Err(Fault::Broken("a record names no call that travels")));
        let (put, later) = issue.into_parts();
        session.follow_captures(caller.call, outcome.is_ok());
        match (outcome, later) {
            (Ok(()), Some(later)) => self.wait_elsewhere(caller, put, later),
            (outcome, _) => {
                let finished = session.finish(&caller, outcome, put.as_slice());
                self.results = put.into_vec();
                finished
            }
        }
    }

    fn wait_elsewhere(&self, caller: Caller, out: Put, later: Later) -> Result<(), Fault> {
        let session = Arc::clone(self.session);
        let job = move || {
            let mut results = Results::new(&session, caller, out);
            let outcome = later(&*session.driver, &mut results);
            let put = results.into_put();
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
