//! What an error leaves behind: nothing, or a context that is lost.

use std::ptr::null_mut;

use crate::case::{Case, seen, story};
use crate::cuda::{Cuda, Status};

/// The cases. They name the call that reports a fault.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuCtxSynchronize/illegal_address",
        "A kernel's fault is reported by the next call that waits, and by every one after it.",
        "SUCCESS ILLEGAL_ADDRESS ILLEGAL_ADDRESS ILLEGAL_ADDRESS",
        |cu| {
            let launched = run(cu, "fault");
            seen![
                launched,
                cu.cuCtxSynchronize(),
                cu.cuCtxSynchronize(),
                cu.cuMemAlloc_v2(&mut 0, 64)
            ]
        },
    )
    .alone(),
    story(
        "cuCtxSynchronize/trap",
        "A kernel that traps loses the context.",
        "SUCCESS LAUNCH_FAILED LAUNCH_FAILED",
        |cu| {
            let launched = run(cu, "traps");
            seen![
                launched,
                cu.cuCtxSynchronize(),
                cu.cuMemAlloc_v2(&mut 0, 64)
            ]
        },
    )
    .believed()
    .alone(),
    story(
        "cuStreamSynchronize/illegal_address",
        "A fault is reported by waiting for its stream.",
        "ILLEGAL_ADDRESS ILLEGAL_ADDRESS",
        |cu| {
            run(cu, "fault").must("cuLaunchKernel");
            seen![cu.cuStreamSynchronize(0), cu.cuStreamQuery(0)]
        },
    )
    .alone(),
    story(
        "cuEventSynchronize/illegal_address",
        "A fault is reported by waiting for an event behind it.",
        "ILLEGAL_ADDRESS",
        |cu| {
            let event = cu.event(0);
            run(cu, "fault").must("cuLaunchKernel");
            // The fault may be known before the record is made.
            match cu.cuEventRecord(event, 0) {
                recorded if recorded.is_ok() => seen![cu.cuEventSynchronize(event)],
                refused => seen![refused],
            }
        },
    )
    .alone(),
    story(
        "cuMemcpyDtoH_v2/illegal_address",
        "A fault is reported by a copy that waits for it.",
        "ILLEGAL_ADDRESS",
        |cu| {
            let device = cu.alloc(64);
            run(cu, "fault").must("cuLaunchKernel");
            seen![cu.cuMemcpyDtoH_v2([0_u8; 16].as_mut_ptr().cast(), device, 16)]
        },
    )
    .alone(),
    story(
        "cuLaunchKernel/after_fault",
        "In a lost context nothing is launched.",
        "ILLEGAL_ADDRESS ILLEGAL_ADDRESS",
        |cu| {
            let kernel = cu.kernel("empty");
            run(cu, "fault").must("cuLaunchKernel");
            seen![cu.cuCtxSynchronize(), launch(cu, kernel)]
        },
    )
    .alone(),
    story(
        "cuMemFree_v2/after_fault",
        "In a lost context nothing is freed.",
        "ILLEGAL_ADDRESS ILLEGAL_ADDRESS",
        |cu| {
            let device = cu.alloc(64);
            run(cu, "fault").must("cuLaunchKernel");
            seen![cu.cuCtxSynchronize(), cu.cuMemFree_v2(device)]
        },
    )
    .alone(),
    story(
        "cuMemAlloc_v2/fault_of_another_thread",
        "A fault is everybody's who uses the context.",
        "ILLEGAL_ADDRESS ILLEGAL_ADDRESS",
        |cu| {
            run(cu, "fault").must("cuLaunchKernel");
            let first = cu.cuCtxSynchronize();
            let other = std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    let mut current = 0;
                    cu.cuDevicePrimaryCtxRetain(&mut current, 0);
                    cu.cuCtxSetCurrent(current);
                    cu.cuMemAlloc_v2(&mut 0, 64)
                });
                thread
                    .join()
                    .map_or("panicked".to_owned(), |status| status.to_string())
            });
            seen![first, other]
        },
    )
    .alone(),
    story(
        "cuCtxGetDevice/after_fault",
        "What needs no device still answers.",
        "SUCCESS 0",
        |cu| {
            run(cu, "fault").must("cuLaunchKernel");
            cu.cuCtxSynchronize();
            let mut device = 9;
            seen![cu.cuCtxGetDevice(&mut device), device]
        },
    )
    .believed()
    .alone(),
    story(
        "cuMemAlloc_v2/refusals_do_not_stay",
        "A refused call says so once; the next call is judged by itself.",
        "INVALID_VALUE SUCCESS SUCCESS",
        |cu| {
            let mut device = 0;
            let refused = cu.cuMemAlloc_v2(&mut device, 0);
            let given = cu.cuMemAlloc_v2(&mut device, 64);
            seen![refused, given, cu.cuMemFree_v2(device)]
        },
    ),
];

fn launch(cu: &Cuda, kernel: u64) -> Status {
    cu.cuLaunchKernel(kernel, 1, 1, 1, 1, 1, 1, 0, 0, null_mut(), null_mut())
}

fn run(cu: &Cuda, name: &str) -> Status {
    launch(cu, cu.kernel(name))
}
