//! The primary context of a device: uses, flags, state, reset.

use std::ptr::null_mut;

use super::NO_DEVICE;
use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;

/// `CU_CTX_SCHED_SPIN`, `CU_CTX_SCHED_YIELD`, `CU_CTX_SCHED_BLOCKING_SYNC`.
const SPIN: u32 = 1;
const BLOCKING: u32 = 4;

/// The cases. Those that end a primary context begin in a process with one use of it.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuDevicePrimaryCtxRetain/same_handle",
        "Every use of a device's primary context has the same handle.",
        "true",
        |cu| {
            let (one, other) = (cu.primary(0), cu.primary(0));
            seen![one == other && one != 0]
        },
    ),
    call(
        "cuDevicePrimaryCtxRetain/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDevicePrimaryCtxRetain(null_mut(), 0),
    ),
    call(
        "cuDevicePrimaryCtxRetain/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDevicePrimaryCtxRetain(&mut 0, NO_DEVICE),
    ),
    story(
        "cuDevicePrimaryCtxRetain/not_current",
        "Retaining a context does not make it current.",
        "SUCCESS 0",
        |cu| {
            let mut current = 7;
            cu.primary(0);
            seen![cu.cuCtxGetCurrent(&mut current), current]
        },
    )
    .bare(),
    story(
        "cuDevicePrimaryCtxRelease_v2/last",
        "The last release ends the context's state; the one after that is refused.",
        "SUCCESS 0 INVALID_CONTEXT",
        |cu| {
            let released = cu.cuDevicePrimaryCtxRelease_v2(0);
            seen![released, active(cu), cu.cuDevicePrimaryCtxRelease_v2(0)]
        },
    )
    .alone(),
    story(
        "cuDevicePrimaryCtxRelease_v2/counted",
        "A context lives until it is released as often as it was retained.",
        "SUCCESS 1 SUCCESS 0",
        |cu| {
            cu.primary(0);
            let first = cu.cuDevicePrimaryCtxRelease_v2(0);
            seen![
                first,
                active(cu),
                cu.cuDevicePrimaryCtxRelease_v2(0),
                active(cu)
            ]
        },
    )
    .alone(),
    call(
        "cuDevicePrimaryCtxRelease_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDevicePrimaryCtxRelease_v2(NO_DEVICE),
    ),
    story(
        "cuDevicePrimaryCtxGetState/active",
        "A retained context is active.",
        "SUCCESS 1",
        |cu| {
            let (mut flags, mut active) = (0, 7);
            seen![
                cu.cuDevicePrimaryCtxGetState(0, &mut flags, &mut active),
                active
            ]
        },
    ),
    story(
        "cuDevicePrimaryCtxGetState/inactive",
        "A context that nobody retained is not active.",
        "SUCCESS 0 0",
        |cu| {
            let (mut flags, mut active) = (9, 7);
            cu.cuInit(0).must("cuInit");
            seen![
                cu.cuDevicePrimaryCtxGetState(0, &mut flags, &mut active),
                active,
                flags
            ]
        },
    )
    .fresh(),
    call(
        "cuDevicePrimaryCtxGetState/null",
        "The pointers must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDevicePrimaryCtxGetState(0, null_mut(), null_mut()),
    )
    .believed(),
    call(
        "cuDevicePrimaryCtxGetState/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDevicePrimaryCtxGetState(NO_DEVICE, &mut 0, &mut 0),
    ),
    story(
        "cuDevicePrimaryCtxSetFlags_v2/before_use",
        "Flags set before the first use are those of the context.",
        "SUCCESS 4 4",
        |cu| {
            cu.cuInit(0).must("cuInit");
            let set = cu.cuDevicePrimaryCtxSetFlags_v2(0, BLOCKING);
            let (mut flags, mut state) = (0, 0);
            cu.begin();
            cu.cuCtxGetFlags(&mut flags).must("cuCtxGetFlags");
            cu.cuDevicePrimaryCtxGetState(0, &mut state, &mut 0)
                .must("cuDevicePrimaryCtxGetState");
            seen![set, flags & 7, state & 7]
        },
    )
    .fresh(),
    story(
        "cuDevicePrimaryCtxSetFlags_v2/active",
        "Flags may be set while the context is active.",
        "SUCCESS 1",
        |cu| {
            let mut flags = 0;
            let set = cu.cuDevicePrimaryCtxSetFlags_v2(0, SPIN);
            cu.cuDevicePrimaryCtxGetState(0, &mut flags, &mut 0)
                .must("cuDevicePrimaryCtxGetState");
            seen![set, flags & 7]
        },
    )
    .alone(),
    call(
        "cuDevicePrimaryCtxSetFlags_v2/two_schedules",
        "At most one way of waiting can be chosen.",
        "INVALID_VALUE",
        |cu| cu.cuDevicePrimaryCtxSetFlags_v2(0, 3),
    ),
    call(
        "cuDevicePrimaryCtxSetFlags_v2/unknown",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuDevicePrimaryCtxSetFlags_v2(0, 0x8000),
    ),
    call(
        "cuDevicePrimaryCtxSetFlags_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDevicePrimaryCtxSetFlags_v2(NO_DEVICE, 0),
    ),
    story(
        "cuDevicePrimaryCtxReset_v2/ends_everything",
        "A reset ends the context's memory and state, for all of its uses.",
        "SUCCESS 0 CONTEXT_IS_DESTROYED",
        |cu| {
            cu.alloc(64);
            let reset = cu.cuDevicePrimaryCtxReset_v2(0);
            seen![reset, active(cu), cu.cuMemAlloc_v2(&mut 0, 64)]
        },
    )
    .alone(),
    story(
        "cuDevicePrimaryCtxReset_v2/used_again",
        "After a reset the context can be retained and used again.",
        "SUCCESS SUCCESS",
        |cu| {
            let reset = cu.cuDevicePrimaryCtxReset_v2(0);
            cu.begin();
            seen![reset, cu.cuMemAlloc_v2(&mut 0, 64)]
        },
    )
    .alone(),
    call(
        "cuDevicePrimaryCtxReset_v2/unused",
        "A context that is not active may be reset.",
        "SUCCESS",
        |cu| {
            cu.cuInit(0).must("cuInit");
            cu.cuDevicePrimaryCtxReset_v2(0)
        },
    )
    .fresh()
    .believed(),
    call(
        "cuDevicePrimaryCtxReset_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDevicePrimaryCtxReset_v2(NO_DEVICE),
    ),
];

/// Whether the primary context of device 0 is active.
fn active(cu: &Cuda) -> i32 {
    let mut active = 7;
    cu.cuDevicePrimaryCtxGetState(0, &mut 0, &mut active)
        .must("cuDevicePrimaryCtxGetState");
    active
}
