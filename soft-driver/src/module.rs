//! Modules and libraries: images parsed and placed, functions and variables found by name, what a
//! caller may ask of a function. Parsing PTX and lowering it are `ptx`'s and `exec`'s. Read
//! [`ModuleState`], then [`FunctionState`].

mod function;

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::CStr,
    sync::{Arc, Mutex, PoisonError},
};

use rigel_protocol::custom::{
    AllocationKind, FunctionInfo, Images, JitInput, JitOptions, LinkedImage,
};
use rigel_protocol::generated::driver::ModuleApi;
use rigel_protocol::handle::{
    Context, Device, DevicePtr, Function, Kernel as KernelHandle, Library, MemPool, Module,
};
use rigel_protocol::{Contexts, CuError, CuResult, Cx};

pub(crate) use self::function::{Code, FunctionState, KernelState, attribute};
use crate::complaint;
use crate::context::ContextState;
use crate::driver::{SoftDriver, World};
use crate::exec::{ExecError, GlobalDecl, LinkedModule};
use crate::image::{CubinKernel, EntryKind, Image};
use crate::memory::Request;
use crate::{link, ptx};

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
    /// Registers that its kernels may use, where the caller or the image says so.
    max_registers: Option<u32>,
}

/// A library: an image from which each context makes a module of its own on first use.
pub(crate) struct LibraryState {
    handle: Library,
    image: Box<[u8]>,
    max_registers: Option<u32>,
    modules: Mutex<HashMap<Context, Arc<ModuleState>>>,
    kernels: Mutex<HashMap<String, KernelHandle>>,
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

/// Loading.
impl World {
    fn load(
        &self,
        context: &ContextState,
        image: &[u8],
        library: Option<Library>,
        max_registers: Option<u32>,
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
            max_registers,
        };
        for part in &image.parts {
            let Some(entry) = part.choose(|_| true) else {
                continue;
            };
            let loaded = match entry.kind {
                EntryKind::Ptx => {
                    let text = entry.text().map_err(|error| refused(&error))?;
                    let limit = entry.max_registers().or(link::linked_max_registers(&text));
                    module.max_registers = max_registers.or(limit);
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
            complaint::note_of_text(&error);
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
        let module = self.load(
            context,
            &library.image,
            Some(library.handle),
            library.max_registers,
        )?;
        modules.insert(context.handle, Arc::clone(&module));
        Ok(module)
    }
}

fn parse(image: &[u8]) -> CuResult<Image<'_>> {
    Image::parse(image).map_err(|error| refused(&error))
}

/// Reads all functions of small texts, which are otherwise read when they are launched: the caller wants to
/// know now what is wrong.
fn check_texts(image: &[u8]) -> CuResult<()> {
    for part in &parse(image)?.parts {
        let Some(entry) = part.choose(|_| true) else {
            continue;
        };
        if entry.kind == EntryKind::Ptx {
            let text = entry.text().map_err(|error| refused(&error))?;
            complaint::check(&text)?;
        }
    }
    Ok(())
}

fn refused(error: &crate::image::ImageError) -> CuError {
    complaint::note(error);
    tracing::error!("failed to {error}");
    CuError::INVALID_IMAGE
}

impl ModuleState {
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
        jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        complaint::clear();
        let world = self.world()?;
        let context = world.context(cx)?;
        if jit.error_log_bytes > 0 {
            check_texts(image)?;
        }
        let module = world.load(&context, image, None, link::max_registers(jit))?;
        Ok((module.handle, LinkedImage::default()))
    }

    fn library_load(
        &self,
        _cx: Cx,
        image: &[u8],
        jit: &JitOptions,
        _options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        complaint::clear();
        let world = self.world()?;
        parse(image)?;
        let (handle, _) = world.libraries.insert(|handle| LibraryState {
            handle,
            image: image.into(),
            max_registers: link::max_registers(jit),
            modules: Mutex::default(),
            kernels: Mutex::default(),
        })?;
        Ok((handle, LinkedImage::default()))
    }

    fn link(&self, _cx: Cx, inputs: &[JitInput], jit: &JitOptions) -> CuResult<LinkedImage> {
        complaint::clear();
        self.world()?;
        link::link(inputs, jit)
    }

    fn failed_logs(&self, _cx: Cx) -> Option<LinkedImage> {
        Some(LinkedImage {
            error_log: complaint::take()?,
            ..LinkedImage::default()
        })
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
        self.world()?.function_info(function)
    }

    fn function_set_attribute(
        &self,
        cx: Cx,
        function: Function,
        attribute: u32,
        value: i32,
    ) -> CuResult<()> {
        self.world()?
            .set_function_attribute(cx, function, (attribute, value))
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
        let world = self.world()?;
        // Runtimes ask for managed variables before there is a context.
        let context = match cx.context.is_none() {
            false => world.context(cx)?,
            true => {
                self.primary_activate(Device(0), 0)?;
                let context = Context::primary(Device(0));
                world.context(Cx { context, ..cx })?
            }
        };
        let library = world.libraries.find(library)?;
        let variable = world.library_module(&library, &context)?.variable(name)?;
        let found = world.memory.map().find(variable.0.0);
        match found.is_some_and(|found| found.kind == AllocationKind::Managed) {
            true => Ok(variable),
            false => Err(CuError::NOT_FOUND),
        }
    }
}
