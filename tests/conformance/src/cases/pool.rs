//! Memory in stream order, and the pools it comes from.

use std::ptr::{null, null_mut};

use super::NO_DEVICE;
use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;

/// An address that nobody allocated.
const NOWHERE: u64 = 0x10_0000;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuMemAllocAsync/used_in_order",
        "Memory can be used in its stream at once, and freed there.",
        "SUCCESS SUCCESS 9 SUCCESS SUCCESS",
        |cu| {
            let (stream, mut memory, mut got) = (cu.stream(1), 0, 0_u8);
            let given = cu.cuMemAllocAsync(&mut memory, 1024, stream);
            let filled = cu.cuMemsetD8Async(memory, 9, 1024, stream);
            cu.cuMemcpyDtoHAsync_v2((&raw mut got).cast(), memory, 1, stream)
                .must("cuMemcpyDtoHAsync_v2");
            cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
            let freed = cu.cuMemFreeAsync(memory, stream);
            let seen = seen![given, filled, got, freed, cu.cuStreamSynchronize(stream)];
            cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
            seen
        },
    ),
    call(
        "cuMemAllocAsync/zero_bytes",
        "There must be something to allocate.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocAsync(&mut 0, 0, 0),
    ),
    call(
        "cuMemAllocAsync/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocAsync(null_mut(), 64, 0),
    ),
    call(
        "cuMemAllocAsync/too_much",
        "More than there is cannot be had.",
        "OUT_OF_MEMORY",
        |cu| cu.cuMemAllocAsync(&mut 0, 1 << 50, 0),
    ),
    call(
        "cuMemAllocAsync/no_context",
        "The default stream needs a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemAllocAsync(&mut 0, 64, 0),
    )
    .bare(),
    call(
        "cuMemFreeAsync/unknown",
        "Only what was allocated can be freed.",
        "INVALID_VALUE",
        |cu| cu.cuMemFreeAsync(NOWHERE, 0),
    ),
    story(
        "cuMemFreeAsync/plain_memory",
        "Memory of cuMemAlloc can be freed in stream order.",
        "SUCCESS",
        |cu| seen![cu.cuMemFreeAsync(cu.alloc(64), 0)],
    )
    .believed(),
    story(
        "cuMemFree_v2/of_pool",
        "Memory of a pool can be freed like other memory.",
        "SUCCESS",
        |cu| {
            let mut memory = 0;
            cu.cuMemAllocAsync(&mut memory, 64, 0)
                .must("cuMemAllocAsync");
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            seen![cu.cuMemFree_v2(memory)]
        },
    ),
    story(
        "cuDeviceGetDefaultMemPool/current_at_first",
        "A device's pool is its default pool until another is set.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (mut default, mut current) = (0, 0);
            let one = cu.cuDeviceGetDefaultMemPool(&mut default, 0);
            seen![
                one,
                cu.cuDeviceGetMemPool(&mut current, 0),
                default == current && default != 0
            ]
        },
    ),
    call(
        "cuDeviceGetDefaultMemPool/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetDefaultMemPool(null_mut(), 0),
    ),
    call(
        "cuDeviceGetDefaultMemPool/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetDefaultMemPool(&mut 0, NO_DEVICE),
    ),
    call(
        "cuDeviceGetMemPool/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetMemPool(&mut 0, NO_DEVICE),
    ),
    story(
        "cuMemPoolCreate/used",
        "Memory comes from the pool that is named.",
        "SUCCESS SUCCESS true SUCCESS SUCCESS",
        |cu| {
            let (mut pool, mut memory, mut of) = (0, 0, 0_u64);
            let created = cu.cuMemPoolCreate(&mut pool, &raw const PROPERTIES);
            let given = cu.cuMemAllocFromPoolAsync(&mut memory, 1024, pool, 0);
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            cu.cuPointerGetAttribute(
                (&raw mut of).cast(),
                CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE,
                memory,
            )
            .must("cuPointerGetAttribute");
            let freed = cu.cuMemFreeAsync(memory, 0);
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            seen![created, given, of == pool, freed, cu.cuMemPoolDestroy(pool)]
        },
    ),
    call(
        "cuMemPoolCreate/null",
        "There must be properties.",
        "INVALID_VALUE",
        |cu| cu.cuMemPoolCreate(&mut 0, null()),
    ),
    call(
        "cuMemPoolCreate/no_device",
        "The pool lies on a device that exists.",
        "INVALID_DEVICE",
        |cu| {
            let properties = CUmemPoolProps {
                location: CUmemLocation {
                    r#type: 1,
                    id: NO_DEVICE,
                },
                ..PROPERTIES
            };
            cu.cuMemPoolCreate(&mut 0, &raw const properties)
        },
    )
    .believed(),
    call(
        "cuMemPoolCreate/kind",
        "The kind of memory must be a known one.",
        "INVALID_VALUE",
        |cu| {
            let properties = CUmemPoolProps {
                allocType: 77,
                ..PROPERTIES
            };
            cu.cuMemPoolCreate(&mut 0, &raw const properties)
        },
    ),
    story(
        "cuMemPoolDestroy/default",
        "A default pool cannot be destroyed.",
        "INVALID_VALUE",
        |cu| {
            let mut pool = 0;
            cu.cuDeviceGetDefaultMemPool(&mut pool, 0)
                .must("cuDeviceGetDefaultMemPool");
            seen![cu.cuMemPoolDestroy(pool)]
        },
    )
    .believed()
    .alone(),
    story(
        "cuDeviceSetMemPool/new_default",
        "What is allocated without naming a pool comes from the device's.",
        "SUCCESS true",
        |cu| {
            let (mut pool, mut default, mut memory, mut of) = (0, 0, 0, 0_u64);
            cu.cuMemPoolCreate(&mut pool, &raw const PROPERTIES)
                .must("cuMemPoolCreate");
            cu.cuDeviceGetDefaultMemPool(&mut default, 0)
                .must("cuDeviceGetDefaultMemPool");
            let set = cu.cuDeviceSetMemPool(0, pool);
            cu.cuMemAllocAsync(&mut memory, 64, 0)
                .must("cuMemAllocAsync");
            cu.cuPointerGetAttribute(
                (&raw mut of).cast(),
                CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE,
                memory,
            )
            .must("cuPointerGetAttribute");
            cu.cuMemFreeAsync(memory, 0).must("cuMemFreeAsync");
            cu.cuDeviceSetMemPool(0, default).must("cuDeviceSetMemPool");
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            cu.cuMemPoolDestroy(pool).must("cuMemPoolDestroy");
            seen![set, of == pool]
        },
    ),
    story(
        "cuMemPoolSetAttribute/threshold",
        "What is kept for later can be set.",
        "SUCCESS 1048576",
        |cu| {
            with(cu, |pool| {
                let mut bytes = 1_u64 << 20;
                let set = cu.cuMemPoolSetAttribute(
                    pool,
                    CU_MEMPOOL_ATTR_RELEASE_THRESHOLD,
                    (&raw mut bytes).cast(),
                );
                seen![set, number(cu, pool, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD)]
            })
        },
    ),
    story(
        "cuMemPoolSetAttribute/read_only",
        "What is in use cannot be set.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |pool| {
                let mut bytes = 1_u64;
                seen![cu.cuMemPoolSetAttribute(
                    pool,
                    CU_MEMPOOL_ATTR_USED_MEM_CURRENT,
                    (&raw mut bytes).cast()
                )]
            })
        },
    ),
    story(
        "cuMemPoolGetAttribute/in_use",
        "The pool knows what is in use and what it holds.",
        "0 1024 true 0",
        |cu| {
            with(cu, |pool| {
                let mut memory = 0;
                let before = number(cu, pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
                cu.cuMemAllocFromPoolAsync(&mut memory, 1024, pool, 0)
                    .must("cuMemAllocFromPoolAsync");
                cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
                let during = number(cu, pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
                let held = number(cu, pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);
                cu.cuMemFreeAsync(memory, 0).must("cuMemFreeAsync");
                cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
                seen![
                    before,
                    during,
                    held >= during,
                    number(cu, pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT)
                ]
            })
        },
    ),
    story(
        "cuMemPoolGetAttribute/unknown",
        "The attribute must be a known one.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |pool| {
                let mut value = 0_u64;
                seen![cu.cuMemPoolGetAttribute(pool, 999, (&raw mut value).cast())]
            })
        },
    ),
    story(
        "cuMemPoolTrimTo/idle",
        "Memory that is not in use is given back.",
        "SUCCESS 0",
        |cu| {
            with(cu, |pool| {
                let (mut memory, mut keep) = (0, u64::MAX);
                cu.cuMemPoolSetAttribute(
                    pool,
                    CU_MEMPOOL_ATTR_RELEASE_THRESHOLD,
                    (&raw mut keep).cast(),
                )
                .must("cuMemPoolSetAttribute");
                cu.cuMemAllocFromPoolAsync(&mut memory, 1 << 20, pool, 0)
                    .must("cuMemAllocFromPoolAsync");
                cu.cuMemFreeAsync(memory, 0).must("cuMemFreeAsync");
                cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
                seen![
                    cu.cuMemPoolTrimTo(pool, 0),
                    number(cu, pool, CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT)
                ]
            })
        },
    ),
    story(
        "cuMemPoolGetAccess/own_device",
        "The pool's own device reads and writes.",
        "SUCCESS 3",
        |cu| {
            with(cu, |pool| {
                let (mut flags, mut location) = (0, CUmemLocation { r#type: 1, id: 0 });
                seen![
                    cu.cuMemPoolGetAccess(&mut flags, pool, &raw mut location),
                    flags
                ]
            })
        },
    ),
];

/// A pool of device 0.
static PROPERTIES: CUmemPoolProps = CUmemPoolProps {
    allocType: CU_MEM_ALLOCATION_TYPE_PINNED,
    handleTypes: 0,
    location: CUmemLocation {
        r#type: CU_MEM_LOCATION_TYPE_DEVICE,
        id: 0,
    },
    win32SecurityAttributes: 0,
    maxSize: 0,
    usage: 0,
    reserved: [0; 54],
};

/// Gives a story a pool.
fn with(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let mut pool = 0;
    cu.cuMemPoolCreate(&mut pool, &raw const PROPERTIES)
        .must("cuMemPoolCreate");
    let seen = story(pool);
    cu.cuMemPoolDestroy(pool).must("cuMemPoolDestroy");
    seen
}

/// A number that a pool knows.
fn number(cu: &Cuda, pool: u64, attribute: u32) -> u64 {
    let mut value = 0_u64;
    cu.cuMemPoolGetAttribute(pool, attribute, (&raw mut value).cast())
        .must("cuMemPoolGetAttribute");
    value
}
