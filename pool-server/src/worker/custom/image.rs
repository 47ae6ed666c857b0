//! Loads, links, and functions by name.
//!
//! A module's load answers with its functions if they are few. The others, and a library's kernels, are
//! asked for by name: a program uses a few of the thousands that a library may hold, and drivers read
//! code only when it is asked for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rigel_protocol::call::{Cx, ThreadId};
use rigel_protocol::custom::{JitOptions, LinkedImage};
use rigel_protocol::handle::{Context, Device, Function, Handle, Library, Module};
use rigel_protocol::link::image::{Linked, NamedLinkHead, get_inputs};
use rigel_protocol::link::{
    FunctionRow, ImageHead, ImageName, LinkHead, Loaded, NamedHead, NamedImage, Payload, Transfer,
};
use rigel_protocol::{CuError, CuResult};

use crate::worker::fault::Fault;
use crate::worker::handles::{FunctionKind, LoadedFunction, Owner};
use crate::worker::images::Image;
use crate::worker::issue::Issue;
use crate::worker::upload::ASSEMBLED_BYTES_MAX;

/// Most functions that a load tells of by itself.
const ROWS_MAX: usize = 4;
/// Most threads whose logs are kept; then all are forgotten.
const FAILED_LOGS_MAX: usize = 256;

/// `moduleLoad`.
pub(super) fn module_load(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (load, image) = image(issue)?;
    load_module(issue, Module(load.handle), &image, &load.jit)
}

/// `libraryLoad`.
pub(super) fn library_load(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (load, image) = image(issue)?;
    let how = (&load.jit, &load.options[..]);
    load_library(issue, Library(load.handle), &image, how)
}

/// `moduleLoadNamed`.
pub(super) fn module_load_named(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let load: NamedHead = issue.get()?;
    issue.end_of_record()?;
    match named(issue, load.image)? {
        Some(image) => load_module(issue, Module(load.handle), &image, &load.jit),
        None => Ok(()),
    }
}

/// `libraryLoadNamed`.
pub(super) fn library_load_named(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let load: NamedHead = issue.get()?;
    issue.end_of_record()?;
    let how = (&load.jit, &load.options[..]);
    match named(issue, load.image)? {
        Some(image) => load_library(issue, Library(load.handle), &image, how),
        None => Ok(()),
    }
}

fn load_module(
    issue: &mut Issue<'_>,
    client: Module,
    image: &[u8],
    jit: &JitOptions,
) -> Result<(), Fault> {
    let (session, cx) = (issue.session(), issue.cx());
    session.handles.check_vacant(client)?;
    let module_loaded = session.driver.module_load(cx, image, jit);
    let (module, logs) = keep_logs(issue, module_loaded)?;
    if session.charges.reconcile() && session.driver.module_unload(cx, module).is_ok() {
        // Its variables do not fit into the quota.
        session.charges.reconcile();
        return Err(CuError::OUT_OF_MEMORY.into());
    }
    let functions = few(session.driver.module_functions(cx, module));
    let known = rows(
        issue,
        FunctionKind::Function,
        Owner::Module(client.0),
        &functions,
    )
    .and_then(|rows| {
        session
            .handles
            .bind(client, module, cx.context)
            .map(|()| rows)
    });
    match known {
        Ok(functions) => {
            issue.put(&loaded(functions, logs));
            Ok(())
        }
        Err(error) => {
            // What cannot be numbered cannot be used: the first error is the caller's.
            let _ = session.driver.module_unload(cx, module);
            Err(error.into())
        }
    }
}

fn load_library(
    issue: &mut Issue<'_>,
    client: Library,
    image: &[u8],
    (jit, options): (&JitOptions, &[(u32, u64)]),
) -> Result<(), Fault> {
    let (session, cx) = (issue.session(), issue.cx());
    session.handles.check_vacant(client)?;
    let library_loaded = session.driver.library_load(cx, image, jit, options);
    let (library, logs) = keep_logs(issue, library_loaded)?;
    if session.charges.reconcile() && session.driver.library_unload(cx, library).is_ok() {
        session.charges.reconcile();
        return Err(CuError::OUT_OF_MEMORY.into());
    }
    if let Err(error) = session.handles.bind(client, library, Context::NONE) {
        // As above.
        let _ = session.driver.library_unload(cx, library);
        return Err(error.into());
    }
    issue.put(&loaded(Vec::new(), logs));
    Ok(())
}

/// `link`.
pub(super) fn link(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let head = LinkHead::get(issue.args())?;
    issue.end_of_record()?;
    let inputs = issue.upload.assemble(head.inputs)?;
    link_inputs(issue, &inputs, &head.jit, head.transfer)
}

/// `linkNamed`.
pub(super) fn link_named(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let head: NamedLinkHead = issue.get()?;
    issue.end_of_record()?;
    match named(issue, head.inputs)? {
        Some(inputs) => link_inputs(issue, &inputs, &head.jit, head.transfer),
        None => Ok(()),
    }
}

/// Links, and sends a long image in this transfer.
fn link_inputs(
    issue: &mut Issue<'_>,
    inputs: &[u8],
    jit: &JitOptions,
    transfer: u64,
) -> Result<(), Fault> {
    let inputs = get_inputs(inputs)?;
    let linked = issue.driver().link(issue.cx(), &inputs, jit);
    let linked = keep_logs(issue, linked)?;
    let LinkedImage {
        image,
        info_log,
        error_log,
    } = linked;
    let replies = &issue.session().replies;
    let fits = image.len() <= replies.results_max() / 4;
    if !fits {
        replies.send_bytes(transfer, &image)?;
    }
    let image = match fits {
        true => Payload::Inline(&image),
        false => Payload::Bulk(Transfer {
            number: transfer,
            bytes: image.len() as u64,
        }),
    };
    issue.put_with(|out| {
        Linked {
            info_log,
            error_log,
            image,
        }
        .put(out)
    });
    Ok(())
}

/// `failedLogs`.
pub(super) fn failed_logs(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let logs = issue.session().failed_logs.take(issue.caller().thread);
    issue.put(&loaded(Vec::new(), logs.unwrap_or_default()));
    Ok(())
}

/// `moduleFunction`.
pub(super) fn module_function(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (client, module) = owner::<Module>(issue)?;
    let name = issue.cstring()?;
    issue.end_of_record()?;
    let function = issue.driver().module_function(issue.cx(), module, &name)?;
    answer_one(
        issue,
        FunctionKind::Function,
        Owner::Module(client.0),
        function,
    )
}

/// `libraryKernel`.
pub(super) fn library_kernel(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (client, library) = owner::<Library>(issue)?;
    let name = issue.cstring()?;
    issue.end_of_record()?;
    let cx = any_context(issue)?;
    let kernel = issue.driver().library_kernel(cx, library, &name)?;
    answer_one(
        issue,
        FunctionKind::Kernel,
        Owner::Library(client.0),
        kernel,
    )
}

/// `kernelFunction`.
pub(super) fn kernel_function(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: Function = issue.get()?;
    issue.end_of_record()?;
    let function = issue.real_function(client)?.real;
    let owner = issue.session().handles.owner(client)?;
    answer_one(issue, FunctionKind::Function, owner, function)
}

/// `moduleFunctions`.
pub(super) fn module_functions(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (client, module) = owner::<Module>(issue)?;
    issue.end_of_record()?;
    let functions = issue.driver().module_functions(issue.cx(), module)?;
    let rows = rows(
        issue,
        FunctionKind::Function,
        Owner::Module(client.0),
        &functions,
    )?;
    issue.put_list(&rows);
    Ok(())
}

/// `libraryKernels`.
pub(super) fn library_kernels(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let (client, library) = owner::<Library>(issue)?;
    issue.end_of_record()?;
    let kernels = issue
        .driver()
        .library_kernels(any_context(issue)?, library)?;
    let rows = rows(
        issue,
        FunctionKind::Kernel,
        Owner::Library(client.0),
        &kernels,
    )?;
    issue.put_list(&rows);
    Ok(())
}

/// `functionSetAttribute`.
pub(super) fn function_set_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: Function = issue.get()?;
    let (attribute, value): (u32, i32) = (issue.get()?, issue.get()?);
    issue.end_of_record()?;
    let function = issue.real_function(client)?.real;
    let cx = issue.cx();
    Ok(issue
        .driver()
        .function_set_attribute(cx, function, attribute, value)?)
}

/// Reads the record of a load and all of its image.
fn image<'a>(issue: &mut Issue<'a>) -> Result<(ImageHead<'a>, Vec<u8>), Fault> {
    let load = ImageHead::get(issue.args())?;
    issue.end_of_record()?;
    let image = issue.upload.assemble(load.image)?;
    Ok((load, image))
}

/// An image by its name: kept, or sent now. `None`, and the client is told so, if it has to send it.
fn named(issue: &mut Issue<'_>, image: NamedImage) -> Result<Option<Image>, Fault> {
    let found = match image.transfer() {
        None => issue.session().images.find(image.name, image.bytes),
        Some(transfer) => Some(sent(issue, image.name, transfer)?),
    };
    issue.put(&found.is_some());
    Ok(found)
}

/// Takes an image that comes now, and has it kept if that can be done.
fn sent(issue: &mut Issue<'_>, name: ImageName, transfer: Transfer) -> Result<Image, Fault> {
    let images = &issue.session().images;
    let room = match transfer.bytes <= ASSEMBLED_BYTES_MAX {
        true => images.room(name, transfer.bytes),
        // Refused below.
        false => None,
    };
    let Some(mut room) = room else {
        let bytes = issue.upload.assemble(Payload::Bulk(transfer))?;
        return Ok(Image::Own(bytes));
    };
    issue
        .upload
        .chunks(transfer, |offset, chunk| room.put(offset, &chunk))?;
    Ok(images.keep(room).ok_or(CuError::OUT_OF_MEMORY)?)
}

/// Reads the handle of a module or library, and translates it.
fn owner<T: Handle>(issue: &mut Issue<'_>) -> Result<(T, T), Fault> {
    let client: T = issue.get()?;
    Ok((client, issue.session().handles.real(client)?))
}

/// The caller, with a context. A library needs none, but drivers know of its kernels only in one; a
/// program without any is about to make its first device's primary context active.
fn any_context(issue: &Issue<'_>) -> CuResult<Cx> {
    let (session, cx) = (issue.session(), issue.cx());
    if !cx.context.is_none() {
        return Ok(cx);
    }
    let active = session.contexts.all().first().map(|(context, _)| *context);
    let context = match active {
        Some(context) => context,
        None => {
            let first = Device(0);
            session.driver.primary_activate(first, 0)?;
            session.contexts.add(Context::primary(first), first);
            Context::primary(first)
        }
    };
    Ok(Cx { context, ..cx })
}

/// Keeps what the driver says of a load that has failed, until the caller asks for it.
fn keep_logs<T>(issue: &Issue<'_>, loaded: CuResult<T>) -> CuResult<T> {
    if loaded.is_err() {
        let session = issue.session();
        if let Some(logs) = session.driver.failed_logs(issue.cx()) {
            session.failed_logs.keep(issue.caller().thread, logs);
        }
    }
    loaded
}

/// The logs of failed loads that nobody has asked for, by the client's thread.
#[derive(Debug, Default)]
pub(in crate::worker) struct FailedLogs {
    kept: Mutex<HashMap<ThreadId, LinkedImage>>,
}

impl FailedLogs {
    fn keep(&self, thread: ThreadId, logs: LinkedImage) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= FAILED_LOGS_MAX {
            kept.clear();
        }
        kept.insert(thread, logs);
    }

    fn take(&self, thread: ThreadId) -> Option<LinkedImage> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&thread)
    }
}

/// The functions of an image if they are few. A driver that cannot list them is asked by name.
fn few(functions: CuResult<Vec<Function>>) -> Vec<Function> {
    match functions {
        Ok(functions) if functions.len() <= ROWS_MAX => functions,
        _ => Vec::new(),
    }
}

fn answer_one(
    issue: &mut Issue<'_>,
    kind: FunctionKind,
    owner: Owner,
    function: Function,
) -> Result<(), Fault> {
    let row = row(issue, kind, owner, function)?;
    issue.put(&row);
    Ok(())
}

fn rows(
    issue: &Issue<'_>,
    kind: FunctionKind,
    owner: Owner,
    functions: &[Function],
) -> CuResult<Vec<FunctionRow>> {
    functions
        .iter()
        .map(|&function| row(issue, kind, owner, function))
        .collect()
}

/// Numbers a function, and asks what is known of it.
fn row(
    issue: &Issue<'_>,
    kind: FunctionKind,
    owner: Owner,
    real: Function,
) -> CuResult<FunctionRow> {
    let info = issue.driver().function_info(real)?;
    let loaded = LoadedFunction {
        real,
        param_bytes: info.param_bytes(),
    };
    issue.session().last_kernel.name(real, &info.name);
    let context = issue.caller().context;
    let client = issue
        .session()
        .handles
        .name_function(kind, owner, context, loaded)?;
    tracing::debug!(
        name = info.name,
        ?kind,
        client = client.0,
        param_bytes = loaded.param_bytes,
        "function"
    );
    Ok(FunctionRow::new(client, &info))
}

fn loaded(functions: Vec<FunctionRow>, logs: LinkedImage) -> Loaded {
    let LinkedImage {
        info_log,
        error_log,
        ..
    } = logs;
    Loaded {
        info_log,
        error_log,
        functions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_told_once_and_to_their_thread() {
        let logs = FailedLogs::default();
        let error_log = "line 3".to_owned();
        let failed = LinkedImage {
            error_log,
            ..LinkedImage::default()
        };
        logs.keep(ThreadId(1), failed);
        assert!(logs.take(ThreadId(2)).is_none());
        assert_eq!(logs.take(ThreadId(1)).unwrap().error_log, "line 3");
        assert!(logs.take(ThreadId(1)).is_none());
    }

    #[test]
    fn logs_of_too_many_threads_are_forgotten() {
        let logs = FailedLogs::default();
        for thread in 0..=FAILED_LOGS_MAX as u32 {
            logs.keep(ThreadId(thread), LinkedImage::default());
        }
        assert!(logs.take(ThreadId(0)).is_none());
        assert!(logs.take(ThreadId(FAILED_LOGS_MAX as u32)).is_some());
    }
}
