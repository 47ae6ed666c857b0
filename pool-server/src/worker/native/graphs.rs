//! Nodes of graphs and captures: the C function for each kind of node. A kernel's parameters are packed
//! as for a launch; a copy's context is the caller's.
#![expect(unsafe_code, reason = "calls into a loaded libcuda")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use rigel_protocol::call::{Cx, HostPtr};
use rigel_protocol::custom::{
    AllocateNode, ArraySlot, CaptureState, Copy3d, Extent, Fill, GraphUpdate, Graphs, HostNode,
    Images, KernelNode, NodeParams, Place, Side,
};
use rigel_protocol::generated::driver::GraphApi;
use rigel_protocol::generated::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUgraphEdgeData,
    CUgraphExecUpdateResult, CUgraphExecUpdateResultInfo, CUgraphNodeType, CUmemAccessDesc,
    CUmemorytype, CUstreamBatchMemOpParams, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{
    Array, Context, DevicePtr, Function, Graph, GraphExec, GraphNode, Stream,
};
use rigel_protocol::{CuError, CuResult};

use super::launches::{Call, PARAM_END, PARAM_POINTER, PARAM_SIZE, called_again};
use super::{Native, bounded, lock};

/// What the driver says when an update cannot be.
const UPDATE_REFUSED: CuError = CuError::GRAPH_EXEC_UPDATE_FAILURE;

/// A node's parameters as the driver reads them; what they point to lives beside them.
enum Plain<'a> {
    Kernel(&'a KernelNode),
    Copy(CUDA_MEMCPY3D),
    Fill(CUDA_MEMSET_NODE_PARAMS),
    Host(CUDA_HOST_NODE_PARAMS),
    Batch(&'a [CUstreamBatchMemOpParams], u32),
    Allocate(Box<CUDA_MEM_ALLOC_NODE_PARAMS>, Vec<CUmemAccessDesc>),
    Free(DevicePtr),
}

impl Native {
    fn plain<'a>(&self, params: &'a NodeParams) -> CuResult<Plain<'a>> {
        Ok(match params {
            NodeParams::Kernel(kernel) => Plain::Kernel(kernel),
            NodeParams::Copy(copy) => Plain::Copy(super::copies::parameters(copy)),
            NodeParams::Fill(fill) => Plain::Fill(CUDA_MEMSET_NODE_PARAMS {
                dst: fill.dst,
                pitch: fill.pitch_bytes as usize,
                value: fill.value,
                elementSize: fill.element_bytes.into(),
                width: fill.width as usize,
                height: fill.height as usize,
            }),
            NodeParams::Host(host) => Plain::Host(self.host_node(host)?),
            NodeParams::BatchMemOp { operations, flags } => Plain::Batch(operations, *flags),
            NodeParams::Allocate(node) => self.allocation(node)?,
            NodeParams::Free(address) => Plain::Free(*address),
            // These have calls of their own.
            _ => return Err(CuError::INVALID_VALUE),
        })
    }

    fn allocation(&self, node: &AllocateNode) -> CuResult<Plain<'static>> {
        let access = self.all_located(&node.access)?;
        let params = CUDA_MEM_ALLOC_NODE_PARAMS {
            poolProps: self.located(&node.properties)?,
            accessDescs: ptr::null(),
            accessDescCount: access.len(),
            bytesize: node.bytes as usize,
            dptr: DevicePtr(0),
        };
        Ok(Plain::Allocate(Box::new(params), access))
    }

    /// A host function that the driver may call as long as it lives.
    fn host_node(&self, host: &HostNode) -> CuResult<CUDA_HOST_NODE_PARAMS> {
        let call = self.keep_call(Arc::new(Call {
            callback: Arc::clone(&host.callback),
            tag: host.tag,
        }))?;
        Ok(CUDA_HOST_NODE_PARAMS {
            r#fn: called_again as *mut c_void,
            userData: call.cast_mut().cast(),
        })
    }

    fn real_or_none(&self, cx: Cx) -> CuResult<Context> {
        match cx.context.is_none() {
            true => Ok(Context::NONE),
            false => self.real_context(cx.context),
        }
    }
}

/// Calls `act` with a kernel node's parameters.
fn with_kernel<T>(node: &KernelNode, act: impl FnOnce(&CUDA_KERNEL_NODE_PARAMS) -> T) -> T {
    let mut size = node.params.len();
    let mut extra = [
        PARAM_POINTER,
        node.params.as_ptr().cast_mut().cast(),
        PARAM_SIZE,
        ptr::from_mut(&mut size).cast(),
        PARAM_END,
    ];
    let ([gx, gy, gz], [bx, by, bz]) = (node.grid, node.block);
    let params = CUDA_KERNEL_NODE_PARAMS {
        func: node.function,
        gridDimX: gx,
        gridDimY: gy,
        gridDimZ: gz,
        blockDimX: bx,
        blockDimY: by,
        blockDimZ: bz,
        sharedMemBytes: node.shared_bytes,
        kernelParams: ptr::null_mut(),
        extra: match node.params.is_empty() {
            true => ptr::null_mut(),
            false => extra.as_mut_ptr(),
        },
        kern: Function::NONE,
        ctx: Context::NONE,
    };
    act(&params)
}

fn batch(
    context: Context,
    operations: &[CUstreamBatchMemOpParams],
    flags: u32,
) -> CUDA_BATCH_MEM_OP_NODE_PARAMS {
    CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: context,
        count: operations.len() as u32,
        paramArray: operations.as_ptr().cast_mut(),
        flags,
    }
}

impl Graphs for Native {
    fn graph_add_node(
        &self,
        cx: Cx,
        graph: Graph,
        needs: &[GraphNode],
        params: &NodeParams,
    ) -> CuResult<GraphNode> {
        self.enter(cx)?;
        let plain = self.plain(params)?;
        let context = self.real_or_none(cx)?;
        let mut node = GraphNode::NONE;
        let (list, count) = (needs.as_ptr(), needs.len());
        let symbols = &self.symbols;
        // SAFETY: every pointer leads to locals and slices that live across the call, which copies
        // what they hold; the kernel's buffer is as long as its parameters, which the caller has
        // checked; host memory is the caller's word, as `NodeParams` says.
        let added = unsafe {
            match &plain {
                Plain::Kernel(kernel) => {
                    let entry = symbols.cuGraphAddKernelNode_v2.get()?;
                    with_kernel(kernel, |params| {
                        entry(&mut node, graph, list, count, params)
                    })
                }
                Plain::Copy(copy) => {
                    let entry = symbols.cuGraphAddMemcpyNode.get()?;
                    entry(&mut node, graph, list, count, copy, context)
                }
                Plain::Fill(fill) => {
                    let entry = symbols.cuGraphAddMemsetNode.get()?;
                    entry(&mut node, graph, list, count, fill, context)
                }
                Plain::Host(host) => {
                    let entry = symbols.cuGraphAddHostNode.get()?;
                    entry(&mut node, graph, list, count, host)
                }
                Plain::Batch(operations, flags) => {
                    let entry = symbols.cuGraphAddBatchMemOpNode.get()?;
                    let params = batch(context, operations, *flags);
                    entry(&mut node, graph, list, count, &params)
                }
                Plain::Allocate(params, access) => {
                    let entry = symbols.cuGraphAddMemAllocNode.get()?;
                    let mut params = **params;
                    params.accessDescs = access.as_ptr();
                    entry(&mut node, graph, list, count, &mut params)
                }
                Plain::Free(address) => {
                    let entry = symbols.cuGraphAddMemFreeNode.get()?;
                    entry(&mut node, graph, list, count, *address)
                }
            }
        };
        CuError::check(added)?;
        Ok(node)
    }

    fn graph_node_params(&self, cx: Cx, node: GraphNode) -> CuResult<NodeParams> {
        use CUgraphNodeType as T;

        let kind = self.graph_node_get_type(cx, node)?;
        self.enter(cx)?;
        Ok(match kind {
            T::CU_GRAPH_NODE_TYPE_KERNEL => NodeParams::Kernel(self.kernel_node(node)?),
            T::CU_GRAPH_NODE_TYPE_MEMCPY => NodeParams::Copy(self.copy_node(node)?),
            T::CU_GRAPH_NODE_TYPE_MEMSET => NodeParams::Fill(self.fill_node(node)?),
            T::CU_GRAPH_NODE_TYPE_HOST => NodeParams::Host(self.told_host(node)?),
            T::CU_GRAPH_NODE_TYPE_GRAPH => {
                NodeParams::Child(self.graph_child_graph_node_get_graph(cx, node)?)
            }
            T::CU_GRAPH_NODE_TYPE_EMPTY => NodeParams::Empty,
            T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
                NodeParams::Wait(self.graph_event_wait_node_get_event(cx, node)?)
            }
            T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
                NodeParams::Record(self.graph_event_record_node_get_event(cx, node)?)
            }
            T::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => self.batch_node(node)?,
            T::CU_GRAPH_NODE_TYPE_MEM_ALLOC => NodeParams::Allocate(self.told_allocation(node)?),
            T::CU_GRAPH_NODE_TYPE_MEM_FREE => NodeParams::Free(self.told_free(node)?),
            _ => return Err(CuError::NOT_SUPPORTED),
        })
    }

    fn graph_node_set_params(&self, cx: Cx, node: GraphNode, params: &NodeParams) -> CuResult<()> {
        self.enter(cx)?;
        let plain = self.plain(params)?;
        let context = self.real_or_none(cx)?;
        let symbols = &self.symbols;
        // SAFETY: as in `graph_add_node`.
        CuError::check(unsafe {
            match &plain {
                Plain::Kernel(kernel) => {
                    let entry = symbols.cuGraphKernelNodeSetParams_v2.get()?;
                    with_kernel(kernel, |params| entry(node, params))
                }
                Plain::Copy(copy) => symbols.cuGraphMemcpyNodeSetParams.get()?(node, copy),
                Plain::Fill(fill) => symbols.cuGraphMemsetNodeSetParams.get()?(node, fill),
                Plain::Host(host) => symbols.cuGraphHostNodeSetParams.get()?(node, host),
                Plain::Batch(operations, flags) => {
                    let entry = symbols.cuGraphBatchMemOpNodeSetParams.get()?;
                    entry(node, &batch(context, operations, *flags))
                }
                Plain::Allocate(..) | Plain::Free(_) => return Err(CuError::NOT_SUPPORTED),
            }
        })
    }

    fn graph_exec_node_set_params(
        &self,
        cx: Cx,
        exec: GraphExec,
        node: GraphNode,
        params: &NodeParams,
    ) -> CuResult<()> {
        self.enter(cx)?;
        let plain = self.plain(params)?;
        let context = self.real_or_none(cx)?;
        let symbols = &self.symbols;
        // SAFETY: as in `graph_add_node`.
        CuError::check(unsafe {
            match &plain {
                Plain::Kernel(kernel) => {
                    let entry = symbols.cuGraphExecKernelNodeSetParams_v2.get()?;
                    with_kernel(kernel, |params| entry(exec, node, params))
                }
                Plain::Copy(copy) => {
                    symbols.cuGraphExecMemcpyNodeSetParams.get()?(exec, node, copy, context)
                }
                Plain::Fill(fill) => {
                    symbols.cuGraphExecMemsetNodeSetParams.get()?(exec, node, fill, context)
                }
                Plain::Host(host) => symbols.cuGraphExecHostNodeSetParams.get()?(exec, node, host),
                Plain::Batch(operations, flags) => {
                    let entry = symbols.cuGraphExecBatchMemOpNodeSetParams.get()?;
                    entry(exec, node, &batch(context, operations, *flags))
                }
                Plain::Allocate(..) | Plain::Free(_) => return Err(CuError::NOT_SUPPORTED),
            }
        })
    }

    fn graph_exec_update(&self, cx: Cx, exec: GraphExec, graph: Graph) -> CuResult<GraphUpdate> {
        let entry = self.symbols.cuGraphExecUpdate_v2.get()?;
        let mut info = CUgraphExecUpdateResultInfo {
            result: CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_ERROR,
            errorNode: GraphNode::NONE,
            errorFromNode: GraphNode::NONE,
        };
        self.enter(cx)?;
        // SAFETY: the structure is a live local.
        match CuError::check(unsafe { entry(exec, graph, &mut info) }) {
            Ok(()) | Err(UPDATE_REFUSED) => Ok(GraphUpdate {
                result: info.result,
                error_node: info.errorNode,
                error_from_node: info.errorFromNode,
            }),
            Err(error) => Err(error),
        }
    }

    fn stream_capture(&self, cx: Cx, stream: Stream) -> CuResult<CaptureState> {
        self.enter(cx)?;
        let mut status = CUstreamCaptureStatus(0);
        let (mut id, mut graph, mut count) = (0_u64, Graph::NONE, 0_usize);
        let mut needs: *const GraphNode = ptr::null();
        let mut edges: *const CUgraphEdgeData = ptr::null();
        // SAFETY: out-pointers to live locals.
        CuError::check(unsafe {
            match self.symbols.cuStreamGetCaptureInfo_v3.get() {
                Ok(entry) => entry(
                    stream,
                    &mut status,
                    &mut id,
                    &mut graph,
                    &mut needs,
                    &mut edges,
                    &mut count,
                ),
                Err(_) => {
                    let entry = self.symbols.cuStreamGetCaptureInfo_v2.get()?;
                    entry(
                        stream,
                        &mut status,
                        &mut id,
                        &mut graph,
                        &mut needs,
                        &mut count,
                    )
                }
            }
        })?;
        let count = if needs.is_null() { 0 } else { bounded(count)? };
        // SAFETY: the driver's list of so many nodes, good until the stream is used again, which this
        // thread does not do meanwhile.
        let needs: Vec<_> = (0..count).map(|at| unsafe { *needs.add(at) }).collect();
        let edges = (0..count).map(|at| match edges.is_null() {
            true => CUgraphEdgeData {
                from_port: 0,
                to_port: 0,
                r#type: 0,
                reserved: [0; 5],
            },
            // SAFETY: as above.
            false => unsafe { *edges.add(at) },
        });
        Ok(CaptureState {
            status,
            id,
            graph,
            edges: edges.collect(),
            needs,
        })
    }
}

/// What the driver tells of its nodes.
impl Native {
    fn kernel_node(&self, node: GraphNode) -> CuResult<KernelNode> {
        let entry = self.symbols.cuGraphKernelNodeGetParams_v2.get()?;
        // SAFETY: a C structure of numbers and pointers, for which zeros are a value.
        let mut params: CUDA_KERNEL_NODE_PARAMS = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut params) })?;
        let function = match params.func.is_none() {
            true => params.kern,
            false => params.func,
        };
        let info = self.function_info(function)?;
        let mut packed = vec![0_u8; info.param_bytes()];
        if !params.kernelParams.is_null() {
            for (index, slot) in info.params.iter().enumerate() {
                let place = packed
                    .get_mut(slot.offset as usize..)
                    .and_then(|rest| rest.get_mut(..slot.size as usize))
                    .ok_or(CuError::UNKNOWN)?;
                // SAFETY: the driver's list has a pointer for each parameter of the function.
                let from = unsafe { *params.kernelParams.add(index) };
                // SAFETY: the pointer leads to a parameter of that size, in the node's memory.
                unsafe {
                    ptr::copy_nonoverlapping(from.cast::<u8>(), place.as_mut_ptr(), place.len());
                }
            }
        } else if !params.extra.is_null() {
            // SAFETY: the list is what a node was given by `with_kernel`: pointer, size, end.
            let buffer = unsafe { *params.extra.add(1) };
            // SAFETY: the buffer is as long as the function's parameters.
            unsafe {
                ptr::copy_nonoverlapping(buffer.cast::<u8>(), packed.as_mut_ptr(), packed.len());
            }
        }
        Ok(KernelNode {
            function,
            grid: [params.gridDimX, params.gridDimY, params.gridDimZ],
            block: [params.blockDimX, params.blockDimY, params.blockDimZ],
            shared_bytes: params.sharedMemBytes,
            params: packed,
        })
    }

    fn copy_node(&self, node: GraphNode) -> CuResult<Copy3d> {
        let entry = self.symbols.cuGraphMemcpyNodeGetParams.get()?;
        // SAFETY: a C structure of numbers and pointers, for which zeros are a value.
        let mut copy: CUDA_MEMCPY3D = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut copy) })?;
        let dst = place(
            copy.dstMemoryType,
            copy.dstHost,
            copy.dstDevice,
            copy.dstArray,
        );
        let src = place(
            copy.srcMemoryType,
            copy.srcHost.cast_mut(),
            copy.srcDevice,
            copy.srcArray,
        );
        Ok(Copy3d {
            dst: Side {
                place: dst,
                x_bytes: copy.dstXInBytes as u64,
                y: copy.dstY as u64,
                z: copy.dstZ as u64,
                pitch_bytes: copy.dstPitch as u64,
                rows: copy.dstHeight as u64,
            },
            src: Side {
                place: src,
                x_bytes: copy.srcXInBytes as u64,
                y: copy.srcY as u64,
                z: copy.srcZ as u64,
                pitch_bytes: copy.srcPitch as u64,
                rows: copy.srcHeight as u64,
            },
            extent: Extent {
                width_bytes: copy.WidthInBytes as u64,
                height: copy.Height as u64,
                depth: copy.Depth as u64,
            },
        })
    }

    fn fill_node(&self, node: GraphNode) -> CuResult<Fill> {
        let entry = self.symbols.cuGraphMemsetNodeGetParams.get()?;
        // SAFETY: a C structure of numbers, for which zeros are a value.
        let mut fill: CUDA_MEMSET_NODE_PARAMS = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut fill) })?;
        Ok(Fill {
            dst: fill.dst,
            pitch_bytes: fill.pitch as u64,
            value: fill.value,
            element_bytes: u8::try_from(fill.elementSize).map_err(|_| CuError::UNKNOWN)?,
            width: fill.width as u64,
            height: fill.height as u64,
        })
    }

    fn told_host(&self, node: GraphNode) -> CuResult<HostNode> {
        let entry = self.symbols.cuGraphHostNodeGetParams.get()?;
        let mut host = CUDA_HOST_NODE_PARAMS {
            r#fn: ptr::null_mut(),
            userData: ptr::null_mut(),
        };
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut host) })?;
        let known = lock(&self.captured)
            .iter()
            .find(|call| Arc::as_ptr(call).cast::<c_void>() == host.userData.cast_const())
            .cloned();
        let call = known.ok_or(CuError::NOT_SUPPORTED)?;
        Ok(HostNode {
            callback: Arc::clone(&call.callback),
            tag: call.tag,
        })
    }

    fn told_allocation(&self, node: GraphNode) -> CuResult<AllocateNode> {
        let entry = self.symbols.cuGraphMemAllocNodeGetParams.get()?;
        // SAFETY: a C structure of numbers and pointers, for which zeros are a value.
        let mut params: CUDA_MEM_ALLOC_NODE_PARAMS = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut params) })?;
        let count = match params.accessDescs.is_null() {
            true => 0,
            false => bounded(params.accessDescCount)?,
        };
        // SAFETY: the driver's array of so many descriptions, in the node's memory.
        let access = (0..count).map(|at| unsafe { *params.accessDescs.add(at) });
        Ok(AllocateNode {
            properties: self.virtually(params.poolProps),
            access: access.map(|one| self.virtually(one)).collect(),
            bytes: params.bytesize as u64,
            address: params.dptr,
        })
    }

    fn told_free(&self, node: GraphNode) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuGraphMemFreeNodeGetParams.get()?;
        let mut address = DevicePtr(0);
        // SAFETY: an out-pointer to a live local.
        CuError::check(unsafe { entry(node, &mut address) })?;
        Ok(address)
    }

    fn batch_node(&self, node: GraphNode) -> CuResult<NodeParams> {
        let entry = self.symbols.cuGraphBatchMemOpNodeGetParams.get()?;
        let mut params = batch(Context::NONE, &[], 0);
        // SAFETY: the structure is a live local.
        CuError::check(unsafe { entry(node, &mut params) })?;
        let count = bounded(params.count as usize)?;
        // SAFETY: the driver's array of so many operations, in the node's memory.
        let operations = (0..count).map(|at| unsafe { *params.paramArray.add(at) });
        Ok(NodeParams::BatchMemOp {
            operations: operations.collect(),
            flags: params.flags,
        })
    }
}

fn place(kind: CUmemorytype, host: *mut c_void, device: DevicePtr, array: Array) -> Place {
    match kind {
        CUmemorytype::CU_MEMORYTYPE_HOST => Place::Host(HostPtr(host as u64)),
        CUmemorytype::CU_MEMORYTYPE_ARRAY => Place::Array(ArraySlot {
            array,
            offset_bytes: 0,
        }),
        _ => Place::Device(device),
    }
}
