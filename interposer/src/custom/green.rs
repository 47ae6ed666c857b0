//! Green contexts: there are none, and asking a stream for its own says so without an error.

use rigel_protocol::CuResult;
use rigel_protocol::handle::{GreenContext, Stream};

use crate::ffi;

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
