//! Physical memory: charged to the GPU it lies on, and until its handle is released and its last mapping
//! is gone. Who releases a handle while the memory is mapped has given nothing back.

use rigel_protocol::generated::types::CUmemAllocationProp;
use rigel_protocol::handle::{DevicePtr, MemAllocation};

use crate::worker::fault::Fault;
use crate::worker::issue::Issue;
use crate::worker::ledger::VirtualGpu;

/// `CU_MEM_LOCATION_TYPE_DEVICE`.
const ON_DEVICE: u32 = 1;

/// `cuMemCreate`.
pub(super) fn create(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: MemAllocation = issue.get()?;
    let bytes: usize = issue.get()?;
    let properties: CUmemAllocationProp = issue.get()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    let session = issue.session();
    session.handles.check_vacant(client)?;
    // Memory of another place is charged to the first GPU: nothing is free of charge.
    let gpu = match (properties.location.r#type.0, properties.location.id) {
        (ON_DEVICE, id) => u32::try_from(id).unwrap_or(u32::MAX),
        _ => 0,
    };
    let charge = session.charges.charge(VirtualGpu(gpu), bytes as u64)?;
    let real = issue
        .driver()
        .mem_create(issue.cx(), bytes, &properties, flags)?;
    charge.keep_physical(real.0);
    issue.create(client, real)
}

/// `cuMemRelease`.
pub(super) fn release(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let handle = issue.gone_handle::<MemAllocation>()?;
    issue.end_of_record()?;
    issue.driver().mem_release(issue.cx(), handle)?;
    let session = issue.session();
    session.charges.release(handle.0);
    session.exports.physical_freed(&session.charges);
    Ok(())
}

/// `cuMemRetainAllocationHandle`.
pub(super) fn retain(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let client: MemAllocation = issue.get()?;
    let address: u64 = issue.get()?;
    issue.end_of_record()?;
    issue.session().handles.check_vacant(client)?;
    let real = issue
        .driver()
        .mem_retain_allocation_handle(issue.cx(), address)?;
    issue.session().charges.retain(real.0, address);
    issue.create(client, real)
}

/// `cuMemMap`.
pub(super) fn map(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    let bytes: usize = issue.get()?;
    let offset: usize = issue.get()?;
    let handle = issue.handle::<MemAllocation>()?;
    let flags: u64 = issue.get()?;
    issue.end_of_record()?;
    issue
        .driver()
        .mem_map(issue.cx(), address, bytes, offset, handle, flags)?;
    let charges = &issue.session().charges;
    charges.map(handle.0, address.0, bytes as u64);
    Ok(())
}

/// `cuMemUnmap`.
pub(super) fn unmap(issue: &mut Issue<'_>) -> Result<(), Fault> {
    let address: DevicePtr = issue.get()?;
    let bytes: usize = issue.get()?;
    issue.end_of_record()?;
    issue.driver().mem_unmap(issue.cx(), address, bytes)?;
    let charges = &issue.session().charges;
    charges.unmap(address.0, bytes as u64);
    issue.session().exports.physical_freed(charges);
    Ok(())
}
