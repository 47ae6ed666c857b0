//! Modules and libraries: images parsed and placed, functions and variables found by name, what a
//! caller may ask of a function. Parsing PTX and lowering it are `ptx`'s and `exec`'s. Read
//! [`ModuleState`], then [`FunctionState`].

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::CStr,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use rigel_protocol::custom::{
    AllocationKind, FunctionInfo, Images, JitInput, JitOptions, LinkedImage, ParamSlot,
};
use rigel_protocol::generated::driver::ModuleApi;
use rigel_protocol::handle::{
    Context, DevicePtr, Function, Kernel as KernelHandle, Library, MemPool, Module,
};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::context::ContextState;
use crate::device;
use crate::driver::{SoftDriver, World};
use crate::exec::{ExecError, GlobalDecl, Kernel, LinkedModule};
use crate::image::{CubinKernel, EntryKind, Image};
use crate::memory::Request;
use crate::{link, ptx};

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

/// A module in a context.
pub(crate) struct ModuleState {
    pub(crate) handle: Module,
    pub(crate) context: Context,
    library: Option<Library>,
    /// What PTX the image holds, linked.
    linked: Vec<LinkedModule>,
    /// Kernels of which there is machine code only.
    machine: Vec<CubinKernel>,
    variables: HashMap<String, (u64, u64)>,
    functions: Mutex<HashMap<String, Function>>,
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

/// A library: an image from which each context makes a module of its own on first use.
pub(crate) struct LibraryState {
    handle: Library,
    image: Box<[u8]>,
    modules: Mutex<HashMap<Context, Arc<ModuleState>>>,
    kernels: Mutex<HashMap<String, KernelHandle>>,
}

/// A kernel of a library, with its function in each context.
pub(crate) struct KernelState {
    library: Library,
    name: String,
    functions: RwLock<Vec<(Context, Function, Arc<FunctionState>)>>,
    /// Attributes set for all contexts.
    attributes: Mutex<Vec<(u32, i32)>>,
}

impl LibraryState {
    /// Whether the image has a kernel of this name.
    fn check_name(&self, name: &str) -> CuResult<()> {
        for part in &parse(&self.image)?.parts {
            let Some(entry) = part.choose(|_| true) else {
                continue;
            };
            let known = match entry.kind {
                EntryKind::Ptx => {
                    let text = entry.text().map_err(|error| refused(&error))?;
                    let module = ptx::Module::parse(&text).map_err(|error| {
                        tracing::error!("failed to {error}");
                        CuError::INVALID_PTX
                    })?;
                    module.kernels().any(|kernel| kernel.name == name)
                }
                EntryKind::Cubin => {
                    let cubin = entry.cubin().map_err(|error| refused(&error))?;
                    cubin.kernels.iter().any(|kernel| kernel.name == name)
                }
            };
            if known {
                return Ok(());
            }
        }
        Err(CuError::NOT_FOUND)
    }

    /// A context has ended.
    pub(crate) fn forget_context(&self, context: Context) {
        self.modules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&context);
    }
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

/// Loading.
impl World {
    fn load(
        &self,
        context: &ContextState,
        image: &[u8],
        library: Option<Library>,
    ) -> CuResult<Arc<ModuleState>> {
        self.output.flush();
        let image = parse(image)?;
        let mut module = ModuleState {
            handle: Module::NONE,
            context: context.handle,
            library,
            linked: Vec::new(),
            machine: Vec::new(),
            variables: HashMap::new(),
            functions: Mutex::default(),
        };
        for part in &image.parts {
            let Some(entry) = part.choose(|_| true) else {
                continue;
            };
            let loaded = match entry.kind {
                EntryKind::Ptx => {
                    let text = entry.text().map_err(|error| refused(&error))?;
                    self.link_text(context, text, &mut module)
                }
                EntryKind::Cubin => {
                    let cubin = entry.cubin().map_err(|error| refused(&error))?;
                    self.place_cubin(context, cubin, &mut module)
                }
            };
            if let Err(error) = loaded {
                self.free_variables(&module);
                return Err(error);
            }
        }
        self.modules
            .insert(|handle| ModuleState { handle, ..module })
            .map(|made| made.1)
    }

    fn link_text(
        &self,
        context: &ContextState,
        text: Cow<'_, str>,
        module: &mut ModuleState,
    ) -> CuResult<()> {
        let variables = &mut module.variables;
        let mut place = |decl: &GlobalDecl| {
            let placed = self.place(context, decl.bytes, u64::from(decl.align), decl.managed);
            let address = placed.map_err(|error| ExecError::Placement {
                name: decl.name.clone(),
                bytes: decl.bytes,
                reason: error.to_string(),
            })?;
            variables.insert(decl.name.clone(), (address, decl.bytes));
            Ok(address)
        };
        let linked = LinkedModule::new(Arc::from(text), &mut place).map_err(|error| {
            tracing::error!("failed to {error}");
            match error {
                ExecError::Placement { .. } => CuError::OUT_OF_MEMORY,
                _ => CuError::INVALID_PTX,
            }
        })?;
        for data in linked.initial_data() {
            self.memory.write(data.address, &data.bytes)?;
        }
        module.linked.push(linked);
        Ok(())
    }

    fn place_cubin(
        &self,
        context: &ContextState,
        cubin: crate::image::Cubin,
        module: &mut ModuleState,
    ) -> CuResult<()> {
        for variable in cubin.globals {
            let address = self.place(context, variable.size_bytes, 256, false)?;
            module
                .variables
                .insert(variable.name, (address, variable.size_bytes));
        }
        module.machine.extend(cubin.kernels);
        Ok(())
    }

    /// Zeroed memory for a variable.
    fn place(
        &self,
        context: &ContextState,
        bytes: u64,
        align: u64,
        managed: bool,
    ) -> CuResult<u64> {
        let kind = if managed {
            AllocationKind::Managed
        } else {
            AllocationKind::Device
        };
        let request = Request {
            bytes: bytes.max(1),
            align: align.next_power_of_two(),
            kind,
            context: context.handle,
            device: context.device,
            pool: MemPool::NONE,
        };
        let address = self.allocate_patiently(&request)?;
        self.memory.zero(address, request.bytes)?;
        Ok(address)
    }

    fn free_variables(&self, module: &ModuleState) {
        for (address, _) in module.variables.values() {
            if let Err(error) = self.memory.release(*address) {
                tracing::debug!(%error, "variable was freed meanwhile");
            }
        }
    }

    /// Removes the functions of a module that is gone.
    pub(crate) fn forget_functions(&self, module: &ModuleState) {
        let functions = module
            .functions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for function in functions.values() {
            // Removed with the module at most once.
            let _ = self.functions.remove(*function);
        }
    }

    fn unload(&self, module: &ModuleState) {
        self.engine.wait_all();
        self.output.flush();
        self.forget_functions(module);
        self.free_variables(module);
    }

    /// The library's module in a context, made on first use.
    fn library_module(
        &self,
        library: &LibraryState,
        context: &ContextState,
    ) -> CuResult<Arc<ModuleState>> {
        let mut modules = library
            .modules
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.get(&context.handle) {
            return Ok(Arc::clone(module));
        }
        let module = self.load(context, &library.image, Some(library.handle))?;
        modules.insert(context.handle, Arc::clone(&module));
        Ok(module)
    }
}

fn parse(image: &[u8]) -> CuResult<Image<'_>> {
    Image::parse(image).map_err(|error| refused(&error))
}

fn refused(error: &crate::image::ImageError) -> CuError {
    tracing::error!("failed to {error}");
    CuError::INVALID_IMAGE
}

/// Functions.
impl World {
    /// A module's function, made on first use.
    fn function_of(
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

    fn function_of_kernel(
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

    fn kernel_of(&self, library: &LibraryState, cx: Cx, name: &str) -> CuResult<Function> {
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
}

impl ModuleState {
    /// All kernels in the image's order.
    fn names(&self) -> impl Iterator<Item = &str> {
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
        values[attribute::REGISTERS] = kernel.registers.clamp(1, 255) as i32;
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
        values[attribute::MAX_DYNAMIC_SHARED_BYTES] =
            (device::SHARED_BYTES_PER_BLOCK as i32 - shared).max(0);
        values[attribute::CARVEOUT] = -1;
        info
    }

    fn variable(&self, name: &CStr) -> CuResult<(DevicePtr, usize)> {
        let name = name.to_str().map_err(|_| CuError::NOT_FOUND)?;
        let (address, bytes) = self.variables.get(name).ok_or(CuError::NOT_FOUND)?;
        Ok((DevicePtr(*address), *bytes as usize))
    }
}

fn text(name: &CStr) -> CuResult<&str> {
    name.to_str().map_err(|_| CuError::NOT_FOUND)
}

impl Images for SoftDriver {
    fn module_load(
        &self,
        cx: Cx,
        image: &[u8],
        _jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let module = world.load(&context, image, None)?;
        Ok((module.handle, LinkedImage::default()))
    }

    fn library_load(
        &self,
        _cx: Cx,
        image: &[u8],
        _jit: &JitOptions,
        _options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        let world = self.world()?;
        parse(image)?;
        let (handle, _) = world.libraries.insert(|handle| LibraryState {
            handle,
            image: image.into(),
            modules: Mutex::default(),
            kernels: Mutex::default(),
        })?;
        Ok((handle, LinkedImage::default()))
    }

    fn link(&self, _cx: Cx, inputs: &[JitInput], jit: &JitOptions) -> CuResult<LinkedImage> {
        self.world()?;
        link::link(inputs, jit)
    }

    fn module_function(&self, cx: Cx, module: Module, name: &CStr) -> CuResult<Function> {
        let world = self.world()?;
        world.context(cx)?;
        let module = world.modules.find(module)?;
        world
            .function_of(&module, text(name)?)
            .map(|(handle, _)| handle)
    }

    fn library_kernel(&self, cx: Cx, library: Library, name: &CStr) -> CuResult<Function> {
        let world = self.world()?;
        let library = world.libraries.find(library)?;
        world.kernel_of(&library, cx, text(name)?)
    }

    fn kernel_function(&self, cx: Cx, kernel: Function) -> CuResult<Function> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let kernel = world.kernels.find(KernelHandle(kernel.0))?;
        world
            .function_of_kernel(&kernel, context.handle)
            .map(|(handle, _)| handle)
    }

    fn module_functions(&self, _cx: Cx, module: Module) -> CuResult<Vec<Function>> {
        let world = self.world()?;
        let module = world.modules.find(module)?;
        let function = |name| world.function_of(&module, name).map(|(handle, _)| handle);
        module.names().map(function).collect()
    }

    fn library_kernels(&self, cx: Cx, library: Library) -> CuResult<Vec<Function>> {
        let world = self.world()?;
        let library = world.libraries.find(library)?;
        let context = world.find_context(cx.context)?;
        let module = world.library_module(&library, &context)?;
        module
            .names()
            .map(|name| world.kernel_of(&library, cx, name))
            .collect()
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        let world = self.world()?;
        if let Ok(function) = world.functions.find(function) {
            return Ok(function.info());
        }
        let kernel = world.kernels.find(KernelHandle(function.0))?;
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
        let any = world.all_contexts().first().map(|context| context.handle);
        let context = any.ok_or(CuError::INVALID_CONTEXT)?;
        world
            .function_of_kernel(&kernel, context)
            .map(|(_, state)| state.info())
    }

    fn function_set_attribute(
        &self,
        cx: Cx,
        function: Function,
        attribute: u32,
        value: i32,
    ) -> CuResult<()> {
        let world = self.world()?;
        if let Ok(function) = world.functions.find(function) {
            return function.set_attribute(attribute, value);
        }
        let kernel = world.kernels.find(KernelHandle(function.0))?;
        world.function_of_kernel(&kernel, cx.context)?;
        let functions = kernel
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for (.., state) in functions.iter() {
            state.set_attribute(attribute, value)?;
        }
        let mut attributes = kernel
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        attributes.retain(|(number, _)| *number != attribute);
        attributes.push((attribute, value));
        Ok(())
    }
}

impl ModuleApi for SoftDriver {
    fn module_unload(&self, cx: Cx, hmod: Module) -> CuResult<()> {
        let world = self.world()?;
        world.context(cx)?;
        let module = world.modules.find(hmod)?;
        if module.library.is_some() {
            return Err(CuError::NOT_PERMITTED);
        }
        world.modules.remove(hmod)?;
        world.unload(&module);
        Ok(())
    }

    fn module_get_global(&self, cx: Cx, hmod: Module, name: &CStr) -> CuResult<(DevicePtr, usize)> {
        let world = self.world()?;
        world.context(cx)?;
        world.modules.find(hmod)?.variable(name)
    }

    fn library_unload(&self, _cx: Cx, library: Library) -> CuResult<()> {
        let world = self.world()?;
        let library = world.libraries.remove(library)?;
        let modules = std::mem::take(
            &mut *library
                .modules
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        for module in modules.values() {
            world.modules.remove(module.handle)?;
            world.unload(module);
        }
        for kernel in library
            .kernels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            world.kernels.remove(*kernel)?;
        }
        Ok(())
    }

    fn library_get_module(&self, cx: Cx, library: Library) -> CuResult<Module> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let library = world.libraries.find(library)?;
        world
            .library_module(&library, &context)
            .map(|module| module.handle)
    }

    fn library_get_global(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let library = world.libraries.find(library)?;
        world.library_module(&library, &context)?.variable(name)
    }

    fn library_get_managed(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        self.library_get_global(cx, library, name)
    }
}
