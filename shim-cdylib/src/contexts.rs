//! Contexts of the session: which there are, and on which device. Their stacks and reference counts
//! are the interposer's. Read [`ContextTable`] first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::link::{ContextBegin, context_word};
use rigel_protocol::{Contexts, CuError, CuResult, Cx, ThreadId};

use crate::remote::Remote;

/// The contexts that are alive. A primary one is known as long as its device is, active or not.
#[derive(Debug, Default)]
pub(crate) struct ContextTable {
    created: RwLock<HashMap<u64, Device>>,
    /// Those that a fault has ended, by the word that names them on the wire, with the fault's error.
    lost: RwLock<HashMap<u32, CuError>>,
    any_lost: AtomicBool,
    any_other: AtomicBool,
}

impl ContextTable {
    /// Whether there is such a context.
    pub(crate) fn is_known(&self, raw: u64) -> bool {
        self.device(Context(raw)).is_some()
    }

    /// The device of a context.
    pub(crate) fn device(&self, context: Context) -> Option<Device> {
        context.primary_device().or_else(|| {
            let created = self.created.read().unwrap_or_else(PoisonError::into_inner);
            created.get(&context.0).copied()
        })
    }

    /// Whether there ever was a context but device 0's primary one.
    #[inline]
    pub(crate) fn any_is_other(&self) -> bool {
        self.any_other.load(Ordering::Relaxed)
    }

    /// Whether a fault has ended any context.
    #[inline]
    pub(crate) fn any_is_lost(&self) -> bool {
        self.any_lost.load(Ordering::Relaxed)
    }

    /// Refuses a call in a context that a fault has ended: CUDA says so to every later call, and a posted
    /// one could not be told in time.
    #[inline]
    pub(crate) fn check_alive(&self, context: u32, call: Call) -> CuResult<()> {
        match self.any_is_lost() {
            true => self.refuse_if_lost(context, call),
            false => Ok(()),
        }
    }

    #[cold]
    fn refuse_if_lost(&self, context: u32, call: Call) -> CuResult<()> {
        if outlives_contexts(call) {
            return Ok(());
        }
        let lost = self.lost.read().unwrap_or_else(PoisonError::into_inner);
        lost.get(&context).copied().map_or(Ok(()), Err)
    }

    /// Notes how a call in this context ended: some errors end the context.
    pub(crate) fn note(&self, context: u32, error: CuError) {
        if error.is_sticky() && context != 0 {
            let mut lost = self.lost.write().unwrap_or_else(PoisonError::into_inner);
            lost.entry(context).or_insert(error);
            self.any_lost.store(true, Ordering::Relaxed);
        }
    }

    /// A context is gone, or begins anew.
    fn forget_loss(&self, context: Context) {
        if let Some(word) = context_word(context) {
            let mut lost = self.lost.write().unwrap_or_else(PoisonError::into_inner);
            lost.remove(&word);
        }
    }

    fn insert(&self, context: Context, device: Device) {
        let mut created = self.created.write().unwrap_or_else(PoisonError::into_inner);
        created.insert(context.0, device);
        self.any_other.store(true, Ordering::Relaxed);
    }

    fn remove(&self, context: Context) -> bool {
        let mut created = self.created.write().unwrap_or_else(PoisonError::into_inner);
        created.remove(&context.0).is_some()
    }
}

/// Whether a call is made on behalf of the process, or is what ends a lost context.
fn outlives_contexts(call: Call) -> bool {
    matches!(
        call,
        Call::PRIMARY_ACTIVATE
            | Call::PRIMARY_RESET
            | Call::CONTEXT_CREATE
            | Call::CONTEXT_DESTROY
            | Call::THREAD_END
            | Call::HOST_RETURNED
    )
}

impl Contexts for Remote {
    fn primary_activate(&self, device: Device, flags: u32) -> CuResult<()> {
        let begin = ContextBegin {
            context: Context::primary(device),
            device,
            flags,
        };
        if device != Device(0) {
            let contexts = &self.session()?.contexts;
            contexts.any_other.store(true, Ordering::Relaxed);
        }
        self.begin(Call::PRIMARY_ACTIVATE, begin)
    }

    fn primary_reset(&self, device: Device) -> CuResult<()> {
        let context = Context::primary(device);
        let mut request = self.request(caller(context), Call::PRIMARY_RESET)?;
        request.put(&device);
        self.wait(request)?.finish()?;
        self.end_of(context)
    }

    fn context_create(&self, device: Device, flags: u32) -> CuResult<Context> {
        let context = self.mint::<Context>()?;
        let begin = ContextBegin {
            context: context.handle(),
            device,
            flags,
        };
        self.begin(Call::CONTEXT_CREATE, begin)?;
        let context = context.keep();
        self.session()?.contexts.insert(context, device);
        Ok(context)
    }

    fn context_destroy(&self, context: Context) -> CuResult<()> {
        if !self.session()?.contexts.remove(context) {
            return Err(CuError::INVALID_CONTEXT);
        }
        let mut request = self.request(caller(context), Call::CONTEXT_DESTROY)?;
        request.put(&context);
        let result = self.wait(request).and_then(|reply| reply.finish());
        self.end_of(context)?;
        self.retire(context);
        result
    }
}

impl Remote {
    fn begin(&self, call: Call, begin: ContextBegin) -> CuResult<()> {
        let mut request = self.request(caller(Context::NONE), call)?;
        request.put(&begin);
        self.wait(request)?.finish()
    }

    /// What a context held is gone with it.
    fn end_of(&self, context: Context) -> CuResult<()> {
        let session = self.session()?;
        session.contexts.forget_loss(context);
        for stream in session.streams.end_of(context) {
            session.handles.retire(stream);
        }
        session.managed.end_of(context);
        let held = session.allocations.end_of(context);
        self.end_pinned_of(session, context, &held);
        session.images.end_of(context);
        session.forget_cached();
        Ok(())
    }
}

/// Contexts begin and end whoever calls: the calling thread needs no number here, but its answers do.
fn caller(context: Context) -> Cx {
    Cx {
        context,
        thread: thread_number(),
    }
}

/// A number for threads that call without a `Cx`: one for each.
pub(crate) fn thread_number() -> ThreadId {
    thread_local! {
        static NUMBER: ThreadId = new_thread_number();
    }
    NUMBER
        .try_with(|number| *number)
        .unwrap_or(ThreadId(u16::MAX.into()))
}

/// A number that no thread has, far from the interposer's.
pub(crate) fn new_thread_number() -> ThreadId {
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The interposer counts from 1 up. The highest is for threads that are ending.
    static NEXT: AtomicU32 = AtomicU32::new(u16::MAX as u32 - 1);
    ThreadId(NEXT.fetch_sub(1, Ordering::Relaxed))
}
