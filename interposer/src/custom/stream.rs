//! Streams: callbacks, capture queries in their older forms, and the capture mode of each thread.

use std::cell::RefCell;
use std::ffi::c_void;
use std::sync::Arc;

use rigel_protocol::custom::HostCallback;
use rigel_protocol::generated::types::{
    CUgraphEdgeData, CUstreamCallback, CUstreamCaptureMode, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{Context, Graph, GraphNode, GreenContext, Stream};
use rigel_protocol::{CuError, CuResult};

use super::graph::edges;
use crate::captures;
use crate::ffi;

thread_local! {
    /// What the last question about a capture was answered with.
    static CAPTURE_LISTS: RefCell<(Vec<GraphNode>, Vec<CUgraphEdgeData>)> =
        const { RefCell::new((Vec::new(), Vec::new())) };
}

pub(crate) unsafe fn cuThreadExchangeStreamCaptureMode(
    mode: *mut CUstreamCaptureMode,
) -> CuResult<()> {
    crate::state::check_ready()?;
    // SAFETY: the caller's pointer.
    let wanted = unsafe { ffi::read(mode) }?;
    if wanted > CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's pointer.
    unsafe { ffi::write(mode, captures::exchange_mode(wanted)) }
}

pub(crate) unsafe fn cuStreamGetCtx_v2(
    null_stream: Stream,
    h_stream: Stream,
    p_ctx: *mut Context,
    p_green_ctx: *mut GreenContext,
) -> CuResult<()> {
    ffi::check_out(p_ctx)?;
    let (driver, cx) = ffi::enter()?;
    let context = driver.stream_get_ctx(cx, ffi::stream(h_stream, null_stream))?;
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write(p_ctx, context)?;
        ffi::write_optional(p_green_ctx, GreenContext::NONE);
    }
    Ok(())
}

pub(crate) unsafe fn cuStreamAddCallback(
    null_stream: Stream,
    h_stream: Stream,
    callback: CUstreamCallback,
    user_data: *mut c_void,
    flags: u32,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let callback = callback
        .filter(|_| flags == 0)
        .ok_or(CuError::INVALID_VALUE)?;
    let user_data = user_data as usize;
    let host: HostCallback = Arc::new(move |state: CuResult<()>| {
        let status = state.map_or_else(CuError::code, |()| 0);
        // SAFETY: the caller gave function and argument to be called once the stream is there.
        unsafe { callback(h_stream, status, user_data as *mut c_void) };
    });
    let stream = ffi::stream(h_stream, null_stream);
    captures::forbid_legacy(stream)?;
    driver.launch_host(cx, stream, host, true)
}

pub(crate) unsafe fn cuStreamBeginCapture(null_stream: Stream, h_stream: Stream) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL;
    let stream = ffi::stream(h_stream, null_stream);
    captures::begin(stream, mode);
    driver.stream_begin_capture(cx, stream, mode)
}

pub(crate) unsafe fn cuStreamGetCaptureInfo_v2(
    null_stream: Stream,
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    num_dependencies_out: *mut usize,
) -> CuResult<()> {
    // SAFETY: the caller's out-pointers.
    unsafe {
        cuStreamGetCaptureInfo_v3(
            null_stream,
            h_stream,
            capture_status_out,
            id_out,
            graph_out,
            dependencies_out,
            std::ptr::null_mut(),
            num_dependencies_out,
        )
    }
}

/// The lists belong to the thread and are good until it asks again; CUDA keeps them as long as the
/// stream is left alone.
pub(crate) unsafe fn cuStreamGetCaptureInfo_v3(
    null_stream: Stream,
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    edge_data_out: *mut *const CUgraphEdgeData,
    num_dependencies_out: *mut usize,
) -> CuResult<()> {
    ffi::check_out(capture_status_out)?;
    let (driver, cx) = ffi::enter()?;
    let stream = ffi::stream(h_stream, null_stream);
    let (status, id) = driver.stream_get_capture_info(cx, stream)?;
    let wants_more = !graph_out.is_null()
        || !dependencies_out.is_null()
        || !edge_data_out.is_null()
        || !num_dependencies_out.is_null();
    let captured = status == CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE;
    let (graph, needs, edges) = match captured && wants_more {
        true => {
            let state = driver.stream_capture(cx, stream)?;
            (state.graph, state.needs, state.edges)
        }
        false => (Graph::NONE, Vec::new(), Vec::new()),
    };
    let (count, needs, edges) = keep(needs, edges);
    // SAFETY: the caller's out-pointers; all but the first are optional.
    unsafe {
        ffi::write(capture_status_out, status)?;
        ffi::write_optional(id_out, id);
        ffi::write_optional(graph_out, graph);
        ffi::write_optional(dependencies_out, needs);
        ffi::write_optional(edge_data_out, edges);
        ffi::write_optional(num_dependencies_out, count);
    }
    Ok(())
}

/// Keeps lists for the calling thread: how many elements, and where they are.
fn keep(
    needs: Vec<GraphNode>,
    edges: Vec<CUgraphEdgeData>,
) -> (usize, *const GraphNode, *const CUgraphEdgeData) {
    if needs.is_empty() {
        return (0, std::ptr::null(), std::ptr::null());
    }
    let found = (needs.len(), needs.as_ptr(), edges.as_ptr());
    // A thread that is ending has nobody left to read them.
    let _ = CAPTURE_LISTS.try_with(|lists| lists.replace((needs, edges)));
    found
}

pub(crate) unsafe fn cuStreamUpdateCaptureDependencies_v2(
    null_stream: Stream,
    h_stream: Stream,
    dependencies: *mut GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    flags: u32,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    let (needs, edges) = unsafe {
        (
            ffi::slice(dependencies.cast_const(), num_dependencies)?,
            edges(dependency_data, num_dependencies)?,
        )
    };
    let (driver, cx) = ffi::enter()?;
    let stream = ffi::stream(h_stream, null_stream);
    driver.stream_update_capture_dependencies(cx, stream, needs, &edges, flags)
}

pub(crate) unsafe fn cuStreamUpdateCaptureDependencies(
    null_stream: Stream,
    h_stream: Stream,
    dependencies: *mut GraphNode,
    num_dependencies: usize,
    flags: u32,
) -> CuResult<()> {
    let plain = std::ptr::null();
    // SAFETY: the caller's list.
    unsafe {
        cuStreamUpdateCaptureDependencies_v2(
            null_stream,
            h_stream,
            dependencies,
            plain,
            num_dependencies,
            flags,
        )
    }
}

pub(crate) unsafe fn cuStreamBeginCaptureToGraph(
    null_stream: Stream,
    h_stream: Stream,
    h_graph: Graph,
    dependencies: *const GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    mode: CUstreamCaptureMode,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    let (needs, edges) = unsafe {
        (
            ffi::slice(dependencies, num_dependencies)?,
            edges(dependency_data, num_dependencies)?,
        )
    };
    let (driver, cx) = ffi::enter()?;
    let stream = ffi::stream(h_stream, null_stream);
    captures::begin(stream, mode);
    driver.stream_begin_capture_to_graph(cx, stream, h_graph, needs, &edges, mode)
}
