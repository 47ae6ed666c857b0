//! Captures of streams that are under way, and which calls they forbid: CUDA's rules for modes of capture,
//! threads and the legacy default stream. What a captured stream records is the driver's. Read
//! [`forbid_unsafe`] first.
//!
//! 1. A call that may be unsafe is refused while a capture of its own thread that is not relaxed, or one of
//!    another thread in global mode, is under way. The thread's own mode, which it exchanges, lifts one or both.
//! 2. Work for the legacy default stream is refused while a blocking stream of its context captures.
//! 3. What is refused invalidates the captures for which it is: by a query, as CUDA's drivers have it.
//! 4. A capture that is not relaxed ends in the thread where it began.
//! 5. An entry may outlive its capture, where a context ended or a capture never began: the driver is asked
//!    before anything is refused. No lock is held meanwhile.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::generated::types::{CUstreamCaptureMode, CUstreamCaptureStatus};
use rigel_protocol::handle::Stream;
use rigel_protocol::{CuError, CuResult, Cx};

use crate::current;
use crate::install::driver;

const GLOBAL: CUstreamCaptureMode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL;
const RELAXED: CUstreamCaptureMode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: u32 = 1;

/// A capture.
#[derive(Clone, Copy, Debug)]
struct Open {
    stream: Stream,
    /// Who began it.
    cx: Cx,
    mode: CUstreamCaptureMode,
}

/// How many are under way at most: nearly always none.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static OPEN: Mutex<Vec<Open>> = Mutex::new(Vec::new());

thread_local! {
    /// What calls a thread may make while a stream captures.
    static MODE: Cell<CUstreamCaptureMode> = const { Cell::new(GLOBAL) };
}

/// Sets the thread's mode; returns the one before.
pub(crate) fn exchange_mode(mode: CUstreamCaptureMode) -> CUstreamCaptureMode {
    MODE.replace(mode)
}

/// A capture is about to begin.
pub(crate) fn begin(stream: Stream, mode: CUstreamCaptureMode) {
    let cx = current::cx();
    let mut open = lock();
    if !open.iter().any(|one| one.is_of(stream, cx)) {
        open.push(Open { stream, cx, mode });
        COUNT.store(open.len(), Ordering::SeqCst);
    }
}

/// A capture is about to end: `CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD` where it may not.
pub(crate) fn end(stream: Stream) -> CuResult<()> {
    if COUNT.load(Ordering::SeqCst) == 0 {
        return Ok(());
    }
    let cx = current::cx();
    let found = lock().iter().find(|one| one.is_of(stream, cx)).copied();
    match found {
        Some(one) if one.mode != RELAXED && one.cx.thread != cx.thread && one.is_under_way() => {
            Err(CuError::STREAM_CAPTURE_WRONG_THREAD)
        }
        Some(one) => {
            forget(&one);
            Ok(())
        }
        None => Ok(()),
    }
}

/// Refuses a call that may be unsafe while streams capture.
#[inline]
pub(crate) fn forbid_unsafe() -> CuResult<()> {
    match COUNT.load(Ordering::SeqCst) {
        0 => Ok(()),
        _ => {
            let (own, thread) = (MODE.get(), current::cx().thread);
            let forbids = |one: &Open| match one.cx.thread == thread {
                true => one.mode != RELAXED && own != RELAXED,
                false => one.mode == GLOBAL && own == GLOBAL,
            };
            invalidate(forbids, CuError::STREAM_CAPTURE_UNSUPPORTED)
        }
    }
}

/// Refuses work for the legacy default stream while a blocking stream captures.
#[inline]
pub(crate) fn forbid_legacy(stream: Stream) -> CuResult<()> {
    if stream != Stream::LEGACY || COUNT.load(Ordering::SeqCst) == 0 {
        return Ok(());
    }
    let context = current::cx().context;
    let is_blocking = |one: &Open| {
        let flags = driver().and_then(|driver| driver.stream_get_flags(one.cx, one.stream));
        one.cx.context == context && flags.is_ok_and(|flags| flags & NON_BLOCKING == 0)
    };
    invalidate(is_blocking, CuError::STREAM_CAPTURE_IMPLICIT)
}

/// Invalidates the captures that forbid a call; the error if there is one.
#[cold]
fn invalidate(forbids: impl Fn(&Open) -> bool, error: CuError) -> CuResult<()> {
    let all = lock().clone();
    let mut refused = false;
    for one in all.iter().filter(|one| forbids(one)) {
        if !one.is_under_way() {
            forget(one);
            continue;
        }
        refused = true;
        // A captured stream that is asked how far it is answers by giving up its capture.
        let _ = driver()?.stream_query(one.cx, one.stream);
    }
    match refused {
        true => Err(error),
        false => Ok(()),
    }
}

fn forget(gone: &Open) {
    let mut open = lock();
    open.retain(|one| !(one.stream == gone.stream && one.cx == gone.cx));
    COUNT.store(open.len(), Ordering::SeqCst);
}

impl Open {
    /// Whether this is what a caller means by a stream: default streams are a context's, and a thread's.
    fn is_of(&self, stream: Stream, cx: Cx) -> bool {
        self.stream == stream
            && match stream {
                Stream::PER_THREAD => self.cx == cx,
                Stream::LEGACY => self.cx.context == cx.context,
                _ => true,
            }
    }

    fn is_under_way(&self) -> bool {
        let status = driver().and_then(|driver| driver.stream_is_capturing(self.cx, self.stream));
        status.is_ok_and(|status| status != CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE)
    }
}

fn lock() -> MutexGuard<'static, Vec<Open>> {
    // Every change is a single step: a panic elsewhere leaves the list whole.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
