//! A timeline as Chrome's trace events in JSON, which Perfetto reads too. Read [`write()`] first.
//!
//! 1. A client process is a process of the timeline, its threads are its threads. Its worker is another,
//!    and what it holds of GPUs a third, with a row for each stream.
//! 2. Times are microseconds since the first event, by the clock of the server's host.
//! 3. In a stream one thing ends before the next begins: an end that was seen late is cut.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use rigel_protocol::generated::calls::Call;
use rigel_protocol::trace::{TraceEvent, TraceKind};
use serde_json::{Value, json};

use super::notes::Notes;

/// Where the numbers of workers and GPUs begin: no process id is so large.
const WORKERS: u64 = 1 << 32;
const GPUS: u64 = 1 << 33;
/// Bit of a stream that is a thread's own default one; the thread's number is below.
const THREADS_STREAM: u64 = 1 << 63;

/// What calls are called that fold several functions of CUDA.
const NAMES: [(Call, &str); 12] = [
    (Call::LAUNCH, "cuLaunchKernel"),
    (Call::COPY, "cuMemcpyAsync"),
    (Call::COPY_WAIT, "cuMemcpy"),
    (Call::COPY3D, "cuMemcpy3DAsync"),
    (Call::COPY3D_WAIT, "cuMemcpy3D"),
    (Call::FILL, "cuMemset"),
    (Call::LAUNCH_HOST, "cuLaunchHostFunc"),
    (Call::MODULE_LOAD, "cuModuleLoadData"),
    (Call::LIBRARY_LOAD, "cuLibraryLoadData"),
    (Call::LINK, "cuLinkComplete"),
    (Call::MODULE_FUNCTION, "cuModuleGetFunction"),
    (Call::LIBRARY_KERNEL, "cuLibraryGetKernel"),
];

/// What a timeline holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    events: u64,
    processes: usize,
    dropped: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events of {} processes", self.events, self.processes)?;
        match self.dropped {
            0 => Ok(()),
            n => write!(f, " ({n} more had no room: see --events)"),
        }
    }
}

/// Writes the timeline of these processes.
pub(super) fn write(out: &mut impl Write, all: &[Notes]) -> io::Result<Summary> {
    let events = all
        .iter()
        .flat_map(|notes| notes.client.iter().chain(&notes.worker));
    let mut page = Page {
        out,
        zero_ns: events.map(|event| event.start_ns).min().unwrap_or(0),
        written: 0,
    };
    write!(page.out, "{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
    for notes in all {
        page.client(notes)?;
        page.worker(notes)?;
        page.gpus(notes)?;
    }
    let summary = Summary {
        events: all
            .iter()
            .map(|one| (one.client.len() + one.worker.len()) as u64)
            .sum(),
        processes: all.len(),
        dropped: all.iter().map(|one| one.dropped).sum(),
    };
    let about = json!({
        "producer": concat!("rigel ", env!("CARGO_PKG_VERSION")),
        "dropped": summary.dropped,
        "zero_ns": page.zero_ns,
    });
    writeln!(page.out, "\n],\"otherData\":{about}}}")?;
    Ok(summary)
}

struct Page<'a, W> {
    out: &'a mut W,
    zero_ns: u64,
    written: u64,
}

impl<W: Write> Page<'_, W> {
    fn client(&mut self, notes: &Notes) -> io::Result<()> {
        let pid = u64::from(notes.pid);
        self.title(
            "process_name",
            pid,
            0,
            &format!("{} ({pid})", notes.program),
        )?;
        for event in &notes.client {
            let kind = match event.kind {
                TraceKind::Waited => "wait",
                _ => "call",
            };
            let mut arguments = json!({
                "position": event.position,
                "until_sent_us": micros(event.stream.saturating_sub(event.start_ns)),
            });
            if event.bytes > 0 {
                arguments["bytes"] = event.bytes.into();
            }
            let row = (pid, u64::from(event.place));
            self.span(event, row, kind, &call_name(event.call), arguments)?;
        }
        Ok(())
    }

    fn worker(&mut self, notes: &Notes) -> io::Result<()> {
        let pid = WORKERS + notes.session;
        let mut rows = BTreeMap::new();
        for event in notes
            .worker
            .iter()
            .filter(|event| event.kind == TraceKind::Worker)
        {
            // What the issue thread does not do itself, threads do that wait for one client thread each.
            let (row, name) = match event.place {
                0 => (0, "issue".to_owned()),
                _ => {
                    let thread = u64::from(event.thread);
                    (thread + 1, format!("waits for thread {thread}"))
                }
            };
            rows.insert(row, name);
            let arguments = json!({ "position": event.position });
            self.span(
                event,
                (pid, row),
                "worker",
                &call_name(event.call),
                arguments,
            )?;
        }
        self.titles(
            pid,
            &format!("worker of {} ({})", notes.program, notes.pid),
            &rows,
        )
    }

    fn gpus(&mut self, notes: &Notes) -> io::Result<()> {
        let pid = GPUS + notes.session;
        let mut streams = BTreeMap::<(u32, u64), Vec<TraceEvent>>::new();
        for event in notes.worker.iter().filter(|event| event.kind.is_gpus()) {
            streams
                .entry((event.place, event.stream))
                .or_default()
                .push(*event);
        }
        let mut rows = BTreeMap::new();
        for (row, ((gpu, stream), mut events)) in (1..).zip(streams) {
            rows.insert(row, format!("GPU {gpu}, {}", stream_name(stream)));
            in_order(&mut events);
            for event in events {
                let name = notes.names.get(&event.name).map_or("work", String::as_str);
                let mut arguments = json!({ "position": event.position });
                if event.bytes > 0 {
                    arguments["bytes"] = event.bytes.into();
                }
                self.span(&event, (pid, row), kind_name(event.kind), name, arguments)?;
                self.arrow(notes, &event, (pid, row))?;
            }
        }
        self.titles(
            pid,
            &format!("GPU work of {} ({})", notes.program, notes.pid),
            &rows,
        )
    }

    /// From a call to what the GPU did for it.
    fn arrow(&mut self, notes: &Notes, event: &TraceEvent, to: (u64, u64)) -> io::Result<()> {
        let call = notes
            .client
            .binary_search_by_key(&event.position, |call| call.position);
        let Some(call) = call.ok().map(|at| notes.client[at]) else {
            return Ok(());
        };
        let from = (u64::from(notes.pid), u64::from(call.place));
        let id = format!("{}.{}", notes.session, event.position);
        let shown = |phase: &str, at_ns: u64, (pid, tid): (u64, u64)| {
            json!({
                "ph": phase, "bp": "e", "cat": "order", "name": "order", "id": id,
                "pid": pid, "tid": tid, "ts": micros(at_ns.saturating_sub(self.zero_ns)),
            })
        };
        let (begin, end) = (
            shown("s", call.start_ns, from),
            shown("f", event.start_ns, to),
        );
        self.line(&begin)?;
        self.line(&end)
    }

    fn span(
        &mut self,
        event: &TraceEvent,
        (pid, tid): (u64, u64),
        category: &str,
        name: &str,
        arguments: Value,
    ) -> io::Result<()> {
        self.line(&json!({
            "ph": "X", "cat": category, "name": name, "pid": pid, "tid": tid,
            "ts": micros(event.start_ns.saturating_sub(self.zero_ns)),
            "dur": micros(event.end_ns.saturating_sub(event.start_ns)),
            "args": arguments,
        }))
    }

    fn titles(&mut self, pid: u64, name: &str, rows: &BTreeMap<u64, String>) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.title("process_name", pid, 0, name)?;
        for (row, name) in rows {
            self.title("thread_name", pid, *row, name)?;
        }
        Ok(())
    }

    fn title(&mut self, what: &str, pid: u64, tid: u64, name: &str) -> io::Result<()> {
        let arguments = json!({ "name": name });
        self.line(&json!({ "ph": "M", "name": what, "pid": pid, "tid": tid, "args": arguments }))
    }

    fn line(&mut self, event: &Value) -> io::Result<()> {
        let before = if self.written == 0 { "\n" } else { ",\n" };
        self.written += 1;
        write!(self.out, "{before}{event}")
    }
}

/// Puts what a stream did in order; nothing ends after the next begins.
fn in_order(events: &mut [TraceEvent]) {
    events.sort_by_key(|event| (event.start_ns, event.position));
    for at in 1..events.len() {
        let next = events[at].start_ns;
        let event = &mut events[at - 1];
        event.end_ns = event.end_ns.min(next);
    }
}

pub(super) fn call_name(call: Call) -> String {
    let known = NAMES.iter().find(|(folded, _)| *folded == call);
    let name = known.map(|(_, name)| *name).or_else(|| call.name());
    name.map_or_else(|| format!("call {:#06x}", call.0), str::to_owned)
}

pub(super) fn stream_name(stream: u64) -> String {
    match stream {
        1 => "default stream".into(),
        own if own & THREADS_STREAM != 0 => {
            format!("default stream of thread {}", own & !THREADS_STREAM)
        }
        // The kind of a handle is above, its number below.
        handle => format!("stream {}", handle & 0xff_ffff_ffff),
    }
}

pub(super) fn kind_name(kind: TraceKind) -> &'static str {
    match kind {
        TraceKind::Kernel => "kernel",
        TraceKind::Copy => "copy",
        TraceKind::Fill => "fill",
        TraceKind::Graph => "graph",
        _ => "work",
    }
}

fn micros(ns: u64) -> f64 {
    ns as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: TraceKind, position: u64, span: (u64, u64)) -> TraceEvent {
        TraceEvent {
            kind,
            call: Call::LAUNCH,
            thread: 1,
            position,
            start_ns: span.0,
            end_ns: span.1,
            stream: 1,
            bytes: 0,
            name: 1,
            place: 0,
        }
    }

    fn shown(notes: &Notes) -> Value {
        let mut out = Vec::new();
        write(&mut out, std::slice::from_ref(notes)).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn timeline_has_calls_worker_and_gpu_in_rows_of_their_own() {
        let notes = Notes {
            pid: 5,
            program: "train".into(),
            session: 2,
            client: vec![event(TraceKind::Posted, 64, (1000, 2000))],
            worker: vec![
                event(TraceKind::Worker, 64, (3000, 3500)),
                event(TraceKind::Kernel, 64, (4000, 9000)),
            ],
            names: [(1, "gemm".to_owned())].into(),
            dropped: 4,
        };
        let page = shown(&notes);
        let events = page["traceEvents"].as_array().unwrap();
        let of = |category: &str| {
            let found = events.iter().find(|one| one["cat"] == category);
            found.cloned().unwrap_or_default()
        };
        assert_eq!(of("call")["name"], "cuLaunchKernel");
        assert_eq!(
            (&of("call")["ts"], &of("call")["dur"]),
            (&json!(0.0), &json!(1.0))
        );
        assert_eq!(of("kernel")["name"], "gemm");
        assert_eq!(of("kernel")["ts"], 3.0);
        assert_eq!(of("worker")["pid"], WORKERS + 2);
        let arrows = events.iter().filter(|one| one["cat"] == "order").count();
        assert_eq!(arrows, 2);
        assert_eq!(page["otherData"]["dropped"], 4);
    }

    #[test]
    fn end_that_was_seen_late_is_cut_in_its_stream() {
        let notes = Notes {
            worker: vec![
                event(TraceKind::Copy, 64, (9000, 10_000)),
                event(TraceKind::Kernel, 128, (1000, 9500)),
            ],
            ..Notes::default()
        };
        let page = shown(&notes);
        let events = page["traceEvents"].as_array().unwrap();
        let spans: Vec<_> = events.iter().filter(|one| one["ph"] == "X").collect();
        assert_eq!(
            (&spans[0]["ts"], &spans[0]["dur"]),
            (&json!(0.0), &json!(8.0))
        );
        assert_eq!(spans[1]["ts"], 8.0);
    }

    #[test]
    fn nothing_noted_is_a_timeline_too() {
        let mut out = Vec::new();
        let summary = write(&mut out, &[]).unwrap();
        assert_eq!(summary, Summary::default());
        let page: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(page["traceEvents"], json!([]));
    }
}
