//! NVML's result codes as an integer newtype, and their texts.

use std::ffi::CStr;

/// A result of a call.
pub(crate) type NvmlResult<T> = Result<T, NvmlError>;

/// An `nvmlReturn_t` other than `NVML_SUCCESS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NvmlError(pub(crate) u32);

impl NvmlError {
    pub(crate) const UNINITIALIZED: Self = Self(1);
    pub(crate) const INVALID_ARGUMENT: Self = Self(2);
    pub(crate) const NOT_SUPPORTED: Self = Self(3);
    pub(crate) const NO_PERMISSION: Self = Self(4);
    pub(crate) const NOT_FOUND: Self = Self(6);
    pub(crate) const INSUFFICIENT_SIZE: Self = Self(7);
    pub(crate) const DRIVER_NOT_LOADED: Self = Self(9);
    pub(crate) const VERSION_MISMATCH: Self = Self(25);
    pub(crate) const UNKNOWN: Self = Self(999);
}

/// The text of a code, in our own words.
pub(crate) fn text(code: u32) -> &'static CStr {
    match code {
        0 => c"Success",
        1 => c"Uninitialized",
        2 => c"Invalid argument",
        3 => c"Not supported",
        4 => c"No permission",
        5 => c"Already initialized",
        6 => c"Not found",
        7 => c"Insufficient size",
        8 => c"Insufficient external power",
        9 => c"Driver not loaded",
        10 => c"Timeout",
        11 => c"Interrupt request issue",
        12 => c"Library not found",
        13 => c"Function not found",
        14 => c"Corrupted infoROM",
        15 => c"GPU is lost",
        16 => c"GPU requires a reset",
        17 => c"Operating system error",
        18 => c"Driver and library versions differ",
        19 => c"In use",
        20 => c"Out of memory",
        21 => c"No data",
        25 => c"Version of an argument is not supported",
        26 => c"Deprecated",
        27 => c"Not ready",
        28 => c"No GPU found",
        29 => c"Invalid state",
        _ => c"Unknown error",
    }
}
