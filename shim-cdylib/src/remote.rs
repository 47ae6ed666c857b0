//! The `Driver` over a session's rings: how a call is sent, and how its answer is read.
//!
//! 1. A [`Request`] is built in a buffer of the calling thread and copied into the ring once.
//! 2. [`Remote::post`] returns when the record is in the ring. [`Remote::wait`] returns with the answer
//!    to it; the call's position in the ring names it.
//! 3. Position is issue order. Nothing here reorders or delays a record.
//!
//! Read [`Remote`] first.

mod send;

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rigel_protocol::custom::{DeviceProfile, Lifecycle, not_supported};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Function, Handle, HandleKind, Stream};
use rigel_protocol::link::context_word;
use rigel_protocol::wire::{Get, Put, Wire, WireError};
use rigel_protocol::{CuError, CuResult, Cx, Driver, ThreadId};
use rigel_transport::{Patience, RingError};

use crate::bulk::Bulk;
use crate::config::Config;
use crate::connect::{self, ConnectError};
use crate::fork;
use crate::handles::Minted;
use crate::idle::{self, Idle};
use crate::logging;
use crate::observe::{self, Kind, Seen};
use crate::posted::{self, Answer, Slot};
use crate::session::{CACHE_KEY_HEAD, Session};
use crate::stats::STATS;
use crate::trace;

/// The version reported before the server has been asked, and if it cannot be.
const DRIVER_VERSION: i32 = 13020;
/// How long a record may wait for room in the ring, while the worker lives.
const ROOM_WITHIN: Duration = Duration::from_secs(3600);
/// How long the word of a host function waits for room before the worker is asked for it.
const MAKE_WAY_AFTER: Duration = Duration::from_millis(20);
/// After so many bytes of records, posted calls look whether answers have piled up: about 256 launches.
/// Counted by the ring, so that no counter is shared.
pub(crate) const POLL_EVERY_BYTES: u64 = 32 << 10;

/// The driver. It holds nothing itself: the session is the process's.
#[derive(Debug)]
pub(crate) struct Remote {
    connecting: Mutex<Option<CuError>>,
}

/// The open session; null before the first call, and in a forked child.
static SESSION: AtomicPtr<Session> = AtomicPtr::new(std::ptr::null_mut());

/// The open session, if there is one.
pub(crate) fn open_session() -> Option<&'static Session> {
    session_ref::get(&SESSION)
}

/// Forgets the session: this process is a forked child.
pub(crate) fn forget_session() {
    SESSION.store(std::ptr::null_mut(), Ordering::Release);
}

/// The pointer to what is never dropped.
mod session_ref {
    #![expect(
        unsafe_code,
        reason = "the session is leaked once and reached through a pointer"
    )]

    use super::{AtomicPtr, Ordering, Session};

    pub(super) fn get(pointer: &AtomicPtr<Session>) -> Option<&'static Session> {
        // Acquire: what was written into the session before it was published is seen.
        let session = pointer.load(Ordering::Acquire);
        // SAFETY: null, or from `Box::leak`, and so valid for the rest of the process.
        unsafe { session.as_ref() }
    }
}

impl Remote {
    /// A driver that has not connected.
    pub(crate) const fn new() -> Self {
        Self {
            connecting: Mutex::new(None),
        }
    }

    /// The session; `CUDA_ERROR_NOT_INITIALIZED` before there is one.
    #[inline]
    pub(crate) fn session(&self) -> CuResult<&'static Session> {
        open_session().ok_or(CuError::NOT_INITIALIZED)
    }

    /// The session, connecting if there is none. A failure is told once and stays.
    fn connect(&self) -> CuResult<&'static Session> {
        if let Some(session) = open_session() {
            return Ok(session);
        }
        let mut failed = self
            .connecting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = open_session() {
            return Ok(session);
        }
        if let Some(error) = *failed {
            return Err(error);
        }
        logging::start();
        match open() {
            Ok(session) => {
                SESSION.store(std::ptr::from_ref(session).cast_mut(), Ordering::Release);
                fork::watch();
                Ok(session)
            }
            Err(error) => {
                error.tell();
                *failed = Some(error.code());
                Err(error.code())
            }
        }
    }

    /// Begins a call.
    #[inline]
    pub(crate) fn request(&self, cx: Cx, call: Call) -> CuResult<Request> {
        let session = self.session()?;
        if call.0 > session.welcome.call_id_max {
            // A server older than this library.
            return not_supported(call.name().unwrap_or("a call without a name"));
        }
        let context = context_word(cx.context).ok_or(CuError::INVALID_CONTEXT)?;
        session.contexts.check_alive(context, call)?;
        Ok(Request {
            session,
            call,
            thread: cx.thread,
            context,
            waits_for: None,
            put: Put::reuse(BUFFER.try_with(Cell::take).unwrap_or_default()),
        })
    }

    /// Sends a call that is not answered.
    #[inline]
    pub(crate) fn post(&self, request: Request) -> CuResult<()> {
        self.post_with(request, None)
    }

    /// Sends a call that is not answered, and the bytes that belong to it.
    pub(crate) fn post_with(&self, request: Request, bulk: Option<Bulk<'_>>) -> CuResult<()> {
        let started = observe::start();
        let position = request.send_with(bulk)?;
        let end = position + request.put.as_slice().len() as u64;
        if position / POLL_EVERY_BYTES != end / POLL_EVERY_BYTES {
            request.session.inbox.poll();
        }
        if let Some(started) = started {
            request.observe(started, Kind::Post, position, bulk);
        }
        request.recycle();
        Ok(())
    }

    /// Sends a call and waits for its answer.
    pub(crate) fn wait(&self, request: Request) -> CuResult<Reply> {
        self.wait_with(request, None)
    }

    /// Sends a call and the bytes that belong to it, and waits for its answer.
    pub(crate) fn wait_with(&self, request: Request, bulk: Option<Bulk<'_>>) -> CuResult<Reply> {
        let started = observe::start();
        let session = request.session;
        let (call, context) = (request.call, request.context);
        let slot = session.inbox.slot(request.thread)?;
        let asked = idle::asked_about(call, request.put.as_slice());
        if asked.is_some_and(|stream| idle::is_known(session, slot, stream, context)) {
            request.recycle();
            STATS.hit();
            return conclude(call, slot, Answer::known());
        }
        let waits_for = request.waits_for.or(asked);
        slot.expect();
        let sent = match bulk {
            // The wait that follows sends it on: over a network that spares a switch of threads.
            None => rigel_transport::hold(|| request.send_with(None)),
            some => request.send_with(some),
        };
        let position = match sent {
            Ok(position) => position,
            Err(error) => {
                session.flush();
                return Err(error);
            }
        };
        let end = session
            .command
            .end_of(position, request.put.as_slice().len());
        let seen = started.map(|started| request.seen(started, position, bulk));
        request.recycle();
        let answer = session
            .inbox
            .wait(slot, position)
            .map_err(|error| ring_error(session, &error))?;
        if let Some(seen) = seen {
            observe::end(&seen, Kind::Wait);
        }
        let reply = conclude(call, slot, answer)
            .inspect_err(|error| session.contexts.note(context, *error))?;
        if let Some(stream) = waits_for {
            slot.idle.note(Idle {
                stream,
                context,
                end,
            });
        }
        Ok(reply)
    }

    /// Asks once; later the same call is answered from what came back.
    pub(crate) fn cached(&self, request: Request) -> CuResult<Reply> {
        let session = request.session;
        let mut key = Vec::with_capacity(request.put.as_slice().len() + CACHE_KEY_HEAD);
        key.extend_from_slice(&request.call.0.to_le_bytes());
        key.extend_from_slice(&request.context.to_le_bytes());
        key.extend_from_slice(request.put.as_slice());
        if let Some(bytes) = session.cached(&key) {
            request.recycle();
            STATS.hit();
            return Ok(Reply {
                payload: bytes.to_vec(),
                at: 0,
            });
        }
        let reply = self.wait(request)?;
        session.keep(key, reply.rest());
        Ok(reply)
    }

    /// Checks that a handle may be used at all, so that the error comes from this very call.
    #[inline(always)]
    pub(crate) fn check<T: Handle>(&self, handle: T) -> CuResult<()> {
        let session = self.session()?;
        let known = match T::KIND {
            HandleKind::Stream => {
                let raw = handle.raw();
                raw == Stream::LEGACY.0
                    || raw == Stream::PER_THREAD.0
                    || session.handles.is_live(handle)
            }
            HandleKind::Context => session.contexts.is_known(handle.raw()),
            HandleKind::Function => {
                let function = Function(handle.raw());
                session.images.functions.with(function, |_| ()).is_ok()
            }
            // Numbered by the worker, and it answers every call that names one.
            HandleKind::GraphNode => handle.raw() != 0,
            _ => session.handles.is_live(handle),
        };
        match (known, T::KIND) {
            (true, _) => Ok(()),
            (false, HandleKind::Context) => Err(CuError::INVALID_CONTEXT),
            (false, _) => Err(CuError::INVALID_HANDLE),
        }
    }

    /// Mints a handle for what a call creates; it ends again unless it is kept.
    pub(crate) fn mint<T: Handle>(&self) -> CuResult<Minted<T>> {
        let session = self.session()?;
        Minted::new(&session.handles)
    }

    /// Notes a handle that the server has minted.
    pub(crate) fn adopt<T: Handle>(&self, handle: T) -> T {
        match open_session() {
            Some(session) if T::KIND != HandleKind::GraphNode => session.handles.adopt(handle),
            _ => {}
        }
        handle
    }

    /// Ends a handle.
    pub(crate) fn retire<T: Handle>(&self, handle: T) {
        if let Some(session) = open_session() {
            session.handles.retire(handle);
        }
    }
}

impl Lifecycle for Remote {
    fn init(&self) -> CuResult<()> {
        self.connect().map(|_| ())
    }

    fn driver_version(&self) -> CuResult<i32> {
        // Who cannot connect is told so by `cuInit`; a version of 0 would blame the installation.
        Ok(self
            .connect()
            .map_or(DRIVER_VERSION, |session| session.welcome.driver_version))
    }

    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        Ok(&self.session()?.welcome.devices)
    }

    fn thread_end(&self, thread: ThreadId) {
        let cx = Cx {
            context: rigel_protocol::handle::Context::NONE,
            thread,
        };
        // Its number is used again: another thread must not be told its errors.
        if let Some(slot) = open_session().and_then(|session| session.inbox.slot(thread).ok()) {
            slot.take_latched();
        }
        if let Ok(request) = self.request(cx, Call::THREAD_END) {
            // A lost session has no streams to end.
            let _ = self.post(request);
        }
    }
}

impl Driver for Remote {}

/// A call being written: dereferences to the writer of its arguments.
#[derive(Debug)]
pub(crate) struct Request {
    session: &'static Session,
    call: Call,
    thread: ThreadId,
    context: u32,
    waits_for: Option<Stream>,
    put: Put,
}

thread_local! {
    /// A buffer that requests of this thread use in turn.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Request {
    /// The session it goes to.
    pub(crate) fn session(&self) -> &'static Session {
        self.session
    }

    /// The answer will come when this stream has done everything submitted to it before.
    pub(crate) fn wait_for(&mut self, stream: Stream) {
        self.waits_for = Some(stream);
    }

    /// Sends the record, then the bytes of its transfer. Transfers of several threads do not mix: the
    /// worker reads both rings in order.
    fn send_with(&self, bulk: Option<Bulk<'_>>) -> CuResult<u64> {
        if reaches_managed_memory(self.call) {
            self.session.managed.settle(&Remote::new())?;
        }
        let Some(bulk) = bulk else {
            return self.send();
        };
        let _turn = self
            .session
            .upload_turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let position = self.send()?;
        let alive = || self.session.inbox.worker_is_alive();
        let patience = Patience::within(ROOM_WITHIN).while_alive(&alive);
        bulk.send(&self.session.upload, &patience)
            .map_err(|error| ring_error(self.session, &error))?;
        STATS.bytes(bulk.len(), 0);
        Ok(position)
    }

    /// What somebody who watches is told of it, now that its record is in the ring.
    #[cold]
    fn seen(&self, started_ns: u64, position: u64, bulk: Option<Bulk<'_>>) -> Seen {
        Seen {
            call: self.call,
            thread: self.thread,
            position,
            started_ns,
            sent_ns: observe::now_ns(),
            bytes: bulk.map_or(0, |bulk| bulk.len()),
        }
    }

    /// Tells whoever watches that it is over.
    #[cold]
    fn observe(&self, started_ns: u64, kind: Kind, position: u64, bulk: Option<Bulk<'_>>) {
        observe::end(&self.seen(started_ns, position, bulk), kind);
    }

    /// Gives the buffer back to the thread.
    pub(crate) fn recycle(self) {
        // A thread that is ending has no buffer to keep.
        let _ = BUFFER.try_with(|buffer| buffer.set(self.put.into_vec()));
    }
}

impl Deref for Request {
    type Target = Put;

    fn deref(&self) -> &Put {
        &self.put
    }
}

impl DerefMut for Request {
    fn deref_mut(&mut self) -> &mut Put {
        &mut self.put
    }
}

/// Whether the GPU may touch managed memory in the course of a call that does not say which.
fn reaches_managed_memory(call: Call) -> bool {
    matches!(
        call,
        Call::LAUNCH
            | Call::GRAPH_LAUNCH
            | Call::HOST_RETURNED
            | Call::STREAM_WAIT_VALUE32_V2
            | Call::STREAM_WAIT_VALUE64_V2
            | Call::STREAM_WRITE_VALUE32_V2
            | Call::STREAM_WRITE_VALUE64_V2
            | Call::STREAM_BATCH_MEM_OP_V2
    )
}

/// The results of a call.
#[derive(Debug)]
pub(crate) struct Reply {
    payload: Vec<u8>,
    at: usize,
}

impl Reply {
    /// The next result.
    pub(crate) fn take<T: Wire>(&mut self) -> CuResult<T> {
        self.read(|get| get.get())
    }

    /// The next result, a list.
    pub(crate) fn list<T: Wire>(&mut self) -> CuResult<Vec<T>> {
        self.read(|get| get.list())
    }

    /// The next result, bytes.
    pub(crate) fn bytes(&mut self) -> CuResult<Vec<u8>> {
        self.read(|get| get.bytes().map(<[u8]>::to_vec))
    }

    /// Checks that there are no further results.
    pub(crate) fn finish(&self) -> CuResult<()> {
        Get::new(self.rest()).finish().map_err(misread)
    }

    /// What has not been read.
    pub(crate) fn rest(&self) -> &[u8] {
        self.payload.get(self.at..).unwrap_or_default()
    }

    fn read<T>(&mut self, read: impl FnOnce(&mut Get<'_>) -> Result<T, WireError>) -> CuResult<T> {
        let mut get = Get::new(self.rest());
        let value = read(&mut get).map_err(misread)?;
        self.at = self.payload.len() - get.left();
        Ok(value)
    }
}

/// What the rings' failure means for a program.
pub(crate) fn ring_error(session: &Session, error: &RingError) -> CuError {
    match error {
        // A call too large for the ring is the caller's.
        RingError::TooLarge { .. } => CuError::INVALID_VALUE,
        _ => session.lost(error),
    }
}

/// The worker's answer makes no sense.
pub(crate) fn misread(error: WireError) -> CuError {
    tracing::error!(%error, "an answer of the worker makes no sense");
    CuError::UNKNOWN
}

/// The end of a waiting call: errors of earlier posted calls come first.
fn conclude(call: Call, slot: &Slot, answer: Answer) -> CuResult<Reply> {
    if posted::synchronises(call)
        && let Some(error) = slot.take_latched()
    {
        return Err(error);
    }
    answer.result?;
    Ok(Reply {
        payload: answer.payload,
        at: answer.start,
    })
}

fn open() -> Result<&'static Session, ConnectError> {
    let config = Config::from_environment()?;
    if let Some(file) = config.stats.clone() {
        STATS.enable(file);
    }
    let session = Session::new(connect::connect(&config)?)?;
    let session: &'static Session = Box::leak(Box::new(session));
    Arc::clone(&session.hosts).start_with(session);
    if let Some(settings) = &config.trace {
        trace::start(settings, session);
    }
    Ok(session)
}
