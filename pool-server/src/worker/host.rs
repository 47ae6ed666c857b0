//! What the generated dispatcher asks of the session it works for. It says nothing of rings, and the
//! driver is behind [`Host::driver`]. Read [`Host`] first.

use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Device, DevicePtr, HandleKind};
use rigel_protocol::wire::WireError;
use rigel_protocol::{CuError, CuResult, Cx, Driver};

/// What a charge was made for, and is given back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Owned {
    /// Memory that begins here.
    Memory(DevicePtr),
    /// An object, by the client's handle.
    Handle(HandleKind, u64),
}

/// A session's side of a call. All handles it takes are the client's numbers unless called real; all
/// come from a peer and may be anything.
pub(crate) trait Host {
    /// Memory taken from the quota; dropped without [`Host::keep`] it is given back.
    type Charge;

    /// The driver.
    fn driver(&self) -> &dyn Driver;

    /// The caller as the driver knows it: the real context of the caller's current one.
    fn enter(&self, cx: Cx) -> CuResult<Cx>;

    /// The real handle; `CUDA_ERROR_INVALID_HANDLE` if the client has none of this number and kind.
    /// Default streams become what they are for the calling thread. A [`HandleKind::Function`] may
    /// be a kernel.
    fn resolve(&self, cx: Cx, kind: HandleKind, minted: u64) -> CuResult<u64>;

    /// Checks that a number the client has minted is of its kind and not in use.
    fn vacant(&self, kind: HandleKind, minted: u64) -> CuResult<()>;

    /// Gives a real handle the number the client has minted for it.
    fn bind(&self, cx: Cx, kind: HandleKind, minted: u64, real: u64);

    /// Forgets a handle that is destroyed.
    fn unbind(&self, kind: HandleKind, minted: u64);

    /// The number of a real handle that the driver handed out by itself: the one it has already, or
    /// a new one of the server's, whose index is `0x8000_0000` or more. Null stays null.
    fn adopt(&self, cx: Cx, kind: HandleKind, real: u64) -> CuResult<u64>;

    /// The real device of a client's ordinal.
    fn device(&self, device: Device) -> CuResult<Device>;

    /// The client's ordinal of a real device.
    fn ordinal(&self, device: Device) -> CuResult<Device>;

    /// Takes memory of the caller's device from the quota; `CUDA_ERROR_OUT_OF_MEMORY` if it is
    /// used up.
    fn charge(&self, cx: Cx, bytes: u64) -> CuResult<Self::Charge>;

    /// Writes a charge into the books of what it was made for.
    fn keep(&self, charge: Self::Charge, owned: Owned);

    /// Gives back what was charged for this; nothing if nothing was.
    fn refund(&self, owned: Owned);

    /// The client's record of this call makes no sense: the session ends, and this is its last error.
    fn malformed(&self, call: Call, error: WireError) -> CuError;
}
