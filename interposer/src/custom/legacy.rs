//! Launches as before CUDA 4: a function keeps a block shape, a size of shared memory and a buffer of
//! parameters, which calls of their own set, one by one. Some programs still set the shape and then launch as
//! everybody does. All of it is kept in the process, for every thread alike; what is launched is a launch
//! of today. Read [`launch_grid`] first.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use rigel_protocol::custom::PARAM_BYTES_MAX;
use rigel_protocol::handle::{Function, Stream};
use rigel_protocol::{CuError, CuResult};

use super::launch::cuLaunchKernel;
use crate::ffi;

/// Most functions that are launched so.
const FUNCTIONS_MAX: usize = 65_536;

/// Keys of the form of a launch that takes a buffer of parameters.
const END: usize = 0;
const BUFFER: usize = 1;
const BUFFER_SIZE: usize = 2;

/// What the next launch of a function is to be like. The default block is no block.
#[derive(Debug, Clone, Default)]
struct Legacy {
    block: [u32; 3],
    shared_bytes: u32,
    params: Vec<u8>,
}

static FUNCTIONS: LazyLock<Mutex<HashMap<Function, Legacy>>> = LazyLock::new(Mutex::default);

pub(crate) unsafe fn cuFuncSetBlockShape(f: Function, x: i32, y: i32, z: i32) -> CuResult<()> {
    let mut block = [0; 3];
    for (dim, given) in block.iter_mut().zip([x, y, z]) {
        *dim = size(given)
            .filter(|dim| *dim > 0)
            .ok_or(CuError::INVALID_VALUE)?;
    }
    change(f, |legacy| legacy.block = block)
}

pub(crate) unsafe fn cuFuncSetSharedSize(f: Function, bytes: u32) -> CuResult<()> {
    change(f, |legacy| legacy.shared_bytes = bytes)
}

pub(crate) unsafe fn cuParamSetSize(f: Function, bytes: u32) -> CuResult<()> {
    let bytes = bytes as usize;
    if bytes > PARAM_BYTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    change(f, |legacy| legacy.params.resize(bytes, 0))
}

pub(crate) unsafe fn cuParamSeti(f: Function, offset: i32, value: u32) -> CuResult<()> {
    set_param(f, offset, &value.to_ne_bytes())
}

pub(crate) unsafe fn cuParamSetf(f: Function, offset: i32, value: f32) -> CuResult<()> {
    set_param(f, offset, &value.to_ne_bytes())
}

pub(crate) unsafe fn cuParamSetv(
    f: Function,
    offset: i32,
    ptr: *mut c_void,
    bytes: u32,
) -> CuResult<()> {
    // SAFETY: the caller's buffer of that many bytes.
    let value = unsafe { ffi::slice(ptr.cast::<u8>(), bytes as usize) }?;
    set_param(f, offset, value)
}

pub(crate) unsafe fn cuLaunch(f: Function) -> CuResult<()> {
    launch_grid(f, 1, 1, Stream::LEGACY)
}

pub(crate) unsafe fn cuLaunchGrid(f: Function, width: i32, height: i32) -> CuResult<()> {
    launch_grid(f, width, height, Stream::LEGACY)
}

pub(crate) unsafe fn cuLaunchGridAsync(
    f: Function,
    width: i32,
    height: i32,
    stream: Stream,
) -> CuResult<()> {
    launch_grid(f, width, height, stream)
}

/// A launch with what has been set for the function.
fn launch_grid(f: Function, width: i32, height: i32, stream: Stream) -> CuResult<()> {
    let (Some(width), Some(height)) = (size(width), size(height)) else {
        return Err(CuError::INVALID_VALUE);
    };
    let mut legacy = functions().get(&f).cloned().unwrap_or_default();
    let mut bytes = legacy.params.len();
    let mut extra = [
        BUFFER as *mut c_void,
        legacy.params.as_mut_ptr().cast(),
        BUFFER_SIZE as *mut c_void,
        std::ptr::from_mut(&mut bytes).cast(),
        END as *mut c_void,
    ];
    let extra = match bytes {
        0 => std::ptr::null_mut(),
        _ => extra.as_mut_ptr(),
    };
    let ([x, y, z], shared) = (legacy.block, legacy.shared_bytes);
    let no_pointers = std::ptr::null_mut();
    let null_stream = Stream::LEGACY;
    // SAFETY: the list names a buffer of that many bytes, and ends; both live until the call returns.
    unsafe {
        cuLaunchKernel(
            null_stream,
            f,
            width,
            height,
            1,
            x,
            y,
            z,
            shared,
            stream,
            no_pointers,
            extra,
        )
    }
}

/// Writes to the function's buffer, which grows as far as needed: the size may be set before or after.
fn set_param(f: Function, offset: i32, value: &[u8]) -> CuResult<()> {
    let start = usize::try_from(offset).map_err(|_| CuError::INVALID_VALUE)?;
    let end = start.checked_add(value.len());
    let end = end
        .filter(|end| *end <= PARAM_BYTES_MAX)
        .ok_or(CuError::INVALID_VALUE)?;
    change(f, |legacy| {
        if legacy.params.len() < end {
            legacy.params.resize(end, 0);
        }
        legacy.params[start..end].copy_from_slice(value);
    })
}

/// Changes what is kept of a function that there is.
fn change(f: Function, change: impl FnOnce(&mut Legacy)) -> CuResult<()> {
    let (driver, _) = ffi::enter()?;
    if f.is_none() {
        return Err(CuError::INVALID_HANDLE);
    }
    driver.with_function(f, &mut |_| Ok(()))?;
    let mut functions = functions();
    if functions.len() >= FUNCTIONS_MAX && !functions.contains_key(&f) {
        return Err(CuError::OUT_OF_MEMORY);
    }
    change(functions.entry(f).or_default());
    Ok(())
}

fn functions() -> MutexGuard<'static, HashMap<Function, Legacy>> {
    FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(given: i32) -> Option<u32> {
    u32::try_from(given).ok()
}
