//! Copies and fills.
//!
//! 1. Bytes of the client go to the driver chunk by chunk, from the ring, as they come
//!    ([`Landing`]), those of a box too: other threads' calls go on between.
//! 2. Bytes for the client are written by the driver into the ring, on the waiter of the calling
//!    thread, since they come when the stream has reached them.
//! 3. A host address is only ever one of our own memory or in a placed arena.

use rigel_protocol::call::HostPtr;
use rigel_protocol::custom::{ArraySlot, Copy3d, Extent, Order, Place, Side};
use rigel_protocol::handle::Stream;
use rigel_protocol::link::{
    INLINE_BYTES_MAX, Payload, Transfer, WireCopy, WireCopy3d, WireFill, WirePlace, WireSide,
};
use rigel_protocol::{CuError, CuResult};

use crate::worker::fault::Fault;
use crate::worker::gate::Work;
use crate::worker::issue::{Issue, Results};
use crate::worker::landing::{Landing, Target, further};
use crate::worker::meter::Counter;

/// Longest copy that is waited for on the issue thread.
const BRIEF_BYTES_MAX: u64 = 64 << 10;

/// What fills and copies within a GPU are called among its work: no function has such a handle.
const FILLS: u64 = 1;
const COPIES: u64 = 2;

/// `copy` and `copyWait`.
pub(super) fn line(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let copy = WireCopy::get(issue.args())?;
    issue.end_of_record()?;
    issue.session().meter.add(Counter::Copies, 1);
    match (copy.dst, copy.src) {
        (_, WirePlace::Bytes(payload)) => from_client(issue, &copy, payload),
        (WirePlace::Bytes(payload), _) => to_client(issue, &copy, payload),
        _ => between(issue, &copy),
    }
}

/// `copy3d` and `copy3dWait`.
pub(super) fn cuboid(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let copy = WireCopy3d::get(issue.args())?;
    issue.end_of_record()?;
    issue.session().meter.add(Counter::Copies, 1);
    match (copy.dst.place, copy.src.place) {
        (_, WirePlace::Bytes(payload)) => box_from_client(issue, &copy, payload),
        (WirePlace::Bytes(payload), _) => box_to_client(issue, &copy, payload),
        _ => box_between(issue, &copy),
    }
}

/// `fill`.
pub(super) fn fill(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let WireFill { fill, stream, wait } = issue.get()?;
    issue.end_of_record()?;
    let order = real_order(issue, stream, wait)?;
    issue.pass(order.stream, || {
        bytes_work(FILLS, fill.width.saturating_mul(fill.height))
    });
    Ok(issue.driver().fill(issue.cx(), &fill, order)?)
}

fn from_client(
    issue: &mut Issue<'_>,
    copy: &WireCopy<'_>,
    payload: Payload<'_>,
) -> Result<(), Fault> {
    let session = issue.session();
    session.meter.add(Counter::BytesUp, payload.len());
    let ready = checked(issue, &copy.dst, copy.bytes).and_then(|dst| {
        let order = real_order(issue, copy.stream, copy.wait)?;
        match payload.len() == copy.bytes {
            true => Ok((dst, order)),
            false => Err(CuError::INVALID_VALUE),
        }
    });
    let (dst, order) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            issue.upload.skip(payload)?;
            return Err(error.into());
        }
    };
    let cx = issue.cx();
    match payload {
        Payload::Inline([]) => Ok(()),
        Payload::Inline(bytes) => {
            let src = Place::Host(HostPtr(bytes.as_ptr() as u64));
            Ok(session.driver.copy(cx, dst, src, copy.bytes, order)?)
        }
        Payload::Bulk(transfer) => issue.land(Landing {
            transfer,
            cx,
            order,
            stream: copy.stream,
            target: Target::Line(dst),
        }),
    }
}

fn to_client(
    issue: &mut Issue<'_>,
    copy: &WireCopy<'_>,
    payload: Payload<'_>,
) -> Result<(), Fault> {
    let src = checked(issue, &copy.src, copy.bytes)?;
    let order = real_order(issue, copy.stream, true)?;
    let bytes = copy.bytes;
    match payload {
        Payload::Bulk(transfer) if transfer.bytes == bytes => {
            return issue.later(move |_, results| send_down(results, src, transfer, order));
        }
        Payload::Inline([]) if bytes <= INLINE_BYTES_MAX as u64 => {}
        _ => return Err(CuError::INVALID_VALUE.into()),
    }
    if is_idle(issue, order.stream) {
        issue.session().catch_up()?;
        return send_inline(issue, src, bytes, order);
    }
    issue.later(move |_, results| send_inline(results, src, bytes, order))
}

/// Whether a stream has nothing to wait for: then a thread of its own only costs time.
fn is_idle(issue: &Issue<'_>, stream: Stream) -> bool {
    issue.session().may_query() && issue.driver().stream_query(issue.cx(), stream).is_ok()
}

/// A few bytes ride in the answer.
fn send_inline(
    results: &mut Results<'_>,
    src: Place,
    bytes: u64,
    order: Order,
) -> Result<(), Fault> {
    let mut room = [0_u8; INLINE_BYTES_MAX];
    let room = room
        .get_mut(..bytes as usize)
        .ok_or(CuError::INVALID_VALUE)?;
    if bytes > 0 {
        let dst = Place::Host(HostPtr(room.as_mut_ptr() as u64));
        results
            .driver()
            .copy(results.cx(), dst, src, bytes, order)?;
    }
    results.session().meter.add(Counter::BytesDown, bytes);
    results.put_bytes(room);
    Ok(())
}

/// Many are written into the download ring by the driver.
fn send_down(
    results: &mut Results<'_>,
    src: Place,
    transfer: Transfer,
    order: Order,
) -> Result<(), Fault> {
    let (session, cx) = (results.session(), results.cx());
    session.replies.send_filled(transfer, |offset, room, len| {
        let src = further(src, offset)?;
        Ok(session
            .driver
            .copy(cx, Place::Host(room), src, len, order)?)
    })?;
    session.meter.add(Counter::BytesDown, transfer.bytes);
    Ok(())
}

/// Neither end is bytes of the client.
fn between(issue: &mut Issue<'_>, copy: &WireCopy<'_>) -> Result<(), Fault> {
    let dst = checked(issue, &copy.dst, copy.bytes)?;
    let src = checked(issue, &copy.src, copy.bytes)?;
    let (cx, bytes) = (issue.cx(), copy.bytes);
    if let (Place::Device(_), Place::Device(_)) = (dst, src) {
        issue.pass(issue.real_stream(copy.stream)?, || {
            bytes_work(COPIES, bytes)
        });
    }
    if !issue.caller().waits {
        let order = real_order(issue, copy.stream, false)?;
        return Ok(issue.driver().copy(cx, dst, src, bytes, order)?);
    }
    let order = real_order(issue, copy.stream, true)?;
    if bytes <= BRIEF_BYTES_MAX && is_idle(issue, order.stream) {
        issue.driver().copy(cx, dst, src, bytes, order)?;
        return issue.session().catch_up();
    }
    issue.later(move |driver, _| Ok(driver.copy(cx, dst, src, bytes, order)?))
}

fn box_from_client(
    issue: &mut Issue<'_>,
    copy: &WireCopy3d<'_>,
    payload: Payload<'_>,
) -> Result<(), Fault> {
    issue.session().meter.add(Counter::BytesUp, payload.len());
    let ready = box_bytes(copy.extent).and_then(|bytes| {
        if bytes != payload.len() {
            return Err(CuError::INVALID_VALUE);
        }
        let dst = side(issue, &copy.dst, copy.extent)?;
        Ok((dst, real_order(issue, copy.stream, copy.wait)?))
    });
    let (dst, order) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            issue.upload.skip(payload)?;
            return Err(error.into());
        }
    };
    let (cx, extent) = (issue.cx(), copy.extent);
    match payload {
        Payload::Inline(bytes) => {
            let src = extent.packed_at(HostPtr(bytes.as_ptr() as u64));
            let copy = Copy3d { dst, src, extent };
            Ok(issue.driver().copy_3d(cx, &copy, order)?)
        }
        Payload::Bulk(transfer) => issue.land(Landing {
            transfer,
            cx,
            order,
            stream: copy.stream,
            target: Target::Box { dst, extent },
        }),
    }
}

fn box_to_client(
    issue: &mut Issue<'_>,
    copy: &WireCopy3d<'_>,
    payload: Payload<'_>,
) -> Result<(), Fault> {
    let (bytes, extent) = (box_bytes(copy.extent)?, copy.extent);
    let src = side(issue, &copy.src, extent)?;
    let order = real_order(issue, copy.stream, true)?;
    match payload {
        Payload::Bulk(transfer) if transfer.bytes == bytes => issue.later(move |_, results| {
            let (session, cx) = (results.session(), results.cx());
            session
                .replies
                .send_pieces(transfer, extent, |piece, room| {
                    let copy = piece.copy_to(room, &src)?;
                    Ok(session.driver.copy_3d(cx, &copy, order)?)
                })?;
            session.meter.add(Counter::BytesDown, bytes);
            Ok(())
        }),
        Payload::Inline([]) if bytes <= INLINE_BYTES_MAX as u64 => {
            issue.later(move |driver, results| {
                let mut packed = [0_u8; INLINE_BYTES_MAX];
                let dst = extent.packed_at(HostPtr(packed.as_mut_ptr() as u64));
                driver.copy_3d(results.cx(), &Copy3d { dst, src, extent }, order)?;
                results.session().meter.add(Counter::BytesDown, bytes);
                results.put_bytes(packed.get(..bytes as usize).unwrap_or_default());
                Ok(())
            })
        }
        _ => Err(CuError::INVALID_VALUE.into()),
    }
}

fn box_between(issue: &mut Issue<'_>, copy: &WireCopy3d<'_>) -> Result<(), Fault> {
    let dst = side(issue, &copy.dst, copy.extent)?;
    let src = side(issue, &copy.src, copy.extent)?;
    let (cx, stream) = (issue.cx(), copy.stream);
    let copy = Copy3d {
        dst,
        src,
        extent: copy.extent,
    };
    if let (Place::Device(_), Place::Device(_)) = (dst.place, src.place) {
        let bytes = box_bytes(copy.extent)?;
        issue.pass(issue.real_stream(stream)?, || bytes_work(COPIES, bytes));
    }
    if issue.caller().waits {
        let order = real_order(issue, stream, true)?;
        return issue.later(move |driver, _| Ok(driver.copy_3d(cx, &copy, order)?));
    }
    let order = real_order(issue, stream, false)?;
    Ok(issue.driver().copy_3d(cx, &copy, order)?)
}

/// What tells how long it takes to write so many bytes, or elements.
fn bytes_work(what: u64, bytes: u64) -> Work {
    Work {
        what,
        size: bytes.checked_next_power_of_two().unwrap_or(u64::MAX),
    }
}

fn real_order(issue: &Issue<'_>, stream: Stream, wait: bool) -> CuResult<Order> {
    Ok(Order {
        stream: issue.real_stream(stream)?,
        wait,
    })
}

/// The driver's place of what is not bytes of the client. Of an arena all bytes are checked.
fn checked(issue: &Issue<'_>, place: &WirePlace<'_>, bytes: u64) -> CuResult<Place> {
    match *place {
        WirePlace::Device(address) => Ok(Place::Device(address)),
        WirePlace::Array(ArraySlot {
            array,
            offset_bytes,
        }) => {
            let array = issue.session().handles.real(array)?;
            Ok(Place::Array(ArraySlot {
                array,
                offset_bytes,
            }))
        }
        WirePlace::Shared(address) => {
            issue.session().arenas.check(HostPtr(address), bytes)?;
            Ok(Place::Host(HostPtr(address)))
        }
        WirePlace::Bytes(_) => Err(CuError::INVALID_VALUE),
    }
}

fn side(issue: &Issue<'_>, side: &WireSide<'_>, extent: Extent) -> CuResult<Side> {
    let bytes = match side.place {
        WirePlace::Shared(_) => reach(side, extent)?,
        _ => 0,
    };
    let place = checked(issue, &side.place, bytes)?;
    let WireSide {
        x_bytes,
        y,
        z,
        pitch_bytes,
        rows,
        ..
    } = *side;
    Ok(Side {
        place,
        x_bytes,
        y,
        z,
        pitch_bytes,
        rows,
    })
}

/// How far from its base a box reaches.
fn reach(end: &WireSide<'_>, extent: Extent) -> CuResult<u64> {
    let last = |first: u64, count: u64| first.checked_add(count)?.checked_sub(1);
    let reach = || {
        if extent.width_bytes == 0 || extent.height == 0 || extent.depth == 0 {
            return Some(0);
        }
        let slices = last(end.z, extent.depth)?.checked_mul(end.rows)?;
        let rows = slices.checked_add(last(end.y, extent.height)?)?;
        let start = rows.checked_mul(end.pitch_bytes)?;
        start
            .checked_add(end.x_bytes)?
            .checked_add(extent.width_bytes)
    };
    reach().ok_or(CuError::INVALID_VALUE)
}

fn box_bytes(extent: Extent) -> CuResult<u64> {
    extent.bytes().ok_or(CuError::INVALID_VALUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(y: u64, z: u64, pitch_bytes: u64, rows: u64) -> WireSide<'static> {
        WireSide {
            place: WirePlace::Shared(0x1000),
            x_bytes: 3,
            y,
            z,
            pitch_bytes,
            rows,
        }
    }

    #[test]
    fn reach_ends_with_the_last_byte_of_the_last_row() {
        let extent = Extent {
            width_bytes: 4,
            height: 2,
            depth: 3,
        };
        assert_eq!(
            reach(&end(0, 0, 16, 5), extent),
            Ok((2 * 5 + 1) * 16 + 3 + 4)
        );
        assert_eq!(
            reach(&end(1, 1, 16, 5), extent),
            Ok((3 * 5 + 2) * 16 + 3 + 4)
        );
        assert_eq!(
            reach(
                &end(1, 1, 16, 5),
                Extent {
                    height: 0,
                    ..extent
                }
            ),
            Ok(0)
        );
        for bad in [
            end(u64::MAX, 0, 16, 5),
            end(0, 0, u64::MAX, 5),
            end(0, 2, 1, u64::MAX),
        ] {
            assert_eq!(reach(&bad, extent), Err(CuError::INVALID_VALUE), "{bad:?}");
        }
    }
}
