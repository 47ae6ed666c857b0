//! Modules and libraries: images in, handles and names out.
//!
//! Functions are in [`super::function`], the linker in [`super::linker`], options of all of them in
//! [`super::jit`].

use std::borrow::Cow;
use std::ffi::{CStr, OsStr, c_char, c_void};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;

use rigel_protocol::generated::types::{CUjit_option, CUlibraryOption, CUmoduleLoadingMode};
use rigel_protocol::handle::{Function, Library, Module};
use rigel_protocol::{CuError, CuResult};

use super::jit::Jit;
use crate::ffi;
use crate::image;

pub(crate) use super::function::*;
pub(crate) use super::linker::*;

/// Most options of one load.
const OPTIONS_MAX: usize = 256;

pub(crate) unsafe fn cuModuleLoad(module: *mut Module, fname: *const c_char) -> CuResult<()> {
    ffi::check_out(module)?;
    // SAFETY: the caller's string.
    let image = read_file(unsafe { ffi::cstr(fname) }?)?;
    // SAFETY: the caller's out-pointer.
    unsafe { load_module(module, &image, Jit::none()) }
}

pub(crate) unsafe fn cuModuleLoadData(module: *mut Module, image: *const c_void) -> CuResult<()> {
    ffi::check_out(module)?;
    // SAFETY: the caller's image and out-pointer.
    unsafe { load_module(module, &image::read(image)?, Jit::none()) }
}

pub(crate) unsafe fn cuModuleLoadDataEx(
    module: *mut Module,
    image: *const c_void,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> CuResult<()> {
    ffi::check_out(module)?;
    // SAFETY: the caller's image, arrays of `num_options` elements, and out-pointer.
    unsafe {
        let jit = Jit::read(num_options, options, option_values)?;
        load_module(module, &image::read(image)?, jit)
    }
}

pub(crate) use cuModuleLoadData as cuModuleLoadFatBinary;

/// Images are parsed when loaded, their functions when first used.
pub(crate) unsafe fn cuModuleGetLoadingMode(mode: *mut CUmoduleLoadingMode) -> CuResult<()> {
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(mode, CUmoduleLoadingMode::CU_MODULE_LAZY_LOADING) }
}

pub(crate) unsafe fn cuModuleGetFunction(
    hfunc: *mut Function,
    hmod: Module,
    name: *const c_char,
) -> CuResult<()> {
    ffi::check_out(hfunc)?;
    // SAFETY: the caller's string.
    let name = unsafe { ffi::cstr(name) }?;
    let (driver, cx) = ffi::enter()?;
    let function = driver.module_function(cx, hmod, name)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(hfunc, function) }
}

pub(crate) unsafe fn cuModuleGetFunctionCount(count: *mut u32, mod_: Module) -> CuResult<()> {
    ffi::check_out(count)?;
    let (driver, cx) = ffi::enter()?;
    let functions = driver.module_functions(cx, mod_)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(count, u32::try_from(functions.len()).unwrap_or(u32::MAX)) }
}

pub(crate) unsafe fn cuModuleEnumerateFunctions(
    functions: *mut Function,
    num_functions: u32,
    mod_: Module,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let all = driver.module_functions(cx, mod_)?;
    // SAFETY: the caller's array of `num_functions` elements.
    unsafe { write_functions(functions, num_functions, &all) }
}

pub(crate) unsafe fn cuLibraryLoadData(
    library: *mut Library,
    code: *const c_void,
    jit_options: *mut CUjit_option,
    jit_options_values: *mut *mut c_void,
    num_jit_options: u32,
    library_options: *mut CUlibraryOption,
    library_option_values: *mut *mut c_void,
    num_library_options: u32,
) -> CuResult<()> {
    ffi::check_out(library)?;
    // SAFETY: the caller's image, arrays of as many elements as the counts say, and out-pointer.
    unsafe {
        let jit = Jit::read(num_jit_options, jit_options, jit_options_values)?;
        let options = library_pairs(num_library_options, library_options, library_option_values)?;
        load_library(library, &image::read(code)?, jit, &options)
    }
}

pub(crate) unsafe fn cuLibraryLoadFromFile(
    library: *mut Library,
    file_name: *const c_char,
    jit_options: *mut CUjit_option,
    jit_options_values: *mut *mut c_void,
    num_jit_options: u32,
    library_options: *mut CUlibraryOption,
    library_option_values: *mut *mut c_void,
    num_library_options: u32,
) -> CuResult<()> {
    ffi::check_out(library)?;
    // SAFETY: the caller's string, arrays of as many elements as the counts say, and out-pointer.
    unsafe {
        let jit = Jit::read(num_jit_options, jit_options, jit_options_values)?;
        let options = library_pairs(num_library_options, library_options, library_option_values)?;
        let image = read_file(ffi::cstr(file_name)?)?;
        load_library(library, &image, jit, &options)
    }
}

pub(crate) unsafe fn cuLibraryGetKernel(
    p_kernel: *mut Function,
    library: Library,
    name: *const c_char,
) -> CuResult<()> {
    ffi::check_out(p_kernel)?;
    // SAFETY: the caller's string.
    let name = unsafe { ffi::cstr(name) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let kernel = driver.library_kernel(cx, library, name)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_kernel, kernel) }
}

pub(crate) unsafe fn cuLibraryGetKernelCount(count: *mut u32, lib: Library) -> CuResult<()> {
    ffi::check_out(count)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let kernels = driver.library_kernels(cx, lib)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(count, u32::try_from(kernels.len()).unwrap_or(u32::MAX)) }
}

pub(crate) unsafe fn cuLibraryEnumerateKernels(
    kernels: *mut Function,
    num_kernels: u32,
    lib: Library,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    let all = driver.library_kernels(cx, lib)?;
    // SAFETY: the caller's array of `num_kernels` elements.
    unsafe { write_functions(kernels, num_kernels, &all) }
}

/// A whole file, up to the longest image there may be.
pub(super) fn read_file(name: &CStr) -> CuResult<Cow<'static, [u8]>> {
    let file =
        File::open(OsStr::from_bytes(name.to_bytes())).map_err(|_| CuError::FILE_NOT_FOUND)?;
    let mut bytes = Vec::new();
    let limit = image::IMAGE_BYTES_MAX as u64;
    let read = file.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|_| CuError::FILE_NOT_FOUND)?;
    if bytes.is_empty() || bytes.len() as u64 > limit {
        return Err(CuError::INVALID_IMAGE);
    }
    Ok(Cow::Owned(bytes))
}

/// Loads a module into the current context; `module` is valid for writing.
pub(crate) unsafe fn load_module(module: *mut Module, image: &[u8], jit: Jit) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let loaded = driver.module_load(cx, image, &jit.options);
    let (loaded, logs) = jit.logged(loaded, || driver.failed_logs(cx))?;
    // SAFETY: the buffers named by the options, and the caller's out-pointer.
    unsafe {
        jit.write_logs(&logs)?;
        ffi::write(module, loaded)
    }
}

unsafe fn load_library(
    library: *mut Library,
    image: &[u8],
    jit: Jit,
    options: &[(u32, u64)],
) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    let loaded = driver.library_load(cx, image, &jit.options, options);
    let (loaded, logs) = jit.logged(loaded, || driver.failed_logs(cx))?;
    // SAFETY: the buffers named by the options, and the caller's out-pointer.
    unsafe {
        jit.write_logs(&logs)?;
        ffi::write(library, loaded)
    }
}

unsafe fn library_pairs(
    count: u32,
    options: *mut CUlibraryOption,
    values: *mut *mut c_void,
) -> CuResult<Vec<(u32, u64)>> {
    let count = count as usize;
    if count > OPTIONS_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's options; a list of values may be missing where options need none.
    let (options, values) = unsafe {
        let values = match values.is_null() {
            true => &[],
            false => ffi::slice(values, count)?,
        };
        (ffi::slice(options, count)?, values)
    };
    let value = |index: usize| values.get(index).map_or(0, |value| *value as u64);
    Ok(options
        .iter()
        .enumerate()
        .map(|(index, option)| (option.0, value(index)))
        .collect())
}

unsafe fn write_functions(out: *mut Function, count: u32, all: &[Function]) -> CuResult<()> {
    // SAFETY: the caller's array of `count` elements.
    let room = unsafe { ffi::slice_mut(out, count as usize) }?;
    for (slot, function) in room.iter_mut().zip(all) {
        *slot = *function;
    }
    Ok(())
}
