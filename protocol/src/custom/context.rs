//! Start, devices and contexts. The context *stack* of each thread is the interposer's.

use serde::{Deserialize, Serialize};

use super::not_supported;
use crate::call::ThreadId;
use crate::handle::{Context, Device};
use crate::status::{CuError, CuResult};

/// Where a device sits on the PCI bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PciAddress {
    /// PCI domain.
    pub domain: u32,
    /// PCI bus.
    pub bus: u32,
    /// PCI device (slot).
    pub device: u32,
}

/// Everything about a device that does not change while a process runs; asked once at start, then
/// answered locally.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceProfile {
    /// Name as `cuDeviceGetName` gives it.
    pub name: String,
    /// UUID, 16 raw bytes.
    pub uuid: [u8; 16],
    /// Total memory in bytes; under a lease the quota.
    pub total_bytes: u64,
    /// PCI address; also part of the client's integrity check.
    pub pci: PciAddress,
    /// `CUdevice_attribute` values, indexed by their number; unknown ones are 0.
    pub attributes: Vec<i32>,
}

impl DeviceProfile {
    /// Most attributes a profile holds; CUDA 13.2 numbers them below 160.
    pub const ATTRIBUTES_MAX: usize = 256;

    /// The attribute with this number, 0 if the profile does not know it.
    pub fn attribute(&self, number: i32) -> i32 {
        usize::try_from(number)
            .ok()
            .and_then(|index| self.attributes.get(index).copied())
            .unwrap_or(0)
    }

    /// Compute capability (attributes 75 and 76).
    pub fn capability(&self) -> (i32, i32) {
        (self.attribute(75), self.attribute(76))
    }
}

/// Start and end of a process's use of the driver, and the devices it sees.
pub trait Lifecycle {
    /// The first call (`cuInit`): connects, or opens the devices. Called again it does nothing.
    fn init(&self) -> CuResult<()> {
        not_supported("cuInit")
    }

    /// The version `cuDriverGetVersion` reports, e.g. 13020. Works before [`Self::init`].
    fn driver_version(&self) -> CuResult<i32> {
        not_supported("cuDriverGetVersion")
    }

    /// The devices, in ordinal order; `CUDA_ERROR_NOT_INITIALIZED` before [`Self::init`].
    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        not_supported("cuDeviceGetCount")
    }

    /// One device's profile, `CUDA_ERROR_INVALID_DEVICE` if there is none of that ordinal.
    fn device(&self, device: Device) -> CuResult<&DeviceProfile> {
        usize::try_from(device.0)
            .ok()
            .and_then(|ordinal| self.devices().map(|all| all.get(ordinal)).transpose())
            .unwrap_or(Err(CuError::INVALID_DEVICE))
    }

    /// A client thread has ended: its per-thread default streams may go.
    fn thread_end(&self, _thread: ThreadId) {}
}

/// Contexts as objects. Reference counts of primary contexts, flags and each thread's stack are the
/// interposer's, which calls these on the first retain and the last release only.
pub trait Contexts {
    /// Makes a device's primary context ([`Context::primary`]) active.
    fn primary_activate(&self, _device: Device, _flags: u32) -> CuResult<()> {
        not_supported("cuDevicePrimaryCtxRetain")
    }

    /// Destroys what a primary context holds (last release, or reset). It can be activated again.
    fn primary_reset(&self, _device: Device) -> CuResult<()> {
        not_supported("cuDevicePrimaryCtxReset")
    }

    /// Creates a context on a device. Its handle's index is [`Context::PRIMARY_MAX`] or more.
    fn context_create(&self, _device: Device, _flags: u32) -> CuResult<Context> {
        not_supported("cuCtxCreate")
    }

    /// Destroys a context made by [`Self::context_create`] and everything in it.
    fn context_destroy(&self, _context: Context) -> CuResult<()> {
        not_supported("cuCtxDestroy")
    }
}
