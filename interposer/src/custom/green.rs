//! Green contexts: there are none, and asking a stream for its own says so without an error. Resources of a
//! device can be asked for, not divided.

use rigel_protocol::generated::types::{CUdevResource, CUdevResourceType};
use rigel_protocol::handle::{Context, Device, GreenContext, Stream};
use rigel_protocol::{CuError, CuResult};

use super::device;
use crate::{context, current, ffi};

/// `CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT`.
const MULTIPROCESSORS: i32 = 16;

/// cuDNN gives up when this fails.
pub(crate) unsafe fn cuStreamGetGreenCtx(
    _h_stream: Stream,
    ph_ctx: *mut GreenContext,
) -> CuResult<()> {
    ffi::check_out(ph_ctx)?;
    ffi::enter()?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(ph_ctx, GreenContext::NONE) }
}

pub(crate) unsafe fn cuDeviceGetDevResource(
    device: Device,
    resource: *mut CUdevResource,
    r#type: CUdevResourceType,
) -> CuResult<()> {
    let found = resource_of(device, r#type)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(resource, found) }
}

pub(crate) unsafe fn cuCtxGetDevResource(
    h_ctx: Context,
    resource: *mut CUdevResource,
    r#type: CUdevResourceType,
) -> CuResult<()> {
    let found = resource_of(context::device(h_ctx)?, r#type)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(resource, found) }
}

/// cuSOLVER gives up when this fails.
pub(crate) unsafe fn cuStreamGetDevResource(
    _null_stream: Stream,
    _h_stream: Stream,
    resource: *mut CUdevResource,
    r#type: CUdevResourceType,
) -> CuResult<()> {
    ffi::enter()?;
    let found = resource_of(current::device()?, r#type)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(resource, found) }
}

/// All multiprocessors of a device: none is set apart for anybody.
fn resource_of(of: Device, r#type: CUdevResourceType) -> CuResult<CUdevResource> {
    if r#type != CUdevResourceType::CU_DEV_RESOURCE_TYPE_SM {
        return Err(CuError::INVALID_RESOURCE_TYPE);
    }
    let count = device::profile(of)?.attribute(MULTIPROCESSORS);
    let count = u64::try_from(count).map_err(|_| CuError::UNKNOWN)?;
    // Pairs of 32-bit words: how many and the least part, then the alignment and flags.
    let mut words = [0; 5];
    words[0] = count | (count << 32);
    words[1] = count;
    Ok(CUdevResource {
        r#type,
        reserved: [0; 92],
        words,
        nextResource: std::ptr::null_mut(),
    })
}
