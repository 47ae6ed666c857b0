//! Spans as OpenTelemetry's protocol has them, in its JSON form: what a collector takes, and what its receiver
//! for files reads. It sends nothing. Read [`requests`] first.
//!
//! 1. Each noted call is a trace of its own: the program's call, below it the time that its record stood in
//!    the ring, the worker's part, and below that the GPU's.
//! 2. The program and its worker are two resources: back ends draw them as two services.
//! 3. Ids: a trace's are half the ticket, which is random, and half the call's position in the ring; a span's are
//!    position and part, mixed with the rest of the ticket.

use std::collections::BTreeMap;

use rigel_protocol::trace::{TraceEvent, TraceKind};
use serde_json::{Value, json};

use super::notes::Notes;
use super::timeline::{call_name, kind_name, stream_name};

/// Calls of one request: far below what collectors take (4 MiB).
const CALLS_PER_REQUEST: usize = 1000;
/// `SPAN_KIND_INTERNAL`, `SPAN_KIND_SERVER`, `SPAN_KIND_CLIENT`.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// Whose spans they are, and how their times are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// Random, and known to nobody else.
    pub(super) ticket: [u8; 16],
    /// The session's lease.
    pub(super) lease: String,
    /// Name of the client's host.
    pub(super) host: String,
    /// The clock of the notes at a moment, and Unix time at the same.
    pub(super) clock_ns: (u64, u64),
}

/// The parts of one call.
#[derive(Debug, Default)]
struct Parts {
    call: Option<TraceEvent>,
    worker: Vec<TraceEvent>,
    gpu: Vec<TraceEvent>,
}

/// Spans of a request, by resource.
#[derive(Debug, Default)]
struct Spans {
    program: Vec<Value>,
    worker: Vec<Value>,
}

/// Everything noted as bodies of `ExportTraceServiceRequest`, each with its number of spans.
pub(super) fn requests(notes: &Notes, origin: &Origin) -> Vec<(Value, usize)> {
    let mut calls = BTreeMap::<u64, Parts>::new();
    for event in notes.client.iter().chain(&notes.worker) {
        let parts = calls.entry(event.position).or_default();
        match event.kind {
            kind if kind.is_clients() => parts.call = Some(*event),
            kind if kind.is_gpus() => parts.gpu.push(*event),
            _ => parts.worker.push(*event),
        }
    }
    let calls: Vec<(u64, Parts)> = calls.into_iter().collect();
    calls
        .chunks(CALLS_PER_REQUEST)
        .map(|chunk| request(notes, origin, chunk))
        .collect()
}

fn request(notes: &Notes, origin: &Origin, calls: &[(u64, Parts)]) -> (Value, usize) {
    let mut spans = Spans::default();
    for (position, parts) in calls {
        Drawn {
            notes,
            origin,
            position: *position,
        }
        .draw(parts, &mut spans);
    }
    let count = spans.program.len() + spans.worker.len();
    let program = [
        ("service.name", text(&notes.program)),
        ("process.pid", number(notes.pid.into())),
        ("host.name", text(&origin.host)),
    ];
    let worker = [("service.name", text("rigel-worker"))];
    let body = json!({ "resourceSpans": [
        resource(notes, origin, &program, spans.program),
        resource(notes, origin, &worker, spans.worker),
    ]});
    (body, count)
}

fn resource(notes: &Notes, origin: &Origin, own: &[(&str, Value)], spans: Vec<Value>) -> Value {
    let both = [
        ("rigel.session", number(notes.session)),
        ("rigel.lease", text(&origin.lease)),
    ];
    json!({
        "resource": { "attributes": attributes(own.iter().chain(&both)) },
        "scopeSpans": [{
            "scope": { "name": "rigel", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans,
        }],
    })
}

/// One call as it is drawn.
struct Drawn<'a> {
    notes: &'a Notes,
    origin: &'a Origin,
    position: u64,
}

impl Drawn<'_> {
    fn draw(&self, parts: &Parts, out: &mut Spans) {
        let mut next = 0..;
        let mut id = || self.span_id(next.next().unwrap_or(0));
        let call = parts.call.map(|event| {
            let id = id();
            let kind = (CLIENT, call_name(event.call));
            let mut about = vec![
                ("thread.id", number(event.place.into())),
                (
                    "rigel.waits",
                    json!({ "boolValue": event.kind == TraceKind::Waited }),
                ),
            ];
            if event.bytes > 0 {
                about.push(("rigel.bytes", number(event.bytes)));
            }
            let times = (event.start_ns, event.end_ns);
            out.program.push(self.span(&id, None, kind, times, &about));
            (id, event.stream)
        });
        let root = call.as_ref().map(|(id, _)| id.clone());
        let mut taken = None;
        for event in &parts.worker {
            let own = id();
            // A call that somebody else waits for is noted by both threads: the first has taken it.
            if let (None, Some((parent, sent))) = (&taken, &call) {
                let times = (*sent, event.start_ns.max(*sent));
                let kind = (INTERNAL, "ring wait".to_owned());
                out.worker
                    .push(self.span(&id(), Some(parent), kind, times, &[]));
            }
            let kind = (SERVER, format!("worker: {}", call_name(event.call)));
            let times = (event.start_ns, event.end_ns);
            out.worker
                .push(self.span(&own, root.as_deref(), kind, times, &[]));
            taken.get_or_insert(own);
        }
        for event in &parts.gpu {
            let name = self.notes.names.get(&event.name);
            let name = name.map_or_else(|| kind_name(event.kind).to_owned(), Clone::clone);
            let mut about = vec![
                ("rigel.gpu", number(event.place.into())),
                ("rigel.stream", text(&stream_name(event.stream))),
                ("rigel.work", text(kind_name(event.kind))),
            ];
            if event.bytes > 0 {
                about.push(("rigel.bytes", number(event.bytes)));
            }
            let parent = taken.as_deref().or(root.as_deref());
            let times = (event.start_ns, event.end_ns);
            out.worker
                .push(self.span(&id(), parent, (INTERNAL, name), times, &about));
        }
    }

    fn span(
        &self,
        id: &str,
        parent: Option<&str>,
        (kind, name): (u8, String),
        (start, end): (u64, u64),
        about: &[(&str, Value)],
    ) -> Value {
        let position = ("rigel.position", number(self.position));
        let mut span = json!({
            "traceId": self.trace_id(),
            "spanId": id,
            "name": name,
            "kind": kind,
            "startTimeUnixNano": self.unix(start).to_string(),
            "endTimeUnixNano": self.unix(end.max(start)).to_string(),
            "attributes": attributes(about.iter().chain([&position])),
        });
        if let Some(parent) = parent {
            span["parentSpanId"] = parent.into();
        }
        span
    }

    fn trace_id(&self) -> String {
        format!("{:016x}{:016x}", self.half(0), self.position)
    }

    fn span_id(&self, part: u64) -> String {
        // Records are aligned to 64 bytes, so that a position leaves room for a part. Zero would be no id.
        let id = self.half(8) ^ (self.position + part % 64);
        format!("{:016x}", id.max(1))
    }

    fn half(&self, from: usize) -> u64 {
        let bytes = &self.origin.ticket[from..from + 8];
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    fn unix(&self, at_ns: u64) -> u64 {
        let (monotonic, unix) = self.origin.clock_ns;
        unix.wrapping_add(at_ns).wrapping_sub(monotonic)
    }
}

fn attributes<'a>(all: impl IntoIterator<Item = &'a (&'a str, Value)>) -> Vec<Value> {
    let all = all.into_iter();
    all.map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

fn text(value: &str) -> Value {
    json!({ "stringValue": value })
}

/// 64-bit integers are strings in protobuf's JSON.
fn number(value: u64) -> Value {
    json!({ "intValue": value.to_string() })
}

#[cfg(test)]
mod tests {
    use rigel_protocol::generated::calls::Call;

    use super::*;

    fn event(kind: TraceKind, span: (u64, u64)) -> TraceEvent {
        TraceEvent {
            kind,
            call: Call::LAUNCH,
            thread: 1,
            position: 128,
            start_ns: span.0,
            end_ns: span.1,
            stream: 1500,
            bytes: 0,
            name: 1,
            place: 3,
        }
    }

    fn origin() -> Origin {
        let mut ticket = [7; 16];
        ticket[15] = 8;
        Origin {
            ticket,
            lease: "team".into(),
            host: "node".into(),
            clock_ns: (1000, 1_000_000),
        }
    }

    fn spans(notes: &Notes) -> Vec<Value> {
        let all = requests(notes, &origin());
        let resources = |body: &Value| body["resourceSpans"].as_array().unwrap().clone();
        let found: Vec<Value> = all
            .iter()
            .flat_map(|(body, _)| resources(body))
            .flat_map(|one| one["scopeSpans"][0]["spans"].as_array().unwrap().clone())
            .collect();
        let counted: usize = all.iter().map(|(_, count)| count).sum();
        assert_eq!(found.len(), counted);
        found
    }

    #[test]
    fn launch_is_a_trace_of_call_ring_worker_and_gpu() {
        let notes = Notes {
            program: "train".into(),
            client: vec![event(TraceKind::Posted, (1000, 2000))],
            worker: vec![
                event(TraceKind::Worker, (3000, 3500)),
                event(TraceKind::Kernel, (4000, 9000)),
            ],
            names: [(1, "gemm".to_owned())].into(),
            ..Notes::default()
        };
        let spans = spans(&notes);
        let names: Vec<&str> = spans
            .iter()
            .filter_map(|one| one["name"].as_str())
            .collect();
        let worker = "worker: cuLaunchKernel";
        assert_eq!(names, ["cuLaunchKernel", "ring wait", worker, "gemm"]);
        let (root, ring, work, gpu) = (&spans[0], &spans[1], &spans[2], &spans[3]);
        assert_eq!(root["startTimeUnixNano"], "1000000");
        assert_eq!(root["traceId"], "07070707070707070000000000000080");
        assert!(root["parentSpanId"].is_null());
        assert_eq!(ring["parentSpanId"], root["spanId"]);
        assert_eq!(ring["startTimeUnixNano"], "1000500");
        assert_eq!(ring["endTimeUnixNano"], "1002000");
        assert_eq!(work["parentSpanId"], root["spanId"]);
        assert_eq!(gpu["parentSpanId"], work["spanId"]);
        let ids: std::collections::BTreeSet<_> =
            spans.iter().map(|one| one["spanId"].as_str()).collect();
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn worker_alone_is_a_trace_too() {
        let notes = Notes {
            worker: vec![event(TraceKind::Worker, (3000, 3500))],
            ..Notes::default()
        };
        let spans = spans(&notes);
        assert_eq!(spans.len(), 1);
        assert!(spans[0]["parentSpanId"].is_null());
    }

    #[test]
    fn many_calls_are_several_requests() {
        let at = |position| TraceEvent {
            position,
            ..event(TraceKind::Posted, (1, 2))
        };
        let notes = Notes {
            client: (0..2500).map(|n| at(64 * n)).collect(),
            ..Notes::default()
        };
        let all = requests(&notes, &origin());
        let counts: Vec<usize> = all.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [1000, 1000, 500]);
    }
}
