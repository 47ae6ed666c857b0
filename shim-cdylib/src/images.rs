//! Modules, libraries and their functions: images go out, what is known of functions comes back and
//! stays. Read [`ImageTable`] first.

use std::collections::HashMap;
use std::ffi::CStr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rigel_protocol::custom::{FunctionInfo, JitInput, JitOptions, LinkedImage};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Context, Function, Library, Module};
use rigel_protocol::link::image::{Linked, NamedLinkHead, put_inputs};
use rigel_protocol::link::{
    COLLECT_BYTES_MAX, FunctionRow, INLINE_BYTES_MAX, ImageHead, ImageName, LinkHead, Loaded,
    NamedHead, NamedImage, Payload, Transfer,
};
use rigel_protocol::wire::{Get, Put, Wire};
use rigel_protocol::{CuError, CuResult, Cx, Images};

use crate::bulk::{Bulk, Source};
use crate::functions::FunctionTable;
use crate::inbox::Sink;
use crate::remote::{Remote, Reply, Request, misread, ring_error};
use crate::session::Session;

/// Images of at least so many bytes go by their names, so that a server that keeps them need not be sent
/// them again: to hash one is then cheaper than to send it, or, on one host, than the memory for a copy.
const NAMED_BYTES_MIN: usize = 64 << 10;
const NAMED_BYTES_MIN_HERE: usize = 1 << 20;

/// The functions that the program has seen.
#[derive(Debug, Default)]
pub(crate) struct ImageTable {
    /// What is known of each.
    pub(crate) functions: FunctionTable,
    tables: RwLock<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    /// By module or library handle, and name.
    by_name: HashMap<(u64, Vec<u8>), Function>,
    /// The functions of kernels in contexts.
    of_kernel: HashMap<(u64, u64), Function>,
    /// Modules of each context, to forget them with it.
    modules: HashMap<u64, Context>,
}

impl ImageTable {
    /// Forgets what came from a module.
    pub(crate) fn forget_module(&self, module: Module) {
        self.write().modules.remove(&module.0);
        self.forget(module.0, |info| info.module == Some(module));
    }

    /// Forgets what came from a library.
    pub(crate) fn forget_library(&self, library: Library) {
        self.forget(library.0, |info| info.library == Some(library));
    }

    /// Forgets the modules of a context that has ended.
    pub(crate) fn end_of(&self, context: Context) {
        let gone: Vec<_> = {
            let tables = self.read();
            let of_context = tables
                .modules
                .iter()
                .filter(|(_, owner)| **owner == context);
            of_context.map(|(raw, _)| Module(*raw)).collect()
        };
        for module in gone {
            self.forget_module(module);
        }
        self.write()
            .of_kernel
            .retain(|(_, owner), _| *owner != context.0);
    }

    fn by_name(&self, owner: u64, name: &CStr) -> Option<Function> {
        let key = (owner, name.to_bytes().to_vec());
        self.read().by_name.get(&key).copied()
    }

    fn insert(&self, owner: u64, row: FunctionRow, origin: Origin) -> CuResult<Function> {
        let name = row.name.clone().into_bytes();
        let (module, library) = match origin {
            Origin::Module(module) => (Some(module), None),
            Origin::Library(library) => (None, Some(library)),
        };
        let (function, info) = row.into_info(module, library);
        let mut tables = self.write();
        self.functions.learn(function, info)?;
        tables.by_name.insert((owner, name), function);
        Ok(function)
    }

    fn forget(&self, owner: u64, came_from: impl Fn(&FunctionInfo) -> bool) {
        let mut tables = self.write();
        let gone = self.functions.forget(came_from);
        tables.by_name.retain(|(of, _), _| *of != owner);
        let is_gone = |kernel: u64| gone.iter().any(|function| function.0 == kernel);
        tables.of_kernel.retain(|(kernel, _), _| !is_gone(*kernel));
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a function came from.
#[derive(Clone, Copy, Debug)]
enum Origin {
    Module(Module),
    Library(Library),
}

impl Origin {
    fn raw(self) -> u64 {
        match self {
            Self::Module(module) => module.0,
            Self::Library(library) => library.0,
        }
    }

    fn named_call(self) -> Call {
        match self {
            Self::Module(_) => Call::MODULE_LOAD_NAMED,
            Self::Library(_) => Call::LIBRARY_LOAD_NAMED,
        }
    }
}

impl Images for Remote {
    fn module_load(
        &self,
        cx: Cx,
        image: &[u8],
        jit: &JitOptions,
    ) -> CuResult<(Module, LinkedImage)> {
        let module = self.mint::<Module>()?;
        let handle = module.handle();
        let logs = self.load(
            cx,
            Call::MODULE_LOAD,
            Origin::Module(handle),
            image,
            (jit, &[]),
        )?;
        let session = self.session()?;
        session.images.write().modules.insert(handle.0, cx.context);
        Ok((module.keep(), logs))
    }

    fn library_load(
        &self,
        cx: Cx,
        image: &[u8],
        jit: &JitOptions,
        options: &[(u32, u64)],
    ) -> CuResult<(Library, LinkedImage)> {
        let library = self.mint::<Library>()?;
        let origin = Origin::Library(library.handle());
        let logs = self.load(cx, Call::LIBRARY_LOAD, origin, image, (jit, options))?;
        Ok((library.keep(), logs))
    }

    fn link(&self, cx: Cx, inputs: &[JitInput], jit: &JitOptions) -> CuResult<LinkedImage> {
        let mut bytes = Put::new();
        put_inputs(&mut bytes, inputs);
        let session = self.session()?;
        let transfer = session.inbox.new_transfer();
        let waiter = session.inbox.slot(cx.thread)?;
        let sink = Sink::Gather {
            bytes: Vec::new(),
            max: COLLECT_BYTES_MAX,
            waiter: Arc::clone(waiter),
        };
        session.inbox.open_sink(transfer, sink);
        let linked = self
            .send_inputs(cx, bytes.as_slice(), jit, transfer)
            .and_then(|reply| {
                let linked = Linked::get(&mut Get::new(reply.rest())).map_err(misread)?;
                let bulk = linked.transfer().map_or(0, |transfer| transfer.bytes);
                if bulk > COLLECT_BYTES_MAX {
                    return Err(CuError::OUT_OF_MEMORY);
                }
                session
                    .inbox
                    .wait_bytes(waiter, transfer, bulk)
                    .map_err(|error| ring_error(session, &error))?;
                Ok(linked_image(&linked))
            });
        let gathered = session.inbox.close_sink(transfer);
        let mut linked = linked?;
        if let (true, Some(Sink::Gather { bytes, .. })) = (linked.image.is_empty(), gathered) {
            linked.image = bytes;
        }
        Ok(linked)
    }

    fn failed_logs(&self, cx: Cx) -> Option<LinkedImage> {
        let request = self.request(cx, Call::FAILED_LOGS).ok()?;
        let loaded: Loaded = self.wait(request).ok()?.take().ok()?;
        Some(LinkedImage {
            image: Vec::new(),
            info_log: loaded.info_log,
            error_log: loaded.error_log,
        })
    }

    fn module_function(&self, cx: Cx, module: Module, name: &CStr) -> CuResult<Function> {
        self.check(module)?;
        self.by_name(cx, Call::MODULE_FUNCTION, Origin::Module(module), name)
    }

    fn library_kernel(&self, cx: Cx, library: Library, name: &CStr) -> CuResult<Function> {
        self.check(library)?;
        self.by_name(cx, Call::LIBRARY_KERNEL, Origin::Library(library), name)
    }

    fn kernel_function(&self, cx: Cx, kernel: Function) -> CuResult<Function> {
        let session = self.session()?;
        let info = session.images.functions.info(kernel)?;
        let key = (kernel.0, cx.context.0);
        if let Some(function) = session.images.read().of_kernel.get(&key) {
            return Ok(*function);
        }
        let mut request = self.request(cx, Call::KERNEL_FUNCTION)?;
        request.put(&kernel);
        let mut reply = self.wait(request)?;
        let row: FunctionRow = reply.take()?;
        let (function, mut found) = row.into_info(info.module, info.library);
        found.params.clone_from(&info.params);
        let mut tables = session.images.write();
        session.images.functions.learn(function, found)?;
        tables.of_kernel.insert(key, function);
        Ok(function)
    }

    fn module_functions(&self, cx: Cx, module: Module) -> CuResult<Vec<Function>> {
        self.check(module)?;
        self.all_of(cx, Call::MODULE_FUNCTIONS, Origin::Module(module))
    }

    fn library_kernels(&self, cx: Cx, library: Library) -> CuResult<Vec<Function>> {
        self.check(library)?;
        self.all_of(cx, Call::LIBRARY_KERNELS, Origin::Library(library))
    }

    fn function_info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        self.session()?.images.functions.info(function)
    }

    fn with_function(
        &self,
        function: Function,
        look: &mut dyn FnMut(&FunctionInfo) -> CuResult<()>,
    ) -> CuResult<()> {
        let functions = &self.session()?.images.functions;
        functions.with(function, |info| look(info))?
    }

    fn function_set_attribute(
        &self,
        cx: Cx,
        function: Function,
        attribute: u32,
        value: i32,
    ) -> CuResult<()> {
        let session = self.session()?;
        let info = session.images.functions.info(function)?;
        let mut request = self.request(cx, Call::FUNCTION_SET_ATTRIBUTE)?;
        if is_set(&info, function, attribute, value) {
            request.recycle();
            return Ok(());
        }
        request.put(&function);
        request.put(&attribute);
        request.put(&value);
        self.wait(request)?.finish()?;
        let mut changed = FunctionInfo::clone(&info);
        if let Some(place) = changed.attributes.get_mut(attribute as usize) {
            *place = value;
        }
        session.images.functions.set(function, changed)?;
        // Occupancy depends on it.
        session.forget_cached_of(function.0);
        Ok(())
    }
}

/// Whether a function has this value already. Libraries set the shared memory that a kernel may use before
/// each of its launches; the rest is the worker's to say, and what a kernel has on which device.
fn is_set(info: &FunctionInfo, function: Function, attribute: u32, value: i32) -> bool {
    /// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES` and `..._PREFERRED_SHARED_MEMORY_CARVEOUT`.
    const SETTABLE: [u32; 2] = [8, 9];
    function.index().is_some()
        && SETTABLE.contains(&attribute)
        && info.attributes.get(attribute as usize) == Some(&value)
}

impl Remote {
    fn load(
        &self,
        cx: Cx,
        call: Call,
        origin: Origin,
        image: &[u8],
        (jit, options): (&JitOptions, &[(u32, u64)]),
    ) -> CuResult<LinkedImage> {
        let session = self.session()?;
        let mut reply = match goes_by_name(session, image) {
            true => self.send_named(cx, origin.named_call(), image, |image| NamedHead {
                handle: origin.raw(),
                jit: jit.clone(),
                options: options.to_vec(),
                image,
            })?,
            false => {
                let mut request = self.request(cx, call)?;
                let payload = payload(session, image);
                let head = ImageHead {
                    handle: origin.raw(),
                    jit: jit.clone(),
                    options: options.to_vec(),
                    image: payload,
                };
                head.put(&mut request);
                self.send_with(request, payload, image)?
            }
        };
        let loaded: Loaded = reply.take()?;
        for row in loaded.functions {
            session.images.insert(origin.raw(), row, origin)?;
        }
        Ok(LinkedImage {
            image: Vec::new(),
            info_log: loaded.info_log,
            error_log: loaded.error_log,
        })
    }

    /// Sends the inputs of a link, whose image may come back in a transfer of this number.
    fn send_inputs(
        &self,
        cx: Cx,
        inputs: &[u8],
        jit: &JitOptions,
        transfer: u64,
    ) -> CuResult<Reply> {
        let session = self.session()?;
        if goes_by_name(session, inputs) {
            return self.send_named(cx, Call::LINK_NAMED, inputs, |inputs| NamedLinkHead {
                jit: jit.clone(),
                inputs,
                transfer,
            });
        }
        let mut request = self.request(cx, Call::LINK)?;
        let payload = payload(session, inputs);
        let head = LinkHead {
            jit: jit.clone(),
            inputs: payload,
            transfer,
        };
        head.put(&mut request);
        self.send_with(request, payload, inputs)
    }

    /// Sends an image's name, and its bytes only if the server lacks them. The answer that is given back
    /// begins behind the word whether it does.
    fn send_named<T: Wire>(
        &self,
        cx: Cx,
        call: Call,
        image: &[u8],
        head: impl Fn(NamedImage) -> T,
    ) -> CuResult<Reply> {
        let mut named = NamedImage {
            name: ImageName::of(image),
            bytes: image.len() as u64,
            transfer: None,
        };
        let mut request = self.request(cx, call)?;
        request.put(&head(named));
        let mut reply = self.wait(request)?;
        if reply.take()? {
            return Ok(reply);
        }
        let mut request = self.request(cx, call)?;
        let transfer = request.session().inbox.new_transfer();
        named.transfer = Some(transfer);
        request.put(&head(named));
        let source = Source::Line(image);
        let mut reply = self.wait_with(request, Some(Bulk { transfer, source }))?;
        match reply.take()? {
            true => Ok(reply),
            // It has just been sent.
            false => Err(CuError::UNKNOWN),
        }
    }

    /// Sends a call whose bytes may be too many for its record.
    fn send_with(&self, request: Request, payload: Payload<'_>, bytes: &[u8]) -> CuResult<Reply> {
        let bulk = match payload {
            Payload::Inline(_) => None,
            Payload::Bulk(transfer) => Some(Bulk {
                transfer: transfer.number,
                source: Source::Line(bytes),
            }),
        };
        self.wait_with(request, bulk)
    }

    fn by_name(&self, cx: Cx, call: Call, origin: Origin, name: &CStr) -> CuResult<Function> {
        let session = self.session()?;
        if let Some(function) = session.images.by_name(origin.raw(), name) {
            return Ok(function);
        }
        let mut request = self.request(cx, call)?;
        request.put(&origin.raw());
        request.cstr(name);
        let mut reply = self.wait(request)?;
        let row: FunctionRow = reply.take()?;
        session.images.insert(origin.raw(), row, origin)
    }

    fn all_of(&self, cx: Cx, call: Call, origin: Origin) -> CuResult<Vec<Function>> {
        let session = self.session()?;
        let mut request = self.request(cx, call)?;
        request.put(&origin.raw());
        let mut reply = self.wait(request)?;
        let rows: Vec<FunctionRow> = reply.list()?;
        let insert = |row| session.images.insert(origin.raw(), row, origin);
        rows.into_iter().map(insert).collect()
    }
}

/// Whether an image is worth its hash.
fn goes_by_name(session: &Session, image: &[u8]) -> bool {
    let least = match session.control.is_local() {
        true => NAMED_BYTES_MIN_HERE,
        false => NAMED_BYTES_MIN,
    };
    image.len() >= least
}

fn payload<'a>(session: &Session, bytes: &'a [u8]) -> Payload<'a> {
    if bytes.len() <= INLINE_BYTES_MAX {
        return Payload::Inline(bytes);
    }
    Payload::Bulk(Transfer {
        number: session.inbox.new_transfer(),
        bytes: bytes.len() as u64,
    })
}

fn linked_image(linked: &Linked<'_>) -> LinkedImage {
    LinkedImage {
        image: match linked.image {
            Payload::Inline(bytes) => bytes.to_vec(),
            Payload::Bulk(_) => Vec::new(),
        },
        info_log: linked.info_log.clone(),
        error_log: linked.error_log.clone(),
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::Kernel;

    use super::*;

    #[test]
    fn attribute_that_has_its_value_is_set_for_functions_alone() {
        let mut info = FunctionInfo::default();
        info.attributes[8] = 65_536;
        let (function, kernel) = (Function::mint(9), Function(Kernel::mint(9).0));
        assert!(is_set(&info, function, 8, 65_536));
        assert!(!is_set(&info, function, 8, 65_537));
        assert!(!is_set(&info, kernel, 8, 65_536), "one value a device");
        assert!(!is_set(&info, function, 4, 0), "refused by the driver");
        assert!(!is_set(&info, function, 99, 0));
    }
}
