//! What a session is given, in the words of the control messages.

use rigel_protocol::control::{
    AddressRange, Refusal, RefusalCause, RingSizes, WIRE, Welcome, WireVersion,
};
use rigel_transport::{Layout, Ring};

use super::lease::{Grant, random_bytes};
use super::peer::Peer;
use super::server::Server;
use super::spares::Workers;
use crate::worker::control::{DeviceAssignment, Ready};

/// The wire both sides speak.
pub(super) fn agree(theirs: WireVersion) -> Result<WireVersion, Refusal> {
    if theirs.major != WIRE.major {
        return Err(Refusal {
            cause: RefusalCause::WireVersion,
            message: format!(
                "the client speaks wire {}.{}, this server {}.{}; use a client library of the \
                 server's version",
                theirs.major, theirs.minor, WIRE.major, WIRE.minor
            ),
        });
    }
    Ok(WireVersion {
        major: WIRE.major,
        minor: std::cmp::min(WIRE.minor, theirs.minor),
    })
}

/// A virtual GPU.
pub(super) fn device(grant: &Grant) -> DeviceAssignment {
    DeviceAssignment {
        physical: grant.physical,
        line: grant.line,
        quota_bytes: grant.own_bytes.unwrap_or(0),
    }
}

/// What its client is told, now that its worker has begun.
pub(super) fn welcome(
    session: u64,
    ready: Ready,
    (layout, arena_range): (RingSizes, AddressRange),
    wire: WireVersion,
) -> anyhow::Result<Welcome> {
    Ok(Welcome {
        wire,
        session,
        resume_secret: random_bytes()?,
        layout,
        devices: ready.devices,
        driver_version: ready.driver_version,
        driver_name: ready.driver_name,
        soft: ready.soft,
        device_range: ready.device_range,
        arena_range,
        call_id_max: ready.call_id_max,
        grace_ms: 0,
    })
}

/// The shape of a session's memory: for a client elsewhere the rings for bulk hold what is on the way.
pub(super) fn layout(server: &Server, peer: &Peer) -> anyhow::Result<Layout> {
    let usual = Workers::layout();
    let Peer::Remote { address, .. } = peer else {
        return Ok(usual);
    };
    let is_loopback = address.ip().to_canonical().is_loopback();
    let window = server.bulk_windows[usize::from(is_loopback)];
    let sizes = [
        usual.ring_bytes(Ring::Command),
        window,
        usual.ring_bytes(Ring::Reply),
        window,
    ];
    Ok(Layout::new(sizes)?)
}

/// Rings.
pub(super) fn ring_sizes(layout: &Layout) -> RingSizes {
    RingSizes {
        command: layout.ring_bytes(Ring::Command),
        upload: layout.ring_bytes(Ring::Upload),
        reply: layout.ring_bytes(Ring::Reply),
        download: layout.ring_bytes(Ring::Download),
    }
}

/// Addresses for page-locked memory.
pub(super) fn arena_range() -> AddressRange {
    let range = rigel_transport::arena::ARENA_RANGE;
    AddressRange {
        base: range.start,
        bytes: range.end - range.start,
    }
}
