//! Captured streams: their operations become nodes of a graph instead of being performed, and events
//! carry the capture from stream to stream. Read [`Capture`].

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rigel_protocol::generated::types::CUstreamCaptureStatus;
use rigel_protocol::handle::{Graph, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult};

use crate::driver::World;
use crate::event::EventState;
use crate::graph::{GraphState, Recipe, SharedNodes, push};
use crate::stream::StreamState;

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
    graph: Arc<GraphState>,
    /// The graph was the program's before: it stays if the capture fails.
    given: bool,
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
        self.tail = vec![push(&self.shared.graph.nodes, recipe, &self.tail)?];
        Ok(())
    }
}

impl StreamState {
    /// How far the stream's capture has come: status, number, graph, and what the next operation
    /// comes after.
    pub(crate) fn capture_state(&self) -> Option<(CUstreamCaptureStatus, u64, Graph, Vec<u32>)> {
        let capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        capture.as_ref().map(|part| {
            let status = CUstreamCaptureStatus(part.status());
            (
                status,
                part.id(),
                part.shared.graph.handle,
                part.tail.clone(),
            )
        })
    }

    /// Changes what the next operation comes after.
    pub(crate) fn set_capture_needs(&self, needs: &[GraphNode], replace: bool) -> CuResult<()> {
        let mut capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        let part = capture.as_mut().ok_or(CuError::ILLEGAL_STATE)?;
        let graph = &part.shared.graph;
        let mut tail: Vec<u32> = needs
            .iter()
            .map(|node| graph.index_of(*node))
            .collect::<CuResult<_>>()?;
        if !replace {
            tail.extend(&part.tail);
        }
        tail.sort_unstable();
        tail.dedup();
        part.tail = tail;
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

    /// Starts a capture into a new graph, or into a given one after some of its nodes.
    pub(crate) fn begin_capture(
        &self,
        stream: &StreamState,
        into: Option<(Graph, &[GraphNode])>,
    ) -> CuResult<()> {
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
        let (graph, tail) = match into {
            None => (self.new_graph(SharedNodes::default())?, Vec::new()),
            Some((graph, needs)) => {
                let graph = self.graphs.find(graph)?;
                let tail = needs.iter().map(|node| graph.index_of(*node));
                let tail = tail.collect::<CuResult<_>>()?;
                (graph, tail)
            }
        };
        let shared = Arc::new(CaptureShared {
            id: self.number(),
            graph,
            given: into.is_some(),
            invalid: AtomicBool::new(false),
        });
        *capture = Some(Capture {
            shared,
            tail,
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
        let CaptureShared { graph, given, .. } = &*ended.shared;
        let spoilt = match ended.shared.invalid.load(Ordering::SeqCst) {
            true => Some(CuError::STREAM_CAPTURE_INVALIDATED),
            false => unjoined.then_some(CuError::STREAM_CAPTURE_UNJOINED),
        };
        let Some(error) = spoilt else {
            return Ok(graph.handle);
        };
        if !given {
            self.forget_graph(graph.handle)?;
        }
        Err(error)
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
    fn reached(&self) -> HashSet<u32> {
        let nodes = self
            .shared
            .graph
            .nodes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut reached = HashSet::new();
        let mut pending = self.tail.clone();
        while let Some(node) = pending.pop() {
            if reached.insert(node) {
                pending.extend(
                    nodes
                        .get(node as usize)
                        .iter()
                        .flat_map(|node| node.needs()),
                );
            }
        }
        reached
    }
}
