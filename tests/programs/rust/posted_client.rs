//! Makes calls that return at once between two words on standard error, and says how often its thread
//! allocated meanwhile, if something counts. With the argument `waits`: waits for streams in every order, and
//! says how often the server has to be asked.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_void};
use std::ptr::null_mut;

use anyhow::{Result, bail, ensure};
use cudarc::driver::sys::{self, CUresult};

const KERNEL: &CStr = c".version 7.0\n.target sm_80\n.address_size 64\n\
    .visible .entry nothing(.param .u64 a, .param .u32 n) { ret; }\n";
/// Rounds of calls: all their records fit the ring at once.
const ROUNDS: usize = 400;
/// Bytes of a small copy.
const BYTES: usize = 64;

/// What the calls are made with.
struct Made {
    context: sys::CUcontext,
    function: sys::CUfunction,
    streams: [sys::CUstream; 2],
    event: sys::CUevent,
    memory: sys::CUdeviceptr,
}

// SAFETY: handles of the driver are numbers that every thread of the process may use.
unsafe impl Sync for Made {}

fn main() -> Result<()> {
    let made = make()?;
    if std::env::args().nth(1).is_some_and(|what| what == "waits") {
        println!("asked: {}", waits(&made)?);
        return Ok(());
    }
    // Whatever is done once is done now.
    for _ in 0..3 {
        rounds(&made, ROUNDS)?;
        // SAFETY: no arguments.
        check(unsafe { sys::cuCtxSynchronize() })?;
    }
    let counter = counter();
    let before = counter.as_ref().map(|counter| counter());
    eprintln!("begin");
    let posted = rounds(&made, ROUNDS);
    eprintln!("end");
    let after = counter.as_ref().map(|counter| counter());
    posted?;
    match before.zip(after) {
        Some((before, after)) => println!("allocations: {}", after - before),
        None => println!("allocations: not counted"),
    }
    Ok(())
}

fn make() -> Result<Made> {
    let mut made = Made {
        context: null_mut(),
        function: null_mut(),
        streams: [null_mut(); 2],
        event: null_mut(),
        memory: 0,
    };
    let mut module = null_mut();
    // SAFETY: every pointer is to a live local, and the text ends with a zero.
    unsafe {
        check(sys::cuInit(0))?;
        check(sys::cuDevicePrimaryCtxRetain(&raw mut made.context, 0))?;
        check(sys::cuCtxSetCurrent(made.context))?;
        check(sys::cuModuleLoadData(
            &raw mut module,
            KERNEL.as_ptr().cast::<c_void>(),
        ))?;
        check(sys::cuModuleGetFunction(
            &raw mut made.function,
            module,
            c"nothing".as_ptr(),
        ))?;
        for stream in &mut made.streams {
            check(sys::cuStreamCreate(std::ptr::from_mut(stream), 1))?;
        }
        check(sys::cuEventCreate(&raw mut made.event, 0))?;
        check(sys::cuMemAlloc_v2(&raw mut made.memory, BYTES))?;
    }
    Ok(made)
}

/// Launches, fills, small copies, events.
fn rounds(made: &Made, count: usize) -> Result<()> {
    let (mut pointer, mut number) = (7_u64, 7_u32);
    let mut parameters = [
        (&raw mut pointer).cast::<c_void>(),
        (&raw mut number).cast::<c_void>(),
    ];
    let bytes = [7_u8; BYTES];
    let [one, two] = made.streams;
    for _ in 0..count {
        // SAFETY: handles and memory are of this process and live; the parameters are the kernel's.
        unsafe {
            check(sys::cuLaunchKernel(
                made.function,
                1,
                1,
                1,
                32,
                1,
                1,
                0,
                one,
                parameters.as_mut_ptr(),
                null_mut(),
            ))?;
            check(sys::cuMemsetD8Async(made.memory, 1, BYTES, one))?;
            check(sys::cuMemcpyHtoDAsync_v2(
                made.memory,
                bytes.as_ptr().cast::<c_void>(),
                BYTES,
                one,
            ))?;
            check(sys::cuEventRecord(made.event, one))?;
            check(sys::cuStreamWaitEvent(two, made.event, 0))?;
        }
    }
    Ok(())
}

/// Waits for streams; how often the server has to be asked, at most.
fn waits(made: &Made) -> Result<usize> {
    let [one, two] = made.streams;
    // SAFETY: the streams are of this process and live.
    let wait = |stream| check(unsafe { sys::cuStreamSynchronize(stream) });
    let read = |stream| {
        let mut bytes = [0_u8; BYTES];
        let into = bytes.as_mut_ptr().cast::<c_void>();
        // SAFETY: both ends have so many bytes.
        check(unsafe { sys::cuMemcpyDtoHAsync_v2(into, made.memory, BYTES, stream) })
    };
    let mut asked = 0;
    for _ in 0..ROUNDS / 8 {
        // Right behind a readback of the stream, and once only.
        read(one)?;
        wait(one)?;
        wait(one)?;
        // Right behind a wait, but not for another stream, nor behind a launch.
        wait(one)?;
        wait(two)?;
        rounds(made, 1)?;
        wait(one)?;
        wait(one)?;
        // Another thread's launches.
        std::thread::scope(|scope| {
            let posted = scope.spawn(|| posted_elsewhere(made));
            posted.join().unwrap_or_else(|_| bail!("a thread panicked"))
        })?;
        wait(one)?;
        asked += 4;
    }
    Ok(asked)
}

fn posted_elsewhere(made: &Made) -> Result<()> {
    // SAFETY: the context is of this process and lives.
    check(unsafe { sys::cuCtxSetCurrent(made.context) })?;
    rounds(made, 1)
}

/// What counts this thread's allocations: a library that was loaded before.
fn counter() -> Option<impl Fn() -> u64> {
    // SAFETY: no library is loaded.
    let this = libloading::os::unix::Library::this();
    // SAFETY: the type is that of the C function, whose library stays.
    let count = unsafe { this.get::<unsafe extern "C" fn() -> u64>(b"rigel_test_allocations\0") };
    let count = *count.ok()?;
    // SAFETY: it takes no arguments and returns a number.
    Some(move || unsafe { count() })
}

fn check(code: CUresult) -> Result<()> {
    ensure!(code == CUresult::CUDA_SUCCESS, "a call returned {code:?}");
    Ok(())
}
