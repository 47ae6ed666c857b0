//! The C library that the process was given, as any CUDA program sees it. Read [`Cuda`] first.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::null_mut;

use anyhow::{Context as _, Result, bail};
use libloading::{Library, Symbol};

/// A kernel that does nothing, with a pointer and a number as parameters.
const KERNEL: &CStr = c".version 7.0\n.target sm_80\n.address_size 64\n\
    .visible .entry nothing(.param .u64 a, .param .u32 n) { ret; }\n";

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

/// The driver's library, and a context that is current in the thread that opened it.
pub(super) struct Cuda {
    library: Library,
}

/// A thing of the library's, passed between threads as a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle(usize);

/// Page-locked memory, kept for the process's life.
#[derive(Debug)]
pub(super) struct Pinned {
    base: usize,
    bytes: usize,
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
    /// Loads the library and calls nothing of it.
    pub(super) fn load() -> Result<Self> {
        // SAFETY: the library's initialisers do nothing but register.
        let library = unsafe { Library::new("libcuda.so.1") }.context("open libcuda.so.1")?;
        Ok(Self { library })
    }

    /// From the first call to a current context.
    pub(super) fn start(&self) -> Result<()> {
        call!(self, "cuInit", (c_uint), (0));
        self.enter()
    }

    /// Makes the first device's context current in this thread.
    pub(super) fn enter(&self) -> Result<()> {
        let mut context = null_mut::<c_void>();
        call!(
            self,
            "cuDevicePrimaryCtxRetain",
            (*mut *mut c_void, c_int),
            (&raw mut context, 0)
        );
        call!(self, "cuCtxSetCurrent", (*mut c_void), (context));
        Ok(())
    }

    /// A function by its name, which ends with a zero; its type is the caller's word.
    pub(super) fn symbol<T>(&self, name: &[u8]) -> Result<Symbol<'_, T>> {
        // SAFETY: every caller of a symbol vouches for its type.
        Ok(unsafe { self.library.get(name) }?)
    }

    /// Loads the kernel.
    pub(super) fn kernel(&self) -> Result<Handle> {
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
        Ok(Handle(function as usize))
    }

    /// Loads an image that says itself how long it is.
    pub(super) fn load_image(&self, image: &[u8]) -> Result<()> {
        let mut module = null_mut::<c_void>();
        call!(
            self,
            "cuModuleLoadData",
            (*mut *mut c_void, *const c_void),
            (&raw mut module, image.as_ptr().cast())
        );
        Ok(())
    }

    /// A stream that waits for no other.
    pub(super) fn stream(&self) -> Result<Handle> {
        let mut stream = null_mut::<c_void>();
        call!(
            self,
            "cuStreamCreate",
            (*mut *mut c_void, c_uint),
            (&raw mut stream, 1)
        );
        Ok(Handle(stream as usize))
    }

    /// Device memory.
    pub(super) fn allocate(&self, bytes: usize) -> Result<u64> {
        let mut device = 0_u64;
        call!(
            self,
            "cuMemAlloc_v2",
            (*mut u64, usize),
            (&raw mut device, bytes)
        );
        Ok(device)
    }

    /// Gives device memory back.
    pub(super) fn free(&self, device: u64) -> Result<()> {
        call!(self, "cuMemFree_v2", (u64), (device));
        Ok(())
    }

    /// An event that keeps no time.
    pub(super) fn event(&self) -> Result<Handle> {
        let mut event = null_mut::<c_void>();
        call!(
            self,
            "cuEventCreate",
            (*mut *mut c_void, c_uint),
            (&raw mut event, 2)
        );
        Ok(Handle(event as usize))
    }

    /// `cuEventRecord` in the default stream.
    pub(super) fn record(&self, event: Handle) -> Result<()> {
        call!(
            self,
            "cuEventRecord",
            (*mut c_void, *mut c_void),
            (event.0 as *mut c_void, null_mut())
        );
        Ok(())
    }

    /// Sets how much shared memory a function may use.
    pub(super) fn set_shared_bytes(&self, function: Handle, bytes: u32) -> Result<()> {
        call!(
            self,
            "cuFuncSetAttribute",
            (*mut c_void, c_int, c_int),
            (function.0 as *mut c_void, 8, bytes as c_int)
        );
        Ok(())
    }

    /// How many blocks of a function run on a multiprocessor at once.
    pub(super) fn occupancy(&self, function: Handle) -> Result<()> {
        let mut blocks: c_int = 0;
        call!(
            self,
            "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
            (*mut c_int, *mut c_void, c_int, usize, c_uint),
            (&raw mut blocks, function.0 as *mut c_void, 32, 0, 0)
        );
        Ok(())
    }

    /// `cuMemcpyHtoDAsync` in the default stream.
    pub(super) fn upload_async(&self, device: u64, host: &[u8]) -> Result<()> {
        let (from, bytes) = (host.as_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemcpyHtoDAsync_v2",
            (u64, *const c_void, usize, *mut c_void),
            (device, from, bytes, null_mut())
        );
        Ok(())
    }

    /// Page-locked memory.
    pub(super) fn pinned(&self, bytes: usize) -> Result<Pinned> {
        let mut base = null_mut::<c_void>();
        call!(
            self,
            "cuMemAllocHost_v2",
            (*mut *mut c_void, usize),
            (&raw mut base, bytes)
        );
        Ok(Pinned {
            base: base as usize,
            bytes,
        })
    }

    /// `cuMemHostRegister`, for the process's life.
    pub(super) fn register(&self, host: &mut [u8]) -> Result<()> {
        let (base, bytes) = (host.as_mut_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemHostRegister_v2",
            (*mut c_void, usize, c_uint),
            (base, bytes, 0)
        );
        Ok(())
    }

    /// `cuMemcpyHtoD`.
    pub(super) fn upload(&self, device: u64, host: &[u8]) -> Result<()> {
        let (from, bytes) = (host.as_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemcpyHtoD_v2",
            (u64, *const c_void, usize),
            (device, from, bytes)
        );
        Ok(())
    }

    /// `cuMemcpyDtoH`.
    pub(super) fn download(&self, host: &mut [u8], device: u64) -> Result<()> {
        let (to, bytes) = (host.as_mut_ptr().cast::<c_void>(), host.len());
        call!(
            self,
            "cuMemcpyDtoH_v2",
            (*mut c_void, u64, usize),
            (to, device, bytes)
        );
        Ok(())
    }

    /// `cuMemsetD8Async` on the default stream.
    pub(super) fn fill(&self, device: u64, bytes: usize) -> Result<()> {
        call!(
            self,
            "cuMemsetD8Async",
            (u64, u8, usize, *mut c_void),
            (device, 1, bytes, null_mut())
        );
        Ok(())
    }

    /// `cuCtxSynchronize`.
    pub(super) fn synchronize(&self) -> Result<()> {
        call!(self, "cuCtxSynchronize", (), ());
        Ok(())
    }

    /// `cuStreamSynchronize` of the default stream.
    pub(super) fn synchronize_stream(&self) -> Result<()> {
        call!(self, "cuStreamSynchronize", (*mut c_void), (null_mut()));
        Ok(())
    }

    /// What PyTorch asks around each operation, all of which is answered without a server.
    pub(super) fn ask_locally(&self) -> Result<()> {
        let (mut device, mut flags, mut active) = (0, 0, 0);
        let mut context = null_mut::<c_void>();
        call!(self, "cuCtxGetDevice", (*mut c_int), (&raw mut device));
        call!(
            self,
            "cuDevicePrimaryCtxGetState",
            (c_int, *mut c_uint, *mut c_int),
            (device, &raw mut flags, &raw mut active)
        );
        call!(
            self,
            "cuCtxGetCurrent",
            (*mut *mut c_void),
            (&raw mut context)
        );
        call!(
            self,
            "cuStreamIsCapturing",
            (*mut c_void, *mut c_int),
            (null_mut(), &raw mut active)
        );
        Ok(())
    }

    /// A call that asks the worker, ready to be made again and again.
    pub(super) fn waiting(&self) -> Result<impl Fn() -> Result<()>> {
        type Info = unsafe extern "C" fn(*mut usize, *mut usize) -> c_int;
        // SAFETY: the type is that of cuda.h.
        let info: Symbol<'_, Info> = unsafe { self.library.get(b"cuMemGetInfo_v2\0") }?;
        Ok(move || {
            let (mut free, mut total) = (0, 0);
            // SAFETY: both pointers are to live values.
            check("cuMemGetInfo", unsafe {
                info(&raw mut free, &raw mut total)
            })
        })
    }

    /// A burst of launches, ready to be made again and again.
    pub(super) fn burst(
        &self,
        function: Handle,
        stream: Handle,
    ) -> Result<impl Fn(usize) -> Result<()>> {
        // SAFETY: the type is that of cuda.h.
        let launch: Symbol<'_, Launch> = unsafe { self.library.get(b"cuLaunchKernel\0") }?;
        Ok(move |count| {
            let (mut pointer, mut number) = (7_u64, 7_u32);
            let mut parameters = [
                (&raw mut pointer).cast::<c_void>(),
                (&raw mut number).cast::<c_void>(),
            ];
            let (function, stream) = (function.0 as *mut c_void, stream.0 as *mut c_void);
            for _ in 0..count {
                let list = parameters.as_mut_ptr();
                // SAFETY: the parameters are those of the kernel and live until the call returns.
                let code =
                    unsafe { launch(function, 1, 1, 1, 32, 1, 1, 0, stream, list, null_mut()) };
                check("cuLaunchKernel", code)?;
            }
            Ok(())
        })
    }
}

impl Handle {
    /// The default stream.
    pub(super) const NONE: Self = Self(0);

    /// What the library calls it.
    pub(super) fn as_ptr(self) -> *mut c_void {
        self.0 as *mut c_void
    }
}

impl Pinned {
    /// Its bytes.
    pub(super) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the library's allocation, never freed, and borrowed like a buffer of its own.
        unsafe { std::slice::from_raw_parts_mut(self.base as *mut u8, self.bytes) }
    }
}

/// What a call has returned.
pub(super) fn check(name: &str, code: c_int) -> Result<()> {
    match code {
        0 => Ok(()),
        code => bail!("{name} returned {code}"),
    }
}
