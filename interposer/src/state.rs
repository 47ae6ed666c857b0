//! Whether this process may use the driver: not before `cuInit`, and never in a forked child.
//!
//! The state is one atomic number, so that exports check it without a lock. A child of `fork` has a
//! copy of its parent's memory but none of its threads, connections and devices; as with NVIDIA's
//! driver, every call in it answers `CUDA_ERROR_NOT_INITIALIZED`, `cuInit` included, if the parent
//! had called `cuInit`. Read [`init`] first.
#![expect(unsafe_code, reason = "registers a fork handler with libc")]

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use rigel_protocol::{CuError, CuResult};

use crate::install::driver;

const BEFORE_INIT: u8 = 0;
const READY: u8 = 1;
const FORKED: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(BEFORE_INIT);

/// `CUDA_LAUNCH_BLOCKING`, as it stood at `cuInit`.
static LAUNCHES_BLOCK: AtomicBool = AtomicBool::new(false);

/// Held across the driver's first initialisation: a second `cuInit` must not return before it.
static INIT: Mutex<()> = Mutex::new(());

/// `CUDA_ERROR_NOT_INITIALIZED` unless `cuInit` has succeeded in this very process.
#[inline]
pub(crate) fn check_ready() -> CuResult<()> {
    // Acquire pairs with the release in `init`: what the driver set up is seen.
    if STATE.load(Ordering::Acquire) == READY {
        return Ok(());
    }
    Err(CuError::NOT_INITIALIZED)
}

/// Whether a launch returns when its kernel is done.
#[inline]
pub(crate) fn launches_block() -> bool {
    LAUNCHES_BLOCK.load(Ordering::Relaxed)
}

/// `cuInit`.
pub(crate) fn init() -> CuResult<()> {
    match STATE.load(Ordering::Acquire) {
        READY => return Ok(()),
        FORKED => return Err(CuError::NOT_INITIALIZED),
        _ => {}
    }
    let _guard = INIT.lock().unwrap_or_else(PoisonError::into_inner);
    if STATE.load(Ordering::Acquire) == READY {
        return Ok(());
    }
    let driver = driver()?;
    driver.init()?;
    // An empty list is an answer of its own, and cudart expects it from here.
    if driver.devices()?.is_empty() {
        return Err(CuError::NO_DEVICE);
    }
    let is_set = |value: String| value.trim().parse().is_ok_and(|number: i32| number != 0);
    let block = std::env::var("CUDA_LAUNCH_BLOCKING").is_ok_and(is_set);
    LAUNCHES_BLOCK.store(block, Ordering::Relaxed);
    // SAFETY: the handler only stores to an atomic, which is allowed in a forked child.
    unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    // Release publishes what the driver set up to the threads that see READY.
    STATE.store(READY, Ordering::Release);
    Ok(())
}

extern "C" fn forked() {
    STATE.store(FORKED, Ordering::Release);
}
