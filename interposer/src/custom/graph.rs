//! Older and wider forms of `cuGraphInstantiateWithFlags`.

use std::ffi::c_char;

use rigel_protocol::generated::types::{CUDA_GRAPH_INSTANTIATE_PARAMS, CUgraphInstantiateResult};
use rigel_protocol::handle::{Graph, GraphExec, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// `CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD`: upload to the stream named beside it.
const FLAG_UPLOAD: u64 = 2;

pub(crate) unsafe fn cuGraphInstantiateWithParams(
    null_stream: Stream,
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    instantiate_params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> CuResult<()> {
    ffi::check_out(ph_graph_exec)?;
    // SAFETY: the caller's pointer.
    let mut params = unsafe { ffi::read(instantiate_params) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let made = driver.graph_instantiate_with_flags(cx, h_graph, params.flags & !FLAG_UPLOAD);
    params.hErrNode_out = GraphNode::NONE;
    params.result_out = match made {
        Ok(_) => CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_SUCCESS,
        Err(_) => CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_ERROR,
    };
    // SAFETY: the caller's pointer, read above.
    unsafe { ffi::write(instantiate_params, params) }?;
    let graph = made?;
    if params.flags & FLAG_UPLOAD != 0 {
        driver.graph_upload(cx, graph, ffi::stream(params.hUploadStream, null_stream))?;
    }
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(ph_graph_exec, graph) }
}

pub(crate) unsafe fn cuGraphInstantiate_v2(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    ph_error_node: *mut GraphNode,
    log_buffer: *mut c_char,
    buffer_size: usize,
) -> CuResult<()> {
    ffi::check_out(ph_graph_exec)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let made = driver.graph_instantiate_with_flags(cx, h_graph, 0);
    let log = made.err().and_then(CuError::name).unwrap_or_default();
    // SAFETY: the caller's out-pointers; node and log are optional.
    unsafe {
        ffi::write_optional(ph_error_node, GraphNode::NONE);
        if !log_buffer.is_null() && buffer_size > 0 {
            ffi::write_string(log_buffer, buffer_size, log.as_bytes())?;
        }
        ffi::write(ph_graph_exec, made?)
    }
}

pub(crate) use cuGraphInstantiate_v2 as cuGraphInstantiate;
