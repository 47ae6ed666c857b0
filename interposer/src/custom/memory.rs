//! Pitched and page-locked memory, and older forms of hints. Questions about an address are in
//! [`super::pointer`].

use std::ffi::c_void;
use std::ptr;

use rigel_protocol::custom::{AllocationKind, PointerInfo};
use rigel_protocol::generated::types::{CUmem_advise, CUmemLocation, CUmemLocationType};
use rigel_protocol::handle::{Device, DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult, HostPtr};

use crate::captures;
use crate::ffi;

pub(crate) use super::hints::{
    cuMemDiscardAndPrefetchBatchAsync, cuMemDiscardBatchAsync, cuMemPrefetchBatchAsync,
    cuMemRangeGetAttributes,
};
pub(crate) use super::pointer::{
    cuMemGetAddressRange_v2, cuPointerGetAttribute, cuPointerGetAttributes, cuPointerSetAttribute,
};

/// What rows of pitched memory are aligned to, as on NVIDIA's GPUs.
const PITCH_BYTES: usize = 512;

/// `CU_MEMHOSTALLOC_PORTABLE`, `_DEVICEMAP`, `_WRITECOMBINED`.
const HOST_ALLOC_FLAGS: u32 = 0x07;

/// `CU_MEMHOSTREGISTER_PORTABLE`, `_DEVICEMAP`, `_IOMEMORY`, `_READ_ONLY`.
const HOST_REGISTER_FLAGS: u32 = 0x0f;

/// `CU_DEVICE_CPU`, in calls that take a device where newer ones take a location.
const DEVICE_CPU: Device = Device(-1);

pub(crate) unsafe fn cuMemAllocPitch_v2(
    dptr: *mut DevicePtr,
    p_pitch: *mut usize,
    width_in_bytes: usize,
    height: usize,
    element_size_bytes: u32,
) -> CuResult<()> {
    ffi::check_out(dptr)?;
    ffi::check_out(p_pitch)?;
    let (driver, cx) = ffi::enter()?;
    if !matches!(element_size_bytes, 4 | 8 | 16) || width_in_bytes == 0 || height == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let pitch = width_in_bytes
        .checked_next_multiple_of(PITCH_BYTES)
        .ok_or(CuError::INVALID_VALUE)?;
    let bytes = pitch.checked_mul(height).ok_or(CuError::OUT_OF_MEMORY)?;
    captures::forbid_unsafe()?;
    let memory = driver.mem_alloc(cx, bytes)?;
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write(dptr, memory)?;
        ffi::write(p_pitch, pitch)
    }
}

pub(crate) unsafe fn cuMemAllocHost_v2(pp: *mut *mut c_void, bytesize: usize) -> CuResult<()> {
    // SAFETY: the caller's out-pointer.
    unsafe { cuMemHostAlloc(pp, bytesize, 0) }
}

pub(crate) unsafe fn cuMemHostAlloc(
    pp: *mut *mut c_void,
    bytesize: usize,
    flags: u32,
) -> CuResult<()> {
    ffi::check_out(pp)?;
    let (driver, cx) = ffi::enter()?;
    if bytesize == 0 || flags & !HOST_ALLOC_FLAGS != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    captures::forbid_unsafe()?;
    let memory = driver.host_alloc(cx, bytesize as u64, flags)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pp, ptr::with_exposed_provenance_mut(memory.0 as usize)) }
}

pub(crate) unsafe fn cuMemFreeHost(p: *mut c_void) -> CuResult<()> {
    ffi::check_out(p)?;
    let (driver, cx) = ffi::enter_unbound()?;
    captures::forbid_unsafe()?;
    driver.host_free(cx, HostPtr(p as u64))
}

pub(crate) unsafe fn cuMemHostRegister_v2(
    p: *mut c_void,
    bytesize: usize,
    flags: u32,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let memory = HostPtr(p as u64);
    if p.is_null() || bytesize == 0 || flags & !HOST_REGISTER_FLAGS != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    if memory.checked_add(bytesize as u64).is_none() {
        return Err(CuError::INVALID_VALUE);
    }
    driver.host_register(cx, memory, bytesize as u64, flags)
}

pub(crate) use cuMemHostRegister_v2 as cuMemHostRegister;

pub(crate) unsafe fn cuMemHostUnregister(p: *mut c_void) -> CuResult<()> {
    ffi::check_out(p)?;
    let (driver, cx) = ffi::enter_unbound()?;
    driver.host_unregister(cx, HostPtr(p as u64))
}

/// Addresses are equal on both sides, so this only checks that the memory is page-locked.
pub(crate) unsafe fn cuMemHostGetDevicePointer_v2(
    pdptr: *mut DevicePtr,
    p: *mut c_void,
    flags: u32,
) -> CuResult<()> {
    ffi::check_out(pdptr)?;
    if flags != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    page_locked(p)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pdptr, DevicePtr(p as u64)) }
}

pub(crate) unsafe fn cuMemHostGetFlags(p_flags: *mut u32, p: *mut c_void) -> CuResult<()> {
    ffi::check_out(p_flags)?;
    let info = page_locked(p)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_flags, info.flags) }
}

pub(crate) unsafe fn cuMemPrefetchAsync(
    null_stream: Stream,
    dev_ptr: DevicePtr,
    count: usize,
    dst_device: Device,
    h_stream: Stream,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let stream = ffi::stream(h_stream, null_stream);
    driver.mem_prefetch_async(cx, dev_ptr, count, location(dst_device), 0, stream)
}

pub(crate) unsafe fn cuMemAdvise(
    dev_ptr: DevicePtr,
    count: usize,
    advice: CUmem_advise,
    device: Device,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    driver.mem_advise(cx, dev_ptr, count, advice, location(device))
}

/// The page-locked allocation that holds an address.
fn page_locked(p: *mut c_void) -> CuResult<PointerInfo> {
    let (driver, _) = ffi::enter_unbound()?;
    driver
        .pointer_info(p as u64)
        .filter(|info| {
            matches!(
                info.kind,
                AllocationKind::HostAllocated | AllocationKind::HostRegistered
            )
        })
        .ok_or(CuError::INVALID_VALUE)
}

/// The location that an older call names by a device.
fn location(device: Device) -> CUmemLocation {
    match device {
        DEVICE_CPU => CUmemLocation {
            r#type: CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST,
            id: 0,
        },
        Device(id) => CUmemLocation {
            r#type: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
            id,
        },
    }
}
