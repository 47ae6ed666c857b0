//! Forked children, and the end of the process.
//!
//! 1. A child of `fork` has its parent's memory but none of its threads. It must not touch its parent's
//!    session: the child's copy of the pointer is cleared before any of its code runs. If the parent had
//!    called `cuInit`, the interposer refuses every call in the child; if not, the child may connect by
//!    itself.
//! 2. The child writes nothing to shared memory and closes nothing: the session is its parent's.
//! 3. At exit the parent says goodbye; a child never does.
#![expect(unsafe_code, reason = "registers handlers with the C library")]

use std::sync::Once;

use crate::{remote, trace};

/// Registers the handlers, once.
pub(crate) fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // SAFETY: the handlers are functions of this library, which is never unloaded once it has
        // connected (libcuda.so.1 is marked so by whoever loads it); the child's only stores to an
        // atomic, which is allowed there.
        unsafe {
            libc::pthread_atfork(None, None, Some(in_child));
            libc::atexit(at_exit);
        }
    });
}

extern "C" fn in_child() {
    remote::forget_session();
    trace::forget();
}

extern "C" fn at_exit() {
    // A panic must not cross into the C library; there is nobody left to tell.
    let _ = std::panic::catch_unwind(|| {
        if let Some(session) = remote::open_session() {
            session.finish();
        }
    });
}
