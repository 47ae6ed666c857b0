//! Page-locked memory, and how much memory there is.

use rigel_protocol::CuError;
use rigel_protocol::call::{Cx, HostPtr};
use rigel_protocol::generated::types::CUmemLocation;
use rigel_protocol::handle::DevicePtr;
use rigel_protocol::link::{ArenaMap, HostRegister, MirrorMap};

use crate::worker::fault::Fault;
use crate::worker::gate::Work;
use crate::worker::issue::Issue;

/// `CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP`: for every context, kernels included.
const REGISTER_FLAGS: u32 = 3;

/// What prefetches are to the gate; no function has this handle.
const PREFETCHES: u64 = 3;

/// `arenaMap`: an arena is mapped where the client has it, and page-locked. Where the address is
/// taken the answer is `CUDA_ERROR_MAP_FAILED`, and the client may try another.
pub(super) fn arena_map(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ArenaMap {
        arena,
        address,
        bytes,
        ..
    } = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let address = HostPtr(address);
    session.arenas.place(arena, address, bytes)?;
    let registered = issue
        .driver()
        .host_register(issue.cx(), address, bytes, REGISTER_FLAGS);
    match registered {
        // Where a driver cannot page-lock, copies from there are slower and otherwise the same.
        Ok(()) | Err(CuError::NOT_SUPPORTED) => Ok(()),
        Err(error) => {
            session.arenas.remove(arena);
            Err(error.into())
        }
    }
}

/// `arenaUnmap`: answered when nothing issued so far can use the memory any more.
pub(super) fn arena_unmap(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let ArenaMap { arena, .. } = issue.get()?;
    issue.end_of_record()?;
    let base = issue.session().arenas.base(arena)?;
    let thread = issue.caller().thread;
    issue.later(move |driver, results| {
        let session = results.session();
        for (context, _) in session.contexts.all() {
            // A context that is lost uses nothing any more; its error is for its own calls.
            let _ = driver.ctx_synchronize(Cx { context, thread });
        }
        // Where a driver cannot page-lock there is nothing to undo.
        let _ = driver.host_unregister(results.cx(), base);
        session.arenas.remove(arena);
        Ok(())
    })
}

/// `mirrorMap`: page-locked memory of this host, which a client of another keeps equal to its own.
pub(super) fn mirror_map(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let MirrorMap { address, bytes } = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let address = HostPtr(address);
    session.arenas.mirror(address, bytes)?;
    let registered = issue
        .driver()
        .host_register(issue.cx(), address, bytes, REGISTER_FLAGS);
    match registered {
        Ok(()) | Err(CuError::NOT_SUPPORTED) => Ok(()),
        Err(error) => {
            session.arenas.unmirror(address);
            Err(error.into())
        }
    }
}

/// `hostRegister`: page-locked memory where the program has its own, which the client keeps equal. Where
/// the address is taken the answer is `CUDA_ERROR_MAP_FAILED`.
pub(super) fn host_register(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let HostRegister {
        address,
        bytes,
        flags,
    } = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let address = HostPtr(address);
    session.arenas.register(address, bytes)?;
    let registered =
        issue
            .driver()
            .host_register(issue.cx(), address, bytes, flags | REGISTER_FLAGS);
    match registered {
        Ok(()) | Err(CuError::NOT_SUPPORTED) => Ok(()),
        Err(error) => {
            session.arenas.unmirror(address);
            Err(error.into())
        }
    }
}

/// `hostUnregister`: what the GPU has written is told before the answer.
pub(super) fn host_unregister(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let HostRegister { address, bytes, .. } = issue.get()?;
    unmirror(issue, address, bytes)
}

/// `mirrorUnmap`: likewise answered when nothing can use the memory any more.
pub(super) fn mirror_unmap(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let MirrorMap { address, bytes } = issue.get()?;
    unmirror(issue, address, bytes)
}

fn unmirror(issue: &mut Issue<'_>, address: u64, bytes: u64) -> Result<(), Fault> {
    issue.end_of_record()?;
    let address = HostPtr(address);
    issue.session().arenas.check(address, bytes)?;
    let thread = issue.caller().thread;
    issue.later(move |driver, results| {
        let session = results.session();
        for (context, _) in session.contexts.all() {
            // As for arenas.
            let _ = driver.ctx_synchronize(Cx { context, thread });
        }
        session.tell_changes()?;
        let _ = driver.host_unregister(results.cx(), address);
        session.arenas.unmirror(address);
        Ok(())
    })
}

/// `mirrorWrite`.
pub(super) fn mirror_write(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let changes = issue.args().rest();
    match issue.session().arenas.apply(changes) {
        true => Ok(()),
        false => Err(Fault::Broken("what is no row of changes")),
    }
}

/// `cuMemPrefetchAsync`: pages that move are work for the GPU, as copies within it are.
pub(super) fn prefetch(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    let bytes: usize = issue.get()?;
    let location: CUmemLocation = issue.get()?;
    let flags: u32 = issue.get()?;
    let stream = issue.stream()?;
    issue.end_of_record()?;
    issue.pass(stream, || Work {
        what: PREFETCHES,
        size: bytes.checked_next_power_of_two().unwrap_or(usize::MAX) as u64,
    });
    let cx = issue.cx();
    let moved = issue
        .driver()
        .mem_prefetch_async(cx, address, bytes, location, flags, stream);
    Ok(moved?)
}

/// `cuMemGetInfo`: the driver's truth, within the quota.
pub(super) fn info(issue: &mut Issue<'_>) -> Result<(), Fault> {
    issue.end_of_record()?;
    let (free, total) = issue.driver().mem_get_info(issue.cx())?;
    let gpu = issue.session().gpu_of(issue.caller().context)?;
    let (free, total) = issue.session().charges.info(gpu, free as u64, total as u64);
    issue.put(&free);
    issue.put(&total);
    Ok(())
}
