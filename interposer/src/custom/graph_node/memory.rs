//! Nodes that take and give back memory. Read [`cuGraphAddMemAllocNode`].

use rigel_protocol::custom::{AllocateNode, NodeParams};
use rigel_protocol::generated::types::CUDA_MEM_ALLOC_NODE_PARAMS;
use rigel_protocol::handle::{Context, DevicePtr, Graph, GraphNode};
use rigel_protocol::{CuError, CuResult};

use super::structures::write_allocation;
use super::{NewNode, NodeSource, add, params_of};
use crate::ffi;

/// Most devices that memory of a graph is opened to.
const ACCESS_MAX: usize = 64;

/// # Safety
/// The structure's pointers are as CUDA asks.
pub(super) unsafe fn read_allocation(
    params: &CUDA_MEM_ALLOC_NODE_PARAMS,
) -> CuResult<AllocateNode> {
    if params.bytesize == 0 || params.accessDescCount > ACCESS_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller vouches for the array.
    let access = unsafe { ffi::slice(params.accessDescs, params.accessDescCount) }?;
    Ok(AllocateNode {
        properties: params.poolProps,
        access: access.to_vec(),
        bytes: params.bytesize as u64,
        address: DevicePtr(0),
    })
}

/// Where the memory of a node lies.
pub(super) fn address_of(node: GraphNode) -> CuResult<DevicePtr> {
    match params_of(node)?.1 {
        NodeParams::Allocate(allocation) => Ok(allocation.address),
        _ => Err(CuError::INVALID_VALUE),
    }
}

pub(crate) unsafe fn cuGraphAddMemAllocNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> CuResult<()> {
    let place = place(ph_graph_node, h_graph, dependencies, num_dependencies);
    // SAFETY: the caller's structure, lists and out-pointers.
    unsafe {
        let mut params = ffi::read(node_params.cast_const())?;
        add(&place, NodeSource::Allocate(params))?;
        params.dptr = address_of(ffi::read(ph_graph_node.cast_const())?)?;
        ffi::write(node_params, params)
    }
}

pub(crate) unsafe fn cuGraphAddMemFreeNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    dptr: DevicePtr,
) -> CuResult<()> {
    let place = place(ph_graph_node, h_graph, dependencies, num_dependencies);
    // SAFETY: the caller's lists and out-pointer.
    unsafe { add(&place, NodeSource::Ready(NodeParams::Free(dptr))) }
}

pub(crate) unsafe fn cuGraphMemAllocNodeGetParams(
    h_node: GraphNode,
    params_out: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> CuResult<()> {
    ffi::check_out(params_out)?;
    match params_of(h_node)?.1 {
        // SAFETY: the caller's out-pointer.
        NodeParams::Allocate(allocation) => unsafe {
            ffi::write(params_out, write_allocation(h_node, allocation))
        },
        _ => Err(CuError::INVALID_VALUE),
    }
}

pub(crate) unsafe fn cuGraphMemFreeNodeGetParams(
    h_node: GraphNode,
    dptr_out: *mut DevicePtr,
) -> CuResult<()> {
    ffi::check_out(dptr_out)?;
    match params_of(h_node)?.1 {
        // SAFETY: the caller's out-pointer.
        NodeParams::Free(address) => unsafe { ffi::write(dptr_out, address) },
        _ => Err(CuError::INVALID_VALUE),
    }
}

fn place(out: *mut GraphNode, graph: Graph, needs: *const GraphNode, count: usize) -> NewNode {
    NewNode {
        out,
        graph,
        needs,
        count,
        data: std::ptr::null(),
        context: Context::NONE,
    }
}
