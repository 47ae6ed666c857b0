//! The linker's state: inputs collected until `cuLinkComplete` hands them to the driver at once.
//!
//! Read [`Link`] first.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::custom::JitInput;
use rigel_protocol::generated::types::{CUjit_option, CUjitInputType};
use rigel_protocol::handle::LinkState;
use rigel_protocol::{CuError, CuResult};

use super::jit::Jit;
use super::module::read_file;
use crate::ffi;
use crate::image::IMAGE_BYTES_MAX;
use crate::state;

/// Most links in progress.
const LINKS_MAX: usize = 1024;

/// Most inputs of one link.
const INPUTS_MAX: usize = 4096;

/// A link in progress, or completed and not yet destroyed: its image is the caller's to read.
struct Link {
    inputs: Vec<JitInput>,
    input_bytes: usize,
    jit: Jit,
    image: Vec<u8>,
}

static LINKS: Mutex<BTreeMap<u64, Link>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU32 = AtomicU32::new(0);

pub(crate) unsafe fn cuLinkCreate_v2(
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
    state_out: *mut LinkState,
) -> CuResult<()> {
    ffi::check_out(state_out)?;
    ffi::enter()?;
    // SAFETY: the caller's arrays, which CUDA asks to live as long as the link.
    let jit = unsafe { Jit::read(num_options, options, option_values) }?;
    let state = LinkState::mint(NEXT.fetch_add(1, Ordering::Relaxed));
    {
        let mut links = links();
        if links.len() >= LINKS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let link = Link {
            inputs: Vec::new(),
            input_bytes: 0,
            jit,
            image: Vec::new(),
        };
        links.insert(state.0, link);
    }
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(state_out, state) }
}

pub(crate) unsafe fn cuLinkAddData_v2(
    state: LinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    size: usize,
    name: *const c_char,
    _num_options: u32,
    _options: *mut CUjit_option,
    _option_values: *mut *mut c_void,
) -> CuResult<()> {
    if data.is_null() || size == 0 || size > IMAGE_BYTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's data of `size` bytes, and a name that may be missing.
    let (data, name) = unsafe {
        let data = std::slice::from_raw_parts(data.cast::<u8>(), size);
        let name = match name.is_null() {
            true => c"",
            false => ffi::cstr(name)?,
        };
        (data.to_vec(), name.to_string_lossy().into_owned())
    };
    add(state, kind, data, name)
}

pub(crate) unsafe fn cuLinkAddFile_v2(
    state: LinkState,
    kind: CUjitInputType,
    path: *const c_char,
    _num_options: u32,
    _options: *mut CUjit_option,
    _option_values: *mut *mut c_void,
) -> CuResult<()> {
    // SAFETY: the caller's string.
    let path = unsafe { ffi::cstr(path) }?;
    let data = read_file(path)?.into_owned();
    add(state, kind, data, path.to_string_lossy().into_owned())
}

pub(crate) unsafe fn cuLinkComplete(
    state: LinkState,
    cubin_out: *mut *mut c_void,
    size_out: *mut usize,
) -> CuResult<()> {
    ffi::check_out(cubin_out)?;
    let (driver, cx) = ffi::enter()?;
    // Taken out while the driver works, so that no lock is held across the call.
    let mut link = links().remove(&state.0).ok_or(CuError::INVALID_HANDLE)?;
    link.jit.begin();
    let linked = driver.link(cx, &link.inputs, &link.jit.options);
    let linked = link.jit.logged(linked, || driver.failed_logs(cx));
    let done = linked.and_then(|linked| {
        // SAFETY: the buffers named when the link was created, which live as long as it does.
        unsafe { link.jit.write_logs(&linked) }?;
        link.image = linked.image;
        Ok((link.image.as_mut_ptr(), link.image.len()))
    });
    links().insert(state.0, link);
    let (image, bytes) = done?;
    // SAFETY: the caller's out-pointers; a vector's bytes stay where they are when it is moved.
    unsafe {
        ffi::write(cubin_out, image.cast::<c_void>())?;
        ffi::write_optional(size_out, bytes);
    }
    Ok(())
}

pub(crate) unsafe fn cuLinkDestroy(state: LinkState) -> CuResult<()> {
    state::check_ready()?;
    let removed = links().remove(&state.0);
    removed.map(|_| ()).ok_or(CuError::INVALID_HANDLE)
}

pub(crate) use cuLinkAddData_v2 as cuLinkAddData;
pub(crate) use cuLinkAddFile_v2 as cuLinkAddFile;
pub(crate) use cuLinkCreate_v2 as cuLinkCreate;

fn add(state: LinkState, kind: CUjitInputType, data: Vec<u8>, name: String) -> CuResult<()> {
    state::check_ready()?;
    if kind >= CUjitInputType::CU_JIT_NUM_INPUT_TYPES {
        return Err(CuError::INVALID_VALUE);
    }
    let mut links = links();
    let link = links.get_mut(&state.0).ok_or(CuError::INVALID_HANDLE)?;
    link.input_bytes += data.len();
    if link.inputs.len() >= INPUTS_MAX || link.input_bytes > IMAGE_BYTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    link.inputs.push(JitInput {
        kind: kind.0,
        data,
        name,
    });
    Ok(())
}

fn links() -> MutexGuard<'static, BTreeMap<u64, Link>> {
    LINKS.lock().unwrap_or_else(PoisonError::into_inner)
}
