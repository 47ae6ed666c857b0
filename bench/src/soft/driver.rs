//! The soft driver's C library, opened by its path. Read [`Driver`].
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::path::Path;
use std::ptr::null_mut;

use anyhow::{Context as _, Result, bail, ensure};
use libloading::{Library, Symbol};

/// The library, with a current context.
pub(super) struct Driver {
    library: Library,
    launch: LaunchKernel,
}

/// A loaded module.
#[derive(Clone, Copy)]
pub(super) struct Module(*mut c_void);

/// A kernel.
#[derive(Clone, Copy)]
pub(super) struct Function(*mut c_void);

/// The address of floats on the device.
#[derive(Clone, Copy)]
pub(super) struct Buffer(pub(super) u64);

/// Grid and block in x and y.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) grid: [u32; 2],
    pub(super) block: [u32; 2],
}

type LaunchKernel = unsafe extern "C" fn(
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

/// Most parameters of a kernel that is measured.
const PARAMETERS_MAX: usize = 4;
/// The driver's own counters: `docs/decisions/0051-soft-driver-counters.md`.
const COUNTERS_ID: [u8; 16] = *b"rigel soft gpu 1";
/// Where the thread instructions stand among the counters.
const THREAD_INSTRUCTIONS: usize = 1;

/// Calls a function of the library by name and type, and checks what it returns.
macro_rules! call {
    ($library:expr, $name:literal, ($($kind:ty),*), ($($value:expr),*)) => {{
        // SAFETY: the type is that of cuda.h, and the arguments are valid for the call.
        let code = unsafe {
            let function: Symbol<'_, unsafe extern "C" fn($($kind),*) -> c_int> =
                $library.get(concat!($name, "\0").as_bytes())?;
            function($($value),*)
        };
        check($name, code)?;
    }};
}

impl Driver {
    /// Opens it and makes a context current.
    pub(super) fn open(path: &Path) -> Result<Self> {
        // SAFETY: the library's initialisers do nothing but register.
        let library =
            unsafe { Library::new(path) }.with_context(|| format!("open {}", path.display()))?;
        let mut context = null_mut::<c_void>();
        call!(library, "cuInit", (c_uint), (0));
        call!(
            library,
            "cuDevicePrimaryCtxRetain",
            (*mut *mut c_void, c_int),
            (&raw mut context, 0)
        );
        call!(library, "cuCtxSetCurrent", (*mut c_void), (context));
        // SAFETY: the type is that of cuda.h; the library stays open as long as the pointer.
        let launch = *unsafe { library.get::<LaunchKernel>(b"cuLaunchKernel\0") }?;
        Ok(Self { library, launch })
    }

    pub(super) fn load(&self, text: &str) -> Result<Module> {
        let text = CString::new(text).context("PTX has no zeros")?;
        let mut module = null_mut();
        call!(
            self.library,
            "cuModuleLoadData",
            (*mut *mut c_void, *const c_char),
            (&raw mut module, text.as_ptr())
        );
        Ok(Module(module))
    }

    pub(super) fn unload(&self, module: Module) -> Result<()> {
        call!(self.library, "cuModuleUnload", (*mut c_void), (module.0));
        Ok(())
    }

    pub(super) fn function(&self, module: Module, name: &str) -> Result<Function> {
        let name = CString::new(name).context("a name has no zeros")?;
        let mut function = null_mut();
        call!(
            self.library,
            "cuModuleGetFunction",
            (*mut *mut c_void, *mut c_void, *const c_char),
            (&raw mut function, module.0, name.as_ptr())
        );
        Ok(Function(function))
    }

    /// Device memory with these floats; it is never freed.
    pub(super) fn floats(&self, values: &[f32]) -> Result<Buffer> {
        let mut device = 0_u64;
        let bytes = size_of_val(values);
        call!(
            self.library,
            "cuMemAlloc_v2",
            (*mut u64, usize),
            (&raw mut device, bytes)
        );
        let from = values.as_ptr().cast::<c_void>();
        call!(
            self.library,
            "cuMemcpyHtoD_v2",
            (u64, *const c_void, usize),
            (device, from, bytes)
        );
        Ok(Buffer(device))
    }

    pub(super) fn read(&self, buffer: Buffer, count: usize) -> Result<Vec<f32>> {
        let mut values = vec![0.0_f32; count];
        let (to, bytes) = (values.as_mut_ptr().cast::<c_void>(), count * 4);
        call!(
            self.library,
            "cuMemcpyDtoH_v2",
            (*mut c_void, u64, usize),
            (to, buffer.0, bytes)
        );
        Ok(values)
    }

    pub(super) fn launch(&self, function: Function, shape: Shape, values: &[u64]) -> Result<()> {
        ensure!(values.len() <= PARAMETERS_MAX, "too many parameters");
        let mut pointers = [null_mut::<c_void>(); PARAMETERS_MAX];
        for (pointer, value) in pointers.iter_mut().zip(values) {
            *pointer = std::ptr::from_ref(value).cast_mut().cast();
        }
        let ([gx, gy], [bx, by]) = (shape.grid, shape.block);
        let (none, list) = (null_mut(), pointers.as_mut_ptr());
        // SAFETY: the kernels have as many parameters of 8 bytes, which live until the call returns.
        let code =
            unsafe { (self.launch)(function.0, gx, gy, 1, bx, by, 1, 0, none, list, null_mut()) };
        check("cuLaunchKernel", code)
    }

    pub(super) fn synchronize(&self) -> Result<()> {
        call!(self.library, "cuCtxSynchronize", (), ());
        Ok(())
    }

    /// Thread instructions executed so far.
    pub(super) fn instructions(&self) -> Result<u64> {
        type Read = unsafe extern "C" fn(*mut c_void, usize) -> c_int;
        let mut table: *const *const c_void = std::ptr::null();
        call!(
            self.library,
            "cuGetExportTable",
            (*mut *const *const c_void, *const u8),
            (&raw mut table, COUNTERS_ID.as_ptr())
        );
        let mut counters = [0_u64; THREAD_INSTRUCTIONS + 1];
        // SAFETY: slot 1 of this table is a function of this type.
        let read: Read = unsafe { std::mem::transmute(*table.add(1)) };
        // SAFETY: it writes as many bytes as it is told at most.
        let code = unsafe { read(counters.as_mut_ptr().cast(), size_of_val(&counters)) };
        check("the driver's counters", code)?;
        Ok(counters[THREAD_INSTRUCTIONS])
    }
}

fn check(name: &str, code: c_int) -> Result<()> {
    match code {
        0 => Ok(()),
        code => bail!("{name} returned {code}"),
    }
}
