//! Graphs: operations recorded instead of performed, from a captured stream or node by node, and
//! performed later as often as wanted. A launched graph runs its nodes one after another in its
//! stream, in the order in which they were added, which satisfies every dependency. Read
//! [`Recipe`], then [`GraphState`].

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

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

type SharedNodes = Arc<Mutex<Vec<Node>>>;

/// A stream's part in a capture.
pub(crate) struct Capture {
    shared: Arc<CaptureShared>,
    /// What the stream's next operation comes after.
    tail: Vec<u32>,
    /// The capture began here and must end here.
    is_origin: bool,
}

struct CaptureShared {
    id: u64,
    nodes: SharedNodes,
    invalid: AtomicBool,
}

/// Where in a capture an event was recorded.
#[derive(Clone)]
pub(crate) struct CapturedEvent {
    shared: Arc<CaptureShared>,
    tail: Vec<u32>,
}

impl Capture {
    /// The number of the capture.
    pub(crate) fn id(&self) -> u64 {
        self.shared.id
    }

    /// `CUstreamCaptureStatus`: active or invalidated.
    pub(crate) fn status(&self) -> u32 {
        if self.shared.invalid.load(Ordering::SeqCst) {
            2
        } else {
            1
        }
    }

    /// Spoils the capture; the error for the call that did it.
    pub(crate) fn invalidate(&self) -> CuError {
        match self.shared.invalid.swap(true, Ordering::SeqCst) {
            true => CuError::STREAM_CAPTURE_INVALIDATED,
            false => CuError::STREAM_CAPTURE_UNSUPPORTED,
        }
    }

    fn push(&mut self, recipe: Recipe) -> CuResult<()> {
        if self.shared.invalid.load(Ordering::SeqCst) {
            return Err(CuError::STREAM_CAPTURE_INVALIDATED);
        }
        let needs = std::mem::take(&mut self.tail);
        self.tail = vec![push(&self.shared.nodes, recipe, needs)?];
        Ok(())
    }
}

impl CapturedEvent {
    /// Spoils the capture; the error for the call that did it.
    pub(crate) fn invalidate(&self) -> CuError {
        self.shared.invalid.store(true, Ordering::SeqCst);
        CuError::CAPTURED_EVENT
    }
}

fn push(nodes: &SharedNodes, recipe: Recipe, needs: Vec<u32>) -> CuResult<u32> {
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

/// Capturing streams.
impl World {
    /// Records an operation if its stream is captured, else gives it back.
    pub(crate) fn record(&self, stream: &StreamState, recipe: Recipe) -> CuResult<Option<Recipe>> {
        let mut capture = stream
            .capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &mut *capture {
            Some(capture) => capture.push(recipe).map(|()| None),
            None => Ok(Some(recipe)),
        }
    }

    /// Starts a capture.
    pub(crate) fn begin_capture(&self, stream: &StreamState) -> CuResult<()> {
        if stream.handle == Stream::LEGACY {
            return Err(CuError::STREAM_CAPTURE_UNSUPPORTED);
        }
        let mut capture = stream
            .capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if capture.is_some() {
            return Err(CuError::ILLEGAL_STATE);
        }
        let (id, nodes) = (self.number(), SharedNodes::default());
        let shared = Arc::new(CaptureShared {
            id,
            nodes,
            invalid: AtomicBool::new(false),
        });
        *capture = Some(Capture {
            shared,
            tail: Vec::new(),
            is_origin: true,
        });
        Ok(())
    }

    /// Ends a capture and makes a graph of it.
    pub(crate) fn end_capture(&self, stream: &StreamState) -> CuResult<Graph> {
        let ended = {
            let mut capture = stream
                .capture
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match &*capture {
                None => return Err(CuError::ILLEGAL_STATE),
                Some(part) if !part.is_origin => return Err(CuError::STREAM_CAPTURE_UNMATCHED),
                Some(_) => capture.take(),
            }
        };
        let Some(ended) = ended else {
            return Err(CuError::ILLEGAL_STATE);
        };
        let unjoined = self.end_other_parts(&ended);
        if ended.shared.invalid.load(Ordering::SeqCst) {
            return Err(CuError::STREAM_CAPTURE_INVALIDATED);
        }
        if unjoined {
            return Err(CuError::STREAM_CAPTURE_UNJOINED);
        }
        let nodes = Arc::clone(&ended.shared.nodes);
        self.graphs
            .insert(|handle| GraphState { handle, nodes })
            .map(|made| made.0)
    }

    /// Ends the parts of other streams in a capture; true if one holds work that did not come back.
    fn end_other_parts(&self, ended: &Capture) -> bool {
        let reached = ended.reached();
        let mut unjoined = false;
        for other in self.streams.select(|_| true) {
            let mut part = other.capture.lock().unwrap_or_else(PoisonError::into_inner);
            if part
                .as_ref()
                .is_some_and(|part| Arc::ptr_eq(&part.shared, &ended.shared))
            {
                let tail = part.take().map(|part| part.tail).unwrap_or_default();
                unjoined |= tail.iter().any(|node| !reached.contains(node));
            }
        }
        unjoined
    }

    /// Makes a stream wait for an event of a capture, and join it; false if the event is none.
    pub(crate) fn join_capture(&self, stream: &StreamState, event: &EventState) -> CuResult<bool> {
        let captured = event
            .captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut capture = stream
            .capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (Some(captured), part) = (captured, &mut *capture) else {
            return match &*capture {
                Some(_) => Err(CuError::STREAM_CAPTURE_ISOLATION),
                None => Ok(false),
            };
        };
        match part {
            Some(part) if Arc::ptr_eq(&part.shared, &captured.shared) => {
                part.tail.extend(captured.tail);
                part.tail.sort_unstable();
                part.tail.dedup();
            }
            Some(part) => {
                part.shared.invalid.store(true, Ordering::SeqCst);
                captured.shared.invalid.store(true, Ordering::SeqCst);
                return Err(CuError::STREAM_CAPTURE_MERGE);
            }
            None => {
                let CapturedEvent { shared, tail } = captured;
                *part = Some(Capture {
                    shared,
                    tail,
                    is_origin: false,
                });
            }
        }
        Ok(true)
    }

    /// Records an event in a capture; false if the stream is not captured.
    pub(crate) fn record_captured(&self, stream: &StreamState, event: &EventState) -> bool {
        let capture = stream
            .capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(part) = &*capture else { return false };
        let place = CapturedEvent {
            shared: Arc::clone(&part.shared),
            tail: part.tail.clone(),
        };
        *event
            .captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(place);
        true
    }
}

impl Capture {
    /// All nodes that the tail comes after.
    fn reached(&self) -> std::collections::HashSet<u32> {
        let nodes = self
            .shared
            .nodes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut reached = std::collections::HashSet::new();
        let mut pending = self.tail.clone();
        while let Some(node) = pending.pop() {
            if reached.insert(node) {
                pending.extend(nodes.get(node as usize).iter().flat_map(|node| &node.needs));
            }
        }
        reached
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
