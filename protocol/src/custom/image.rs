//! Code: images in, modules, libraries and functions out, with everything a caller may ask of a
//! function later.

use std::ffi::CStr;
use std::ops::Deref;
use std::sync::Arc;

use super::not_supported;
use crate::call::Cx;
use crate::handle::{Function, Library, Module};
use crate::status::CuResult;

/// Most bytes of parameters a kernel may have: 4 KiB up to CUDA 12.0, 32764 since 12.1.
pub const PARAM_BYTES_MAX: usize = 32_764;

/// Place of one kernel parameter in the parameter buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParamSlot {
    /// Offset in bytes.
    pub offset: u32,
    /// Size in bytes.
    pub size: u32,
}

/// The parameters of a kernel in order, and what every launch asks of them, found once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamSlots {
    slots: Vec<ParamSlot>,
    bytes: usize,
    has_gaps: bool,
}

impl ParamSlots {
    /// Length of the parameter buffer, in bytes: every slot ends within it.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether some byte of the buffer may belong to no parameter.
    #[inline]
    pub fn has_gaps(&self) -> bool {
        self.has_gaps
    }
}

impl From<Vec<ParamSlot>> for ParamSlots {
    fn from(slots: Vec<ParamSlot>) -> Self {
        let end = |slot: &ParamSlot| slot.offset as usize + slot.size as usize;
        let bytes = slots.iter().map(end).max().unwrap_or(0);
        let mut next = 0;
        let has_gaps = !slots.iter().all(|slot| {
            let follows = slot.offset as usize == next;
            next = end(slot);
            follows
        });
        Self {
            slots,
            bytes,
            has_gaps,
        }
    }
}

impl FromIterator<ParamSlot> for ParamSlots {
    fn from_iter<I: IntoIterator<Item = ParamSlot>>(slots: I) -> Self {
        Vec::from_iter(slots).into()
    }
}

impl Deref for ParamSlots {
    type Target = [ParamSlot];

    #[inline]
    fn deref(&self) -> &[ParamSlot] {
        &self.slots
    }
}

/// What is known of a function or kernel from its image on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Name in the image (mangled).
    pub name: String,
    /// Parameters in order.
    pub params: ParamSlots,
    /// `CUfunction_attribute` values, indexed by their number (0 to 15).
    pub attributes: [i32; FunctionInfo::ATTRIBUTES],
    /// The module it belongs to; [`Module::NONE`] for a kernel of a library.
    pub module: Option<Module>,
    /// The library it belongs to, if it was reached through one.
    pub library: Option<Library>,
}

impl FunctionInfo {
    /// How many function attributes CUDA 13.2 numbers.
    pub const ATTRIBUTES: usize = 16;

    /// Length of the parameter buffer, in bytes.
    #[inline]
    pub fn param_bytes(&self) -> usize {
        self.params.bytes()
    }
}

/// One input of a link: the `CUjitInputType` number, its bytes, its name for messages.
#[derive(Clone, Debug)]
pub struct JitInput {
    /// `CUjitInputType`: 0 cubin, 1 PTX, 2 fat binary, 3 object, 4 library.
    pub kind: u32,
    /// The bytes.
    pub data: Vec<u8>,
    /// Name given by the caller.
    pub name: String,
}

/// `CUjit_option` pairs, and the logs that come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JitOptions {
    /// Scalar options as (number, value); buffers are left out, their sizes are in the next fields.
    pub options: Vec<(u32, u64)>,
    /// How many bytes of information log the caller takes.
    pub info_log_bytes: usize,
    /// How many bytes of error log the caller takes.
    pub error_log_bytes: usize,
}

/// What a link or a load produced besides its handle.
#[derive(Clone, Debug, Default)]
pub struct LinkedImage {
    /// The image; empty for a load.
    pub image: Vec<u8>,
    /// The information log.
    pub info_log: String,
    /// The error log.
    pub error_log: String,
}

/// Images, modules, libraries and functions.
///
/// An image is self-contained bytes: one or several consecutive fat binaries, an ELF cubin, or PTX
/// text. Wrappers and pointers are the interposer's to follow.
pub trait Images {
    /// Loads a module into the current context (`cuModuleLoadData` and its kin).
    fn module_load(
        &self,
        _cx: Cx,
        _image: &[u8],
        _jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        not_supported("cuModuleLoadData")
    }

    /// Loads a library (`cuLibraryLoadData`): no context needed, modules are made on first use.
    fn library_load(
        &self,
        _cx: Cx,
        _image: &[u8],
        _jit: &JitOptions,
        _options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        not_supported("cuLibraryLoadData")
    }

    /// Links inputs to one image (`cuLinkComplete`).
    fn link(&self, _cx: Cx, _inputs: &[JitInput], _jit: &JitOptions) -> CuResult<LinkedImage> {
        not_supported("cuLinkComplete")
    }

    /// The logs of the calling thread's last load or link if that failed; told once.
    fn failed_logs(&self, _cx: Cx) -> Option<LinkedImage> {
        None
    }

    /// A module's function by name; `CUDA_ERROR_NOT_FOUND` if it has none of that name.
    fn module_function(&self, _cx: Cx, _module: Module, _name: &CStr) -> CuResult<Function> {
        not_supported("cuModuleGetFunction")
    }

    /// A library's kernel by name. C sees it as a `CUkernel`; it may be launched as it is.
    fn library_kernel(&self, _cx: Cx, _library: Library, _name: &CStr) -> CuResult<Function> {
        not_supported("cuLibraryGetKernel")
    }

    /// The function of a kernel in the current context (`cuKernelGetFunction`).
    fn kernel_function(&self, _cx: Cx, _kernel: Function) -> CuResult<Function> {
        not_supported("cuKernelGetFunction")
    }

    /// All functions of a module, in the image's order.
    fn module_functions(&self, _cx: Cx, _module: Module) -> CuResult<Vec<Function>> {
        not_supported("cuModuleEnumerateFunctions")
    }

    /// All kernels of a library, in the image's order.
    fn library_kernels(&self, _cx: Cx, _library: Library) -> CuResult<Vec<Function>> {
        not_supported("cuLibraryEnumerateKernels")
    }

    /// What is known of a function or kernel; never asks a server, since it is read at each launch.
    fn function_info(&self, _function: Function) -> CuResult<Arc<FunctionInfo>> {
        not_supported("cuFuncGetAttribute")
    }

    /// Shows what is known of a function for the length of a call, as every launch asks: a driver that can
    /// do so without counting references does.
    fn with_function(
        &self,
        function: Function,
        look: &mut dyn FnMut(&FunctionInfo) -> CuResult<()>,
    ) -> CuResult<()> {
        look(&*self.function_info(function)?)
    }

    /// Sets a function attribute (`cuFuncSetAttribute`, `cuKernelSetAttribute`); it holds however
    /// the function is looked up again.
    fn function_set_attribute(
        &self,
        _cx: Cx,
        _function: Function,
        _attribute: u32,
        _value: i32,
    ) -> CuResult<()> {
        not_supported("cuFuncSetAttribute")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn param_slots_know_their_end_and_gaps() {
        let check = |slots: &[(u32, u32)], expected: (usize, bool)| {
            let of = |&(offset, size): &(u32, u32)| ParamSlot { offset, size };
            let slots: ParamSlots = slots.iter().map(of).collect();
            assert_eq!((slots.bytes(), slots.has_gaps()), expected);
        };
        check(&[], (0, false));
        check(&[(0, 8), (8, 4)], (12, false));
        check(&[(0, 4), (8, 8)], (16, true));
        check(&[(4, 4)], (8, true));
        check(&[(0, 8), (4, 4)], (8, true));
        check(&[(u32::MAX, u32::MAX)], (2 * u32::MAX as usize, true));
    }
}
