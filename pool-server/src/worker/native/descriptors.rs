//! File descriptors that a driver hands out.
#![expect(
    unsafe_code,
    reason = "takes ownership of descriptors that a driver hands out"
)]

use std::os::fd::{FromRawFd, OwnedFd};

use rigel_protocol::{CuError, CuResult};

/// The descriptor that a driver has just made for its caller, by its number.
pub(in crate::worker) fn owned(number: u64) -> CuResult<OwnedFd> {
    let number = i32::try_from(number).map_err(|_| CuError::UNKNOWN)?;
    let meta = std::fs::symlink_metadata(format!("/proc/self/fd/{number}"));
    if meta.is_err() {
        return Err(CuError::UNKNOWN);
    }
    // SAFETY: the descriptor is open, and an export's is its caller's alone to close.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
