//! The client's half: takes the figures through the C library that the process was given, as any CUDA
//! program would.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use libloading::{Library, Symbol};
use serde::{Deserialize, Serialize};

use rigel_bench_floors::median;

/// What a client measured. Times are medians over rounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// From the first `cuInit` to a current context.
    pub(crate) start_ms: f64,
    /// `cuMemGetInfo`, in the middle.
    pub(crate) waiting_p50_us: f64,
    /// `cuMemGetInfo`, the slowest hundredth.
    pub(crate) waiting_p99_us: f64,
    /// `cuLaunchKernel`, the caller's time in bursts that fit the ring.
    pub(crate) launch_us: f64,
    /// 324 launches and a readback of 4 bytes.
    pub(crate) step_ms: f64,
    /// `cuMemcpyHtoD` of pageable memory.
    pub(crate) upload_gb_s: f64,
    /// `cuMemcpyDtoH` to pageable memory.
    pub(crate) download_gb_s: f64,
}

/// Waiting calls a round.
const WAITS: usize = 2000;
/// Launches in a burst, and in a training step of a small network.
const LAUNCHES: usize = 324;
/// Bytes of a large copy.
const COPY_BYTES: usize = super::COPY_BYTES;
/// A kernel that does nothing, with a pointer and a number as parameters.
const KERNEL: &CStr = c".version 7.0\n.target sm_80\n.address_size 64\n\
    .visible .entry nothing(.param .u64 a, .param .u32 n) { ret; }\n";

/// Takes all figures.
pub(crate) fn measure(rounds: usize) -> Result<Figures> {
    // SAFETY: the library's initialisers do nothing but register.
    let library = unsafe { Library::new("libcuda.so.1") }.context("open libcuda.so.1")?;
    let cuda = Cuda { library };
    let started = Instant::now();
    cuda.start()?;
    let start_ms = started.elapsed().as_secs_f64() * 1e3;
    let function = cuda.kernel()?;
    let device = cuda.allocate(COPY_BYTES)?;
    let (waiting_p50_us, waiting_p99_us) = cuda.waiting(rounds)?;
    let launch_us = cuda.launching(function, device, rounds)?;
    let step_ms = cuda.step(function, device, rounds)?;
    let mut host = vec![1_u8; COPY_BYTES];
    let upload_gb_s = bandwidth(rounds, || cuda.upload(device, &host))?;
    let download_gb_s = bandwidth(rounds, || cuda.download(&mut host, device))?;
    Ok(Figures {
        start_ms,
        waiting_p50_us,
        waiting_p99_us,
        launch_us,
        step_ms,
        upload_gb_s,
        download_gb_s,
    })
}

fn bandwidth(rounds: usize, mut copy: impl FnMut() -> Result<()>) -> Result<f64> {
    copy()?;
    let mut rates = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        copy()?;
        rates.push(COPY_BYTES as f64 / started.elapsed().as_secs_f64() / 1e9);
    }
    Ok(median(rates))
}

type Launch = unsafe extern "C" fn(
    *mut c_void,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    c_uint,
    *mut c_void,
    *mut *mut c_void,
    *mut *mut c_void,
) -> c_int;

/// The driver's library.
struct Cuda {
    library: Library,
}

/// Calls a function of the library by name and type, and checks what it returns.
macro_rules! call {
    ($cuda:expr, $name:literal, ($($kind:ty),*), ($($value:expr),*)) => {{
        // SAFETY: the type is that of cuda.h, and the arguments are valid for the call.
        let code = unsafe {
            let function: Symbol<'_, unsafe extern "C" fn($($kind),*) -> c_int> =
                $cuda.library.get(concat!($name, "\0").as_bytes())?;
            function($($value),*)
        };
        check($name, code)?;
    }};
}

impl Cuda {
    fn start(&self) -> Result<()> {
        let mut context = null_mut::<c_void>();
        call!(self, "cuInit", (c_uint), (0));
        call!(
            self,
            "cuDevicePrimaryCtxRetain",
            (*mut *mut c_void, c_int),
            (&raw mut context, 0)
        );
        call!(self, "cuCtxSetCurrent", (*mut c_void), (context));
        Ok(())
    }

    fn kernel(&self) -> Result<*mut c_void> {
        let (mut module, mut function) = (null_mut::<c_void>(), null_mut::<c_void>());
        call!(
            self,
            "cuModuleLoadData",
            (*mut *mut c_void, *const c_char),
            (&raw mut module, KERNEL.as_ptr())
        );
        call!(
            self,
            "cuModuleGetFunction",
            (*mut *mut c_void, *mut c_void, *const c_char),
            (&raw mut function, module, c"nothing".as_ptr())
        );
        Ok(function)
    }

    fn allocate(&self, bytes: usize) -> Result<u64> {
        let mut device = 0_u64;
        call!(
            self,
            "cuMemAlloc_v2",
            (*mut u64, usize),
            (&raw mut device, bytes)
        );
        Ok(device)
    }

    fn upload(&self, device: u64, host: &[u8]) -> Result<()> {
        let (from, bytes) = (host.as_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemcpyHtoD_v2",
            (u64, *const c_void, usize),
            (device, from, bytes)
        );
        Ok(())
    }

    fn download(&self, host: &mut [u8], device: u64) -> Result<()> {
        let (to, bytes) = (host.as_mut_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemcpyDtoH_v2",
            (*mut c_void, u64, usize),
            (to, device, bytes)
        );
        Ok(())
    }

    fn synchronize(&self) -> Result<()> {
        call!(self, "cuCtxSynchronize", (), ());
        Ok(())
    }

    /// The middle and the slowest hundredth of a call that asks the worker.
    fn waiting(&self, rounds: usize) -> Result<(f64, f64)> {
        type Info = unsafe extern "C" fn(*mut usize, *mut usize) -> c_int;
        // SAFETY: the type is that of cuda.h.
        let info: Symbol<'_, Info> = unsafe { self.library.get(b"cuMemGetInfo_v2\0") }?;
        let (mut free, mut total) = (0, 0);
        let (mut middles, mut slowest) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let mut times = Vec::with_capacity(WAITS);
            for _ in 0..WAITS {
                let started = Instant::now();
                // SAFETY: both pointers are to live values.
                let code = unsafe { info(&raw mut free, &raw mut total) };
                times.push(started.elapsed().as_secs_f64() * 1e6);
                check("cuMemGetInfo", code)?;
            }
            times.sort_by(f64::total_cmp);
            middles.push(times[WAITS / 2]);
            slowest.push(times[WAITS * 99 / 100]);
        }
        Ok((median(middles), median(slowest)))
    }

    fn launching(&self, function: *mut c_void, device: u64, rounds: usize) -> Result<f64> {
        let mut costs = Vec::new();
        for _ in 0..rounds * 10 {
            let started = Instant::now();
            self.burst(function, device)?;
            costs.push(started.elapsed().as_secs_f64() * 1e6 / LAUNCHES as f64);
            self.synchronize()?;
        }
        Ok(median(costs))
    }

    fn step(&self, function: *mut c_void, device: u64, rounds: usize) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..rounds * 10 {
            let started = Instant::now();
            self.burst(function, device)?;
            self.download(&mut [0; 4], device)?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        Ok(median(times))
    }

    fn burst(&self, function: *mut c_void, device: u64) -> Result<()> {
        // SAFETY: the type is that of cuda.h.
        let launch: Symbol<'_, Launch> = unsafe { self.library.get(b"cuLaunchKernel\0") }?;
        let (mut pointer, mut number) = (device, 7_u32);
        let mut parameters = [
            (&raw mut pointer).cast::<c_void>(),
            (&raw mut number).cast::<c_void>(),
        ];
        for _ in 0..LAUNCHES {
            let (none, list) = (null_mut(), parameters.as_mut_ptr());
            // SAFETY: the parameters are those of the kernel and live until the call returns.
            let code = unsafe { launch(function, 1, 1, 1, 32, 1, 1, 0, none, list, null_mut()) };
            check("cuLaunchKernel", code)?;
        }
        Ok(())
    }
}

fn check(name: &str, code: c_int) -> Result<()> {
    match code {
        0 => Ok(()),
        code => bail!("{name} returned {code}"),
    }
}
