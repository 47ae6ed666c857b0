//! What kernels print, held back until the program waits for them, as CUDA does. Read [`Output`].

#![expect(unsafe_code, reason = "the program's own stdout is a C stream")]

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// Text held back at most; more is delivered at once.
const HELD_BYTES_MAX: usize = 1 << 20;

unsafe extern "C" {
    /// C's `stdout`: the program's own prints go through it, and the order of both shall be kept.
    static stdout: *mut libc::FILE;
}

/// Text that kernels have printed and nobody has seen.
#[derive(Debug, Default)]
pub(crate) struct Output {
    held: Mutex<Vec<u8>>,
    any: AtomicBool,
}

impl Output {
    /// Adds what one `printf` of a kernel says.
    pub(crate) fn add(&self, text: &[u8]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.extend_from_slice(text);
        self.any.store(true, Ordering::SeqCst);
        if held.len() > HELD_BYTES_MAX {
            deliver(&mut held);
        }
    }

    /// Delivers everything to the program's stdout.
    pub(crate) fn flush(&self) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        deliver(&mut held);
        self.any.store(false, Ordering::SeqCst);
    }

    /// Takes everything, undelivered.
    #[cfg(test)]
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn deliver(held: &mut Vec<u8>) {
    // SAFETY: the C library's stream exists as long as the process; it has its own lock.
    unsafe {
        libc::fwrite(held.as_ptr().cast(), 1, held.len(), stdout);
        libc::fflush(stdout);
    }
    held.clear();
}
