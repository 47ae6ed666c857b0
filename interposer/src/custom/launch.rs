//! Launches: the packing of parameters, the checks that NVIDIA's driver makes at the call, and host
//! functions.
//!
//! A launch takes no lock and allocates nothing: parameters of up to [`STACK_BYTES`] are packed on the
//! stack. Expected cost here, on the development machine: under 60 ns besides the driver's own. Read
//! [`launch`] first.
//!
//! What is refused here, and how:
//!
//! | what | code |
//! |---|---|
//! | a grid or block dimension of 0, or over the device's limit | `INVALID_VALUE` |
//! | more threads a block than the device can run | `INVALID_VALUE` |
//! | more threads a block than the function declares that it takes | `INVALID_VALUE` |
//! | more threads a block than there are registers for | `LAUNCH_OUT_OF_RESOURCES` |
//! | more dynamic shared memory than the function is allowed | `INVALID_VALUE` |
//! | a cooperative grid that does not fit the device at once | `COOPERATIVE_LAUNCH_TOO_LARGE` |
//! | both or neither form of parameters, or a missing one | `INVALID_VALUE` |

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;

use rigel_protocol::custom::{
    DeviceProfile, FunctionInfo, HostCallback, KernelNode, LaunchConfig, PARAM_BYTES_MAX,
    ParamSlots,
};
use rigel_protocol::generated::types::{
    CUhostFn, CUlaunchAttributeID, CUlaunchConfig, CUstreamCaptureStatus,
};
use rigel_protocol::handle::{Device, Function, Stream};
use rigel_protocol::{CuError, CuResult, Cx, Driver};

use crate::captures;
use crate::ffi;

pub(crate) use super::legacy::{
    cuFuncSetBlockShape, cuFuncSetSharedSize, cuLaunch, cuLaunchGrid, cuLaunchGridAsync,
    cuParamSetSize, cuParamSetf, cuParamSeti, cuParamSetv,
};
pub(crate) use super::occupancy::{
    cuOccupancyMaxPotentialBlockSize, cuOccupancyMaxPotentialBlockSizeWithFlags,
};

/// Parameters up to this size are packed without an allocation; all kernels before CUDA 12.1 fit.
const STACK_BYTES: usize = 4096;

/// The device's attributes that a launch is checked against, of a device of which nothing is known.
const NO_LIMITS: [i32; 13] = [0; 13];

/// Most attributes of one launch; CUDA 13.2 knows 19.
const ATTRIBUTES_MAX: usize = 32;

/// `CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT` and `CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH`.
const MULTIPROCESSORS: i32 = 16;
const COOPERATIVE_LAUNCH: i32 = 95;

/// Keys of the `extra` form.
const EXTRA_END: usize = 0;
const EXTRA_BUFFER: usize = 1;
const EXTRA_BUFFER_SIZE: usize = 2;

/// Most keys of the `extra` form; there are two.
const EXTRA_KEYS_MAX: usize = 8;

/// Parameters as a caller gives them.
#[derive(Clone, Copy)]
struct CParams {
    /// One pointer a parameter.
    pointers: *mut *mut c_void,
    /// Keys and values that name a packed buffer.
    extra: *mut *mut c_void,
}

pub(crate) unsafe fn cuLaunchKernel(
    null_stream: Stream,
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CuResult<()> {
    let config = LaunchConfig {
        grid: [grid_dim_x, grid_dim_y, grid_dim_z],
        block: [block_dim_x, block_dim_y, block_dim_z],
        shared_bytes: shared_mem_bytes,
        stream: ffi::stream(h_stream, null_stream),
        cooperative: false,
        attributes: &[],
    };
    let params = CParams {
        pointers: kernel_params,
        extra,
    };
    // SAFETY: the caller's parameters.
    unsafe { launch(f, &config, params) }
}

pub(crate) unsafe fn cuLaunchCooperativeKernel(
    null_stream: Stream,
    f: Function,
    grid_dim_x: u32,
    grid_dim_y: u32,
    grid_dim_z: u32,
    block_dim_x: u32,
    block_dim_y: u32,
    block_dim_z: u32,
    shared_mem_bytes: u32,
    h_stream: Stream,
    kernel_params: *mut *mut c_void,
) -> CuResult<()> {
    let config = LaunchConfig {
        grid: [grid_dim_x, grid_dim_y, grid_dim_z],
        block: [block_dim_x, block_dim_y, block_dim_z],
        shared_bytes: shared_mem_bytes,
        stream: ffi::stream(h_stream, null_stream),
        cooperative: true,
        attributes: &[],
    };
    let params = CParams {
        pointers: kernel_params,
        extra: std::ptr::null_mut(),
    };
    // SAFETY: the caller's parameters.
    unsafe { launch(f, &config, params) }
}

pub(crate) unsafe fn cuLaunchKernelEx(
    null_stream: Stream,
    config: *const CUlaunchConfig,
    f: Function,
    kernel_params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CuResult<()> {
    // SAFETY: the caller's structure, and its array of attributes.
    let (config, given) = unsafe {
        let config = ffi::read(config)?;
        (config, ffi::slice(config.attrs, config.numAttrs as usize)?)
    };
    if given.len() > ATTRIBUTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    let mut attributes = [(0, [0; 64]); ATTRIBUTES_MAX];
    let mut kept = 0;
    let mut cooperative = false;
    for attribute in given {
        let words = attribute.value.words;
        match attribute.id {
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_IGNORE => {}
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE => {
                cooperative = words[0] as u32 != 0;
            }
            id => {
                attributes[kept] = (id.0, bytes_of(words));
                kept += 1;
            }
        }
    }
    let config = LaunchConfig {
        grid: [config.gridDimX, config.gridDimY, config.gridDimZ],
        block: [config.blockDimX, config.blockDimY, config.blockDimZ],
        shared_bytes: config.sharedMemBytes,
        stream: ffi::stream(config.hStream, null_stream),
        cooperative,
        attributes: &attributes[..kept],
    };
    let params = CParams {
        pointers: kernel_params,
        extra,
    };
    // SAFETY: the caller's parameters.
    unsafe { launch(f, &config, params) }
}

pub(crate) unsafe fn cuLaunchHostFunc(
    null_stream: Stream,
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    let function = fn_.ok_or(CuError::INVALID_VALUE)?;
    let user_data = user_data as usize;
    let host: HostCallback = Arc::new(move |_| {
        // SAFETY: the caller gave function and argument to be called once the stream is there.
        unsafe { function(user_data as *mut c_void) };
    });
    let stream = ffi::stream(h_stream, null_stream);
    captures::forbid_legacy(stream)?;
    driver.launch_host(cx, stream, host, false)
}

/// The mode says how the GPU waits for the function, which makes no difference to the program.
pub(crate) unsafe fn cuLaunchHostFunc_v2(
    null_stream: Stream,
    h_stream: Stream,
    fn_: CUhostFn,
    user_data: *mut c_void,
    _sync_mode: u32,
) -> CuResult<()> {
    // SAFETY: the caller's function and argument.
    unsafe { cuLaunchHostFunc(null_stream, h_stream, fn_, user_data) }
}

/// Checks a launch, packs its parameters, and hands it to the driver.
///
/// # Safety
/// The parameters are as CUDA asks for this function.
#[inline(always)]
unsafe fn launch(f: Function, config: &LaunchConfig<'_>, params: CParams) -> CuResult<()> {
    let (driver, cx, device) = ffi::enter_on_device()?;
    if f.is_none() {
        return Err(CuError::INVALID_HANDLE);
    }
    captures::forbid_legacy(config.stream)?;
    driver.with_function(f, &mut |info| {
        check(config, info, device)?;
        if config.cooperative {
            check_cooperative(driver, cx, f, config, device)?;
        }
        let mut room = [MaybeUninit::uninit(); STACK_BYTES];
        let Some(room) = room.get_mut(..info.param_bytes()) else {
            // SAFETY: the caller's parameters.
            let packed = unsafe { pack_many(info, params) }?;
            return driver.launch(cx, f, config, &packed);
        };
        // SAFETY: the caller's parameters.
        let packed = unsafe { pack(info, params, room) }?;
        driver.launch(cx, f, config, packed)
    })?;
    match crate::state::launches_block() {
        true => finish(driver, cx, config.stream),
        false => Ok(()),
    }
}

/// Waits for what was launched, unless it went into a graph.
#[cold]
fn finish(driver: &dyn Driver, cx: Cx, stream: Stream) -> CuResult<()> {
    match driver.stream_is_capturing(cx, stream) {
        Ok(CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE) => {
            driver.stream_synchronize(cx, stream)
        }
        _ => Ok(()),
    }
}

/// The launch that a kernel node makes, checked and packed.
///
/// # Safety
/// The parameters are as CUDA asks for this function.
pub(super) unsafe fn of_node(
    driver: &dyn Driver,
    device: Device,
    mut node: KernelNode,
    pointers: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CuResult<KernelNode> {
    let info = driver.function_info(node.function)?;
    check(&node.config(), &info, driver.device(device)?)?;
    // SAFETY: the caller's parameters.
    node.params = unsafe { pack_many(&info, CParams { pointers, extra }) }?;
    Ok(node)
}

/// What can be known of a launch before it runs.
#[inline(always)]
fn check(config: &LaunchConfig<'_>, info: &FunctionInfo, device: &DeviceProfile) -> CuResult<()> {
    let limits = device.attributes.first_chunk().unwrap_or(&NO_LIMITS);
    // Attributes 2 to 4 limit a block's dimensions, 5 to 7 a grid's, 1 a block's threads.
    let ([x, y, z], [grid_x, grid_y, grid_z]) = (config.block, config.grid);
    // Each is at least 1 and at most its limit, or else one of the two differences is negative.
    let outside = |dim: u32, limit: i32| (i64::from(dim) - 1) | (i64::from(limit) - i64::from(dim));
    let block = outside(x, limits[2]) | outside(y, limits[3]) | outside(z, limits[4]);
    let grid = outside(grid_x, limits[5]) | outside(grid_y, limits[6]) | outside(grid_z, limits[7]);
    if block | grid < 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let threads = u64::from(x)
        .saturating_mul(u64::from(y))
        .saturating_mul(u64::from(z));
    let limit = |value: i32| u64::from(value.max(0).unsigned_abs());
    if threads > limit(limits[1]) {
        return Err(CuError::INVALID_VALUE);
    }
    // 0 stands for an image that does not say.
    let of_function = limit(info.attributes[0]);
    if of_function != 0 && threads > of_function {
        // Attribute 4 is registers a thread, 12 those of a block.
        let registers = limit(info.attributes[4]).saturating_mul(threads);
        return Err(match registers > limit(limits[12]) {
            true => CuError::LAUNCH_OUT_OF_RESOURCES,
            false => CuError::INVALID_VALUE,
        });
    }
    if u64::from(config.shared_bytes) > limit(info.attributes[8]) {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(())
}

/// All blocks of a cooperative grid run at the same time or not at all. The driver's occupancy is
/// asked for; it is remembered by function and block size, so that only the first launch waits.
fn check_cooperative(
    driver: &dyn Driver,
    cx: Cx,
    f: Function,
    config: &LaunchConfig<'_>,
    device: &DeviceProfile,
) -> CuResult<()> {
    if device.attribute(COOPERATIVE_LAUNCH) == 0 {
        return Err(CuError::NOT_SUPPORTED);
    }
    let threads: u32 = config.block.iter().product();
    let threads = i32::try_from(threads).map_err(|_| CuError::INVALID_VALUE)?;
    let shared = config.shared_bytes as usize;
    let each = driver.occupancy_max_active_blocks_per_multiprocessor(cx, f, threads, shared)?;
    let at_once = i64::from(each) * i64::from(device.attribute(MULTIPROCESSORS));
    let blocks: u128 = config.grid.iter().map(|dim| u128::from(*dim)).product();
    match u128::try_from(at_once).is_ok_and(|at_once| blocks <= at_once) {
        true => Ok(()),
        false => Err(CuError::COOPERATIVE_LAUNCH_TOO_LARGE),
    }
}

/// Packs parameters into `room`, which is as long as the function's parameter buffer.
///
/// # Safety
/// The parameters are as CUDA asks for this function.
#[inline(always)]
unsafe fn pack<'a>(
    info: &FunctionInfo,
    params: CParams,
    room: &'a mut [MaybeUninit<u8>],
) -> CuResult<&'a [u8]> {
    match (params.pointers.is_null(), params.extra.is_null()) {
        (true, true) if room.is_empty() => {}
        // SAFETY: the caller's list of keys and values.
        (true, false) => unsafe { copy_extra(params.extra, room) }?,
        // SAFETY: the caller's list has a pointer for each parameter.
        (false, true) => unsafe { copy_pointers(&info.params, params.pointers, room) }?,
        // A function without parameters may be launched with both lists given.
        (false, false) if room.is_empty() => {}
        _ => return Err(CuError::INVALID_VALUE),
    }
    // SAFETY: there is none, or one of the two has written every byte.
    Ok(unsafe { &*(std::ptr::from_mut(room) as *const [u8]) })
}

/// Packs any number of parameters.
///
/// # Safety
/// The parameters are as CUDA asks for this function.
#[cold]
unsafe fn pack_many(info: &FunctionInfo, params: CParams) -> CuResult<Vec<u8>> {
    let bytes = info.param_bytes();
    if bytes > PARAM_BYTES_MAX {
        return Err(CuError::INVALID_VALUE);
    }
    let mut room = vec![MaybeUninit::uninit(); bytes];
    // SAFETY: the caller's parameters.
    unsafe { pack(info, params, &mut room) }.map(<[u8]>::to_vec)
}

/// Copies each parameter to its place; afterwards every byte of `room` is written, which has to be as long as
/// the parameters are.
///
/// # Safety
/// `pointers` has an entry for each parameter, valid for the parameter's size.
#[inline(always)]
unsafe fn copy_pointers(
    params: &ParamSlots,
    pointers: *mut *mut c_void,
    room: &mut [MaybeUninit<u8>],
) -> CuResult<()> {
    if params.has_gaps() || room.len() != params.bytes() {
        // Gaps between parameters are zero: nothing of this process's stack leaves it.
        room.fill(MaybeUninit::new(0));
    }
    for (index, slot) in params.iter().enumerate() {
        let start = slot.offset as usize;
        let size = slot.size as usize;
        let place = room
            .get_mut(start..start + size)
            .ok_or(CuError::INVALID_VALUE)?;
        // SAFETY: the list has an entry for each parameter.
        let from = unsafe { pointers.add(index).read_unaligned() };
        if from.is_null() {
            return Err(CuError::INVALID_VALUE);
        }
        // SAFETY: the entry points to `size` bytes, and `place` has as many.
        unsafe { copy_param(from.cast(), place.as_mut_ptr().cast(), size) };
    }
    Ok(())
}

/// Copies a parameter. Nearly all are pointers and numbers, which take two instructions and no call.
///
/// # Safety
/// `from` is valid for reading `size` bytes, `to` for writing them, and they do not overlap.
#[inline]
unsafe fn copy_param(from: *const u8, to: *mut u8, size: usize) {
    // SAFETY: the caller's, of whom as many bytes are asked as are copied.
    unsafe {
        match size {
            8 => std::ptr::copy_nonoverlapping(from, to, 8),
            4 => std::ptr::copy_nonoverlapping(from, to, 4),
            _ => std::ptr::copy_nonoverlapping(from, to, size),
        }
    }
}

/// Copies the packed buffer that a list of keys and values names, which fills `room`.
///
/// # Safety
/// `extra` is a list of keys and values that ends with `CU_LAUNCH_PARAM_END`.
unsafe fn copy_extra(extra: *mut *mut c_void, room: &mut [MaybeUninit<u8>]) -> CuResult<()> {
    let mut buffer = std::ptr::null::<u8>();
    let mut size = None;
    let mut ended = false;
    for index in 0..EXTRA_KEYS_MAX {
        // SAFETY: no entry after the end has been read so far.
        let key = unsafe { extra.add(2 * index).read_unaligned() } as usize;
        if key == EXTRA_END {
            ended = true;
            break;
        }
        // SAFETY: every key but the end has a value.
        let value = unsafe { extra.add(2 * index + 1).read_unaligned() };
        match key {
            EXTRA_BUFFER => buffer = value.cast(),
            // SAFETY: the value of this key points to a size.
            EXTRA_BUFFER_SIZE => size = Some(unsafe { ffi::read(value.cast::<usize>()) }?),
            _ => return Err(CuError::INVALID_VALUE),
        }
    }
    let size = size.filter(|size| ended && *size >= room.len());
    if size.is_none() || buffer.is_null() && !room.is_empty() {
        return Err(CuError::INVALID_VALUE);
    }
    if !room.is_empty() {
        // SAFETY: the buffer has at least as many bytes as `room`.
        unsafe { std::ptr::copy_nonoverlapping(buffer, room.as_mut_ptr().cast(), room.len()) };
    }
    Ok(())
}

/// The 64 bytes of an attribute's value, as they lie in the caller's memory.
fn bytes_of(words: [u64; 8]) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
        chunk.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use rigel_protocol::custom::{ParamSlot, PciAddress};
    use std::ptr::{from_mut, null_mut};

    fn device() -> DeviceProfile {
        let mut attributes = vec![0; 128];
        for (number, value) in [(1, 1024), (2, 1024), (3, 1024), (4, 64), (12, 65_536)] {
            attributes[number] = value;
        }
        for (number, value) in [(5, i32::MAX), (6, 65535), (7, 65535)] {
            attributes[number] = value;
        }
        DeviceProfile {
            name: "test".into(),
            uuid: [0; 16],
            total_bytes: 0,
            pci: PciAddress::default(),
            attributes,
        }
    }

    fn function(slots: &[(u32, u32)]) -> FunctionInfo {
        let mut info = FunctionInfo {
            params: slots
                .iter()
                .map(|&(offset, size)| ParamSlot { offset, size })
                .collect(),
            ..FunctionInfo::default()
        };
        info.attributes[0] = 512;
        info.attributes[4] = 96;
        info.attributes[8] = 49152;
        info
    }

    fn check_dims(grid: [u32; 3], block: [u32; 3], shared_bytes: u32, expected: CuResult<()>) {
        let config = LaunchConfig {
            grid,
            block,
            shared_bytes,
            stream: Stream::LEGACY,
            cooperative: false,
            attributes: &[],
        };
        let found = check(&config, &function(&[]), &device());
        assert_eq!(found, expected, "{grid:?} {block:?} {shared_bytes}");
    }

    #[test]
    fn check_limits_give_the_codes_of_the_real_driver() {
        let (invalid, resources) = (CuError::INVALID_VALUE, CuError::LAUNCH_OUT_OF_RESOURCES);
        check_dims([1, 1, 1], [512, 1, 1], 49152, Ok(()));
        check_dims([0, 1, 1], [1, 1, 1], 0, Err(invalid));
        check_dims([1, 1, 1], [1, 0, 1], 0, Err(invalid));
        check_dims([1, 65536, 1], [1, 1, 1], 0, Err(invalid));
        check_dims([u32::MAX, 1, 1], [1, 1, 1], 0, Err(invalid));
        check_dims([1, 1, 1], [1, 1, 65], 0, Err(invalid));
        check_dims([1, 1, 1], [1024, 2, 1], 0, Err(invalid));
        check_dims([1, 1, 1], [513, 1, 1], 0, Err(invalid));
        check_dims([1, 1, 1], [768, 1, 1], 0, Err(resources));
        check_dims([1, 1, 1], [1, 1, 1], 49153, Err(invalid));
    }

    fn packed(info: &FunctionInfo, params: CParams) -> CuResult<Vec<u8>> {
        let mut room = vec![MaybeUninit::uninit(); info.param_bytes()];
        // SAFETY: the tests pass lists that are valid for the function.
        unsafe { pack(info, params, &mut room) }.map(<[u8]>::to_vec)
    }

    #[test]
    fn pack_pointers_land_at_their_offsets_and_gaps_are_zero() {
        let info = function(&[(0, 4), (8, 8), (16, 1)]);
        let (mut a, mut b, mut c) = (0x0403_0201_u32, 0x1817_1615_1413_1211_u64, 0x21_u8);
        let mut list: [*mut c_void; 3] = [
            from_mut(&mut a).cast(),
            from_mut(&mut b).cast(),
            from_mut(&mut c).cast(),
        ];
        let params = CParams {
            pointers: list.as_mut_ptr(),
            extra: null_mut(),
        };
        let expected = [
            1, 2, 3, 4, 0, 0, 0, 0, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x21,
        ];
        assert_eq!(packed(&info, params), Ok(expected.to_vec()));
        let mut hole = [list[0], null_mut(), list[2]];
        let params = CParams {
            pointers: hole.as_mut_ptr(),
            extra: null_mut(),
        };
        assert_eq!(packed(&info, params), Err(CuError::INVALID_VALUE));
    }

    #[test]
    fn pack_without_parameters_needs_no_list() {
        let none = CParams {
            pointers: null_mut(),
            extra: null_mut(),
        };
        assert_eq!(packed(&function(&[]), none), Ok(vec![]));
        assert_eq!(
            packed(&function(&[(0, 4)]), none),
            Err(CuError::INVALID_VALUE)
        );
    }

    #[test]
    fn pack_extra_takes_the_named_buffer() {
        let info = function(&[(0, 2), (2, 2)]);
        let check = |mut size: usize, key: usize, expected: CuResult<Vec<u8>>| {
            let mut buffer = [1_u8, 2, 3, 4, 5];
            let mut list: [*mut c_void; 5] = [
                key as *mut c_void,
                buffer.as_mut_ptr().cast(),
                EXTRA_BUFFER_SIZE as *mut c_void,
                from_mut(&mut size).cast(),
                EXTRA_END as *mut c_void,
            ];
            let params = CParams {
                pointers: null_mut(),
                extra: list.as_mut_ptr(),
            };
            assert_eq!(packed(&info, params), expected);
        };
        check(4, EXTRA_BUFFER, Ok(vec![1, 2, 3, 4]));
        check(5, EXTRA_BUFFER, Ok(vec![1, 2, 3, 4]));
        check(3, EXTRA_BUFFER, Err(CuError::INVALID_VALUE));
        check(4, 9, Err(CuError::INVALID_VALUE));
    }
}
