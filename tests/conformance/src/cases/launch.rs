//! Launches: what runs, and what is refused at the call itself; occupancy.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::{Cuda, Status};
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuLaunchKernel/runs",
        "A kernel runs with its parameters.",
        "SUCCESS 42",
        |cu| {
            with_memory(cu, |device| {
                let (mut to, mut value) = (device, 42_u32);
                let mut params = [(&raw mut to).cast::<c_void>(), (&raw mut value).cast()];
                let status = launch(cu, cu.kernel("put"), Shape::ONE, params.as_mut_ptr());
                seen![status, word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunchKernel/every_thread",
        "Every thread of every block runs.",
        "SUCCESS 1536",
        |cu| {
            with_memory(cu, |device| {
                let mut to = device;
                let mut params = [(&raw mut to).cast::<c_void>()];
                let shape = Shape {
                    grid: [3, 2, 1],
                    block: [64, 2, 2],
                    shared: 0,
                };
                let status = launch(cu, cu.kernel("count"), shape, params.as_mut_ptr());
                seen![status, word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunchKernel/extra",
        "Parameters can be given as one packed buffer.",
        "SUCCESS 43",
        |cu| {
            with_memory(cu, |device| {
                let mut packed = [device, 43];
                let mut bytes = 12_usize;
                // `CU_LAUNCH_PARAM_BUFFER_POINTER`, `CU_LAUNCH_PARAM_BUFFER_SIZE`, `CU_LAUNCH_PARAM_END`.
                let mut extra = [
                    std::ptr::without_provenance_mut(1),
                    packed.as_mut_ptr().cast::<c_void>(),
                    std::ptr::without_provenance_mut(2),
                    (&raw mut bytes).cast(),
                    null_mut(),
                ];
                let kernel = cu.kernel("put");
                let status = cu.cuLaunchKernel(
                    kernel,
                    1,
                    1,
                    1,
                    1,
                    1,
                    1,
                    0,
                    0,
                    null_mut(),
                    extra.as_mut_ptr(),
                );
                seen![status, word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunchKernel/both",
        "Parameters are given in one way, not in both.",
        "INVALID_VALUE",
        |cu| {
            let mut params = [null_mut()];
            let mut extra = [null_mut()];
            let kernel = cu.kernel("put");
            seen![cu.cuLaunchKernel(
                kernel,
                1,
                1,
                1,
                1,
                1,
                1,
                0,
                0,
                params.as_mut_ptr(),
                extra.as_mut_ptr()
            )]
        },
    ),
    story(
        "cuLaunchKernel/no_parameters",
        "A kernel with parameters needs them.",
        "INVALID_VALUE",
        |cu| seen![launch(cu, cu.kernel("put"), Shape::ONE, null_mut())],
    )
    .believed(),
    story(
        "cuLaunchKernel/empty_shapes",
        "No dimension may be zero.",
        "INVALID_VALUE INVALID_VALUE INVALID_VALUE",
        |cu| {
            let kernel = cu.kernel("empty");
            let try_shape = |grid, block| {
                launch(
                    cu,
                    kernel,
                    Shape {
                        grid,
                        block,
                        shared: 0,
                    },
                    null_mut(),
                )
            };
            seen![
                try_shape([0, 1, 1], [1, 1, 1]),
                try_shape([1, 1, 0], [1, 1, 1]),
                try_shape([1, 1, 1], [1, 0, 1])
            ]
        },
    ),
    story(
        "cuLaunchKernel/block_too_large",
        "A block has at most as many threads as the device allows, in each dimension and in all.",
        "INVALID_VALUE INVALID_VALUE INVALID_VALUE",
        |cu| {
            let kernel = cu.kernel("empty");
            let try_block = |block| {
                launch(
                    cu,
                    kernel,
                    Shape {
                        block,
                        ..Shape::ONE
                    },
                    null_mut(),
                )
            };
            seen![
                try_block([1025, 1, 1]),
                try_block([1, 1, 65]),
                try_block([64, 32, 1])
            ]
        },
    ),
    story(
        "cuLaunchKernel/grid_too_large",
        "A grid has at most as many blocks as the device allows.",
        "INVALID_VALUE INVALID_VALUE",
        |cu| {
            let kernel = cu.kernel("empty");
            let try_grid = |grid| launch(cu, kernel, Shape { grid, ..Shape::ONE }, null_mut());
            seen![try_grid([1, 65536, 1]), try_grid([1, 1, 65536])]
        },
    ),
    story(
        "cuLaunchKernel/bounded",
        "A kernel that was made for fewer threads does not run with more.",
        "SUCCESS INVALID_VALUE",
        |cu| {
            let kernel = cu.kernel("bounded");
            let try_block = |block| {
                launch(
                    cu,
                    kernel,
                    Shape {
                        block,
                        ..Shape::ONE
                    },
                    null_mut(),
                )
            };
            seen![try_block([128, 1, 1]), try_block([256, 1, 1])]
        },
    )
    .believed(),
    story(
        "cuLaunchKernel/shared_memory",
        "More shared memory than a block has by default must be allowed first.",
        "INVALID_VALUE SUCCESS SUCCESS",
        |cu| {
            let kernel = cu.kernel("empty");
            let shape = Shape {
                shared: 60 << 10,
                ..Shape::ONE
            };
            let before = launch(cu, kernel, shape, null_mut());
            let allowed = cu.cuFuncSetAttribute(
                kernel,
                CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                60 << 10,
            );
            seen![before, allowed, launch(cu, kernel, shape, null_mut())]
        },
    ),
    call(
        "cuLaunchKernel/null",
        "There must be a kernel.",
        "INVALID_HANDLE",
        |cu| launch(cu, 0, Shape::ONE, null_mut()),
    )
    .believed(),
    story(
        "cuLaunchKernel/after_refusal",
        "A refused launch leaves the context as it was.",
        "INVALID_VALUE SUCCESS SUCCESS",
        |cu| {
            let kernel = cu.kernel("empty");
            let refused = launch(
                cu,
                kernel,
                Shape {
                    block: [2000, 1, 1],
                    ..Shape::ONE
                },
                null_mut(),
            );
            seen![
                refused,
                cu.cuCtxSynchronize(),
                launch(cu, kernel, Shape::ONE, null_mut())
            ]
        },
    ),
    story(
        "cuLaunchCooperativeKernel/fits",
        "A cooperative grid runs if all of its blocks fit at once.",
        "SUCCESS SUCCESS",
        |cu| {
            let kernel = cu.kernel("empty");
            let status = cu.cuLaunchCooperativeKernel(kernel, 2, 1, 1, 32, 1, 1, 0, 0, null_mut());
            seen![status, cu.cuCtxSynchronize()]
        },
    ),
    story(
        "cuLaunchCooperativeKernel/too_large",
        "A cooperative grid must fit at once.",
        "COOPERATIVE_LAUNCH_TOO_LARGE",
        |cu| {
            let kernel = cu.kernel("empty");
            seen![cu.cuLaunchCooperativeKernel(kernel, 1 << 20, 1, 1, 1024, 1, 1, 0, 0, null_mut())]
        },
    ),
    story(
        "cuLaunchKernelEx/plain",
        "Without attributes it is a plain launch.",
        "SUCCESS 44",
        |cu| {
            with_memory(cu, |device| {
                let (mut to, mut value) = (device, 44_u32);
                let mut params = [(&raw mut to).cast::<c_void>(), (&raw mut value).cast()];
                let config = config(&mut []);
                let status = cu.cuLaunchKernelEx(
                    &raw const config,
                    cu.kernel("put"),
                    params.as_mut_ptr(),
                    null_mut(),
                );
                seen![status, word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunchKernelEx/cooperative",
        "An attribute makes it cooperative, with the same limit.",
        "COOPERATIVE_LAUNCH_TOO_LARGE",
        |cu| {
            let mut attribute = CUlaunchAttribute {
                id: CU_LAUNCH_ATTRIBUTE_COOPERATIVE,
                ..CUlaunchAttribute::default()
            };
            attribute.value.words[0] = 1;
            let mut attributes = [attribute];
            let mut config = config(&mut attributes);
            (config.gridDimX, config.blockDimX) = (1 << 20, 1024);
            seen![cu.cuLaunchKernelEx(
                &raw const config,
                cu.kernel("empty"),
                null_mut(),
                null_mut()
            )]
        },
    ),
    story(
        "cuLaunchKernelEx/priority",
        "A priority and a policy are taken.",
        "SUCCESS",
        |cu| {
            let priority = CUlaunchAttribute {
                id: CU_LAUNCH_ATTRIBUTE_PRIORITY,
                ..CUlaunchAttribute::default()
            };
            let ignored = CUlaunchAttribute {
                id: CU_LAUNCH_ATTRIBUTE_IGNORE,
                ..CUlaunchAttribute::default()
            };
            let mut attributes = [ignored, priority];
            let config = config(&mut attributes);
            seen![cu.cuLaunchKernelEx(
                &raw const config,
                cu.kernel("empty"),
                null_mut(),
                null_mut()
            )]
        },
    ),
    story(
        "cuLaunchKernelEx/null",
        "There must be a configuration.",
        "INVALID_VALUE",
        |cu| seen![cu.cuLaunchKernelEx(null(), cu.kernel("empty"), null_mut(), null_mut())],
    ),
    story(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor/some",
        "More threads a block, fewer blocks; never more threads than a multiprocessor has.",
        "SUCCESS true true",
        |cu| {
            let (kernel, mut large, mut small) = (cu.kernel("empty"), 0, 0);
            let status =
                cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&mut large, kernel, 1024, 0);
            cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&mut small, kernel, 32, 0)
                .must("cuOccupancyMaxActiveBlocksPerMultiprocessor");
            let threads = cu.attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
            seen![status, large >= 1 && small > large, large * 1024 <= threads]
        },
    ),
    story(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor/no_threads",
        "A block has threads.",
        "INVALID_VALUE",
        |cu| {
            seen![cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(&mut 0, cu.kernel("empty"), 0, 0)]
        },
    ),
    story(
        "cuOccupancyMaxActiveBlocksPerMultiprocessor/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            seen![cu.cuOccupancyMaxActiveBlocksPerMultiprocessor(
                null_mut(),
                cu.kernel("empty"),
                32,
                0
            )]
        },
    ),
    story(
        "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags/unknown",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| {
            seen![cu.cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
                &mut 0,
                cu.kernel("empty"),
                32,
                0,
                64
            )]
        },
    ),
    story(
        "cuOccupancyMaxPotentialBlockSize/bounded",
        "The best size is at most the kernel's limit, and at most the one given.",
        "SUCCESS true SUCCESS true",
        |cu| {
            let (kernel, mut grid, mut block, mut limited) = (cu.kernel("bounded"), 0, 0, 0);
            let status =
                cu.cuOccupancyMaxPotentialBlockSize(&mut grid, &mut block, kernel, None, 0, 0);
            let again =
                cu.cuOccupancyMaxPotentialBlockSize(&mut grid, &mut limited, kernel, None, 0, 64);
            seen![
                status,
                block > 0 && block <= 128,
                again,
                limited > 0 && limited <= 64
            ]
        },
    ),
    story(
        "cuOccupancyAvailableDynamicSMemPerBlock/shared",
        "Fewer blocks have more shared memory each.",
        "SUCCESS true",
        |cu| {
            let (kernel, mut one, mut four) = (cu.kernel("empty"), 0, 0);
            let status = cu.cuOccupancyAvailableDynamicSMemPerBlock(&mut one, kernel, 1, 128);
            cu.cuOccupancyAvailableDynamicSMemPerBlock(&mut four, kernel, 4, 128)
                .must("cuOccupancyAvailableDynamicSMemPerBlock");
            seen![status, one >= four && four > 0]
        },
    ),
    story(
        "cuFuncSetBlockShape/old_launch",
        "The calls of before CUDA 4 still launch.",
        "SUCCESS SUCCESS SUCCESS 45",
        |cu| {
            with_memory(cu, |device| {
                let (kernel, mut packed) = (cu.kernel("put"), [device, 45]);
                let shaped = cu.cuFuncSetBlockShape(kernel, 1, 1, 1);
                cu.cuParamSetSize(kernel, 12).must("cuParamSetSize");
                let set = cu.cuParamSetv(kernel, 0, packed.as_mut_ptr().cast(), 12);
                seen![shaped, set, cu.cuLaunch(kernel), word(cu, device)]
            })
        },
    ),
];

/// The shape of a launch.
#[derive(Clone, Copy)]
struct Shape {
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
}

impl Shape {
    /// One thread.
    const ONE: Self = Self {
        grid: [1; 3],
        block: [1; 3],
        shared: 0,
    };
}

/// Launches on the default stream.
fn launch(cu: &Cuda, kernel: u64, shape: Shape, params: *mut *mut c_void) -> Status {
    let ([gx, gy, gz], [bx, by, bz]) = (shape.grid, shape.block);
    cu.cuLaunchKernel(
        kernel,
        gx,
        gy,
        gz,
        bx,
        by,
        bz,
        shape.shared,
        0,
        params,
        null_mut(),
    )
}

/// One thread, with attributes.
fn config(attributes: &mut [CUlaunchAttribute]) -> CUlaunchConfig {
    CUlaunchConfig {
        gridDimX: 1,
        gridDimY: 1,
        gridDimZ: 1,
        blockDimX: 1,
        blockDimY: 1,
        blockDimZ: 1,
        attrs: attributes.as_mut_ptr(),
        numAttrs: attributes.len() as u32,
        ..CUlaunchConfig::default()
    }
}

/// Gives a story 64 zero bytes of device memory.
pub(super) fn with_memory(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let device = cu.alloc(64);
    cu.cuMemsetD8_v2(device, 0, 64).must("cuMemsetD8_v2");
    let seen = story(device);
    cu.cuMemFree_v2(device).must("cuMemFree_v2");
    seen
}

/// Four bytes of device memory.
pub(super) fn word(cu: &Cuda, device: u64) -> u32 {
    let mut value = 0;
    cu.cuMemcpyDtoH_v2((&raw mut value).cast(), device, 4)
        .must("cuMemcpyDtoH_v2");
    value
}
