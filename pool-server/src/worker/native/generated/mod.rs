// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Entry points of a loaded libcuda, and the generated calls on them.
#![expect(unsafe_code, reason = "calls into a loaded libcuda")]
#![allow(non_snake_case, clippy::too_many_arguments, clippy::too_many_lines)]
#![allow(clippy::type_complexity, clippy::unnecessary_cast)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use rigel_protocol::call::Cx;
use rigel_protocol::generated::driver::*;
use rigel_protocol::generated::types::*;
use rigel_protocol::handle::*;
use rigel_protocol::status::{CuError, CuResult};

use super::Native;
use super::loader::Entry;

/// The entry points, those present.
#[derive(Debug)]
pub(super) struct Symbols {
    pub(super) cuInit: Entry<unsafe extern "C" fn(u32) -> i32>,
    pub(super) cuDriverGetVersion: Entry<unsafe extern "C" fn(*mut i32) -> i32>,
    pub(super) cuGetExportTable:
        Entry<unsafe extern "C" fn(*mut *const c_void, *const CUuuid) -> i32>,
    pub(super) cuDeviceGet: Entry<unsafe extern "C" fn(*mut Device, i32) -> i32>,
    pub(super) cuDeviceGetCount: Entry<unsafe extern "C" fn(*mut i32) -> i32>,
    pub(super) cuDeviceGetName: Entry<unsafe extern "C" fn(*mut c_char, i32, Device) -> i32>,
    pub(super) cuDeviceGetUuid_v2: Entry<unsafe extern "C" fn(*mut CUuuid, Device) -> i32>,
    pub(super) cuDeviceTotalMem_v2: Entry<unsafe extern "C" fn(*mut usize, Device) -> i32>,
    pub(super) cuDeviceGetAttribute:
        Entry<unsafe extern "C" fn(*mut i32, CUdevice_attribute, Device) -> i32>,
    pub(super) cuDeviceCanAccessPeer: Entry<unsafe extern "C" fn(*mut i32, Device, Device) -> i32>,
    pub(super) cuDeviceGetP2PAttribute:
        Entry<unsafe extern "C" fn(*mut i32, CUdevice_P2PAttribute, Device, Device) -> i32>,
    pub(super) cuDeviceGetUuid: Entry<unsafe extern "C" fn(*mut CUuuid, Device) -> i32>,
    pub(super) cuDevicePrimaryCtxRetain: Entry<unsafe extern "C" fn(*mut Context, Device) -> i32>,
    pub(super) cuDevicePrimaryCtxRelease_v2: Entry<unsafe extern "C" fn(Device) -> i32>,
    pub(super) cuDevicePrimaryCtxSetFlags_v2: Entry<unsafe extern "C" fn(Device, u32) -> i32>,
    pub(super) cuCtxCreate_v4:
        Entry<unsafe extern "C" fn(*mut Context, *mut CUctxCreateParams, u32, Device) -> i32>,
    pub(super) cuCtxDestroy_v2: Entry<unsafe extern "C" fn(Context) -> i32>,
    pub(super) cuCtxSetCurrent: Entry<unsafe extern "C" fn(Context) -> i32>,
    pub(super) cuCtxSynchronize: Entry<unsafe extern "C" fn() -> i32>,
    pub(super) cuCtxSetLimit: Entry<unsafe extern "C" fn(CUlimit, usize) -> i32>,
    pub(super) cuCtxGetLimit: Entry<unsafe extern "C" fn(*mut usize, CUlimit) -> i32>,
    pub(super) cuCtxGetCacheConfig: Entry<unsafe extern "C" fn(*mut CUfunc_cache) -> i32>,
    pub(super) cuCtxSetCacheConfig: Entry<unsafe extern "C" fn(CUfunc_cache) -> i32>,
    pub(super) cuCtxGetStreamPriorityRange: Entry<unsafe extern "C" fn(*mut i32, *mut i32) -> i32>,
    pub(super) cuCtxResetPersistingL2Cache: Entry<unsafe extern "C" fn() -> i32>,
    pub(super) cuCtxEnablePeerAccess: Entry<unsafe extern "C" fn(Context, u32) -> i32>,
    pub(super) cuCtxDisablePeerAccess: Entry<unsafe extern "C" fn(Context) -> i32>,
    pub(super) cuCtxCreate_v2: Entry<unsafe extern "C" fn(*mut Context, u32, Device) -> i32>,
    pub(super) cuMemGetInfo_v2: Entry<unsafe extern "C" fn(*mut usize, *mut usize) -> i32>,
    pub(super) cuMemAlloc_v2: Entry<unsafe extern "C" fn(*mut DevicePtr, usize) -> i32>,
    pub(super) cuMemFree_v2: Entry<unsafe extern "C" fn(DevicePtr) -> i32>,
    pub(super) cuMemGetAddressRange_v2:
        Entry<unsafe extern "C" fn(*mut DevicePtr, *mut usize, DevicePtr) -> i32>,
    pub(super) cuMemAllocManaged: Entry<unsafe extern "C" fn(*mut DevicePtr, usize, u32) -> i32>,
    pub(super) cuIpcGetMemHandle:
        Entry<unsafe extern "C" fn(*mut CUipcMemHandle, DevicePtr) -> i32>,
    pub(super) cuIpcOpenMemHandle_v2:
        Entry<unsafe extern "C" fn(*mut DevicePtr, CUipcMemHandle, u32) -> i32>,
    pub(super) cuIpcCloseMemHandle: Entry<unsafe extern "C" fn(DevicePtr) -> i32>,
    pub(super) cuMemHostRegister_v2: Entry<unsafe extern "C" fn(*mut c_void, usize, u32) -> i32>,
    pub(super) cuMemHostUnregister: Entry<unsafe extern "C" fn(*mut c_void) -> i32>,
    pub(super) cuMemAdvise_v2:
        Entry<unsafe extern "C" fn(DevicePtr, usize, CUmem_advise, CUmemLocation) -> i32>,
    pub(super) cuMemRangeGetAttribute: Entry<
        unsafe extern "C" fn(*mut c_void, usize, CUmem_range_attribute, DevicePtr, usize) -> i32,
    >,
    pub(super) cuMemPrefetchAsync_v2:
        Entry<unsafe extern "C" fn(DevicePtr, usize, CUmemLocation, u32, Stream) -> i32>,
    pub(super) cuIpcOpenMemHandle:
        Entry<unsafe extern "C" fn(*mut DevicePtr, CUipcMemHandle, u32) -> i32>,
    pub(super) cuMemFreeAsync: Entry<unsafe extern "C" fn(DevicePtr, Stream) -> i32>,
    pub(super) cuMemAllocAsync: Entry<unsafe extern "C" fn(*mut DevicePtr, usize, Stream) -> i32>,
    pub(super) cuMemAllocFromPoolAsync:
        Entry<unsafe extern "C" fn(*mut DevicePtr, usize, MemPool, Stream) -> i32>,
    pub(super) cuMemcpyDtoH_v2: Entry<unsafe extern "C" fn(*mut c_void, DevicePtr, usize) -> i32>,
    pub(super) cuMemcpyDtoA_v2: Entry<unsafe extern "C" fn(Array, usize, DevicePtr, usize) -> i32>,
    pub(super) cuMemcpyAtoD_v2: Entry<unsafe extern "C" fn(DevicePtr, Array, usize, usize) -> i32>,
    pub(super) cuMemcpyAtoA_v2:
        Entry<unsafe extern "C" fn(Array, usize, Array, usize, usize) -> i32>,
    pub(super) cuMemcpyHtoAAsync_v2:
        Entry<unsafe extern "C" fn(Array, usize, *const c_void, usize, Stream) -> i32>,
    pub(super) cuMemcpyAtoHAsync_v2:
        Entry<unsafe extern "C" fn(*mut c_void, Array, usize, usize, Stream) -> i32>,
    pub(super) cuMemcpyHtoDAsync_v2:
        Entry<unsafe extern "C" fn(DevicePtr, *const c_void, usize, Stream) -> i32>,
    pub(super) cuMemcpyDtoHAsync_v2:
        Entry<unsafe extern "C" fn(*mut c_void, DevicePtr, usize, Stream) -> i32>,
    pub(super) cuMemcpyDtoDAsync_v2:
        Entry<unsafe extern "C" fn(DevicePtr, DevicePtr, usize, Stream) -> i32>,
    pub(super) cuMemcpy3DAsync_v2: Entry<unsafe extern "C" fn(*const CUDA_MEMCPY3D, Stream) -> i32>,
    pub(super) cuMemcpyAsync:
        Entry<unsafe extern "C" fn(DevicePtr, DevicePtr, usize, Stream) -> i32>,
    pub(super) cuMemsetD8Async: Entry<unsafe extern "C" fn(DevicePtr, u8, usize, Stream) -> i32>,
    pub(super) cuMemsetD16Async: Entry<unsafe extern "C" fn(DevicePtr, u16, usize, Stream) -> i32>,
    pub(super) cuMemsetD32Async: Entry<unsafe extern "C" fn(DevicePtr, u32, usize, Stream) -> i32>,
    pub(super) cuMemsetD2D8Async:
        Entry<unsafe extern "C" fn(DevicePtr, usize, u8, usize, usize, Stream) -> i32>,
    pub(super) cuMemsetD2D16Async:
        Entry<unsafe extern "C" fn(DevicePtr, usize, u16, usize, usize, Stream) -> i32>,
    pub(super) cuMemsetD2D32Async:
        Entry<unsafe extern "C" fn(DevicePtr, usize, u32, usize, usize, Stream) -> i32>,
    pub(super) cuStreamCreate: Entry<unsafe extern "C" fn(*mut Stream, u32) -> i32>,
    pub(super) cuStreamCreateWithPriority:
        Entry<unsafe extern "C" fn(*mut Stream, u32, i32) -> i32>,
    pub(super) cuThreadExchangeStreamCaptureMode:
        Entry<unsafe extern "C" fn(*mut CUstreamCaptureMode) -> i32>,
    pub(super) cuStreamDestroy_v2: Entry<unsafe extern "C" fn(Stream) -> i32>,
    pub(super) cuStreamDestroy: Entry<unsafe extern "C" fn(Stream) -> i32>,
    pub(super) cuStreamWaitEvent: Entry<unsafe extern "C" fn(Stream, Event, u32) -> i32>,
    pub(super) cuStreamAddCallback:
        Entry<unsafe extern "C" fn(Stream, CUstreamCallback, *mut c_void, u32) -> i32>,
    pub(super) cuStreamAttachMemAsync:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, usize, u32) -> i32>,
    pub(super) cuStreamQuery: Entry<unsafe extern "C" fn(Stream) -> i32>,
    pub(super) cuStreamSynchronize: Entry<unsafe extern "C" fn(Stream) -> i32>,
    pub(super) cuStreamWriteValue32:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u32, u32) -> i32>,
    pub(super) cuStreamWaitValue32: Entry<unsafe extern "C" fn(Stream, DevicePtr, u32, u32) -> i32>,
    pub(super) cuStreamWriteValue64:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u64, u32) -> i32>,
    pub(super) cuStreamWaitValue64: Entry<unsafe extern "C" fn(Stream, DevicePtr, u64, u32) -> i32>,
    pub(super) cuStreamBatchMemOp:
        Entry<unsafe extern "C" fn(Stream, u32, *mut CUstreamBatchMemOpParams, u32) -> i32>,
    pub(super) cuStreamWriteValue32_v2:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u32, u32) -> i32>,
    pub(super) cuStreamWaitValue32_v2:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u32, u32) -> i32>,
    pub(super) cuStreamWriteValue64_v2:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u64, u32) -> i32>,
    pub(super) cuStreamWaitValue64_v2:
        Entry<unsafe extern "C" fn(Stream, DevicePtr, u64, u32) -> i32>,
    pub(super) cuStreamBatchMemOp_v2:
        Entry<unsafe extern "C" fn(Stream, u32, *mut CUstreamBatchMemOpParams, u32) -> i32>,
    pub(super) cuStreamBeginCapture_v2:
        Entry<unsafe extern "C" fn(Stream, CUstreamCaptureMode) -> i32>,
    pub(super) cuStreamBeginCaptureToGraph: Entry<
        unsafe extern "C" fn(
            Stream,
            Graph,
            *const GraphNode,
            *const CUgraphEdgeData,
            usize,
            CUstreamCaptureMode,
        ) -> i32,
    >,
    pub(super) cuStreamEndCapture: Entry<unsafe extern "C" fn(Stream, *mut Graph) -> i32>,
    pub(super) cuStreamIsCapturing:
        Entry<unsafe extern "C" fn(Stream, *mut CUstreamCaptureStatus) -> i32>,
    pub(super) cuStreamGetCaptureInfo:
        Entry<unsafe extern "C" fn(Stream, *mut CUstreamCaptureStatus, *mut u64) -> i32>,
    pub(super) cuStreamGetCaptureInfo_v2: Entry<
        unsafe extern "C" fn(
            Stream,
            *mut CUstreamCaptureStatus,
            *mut u64,
            *mut Graph,
            *mut *const GraphNode,
            *mut usize,
        ) -> i32,
    >,
    pub(super) cuStreamGetCaptureInfo_v3: Entry<
        unsafe extern "C" fn(
            Stream,
            *mut CUstreamCaptureStatus,
            *mut u64,
            *mut Graph,
            *mut *const GraphNode,
            *mut *const CUgraphEdgeData,
            *mut usize,
        ) -> i32,
    >,
    pub(super) cuStreamCopyAttributes: Entry<unsafe extern "C" fn(Stream, Stream) -> i32>,
    pub(super) cuStreamGetAttribute:
        Entry<unsafe extern "C" fn(Stream, CUlaunchAttributeID, *mut CUstreamAttrValue) -> i32>,
    pub(super) cuStreamSetAttribute:
        Entry<unsafe extern "C" fn(Stream, CUlaunchAttributeID, *const CUstreamAttrValue) -> i32>,
    pub(super) cuStreamUpdateCaptureDependencies_v2: Entry<
        unsafe extern "C" fn(Stream, *mut GraphNode, *const CUgraphEdgeData, usize, u32) -> i32,
    >,
    pub(super) cuIpcGetEventHandle:
        Entry<unsafe extern "C" fn(*mut CUipcEventHandle, Event) -> i32>,
    pub(super) cuIpcOpenEventHandle:
        Entry<unsafe extern "C" fn(*mut Event, CUipcEventHandle) -> i32>,
    pub(super) cuEventCreate: Entry<unsafe extern "C" fn(*mut Event, u32) -> i32>,
    pub(super) cuEventQuery: Entry<unsafe extern "C" fn(Event) -> i32>,
    pub(super) cuEventSynchronize: Entry<unsafe extern "C" fn(Event) -> i32>,
    pub(super) cuEventDestroy_v2: Entry<unsafe extern "C" fn(Event) -> i32>,
    pub(super) cuEventElapsedTime_v2: Entry<unsafe extern "C" fn(*mut f32, Event, Event) -> i32>,
    pub(super) cuEventDestroy: Entry<unsafe extern "C" fn(Event) -> i32>,
    pub(super) cuEventElapsedTime: Entry<unsafe extern "C" fn(*mut f32, Event, Event) -> i32>,
    pub(super) cuEventRecord: Entry<unsafe extern "C" fn(Event, Stream) -> i32>,
    pub(super) cuEventRecordWithFlags: Entry<unsafe extern "C" fn(Event, Stream, u32) -> i32>,
    pub(super) cuModuleLoadDataEx: Entry<
        unsafe extern "C" fn(
            *mut Module,
            *const c_void,
            u32,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> i32,
    >,
    pub(super) cuModuleUnload: Entry<unsafe extern "C" fn(Module) -> i32>,
    pub(super) cuModuleGetFunction:
        Entry<unsafe extern "C" fn(*mut Function, Module, *const c_char) -> i32>,
    pub(super) cuModuleGetFunctionCount: Entry<unsafe extern "C" fn(*mut u32, Module) -> i32>,
    pub(super) cuModuleEnumerateFunctions:
        Entry<unsafe extern "C" fn(*mut Function, u32, Module) -> i32>,
    pub(super) cuModuleGetGlobal_v2:
        Entry<unsafe extern "C" fn(*mut DevicePtr, *mut usize, Module, *const c_char) -> i32>,
    pub(super) cuLinkCreate_v2: Entry<
        unsafe extern "C" fn(u32, *mut CUjit_option, *mut *mut c_void, *mut LinkState) -> i32,
    >,
    pub(super) cuLinkAddData_v2: Entry<
        unsafe extern "C" fn(
            LinkState,
            CUjitInputType,
            *mut c_void,
            usize,
            *const c_char,
            u32,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> i32,
    >,
    pub(super) cuLinkComplete:
        Entry<unsafe extern "C" fn(LinkState, *mut *mut c_void, *mut usize) -> i32>,
    pub(super) cuLinkDestroy: Entry<unsafe extern "C" fn(LinkState) -> i32>,
    pub(super) cuLibraryLoadData: Entry<
        unsafe extern "C" fn(
            *mut Library,
            *const c_void,
            *mut CUjit_option,
            *mut *mut c_void,
            u32,
            *mut CUlibraryOption,
            *mut *mut c_void,
            u32,
        ) -> i32,
    >,
    pub(super) cuLibraryUnload: Entry<unsafe extern "C" fn(Library) -> i32>,
    pub(super) cuLibraryGetKernel:
        Entry<unsafe extern "C" fn(*mut Function, Library, *const c_char) -> i32>,
    pub(super) cuLibraryGetKernelCount: Entry<unsafe extern "C" fn(*mut u32, Library) -> i32>,
    pub(super) cuLibraryEnumerateKernels:
        Entry<unsafe extern "C" fn(*mut Function, u32, Library) -> i32>,
    pub(super) cuLibraryGetModule: Entry<unsafe extern "C" fn(*mut Module, Library) -> i32>,
    pub(super) cuKernelGetFunction: Entry<unsafe extern "C" fn(*mut Function, Function) -> i32>,
    pub(super) cuLibraryGetGlobal:
        Entry<unsafe extern "C" fn(*mut DevicePtr, *mut usize, Library, *const c_char) -> i32>,
    pub(super) cuLibraryGetManaged:
        Entry<unsafe extern "C" fn(*mut DevicePtr, *mut usize, Library, *const c_char) -> i32>,
    pub(super) cuKernelGetAttribute:
        Entry<unsafe extern "C" fn(*mut i32, CUfunction_attribute, Function, Device) -> i32>,
    pub(super) cuKernelGetName: Entry<unsafe extern "C" fn(*mut *const c_char, Function) -> i32>,
    pub(super) cuKernelGetParamInfo:
        Entry<unsafe extern "C" fn(Function, usize, *mut usize, *mut usize) -> i32>,
    pub(super) cuFuncGetAttribute:
        Entry<unsafe extern "C" fn(*mut i32, CUfunction_attribute, Function) -> i32>,
    pub(super) cuFuncSetAttribute:
        Entry<unsafe extern "C" fn(Function, CUfunction_attribute, i32) -> i32>,
    pub(super) cuFuncGetName: Entry<unsafe extern "C" fn(*mut *const c_char, Function) -> i32>,
    pub(super) cuFuncGetParamInfo:
        Entry<unsafe extern "C" fn(Function, usize, *mut usize, *mut usize) -> i32>,
    pub(super) cuOccupancyMaxActiveBlocksPerMultiprocessor:
        Entry<unsafe extern "C" fn(*mut i32, Function, i32, usize) -> i32>,
    pub(super) cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags:
        Entry<unsafe extern "C" fn(*mut i32, Function, i32, usize, u32) -> i32>,
    pub(super) cuOccupancyAvailableDynamicSMemPerBlock:
        Entry<unsafe extern "C" fn(*mut usize, Function, i32, i32) -> i32>,
    pub(super) cuLaunchKernel: Entry<
        unsafe extern "C" fn(
            Function,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            Stream,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> i32,
    >,
    pub(super) cuLaunchKernelEx: Entry<
        unsafe extern "C" fn(
            *const CUlaunchConfig,
            Function,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> i32,
    >,
    pub(super) cuLaunchHostFunc: Entry<unsafe extern "C" fn(Stream, CUhostFn, *mut c_void) -> i32>,
    pub(super) cuGraphCreate: Entry<unsafe extern "C" fn(*mut Graph, u32) -> i32>,
    pub(super) cuGraphAddKernelNode_v2: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *const CUDA_KERNEL_NODE_PARAMS,
        ) -> i32,
    >,
    pub(super) cuGraphKernelNodeGetParams_v2:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_KERNEL_NODE_PARAMS) -> i32>,
    pub(super) cuGraphKernelNodeSetParams_v2:
        Entry<unsafe extern "C" fn(GraphNode, *const CUDA_KERNEL_NODE_PARAMS) -> i32>,
    pub(super) cuGraphAddMemcpyNode: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *const CUDA_MEMCPY3D,
            Context,
        ) -> i32,
    >,
    pub(super) cuGraphMemcpyNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_MEMCPY3D) -> i32>,
    pub(super) cuGraphMemcpyNodeSetParams:
        Entry<unsafe extern "C" fn(GraphNode, *const CUDA_MEMCPY3D) -> i32>,
    pub(super) cuGraphAddMemsetNode: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *const CUDA_MEMSET_NODE_PARAMS,
            Context,
        ) -> i32,
    >,
    pub(super) cuGraphMemsetNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_MEMSET_NODE_PARAMS) -> i32>,
    pub(super) cuGraphMemsetNodeSetParams:
        Entry<unsafe extern "C" fn(GraphNode, *const CUDA_MEMSET_NODE_PARAMS) -> i32>,
    pub(super) cuGraphAddHostNode: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *const CUDA_HOST_NODE_PARAMS,
        ) -> i32,
    >,
    pub(super) cuGraphHostNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_HOST_NODE_PARAMS) -> i32>,
    pub(super) cuGraphHostNodeSetParams:
        Entry<unsafe extern "C" fn(GraphNode, *const CUDA_HOST_NODE_PARAMS) -> i32>,
    pub(super) cuGraphAddChildGraphNode:
        Entry<unsafe extern "C" fn(*mut GraphNode, Graph, *const GraphNode, usize, Graph) -> i32>,
    pub(super) cuGraphChildGraphNodeGetGraph:
        Entry<unsafe extern "C" fn(GraphNode, *mut Graph) -> i32>,
    pub(super) cuGraphAddEmptyNode:
        Entry<unsafe extern "C" fn(*mut GraphNode, Graph, *const GraphNode, usize) -> i32>,
    pub(super) cuGraphAddEventRecordNode:
        Entry<unsafe extern "C" fn(*mut GraphNode, Graph, *const GraphNode, usize, Event) -> i32>,
    pub(super) cuGraphEventRecordNodeGetEvent:
        Entry<unsafe extern "C" fn(GraphNode, *mut Event) -> i32>,
    pub(super) cuGraphEventRecordNodeSetEvent: Entry<unsafe extern "C" fn(GraphNode, Event) -> i32>,
    pub(super) cuGraphAddEventWaitNode:
        Entry<unsafe extern "C" fn(*mut GraphNode, Graph, *const GraphNode, usize, Event) -> i32>,
    pub(super) cuGraphEventWaitNodeGetEvent:
        Entry<unsafe extern "C" fn(GraphNode, *mut Event) -> i32>,
    pub(super) cuGraphEventWaitNodeSetEvent: Entry<unsafe extern "C" fn(GraphNode, Event) -> i32>,
    pub(super) cuGraphAddBatchMemOpNode: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
        ) -> i32,
    >,
    pub(super) cuGraphBatchMemOpNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32>,
    pub(super) cuGraphBatchMemOpNodeSetParams:
        Entry<unsafe extern "C" fn(GraphNode, *const CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32>,
    pub(super) cuGraphExecBatchMemOpNodeSetParams: Entry<
        unsafe extern "C" fn(GraphExec, GraphNode, *const CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32,
    >,
    pub(super) cuGraphAddMemAllocNode: Entry<
        unsafe extern "C" fn(
            *mut GraphNode,
            Graph,
            *const GraphNode,
            usize,
            *mut CUDA_MEM_ALLOC_NODE_PARAMS,
        ) -> i32,
    >,
    pub(super) cuGraphMemAllocNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUDA_MEM_ALLOC_NODE_PARAMS) -> i32>,
    pub(super) cuGraphAddMemFreeNode: Entry<
        unsafe extern "C" fn(*mut GraphNode, Graph, *const GraphNode, usize, DevicePtr) -> i32,
    >,
    pub(super) cuGraphMemFreeNodeGetParams:
        Entry<unsafe extern "C" fn(GraphNode, *mut DevicePtr) -> i32>,
    pub(super) cuDeviceGraphMemTrim: Entry<unsafe extern "C" fn(Device) -> i32>,
    pub(super) cuDeviceGetGraphMemAttribute:
        Entry<unsafe extern "C" fn(Device, CUgraphMem_attribute, *mut c_void) -> i32>,
    pub(super) cuDeviceSetGraphMemAttribute:
        Entry<unsafe extern "C" fn(Device, CUgraphMem_attribute, *mut c_void) -> i32>,
    pub(super) cuGraphClone: Entry<unsafe extern "C" fn(*mut Graph, Graph) -> i32>,
    pub(super) cuGraphNodeFindInClone:
        Entry<unsafe extern "C" fn(*mut GraphNode, GraphNode, Graph) -> i32>,
    pub(super) cuGraphNodeGetType:
        Entry<unsafe extern "C" fn(GraphNode, *mut CUgraphNodeType) -> i32>,
    pub(super) cuGraphNodeGetContainingGraph:
        Entry<unsafe extern "C" fn(GraphNode, *mut Graph) -> i32>,
    pub(super) cuGraphNodeGetLocalId: Entry<unsafe extern "C" fn(GraphNode, *mut u32) -> i32>,
    pub(super) cuGraphNodeGetToolsId: Entry<unsafe extern "C" fn(GraphNode, *mut u64) -> i32>,
    pub(super) cuGraphGetId: Entry<unsafe extern "C" fn(Graph, *mut u32) -> i32>,
    pub(super) cuGraphExecGetId: Entry<unsafe extern "C" fn(GraphExec, *mut u32) -> i32>,
    pub(super) cuGraphGetNodes:
        Entry<unsafe extern "C" fn(Graph, *mut GraphNode, *mut usize) -> i32>,
    pub(super) cuGraphGetRootNodes:
        Entry<unsafe extern "C" fn(Graph, *mut GraphNode, *mut usize) -> i32>,
    pub(super) cuGraphGetEdges_v2: Entry<
        unsafe extern "C" fn(
            Graph,
            *mut GraphNode,
            *mut GraphNode,
            *mut CUgraphEdgeData,
            *mut usize,
        ) -> i32,
    >,
    pub(super) cuGraphNodeGetDependencies_v2: Entry<
        unsafe extern "C" fn(GraphNode, *mut GraphNode, *mut CUgraphEdgeData, *mut usize) -> i32,
    >,
    pub(super) cuGraphNodeGetDependentNodes_v2: Entry<
        unsafe extern "C" fn(GraphNode, *mut GraphNode, *mut CUgraphEdgeData, *mut usize) -> i32,
    >,
    pub(super) cuGraphAddDependencies_v2: Entry<
        unsafe extern "C" fn(
            Graph,
            *const GraphNode,
            *const GraphNode,
            *const CUgraphEdgeData,
            usize,
        ) -> i32,
    >,
    pub(super) cuGraphRemoveDependencies_v2: Entry<
        unsafe extern "C" fn(
            Graph,
            *const GraphNode,
            *const GraphNode,
            *const CUgraphEdgeData,
            usize,
        ) -> i32,
    >,
    pub(super) cuGraphDestroyNode: Entry<unsafe extern "C" fn(GraphNode) -> i32>,
    pub(super) cuGraphInstantiateWithFlags:
        Entry<unsafe extern "C" fn(*mut GraphExec, Graph, u64) -> i32>,
    pub(super) cuGraphExecGetFlags: Entry<unsafe extern "C" fn(GraphExec, *mut u64) -> i32>,
    pub(super) cuGraphExecKernelNodeSetParams_v2:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, *const CUDA_KERNEL_NODE_PARAMS) -> i32>,
    pub(super) cuGraphExecMemcpyNodeSetParams:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, *const CUDA_MEMCPY3D, Context) -> i32>,
    pub(super) cuGraphExecMemsetNodeSetParams: Entry<
        unsafe extern "C" fn(GraphExec, GraphNode, *const CUDA_MEMSET_NODE_PARAMS, Context) -> i32,
    >,
    pub(super) cuGraphExecHostNodeSetParams:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, *const CUDA_HOST_NODE_PARAMS) -> i32>,
    pub(super) cuGraphExecChildGraphNodeSetParams:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, Graph) -> i32>,
    pub(super) cuGraphExecEventRecordNodeSetEvent:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, Event) -> i32>,
    pub(super) cuGraphExecEventWaitNodeSetEvent:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, Event) -> i32>,
    pub(super) cuGraphNodeSetEnabled: Entry<unsafe extern "C" fn(GraphExec, GraphNode, u32) -> i32>,
    pub(super) cuGraphNodeGetEnabled:
        Entry<unsafe extern "C" fn(GraphExec, GraphNode, *mut u32) -> i32>,
    pub(super) cuGraphExecDestroy: Entry<unsafe extern "C" fn(GraphExec) -> i32>,
    pub(super) cuGraphDestroy: Entry<unsafe extern "C" fn(Graph) -> i32>,
    pub(super) cuGraphExecUpdate_v2:
        Entry<unsafe extern "C" fn(GraphExec, Graph, *mut CUgraphExecUpdateResultInfo) -> i32>,
    pub(super) cuGraphKernelNodeCopyAttributes:
        Entry<unsafe extern "C" fn(GraphNode, GraphNode) -> i32>,
    pub(super) cuGraphKernelNodeGetAttribute:
        Entry<unsafe extern "C" fn(GraphNode, CUlaunchAttributeID, *mut CUstreamAttrValue) -> i32>,
    pub(super) cuGraphKernelNodeSetAttribute: Entry<
        unsafe extern "C" fn(GraphNode, CUlaunchAttributeID, *const CUstreamAttrValue) -> i32,
    >,
    pub(super) cuGraphUpload: Entry<unsafe extern "C" fn(GraphExec, Stream) -> i32>,
    pub(super) cuGraphLaunch: Entry<unsafe extern "C" fn(GraphExec, Stream) -> i32>,
    pub(super) cuDeviceSetMemPool: Entry<unsafe extern "C" fn(Device, MemPool) -> i32>,
    pub(super) cuDeviceGetMemPool: Entry<unsafe extern "C" fn(*mut MemPool, Device) -> i32>,
    pub(super) cuDeviceGetDefaultMemPool: Entry<unsafe extern "C" fn(*mut MemPool, Device) -> i32>,
    pub(super) cuMemPoolTrimTo: Entry<unsafe extern "C" fn(MemPool, usize) -> i32>,
    pub(super) cuMemPoolSetAttribute:
        Entry<unsafe extern "C" fn(MemPool, CUmemPool_attribute, *mut c_void) -> i32>,
    pub(super) cuMemPoolGetAttribute:
        Entry<unsafe extern "C" fn(MemPool, CUmemPool_attribute, *mut c_void) -> i32>,
    pub(super) cuMemPoolSetAccess:
        Entry<unsafe extern "C" fn(MemPool, *const CUmemAccessDesc, usize) -> i32>,
    pub(super) cuMemPoolGetAccess:
        Entry<unsafe extern "C" fn(*mut CUmemAccess_flags, MemPool, *mut CUmemLocation) -> i32>,
    pub(super) cuMemPoolCreate:
        Entry<unsafe extern "C" fn(*mut MemPool, *const CUmemPoolProps) -> i32>,
    pub(super) cuMemPoolDestroy: Entry<unsafe extern "C" fn(MemPool) -> i32>,
    pub(super) cuMemGetDefaultMemPool:
        Entry<unsafe extern "C" fn(*mut MemPool, *mut CUmemLocation, CUmemAllocationType) -> i32>,
    pub(super) cuMemGetMemPool:
        Entry<unsafe extern "C" fn(*mut MemPool, *mut CUmemLocation, CUmemAllocationType) -> i32>,
    pub(super) cuMemSetMemPool:
        Entry<unsafe extern "C" fn(*mut CUmemLocation, CUmemAllocationType, MemPool) -> i32>,
    pub(super) cuMemPoolExportToShareableHandle:
        Entry<unsafe extern "C" fn(*mut c_void, MemPool, CUmemAllocationHandleType, u64) -> i32>,
    pub(super) cuMemPoolImportFromShareableHandle: Entry<
        unsafe extern "C" fn(*mut MemPool, *mut c_void, CUmemAllocationHandleType, u64) -> i32,
    >,
    pub(super) cuMemPoolExportPointer:
        Entry<unsafe extern "C" fn(*mut CUmemPoolPtrExportData, DevicePtr) -> i32>,
    pub(super) cuMemPoolImportPointer:
        Entry<unsafe extern "C" fn(*mut DevicePtr, MemPool, *mut CUmemPoolPtrExportData) -> i32>,
    pub(super) cuMemAddressReserve:
        Entry<unsafe extern "C" fn(*mut DevicePtr, usize, usize, DevicePtr, u64) -> i32>,
    pub(super) cuMemAddressFree: Entry<unsafe extern "C" fn(DevicePtr, usize) -> i32>,
    pub(super) cuMemCreate: Entry<
        unsafe extern "C" fn(*mut MemAllocation, usize, *const CUmemAllocationProp, u64) -> i32,
    >,
    pub(super) cuMemRelease: Entry<unsafe extern "C" fn(MemAllocation) -> i32>,
    pub(super) cuMemMap:
        Entry<unsafe extern "C" fn(DevicePtr, usize, usize, MemAllocation, u64) -> i32>,
    pub(super) cuMemUnmap: Entry<unsafe extern "C" fn(DevicePtr, usize) -> i32>,
    pub(super) cuMemSetAccess:
        Entry<unsafe extern "C" fn(DevicePtr, usize, *const CUmemAccessDesc, usize) -> i32>,
    pub(super) cuMemGetAccess:
        Entry<unsafe extern "C" fn(*mut u64, *const CUmemLocation, DevicePtr) -> i32>,
    pub(super) cuMemExportToShareableHandle: Entry<
        unsafe extern "C" fn(*mut c_void, MemAllocation, CUmemAllocationHandleType, u64) -> i32,
    >,
    pub(super) cuMemImportFromShareableHandle: Entry<
        unsafe extern "C" fn(*mut MemAllocation, *mut c_void, CUmemAllocationHandleType) -> i32,
    >,
    pub(super) cuMemGetAllocationGranularity: Entry<
        unsafe extern "C" fn(
            *mut usize,
            *const CUmemAllocationProp,
            CUmemAllocationGranularity_flags,
        ) -> i32,
    >,
    pub(super) cuMemGetAllocationPropertiesFromHandle:
        Entry<unsafe extern "C" fn(*mut CUmemAllocationProp, MemAllocation) -> i32>,
    pub(super) cuMemRetainAllocationHandle:
        Entry<unsafe extern "C" fn(*mut MemAllocation, *mut c_void) -> i32>,
}

impl Symbols {
    /// Looks every entry point up.
    pub(super) fn load(library: &libloading::Library) -> Self {
        Self {
            cuInit: Entry::find(library, "cuInit"),
            cuDriverGetVersion: Entry::find(library, "cuDriverGetVersion"),
            cuGetExportTable: Entry::find(library, "cuGetExportTable"),
            cuDeviceGet: Entry::find(library, "cuDeviceGet"),
            cuDeviceGetCount: Entry::find(library, "cuDeviceGetCount"),
            cuDeviceGetName: Entry::find(library, "cuDeviceGetName"),
            cuDeviceGetUuid_v2: Entry::find(library, "cuDeviceGetUuid_v2"),
            cuDeviceTotalMem_v2: Entry::find(library, "cuDeviceTotalMem_v2"),
            cuDeviceGetAttribute: Entry::find(library, "cuDeviceGetAttribute"),
            cuDeviceCanAccessPeer: Entry::find(library, "cuDeviceCanAccessPeer"),
            cuDeviceGetP2PAttribute: Entry::find(library, "cuDeviceGetP2PAttribute"),
            cuDeviceGetUuid: Entry::find(library, "cuDeviceGetUuid"),
            cuDevicePrimaryCtxRetain: Entry::find(library, "cuDevicePrimaryCtxRetain"),
            cuDevicePrimaryCtxRelease_v2: Entry::find(library, "cuDevicePrimaryCtxRelease_v2"),
            cuDevicePrimaryCtxSetFlags_v2: Entry::find(library, "cuDevicePrimaryCtxSetFlags_v2"),
            cuCtxCreate_v4: Entry::find(library, "cuCtxCreate_v4"),
            cuCtxDestroy_v2: Entry::find(library, "cuCtxDestroy_v2"),
            cuCtxSetCurrent: Entry::find(library, "cuCtxSetCurrent"),
            cuCtxSynchronize: Entry::find(library, "cuCtxSynchronize"),
            cuCtxSetLimit: Entry::find(library, "cuCtxSetLimit"),
            cuCtxGetLimit: Entry::find(library, "cuCtxGetLimit"),
            cuCtxGetCacheConfig: Entry::find(library, "cuCtxGetCacheConfig"),
            cuCtxSetCacheConfig: Entry::find(library, "cuCtxSetCacheConfig"),
            cuCtxGetStreamPriorityRange: Entry::find(library, "cuCtxGetStreamPriorityRange"),
            cuCtxResetPersistingL2Cache: Entry::find(library, "cuCtxResetPersistingL2Cache"),
            cuCtxEnablePeerAccess: Entry::find(library, "cuCtxEnablePeerAccess"),
            cuCtxDisablePeerAccess: Entry::find(library, "cuCtxDisablePeerAccess"),
            cuCtxCreate_v2: Entry::find(library, "cuCtxCreate_v2"),
            cuMemGetInfo_v2: Entry::find(library, "cuMemGetInfo_v2"),
            cuMemAlloc_v2: Entry::find(library, "cuMemAlloc_v2"),
            cuMemFree_v2: Entry::find(library, "cuMemFree_v2"),
            cuMemGetAddressRange_v2: Entry::find(library, "cuMemGetAddressRange_v2"),
            cuMemAllocManaged: Entry::find(library, "cuMemAllocManaged"),
            cuIpcGetMemHandle: Entry::find(library, "cuIpcGetMemHandle"),
            cuIpcOpenMemHandle_v2: Entry::find(library, "cuIpcOpenMemHandle_v2"),
            cuIpcCloseMemHandle: Entry::find(library, "cuIpcCloseMemHandle"),
            cuMemHostRegister_v2: Entry::find(library, "cuMemHostRegister_v2"),
            cuMemHostUnregister: Entry::find(library, "cuMemHostUnregister"),
            cuMemAdvise_v2: Entry::find(library, "cuMemAdvise_v2"),
            cuMemRangeGetAttribute: Entry::find(library, "cuMemRangeGetAttribute"),
            cuMemPrefetchAsync_v2: Entry::find(library, "cuMemPrefetchAsync_v2"),
            cuIpcOpenMemHandle: Entry::find(library, "cuIpcOpenMemHandle"),
            cuMemFreeAsync: Entry::find(library, "cuMemFreeAsync"),
            cuMemAllocAsync: Entry::find(library, "cuMemAllocAsync"),
            cuMemAllocFromPoolAsync: Entry::find(library, "cuMemAllocFromPoolAsync"),
            cuMemcpyDtoH_v2: Entry::find(library, "cuMemcpyDtoH_v2"),
            cuMemcpyDtoA_v2: Entry::find(library, "cuMemcpyDtoA_v2"),
            cuMemcpyAtoD_v2: Entry::find(library, "cuMemcpyAtoD_v2"),
            cuMemcpyAtoA_v2: Entry::find(library, "cuMemcpyAtoA_v2"),
            cuMemcpyHtoAAsync_v2: Entry::find(library, "cuMemcpyHtoAAsync_v2"),
            cuMemcpyAtoHAsync_v2: Entry::find(library, "cuMemcpyAtoHAsync_v2"),
            cuMemcpyHtoDAsync_v2: Entry::find(library, "cuMemcpyHtoDAsync_v2"),
            cuMemcpyDtoHAsync_v2: Entry::find(library, "cuMemcpyDtoHAsync_v2"),
            cuMemcpyDtoDAsync_v2: Entry::find(library, "cuMemcpyDtoDAsync_v2"),
            cuMemcpy3DAsync_v2: Entry::find(library, "cuMemcpy3DAsync_v2"),
            cuMemcpyAsync: Entry::find(library, "cuMemcpyAsync"),
            cuMemsetD8Async: Entry::find(library, "cuMemsetD8Async"),
            cuMemsetD16Async: Entry::find(library, "cuMemsetD16Async"),
            cuMemsetD32Async: Entry::find(library, "cuMemsetD32Async"),
            cuMemsetD2D8Async: Entry::find(library, "cuMemsetD2D8Async"),
            cuMemsetD2D16Async: Entry::find(library, "cuMemsetD2D16Async"),
            cuMemsetD2D32Async: Entry::find(library, "cuMemsetD2D32Async"),
            cuStreamCreate: Entry::find(library, "cuStreamCreate"),
            cuStreamCreateWithPriority: Entry::find(library, "cuStreamCreateWithPriority"),
            cuThreadExchangeStreamCaptureMode: Entry::find(
                library,
                "cuThreadExchangeStreamCaptureMode",
            ),
            cuStreamDestroy_v2: Entry::find(library, "cuStreamDestroy_v2"),
            cuStreamDestroy: Entry::find(library, "cuStreamDestroy"),
            cuStreamWaitEvent: Entry::find(library, "cuStreamWaitEvent"),
            cuStreamAddCallback: Entry::find(library, "cuStreamAddCallback"),
            cuStreamAttachMemAsync: Entry::find(library, "cuStreamAttachMemAsync"),
            cuStreamQuery: Entry::find(library, "cuStreamQuery"),
            cuStreamSynchronize: Entry::find(library, "cuStreamSynchronize"),
            cuStreamWriteValue32: Entry::find(library, "cuStreamWriteValue32"),
            cuStreamWaitValue32: Entry::find(library, "cuStreamWaitValue32"),
            cuStreamWriteValue64: Entry::find(library, "cuStreamWriteValue64"),
            cuStreamWaitValue64: Entry::find(library, "cuStreamWaitValue64"),
            cuStreamBatchMemOp: Entry::find(library, "cuStreamBatchMemOp"),
            cuStreamWriteValue32_v2: Entry::find(library, "cuStreamWriteValue32_v2"),
            cuStreamWaitValue32_v2: Entry::find(library, "cuStreamWaitValue32_v2"),
            cuStreamWriteValue64_v2: Entry::find(library, "cuStreamWriteValue64_v2"),
            cuStreamWaitValue64_v2: Entry::find(library, "cuStreamWaitValue64_v2"),
            cuStreamBatchMemOp_v2: Entry::find(library, "cuStreamBatchMemOp_v2"),
            cuStreamBeginCapture_v2: Entry::find(library, "cuStreamBeginCapture_v2"),
            cuStreamBeginCaptureToGraph: Entry::find(library, "cuStreamBeginCaptureToGraph"),
            cuStreamEndCapture: Entry::find(library, "cuStreamEndCapture"),
            cuStreamIsCapturing: Entry::find(library, "cuStreamIsCapturing"),
            cuStreamGetCaptureInfo: Entry::find(library, "cuStreamGetCaptureInfo"),
            cuStreamGetCaptureInfo_v2: Entry::find(library, "cuStreamGetCaptureInfo_v2"),
            cuStreamGetCaptureInfo_v3: Entry::find(library, "cuStreamGetCaptureInfo_v3"),
            cuStreamCopyAttributes: Entry::find(library, "cuStreamCopyAttributes"),
            cuStreamGetAttribute: Entry::find(library, "cuStreamGetAttribute"),
            cuStreamSetAttribute: Entry::find(library, "cuStreamSetAttribute"),
            cuStreamUpdateCaptureDependencies_v2: Entry::find(
                library,
                "cuStreamUpdateCaptureDependencies_v2",
            ),
            cuIpcGetEventHandle: Entry::find(library, "cuIpcGetEventHandle"),
            cuIpcOpenEventHandle: Entry::find(library, "cuIpcOpenEventHandle"),
            cuEventCreate: Entry::find(library, "cuEventCreate"),
            cuEventQuery: Entry::find(library, "cuEventQuery"),
            cuEventSynchronize: Entry::find(library, "cuEventSynchronize"),
            cuEventDestroy_v2: Entry::find(library, "cuEventDestroy_v2"),
            cuEventElapsedTime_v2: Entry::find(library, "cuEventElapsedTime_v2"),
            cuEventDestroy: Entry::find(library, "cuEventDestroy"),
            cuEventElapsedTime: Entry::find(library, "cuEventElapsedTime"),
            cuEventRecord: Entry::find(library, "cuEventRecord"),
            cuEventRecordWithFlags: Entry::find(library, "cuEventRecordWithFlags"),
            cuModuleLoadDataEx: Entry::find(library, "cuModuleLoadDataEx"),
            cuModuleUnload: Entry::find(library, "cuModuleUnload"),
            cuModuleGetFunction: Entry::find(library, "cuModuleGetFunction"),
            cuModuleGetFunctionCount: Entry::find(library, "cuModuleGetFunctionCount"),
            cuModuleEnumerateFunctions: Entry::find(library, "cuModuleEnumerateFunctions"),
            cuModuleGetGlobal_v2: Entry::find(library, "cuModuleGetGlobal_v2"),
            cuLinkCreate_v2: Entry::find(library, "cuLinkCreate_v2"),
            cuLinkAddData_v2: Entry::find(library, "cuLinkAddData_v2"),
            cuLinkComplete: Entry::find(library, "cuLinkComplete"),
            cuLinkDestroy: Entry::find(library, "cuLinkDestroy"),
            cuLibraryLoadData: Entry::find(library, "cuLibraryLoadData"),
            cuLibraryUnload: Entry::find(library, "cuLibraryUnload"),
            cuLibraryGetKernel: Entry::find(library, "cuLibraryGetKernel"),
            cuLibraryGetKernelCount: Entry::find(library, "cuLibraryGetKernelCount"),
            cuLibraryEnumerateKernels: Entry::find(library, "cuLibraryEnumerateKernels"),
            cuLibraryGetModule: Entry::find(library, "cuLibraryGetModule"),
            cuKernelGetFunction: Entry::find(library, "cuKernelGetFunction"),
            cuLibraryGetGlobal: Entry::find(library, "cuLibraryGetGlobal"),
            cuLibraryGetManaged: Entry::find(library, "cuLibraryGetManaged"),
            cuKernelGetAttribute: Entry::find(library, "cuKernelGetAttribute"),
            cuKernelGetName: Entry::find(library, "cuKernelGetName"),
            cuKernelGetParamInfo: Entry::find(library, "cuKernelGetParamInfo"),
            cuFuncGetAttribute: Entry::find(library, "cuFuncGetAttribute"),
            cuFuncSetAttribute: Entry::find(library, "cuFuncSetAttribute"),
            cuFuncGetName: Entry::find(library, "cuFuncGetName"),
            cuFuncGetParamInfo: Entry::find(library, "cuFuncGetParamInfo"),
            cuOccupancyMaxActiveBlocksPerMultiprocessor: Entry::find(
                library,
                "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            ),
            cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags: Entry::find(
                library,
                "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
            ),
            cuOccupancyAvailableDynamicSMemPerBlock: Entry::find(
                library,
                "cuOccupancyAvailableDynamicSMemPerBlock",
            ),
            cuLaunchKernel: Entry::find(library, "cuLaunchKernel"),
            cuLaunchKernelEx: Entry::find(library, "cuLaunchKernelEx"),
            cuLaunchHostFunc: Entry::find(library, "cuLaunchHostFunc"),
            cuGraphCreate: Entry::find(library, "cuGraphCreate"),
            cuGraphAddKernelNode_v2: Entry::find(library, "cuGraphAddKernelNode_v2"),
            cuGraphKernelNodeGetParams_v2: Entry::find(library, "cuGraphKernelNodeGetParams_v2"),
            cuGraphKernelNodeSetParams_v2: Entry::find(library, "cuGraphKernelNodeSetParams_v2"),
            cuGraphAddMemcpyNode: Entry::find(library, "cuGraphAddMemcpyNode"),
            cuGraphMemcpyNodeGetParams: Entry::find(library, "cuGraphMemcpyNodeGetParams"),
            cuGraphMemcpyNodeSetParams: Entry::find(library, "cuGraphMemcpyNodeSetParams"),
            cuGraphAddMemsetNode: Entry::find(library, "cuGraphAddMemsetNode"),
            cuGraphMemsetNodeGetParams: Entry::find(library, "cuGraphMemsetNodeGetParams"),
            cuGraphMemsetNodeSetParams: Entry::find(library, "cuGraphMemsetNodeSetParams"),
            cuGraphAddHostNode: Entry::find(library, "cuGraphAddHostNode"),
            cuGraphHostNodeGetParams: Entry::find(library, "cuGraphHostNodeGetParams"),
            cuGraphHostNodeSetParams: Entry::find(library, "cuGraphHostNodeSetParams"),
            cuGraphAddChildGraphNode: Entry::find(library, "cuGraphAddChildGraphNode"),
            cuGraphChildGraphNodeGetGraph: Entry::find(library, "cuGraphChildGraphNodeGetGraph"),
            cuGraphAddEmptyNode: Entry::find(library, "cuGraphAddEmptyNode"),
            cuGraphAddEventRecordNode: Entry::find(library, "cuGraphAddEventRecordNode"),
            cuGraphEventRecordNodeGetEvent: Entry::find(library, "cuGraphEventRecordNodeGetEvent"),
            cuGraphEventRecordNodeSetEvent: Entry::find(library, "cuGraphEventRecordNodeSetEvent"),
            cuGraphAddEventWaitNode: Entry::find(library, "cuGraphAddEventWaitNode"),
            cuGraphEventWaitNodeGetEvent: Entry::find(library, "cuGraphEventWaitNodeGetEvent"),
            cuGraphEventWaitNodeSetEvent: Entry::find(library, "cuGraphEventWaitNodeSetEvent"),
            cuGraphAddBatchMemOpNode: Entry::find(library, "cuGraphAddBatchMemOpNode"),
            cuGraphBatchMemOpNodeGetParams: Entry::find(library, "cuGraphBatchMemOpNodeGetParams"),
            cuGraphBatchMemOpNodeSetParams: Entry::find(library, "cuGraphBatchMemOpNodeSetParams"),
            cuGraphExecBatchMemOpNodeSetParams: Entry::find(
                library,
                "cuGraphExecBatchMemOpNodeSetParams",
            ),
            cuGraphAddMemAllocNode: Entry::find(library, "cuGraphAddMemAllocNode"),
            cuGraphMemAllocNodeGetParams: Entry::find(library, "cuGraphMemAllocNodeGetParams"),
            cuGraphAddMemFreeNode: Entry::find(library, "cuGraphAddMemFreeNode"),
            cuGraphMemFreeNodeGetParams: Entry::find(library, "cuGraphMemFreeNodeGetParams"),
            cuDeviceGraphMemTrim: Entry::find(library, "cuDeviceGraphMemTrim"),
            cuDeviceGetGraphMemAttribute: Entry::find(library, "cuDeviceGetGraphMemAttribute"),
            cuDeviceSetGraphMemAttribute: Entry::find(library, "cuDeviceSetGraphMemAttribute"),
            cuGraphClone: Entry::find(library, "cuGraphClone"),
            cuGraphNodeFindInClone: Entry::find(library, "cuGraphNodeFindInClone"),
            cuGraphNodeGetType: Entry::find(library, "cuGraphNodeGetType"),
            cuGraphNodeGetContainingGraph: Entry::find(library, "cuGraphNodeGetContainingGraph"),
            cuGraphNodeGetLocalId: Entry::find(library, "cuGraphNodeGetLocalId"),
            cuGraphNodeGetToolsId: Entry::find(library, "cuGraphNodeGetToolsId"),
            cuGraphGetId: Entry::find(library, "cuGraphGetId"),
            cuGraphExecGetId: Entry::find(library, "cuGraphExecGetId"),
            cuGraphGetNodes: Entry::find(library, "cuGraphGetNodes"),
            cuGraphGetRootNodes: Entry::find(library, "cuGraphGetRootNodes"),
            cuGraphGetEdges_v2: Entry::find(library, "cuGraphGetEdges_v2"),
            cuGraphNodeGetDependencies_v2: Entry::find(library, "cuGraphNodeGetDependencies_v2"),
            cuGraphNodeGetDependentNodes_v2: Entry::find(
                library,
                "cuGraphNodeGetDependentNodes_v2",
            ),
            cuGraphAddDependencies_v2: Entry::find(library, "cuGraphAddDependencies_v2"),
            cuGraphRemoveDependencies_v2: Entry::find(library, "cuGraphRemoveDependencies_v2"),
            cuGraphDestroyNode: Entry::find(library, "cuGraphDestroyNode"),
            cuGraphInstantiateWithFlags: Entry::find(library, "cuGraphInstantiateWithFlags"),
            cuGraphExecGetFlags: Entry::find(library, "cuGraphExecGetFlags"),
            cuGraphExecKernelNodeSetParams_v2: Entry::find(
                library,
                "cuGraphExecKernelNodeSetParams_v2",
            ),
            cuGraphExecMemcpyNodeSetParams: Entry::find(library, "cuGraphExecMemcpyNodeSetParams"),
            cuGraphExecMemsetNodeSetParams: Entry::find(library, "cuGraphExecMemsetNodeSetParams"),
            cuGraphExecHostNodeSetParams: Entry::find(library, "cuGraphExecHostNodeSetParams"),
            cuGraphExecChildGraphNodeSetParams: Entry::find(
                library,
                "cuGraphExecChildGraphNodeSetParams",
            ),
            cuGraphExecEventRecordNodeSetEvent: Entry::find(
                library,
                "cuGraphExecEventRecordNodeSetEvent",
            ),
            cuGraphExecEventWaitNodeSetEvent: Entry::find(
                library,
                "cuGraphExecEventWaitNodeSetEvent",
            ),
            cuGraphNodeSetEnabled: Entry::find(library, "cuGraphNodeSetEnabled"),
            cuGraphNodeGetEnabled: Entry::find(library, "cuGraphNodeGetEnabled"),
            cuGraphExecDestroy: Entry::find(library, "cuGraphExecDestroy"),
            cuGraphDestroy: Entry::find(library, "cuGraphDestroy"),
            cuGraphExecUpdate_v2: Entry::find(library, "cuGraphExecUpdate_v2"),
            cuGraphKernelNodeCopyAttributes: Entry::find(
                library,
                "cuGraphKernelNodeCopyAttributes",
            ),
            cuGraphKernelNodeGetAttribute: Entry::find(library, "cuGraphKernelNodeGetAttribute"),
            cuGraphKernelNodeSetAttribute: Entry::find(library, "cuGraphKernelNodeSetAttribute"),
            cuGraphUpload: Entry::find(library, "cuGraphUpload"),
            cuGraphLaunch: Entry::find(library, "cuGraphLaunch"),
            cuDeviceSetMemPool: Entry::find(library, "cuDeviceSetMemPool"),
            cuDeviceGetMemPool: Entry::find(library, "cuDeviceGetMemPool"),
            cuDeviceGetDefaultMemPool: Entry::find(library, "cuDeviceGetDefaultMemPool"),
            cuMemPoolTrimTo: Entry::find(library, "cuMemPoolTrimTo"),
            cuMemPoolSetAttribute: Entry::find(library, "cuMemPoolSetAttribute"),
            cuMemPoolGetAttribute: Entry::find(library, "cuMemPoolGetAttribute"),
            cuMemPoolSetAccess: Entry::find(library, "cuMemPoolSetAccess"),
            cuMemPoolGetAccess: Entry::find(library, "cuMemPoolGetAccess"),
            cuMemPoolCreate: Entry::find(library, "cuMemPoolCreate"),
            cuMemPoolDestroy: Entry::find(library, "cuMemPoolDestroy"),
            cuMemGetDefaultMemPool: Entry::find(library, "cuMemGetDefaultMemPool"),
            cuMemGetMemPool: Entry::find(library, "cuMemGetMemPool"),
            cuMemSetMemPool: Entry::find(library, "cuMemSetMemPool"),
            cuMemPoolExportToShareableHandle: Entry::find(
                library,
                "cuMemPoolExportToShareableHandle",
            ),
            cuMemPoolImportFromShareableHandle: Entry::find(
                library,
                "cuMemPoolImportFromShareableHandle",
            ),
            cuMemPoolExportPointer: Entry::find(library, "cuMemPoolExportPointer"),
            cuMemPoolImportPointer: Entry::find(library, "cuMemPoolImportPointer"),
            cuMemAddressReserve: Entry::find(library, "cuMemAddressReserve"),
            cuMemAddressFree: Entry::find(library, "cuMemAddressFree"),
            cuMemCreate: Entry::find(library, "cuMemCreate"),
            cuMemRelease: Entry::find(library, "cuMemRelease"),
            cuMemMap: Entry::find(library, "cuMemMap"),
            cuMemUnmap: Entry::find(library, "cuMemUnmap"),
            cuMemSetAccess: Entry::find(library, "cuMemSetAccess"),
            cuMemGetAccess: Entry::find(library, "cuMemGetAccess"),
            cuMemExportToShareableHandle: Entry::find(library, "cuMemExportToShareableHandle"),
            cuMemImportFromShareableHandle: Entry::find(library, "cuMemImportFromShareableHandle"),
            cuMemGetAllocationGranularity: Entry::find(library, "cuMemGetAllocationGranularity"),
            cuMemGetAllocationPropertiesFromHandle: Entry::find(
                library,
                "cuMemGetAllocationPropertiesFromHandle",
            ),
            cuMemRetainAllocationHandle: Entry::find(library, "cuMemRetainAllocationHandle"),
        }
    }
}

impl DeviceApi for Native {
    fn device_can_access_peer(&self, cx: Cx, dev: Device, peer_dev: Device) -> CuResult<i32> {
        let entry = self.symbols.cuDeviceCanAccessPeer.get()?;
        let mut can_access_peer_out = 0_i32;
        let dev = self.real_device(dev)?;
        let peer_dev = self.real_device(peer_dev)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut can_access_peer_out, dev, peer_dev) })?;
        Ok(can_access_peer_out)
    }

    fn device_get_p2p_attribute(
        &self,
        cx: Cx,
        attrib: CUdevice_P2PAttribute,
        src_device: Device,
        dst_device: Device,
    ) -> CuResult<i32> {
        let entry = self.symbols.cuDeviceGetP2PAttribute.get()?;
        let mut value_out = 0_i32;
        let src_device = self.real_device(src_device)?;
        let dst_device = self.real_device(dst_device)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut value_out, attrib, src_device, dst_device) })?;
        Ok(value_out)
    }
}

impl ContextApi for Native {
    fn ctx_synchronize(&self, cx: Cx) -> CuResult<()> {
        let entry = self.symbols.cuCtxSynchronize.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry() })?;
        Ok(())
    }

    fn ctx_set_limit(&self, cx: Cx, limit: CUlimit, value: usize) -> CuResult<()> {
        let entry = self.symbols.cuCtxSetLimit.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(limit, value) })?;
        Ok(())
    }

    fn ctx_get_limit(&self, cx: Cx, limit: CUlimit) -> CuResult<usize> {
        let entry = self.symbols.cuCtxGetLimit.get()?;
        let mut pvalue_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pvalue_out, limit) })?;
        Ok(pvalue_out)
    }

    fn ctx_get_cache_config(&self, cx: Cx) -> CuResult<CUfunc_cache> {
        let entry = self.symbols.cuCtxGetCacheConfig.get()?;
        let mut pconfig_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUfunc_cache>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pconfig_out) })?;
        Ok(pconfig_out)
    }

    fn ctx_set_cache_config(&self, cx: Cx, config: CUfunc_cache) -> CuResult<()> {
        let entry = self.symbols.cuCtxSetCacheConfig.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(config) })?;
        Ok(())
    }

    fn ctx_get_stream_priority_range(&self, cx: Cx) -> CuResult<(i32, i32)> {
        let entry = self.symbols.cuCtxGetStreamPriorityRange.get()?;
        let mut least_priority_out = 0_i32;
        let mut greatest_priority_out = 0_i32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut least_priority_out, &mut greatest_priority_out) })?;
        Ok((least_priority_out, greatest_priority_out))
    }

    fn ctx_reset_persisting_l2_cache(&self, cx: Cx) -> CuResult<()> {
        let entry = self.symbols.cuCtxResetPersistingL2Cache.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry() })?;
        Ok(())
    }

    fn ctx_enable_peer_access(&self, cx: Cx, peer_context: Context, flags: u32) -> CuResult<()> {
        let entry = self.symbols.cuCtxEnablePeerAccess.get()?;
        let peer_context = self.real_context(peer_context)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(peer_context, flags) })?;
        Ok(())
    }

    fn ctx_disable_peer_access(&self, cx: Cx, peer_context: Context) -> CuResult<()> {
        let entry = self.symbols.cuCtxDisablePeerAccess.get()?;
        let peer_context = self.real_context(peer_context)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(peer_context) })?;
        Ok(())
    }
}

impl MemoryApi for Native {
    fn mem_get_info(&self, cx: Cx) -> CuResult<(usize, usize)> {
        let entry = self.symbols.cuMemGetInfo_v2.get()?;
        let mut free_out = 0_usize;
        let mut total_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut free_out, &mut total_out) })?;
        Ok((free_out, total_out))
    }

    fn mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemAlloc_v2.get()?;
        let mut dptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, bytesize) })?;
        Ok(dptr_out)
    }

    fn mem_free(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let entry = self.symbols.cuMemFree_v2.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dptr) })?;
        Ok(())
    }

    fn mem_get_address_range(&self, cx: Cx, dptr: DevicePtr) -> CuResult<(DevicePtr, usize)> {
        let entry = self.symbols.cuMemGetAddressRange_v2.get()?;
        let mut pbase_out = DevicePtr(0);
        let mut psize_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pbase_out, &mut psize_out, dptr) })?;
        Ok((pbase_out, psize_out))
    }

    fn mem_alloc_managed(&self, cx: Cx, bytesize: usize, flags: u32) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemAllocManaged.get()?;
        let mut dptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, bytesize, flags) })?;
        Ok(dptr_out)
    }

    fn ipc_get_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<CUipcMemHandle> {
        let entry = self.symbols.cuIpcGetMemHandle.get()?;
        let mut p_handle_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUipcMemHandle>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut p_handle_out, dptr) })?;
        Ok(p_handle_out)
    }

    fn ipc_open_mem_handle(
        &self,
        cx: Cx,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        let entry = self
            .symbols
            .cuIpcOpenMemHandle_v2
            .or(&self.symbols.cuIpcOpenMemHandle)
            .get()?;
        let mut pdptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pdptr_out, handle, flags) })?;
        Ok(pdptr_out)
    }

    fn ipc_close_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let entry = self.symbols.cuIpcCloseMemHandle.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dptr) })?;
        Ok(())
    }

    fn mem_advise(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        advice: CUmem_advise,
        location: CUmemLocation,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemAdvise_v2.get()?;
        let location = self.located(&location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dev_ptr, count, advice, location) })?;
        Ok(())
    }

    fn mem_range_get_attribute(
        &self,
        cx: Cx,
        data_size: usize,
        attribute: CUmem_range_attribute,
        dev_ptr: DevicePtr,
        count: usize,
    ) -> CuResult<Vec<u8>> {
        let entry = self.symbols.cuMemRangeGetAttribute.get()?;
        let mut data_out = vec![0_u8; super::bounded(data_size as usize)?];
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                data_out.as_mut_ptr().cast::<c_void>(),
                data_size,
                attribute,
                dev_ptr,
                count,
            )
        })?;
        Ok(data_out)
    }

    fn mem_prefetch_async(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        location: CUmemLocation,
        flags: u32,
        h_stream: Stream,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemPrefetchAsync_v2.get()?;
        let location = self.located(&location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dev_ptr, count, location, flags, h_stream) })?;
        Ok(())
    }

    fn mem_free_async(&self, cx: Cx, dptr: DevicePtr, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuMemFreeAsync.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dptr, h_stream) })?;
        Ok(())
    }

    fn mem_alloc_async(&self, cx: Cx, bytesize: usize, h_stream: Stream) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemAllocAsync.get()?;
        let mut dptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, bytesize, h_stream) })?;
        Ok(dptr_out)
    }

    fn mem_alloc_from_pool_async(
        &self,
        cx: Cx,
        bytesize: usize,
        pool: MemPool,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemAllocFromPoolAsync.get()?;
        let mut dptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, bytesize, pool, h_stream) })?;
        Ok(dptr_out)
    }
}

impl StreamApi for Native {
    fn stream_create(&self, cx: Cx, flags: u32) -> CuResult<Stream> {
        let entry = self.symbols.cuStreamCreate.get()?;
        let mut ph_stream_out = Stream(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_stream_out, flags) })?;
        Ok(ph_stream_out)
    }

    fn stream_create_with_priority(&self, cx: Cx, flags: u32, priority: i32) -> CuResult<Stream> {
        let entry = self.symbols.cuStreamCreateWithPriority.get()?;
        let mut ph_stream_out = Stream(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_stream_out, flags, priority) })?;
        Ok(ph_stream_out)
    }

    fn stream_destroy(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamDestroy_v2
            .or(&self.symbols.cuStreamDestroy)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream) })?;
        Ok(())
    }

    fn stream_wait_event(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_event: Event,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamWaitEvent.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, h_event, flags) })?;
        Ok(())
    }

    fn stream_attach_mem_async(
        &self,
        cx: Cx,
        h_stream: Stream,
        dptr: DevicePtr,
        length: usize,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamAttachMemAsync.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, dptr, length, flags) })?;
        Ok(())
    }

    fn stream_query(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuStreamQuery.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream) })?;
        Ok(())
    }

    fn stream_synchronize(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuStreamSynchronize.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream) })?;
        Ok(())
    }

    fn stream_write_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamWriteValue32_v2
            .or(&self.symbols.cuStreamWriteValue32)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(stream, addr, value, flags) })?;
        Ok(())
    }

    fn stream_wait_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamWaitValue32_v2
            .or(&self.symbols.cuStreamWaitValue32)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(stream, addr, value, flags) })?;
        Ok(())
    }

    fn stream_write_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamWriteValue64_v2
            .or(&self.symbols.cuStreamWriteValue64)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(stream, addr, value, flags) })?;
        Ok(())
    }

    fn stream_wait_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamWaitValue64_v2
            .or(&self.symbols.cuStreamWaitValue64)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(stream, addr, value, flags) })?;
        Ok(())
    }

    fn stream_batch_mem_op(
        &self,
        cx: Cx,
        stream: Stream,
        param_array: &[CUstreamBatchMemOpParams],
        flags: u32,
    ) -> CuResult<()> {
        let entry = self
            .symbols
            .cuStreamBatchMemOp_v2
            .or(&self.symbols.cuStreamBatchMemOp)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                stream,
                param_array.len() as _,
                param_array.as_ptr().cast_mut(),
                flags,
            )
        })?;
        Ok(())
    }

    fn stream_begin_capture(
        &self,
        cx: Cx,
        h_stream: Stream,
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamBeginCapture_v2.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, mode) })?;
        Ok(())
    }

    fn stream_begin_capture_to_graph(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_graph: Graph,
        dependencies: &[GraphNode],
        dependency_data: &[CUgraphEdgeData],
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamBeginCaptureToGraph.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_stream,
                h_graph,
                dependencies.as_ptr(),
                dependency_data.as_ptr(),
                dependencies.len() as _,
                mode,
            )
        })?;
        Ok(())
    }

    fn stream_end_capture(&self, cx: Cx, h_stream: Stream) -> CuResult<Graph> {
        let entry = self.symbols.cuStreamEndCapture.get()?;
        let mut ph_graph_out = Graph(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, &mut ph_graph_out) })?;
        Ok(ph_graph_out)
    }

    fn stream_is_capturing(&self, cx: Cx, h_stream: Stream) -> CuResult<CUstreamCaptureStatus> {
        let entry = self.symbols.cuStreamIsCapturing.get()?;
        let mut capture_status_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUstreamCaptureStatus>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, &mut capture_status_out) })?;
        Ok(capture_status_out)
    }

    fn stream_get_capture_info(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<(CUstreamCaptureStatus, u64)> {
        let entry = self.symbols.cuStreamGetCaptureInfo.get()?;
        let mut capture_status_out_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUstreamCaptureStatus>() }
        };
        let mut id_out_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, &mut capture_status_out_out, &mut id_out_out) })?;
        Ok((capture_status_out_out, id_out_out))
    }

    fn stream_copy_attributes(
        &self,
        cx: Cx,
        dst_stream: Stream,
        src_stream: Stream,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamCopyAttributes.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dst_stream, src_stream) })?;
        Ok(())
    }

    fn stream_get_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let entry = self.symbols.cuStreamGetAttribute.get()?;
        let mut value_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUstreamAttrValue>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, attr, &mut value_out) })?;
        Ok(value_out)
    }

    fn stream_set_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
        param: &CUstreamAttrValue,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamSetAttribute.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_stream, attr, ptr::from_ref(param)) })?;
        Ok(())
    }

    fn stream_update_capture_dependencies(
        &self,
        cx: Cx,
        h_stream: Stream,
        dependencies: &[GraphNode],
        dependency_data: &[CUgraphEdgeData],
        flags: u32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuStreamUpdateCaptureDependencies_v2.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_stream,
                dependencies.as_ptr().cast_mut(),
                dependency_data.as_ptr(),
                dependencies.len() as _,
                flags,
            )
        })?;
        Ok(())
    }
}

impl EventApi for Native {
    fn ipc_get_event_handle(&self, cx: Cx, event: Event) -> CuResult<CUipcEventHandle> {
        let entry = self.symbols.cuIpcGetEventHandle.get()?;
        let mut p_handle_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUipcEventHandle>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut p_handle_out, event) })?;
        Ok(p_handle_out)
    }

    fn ipc_open_event_handle(&self, cx: Cx, handle: CUipcEventHandle) -> CuResult<Event> {
        let entry = self.symbols.cuIpcOpenEventHandle.get()?;
        let mut ph_event_out = Event(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_event_out, handle) })?;
        Ok(ph_event_out)
    }

    fn event_create(&self, cx: Cx, flags: u32) -> CuResult<Event> {
        let entry = self.symbols.cuEventCreate.get()?;
        let mut ph_event_out = Event(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_event_out, flags) })?;
        Ok(ph_event_out)
    }

    fn event_query(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let entry = self.symbols.cuEventQuery.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_event) })?;
        Ok(())
    }

    fn event_synchronize(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let entry = self.symbols.cuEventSynchronize.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_event) })?;
        Ok(())
    }

    fn event_destroy(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let entry = self
            .symbols
            .cuEventDestroy_v2
            .or(&self.symbols.cuEventDestroy)
            .get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_event) })?;
        Ok(())
    }

    fn event_elapsed_time(&self, cx: Cx, h_start: Event, h_end: Event) -> CuResult<f32> {
        let entry = self
            .symbols
            .cuEventElapsedTime_v2
            .or(&self.symbols.cuEventElapsedTime)
            .get()?;
        let mut p_milliseconds_out = 0.0_f32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut p_milliseconds_out, h_start, h_end) })?;
        Ok(p_milliseconds_out)
    }

    fn event_record(&self, cx: Cx, h_event: Event, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuEventRecord.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_event, h_stream) })?;
        Ok(())
    }

    fn event_record_with_flags(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
        flags: u32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuEventRecordWithFlags.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_event, h_stream, flags) })?;
        Ok(())
    }
}

impl ModuleApi for Native {
    fn module_unload(&self, cx: Cx, hmod: Module) -> CuResult<()> {
        let entry = self.symbols.cuModuleUnload.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(hmod) })?;
        Ok(())
    }

    fn module_get_global(&self, cx: Cx, hmod: Module, name: &CStr) -> CuResult<(DevicePtr, usize)> {
        let entry = self.symbols.cuModuleGetGlobal_v2.get()?;
        let mut dptr_out = DevicePtr(0);
        let mut bytes_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, &mut bytes_out, hmod, name.as_ptr()) })?;
        Ok((dptr_out, bytes_out))
    }

    fn library_unload(&self, cx: Cx, library: Library) -> CuResult<()> {
        let entry = self.symbols.cuLibraryUnload.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(library) })?;
        Ok(())
    }

    fn library_get_module(&self, cx: Cx, library: Library) -> CuResult<Module> {
        let entry = self.symbols.cuLibraryGetModule.get()?;
        let mut p_mod_out = Module(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut p_mod_out, library) })?;
        Ok(p_mod_out)
    }

    fn library_get_global(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        let entry = self.symbols.cuLibraryGetGlobal.get()?;
        let mut dptr_out = DevicePtr(0);
        let mut bytes_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, &mut bytes_out, library, name.as_ptr()) })?;
        Ok((dptr_out, bytes_out))
    }

    fn library_get_managed(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        let entry = self.symbols.cuLibraryGetManaged.get()?;
        let mut dptr_out = DevicePtr(0);
        let mut bytes_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dptr_out, &mut bytes_out, library, name.as_ptr()) })?;
        Ok((dptr_out, bytes_out))
    }
}

impl LaunchApi for Native {
    fn occupancy_max_active_blocks_per_multiprocessor(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
    ) -> CuResult<i32> {
        let entry = self
            .symbols
            .cuOccupancyMaxActiveBlocksPerMultiprocessor
            .get()?;
        let mut num_blocks_out = 0_i32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut num_blocks_out, func, block_size, dynamic_smem_size) })?;
        Ok(num_blocks_out)
    }

    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
        flags: u32,
    ) -> CuResult<i32> {
        let entry = self
            .symbols
            .cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
            .get()?;
        let mut num_blocks_out = 0_i32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut num_blocks_out,
                func,
                block_size,
                dynamic_smem_size,
                flags,
            )
        })?;
        Ok(num_blocks_out)
    }

    fn occupancy_available_dynamic_smem_per_block(
        &self,
        cx: Cx,
        func: Function,
        num_blocks: i32,
        block_size: i32,
    ) -> CuResult<usize> {
        let entry = self.symbols.cuOccupancyAvailableDynamicSMemPerBlock.get()?;
        let mut dynamic_smem_size_out = 0_usize;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut dynamic_smem_size_out, func, num_blocks, block_size) })?;
        Ok(dynamic_smem_size_out)
    }
}

impl GraphApi for Native {
    fn graph_create(&self, cx: Cx, flags: u32) -> CuResult<Graph> {
        let entry = self.symbols.cuGraphCreate.get()?;
        let mut ph_graph_out = Graph(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_graph_out, flags) })?;
        Ok(ph_graph_out)
    }

    fn graph_add_child_graph_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        child_graph: Graph,
    ) -> CuResult<GraphNode> {
        let entry = self.symbols.cuGraphAddChildGraphNode.get()?;
        let mut ph_graph_node_out = GraphNode(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut ph_graph_node_out,
                h_graph,
                dependencies.as_ptr(),
                dependencies.len() as _,
                child_graph,
            )
        })?;
        Ok(ph_graph_node_out)
    }

    fn graph_child_graph_node_get_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        let entry = self.symbols.cuGraphChildGraphNodeGetGraph.get()?;
        let mut ph_graph_out = Graph(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut ph_graph_out) })?;
        Ok(ph_graph_out)
    }

    fn graph_add_empty_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
    ) -> CuResult<GraphNode> {
        let entry = self.symbols.cuGraphAddEmptyNode.get()?;
        let mut ph_graph_node_out = GraphNode(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut ph_graph_node_out,
                h_graph,
                dependencies.as_ptr(),
                dependencies.len() as _,
            )
        })?;
        Ok(ph_graph_node_out)
    }

    fn graph_add_event_record_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let entry = self.symbols.cuGraphAddEventRecordNode.get()?;
        let mut ph_graph_node_out = GraphNode(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut ph_graph_node_out,
                h_graph,
                dependencies.as_ptr(),
                dependencies.len() as _,
                event,
            )
        })?;
        Ok(ph_graph_node_out)
    }

    fn graph_event_record_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        let entry = self.symbols.cuGraphEventRecordNodeGetEvent.get()?;
        let mut event_out_out = Event(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut event_out_out) })?;
        Ok(event_out_out)
    }

    fn graph_event_record_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphEventRecordNodeSetEvent.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, event) })?;
        Ok(())
    }

    fn graph_add_event_wait_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let entry = self.symbols.cuGraphAddEventWaitNode.get()?;
        let mut ph_graph_node_out = GraphNode(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut ph_graph_node_out,
                h_graph,
                dependencies.as_ptr(),
                dependencies.len() as _,
                event,
            )
        })?;
        Ok(ph_graph_node_out)
    }

    fn graph_event_wait_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        let entry = self.symbols.cuGraphEventWaitNodeGetEvent.get()?;
        let mut event_out_out = Event(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut event_out_out) })?;
        Ok(event_out_out)
    }

    fn graph_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphEventWaitNodeSetEvent.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, event) })?;
        Ok(())
    }

    fn device_graph_mem_trim(&self, cx: Cx, device: Device) -> CuResult<()> {
        let entry = self.symbols.cuDeviceGraphMemTrim.get()?;
        let device = self.real_device(device)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(device) })?;
        Ok(())
    }

    fn device_get_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
    ) -> CuResult<u64> {
        let entry = self.symbols.cuDeviceGetGraphMemAttribute.get()?;
        let device = self.real_device(device)?;
        let mut value_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(device, attr, ptr::from_mut(&mut value_out).cast::<c_void>())
        })?;
        Ok(value_out)
    }

    fn device_set_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
        value: u64,
    ) -> CuResult<()> {
        let entry = self.symbols.cuDeviceSetGraphMemAttribute.get()?;
        let device = self.real_device(device)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                device,
                attr,
                ptr::from_ref(&value).cast_mut().cast::<c_void>(),
            )
        })?;
        Ok(())
    }

    fn graph_clone(&self, cx: Cx, original_graph: Graph) -> CuResult<Graph> {
        let entry = self.symbols.cuGraphClone.get()?;
        let mut ph_graph_clone_out = Graph(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_graph_clone_out, original_graph) })?;
        Ok(ph_graph_clone_out)
    }

    fn graph_node_find_in_clone(
        &self,
        cx: Cx,
        h_original_node: GraphNode,
        h_cloned_graph: Graph,
    ) -> CuResult<GraphNode> {
        let entry = self.symbols.cuGraphNodeFindInClone.get()?;
        let mut ph_node_out = GraphNode(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_node_out, h_original_node, h_cloned_graph) })?;
        Ok(ph_node_out)
    }

    fn graph_node_get_type(&self, cx: Cx, h_node: GraphNode) -> CuResult<CUgraphNodeType> {
        let entry = self.symbols.cuGraphNodeGetType.get()?;
        let mut kind_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUgraphNodeType>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut kind_out) })?;
        Ok(kind_out)
    }

    fn graph_node_get_containing_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        let entry = self.symbols.cuGraphNodeGetContainingGraph.get()?;
        let mut ph_graph_out = Graph(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut ph_graph_out) })?;
        Ok(ph_graph_out)
    }

    fn graph_node_get_local_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u32> {
        let entry = self.symbols.cuGraphNodeGetLocalId.get()?;
        let mut node_id_out = 0_u32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut node_id_out) })?;
        Ok(node_id_out)
    }

    fn graph_node_get_tools_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u64> {
        let entry = self.symbols.cuGraphNodeGetToolsId.get()?;
        let mut tools_node_id_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, &mut tools_node_id_out) })?;
        Ok(tools_node_id_out)
    }

    fn graph_get_id(&self, cx: Cx, h_graph: Graph) -> CuResult<u32> {
        let entry = self.symbols.cuGraphGetId.get()?;
        let mut graph_id_out = 0_u32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph, &mut graph_id_out) })?;
        Ok(graph_id_out)
    }

    fn graph_exec_get_id(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u32> {
        let entry = self.symbols.cuGraphExecGetId.get()?;
        let mut graph_id_out = 0_u32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, &mut graph_id_out) })?;
        Ok(graph_id_out)
    }

    fn graph_get_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let entry = self.symbols.cuGraphGetNodes.get()?;
        let mut nodes_out = vec![GraphNode(0); super::bounded(num_nodes as usize)?];
        let mut new_num_nodes_out = num_nodes;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_graph,
                if num_nodes == 0 {
                    ptr::null_mut()
                } else {
                    nodes_out.as_mut_ptr()
                },
                &mut new_num_nodes_out,
            )
        })?;
        nodes_out.truncate(new_num_nodes_out as usize);
        Ok((nodes_out, new_num_nodes_out))
    }

    fn graph_get_root_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_root_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let entry = self.symbols.cuGraphGetRootNodes.get()?;
        let mut root_nodes_out = vec![GraphNode(0); super::bounded(num_root_nodes as usize)?];
        let mut new_num_root_nodes_out = num_root_nodes;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_graph,
                if num_root_nodes == 0 {
                    ptr::null_mut()
                } else {
                    root_nodes_out.as_mut_ptr()
                },
                &mut new_num_root_nodes_out,
            )
        })?;
        root_nodes_out.truncate(new_num_root_nodes_out as usize);
        Ok((root_nodes_out, new_num_root_nodes_out))
    }

    fn graph_get_edges(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_edges: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let entry = self.symbols.cuGraphGetEdges_v2.get()?;
        let mut from_out = vec![GraphNode(0); super::bounded(num_edges as usize)?];
        let mut to_out = vec![GraphNode(0); super::bounded(num_edges as usize)?];
        let mut edge_data_out = vec![
            {
                // SAFETY: a C structure of numbers, for which zeros are a value.
                unsafe { std::mem::zeroed::<CUgraphEdgeData>() }
            };
            super::bounded(num_edges as usize)?
        ];
        let mut new_num_edges_out = num_edges;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_graph,
                if num_edges == 0 {
                    ptr::null_mut()
                } else {
                    from_out.as_mut_ptr()
                },
                if num_edges == 0 {
                    ptr::null_mut()
                } else {
                    to_out.as_mut_ptr()
                },
                if num_edges == 0 {
                    ptr::null_mut()
                } else {
                    edge_data_out.as_mut_ptr()
                },
                &mut new_num_edges_out,
            )
        })?;
        from_out.truncate(new_num_edges_out as usize);
        to_out.truncate(new_num_edges_out as usize);
        edge_data_out.truncate(new_num_edges_out as usize);
        Ok((from_out, to_out, edge_data_out, new_num_edges_out))
    }

    fn graph_node_get_dependencies(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependencies: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let entry = self.symbols.cuGraphNodeGetDependencies_v2.get()?;
        let mut dependencies_out = vec![GraphNode(0); super::bounded(num_dependencies as usize)?];
        let mut edge_data_out = vec![
            {
                // SAFETY: a C structure of numbers, for which zeros are a value.
                unsafe { std::mem::zeroed::<CUgraphEdgeData>() }
            };
            super::bounded(num_dependencies as usize)?
        ];
        let mut new_num_dependencies_out = num_dependencies;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_node,
                if num_dependencies == 0 {
                    ptr::null_mut()
                } else {
                    dependencies_out.as_mut_ptr()
                },
                if num_dependencies == 0 {
                    ptr::null_mut()
                } else {
                    edge_data_out.as_mut_ptr()
                },
                &mut new_num_dependencies_out,
            )
        })?;
        dependencies_out.truncate(new_num_dependencies_out as usize);
        edge_data_out.truncate(new_num_dependencies_out as usize);
        Ok((dependencies_out, edge_data_out, new_num_dependencies_out))
    }

    fn graph_node_get_dependent_nodes(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependent_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let entry = self.symbols.cuGraphNodeGetDependentNodes_v2.get()?;
        let mut dependent_nodes_out =
            vec![GraphNode(0); super::bounded(num_dependent_nodes as usize)?];
        let mut edge_data_out = vec![
            {
                // SAFETY: a C structure of numbers, for which zeros are a value.
                unsafe { std::mem::zeroed::<CUgraphEdgeData>() }
            };
            super::bounded(num_dependent_nodes as usize)?
        ];
        let mut new_num_dependent_nodes_out = num_dependent_nodes;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_node,
                if num_dependent_nodes == 0 {
                    ptr::null_mut()
                } else {
                    dependent_nodes_out.as_mut_ptr()
                },
                if num_dependent_nodes == 0 {
                    ptr::null_mut()
                } else {
                    edge_data_out.as_mut_ptr()
                },
                &mut new_num_dependent_nodes_out,
            )
        })?;
        dependent_nodes_out.truncate(new_num_dependent_nodes_out as usize);
        edge_data_out.truncate(new_num_dependent_nodes_out as usize);
        Ok((
            dependent_nodes_out,
            edge_data_out,
            new_num_dependent_nodes_out,
        ))
    }

    fn graph_add_dependencies(
        &self,
        cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphAddDependencies_v2.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_graph,
                from.as_ptr(),
                to.as_ptr(),
                edge_data.as_ptr(),
                from.len() as _,
            )
        })?;
        Ok(())
    }

    fn graph_remove_dependencies(
        &self,
        cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphRemoveDependencies_v2.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                h_graph,
                from.as_ptr(),
                to.as_ptr(),
                edge_data.as_ptr(),
                from.len() as _,
            )
        })?;
        Ok(())
    }

    fn graph_destroy_node(&self, cx: Cx, h_node: GraphNode) -> CuResult<()> {
        let entry = self.symbols.cuGraphDestroyNode.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node) })?;
        Ok(())
    }

    fn graph_instantiate_with_flags(
        &self,
        cx: Cx,
        h_graph: Graph,
        flags: u64,
    ) -> CuResult<GraphExec> {
        let entry = self.symbols.cuGraphInstantiateWithFlags.get()?;
        let mut ph_graph_exec_out = GraphExec(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ph_graph_exec_out, h_graph, flags) })?;
        Ok(ph_graph_exec_out)
    }

    fn graph_exec_get_flags(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u64> {
        let entry = self.symbols.cuGraphExecGetFlags.get()?;
        let mut flags_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, &mut flags_out) })?;
        Ok(flags_out)
    }

    fn graph_exec_child_graph_node_set_params(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        child_graph: Graph,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphExecChildGraphNodeSetParams.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, h_node, child_graph) })?;
        Ok(())
    }

    fn graph_exec_event_record_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphExecEventRecordNodeSetEvent.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, h_node, event) })?;
        Ok(())
    }

    fn graph_exec_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphExecEventWaitNodeSetEvent.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, h_node, event) })?;
        Ok(())
    }

    fn graph_node_set_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        is_enabled: u32,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphNodeSetEnabled.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, h_node, is_enabled) })?;
        Ok(())
    }

    fn graph_node_get_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
    ) -> CuResult<u32> {
        let entry = self.symbols.cuGraphNodeGetEnabled.get()?;
        let mut is_enabled_out = 0_u32;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec, h_node, &mut is_enabled_out) })?;
        Ok(is_enabled_out)
    }

    fn graph_exec_destroy(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<()> {
        let entry = self.symbols.cuGraphExecDestroy.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph_exec) })?;
        Ok(())
    }

    fn graph_destroy(&self, cx: Cx, h_graph: Graph) -> CuResult<()> {
        let entry = self.symbols.cuGraphDestroy.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph) })?;
        Ok(())
    }

    fn graph_kernel_node_copy_attributes(
        &self,
        cx: Cx,
        dst: GraphNode,
        src: GraphNode,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphKernelNodeCopyAttributes.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dst, src) })?;
        Ok(())
    }

    fn graph_kernel_node_get_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let entry = self.symbols.cuGraphKernelNodeGetAttribute.get()?;
        let mut value_out_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUstreamAttrValue>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, attr, &mut value_out_out) })?;
        Ok(value_out_out)
    }

    fn graph_kernel_node_set_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
        value: &CUstreamAttrValue,
    ) -> CuResult<()> {
        let entry = self.symbols.cuGraphKernelNodeSetAttribute.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_node, attr, ptr::from_ref(value)) })?;
        Ok(())
    }

    fn graph_upload(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuGraphUpload.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph, h_stream) })?;
        Ok(())
    }

    fn graph_launch(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let entry = self.symbols.cuGraphLaunch.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(h_graph, h_stream) })?;
        Ok(())
    }
}

impl PoolApi for Native {
    fn device_set_mem_pool(&self, cx: Cx, dev: Device, pool: MemPool) -> CuResult<()> {
        let entry = self.symbols.cuDeviceSetMemPool.get()?;
        let dev = self.real_device(dev)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(dev, pool) })?;
        Ok(())
    }

    fn device_get_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let entry = self.symbols.cuDeviceGetMemPool.get()?;
        let mut pool_out = MemPool(0);
        let dev = self.real_device(dev)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pool_out, dev) })?;
        Ok(pool_out)
    }

    fn device_get_default_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let entry = self.symbols.cuDeviceGetDefaultMemPool.get()?;
        let mut pool_out_out = MemPool(0);
        let dev = self.real_device(dev)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pool_out_out, dev) })?;
        Ok(pool_out_out)
    }

    fn mem_pool_trim_to(&self, cx: Cx, pool: MemPool, min_bytes_to_keep: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemPoolTrimTo.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(pool, min_bytes_to_keep) })?;
        Ok(())
    }

    fn mem_pool_set_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
        value: u64,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemPoolSetAttribute.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                pool,
                attr,
                ptr::from_ref(&value).cast_mut().cast::<c_void>(),
            )
        })?;
        Ok(())
    }

    fn mem_pool_get_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
    ) -> CuResult<u64> {
        let entry = self.symbols.cuMemPoolGetAttribute.get()?;
        let mut value_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(pool, attr, ptr::from_mut(&mut value_out).cast::<c_void>())
        })?;
        Ok(value_out)
    }

    fn mem_pool_set_access(&self, cx: Cx, pool: MemPool, map: &[CUmemAccessDesc]) -> CuResult<()> {
        let entry = self.symbols.cuMemPoolSetAccess.get()?;
        let map = &self.all_located(map)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(pool, map.as_ptr(), map.len() as _) })?;
        Ok(())
    }

    fn mem_pool_get_access(
        &self,
        cx: Cx,
        mem_pool: MemPool,
        location: &CUmemLocation,
    ) -> CuResult<CUmemAccess_flags> {
        let entry = self.symbols.cuMemPoolGetAccess.get()?;
        let mut flags_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUmemAccess_flags>() }
        };
        let location = &self.located(location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(&mut flags_out, mem_pool, ptr::from_ref(location).cast_mut())
        })?;
        Ok(flags_out)
    }

    fn mem_pool_create(&self, cx: Cx, pool_props: &CUmemPoolProps) -> CuResult<MemPool> {
        let entry = self.symbols.cuMemPoolCreate.get()?;
        let mut pool_out = MemPool(0);
        let pool_props = &self.located(pool_props)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pool_out, ptr::from_ref(pool_props)) })?;
        Ok(pool_out)
    }

    fn mem_pool_destroy(&self, cx: Cx, pool: MemPool) -> CuResult<()> {
        let entry = self.symbols.cuMemPoolDestroy.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(pool) })?;
        Ok(())
    }

    fn mem_get_default_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let entry = self.symbols.cuMemGetDefaultMemPool.get()?;
        let mut pool_out_out = MemPool(0);
        let location = &self.located(location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(&mut pool_out_out, ptr::from_ref(location).cast_mut(), kind)
        })?;
        Ok(pool_out_out)
    }

    fn mem_get_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let entry = self.symbols.cuMemGetMemPool.get()?;
        let mut pool_out = MemPool(0);
        let location = &self.located(location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut pool_out, ptr::from_ref(location).cast_mut(), kind) })?;
        Ok(pool_out)
    }

    fn mem_set_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
        pool: MemPool,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemSetMemPool.get()?;
        let location = &self.located(location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(ptr::from_ref(location).cast_mut(), kind, pool) })?;
        Ok(())
    }

    fn mem_pool_export_to_shareable_handle(
        &self,
        cx: Cx,
        pool: MemPool,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        let entry = self.symbols.cuMemPoolExportToShareableHandle.get()?;
        let mut handle_out_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                ptr::from_mut(&mut handle_out_out).cast::<c_void>(),
                pool,
                handle_type,
                flags,
            )
        })?;
        Ok(handle_out_out)
    }

    fn mem_pool_import_from_shareable_handle(
        &self,
        cx: Cx,
        handle: u64,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<MemPool> {
        let entry = self.symbols.cuMemPoolImportFromShareableHandle.get()?;
        let mut pool_out_out = MemPool(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut pool_out_out,
                ptr::with_exposed_provenance_mut::<c_void>(handle as usize),
                handle_type,
                flags,
            )
        })?;
        Ok(pool_out_out)
    }

    fn mem_pool_export_pointer(&self, cx: Cx, ptr: DevicePtr) -> CuResult<CUmemPoolPtrExportData> {
        let entry = self.symbols.cuMemPoolExportPointer.get()?;
        let mut share_data_out_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUmemPoolPtrExportData>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut share_data_out_out, ptr) })?;
        Ok(share_data_out_out)
    }

    fn mem_pool_import_pointer(
        &self,
        cx: Cx,
        pool: MemPool,
        share_data: &CUmemPoolPtrExportData,
    ) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemPoolImportPointer.get()?;
        let mut ptr_out_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(&mut ptr_out_out, pool, ptr::from_ref(share_data).cast_mut())
        })?;
        Ok(ptr_out_out)
    }
}

impl VmmApi for Native {
    fn mem_address_reserve(
        &self,
        cx: Cx,
        size: usize,
        alignment: usize,
        addr: DevicePtr,
        flags: u64,
    ) -> CuResult<DevicePtr> {
        let entry = self.symbols.cuMemAddressReserve.get()?;
        let mut ptr_out = DevicePtr(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut ptr_out, size, alignment, addr, flags) })?;
        Ok(ptr_out)
    }

    fn mem_address_free(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemAddressFree.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(ptr, size) })?;
        Ok(())
    }

    fn mem_create(
        &self,
        cx: Cx,
        size: usize,
        prop: &CUmemAllocationProp,
        flags: u64,
    ) -> CuResult<MemAllocation> {
        let entry = self.symbols.cuMemCreate.get()?;
        let mut handle_out = MemAllocation(0);
        let prop = &self.located(prop)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut handle_out, size, ptr::from_ref(prop), flags) })?;
        Ok(handle_out)
    }

    fn mem_release(&self, cx: Cx, handle: MemAllocation) -> CuResult<()> {
        let entry = self.symbols.cuMemRelease.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(handle) })?;
        Ok(())
    }

    fn mem_map(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        offset: usize,
        handle: MemAllocation,
        flags: u64,
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemMap.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(ptr, size, offset, handle, flags) })?;
        Ok(())
    }

    fn mem_unmap(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let entry = self.symbols.cuMemUnmap.get()?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(ptr, size) })?;
        Ok(())
    }

    fn mem_set_access(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        desc: &[CUmemAccessDesc],
    ) -> CuResult<()> {
        let entry = self.symbols.cuMemSetAccess.get()?;
        let desc = &self.all_located(desc)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(ptr, size, desc.as_ptr(), desc.len() as _) })?;
        Ok(())
    }

    fn mem_get_access(&self, cx: Cx, location: &CUmemLocation, ptr: DevicePtr) -> CuResult<u64> {
        let entry = self.symbols.cuMemGetAccess.get()?;
        let mut flags_out = 0_u64;
        let location = &self.located(location)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut flags_out, ptr::from_ref(location), ptr) })?;
        Ok(flags_out)
    }

    fn mem_export_to_shareable_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        let entry = self.symbols.cuMemExportToShareableHandle.get()?;
        let mut shareable_handle_out = 0_u64;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                ptr::from_mut(&mut shareable_handle_out).cast::<c_void>(),
                handle,
                handle_type,
                flags,
            )
        })?;
        Ok(shareable_handle_out)
    }

    fn mem_import_from_shareable_handle(
        &self,
        cx: Cx,
        os_handle: u64,
        sh_handle_type: CUmemAllocationHandleType,
    ) -> CuResult<MemAllocation> {
        let entry = self.symbols.cuMemImportFromShareableHandle.get()?;
        let mut handle_out = MemAllocation(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut handle_out,
                ptr::with_exposed_provenance_mut::<c_void>(os_handle as usize),
                sh_handle_type,
            )
        })?;
        Ok(handle_out)
    }

    fn mem_get_allocation_granularity(
        &self,
        cx: Cx,
        prop: &CUmemAllocationProp,
        option: CUmemAllocationGranularity_flags,
    ) -> CuResult<usize> {
        let entry = self.symbols.cuMemGetAllocationGranularity.get()?;
        let mut granularity_out = 0_usize;
        let prop = &self.located(prop)?;
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut granularity_out, ptr::from_ref(prop), option) })?;
        Ok(granularity_out)
    }

    fn mem_get_allocation_properties_from_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
    ) -> CuResult<CUmemAllocationProp> {
        let entry = self.symbols.cuMemGetAllocationPropertiesFromHandle.get()?;
        let mut prop_out = {
            // SAFETY: a C structure of numbers, for which zeros are a value.
            unsafe { std::mem::zeroed::<CUmemAllocationProp>() }
        };
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe { entry(&mut prop_out, handle) })?;
        Ok(prop_out)
    }

    fn mem_retain_allocation_handle(&self, cx: Cx, addr: u64) -> CuResult<MemAllocation> {
        let entry = self.symbols.cuMemRetainAllocationHandle.get()?;
        let mut handle_out = MemAllocation(0);
        self.enter(cx)?;
        // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.
        CuError::check(unsafe {
            entry(
                &mut handle_out,
                ptr::with_exposed_provenance_mut::<c_void>(addr as usize),
            )
        })?;
        Ok(handle_out)
    }
}
