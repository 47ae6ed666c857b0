//! Device memory: what is given out, what is known of it, and how it is given back.

use std::ptr::null_mut;

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;

/// More than any device has.
const TOO_MUCH: usize = 1 << 50;
/// An address that nobody allocated.
const NOWHERE: u64 = 0x10_0000;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuMemAlloc_v2/zero_bytes",
        "There must be something to allocate.",
        "INVALID_VALUE",
        |cu| cu.cuMemAlloc_v2(&mut 0, 0),
    ),
    call(
        "cuMemAlloc_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemAlloc_v2(null_mut(), 16),
    ),
    call(
        "cuMemAlloc_v2/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemAlloc_v2(&mut 0, 16),
    )
    .bare(),
    call(
        "cuMemAlloc_v2/too_much",
        "More than there is cannot be had.",
        "OUT_OF_MEMORY",
        |cu| cu.cuMemAlloc_v2(&mut 0, TOO_MUCH),
    ),
    story(
        "cuMemAlloc_v2/after_failure",
        "A refused allocation leaves the context as it was.",
        "OUT_OF_MEMORY SUCCESS",
        |cu| {
            let mut address = 0;
            let refused = cu.cuMemAlloc_v2(&mut address, TOO_MUCH);
            let given = cu.cuMemAlloc_v2(&mut address, 64);
            cu.cuMemFree_v2(address).must("cuMemFree_v2");
            seen![refused, given]
        },
    ),
    story(
        "cuMemAlloc_v2/aligned",
        "Memory is aligned for every type, to 256 bytes at least.",
        "0 0 0",
        |cu| {
            let given = [cu.alloc(1), cu.alloc(3), cu.alloc(4097)];
            free(cu, &given);
            seen![given[0] % 256, given[1] % 256, given[2] % 256]
        },
    ),
    call(
        "cuMemFree_v2/null",
        "Freeing null does nothing.",
        "SUCCESS",
        |cu| cu.cuMemFree_v2(0),
    )
    .believed(),
    call(
        "cuMemFree_v2/unknown",
        "Only what was allocated can be freed.",
        "INVALID_VALUE",
        |cu| cu.cuMemFree_v2(NOWHERE),
    ),
    story(
        "cuMemFree_v2/inside",
        "Memory is freed by its first address.",
        "INVALID_VALUE SUCCESS",
        |cu| {
            let memory = cu.alloc(1024);
            seen![cu.cuMemFree_v2(memory + 256), cu.cuMemFree_v2(memory)]
        },
    ),
    story(
        "cuMemFree_v2/twice",
        "Memory can be freed once.",
        "SUCCESS INVALID_VALUE",
        |cu| {
            let memory = cu.alloc(1024);
            seen![cu.cuMemFree_v2(memory), cu.cuMemFree_v2(memory)]
        },
    ),
    call(
        "cuMemFree_v2/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemFree_v2(NOWHERE),
    )
    .believed()
    .bare(),
    story(
        "cuMemAllocPitch_v2/pitch",
        "Rows begin at a multiple that is at least as wide as asked.",
        "SUCCESS true true",
        |cu| {
            let (mut memory, mut pitch) = (0, 0);
            let status = cu.cuMemAllocPitch_v2(&mut memory, &mut pitch, 100, 10, 4);
            free(cu, &[memory]);
            seen![status, pitch >= 100, pitch % 32 == 0]
        },
    ),
    call(
        "cuMemAllocPitch_v2/element",
        "Elements have 4, 8 or 16 bytes.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocPitch_v2(&mut 0, &mut 0, 100, 10, 3),
    ),
    call(
        "cuMemAllocPitch_v2/zero_width",
        "There must be something to allocate.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocPitch_v2(&mut 0, &mut 0, 0, 10, 4),
    ),
    call(
        "cuMemAllocPitch_v2/null",
        "The pointers must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocPitch_v2(null_mut(), &mut 0, 100, 10, 4),
    ),
    story(
        "cuMemGetInfo_v2/allocated",
        "What is allocated is no longer free, and what is freed is.",
        "true true true",
        |cu| {
            let info = || {
                let (mut free, mut total) = (0, 0);
                cu.cuMemGetInfo_v2(&mut free, &mut total)
                    .must("cuMemGetInfo_v2");
                (free, total)
            };
            let before = info();
            let memory = cu.alloc(64 << 20);
            let during = info();
            free(cu, &[memory]);
            seen![
                during.0 + (64 << 20) <= before.0,
                info().0 == before.0,
                before.0 <= before.1
            ]
        },
    ),
    call(
        "cuMemGetInfo_v2/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemGetInfo_v2(&mut 0, &mut 0),
    )
    .bare(),
    story(
        "cuMemGetAddressRange_v2/inside",
        "An address inside memory leads to its beginning and size.",
        "SUCCESS true 1000",
        |cu| {
            let memory = cu.alloc(1000);
            let (mut base, mut bytes) = (0, 0);
            let status = cu.cuMemGetAddressRange_v2(&mut base, &mut bytes, memory + 500);
            free(cu, &[memory]);
            seen![status, base == memory, bytes]
        },
    ),
    story(
        "cuMemGetAddressRange_v2/optional",
        "Either result may be left out.",
        "SUCCESS SUCCESS",
        |cu| {
            let memory = cu.alloc(1000);
            let mut base = 0;
            let one = cu.cuMemGetAddressRange_v2(&mut base, null_mut(), memory);
            let other = cu.cuMemGetAddressRange_v2(null_mut(), &mut 0, memory);
            free(cu, &[memory]);
            seen![one, other]
        },
    ),
    call(
        "cuMemGetAddressRange_v2/unknown",
        "The address must be inside memory.",
        "NOT_FOUND",
        |cu| cu.cuMemGetAddressRange_v2(&mut 0, &mut 0, NOWHERE),
    )
    .believed(),
    story(
        "cuMemGetAddressRange_v2/freed",
        "Freed memory is no longer found.",
        "NOT_FOUND",
        |cu| {
            let memory = cu.alloc(1000);
            free(cu, &[memory]);
            seen![cu.cuMemGetAddressRange_v2(&mut 0, &mut 0, memory)]
        },
    )
    .believed(),
    story(
        "cuMemAllocManaged/seen_by_host",
        "Managed memory has one address for host and device.",
        "SUCCESS 1 7",
        |cu| {
            let mut memory = 0;
            let status = cu.cuMemAllocManaged(&mut memory, 4096, 1);
            cu.cuMemsetD32_v2(memory, 7, 8).must("cuMemsetD32_v2");
            cu.cuCtxSynchronize().must("cuCtxSynchronize");
            let seen = read_host(memory);
            let mut managed = 9_u32;
            attribute(cu, &mut managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, memory);
            free(cu, &[memory]);
            seen![status, managed, seen]
        },
    ),
    call(
        "cuMemAllocManaged/zero_bytes",
        "There must be something to allocate.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocManaged(&mut 0, 0, 1),
    ),
    call(
        "cuMemAllocManaged/flags",
        "The flags say who it is attached to: everybody or the host.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocManaged(&mut 0, 64, 0),
    ),
    call(
        "cuMemAllocManaged/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocManaged(null_mut(), 64, 1),
    ),
    story(
        "cuPointerGetAttribute/of_device_memory",
        "Of device memory: kind, device, beginning, size, and the context.",
        "2 0 true 1000 true",
        |cu| {
            let memory = cu.alloc(1000);
            let inside = memory + 10;
            let (mut kind, mut device, mut start, mut bytes, mut context) =
                (0_u32, 9_i32, 0_u64, 0_usize, 0_u64);
            attribute(cu, &mut kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, inside);
            attribute(cu, &mut device, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, inside);
            attribute(
                cu,
                &mut start,
                CU_POINTER_ATTRIBUTE_RANGE_START_ADDR,
                inside,
            );
            attribute(cu, &mut bytes, CU_POINTER_ATTRIBUTE_RANGE_SIZE, inside);
            attribute(cu, &mut context, CU_POINTER_ATTRIBUTE_CONTEXT, inside);
            free(cu, &[memory]);
            seen![
                kind,
                device,
                start == memory,
                bytes,
                context == cu.primary(0)
            ]
        },
    ),
    story(
        "cuPointerGetAttribute/of_host_memory",
        "Of page-locked memory: kind, and the same address for host and device.",
        "1 true true",
        |cu| {
            let memory = cu.host(1000);
            let address = memory as u64;
            let (mut kind, mut device, mut host) = (0_u32, 0_u64, 0_u64);
            attribute(cu, &mut kind, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address);
            attribute(
                cu,
                &mut device,
                CU_POINTER_ATTRIBUTE_DEVICE_POINTER,
                address,
            );
            attribute(cu, &mut host, CU_POINTER_ATTRIBUTE_HOST_POINTER, address);
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            seen![kind, device == address, host == address]
        },
    ),
    story(
        "cuPointerGetAttribute/host_address_of_device_memory",
        "Device memory has no address for the host.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.alloc(1000);
            let mut host = 0_u64;
            let status = cu.cuPointerGetAttribute(
                (&raw mut host).cast(),
                CU_POINTER_ATTRIBUTE_HOST_POINTER,
                memory,
            );
            free(cu, &[memory]);
            seen![status]
        },
    ),
    story(
        "cuPointerGetAttribute/unknown_address",
        "An address that CUDA does not know has no attributes.",
        "INVALID_VALUE",
        |cu| {
            let mut kind = 0_u32;
            seen![cu.cuPointerGetAttribute(
                (&raw mut kind).cast(),
                CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                NOWHERE
            )]
        },
    ),
    story(
        "cuPointerGetAttribute/freed",
        "Freed memory is no longer known.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.alloc(1000);
            free(cu, &[memory]);
            let mut kind = 0_u32;
            seen![cu.cuPointerGetAttribute(
                (&raw mut kind).cast(),
                CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                memory
            )]
        },
    ),
    story(
        "cuPointerGetAttribute/unknown_attribute",
        "The attribute must be a known one.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.alloc(1000);
            let mut value = 0_u64;
            let status = cu.cuPointerGetAttribute((&raw mut value).cast(), 999, memory);
            free(cu, &[memory]);
            seen![status]
        },
    ),
    call(
        "cuPointerGetAttribute/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuPointerGetAttribute(null_mut(), CU_POINTER_ATTRIBUTE_MEMORY_TYPE, NOWHERE),
    ),
    story(
        "cuPointerGetAttribute/buffer_id",
        "Every allocation has an id that no other ever had.",
        "true",
        |cu| {
            let (mut one, mut other) = (0_u64, 0_u64);
            let first = cu.alloc(64);
            attribute(cu, &mut one, CU_POINTER_ATTRIBUTE_BUFFER_ID, first);
            free(cu, &[first]);
            let second = cu.alloc(64);
            attribute(cu, &mut other, CU_POINTER_ATTRIBUTE_BUFFER_ID, second);
            free(cu, &[second]);
            seen![one != other]
        },
    ),
    story(
        "cuPointerGetAttributes/unknown_address",
        "Asked for several at once, an unknown address gives zeros and no error.",
        "SUCCESS 0 0",
        |cu| {
            let (mut kind, mut device) = (9_u32, 9_u64);
            let mut attributes = [
                CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                CU_POINTER_ATTRIBUTE_DEVICE_POINTER,
            ];
            let mut places = [(&raw mut kind).cast(), (&raw mut device).cast()];
            let status =
                cu.cuPointerGetAttributes(2, attributes.as_mut_ptr(), places.as_mut_ptr(), NOWHERE);
            seen![status, kind, device]
        },
    ),
    call(
        "cuPointerGetAttributes/null",
        "The lists must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuPointerGetAttributes(2, null_mut(), null_mut(), NOWHERE),
    ),
    story(
        "cuPointerSetAttribute/sync_memops",
        "Operations on memory can be made synchronous.",
        "SUCCESS 1",
        |cu| {
            let memory = cu.alloc(64);
            let (on, mut is_on) = (1_u32, 0_u32);
            let set = cu.cuPointerSetAttribute(
                (&raw const on).cast(),
                CU_POINTER_ATTRIBUTE_SYNC_MEMOPS,
                memory,
            );
            attribute(cu, &mut is_on, CU_POINTER_ATTRIBUTE_SYNC_MEMOPS, memory);
            free(cu, &[memory]);
            seen![set, is_on]
        },
    ),
    story(
        "cuPointerSetAttribute/read_only",
        "What memory is cannot be changed.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.alloc(64);
            let kind = 1_u32;
            let set = cu.cuPointerSetAttribute(
                (&raw const kind).cast(),
                CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                memory,
            );
            free(cu, &[memory]);
            seen![set]
        },
    ),
];

/// Frees all of them.
fn free(cu: &Cuda, memory: &[u64]) {
    for address in memory {
        cu.cuMemFree_v2(*address).must("cuMemFree_v2");
    }
}

/// Reads an attribute into a place of its size.
fn attribute<T>(cu: &Cuda, place: &mut T, attribute: u32, address: u64) {
    cu.cuPointerGetAttribute(std::ptr::from_mut(place).cast(), attribute, address)
        .must("cuPointerGetAttribute");
}

#[expect(unsafe_code, reason = "managed memory is read as the host's own")]
fn read_host(address: u64) -> u32 {
    // SAFETY: the address of live managed memory, idle and 4 bytes long at least.
    unsafe { std::ptr::with_exposed_provenance::<u32>(address as usize).read_volatile() }
}
