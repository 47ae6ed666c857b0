//! Memory that goes to other processes, as far as one process can see: what two drivers in it share by
//! descriptors, and that memory stays what it is when it is lent. The rest takes two processes:
//! `tests/programs/cuda/shared_memory.cu`.

use rigel_protocol::CuError;
use rigel_protocol::generated::driver::{EventApi, MemoryApi, PoolApi, VmmApi};
use rigel_protocol::generated::types::{
    CUmemAccess_flags, CUmemAccessDesc, CUmemAllocationFlags, CUmemAllocationHandleType,
    CUmemAllocationProp, CUmemAllocationType, CUmemLocation, CUmemLocationType, CUmemPoolProps,
};
use rigel_protocol::handle::{DevicePtr, MemAllocation};

use super::Fixture;

const GRANULE: usize = 2 << 20;
const DESCRIPTOR: CUmemAllocationHandleType = CUmemAllocationHandleType(1);
const HERE: CUmemLocation = CUmemLocation {
    r#type: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
    id: 0,
};

fn create(fixture: &Fixture, handles: CUmemAllocationHandleType) -> MemAllocation {
    let properties = CUmemAllocationProp {
        r#type: CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED,
        requestedHandleTypes: handles,
        location: HERE,
        win32HandleMetaData: 0,
        allocFlags: CUmemAllocationFlags {
            compressionType: 0,
            gpuDirectRDMACapable: 0,
            usage: 0,
            reserved: [0; 4],
        },
    };
    let made = fixture
        .driver
        .mem_create(fixture.cx, GRANULE, &properties, 0);
    made.unwrap()
}

fn map(fixture: &Fixture, physical: MemAllocation) -> DevicePtr {
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let at = driver
        .mem_address_reserve(cx, GRANULE, 0, DevicePtr(0), 0)
        .unwrap();
    driver.mem_map(cx, at, GRANULE, 0, physical, 0).unwrap();
    let access = CUmemAccessDesc {
        location: HERE,
        flags: CUmemAccess_flags(3),
    };
    driver.mem_set_access(cx, at, GRANULE, &[access]).unwrap();
    at
}

#[test]
fn physical_memory_by_descriptor_is_the_same_memory() {
    let (one, two) = (Fixture::new(), Fixture::new());
    let made = create(&one, DESCRIPTOR);
    let descriptor = one
        .driver
        .mem_export_to_shareable_handle(one.cx, made, DESCRIPTOR, 0)
        .unwrap();
    let imported = two
        .driver
        .mem_import_from_shareable_handle(two.cx, descriptor, DESCRIPTOR)
        .unwrap();
    nix::unistd::close(descriptor as i32).unwrap();
    let (here, there) = (map(&one, made), map(&two, imported));
    one.write(here, b"from one");
    assert_eq!(two.read(there, 8), b"from one");
    two.write(there, b"from two");
    assert_eq!(one.read(here, 8), b"from two");
    // It outlives the driver that made it.
    drop(one);
    assert_eq!(two.read(there, 8), b"from two");
}

#[test]
fn export_of_memory_that_was_not_made_for_it_is_invalid() {
    let fixture = Fixture::new();
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let made = create(&fixture, CUmemAllocationHandleType(0));
    assert_eq!(
        driver.mem_export_to_shareable_handle(cx, made, DESCRIPTOR, 0),
        Err(CuError::INVALID_VALUE)
    );
    for wrong in [u64::MAX, 0x7fff_0000] {
        assert_eq!(
            driver.mem_import_from_shareable_handle(cx, wrong, DESCRIPTOR),
            Err(CuError::INVALID_VALUE)
        );
    }
}

#[test]
fn retained_handle_keeps_memory_that_is_mapped() {
    let fixture = Fixture::new();
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let made = create(&fixture, CUmemAllocationHandleType(0));
    let at = map(&fixture, made);
    let retained = driver
        .mem_retain_allocation_handle(cx, at.0 + 4096)
        .unwrap();
    driver.mem_release(cx, made).unwrap();
    fixture.write(at, b"kept");
    driver.mem_unmap(cx, at, GRANULE).unwrap();
    driver.mem_map(cx, at, GRANULE, 0, retained, 0).unwrap();
    let access = CUmemAccessDesc {
        location: HERE,
        flags: CUmemAccess_flags(1),
    };
    driver.mem_set_access(cx, at, GRANULE, &[access]).unwrap();
    assert_eq!(fixture.read(at, 4), b"kept");
    assert_eq!(
        driver.mem_retain_allocation_handle(cx, 4096),
        Err(CuError::INVALID_VALUE)
    );
}

#[test]
fn lent_memory_and_its_neighbours_keep_their_contents() {
    let fixture = Fixture::new();
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let (lent, neighbour) = (fixture.alloc(5000), fixture.alloc(5000));
    fixture.write(lent, &[7; 5000]);
    fixture.write(neighbour, &[9; 5000]);
    let name = driver.ipc_get_mem_handle(cx, lent).unwrap();
    assert_eq!(driver.ipc_get_mem_handle(cx, lent), Ok(name));
    assert_eq!(fixture.read(lent, 5000), [7; 5000]);
    assert_eq!(fixture.read(neighbour, 5000), [9; 5000]);
    assert_eq!(
        driver.ipc_open_mem_handle(cx, name, 1),
        Err(CuError::INVALID_CONTEXT),
        "no process opens its own"
    );
    driver.mem_free(cx, lent).unwrap();
    let again = fixture.alloc(5000);
    assert_ne!(driver.ipc_get_mem_handle(cx, again), Ok(name));
    fixture.write(again, &[8; 5000]);
    assert_eq!(fixture.read(again, 5000), [8; 5000]);
    assert_eq!(fixture.read(neighbour, 5000), [9; 5000]);
}

#[test]
fn what_cannot_be_lent_is_invalid() {
    let fixture = Fixture::new();
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let managed = driver.mem_alloc_managed(cx, 4096, 1).unwrap();
    for address in [managed, DevicePtr(64), DevicePtr(0)] {
        assert_eq!(
            driver.ipc_get_mem_handle(cx, address),
            Err(CuError::INVALID_VALUE)
        );
    }
    assert_eq!(
        driver.event_create(cx, 4),
        Err(CuError::INVALID_VALUE),
        "an event of several processes has no time"
    );
    let plain = driver.event_create(cx, 2).unwrap();
    assert_eq!(
        driver.ipc_get_event_handle(cx, plain),
        Err(CuError::INVALID_HANDLE)
    );
}

#[test]
fn imported_pool_gives_no_memory() {
    let fixture = Fixture::new();
    let (driver, cx) = (&fixture.driver, fixture.cx);
    let properties = CUmemPoolProps {
        allocType: CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED,
        handleTypes: DESCRIPTOR,
        location: HERE,
        win32SecurityAttributes: 0,
        maxSize: 0,
        usage: 0,
        reserved: [0; 54],
    };
    let pool = driver.mem_pool_create(cx, &properties).unwrap();
    let descriptor = driver
        .mem_pool_export_to_shareable_handle(cx, pool, DESCRIPTOR, 0)
        .unwrap();
    let imported = driver
        .mem_pool_import_from_shareable_handle(cx, descriptor, DESCRIPTOR, 0)
        .unwrap();
    assert!(
        driver
            .mem_import_from_shareable_handle(cx, descriptor, DESCRIPTOR)
            .is_err(),
        "a pool is no memory"
    );
    nix::unistd::close(descriptor as i32).unwrap();
    let stream = fixture.stream(0);
    assert_eq!(
        driver.mem_alloc_from_pool_async(cx, 4096, imported, stream),
        Err(CuError::INVALID_VALUE)
    );
    let memory = driver
        .mem_alloc_from_pool_async(cx, 4096, pool, stream)
        .unwrap();
    assert!(driver.mem_pool_export_pointer(cx, memory).is_ok());
    assert_eq!(
        driver.ipc_get_mem_handle(cx, memory),
        Err(CuError::INVALID_VALUE)
    );
}
