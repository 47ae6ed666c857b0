//! One call on its way from a record to the driver: decoding, translation of handles, charges,
//! results. It decides nothing about order. Read [`Issue`] first; the generated dispatch is written
//! against it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use rigel_protocol::call::Cx;
use rigel_protocol::handle::{Context, Function, Handle, HandleKind, Stream};
use rigel_protocol::wire::{Get, Put, Wire, WireError};
use rigel_protocol::{CuError, CuResult, Driver};

pub(super) use super::fault::Fault;

use super::charge::Charge;
use super::gate::Work;
use super::handles::{FoundFunction, LoadedFunction};
use super::landing::Landing;
use super::session::{Caller, Session};
use super::upload::Upload;

/// Launch attributes whose value begins with an event.
const EVENT_ATTRIBUTES: [u32; 2] = [7, 12];

/// The part of a call that may wait for the GPU.
pub(super) type Later = Box<dyn FnOnce(&dyn Driver, &mut Results<'_>) -> Result<(), Fault> + Send>;

/// A call being issued.
pub(super) struct Issue<'a> {
    results: Results<'a>,
    args: Get<'a>,
    /// What is left to do where waiting is allowed.
    pub(super) later: Option<Later>,
    /// What is left to do as bytes come.
    pub(super) landing: Option<Landing>,
    /// Bytes that follow the record.
    pub(super) upload: &'a mut Upload,
}

/// The results of a call, and the session they belong to.
pub(super) struct Results<'a> {
    session: &'a Arc<Session>,
    caller: Caller,
    out: Put,
}

impl<'a> Deref for Issue<'a> {
    type Target = Results<'a>;

    fn deref(&self) -> &Results<'a> {
        &self.results
    }
}

impl DerefMut for Issue<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.results
    }
}

impl<'a> Issue<'a> {
    /// A call whose arguments are these bytes, a copy of the record's.
    pub(super) fn new(
        session: &'a Arc<Session>,
        caller: Caller,
        args: &'a [u8],
        out: Put,
        upload: &'a mut Upload,
    ) -> Self {
        let results = Results {
            session,
            caller,
            out,
        };
        Self {
            results,
            args: Get::new(args),
            later: None,
            landing: None,
            upload,
        }
    }

    /// What was put, and what is left to do.
    pub(super) fn into_parts(self) -> (Put, Option<Later>, Option<Landing>) {
        (self.results.out, self.later, self.landing)
    }

    /// The record's bytes.
    pub(super) fn args(&mut self) -> &mut Get<'a> {
        &mut self.args
    }

    /// Reads a value.
    pub(super) fn get<T: Wire>(&mut self) -> Result<T, Fault> {
        Ok(self.args.get()?)
    }

    /// Reads a list.
    pub(super) fn list<T: Wire>(&mut self) -> Result<Vec<T>, Fault> {
        Ok(self.args.list()?)
    }

    /// Reads a string.
    pub(super) fn cstring(&mut self) -> Result<std::ffi::CString, Fault> {
        Ok(self.args.cstring()?)
    }

    /// Reads a handle and translates it.
    pub(super) fn handle<T: Handle>(&mut self) -> Result<T, Fault> {
        let client: T = self.args.get()?;
        Ok(self.session().handles.real(client)?)
    }

    /// Reads handles and translates them.
    pub(super) fn handles<T: Handle>(&mut self) -> Result<Vec<T>, Fault> {
        let clients: Vec<T> = self.args.list()?;
        let real = clients
            .into_iter()
            .map(|client| self.session().handles.real(client));
        Ok(real.collect::<CuResult<_>>()?)
    }

    /// Reads the handle of what is destroyed: it is forgotten whether or not the driver succeeds, as
    /// the client has forgotten it.
    pub(super) fn gone_handle<T: Handle>(&mut self) -> Result<T, Fault> {
        let client: T = self.args.get()?;
        let real = self.session().handles.take(client)?;
        if T::KIND == HandleKind::Stream {
            self.session().recent.lose(Stream(real.raw()));
        }
        Ok(real)
    }

    /// Reads a context's handle and translates it.
    pub(super) fn context(&mut self) -> Result<Context, Fault> {
        let client: Context = self.args.get()?;
        Ok(self.session().real_context(client)?)
    }

    /// Reads a stream and translates it.
    pub(super) fn stream(&mut self) -> Result<Stream, Fault> {
        let client: Stream = self.args.get()?;
        Ok(self.real_stream(client)?)
    }

    /// Reads a function or kernel and translates it to the function in the current context.
    pub(super) fn function(&mut self) -> Result<Function, Fault> {
        let client: Function = self.args.get()?;
        Ok(self.real_function(client)?.real)
    }

    /// Checks that the record ends here.
    pub(super) fn end_of_record(&self) -> Result<(), Fault> {
        Ok(self.args.finish()?)
    }

    /// Leaves the rest of the call to the waiter of the calling thread.
    pub(super) fn later(
        &mut self,
        rest: impl FnOnce(&dyn Driver, &mut Results<'_>) -> Result<(), Fault> + Send + 'static,
    ) -> Result<(), Fault> {
        self.later = Some(Box::new(rest));
        Ok(())
    }
}

impl Issue<'_> {
    /// Leaves the rest of the call to the bytes that come.
    pub(super) fn land(&mut self, landing: Landing) -> Result<(), Fault> {
        self.landing = Some(landing);
        Ok(())
    }
}

impl<'a> Results<'a> {
    /// The results of a call that goes on elsewhere.
    pub(super) fn new(session: &'a Arc<Session>, caller: Caller, out: Put) -> Self {
        Self {
            session,
            caller,
            out,
        }
    }

    /// What was put.
    pub(super) fn into_put(self) -> Put {
        self.out
    }

    /// The session.
    pub(super) fn session(&self) -> &'a Arc<Session> {
        self.session
    }

    /// The driver.
    pub(super) fn driver(&self) -> &'a dyn Driver {
        &*self.session.driver
    }

    /// Who made the call.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The caller's side of the call, for the driver.
    pub(super) fn cx(&self) -> Cx {
        self.caller.cx()
    }

    /// Writes a result.
    pub(super) fn put<T: Wire>(&mut self, value: &T) {
        self.out.put(value);
    }

    /// Writes bytes after their number.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        self.out.bytes(bytes);
    }

    /// Writes a list.
    pub(super) fn put_list<T: Wire>(&mut self, items: &[T]) {
        self.out.list(items);
    }

    /// Writes with a function of the caller's.
    pub(super) fn put_with(&mut self, write: impl FnOnce(&mut Put)) {
        write(&mut self.out);
    }

    /// Gives the client's number to what was created.
    pub(super) fn create<T: Handle>(&mut self, client: T, real: T) -> Result<(), Fault> {
        Ok(self
            .session
            .handles
            .bind(client, real, self.caller.context)?)
    }

    /// The number of a handle that the driver handed out by itself.
    pub(super) fn client_handle<T: Handle>(&self, real: T) -> CuResult<T> {
        self.session.handles.name(real, self.caller.context)
    }

    /// Writes the number of a handle that the driver handed out by itself.
    pub(super) fn put_handle<T: Handle>(&mut self, real: T) -> Result<(), Fault> {
        let client = self.client_handle(real)?;
        self.out.put(&client);
        Ok(())
    }

    /// Writes the numbers of several.
    pub(super) fn put_handles<T: Handle>(&mut self, real: &[T]) -> Result<(), Fault> {
        let name = |&real| self.session.handles.name(real, self.caller.context);
        let clients: Vec<T> = real.iter().map(name).collect::<CuResult<_>>()?;
        self.out.list(&clients);
        Ok(())
    }

    /// Waits until work may be issued to a stream's GPU. For the issue thread.
    pub(super) fn pass(&self, stream: Stream, work: impl Fn() -> Work) {
        self.session
            .gates
            .pass(self.session, self.cx(), stream, work);
    }

    /// Charges bytes to the quota of the current context's GPU.
    pub(super) fn charge(&self, bytes: u64) -> Result<Charge<'a>, Fault> {
        let gpu = self.session.gpu_of(self.caller.context)?;
        Ok(self.session.charges.charge(gpu, bytes)?)
    }

    /// Enters a charge under what was allocated.
    pub(super) fn keep(&self, charge: Charge<'_>, allocation: u64) {
        charge.keep(allocation, self.caller.context);
    }

    /// Gives back what was charged for something that is freed.
    pub(super) fn refund(&self, allocation: u64) {
        self.session.charges.refund(allocation);
        self.session.exports.memory_freed(allocation);
    }

    /// The driver's stream. A thread's default stream is made when it is first used.
    /// For the issue thread.
    pub(super) fn real_stream(&self, client: Stream) -> CuResult<Stream> {
        let stream = match client {
            Stream::NONE | Stream::LEGACY => Stream::LEGACY,
            Stream::PER_THREAD => self.default_stream()?,
            client => self.session.handles.real(client)?,
        };
        let Caller { context, call, .. } = self.caller;
        self.session.recent.note(context, stream);
        self.session
            .gates
            .before(self.session, self.cx(), stream, call);
        Ok(stream)
    }

    fn default_stream(&self) -> CuResult<Stream> {
        let Caller {
            context, thread, ..
        } = self.caller;
        if context.is_none() {
            return Err(CuError::INVALID_CONTEXT);
        }
        let handles = &self.session.handles;
        if let Some(stream) = handles.default_stream(context, thread) {
            return Ok(stream);
        }
        let stream = self.driver().stream_create(self.cx(), 0)?;
        handles.set_default_stream(context, thread, stream)?;
        Ok(stream)
    }

    /// The driver's function in the current context.
    pub(super) fn real_function(&self, client: Function) -> CuResult<LoadedFunction> {
        let context = self.caller.context;
        match self.session.handles.function(client, context)? {
            FoundFunction::Function(function) => Ok(function),
            FoundFunction::Kernel(kernel) => {
                let real = self.driver().kernel_function(self.cx(), kernel.real)?;
                self.session.handles.learn_function(client, context, real);
                self.session.last_kernel.same(kernel.real, real);
                Ok(LoadedFunction { real, ..kernel })
            }
        }
    }

    /// Launch attributes with the driver's handles in them.
    pub(super) fn real_attributes(&self, attributes: &mut [(u32, [u8; 64])]) -> Result<(), Fault> {
        for (number, value) in attributes {
            if !EVENT_ATTRIBUTES.contains(number) {
                continue;
            }
            let (handle, _) = value
                .split_first_chunk_mut::<8>()
                .ok_or(WireError::Trailing(0))?;
            let client = rigel_protocol::handle::Event(u64::from_le_bytes(*handle));
            *handle = self.session.handles.real(client)?.0.to_le_bytes();
        }
        Ok(())
    }
}

impl Session {
    /// The driver's context: primary contexts have the same handle on both sides.
    pub(super) fn real_context(&self, client: Context) -> CuResult<Context> {
        match client.primary_device() {
            Some(_) => Ok(client),
            None if client.is_none() => Ok(client),
            None => self
                .handles
                .real(client)
                .map_err(|_| CuError::INVALID_CONTEXT),
        }
    }
}
