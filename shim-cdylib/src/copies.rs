//! Copies and fills: a host end that is page-locked memory in an arena is named by its address; any
//! other travels. Read [`Copies`] for [`Remote`] first.
//!
//! 1. A pageable source is captured when the call returns: its bytes are in the record or in the upload
//!    ring.
//! 2. A copy to pageable memory waits until its bytes have landed, in the asynchronous forms too, as
//!    CUDA says it may.
//! 3. A copy between arenas and device memory is posted in the asynchronous forms and answered in the
//!    synchronous ones.
//! 4. A copy from host to host is made here, after the work before it.
//! 5. A captured copy of pageable memory is performed at every replay: page-locked memory of the shim's
//!    stands in for the caller's on the way, filled and emptied by host functions in stream order.
#![expect(
    unsafe_code,
    reason = "turns callers' addresses into memory for the length of a copy"
)]

use std::sync::Arc;

use rigel_protocol::custom::{
    AllocationKind, ArraySlot, Copies, Copy3d, Fill, HostCallback, HostMemory, Launches, Order,
    Place, Side, not_supported,
};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::driver::StreamApi;
use rigel_protocol::generated::types::CUstreamCaptureStatus;
use rigel_protocol::handle::DevicePtr;
use rigel_protocol::link::mirror::MIRROR_BYTES_MAX;
use rigel_protocol::link::{
    INLINE_BYTES_MAX, Payload, Transfer, WireCopy, WireCopy3d, WireFill, WirePlace, WireSide,
};
use rigel_protocol::{CuError, CuResult, Cx, HostPtr};

use crate::bulk::{Bulk, Source};
use crate::caller::CallerBytes;
use crate::caller_box::{CallerBox, row_offset, span};
use crate::inbox::Sink;
use crate::remote::{Remote, ring_error};
use crate::session::Session;
use crate::stats::STATS;

/// Largest piece in which a recorded copy of pageable memory is made: what a mirror may hold.
const RECORDED_BYTES_MAX: u64 = MIRROR_BYTES_MAX;

/// One end of a copy, as seen from here.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The worker reaches it.
    There(WirePlace<'static>),
    /// Its bytes travel.
    Here(HostPtr),
}

impl Copies for Remote {
    fn copy(&self, cx: Cx, dst: Place, src: Place, bytes: u64, order: Order) -> CuResult<()> {
        if bytes == 0 {
            return Ok(());
        }
        self.check(order.stream)?;
        let session = self.session()?;
        let known = is_known(session, dst, bytes)? & is_known(session, src, bytes)?;
        self.settle_ends(session, [dst, src])?;
        let (dst, src) = (end(session, dst, bytes), end(session, src, bytes));
        self.copy_ends(cx, (dst, src), bytes, order)?;
        self.told(cx, order, known)
    }

    fn copy_3d(&self, cx: Cx, copy: &Copy3d, order: Order) -> CuResult<()> {
        let extent = copy.extent;
        if extent.width_bytes == 0 || extent.height == 0 || extent.depth == 0 {
            return Ok(());
        }
        self.check(order.stream)?;
        let session = self.session()?;
        self.settle_ends(session, [copy.dst.place, copy.src.place])?;
        let (dst, src) = (
            end(session, copy.dst.place, span(&copy.dst, extent)?),
            end(session, copy.src.place, span(&copy.src, extent)?),
        );
        match (dst, src) {
            (End::There(dst), End::There(src)) => {
                let shared = [dst, src]
                    .iter()
                    .any(|end| matches!(end, WirePlace::Shared(_)));
                let wire = wire_box(copy, dst, src, order);
                let waits = order.wait && shared;
                let call = if waits {
                    Call::COPY3D_WAIT
                } else {
                    Call::COPY3D
                };
                let mut request = self.request(cx, call)?;
                wire.put(&mut request);
                request.wait_for(order.stream);
                match waits {
                    true => self.wait(request)?.finish(),
                    false => self.post(request),
                }
            }
            (dst, src) if self.is_recorded(cx, order)? => {
                if extent.height > 1 || extent.depth > 1 {
                    return not_supported("a captured 2D or 3D copy of ordinary host memory");
                }
                let ends = (row_end(dst, &copy.dst)?, row_end(src, &copy.src)?);
                self.record_copy(cx, ends, extent.width_bytes, order)
            }
            (End::There(dst), End::Here(src)) => self.box_up(cx, copy, dst, src, order),
            (End::Here(dst), End::There(src)) => self.box_down(cx, copy, dst, src, order),
            (End::Here(dst), End::Here(src)) => {
                self.catch_up(cx, order)?;
                // SAFETY: the caller of a copy vouches for the boxes at both ends.
                let dst = unsafe { CallerBox::new(dst, &copy.dst, extent) }?;
                // SAFETY: as above.
                let src = unsafe { CallerBox::new(src, &copy.src, extent) }?;
                dst.copy_from(&src)
            }
        }
    }

    fn fill(&self, cx: Cx, fill: &Fill, order: Order) -> CuResult<()> {
        if fill.width == 0 || fill.height == 0 {
            return Ok(());
        }
        self.check(order.stream)?;
        let session = self.session()?;
        let known = is_known(session, Place::Device(fill.dst), filled_bytes(fill))?;
        session.managed.settle_if_here(self, fill.dst.0)?;
        let mut request = self.request(cx, Call::FILL)?;
        request.put(&WireFill {
            fill: *fill,
            stream: order.stream,
            wait: order.wait,
        });
        self.post(request)?;
        // CUDA: a fill is over when its call returns if the host can see what it writes.
        match order.wait && (!known || is_seen_here(session, fill.dst.0)) {
            true => self.stream_synchronize(cx, order.stream),
            false => Ok(()),
        }
    }
}

impl Remote {
    /// Chooses by where the bytes are.
    fn copy_ends(&self, cx: Cx, (dst, src): (End, End), bytes: u64, order: Order) -> CuResult<()> {
        match (dst, src) {
            (End::There(dst), End::There(src)) => {
                let shared = [dst, src]
                    .iter()
                    .any(|end| matches!(end, WirePlace::Shared(_)));
                let copy = WireCopy {
                    dst,
                    src,
                    bytes,
                    stream: order.stream,
                    wait: order.wait,
                };
                self.copy_there(cx, &copy, order.wait && shared)
            }
            (dst, src) if self.is_recorded(cx, order)? => {
                self.record_copy(cx, (dst, src), bytes, order)
            }
            (End::There(dst), End::Here(src)) => self.copy_up(cx, dst, src, bytes, order),
            (End::Here(dst), End::There(src)) => self.copy_down(cx, dst, src, bytes, order),
            (End::Here(dst), End::Here(src)) => self.copy_here(cx, dst, src, bytes, order),
        }
    }

    /// A call that CUDA answers when all is done tells what the worker thinks of addresses that are not
    /// known here; of a call that returns at once the next one that waits does.
    fn told(&self, cx: Cx, order: Order, is_known: bool) -> CuResult<()> {
        match order.wait && !is_known {
            true => self.stream_synchronize(cx, order.stream),
            false => Ok(()),
        }
    }

    /// What the program has written to managed memory goes out before it is copied, or copied to.
    fn settle_ends(&self, session: &Session, ends: [Place; 2]) -> CuResult<()> {
        for place in ends {
            match place {
                Place::Host(HostPtr(address)) | Place::Device(DevicePtr(address)) => {
                    session.managed.settle_if_here(self, address)?;
                }
                Place::Array(_) => {}
            }
        }
        Ok(())
    }

    /// Both ends are the worker's to reach.
    fn copy_there(&self, cx: Cx, copy: &WireCopy<'_>, waits: bool) -> CuResult<()> {
        let mut request = self.request(cx, if waits { Call::COPY_WAIT } else { Call::COPY })?;
        copy.put(&mut request);
        request.wait_for(copy.stream);
        match waits {
            true => self.wait(request)?.finish(),
            false => self.post(request),
        }
    }

    /// From the caller's memory.
    pub(crate) fn copy_up(
        &self,
        cx: Cx,
        dst: WirePlace<'_>,
        src: HostPtr,
        bytes: u64,
        order: Order,
    ) -> CuResult<()> {
        // SAFETY: the caller of a copy vouches for `bytes` readable bytes at its source; they are
        // captured before this function returns.
        let source = unsafe { CallerBytes::new(src, bytes) }?;
        let mut request = self.request(cx, Call::COPY)?;
        let payload = payload(request.session(), source.as_slice());
        let copy = WireCopy {
            dst,
            src: WirePlace::Bytes(payload),
            bytes,
            stream: order.stream,
            wait: order.wait,
        };
        copy.put(&mut request);
        self.post_with(request, bulk(payload, source.as_slice()))
    }

    /// To the caller's memory.
    pub(crate) fn copy_down(
        &self,
        cx: Cx,
        dst: HostPtr,
        src: WirePlace<'_>,
        bytes: u64,
        order: Order,
    ) -> CuResult<()> {
        // SAFETY: the caller of a copy vouches for `bytes` writable bytes at its destination; the sink
        // that writes them is closed before this function returns.
        let memory = unsafe { CallerBytes::new(dst, bytes) }?;
        let mut request = self.request(cx, Call::COPY_WAIT)?;
        let session = request.session();
        let brief = bytes <= INLINE_BYTES_MAX as u64;
        let number = if brief {
            0
        } else {
            session.inbox.new_transfer()
        };
        let copy = WireCopy {
            dst: WirePlace::Bytes(match brief {
                true => Payload::Inline(&[]),
                false => Payload::Bulk(Transfer { number, bytes }),
            }),
            src,
            bytes,
            stream: order.stream,
            wait: order.wait,
        };
        copy.put(&mut request);
        request.wait_for(order.stream);
        if brief {
            let landed = self.wait(request)?.bytes()?;
            let fits = landed.len() as u64 == bytes && memory.write(0, &landed);
            return if fits { Ok(()) } else { Err(CuError::UNKNOWN) };
        }
        let waiter = session.inbox.slot(cx.thread)?;
        let sink = Sink::Caller {
            memory,
            received: 0,
            waiter: Arc::clone(waiter),
        };
        session.inbox.open_sink(number, sink);
        let landed = self.wait(request).and_then(|_| {
            let waited = session.inbox.wait_bytes(waiter, number, bytes);
            waited.map_err(|error| ring_error(session, &error))
        });
        session.inbox.close_sink(number);
        STATS.bytes(0, bytes);
        landed
    }

    /// From host to host.
    fn copy_here(
        &self,
        cx: Cx,
        dst: HostPtr,
        src: HostPtr,
        bytes: u64,
        order: Order,
    ) -> CuResult<()> {
        self.catch_up(cx, order)?;
        // SAFETY: the caller of a copy vouches for both ends.
        let (dst, src) = unsafe { (CallerBytes::new(dst, bytes)?, CallerBytes::new(src, bytes)?) };
        match dst.write(0, src.as_slice()) {
            true => Ok(()),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// Whether a copy is recorded instead of made. The worker is asked only while something is captured.
    fn is_recorded(&self, cx: Cx, order: Order) -> CuResult<bool> {
        let active = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE;
        Ok(!order.wait && self.stream_is_capturing(cx, order.stream)? == active)
    }

    /// Records a copy with pageable memory, piece by piece: each passes through the same page-locked
    /// memory, which lives as long as the process, since nothing tells when the graph's last copy goes.
    fn record_copy(&self, cx: Cx, ends: (End, End), bytes: u64, order: Order) -> CuResult<()> {
        let stage_bytes = bytes.min(RECORDED_BYTES_MAX);
        let stage = self.host_alloc(cx, stage_bytes, 0)?;
        let session = self.session()?;
        let End::There(reached) = end(session, Place::Host(stage), stage_bytes) else {
            self.host_free(cx, stage)?;
            return not_supported("a captured copy of ordinary host memory");
        };
        let mut offset = 0;
        while offset < bytes {
            let len = stage_bytes.min(bytes - offset);
            let src = self.recorded_source(cx, ends.1, (reached, stage), (offset, len), order)?;
            let (dst, behind) = match ends.0 {
                End::There(place) => (further(place, offset)?, None),
                End::Here(address) => (reached, Some(address)),
            };
            let copy = WireCopy {
                dst,
                src,
                bytes: len,
                stream: order.stream,
                wait: false,
            };
            // From host to host the stage is both.
            if copy.dst != copy.src {
                self.copy_there(cx, &copy, false)?;
            }
            if let Some(address) = behind {
                let to = address.checked_add(offset).ok_or(CuError::INVALID_VALUE)?;
                self.record_move(cx, to, stage, len, order)?;
            }
            offset += len;
        }
        Ok(())
    }

    /// Where a piece of a recorded copy comes from; from pageable memory through the stage.
    fn recorded_source(
        &self,
        cx: Cx,
        src: End,
        (reached, stage): (WirePlace<'static>, HostPtr),
        (offset, len): (u64, u64),
        order: Order,
    ) -> CuResult<WirePlace<'static>> {
        match src {
            End::There(place) => further(place, offset),
            End::Here(address) => {
                let from = address.checked_add(offset).ok_or(CuError::INVALID_VALUE)?;
                self.record_move(cx, stage, from, len, order)?;
                Ok(reached)
            }
        }
    }

    /// Records a host function that copies bytes of this process.
    fn record_move(
        &self,
        cx: Cx,
        dst: HostPtr,
        src: HostPtr,
        bytes: u64,
        order: Order,
    ) -> CuResult<()> {
        let moved: HostCallback = Arc::new(move |_| {
            // SAFETY: the caller of a captured copy vouches for its memory at every replay, and the
            // stage is never freed.
            let ends = unsafe { (CallerBytes::new(dst, bytes), CallerBytes::new(src, bytes)) };
            if let (Ok(dst), Ok(src)) = ends {
                dst.write(0, src.as_slice());
            }
        });
        self.launch_host(cx, order.stream, moved, false)
    }

    /// Waits for the work that is before a copy made here.
    fn catch_up(&self, cx: Cx, order: Order) -> CuResult<()> {
        self.stream_synchronize(cx, order.stream)
    }

    fn box_up(
        &self,
        cx: Cx,
        copy: &Copy3d,
        dst: WirePlace<'_>,
        src: HostPtr,
        order: Order,
    ) -> CuResult<()> {
        // SAFETY: the caller of a copy vouches for the whole box at its source; it is captured before this
        // function returns.
        let rows = unsafe { CallerBox::new(src, &copy.src, copy.extent) }?;
        let mut request = self.request(cx, Call::COPY3D)?;
        if rows.bytes() <= INLINE_BYTES_MAX as u64 {
            let packed = WirePlace::Bytes(Payload::Inline(&rows.to_vec()?));
            wire_box(copy, dst, packed, order).put(&mut request);
            return self.post(request);
        }
        let number = request.session().inbox.new_transfer();
        let payload = Payload::Bulk(Transfer {
            number,
            bytes: rows.bytes(),
        });
        wire_box(copy, dst, WirePlace::Bytes(payload), order).put(&mut request);
        let bulk = Bulk {
            transfer: number,
            source: Source::Box(&rows),
        };
        self.post_with(request, Some(bulk))
    }

    fn box_down(
        &self,
        cx: Cx,
        copy: &Copy3d,
        dst: HostPtr,
        src: WirePlace<'_>,
        order: Order,
    ) -> CuResult<()> {
        // SAFETY: the caller of a copy vouches for the whole box at its destination; the sink that writes
        // it is closed before this function returns.
        let rows = unsafe { CallerBox::new(dst, &copy.dst, copy.extent) }?;
        let bytes = rows.bytes();
        let mut request = self.request(cx, Call::COPY3D_WAIT)?;
        let session = request.session();
        let brief = bytes <= INLINE_BYTES_MAX as u64;
        let number = if brief {
            0
        } else {
            session.inbox.new_transfer()
        };
        let back = WirePlace::Bytes(match brief {
            true => Payload::Inline(&[]),
            false => Payload::Bulk(Transfer { number, bytes }),
        });
        wire_box(copy, back, src, order).put(&mut request);
        request.wait_for(order.stream);
        if brief {
            let packed = self.wait(request)?.bytes()?;
            let fits = packed.len() as u64 == bytes && rows.write(0, &packed);
            return if fits { Ok(()) } else { Err(CuError::UNKNOWN) };
        }
        let waiter = session.inbox.slot(cx.thread)?;
        let sink = Sink::Box {
            rows,
            received: 0,
            waiter: Arc::clone(waiter),
        };
        session.inbox.open_sink(number, sink);
        let landed = self.wait(request).and_then(|_| {
            let waited = session.inbox.wait_bytes(waiter, number, bytes);
            waited.map_err(|error| ring_error(session, &error))
        });
        session.inbox.close_sink(number);
        STATS.bytes(0, bytes);
        landed
    }
}

/// What an end is: an address in an arena, or on the device, is the worker's to reach, whatever the
/// caller took it for.
fn end(session: &Session, place: Place, bytes: u64) -> End {
    match place {
        Place::Device(address) => End::There(WirePlace::Device(address)),
        Place::Array(slot) => End::There(WirePlace::Array(slot)),
        Place::Host(address)
            if session.pinned.holds(address.0, bytes)
                || session.mirrors.holds(address.0, bytes) =>
        {
            End::There(WirePlace::Shared(address.0))
        }
        Place::Host(address) => match session.allocations.find(address.0) {
            Some(info) if on_device(info.kind) => {
                End::There(WirePlace::Device(DevicePtr(address.0)))
            }
            _ => End::Here(address),
        },
    }
}

/// Whether an end is known to be there as a whole. Device memory may be known to the worker alone, as
/// what a graph allocates; where no device memory can be the call is refused.
fn is_known(session: &Session, place: Place, bytes: u64) -> CuResult<bool> {
    let Place::Device(DevicePtr(address)) = place else {
        return Ok(true);
    };
    if session.allocations.covers(address, bytes) {
        return Ok(true);
    }
    let range = session.welcome.device_range;
    match range.bytes == 0 || address.wrapping_sub(range.base) < range.bytes {
        true => Ok(false),
        false => Err(CuError::INVALID_VALUE),
    }
}

/// From the first byte of a fill to its last.
fn filled_bytes(fill: &Fill) -> u64 {
    let row = fill.width.saturating_mul(u64::from(fill.element_bytes));
    let before = fill.height.saturating_sub(1);
    fill.pitch_bytes.saturating_mul(before).saturating_add(row)
}

/// Whether the program reads device memory at this address through plain pointers.
fn is_seen_here(session: &Session, address: u64) -> bool {
    session.pinned.holds(address, 1)
        || session.mirrors.holds(address, 1)
        || session.managed.holds(address)
}

/// Where the only row of a box begins.
fn row_end(end: End, side: &Side) -> CuResult<End> {
    let offset = row_offset(side, 0, 0).ok_or(CuError::INVALID_VALUE)?;
    Ok(match end {
        End::There(place) => End::There(further(place, offset)?),
        End::Here(address) => End::Here(address.checked_add(offset).ok_or(CuError::INVALID_VALUE)?),
    })
}

/// A place further on.
fn further(place: WirePlace<'static>, bytes: u64) -> CuResult<WirePlace<'static>> {
    let beyond = CuError::INVALID_VALUE;
    Ok(match place {
        WirePlace::Device(address) => WirePlace::Device(address.checked_add(bytes).ok_or(beyond)?),
        WirePlace::Shared(address) => WirePlace::Shared(address.checked_add(bytes).ok_or(beyond)?),
        WirePlace::Array(slot) => WirePlace::Array(ArraySlot {
            offset_bytes: slot.offset_bytes.checked_add(bytes).ok_or(beyond)?,
            ..slot
        }),
        WirePlace::Bytes(_) => return Err(CuError::UNKNOWN),
    })
}

fn on_device(kind: AllocationKind) -> bool {
    matches!(kind, AllocationKind::Device | AllocationKind::Managed)
}

fn payload<'a>(session: &Session, bytes: &'a [u8]) -> Payload<'a> {
    if bytes.len() <= INLINE_BYTES_MAX {
        return Payload::Inline(bytes);
    }
    Payload::Bulk(Transfer {
        number: session.inbox.new_transfer(),
        bytes: bytes.len() as u64,
    })
}

fn bulk<'a>(payload: Payload<'_>, bytes: &'a [u8]) -> Option<Bulk<'a>> {
    match payload {
        Payload::Inline(_) => None,
        Payload::Bulk(transfer) => Some(Bulk {
            transfer: transfer.number,
            source: Source::Line(bytes),
        }),
    }
}

fn wire_box<'a>(
    copy: &Copy3d,
    dst: WirePlace<'a>,
    src: WirePlace<'a>,
    order: Order,
) -> WireCopy3d<'a> {
    WireCopy3d {
        dst: wire_side(&copy.dst, copy, dst),
        src: wire_side(&copy.src, copy, src),
        extent: copy.extent,
        stream: order.stream,
        wait: order.wait,
    }
}

fn wire_side<'a>(side: &Side, copy: &Copy3d, place: WirePlace<'a>) -> WireSide<'a> {
    let packed = matches!(place, WirePlace::Bytes(_));
    WireSide {
        place,
        x_bytes: if packed { 0 } else { side.x_bytes },
        y: if packed { 0 } else { side.y },
        z: if packed { 0 } else { side.z },
        pitch_bytes: if packed {
            copy.extent.width_bytes
        } else {
            side.pitch_bytes
        },
        rows: if packed {
            copy.extent.height
        } else {
            side.rows
        },
    }
}
