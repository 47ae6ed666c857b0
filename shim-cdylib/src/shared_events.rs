//! Events that several processes use. What one process has done before it tells another, the other must
//! find done: recording and waiting return when the worker has issued them. Read [`record`].

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::generated::types::CUipcEventHandle;
use rigel_protocol::handle::{Event, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::remote::Remote;

/// `CU_EVENT_INTERPROCESS`.
const INTERPROCESS: u32 = 4;

/// Whether there is any such event: programs without one look no further.
static ANY: AtomicBool = AtomicBool::new(false);

/// Those of this process, by handle. A handle that is used again for another kind of event only waits in vain.
static SHARED: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn shared() -> MutexGuard<'static, BTreeSet<u64>> {
    // Every change is a single step: a panic elsewhere leaves the set whole.
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(event: Event) {
    shared().insert(event.0);
    ANY.store(true, Ordering::Relaxed);
}

/// Waits until the worker has issued what this thread has posted, if the event is of several processes.
fn settle(remote: &Remote, cx: Cx, event: Event, stream: Stream) -> CuResult<()> {
    if !ANY.load(Ordering::Relaxed) || !shared().contains(&event.0) {
        return Ok(());
    }
    remote.send_stream_is_capturing(cx, stream).map(|_| ())
}

/// Refuses a stream of another context than the event's: recording is posted, and would tell too late.
fn check_context(remote: &Remote, cx: Cx, event: Event, stream: Stream) -> CuResult<()> {
    let session = remote.session()?;
    if !session.contexts.any_is_other() {
        return Ok(());
    }
    remote.check(event)?;
    let of_stream = session.streams.info(stream, cx.context)?.context;
    match of_stream.is_none() || of_stream == session.events.context(event) {
        true => Ok(()),
        false => Err(CuError::INVALID_HANDLE),
    }
}

/// `cuEventCreate`.
pub(crate) fn event_create(remote: &Remote, cx: Cx, flags: u32) -> CuResult<Event> {
    let event = remote.send_event_create(cx, flags)?;
    remote.session()?.events.insert(event, cx.context);
    if flags & INTERPROCESS != 0 {
        note(event);
    }
    Ok(event)
}

/// `cuIpcOpenEventHandle`.
pub(crate) fn ipc_open_event_handle(
    remote: &Remote,
    cx: Cx,
    handle: CUipcEventHandle,
) -> CuResult<Event> {
    let event = remote.send_ipc_open_event_handle(cx, handle)?;
    remote.session()?.events.insert(event, cx.context);
    note(event);
    Ok(event)
}

/// `cuEventRecord`.
pub(crate) fn event_record(remote: &Remote, cx: Cx, event: Event, stream: Stream) -> CuResult<()> {
    check_context(remote, cx, event, stream)?;
    remote.send_event_record(cx, event, stream)?;
    settle(remote, cx, event, stream)
}

/// `cuEventRecordWithFlags`.
pub(crate) fn event_record_with_flags(
    remote: &Remote,
    cx: Cx,
    event: Event,
    stream: Stream,
    flags: u32,
) -> CuResult<()> {
    check_context(remote, cx, event, stream)?;
    remote.send_event_record_with_flags(cx, event, stream, flags)?;
    settle(remote, cx, event, stream)
}

/// `cuStreamWaitEvent`.
pub(crate) fn stream_wait_event(
    remote: &Remote,
    cx: Cx,
    stream: Stream,
    event: Event,
    flags: u32,
) -> CuResult<()> {
    remote.send_stream_wait_event(cx, stream, event, flags)?;
    settle(remote, cx, event, stream)
}
