//! `rigel trace`: runs a program as `rigel run` does and writes a timeline of its calls, of the worker, and
//! of the GPU. Read [`main`] first; [`notes`] finds what was noted, [`timeline`] writes it down. [`running`] is
//! `rigel spans`, for a session that runs already.

mod collector;
mod notes;
mod otlp;
pub(crate) mod running;
mod timeline;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitCode, ExitStatus};

use anyhow::{Context as _, bail};
use clap::Args;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::Pid;
use rigel_protocol::trace::EVENTS_MAX;
use rigel_transport::peer::PidFd;

use crate::run::RunArguments;

/// Signals that are the program's, not ours.
const PASSED_ON: [Signal; 4] = [
    Signal::SIGTERM,
    Signal::SIGINT,
    Signal::SIGHUP,
    Signal::SIGQUIT,
];

/// Run a program on a pooled GPU and write a timeline of it.
///
/// The file opens in Perfetto (ui.perfetto.dev) and in chrome://tracing: the calls of each thread that went to the
/// pool, what waited, the worker, and kernels and copies by stream with the GPU's own times. Child
/// processes are in the same file. Whatever ends the program, what it did until then is there.
#[derive(Debug, Args)]
pub(crate) struct TraceArguments {
    /// The file to write.
    #[arg(short, long, value_name = "FILE", default_value = "rigel-trace.json")]
    output: PathBuf,

    /// Most events of a process: as many of the program's calls, and as many of the worker and the GPU.
    #[arg(long, value_name = "N", default_value_t = 1 << 18, value_parser = clap::value_parser!(u64).range(1..=EVENTS_MAX))]
    events: u64,

    #[command(flatten)]
    run: RunArguments,
}

/// Runs the program and writes the file.
pub(crate) fn main(arguments: &TraceArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let pool = arguments.run.pool().address()?;
    let mut command = arguments.run.prepare()?;
    // Now, and not after hours, the user learns that it cannot be written.
    let path = &arguments.output;
    let file = File::create(path).with_context(|| format!("write {}", path.display()))?;
    let folder = tempfile::Builder::new()
        .prefix("rigel-trace-")
        .tempdir()
        .context("make a folder for notes")?;
    command
        .env("RIGEL_TRACE", folder.path())
        .env("RIGEL_TRACE_EVENTS", arguments.events.to_string());
    let child = command.spawn().context("start the program")?;
    let signals = hold_signals()?;
    let status = wait(child, &signals)?;
    let sessions = notes::collect(folder.path(), &pool)?;
    if sessions.is_empty() {
        eprintln!("rigel: the program opened no session: the timeline is empty");
    }
    let mut out = BufWriter::new(file);
    let written = timeline::write(&mut out, &sessions).and_then(|summary| {
        out.flush()?;
        Ok(summary)
    });
    let summary = written.with_context(|| format!("write {}", path.display()))?;
    eprintln!("rigel: {summary} in {}", path.display());
    Ok(exit_code(status))
}

/// Keeps signals that are meant for the program from ending this process first. The program has been started
/// before: it would inherit that it hears none of them.
fn hold_signals() -> anyhow::Result<SignalFd> {
    let set: SigSet = PASSED_ON.into_iter().collect();
    set.thread_block().context("hold signals")?;
    SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .context("make signals readable")
}

/// Waits for the program, and passes signals on to it.
fn wait(mut child: Child, signals: &SignalFd) -> anyhow::Result<ExitStatus> {
    let pid = child.id() as i32;
    let process = PidFd::open(pid).context("watch the program")?;
    loop {
        let mut fds = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(process.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => bail!("wait for the program: {error}"),
        }
        while let Ok(Some(came)) = signals.read_signal() {
            let signal = Signal::try_from(came.ssi_signo as i32).ok();
            // A terminal's keys reach the program by themselves.
            let from_terminal = came.ssi_code > 0;
            if let (Some(signal), false) = (signal, from_terminal) {
                // It may have ended meanwhile.
                let _ = kill(Pid::from_raw(pid), signal);
            }
        }
        if let Some(status) = child.try_wait().context("wait for the program")? {
            return Ok(status);
        }
    }
}

/// The program's, as a shell would give it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = match (status.code(), status.signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    };
    ExitCode::from(code as u8)
}
