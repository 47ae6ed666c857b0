//! What is known of an address, answered from the driver's map of allocations.
//!
//! Each attribute has a width of its own in C; [`answer`] gives value and width. Read it first.

use std::ffi::c_void;

use rigel_protocol::custom::{AllocationKind, PointerInfo};
use rigel_protocol::generated::types::CUpointer_attribute;
use rigel_protocol::handle::DevicePtr;
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Most attributes in one question.
const ATTRIBUTES_MAX: usize = 256;

/// `CU_DEVICE_INVALID`: the device of memory that has none.
const DEVICE_INVALID: i32 = -2;

/// A value as wide as C expects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// `int`, `unsigned int`, enums; truth values too: programs read them as `unsigned int`.
    Word(u32),
    /// Pointers, handles, `size_t`, `unsigned long long`.
    Long(u64),
}

pub(crate) unsafe fn cuPointerGetAttribute(
    data: *mut c_void,
    attribute: CUpointer_attribute,
    ptr: DevicePtr,
) -> CuResult<()> {
    ffi::check_out(data)?;
    let (driver, _) = ffi::enter_unbound()?;
    let info = driver.pointer_info(ptr.0).ok_or(CuError::INVALID_VALUE)?;
    let value = answer(attribute, ptr, &info)?;
    // SAFETY: the caller's room, as wide as the attribute.
    unsafe { value.write(data) }
}

/// Unlike the single question, this one succeeds for an address that CUDA does not know: everything
/// is zero then.
pub(crate) unsafe fn cuPointerGetAttributes(
    num_attributes: u32,
    attributes: *mut CUpointer_attribute,
    data: *mut *mut c_void,
    ptr: DevicePtr,
) -> CuResult<()> {
    let count = num_attributes as usize;
    if count == 0 || count > ATTRIBUTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's two arrays of `count` elements.
    let (attributes, data) = unsafe { (ffi::slice(attributes, count)?, ffi::slice(data, count)?) };
    let (driver, _) = ffi::enter_unbound()?;
    let info = driver.pointer_info(ptr.0);
    for (attribute, room) in attributes.iter().zip(data) {
        let value = match &info {
            Some(info) => answer(*attribute, ptr, info).unwrap_or(nothing(*attribute)),
            None => nothing(*attribute),
        };
        // SAFETY: the caller's room, as wide as the attribute.
        unsafe { value.write(*room) }?;
    }
    Ok(())
}

/// The one attribute that can be set, that copies wait, is how they behave already where it matters.
pub(crate) unsafe fn cuPointerSetAttribute(
    value: *const c_void,
    attribute: CUpointer_attribute,
    ptr: DevicePtr,
) -> CuResult<()> {
    ffi::check_out(value)?;
    let (driver, _) = ffi::enter_unbound()?;
    if attribute != CUpointer_attribute::CU_POINTER_ATTRIBUTE_SYNC_MEMOPS {
        return Err(CuError::INVALID_VALUE);
    }
    driver
        .pointer_info(ptr.0)
        .map(|_| ())
        .ok_or(CuError::INVALID_VALUE)
}

pub(crate) unsafe fn cuMemGetAddressRange_v2(
    pbase: *mut DevicePtr,
    psize: *mut usize,
    dptr: DevicePtr,
) -> CuResult<()> {
    let (driver, _) = ffi::enter_unbound()?;
    let (base, bytes) = driver.address_range(dptr)?;
    // SAFETY: the caller's out-pointers, each of which may be null.
    unsafe {
        ffi::write_optional(pbase, base);
        ffi::write_optional(psize, usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    Ok(())
}

/// One attribute of an address in a known allocation.
fn answer(attribute: CUpointer_attribute, ptr: DevicePtr, info: &PointerInfo) -> CuResult<Value> {
    use CUpointer_attribute as A;
    let on_host = matches!(
        info.kind,
        AllocationKind::HostAllocated | AllocationKind::HostRegistered
    );
    let is_managed = info.kind == AllocationKind::Managed;
    let on_device = !on_host;
    Ok(match attribute {
        A::CU_POINTER_ATTRIBUTE_CONTEXT => Value::Long(info.context.0),
        A::CU_POINTER_ATTRIBUTE_MEMORY_TYPE => Value::Word(if on_host { 1 } else { 2 }),
        A::CU_POINTER_ATTRIBUTE_DEVICE_POINTER => Value::Long(ptr.0),
        // Plain device memory has no address the host may use.
        A::CU_POINTER_ATTRIBUTE_HOST_POINTER if on_host || is_managed => Value::Long(ptr.0),
        A::CU_POINTER_ATTRIBUTE_SYNC_MEMOPS => Value::Word(0),
        A::CU_POINTER_ATTRIBUTE_BUFFER_ID => Value::Long(info.buffer_id),
        A::CU_POINTER_ATTRIBUTE_IS_MANAGED => Value::Word(is_managed.into()),
        A::CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL => Value::Word(info.device.0 as u32),
        A::CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE => Value::Word(0),
        A::CU_POINTER_ATTRIBUTE_RANGE_START_ADDR => Value::Long(info.base),
        A::CU_POINTER_ATTRIBUTE_RANGE_SIZE => Value::Long(info.bytes),
        A::CU_POINTER_ATTRIBUTE_MAPPED => Value::Word(1),
        A::CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES => Value::Long(0),
        A::CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE => Value::Word(0),
        // Readable and writable.
        A::CU_POINTER_ATTRIBUTE_ACCESS_FLAGS => Value::Word(3),
        A::CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE => Value::Long(info.pool.0),
        A::CU_POINTER_ATTRIBUTE_MAPPING_SIZE if on_device => Value::Long(info.bytes),
        A::CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR if on_device => Value::Long(info.base),
        A::CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID if on_device => Value::Long(info.buffer_id),
        A::CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE => Value::Word(0),
        _ => return Err(CuError::INVALID_VALUE),
    })
}

/// What an attribute is of an address that CUDA does not know.
fn nothing(attribute: CUpointer_attribute) -> Value {
    use CUpointer_attribute as A;
    match attribute {
        A::CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL => Value::Word(DEVICE_INVALID as u32),
        A::CU_POINTER_ATTRIBUTE_MEMORY_TYPE
        | A::CU_POINTER_ATTRIBUTE_SYNC_MEMOPS
        | A::CU_POINTER_ATTRIBUTE_ACCESS_FLAGS
        | A::CU_POINTER_ATTRIBUTE_IS_MANAGED
        | A::CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE
        | A::CU_POINTER_ATTRIBUTE_MAPPED
        | A::CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE
        | A::CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE => Value::Word(0),
        _ => Value::Long(0),
    }
}

impl Value {
    /// Writes the value where the caller has room for it.
    unsafe fn write(self, room: *mut c_void) -> CuResult<()> {
        // SAFETY: the caller's room is as wide as the attribute.
        unsafe {
            match self {
                Self::Word(value) => ffi::write(room.cast(), value),
                Self::Long(value) => ffi::write(room.cast(), value),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rigel_protocol::handle::{Context, Device, MemPool};

    fn info(kind: AllocationKind) -> PointerInfo {
        PointerInfo {
            kind,
            base: 0x1000,
            bytes: 0x200,
            context: Context::primary(Device(1)),
            device: Device(1),
            buffer_id: 77,
            pool: MemPool::NONE,
            flags: 0,
        }
    }

    fn check(kind: AllocationKind, attribute: u32, expected: CuResult<Value>) {
        let found = answer(
            CUpointer_attribute(attribute),
            DevicePtr(0x1010),
            &info(kind),
        );
        assert_eq!(found, expected, "{kind:?} {attribute}");
    }

    #[test]
    fn answer_device_memory_has_no_host_pointer() {
        let kind = AllocationKind::Device;
        check(kind, 1, Ok(Value::Long(Context::primary(Device(1)).0)));
        check(kind, 2, Ok(Value::Word(2)));
        check(kind, 3, Ok(Value::Long(0x1010)));
        check(kind, 4, Err(CuError::INVALID_VALUE));
        check(kind, 7, Ok(Value::Long(77)));
        check(kind, 9, Ok(Value::Word(1)));
        check(kind, 11, Ok(Value::Long(0x1000)));
        check(kind, 12, Ok(Value::Long(0x200)));
    }

    #[test]
    fn answer_page_locked_memory_has_both_pointers() {
        let kind = AllocationKind::HostAllocated;
        check(kind, 2, Ok(Value::Word(1)));
        check(kind, 3, Ok(Value::Long(0x1010)));
        check(kind, 4, Ok(Value::Long(0x1010)));
    }

    #[test]
    fn answer_unknown_attribute_is_invalid_value() {
        check(AllocationKind::Device, 0, Err(CuError::INVALID_VALUE));
        check(AllocationKind::Device, 99, Err(CuError::INVALID_VALUE));
    }

    #[test]
    fn nothing_is_zero_but_for_the_device() {
        assert_eq!(nothing(CUpointer_attribute(2)), Value::Word(0));
        assert_eq!(nothing(CUpointer_attribute(8)), Value::Word(0));
        assert_eq!(nothing(CUpointer_attribute(9)), Value::Word(-2_i32 as u32));
        assert_eq!(nothing(CUpointer_attribute(3)), Value::Long(0));
    }
}
