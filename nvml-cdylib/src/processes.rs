//! Processes on a device: those of our own lease, nobody else's.
//!
//! Three versions of the structure are in use; the last two are the same. Virtual GPUs draw nothing
//! and share nothing through MPS that a tenant could see, so the other lists are empty.
#![expect(unsafe_code, reason = "exported C functions")]

use rigel_protocol::control::ProcessUse;

use crate::border::{call, check, read, write};
use crate::state::{Handle, fresh_device};
use crate::status::{NvmlError, NvmlResult};

/// What `gpuInstanceId` is where there are no instances.
const NO_INSTANCE: u32 = u32::MAX;

/// `nvmlProcessInfo_v1_t`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct ProcessInfoV1 {
    pid: u32,
    used_bytes: u64,
}

/// `nvmlProcessInfo_v2_t`, which version 3 of the functions uses too.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct ProcessInfoV2 {
    pid: u32,
    used_bytes: u64,
    gpu_instance: u32,
    compute_instance: u32,
}

impl From<ProcessUse> for ProcessInfoV1 {
    fn from(process: ProcessUse) -> Self {
        Self {
            pid: process.pid,
            used_bytes: process.memory_bytes,
        }
    }
}

impl From<ProcessUse> for ProcessInfoV2 {
    fn from(process: ProcessUse) -> Self {
        Self {
            pid: process.pid,
            used_bytes: process.memory_bytes,
            gpu_instance: NO_INSTANCE,
            compute_instance: NO_INSTANCE,
        }
    }
}

/// # Safety
/// `count` is null or valid, and says how many elements `infos` has room for.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses(
    device: Handle,
    count: *mut u32,
    infos: *mut ProcessInfoV1,
) -> u32 {
    // SAFETY: the caller's list.
    call(|| unsafe { running(device, count, infos) })
}

/// # Safety
/// As [`nvmlDeviceGetComputeRunningProcesses`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v2(
    device: Handle,
    count: *mut u32,
    infos: *mut ProcessInfoV2,
) -> u32 {
    // SAFETY: the caller's list.
    call(|| unsafe { running(device, count, infos) })
}

/// # Safety
/// As [`nvmlDeviceGetComputeRunningProcesses`].
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
    device: Handle,
    count: *mut u32,
    infos: *mut ProcessInfoV2,
) -> u32 {
    // SAFETY: the caller's list.
    call(|| unsafe { running(device, count, infos) })
}

/// Lists of processes that are always empty.
macro_rules! nobody {
    ($($name:ident)*) => {
        $(
            /// An empty list.
            ///
            /// # Safety
            /// `count` is null or valid for writing.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name(device: Handle, count: *mut u32) -> u32 {
                call(|| {
                    crate::state::device(device, |_, _| Ok(()))?;
                    // SAFETY: the caller's out-pointer.
                    unsafe { write(count, 0) }
                })
            }
        )*
    };
}

nobody! {
    nvmlDeviceGetGraphicsRunningProcesses
    nvmlDeviceGetGraphicsRunningProcesses_v2
    nvmlDeviceGetGraphicsRunningProcesses_v3
    nvmlDeviceGetMPSComputeRunningProcesses
    nvmlDeviceGetMPSComputeRunningProcesses_v2
    nvmlDeviceGetMPSComputeRunningProcesses_v3
}

/// Writes the processes of a device. Too little room is an error that says how much is needed.
unsafe fn running<T: From<ProcessUse>>(
    device: Handle,
    count: *mut u32,
    infos: *mut T,
) -> NvmlResult<()> {
    // SAFETY: the caller's pointer.
    let room = unsafe { read(count) }? as usize;
    let processes = fresh_device(device, |gpu| Ok(gpu.processes.clone()))?;
    // SAFETY: the caller's pointer, read above.
    unsafe { write(count, u32::try_from(processes.len()).unwrap_or(u32::MAX)) }?;
    if processes.len() > room {
        return Err(NvmlError::INSUFFICIENT_SIZE);
    }
    if !processes.is_empty() {
        check(infos)?;
    }
    for (index, process) in processes.into_iter().enumerate() {
        // SAFETY: the list has room for more than `index` elements.
        unsafe { infos.add(index).write_unaligned(T::from(process)) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_as_large_as_in_c() {
        assert_eq!(size_of::<ProcessInfoV1>(), 16);
        assert_eq!(size_of::<ProcessInfoV2>(), 24);
    }
}
