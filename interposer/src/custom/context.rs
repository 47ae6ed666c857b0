//! Primary and current contexts. What they are stands in [`crate::context`], whose is current in
//! [`crate::current`]; both answer without the driver.

use rigel_protocol::generated::types::{
    CUctxCreateParams, CUexecAffinityParam, CUexecAffinityType, CUsharedconfig,
};
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::context;
use crate::current;
use crate::custom::device::profile;
use crate::ffi;
use crate::state::check_ready;

/// `CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT`.
const MULTIPROCESSOR_COUNT: i32 = 16;

pub(crate) unsafe fn cuDevicePrimaryCtxRetain(pctx: *mut Context, dev: Device) -> CuResult<()> {
    ffi::check_out(pctx)?;
    check_ready()?;
    let context = context::retain(dev)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pctx, context) }
}

pub(crate) unsafe fn cuDevicePrimaryCtxRelease_v2(dev: Device) -> CuResult<()> {
    check_ready()?;
    context::release(dev)
}

pub(crate) unsafe fn cuDevicePrimaryCtxSetFlags_v2(dev: Device, flags: u32) -> CuResult<()> {
    check_ready()?;
    context::set_primary_flags(dev, flags)
}

pub(crate) unsafe fn cuDevicePrimaryCtxGetState(
    dev: Device,
    flags: *mut u32,
    active: *mut i32,
) -> CuResult<()> {
    profile(dev)?;
    let (value, is_active) = context::primary_state(dev);
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write(flags, value)?;
        ffi::write(active, i32::from(is_active))
    }
}

pub(crate) unsafe fn cuDevicePrimaryCtxReset_v2(dev: Device) -> CuResult<()> {
    check_ready()?;
    context::reset(dev)
}

pub(crate) use cuDevicePrimaryCtxRelease_v2 as cuDevicePrimaryCtxRelease;
pub(crate) use cuDevicePrimaryCtxReset_v2 as cuDevicePrimaryCtxReset;
pub(crate) use cuDevicePrimaryCtxSetFlags_v2 as cuDevicePrimaryCtxSetFlags;

pub(crate) unsafe fn cuCtxCreate_v2(pctx: *mut Context, flags: u32, dev: Device) -> CuResult<()> {
    ffi::check_out(pctx)?;
    check_ready()?;
    let context = context::create(dev, flags)?;
    current::push(context)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pctx, context) }
}

pub(crate) use cuCtxCreate_v2 as cuCtxCreate;

pub(crate) unsafe fn cuCtxCreate_v3(
    pctx: *mut Context,
    _params_array: *mut CUexecAffinityParam,
    num_params: i32,
    flags: u32,
    dev: Device,
) -> CuResult<()> {
    if num_params != 0 {
        return Err(CuError::UNSUPPORTED_EXEC_AFFINITY);
    }
    // SAFETY: the caller's out-pointer.
    unsafe { cuCtxCreate_v2(pctx, flags, dev) }
}

pub(crate) unsafe fn cuCtxCreate_v4(
    pctx: *mut Context,
    ctx_create_params: *mut CUctxCreateParams,
    flags: u32,
    dev: Device,
) -> CuResult<()> {
    // SAFETY: the caller's pointer, which may be null.
    if let Some(params) = unsafe { ffi::read_optional(ctx_create_params) } {
        if params.numExecAffinityParams != 0 {
            return Err(CuError::UNSUPPORTED_EXEC_AFFINITY);
        }
        if !params.cigParams.is_null() {
            return Err(CuError::NOT_SUPPORTED);
        }
    }
    // SAFETY: the caller's out-pointer.
    unsafe { cuCtxCreate_v2(pctx, flags, dev) }
}

pub(crate) unsafe fn cuCtxDestroy_v2(ctx: Context) -> CuResult<()> {
    check_ready()?;
    context::destroy(ctx)?;
    if current::get() == ctx {
        current::pop()?;
    }
    Ok(())
}

pub(crate) use cuCtxDestroy_v2 as cuCtxDestroy;

pub(crate) unsafe fn cuCtxPushCurrent_v2(ctx: Context) -> CuResult<()> {
    check_ready()?;
    context::device(ctx)?;
    current::push(ctx)
}

pub(crate) use cuCtxPushCurrent_v2 as cuCtxPushCurrent;

pub(crate) unsafe fn cuCtxPopCurrent_v2(pctx: *mut Context) -> CuResult<()> {
    check_ready()?;
    let popped = current::pop()?;
    // SAFETY: the caller's out-pointer, which may be null.
    unsafe { ffi::write_optional(pctx, popped) };
    Ok(())
}

pub(crate) use cuCtxPopCurrent_v2 as cuCtxPopCurrent;

pub(crate) unsafe fn cuCtxSetCurrent(ctx: Context) -> CuResult<()> {
    check_ready()?;
    if !ctx.is_none() {
        context::device(ctx)?;
    }
    current::set(ctx);
    Ok(())
}

pub(crate) unsafe fn cuCtxGetCurrent(pctx: *mut Context) -> CuResult<()> {
    check_ready()?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pctx, current::get()) }
}

pub(crate) unsafe fn cuCtxGetDevice(device: *mut Device) -> CuResult<()> {
    check_ready()?;
    let current = current::device()?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(device, current) }
}

pub(crate) unsafe fn cuCtxGetDevice_v2(device: *mut Device, ctx: Context) -> CuResult<()> {
    check_ready()?;
    let of = match ctx {
        Context::NONE => current::device()?,
        _ => context::device(ctx)?,
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(device, of) }
}

pub(crate) unsafe fn cuCtxGetFlags(flags: *mut u32) -> CuResult<()> {
    ffi::check_out(flags)?;
    let value = context::flags(given_or_current(Context::NONE)?)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(flags, value) }
}

pub(crate) unsafe fn cuCtxSetFlags(flags: u32) -> CuResult<()> {
    context::set_flags(given_or_current(Context::NONE)?, flags)
}

pub(crate) unsafe fn cuCtxGetId(ctx: Context, ctx_id: *mut u64) -> CuResult<()> {
    ffi::check_out(ctx_id)?;
    let id = context::id(given_or_current(ctx)?)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(ctx_id, id) }
}

pub(crate) unsafe fn cuCtxSynchronize_v2(ctx: Context) -> CuResult<()> {
    if ctx.is_none() {
        let (driver, cx) = ffi::enter()?;
        return driver.ctx_synchronize(cx);
    }
    let (driver, cx) = ffi::enter_unbound()?;
    context::live_device(ctx)?;
    driver.ctx_synchronize(Cx { context: ctx, ..cx })
}

pub(crate) unsafe fn cuCtxGetApiVersion(ctx: Context, version: *mut u32) -> CuResult<()> {
    ffi::check_out(version)?;
    context::device(given_or_current(ctx)?)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(version, context::API_VERSION) }
}

pub(crate) unsafe fn cuCtxGetExecAffinity(
    p_exec_affinity: *mut CUexecAffinityParam,
    kind: CUexecAffinityType,
) -> CuResult<()> {
    ffi::check_out(p_exec_affinity)?;
    if kind != CUexecAffinityType::CU_EXEC_AFFINITY_TYPE_SM_COUNT {
        return Err(CuError::UNSUPPORTED_EXEC_AFFINITY);
    }
    let device = context::device(given_or_current(Context::NONE)?)?;
    let processors = profile(device)?.attribute(MULTIPROCESSOR_COUNT);
    let affinity = CUexecAffinityParam {
        r#type: kind,
        smCount: u32::try_from(processors).unwrap_or(0),
    };
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_exec_affinity, affinity) }
}

/// Counts a use of the current context, which stays as it is.
pub(crate) unsafe fn cuCtxAttach(pctx: *mut Context, flags: u32) -> CuResult<()> {
    ffi::check_out(pctx)?;
    if flags != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let context = given_or_current(Context::NONE)?;
    context::attach(context)?;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(pctx, context) }
}

/// Ends a use of the current context; the last one ends the context.
pub(crate) unsafe fn cuCtxDetach(ctx: Context) -> CuResult<()> {
    if given_or_current(Context::NONE)? != ctx {
        return Err(CuError::INVALID_CONTEXT);
    }
    context::detach(ctx)?;
    if context::device(ctx).is_err() {
        current::pop()?;
    }
    Ok(())
}

/// No GPU since Kepler lets a program choose the width of its shared memory banks.
pub(crate) unsafe fn cuCtxGetSharedMemConfig(p_config: *mut CUsharedconfig) -> CuResult<()> {
    given_or_current(Context::NONE)?;
    let four_bytes = CUsharedconfig::CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE;
    // SAFETY: the caller's out-pointer.
    unsafe { ffi::write(p_config, four_bytes) }
}

pub(crate) unsafe fn cuCtxSetSharedMemConfig(_config: CUsharedconfig) -> CuResult<()> {
    given_or_current(Context::NONE).map(|_| ())
}

/// The context a caller names, or the current one.
fn given_or_current(given: Context) -> CuResult<Context> {
    check_ready()?;
    let context = if given.is_none() {
        current::get()
    } else {
        given
    };
    if context.is_none() {
        return Err(CuError::INVALID_CONTEXT);
    }
    Ok(context)
}
