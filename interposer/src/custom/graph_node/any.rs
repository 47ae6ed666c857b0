//! The calls that take a node of any kind, as a union. Read [`of_union`] first.

use std::ptr;

use rigel_protocol::CuResult;
use rigel_protocol::custom::NodeParams;
use rigel_protocol::generated::types::{CUgraphEdgeData, CUgraphNodeParams, CUgraphNodeType};
use rigel_protocol::handle::{Context, DevicePtr, Event, Graph, GraphExec, GraphNode};

use super::host::write_host;
use super::memory::address_of;
use super::structures::{write_allocation, write_batch, write_copy, write_fill, write_kernel};
use super::{NewNode, NodeSource, add, exec_set, params_of, set};
use crate::ffi;

/// Words of `CUgraphNodeParams` before the structure of a copy: flags, and the context.
const COPY_HEAD_WORDS: usize = 2;

/// Words before the context in the structure of a fill.
const FILL_WORDS: usize = 5;

/// The word of an allocation's address, which the driver answers.
const ADDRESS_WORD: usize = 14;

/// The structure in a union, and the context it names.
fn of_union(params: &CUgraphNodeParams) -> CuResult<(NodeSource, Context)> {
    use CUgraphNodeType as T;

    let words = &params.words;
    let none = Context::NONE;
    Ok(match params.r#type {
        T::CU_GRAPH_NODE_TYPE_KERNEL => (NodeSource::Kernel(take(words)), none),
        T::CU_GRAPH_NODE_TYPE_MEMCPY => (
            NodeSource::Copy(take(&words[COPY_HEAD_WORDS..])),
            Context(words[1]),
        ),
        T::CU_GRAPH_NODE_TYPE_MEMSET => (NodeSource::Fill(take(words)), Context(words[FILL_WORDS])),
        T::CU_GRAPH_NODE_TYPE_HOST => (NodeSource::Host(take(words)), none),
        T::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => (NodeSource::Batch(take(words)), none),
        T::CU_GRAPH_NODE_TYPE_MEM_ALLOC => (NodeSource::Allocate(take(words)), none),
        other => {
            let ready = match other {
                T::CU_GRAPH_NODE_TYPE_EMPTY => NodeParams::Empty,
                T::CU_GRAPH_NODE_TYPE_GRAPH => NodeParams::Child(Graph(words[0])),
                T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => NodeParams::Wait(Event(words[0])),
                T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => NodeParams::Record(Event(words[0])),
                T::CU_GRAPH_NODE_TYPE_MEM_FREE => NodeParams::Free(DevicePtr(words[0])),
                _ => return rigel_protocol::custom::not_supported("a graph node of this kind"),
            };
            (NodeSource::Ready(ready), none)
        }
    })
}

/// A structure at the start of words that are at least as many.
fn take<T: Copy>(words: &[u64]) -> T {
    assert!(
        size_of::<T>() <= size_of_val(words),
        "the union holds each of its structures"
    );
    // SAFETY: long enough, and a C structure of numbers and pointers has no invalid bits.
    unsafe { ptr::read_unaligned(words.as_ptr().cast::<T>()) }
}

fn give<T: Copy>(words: &mut [u64], value: T) {
    assert!(
        size_of::<T>() <= size_of_val(words),
        "the union holds each of its structures"
    );
    // SAFETY: long enough.
    unsafe { ptr::write_unaligned(words.as_mut_ptr().cast::<T>(), value) };
}

pub(crate) unsafe fn cuGraphAddNode_v2(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    node_params: *mut CUgraphNodeParams,
) -> CuResult<()> {
    // SAFETY: the caller's structure.
    let mut params = unsafe { ffi::read(node_params.cast_const()) }?;
    let (source, context) = of_union(&params)?;
    let place = NewNode {
        out: ph_graph_node,
        graph: h_graph,
        needs: dependencies,
        count: num_dependencies,
        data: dependency_data,
        context,
    };
    // SAFETY: the caller's structure and lists.
    unsafe { add(&place, source) }?;
    if params.r#type != CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC {
        return Ok(());
    }
    // SAFETY: the caller's out-pointers, the first of which has just been written.
    unsafe {
        params.words[ADDRESS_WORD] = address_of(ffi::read(ph_graph_node.cast_const())?)?.0;
        ffi::write(node_params, params)
    }
}

pub(crate) unsafe fn cuGraphAddNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *mut CUgraphNodeParams,
) -> CuResult<()> {
    let plain = ptr::null();
    // SAFETY: the caller's structure and lists.
    unsafe {
        cuGraphAddNode_v2(
            ph_graph_node,
            h_graph,
            dependencies,
            plain,
            num_dependencies,
            node_params,
        )
    }
}

pub(crate) unsafe fn cuGraphNodeSetParams(
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> CuResult<()> {
    // SAFETY: the caller's structure.
    let (source, _) = of_union(&unsafe { ffi::read(node_params.cast_const()) }?)?;
    // SAFETY: the caller's structure.
    unsafe { set(h_node, source) }
}

pub(crate) unsafe fn cuGraphExecNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> CuResult<()> {
    // SAFETY: the caller's structure.
    let (source, context) = of_union(&unsafe { ffi::read(node_params.cast_const()) }?)?;
    // SAFETY: the caller's structure.
    unsafe { exec_set(h_graph_exec, h_node, source, context) }
}

pub(crate) unsafe fn cuGraphNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> CuResult<()> {
    use CUgraphNodeType as T;

    ffi::check_out(node_params)?;
    let (driver, params) = params_of(h_node)?;
    let mut words = [0; 29];
    let kind = match params {
        NodeParams::Empty => T::CU_GRAPH_NODE_TYPE_EMPTY,
        NodeParams::Kernel(kernel) => {
            give(&mut words, write_kernel(driver, h_node, &kernel)?);
            T::CU_GRAPH_NODE_TYPE_KERNEL
        }
        NodeParams::Copy(copy) => {
            give(&mut words[COPY_HEAD_WORDS..], write_copy(&copy));
            T::CU_GRAPH_NODE_TYPE_MEMCPY
        }
        NodeParams::Fill(fill) => {
            give(&mut words, write_fill(&fill));
            T::CU_GRAPH_NODE_TYPE_MEMSET
        }
        NodeParams::Host(host) => {
            give(&mut words, write_host(&host));
            T::CU_GRAPH_NODE_TYPE_HOST
        }
        NodeParams::BatchMemOp { operations, flags } => {
            give(&mut words, write_batch(h_node, operations, flags));
            T::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP
        }
        NodeParams::Allocate(allocation) => {
            give(&mut words, write_allocation(h_node, allocation));
            T::CU_GRAPH_NODE_TYPE_MEM_ALLOC
        }
        NodeParams::Free(address) => {
            words[0] = address.0;
            T::CU_GRAPH_NODE_TYPE_MEM_FREE
        }
        NodeParams::Child(graph) => {
            words[0] = graph.0;
            T::CU_GRAPH_NODE_TYPE_GRAPH
        }
        NodeParams::Record(event) => {
            words[0] = event.0;
            T::CU_GRAPH_NODE_TYPE_EVENT_RECORD
        }
        NodeParams::Wait(event) => {
            words[0] = event.0;
            T::CU_GRAPH_NODE_TYPE_WAIT_EVENT
        }
    };
    let shown = CUgraphNodeParams {
        r#type: kind,
        reserved0: [0; 3],
        words,
        reserved2: 0,
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(node_params, shown) }
}
