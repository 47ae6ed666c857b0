//! The calls of this area that follow from the table: graphs, edges, events of nodes, executable
//! graphs. Read [`super::GraphState`].

use std::sync::Arc;

use rigel_protocol::generated::driver::GraphApi;
use rigel_protocol::generated::types::{
    CUgraphEdgeData, CUgraphMem_attribute, CUgraphNodeType, CUlaunchAttributeID, CUstreamAttrValue,
};
use rigel_protocol::handle::{Device, Event, Graph, GraphExec, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use super::{Edge, GraphExecState, GraphState, Recipe, SharedNodes, lock, node_handle};
use crate::driver::{SoftDriver, World};
use crate::stream::StreamState;

/// `CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH`.
const AUTO_FREE: u64 = 1;

/// Most attributes kept of a node.
const ATTRIBUTES_MAX: usize = 32;

/// An edge as it is told: from, to, data.
type ToldEdge = (GraphNode, GraphNode, CUgraphEdgeData);

impl GraphState {
    /// All edges, in the order of the nodes they lead to.
    fn edges(&self) -> CuResult<Vec<ToldEdge>> {
        let mut edges = Vec::new();
        for (to, node) in self.living()? {
            for edge in &node.needs {
                edges.push((node_handle(self.handle, edge.from)?, to, edge.data));
            }
        }
        Ok(edges)
    }

    fn add_edge(&self, from: u32, to: u32, data: CUgraphEdgeData) -> CuResult<()> {
        let mut nodes = lock(&self.nodes);
        let node = nodes.get_mut(to as usize).ok_or(CuError::INVALID_VALUE)?;
        if from == to || node.needs.iter().any(|edge| edge.from == from) {
            return Err(CuError::INVALID_VALUE);
        }
        node.needs.push(Edge { from, data });
        Ok(())
    }

    fn remove_edge(&self, from: u32, to: u32) -> CuResult<()> {
        let mut nodes = lock(&self.nodes);
        let node = nodes.get_mut(to as usize).ok_or(CuError::INVALID_VALUE)?;
        let before = node.needs.len();
        node.needs.retain(|edge| edge.from != from);
        match node.needs.len() < before {
            true => Ok(()),
            false => Err(CuError::INVALID_VALUE),
        }
    }
}

impl World {
    /// Does something with each pair of nodes of a graph.
    fn each_edge(
        &self,
        graph: Graph,
        ends: (&[GraphNode], &[GraphNode]),
        data: &[CUgraphEdgeData],
        act: impl Fn(&GraphState, u32, u32, CUgraphEdgeData) -> CuResult<()>,
    ) -> CuResult<()> {
        let state = self.graphs.find(graph)?;
        let (from, to) = (state.indices_of(ends.0)?, state.indices_of(ends.1)?);
        if from.len() != to.len() || from.len() != data.len() {
            return Err(CuError::INVALID_VALUE);
        }
        for ((from, to), data) in from.into_iter().zip(to).zip(data) {
            act(&state, from, to, *data)?;
        }
        Ok(())
    }

    /// Records a launch in a captured stream, or performs it.
    fn launch_graph(&self, stream: &Arc<StreamState>, exec: &GraphExecState) -> CuResult<()> {
        let sequence = exec.sequence();
        if exec.flags & AUTO_FREE != 0 {
            for memory in sequence.allocations() {
                memory.end();
            }
        }
        match stream.is_captured() {
            true => self.record(stream, Recipe::Sequence(sequence)).map(|_| ()),
            false => self.launch_sequence(stream, &sequence, 0),
        }
    }
}

/// As many as there is room for, and how many there are.
fn up_to<T>(all: Vec<T>, room: usize) -> (Vec<T>, usize) {
    let count = all.len();
    (all.into_iter().take(room).collect(), count)
}

impl GraphApi for SoftDriver {
    fn graph_create(&self, _cx: Cx, flags: u32) -> CuResult<Graph> {
        if flags != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let made = self.world()?.new_graph(SharedNodes::default())?;
        Ok(made.handle)
    }

    fn graph_add_child_graph_node(
        &self,
        _cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        child_graph: Graph,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        let child = world.clone_graph(&*world.graphs.find(child_graph)?, 0)?;
        world.add_node(h_graph, dependencies, Recipe::Graph(child))
    }

    fn graph_child_graph_node_get_graph(&self, _cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        match self.world()?.node(h_node)?.recipe {
            Recipe::Graph(inner) => Ok(inner.handle),
            _ => Err(CuError::INVALID_VALUE),
        }
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
        let recipe = Recipe::Record(event, world.events.find(event)?);
        world.add_node(h_graph, dependencies, recipe)
    }

    fn graph_event_record_node_get_event(&self, _cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        match self.world()?.node(h_node)?.recipe {
            Recipe::Record(event, _) => Ok(event),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    fn graph_event_record_node_set_event(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let world = self.world()?;
        let recipe = Recipe::Record(event, world.events.find(event)?);
        world.change(h_node, |node| node.replace(recipe))
    }

    fn graph_add_event_wait_node(
        &self,
        _cx: Cx,
        h_graph: Graph,
        dependencies: &[GraphNode],
        event: Event,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        let recipe = Recipe::Await(event, world.events.find(event)?);
        world.add_node(h_graph, dependencies, recipe)
    }

    fn graph_event_wait_node_get_event(&self, _cx: Cx, h_node: GraphNode) -> CuResult<Event> {
        match self.world()?.node(h_node)?.recipe {
            Recipe::Await(event, _) => Ok(event),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    fn graph_event_wait_node_set_event(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let world = self.world()?;
        let recipe = Recipe::Await(event, world.events.find(event)?);
        world.change(h_node, |node| node.replace(recipe))
    }

    fn device_graph_mem_trim(&self, _cx: Cx, device: Device) -> CuResult<()> {
        // Memory goes with its graph; nothing is kept beyond.
        let world = self.world()?;
        world.memory.ledger(device).map(|_| ())
    }

    fn device_get_graph_mem_attribute(
        &self,
        _cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
    ) -> CuResult<u64> {
        let world = self.world()?;
        world.memory.ledger(device)?;
        world.graph_memory.attribute(device, attr)
    }

    fn device_set_graph_mem_attribute(
        &self,
        _cx: Cx,
        device: Device,
        attr: CUgraphMem_attribute,
        value: u64,
    ) -> CuResult<()> {
        let world = self.world()?;
        world.memory.ledger(device)?;
        match value {
            0 => world.graph_memory.reset(device, attr),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    fn graph_clone(&self, _cx: Cx, original_graph: Graph) -> CuResult<Graph> {
        let world = self.world()?;
        let original = world.graphs.find(original_graph)?;
        Ok(world.clone_graph(&original, 0)?.handle)
    }

    fn graph_node_find_in_clone(
        &self,
        _cx: Cx,
        h_original_node: GraphNode,
        h_cloned_graph: Graph,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        let (graph, index) = world.owner(h_original_node)?;
        let clone = world.graphs.find(h_cloned_graph)?;
        let node = node_handle(clone.handle, index as u32)?;
        if clone.original != Some(graph.handle) {
            return Err(CuError::INVALID_VALUE);
        }
        clone.index_of(node).map(|_| node)
    }

    fn graph_node_get_type(&self, _cx: Cx, h_node: GraphNode) -> CuResult<CUgraphNodeType> {
        Ok(CUgraphNodeType(
            self.world()?.node(h_node)?.recipe.node_type(),
        ))
    }

    fn graph_node_get_containing_graph(&self, _cx: Cx, h_node: GraphNode) -> CuResult<Graph> {
        Ok(self.world()?.owner(h_node)?.0.handle)
    }

    fn graph_node_get_local_id(&self, _cx: Cx, h_node: GraphNode) -> CuResult<u32> {
        Ok(self.world()?.owner(h_node)?.1 as u32)
    }

    fn graph_node_get_tools_id(&self, _cx: Cx, h_node: GraphNode) -> CuResult<u64> {
        let (graph, index) = self.world()?.owner(h_node)?;
        Ok(u64::from(graph.id) << 32 | index as u64)
    }

    fn graph_get_id(&self, _cx: Cx, h_graph: Graph) -> CuResult<u32> {
        Ok(self.world()?.graphs.find(h_graph)?.id)
    }

    fn graph_exec_get_id(&self, _cx: Cx, h_graph_exec: GraphExec) -> CuResult<u32> {
        Ok(self.world()?.graph_execs.find(h_graph_exec)?.id)
    }

    fn graph_get_nodes(
        &self,
        _cx: Cx,
        h_graph: Graph,
        num_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let living = self.world()?.graphs.find(h_graph)?.living()?;
        let nodes = living.into_iter().map(|(handle, _)| handle).collect();
        Ok(up_to(nodes, num_nodes))
    }

    fn graph_get_root_nodes(
        &self,
        _cx: Cx,
        h_graph: Graph,
        num_root_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, usize)> {
        let living = self.world()?.graphs.find(h_graph)?.living()?;
        let roots = living.iter().filter(|(_, node)| node.needs.is_empty());
        Ok(up_to(
            roots.map(|(handle, _)| *handle).collect(),
            num_root_nodes,
        ))
    }

    fn graph_get_edges(
        &self,
        _cx: Cx,
        h_graph: Graph,
        num_edges: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let edges = self.world()?.graphs.find(h_graph)?.edges()?;
        let (edges, count) = up_to(edges, num_edges);
        let from = edges.iter().map(|edge| edge.0).collect();
        let to = edges.iter().map(|edge| edge.1).collect();
        let data = edges.iter().map(|edge| edge.2).collect();
        Ok((from, to, data, count))
    }

    fn graph_node_get_dependencies(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        num_dependencies: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let world = self.world()?;
        let (graph, _) = world.owner(h_node)?;
        let edges = graph.edges()?.into_iter().filter(|edge| edge.1 == h_node);
        let (edges, count) = up_to(edges.collect(), num_dependencies);
        let nodes = edges.iter().map(|edge| edge.0).collect();
        Ok((nodes, edges.iter().map(|edge| edge.2).collect(), count))
    }

    fn graph_node_get_dependent_nodes(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        num_dependent_nodes: usize,
    ) -> CuResult<(Vec<GraphNode>, Vec<CUgraphEdgeData>, usize)> {
        let world = self.world()?;
        let (graph, _) = world.owner(h_node)?;
        let edges = graph.edges()?.into_iter().filter(|edge| edge.0 == h_node);
        let (edges, count) = up_to(edges.collect(), num_dependent_nodes);
        let nodes = edges.iter().map(|edge| edge.1).collect();
        Ok((nodes, edges.iter().map(|edge| edge.2).collect(), count))
    }

    fn graph_add_dependencies(
        &self,
        _cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        self.world()?
            .each_edge(h_graph, (from, to), edge_data, GraphState::add_edge)
    }

    fn graph_remove_dependencies(
        &self,
        _cx: Cx,
        h_graph: Graph,
        from: &[GraphNode],
        to: &[GraphNode],
        edge_data: &[CUgraphEdgeData],
    ) -> CuResult<()> {
        let remove = |state: &GraphState, from, to, _| state.remove_edge(from, to);
        self.world()?
            .each_edge(h_graph, (from, to), edge_data, remove)
    }

    fn graph_destroy_node(&self, _cx: Cx, h_node: GraphNode) -> CuResult<()> {
        let world = self.world()?;
        let (state, index) = world.owner(h_node)?;
        let gone = {
            let mut nodes = lock(&state.nodes);
            for node in nodes.iter_mut() {
                node.needs.retain(|edge| edge.from as usize != index);
            }
            let node = nodes.get_mut(index).ok_or(CuError::INVALID_VALUE)?;
            node.alive = false;
            node.needs.clear();
            std::mem::replace(&mut node.recipe, Recipe::Nothing)
        };
        match gone {
            Recipe::Graph(inner) => world.forget_graph(inner.handle),
            _ => Ok(()),
        }
    }

    fn graph_instantiate_with_flags(
        &self,
        _cx: Cx,
        h_graph: Graph,
        flags: u64,
    ) -> CuResult<GraphExec> {
        let world = self.world()?;
        let graph = world.graphs.find(h_graph)?;
        let sequence = world.sequence(&graph, 0)?;
        let exec = GraphExecState::new(sequence, h_graph, flags);
        Ok(world.graph_execs.insert(|_| exec)?.0)
    }

    fn graph_exec_get_flags(&self, _cx: Cx, h_graph_exec: GraphExec) -> CuResult<u64> {
        Ok(self.world()?.graph_execs.find(h_graph_exec)?.flags)
    }

    fn graph_exec_child_graph_node_set_params(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        child_graph: Graph,
    ) -> CuResult<()> {
        let world = self.world()?;
        let child = world.graphs.find(child_graph)?;
        let recipe = Recipe::Sequence(Arc::new(world.sequence(&child, 1)?));
        let exec = world.graph_execs.find(h_graph_exec)?;
        exec.change(h_node, |node| node.replace(recipe))
    }

    fn graph_exec_event_record_node_set_event(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let world = self.world()?;
        let recipe = Recipe::Record(event, world.events.find(event)?);
        let exec = world.graph_execs.find(h_graph_exec)?;
        exec.change(h_node, |node| node.replace(recipe))
    }

    fn graph_exec_event_wait_node_set_event(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        event: Event,
    ) -> CuResult<()> {
        let world = self.world()?;
        let recipe = Recipe::Await(event, world.events.find(event)?);
        let exec = world.graph_execs.find(h_graph_exec)?;
        exec.change(h_node, |node| node.replace(recipe))
    }

    fn graph_node_set_enabled(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
        is_enabled: u32,
    ) -> CuResult<()> {
        let exec = self.world()?.graph_execs.find(h_graph_exec)?;
        exec.change(h_node, |node| {
            // Kernels, copies and fills.
            if node.recipe.node_type() > 2 {
                return Err(CuError::INVALID_VALUE);
            }
            node.enabled = is_enabled != 0;
            Ok(())
        })
    }

    fn graph_node_get_enabled(
        &self,
        _cx: Cx,
        h_graph_exec: GraphExec,
        h_node: GraphNode,
    ) -> CuResult<u32> {
        let exec = self.world()?.graph_execs.find(h_graph_exec)?;
        exec.node(h_node).map(|node| u32::from(node.enabled))
    }

    fn graph_exec_destroy(&self, _cx: Cx, h_graph_exec: GraphExec) -> CuResult<()> {
        let world = self.world()?;
        let exec = world.graph_execs.remove(h_graph_exec)?;
        if exec.sequence().allocations().next().is_some() {
            // Launches under way may still use it.
            world.engine.wait_all();
        }
        Ok(())
    }

    fn graph_destroy(&self, _cx: Cx, h_graph: Graph) -> CuResult<()> {
        self.world()?.forget_graph(h_graph)
    }

    fn graph_kernel_node_copy_attributes(
        &self,
        _cx: Cx,
        dst: GraphNode,
        src: GraphNode,
    ) -> CuResult<()> {
        let world = self.world()?;
        let attributes = world.node(src)?.attributes;
        world.change(dst, |node| {
            node.attributes = attributes;
            Ok(())
        })
    }

    fn graph_kernel_node_get_attribute(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let node = self.world()?.node(h_node)?;
        let Recipe::Kernel(kernel) = &node.recipe else {
            return Err(CuError::INVALID_VALUE);
        };
        let set = node.attributes.iter().find(|(number, _)| *number == attr.0);
        Ok(set.map_or_else(|| kernel.attribute(attr), |(_, value)| *value))
    }

    fn graph_kernel_node_set_attribute(
        &self,
        _cx: Cx,
        h_node: GraphNode,
        attr: CUlaunchAttributeID,
        value: &CUstreamAttrValue,
    ) -> CuResult<()> {
        let value = *value;
        self.world()?.change(h_node, |node| {
            if !matches!(node.recipe, Recipe::Kernel(_)) {
                return Err(CuError::INVALID_VALUE);
            }
            node.attributes.retain(|(number, _)| *number != attr.0);
            if node.attributes.len() >= ATTRIBUTES_MAX {
                return Err(CuError::INVALID_VALUE);
            }
            node.attributes.push((attr.0, value));
            Ok(())
        })
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
        world.launch_graph(&stream, &exec)
    }
}
