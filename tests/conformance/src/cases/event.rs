//! Events: kinds, what is known before and after a record, and times between them.

use std::ptr::null_mut;

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::gate::Gate;

/// `CU_EVENT_BLOCKING_SYNC`, `CU_EVENT_DISABLE_TIMING`, `CU_EVENT_INTERPROCESS`.
const BLOCKING: u32 = 1;
const NO_TIMING: u32 = 2;
const INTERPROCESS: u32 = 4;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuEventCreate/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuEventCreate(null_mut(), 0),
    ),
    call(
        "cuEventCreate/unknown_flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuEventCreate(&mut 0, 0x40),
    ),
    call(
        "cuEventCreate/interprocess_with_times",
        "An event of several processes keeps no time.",
        "INVALID_VALUE",
        |cu| cu.cuEventCreate(&mut 0, INTERPROCESS),
    ),
    call(
        "cuEventCreate/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuEventCreate(&mut 0, 0),
    )
    .bare(),
    story(
        "cuEventCreate/kinds",
        "Each kind can be made.",
        "SUCCESS SUCCESS SUCCESS",
        |cu| {
            let (mut a, mut b, mut c) = (0, 0, 0);
            let got = seen![
                cu.cuEventCreate(&mut a, 0),
                cu.cuEventCreate(&mut b, BLOCKING),
                cu.cuEventCreate(&mut c, BLOCKING | NO_TIMING)
            ];
            destroy(cu, &[a, b, c]);
            got
        },
    ),
    story(
        "cuEventQuery/unrecorded",
        "An event that was never recorded counts as done.",
        "SUCCESS",
        |cu| with(cu, 0, |event| seen![cu.cuEventQuery(event)]),
    ),
    story(
        "cuEventQuery/pending",
        "An event is not done before the work that precedes it.",
        "NOT_READY SUCCESS SUCCESS",
        |cu| {
            held(cu, |event, gate| {
                let before = cu.cuEventQuery(event);
                gate.open();
                seen![before, cu.cuEventSynchronize(event), cu.cuEventQuery(event)]
            })
        },
    ),
    call(
        "cuEventQuery/null",
        "There must be an event.",
        "INVALID_HANDLE",
        |cu| cu.cuEventQuery(0),
    )
    .believed(),
    story(
        "cuEventSynchronize/unrecorded",
        "An event that was never recorded is waited for at once.",
        "SUCCESS",
        |cu| with(cu, BLOCKING, |event| seen![cu.cuEventSynchronize(event)]),
    ),
    call(
        "cuEventSynchronize/null",
        "There must be an event.",
        "INVALID_HANDLE",
        |cu| cu.cuEventSynchronize(0),
    )
    .believed(),
    story(
        "cuEventRecord/again",
        "A later record replaces the earlier one.",
        "NOT_READY",
        |cu| {
            let (busy, idle) = (cu.stream(1), cu.stream(1));
            let got = with(cu, 0, |event| {
                let gate = Gate::hold(cu, busy);
                cu.cuEventRecord(event, idle).must("cuEventRecord");
                cu.cuEventSynchronize(event).must("cuEventSynchronize");
                cu.cuEventRecord(event, busy).must("cuEventRecord");
                let now = cu.cuEventQuery(event);
                gate.open();
                cu.cuCtxSynchronize().must("cuCtxSynchronize");
                seen![now]
            });
            cu.cuStreamDestroy_v2(busy).must("cuStreamDestroy_v2");
            cu.cuStreamDestroy_v2(idle).must("cuStreamDestroy_v2");
            got
        },
    ),
    call(
        "cuEventRecord/null",
        "There must be an event.",
        "INVALID_HANDLE",
        |cu| cu.cuEventRecord(0, 0),
    )
    .believed(),
    story(
        "cuEventRecord/other_context",
        "Event and stream must belong to one context.",
        "INVALID_HANDLE",
        |cu| {
            with(cu, 0, |event| {
                let mut other = 0;
                cu.cuCtxCreate_v2(&mut other, 0, 0).must("cuCtxCreate_v2");
                let stream = cu.stream(0);
                let status = cu.cuEventRecord(event, stream);
                cu.cuCtxDestroy_v2(other).must("cuCtxDestroy_v2");
                cu.begin();
                seen![status]
            })
        },
    )
    .alone(),
    story(
        "cuEventRecordWithFlags/plain",
        "Without flags it records as the plain call does.",
        "SUCCESS SUCCESS",
        |cu| {
            with(cu, 0, |event| {
                seen![
                    cu.cuEventRecordWithFlags(event, 0, 0),
                    cu.cuEventSynchronize(event)
                ]
            })
        },
    ),
    story(
        "cuEventRecordWithFlags/unknown",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| {
            with(cu, 0, |event| {
                seen![cu.cuEventRecordWithFlags(event, 0, 0x40)]
            })
        },
    ),
    story(
        "cuEventElapsedTime_v2/forward",
        "Time passes from an event to a later one.",
        "SUCCESS true",
        |cu| {
            let (start, end, mut time) = (cu.event(0), cu.event(0), -1.0);
            cu.cuEventRecord(start, 0).must("cuEventRecord");
            cu.cuEventRecord(end, 0).must("cuEventRecord");
            cu.cuEventSynchronize(end).must("cuEventSynchronize");
            let status = cu.cuEventElapsedTime_v2(&mut time, start, end);
            destroy(cu, &[start, end]);
            seen![status, time >= 0.0]
        },
    ),
    story(
        "cuEventElapsedTime_v2/unrecorded",
        "Both events must have been recorded.",
        "INVALID_HANDLE",
        |cu| {
            let (start, end) = (cu.event(0), cu.event(0));
            cu.cuEventRecord(start, 0).must("cuEventRecord");
            let status = cu.cuEventElapsedTime_v2(&mut 0.0, start, end);
            destroy(cu, &[start, end]);
            seen![status]
        },
    ),
    story(
        "cuEventElapsedTime_v2/no_times",
        "Both events must keep times.",
        "INVALID_HANDLE",
        |cu| {
            let (start, end) = (cu.event(0), cu.event(NO_TIMING));
            cu.cuEventRecord(start, 0).must("cuEventRecord");
            cu.cuEventRecord(end, 0).must("cuEventRecord");
            cu.cuEventSynchronize(end).must("cuEventSynchronize");
            let status = cu.cuEventElapsedTime_v2(&mut 0.0, start, end);
            destroy(cu, &[start, end]);
            seen![status]
        },
    ),
    story(
        "cuEventElapsedTime_v2/pending",
        "Both events must be done.",
        "NOT_READY",
        |cu| {
            held(cu, |event, gate| {
                let start = cu.event(0);
                cu.cuEventRecord(start, 2).must("cuEventRecord");
                cu.cuEventSynchronize(start).must("cuEventSynchronize");
                let status = cu.cuEventElapsedTime_v2(&mut 0.0, start, event);
                gate.open();
                destroy(cu, &[start]);
                seen![status]
            })
        },
    ),
    story(
        "cuEventElapsedTime_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            with(cu, 0, |event| {
                cu.cuEventRecord(event, 0).must("cuEventRecord");
                cu.cuEventSynchronize(event).must("cuEventSynchronize");
                seen![cu.cuEventElapsedTime_v2(null_mut(), event, event)]
            })
        },
    ),
    call(
        "cuEventDestroy_v2/null",
        "There must be an event.",
        "INVALID_HANDLE",
        |cu| cu.cuEventDestroy_v2(0),
    )
    .believed(),
    story(
        "cuEventDestroy_v2/pending",
        "An event may be destroyed before it is done.",
        "SUCCESS SUCCESS",
        |cu| {
            let stream = cu.stream(1);
            let gate = Gate::hold(cu, stream);
            let event = cu.event(0);
            cu.cuEventRecord(event, stream).must("cuEventRecord");
            let destroyed = cu.cuEventDestroy_v2(event);
            gate.open();
            let got = seen![destroyed, cu.cuStreamSynchronize(stream)];
            cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
            got
        },
    ),
];

fn destroy(cu: &Cuda, events: &[u64]) {
    for event in events {
        cu.cuEventDestroy_v2(*event).must("cuEventDestroy_v2");
    }
}

/// Gives a story an event.
fn with(cu: &Cuda, flags: u32, story: impl FnOnce(u64) -> String) -> String {
    let event = cu.event(flags);
    let seen = story(event);
    destroy(cu, &[event]);
    seen
}

/// Gives a story an event that is recorded behind a gate.
fn held(cu: &Cuda, story: impl FnOnce(u64, &Gate) -> String) -> String {
    let stream = cu.stream(1);
    let seen = with(cu, 0, |event| {
        let gate = Gate::hold(cu, stream);
        cu.cuEventRecord(event, stream).must("cuEventRecord");
        let seen = story(event, &gate);
        gate.open();
        cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
        seen
    });
    cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
    seen
}
