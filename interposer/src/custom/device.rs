//! Devices, answered from the profiles that the driver gave at start.

use std::ffi::{CStr, c_char};

use rigel_protocol::custom::{DeviceProfile, PciAddress};
use rigel_protocol::generated::types::{CUdevice_attribute, CUdevprop, CUexecAffinityType, CUuuid};
use rigel_protocol::handle::Device;
use rigel_protocol::{CuError, CuResult};

use crate::ffi;
use crate::install::driver;
use crate::state;

/// Bytes of a PCI bus id with its zero byte: `0000:00:00.0`.
const PCI_BUS_ID_BYTES: usize = 13;

/// `CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH`.
const TEXTURE_1D_LINEAR_WIDTH: i32 = 69;

pub(crate) unsafe fn cuDeviceGet(device: *mut Device, ordinal: i32) -> CuResult<()> {
    ffi::check_out(device)?;
    profile(Device(ordinal))?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(device, Device(ordinal)) }
}

pub(crate) unsafe fn cuDeviceGetCount(count: *mut i32) -> CuResult<()> {
    ffi::check_out(count)?;
    let devices = profiles()?.len();
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(count, i32::try_from(devices).unwrap_or(i32::MAX)) }
}

pub(crate) unsafe fn cuDeviceGetName(name: *mut c_char, len: i32, dev: Device) -> CuResult<()> {
    let profile = profile(dev)?;
    let len = usize::try_from(len).map_err(|_| CuError::INVALID_VALUE)?;
    // SAFETY: the caller's buffer of `len` bytes.
    unsafe { ffi::write_string(name, len, profile.name.as_bytes()) }
}

pub(crate) unsafe fn cuDeviceGetUuid_v2(uuid: *mut CUuuid, dev: Device) -> CuResult<()> {
    let bytes = profile(dev)?.uuid;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(uuid, CUuuid { bytes }) }
}

pub(crate) use cuDeviceGetUuid_v2 as cuDeviceGetUuid;

/// Locally unique ids belong to Windows; elsewhere they are zero.
pub(crate) unsafe fn cuDeviceGetLuid(
    luid: *mut c_char,
    device_node_mask: *mut u32,
    dev: Device,
) -> CuResult<()> {
    profile(dev)?;
    // SAFETY: the caller's out-pointers; a LUID has 8 bytes.
    unsafe {
        ffi::write(luid.cast::<[u8; 8]>(), [0; 8])?;
        ffi::write(device_node_mask, 0)
    }
}

pub(crate) unsafe fn cuDeviceTotalMem_v2(bytes: *mut usize, dev: Device) -> CuResult<()> {
    let total = profile(dev)?.total_bytes;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(bytes, usize::try_from(total).unwrap_or(usize::MAX)) }
}

pub(crate) unsafe fn cuDeviceGetTexture1DLinearMaxWidth(
    max_width_in_elements: *mut usize,
    _format: u32,
    num_channels: u32,
    dev: Device,
) -> CuResult<()> {
    let width = profile(dev)?.attribute(TEXTURE_1D_LINEAR_WIDTH);
    if !matches!(num_channels, 1 | 2 | 4) {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(max_width_in_elements, usize::try_from(width).unwrap_or(0)) }
}

pub(crate) unsafe fn cuDeviceGetAttribute(
    pi: *mut i32,
    attrib: CUdevice_attribute,
    dev: Device,
) -> CuResult<()> {
    ffi::check_out(pi)?;
    // Unknown attributes are 0 and no error: newer libraries ask for what older drivers lack.
    let value = profile(dev)?.attribute(i32::try_from(attrib.0).unwrap_or(i32::MAX));
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pi, value) }
}

/// Partitions of a GPU's processors need NVIDIA's MPS: no device has them.
pub(crate) unsafe fn cuDeviceGetExecAffinitySupport(
    pi: *mut i32,
    _kind: CUexecAffinityType,
    dev: Device,
) -> CuResult<()> {
    profile(dev)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pi, 0) }
}

pub(crate) unsafe fn cuDeviceGetProperties(prop: *mut CUdevprop, dev: Device) -> CuResult<()> {
    let device = profile(dev)?;
    let attribute = |number| device.attribute(number);
    let properties = CUdevprop {
        maxThreadsPerBlock: attribute(1),
        maxThreadsDim: [attribute(2), attribute(3), attribute(4)],
        maxGridSize: [attribute(5), attribute(6), attribute(7)],
        sharedMemPerBlock: attribute(8),
        totalConstantMemory: attribute(9),
        SIMDWidth: attribute(10),
        memPitch: attribute(11),
        regsPerBlock: attribute(12),
        clockRate: attribute(13),
        textureAlign: attribute(14),
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(prop, properties) }
}

pub(crate) unsafe fn cuDeviceComputeCapability(
    major: *mut i32,
    minor: *mut i32,
    dev: Device,
) -> CuResult<()> {
    let (high, low) = profile(dev)?.capability();
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write(major, high)?;
        ffi::write(minor, low)
    }
}

pub(crate) unsafe fn cuDeviceGetByPCIBusId(
    dev: *mut Device,
    pci_bus_id: *const c_char,
) -> CuResult<()> {
    ffi::check_out(dev)?;
    // SAFETY: the caller's string.
    let wanted = pci_address(unsafe { ffi::cstr(pci_bus_id) }?).ok_or(CuError::INVALID_VALUE)?;
    let ordinal = profiles()?
        .iter()
        .position(|profile| profile.pci == wanted)
        .ok_or(CuError::INVALID_DEVICE)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(dev, Device(i32::try_from(ordinal).unwrap_or(i32::MAX))) }
}

pub(crate) unsafe fn cuDeviceGetPCIBusId(
    pci_bus_id: *mut c_char,
    len: i32,
    dev: Device,
) -> CuResult<()> {
    let PciAddress {
        domain,
        bus,
        device,
    } = profile(dev)?.pci;
    let len = usize::try_from(len).map_err(|_| CuError::INVALID_VALUE)?;
    if len < PCI_BUS_ID_BYTES {
        return Err(CuError::INVALID_VALUE);
    }
    let text = format!("{domain:04X}:{bus:02X}:{device:02X}.0");
    // SAFETY: the caller's buffer of `len` bytes.
    unsafe { ffi::write_string(pci_bus_id, len, text.as_bytes()) }
}

/// The profiles of all devices, from `cuInit` on.
pub(crate) fn profiles() -> CuResult<&'static [DeviceProfile]> {
    state::check_ready()?;
    driver()?.devices()
}

/// The profile of a device.
pub(crate) fn profile(device: Device) -> CuResult<&'static DeviceProfile> {
    state::check_ready()?;
    driver()?.device(device)
}

/// Reads `domain:bus:device.function`, `domain:bus:device` or `bus:device.function`, in hexadecimal.
fn pci_address(text: &CStr) -> Option<PciAddress> {
    let text = text.to_str().ok()?;
    let (address, function) = match text.split_once('.') {
        Some((address, function)) => (address, Some(function)),
        None => (text, None),
    };
    if function.is_some_and(|function| u32::from_str_radix(function, 16).is_err()) {
        return None;
    }
    let parts: Vec<u32> = address
        .split(':')
        .map(|part| u32::from_str_radix(part, 16).ok())
        .collect::<Option<_>>()?;
    match (parts.as_slice(), function) {
        (&[domain, bus, device], _) => Some(PciAddress {
            domain,
            bus,
            device,
        }),
        (&[bus, device], Some(_)) => Some(PciAddress {
            domain: 0,
            bus,
            device,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &CStr, expected: Option<(u32, u32, u32)>) {
        let expected = expected.map(|(domain, bus, device)| PciAddress {
            domain,
            bus,
            device,
        });
        assert_eq!(pci_address(text), expected, "{text:?}");
    }

    #[test]
    fn pci_address_all_forms_are_read() {
        check(c"0000:3B:00.0", Some((0, 0x3b, 0)));
        check(c"00000001:af:1f.0", Some((1, 0xaf, 0x1f)));
        check(c"2:3:4", Some((2, 3, 4)));
        check(c"3b:00.0", Some((0, 0x3b, 0)));
    }

    #[test]
    fn pci_address_anything_else_is_refused() {
        for text in [
            c"",
            c"3b:00",
            c"0:0:0:0.0",
            c"x:0:0.0",
            c"0:0:0.x",
            c"-1:0:0.0",
        ] {
            check(text, None);
        }
    }
}
