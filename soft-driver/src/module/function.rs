//! Functions and kernels: found by name, what a caller may ask of them, attributes that are set.
//! Images and modules are `module`'s. Read [`FunctionState`].

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rigel_protocol::custom::{FunctionInfo, ParamSlot};
use rigel_protocol::handle::{Context, Function, Kernel as KernelHandle, Library};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::device;
use crate::driver::World;
use crate::exec::{ExecError, Kernel, LinkedModule};
use crate::image::CubinKernel;
use crate::ptx;

use super::{LibraryState, ModuleState};

/// Registers that a thread may use.
const REGISTERS_MAX: u32 = 255;

/// Numbers of function attributes.
pub(crate) mod attribute {
    pub(crate) const MAX_THREADS: usize = 0;
    pub(crate) const SHARED_BYTES: usize = 1;
    pub(crate) const CONST_BYTES: usize = 2;
    pub(crate) const LOCAL_BYTES: usize = 3;
    pub(crate) const REGISTERS: usize = 4;
    pub(crate) const PTX_VERSION: usize = 5;
    pub(crate) const BINARY_VERSION: usize = 6;
    pub(crate) const MAX_DYNAMIC_SHARED_BYTES: usize = 8;
    pub(crate) const CARVEOUT: usize = 9;
    pub(crate) const NON_PORTABLE_CLUSTER: usize = 14;
    pub(crate) const CLUSTER_POLICY: usize = 15;
}

/// A function of a module.
pub(crate) struct FunctionState {
    pub(crate) context: Context,
    pub(crate) code: Code,
    /// What a caller may know; exchanged when an attribute is set.
    info: RwLock<Arc<FunctionInfo>>,
}

/// What a function executes.
pub(crate) enum Code {
    /// PTX.
    Kernel(Arc<Kernel>),
    /// Machine code, which cannot be executed.
    Machine,
}

/// A kernel of a library, with its function in each context.
pub(crate) struct KernelState {
    library: Library,
    name: String,
    functions: RwLock<Vec<(Context, Function, Arc<FunctionState>)>>,
    /// Attributes set for all contexts.
    attributes: Mutex<Vec<(u32, i32)>>,
}

impl KernelState {
    /// A context has ended.
    pub(crate) fn forget_context(&self, context: Context) {
        let mut functions = self
            .functions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        functions.retain(|(owner, ..)| *owner != context);
    }

    fn function_in(&self, context: Context) -> Option<(Function, Arc<FunctionState>)> {
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let found = functions.iter().find(|(owner, ..)| *owner == context);
        found.map(|(_, handle, state)| (*handle, Arc::clone(state)))
    }
}

impl FunctionState {
    /// What a caller may know.
    pub(crate) fn info(&self) -> Arc<FunctionInfo> {
        Arc::clone(&self.info.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_attribute(&self, number: u32, value: i32) -> CuResult<()> {
        let mut info = self.info.write().unwrap_or_else(PoisonError::into_inner);
        let static_bytes = info.attributes[attribute::SHARED_BYTES];
        let most = device::SHARED_BYTES_PER_BLOCK_OPTIN as i32 - static_bytes;
        let allowed = match number as usize {
            attribute::MAX_DYNAMIC_SHARED_BYTES => (0..=most).contains(&value),
            attribute::CARVEOUT => (-1..=100).contains(&value),
            attribute::NON_PORTABLE_CLUSTER | attribute::CLUSTER_POLICY => true,
            _ => false,
        };
        if !allowed {
            return Err(CuError::INVALID_VALUE);
        }
        Arc::make_mut(&mut info).attributes[number as usize] = value;
        Ok(())
    }
}

/// Functions.
impl World {
    /// A module's function, made on first use.
    pub(super) fn function_of(
        &self,
        module: &ModuleState,
        name: &str,
    ) -> CuResult<(Function, Arc<FunctionState>)> {
        let mut functions = module
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = functions.get(name) {
            return Ok((*handle, self.functions.find(*handle)?));
        }
        let (code, mut info) = module.code(name)?;
        info.attributes[attribute::BINARY_VERSION] =
            self.config.capability.0 * 10 + self.config.capability.1;
        if matches!(code, Code::Machine) {
            // Libraries choose their tuning by it, and know no architecture 0.
            info.attributes[attribute::PTX_VERSION] = info.attributes[attribute::BINARY_VERSION];
        }
        let state = FunctionState {
            context: module.context,
            code,
            info: RwLock::new(Arc::new(info)),
        };
        let (handle, state) = self.functions.insert(|_| state)?;
        functions.insert(name.to_owned(), handle);
        Ok((handle, state))
    }

    /// What a launch or a question means by a handle: a function, or a kernel in this context.
    pub(crate) fn function(
        &self,
        context: Context,
        handle: Function,
    ) -> CuResult<Arc<FunctionState>> {
        if let Ok(function) = self.functions.find(handle) {
            return Ok(function);
        }
        let kernel = self.kernels.find(KernelHandle(handle.0))?;
        self.function_of_kernel(&kernel, context)
            .map(|(_, state)| state)
    }

    pub(super) fn function_of_kernel(
        &self,
        kernel: &KernelState,
        context: Context,
    ) -> CuResult<(Function, Arc<FunctionState>)> {
        if let Some(found) = kernel.function_in(context) {
            return Ok(found);
        }
        let library = self.libraries.find(kernel.library)?;
        let context = self.find_context(context)?;
        let module = self.library_module(&library, &context)?;
        let (handle, state) = self.function_of(&module, &kernel.name)?;
        for (number, value) in kernel
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            state.set_attribute(*number, *value)?;
        }
        let mut functions = kernel
            .functions
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        functions.push((context.handle, handle, Arc::clone(&state)));
        Ok((handle, state))
    }

    pub(super) fn kernel_of(
        &self,
        library: &LibraryState,
        cx: Cx,
        name: &str,
    ) -> CuResult<Function> {
        let mut kernels = library
            .kernels
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = kernels.get(name) {
            return Ok(Function(handle.0));
        }
        let kernel = KernelState {
            library: library.handle,
            name: name.to_owned(),
            functions: RwLock::default(),
            attributes: Mutex::default(),
        };
        // Before there is a context the name is all that can be checked.
        match self.find_context(cx.context) {
            Ok(context) => self
                .function_of_kernel(&kernel, context.handle)
                .map(|_| ())?,
            Err(_) => library.check_name(name)?,
        }
        let (handle, _) = self.kernels.insert(|_| kernel)?;
        kernels.insert(name.to_owned(), handle);
        Ok(Function(handle.0))
    }

    /// What is known of a function or kernel.
    pub(super) fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        if let Ok(function) = self.functions.find(function) {
            return Ok(function.info());
        }
        let kernel = self.kernels.find(KernelHandle(function.0))?;
        let known = {
            let functions = kernel
                .functions
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            functions.first().map(|(.., state)| state.info())
        };
        if let Some(info) = known {
            return Ok(info);
        }
        let any = self.all_contexts().first().map(|context| context.handle);
        let context = any.ok_or(CuError::INVALID_CONTEXT)?;
        self.function_of_kernel(&kernel, context)
            .map(|(_, state)| state.info())
    }

    /// Sets an attribute of a function, or of a kernel in all contexts.
    pub(super) fn set_function_attribute(
        &self,
        cx: Cx,
        function: Function,
        (number, value): (u32, i32),
    ) -> CuResult<()> {
        if let Ok(function) = self.functions.find(function) {
            return function.set_attribute(number, value);
        }
        let kernel = self.kernels.find(KernelHandle(function.0))?;
        self.function_of_kernel(&kernel, cx.context)?;
        let functions = kernel
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for (.., state) in functions.iter() {
            state.set_attribute(number, value)?;
        }
        let mut attributes = kernel
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        attributes.retain(|(set, _)| *set != number);
        attributes.push((number, value));
        Ok(())
    }
}

impl ModuleState {
    /// All kernels in the image's order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let linked = self.linked.iter().flat_map(LinkedModule::entries);
        linked.chain(self.machine.iter().map(|kernel| kernel.name.as_str()))
    }

    fn code(&self, name: &str) -> CuResult<(Code, FunctionInfo)> {
        for linked in &self.linked {
            match linked.kernel(name) {
                Ok(kernel) => {
                    let info = self.info_of(&kernel);
                    return Ok((Code::Kernel(kernel), info));
                }
                Err(ExecError::UnknownKernel { .. }) => {}
                Err(error) => {
                    tracing::error!("failed to {error}");
                    return Err(CuError::INVALID_PTX);
                }
            }
        }
        let machine = self.machine.iter().find(|kernel| kernel.name == name);
        machine
            .map(|kernel| (Code::Machine, self.info_of_machine(kernel)))
            .ok_or(CuError::NOT_FOUND)
    }

    fn base_info(&self, name: &str, params: &[ptx::ParamSlot]) -> FunctionInfo {
        let slot = |slot: &ptx::ParamSlot| ParamSlot {
            offset: slot.offset,
            size: slot.size,
        };
        FunctionInfo {
            name: name.to_owned(),
            params: params.iter().map(slot).collect(),
            module: Some(self.handle),
            library: self.library,
            ..FunctionInfo::default()
        }
    }

    fn info_of(&self, kernel: &Kernel) -> FunctionInfo {
        let mut info = self.base_info(&kernel.name, &kernel.params);
        let values = &mut info.attributes;
        values[attribute::MAX_THREADS] = kernel.max_threads.min(device::THREADS_PER_BLOCK) as i32;
        values[attribute::SHARED_BYTES] = kernel.static_shared_bytes as i32;
        values[attribute::CONST_BYTES] = kernel.const_bytes as i32;
        values[attribute::LOCAL_BYTES] = kernel.local_bytes as i32;
        let limit = self.max_registers.unwrap_or(REGISTERS_MAX);
        values[attribute::REGISTERS] = kernel.registers.min(limit).clamp(1, REGISTERS_MAX) as i32;
        values[attribute::PTX_VERSION] = kernel.ptx_version as i32;
        values[attribute::MAX_DYNAMIC_SHARED_BYTES] =
            device::SHARED_BYTES_PER_BLOCK.saturating_sub(kernel.static_shared_bytes) as i32;
        values[attribute::CARVEOUT] = -1;
        info
    }

    fn info_of_machine(&self, kernel: &CubinKernel) -> FunctionInfo {
        let mut info = self.base_info(&kernel.name, &kernel.params);
        let shared = i32::try_from(kernel.shared_bytes).unwrap_or(i32::MAX);
        let values = &mut info.attributes;
        values[attribute::MAX_THREADS] = device::THREADS_PER_BLOCK as i32;
        values[attribute::SHARED_BYTES] = shared;
        values[attribute::LOCAL_BYTES] = kernel.frame_bytes as i32;
        values[attribute::REGISTERS] = kernel.registers.clamp(1, 255) as i32;
        // Not less the static part, which in machine code may be the padding of an aligned dynamic part:
        // cuBLAS launches such kernels with all of the 48 KiB, and asks for no more.
        values[attribute::MAX_DYNAMIC_SHARED_BYTES] = device::SHARED_BYTES_PER_BLOCK as i32;
        values[attribute::CARVEOUT] = -1;
        info
    }
}
