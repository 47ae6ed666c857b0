//! What is known of functions and kernels. A kernel is accepted wherever a function is.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char};
use std::sync::{Mutex, PoisonError};

use rigel_protocol::custom::FunctionInfo;
use rigel_protocol::generated::types::{
    CUfunc_cache, CUfunction_attribute, CUfunctionLoadingState, CUsharedconfig,
};
use rigel_protocol::handle::{Device, Function, Library, Module};
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Most different names kept for callers; kernels of one process have some ten thousand.
const NAMES_MAX: usize = 1 << 20;

/// Names handed to callers, who may keep them as long as the process runs.
static NAMES: Mutex<BTreeSet<&'static CStr>> = Mutex::new(BTreeSet::new());

pub(crate) unsafe fn cuFuncGetAttribute(
    pi: *mut i32,
    attrib: CUfunction_attribute,
    hfunc: Function,
) -> CuResult<()> {
    ffi::check_out(pi)?;
    let (driver, _) = ffi::enter()?;
    let value = attribute(&*driver.function_info(hfunc)?, attrib)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pi, value) }
}

pub(crate) unsafe fn cuKernelGetAttribute(
    pi: *mut i32,
    attrib: CUfunction_attribute,
    kernel: Function,
    dev: Device,
) -> CuResult<()> {
    ffi::check_out(pi)?;
    let (driver, _) = ffi::enter_unbound()?;
    driver.device(dev)?;
    let value = attribute(&*driver.function_info(kernel)?, attrib)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pi, value) }
}

pub(crate) unsafe fn cuFuncSetAttribute(
    hfunc: Function,
    attrib: CUfunction_attribute,
    value: i32,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    check_settable(attrib)?;
    driver.function_set_attribute(cx, hfunc, attrib.0, value)
}

pub(crate) unsafe fn cuKernelSetAttribute(
    attrib: CUfunction_attribute,
    val: i32,
    kernel: Function,
    dev: Device,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    driver.device(dev)?;
    check_settable(attrib)?;
    driver.function_set_attribute(cx, kernel, attrib.0, val)
}

/// How cache and shared memory divide is a hint.
pub(crate) unsafe fn cuFuncSetCacheConfig(hfunc: Function, _config: CUfunc_cache) -> CuResult<()> {
    let (driver, _) = ffi::enter()?;
    driver.function_info(hfunc).map(|_| ())
}

pub(crate) unsafe fn cuKernelSetCacheConfig(
    kernel: Function,
    _config: CUfunc_cache,
    dev: Device,
) -> CuResult<()> {
    let (driver, _) = ffi::enter_unbound()?;
    driver.device(dev)?;
    driver.function_info(kernel).map(|_| ())
}

/// Without meaning since Kepler.
pub(crate) unsafe fn cuFuncSetSharedMemConfig(
    hfunc: Function,
    _config: CUsharedconfig,
) -> CuResult<()> {
    let (driver, _) = ffi::enter()?;
    driver.function_info(hfunc).map(|_| ())
}

pub(crate) unsafe fn cuFuncGetModule(hmod: *mut Module, hfunc: Function) -> CuResult<()> {
    ffi::check_out(hmod)?;
    let (driver, cx) = ffi::enter()?;
    let info = driver.function_info(hfunc)?;
    let module = match (info.module, info.library) {
        (Some(module), _) if !module.is_none() => module,
        (_, Some(library)) => driver.library_get_module(cx, library)?,
        _ => return Err(CuError::INVALID_HANDLE),
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(hmod, module) }
}

pub(crate) unsafe fn cuKernelGetLibrary(p_lib: *mut Library, kernel: Function) -> CuResult<()> {
    ffi::check_out(p_lib)?;
    let (driver, _) = ffi::enter_unbound()?;
    let library = driver.function_info(kernel)?.library;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_lib, library.ok_or(CuError::INVALID_HANDLE)?) }
}

pub(crate) unsafe fn cuKernelGetFunction(p_func: *mut Function, kernel: Function) -> CuResult<()> {
    ffi::check_out(p_func)?;
    let (driver, cx) = ffi::enter()?;
    let function = driver.kernel_function(cx, kernel)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_func, function) }
}

pub(crate) unsafe fn cuFuncGetName(name: *mut *const c_char, hfunc: Function) -> CuResult<()> {
    ffi::check_out(name)?;
    let (driver, _) = ffi::enter_unbound()?;
    let text = keep(&driver.function_info(hfunc)?.name)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(name, text.as_ptr()) }
}

pub(crate) unsafe fn cuFuncGetParamInfo(
    func: Function,
    param_index: usize,
    param_offset: *mut usize,
    param_size: *mut usize,
) -> CuResult<()> {
    ffi::check_out(param_offset)?;
    let (driver, _) = ffi::enter_unbound()?;
    let info = driver.function_info(func)?;
    // One index past the last parameter is how callers find the end.
    let slot = info.params.get(param_index).ok_or(CuError::INVALID_VALUE)?;
    // SAFETY: the caller's out-pointers; the size is optional.
    unsafe {
        ffi::write_optional(param_size, slot.size as usize);
        ffi::write(param_offset, slot.offset as usize)
    }
}

pub(crate) unsafe fn cuFuncGetParamCount(func: Function, param_count: *mut usize) -> CuResult<()> {
    ffi::check_out(param_count)?;
    let (driver, _) = ffi::enter_unbound()?;
    let count = driver.function_info(func)?.params.len();
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(param_count, count) }
}

pub(crate) use cuFuncGetName as cuKernelGetName;
pub(crate) use cuFuncGetParamCount as cuKernelGetParamCount;
pub(crate) use cuFuncGetParamInfo as cuKernelGetParamInfo;

/// What a caller holds a handle of is loaded.
pub(crate) unsafe fn cuFuncIsLoaded(
    state: *mut CUfunctionLoadingState,
    function: Function,
) -> CuResult<()> {
    ffi::check_out(state)?;
    let (driver, _) = ffi::enter()?;
    driver.function_info(function)?;
    let loaded = CUfunctionLoadingState::CU_FUNCTION_LOADING_STATE_LOADED;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(state, loaded) }
}

pub(crate) unsafe fn cuFuncLoad(function: Function) -> CuResult<()> {
    let (driver, _) = ffi::enter()?;
    driver.function_info(function).map(|_| ())
}

fn attribute(info: &FunctionInfo, attribute: CUfunction_attribute) -> CuResult<i32> {
    info.attributes
        .get(attribute.0 as usize)
        .copied()
        .ok_or(CuError::INVALID_VALUE)
}

/// Only these can be set; the others describe the code.
fn check_settable(attribute: CUfunction_attribute) -> CuResult<()> {
    let first = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    match attribute >= first && attribute < CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX {
        true => Ok(()),
        false => Err(CuError::INVALID_VALUE),
    }
}

/// The same name as a C string that lives as long as the process.
fn keep(name: &str) -> CuResult<&'static CStr> {
    let name = CString::new(name).map_err(|_| CuError::UNKNOWN)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = names.get(name.as_c_str()) {
        return Ok(kept);
    }
    if names.len() >= NAMES_MAX {
        return Err(CuError::OUT_OF_MEMORY);
    }
    let kept: &'static CStr = Box::leak(name.into_boxed_c_str());
    names.insert(kept);
    Ok(kept)
}
