//! Contexts and threads.

use rigel_protocol::CuError;
use rigel_protocol::call::Cx;
use rigel_protocol::generated::types::CUlimit;
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::link::ContextBegin;

use crate::worker::fault::Fault;
use crate::worker::issue::Issue;
use crate::worker::session::Session;

/// Heaps that the driver keeps in device memory for a context's kernels.
const HEAPS: [CUlimit; 2] = [
    CUlimit::CU_LIMIT_PRINTF_FIFO_SIZE,
    CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE,
];

/// `threadEnd`: the thread's default streams go.
pub(super) fn thread_end(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let thread = issue.caller().thread;
    for (context, stream) in issue.session().handles.take_default_streams(thread) {
        issue.session().recent.lose(stream);
        let destroyed = issue
            .driver()
            .stream_destroy(Cx { context, thread }, stream);
        if let Err(error) = destroyed {
            tracing::debug!(thread = thread.0, %error, "default stream of an ended thread");
        }
    }
    issue.driver().thread_end(thread);
    Ok(())
}

/// `primaryActivate`.
pub(super) fn primary_activate(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ContextBegin {
        context,
        device,
        flags,
    } = issue.get()?;
    issue.end_of_record()?;
    if context.primary_device() != Some(device) {
        return Err(CuError::INVALID_DEVICE.into());
    }
    issue.driver().primary_activate(device, flags)?;
    let session = issue.session();
    session.contexts.add(context, device);
    if session.charges.reconcile() && session.driver.primary_reset(device).is_ok() {
        forget(session, context);
        return Err(CuError::OUT_OF_MEMORY.into());
    }
    Ok(())
}

/// `primaryReset`.
pub(super) fn primary_reset(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let device: Device = issue.get()?;
    issue.end_of_record()?;
    issue.session().gates.forget(Context::primary(device));
    issue.later(move |driver, results| {
        let reset = driver.primary_reset(device);
        forget(results.session(), Context::primary(device));
        Ok(reset?)
    })
}

/// `contextCreate`.
pub(super) fn create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ContextBegin {
        context,
        device,
        flags,
    } = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    if context.primary_device().is_some() {
        return Err(CuError::INVALID_VALUE.into());
    }
    session.handles.check_vacant(context)?;
    let real = issue.driver().context_create(device, flags)?;
    if session.charges.reconcile() && session.driver.context_destroy(real).is_ok() {
        session.charges.reconcile();
        return Err(CuError::OUT_OF_MEMORY.into());
    }
    session.handles.bind(context, real, Context::NONE)?;
    session.contexts.add(real, device);
    Ok(())
}

/// `contextDestroy`.
pub(super) fn destroy(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let context: Context = issue.get()?;
    issue.end_of_record()?;
    let real = issue.session().handles.take(context)?;
    issue.session().gates.forget(real);
    issue.later(move |driver, results| {
        let destroyed = driver.context_destroy(real);
        forget(results.session(), real);
        Ok(destroyed?)
    })
}

/// `cuCtxSetLimit`: a heap is charged before the driver is asked for it. What the driver has taken then is
/// its own account's word.
pub(super) fn set_limit(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let limit: CUlimit = issue.get()?;
    let value: usize = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let gpu = session.gpu_of(issue.caller().context)?;
    let more = match HEAPS.contains(&limit) {
        true => {
            let before = issue.driver().ctx_get_limit(issue.cx(), limit);
            value.saturating_sub(before.unwrap_or(0))
        }
        false => 0,
    };
    let room = session.charges.charge(gpu, more as u64)?;
    let set = issue.driver().ctx_set_limit(issue.cx(), limit, value);
    drop(room);
    session.charges.reconcile();
    Ok(set?)
}

/// What a context held is gone.
fn forget(session: &Session, context: Context) {
    session.contexts.remove(context);
    session.handles.forget_context(context);
    session.charges.refund_context(context);
}
