//! Executable graphs: nodes in an order that satisfies every dependency, launched and updated. Read
//! [`Sequence`].

use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::custom::GraphUpdate;
use rigel_protocol::generated::types::CUgraphExecUpdateResult;
use rigel_protocol::handle::{Graph, GraphNode};
use rigel_protocol::{CuError, CuResult};

use super::memory::GraphMemory;
use super::{DEPTH_MAX, GraphState, Node, Recipe, lock, next_id, node_handle, node_place};
use crate::driver::World;
use crate::engine::{Lane, Op, Record};
use crate::event::EventState;
use crate::stream::StreamState;

/// Nodes as they were when the graph was instantiated.
#[derive(Clone)]
pub(crate) struct Sequence {
    nodes: Vec<Node>,
    /// The indices of those alive, each after all it needs.
    order: Vec<u32>,
}

/// An executable graph.
pub(crate) struct GraphExecState {
    sequence: Mutex<Arc<Sequence>>,
    graph: Graph,
    pub(super) flags: u64,
    pub(super) id: u32,
}

impl GraphExecState {
    pub(super) fn new(sequence: Sequence, graph: Graph, flags: u64) -> Self {
        Self {
            sequence: Mutex::new(Arc::new(sequence)),
            graph,
            flags,
            id: next_id(),
        }
    }

    /// What a launch performs.
    pub(super) fn sequence(&self) -> Arc<Sequence> {
        Arc::clone(&self.sequence.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The node as it is here.
    pub(super) fn node(&self, node: GraphNode) -> CuResult<Node> {
        let index = self.index_of(node)?;
        let sequence = self.sequence();
        let found = sequence.nodes.get(index).filter(|node| node.alive);
        found.cloned().ok_or(CuError::INVALID_VALUE)
    }

    /// Changes a node here; launches under way keep what they began with.
    pub(super) fn change(
        &self,
        node: GraphNode,
        change: impl FnOnce(&mut Node) -> CuResult<()>,
    ) -> CuResult<()> {
        let index = self.index_of(node)?;
        let mut sequence = self.sequence.lock().unwrap_or_else(PoisonError::into_inner);
        let nodes = &mut Arc::make_mut(&mut sequence).nodes;
        let node = nodes.get_mut(index).filter(|node| node.alive);
        change(node.ok_or(CuError::INVALID_VALUE)?)
    }

    /// Takes over what the nodes of a newer sequence do.
    pub(super) fn update(&self, newer: &Sequence, graph: Graph) -> GraphUpdate {
        let mut sequence = self.sequence.lock().unwrap_or_else(PoisonError::into_inner);
        match sequence.updated(newer) {
            Ok(updated) => {
                *sequence = Arc::new(updated);
                GraphUpdate {
                    result: CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_SUCCESS,
                    error_node: GraphNode::NONE,
                    error_from_node: GraphNode::NONE,
                }
            }
            Err((result, index)) => GraphUpdate {
                result,
                error_node: index
                    .and_then(|index| node_handle(graph, index).ok())
                    .unwrap_or(GraphNode::NONE),
                error_from_node: GraphNode::NONE,
            },
        }
    }

    fn index_of(&self, node: GraphNode) -> CuResult<usize> {
        match node_place(node) {
            Some((graph, index)) if graph == self.graph => Ok(index as usize),
            _ => Err(CuError::INVALID_VALUE),
        }
    }
}

/// Why an update cannot be, and the index of the newer node concerned.
type Refusal = (CUgraphExecUpdateResult, Option<u32>);

impl Sequence {
    /// What its nodes allocate.
    pub(super) fn allocations(&self) -> impl Iterator<Item = &Arc<GraphMemory>> {
        let alive = self.nodes.iter().filter(|node| node.alive);
        alive.filter_map(|node| match &node.recipe {
            Recipe::Allocate(memory) => Some(memory),
            _ => None,
        })
    }

    fn new(nodes: Vec<Node>) -> CuResult<Self> {
        let order = order(&nodes)?;
        Ok(Self { nodes, order })
    }

    /// This sequence with what the nodes of a newer one do, if both have the same form. Nodes are
    /// matched in the order in which they were added.
    fn updated(&self, newer: &Self) -> Result<Self, Refusal> {
        use CUgraphExecUpdateResult as R;

        let (old, new) = (living(&self.nodes), living(&newer.nodes));
        if old.len() != new.len() {
            return Err((R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, None));
        }
        let mut updated = self.clone();
        for (&here, &there) in old.iter().zip(&new) {
            let (before, after) = (&self.nodes[here as usize], &newer.nodes[there as usize]);
            if before.recipe.node_type() != after.recipe.node_type() {
                let changed = R::CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
                return Err((changed, Some(there)));
            }
            if places(before, &old) != places(after, &new) {
                let changed = R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
                return Err((changed, Some(there)));
            }
            updated.nodes[here as usize].recipe = match (&before.recipe, &after.recipe) {
                (Recipe::Sequence(inner), Recipe::Sequence(newer)) => {
                    let inner = inner.updated(newer);
                    Recipe::Sequence(Arc::new(inner.map_err(|(why, _)| (why, Some(there)))?))
                }
                (_, recipe) => recipe.clone(),
            };
        }
        Ok(updated)
    }
}

/// Indices of nodes that have not been destroyed.
fn living(nodes: &[Node]) -> Vec<u32> {
    let alive = nodes.iter().enumerate().filter(|(_, node)| node.alive);
    alive.map(|(index, _)| index as u32).collect()
}

/// What a node comes after, by place among the living.
fn places(node: &Node, living: &[u32]) -> Vec<usize> {
    let mut places: Vec<_> = node
        .needs()
        .filter_map(|need| living.binary_search(&need).ok())
        .collect();
    places.sort_unstable();
    places
}

/// The living, each after all it needs; otherwise as they were added. A circle is an error.
fn order(nodes: &[Node]) -> CuResult<Vec<u32>> {
    use std::collections::BTreeSet;

    let mut missing: Vec<usize> = nodes.iter().map(|node| node.needs.len()).collect();
    let mut followers = vec![Vec::new(); nodes.len()];
    for index in living(nodes) {
        for need in nodes[index as usize].needs() {
            let list = followers.get_mut(need as usize);
            list.ok_or(CuError::INVALID_VALUE)?.push(index);
        }
    }
    let ready = living(nodes).into_iter();
    let mut ready: BTreeSet<u32> = ready
        .filter(|index| missing[*index as usize] == 0)
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for &follower in &followers[index as usize] {
            missing[follower as usize] -= 1;
            if missing[follower as usize] == 0 {
                ready.insert(follower);
            }
        }
    }
    match order.len() == living(nodes).len() {
        true => Ok(order),
        false => Err(CuError::INVALID_VALUE),
    }
}

/// Instantiating and launching.
impl World {
    /// What a graph performs now.
    pub(super) fn sequence(&self, graph: &GraphState, depth: usize) -> CuResult<Sequence> {
        if depth > DEPTH_MAX {
            return Err(CuError::NOT_SUPPORTED);
        }
        let mut nodes = lock(&graph.nodes).clone();
        for node in nodes.iter_mut().filter(|node| node.alive) {
            if let Recipe::Graph(inner) = &node.recipe {
                node.recipe = Recipe::Sequence(Arc::new(self.sequence(inner, depth + 1)?));
            }
        }
        Sequence::new(nodes)
    }

    /// Performs a sequence in a stream.
    pub(super) fn launch_sequence(
        &self,
        stream: &Arc<StreamState>,
        sequence: &Sequence,
        depth: usize,
    ) -> CuResult<()> {
        if depth > DEPTH_MAX {
            return Err(CuError::NOT_SUPPORTED);
        }
        for memory in sequence.allocations() {
            memory.begin()?;
        }
        let nodes = sequence.order.iter();
        let nodes = nodes.filter_map(|index| sequence.nodes.get(*index as usize));
        for node in nodes.filter(|node| node.enabled) {
            match &node.recipe {
                Recipe::Nothing => {}
                Recipe::Allocate(_) => {}
                Recipe::Free(address) => self.graph_memory.end(*address)?,
                Recipe::Sequence(inner) => self.launch_sequence(stream, inner, depth + 1)?,
                Recipe::Record(_, event) => self.record_from_graph(&stream.lane, event)?,
                Recipe::Await(_, event) => self.await_event(&stream.lane, event)?,
                Recipe::Batch(batch) => {
                    for step in &batch.steps {
                        self.perform_step(stream, step.clone())?;
                    }
                }
                recipe => self.perform_step(stream, recipe.clone())?,
            }
        }
        Ok(())
    }

    fn perform_step(&self, stream: &Arc<StreamState>, recipe: Recipe) -> CuResult<()> {
        self.check_memory(&recipe)?;
        let op = recipe.realise(self)?;
        self.engine.submit(&stream.lane, op, Vec::new()).map(|_| ())
    }

    /// Memory may have been freed since the operation was recorded.
    fn check_memory(&self, recipe: &Recipe) -> CuResult<()> {
        let map = self.memory.map();
        let end = |(row, slice): (u64, u64), shape: &crate::engine::Shape| {
            (shape.depth - 1) * slice + (shape.height - 1) * row + shape.width
        };
        match recipe {
            Recipe::Copy {
                dst, src, shape, ..
            } => {
                let device = self.memory.device_range();
                let ends = [(*dst, shape.dst_strides), (*src, shape.src_strides)];
                for (address, strides) in ends {
                    if device.contains(&address) {
                        map.check(address, end(strides, shape))?;
                    }
                }
                Ok(())
            }
            Recipe::Fill(fill) => {
                let row = fill.width * u64::from(fill.element_bytes);
                map.check(fill.dst, (fill.height - 1) * fill.pitch + row)
            }
            Recipe::Write(word) | Recipe::Wait(word, _) => {
                map.check(word.address, if word.wide { 8 } else { 4 })
            }
            _ => Ok(()),
        }
    }

    fn record_from_graph(&self, lane: &Arc<Lane>, event: &EventState) -> CuResult<()> {
        if let Some(shared) = &event.shared {
            let op = Op::Signal(Arc::clone(shared), shared.record());
            return self.engine.submit(lane, op, Vec::new()).map(|_| ());
        }
        let record = Arc::new(Record::new(Arc::clone(lane)));
        let op = Op::Record(Arc::clone(&record));
        let place = self.engine.submit(lane, op, Vec::new())?;
        let _ = record.position.set(place);
        event.set_latest(record);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Edge, PLAIN};
    use super::*;

    fn node(needs: &[u32]) -> Node {
        let edge = |from: &u32| Edge {
            from: *from,
            data: PLAIN,
        };
        Node {
            recipe: Recipe::Nothing,
            needs: needs.iter().map(edge).collect(),
            enabled: true,
            alive: true,
            attributes: Vec::new(),
        }
    }

    #[test]
    fn order_puts_each_node_after_all_it_needs() {
        let nodes = [node(&[2]), node(&[]), node(&[1]), node(&[])];
        assert_eq!(order(&nodes), Ok(vec![1, 2, 0, 3]));
        assert_eq!(
            order(&[node(&[1]), node(&[0])]),
            Err(CuError::INVALID_VALUE)
        );
    }

    #[test]
    fn update_of_another_form_is_refused() {
        use CUgraphExecUpdateResult as R;

        let sequence = |nodes: Vec<Node>| Sequence::new(nodes).unwrap();
        let old = sequence(vec![node(&[]), node(&[0])]);
        let mut with_gap = vec![node(&[]), node(&[]), node(&[0])];
        with_gap[1].alive = false;
        assert!(old.updated(&sequence(with_gap)).is_ok());
        let result = |newer: Vec<Node>| old.updated(&sequence(newer)).err();
        let changed = R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
        assert_eq!(result(vec![node(&[])]), Some((changed, None)));
        assert_eq!(result(vec![node(&[]), node(&[])]), Some((changed, Some(1))));
    }
}
