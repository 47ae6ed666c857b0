//! Graphs: operations recorded instead of performed, from a captured stream or node by node, and
//! performed later as often as wanted. A launched graph runs its nodes one after another in its
//! stream, in an order that satisfies every dependency. Read [`Recipe`], then [`GraphState`].
//!
//! A graph within a graph stays a graph until it is instantiated ([`Recipe::Graph`]); then it becomes
//! what is to be performed ([`Recipe::Sequence`]).

mod calls;
mod memory;
mod nodes;
mod sequence;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rigel_protocol::custom::HostCallback;
use rigel_protocol::generated::types::{CUgraphEdgeData, CUstreamAttrValue};
use rigel_protocol::handle::{Event, Graph, GraphNode, Handle};
use rigel_protocol::{CuError, CuResult};

use crate::driver::World;
use crate::engine::{Compare, Direction, Fill, Op, Shape, Source, Transfer, Word};
use crate::event::EventState;
use crate::launch::KernelRecipe;

pub(crate) use memory::{GraphMemory, GraphMemoryBooks};
pub(crate) use sequence::{GraphExecState, Sequence};

/// Most nodes of a graph.
const NODES_MAX: usize = 1 << 16;

/// Graphs within graphs.
const DEPTH_MAX: usize = 16;

/// Bits of a node handle's index that number the node within its graph.
const NODE_BITS: u32 = 16;

/// An edge without a port or a kind.
pub(crate) const PLAIN: CUgraphEdgeData = CUgraphEdgeData {
    from_port: 0,
    to_port: 0,
    r#type: 0,
    reserved: [0; 5],
};

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
    Host {
        /// The function.
        callback: HostCallback,
        /// Whether it is called in a lost context too.
        even_after_error: bool,
        /// What the caller knows it by.
        tag: u64,
    },
    /// Stores a word.
    Write(Word),
    /// Waits for a word.
    Wait(Word, Compare),
    /// Stores and waits, in order.
    Batch(Arc<nodes::Batch>),
    /// Records an event.
    Record(Event, Arc<EventState>),
    /// Waits for the latest record of an event.
    Await(Event, Arc<EventState>),
    /// Takes memory.
    Allocate(Arc<GraphMemory>),
    /// Gives memory of a graph back.
    Free(u64),
    /// A graph within, as the program sees it.
    Graph(Arc<GraphState>),
    /// A graph within, ready to be performed.
    Sequence(Arc<Sequence>),
}

/// A node of a graph.
#[derive(Clone)]
pub(crate) struct Node {
    recipe: Recipe,
    needs: Vec<Edge>,
    enabled: bool,
    /// False once the node has been destroyed: the numbers of the others stay.
    alive: bool,
    attributes: Vec<(u32, CUstreamAttrValue)>,
}

/// What a node comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    from: u32,
    data: CUgraphEdgeData,
}

/// A graph.
pub(crate) struct GraphState {
    /// Its handle.
    pub(crate) handle: Graph,
    /// Its nodes.
    pub(crate) nodes: SharedNodes,
    /// Numbers graphs as `cuGraphGetId` does.
    id: u32,
    /// The graph it was cloned from.
    original: Option<Graph>,
}

/// Nodes that a capture may still be adding to.
pub(crate) type SharedNodes = Arc<Mutex<Vec<Node>>>;

/// Adds a node and returns its index.
pub(crate) fn push(nodes: &SharedNodes, recipe: Recipe, needs: &[u32]) -> CuResult<u32> {
    let mut nodes = lock(nodes);
    if nodes.len() >= NODES_MAX {
        return Err(CuError::OUT_OF_MEMORY);
    }
    let edge = |from: &u32| Edge {
        from: *from,
        data: PLAIN,
    };
    nodes.push(Node {
        recipe,
        needs: needs.iter().map(edge).collect(),
        enabled: true,
        alive: true,
        attributes: Vec::new(),
    });
    Ok(nodes.len() as u32 - 1)
}

fn lock(nodes: &SharedNodes) -> MutexGuard<'_, Vec<Node>> {
    nodes.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next number of a graph.
fn next_id() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl Node {
    /// Indices of nodes that come before.
    pub(crate) fn needs(&self) -> impl Iterator<Item = u32> {
        self.needs.iter().map(|edge| edge.from)
    }
}

impl GraphState {
    /// A graph of these nodes.
    pub(crate) fn new(handle: Graph, nodes: SharedNodes) -> Self {
        Self {
            handle,
            nodes,
            id: next_id(),
            original: None,
        }
    }

    /// Whether nodes take or free memory.
    fn owns_memory(&self) -> bool {
        let nodes = lock(&self.nodes);
        let about_memory =
            |node: &Node| matches!(node.recipe, Recipe::Allocate(_) | Recipe::Free(_));
        nodes.iter().any(|node| node.alive && about_memory(node))
    }

    /// The index of a node of this graph.
    pub(crate) fn index_of(&self, node: GraphNode) -> CuResult<u32> {
        let found = node_place(node).filter(|(graph, _)| *graph == self.handle);
        let (_, index) = found.ok_or(CuError::INVALID_VALUE)?;
        let nodes = lock(&self.nodes);
        let node = nodes.get(index as usize).filter(|node| node.alive);
        node.map(|_| index).ok_or(CuError::INVALID_VALUE)
    }

    fn indices_of(&self, nodes: &[GraphNode]) -> CuResult<Vec<u32>> {
        nodes.iter().map(|node| self.index_of(*node)).collect()
    }

    /// Handles and nodes, without those destroyed.
    fn living(&self) -> CuResult<Vec<(GraphNode, Node)>> {
        let nodes = lock(&self.nodes);
        let living = nodes.iter().enumerate().filter(|(_, node)| node.alive);
        living
            .map(|(index, node)| Ok((node_handle(self.handle, index as u32)?, node.clone())))
            .collect()
    }
}

impl Recipe {
    /// The operation, to be performed once. Graphs within, batches and events are the caller's to
    /// unfold.
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
            Self::Host {
                callback,
                even_after_error,
                ..
            } => Op::Host {
                callback,
                even_after_error,
            },
            Self::Write(word) => Op::Write(word),
            Self::Wait(word, compare) => Op::Wait(word, compare),
            Self::Nothing
            | Self::Batch(_)
            | Self::Record(..)
            | Self::Await(..)
            | Self::Allocate(_)
            | Self::Free(_)
            | Self::Graph(_)
            | Self::Sequence(_) => Op::Nothing,
        })
    }

    /// `CUgraphNodeType`.
    fn node_type(&self) -> u32 {
        match self {
            Self::Kernel(_) => 0,
            Self::Copy { .. } => 1,
            Self::Fill(_) => 2,
            Self::Host { .. } => 3,
            Self::Graph(_) | Self::Sequence(_) => 4,
            Self::Nothing => 5,
            Self::Await(..) => 6,
            Self::Record(..) => 7,
            Self::Allocate(_) => 10,
            Self::Free(_) => 11,
            Self::Write(_) | Self::Wait(..) | Self::Batch(_) => 12,
        }
    }
}

/// Graphs and nodes by handle.
impl World {
    /// A graph of these nodes.
    pub(crate) fn new_graph(&self, nodes: SharedNodes) -> CuResult<Arc<GraphState>> {
        let made = self
            .graphs
            .insert(|handle| GraphState::new(handle, nodes))?;
        Ok(made.1)
    }

    /// Forgets a graph, and the graphs that are its nodes'.
    pub(crate) fn forget_graph(&self, graph: Graph) -> CuResult<()> {
        let state = self.graphs.remove(graph)?;
        if state.owns_memory() {
            // Launches under way may still use it.
            self.engine.wait_all();
        }
        let inner: Vec<Graph> = lock(&state.nodes)
            .iter()
            .filter_map(|node| match &node.recipe {
                Recipe::Graph(inner) => Some(inner.handle),
                _ => None,
            })
            .collect();
        for graph in inner {
            // It may be gone already, with its node.
            let _ = self.forget_graph(graph);
        }
        Ok(())
    }

    /// A copy of a graph; those within are copied too.
    fn clone_graph(&self, graph: &GraphState, depth: usize) -> CuResult<Arc<GraphState>> {
        if depth > DEPTH_MAX {
            return Err(CuError::NOT_SUPPORTED);
        }
        // CUDA refuses it too: memory belongs to one graph.
        if graph.owns_memory() {
            return Err(CuError::NOT_SUPPORTED);
        }
        let mut nodes = lock(&graph.nodes).clone();
        for node in nodes.iter_mut().filter(|node| node.alive) {
            if let Recipe::Graph(inner) = &node.recipe {
                node.recipe = Recipe::Graph(self.clone_graph(inner, depth + 1)?);
            }
        }
        let nodes = Arc::new(Mutex::new(nodes));
        let made = self.graphs.insert(|handle| GraphState {
            handle,
            nodes,
            id: next_id(),
            original: Some(graph.handle),
        })?;
        Ok(made.1)
    }

    fn add_node(&self, graph: Graph, needs: &[GraphNode], recipe: Recipe) -> CuResult<GraphNode> {
        let state = self.graphs.find(graph)?;
        let needs = state.indices_of(needs)?;
        let distinct: std::collections::BTreeSet<_> = needs.iter().collect();
        if distinct.len() < needs.len() {
            return Err(CuError::INVALID_VALUE);
        }
        let index = push(&state.nodes, recipe, &needs)?;
        node_handle(state.handle, index)
    }

    /// The graph of a node, and its index there.
    fn owner(&self, node: GraphNode) -> CuResult<(Arc<GraphState>, usize)> {
        let (graph, _) = node_place(node).ok_or(CuError::INVALID_VALUE)?;
        let state = self
            .graphs
            .find(graph)
            .map_err(|_| CuError::INVALID_VALUE)?;
        let index = state.index_of(node)?;
        Ok((state, index as usize))
    }

    fn node(&self, node: GraphNode) -> CuResult<Node> {
        let (state, index) = self.owner(node)?;
        let nodes = lock(&state.nodes);
        nodes.get(index).cloned().ok_or(CuError::INVALID_VALUE)
    }

    /// Changes a node.
    fn change(
        &self,
        node: GraphNode,
        change: impl FnOnce(&mut Node) -> CuResult<()>,
    ) -> CuResult<()> {
        let (state, index) = self.owner(node)?;
        let mut nodes = lock(&state.nodes);
        change(nodes.get_mut(index).ok_or(CuError::INVALID_VALUE)?)
    }
}

/// The handle of a node: graph and place.
pub(crate) fn node_handle(graph: Graph, index: u32) -> CuResult<GraphNode> {
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
