//! Streams: created, found, queried, waited for, and the words in memory by which they wait for the
//! host and each other. Order itself is the engine's. Read [`StreamState`].

use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::generated::driver::StreamApi;
use rigel_protocol::generated::types::{
    CUgraphEdgeData, CUlaunchAttributeID, CUstreamAttrValue, CUstreamBatchMemOpParams,
    CUstreamCaptureMode, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{Context, Device, DevicePtr, Event, Graph, GraphNode, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::capture::Capture;
use crate::driver::{SoftDriver, World};
use crate::engine::{Compare, Lane, LaneKind, Op, Word};
use crate::graph::Recipe;

/// Numerically largest and so least urgent priority.
pub(crate) const PRIORITY_LEAST: i32 = 0;

/// Most urgent priority.
pub(crate) const PRIORITY_GREATEST: i32 = -5;

/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: u32 = 1;

/// `CU_EVENT_WAIT_EXTERNAL`: a captured wait becomes a node.
const WAIT_EXTERNAL: u32 = 1;

/// `CU_STREAM_ADD_CAPTURE_DEPENDENCIES` and `CU_STREAM_SET_CAPTURE_DEPENDENCIES`.
const ADD_DEPENDENCIES: u32 = 0;
const SET_DEPENDENCIES: u32 = 1;

/// Operations in one `cuStreamBatchMemOp`.
const BATCH_MAX: usize = 256;

/// A stream.
pub(crate) struct StreamState {
    pub(crate) handle: Stream,
    pub(crate) lane: Arc<Lane>,
    pub(crate) context: Context,
    pub(crate) device: Device,
    flags: u32,
    priority: i32,
    id: u64,
    /// What is being recorded instead of performed.
    pub(crate) capture: Mutex<Option<Capture>>,
    attributes: Mutex<Vec<(u32, CUstreamAttrValue)>>,
}

impl StreamState {
    /// A stream of a context and device.
    pub(crate) fn new(
        handle: Stream,
        lane: Arc<Lane>,
        owner: (Context, Device),
        flags: u32,
        priority: i32,
        id: u64,
    ) -> Self {
        Self {
            handle,
            lane,
            context: owner.0,
            device: owner.1,
            flags,
            priority,
            id,
            capture: Mutex::default(),
            attributes: Mutex::default(),
        }
    }

    /// Refuses what CUDA does not permit while the stream is captured, which spoils the capture.
    pub(crate) fn check_not_captured(&self) -> CuResult<()> {
        match &*self.capture.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(capture) => Err(capture.invalidate()),
            None => Ok(()),
        }
    }

    /// Whether operations are recorded instead of performed.
    pub(crate) fn is_captured(&self) -> bool {
        self.capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

impl World {
    /// The stream that a caller names; the error by which its context was lost, if it was.
    pub(crate) fn stream(&self, cx: Cx, stream: Stream) -> CuResult<Arc<StreamState>> {
        let found = match stream {
            Stream::NONE | Stream::LEGACY => Arc::clone(&self.context(cx)?.legacy),
            Stream::PER_THREAD => self.per_thread(&*self.context(cx)?, cx.thread)?,
            _ => self.streams.find(stream)?,
        };
        found.lane.group.health.check()?;
        Ok(found)
    }

    fn create_stream(&self, cx: Cx, flags: u32, priority: i32) -> CuResult<Stream> {
        let context = self.context(cx)?;
        if flags & !NON_BLOCKING != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let kind = if flags == NON_BLOCKING {
            LaneKind::NonBlocking
        } else {
            LaneKind::Blocking
        };
        let lane = self.engine.open(&context.group, kind)?;
        let priority = priority.clamp(PRIORITY_GREATEST, PRIORITY_LEAST);
        let owner = (context.handle, context.device);
        let made = self.streams.insert(|handle| {
            StreamState::new(
                handle,
                Arc::clone(&lane),
                owner,
                flags,
                priority,
                self.number(),
            )
        });
        made.map(|(handle, _)| handle)
            .inspect_err(|_| self.engine.close(&lane))
    }

    /// A word that a stream may wait for or write.
    fn word(&self, address: DevicePtr, value: u64, wide: bool) -> CuResult<Word> {
        let bytes = if wide { 8 } else { 4 };
        if !address.0.is_multiple_of(bytes) {
            return Err(CuError::INVALID_VALUE);
        }
        self.memory.map().check(address.0, bytes)?;
        Ok(Word {
            address: address.0,
            value,
            wide,
        })
    }

    /// One operation of a batch.
    pub(crate) fn step(&self, entry: &CUstreamBatchMemOpParams) -> CuResult<Recipe> {
        // Operation in the low half of the first word, then address, value and flags.
        let [operation, address, value, flags, ..] = entry.words;
        let word = |wide: bool| {
            let value = if wide {
                value
            } else {
                value & u64::from(u32::MAX)
            };
            self.word(DevicePtr(address), value, wide)
        };
        let flags = flags as u32;
        Ok(match operation as u32 {
            1 => Recipe::Wait(word(false)?, compare(flags)?),
            2 => Recipe::Write(word(false)?),
            4 => Recipe::Wait(word(true)?, compare(flags)?),
            5 => Recipe::Write(word(true)?),
            // Flush of remote writes, barrier: the order is kept anyway.
            3 | 6 => Recipe::Nothing,
            _ => return Err(CuError::INVALID_VALUE),
        })
    }

    /// Performs an operation in stream order, or records it.
    pub(crate) fn issue(&self, stream: &StreamState, recipe: Recipe) -> CuResult<()> {
        let Some(recipe) = self.record(stream, recipe)? else {
            return Ok(());
        };
        let op = recipe.realise(self)?;
        self.engine.submit(&stream.lane, op, Vec::new()).map(|_| ())
    }
}

/// `CUstreamWaitValue_flags`; the flush bit changes nothing here.
fn compare(flags: u32) -> CuResult<Compare> {
    match flags & !(1 << 30) {
        0 => Ok(Compare::GreaterOrEqual),
        1 => Ok(Compare::Equal),
        2 => Ok(Compare::And),
        3 => Ok(Compare::Nor),
        _ => Err(CuError::INVALID_VALUE),
    }
}

impl StreamApi for SoftDriver {
    fn stream_create(&self, cx: Cx, flags: u32) -> CuResult<Stream> {
        self.world()?.create_stream(cx, flags, PRIORITY_LEAST)
    }

    fn stream_create_with_priority(&self, cx: Cx, flags: u32, priority: i32) -> CuResult<Stream> {
        self.world()?.create_stream(cx, flags, priority)
    }

    fn stream_destroy(&self, _cx: Cx, h_stream: Stream) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.streams.remove(h_stream)?;
        world.engine.close(&stream.lane);
        stream.lane.group.health.check()
    }

    fn stream_get_priority(&self, cx: Cx, h_stream: Stream) -> CuResult<i32> {
        Ok(self.world()?.stream(cx, h_stream)?.priority)
    }

    fn stream_get_id(&self, cx: Cx, h_stream: Stream) -> CuResult<u64> {
        Ok(self.world()?.stream(cx, h_stream)?.id)
    }

    fn stream_get_flags(&self, cx: Cx, h_stream: Stream) -> CuResult<u32> {
        Ok(self.world()?.stream(cx, h_stream)?.flags)
    }

    fn stream_get_device(&self, cx: Cx, h_stream: Stream) -> CuResult<Device> {
        Ok(self.world()?.stream(cx, h_stream)?.device)
    }

    fn stream_get_ctx(&self, cx: Cx, h_stream: Stream) -> CuResult<Context> {
        Ok(self.world()?.stream(cx, h_stream)?.context)
    }

    fn stream_wait_event(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_event: Event,
        flags: u32,
    ) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, h_stream)?;
        let event = world.events.find(h_event)?;
        if flags & WAIT_EXTERNAL != 0 && stream.is_captured() {
            let recipe = Recipe::Await(h_event, event);
            return world.record(&stream, recipe).map(|_| ());
        }
        if world.join_capture(&stream, &event)? {
            return Ok(());
        }
        world.await_event(&stream.lane, &event)
    }

    fn stream_attach_mem_async(
        &self,
        cx: Cx,
        h_stream: Stream,
        dptr: DevicePtr,
        _length: usize,
        _flags: u32,
    ) -> CuResult<()> {
        // Managed memory is accessible from everywhere at any time.
        let world = self.world()?;
        world.stream(cx, h_stream)?;
        world.memory.map().check(dptr.0, 1)
    }

    fn stream_query(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let stream = self.world()?.stream(cx, h_stream)?;
        stream.check_not_captured()?;
        match stream.lane.is_idle() {
            true => stream.lane.group.health.check(),
            false => Err(CuError::NOT_READY),
        }
    }

    fn stream_synchronize(&self, cx: Cx, h_stream: Stream) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, h_stream)?;
        stream.check_not_captured()?;
        if stream.lane.kind == LaneKind::Legacy {
            // It stands for all blocking streams of the context.
            let place = world.engine.submit(&stream.lane, Op::Nothing, Vec::new())?;
            world.engine.wait(&stream.lane, place);
        }
        world.engine.wait(&stream.lane, stream.lane.issued());
        world.output.flush();
        stream.lane.group.health.check()
    }

    fn stream_write_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        _flags: u32,
    ) -> CuResult<()> {
        let world = self.world()?;
        let word = world.word(addr, u64::from(value), false)?;
        world.issue(&*world.stream(cx, stream)?, Recipe::Write(word))
    }

    fn stream_wait_value32(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u32,
        flags: u32,
    ) -> CuResult<()> {
        let world = self.world()?;
        let word = world.word(addr, u64::from(value), false)?;
        world.issue(
            &*world.stream(cx, stream)?,
            Recipe::Wait(word, compare(flags)?),
        )
    }

    fn stream_write_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        _flags: u32,
    ) -> CuResult<()> {
        let world = self.world()?;
        let word = world.word(addr, value, true)?;
        world.issue(&*world.stream(cx, stream)?, Recipe::Write(word))
    }

    fn stream_wait_value64(
        &self,
        cx: Cx,
        stream: Stream,
        addr: DevicePtr,
        value: u64,
        flags: u32,
    ) -> CuResult<()> {
        let world = self.world()?;
        let word = world.word(addr, value, true)?;
        world.issue(
            &*world.stream(cx, stream)?,
            Recipe::Wait(word, compare(flags)?),
        )
    }

    fn stream_batch_mem_op(
        &self,
        cx: Cx,
        stream: Stream,
        param_array: &[CUstreamBatchMemOpParams],
        _flags: u32,
    ) -> CuResult<()> {
        if param_array.len() > BATCH_MAX {
            return Err(CuError::INVALID_VALUE);
        }
        let world = self.world()?;
        let stream = world.stream(cx, stream)?;
        for operation in param_array {
            world.issue(&stream, world.step(operation)?)?;
        }
        Ok(())
    }

    fn stream_begin_capture(
        &self,
        cx: Cx,
        h_stream: Stream,
        _mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let world = self.world()?;
        world.begin_capture(&*world.stream(cx, h_stream)?, None)
    }

    fn stream_begin_capture_to_graph(
        &self,
        cx: Cx,
        h_stream: Stream,
        h_graph: Graph,
        dependencies: &[GraphNode],
        _dependency_data: &[CUgraphEdgeData],
        _mode: CUstreamCaptureMode,
    ) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, h_stream)?;
        world.begin_capture(&stream, Some((h_graph, dependencies)))
    }

    fn stream_update_capture_dependencies(
        &self,
        cx: Cx,
        h_stream: Stream,
        dependencies: &[GraphNode],
        _dependency_data: &[CUgraphEdgeData],
        flags: u32,
    ) -> CuResult<()> {
        let stream = self.world()?.stream(cx, h_stream)?;
        match flags {
            ADD_DEPENDENCIES => stream.set_capture_needs(dependencies, false),
            SET_DEPENDENCIES => stream.set_capture_needs(dependencies, true),
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    fn stream_end_capture(&self, cx: Cx, h_stream: Stream) -> CuResult<Graph> {
        let world = self.world()?;
        world.end_capture(&*world.stream(cx, h_stream)?)
    }

    fn stream_is_capturing(&self, cx: Cx, h_stream: Stream) -> CuResult<CUstreamCaptureStatus> {
        self.stream_get_capture_info(cx, h_stream)
            .map(|(status, _)| status)
    }

    fn stream_get_capture_info(
        &self,
        cx: Cx,
        h_stream: Stream,
    ) -> CuResult<(CUstreamCaptureStatus, u64)> {
        let stream = self.world()?.stream(cx, h_stream)?;
        let capture = stream
            .capture
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(match &*capture {
            Some(capture) => (CUstreamCaptureStatus(capture.status()), capture.id()),
            None => (CUstreamCaptureStatus(0), 0),
        })
    }

    fn stream_copy_attributes(
        &self,
        cx: Cx,
        dst_stream: Stream,
        src_stream: Stream,
    ) -> CuResult<()> {
        let world = self.world()?;
        let source = world.stream(cx, src_stream)?;
        let copied = source
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let target = world.stream(cx, dst_stream)?;
        *target
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = copied;
        Ok(())
    }

    fn stream_get_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
    ) -> CuResult<CUstreamAttrValue> {
        let stream = self.world()?.stream(cx, h_stream)?;
        let attributes = stream
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let set = attributes.iter().find(|(number, _)| *number == attr.0);
        Ok(set.map_or(CUstreamAttrValue { words: [0; 8] }, |(_, value)| *value))
    }

    fn stream_set_attribute(
        &self,
        cx: Cx,
        h_stream: Stream,
        attr: CUlaunchAttributeID,
        param: &CUstreamAttrValue,
    ) -> CuResult<()> {
        /// `CUlaunchAttributeID` numbers below this exist.
        const ATTRIBUTES: u32 = 32;
        if attr.0 >= ATTRIBUTES {
            return Err(CuError::INVALID_VALUE);
        }
        let stream = self.world()?.stream(cx, h_stream)?;
        let mut attributes = stream
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        attributes.retain(|(number, _)| *number != attr.0);
        attributes.push((attr.0, *param));
        Ok(())
    }
}
