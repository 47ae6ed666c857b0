//! Modules, libraries, functions, links.
#![expect(unsafe_code, reason = "calls into a loaded libcuda")]

use std::borrow::Cow;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_void};
use std::ptr;
use std::sync::Arc;

use rigel_protocol::call::Cx;
use rigel_protocol::custom::{FunctionInfo, Images, JitInput, JitOptions, LinkedImage, ParamSlot};
use rigel_protocol::generated::types::{
    CUfunction_attribute, CUjit_option, CUjitInputType, CUlibraryOption,
};
use rigel_protocol::handle::{Device, Function, Library, LinkState, Module};
use rigel_protocol::link::image::LOG_BYTES_MAX;
use rigel_protocol::{CuError, CuResult};

use super::loader::{text, text_of};
use super::{Native, lock};

/// Zeros behind an image: a driver finds the end of PTX by the first.
const IMAGE_TAIL: usize = 64;
/// With what images begin that name their own length.
const FATBIN_MAGIC: [u8; 4] = 0xBA55_ED50_u32.to_le_bytes();
const ELF_MAGIC: &[u8] = b"\x7fELF";
/// Most parameters of a function.
const PARAMS_MAX: usize = 4096;
/// Functions of which something is known, at most; then all are forgotten.
const INFOS_MAX: usize = 1 << 20;
/// Most functions of an image.
const FUNCTIONS_MAX: u32 = 1 << 18;

/// `CU_JIT_INFO_LOG_BUFFER` and the three that follow it.
const LOG_OPTIONS: std::ops::RangeInclusive<u32> = 3..=6;

thread_local! {
    /// The logs of this thread's last load or link, if it failed.
    static FAILED: Cell<Option<LinkedImage>> = const { Cell::new(None) };
}

impl Images for Native {
    fn module_load(
        &self,
        cx: Cx,
        image: &[u8],
        jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        let entry = self.symbols.cuModuleLoadDataEx.get()?;
        let image = as_c(image);
        let mut options = Options::new(jit);
        let mut module = Module::NONE;
        self.enter(cx)?;
        let (count, names, values) = options.raw();
        // SAFETY: the image says how long it is, or is followed by zeros; the options are two arrays of `count` that live,
        // with the buffers they name, across the call.
        let loaded = unsafe { entry(&mut module, image.as_ptr().cast(), count, names, values) };
        options.kept(CuError::check(loaded))?;
        Ok((module, options.logs()))
    }

    fn library_load(
        &self,
        cx: Cx,
        image: &[u8],
        jit: &JitOptions,
        options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        let entry = self.symbols.cuLibraryLoadData.get()?;
        let image = as_c(image);
        let mut jit = Options::new(jit);
        // What the library could keep by reference, it must copy: the image goes when the call ends.
        let kept = CUlibraryOption::CU_LIBRARY_BINARY_IS_PRESERVED.0;
        let options: Vec<_> = options
            .iter()
            .filter(|(number, _)| *number > kept)
            .collect();
        let mut names: Vec<_> = options
            .iter()
            .map(|(name, _)| CUlibraryOption(*name))
            .collect();
        let mut values: Vec<_> = options.iter().map(|(_, v)| *v as *mut c_void).collect();
        let mut library = Library::NONE;
        self.enter(cx)?;
        let (count, jit_names, jit_values) = jit.raw();
        // SAFETY: as in `module_load`, for both pairs of arrays.
        let loaded = unsafe {
            entry(
                &mut library,
                image.as_ptr().cast(),
                jit_names,
                jit_values,
                count,
                names.as_mut_ptr(),
                values.as_mut_ptr(),
                names.len() as u32,
            )
        };
        jit.kept(CuError::check(loaded))?;
        Ok((library, jit.logs()))
    }

    fn link(&self, cx: Cx, inputs: &[JitInput], jit: &JitOptions) -> CuResult<LinkedImage> {
        let create = self.symbols.cuLinkCreate_v2.get()?;
        let mut options = Options::new(jit);
        self.enter(cx)?;
        let mut state = LinkState::NONE;
        let (count, names, values) = options.raw();
        // SAFETY: the options live until the link is destroyed, below.
        CuError::check(unsafe { create(count, names, values, &mut state) })?;
        let image = self.link_all(state, inputs);
        let destroy = self.symbols.cuLinkDestroy.get()?;
        // SAFETY: the state was just made, and is not used again. A failure leaves nothing to do.
        let _ = unsafe { destroy(state) };
        Ok(LinkedImage {
            image: options.kept(image)?,
            ..options.logs()
        })
    }

    fn failed_logs(&self, _cx: Cx) -> Option<LinkedImage> {
        FAILED.take()
    }

    fn module_function(&self, cx: Cx, module: Module, name: &CStr) -> CuResult<Function> {
        let entry = self.symbols.cuModuleGetFunction.get()?;
        let mut function = Function::NONE;
        self.enter(cx)?;
        // SAFETY: the name is terminated; the result is a live local.
        CuError::check(unsafe { entry(&mut function, module, name.as_ptr()) })?;
        self.learn_function(function, &name.to_string_lossy());
        Ok(function)
    }

    fn library_kernel(&self, cx: Cx, library: Library, name: &CStr) -> CuResult<Function> {
        let entry = self.symbols.cuLibraryGetKernel.get()?;
        let mut kernel = Function::NONE;
        self.enter(cx)?;
        // SAFETY: the name is terminated; the result is a live local.
        CuError::check(unsafe { entry(&mut kernel, library, name.as_ptr()) })?;
        self.learn_kernel(cx, kernel, &name.to_string_lossy());
        Ok(kernel)
    }

    fn kernel_function(&self, cx: Cx, kernel: Function) -> CuResult<Function> {
        let entry = self.symbols.cuKernelGetFunction.get()?;
        let mut function = Function::NONE;
        self.enter(cx)?;
        // SAFETY: the result is a live local.
        CuError::check(unsafe { entry(&mut function, kernel) })?;
        let name = lock(&self.infos).get(&kernel).map(|info| info.name.clone());
        self.learn_function(function, &name.unwrap_or_default());
        Ok(function)
    }

    fn module_functions(&self, cx: Cx, module: Module) -> CuResult<Vec<Function>> {
        let count = self.symbols.cuModuleGetFunctionCount.get()?;
        let all = self.symbols.cuModuleEnumerateFunctions.get()?;
        self.enter(cx)?;
        let mut n = 0;
        // SAFETY: the result is a live local.
        CuError::check(unsafe { count(&mut n, module) })?;
        let mut functions = vec![Function::NONE; n.min(FUNCTIONS_MAX) as usize];
        // SAFETY: the list has as many places as said.
        CuError::check(unsafe { all(functions.as_mut_ptr(), functions.len() as u32, module) })?;
        for &function in &functions {
            self.learn_function(function, &self.function_name(function));
        }
        Ok(functions)
    }

    fn library_kernels(&self, cx: Cx, library: Library) -> CuResult<Vec<Function>> {
        let count = self.symbols.cuLibraryGetKernelCount.get()?;
        let all = self.symbols.cuLibraryEnumerateKernels.get()?;
        self.enter(cx)?;
        let mut n = 0;
        // SAFETY: the result is a live local.
        CuError::check(unsafe { count(&mut n, library) })?;
        let mut kernels = vec![Function::NONE; n.min(FUNCTIONS_MAX) as usize];
        // SAFETY: the list has as many places as said.
        CuError::check(unsafe { all(kernels.as_mut_ptr(), kernels.len() as u32, library) })?;
        for &kernel in &kernels {
            self.learn_kernel(cx, kernel, &self.kernel_name(kernel));
        }
        Ok(kernels)
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        lock(&self.infos)
            .get(&function)
            .cloned()
            .ok_or(CuError::INVALID_HANDLE)
    }

    fn function_set_attribute(
        &self,
        cx: Cx,
        function: Function,
        attribute: u32,
        value: i32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuFuncSetAttribute.get()?;
        self.enter(cx)?;
        // SAFETY: numbers only, and a function of this library.
        CuError::check(unsafe { entry(function, CUfunction_attribute(attribute), value) })
    }
}

impl Native {
    fn link_all(&self, state: LinkState, inputs: &[JitInput]) -> CuResult<Vec<u8>> {
        let add = self.symbols.cuLinkAddData_v2.get()?;
        let complete = self.symbols.cuLinkComplete.get()?;
        for input in inputs {
            // PTX is given with its end; other inputs are exactly as long as said.
            let data = terminated(&input.data);
            let len = if input.kind == 1 {
                input.data.len() + 1
            } else {
                input.data.len()
            };
            let name = CString::new(input.name.as_str()).unwrap_or_default();
            let kind = CUjitInputType(input.kind);
            let data = data.as_ptr().cast_mut().cast();
            let (none, nothing) = (ptr::null_mut(), ptr::null_mut());
            // SAFETY: data and name live across the call; there are no options.
            let added = unsafe { add(state, kind, data, len, name.as_ptr(), 0, none, nothing) };
            CuError::check(added)?;
        }
        let (mut image, mut len) = (ptr::null_mut(), 0);
        // SAFETY: the results are live locals.
        CuError::check(unsafe { complete(state, &mut image, &mut len) })?;
        if image.is_null() {
            return Ok(Vec::new());
        }
        // SAFETY: the driver owns `len` bytes there until the link is destroyed, which is later.
        Ok(unsafe { std::slice::from_raw_parts(image.cast::<u8>(), len) }.to_vec())
    }

    fn function_name(&self, function: Function) -> String {
        let Some(entry) = self.symbols.cuFuncGetName.optional() else {
            return String::new();
        };
        let mut name = ptr::null();
        // SAFETY: the result is a live local; the name it leads to lives as long as the function.
        match unsafe { entry(&mut name, function) } {
            // SAFETY: as above.
            0 => unsafe { text(name) },
            _ => String::new(),
        }
    }

    fn kernel_name(&self, kernel: Function) -> String {
        let Some(entry) = self.symbols.cuKernelGetName.optional() else {
            return String::new();
        };
        let mut name = ptr::null();
        // SAFETY: the result is a live local; the name it leads to lives as long as the kernel.
        match unsafe { entry(&mut name, kernel) } {
            // SAFETY: as above.
            0 => unsafe { text(name) },
            _ => String::new(),
        }
    }

    /// Gathers what may be asked of a function, whose context is current.
    fn learn_function(&self, function: Function, name: &str) {
        let attribute = |number: usize| {
            let entry = self.symbols.cuFuncGetAttribute.optional()?;
            let mut value = 0;
            // SAFETY: the result is a live local.
            let got = unsafe { entry(&mut value, CUfunction_attribute(number as u32), function) };
            (got == 0).then_some(value)
        };
        let slot = |index: usize| {
            let entry = self.symbols.cuFuncGetParamInfo.optional()?;
            let (mut offset, mut size) = (0, 0);
            // SAFETY: the results are live locals.
            let got = unsafe { entry(function, index, &mut offset, &mut size) };
            (got == 0).then_some(ParamSlot {
                offset: offset as u32,
                size: size as u32,
            })
        };
        self.learn(function, name, attribute, slot);
    }

    /// Gathers what may be asked of a kernel, which needs no context.
    fn learn_kernel(&self, cx: Cx, kernel: Function, name: &str) {
        let of = cx.context.primary_device().unwrap_or(Device(0));
        let device = self.real_device(of).unwrap_or(Device(0));
        let attribute = |number: usize| {
            let entry = self.symbols.cuKernelGetAttribute.optional()?;
            let mut value = 0;
            let number = CUfunction_attribute(number as u32);
            // SAFETY: the result is a live local.
            let got = unsafe { entry(&mut value, number, kernel, device) };
            (got == 0).then_some(value)
        };
        let slot = |index: usize| {
            let entry = self.symbols.cuKernelGetParamInfo.optional()?;
            let (mut offset, mut size) = (0, 0);
            // SAFETY: the results are live locals.
            let got = unsafe { entry(kernel, index, &mut offset, &mut size) };
            (got == 0).then_some(ParamSlot {
                offset: offset as u32,
                size: size as u32,
            })
        };
        self.learn(kernel, name, attribute, slot);
    }

    fn learn(
        &self,
        function: Function,
        name: &str,
        attribute: impl Fn(usize) -> Option<i32>,
        slot: impl Fn(usize) -> Option<ParamSlot>,
    ) {
        let mut info = FunctionInfo {
            name: name.to_owned(),
            ..FunctionInfo::default()
        };
        for (number, value) in info.attributes.iter_mut().enumerate() {
            *value = attribute(number).unwrap_or(0);
        }
        info.params = (0..PARAMS_MAX).map_while(slot).collect();
        let mut infos = lock(&self.infos);
        if infos.len() >= INFOS_MAX {
            infos.clear();
        }
        infos.insert(function, Arc::new(info));
    }
}

/// An image as C takes it: one that says itself how long it is stays where it is, text gets its end.
fn as_c(image: &[u8]) -> Cow<'_, [u8]> {
    match image.starts_with(&FATBIN_MAGIC) || image.starts_with(ELF_MAGIC) {
        true => Cow::Borrowed(image),
        false => Cow::Owned(terminated(image)),
    }
}

/// A copy with zeros behind it.
fn terminated(image: &[u8]) -> Vec<u8> {
    let mut copy = Vec::with_capacity(image.len() + IMAGE_TAIL);
    copy.extend_from_slice(image);
    copy.resize(image.len() + IMAGE_TAIL, 0);
    copy
}

/// Options of the compiler as C takes them, with buffers for its logs.
struct Options {
    names: Vec<CUjit_option>,
    values: Vec<*mut c_void>,
    info_log: Vec<u8>,
    error_log: Vec<u8>,
}

impl Options {
    fn new(jit: &JitOptions) -> Self {
        let mut options = Self {
            names: Vec::new(),
            values: Vec::new(),
            info_log: vec![0; jit.info_log_bytes.min(LOG_BYTES_MAX)],
            error_log: vec![0; jit.error_log_bytes.min(LOG_BYTES_MAX)],
        };
        for &(name, value) in jit
            .options
            .iter()
            .filter(|(name, _)| !LOG_OPTIONS.contains(name))
        {
            options.names.push(CUjit_option(name));
            options.values.push(value as *mut c_void);
        }
        let logs = [&mut options.info_log, &mut options.error_log];
        for (name, log) in LOG_OPTIONS
            .step_by(2)
            .zip(logs)
            .filter(|(_, log)| !log.is_empty())
        {
            options
                .names
                .extend([CUjit_option(name), CUjit_option(name + 1)]);
            options
                .values
                .extend([log.as_mut_ptr().cast(), log.len() as *mut c_void]);
        }
        options
    }

    fn raw(&mut self) -> (u32, *mut CUjit_option, *mut *mut c_void) {
        (
            self.names.len() as u32,
            self.names.as_mut_ptr(),
            self.values.as_mut_ptr(),
        )
    }

    /// Keeps the logs of what has failed.
    fn kept<T>(&self, done: CuResult<T>) -> CuResult<T> {
        FAILED.set(done.is_err().then(|| self.logs()));
        done
    }

    fn logs(&self) -> LinkedImage {
        LinkedImage {
            image: Vec::new(),
            info_log: text_of(&self.info_log),
            error_log: text_of(&self.error_log),
        }
    }
}
