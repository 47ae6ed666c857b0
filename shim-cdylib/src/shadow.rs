//! The client's side of `local` calls: what is answered here, and what is noted on the way.
//!
//! The functions have the names of the calls; the generated half of the driver calls them. One that
//! needs the worker sends its call with `send_…`.

use std::ffi::CStr;

use rigel_protocol::custom::AllocationKind;
use rigel_protocol::generated::driver::MemoryApi;
use rigel_protocol::generated::types::{
    CUgraphEdgeData, CUmem_range_attribute, CUmemAccess_flags, CUmemAccessDesc,
    CUstreamCaptureMode, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{
    Context, Device, DevicePtr, Graph, GraphNode, Library, MemAllocation, MemPool, Module, Stream,
};
use rigel_protocol::{Contexts, CuError, CuResult, Cx};

use crate::allocations::NewAllocation;
use crate::exports::check_own;
use crate::graphs::{graphs_take_memory, note_memory_of_graphs};
use crate::managed;
use crate::pools::pool_in_use;
use crate::remote::Remote;
use crate::session::Session;

/// Kinds that `cuMemFree` frees.
const FREED_BY_MEM_FREE: [AllocationKind; 2] = [AllocationKind::Device, AllocationKind::Managed];

// Memory.

pub(crate) fn mem_alloc(remote: &Remote, cx: Cx, bytes: usize) -> CuResult<DevicePtr> {
    if bytes == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let memory = remote.send_mem_alloc(cx, bytes)?;
    note_memory(remote, cx, AllocationKind::Device, memory, bytes)
}

pub(crate) fn mem_free(remote: &Remote, cx: Cx, memory: DevicePtr) -> CuResult<()> {
    if memory.0 == 0 {
        return Ok(());
    }
    check_own(memory)?;
    let session = remote.session()?;
    let known = session
        .allocations
        .remove_kind(memory.0, &FREED_BY_MEM_FREE);
    let info = match known {
        Some(info) => info,
        // A graph's memory is unknown here, and again after each launch.
        None if graphs_take_memory() => return remote.send_mem_free(cx, memory),
        None => return Err(CuError::INVALID_VALUE),
    };
    if info.kind == AllocationKind::Managed && !session.managed.remove(memory.0) {
        return remote.free_pinned(cx, &info);
    }
    remote.send_mem_free(cx, memory)
}

pub(crate) fn mem_alloc_managed(
    remote: &Remote,
    cx: Cx,
    bytes: usize,
    flags: u32,
) -> CuResult<DevicePtr> {
    if bytes == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let session = remote.session()?;
    if !session.managed.is_possible() {
        let memory = DevicePtr(remote.place_shared(cx, session, bytes as u64)?);
        return note_memory(remote, cx, AllocationKind::Managed, memory, bytes);
    }
    // Nothing else may lie on its pages; the soft driver sees to that itself.
    let taken = match session.welcome.soft {
        true => bytes,
        false => bytes
            .checked_next_multiple_of(managed::PAGE_BYTES as usize)
            .ok_or(CuError::OUT_OF_MEMORY)?,
    };
    let memory = remote.send_mem_alloc_managed(cx, taken, flags)?;
    let range = memory.0..memory.0 + bytes as u64;
    let kept = session.welcome.device_range;
    if let Err(error) = session.managed.insert(remote, cx, range, kept) {
        remote.send_mem_free(cx, memory)?;
        return Err(error);
    }
    note_memory(remote, cx, AllocationKind::Managed, memory, bytes)
}

/// Memory that is allocated while something is captured may be a graph's.
fn note_capture(remote: &Remote) -> CuResult<()> {
    if remote.session()?.streams.captures_anything() {
        note_memory_of_graphs();
    }
    Ok(())
}

pub(crate) fn mem_alloc_async(
    remote: &Remote,
    cx: Cx,
    bytes: usize,
    stream: Stream,
) -> CuResult<DevicePtr> {
    note_capture(remote)?;
    // Asked for first: what is allocated is not lost to a question that fails.
    let pool = pool_in_use(remote, cx);
    let memory = remote.send_mem_alloc_async(cx, bytes, stream)?;
    note_pooled(remote, cx, AllocationKind::Device, (memory, pool), bytes)
}

pub(crate) fn mem_alloc_from_pool_async(
    remote: &Remote,
    cx: Cx,
    bytes: usize,
    pool: MemPool,
    stream: Stream,
) -> CuResult<DevicePtr> {
    note_capture(remote)?;
    let memory = remote.send_mem_alloc_from_pool_async(cx, bytes, pool, stream)?;
    note_pooled(remote, cx, AllocationKind::Device, (memory, pool), bytes)
}

pub(crate) fn mem_free_async(
    remote: &Remote,
    cx: Cx,
    memory: DevicePtr,
    stream: Stream,
) -> CuResult<()> {
    check_own(memory)?;
    let session = remote.session()?;
    let range = session.welcome.device_range;
    let nowhere = range.bytes > 0 && memory.0.wrapping_sub(range.base) >= range.bytes;
    if nowhere && session.allocations.find(memory.0).is_none() {
        return Err(CuError::INVALID_VALUE);
    }
    // Memory that a graph allocates is unknown here; the worker judges.
    session
        .allocations
        .remove_kind(memory.0, &FREED_BY_MEM_FREE);
    remote.send_mem_free_async(cx, memory, stream)
}

pub(crate) fn mem_address_reserve(
    remote: &Remote,
    cx: Cx,
    size: usize,
    alignment: usize,
    addr: DevicePtr,
    flags: u64,
) -> CuResult<DevicePtr> {
    let base = remote.send_mem_address_reserve(cx, size, alignment, addr, flags)?;
    remote.session()?.allocations.reserve(base.0, size);
    Ok(base)
}

/// Addresses that memory is mapped at, or that are a part of a reservation, stay.
pub(crate) fn mem_address_free(
    remote: &Remote,
    cx: Cx,
    ptr: DevicePtr,
    size: usize,
) -> CuResult<()> {
    let allocations = &remote.session()?.allocations;
    let is_mapped = allocations.overlaps(ptr.0, size as u64);
    if is_mapped || !allocations.give_up(ptr.0, size) {
        return Err(CuError::INVALID_VALUE);
    }
    remote.send_mem_address_free(cx, ptr, size)
}

pub(crate) fn mem_map(
    remote: &Remote,
    cx: Cx,
    ptr: DevicePtr,
    size: usize,
    offset: usize,
    handle: MemAllocation,
    flags: u64,
) -> CuResult<()> {
    remote.send_mem_map(cx, ptr, size, offset, handle, flags)?;
    note_memory(remote, cx, AllocationKind::Device, ptr, size)?;
    remote.session()?.allocations.close(ptr.0);
    Ok(())
}

/// Which device has which access is the worker's to know; a fill or copy of memory that none has waits for
/// what it says.
pub(crate) fn mem_set_access(
    remote: &Remote,
    cx: Cx,
    ptr: DevicePtr,
    size: usize,
    desc: &[CUmemAccessDesc],
) -> CuResult<()> {
    remote.send_mem_set_access(cx, ptr, size, desc)?;
    let none = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE;
    if desc.iter().any(|access| access.flags != none) {
        remote.session()?.allocations.open(ptr.0, size as u64);
    }
    Ok(())
}

pub(crate) fn mem_unmap(remote: &Remote, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
    remote.send_mem_unmap(cx, ptr, size)?;
    let allocations = &remote.session()?.allocations;
    allocations.remove_within(ptr.0, size as u64);
    allocations.open(ptr.0, size as u64);
    Ok(())
}

pub(crate) fn note_memory(
    remote: &Remote,
    cx: Cx,
    kind: AllocationKind,
    memory: DevicePtr,
    bytes: usize,
) -> CuResult<DevicePtr> {
    note_pooled(remote, cx, kind, (memory, MemPool::NONE), bytes)
}

fn note_pooled(
    remote: &Remote,
    cx: Cx,
    kind: AllocationKind,
    (memory, pool): (DevicePtr, MemPool),
    bytes: usize,
) -> CuResult<DevicePtr> {
    let session = remote.session()?;
    session.allocations.insert(NewAllocation {
        kind,
        base: memory.0,
        bytes: bytes as u64,
        context: cx.context,
        device: session.contexts.device(cx.context).unwrap_or(Device(0)),
        flags: 0,
        pool,
    });
    Ok(memory)
}

pub(crate) use crate::graphs::graph_launch;
pub(crate) use crate::pools::{device_set_mem_pool, mem_pool_destroy, mem_set_mem_pool};
pub(crate) use crate::shared_events::{
    event_create, event_record, event_record_with_flags, ipc_open_event_handle, stream_wait_event,
};

pub(crate) use crate::exports::{
    ipc_close_mem_handle, ipc_get_mem_handle, ipc_open_mem_handle, mem_export_to_shareable_handle,
    mem_import_from_shareable_handle, mem_pool_export_to_shareable_handle,
    mem_pool_import_from_shareable_handle, mem_pool_import_pointer,
};

// Streams.

pub(crate) fn stream_create(remote: &Remote, cx: Cx, flags: u32) -> CuResult<Stream> {
    let stream = remote.send_stream_create(cx, flags)?;
    remote
        .session()?
        .streams
        .insert(stream, cx.context, flags, 0);
    Ok(stream)
}

pub(crate) fn stream_create_with_priority(
    remote: &Remote,
    cx: Cx,
    flags: u32,
    priority: i32,
) -> CuResult<Stream> {
    use rigel_protocol::generated::driver::ContextApi;

    // Lower numbers come first: the greatest priority is the smallest number.
    let (least, greatest) = remote.ctx_get_stream_priority_range(cx)?;
    let priority = priority.clamp(greatest.min(least), least.max(greatest));
    let stream = remote.send_stream_create_with_priority(cx, flags, priority)?;
    let session = remote.session()?;
    session.streams.insert(stream, cx.context, flags, priority);
    Ok(stream)
}

pub(crate) fn stream_destroy(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<()> {
    if stream.index().is_none() {
        return Err(CuError::INVALID_HANDLE);
    }
    remote.send_stream_destroy(cx, stream)?;
    remote.session()?.streams.remove(stream);
    Ok(())
}

pub(crate) fn stream_get_priority(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<i32> {
    Ok(remote.session()?.streams.info(stream, cx.context)?.priority)
}

pub(crate) fn stream_get_flags(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<u32> {
    Ok(remote.session()?.streams.info(stream, cx.context)?.flags)
}

pub(crate) fn stream_get_id(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<u64> {
    Ok(remote.session()?.streams.info(stream, cx.context)?.id)
}

pub(crate) fn stream_get_ctx(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<Context> {
    Ok(remote.session()?.streams.info(stream, cx.context)?.context)
}

pub(crate) fn stream_get_device(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<Device> {
    let session = remote.session()?;
    let context = session.streams.info(stream, cx.context)?.context;
    session
        .contexts
        .device(context)
        .ok_or(CuError::INVALID_CONTEXT)
}

// Captures.

pub(crate) fn stream_begin_capture(
    remote: &Remote,
    cx: Cx,
    stream: Stream,
    mode: CUstreamCaptureMode,
) -> CuResult<()> {
    remote.send_stream_begin_capture(cx, stream, mode)?;
    remote.session()?.streams.capture_begun();
    Ok(())
}

pub(crate) fn stream_begin_capture_to_graph(
    remote: &Remote,
    cx: Cx,
    stream: Stream,
    graph: Graph,
    needs: &[GraphNode],
    edges: &[CUgraphEdgeData],
    mode: CUstreamCaptureMode,
) -> CuResult<()> {
    remote.send_stream_begin_capture_to_graph(cx, stream, graph, needs, edges, mode)?;
    remote.session()?.streams.capture_begun();
    Ok(())
}

pub(crate) fn stream_end_capture(remote: &Remote, cx: Cx, stream: Stream) -> CuResult<Graph> {
    let graph = remote.send_stream_end_capture(cx, stream);
    // A capture that was invalidated ends too; one that never began on this stream does not.
    let ended = !matches!(graph, Err(error) if error == CuError::ILLEGAL_STATE);
    if ended {
        remote.session()?.streams.capture_ended();
    }
    graph
}

pub(crate) fn stream_is_capturing(
    remote: &Remote,
    cx: Cx,
    stream: Stream,
) -> CuResult<CUstreamCaptureStatus> {
    remote.check(stream)?;
    if !remote.session()?.streams.captures_anything() {
        return Ok(CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE);
    }
    remote.send_stream_is_capturing(cx, stream)
}

pub(crate) fn stream_get_capture_info(
    remote: &Remote,
    cx: Cx,
    stream: Stream,
) -> CuResult<(CUstreamCaptureStatus, u64)> {
    remote.check(stream)?;
    if !remote.session()?.streams.captures_anything() {
        return Ok((CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE, 0));
    }
    remote.send_stream_get_capture_info(cx, stream)
}

// Modules and libraries.

pub(crate) fn module_unload(remote: &Remote, cx: Cx, module: Module) -> CuResult<()> {
    remote.send_module_unload(cx, module)?;
    let session = remote.session()?;
    session.images.forget_module(module);
    end_of_variables(session, module.0);
    Ok(())
}

pub(crate) fn library_unload(remote: &Remote, cx: Cx, library: Library) -> CuResult<()> {
    remote.send_library_unload(cx, library)?;
    let session = remote.session()?;
    session.images.forget_library(library);
    end_of_variables(session, library.0);
    Ok(())
}

fn end_of_variables(session: &Session, image: u64) {
    for info in session.allocations.end_of_image(image) {
        session.managed.remove(info.base);
    }
}

pub(crate) fn module_get_global(
    remote: &Remote,
    cx: Cx,
    module: Module,
    name: &CStr,
) -> CuResult<(DevicePtr, usize)> {
    let (address, bytes) = remote.send_module_get_global(cx, module, name)?;
    note_variable(remote, cx, module.0, address, bytes)?;
    Ok((address, bytes))
}

pub(crate) fn library_get_global(
    remote: &Remote,
    cx: Cx,
    library: Library,
    name: &CStr,
) -> CuResult<(DevicePtr, usize)> {
    let (address, bytes) = remote.send_library_get_global(cx, library, name)?;
    note_variable(remote, cx, library.0, address, bytes)?;
    Ok((address, bytes))
}

/// Runtimes ask for managed variables before there is a context.
pub(crate) fn library_get_managed(
    remote: &Remote,
    cx: Cx,
    library: Library,
    name: &CStr,
) -> CuResult<(DevicePtr, usize)> {
    let mut cx = cx;
    if cx.context.is_none() {
        remote.primary_activate(Device(0), 0)?;
        cx.context = Context::primary(Device(0));
    }
    let (address, bytes) = remote.send_library_get_managed(cx, library, name)?;
    note_variable(remote, cx, library.0, address, bytes)?;
    Ok((address, bytes))
}

/// A variable of a loaded image answers pointer queries as memory does.
fn note_variable(
    remote: &Remote,
    cx: Cx,
    image: u64,
    address: DevicePtr,
    bytes: usize,
) -> CuResult<()> {
    let session = remote.session()?;
    if session.allocations.is_variable(image, address.0) {
        return Ok(());
    }
    let is_managed = is_managed(remote, cx, address, bytes);
    if is_managed && !session.managed.holds(address.0) {
        let range = address.0..address.0 + bytes as u64;
        let kept = session.welcome.device_range;
        session.managed.insert(remote, cx, range, kept)?;
    }
    let new = NewAllocation {
        kind: match is_managed {
            true => AllocationKind::Managed,
            false => AllocationKind::Device,
        },
        base: address.0,
        bytes: bytes as u64,
        context: cx.context,
        device: session.contexts.device(cx.context).unwrap_or(Device(0)),
        flags: 0,
        pool: MemPool::NONE,
    };
    session.allocations.insert_variable(image, new);
    Ok(())
}

/// Whether a variable is in managed memory, which has pages of its own: only then does the driver know
/// anything of where it shall be.
fn is_managed(remote: &Remote, cx: Cx, address: DevicePtr, bytes: usize) -> bool {
    let attribute = CUmem_range_attribute::CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY;
    let asked = |session: &Session| {
        address.0.is_multiple_of(managed::PAGE_BYTES) && session.managed.is_possible()
    };
    remote.session().is_ok_and(asked)
        && remote
            .mem_range_get_attribute(cx, size_of::<u32>(), attribute, address, bytes)
            .is_ok()
}

pub(crate) fn library_get_module(remote: &Remote, cx: Cx, library: Library) -> CuResult<Module> {
    remote.send_library_get_module(cx, library)
}
