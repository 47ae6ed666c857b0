//! Virtual memory: addresses, memory, and the one mapped at the other.

use std::ptr::{null, null_mut};

use super::NO_DEVICE;
use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuMemGetAllocationGranularity/power_of_two",
        "Sizes come in a unit that is a power of two.",
        "SUCCESS true",
        |cu| {
            let mut unit = 0_usize;
            let status = cu.cuMemGetAllocationGranularity(&mut unit, &raw const PROPERTIES, 0);
            seen![status, unit.is_power_of_two()]
        },
    )
    .bare(),
    call(
        "cuMemGetAllocationGranularity/null",
        "The pointers must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemGetAllocationGranularity(null_mut(), &raw const PROPERTIES, 0),
    ),
    call(
        "cuMemGetAllocationGranularity/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| {
            let properties = CUmemAllocationProp {
                location: CUmemLocation {
                    r#type: 1,
                    id: NO_DEVICE,
                },
                ..PROPERTIES
            };
            cu.cuMemGetAllocationGranularity(&mut 0, &raw const properties, 0)
        },
    )
    .believed(),
    story(
        "cuMemAddressReserve/whole_units",
        "A reservation has whole units.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemAddressReserve(&mut 0, unit(cu) + 1, 0, 0, 0)],
    ),
    call(
        "cuMemAddressReserve/nothing",
        "There must be something to reserve.",
        "INVALID_VALUE",
        |cu| cu.cuMemAddressReserve(&mut 0, 0, 0, 0, 0),
    ),
    story(
        "cuMemAddressReserve/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemAddressReserve(null_mut(), unit(cu), 0, 0, 0)],
    ),
    story(
        "cuMemAddressReserve/alignment",
        "The alignment is a power of two.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemAddressReserve(&mut 0, unit(cu), 3, 0, 0)],
    ),
    story(
        "cuMemAddressReserve/freed",
        "Addresses are given back as they were reserved.",
        "SUCCESS SUCCESS",
        |cu| {
            let mut address = 0;
            let reserved = cu.cuMemAddressReserve(&mut address, 2 * unit(cu), 0, 0, 0);
            seen![reserved, cu.cuMemAddressFree(address, 2 * unit(cu))]
        },
    ),
    story(
        "cuMemAddressFree/unknown",
        "Only what was reserved can be given back.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemAddressFree(0x7000_0000_0000, unit(cu))],
    )
    .alone(),
    story(
        "cuMemAddressFree/part",
        "A reservation is given back whole.",
        "INVALID_VALUE SUCCESS",
        |cu| {
            let mut address = 0;
            cu.cuMemAddressReserve(&mut address, 2 * unit(cu), 0, 0, 0)
                .must("cuMemAddressReserve");
            seen![
                cu.cuMemAddressFree(address, unit(cu)),
                cu.cuMemAddressFree(address, 2 * unit(cu))
            ]
        },
    )
    .believed()
    .alone(),
    story(
        "cuMemCreate/whole_units",
        "Memory has whole units.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemCreate(&mut 0, unit(cu) + 1, &raw const PROPERTIES, 0)],
    ),
    call(
        "cuMemCreate/nothing",
        "There must be something to make.",
        "INVALID_VALUE",
        |cu| cu.cuMemCreate(&mut 0, 0, &raw const PROPERTIES, 0),
    ),
    story(
        "cuMemCreate/null",
        "There must be properties.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemCreate(&mut 0, unit(cu), null(), 0)],
    ),
    story(
        "cuMemCreate/flags",
        "The flags must be zero.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemCreate(&mut 0, unit(cu), &raw const PROPERTIES, 8)],
    ),
    story(
        "cuMemCreate/too_much",
        "More than there is cannot be had.",
        "OUT_OF_MEMORY",
        |cu| seen![cu.cuMemCreate(&mut 0, 1 << 50, &raw const PROPERTIES, 0)],
    ),
    story(
        "cuMemCreate/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| {
            let properties = CUmemAllocationProp {
                location: CUmemLocation {
                    r#type: 1,
                    id: NO_DEVICE,
                },
                ..PROPERTIES
            };
            seen![cu.cuMemCreate(&mut 0, unit(cu), &raw const properties, 0)]
        },
    )
    .believed(),
    story(
        "cuMemMap/used",
        "Mapped memory with access is used like other memory.",
        "SUCCESS SUCCESS 0x5050505",
        |cu| {
            mapped(cu, |mapping| {
                let allowed = allow(cu, mapping, 3);
                let (filled, mut got) = (cu.cuMemsetD8_v2(mapping.address, 5, 64), 0_u32);
                cu.cuMemcpyDtoH_v2((&raw mut got).cast(), mapping.address, 4)
                    .must("cuMemcpyDtoH_v2");
                seen![allowed, filled, format!("{got:#x}")]
            })
        },
    ),
    story(
        "cuMemMap/without_access",
        "Mapped memory cannot be used before access is given.",
        "INVALID_VALUE",
        |cu| {
            mapped(cu, |mapping| {
                seen![cu.cuMemsetD8_v2(mapping.address, 5, 64)]
            })
        },
    )
    .believed()
    .alone(),
    story(
        "cuMemMap/twice",
        "Where memory is mapped nothing else can be.",
        "INVALID_VALUE",
        |cu| {
            mapped(cu, |mapping| {
                seen![cu.cuMemMap(mapping.address, mapping.bytes, 0, mapping.memory, 0)]
            })
        },
    ),
    story(
        "cuMemMap/past_the_end",
        "Not more can be mapped than there is.",
        "INVALID_VALUE",
        |cu| {
            mapped(cu, |mapping| {
                seen![cu.cuMemMap(
                    mapping.address + mapping.bytes as u64,
                    2 * mapping.bytes,
                    0,
                    mapping.memory,
                    0
                )]
            })
        },
    ),
    story(
        "cuMemMap/nowhere",
        "Memory is mapped at reserved addresses.",
        "INVALID_VALUE",
        |cu| {
            mapped(cu, |mapping| {
                seen![cu.cuMemMap(0x10_0000_0000, mapping.bytes, 0, mapping.memory, 0)]
            })
        },
    ),
    story(
        "cuMemRelease/while_mapped",
        "Released memory lives until it is unmapped.",
        "SUCCESS SUCCESS",
        |cu| {
            mapped(cu, |mapping| {
                allow(cu, mapping, 3).must("cuMemSetAccess");
                let mut again = 0;
                cu.cuMemRetainAllocationHandle(
                    &mut again,
                    std::ptr::with_exposed_provenance_mut(mapping.address as usize),
                )
                .must("cuMemRetainAllocationHandle");
                seen![
                    cu.cuMemRelease(mapping.memory),
                    cu.cuMemsetD8_v2(mapping.address, 1, 64)
                ]
            })
        },
    ),
    story(
        "cuMemSetAccess/unmapped",
        "Access is given to what is mapped.",
        "INVALID_VALUE",
        |cu| {
            let mut address = 0;
            cu.cuMemAddressReserve(&mut address, unit(cu), 0, 0, 0)
                .must("cuMemAddressReserve");
            let status = cu.cuMemSetAccess(address, unit(cu), &raw const ACCESS, 1);
            cu.cuMemAddressFree(address, unit(cu))
                .must("cuMemAddressFree");
            seen![status]
        },
    ),
    story(
        "cuMemGetAccess/given",
        "The access that was given is known.",
        "SUCCESS 3",
        |cu| {
            mapped(cu, |mapping| {
                allow(cu, mapping, 3).must("cuMemSetAccess");
                let (mut flags, location) = (9, ACCESS.location);
                seen![
                    cu.cuMemGetAccess(&mut flags, &raw const location, mapping.address),
                    flags
                ]
            })
        },
    ),
    story(
        "cuMemGetAllocationPropertiesFromHandle/own",
        "Memory knows its properties.",
        "SUCCESS 1 0",
        |cu| {
            mapped(cu, |mapping| {
                let mut properties = CUmemAllocationProp::default();
                let status =
                    cu.cuMemGetAllocationPropertiesFromHandle(&raw mut properties, mapping.memory);
                seen![status, properties.r#type, properties.location.id]
            })
        },
    ),
    story(
        "cuMemUnmap/unmapped",
        "Only what is mapped can be unmapped.",
        "INVALID_VALUE",
        |cu| {
            let mut address = 0;
            cu.cuMemAddressReserve(&mut address, unit(cu), 0, 0, 0)
                .must("cuMemAddressReserve");
            let status = cu.cuMemUnmap(address, unit(cu));
            cu.cuMemAddressFree(address, unit(cu))
                .must("cuMemAddressFree");
            seen![status]
        },
    ),
];

/// Memory of device 0.
static PROPERTIES: CUmemAllocationProp = CUmemAllocationProp {
    r#type: CU_MEM_ALLOCATION_TYPE_PINNED,
    requestedHandleTypes: 0,
    location: CUmemLocation {
        r#type: CU_MEM_LOCATION_TYPE_DEVICE,
        id: 0,
    },
    win32HandleMetaData: 0,
    allocFlags: CUmemAllocationFlags {
        compressionType: 0,
        gpuDirectRDMACapable: 0,
        usage: 0,
        reserved: [0; 4],
    },
};

/// Reading and writing from device 0.
static ACCESS: CUmemAccessDesc = CUmemAccessDesc {
    location: CUmemLocation {
        r#type: CU_MEM_LOCATION_TYPE_DEVICE,
        id: 0,
    },
    flags: CU_MEM_ACCESS_FLAGS_PROT_READWRITE,
};

/// A unit of memory, mapped in the first of two reserved units.
struct Mapping {
    address: u64,
    bytes: usize,
    memory: u64,
}

/// The unit of sizes.
fn unit(cu: &Cuda) -> usize {
    let mut unit = 0;
    cu.cuMemGetAllocationGranularity(&mut unit, &raw const PROPERTIES, 0)
        .must("cuMemGetAllocationGranularity");
    unit
}

fn allow(cu: &Cuda, mapping: &Mapping, flags: u32) -> crate::cuda::Status {
    let access = CUmemAccessDesc { flags, ..ACCESS };
    cu.cuMemSetAccess(mapping.address, mapping.bytes, &raw const access, 1)
}

/// Gives a story mapped memory.
fn mapped(cu: &Cuda, story: impl FnOnce(&Mapping) -> String) -> String {
    let bytes = unit(cu);
    let (mut address, mut memory) = (0, 0);
    cu.cuMemAddressReserve(&mut address, 2 * bytes, 0, 0, 0)
        .must("cuMemAddressReserve");
    cu.cuMemCreate(&mut memory, bytes, &raw const PROPERTIES, 0)
        .must("cuMemCreate");
    cu.cuMemMap(address, bytes, 0, memory, 0).must("cuMemMap");
    let seen = story(&Mapping {
        address,
        bytes,
        memory,
    });
    cu.cuMemUnmap(address, bytes).must("cuMemUnmap");
    // A case may have released it.
    cu.cuMemRelease(memory);
    cu.cuMemAddressFree(address, 2 * bytes)
        .must("cuMemAddressFree");
    seen
}
