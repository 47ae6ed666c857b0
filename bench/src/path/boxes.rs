//! Copies of pageable memory that are not one stretch: in rows, in slices, many at once. Read [`Shape`] first.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use anyhow::Result;
use libloading::Symbol;

use super::cuda::{Cuda, Handle, check};

/// What is copied: 16 MiB each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Shape {
    /// `cuMemcpy2D`: 4096 rows of 4 KiB, 512 bytes apart on the host.
    Rows,
    /// `cuMemcpy3D`: 64 slices of 64 such rows.
    Slices,
    /// `cuMemcpyBatchAsync`: 256 copies of 64 KiB.
    Batch,
}

/// How many bytes.
pub(super) const BYTES: usize = 16 << 20;
const WIDTH: usize = 4 << 10;
const PITCH: usize = WIDTH + 512;
const ROWS: usize = BYTES / WIDTH;
const SLICES: usize = 64;
const PART_BYTES: usize = 64 << 10;
const PARTS: usize = BYTES / PART_BYTES;
/// `CU_MEMORYTYPE_HOST` and `CU_MEMORYTYPE_DEVICE`.
const HOST: u32 = 1;
const DEVICE: u32 = 2;

/// One end of `CUDA_MEMCPY2D`.
#[repr(C)]
struct Side2d {
    x_bytes: usize,
    y: usize,
    kind: u32,
    host: *mut c_void,
    device: u64,
    array: *mut c_void,
    pitch_bytes: usize,
}

/// `CUDA_MEMCPY2D`.
#[repr(C)]
struct Copy2d {
    src: Side2d,
    dst: Side2d,
    width_bytes: usize,
    height: usize,
}

/// One end of `CUDA_MEMCPY3D`.
#[repr(C)]
struct Side3d {
    x_bytes: usize,
    y: usize,
    z: usize,
    lod: usize,
    kind: u32,
    host: *mut c_void,
    device: u64,
    array: *mut c_void,
    reserved: *mut c_void,
    pitch_bytes: usize,
    height: usize,
}

/// `CUDA_MEMCPY3D`.
#[repr(C)]
struct Copy3d {
    src: Side3d,
    dst: Side3d,
    width_bytes: usize,
    height: usize,
    depth: usize,
}

/// `CUmemcpyAttributes`.
#[repr(C)]
struct Attributes {
    source_order: u32,
    source_hint: [u32; 2],
    target_hint: [u32; 2],
    flags: u32,
}

type Copy<T> = unsafe extern "C" fn(*const T) -> c_int;
type Batch = unsafe extern "C" fn(
    *mut u64,
    *mut u64,
    *mut usize,
    usize,
    *mut Attributes,
    *mut usize,
    usize,
    *mut usize,
    *mut c_void,
) -> c_int;

/// Memory at both ends, and the way between.
pub(super) struct Boxes<'a> {
    cuda: &'a Cuda,
    shape: Shape,
    host: Vec<u8>,
    device: u64,
    stream: Handle,
}

impl<'a> Boxes<'a> {
    /// Takes the memory.
    pub(super) fn new(cuda: &'a Cuda, shape: Shape) -> Result<Self> {
        Ok(Self {
            cuda,
            shape,
            host: vec![1; ROWS * PITCH],
            device: cuda.allocate(BYTES)?,
            stream: cuda.stream()?,
        })
    }

    /// To the device or from it; all is done on return.
    pub(super) fn copy(&mut self, up: bool) -> Result<()> {
        match self.shape {
            Shape::Rows => self.rows(up)?,
            Shape::Slices => self.slices(up)?,
            Shape::Batch => self.batch(up)?,
        }
        self.cuda.synchronize()
    }

    fn rows(&mut self, up: bool) -> Result<()> {
        let side = |kind, pitch_bytes| Side2d {
            x_bytes: 0,
            y: 0,
            kind,
            host: self.host.as_ptr().cast_mut().cast(),
            device: self.device,
            array: null_mut(),
            pitch_bytes,
        };
        let (src, dst) = ends(up, side(HOST, PITCH), side(DEVICE, WIDTH));
        let copy = Copy2d {
            src,
            dst,
            width_bytes: WIDTH,
            height: ROWS,
        };
        let entry: Symbol<'_, Copy<Copy2d>> = self.cuda.symbol(b"cuMemcpy2D_v2\0")?;
        // SAFETY: the type is that of cuda.h, and the memory at both ends is ours and large enough.
        check("cuMemcpy2D", unsafe { entry(&raw const copy) })
    }

    fn slices(&mut self, up: bool) -> Result<()> {
        let side = |kind, pitch_bytes| Side3d {
            x_bytes: 0,
            y: 0,
            z: 0,
            lod: 0,
            kind,
            host: self.host.as_ptr().cast_mut().cast(),
            device: self.device,
            array: null_mut(),
            reserved: null_mut(),
            pitch_bytes,
            height: ROWS / SLICES,
        };
        let (src, dst) = ends(up, side(HOST, PITCH), side(DEVICE, WIDTH));
        let copy = Copy3d {
            src,
            dst,
            width_bytes: WIDTH,
            height: ROWS / SLICES,
            depth: SLICES,
        };
        let entry: Symbol<'_, Copy<Copy3d>> = self.cuda.symbol(b"cuMemcpy3D_v2\0")?;
        // SAFETY: as in `rows`.
        check("cuMemcpy3D", unsafe { entry(&raw const copy) })
    }

    fn batch(&mut self, up: bool) -> Result<()> {
        let at = |base: u64| (0..PARTS).map(|n| base + (n * PART_BYTES) as u64).collect();
        let (host, device): (Vec<u64>, Vec<u64>) =
            (at(self.host.as_mut_ptr() as u64), at(self.device));
        let (mut src, mut dst) = ends(up, host, device);
        let mut sizes = [PART_BYTES; PARTS];
        // In stream order, for all of them.
        let mut attributes = Attributes {
            source_order: 1,
            source_hint: [0; 2],
            target_hint: [0; 2],
            flags: 0,
        };
        let (mut first, mut failed) = (0, 0);
        let entry: Symbol<'_, Batch> = self.cuda.symbol(b"cuMemcpyBatchAsync\0")?;
        // SAFETY: as in `rows`; the lists have as many elements as is said.
        check("cuMemcpyBatchAsync", unsafe {
            entry(
                dst.as_mut_ptr(),
                src.as_mut_ptr(),
                sizes.as_mut_ptr(),
                PARTS,
                &raw mut attributes,
                &raw mut first,
                1,
                &raw mut failed,
                self.stream.as_ptr(),
            )
        })
    }
}

/// Source and destination.
fn ends<T>(up: bool, host: T, device: T) -> (T, T) {
    match up {
        true => (host, device),
        false => (device, host),
    }
}
