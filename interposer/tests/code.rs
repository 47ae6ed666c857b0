//! The exported C functions for images, functions and launches, in front of a driver that records
//! what reaches it. See `border.rs` for the others.
#![expect(unsafe_code, reason = "calls exported C functions")]

mod support;

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};

use rigel_protocol::generated::types::{CUlaunchAttribute, CUlaunchConfig};
use rigel_protocol::handle::Function;
use support::{MOCK, in_context};

const INVALID_VALUE: i32 = 1;
const INVALID_HANDLE: i32 = 400;
const NOT_FOUND: i32 = 500;
const COOPERATIVE_LAUNCH_TOO_LARGE: i32 = 720;

unsafe extern "C" {
    fn cuGetExportTable(table: *mut *const usize, id: *const [u8; 16]) -> i32;
    fn cuModuleLoadData(module: *mut u64, image: *const c_void) -> i32;
    fn cuModuleGetFunction(function: *mut u64, module: u64, name: *const c_char) -> i32;
    fn cuFuncGetName(name: *mut *const c_char, function: u64) -> i32;
    fn cuLaunchKernel(
        function: u64,
        grid_x: u32,
        grid_y: u32,
        grid_z: u32,
        block_x: u32,
        block_y: u32,
        block_z: u32,
        shared: u32,
        stream: u64,
        params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> i32;
    fn cuLaunchKernelEx(
        config: *const CUlaunchConfig,
        function: u64,
        params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> i32;
    fn cuLaunchCooperativeKernel(
        function: u64,
        grid_x: u32,
        grid_y: u32,
        grid_z: u32,
        block_x: u32,
        block_y: u32,
        block_z: u32,
        shared: u32,
        stream: u64,
        params: *mut *mut c_void,
    ) -> i32;
    fn cuLaunchHostFunc(
        stream: u64,
        function: unsafe extern "C" fn(*mut c_void),
        data: *mut c_void,
    ) -> i32;
    fn cuOccupancyMaxPotentialBlockSize(
        grid: *mut i32,
        block: *mut i32,
        function: u64,
        shared_of: *const c_void,
        shared: usize,
        limit: i32,
    ) -> i32;
    fn cuLinkCreate_v2(n: u32, options: *mut u32, values: *mut *mut c_void, out: *mut u64) -> i32;
    fn cuLinkAddData_v2(
        state: u64,
        kind: u32,
        data: *const c_void,
        bytes: usize,
        name: *const c_char,
        n: u32,
        options: *mut u32,
        values: *mut *mut c_void,
    ) -> i32;
    fn cuLinkComplete(state: u64, image: *mut *const u8, bytes: *mut usize) -> i32;
    fn cuLinkDestroy(state: u64) -> i32;
}

/// The only function of the mock, as C sees it.
const FUNCTION: u64 = support::FUNCTION.0;

fn launch(function: u64, grid: u32, block: u32, stream: u64) -> i32 {
    let (mut a, mut b) = (0x0403_0201_u32, 0x1817_1615_1413_1211_u64);
    let mut params: [*mut c_void; 2] = [(&raw mut a).cast(), (&raw mut b).cast()];
    // SAFETY: the function has these two parameters.
    unsafe {
        cuLaunchKernel(
            function,
            grid,
            1,
            1,
            block,
            1,
            1,
            0,
            stream,
            params.as_mut_ptr(),
            null_mut(),
        )
    }
}

#[test]
fn launch_packs_parameters_and_refuses_what_cannot_run() {
    in_context(|| {
        let calls = MOCK.recorded(|| {
            assert_eq!(launch(FUNCTION, 3, 512, 0), 0);
            assert_eq!(launch(FUNCTION, 0, 1, 0), INVALID_VALUE);
            assert_eq!(launch(FUNCTION, 1, 1025, 0), INVALID_VALUE);
            assert_eq!(launch(FUNCTION, 1, 513, 0), INVALID_VALUE);
            assert_eq!(launch(0, 1, 1, 0), INVALID_HANDLE);
            assert_eq!(launch(Function::mint(99).0, 1, 1, 0), INVALID_HANDLE);
        });
        let params = "[1, 2, 3, 4, 0, 0, 0, 0, 17, 18, 19, 20, 21, 22, 23, 24]";
        let expected =
            format!("launch [3, 1, 1] [512, 1, 1] on 0x1 cooperative false more 0 params {params}");
        assert_eq!(calls, [expected]);
    });
}

#[test]
fn launch_attributes_are_read_and_cooperative_is_one_of_them() {
    in_context(|| {
        let calls = MOCK.recorded(|| {
            let attribute = |id: u32, word: u64| {
                // SAFETY: any bytes are an attribute.
                let mut attribute: CUlaunchAttribute = unsafe { std::mem::zeroed() };
                attribute.id.0 = id;
                attribute.value.words[0] = word;
                attribute
            };
            let mut attributes = [attribute(0, 5), attribute(2, 1), attribute(8, 3)];
            // SAFETY: any bytes are a configuration.
            let mut config: CUlaunchConfig = unsafe { std::mem::zeroed() };
            (config.gridDimX, config.gridDimY, config.gridDimZ) = (2, 1, 1);
            (config.blockDimX, config.blockDimY, config.blockDimZ) = (32, 1, 1);
            config.attrs = attributes.as_mut_ptr();
            config.numAttrs = 3;
            let mut buffer = [9_u8; 16];
            let mut bytes = buffer.len();
            let mut extra: [*mut c_void; 5] = [
                without_provenance_mut(1),
                buffer.as_mut_ptr().cast(),
                without_provenance_mut(2),
                (&raw mut bytes).cast(),
                null_mut(),
            ];
            // SAFETY: the buffer is as long as the function's parameters.
            unsafe {
                let launched = cuLaunchKernelEx(&config, FUNCTION, null_mut(), extra.as_mut_ptr());
                assert_eq!(launched, 0);
                config.numAttrs = 1000;
                let refused = cuLaunchKernelEx(&config, FUNCTION, null_mut(), null_mut());
                assert_eq!(refused, INVALID_VALUE);
            }
        });
        let expected = format!(
            "launch [2, 1, 1] [32, 1, 1] on 0x1 cooperative true more 1 params {:?}",
            [9; 16]
        );
        assert_eq!(calls, [expected]);
    });
}

#[test]
fn launch_cooperative_grid_must_fit_the_device() {
    in_context(|| {
        let launch = |grid| {
            let (mut a, mut b) = (0_u32, 0_u64);
            let mut params: [*mut c_void; 2] = [(&raw mut a).cast(), (&raw mut b).cast()];
            // SAFETY: the function has these two parameters.
            unsafe {
                cuLaunchCooperativeKernel(
                    FUNCTION,
                    grid,
                    1,
                    1,
                    512,
                    1,
                    1,
                    0,
                    0,
                    params.as_mut_ptr(),
                )
            }
        };
        let calls = MOCK.recorded(|| {
            // Four multiprocessors run three such blocks each.
            assert_eq!(launch(12), 0);
            assert_eq!(launch(13), COOPERATIVE_LAUNCH_TOO_LARGE);
        });
        assert_eq!(calls.len(), 1);
    });
}

#[test]
fn host_function_gets_its_argument() {
    in_context(|| {
        unsafe extern "C" fn count(data: *mut c_void) {
            // SAFETY: the argument is the counter below.
            unsafe { *data.cast::<u32>() += 1 };
        }
        let mut counter = 0_u32;
        let calls = MOCK.recorded(|| {
            // SAFETY: the mock calls the function at once.
            let launched = unsafe { cuLaunchHostFunc(0, count, (&raw mut counter).cast()) };
            assert_eq!(launched, 0);
        });
        assert_eq!(counter, 1);
        assert_eq!(calls, ["host 0x1 false"]);
    });
}

#[test]
fn modules_and_names_pass() {
    in_context(|| {
        let (mut module, mut function, mut name) = (0, 0, null());
        let calls = MOCK.recorded(|| {
            // SAFETY: the image is zero-ended text, out-pointers are valid.
            unsafe {
                let image = c".version 8.0".as_ptr().cast();
                assert_eq!(cuModuleLoadData(&mut module, image), 0);
                assert_eq!(cuModuleLoadData(&mut module, null()), INVALID_VALUE);
                assert_eq!(cuModuleGetFunction(&mut function, module, c"f".as_ptr()), 0);
                let missing = support::MISSING.as_ptr();
                assert_eq!(
                    cuModuleGetFunction(&mut function, module, missing),
                    NOT_FOUND
                );
                assert_eq!(cuFuncGetName(&mut name, function), 0);
                assert_eq!(CStr::from_ptr(name), c"function");
                let first = name;
                assert_eq!(cuFuncGetName(&mut name, function), 0);
                assert_eq!(name, first, "a name stays where it is");
            }
        });
        assert_eq!(calls, ["module_load 12"]);
    });
}

#[test]
fn link_collects_inputs_and_keeps_the_image_until_destroyed() {
    in_context(|| {
        let (mut state, mut image, mut bytes) = (0, null(), 0);
        // SAFETY: data has the sizes given, out-pointers are valid.
        unsafe {
            assert_eq!(cuLinkCreate_v2(0, null_mut(), null_mut(), &mut state), 0);
            for part in [b"ab", b"cd"] {
                let data = part.as_ptr().cast();
                let added = cuLinkAddData_v2(state, 1, data, 2, null(), 0, null_mut(), null_mut());
                assert_eq!(added, 0);
            }
            assert_eq!(cuLinkComplete(state, &mut image, &mut bytes), 0);
            assert_eq!(std::slice::from_raw_parts(image, bytes), b"abcd");
            assert_eq!(cuLinkDestroy(state), 0);
            assert_eq!(cuLinkDestroy(state), INVALID_HANDLE);
            assert_eq!(
                cuLinkComplete(state, &mut image, &mut bytes),
                INVALID_HANDLE
            );
        }
    });
}

#[test]
fn occupancy_asks_the_driver_for_each_block_size() {
    in_context(|| {
        let (mut grid, mut block) = (0, 0);
        // SAFETY: out-pointers are valid.
        unsafe {
            let found =
                cuOccupancyMaxPotentialBlockSize(&mut grid, &mut block, FUNCTION, null(), 0, 0);
            assert_eq!(found, 0);
        }
        assert_eq!((grid, block), (4 * 3, 512));
    });
}

const MODULES: [u8; 16] = 0x6e16_3fbe_b958_444d_835c_e182_aff1_991e_u128.to_be_bytes();

#[test]
fn export_table_enumerates_functions_and_answers_one() {
    type Visit = unsafe extern "C" fn(*mut u64, u64);
    type Enumerate = unsafe extern "C" fn(u64, u64, Visit, *mut u64) -> i32;
    unsafe extern "C" fn keep(user: *mut u64, function: u64) {
        // SAFETY: the argument is the number below.
        unsafe { *user = function };
    }
    in_context(|| {
        // SAFETY: the slot holds a function of this type.
        let enumerate: Enumerate = unsafe { std::mem::transmute(slot(&MODULES, 7)) };
        let mut seen = 0;
        // SAFETY: the argument fits the function.
        assert_eq!(unsafe { enumerate(0, 1, keep, &mut seen) }, 1);
        assert_eq!(seen, FUNCTION);
    });
}

fn slot(id: &[u8; 16], index: usize) -> usize {
    let mut table = null();
    // SAFETY: the out-pointer is valid, and the table has this slot.
    unsafe {
        assert_eq!(cuGetExportTable(&mut table, id), 0);
        *table.add(index)
    }
}
