//! The library's log: on standard error, warnings by default, more by `RIGEL_LOG`.
//!
//! The subscriber is this library's own: a program that uses `tracing` itself has another copy.

use std::sync::Once;

use tracing_subscriber::EnvFilter;

/// Starts the log, once.
pub(crate) fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        let filter =
            EnvFilter::try_from_env("RIGEL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
        // A second library of ours in the process has a subscriber of its own.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .without_time()
            .try_init();
    });
}
