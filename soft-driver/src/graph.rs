//! Graphs: operations recorded instead of performed, from a captured stream or node by node, and
//! performed later as often as wanted. A launched graph runs its nodes one after another in its
//! stream, in the order in which they were added, which satisfies every dependency. Read
//! [`Recipe`], then [`GraphState`].

use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::custom::HostCallback;
use rigel_protocol::generated::driver::GraphApi;
use rigel_protocol::generated::types::{CUgraphMem_attribute, CUgraphNodeType};
use rigel_protocol::handle::{Device, Event, Graph, GraphExec, GraphNode, Handle, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::driver::{SoftDriver, World};
use crate::engine::{Compare, Direction, Fill, Lane, Op, Record, Shape, Source, Transfer, Word};
use crate::event::EventState;
use crate::launch::KernelRecipe;
use crate::stream::StreamState;

/// Most nodes of a graph.
const NODES_MAX: usize = 1 << 20;

/// Graphs within graphs.
const DEPTH_MAX: usize = 16;

/// Bits of a node handle's index that number the node within its graph.
const NODE_BITS: u32 = 16;

/// An operation that can be performed again and again.
#[derive(Clone)]
pub(crate) enum Recipe {
    /// Nothing.
    Nothing,
    /// A kernel.
    Kernel(KernelRecipe),
    /// A copy that reads its source each time.
    Copy {
        /// First byte of the destination.
        dst: u64,
        /// First byte of the source.
        src: u64,
        /// How much, and how it lies.
        shape: Shape,
        /// Between what.
        direction: Direction,
    },
    /// A fill.
    Fill(Fill),
    /// A function of the caller's process.
    Host(HostCallback, bool),
    /// Stores a word.
    Write(Word),
    /// Waits for a word.
    Wait(Word, Compare),
    /// Records an event.
    Record(Arc<EventState>),
    /// A graph within.
    Child(Arc<Vec<Node>>),
}

/// A node of a graph.
#[derive(Clone)]
pub(crate) struct Node {
    recipe: Recipe,
    /// Indices of nodes that come before.
    needs: Vec<u32>,
    enabled: bool,
}

/// A graph.
pub(crate) struct GraphState {
    handle: Graph,
    nodes: SharedNodes,
}

/// An executable graph: its nodes as they were when it was made.
pub(crate) struct GraphExecState {
    nodes: Mutex<Vec<Node>>,
    graph: Graph,
    flags: u64,
}

/// Nodes that a capture may still be adding to.
pub(crate) type SharedNodes = Arc<Mutex<Vec<Node>>>;

/// Adds a node and returns its index.
pub(crate) fn push(nodes: &SharedNodes, recipe: Recipe, needs: Vec<u32>) -> CuResult<u32> {
    let mut nodes = nodes.lock().unwrap_or_else(PoisonError::into_inner);
    if nodes.len() >= NODES_MAX {
        return Err(CuError::OUT_OF_MEMORY);
    }
    nodes.push(Node {
        recipe,
        needs,
        enabled: true,
    });
    Ok(nodes.len() as u32 - 1)
}

impl Node {
    /// Indices of nodes that come before.
    pub(crate) fn needs(&self) -> &[u32] {
        &self.needs
    }
}

impl GraphState {
    /// A graph of these nodes.
    pub(crate) fn new(handle: Graph, nodes: SharedNodes) -> Self {
        Self { handle, nodes }
    }
}

impl Recipe {
    /// The operation, to be performed once. Graphs within and events are the caller's to unfold.
    pub(crate) fn realise(self, world: &World) -> CuResult<Op> {
        Ok(match self {
            Self::Kernel(kernel) => kernel.realise(world)?,
            Self::Copy {
                dst,
                src,
                shape,
                direction,
            } => Op::Copy(Transfer {
                dst,
                src: Source::Address(src),
                shape,
                direction,
            }),
            Self::Fill(fill) => Op::Fill(fill),
            Self::Host(callback, even_after_error) => Op::Host {
                callback,
                even_after_error,
            },
            Self::Write(word) => Op::Write(word),
            Self::Wait(word, compare) => Op::Wait(word, compare),
            Self::Nothing | Self::Record(_) | Self::Child(_) => Op::Nothing,
        })
    }

    /// `CUgraphNodeType`.
    fn node_type(&self) -> u32 {
        match self {
            Self::Kernel(_) => 0,
            Self::Copy { .. } => 1,
            Self::Fill(_) => 2,
            Self::Host(..) => 3,
            Self::Child(_) => 4,
            Self::Nothing => 5,
            Self::Record(_) => 7,
            Self::Write(_) | Self::Wait(..) => 12,
        }
    }
}

/// Launching.
impl World {
    fn launch_nodes(
        &self,
        stream: &Arc<StreamState>,
        nodes: &[Node],
        depth: usize,
    ) -> CuResult<()> {
        if depth > DEPTH_MAX {
            return Err(CuError::NOT_SUPPORTED);
        }
        for node in nodes.iter().filter(|node| node.enabled) {
            match node.recipe.clone() {
                Recipe::Child(nodes) => self.launch_nodes(stream, &nodes, depth + 1)?,
                Recipe::Record(event) => self.record_from_graph(&stream.lane, &event)?,
                recipe => {
                    let op = recipe.realise(self)?;
                    self.engine.submit(&stream.lane, op, Vec::new())?;
                }
            }
        }
        Ok(())
    }

    fn record_from_graph(&self, lane: &Arc<Lane>, event: &EventState) -> CuResult<()> {
        let record = Arc::new(Record::new(Arc::clone(lane)));
        let op = Op::Record(Arc::clone(&record));
        let place = self.engine.submit(lane, op, Vec::new())?;
        let _ = record.position.set(place);
        event.set_latest(record);
        Ok(())
    }

    fn add_node(&self, graph: Graph, needs: &[GraphNode], recipe: Recipe) -> CuResult<GraphNode> {
        let state = self.graphs.find(graph)?;
        let needs = needs
            .iter()
            .map(|node| match node_place(*node) {
                Some((owner, index)) if owner == state.handle => Ok(index),
                _ => Err(CuError::INVALID_VALUE),
            })
            .collect::<CuResult<_>>()?;
        let index = push(&state.nodes, recipe, needs)?;
        node_handle(state.handle, index)
    }

    fn nodes_of(&self, graph: Graph) -> CuResult<Vec<Node>> {
        let state = self.graphs.find(graph)?;
        let nodes = state.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(nodes.clone())
    }

    fn node(&self, node: GraphNode) -> CuResult<Node> {
        let (graph, index) = node_place(node).ok_or(CuError::INVALID_VALUE)?;
        self.nodes_of(graph)?
            .get(index as usize)
            .cloned()
            .ok_or(CuError::INVALID_VALUE)
    }
}

/// The handle of a node: graph and place.
fn node_handle(graph: Graph, index: u32) -> CuResult<GraphNode> {
    let graph = graph.index().ok_or(CuError::INVALID_VALUE)?;
    if index >> NODE_BITS != 0 || graph >> (u32::BITS - NODE_BITS) != 0 {
        return Err(CuError::OUT_OF_MEMORY);
    }
    Ok(GraphNode::mint(graph << NODE_BITS | index))
}

fn node_place(node: GraphNode) -> Option<(Graph, u32)> {
    let index = node.index()?;
    Some((
        Graph::from_raw(Graph::mint(index >> NODE_BITS).raw()),
        index & ((1 << NODE_BITS) - 1),
    ))
}

impl GraphApi for SoftDriver {
    fn graph_create(&self, _cx: Cx, flags: u32) -> CuResult<Graph> {
        if flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let make = |handle| GraphState {
            handle,
            nodes: SharedNodes::default(),
        };
        self.world()?.graphs.insert(make).map(|made| made.0)
    }

    fn graph_add_child_graph_node(
        &self,
        _cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        child_graph: Graph,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        let child = Recipe::Child(Arc::new(world.nodes_of(child_graph)?));
        world.add_node(h_graph, dependencies, child)
    }

    fn graph_add_empty_node(
        &self,
        _cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
    ) -> CuResult<GraphNode> {
        self.world()?
            .add_node(h_graph, dependencies, Recipe::Nothing)
    }

    fn graph_add_event_record_node(
        &self,
        _cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        let event = world.events.find(event)?;
        world.add_node(h_graph, dependencies, Recipe::Record(event))
    }

    fn device_graph_mem_trim(&self, _cx: Cx, _device: Device) -> CuResult<()> {
        self.world().map(|_| ())
    }

    fn device_get_graph_mem_attribute(
        &self,
        _cx: Cx,
        _device: Device,
        _attr: CUgraphMem_attribute,
    ) -> CuResult<u64> {
        // Graphs own no memory here.
        self.world().map(|_| 0)
    }

    fn graph_clone(&self, _cx: Cx, original_graph: Graph) -> CuResult<Graph> {
        let world = self.world()?;
        let nodes = Arc::new(Mutex::new(world.nodes_of(original_graph)?));
        world
            .graphs
            .insert(|handle| GraphState { handle, nodes })
            .map(|made| made.0)
    }

    fn graph_node_get_type(&self, _cx: Cx, h_node: GraphNode) -> CuResult<CUgraphNodeType> {
        Ok(CUgraphNodeType(
            self.world()?.node(h_node)?.recipe.node_type(),
        ))
    }

    fn graph_get_nodes(
        &self,
        _cx: Cx,
        h_graph: Graph,
        num_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let count = self.world()?.nodes_of(h_graph)?.len();
        let handles = (0..count.min(num_nodes)).map(|index| node_handle(h_graph, index as u32));
        Ok((handles.collect::<CuResult<_>>()?, count))
    }

    fn graph_get_root_nodes(
        &self,
        _cx: Cx,
        h_graph: Graph,
        num_root_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let nodes = self.world()?.nodes_of(h_graph)?;
        let roots = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.needs.is_empty());
        let handles: Vec<_> = roots
            .map(|(index, _)| node_handle(h_graph, index as u32))
            .collect::<CuResult<_>>()?;
        let count = handles.len();
        Ok((handles.into_iter().take(num_root_nodes).collect(), count))
    }

    fn graph_instantiate_with_flags(
        &self,
        _cx: Cx,
        h_graph: Graph,
        flags: u64,
    ) -> CuResult<GraphExec> {
        let world = self.world()?;
        let nodes = Mutex::new(world.nodes_of(h_graph)?);
        let made = world.graph_execs.insert(|_| GraphExecState {
            nodes,
            graph: h_graph,
            flags,
        })?;
        Ok(made.0)
    }

    fn graph_exec_get_flags(&self, _cx: Cx, h_graph_exec: GraphExec) -> CuResult<u64> {
        Ok(self.world()?.graph_execs.find(h_graph_exec)?.flags)
    }

    fn graph_node_set_enabled(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        is_enabled: u32,
    ) -> CuResult<()> {
        let exec = self.world()?.graph_execs.find(h_graph_exec)?;
        let index = exec.index_of(h_node)?;
        let mut nodes = exec.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.get_mut(index).ok_or(CuError::INVALID_VALUE)?.enabled = is_enabled != 0;
        Ok(())
    }

    fn graph_node_get_enabled(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
    ) -> CuResult<u32> {
        let exec = self.world()?.graph_execs.find(h_graph_exec)?;
        let index = exec.index_of(h_node)?;
        let nodes = exec.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        nodes
            .get(index)
            .map(|node| u32::from(node.enabled))
            .ok_or(CuError::INVALID_VALUE)
    }

    fn graph_exec_destroy(&self, _cx: Cx, h_graph_exec: GraphExec) -> CuResult<()> {
        self.world()?.graph_execs.remove(h_graph_exec).map(|_| ())
    }

    fn graph_destroy(&self, _cx: Cx, h_graph: Graph) -> CuResult<()> {
        self.world()?.graphs.remove(h_graph).map(|_| ())
    }

    fn graph_upload(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let world = self.world()?;
        world.graph_execs.find(h_graph)?;
        world.stream(cx, h_stream).map(|_| ())
    }

    fn graph_launch(&self, cx: Cx, h_graph: GraphExec, h_stream: Stream) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, h_stream)?;
        let exec = world.graph_execs.find(h_graph)?;
        let nodes = exec
            .nodes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if stream.is_captured() {
            return world
                .record(&stream, Recipe::Child(Arc::new(nodes)))
                .map(|_| ());
        }
        world.launch_nodes(&stream, &nodes, 0)
    }
}

impl GraphExecState {
    fn index_of(&self, node: GraphNode) -> CuResult<usize> {
        match node_place(node) {
            Some((graph, index)) if graph == self.graph => Ok(index as usize),
            _ => Err(CuError::INVALID_VALUE),
        }
    }
}
