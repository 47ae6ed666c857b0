//! The exported C functions beside a soft driver described by its settings. One process, one test:
//! settings and initialisation are the process's.
#![expect(
    unsafe_code,
    reason = "calls exported C functions, and sets the environment"
)]

use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

use rigel_nvml as _;

const UNINITIALIZED: u32 = 1;
const INVALID_ARGUMENT: u32 = 2;
const NOT_SUPPORTED: u32 = 3;
const NOT_FOUND: u32 = 6;
const INSUFFICIENT_SIZE: u32 = 7;
const VERSION_MISMATCH: u32 = 25;

unsafe extern "C" {
    fn nvmlInit_v2() -> u32;
    fn nvmlShutdown() -> u32;
    fn nvmlErrorString(result: u32) -> *const c_char;
    fn nvmlSystemGetCudaDriverVersion(version: *mut i32) -> u32;
    fn nvmlSystemGetDriverVersion(version: *mut c_char, length: u32) -> u32;
    fn nvmlDeviceGetCount_v2(count: *mut u32) -> u32;
    fn nvmlDeviceGetHandleByIndex_v2(index: u32, handle: *mut usize) -> u32;
    fn nvmlDeviceGetHandleByUUID(uuid: *const c_char, handle: *mut usize) -> u32;
    fn nvmlDeviceGetHandleByPciBusId_v2(bus: *const c_char, handle: *mut usize) -> u32;
    fn nvmlDeviceGetName(handle: usize, name: *mut c_char, length: u32) -> u32;
    fn nvmlDeviceGetUUID(handle: usize, uuid: *mut c_char, length: u32) -> u32;
    fn nvmlDeviceGetMemoryInfo(handle: usize, memory: *mut [u64; 3]) -> u32;
    fn nvmlDeviceGetMemoryInfo_v2(handle: usize, memory: *mut [u64; 5]) -> u32;
    fn nvmlDeviceGetUtilizationRates(handle: usize, rates: *mut [u32; 2]) -> u32;
    fn nvmlDeviceGetComputeRunningProcesses_v3(
        handle: usize,
        count: *mut u32,
        infos: *mut [u64; 3],
    ) -> u32;
    fn nvmlDeviceSetPowerManagementLimit(handle: usize, limit: u32) -> u32;
}

#[test]
fn soft_devices_are_seen_between_init_and_shutdown() {
    // SAFETY: no other thread of this process reads or writes the environment.
    unsafe {
        std::env::set_var("RIGEL_SOFT_DEVICES", "2");
        std::env::set_var("RIGEL_SOFT_MEMORY", "1G");
        std::env::set_var("RIGEL_SOFT_NAME", "Pretend");
        for name in ["RIGEL_POOL", "RIGEL_TOKEN", "RIGEL_TOKEN_FILE"] {
            std::env::remove_var(name);
        }
    }
    let mut count = 0;
    // SAFETY: the out-pointer is valid.
    assert_eq!(unsafe { nvmlDeviceGetCount_v2(&mut count) }, UNINITIALIZED);
    // SAFETY: they take no pointers.
    unsafe {
        assert_eq!(nvmlInit_v2(), 0);
        assert_eq!(nvmlInit_v2(), 0);
    }
    check_system();
    let handles = check_handles();
    check_memory(handles[1]);
    check_the_rest(handles[0]);
    // SAFETY: the out-pointer is valid.
    unsafe {
        assert_eq!(nvmlShutdown(), 0);
        assert_eq!(nvmlDeviceGetCount_v2(&mut count), 0, "initialised twice");
        assert_eq!(nvmlShutdown(), 0);
        assert_eq!(nvmlDeviceGetCount_v2(&mut count), UNINITIALIZED);
        assert_eq!(nvmlShutdown(), UNINITIALIZED);
    }
}

fn check_system() {
    let (mut cuda, mut text) = (0, [0; 80]);
    // SAFETY: buffers have the sizes given.
    unsafe {
        assert_eq!(nvmlSystemGetCudaDriverVersion(&mut cuda), 0);
        assert_eq!(cuda, 13020);
        assert_eq!(nvmlSystemGetDriverVersion(text.as_mut_ptr(), 80), 0);
        assert_eq!(
            nvmlSystemGetDriverVersion(text.as_mut_ptr(), 2),
            INSUFFICIENT_SIZE
        );
        assert_eq!(CStr::from_ptr(nvmlErrorString(3)), c"Not supported");
    }
}

fn check_handles() -> [usize; 2] {
    let mut handles = [0; 2];
    let (mut count, mut same, mut text) = (0, 0, [0; 96]);
    // SAFETY: buffers have the sizes given.
    unsafe {
        assert_eq!(nvmlDeviceGetCount_v2(&mut count), 0);
        assert_eq!(count, 2);
        assert_eq!(nvmlDeviceGetCount_v2(null_mut()), INVALID_ARGUMENT);
        for (index, handle) in (0..).zip(&mut handles) {
            assert_eq!(nvmlDeviceGetHandleByIndex_v2(index, handle), 0);
        }
        assert_ne!(handles[0], handles[1]);
        assert_eq!(
            nvmlDeviceGetHandleByIndex_v2(2, &mut same),
            INVALID_ARGUMENT
        );
        assert_eq!(nvmlDeviceGetName(handles[1], text.as_mut_ptr(), 96), 0);
        assert_eq!(CStr::from_ptr(text.as_ptr()), c"Pretend");
        assert_eq!(
            nvmlDeviceGetName(7, text.as_mut_ptr(), 96),
            INVALID_ARGUMENT
        );
        assert_eq!(nvmlDeviceGetUUID(handles[1], text.as_mut_ptr(), 96), 0);
        assert_eq!(nvmlDeviceGetHandleByUUID(text.as_ptr(), &mut same), 0);
        assert_eq!(same, handles[1]);
        assert_eq!(
            nvmlDeviceGetHandleByUUID(c"GPU-x".as_ptr(), &mut same),
            NOT_FOUND
        );
        assert_eq!(
            nvmlDeviceGetHandleByUUID(null(), &mut same),
            INVALID_ARGUMENT
        );
        let bus = c"00000000:02:00.0".as_ptr();
        assert_eq!(nvmlDeviceGetHandleByPciBusId_v2(bus, &mut same), 0);
        assert_eq!(same, handles[1]);
    }
    handles
}

fn check_memory(handle: usize) {
    let mut memory = [0; 3];
    // The version stands in the low half of the first word.
    let mut versioned = [0x0200_0028, 0, 0, 0, 0];
    // SAFETY: both rooms are as large as the structures.
    unsafe {
        assert_eq!(nvmlDeviceGetMemoryInfo(handle, &mut memory), 0);
        assert_eq!(memory, [1 << 30, 1 << 30, 0]);
        assert_eq!(nvmlDeviceGetMemoryInfo_v2(handle, &mut versioned), 0);
        assert_eq!(versioned[1..], [1 << 30, 0, 1 << 30, 0]);
        versioned[0] = 0x0300_0028;
        assert_eq!(
            nvmlDeviceGetMemoryInfo_v2(handle, &mut versioned),
            VERSION_MISMATCH
        );
    }
}

fn check_the_rest(handle: usize) {
    let (mut count, mut infos, mut rates) = (1, [0; 3], [0; 2]);
    // SAFETY: the list has room for one element.
    unsafe {
        let listed = nvmlDeviceGetComputeRunningProcesses_v3(handle, &mut count, &mut infos);
        assert_eq!((listed, count), (0, 0));
        assert_eq!(
            nvmlDeviceGetUtilizationRates(handle, &mut rates),
            NOT_SUPPORTED
        );
        assert_eq!(nvmlDeviceSetPowerManagementLimit(handle, 1), NOT_SUPPORTED);
    }
}
