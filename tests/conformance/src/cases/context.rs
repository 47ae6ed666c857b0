//! Contexts that programs make, the stack of each thread, limits and flags.

use std::ptr::null_mut;

use super::NO_DEVICE;
use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuCtxCreate_v2/pushes",
        "A new context is current, above the one that was.",
        "true true",
        |cu| {
            let before = current(cu);
            let made = create(cu);
            let on_top = current(cu) == made;
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![on_top, current(cu) == before]
        },
    ),
    call(
        "cuCtxCreate_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxCreate_v2(null_mut(), 0, 0),
    )
    .bare(),
    call(
        "cuCtxCreate_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuCtxCreate_v2(&mut 0, 0, NO_DEVICE),
    )
    .bare(),
    call(
        "cuCtxCreate_v2/unknown_flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuCtxCreate_v2(&mut 0, 0x4000, 0),
    )
    .bare(),
    call(
        "cuCtxCreate_v2/two_schedules",
        "At most one way of waiting can be chosen.",
        "INVALID_VALUE",
        |cu| cu.cuCtxCreate_v2(&mut 0, 3, 0),
    )
    .bare(),
    story(
        "cuCtxCreate_v4/no_parameters",
        "Without parameters it is as the older form.",
        "SUCCESS true SUCCESS",
        |cu| {
            let mut made = 0;
            let status = cu.cuCtxCreate_v4(&mut made, null_mut(), 0, 0);
            seen![status, current(cu) == made, cu.cuCtxDestroy_v2(made)]
        },
    )
    .bare(),
    story(
        "cuCtxDestroy_v2/own_thread",
        "Destroying the current context takes it off the stack.",
        "SUCCESS 0",
        |cu| {
            let made = create(cu);
            seen![cu.cuCtxDestroy_v2(made), current(cu)]
        },
    )
    .bare(),
    story(
        "cuCtxDestroy_v2/current_elsewhere",
        "It stays current in other threads, whose calls say that it is destroyed.",
        "SUCCESS true CONTEXT_IS_DESTROYED",
        |cu| {
            let made = create(cu);
            let destroyed =
                std::thread::scope(|scope| scope.spawn(|| cu.cuCtxDestroy_v2(made)).join());
            let destroyed = destroyed.map_or("panicked".to_owned(), |status| status.to_string());
            seen![destroyed, current(cu) == made, cu.cuMemAlloc_v2(&mut 0, 16)]
        },
    )
    .alone(),
    call(
        "cuCtxDestroy_v2/null",
        "There must be a context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxDestroy_v2(0),
    )
    .believed()
    .bare(),
    call(
        "cuCtxDestroy_v2/primary",
        "A primary context is released, not destroyed.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxDestroy_v2(cu.primary(0)),
    )
    .believed()
    .alone(),
    story(
        "cuCtxPushCurrent_v2/stack",
        "Contexts come off the stack in the opposite order.",
        "true true",
        |cu| {
            let (outer, inner) = (create(cu), create(cu));
            let popped = [pop(cu), pop(cu)];
            cu.cuCtxPushCurrent_v2(inner).must("cuCtxPushCurrent_v2");
            cu.cuCtxPushCurrent_v2(outer).must("cuCtxPushCurrent_v2");
            let again = [pop(cu), pop(cu)];
            for context in [outer, inner] {
                cu.cuCtxDestroy_v2(context).must("cuCtxDestroy_v2");
            }
            seen![popped == [inner, outer], again == [outer, inner]]
        },
    )
    .bare(),
    story(
        "cuCtxPushCurrent_v2/twice",
        "A context may be on the stack more than once.",
        "SUCCESS SUCCESS true",
        |cu| {
            let context = current(cu);
            let pushed = [
                cu.cuCtxPushCurrent_v2(context),
                cu.cuCtxPushCurrent_v2(context),
            ];
            seen![
                pushed[0],
                pushed[1],
                [pop(cu), pop(cu), current(cu)] == [context; 3]
            ]
        },
    ),
    call(
        "cuCtxPushCurrent_v2/null",
        "There must be a context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxPushCurrent_v2(0),
    )
    .believed()
    .bare(),
    call(
        "cuCtxPopCurrent_v2/empty",
        "There must be a context on the stack.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxPopCurrent_v2(&mut 0),
    )
    .bare(),
    story(
        "cuCtxPopCurrent_v2/null",
        "The place for the context may be null.",
        "SUCCESS 0",
        |cu| seen![cu.cuCtxPopCurrent_v2(null_mut()), current(cu)],
    )
    .believed(),
    story(
        "cuCtxSetCurrent/replaces",
        "It replaces the context on top of the stack.",
        "true INVALID_CONTEXT",
        |cu| {
            let made = create(cu);
            cu.cuCtxSetCurrent(cu.primary(0)).must("cuCtxSetCurrent");
            pop(cu);
            let empty = cu.cuCtxPopCurrent_v2(&mut 0);
            seen![cu.cuCtxDestroy_v2(made).is_ok(), empty]
        },
    )
    .bare(),
    story(
        "cuCtxSetCurrent/none",
        "Null leaves the thread without a context.",
        "SUCCESS 0 INVALID_CONTEXT",
        |cu| {
            seen![
                cu.cuCtxSetCurrent(0),
                current(cu),
                cu.cuCtxGetDevice(&mut 0)
            ]
        },
    ),
    story(
        "cuCtxGetCurrent/none",
        "Without a context it is null, which is no error.",
        "SUCCESS 0",
        |cu| {
            let mut context = 7;
            seen![cu.cuCtxGetCurrent(&mut context), context]
        },
    )
    .bare(),
    call(
        "cuCtxGetCurrent/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetCurrent(null_mut()),
    ),
    story(
        "cuCtxGetCurrent/threads",
        "Each thread has a context of its own, none at first.",
        "0",
        |cu| {
            let other = std::thread::scope(|scope| scope.spawn(|| current(cu)).join());
            seen![other.unwrap_or(7)]
        },
    ),
    story(
        "cuCtxGetDevice/current",
        "The device is that of the current context.",
        "SUCCESS 0",
        |cu| {
            let mut device = 7;
            seen![cu.cuCtxGetDevice(&mut device), device]
        },
    ),
    call(
        "cuCtxGetDevice/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetDevice(&mut 0),
    )
    .bare(),
    call(
        "cuCtxGetDevice/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetDevice(null_mut()),
    ),
    story(
        "cuCtxGetDevice_v2/given",
        "The context can be given instead of being current.",
        "SUCCESS 0",
        |cu| {
            let mut device = 7;
            seen![cu.cuCtxGetDevice_v2(&mut device, cu.primary(0)), device]
        },
    )
    .bare(),
    call(
        "cuCtxGetDevice_v2/none",
        "There must be a context, given or current.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetDevice_v2(&mut 0, 0),
    )
    .bare(),
    story(
        "cuCtxGetFlags/created",
        "A context has the flags that it was made with.",
        "4",
        |cu| {
            let (mut made, mut flags) = (0, 0);
            cu.cuCtxCreate_v2(&mut made, 4, 0).must("cuCtxCreate_v2");
            cu.cuCtxGetFlags(&mut flags).must("cuCtxGetFlags");
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![flags & 7]
        },
    )
    .bare(),
    call(
        "cuCtxGetFlags/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetFlags(&mut 0),
    )
    .bare(),
    call(
        "cuCtxGetFlags/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetFlags(null_mut()),
    ),
    story(
        "cuCtxSetFlags/schedule",
        "The way of waiting can be changed.",
        "SUCCESS 2",
        |cu| {
            let (made, mut flags) = (create(cu), 0);
            let set = cu.cuCtxSetFlags(2);
            cu.cuCtxGetFlags(&mut flags).must("cuCtxGetFlags");
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![set, flags & 7]
        },
    )
    .bare(),
    call(
        "cuCtxSetFlags/unknown",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuCtxSetFlags(0x8000),
    ),
    call(
        "cuCtxSetFlags/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxSetFlags(0),
    )
    .bare(),
    story(
        "cuCtxGetId/unique",
        "Each context has a number of its own.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (mut one, mut other) = (0, 0);
            let first = cu.cuCtxGetId(cu.primary(0), &mut one);
            let made = create(cu);
            let second = cu.cuCtxGetId(0, &mut other);
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![first, second, one != other]
        },
    )
    .bare(),
    call(
        "cuCtxGetId/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetId(0, null_mut()),
    ),
    call(
        "cuCtxGetId/none",
        "There must be a context, given or current.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetId(0, &mut 0),
    )
    .bare(),
    story(
        "cuCtxGetApiVersion/current",
        "A context knows the version of the API it was made with.",
        "SUCCESS true",
        |cu| {
            let mut version = 0;
            seen![cu.cuCtxGetApiVersion(0, &mut version), version >= 3010]
        },
    ),
    call(
        "cuCtxGetApiVersion/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetApiVersion(0, null_mut()),
    ),
    call(
        "cuCtxSynchronize/idle",
        "An idle context is waited for at once.",
        "SUCCESS",
        |cu| cu.cuCtxSynchronize(),
    ),
    call(
        "cuCtxSynchronize/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxSynchronize(),
    )
    .bare(),
    call(
        "cuCtxSynchronize_v2/given",
        "The context can be given.",
        "SUCCESS",
        |cu| cu.cuCtxSynchronize_v2(cu.primary(0)),
    )
    .bare(),
    story(
        "cuCtxSetLimit/stack",
        "The stack of a thread can be made larger, and is at least as large as asked.",
        "SUCCESS true",
        |cu| {
            let (made, mut bytes) = (create(cu), 0);
            let set = cu.cuCtxSetLimit(CU_LIMIT_STACK_SIZE, 4096);
            cu.cuCtxGetLimit(&mut bytes, CU_LIMIT_STACK_SIZE)
                .must("cuCtxGetLimit");
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![set, bytes >= 4096]
        },
    )
    .bare(),
    story(
        "cuCtxSetLimit/heap",
        "The device's heap can be made larger.",
        "SUCCESS true",
        |cu| {
            let (made, mut bytes) = (create(cu), 0);
            let set = cu.cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 16 << 20);
            cu.cuCtxGetLimit(&mut bytes, CU_LIMIT_MALLOC_HEAP_SIZE)
                .must("cuCtxGetLimit");
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![set, bytes >= 16 << 20]
        },
    )
    .bare(),
    story(
        "cuCtxSetLimit/printf",
        "The buffer of printf can be made larger.",
        "SUCCESS true",
        |cu| {
            let (made, mut bytes) = (create(cu), 0);
            let set = cu.cuCtxSetLimit(CU_LIMIT_PRINTF_FIFO_SIZE, 4 << 20);
            cu.cuCtxGetLimit(&mut bytes, CU_LIMIT_PRINTF_FIFO_SIZE)
                .must("cuCtxGetLimit");
            cu.cuCtxDestroy_v2(made).must("cuCtxDestroy_v2");
            seen![set, bytes >= 4 << 20]
        },
    )
    .bare(),
    call(
        "cuCtxSetLimit/unknown",
        "An unknown limit is refused.",
        "UNSUPPORTED_LIMIT",
        |cu| cu.cuCtxSetLimit(99, 1),
    ),
    call(
        "cuCtxSetLimit/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxSetLimit(CU_LIMIT_STACK_SIZE, 1024),
    )
    .bare(),
    story(
        "cuCtxGetLimit/defaults",
        "Stack, printf buffer and heap have sizes from the beginning.",
        "true true true",
        |cu| {
            let limit = |limit| {
                let mut bytes = 0;
                cu.cuCtxGetLimit(&mut bytes, limit).must("cuCtxGetLimit");
                bytes
            };
            seen![
                limit(CU_LIMIT_STACK_SIZE) >= 512,
                limit(CU_LIMIT_PRINTF_FIFO_SIZE) >= 4096,
                limit(CU_LIMIT_MALLOC_HEAP_SIZE) >= 4096
            ]
        },
    ),
    call(
        "cuCtxGetLimit/unknown",
        "An unknown limit is refused.",
        "UNSUPPORTED_LIMIT",
        |cu| cu.cuCtxGetLimit(&mut 0, 99),
    ),
    call(
        "cuCtxGetLimit/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetLimit(null_mut(), CU_LIMIT_STACK_SIZE),
    ),
    story(
        "cuCtxGetStreamPriorityRange/range",
        "Lower numbers are greater priorities; the least is zero.",
        "SUCCESS 0 true",
        |cu| {
            let (mut least, mut greatest) = (7, 7);
            seen![
                cu.cuCtxGetStreamPriorityRange(&mut least, &mut greatest),
                least,
                greatest <= 0
            ]
        },
    ),
    call(
        "cuCtxGetStreamPriorityRange/null",
        "Either pointer may be null.",
        "SUCCESS",
        |cu| cu.cuCtxGetStreamPriorityRange(null_mut(), null_mut()),
    ),
    call(
        "cuCtxGetStreamPriorityRange/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetStreamPriorityRange(&mut 0, &mut 0),
    )
    .bare(),
    call(
        "cuCtxSetCacheConfig/each",
        "A preference is accepted.",
        "SUCCESS",
        |cu| cu.cuCtxSetCacheConfig(CU_FUNC_CACHE_PREFER_NONE),
    ),
    call(
        "cuCtxGetCacheConfig/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetCacheConfig(null_mut()),
    ),
    call(
        "cuCtxGetCacheConfig/none",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuCtxGetCacheConfig(&mut 0),
    )
    .bare(),
    call(
        "cuCtxGetExecAffinity/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuCtxGetExecAffinity(null_mut(), CU_EXEC_AFFINITY_TYPE_SM_COUNT),
    ),
    call(
        "cuCtxResetPersistingL2Cache/current",
        "The persisting lines of the cache can be given up.",
        "SUCCESS",
        |cu| cu.cuCtxResetPersistingL2Cache(),
    ),
];

/// The current context.
fn current(cu: &Cuda) -> u64 {
    let mut context = 0;
    cu.cuCtxGetCurrent(&mut context).must("cuCtxGetCurrent");
    context
}

/// A new context on device 0, current.
fn create(cu: &Cuda) -> u64 {
    let mut context = 0;
    cu.cuCtxCreate_v2(&mut context, 0, 0).must("cuCtxCreate_v2");
    context
}

/// The context that was on top of the stack.
fn pop(cu: &Cuda) -> u64 {
    let mut context = 0;
    cu.cuCtxPopCurrent_v2(&mut context)
        .must("cuCtxPopCurrent_v2");
    context
}
