//! Copies and fills: what is checked, when a source is captured, and when a call waits. Read
//! [`World::copy_box`].
//!
//! 1. A pageable source is captured before the call returns: small ones are copied aside, large
//!    ones are waited for.
//! 2. A copy to pageable memory has landed when the call returns.
//! 3. A copy between page-locked memory and the device is performed in stream order, later.

#![expect(unsafe_code, reason = "a pageable source is read at the call")]

use std::sync::{Arc, atomic::Ordering};

use rigel_protocol::custom::{
    AllocationKind, Copies, Copy3d, Fill as FillCall, Order, Place, Side,
};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::driver::{SoftDriver, World};
use crate::engine::{Direction, Fill, Op, Shape, Source, Transfer};
use crate::graph::Recipe;
use crate::memory::raw;
use crate::stream::StreamState;

/// Pageable sources up to this size are copied aside.
const CAPTURED_BYTES_MAX: u64 = 1 << 20;

/// Operations on fewer bytes than this are performed by the caller if nothing stands before them.
const INLINE_BYTES_MAX: u64 = 64 << 10;

/// One end of a copy, checked.
#[derive(Debug, Clone, Copy)]
struct End {
    /// First byte.
    address: u64,
    /// Where it lies.
    memory: Kind,
}

/// What kind of memory an end lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Device,
    PageLocked,
    Pageable,
}

impl World {
    /// Copies a box between two places.
    fn copy_box(&self, cx: Cx, ends: (Place, Place), shape: Shape, order: Order) -> CuResult<()> {
        let stream = self.stream(cx, order.stream)?;
        if shape.bytes() == 0 {
            return Ok(());
        }
        let (dst, src, direction) = self.ends(ends, &shape)?;
        if direction == Direction::HostToDevice && self.is_dropped(shape.bytes()) {
            return Ok(());
        }
        let recipe = Recipe::Copy {
            dst: dst.address,
            src: src.address,
            shape,
            direction,
        };
        if stream.is_captured() {
            // A synchronous call may not wait for what is only recorded.
            if order.wait {
                stream.check_not_captured()?;
            }
            return self.record(&stream, recipe).map(|_| ());
        }
        self.perform_copy(&stream, (dst, src), (shape, direction), order.wait)
    }

    /// Both ends of a copy, checked, and between what it goes.
    fn ends(&self, ends: (Place, Place), shape: &Shape) -> CuResult<(End, End, Direction)> {
        let dst = self.end(ends.0, span(shape, shape.dst_strides)?)?;
        let src = self.end(ends.1, span(shape, shape.src_strides)?)?;
        let direction = match (src.memory == Kind::Device, dst.memory == Kind::Device) {
            (false, true) => Direction::HostToDevice,
            (true, false) => Direction::DeviceToHost,
            _ => Direction::Within,
        };
        Ok((dst, src, direction))
    }

    /// A copy to be performed later.
    pub(crate) fn copy_recipe(&self, copy: &Copy3d) -> CuResult<Recipe> {
        let (places, shape) = box_of(copy)?;
        if shape.bytes() == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let (dst, src, direction) = self.ends(places, &shape)?;
        Ok(Recipe::Copy {
            dst: dst.address,
            src: src.address,
            shape,
            direction,
        })
    }

    /// A fill to be performed later; of nothing, if it has no elements.
    pub(crate) fn fill_recipe(&self, fill: &FillCall) -> CuResult<Fill> {
        let element = u64::from(fill.element_bytes);
        let row = fill
            .width
            .checked_mul(element)
            .ok_or(CuError::INVALID_VALUE)?;
        if !matches!(element, 1 | 2 | 4) || !fill.dst.0.is_multiple_of(element) {
            return Err(CuError::INVALID_VALUE);
        }
        if fill.height > 1 && (fill.pitch_bytes < row || !fill.pitch_bytes.is_multiple_of(element))
        {
            return Err(CuError::INVALID_VALUE);
        }
        let rows = fill.height.saturating_sub(1).checked_mul(fill.pitch_bytes);
        let span = rows
            .and_then(|rows| rows.checked_add(row))
            .ok_or(CuError::INVALID_VALUE)?;
        if row > 0 && fill.height > 0 {
            self.memory.map().check(fill.dst.0, span)?;
        }
        Ok(Fill {
            dst: fill.dst.0,
            value: fill.value,
            element_bytes: fill.element_bytes,
            width: fill.width,
            height: fill.height,
            pitch: fill.pitch_bytes,
        })
    }

    fn perform_copy(
        &self,
        stream: &Arc<StreamState>,
        (dst, src): (End, End),
        (shape, direction): (Shape, Direction),
        wait: bool,
    ) -> CuResult<()> {
        let pageable = (src.memory == Kind::Pageable, dst.memory == Kind::Pageable);
        let within_device = (src.memory, dst.memory) == (Kind::Device, Kind::Device);
        let waits = pageable.0 || pageable.1 || wait && !within_device;
        let src = Source::Address(src.address);
        let mut transfer = Transfer {
            dst: dst.address,
            src,
            shape,
            direction,
        };
        if waits || shape.bytes() <= INLINE_BYTES_MAX {
            match self.engine.perform(&stream.lane, Op::Copy(transfer)) {
                Ok(_) if waits => return self.settle(stream),
                Ok(_) => return Ok(()),
                Err(Op::Copy(refused)) => transfer = refused,
                Err(_) => return Err(CuError::UNKNOWN),
            }
        }
        let captured = pageable == (true, false) && shape.bytes() <= CAPTURED_BYTES_MAX;
        if captured {
            transfer = capture(transfer);
        }
        let place = self
            .engine
            .submit(&stream.lane, Op::Copy(transfer), Vec::new())?;
        if captured || !waits {
            return Ok(());
        }
        self.engine.wait(&stream.lane, place);
        self.settle(stream)
    }

    /// What a call does once the work it waited for is done.
    fn settle(&self, stream: &StreamState) -> CuResult<()> {
        self.output.flush();
        stream.lane.group.health.check()
    }

    /// Checks one end of a copy that spans `bytes` bytes.
    fn end(&self, place: Place, bytes: u64) -> CuResult<End> {
        let address = match place {
            Place::Array(_) => return Err(CuError::NOT_SUPPORTED),
            Place::Host(host) => host.0,
            Place::Device(device) => {
                self.memory.map().check(device.0, bytes)?;
                device.0
            }
        };
        let memory = match self.memory.map().find(address).map(|found| found.kind) {
            Some(AllocationKind::Device | AllocationKind::Managed) => Kind::Device,
            Some(AllocationKind::HostAllocated | AllocationKind::HostRegistered)
                if self.memory.map().is_page_locked(address, bytes) =>
            {
                Kind::PageLocked
            }
            _ => Kind::Pageable,
        };
        if address == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        Ok(End { address, memory })
    }

    /// Whether this host-to-device copy is the one to lose (`RIGEL_SOFT_DROP_COPY`).
    fn is_dropped(&self, bytes: u64) -> bool {
        let Some(victim) = self.config.drop_copy else {
            return false;
        };
        let number = self.n_uploads.fetch_add(1, Ordering::SeqCst) + 1;
        if number == victim {
            tracing::warn!(
                number,
                bytes,
                "RIGEL_SOFT_DROP_COPY: this copy to the device is LOST"
            );
        }
        number == victim
    }
}

/// Copies a pageable source aside.
fn capture(transfer: Transfer) -> Transfer {
    let (shape, Source::Address(src)) = (transfer.shape, &transfer.src) else {
        return transfer;
    };
    let mut bytes = Vec::with_capacity(shape.bytes() as usize);
    for (_, offset) in shape.rows() {
        // SAFETY: the caller of CUDA promises that its source is readable during the call.
        bytes.extend_from_slice(&unsafe { raw::read(src + offset, shape.width) });
    }
    let src_strides = (shape.width, shape.width * shape.height);
    Transfer {
        src: Source::Captured(bytes.into_boxed_slice()),
        shape: Shape {
            src_strides,
            ..shape
        },
        ..transfer
    }
}

/// Bytes from the first to the last of a box.
fn span(shape: &Shape, (row, slice): (u64, u64)) -> CuResult<u64> {
    let last = |count: u64, stride: u64| count.saturating_sub(1).checked_mul(stride);
    last(shape.depth, slice)
        .zip(last(shape.height, row))
        .and_then(|(slices, rows)| slices.checked_add(rows)?.checked_add(shape.width))
        .ok_or(CuError::INVALID_VALUE)
}

/// The first byte of a side of a 3D copy, and its strides.
fn side(side: &Side) -> CuResult<(Place, (u64, u64))> {
    let slice = side
        .pitch_bytes
        .checked_mul(side.rows)
        .ok_or(CuError::INVALID_VALUE)?;
    let offset = side
        .z
        .checked_mul(slice)
        .zip(side.y.checked_mul(side.pitch_bytes))
        .and_then(|(slices, rows)| slices.checked_add(rows)?.checked_add(side.x_bytes))
        .ok_or(CuError::INVALID_VALUE)?;
    let place = match side.place {
        Place::Host(host) => host.checked_add(offset).map(Place::Host),
        Place::Device(device) => device.checked_add(offset).map(Place::Device),
        Place::Array(slot) => Some(Place::Array(slot)),
    };
    Ok((
        place.ok_or(CuError::INVALID_VALUE)?,
        (side.pitch_bytes, slice),
    ))
}

/// A 3D copy as places and a shape.
fn box_of(copy: &Copy3d) -> CuResult<((Place, Place), Shape)> {
    let (dst, dst_strides) = side(&copy.dst)?;
    let (src, src_strides) = side(&copy.src)?;
    let extent = copy.extent;
    let pitches_fit = [dst_strides.0, src_strides.0]
        .iter()
        .all(|row| *row >= extent.width_bytes);
    let overflow = extent
        .width_bytes
        .checked_mul(extent.height)
        .and_then(|slice| slice.checked_mul(extent.depth));
    if (extent.height > 1 || extent.depth > 1) && !pitches_fit || overflow.is_none() {
        return Err(CuError::INVALID_VALUE);
    }
    let shape = Shape {
        width: extent.width_bytes,
        height: extent.height,
        depth: extent.depth,
        dst_strides,
        src_strides,
    };
    Ok(((dst, src), shape))
}

impl Copies for SoftDriver {
    fn copy(&self, cx: Cx, dst: Place, src: Place, bytes: u64, order: Order) -> CuResult<()> {
        self.world()?
            .copy_box(cx, (dst, src), Shape::linear(bytes), order)
    }

    fn copy_3d(&self, cx: Cx, copy: &Copy3d, order: Order) -> CuResult<()> {
        let (places, shape) = box_of(copy)?;
        self.world()?.copy_box(cx, places, shape, order)
    }

    fn fill(&self, cx: Cx, fill: &FillCall, order: Order) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, order.stream)?;
        let fill = world.fill_recipe(fill)?;
        if fill.width == 0 || fill.height == 0 {
            return Ok(());
        }
        let bytes = fill.width * u64::from(fill.element_bytes) * fill.height;
        // CUDA: a fill is over when its call returns if the host can see what it writes.
        let seen = order.wait && world.memory.map().is_page_locked(fill.dst, 1);
        let recipe = Recipe::Fill(fill);
        let Some(recipe) = world.record(&stream, recipe)? else {
            return Ok(());
        };
        let op = recipe.realise(world)?;
        let place = match bytes <= INLINE_BYTES_MAX {
            true => world.engine.perform_or_submit(&stream.lane, op)?,
            false => world.engine.submit(&stream.lane, op, Vec::new())?,
        };
        if !seen {
            return Ok(());
        }
        world.engine.wait(&stream.lane, place);
        world.settle(&stream)
    }
}
