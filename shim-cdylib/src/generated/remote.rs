// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! The generated half of the `Driver` trait over the wire. A `local` call goes to
//! [`crate::shadow`], which may send it by the method `send_…` of the same name.
#![allow(unused_mut, clippy::too_many_arguments, clippy::let_unit_value)]

use std::ffi::CStr;

use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::driver::*;
use rigel_protocol::generated::types::*;
use rigel_protocol::handle::*;
use rigel_protocol::{CuResult, Cx};

use crate::remote::Remote;
use crate::shadow;

impl DeviceApi for Remote {
    fn device_can_access_peer(&self, cx: Cx, dev: Device, peer_dev: Device) -> CuResult<i32> {
        let mut request = self.request(cx, Call::DEVICE_CAN_ACCESS_PEER)?;
        request.put(&dev);
        request.put(&peer_dev);
        let mut reply = self.cached(request)?;
        let can_access_peer = reply.take()?;
        reply.finish()?;
        Ok(can_access_peer)
    }

    fn device_get_p2p_attribute(
        &self,
        cx: Cx,
        attrib: CUdevice_P2PAttribute,
        src_device: Device,
        dst_device: Device,
    ) -> CuResult<i32> {
        let mut request = self.request(cx, Call::DEVICE_GET_P2P_ATTRIBUTE)?;
        request.put(&attrib);
        request.put(&src_device);
        request.put(&dst_device);
        let mut reply = self.cached(request)?;
        let value = reply.take()?;
        reply.finish()?;
        Ok(value)
    }
}

impl ContextApi for Remote {
    fn ctx_synchronize(&self, cx: Cx) -> CuResult<()> {
        let mut request = self.request(cx, Call::CTX_SYNCHRONIZE)?;
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn ctx_set_limit(&self, cx: Cx, limit: CUlimit, value: usize) -> CuResult<()> {
        let mut request = self.request(cx, Call::CTX_SET_LIMIT)?;
        request.put(&limit);
        request.put(&value);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn ctx_get_limit(&self, cx: Cx, limit: CUlimit) -> CuResult<usize> {
        let mut request = self.request(cx, Call::CTX_GET_LIMIT)?;
        request.put(&limit);
        let mut reply = self.wait(request)?;
        let pvalue = reply.take()?;
        reply.finish()?;
        Ok(pvalue)
    }

    fn ctx_get_cache_config(&self, cx: Cx) -> CuResult<CUfunc_cache> {
        let mut request = self.request(cx, Call::CTX_GET_CACHE_CONFIG)?;
        let mut reply = self.wait(request)?;
        let pconfig = reply.take()?;
        reply.finish()?;
        Ok(pconfig)
    }

    fn ctx_set_cache_config(&self, cx: Cx, config: CUfunc_cache) -> CuResult<()> {
        let mut request = self.request(cx, Call::CTX_SET_CACHE_CONFIG)?;
        request.put(&config);
        self.post(request)?;
        Ok(())
    }

    fn ctx_get_stream_priority_range(&self, cx: Cx) -> CuResult<(i32, i32)> {
        let mut request = self.request(cx, Call::CTX_GET_STREAM_PRIORITY_RANGE)?;
        let mut reply = self.cached(request)?;
        let least_priority = reply.take()?;
        let greatest_priority = reply.take()?;
        reply.finish()?;
        Ok((least_priority, greatest_priority))
    }

    fn ctx_reset_persisting_l2_cache(&self, cx: Cx) -> CuResult<()> {
        let mut request = self.request(cx, Call::CTX_RESET_PERSISTING_L2_CACHE)?;
        self.post(request)?;
        Ok(())
    }

    fn ctx_enable_peer_access(&self, cx: Cx, peer_context: Context, flags: u32) -> CuResult<()> {
        self.check(peer_context)?;
        let mut request = self.request(cx, Call::CTX_ENABLE_PEER_ACCESS)?;
        request.put(&peer_context);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn ctx_disable_peer_access(&self, cx: Cx, peer_context: Context) -> CuResult<()> {
        self.check(peer_context)?;
        let mut request = self.request(cx, Call::CTX_DISABLE_PEER_ACCESS)?;
        request.put(&peer_context);
        self.wait(request)?.finish()?;
        Ok(())
    }
}

impl MemoryApi for Remote {
    fn mem_get_info(&self, cx: Cx) -> CuResult<(usize, usize)> {
        let mut request = self.request(cx, Call::MEM_GET_INFO_V2)?;
        let mut reply = self.wait(request)?;
        let free = reply.take()?;
        let total = reply.take()?;
        reply.finish()?;
        Ok((free, total))
    }

    fn mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        shadow::mem_alloc(self, cx, bytesize)
    }

    fn mem_free(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        shadow::mem_free(self, cx, dptr)
    }

    fn mem_get_address_range(&self, cx: Cx, dptr: DevicePtr) -> CuResult<(DevicePtr, usize)> {
        let mut request = self.request(cx, Call::MEM_GET_ADDRESS_RANGE_V2)?;
        request.put(&dptr);
        let mut reply = self.wait(request)?;
        let pbase = reply.take()?;
        let psize = reply.take()?;
        reply.finish()?;
        Ok((pbase, psize))
    }

    fn mem_alloc_managed(&self, cx: Cx, bytesize: usize, flags: u32) -> CuResult<DevicePtr> {
        shadow::mem_alloc_managed(self, cx, bytesize, flags)
    }

    fn ipc_get_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<CUipcMemHandle> {
        shadow::ipc_get_mem_handle(self, cx, dptr)
    }

    fn ipc_open_mem_handle(
        &self,
        cx: Cx,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        shadow::ipc_open_mem_handle(self, cx, handle, flags)
    }

    fn ipc_close_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        shadow::ipc_close_mem_handle(self, cx, dptr)
    }

    fn mem_advise(
        &self,
        cx: Cx,
        dev_ptr: DevicePtr,
        count: usize,
        advice: CUmem_advise,
        location: CUmemLocation,
    ) -> CuResult<()> {
        let mut request = self.request(cx, Call::MEM_ADVISE_V2)?;
        request.put(&dev_ptr);
        request.put(&count);
        request.put(&advice);
        request.put(&location);
        self.post(request)?;
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
        let mut request = self.request(cx, Call::MEM_RANGE_GET_ATTRIBUTE)?;
        request.put(&data_size);
        request.put(&attribute);
        request.put(&dev_ptr);
        request.put(&count);
        let mut reply = self.wait(request)?;
        let data = reply.bytes()?;
        reply.finish()?;
        Ok(data)
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
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::MEM_PREFETCH_ASYNC_V2)?;
        request.put(&dev_ptr);
        request.put(&count);
        request.put(&location);
        request.put(&flags);
        request.put(&h_stream);
        self.post(request)?;
        Ok(())
    }

    fn mem_free_async(&self, cx: Cx, dptr: DevicePtr, h_stream: Stream) -> CuResult<()> {
        shadow::mem_free_async(self, cx, dptr, h_stream)
    }

    fn mem_alloc_async(&self, cx: Cx, bytesize: usize, h_stream: Stream) -> CuResult<DevicePtr> {
        shadow::mem_alloc_async(self, cx, bytesize, h_stream)
    }

    fn mem_alloc_from_pool_async(
        &self,
        cx: Cx,
        bytesize: usize,
        pool: MemPool,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        shadow::mem_alloc_from_pool_async(self, cx, bytesize, pool, h_stream)
    }
}

impl StreamApi for Remote {
    fn stream_create(&self, cx: Cx, flags: u32) -> CuResult<Stream> {
        shadow::stream_create(self, cx, flags)
    }

    fn stream_create_with_priority(&self, cx: Cx, flags: u32, priority: i32) -> CuResult<Stream> {
        shadow::stream_create_with_priority(self, cx, flags, priority)
    }

    fn stream_destroy(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        shadow::stream_destroy(self, cx, h_stream)
    }

    fn stream_get_priority(&self, cx: Cx, h_stream: Stream) -> CuResult<i32> {
        shadow::stream_get_priority(self, cx, h_stream)
    }

    fn stream_get_id(&self, cx: Cx, h_stream: Stream) -> CuResult<u64> {
        shadow::stream_get_id(self, cx, h_stream)
    }

    fn stream_get_flags(&self, cx: Cx, h_stream: Stream) -> CuResult<u32> {
        shadow::stream_get_flags(self, cx, h_stream)
    }

    fn stream_get_device(&self, cx: Cx, h_stream: Stream) -> CuResult<Device> {
        shadow::stream_get_device(self, cx, h_stream)
    }

    fn stream_get_ctx(&self, cx: Cx, h_stream: Stream) -> CuResult<Context> {
        shadow::stream_get_ctx(self, cx, h_stream)
    }

    fn stream_wait_event(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_event: Event,
        flags: u32,
    ) -> CuResult<()> {
        shadow::stream_wait_event(self, cx, h_stream, h_event, flags)
    }

    fn stream_attach_mem_async(
        &self,
        cx: Cx,
        h_stream: Stream,
        dptr: DevicePtr,
        length: usize,
        flags: u32,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_ATTACH_MEM_ASYNC)?;
        request.put(&h_stream);
        request.put(&dptr);
        request.put(&length);
        request.put(&flags);
        self.post(request)?;
        Ok(())
    }

    fn stream_query(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_QUERY)?;
        request.put(&h_stream);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn stream_synchronize(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_SYNCHRONIZE)?;
        request.put(&h_stream);
        self.wait(request)?.finish()?;
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
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_WRITE_VALUE32_V2)?;
        request.put(&stream);
        request.put(&addr);
        request.put(&value);
        request.put(&flags);
        self.post(request)?;
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
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_WAIT_VALUE32_V2)?;
        request.put(&stream);
        request.put(&addr);
        request.put(&value);
        request.put(&flags);
        self.post(request)?;
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
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_WRITE_VALUE64_V2)?;
        request.put(&stream);
        request.put(&addr);
        request.put(&value);
        request.put(&flags);
        self.post(request)?;
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
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_WAIT_VALUE64_V2)?;
        request.put(&stream);
        request.put(&addr);
        request.put(&value);
        request.put(&flags);
        self.post(request)?;
        Ok(())
    }

    fn stream_batch_mem_op(
        &self,
        cx: Cx,
        stream: Stream,
        param_array: &[CUstreamBatchMemOpParams],
        flags: u32,
    ) -> CuResult<()> {
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_BATCH_MEM_OP_V2)?;
        request.put(&stream);
        request.list(param_array);
        request.put(&flags);
        self.post(request)?;
        Ok(())
    }

    fn stream_begin_capture(
        &self,
        cx: Cx,
        h_stream: Stream,
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        shadow::stream_begin_capture(self, cx, h_stream, mode)
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
        shadow::stream_begin_capture_to_graph(
            self,
            cx,
            h_stream,
            h_graph,
            dependencies,
            dependency_data,
            mode,
        )
    }

    fn stream_end_capture(&self, cx: Cx, h_stream: Stream) -> CuResult<Graph> {
        shadow::stream_end_capture(self, cx, h_stream)
    }

    fn stream_is_capturing(&self, cx: Cx, h_stream: Stream) -> CuResult<CUstreamCaptureStatus> {
        shadow::stream_is_capturing(self, cx, h_stream)
    }

    fn stream_get_capture_info(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<(CUstreamCaptureStatus, u64)> {
        shadow::stream_get_capture_info(self, cx, h_stream)
    }

    fn stream_copy_attributes(
        &self,
        cx: Cx,
        dst_stream: Stream,
        src_stream: Stream,
    ) -> CuResult<()> {
        self.check(dst_stream)?;
        self.check(src_stream)?;
        let mut request = self.request(cx, Call::STREAM_COPY_ATTRIBUTES)?;
        request.put(&dst_stream);
        request.put(&src_stream);
        self.post(request)?;
        Ok(())
    }

    fn stream_get_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_GET_ATTRIBUTE)?;
        request.put(&h_stream);
        request.put(&attr);
        let mut reply = self.wait(request)?;
        let value = reply.take()?;
        reply.finish()?;
        Ok(value)
    }

    fn stream_set_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
        param: &CUstreamAttrValue,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_SET_ATTRIBUTE)?;
        request.put(&h_stream);
        request.put(&attr);
        request.put(param);
        self.post(request)?;
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
        self.check(h_stream)?;
        for item in dependencies {
            self.check(*item)?;
        }
        let mut request = self.request(cx, Call::STREAM_UPDATE_CAPTURE_DEPENDENCIES_V2)?;
        request.put(&h_stream);
        request.list(dependencies);
        request.list(dependency_data);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(())
    }
}

impl EventApi for Remote {
    fn ipc_get_event_handle(&self, cx: Cx, event: Event) -> CuResult<CUipcEventHandle> {
        self.check(event)?;
        let mut request = self.request(cx, Call::IPC_GET_EVENT_HANDLE)?;
        request.put(&event);
        let mut reply = self.wait(request)?;
        let p_handle = reply.take()?;
        reply.finish()?;
        Ok(p_handle)
    }

    fn ipc_open_event_handle(&self, cx: Cx, handle: CUipcEventHandle) -> CuResult<Event> {
        shadow::ipc_open_event_handle(self, cx, handle)
    }

    fn event_create(&self, cx: Cx, flags: u32) -> CuResult<Event> {
        shadow::event_create(self, cx, flags)
    }

    fn event_query(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        self.check(h_event)?;
        let mut request = self.request(cx, Call::EVENT_QUERY)?;
        request.put(&h_event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn event_synchronize(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        self.check(h_event)?;
        let mut request = self.request(cx, Call::EVENT_SYNCHRONIZE)?;
        request.put(&h_event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn event_destroy(&self, cx: Cx, h_event: Event) -> CuResult<()> {
        self.check(h_event)?;
        let mut request = self.request(cx, Call::EVENT_DESTROY_V2)?;
        request.put(&h_event);
        self.post(request)?;
        self.retire(h_event);
        Ok(())
    }

    fn event_elapsed_time(&self, cx: Cx, h_start: Event, h_end: Event) -> CuResult<f32> {
        self.check(h_start)?;
        self.check(h_end)?;
        let mut request = self.request(cx, Call::EVENT_ELAPSED_TIME_V2)?;
        request.put(&h_start);
        request.put(&h_end);
        let mut reply = self.wait(request)?;
        let p_milliseconds = reply.take()?;
        reply.finish()?;
        Ok(p_milliseconds)
    }

    fn event_record(&self, cx: Cx, h_event: Event, h_stream: Stream) -> CuResult<()> {
        shadow::event_record(self, cx, h_event, h_stream)
    }

    fn event_record_with_flags(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
        flags: u32,
    ) -> CuResult<()> {
        shadow::event_record_with_flags(self, cx, h_event, h_stream, flags)
    }
}

impl ModuleApi for Remote {
    fn module_unload(&self, cx: Cx, hmod: Module) -> CuResult<()> {
        shadow::module_unload(self, cx, hmod)
    }

    fn module_get_global(&self, cx: Cx, hmod: Module, name: &CStr) -> CuResult<(DevicePtr, usize)> {
        shadow::module_get_global(self, cx, hmod, name)
    }

    fn library_unload(&self, cx: Cx, library: Library) -> CuResult<()> {
        shadow::library_unload(self, cx, library)
    }

    fn library_get_module(&self, cx: Cx, library: Library) -> CuResult<Module> {
        shadow::library_get_module(self, cx, library)
    }

    fn library_get_global(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        shadow::library_get_global(self, cx, library, name)
    }

    fn library_get_managed(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        shadow::library_get_managed(self, cx, library, name)
    }
}

impl LaunchApi for Remote {
    fn occupancy_max_active_blocks_per_multiprocessor(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
    ) -> CuResult<i32> {
        self.check(func)?;
        let mut request = self.request(cx, Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR)?;
        request.put(&func);
        request.put(&block_size);
        request.put(&dynamic_smem_size);
        let mut reply = self.cached(request)?;
        let num_blocks = reply.take()?;
        reply.finish()?;
        Ok(num_blocks)
    }

    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
        flags: u32,
    ) -> CuResult<i32> {
        self.check(func)?;
        let mut request = self.request(
            cx,
            Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR_WITH_FLAGS,
        )?;
        request.put(&func);
        request.put(&block_size);
        request.put(&dynamic_smem_size);
        request.put(&flags);
        let mut reply = self.cached(request)?;
        let num_blocks = reply.take()?;
        reply.finish()?;
        Ok(num_blocks)
    }

    fn occupancy_available_dynamic_smem_per_block(
        &self,
        cx: Cx,
        func: Function,
        num_blocks: i32,
        block_size: i32,
    ) -> CuResult<usize> {
        self.check(func)?;
        let mut request = self.request(cx, Call::OCCUPANCY_AVAILABLE_DYNAMIC_SMEM_PER_BLOCK)?;
        request.put(&func);
        request.put(&num_blocks);
        request.put(&block_size);
        let mut reply = self.cached(request)?;
        let dynamic_smem_size = reply.take()?;
        reply.finish()?;
        Ok(dynamic_smem_size)
    }
}

impl GraphApi for Remote {
    fn graph_create(&self, cx: Cx, flags: u32) -> CuResult<Graph> {
        let ph_graph = self.mint::<Graph>()?;
        let mut request = self.request(cx, Call::GRAPH_CREATE)?;
        request.put(&ph_graph.handle());
        request.put(&flags);
        self.post(request)?;
        Ok(ph_graph.keep())
    }

    fn graph_add_child_graph_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        child_graph: Graph,
    ) -> CuResult<GraphNode> {
        self.check(h_graph)?;
        for item in dependencies {
            self.check(*item)?;
        }
        self.check(child_graph)?;
        let mut request = self.request(cx, Call::GRAPH_ADD_CHILD_GRAPH_NODE)?;
        request.put(&h_graph);
        request.list(dependencies);
        request.put(&child_graph);
        let mut reply = self.wait(request)?;
        let ph_graph_node = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph_node)
    }

    fn graph_child_graph_node_get_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_CHILD_GRAPH_NODE_GET_GRAPH)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let ph_graph = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph)
    }

    fn graph_add_empty_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
    ) -> CuResult<GraphNode> {
        self.check(h_graph)?;
        for item in dependencies {
            self.check(*item)?;
        }
        let mut request = self.request(cx, Call::GRAPH_ADD_EMPTY_NODE)?;
        request.put(&h_graph);
        request.list(dependencies);
        let mut reply = self.wait(request)?;
        let ph_graph_node = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph_node)
    }

    fn graph_add_event_record_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        self.check(h_graph)?;
        for item in dependencies {
            self.check(*item)?;
        }
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_ADD_EVENT_RECORD_NODE)?;
        request.put(&h_graph);
        request.list(dependencies);
        request.put(&event);
        let mut reply = self.wait(request)?;
        let ph_graph_node = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph_node)
    }

    fn graph_event_record_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_EVENT_RECORD_NODE_GET_EVENT)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let event_out = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(event_out)
    }

    fn graph_event_record_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        self.check(h_node)?;
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_EVENT_RECORD_NODE_SET_EVENT)?;
        request.put(&h_node);
        request.put(&event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_add_event_wait_node(
        &self,
        cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        self.check(h_graph)?;
        for item in dependencies {
            self.check(*item)?;
        }
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_ADD_EVENT_WAIT_NODE)?;
        request.put(&h_graph);
        request.list(dependencies);
        request.put(&event);
        let mut reply = self.wait(request)?;
        let ph_graph_node = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph_node)
    }

    fn graph_event_wait_node_get_event(&self, cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_EVENT_WAIT_NODE_GET_EVENT)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let event_out = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(event_out)
    }

    fn graph_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        self.check(h_node)?;
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_EVENT_WAIT_NODE_SET_EVENT)?;
        request.put(&h_node);
        request.put(&event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn device_graph_mem_trim(&self, cx: Cx, device: Device) -> CuResult<()> {
        let mut request = self.request(cx, Call::DEVICE_GRAPH_MEM_TRIM)?;
        request.put(&device);
        self.post(request)?;
        Ok(())
    }

    fn device_get_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
    ) -> CuResult<u64> {
        let mut request = self.request(cx, Call::DEVICE_GET_GRAPH_MEM_ATTRIBUTE)?;
        request.put(&device);
        request.put(&attr);
        let mut reply = self.wait(request)?;
        let value = reply.take()?;
        reply.finish()?;
        Ok(value)
    }

    fn device_set_graph_mem_attribute(
        &self,
        cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
        value: u64,
    ) -> CuResult<()> {
        let mut request = self.request(cx, Call::DEVICE_SET_GRAPH_MEM_ATTRIBUTE)?;
        request.put(&device);
        request.put(&attr);
        request.put(&value);
        self.post(request)?;
        Ok(())
    }

    fn graph_clone(&self, cx: Cx, original_graph: Graph) -> CuResult<Graph> {
        let ph_graph_clone = self.mint::<Graph>()?;
        self.check(original_graph)?;
        let mut request = self.request(cx, Call::GRAPH_CLONE)?;
        request.put(&ph_graph_clone.handle());
        request.put(&original_graph);
        self.wait(request)?.finish()?;
        Ok(ph_graph_clone.keep())
    }

    fn graph_node_find_in_clone(
        &self,
        cx: Cx,
        h_original_node: GraphNode,
        h_cloned_graph: Graph,
    ) -> CuResult<GraphNode> {
        self.check(h_original_node)?;
        self.check(h_cloned_graph)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_FIND_IN_CLONE)?;
        request.put(&h_original_node);
        request.put(&h_cloned_graph);
        let mut reply = self.wait(request)?;
        let ph_node = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_node)
    }

    fn graph_node_get_type(&self, cx: Cx, h_node: GraphNode) -> CuResult<CUgraphNodeType> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_TYPE)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let kind = reply.take()?;
        reply.finish()?;
        Ok(kind)
    }

    fn graph_node_get_containing_graph(&self, cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_CONTAINING_GRAPH)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let ph_graph = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph)
    }

    fn graph_node_get_local_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u32> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_LOCAL_ID)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let node_id = reply.take()?;
        reply.finish()?;
        Ok(node_id)
    }

    fn graph_node_get_tools_id(&self, cx: Cx, h_node: GraphNode) -> CuResult<u64> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_TOOLS_ID)?;
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let tools_node_id = reply.take()?;
        reply.finish()?;
        Ok(tools_node_id)
    }

    fn graph_get_id(&self, cx: Cx, h_graph: Graph) -> CuResult<u32> {
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_GET_ID)?;
        request.put(&h_graph);
        let mut reply = self.wait(request)?;
        let graph_id = reply.take()?;
        reply.finish()?;
        Ok(graph_id)
    }

    fn graph_exec_get_id(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u32> {
        self.check(h_graph_exec)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_GET_ID)?;
        request.put(&h_graph_exec);
        let mut reply = self.wait(request)?;
        let graph_id = reply.take()?;
        reply.finish()?;
        Ok(graph_id)
    }

    fn graph_get_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_GET_NODES)?;
        request.put(&h_graph);
        request.put(&num_nodes);
        let mut reply = self.wait(request)?;
        let nodes: Vec<GraphNode> = reply.list()?;
        for item in &nodes {
            self.adopt(*item);
        }
        let new_num_nodes = reply.take()?;
        reply.finish()?;
        Ok((nodes, new_num_nodes))
    }

    fn graph_get_root_nodes(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_root_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_GET_ROOT_NODES)?;
        request.put(&h_graph);
        request.put(&num_root_nodes);
        let mut reply = self.wait(request)?;
        let root_nodes: Vec<GraphNode> = reply.list()?;
        for item in &root_nodes {
            self.adopt(*item);
        }
        let new_num_root_nodes = reply.take()?;
        reply.finish()?;
        Ok((root_nodes, new_num_root_nodes))
    }

    fn graph_get_edges(
        &self,
        cx: Cx,
        h_graph: Graph,
        num_edges: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_GET_EDGES_V2)?;
        request.put(&h_graph);
        request.put(&num_edges);
        let mut reply = self.wait(request)?;
        let from: Vec<GraphNode> = reply.list()?;
        for item in &from {
            self.adopt(*item);
        }
        let to: Vec<GraphNode> = reply.list()?;
        for item in &to {
            self.adopt(*item);
        }
        let edge_data = reply.list()?;
        let new_num_edges = reply.take()?;
        reply.finish()?;
        Ok((from, to, edge_data, new_num_edges))
    }

    fn graph_node_get_dependencies(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependencies: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_DEPENDENCIES_V2)?;
        request.put(&h_node);
        request.put(&num_dependencies);
        let mut reply = self.wait(request)?;
        let dependencies: Vec<GraphNode> = reply.list()?;
        for item in &dependencies {
            self.adopt(*item);
        }
        let edge_data = reply.list()?;
        let new_num_dependencies = reply.take()?;
        reply.finish()?;
        Ok((dependencies, edge_data, new_num_dependencies))
    }

    fn graph_node_get_dependent_nodes(
        &self,
        cx: Cx,
        h_node: GraphNode,
        num_dependent_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_DEPENDENT_NODES_V2)?;
        request.put(&h_node);
        request.put(&num_dependent_nodes);
        let mut reply = self.wait(request)?;
        let dependent_nodes: Vec<GraphNode> = reply.list()?;
        for item in &dependent_nodes {
            self.adopt(*item);
        }
        let edge_data = reply.list()?;
        let new_num_dependent_nodes = reply.take()?;
        reply.finish()?;
        Ok((dependent_nodes, edge_data, new_num_dependent_nodes))
    }

    fn graph_add_dependencies(
        &self,
        cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        self.check(h_graph)?;
        for item in from {
            self.check(*item)?;
        }
        for item in to {
            self.check(*item)?;
        }
        let mut request = self.request(cx, Call::GRAPH_ADD_DEPENDENCIES_V2)?;
        request.put(&h_graph);
        request.list(from);
        request.list(to);
        request.list(edge_data);
        self.wait(request)?.finish()?;
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
        self.check(h_graph)?;
        for item in from {
            self.check(*item)?;
        }
        for item in to {
            self.check(*item)?;
        }
        let mut request = self.request(cx, Call::GRAPH_REMOVE_DEPENDENCIES_V2)?;
        request.put(&h_graph);
        request.list(from);
        request.list(to);
        request.list(edge_data);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_destroy_node(&self, cx: Cx, h_node: GraphNode) -> CuResult<()> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_DESTROY_NODE)?;
        request.put(&h_node);
        self.wait(request)?.finish()?;
        self.retire(h_node);
        Ok(())
    }

    fn graph_instantiate_with_flags(
        &self,
        cx: Cx,
        h_graph: Graph,
        flags: u64,
    ) -> CuResult<GraphExec> {
        let ph_graph_exec = self.mint::<GraphExec>()?;
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_INSTANTIATE_WITH_FLAGS)?;
        request.put(&ph_graph_exec.handle());
        request.put(&h_graph);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(ph_graph_exec.keep())
    }

    fn graph_exec_get_flags(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<u64> {
        self.check(h_graph_exec)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_GET_FLAGS)?;
        request.put(&h_graph_exec);
        let mut reply = self.wait(request)?;
        let flags = reply.take()?;
        reply.finish()?;
        Ok(flags)
    }

    fn graph_exec_child_graph_node_set_params(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        child_graph: Graph,
    ) -> CuResult<()> {
        self.check(h_graph_exec)?;
        self.check(h_node)?;
        self.check(child_graph)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_CHILD_GRAPH_NODE_SET_PARAMS)?;
        request.put(&h_graph_exec);
        request.put(&h_node);
        request.put(&child_graph);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_exec_event_record_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        self.check(h_graph_exec)?;
        self.check(h_node)?;
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_EVENT_RECORD_NODE_SET_EVENT)?;
        request.put(&h_graph_exec);
        request.put(&h_node);
        request.put(&event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_exec_event_wait_node_set_event(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        self.check(h_graph_exec)?;
        self.check(h_node)?;
        self.check(event)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_EVENT_WAIT_NODE_SET_EVENT)?;
        request.put(&h_graph_exec);
        request.put(&h_node);
        request.put(&event);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_node_set_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        is_enabled: u32,
    ) -> CuResult<()> {
        self.check(h_graph_exec)?;
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_SET_ENABLED)?;
        request.put(&h_graph_exec);
        request.put(&h_node);
        request.put(&is_enabled);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_node_get_enabled(
        &self,
        cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
    ) -> CuResult<u32> {
        self.check(h_graph_exec)?;
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_NODE_GET_ENABLED)?;
        request.put(&h_graph_exec);
        request.put(&h_node);
        let mut reply = self.wait(request)?;
        let is_enabled = reply.take()?;
        reply.finish()?;
        Ok(is_enabled)
    }

    fn graph_exec_destroy(&self, cx: Cx, h_graph_exec: GraphExec) -> CuResult<()> {
        self.check(h_graph_exec)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_DESTROY)?;
        request.put(&h_graph_exec);
        self.post(request)?;
        self.retire(h_graph_exec);
        Ok(())
    }

    fn graph_destroy(&self, cx: Cx, h_graph: Graph) -> CuResult<()> {
        self.check(h_graph)?;
        let mut request = self.request(cx, Call::GRAPH_DESTROY)?;
        request.put(&h_graph);
        self.post(request)?;
        self.retire(h_graph);
        Ok(())
    }

    fn graph_kernel_node_copy_attributes(
        &self,
        cx: Cx,
        dst: GraphNode,
        src: GraphNode,
    ) -> CuResult<()> {
        self.check(dst)?;
        self.check(src)?;
        let mut request = self.request(cx, Call::GRAPH_KERNEL_NODE_COPY_ATTRIBUTES)?;
        request.put(&dst);
        request.put(&src);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_kernel_node_get_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_KERNEL_NODE_GET_ATTRIBUTE)?;
        request.put(&h_node);
        request.put(&attr);
        let mut reply = self.wait(request)?;
        let value_out = reply.take()?;
        reply.finish()?;
        Ok(value_out)
    }

    fn graph_kernel_node_set_attribute(
        &self,
        cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
        value: &CUstreamAttrValue,
    ) -> CuResult<()> {
        self.check(h_node)?;
        let mut request = self.request(cx, Call::GRAPH_KERNEL_NODE_SET_ATTRIBUTE)?;
        request.put(&h_node);
        request.put(&attr);
        request.put(value);
        self.wait(request)?.finish()?;
        Ok(())
    }

    fn graph_upload(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        self.check(h_graph)?;
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::GRAPH_UPLOAD)?;
        request.put(&h_graph);
        request.put(&h_stream);
        self.post(request)?;
        Ok(())
    }

    fn graph_launch(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        shadow::graph_launch(self, cx, h_graph, h_stream)
    }
}

impl PoolApi for Remote {
    fn device_set_mem_pool(&self, cx: Cx, dev: Device, pool: MemPool) -> CuResult<()> {
        shadow::device_set_mem_pool(self, cx, dev, pool)
    }

    fn device_get_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let mut request = self.request(cx, Call::DEVICE_GET_MEM_POOL)?;
        request.put(&dev);
        let mut reply = self.wait(request)?;
        let pool = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(pool)
    }

    fn device_get_default_mem_pool(&self, cx: Cx, dev: Device) -> CuResult<MemPool> {
        let mut request = self.request(cx, Call::DEVICE_GET_DEFAULT_MEM_POOL)?;
        request.put(&dev);
        let mut reply = self.cached(request)?;
        let pool_out = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(pool_out)
    }

    fn mem_pool_trim_to(&self, cx: Cx, pool: MemPool, min_bytes_to_keep: usize) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_TRIM_TO)?;
        request.put(&pool);
        request.put(&min_bytes_to_keep);
        self.post(request)?;
        Ok(())
    }

    fn mem_pool_set_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
        value: u64,
    ) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_SET_ATTRIBUTE)?;
        request.put(&pool);
        request.put(&attr);
        request.put(&value);
        self.post(request)?;
        Ok(())
    }

    fn mem_pool_get_attribute(
        &self,
        cx: Cx,
        pool: MemPool,
        attr: CUmemPool_attribute,
    ) -> CuResult<u64> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_GET_ATTRIBUTE)?;
        request.put(&pool);
        request.put(&attr);
        let mut reply = self.wait(request)?;
        let value = reply.take()?;
        reply.finish()?;
        Ok(value)
    }

    fn mem_pool_set_access(&self, cx: Cx, pool: MemPool, map: &[CUmemAccessDesc]) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_SET_ACCESS)?;
        request.put(&pool);
        request.list(map);
        self.post(request)?;
        Ok(())
    }

    fn mem_pool_get_access(
        &self,
        cx: Cx,
        mem_pool: MemPool,
        location: &CUmemLocation,
    ) -> CuResult<CUmemAccess_flags> {
        self.check(mem_pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_GET_ACCESS)?;
        request.put(&mem_pool);
        request.put(location);
        let mut reply = self.wait(request)?;
        let flags = reply.take()?;
        reply.finish()?;
        Ok(flags)
    }

    fn mem_pool_create(&self, cx: Cx, pool_props: &CUmemPoolProps) -> CuResult<MemPool> {
        let pool = self.mint::<MemPool>()?;
        let mut request = self.request(cx, Call::MEM_POOL_CREATE)?;
        request.put(&pool.handle());
        request.put(pool_props);
        self.wait(request)?.finish()?;
        Ok(pool.keep())
    }

    fn mem_pool_destroy(&self, cx: Cx, pool: MemPool) -> CuResult<()> {
        shadow::mem_pool_destroy(self, cx, pool)
    }

    fn mem_get_default_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let mut request = self.request(cx, Call::MEM_GET_DEFAULT_MEM_POOL)?;
        request.put(location);
        request.put(&kind);
        let mut reply = self.cached(request)?;
        let pool_out = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(pool_out)
    }

    fn mem_get_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
    ) -> CuResult<MemPool> {
        let mut request = self.request(cx, Call::MEM_GET_MEM_POOL)?;
        request.put(location);
        request.put(&kind);
        let mut reply = self.wait(request)?;
        let pool = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(pool)
    }

    fn mem_set_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
        pool: MemPool,
    ) -> CuResult<()> {
        shadow::mem_set_mem_pool(self, cx, location, kind, pool)
    }

    fn mem_pool_export_to_shareable_handle(
        &self,
        cx: Cx,
        pool: MemPool,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        shadow::mem_pool_export_to_shareable_handle(self, cx, pool, handle_type, flags)
    }

    fn mem_pool_import_from_shareable_handle(
        &self,
        cx: Cx,
        handle: u64,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<MemPool> {
        shadow::mem_pool_import_from_shareable_handle(self, cx, handle, handle_type, flags)
    }

    fn mem_pool_export_pointer(&self, cx: Cx, ptr: DevicePtr) -> CuResult<CUmemPoolPtrExportData> {
        let mut request = self.request(cx, Call::MEM_POOL_EXPORT_POINTER)?;
        request.put(&ptr);
        let mut reply = self.wait(request)?;
        let share_data_out = reply.take()?;
        reply.finish()?;
        Ok(share_data_out)
    }

    fn mem_pool_import_pointer(
        &self,
        cx: Cx,
        pool: MemPool,
        share_data: &CUmemPoolPtrExportData,
    ) -> CuResult<DevicePtr> {
        shadow::mem_pool_import_pointer(self, cx, pool, share_data)
    }
}

impl VmmApi for Remote {
    fn mem_address_reserve(
        &self,
        cx: Cx,
        size: usize,
        alignment: usize,
        addr: DevicePtr,
        flags: u64,
    ) -> CuResult<DevicePtr> {
        shadow::mem_address_reserve(self, cx, size, alignment, addr, flags)
    }

    fn mem_address_free(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        shadow::mem_address_free(self, cx, ptr, size)
    }

    fn mem_create(
        &self,
        cx: Cx,
        size: usize,
        prop: &CUmemAllocationProp,
        flags: u64,
    ) -> CuResult<MemAllocation> {
        let handle = self.mint::<MemAllocation>()?;
        let mut request = self.request(cx, Call::MEM_CREATE)?;
        request.put(&handle.handle());
        request.put(&size);
        request.put(prop);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(handle.keep())
    }

    fn mem_release(&self, cx: Cx, handle: MemAllocation) -> CuResult<()> {
        self.check(handle)?;
        let mut request = self.request(cx, Call::MEM_RELEASE)?;
        request.put(&handle);
        self.post(request)?;
        self.retire(handle);
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
        shadow::mem_map(self, cx, ptr, size, offset, handle, flags)
    }

    fn mem_unmap(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        shadow::mem_unmap(self, cx, ptr, size)
    }

    fn mem_set_access(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        desc: &[CUmemAccessDesc],
    ) -> CuResult<()> {
        shadow::mem_set_access(self, cx, ptr, size, desc)
    }

    fn mem_get_access(&self, cx: Cx, location: &CUmemLocation, ptr: DevicePtr) -> CuResult<u64> {
        let mut request = self.request(cx, Call::MEM_GET_ACCESS)?;
        request.put(location);
        request.put(&ptr);
        let mut reply = self.wait(request)?;
        let flags = reply.take()?;
        reply.finish()?;
        Ok(flags)
    }

    fn mem_export_to_shareable_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        shadow::mem_export_to_shareable_handle(self, cx, handle, handle_type, flags)
    }

    fn mem_import_from_shareable_handle(
        &self,
        cx: Cx,
        os_handle: u64,
        sh_handle_type: CUmemAllocationHandleType,
    ) -> CuResult<MemAllocation> {
        shadow::mem_import_from_shareable_handle(self, cx, os_handle, sh_handle_type)
    }

    fn mem_get_allocation_granularity(
        &self,
        cx: Cx,
        prop: &CUmemAllocationProp,
        option: CUmemAllocationGranularity_flags,
    ) -> CuResult<usize> {
        let mut request = self.request(cx, Call::MEM_GET_ALLOCATION_GRANULARITY)?;
        request.put(prop);
        request.put(&option);
        let mut reply = self.cached(request)?;
        let granularity = reply.take()?;
        reply.finish()?;
        Ok(granularity)
    }

    fn mem_get_allocation_properties_from_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
    ) -> CuResult<CUmemAllocationProp> {
        self.check(handle)?;
        let mut request = self.request(cx, Call::MEM_GET_ALLOCATION_PROPERTIES_FROM_HANDLE)?;
        request.put(&handle);
        let mut reply = self.wait(request)?;
        let prop = reply.take()?;
        reply.finish()?;
        Ok(prop)
    }

    fn mem_retain_allocation_handle(&self, cx: Cx, addr: u64) -> CuResult<MemAllocation> {
        let handle = self.mint::<MemAllocation>()?;
        let mut request = self.request(cx, Call::MEM_RETAIN_ALLOCATION_HANDLE)?;
        request.put(&handle.handle());
        request.put(&addr);
        self.wait(request)?.finish()?;
        Ok(handle.keep())
    }
}

/// What `local` calls send when they need the worker.
impl Remote {
    /// Sends `cuMemAlloc_v2`.
    pub(crate) fn send_mem_alloc(&self, cx: Cx, bytesize: usize) -> CuResult<DevicePtr> {
        let mut request = self.request(cx, Call::MEM_ALLOC_V2)?;
        request.put(&bytesize);
        let mut reply = self.wait(request)?;
        let dptr = reply.take()?;
        reply.finish()?;
        Ok(dptr)
    }

    /// Sends `cuMemFree_v2`.
    pub(crate) fn send_mem_free(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let mut request = self.request(cx, Call::MEM_FREE_V2)?;
        request.put(&dptr);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuMemAllocManaged`.
    pub(crate) fn send_mem_alloc_managed(
        &self,
        cx: Cx,
        bytesize: usize,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        let mut request = self.request(cx, Call::MEM_ALLOC_MANAGED)?;
        request.put(&bytesize);
        request.put(&flags);
        let mut reply = self.wait(request)?;
        let dptr = reply.take()?;
        reply.finish()?;
        Ok(dptr)
    }

    /// Sends `cuIpcGetMemHandle`.
    pub(crate) fn send_ipc_get_mem_handle(
        &self,
        cx: Cx,
        dptr: DevicePtr,
    ) -> CuResult<CUipcMemHandle> {
        let mut request = self.request(cx, Call::IPC_GET_MEM_HANDLE)?;
        request.put(&dptr);
        let mut reply = self.wait(request)?;
        let p_handle = reply.take()?;
        reply.finish()?;
        Ok(p_handle)
    }

    /// Sends `cuIpcOpenMemHandle_v2`.
    pub(crate) fn send_ipc_open_mem_handle(
        &self,
        cx: Cx,
        handle: CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        let mut request = self.request(cx, Call::IPC_OPEN_MEM_HANDLE_V2)?;
        request.put(&handle);
        request.put(&flags);
        let mut reply = self.wait(request)?;
        let pdptr = reply.take()?;
        reply.finish()?;
        Ok(pdptr)
    }

    /// Sends `cuIpcCloseMemHandle`.
    pub(crate) fn send_ipc_close_mem_handle(&self, cx: Cx, dptr: DevicePtr) -> CuResult<()> {
        let mut request = self.request(cx, Call::IPC_CLOSE_MEM_HANDLE)?;
        request.put(&dptr);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuMemFreeAsync`.
    pub(crate) fn send_mem_free_async(
        &self,
        cx: Cx,
        dptr: DevicePtr,
        h_stream: Stream,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::MEM_FREE_ASYNC)?;
        request.put(&dptr);
        request.put(&h_stream);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuMemAllocAsync`.
    pub(crate) fn send_mem_alloc_async(
        &self,
        cx: Cx,
        bytesize: usize,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::MEM_ALLOC_ASYNC)?;
        request.put(&bytesize);
        request.put(&h_stream);
        let mut reply = self.wait(request)?;
        let dptr = reply.take()?;
        reply.finish()?;
        Ok(dptr)
    }

    /// Sends `cuMemAllocFromPoolAsync`.
    pub(crate) fn send_mem_alloc_from_pool_async(
        &self,
        cx: Cx,
        bytesize: usize,
        pool: MemPool,
        h_stream: Stream,
    ) -> CuResult<DevicePtr> {
        self.check(pool)?;
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::MEM_ALLOC_FROM_POOL_ASYNC)?;
        request.put(&bytesize);
        request.put(&pool);
        request.put(&h_stream);
        let mut reply = self.wait(request)?;
        let dptr = reply.take()?;
        reply.finish()?;
        Ok(dptr)
    }

    /// Sends `cuStreamCreate`.
    pub(crate) fn send_stream_create(&self, cx: Cx, flags: u32) -> CuResult<Stream> {
        let ph_stream = self.mint::<Stream>()?;
        let mut request = self.request(cx, Call::STREAM_CREATE)?;
        request.put(&ph_stream.handle());
        request.put(&flags);
        self.post(request)?;
        Ok(ph_stream.keep())
    }

    /// Sends `cuStreamCreateWithPriority`.
    pub(crate) fn send_stream_create_with_priority(
        &self,
        cx: Cx,
        flags: u32,
        priority: i32,
    ) -> CuResult<Stream> {
        let ph_stream = self.mint::<Stream>()?;
        let mut request = self.request(cx, Call::STREAM_CREATE_WITH_PRIORITY)?;
        request.put(&ph_stream.handle());
        request.put(&flags);
        request.put(&priority);
        self.post(request)?;
        Ok(ph_stream.keep())
    }

    /// Sends `cuStreamDestroy_v2`.
    pub(crate) fn send_stream_destroy(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_DESTROY_V2)?;
        request.put(&h_stream);
        self.post(request)?;
        self.retire(h_stream);
        Ok(())
    }

    /// Sends `cuStreamWaitEvent`.
    pub(crate) fn send_stream_wait_event(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_event: Event,
        flags: u32,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        self.check(h_event)?;
        let mut request = self.request(cx, Call::STREAM_WAIT_EVENT)?;
        request.put(&h_stream);
        request.put(&h_event);
        request.put(&flags);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuStreamBeginCapture_v2`.
    pub(crate) fn send_stream_begin_capture(
        &self,
        cx: Cx,
        h_stream: Stream,
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_BEGIN_CAPTURE_V2)?;
        request.put(&h_stream);
        request.put(&mode);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuStreamBeginCaptureToGraph`.
    pub(crate) fn send_stream_begin_capture_to_graph(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_graph: Graph,
        dependencies: &[GraphNode],
        dependency_data: &[CUgraphEdgeData],
        mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        self.check(h_stream)?;
        self.check(h_graph)?;
        for item in dependencies {
            self.check(*item)?;
        }
        let mut request = self.request(cx, Call::STREAM_BEGIN_CAPTURE_TO_GRAPH)?;
        request.put(&h_stream);
        request.put(&h_graph);
        request.list(dependencies);
        request.list(dependency_data);
        request.put(&mode);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuStreamEndCapture`.
    pub(crate) fn send_stream_end_capture(&self, cx: Cx, h_stream: Stream) -> CuResult<Graph> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_END_CAPTURE)?;
        request.put(&h_stream);
        let mut reply = self.wait(request)?;
        let ph_graph = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(ph_graph)
    }

    /// Sends `cuStreamIsCapturing`.
    pub(crate) fn send_stream_is_capturing(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<CUstreamCaptureStatus> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_IS_CAPTURING)?;
        request.put(&h_stream);
        let mut reply = self.wait(request)?;
        let capture_status = reply.take()?;
        reply.finish()?;
        Ok(capture_status)
    }

    /// Sends `cuStreamGetCaptureInfo`.
    pub(crate) fn send_stream_get_capture_info(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<(CUstreamCaptureStatus, u64)> {
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::STREAM_GET_CAPTURE_INFO)?;
        request.put(&h_stream);
        let mut reply = self.wait(request)?;
        let capture_status_out = reply.take()?;
        let id_out = reply.take()?;
        reply.finish()?;
        Ok((capture_status_out, id_out))
    }

    /// Sends `cuIpcOpenEventHandle`.
    pub(crate) fn send_ipc_open_event_handle(
        &self,
        cx: Cx,
        handle: CUipcEventHandle,
    ) -> CuResult<Event> {
        let ph_event = self.mint::<Event>()?;
        let mut request = self.request(cx, Call::IPC_OPEN_EVENT_HANDLE)?;
        request.put(&ph_event.handle());
        request.put(&handle);
        self.wait(request)?.finish()?;
        Ok(ph_event.keep())
    }

    /// Sends `cuEventCreate`.
    pub(crate) fn send_event_create(&self, cx: Cx, flags: u32) -> CuResult<Event> {
        let ph_event = self.mint::<Event>()?;
        let mut request = self.request(cx, Call::EVENT_CREATE)?;
        request.put(&ph_event.handle());
        request.put(&flags);
        self.post(request)?;
        Ok(ph_event.keep())
    }

    /// Sends `cuEventRecord`.
    pub(crate) fn send_event_record(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
    ) -> CuResult<()> {
        self.check(h_event)?;
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::EVENT_RECORD)?;
        request.put(&h_event);
        request.put(&h_stream);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuEventRecordWithFlags`.
    pub(crate) fn send_event_record_with_flags(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
        flags: u32,
    ) -> CuResult<()> {
        self.check(h_event)?;
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::EVENT_RECORD_WITH_FLAGS)?;
        request.put(&h_event);
        request.put(&h_stream);
        request.put(&flags);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuModuleUnload`.
    pub(crate) fn send_module_unload(&self, cx: Cx, hmod: Module) -> CuResult<()> {
        self.check(hmod)?;
        let mut request = self.request(cx, Call::MODULE_UNLOAD)?;
        request.put(&hmod);
        self.post(request)?;
        self.retire(hmod);
        Ok(())
    }

    /// Sends `cuModuleGetGlobal_v2`.
    pub(crate) fn send_module_get_global(
        &self,
        cx: Cx,
        hmod: Module,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        self.check(hmod)?;
        let mut request = self.request(cx, Call::MODULE_GET_GLOBAL_V2)?;
        request.put(&hmod);
        request.cstr(name);
        let mut reply = self.cached(request)?;
        let dptr = reply.take()?;
        let bytes = reply.take()?;
        reply.finish()?;
        Ok((dptr, bytes))
    }

    /// Sends `cuLibraryUnload`.
    pub(crate) fn send_library_unload(&self, cx: Cx, library: Library) -> CuResult<()> {
        self.check(library)?;
        let mut request = self.request(cx, Call::LIBRARY_UNLOAD)?;
        request.put(&library);
        self.post(request)?;
        self.retire(library);
        Ok(())
    }

    /// Sends `cuLibraryGetModule`.
    pub(crate) fn send_library_get_module(&self, cx: Cx, library: Library) -> CuResult<Module> {
        self.check(library)?;
        let mut request = self.request(cx, Call::LIBRARY_GET_MODULE)?;
        request.put(&library);
        let mut reply = self.cached(request)?;
        let p_mod = self.adopt(reply.take()?);
        reply.finish()?;
        Ok(p_mod)
    }

    /// Sends `cuLibraryGetGlobal`.
    pub(crate) fn send_library_get_global(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        self.check(library)?;
        let mut request = self.request(cx, Call::LIBRARY_GET_GLOBAL)?;
        request.put(&library);
        request.cstr(name);
        let mut reply = self.cached(request)?;
        let dptr = reply.take()?;
        let bytes = reply.take()?;
        reply.finish()?;
        Ok((dptr, bytes))
    }

    /// Sends `cuLibraryGetManaged`.
    pub(crate) fn send_library_get_managed(
        &self,
        cx: Cx,
        library: Library,
        name: &CStr,
    ) -> CuResult<(DevicePtr, usize)> {
        self.check(library)?;
        let mut request = self.request(cx, Call::LIBRARY_GET_MANAGED)?;
        request.put(&library);
        request.cstr(name);
        let mut reply = self.cached(request)?;
        let dptr = reply.take()?;
        let bytes = reply.take()?;
        reply.finish()?;
        Ok((dptr, bytes))
    }

    /// Sends `cuGraphLaunch`.
    pub(crate) fn send_graph_launch(
        &self,
        cx: Cx,
        h_graph: GraphExec,
        h_stream: Stream,
    ) -> CuResult<()> {
        self.check(h_graph)?;
        self.check(h_stream)?;
        let mut request = self.request(cx, Call::GRAPH_LAUNCH)?;
        request.put(&h_graph);
        request.put(&h_stream);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuDeviceSetMemPool`.
    pub(crate) fn send_device_set_mem_pool(
        &self,
        cx: Cx,
        dev: Device,
        pool: MemPool,
    ) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::DEVICE_SET_MEM_POOL)?;
        request.put(&dev);
        request.put(&pool);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuMemPoolDestroy`.
    pub(crate) fn send_mem_pool_destroy(&self, cx: Cx, pool: MemPool) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_DESTROY)?;
        request.put(&pool);
        self.post(request)?;
        self.retire(pool);
        Ok(())
    }

    /// Sends `cuMemSetMemPool`.
    pub(crate) fn send_mem_set_mem_pool(
        &self,
        cx: Cx,
        location: &CUmemLocation,
        kind: CUmemAllocationType,
        pool: MemPool,
    ) -> CuResult<()> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_SET_MEM_POOL)?;
        request.put(location);
        request.put(&kind);
        request.put(&pool);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuMemPoolExportToShareableHandle`.
    pub(crate) fn send_mem_pool_export_to_shareable_handle(
        &self,
        cx: Cx,
        pool: MemPool,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_EXPORT_TO_SHAREABLE_HANDLE)?;
        request.put(&pool);
        request.put(&handle_type);
        request.put(&flags);
        let mut reply = self.wait(request)?;
        let handle_out = reply.take()?;
        reply.finish()?;
        Ok(handle_out)
    }

    /// Sends `cuMemPoolImportFromShareableHandle`.
    pub(crate) fn send_mem_pool_import_from_shareable_handle(
        &self,
        cx: Cx,
        handle: u64,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<MemPool> {
        let pool_out = self.mint::<MemPool>()?;
        let mut request = self.request(cx, Call::MEM_POOL_IMPORT_FROM_SHAREABLE_HANDLE)?;
        request.put(&pool_out.handle());
        request.put(&handle);
        request.put(&handle_type);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(pool_out.keep())
    }

    /// Sends `cuMemPoolImportPointer`.
    pub(crate) fn send_mem_pool_import_pointer(
        &self,
        cx: Cx,
        pool: MemPool,
        share_data: &CUmemPoolPtrExportData,
    ) -> CuResult<DevicePtr> {
        self.check(pool)?;
        let mut request = self.request(cx, Call::MEM_POOL_IMPORT_POINTER)?;
        request.put(&pool);
        request.put(share_data);
        let mut reply = self.wait(request)?;
        let ptr_out = reply.take()?;
        reply.finish()?;
        Ok(ptr_out)
    }

    /// Sends `cuMemAddressReserve`.
    pub(crate) fn send_mem_address_reserve(
        &self,
        cx: Cx,
        size: usize,
        alignment: usize,
        addr: DevicePtr,
        flags: u64,
    ) -> CuResult<DevicePtr> {
        let mut request = self.request(cx, Call::MEM_ADDRESS_RESERVE)?;
        request.put(&size);
        request.put(&alignment);
        request.put(&addr);
        request.put(&flags);
        let mut reply = self.wait(request)?;
        let ptr = reply.take()?;
        reply.finish()?;
        Ok(ptr)
    }

    /// Sends `cuMemAddressFree`.
    pub(crate) fn send_mem_address_free(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
    ) -> CuResult<()> {
        let mut request = self.request(cx, Call::MEM_ADDRESS_FREE)?;
        request.put(&ptr);
        request.put(&size);
        self.post(request)?;
        Ok(())
    }

    /// Sends `cuMemMap`.
    pub(crate) fn send_mem_map(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        offset: usize,
        handle: MemAllocation,
        flags: u64,
    ) -> CuResult<()> {
        self.check(handle)?;
        let mut request = self.request(cx, Call::MEM_MAP)?;
        request.put(&ptr);
        request.put(&size);
        request.put(&offset);
        request.put(&handle);
        request.put(&flags);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuMemUnmap`.
    pub(crate) fn send_mem_unmap(&self, cx: Cx, ptr: DevicePtr, size: usize) -> CuResult<()> {
        let mut request = self.request(cx, Call::MEM_UNMAP)?;
        request.put(&ptr);
        request.put(&size);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuMemSetAccess`.
    pub(crate) fn send_mem_set_access(
        &self,
        cx: Cx,
        ptr: DevicePtr,
        size: usize,
        desc: &[CUmemAccessDesc],
    ) -> CuResult<()> {
        let mut request = self.request(cx, Call::MEM_SET_ACCESS)?;
        request.put(&ptr);
        request.put(&size);
        request.list(desc);
        self.wait(request)?.finish()?;
        Ok(())
    }

    /// Sends `cuMemExportToShareableHandle`.
    pub(crate) fn send_mem_export_to_shareable_handle(
        &self,
        cx: Cx,
        handle: MemAllocation,
        handle_type: CUmemAllocationHandleType,
        flags: u64,
    ) -> CuResult<u64> {
        self.check(handle)?;
        let mut request = self.request(cx, Call::MEM_EXPORT_TO_SHAREABLE_HANDLE)?;
        request.put(&handle);
        request.put(&handle_type);
        request.put(&flags);
        let mut reply = self.wait(request)?;
        let shareable_handle = reply.take()?;
        reply.finish()?;
        Ok(shareable_handle)
    }

    /// Sends `cuMemImportFromShareableHandle`.
    pub(crate) fn send_mem_import_from_shareable_handle(
        &self,
        cx: Cx,
        os_handle: u64,
        sh_handle_type: CUmemAllocationHandleType,
    ) -> CuResult<MemAllocation> {
        let handle = self.mint::<MemAllocation>()?;
        let mut request = self.request(cx, Call::MEM_IMPORT_FROM_SHAREABLE_HANDLE)?;
        request.put(&handle.handle());
        request.put(&os_handle);
        request.put(&sh_handle_type);
        self.wait(request)?.finish()?;
        Ok(handle.keep())
    }
}
