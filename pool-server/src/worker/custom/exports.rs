//! Memory, events and pools between the sessions of a lease: what goes out becomes a token, what comes
//! in is charged as any allocation is. Read [`memory`] and [`open_memory`] first.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rigel_protocol::generated::types::{
    CUipcEventHandle, CUipcMemHandle, CUmemAllocationHandleType, CUmemPoolPtrExportData,
};
use rigel_protocol::handle::{DevicePtr, Event, MemAllocation, MemPool};
use rigel_protocol::{CuError, CuResult};

use crate::worker::control::{Export, ExportKind};
use crate::worker::exports::{Origin, opened, sealed};
use crate::worker::fault::Fault;
use crate::worker::issue::Issue;
use crate::worker::ledger::VirtualGpu;
use crate::worker::native;
use crate::worker::session::Session;

/// What the driver calls an object, as it goes to the daemon.
fn named(kind: ExportKind, data: &[u8; 64]) -> Export {
    Export {
        kind,
        data: data.to_vec(),
        bytes: 0,
        physical: u32::MAX,
    }
}

/// What the driver calls an object, as it has come from the daemon with its descriptor.
fn name(session: &Session, export: &Export, descriptor: Option<&OwnedFd>) -> CuResult<[u8; 64]> {
    let data = <[u8; 64]>::try_from(export.data.as_slice());
    let mut data = data.map_err(|_| CuError::INVALID_VALUE)?;
    if let (Some(soft), Some(descriptor)) = (&session.soft, descriptor) {
        soft.has_lent(&mut data, descriptor.as_fd());
    }
    Ok(data)
}

/// The descriptor that goes with what the driver calls an object, where the driver is ours.
fn descriptor_of(session: &Session, data: &[u8; 64]) -> CuResult<Option<OwnedFd>> {
    match &session.soft {
        Some(soft) => soft.lent(data),
        None => Ok(None),
    }
}

/// `cuIpcGetMemHandle`.
pub(super) fn memory(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let (gpu, bytes) = session
        .charges
        .held(address.0)
        .ok_or(CuError::INVALID_VALUE)?;
    let handle = issue.driver().ipc_get_mem_handle(issue.cx(), address)?;
    let export = Export {
        bytes,
        physical: session.exports.physical(gpu),
        ..named(ExportKind::Memory, &handle.reserved)
    };
    let descriptor = descriptor_of(session, &handle.reserved)?;
    issue.later(move |_, results| {
        let exports = &results.session().exports;
        let token = exports.add(Origin::Memory(address.0), export, descriptor)?;
        let reserved = sealed(token);
        results.put(&CUipcMemHandle { reserved });
        Ok(())
    })
}

/// `cuIpcOpenMemHandle`: charged once however often it is opened.
pub(super) fn open_memory(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle: CUipcMemHandle = issue.get()?;
    let flags: u32 = issue.get()?;
    issue.end_of_record()?;
    let token = opened(&handle.reserved)?;
    issue.later(move |driver, results| {
        let session = results.session();
        let (export, descriptor) = session.exports.find(token, ExportKind::Memory)?;
        let handle = CUipcMemHandle {
            reserved: name(session, &export, descriptor.as_ref())?,
        };
        let gpu = session.exports.gpu(export.physical)?;
        let charge = session.charges.charge(gpu, export.bytes)?;
        let address = driver.ipc_open_mem_handle(results.cx(), handle, flags)?;
        results.keep(charge, address.0);
        results.put(&address);
        Ok(())
    })
}

/// `cuIpcCloseMemHandle`.
pub(super) fn close_memory(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    issue.later(move |driver, results| {
        driver.ipc_close_mem_handle(results.cx(), address)?;
        // Opened more than once, it stays until it is closed as often.
        if driver.mem_get_address_range(results.cx(), address).is_err() {
            results.refund(address.0);
        }
        Ok(())
    })
}

/// `cuIpcGetEventHandle`.
pub(super) fn event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let event = issue.handle::<Event>()?;
    issue.end_of_record()?;
    let handle = issue.driver().ipc_get_event_handle(issue.cx(), event)?;
    let export = named(ExportKind::Event, &handle.reserved);
    let descriptor = descriptor_of(issue.session(), &handle.reserved)?;
    issue.later(move |_, results| {
        let exports = &results.session().exports;
        let token = exports.add(Origin::Event(event.0), export, descriptor)?;
        let reserved = sealed(token);
        results.put(&CUipcEventHandle { reserved });
        Ok(())
    })
}

/// `cuIpcOpenEventHandle`.
pub(super) fn open_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: Event = issue.get()?;
    let handle: CUipcEventHandle = issue.get()?;
    issue.end_of_record()?;
    issue.session().handles.check_vacant(client)?;
    let token = opened(&handle.reserved)?;
    issue.later(move |driver, results| {
        let session = results.session();
        let (export, descriptor) = session.exports.find(token, ExportKind::Event)?;
        let handle = CUipcEventHandle {
            reserved: name(session, &export, descriptor.as_ref())?,
        };
        let real = driver.ipc_open_event_handle(results.cx(), handle)?;
        results.create(client, real)
    })
}

/// `cuEventDestroy`: nobody can open it any more.
pub(super) fn destroy_event(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let event = issue.gone_handle::<Event>()?;
    issue.end_of_record()?;
    issue.driver().event_destroy(issue.cx(), event)?;
    issue.session().exports.event_destroyed(event.0);
    Ok(())
}

/// `cuMemExportToShareableHandle`.
pub(super) fn physical(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle = issue.handle::<MemAllocation>()?;
    let kind: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let charges = &session.charges;
    let (gpu, bytes) = charges.physical(handle.0).ok_or(CuError::INVALID_VALUE)?;
    let number = charges
        .physical_number(handle.0)
        .ok_or(CuError::INVALID_VALUE)?;
    let made = issue
        .driver()
        .mem_export_to_shareable_handle(issue.cx(), handle, kind, flags)?;
    let descriptor = native::owned(made)?;
    let export = Export {
        kind: ExportKind::Physical,
        data: Vec::new(),
        bytes,
        physical: session.exports.physical(gpu),
    };
    issue.later(move |_, results| {
        let exports = &results.session().exports;
        let token = exports.add(Origin::Physical(number), export, Some(descriptor))?;
        results.put(&token);
        Ok(())
    })
}

/// `cuMemImportFromShareableHandle`.
pub(super) fn import_physical(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: MemAllocation = issue.get()?;
    let token: u64 = issue.get()?;
    let kind: CUmemAllocationHandleType = issue.get()?;
    issue.end_of_record()?;
    issue.session().handles.check_vacant(client)?;
    issue.later(move |driver, results| {
        let session = results.session();
        let (export, descriptor) = session.exports.find(token, ExportKind::Physical)?;
        let descriptor = descriptor.ok_or(CuError::INVALID_VALUE)?;
        let gpu = session.exports.gpu(export.physical)?;
        let charge = session.charges.charge(gpu, export.bytes)?;
        let number = descriptor.as_raw_fd() as u64;
        let real = driver.mem_import_from_shareable_handle(results.cx(), number, kind)?;
        charge.keep_physical(real.0);
        results.create(client, real)
    })
}

/// `cuMemPoolExportToShareableHandle`.
pub(super) fn pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let kind: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let made = issue
        .driver()
        .mem_pool_export_to_shareable_handle(issue.cx(), pool, kind, flags)?;
    let descriptor = native::owned(made)?;
    let export = Export {
        kind: ExportKind::Pool,
        data: Vec::new(),
        bytes: 0,
        physical: u32::MAX,
    };
    issue.later(move |_, results| {
        let exports = &results.session().exports;
        let token = exports.add(Origin::Pool(pool.0), export, Some(descriptor))?;
        results.put(&token);
        Ok(())
    })
}

/// `cuMemPoolImportFromShareableHandle`: a pool is charged by what is taken of it.
pub(super) fn import_pool(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: MemPool = issue.get()?;
    let token: u64 = issue.get()?;
    let kind: CUmemAllocationHandleType = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    issue.session().handles.check_vacant(client)?;
    issue.later(move |driver, results| {
        let exports = &results.session().exports;
        let (_, descriptor) = exports.find(token, ExportKind::Pool)?;
        let descriptor = descriptor.ok_or(CuError::INVALID_VALUE)?;
        let number = descriptor.as_raw_fd() as u64;
        let cx = results.cx();
        let real = driver.mem_pool_import_from_shareable_handle(cx, number, kind, flags)?;
        results.create(client, real)
    })
}

/// `cuMemPoolExportPointer`.
pub(super) fn pool_memory(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    let held = session.charges.held(address.0);
    let (gpu, bytes): (VirtualGpu, u64) = held.ok_or(CuError::INVALID_VALUE)?;
    let data = issue
        .driver()
        .mem_pool_export_pointer(issue.cx(), address)?;
    let export = Export {
        bytes,
        physical: session.exports.physical(gpu),
        ..named(ExportKind::PoolMemory, &data.reserved)
    };
    let descriptor = descriptor_of(session, &data.reserved)?;
    issue.later(move |_, results| {
        let exports = &results.session().exports;
        let token = exports.add(Origin::Memory(address.0), export, descriptor)?;
        let reserved = sealed(token);
        results.put(&CUmemPoolPtrExportData { reserved });
        Ok(())
    })
}

/// `cuMemPoolImportPointer`.
pub(super) fn import_pool_memory(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let pool = issue.handle::<MemPool>()?;
    let data: CUmemPoolPtrExportData = issue.get()?;
    issue.end_of_record()?;
    let token = opened(&data.reserved)?;
    issue.later(move |driver, results| {
        let session = results.session();
        let (export, descriptor) = session.exports.find(token, ExportKind::PoolMemory)?;
        let data = CUmemPoolPtrExportData {
            reserved: name(session, &export, descriptor.as_ref())?,
        };
        let gpu = session.exports.gpu(export.physical)?;
        let charge = session.charges.charge(gpu, export.bytes)?;
        let address = driver.mem_pool_import_pointer(results.cx(), pool, &data)?;
        results.keep(charge, address.0);
        results.put(&address);
        Ok(())
    })
}
