//! Launches of kernels and of host functions.

use std::sync::Arc;

use super::not_supported;
use crate::call::Cx;
use crate::handle::{Function, Stream};
use crate::status::{CuError, CuResult};

/// How a kernel is launched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaunchConfig<'a> {
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads a block in x, y, z.
    pub block: [u32; 3],
    /// Dynamic shared memory a block, in bytes.
    pub shared_bytes: u32,
    /// The stream.
    pub stream: Stream,
    /// `cuLaunchCooperativeKernel`, or the attribute of that name.
    pub cooperative: bool,
    /// Further attributes of `cuLaunchKernelEx`: (`CUlaunchAttributeID`, its 64 bytes of value).
    pub attributes: &'a [(u32, [u8; 64])],
}

/// A function of the calling process that the driver calls in stream order, once for each time the
/// stream reaches it (a captured one: at every replay). Its argument is the stream's state.
pub type HostCallback = Arc<dyn Fn(CuResult<()>) + Send + Sync>;

/// Launches.
pub trait Launches {
    /// Launches a kernel. `params` is the packed parameter buffer, as long as the function's
    /// [`crate::custom::FunctionInfo::param_bytes`].
    fn launch(
        &self,
        _cx: Cx,
        _function: Function,
        _config: &LaunchConfig<'_>,
        _params: &[u8],
    ) -> CuResult<()> {
        not_supported("cuLaunchKernel")
    }

    /// Calls a host function in stream order; later work of the stream waits for its return. If
    /// `even_after_error`, it is called also when the context is lost (`cuStreamAddCallback`).
    fn launch_host(
        &self,
        _cx: Cx,
        _stream: Stream,
        _callback: HostCallback,
        _even_after_error: bool,
    ) -> CuResult<()> {
        not_supported("cuLaunchHostFunc")
    }
}

/// The state a callback is given, as C sees it.
pub fn callback_status(state: CuResult<()>) -> i32 {
    state.map_or_else(CuError::code, |()| 0)
}
