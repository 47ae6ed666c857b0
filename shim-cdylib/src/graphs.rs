//! Nodes of graphs and captures over the wire. Read [`Graphs`] for [`Remote`] first.
//!
//! 1. Nodes are numbered by the worker, and every call that names one waits.
//! 2. A node's host memory must be the worker's to reach: page-locked. A captured copy of ordinary memory
//!    is the shim's own doing ([`crate::copies`]).
//! 3. A host function of a node may be called as long as the process lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rigel_protocol::custom::{
    CaptureState, GraphUpdate, Graphs, HostCallback, HostNode, NodeParams,
};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Graph, GraphExec, GraphNode, Stream};
use rigel_protocol::link::WireNode;
use rigel_protocol::link::graph::check_host_sides;
use rigel_protocol::{CuResult, Cx};

use crate::remote::Remote;
use crate::session::Session;

/// Whether a graph of this process takes memory. The launch of one may be refused, which its caller is told at
/// once.
static TAKE_MEMORY: AtomicBool = AtomicBool::new(false);

/// A graph takes memory from now on.
pub(crate) fn note_memory_of_graphs() {
    TAKE_MEMORY.store(true, Ordering::Relaxed);
}

/// Whether a graph takes memory.
pub(crate) fn graphs_take_memory() -> bool {
    TAKE_MEMORY.load(Ordering::Relaxed)
}

/// `cuGraphLaunch`: posted, and heard of where it may be refused.
pub(crate) fn graph_launch(
    remote: &Remote,
    cx: Cx,
    exec: GraphExec,
    stream: Stream,
) -> CuResult<()> {
    remote.send_graph_launch(cx, exec, stream)?;
    if !graphs_take_memory() {
        return Ok(());
    }
    let told = remote.send_stream_is_capturing(cx, stream);
    let latched = remote.session()?.inbox.slot(cx.thread)?.take_latched();
    match latched {
        Some(error) => Err(error),
        None => told.map(|_| ()),
    }
}

impl Graphs for Remote {
    fn graph_add_node(
        &self,
        cx: Cx,
        graph: Graph,
        needs: &[GraphNode],
        params: &NodeParams,
    ) -> CuResult<GraphNode> {
        self.check(graph)?;
        let mut request = self.request(cx, Call::GRAPH_ADD_NODE)?;
        request.put(&graph);
        request.list(needs);
        request.put(&self.travelling(params)?);
        let mut reply = self.wait(request)?;
        let node = reply.take()?;
        reply.finish()?;
        Ok(node)
    }

    fn graph_node_params(&self, cx: Cx, node: GraphNode) -> CuResult<NodeParams> {
        let mut request = self.request(cx, Call::GRAPH_NODE_PARAMS)?;
        request.put(&node);
        let mut reply = self.wait(request)?;
        let node = reply.take::<WireNode>()?;
        reply.finish()?;
        Ok(self.arrived(node))
    }

    fn graph_node_set_params(&self, cx: Cx, node: GraphNode, params: &NodeParams) -> CuResult<()> {
        let mut request = self.request(cx, Call::GRAPH_NODE_SET_PARAMS)?;
        request.put(&node);
        request.put(&self.travelling(params)?);
        self.wait(request)?.finish()
    }

    fn graph_exec_node_set_params(
        &self,
        cx: Cx,
        exec: GraphExec,
        node: GraphNode,
        params: &NodeParams,
    ) -> CuResult<()> {
        self.check(exec)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_NODE_SET_PARAMS)?;
        request.put(&exec);
        request.put(&node);
        request.put(&self.travelling(params)?);
        self.wait(request)?.finish()
    }

    fn graph_exec_update(&self, cx: Cx, exec: GraphExec, graph: Graph) -> CuResult<GraphUpdate> {
        self.check(exec)?;
        self.check(graph)?;
        let mut request = self.request(cx, Call::GRAPH_EXEC_UPDATE)?;
        request.put(&exec);
        request.put(&graph);
        let mut reply = self.wait(request)?;
        let update = reply.take()?;
        reply.finish()?;
        Ok(update)
    }

    fn stream_capture(&self, cx: Cx, stream: Stream) -> CuResult<CaptureState> {
        self.check(stream)?;
        let mut request = self.request(cx, Call::STREAM_CAPTURE)?;
        request.put(&stream);
        let mut reply = self.wait(request)?;
        let state: CaptureState = reply.take()?;
        reply.finish()?;
        self.adopt(state.graph);
        Ok(state)
    }
}

impl Remote {
    /// A node's parameters as they travel.
    fn travelling(&self, params: &NodeParams) -> CuResult<WireNode> {
        let session = self.session()?;
        Ok(match params {
            NodeParams::Empty => WireNode::Empty,
            NodeParams::Kernel(kernel) => {
                self.check(kernel.function)?;
                WireNode::Kernel(kernel.clone())
            }
            NodeParams::Copy(copy) => {
                check_host_sides(copy, |address, bytes| reaches(session, address, bytes))?;
                WireNode::Copy(*copy)
            }
            NodeParams::Fill(fill) => WireNode::Fill(*fill),
            NodeParams::Host(host) => WireNode::Host {
                callback: session.hosts.register_node(&host.callback, host.tag)?,
                tag: host.tag,
            },
            NodeParams::Child(graph) => {
                self.check(*graph)?;
                WireNode::Child(*graph)
            }
            NodeParams::Record(event) => {
                self.check(*event)?;
                WireNode::Record(*event)
            }
            NodeParams::Wait(event) => {
                self.check(*event)?;
                WireNode::Wait(*event)
            }
            NodeParams::BatchMemOp { operations, flags } => WireNode::BatchMemOp {
                operations: operations.clone(),
                flags: *flags,
            },
            NodeParams::Allocate(allocation) => {
                note_memory_of_graphs();
                WireNode::Allocate(allocation.clone())
            }
            NodeParams::Free(address) => WireNode::Free(*address),
        })
    }

    /// A node's parameters as they have travelled.
    fn arrived(&self, node: WireNode) -> NodeParams {
        match node {
            WireNode::Empty => NodeParams::Empty,
            WireNode::Kernel(kernel) => NodeParams::Kernel(kernel),
            WireNode::Copy(copy) => NodeParams::Copy(copy),
            WireNode::Fill(fill) => NodeParams::Fill(fill),
            WireNode::Host { tag, .. } => {
                // Known by its tag; what the worker calls is not called from here.
                let callback: HostCallback = Arc::new(|_| {});
                NodeParams::Host(HostNode { callback, tag })
            }
            WireNode::Child(graph) => NodeParams::Child(self.adopt(graph)),
            WireNode::Record(event) => NodeParams::Record(event),
            WireNode::Wait(event) => NodeParams::Wait(event),
            WireNode::BatchMemOp { operations, flags } => {
                NodeParams::BatchMemOp { operations, flags }
            }
            WireNode::Allocate(allocation) => NodeParams::Allocate(allocation),
            WireNode::Free(address) => NodeParams::Free(address),
        }
    }
}

/// Whether the worker reaches all of these bytes.
fn reaches(session: &Session, address: u64, bytes: u64) -> bool {
    session.pinned.holds(address, bytes) || session.mirrors.holds(address, bytes)
}
