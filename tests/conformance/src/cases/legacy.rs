//! Launches as before CUDA 4: shape and parameters belong to the function until it is launched.

use crate::case::{Case, seen, story};
use crate::cuda::{Cuda, Status};

use super::launch::{with_memory, word};

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuFuncSetSharedSize/as_a_launch",
        "Shared memory set for a function counts as that of a launch: what a block may not have is refused there.",
        "SUCCESS INVALID_VALUE SUCCESS SUCCESS",
        |cu| {
            let kernel = one_thread(cu, "empty");
            let large = cu.cuFuncSetSharedSize(kernel, 60 << 10);
            let refused = cu.cuLaunch(kernel);
            let small = cu.cuFuncSetSharedSize(kernel, 1 << 10);
            seen![large, refused, small, cu.cuLaunch(kernel)]
        },
    ),
    story(
        "cuParamSetSize/too_large",
        "No function has so many bytes of parameters.",
        "INVALID_VALUE",
        |cu| seen![cu.cuParamSetSize(cu.kernel("put"), 1 << 20)],
    ),
    story(
        "cuParamSeti/last_one_counts",
        "An integer is stored at its offset; the last one stored there counts.",
        "SUCCESS SUCCESS SUCCESS 47",
        |cu| {
            with_memory(cu, |device| {
                let kernel = put(cu, device);
                let first = cu.cuParamSeti(kernel, 8, 46);
                let second = cu.cuParamSeti(kernel, 8, 47);
                seen![first, second, cu.cuLaunch(kernel), word(cu, device)]
            })
        },
    ),
    story(
        "cuParamSeti/negative",
        "An offset is not negative.",
        "INVALID_VALUE",
        |cu| seen![cu.cuParamSeti(cu.kernel("put"), -4, 1)],
    ),
    story(
        "cuParamSetf/bits",
        "A float is stored as it is, without a conversion.",
        "SUCCESS SUCCESS 1069547520",
        |cu| {
            with_memory(cu, |device| {
                let kernel = put(cu, device);
                let set = cu.cuParamSetf(kernel, 8, 1.5);
                seen![set, cu.cuLaunch(kernel), word(cu, device)]
            })
        },
    ),
    story(
        "cuParamSetv/copies",
        "The bytes are copied at the call: what becomes of them later does not count.",
        "SUCCESS SUCCESS 48",
        |cu| {
            with_memory(cu, |device| {
                let kernel = put(cu, device);
                let mut value = [48_u8, 0, 0, 0];
                let set = cu.cuParamSetv(kernel, 8, value.as_mut_ptr().cast(), 4);
                value = [1; 4];
                std::hint::black_box(value);
                seen![set, cu.cuLaunch(kernel), word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunch/without_shape",
        "A function whose block was never given is not launched.",
        "INVALID_VALUE",
        |cu| seen![cu.cuLaunch(cu.kernel("empty"))],
    ),
    story(
        "cuLaunchGrid/blocks",
        "Every thread of every block of the grid runs.",
        "SUCCESS 192",
        |cu| {
            with_memory(cu, |device| {
                let kernel = count(cu, device);
                seen![cu.cuLaunchGrid(kernel, 3, 2), word(cu, device)]
            })
        },
    ),
    story(
        "cuLaunchGrid/empty",
        "No dimension of a grid is zero or less.",
        "INVALID_VALUE INVALID_VALUE",
        |cu| {
            let kernel = one_thread(cu, "empty");
            seen![
                cu.cuLaunchGrid(kernel, 0, 1),
                cu.cuLaunchGrid(kernel, 1, -1)
            ]
        },
    ),
    story(
        "cuLaunchGridAsync/in_its_stream",
        "The grid is work of the stream: it is done once the stream is.",
        "SUCCESS SUCCESS 128",
        |cu| {
            with_memory(cu, |device| {
                let (kernel, stream) = (count(cu, device), cu.stream(1));
                let launched = cu.cuLaunchGridAsync(kernel, 2, 2, stream);
                let done = cu.cuStreamSynchronize(stream);
                seen![launched, done, word(cu, device)]
            })
        },
    ),
];

/// A kernel whose next launch has blocks of one thread.
fn one_thread(cu: &Cuda, name: &str) -> u64 {
    let kernel = cu.kernel(name);
    shape(cu, kernel, 1).must("cuFuncSetBlockShape");
    kernel
}

/// `put`, with all but its second parameter, the value.
fn put(cu: &Cuda, to: u64) -> u64 {
    let kernel = one_thread(cu, "put");
    cu.cuParamSetSize(kernel, 12).must("cuParamSetSize");
    set_address(cu, kernel, to);
    kernel
}

/// `count`, with blocks of 32 threads.
fn count(cu: &Cuda, to: u64) -> u64 {
    let kernel = cu.kernel("count");
    shape(cu, kernel, 32).must("cuFuncSetBlockShape");
    cu.cuParamSetSize(kernel, 8).must("cuParamSetSize");
    set_address(cu, kernel, to);
    kernel
}

fn shape(cu: &Cuda, kernel: u64, threads: i32) -> Status {
    cu.cuFuncSetBlockShape(kernel, threads, 1, 1)
}

fn set_address(cu: &Cuda, kernel: u64, mut to: u64) {
    cu.cuParamSetv(kernel, 0, (&raw mut to).cast(), 8)
        .must("cuParamSetv");
}
