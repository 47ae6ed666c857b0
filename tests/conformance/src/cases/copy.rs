//! Copies and fills: between host and device, in rows, and what is refused.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;

/// An address that nobody allocated.
const NOWHERE: u64 = 0x10_0000;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuMemcpyHtoD_v2/there_and_back",
        "Bytes arrive as they are.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (sent, mut got) = ([3_u8; 300], [0_u8; 300]);
            let device = cu.alloc(300);
            let there = cu.cuMemcpyHtoD_v2(device, sent.as_ptr().cast(), 300);
            let back = cu.cuMemcpyDtoH_v2(got.as_mut_ptr().cast(), device, 300);
            free(cu, device);
            seen![there, back, sent == got]
        },
    ),
    story(
        "cuMemcpyHtoD_v2/nothing",
        "Copying nothing does nothing, whatever the addresses.",
        "SUCCESS",
        |cu| seen![cu.cuMemcpyHtoD_v2(0, null(), 0)],
    )
    .believed(),
    story(
        "cuMemcpyHtoD_v2/null_source",
        "The source must not be null.",
        "INVALID_VALUE",
        |cu| {
            on(cu, |cu, device| {
                cu.cuMemcpyHtoD_v2(device, null(), 16).to_string()
            })
        },
    ),
    call(
        "cuMemcpyHtoD_v2/unknown_target",
        "The target must be device memory.",
        "INVALID_VALUE",
        |cu| cu.cuMemcpyHtoD_v2(NOWHERE, [0_u8; 16].as_ptr().cast(), 16),
    ),
    story(
        "cuMemcpyHtoD_v2/past_the_end",
        "A copy must end within the memory.",
        "INVALID_VALUE",
        |cu| {
            let bytes = vec![0_u8; 8 << 20];
            on(cu, |cu, device| {
                cu.cuMemcpyHtoD_v2(device, bytes.as_ptr().cast(), bytes.len())
                    .to_string()
            })
        },
    ),
    story(
        "cuMemcpyHtoD_v2/freed_target",
        "Freed memory is no target.",
        "INVALID_VALUE",
        |cu| {
            let device = cu.alloc(4 << 20);
            free(cu, device);
            seen![cu.cuMemcpyHtoD_v2(device, [0_u8; 16].as_ptr().cast(), 16)]
        },
    ),
    call(
        "cuMemcpyHtoD_v2/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuMemcpyHtoD_v2(NOWHERE, [0_u8; 16].as_ptr().cast(), 16),
    )
    .bare(),
    story(
        "cuMemcpyDtoH_v2/null_target",
        "The target must not be null.",
        "INVALID_VALUE",
        |cu| {
            on(cu, |cu, device| {
                cu.cuMemcpyDtoH_v2(null_mut(), device, 16).to_string()
            })
        },
    ),
    call(
        "cuMemcpyDtoH_v2/unknown_source",
        "The source must be device memory.",
        "INVALID_VALUE",
        |cu| cu.cuMemcpyDtoH_v2([0_u8; 16].as_mut_ptr().cast(), NOWHERE, 16),
    ),
    story(
        "cuMemcpyDtoD_v2/moves",
        "Bytes move between two pieces of device memory.",
        "SUCCESS 0x7070707",
        |cu| {
            let (from, to) = (cu.alloc(64), cu.alloc(64));
            cu.cuMemsetD8_v2(from, 7, 64).must("cuMemsetD8_v2");
            let status = cu.cuMemcpyDtoD_v2(to, from, 64);
            let got = word(cu, to);
            free(cu, from);
            free(cu, to);
            seen![status, got]
        },
    ),
    call(
        "cuMemcpyDtoD_v2/unknown",
        "Both must be device memory.",
        "INVALID_VALUE",
        |cu| cu.cuMemcpyDtoD_v2(NOWHERE, NOWHERE, 16),
    ),
    story(
        "cuMemcpy/direction",
        "The addresses tell the direction.",
        "SUCCESS SUCCESS 9",
        |cu| {
            let (sent, mut got) = ([9_u8; 16], [0_u8; 16]);
            let device = cu.alloc(16);
            let there = cu.cuMemcpy(device, sent.as_ptr() as u64, 16);
            let back = cu.cuMemcpy(got.as_mut_ptr() as u64, device, 16);
            free(cu, device);
            seen![there, back, got[15]]
        },
    ),
    story(
        "cuMemcpyHtoDAsync_v2/captured_source",
        "A pageable source may change as soon as the call returns.",
        "SUCCESS 0x1010101",
        |cu| {
            let mut source = [1_u8; 64];
            let (device, stream) = (cu.alloc(64), cu.stream(0));
            let status = cu.cuMemcpyHtoDAsync_v2(device, source.as_ptr().cast(), 64, stream);
            source.fill(2);
            cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
            let got = word(cu, device);
            cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
            free(cu, device);
            seen![status, got]
        },
    ),
    story(
        "cuMemcpyHtoDAsync_v2/unknown_target",
        "The target must be device memory.",
        "INVALID_VALUE",
        |cu| seen![cu.cuMemcpyHtoDAsync_v2(NOWHERE, [0_u8; 16].as_ptr().cast(), 16, 0)],
    ),
    story(
        "cuMemcpyDtoHAsync_v2/pageable",
        "A pageable target is filled when the call returns, or the stream is waited for.",
        "SUCCESS 5",
        |cu| {
            let mut got = [0_u8; 64];
            let device = cu.alloc(64);
            cu.cuMemsetD8_v2(device, 5, 64).must("cuMemsetD8_v2");
            let status = cu.cuMemcpyDtoHAsync_v2(got.as_mut_ptr().cast(), device, 64, 0);
            cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
            free(cu, device);
            seen![status, got[63]]
        },
    ),
    story(
        "cuMemcpy2D_v2/rows",
        "Rows are copied with each side's distance between them.",
        "SUCCESS [1,_2,_3,_11,_12,_13]",
        |cu| {
            let source: Vec<u8> = (0..30).collect();
            let mut got = [0_u8; 6];
            let device = cu.alloc(64);
            let mut copy = CUDA_MEMCPY2D {
                srcMemoryType: CU_MEMORYTYPE_HOST,
                srcHost: source.as_ptr().cast(),
                srcXInBytes: 1,
                srcPitch: 10,
                dstMemoryType: CU_MEMORYTYPE_DEVICE,
                dstDevice: device,
                dstPitch: 3,
                WidthInBytes: 3,
                Height: 2,
                ..CUDA_MEMCPY2D::default()
            };
            let status = cu.cuMemcpy2DUnaligned_v2(&raw mut copy);
            cu.cuMemcpyDtoH_v2(got.as_mut_ptr().cast(), device, 6)
                .must("cuMemcpyDtoH_v2");
            free(cu, device);
            seen![status, format!("{got:?}").replace(' ', "_")]
        },
    ),
    story(
        "cuMemcpy2D_v2/many_rows",
        "Rows far too many for one piece arrive in their places, and come back.",
        "SUCCESS SUCCESS true",
        |cu| there_and_back(cu, [1003, 701, 1]),
    ),
    story(
        "cuMemcpy2D_v2/long_rows",
        "So do rows that are too long for one piece.",
        "SUCCESS SUCCESS true",
        |cu| there_and_back(cu, [400_003, 3, 1]),
    ),
    story(
        "cuMemcpy2D_v2/narrow_pitch",
        "Rows must not be longer than their distance.",
        "INVALID_VALUE",
        |cu| {
            on(cu, |cu, device| {
                let mut copy = host_to_device(&[0; 64], device);
                copy.srcPitch = 4;
                cu.cuMemcpy2D_v2(&raw mut copy).to_string()
            })
        },
    ),
    story(
        "cuMemcpy2D_v2/unknown_kind",
        "The kinds of memory must be known ones.",
        "INVALID_VALUE",
        |cu| {
            on(cu, |cu, device| {
                let mut copy = host_to_device(&[0; 64], device);
                copy.srcMemoryType = 77;
                cu.cuMemcpy2D_v2(&raw mut copy).to_string()
            })
        },
    ),
    story(
        "cuMemcpy2D_v2/no_rows",
        "No rows, nothing to do.",
        "SUCCESS",
        |cu| {
            on(cu, |cu, device| {
                let mut copy = host_to_device(&[0; 64], device);
                copy.Height = 0;
                cu.cuMemcpy2D_v2(&raw mut copy).to_string()
            })
        },
    )
    .believed(),
    call(
        "cuMemcpy2D_v2/null",
        "There must be a description.",
        "INVALID_VALUE",
        |cu| cu.cuMemcpy2D_v2(null_mut()),
    ),
    story(
        "cuMemcpy3D_v2/planes",
        "Planes are copied with each side's height between them.",
        "SUCCESS 0x8080808",
        |cu| {
            let source = [8_u8; 64];
            let device = cu.alloc(64);
            let mut copy = CUDA_MEMCPY3D {
                srcMemoryType: CU_MEMORYTYPE_HOST,
                srcHost: source.as_ptr().cast(),
                srcPitch: 8,
                srcHeight: 4,
                dstMemoryType: CU_MEMORYTYPE_DEVICE,
                dstDevice: device,
                dstPitch: 4,
                dstHeight: 2,
                WidthInBytes: 4,
                Height: 2,
                Depth: 2,
                ..CUDA_MEMCPY3D::default()
            };
            let status = cu.cuMemcpy3D_v2(&raw mut copy);
            let got = word(cu, device + 12);
            free(cu, device);
            seen![status, got]
        },
    ),
    story(
        "cuMemcpy3D_v2/many_planes",
        "Planes far too many for one piece arrive in their places, and come back.",
        "SUCCESS SUCCESS true",
        |cu| there_and_back(cu, [301, 23, 97]),
    ),
    call(
        "cuMemcpy3D_v2/null",
        "There must be a description.",
        "INVALID_VALUE",
        |cu| cu.cuMemcpy3D_v2(null_mut()),
    ),
    story(
        "cuMemsetD8_v2/value",
        "Every byte gets the value.",
        "SUCCESS 0xabababab",
        |cu| {
            on(cu, |cu, device| {
                seen![cu.cuMemsetD8_v2(device, 0xab, 64), word(cu, device)]
            })
        },
    ),
    story(
        "cuMemsetD16_v2/value",
        "Every pair of bytes gets the value.",
        "SUCCESS 0x12341234",
        |cu| {
            on(cu, |cu, device| {
                seen![cu.cuMemsetD16_v2(device, 0x1234, 32), word(cu, device)]
            })
        },
    ),
    story(
        "cuMemsetD32_v2/value",
        "Every four bytes get the value.",
        "SUCCESS 0x12345678",
        |cu| {
            on(cu, |cu, device| {
                seen![cu.cuMemsetD32_v2(device, 0x1234_5678, 16), word(cu, device)]
            })
        },
    ),
    story(
        "cuMemsetD16_v2/alignment",
        "The address must be aligned to the element.",
        "INVALID_VALUE",
        |cu| on(cu, |cu, device| seen![cu.cuMemsetD16_v2(device + 1, 1, 4)]),
    ),
    story(
        "cuMemsetD32_v2/alignment",
        "The address must be aligned to the element.",
        "INVALID_VALUE",
        |cu| on(cu, |cu, device| seen![cu.cuMemsetD32_v2(device + 2, 1, 4)]),
    ),
    call(
        "cuMemsetD8_v2/unknown",
        "The memory must be known.",
        "INVALID_VALUE",
        |cu| cu.cuMemsetD8_v2(NOWHERE, 0, 16),
    ),
    story(
        "cuMemsetD8_v2/past_the_end",
        "A fill must end within the memory.",
        "INVALID_VALUE",
        |cu| on(cu, |cu, device| seen![cu.cuMemsetD8_v2(device, 0, 8 << 20)]),
    ),
    story(
        "cuMemsetD8_v2/nothing",
        "Filling nothing does nothing.",
        "SUCCESS",
        |cu| on(cu, |cu, device| seen![cu.cuMemsetD8_v2(device, 0, 0)]),
    ),
    story(
        "cuMemsetD2D8_v2/rows",
        "Rows are filled and what lies between them is left.",
        "SUCCESS 0x1010101 0x0",
        |cu| {
            on(cu, |cu, device| {
                cu.cuMemsetD8_v2(device, 0, 64).must("cuMemsetD8_v2");
                seen![
                    cu.cuMemsetD2D8_v2(device, 16, 1, 4, 4),
                    word(cu, device + 16),
                    word(cu, device + 20)
                ]
            })
        },
    ),
    story(
        "cuMemsetD2D32_v2/narrow_pitch",
        "Rows must not be longer than their distance.",
        "INVALID_VALUE",
        |cu| {
            on(cu, |cu, device| {
                seen![cu.cuMemsetD2D32_v2(device, 8, 1, 4, 2)]
            })
        },
    ),
    story(
        "cuMemsetD8Async/ordered",
        "A fill follows what is in its stream already.",
        "SUCCESS 0x2020202",
        |cu| {
            on(cu, |cu, device| {
                cu.cuMemsetD8Async(device, 1, 64, 0).must("cuMemsetD8Async");
                seen![cu.cuMemsetD8Async(device, 2, 64, 0), word(cu, device)]
            })
        },
    ),
    story(
        "cuMemcpyPeer/between_devices",
        "Bytes move from one device to another.",
        "SUCCESS 0x4040404",
        |cu| {
            if cu.devices() < 2 {
                return "needs two devices".to_owned();
            }
            let (here, there) = (cu.primary(0), cu.primary(1));
            let from = cu.alloc(64);
            cu.cuMemsetD8_v2(from, 4, 64).must("cuMemsetD8_v2");
            cu.cuCtxSetCurrent(there).must("cuCtxSetCurrent");
            let to = cu.alloc(64);
            let status = cu.cuMemcpyPeer(to, there, from, here, 64);
            let got = word(cu, to);
            free(cu, to);
            cu.cuCtxSetCurrent(here).must("cuCtxSetCurrent");
            free(cu, from);
            seen![status, got]
        },
    ),
];

/// Gives a story 4096 bytes of device memory.
fn on(cu: &Cuda, story: impl FnOnce(&Cuda, u64) -> String) -> String {
    let device = cu.alloc(4096);
    let seen = story(cu, device);
    free(cu, device);
    seen
}

fn free(cu: &Cuda, device: u64) {
    cu.cuMemFree_v2(device).must("cuMemFree_v2");
}

/// Four bytes of device memory.
fn word(cu: &Cuda, device: u64) -> String {
    let mut value = 0_u32;
    cu.cuMemcpyDtoH_v2((&raw mut value).cast::<c_void>(), device, 4)
        .must("cuMemcpyDtoH_v2");
    format!("{value:#x}")
}

/// Copies a box out of the middle of host memory to the device and back to the middle of other memory, which
/// must be the same there and untouched around it. Rows and planes stand farther apart here than there.
fn there_and_back(cu: &Cuda, [width, height, depth]: [usize; 3]) -> String {
    let (pitch, rows) = (width + 13, height + 2);
    let bytes = pitch * rows * (depth + 1);
    let pattern = |at: usize| (at.wrapping_mul(2_654_435_761) >> 11) as u8 | 1;
    let source: Vec<u8> = (0..bytes).map(pattern).collect();
    let mut got = vec![0_u8; bytes];
    let device = cu.alloc(width * height * depth);
    let mut up = CUDA_MEMCPY3D {
        srcMemoryType: CU_MEMORYTYPE_HOST,
        srcHost: source.as_ptr().cast(),
        srcXInBytes: 5,
        srcY: 1,
        srcZ: 1,
        srcPitch: pitch,
        srcHeight: rows,
        dstMemoryType: CU_MEMORYTYPE_DEVICE,
        dstDevice: device,
        dstPitch: width,
        dstHeight: height,
        WidthInBytes: width,
        Height: height,
        Depth: depth,
        ..CUDA_MEMCPY3D::default()
    };
    let there = cu.cuMemcpy3D_v2(&raw mut up);
    let mut down = CUDA_MEMCPY3D {
        srcMemoryType: CU_MEMORYTYPE_DEVICE,
        srcDevice: device,
        srcPitch: width,
        srcHeight: height,
        dstMemoryType: CU_MEMORYTYPE_HOST,
        dstHost: got.as_mut_ptr().cast(),
        dstXInBytes: 5,
        dstY: 1,
        dstZ: 1,
        dstPitch: pitch,
        dstHeight: rows,
        ..up
    };
    down.srcXInBytes = 0;
    (down.srcY, down.srcZ, down.dstDevice) = (0, 0, 0);
    let back = cu.cuMemcpy3D_v2(&raw mut down);
    free(cu, device);
    let inside = |at: usize| {
        let (x, y, z) = (at % pitch, at / pitch % rows, at / pitch / rows);
        (5..5 + width).contains(&x) && (1..=height).contains(&y) && z >= 1
    };
    let same = (0..bytes).all(|at| got[at] == if inside(at) { source[at] } else { 0 });
    seen![there, back, same]
}

/// A copy of four rows of eight bytes.
fn host_to_device(source: &[u8; 64], device: u64) -> CUDA_MEMCPY2D {
    CUDA_MEMCPY2D {
        srcMemoryType: CU_MEMORYTYPE_HOST,
        srcHost: source.as_ptr().cast(),
        srcPitch: 8,
        dstMemoryType: CU_MEMORYTYPE_DEVICE,
        dstDevice: device,
        dstPitch: 8,
        WidthInBytes: 8,
        Height: 4,
        ..CUDA_MEMCPY2D::default()
    }
}
