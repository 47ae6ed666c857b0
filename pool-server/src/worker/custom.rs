//! The calls whose records are written by hand (`rigel_protocol::link`). Each decodes, checks,
//! translates, and asks the driver; a record with bytes behind it consumes them whatever happens.
//! Read [`dispatch`] first.

mod context;
mod copy;
mod exports;
mod graph;
mod image;
mod launch;
mod memory;
mod vmm;

use rigel_protocol::generated::calls::Call;

pub(super) use self::image::FailedLogs;

use super::fault::Fault;
use super::issue::Issue;
use super::trace;

/// Issues a hand-written call; `None` if the id is no such call's.
pub(super) fn dispatch(call: Call, issue: &mut Issue<'_>) -> Option<Result<(), Fault>> {
    Some(match call {
        Call::THREAD_END => context::thread_end(issue),
        Call::COPY | Call::COPY_WAIT => copy::line(issue),
        Call::COPY3D | Call::COPY3D_WAIT => copy::cuboid(issue),
        Call::FILL => copy::fill(issue),
        Call::LAUNCH => launch::kernel(issue),
        Call::GRAPH_LAUNCH => launch::graph(issue),
        Call::LAUNCH_HOST => launch::host(issue),
        Call::HOST_RETURNED => launch::host_returned(issue),
        Call::MODULE_LOAD => image::module_load(issue),
        Call::LIBRARY_LOAD => image::library_load(issue),
        Call::LINK => image::link(issue),
        Call::MODULE_LOAD_NAMED => image::module_load_named(issue),
        Call::LIBRARY_LOAD_NAMED => image::library_load_named(issue),
        Call::LINK_NAMED => image::link_named(issue),
        Call::FAILED_LOGS => image::failed_logs(issue),
        Call::MODULE_FUNCTION => image::module_function(issue),
        Call::LIBRARY_KERNEL => image::library_kernel(issue),
        Call::KERNEL_FUNCTION => image::kernel_function(issue),
        Call::MODULE_FUNCTIONS => image::module_functions(issue),
        Call::LIBRARY_KERNELS => image::library_kernels(issue),
        Call::FUNCTION_SET_ATTRIBUTE => image::function_set_attribute(issue),
        Call::PRIMARY_ACTIVATE => context::primary_activate(issue),
        Call::PRIMARY_RESET => context::primary_reset(issue),
        Call::CONTEXT_CREATE => context::create(issue),
        Call::CONTEXT_DESTROY => context::destroy(issue),
        Call::ARENA_MAP => memory::arena_map(issue),
        Call::ARENA_UNMAP => memory::arena_unmap(issue),
        Call::MIRROR_MAP => memory::mirror_map(issue),
        Call::MIRROR_UNMAP => memory::mirror_unmap(issue),
        Call::MIRROR_WRITE => memory::mirror_write(issue),
        Call::HOST_REGISTER => memory::host_register(issue),
        Call::HOST_UNREGISTER => memory::host_unregister(issue),
        Call::MEM_GET_INFO_V2 => memory::info(issue),
        Call::MEM_PREFETCH_ASYNC_V2 => memory::prefetch(issue),
        Call::IPC_GET_MEM_HANDLE => exports::memory(issue),
        Call::IPC_OPEN_MEM_HANDLE_V2 => exports::open_memory(issue),
        Call::IPC_CLOSE_MEM_HANDLE => exports::close_memory(issue),
        Call::IPC_GET_EVENT_HANDLE => exports::event(issue),
        Call::IPC_OPEN_EVENT_HANDLE => exports::open_event(issue),
        Call::EVENT_DESTROY_V2 => exports::destroy_event(issue),
        Call::MEM_EXPORT_TO_SHAREABLE_HANDLE => exports::physical(issue),
        Call::MEM_IMPORT_FROM_SHAREABLE_HANDLE => exports::import_physical(issue),
        Call::MEM_POOL_EXPORT_TO_SHAREABLE_HANDLE => exports::pool(issue),
        Call::MEM_POOL_IMPORT_FROM_SHAREABLE_HANDLE => exports::import_pool(issue),
        Call::MEM_POOL_EXPORT_POINTER => exports::pool_memory(issue),
        Call::MEM_POOL_IMPORT_POINTER => exports::import_pool_memory(issue),
        Call::MEM_RETAIN_ALLOCATION_HANDLE => vmm::retain(issue),
        Call::MEM_CREATE => vmm::create(issue),
        Call::MEM_RELEASE => vmm::release(issue),
        Call::MEM_MAP => vmm::map(issue),
        Call::MEM_UNMAP => vmm::unmap(issue),
        Call::CTX_SET_LIMIT => context::set_limit(issue),
        Call::CTX_SYNCHRONIZE => launch::context_synchronize(issue),
        Call::STREAM_QUERY => launch::stream_query(issue),
        Call::STREAM_SYNCHRONIZE => launch::stream_synchronize(issue),
        Call::EVENT_SYNCHRONIZE => launch::event_synchronize(issue),
        Call::GRAPH_ADD_NODE => graph::add_node(issue),
        Call::GRAPH_NODE_PARAMS => graph::node_params(issue),
        Call::GRAPH_NODE_SET_PARAMS => graph::node_set_params(issue),
        Call::GRAPH_EXEC_NODE_SET_PARAMS => graph::exec_node_set_params(issue),
        Call::GRAPH_EXEC_UPDATE => graph::exec_update(issue),
        Call::STREAM_CAPTURE => graph::capture(issue),
        Call::GRAPH_DESTROY => graph::destroy(issue),
        Call::TRACE_START => trace::start(issue),
        Call::TRACE_CLOCK => trace::clock(issue),
        Call::TRACE_EVENTS => trace::client_events(issue),
        _ => return None,
    })
}

/// Whether a call is work for a GPU and nothing else: it passes the session's gate by itself.
pub(super) fn is_gpu_work(call: Call) -> bool {
    matches!(call, Call::LAUNCH | Call::GRAPH_LAUNCH | Call::FILL)
}
