//! Nodes of graphs and captures. Nodes are numbered here, and go with their graph.

use rigel_protocol::custom::{ArraySlot, Place, Side};
use rigel_protocol::custom::{CaptureState, Copy3d, GraphUpdate, HostNode, KernelNode, NodeParams};
use rigel_protocol::generated::types::{CUgraphNodeType, CUstreamCaptureStatus};
use rigel_protocol::handle::{Graph, GraphExec, GraphNode};
use rigel_protocol::link::WireNode;
use rigel_protocol::link::graph::check_host_sides;
use rigel_protocol::{CuError, CuResult};

use super::launch::client_function;
use crate::worker::fault::Fault;
use crate::worker::issue::Issue;
use crate::worker::ledger::VirtualGpu;

/// `graphAddNode`.
pub(super) fn add_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let graph = issue.handle::<Graph>()?;
    let needs = issue.handles::<GraphNode>()?;
    let node: WireNode = issue.get()?;
    issue.end_of_record()?;
    let params = real_params(issue, node)?;
    let (cx, driver) = (issue.cx(), issue.driver());
    let charge = match &params {
        NodeParams::Allocate(allocation) => {
            let gpu = u32::try_from(allocation.properties.location.id).unwrap_or(u32::MAX);
            let charges = &issue.session().charges;
            Some(charges.charge(VirtualGpu(gpu), allocation.bytes)?)
        }
        _ => None,
    };
    let made = driver.graph_add_node(cx, graph, &needs, &params)?;
    if let Some(charge) = charge {
        // Kept under its address, which the driver has chosen; freed as other memory is.
        if let NodeParams::Allocate(allocation) = driver.graph_node_params(cx, made)? {
            issue.keep(charge, allocation.address.0);
        }
    }
    issue.put_handle(made)
}

/// `graphNodeParams`.
pub(super) fn node_params(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let params = issue.driver().graph_node_params(issue.cx(), node)?;
    let node = client_params(issue, params)?;
    issue.put(&node);
    Ok(())
}

/// `graphNodeSetParams`.
pub(super) fn node_set_params(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let node = issue.handle::<GraphNode>()?;
    let params: WireNode = issue.get()?;
    issue.end_of_record()?;
    let params = real_params(issue, params)?;
    Ok(issue
        .driver()
        .graph_node_set_params(issue.cx(), node, &params)?)
}

/// `graphExecNodeSetParams`.
pub(super) fn exec_node_set_params(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let exec = issue.handle::<GraphExec>()?;
    let node = issue.handle::<GraphNode>()?;
    let params: WireNode = issue.get()?;
    issue.end_of_record()?;
    let params = real_params(issue, params)?;
    Ok(issue
        .driver()
        .graph_exec_node_set_params(issue.cx(), exec, node, &params)?)
}

/// `graphExecUpdate`.
pub(super) fn exec_update(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let exec = issue.handle::<GraphExec>()?;
    let graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let update = issue.driver().graph_exec_update(issue.cx(), exec, graph)?;
    let update = GraphUpdate {
        error_node: issue.client_handle(update.error_node)?,
        error_from_node: issue.client_handle(update.error_from_node)?,
        ..update
    };
    issue.put(&update);
    Ok(())
}

/// `streamCapture`.
pub(super) fn capture(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    issue.end_of_record()?;
    let state = issue.driver().stream_capture(issue.cx(), stream)?;
    let active = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE;
    let state = match state.status == active {
        true => {
            let needs = state.needs.iter().map(|node| issue.client_handle(*node));
            CaptureState {
                needs: needs.collect::<CuResult<_>>()?,
                graph: issue.client_handle(state.graph)?,
                ..state
            }
        }
        false => CaptureState {
            graph: Graph::NONE,
            needs: Vec::new(),
            edges: Vec::new(),
            ..state
        },
    };
    issue.put(&state);
    Ok(())
}

/// `cuGraphDestroy`: the numbers of its nodes are free again.
pub(super) fn destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let graph = issue.gone_handle::<Graph>()?;
    issue.end_of_record()?;
    let (cx, driver) = (issue.cx(), issue.driver());
    let handles = &issue.session().handles;
    if handles.names_any::<GraphNode>() {
        let (_, count) = driver.graph_get_nodes(cx, graph, 0)?;
        let (nodes, _) = driver.graph_get_nodes(cx, graph, count)?;
        handles.forget_named(&nodes);
        refund_nodes(issue, &nodes);
    }
    Ok(driver.graph_destroy(cx, graph)?)
}

/// Gives back what was charged for the memory of a graph's nodes. What an executable graph still holds of
/// it, the driver's account says.
fn refund_nodes(issue: &Issue<'_>, nodes: &[GraphNode]) {
    let (cx, driver) = (issue.cx(), issue.driver());
    for node in nodes {
        let kind = driver.graph_node_get_type(cx, *node);
        if kind != Ok(CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC) {
            continue;
        }
        if let Ok(NodeParams::Allocate(allocation)) = driver.graph_node_params(cx, *node) {
            issue.refund(allocation.address.0);
        }
    }
}

/// A node's parameters with the driver's handles, its host memory checked.
fn real_params(issue: &Issue<'_>, node: WireNode) -> Result<NodeParams, Fault> {
    let handles = &issue.session().handles;
    Ok(match node {
        WireNode::Empty => NodeParams::Empty,
        WireNode::Kernel(kernel) => {
            let function = issue.real_function(kernel.function)?;
            if kernel.params.len() != function.param_bytes {
                return Err(CuError::INVALID_VALUE.into());
            }
            NodeParams::Kernel(KernelNode {
                function: function.real,
                ..kernel
            })
        }
        WireNode::Copy(copy) => {
            let arenas = &issue.session().arenas;
            check_host_sides(&copy, |address, bytes| {
                arenas
                    .check(rigel_protocol::HostPtr(address), bytes)
                    .is_ok()
            })?;
            NodeParams::Copy(Copy3d {
                dst: real_side(issue, copy.dst)?,
                src: real_side(issue, copy.src)?,
                ..copy
            })
        }
        WireNode::Fill(fill) => NodeParams::Fill(fill),
        WireNode::Host { callback, tag } => {
            let callback = client_function(issue.session(), issue.caller().thread, callback);
            NodeParams::Host(HostNode { callback, tag })
        }
        WireNode::Child(graph) => NodeParams::Child(handles.real(graph)?),
        WireNode::Record(event) => NodeParams::Record(handles.real(event)?),
        WireNode::Wait(event) => NodeParams::Wait(handles.real(event)?),
        WireNode::BatchMemOp { operations, flags } => NodeParams::BatchMemOp { operations, flags },
        WireNode::Allocate(allocation) => NodeParams::Allocate(allocation),
        WireNode::Free(address) => NodeParams::Free(address),
    })
}

fn real_side(issue: &Issue<'_>, side: Side) -> CuResult<Side> {
    let place = match side.place {
        Place::Array(slot) => Place::Array(ArraySlot {
            array: issue.session().handles.real(slot.array)?,
            ..slot
        }),
        place => place,
    };
    Ok(Side { place, ..side })
}

/// A node's parameters with the client's handles.
fn client_params(issue: &Issue<'_>, params: NodeParams) -> CuResult<WireNode> {
    Ok(match params {
        NodeParams::Empty => WireNode::Empty,
        NodeParams::Kernel(kernel) => {
            let function = issue
                .session()
                .handles
                .client_function(kernel.function)
                .ok_or(CuError::INVALID_HANDLE)?;
            WireNode::Kernel(KernelNode { function, ..kernel })
        }
        NodeParams::Copy(copy) => WireNode::Copy(copy),
        NodeParams::Fill(fill) => WireNode::Fill(fill),
        NodeParams::Host(host) => WireNode::Host {
            callback: 0,
            tag: host.tag,
        },
        NodeParams::Child(graph) => WireNode::Child(issue.client_handle(graph)?),
        NodeParams::Record(event) => WireNode::Record(issue.client_handle(event)?),
        NodeParams::Wait(event) => WireNode::Wait(issue.client_handle(event)?),
        NodeParams::BatchMemOp { operations, flags } => WireNode::BatchMemOp { operations, flags },
        NodeParams::Allocate(allocation) => WireNode::Allocate(allocation),
        NodeParams::Free(address) => WireNode::Free(address),
    })
}
