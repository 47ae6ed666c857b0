//! C structures of nodes, read and written. It calls no driver but to ask for parameter layouts.
//!
//! What a caller is shown of a node stays in place until the same node is asked for again. Read
//! [`Shown`] first.

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use rigel_protocol::custom::{AllocateNode, Copy3d, Fill, KernelNode, Place, Side};
use rigel_protocol::generated::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS_v1,
    CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUmemAccessDesc,
    CUmemorytype, CUstreamBatchMemOpParams,
};
use rigel_protocol::handle::{Array, Context, DevicePtr, Function, GraphNode, Kernel};
use rigel_protocol::{CuError, CuResult, Driver, HostPtr};

use crate::current;

/// Most nodes whose parameters are shown at a time.
const SHOWN_MAX: usize = 1 << 16;

pub(super) fn read_fill(fill: &CUDA_MEMSET_NODE_PARAMS) -> CuResult<Fill> {
    if ![1, 2, 4].contains(&fill.elementSize) || fill.width == 0 || fill.height == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(Fill {
        dst: fill.dst,
        pitch_bytes: fill.pitch as u64,
        value: fill.value,
        element_bytes: fill.elementSize as u8,
        width: fill.width as u64,
        height: fill.height as u64,
    })
}

pub(super) fn write_fill(fill: &Fill) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: fill.dst,
        pitch: fill.pitch_bytes as usize,
        value: fill.value,
        elementSize: fill.element_bytes.into(),
        width: fill.width as usize,
        height: fill.height as usize,
    }
}

pub(super) fn write_copy(copy: &Copy3d) -> CUDA_MEMCPY3D {
    let ends = |side: &Side| match side.place {
        Place::Host(HostPtr(at)) => (
            CUmemorytype::CU_MEMORYTYPE_HOST,
            at,
            DevicePtr(0),
            Array::NONE,
        ),
        Place::Device(at) => (CUmemorytype::CU_MEMORYTYPE_DEVICE, 0, at, Array::NONE),
        Place::Array(slot) => (
            CUmemorytype::CU_MEMORYTYPE_ARRAY,
            0,
            DevicePtr(0),
            slot.array,
        ),
    };
    let (dst, src) = (ends(&copy.dst), ends(&copy.src));
    CUDA_MEMCPY3D {
        srcXInBytes: copy.src.x_bytes as usize,
        srcY: copy.src.y as usize,
        srcZ: copy.src.z as usize,
        srcLOD: 0,
        srcMemoryType: src.0,
        srcHost: src.1 as *const c_void,
        srcDevice: src.2,
        srcArray: src.3,
        reserved0: ptr::null_mut(),
        srcPitch: copy.src.pitch_bytes as usize,
        srcHeight: copy.src.rows as usize,
        dstXInBytes: copy.dst.x_bytes as usize,
        dstY: copy.dst.y as usize,
        dstZ: copy.dst.z as usize,
        dstLOD: 0,
        dstMemoryType: dst.0,
        dstHost: dst.1 as *mut c_void,
        dstDevice: dst.2,
        dstArray: dst.3,
        reserved1: ptr::null_mut(),
        dstPitch: copy.dst.pitch_bytes as usize,
        dstHeight: copy.dst.rows as usize,
        WidthInBytes: copy.extent.width_bytes as usize,
        Height: copy.extent.height as usize,
        Depth: copy.extent.depth as usize,
    }
}

/// What a caller is shown of a node, at addresses that stay.
#[derive(Default)]
struct Shown {
    bytes: Vec<u8>,
    pointers: Vec<usize>,
    operations: Vec<CUstreamBatchMemOpParams>,
    access: Vec<CUmemAccessDesc>,
}

/// Where what is shown of a node lies.
struct ShownAt {
    pointers: usize,
    operations: usize,
    access: usize,
}

static SHOWN: Mutex<Option<HashMap<GraphNode, Shown>>> = Mutex::new(None);

/// Keeps what is shown of a node, and tells where it is.
fn show(node: GraphNode, shown: Shown) -> ShownAt {
    let places = ShownAt {
        pointers: shown.pointers.as_ptr() as usize,
        operations: shown.operations.as_ptr() as usize,
        access: shown.access.as_ptr() as usize,
    };
    let mut all = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = all.get_or_insert_with(HashMap::new);
    if all.len() >= SHOWN_MAX {
        all.clear();
    }
    all.insert(node, shown);
    places
}

pub(super) fn write_kernel(
    driver: &dyn Driver,
    node: GraphNode,
    kernel: &KernelNode,
) -> CuResult<CUDA_KERNEL_NODE_PARAMS> {
    let info = driver.function_info(kernel.function)?;
    let bytes = kernel.params.clone();
    let base = bytes.as_ptr() as usize;
    // One more that is null, for functions without parameters.
    let places = info.params.iter().map(|slot| base + slot.offset as usize);
    let pointers: Vec<usize> = places.chain([0]).collect();
    let shown = Shown {
        bytes,
        pointers,
        ..Shown::default()
    };
    debug_assert_eq!(base, shown.bytes.as_ptr() as usize);
    let pointers = show(node, shown).pointers;
    let ([gx, gy, gz], [bx, by, bz]) = (kernel.grid, kernel.block);
    // Either is told, as it was given: runtimes look for their own kernel among the one or the other.
    let (func, kern) = match Kernel(kernel.function.0).index() {
        Some(_) => (Function::NONE, kernel.function),
        None => (kernel.function, Function::NONE),
    };
    Ok(CUDA_KERNEL_NODE_PARAMS {
        func,
        gridDimX: gx,
        gridDimY: gy,
        gridDimZ: gz,
        blockDimX: bx,
        blockDimY: by,
        blockDimZ: bz,
        sharedMemBytes: kernel.shared_bytes,
        kernelParams: pointers as *mut *mut c_void,
        extra: ptr::null_mut(),
        kern,
        ctx: Context::NONE,
    })
}

pub(super) fn write_batch(
    node: GraphNode,
    operations: Vec<CUstreamBatchMemOpParams>,
    flags: u32,
) -> CUDA_BATCH_MEM_OP_NODE_PARAMS {
    let count = operations.len() as u32;
    let shown = Shown {
        operations,
        ..Shown::default()
    };
    CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: current::cx().context,
        count,
        paramArray: show(node, shown).operations as *mut CUstreamBatchMemOpParams,
        flags,
    }
}

pub(super) fn write_allocation(
    node: GraphNode,
    allocation: AllocateNode,
) -> CUDA_MEM_ALLOC_NODE_PARAMS {
    let count = allocation.access.len();
    let shown = Shown {
        access: allocation.access,
        ..Shown::default()
    };
    CUDA_MEM_ALLOC_NODE_PARAMS {
        poolProps: allocation.properties,
        accessDescs: show(node, shown).access as *const CUmemAccessDesc,
        accessDescCount: count,
        bytesize: allocation.bytes as usize,
        dptr: allocation.address,
    }
}

pub(super) fn newer(old: &CUDA_KERNEL_NODE_PARAMS_v1) -> CUDA_KERNEL_NODE_PARAMS {
    CUDA_KERNEL_NODE_PARAMS {
        func: old.func,
        gridDimX: old.gridDimX,
        gridDimY: old.gridDimY,
        gridDimZ: old.gridDimZ,
        blockDimX: old.blockDimX,
        blockDimY: old.blockDimY,
        blockDimZ: old.blockDimZ,
        sharedMemBytes: old.sharedMemBytes,
        kernelParams: old.kernelParams,
        extra: old.extra,
        kern: Function::NONE,
        ctx: Context::NONE,
    }
}

pub(super) fn older(new: &CUDA_KERNEL_NODE_PARAMS) -> CUDA_KERNEL_NODE_PARAMS_v1 {
    CUDA_KERNEL_NODE_PARAMS_v1 {
        func: match new.func.is_none() {
            true => new.kern,
            false => new.func,
        },
        gridDimX: new.gridDimX,
        gridDimY: new.gridDimY,
        gridDimZ: new.gridDimZ,
        blockDimX: new.blockDimX,
        blockDimY: new.blockDimY,
        blockDimZ: new.blockDimZ,
        sharedMemBytes: new.sharedMemBytes,
        kernelParams: new.kernelParams,
        extra: new.extra,
    }
}
