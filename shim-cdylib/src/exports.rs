//! Memory and pools that go to other processes, and come from them.
//!
//! The worker keeps what the driver has given for another process, and gives the client a token for it.
//! A token is good within the lease alone, so that it may travel in the open: in the 64 bytes of a
//! handle, or in a small sealed file in memory that stands for the driver's file descriptor, which
//! programs pass on through sockets. Read [`mem_export_to_shareable_handle`] first.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::IntoRawFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use rigel_protocol::custom::AllocationKind;
use rigel_protocol::generated::driver::MemoryApi;
use rigel_protocol::generated::types::{
    CUipcMemHandle, CUmemAllocationHandleType, CUmemPoolPtrExportData,
};
use rigel_protocol::handle::{DevicePtr, MemAllocation, MemPool};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::remote::Remote;
use crate::shadow::note_memory;

/// The first bytes of a file that holds a token.
const MAGIC: [u8; 8] = *b"RGLSHARE";

/// What a file stands for, behind the magic.
const PHYSICAL: u64 = 1;
const POOL: u64 = 2;

/// Memory that was opened by a handle, which closes it and does not free it.
static OPENED: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn opened() -> MutexGuard<'static, BTreeSet<u64>> {
    // Every change is a single step: a panic elsewhere leaves the set whole.
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses to free memory of another process.
pub(crate) fn check_own(memory: DevicePtr) -> CuResult<()> {
    match opened().contains(&memory.0) {
        true => Err(CuError::INVALID_VALUE),
        false => Ok(()),
    }
}

/// Memory that one `cuMemAlloc` has given may be opened elsewhere.
pub(crate) fn ipc_get_mem_handle(
    remote: &Remote,
    cx: Cx,
    memory: DevicePtr,
) -> CuResult<CUipcMemHandle> {
    let found = remote.session()?.allocations.find(memory.0);
    let whole = found.filter(|info| info.kind == AllocationKind::Device);
    let base = whole.ok_or(CuError::INVALID_VALUE)?.base;
    remote.send_ipc_get_mem_handle(cx, DevicePtr(base))
}

pub(crate) fn ipc_open_mem_handle(
    remote: &Remote,
    cx: Cx,
    handle: CUipcMemHandle,
    flags: u32,
) -> CuResult<DevicePtr> {
    let memory = remote.send_ipc_open_mem_handle(cx, handle, flags)?;
    opened().insert(memory.0);
    note_import(remote, cx, memory)
}

pub(crate) fn ipc_close_mem_handle(remote: &Remote, cx: Cx, memory: DevicePtr) -> CuResult<()> {
    let session = remote.session()?;
    remote.send_ipc_close_mem_handle(cx, memory)?;
    // Opened several times it stays until it is closed as often, which the driver counts.
    if remote.mem_get_address_range(cx, memory).is_err() {
        session.allocations.remove(memory.0);
        opened().remove(&memory.0);
    }
    Ok(())
}

/// Makes a file descriptor that stands for physical memory.
pub(crate) fn mem_export_to_shareable_handle(
    remote: &Remote,
    cx: Cx,
    handle: MemAllocation,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> CuResult<u64> {
    let token = remote.send_mem_export_to_shareable_handle(cx, handle, handle_type, flags)?;
    describe(PHYSICAL, token)
}

pub(crate) fn mem_import_from_shareable_handle(
    remote: &Remote,
    cx: Cx,
    descriptor: u64,
    handle_type: CUmemAllocationHandleType,
) -> CuResult<MemAllocation> {
    let token = token_in(PHYSICAL, descriptor)?;
    remote.send_mem_import_from_shareable_handle(cx, token, handle_type)
}

/// Makes a file descriptor that stands for a pool.
pub(crate) fn mem_pool_export_to_shareable_handle(
    remote: &Remote,
    cx: Cx,
    pool: MemPool,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> CuResult<u64> {
    let token = remote.send_mem_pool_export_to_shareable_handle(cx, pool, handle_type, flags)?;
    describe(POOL, token)
}

pub(crate) fn mem_pool_import_from_shareable_handle(
    remote: &Remote,
    cx: Cx,
    descriptor: u64,
    handle_type: CUmemAllocationHandleType,
    flags: u64,
) -> CuResult<MemPool> {
    let token = token_in(POOL, descriptor)?;
    remote.send_mem_pool_import_from_shareable_handle(cx, token, handle_type, flags)
}

pub(crate) fn mem_pool_import_pointer(
    remote: &Remote,
    cx: Cx,
    pool: MemPool,
    data: &CUmemPoolPtrExportData,
) -> CuResult<DevicePtr> {
    let memory = remote.send_mem_pool_import_pointer(cx, pool, data)?;
    note_import(remote, cx, memory)
}

/// Enters memory of another process among the allocations.
fn note_import(remote: &Remote, cx: Cx, memory: DevicePtr) -> CuResult<DevicePtr> {
    let session = remote.session()?;
    if session.allocations.find(memory.0).is_some() {
        return Ok(memory);
    }
    let (base, bytes) = remote.mem_get_address_range(cx, memory)?;
    note_memory(remote, cx, AllocationKind::Device, base, bytes)?;
    Ok(memory)
}

/// A sealed file in memory: magic, what it stands for, token.
fn describe(kind: u64, token: u64) -> CuResult<u64> {
    let made = || -> std::io::Result<File> {
        let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
        let mut file = File::from(memfd_create("rigel-shared", flags)?);
        file.write_all(&MAGIC)?;
        file.write_all(&kind.to_le_bytes())?;
        file.write_all(&token.to_le_bytes())?;
        let seals = SealFlag::F_SEAL_SHRINK
            | SealFlag::F_SEAL_GROW
            | SealFlag::F_SEAL_WRITE
            | SealFlag::F_SEAL_SEAL;
        fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
        Ok(file)
    };
    let file = made().map_err(|error| {
        tracing::warn!(%error, "make a file descriptor for shared memory");
        CuError::OPERATING_SYSTEM
    })?;
    u64::try_from(file.into_raw_fd()).map_err(|_| CuError::OPERATING_SYSTEM)
}

/// The token in a file that [`describe`] has made, here or in another process.
fn token_in(kind: u64, descriptor: u64) -> CuResult<u64> {
    let number = i32::try_from(descriptor).map_err(|_| CuError::INVALID_VALUE)?;
    // Another open file with a position of its own; the descriptor stays the program's.
    let mut file = File::open(format!("/proc/self/fd/{number}"))
        .ok()
        .filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()))
        .ok_or(CuError::INVALID_VALUE)?;
    let mut words = [[0_u8; 8]; 3];
    for word in &mut words {
        file.read_exact(word).map_err(|_| CuError::INVALID_VALUE)?;
    }
    match words[0] == MAGIC && u64::from_le_bytes(words[1]) == kind {
        true => Ok(u64::from_le_bytes(words[2])),
        false => Err(CuError::INVALID_VALUE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_survives_its_descriptor_and_its_copies() {
        let descriptor = describe(PHYSICAL, 0x1234_5678_9abc_def0).unwrap();
        for _ in 0..2 {
            assert_eq!(token_in(PHYSICAL, descriptor), Ok(0x1234_5678_9abc_def0));
        }
        assert_eq!(token_in(POOL, descriptor), Err(CuError::INVALID_VALUE));
        nix::unistd::close(descriptor as i32).unwrap();
    }

    #[test]
    fn token_of_what_is_no_such_file_is_invalid() {
        for descriptor in [0x7fff_fff0, u64::MAX, 1 << 40] {
            assert_eq!(token_in(POOL, descriptor), Err(CuError::INVALID_VALUE));
        }
    }
}
