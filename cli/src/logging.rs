//! Where logs go: standard error, never standard output; how much: `RIGEL_LOG`.

use tracing_subscriber::EnvFilter;

/// Starts logging at `RIGEL_LOG` (a level, or `target=level,…`), else at `default`.
pub(crate) fn start(default: &str) {
    let filter = EnvFilter::try_from_env("RIGEL_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(terminal)
        .with_target(false)
        .init();
}
