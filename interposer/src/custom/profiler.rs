//! Profiler control: a program may start and stop a profiler that is not there.

use std::ffi::c_char;

use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Deprecated; newer drivers refuse it too.
pub(crate) unsafe fn cuProfilerInitialize(
    _config_file: *const c_char,
    _output_file: *const c_char,
    _output_mode: u32,
) -> CuResult<()> {
    Err(CuError::NOT_SUPPORTED)
}

pub(crate) unsafe fn cuProfilerStart() -> CuResult<()> {
    ffi::enter().map(|_| ())
}

pub(crate) unsafe fn cuProfilerStop() -> CuResult<()> {
    ffi::enter().map(|_| ())
}
