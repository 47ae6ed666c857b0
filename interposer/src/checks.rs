//! What is refused at the border, whichever driver stands behind it: flags, sizes and alignments that
//! CUDA's manual rules out. A call that a driver only posts could not be refused in time.
//!
//! A generated export calls the function of its method's name with the arguments of the method; which
//! methods have one is listed in the generator; exports written by hand call it themselves. No check needs the driver's state. Read
//! [`only`] first.

use rigel_protocol::generated::types::{
    CUmemAllocationGranularity_flags, CUmemAllocationProp, CUmemLocation, CUmemLocationType,
    CUmemPool_attribute, CUmemPoolProps, CUstreamCaptureMode,
};
use rigel_protocol::handle::{DevicePtr, Event, Function, Stream};
use rigel_protocol::{CuError, CuResult};

use crate::captures;

/// `CU_EVENT_DISABLE_TIMING` and `CU_EVENT_INTERPROCESS`.
const EVENT_DISABLE_TIMING: u32 = 2;
const EVENT_INTERPROCESS: u32 = 4;
/// All flags of events, of records and waits, and of instances.
const EVENT_FLAGS: u32 = 7;
const EXTERNAL: u64 = 1;
const INSTANTIATE_FLAGS: u64 = 15;

/// Refuses flags other than these.
fn only(flags: impl Into<u64>, known: impl Into<u64>) -> CuResult<()> {
    match flags.into() & !known.into() {
        0 => Ok(()),
        _ => Err(CuError::INVALID_VALUE),
    }
}

fn refuse_if(wrong: bool) -> CuResult<()> {
    match wrong {
        true => Err(CuError::INVALID_VALUE),
        false => Ok(()),
    }
}

pub(crate) fn stream_create(flags: u32) -> CuResult<()> {
    only(flags, 1_u64)
}

pub(crate) fn stream_create_with_priority(flags: u32, _priority: i32) -> CuResult<()> {
    only(flags, 1_u64)
}

pub(crate) fn stream_wait_event(_stream: Stream, _event: Event, flags: u32) -> CuResult<()> {
    only(flags, EXTERNAL)
}

pub(crate) fn stream_begin_capture(stream: Stream, mode: CUstreamCaptureMode) -> CuResult<()> {
    refuse_if(mode > CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED)?;
    captures::begin(stream, mode);
    Ok(())
}

pub(crate) fn stream_end_capture(stream: Stream) -> CuResult<()> {
    captures::end(stream)
}

/// What may wait for a GPU, or free what its work uses, is not for a time of captures.
pub(crate) fn mem_alloc(_bytes: usize) -> CuResult<()> {
    captures::forbid_unsafe()
}

pub(crate) fn mem_free(_memory: DevicePtr) -> CuResult<()> {
    captures::forbid_unsafe()
}

pub(crate) fn event_record(_event: Event, stream: Stream) -> CuResult<()> {
    captures::forbid_legacy(stream)
}

pub(crate) fn stream_write_value32(
    _stream: Stream,
    address: DevicePtr,
    _value: u32,
    _flags: u32,
) -> CuResult<()> {
    refuse_if(!address.0.is_multiple_of(4))
}

pub(crate) use stream_write_value32 as stream_wait_value32;

pub(crate) fn stream_write_value64(
    _stream: Stream,
    address: DevicePtr,
    _value: u64,
    _flags: u32,
) -> CuResult<()> {
    refuse_if(!address.0.is_multiple_of(8))
}

pub(crate) use stream_write_value64 as stream_wait_value64;

/// An event that processes share keeps no time.
pub(crate) fn event_create(flags: u32) -> CuResult<()> {
    only(flags, EVENT_FLAGS)?;
    refuse_if(flags & EVENT_INTERPROCESS != 0 && flags & EVENT_DISABLE_TIMING == 0)
}

pub(crate) fn event_record_with_flags(_event: Event, stream: Stream, flags: u32) -> CuResult<()> {
    only(flags, EXTERNAL)?;
    captures::forbid_legacy(stream)
}

pub(crate) fn graph_create(flags: u32) -> CuResult<()> {
    only(flags, 0_u64)
}

pub(crate) fn graph_instantiate_with_flags(flags: u64) -> CuResult<()> {
    only(flags, INSTANTIATE_FLAGS)
}

pub(crate) fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
    _function: Function,
    _block_size: i32,
    _dynamic_bytes: usize,
    flags: u32,
) -> CuResult<()> {
    only(flags, 1_u64)
}

/// Sizes and alignments of addresses; what the unit of sizes is, the driver knows.
pub(crate) fn mem_address_reserve(
    size: usize,
    alignment: usize,
    _address: DevicePtr,
    flags: u64,
) -> CuResult<()> {
    only(flags, 0_u64)?;
    refuse_if(size == 0 || (alignment != 0 && !alignment.is_power_of_two()))
}

pub(crate) fn mem_get_allocation_granularity(
    properties: &CUmemAllocationProp,
    _option: CUmemAllocationGranularity_flags,
) -> CuResult<()> {
    location(properties.location)
}

pub(crate) fn mem_pool_create(properties: &CUmemPoolProps) -> CuResult<()> {
    /// `CU_MEM_ALLOCATION_TYPE_MANAGED`: the last one.
    const KIND_MAX: u32 = 2;
    let kind = properties.allocType.0;
    refuse_if(kind == 0 || kind > KIND_MAX)?;
    location(properties.location)
}

/// What a pool holds and what is in use is the driver's to say.
pub(crate) fn mem_pool_set_attribute(attribute: CUmemPool_attribute) -> CuResult<()> {
    use CUmemPool_attribute as A;
    let known = A::CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES
        ..=A::CU_MEMPOOL_ATTR_HW_DECOMPRESS_ENABLED;
    let current = matches!(
        attribute,
        A::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT | A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT
    );
    refuse_if(!known.contains(&attribute) || current)
}

/// Where something shall lie: a device must exist.
fn location(location: CUmemLocation) -> CuResult<()> {
    if location.r#type != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
        return Ok(());
    }
    let device = rigel_protocol::handle::Device(location.id);
    crate::custom::device::profile(device).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_several_processes_keep_no_times() {
        let cases = [
            (0, true),
            (2, true),
            (6, true),
            (7, true),
            (4, false),
            (8, false),
        ];
        for (flags, allowed) in cases {
            assert_eq!(event_create(flags).is_ok(), allowed, "{flags}");
        }
    }

    #[test]
    fn alignments_are_powers_of_two() {
        let cases = [(0, true), (4096, true), (3, false)];
        for (alignment, allowed) in cases {
            let checked = mem_address_reserve(1 << 21, alignment, DevicePtr(0), 0);
            assert_eq!(checked.is_ok(), allowed, "{alignment}");
        }
        assert!(mem_address_reserve(0, 0, DevicePtr(0), 0).is_err());
    }

    #[test]
    fn what_a_pool_uses_cannot_be_set() {
        let cases = [
            (4, true),
            (6, true),
            (8, true),
            (5, false),
            (7, false),
            (0, false),
            (99, false),
        ];
        for (attribute, allowed) in cases {
            let set = mem_pool_set_attribute(CUmemPool_attribute(attribute));
            assert_eq!(set.is_ok(), allowed, "{attribute}");
        }
    }
}
