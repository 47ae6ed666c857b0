//! The exported C functions in front of a driver that records what reaches it: devices, contexts,
//! copies, entry points and export tables. Code and launches are in `code.rs`.
//!
//! Every test runs in a thread of its own, so that contexts and recorded calls do not mix.
#![expect(unsafe_code, reason = "calls exported C functions")]

mod support;

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};

use support::{MOCK, alone, in_context};

const INVALID_VALUE: i32 = 1;
const INVALID_CONTEXT: i32 = 201;
const INVALID_HANDLE: i32 = 400;
const NOT_FOUND: i32 = 500;
const CONTEXT_IS_DESTROYED: i32 = 709;

unsafe extern "C" {
    fn cuInit(flags: u32) -> i32;
    fn cuGetErrorName(error: i32, text: *mut *const c_char) -> i32;
    fn cuGetProcAddress(
        name: *const c_char,
        out: *mut *mut c_void,
        version: i32,
        flags: u64,
    ) -> i32;
    fn cuGetProcAddress_v2(
        name: *const c_char,
        out: *mut *mut c_void,
        version: i32,
        flags: u64,
        status: *mut u32,
    ) -> i32;
    fn cuGetExportTable(table: *mut *const usize, id: *const [u8; 16]) -> i32;
    fn cuDeviceGetName(name: *mut c_char, len: i32, device: i32) -> i32;
    fn cuDeviceGetByPCIBusId(device: *mut i32, id: *const c_char) -> i32;
    fn cuDeviceGetPCIBusId(id: *mut c_char, len: i32, device: i32) -> i32;
    fn cuDeviceGetAttribute(value: *mut i32, attribute: u32, device: i32) -> i32;
    fn cuDevicePrimaryCtxRetain(context: *mut u64, device: i32) -> i32;
    fn cuDevicePrimaryCtxRelease_v2(device: i32) -> i32;
    fn cuDevicePrimaryCtxGetState(device: i32, flags: *mut u32, active: *mut i32) -> i32;
    fn cuDevicePrimaryCtxSetFlags_v2(device: i32, flags: u32) -> i32;
    fn cuCtxCreate_v2(context: *mut u64, flags: u32, device: i32) -> i32;
    fn cuCtxDestroy_v2(context: u64) -> i32;
    fn cuCtxSetCurrent(context: u64) -> i32;
    fn cuCtxGetCurrent(context: *mut u64) -> i32;
    fn cuCtxGetDevice(device: *mut i32) -> i32;
    fn cuCtxSynchronize() -> i32;
    fn cuMemAlloc_v2(address: *mut u64, bytes: usize) -> i32;
    fn cuMemHostAlloc(address: *mut u64, bytes: usize, flags: u32) -> i32;
    fn cuMemHostGetDevicePointer_v2(address: *mut u64, host: u64, flags: u32) -> i32;
    fn cuMemcpyHtoD_v2(dst: u64, src: *const c_void, bytes: usize) -> i32;
    fn cuMemcpyHtoD_v2_ptds(dst: u64, src: *const c_void, bytes: usize) -> i32;
    fn cuMemcpy(dst: u64, src: u64, bytes: usize) -> i32;
    fn cuMemcpyAsync_ptsz(dst: u64, src: u64, bytes: usize, stream: u64) -> i32;
    fn cuMemcpyBatchAsync_v2(
        dsts: *mut u64,
        srcs: *mut u64,
        sizes: *mut usize,
        count: usize,
        attributes: *mut c_void,
        attribute_indexes: *mut usize,
        attribute_count: usize,
        stream: u64,
    ) -> i32;
    fn cuMemsetD32Async(dst: u64, value: u32, count: usize, stream: u64) -> i32;
    fn cuMemsetD2D16_v2(dst: u64, pitch: usize, value: u16, width: usize, height: usize) -> i32;
    fn cuMemPoolGetAttribute(pool: u64, attribute: u32, value: *mut c_void) -> i32;
    fn cuPointerGetAttribute(data: *mut c_void, attribute: u32, address: u64) -> i32;
    fn cuStreamSynchronize(stream: u64) -> i32;
    fn cuStreamSynchronize_ptsz(stream: u64) -> i32;
}

#[test]
fn device_queries_answer_from_the_profiles() {
    alone(|| {
        let mut text = [0; 32];
        let (mut value, mut device) = (0, 0);
        // SAFETY: buffers have the sizes given.
        unsafe {
            assert_eq!(cuDeviceGetName(text.as_mut_ptr(), 32, 1), 0);
            assert_eq!(CStr::from_ptr(text.as_ptr()), c"Mock 1");
            assert_eq!(
                cuDeviceGetName(text.as_mut_ptr(), 32, support::DEVICES),
                101
            );
            assert_eq!(cuDeviceGetPCIBusId(text.as_mut_ptr(), 32, 1), 0);
            assert_eq!(CStr::from_ptr(text.as_ptr()), c"0000:02:00.0");
            assert_eq!(cuDeviceGetPCIBusId(text.as_mut_ptr(), 12, 1), INVALID_VALUE);
            assert_eq!(
                cuDeviceGetByPCIBusId(&mut device, c"0000:02:00.0".as_ptr()),
                0
            );
            assert_eq!(device, 1);
            assert_eq!(cuDeviceGetAttribute(&mut value, 10, 0), 0);
            assert_eq!(value, 32);
            assert_eq!(cuDeviceGetAttribute(&mut value, 4000, 0), 0);
            assert_eq!(value, 0);
        }
    });
}

#[test]
fn primary_context_is_activated_once_and_reset_with_its_last_release() {
    alone(|| {
        let (mut first, mut second, mut device) = (0, 0, -1);
        let state = || {
            let (mut flags, mut active) = (9, 9);
            // SAFETY: out-pointers are valid.
            let found = unsafe { cuDevicePrimaryCtxGetState(1, &mut flags, &mut active) };
            assert_eq!(found, 0);
            (flags, active)
        };
        // SAFETY: out-pointers are valid.
        unsafe {
            assert_eq!(state(), (0, 0));
            assert_eq!(cuDevicePrimaryCtxSetFlags_v2(1, 4), 0);
            assert_eq!(cuDevicePrimaryCtxRetain(&mut first, 1), 0);
            assert_eq!(cuDevicePrimaryCtxRetain(&mut second, 1), 0);
            assert_eq!(first, second);
            assert_eq!(state(), (4, 1));

            assert_eq!(cuCtxSetCurrent(first), 0);
            assert_eq!(cuCtxGetDevice(&mut device), 0);
            assert_eq!(device, 1);
            let mut address = 0;
            assert_eq!(cuMemAlloc_v2(&mut address, 16), 0);

            assert_eq!(cuDevicePrimaryCtxRelease_v2(1), 0);
            assert_eq!(cuMemAlloc_v2(&mut address, 16), 0);
            assert_eq!(cuDevicePrimaryCtxRelease_v2(1), 0);
            assert_eq!(state(), (4, 0));
            assert_eq!(cuMemAlloc_v2(&mut address, 16), CONTEXT_IS_DESTROYED);
            assert_eq!(cuDevicePrimaryCtxRelease_v2(1), INVALID_CONTEXT);
        }
        let calls = MOCK.shared();
        let of_device: Vec<_> = calls
            .iter()
            .filter(|call| *call == "activate 1 4" || *call == "reset 1")
            .collect();
        assert_eq!(of_device, ["activate 1 4", "reset 1"]);
    });
}

#[test]
fn context_destroyed_elsewhere_is_noticed() {
    alone(|| {
        let (mut context, mut address, mut current) = (0, 0, 0);
        // SAFETY: out-pointers are valid.
        unsafe {
            assert_eq!(cuCtxGetDevice(&mut 0), INVALID_CONTEXT);
            assert_eq!(cuMemAlloc_v2(&mut address, 16), INVALID_CONTEXT);
            assert_eq!(cuCtxCreate_v2(&mut context, 0, 0), 0);
            assert_eq!(cuMemAlloc_v2(&mut address, 16), 0);
            std::thread::spawn(move || assert_eq!(cuCtxDestroy_v2(context), 0))
                .join()
                .unwrap();
            assert_eq!(cuMemAlloc_v2(&mut address, 16), CONTEXT_IS_DESTROYED);
            assert_eq!(cuCtxGetCurrent(&mut current), 0);
            assert_eq!(current, context);
            assert_eq!(cuCtxSetCurrent(context), INVALID_CONTEXT);
        }
    });
}

#[test]
fn copies_null_stream_is_legacy_or_the_threads_own() {
    in_context(|| {
        let host = [0_u8; 64];
        let mut device = 0;
        let calls = MOCK.recorded(|| {
            let source = host.as_ptr().cast();
            // SAFETY: the mock does not follow addresses.
            unsafe {
                assert_eq!(cuMemAlloc_v2(&mut device, 64), 0);
                assert_eq!(cuMemcpyHtoD_v2(device, source, 64), 0);
                assert_eq!(cuMemcpyHtoD_v2_ptds(device, source, 64), 0);
                assert_eq!(cuMemcpyAsync_ptsz(device, host.as_ptr() as u64, 8, 0), 0);
                assert_eq!(cuMemcpyAsync_ptsz(device, host.as_ptr() as u64, 8, 1), 0);
                assert_eq!(cuMemcpyHtoD_v2(device, source, 0), 0);
                assert_eq!(cuMemcpyHtoD_v2(device, null(), 1), INVALID_VALUE);
                assert_eq!(cuMemsetD32Async(device, 0xabcd, 16, 0), 0);
                assert_eq!(cuMemsetD2D16_v2(device, 64, 7, 8, 2), 0);
                assert_eq!(cuMemsetD2D16_v2(device, 8, 7, 8, 2), INVALID_VALUE);
                assert_eq!(cuMemsetD32Async(device + 1, 0, 1, 0), INVALID_VALUE);
            }
        });
        let expected = [
            "copy host to device 64 on 0x1 wait true",
            "copy host to device 64 on 0x2 wait true",
            "copy host to device 8 on 0x2 wait false",
            "copy host to device 8 on 0x1 wait false",
            "fill 0xabcd 4 16x1 on 0x1",
            "fill 0x7 2 8x2 on 0x1",
        ];
        assert_eq!(calls, expected);
    });
}

#[test]
fn copies_unified_addresses_are_what_their_allocation_is() {
    in_context(|| {
        let pageable = [0_u8; 16].as_ptr() as u64;
        let (mut device, mut pinned, mut mapped) = (0, 0, 0);
        let calls = MOCK.recorded(|| {
            // SAFETY: the mock does not follow addresses.
            unsafe {
                assert_eq!(cuMemAlloc_v2(&mut device, 64), 0);
                assert_eq!(cuMemHostAlloc(&mut pinned, 64, 0), 0);
                assert_eq!(cuMemHostGetDevicePointer_v2(&mut mapped, pinned, 0), 0);
                assert_eq!(mapped, pinned);
                assert_eq!(
                    cuMemHostGetDevicePointer_v2(&mut mapped, pageable, 0),
                    INVALID_VALUE
                );
                assert_eq!(cuMemcpy(device + 8, pageable, 1), 0);
                assert_eq!(cuMemcpy(pageable, device + 63, 2), 0);
                assert_eq!(cuMemcpy(pinned + 1, device, 3), 0);
                // A page-locked address passed as a device address is still the host's.
                assert_eq!(cuMemcpyHtoD_v2(pinned, pageable as *const c_void, 4), 0);
            }
        });
        let expected = [
            "copy host to device 1 on 0x1 wait true",
            "copy device to host 2 on 0x1 wait true",
            "copy device to host 3 on 0x1 wait true",
            "copy host to host 4 on 0x1 wait true",
        ];
        assert_eq!(calls, expected);
    });
}

#[test]
fn copies_of_a_batch_are_made_one_by_one_where_their_bytes_are() {
    in_context(|| {
        let mut device = 0;
        let mut host = [0_u8; 96];
        let calls = MOCK.recorded(|| {
            // SAFETY: the mock does not follow addresses; the lists are as long as is said.
            unsafe {
                assert_eq!(cuMemAlloc_v2(&mut device, 64), 0);
                let host = host.as_mut_ptr() as u64;
                let mut dsts = [device, device + 32, host + 64];
                let mut srcs = [host, host + 32, device];
                let mut sizes = [32_usize, 16, 32];
                let (dsts, srcs) = (dsts.as_mut_ptr(), srcs.as_mut_ptr());
                let (sizes, none) = (sizes.as_mut_ptr(), null_mut());
                let done = cuMemcpyBatchAsync_v2(dsts, srcs, sizes, 3, none, null_mut(), 0, 1);
                assert_eq!(done, 0);
            }
        });
        let expected = [
            "copy host to device 32 on 0x1 wait false",
            "copy host to device 16 on 0x1 wait false",
            "copy device to host 32 on 0x1 wait false",
        ];
        assert_eq!(calls, expected);
    });
}

#[test]
fn pool_attributes_are_as_wide_as_c_has_them() {
    alone(|| {
        let mut room = [0xff_u8; 8];
        // SAFETY: the room has eight bytes, the widest an attribute may have.
        unsafe {
            assert_eq!(cuMemPoolGetAttribute(1, 1, room.as_mut_ptr().cast()), 0);
            assert_eq!(room, [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
            assert_eq!(cuMemPoolGetAttribute(1, 4, room.as_mut_ptr().cast()), 0);
            assert_eq!(room, [4, 0, 0, 0, 1, 0, 0, 0]);
        }
    });
}

#[test]
fn pointer_of_nobody_is_invalid_value() {
    alone(|| {
        let mut kind = 7_u32;
        // SAFETY: the room is as wide as the attribute.
        let found = unsafe { cuPointerGetAttribute((&raw mut kind).cast(), 2, 0x1000) };
        assert_eq!((found, kind), (INVALID_VALUE, 7));
    });
}

#[test]
fn proc_address_gives_exports_and_says_why_not() {
    alone(|| {
        let find = |name: &CStr, version, flags| {
            let mut address: *mut c_void = without_provenance_mut(1);
            let mut status = 9;
            // SAFETY: out-pointers are valid.
            let code = unsafe {
                cuGetProcAddress_v2(name.as_ptr(), &mut address, version, flags, &mut status)
            };
            (code, address as usize, status)
        };
        assert_eq!(
            find(c"cuMemAlloc", 12000, 0),
            (0, cuMemAlloc_v2 as *const () as usize, 0)
        );
        let per_thread = cuMemcpyHtoD_v2_ptds as *const () as usize;
        assert_eq!(find(c"cuMemcpyHtoD", 12000, 2), (0, per_thread, 0));
        assert_eq!(find(c"", 0, 0), (NOT_FOUND, 0, 1));
        assert_eq!(find(c"cuLaunchKernelEx", 11000, 0), (NOT_FOUND, 0, 2));
        let with_status = cuGetProcAddress_v2 as *const () as usize;
        assert_eq!(find(c"cuGetProcAddress", 12000, 0), (0, with_status, 0));

        let mut address = null_mut();
        // SAFETY: out-pointers are valid.
        let code = unsafe { cuGetProcAddress(c"cuInit".as_ptr(), &mut address, 12000, 0) };
        assert_eq!((code, address as usize), (0, cuInit as *const () as usize));
    });
}

#[test]
fn error_name_of_an_unknown_code_is_null() {
    let mut text = null();
    // SAFETY: the out-pointer is valid.
    unsafe {
        assert_eq!(cuGetErrorName(700, &mut text), 0);
        assert_eq!(CStr::from_ptr(text), c"CUDA_ERROR_ILLEGAL_ADDRESS");
        assert_eq!(cuGetErrorName(12345, &mut text), INVALID_VALUE);
        assert!(text.is_null());
    }
}

const RUNTIME: [u8; 16] = 0x6bd5_fb6c_5bf4_e74a_8987_d939_12fd_9df9_u128.to_be_bytes();
const STORAGE: [u8; 16] = 0xc693_336e_1121_df11_a8c3_68f3_55d8_9593_u128.to_be_bytes();
fn slot(id: &[u8; 16], index: usize) -> usize {
    let mut table = null();
    // SAFETY: the out-pointer is valid, and the table has this slot.
    unsafe {
        assert_eq!(cuGetExportTable(&mut table, id), 0);
        *table.add(index)
    }
}

#[test]
fn export_table_primary_context_is_named_without_activating_it() {
    type Primary = unsafe extern "C" fn(*mut u64, i32) -> i32;
    alone(|| {
        // SAFETY: the slot holds a function of this type.
        let primary: Primary = unsafe { std::mem::transmute(slot(&RUNTIME, 2)) };
        let mut context = 0;
        // SAFETY: the out-pointer is valid.
        unsafe {
            assert_eq!(primary(&mut context, 0), 0);
            assert_eq!(primary(&mut context, 9), 101);
            assert_eq!(cuCtxSetCurrent(context), 0);
            assert_eq!(cuMemAlloc_v2(&mut 0, 1), CONTEXT_IS_DESTROYED);
        }
    });
}

#[test]
fn export_table_storage_ends_with_its_context() {
    type Put =
        unsafe extern "C" fn(u64, usize, usize, unsafe extern "C" fn(u64, usize, usize)) -> i32;
    type Get = unsafe extern "C" fn(*mut usize, u64, usize) -> i32;
    unsafe extern "C" fn end(_: u64, key: usize, value: usize) {
        // SAFETY: the value is the address of the counter below.
        unsafe { *(value as *mut usize) += key };
    }
    alone(|| {
        // SAFETY: the slots hold functions of these types.
        let (put, get): (Put, Get) = unsafe {
            (
                std::mem::transmute::<usize, Put>(slot(&STORAGE, 0)),
                std::mem::transmute::<usize, Get>(slot(&STORAGE, 2)),
            )
        };
        let (mut context, mut value, mut ended) = (0, 0, 0_usize);
        let address = &raw mut ended as usize;
        // SAFETY: out-pointers are valid.
        unsafe {
            assert_eq!(get(&mut value, 0, 5), INVALID_CONTEXT);
            assert_eq!(cuCtxCreate_v2(&mut context, 0, 0), 0);
            assert_eq!(get(&mut value, 0, 5), INVALID_HANDLE);
            assert_eq!(put(0, 5, address, end), 0);
            assert_eq!(get(&mut value, 0, 5), 0);
            assert_eq!(get(&mut value, context, 5), 0);
            assert_eq!(value, address);
            assert_eq!(cuCtxDestroy_v2(context), 0);
        }
        assert_eq!(ended, 5);
    });
}

#[test]
fn thread_that_ends_is_reported() {
    let before = MOCK.shared().len();
    let (send, receive) = std::sync::mpsc::channel();
    in_context(move || {
        // SAFETY: it takes no pointers.
        let calls = MOCK.recorded(|| assert_eq!(unsafe { cuCtxSynchronize() }, 0));
        send.send(calls).unwrap();
    });
    let calls = receive.recv().unwrap();
    let number = calls[0].strip_prefix("ctx_synchronize by ").unwrap();
    // A number is given away again only after its thread's end was reported.
    let end = format!("thread_end {number}");
    assert!(MOCK.shared()[before..].contains(&end));
}

#[test]
fn null_stream_of_generated_exports_is_the_threads_own_too() {
    in_context(|| {
        // SAFETY: they take no pointers.
        let calls = MOCK.recorded(|| unsafe {
            assert_eq!(cuStreamSynchronize(0), 0);
            assert_eq!(cuStreamSynchronize_ptsz(0), 0);
            assert_eq!(cuStreamSynchronize_ptsz(1), 0);
        });
        assert_eq!(
            calls,
            ["synchronize 0x1", "synchronize 0x2", "synchronize 0x1"]
        );
    });
}
