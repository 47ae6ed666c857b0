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

/// Tells the user why the library cannot work: always, whatever the log's level.
pub(crate) fn tell(message: &str) {
    use std::io::Write;
    // Nobody can be told that standard error is gone.
    let _ = writeln!(std::io::stderr(), "rigel: {message}");
}

/// An error and what caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
