//! Graphs.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0a00)] #[post] #[since(10000)]
    fn cuGraphCreate(#[new] phGraph: *mut CUgraph, flags: c_uint);

    #[call(0x0a01)] #[custom] #[since(12000)]
    fn cuGraphAddKernelNode_v2(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
    );

    #[call(0x0a02)] #[custom] #[since(12000)]
    fn cuGraphKernelNodeGetParams_v2(hNode: CUgraphNode, nodeParams: *mut CUDA_KERNEL_NODE_PARAMS);

    #[call(0x0a03)] #[custom] #[since(12000)]
    fn cuGraphKernelNodeSetParams_v2(
        hNode: CUgraphNode,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
    );

    #[call(0x0a04)] #[custom] #[since(10000)]
    fn cuGraphAddMemcpyNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        copyParams: *const CUDA_MEMCPY3D,
        ctx: CUcontext,
    );

    #[call(0x0a05)] #[custom] #[since(10000)]
    fn cuGraphMemcpyNodeGetParams(hNode: CUgraphNode, nodeParams: *mut CUDA_MEMCPY3D);

    #[call(0x0a06)] #[custom] #[since(10000)]
    fn cuGraphMemcpyNodeSetParams(hNode: CUgraphNode, nodeParams: *const CUDA_MEMCPY3D);

    #[call(0x0a07)] #[custom] #[since(10000)]
    fn cuGraphAddMemsetNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
        ctx: CUcontext,
    );

    #[call(0x0a08)] #[custom] #[since(10000)]
    fn cuGraphMemsetNodeGetParams(hNode: CUgraphNode, nodeParams: *mut CUDA_MEMSET_NODE_PARAMS);

    #[call(0x0a09)] #[custom] #[since(10000)]
    fn cuGraphMemsetNodeSetParams(hNode: CUgraphNode, nodeParams: *const CUDA_MEMSET_NODE_PARAMS);

    #[call(0x0a0a)] #[custom] #[since(10000)]
    fn cuGraphAddHostNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_HOST_NODE_PARAMS,
    );

    #[call(0x0a0b)] #[custom] #[since(10000)]
    fn cuGraphHostNodeGetParams(hNode: CUgraphNode, nodeParams: *mut CUDA_HOST_NODE_PARAMS);

    #[call(0x0a0c)] #[custom] #[since(10000)]
    fn cuGraphHostNodeSetParams(hNode: CUgraphNode, nodeParams: *const CUDA_HOST_NODE_PARAMS);

    #[call(0x0a0d)] #[custom] #[wait] #[since(10000)]
    fn cuGraphAddChildGraphNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        #[nullable] #[len(numDependencies)] dependencies: *const CUgraphNode,
        numDependencies: size_t,
        childGraph: CUgraph,
    );

    #[call(0x0a0e)] #[wait] #[since(10000)]
    fn cuGraphChildGraphNodeGetGraph(hNode: CUgraphNode, phGraph: *mut CUgraph);

    #[call(0x0a0f)] #[wait] #[since(10000)]
    fn cuGraphAddEmptyNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        #[nullable] #[len(numDependencies)] dependencies: *const CUgraphNode,
        numDependencies: size_t,
    );

    #[call(0x0a10)] #[wait] #[since(11010)]
    fn cuGraphAddEventRecordNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        #[nullable] #[len(numDependencies)] dependencies: *const CUgraphNode,
        numDependencies: size_t,
        event: CUevent,
    );

    #[call(0x0a11)] #[wait] #[since(11010)]
    fn cuGraphEventRecordNodeGetEvent(hNode: CUgraphNode, event_out: *mut CUevent);

    #[call(0x0a12)] #[wait] #[since(11010)]
    fn cuGraphEventRecordNodeSetEvent(hNode: CUgraphNode, event: CUevent);

    #[call(0x0a13)] #[wait] #[since(11010)]
    fn cuGraphAddEventWaitNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        #[nullable] #[len(numDependencies)] dependencies: *const CUgraphNode,
        numDependencies: size_t,
        event: CUevent,
    );

    #[call(0x0a14)] #[wait] #[since(11010)]
    fn cuGraphEventWaitNodeGetEvent(hNode: CUgraphNode, event_out: *mut CUevent);

    #[call(0x0a15)] #[wait] #[since(11010)]
    fn cuGraphEventWaitNodeSetEvent(hNode: CUgraphNode, event: CUevent);

    #[call(0x0a16)] #[unsupported] #[since(11020)]
    fn cuGraphAddExternalSemaphoresSignalNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
    );

    #[call(0x0a17)] #[unsupported] #[since(11020)]
    fn cuGraphExternalSemaphoresSignalNodeGetParams(
        hNode: CUgraphNode,
        params_out: *mut CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
    );

    #[call(0x0a18)] #[unsupported] #[since(11020)]
    fn cuGraphExternalSemaphoresSignalNodeSetParams(
        hNode: CUgraphNode,
        nodeParams: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
    );

    #[call(0x0a19)] #[unsupported] #[since(11020)]
    fn cuGraphAddExternalSemaphoresWaitNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
    );

    #[call(0x0a1a)] #[unsupported] #[since(11020)]
    fn cuGraphExternalSemaphoresWaitNodeGetParams(
        hNode: CUgraphNode,
        params_out: *mut CUDA_EXT_SEM_WAIT_NODE_PARAMS,
    );

    #[call(0x0a1b)] #[unsupported] #[since(11020)]
    fn cuGraphExternalSemaphoresWaitNodeSetParams(
        hNode: CUgraphNode,
        nodeParams: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
    );

    #[call(0x0a1c)] #[custom] #[since(11070)]
    fn cuGraphAddBatchMemOpNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    );

    #[call(0x0a1d)] #[custom] #[since(11070)]
    fn cuGraphBatchMemOpNodeGetParams(
        hNode: CUgraphNode,
        nodeParams_out: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
    );

    #[call(0x0a1e)] #[custom] #[since(11070)]
    fn cuGraphBatchMemOpNodeSetParams(
        hNode: CUgraphNode,
        nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    );

    #[call(0x0a1f)] #[custom] #[since(11070)]
    fn cuGraphExecBatchMemOpNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    );

    #[call(0x0a20)] #[custom] #[since(11040)]
    fn cuGraphAddMemAllocNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
    );

    #[call(0x0a21)] #[custom] #[since(11040)]
    fn cuGraphMemAllocNodeGetParams(
        hNode: CUgraphNode,
        params_out: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
    );

    #[call(0x0a22)] #[custom] #[since(11040)]
    fn cuGraphAddMemFreeNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        dptr: CUdeviceptr,
    );

    #[call(0x0a23)] #[custom] #[since(11040)]
    fn cuGraphMemFreeNodeGetParams(hNode: CUgraphNode, dptr_out: *mut CUdeviceptr);

    /// Gives memory that graphs no longer use back.
    #[call(0x0a24)] #[post] #[since(11040)]
    fn cuDeviceGraphMemTrim(device: CUdevice);

    /// Every attribute is one 64-bit number.
    #[call(0x0a25)] #[wait] #[since(11040)]
    fn cuDeviceGetGraphMemAttribute(
        device: CUdevice,
        attr: CUgraphMem_attribute,
        #[bytes(8)] value: *mut c_void,
    );

    /// Every attribute is one 64-bit number.
    #[call(0x0a26)] #[post] #[since(11040)]
    fn cuDeviceSetGraphMemAttribute(
        device: CUdevice,
        attr: CUgraphMem_attribute,
        #[bytes(8)] #[input] value: *mut c_void,
    );

    #[call(0x0a27)] #[custom] #[wait] #[since(10000)]
    fn cuGraphClone(#[new] phGraphClone: *mut CUgraph, originalGraph: CUgraph);

    #[call(0x0a28)] #[wait] #[since(10000)]
    fn cuGraphNodeFindInClone(
        phNode: *mut CUgraphNode,
        hOriginalNode: CUgraphNode,
        hClonedGraph: CUgraph,
    );

    #[call(0x0a29)] #[wait] #[since(10000)]
    fn cuGraphNodeGetType(hNode: CUgraphNode, r#type: *mut CUgraphNodeType);

    #[call(0x0a2a)] #[wait] #[since(13010)]
    fn cuGraphNodeGetContainingGraph(hNode: CUgraphNode, phGraph: *mut CUgraph);

    #[call(0x0a2b)] #[wait] #[since(13010)]
    fn cuGraphNodeGetLocalId(hNode: CUgraphNode, nodeId: *mut c_uint);

    #[call(0x0a2c)] #[wait] #[since(13010)]
    fn cuGraphNodeGetToolsId(hNode: CUgraphNode, toolsNodeId: *mut c_ulonglong);

    #[call(0x0a2d)] #[wait] #[since(13010)]
    fn cuGraphGetId(hGraph: CUgraph, graphId: *mut c_uint);

    #[call(0x0a2e)] #[wait] #[since(13010)]
    fn cuGraphExecGetId(hGraphExec: CUgraphExec, graphId: *mut c_uint);

    /// A null list asks for the number only.
    #[call(0x0a2f)] #[wait] #[since(10000)]
    fn cuGraphGetNodes(
        hGraph: CUgraph,
        #[nullable] #[len(numNodes)] nodes: *mut CUgraphNode,
        #[inout] numNodes: *mut size_t,
    );

    /// A null list asks for the number only.
    #[call(0x0a30)] #[wait] #[since(10000)]
    fn cuGraphGetRootNodes(
        hGraph: CUgraph,
        #[nullable] #[len(numRootNodes)] rootNodes: *mut CUgraphNode,
        #[inout] numRootNodes: *mut size_t,
    );

    #[call(0x0a31)] #[custom] #[wait] #[since(12030)]
    fn cuGraphGetEdges_v2(
        hGraph: CUgraph,
        #[nullable] #[len(numEdges)] from: *mut CUgraphNode,
        #[nullable] #[len(numEdges)] to: *mut CUgraphNode,
        #[nullable] #[len(numEdges)] edgeData: *mut CUgraphEdgeData,
        #[inout] numEdges: *mut size_t,
    );

    #[call(0x0a32)] #[custom] #[wait] #[since(12030)]
    fn cuGraphNodeGetDependencies_v2(
        hNode: CUgraphNode,
        #[nullable] #[len(numDependencies)] dependencies: *mut CUgraphNode,
        #[nullable] #[len(numDependencies)] edgeData: *mut CUgraphEdgeData,
        #[inout] numDependencies: *mut size_t,
    );

    #[call(0x0a33)] #[custom] #[wait] #[since(12030)]
    fn cuGraphNodeGetDependentNodes_v2(
        hNode: CUgraphNode,
        #[nullable] #[len(numDependentNodes)] dependentNodes: *mut CUgraphNode,
        #[nullable] #[len(numDependentNodes)] edgeData: *mut CUgraphEdgeData,
        #[inout] numDependentNodes: *mut size_t,
    );

    #[call(0x0a34)] #[custom] #[wait] #[since(12030)]
    fn cuGraphAddDependencies_v2(
        hGraph: CUgraph,
        #[len(numDependencies)] from: *const CUgraphNode,
        #[len(numDependencies)] to: *const CUgraphNode,
        #[nullable] #[len(numDependencies)] edgeData: *const CUgraphEdgeData,
        numDependencies: size_t,
    );

    #[call(0x0a35)] #[custom] #[wait] #[since(12030)]
    fn cuGraphRemoveDependencies_v2(
        hGraph: CUgraph,
        #[len(numDependencies)] from: *const CUgraphNode,
        #[len(numDependencies)] to: *const CUgraphNode,
        #[nullable] #[len(numDependencies)] edgeData: *const CUgraphEdgeData,
        numDependencies: size_t,
    );

    #[call(0x0a36)] #[wait] #[since(10000)]
    fn cuGraphDestroyNode(#[gone] hNode: CUgraphNode);

    #[call(0x0a37)] #[custom] #[wait] #[since(11040)]
    fn cuGraphInstantiateWithFlags(
        #[new] phGraphExec: *mut CUgraphExec,
        hGraph: CUgraph,
        flags: c_ulonglong,
    );

    #[call(0x0a38)] #[wait] #[since(12000)]
    fn cuGraphExecGetFlags(hGraphExec: CUgraphExec, flags: *mut cuuint64_t);

    #[call(0x0a39)] #[custom] #[since(12000)]
    fn cuGraphExecKernelNodeSetParams_v2(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
    );

    #[call(0x0a3a)] #[custom] #[since(10020)]
    fn cuGraphExecMemcpyNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        copyParams: *const CUDA_MEMCPY3D,
        ctx: CUcontext,
    );

    #[call(0x0a3b)] #[custom] #[since(10020)]
    fn cuGraphExecMemsetNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
        ctx: CUcontext,
    );

    #[call(0x0a3c)] #[custom] #[since(10020)]
    fn cuGraphExecHostNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_HOST_NODE_PARAMS,
    );

    #[call(0x0a3d)] #[wait] #[since(11010)]
    fn cuGraphExecChildGraphNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        childGraph: CUgraph,
    );

    #[call(0x0a3e)] #[wait] #[since(11010)]
    fn cuGraphExecEventRecordNodeSetEvent(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        event: CUevent,
    );

    #[call(0x0a3f)] #[wait] #[since(11010)]
    fn cuGraphExecEventWaitNodeSetEvent(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        event: CUevent,
    );

    #[call(0x0a40)] #[unsupported] #[since(11020)]
    fn cuGraphExecExternalSemaphoresSignalNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
    );

    #[call(0x0a41)] #[unsupported] #[since(11020)]
    fn cuGraphExecExternalSemaphoresWaitNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
    );

    #[call(0x0a42)] #[wait] #[since(11060)]
    fn cuGraphNodeSetEnabled(hGraphExec: CUgraphExec, hNode: CUgraphNode, isEnabled: c_uint);

    #[call(0x0a43)] #[wait] #[since(11060)]
    fn cuGraphNodeGetEnabled(hGraphExec: CUgraphExec, hNode: CUgraphNode, isEnabled: *mut c_uint);

    #[call(0x0a44)] #[custom] #[post] #[since(10000)]
    fn cuGraphExecDestroy(#[gone] hGraphExec: CUgraphExec);

    #[call(0x0a45)] #[custom] #[post] #[since(10000)]
    fn cuGraphDestroy(#[gone] hGraph: CUgraph);

    #[call(0x0a46)] #[custom] #[since(12000)]
    fn cuGraphExecUpdate_v2(
        hGraphExec: CUgraphExec,
        hGraph: CUgraph,
        resultInfo: *mut CUgraphExecUpdateResultInfo,
    );

    #[call(0x0a47)] #[wait] #[since(11000)]
    fn cuGraphKernelNodeCopyAttributes(dst: CUgraphNode, src: CUgraphNode);

    #[call(0x0a48)] #[wait] #[since(11000)]
    fn cuGraphKernelNodeGetAttribute(
        hNode: CUgraphNode,
        attr: CUkernelNodeAttrID,
        value_out: *mut CUkernelNodeAttrValue,
    );

    #[call(0x0a49)] #[wait] #[since(11000)]
    fn cuGraphKernelNodeSetAttribute(
        hNode: CUgraphNode,
        attr: CUkernelNodeAttrID,
        value: *const CUkernelNodeAttrValue,
    );

    #[call(0x0a4a)] #[custom] #[since(11030)]
    fn cuGraphDebugDotPrint(hGraph: CUgraph, path: *const c_char, flags: c_uint);

    #[call(0x0a4b)] #[custom] #[since(11030)]
    fn cuUserObjectCreate(
        object_out: *mut CUuserObject,
        ptr: *mut c_void,
        destroy: CUhostFn,
        initialRefcount: c_uint,
        flags: c_uint,
    );

    #[call(0x0a4c)] #[custom] #[since(11030)]
    fn cuUserObjectRetain(object: CUuserObject, count: c_uint);

    #[call(0x0a4d)] #[custom] #[since(11030)]
    fn cuUserObjectRelease(object: CUuserObject, count: c_uint);

    #[call(0x0a4e)] #[custom] #[since(11030)]
    fn cuGraphRetainUserObject(graph: CUgraph, object: CUuserObject, count: c_uint, flags: c_uint);

    #[call(0x0a4f)] #[custom] #[since(11030)]
    fn cuGraphReleaseUserObject(graph: CUgraph, object: CUuserObject, count: c_uint);

    #[call(0x0a50)] #[custom] #[since(12030)]
    fn cuGraphAddNode_v2(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        dependencyData: *const CUgraphEdgeData,
        numDependencies: size_t,
        nodeParams: *mut CUgraphNodeParams,
    );

    #[call(0x0a51)] #[custom] #[since(12020)]
    fn cuGraphNodeSetParams(hNode: CUgraphNode, nodeParams: *mut CUgraphNodeParams);

    #[call(0x0a52)] #[custom] #[since(13020)]
    fn cuGraphNodeGetParams(hNode: CUgraphNode, nodeParams: *mut CUgraphNodeParams);

    #[call(0x0a53)] #[custom] #[since(12020)]
    fn cuGraphExecNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *mut CUgraphNodeParams,
    );

    #[call(0x0a54)] #[unsupported] #[since(12030)]
    fn cuGraphConditionalHandleCreate(
        pHandle_out: *mut CUgraphConditionalHandle,
        hGraph: CUgraph,
        ctx: CUcontext,
        defaultLaunchValue: c_uint,
        flags: c_uint,
    );

    #[call(0x0a55)] #[custom] #[since(10000)]
    fn cuGraphAddKernelNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
    );

    #[call(0x0a56)] #[custom] #[since(10000)]
    fn cuGraphKernelNodeGetParams(hNode: CUgraphNode, nodeParams: *mut CUDA_KERNEL_NODE_PARAMS_v1);

    #[call(0x0a57)] #[custom] #[since(10000)]
    fn cuGraphKernelNodeSetParams(
        hNode: CUgraphNode,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
    );

    #[call(0x0a58)] #[custom] #[since(10010)]
    fn cuGraphExecKernelNodeSetParams(
        hGraphExec: CUgraphExec,
        hNode: CUgraphNode,
        nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
    );

    #[call(0x0a59)] #[custom] #[since(12000, ptsz = 12000)]
    fn cuGraphInstantiateWithParams(
        phGraphExec: *mut CUgraphExec,
        hGraph: CUgraph,
        instantiateParams: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
    );

    #[call(0x0a5a)] #[custom] #[since(10020)]
    fn cuGraphExecUpdate(
        hGraphExec: CUgraphExec,
        hGraph: CUgraph,
        hErrorNode_out: *mut CUgraphNode,
        updateResult_out: *mut CUgraphExecUpdateResult,
    );

    #[call(0x0a5b)] #[post] #[since(11010, ptsz = 11010)]
    fn cuGraphUpload(hGraph: CUgraphExec, hStream: CUstream);

    /// Charged like the launches it holds.
    #[call(0x0a5c)] #[local] #[post] #[meter] #[since(10000, ptsz = 10000)]
    fn cuGraphLaunch(hGraph: CUgraphExec, hStream: CUstream);

    #[call(0x0a5d)] #[custom] #[since(10000)]
    fn cuGraphGetEdges(
        hGraph: CUgraph,
        from: *mut CUgraphNode,
        to: *mut CUgraphNode,
        numEdges: *mut size_t,
    );

    #[call(0x0a5e)] #[custom] #[since(10000)]
    fn cuGraphNodeGetDependencies(
        hNode: CUgraphNode,
        dependencies: *mut CUgraphNode,
        numDependencies: *mut size_t,
    );

    #[call(0x0a5f)] #[custom] #[since(10000)]
    fn cuGraphNodeGetDependentNodes(
        hNode: CUgraphNode,
        dependentNodes: *mut CUgraphNode,
        numDependentNodes: *mut size_t,
    );

    #[call(0x0a60)] #[custom] #[since(10000)]
    fn cuGraphAddDependencies(
        hGraph: CUgraph,
        from: *const CUgraphNode,
        to: *const CUgraphNode,
        numDependencies: size_t,
    );

    #[call(0x0a61)] #[custom] #[since(10000)]
    fn cuGraphRemoveDependencies(
        hGraph: CUgraph,
        from: *const CUgraphNode,
        to: *const CUgraphNode,
        numDependencies: size_t,
    );

    #[call(0x0a62)] #[custom] #[since(12020)]
    fn cuGraphAddNode(
        phGraphNode: *mut CUgraphNode,
        hGraph: CUgraph,
        dependencies: *const CUgraphNode,
        numDependencies: size_t,
        nodeParams: *mut CUgraphNodeParams,
    );

    #[call(0x0a63)] #[custom] #[since(10000)]
    fn cuGraphInstantiate(
        phGraphExec: *mut CUgraphExec,
        hGraph: CUgraph,
        phErrorNode: *mut CUgraphNode,
        logBuffer: *mut c_char,
        bufferSize: size_t,
    );

    #[call(0x0a64)] #[custom] #[since(11000)]
    fn cuGraphInstantiate_v2(
        phGraphExec: *mut CUgraphExec,
        hGraph: CUgraph,
        phErrorNode: *mut CUgraphNode,
        logBuffer: *mut c_char,
        bufferSize: size_t,
    );
}
