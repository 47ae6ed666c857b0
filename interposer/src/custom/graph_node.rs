//! Nodes of graphs: every C structure becomes one `NodeParams`, and back.
//!
//! What a caller is shown of a node (its parameters, its batch of operations) stays in place until the
//! same node is asked for again. The program's host functions are numbered here, so that they can be
//! told again. Read [`NodeSource`] first.

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::custom::{Copy3d, Fill, HostNode, KernelNode, NodeParams, Place, Side};
use rigel_protocol::generated::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUgraphEdgeData,
    CUgraphNodeParams, CUgraphNodeType, CUmemorytype, CUstreamBatchMemOpParams,
};
use rigel_protocol::handle::{
    Array, Context, Device, DevicePtr, Event, Function, Graph, GraphExec, GraphNode, Kernel,
};
use rigel_protocol::{CuError, CuResult, Cx, Driver, HostPtr};

use super::graph::edges;
use super::{copy_box, launch};
use crate::{current, ffi};

/// Most operations of one node.
const OPERATIONS_MAX: usize = 256;

/// Most nodes whose parameters are shown at a time.
const SHOWN_MAX: usize = 1 << 16;

/// Most host functions of nodes in a process.
const HOSTS_MAX: usize = 1 << 20;

/// A structure of the caller's that says what a node does.
enum NodeSource {
    Kernel(CUDA_KERNEL_NODE_PARAMS),
    Copy(CUDA_MEMCPY3D),
    Fill(CUDA_MEMSET_NODE_PARAMS),
    Host(CUDA_HOST_NODE_PARAMS),
    Batch(CUDA_BATCH_MEM_OP_NODE_PARAMS),
    Ready(NodeParams),
}

impl NodeSource {
    /// # Safety
    /// The structure's pointers are as CUDA asks.
    unsafe fn read(self, driver: &dyn Driver, cx: Cx) -> CuResult<NodeParams> {
        Ok(match self {
            // SAFETY: the caller vouches for it.
            Self::Kernel(kernel) => {
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

fn read_fill(fill: &CUDA_MEMSET_NODE_PARAMS) -> CuResult<Fill> {
    if ![1, 2, 4].contains(&fill.elementSize) || fill.width == 0 || fill.height == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(Fill {
        dst: fill.dst,
        pitch_bytes: fill.pitch as u64,
        value: fill.value,
        element_bytes: fill.elementSize as u8,
        width: fill.width as u64,
        height: fill.height as u64,
    })
}

fn write_fill(fill: &Fill) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: fill.dst,
        pitch: fill.pitch_bytes as usize,
        value: fill.value,
        elementSize: fill.element_bytes.into(),
        width: fill.width as usize,
        height: fill.height as usize,
    }
}

/// Host functions of nodes: function and argument, by number.
static HOSTS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

fn read_host(host: &CUDA_HOST_NODE_PARAMS) -> CuResult<HostNode> {
    let (function, argument) = (host.r#fn as usize, host.userData as usize);
    if function == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let tag = {
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        hosts.push((function, argument));
        hosts.len() as u64
    };
    Ok(HostNode {
        callback: Arc::new(move |_| {
            // SAFETY: the caller said that this address is a function of this type, to be called with
            // its argument at each launch of the graph.
            let function: unsafe extern "C" fn(*mut c_void) =
                unsafe { std::mem::transmute(function) };
            // SAFETY: as above.
            unsafe { function(argument as *mut c_void) };
        }),
        tag,
    })
}

fn write_host(host: &HostNode) -> CUDA_HOST_NODE_PARAMS {
    let hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
    let found = (host.tag as usize)
        .checked_sub(1)
        .and_then(|index| hosts.get(index));
    let (function, argument) = found.copied().unwrap_or_default();
    CUDA_HOST_NODE_PARAMS {
        r#fn: function as *mut c_void,
        userData: argument as *mut c_void,
    }
}

fn write_copy(copy: &Copy3d) -> CUDA_MEMCPY3D {
    let ends = |side: &Side| match side.place {
        Place::Host(HostPtr(at)) => (
            CUmemorytype::CU_MEMORYTYPE_HOST,
            at,
            DevicePtr(0),
            Array::NONE,
        ),
        Place::Device(at) => (CUmemorytype::CU_MEMORYTYPE_DEVICE, 0, at, Array::NONE),
        Place::Array(slot) => (
            CUmemorytype::CU_MEMORYTYPE_ARRAY,
            0,
            DevicePtr(0),
            slot.array,
        ),
    };
    let (dst, src) = (ends(&copy.dst), ends(&copy.src));
    CUDA_MEMCPY3D {
        srcXInBytes: copy.src.x_bytes as usize,
        srcY: copy.src.y as usize,
        srcZ: copy.src.z as usize,
        srcLOD: 0,
        srcMemoryType: src.0,
        srcHost: src.1 as *const c_void,
        srcDevice: src.2,
        srcArray: src.3,
        reserved0: ptr::null_mut(),
        srcPitch: copy.src.pitch_bytes as usize,
        srcHeight: copy.src.rows as usize,
        dstXInBytes: copy.dst.x_bytes as usize,
        dstY: copy.dst.y as usize,
        dstZ: copy.dst.z as usize,
        dstLOD: 0,
        dstMemoryType: dst.0,
        dstHost: dst.1 as *mut c_void,
        dstDevice: dst.2,
        dstArray: dst.3,
        reserved1: ptr::null_mut(),
        dstPitch: copy.dst.pitch_bytes as usize,
        dstHeight: copy.dst.rows as usize,
        WidthInBytes: copy.extent.width_bytes as usize,
        Height: copy.extent.height as usize,
        Depth: copy.extent.depth as usize,
    }
}

/// What a caller is shown of a node, at addresses that stay.
#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    pointers: Vec<usize>,
    operations: Vec<CUstreamBatchMemOpParams>,
}

static SHOWN: Mutex<Option<HashMap<GraphNode, Shown>>> = Mutex::new(None);

/// Keeps what is shown of a node, and tells where it is: pointers to parameters, operations.
fn show(node: GraphNode, shown: Shown) -> (usize, usize) {
    let places = (
        shown.pointers.as_ptr() as usize,
        shown.operations.as_ptr() as usize,
    );
    let mut all = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_with(HashMap::new);
    if all.len() >= SHOWN_MAX {
        all.clear();
    }
    all.insert(node, shown);
    places
}

fn write_kernel(
    driver: &dyn Driver,
    node: GraphNode,
    kernel: &KernelNode,
) -> CuResult<CUDA_KERNEL_NODE_PARAMS> {
    let info = driver.function_info(kernel.function)?;
    let bytes = kernel.params.clone();
    let base = bytes.as_ptr() as usize;
    // One more that is null, for functions without parameters.
    let places = info.params.iter().map(|slot| base + slot.offset as usize);
    let pointers: Vec<usize> = places.chain([0]).collect();
    let shown = Shown {
        bytes,
        pointers,
        operations: Vec::new(),
    };
    debug_assert_eq!(base, shown.bytes.as_ptr() as usize);
    let (pointers, _) = show(node, shown);
    let ([gx, gy, gz], [bx, by, bz]) = (kernel.grid, kernel.block);
    // Either is told, as it was given: runtimes look for their own kernel among the one or the other.
    let (func, kern) = match Kernel(kernel.function.0).index() {
        Some(_) => (Function::NONE, kernel.function),
        None => (kernel.function, Function::NONE),
    };
    Ok(CUDA_KERNEL_NODE_PARAMS {
        func,
        gridDimX: gx,
        gridDimY: gy,
        gridDimZ: gz,
        blockDimX: bx,
        blockDimY: by,
        blockDimZ: bz,
        sharedMemBytes: kernel.shared_bytes,
        kernelParams: pointers as *mut *mut c_void,
        extra: ptr::null_mut(),
        kern,
        ctx: Context::NONE,
    })
}

fn write_batch(
    node: GraphNode,
    operations: Vec<CUstreamBatchMemOpParams>,
    flags: u32,
) -> CUDA_BATCH_MEM_OP_NODE_PARAMS {
    let count = operations.len() as u32;
    let shown = Shown {
        operations,
        ..Shown::default()
    };
    CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: current::cx().context,
        count,
        paramArray: show(node, shown).1 as *mut CUstreamBatchMemOpParams,
        flags,
    }
}

fn newer(old: &CUDA_KERNEL_NODE_PARAMS_v1) -> CUDA_KERNEL_NODE_PARAMS {
    CUDA_KERNEL_NODE_PARAMS {
        func: old.func,
        gridDimX: old.gridDimX,
        gridDimY: old.gridDimY,
        gridDimZ: old.gridDimZ,
        blockDimX: old.blockDimX,
        blockDimY: old.blockDimY,
        blockDimZ: old.blockDimZ,
        sharedMemBytes: old.sharedMemBytes,
        kernelParams: old.kernelParams,
        extra: old.extra,
        kern: Function::NONE,
        ctx: Context::NONE,
    }
}

fn older(new: &CUDA_KERNEL_NODE_PARAMS) -> CUDA_KERNEL_NODE_PARAMS_v1 {
    CUDA_KERNEL_NODE_PARAMS_v1 {
        func: match new.func.is_none() {
            true => new.kern,
            false => new.func,
        },
        gridDimX: new.gridDimX,
        gridDimY: new.gridDimY,
        gridDimZ: new.gridDimZ,
        blockDimX: new.blockDimX,
        blockDimY: new.blockDimY,
        blockDimZ: new.blockDimZ,
        sharedMemBytes: new.sharedMemBytes,
        kernelParams: new.kernelParams,
        extra: new.extra,
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
        NodeParams::Child(child) => driver.graph_add_child_graph_node(cx, graph, needs, *child),
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

/// Words of `CUgraphNodeParams` before the structure of a copy: flags, and the context.
const COPY_HEAD_WORDS: usize = 2;

/// Words before the context in the structure of a fill.
const FILL_WORDS: usize = 5;

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
        other => {
            let ready = match other {
                T::CU_GRAPH_NODE_TYPE_EMPTY => NodeParams::Empty,
                T::CU_GRAPH_NODE_TYPE_GRAPH => NodeParams::Child(Graph(words[0])),
                T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => NodeParams::Wait(Event(words[0])),
                T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => NodeParams::Record(Event(words[0])),
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
    let (source, context) = of_union(&unsafe { ffi::read(node_params.cast_const()) }?)?;
    let place = NewNode {
        out: ph_graph_node,
        graph: h_graph,
        needs: dependencies,
        count: num_dependencies,
        data: dependency_data,
        context,
    };
    // SAFETY: the caller's structure and lists.
    unsafe { add(&place, source) }
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
