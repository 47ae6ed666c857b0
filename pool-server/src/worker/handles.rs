//! The client's handles and what they stand for. It asks no driver. Read [`Handles`] first.
//!
//! 1. A client mints the numbers of what it creates, the worker those of functions and of what the
//!    driver hands out by itself. A number of another kind, of nothing, or beyond [`HANDLES_MAX`] is
//!    `CUDA_ERROR_INVALID_HANDLE`.
//! 2. Handles are translated when their call's turn comes in ring order, also those of calls that then
//!    wait: what a later record destroys was still there.
//! 3. What belongs to a context goes with it.
//! 4. The lock is never held across a call into a driver.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::call::ThreadId;
use rigel_protocol::handle::{Context, Function, Handle, HandleKind, Kernel, Stream};
use rigel_protocol::{CuError, CuResult};

/// Most handles of a kind that a session may hold at a time.
pub(super) const HANDLES_MAX: usize = 1 << 20;

/// First index of the numbers that the worker mints.
pub(super) const SERVER_MINTED: u32 = 1 << 31;

/// So many places must be vacant before the first is used again.
const FREED_MIN: usize = 1024;

/// Bits of a handle below its kind.
const KIND_SHIFT: u32 = 40;
/// One more than the highest number of a kind.
const KINDS: usize = 24;

/// All handles of a session.
#[derive(Debug, Default)]
pub(super) struct Handles {
    inner: Mutex<Inner>,
}

/// Whose functions these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A module, by the client's handle.
    Module(u64),
    /// A library, by the client's handle.
    Library(u64),
}

/// How a function may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FunctionKind {
    /// In the context it was found in.
    Function,
    /// In every context: a library's.
    Kernel,
}

/// A function as the driver knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoadedFunction {
    /// The driver's handle: a function, or a library's kernel.
    pub(super) real: Function,
    /// Length of its parameter buffer.
    pub(super) param_bytes: usize,
}

/// What a function's number stands for in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundFunction {
    /// This function.
    Function(LoadedFunction),
    /// A kernel whose function in the context is to be asked for, and then given to
    /// [`Handles::learn_function`].
    Kernel(LoadedFunction),
}

#[derive(Debug, Default)]
struct Inner {
    minted: [Vec<Slot>; KINDS],
    named: [Vec<Slot>; KINDS],
    /// Vacant places of `named`, oldest first.
    freed: [VecDeque<u32>; KINDS],
    names: HashMap<(HandleKind, u64), u64>,
    functions: Vec<Option<FunctionSlot>>,
    function_names: HashMap<(FunctionKind, u64), u32>,
    default_streams: HashMap<(Context, ThreadId), Stream>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// The driver's handle; 0 is vacant.
    real: u64,
    /// The context it was made in; [`Context::NONE`] if it needs none.
    context: u64,
}

#[derive(Clone, Debug)]
struct FunctionSlot {
    kind: FunctionKind,
    owner: Owner,
    context: Context,
    loaded: LoadedFunction,
    in_contexts: Vec<(Context, Function)>,
}

impl Handles {
    /// The driver's handle; null stays null.
    pub(super) fn real<T: Handle>(&self, client: T) -> CuResult<T> {
        if client.raw() == 0 {
            return Ok(client);
        }
        let inner = self.lock();
        inner
            .slot(T::KIND, client.raw())
            .map(|slot| T::from_raw(slot.real))
    }

    /// As [`Self::real`], and forgets it.
    pub(super) fn take<T: Handle>(&self, client: T) -> CuResult<T> {
        let mut inner = self.lock();
        let real = inner.slot(T::KIND, client.raw())?.real;
        inner.vacate(T::KIND, client.raw(), real);
        match T::KIND {
            HandleKind::Module => inner.forget_functions(Owner::Module(client.raw())),
            HandleKind::Library => inner.forget_functions(Owner::Library(client.raw())),
            _ => {}
        }
        Ok(T::from_raw(real))
    }

    /// Whether a number that the client minted may be given a handle.
    pub(super) fn check_vacant<T: Handle>(&self, client: T) -> CuResult<()> {
        let index = index_of(T::KIND, client.raw()).ok_or(CuError::INVALID_HANDLE)? as usize;
        if index >= HANDLES_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        match self.lock().minted[T::KIND as usize].get(index) {
            Some(slot) if slot.real != 0 => Err(CuError::INVALID_HANDLE),
            _ => Ok(()),
        }
    }

    /// Gives a number that the client minted to a driver's handle.
    pub(super) fn bind<T: Handle>(&self, client: T, real: T, context: Context) -> CuResult<()> {
        self.check_vacant(client)?;
        let index = index_of(T::KIND, client.raw()).ok_or(CuError::INVALID_HANDLE)? as usize;
        let mut inner = self.lock();
        let slots = &mut inner.minted[T::KIND as usize];
        if slots.len() <= index {
            slots.resize(index + 1, Slot::default());
        }
        slots[index] = Slot {
            real: real.raw(),
            context: context.0,
        };
        Ok(())
    }

    /// The number of a handle that the driver has handed out by itself: always the same one.
    pub(super) fn name<T: Handle>(&self, real: T, context: Context) -> CuResult<T> {
        if real.raw() == 0 {
            return Ok(real);
        }
        let mut inner = self.lock();
        if let Some(&client) = inner.names.get(&(T::KIND, real.raw())) {
            return Ok(T::from_raw(client));
        }
        if let Some(index) = inner.minted[T::KIND as usize]
            .iter()
            .position(|s| s.real == real.raw())
        {
            return Ok(T::mint(index as u32));
        }
        let index = inner.free_named(T::KIND)?;
        inner.named[T::KIND as usize][index] = Slot {
            real: real.raw(),
            context: context.0,
        };
        let client = T::mint(SERVER_MINTED + index as u32);
        inner.names.insert((T::KIND, real.raw()), client.raw());
        Ok(client)
    }

    /// Whether a handle of this kind has ever been numbered here.
    pub(super) fn names_any<T: Handle>(&self) -> bool {
        !self.lock().named[T::KIND as usize].is_empty()
    }

    /// Forgets the numbers of what the driver has handed out and is about to take back.
    pub(super) fn forget_named<T: Handle>(&self, gone: &[T]) {
        let mut inner = self.lock();
        for real in gone {
            if let Some(&client) = inner.names.get(&(T::KIND, real.raw())) {
                inner.vacate(T::KIND, client, real.raw());
            }
        }
    }

    /// The number of a function or kernel that the driver names.
    pub(super) fn client_function(&self, real: Function) -> Option<Function> {
        let inner = self.lock();
        let named = |kind| inner.function_names.get(&(kind, real.0)).copied();
        if let Some(index) = named(FunctionKind::Function) {
            return Some(Function::mint(index));
        }
        let kernel = |index: u32| Function(Kernel::mint(index).0);
        if let Some(index) = named(FunctionKind::Kernel) {
            return Some(kernel(index));
        }
        let is_its = |slot: &FunctionSlot| slot.in_contexts.iter().any(|(_, found)| *found == real);
        let index = inner
            .functions
            .iter()
            .position(|slot| slot.as_ref().is_some_and(is_its))?;
        Some(kernel(SERVER_MINTED + index as u32))
    }

    /// The number of a function: always the same one.
    pub(super) fn name_function(
        &self,
        kind: FunctionKind,
        owner: Owner,
        context: Context,
        loaded: LoadedFunction,
    ) -> CuResult<Function> {
        let mut inner = self.lock();
        let key = (kind, loaded.real.0);
        let index = match inner.function_names.get(&key) {
            Some(&index) => index,
            None if inner.functions.len() >= HANDLES_MAX => return Err(CuError::OUT_OF_MEMORY),
            None => {
                let context = match kind {
                    FunctionKind::Function => context,
                    FunctionKind::Kernel => Context::NONE,
                };
                let in_contexts = Vec::new();
                let slot = FunctionSlot {
                    kind,
                    owner,
                    context,
                    loaded,
                    in_contexts,
                };
                inner.functions.push(Some(slot));
                let index = SERVER_MINTED + (inner.functions.len() - 1) as u32;
                inner.function_names.insert(key, index);
                index
            }
        };
        Ok(match kind {
            FunctionKind::Function => Function::mint(index),
            FunctionKind::Kernel => Function(Kernel::mint(index).0),
        })
    }

    /// Whose a function or kernel is.
    pub(super) fn owner(&self, client: Function) -> CuResult<Owner> {
        self.lock().function(client).map(|slot| slot.owner)
    }

    /// What a function's or kernel's number stands for in a context.
    pub(super) fn function(&self, client: Function, context: Context) -> CuResult<FoundFunction> {
        let inner = self.lock();
        let slot = inner.function(client)?;
        if slot.kind == FunctionKind::Function {
            return Ok(FoundFunction::Function(slot.loaded));
        }
        let known = slot.in_contexts.iter().find(|(of, _)| *of == context);
        Ok(match known {
            Some(&(_, real)) => FoundFunction::Function(LoadedFunction {
                real,
                ..slot.loaded
            }),
            None => FoundFunction::Kernel(slot.loaded),
        })
    }

    /// Remembers a kernel's function in a context.
    pub(super) fn learn_function(&self, client: Function, context: Context, real: Function) {
        let mut inner = self.lock();
        let index = function_index(client);
        if let Some(Some(slot)) = index.and_then(|index| inner.functions.get_mut(index)) {
            slot.in_contexts.push((context, real));
        }
    }

    /// The default stream of a client thread in a context, if there is one yet.
    pub(super) fn default_stream(&self, context: Context, thread: ThreadId) -> Option<Stream> {
        self.lock().default_streams.get(&(context, thread)).copied()
    }

    /// Remembers a default stream. Fails if there are too many.
    pub(super) fn set_default_stream(
        &self,
        context: Context,
        thread: ThreadId,
        stream: Stream,
    ) -> CuResult<()> {
        let mut inner = self.lock();
        if inner.default_streams.len() >= HANDLES_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        inner.default_streams.insert((context, thread), stream);
        Ok(())
    }

    /// The default streams of an ended thread, forgotten here.
    pub(super) fn take_default_streams(&self, thread: ThreadId) -> Vec<(Context, Stream)> {
        let mut inner = self.lock();
        let mut taken = Vec::new();
        inner.default_streams.retain(|&(context, of), &mut stream| {
            if of == thread {
                taken.push((context, stream));
            }
            of != thread
        });
        taken
    }

    /// Forgets what was made in a context that ends.
    pub(super) fn forget_context(&self, context: Context) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        for slot in inner.minted.iter_mut().chain(&mut inner.named).flatten() {
            if slot.context == context.0 {
                *slot = Slot::default();
            }
        }
        let Inner {
            names,
            named,
            functions,
            function_names,
            default_streams,
            ..
        } = inner;
        names.retain(|(kind, real), client| {
            let index = index_of(*kind, *client).map(|index| (index - SERVER_MINTED) as usize);
            let slot = index.and_then(|index| named[*kind as usize].get(index));
            slot.is_some_and(|slot| slot.real == *real)
        });
        for slot in functions.iter_mut() {
            if slot
                .as_ref()
                .is_some_and(|function| function.context == context)
            {
                *slot = None;
            } else if let Some(function) = slot {
                function.in_contexts.retain(|(of, _)| *of != context);
            }
        }
        function_names.retain(|_, index| is_there(functions, *index));
        default_streams.retain(|(of, _), _| *of != context);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is a single step: a panic elsewhere leaves the tables whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn slot(&self, kind: HandleKind, client: u64) -> CuResult<Slot> {
        let index = index_of(kind, client).ok_or(CuError::INVALID_HANDLE)?;
        let slot = match index.checked_sub(SERVER_MINTED) {
            Some(index) => self.named[kind as usize].get(index as usize),
            None => self.minted[kind as usize].get(index as usize),
        };
        slot.copied()
            .filter(|slot| slot.real != 0)
            .ok_or(CuError::INVALID_HANDLE)
    }

    /// A vacant place among the handles numbered here. One is used again only after many others were
    /// freed, so that stale numbers are noticed.
    fn free_named(&mut self, kind: HandleKind) -> CuResult<usize> {
        let freed = &mut self.freed[kind as usize];
        if freed.len() > FREED_MIN
            && let Some(index) = freed.pop_front()
        {
            return Ok(index as usize);
        }
        let slots = &mut self.named[kind as usize];
        if slots.len() >= HANDLES_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        slots.push(Slot::default());
        Ok(slots.len() - 1)
    }

    fn vacate(&mut self, kind: HandleKind, client: u64, real: u64) {
        let Some(index) = index_of(kind, client) else {
            return;
        };
        let slot = match index.checked_sub(SERVER_MINTED) {
            Some(index) => {
                self.freed[kind as usize].push_back(index);
                self.named[kind as usize].get_mut(index as usize)
            }
            None => self.minted[kind as usize].get_mut(index as usize),
        };
        if let Some(slot) = slot {
            *slot = Slot::default();
        }
        self.names.remove(&(kind, real));
    }

    fn function(&self, client: Function) -> CuResult<&FunctionSlot> {
        let slot = function_index(client).and_then(|index| self.functions.get(index));
        slot.and_then(Option::as_ref).ok_or(CuError::INVALID_HANDLE)
    }

    fn forget_functions(&mut self, owner: Owner) {
        for slot in &mut self.functions {
            if slot
                .as_ref()
                .is_some_and(|function| function.owner == owner)
            {
                *slot = None;
            }
        }
        let Self {
            functions,
            function_names,
            ..
        } = self;
        function_names.retain(|_, index| is_there(functions, *index));
    }
}

fn is_there(functions: &[Option<FunctionSlot>], index: u32) -> bool {
    let slot = index
        .checked_sub(SERVER_MINTED)
        .and_then(|index| functions.get(index as usize));
    slot.is_some_and(Option::is_some)
}

fn index_of(kind: HandleKind, client: u64) -> Option<u32> {
    if client >> KIND_SHIFT != kind as u64 {
        return None;
    }
    let low = client & ((1 << KIND_SHIFT) - 1);
    low.checked_sub(1)
        .and_then(|index| u32::try_from(index).ok())
}

fn function_index(client: Function) -> Option<usize> {
    let index = index_of(HandleKind::Function, client.0);
    let index = index.or_else(|| index_of(HandleKind::Kernel, client.0))?;
    index.checked_sub(SERVER_MINTED).map(|index| index as usize)
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::{Event, Kernel, Library, MemPool, Module};

    use super::*;

    const CONTEXT: Context = Context::mint(0);
    const OTHER: Context = Context::mint(70);

    fn kernel(real: u64) -> LoadedFunction {
        LoadedFunction {
            real: Function(real),
            param_bytes: 8,
        }
    }

    #[test]
    fn handle_of_nothing_or_another_kind_is_invalid() {
        let handles = Handles::default();
        handles.bind(Stream::mint(3), Stream(77), CONTEXT).unwrap();
        assert_eq!(handles.real(Stream::mint(3)), Ok(Stream(77)));
        assert_eq!(handles.real(Stream::NONE), Ok(Stream::NONE));
        for raw in [
            3,
            u64::MAX,
            Stream::mint(2).0,
            Stream::mint(u32::MAX).0,
            Event::mint(3).0,
        ] {
            assert_eq!(
                handles.real(Stream(raw)),
                Err(CuError::INVALID_HANDLE),
                "{raw:#x}"
            );
        }
        assert_eq!(
            handles.real(Event(Stream::mint(3).0)),
            Err(CuError::INVALID_HANDLE)
        );
    }

    #[test]
    fn number_in_use_or_beyond_the_limit_is_refused() {
        let handles = Handles::default();
        handles.bind(Event::mint(0), Event(1), CONTEXT).unwrap();
        let again = handles.bind(Event::mint(0), Event(2), CONTEXT);
        assert_eq!(again, Err(CuError::INVALID_HANDLE));
        let last = Event::mint(HANDLES_MAX as u32 - 1);
        handles.bind(last, Event(3), CONTEXT).unwrap();
        let beyond = Event::mint(HANDLES_MAX as u32);
        assert_eq!(
            handles.bind(beyond, Event(3), CONTEXT),
            Err(CuError::OUT_OF_MEMORY)
        );
        assert_eq!(handles.check_vacant(Event(5)), Err(CuError::INVALID_HANDLE));
    }

    #[test]
    fn handle_taken_is_gone_and_its_number_free() {
        let handles = Handles::default();
        handles.bind(Event::mint(0), Event(9), CONTEXT).unwrap();
        assert_eq!(handles.take(Event::mint(0)), Ok(Event(9)));
        assert_eq!(handles.take(Event::mint(0)), Err(CuError::INVALID_HANDLE));
        handles.bind(Event::mint(0), Event(10), CONTEXT).unwrap();
    }

    #[test]
    fn named_handle_is_the_same_each_time() {
        let handles = Handles::default();
        let pool = handles.name(MemPool(500), Context::NONE).unwrap();
        assert_eq!(pool, MemPool::mint(SERVER_MINTED));
        assert_eq!(handles.name(MemPool(500), Context::NONE), Ok(pool));
        assert_eq!(handles.real(pool), Ok(MemPool(500)));
        handles
            .bind(MemPool::mint(4), MemPool(600), CONTEXT)
            .unwrap();
        assert_eq!(handles.name(MemPool(600), CONTEXT), Ok(MemPool::mint(4)));
    }

    #[test]
    fn kernel_is_asked_once_a_context() {
        let handles = Handles::default();
        let owner = Owner::Library(Library::mint(0).0);
        let name = |loaded| {
            handles
                .name_function(FunctionKind::Kernel, owner, Context::NONE, loaded)
                .unwrap()
        };
        let (first, second) = (name(kernel(1)), name(kernel(2)));
        assert_eq!(first, Function(Kernel::mint(SERVER_MINTED).0));
        assert_eq!(name(kernel(1)), first);
        assert_eq!(
            handles.function(second, CONTEXT),
            Ok(FoundFunction::Kernel(kernel(2)))
        );
        handles.learn_function(second, CONTEXT, Function(99));
        assert_eq!(
            handles.function(second, CONTEXT),
            Ok(FoundFunction::Function(kernel(99)))
        );
        assert_eq!(
            handles.function(second, OTHER),
            Ok(FoundFunction::Kernel(kernel(2)))
        );
        assert_eq!(handles.owner(first), Ok(owner));
    }

    #[test]
    fn functions_go_with_their_module() {
        let handles = Handles::default();
        handles.bind(Module::mint(0), Module(5), CONTEXT).unwrap();
        let owner = Owner::Module(Module::mint(0).0);
        let name = || {
            handles
                .name_function(FunctionKind::Function, owner, CONTEXT, kernel(1))
                .unwrap()
        };
        let function = name();
        assert!(handles.function(function, CONTEXT).is_ok());
        handles.take(Module::mint(0)).unwrap();
        assert_eq!(
            handles.function(function, CONTEXT),
            Err(CuError::INVALID_HANDLE)
        );
        assert_ne!(name(), function);
    }

    #[test]
    fn context_takes_what_was_made_in_it() {
        let handles = Handles::default();
        handles.bind(Stream::mint(0), Stream(5), CONTEXT).unwrap();
        handles.bind(Stream::mint(1), Stream(6), OTHER).unwrap();
        handles
            .set_default_stream(CONTEXT, ThreadId(1), Stream(7))
            .unwrap();
        let pool = handles.name(MemPool(500), CONTEXT).unwrap();
        handles.forget_context(CONTEXT);
        assert_eq!(handles.real(Stream::mint(0)), Err(CuError::INVALID_HANDLE));
        assert_eq!(handles.real(Stream::mint(1)), Ok(Stream(6)));
        assert_eq!(handles.default_stream(CONTEXT, ThreadId(1)), None);
        assert_eq!(handles.real(pool), Err(CuError::INVALID_HANDLE));
        assert_ne!(handles.name(MemPool(500), CONTEXT), Ok(pool));
    }
}
