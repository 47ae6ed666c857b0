//! Page-locked memory: allocated by the driver, or the program's own and registered.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::case::{Case, call, seen, story};

/// `CU_MEMHOSTALLOC_PORTABLE`, `CU_MEMHOSTALLOC_WRITECOMBINED`.
const PORTABLE: u32 = 1;
const WRITE_COMBINED: u32 = 4;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuMemHostAlloc/usable",
        "The host can write it and the device reads it through the same address.",
        "SUCCESS 0x2a",
        |cu| {
            let mut memory = null_mut();
            let status = cu.cuMemHostAlloc(&mut memory, 64, PORTABLE);
            let device = cu.alloc(64);
            put(memory, 0x2a);
            cu.cuMemcpyHtoD_v2(device, memory, 64)
                .must("cuMemcpyHtoD_v2");
            put(memory, 0);
            cu.cuMemcpyDtoH_v2(memory, device, 64)
                .must("cuMemcpyDtoH_v2");
            let got = take(memory);
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            seen![status, format!("{got:#x}")]
        },
    ),
    call(
        "cuMemHostAlloc/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostAlloc(null_mut(), 64, 0),
    ),
    call(
        "cuMemHostAlloc/unknown_flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostAlloc(&mut null_mut(), 64, 0x100),
    ),
    call(
        "cuMemHostAlloc/zero_bytes",
        "There must be something to allocate.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostAlloc(&mut null_mut(), 0, 0),
    )
    .believed(),
    call(
        "cuMemHostAlloc/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemHostAlloc(&mut null_mut(), 64, 0),
    )
    .bare(),
    call(
        "cuMemHostAlloc/too_much",
        "More than there is cannot be had.",
        "OUT_OF_MEMORY",
        |cu| cu.cuMemHostAlloc(&mut null_mut(), 1 << 50, 0),
    ),
    call(
        "cuMemAllocHost_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemAllocHost_v2(null_mut(), 64),
    ),
    story(
        "cuMemHostGetFlags/given",
        "The flags are those of the allocation.",
        "SUCCESS 5",
        |cu| {
            let (mut memory, mut flags) = (null_mut(), 0);
            cu.cuMemHostAlloc(&mut memory, 64, PORTABLE | WRITE_COMBINED)
                .must("cuMemHostAlloc");
            let status = cu.cuMemHostGetFlags(&mut flags, memory);
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            // With unified addresses memory may be mapped for the device without being asked.
            seen![status, flags & (PORTABLE | WRITE_COMBINED)]
        },
    ),
    call(
        "cuMemHostGetFlags/unknown",
        "The memory must be page-locked by CUDA.",
        "INVALID_VALUE",
        |cu| {
            let mut own = 0_u64;
            cu.cuMemHostGetFlags(&mut 0, (&raw mut own).cast())
        },
    ),
    story(
        "cuMemHostGetFlags/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.host(64);
            let status = cu.cuMemHostGetFlags(null_mut(), memory);
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            seen![status]
        },
    ),
    call(
        "cuMemFreeHost/unknown",
        "Only what was allocated can be freed.",
        "INVALID_VALUE",
        |cu| {
            let mut own = 0_u64;
            cu.cuMemFreeHost((&raw mut own).cast())
        },
    ),
    story(
        "cuMemFreeHost/twice",
        "Memory can be freed once.",
        "SUCCESS INVALID_VALUE",
        |cu| {
            let memory = cu.host(64);
            seen![cu.cuMemFreeHost(memory), cu.cuMemFreeHost(memory)]
        },
    ),
    story(
        "cuMemHostGetDevicePointer_v2/unified",
        "With unified addresses the device uses the host's.",
        "SUCCESS true",
        |cu| {
            let (memory, mut device) = (cu.host(64), 0);
            let status = cu.cuMemHostGetDevicePointer_v2(&mut device, memory, 0);
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            seen![status, device == memory as u64]
        },
    ),
    story(
        "cuMemHostGetDevicePointer_v2/flags",
        "The flags must be zero.",
        "INVALID_VALUE",
        |cu| {
            let memory = cu.host(64);
            let status = cu.cuMemHostGetDevicePointer_v2(&mut 0, memory, 1);
            cu.cuMemFreeHost(memory).must("cuMemFreeHost");
            seen![status]
        },
    ),
    call(
        "cuMemHostGetDevicePointer_v2/unknown",
        "The memory must be page-locked by CUDA.",
        "INVALID_VALUE",
        |cu| {
            let mut own = 0_u64;
            cu.cuMemHostGetDevicePointer_v2(&mut 0, (&raw mut own).cast(), 0)
        },
    ),
    story(
        "cuMemHostRegister_v2/twice",
        "Memory can be registered once.",
        "SUCCESS HOST_MEMORY_ALREADY_REGISTERED SUCCESS",
        |cu| {
            let own = pages();
            seen![
                cu.cuMemHostRegister_v2(own, 8192, 0),
                cu.cuMemHostRegister_v2(own, 8192, 0),
                cu.cuMemHostUnregister(own)
            ]
        },
    ),
    story(
        "cuMemHostRegister_v2/copied",
        "Registered memory is copied from and to like allocated memory.",
        "0x17",
        |cu| {
            let (own, device) = (pages(), cu.alloc(64));
            cu.cuMemHostRegister_v2(own, 8192, 0)
                .must("cuMemHostRegister_v2");
            put(own, 0x17);
            cu.cuMemcpyHtoDAsync_v2(device, own, 64, 0)
                .must("cuMemcpyHtoDAsync_v2");
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            put(own, 0);
            cu.cuMemcpyDtoHAsync_v2(own, device, 64, 0)
                .must("cuMemcpyDtoHAsync_v2");
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            let got = take(own);
            cu.cuMemHostUnregister(own).must("cuMemHostUnregister");
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            seen![format!("{got:#x}")]
        },
    ),
    call(
        "cuMemHostRegister_v2/null",
        "The memory must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostRegister_v2(null_mut(), 4096, 0),
    ),
    call(
        "cuMemHostRegister_v2/zero_bytes",
        "There must be something to register.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostRegister_v2(pages(), 0, 0),
    ),
    call(
        "cuMemHostRegister_v2/unknown_flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuMemHostRegister_v2(pages(), 4096, 0x100),
    ),
    call(
        "cuMemHostUnregister/unknown",
        "Only what was registered can be unregistered.",
        "HOST_MEMORY_NOT_REGISTERED",
        |cu| cu.cuMemHostUnregister(pages()),
    ),
    story(
        "cuMemHostUnregister/twice",
        "Memory can be unregistered once.",
        "SUCCESS HOST_MEMORY_NOT_REGISTERED",
        |cu| {
            let own = pages();
            cu.cuMemHostRegister_v2(own, 4096, 0)
                .must("cuMemHostRegister_v2");
            seen![cu.cuMemHostUnregister(own), cu.cuMemHostUnregister(own)]
        },
    ),
];

/// Two pages of the program's own, which stay.
fn pages() -> *mut c_void {
    #[repr(align(4096))]
    struct Pages([u8; 8192]);
    let pages = Box::leak(Box::new(Pages([0; 8192])));
    pages.0.as_mut_ptr().cast()
}

#[expect(unsafe_code, reason = "writes page-locked memory as a program does")]
fn put(to: *mut c_void, value: u32) {
    // SAFETY: page-locked memory of the case, 4 bytes long at least.
    unsafe { to.cast::<u32>().write_volatile(value) };
}

#[expect(unsafe_code, reason = "reads page-locked memory as a program does")]
fn take(from: *mut c_void) -> u32 {
    // SAFETY: likewise.
    unsafe { from.cast::<u32>().read_volatile() }
}
