//! What nodes do, as the program says it and as it is told again. Read [`World::recipe_of`].

use std::sync::Arc;

use rigel_protocol::custom::{
    CaptureState, Copy3d, Extent, Fill as FillCall, GraphUpdate, Graphs, HostNode, NodeParams,
    Place, Side,
};
use rigel_protocol::generated::types::{CUstreamBatchMemOpParams, CUstreamCaptureStatus};
use rigel_protocol::handle::{DevicePtr, Graph, GraphExec, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult, Cx, HostPtr};

use super::{Node, Recipe, node_handle};
use crate::driver::{SoftDriver, World};
use crate::engine::{Fill, Shape};

/// Words to store and to wait for.
pub(crate) struct Batch {
    /// One step an operation.
    pub(super) steps: Vec<Recipe>,
    operations: Vec<CUstreamBatchMemOpParams>,
    flags: u32,
}

impl Node {
    /// Makes the node do something else of the same kind.
    pub(super) fn replace(&mut self, recipe: Recipe) -> CuResult<()> {
        if self.recipe.node_type() != recipe.node_type() {
            return Err(CuError::INVALID_VALUE);
        }
        if matches!(recipe, Recipe::Allocate(_) | Recipe::Free(_)) {
            return Err(CuError::NOT_SUPPORTED);
        }
        self.recipe = recipe;
        Ok(())
    }
}

impl World {
    /// The operation that a node's parameters describe.
    fn recipe_of(&self, cx: Cx, params: &NodeParams) -> CuResult<Recipe> {
        match params {
            NodeParams::Empty => Ok(Recipe::Nothing),
            NodeParams::Kernel(kernel) => {
                self.kernel_recipe(cx, kernel.function, &kernel.config(), &kernel.params)
            }
            NodeParams::Copy(copy) => self.copy_recipe(copy),
            NodeParams::Fill(fill) => self.fill_recipe(fill).map(Recipe::Fill),
            NodeParams::Host(host) => Ok(Recipe::Host {
                callback: Arc::clone(&host.callback),
                even_after_error: false,
                tag: host.tag,
            }),
            NodeParams::Child(graph) => {
                let graph = self.graphs.find(*graph)?;
                Ok(Recipe::Graph(self.clone_graph(&graph, 0)?))
            }
            NodeParams::Record(event) => Ok(Recipe::Record(*event, self.events.find(*event)?)),
            NodeParams::Wait(event) => Ok(Recipe::Await(*event, self.events.find(*event)?)),
            NodeParams::BatchMemOp { operations, flags } => {
                let steps = operations.iter().map(|operation| self.step(operation));
                Ok(Recipe::Batch(Arc::new(Batch {
                    steps: steps.collect::<CuResult<_>>()?,
                    operations: operations.clone(),
                    flags: *flags,
                })))
            }
            NodeParams::Allocate(node) => self.graph_allocation(cx, node),
            NodeParams::Free(address) => self.graph_memory.freed_by(address.0),
        }
    }

    /// What a node does, as the program would say it.
    fn told(&self, recipe: &Recipe) -> CuResult<NodeParams> {
        Ok(match recipe {
            Recipe::Nothing => NodeParams::Empty,
            Recipe::Kernel(kernel) => NodeParams::Kernel(kernel.node()),
            Recipe::Copy {
                dst, src, shape, ..
            } => NodeParams::Copy(Copy3d {
                dst: self.told_side(*dst, shape.dst_strides, shape),
                src: self.told_side(*src, shape.src_strides, shape),
                extent: Extent {
                    width_bytes: shape.width,
                    height: shape.height,
                    depth: shape.depth,
                },
            }),
            Recipe::Fill(fill) => NodeParams::Fill(told_fill(fill)),
            Recipe::Host { callback, tag, .. } => NodeParams::Host(HostNode {
                callback: Arc::clone(callback),
                tag: *tag,
            }),
            Recipe::Graph(graph) => NodeParams::Child(graph.handle),
            Recipe::Record(event, _) => NodeParams::Record(*event),
            Recipe::Await(event, _) => NodeParams::Wait(*event),
            Recipe::Batch(batch) => NodeParams::BatchMemOp {
                operations: batch.operations.clone(),
                flags: batch.flags,
            },
            Recipe::Allocate(memory) => NodeParams::Allocate(memory.node().clone()),
            Recipe::Free(address) => NodeParams::Free(DevicePtr(*address)),
            Recipe::Write(_) | Recipe::Wait(..) | Recipe::Sequence(_) => {
                return Err(CuError::INVALID_VALUE);
            }
        })
    }

    fn told_side(&self, address: u64, (pitch, slice): (u64, u64), shape: &Shape) -> Side {
        let place = match self.memory.device_range().contains(&address) {
            true => Place::Device(DevicePtr(address)),
            false => Place::Host(HostPtr(address)),
        };
        Side {
            place,
            x_bytes: 0,
            y: 0,
            z: 0,
            pitch_bytes: pitch,
            rows: slice.checked_div(pitch).unwrap_or(shape.height),
        }
    }
}

fn told_fill(fill: &Fill) -> FillCall {
    FillCall {
        dst: DevicePtr(fill.dst),
        pitch_bytes: fill.pitch,
        value: fill.value,
        element_bytes: fill.element_bytes,
        width: fill.width,
        height: fill.height,
    }
}

impl Graphs for SoftDriver {
    fn graph_add_node(
        &self,
        cx: Cx,
        graph: Graph,
        needs: &[GraphNode],
        params: &NodeParams,
    ) -> CuResult<GraphNode> {
        let world = self.world()?;
        world.add_node(graph, needs, world.recipe_of(cx, params)?)
    }

    fn graph_node_params(&self, _cx: Cx, node: GraphNode) -> CuResult<NodeParams> {
        let world = self.world()?;
        world.told(&world.node(node)?.recipe)
    }

    fn graph_node_set_params(&self, cx: Cx, node: GraphNode, params: &NodeParams) -> CuResult<()> {
        let world = self.world()?;
        let recipe = world.recipe_of(cx, params)?;
        world.change(node, |node| node.replace(recipe))
    }

    fn graph_exec_node_set_params(
        &self,
        cx: Cx,
        exec: GraphExec,
        node: GraphNode,
        params: &NodeParams,
    ) -> CuResult<()> {
        let world = self.world()?;
        let recipe = world.recipe_of(cx, params)?;
        let exec = world.graph_execs.find(exec)?;
        exec.change(node, |node| node.replace(recipe))
    }

    fn graph_exec_update(&self, _cx: Cx, exec: GraphExec, graph: Graph) -> CuResult<GraphUpdate> {
        let world = self.world()?;
        let newer = world.sequence(&*world.graphs.find(graph)?, 0)?;
        Ok(world.graph_execs.find(exec)?.update(&newer, graph))
    }

    fn stream_capture(&self, cx: Cx, stream: Stream) -> CuResult<CaptureState> {
        let stream = self.world()?.stream(cx, stream)?;
        let none = CaptureState {
            status: CUstreamCaptureStatus(0),
            id: 0,
            graph: Graph::NONE,
            needs: Vec::new(),
            edges: Vec::new(),
        };
        let Some((status, id, graph, tail)) = stream.capture_state() else {
            return Ok(none);
        };
        let needs = tail.iter().map(|index| node_handle(graph, *index));
        Ok(CaptureState {
            status,
            id,
            graph,
            needs: needs.collect::<CuResult<_>>()?,
            edges: vec![super::PLAIN; tail.len()],
        })
    }
}
