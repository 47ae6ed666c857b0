// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Decodes each call, translates its handles, and issues it.

use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::types::*;
use rigel_protocol::handle::*;

use crate::worker::issue::{Fault, Issue};

/// Issues a call that follows from the table; `None` if the id is no such call's.
#[expect(clippy::too_many_lines, reason = "one line a call")]
pub(in crate::worker) fn dispatch(call: Call, issue: &mut Issue<'_>) -> Option<Result<(), Fault>> {
    Some(match call {
        Call::DEVICE_CAN_ACCESS_PEER => device_can_access_peer(issue),
        Call::DEVICE_GET_P2P_ATTRIBUTE => device_get_p2p_attribute(issue),
        Call::CTX_SYNCHRONIZE => ctx_synchronize(issue),
        Call::CTX_SET_LIMIT => ctx_set_limit(issue),
        Call::CTX_GET_LIMIT => ctx_get_limit(issue),
        Call::CTX_GET_CACHE_CONFIG => ctx_get_cache_config(issue),
        Call::CTX_SET_CACHE_CONFIG => ctx_set_cache_config(issue),
        Call::CTX_GET_STREAM_PRIORITY_RANGE => ctx_get_stream_priority_range(issue),
        Call::CTX_RESET_PERSISTING_L2_CACHE => ctx_reset_persisting_l2_cache(issue),
        Call::CTX_ENABLE_PEER_ACCESS => ctx_enable_peer_access(issue),
        Call::CTX_DISABLE_PEER_ACCESS => ctx_disable_peer_access(issue),
        Call::MEM_GET_INFO_V2 => mem_get_info(issue),
        Call::MEM_ALLOC_V2 => mem_alloc(issue),
        Call::MEM_FREE_V2 => mem_free(issue),
        Call::MEM_GET_ADDRESS_RANGE_V2 => mem_get_address_range(issue),
        Call::MEM_ALLOC_MANAGED => mem_alloc_managed(issue),
        Call::IPC_GET_MEM_HANDLE => ipc_get_mem_handle(issue),
        Call::IPC_OPEN_MEM_HANDLE_V2 => ipc_open_mem_handle(issue),
        Call::IPC_CLOSE_MEM_HANDLE => ipc_close_mem_handle(issue),
        Call::MEM_ADVISE_V2 => mem_advise(issue),
        Call::MEM_RANGE_GET_ATTRIBUTE => mem_range_get_attribute(issue),
        Call::MEM_PREFETCH_ASYNC_V2 => mem_prefetch_async(issue),
        Call::MEM_FREE_ASYNC => mem_free_async(issue),
        Call::MEM_ALLOC_ASYNC => mem_alloc_async(issue),
        Call::MEM_ALLOC_FROM_POOL_ASYNC => mem_alloc_from_pool_async(issue),
        Call::STREAM_CREATE => stream_create(issue),
        Call::STREAM_CREATE_WITH_PRIORITY => stream_create_with_priority(issue),
        Call::STREAM_DESTROY_V2 => stream_destroy(issue),
        Call::STREAM_WAIT_EVENT => stream_wait_event(issue),
        Call::STREAM_ATTACH_MEM_ASYNC => stream_attach_mem_async(issue),
        Call::STREAM_QUERY => stream_query(issue),
        Call::STREAM_SYNCHRONIZE => stream_synchronize(issue),
        Call::STREAM_WRITE_VALUE32_V2 => stream_write_value32(issue),
        Call::STREAM_WAIT_VALUE32_V2 => stream_wait_value32(issue),
        Call::STREAM_WRITE_VALUE64_V2 => stream_write_value64(issue),
        Call::STREAM_WAIT_VALUE64_V2 => stream_wait_value64(issue),
        Call::STREAM_BATCH_MEM_OP_V2 => stream_batch_mem_op(issue),
        Call::STREAM_BEGIN_CAPTURE_V2 => stream_begin_capture(issue),
        Call::STREAM_BEGIN_CAPTURE_TO_GRAPH => stream_begin_capture_to_graph(issue),
        Call::STREAM_END_CAPTURE => stream_end_capture(issue),
        Call::STREAM_IS_CAPTURING => stream_is_capturing(issue),
        Call::STREAM_GET_CAPTURE_INFO => stream_get_capture_info(issue),
        Call::STREAM_COPY_ATTRIBUTES => stream_copy_attributes(issue),
        Call::STREAM_GET_ATTRIBUTE => stream_get_attribute(issue),
        Call::STREAM_SET_ATTRIBUTE => stream_set_attribute(issue),
        Call::STREAM_UPDATE_CAPTURE_DEPENDENCIES_V2 => stream_update_capture_dependencies(issue),
        Call::IPC_GET_EVENT_HANDLE => ipc_get_event_handle(issue),
        Call::IPC_OPEN_EVENT_HANDLE => ipc_open_event_handle(issue),
        Call::EVENT_CREATE => event_create(issue),
        Call::EVENT_QUERY => event_query(issue),
        Call::EVENT_SYNCHRONIZE => event_synchronize(issue),
        Call::EVENT_DESTROY_V2 => event_destroy(issue),
        Call::EVENT_ELAPSED_TIME_V2 => event_elapsed_time(issue),
        Call::EVENT_RECORD => event_record(issue),
        Call::EVENT_RECORD_WITH_FLAGS => event_record_with_flags(issue),
        Call::MODULE_UNLOAD => module_unload(issue),
        Call::MODULE_GET_GLOBAL_V2 => module_get_global(issue),
        Call::LIBRARY_UNLOAD => library_unload(issue),
        Call::LIBRARY_GET_MODULE => library_get_module(issue),
        Call::LIBRARY_GET_GLOBAL => library_get_global(issue),
        Call::LIBRARY_GET_MANAGED => library_get_managed(issue),
        Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR => {
            occupancy_max_active_blocks_per_multiprocessor(issue)
        }
        Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR_WITH_FLAGS => {
            occupancy_max_active_blocks_per_multiprocessor_with_flags(issue)
        }
        Call::OCCUPANCY_AVAILABLE_DYNAMIC_SMEM_PER_BLOCK => {
            occupancy_available_dynamic_smem_per_block(issue)
        }
        Call::GRAPH_CREATE => graph_create(issue),
        Call::GRAPH_ADD_CHILD_GRAPH_NODE => graph_add_child_graph_node(issue),
        Call::GRAPH_CHILD_GRAPH_NODE_GET_GRAPH => graph_child_graph_node_get_graph(issue),
        Call::GRAPH_ADD_EMPTY_NODE => graph_add_empty_node(issue),
        Call::GRAPH_ADD_EVENT_RECORD_NODE => graph_add_event_record_node(issue),
        Call::GRAPH_EVENT_RECORD_NODE_GET_EVENT => graph_event_record_node_get_event(issue),
        Call::GRAPH_EVENT_RECORD_NODE_SET_EVENT => graph_event_record_node_set_event(issue),
        Call::GRAPH_ADD_EVENT_WAIT_NODE => graph_add_event_wait_node(issue),
        Call::GRAPH_EVENT_WAIT_NODE_GET_EVENT => graph_event_wait_node_get_event(issue),
        Call::GRAPH_EVENT_WAIT_NODE_SET_EVENT => graph_event_wait_node_set_event(issue),
        Call::DEVICE_GRAPH_MEM_TRIM => device_graph_mem_trim(issue),
        Call::DEVICE_GET_GRAPH_MEM_ATTRIBUTE => device_get_graph_mem_attribute(issue),
        Call::DEVICE_SET_GRAPH_MEM_ATTRIBUTE => device_set_graph_mem_attribute(issue),
        Call::GRAPH_CLONE => graph_clone(issue),
        Call::GRAPH_NODE_FIND_IN_CLONE => graph_node_find_in_clone(issue),
        Call::GRAPH_NODE_GET_TYPE => graph_node_get_type(issue),
        Call::GRAPH_NODE_GET_CONTAINING_GRAPH => graph_node_get_containing_graph(issue),
        Call::GRAPH_NODE_GET_LOCAL_ID => graph_node_get_local_id(issue),
        Call::GRAPH_NODE_GET_TOOLS_ID => graph_node_get_tools_id(issue),
        Call::GRAPH_GET_ID => graph_get_id(issue),
        Call::GRAPH_EXEC_GET_ID => graph_exec_get_id(issue),
        Call::GRAPH_GET_NODES => graph_get_nodes(issue),
        Call::GRAPH_GET_ROOT_NODES => graph_get_root_nodes(issue),
        Call::GRAPH_GET_EDGES_V2 => graph_get_edges(issue),
        Call::GRAPH_NODE_GET_DEPENDENCIES_V2 => graph_node_get_dependencies(issue),
        Call::GRAPH_NODE_GET_DEPENDENT_NODES_V2 => graph_node_get_dependent_nodes(issue),
        Call::GRAPH_ADD_DEPENDENCIES_V2 => graph_add_dependencies(issue),
        Call::GRAPH_REMOVE_DEPENDENCIES_V2 => graph_remove_dependencies(issue),
        Call::GRAPH_DESTROY_NODE => graph_destroy_node(issue),
        Call::GRAPH_INSTANTIATE_WITH_FLAGS => graph_instantiate_with_flags(issue),
        Call::GRAPH_EXEC_GET_FLAGS => graph_exec_get_flags(issue),
        Call::GRAPH_EXEC_CHILD_GRAPH_NODE_SET_PARAMS => {
            graph_exec_child_graph_node_set_params(issue)
        }
        Call::GRAPH_EXEC_EVENT_RECORD_NODE_SET_EVENT => {
            graph_exec_event_record_node_set_event(issue)
        }
        Call::GRAPH_EXEC_EVENT_WAIT_NODE_SET_EVENT => graph_exec_event_wait_node_set_event(issue),
        Call::GRAPH_NODE_SET_ENABLED => graph_node_set_enabled(issue),
        Call::GRAPH_NODE_GET_ENABLED => graph_node_get_enabled(issue),
        Call::GRAPH_EXEC_DESTROY => graph_exec_destroy(issue),
        Call::GRAPH_DESTROY => graph_destroy(issue),
        Call::GRAPH_KERNEL_NODE_COPY_ATTRIBUTES => graph_kernel_node_copy_attributes(issue),
        Call::GRAPH_KERNEL_NODE_GET_ATTRIBUTE => graph_kernel_node_get_attribute(issue),
        Call::GRAPH_KERNEL_NODE_SET_ATTRIBUTE => graph_kernel_node_set_attribute(issue),
        Call::GRAPH_UPLOAD => graph_upload(issue),
        Call::GRAPH_LAUNCH => graph_launch(issue),
        Call::DEVICE_SET_MEM_POOL => device_set_mem_pool(issue),
        Call::DEVICE_GET_MEM_POOL => device_get_mem_pool(issue),
        Call::DEVICE_GET_DEFAULT_MEM_POOL => device_get_default_mem_pool(issue),
        Call::MEM_POOL_TRIM_TO => mem_pool_trim_to(issue),
        Call::MEM_POOL_SET_ATTRIBUTE => mem_pool_set_attribute(issue),
        Call::MEM_POOL_GET_ATTRIBUTE => mem_pool_get_attribute(issue),
        Call::MEM_POOL_SET_ACCESS => mem_pool_set_access(issue),
        Call::MEM_POOL_GET_ACCESS => mem_pool_get_access(issue),
        Call::MEM_POOL_CREATE => mem_pool_create(issue),
        Call::MEM_POOL_DESTROY => mem_pool_destroy(issue),
        Call::MEM_GET_DEFAULT_MEM_POOL => mem_get_default_mem_pool(issue),
        Call::MEM_GET_MEM_POOL => mem_get_mem_pool(issue),
        Call::MEM_SET_MEM_POOL => mem_set_mem_pool(issue),
        Call::MEM_POOL_EXPORT_TO_SHAREABLE_HANDLE => mem_pool_export_to_shareable_handle(issue),
        Call::MEM_POOL_IMPORT_FROM_SHAREABLE_HANDLE => mem_pool_import_from_shareable_handle(issue),
        Call::MEM_POOL_EXPORT_POINTER => mem_pool_export_pointer(issue),
        Call::MEM_POOL_IMPORT_POINTER => mem_pool_import_pointer(issue),
        Call::MEM_ADDRESS_RESERVE => mem_address_reserve(issue),
        Call::MEM_ADDRESS_FREE => mem_address_free(issue),
        Call::MEM_CREATE => mem_create(issue),
        Call::MEM_RELEASE => mem_release(issue),
        Call::MEM_MAP => mem_map(issue),
        Call::MEM_UNMAP => mem_unmap(issue),
        Call::MEM_SET_ACCESS => mem_set_access(issue),
        Call::MEM_GET_ACCESS => mem_get_access(issue),
        Call::MEM_EXPORT_TO_SHAREABLE_HANDLE => mem_export_to_shareable_handle(issue),
        Call::MEM_IMPORT_FROM_SHAREABLE_HANDLE => mem_import_from_shareable_handle(issue),
        Call::MEM_GET_ALLOCATION_GRANULARITY => mem_get_allocation_granularity(issue),
        Call::MEM_GET_ALLOCATION_PROPERTIES_FROM_HANDLE => {
            mem_get_allocation_properties_from_handle(issue)
        }
        Call::MEM_RETAIN_ALLOCATION_HANDLE => mem_retain_allocation_handle(issue),
        _ => return None,
    })
}

/// `cuDeviceCanAccessPeer`.
fn device_can_access_peer(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev: Device = issue.get()?;
    let peer_dev: Device = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let can_access_peer_out = issue.driver().device_can_access_peer(cx, dev, peer_dev)?;
    issue.put(&can_access_peer_out);
    Ok(())
}

/// `cuDeviceGetP2PAttribute`.
fn device_get_p2p_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let attrib: CUdevice_P2PAttribute = issue.get()?;
    let src_device: Device = issue.get()?;
    let dst_device: Device = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let value_out = issue
        .driver()
        .device_get_p2p_attribute(cx, attrib, src_device, dst_device)?;
    issue.put(&value_out);
    Ok(())
}

/// `cuCtxSynchronize`.
fn ctx_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.later(move |driver, _| {
        driver.ctx_synchronize(cx)?;
        Ok(())
    })
}

/// `cuCtxSetLimit`.
fn ctx_set_limit(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let limit: CUlimit = issue.get()?;
    let value: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().ctx_set_limit(cx, limit, value)?;
    Ok(())
}

/// `cuCtxGetLimit`.
fn ctx_get_limit(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let limit: CUlimit = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pvalue_out = issue.driver().ctx_get_limit(cx, limit)?;
    issue.put(&pvalue_out);
    Ok(())
}

/// `cuCtxGetCacheConfig`.
fn ctx_get_cache_config(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let cx = issue.cx();
    let pconfig_out = issue.driver().ctx_get_cache_config(cx)?;
    issue.put(&pconfig_out);
    Ok(())
}

/// `cuCtxSetCacheConfig`.
fn ctx_set_cache_config(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let config: CUfunc_cache = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().ctx_set_cache_config(cx, config)?;
    Ok(())
}

/// `cuCtxGetStreamPriorityRange`.
fn ctx_get_stream_priority_range(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let cx = issue.cx();
    let (least_priority_out, greatest_priority_out) =
        issue.driver().ctx_get_stream_priority_range(cx)?;
    issue.put(&least_priority_out);
    issue.put(&greatest_priority_out);
    Ok(())
}

/// `cuCtxResetPersistingL2Cache`.
fn ctx_reset_persisting_l2_cache(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().ctx_reset_persisting_l2_cache(cx)?;
    Ok(())
}

/// `cuCtxEnablePeerAccess`.
fn ctx_enable_peer_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let peer_context = issue.context()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .ctx_enable_peer_access(cx, peer_context, flags)?;
    Ok(())
}

/// `cuCtxDisablePeerAccess`.
fn ctx_disable_peer_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let peer_context = issue.context()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().ctx_disable_peer_access(cx, peer_context)?;
    Ok(())
}

/// `cuMemGetInfo_v2`.
fn mem_get_info(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let cx = issue.cx();
    let (free_out, total_out) = issue.driver().mem_get_info(cx)?;
    issue.put(&free_out);
    issue.put(&total_out);
    Ok(())
}

/// `cuMemAlloc_v2`.
fn mem_alloc(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let bytesize: usize = issue.get()?;
    issue.end_of_record()?;
    let charge = issue.charge(bytesize as u64)?;
    let cx = issue.cx();
    let dptr_out = issue.driver().mem_alloc(cx, bytesize)?;
    issue.keep(charge, dptr_out.0);
    issue.put(&dptr_out);
    Ok(())
}

/// `cuMemFree_v2`.
fn mem_free(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_free(cx, dptr)?;
    issue.refund(dptr.0);
    Ok(())
}

/// `cuMemGetAddressRange_v2`.
fn mem_get_address_range(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (pbase_out, psize_out) = issue.driver().mem_get_address_range(cx, dptr)?;
    issue.put(&pbase_out);
    issue.put(&psize_out);
    Ok(())
}

/// `cuMemAllocManaged`.
fn mem_alloc_managed(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let bytesize: usize = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let charge = issue.charge(bytesize as u64)?;
    let cx = issue.cx();
    let dptr_out = issue.driver().mem_alloc_managed(cx, bytesize, flags)?;
    issue.keep(charge, dptr_out.0);
    issue.put(&dptr_out);
    Ok(())
}

/// `cuIpcGetMemHandle`.
fn ipc_get_mem_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let p_handle_out = issue.driver().ipc_get_mem_handle(cx, dptr)?;
    issue.put(&p_handle_out);
    Ok(())
}

/// `cuIpcOpenMemHandle_v2`.
fn ipc_open_mem_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle: CUipcMemHandle = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pdptr_out = issue.driver().ipc_open_mem_handle(cx, handle, flags)?;
    issue.put(&pdptr_out);
    Ok(())
}

/// `cuIpcCloseMemHandle`.
fn ipc_close_mem_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().ipc_close_mem_handle(cx, dptr)?;
    Ok(())
}

/// `cuMemAdvise_v2`.
fn mem_advise(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev_ptr: DevicePtr = issue.get()?;
    let count: usize = issue.get()?;
    let advice: CUmem_advise = issue.get()?;
    let location: CUmemLocation = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .mem_advise(cx, dev_ptr, count, advice, location)?;
    Ok(())
}

/// `cuMemRangeGetAttribute`.
fn mem_range_get_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let data_size: usize = issue.get()?;
    let attribute: CUmem_range_attribute = issue.get()?;
    let dev_ptr: DevicePtr = issue.get()?;
    let count: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let data_out = issue
        .driver()
        .mem_range_get_attribute(cx, data_size, attribute, dev_ptr, count)?;
    issue.put_bytes(&data_out);
    Ok(())
}

/// `cuMemPrefetchAsync_v2`.
fn mem_prefetch_async(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev_ptr: DevicePtr = issue.get()?;
    let count: usize = issue.get()?;
    let location: CUmemLocation = issue.get()?;
    let flags: u32 = issue.get()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .mem_prefetch_async(cx, dev_ptr, count, location, flags, h_stream)?;
    Ok(())
}

/// `cuMemFreeAsync`.
fn mem_free_async(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dptr: DevicePtr = issue.get()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_free_async(cx, dptr, h_stream)?;
    issue.refund(dptr.0);
    Ok(())
}

/// `cuMemAllocAsync`.
fn mem_alloc_async(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let bytesize: usize = issue.get()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let charge = issue.charge(bytesize as u64)?;
    let cx = issue.cx();
    let dptr_out = issue.driver().mem_alloc_async(cx, bytesize, h_stream)?;
    issue.keep(charge, dptr_out.0);
    issue.put(&dptr_out);
    Ok(())
}

/// `cuMemAllocFromPoolAsync`.
fn mem_alloc_from_pool_async(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let bytesize: usize = issue.get()?;
    let pool = issue.handle::<MemPool>()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let charge = issue.charge(bytesize as u64)?;
    let cx = issue.cx();
    let dptr_out = issue
        .driver()
        .mem_alloc_from_pool_async(cx, bytesize, pool, h_stream)?;
    issue.keep(charge, dptr_out.0);
    issue.put(&dptr_out);
    Ok(())
}

/// `cuStreamCreate`.
fn stream_create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_stream: Stream = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_stream_out = issue.driver().stream_create(cx, flags)?;
    issue.create(ph_stream, ph_stream_out)?;
    Ok(())
}

/// `cuStreamCreateWithPriority`.
fn stream_create_with_priority(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_stream: Stream = issue.get()?;
    let flags: u32 = issue.get()?;
    let priority: i32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_stream_out = issue
        .driver()
        .stream_create_with_priority(cx, flags, priority)?;
    issue.create(ph_stream, ph_stream_out)?;
    Ok(())
}

/// `cuStreamDestroy_v2`.
fn stream_destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.gone_handle::<Stream>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().stream_destroy(cx, h_stream)?;
    Ok(())
}

/// `cuStreamWaitEvent`.
fn stream_wait_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let h_event = issue.handle::<Event>()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_wait_event(cx, h_stream, h_event, flags)?;
    Ok(())
}

/// `cuStreamAttachMemAsync`.
fn stream_attach_mem_async(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let dptr: DevicePtr = issue.get()?;
    let length: usize = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_attach_mem_async(cx, h_stream, dptr, length, flags)?;
    Ok(())
}

/// `cuStreamQuery`.
fn stream_query(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().stream_query(cx, h_stream)?;
    Ok(())
}

/// `cuStreamSynchronize`.
fn stream_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.later(move |driver, _| {
        driver.stream_synchronize(cx, h_stream)?;
        Ok(())
    })
}

/// `cuStreamWriteValue32_v2`.
fn stream_write_value32(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    let addr: DevicePtr = issue.get()?;
    let value: u32 = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_write_value32(cx, stream, addr, value, flags)?;
    Ok(())
}

/// `cuStreamWaitValue32_v2`.
fn stream_wait_value32(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    let addr: DevicePtr = issue.get()?;
    let value: u32 = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_wait_value32(cx, stream, addr, value, flags)?;
    Ok(())
}

/// `cuStreamWriteValue64_v2`.
fn stream_write_value64(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    let addr: DevicePtr = issue.get()?;
    let value: u64 = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_write_value64(cx, stream, addr, value, flags)?;
    Ok(())
}

/// `cuStreamWaitValue64_v2`.
fn stream_wait_value64(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    let addr: DevicePtr = issue.get()?;
    let value: u64 = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_wait_value64(cx, stream, addr, value, flags)?;
    Ok(())
}

/// `cuStreamBatchMemOp_v2`.
fn stream_batch_mem_op(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let stream = issue.stream()?;
    let param_array: Vec<CUstreamBatchMemOpParams> = issue.list()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_batch_mem_op(cx, stream, &param_array, flags)?;
    Ok(())
}

/// `cuStreamBeginCapture_v2`.
fn stream_begin_capture(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let mode: CUstreamCaptureMode = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().stream_begin_capture(cx, h_stream, mode)?;
    Ok(())
}

/// `cuStreamBeginCaptureToGraph`.
fn stream_begin_capture_to_graph(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let h_graph = issue.handle::<Graph>()?;
    let dependencies = issue.handles::<GraphNode>()?;
    let dependency_data: Vec<CUgraphEdgeData> = issue.list()?;
    let mode: CUstreamCaptureMode = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().stream_begin_capture_to_graph(
        cx,
        h_stream,
        h_graph,
        &dependencies,
        &dependency_data,
        mode,
    )?;
    Ok(())
}

/// `cuStreamEndCapture`.
fn stream_end_capture(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_out = issue.driver().stream_end_capture(cx, h_stream)?;
    issue.put_handle(ph_graph_out)?;
    Ok(())
}

/// `cuStreamIsCapturing`.
fn stream_is_capturing(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let capture_status_out = issue.driver().stream_is_capturing(cx, h_stream)?;
    issue.put(&capture_status_out);
    Ok(())
}

/// `cuStreamGetCaptureInfo`.
fn stream_get_capture_info(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (capture_status_out_out, id_out_out) =
        issue.driver().stream_get_capture_info(cx, h_stream)?;
    issue.put(&capture_status_out_out);
    issue.put(&id_out_out);
    Ok(())
}

/// `cuStreamCopyAttributes`.
fn stream_copy_attributes(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dst_stream = issue.stream()?;
    let src_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_copy_attributes(cx, dst_stream, src_stream)?;
    Ok(())
}

/// `cuStreamGetAttribute`.
fn stream_get_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let attr: CUlaunchAttributeID = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let value_out = issue.driver().stream_get_attribute(cx, h_stream, attr)?;
    issue.put(&value_out);
    Ok(())
}

/// `cuStreamSetAttribute`.
fn stream_set_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let attr: CUlaunchAttributeID = issue.get()?;
    let param: CUstreamAttrValue = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .stream_set_attribute(cx, h_stream, attr, &param)?;
    Ok(())
}

/// `cuStreamUpdateCaptureDependencies_v2`.
fn stream_update_capture_dependencies(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_stream = issue.stream()?;
    let dependencies = issue.handles::<GraphNode>()?;
    let dependency_data: Vec<CUgraphEdgeData> = issue.list()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().stream_update_capture_dependencies(
        cx,
        h_stream,
        &dependencies,
        &dependency_data,
        flags,
    )?;
    Ok(())
}

/// `cuIpcGetEventHandle`.
fn ipc_get_event_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let p_handle_out = issue.driver().ipc_get_event_handle(cx, event)?;
    issue.put(&p_handle_out);
    Ok(())
}

/// `cuIpcOpenEventHandle`.
fn ipc_open_event_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_event: Event = issue.get()?;
    let handle: CUipcEventHandle = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_event_out = issue.driver().ipc_open_event_handle(cx, handle)?;
    issue.create(ph_event, ph_event_out)?;
    Ok(())
}

/// `cuEventCreate`.
fn event_create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_event: Event = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_event_out = issue.driver().event_create(cx, flags)?;
    issue.create(ph_event, ph_event_out)?;
    Ok(())
}

/// `cuEventQuery`.
fn event_query(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().event_query(cx, h_event)?;
    Ok(())
}

/// `cuEventSynchronize`.
fn event_synchronize(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.later(move |driver, _| {
        driver.event_synchronize(cx, h_event)?;
        Ok(())
    })
}

/// `cuEventDestroy_v2`.
fn event_destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_event = issue.gone_handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().event_destroy(cx, h_event)?;
    Ok(())
}

/// `cuEventElapsedTime_v2`.
fn event_elapsed_time(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_start = issue.handle::<Event>()?;
    let h_end = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let p_milliseconds_out = issue.driver().event_elapsed_time(cx, h_start, h_end)?;
    issue.put(&p_milliseconds_out);
    Ok(())
}

/// `cuEventRecord`.
fn event_record(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_event = issue.handle::<Event>()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().event_record(cx, h_event, h_stream)?;
    Ok(())
}

/// `cuEventRecordWithFlags`.
fn event_record_with_flags(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_event = issue.handle::<Event>()?;
    let h_stream = issue.stream()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .event_record_with_flags(cx, h_event, h_stream, flags)?;
    Ok(())
}

/// `cuModuleUnload`.
fn module_unload(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let hmod = issue.gone_handle::<Module>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().module_unload(cx, hmod)?;
    Ok(())
}

/// `cuModuleGetGlobal_v2`.
fn module_get_global(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let hmod = issue.handle::<Module>()?;
    let name = issue.cstring()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (dptr_out, bytes_out) = issue.driver().module_get_global(cx, hmod, &name)?;
    issue.put(&dptr_out);
    issue.put(&bytes_out);
    Ok(())
}

/// `cuLibraryUnload`.
fn library_unload(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let library = issue.gone_handle::<Library>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().library_unload(cx, library)?;
    Ok(())
}

/// `cuLibraryGetModule`.
fn library_get_module(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let library = issue.handle::<Library>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let p_mod_out = issue.driver().library_get_module(cx, library)?;
    issue.put_handle(p_mod_out)?;
    Ok(())
}

/// `cuLibraryGetGlobal`.
fn library_get_global(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let library = issue.handle::<Library>()?;
    let name = issue.cstring()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (dptr_out, bytes_out) = issue.driver().library_get_global(cx, library, &name)?;
    issue.put(&dptr_out);
    issue.put(&bytes_out);
    Ok(())
}

/// `cuLibraryGetManaged`.
fn library_get_managed(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let library = issue.handle::<Library>()?;
    let name = issue.cstring()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (dptr_out, bytes_out) = issue.driver().library_get_managed(cx, library, &name)?;
    issue.put(&dptr_out);
    issue.put(&bytes_out);
    Ok(())
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessor`.
fn occupancy_max_active_blocks_per_multiprocessor(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let func = issue.function()?;
    let block_size: i32 = issue.get()?;
    let dynamic_smem_size: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let num_blocks_out = issue
        .driver()
        .occupancy_max_active_blocks_per_multiprocessor(cx, func, block_size, dynamic_smem_size)?;
    issue.put(&num_blocks_out);
    Ok(())
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`.
fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
    issue: &mut Issue<'_>,
) -> Result<(), Fault> {
    let func = issue.function()?;
    let block_size: i32 = issue.get()?;
    let dynamic_smem_size: usize = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let num_blocks_out = issue
        .driver()
        .occupancy_max_active_blocks_per_multiprocessor_with_flags(
            cx,
            func,
            block_size,
            dynamic_smem_size,
            flags,
        )?;
    issue.put(&num_blocks_out);
    Ok(())
}

/// `cuOccupancyAvailableDynamicSMemPerBlock`.
fn occupancy_available_dynamic_smem_per_block(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let func = issue.function()?;
    let num_blocks: i32 = issue.get()?;
    let block_size: i32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let dynamic_smem_size_out = issue
        .driver()
        .occupancy_available_dynamic_smem_per_block(cx, func, num_blocks, block_size)?;
    issue.put(&dynamic_smem_size_out);
    Ok(())
}

/// `cuGraphCreate`.
fn graph_create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_graph: Graph = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_out = issue.driver().graph_create(cx, flags)?;
    issue.create(ph_graph, ph_graph_out)?;
    Ok(())
}

/// `cuGraphAddChildGraphNode`.
fn graph_add_child_graph_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let dependencies = issue.handles::<GraphNode>()?;
    let child_graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_node_out =
        issue
            .driver()
            .graph_add_child_graph_node(cx, h_graph, &dependencies, child_graph)?;
    issue.put_handle(ph_graph_node_out)?;
    Ok(())
}

/// `cuGraphChildGraphNodeGetGraph`.
fn graph_child_graph_node_get_graph(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_out = issue
        .driver()
        .graph_child_graph_node_get_graph(cx, h_node)?;
    issue.put_handle(ph_graph_out)?;
    Ok(())
}

/// `cuGraphAddEmptyNode`.
fn graph_add_empty_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let dependencies = issue.handles::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_node_out = issue
        .driver()
        .graph_add_empty_node(cx, h_graph, &dependencies)?;
    issue.put_handle(ph_graph_node_out)?;
    Ok(())
}

/// `cuGraphAddEventRecordNode`.
fn graph_add_event_record_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let dependencies = issue.handles::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_node_out =
        issue
            .driver()
            .graph_add_event_record_node(cx, h_graph, &dependencies, event)?;
    issue.put_handle(ph_graph_node_out)?;
    Ok(())
}

/// `cuGraphEventRecordNodeGetEvent`.
fn graph_event_record_node_get_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let event_out_out = issue
        .driver()
        .graph_event_record_node_get_event(cx, h_node)?;
    issue.put_handle(event_out_out)?;
    Ok(())
}

/// `cuGraphEventRecordNodeSetEvent`.
fn graph_event_record_node_set_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_event_record_node_set_event(cx, h_node, event)?;
    Ok(())
}

/// `cuGraphAddEventWaitNode`.
fn graph_add_event_wait_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let dependencies = issue.handles::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_node_out =
        issue
            .driver()
            .graph_add_event_wait_node(cx, h_graph, &dependencies, event)?;
    issue.put_handle(ph_graph_node_out)?;
    Ok(())
}

/// `cuGraphEventWaitNodeGetEvent`.
fn graph_event_wait_node_get_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let event_out_out = issue.driver().graph_event_wait_node_get_event(cx, h_node)?;
    issue.put_handle(event_out_out)?;
    Ok(())
}

/// `cuGraphEventWaitNodeSetEvent`.
fn graph_event_wait_node_set_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_event_wait_node_set_event(cx, h_node, event)?;
    Ok(())
}

/// `cuDeviceGraphMemTrim`.
fn device_graph_mem_trim(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let device: Device = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().device_graph_mem_trim(cx, device)?;
    Ok(())
}

/// `cuDeviceGetGraphMemAttribute`.
fn device_get_graph_mem_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let device: Device = issue.get()?;
    let attr: CUgraphMem_attribute = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let value_out = issue
        .driver()
        .device_get_graph_mem_attribute(cx, device, attr)?;
    issue.put(&value_out);
    Ok(())
}

/// `cuDeviceSetGraphMemAttribute`.
fn device_set_graph_mem_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let device: Device = issue.get()?;
    let attr: CUgraphMem_attribute = issue.get()?;
    let value: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .device_set_graph_mem_attribute(cx, device, attr, value)?;
    Ok(())
}

/// `cuGraphClone`.
fn graph_clone(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_graph_clone: Graph = issue.get()?;
    let original_graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_clone_out = issue.driver().graph_clone(cx, original_graph)?;
    issue.create(ph_graph_clone, ph_graph_clone_out)?;
    Ok(())
}

/// `cuGraphNodeFindInClone`.
fn graph_node_find_in_clone(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_original_node = issue.handle::<GraphNode>()?;
    let h_cloned_graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_node_out =
        issue
            .driver()
            .graph_node_find_in_clone(cx, h_original_node, h_cloned_graph)?;
    issue.put_handle(ph_node_out)?;
    Ok(())
}

/// `cuGraphNodeGetType`.
fn graph_node_get_type(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let kind_out = issue.driver().graph_node_get_type(cx, h_node)?;
    issue.put(&kind_out);
    Ok(())
}

/// `cuGraphNodeGetContainingGraph`.
fn graph_node_get_containing_graph(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_out = issue.driver().graph_node_get_containing_graph(cx, h_node)?;
    issue.put_handle(ph_graph_out)?;
    Ok(())
}

/// `cuGraphNodeGetLocalId`.
fn graph_node_get_local_id(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let node_id_out = issue.driver().graph_node_get_local_id(cx, h_node)?;
    issue.put(&node_id_out);
    Ok(())
}

/// `cuGraphNodeGetToolsId`.
fn graph_node_get_tools_id(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let tools_node_id_out = issue.driver().graph_node_get_tools_id(cx, h_node)?;
    issue.put(&tools_node_id_out);
    Ok(())
}

/// `cuGraphGetId`.
fn graph_get_id(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let graph_id_out = issue.driver().graph_get_id(cx, h_graph)?;
    issue.put(&graph_id_out);
    Ok(())
}

/// `cuGraphExecGetId`.
fn graph_exec_get_id(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let graph_id_out = issue.driver().graph_exec_get_id(cx, h_graph_exec)?;
    issue.put(&graph_id_out);
    Ok(())
}

/// `cuGraphGetNodes`.
fn graph_get_nodes(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let num_nodes: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (nodes_out, new_num_nodes_out) = issue.driver().graph_get_nodes(cx, h_graph, num_nodes)?;
    issue.put_handles(&nodes_out)?;
    issue.put(&new_num_nodes_out);
    Ok(())
}

/// `cuGraphGetRootNodes`.
fn graph_get_root_nodes(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let num_root_nodes: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (root_nodes_out, new_num_root_nodes_out) =
        issue
            .driver()
            .graph_get_root_nodes(cx, h_graph, num_root_nodes)?;
    issue.put_handles(&root_nodes_out)?;
    issue.put(&new_num_root_nodes_out);
    Ok(())
}

/// `cuGraphGetEdges_v2`.
fn graph_get_edges(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let num_edges: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (from_out, to_out, edge_data_out, new_num_edges_out) =
        issue.driver().graph_get_edges(cx, h_graph, num_edges)?;
    issue.put_handles(&from_out)?;
    issue.put_handles(&to_out)?;
    issue.put_list(&edge_data_out);
    issue.put(&new_num_edges_out);
    Ok(())
}

/// `cuGraphNodeGetDependencies_v2`.
fn graph_node_get_dependencies(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let num_dependencies: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (dependencies_out, edge_data_out, new_num_dependencies_out) = issue
        .driver()
        .graph_node_get_dependencies(cx, h_node, num_dependencies)?;
    issue.put_handles(&dependencies_out)?;
    issue.put_list(&edge_data_out);
    issue.put(&new_num_dependencies_out);
    Ok(())
}

/// `cuGraphNodeGetDependentNodes_v2`.
fn graph_node_get_dependent_nodes(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let num_dependent_nodes: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let (dependent_nodes_out, edge_data_out, new_num_dependent_nodes_out) = issue
        .driver()
        .graph_node_get_dependent_nodes(cx, h_node, num_dependent_nodes)?;
    issue.put_handles(&dependent_nodes_out)?;
    issue.put_list(&edge_data_out);
    issue.put(&new_num_dependent_nodes_out);
    Ok(())
}

/// `cuGraphAddDependencies_v2`.
fn graph_add_dependencies(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let from = issue.handles::<GraphNode>()?;
    let to = issue.handles::<GraphNode>()?;
    let edge_data: Vec<CUgraphEdgeData> = issue.list()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_add_dependencies(cx, h_graph, &from, &to, &edge_data)?;
    Ok(())
}

/// `cuGraphRemoveDependencies_v2`.
fn graph_remove_dependencies(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<Graph>()?;
    let from = issue.handles::<GraphNode>()?;
    let to = issue.handles::<GraphNode>()?;
    let edge_data: Vec<CUgraphEdgeData> = issue.list()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_remove_dependencies(cx, h_graph, &from, &to, &edge_data)?;
    Ok(())
}

/// `cuGraphDestroyNode`.
fn graph_destroy_node(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.gone_handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().graph_destroy_node(cx, h_node)?;
    Ok(())
}

/// `cuGraphInstantiateWithFlags`.
fn graph_instantiate_with_flags(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ph_graph_exec: GraphExec = issue.get()?;
    let h_graph = issue.handle::<Graph>()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ph_graph_exec_out = issue
        .driver()
        .graph_instantiate_with_flags(cx, h_graph, flags)?;
    issue.create(ph_graph_exec, ph_graph_exec_out)?;
    Ok(())
}

/// `cuGraphExecGetFlags`.
fn graph_exec_get_flags(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let flags_out = issue.driver().graph_exec_get_flags(cx, h_graph_exec)?;
    issue.put(&flags_out);
    Ok(())
}

/// `cuGraphExecChildGraphNodeSetParams`.
fn graph_exec_child_graph_node_set_params(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    let h_node = issue.handle::<GraphNode>()?;
    let child_graph = issue.handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_exec_child_graph_node_set_params(cx, h_graph_exec, h_node, child_graph)?;
    Ok(())
}

/// `cuGraphExecEventRecordNodeSetEvent`.
fn graph_exec_event_record_node_set_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    let h_node = issue.handle::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_exec_event_record_node_set_event(cx, h_graph_exec, h_node, event)?;
    Ok(())
}

/// `cuGraphExecEventWaitNodeSetEvent`.
fn graph_exec_event_wait_node_set_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    let h_node = issue.handle::<GraphNode>()?;
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_exec_event_wait_node_set_event(cx, h_graph_exec, h_node, event)?;
    Ok(())
}

/// `cuGraphNodeSetEnabled`.
fn graph_node_set_enabled(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    let h_node = issue.handle::<GraphNode>()?;
    let is_enabled: u32 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_node_set_enabled(cx, h_graph_exec, h_node, is_enabled)?;
    Ok(())
}

/// `cuGraphNodeGetEnabled`.
fn graph_node_get_enabled(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.handle::<GraphExec>()?;
    let h_node = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let is_enabled_out = issue
        .driver()
        .graph_node_get_enabled(cx, h_graph_exec, h_node)?;
    issue.put(&is_enabled_out);
    Ok(())
}

/// `cuGraphExecDestroy`.
fn graph_exec_destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph_exec = issue.gone_handle::<GraphExec>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().graph_exec_destroy(cx, h_graph_exec)?;
    Ok(())
}

/// `cuGraphDestroy`.
fn graph_destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.gone_handle::<Graph>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().graph_destroy(cx, h_graph)?;
    Ok(())
}

/// `cuGraphKernelNodeCopyAttributes`.
fn graph_kernel_node_copy_attributes(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dst = issue.handle::<GraphNode>()?;
    let src = issue.handle::<GraphNode>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_kernel_node_copy_attributes(cx, dst, src)?;
    Ok(())
}

/// `cuGraphKernelNodeGetAttribute`.
fn graph_kernel_node_get_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let attr: CUlaunchAttributeID = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let value_out_out = issue
        .driver()
        .graph_kernel_node_get_attribute(cx, h_node, attr)?;
    issue.put(&value_out_out);
    Ok(())
}

/// `cuGraphKernelNodeSetAttribute`.
fn graph_kernel_node_set_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_node = issue.handle::<GraphNode>()?;
    let attr: CUlaunchAttributeID = issue.get()?;
    let value: CUstreamAttrValue = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .graph_kernel_node_set_attribute(cx, h_node, attr, &value)?;
    Ok(())
}

/// `cuGraphUpload`.
fn graph_upload(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<GraphExec>()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().graph_upload(cx, h_graph, h_stream)?;
    Ok(())
}

/// `cuGraphLaunch`.
fn graph_launch(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let h_graph = issue.handle::<GraphExec>()?;
    let h_stream = issue.stream()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().graph_launch(cx, h_graph, h_stream)?;
    Ok(())
}

/// `cuDeviceSetMemPool`.
fn device_set_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev: Device = issue.get()?;
    let pool = issue.handle::<MemPool>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().device_set_mem_pool(cx, dev, pool)?;
    Ok(())
}

/// `cuDeviceGetMemPool`.
fn device_get_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev: Device = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out = issue.driver().device_get_mem_pool(cx, dev)?;
    issue.put_handle(pool_out)?;
    Ok(())
}

/// `cuDeviceGetDefaultMemPool`.
fn device_get_default_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let dev: Device = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out_out = issue.driver().device_get_default_mem_pool(cx, dev)?;
    issue.put_handle(pool_out_out)?;
    Ok(())
}

/// `cuMemPoolTrimTo`.
fn mem_pool_trim_to(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let min_bytes_to_keep: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .mem_pool_trim_to(cx, pool, min_bytes_to_keep)?;
    Ok(())
}

/// `cuMemPoolSetAttribute`.
fn mem_pool_set_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let attr: CUmemPool_attribute = issue.get()?;
    let value: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .mem_pool_set_attribute(cx, pool, attr, value)?;
    Ok(())
}

/// `cuMemPoolGetAttribute`.
fn mem_pool_get_attribute(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let attr: CUmemPool_attribute = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let value_out = issue.driver().mem_pool_get_attribute(cx, pool, attr)?;
    issue.put(&value_out);
    Ok(())
}

/// `cuMemPoolSetAccess`.
fn mem_pool_set_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let map: Vec<CUmemAccessDesc> = issue.list()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_pool_set_access(cx, pool, &map)?;
    Ok(())
}

/// `cuMemPoolGetAccess`.
fn mem_pool_get_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let mem_pool = issue.handle::<MemPool>()?;
    let location: CUmemLocation = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let flags_out = issue
        .driver()
        .mem_pool_get_access(cx, mem_pool, &location)?;
    issue.put(&flags_out);
    Ok(())
}

/// `cuMemPoolCreate`.
fn mem_pool_create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool: MemPool = issue.get()?;
    let pool_props: CUmemPoolProps = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out = issue.driver().mem_pool_create(cx, &pool_props)?;
    issue.create(pool, pool_out)?;
    Ok(())
}

/// `cuMemPoolDestroy`.
fn mem_pool_destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.gone_handle::<MemPool>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_pool_destroy(cx, pool)?;
    Ok(())
}

/// `cuMemGetDefaultMemPool`.
fn mem_get_default_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let location: CUmemLocation = issue.get()?;
    let kind: CUmemAllocationType = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out_out = issue
        .driver()
        .mem_get_default_mem_pool(cx, &location, kind)?;
    issue.put_handle(pool_out_out)?;
    Ok(())
}

/// `cuMemGetMemPool`.
fn mem_get_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let location: CUmemLocation = issue.get()?;
    let kind: CUmemAllocationType = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out = issue.driver().mem_get_mem_pool(cx, &location, kind)?;
    issue.put_handle(pool_out)?;
    Ok(())
}

/// `cuMemSetMemPool`.
fn mem_set_mem_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let location: CUmemLocation = issue.get()?;
    let kind: CUmemAllocationType = issue.get()?;
    let pool = issue.handle::<MemPool>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_set_mem_pool(cx, &location, kind, pool)?;
    Ok(())
}

/// `cuMemPoolExportToShareableHandle`.
fn mem_pool_export_to_shareable_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let handle_type: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let handle_out_out =
        issue
            .driver()
            .mem_pool_export_to_shareable_handle(cx, pool, handle_type, flags)?;
    issue.put(&handle_out_out);
    Ok(())
}

/// `cuMemPoolImportFromShareableHandle`.
fn mem_pool_import_from_shareable_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool_out: MemPool = issue.get()?;
    let handle: u64 = issue.get()?;
    let handle_type: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let pool_out_out =
        issue
            .driver()
            .mem_pool_import_from_shareable_handle(cx, handle, handle_type, flags)?;
    issue.create(pool_out, pool_out_out)?;
    Ok(())
}

/// `cuMemPoolExportPointer`.
fn mem_pool_export_pointer(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let share_data_out_out = issue.driver().mem_pool_export_pointer(cx, ptr)?;
    issue.put(&share_data_out_out);
    Ok(())
}

/// `cuMemPoolImportPointer`.
fn mem_pool_import_pointer(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let share_data: CUmemPoolPtrExportData = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ptr_out_out = issue
        .driver()
        .mem_pool_import_pointer(cx, pool, &share_data)?;
    issue.put(&ptr_out_out);
    Ok(())
}

/// `cuMemAddressReserve`.
fn mem_address_reserve(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let size: usize = issue.get()?;
    let alignment: usize = issue.get()?;
    let addr: DevicePtr = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let ptr_out = issue
        .driver()
        .mem_address_reserve(cx, size, alignment, addr, flags)?;
    issue.put(&ptr_out);
    Ok(())
}

/// `cuMemAddressFree`.
fn mem_address_free(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ptr: DevicePtr = issue.get()?;
    let size: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_address_free(cx, ptr, size)?;
    Ok(())
}

/// `cuMemCreate`.
fn mem_create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle: MemAllocation = issue.get()?;
    let size: usize = issue.get()?;
    let prop: CUmemAllocationProp = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let charge = issue.charge(size as u64)?;
    let cx = issue.cx();
    let handle_out = issue.driver().mem_create(cx, size, &prop, flags)?;
    issue.keep(charge, handle_out.0);
    issue.create(handle, handle_out)?;
    Ok(())
}

/// `cuMemRelease`.
fn mem_release(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle = issue.gone_handle::<MemAllocation>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_release(cx, handle)?;
    issue.refund(handle.0);
    Ok(())
}

/// `cuMemMap`.
fn mem_map(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ptr: DevicePtr = issue.get()?;
    let size: usize = issue.get()?;
    let offset: usize = issue.get()?;
    let handle = issue.handle::<MemAllocation>()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue
        .driver()
        .mem_map(cx, ptr, size, offset, handle, flags)?;
    Ok(())
}

/// `cuMemUnmap`.
fn mem_unmap(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ptr: DevicePtr = issue.get()?;
    let size: usize = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_unmap(cx, ptr, size)?;
    Ok(())
}

/// `cuMemSetAccess`.
fn mem_set_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ptr: DevicePtr = issue.get()?;
    let size: usize = issue.get()?;
    let desc: Vec<CUmemAccessDesc> = issue.list()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    issue.driver().mem_set_access(cx, ptr, size, &desc)?;
    Ok(())
}

/// `cuMemGetAccess`.
fn mem_get_access(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let location: CUmemLocation = issue.get()?;
    let ptr: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let flags_out = issue.driver().mem_get_access(cx, &location, ptr)?;
    issue.put(&flags_out);
    Ok(())
}

/// `cuMemExportToShareableHandle`.
fn mem_export_to_shareable_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle = issue.handle::<MemAllocation>()?;
    let handle_type: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let shareable_handle_out =
        issue
            .driver()
            .mem_export_to_shareable_handle(cx, handle, handle_type, flags)?;
    issue.put(&shareable_handle_out);
    Ok(())
}

/// `cuMemImportFromShareableHandle`.
fn mem_import_from_shareable_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle: MemAllocation = issue.get()?;
    let os_handle: u64 = issue.get()?;
    let sh_handle_type: CUmemAllocationHandleType = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let handle_out =
        issue
            .driver()
            .mem_import_from_shareable_handle(cx, os_handle, sh_handle_type)?;
    issue.create(handle, handle_out)?;
    Ok(())
}

/// `cuMemGetAllocationGranularity`.
fn mem_get_allocation_granularity(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let prop: CUmemAllocationProp = issue.get()?;
    let option: CUmemAllocationGranularity_flags = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let granularity_out = issue
        .driver()
        .mem_get_allocation_granularity(cx, &prop, option)?;
    issue.put(&granularity_out);
    Ok(())
}

/// `cuMemGetAllocationPropertiesFromHandle`.
fn mem_get_allocation_properties_from_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle = issue.handle::<MemAllocation>()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let prop_out = issue
        .driver()
        .mem_get_allocation_properties_from_handle(cx, handle)?;
    issue.put(&prop_out);
    Ok(())
}

/// `cuMemRetainAllocationHandle`.
fn mem_retain_allocation_handle(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle: MemAllocation = issue.get()?;
    let addr: u64 = issue.get()?;
    issue.end_of_record()?;
    let cx = issue.cx();
    let handle_out = issue.driver().mem_retain_allocation_handle(cx, addr)?;
    issue.create(handle, handle_out)?;
    Ok(())
}
