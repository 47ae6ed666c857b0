//! Nodes of graphs: every C structure becomes one `NodeParams`, and back.
//!
//! The calls for nodes of one kind are here, those for any kind in [`any`], the structures in
//! [`structures`]. Read [`NodeSource`] first.

mod any;
mod host;
mod memory;
mod structures;

use std::ptr;

use rigel_protocol::custom::{KernelNode, NodeParams};
use rigel_protocol::generated::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS,
    CUgraphEdgeData,
};
use rigel_protocol::handle::{Context, Device, Graph, GraphExec, GraphNode};
use rigel_protocol::{CuError, CuResult, Cx, Driver};

pub(crate) use self::any::*;
use self::host::{read_host, write_host};
pub(crate) use self::memory::*;
use self::structures::{
    newer, older, read_fill, write_batch, write_copy, write_fill, write_kernel,
};
use super::graph::edges;
use super::user_object::add_child;
use super::{copy_box, launch};
use crate::{current, ffi};

/// Most operations of one node.
const OPERATIONS_MAX: usize = 256;

/// A structure of the caller's that says what a node does.
enum NodeSource {
    Kernel(CUDA_KERNEL_NODE_PARAMS),
    Copy(CUDA_MEMCPY3D),
    Fill(CUDA_MEMSET_NODE_PARAMS),
    Host(CUDA_HOST_NODE_PARAMS),
    Batch(CUDA_BATCH_MEM_OP_NODE_PARAMS),
    Allocate(CUDA_MEM_ALLOC_NODE_PARAMS),
    Ready(NodeParams),
}

impl NodeSource {
    /// # Safety
    /// The structure's pointers are as CUDA asks.
    unsafe fn read(self, driver: &dyn Driver, cx: Cx) -> CuResult<NodeParams> {
        Ok(match self {
            Self::Kernel(kernel) => {
                // SAFETY: the caller vouches for it.
                NodeParams::Kernel(unsafe { read_kernel(driver, cx, &kernel) }?)
            }
            Self::Copy(copy) => NodeParams::Copy(copy_box::of_node(&copy, driver)?),
            Self::Fill(fill) => NodeParams::Fill(read_fill(&fill)?),
            Self::Host(host) => NodeParams::Host(read_host(&host)?),
            Self::Batch(batch) => {
                let count = batch.count as usize;
                if count > OPERATIONS_MAX {
                    return Err(CuError::INVALID_VALUE);
                }
                // SAFETY: the caller vouches for the array.
                let operations = unsafe { ffi::slice(batch.paramArray.cast_const(), count) }?;
                NodeParams::BatchMemOp {
                    operations: operations.to_vec(),
                    flags: batch.flags,
                }
            }
            Self::Allocate(params) => {
                // SAFETY: the caller vouches for the array.
                NodeParams::Allocate(unsafe { memory::read_allocation(&params) }?)
            }
            Self::Ready(params) => params,
        })
    }
}

/// # Safety
/// The parameters are as CUDA asks for the function.
unsafe fn read_kernel(
    driver: &dyn Driver,
    cx: Cx,
    kernel: &CUDA_KERNEL_NODE_PARAMS,
) -> CuResult<KernelNode> {
    let function = match kernel.func.is_none() {
        true => kernel.kern,
        false => kernel.func,
    };
    if function.is_none() {
        return Err(CuError::INVALID_VALUE);
    }
    let node = KernelNode {
        function,
        grid: [kernel.gridDimX, kernel.gridDimY, kernel.gridDimZ],
        block: [kernel.blockDimX, kernel.blockDimY, kernel.blockDimZ],
        shared_bytes: kernel.sharedMemBytes,
        params: Vec::new(),
    };
    let device = device_of(cx)?;
    // SAFETY: the caller vouches for the parameters.
    unsafe { launch::of_node(driver, device, node, kernel.kernelParams, kernel.extra) }
}

/// The device of the caller's context; without one the first, whose limits are any's.
fn device_of(cx: Cx) -> CuResult<Device> {
    match cx.context.is_none() {
        true => Ok(Device(0)),
        false => current::device(),
    }
}

/// Where a node is to be added.
struct NewNode {
    out: *mut GraphNode,
    graph: Graph,
    needs: *const GraphNode,
    count: usize,
    /// Null for plain edges.
    data: *const CUgraphEdgeData,
    /// The context it belongs to; none for the current one.
    context: Context,
}

/// Adds a node.
///
/// # Safety
/// The pointers are as CUDA asks.
unsafe fn add(place: &NewNode, source: NodeSource) -> CuResult<()> {
    ffi::check_out(place.out)?;
    // SAFETY: the caller vouches for the lists.
    let (needs, edges) = unsafe {
        (
            ffi::slice(place.needs, place.count)?,
            edges(place.data, place.count)?,
        )
    };
    let (driver, cx) = enter(place.context)?;
    // SAFETY: the caller vouches for the structure.
    let params = unsafe { source.read(driver, cx) }?;
    let node = add_node(driver, cx, place.graph, needs, &params)?;
    if edges
        .iter()
        .any(|edge| edge.r#type != 0 || edge.from_port != 0 || edge.to_port != 0)
    {
        let targets = vec![node; needs.len()];
        let plain = vec![
            CUgraphEdgeData {
                from_port: 0,
                to_port: 0,
                r#type: 0,
                reserved: [0; 5]
            };
            needs.len()
        ];
        driver.graph_remove_dependencies(cx, place.graph, needs, &targets, &plain)?;
        driver.graph_add_dependencies(cx, place.graph, needs, &targets, &edges)?;
    }
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(place.out, node) }
}

/// The kinds of node that have a call of their own take it.
fn add_node(
    driver: &dyn Driver,
    cx: Cx,
    graph: Graph,
    needs: &[GraphNode],
    params: &NodeParams,
) -> CuResult<GraphNode> {
    match params {
        NodeParams::Empty => driver.graph_add_empty_node(cx, graph, needs),
        NodeParams::Child(child) => add_child(driver, cx, graph, needs, *child),
        NodeParams::Record(event) => driver.graph_add_event_record_node(cx, graph, needs, *event),
        NodeParams::Wait(event) => driver.graph_add_event_wait_node(cx, graph, needs, *event),
        _ => driver.graph_add_node(cx, graph, needs, params),
    }
}

/// The driver and the caller, in a context that the call may name.
fn enter(context: Context) -> CuResult<(&'static dyn Driver, Cx)> {
    let (driver, mut cx) = ffi::enter_unbound()?;
    if !context.is_none() {
        cx.context = context;
    }
    Ok((driver, cx))
}

/// # Safety
/// The structure's pointers are as CUDA asks.
unsafe fn set(node: GraphNode, source: NodeSource) -> CuResult<()> {
    let (driver, cx) = ffi::enter_unbound()?;
    // SAFETY: the caller vouches for the structure.
    let params = unsafe { source.read(driver, cx) }?;
    match params {
        NodeParams::Record(event) => driver.graph_event_record_node_set_event(cx, node, event),
        NodeParams::Wait(event) => driver.graph_event_wait_node_set_event(cx, node, event),
        _ => driver.graph_node_set_params(cx, node, &params),
    }
}

/// # Safety
/// The structure's pointers are as CUDA asks.
unsafe fn exec_set(
    exec: GraphExec,
    node: GraphNode,
    source: NodeSource,
    context: Context,
) -> CuResult<()> {
    let (driver, cx) = enter(context)?;
    // SAFETY: the caller vouches for the structure.
    let params = unsafe { source.read(driver, cx) }?;
    match params {
        NodeParams::Record(event) => {
            driver.graph_exec_event_record_node_set_event(cx, exec, node, event)
        }
        NodeParams::Wait(event) => {
            driver.graph_exec_event_wait_node_set_event(cx, exec, node, event)
        }
        NodeParams::Child(graph) => {
            driver.graph_exec_child_graph_node_set_params(cx, exec, node, graph)
        }
        _ => driver.graph_exec_node_set_params(cx, exec, node, &params),
    }
}

/// What a node does, with the driver that says so.
fn params_of(node: GraphNode) -> CuResult<(&'static dyn Driver, NodeParams)> {
    let (driver, cx) = ffi::enter_unbound()?;
    Ok((driver, driver.graph_node_params(cx, node)?))
}

/// The exports that read and write what nodes of one kind do.
macro_rules! node_exports {
    ($c:ty, $source:expr, $write:expr, $get:ident, $set:ident) => {
        pub(crate) unsafe fn $get(h_node: GraphNode, node_params: *mut $c) -> CuResult<()> {
            ffi::check_out(node_params)?;
            let (driver, params) = params_of(h_node)?;
            let write: fn(&dyn Driver, GraphNode, NodeParams) -> CuResult<$c> = $write;
            // SAFETY: the caller's out-pointer.
            unsafe { ffi::write(node_params, write(driver, h_node, params)?) }
        }

        pub(crate) unsafe fn $set(h_node: GraphNode, node_params: *const $c) -> CuResult<()> {
            let source: fn($c) -> NodeSource = $source;
            // SAFETY: the caller's structure.
            unsafe { set(h_node, source(ffi::read(node_params)?)) }
        }
    };
}

/// The exports that add nodes of one kind.
macro_rules! add_export {
    ($c:ty, $source:expr, $add:ident $(, $context:ident)?) => {
        pub(crate) unsafe fn $add(
            ph_graph_node: *mut GraphNode,
            h_graph: Graph,
            dependencies: *const GraphNode,
            num_dependencies: usize,
            node_params: *const $c,
            $($context: Context,)?
        ) -> CuResult<()> {
            #[allow(unused_mut, unused_assignments)]
            let mut context = Context::NONE;
            $(context = $context;)?
            let place = NewNode {
                out: ph_graph_node,
                graph: h_graph,
                needs: dependencies,
                count: num_dependencies,
                data: ptr::null(),
                context,
            };
            let source: fn($c) -> NodeSource = $source;
            // SAFETY: the caller's structure and lists.
            unsafe { add(&place, source(ffi::read(node_params)?)) }
        }
    };
}

/// The exports that change nodes of one kind in executable graphs.
macro_rules! exec_export {
    ($c:ty, $source:expr, $set:ident $(, $context:ident)?) => {
        pub(crate) unsafe fn $set(
            h_graph_exec: GraphExec,
            h_node: GraphNode,
            node_params: *const $c,
            $($context: Context,)?
        ) -> CuResult<()> {
            #[allow(unused_mut, unused_assignments)]
            let mut context = Context::NONE;
            $(context = $context;)?
            let source: fn($c) -> NodeSource = $source;
            // SAFETY: the caller's structure.
            unsafe { exec_set(h_graph_exec, h_node, source(ffi::read(node_params)?), context) }
        }
    };
}

fn kernel_v1(old: CUDA_KERNEL_NODE_PARAMS_v1) -> NodeSource {
    NodeSource::Kernel(newer(&old))
}

fn shown_kernel(
    driver: &dyn Driver,
    node: GraphNode,
    params: NodeParams,
) -> CuResult<CUDA_KERNEL_NODE_PARAMS> {
    match params {
        NodeParams::Kernel(kernel) => write_kernel(driver, node, &kernel),
        _ => Err(CuError::INVALID_VALUE),
    }
}

node_exports!(
    CUDA_KERNEL_NODE_PARAMS,
    NodeSource::Kernel,
    shown_kernel,
    cuGraphKernelNodeGetParams_v2,
    cuGraphKernelNodeSetParams_v2
);
node_exports!(
    CUDA_KERNEL_NODE_PARAMS_v1,
    kernel_v1,
    |driver, node, params| shown_kernel(driver, node, params).map(|kernel| older(&kernel)),
    cuGraphKernelNodeGetParams,
    cuGraphKernelNodeSetParams
);
node_exports!(
    CUDA_MEMCPY3D,
    NodeSource::Copy,
    |_, _, params| match params {
        NodeParams::Copy(copy) => Ok(write_copy(&copy)),
        _ => Err(CuError::INVALID_VALUE),
    },
    cuGraphMemcpyNodeGetParams,
    cuGraphMemcpyNodeSetParams
);
node_exports!(
    CUDA_MEMSET_NODE_PARAMS,
    NodeSource::Fill,
    |_, _, params| match params {
        NodeParams::Fill(fill) => Ok(write_fill(&fill)),
        _ => Err(CuError::INVALID_VALUE),
    },
    cuGraphMemsetNodeGetParams,
    cuGraphMemsetNodeSetParams
);
node_exports!(
    CUDA_HOST_NODE_PARAMS,
    NodeSource::Host,
    |_, _, params| match params {
        NodeParams::Host(host) => Ok(write_host(&host)),
        _ => Err(CuError::INVALID_VALUE),
    },
    cuGraphHostNodeGetParams,
    cuGraphHostNodeSetParams
);
node_exports!(
    CUDA_BATCH_MEM_OP_NODE_PARAMS,
    NodeSource::Batch,
    |_, node, params| match params {
        NodeParams::BatchMemOp { operations, flags } => Ok(write_batch(node, operations, flags)),
        _ => Err(CuError::INVALID_VALUE),
    },
    cuGraphBatchMemOpNodeGetParams,
    cuGraphBatchMemOpNodeSetParams
);

add_export!(
    CUDA_KERNEL_NODE_PARAMS,
    NodeSource::Kernel,
    cuGraphAddKernelNode_v2
);
add_export!(CUDA_KERNEL_NODE_PARAMS_v1, kernel_v1, cuGraphAddKernelNode);
add_export!(CUDA_MEMCPY3D, NodeSource::Copy, cuGraphAddMemcpyNode, ctx);
add_export!(
    CUDA_MEMSET_NODE_PARAMS,
    NodeSource::Fill,
    cuGraphAddMemsetNode,
    ctx
);
add_export!(CUDA_HOST_NODE_PARAMS, NodeSource::Host, cuGraphAddHostNode);
add_export!(
    CUDA_BATCH_MEM_OP_NODE_PARAMS,
    NodeSource::Batch,
    cuGraphAddBatchMemOpNode
);

exec_export!(
    CUDA_KERNEL_NODE_PARAMS,
    NodeSource::Kernel,
    cuGraphExecKernelNodeSetParams_v2
);
exec_export!(
    CUDA_KERNEL_NODE_PARAMS_v1,
    kernel_v1,
    cuGraphExecKernelNodeSetParams
);
exec_export!(
    CUDA_MEMCPY3D,
    NodeSource::Copy,
    cuGraphExecMemcpyNodeSetParams,
    ctx
);
exec_export!(
    CUDA_MEMSET_NODE_PARAMS,
    NodeSource::Fill,
    cuGraphExecMemsetNodeSetParams,
    ctx
);
exec_export!(
    CUDA_HOST_NODE_PARAMS,
    NodeSource::Host,
    cuGraphExecHostNodeSetParams
);
exec_export!(
    CUDA_BATCH_MEM_OP_NODE_PARAMS,
    NodeSource::Batch,
    cuGraphExecBatchMemOpNodeSetParams
);
