// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Every exported symbol. A body is shared by the symbols of one call: plain, per-thread, older.
#![expect(
    unsafe_code,
    reason = "the C border: exported symbols and callers' pointers"
)]
#![allow(missing_docs, non_snake_case, unreachable_pub)]
#![allow(
    clippy::missing_safety_doc,
    clippy::too_many_arguments,
    clippy::unnecessary_cast
)]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one reason for all: the caller vouches"
)]

use std::ffi::{c_char, c_void};

use rigel_protocol::custom::not_supported;
use rigel_protocol::generated::types::*;
use rigel_protocol::handle::*;

use crate::checks;
use crate::custom;
use crate::ffi;

/// The address of an export.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address(pub(crate) *const c_void);

// SAFETY: the address of a function is the same number on every thread.
unsafe impl Sync for Address {}

/// The address of each symbol, in the order of `rigel_protocol::generated::symbols::SYMBOLS`.
pub(crate) static ADDRESSES: [Address; 664] = [
    Address(cuArray3DCreate as *const c_void),
    Address(cuArray3DCreate_v2 as *const c_void),
    Address(cuArray3DGetDescriptor as *const c_void),
    Address(cuArray3DGetDescriptor_v2 as *const c_void),
    Address(cuArrayCreate as *const c_void),
    Address(cuArrayCreate_v2 as *const c_void),
    Address(cuArrayDestroy as *const c_void),
    Address(cuArrayGetDescriptor as *const c_void),
    Address(cuArrayGetDescriptor_v2 as *const c_void),
    Address(cuArrayGetMemoryRequirements as *const c_void),
    Address(cuArrayGetPlane as *const c_void),
    Address(cuArrayGetSparseProperties as *const c_void),
    Address(cuCheckpointProcessCheckpoint as *const c_void),
    Address(cuCheckpointProcessGetRestoreThreadId as *const c_void),
    Address(cuCheckpointProcessGetState as *const c_void),
    Address(cuCheckpointProcessLock as *const c_void),
    Address(cuCheckpointProcessRestore as *const c_void),
    Address(cuCheckpointProcessUnlock as *const c_void),
    Address(cuCoredumpDeregisterCompleteCallback as *const c_void),
    Address(cuCoredumpDeregisterStartCallback as *const c_void),
    Address(cuCoredumpGetAttribute as *const c_void),
    Address(cuCoredumpGetAttributeGlobal as *const c_void),
    Address(cuCoredumpRegisterCompleteCallback as *const c_void),
    Address(cuCoredumpRegisterStartCallback as *const c_void),
    Address(cuCoredumpSetAttribute as *const c_void),
    Address(cuCoredumpSetAttributeGlobal as *const c_void),
    Address(cuCtxAttach as *const c_void),
    Address(cuCtxCreate as *const c_void),
    Address(cuCtxCreate_v2 as *const c_void),
    Address(cuCtxCreate_v3 as *const c_void),
    Address(cuCtxCreate_v4 as *const c_void),
    Address(cuCtxDestroy as *const c_void),
    Address(cuCtxDestroy_v2 as *const c_void),
    Address(cuCtxDetach as *const c_void),
    Address(cuCtxDisablePeerAccess as *const c_void),
    Address(cuCtxEnablePeerAccess as *const c_void),
    Address(cuCtxFromGreenCtx as *const c_void),
    Address(cuCtxGetApiVersion as *const c_void),
    Address(cuCtxGetCacheConfig as *const c_void),
    Address(cuCtxGetCurrent as *const c_void),
    Address(cuCtxGetDevResource as *const c_void),
    Address(cuCtxGetDevice as *const c_void),
    Address(cuCtxGetDevice_v2 as *const c_void),
    Address(cuCtxGetExecAffinity as *const c_void),
    Address(cuCtxGetFlags as *const c_void),
    Address(cuCtxGetId as *const c_void),
    Address(cuCtxGetLimit as *const c_void),
    Address(cuCtxGetSharedMemConfig as *const c_void),
    Address(cuCtxGetStreamPriorityRange as *const c_void),
    Address(cuCtxPopCurrent as *const c_void),
    Address(cuCtxPopCurrent_v2 as *const c_void),
    Address(cuCtxPushCurrent as *const c_void),
    Address(cuCtxPushCurrent_v2 as *const c_void),
    Address(cuCtxRecordEvent as *const c_void),
    Address(cuCtxResetPersistingL2Cache as *const c_void),
    Address(cuCtxSetCacheConfig as *const c_void),
    Address(cuCtxSetCurrent as *const c_void),
    Address(cuCtxSetFlags as *const c_void),
    Address(cuCtxSetLimit as *const c_void),
    Address(cuCtxSetSharedMemConfig as *const c_void),
    Address(cuCtxSynchronize as *const c_void),
    Address(cuCtxSynchronize_v2 as *const c_void),
    Address(cuCtxWaitEvent as *const c_void),
    Address(cuDestroyExternalMemory as *const c_void),
    Address(cuDestroyExternalSemaphore as *const c_void),
    Address(cuDevResourceGenerateDesc as *const c_void),
    Address(cuDevSmResourceSplit as *const c_void),
    Address(cuDevSmResourceSplitByCount as *const c_void),
    Address(cuDeviceCanAccessPeer as *const c_void),
    Address(cuDeviceComputeCapability as *const c_void),
    Address(cuDeviceGet as *const c_void),
    Address(cuDeviceGetAttribute as *const c_void),
    Address(cuDeviceGetByPCIBusId as *const c_void),
    Address(cuDeviceGetCount as *const c_void),
    Address(cuDeviceGetDefaultMemPool as *const c_void),
    Address(cuDeviceGetDevResource as *const c_void),
    Address(cuDeviceGetExecAffinitySupport as *const c_void),
    Address(cuDeviceGetGraphMemAttribute as *const c_void),
    Address(cuDeviceGetHostAtomicCapabilities as *const c_void),
    Address(cuDeviceGetLuid as *const c_void),
    Address(cuDeviceGetMemPool as *const c_void),
    Address(cuDeviceGetName as *const c_void),
    Address(cuDeviceGetNvSciSyncAttributes as *const c_void),
    Address(cuDeviceGetP2PAtomicCapabilities as *const c_void),
    Address(cuDeviceGetP2PAttribute as *const c_void),
    Address(cuDeviceGetPCIBusId as *const c_void),
    Address(cuDeviceGetProperties as *const c_void),
    Address(cuDeviceGetTexture1DLinearMaxWidth as *const c_void),
    Address(cuDeviceGetUuid as *const c_void),
    Address(cuDeviceGetUuid_v2 as *const c_void),
    Address(cuDeviceGraphMemTrim as *const c_void),
    Address(cuDevicePrimaryCtxGetState as *const c_void),
    Address(cuDevicePrimaryCtxRelease as *const c_void),
    Address(cuDevicePrimaryCtxRelease_v2 as *const c_void),
    Address(cuDevicePrimaryCtxReset as *const c_void),
    Address(cuDevicePrimaryCtxReset_v2 as *const c_void),
    Address(cuDevicePrimaryCtxRetain as *const c_void),
    Address(cuDevicePrimaryCtxSetFlags as *const c_void),
    Address(cuDevicePrimaryCtxSetFlags_v2 as *const c_void),
    Address(cuDeviceRegisterAsyncNotification as *const c_void),
    Address(cuDeviceSetGraphMemAttribute as *const c_void),
    Address(cuDeviceSetMemPool as *const c_void),
    Address(cuDeviceTotalMem as *const c_void),
    Address(cuDeviceTotalMem_v2 as *const c_void),
    Address(cuDeviceUnregisterAsyncNotification as *const c_void),
    Address(cuDriverGetVersion as *const c_void),
    Address(cuEventCreate as *const c_void),
    Address(cuEventDestroy as *const c_void),
    Address(cuEventDestroy_v2 as *const c_void),
    Address(cuEventElapsedTime as *const c_void),
    Address(cuEventElapsedTime_v2 as *const c_void),
    Address(cuEventQuery as *const c_void),
    Address(cuEventRecord as *const c_void),
    Address(cuEventRecord_ptsz as *const c_void),
    Address(cuEventRecordWithFlags as *const c_void),
    Address(cuEventRecordWithFlags_ptsz as *const c_void),
    Address(cuEventSynchronize as *const c_void),
    Address(cuExternalMemoryGetMappedBuffer as *const c_void),
    Address(cuExternalMemoryGetMappedMipmappedArray as *const c_void),
    Address(cuFlushGPUDirectRDMAWrites as *const c_void),
    Address(cuFuncGetAttribute as *const c_void),
    Address(cuFuncGetModule as *const c_void),
    Address(cuFuncGetName as *const c_void),
    Address(cuFuncGetParamCount as *const c_void),
    Address(cuFuncGetParamInfo as *const c_void),
    Address(cuFuncIsLoaded as *const c_void),
    Address(cuFuncLoad as *const c_void),
    Address(cuFuncSetAttribute as *const c_void),
    Address(cuFuncSetBlockShape as *const c_void),
    Address(cuFuncSetCacheConfig as *const c_void),
    Address(cuFuncSetSharedMemConfig as *const c_void),
    Address(cuFuncSetSharedSize as *const c_void),
    Address(cuGetErrorName as *const c_void),
    Address(cuGetErrorString as *const c_void),
    Address(cuGetExportTable as *const c_void),
    Address(cuGetProcAddress as *const c_void),
    Address(cuGetProcAddress_v2 as *const c_void),
    Address(cuGraphAddBatchMemOpNode as *const c_void),
    Address(cuGraphAddChildGraphNode as *const c_void),
    Address(cuGraphAddDependencies as *const c_void),
    Address(cuGraphAddDependencies_v2 as *const c_void),
    Address(cuGraphAddEmptyNode as *const c_void),
    Address(cuGraphAddEventRecordNode as *const c_void),
    Address(cuGraphAddEventWaitNode as *const c_void),
    Address(cuGraphAddExternalSemaphoresSignalNode as *const c_void),
    Address(cuGraphAddExternalSemaphoresWaitNode as *const c_void),
    Address(cuGraphAddHostNode as *const c_void),
    Address(cuGraphAddKernelNode as *const c_void),
    Address(cuGraphAddKernelNode_v2 as *const c_void),
    Address(cuGraphAddMemAllocNode as *const c_void),
    Address(cuGraphAddMemFreeNode as *const c_void),
    Address(cuGraphAddMemcpyNode as *const c_void),
    Address(cuGraphAddMemsetNode as *const c_void),
    Address(cuGraphAddNode as *const c_void),
    Address(cuGraphAddNode_v2 as *const c_void),
    Address(cuGraphBatchMemOpNodeGetParams as *const c_void),
    Address(cuGraphBatchMemOpNodeSetParams as *const c_void),
    Address(cuGraphChildGraphNodeGetGraph as *const c_void),
    Address(cuGraphClone as *const c_void),
    Address(cuGraphConditionalHandleCreate as *const c_void),
    Address(cuGraphCreate as *const c_void),
    Address(cuGraphDebugDotPrint as *const c_void),
    Address(cuGraphDestroy as *const c_void),
    Address(cuGraphDestroyNode as *const c_void),
    Address(cuGraphEventRecordNodeGetEvent as *const c_void),
    Address(cuGraphEventRecordNodeSetEvent as *const c_void),
    Address(cuGraphEventWaitNodeGetEvent as *const c_void),
    Address(cuGraphEventWaitNodeSetEvent as *const c_void),
    Address(cuGraphExecBatchMemOpNodeSetParams as *const c_void),
    Address(cuGraphExecChildGraphNodeSetParams as *const c_void),
    Address(cuGraphExecDestroy as *const c_void),
    Address(cuGraphExecEventRecordNodeSetEvent as *const c_void),
    Address(cuGraphExecEventWaitNodeSetEvent as *const c_void),
    Address(cuGraphExecExternalSemaphoresSignalNodeSetParams as *const c_void),
    Address(cuGraphExecExternalSemaphoresWaitNodeSetParams as *const c_void),
    Address(cuGraphExecGetFlags as *const c_void),
    Address(cuGraphExecGetId as *const c_void),
    Address(cuGraphExecHostNodeSetParams as *const c_void),
    Address(cuGraphExecKernelNodeSetParams as *const c_void),
    Address(cuGraphExecKernelNodeSetParams_v2 as *const c_void),
    Address(cuGraphExecMemcpyNodeSetParams as *const c_void),
    Address(cuGraphExecMemsetNodeSetParams as *const c_void),
    Address(cuGraphExecNodeSetParams as *const c_void),
    Address(cuGraphExecUpdate as *const c_void),
    Address(cuGraphExecUpdate_v2 as *const c_void),
    Address(cuGraphExternalSemaphoresSignalNodeGetParams as *const c_void),
    Address(cuGraphExternalSemaphoresSignalNodeSetParams as *const c_void),
    Address(cuGraphExternalSemaphoresWaitNodeGetParams as *const c_void),
    Address(cuGraphExternalSemaphoresWaitNodeSetParams as *const c_void),
    Address(cuGraphGetEdges as *const c_void),
    Address(cuGraphGetEdges_v2 as *const c_void),
    Address(cuGraphGetId as *const c_void),
    Address(cuGraphGetNodes as *const c_void),
    Address(cuGraphGetRootNodes as *const c_void),
    Address(cuGraphHostNodeGetParams as *const c_void),
    Address(cuGraphHostNodeSetParams as *const c_void),
    Address(cuGraphInstantiate as *const c_void),
    Address(cuGraphInstantiate_v2 as *const c_void),
    Address(cuGraphInstantiateWithFlags as *const c_void),
    Address(cuGraphInstantiateWithParams as *const c_void),
    Address(cuGraphInstantiateWithParams_ptsz as *const c_void),
    Address(cuGraphKernelNodeCopyAttributes as *const c_void),
    Address(cuGraphKernelNodeGetAttribute as *const c_void),
    Address(cuGraphKernelNodeGetParams as *const c_void),
    Address(cuGraphKernelNodeGetParams_v2 as *const c_void),
    Address(cuGraphKernelNodeSetAttribute as *const c_void),
    Address(cuGraphKernelNodeSetParams as *const c_void),
    Address(cuGraphKernelNodeSetParams_v2 as *const c_void),
    Address(cuGraphLaunch as *const c_void),
    Address(cuGraphLaunch_ptsz as *const c_void),
    Address(cuGraphMemAllocNodeGetParams as *const c_void),
    Address(cuGraphMemFreeNodeGetParams as *const c_void),
    Address(cuGraphMemcpyNodeGetParams as *const c_void),
    Address(cuGraphMemcpyNodeSetParams as *const c_void),
    Address(cuGraphMemsetNodeGetParams as *const c_void),
    Address(cuGraphMemsetNodeSetParams as *const c_void),
    Address(cuGraphNodeFindInClone as *const c_void),
    Address(cuGraphNodeGetContainingGraph as *const c_void),
    Address(cuGraphNodeGetDependencies as *const c_void),
    Address(cuGraphNodeGetDependencies_v2 as *const c_void),
    Address(cuGraphNodeGetDependentNodes as *const c_void),
    Address(cuGraphNodeGetDependentNodes_v2 as *const c_void),
    Address(cuGraphNodeGetEnabled as *const c_void),
    Address(cuGraphNodeGetLocalId as *const c_void),
    Address(cuGraphNodeGetParams as *const c_void),
    Address(cuGraphNodeGetToolsId as *const c_void),
    Address(cuGraphNodeGetType as *const c_void),
    Address(cuGraphNodeSetEnabled as *const c_void),
    Address(cuGraphNodeSetParams as *const c_void),
    Address(cuGraphReleaseUserObject as *const c_void),
    Address(cuGraphRemoveDependencies as *const c_void),
    Address(cuGraphRemoveDependencies_v2 as *const c_void),
    Address(cuGraphRetainUserObject as *const c_void),
    Address(cuGraphUpload as *const c_void),
    Address(cuGraphUpload_ptsz as *const c_void),
    Address(cuGraphicsMapResources as *const c_void),
    Address(cuGraphicsMapResources_ptsz as *const c_void),
    Address(cuGraphicsResourceGetMappedMipmappedArray as *const c_void),
    Address(cuGraphicsResourceGetMappedPointer as *const c_void),
    Address(cuGraphicsResourceGetMappedPointer_v2 as *const c_void),
    Address(cuGraphicsResourceSetMapFlags as *const c_void),
    Address(cuGraphicsResourceSetMapFlags_v2 as *const c_void),
    Address(cuGraphicsSubResourceGetMappedArray as *const c_void),
    Address(cuGraphicsUnmapResources as *const c_void),
    Address(cuGraphicsUnmapResources_ptsz as *const c_void),
    Address(cuGraphicsUnregisterResource as *const c_void),
    Address(cuGreenCtxCreate as *const c_void),
    Address(cuGreenCtxDestroy as *const c_void),
    Address(cuGreenCtxGetDevResource as *const c_void),
    Address(cuGreenCtxGetId as *const c_void),
    Address(cuGreenCtxRecordEvent as *const c_void),
    Address(cuGreenCtxStreamCreate as *const c_void),
    Address(cuGreenCtxWaitEvent as *const c_void),
    Address(cuImportExternalMemory as *const c_void),
    Address(cuImportExternalSemaphore as *const c_void),
    Address(cuInit as *const c_void),
    Address(cuIpcCloseMemHandle as *const c_void),
    Address(cuIpcGetEventHandle as *const c_void),
    Address(cuIpcGetMemHandle as *const c_void),
    Address(cuIpcOpenEventHandle as *const c_void),
    Address(cuIpcOpenMemHandle as *const c_void),
    Address(cuIpcOpenMemHandle_v2 as *const c_void),
    Address(cuKernelGetAttribute as *const c_void),
    Address(cuKernelGetFunction as *const c_void),
    Address(cuKernelGetLibrary as *const c_void),
    Address(cuKernelGetName as *const c_void),
    Address(cuKernelGetParamCount as *const c_void),
    Address(cuKernelGetParamInfo as *const c_void),
    Address(cuKernelSetAttribute as *const c_void),
    Address(cuKernelSetCacheConfig as *const c_void),
    Address(cuLaunch as *const c_void),
    Address(cuLaunchCooperativeKernel as *const c_void),
    Address(cuLaunchCooperativeKernel_ptsz as *const c_void),
    Address(cuLaunchCooperativeKernelMultiDevice as *const c_void),
    Address(cuLaunchGrid as *const c_void),
    Address(cuLaunchGridAsync as *const c_void),
    Address(cuLaunchHostFunc as *const c_void),
    Address(cuLaunchHostFunc_ptsz as *const c_void),
    Address(cuLaunchHostFunc_v2 as *const c_void),
    Address(cuLaunchHostFunc_v2_ptsz as *const c_void),
    Address(cuLaunchKernel as *const c_void),
    Address(cuLaunchKernel_ptsz as *const c_void),
    Address(cuLaunchKernelEx as *const c_void),
    Address(cuLaunchKernelEx_ptsz as *const c_void),
    Address(cuLibraryEnumerateKernels as *const c_void),
    Address(cuLibraryGetGlobal as *const c_void),
    Address(cuLibraryGetKernel as *const c_void),
    Address(cuLibraryGetKernelCount as *const c_void),
    Address(cuLibraryGetManaged as *const c_void),
    Address(cuLibraryGetModule as *const c_void),
    Address(cuLibraryGetUnifiedFunction as *const c_void),
    Address(cuLibraryLoadData as *const c_void),
    Address(cuLibraryLoadFromFile as *const c_void),
    Address(cuLibraryUnload as *const c_void),
    Address(cuLinkAddData as *const c_void),
    Address(cuLinkAddData_v2 as *const c_void),
    Address(cuLinkAddFile as *const c_void),
    Address(cuLinkAddFile_v2 as *const c_void),
    Address(cuLinkComplete as *const c_void),
    Address(cuLinkCreate as *const c_void),
    Address(cuLinkCreate_v2 as *const c_void),
    Address(cuLinkDestroy as *const c_void),
    Address(cuLogsCurrent as *const c_void),
    Address(cuLogsDumpToFile as *const c_void),
    Address(cuLogsDumpToMemory as *const c_void),
    Address(cuLogsRegisterCallback as *const c_void),
    Address(cuLogsUnregisterCallback as *const c_void),
    Address(cuMemAddressFree as *const c_void),
    Address(cuMemAddressReserve as *const c_void),
    Address(cuMemAdvise as *const c_void),
    Address(cuMemAdvise_v2 as *const c_void),
    Address(cuMemAlloc as *const c_void),
    Address(cuMemAlloc_v2 as *const c_void),
    Address(cuMemAllocAsync as *const c_void),
    Address(cuMemAllocAsync_ptsz as *const c_void),
    Address(cuMemAllocFromPoolAsync as *const c_void),
    Address(cuMemAllocFromPoolAsync_ptsz as *const c_void),
    Address(cuMemAllocHost as *const c_void),
    Address(cuMemAllocHost_v2 as *const c_void),
    Address(cuMemAllocManaged as *const c_void),
    Address(cuMemAllocPitch as *const c_void),
    Address(cuMemAllocPitch_v2 as *const c_void),
    Address(cuMemBatchDecompressAsync as *const c_void),
    Address(cuMemBatchDecompressAsync_ptsz as *const c_void),
    Address(cuMemCreate as *const c_void),
    Address(cuMemDiscardAndPrefetchBatchAsync as *const c_void),
    Address(cuMemDiscardAndPrefetchBatchAsync_ptsz as *const c_void),
    Address(cuMemDiscardBatchAsync as *const c_void),
    Address(cuMemDiscardBatchAsync_ptsz as *const c_void),
    Address(cuMemExportToShareableHandle as *const c_void),
    Address(cuMemFree as *const c_void),
    Address(cuMemFree_v2 as *const c_void),
    Address(cuMemFreeAsync as *const c_void),
    Address(cuMemFreeAsync_ptsz as *const c_void),
    Address(cuMemFreeHost as *const c_void),
    Address(cuMemGetAccess as *const c_void),
    Address(cuMemGetAddressRange as *const c_void),
    Address(cuMemGetAddressRange_v2 as *const c_void),
    Address(cuMemGetAllocationGranularity as *const c_void),
    Address(cuMemGetAllocationPropertiesFromHandle as *const c_void),
    Address(cuMemGetDefaultMemPool as *const c_void),
    Address(cuMemGetHandleForAddressRange as *const c_void),
    Address(cuMemGetInfo as *const c_void),
    Address(cuMemGetInfo_v2 as *const c_void),
    Address(cuMemGetMemPool as *const c_void),
    Address(cuMemHostAlloc as *const c_void),
    Address(cuMemHostGetDevicePointer as *const c_void),
    Address(cuMemHostGetDevicePointer_v2 as *const c_void),
    Address(cuMemHostGetFlags as *const c_void),
    Address(cuMemHostRegister as *const c_void),
    Address(cuMemHostRegister_v2 as *const c_void),
    Address(cuMemHostUnregister as *const c_void),
    Address(cuMemImportFromShareableHandle as *const c_void),
    Address(cuMemMap as *const c_void),
    Address(cuMemMapArrayAsync as *const c_void),
    Address(cuMemMapArrayAsync_ptsz as *const c_void),
    Address(cuMemPoolCreate as *const c_void),
    Address(cuMemPoolDestroy as *const c_void),
    Address(cuMemPoolExportPointer as *const c_void),
    Address(cuMemPoolExportToShareableHandle as *const c_void),
    Address(cuMemPoolGetAccess as *const c_void),
    Address(cuMemPoolGetAttribute as *const c_void),
    Address(cuMemPoolImportFromShareableHandle as *const c_void),
    Address(cuMemPoolImportPointer as *const c_void),
    Address(cuMemPoolSetAccess as *const c_void),
    Address(cuMemPoolSetAttribute as *const c_void),
    Address(cuMemPoolTrimTo as *const c_void),
    Address(cuMemPrefetchAsync as *const c_void),
    Address(cuMemPrefetchAsync_ptsz as *const c_void),
    Address(cuMemPrefetchAsync_v2 as *const c_void),
    Address(cuMemPrefetchAsync_v2_ptsz as *const c_void),
    Address(cuMemPrefetchBatchAsync as *const c_void),
    Address(cuMemPrefetchBatchAsync_ptsz as *const c_void),
    Address(cuMemRangeGetAttribute as *const c_void),
    Address(cuMemRangeGetAttributes as *const c_void),
    Address(cuMemRelease as *const c_void),
    Address(cuMemRetainAllocationHandle as *const c_void),
    Address(cuMemSetAccess as *const c_void),
    Address(cuMemSetMemPool as *const c_void),
    Address(cuMemUnmap as *const c_void),
    Address(cuMemcpy as *const c_void),
    Address(cuMemcpy_ptds as *const c_void),
    Address(cuMemcpy2D as *const c_void),
    Address(cuMemcpy2D_v2 as *const c_void),
    Address(cuMemcpy2D_v2_ptds as *const c_void),
    Address(cuMemcpy2DAsync as *const c_void),
    Address(cuMemcpy2DAsync_v2 as *const c_void),
    Address(cuMemcpy2DAsync_v2_ptsz as *const c_void),
    Address(cuMemcpy2DUnaligned as *const c_void),
    Address(cuMemcpy2DUnaligned_v2 as *const c_void),
    Address(cuMemcpy2DUnaligned_v2_ptds as *const c_void),
    Address(cuMemcpy3D as *const c_void),
    Address(cuMemcpy3D_v2 as *const c_void),
    Address(cuMemcpy3D_v2_ptds as *const c_void),
    Address(cuMemcpy3DAsync as *const c_void),
    Address(cuMemcpy3DAsync_v2 as *const c_void),
    Address(cuMemcpy3DAsync_v2_ptsz as *const c_void),
    Address(cuMemcpy3DBatchAsync as *const c_void),
    Address(cuMemcpy3DBatchAsync_ptsz as *const c_void),
    Address(cuMemcpy3DBatchAsync_v2 as *const c_void),
    Address(cuMemcpy3DBatchAsync_v2_ptsz as *const c_void),
    Address(cuMemcpy3DPeer as *const c_void),
    Address(cuMemcpy3DPeer_ptds as *const c_void),
    Address(cuMemcpy3DPeerAsync as *const c_void),
    Address(cuMemcpy3DPeerAsync_ptsz as *const c_void),
    Address(cuMemcpy3DWithAttributesAsync as *const c_void),
    Address(cuMemcpy3DWithAttributesAsync_ptsz as *const c_void),
    Address(cuMemcpyAsync as *const c_void),
    Address(cuMemcpyAsync_ptsz as *const c_void),
    Address(cuMemcpyAtoA as *const c_void),
    Address(cuMemcpyAtoA_v2 as *const c_void),
    Address(cuMemcpyAtoA_v2_ptds as *const c_void),
    Address(cuMemcpyAtoD as *const c_void),
    Address(cuMemcpyAtoD_v2 as *const c_void),
    Address(cuMemcpyAtoD_v2_ptds as *const c_void),
    Address(cuMemcpyAtoH as *const c_void),
    Address(cuMemcpyAtoH_v2 as *const c_void),
    Address(cuMemcpyAtoH_v2_ptds as *const c_void),
    Address(cuMemcpyAtoHAsync as *const c_void),
    Address(cuMemcpyAtoHAsync_v2 as *const c_void),
    Address(cuMemcpyAtoHAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyBatchAsync as *const c_void),
    Address(cuMemcpyBatchAsync_ptsz as *const c_void),
    Address(cuMemcpyBatchAsync_v2 as *const c_void),
    Address(cuMemcpyBatchAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyDtoA as *const c_void),
    Address(cuMemcpyDtoA_v2 as *const c_void),
    Address(cuMemcpyDtoA_v2_ptds as *const c_void),
    Address(cuMemcpyDtoD as *const c_void),
    Address(cuMemcpyDtoD_v2 as *const c_void),
    Address(cuMemcpyDtoD_v2_ptds as *const c_void),
    Address(cuMemcpyDtoDAsync as *const c_void),
    Address(cuMemcpyDtoDAsync_v2 as *const c_void),
    Address(cuMemcpyDtoDAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyDtoH as *const c_void),
    Address(cuMemcpyDtoH_v2 as *const c_void),
    Address(cuMemcpyDtoH_v2_ptds as *const c_void),
    Address(cuMemcpyDtoHAsync as *const c_void),
    Address(cuMemcpyDtoHAsync_v2 as *const c_void),
    Address(cuMemcpyDtoHAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyHtoA as *const c_void),
    Address(cuMemcpyHtoA_v2 as *const c_void),
    Address(cuMemcpyHtoA_v2_ptds as *const c_void),
    Address(cuMemcpyHtoAAsync as *const c_void),
    Address(cuMemcpyHtoAAsync_v2 as *const c_void),
    Address(cuMemcpyHtoAAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyHtoD as *const c_void),
    Address(cuMemcpyHtoD_v2 as *const c_void),
    Address(cuMemcpyHtoD_v2_ptds as *const c_void),
    Address(cuMemcpyHtoDAsync as *const c_void),
    Address(cuMemcpyHtoDAsync_v2 as *const c_void),
    Address(cuMemcpyHtoDAsync_v2_ptsz as *const c_void),
    Address(cuMemcpyPeer as *const c_void),
    Address(cuMemcpyPeer_ptds as *const c_void),
    Address(cuMemcpyPeerAsync as *const c_void),
    Address(cuMemcpyPeerAsync_ptsz as *const c_void),
    Address(cuMemcpyWithAttributesAsync as *const c_void),
    Address(cuMemcpyWithAttributesAsync_ptsz as *const c_void),
    Address(cuMemsetD16 as *const c_void),
    Address(cuMemsetD16_v2 as *const c_void),
    Address(cuMemsetD16_v2_ptds as *const c_void),
    Address(cuMemsetD16Async as *const c_void),
    Address(cuMemsetD16Async_ptsz as *const c_void),
    Address(cuMemsetD2D16 as *const c_void),
    Address(cuMemsetD2D16_v2 as *const c_void),
    Address(cuMemsetD2D16_v2_ptds as *const c_void),
    Address(cuMemsetD2D16Async as *const c_void),
    Address(cuMemsetD2D16Async_ptsz as *const c_void),
    Address(cuMemsetD2D32 as *const c_void),
    Address(cuMemsetD2D32_v2 as *const c_void),
    Address(cuMemsetD2D32_v2_ptds as *const c_void),
    Address(cuMemsetD2D32Async as *const c_void),
    Address(cuMemsetD2D32Async_ptsz as *const c_void),
    Address(cuMemsetD2D8 as *const c_void),
    Address(cuMemsetD2D8_v2 as *const c_void),
    Address(cuMemsetD2D8_v2_ptds as *const c_void),
    Address(cuMemsetD2D8Async as *const c_void),
    Address(cuMemsetD2D8Async_ptsz as *const c_void),
    Address(cuMemsetD32 as *const c_void),
    Address(cuMemsetD32_v2 as *const c_void),
    Address(cuMemsetD32_v2_ptds as *const c_void),
    Address(cuMemsetD32Async as *const c_void),
    Address(cuMemsetD32Async_ptsz as *const c_void),
    Address(cuMemsetD8 as *const c_void),
    Address(cuMemsetD8_v2 as *const c_void),
    Address(cuMemsetD8_v2_ptds as *const c_void),
    Address(cuMemsetD8Async as *const c_void),
    Address(cuMemsetD8Async_ptsz as *const c_void),
    Address(cuMipmappedArrayCreate as *const c_void),
    Address(cuMipmappedArrayDestroy as *const c_void),
    Address(cuMipmappedArrayGetLevel as *const c_void),
    Address(cuMipmappedArrayGetMemoryRequirements as *const c_void),
    Address(cuMipmappedArrayGetSparseProperties as *const c_void),
    Address(cuModuleEnumerateFunctions as *const c_void),
    Address(cuModuleGetFunction as *const c_void),
    Address(cuModuleGetFunctionCount as *const c_void),
    Address(cuModuleGetGlobal as *const c_void),
    Address(cuModuleGetGlobal_v2 as *const c_void),
    Address(cuModuleGetLoadingMode as *const c_void),
    Address(cuModuleGetSurfRef as *const c_void),
    Address(cuModuleGetTexRef as *const c_void),
    Address(cuModuleLoad as *const c_void),
    Address(cuModuleLoadData as *const c_void),
    Address(cuModuleLoadDataEx as *const c_void),
    Address(cuModuleLoadFatBinary as *const c_void),
    Address(cuModuleUnload as *const c_void),
    Address(cuMulticastAddDevice as *const c_void),
    Address(cuMulticastBindAddr as *const c_void),
    Address(cuMulticastBindAddr_v2 as *const c_void),
    Address(cuMulticastBindMem as *const c_void),
    Address(cuMulticastBindMem_v2 as *const c_void),
    Address(cuMulticastCreate as *const c_void),
    Address(cuMulticastGetGranularity as *const c_void),
    Address(cuMulticastUnbind as *const c_void),
    Address(cuOccupancyAvailableDynamicSMemPerBlock as *const c_void),
    Address(cuOccupancyMaxActiveBlocksPerMultiprocessor as *const c_void),
    Address(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags as *const c_void),
    Address(cuOccupancyMaxActiveClusters as *const c_void),
    Address(cuOccupancyMaxPotentialBlockSize as *const c_void),
    Address(cuOccupancyMaxPotentialBlockSizeWithFlags as *const c_void),
    Address(cuOccupancyMaxPotentialClusterSize as *const c_void),
    Address(cuParamSetSize as *const c_void),
    Address(cuParamSetTexRef as *const c_void),
    Address(cuParamSetf as *const c_void),
    Address(cuParamSeti as *const c_void),
    Address(cuParamSetv as *const c_void),
    Address(cuPointerGetAttribute as *const c_void),
    Address(cuPointerGetAttributes as *const c_void),
    Address(cuPointerSetAttribute as *const c_void),
    Address(cuProfilerInitialize as *const c_void),
    Address(cuProfilerStart as *const c_void),
    Address(cuProfilerStop as *const c_void),
    Address(cuSignalExternalSemaphoresAsync as *const c_void),
    Address(cuSignalExternalSemaphoresAsync_ptsz as *const c_void),
    Address(cuStreamAddCallback as *const c_void),
    Address(cuStreamAddCallback_ptsz as *const c_void),
    Address(cuStreamAttachMemAsync as *const c_void),
    Address(cuStreamAttachMemAsync_ptsz as *const c_void),
    Address(cuStreamBatchMemOp as *const c_void),
    Address(cuStreamBatchMemOp_ptsz as *const c_void),
    Address(cuStreamBatchMemOp_v2 as *const c_void),
    Address(cuStreamBatchMemOp_v2_ptsz as *const c_void),
    Address(cuStreamBeginCapture as *const c_void),
    Address(cuStreamBeginCapture_ptsz as *const c_void),
    Address(cuStreamBeginCapture_v2 as *const c_void),
    Address(cuStreamBeginCapture_v2_ptsz as *const c_void),
    Address(cuStreamBeginCaptureToCig as *const c_void),
    Address(cuStreamBeginCaptureToCig_ptsz as *const c_void),
    Address(cuStreamBeginCaptureToGraph as *const c_void),
    Address(cuStreamBeginCaptureToGraph_ptsz as *const c_void),
    Address(cuStreamCopyAttributes as *const c_void),
    Address(cuStreamCopyAttributes_ptsz as *const c_void),
    Address(cuStreamCreate as *const c_void),
    Address(cuStreamCreateWithPriority as *const c_void),
    Address(cuStreamDestroy as *const c_void),
    Address(cuStreamDestroy_v2 as *const c_void),
    Address(cuStreamEndCapture as *const c_void),
    Address(cuStreamEndCapture_ptsz as *const c_void),
    Address(cuStreamEndCaptureToCig as *const c_void),
    Address(cuStreamEndCaptureToCig_ptsz as *const c_void),
    Address(cuStreamGetAttribute as *const c_void),
    Address(cuStreamGetAttribute_ptsz as *const c_void),
    Address(cuStreamGetCaptureInfo as *const c_void),
    Address(cuStreamGetCaptureInfo_ptsz as *const c_void),
    Address(cuStreamGetCaptureInfo_v2 as *const c_void),
    Address(cuStreamGetCaptureInfo_v2_ptsz as *const c_void),
    Address(cuStreamGetCaptureInfo_v3 as *const c_void),
    Address(cuStreamGetCaptureInfo_v3_ptsz as *const c_void),
    Address(cuStreamGetCtx as *const c_void),
    Address(cuStreamGetCtx_ptsz as *const c_void),
    Address(cuStreamGetCtx_v2 as *const c_void),
    Address(cuStreamGetCtx_v2_ptsz as *const c_void),
    Address(cuStreamGetDevResource as *const c_void),
    Address(cuStreamGetDevResource_ptsz as *const c_void),
    Address(cuStreamGetDevice as *const c_void),
    Address(cuStreamGetDevice_ptsz as *const c_void),
    Address(cuStreamGetFlags as *const c_void),
    Address(cuStreamGetFlags_ptsz as *const c_void),
    Address(cuStreamGetGreenCtx as *const c_void),
    Address(cuStreamGetId as *const c_void),
    Address(cuStreamGetId_ptsz as *const c_void),
    Address(cuStreamGetPriority as *const c_void),
    Address(cuStreamGetPriority_ptsz as *const c_void),
    Address(cuStreamIsCapturing as *const c_void),
    Address(cuStreamIsCapturing_ptsz as *const c_void),
    Address(cuStreamQuery as *const c_void),
    Address(cuStreamQuery_ptsz as *const c_void),
    Address(cuStreamSetAttribute as *const c_void),
    Address(cuStreamSetAttribute_ptsz as *const c_void),
    Address(cuStreamSynchronize as *const c_void),
    Address(cuStreamSynchronize_ptsz as *const c_void),
    Address(cuStreamUpdateCaptureDependencies as *const c_void),
    Address(cuStreamUpdateCaptureDependencies_ptsz as *const c_void),
    Address(cuStreamUpdateCaptureDependencies_v2 as *const c_void),
    Address(cuStreamUpdateCaptureDependencies_v2_ptsz as *const c_void),
    Address(cuStreamWaitEvent as *const c_void),
    Address(cuStreamWaitEvent_ptsz as *const c_void),
    Address(cuStreamWaitValue32 as *const c_void),
    Address(cuStreamWaitValue32_ptsz as *const c_void),
    Address(cuStreamWaitValue32_v2 as *const c_void),
    Address(cuStreamWaitValue32_v2_ptsz as *const c_void),
    Address(cuStreamWaitValue64 as *const c_void),
    Address(cuStreamWaitValue64_ptsz as *const c_void),
    Address(cuStreamWaitValue64_v2 as *const c_void),
    Address(cuStreamWaitValue64_v2_ptsz as *const c_void),
    Address(cuStreamWriteValue32 as *const c_void),
    Address(cuStreamWriteValue32_ptsz as *const c_void),
    Address(cuStreamWriteValue32_v2 as *const c_void),
    Address(cuStreamWriteValue32_v2_ptsz as *const c_void),
    Address(cuStreamWriteValue64 as *const c_void),
    Address(cuStreamWriteValue64_ptsz as *const c_void),
    Address(cuStreamWriteValue64_v2 as *const c_void),
    Address(cuStreamWriteValue64_v2_ptsz as *const c_void),
    Address(cuSurfObjectCreate as *const c_void),
    Address(cuSurfObjectDestroy as *const c_void),
    Address(cuSurfObjectGetResourceDesc as *const c_void),
    Address(cuSurfRefGetArray as *const c_void),
    Address(cuSurfRefSetArray as *const c_void),
    Address(cuTensorMapEncodeIm2col as *const c_void),
    Address(cuTensorMapEncodeIm2colWide as *const c_void),
    Address(cuTensorMapEncodeTiled as *const c_void),
    Address(cuTensorMapReplaceAddress as *const c_void),
    Address(cuTexObjectCreate as *const c_void),
    Address(cuTexObjectDestroy as *const c_void),
    Address(cuTexObjectGetResourceDesc as *const c_void),
    Address(cuTexObjectGetResourceViewDesc as *const c_void),
    Address(cuTexObjectGetTextureDesc as *const c_void),
    Address(cuTexRefCreate as *const c_void),
    Address(cuTexRefDestroy as *const c_void),
    Address(cuTexRefGetAddress as *const c_void),
    Address(cuTexRefGetAddress_v2 as *const c_void),
    Address(cuTexRefGetAddressMode as *const c_void),
    Address(cuTexRefGetArray as *const c_void),
    Address(cuTexRefGetBorderColor as *const c_void),
    Address(cuTexRefGetFilterMode as *const c_void),
    Address(cuTexRefGetFlags as *const c_void),
    Address(cuTexRefGetFormat as *const c_void),
    Address(cuTexRefGetMaxAnisotropy as *const c_void),
    Address(cuTexRefGetMipmapFilterMode as *const c_void),
    Address(cuTexRefGetMipmapLevelBias as *const c_void),
    Address(cuTexRefGetMipmapLevelClamp as *const c_void),
    Address(cuTexRefGetMipmappedArray as *const c_void),
    Address(cuTexRefSetAddress as *const c_void),
    Address(cuTexRefSetAddress_v2 as *const c_void),
    Address(cuTexRefSetAddress2D as *const c_void),
    Address(cuTexRefSetAddress2D_v2 as *const c_void),
    Address(cuTexRefSetAddress2D_v3 as *const c_void),
    Address(cuTexRefSetAddressMode as *const c_void),
    Address(cuTexRefSetArray as *const c_void),
    Address(cuTexRefSetBorderColor as *const c_void),
    Address(cuTexRefSetFilterMode as *const c_void),
    Address(cuTexRefSetFlags as *const c_void),
    Address(cuTexRefSetFormat as *const c_void),
    Address(cuTexRefSetMaxAnisotropy as *const c_void),
    Address(cuTexRefSetMipmapFilterMode as *const c_void),
    Address(cuTexRefSetMipmapLevelBias as *const c_void),
    Address(cuTexRefSetMipmapLevelClamp as *const c_void),
    Address(cuTexRefSetMipmappedArray as *const c_void),
    Address(cuThreadExchangeStreamCaptureMode as *const c_void),
    Address(cuUserObjectCreate as *const c_void),
    Address(cuUserObjectRelease as *const c_void),
    Address(cuUserObjectRetain as *const c_void),
    Address(cuWaitExternalSemaphoresAsync as *const c_void),
    Address(cuWaitExternalSemaphoresAsync_ptsz as *const c_void),
];

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorString(error: i32, p_str: *mut *const c_char) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuGetErrorString(error, p_str) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorName(error: i32, p_str: *mut *const c_char) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuGetErrorName(error, p_str) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuInit(flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuInit(flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(driver_version: *mut i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuDriverGetVersion(driver_version) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetProcAddress_v2(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cuda_version: i32,
    flags: u64,
    symbol_status: *mut CUdriverProcAddressQueryResult,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::entry::cuGetProcAddress_v2(symbol, pfn, cuda_version, flags, symbol_status)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetExportTable(
    pp_export_table: *mut *const c_void,
    p_export_table_id: *const CUuuid,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuGetExportTable(pp_export_table, p_export_table_id) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetProcAddress(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cuda_version: i32,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::entry::cuGetProcAddress(symbol, pfn, cuda_version, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut Device, ordinal: i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGet(device, ordinal) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetCount(count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, len: i32, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetName(name, len, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid_v2(uuid: *mut CUuuid, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetUuid_v2(uuid, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetLuid(
    luid: *mut c_char,
    device_node_mask: *mut u32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetLuid(luid, device_node_mask, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceTotalMem_v2(bytes, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetTexture1DLinearMaxWidth(
    max_width_in_elements: *mut usize,
    format: u32,
    num_channels: u32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::device::cuDeviceGetTexture1DLinearMaxWidth(
            max_width_in_elements,
            format,
            num_channels,
            dev,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetAttribute(
    pi: *mut i32,
    attrib: CUdevice_attribute,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetAttribute(pi, attrib, dev) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetHostAtomicCapabilities() -> i32 {
    ffi::call(|| not_supported("cuDeviceGetHostAtomicCapabilities"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetNvSciSyncAttributes() -> i32 {
    ffi::call(|| not_supported("cuDeviceGetNvSciSyncAttributes"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetExecAffinitySupport(
    pi: *mut i32,
    kind: CUexecAffinityType,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetExecAffinitySupport(pi, kind, dev) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuFlushGPUDirectRDMAWrites() -> i32 {
    ffi::call(|| not_supported("cuFlushGPUDirectRDMAWrites"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetProperties(prop: *mut CUdevprop, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetProperties(prop, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceComputeCapability(
    major: *mut i32,
    minor: *mut i32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceComputeCapability(major, minor, dev) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceUnregisterAsyncNotification() -> i32 {
    ffi::call(|| not_supported("cuDeviceUnregisterAsyncNotification"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetByPCIBusId(dev: *mut Device, pci_bus_id: *const c_char) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetByPCIBusId(dev, pci_bus_id) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetPCIBusId(
    pci_bus_id: *mut c_char,
    len: i32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetPCIBusId(pci_bus_id, len, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceCanAccessPeer(
    can_access_peer: *mut i32,
    dev: Device,
    peer_dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_can_access_peer(can_access_peer, dev, peer_dev) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetP2PAttribute(
    value: *mut i32,
    attrib: CUdevice_P2PAttribute,
    src_device: Device,
    dst_device: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_get_p2p_attribute(value, attrib, src_device, dst_device) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceGetP2PAtomicCapabilities() -> i32 {
    ffi::call(|| not_supported("cuDeviceGetP2PAtomicCapabilities"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceTotalMem() -> i32 {
    ffi::call(|| not_supported("cuDeviceTotalMem"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid(uuid: *mut CUuuid, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::device::cuDeviceGetUuid(uuid, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRetain(pctx: *mut Context, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxRetain(pctx, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRelease_v2(dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxRelease_v2(dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxSetFlags_v2(dev: Device, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxSetFlags_v2(dev, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxGetState(
    dev: Device,
    flags: *mut u32,
    active: *mut i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxGetState(dev, flags, active) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxReset_v2(dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxReset_v2(dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v4(
    pctx: *mut Context,
    ctx_create_params: *mut CUctxCreateParams,
    flags: u32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxCreate_v4(pctx, ctx_create_params, flags, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDestroy_v2(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxDestroy_v2(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPushCurrent_v2(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxPushCurrent_v2(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPopCurrent_v2(pctx: *mut Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxPopCurrent_v2(pctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetCurrent(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxSetCurrent(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCurrent(pctx: *mut Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetCurrent(pctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevice(device: *mut Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetDevice(device) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevice_v2(device: *mut Device, ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetDevice_v2(device, ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetFlags(flags: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetFlags(flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetFlags(flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxSetFlags(flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetId(ctx: Context, ctx_id: *mut u64) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetId(ctx, ctx_id) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSynchronize() -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_synchronize() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSynchronize_v2(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxSynchronize_v2(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetLimit(limit: CUlimit, value: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_set_limit(limit, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetLimit(pvalue: *mut usize, limit: CUlimit) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_get_limit(pvalue, limit) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCacheConfig(pconfig: *mut CUfunc_cache) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_get_cache_config(pconfig) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetCacheConfig(config: CUfunc_cache) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_set_cache_config(config) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetApiVersion(ctx: Context, version: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetApiVersion(ctx, version) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetStreamPriorityRange(
    least_priority: *mut i32,
    greatest_priority: *mut i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_get_stream_priority_range(least_priority, greatest_priority) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxResetPersistingL2Cache() -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_reset_persisting_l2_cache() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetExecAffinity(
    p_exec_affinity: *mut CUexecAffinityParam,
    kind: CUexecAffinityType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetExecAffinity(p_exec_affinity, kind) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxAttach(pctx: *mut Context, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxAttach(pctx, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDetach(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxDetach(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetSharedMemConfig(p_config: *mut CUsharedconfig) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxGetSharedMemConfig(p_config) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetSharedMemConfig(config: CUsharedconfig) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxSetSharedMemConfig(config) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxEnablePeerAccess(peer_context: Context, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_enable_peer_access(peer_context, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDisablePeerAccess(peer_context: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ctx_disable_peer_access(peer_context) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate(pctx: *mut Context, flags: u32, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxCreate(pctx, flags, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v2(pctx: *mut Context, flags: u32, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxCreate_v2(pctx, flags, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v3(
    pctx: *mut Context,
    params_array: *mut CUexecAffinityParam,
    num_params: i32,
    flags: u32,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::context::cuCtxCreate_v3(pctx, params_array, num_params, flags, dev)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDestroy(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxDestroy(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPopCurrent(pctx: *mut Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxPopCurrent(pctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPushCurrent(ctx: Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuCtxPushCurrent(ctx) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRelease(dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxRelease(dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxReset(dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxReset(dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxSetFlags(dev: Device, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::context::cuDevicePrimaryCtxSetFlags(dev, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_info(free, total) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(dptr: *mut DevicePtr, bytesize: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc(dptr, bytesize) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocPitch_v2(
    dptr: *mut DevicePtr,
    p_pitch: *mut usize,
    width_in_bytes: usize,
    height: usize,
    element_size_bytes: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemAllocPitch_v2(
            dptr,
            p_pitch,
            width_in_bytes,
            height,
            element_size_bytes,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFree_v2(dptr: DevicePtr) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_free(dptr) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAddressRange_v2(
    pbase: *mut DevicePtr,
    psize: *mut usize,
    dptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemGetAddressRange_v2(pbase, psize, dptr) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocHost_v2(pp: *mut *mut c_void, bytesize: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemAllocHost_v2(pp, bytesize) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeHost(p: *mut c_void) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemFreeHost(p) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostAlloc(pp: *mut *mut c_void, bytesize: usize, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostAlloc(pp, bytesize, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostGetDevicePointer_v2(
    pdptr: *mut DevicePtr,
    p: *mut c_void,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostGetDevicePointer_v2(pdptr, p, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostGetFlags(p_flags: *mut u32, p: *mut c_void) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostGetFlags(p_flags, p) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocManaged(
    dptr: *mut DevicePtr,
    bytesize: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc_managed(dptr, bytesize, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcGetMemHandle(p_handle: *mut CUipcMemHandle, dptr: DevicePtr) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_get_mem_handle(p_handle, dptr) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenMemHandle_v2(
    pdptr: *mut DevicePtr,
    handle: CUipcMemHandle,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_open_mem_handle(pdptr, handle, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcCloseMemHandle(dptr: DevicePtr) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_close_mem_handle(dptr) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostRegister_v2(p: *mut c_void, bytesize: usize, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostRegister_v2(p, bytesize, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostUnregister(p: *mut c_void) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostUnregister(p) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerGetAttribute(
    data: *mut c_void,
    attribute: CUpointer_attribute,
    ptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuPointerGetAttribute(data, attribute, ptr) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAdvise_v2(
    dev_ptr: DevicePtr,
    count: usize,
    advice: CUmem_advise,
    location: CUmemLocation,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_advise(dev_ptr, count, advice, location) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRangeGetAttribute(
    data: *mut c_void,
    data_size: usize,
    attribute: CUmem_range_attribute,
    dev_ptr: DevicePtr,
    count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_range_get_attribute(data, data_size, attribute, dev_ptr, count) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRangeGetAttributes(
    data: *mut *mut c_void,
    data_sizes: *mut usize,
    attributes: *mut CUmem_range_attribute,
    num_attributes: usize,
    dev_ptr: DevicePtr,
    count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemRangeGetAttributes(
            data,
            data_sizes,
            attributes,
            num_attributes,
            dev_ptr,
            count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerSetAttribute(
    value: *const c_void,
    attribute: CUpointer_attribute,
    ptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuPointerSetAttribute(value, attribute, ptr) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerGetAttributes(
    num_attributes: u32,
    attributes: *mut CUpointer_attribute,
    data: *mut *mut c_void,
    ptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuPointerGetAttributes(num_attributes, attributes, data, ptr)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostRegister(p: *mut c_void, bytesize: usize, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemHostRegister(p, bytesize, flags) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemGetInfo() -> i32 {
    ffi::call(|| not_supported("cuMemGetInfo"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAlloc() -> i32 {
    ffi::call(|| not_supported("cuMemAlloc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocPitch() -> i32 {
    ffi::call(|| not_supported("cuMemAllocPitch"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemFree() -> i32 {
    ffi::call(|| not_supported("cuMemFree"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemGetAddressRange() -> i32 {
    ffi::call(|| not_supported("cuMemGetAddressRange"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemAllocHost() -> i32 {
    ffi::call(|| not_supported("cuMemAllocHost"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemHostGetDevicePointer() -> i32 {
    ffi::call(|| not_supported("cuMemHostGetDevicePointer"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync(
    dev_ptr: DevicePtr,
    count: usize,
    dst_device: Device,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemPrefetchAsync(Stream::LEGACY, dev_ptr, count, dst_device, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_ptsz(
    dev_ptr: DevicePtr,
    count: usize,
    dst_device: Device,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemPrefetchAsync(Stream::PER_THREAD, dev_ptr, count, dst_device, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_v2(
    dev_ptr: DevicePtr,
    count: usize,
    location: CUmemLocation,
    flags: u32,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_prefetch_async(Stream::LEGACY, dev_ptr, count, location, flags, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_v2_ptsz(
    dev_ptr: DevicePtr,
    count: usize,
    location: CUmemLocation,
    flags: u32,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        mem_prefetch_async(
            Stream::PER_THREAD,
            dev_ptr,
            count,
            location,
            flags,
            h_stream,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAdvise(
    dev_ptr: DevicePtr,
    count: usize,
    advice: CUmem_advise,
    device: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::memory::cuMemAdvise(dev_ptr, count, advice, device) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchBatchAsync(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    prefetch_locs: *mut CUmemLocation,
    prefetch_loc_idxs: *mut usize,
    num_prefetch_locs: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemPrefetchBatchAsync(
            Stream::LEGACY,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchBatchAsync_ptsz(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    prefetch_locs: *mut CUmemLocation,
    prefetch_loc_idxs: *mut usize,
    num_prefetch_locs: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemPrefetchBatchAsync(
            Stream::PER_THREAD,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardBatchAsync(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemDiscardBatchAsync(Stream::LEGACY, dptrs, sizes, count, flags, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardBatchAsync_ptsz(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemDiscardBatchAsync(
            Stream::PER_THREAD,
            dptrs,
            sizes,
            count,
            flags,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardAndPrefetchBatchAsync(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    prefetch_locs: *mut CUmemLocation,
    prefetch_loc_idxs: *mut usize,
    num_prefetch_locs: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemDiscardAndPrefetchBatchAsync(
            Stream::LEGACY,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardAndPrefetchBatchAsync_ptsz(
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    prefetch_locs: *mut CUmemLocation,
    prefetch_loc_idxs: *mut usize,
    num_prefetch_locs: usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::memory::cuMemDiscardAndPrefetchBatchAsync(
            Stream::PER_THREAD,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenMemHandle(
    pdptr: *mut DevicePtr,
    handle: CUipcMemHandle,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_open_mem_handle(pdptr, handle, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeAsync(dptr: DevicePtr, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_free_async(Stream::LEGACY, dptr, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeAsync_ptsz(dptr: DevicePtr, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_free_async(Stream::PER_THREAD, dptr, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync(
    dptr: *mut DevicePtr,
    bytesize: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc_async(Stream::LEGACY, dptr, bytesize, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync_ptsz(
    dptr: *mut DevicePtr,
    bytesize: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc_async(Stream::PER_THREAD, dptr, bytesize, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocFromPoolAsync(
    dptr: *mut DevicePtr,
    bytesize: usize,
    pool: MemPool,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc_from_pool_async(Stream::LEGACY, dptr, bytesize, pool, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocFromPoolAsync_ptsz(
    dptr: *mut DevicePtr,
    bytesize: usize,
    pool: MemPool,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_alloc_from_pool_async(Stream::PER_THREAD, dptr, bytesize, pool, h_stream) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemBatchDecompressAsync() -> i32 {
    ffi::call(|| not_supported("cuMemBatchDecompressAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemBatchDecompressAsync_ptsz() -> i32 {
    ffi::call(|| not_supported("cuMemBatchDecompressAsync_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoD() -> i32 {
    ffi::call(|| not_supported("cuMemcpyHtoD"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoH() -> i32 {
    ffi::call(|| not_supported("cuMemcpyDtoH"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoD() -> i32 {
    ffi::call(|| not_supported("cuMemcpyDtoD"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoA() -> i32 {
    ffi::call(|| not_supported("cuMemcpyDtoA"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyAtoD() -> i32 {
    ffi::call(|| not_supported("cuMemcpyAtoD"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoA() -> i32 {
    ffi::call(|| not_supported("cuMemcpyHtoA"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyAtoH() -> i32 {
    ffi::call(|| not_supported("cuMemcpyAtoH"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyAtoA() -> i32 {
    ffi::call(|| not_supported("cuMemcpyAtoA"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoAAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpyHtoAAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyAtoHAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpyAtoHAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpy2D() -> i32 {
    ffi::call(|| not_supported("cuMemcpy2D"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpy2DUnaligned() -> i32 {
    ffi::call(|| not_supported("cuMemcpy2DUnaligned"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpy3D() -> i32 {
    ffi::call(|| not_supported("cuMemcpy3D"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyHtoDAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpyHtoDAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoHAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpyDtoHAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpyDtoDAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpyDtoDAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpy2DAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpy2DAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemcpy3DAsync() -> i32 {
    ffi::call(|| not_supported("cuMemcpy3DAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD8() -> i32 {
    ffi::call(|| not_supported("cuMemsetD8"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD16() -> i32 {
    ffi::call(|| not_supported("cuMemsetD16"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD32() -> i32 {
    ffi::call(|| not_supported("cuMemsetD32"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD2D8() -> i32 {
    ffi::call(|| not_supported("cuMemsetD2D8"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD2D16() -> i32 {
    ffi::call(|| not_supported("cuMemsetD2D16"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemsetD2D32() -> i32 {
    ffi::call(|| not_supported("cuMemsetD2D32"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD_v2(
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoD_v2(Stream::LEGACY, dst_device, src_host, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD_v2_ptds(
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoD_v2(Stream::PER_THREAD, dst_device, src_host, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH_v2(
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoH_v2(Stream::LEGACY, dst_host, src_device, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH_v2_ptds(
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoH_v2(Stream::PER_THREAD, dst_host, src_device, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoD_v2(
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoD_v2(Stream::LEGACY, dst_device, src_device, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoD_v2_ptds(
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoD_v2(Stream::PER_THREAD, dst_device, src_device, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoA_v2(
    dst_array: Array,
    dst_offset: usize,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoA_v2(
            Stream::LEGACY,
            dst_array,
            dst_offset,
            src_device,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoA_v2_ptds(
    dst_array: Array,
    dst_offset: usize,
    src_device: DevicePtr,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoA_v2(
            Stream::PER_THREAD,
            dst_array,
            dst_offset,
            src_device,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoD_v2(
    dst_device: DevicePtr,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoD_v2(
            Stream::LEGACY,
            dst_device,
            src_array,
            src_offset,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoD_v2_ptds(
    dst_device: DevicePtr,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoD_v2(
            Stream::PER_THREAD,
            dst_device,
            src_array,
            src_offset,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoA_v2(
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoA_v2(Stream::LEGACY, dst_array, dst_offset, src_host, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoA_v2_ptds(
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoA_v2(
            Stream::PER_THREAD,
            dst_array,
            dst_offset,
            src_host,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoH_v2(
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoH_v2(Stream::LEGACY, dst_host, src_array, src_offset, byte_count)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoH_v2_ptds(
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoH_v2(
            Stream::PER_THREAD,
            dst_host,
            src_array,
            src_offset,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoA_v2(
    dst_array: Array,
    dst_offset: usize,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoA_v2(
            Stream::LEGACY,
            dst_array,
            dst_offset,
            src_array,
            src_offset,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoA_v2_ptds(
    dst_array: Array,
    dst_offset: usize,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoA_v2(
            Stream::PER_THREAD,
            dst_array,
            dst_offset,
            src_array,
            src_offset,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoAAsync_v2(
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoAAsync_v2(
            Stream::LEGACY,
            dst_array,
            dst_offset,
            src_host,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoAAsync_v2_ptsz(
    dst_array: Array,
    dst_offset: usize,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoAAsync_v2(
            Stream::PER_THREAD,
            dst_array,
            dst_offset,
            src_host,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoHAsync_v2(
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoHAsync_v2(
            Stream::LEGACY,
            dst_host,
            src_array,
            src_offset,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoHAsync_v2_ptsz(
    dst_host: *mut c_void,
    src_array: Array,
    src_offset: usize,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAtoHAsync_v2(
            Stream::PER_THREAD,
            dst_host,
            src_array,
            src_offset,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2D_v2(p_copy: *const CUDA_MEMCPY2D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2D_v2(Stream::LEGACY, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2D_v2_ptds(p_copy: *const CUDA_MEMCPY2D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2D_v2(Stream::PER_THREAD, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DUnaligned_v2(p_copy: *const CUDA_MEMCPY2D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2DUnaligned_v2(Stream::LEGACY, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DUnaligned_v2_ptds(p_copy: *const CUDA_MEMCPY2D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2DUnaligned_v2(Stream::PER_THREAD, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3D_v2(p_copy: *const CUDA_MEMCPY3D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3D_v2(Stream::LEGACY, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3D_v2_ptds(p_copy: *const CUDA_MEMCPY3D) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3D_v2(Stream::PER_THREAD, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoDAsync_v2(
            Stream::LEGACY,
            dst_device,
            src_host,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2_ptsz(
    dst_device: DevicePtr,
    src_host: *const c_void,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyHtoDAsync_v2(
            Stream::PER_THREAD,
            dst_device,
            src_host,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoHAsync_v2(
            Stream::LEGACY,
            dst_host,
            src_device,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2_ptsz(
    dst_host: *mut c_void,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoHAsync_v2(
            Stream::PER_THREAD,
            dst_host,
            src_device,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2(
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoDAsync_v2(
            Stream::LEGACY,
            dst_device,
            src_device,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2_ptsz(
    dst_device: DevicePtr,
    src_device: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyDtoDAsync_v2(
            Stream::PER_THREAD,
            dst_device,
            src_device,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync_v2(p_copy: *const CUDA_MEMCPY2D, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2DAsync_v2(Stream::LEGACY, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync_v2_ptsz(
    p_copy: *const CUDA_MEMCPY2D,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy2DAsync_v2(Stream::PER_THREAD, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DAsync_v2(p_copy: *const CUDA_MEMCPY3D, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DAsync_v2(Stream::LEGACY, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DAsync_v2_ptsz(
    p_copy: *const CUDA_MEMCPY3D,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DAsync_v2(Stream::PER_THREAD, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8_v2(dst_device: DevicePtr, uc: u8, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD8_v2(Stream::LEGACY, dst_device, uc, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8_v2_ptds(dst_device: DevicePtr, uc: u8, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD8_v2(Stream::PER_THREAD, dst_device, uc, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16_v2(dst_device: DevicePtr, us: u16, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD16_v2(Stream::LEGACY, dst_device, us, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16_v2_ptds(dst_device: DevicePtr, us: u16, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD16_v2(Stream::PER_THREAD, dst_device, us, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32_v2(dst_device: DevicePtr, ui: u32, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD32_v2(Stream::LEGACY, dst_device, ui, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32_v2_ptds(dst_device: DevicePtr, ui: u32, n: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemsetD32_v2(Stream::PER_THREAD, dst_device, ui, n) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8_v2(
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D8_v2(Stream::LEGACY, dst_device, dst_pitch, uc, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8_v2_ptds(
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D8_v2(Stream::PER_THREAD, dst_device, dst_pitch, uc, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16_v2(
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D16_v2(Stream::LEGACY, dst_device, dst_pitch, us, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16_v2_ptds(
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D16_v2(Stream::PER_THREAD, dst_device, dst_pitch, us, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32_v2(
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D32_v2(Stream::LEGACY, dst_device, dst_pitch, ui, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32_v2_ptds(
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D32_v2(Stream::PER_THREAD, dst_device, dst_pitch, ui, width, height)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy(dst: DevicePtr, src: DevicePtr, byte_count: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy(Stream::LEGACY, dst, src, byte_count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy_ptds(dst: DevicePtr, src: DevicePtr, byte_count: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy(Stream::PER_THREAD, dst, src, byte_count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAsync(
    dst: DevicePtr,
    src: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAsync(Stream::LEGACY, dst, src, byte_count, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAsync_ptsz(
    dst: DevicePtr,
    src: DevicePtr,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyAsync(Stream::PER_THREAD, dst, src, byte_count, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeer(
    dst_device: DevicePtr,
    dst_context: Context,
    src_device: DevicePtr,
    src_context: Context,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyPeer(
            Stream::LEGACY,
            dst_device,
            dst_context,
            src_device,
            src_context,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeer_ptds(
    dst_device: DevicePtr,
    dst_context: Context,
    src_device: DevicePtr,
    src_context: Context,
    byte_count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyPeer(
            Stream::PER_THREAD,
            dst_device,
            dst_context,
            src_device,
            src_context,
            byte_count,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeerAsync(
    dst_device: DevicePtr,
    dst_context: Context,
    src_device: DevicePtr,
    src_context: Context,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyPeerAsync(
            Stream::LEGACY,
            dst_device,
            dst_context,
            src_device,
            src_context,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeerAsync_ptsz(
    dst_device: DevicePtr,
    dst_context: Context,
    src_device: DevicePtr,
    src_context: Context,
    byte_count: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyPeerAsync(
            Stream::PER_THREAD,
            dst_device,
            dst_context,
            src_device,
            src_context,
            byte_count,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeer(p_copy: *const CUDA_MEMCPY3D_PEER) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DPeer(Stream::LEGACY, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeer_ptds(p_copy: *const CUDA_MEMCPY3D_PEER) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DPeer(Stream::PER_THREAD, p_copy) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeerAsync(
    p_copy: *const CUDA_MEMCPY3D_PEER,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DPeerAsync(Stream::LEGACY, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeerAsync_ptsz(
    p_copy: *const CUDA_MEMCPY3D_PEER,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::copy::cuMemcpy3DPeerAsync(Stream::PER_THREAD, p_copy, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync(
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrs_idxs: *mut usize,
    num_attrs: usize,
    fail_idx: *mut usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyBatchAsync(
            Stream::LEGACY,
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrs_idxs,
            num_attrs,
            fail_idx,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_ptsz(
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrs_idxs: *mut usize,
    num_attrs: usize,
    fail_idx: *mut usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyBatchAsync(
            Stream::PER_THREAD,
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrs_idxs,
            num_attrs,
            fail_idx,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync(
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    fail_idx: *mut usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DBatchAsync(
            Stream::LEGACY,
            num_ops,
            op_list,
            fail_idx,
            flags,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_ptsz(
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    fail_idx: *mut usize,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DBatchAsync(
            Stream::PER_THREAD,
            num_ops,
            op_list,
            fail_idx,
            flags,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_v2(
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrs_idxs: *mut usize,
    num_attrs: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyBatchAsync_v2(
            Stream::LEGACY,
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrs_idxs,
            num_attrs,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_v2_ptsz(
    dsts: *mut DevicePtr,
    srcs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrs_idxs: *mut usize,
    num_attrs: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyBatchAsync_v2(
            Stream::PER_THREAD,
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrs_idxs,
            num_attrs,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_v2(
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DBatchAsync_v2(Stream::LEGACY, num_ops, op_list, flags, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_v2_ptsz(
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DBatchAsync_v2(Stream::PER_THREAD, num_ops, op_list, flags, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyWithAttributesAsync(
    dst: DevicePtr,
    src: DevicePtr,
    size: usize,
    attr: *mut CUmemcpyAttributes,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyWithAttributesAsync(Stream::LEGACY, dst, src, size, attr, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyWithAttributesAsync_ptsz(
    dst: DevicePtr,
    src: DevicePtr,
    size: usize,
    attr: *mut CUmemcpyAttributes,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpyWithAttributesAsync(
            Stream::PER_THREAD,
            dst,
            src,
            size,
            attr,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DWithAttributesAsync(
    op: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DWithAttributesAsync(Stream::LEGACY, op, flags, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DWithAttributesAsync_ptsz(
    op: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemcpy3DWithAttributesAsync(Stream::PER_THREAD, op, flags, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8Async(
    dst_device: DevicePtr,
    uc: u8,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD8Async(Stream::LEGACY, dst_device, uc, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8Async_ptsz(
    dst_device: DevicePtr,
    uc: u8,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD8Async(Stream::PER_THREAD, dst_device, uc, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16Async(
    dst_device: DevicePtr,
    us: u16,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD16Async(Stream::LEGACY, dst_device, us, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16Async_ptsz(
    dst_device: DevicePtr,
    us: u16,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD16Async(Stream::PER_THREAD, dst_device, us, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32Async(
    dst_device: DevicePtr,
    ui: u32,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD32Async(Stream::LEGACY, dst_device, ui, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32Async_ptsz(
    dst_device: DevicePtr,
    ui: u32,
    n: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD32Async(Stream::PER_THREAD, dst_device, ui, n, h_stream)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8Async(
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D8Async(
            Stream::LEGACY,
            dst_device,
            dst_pitch,
            uc,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8Async_ptsz(
    dst_device: DevicePtr,
    dst_pitch: usize,
    uc: u8,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D8Async(
            Stream::PER_THREAD,
            dst_device,
            dst_pitch,
            uc,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16Async(
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D16Async(
            Stream::LEGACY,
            dst_device,
            dst_pitch,
            us,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16Async_ptsz(
    dst_device: DevicePtr,
    dst_pitch: usize,
    us: u16,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D16Async(
            Stream::PER_THREAD,
            dst_device,
            dst_pitch,
            us,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32Async(
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D32Async(
            Stream::LEGACY,
            dst_device,
            dst_pitch,
            ui,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32Async_ptsz(
    dst_device: DevicePtr,
    dst_pitch: usize,
    ui: u32,
    width: usize,
    height: usize,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::copy::cuMemsetD2D32Async(
            Stream::PER_THREAD,
            dst_device,
            dst_pitch,
            ui,
            width,
            height,
            h_stream,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreate(ph_stream: *mut Stream, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_create(ph_stream, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreateWithPriority(
    ph_stream: *mut Stream,
    flags: u32,
    priority: i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_create_with_priority(ph_stream, flags, priority) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuThreadExchangeStreamCaptureMode(mode: *mut CUstreamCaptureMode) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::stream::cuThreadExchangeStreamCaptureMode(mode) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamDestroy_v2(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_destroy(h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamDestroy(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_destroy(h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetPriority(h_stream: Stream, priority: *mut i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_priority(Stream::LEGACY, h_stream, priority) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetPriority_ptsz(h_stream: Stream, priority: *mut i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_priority(Stream::PER_THREAD, h_stream, priority) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetId(h_stream: Stream, stream_id: *mut u64) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_id(Stream::LEGACY, h_stream, stream_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetId_ptsz(h_stream: Stream, stream_id: *mut u64) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_id(Stream::PER_THREAD, h_stream, stream_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetFlags(h_stream: Stream, flags: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_flags(Stream::LEGACY, h_stream, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetFlags_ptsz(h_stream: Stream, flags: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_flags(Stream::PER_THREAD, h_stream, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevice(h_stream: Stream, device: *mut Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_device(Stream::LEGACY, h_stream, device) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevice_ptsz(h_stream: Stream, device: *mut Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_device(Stream::PER_THREAD, h_stream, device) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx(h_stream: Stream, pctx: *mut Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_ctx(Stream::LEGACY, h_stream, pctx) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_ptsz(h_stream: Stream, pctx: *mut Context) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_ctx(Stream::PER_THREAD, h_stream, pctx) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_v2(
    h_stream: Stream,
    p_ctx: *mut Context,
    p_green_ctx: *mut GreenContext,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCtx_v2(Stream::LEGACY, h_stream, p_ctx, p_green_ctx)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_v2_ptsz(
    h_stream: Stream,
    p_ctx: *mut Context,
    p_green_ctx: *mut GreenContext,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCtx_v2(Stream::PER_THREAD, h_stream, p_ctx, p_green_ctx)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitEvent(h_stream: Stream, h_event: Event, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_event(Stream::LEGACY, h_stream, h_event, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitEvent_ptsz(
    h_stream: Stream,
    h_event: Event,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_event(Stream::PER_THREAD, h_stream, h_event, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAddCallback(
    h_stream: Stream,
    callback: CUstreamCallback,
    user_data: *mut c_void,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamAddCallback(Stream::LEGACY, h_stream, callback, user_data, flags)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAddCallback_ptsz(
    h_stream: Stream,
    callback: CUstreamCallback,
    user_data: *mut c_void,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamAddCallback(
            Stream::PER_THREAD,
            h_stream,
            callback,
            user_data,
            flags,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAttachMemAsync(
    h_stream: Stream,
    dptr: DevicePtr,
    length: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_attach_mem_async(Stream::LEGACY, h_stream, dptr, length, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAttachMemAsync_ptsz(
    h_stream: Stream,
    dptr: DevicePtr,
    length: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_attach_mem_async(Stream::PER_THREAD, h_stream, dptr, length, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamQuery(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_query(Stream::LEGACY, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamQuery_ptsz(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_query(Stream::PER_THREAD, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSynchronize(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_synchronize(Stream::LEGACY, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSynchronize_ptsz(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_synchronize(Stream::PER_THREAD, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value32(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value32(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value32(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value32(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value64(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value64(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value64(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value64(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp(
    stream: Stream,
    count: u32,
    param_array: *mut CUstreamBatchMemOpParams,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_batch_mem_op(Stream::LEGACY, stream, count, param_array, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_ptsz(
    stream: Stream,
    count: u32,
    param_array: *mut CUstreamBatchMemOpParams,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_batch_mem_op(Stream::PER_THREAD, stream, count, param_array, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_v2(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value32(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_v2_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value32(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_v2(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value32(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_v2_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value32(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_v2(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value64(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_v2_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_write_value64(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_v2(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value64(Stream::LEGACY, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_v2_ptsz(
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_wait_value64(Stream::PER_THREAD, stream, addr, value, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_v2(
    stream: Stream,
    count: u32,
    param_array: *mut CUstreamBatchMemOpParams,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_batch_mem_op(Stream::LEGACY, stream, count, param_array, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_v2_ptsz(
    stream: Stream,
    count: u32,
    param_array: *mut CUstreamBatchMemOpParams,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_batch_mem_op(Stream::PER_THREAD, stream, count, param_array, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::stream::cuStreamBeginCapture(Stream::LEGACY, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_ptsz(h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::stream::cuStreamBeginCapture(Stream::PER_THREAD, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_v2(
    h_stream: Stream,
    mode: CUstreamCaptureMode,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_begin_capture(Stream::LEGACY, h_stream, mode) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_v2_ptsz(
    h_stream: Stream,
    mode: CUstreamCaptureMode,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_begin_capture(Stream::PER_THREAD, h_stream, mode) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCaptureToGraph(
    h_stream: Stream,
    h_graph: Graph,
    dependencies: *const GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    mode: CUstreamCaptureMode,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamBeginCaptureToGraph(
            Stream::LEGACY,
            h_stream,
            h_graph,
            dependencies,
            dependency_data,
            num_dependencies,
            mode,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCaptureToGraph_ptsz(
    h_stream: Stream,
    h_graph: Graph,
    dependencies: *const GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    mode: CUstreamCaptureMode,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamBeginCaptureToGraph(
            Stream::PER_THREAD,
            h_stream,
            h_graph,
            dependencies,
            dependency_data,
            num_dependencies,
            mode,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture(h_stream: Stream, ph_graph: *mut Graph) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_end_capture(Stream::LEGACY, h_stream, ph_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture_ptsz(h_stream: Stream, ph_graph: *mut Graph) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_end_capture(Stream::PER_THREAD, h_stream, ph_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing(
    h_stream: Stream,
    capture_status: *mut CUstreamCaptureStatus,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_is_capturing(Stream::LEGACY, h_stream, capture_status) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing_ptsz(
    h_stream: Stream,
    capture_status: *mut CUstreamCaptureStatus,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_is_capturing(Stream::PER_THREAD, h_stream, capture_status) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_capture_info(Stream::LEGACY, h_stream, capture_status_out, id_out) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_ptsz(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_capture_info(Stream::PER_THREAD, h_stream, capture_status_out, id_out) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v2(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    num_dependencies_out: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCaptureInfo_v2(
            Stream::LEGACY,
            h_stream,
            capture_status_out,
            id_out,
            graph_out,
            dependencies_out,
            num_dependencies_out,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v2_ptsz(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    num_dependencies_out: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCaptureInfo_v2(
            Stream::PER_THREAD,
            h_stream,
            capture_status_out,
            id_out,
            graph_out,
            dependencies_out,
            num_dependencies_out,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v3(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    edge_data_out: *mut *const CUgraphEdgeData,
    num_dependencies_out: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCaptureInfo_v3(
            Stream::LEGACY,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v3_ptsz(
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
    graph_out: *mut Graph,
    dependencies_out: *mut *const GraphNode,
    edge_data_out: *mut *const CUgraphEdgeData,
    num_dependencies_out: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamGetCaptureInfo_v3(
            Stream::PER_THREAD,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCopyAttributes(dst_stream: Stream, src_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_copy_attributes(Stream::LEGACY, dst_stream, src_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCopyAttributes_ptsz(
    dst_stream: Stream,
    src_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_copy_attributes(Stream::PER_THREAD, dst_stream, src_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetAttribute(
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    value: *mut CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_attribute(Stream::LEGACY, h_stream, attr, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetAttribute_ptsz(
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    value: *mut CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_get_attribute(Stream::PER_THREAD, h_stream, attr, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSetAttribute(
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    param: *const CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_set_attribute(Stream::LEGACY, h_stream, attr, param) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSetAttribute_ptsz(
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    param: *const CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { stream_set_attribute(Stream::PER_THREAD, h_stream, attr, param) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies(
    h_stream: Stream,
    dependencies: *mut GraphNode,
    num_dependencies: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamUpdateCaptureDependencies(
            Stream::LEGACY,
            h_stream,
            dependencies,
            num_dependencies,
            flags,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_ptsz(
    h_stream: Stream,
    dependencies: *mut GraphNode,
    num_dependencies: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamUpdateCaptureDependencies(
            Stream::PER_THREAD,
            h_stream,
            dependencies,
            num_dependencies,
            flags,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_v2(
    h_stream: Stream,
    dependencies: *mut GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamUpdateCaptureDependencies_v2(
            Stream::LEGACY,
            h_stream,
            dependencies,
            dependency_data,
            num_dependencies,
            flags,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_v2_ptsz(
    h_stream: Stream,
    dependencies: *mut GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::stream::cuStreamUpdateCaptureDependencies_v2(
            Stream::PER_THREAD,
            h_stream,
            dependencies,
            dependency_data,
            num_dependencies,
            flags,
        )
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamBeginCaptureToCig() -> i32 {
    ffi::call(|| not_supported("cuStreamBeginCaptureToCig"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamBeginCaptureToCig_ptsz() -> i32 {
    ffi::call(|| not_supported("cuStreamBeginCaptureToCig_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamEndCaptureToCig() -> i32 {
    ffi::call(|| not_supported("cuStreamEndCaptureToCig"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamEndCaptureToCig_ptsz() -> i32 {
    ffi::call(|| not_supported("cuStreamEndCaptureToCig_ptsz"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcGetEventHandle(p_handle: *mut CUipcEventHandle, event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_get_event_handle(p_handle, event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenEventHandle(
    ph_event: *mut Event,
    handle: CUipcEventHandle,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { ipc_open_event_handle(ph_event, handle) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventCreate(ph_event: *mut Event, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_create(ph_event, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventQuery(h_event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_query(h_event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventSynchronize(h_event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_synchronize(h_event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventDestroy_v2(h_event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_destroy(h_event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime_v2(
    p_milliseconds: *mut f32,
    h_start: Event,
    h_end: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_elapsed_time(p_milliseconds, h_start, h_end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventDestroy(h_event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_destroy(h_event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime(
    p_milliseconds: *mut f32,
    h_start: Event,
    h_end: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_elapsed_time(p_milliseconds, h_start, h_end) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecord(h_event: Event, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_record(Stream::LEGACY, h_event, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecord_ptsz(h_event: Event, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_record(Stream::PER_THREAD, h_event, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecordWithFlags(
    h_event: Event,
    h_stream: Stream,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_record_with_flags(Stream::LEGACY, h_event, h_stream, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecordWithFlags_ptsz(
    h_event: Event,
    h_stream: Stream,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { event_record_with_flags(Stream::PER_THREAD, h_event, h_stream, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoad(module: *mut Module, fname: *const c_char) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleLoad(module, fname) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadData(module: *mut Module, image: *const c_void) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleLoadData(module, image) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadDataEx(
    module: *mut Module,
    image: *const c_void,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuModuleLoadDataEx(module, image, num_options, options, option_values)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadFatBinary(
    module: *mut Module,
    fat_cubin: *const c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleLoadFatBinary(module, fat_cubin) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleUnload(hmod: Module) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { module_unload(hmod) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetLoadingMode(mode: *mut CUmoduleLoadingMode) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleGetLoadingMode(mode) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetFunction(
    hfunc: *mut Function,
    hmod: Module,
    name: *const c_char,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleGetFunction(hfunc, hmod, name) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetFunctionCount(count: *mut u32, mod_: Module) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuModuleGetFunctionCount(count, mod_) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleEnumerateFunctions(
    functions: *mut Function,
    num_functions: u32,
    mod_: Module,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuModuleEnumerateFunctions(functions, num_functions, mod_)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetGlobal_v2(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    hmod: Module,
    name: *const c_char,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { module_get_global(dptr, bytes, hmod, name) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkCreate_v2(
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
    state_out: *mut LinkState,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkCreate_v2(num_options, options, option_values, state_out)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddData_v2(
    state: LinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    size: usize,
    name: *const c_char,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkAddData_v2(
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddFile_v2(
    state: LinkState,
    kind: CUjitInputType,
    path: *const c_char,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkAddFile_v2(state, kind, path, num_options, options, option_values)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkComplete(
    state: LinkState,
    cubin_out: *mut *mut c_void,
    size_out: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuLinkComplete(state, cubin_out, size_out) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkDestroy(state: LinkState) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuLinkDestroy(state) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryLoadData(
    library: *mut Library,
    code: *const c_void,
    jit_options: *mut CUjit_option,
    jit_options_values: *mut *mut c_void,
    num_jit_options: u32,
    library_options: *mut CUlibraryOption,
    library_option_values: *mut *mut c_void,
    num_library_options: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLibraryLoadData(
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryLoadFromFile(
    library: *mut Library,
    file_name: *const c_char,
    jit_options: *mut CUjit_option,
    jit_options_values: *mut *mut c_void,
    num_jit_options: u32,
    library_options: *mut CUlibraryOption,
    library_option_values: *mut *mut c_void,
    num_library_options: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLibraryLoadFromFile(
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryUnload(library: Library) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { library_unload(library) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetKernel(
    p_kernel: *mut Function,
    library: Library,
    name: *const c_char,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuLibraryGetKernel(p_kernel, library, name) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetKernelCount(count: *mut u32, lib: Library) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuLibraryGetKernelCount(count, lib) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryEnumerateKernels(
    kernels: *mut Function,
    num_kernels: u32,
    lib: Library,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuLibraryEnumerateKernels(kernels, num_kernels, lib) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetModule(p_mod: *mut Module, library: Library) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { library_get_module(p_mod, library) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetFunction(p_func: *mut Function, kernel: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelGetFunction(p_func, kernel) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetLibrary(p_lib: *mut Library, kernel: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelGetLibrary(p_lib, kernel) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetGlobal(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    library: Library,
    name: *const c_char,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { library_get_global(dptr, bytes, library, name) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetManaged(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    library: Library,
    name: *const c_char,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { library_get_managed(dptr, bytes, library, name) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuLibraryGetUnifiedFunction() -> i32 {
    ffi::call(|| not_supported("cuLibraryGetUnifiedFunction"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetAttribute(
    pi: *mut i32,
    attrib: CUfunction_attribute,
    kernel: Function,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelGetAttribute(pi, attrib, kernel, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelSetAttribute(
    attrib: CUfunction_attribute,
    val: i32,
    kernel: Function,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelSetAttribute(attrib, val, kernel, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelSetCacheConfig(
    kernel: Function,
    config: CUfunc_cache,
    dev: Device,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelSetCacheConfig(kernel, config, dev) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetName(name: *mut *const c_char, hfunc: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelGetName(name, hfunc) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetParamInfo(
    kernel: Function,
    param_index: usize,
    param_offset: *mut usize,
    param_size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuKernelGetParamInfo(kernel, param_index, param_offset, param_size)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetParamCount(kernel: Function, param_count: *mut usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuKernelGetParamCount(kernel, param_count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetAttribute(
    pi: *mut i32,
    attrib: CUfunction_attribute,
    hfunc: Function,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncGetAttribute(pi, attrib, hfunc) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetAttribute(
    hfunc: Function,
    attrib: CUfunction_attribute,
    value: i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncSetAttribute(hfunc, attrib, value) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetCacheConfig(hfunc: Function, config: CUfunc_cache) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncSetCacheConfig(hfunc, config) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetModule(hmod: *mut Module, hfunc: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncGetModule(hmod, hfunc) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetName(name: *mut *const c_char, hfunc: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncGetName(name, hfunc) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetParamInfo(
    func: Function,
    param_index: usize,
    param_offset: *mut usize,
    param_size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuFuncGetParamInfo(func, param_index, param_offset, param_size)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetParamCount(func: Function, param_count: *mut usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncGetParamCount(func, param_count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncIsLoaded(
    state: *mut CUfunctionLoadingState,
    function: Function,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncIsLoaded(state, function) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncLoad(function: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncLoad(function) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetSharedMemConfig(hfunc: Function, config: CUsharedconfig) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::module::cuFuncSetSharedMemConfig(hfunc, config) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkCreate(
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
    state_out: *mut LinkState,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkCreate(num_options, options, option_values, state_out)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddData(
    state: LinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    size: usize,
    name: *const c_char,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkAddData(
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddFile(
    state: LinkState,
    kind: CUjitInputType,
    path: *const c_char,
    num_options: u32,
    options: *mut CUjit_option,
    option_values: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::module::cuLinkAddFile(state, kind, path, num_options, options, option_values)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleGetGlobal() -> i32 {
    ffi::call(|| not_supported("cuModuleGetGlobal"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuLaunchCooperativeKernelMultiDevice() -> i32 {
    ffi::call(|| not_supported("cuLaunchCooperativeKernelMultiDevice"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetBlockShape(hfunc: Function, x: i32, y: i32, z: i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuFuncSetBlockShape(hfunc, x, y, z) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetSharedSize(hfunc: Function, bytes: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuFuncSetSharedSize(hfunc, bytes) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetSize(hfunc: Function, numbytes: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuParamSetSize(hfunc, numbytes) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSeti(hfunc: Function, offset: i32, value: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuParamSeti(hfunc, offset, value) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetf(hfunc: Function, offset: i32, value: f32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuParamSetf(hfunc, offset, value) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetv(
    hfunc: Function,
    offset: i32,
    ptr: *mut c_void,
    numbytes: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuParamSetv(hfunc, offset, ptr, numbytes) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunch(f: Function) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuLaunch(f) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchGrid(f: Function, grid_width: i32, grid_height: i32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuLaunchGrid(f, grid_width, grid_height) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchGridAsync(
    f: Function,
    grid_width: i32,
    grid_height: i32,
    h_stream: Stream,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::launch::cuLaunchGridAsync(f, grid_width, grid_height, h_stream) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    num_blocks: *mut i32,
    func: Function,
    block_size: i32,
    dynamic_smem_size: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        occupancy_max_active_blocks_per_multiprocessor(
            num_blocks,
            func,
            block_size,
            dynamic_smem_size,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    num_blocks: *mut i32,
    func: Function,
    block_size: i32,
    dynamic_smem_size: usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        occupancy_max_active_blocks_per_multiprocessor_with_flags(
            num_blocks,
            func,
            block_size,
            dynamic_smem_size,
            flags,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxPotentialBlockSize(
    min_grid_size: *mut i32,
    block_size: *mut i32,
    func: Function,
    block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
    dynamic_smem_size: usize,
    block_size_limit: i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuOccupancyMaxPotentialBlockSize(
            min_grid_size,
            block_size,
            func,
            block_size_to_dynamic_smem_size,
            dynamic_smem_size,
            block_size_limit,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxPotentialBlockSizeWithFlags(
    min_grid_size: *mut i32,
    block_size: *mut i32,
    func: Function,
    block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
    dynamic_smem_size: usize,
    block_size_limit: i32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuOccupancyMaxPotentialBlockSizeWithFlags(
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyAvailableDynamicSMemPerBlock(
    dynamic_smem_size: *mut usize,
    func: Function,
    num_blocks: i32,
    block_size: i32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        occupancy_available_dynamic_smem_per_block(dynamic_smem_size, func, num_blocks, block_size)
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuOccupancyMaxPotentialClusterSize() -> i32 {
    ffi::call(|| not_supported("cuOccupancyMaxPotentialClusterSize"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuOccupancyMaxActiveClusters() -> i32 {
    ffi::call(|| not_supported("cuOccupancyMaxActiveClusters"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernel(
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchKernel(
            Stream::LEGACY,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernel_ptsz(
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchKernel(
            Stream::PER_THREAD,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernelEx(
    config: *const CUlaunchConfig,
    f: Function,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchKernelEx(Stream::LEGACY, config, f, kernel_params, extra)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernelEx_ptsz(
    config: *const CUlaunchConfig,
    f: Function,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchKernelEx(Stream::PER_THREAD, config, f, kernel_params, extra)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc(
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchHostFunc(Stream::LEGACY, h_stream, fn_, user_data)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc_ptsz(
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchHostFunc(Stream::PER_THREAD, h_stream, fn_, user_data)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc_v2(
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
    sync_mode: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchHostFunc_v2(Stream::LEGACY, h_stream, fn_, user_data, sync_mode)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc_v2_ptsz(
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
    sync_mode: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchHostFunc_v2(Stream::PER_THREAD, h_stream, fn_, user_data, sync_mode)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchCooperativeKernel(
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchCooperativeKernel(
            Stream::LEGACY,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchCooperativeKernel_ptsz(
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::launch::cuLaunchCooperativeKernel(
            Stream::PER_THREAD,
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

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphCreate(ph_graph: *mut Graph, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_create(ph_graph, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddKernelNode_v2(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *const CUDA_KERNEL_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddKernelNode_v2(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetParams_v2(
    h_node: GraphNode,
    node_params: *mut CUDA_KERNEL_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphKernelNodeGetParams_v2(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetParams_v2(
    h_node: GraphNode,
    node_params: *const CUDA_KERNEL_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphKernelNodeSetParams_v2(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemcpyNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    copy_params: *const CUDA_MEMCPY3D,
    ctx: Context,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddMemcpyNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            copy_params,
            ctx,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemcpyNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUDA_MEMCPY3D,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemcpyNodeGetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemcpyNodeSetParams(
    h_node: GraphNode,
    node_params: *const CUDA_MEMCPY3D,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemcpyNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemsetNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    memset_params: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: Context,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddMemsetNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            memset_params,
            ctx,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemsetNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUDA_MEMSET_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemsetNodeGetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemsetNodeSetParams(
    h_node: GraphNode,
    node_params: *const CUDA_MEMSET_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemsetNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddHostNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *const CUDA_HOST_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddHostNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphHostNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUDA_HOST_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphHostNodeGetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphHostNodeSetParams(
    h_node: GraphNode,
    node_params: *const CUDA_HOST_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphHostNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddChildGraphNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    child_graph: Graph,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddChildGraphNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            child_graph,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphChildGraphNodeGetGraph(
    h_node: GraphNode,
    ph_graph: *mut Graph,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_child_graph_node_get_graph(h_node, ph_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEmptyNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_add_empty_node(ph_graph_node, h_graph, dependencies, num_dependencies) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEventRecordNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    event: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        graph_add_event_record_node(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            event,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventRecordNodeGetEvent(
    h_node: GraphNode,
    event_out: *mut Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_event_record_node_get_event(h_node, event_out) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventRecordNodeSetEvent(h_node: GraphNode, event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_event_record_node_set_event(h_node, event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEventWaitNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    event: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe {
        graph_add_event_wait_node(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            event,
        )
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventWaitNodeGetEvent(
    h_node: GraphNode,
    event_out: *mut Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_event_wait_node_get_event(h_node, event_out) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventWaitNodeSetEvent(h_node: GraphNode, event: Event) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_event_wait_node_set_event(h_node, event) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphAddExternalSemaphoresSignalNode() -> i32 {
    ffi::call(|| not_supported("cuGraphAddExternalSemaphoresSignalNode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExternalSemaphoresSignalNodeGetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExternalSemaphoresSignalNodeGetParams"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExternalSemaphoresSignalNodeSetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExternalSemaphoresSignalNodeSetParams"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphAddExternalSemaphoresWaitNode() -> i32 {
    ffi::call(|| not_supported("cuGraphAddExternalSemaphoresWaitNode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExternalSemaphoresWaitNodeGetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExternalSemaphoresWaitNodeGetParams"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExternalSemaphoresWaitNodeSetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExternalSemaphoresWaitNodeSetParams"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddBatchMemOpNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddBatchMemOpNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphBatchMemOpNodeGetParams(
    h_node: GraphNode,
    node_params_out: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphBatchMemOpNodeGetParams(h_node, node_params_out) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphBatchMemOpNodeSetParams(
    h_node: GraphNode,
    node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphBatchMemOpNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecBatchMemOpNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecBatchMemOpNodeSetParams(h_graph_exec, h_node, node_params)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemAllocNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddMemAllocNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemAllocNodeGetParams(
    h_node: GraphNode,
    params_out: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemAllocNodeGetParams(h_node, params_out) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemFreeNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    dptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddMemFreeNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            dptr,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemFreeNodeGetParams(
    h_node: GraphNode,
    dptr_out: *mut DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphMemFreeNodeGetParams(h_node, dptr_out) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGraphMemTrim(device: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_graph_mem_trim(device) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetGraphMemAttribute(
    device: Device,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_get_graph_mem_attribute(device, attr, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceSetGraphMemAttribute(
    device: Device,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_set_graph_mem_attribute(device, attr, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphClone(ph_graph_clone: *mut Graph, original_graph: Graph) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphClone(ph_graph_clone, original_graph) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeFindInClone(
    ph_node: *mut GraphNode,
    h_original_node: GraphNode,
    h_cloned_graph: Graph,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_find_in_clone(ph_node, h_original_node, h_cloned_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetType(h_node: GraphNode, kind: *mut CUgraphNodeType) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_get_type(h_node, kind) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetContainingGraph(
    h_node: GraphNode,
    ph_graph: *mut Graph,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_get_containing_graph(h_node, ph_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetLocalId(h_node: GraphNode, node_id: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_get_local_id(h_node, node_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetToolsId(h_node: GraphNode, tools_node_id: *mut u64) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_get_tools_id(h_node, tools_node_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetId(h_graph: Graph, graph_id: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_get_id(h_graph, graph_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecGetId(h_graph_exec: GraphExec, graph_id: *mut u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_exec_get_id(h_graph_exec, graph_id) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetNodes(
    h_graph: Graph,
    nodes: *mut GraphNode,
    num_nodes: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_get_nodes(h_graph, nodes, num_nodes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetRootNodes(
    h_graph: Graph,
    root_nodes: *mut GraphNode,
    num_root_nodes: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_get_root_nodes(h_graph, root_nodes, num_root_nodes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetEdges_v2(
    h_graph: Graph,
    from: *mut GraphNode,
    to: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_edges: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphGetEdges_v2(h_graph, from, to, edge_data, num_edges)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependencies_v2(
    h_node: GraphNode,
    dependencies: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_dependencies: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphNodeGetDependencies_v2(
            h_node,
            dependencies,
            edge_data,
            num_dependencies,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependentNodes_v2(
    h_node: GraphNode,
    dependent_nodes: *mut GraphNode,
    edge_data: *mut CUgraphEdgeData,
    num_dependent_nodes: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphNodeGetDependentNodes_v2(
            h_node,
            dependent_nodes,
            edge_data,
            num_dependent_nodes,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddDependencies_v2(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    edge_data: *const CUgraphEdgeData,
    num_dependencies: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddDependencies_v2(h_graph, from, to, edge_data, num_dependencies)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRemoveDependencies_v2(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    edge_data: *const CUgraphEdgeData,
    num_dependencies: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphRemoveDependencies_v2(h_graph, from, to, edge_data, num_dependencies)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDestroyNode(h_node: GraphNode) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_destroy_node(h_node) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithFlags(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphInstantiateWithFlags(ph_graph_exec, h_graph, flags)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecGetFlags(h_graph_exec: GraphExec, flags: *mut u64) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_exec_get_flags(h_graph_exec, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecKernelNodeSetParams_v2(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *const CUDA_KERNEL_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecKernelNodeSetParams_v2(h_graph_exec, h_node, node_params)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecMemcpyNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    copy_params: *const CUDA_MEMCPY3D,
    ctx: Context,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecMemcpyNodeSetParams(h_graph_exec, h_node, copy_params, ctx)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecMemsetNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    memset_params: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: Context,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecMemsetNodeSetParams(h_graph_exec, h_node, memset_params, ctx)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecHostNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *const CUDA_HOST_NODE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecHostNodeSetParams(h_graph_exec, h_node, node_params)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecChildGraphNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    child_graph: Graph,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_exec_child_graph_node_set_params(h_graph_exec, h_node, child_graph) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecEventRecordNodeSetEvent(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    event: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_exec_event_record_node_set_event(h_graph_exec, h_node, event) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecEventWaitNodeSetEvent(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    event: Event,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_exec_event_wait_node_set_event(h_graph_exec, h_node, event) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExecExternalSemaphoresSignalNodeSetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExecExternalSemaphoresSignalNodeSetParams"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphExecExternalSemaphoresWaitNodeSetParams() -> i32 {
    ffi::call(|| not_supported("cuGraphExecExternalSemaphoresWaitNodeSetParams"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeSetEnabled(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    is_enabled: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_set_enabled(h_graph_exec, h_node, is_enabled) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetEnabled(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    is_enabled: *mut u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_node_get_enabled(h_graph_exec, h_node, is_enabled) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecDestroy(h_graph_exec: GraphExec) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphExecDestroy(h_graph_exec) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDestroy(h_graph: Graph) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphDestroy(h_graph) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecUpdate_v2(
    h_graph_exec: GraphExec,
    h_graph: Graph,
    result_info: *mut CUgraphExecUpdateResultInfo,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphExecUpdate_v2(h_graph_exec, h_graph, result_info) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeCopyAttributes(dst: GraphNode, src: GraphNode) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_kernel_node_copy_attributes(dst, src) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetAttribute(
    h_node: GraphNode,
    attr: CUlaunchAttributeID,
    value_out: *mut CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_kernel_node_get_attribute(h_node, attr, value_out) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetAttribute(
    h_node: GraphNode,
    attr: CUlaunchAttributeID,
    value: *const CUstreamAttrValue,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_kernel_node_set_attribute(h_node, attr, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDebugDotPrint(
    h_graph: Graph,
    path: *const c_char,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphDebugDotPrint(h_graph, path, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectCreate(
    object_out: *mut UserObject,
    ptr: *mut c_void,
    destroy: CUhostFn,
    initial_refcount: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuUserObjectCreate(object_out, ptr, destroy, initial_refcount, flags)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectRetain(object: UserObject, count: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuUserObjectRetain(object, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectRelease(object: UserObject, count: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuUserObjectRelease(object, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRetainUserObject(
    graph: Graph,
    object: UserObject,
    count: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphRetainUserObject(graph, object, count, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphReleaseUserObject(
    graph: Graph,
    object: UserObject,
    count: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphReleaseUserObject(graph, object, count) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddNode_v2(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    dependency_data: *const CUgraphEdgeData,
    num_dependencies: usize,
    node_params: *mut CUgraphNodeParams,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddNode_v2(
            ph_graph_node,
            h_graph,
            dependencies,
            dependency_data,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeSetParams(
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphNodeGetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *mut CUgraphNodeParams,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecNodeSetParams(h_graph_exec, h_node, node_params)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphConditionalHandleCreate() -> i32 {
    ffi::call(|| not_supported("cuGraphConditionalHandleCreate"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddKernelNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddKernelNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetParams(
    h_node: GraphNode,
    node_params: *mut CUDA_KERNEL_NODE_PARAMS_v1,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphKernelNodeGetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetParams(
    h_node: GraphNode,
    node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphKernelNodeSetParams(h_node, node_params) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecKernelNodeSetParams(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    node_params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecKernelNodeSetParams(h_graph_exec, h_node, node_params)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithParams(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    instantiate_params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphInstantiateWithParams(
            Stream::LEGACY,
            ph_graph_exec,
            h_graph,
            instantiate_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithParams_ptsz(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    instantiate_params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphInstantiateWithParams(
            Stream::PER_THREAD,
            ph_graph_exec,
            h_graph,
            instantiate_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecUpdate(
    h_graph_exec: GraphExec,
    h_graph: Graph,
    h_error_node_out: *mut GraphNode,
    update_result_out: *mut CUgraphExecUpdateResult,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphExecUpdate(h_graph_exec, h_graph, h_error_node_out, update_result_out)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphUpload(h_graph: GraphExec, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_upload(Stream::LEGACY, h_graph, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphUpload_ptsz(h_graph: GraphExec, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_upload(Stream::PER_THREAD, h_graph, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphLaunch(h_graph: GraphExec, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_launch(Stream::LEGACY, h_graph, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphLaunch_ptsz(h_graph: GraphExec, h_stream: Stream) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { graph_launch(Stream::PER_THREAD, h_graph, h_stream) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetEdges(
    h_graph: Graph,
    from: *mut GraphNode,
    to: *mut GraphNode,
    num_edges: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::graph::cuGraphGetEdges(h_graph, from, to, num_edges) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependencies(
    h_node: GraphNode,
    dependencies: *mut GraphNode,
    num_dependencies: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphNodeGetDependencies(h_node, dependencies, num_dependencies)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependentNodes(
    h_node: GraphNode,
    dependent_nodes: *mut GraphNode,
    num_dependent_nodes: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphNodeGetDependentNodes(h_node, dependent_nodes, num_dependent_nodes)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddDependencies(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    num_dependencies: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddDependencies(h_graph, from, to, num_dependencies)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRemoveDependencies(
    h_graph: Graph,
    from: *const GraphNode,
    to: *const GraphNode,
    num_dependencies: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphRemoveDependencies(h_graph, from, to, num_dependencies)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddNode(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    node_params: *mut CUgraphNodeParams,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphAddNode(
            ph_graph_node,
            h_graph,
            dependencies,
            num_dependencies,
            node_params,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiate(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    ph_error_node: *mut GraphNode,
    log_buffer: *mut c_char,
    buffer_size: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphInstantiate(
            ph_graph_exec,
            h_graph,
            ph_error_node,
            log_buffer,
            buffer_size,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiate_v2(
    ph_graph_exec: *mut GraphExec,
    h_graph: Graph,
    ph_error_node: *mut GraphNode,
    log_buffer: *mut c_char,
    buffer_size: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::graph::cuGraphInstantiate_v2(
            ph_graph_exec,
            h_graph,
            ph_error_node,
            log_buffer,
            buffer_size,
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceSetMemPool(dev: Device, pool: MemPool) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_set_mem_pool(dev, pool) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetMemPool(pool: *mut MemPool, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_get_mem_pool(pool, dev) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetDefaultMemPool(pool_out: *mut MemPool, dev: Device) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { device_get_default_mem_pool(pool_out, dev) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolTrimTo(pool: MemPool, min_bytes_to_keep: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_trim_to(pool, min_bytes_to_keep) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolSetAttribute(
    pool: MemPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::pool::cuMemPoolSetAttribute(pool, attr, value) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolGetAttribute(
    pool: MemPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::pool::cuMemPoolGetAttribute(pool, attr, value) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolSetAccess(
    pool: MemPool,
    map: *const CUmemAccessDesc,
    count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_set_access(pool, map, count) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolGetAccess(
    flags: *mut CUmemAccess_flags,
    mem_pool: MemPool,
    location: *mut CUmemLocation,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_get_access(flags, mem_pool, location) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolCreate(
    pool: *mut MemPool,
    pool_props: *const CUmemPoolProps,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_create(pool, pool_props) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolDestroy(pool: MemPool) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_destroy(pool) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetDefaultMemPool(
    pool_out: *mut MemPool,
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_default_mem_pool(pool_out, location, kind) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetMemPool(
    pool: *mut MemPool,
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_mem_pool(pool, location, kind) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemSetMemPool(
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
    pool: MemPool,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_set_mem_pool(location, kind, pool) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolExportToShareableHandle(
    handle_out: *mut c_void,
    pool: MemPool,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::pool::cuMemPoolExportToShareableHandle(handle_out, pool, handle_type, flags)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolImportFromShareableHandle(
    pool_out: *mut MemPool,
    handle: *mut c_void,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_import_from_shareable_handle(pool_out, handle, handle_type, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolExportPointer(
    share_data_out: *mut CUmemPoolPtrExportData,
    ptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_export_pointer(share_data_out, ptr) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolImportPointer(
    ptr_out: *mut DevicePtr,
    pool: MemPool,
    share_data: *mut CUmemPoolPtrExportData,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_pool_import_pointer(ptr_out, pool, share_data) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemGetHandleForAddressRange() -> i32 {
    ffi::call(|| not_supported("cuMemGetHandleForAddressRange"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAddressReserve(
    ptr: *mut DevicePtr,
    size: usize,
    alignment: usize,
    addr: DevicePtr,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_address_reserve(ptr, size, alignment, addr, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAddressFree(ptr: DevicePtr, size: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_address_free(ptr, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemCreate(
    handle: *mut MemAllocation,
    size: usize,
    prop: *const CUmemAllocationProp,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_create(handle, size, prop, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRelease(handle: MemAllocation) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_release(handle) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemMap(
    ptr: DevicePtr,
    size: usize,
    offset: usize,
    handle: MemAllocation,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_map(ptr, size, offset, handle, flags) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemUnmap(ptr: DevicePtr, size: usize) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_unmap(ptr, size) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemSetAccess(
    ptr: DevicePtr,
    size: usize,
    desc: *const CUmemAccessDesc,
    count: usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_set_access(ptr, size, desc, count) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAccess(
    flags: *mut u64,
    location: *const CUmemLocation,
    ptr: DevicePtr,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_access(flags, location, ptr) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemExportToShareableHandle(
    shareable_handle: *mut c_void,
    handle: MemAllocation,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::vmm::cuMemExportToShareableHandle(shareable_handle, handle, handle_type, flags)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemImportFromShareableHandle(
    handle: *mut MemAllocation,
    os_handle: *mut c_void,
    sh_handle_type: CUmemAllocationHandleType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_import_from_shareable_handle(handle, os_handle, sh_handle_type) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAllocationGranularity(
    granularity: *mut usize,
    prop: *const CUmemAllocationProp,
    option: CUmemAllocationGranularity_flags,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_allocation_granularity(granularity, prop, option) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAllocationPropertiesFromHandle(
    prop: *mut CUmemAllocationProp,
    handle: MemAllocation,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_get_allocation_properties_from_handle(prop, handle) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRetainAllocationHandle(
    handle: *mut MemAllocation,
    addr: *mut c_void,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    unsafe { mem_retain_allocation_handle(handle, addr) }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastCreate() -> i32 {
    ffi::call(|| not_supported("cuMulticastCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastAddDevice() -> i32 {
    ffi::call(|| not_supported("cuMulticastAddDevice"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastBindMem() -> i32 {
    ffi::call(|| not_supported("cuMulticastBindMem"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastBindMem_v2() -> i32 {
    ffi::call(|| not_supported("cuMulticastBindMem_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastBindAddr() -> i32 {
    ffi::call(|| not_supported("cuMulticastBindAddr"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastBindAddr_v2() -> i32 {
    ffi::call(|| not_supported("cuMulticastBindAddr_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastUnbind() -> i32 {
    ffi::call(|| not_supported("cuMulticastUnbind"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMulticastGetGranularity() -> i32 {
    ffi::call(|| not_supported("cuMulticastGetGranularity"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemMapArrayAsync() -> i32 {
    ffi::call(|| not_supported("cuMemMapArrayAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMemMapArrayAsync_ptsz() -> i32 {
    ffi::call(|| not_supported("cuMemMapArrayAsync_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleGetTexRef() -> i32 {
    ffi::call(|| not_supported("cuModuleGetTexRef"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuModuleGetSurfRef() -> i32 {
    ffi::call(|| not_supported("cuModuleGetSurfRef"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayCreate_v2() -> i32 {
    ffi::call(|| not_supported("cuArrayCreate_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayGetDescriptor_v2() -> i32 {
    ffi::call(|| not_supported("cuArrayGetDescriptor_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayGetSparseProperties() -> i32 {
    ffi::call(|| not_supported("cuArrayGetSparseProperties"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMipmappedArrayGetSparseProperties() -> i32 {
    ffi::call(|| not_supported("cuMipmappedArrayGetSparseProperties"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayGetMemoryRequirements() -> i32 {
    ffi::call(|| not_supported("cuArrayGetMemoryRequirements"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMipmappedArrayGetMemoryRequirements() -> i32 {
    ffi::call(|| not_supported("cuMipmappedArrayGetMemoryRequirements"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayGetPlane() -> i32 {
    ffi::call(|| not_supported("cuArrayGetPlane"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayDestroy() -> i32 {
    ffi::call(|| not_supported("cuArrayDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArray3DCreate_v2() -> i32 {
    ffi::call(|| not_supported("cuArray3DCreate_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArray3DGetDescriptor_v2() -> i32 {
    ffi::call(|| not_supported("cuArray3DGetDescriptor_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMipmappedArrayCreate() -> i32 {
    ffi::call(|| not_supported("cuMipmappedArrayCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMipmappedArrayGetLevel() -> i32 {
    ffi::call(|| not_supported("cuMipmappedArrayGetLevel"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuMipmappedArrayDestroy() -> i32 {
    ffi::call(|| not_supported("cuMipmappedArrayDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuParamSetTexRef() -> i32 {
    ffi::call(|| not_supported("cuParamSetTexRef"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetArray() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetMipmappedArray() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetMipmappedArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddress_v2() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddress_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddress2D_v3() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddress2D_v3"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetFormat() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetFormat"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddressMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddressMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetFilterMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetFilterMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetMipmapFilterMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetMipmapFilterMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetMipmapLevelBias() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetMipmapLevelBias"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetMipmapLevelClamp() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetMipmapLevelClamp"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetMaxAnisotropy() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetMaxAnisotropy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetBorderColor() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetBorderColor"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetFlags() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetFlags"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetAddress_v2() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetAddress_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetArray() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetMipmappedArray() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetMipmappedArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetAddressMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetAddressMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetFilterMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetFilterMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetFormat() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetFormat"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetMipmapFilterMode() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetMipmapFilterMode"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetMipmapLevelBias() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetMipmapLevelBias"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetMipmapLevelClamp() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetMipmapLevelClamp"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetMaxAnisotropy() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetMaxAnisotropy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetBorderColor() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetBorderColor"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetFlags() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetFlags"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefCreate() -> i32 {
    ffi::call(|| not_supported("cuTexRefCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefDestroy() -> i32 {
    ffi::call(|| not_supported("cuTexRefDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSurfRefSetArray() -> i32 {
    ffi::call(|| not_supported("cuSurfRefSetArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSurfRefGetArray() -> i32 {
    ffi::call(|| not_supported("cuSurfRefGetArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexObjectCreate() -> i32 {
    ffi::call(|| not_supported("cuTexObjectCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexObjectDestroy() -> i32 {
    ffi::call(|| not_supported("cuTexObjectDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexObjectGetResourceDesc() -> i32 {
    ffi::call(|| not_supported("cuTexObjectGetResourceDesc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexObjectGetTextureDesc() -> i32 {
    ffi::call(|| not_supported("cuTexObjectGetTextureDesc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexObjectGetResourceViewDesc() -> i32 {
    ffi::call(|| not_supported("cuTexObjectGetResourceViewDesc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSurfObjectCreate() -> i32 {
    ffi::call(|| not_supported("cuSurfObjectCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSurfObjectDestroy() -> i32 {
    ffi::call(|| not_supported("cuSurfObjectDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSurfObjectGetResourceDesc() -> i32 {
    ffi::call(|| not_supported("cuSurfObjectGetResourceDesc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTensorMapEncodeTiled() -> i32 {
    ffi::call(|| not_supported("cuTensorMapEncodeTiled"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTensorMapEncodeIm2col() -> i32 {
    ffi::call(|| not_supported("cuTensorMapEncodeIm2col"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTensorMapEncodeIm2colWide() -> i32 {
    ffi::call(|| not_supported("cuTensorMapEncodeIm2colWide"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTensorMapReplaceAddress() -> i32 {
    ffi::call(|| not_supported("cuTensorMapReplaceAddress"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddress2D_v2() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddress2D_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayCreate() -> i32 {
    ffi::call(|| not_supported("cuArrayCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArrayGetDescriptor() -> i32 {
    ffi::call(|| not_supported("cuArrayGetDescriptor"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArray3DCreate() -> i32 {
    ffi::call(|| not_supported("cuArray3DCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuArray3DGetDescriptor() -> i32 {
    ffi::call(|| not_supported("cuArray3DGetDescriptor"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddress() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddress"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefSetAddress2D() -> i32 {
    ffi::call(|| not_supported("cuTexRefSetAddress2D"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuTexRefGetAddress() -> i32 {
    ffi::call(|| not_supported("cuTexRefGetAddress"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsUnregisterResource() -> i32 {
    ffi::call(|| not_supported("cuGraphicsUnregisterResource"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsSubResourceGetMappedArray() -> i32 {
    ffi::call(|| not_supported("cuGraphicsSubResourceGetMappedArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsResourceGetMappedMipmappedArray() -> i32 {
    ffi::call(|| not_supported("cuGraphicsResourceGetMappedMipmappedArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsResourceGetMappedPointer_v2() -> i32 {
    ffi::call(|| not_supported("cuGraphicsResourceGetMappedPointer_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsResourceSetMapFlags_v2() -> i32 {
    ffi::call(|| not_supported("cuGraphicsResourceSetMapFlags_v2"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsResourceSetMapFlags() -> i32 {
    ffi::call(|| not_supported("cuGraphicsResourceSetMapFlags"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsResourceGetMappedPointer() -> i32 {
    ffi::call(|| not_supported("cuGraphicsResourceGetMappedPointer"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsMapResources() -> i32 {
    ffi::call(|| not_supported("cuGraphicsMapResources"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsMapResources_ptsz() -> i32 {
    ffi::call(|| not_supported("cuGraphicsMapResources_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsUnmapResources() -> i32 {
    ffi::call(|| not_supported("cuGraphicsUnmapResources"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGraphicsUnmapResources_ptsz() -> i32 {
    ffi::call(|| not_supported("cuGraphicsUnmapResources_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxRecordEvent() -> i32 {
    ffi::call(|| not_supported("cuCtxRecordEvent"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxWaitEvent() -> i32 {
    ffi::call(|| not_supported("cuCtxWaitEvent"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxCreate() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxDestroy() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxDestroy"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxFromGreenCtx() -> i32 {
    ffi::call(|| not_supported("cuCtxFromGreenCtx"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetDevResource(
    device: Device,
    resource: *mut CUdevResource,
    kind: CUdevResourceType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::green::cuDeviceGetDevResource(device, resource, kind) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevResource(
    h_ctx: Context,
    resource: *mut CUdevResource,
    kind: CUdevResourceType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::green::cuCtxGetDevResource(h_ctx, resource, kind) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxGetDevResource() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxGetDevResource"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevSmResourceSplitByCount() -> i32 {
    ffi::call(|| not_supported("cuDevSmResourceSplitByCount"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevSmResourceSplit() -> i32 {
    ffi::call(|| not_supported("cuDevSmResourceSplit"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDevResourceGenerateDesc() -> i32 {
    ffi::call(|| not_supported("cuDevResourceGenerateDesc"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxRecordEvent() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxRecordEvent"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxWaitEvent() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxWaitEvent"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetGreenCtx(h_stream: Stream, ph_ctx: *mut GreenContext) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::green::cuStreamGetGreenCtx(h_stream, ph_ctx) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxStreamCreate() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxStreamCreate"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuGreenCtxGetId() -> i32 {
    ffi::call(|| not_supported("cuGreenCtxGetId"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevResource(
    h_stream: Stream,
    resource: *mut CUdevResource,
    kind: CUdevResourceType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::green::cuStreamGetDevResource(Stream::LEGACY, h_stream, resource, kind)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevResource_ptsz(
    h_stream: Stream,
    resource: *mut CUdevResource,
    kind: CUdevResourceType,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::green::cuStreamGetDevResource(Stream::PER_THREAD, h_stream, resource, kind)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuImportExternalMemory() -> i32 {
    ffi::call(|| not_supported("cuImportExternalMemory"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuExternalMemoryGetMappedBuffer() -> i32 {
    ffi::call(|| not_supported("cuExternalMemoryGetMappedBuffer"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuExternalMemoryGetMappedMipmappedArray() -> i32 {
    ffi::call(|| not_supported("cuExternalMemoryGetMappedMipmappedArray"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDestroyExternalMemory() -> i32 {
    ffi::call(|| not_supported("cuDestroyExternalMemory"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuImportExternalSemaphore() -> i32 {
    ffi::call(|| not_supported("cuImportExternalSemaphore"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDestroyExternalSemaphore() -> i32 {
    ffi::call(|| not_supported("cuDestroyExternalSemaphore"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSignalExternalSemaphoresAsync() -> i32 {
    ffi::call(|| not_supported("cuSignalExternalSemaphoresAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuSignalExternalSemaphoresAsync_ptsz() -> i32 {
    ffi::call(|| not_supported("cuSignalExternalSemaphoresAsync_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuWaitExternalSemaphoresAsync() -> i32 {
    ffi::call(|| not_supported("cuWaitExternalSemaphoresAsync"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuWaitExternalSemaphoresAsync_ptsz() -> i32 {
    ffi::call(|| not_supported("cuWaitExternalSemaphoresAsync_ptsz"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuDeviceRegisterAsyncNotification() -> i32 {
    ffi::call(|| not_supported("cuDeviceRegisterAsyncNotification"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpGetAttribute(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuCoredumpGetAttribute(attrib, value, size) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpGetAttributeGlobal(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuCoredumpGetAttributeGlobal(attrib, value, size) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpSetAttribute(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuCoredumpSetAttribute(attrib, value, size) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpSetAttributeGlobal(
    attrib: u32,
    value: *mut c_void,
    size: *mut usize,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuCoredumpSetAttributeGlobal(attrib, value, size) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCoredumpRegisterStartCallback() -> i32 {
    ffi::call(|| not_supported("cuCoredumpRegisterStartCallback"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCoredumpRegisterCompleteCallback() -> i32 {
    ffi::call(|| not_supported("cuCoredumpRegisterCompleteCallback"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCoredumpDeregisterStartCallback() -> i32 {
    ffi::call(|| not_supported("cuCoredumpDeregisterStartCallback"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCoredumpDeregisterCompleteCallback() -> i32 {
    ffi::call(|| not_supported("cuCoredumpDeregisterCompleteCallback"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsRegisterCallback(
    callback_func: u32,
    user_data: *mut c_void,
    callback_out: *mut CallbackRegistration,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::tools::cuLogsRegisterCallback(callback_func, user_data, callback_out)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsUnregisterCallback(callback: CallbackRegistration) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuLogsUnregisterCallback(callback) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsCurrent(iterator_out: *mut c_void, flags: u32) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuLogsCurrent(iterator_out, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsDumpToFile(
    iterator: *mut c_void,
    path_to_file: *const c_char,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuLogsDumpToFile(iterator, path_to_file, flags) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsDumpToMemory(
    iterator: *mut c_void,
    buffer: *mut c_char,
    size: *mut usize,
    flags: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::tools::cuLogsDumpToMemory(iterator, buffer, size, flags) })
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessGetRestoreThreadId() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessGetRestoreThreadId"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessGetState() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessGetState"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessLock() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessLock"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessCheckpoint() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessCheckpoint"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessRestore() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessRestore"))
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCheckpointProcessUnlock() -> i32 {
    ffi::call(|| not_supported("cuCheckpointProcessUnlock"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerInitialize(
    config_file: *const c_char,
    output_file: *const c_char,
    output_mode: u32,
) -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe {
        custom::profiler::cuProfilerInitialize(config_file, output_file, output_mode)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerStart() -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::profiler::cuProfilerStart() })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerStop() -> i32 {
    // SAFETY: the caller vouches for its pointers as CUDA asks of it.
    ffi::call(|| unsafe { custom::profiler::cuProfilerStop() })
}

/// Behind `cuDeviceCanAccessPeer`.
unsafe fn device_can_access_peer(can_access_peer: *mut i32, dev: Device, peer_dev: Device) -> i32 {
    ffi::call(|| {
        ffi::check_out(can_access_peer)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let can_access_peer_out = driver.device_can_access_peer(cx, dev, peer_dev)?;
        unsafe { ffi::write(can_access_peer, can_access_peer_out) }?;
        Ok(())
    })
}

/// Behind `cuDeviceGetP2PAttribute`.
unsafe fn device_get_p2p_attribute(
    value: *mut i32,
    attrib: CUdevice_P2PAttribute,
    src_device: Device,
    dst_device: Device,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(value)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let value_out = driver.device_get_p2p_attribute(cx, attrib, src_device, dst_device)?;
        unsafe { ffi::write(value, value_out) }?;
        Ok(())
    })
}

/// Behind `cuCtxSynchronize`.
unsafe fn ctx_synchronize() -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        driver.ctx_synchronize(cx)
    })
}

/// Behind `cuCtxSetLimit`.
unsafe fn ctx_set_limit(limit: CUlimit, value: usize) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        driver.ctx_set_limit(cx, limit, value)
    })
}

/// Behind `cuCtxGetLimit`.
unsafe fn ctx_get_limit(pvalue: *mut usize, limit: CUlimit) -> i32 {
    ffi::call(|| {
        ffi::check_out(pvalue)?;
        let (driver, cx) = ffi::enter()?;
        let pvalue_out = driver.ctx_get_limit(cx, limit)?;
        unsafe { ffi::write(pvalue, pvalue_out) }?;
        Ok(())
    })
}

/// Behind `cuCtxGetCacheConfig`.
unsafe fn ctx_get_cache_config(pconfig: *mut CUfunc_cache) -> i32 {
    ffi::call(|| {
        ffi::check_out(pconfig)?;
        let (driver, cx) = ffi::enter()?;
        let pconfig_out = driver.ctx_get_cache_config(cx)?;
        unsafe { ffi::write(pconfig, pconfig_out) }?;
        Ok(())
    })
}

/// Behind `cuCtxSetCacheConfig`.
unsafe fn ctx_set_cache_config(config: CUfunc_cache) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        driver.ctx_set_cache_config(cx, config)
    })
}

/// Behind `cuCtxGetStreamPriorityRange`.
unsafe fn ctx_get_stream_priority_range(
    least_priority: *mut i32,
    greatest_priority: *mut i32,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        let (least_priority_out, greatest_priority_out) =
            driver.ctx_get_stream_priority_range(cx)?;
        unsafe { ffi::write_optional(least_priority, least_priority_out) };
        unsafe { ffi::write_optional(greatest_priority, greatest_priority_out) };
        Ok(())
    })
}

/// Behind `cuCtxResetPersistingL2Cache`.
unsafe fn ctx_reset_persisting_l2_cache() -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        driver.ctx_reset_persisting_l2_cache(cx)
    })
}

/// Behind `cuCtxEnablePeerAccess`.
unsafe fn ctx_enable_peer_access(peer_context: Context, flags: u32) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.ctx_enable_peer_access(cx, peer_context, flags)
    })
}

/// Behind `cuCtxDisablePeerAccess`.
unsafe fn ctx_disable_peer_access(peer_context: Context) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.ctx_disable_peer_access(cx, peer_context)
    })
}

/// Behind `cuMemGetInfo_v2`.
unsafe fn mem_get_info(free: *mut usize, total: *mut usize) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        let (free_out, total_out) = driver.mem_get_info(cx)?;
        unsafe { ffi::write_optional(free, free_out) };
        unsafe { ffi::write_optional(total, total_out) };
        Ok(())
    })
}

/// Behind `cuMemAlloc_v2`.
unsafe fn mem_alloc(dptr: *mut DevicePtr, bytesize: usize) -> i32 {
    ffi::call(|| {
        ffi::check_out(dptr)?;
        let (driver, cx) = ffi::enter()?;
        checks::mem_alloc(bytesize)?;
        let dptr_out = driver.mem_alloc(cx, bytesize)?;
        unsafe { ffi::write(dptr, dptr_out) }?;
        Ok(())
    })
}

/// Behind `cuMemFree_v2`.
unsafe fn mem_free(dptr: DevicePtr) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        checks::mem_free(dptr)?;
        driver.mem_free(cx, dptr)
    })
}

/// Behind `cuMemAllocManaged`.
unsafe fn mem_alloc_managed(dptr: *mut DevicePtr, bytesize: usize, flags: u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(dptr)?;
        let (driver, cx) = ffi::enter()?;
        let dptr_out = driver.mem_alloc_managed(cx, bytesize, flags)?;
        unsafe { ffi::write(dptr, dptr_out) }?;
        Ok(())
    })
}

/// Behind `cuIpcGetMemHandle`.
unsafe fn ipc_get_mem_handle(p_handle: *mut CUipcMemHandle, dptr: DevicePtr) -> i32 {
    ffi::call(|| {
        ffi::check_out(p_handle)?;
        let (driver, cx) = ffi::enter()?;
        let p_handle_out = driver.ipc_get_mem_handle(cx, dptr)?;
        unsafe { ffi::write(p_handle, p_handle_out) }?;
        Ok(())
    })
}

/// Behind `cuIpcOpenMemHandle_v2`.
unsafe fn ipc_open_mem_handle(pdptr: *mut DevicePtr, handle: CUipcMemHandle, flags: u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(pdptr)?;
        let (driver, cx) = ffi::enter()?;
        let pdptr_out = driver.ipc_open_mem_handle(cx, handle, flags)?;
        unsafe { ffi::write(pdptr, pdptr_out) }?;
        Ok(())
    })
}

/// Behind `cuIpcCloseMemHandle`.
unsafe fn ipc_close_mem_handle(dptr: DevicePtr) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        driver.ipc_close_mem_handle(cx, dptr)
    })
}

/// Behind `cuMemAdvise_v2`.
unsafe fn mem_advise(
    dev_ptr: DevicePtr,
    count: usize,
    advice: CUmem_advise,
    location: CUmemLocation,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_advise(cx, dev_ptr, count, advice, location)
    })
}

/// Behind `cuMemRangeGetAttribute`.
unsafe fn mem_range_get_attribute(
    data: *mut c_void,
    data_size: usize,
    attribute: CUmem_range_attribute,
    dev_ptr: DevicePtr,
    count: usize,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter()?;
        let data_out = driver.mem_range_get_attribute(cx, data_size, attribute, dev_ptr, count)?;
        let room = unsafe { ffi::slice_mut(data.cast::<u8>(), data_size as usize) }?;
        for (to, from) in room.iter_mut().zip(data_out) {
            *to = from;
        }
        Ok(())
    })
}

/// Behind `cuMemPrefetchAsync_v2`.
unsafe fn mem_prefetch_async(
    null_stream: Stream,
    dev_ptr: DevicePtr,
    count: usize,
    location: CUmemLocation,
    flags: u32,
    h_stream: Stream,
) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.mem_prefetch_async(cx, dev_ptr, count, location, flags, h_stream)
    })
}

/// Behind `cuMemFreeAsync`.
unsafe fn mem_free_async(null_stream: Stream, dptr: DevicePtr, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.mem_free_async(cx, dptr, h_stream)
    })
}

/// Behind `cuMemAllocAsync`.
unsafe fn mem_alloc_async(
    null_stream: Stream,
    dptr: *mut DevicePtr,
    bytesize: usize,
    h_stream: Stream,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(dptr)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let dptr_out = driver.mem_alloc_async(cx, bytesize, h_stream)?;
        unsafe { ffi::write(dptr, dptr_out) }?;
        Ok(())
    })
}

/// Behind `cuMemAllocFromPoolAsync`.
unsafe fn mem_alloc_from_pool_async(
    null_stream: Stream,
    dptr: *mut DevicePtr,
    bytesize: usize,
    pool: MemPool,
    h_stream: Stream,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(dptr)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        let dptr_out = driver.mem_alloc_from_pool_async(cx, bytesize, pool, h_stream)?;
        unsafe { ffi::write(dptr, dptr_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamCreate`.
unsafe fn stream_create(ph_stream: *mut Stream, flags: u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_stream)?;
        let (driver, cx) = ffi::enter()?;
        checks::stream_create(flags)?;
        let ph_stream_out = driver.stream_create(cx, flags)?;
        unsafe { ffi::write(ph_stream, ph_stream_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamCreateWithPriority`.
unsafe fn stream_create_with_priority(ph_stream: *mut Stream, flags: u32, priority: i32) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_stream)?;
        let (driver, cx) = ffi::enter()?;
        checks::stream_create_with_priority(flags, priority)?;
        let ph_stream_out = driver.stream_create_with_priority(cx, flags, priority)?;
        unsafe { ffi::write(ph_stream, ph_stream_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamDestroy_v2`.
unsafe fn stream_destroy(h_stream: Stream) -> i32 {
    ffi::call(|| {
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_destroy(cx, h_stream)
    })
}

/// Behind `cuStreamGetPriority`.
unsafe fn stream_get_priority(null_stream: Stream, h_stream: Stream, priority: *mut i32) -> i32 {
    ffi::call(|| {
        ffi::check_out(priority)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let priority_out = driver.stream_get_priority(cx, h_stream)?;
        unsafe { ffi::write(priority, priority_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamGetId`.
unsafe fn stream_get_id(null_stream: Stream, h_stream: Stream, stream_id: *mut u64) -> i32 {
    ffi::call(|| {
        ffi::check_out(stream_id)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let stream_id_out = driver.stream_get_id(cx, h_stream)?;
        unsafe { ffi::write(stream_id, stream_id_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamGetFlags`.
unsafe fn stream_get_flags(null_stream: Stream, h_stream: Stream, flags: *mut u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(flags)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let flags_out = driver.stream_get_flags(cx, h_stream)?;
        unsafe { ffi::write(flags, flags_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamGetDevice`.
unsafe fn stream_get_device(null_stream: Stream, h_stream: Stream, device: *mut Device) -> i32 {
    ffi::call(|| {
        ffi::check_out(device)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let device_out = driver.stream_get_device(cx, h_stream)?;
        unsafe { ffi::write(device, device_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamGetCtx`.
unsafe fn stream_get_ctx(null_stream: Stream, h_stream: Stream, pctx: *mut Context) -> i32 {
    ffi::call(|| {
        ffi::check_out(pctx)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let pctx_out = driver.stream_get_ctx(cx, h_stream)?;
        unsafe { ffi::write(pctx, pctx_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamWaitEvent`.
unsafe fn stream_wait_event(
    null_stream: Stream,
    h_stream: Stream,
    h_event: Event,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        checks::stream_wait_event(h_stream, h_event, flags)?;
        driver.stream_wait_event(cx, h_stream, h_event, flags)
    })
}

/// Behind `cuStreamAttachMemAsync`.
unsafe fn stream_attach_mem_async(
    null_stream: Stream,
    h_stream: Stream,
    dptr: DevicePtr,
    length: usize,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_attach_mem_async(cx, h_stream, dptr, length, flags)
    })
}

/// Behind `cuStreamQuery`.
unsafe fn stream_query(null_stream: Stream, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_query(cx, h_stream)
    })
}

/// Behind `cuStreamSynchronize`.
unsafe fn stream_synchronize(null_stream: Stream, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_synchronize(cx, h_stream)
    })
}

/// Behind `cuStreamWriteValue32_v2`.
unsafe fn stream_write_value32(
    null_stream: Stream,
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let stream = ffi::stream(stream, null_stream);
        let (driver, cx) = if stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_write_value32(stream, addr, value, flags)?;
        driver.stream_write_value32(cx, stream, addr, value, flags)
    })
}

/// Behind `cuStreamWaitValue32_v2`.
unsafe fn stream_wait_value32(
    null_stream: Stream,
    stream: Stream,
    addr: DevicePtr,
    value: u32,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let stream = ffi::stream(stream, null_stream);
        let (driver, cx) = if stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_wait_value32(stream, addr, value, flags)?;
        driver.stream_wait_value32(cx, stream, addr, value, flags)
    })
}

/// Behind `cuStreamWriteValue64_v2`.
unsafe fn stream_write_value64(
    null_stream: Stream,
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let stream = ffi::stream(stream, null_stream);
        let (driver, cx) = if stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_write_value64(stream, addr, value, flags)?;
        driver.stream_write_value64(cx, stream, addr, value, flags)
    })
}

/// Behind `cuStreamWaitValue64_v2`.
unsafe fn stream_wait_value64(
    null_stream: Stream,
    stream: Stream,
    addr: DevicePtr,
    value: u64,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let stream = ffi::stream(stream, null_stream);
        let (driver, cx) = if stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_wait_value64(stream, addr, value, flags)?;
        driver.stream_wait_value64(cx, stream, addr, value, flags)
    })
}

/// Behind `cuStreamBatchMemOp_v2`.
unsafe fn stream_batch_mem_op(
    null_stream: Stream,
    stream: Stream,
    count: u32,
    param_array: *mut CUstreamBatchMemOpParams,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let param_array = unsafe { ffi::slice(param_array, count as usize) }?;
        let stream = ffi::stream(stream, null_stream);
        let (driver, cx) = if stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_batch_mem_op(cx, stream, param_array, flags)
    })
}

/// Behind `cuStreamBeginCapture_v2`.
unsafe fn stream_begin_capture(
    null_stream: Stream,
    h_stream: Stream,
    mode: CUstreamCaptureMode,
) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_begin_capture(h_stream, mode)?;
        driver.stream_begin_capture(cx, h_stream, mode)
    })
}

/// Behind `cuStreamEndCapture`.
unsafe fn stream_end_capture(null_stream: Stream, h_stream: Stream, ph_graph: *mut Graph) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        checks::stream_end_capture(h_stream)?;
        let ph_graph_out = driver.stream_end_capture(cx, h_stream)?;
        unsafe { ffi::write(ph_graph, ph_graph_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamIsCapturing`.
unsafe fn stream_is_capturing(
    null_stream: Stream,
    h_stream: Stream,
    capture_status: *mut CUstreamCaptureStatus,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(capture_status)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let capture_status_out = driver.stream_is_capturing(cx, h_stream)?;
        unsafe { ffi::write(capture_status, capture_status_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamGetCaptureInfo`.
unsafe fn stream_get_capture_info(
    null_stream: Stream,
    h_stream: Stream,
    capture_status_out: *mut CUstreamCaptureStatus,
    id_out: *mut u64,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(capture_status_out)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let (capture_status_out_out, id_out_out) = driver.stream_get_capture_info(cx, h_stream)?;
        unsafe { ffi::write(capture_status_out, capture_status_out_out) }?;
        unsafe { ffi::write_optional(id_out, id_out_out) };
        Ok(())
    })
}

/// Behind `cuStreamCopyAttributes`.
unsafe fn stream_copy_attributes(
    null_stream: Stream,
    dst_stream: Stream,
    src_stream: Stream,
) -> i32 {
    ffi::call(|| {
        let dst_stream = ffi::stream(dst_stream, null_stream);
        let src_stream = ffi::stream(src_stream, null_stream);
        let (driver, cx) = if dst_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_copy_attributes(cx, dst_stream, src_stream)
    })
}

/// Behind `cuStreamGetAttribute`.
unsafe fn stream_get_attribute(
    null_stream: Stream,
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    value: *mut CUstreamAttrValue,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(value)?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        let value_out = driver.stream_get_attribute(cx, h_stream, attr)?;
        unsafe { ffi::write(value, value_out) }?;
        Ok(())
    })
}

/// Behind `cuStreamSetAttribute`.
unsafe fn stream_set_attribute(
    null_stream: Stream,
    h_stream: Stream,
    attr: CUlaunchAttributeID,
    param: *const CUstreamAttrValue,
) -> i32 {
    ffi::call(|| {
        let param = unsafe { ffi::read(param) }?;
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = if h_stream.index().is_some() {
            ffi::enter_unbound()?
        } else {
            ffi::enter()?
        };
        driver.stream_set_attribute(cx, h_stream, attr, &param)
    })
}

/// Behind `cuIpcGetEventHandle`.
unsafe fn ipc_get_event_handle(p_handle: *mut CUipcEventHandle, event: Event) -> i32 {
    ffi::call(|| {
        ffi::check_out(p_handle)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let p_handle_out = driver.ipc_get_event_handle(cx, event)?;
        unsafe { ffi::write(p_handle, p_handle_out) }?;
        Ok(())
    })
}

/// Behind `cuIpcOpenEventHandle`.
unsafe fn ipc_open_event_handle(ph_event: *mut Event, handle: CUipcEventHandle) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_event)?;
        let (driver, cx) = ffi::enter()?;
        let ph_event_out = driver.ipc_open_event_handle(cx, handle)?;
        unsafe { ffi::write(ph_event, ph_event_out) }?;
        Ok(())
    })
}

/// Behind `cuEventCreate`.
unsafe fn event_create(ph_event: *mut Event, flags: u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_event)?;
        let (driver, cx) = ffi::enter()?;
        checks::event_create(flags)?;
        let ph_event_out = driver.event_create(cx, flags)?;
        unsafe { ffi::write(ph_event, ph_event_out) }?;
        Ok(())
    })
}

/// Behind `cuEventQuery`.
unsafe fn event_query(h_event: Event) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.event_query(cx, h_event)
    })
}

/// Behind `cuEventSynchronize`.
unsafe fn event_synchronize(h_event: Event) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.event_synchronize(cx, h_event)
    })
}

/// Behind `cuEventDestroy_v2`.
unsafe fn event_destroy(h_event: Event) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.event_destroy(cx, h_event)
    })
}

/// Behind `cuEventElapsedTime_v2`.
unsafe fn event_elapsed_time(p_milliseconds: *mut f32, h_start: Event, h_end: Event) -> i32 {
    ffi::call(|| {
        ffi::check_out(p_milliseconds)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let p_milliseconds_out = driver.event_elapsed_time(cx, h_start, h_end)?;
        unsafe { ffi::write(p_milliseconds, p_milliseconds_out) }?;
        Ok(())
    })
}

/// Behind `cuEventRecord`.
unsafe fn event_record(null_stream: Stream, h_event: Event, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        checks::event_record(h_event, h_stream)?;
        driver.event_record(cx, h_event, h_stream)
    })
}

/// Behind `cuEventRecordWithFlags`.
unsafe fn event_record_with_flags(
    null_stream: Stream,
    h_event: Event,
    h_stream: Stream,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        checks::event_record_with_flags(h_event, h_stream, flags)?;
        driver.event_record_with_flags(cx, h_event, h_stream, flags)
    })
}

/// Behind `cuModuleUnload`.
unsafe fn module_unload(hmod: Module) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.module_unload(cx, hmod)
    })
}

/// Behind `cuModuleGetGlobal_v2`.
unsafe fn module_get_global(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    hmod: Module,
    name: *const c_char,
) -> i32 {
    ffi::call(|| {
        let name = unsafe { ffi::cstr(name) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let (dptr_out, bytes_out) = driver.module_get_global(cx, hmod, name)?;
        unsafe { ffi::write_optional(dptr, dptr_out) };
        unsafe { ffi::write_optional(bytes, bytes_out) };
        Ok(())
    })
}

/// Behind `cuLibraryUnload`.
unsafe fn library_unload(library: Library) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.library_unload(cx, library)
    })
}

/// Behind `cuLibraryGetModule`.
unsafe fn library_get_module(p_mod: *mut Module, library: Library) -> i32 {
    ffi::call(|| {
        ffi::check_out(p_mod)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let p_mod_out = driver.library_get_module(cx, library)?;
        unsafe { ffi::write(p_mod, p_mod_out) }?;
        Ok(())
    })
}

/// Behind `cuLibraryGetGlobal`.
unsafe fn library_get_global(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    library: Library,
    name: *const c_char,
) -> i32 {
    ffi::call(|| {
        let name = unsafe { ffi::cstr(name) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let (dptr_out, bytes_out) = driver.library_get_global(cx, library, name)?;
        unsafe { ffi::write_optional(dptr, dptr_out) };
        unsafe { ffi::write_optional(bytes, bytes_out) };
        Ok(())
    })
}

/// Behind `cuLibraryGetManaged`.
unsafe fn library_get_managed(
    dptr: *mut DevicePtr,
    bytes: *mut usize,
    library: Library,
    name: *const c_char,
) -> i32 {
    ffi::call(|| {
        let name = unsafe { ffi::cstr(name) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let (dptr_out, bytes_out) = driver.library_get_managed(cx, library, name)?;
        unsafe { ffi::write_optional(dptr, dptr_out) };
        unsafe { ffi::write_optional(bytes, bytes_out) };
        Ok(())
    })
}

/// Behind `cuOccupancyMaxActiveBlocksPerMultiprocessor`.
unsafe fn occupancy_max_active_blocks_per_multiprocessor(
    num_blocks: *mut i32,
    func: Function,
    block_size: i32,
    dynamic_smem_size: usize,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(num_blocks)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let num_blocks_out = driver.occupancy_max_active_blocks_per_multiprocessor(
            cx,
            func,
            block_size,
            dynamic_smem_size,
        )?;
        unsafe { ffi::write(num_blocks, num_blocks_out) }?;
        Ok(())
    })
}

/// Behind `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`.
unsafe fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
    num_blocks: *mut i32,
    func: Function,
    block_size: i32,
    dynamic_smem_size: usize,
    flags: u32,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(num_blocks)?;
        let (driver, cx) = ffi::enter_unbound()?;
        checks::occupancy_max_active_blocks_per_multiprocessor_with_flags(
            func,
            block_size,
            dynamic_smem_size,
            flags,
        )?;
        let num_blocks_out = driver.occupancy_max_active_blocks_per_multiprocessor_with_flags(
            cx,
            func,
            block_size,
            dynamic_smem_size,
            flags,
        )?;
        unsafe { ffi::write(num_blocks, num_blocks_out) }?;
        Ok(())
    })
}

/// Behind `cuOccupancyAvailableDynamicSMemPerBlock`.
unsafe fn occupancy_available_dynamic_smem_per_block(
    dynamic_smem_size: *mut usize,
    func: Function,
    num_blocks: i32,
    block_size: i32,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(dynamic_smem_size)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let dynamic_smem_size_out =
            driver.occupancy_available_dynamic_smem_per_block(cx, func, num_blocks, block_size)?;
        unsafe { ffi::write(dynamic_smem_size, dynamic_smem_size_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphCreate`.
unsafe fn graph_create(ph_graph: *mut Graph, flags: u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph)?;
        let (driver, cx) = ffi::enter()?;
        checks::graph_create(flags)?;
        let ph_graph_out = driver.graph_create(cx, flags)?;
        unsafe { ffi::write(ph_graph, ph_graph_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphChildGraphNodeGetGraph`.
unsafe fn graph_child_graph_node_get_graph(h_node: GraphNode, ph_graph: *mut Graph) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_graph_out = driver.graph_child_graph_node_get_graph(cx, h_node)?;
        unsafe { ffi::write(ph_graph, ph_graph_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphAddEmptyNode`.
unsafe fn graph_add_empty_node(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph_node)?;
        let dependencies = unsafe { ffi::slice(dependencies, num_dependencies as usize) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_graph_node_out = driver.graph_add_empty_node(cx, h_graph, dependencies)?;
        unsafe { ffi::write(ph_graph_node, ph_graph_node_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphAddEventRecordNode`.
unsafe fn graph_add_event_record_node(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    event: Event,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph_node)?;
        let dependencies = unsafe { ffi::slice(dependencies, num_dependencies as usize) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_graph_node_out =
            driver.graph_add_event_record_node(cx, h_graph, dependencies, event)?;
        unsafe { ffi::write(ph_graph_node, ph_graph_node_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphEventRecordNodeGetEvent`.
unsafe fn graph_event_record_node_get_event(h_node: GraphNode, event_out: *mut Event) -> i32 {
    ffi::call(|| {
        ffi::check_out(event_out)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let event_out_out = driver.graph_event_record_node_get_event(cx, h_node)?;
        unsafe { ffi::write(event_out, event_out_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphEventRecordNodeSetEvent`.
unsafe fn graph_event_record_node_set_event(h_node: GraphNode, event: Event) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_event_record_node_set_event(cx, h_node, event)
    })
}

/// Behind `cuGraphAddEventWaitNode`.
unsafe fn graph_add_event_wait_node(
    ph_graph_node: *mut GraphNode,
    h_graph: Graph,
    dependencies: *const GraphNode,
    num_dependencies: usize,
    event: Event,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph_node)?;
        let dependencies = unsafe { ffi::slice(dependencies, num_dependencies as usize) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_graph_node_out =
            driver.graph_add_event_wait_node(cx, h_graph, dependencies, event)?;
        unsafe { ffi::write(ph_graph_node, ph_graph_node_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphEventWaitNodeGetEvent`.
unsafe fn graph_event_wait_node_get_event(h_node: GraphNode, event_out: *mut Event) -> i32 {
    ffi::call(|| {
        ffi::check_out(event_out)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let event_out_out = driver.graph_event_wait_node_get_event(cx, h_node)?;
        unsafe { ffi::write(event_out, event_out_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphEventWaitNodeSetEvent`.
unsafe fn graph_event_wait_node_set_event(h_node: GraphNode, event: Event) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_event_wait_node_set_event(cx, h_node, event)
    })
}

/// Behind `cuDeviceGraphMemTrim`.
unsafe fn device_graph_mem_trim(device: Device) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.device_graph_mem_trim(cx, device)
    })
}

/// Behind `cuDeviceGetGraphMemAttribute`.
unsafe fn device_get_graph_mem_attribute(
    device: Device,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(value)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let value_out = driver.device_get_graph_mem_attribute(cx, device, attr)?;
        unsafe { ffi::write(value.cast::<u64>(), value_out) }?;
        Ok(())
    })
}

/// Behind `cuDeviceSetGraphMemAttribute`.
unsafe fn device_set_graph_mem_attribute(
    device: Device,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> i32 {
    ffi::call(|| {
        let value = unsafe { ffi::read(value.cast::<u64>()) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        driver.device_set_graph_mem_attribute(cx, device, attr, value)
    })
}

/// Behind `cuGraphNodeFindInClone`.
unsafe fn graph_node_find_in_clone(
    ph_node: *mut GraphNode,
    h_original_node: GraphNode,
    h_cloned_graph: Graph,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_node)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_node_out = driver.graph_node_find_in_clone(cx, h_original_node, h_cloned_graph)?;
        unsafe { ffi::write(ph_node, ph_node_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphNodeGetType`.
unsafe fn graph_node_get_type(h_node: GraphNode, kind: *mut CUgraphNodeType) -> i32 {
    ffi::call(|| {
        ffi::check_out(kind)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let kind_out = driver.graph_node_get_type(cx, h_node)?;
        unsafe { ffi::write(kind, kind_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphNodeGetContainingGraph`.
unsafe fn graph_node_get_containing_graph(h_node: GraphNode, ph_graph: *mut Graph) -> i32 {
    ffi::call(|| {
        ffi::check_out(ph_graph)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ph_graph_out = driver.graph_node_get_containing_graph(cx, h_node)?;
        unsafe { ffi::write(ph_graph, ph_graph_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphNodeGetLocalId`.
unsafe fn graph_node_get_local_id(h_node: GraphNode, node_id: *mut u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(node_id)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let node_id_out = driver.graph_node_get_local_id(cx, h_node)?;
        unsafe { ffi::write(node_id, node_id_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphNodeGetToolsId`.
unsafe fn graph_node_get_tools_id(h_node: GraphNode, tools_node_id: *mut u64) -> i32 {
    ffi::call(|| {
        ffi::check_out(tools_node_id)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let tools_node_id_out = driver.graph_node_get_tools_id(cx, h_node)?;
        unsafe { ffi::write(tools_node_id, tools_node_id_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphGetId`.
unsafe fn graph_get_id(h_graph: Graph, graph_id: *mut u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(graph_id)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let graph_id_out = driver.graph_get_id(cx, h_graph)?;
        unsafe { ffi::write(graph_id, graph_id_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphExecGetId`.
unsafe fn graph_exec_get_id(h_graph_exec: GraphExec, graph_id: *mut u32) -> i32 {
    ffi::call(|| {
        ffi::check_out(graph_id)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let graph_id_out = driver.graph_exec_get_id(cx, h_graph_exec)?;
        unsafe { ffi::write(graph_id, graph_id_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphGetNodes`.
unsafe fn graph_get_nodes(h_graph: Graph, nodes: *mut GraphNode, num_nodes: *mut usize) -> i32 {
    ffi::call(|| {
        let num_nodes_in = match nodes.is_null() {
            true => 0,
            false => unsafe { ffi::read(num_nodes) }?,
        };
        ffi::check_out(num_nodes)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let (nodes_out, new_num_nodes_out) = driver.graph_get_nodes(cx, h_graph, num_nodes_in)?;
        if nodes.is_null() {
            unsafe { ffi::write(num_nodes, new_num_nodes_out) }?;
        } else {
            let room = unsafe { ffi::slice_mut(nodes, num_nodes_in) }?;
            let filled = room
                .iter_mut()
                .zip(nodes_out)
                .map(|(to, from)| *to = from)
                .count();
            room.iter_mut()
                .skip(filled)
                .for_each(|to| *to = GraphNode::NONE);
            unsafe { ffi::write(num_nodes, filled) }?;
        }
        Ok(())
    })
}

/// Behind `cuGraphGetRootNodes`.
unsafe fn graph_get_root_nodes(
    h_graph: Graph,
    root_nodes: *mut GraphNode,
    num_root_nodes: *mut usize,
) -> i32 {
    ffi::call(|| {
        let num_root_nodes_in = match root_nodes.is_null() {
            true => 0,
            false => unsafe { ffi::read(num_root_nodes) }?,
        };
        ffi::check_out(num_root_nodes)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let (root_nodes_out, new_num_root_nodes_out) =
            driver.graph_get_root_nodes(cx, h_graph, num_root_nodes_in)?;
        if root_nodes.is_null() {
            unsafe { ffi::write(num_root_nodes, new_num_root_nodes_out) }?;
        } else {
            let room = unsafe { ffi::slice_mut(root_nodes, num_root_nodes_in) }?;
            let filled = room
                .iter_mut()
                .zip(root_nodes_out)
                .map(|(to, from)| *to = from)
                .count();
            room.iter_mut()
                .skip(filled)
                .for_each(|to| *to = GraphNode::NONE);
            unsafe { ffi::write(num_root_nodes, filled) }?;
        }
        Ok(())
    })
}

/// Behind `cuGraphDestroyNode`.
unsafe fn graph_destroy_node(h_node: GraphNode) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_destroy_node(cx, h_node)
    })
}

/// Behind `cuGraphExecGetFlags`.
unsafe fn graph_exec_get_flags(h_graph_exec: GraphExec, flags: *mut u64) -> i32 {
    ffi::call(|| {
        ffi::check_out(flags)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let flags_out = driver.graph_exec_get_flags(cx, h_graph_exec)?;
        unsafe { ffi::write(flags, flags_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphExecChildGraphNodeSetParams`.
unsafe fn graph_exec_child_graph_node_set_params(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    child_graph: Graph,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_exec_child_graph_node_set_params(cx, h_graph_exec, h_node, child_graph)
    })
}

/// Behind `cuGraphExecEventRecordNodeSetEvent`.
unsafe fn graph_exec_event_record_node_set_event(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    event: Event,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_exec_event_record_node_set_event(cx, h_graph_exec, h_node, event)
    })
}

/// Behind `cuGraphExecEventWaitNodeSetEvent`.
unsafe fn graph_exec_event_wait_node_set_event(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    event: Event,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_exec_event_wait_node_set_event(cx, h_graph_exec, h_node, event)
    })
}

/// Behind `cuGraphNodeSetEnabled`.
unsafe fn graph_node_set_enabled(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    is_enabled: u32,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_node_set_enabled(cx, h_graph_exec, h_node, is_enabled)
    })
}

/// Behind `cuGraphNodeGetEnabled`.
unsafe fn graph_node_get_enabled(
    h_graph_exec: GraphExec,
    h_node: GraphNode,
    is_enabled: *mut u32,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(is_enabled)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let is_enabled_out = driver.graph_node_get_enabled(cx, h_graph_exec, h_node)?;
        unsafe { ffi::write(is_enabled, is_enabled_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphKernelNodeCopyAttributes`.
unsafe fn graph_kernel_node_copy_attributes(dst: GraphNode, src: GraphNode) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_kernel_node_copy_attributes(cx, dst, src)
    })
}

/// Behind `cuGraphKernelNodeGetAttribute`.
unsafe fn graph_kernel_node_get_attribute(
    h_node: GraphNode,
    attr: CUlaunchAttributeID,
    value_out: *mut CUstreamAttrValue,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(value_out)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let value_out_out = driver.graph_kernel_node_get_attribute(cx, h_node, attr)?;
        unsafe { ffi::write(value_out, value_out_out) }?;
        Ok(())
    })
}

/// Behind `cuGraphKernelNodeSetAttribute`.
unsafe fn graph_kernel_node_set_attribute(
    h_node: GraphNode,
    attr: CUlaunchAttributeID,
    value: *const CUstreamAttrValue,
) -> i32 {
    ffi::call(|| {
        let value = unsafe { ffi::read(value) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_kernel_node_set_attribute(cx, h_node, attr, &value)
    })
}

/// Behind `cuGraphUpload`.
unsafe fn graph_upload(null_stream: Stream, h_graph: GraphExec, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_upload(cx, h_graph, h_stream)
    })
}

/// Behind `cuGraphLaunch`.
unsafe fn graph_launch(null_stream: Stream, h_graph: GraphExec, h_stream: Stream) -> i32 {
    ffi::call(|| {
        let h_stream = ffi::stream(h_stream, null_stream);
        let (driver, cx) = ffi::enter_unbound()?;
        driver.graph_launch(cx, h_graph, h_stream)
    })
}

/// Behind `cuDeviceSetMemPool`.
unsafe fn device_set_mem_pool(dev: Device, pool: MemPool) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.device_set_mem_pool(cx, dev, pool)
    })
}

/// Behind `cuDeviceGetMemPool`.
unsafe fn device_get_mem_pool(pool: *mut MemPool, dev: Device) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let pool_out = driver.device_get_mem_pool(cx, dev)?;
        unsafe { ffi::write(pool, pool_out) }?;
        Ok(())
    })
}

/// Behind `cuDeviceGetDefaultMemPool`.
unsafe fn device_get_default_mem_pool(pool_out: *mut MemPool, dev: Device) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool_out)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let pool_out_out = driver.device_get_default_mem_pool(cx, dev)?;
        unsafe { ffi::write(pool_out, pool_out_out) }?;
        Ok(())
    })
}

/// Behind `cuMemPoolTrimTo`.
unsafe fn mem_pool_trim_to(pool: MemPool, min_bytes_to_keep: usize) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_pool_trim_to(cx, pool, min_bytes_to_keep)
    })
}

/// Behind `cuMemPoolSetAccess`.
unsafe fn mem_pool_set_access(pool: MemPool, map: *const CUmemAccessDesc, count: usize) -> i32 {
    ffi::call(|| {
        let map = unsafe { ffi::slice(map, count as usize) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_pool_set_access(cx, pool, map)
    })
}

/// Behind `cuMemPoolGetAccess`.
unsafe fn mem_pool_get_access(
    flags: *mut CUmemAccess_flags,
    mem_pool: MemPool,
    location: *mut CUmemLocation,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(flags)?;
        let location = unsafe { ffi::read(location) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let flags_out = driver.mem_pool_get_access(cx, mem_pool, &location)?;
        unsafe { ffi::write(flags, flags_out) }?;
        Ok(())
    })
}

/// Behind `cuMemPoolCreate`.
unsafe fn mem_pool_create(pool: *mut MemPool, pool_props: *const CUmemPoolProps) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool)?;
        let pool_props = unsafe { ffi::read(pool_props) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        checks::mem_pool_create(&pool_props)?;
        let pool_out = driver.mem_pool_create(cx, &pool_props)?;
        unsafe { ffi::write(pool, pool_out) }?;
        Ok(())
    })
}

/// Behind `cuMemPoolDestroy`.
unsafe fn mem_pool_destroy(pool: MemPool) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_pool_destroy(cx, pool)
    })
}

/// Behind `cuMemGetDefaultMemPool`.
unsafe fn mem_get_default_mem_pool(
    pool_out: *mut MemPool,
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool_out)?;
        let location = unsafe { ffi::read(location) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let pool_out_out = driver.mem_get_default_mem_pool(cx, &location, kind)?;
        unsafe { ffi::write(pool_out, pool_out_out) }?;
        Ok(())
    })
}

/// Behind `cuMemGetMemPool`.
unsafe fn mem_get_mem_pool(
    pool: *mut MemPool,
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool)?;
        let location = unsafe { ffi::read(location) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let pool_out = driver.mem_get_mem_pool(cx, &location, kind)?;
        unsafe { ffi::write(pool, pool_out) }?;
        Ok(())
    })
}

/// Behind `cuMemSetMemPool`.
unsafe fn mem_set_mem_pool(
    location: *mut CUmemLocation,
    kind: CUmemAllocationType,
    pool: MemPool,
) -> i32 {
    ffi::call(|| {
        let location = unsafe { ffi::read(location) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_set_mem_pool(cx, &location, kind, pool)
    })
}

/// Behind `cuMemPoolImportFromShareableHandle`.
unsafe fn mem_pool_import_from_shareable_handle(
    pool_out: *mut MemPool,
    handle: *mut c_void,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(pool_out)?;
        let handle = handle.addr() as u64;
        let (driver, cx) = ffi::enter()?;
        let pool_out_out =
            driver.mem_pool_import_from_shareable_handle(cx, handle, handle_type, flags)?;
        unsafe { ffi::write(pool_out, pool_out_out) }?;
        Ok(())
    })
}

/// Behind `cuMemPoolExportPointer`.
unsafe fn mem_pool_export_pointer(
    share_data_out: *mut CUmemPoolPtrExportData,
    ptr: DevicePtr,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(share_data_out)?;
        let (driver, cx) = ffi::enter()?;
        let share_data_out_out = driver.mem_pool_export_pointer(cx, ptr)?;
        unsafe { ffi::write(share_data_out, share_data_out_out) }?;
        Ok(())
    })
}

/// Behind `cuMemPoolImportPointer`.
unsafe fn mem_pool_import_pointer(
    ptr_out: *mut DevicePtr,
    pool: MemPool,
    share_data: *mut CUmemPoolPtrExportData,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ptr_out)?;
        let share_data = unsafe { ffi::read(share_data) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let ptr_out_out = driver.mem_pool_import_pointer(cx, pool, &share_data)?;
        unsafe { ffi::write(ptr_out, ptr_out_out) }?;
        Ok(())
    })
}

/// Behind `cuMemAddressReserve`.
unsafe fn mem_address_reserve(
    ptr: *mut DevicePtr,
    size: usize,
    alignment: usize,
    addr: DevicePtr,
    flags: u64,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(ptr)?;
        let (driver, cx) = ffi::enter_unbound()?;
        checks::mem_address_reserve(size, alignment, addr, flags)?;
        let ptr_out = driver.mem_address_reserve(cx, size, alignment, addr, flags)?;
        unsafe { ffi::write(ptr, ptr_out) }?;
        Ok(())
    })
}

/// Behind `cuMemAddressFree`.
unsafe fn mem_address_free(ptr: DevicePtr, size: usize) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_address_free(cx, ptr, size)
    })
}

/// Behind `cuMemCreate`.
unsafe fn mem_create(
    handle: *mut MemAllocation,
    size: usize,
    prop: *const CUmemAllocationProp,
    flags: u64,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(handle)?;
        let prop = unsafe { ffi::read(prop) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let handle_out = driver.mem_create(cx, size, &prop, flags)?;
        unsafe { ffi::write(handle, handle_out) }?;
        Ok(())
    })
}

/// Behind `cuMemRelease`.
unsafe fn mem_release(handle: MemAllocation) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_release(cx, handle)
    })
}

/// Behind `cuMemMap`.
unsafe fn mem_map(
    ptr: DevicePtr,
    size: usize,
    offset: usize,
    handle: MemAllocation,
    flags: u64,
) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_map(cx, ptr, size, offset, handle, flags)
    })
}

/// Behind `cuMemUnmap`.
unsafe fn mem_unmap(ptr: DevicePtr, size: usize) -> i32 {
    ffi::call(|| {
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_unmap(cx, ptr, size)
    })
}

/// Behind `cuMemSetAccess`.
unsafe fn mem_set_access(
    ptr: DevicePtr,
    size: usize,
    desc: *const CUmemAccessDesc,
    count: usize,
) -> i32 {
    ffi::call(|| {
        let desc = unsafe { ffi::slice(desc, count as usize) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        driver.mem_set_access(cx, ptr, size, desc)
    })
}

/// Behind `cuMemGetAccess`.
unsafe fn mem_get_access(flags: *mut u64, location: *const CUmemLocation, ptr: DevicePtr) -> i32 {
    ffi::call(|| {
        ffi::check_out(flags)?;
        let location = unsafe { ffi::read(location) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        let flags_out = driver.mem_get_access(cx, &location, ptr)?;
        unsafe { ffi::write(flags, flags_out) }?;
        Ok(())
    })
}

/// Behind `cuMemImportFromShareableHandle`.
unsafe fn mem_import_from_shareable_handle(
    handle: *mut MemAllocation,
    os_handle: *mut c_void,
    sh_handle_type: CUmemAllocationHandleType,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(handle)?;
        let os_handle = os_handle.addr() as u64;
        let (driver, cx) = ffi::enter_unbound()?;
        let handle_out = driver.mem_import_from_shareable_handle(cx, os_handle, sh_handle_type)?;
        unsafe { ffi::write(handle, handle_out) }?;
        Ok(())
    })
}

/// Behind `cuMemGetAllocationGranularity`.
unsafe fn mem_get_allocation_granularity(
    granularity: *mut usize,
    prop: *const CUmemAllocationProp,
    option: CUmemAllocationGranularity_flags,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(granularity)?;
        let prop = unsafe { ffi::read(prop) }?;
        let (driver, cx) = ffi::enter_unbound()?;
        checks::mem_get_allocation_granularity(&prop, option)?;
        let granularity_out = driver.mem_get_allocation_granularity(cx, &prop, option)?;
        unsafe { ffi::write(granularity, granularity_out) }?;
        Ok(())
    })
}

/// Behind `cuMemGetAllocationPropertiesFromHandle`.
unsafe fn mem_get_allocation_properties_from_handle(
    prop: *mut CUmemAllocationProp,
    handle: MemAllocation,
) -> i32 {
    ffi::call(|| {
        ffi::check_out(prop)?;
        let (driver, cx) = ffi::enter_unbound()?;
        let prop_out = driver.mem_get_allocation_properties_from_handle(cx, handle)?;
        unsafe { ffi::write(prop, prop_out) }?;
        Ok(())
    })
}

/// Behind `cuMemRetainAllocationHandle`.
unsafe fn mem_retain_allocation_handle(handle: *mut MemAllocation, addr: *mut c_void) -> i32 {
    ffi::call(|| {
        ffi::check_out(handle)?;
        let addr = addr.addr() as u64;
        let (driver, cx) = ffi::enter_unbound()?;
        let handle_out = driver.mem_retain_allocation_handle(cx, addr)?;
        unsafe { ffi::write(handle, handle_out) }?;
        Ok(())
    })
}
