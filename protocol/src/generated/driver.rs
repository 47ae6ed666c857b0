// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! The generated half of the [`Driver`] trait: one trait an area.
#![allow(clippy::too_many_arguments, clippy::type_complexity)]

use std::ffi::CStr;

use super::types::*;
use crate::call::Cx;
use crate::custom::{
    Contexts, Copies, Graphs, HostMemory, Images, Launches, Lifecycle, not_supported,
};
use crate::handle::*;
use crate::status::CuResult;

/// A CUDA driver: what stands behind the border, in the client, in the worker, on the CPU.
pub trait Driver:
    Lifecycle
    + Contexts
    + HostMemory
    + Copies
    + Images
    + Launches
    + Graphs
    + DeviceApi
    + ContextApi
    + MemoryApi
    + StreamApi
    + EventApi
    + ModuleApi
    + LaunchApi
    + GraphApi
    + PoolApi
    + VmmApi
    + Send
    + Sync
{
}

/// Calls of `protocol/api/device.rs`.
pub trait DeviceApi {
    /// `cuDeviceCanAccessPeer`.
    ///
    /// Whether one device can address the memory of another.
    fn device_can_access_peer(&self, cx: Cx, dev: Device, peer_dev: Device) -> CuResult<i32> {
        let _ = (cx, dev, peer_dev);
        not_supported("cuDeviceCanAccessPeer")
    }

    /// `cuDeviceGetP2PAttribute`.
    ///
    /// What a pair of devices can do with each other's memory.
    fn device_get_p2p_attribute(
        &self,
        cx: Cx,
        attrib: CUdevice_P2PAttribute,
        src_device: Device,
        dst_device: Device,
    ) -> CuResult<i32> {
        let _ = (cx, attrib, src_device, dst_device);
        not_supported("cuDeviceGetP2PAttribute")
    }
}

/// Calls of `protocol/api/context.rs`.
pub trait ContextApi {
    /// `cuCtxSynchronize`.
    ///
    /// Waits for all work of the current context.
    fn ctx_synchronize(&self, cx: Cx) -> CuResult<()> {
        let _ = (cx,);
        not_supported("cuCtxSynchronize")
    }

    /// `cuCtxSetLimit`.
    ///
    /// May be refused: limits depend on the device and on what is allocated.
    fn ctx_set_limit(&self, cx: Cx, limit: CUlimit, value: usize) -> CuResult<()> {
        let _ = (cx, limit, value);
        not_supported("cuCtxSetLimit")
    }

    /// `cuCtxGetLimit`.
    fn ctx_get_limit(&self, cx: Cx, limit: CUlimit) -> CuResult<usize> {
        let _ = (cx, limit);
        not_supported("cuCtxGetLimit")
    }

    /// `cuCtxGetCacheConfig`.
    fn ctx_get_cache_config(&self, cx: Cx) -> CuResult<CUfunc_cache> {
        let _ = (cx,);
        not_supported("cuCtxGetCacheConfig")
    }

    /// `cuCtxSetCacheConfig`.
    ///
    /// A hint; every value is accepted.
    fn ctx_set_cache_config(&self, cx: Cx, config: CUfunc_cache) -> CuResult<()> {
        let _ = (cx, config);
        not_supported("cuCtxSetCacheConfig")
    }

    /// `cuCtxGetStreamPriorityRange`.
    ///
    /// Either pointer may be null.
    fn ctx_get_stream_priority_range(&self, cx: Cx) -> CuResult<(i32, i32)> {
        let _ = (cx,);
        not_supported("cuCtxGetStreamPriorityRange")
    }

    /// `cuCtxResetPersistingL2Cache`.
    fn ctx_reset_persisting_l2_cache(&self, cx: Cx) -> CuResult<()> {
        let _ = (cx,);
        not_supported("cuCtxResetPersistingL2Cache")
    }

    /// `cuCtxEnablePeerAccess`.
    ///
    /// Fails at the call when access is on already (704) or impossible (217).
    fn ctx_enable_peer_access(&self, cx: Cx, peer_context: Context, flags: u32) -> CuResult<()> {
        let _ = (cx, peer_context, flags);
        not_supported("cuCtxEnablePeerAccess")
    }

    /// `cuCtxDisablePeerAccess`.
    fn ctx_disable_peer_access(&self, cx: Cx, peer_context: Context) -> CuResult<()> {
        let _ = (cx, peer_context);
        not_supported("cuCtxDisablePeerAccess")
    }
}

/// Calls of `protocol/api/memory.rs`.
pub trait MemoryApi {
    /// `cuMemGetInfo_v2`.
    ///
    /// Free and total memory of the current device; under a lease, of its quota.
    fn mem_get_info(&self, cx: Cx) -> CuResult<(usize, usize)> {
        let _ = (cx,);
        not_supported("cuMemGetInfo_v2")
    }

    /// `cuMemAlloc_v2`.
    ///
    /// The client keeps a map of allocations, so that pointer queries need no server.
    fn mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        let _ = (cx, bytesize);
        not_supported("cuMemAlloc_v2")
    }

    /// `cuMemFree_v2`.
    ///
    /// Freeing null does nothing. The worker frees after earlier work.
    fn mem_free(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let _ = (cx, dptr);
        not_supported("cuMemFree_v2")
    }

    /// `cuMemGetAddressRange_v2`.
    ///
    /// The border knows it of all memory but what another process has shared.
    fn mem_get_address_range(&self, cx: Cx, dptr: DevicePtr) -> CuResult<(DevicePtr, usize)> {
        let _ = (cx, dptr);
        not_supported("cuMemGetAddressRange_v2")
    }

    /// `cuMemAllocManaged`.
    fn mem_alloc_managed(&self, cx: Cx, bytesize: usize, flags: u32) -> CuResult<DevicePtr> {
        let _ = (cx, bytesize, flags);
        not_supported("cuMemAllocManaged")
    }

    /// `cuIpcGetMemHandle`.
    ///
    /// The worker gives the client a token for the driver's handle, good within the lease.
    fn ipc_get_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<CUipcMemHandle> {
        let _ = (cx, dptr);
        not_supported("cuIpcGetMemHandle")
    }

    /// `cuIpcOpenMemHandle_v2`.
    ///
    /// Charged to the session that opens it, once.
    fn ipc_open_mem_handle(
        &self,
        cx: Cx,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        let _ = (cx, handle, flags);
        not_supported("cuIpcOpenMemHandle_v2")
    }

    /// `cuIpcCloseMemHandle`.
    fn ipc_close_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let _ = (cx, dptr);
        not_supported("cuIpcCloseMemHandle")
    }

    /// `cuMemAdvise_v2`.
    ///
    /// A hint on managed memory.
    fn mem_advise(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        advice: CUmem_advise,
        location: CUmemLocation,
    ) -> CuResult<()> {
        let _ = (cx, dev_ptr, count, advice, location);
        not_supported("cuMemAdvise_v2")
    }

    /// `cuMemRangeGetAttribute`.
    fn mem_range_get_attribute(
        &self,
        cx: Cx,
        data_size: usize,
        attribute: CUmem_range_attribute,
        dev_ptr: DevicePtr,
        count: usize,
    ) -> CuResult<Vec<u8>> {
        let _ = (cx, data_size, attribute, dev_ptr, count);
        not_supported("cuMemRangeGetAttribute")
    }

    /// `cuMemPrefetchAsync_v2`.
    ///
    /// A hint on managed memory.
    fn mem_prefetch_async(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        location: CUmemLocation,
        flags: u32,
        h_stream: Stream,
    ) -> CuResult<()> {
        let _ = (cx, dev_ptr, count, location, flags, h_stream);
        not_supported("cuMemPrefetchAsync_v2")
    }

    /// `cuMemFreeAsync`.
    fn mem_free_async(&self, cx: Cx, dptr: DevicePtr, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, dptr, h_stream);
        not_supported("cuMemFreeAsync")
    }

    /// `cuMemAllocAsync`.
    fn mem_alloc_async(&self, cx: Cx, bytesize: usize, h_stream: Stream) -> CuResult<DevicePtr> {
        let _ = (cx, bytesize, h_stream);
        not_supported("cuMemAllocAsync")
    }

    /// `cuMemAllocFromPoolAsync`.
    fn mem_alloc_from_pool_async(
        &self,
        cx: Cx,
        bytesize: usize,
        pool: MemPool,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        let _ = (cx, bytesize, pool, h_stream);
        not_supported("cuMemAllocFromPoolAsync")
    }
}

/// Calls of `protocol/api/stream.rs`.
pub trait StreamApi {
    /// `cuStreamCreate`.
    fn stream_create(&self, cx: Cx, flags: u32) -> CuResult<Stream> {
        let _ = (cx, flags);
        not_supported("cuStreamCreate")
    }

    /// `cuStreamCreateWithPriority`.
    ///
    /// Priorities outside the range are clamped.
    fn stream_create_with_priority(&self, cx: Cx, flags: u32, priority: i32) -> CuResult<Stream> {
        let _ = (cx, flags, priority);
        not_supported("cuStreamCreateWithPriority")
    }

    /// `cuStreamDestroy_v2`.
    ///
    /// Returns at once; work already issued to the stream still runs.
    fn stream_destroy(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_stream);
        not_supported("cuStreamDestroy_v2")
    }

    /// `cuStreamGetPriority`.
    fn stream_get_priority(&self, cx: Cx, h_stream: Stream) -> CuResult<i32> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetPriority")
    }

    /// `cuStreamGetId`.
    fn stream_get_id(&self, cx: Cx, h_stream: Stream) -> CuResult<u64> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetId")
    }

    /// `cuStreamGetFlags`.
    fn stream_get_flags(&self, cx: Cx, h_stream: Stream) -> CuResult<u32> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetFlags")
    }

    /// `cuStreamGetDevice`.
    fn stream_get_device(&self, cx: Cx, h_stream: Stream) -> CuResult<Device> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetDevice")
    }

    /// `cuStreamGetCtx`.
    fn stream_get_ctx(&self, cx: Cx, h_stream: Stream) -> CuResult<Context> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetCtx")
    }

    /// `cuStreamWaitEvent`.
    ///
    /// Later work of the stream waits for the event's latest record.
    fn stream_wait_event(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_event: Event,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, h_event, flags);
        not_supported("cuStreamWaitEvent")
    }

    /// `cuStreamAttachMemAsync`.
    fn stream_attach_mem_async(
        &self,
        cx: Cx,
        h_stream: Stream,
        dptr: DevicePtr,
        length: usize,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, dptr, length, flags);
        not_supported("cuStreamAttachMemAsync")
    }

    /// `cuStreamQuery`.
    fn stream_query(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_stream);
        not_supported("cuStreamQuery")
    }

    /// `cuStreamSynchronize`.
    fn stream_synchronize(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_stream);
        not_supported("cuStreamSynchronize")
    }

    /// `cuStreamWriteValue32_v2`.
    fn stream_write_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, stream, addr, value, flags);
        not_supported("cuStreamWriteValue32_v2")
    }

    /// `cuStreamWaitValue32_v2`.
    fn stream_wait_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, stream, addr, value, flags);
        not_supported("cuStreamWaitValue32_v2")
    }

    /// `cuStreamWriteValue64_v2`.
    fn stream_write_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, stream, addr, value, flags);
        not_supported("cuStreamWriteValue64_v2")
    }

    /// `cuStreamWaitValue64_v2`.
    fn stream_wait_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, stream, addr, value, flags);
        not_supported("cuStreamWaitValue64_v2")
    }

    /// `cuStreamBatchMemOp_v2`.
    fn stream_batch_mem_op(
        &self,
        cx: Cx,
        stream: Stream,
        param_array: &[CUstreamBatchMemOpParams],
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, stream, param_array, flags);
        not_supported("cuStreamBatchMemOp_v2")
    }

    /// `cuStreamBeginCapture_v2`.
    ///
    /// The client follows which streams are captured, to answer status queries.
    fn stream_begin_capture(
        &self,
        cx: Cx,
        h_stream: Stream,
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, mode);
        not_supported("cuStreamBeginCapture_v2")
    }

    /// `cuStreamBeginCaptureToGraph`.
    fn stream_begin_capture_to_graph(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_graph: Graph,
        dependencies: &[GraphNode],
        dependency_data: &[CUgraphEdgeData],
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, h_graph, dependencies, dependency_data, mode);
        not_supported("cuStreamBeginCaptureToGraph")
    }

    /// `cuStreamEndCapture`.
    fn stream_end_capture(&self, cx: Cx, h_stream: Stream) -> CuResult<Graph> {
        let _ = (cx, h_stream);
        not_supported("cuStreamEndCapture")
    }

    /// `cuStreamIsCapturing`.
    fn stream_is_capturing(&self, cx: Cx, h_stream: Stream) -> CuResult<CUstreamCaptureStatus> {
        let _ = (cx, h_stream);
        not_supported("cuStreamIsCapturing")
    }

    /// `cuStreamGetCaptureInfo`.
    fn stream_get_capture_info(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<(CUstreamCaptureStatus, u64)> {
        let _ = (cx, h_stream);
        not_supported("cuStreamGetCaptureInfo")
    }

    /// `cuStreamCopyAttributes`.
    fn stream_copy_attributes(
        &self,
        cx: Cx,
        dst_stream: Stream,
        src_stream: Stream,
    ) -> CuResult<()> {
        let _ = (cx, dst_stream, src_stream);
        not_supported("cuStreamCopyAttributes")
    }

    /// `cuStreamGetAttribute`.
    fn stream_get_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let _ = (cx, h_stream, attr);
        not_supported("cuStreamGetAttribute")
    }

    /// `cuStreamSetAttribute`.
    fn stream_set_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
        param: &CUstreamAttrValue,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, attr, param);
        not_supported("cuStreamSetAttribute")
    }

    /// `cuStreamUpdateCaptureDependencies_v2`.
    fn stream_update_capture_dependencies(
        &self,
        cx: Cx,
        h_stream: Stream,
        dependencies: &[GraphNode],
        dependency_data: &[CUgraphEdgeData],
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, h_stream, dependencies, dependency_data, flags);
        not_supported("cuStreamUpdateCaptureDependencies_v2")
    }
}

/// Calls of `protocol/api/event.rs`.
pub trait EventApi {
    /// `cuIpcGetEventHandle`.
    fn ipc_get_event_handle(&self, cx: Cx, event: Event) -> CuResult<CUipcEventHandle> {
        let _ = (cx, event);
        not_supported("cuIpcGetEventHandle")
    }

    /// `cuIpcOpenEventHandle`.
    fn ipc_open_event_handle(&self, cx: Cx, handle: CUipcEventHandle) -> CuResult<Event> {
        let _ = (cx, handle);
        not_supported("cuIpcOpenEventHandle")
    }

    /// `cuEventCreate`.
    fn event_create(&self, cx: Cx, flags: u32) -> CuResult<Event> {
        let _ = (cx, flags);
        not_supported("cuEventCreate")
    }

    /// `cuEventQuery`.
    fn event_query(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let _ = (cx, h_event);
        not_supported("cuEventQuery")
    }

    /// `cuEventSynchronize`.
    fn event_synchronize(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let _ = (cx, h_event);
        not_supported("cuEventSynchronize")
    }

    /// `cuEventDestroy_v2`.
    fn event_destroy(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        let _ = (cx, h_event);
        not_supported("cuEventDestroy_v2")
    }

    /// `cuEventElapsedTime_v2`.
    fn event_elapsed_time(&self, cx: Cx, h_start: Event, h_end: Event) -> CuResult<f32> {
        let _ = (cx, h_start, h_end);
        not_supported("cuEventElapsedTime_v2")
    }

    /// `cuEventRecord`.
    fn event_record(&self, cx: Cx, h_event: Event, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_event, h_stream);
        not_supported("cuEventRecord")
    }

    /// `cuEventRecordWithFlags`.
    fn event_record_with_flags(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
        flags: u32,
    ) -> CuResult<()> {
        let _ = (cx, h_event, h_stream, flags);
        not_supported("cuEventRecordWithFlags")
    }
}

/// Calls of `protocol/api/module.rs`.
pub trait ModuleApi {
    /// `cuModuleUnload`.
    ///
    /// The client forgets the module's functions.
    fn module_unload(&self, cx: Cx, hmod: Module) -> CuResult<()> {
        let _ = (cx, hmod);
        not_supported("cuModuleUnload")
    }

    /// `cuModuleGetGlobal_v2`.
    ///
    /// Address and size of a variable; either pointer may be null.
    fn module_get_global(&self, cx: Cx, hmod: Module, name: &CStr) -> CuResult<(DevicePtr, usize)> {
        let _ = (cx, hmod, name);
        not_supported("cuModuleGetGlobal_v2")
    }

    /// `cuLibraryUnload`.
    fn library_unload(&self, cx: Cx, library: Library) -> CuResult<()> {
        let _ = (cx, library);
        not_supported("cuLibraryUnload")
    }

    /// `cuLibraryGetModule`.
    ///
    /// The library's module in the current context. The client learns which functions it shares.
    fn library_get_module(&self, cx: Cx, library: Library) -> CuResult<Module> {
        let _ = (cx, library);
        not_supported("cuLibraryGetModule")
    }

    /// `cuLibraryGetGlobal`.
    fn library_get_global(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        let _ = (cx, library, name);
        not_supported("cuLibraryGetGlobal")
    }

    /// `cuLibraryGetManaged`.
    ///
    /// May come before there is a context: the first device's primary context becomes active then.
    fn library_get_managed(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        let _ = (cx, library, name);
        not_supported("cuLibraryGetManaged")
    }
}

/// Calls of `protocol/api/launch.rs`.
pub trait LaunchApi {
    /// `cuOccupancyMaxActiveBlocksPerMultiprocessor`.
    fn occupancy_max_active_blocks_per_multiprocessor(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
    ) -> CuResult<i32> {
        let _ = (cx, func, block_size, dynamic_smem_size);
        not_supported("cuOccupancyMaxActiveBlocksPerMultiprocessor")
    }

    /// `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`.
    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
        flags: u32,
    ) -> CuResult<i32> {
        let _ = (cx, func, block_size, dynamic_smem_size, flags);
        not_supported("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags")
    }

    /// `cuOccupancyAvailableDynamicSMemPerBlock`.
    fn occupancy_available_dynamic_smem_per_block(
        &self,
        cx: Cx,
        func: Function,
        num_blocks: i32,
        block_size: i32,
    ) -> CuResult<usize> {
        let _ = (cx, func, num_blocks, block_size);
        not_supported("cuOccupancyAvailableDynamicSMemPerBlock")
    }
}

/// Calls of `protocol/api/graph.rs`.
pub trait GraphApi {
    /// `cuGraphCreate`.
    fn graph_create(&self, cx: Cx, flags: u32) -> CuResult<Graph> {
        let _ = (cx, flags);
        not_supported("cuGraphCreate")
    }

    /// `cuGraphAddChildGraphNode`.
    fn graph_add_child_graph_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        child_graph: Graph,
    ) -> CuResult<GraphNode> {
        let _ = (cx, h_graph, dependencies, child_graph);
        not_supported("cuGraphAddChildGraphNode")
    }

    /// `cuGraphChildGraphNodeGetGraph`.
    fn graph_child_graph_node_get_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        let _ = (cx, h_node);
        not_supported("cuGraphChildGraphNodeGetGraph")
    }

    /// `cuGraphAddEmptyNode`.
    fn graph_add_empty_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
    ) -> CuResult<GraphNode> {
        let _ = (cx, h_graph, dependencies);
        not_supported("cuGraphAddEmptyNode")
    }

    /// `cuGraphAddEventRecordNode`.
    fn graph_add_event_record_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let _ = (cx, h_graph, dependencies, event);
        not_supported("cuGraphAddEventRecordNode")
    }

    /// `cuGraphEventRecordNodeGetEvent`.
    fn graph_event_record_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        let _ = (cx, h_node);
        not_supported("cuGraphEventRecordNodeGetEvent")
    }

    /// `cuGraphEventRecordNodeSetEvent`.
    fn graph_event_record_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let _ = (cx, h_node, event);
        not_supported("cuGraphEventRecordNodeSetEvent")
    }

    /// `cuGraphAddEventWaitNode`.
    fn graph_add_event_wait_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let _ = (cx, h_graph, dependencies, event);
        not_supported("cuGraphAddEventWaitNode")
    }

    /// `cuGraphEventWaitNodeGetEvent`.
    fn graph_event_wait_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        let _ = (cx, h_node);
        not_supported("cuGraphEventWaitNodeGetEvent")
    }

    /// `cuGraphEventWaitNodeSetEvent`.
    fn graph_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let _ = (cx, h_node, event);
        not_supported("cuGraphEventWaitNodeSetEvent")
    }

    /// `cuDeviceGraphMemTrim`.
    ///
    /// Gives memory that graphs no longer use back.
    fn device_graph_mem_trim(&self, cx: Cx, device: Device) -> CuResult<()> {
        let _ = (cx, device);
        not_supported("cuDeviceGraphMemTrim")
    }

    /// `cuDeviceGetGraphMemAttribute`.
    ///
    /// Every attribute is one 64-bit number.
    fn device_get_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
    ) -> CuResult<u64> {
        let _ = (cx, device, attr);
        not_supported("cuDeviceGetGraphMemAttribute")
    }

    /// `cuDeviceSetGraphMemAttribute`.
    ///
    /// Every attribute is one 64-bit number.
    fn device_set_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
        value: u64,
    ) -> CuResult<()> {
        let _ = (cx, device, attr, value);
        not_supported("cuDeviceSetGraphMemAttribute")
    }

    /// `cuGraphClone`.
    fn graph_clone(&self, cx: Cx, original_graph: Graph) -> CuResult<Graph> {
        let _ = (cx, original_graph);
        not_supported("cuGraphClone")
    }

    /// `cuGraphNodeFindInClone`.
    fn graph_node_find_in_clone(
        &self,
        cx: Cx,
        h_original_node: GraphNode,
        h_cloned_graph: Graph,
    ) -> CuResult<GraphNode> {
        let _ = (cx, h_original_node, h_cloned_graph);
        not_supported("cuGraphNodeFindInClone")
    }

    /// `cuGraphNodeGetType`.
    fn graph_node_get_type(&self, cx: Cx, h_node: GraphNode) -> CuResult<CUgraphNodeType> {
        let _ = (cx, h_node);
        not_supported("cuGraphNodeGetType")
    }

    /// `cuGraphNodeGetContainingGraph`.
    fn graph_node_get_containing_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        let _ = (cx, h_node);
        not_supported("cuGraphNodeGetContainingGraph")
    }

    /// `cuGraphNodeGetLocalId`.
    fn graph_node_get_local_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u32> {
        let _ = (cx, h_node);
        not_supported("cuGraphNodeGetLocalId")
    }

    /// `cuGraphNodeGetToolsId`.
    fn graph_node_get_tools_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u64> {
        let _ = (cx, h_node);
        not_supported("cuGraphNodeGetToolsId")
    }

    /// `cuGraphGetId`.
    fn graph_get_id(&self, cx: Cx, h_graph: Graph) -> CuResult<u32> {
        let _ = (cx, h_graph);
        not_supported("cuGraphGetId")
    }

    /// `cuGraphExecGetId`.
    fn graph_exec_get_id(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u32> {
        let _ = (cx, h_graph_exec);
        not_supported("cuGraphExecGetId")
    }

    /// `cuGraphGetNodes`.
    ///
    /// A null list asks for the number only.
    fn graph_get_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let _ = (cx, h_graph, num_nodes);
        not_supported("cuGraphGetNodes")
    }

    /// `cuGraphGetRootNodes`.
    ///
    /// A null list asks for the number only.
    fn graph_get_root_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_root_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let _ = (cx, h_graph, num_root_nodes);
        not_supported("cuGraphGetRootNodes")
    }

    /// `cuGraphGetEdges_v2`.
    fn graph_get_edges(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_edges: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let _ = (cx, h_graph, num_edges);
        not_supported("cuGraphGetEdges_v2")
    }

    /// `cuGraphNodeGetDependencies_v2`.
    fn graph_node_get_dependencies(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependencies: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let _ = (cx, h_node, num_dependencies);
        not_supported("cuGraphNodeGetDependencies_v2")
    }

    /// `cuGraphNodeGetDependentNodes_v2`.
    fn graph_node_get_dependent_nodes(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependent_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let _ = (cx, h_node, num_dependent_nodes);
        not_supported("cuGraphNodeGetDependentNodes_v2")
    }

    /// `cuGraphAddDependencies_v2`.
    fn graph_add_dependencies(
        &self,
        cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        let _ = (cx, h_graph, from, to, edge_data);
        not_supported("cuGraphAddDependencies_v2")
    }

    /// `cuGraphRemoveDependencies_v2`.
    fn graph_remove_dependencies(
        &self,
        cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        let _ = (cx, h_graph, from, to, edge_data);
        not_supported("cuGraphRemoveDependencies_v2")
    }

    /// `cuGraphDestroyNode`.
    fn graph_destroy_node(&self, cx: Cx, h_node: GraphNode) -> CuResult<()> {
        let _ = (cx, h_node);
        not_supported("cuGraphDestroyNode")
    }

    /// `cuGraphInstantiateWithFlags`.
    fn graph_instantiate_with_flags(
        &self,
        cx: Cx,
        h_graph: Graph,
        flags: u64,
    ) -> CuResult<GraphExec> {
        let _ = (cx, h_graph, flags);
        not_supported("cuGraphInstantiateWithFlags")
    }

    /// `cuGraphExecGetFlags`.
    fn graph_exec_get_flags(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u64> {
        let _ = (cx, h_graph_exec);
        not_supported("cuGraphExecGetFlags")
    }

    /// `cuGraphExecChildGraphNodeSetParams`.
    fn graph_exec_child_graph_node_set_params(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        child_graph: Graph,
    ) -> CuResult<()> {
        let _ = (cx, h_graph_exec, h_node, child_graph);
        not_supported("cuGraphExecChildGraphNodeSetParams")
    }

    /// `cuGraphExecEventRecordNodeSetEvent`.
    fn graph_exec_event_record_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let _ = (cx, h_graph_exec, h_node, event);
        not_supported("cuGraphExecEventRecordNodeSetEvent")
    }

    /// `cuGraphExecEventWaitNodeSetEvent`.
    fn graph_exec_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let _ = (cx, h_graph_exec, h_node, event);
        not_supported("cuGraphExecEventWaitNodeSetEvent")
    }

    /// `cuGraphNodeSetEnabled`.
    fn graph_node_set_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        is_enabled: u32,
    ) -> CuResult<()> {
        let _ = (cx, h_graph_exec, h_node, is_enabled);
        not_supported("cuGraphNodeSetEnabled")
    }

    /// `cuGraphNodeGetEnabled`.
    fn graph_node_get_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
    ) -> CuResult<u32> {
        let _ = (cx, h_graph_exec, h_node);
        not_supported("cuGraphNodeGetEnabled")
    }

    /// `cuGraphExecDestroy`.
    fn graph_exec_destroy(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<()> {
        let _ = (cx, h_graph_exec);
        not_supported("cuGraphExecDestroy")
    }

    /// `cuGraphDestroy`.
    fn graph_destroy(&self, cx: Cx, h_graph: Graph) -> CuResult<()> {
        let _ = (cx, h_graph);
        not_supported("cuGraphDestroy")
    }

    /// `cuGraphKernelNodeCopyAttributes`.
    fn graph_kernel_node_copy_attributes(
        &self,
        cx: Cx,
        dst: GraphNode,
        src: GraphNode,
    ) -> CuResult<()> {
        let _ = (cx, dst, src);
        not_supported("cuGraphKernelNodeCopyAttributes")
    }

    /// `cuGraphKernelNodeGetAttribute`.
    fn graph_kernel_node_get_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let _ = (cx, h_node, attr);
        not_supported("cuGraphKernelNodeGetAttribute")
    }

    /// `cuGraphKernelNodeSetAttribute`.
    fn graph_kernel_node_set_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
        value: &CUstreamAttrValue,
    ) -> CuResult<()> {
        let _ = (cx, h_node, attr, value);
        not_supported("cuGraphKernelNodeSetAttribute")
    }

    /// `cuGraphUpload`.
    fn graph_upload(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_graph, h_stream);
        not_supported("cuGraphUpload")
    }

    /// `cuGraphLaunch`.
    ///
    /// Charged like the launches it holds.
    fn graph_launch(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let _ = (cx, h_graph, h_stream);
        not_supported("cuGraphLaunch")
    }
}

/// Calls of `protocol/api/pool.rs`.
pub trait PoolApi {
    /// `cuDeviceSetMemPool`.
    fn device_set_mem_pool(&self, cx: Cx, dev: Device, pool: MemPool) -> CuResult<()> {
        let _ = (cx, dev, pool);
        not_supported("cuDeviceSetMemPool")
    }

    /// `cuDeviceGetMemPool`.
    fn device_get_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let _ = (cx, dev);
        not_supported("cuDeviceGetMemPool")
    }

    /// `cuDeviceGetDefaultMemPool`.
    fn device_get_default_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let _ = (cx, dev);
        not_supported("cuDeviceGetDefaultMemPool")
    }

    /// `cuMemPoolTrimTo`.
    fn mem_pool_trim_to(&self, cx: Cx, pool: MemPool, min_bytes_to_keep: usize) -> CuResult<()> {
        let _ = (cx, pool, min_bytes_to_keep);
        not_supported("cuMemPoolTrimTo")
    }

    /// `cuMemPoolSetAttribute`.
    ///
    /// The border knows which attributes are 32 bits wide; behind it all are 64.
    fn mem_pool_set_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
        value: u64,
    ) -> CuResult<()> {
        let _ = (cx, pool, attr, value);
        not_supported("cuMemPoolSetAttribute")
    }

    /// `cuMemPoolGetAttribute`.
    ///
    /// The border knows which attributes are 32 bits wide; behind it all are 64.
    fn mem_pool_get_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
    ) -> CuResult<u64> {
        let _ = (cx, pool, attr);
        not_supported("cuMemPoolGetAttribute")
    }

    /// `cuMemPoolSetAccess`.
    fn mem_pool_set_access(&self, cx: Cx, pool: MemPool, map: &[CUmemAccessDesc]) -> CuResult<()> {
        let _ = (cx, pool, map);
        not_supported("cuMemPoolSetAccess")
    }

    /// `cuMemPoolGetAccess`.
    fn mem_pool_get_access(
        &self,
        cx: Cx,
        mem_pool: MemPool,
        location: &CUmemLocation,
    ) -> CuResult<CUmemAccess_flags> {
        let _ = (cx, mem_pool, location);
        not_supported("cuMemPoolGetAccess")
    }

    /// `cuMemPoolCreate`.
    fn mem_pool_create(&self, cx: Cx, pool_props: &CUmemPoolProps) -> CuResult<MemPool> {
        let _ = (cx, pool_props);
        not_supported("cuMemPoolCreate")
    }

    /// `cuMemPoolDestroy`.
    fn mem_pool_destroy(&self, cx: Cx, pool: MemPool) -> CuResult<()> {
        let _ = (cx, pool);
        not_supported("cuMemPoolDestroy")
    }

    /// `cuMemGetDefaultMemPool`.
    fn mem_get_default_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let _ = (cx, location, kind);
        not_supported("cuMemGetDefaultMemPool")
    }

    /// `cuMemGetMemPool`.
    fn mem_get_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let _ = (cx, location, kind);
        not_supported("cuMemGetMemPool")
    }

    /// `cuMemSetMemPool`.
    fn mem_set_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
        pool: MemPool,
    ) -> CuResult<()> {
        let _ = (cx, location, kind, pool);
        not_supported("cuMemSetMemPool")
    }

    /// `cuMemPoolExportToShareableHandle`.
    ///
    /// A file descriptor; between client and worker, the token of one.
    fn mem_pool_export_to_shareable_handle(
        &self,
        cx: Cx,
        pool: MemPool,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        let _ = (cx, pool, handle_type, flags);
        not_supported("cuMemPoolExportToShareableHandle")
    }

    /// `cuMemPoolImportFromShareableHandle`.
    ///
    /// As for the export.
    fn mem_pool_import_from_shareable_handle(
        &self,
        cx: Cx,
        handle: u64,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<MemPool> {
        let _ = (cx, handle, handle_type, flags);
        not_supported("cuMemPoolImportFromShareableHandle")
    }

    /// `cuMemPoolExportPointer`.
    fn mem_pool_export_pointer(&self, cx: Cx, ptr: DevicePtr) -> CuResult<CUmemPoolPtrExportData> {
        let _ = (cx, ptr);
        not_supported("cuMemPoolExportPointer")
    }

    /// `cuMemPoolImportPointer`.
    ///
    /// Charged to the session that imports.
    fn mem_pool_import_pointer(
        &self,
        cx: Cx,
        pool: MemPool,
        share_data: &CUmemPoolPtrExportData,
    ) -> CuResult<DevicePtr> {
        let _ = (cx, pool, share_data);
        not_supported("cuMemPoolImportPointer")
    }
}

/// Calls of `protocol/api/vmm.rs`.
pub trait VmmApi {
    /// `cuMemAddressReserve`.
    fn mem_address_reserve(
        &self,
        cx: Cx,
        size: usize,
        alignment: usize,
        addr: DevicePtr,
        flags: u64,
    ) -> CuResult<DevicePtr> {
        let _ = (cx, size, alignment, addr, flags);
        not_supported("cuMemAddressReserve")
    }

    /// `cuMemAddressFree`.
    fn mem_address_free(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let _ = (cx, ptr, size);
        not_supported("cuMemAddressFree")
    }

    /// `cuMemCreate`.
    fn mem_create(
        &self,
        cx: Cx,
        size: usize,
        prop: &CUmemAllocationProp,
        flags: u64,
    ) -> CuResult<MemAllocation> {
        let _ = (cx, size, prop, flags);
        not_supported("cuMemCreate")
    }

    /// `cuMemRelease`.
    ///
    /// Memory stays charged while it is mapped.
    fn mem_release(&self, cx: Cx, handle: MemAllocation) -> CuResult<()> {
        let _ = (cx, handle);
        not_supported("cuMemRelease")
    }

    /// `cuMemMap`.
    fn mem_map(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        offset: usize,
        handle: MemAllocation,
        flags: u64,
    ) -> CuResult<()> {
        let _ = (cx, ptr, size, offset, handle, flags);
        not_supported("cuMemMap")
    }

    /// `cuMemUnmap`.
    fn mem_unmap(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let _ = (cx, ptr, size);
        not_supported("cuMemUnmap")
    }

    /// `cuMemSetAccess`.
    fn mem_set_access(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        desc: &[CUmemAccessDesc],
    ) -> CuResult<()> {
        let _ = (cx, ptr, size, desc);
        not_supported("cuMemSetAccess")
    }

    /// `cuMemGetAccess`.
    fn mem_get_access(&self, cx: Cx, location: &CUmemLocation, ptr: DevicePtr) -> CuResult<u64> {
        let _ = (cx, location, ptr);
        not_supported("cuMemGetAccess")
    }

    /// `cuMemExportToShareableHandle`.
    ///
    /// A file descriptor; between client and worker, the token of one.
    fn mem_export_to_shareable_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        let _ = (cx, handle, handle_type, flags);
        not_supported("cuMemExportToShareableHandle")
    }

    /// `cuMemImportFromShareableHandle`.
    ///
    /// As for the export. Charged to the session that imports.
    fn mem_import_from_shareable_handle(
        &self,
        cx: Cx,
        os_handle: u64,
        sh_handle_type: CUmemAllocationHandleType,
    ) -> CuResult<MemAllocation> {
        let _ = (cx, os_handle, sh_handle_type);
        not_supported("cuMemImportFromShareableHandle")
    }

    /// `cuMemGetAllocationGranularity`.
    fn mem_get_allocation_granularity(
        &self,
        cx: Cx,
        prop: &CUmemAllocationProp,
        option: CUmemAllocationGranularity_flags,
    ) -> CuResult<usize> {
        let _ = (cx, prop, option);
        not_supported("cuMemGetAllocationGranularity")
    }

    /// `cuMemGetAllocationPropertiesFromHandle`.
    fn mem_get_allocation_properties_from_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
    ) -> CuResult<CUmemAllocationProp> {
        let _ = (cx, handle);
        not_supported("cuMemGetAllocationPropertiesFromHandle")
    }

    /// `cuMemRetainAllocationHandle`.
    fn mem_retain_allocation_handle(&self, cx: Cx, addr: u64) -> CuResult<MemAllocation> {
        let _ = (cx, addr);
        not_supported("cuMemRetainAllocationHandle")
    }
}
