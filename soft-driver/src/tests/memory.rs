//! Memory: allocation, books, copies and fills, pools, virtual memory, pointer queries.

use rigel_protocol::custom::{
    AllocationKind, Copies, Copy3d, Extent, Fill, HostMemory, Order, Place, Side,
};
use rigel_protocol::generated::driver::{MemoryApi, PoolApi, StreamApi, VmmApi};
use rigel_protocol::generated::types::{
    CUmemAccess_flags, CUmemAccessDesc, CUmemAllocationFlags, CUmemAllocationHandleType,
    CUmemAllocationProp, CUmemAllocationType, CUmemLocation, CUmemLocationType,
    CUmemPool_attribute,
};
use rigel_protocol::handle::{Device, DevicePtr, MemPool, Stream};
use rigel_protocol::{CuError, HostPtr};

use super::Fixture;
use crate::config::Config;

const GRANULE: usize = 2 << 20;
const LEGACY: Order = Order {
    stream: Stream::LEGACY,
    wait: true,
};

fn free_bytes(fixture: &Fixture) -> usize {
    fixture.driver.mem_get_info(fixture.cx).unwrap().0
}

#[test]
fn copy_to_the_device_and_back_gives_the_same_bytes() {
    let fixture = Fixture::new();
    let bytes: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    let memory = fixture.alloc(bytes.len());
    fixture.write(memory, &bytes);
    assert_eq!(fixture.read(memory, bytes.len()), bytes);
}

#[test]
fn copy_to_be_dropped_is_lost_and_no_other() {
    let fixture = Fixture::with(Config {
        drop_copy: Some(2),
        memory_bytes: 64 << 20,
        ..Config::default()
    });
    let memory = fixture.alloc(4);
    for (bytes, found) in [(b"1st.", b"1st."), (b"2nd.", b"1st."), (b"3rd.", b"3rd.")] {
        fixture.write(memory, bytes);
        assert_eq!(fixture.read(memory, 4), found);
    }
    assert_eq!(fixture.driver.snapshot().copies_htod, 2);
}

#[test]
fn copy_past_the_end_is_invalid() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(100);
    let host = [0u8; 200];
    let src = Place::Host(HostPtr(host.as_ptr() as u64));
    let copied = fixture
        .driver
        .copy(fixture.cx, Place::Device(memory), src, 101, LEGACY);
    assert_eq!(copied, Err(CuError::INVALID_VALUE));
}

#[test]
fn alloc_over_the_memory_is_out_of_memory_and_takes_nothing() {
    let fixture = Fixture::new();
    let before = free_bytes(&fixture);
    let refused = fixture.driver.mem_alloc(fixture.cx, 65 << 20);
    assert_eq!(refused, Err(CuError::OUT_OF_MEMORY));
    assert_eq!(free_bytes(&fixture), before);
}

#[test]
fn alloc_and_free_keep_exact_books() {
    let fixture = Fixture::new();
    let before = free_bytes(&fixture);
    let memory = fixture.alloc(1000);
    assert_eq!(before - free_bytes(&fixture), 1024);
    fixture.driver.mem_free(fixture.cx, memory).unwrap();
    assert_eq!(free_bytes(&fixture), before);
    assert_eq!(
        fixture.driver.mem_free(fixture.cx, memory),
        Err(CuError::INVALID_VALUE)
    );
    assert_eq!(fixture.driver.mem_free(fixture.cx, DevicePtr(0)), Ok(()));
}

#[test]
fn fill_rows_leaves_the_gaps() {
    let fixture = Fixture::new();
    let memory = fixture.alloc(64);
    fixture.write(memory, &[7; 64]);
    let fill = Fill {
        dst: memory,
        pitch_bytes: 16,
        value: 0xabcd,
        element_bytes: 2,
        width: 3,
        height: 2,
    };
    fixture.driver.fill(fixture.cx, &fill, LEGACY).unwrap();
    let row = [0xcd, 0xab, 0xcd, 0xab, 0xcd, 0xab, 7, 7];
    let bytes = fixture.read(memory, 24);
    assert_eq!(bytes[..8], row);
    assert_eq!(bytes[16..], row);
}

#[test]
fn copy_3d_takes_the_box_out_of_its_volume() {
    let fixture = Fixture::new();
    let volume: Vec<u8> = (0..4 * 3 * 2u8).collect();
    let memory = fixture.alloc(volume.len());
    fixture.write(memory, &volume);
    let mut out = [0u8; 8];
    let side = |place, x_bytes, pitch_bytes, rows| Side {
        place,
        x_bytes,
        y: 0,
        z: 0,
        pitch_bytes,
        rows,
    };
    let copy = Copy3d {
        src: Side {
            y: 1,
            ..side(Place::Device(memory), 1, 4, 3)
        },
        dst: side(Place::Host(HostPtr(out.as_mut_ptr() as u64)), 0, 2, 2),
        extent: Extent {
            width_bytes: 2,
            height: 2,
            depth: 2,
        },
    };
    fixture.driver.copy_3d(fixture.cx, &copy, LEGACY).unwrap();
    assert_eq!(out, [5, 6, 9, 10, 17, 18, 21, 22]);
}

#[test]
fn pointer_info_tells_kinds_apart() {
    let fixture = Fixture::new();
    let device = fixture.alloc(100).0;
    let host = fixture.driver.host_alloc(fixture.cx, 100, 0).unwrap().0;
    let managed = fixture
        .driver
        .mem_alloc_managed(fixture.cx, 100, 1)
        .unwrap()
        .0;
    let stack = [0u8; 16];
    for (address, kind) in [
        (device + 99, Some(AllocationKind::Device)),
        (host, Some(AllocationKind::HostAllocated)),
        (managed, Some(AllocationKind::Managed)),
        (device + 100, None),
        (stack.as_ptr() as u64, None),
    ] {
        let found = fixture.driver.pointer_info(address);
        assert_eq!(found.map(|info| info.kind), kind, "{address:#x}");
    }
}

#[test]
fn pool_memory_is_freed_in_stream_order() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let stream = fixture.stream(1);
    let before = free_bytes(&fixture);
    let memory = driver.mem_alloc_async(cx, 4096, stream).unwrap();
    let gate = fixture.hold(stream);
    driver.mem_free_async(cx, memory, stream).unwrap();
    assert_eq!(before - free_bytes(&fixture), 4096);
    gate.open();
    driver.stream_synchronize(cx, stream).unwrap();
    assert_eq!(free_bytes(&fixture), before);
}

#[test]
fn pool_allocation_waits_for_pending_frees_before_it_fails() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let stream = fixture.stream(1);
    for _ in 0..10 {
        let memory = driver.mem_alloc_async(cx, 40 << 20, stream).unwrap();
        driver.mem_free_async(cx, memory, stream).unwrap();
    }
    assert_eq!(
        driver.mem_alloc_async(cx, 65 << 20, stream),
        Err(CuError::OUT_OF_MEMORY)
    );
}

#[test]
fn pool_attributes_follow_use() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let pool = driver.device_get_default_mem_pool(cx, Device(0)).unwrap();
    let used = || {
        driver
            .mem_pool_get_attribute(
                cx,
                pool,
                CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT,
            )
            .unwrap()
    };
    let memory = driver
        .mem_alloc_from_pool_async(cx, 5000, pool, Stream::LEGACY)
        .unwrap();
    assert_eq!(used(), 5000);
    driver.mem_free(cx, memory).unwrap();
    assert_eq!(used(), 0);
    assert_eq!(
        driver.mem_alloc_from_pool_async(cx, 1, MemPool::mint(99), Stream::LEGACY),
        Err(CuError::INVALID_VALUE)
    );
}

#[test]
fn virtual_memory_can_be_used_once_access_is_set() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let location = CUmemLocation {
        r#type: CUmemLocationType(1),
        id: 0,
    };
    let properties = CUmemAllocationProp {
        r#type: CUmemAllocationType(1),
        requestedHandleTypes: CUmemAllocationHandleType(0),
        location,
        win32HandleMetaData: 0,
        allocFlags: CUmemAllocationFlags {
            compressionType: 0,
            gpuDirectRDMACapable: 0,
            usage: 0,
            reserved: [0; 4],
        },
    };
    let before = free_bytes(&fixture);
    let physical = driver.mem_create(cx, GRANULE, &properties, 0).unwrap();
    let at = driver
        .mem_address_reserve(cx, 2 * GRANULE, 0, DevicePtr(0), 0)
        .unwrap();
    driver.mem_map(cx, at, GRANULE, 0, physical, 0).unwrap();
    assert_eq!(
        driver.mem_map(cx, at, GRANULE, 0, physical, 0),
        Err(CuError::INVALID_VALUE)
    );
    assert!(driver.pointer_info(at.0).is_none());
    let access = CUmemAccessDesc {
        location,
        flags: CUmemAccess_flags(3),
    };
    driver.mem_set_access(cx, at, GRANULE, &[access]).unwrap();
    fixture.write(at, b"mapped");
    assert_eq!(fixture.read(at, 6), b"mapped");
    driver.mem_release(cx, physical).unwrap();
    assert_eq!(
        before - free_bytes(&fixture),
        GRANULE,
        "charged while it is mapped"
    );
    driver.mem_unmap(cx, at, GRANULE).unwrap();
    assert_eq!(free_bytes(&fixture), before);
    driver.mem_address_free(cx, at, 2 * GRANULE).unwrap();
    assert_eq!(
        driver.mem_address_free(cx, at, 2 * GRANULE),
        Err(CuError::INVALID_VALUE)
    );
}

#[test]
fn address_reserve_at_a_wish_gives_it() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let first = driver
        .mem_address_reserve(cx, GRANULE, 0, DevicePtr(0), 0)
        .unwrap();
    let wish = DevicePtr(first.0 + (64 << 20));
    assert_eq!(
        driver.mem_address_reserve(cx, GRANULE, 0, wish, 0),
        Ok(wish)
    );
    let other = driver.mem_address_reserve(cx, GRANULE, 0, wish, 0).unwrap();
    assert_ne!(other, wish);
}
