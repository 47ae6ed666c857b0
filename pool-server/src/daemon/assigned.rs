//! What a session is given, in the words of the control messages.

use rigel_protocol::control::{AddressRange, RingSizes};
use rigel_transport::{Layout, Ring};

use super::lease::Grant;
use super::peer::Peer;
use super::server::Server;
use super::spares::Workers;
use crate::worker::control::DeviceAssignment;

/// A virtual GPU.
pub(super) fn device(grant: &Grant) -> DeviceAssignment {
    DeviceAssignment {
        physical: grant.physical,
        line: grant.line,
        quota_bytes: grant.own_bytes.unwrap_or(0),
    }
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
