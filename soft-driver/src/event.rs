//! Events: places in streams, with the time at which they were reached. Read [`EventState`].

use std::sync::{Arc, Mutex, PoisonError};

use rigel_protocol::generated::driver::EventApi;
use rigel_protocol::generated::types::CUipcEventHandle;
use rigel_protocol::handle::{Context, Event, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::capture::CapturedEvent;
use crate::context::ContextState;
use crate::driver::{SoftDriver, World};
use crate::engine::{Group, Lane, Need, Op, Record};
use crate::graph::Recipe;
use crate::ipc::SharedEvent;

/// `CU_EVENT_BLOCKING_SYNC`, `CU_EVENT_DISABLE_TIMING` and `CU_EVENT_INTERPROCESS`.
const FLAGS: u32 = 0b111;

/// `CU_EVENT_DISABLE_TIMING`.
const DISABLE_TIMING: u32 = 2;

/// `CU_EVENT_INTERPROCESS`.
const INTERPROCESS: u32 = 4;

/// `CU_EVENT_RECORD_EXTERNAL`.
const RECORD_FLAGS: u32 = 1;

/// An event.
pub(crate) struct EventState {
    pub(crate) context: Context,
    group: Arc<Group>,
    flags: u32,
    record: Mutex<Option<Arc<Record>>>,
    /// Where other processes see it, if they may.
    pub(crate) shared: Option<Arc<SharedEvent>>,
    /// Where it was recorded last, if that was in a stream under capture.
    pub(crate) captured: Mutex<Option<CapturedEvent>>,
}

impl EventState {
    /// The latest recording, if there was one.
    pub(crate) fn latest(&self) -> Option<Arc<Record>> {
        self.record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Makes this the latest recording.
    pub(crate) fn set_latest(&self, record: Arc<Record>) {
        *self.record.lock().unwrap_or_else(PoisonError::into_inner) = Some(record);
    }

    fn check_not_captured(&self) -> CuResult<()> {
        match &*self.captured.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(place) => Err(place.invalidate()),
            None => Ok(()),
        }
    }

    /// The time of an event that was recorded with timing and has been reached.
    fn time_ns(&self) -> CuResult<u64> {
        if self.flags & DISABLE_TIMING != 0 {
            return Err(CuError::INVALID_HANDLE);
        }
        let record = self.latest().ok_or(CuError::INVALID_HANDLE)?;
        if record.is_done() {
            Ok(record.time_ns())
        } else {
            Err(CuError::NOT_READY)
        }
    }
}

impl World {
    fn new_event(
        &self,
        context: &ContextState,
        flags: u32,
        shared: Option<Arc<SharedEvent>>,
    ) -> CuResult<Event> {
        let made = self.events.insert(|_| EventState {
            context: context.handle,
            group: Arc::clone(&context.group),
            flags,
            record: Mutex::default(),
            shared,
            captured: Mutex::default(),
        })?;
        Ok(made.0)
    }

    /// Waits in a stream for the latest recording of an event.
    pub(crate) fn await_event(&self, lane: &Arc<Lane>, event: &EventState) -> CuResult<()> {
        if let Some(shared) = &event.shared {
            let number = shared.latest();
            if shared.has_reached(number) {
                return Ok(());
            }
            let op = Op::Await(Arc::clone(shared), number);
            return self.engine.submit(lane, op, Vec::new()).map(|_| ());
        }
        let Some(record) = event.latest().filter(|record| !record.is_done()) else {
            return Ok(());
        };
        let need = Need {
            lane: Arc::clone(&record.lane),
            position: record.position(),
        };
        self.engine
            .submit(lane, Op::Nothing, vec![need])
            .map(|_| ())
    }

    /// Records an event at the end of a stream, as of now.
    pub(crate) fn record_event(&self, cx: Cx, event: Event, stream: Stream) -> CuResult<()> {
        let stream = self.stream(cx, stream)?;
        let event = self.events.find(event)?;
        if !Arc::ptr_eq(&event.group, &stream.lane.group) {
            return Err(CuError::INVALID_HANDLE);
        }
        if self.record_captured(&stream, &event) {
            return Ok(());
        }
        *event
            .captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(shared) = &event.shared {
            let op = Op::Signal(Arc::clone(shared), shared.record());
            return self.engine.perform_or_submit(&stream.lane, op).map(|_| ());
        }
        let record = Arc::new(Record::new(Arc::clone(&stream.lane)));
        let op = Op::Record(Arc::clone(&record));
        let position = self.engine.perform_or_submit(&stream.lane, op)?;
        // Nobody else has the record yet, so its place is set here for the first time.
        let _ = record.position.set(position);
        event.set_latest(record);
        Ok(())
    }
}

impl EventApi for SoftDriver {
    fn event_create(&self, cx: Cx, flags: u32) -> CuResult<Event> {
        let world = self.world()?;
        let context = world.context(cx)?;
        if flags & !FLAGS != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let shared = match flags & (INTERPROCESS | DISABLE_TIMING) {
            INTERPROCESS => return Err(CuError::INVALID_VALUE),
            flags if flags & INTERPROCESS != 0 => Some(Arc::new(world.event_slots.take()?)),
            _ => None,
        };
        world.new_event(&context, flags, shared)
    }

    fn ipc_get_event_handle(&self, _cx: Cx, event: Event) -> CuResult<CUipcEventHandle> {
        let event = self.world()?.events.find(event)?;
        let shared = event.shared.as_ref().ok_or(CuError::INVALID_HANDLE)?;
        Ok(CUipcEventHandle {
            reserved: shared.name()?,
        })
    }

    fn ipc_open_event_handle(&self, cx: Cx, handle: CUipcEventHandle) -> CuResult<Event> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let shared = Arc::new(SharedEvent::open(&handle.reserved)?);
        world.new_event(&context, INTERPROCESS | DISABLE_TIMING, Some(shared))
    }

    fn event_query(&self, _cx: Cx, h_event: Event) -> CuResult<()> {
        let event = self.world()?.events.find(h_event)?;
        event.group.health.check()?;
        event.check_not_captured()?;
        if let Some(shared) = &event.shared {
            return match shared.has_reached(shared.latest()) {
                true => event.group.health.check(),
                false => Err(CuError::NOT_READY),
            };
        }
        match event.latest() {
            Some(record) if !record.is_done() => Err(CuError::NOT_READY),
            _ => event.group.health.check(),
        }
    }

    fn event_synchronize(&self, _cx: Cx, h_event: Event) -> CuResult<()> {
        let world = self.world()?;
        let event = world.events.find(h_event)?;
        event.group.health.check()?;
        event.check_not_captured()?;
        if let Some(shared) = &event.shared {
            shared.wait(shared.latest());
        }
        if let Some(record) = event.latest() {
            world.engine.wait(&record.lane, record.position());
        }
        world.output.flush();
        event.group.health.check()
    }

    fn event_destroy(&self, _cx: Cx, h_event: Event) -> CuResult<()> {
        let world = self.world()?;
        let event = world.events.remove(h_event)?;
        if let Some(shared) = &event.shared {
            world.event_slots.give(shared);
        }
        event.group.health.check()
    }

    fn event_elapsed_time(&self, _cx: Cx, h_start: Event, h_end: Event) -> CuResult<f32> {
        let world = self.world()?;
        let (start, end) = (world.events.find(h_start)?, world.events.find(h_end)?);
        start.group.health.check()?;
        let nanoseconds = end.time_ns()? as i64 - start.time_ns()? as i64;
        Ok((nanoseconds as f64 / 1e6) as f32)
    }

    fn event_record(&self, cx: Cx, h_event: Event, h_stream: Stream) -> CuResult<()> {
        self.world()?.record_event(cx, h_event, h_stream)
    }

    fn event_record_with_flags(
        &self,
        cx: Cx,
        h_event: Event,
        h_stream: Stream,
        flags: u32,
    ) -> CuResult<()> {
        if flags & !RECORD_FLAGS != 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let world = self.world()?;
        if flags & RECORD_FLAGS != 0 {
            let stream = world.stream(cx, h_stream)?;
            if stream.is_captured() {
                let recipe = Recipe::Record(h_event, world.events.find(h_event)?);
                return world.record(&stream, recipe).map(|_| ());
            }
        }
        world.record_event(cx, h_event, h_stream)
    }
}
