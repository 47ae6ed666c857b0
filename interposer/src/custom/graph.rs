//! Instantiation in its older and wider forms, edges with and without their data, updates, and drawings.
//! Nodes are in [`super::graph_node`].

use std::ffi::c_char;

use rigel_protocol::generated::types::{
    CUDA_GRAPH_INSTANTIATE_PARAMS, CUgraphEdgeData, CUgraphExecUpdateResult,
    CUgraphExecUpdateResultInfo, CUgraphInstantiateResult,
};
use rigel_protocol::handle::{Graph, GraphExec, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult, Cx, Driver};

pub(crate) use super::graph_node::*;
pub(crate) use super::user_object::*;
use crate::ffi;

/// An edge as all were before there were kinds of them.
const PLAIN_EDGE: CUgraphEdgeData = CUgraphEdgeData {
    from_port: 0,
    to_port: 0,
    r#type: 0,
    reserved: [0; 5],
};

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
    let made = instantiate(driver, cx, h_graph, params.flags & !FLAG_UPLOAD);
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
    let made = instantiate(driver, cx, h_graph, 0);
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

/// The data of `count` edges; null stands for plain ones.
///
/// # Safety
/// `data` is null or valid for `count` elements.
pub(super) unsafe fn edges(
    data: *const CUgraphEdgeData,
    count: usize,
) -> CuResult<Vec<CUgraphEdgeData>> {
    if count > ffi::ELEMENTS_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    if data.is_null() {
        return Ok(vec![PLAIN_EDGE; count]);
    }
    // SAFETY: the caller vouches for it.
    unsafe { ffi::slice(data, count) }.map(<[_]>::to_vec)
}

/// A list that a caller has room for, or whose length it asks for.
struct Room<T> {
    list: *mut T,
    count: *mut usize,
    len: usize,
}

impl<T: Copy> Room<T> {
    /// # Safety
    /// `count` is null or valid; `list` is null or has room for as many.
    unsafe fn new(list: *mut T, count: *mut usize) -> CuResult<Self> {
        ffi::check_out(count)?;
        // SAFETY: not null, and the caller vouches for it.
        let given = unsafe { ffi::read(count) }?;
        let len = if list.is_null() { 0 } else { given };
        Ok(Self { list, count, len })
    }

    /// Writes what was found, or how much there is.
    ///
    /// # Safety
    /// As for [`Self::new`].
    unsafe fn fill(&self, found: &[T], all: usize) -> CuResult<()> {
        let filled = if self.list.is_null() {
            all
        } else {
            // SAFETY: the caller vouches for the room.
            unsafe { fill(self.list, self.len, found) }?
        };
        // SAFETY: the caller vouches for the count.
        unsafe { ffi::write(self.count, filled) }
    }
}

/// Fills a list of `len` elements, or nothing if there is no list; the rest is set to nothing.
///
/// # Safety
/// `list` is null or has room for `len` elements.
unsafe fn fill<T: Copy>(list: *mut T, len: usize, found: &[T]) -> CuResult<usize> {
    if list.is_null() {
        return Ok(0);
    }
    // SAFETY: the caller vouches for the room.
    let room = unsafe { ffi::slice_mut(list, len) }?;
    Ok(room
        .iter_mut()
        .zip(found)
        .map(|(to, from)| *to = *from)
        .count())
}

/// Without a place for the data of edges, only plain ones can be told.
fn check_plain(data: *mut CUgraphEdgeData, found: &[CUgraphEdgeData]) -> CuResult<()> {
    match data.is_null() && found.iter().any(|edge| *edge != PLAIN_EDGE) {
        true => Err(CuError::LOSSY_QUERY),
        false => Ok(()),
    }
}

pub(crate) unsafe fn cuGraphGetEdges_v2(
    h_graph: Graph,
    from: *mut GraphNode,
    to: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_edges: *mut usize,
) -> CuResult<()> {
    if from.is_null() != to.is_null() {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's list and count.
    let room = unsafe { Room::new(from, num_edges) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let (sources, targets, data, all) = driver.graph_get_edges(cx, h_graph, room.len)?;
    check_plain(edge_data, &data)?;
    // SAFETY: the caller's lists have as much room as the first.
    unsafe {
        fill(to, room.len, &targets)?;
        fill(edge_data, room.len, &data)?;
        room.fill(&sources, all)
    }
}

pub(crate) unsafe fn cuGraphGetEdges(
    h_graph: Graph,
    from: *mut GraphNode,
    to: *mut GraphNode,
    num_edges: *mut usize,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    unsafe { cuGraphGetEdges_v2(h_graph, from, to, std::ptr::null_mut(), num_edges) }
}

pub(crate) unsafe fn cuGraphNodeGetDependencies_v2(
    h_node: GraphNode,
    dependencies: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_dependencies: *mut usize,
) -> CuResult<()> {
    // SAFETY: the caller's list and count.
    let room = unsafe { Room::new(dependencies, num_dependencies) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let (nodes, data, all) = driver.graph_node_get_dependencies(cx, h_node, room.len)?;
    check_plain(edge_data, &data)?;
    // SAFETY: the caller's lists have as much room as the first.
    unsafe {
        fill(edge_data, room.len, &data)?;
        room.fill(&nodes, all)
    }
}

pub(crate) unsafe fn cuGraphNodeGetDependencies(
    h_node: GraphNode,
    dependencies: *mut GraphNode,
    num_dependencies: *mut usize,
) -> CuResult<()> {
    let no_data = std::ptr::null_mut();
    // SAFETY: the caller's list.
    unsafe { cuGraphNodeGetDependencies_v2(h_node, dependencies, no_data, num_dependencies) }
}

pub(crate) unsafe fn cuGraphNodeGetDependentNodes_v2(
    h_node: GraphNode,
    dependent_nodes: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_dependent_nodes: *mut usize,
) -> CuResult<()> {
    // SAFETY: the caller's list and count.
    let room = unsafe { Room::new(dependent_nodes, num_dependent_nodes) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    let (nodes, data, all) = driver.graph_node_get_dependent_nodes(cx, h_node, room.len)?;
    check_plain(edge_data, &data)?;
    // SAFETY: the caller's lists have as much room as the first.
    unsafe {
        fill(edge_data, room.len, &data)?;
        room.fill(&nodes, all)
    }
}

pub(crate) unsafe fn cuGraphNodeGetDependentNodes(
    h_node: GraphNode,
    dependent_nodes: *mut GraphNode,
    num_dependent_nodes: *mut usize,
) -> CuResult<()> {
    let no_data = std::ptr::null_mut();
    // SAFETY: the caller's list.
    unsafe {
        cuGraphNodeGetDependentNodes_v2(h_node, dependent_nodes, no_data, num_dependent_nodes)
    }
}

/// The two ends and the data of edges to be added or removed.
///
/// # Safety
/// The lists are null or have `count` elements.
unsafe fn given_edges<'a>(
    from: *const GraphNode,
    to: *const GraphNode,
    data: *const CUgraphEdgeData,
    count: usize,
) -> CuResult<(&'a [GraphNode], &'a [GraphNode], Vec<CUgraphEdgeData>)> {
    // SAFETY: the caller vouches for the lists.
    unsafe {
        Ok((
            ffi::slice(from, count)?,
            ffi::slice(to, count)?,
            edges(data, count)?,
        ))
    }
}

pub(crate) unsafe fn cuGraphAddDependencies_v2(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    edge_data: *const CUgraphEdgeData,
    num_dependencies: usize,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    let (from, to, data) = unsafe { given_edges(from, to, edge_data, num_dependencies) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    driver.graph_add_dependencies(cx, h_graph, from, to, &data)
}

pub(crate) unsafe fn cuGraphAddDependencies(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    num_dependencies: usize,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    unsafe { cuGraphAddDependencies_v2(h_graph, from, to, std::ptr::null(), num_dependencies) }
}

pub(crate) unsafe fn cuGraphRemoveDependencies_v2(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    edge_data: *const CUgraphEdgeData,
    num_dependencies: usize,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    let (from, to, data) = unsafe { given_edges(from, to, edge_data, num_dependencies) }?;
    let (driver, cx) = ffi::enter_unbound()?;
    driver.graph_remove_dependencies(cx, h_graph, from, to, &data)
}

pub(crate) unsafe fn cuGraphRemoveDependencies(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    num_dependencies: usize,
) -> CuResult<()> {
    // SAFETY: the caller's lists.
    unsafe { cuGraphRemoveDependencies_v2(h_graph, from, to, std::ptr::null(), num_dependencies) }
}

pub(crate) unsafe fn cuGraphExecUpdate_v2(
    h_graph_exec: GraphExec,
    h_graph: Graph,
    result_info: *mut CUgraphExecUpdateResultInfo,
) -> CuResult<()> {
    ffi::check_out(result_info)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let update = driver.graph_exec_update(cx, h_graph_exec, h_graph)?;
    let info = CUgraphExecUpdateResultInfo {
        result: update.result,
        errorNode: update.error_node,
        errorFromNode: update.error_from_node,
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(result_info, info) }?;
    match update.result {
        CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_SUCCESS => Ok(()),
        _ => Err(CuError::GRAPH_EXEC_UPDATE_FAILURE),
    }
}

pub(crate) unsafe fn cuGraphExecUpdate(
    h_graph_exec: GraphExec,
    h_graph: Graph,
    h_error_node_out: *mut GraphNode,
    update_result_out: *mut CUgraphExecUpdateResult,
) -> CuResult<()> {
    let mut info = CUgraphExecUpdateResultInfo {
        result: CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_ERROR,
        errorNode: GraphNode::NONE,
        errorFromNode: GraphNode::NONE,
    };
    // SAFETY: a local, and the caller's out-pointers.
    unsafe {
        let updated = cuGraphExecUpdate_v2(h_graph_exec, h_graph, &mut info);
        ffi::write_optional(h_error_node_out, info.errorNode);
        ffi::write_optional(update_result_out, info.result);
        updated
    }
}

/// Draws a graph in the language of Graphviz: nodes with their kinds, and edges.
pub(crate) unsafe fn cuGraphDebugDotPrint(
    h_graph: Graph,
    path: *const c_char,
    _flags: u32,
) -> CuResult<()> {
    // SAFETY: the caller's string.
    let path = unsafe { ffi::cstr(path) }?
        .to_str()
        .map_err(|_| CuError::INVALID_VALUE)?;
    let (driver, cx) = ffi::enter_unbound()?;
    let text = drawing(driver, cx, h_graph)?;
    std::fs::write(path, text).map_err(|error| {
        tracing::warn!(path, %error, "write the drawing of a graph");
        CuError::OPERATING_SYSTEM
    })
}

fn drawing(driver: &dyn Driver, cx: Cx, graph: Graph) -> CuResult<String> {
    use std::fmt::Write;

    let (_, count) = driver.graph_get_nodes(cx, graph, 0)?;
    let (nodes, _) = driver.graph_get_nodes(cx, graph, count)?;
    let (_, _, _, count) = driver.graph_get_edges(cx, graph, 0)?;
    let (sources, targets, _, _) = driver.graph_get_edges(cx, graph, count)?;
    let place = |node: GraphNode| nodes.iter().position(|other| *other == node);
    let mut text = String::from(
        "digraph dot {\nsubgraph cluster_1 {\nlabel=\"graph_1\" graph[style=\"dashed\"];\n",
    );
    for (index, node) in nodes.iter().enumerate() {
        let kind = driver.graph_node_get_type(cx, *node)?;
        let name = KINDS.get(kind.0 as usize).copied().unwrap_or("UNKNOWN");
        writeln!(
            text,
            "\"graph_1_node_{index}\"[style=\"bold\" shape=\"box\" label=\"{index}\\n{name}\"];"
        )
        .ok();
    }
    for (from, to) in sources.iter().zip(&targets) {
        if let (Some(from), Some(to)) = (place(*from), place(*to)) {
            writeln!(text, "\"graph_1_node_{from}\" -> \"graph_1_node_{to}\";").ok();
        }
    }
    text.push_str("}\n}\n");
    Ok(text)
}

/// `CUgraphNodeType`, as drawings name them.
const KINDS: [&str; 14] = [
    "KERNEL",
    "MEMCPY",
    "MEMSET",
    "HOST",
    "GRAPH",
    "EMPTY",
    "WAIT_EVENT",
    "EVENT_RECORD",
    "EXT_SEMAS_SIGNAL",
    "EXT_SEMAS_WAIT",
    "MEM_ALLOC",
    "MEM_FREE",
    "BATCH_MEM_OP",
    "CONDITIONAL",
];
