//! 3D copies in the newest form: operands that are an address or an array, and several at a time.

use std::ptr;

use rigel_protocol::generated::types::{
    CUDA_MEMCPY3D, CUDA_MEMCPY3D_BATCH_OP, CUmemcpy3DOperand, CUmemorytype,
};
use rigel_protocol::handle::{Array, DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult};

use super::copy_box::cuMemcpy3DAsync_v2;
use crate::ffi;

/// `CU_MEMCPY_OPERAND_TYPE_POINTER`.
const ADDRESS: u32 = 1;

/// One end: an address, from row to row and the rows of a layer, in bytes, since no end is an array.
struct End {
    address: DevicePtr,
    pitch: usize,
    rows: usize,
}

fn end(operand: &CUmemcpy3DOperand) -> CuResult<End> {
    let [address, pitch, rows, _] = operand.words;
    match operand.r#type {
        ADDRESS => Ok(End {
            address: DevicePtr(address),
            pitch: pitch as usize,
            rows: rows as usize,
        }),
        2 => rigel_protocol::custom::not_supported("a batched copy of an array"),
        _ => Err(CuError::INVALID_VALUE),
    }
}

fn as_3d(op: &CUDA_MEMCPY3D_BATCH_OP) -> CuResult<CUDA_MEMCPY3D> {
    let (src, dst) = (end(&op.src)?, end(&op.dst)?);
    let [width, height, depth] = op.extent;
    if width == 0 || height == 0 || depth == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(CUDA_MEMCPY3D {
        srcXInBytes: 0,
        srcY: 0,
        srcZ: 0,
        srcLOD: 0,
        srcMemoryType: CUmemorytype::CU_MEMORYTYPE_UNIFIED,
        srcHost: ptr::null(),
        srcDevice: src.address,
        srcArray: Array::NONE,
        reserved0: ptr::null_mut(),
        srcPitch: src.pitch,
        srcHeight: src.rows,
        dstXInBytes: 0,
        dstY: 0,
        dstZ: 0,
        dstLOD: 0,
        dstMemoryType: CUmemorytype::CU_MEMORYTYPE_UNIFIED,
        dstHost: ptr::null_mut(),
        dstDevice: dst.address,
        dstArray: Array::NONE,
        reserved1: ptr::null_mut(),
        dstPitch: dst.pitch,
        dstHeight: dst.rows,
        WidthInBytes: width,
        Height: height,
        Depth: depth,
    })
}

pub(crate) unsafe fn cuMemcpy3DWithAttributesAsync(
    null_stream: Stream,
    op: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> CuResult<()> {
    if flags != 0 {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's structure.
    let copy = as_3d(&unsafe { ffi::read(op.cast_const()) }?)?;
    // SAFETY: a live local.
    unsafe { cuMemcpy3DAsync_v2(null_stream, &raw const copy, h_stream) }
}

pub(crate) unsafe fn cuMemcpy3DBatchAsync_v2(
    null_stream: Stream,
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: u64,
    h_stream: Stream,
) -> CuResult<()> {
    if num_ops == 0 || flags != 0 || h_stream.is_none() {
        return Err(CuError::INVALID_VALUE);
    }
    // SAFETY: the caller's array.
    let ops = unsafe { ffi::slice(op_list.cast_const(), num_ops) }?;
    let copies: Vec<_> = ops.iter().map(as_3d).collect::<CuResult<_>>()?;
    for copy in &copies {
        // SAFETY: a live local.
        unsafe { cuMemcpy3DAsync_v2(null_stream, copy, h_stream) }?;
    }
    Ok(())
}

pub(crate) unsafe fn cuMemcpy3DBatchAsync(
    null_stream: Stream,
    num_ops: usize,
    op_list: *mut CUDA_MEMCPY3D_BATCH_OP,
    fail_idx: *mut usize,
    flags: u64,
    h_stream: Stream,
) -> CuResult<()> {
    // SAFETY: the caller's pointers. `SIZE_MAX` is CUDA's word for "not one copy in particular".
    unsafe {
        let done = cuMemcpy3DBatchAsync_v2(null_stream, num_ops, op_list, flags, h_stream);
        if done.is_err() {
            ffi::write_optional(fail_idx, usize::MAX);
        }
        done
    }
}
