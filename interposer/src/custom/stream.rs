//! Streams: callbacks, capture queries in their older forms, and the capture mode of each thread.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;

use rigel_protocol::custom::HostCallback;
use rigel_protocol::generated::types::{
    CUgraphEdgeData, CUstreamCallback, CUstreamCaptureMode, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{Context, Graph, GraphNode, GreenContext, Stream};
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

thread_local! {
    /// What calls a thread may make while a stream captures; `cudaStreamBeginCapture` names another.
    static CAPTURE_MODE: Cell<CUstreamCaptureMode> =
        const { Cell::new(CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL) };
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
    unsafe { ffi::write(mode, CAPTURE_MODE.replace(wanted)) }
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
    driver.launch_host(cx, ffi::stream(h_stream, null_stream), host, true)
}

pub(crate) unsafe fn cuStreamBeginCapture(null_stream: Stream, h_stream: Stream) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL;
    driver.stream_begin_capture(cx, ffi::stream(h_stream, null_stream), mode)
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
    ffi::check_out(capture_status_out)?;
    let (driver, cx) = ffi::enter()?;
    let stream = ffi::stream(h_stream, null_stream);
    let (status, id) = driver.stream_get_capture_info(cx, stream)?;
    let wants_graph = !graph_out.is_null() || !dependencies_out.is_null();
    if status == CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE && wants_graph {
        // The graph being captured is the driver's own until the capture ends.
        return Err(CuError::NOT_SUPPORTED);
    }
    // SAFETY: the caller's out-pointers; all but the first are optional.
    unsafe {
        ffi::write(capture_status_out, status)?;
        ffi::write_optional(id_out, id);
        ffi::write_optional(graph_out, Graph::NONE);
        ffi::write_optional(dependencies_out, std::ptr::null());
        ffi::write_optional(num_dependencies_out, 0);
    }
    Ok(())
}

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
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write_optional(edge_data_out, std::ptr::null());
        cuStreamGetCaptureInfo_v2(
            null_stream,
            h_stream,
            capture_status_out,
            id_out,
            graph_out,
            dependencies_out,
            num_dependencies_out,
        )
    }
}
