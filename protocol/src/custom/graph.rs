//! Nodes of graphs, and captures: what a node does, folded from some fifty C functions into one type.
//! Read [`NodeParams`] first.

use super::copy::{Copy3d, Fill};
use super::launch::{HostCallback, LaunchConfig};
use super::not_supported;
use crate::call::Cx;
use crate::generated::types::{
    CUgraphEdgeData, CUgraphExecUpdateResult, CUmemAccessDesc, CUmemPoolProps,
    CUstreamBatchMemOpParams, CUstreamCaptureStatus,
};
use crate::handle::{DevicePtr, Event, Function, Graph, GraphExec, GraphNode, Stream};
use crate::status::CuResult;

/// What a node does.
#[derive(Clone)]
pub enum NodeParams {
    /// Nothing.
    Empty,
    /// Launches a kernel.
    Kernel(KernelNode),
    /// Copies a box; a line is a box of one row. Host places are read and written at each launch.
    Copy(Copy3d),
    /// Fills memory.
    Fill(Fill),
    /// Calls a function of the program.
    Host(HostNode),
    /// Performs a copy of this graph.
    Child(Graph),
    /// Records an event.
    Record(Event),
    /// Waits for an event.
    Wait(Event),
    /// Writes words and waits for them.
    BatchMemOp {
        /// The operations, in order.
        operations: Vec<CUstreamBatchMemOpParams>,
        /// Reserved.
        flags: u32,
    },
    /// Takes memory.
    Allocate(AllocateNode),
    /// Gives memory back that another node has taken.
    Free(DevicePtr),
}

/// Memory that a graph takes: the same addresses at each launch.
#[derive(Clone, Debug, PartialEq)]
pub struct AllocateNode {
    /// Where and of what kind.
    pub properties: CUmemPoolProps,
    /// Who else may touch it.
    pub access: Vec<CUmemAccessDesc>,
    /// Size in bytes.
    pub bytes: u64,
    /// Where it lies: the driver's answer; null in what is asked for.
    pub address: DevicePtr,
}

/// A launch, recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelNode {
    /// The function or kernel.
    pub function: Function,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads a block in x, y, z.
    pub block: [u32; 3],
    /// Dynamic shared memory a block, in bytes.
    pub shared_bytes: u32,
    /// The packed parameter buffer, as for [`super::Launches::launch`].
    pub params: Vec<u8>,
}

/// A function of the program, recorded.
#[derive(Clone)]
pub struct HostNode {
    /// What is called at each launch.
    pub callback: HostCallback,
    /// The program's function and argument as the border has numbered them; 0 if it has not.
    pub tag: u64,
}

/// How the update of an executable graph went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphUpdate {
    /// Success, or why not.
    pub result: CUgraphExecUpdateResult,
    /// The node concerned, if there is one.
    pub error_node: GraphNode,
    /// The node before it, if the edge between them is concerned.
    pub error_from_node: GraphNode,
}

/// How far a capture has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureState {
    /// Whether the stream is captured.
    pub status: CUstreamCaptureStatus,
    /// The capture's number.
    pub id: u64,
    /// The graph that grows.
    pub graph: Graph,
    /// What the stream's next operation comes after.
    pub needs: Vec<GraphNode>,
    /// How it comes after each of them.
    pub edges: Vec<CUgraphEdgeData>,
}

impl KernelNode {
    /// The launch, in no stream.
    pub fn config(&self) -> LaunchConfig<'static> {
        LaunchConfig {
            grid: self.grid,
            block: self.block,
            shared_bytes: self.shared_bytes,
            stream: Stream::NONE,
            cooperative: false,
            attributes: &[],
        }
    }
}

impl std::fmt::Debug for NodeParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Kernel(kernel) => kernel.fmt(f),
            Self::Copy(copy) => copy.fmt(f),
            Self::Fill(fill) => fill.fmt(f),
            Self::Host(host) => host.fmt(f),
            Self::Child(graph) => graph.fmt(f),
            Self::Record(event) | Self::Wait(event) => event.fmt(f),
            Self::BatchMemOp { operations, .. } => operations.fmt(f),
            Self::Allocate(node) => node.fmt(f),
            Self::Free(address) => address.fmt(f),
        }
    }
}

impl std::fmt::Debug for HostNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostNode").field("tag", &self.tag).finish()
    }
}

/// Nodes and captures. Nodes are told apart by handles of the driver's.
pub trait Graphs {
    /// Adds a node that comes after `needs`.
    fn graph_add_node(
        &self,
        _cx: Cx,
        _graph: Graph,
        _needs: &[GraphNode],
        _params: &NodeParams,
    ) -> CuResult<GraphNode> {
        not_supported("cuGraphAddNode")
    }

    /// What a node does.
    fn graph_node_params(&self, _cx: Cx, _node: GraphNode) -> CuResult<NodeParams> {
        not_supported("cuGraphNodeGetParams")
    }

    /// Makes a node do something else of the same kind.
    fn graph_node_set_params(
        &self,
        _cx: Cx,
        _node: GraphNode,
        _params: &NodeParams,
    ) -> CuResult<()> {
        not_supported("cuGraphNodeSetParams")
    }

    /// The same in an executable graph, whose graph stays as it is.
    fn graph_exec_node_set_params(
        &self,
        _cx: Cx,
        _exec: GraphExec,
        _node: GraphNode,
        _params: &NodeParams,
    ) -> CuResult<()> {
        not_supported("cuGraphExecNodeSetParams")
    }

    /// Gives the nodes of an executable graph what the same nodes of a graph do. An update that cannot
    /// be is no error of the call.
    fn graph_exec_update(&self, _cx: Cx, _exec: GraphExec, _graph: Graph) -> CuResult<GraphUpdate> {
        not_supported("cuGraphExecUpdate")
    }

    /// How far the capture of a stream has come.
    fn stream_capture(&self, _cx: Cx, _stream: Stream) -> CuResult<CaptureState> {
        not_supported("cuStreamGetCaptureInfo_v2")
    }
}
