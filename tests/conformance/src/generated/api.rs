// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Every function of the driver API, called through a loaded library.
#![expect(unsafe_code, reason = "calls C functions through their addresses")]
#![allow(dead_code, missing_docs, non_snake_case)]
#![allow(clippy::too_many_arguments)]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one reason for all: see `Cuda`"
)]

use std::ffi::{c_char, c_void};

use super::types::*;
use crate::cuda::{Cuda, Status};

/// Each function's symbol and area, in the order of their numbers here.
pub(crate) static FUNCTIONS: [(&std::ffi::CStr, &str); 664] = [
    (c"cuGetErrorString", "entry"),
    (c"cuGetErrorName", "entry"),
    (c"cuInit", "entry"),
    (c"cuDriverGetVersion", "entry"),
    (c"cuGetProcAddress_v2", "entry"),
    (c"cuGetExportTable", "entry"),
    (c"cuGetProcAddress", "entry"),
    (c"cuDeviceGet", "device"),
    (c"cuDeviceGetCount", "device"),
    (c"cuDeviceGetName", "device"),
    (c"cuDeviceGetUuid_v2", "device"),
    (c"cuDeviceGetLuid", "device"),
    (c"cuDeviceTotalMem_v2", "device"),
    (c"cuDeviceGetTexture1DLinearMaxWidth", "device"),
    (c"cuDeviceGetAttribute", "device"),
    (c"cuDeviceGetHostAtomicCapabilities", "device"),
    (c"cuDeviceGetNvSciSyncAttributes", "device"),
    (c"cuDeviceGetExecAffinitySupport", "device"),
    (c"cuFlushGPUDirectRDMAWrites", "device"),
    (c"cuDeviceGetProperties", "device"),
    (c"cuDeviceComputeCapability", "device"),
    (c"cuDeviceUnregisterAsyncNotification", "device"),
    (c"cuDeviceGetByPCIBusId", "device"),
    (c"cuDeviceGetPCIBusId", "device"),
    (c"cuDeviceCanAccessPeer", "device"),
    (c"cuDeviceGetP2PAttribute", "device"),
    (c"cuDeviceGetP2PAtomicCapabilities", "device"),
    (c"cuDeviceTotalMem", "device"),
    (c"cuDeviceGetUuid", "device"),
    (c"cuDevicePrimaryCtxRetain", "context"),
    (c"cuDevicePrimaryCtxRelease_v2", "context"),
    (c"cuDevicePrimaryCtxSetFlags_v2", "context"),
    (c"cuDevicePrimaryCtxGetState", "context"),
    (c"cuDevicePrimaryCtxReset_v2", "context"),
    (c"cuCtxCreate_v4", "context"),
    (c"cuCtxDestroy_v2", "context"),
    (c"cuCtxPushCurrent_v2", "context"),
    (c"cuCtxPopCurrent_v2", "context"),
    (c"cuCtxSetCurrent", "context"),
    (c"cuCtxGetCurrent", "context"),
    (c"cuCtxGetDevice", "context"),
    (c"cuCtxGetDevice_v2", "context"),
    (c"cuCtxGetFlags", "context"),
    (c"cuCtxSetFlags", "context"),
    (c"cuCtxGetId", "context"),
    (c"cuCtxSynchronize", "context"),
    (c"cuCtxSynchronize_v2", "context"),
    (c"cuCtxSetLimit", "context"),
    (c"cuCtxGetLimit", "context"),
    (c"cuCtxGetCacheConfig", "context"),
    (c"cuCtxSetCacheConfig", "context"),
    (c"cuCtxGetApiVersion", "context"),
    (c"cuCtxGetStreamPriorityRange", "context"),
    (c"cuCtxResetPersistingL2Cache", "context"),
    (c"cuCtxGetExecAffinity", "context"),
    (c"cuCtxAttach", "context"),
    (c"cuCtxDetach", "context"),
    (c"cuCtxGetSharedMemConfig", "context"),
    (c"cuCtxSetSharedMemConfig", "context"),
    (c"cuCtxEnablePeerAccess", "context"),
    (c"cuCtxDisablePeerAccess", "context"),
    (c"cuCtxCreate", "context"),
    (c"cuCtxCreate_v2", "context"),
    (c"cuCtxCreate_v3", "context"),
    (c"cuCtxDestroy", "context"),
    (c"cuCtxPopCurrent", "context"),
    (c"cuCtxPushCurrent", "context"),
    (c"cuDevicePrimaryCtxRelease", "context"),
    (c"cuDevicePrimaryCtxReset", "context"),
    (c"cuDevicePrimaryCtxSetFlags", "context"),
    (c"cuMemGetInfo_v2", "memory"),
    (c"cuMemAlloc_v2", "memory"),
    (c"cuMemAllocPitch_v2", "memory"),
    (c"cuMemFree_v2", "memory"),
    (c"cuMemGetAddressRange_v2", "memory"),
    (c"cuMemAllocHost_v2", "memory"),
    (c"cuMemFreeHost", "memory"),
    (c"cuMemHostAlloc", "memory"),
    (c"cuMemHostGetDevicePointer_v2", "memory"),
    (c"cuMemHostGetFlags", "memory"),
    (c"cuMemAllocManaged", "memory"),
    (c"cuIpcGetMemHandle", "memory"),
    (c"cuIpcOpenMemHandle_v2", "memory"),
    (c"cuIpcCloseMemHandle", "memory"),
    (c"cuMemHostRegister_v2", "memory"),
    (c"cuMemHostUnregister", "memory"),
    (c"cuPointerGetAttribute", "memory"),
    (c"cuMemAdvise_v2", "memory"),
    (c"cuMemRangeGetAttribute", "memory"),
    (c"cuMemRangeGetAttributes", "memory"),
    (c"cuPointerSetAttribute", "memory"),
    (c"cuPointerGetAttributes", "memory"),
    (c"cuMemHostRegister", "memory"),
    (c"cuMemGetInfo", "memory"),
    (c"cuMemAlloc", "memory"),
    (c"cuMemAllocPitch", "memory"),
    (c"cuMemFree", "memory"),
    (c"cuMemGetAddressRange", "memory"),
    (c"cuMemAllocHost", "memory"),
    (c"cuMemHostGetDevicePointer", "memory"),
    (c"cuMemPrefetchAsync", "memory"),
    (c"cuMemPrefetchAsync_ptsz", "memory"),
    (c"cuMemPrefetchAsync_v2", "memory"),
    (c"cuMemPrefetchAsync_v2_ptsz", "memory"),
    (c"cuMemAdvise", "memory"),
    (c"cuMemPrefetchBatchAsync", "memory"),
    (c"cuMemPrefetchBatchAsync_ptsz", "memory"),
    (c"cuMemDiscardBatchAsync", "memory"),
    (c"cuMemDiscardBatchAsync_ptsz", "memory"),
    (c"cuMemDiscardAndPrefetchBatchAsync", "memory"),
    (c"cuMemDiscardAndPrefetchBatchAsync_ptsz", "memory"),
    (c"cuIpcOpenMemHandle", "memory"),
    (c"cuMemFreeAsync", "memory"),
    (c"cuMemFreeAsync_ptsz", "memory"),
    (c"cuMemAllocAsync", "memory"),
    (c"cuMemAllocAsync_ptsz", "memory"),
    (c"cuMemAllocFromPoolAsync", "memory"),
    (c"cuMemAllocFromPoolAsync_ptsz", "memory"),
    (c"cuMemBatchDecompressAsync", "memory"),
    (c"cuMemBatchDecompressAsync_ptsz", "memory"),
    (c"cuMemcpyHtoD", "copy"),
    (c"cuMemcpyDtoH", "copy"),
    (c"cuMemcpyDtoD", "copy"),
    (c"cuMemcpyDtoA", "copy"),
    (c"cuMemcpyAtoD", "copy"),
    (c"cuMemcpyHtoA", "copy"),
    (c"cuMemcpyAtoH", "copy"),
    (c"cuMemcpyAtoA", "copy"),
    (c"cuMemcpyHtoAAsync", "copy"),
    (c"cuMemcpyAtoHAsync", "copy"),
    (c"cuMemcpy2D", "copy"),
    (c"cuMemcpy2DUnaligned", "copy"),
    (c"cuMemcpy3D", "copy"),
    (c"cuMemcpyHtoDAsync", "copy"),
    (c"cuMemcpyDtoHAsync", "copy"),
    (c"cuMemcpyDtoDAsync", "copy"),
    (c"cuMemcpy2DAsync", "copy"),
    (c"cuMemcpy3DAsync", "copy"),
    (c"cuMemsetD8", "copy"),
    (c"cuMemsetD16", "copy"),
    (c"cuMemsetD32", "copy"),
    (c"cuMemsetD2D8", "copy"),
    (c"cuMemsetD2D16", "copy"),
    (c"cuMemsetD2D32", "copy"),
    (c"cuMemcpyHtoD_v2", "copy"),
    (c"cuMemcpyHtoD_v2_ptds", "copy"),
    (c"cuMemcpyDtoH_v2", "copy"),
    (c"cuMemcpyDtoH_v2_ptds", "copy"),
    (c"cuMemcpyDtoD_v2", "copy"),
    (c"cuMemcpyDtoD_v2_ptds", "copy"),
    (c"cuMemcpyDtoA_v2", "copy"),
    (c"cuMemcpyDtoA_v2_ptds", "copy"),
    (c"cuMemcpyAtoD_v2", "copy"),
    (c"cuMemcpyAtoD_v2_ptds", "copy"),
    (c"cuMemcpyHtoA_v2", "copy"),
    (c"cuMemcpyHtoA_v2_ptds", "copy"),
    (c"cuMemcpyAtoH_v2", "copy"),
    (c"cuMemcpyAtoH_v2_ptds", "copy"),
    (c"cuMemcpyAtoA_v2", "copy"),
    (c"cuMemcpyAtoA_v2_ptds", "copy"),
    (c"cuMemcpyHtoAAsync_v2", "copy"),
    (c"cuMemcpyHtoAAsync_v2_ptsz", "copy"),
    (c"cuMemcpyAtoHAsync_v2", "copy"),
    (c"cuMemcpyAtoHAsync_v2_ptsz", "copy"),
    (c"cuMemcpy2D_v2", "copy"),
    (c"cuMemcpy2D_v2_ptds", "copy"),
    (c"cuMemcpy2DUnaligned_v2", "copy"),
    (c"cuMemcpy2DUnaligned_v2_ptds", "copy"),
    (c"cuMemcpy3D_v2", "copy"),
    (c"cuMemcpy3D_v2_ptds", "copy"),
    (c"cuMemcpyHtoDAsync_v2", "copy"),
    (c"cuMemcpyHtoDAsync_v2_ptsz", "copy"),
    (c"cuMemcpyDtoHAsync_v2", "copy"),
    (c"cuMemcpyDtoHAsync_v2_ptsz", "copy"),
    (c"cuMemcpyDtoDAsync_v2", "copy"),
    (c"cuMemcpyDtoDAsync_v2_ptsz", "copy"),
    (c"cuMemcpy2DAsync_v2", "copy"),
    (c"cuMemcpy2DAsync_v2_ptsz", "copy"),
    (c"cuMemcpy3DAsync_v2", "copy"),
    (c"cuMemcpy3DAsync_v2_ptsz", "copy"),
    (c"cuMemsetD8_v2", "copy"),
    (c"cuMemsetD8_v2_ptds", "copy"),
    (c"cuMemsetD16_v2", "copy"),
    (c"cuMemsetD16_v2_ptds", "copy"),
    (c"cuMemsetD32_v2", "copy"),
    (c"cuMemsetD32_v2_ptds", "copy"),
    (c"cuMemsetD2D8_v2", "copy"),
    (c"cuMemsetD2D8_v2_ptds", "copy"),
    (c"cuMemsetD2D16_v2", "copy"),
    (c"cuMemsetD2D16_v2_ptds", "copy"),
    (c"cuMemsetD2D32_v2", "copy"),
    (c"cuMemsetD2D32_v2_ptds", "copy"),
    (c"cuMemcpy", "copy"),
    (c"cuMemcpy_ptds", "copy"),
    (c"cuMemcpyAsync", "copy"),
    (c"cuMemcpyAsync_ptsz", "copy"),
    (c"cuMemcpyPeer", "copy"),
    (c"cuMemcpyPeer_ptds", "copy"),
    (c"cuMemcpyPeerAsync", "copy"),
    (c"cuMemcpyPeerAsync_ptsz", "copy"),
    (c"cuMemcpy3DPeer", "copy"),
    (c"cuMemcpy3DPeer_ptds", "copy"),
    (c"cuMemcpy3DPeerAsync", "copy"),
    (c"cuMemcpy3DPeerAsync_ptsz", "copy"),
    (c"cuMemcpyBatchAsync", "copy"),
    (c"cuMemcpyBatchAsync_ptsz", "copy"),
    (c"cuMemcpy3DBatchAsync", "copy"),
    (c"cuMemcpy3DBatchAsync_ptsz", "copy"),
    (c"cuMemcpyBatchAsync_v2", "copy"),
    (c"cuMemcpyBatchAsync_v2_ptsz", "copy"),
    (c"cuMemcpy3DBatchAsync_v2", "copy"),
    (c"cuMemcpy3DBatchAsync_v2_ptsz", "copy"),
    (c"cuMemcpyWithAttributesAsync", "copy"),
    (c"cuMemcpyWithAttributesAsync_ptsz", "copy"),
    (c"cuMemcpy3DWithAttributesAsync", "copy"),
    (c"cuMemcpy3DWithAttributesAsync_ptsz", "copy"),
    (c"cuMemsetD8Async", "copy"),
    (c"cuMemsetD8Async_ptsz", "copy"),
    (c"cuMemsetD16Async", "copy"),
    (c"cuMemsetD16Async_ptsz", "copy"),
    (c"cuMemsetD32Async", "copy"),
    (c"cuMemsetD32Async_ptsz", "copy"),
    (c"cuMemsetD2D8Async", "copy"),
    (c"cuMemsetD2D8Async_ptsz", "copy"),
    (c"cuMemsetD2D16Async", "copy"),
    (c"cuMemsetD2D16Async_ptsz", "copy"),
    (c"cuMemsetD2D32Async", "copy"),
    (c"cuMemsetD2D32Async_ptsz", "copy"),
    (c"cuStreamCreate", "stream"),
    (c"cuStreamCreateWithPriority", "stream"),
    (c"cuThreadExchangeStreamCaptureMode", "stream"),
    (c"cuStreamDestroy_v2", "stream"),
    (c"cuStreamDestroy", "stream"),
    (c"cuStreamGetPriority", "stream"),
    (c"cuStreamGetPriority_ptsz", "stream"),
    (c"cuStreamGetId", "stream"),
    (c"cuStreamGetId_ptsz", "stream"),
    (c"cuStreamGetFlags", "stream"),
    (c"cuStreamGetFlags_ptsz", "stream"),
    (c"cuStreamGetDevice", "stream"),
    (c"cuStreamGetDevice_ptsz", "stream"),
    (c"cuStreamGetCtx", "stream"),
    (c"cuStreamGetCtx_ptsz", "stream"),
    (c"cuStreamGetCtx_v2", "stream"),
    (c"cuStreamGetCtx_v2_ptsz", "stream"),
    (c"cuStreamWaitEvent", "stream"),
    (c"cuStreamWaitEvent_ptsz", "stream"),
    (c"cuStreamAddCallback", "stream"),
    (c"cuStreamAddCallback_ptsz", "stream"),
    (c"cuStreamAttachMemAsync", "stream"),
    (c"cuStreamAttachMemAsync_ptsz", "stream"),
    (c"cuStreamQuery", "stream"),
    (c"cuStreamQuery_ptsz", "stream"),
    (c"cuStreamSynchronize", "stream"),
    (c"cuStreamSynchronize_ptsz", "stream"),
    (c"cuStreamWriteValue32", "stream"),
    (c"cuStreamWriteValue32_ptsz", "stream"),
    (c"cuStreamWaitValue32", "stream"),
    (c"cuStreamWaitValue32_ptsz", "stream"),
    (c"cuStreamWriteValue64", "stream"),
    (c"cuStreamWriteValue64_ptsz", "stream"),
    (c"cuStreamWaitValue64", "stream"),
    (c"cuStreamWaitValue64_ptsz", "stream"),
    (c"cuStreamBatchMemOp", "stream"),
    (c"cuStreamBatchMemOp_ptsz", "stream"),
    (c"cuStreamWriteValue32_v2", "stream"),
    (c"cuStreamWriteValue32_v2_ptsz", "stream"),
    (c"cuStreamWaitValue32_v2", "stream"),
    (c"cuStreamWaitValue32_v2_ptsz", "stream"),
    (c"cuStreamWriteValue64_v2", "stream"),
    (c"cuStreamWriteValue64_v2_ptsz", "stream"),
    (c"cuStreamWaitValue64_v2", "stream"),
    (c"cuStreamWaitValue64_v2_ptsz", "stream"),
    (c"cuStreamBatchMemOp_v2", "stream"),
    (c"cuStreamBatchMemOp_v2_ptsz", "stream"),
    (c"cuStreamBeginCapture", "stream"),
    (c"cuStreamBeginCapture_ptsz", "stream"),
    (c"cuStreamBeginCapture_v2", "stream"),
    (c"cuStreamBeginCapture_v2_ptsz", "stream"),
    (c"cuStreamBeginCaptureToGraph", "stream"),
    (c"cuStreamBeginCaptureToGraph_ptsz", "stream"),
    (c"cuStreamEndCapture", "stream"),
    (c"cuStreamEndCapture_ptsz", "stream"),
    (c"cuStreamIsCapturing", "stream"),
    (c"cuStreamIsCapturing_ptsz", "stream"),
    (c"cuStreamGetCaptureInfo", "stream"),
    (c"cuStreamGetCaptureInfo_ptsz", "stream"),
    (c"cuStreamGetCaptureInfo_v2", "stream"),
    (c"cuStreamGetCaptureInfo_v2_ptsz", "stream"),
    (c"cuStreamGetCaptureInfo_v3", "stream"),
    (c"cuStreamGetCaptureInfo_v3_ptsz", "stream"),
    (c"cuStreamCopyAttributes", "stream"),
    (c"cuStreamCopyAttributes_ptsz", "stream"),
    (c"cuStreamGetAttribute", "stream"),
    (c"cuStreamGetAttribute_ptsz", "stream"),
    (c"cuStreamSetAttribute", "stream"),
    (c"cuStreamSetAttribute_ptsz", "stream"),
    (c"cuStreamUpdateCaptureDependencies", "stream"),
    (c"cuStreamUpdateCaptureDependencies_ptsz", "stream"),
    (c"cuStreamUpdateCaptureDependencies_v2", "stream"),
    (c"cuStreamUpdateCaptureDependencies_v2_ptsz", "stream"),
    (c"cuStreamBeginCaptureToCig", "stream"),
    (c"cuStreamBeginCaptureToCig_ptsz", "stream"),
    (c"cuStreamEndCaptureToCig", "stream"),
    (c"cuStreamEndCaptureToCig_ptsz", "stream"),
    (c"cuIpcGetEventHandle", "event"),
    (c"cuIpcOpenEventHandle", "event"),
    (c"cuEventCreate", "event"),
    (c"cuEventQuery", "event"),
    (c"cuEventSynchronize", "event"),
    (c"cuEventDestroy_v2", "event"),
    (c"cuEventElapsedTime_v2", "event"),
    (c"cuEventDestroy", "event"),
    (c"cuEventElapsedTime", "event"),
    (c"cuEventRecord", "event"),
    (c"cuEventRecord_ptsz", "event"),
    (c"cuEventRecordWithFlags", "event"),
    (c"cuEventRecordWithFlags_ptsz", "event"),
    (c"cuModuleLoad", "module"),
    (c"cuModuleLoadData", "module"),
    (c"cuModuleLoadDataEx", "module"),
    (c"cuModuleLoadFatBinary", "module"),
    (c"cuModuleUnload", "module"),
    (c"cuModuleGetLoadingMode", "module"),
    (c"cuModuleGetFunction", "module"),
    (c"cuModuleGetFunctionCount", "module"),
    (c"cuModuleEnumerateFunctions", "module"),
    (c"cuModuleGetGlobal_v2", "module"),
    (c"cuLinkCreate_v2", "module"),
    (c"cuLinkAddData_v2", "module"),
    (c"cuLinkAddFile_v2", "module"),
    (c"cuLinkComplete", "module"),
    (c"cuLinkDestroy", "module"),
    (c"cuLibraryLoadData", "module"),
    (c"cuLibraryLoadFromFile", "module"),
    (c"cuLibraryUnload", "module"),
    (c"cuLibraryGetKernel", "module"),
    (c"cuLibraryGetKernelCount", "module"),
    (c"cuLibraryEnumerateKernels", "module"),
    (c"cuLibraryGetModule", "module"),
    (c"cuKernelGetFunction", "module"),
    (c"cuKernelGetLibrary", "module"),
    (c"cuLibraryGetGlobal", "module"),
    (c"cuLibraryGetManaged", "module"),
    (c"cuLibraryGetUnifiedFunction", "module"),
    (c"cuKernelGetAttribute", "module"),
    (c"cuKernelSetAttribute", "module"),
    (c"cuKernelSetCacheConfig", "module"),
    (c"cuKernelGetName", "module"),
    (c"cuKernelGetParamInfo", "module"),
    (c"cuKernelGetParamCount", "module"),
    (c"cuFuncGetAttribute", "module"),
    (c"cuFuncSetAttribute", "module"),
    (c"cuFuncSetCacheConfig", "module"),
    (c"cuFuncGetModule", "module"),
    (c"cuFuncGetName", "module"),
    (c"cuFuncGetParamInfo", "module"),
    (c"cuFuncGetParamCount", "module"),
    (c"cuFuncIsLoaded", "module"),
    (c"cuFuncLoad", "module"),
    (c"cuFuncSetSharedMemConfig", "module"),
    (c"cuLinkCreate", "module"),
    (c"cuLinkAddData", "module"),
    (c"cuLinkAddFile", "module"),
    (c"cuModuleGetGlobal", "module"),
    (c"cuLaunchCooperativeKernelMultiDevice", "launch"),
    (c"cuFuncSetBlockShape", "launch"),
    (c"cuFuncSetSharedSize", "launch"),
    (c"cuParamSetSize", "launch"),
    (c"cuParamSeti", "launch"),
    (c"cuParamSetf", "launch"),
    (c"cuParamSetv", "launch"),
    (c"cuLaunch", "launch"),
    (c"cuLaunchGrid", "launch"),
    (c"cuLaunchGridAsync", "launch"),
    (c"cuOccupancyMaxActiveBlocksPerMultiprocessor", "launch"),
    (
        c"cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
        "launch",
    ),
    (c"cuOccupancyMaxPotentialBlockSize", "launch"),
    (c"cuOccupancyMaxPotentialBlockSizeWithFlags", "launch"),
    (c"cuOccupancyAvailableDynamicSMemPerBlock", "launch"),
    (c"cuOccupancyMaxPotentialClusterSize", "launch"),
    (c"cuOccupancyMaxActiveClusters", "launch"),
    (c"cuLaunchKernel", "launch"),
    (c"cuLaunchKernel_ptsz", "launch"),
    (c"cuLaunchKernelEx", "launch"),
    (c"cuLaunchKernelEx_ptsz", "launch"),
    (c"cuLaunchHostFunc", "launch"),
    (c"cuLaunchHostFunc_ptsz", "launch"),
    (c"cuLaunchHostFunc_v2", "launch"),
    (c"cuLaunchHostFunc_v2_ptsz", "launch"),
    (c"cuLaunchCooperativeKernel", "launch"),
    (c"cuLaunchCooperativeKernel_ptsz", "launch"),
    (c"cuGraphCreate", "graph"),
    (c"cuGraphAddKernelNode_v2", "graph"),
    (c"cuGraphKernelNodeGetParams_v2", "graph"),
    (c"cuGraphKernelNodeSetParams_v2", "graph"),
    (c"cuGraphAddMemcpyNode", "graph"),
    (c"cuGraphMemcpyNodeGetParams", "graph"),
    (c"cuGraphMemcpyNodeSetParams", "graph"),
    (c"cuGraphAddMemsetNode", "graph"),
    (c"cuGraphMemsetNodeGetParams", "graph"),
    (c"cuGraphMemsetNodeSetParams", "graph"),
    (c"cuGraphAddHostNode", "graph"),
    (c"cuGraphHostNodeGetParams", "graph"),
    (c"cuGraphHostNodeSetParams", "graph"),
    (c"cuGraphAddChildGraphNode", "graph"),
    (c"cuGraphChildGraphNodeGetGraph", "graph"),
    (c"cuGraphAddEmptyNode", "graph"),
    (c"cuGraphAddEventRecordNode", "graph"),
    (c"cuGraphEventRecordNodeGetEvent", "graph"),
    (c"cuGraphEventRecordNodeSetEvent", "graph"),
    (c"cuGraphAddEventWaitNode", "graph"),
    (c"cuGraphEventWaitNodeGetEvent", "graph"),
    (c"cuGraphEventWaitNodeSetEvent", "graph"),
    (c"cuGraphAddExternalSemaphoresSignalNode", "graph"),
    (c"cuGraphExternalSemaphoresSignalNodeGetParams", "graph"),
    (c"cuGraphExternalSemaphoresSignalNodeSetParams", "graph"),
    (c"cuGraphAddExternalSemaphoresWaitNode", "graph"),
    (c"cuGraphExternalSemaphoresWaitNodeGetParams", "graph"),
    (c"cuGraphExternalSemaphoresWaitNodeSetParams", "graph"),
    (c"cuGraphAddBatchMemOpNode", "graph"),
    (c"cuGraphBatchMemOpNodeGetParams", "graph"),
    (c"cuGraphBatchMemOpNodeSetParams", "graph"),
    (c"cuGraphExecBatchMemOpNodeSetParams", "graph"),
    (c"cuGraphAddMemAllocNode", "graph"),
    (c"cuGraphMemAllocNodeGetParams", "graph"),
    (c"cuGraphAddMemFreeNode", "graph"),
    (c"cuGraphMemFreeNodeGetParams", "graph"),
    (c"cuDeviceGraphMemTrim", "graph"),
    (c"cuDeviceGetGraphMemAttribute", "graph"),
    (c"cuDeviceSetGraphMemAttribute", "graph"),
    (c"cuGraphClone", "graph"),
    (c"cuGraphNodeFindInClone", "graph"),
    (c"cuGraphNodeGetType", "graph"),
    (c"cuGraphNodeGetContainingGraph", "graph"),
    (c"cuGraphNodeGetLocalId", "graph"),
    (c"cuGraphNodeGetToolsId", "graph"),
    (c"cuGraphGetId", "graph"),
    (c"cuGraphExecGetId", "graph"),
    (c"cuGraphGetNodes", "graph"),
    (c"cuGraphGetRootNodes", "graph"),
    (c"cuGraphGetEdges_v2", "graph"),
    (c"cuGraphNodeGetDependencies_v2", "graph"),
    (c"cuGraphNodeGetDependentNodes_v2", "graph"),
    (c"cuGraphAddDependencies_v2", "graph"),
    (c"cuGraphRemoveDependencies_v2", "graph"),
    (c"cuGraphDestroyNode", "graph"),
    (c"cuGraphInstantiateWithFlags", "graph"),
    (c"cuGraphExecGetFlags", "graph"),
    (c"cuGraphExecKernelNodeSetParams_v2", "graph"),
    (c"cuGraphExecMemcpyNodeSetParams", "graph"),
    (c"cuGraphExecMemsetNodeSetParams", "graph"),
    (c"cuGraphExecHostNodeSetParams", "graph"),
    (c"cuGraphExecChildGraphNodeSetParams", "graph"),
    (c"cuGraphExecEventRecordNodeSetEvent", "graph"),
    (c"cuGraphExecEventWaitNodeSetEvent", "graph"),
    (c"cuGraphExecExternalSemaphoresSignalNodeSetParams", "graph"),
    (c"cuGraphExecExternalSemaphoresWaitNodeSetParams", "graph"),
    (c"cuGraphNodeSetEnabled", "graph"),
    (c"cuGraphNodeGetEnabled", "graph"),
    (c"cuGraphExecDestroy", "graph"),
    (c"cuGraphDestroy", "graph"),
    (c"cuGraphExecUpdate_v2", "graph"),
    (c"cuGraphKernelNodeCopyAttributes", "graph"),
    (c"cuGraphKernelNodeGetAttribute", "graph"),
    (c"cuGraphKernelNodeSetAttribute", "graph"),
    (c"cuGraphDebugDotPrint", "graph"),
    (c"cuUserObjectCreate", "graph"),
    (c"cuUserObjectRetain", "graph"),
    (c"cuUserObjectRelease", "graph"),
    (c"cuGraphRetainUserObject", "graph"),
    (c"cuGraphReleaseUserObject", "graph"),
    (c"cuGraphAddNode_v2", "graph"),
    (c"cuGraphNodeSetParams", "graph"),
    (c"cuGraphNodeGetParams", "graph"),
    (c"cuGraphExecNodeSetParams", "graph"),
    (c"cuGraphConditionalHandleCreate", "graph"),
    (c"cuGraphAddKernelNode", "graph"),
    (c"cuGraphKernelNodeGetParams", "graph"),
    (c"cuGraphKernelNodeSetParams", "graph"),
    (c"cuGraphExecKernelNodeSetParams", "graph"),
    (c"cuGraphInstantiateWithParams", "graph"),
    (c"cuGraphInstantiateWithParams_ptsz", "graph"),
    (c"cuGraphExecUpdate", "graph"),
    (c"cuGraphUpload", "graph"),
    (c"cuGraphUpload_ptsz", "graph"),
    (c"cuGraphLaunch", "graph"),
    (c"cuGraphLaunch_ptsz", "graph"),
    (c"cuGraphGetEdges", "graph"),
    (c"cuGraphNodeGetDependencies", "graph"),
    (c"cuGraphNodeGetDependentNodes", "graph"),
    (c"cuGraphAddDependencies", "graph"),
    (c"cuGraphRemoveDependencies", "graph"),
    (c"cuGraphAddNode", "graph"),
    (c"cuGraphInstantiate", "graph"),
    (c"cuGraphInstantiate_v2", "graph"),
    (c"cuDeviceSetMemPool", "pool"),
    (c"cuDeviceGetMemPool", "pool"),
    (c"cuDeviceGetDefaultMemPool", "pool"),
    (c"cuMemPoolTrimTo", "pool"),
    (c"cuMemPoolSetAttribute", "pool"),
    (c"cuMemPoolGetAttribute", "pool"),
    (c"cuMemPoolSetAccess", "pool"),
    (c"cuMemPoolGetAccess", "pool"),
    (c"cuMemPoolCreate", "pool"),
    (c"cuMemPoolDestroy", "pool"),
    (c"cuMemGetDefaultMemPool", "pool"),
    (c"cuMemGetMemPool", "pool"),
    (c"cuMemSetMemPool", "pool"),
    (c"cuMemPoolExportToShareableHandle", "pool"),
    (c"cuMemPoolImportFromShareableHandle", "pool"),
    (c"cuMemPoolExportPointer", "pool"),
    (c"cuMemPoolImportPointer", "pool"),
    (c"cuMemGetHandleForAddressRange", "vmm"),
    (c"cuMemAddressReserve", "vmm"),
    (c"cuMemAddressFree", "vmm"),
    (c"cuMemCreate", "vmm"),
    (c"cuMemRelease", "vmm"),
    (c"cuMemMap", "vmm"),
    (c"cuMemUnmap", "vmm"),
    (c"cuMemSetAccess", "vmm"),
    (c"cuMemGetAccess", "vmm"),
    (c"cuMemExportToShareableHandle", "vmm"),
    (c"cuMemImportFromShareableHandle", "vmm"),
    (c"cuMemGetAllocationGranularity", "vmm"),
    (c"cuMemGetAllocationPropertiesFromHandle", "vmm"),
    (c"cuMemRetainAllocationHandle", "vmm"),
    (c"cuMulticastCreate", "vmm"),
    (c"cuMulticastAddDevice", "vmm"),
    (c"cuMulticastBindMem", "vmm"),
    (c"cuMulticastBindMem_v2", "vmm"),
    (c"cuMulticastBindAddr", "vmm"),
    (c"cuMulticastBindAddr_v2", "vmm"),
    (c"cuMulticastUnbind", "vmm"),
    (c"cuMulticastGetGranularity", "vmm"),
    (c"cuMemMapArrayAsync", "vmm"),
    (c"cuMemMapArrayAsync_ptsz", "vmm"),
    (c"cuModuleGetTexRef", "texture"),
    (c"cuModuleGetSurfRef", "texture"),
    (c"cuArrayCreate_v2", "texture"),
    (c"cuArrayGetDescriptor_v2", "texture"),
    (c"cuArrayGetSparseProperties", "texture"),
    (c"cuMipmappedArrayGetSparseProperties", "texture"),
    (c"cuArrayGetMemoryRequirements", "texture"),
    (c"cuMipmappedArrayGetMemoryRequirements", "texture"),
    (c"cuArrayGetPlane", "texture"),
    (c"cuArrayDestroy", "texture"),
    (c"cuArray3DCreate_v2", "texture"),
    (c"cuArray3DGetDescriptor_v2", "texture"),
    (c"cuMipmappedArrayCreate", "texture"),
    (c"cuMipmappedArrayGetLevel", "texture"),
    (c"cuMipmappedArrayDestroy", "texture"),
    (c"cuParamSetTexRef", "texture"),
    (c"cuTexRefSetArray", "texture"),
    (c"cuTexRefSetMipmappedArray", "texture"),
    (c"cuTexRefSetAddress_v2", "texture"),
    (c"cuTexRefSetAddress2D_v3", "texture"),
    (c"cuTexRefSetFormat", "texture"),
    (c"cuTexRefSetAddressMode", "texture"),
    (c"cuTexRefSetFilterMode", "texture"),
    (c"cuTexRefSetMipmapFilterMode", "texture"),
    (c"cuTexRefSetMipmapLevelBias", "texture"),
    (c"cuTexRefSetMipmapLevelClamp", "texture"),
    (c"cuTexRefSetMaxAnisotropy", "texture"),
    (c"cuTexRefSetBorderColor", "texture"),
    (c"cuTexRefSetFlags", "texture"),
    (c"cuTexRefGetAddress_v2", "texture"),
    (c"cuTexRefGetArray", "texture"),
    (c"cuTexRefGetMipmappedArray", "texture"),
    (c"cuTexRefGetAddressMode", "texture"),
    (c"cuTexRefGetFilterMode", "texture"),
    (c"cuTexRefGetFormat", "texture"),
    (c"cuTexRefGetMipmapFilterMode", "texture"),
    (c"cuTexRefGetMipmapLevelBias", "texture"),
    (c"cuTexRefGetMipmapLevelClamp", "texture"),
    (c"cuTexRefGetMaxAnisotropy", "texture"),
    (c"cuTexRefGetBorderColor", "texture"),
    (c"cuTexRefGetFlags", "texture"),
    (c"cuTexRefCreate", "texture"),
    (c"cuTexRefDestroy", "texture"),
    (c"cuSurfRefSetArray", "texture"),
    (c"cuSurfRefGetArray", "texture"),
    (c"cuTexObjectCreate", "texture"),
    (c"cuTexObjectDestroy", "texture"),
    (c"cuTexObjectGetResourceDesc", "texture"),
    (c"cuTexObjectGetTextureDesc", "texture"),
    (c"cuTexObjectGetResourceViewDesc", "texture"),
    (c"cuSurfObjectCreate", "texture"),
    (c"cuSurfObjectDestroy", "texture"),
    (c"cuSurfObjectGetResourceDesc", "texture"),
    (c"cuTensorMapEncodeTiled", "texture"),
    (c"cuTensorMapEncodeIm2col", "texture"),
    (c"cuTensorMapEncodeIm2colWide", "texture"),
    (c"cuTensorMapReplaceAddress", "texture"),
    (c"cuTexRefSetAddress2D_v2", "texture"),
    (c"cuArrayCreate", "texture"),
    (c"cuArrayGetDescriptor", "texture"),
    (c"cuArray3DCreate", "texture"),
    (c"cuArray3DGetDescriptor", "texture"),
    (c"cuTexRefSetAddress", "texture"),
    (c"cuTexRefSetAddress2D", "texture"),
    (c"cuTexRefGetAddress", "texture"),
    (c"cuGraphicsUnregisterResource", "interop"),
    (c"cuGraphicsSubResourceGetMappedArray", "interop"),
    (c"cuGraphicsResourceGetMappedMipmappedArray", "interop"),
    (c"cuGraphicsResourceGetMappedPointer_v2", "interop"),
    (c"cuGraphicsResourceSetMapFlags_v2", "interop"),
    (c"cuGraphicsResourceSetMapFlags", "interop"),
    (c"cuGraphicsResourceGetMappedPointer", "interop"),
    (c"cuGraphicsMapResources", "interop"),
    (c"cuGraphicsMapResources_ptsz", "interop"),
    (c"cuGraphicsUnmapResources", "interop"),
    (c"cuGraphicsUnmapResources_ptsz", "interop"),
    (c"cuCtxRecordEvent", "green"),
    (c"cuCtxWaitEvent", "green"),
    (c"cuGreenCtxCreate", "green"),
    (c"cuGreenCtxDestroy", "green"),
    (c"cuCtxFromGreenCtx", "green"),
    (c"cuDeviceGetDevResource", "green"),
    (c"cuCtxGetDevResource", "green"),
    (c"cuGreenCtxGetDevResource", "green"),
    (c"cuDevSmResourceSplitByCount", "green"),
    (c"cuDevSmResourceSplit", "green"),
    (c"cuDevResourceGenerateDesc", "green"),
    (c"cuGreenCtxRecordEvent", "green"),
    (c"cuGreenCtxWaitEvent", "green"),
    (c"cuStreamGetGreenCtx", "green"),
    (c"cuGreenCtxStreamCreate", "green"),
    (c"cuGreenCtxGetId", "green"),
    (c"cuStreamGetDevResource", "green"),
    (c"cuStreamGetDevResource_ptsz", "green"),
    (c"cuImportExternalMemory", "external"),
    (c"cuExternalMemoryGetMappedBuffer", "external"),
    (c"cuExternalMemoryGetMappedMipmappedArray", "external"),
    (c"cuDestroyExternalMemory", "external"),
    (c"cuImportExternalSemaphore", "external"),
    (c"cuDestroyExternalSemaphore", "external"),
    (c"cuSignalExternalSemaphoresAsync", "external"),
    (c"cuSignalExternalSemaphoresAsync_ptsz", "external"),
    (c"cuWaitExternalSemaphoresAsync", "external"),
    (c"cuWaitExternalSemaphoresAsync_ptsz", "external"),
    (c"cuDeviceRegisterAsyncNotification", "tools"),
    (c"cuCoredumpGetAttribute", "tools"),
    (c"cuCoredumpGetAttributeGlobal", "tools"),
    (c"cuCoredumpSetAttribute", "tools"),
    (c"cuCoredumpSetAttributeGlobal", "tools"),
    (c"cuCoredumpRegisterStartCallback", "tools"),
    (c"cuCoredumpRegisterCompleteCallback", "tools"),
    (c"cuCoredumpDeregisterStartCallback", "tools"),
    (c"cuCoredumpDeregisterCompleteCallback", "tools"),
    (c"cuLogsRegisterCallback", "tools"),
    (c"cuLogsUnregisterCallback", "tools"),
    (c"cuLogsCurrent", "tools"),
    (c"cuLogsDumpToFile", "tools"),
    (c"cuLogsDumpToMemory", "tools"),
    (c"cuCheckpointProcessGetRestoreThreadId", "tools"),
    (c"cuCheckpointProcessGetState", "tools"),
    (c"cuCheckpointProcessLock", "tools"),
    (c"cuCheckpointProcessCheckpoint", "tools"),
    (c"cuCheckpointProcessRestore", "tools"),
    (c"cuCheckpointProcessUnlock", "tools"),
    (c"cuProfilerInitialize", "profiler"),
    (c"cuProfilerStart", "profiler"),
    (c"cuProfilerStop", "profiler"),
];

impl Cuda {
    pub(crate) fn cuGetErrorString(&self, error: i32, p_str: *mut *const c_char) -> Status {
        self.call(0, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(error, p_str)
        })
    }

    pub(crate) fn cuGetErrorName(&self, error: i32, p_str: *mut *const c_char) -> Status {
        self.call(1, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(error, p_str)
        })
    }

    pub(crate) fn cuInit(&self, flags: u32) -> Status {
        self.call(2, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(flags)
        })
    }

    pub(crate) fn cuDriverGetVersion(&self, driver_version: *mut i32) -> Status {
        self.call(3, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(driver_version)
        })
    }

    pub(crate) fn cuGetProcAddress_v2(
        &self,
        symbol: *const c_char,
        pfn: *mut *mut c_void,
        cuda_version: i32,
        flags: u64,
        symbol_status: *mut u32,
    ) -> Status {
        self.call(4, |address| unsafe {
            type F =
                unsafe extern "C" fn(*const c_char, *mut *mut c_void, i32, u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                symbol,
                pfn,
                cuda_version,
                flags,
                symbol_status,
            )
        })
    }

    pub(crate) fn cuGetExportTable(
        &self,
        pp_export_table: *mut *const c_void,
        p_export_table_id: *const CUuuid,
    ) -> Status {
        self.call(5, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *const c_void, *const CUuuid) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pp_export_table, p_export_table_id)
        })
    }

    pub(crate) fn cuGetProcAddress(
        &self,
        symbol: *const c_char,
        pfn: *mut *mut c_void,
        cuda_version: i32,
        flags: u64,
    ) -> Status {
        self.call(6, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_char, *mut *mut c_void, i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(symbol, pfn, cuda_version, flags)
        })
    }

    pub(crate) fn cuDeviceGet(&self, device: *mut i32, ordinal: i32) -> Status {
        self.call(7, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, ordinal)
        })
    }

    pub(crate) fn cuDeviceGetCount(&self, count: *mut i32) -> Status {
        self.call(8, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count)
        })
    }

    pub(crate) fn cuDeviceGetName(&self, name: *mut c_char, len: i32, dev: i32) -> Status {
        self.call(9, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_char, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(name, len, dev)
        })
    }

    pub(crate) fn cuDeviceGetUuid_v2(&self, uuid: *mut CUuuid, dev: i32) -> Status {
        self.call(10, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUuuid, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(uuid, dev)
        })
    }

    pub(crate) fn cuDeviceGetLuid(
        &self,
        luid: *mut c_char,
        device_node_mask: *mut u32,
        dev: i32,
    ) -> Status {
        self.call(11, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_char, *mut u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(luid, device_node_mask, dev)
        })
    }

    pub(crate) fn cuDeviceTotalMem_v2(&self, bytes: *mut usize, dev: i32) -> Status {
        self.call(12, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(bytes, dev)
        })
    }

    pub(crate) fn cuDeviceGetTexture1DLinearMaxWidth(
        &self,
        max_width_in_elements: *mut usize,
        format: u32,
        num_channels: u32,
        dev: i32,
    ) -> Status {
        self.call(13, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, u32, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                max_width_in_elements,
                format,
                num_channels,
                dev,
            )
        })
    }

    pub(crate) fn cuDeviceGetAttribute(&self, pi: *mut i32, attrib: u32, dev: i32) -> Status {
        self.call(14, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pi, attrib, dev)
        })
    }

    pub(crate) fn cuDeviceGetHostAtomicCapabilities(
        &self,
        capabilities: *mut u32,
        operations: *const c_void,
        count: u32,
        dev: i32,
    ) -> Status {
        self.call(15, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *const c_void, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(capabilities, operations, count, dev)
        })
    }

    pub(crate) fn cuDeviceGetNvSciSyncAttributes(
        &self,
        nv_sci_sync_attr_list: *mut c_void,
        dev: i32,
        flags: i32,
    ) -> Status {
        self.call(16, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(nv_sci_sync_attr_list, dev, flags)
        })
    }

    pub(crate) fn cuDeviceGetExecAffinitySupport(
        &self,
        pi: *mut i32,
        kind: u32,
        dev: i32,
    ) -> Status {
        self.call(17, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pi, kind, dev)
        })
    }

    pub(crate) fn cuFlushGPUDirectRDMAWrites(&self, target: u32, scope: u32) -> Status {
        self.call(18, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(target, scope)
        })
    }

    pub(crate) fn cuDeviceGetProperties(&self, prop: *mut CUdevprop, dev: i32) -> Status {
        self.call(19, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUdevprop, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(prop, dev)
        })
    }

    pub(crate) fn cuDeviceComputeCapability(
        &self,
        major: *mut i32,
        minor: *mut i32,
        dev: i32,
    ) -> Status {
        self.call(20, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, *mut i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(major, minor, dev)
        })
    }

    pub(crate) fn cuDeviceUnregisterAsyncNotification(&self, device: i32, callback: u64) -> Status {
        self.call(21, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, callback)
        })
    }

    pub(crate) fn cuDeviceGetByPCIBusId(&self, dev: *mut i32, pci_bus_id: *const c_char) -> Status {
        self.call(22, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev, pci_bus_id)
        })
    }

    pub(crate) fn cuDeviceGetPCIBusId(
        &self,
        pci_bus_id: *mut c_char,
        len: i32,
        dev: i32,
    ) -> Status {
        self.call(23, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_char, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pci_bus_id, len, dev)
        })
    }

    pub(crate) fn cuDeviceCanAccessPeer(
        &self,
        can_access_peer: *mut i32,
        dev: i32,
        peer_dev: i32,
    ) -> Status {
        self.call(24, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(can_access_peer, dev, peer_dev)
        })
    }

    pub(crate) fn cuDeviceGetP2PAttribute(
        &self,
        value: *mut i32,
        attrib: u32,
        src_device: i32,
        dst_device: i32,
    ) -> Status {
        self.call(25, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u32, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(value, attrib, src_device, dst_device)
        })
    }

    pub(crate) fn cuDeviceGetP2PAtomicCapabilities(
        &self,
        capabilities: *mut u32,
        operations: *const c_void,
        count: u32,
        src_device: i32,
        dst_device: i32,
    ) -> Status {
        self.call(26, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *const c_void, u32, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                capabilities,
                operations,
                count,
                src_device,
                dst_device,
            )
        })
    }

    pub(crate) fn cuDeviceTotalMem(&self, bytes: *mut u32, dev: i32) -> Status {
        self.call(27, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(bytes, dev)
        })
    }

    pub(crate) fn cuDeviceGetUuid(&self, uuid: *mut CUuuid, dev: i32) -> Status {
        self.call(28, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUuuid, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(uuid, dev)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxRetain(&self, pctx: *mut u64, dev: i32) -> Status {
        self.call(29, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx, dev)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxRelease_v2(&self, dev: i32) -> Status {
        self.call(30, |address| unsafe {
            type F = unsafe extern "C" fn(i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxSetFlags_v2(&self, dev: i32, flags: u32) -> Status {
        self.call(31, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev, flags)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxGetState(
        &self,
        dev: i32,
        flags: *mut u32,
        active: *mut i32,
    ) -> Status {
        self.call(32, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut u32, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev, flags, active)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxReset_v2(&self, dev: i32) -> Status {
        self.call(33, |address| unsafe {
            type F = unsafe extern "C" fn(i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev)
        })
    }

    pub(crate) fn cuCtxCreate_v4(
        &self,
        pctx: *mut u64,
        ctx_create_params: *mut CUctxCreateParams,
        flags: u32,
        dev: i32,
    ) -> Status {
        self.call(34, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut CUctxCreateParams, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx, ctx_create_params, flags, dev)
        })
    }

    pub(crate) fn cuCtxDestroy_v2(&self, ctx: u64) -> Status {
        self.call(35, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxPushCurrent_v2(&self, ctx: u64) -> Status {
        self.call(36, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxPopCurrent_v2(&self, pctx: *mut u64) -> Status {
        self.call(37, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx)
        })
    }

    pub(crate) fn cuCtxSetCurrent(&self, ctx: u64) -> Status {
        self.call(38, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxGetCurrent(&self, pctx: *mut u64) -> Status {
        self.call(39, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx)
        })
    }

    pub(crate) fn cuCtxGetDevice(&self, device: *mut i32) -> Status {
        self.call(40, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device)
        })
    }

    pub(crate) fn cuCtxGetDevice_v2(&self, device: *mut i32, ctx: u64) -> Status {
        self.call(41, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, ctx)
        })
    }

    pub(crate) fn cuCtxGetFlags(&self, flags: *mut u32) -> Status {
        self.call(42, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(flags)
        })
    }

    pub(crate) fn cuCtxSetFlags(&self, flags: u32) -> Status {
        self.call(43, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(flags)
        })
    }

    pub(crate) fn cuCtxGetId(&self, ctx: u64, ctx_id: *mut u64) -> Status {
        self.call(44, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx, ctx_id)
        })
    }

    pub(crate) fn cuCtxSynchronize(&self) -> Status {
        self.call(45, |address| unsafe {
            type F = unsafe extern "C" fn() -> i32;
            std::mem::transmute::<*const c_void, F>(address)()
        })
    }

    pub(crate) fn cuCtxSynchronize_v2(&self, ctx: u64) -> Status {
        self.call(46, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxSetLimit(&self, limit: u32, value: usize) -> Status {
        self.call(47, |address| unsafe {
            type F = unsafe extern "C" fn(u32, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(limit, value)
        })
    }

    pub(crate) fn cuCtxGetLimit(&self, pvalue: *mut usize, limit: u32) -> Status {
        self.call(48, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pvalue, limit)
        })
    }

    pub(crate) fn cuCtxGetCacheConfig(&self, pconfig: *mut u32) -> Status {
        self.call(49, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pconfig)
        })
    }

    pub(crate) fn cuCtxSetCacheConfig(&self, config: u32) -> Status {
        self.call(50, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(config)
        })
    }

    pub(crate) fn cuCtxGetApiVersion(&self, ctx: u64, version: *mut u32) -> Status {
        self.call(51, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx, version)
        })
    }

    pub(crate) fn cuCtxGetStreamPriorityRange(
        &self,
        least_priority: *mut i32,
        greatest_priority: *mut i32,
    ) -> Status {
        self.call(52, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(least_priority, greatest_priority)
        })
    }

    pub(crate) fn cuCtxResetPersistingL2Cache(&self) -> Status {
        self.call(53, |address| unsafe {
            type F = unsafe extern "C" fn() -> i32;
            std::mem::transmute::<*const c_void, F>(address)()
        })
    }

    pub(crate) fn cuCtxGetExecAffinity(
        &self,
        p_exec_affinity: *mut CUexecAffinityParam,
        kind: u32,
    ) -> Status {
        self.call(54, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUexecAffinityParam, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_exec_affinity, kind)
        })
    }

    pub(crate) fn cuCtxAttach(&self, pctx: *mut u64, flags: u32) -> Status {
        self.call(55, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx, flags)
        })
    }

    pub(crate) fn cuCtxDetach(&self, ctx: u64) -> Status {
        self.call(56, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxGetSharedMemConfig(&self, p_config: *mut u32) -> Status {
        self.call(57, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_config)
        })
    }

    pub(crate) fn cuCtxSetSharedMemConfig(&self, config: u32) -> Status {
        self.call(58, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(config)
        })
    }

    pub(crate) fn cuCtxEnablePeerAccess(&self, peer_context: u64, flags: u32) -> Status {
        self.call(59, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(peer_context, flags)
        })
    }

    pub(crate) fn cuCtxDisablePeerAccess(&self, peer_context: u64) -> Status {
        self.call(60, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(peer_context)
        })
    }

    pub(crate) fn cuCtxCreate(&self, pctx: *mut u64, flags: u32, dev: i32) -> Status {
        self.call(61, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx, flags, dev)
        })
    }

    pub(crate) fn cuCtxCreate_v2(&self, pctx: *mut u64, flags: u32, dev: i32) -> Status {
        self.call(62, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx, flags, dev)
        })
    }

    pub(crate) fn cuCtxCreate_v3(
        &self,
        pctx: *mut u64,
        params_array: *mut CUexecAffinityParam,
        num_params: i32,
        flags: u32,
        dev: i32,
    ) -> Status {
        self.call(63, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut CUexecAffinityParam, i32, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                pctx,
                params_array,
                num_params,
                flags,
                dev,
            )
        })
    }

    pub(crate) fn cuCtxDestroy(&self, ctx: u64) -> Status {
        self.call(64, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuCtxPopCurrent(&self, pctx: *mut u64) -> Status {
        self.call(65, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pctx)
        })
    }

    pub(crate) fn cuCtxPushCurrent(&self, ctx: u64) -> Status {
        self.call(66, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ctx)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxRelease(&self, dev: i32) -> Status {
        self.call(67, |address| unsafe {
            type F = unsafe extern "C" fn(i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxReset(&self, dev: i32) -> Status {
        self.call(68, |address| unsafe {
            type F = unsafe extern "C" fn(i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev)
        })
    }

    pub(crate) fn cuDevicePrimaryCtxSetFlags(&self, dev: i32, flags: u32) -> Status {
        self.call(69, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev, flags)
        })
    }

    pub(crate) fn cuMemGetInfo_v2(&self, free: *mut usize, total: *mut usize) -> Status {
        self.call(70, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(free, total)
        })
    }

    pub(crate) fn cuMemAlloc_v2(&self, dptr: *mut u64, bytesize: usize) -> Status {
        self.call(71, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize)
        })
    }

    pub(crate) fn cuMemAllocPitch_v2(
        &self,
        dptr: *mut u64,
        p_pitch: *mut usize,
        width_in_bytes: usize,
        height: usize,
        element_size_bytes: u32,
    ) -> Status {
        self.call(72, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, usize, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptr,
                p_pitch,
                width_in_bytes,
                height,
                element_size_bytes,
            )
        })
    }

    pub(crate) fn cuMemFree_v2(&self, dptr: u64) -> Status {
        self.call(73, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr)
        })
    }

    pub(crate) fn cuMemGetAddressRange_v2(
        &self,
        pbase: *mut u64,
        psize: *mut usize,
        dptr: u64,
    ) -> Status {
        self.call(74, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pbase, psize, dptr)
        })
    }

    pub(crate) fn cuMemAllocHost_v2(&self, pp: *mut *mut c_void, bytesize: usize) -> Status {
        self.call(75, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *mut c_void, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pp, bytesize)
        })
    }

    pub(crate) fn cuMemFreeHost(&self, p: *mut c_void) -> Status {
        self.call(76, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p)
        })
    }

    pub(crate) fn cuMemHostAlloc(
        &self,
        pp: *mut *mut c_void,
        bytesize: usize,
        flags: u32,
    ) -> Status {
        self.call(77, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *mut c_void, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pp, bytesize, flags)
        })
    }

    pub(crate) fn cuMemHostGetDevicePointer_v2(
        &self,
        pdptr: *mut u64,
        p: *mut c_void,
        flags: u32,
    ) -> Status {
        self.call(78, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, p, flags)
        })
    }

    pub(crate) fn cuMemHostGetFlags(&self, p_flags: *mut u32, p: *mut c_void) -> Status {
        self.call(79, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_flags, p)
        })
    }

    pub(crate) fn cuMemAllocManaged(&self, dptr: *mut u64, bytesize: usize, flags: u32) -> Status {
        self.call(80, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize, flags)
        })
    }

    pub(crate) fn cuIpcGetMemHandle(&self, p_handle: *mut CUipcMemHandle, dptr: u64) -> Status {
        self.call(81, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUipcMemHandle, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, dptr)
        })
    }

    pub(crate) fn cuIpcOpenMemHandle_v2(
        &self,
        pdptr: *mut u64,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> Status {
        self.call(82, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, CUipcMemHandle, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, handle, flags)
        })
    }

    pub(crate) fn cuIpcCloseMemHandle(&self, dptr: u64) -> Status {
        self.call(83, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr)
        })
    }

    pub(crate) fn cuMemHostRegister_v2(
        &self,
        p: *mut c_void,
        bytesize: usize,
        flags: u32,
    ) -> Status {
        self.call(84, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p, bytesize, flags)
        })
    }

    pub(crate) fn cuMemHostUnregister(&self, p: *mut c_void) -> Status {
        self.call(85, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p)
        })
    }

    pub(crate) fn cuPointerGetAttribute(
        &self,
        data: *mut c_void,
        attribute: u32,
        ptr: u64,
    ) -> Status {
        self.call(86, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(data, attribute, ptr)
        })
    }

    pub(crate) fn cuMemAdvise_v2(
        &self,
        dev_ptr: u64,
        count: usize,
        advice: u32,
        location: CUmemLocation,
    ) -> Status {
        self.call(87, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, CUmemLocation) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev_ptr, count, advice, location)
        })
    }

    pub(crate) fn cuMemRangeGetAttribute(
        &self,
        data: *mut c_void,
        data_size: usize,
        attribute: u32,
        dev_ptr: u64,
        count: usize,
    ) -> Status {
        self.call(88, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, usize, u32, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                data, data_size, attribute, dev_ptr, count,
            )
        })
    }

    pub(crate) fn cuMemRangeGetAttributes(
        &self,
        data: *mut *mut c_void,
        data_sizes: *mut usize,
        attributes: *mut u32,
        num_attributes: usize,
        dev_ptr: u64,
        count: usize,
    ) -> Status {
        self.call(89, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut *mut c_void,
                *mut usize,
                *mut u32,
                usize,
                u64,
                usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                data,
                data_sizes,
                attributes,
                num_attributes,
                dev_ptr,
                count,
            )
        })
    }

    pub(crate) fn cuPointerSetAttribute(
        &self,
        value: *const c_void,
        attribute: u32,
        ptr: u64,
    ) -> Status {
        self.call(90, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(value, attribute, ptr)
        })
    }

    pub(crate) fn cuPointerGetAttributes(
        &self,
        num_attributes: u32,
        attributes: *mut u32,
        data: *mut *mut c_void,
        ptr: u64,
    ) -> Status {
        self.call(91, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut u32, *mut *mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(num_attributes, attributes, data, ptr)
        })
    }

    pub(crate) fn cuMemHostRegister(&self, p: *mut c_void, bytesize: usize, flags: u32) -> Status {
        self.call(92, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p, bytesize, flags)
        })
    }

    pub(crate) fn cuMemGetInfo(&self, free: *mut u32, total: *mut u32) -> Status {
        self.call(93, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(free, total)
        })
    }

    pub(crate) fn cuMemAlloc(&self, dptr: *mut u32, bytesize: u32) -> Status {
        self.call(94, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize)
        })
    }

    pub(crate) fn cuMemAllocPitch(
        &self,
        dptr: *mut u32,
        p_pitch: *mut u32,
        width_in_bytes: u32,
        height: u32,
        element_size_bytes: u32,
    ) -> Status {
        self.call(95, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut u32, u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptr,
                p_pitch,
                width_in_bytes,
                height,
                element_size_bytes,
            )
        })
    }

    pub(crate) fn cuMemFree(&self, dptr: u32) -> Status {
        self.call(96, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr)
        })
    }

    pub(crate) fn cuMemGetAddressRange(
        &self,
        pbase: *mut u32,
        psize: *mut u32,
        dptr: u32,
    ) -> Status {
        self.call(97, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pbase, psize, dptr)
        })
    }

    pub(crate) fn cuMemAllocHost(&self, pp: *mut *mut c_void, bytesize: u32) -> Status {
        self.call(98, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pp, bytesize)
        })
    }

    pub(crate) fn cuMemHostGetDevicePointer(
        &self,
        pdptr: *mut u32,
        p: *mut c_void,
        flags: u32,
    ) -> Status {
        self.call(99, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, p, flags)
        })
    }

    pub(crate) fn cuMemPrefetchAsync(
        &self,
        dev_ptr: u64,
        count: usize,
        dst_device: i32,
        h_stream: u64,
    ) -> Status {
        self.call(100, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev_ptr, count, dst_device, h_stream)
        })
    }

    pub(crate) fn cuMemPrefetchAsync_ptsz(
        &self,
        dev_ptr: u64,
        count: usize,
        dst_device: i32,
        h_stream: u64,
    ) -> Status {
        self.call(101, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev_ptr, count, dst_device, h_stream)
        })
    }

    pub(crate) fn cuMemPrefetchAsync_v2(
        &self,
        dev_ptr: u64,
        count: usize,
        location: CUmemLocation,
        flags: u32,
        h_stream: u64,
    ) -> Status {
        self.call(102, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, CUmemLocation, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dev_ptr, count, location, flags, h_stream,
            )
        })
    }

    pub(crate) fn cuMemPrefetchAsync_v2_ptsz(
        &self,
        dev_ptr: u64,
        count: usize,
        location: CUmemLocation,
        flags: u32,
        h_stream: u64,
    ) -> Status {
        self.call(103, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, CUmemLocation, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dev_ptr, count, location, flags, h_stream,
            )
        })
    }

    pub(crate) fn cuMemAdvise(
        &self,
        dev_ptr: u64,
        count: usize,
        advice: u32,
        device: i32,
    ) -> Status {
        self.call(104, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev_ptr, count, advice, device)
        })
    }

    pub(crate) fn cuMemPrefetchBatchAsync(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        prefetch_locs: *mut CUmemLocation,
        prefetch_loc_idxs: *mut usize,
        num_prefetch_locs: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(105, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemLocation,
                *mut usize,
                usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptrs,
                sizes,
                count,
                prefetch_locs,
                prefetch_loc_idxs,
                num_prefetch_locs,
                flags,
                h_stream,
            )
        })
    }

    pub(crate) fn cuMemPrefetchBatchAsync_ptsz(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        prefetch_locs: *mut CUmemLocation,
        prefetch_loc_idxs: *mut usize,
        num_prefetch_locs: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(106, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemLocation,
                *mut usize,
                usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptrs,
                sizes,
                count,
                prefetch_locs,
                prefetch_loc_idxs,
                num_prefetch_locs,
                flags,
                h_stream,
            )
        })
    }

    pub(crate) fn cuMemDiscardBatchAsync(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(107, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptrs, sizes, count, flags, h_stream)
        })
    }

    pub(crate) fn cuMemDiscardBatchAsync_ptsz(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(108, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptrs, sizes, count, flags, h_stream)
        })
    }

    pub(crate) fn cuMemDiscardAndPrefetchBatchAsync(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        prefetch_locs: *mut CUmemLocation,
        prefetch_loc_idxs: *mut usize,
        num_prefetch_locs: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(109, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemLocation,
                *mut usize,
                usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptrs,
                sizes,
                count,
                prefetch_locs,
                prefetch_loc_idxs,
                num_prefetch_locs,
                flags,
                h_stream,
            )
        })
    }

    pub(crate) fn cuMemDiscardAndPrefetchBatchAsync_ptsz(
        &self,
        dptrs: *mut u64,
        sizes: *mut usize,
        count: usize,
        prefetch_locs: *mut CUmemLocation,
        prefetch_loc_idxs: *mut usize,
        num_prefetch_locs: usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(110, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemLocation,
                *mut usize,
                usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dptrs,
                sizes,
                count,
                prefetch_locs,
                prefetch_loc_idxs,
                num_prefetch_locs,
                flags,
                h_stream,
            )
        })
    }

    pub(crate) fn cuIpcOpenMemHandle(
        &self,
        pdptr: *mut u64,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> Status {
        self.call(111, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, CUipcMemHandle, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, handle, flags)
        })
    }

    pub(crate) fn cuMemFreeAsync(&self, dptr: u64, h_stream: u64) -> Status {
        self.call(112, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, h_stream)
        })
    }

    pub(crate) fn cuMemFreeAsync_ptsz(&self, dptr: u64, h_stream: u64) -> Status {
        self.call(113, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, h_stream)
        })
    }

    pub(crate) fn cuMemAllocAsync(&self, dptr: *mut u64, bytesize: usize, h_stream: u64) -> Status {
        self.call(114, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize, h_stream)
        })
    }

    pub(crate) fn cuMemAllocAsync_ptsz(
        &self,
        dptr: *mut u64,
        bytesize: usize,
        h_stream: u64,
    ) -> Status {
        self.call(115, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize, h_stream)
        })
    }

    pub(crate) fn cuMemAllocFromPoolAsync(
        &self,
        dptr: *mut u64,
        bytesize: usize,
        pool: u64,
        h_stream: u64,
    ) -> Status {
        self.call(116, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize, pool, h_stream)
        })
    }

    pub(crate) fn cuMemAllocFromPoolAsync_ptsz(
        &self,
        dptr: *mut u64,
        bytesize: usize,
        pool: u64,
        h_stream: u64,
    ) -> Status {
        self.call(117, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytesize, pool, h_stream)
        })
    }

    pub(crate) fn cuMemBatchDecompressAsync(
        &self,
        params_array: *mut c_void,
        count: usize,
        flags: u32,
        error_index: *mut usize,
        stream: u64,
    ) -> Status {
        self.call(118, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, usize, u32, *mut usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                params_array,
                count,
                flags,
                error_index,
                stream,
            )
        })
    }

    pub(crate) fn cuMemBatchDecompressAsync_ptsz(
        &self,
        params_array: *mut c_void,
        count: usize,
        flags: u32,
        error_index: *mut usize,
        stream: u64,
    ) -> Status {
        self.call(119, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, usize, u32, *mut usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                params_array,
                count,
                flags,
                error_index,
                stream,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoD(
        &self,
        dst_device: u32,
        src_host: *const c_void,
        byte_count: u32,
    ) -> Status {
        self.call(120, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *const c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_host, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoH(
        &self,
        dst_host: *mut c_void,
        src_device: u32,
        byte_count: u32,
    ) -> Status {
        self.call(121, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_host, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoD(&self, dst_device: u32, src_device: u32, byte_count: u32) -> Status {
        self.call(122, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoA(
        &self,
        dst_array: u64,
        dst_offset: u32,
        src_device: u32,
        byte_count: u32,
    ) -> Status {
        self.call(123, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_device, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoD(
        &self,
        dst_device: u32,
        src_array: u64,
        src_offset: u32,
        byte_count: u32,
    ) -> Status {
        self.call(124, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoA(
        &self,
        dst_array: u64,
        dst_offset: u32,
        src_host: *const c_void,
        byte_count: u32,
    ) -> Status {
        self.call(125, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *const c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoH(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: u32,
        byte_count: u32,
    ) -> Status {
        self.call(126, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoA(
        &self,
        dst_array: u64,
        dst_offset: u32,
        src_array: u64,
        src_offset: u32,
        byte_count: u32,
    ) -> Status {
        self.call(127, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoAAsync(
        &self,
        dst_array: u64,
        dst_offset: u32,
        src_host: *const c_void,
        byte_count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(128, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoHAsync(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: u32,
        byte_count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(129, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, u32, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy2D(&self, p_copy: *const c_void) -> Status {
        self.call(130, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy2DUnaligned(&self, p_copy: *const c_void) -> Status {
        self.call(131, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy3D(&self, p_copy: *const c_void) -> Status {
        self.call(132, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpyHtoDAsync(
        &self,
        dst_device: u32,
        src_host: *const c_void,
        byte_count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(133, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoHAsync(
        &self,
        dst_host: *mut c_void,
        src_device: u32,
        byte_count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(134, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoDAsync(
        &self,
        dst_device: u32,
        src_device: u32,
        byte_count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(135, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy2DAsync(&self, p_copy: *const c_void, h_stream: u64) -> Status {
        self.call(136, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DAsync(&self, p_copy: *const c_void, h_stream: u64) -> Status {
        self.call(137, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemsetD8(&self, dst_device: u32, uc: u8, n: u32) -> Status {
        self.call(138, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u8, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, uc, n)
        })
    }

    pub(crate) fn cuMemsetD16(&self, dst_device: u32, us: u16, n: u32) -> Status {
        self.call(139, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u16, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, us, n)
        })
    }

    pub(crate) fn cuMemsetD32(&self, dst_device: u32, ui: u32, n: u32) -> Status {
        self.call(140, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, ui, n)
        })
    }

    pub(crate) fn cuMemsetD2D8(
        &self,
        dst_device: u32,
        dst_pitch: u32,
        uc: u8,
        width: u32,
        height: u32,
    ) -> Status {
        self.call(141, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u8, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, uc, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D16(
        &self,
        dst_device: u32,
        dst_pitch: u32,
        us: u16,
        width: u32,
        height: u32,
    ) -> Status {
        self.call(142, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u16, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, us, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D32(
        &self,
        dst_device: u32,
        dst_pitch: u32,
        ui: u32,
        width: u32,
        height: u32,
    ) -> Status {
        self.call(143, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32, u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, ui, width, height,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoD_v2(
        &self,
        dst_device: u64,
        src_host: *const c_void,
        byte_count: usize,
    ) -> Status {
        self.call(144, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_host, byte_count)
        })
    }

    pub(crate) fn cuMemcpyHtoD_v2_ptds(
        &self,
        dst_device: u64,
        src_host: *const c_void,
        byte_count: usize,
    ) -> Status {
        self.call(145, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_host, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoH_v2(
        &self,
        dst_host: *mut c_void,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(146, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_host, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoH_v2_ptds(
        &self,
        dst_host: *mut c_void,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(147, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_host, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoD_v2(
        &self,
        dst_device: u64,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(148, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoD_v2_ptds(
        &self,
        dst_device: u64,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(149, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, src_device, byte_count)
        })
    }

    pub(crate) fn cuMemcpyDtoA_v2(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(150, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_device, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoA_v2_ptds(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_device: u64,
        byte_count: usize,
    ) -> Status {
        self.call(151, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_device, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoD_v2(
        &self,
        dst_device: u64,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(152, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoD_v2_ptds(
        &self,
        dst_device: u64,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(153, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoA_v2(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_host: *const c_void,
        byte_count: usize,
    ) -> Status {
        self.call(154, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *const c_void, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoA_v2_ptds(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_host: *const c_void,
        byte_count: usize,
    ) -> Status {
        self.call(155, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *const c_void, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoH_v2(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(156, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoH_v2_ptds(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(157, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoA_v2(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(158, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoA_v2_ptds(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
    ) -> Status {
        self.call(159, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_array, src_offset, byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoAAsync_v2(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_host: *const c_void,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(160, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *const c_void, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoAAsync_v2_ptsz(
        &self,
        dst_array: u64,
        dst_offset: usize,
        src_host: *const c_void,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(161, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *const c_void, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_array, dst_offset, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoHAsync_v2(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(162, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyAtoHAsync_v2_ptsz(
        &self,
        dst_host: *mut c_void,
        src_array: u64,
        src_offset: usize,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(163, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_array, src_offset, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy2D_v2(&self, p_copy: *const CUDA_MEMCPY2D) -> Status {
        self.call(164, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy2D_v2_ptds(&self, p_copy: *const CUDA_MEMCPY2D) -> Status {
        self.call(165, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy2DUnaligned_v2(&self, p_copy: *const CUDA_MEMCPY2D) -> Status {
        self.call(166, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy2DUnaligned_v2_ptds(&self, p_copy: *const CUDA_MEMCPY2D) -> Status {
        self.call(167, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy3D_v2(&self, p_copy: *const CUDA_MEMCPY3D) -> Status {
        self.call(168, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy3D_v2_ptds(&self, p_copy: *const CUDA_MEMCPY3D) -> Status {
        self.call(169, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpyHtoDAsync_v2(
        &self,
        dst_device: u64,
        src_host: *const c_void,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(170, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyHtoDAsync_v2_ptsz(
        &self,
        dst_device: u64,
        src_host: *const c_void,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(171, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_host, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoHAsync_v2(
        &self,
        dst_host: *mut c_void,
        src_device: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(172, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoHAsync_v2_ptsz(
        &self,
        dst_host: *mut c_void,
        src_device: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(173, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_host, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoDAsync_v2(
        &self,
        dst_device: u64,
        src_device: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(174, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyDtoDAsync_v2_ptsz(
        &self,
        dst_device: u64,
        src_device: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(175, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, src_device, byte_count, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy2DAsync_v2(&self, p_copy: *const CUDA_MEMCPY2D, h_stream: u64) -> Status {
        self.call(176, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpy2DAsync_v2_ptsz(
        &self,
        p_copy: *const CUDA_MEMCPY2D,
        h_stream: u64,
    ) -> Status {
        self.call(177, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY2D, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DAsync_v2(&self, p_copy: *const CUDA_MEMCPY3D, h_stream: u64) -> Status {
        self.call(178, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DAsync_v2_ptsz(
        &self,
        p_copy: *const CUDA_MEMCPY3D,
        h_stream: u64,
    ) -> Status {
        self.call(179, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemsetD8_v2(&self, dst_device: u64, uc: u8, n: usize) -> Status {
        self.call(180, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u8, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, uc, n)
        })
    }

    pub(crate) fn cuMemsetD8_v2_ptds(&self, dst_device: u64, uc: u8, n: usize) -> Status {
        self.call(181, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u8, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, uc, n)
        })
    }

    pub(crate) fn cuMemsetD16_v2(&self, dst_device: u64, us: u16, n: usize) -> Status {
        self.call(182, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u16, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, us, n)
        })
    }

    pub(crate) fn cuMemsetD16_v2_ptds(&self, dst_device: u64, us: u16, n: usize) -> Status {
        self.call(183, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u16, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, us, n)
        })
    }

    pub(crate) fn cuMemsetD32_v2(&self, dst_device: u64, ui: u32, n: usize) -> Status {
        self.call(184, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, ui, n)
        })
    }

    pub(crate) fn cuMemsetD32_v2_ptds(&self, dst_device: u64, ui: u32, n: usize) -> Status {
        self.call(185, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, ui, n)
        })
    }

    pub(crate) fn cuMemsetD2D8_v2(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        uc: u8,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(186, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u8, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, uc, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D8_v2_ptds(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        uc: u8,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(187, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u8, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, uc, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D16_v2(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        us: u16,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(188, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u16, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, us, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D16_v2_ptds(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        us: u16,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(189, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u16, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, us, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D32_v2(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        ui: u32,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(190, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, ui, width, height,
            )
        })
    }

    pub(crate) fn cuMemsetD2D32_v2_ptds(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        ui: u32,
        width: usize,
        height: usize,
    ) -> Status {
        self.call(191, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, ui, width, height,
            )
        })
    }

    pub(crate) fn cuMemcpy(&self, dst: u64, src: u64, byte_count: usize) -> Status {
        self.call(192, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, byte_count)
        })
    }

    pub(crate) fn cuMemcpy_ptds(&self, dst: u64, src: u64, byte_count: usize) -> Status {
        self.call(193, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, byte_count)
        })
    }

    pub(crate) fn cuMemcpyAsync(
        &self,
        dst: u64,
        src: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(194, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, byte_count, h_stream)
        })
    }

    pub(crate) fn cuMemcpyAsync_ptsz(
        &self,
        dst: u64,
        src: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(195, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, byte_count, h_stream)
        })
    }

    pub(crate) fn cuMemcpyPeer(
        &self,
        dst_device: u64,
        dst_context: u64,
        src_device: u64,
        src_context: u64,
        byte_count: usize,
    ) -> Status {
        self.call(196, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device,
                dst_context,
                src_device,
                src_context,
                byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyPeer_ptds(
        &self,
        dst_device: u64,
        dst_context: u64,
        src_device: u64,
        src_context: u64,
        byte_count: usize,
    ) -> Status {
        self.call(197, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device,
                dst_context,
                src_device,
                src_context,
                byte_count,
            )
        })
    }

    pub(crate) fn cuMemcpyPeerAsync(
        &self,
        dst_device: u64,
        dst_context: u64,
        src_device: u64,
        src_context: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(198, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device,
                dst_context,
                src_device,
                src_context,
                byte_count,
                h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyPeerAsync_ptsz(
        &self,
        dst_device: u64,
        dst_context: u64,
        src_device: u64,
        src_context: u64,
        byte_count: usize,
        h_stream: u64,
    ) -> Status {
        self.call(199, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device,
                dst_context,
                src_device,
                src_context,
                byte_count,
                h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy3DPeer(&self, p_copy: *const CUDA_MEMCPY3D_PEER) -> Status {
        self.call(200, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy3DPeer_ptds(&self, p_copy: *const CUDA_MEMCPY3D_PEER) -> Status {
        self.call(201, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy)
        })
    }

    pub(crate) fn cuMemcpy3DPeerAsync(
        &self,
        p_copy: *const CUDA_MEMCPY3D_PEER,
        h_stream: u64,
    ) -> Status {
        self.call(202, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DPeerAsync_ptsz(
        &self,
        p_copy: *const CUDA_MEMCPY3D_PEER,
        h_stream: u64,
    ) -> Status {
        self.call(203, |address| unsafe {
            type F = unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_copy, h_stream)
        })
    }

    pub(crate) fn cuMemcpyBatchAsync(
        &self,
        dsts: *mut u64,
        srcs: *mut u64,
        sizes: *mut usize,
        count: usize,
        attrs: *mut CUmemcpyAttributes,
        attrs_idxs: *mut usize,
        num_attrs: usize,
        fail_idx: *mut usize,
        h_stream: u64,
    ) -> Status {
        self.call(204, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemcpyAttributes,
                *mut usize,
                usize,
                *mut usize,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dsts, srcs, sizes, count, attrs, attrs_idxs, num_attrs, fail_idx, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyBatchAsync_ptsz(
        &self,
        dsts: *mut u64,
        srcs: *mut u64,
        sizes: *mut usize,
        count: usize,
        attrs: *mut CUmemcpyAttributes,
        attrs_idxs: *mut usize,
        num_attrs: usize,
        fail_idx: *mut usize,
        h_stream: u64,
    ) -> Status {
        self.call(205, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemcpyAttributes,
                *mut usize,
                usize,
                *mut usize,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dsts, srcs, sizes, count, attrs, attrs_idxs, num_attrs, fail_idx, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy3DBatchAsync(
        &self,
        num_ops: usize,
        op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
        fail_idx: *mut usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(206, |address| unsafe {
            type F = unsafe extern "C" fn(
                usize,
                *mut CUDA_MEMCPY3D_BATCH_OP,
                *mut usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_ops, op_list, fail_idx, flags, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy3DBatchAsync_ptsz(
        &self,
        num_ops: usize,
        op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
        fail_idx: *mut usize,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(207, |address| unsafe {
            type F = unsafe extern "C" fn(
                usize,
                *mut CUDA_MEMCPY3D_BATCH_OP,
                *mut usize,
                u64,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_ops, op_list, fail_idx, flags, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyBatchAsync_v2(
        &self,
        dsts: *mut u64,
        srcs: *mut u64,
        sizes: *mut usize,
        count: usize,
        attrs: *mut CUmemcpyAttributes,
        attrs_idxs: *mut usize,
        num_attrs: usize,
        h_stream: u64,
    ) -> Status {
        self.call(208, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemcpyAttributes,
                *mut usize,
                usize,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dsts, srcs, sizes, count, attrs, attrs_idxs, num_attrs, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpyBatchAsync_v2_ptsz(
        &self,
        dsts: *mut u64,
        srcs: *mut u64,
        sizes: *mut usize,
        count: usize,
        attrs: *mut CUmemcpyAttributes,
        attrs_idxs: *mut usize,
        num_attrs: usize,
        h_stream: u64,
    ) -> Status {
        self.call(209, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *mut u64,
                *mut usize,
                usize,
                *mut CUmemcpyAttributes,
                *mut usize,
                usize,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dsts, srcs, sizes, count, attrs, attrs_idxs, num_attrs, h_stream,
            )
        })
    }

    pub(crate) fn cuMemcpy3DBatchAsync_v2(
        &self,
        num_ops: usize,
        op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(210, |address| unsafe {
            type F = unsafe extern "C" fn(usize, *mut CUDA_MEMCPY3D_BATCH_OP, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(num_ops, op_list, flags, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DBatchAsync_v2_ptsz(
        &self,
        num_ops: usize,
        op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(211, |address| unsafe {
            type F = unsafe extern "C" fn(usize, *mut CUDA_MEMCPY3D_BATCH_OP, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(num_ops, op_list, flags, h_stream)
        })
    }

    pub(crate) fn cuMemcpyWithAttributesAsync(
        &self,
        dst: u64,
        src: u64,
        size: usize,
        attr: *mut CUmemcpyAttributes,
        h_stream: u64,
    ) -> Status {
        self.call(212, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, *mut CUmemcpyAttributes, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, size, attr, h_stream)
        })
    }

    pub(crate) fn cuMemcpyWithAttributesAsync_ptsz(
        &self,
        dst: u64,
        src: u64,
        size: usize,
        attr: *mut CUmemcpyAttributes,
        h_stream: u64,
    ) -> Status {
        self.call(213, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, *mut CUmemcpyAttributes, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src, size, attr, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DWithAttributesAsync(
        &self,
        op: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(214, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUDA_MEMCPY3D_BATCH_OP, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(op, flags, h_stream)
        })
    }

    pub(crate) fn cuMemcpy3DWithAttributesAsync_ptsz(
        &self,
        op: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: u64,
        h_stream: u64,
    ) -> Status {
        self.call(215, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUDA_MEMCPY3D_BATCH_OP, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(op, flags, h_stream)
        })
    }

    pub(crate) fn cuMemsetD8Async(
        &self,
        dst_device: u64,
        uc: u8,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(216, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u8, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, uc, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD8Async_ptsz(
        &self,
        dst_device: u64,
        uc: u8,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(217, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u8, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, uc, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD16Async(
        &self,
        dst_device: u64,
        us: u16,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(218, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u16, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, us, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD16Async_ptsz(
        &self,
        dst_device: u64,
        us: u16,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(219, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u16, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, us, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD32Async(
        &self,
        dst_device: u64,
        ui: u32,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(220, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, ui, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD32Async_ptsz(
        &self,
        dst_device: u64,
        ui: u32,
        n: usize,
        h_stream: u64,
    ) -> Status {
        self.call(221, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_device, ui, n, h_stream)
        })
    }

    pub(crate) fn cuMemsetD2D8Async(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        uc: u8,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(222, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u8, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, uc, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuMemsetD2D8Async_ptsz(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        uc: u8,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(223, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u8, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, uc, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuMemsetD2D16Async(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        us: u16,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(224, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u16, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, us, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuMemsetD2D16Async_ptsz(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        us: u16,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(225, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u16, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, us, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuMemsetD2D32Async(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        ui: u32,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(226, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, ui, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuMemsetD2D32Async_ptsz(
        &self,
        dst_device: u64,
        dst_pitch: usize,
        ui: u32,
        width: usize,
        height: usize,
        h_stream: u64,
    ) -> Status {
        self.call(227, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u32, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dst_device, dst_pitch, ui, width, height, h_stream,
            )
        })
    }

    pub(crate) fn cuStreamCreate(&self, ph_stream: *mut u64, flags: u32) -> Status {
        self.call(228, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_stream, flags)
        })
    }

    pub(crate) fn cuStreamCreateWithPriority(
        &self,
        ph_stream: *mut u64,
        flags: u32,
        priority: i32,
    ) -> Status {
        self.call(229, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_stream, flags, priority)
        })
    }

    pub(crate) fn cuThreadExchangeStreamCaptureMode(&self, mode: *mut u32) -> Status {
        self.call(230, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mode)
        })
    }

    pub(crate) fn cuStreamDestroy_v2(&self, h_stream: u64) -> Status {
        self.call(231, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamDestroy(&self, h_stream: u64) -> Status {
        self.call(232, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamGetPriority(&self, h_stream: u64, priority: *mut i32) -> Status {
        self.call(233, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, priority)
        })
    }

    pub(crate) fn cuStreamGetPriority_ptsz(&self, h_stream: u64, priority: *mut i32) -> Status {
        self.call(234, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, priority)
        })
    }

    pub(crate) fn cuStreamGetId(&self, h_stream: u64, stream_id: *mut u64) -> Status {
        self.call(235, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, stream_id)
        })
    }

    pub(crate) fn cuStreamGetId_ptsz(&self, h_stream: u64, stream_id: *mut u64) -> Status {
        self.call(236, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, stream_id)
        })
    }

    pub(crate) fn cuStreamGetFlags(&self, h_stream: u64, flags: *mut u32) -> Status {
        self.call(237, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, flags)
        })
    }

    pub(crate) fn cuStreamGetFlags_ptsz(&self, h_stream: u64, flags: *mut u32) -> Status {
        self.call(238, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, flags)
        })
    }

    pub(crate) fn cuStreamGetDevice(&self, h_stream: u64, device: *mut i32) -> Status {
        self.call(239, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, device)
        })
    }

    pub(crate) fn cuStreamGetDevice_ptsz(&self, h_stream: u64, device: *mut i32) -> Status {
        self.call(240, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, device)
        })
    }

    pub(crate) fn cuStreamGetCtx(&self, h_stream: u64, pctx: *mut u64) -> Status {
        self.call(241, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, pctx)
        })
    }

    pub(crate) fn cuStreamGetCtx_ptsz(&self, h_stream: u64, pctx: *mut u64) -> Status {
        self.call(242, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, pctx)
        })
    }

    pub(crate) fn cuStreamGetCtx_v2(
        &self,
        h_stream: u64,
        p_ctx: *mut u64,
        p_green_ctx: *mut u64,
    ) -> Status {
        self.call(243, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, p_ctx, p_green_ctx)
        })
    }

    pub(crate) fn cuStreamGetCtx_v2_ptsz(
        &self,
        h_stream: u64,
        p_ctx: *mut u64,
        p_green_ctx: *mut u64,
    ) -> Status {
        self.call(244, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, p_ctx, p_green_ctx)
        })
    }

    pub(crate) fn cuStreamWaitEvent(&self, h_stream: u64, h_event: u64, flags: u32) -> Status {
        self.call(245, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, h_event, flags)
        })
    }

    pub(crate) fn cuStreamWaitEvent_ptsz(&self, h_stream: u64, h_event: u64, flags: u32) -> Status {
        self.call(246, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, h_event, flags)
        })
    }

    pub(crate) fn cuStreamAddCallback(
        &self,
        h_stream: u64,
        callback: CUstreamCallback,
        user_data: *mut c_void,
        flags: u32,
    ) -> Status {
        self.call(247, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUstreamCallback, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, callback, user_data, flags)
        })
    }

    pub(crate) fn cuStreamAddCallback_ptsz(
        &self,
        h_stream: u64,
        callback: CUstreamCallback,
        user_data: *mut c_void,
        flags: u32,
    ) -> Status {
        self.call(248, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUstreamCallback, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, callback, user_data, flags)
        })
    }

    pub(crate) fn cuStreamAttachMemAsync(
        &self,
        h_stream: u64,
        dptr: u64,
        length: usize,
        flags: u32,
    ) -> Status {
        self.call(249, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, dptr, length, flags)
        })
    }

    pub(crate) fn cuStreamAttachMemAsync_ptsz(
        &self,
        h_stream: u64,
        dptr: u64,
        length: usize,
        flags: u32,
    ) -> Status {
        self.call(250, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, dptr, length, flags)
        })
    }

    pub(crate) fn cuStreamQuery(&self, h_stream: u64) -> Status {
        self.call(251, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamQuery_ptsz(&self, h_stream: u64) -> Status {
        self.call(252, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamSynchronize(&self, h_stream: u64) -> Status {
        self.call(253, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamSynchronize_ptsz(&self, h_stream: u64) -> Status {
        self.call(254, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamWriteValue32(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(255, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue32_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(256, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue32(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(257, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue32_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(258, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue64(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(259, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue64_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(260, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue64(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(261, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue64_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(262, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamBatchMemOp(
        &self,
        stream: u64,
        count: u32,
        param_array: *mut CUstreamBatchMemOpParams,
        flags: u32,
    ) -> Status {
        self.call(263, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamBatchMemOpParams, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, count, param_array, flags)
        })
    }

    pub(crate) fn cuStreamBatchMemOp_ptsz(
        &self,
        stream: u64,
        count: u32,
        param_array: *mut CUstreamBatchMemOpParams,
        flags: u32,
    ) -> Status {
        self.call(264, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamBatchMemOpParams, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, count, param_array, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue32_v2(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(265, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue32_v2_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(266, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue32_v2(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(267, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue32_v2_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u32,
        flags: u32,
    ) -> Status {
        self.call(268, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue64_v2(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(269, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWriteValue64_v2_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(270, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue64_v2(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(271, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamWaitValue64_v2_ptsz(
        &self,
        stream: u64,
        addr: u64,
        value: u64,
        flags: u32,
    ) -> Status {
        self.call(272, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, addr, value, flags)
        })
    }

    pub(crate) fn cuStreamBatchMemOp_v2(
        &self,
        stream: u64,
        count: u32,
        param_array: *mut CUstreamBatchMemOpParams,
        flags: u32,
    ) -> Status {
        self.call(273, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamBatchMemOpParams, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, count, param_array, flags)
        })
    }

    pub(crate) fn cuStreamBatchMemOp_v2_ptsz(
        &self,
        stream: u64,
        count: u32,
        param_array: *mut CUstreamBatchMemOpParams,
        flags: u32,
    ) -> Status {
        self.call(274, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamBatchMemOpParams, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(stream, count, param_array, flags)
        })
    }

    pub(crate) fn cuStreamBeginCapture(&self, h_stream: u64) -> Status {
        self.call(275, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamBeginCapture_ptsz(&self, h_stream: u64) -> Status {
        self.call(276, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamBeginCapture_v2(&self, h_stream: u64, mode: u32) -> Status {
        self.call(277, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, mode)
        })
    }

    pub(crate) fn cuStreamBeginCapture_v2_ptsz(&self, h_stream: u64, mode: u32) -> Status {
        self.call(278, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, mode)
        })
    }

    pub(crate) fn cuStreamBeginCaptureToGraph(
        &self,
        h_stream: u64,
        h_graph: u64,
        dependencies: *const u64,
        dependency_data: *const CUgraphEdgeData,
        num_dependencies: usize,
        mode: u32,
    ) -> Status {
        self.call(279, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u64,
                *const u64,
                *const CUgraphEdgeData,
                usize,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                h_graph,
                dependencies,
                dependency_data,
                num_dependencies,
                mode,
            )
        })
    }

    pub(crate) fn cuStreamBeginCaptureToGraph_ptsz(
        &self,
        h_stream: u64,
        h_graph: u64,
        dependencies: *const u64,
        dependency_data: *const CUgraphEdgeData,
        num_dependencies: usize,
        mode: u32,
    ) -> Status {
        self.call(280, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u64,
                *const u64,
                *const CUgraphEdgeData,
                usize,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                h_graph,
                dependencies,
                dependency_data,
                num_dependencies,
                mode,
            )
        })
    }

    pub(crate) fn cuStreamEndCapture(&self, h_stream: u64, ph_graph: *mut u64) -> Status {
        self.call(281, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, ph_graph)
        })
    }

    pub(crate) fn cuStreamEndCapture_ptsz(&self, h_stream: u64, ph_graph: *mut u64) -> Status {
        self.call(282, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, ph_graph)
        })
    }

    pub(crate) fn cuStreamIsCapturing(&self, h_stream: u64, capture_status: *mut u32) -> Status {
        self.call(283, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, capture_status)
        })
    }

    pub(crate) fn cuStreamIsCapturing_ptsz(
        &self,
        h_stream: u64,
        capture_status: *mut u32,
    ) -> Status {
        self.call(284, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, capture_status)
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
    ) -> Status {
        self.call(285, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, capture_status_out, id_out)
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo_ptsz(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
    ) -> Status {
        self.call(286, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, capture_status_out, id_out)
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo_v2(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
        graph_out: *mut u64,
        dependencies_out: *mut *const u64,
        num_dependencies_out: *mut usize,
    ) -> Status {
        self.call(287, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *mut u32,
                *mut u64,
                *mut u64,
                *mut *const u64,
                *mut usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                capture_status_out,
                id_out,
                graph_out,
                dependencies_out,
                num_dependencies_out,
            )
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo_v2_ptsz(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
        graph_out: *mut u64,
        dependencies_out: *mut *const u64,
        num_dependencies_out: *mut usize,
    ) -> Status {
        self.call(288, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *mut u32,
                *mut u64,
                *mut u64,
                *mut *const u64,
                *mut usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                capture_status_out,
                id_out,
                graph_out,
                dependencies_out,
                num_dependencies_out,
            )
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo_v3(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
        graph_out: *mut u64,
        dependencies_out: *mut *const u64,
        edge_data_out: *mut *const CUgraphEdgeData,
        num_dependencies_out: *mut usize,
    ) -> Status {
        self.call(289, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *mut u32,
                *mut u64,
                *mut u64,
                *mut *const u64,
                *mut *const CUgraphEdgeData,
                *mut usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                capture_status_out,
                id_out,
                graph_out,
                dependencies_out,
                edge_data_out,
                num_dependencies_out,
            )
        })
    }

    pub(crate) fn cuStreamGetCaptureInfo_v3_ptsz(
        &self,
        h_stream: u64,
        capture_status_out: *mut u32,
        id_out: *mut u64,
        graph_out: *mut u64,
        dependencies_out: *mut *const u64,
        edge_data_out: *mut *const CUgraphEdgeData,
        num_dependencies_out: *mut usize,
    ) -> Status {
        self.call(290, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *mut u32,
                *mut u64,
                *mut u64,
                *mut *const u64,
                *mut *const CUgraphEdgeData,
                *mut usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                capture_status_out,
                id_out,
                graph_out,
                dependencies_out,
                edge_data_out,
                num_dependencies_out,
            )
        })
    }

    pub(crate) fn cuStreamCopyAttributes(&self, dst_stream: u64, src_stream: u64) -> Status {
        self.call(291, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_stream, src_stream)
        })
    }

    pub(crate) fn cuStreamCopyAttributes_ptsz(&self, dst_stream: u64, src_stream: u64) -> Status {
        self.call(292, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst_stream, src_stream)
        })
    }

    pub(crate) fn cuStreamGetAttribute(
        &self,
        h_stream: u64,
        attr: u32,
        value: *mut CUstreamAttrValue,
    ) -> Status {
        self.call(293, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, attr, value)
        })
    }

    pub(crate) fn cuStreamGetAttribute_ptsz(
        &self,
        h_stream: u64,
        attr: u32,
        value: *mut CUstreamAttrValue,
    ) -> Status {
        self.call(294, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, attr, value)
        })
    }

    pub(crate) fn cuStreamSetAttribute(
        &self,
        h_stream: u64,
        attr: u32,
        param: *const CUstreamAttrValue,
    ) -> Status {
        self.call(295, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *const CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, attr, param)
        })
    }

    pub(crate) fn cuStreamSetAttribute_ptsz(
        &self,
        h_stream: u64,
        attr: u32,
        param: *const CUstreamAttrValue,
    ) -> Status {
        self.call(296, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *const CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, attr, param)
        })
    }

    pub(crate) fn cuStreamUpdateCaptureDependencies(
        &self,
        h_stream: u64,
        dependencies: *mut u64,
        num_dependencies: usize,
        flags: u32,
    ) -> Status {
        self.call(297, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                dependencies,
                num_dependencies,
                flags,
            )
        })
    }

    pub(crate) fn cuStreamUpdateCaptureDependencies_ptsz(
        &self,
        h_stream: u64,
        dependencies: *mut u64,
        num_dependencies: usize,
        flags: u32,
    ) -> Status {
        self.call(298, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                dependencies,
                num_dependencies,
                flags,
            )
        })
    }

    pub(crate) fn cuStreamUpdateCaptureDependencies_v2(
        &self,
        h_stream: u64,
        dependencies: *mut u64,
        dependency_data: *const CUgraphEdgeData,
        num_dependencies: usize,
        flags: u32,
    ) -> Status {
        self.call(299, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *const CUgraphEdgeData, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                dependencies,
                dependency_data,
                num_dependencies,
                flags,
            )
        })
    }

    pub(crate) fn cuStreamUpdateCaptureDependencies_v2_ptsz(
        &self,
        h_stream: u64,
        dependencies: *mut u64,
        dependency_data: *const CUgraphEdgeData,
        num_dependencies: usize,
        flags: u32,
    ) -> Status {
        self.call(300, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *const CUgraphEdgeData, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_stream,
                dependencies,
                dependency_data,
                num_dependencies,
                flags,
            )
        })
    }

    pub(crate) fn cuStreamBeginCaptureToCig(
        &self,
        h_stream: u64,
        stream_cig_capture_params: *mut c_void,
    ) -> Status {
        self.call(301, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, stream_cig_capture_params)
        })
    }

    pub(crate) fn cuStreamBeginCaptureToCig_ptsz(
        &self,
        h_stream: u64,
        stream_cig_capture_params: *mut c_void,
    ) -> Status {
        self.call(302, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, stream_cig_capture_params)
        })
    }

    pub(crate) fn cuStreamEndCaptureToCig(&self, h_stream: u64) -> Status {
        self.call(303, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuStreamEndCaptureToCig_ptsz(&self, h_stream: u64) -> Status {
        self.call(304, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream)
        })
    }

    pub(crate) fn cuIpcGetEventHandle(
        &self,
        p_handle: *mut CUipcEventHandle,
        event: u64,
    ) -> Status {
        self.call(305, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUipcEventHandle, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, event)
        })
    }

    pub(crate) fn cuIpcOpenEventHandle(
        &self,
        ph_event: *mut u64,
        handle: CUipcEventHandle,
    ) -> Status {
        self.call(306, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, CUipcEventHandle) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_event, handle)
        })
    }

    pub(crate) fn cuEventCreate(&self, ph_event: *mut u64, flags: u32) -> Status {
        self.call(307, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_event, flags)
        })
    }

    pub(crate) fn cuEventQuery(&self, h_event: u64) -> Status {
        self.call(308, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event)
        })
    }

    pub(crate) fn cuEventSynchronize(&self, h_event: u64) -> Status {
        self.call(309, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event)
        })
    }

    pub(crate) fn cuEventDestroy_v2(&self, h_event: u64) -> Status {
        self.call(310, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event)
        })
    }

    pub(crate) fn cuEventElapsedTime_v2(
        &self,
        p_milliseconds: *mut f32,
        h_start: u64,
        h_end: u64,
    ) -> Status {
        self.call(311, |address| unsafe {
            type F = unsafe extern "C" fn(*mut f32, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_milliseconds, h_start, h_end)
        })
    }

    pub(crate) fn cuEventDestroy(&self, h_event: u64) -> Status {
        self.call(312, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event)
        })
    }

    pub(crate) fn cuEventElapsedTime(
        &self,
        p_milliseconds: *mut f32,
        h_start: u64,
        h_end: u64,
    ) -> Status {
        self.call(313, |address| unsafe {
            type F = unsafe extern "C" fn(*mut f32, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_milliseconds, h_start, h_end)
        })
    }

    pub(crate) fn cuEventRecord(&self, h_event: u64, h_stream: u64) -> Status {
        self.call(314, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event, h_stream)
        })
    }

    pub(crate) fn cuEventRecord_ptsz(&self, h_event: u64, h_stream: u64) -> Status {
        self.call(315, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event, h_stream)
        })
    }

    pub(crate) fn cuEventRecordWithFlags(&self, h_event: u64, h_stream: u64, flags: u32) -> Status {
        self.call(316, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event, h_stream, flags)
        })
    }

    pub(crate) fn cuEventRecordWithFlags_ptsz(
        &self,
        h_event: u64,
        h_stream: u64,
        flags: u32,
    ) -> Status {
        self.call(317, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_event, h_stream, flags)
        })
    }

    pub(crate) fn cuModuleLoad(&self, module: *mut u64, fname: *const c_char) -> Status {
        self.call(318, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(module, fname)
        })
    }

    pub(crate) fn cuModuleLoadData(&self, module: *mut u64, image: *const c_void) -> Status {
        self.call(319, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(module, image)
        })
    }

    pub(crate) fn cuModuleLoadDataEx(
        &self,
        module: *mut u64,
        image: *const c_void,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
    ) -> Status {
        self.call(320, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *const c_void,
                u32,
                *mut u32,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                module,
                image,
                num_options,
                options,
                option_values,
            )
        })
    }

    pub(crate) fn cuModuleLoadFatBinary(
        &self,
        module: *mut u64,
        fat_cubin: *const c_void,
    ) -> Status {
        self.call(321, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(module, fat_cubin)
        })
    }

    pub(crate) fn cuModuleUnload(&self, hmod: u64) -> Status {
        self.call(322, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hmod)
        })
    }

    pub(crate) fn cuModuleGetLoadingMode(&self, mode: *mut u32) -> Status {
        self.call(323, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mode)
        })
    }

    pub(crate) fn cuModuleGetFunction(
        &self,
        hfunc: *mut u64,
        hmod: u64,
        name: *const c_char,
    ) -> Status {
        self.call(324, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, hmod, name)
        })
    }

    pub(crate) fn cuModuleGetFunctionCount(&self, count: *mut u32, mod_: u64) -> Status {
        self.call(325, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, mod_)
        })
    }

    pub(crate) fn cuModuleEnumerateFunctions(
        &self,
        functions: *mut u64,
        num_functions: u32,
        mod_: u64,
    ) -> Status {
        self.call(326, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(functions, num_functions, mod_)
        })
    }

    pub(crate) fn cuModuleGetGlobal_v2(
        &self,
        dptr: *mut u64,
        bytes: *mut usize,
        hmod: u64,
        name: *const c_char,
    ) -> Status {
        self.call(327, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytes, hmod, name)
        })
    }

    pub(crate) fn cuLinkCreate_v2(
        &self,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
        state_out: *mut u64,
    ) -> Status {
        self.call(328, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut u32, *mut *mut c_void, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_options,
                options,
                option_values,
                state_out,
            )
        })
    }

    pub(crate) fn cuLinkAddData_v2(
        &self,
        state: u64,
        kind: u32,
        data: *mut c_void,
        size: usize,
        name: *const c_char,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
    ) -> Status {
        self.call(329, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                *mut c_void,
                usize,
                *const c_char,
                u32,
                *mut u32,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                state,
                kind,
                data,
                size,
                name,
                num_options,
                options,
                option_values,
            )
        })
    }

    pub(crate) fn cuLinkAddFile_v2(
        &self,
        state: u64,
        kind: u32,
        path: *const c_char,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
    ) -> Status {
        self.call(330, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                *const c_char,
                u32,
                *mut u32,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                state,
                kind,
                path,
                num_options,
                options,
                option_values,
            )
        })
    }

    pub(crate) fn cuLinkComplete(
        &self,
        state: u64,
        cubin_out: *mut *mut c_void,
        size_out: *mut usize,
    ) -> Status {
        self.call(331, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut *mut c_void, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(state, cubin_out, size_out)
        })
    }

    pub(crate) fn cuLinkDestroy(&self, state: u64) -> Status {
        self.call(332, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(state)
        })
    }

    pub(crate) fn cuLibraryLoadData(
        &self,
        library: *mut u64,
        code: *const c_void,
        jit_options: *mut u32,
        jit_options_values: *mut *mut c_void,
        num_jit_options: u32,
        library_options: *mut u32,
        library_option_values: *mut *mut c_void,
        num_library_options: u32,
    ) -> Status {
        self.call(333, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *const c_void,
                *mut u32,
                *mut *mut c_void,
                u32,
                *mut u32,
                *mut *mut c_void,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                library,
                code,
                jit_options,
                jit_options_values,
                num_jit_options,
                library_options,
                library_option_values,
                num_library_options,
            )
        })
    }

    pub(crate) fn cuLibraryLoadFromFile(
        &self,
        library: *mut u64,
        file_name: *const c_char,
        jit_options: *mut u32,
        jit_options_values: *mut *mut c_void,
        num_jit_options: u32,
        library_options: *mut u32,
        library_option_values: *mut *mut c_void,
        num_library_options: u32,
    ) -> Status {
        self.call(334, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                *const c_char,
                *mut u32,
                *mut *mut c_void,
                u32,
                *mut u32,
                *mut *mut c_void,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                library,
                file_name,
                jit_options,
                jit_options_values,
                num_jit_options,
                library_options,
                library_option_values,
                num_library_options,
            )
        })
    }

    pub(crate) fn cuLibraryUnload(&self, library: u64) -> Status {
        self.call(335, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(library)
        })
    }

    pub(crate) fn cuLibraryGetKernel(
        &self,
        p_kernel: *mut u64,
        library: u64,
        name: *const c_char,
    ) -> Status {
        self.call(336, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_kernel, library, name)
        })
    }

    pub(crate) fn cuLibraryGetKernelCount(&self, count: *mut u32, lib: u64) -> Status {
        self.call(337, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, lib)
        })
    }

    pub(crate) fn cuLibraryEnumerateKernels(
        &self,
        kernels: *mut u64,
        num_kernels: u32,
        lib: u64,
    ) -> Status {
        self.call(338, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(kernels, num_kernels, lib)
        })
    }

    pub(crate) fn cuLibraryGetModule(&self, p_mod: *mut u64, library: u64) -> Status {
        self.call(339, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_mod, library)
        })
    }

    pub(crate) fn cuKernelGetFunction(&self, p_func: *mut u64, kernel: u64) -> Status {
        self.call(340, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_func, kernel)
        })
    }

    pub(crate) fn cuKernelGetLibrary(&self, p_lib: *mut u64, kernel: u64) -> Status {
        self.call(341, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_lib, kernel)
        })
    }

    pub(crate) fn cuLibraryGetGlobal(
        &self,
        dptr: *mut u64,
        bytes: *mut usize,
        library: u64,
        name: *const c_char,
    ) -> Status {
        self.call(342, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytes, library, name)
        })
    }

    pub(crate) fn cuLibraryGetManaged(
        &self,
        dptr: *mut u64,
        bytes: *mut usize,
        library: u64,
        name: *const c_char,
    ) -> Status {
        self.call(343, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytes, library, name)
        })
    }

    pub(crate) fn cuLibraryGetUnifiedFunction(
        &self,
        fptr: *mut *mut c_void,
        library: u64,
        symbol: *const c_char,
    ) -> Status {
        self.call(344, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *mut c_void, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(fptr, library, symbol)
        })
    }

    pub(crate) fn cuKernelGetAttribute(
        &self,
        pi: *mut i32,
        attrib: u32,
        kernel: u64,
        dev: i32,
    ) -> Status {
        self.call(345, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u32, u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pi, attrib, kernel, dev)
        })
    }

    pub(crate) fn cuKernelSetAttribute(
        &self,
        attrib: u32,
        val: i32,
        kernel: u64,
        dev: i32,
    ) -> Status {
        self.call(346, |address| unsafe {
            type F = unsafe extern "C" fn(u32, i32, u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(attrib, val, kernel, dev)
        })
    }

    pub(crate) fn cuKernelSetCacheConfig(&self, kernel: u64, config: u32, dev: i32) -> Status {
        self.call(347, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(kernel, config, dev)
        })
    }

    pub(crate) fn cuKernelGetName(&self, name: *mut *const c_char, hfunc: u64) -> Status {
        self.call(348, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *const c_char, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(name, hfunc)
        })
    }

    pub(crate) fn cuKernelGetParamInfo(
        &self,
        kernel: u64,
        param_index: usize,
        param_offset: *mut usize,
        param_size: *mut usize,
    ) -> Status {
        self.call(349, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *mut usize, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                kernel,
                param_index,
                param_offset,
                param_size,
            )
        })
    }

    pub(crate) fn cuKernelGetParamCount(&self, kernel: u64, param_count: *mut usize) -> Status {
        self.call(350, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(kernel, param_count)
        })
    }

    pub(crate) fn cuFuncGetAttribute(&self, pi: *mut i32, attrib: u32, hfunc: u64) -> Status {
        self.call(351, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pi, attrib, hfunc)
        })
    }

    pub(crate) fn cuFuncSetAttribute(&self, hfunc: u64, attrib: u32, value: i32) -> Status {
        self.call(352, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, attrib, value)
        })
    }

    pub(crate) fn cuFuncSetCacheConfig(&self, hfunc: u64, config: u32) -> Status {
        self.call(353, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, config)
        })
    }

    pub(crate) fn cuFuncGetModule(&self, hmod: *mut u64, hfunc: u64) -> Status {
        self.call(354, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hmod, hfunc)
        })
    }

    pub(crate) fn cuFuncGetName(&self, name: *mut *const c_char, hfunc: u64) -> Status {
        self.call(355, |address| unsafe {
            type F = unsafe extern "C" fn(*mut *const c_char, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(name, hfunc)
        })
    }

    pub(crate) fn cuFuncGetParamInfo(
        &self,
        func: u64,
        param_index: usize,
        param_offset: *mut usize,
        param_size: *mut usize,
    ) -> Status {
        self.call(356, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *mut usize, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                func,
                param_index,
                param_offset,
                param_size,
            )
        })
    }

    pub(crate) fn cuFuncGetParamCount(&self, func: u64, param_count: *mut usize) -> Status {
        self.call(357, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(func, param_count)
        })
    }

    pub(crate) fn cuFuncIsLoaded(&self, state: *mut u32, function: u64) -> Status {
        self.call(358, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(state, function)
        })
    }

    pub(crate) fn cuFuncLoad(&self, function: u64) -> Status {
        self.call(359, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(function)
        })
    }

    pub(crate) fn cuFuncSetSharedMemConfig(&self, hfunc: u64, config: u32) -> Status {
        self.call(360, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, config)
        })
    }

    pub(crate) fn cuLinkCreate(
        &self,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
        state_out: *mut u64,
    ) -> Status {
        self.call(361, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut u32, *mut *mut c_void, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_options,
                options,
                option_values,
                state_out,
            )
        })
    }

    pub(crate) fn cuLinkAddData(
        &self,
        state: u64,
        kind: u32,
        data: *mut c_void,
        size: usize,
        name: *const c_char,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
    ) -> Status {
        self.call(362, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                *mut c_void,
                usize,
                *const c_char,
                u32,
                *mut u32,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                state,
                kind,
                data,
                size,
                name,
                num_options,
                options,
                option_values,
            )
        })
    }

    pub(crate) fn cuLinkAddFile(
        &self,
        state: u64,
        kind: u32,
        path: *const c_char,
        num_options: u32,
        options: *mut u32,
        option_values: *mut *mut c_void,
    ) -> Status {
        self.call(363, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                *const c_char,
                u32,
                *mut u32,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                state,
                kind,
                path,
                num_options,
                options,
                option_values,
            )
        })
    }

    pub(crate) fn cuModuleGetGlobal(
        &self,
        dptr: *mut u32,
        bytes: *mut u32,
        hmod: u64,
        name: *const c_char,
    ) -> Status {
        self.call(364, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut u32, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dptr, bytes, hmod, name)
        })
    }

    pub(crate) fn cuLaunchCooperativeKernelMultiDevice(
        &self,
        launch_params_list: *mut c_void,
        num_devices: u32,
        flags: u32,
    ) -> Status {
        self.call(365, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(launch_params_list, num_devices, flags)
        })
    }

    pub(crate) fn cuFuncSetBlockShape(&self, hfunc: u64, x: i32, y: i32, z: i32) -> Status {
        self.call(366, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, x, y, z)
        })
    }

    pub(crate) fn cuFuncSetSharedSize(&self, hfunc: u64, bytes: u32) -> Status {
        self.call(367, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, bytes)
        })
    }

    pub(crate) fn cuParamSetSize(&self, hfunc: u64, numbytes: u32) -> Status {
        self.call(368, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, numbytes)
        })
    }

    pub(crate) fn cuParamSeti(&self, hfunc: u64, offset: i32, value: u32) -> Status {
        self.call(369, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, offset, value)
        })
    }

    pub(crate) fn cuParamSetf(&self, hfunc: u64, offset: i32, value: f32) -> Status {
        self.call(370, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, f32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, offset, value)
        })
    }

    pub(crate) fn cuParamSetv(
        &self,
        hfunc: u64,
        offset: i32,
        ptr: *mut c_void,
        numbytes: u32,
    ) -> Status {
        self.call(371, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, offset, ptr, numbytes)
        })
    }

    pub(crate) fn cuLaunch(&self, f: u64) -> Status {
        self.call(372, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(f)
        })
    }

    pub(crate) fn cuLaunchGrid(&self, f: u64, grid_width: i32, grid_height: i32) -> Status {
        self.call(373, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(f, grid_width, grid_height)
        })
    }

    pub(crate) fn cuLaunchGridAsync(
        &self,
        f: u64,
        grid_width: i32,
        grid_height: i32,
        h_stream: u64,
    ) -> Status {
        self.call(374, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(f, grid_width, grid_height, h_stream)
        })
    }

    pub(crate) fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
        &self,
        num_blocks: *mut i32,
        func: u64,
        block_size: i32,
        dynamic_smem_size: usize,
    ) -> Status {
        self.call(375, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64, i32, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_blocks,
                func,
                block_size,
                dynamic_smem_size,
            )
        })
    }

    pub(crate) fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
        &self,
        num_blocks: *mut i32,
        func: u64,
        block_size: i32,
        dynamic_smem_size: usize,
        flags: u32,
    ) -> Status {
        self.call(376, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64, i32, usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                num_blocks,
                func,
                block_size,
                dynamic_smem_size,
                flags,
            )
        })
    }

    pub(crate) fn cuOccupancyMaxPotentialBlockSize(
        &self,
        min_grid_size: *mut i32,
        block_size: *mut i32,
        func: u64,
        block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
        dynamic_smem_size: usize,
        block_size_limit: i32,
    ) -> Status {
        self.call(377, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut i32,
                *mut i32,
                u64,
                CUoccupancyB2DSize,
                usize,
                i32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                min_grid_size,
                block_size,
                func,
                block_size_to_dynamic_smem_size,
                dynamic_smem_size,
                block_size_limit,
            )
        })
    }

    pub(crate) fn cuOccupancyMaxPotentialBlockSizeWithFlags(
        &self,
        min_grid_size: *mut i32,
        block_size: *mut i32,
        func: u64,
        block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
        dynamic_smem_size: usize,
        block_size_limit: i32,
        flags: u32,
    ) -> Status {
        self.call(378, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut i32,
                *mut i32,
                u64,
                CUoccupancyB2DSize,
                usize,
                i32,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                min_grid_size,
                block_size,
                func,
                block_size_to_dynamic_smem_size,
                dynamic_smem_size,
                block_size_limit,
                flags,
            )
        })
    }

    pub(crate) fn cuOccupancyAvailableDynamicSMemPerBlock(
        &self,
        dynamic_smem_size: *mut usize,
        func: u64,
        num_blocks: i32,
        block_size: i32,
    ) -> Status {
        self.call(379, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, u64, i32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                dynamic_smem_size,
                func,
                num_blocks,
                block_size,
            )
        })
    }

    pub(crate) fn cuOccupancyMaxPotentialClusterSize(
        &self,
        cluster_size: *mut i32,
        func: u64,
        config: *const CUlaunchConfig,
    ) -> Status {
        self.call(380, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64, *const CUlaunchConfig) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(cluster_size, func, config)
        })
    }

    pub(crate) fn cuOccupancyMaxActiveClusters(
        &self,
        num_clusters: *mut i32,
        func: u64,
        config: *const CUlaunchConfig,
    ) -> Status {
        self.call(381, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64, *const CUlaunchConfig) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(num_clusters, func, config)
        })
    }

    pub(crate) fn cuLaunchKernel(
        &self,
        f: u64,
        grid_dim_x: u32,
        grid_dim_y: u32,
        grid_dim_z: u32,
        block_dim_x: u32,
        block_dim_y: u32,
        block_dim_z: u32,
        shared_mem_bytes: u32,
        h_stream: u64,
        kernel_params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> Status {
        self.call(382, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u64,
                *mut *mut c_void,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                f,
                grid_dim_x,
                grid_dim_y,
                grid_dim_z,
                block_dim_x,
                block_dim_y,
                block_dim_z,
                shared_mem_bytes,
                h_stream,
                kernel_params,
                extra,
            )
        })
    }

    pub(crate) fn cuLaunchKernel_ptsz(
        &self,
        f: u64,
        grid_dim_x: u32,
        grid_dim_y: u32,
        grid_dim_z: u32,
        block_dim_x: u32,
        block_dim_y: u32,
        block_dim_z: u32,
        shared_mem_bytes: u32,
        h_stream: u64,
        kernel_params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> Status {
        self.call(383, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u64,
                *mut *mut c_void,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                f,
                grid_dim_x,
                grid_dim_y,
                grid_dim_z,
                block_dim_x,
                block_dim_y,
                block_dim_z,
                shared_mem_bytes,
                h_stream,
                kernel_params,
                extra,
            )
        })
    }

    pub(crate) fn cuLaunchKernelEx(
        &self,
        config: *const CUlaunchConfig,
        f: u64,
        kernel_params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> Status {
        self.call(384, |address| unsafe {
            type F = unsafe extern "C" fn(
                *const CUlaunchConfig,
                u64,
                *mut *mut c_void,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(config, f, kernel_params, extra)
        })
    }

    pub(crate) fn cuLaunchKernelEx_ptsz(
        &self,
        config: *const CUlaunchConfig,
        f: u64,
        kernel_params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> Status {
        self.call(385, |address| unsafe {
            type F = unsafe extern "C" fn(
                *const CUlaunchConfig,
                u64,
                *mut *mut c_void,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(config, f, kernel_params, extra)
        })
    }

    pub(crate) fn cuLaunchHostFunc(
        &self,
        h_stream: u64,
        fn_: CUhostFn,
        user_data: *mut c_void,
    ) -> Status {
        self.call(386, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUhostFn, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, fn_, user_data)
        })
    }

    pub(crate) fn cuLaunchHostFunc_ptsz(
        &self,
        h_stream: u64,
        fn_: CUhostFn,
        user_data: *mut c_void,
    ) -> Status {
        self.call(387, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUhostFn, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, fn_, user_data)
        })
    }

    pub(crate) fn cuLaunchHostFunc_v2(
        &self,
        h_stream: u64,
        fn_: CUhostFn,
        user_data: *mut c_void,
        sync_mode: u32,
    ) -> Status {
        self.call(388, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUhostFn, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, fn_, user_data, sync_mode)
        })
    }

    pub(crate) fn cuLaunchHostFunc_v2_ptsz(
        &self,
        h_stream: u64,
        fn_: CUhostFn,
        user_data: *mut c_void,
        sync_mode: u32,
    ) -> Status {
        self.call(389, |address| unsafe {
            type F = unsafe extern "C" fn(u64, CUhostFn, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, fn_, user_data, sync_mode)
        })
    }

    pub(crate) fn cuLaunchCooperativeKernel(
        &self,
        f: u64,
        grid_dim_x: u32,
        grid_dim_y: u32,
        grid_dim_z: u32,
        block_dim_x: u32,
        block_dim_y: u32,
        block_dim_z: u32,
        shared_mem_bytes: u32,
        h_stream: u64,
        kernel_params: *mut *mut c_void,
    ) -> Status {
        self.call(390, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u64,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                f,
                grid_dim_x,
                grid_dim_y,
                grid_dim_z,
                block_dim_x,
                block_dim_y,
                block_dim_z,
                shared_mem_bytes,
                h_stream,
                kernel_params,
            )
        })
    }

    pub(crate) fn cuLaunchCooperativeKernel_ptsz(
        &self,
        f: u64,
        grid_dim_x: u32,
        grid_dim_y: u32,
        grid_dim_z: u32,
        block_dim_x: u32,
        block_dim_y: u32,
        block_dim_z: u32,
        shared_mem_bytes: u32,
        h_stream: u64,
        kernel_params: *mut *mut c_void,
    ) -> Status {
        self.call(391, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u32,
                u64,
                *mut *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                f,
                grid_dim_x,
                grid_dim_y,
                grid_dim_z,
                block_dim_x,
                block_dim_y,
                block_dim_z,
                shared_mem_bytes,
                h_stream,
                kernel_params,
            )
        })
    }

    pub(crate) fn cuGraphCreate(&self, ph_graph: *mut u64, flags: u32) -> Status {
        self.call(392, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_graph, flags)
        })
    }

    pub(crate) fn cuGraphAddKernelNode_v2(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const CUDA_KERNEL_NODE_PARAMS,
    ) -> Status {
        self.call(393, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_KERNEL_NODE_PARAMS,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphKernelNodeGetParams_v2(
        &self,
        h_node: u64,
        node_params: *mut CUDA_KERNEL_NODE_PARAMS,
    ) -> Status {
        self.call(394, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_KERNEL_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphKernelNodeSetParams_v2(
        &self,
        h_node: u64,
        node_params: *const CUDA_KERNEL_NODE_PARAMS,
    ) -> Status {
        self.call(395, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_KERNEL_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddMemcpyNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        copy_params: *const CUDA_MEMCPY3D,
        ctx: u64,
    ) -> Status {
        self.call(396, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_MEMCPY3D,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                copy_params,
                ctx,
            )
        })
    }

    pub(crate) fn cuGraphMemcpyNodeGetParams(
        &self,
        h_node: u64,
        node_params: *mut CUDA_MEMCPY3D,
    ) -> Status {
        self.call(397, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_MEMCPY3D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphMemcpyNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const CUDA_MEMCPY3D,
    ) -> Status {
        self.call(398, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_MEMCPY3D) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddMemsetNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        memset_params: *const CUDA_MEMSET_NODE_PARAMS,
        ctx: u64,
    ) -> Status {
        self.call(399, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_MEMSET_NODE_PARAMS,
                u64,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                memset_params,
                ctx,
            )
        })
    }

    pub(crate) fn cuGraphMemsetNodeGetParams(
        &self,
        h_node: u64,
        node_params: *mut CUDA_MEMSET_NODE_PARAMS,
    ) -> Status {
        self.call(400, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_MEMSET_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphMemsetNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const CUDA_MEMSET_NODE_PARAMS,
    ) -> Status {
        self.call(401, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_MEMSET_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddHostNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const CUDA_HOST_NODE_PARAMS,
    ) -> Status {
        self.call(402, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_HOST_NODE_PARAMS,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphHostNodeGetParams(
        &self,
        h_node: u64,
        node_params: *mut CUDA_HOST_NODE_PARAMS,
    ) -> Status {
        self.call(403, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_HOST_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphHostNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const CUDA_HOST_NODE_PARAMS,
    ) -> Status {
        self.call(404, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_HOST_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddChildGraphNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        child_graph: u64,
    ) -> Status {
        self.call(405, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                child_graph,
            )
        })
    }

    pub(crate) fn cuGraphChildGraphNodeGetGraph(&self, h_node: u64, ph_graph: *mut u64) -> Status {
        self.call(406, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, ph_graph)
        })
    }

    pub(crate) fn cuGraphAddEmptyNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
    ) -> Status {
        self.call(407, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
            )
        })
    }

    pub(crate) fn cuGraphAddEventRecordNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        event: u64,
    ) -> Status {
        self.call(408, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                event,
            )
        })
    }

    pub(crate) fn cuGraphEventRecordNodeGetEvent(
        &self,
        h_node: u64,
        event_out: *mut u64,
    ) -> Status {
        self.call(409, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, event_out)
        })
    }

    pub(crate) fn cuGraphEventRecordNodeSetEvent(&self, h_node: u64, event: u64) -> Status {
        self.call(410, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, event)
        })
    }

    pub(crate) fn cuGraphAddEventWaitNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        event: u64,
    ) -> Status {
        self.call(411, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                event,
            )
        })
    }

    pub(crate) fn cuGraphEventWaitNodeGetEvent(&self, h_node: u64, event_out: *mut u64) -> Status {
        self.call(412, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, event_out)
        })
    }

    pub(crate) fn cuGraphEventWaitNodeSetEvent(&self, h_node: u64, event: u64) -> Status {
        self.call(413, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, event)
        })
    }

    pub(crate) fn cuGraphAddExternalSemaphoresSignalNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const c_void,
    ) -> Status {
        self.call(414, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphExternalSemaphoresSignalNodeGetParams(
        &self,
        h_node: u64,
        params_out: *mut c_void,
    ) -> Status {
        self.call(415, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, params_out)
        })
    }

    pub(crate) fn cuGraphExternalSemaphoresSignalNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const c_void,
    ) -> Status {
        self.call(416, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddExternalSemaphoresWaitNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const c_void,
    ) -> Status {
        self.call(417, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphExternalSemaphoresWaitNodeGetParams(
        &self,
        h_node: u64,
        params_out: *mut c_void,
    ) -> Status {
        self.call(418, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, params_out)
        })
    }

    pub(crate) fn cuGraphExternalSemaphoresWaitNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const c_void,
    ) -> Status {
        self.call(419, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddBatchMemOpNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    ) -> Status {
        self.call(420, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphBatchMemOpNodeGetParams(
        &self,
        h_node: u64,
        node_params_out: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
    ) -> Status {
        self.call(421, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params_out)
        })
    }

    pub(crate) fn cuGraphBatchMemOpNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    ) -> Status {
        self.call(422, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecBatchMemOpNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
    ) -> Status {
        self.call(423, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_BATCH_MEM_OP_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphAddMemAllocNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
    ) -> Status {
        self.call(424, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *mut CUDA_MEM_ALLOC_NODE_PARAMS,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphMemAllocNodeGetParams(
        &self,
        h_node: u64,
        params_out: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
    ) -> Status {
        self.call(425, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_MEM_ALLOC_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, params_out)
        })
    }

    pub(crate) fn cuGraphAddMemFreeNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        dptr: u64,
    ) -> Status {
        self.call(426, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                dptr,
            )
        })
    }

    pub(crate) fn cuGraphMemFreeNodeGetParams(&self, h_node: u64, dptr_out: *mut u64) -> Status {
        self.call(427, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, dptr_out)
        })
    }

    pub(crate) fn cuDeviceGraphMemTrim(&self, device: i32) -> Status {
        self.call(428, |address| unsafe {
            type F = unsafe extern "C" fn(i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device)
        })
    }

    pub(crate) fn cuDeviceGetGraphMemAttribute(
        &self,
        device: i32,
        attr: u32,
        value: *mut c_void,
    ) -> Status {
        self.call(429, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, attr, value)
        })
    }

    pub(crate) fn cuDeviceSetGraphMemAttribute(
        &self,
        device: i32,
        attr: u32,
        value: *mut c_void,
    ) -> Status {
        self.call(430, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, attr, value)
        })
    }

    pub(crate) fn cuGraphClone(&self, ph_graph_clone: *mut u64, original_graph: u64) -> Status {
        self.call(431, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_graph_clone, original_graph)
        })
    }

    pub(crate) fn cuGraphNodeFindInClone(
        &self,
        ph_node: *mut u64,
        h_original_node: u64,
        h_cloned_graph: u64,
    ) -> Status {
        self.call(432, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_node,
                h_original_node,
                h_cloned_graph,
            )
        })
    }

    pub(crate) fn cuGraphNodeGetType(&self, h_node: u64, kind: *mut u32) -> Status {
        self.call(433, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, kind)
        })
    }

    pub(crate) fn cuGraphNodeGetContainingGraph(&self, h_node: u64, ph_graph: *mut u64) -> Status {
        self.call(434, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, ph_graph)
        })
    }

    pub(crate) fn cuGraphNodeGetLocalId(&self, h_node: u64, node_id: *mut u32) -> Status {
        self.call(435, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_id)
        })
    }

    pub(crate) fn cuGraphNodeGetToolsId(&self, h_node: u64, tools_node_id: *mut u64) -> Status {
        self.call(436, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, tools_node_id)
        })
    }

    pub(crate) fn cuGraphGetId(&self, h_graph: u64, graph_id: *mut u32) -> Status {
        self.call(437, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, graph_id)
        })
    }

    pub(crate) fn cuGraphExecGetId(&self, h_graph_exec: u64, graph_id: *mut u32) -> Status {
        self.call(438, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, graph_id)
        })
    }

    pub(crate) fn cuGraphGetNodes(
        &self,
        h_graph: u64,
        nodes: *mut u64,
        num_nodes: *mut usize,
    ) -> Status {
        self.call(439, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, nodes, num_nodes)
        })
    }

    pub(crate) fn cuGraphGetRootNodes(
        &self,
        h_graph: u64,
        root_nodes: *mut u64,
        num_root_nodes: *mut usize,
    ) -> Status {
        self.call(440, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, root_nodes, num_root_nodes)
        })
    }

    pub(crate) fn cuGraphGetEdges_v2(
        &self,
        h_graph: u64,
        from: *mut u64,
        to: *mut u64,
        edge_data: *mut CUgraphEdgeData,
        num_edges: *mut usize,
    ) -> Status {
        self.call(441, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *mut u64,
                *mut u64,
                *mut CUgraphEdgeData,
                *mut usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_graph, from, to, edge_data, num_edges,
            )
        })
    }

    pub(crate) fn cuGraphNodeGetDependencies_v2(
        &self,
        h_node: u64,
        dependencies: *mut u64,
        edge_data: *mut CUgraphEdgeData,
        num_dependencies: *mut usize,
    ) -> Status {
        self.call(442, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut CUgraphEdgeData, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_node,
                dependencies,
                edge_data,
                num_dependencies,
            )
        })
    }

    pub(crate) fn cuGraphNodeGetDependentNodes_v2(
        &self,
        h_node: u64,
        dependent_nodes: *mut u64,
        edge_data: *mut CUgraphEdgeData,
        num_dependent_nodes: *mut usize,
    ) -> Status {
        self.call(443, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut CUgraphEdgeData, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_node,
                dependent_nodes,
                edge_data,
                num_dependent_nodes,
            )
        })
    }

    pub(crate) fn cuGraphAddDependencies_v2(
        &self,
        h_graph: u64,
        from: *const u64,
        to: *const u64,
        edge_data: *const CUgraphEdgeData,
        num_dependencies: usize,
    ) -> Status {
        self.call(444, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *const u64,
                *const u64,
                *const CUgraphEdgeData,
                usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_graph,
                from,
                to,
                edge_data,
                num_dependencies,
            )
        })
    }

    pub(crate) fn cuGraphRemoveDependencies_v2(
        &self,
        h_graph: u64,
        from: *const u64,
        to: *const u64,
        edge_data: *const CUgraphEdgeData,
        num_dependencies: usize,
    ) -> Status {
        self.call(445, |address| unsafe {
            type F = unsafe extern "C" fn(
                u64,
                *const u64,
                *const u64,
                *const CUgraphEdgeData,
                usize,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_graph,
                from,
                to,
                edge_data,
                num_dependencies,
            )
        })
    }

    pub(crate) fn cuGraphDestroyNode(&self, h_node: u64) -> Status {
        self.call(446, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node)
        })
    }

    pub(crate) fn cuGraphInstantiateWithFlags(
        &self,
        ph_graph_exec: *mut u64,
        h_graph: u64,
        flags: u64,
    ) -> Status {
        self.call(447, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_graph_exec, h_graph, flags)
        })
    }

    pub(crate) fn cuGraphExecGetFlags(&self, h_graph_exec: u64, flags: *mut u64) -> Status {
        self.call(448, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, flags)
        })
    }

    pub(crate) fn cuGraphExecKernelNodeSetParams_v2(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const CUDA_KERNEL_NODE_PARAMS,
    ) -> Status {
        self.call(449, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_KERNEL_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecMemcpyNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        copy_params: *const CUDA_MEMCPY3D,
        ctx: u64,
    ) -> Status {
        self.call(450, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_MEMCPY3D, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, copy_params, ctx)
        })
    }

    pub(crate) fn cuGraphExecMemsetNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        memset_params: *const CUDA_MEMSET_NODE_PARAMS,
        ctx: u64,
    ) -> Status {
        self.call(451, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_MEMSET_NODE_PARAMS, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_graph_exec,
                h_node,
                memset_params,
                ctx,
            )
        })
    }

    pub(crate) fn cuGraphExecHostNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const CUDA_HOST_NODE_PARAMS,
    ) -> Status {
        self.call(452, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_HOST_NODE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecChildGraphNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        child_graph: u64,
    ) -> Status {
        self.call(453, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, child_graph)
        })
    }

    pub(crate) fn cuGraphExecEventRecordNodeSetEvent(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        event: u64,
    ) -> Status {
        self.call(454, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, event)
        })
    }

    pub(crate) fn cuGraphExecEventWaitNodeSetEvent(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        event: u64,
    ) -> Status {
        self.call(455, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, event)
        })
    }

    pub(crate) fn cuGraphExecExternalSemaphoresSignalNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const c_void,
    ) -> Status {
        self.call(456, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecExternalSemaphoresWaitNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const c_void,
    ) -> Status {
        self.call(457, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphNodeSetEnabled(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        is_enabled: u32,
    ) -> Status {
        self.call(458, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, is_enabled)
        })
    }

    pub(crate) fn cuGraphNodeGetEnabled(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        is_enabled: *mut u32,
    ) -> Status {
        self.call(459, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, is_enabled)
        })
    }

    pub(crate) fn cuGraphExecDestroy(&self, h_graph_exec: u64) -> Status {
        self.call(460, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec)
        })
    }

    pub(crate) fn cuGraphDestroy(&self, h_graph: u64) -> Status {
        self.call(461, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph)
        })
    }

    pub(crate) fn cuGraphExecUpdate_v2(
        &self,
        h_graph_exec: u64,
        h_graph: u64,
        result_info: *mut CUgraphExecUpdateResultInfo,
    ) -> Status {
        self.call(462, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *mut CUgraphExecUpdateResultInfo) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_graph, result_info)
        })
    }

    pub(crate) fn cuGraphKernelNodeCopyAttributes(&self, dst: u64, src: u64) -> Status {
        self.call(463, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dst, src)
        })
    }

    pub(crate) fn cuGraphKernelNodeGetAttribute(
        &self,
        h_node: u64,
        attr: u32,
        value_out: *mut CUstreamAttrValue,
    ) -> Status {
        self.call(464, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, attr, value_out)
        })
    }

    pub(crate) fn cuGraphKernelNodeSetAttribute(
        &self,
        h_node: u64,
        attr: u32,
        value: *const CUstreamAttrValue,
    ) -> Status {
        self.call(465, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *const CUstreamAttrValue) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, attr, value)
        })
    }

    pub(crate) fn cuGraphDebugDotPrint(
        &self,
        h_graph: u64,
        path: *const c_char,
        flags: u32,
    ) -> Status {
        self.call(466, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_char, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, path, flags)
        })
    }

    pub(crate) fn cuUserObjectCreate(
        &self,
        object_out: *mut u64,
        ptr: *mut c_void,
        destroy: CUhostFn,
        initial_refcount: u32,
        flags: u32,
    ) -> Status {
        self.call(467, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut c_void, CUhostFn, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                object_out,
                ptr,
                destroy,
                initial_refcount,
                flags,
            )
        })
    }

    pub(crate) fn cuUserObjectRetain(&self, object: u64, count: u32) -> Status {
        self.call(468, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(object, count)
        })
    }

    pub(crate) fn cuUserObjectRelease(&self, object: u64, count: u32) -> Status {
        self.call(469, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(object, count)
        })
    }

    pub(crate) fn cuGraphRetainUserObject(
        &self,
        graph: u64,
        object: u64,
        count: u32,
        flags: u32,
    ) -> Status {
        self.call(470, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(graph, object, count, flags)
        })
    }

    pub(crate) fn cuGraphReleaseUserObject(&self, graph: u64, object: u64, count: u32) -> Status {
        self.call(471, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(graph, object, count)
        })
    }

    pub(crate) fn cuGraphAddNode_v2(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        dependency_data: *const CUgraphEdgeData,
        num_dependencies: usize,
        node_params: *mut CUgraphNodeParams,
    ) -> Status {
        self.call(472, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                *const CUgraphEdgeData,
                usize,
                *mut CUgraphNodeParams,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                dependency_data,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphNodeSetParams(
        &self,
        h_node: u64,
        node_params: *mut CUgraphNodeParams,
    ) -> Status {
        self.call(473, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUgraphNodeParams) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphNodeGetParams(
        &self,
        h_node: u64,
        node_params: *mut CUgraphNodeParams,
    ) -> Status {
        self.call(474, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUgraphNodeParams) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *mut CUgraphNodeParams,
    ) -> Status {
        self.call(475, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *mut CUgraphNodeParams) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphConditionalHandleCreate(
        &self,
        p_handle_out: *mut u64,
        h_graph: u64,
        ctx: u64,
        default_launch_value: u32,
        flags: u32,
    ) -> Status {
        self.call(476, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                p_handle_out,
                h_graph,
                ctx,
                default_launch_value,
                flags,
            )
        })
    }

    pub(crate) fn cuGraphAddKernelNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
    ) -> Status {
        self.call(477, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *const CUDA_KERNEL_NODE_PARAMS_v1,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphKernelNodeGetParams(
        &self,
        h_node: u64,
        node_params: *mut CUDA_KERNEL_NODE_PARAMS_v1,
    ) -> Status {
        self.call(478, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUDA_KERNEL_NODE_PARAMS_v1) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphKernelNodeSetParams(
        &self,
        h_node: u64,
        node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
    ) -> Status {
        self.call(479, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUDA_KERNEL_NODE_PARAMS_v1) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, node_params)
        })
    }

    pub(crate) fn cuGraphExecKernelNodeSetParams(
        &self,
        h_graph_exec: u64,
        h_node: u64,
        node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
    ) -> Status {
        self.call(480, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *const CUDA_KERNEL_NODE_PARAMS_v1) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph_exec, h_node, node_params)
        })
    }

    pub(crate) fn cuGraphInstantiateWithParams(
        &self,
        ph_graph_exec: *mut u64,
        h_graph: u64,
        instantiate_params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
    ) -> Status {
        self.call(481, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *mut CUDA_GRAPH_INSTANTIATE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_exec,
                h_graph,
                instantiate_params,
            )
        })
    }

    pub(crate) fn cuGraphInstantiateWithParams_ptsz(
        &self,
        ph_graph_exec: *mut u64,
        h_graph: u64,
        instantiate_params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
    ) -> Status {
        self.call(482, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *mut CUDA_GRAPH_INSTANTIATE_PARAMS) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_exec,
                h_graph,
                instantiate_params,
            )
        })
    }

    pub(crate) fn cuGraphExecUpdate(
        &self,
        h_graph_exec: u64,
        h_graph: u64,
        h_error_node_out: *mut u64,
        update_result_out: *mut u32,
    ) -> Status {
        self.call(483, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, *mut u64, *mut u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_graph_exec,
                h_graph,
                h_error_node_out,
                update_result_out,
            )
        })
    }

    pub(crate) fn cuGraphUpload(&self, h_graph: u64, h_stream: u64) -> Status {
        self.call(484, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, h_stream)
        })
    }

    pub(crate) fn cuGraphUpload_ptsz(&self, h_graph: u64, h_stream: u64) -> Status {
        self.call(485, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, h_stream)
        })
    }

    pub(crate) fn cuGraphLaunch(&self, h_graph: u64, h_stream: u64) -> Status {
        self.call(486, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, h_stream)
        })
    }

    pub(crate) fn cuGraphLaunch_ptsz(&self, h_graph: u64, h_stream: u64) -> Status {
        self.call(487, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, h_stream)
        })
    }

    pub(crate) fn cuGraphGetEdges(
        &self,
        h_graph: u64,
        from: *mut u64,
        to: *mut u64,
        num_edges: *mut usize,
    ) -> Status {
        self.call(488, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, from, to, num_edges)
        })
    }

    pub(crate) fn cuGraphNodeGetDependencies(
        &self,
        h_node: u64,
        dependencies: *mut u64,
        num_dependencies: *mut usize,
    ) -> Status {
        self.call(489, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_node, dependencies, num_dependencies)
        })
    }

    pub(crate) fn cuGraphNodeGetDependentNodes(
        &self,
        h_node: u64,
        dependent_nodes: *mut u64,
        num_dependent_nodes: *mut usize,
    ) -> Status {
        self.call(490, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_node,
                dependent_nodes,
                num_dependent_nodes,
            )
        })
    }

    pub(crate) fn cuGraphAddDependencies(
        &self,
        h_graph: u64,
        from: *const u64,
        to: *const u64,
        num_dependencies: usize,
    ) -> Status {
        self.call(491, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const u64, *const u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, from, to, num_dependencies)
        })
    }

    pub(crate) fn cuGraphRemoveDependencies(
        &self,
        h_graph: u64,
        from: *const u64,
        to: *const u64,
        num_dependencies: usize,
    ) -> Status {
        self.call(492, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const u64, *const u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_graph, from, to, num_dependencies)
        })
    }

    pub(crate) fn cuGraphAddNode(
        &self,
        ph_graph_node: *mut u64,
        h_graph: u64,
        dependencies: *const u64,
        num_dependencies: usize,
        node_params: *mut CUgraphNodeParams,
    ) -> Status {
        self.call(493, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut u64,
                u64,
                *const u64,
                usize,
                *mut CUgraphNodeParams,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_node,
                h_graph,
                dependencies,
                num_dependencies,
                node_params,
            )
        })
    }

    pub(crate) fn cuGraphInstantiate(
        &self,
        ph_graph_exec: *mut u64,
        h_graph: u64,
        ph_error_node: *mut u64,
        log_buffer: *mut c_char,
        buffer_size: usize,
    ) -> Status {
        self.call(494, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *mut u64, *mut c_char, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_exec,
                h_graph,
                ph_error_node,
                log_buffer,
                buffer_size,
            )
        })
    }

    pub(crate) fn cuGraphInstantiate_v2(
        &self,
        ph_graph_exec: *mut u64,
        h_graph: u64,
        ph_error_node: *mut u64,
        log_buffer: *mut c_char,
        buffer_size: usize,
    ) -> Status {
        self.call(495, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *mut u64, *mut c_char, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ph_graph_exec,
                h_graph,
                ph_error_node,
                log_buffer,
                buffer_size,
            )
        })
    }

    pub(crate) fn cuDeviceSetMemPool(&self, dev: i32, pool: u64) -> Status {
        self.call(496, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev, pool)
        })
    }

    pub(crate) fn cuDeviceGetMemPool(&self, pool: *mut u64, dev: i32) -> Status {
        self.call(497, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, dev)
        })
    }

    pub(crate) fn cuDeviceGetDefaultMemPool(&self, pool_out: *mut u64, dev: i32) -> Status {
        self.call(498, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool_out, dev)
        })
    }

    pub(crate) fn cuMemPoolTrimTo(&self, pool: u64, min_bytes_to_keep: usize) -> Status {
        self.call(499, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, min_bytes_to_keep)
        })
    }

    pub(crate) fn cuMemPoolSetAttribute(&self, pool: u64, attr: u32, value: *mut c_void) -> Status {
        self.call(500, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, attr, value)
        })
    }

    pub(crate) fn cuMemPoolGetAttribute(&self, pool: u64, attr: u32, value: *mut c_void) -> Status {
        self.call(501, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, attr, value)
        })
    }

    pub(crate) fn cuMemPoolSetAccess(
        &self,
        pool: u64,
        map: *const CUmemAccessDesc,
        count: usize,
    ) -> Status {
        self.call(502, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const CUmemAccessDesc, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, map, count)
        })
    }

    pub(crate) fn cuMemPoolGetAccess(
        &self,
        flags: *mut u32,
        mem_pool: u64,
        location: *mut CUmemLocation,
    ) -> Status {
        self.call(503, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64, *mut CUmemLocation) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(flags, mem_pool, location)
        })
    }

    pub(crate) fn cuMemPoolCreate(
        &self,
        pool: *mut u64,
        pool_props: *const CUmemPoolProps,
    ) -> Status {
        self.call(504, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const CUmemPoolProps) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, pool_props)
        })
    }

    pub(crate) fn cuMemPoolDestroy(&self, pool: u64) -> Status {
        self.call(505, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool)
        })
    }

    pub(crate) fn cuMemGetDefaultMemPool(
        &self,
        pool_out: *mut u64,
        location: *mut CUmemLocation,
        kind: u32,
    ) -> Status {
        self.call(506, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut CUmemLocation, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool_out, location, kind)
        })
    }

    pub(crate) fn cuMemGetMemPool(
        &self,
        pool: *mut u64,
        location: *mut CUmemLocation,
        kind: u32,
    ) -> Status {
        self.call(507, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut CUmemLocation, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool, location, kind)
        })
    }

    pub(crate) fn cuMemSetMemPool(
        &self,
        location: *mut CUmemLocation,
        kind: u32,
        pool: u64,
    ) -> Status {
        self.call(508, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUmemLocation, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(location, kind, pool)
        })
    }

    pub(crate) fn cuMemPoolExportToShareableHandle(
        &self,
        handle_out: *mut c_void,
        pool: u64,
        handle_type: u32,
        flags: u64,
    ) -> Status {
        self.call(509, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle_out, pool, handle_type, flags)
        })
    }

    pub(crate) fn cuMemPoolImportFromShareableHandle(
        &self,
        pool_out: *mut u64,
        handle: *mut c_void,
        handle_type: u32,
        flags: u64,
    ) -> Status {
        self.call(510, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pool_out, handle, handle_type, flags)
        })
    }

    pub(crate) fn cuMemPoolExportPointer(
        &self,
        share_data_out: *mut CUmemPoolPtrExportData,
        ptr: u64,
    ) -> Status {
        self.call(511, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUmemPoolPtrExportData, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(share_data_out, ptr)
        })
    }

    pub(crate) fn cuMemPoolImportPointer(
        &self,
        ptr_out: *mut u64,
        pool: u64,
        share_data: *mut CUmemPoolPtrExportData,
    ) -> Status {
        self.call(512, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *mut CUmemPoolPtrExportData) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr_out, pool, share_data)
        })
    }

    pub(crate) fn cuMemGetHandleForAddressRange(
        &self,
        handle: *mut c_void,
        dptr: u64,
        size: usize,
        handle_type: u32,
        flags: u64,
    ) -> Status {
        self.call(513, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, usize, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle, dptr, size, handle_type, flags)
        })
    }

    pub(crate) fn cuMemAddressReserve(
        &self,
        ptr: *mut u64,
        size: usize,
        alignment: usize,
        addr: u64,
        flags: u64,
    ) -> Status {
        self.call(514, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr, size, alignment, addr, flags)
        })
    }

    pub(crate) fn cuMemAddressFree(&self, ptr: u64, size: usize) -> Status {
        self.call(515, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr, size)
        })
    }

    pub(crate) fn cuMemCreate(
        &self,
        handle: *mut u64,
        size: usize,
        prop: *const CUmemAllocationProp,
        flags: u64,
    ) -> Status {
        self.call(516, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, usize, *const CUmemAllocationProp, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle, size, prop, flags)
        })
    }

    pub(crate) fn cuMemRelease(&self, handle: u64) -> Status {
        self.call(517, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle)
        })
    }

    pub(crate) fn cuMemMap(
        &self,
        ptr: u64,
        size: usize,
        offset: usize,
        handle: u64,
        flags: u64,
    ) -> Status {
        self.call(518, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, usize, u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr, size, offset, handle, flags)
        })
    }

    pub(crate) fn cuMemUnmap(&self, ptr: u64, size: usize) -> Status {
        self.call(519, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr, size)
        })
    }

    pub(crate) fn cuMemSetAccess(
        &self,
        ptr: u64,
        size: usize,
        desc: *const CUmemAccessDesc,
        count: usize,
    ) -> Status {
        self.call(520, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, *const CUmemAccessDesc, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ptr, size, desc, count)
        })
    }

    pub(crate) fn cuMemGetAccess(
        &self,
        flags: *mut u64,
        location: *const CUmemLocation,
        ptr: u64,
    ) -> Status {
        self.call(521, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const CUmemLocation, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(flags, location, ptr)
        })
    }

    pub(crate) fn cuMemExportToShareableHandle(
        &self,
        shareable_handle: *mut c_void,
        handle: u64,
        handle_type: u32,
        flags: u64,
    ) -> Status {
        self.call(522, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                shareable_handle,
                handle,
                handle_type,
                flags,
            )
        })
    }

    pub(crate) fn cuMemImportFromShareableHandle(
        &self,
        handle: *mut u64,
        os_handle: *mut c_void,
        sh_handle_type: u32,
    ) -> Status {
        self.call(523, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle, os_handle, sh_handle_type)
        })
    }

    pub(crate) fn cuMemGetAllocationGranularity(
        &self,
        granularity: *mut usize,
        prop: *const CUmemAllocationProp,
        option: u32,
    ) -> Status {
        self.call(524, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, *const CUmemAllocationProp, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(granularity, prop, option)
        })
    }

    pub(crate) fn cuMemGetAllocationPropertiesFromHandle(
        &self,
        prop: *mut CUmemAllocationProp,
        handle: u64,
    ) -> Status {
        self.call(525, |address| unsafe {
            type F = unsafe extern "C" fn(*mut CUmemAllocationProp, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(prop, handle)
        })
    }

    pub(crate) fn cuMemRetainAllocationHandle(
        &self,
        handle: *mut u64,
        addr: *mut c_void,
    ) -> Status {
        self.call(526, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(handle, addr)
        })
    }

    pub(crate) fn cuMulticastCreate(&self, mc_handle: *mut u64, prop: *const c_void) -> Status {
        self.call(527, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mc_handle, prop)
        })
    }

    pub(crate) fn cuMulticastAddDevice(&self, mc_handle: u64, dev: i32) -> Status {
        self.call(528, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mc_handle, dev)
        })
    }

    pub(crate) fn cuMulticastBindMem(
        &self,
        mc_handle: u64,
        mc_offset: usize,
        mem_handle: u64,
        mem_offset: usize,
        size: usize,
        flags: u64,
    ) -> Status {
        self.call(529, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                mc_handle, mc_offset, mem_handle, mem_offset, size, flags,
            )
        })
    }

    pub(crate) fn cuMulticastBindMem_v2(
        &self,
        mc_handle: u64,
        dev: i32,
        mc_offset: usize,
        mem_handle: u64,
        mem_offset: usize,
        size: usize,
        flags: u64,
    ) -> Status {
        self.call(530, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, usize, u64, usize, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                mc_handle, dev, mc_offset, mem_handle, mem_offset, size, flags,
            )
        })
    }

    pub(crate) fn cuMulticastBindAddr(
        &self,
        mc_handle: u64,
        mc_offset: usize,
        memptr: u64,
        size: usize,
        flags: u64,
    ) -> Status {
        self.call(531, |address| unsafe {
            type F = unsafe extern "C" fn(u64, usize, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                mc_handle, mc_offset, memptr, size, flags,
            )
        })
    }

    pub(crate) fn cuMulticastBindAddr_v2(
        &self,
        mc_handle: u64,
        dev: i32,
        mc_offset: usize,
        memptr: u64,
        size: usize,
        flags: u64,
    ) -> Status {
        self.call(532, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, usize, u64, usize, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                mc_handle, dev, mc_offset, memptr, size, flags,
            )
        })
    }

    pub(crate) fn cuMulticastUnbind(
        &self,
        mc_handle: u64,
        dev: i32,
        mc_offset: usize,
        size: usize,
    ) -> Status {
        self.call(533, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, usize, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mc_handle, dev, mc_offset, size)
        })
    }

    pub(crate) fn cuMulticastGetGranularity(
        &self,
        granularity: *mut usize,
        prop: *const c_void,
        option: u32,
    ) -> Status {
        self.call(534, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, *const c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(granularity, prop, option)
        })
    }

    pub(crate) fn cuMemMapArrayAsync(
        &self,
        map_info_list: *mut c_void,
        count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(535, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(map_info_list, count, h_stream)
        })
    }

    pub(crate) fn cuMemMapArrayAsync_ptsz(
        &self,
        map_info_list: *mut c_void,
        count: u32,
        h_stream: u64,
    ) -> Status {
        self.call(536, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(map_info_list, count, h_stream)
        })
    }

    pub(crate) fn cuModuleGetTexRef(
        &self,
        p_tex_ref: *mut u64,
        hmod: u64,
        name: *const c_char,
    ) -> Status {
        self.call(537, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_tex_ref, hmod, name)
        })
    }

    pub(crate) fn cuModuleGetSurfRef(
        &self,
        p_surf_ref: *mut u64,
        hmod: u64,
        name: *const c_char,
    ) -> Status {
        self.call(538, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_char) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_surf_ref, hmod, name)
        })
    }

    pub(crate) fn cuArrayCreate_v2(
        &self,
        p_handle: *mut u64,
        p_allocate_array: *const c_void,
    ) -> Status {
        self.call(539, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, p_allocate_array)
        })
    }

    pub(crate) fn cuArrayGetDescriptor_v2(
        &self,
        p_array_descriptor: *mut c_void,
        h_array: u64,
    ) -> Status {
        self.call(540, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_array_descriptor, h_array)
        })
    }

    pub(crate) fn cuArrayGetSparseProperties(
        &self,
        sparse_properties: *mut c_void,
        array: u64,
    ) -> Status {
        self.call(541, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(sparse_properties, array)
        })
    }

    pub(crate) fn cuMipmappedArrayGetSparseProperties(
        &self,
        sparse_properties: *mut c_void,
        mipmap: u64,
    ) -> Status {
        self.call(542, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(sparse_properties, mipmap)
        })
    }

    pub(crate) fn cuArrayGetMemoryRequirements(
        &self,
        memory_requirements: *mut c_void,
        array: u64,
        device: i32,
    ) -> Status {
        self.call(543, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(memory_requirements, array, device)
        })
    }

    pub(crate) fn cuMipmappedArrayGetMemoryRequirements(
        &self,
        memory_requirements: *mut c_void,
        mipmap: u64,
        device: i32,
    ) -> Status {
        self.call(544, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(memory_requirements, mipmap, device)
        })
    }

    pub(crate) fn cuArrayGetPlane(
        &self,
        p_plane_array: *mut u64,
        h_array: u64,
        plane_idx: u32,
    ) -> Status {
        self.call(545, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_plane_array, h_array, plane_idx)
        })
    }

    pub(crate) fn cuArrayDestroy(&self, h_array: u64) -> Status {
        self.call(546, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_array)
        })
    }

    pub(crate) fn cuArray3DCreate_v2(
        &self,
        p_handle: *mut u64,
        p_allocate_array: *const c_void,
    ) -> Status {
        self.call(547, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, p_allocate_array)
        })
    }

    pub(crate) fn cuArray3DGetDescriptor_v2(
        &self,
        p_array_descriptor: *mut c_void,
        h_array: u64,
    ) -> Status {
        self.call(548, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_array_descriptor, h_array)
        })
    }

    pub(crate) fn cuMipmappedArrayCreate(
        &self,
        p_handle: *mut u64,
        p_mipmapped_array_desc: *const c_void,
        num_mipmap_levels: u32,
    ) -> Status {
        self.call(549, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                p_handle,
                p_mipmapped_array_desc,
                num_mipmap_levels,
            )
        })
    }

    pub(crate) fn cuMipmappedArrayGetLevel(
        &self,
        p_level_array: *mut u64,
        h_mipmapped_array: u64,
        level: u32,
    ) -> Status {
        self.call(550, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                p_level_array,
                h_mipmapped_array,
                level,
            )
        })
    }

    pub(crate) fn cuMipmappedArrayDestroy(&self, h_mipmapped_array: u64) -> Status {
        self.call(551, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_mipmapped_array)
        })
    }

    pub(crate) fn cuParamSetTexRef(&self, hfunc: u64, texunit: i32, h_tex_ref: u64) -> Status {
        self.call(552, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(hfunc, texunit, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefSetArray(&self, h_tex_ref: u64, h_array: u64, flags: u32) -> Status {
        self.call(553, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, h_array, flags)
        })
    }

    pub(crate) fn cuTexRefSetMipmappedArray(
        &self,
        h_tex_ref: u64,
        h_mipmapped_array: u64,
        flags: u32,
    ) -> Status {
        self.call(554, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, h_mipmapped_array, flags)
        })
    }

    pub(crate) fn cuTexRefSetAddress_v2(
        &self,
        byte_offset: *mut usize,
        h_tex_ref: u64,
        dptr: u64,
        bytes: usize,
    ) -> Status {
        self.call(555, |address| unsafe {
            type F = unsafe extern "C" fn(*mut usize, u64, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(byte_offset, h_tex_ref, dptr, bytes)
        })
    }

    pub(crate) fn cuTexRefSetAddress2D_v3(
        &self,
        h_tex_ref: u64,
        desc: *const c_void,
        dptr: u64,
        pitch: usize,
    ) -> Status {
        self.call(556, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, desc, dptr, pitch)
        })
    }

    pub(crate) fn cuTexRefSetFormat(
        &self,
        h_tex_ref: u64,
        fmt: u32,
        num_packed_components: i32,
    ) -> Status {
        self.call(557, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, fmt, num_packed_components)
        })
    }

    pub(crate) fn cuTexRefSetAddressMode(&self, h_tex_ref: u64, dim: i32, am: u32) -> Status {
        self.call(558, |address| unsafe {
            type F = unsafe extern "C" fn(u64, i32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, dim, am)
        })
    }

    pub(crate) fn cuTexRefSetFilterMode(&self, h_tex_ref: u64, fm: u32) -> Status {
        self.call(559, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, fm)
        })
    }

    pub(crate) fn cuTexRefSetMipmapFilterMode(&self, h_tex_ref: u64, fm: u32) -> Status {
        self.call(560, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, fm)
        })
    }

    pub(crate) fn cuTexRefSetMipmapLevelBias(&self, h_tex_ref: u64, bias: f32) -> Status {
        self.call(561, |address| unsafe {
            type F = unsafe extern "C" fn(u64, f32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, bias)
        })
    }

    pub(crate) fn cuTexRefSetMipmapLevelClamp(
        &self,
        h_tex_ref: u64,
        min_mipmap_level_clamp: f32,
        max_mipmap_level_clamp: f32,
    ) -> Status {
        self.call(562, |address| unsafe {
            type F = unsafe extern "C" fn(u64, f32, f32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                h_tex_ref,
                min_mipmap_level_clamp,
                max_mipmap_level_clamp,
            )
        })
    }

    pub(crate) fn cuTexRefSetMaxAnisotropy(&self, h_tex_ref: u64, max_aniso: u32) -> Status {
        self.call(563, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, max_aniso)
        })
    }

    pub(crate) fn cuTexRefSetBorderColor(
        &self,
        h_tex_ref: u64,
        p_border_color: *mut f32,
    ) -> Status {
        self.call(564, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut f32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, p_border_color)
        })
    }

    pub(crate) fn cuTexRefSetFlags(&self, h_tex_ref: u64, flags: u32) -> Status {
        self.call(565, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, flags)
        })
    }

    pub(crate) fn cuTexRefGetAddress_v2(&self, pdptr: *mut u64, h_tex_ref: u64) -> Status {
        self.call(566, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetArray(&self, ph_array: *mut u64, h_tex_ref: u64) -> Status {
        self.call(567, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_array, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetMipmappedArray(
        &self,
        ph_mipmapped_array: *mut u64,
        h_tex_ref: u64,
    ) -> Status {
        self.call(568, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_mipmapped_array, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetAddressMode(
        &self,
        pam: *mut c_void,
        h_tex_ref: u64,
        dim: i32,
    ) -> Status {
        self.call(569, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pam, h_tex_ref, dim)
        })
    }

    pub(crate) fn cuTexRefGetFilterMode(&self, pfm: *mut c_void, h_tex_ref: u64) -> Status {
        self.call(570, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pfm, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetFormat(
        &self,
        p_format: *mut c_void,
        p_num_channels: *mut i32,
        h_tex_ref: u64,
    ) -> Status {
        self.call(571, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, *mut i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_format, p_num_channels, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetMipmapFilterMode(&self, pfm: *mut c_void, h_tex_ref: u64) -> Status {
        self.call(572, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pfm, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetMipmapLevelBias(&self, pbias: *mut f32, h_tex_ref: u64) -> Status {
        self.call(573, |address| unsafe {
            type F = unsafe extern "C" fn(*mut f32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pbias, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetMipmapLevelClamp(
        &self,
        pmin_mipmap_level_clamp: *mut f32,
        pmax_mipmap_level_clamp: *mut f32,
        h_tex_ref: u64,
    ) -> Status {
        self.call(574, |address| unsafe {
            type F = unsafe extern "C" fn(*mut f32, *mut f32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                pmin_mipmap_level_clamp,
                pmax_mipmap_level_clamp,
                h_tex_ref,
            )
        })
    }

    pub(crate) fn cuTexRefGetMaxAnisotropy(&self, pmax_aniso: *mut i32, h_tex_ref: u64) -> Status {
        self.call(575, |address| unsafe {
            type F = unsafe extern "C" fn(*mut i32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pmax_aniso, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetBorderColor(
        &self,
        p_border_color: *mut f32,
        h_tex_ref: u64,
    ) -> Status {
        self.call(576, |address| unsafe {
            type F = unsafe extern "C" fn(*mut f32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_border_color, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefGetFlags(&self, p_flags: *mut u32, h_tex_ref: u64) -> Status {
        self.call(577, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_flags, h_tex_ref)
        })
    }

    pub(crate) fn cuTexRefCreate(&self, p_tex_ref: *mut u64) -> Status {
        self.call(578, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_tex_ref)
        })
    }

    pub(crate) fn cuTexRefDestroy(&self, h_tex_ref: u64) -> Status {
        self.call(579, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref)
        })
    }

    pub(crate) fn cuSurfRefSetArray(&self, h_surf_ref: u64, h_array: u64, flags: u32) -> Status {
        self.call(580, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_surf_ref, h_array, flags)
        })
    }

    pub(crate) fn cuSurfRefGetArray(&self, ph_array: *mut u64, h_surf_ref: u64) -> Status {
        self.call(581, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_array, h_surf_ref)
        })
    }

    pub(crate) fn cuTexObjectCreate(
        &self,
        p_tex_object: *mut u64,
        p_res_desc: *const c_void,
        p_tex_desc: *const c_void,
        p_res_view_desc: *const c_void,
    ) -> Status {
        self.call(582, |address| unsafe {
            type F =
                unsafe extern "C" fn(*mut u64, *const c_void, *const c_void, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                p_tex_object,
                p_res_desc,
                p_tex_desc,
                p_res_view_desc,
            )
        })
    }

    pub(crate) fn cuTexObjectDestroy(&self, tex_object: u64) -> Status {
        self.call(583, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(tex_object)
        })
    }

    pub(crate) fn cuTexObjectGetResourceDesc(
        &self,
        p_res_desc: *mut c_void,
        tex_object: u64,
    ) -> Status {
        self.call(584, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_res_desc, tex_object)
        })
    }

    pub(crate) fn cuTexObjectGetTextureDesc(
        &self,
        p_tex_desc: *mut c_void,
        tex_object: u64,
    ) -> Status {
        self.call(585, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_tex_desc, tex_object)
        })
    }

    pub(crate) fn cuTexObjectGetResourceViewDesc(
        &self,
        p_res_view_desc: *mut c_void,
        tex_object: u64,
    ) -> Status {
        self.call(586, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_res_view_desc, tex_object)
        })
    }

    pub(crate) fn cuSurfObjectCreate(
        &self,
        p_surf_object: *mut u64,
        p_res_desc: *const c_void,
    ) -> Status {
        self.call(587, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_surf_object, p_res_desc)
        })
    }

    pub(crate) fn cuSurfObjectDestroy(&self, surf_object: u64) -> Status {
        self.call(588, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(surf_object)
        })
    }

    pub(crate) fn cuSurfObjectGetResourceDesc(
        &self,
        p_res_desc: *mut c_void,
        surf_object: u64,
    ) -> Status {
        self.call(589, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_res_desc, surf_object)
        })
    }

    pub(crate) fn cuTensorMapEncodeTiled(
        &self,
        tensor_map: *mut c_void,
        tensor_data_type: u32,
        tensor_rank: u32,
        global_address: *mut c_void,
        global_dim: *const u64,
        global_strides: *const u64,
        box_dim: *const u32,
        element_strides: *const u32,
        interleave: u32,
        swizzle: u32,
        l2_promotion: u32,
        oob_fill: u32,
    ) -> Status {
        self.call(590, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut c_void,
                u32,
                u32,
                *mut c_void,
                *const u64,
                *const u64,
                *const u32,
                *const u32,
                u32,
                u32,
                u32,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                tensor_map,
                tensor_data_type,
                tensor_rank,
                global_address,
                global_dim,
                global_strides,
                box_dim,
                element_strides,
                interleave,
                swizzle,
                l2_promotion,
                oob_fill,
            )
        })
    }

    pub(crate) fn cuTensorMapEncodeIm2col(
        &self,
        tensor_map: *mut c_void,
        tensor_data_type: u32,
        tensor_rank: u32,
        global_address: *mut c_void,
        global_dim: *const u64,
        global_strides: *const u64,
        pixel_box_lower_corner: *const i32,
        pixel_box_upper_corner: *const i32,
        channels_per_pixel: u32,
        pixels_per_column: u32,
        element_strides: *const u32,
        interleave: u32,
        swizzle: u32,
        l2_promotion: u32,
        oob_fill: u32,
    ) -> Status {
        self.call(591, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut c_void,
                u32,
                u32,
                *mut c_void,
                *const u64,
                *const u64,
                *const i32,
                *const i32,
                u32,
                u32,
                *const u32,
                u32,
                u32,
                u32,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                tensor_map,
                tensor_data_type,
                tensor_rank,
                global_address,
                global_dim,
                global_strides,
                pixel_box_lower_corner,
                pixel_box_upper_corner,
                channels_per_pixel,
                pixels_per_column,
                element_strides,
                interleave,
                swizzle,
                l2_promotion,
                oob_fill,
            )
        })
    }

    pub(crate) fn cuTensorMapEncodeIm2colWide(
        &self,
        tensor_map: *mut c_void,
        tensor_data_type: u32,
        tensor_rank: u32,
        global_address: *mut c_void,
        global_dim: *const u64,
        global_strides: *const u64,
        pixel_box_lower_corner_width: i32,
        pixel_box_upper_corner_width: i32,
        channels_per_pixel: u32,
        pixels_per_column: u32,
        element_strides: *const u32,
        interleave: u32,
        mode: u32,
        swizzle: u32,
        l2_promotion: u32,
        oob_fill: u32,
    ) -> Status {
        self.call(592, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut c_void,
                u32,
                u32,
                *mut c_void,
                *const u64,
                *const u64,
                i32,
                i32,
                u32,
                u32,
                *const u32,
                u32,
                u32,
                u32,
                u32,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                tensor_map,
                tensor_data_type,
                tensor_rank,
                global_address,
                global_dim,
                global_strides,
                pixel_box_lower_corner_width,
                pixel_box_upper_corner_width,
                channels_per_pixel,
                pixels_per_column,
                element_strides,
                interleave,
                mode,
                swizzle,
                l2_promotion,
                oob_fill,
            )
        })
    }

    pub(crate) fn cuTensorMapReplaceAddress(
        &self,
        tensor_map: *mut c_void,
        global_address: *mut c_void,
    ) -> Status {
        self.call(593, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(tensor_map, global_address)
        })
    }

    pub(crate) fn cuTexRefSetAddress2D_v2(
        &self,
        h_tex_ref: u64,
        desc: *const c_void,
        dptr: u64,
        pitch: usize,
    ) -> Status {
        self.call(594, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, u64, usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, desc, dptr, pitch)
        })
    }

    pub(crate) fn cuArrayCreate(
        &self,
        p_handle: *mut u64,
        p_allocate_array: *const c_void,
    ) -> Status {
        self.call(595, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, p_allocate_array)
        })
    }

    pub(crate) fn cuArrayGetDescriptor(
        &self,
        p_array_descriptor: *mut c_void,
        h_array: u64,
    ) -> Status {
        self.call(596, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_array_descriptor, h_array)
        })
    }

    pub(crate) fn cuArray3DCreate(
        &self,
        p_handle: *mut u64,
        p_allocate_array: *const c_void,
    ) -> Status {
        self.call(597, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_handle, p_allocate_array)
        })
    }

    pub(crate) fn cuArray3DGetDescriptor(
        &self,
        p_array_descriptor: *mut c_void,
        h_array: u64,
    ) -> Status {
        self.call(598, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_array_descriptor, h_array)
        })
    }

    pub(crate) fn cuTexRefSetAddress(
        &self,
        byte_offset: *mut u32,
        h_tex_ref: u64,
        dptr: u32,
        bytes: u32,
    ) -> Status {
        self.call(599, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(byte_offset, h_tex_ref, dptr, bytes)
        })
    }

    pub(crate) fn cuTexRefSetAddress2D(
        &self,
        h_tex_ref: u64,
        desc: *const c_void,
        dptr: u32,
        pitch: u32,
    ) -> Status {
        self.call(600, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *const c_void, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_tex_ref, desc, dptr, pitch)
        })
    }

    pub(crate) fn cuTexRefGetAddress(&self, pdptr: *mut u32, h_tex_ref: u64) -> Status {
        self.call(601, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pdptr, h_tex_ref)
        })
    }

    pub(crate) fn cuGraphicsUnregisterResource(&self, resource: u32) -> Status {
        self.call(602, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(resource)
        })
    }

    pub(crate) fn cuGraphicsSubResourceGetMappedArray(
        &self,
        p_array: *mut u64,
        resource: u32,
        array_index: u32,
        mip_level: u32,
    ) -> Status {
        self.call(603, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                p_array,
                resource,
                array_index,
                mip_level,
            )
        })
    }

    pub(crate) fn cuGraphicsResourceGetMappedMipmappedArray(
        &self,
        p_mipmapped_array: *mut u64,
        resource: u32,
    ) -> Status {
        self.call(604, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_mipmapped_array, resource)
        })
    }

    pub(crate) fn cuGraphicsResourceGetMappedPointer_v2(
        &self,
        p_dev_ptr: *mut u64,
        p_size: *mut usize,
        resource: u32,
    ) -> Status {
        self.call(605, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *mut usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_dev_ptr, p_size, resource)
        })
    }

    pub(crate) fn cuGraphicsResourceSetMapFlags_v2(&self, resource: u32, flags: u32) -> Status {
        self.call(606, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(resource, flags)
        })
    }

    pub(crate) fn cuGraphicsResourceSetMapFlags(&self, resource: u32, flags: u32) -> Status {
        self.call(607, |address| unsafe {
            type F = unsafe extern "C" fn(u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(resource, flags)
        })
    }

    pub(crate) fn cuGraphicsResourceGetMappedPointer(
        &self,
        p_dev_ptr: *mut u32,
        p_size: *mut u32,
        resource: u32,
    ) -> Status {
        self.call(608, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u32, *mut u32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_dev_ptr, p_size, resource)
        })
    }

    pub(crate) fn cuGraphicsMapResources(
        &self,
        count: u32,
        resources: *mut c_void,
        h_stream: u64,
    ) -> Status {
        self.call(609, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, resources, h_stream)
        })
    }

    pub(crate) fn cuGraphicsMapResources_ptsz(
        &self,
        count: u32,
        resources: *mut c_void,
        h_stream: u64,
    ) -> Status {
        self.call(610, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, resources, h_stream)
        })
    }

    pub(crate) fn cuGraphicsUnmapResources(
        &self,
        count: u32,
        resources: *mut c_void,
        h_stream: u64,
    ) -> Status {
        self.call(611, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, resources, h_stream)
        })
    }

    pub(crate) fn cuGraphicsUnmapResources_ptsz(
        &self,
        count: u32,
        resources: *mut c_void,
        h_stream: u64,
    ) -> Status {
        self.call(612, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(count, resources, h_stream)
        })
    }

    pub(crate) fn cuCtxRecordEvent(&self, h_ctx: u64, h_event: u64) -> Status {
        self.call(613, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, h_event)
        })
    }

    pub(crate) fn cuCtxWaitEvent(&self, h_ctx: u64, h_event: u64) -> Status {
        self.call(614, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, h_event)
        })
    }

    pub(crate) fn cuGreenCtxCreate(
        &self,
        ph_ctx: *mut u64,
        desc: u32,
        dev: i32,
        flags: u32,
    ) -> Status {
        self.call(615, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u32, i32, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_ctx, desc, dev, flags)
        })
    }

    pub(crate) fn cuGreenCtxDestroy(&self, h_ctx: u64) -> Status {
        self.call(616, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx)
        })
    }

    pub(crate) fn cuCtxFromGreenCtx(&self, p_context: *mut u64, h_ctx: u64) -> Status {
        self.call(617, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(p_context, h_ctx)
        })
    }

    pub(crate) fn cuDeviceGetDevResource(
        &self,
        device: i32,
        resource: *mut CUdevResource,
        kind: u32,
    ) -> Status {
        self.call(618, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(device, resource, kind)
        })
    }

    pub(crate) fn cuCtxGetDevResource(
        &self,
        h_ctx: u64,
        resource: *mut CUdevResource,
        kind: u32,
    ) -> Status {
        self.call(619, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, resource, kind)
        })
    }

    pub(crate) fn cuGreenCtxGetDevResource(
        &self,
        h_ctx: u64,
        resource: *mut CUdevResource,
        kind: u32,
    ) -> Status {
        self.call(620, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, resource, kind)
        })
    }

    pub(crate) fn cuDevSmResourceSplitByCount(
        &self,
        result: *mut CUdevResource,
        nb_groups: *mut u32,
        input: *const CUdevResource,
        remainder: *mut CUdevResource,
        flags: u32,
        min_count: u32,
    ) -> Status {
        self.call(621, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut CUdevResource,
                *mut u32,
                *const CUdevResource,
                *mut CUdevResource,
                u32,
                u32,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                result, nb_groups, input, remainder, flags, min_count,
            )
        })
    }

    pub(crate) fn cuDevSmResourceSplit(
        &self,
        result: *mut CUdevResource,
        nb_groups: u32,
        input: *const CUdevResource,
        remainder: *mut CUdevResource,
        flags: u32,
        group_params: *mut c_void,
    ) -> Status {
        self.call(622, |address| unsafe {
            type F = unsafe extern "C" fn(
                *mut CUdevResource,
                u32,
                *const CUdevResource,
                *mut CUdevResource,
                u32,
                *mut c_void,
            ) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                result,
                nb_groups,
                input,
                remainder,
                flags,
                group_params,
            )
        })
    }

    pub(crate) fn cuDevResourceGenerateDesc(
        &self,
        ph_desc: *mut c_void,
        resources: *mut CUdevResource,
        nb_resources: u32,
    ) -> Status {
        self.call(623, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_desc, resources, nb_resources)
        })
    }

    pub(crate) fn cuGreenCtxRecordEvent(&self, h_ctx: u64, h_event: u64) -> Status {
        self.call(624, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, h_event)
        })
    }

    pub(crate) fn cuGreenCtxWaitEvent(&self, h_ctx: u64, h_event: u64) -> Status {
        self.call(625, |address| unsafe {
            type F = unsafe extern "C" fn(u64, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_ctx, h_event)
        })
    }

    pub(crate) fn cuStreamGetGreenCtx(&self, h_stream: u64, ph_ctx: *mut u64) -> Status {
        self.call(626, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, ph_ctx)
        })
    }

    pub(crate) fn cuGreenCtxStreamCreate(
        &self,
        ph_stream: *mut u64,
        green_ctx: u64,
        flags: u32,
        priority: i32,
    ) -> Status {
        self.call(627, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, u32, i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ph_stream, green_ctx, flags, priority)
        })
    }

    pub(crate) fn cuGreenCtxGetId(&self, green_ctx: u64, green_ctx_id: *mut u64) -> Status {
        self.call(628, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(green_ctx, green_ctx_id)
        })
    }

    pub(crate) fn cuStreamGetDevResource(
        &self,
        h_stream: u64,
        resource: *mut CUdevResource,
        kind: u32,
    ) -> Status {
        self.call(629, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, resource, kind)
        })
    }

    pub(crate) fn cuStreamGetDevResource_ptsz(
        &self,
        h_stream: u64,
        resource: *mut CUdevResource,
        kind: u32,
    ) -> Status {
        self.call(630, |address| unsafe {
            type F = unsafe extern "C" fn(u64, *mut CUdevResource, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(h_stream, resource, kind)
        })
    }

    pub(crate) fn cuImportExternalMemory(
        &self,
        ext_mem_out: *mut u64,
        mem_handle_desc: *const c_void,
    ) -> Status {
        self.call(631, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ext_mem_out, mem_handle_desc)
        })
    }

    pub(crate) fn cuExternalMemoryGetMappedBuffer(
        &self,
        dev_ptr: *mut u64,
        ext_mem: u64,
        buffer_desc: *const c_void,
    ) -> Status {
        self.call(632, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(dev_ptr, ext_mem, buffer_desc)
        })
    }

    pub(crate) fn cuExternalMemoryGetMappedMipmappedArray(
        &self,
        mipmap: *mut u64,
        ext_mem: u64,
        mipmap_desc: *const c_void,
    ) -> Status {
        self.call(633, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(mipmap, ext_mem, mipmap_desc)
        })
    }

    pub(crate) fn cuDestroyExternalMemory(&self, ext_mem: u64) -> Status {
        self.call(634, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ext_mem)
        })
    }

    pub(crate) fn cuImportExternalSemaphore(
        &self,
        ext_sem_out: *mut u64,
        sem_handle_desc: *const c_void,
    ) -> Status {
        self.call(635, |address| unsafe {
            type F = unsafe extern "C" fn(*mut u64, *const c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ext_sem_out, sem_handle_desc)
        })
    }

    pub(crate) fn cuDestroyExternalSemaphore(&self, ext_sem: u64) -> Status {
        self.call(636, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(ext_sem)
        })
    }

    pub(crate) fn cuSignalExternalSemaphoresAsync(
        &self,
        ext_sem_array: *const u64,
        params_array: *const c_void,
        num_ext_sems: u32,
        stream: u64,
    ) -> Status {
        self.call(637, |address| unsafe {
            type F = unsafe extern "C" fn(*const u64, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ext_sem_array,
                params_array,
                num_ext_sems,
                stream,
            )
        })
    }

    pub(crate) fn cuSignalExternalSemaphoresAsync_ptsz(
        &self,
        ext_sem_array: *const u64,
        params_array: *const c_void,
        num_ext_sems: u32,
        stream: u64,
    ) -> Status {
        self.call(638, |address| unsafe {
            type F = unsafe extern "C" fn(*const u64, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ext_sem_array,
                params_array,
                num_ext_sems,
                stream,
            )
        })
    }

    pub(crate) fn cuWaitExternalSemaphoresAsync(
        &self,
        ext_sem_array: *const u64,
        params_array: *const c_void,
        num_ext_sems: u32,
        stream: u64,
    ) -> Status {
        self.call(639, |address| unsafe {
            type F = unsafe extern "C" fn(*const u64, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ext_sem_array,
                params_array,
                num_ext_sems,
                stream,
            )
        })
    }

    pub(crate) fn cuWaitExternalSemaphoresAsync_ptsz(
        &self,
        ext_sem_array: *const u64,
        params_array: *const c_void,
        num_ext_sems: u32,
        stream: u64,
    ) -> Status {
        self.call(640, |address| unsafe {
            type F = unsafe extern "C" fn(*const u64, *const c_void, u32, u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                ext_sem_array,
                params_array,
                num_ext_sems,
                stream,
            )
        })
    }

    pub(crate) fn cuDeviceRegisterAsyncNotification(
        &self,
        device: i32,
        callback_func: u32,
        user_data: *mut c_void,
        callback: *mut u64,
    ) -> Status {
        self.call(641, |address| unsafe {
            type F = unsafe extern "C" fn(i32, u32, *mut c_void, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(
                device,
                callback_func,
                user_data,
                callback,
            )
        })
    }

    pub(crate) fn cuCoredumpGetAttribute(
        &self,
        attrib: u32,
        value: *mut c_void,
        size: *mut usize,
    ) -> Status {
        self.call(642, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(attrib, value, size)
        })
    }

    pub(crate) fn cuCoredumpGetAttributeGlobal(
        &self,
        attrib: u32,
        value: *mut c_void,
        size: *mut usize,
    ) -> Status {
        self.call(643, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(attrib, value, size)
        })
    }

    pub(crate) fn cuCoredumpSetAttribute(
        &self,
        attrib: u32,
        value: *mut c_void,
        size: *mut usize,
    ) -> Status {
        self.call(644, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(attrib, value, size)
        })
    }

    pub(crate) fn cuCoredumpSetAttributeGlobal(
        &self,
        attrib: u32,
        value: *mut c_void,
        size: *mut usize,
    ) -> Status {
        self.call(645, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut usize) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(attrib, value, size)
        })
    }

    pub(crate) fn cuCoredumpRegisterStartCallback(
        &self,
        callback: u32,
        user_data: *mut c_void,
        callback_out: *mut c_void,
    ) -> Status {
        self.call(646, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback, user_data, callback_out)
        })
    }

    pub(crate) fn cuCoredumpRegisterCompleteCallback(
        &self,
        callback: u32,
        user_data: *mut c_void,
        callback_out: *mut c_void,
    ) -> Status {
        self.call(647, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback, user_data, callback_out)
        })
    }

    pub(crate) fn cuCoredumpDeregisterStartCallback(&self, callback: u32) -> Status {
        self.call(648, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback)
        })
    }

    pub(crate) fn cuCoredumpDeregisterCompleteCallback(&self, callback: u32) -> Status {
        self.call(649, |address| unsafe {
            type F = unsafe extern "C" fn(u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback)
        })
    }

    pub(crate) fn cuLogsRegisterCallback(
        &self,
        callback_func: u32,
        user_data: *mut c_void,
        callback_out: *mut u64,
    ) -> Status {
        self.call(650, |address| unsafe {
            type F = unsafe extern "C" fn(u32, *mut c_void, *mut u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback_func, user_data, callback_out)
        })
    }

    pub(crate) fn cuLogsUnregisterCallback(&self, callback: u64) -> Status {
        self.call(651, |address| unsafe {
            type F = unsafe extern "C" fn(u64) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(callback)
        })
    }

    pub(crate) fn cuLogsCurrent(&self, iterator_out: *mut c_void, flags: u32) -> Status {
        self.call(652, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(iterator_out, flags)
        })
    }

    pub(crate) fn cuLogsDumpToFile(
        &self,
        iterator: *mut c_void,
        path_to_file: *const c_char,
        flags: u32,
    ) -> Status {
        self.call(653, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, *const c_char, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(iterator, path_to_file, flags)
        })
    }

    pub(crate) fn cuLogsDumpToMemory(
        &self,
        iterator: *mut c_void,
        buffer: *mut c_char,
        size: *mut usize,
        flags: u32,
    ) -> Status {
        self.call(654, |address| unsafe {
            type F = unsafe extern "C" fn(*mut c_void, *mut c_char, *mut usize, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(iterator, buffer, size, flags)
        })
    }

    pub(crate) fn cuCheckpointProcessGetRestoreThreadId(&self, pid: i32, tid: *mut i32) -> Status {
        self.call(655, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut i32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, tid)
        })
    }

    pub(crate) fn cuCheckpointProcessGetState(&self, pid: i32, state: *mut c_void) -> Status {
        self.call(656, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, state)
        })
    }

    pub(crate) fn cuCheckpointProcessLock(&self, pid: i32, args: *mut c_void) -> Status {
        self.call(657, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, args)
        })
    }

    pub(crate) fn cuCheckpointProcessCheckpoint(&self, pid: i32, args: *mut c_void) -> Status {
        self.call(658, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, args)
        })
    }

    pub(crate) fn cuCheckpointProcessRestore(&self, pid: i32, args: *mut c_void) -> Status {
        self.call(659, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, args)
        })
    }

    pub(crate) fn cuCheckpointProcessUnlock(&self, pid: i32, args: *mut c_void) -> Status {
        self.call(660, |address| unsafe {
            type F = unsafe extern "C" fn(i32, *mut c_void) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(pid, args)
        })
    }

    pub(crate) fn cuProfilerInitialize(
        &self,
        config_file: *const c_char,
        output_file: *const c_char,
        output_mode: u32,
    ) -> Status {
        self.call(661, |address| unsafe {
            type F = unsafe extern "C" fn(*const c_char, *const c_char, u32) -> i32;
            std::mem::transmute::<*const c_void, F>(address)(config_file, output_file, output_mode)
        })
    }

    pub(crate) fn cuProfilerStart(&self) -> Status {
        self.call(662, |address| unsafe {
            type F = unsafe extern "C" fn() -> i32;
            std::mem::transmute::<*const c_void, F>(address)()
        })
    }

    pub(crate) fn cuProfilerStop(&self) -> Status {
        self.call(663, |address| unsafe {
            type F = unsafe extern "C" fn() -> i32;
            std::mem::transmute::<*const c_void, F>(address)()
        })
    }
}
