//! Order, handles, errors, quota, host functions.

use std::sync::atomic::Ordering;

use rigel_protocol::CuError;
use rigel_protocol::call::ThreadId;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::types::CUlimit;
use rigel_protocol::handle::{Context, Device, DevicePtr, Event, Function, MemPool, Stream};
use rigel_protocol::link::{ContextBegin, HostCall, LaunchHost, Notice};
use rigel_protocol::wire::Get;

use super::super::control::Ended;
use super::super::ledger::VirtualGpu;
use super::super::meter::Counter;
use super::bench::{Bench, CONTEXT, MEMORY, ONE, TWO};

fn alloc(bench: &mut Bench, bytes: usize) -> Result<DevicePtr, CuError> {
    let (result, results) = bench.ask(ONE, Call::MEM_ALLOC_V2, |put| put.put(&bytes));
    result.map(|()| Get::new(&results).get().unwrap())
}

fn used(bench: &Bench) -> u64 {
    let (free, total) = bench
        .session
        .charges
        .info(VirtualGpu(0), u64::MAX, u64::MAX);
    total - free
}

#[test]
fn posted_calls_are_issued_in_order_before_the_wait_that_follows() {
    let mut bench = Bench::new();
    let kernel = bench.kernel();
    let (stream, event) = (Stream::mint(0), Event::mint(0));
    bench.send(ONE, Call::STREAM_CREATE, |put| {
        put.put(&stream);
        put.put(&0_u32);
    });
    bench.send(ONE, Call::EVENT_CREATE, |put| {
        put.put(&event);
        put.put(&0_u32);
    });
    bench.launch(ONE, kernel, stream);
    bench.send(ONE, Call::EVENT_RECORD, |put| {
        put.put(&event);
        put.put(&stream);
    });
    let (waited, results) = bench.ask(ONE, Call::STREAM_SYNCHRONIZE, |put| put.put(&stream));
    assert_eq!((waited, results.len()), (Ok(()), 0));
    let log = bench.driver.log();
    assert_eq!(log[1], "stream_create 101 by 1");
    assert_eq!(log[2], "launch 5 in 101 of [7, 7, 7, 7, 7, 7, 7, 7]");
    assert_eq!(log[3], "event_record 102 in 101");
    assert!(bench.notices.is_empty());
    assert_eq!(bench.session.meter.read(Counter::Launches), 1);
}

#[test]
fn thread_that_waits_does_not_hold_up_another() {
    let mut bench = Bench::new();
    bench.driver.occupy(Stream::LEGACY);
    let waiting = bench.send(ONE, Call::STREAM_SYNCHRONIZE, |put| {
        put.put(&Stream::LEGACY)
    });
    let (range, _) = bench.ask(TWO, Call::CTX_GET_STREAM_PRIORITY_RANGE, |_| {});
    assert_eq!(range, Ok(()));
    bench.driver.let_go();
    assert_eq!(bench.next_answer(), (waiting, (Ok(()), Vec::new())));
}

#[test]
fn threads_beyond_the_first_have_default_streams_of_their_own() {
    let mut bench = Bench::new();
    let kernel = bench.kernel();
    for thread in [ONE, TWO, ONE] {
        bench.launch(thread, kernel, Stream::PER_THREAD);
    }
    bench.send(ONE, Call::THREAD_END, |_| {});
    bench.launch(ONE, kernel, Stream::PER_THREAD);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    let log = bench.driver.log();
    let streams: Vec<_> = log
        .iter()
        .filter(|line| line.starts_with("stream"))
        .collect();
    let expected = [
        "stream_create 101 by 1",
        "stream_create 102 by 2",
        "stream_destroy 101",
        "stream_create 103 by 1",
    ];
    assert_eq!(streams, expected);
    let launches: Vec<_> = log
        .iter()
        .filter(|line| line.starts_with("launch"))
        .collect();
    let stream_of = |line: &str| line.split(' ').nth(3).unwrap().to_owned();
    let order: Vec<_> = launches.iter().map(|line| stream_of(line)).collect();
    assert_eq!(order, ["101", "102", "101", "103"]);
}

#[test]
fn failed_posted_call_is_told_before_the_answer_that_follows() {
    let mut bench = Bench::new();
    let kernel = bench.kernel();
    *bench.driver.launch_error.lock().unwrap() = Some(CuError::LAUNCH_OUT_OF_RESOURCES);
    bench.launch(TWO, kernel, Stream::LEGACY);
    bench.launch(ONE, Function::mint(99), Stream::LEGACY);
    let (waited, _) = bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {});
    assert_eq!(waited, Ok(()));
    let notice = |error| Notice {
        call: Call::LAUNCH.0,
        error,
    };
    let expected = [
        (TWO, notice(CuError::LAUNCH_OUT_OF_RESOURCES)),
        (ONE, notice(CuError::INVALID_HANDLE)),
    ];
    assert_eq!(bench.notices, expected);
    assert_eq!(bench.session.meter.read(Counter::PostedErrors), 2);
}

#[test]
fn launch_with_parameters_of_another_length_is_refused() {
    let mut bench = Bench::new();
    bench.driver.functions.store(1, Ordering::Relaxed);
    bench.kernel();
    // The function that the load told of takes none.
    let other = Function::mint(0x8000_0000);
    bench.launch(ONE, other, Stream::LEGACY);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.notices[0].1.error, CuError::INVALID_VALUE);
}

#[test]
fn handles_of_nothing_are_refused_and_the_session_goes_on() {
    let mut bench = Bench::new();
    for raw in [5, Stream::mint(0).0, Event::mint(0).0, u64::MAX] {
        let (result, _) = bench.ask(ONE, Call::STREAM_QUERY, |put| put.put(&raw));
        assert_eq!(result, Err(CuError::INVALID_HANDLE), "{raw:#x}");
    }
    let (range, _) = bench.ask(ONE, Call::CTX_GET_STREAM_PRIORITY_RANGE, |_| {});
    assert_eq!(range, Ok(()));
}

#[test]
fn context_that_is_not_there_is_none() {
    let mut bench = Bench::new();
    for context in [Context::NONE, Context::mint(70)] {
        let call = Call::CTX_GET_STREAM_PRIORITY_RANGE;
        let position = bench.send_in(context, ONE, call, |_| {});
        let (answered, (result, _)) = bench.next_answer();
        assert_eq!(
            (answered, result),
            (position, Err(CuError::INVALID_CONTEXT))
        );
    }
}

#[test]
fn handle_the_driver_hands_out_is_numbered_by_the_worker() {
    let mut bench = Bench::new();
    let call = Call::DEVICE_GET_DEFAULT_MEM_POOL;
    let first = bench.ask(ONE, call, |put| put.put(&Device(0)));
    let again = bench.ask(ONE, call, |put| put.put(&Device(0)));
    assert_eq!(first, again);
    let pool: MemPool = Get::new(&first.1).get().unwrap();
    assert_eq!(pool, MemPool::mint(0x8000_0000));
}

#[test]
fn allocation_over_the_quota_is_out_of_memory_and_what_is_freed_comes_back() {
    let mut bench = Bench::new();
    let whole = alloc(&mut bench, 1 << 20).unwrap();
    assert_eq!(alloc(&mut bench, 1), Err(CuError::OUT_OF_MEMORY));
    bench.send(ONE, Call::MEM_FREE_V2, |put| put.put(&whole));
    assert!(alloc(&mut bench, 1 << 20).is_ok());
    assert_eq!(used(&bench), 1 << 20);
}

#[test]
fn allocation_that_fails_is_not_charged() {
    let mut bench = Bench::new();
    assert_eq!(alloc(&mut bench, 13), Err(CuError::INVALID_VALUE));
    assert_eq!(used(&bench), 0);
}

#[test]
fn heap_without_room_is_refused_before_the_driver_is_asked() {
    let mut bench = Bench::new();
    let set = |bench: &mut Bench, bytes: usize| {
        bench
            .ask(ONE, Call::CTX_SET_LIMIT, |put| {
                put.put(&CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE);
                put.put(&bytes);
            })
            .0
    };
    alloc(&mut bench, 1 << 19).unwrap();
    assert_eq!(set(&mut bench, 1 << 20), Err(CuError::OUT_OF_MEMORY));
    // There would be room; this driver has no heaps, and nothing stays charged for one.
    assert_eq!(set(&mut bench, 1 << 18), Err(CuError::NOT_SUPPORTED));
    assert_eq!(used(&bench), 1 << 19);
}

#[test]
fn memory_information_shows_the_quota() {
    let mut bench = Bench::new();
    alloc(&mut bench, 4096).unwrap();
    let (result, results) = bench.ask(ONE, Call::MEM_GET_INFO_V2, |_| {});
    assert_eq!(result, Ok(()));
    let both: [u64; 2] = Get::new(&results).get().unwrap();
    assert_eq!(both, [(1 << 20) - 4096, 1 << 20]);
}

#[test]
fn context_that_ends_gives_back_its_memory_and_handles() {
    let mut bench = Bench::new();
    let kernel = bench.kernel();
    alloc(&mut bench, 4096).unwrap();
    bench
        .ask(ONE, Call::PRIMARY_RESET, |put| put.put(&Device(0)))
        .0
        .unwrap();
    assert_eq!(used(&bench), 0);
    bench.launch(ONE, kernel, Stream::LEGACY);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.notices[0].1.error, CuError::INVALID_HANDLE);
}

#[test]
fn created_context_is_used_under_its_minted_number() {
    let mut bench = Bench::new();
    let context = Context::mint(64);
    let begin = ContextBegin {
        context,
        device: Device(0),
        flags: 0,
    };
    bench
        .ask(ONE, Call::CONTEXT_CREATE, |put| put.put(&begin))
        .0
        .unwrap();
    bench.send_in(context, ONE, Call::MEM_ALLOC_V2, |put| put.put(&4096_usize));
    bench.next_answer().1.0.unwrap();
    assert_eq!(used(&bench), 4096);
    bench
        .ask(ONE, Call::CONTEXT_DESTROY, |put| put.put(&context))
        .0
        .unwrap();
    assert_eq!(used(&bench), 0);
    bench.send_in(context, ONE, Call::MEM_ALLOC_V2, |put| put.put(&4096_usize));
    assert_eq!(bench.next_answer().1.0, Err(CuError::INVALID_CONTEXT));
}

#[test]
fn stream_goes_on_when_the_host_function_has_returned() {
    let mut bench = Bench::new();
    let host = LaunchHost {
        stream: Stream::LEGACY,
        callback: 42,
        even_after_error: false,
    };
    bench.send(ONE, Call::LAUNCH_HOST, |put| put.put(&host));
    // The driver's free waits for all work, so that the issue thread is stuck behind the function.
    bench.send(ONE, Call::MEM_FREE_V2, |put| put.put(&DevicePtr(MEMORY)));
    let position = bench.send(ONE, Call::CTX_GET_STREAM_PRIORITY_RANGE, |_| {});
    let (call, thread, payload) = bench.next();
    assert_eq!((call, thread), (Call::HOST_CALL, ONE));
    let asked: HostCall = Get::new(&payload).get().unwrap();
    assert_eq!((asked.callback, asked.state), (42, Ok(())));
    bench.send(ThreadId(0), Call::HOST_RETURNED, |put| {
        put.put(&asked.ticket)
    });
    assert_eq!(bench.next_answer().0, position);
}

#[test]
fn session_that_ends_lets_host_functions_go() {
    let mut bench = Bench::new();
    let host = LaunchHost {
        stream: Stream::LEGACY,
        callback: 1,
        even_after_error: false,
    };
    bench.send(ONE, Call::LAUNCH_HOST, |put| put.put(&host));
    assert_eq!(bench.next().0, Call::HOST_CALL);
    bench.client.close(rigel_transport::CloseReason::FINISHED);
    assert_eq!(bench.ended(), Ended::Closed);
    // Joins the thread that the driver has called on.
    use rigel_protocol::generated::driver::MemoryApi;
    let cx = rigel_protocol::call::Cx {
        context: CONTEXT,
        thread: ONE,
    };
    bench.driver.mem_free(cx, DevicePtr(MEMORY)).unwrap();
}
