//! Devices: how many, which, what they are and what of them is in use.
#![expect(unsafe_code, reason = "exported C functions")]

use std::ffi::c_char;

use rigel_protocol::control::GpuView;

use crate::border::{call, check, field, read, read_text, write, write_text};
use crate::numbers;
use crate::state::{self, Handle, device, fresh_device};
use crate::status::{NvmlError, NvmlResult};

/// `nvmlMemory_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Memory {
    total: u64,
    free: u64,
    used: u64,
}

/// `nvmlMemory_v2_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct MemoryV2 {
    version: u32,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

/// `nvmlUtilization_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Utilization {
    gpu: u32,
    memory: u32,
}

/// `nvmlPciInfo_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct PciInfo {
    bus_id_legacy: [u8; 16],
    domain: u32,
    bus: u32,
    device: u32,
    device_id: u32,
    subsystem_id: u32,
    bus_id: [u8; 32],
}

/// What the first version of `nvmlPciInfo_t` ends with.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct PciInfoV1 {
    bus_id: [u8; 16],
    domain: u32,
    bus: u32,
    device: u32,
    device_id: u32,
}

/// `nvmlPciInfoExt_v1_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct PciInfoExt {
    version: u32,
    domain: u32,
    bus: u32,
    device: u32,
    device_id: u32,
    subsystem_id: u32,
    base_class: u32,
    sub_class: u32,
    bus_id: [u8; 32],
}

/// `nvmlDeviceAttributes_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct DeviceAttributes {
    multiprocessors: u32,
    engines: [u32; 5],
    slices: [u32; 2],
    memory_mib: u64,
}

/// `NVML_STRUCT_VERSION`: the structure's size, and its version in the highest byte.
const fn version_of<T>(version: u32) -> u32 {
    size_of::<T>() as u32 | version << 24
}

/// Clocks by `nvmlClockType_t`: graphics and multiprocessors share one, memory has its own.
const CLOCK_MEMORY: u32 = 2;

/// `CUdevice_attribute` numbers.
const CLOCK_KHZ: i32 = 13;
const MULTIPROCESSORS: i32 = 16;
const ECC: i32 = 32;
const MEMORY_CLOCK_KHZ: i32 = 36;
const MEMORY_BUS_BITS: i32 = 37;

/// # Safety
/// `count` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetCount_v2(count: *mut u32) -> u32 {
    call(|| {
        let gpus = state::devices()?.gpus.len();
        // SAFETY: the caller's out-pointer.
        unsafe { write(count, u32::try_from(gpus).unwrap_or(u32::MAX)) }
    })
}

/// # Safety
/// As [`nvmlDeviceGetCount_v2`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetCount(count: *mut u32) -> u32 {
    // SAFETY: the caller's out-pointer.
    unsafe { nvmlDeviceGetCount_v2(count) }
}

/// # Safety
/// `handle` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(
    index: u32,
    handle: *mut Handle,
) -> u32 {
    call(|| {
        let known = state::devices()?.gpus.len() > index as usize;
        if !known {
            return Err(NvmlError::INVALID_ARGUMENT);
        }
        // SAFETY: the caller's out-pointer.
        unsafe { write(handle, state::handle(index as usize)) }
    })
}

/// # Safety
/// As [`nvmlDeviceGetHandleByIndex_v2`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetHandleByIndex(index: u32, handle: *mut Handle) -> u32 {
    // SAFETY: the caller's out-pointer.
    unsafe { nvmlDeviceGetHandleByIndex_v2(index, handle) }
}

/// # Safety
/// `uuid` is null or a zero-ended string, `handle` null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetHandleByUUID(
    uuid: *const c_char,
    handle: *mut Handle,
) -> u32 {
    call(|| {
        // SAFETY: the caller's string.
        let wanted = unsafe { read_text(uuid) }?;
        let is_it =
            |gpu: &GpuView| numbers::uuid_text(&gpu.profile.uuid).eq_ignore_ascii_case(wanted);
        // SAFETY: the caller's out-pointer.
        unsafe { write(handle, find(is_it)?) }
    })
}

/// # Safety
/// `bus_id` is null or a zero-ended string, `handle` null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetHandleByPciBusId_v2(
    bus_id: *const c_char,
    handle: *mut Handle,
) -> u32 {
    call(|| {
        // SAFETY: the caller's string.
        let wanted = numbers::parse_bus_id(unsafe { read_text(bus_id) }?);
        let wanted = wanted.ok_or(NvmlError::INVALID_ARGUMENT)?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(handle, find(|gpu| gpu.profile.pci == wanted)?) }
    })
}

/// # Safety
/// As [`nvmlDeviceGetHandleByPciBusId_v2`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetHandleByPciBusId(
    bus_id: *const c_char,
    handle: *mut Handle,
) -> u32 {
    // SAFETY: the caller's pointers.
    unsafe { nvmlDeviceGetHandleByPciBusId_v2(bus_id, handle) }
}

/// # Safety
/// `name` is null or has room for `length` bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetName(
    handle: Handle,
    name: *mut c_char,
    length: u32,
) -> u32 {
    call(|| {
        let text = device(handle, |_, gpu| Ok(gpu.profile.name.clone()))?;
        // SAFETY: the caller's buffer.
        unsafe { write_text(name, length, &text) }
    })
}

/// # Safety
/// `uuid` is null or has room for `length` bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetUUID(
    handle: Handle,
    uuid: *mut c_char,
    length: u32,
) -> u32 {
    call(|| {
        let text = device(handle, |_, gpu| Ok(numbers::uuid_text(&gpu.profile.uuid)))?;
        // SAFETY: the caller's buffer.
        unsafe { write_text(uuid, length, &text) }
    })
}

/// # Safety
/// `pci` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetPciInfo_v3(handle: Handle, pci: *mut PciInfo) -> u32 {
    call(|| {
        let info = device(handle, |_, gpu| Ok(pci_info(gpu)))?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(pci, info) }
    })
}

/// # Safety
/// As [`nvmlDeviceGetPciInfo_v3`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetPciInfo_v2(handle: Handle, pci: *mut PciInfo) -> u32 {
    // SAFETY: the caller's out-pointer.
    unsafe { nvmlDeviceGetPciInfo_v3(handle, pci) }
}

/// # Safety
/// `pci` is null or valid for writing the first version of the structure.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetPciInfo(handle: Handle, pci: *mut PciInfoV1) -> u32 {
    call(|| {
        let info = device(handle, |_, gpu| Ok(pci_info(gpu)))?;
        let first = PciInfoV1 {
            bus_id: info.bus_id_legacy,
            domain: info.domain,
            bus: info.bus,
            device: info.device,
            device_id: info.device_id,
        };
        // SAFETY: the caller's out-pointer.
        unsafe { write(pci, first) }
    })
}

/// # Safety
/// `pci` is null or valid for reading and writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetPciInfoExt(
    handle: Handle,
    pci: *mut PciInfoExt,
) -> u32 {
    call(|| {
        let version = version_of::<PciInfoExt>(1);
        // SAFETY: the caller's structure, which begins with its version.
        check_version(unsafe { read(pci.cast::<u32>()) }?, version)?;
        let info = device(handle, |_, gpu| Ok(pci_info(gpu)))?;
        let ext = PciInfoExt {
            version,
            domain: info.domain,
            bus: info.bus,
            device: info.device,
            device_id: info.device_id,
            subsystem_id: info.subsystem_id,
            // A 3D controller.
            base_class: 3,
            sub_class: 2,
            bus_id: info.bus_id,
        };
        // SAFETY: the caller's out-pointer.
        unsafe { write(pci, ext) }
    })
}

/// # Safety
/// `memory` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetMemoryInfo(
    handle: Handle,
    memory: *mut Memory,
) -> u32 {
    call(|| {
        check(memory)?;
        let (total, used) = fresh_device(handle, |gpu| Ok(use_of(gpu)))?;
        let info = Memory {
            total,
            free: total - used,
            used,
        };
        // SAFETY: the caller's out-pointer.
        unsafe { write(memory, info) }
    })
}

/// # Safety
/// `memory` is null or valid for reading and writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetMemoryInfo_v2(
    handle: Handle,
    memory: *mut MemoryV2,
) -> u32 {
    call(|| {
        let version = version_of::<MemoryV2>(2);
        // SAFETY: the caller's structure, which begins with its version.
        check_version(unsafe { read(memory.cast::<u32>()) }?, version)?;
        let (total, used) = fresh_device(handle, |gpu| Ok(use_of(gpu)))?;
        let info = MemoryV2 {
            version,
            total,
            reserved: 0,
            free: total - used,
            used,
        };
        // SAFETY: the caller's out-pointer.
        unsafe { write(memory, info) }
    })
}

/// Memory's own load is not measured.
///
/// # Safety
/// `utilization` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetUtilizationRates(
    handle: Handle,
    utilization: *mut Utilization,
) -> u32 {
    call(|| {
        check(utilization)?;
        let busy = fresh_device(handle, |gpu| Ok(gpu.busy_percent))?;
        let gpu = u32::from(busy.ok_or(NvmlError::NOT_SUPPORTED)?);
        // SAFETY: the caller's out-pointer.
        unsafe { write(utilization, Utilization { gpu, memory: 0 }) }
    })
}

/// # Safety
/// Both pointers are null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetCudaComputeCapability(
    handle: Handle,
    major: *mut i32,
    minor: *mut i32,
) -> u32 {
    call(|| {
        let (high, low) = device(handle, |_, gpu| Ok(gpu.profile.capability()))?;
        // SAFETY: the caller's out-pointers.
        unsafe {
            write(major, high)?;
            write(minor, low)
        }
    })
}

/// # Safety
/// `clock` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetMaxClockInfo(
    handle: Handle,
    kind: u32,
    clock: *mut u32,
) -> u32 {
    let attribute = match kind {
        0 | 1 => CLOCK_KHZ,
        CLOCK_MEMORY => MEMORY_CLOCK_KHZ,
        _ => return NvmlError::NOT_SUPPORTED.0,
    };
    // SAFETY: the caller's out-pointer.
    unsafe { number(handle, clock, |_, gpu| attribute_of(gpu, attribute) / 1000) }
}

/// # Safety
/// `attributes` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetAttributes_v2(
    handle: Handle,
    attributes: *mut DeviceAttributes,
) -> u32 {
    call(|| {
        let found = device(handle, |_, gpu| {
            Ok(DeviceAttributes {
                multiprocessors: attribute_of(gpu, MULTIPROCESSORS),
                engines: [0; 5],
                slices: [0; 2],
                memory_mib: gpu.profile.total_bytes >> 20,
            })
        })?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(attributes, found) }
    })
}

/// # Safety
/// As [`nvmlDeviceGetAttributes_v2`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetAttributes(
    handle: Handle,
    attributes: *mut DeviceAttributes,
) -> u32 {
    // SAFETY: the caller's out-pointer.
    unsafe { nvmlDeviceGetAttributes_v2(handle, attributes) }
}

/// # Safety
/// Both pointers are null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetEccMode(
    handle: Handle,
    current: *mut u32,
    pending: *mut u32,
) -> u32 {
    call(|| {
        let mode = device(handle, |_, gpu| Ok(attribute_of(gpu, ECC)))?;
        // SAFETY: the caller's out-pointers.
        unsafe {
            write(current, mode)?;
            write(pending, mode)
        }
    })
}

/// # Safety
/// `same` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceOnSameBoard(
    one: Handle,
    other: Handle,
    same: *mut i32,
) -> u32 {
    call(|| {
        device(one, |_, _| Ok(()))?;
        device(other, |_, _| Ok(()))?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(same, i32::from(one == other)) }
    })
}

/// Calls that answer one number about a device.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = |$index:pat_param, $gpu:pat_param| $value:expr;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `out` is null or valid for writing.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name(handle: Handle, out: *mut u32) -> u32 {
                // SAFETY: the caller's out-pointer.
                unsafe { number(handle, out, |$index, $gpu| $value) }
            }
        )*
    };
}

numbers! {
    /// Its index.
    nvmlDeviceGetIndex = |index, _| index;
    /// The number of its device file, had it one.
    nvmlDeviceGetMinorNumber = |index, _| index;
    /// No brand of NVIDIA's.
    nvmlDeviceGetBrand = |_, _| 0;
    /// The default: any number of processes.
    nvmlDeviceGetComputeMode = |_, _| 0;
    /// Its state outlives its users.
    nvmlDeviceGetPersistenceMode = |_, _| 1;
    /// The fastest state.
    nvmlDeviceGetPerformanceState = |_, _| 0;
    /// The same under its older name.
    nvmlDeviceGetPowerState = |_, _| 0;
    /// No display.
    nvmlDeviceGetDisplayMode = |_, _| 0;
    /// No display.
    nvmlDeviceGetDisplayActive = |_, _| 0;
    /// One GPU a board.
    nvmlDeviceGetMultiGpuBoard = |_, _| 0;
    /// The board, named by its place.
    nvmlDeviceGetBoardId = |_, gpu| gpu.profile.pci.domain << 16 | gpu.profile.pci.bus << 8;
    /// Not an instance of a partitioned GPU.
    nvmlDeviceIsMigDeviceHandle = |_, _| 0;
    /// It cannot be partitioned further.
    nvmlDeviceGetMaxMigDeviceCount = |_, _| 0;
    /// Accounting is off.
    nvmlDeviceGetAccountingMode = |_, _| 0;
    /// `nvmlDeviceArchitecture_t`.
    nvmlDeviceGetArchitecture = |_, gpu| numbers::architecture(gpu.profile.capability());
    /// Cores.
    nvmlDeviceGetNumGpuCores = |_, gpu| numbers::cores(&gpu.profile);
    /// Bits of the memory bus.
    nvmlDeviceGetMemoryBusWidth = |_, gpu| attribute_of(gpu, MEMORY_BUS_BITS);
}

/// Answers one number about a device.
unsafe fn number(handle: Handle, out: *mut u32, read: impl FnOnce(u32, &GpuView) -> u32) -> u32 {
    call(|| {
        let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let value = device(handle, |at, gpu| Ok(read(index(at), gpu)))?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(out, value) }
    })
}

/// The handle of the first device that is the one wanted.
fn find(is_it: impl FnMut(&GpuView) -> bool) -> NvmlResult<Handle> {
    let view = state::devices()?;
    let index = view.gpus.iter().position(is_it);
    index.map(state::handle).ok_or(NvmlError::NOT_FOUND)
}

fn check_version(given: u32, known: u32) -> NvmlResult<()> {
    match given == known {
        true => Ok(()),
        false => Err(NvmlError::VERSION_MISMATCH),
    }
}

/// Total memory and what of it is in use.
fn use_of(gpu: &GpuView) -> (u64, u64) {
    let total = gpu.profile.total_bytes;
    (total, gpu.memory_used_bytes.min(total))
}

fn attribute_of(gpu: &GpuView, number: i32) -> u32 {
    gpu.profile.attribute(number).max(0).unsigned_abs()
}

fn pci_info(gpu: &GpuView) -> PciInfo {
    let pci = gpu.profile.pci;
    PciInfo {
        bus_id_legacy: field(&numbers::bus_id_legacy(pci)),
        domain: pci.domain,
        bus: pci.bus,
        device: pci.device,
        device_id: numbers::PCI_VENDOR,
        subsystem_id: 0,
        bus_id: field(&numbers::bus_id(pci)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_structures_are_those_of_the_header() {
        assert_eq!(version_of::<MemoryV2>(2), 0x0200_0028);
        assert_eq!(version_of::<PciInfoExt>(1), 0x0100_0040);
    }

    #[test]
    fn structures_are_as_large_as_in_c() {
        assert_eq!(size_of::<Memory>(), 24);
        assert_eq!(size_of::<PciInfo>(), 68);
        assert_eq!(size_of::<PciInfoV1>(), 32);
        assert_eq!(size_of::<DeviceAttributes>(), 40);
    }
}
