//! `rigel spans`: has a session that runs noted for a while, and exports its calls as OpenTelemetry spans or
//! as a timeline. Read [`main`] first.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rigel_pool_server::ask;
use rigel_protocol::control::{AdminRequest, SessionKey};
use rigel_protocol::pool::PoolAddress;
use rigel_protocol::trace::{RATE_ALL_PPM, TraceEvent};
use serde_json::Value;

use super::collector::Collector;
use super::notes::Notes;
use super::otlp::{self, Origin};
use super::timeline;
use crate::client::PoolArguments;

/// How often the server is asked for what is new.
const ASK_PERIOD: Duration = Duration::from_millis(100);
/// How long the last notes may take once nothing more is noted.
const LAST_WITHIN: Duration = Duration::from_secs(5);

/// Export spans of a running session: call, ring wait, worker, GPU.
///
/// For a while, a part of the session's calls is noted, in the program and in its worker, and written as
/// OpenTelemetry spans: one trace a call. The program is not restarted and knows nothing of it; before and after, nothing
/// is measured. Ctrl-C ends it early. Only operators may do this: root and the user who runs the server, on its own host,
/// and who shows a certificate that `operators` in its configuration names.
///
///     rigel status                                          # numbers of sessions
///     rigel spans 17 --to http://127.0.0.1:4318             # to a collector, 1 % for 10 s
///     rigel spans 17 --sample 100 --format timeline --to run.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SpansArguments {
    /// The session's number.
    session: u64,

    /// For how long.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,

    /// How many calls are noted, in percent; down to 0.0001.
    #[arg(long, value_name = "PERCENT", default_value = "1", value_parser = sample)]
    sample: Sample,

    /// Where to: a file, or a collector's address (OTLP over HTTP), such as http://127.0.0.1:4318.
    #[arg(long, value_name = "FILE|URL", default_value = "rigel-spans.json")]
    to: String,

    /// What a file holds.
    #[arg(long, value_enum, default_value_t = Format::Otlp)]
    format: Format,

    #[command(flatten)]
    pool: PoolArguments,
}

/// Calls of a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// OpenTelemetry's JSON, one request a line, as a collector's receiver for files reads it.
    Otlp,
    /// A timeline for Perfetto and chrome://tracing, as `rigel trace` writes it.
    Timeline,
}

/// Where the result goes.
enum Target {
    Collector(Collector),
    File(PathBuf, File),
}

/// Notes, fetches, exports.
pub(crate) fn main(arguments: &SpansArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let target = target(arguments)?;
    let (mut notes, origin) = watch(arguments)?;
    notes.client.sort_by_key(|event| event.position);
    if notes.client.is_empty() && notes.worker.is_empty() {
        eprintln!("rigel: the session made no call that was noted; see --seconds and --sample");
    }
    if notes.dropped > 0 {
        let dropped = notes.dropped;
        eprintln!("rigel: {dropped} events had no room; lower --sample or --seconds");
    }
    match target {
        Target::Collector(collector) => export(&collector, &notes, &origin)?,
        Target::File(path, file) => {
            let written = write(file, arguments.format, &notes, &origin);
            let what = written.with_context(|| format!("write {}", path.display()))?;
            eprintln!("rigel: {what} in {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Now, and not after an hour, the user learns that the result cannot go there.
fn target(arguments: &SpansArguments) -> anyhow::Result<Target> {
    if arguments.to.contains("://") {
        if arguments.format == Format::Timeline {
            bail!("a collector takes no timelines: give --to a file");
        }
        return Ok(Target::Collector(Collector::find(&arguments.to)?));
    }
    let path = PathBuf::from(&arguments.to);
    let file = File::create(&path).with_context(|| format!("write {}", path.display()))?;
    Ok(Target::File(path, file))
}

/// Has the session noted, and gathers what comes until the time is over, the session ends, or the user has
/// seen enough.
fn watch(arguments: &SpansArguments) -> anyhow::Result<(Notes, Origin)> {
    let set: SigSet = [Signal::SIGINT, Signal::SIGTERM].into_iter().collect();
    set.thread_block().context("hold signals")?;
    let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
    let signals = SignalFd::with_flags(&set, flags).context("make signals readable")?;

    let session = arguments.session;
    let order = |rate_ppm, seconds| {
        let request = AdminRequest::TraceSession {
            session,
            rate_ppm,
            seconds,
        };
        arguments.pool.admin(request)
    };
    let begun = order(arguments.sample.0, arguments.seconds)?;
    let (mut fetch, origin) = Fetch::of(arguments.pool.address()?, session, &begun)?;
    eprintln!(
        "rigel: noting calls of session {session} ({}, lease {}) for {} s; Ctrl-C ends it",
        fetch.notes.program, origin.lease, arguments.seconds
    );
    let deadline = Instant::now() + Duration::from_secs(arguments.seconds.into());
    while !fetch.is_done && Instant::now() < deadline {
        if signals.read_signal().is_ok_and(|came| came.is_some()) {
            break;
        }
        fetch.more()?;
    }
    if !fetch.is_done {
        order(0, 0)?;
        let deadline = Instant::now() + LAST_WITHIN;
        while !fetch.is_done && Instant::now() < deadline {
            fetch.more()?;
        }
    }
    Ok((fetch.notes, origin))
}

/// What is fetched so far.
struct Fetch {
    pool: PoolAddress,
    key: SessionKey,
    next: u64,
    notes: Notes,
    is_done: bool,
}

impl Fetch {
    /// Begins with what the server says of the session.
    fn of(pool: PoolAddress, session: u64, said: &Value) -> anyhow::Result<(Self, Origin)> {
        let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| said[key].as_u64().unwrap_or_default();
        let ticket = ticket(&text("ticket")).context("the server's answer holds no ticket")?;
        let notes = Notes {
            pid: number("pid") as u32,
            program: text("program"),
            session,
            ..Notes::default()
        };
        let origin = Origin {
            ticket,
            lease: text("lease"),
            host: text("host"),
            clock_ns: (number("monotonic_ns"), number("unix_ns")),
        };
        let fetch = Self {
            pool,
            key: SessionKey {
                session,
                secret: ticket,
            },
            next: 0,
            notes,
            is_done: false,
        };
        Ok((fetch, origin))
    }

    /// Fetches a part, or waits a little if there is none.
    fn more(&mut self) -> anyhow::Result<()> {
        let part = ask::trace(&self.pool, self.key, self.next)?;
        self.next += part.events.len() as u64;
        let is_empty = part.events.is_empty();
        for event in part.events.iter().filter_map(TraceEvent::from_words) {
            match event.kind.is_clients() {
                true => self.notes.client.push(event),
                false => self.notes.worker.push(event),
            }
        }
        self.notes.names.extend(part.names);
        self.notes.dropped = part.dropped;
        self.is_done = part.is_final;
        if is_empty && !self.is_done {
            std::thread::sleep(ASK_PERIOD);
        }
        Ok(())
    }
}

/// Sends everything; what cannot be sent is kept in a file.
fn export(collector: &Collector, notes: &Notes, origin: &Origin) -> anyhow::Result<()> {
    let requests = otlp::requests(notes, origin);
    let (mut sent, mut rejected) = (0, 0);
    for (at, (body, count)) in requests.iter().enumerate() {
        match collector.send(body) {
            Ok(not_wanted) => {
                sent += count;
                rejected += not_wanted;
            }
            Err(error) => {
                let path = Path::new("rigel-spans.json");
                let file = File::create(path).context("keep what could not be sent")?;
                lines(file, &requests[at..])?;
                return Err(error.context(format!(
                    "{sent} spans sent; the rest is in {}",
                    path.display()
                )));
            }
        }
    }
    eprintln!("rigel: {sent} spans sent, {rejected} of them not wanted");
    Ok(())
}

/// Writes a file; says what is in it.
fn write(file: File, format: Format, notes: &Notes, origin: &Origin) -> anyhow::Result<String> {
    if format == Format::Otlp {
        let requests = otlp::requests(notes, origin);
        lines(file, &requests)?;
        let count: usize = requests.iter().map(|(_, count)| count).sum();
        return Ok(format!("{count} spans"));
    }
    let mut out = BufWriter::new(file);
    let summary = timeline::write(&mut out, std::slice::from_ref(notes))?;
    out.flush()?;
    Ok(summary.to_string())
}

fn lines(file: File, requests: &[(Value, usize)]) -> anyhow::Result<()> {
    let mut out = BufWriter::new(file);
    for (body, _) in requests {
        writeln!(out, "{body}")?;
    }
    Ok(out.flush()?)
}

fn ticket(hex: &str) -> Option<[u8; 16]> {
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 16];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// A share of calls in percent.
fn sample(text: &str) -> Result<Sample, String> {
    let percent: f64 = text
        .trim_end_matches('%')
        .parse()
        .map_err(|_| "not a number")?;
    let ppm = (percent * 1e4).round();
    if !(1.0..=f64::from(RATE_ALL_PPM)).contains(&ppm) {
        return Err("between 0.0001 and 100 percent".into());
    }
    Ok(Sample(ppm as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_is_a_share_in_percent() {
        assert_eq!(sample("1"), Ok(Sample(10_000)));
        assert_eq!(sample("0.0001%"), Ok(Sample(1)));
        assert_eq!(sample("100"), Ok(Sample(RATE_ALL_PPM)));
        for wrong in ["0", "-1", "101", "nan", "some"] {
            assert!(sample(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ticket_is_sixteen_bytes_in_hexadecimal() {
        assert_eq!(ticket(&"0f".repeat(16)), Some([15; 16]));
        assert_eq!(ticket("0f"), None);
        assert_eq!(ticket(&"zz".repeat(16)), None);
        assert_eq!(ticket(&"é".repeat(16)), None);
    }
}
