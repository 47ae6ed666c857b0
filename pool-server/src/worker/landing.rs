//! Where the bytes of a copy from the client go once its record has been understood: chunk by chunk,
//! while other threads' calls go on. It reads no ring. Read [`Landing`] first.

use rigel_protocol::call::{Cx, HostPtr};
use rigel_protocol::custom::{Extent, Order, Place, Side};
use rigel_protocol::handle::{DevicePtr, Stream};
use rigel_protocol::link::Transfer;
use rigel_protocol::{CuError, CuResult, Driver};

use super::fault::Fault;
use super::upload::Chunk;

/// A copy whose bytes are on their way.
#[derive(Debug)]
pub(super) struct Landing {
    /// Which bytes.
    pub(super) transfer: Transfer,
    /// On whose behalf.
    pub(super) cx: Cx,
    /// The driver's stream, and whether to wait.
    pub(super) order: Order,
    /// The stream as the client names it.
    pub(super) stream: Stream,
    /// The memory they are for.
    pub(super) target: Target,
}

/// What a copy fills.
#[derive(Debug)]
pub(super) enum Target {
    /// A stretch: each chunk goes to the driver at once, which has captured it when its call returns.
    Line(Place),
    /// A box whose rows follow one another: likewise, each chunk in as few boxes as it has.
    Box {
        /// Where.
        dst: Side,
        /// How much.
        extent: Extent,
    },
}

impl Landing {
    /// Takes the next chunk.
    pub(super) fn take(
        &self,
        driver: &dyn Driver,
        offset: u64,
        chunk: Chunk<'_>,
    ) -> Result<(), Fault> {
        let (src, bytes) = chunk.place();
        match &self.target {
            Target::Line(dst) => {
                let dst = further(*dst, offset)?;
                Ok(driver.copy(self.cx, dst, Place::Host(src), bytes, self.order)?)
            }
            Target::Box { dst, extent } => {
                let mut taken = 0;
                while let Some(piece) = extent.piece(offset + taken, bytes - taken) {
                    let copy = piece.copy_from(HostPtr(src.0 + taken), dst)?;
                    driver.copy_3d(self.cx, &copy, self.order)?;
                    taken += piece.bytes();
                }
                Ok(())
            }
        }
    }
}

/// A place further on.
pub(super) fn further(place: Place, bytes: u64) -> CuResult<Place> {
    let beyond = CuError::INVALID_VALUE;
    Ok(match place {
        Place::Host(address) => Place::Host(address.checked_add(bytes).ok_or(beyond)?),
        Place::Device(DevicePtr(address)) => {
            Place::Device(DevicePtr(address.checked_add(bytes).ok_or(beyond)?))
        }
        Place::Array(mut slot) => {
            slot.offset_bytes = slot.offset_bytes.checked_add(bytes).ok_or(beyond)?;
            Place::Array(slot)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_beyond_the_last_address_is_refused() {
        assert!(further(Place::Device(DevicePtr(u64::MAX)), 1).is_err());
        let further = further(Place::Device(DevicePtr(8)), 8);
        assert_eq!(further, Ok(Place::Device(DevicePtr(16))));
    }
}
