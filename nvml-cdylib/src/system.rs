//! Start, end, versions and texts.
#![expect(unsafe_code, reason = "exported C functions")]

use std::ffi::c_char;

use crate::border::{call, check, write, write_text};
use crate::state;
use crate::status::{NvmlError, text};

/// Initialises; counted, and undone by as many [`nvmlShutdown`].
#[unsafe(no_mangle)]
pub(crate) extern "C" fn nvmlInit_v2() -> u32 {
    call(state::init)
}

/// As [`nvmlInit_v2`].
#[unsafe(no_mangle)]
pub(crate) extern "C" fn nvmlInit() -> u32 {
    call(state::init)
}

/// As [`nvmlInit_v2`]: the flags excuse what does not happen here.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn nvmlInitWithFlags(_flags: u32) -> u32 {
    call(state::init)
}

/// Undoes one initialisation.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn nvmlShutdown() -> u32 {
    call(state::shutdown)
}

/// The text of a result.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn nvmlErrorString(result: u32) -> *const c_char {
    text(result).as_ptr()
}

/// # Safety
/// `version` is null or has room for `length` bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlSystemGetDriverVersion(
    version: *mut c_char,
    length: u32,
) -> u32 {
    call(|| {
        let text = driver_version(state::devices()?.driver_version);
        // SAFETY: the caller's buffer.
        unsafe { write_text(version, length, &text) }
    })
}

/// # Safety
/// `version` is null or has room for `length` bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlSystemGetNVMLVersion(version: *mut c_char, length: u32) -> u32 {
    call(|| {
        let cuda = state::devices()?.driver_version;
        let text = format!("{}.{}", cuda / 1000, driver_version(cuda));
        // SAFETY: the caller's buffer.
        unsafe { write_text(version, length, &text) }
    })
}

/// # Safety
/// `version` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlSystemGetCudaDriverVersion(version: *mut i32) -> u32 {
    call(|| {
        let cuda = state::devices()?.driver_version;
        // SAFETY: the caller's out-pointer.
        unsafe { write(version, cuda) }
    })
}

/// # Safety
/// As [`nvmlSystemGetCudaDriverVersion`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlSystemGetCudaDriverVersion_v2(version: *mut i32) -> u32 {
    // SAFETY: the caller's out-pointer.
    unsafe { nvmlSystemGetCudaDriverVersion(version) }
}

/// The command of a process of this host, cut to the buffer.
///
/// # Safety
/// `name` is null or has room for `length` bytes.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlSystemGetProcessName(
    pid: u32,
    name: *mut c_char,
    length: u32,
) -> u32 {
    call(|| {
        check(name)?;
        state::devices()?;
        if length == 0 {
            return Err(NvmlError::INVALID_ARGUMENT);
        }
        let command = std::fs::read(format!("/proc/{pid}/cmdline"));
        let command = command.map_err(|_| NvmlError::NOT_FOUND)?;
        let program = command.split(|byte| *byte == 0).next().unwrap_or_default();
        let program: String = String::from_utf8_lossy(program)
            .chars()
            .scan(0, |bytes, c| {
                *bytes += c.len_utf8();
                (*bytes < length as usize).then_some(c)
            })
            .collect();
        // SAFETY: the caller's buffer.
        unsafe { write_text(name, length, &program) }
    })
}

/// There are no S-class units.
///
/// # Safety
/// `count` is null or valid for writing.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlUnitGetCount(count: *mut u32) -> u32 {
    call(|| {
        state::devices()?;
        // SAFETY: the caller's out-pointer.
        unsafe { write(count, 0) }
    })
}

/// The branch of NVIDIA's driver that first knew a CUDA version. What stands behind a pool may be
/// another one, or none; programs only compare it with what they need.
fn driver_version(cuda: i32) -> String {
    let branch = match (cuda / 1000, cuda % 1000 / 10) {
        (..=11, _) => 450,
        (12, 0) => 525,
        (12, 1) => 530,
        (12, 2) => 535,
        (12, 3) => 545,
        (12, 4) => 550,
        (12, 5) => 555,
        (12, 6 | 7) => 560,
        (12, 8) => 570,
        (12, _) => 575,
        (13, 0) => 580,
        (13, 1) => 590,
        _ => 595,
    };
    format!("{branch}.00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn driver_version_grows_with_cuda() {
        assert_eq!(driver_version(12090), "575.00");
        assert_eq!(driver_version(13020), "595.00");
        assert_eq!(driver_version(11080), "450.00");
    }
}
