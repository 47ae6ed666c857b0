//! Order: streams, events, host functions, what is captured and what is waited for.

use std::sync::{Arc, Mutex};

use rigel_protocol::custom::{
    Contexts, Copies, Fill, HostCallback, HostMemory, Launches, Lifecycle, Order, Place,
};
use rigel_protocol::generated::driver::{ContextApi, EventApi, GraphApi, StreamApi};
use rigel_protocol::generated::types::CUstreamCaptureMode;
use rigel_protocol::handle::{Context, Device, DevicePtr, Event, Stream};
use rigel_protocol::{CuError, Cx, HostPtr, ThreadId};

use super::Fixture;
use crate::config::Config;
use crate::driver::SoftDriver;

const BLOCKING: u32 = 0;
const NON_BLOCKING: u32 = 1;

fn fill(fixture: &Fixture, dst: DevicePtr, value: u8, stream: Stream) {
    let fill = Fill {
        dst,
        pitch_bytes: 0,
        value: u32::from(value),
        element_bytes: 1,
        width: 4,
        height: 1,
    };
    fixture
        .driver
        .fill(
            fixture.cx,
            &fill,
            Order {
                stream,
                wait: false,
            },
        )
        .unwrap();
}

fn pinned(fixture: &Fixture, bytes: u64) -> HostPtr {
    fixture.driver.host_alloc(fixture.cx, bytes, 0).unwrap()
}

/// Notes a number when its stream comes to it.
fn note(fixture: &Fixture, stream: Stream, notes: &Arc<Mutex<Vec<u32>>>, number: u32) {
    let notes = Arc::clone(notes);
    let callback: HostCallback = Arc::new(move |_| notes.lock().unwrap().push(number));
    fixture
        .driver
        .launch_host(fixture.cx, stream, callback, false)
        .unwrap();
}

#[test]
fn calls_before_init_are_not_initialized() {
    let driver = SoftDriver::new(Config::default());
    assert_eq!(
        driver.devices().map(<[_]>::len),
        Err(CuError::NOT_INITIALIZED)
    );
    driver.init().unwrap();
    assert_eq!(driver.devices().unwrap().len(), 1);
}

#[test]
fn calls_without_a_context_are_invalid() {
    let fixture = Fixture::new();
    let cx = Cx {
        context: Context::NONE,
        thread: ThreadId(1),
    };
    assert_eq!(
        fixture.driver.ctx_synchronize(cx),
        Err(CuError::INVALID_CONTEXT)
    );
}

#[test]
fn query_of_a_held_stream_is_not_ready() {
    let fixture = Fixture::new();
    let stream = fixture.stream(NON_BLOCKING);
    let gate = fixture.hold(stream);
    assert_eq!(
        fixture.driver.stream_query(fixture.cx, stream),
        Err(CuError::NOT_READY)
    );
    gate.open();
    fixture
        .driver
        .stream_synchronize(fixture.cx, stream)
        .unwrap();
    assert_eq!(fixture.driver.stream_query(fixture.cx, stream), Ok(()));
}

#[test]
fn legacy_stream_waits_for_blocking_streams_only() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(4);
    fixture.write(memory, &[0; 4]);
    let (blocking, free) = (fixture.stream(BLOCKING), fixture.stream(NON_BLOCKING));
    let gate = fixture.hold(free);
    fill(&fixture, memory, 1, blocking);
    assert_eq!(
        fixture.read(memory, 4),
        [1; 4],
        "the held stream does not matter"
    );
    gate.open();
    let gate = fixture.hold(blocking);
    fill(&fixture, memory, 2, Stream::LEGACY);
    assert_eq!(
        fixture.read_in(memory, 4, free),
        [1; 4],
        "the legacy stream waits"
    );
    gate.open();
    assert_eq!(fixture.read(memory, 4), [2; 4]);
}

#[test]
fn streams_of_two_threads_do_not_wait_for_each_other() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(4);
    let gate = fixture.hold(Stream::PER_THREAD);
    let other = Fixture {
        cx: Cx {
            thread: ThreadId(2),
            ..fixture.cx
        },
        ..Fixture::new()
    };
    fill(&other, other.alloc(4), 1, Stream::PER_THREAD);
    other
        .driver
        .stream_synchronize(other.cx, Stream::PER_THREAD)
        .unwrap();
    let second = Cx {
        thread: ThreadId(2),
        ..fixture.cx
    };
    fixture
        .driver
        .stream_synchronize(second, Stream::PER_THREAD)
        .unwrap();
    gate.open();
    fill(&fixture, memory, 3, Stream::PER_THREAD);
    assert_eq!(fixture.read(memory, 4), [3; 4]);
}

#[test]
fn pageable_source_is_captured_before_the_call_returns() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(8);
    let stream = fixture.stream(NON_BLOCKING);
    let gate = fixture.hold(stream);
    let mut source = *b"captured";
    let src = Place::Host(HostPtr(source.as_ptr() as u64));
    let order = Order {
        stream,
        wait: false,
    };
    fixture
        .driver
        .copy(fixture.cx, Place::Device(memory), src, 8, order)
        .unwrap();
    source.fill(b'x');
    gate.open();
    assert_eq!(fixture.read_in(memory, 8, stream), b"captured");
    assert_eq!(source, *b"xxxxxxxx");
}

#[test]
fn copy_to_page_locked_memory_lands_when_the_stream_gets_there() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(8);
    fixture.write(memory, b"landed!!");
    let stream = fixture.stream(NON_BLOCKING);
    let host = pinned(&fixture, 8);
    let gate = fixture.hold(stream);
    let order = Order {
        stream,
        wait: false,
    };
    let (dst, src) = (Place::Host(host), Place::Device(memory));
    fixture.driver.copy(fixture.cx, dst, src, 8, order).unwrap();
    let event = fixture.driver.event_create(fixture.cx, 0).unwrap();
    fixture
        .driver
        .event_record(fixture.cx, event, stream)
        .unwrap();
    assert_eq!(
        fixture.driver.event_query(fixture.cx, event),
        Err(CuError::NOT_READY)
    );
    gate.open();
    fixture.driver.event_synchronize(fixture.cx, event).unwrap();
    let there = Place::Device(DevicePtr(host.0));
    let copy = fixture.alloc(8);
    let order = Order { stream, wait: true };
    fixture
        .driver
        .copy(fixture.cx, Place::Device(copy), there, 8, order)
        .unwrap();
    assert_eq!(fixture.read(copy, 8), b"landed!!");
}

#[test]
fn wait_event_holds_back_the_other_stream() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.stream(NON_BLOCKING), fixture.stream(NON_BLOCKING));
    let notes = Arc::default();
    let gate = fixture.hold(first);
    note(&fixture, first, &notes, 1);
    let event = fixture.driver.event_create(fixture.cx, 0).unwrap();
    fixture
        .driver
        .event_record(fixture.cx, event, first)
        .unwrap();
    fixture
        .driver
        .stream_wait_event(fixture.cx, second, event, 0)
        .unwrap();
    note(&fixture, second, &notes, 2);
    fixture.driver.event_destroy(fixture.cx, event).unwrap();
    gate.open();
    fixture
        .driver
        .stream_synchronize(fixture.cx, second)
        .unwrap();
    assert_eq!(*notes.lock().unwrap(), [1, 2]);
}

#[test]
fn wait_event_never_recorded_does_nothing() {
    let fixture = Fixture::new();
    let event = fixture.driver.event_create(fixture.cx, 0).unwrap();
    let stream = fixture.stream(NON_BLOCKING);
    fixture
        .driver
        .stream_wait_event(fixture.cx, stream, event, 0)
        .unwrap();
    fixture
        .driver
        .stream_synchronize(fixture.cx, stream)
        .unwrap();
    assert_eq!(fixture.driver.event_query(fixture.cx, event), Ok(()));
}

#[test]
fn elapsed_time_needs_two_timed_and_reached_events() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let (start, end) = (
        driver.event_create(cx, 0).unwrap(),
        driver.event_create(cx, 0).unwrap(),
    );
    assert_eq!(
        driver.event_elapsed_time(cx, start, end),
        Err(CuError::INVALID_HANDLE)
    );
    let stream = fixture.stream(NON_BLOCKING);
    driver.event_record(cx, start, stream).unwrap();
    let gate = fixture.hold(stream);
    driver.event_record(cx, end, stream).unwrap();
    assert_eq!(
        driver.event_elapsed_time(cx, start, end),
        Err(CuError::NOT_READY)
    );
    gate.open();
    driver.event_synchronize(cx, end).unwrap();
    assert!(driver.event_elapsed_time(cx, start, end).unwrap() > 0.0);
    let untimed = driver.event_create(cx, 2).unwrap();
    driver.event_record(cx, untimed, stream).unwrap();
    assert_eq!(
        driver.event_elapsed_time(cx, start, untimed),
        Err(CuError::INVALID_HANDLE)
    );
    assert_eq!(
        driver.event_query(cx, Event::mint(999)),
        Err(CuError::INVALID_HANDLE)
    );
}

#[test]
fn host_function_that_waits_holds_back_its_own_stream_only() {
    let fixture = Fixture::new();
    let gates: Vec<_> = (0..4)
        .map(|_| fixture.hold(fixture.stream(NON_BLOCKING)))
        .collect();
    gates.iter().for_each(super::Gate::wait_entered);
    let free = fixture.stream(NON_BLOCKING);
    let notes = Arc::default();
    note(&fixture, free, &notes, 1);
    fixture.driver.stream_synchronize(fixture.cx, free).unwrap();
    assert_eq!(*notes.lock().unwrap(), [1]);
}

#[test]
fn wait_value_waits_for_the_host() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let memory = fixture.alloc(8);
    fixture.write(memory, &[0; 8]);
    let (waiting, writing) = (fixture.stream(NON_BLOCKING), fixture.stream(NON_BLOCKING));
    driver
        .stream_wait_value32(cx, waiting, memory, 7, 1)
        .unwrap();
    assert_eq!(driver.stream_query(cx, waiting), Err(CuError::NOT_READY));
    driver
        .stream_write_value32(cx, writing, memory, 7, 0)
        .unwrap();
    assert_eq!(driver.stream_synchronize(cx, waiting), Ok(()));
    let odd = DevicePtr(memory.0 + 2);
    assert_eq!(
        driver.stream_wait_value32(cx, waiting, odd, 7, 1),
        Err(CuError::INVALID_VALUE)
    );
}

#[test]
fn destroyed_stream_finishes_its_work_and_is_unknown() {
    let fixture = Fixture::new();
    let stream = fixture.stream(NON_BLOCKING);
    let memory = fixture.alloc(4);
    let gate = fixture.hold(stream);
    fill(&fixture, memory, 9, stream);
    fixture.driver.stream_destroy(fixture.cx, stream).unwrap();
    assert_eq!(
        fixture.driver.stream_query(fixture.cx, stream),
        Err(CuError::INVALID_HANDLE)
    );
    gate.open();
    fixture.driver.ctx_synchronize(fixture.cx).unwrap();
    assert_eq!(fixture.read(memory, 4), [9; 4]);
}

#[test]
fn reset_context_frees_all_and_can_be_activated_again() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(1 << 20);
    let stream = fixture.stream(BLOCKING);
    fixture.driver.primary_reset(Device(0)).unwrap();
    assert!(fixture.driver.pointer_info(memory.0).is_none());
    assert_eq!(
        fixture.driver.ctx_synchronize(fixture.cx),
        Err(CuError::CONTEXT_IS_DESTROYED)
    );
    fixture.driver.primary_activate(Device(0), 0).unwrap();
    assert_eq!(
        fixture.driver.stream_query(fixture.cx, stream),
        Err(CuError::INVALID_HANDLE)
    );
    fixture.alloc(60 << 20);
}

#[test]
fn created_context_is_apart_from_the_primary_one() {
    let fixture = Fixture::new();
    let context = fixture.driver.context_create(Device(0), 0).unwrap();
    let cx = Cx {
        context,
        ..fixture.cx
    };
    let gate = fixture.hold(Stream::LEGACY);
    fixture.driver.ctx_synchronize(cx).unwrap();
    gate.open();
    fixture.driver.context_destroy(context).unwrap();
    assert_eq!(
        fixture.driver.ctx_synchronize(cx),
        Err(CuError::INVALID_CONTEXT)
    );
    assert_eq!(
        fixture.driver.context_destroy(context),
        Err(CuError::INVALID_CONTEXT)
    );
}

#[test]
fn captured_work_runs_at_each_launch_and_reads_its_source_then() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let stream = fixture.stream(NON_BLOCKING);
    let memory = fixture.alloc(8);
    fixture.write(memory, &[0; 8]);
    let mut source = *b"before..";
    driver
        .stream_begin_capture(cx, stream, CUstreamCaptureMode(0))
        .unwrap();
    let src = Place::Host(HostPtr(source.as_mut_ptr() as u64));
    let order = Order {
        stream,
        wait: false,
    };
    driver
        .copy(cx, Place::Device(memory), src, 8, order)
        .unwrap();
    let graph = driver.stream_end_capture(cx, stream).unwrap();
    let exec = driver.graph_instantiate_with_flags(cx, graph, 0).unwrap();
    assert_eq!(fixture.read(memory, 8), [0; 8], "nothing ran yet");
    for text in [*b"first...", *b"second.."] {
        source = text;
        driver.graph_launch(cx, exec, stream).unwrap();
        assert_eq!(fixture.read_in(memory, 8, stream), text);
    }
    assert_eq!(driver.graph_get_nodes(cx, graph, 8).unwrap().1, 1);
    assert_eq!(source, *b"second..");
}

#[test]
fn synchronise_during_a_capture_spoils_it() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let stream = fixture.stream(NON_BLOCKING);
    driver
        .stream_begin_capture(cx, stream, CUstreamCaptureMode(0))
        .unwrap();
    assert_eq!(
        driver.stream_synchronize(cx, stream),
        Err(CuError::STREAM_CAPTURE_UNSUPPORTED)
    );
    assert_eq!(
        driver.stream_end_capture(cx, stream),
        Err(CuError::STREAM_CAPTURE_INVALIDATED)
    );
    assert_eq!(driver.stream_synchronize(cx, stream), Ok(()));
}

#[test]
fn capture_spreads_over_events_and_must_come_back() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let (origin, other) = (fixture.stream(NON_BLOCKING), fixture.stream(NON_BLOCKING));
    let memory = fixture.alloc(8);
    let event = driver.event_create(cx, 0).unwrap();
    let fork = |come_back: bool| {
        driver
            .stream_begin_capture(cx, origin, CUstreamCaptureMode(0))
            .unwrap();
        fill(&fixture, memory, 1, origin);
        driver.event_record(cx, event, origin).unwrap();
        driver.stream_wait_event(cx, other, event, 0).unwrap();
        fill(&fixture, memory, 2, other);
        if come_back {
            driver.event_record(cx, event, other).unwrap();
            driver.stream_wait_event(cx, origin, event, 0).unwrap();
        }
        driver.stream_end_capture(cx, origin)
    };
    assert_eq!(fork(false), Err(CuError::STREAM_CAPTURE_UNJOINED));
    let graph = fork(true).unwrap();
    let exec = driver.graph_instantiate_with_flags(cx, graph, 0).unwrap();
    driver.graph_launch(cx, exec, origin).unwrap();
    assert_eq!(fixture.read_in(memory, 4, origin), [2; 4]);
    assert_eq!(driver.stream_query(cx, other), Ok(()));
}
