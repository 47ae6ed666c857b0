//! Streams: kinds, priorities, order between them, host functions, and operations on memory words.

use std::ffi::c_void;
use std::ptr::null_mut;

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::gate::{Diary, Gate, note};
use crate::generated::types::*;

/// `CU_STREAM_NON_BLOCKING`, `CU_STREAM_LEGACY`, `CU_STREAM_PER_THREAD`.
const NON_BLOCKING: u32 = 1;
const LEGACY: u64 = 1;
const PER_THREAD: u64 = 2;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuStreamCreate/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuStreamCreate(null_mut(), 0),
    ),
    call(
        "cuStreamCreate/unknown_flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| cu.cuStreamCreate(&mut 0, 6),
    ),
    call(
        "cuStreamCreate/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuStreamCreate(&mut 0, 0),
    )
    .bare(),
    story(
        "cuStreamGetFlags/kinds",
        "A stream has the flags it was made with; the default stream has none.",
        "0 1 0",
        |cu| {
            let flags = |stream| {
                let mut flags = 9;
                cu.cuStreamGetFlags(stream, &mut flags)
                    .must("cuStreamGetFlags");
                flags
            };
            let (plain, free) = (cu.stream(0), cu.stream(NON_BLOCKING));
            let got = seen![flags(plain), flags(free), flags(0)];
            destroy(cu, &[plain, free]);
            got
        },
    ),
    call(
        "cuStreamGetFlags/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuStreamGetFlags(0, null_mut()),
    ),
    story(
        "cuStreamCreateWithPriority/clamped",
        "A priority out of range becomes the nearest in range.",
        "true true",
        |cu| {
            let (mut least, mut greatest) = (0, 0);
            cu.cuCtxGetStreamPriorityRange(&mut least, &mut greatest)
                .must("cuCtxGetStreamPriorityRange");
            let priority = |asked| {
                let (mut stream, mut priority) = (0, 99);
                cu.cuStreamCreateWithPriority(&mut stream, 0, asked)
                    .must("cuStreamCreateWithPriority");
                cu.cuStreamGetPriority(stream, &mut priority)
                    .must("cuStreamGetPriority");
                destroy(cu, &[stream]);
                priority
            };
            seen![priority(-1000) == greatest, priority(1000) == least]
        },
    ),
    call(
        "cuStreamCreateWithPriority/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuStreamCreateWithPriority(null_mut(), 0, 0),
    ),
    call(
        "cuStreamGetPriority/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuStreamGetPriority(0, null_mut()),
    ),
    story(
        "cuStreamGetCtx/own",
        "A stream knows its context.",
        "SUCCESS true SUCCESS true",
        |cu| {
            let (stream, mut context, mut of_default) = (cu.stream(0), 0, 0);
            let status = cu.cuStreamGetCtx(stream, &mut context);
            let default = cu.cuStreamGetCtx(0, &mut of_default);
            destroy(cu, &[stream]);
            let primary = cu.primary(0);
            seen![status, context == primary, default, of_default == primary]
        },
    ),
    call(
        "cuStreamGetCtx/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuStreamGetCtx(0, null_mut()),
    ),
    story(
        "cuStreamGetDevice/own",
        "A stream knows its device.",
        "SUCCESS 0",
        |cu| {
            let (stream, mut device) = (cu.stream(0), 9);
            let status = cu.cuStreamGetDevice(stream, &mut device);
            destroy(cu, &[stream]);
            seen![status, device]
        },
    ),
    story(
        "cuStreamGetId/unique",
        "Every stream has a number of its own.",
        "SUCCESS true",
        |cu| {
            let (one, other, mut first, mut second) = (cu.stream(0), cu.stream(0), 0, 0);
            let status = cu.cuStreamGetId(one, &mut first);
            cu.cuStreamGetId(other, &mut second).must("cuStreamGetId");
            destroy(cu, &[one, other]);
            seen![status, first != second]
        },
    ),
    call(
        "cuStreamDestroy_v2/default",
        "The default stream cannot be destroyed.",
        "INVALID_HANDLE",
        |cu| cu.cuStreamDestroy_v2(0),
    )
    .believed(),
    story(
        "cuStreamDestroy_v2/pending",
        "Destroying a stream with work returns at once; the work is done nevertheless.",
        "SUCCESS SUCCESS 1",
        |cu| {
            let (stream, diary) = (cu.stream(NON_BLOCKING), Diary::new());
            let gate = Gate::hold(cu, stream);
            diary.launch(cu, stream, 1).must("cuLaunchHostFunc");
            let destroyed = cu.cuStreamDestroy_v2(stream);
            gate.open();
            seen![destroyed, cu.cuCtxSynchronize(), diary.text()]
        },
    ),
    call(
        "cuStreamQuery/idle",
        "A stream without work is ready.",
        "SUCCESS",
        |cu| cu.cuStreamQuery(0),
    ),
    story(
        "cuStreamQuery/busy",
        "A stream with unfinished work is not ready.",
        "NOT_READY SUCCESS SUCCESS",
        |cu| {
            let stream = cu.stream(NON_BLOCKING);
            let gate = Gate::hold(cu, stream);
            let busy = cu.cuStreamQuery(stream);
            gate.open();
            let waited = cu.cuStreamSynchronize(stream);
            let got = seen![busy, waited, cu.cuStreamQuery(stream)];
            destroy(cu, &[stream]);
            got
        },
    ),
    story(
        "cuStreamQuery/busy_by_another_thread",
        "A thread that has waited for a stream, or copied from it, sees what another thread submits after that.",
        "NOT_READY NOT_READY SUCCESS",
        |cu| {
            let (stream, memory) = (cu.stream(NON_BLOCKING), cu.alloc(64));
            let mut bytes = [0_u8; 4];
            let mut busy = |copies: bool| {
                cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
                if copies {
                    cu.cuMemcpyDtoHAsync_v2(bytes.as_mut_ptr().cast(), memory, 4, stream)
                        .must("cuMemcpyDtoHAsync_v2");
                }
                let gate = std::thread::scope(|scope| {
                    let other = scope.spawn(|| {
                        cu.begin();
                        Gate::hold(cu, stream)
                    });
                    other.join().ok()
                });
                let busy = cu.cuStreamQuery(stream);
                drop(gate);
                busy
            };
            let (after_wait, after_copy) = (busy(false), busy(true));
            let waited = cu.cuStreamSynchronize(stream);
            cu.cuMemFree_v2(memory).must("cuMemFree_v2");
            destroy(cu, &[stream]);
            seen![after_wait, after_copy, waited]
        },
    ),
    call(
        "cuStreamSynchronize/per_thread",
        "The thread's own default stream can be waited for.",
        "SUCCESS",
        |cu| cu.cuStreamSynchronize(PER_THREAD),
    ),
    call(
        "cuStreamSynchronize/legacy",
        "The legacy default stream can be waited for by its name.",
        "SUCCESS",
        |cu| cu.cuStreamSynchronize(LEGACY),
    ),
    call(
        "cuStreamSynchronize/no_context",
        "The default stream needs a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuStreamSynchronize(0),
    )
    .bare(),
    story(
        "cuStreamSynchronize/no_context_needed",
        "A stream that was made belongs to its context, which need not be current.",
        "SUCCESS",
        |cu| {
            let stream = cu.stream(0);
            cu.cuCtxSetCurrent(0).must("cuCtxSetCurrent");
            let status = cu.cuStreamSynchronize(stream);
            cu.begin();
            destroy(cu, &[stream]);
            seen![status]
        },
    )
    .believed(),
    story(
        "cuLaunchHostFunc/order",
        "Host functions run in the order of their stream.",
        "1,2,3",
        |cu| {
            let (stream, diary) = (cu.stream(0), Diary::new());
            for value in 1..=3 {
                diary.launch(cu, stream, value).must("cuLaunchHostFunc");
            }
            cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
            destroy(cu, &[stream]);
            diary.text()
        },
    ),
    call(
        "cuLaunchHostFunc/null",
        "There must be a function.",
        "INVALID_VALUE",
        |cu| cu.cuLaunchHostFunc(0, None, null_mut()),
    ),
    story(
        "cuStreamCreate/blocking",
        "What is put into the default stream waits for blocking streams, not for others.",
        "NOT_READY 1,2",
        |cu| {
            let (blocking, free, diary) = (cu.stream(0), cu.stream(NON_BLOCKING), Diary::new());
            let memory = cu.alloc(64);
            let gate = Gate::hold(cu, blocking);
            diary.launch(cu, 0, 2).must("cuLaunchHostFunc");
            // No host function: those of different streams may have to wait for each other.
            cu.cuMemsetD8Async(memory, 1, 64, free)
                .must("cuMemsetD8Async");
            cu.cuStreamSynchronize(free).must("cuStreamSynchronize");
            diary.write(1);
            let default = cu.cuStreamQuery(0);
            gate.open();
            cu.cuCtxSynchronize().must("cuCtxSynchronize");
            cu.cuMemFree_v2(memory).must("cuMemFree_v2");
            destroy(cu, &[blocking, free]);
            seen![default, diary.text()]
        },
    ),
    story(
        "cuStreamCreate/blocking_later",
        "A blocking stream waits for what the default stream got before.",
        "NOT_READY 1,2",
        |cu| {
            let (blocking, diary) = (cu.stream(0), Diary::new());
            let gate = Gate::hold(cu, 0);
            diary.launch(cu, 0, 1).must("cuLaunchHostFunc");
            diary.launch(cu, blocking, 2).must("cuLaunchHostFunc");
            let waits = cu.cuStreamQuery(blocking);
            gate.open();
            cu.cuCtxSynchronize().must("cuCtxSynchronize");
            destroy(cu, &[blocking]);
            seen![waits, diary.text()]
        },
    ),
    story(
        "cuStreamWaitEvent/order",
        "What follows the wait runs after what precedes the event.",
        "NOT_READY 1,2",
        |cu| {
            let (first, second, event, diary) = (
                cu.stream(NON_BLOCKING),
                cu.stream(NON_BLOCKING),
                cu.event(2),
                Diary::new(),
            );
            let gate = Gate::hold(cu, first);
            diary.launch(cu, first, 1).must("cuLaunchHostFunc");
            cu.cuEventRecord(event, first).must("cuEventRecord");
            cu.cuStreamWaitEvent(second, event, 0)
                .must("cuStreamWaitEvent");
            diary.launch(cu, second, 2).must("cuLaunchHostFunc");
            let waits = cu.cuStreamQuery(second);
            gate.open();
            cu.cuStreamSynchronize(second).must("cuStreamSynchronize");
            cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
            destroy(cu, &[first, second]);
            seen![waits, diary.text()]
        },
    ),
    story(
        "cuStreamWaitEvent/unrecorded",
        "Waiting for an event that was never recorded does nothing.",
        "SUCCESS SUCCESS",
        |cu| {
            let (stream, event) = (cu.stream(NON_BLOCKING), cu.event(0));
            let got = seen![
                cu.cuStreamWaitEvent(stream, event, 0),
                cu.cuStreamQuery(stream)
            ];
            cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
            destroy(cu, &[stream]);
            got
        },
    ),
    story(
        "cuStreamWaitEvent/flags",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| {
            let event = cu.event(0);
            let status = cu.cuStreamWaitEvent(0, event, 8);
            cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
            seen![status]
        },
    ),
    call(
        "cuStreamWaitEvent/null",
        "There must be an event.",
        "INVALID_HANDLE",
        |cu| cu.cuStreamWaitEvent(0, 0, 0),
    )
    .believed(),
    story(
        "cuStreamAddCallback/status",
        "A callback gets its stream's status and the given data.",
        "SUCCESS 5",
        |cu| {
            let (stream, diary) = (cu.stream(0), Diary::new());
            let status = cu.cuStreamAddCallback(stream, Some(called), diary.entry(5), 0);
            cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
            destroy(cu, &[stream]);
            seen![status, diary.text()]
        },
    ),
    call(
        "cuStreamAddCallback/flags",
        "The flags must be zero.",
        "INVALID_VALUE",
        |cu| cu.cuStreamAddCallback(0, Some(called), null_mut(), 1),
    ),
    call(
        "cuStreamAddCallback/null",
        "There must be a function.",
        "INVALID_VALUE",
        |cu| cu.cuStreamAddCallback(0, None, null_mut(), 0),
    )
    .believed(),
    story(
        "cuStreamIsCapturing/idle",
        "A stream does not capture unless told to.",
        "SUCCESS 0",
        |cu| {
            let (stream, mut status) = (cu.stream(0), 9);
            let got = seen![cu.cuStreamIsCapturing(stream, &mut status), status];
            destroy(cu, &[stream]);
            got
        },
    ),
    story(
        "cuStreamIsCapturing/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            let stream = cu.stream(0);
            let status = cu.cuStreamIsCapturing(stream, null_mut());
            destroy(cu, &[stream]);
            seen![status]
        },
    ),
    story(
        "cuStreamSetAttribute/synchronization",
        "The policy of waiting is kept, and copied to another stream.",
        "SUCCESS 2 SUCCESS 2",
        |cu| {
            let (one, other) = (cu.stream(0), cu.stream(0));
            let (mut value, mut read) =
                (CUstreamAttrValue::default(), CUstreamAttrValue::default());
            value.words[0] = 2;
            let set = cu.cuStreamSetAttribute(
                one,
                CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY,
                &raw const value,
            );
            let policy = |stream, read: &mut CUstreamAttrValue| {
                cu.cuStreamGetAttribute(stream, CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY, read)
                    .must("cuStreamGetAttribute");
                read.words[0] & 0xffff_ffff
            };
            let own = policy(one, &mut read);
            let copied = cu.cuStreamCopyAttributes(other, one);
            let got = seen![set, own, copied, policy(other, &mut read)];
            destroy(cu, &[one, other]);
            got
        },
    ),
    story(
        "cuStreamWriteValue32_v2/written",
        "The word is written in stream order.",
        "SUCCESS 77",
        |cu| {
            let (device, mut word) = (cu.alloc(64), 0_u32);
            let status = cu.cuStreamWriteValue32_v2(0, device, 77, 0);
            cu.cuMemcpyDtoH_v2((&raw mut word).cast(), device, 4)
                .must("cuMemcpyDtoH_v2");
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            seen![status, word]
        },
    ),
    story(
        "cuStreamWriteValue32_v2/alignment",
        "The word must be aligned.",
        "INVALID_VALUE",
        |cu| {
            let device = cu.alloc(64);
            let status = cu.cuStreamWriteValue32_v2(0, device + 2, 77, 0);
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            seen![status]
        },
    )
    .believed(),
    story(
        "cuStreamWaitValue32_v2/waits",
        "The stream waits until the word is at least the value.",
        "SUCCESS NOT_READY SUCCESS",
        |cu| {
            let (device, stream) = (cu.alloc(64), cu.stream(NON_BLOCKING));
            cu.cuMemsetD32_v2(device, 0, 16).must("cuMemsetD32_v2");
            cu.cuCtxSynchronize().must("cuCtxSynchronize");
            let status = cu.cuStreamWaitValue32_v2(stream, device, 5, 0);
            let before = cu.cuStreamQuery(stream);
            let other = cu.stream(NON_BLOCKING);
            cu.cuStreamWriteValue32_v2(other, device, 6, 0)
                .must("cuStreamWriteValue32_v2");
            let got = seen![status, before, cu.cuStreamSynchronize(stream)];
            destroy(cu, &[stream, other]);
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            got
        },
    ),
    story(
        "cuStreamBatchMemOp_v2/nothing",
        "There must be operations.",
        "INVALID_VALUE",
        |cu| seen![cu.cuStreamBatchMemOp_v2(0, 1, null_mut(), 0)],
    ),
];

fn destroy(cu: &Cuda, streams: &[u64]) {
    for stream in streams {
        cu.cuStreamDestroy_v2(*stream).must("cuStreamDestroy_v2");
    }
}

#[expect(unsafe_code, reason = "a callback gets an address")]
unsafe extern "C" fn called(_stream: u64, status: i32, data: *mut c_void) {
    if status == 0 {
        // SAFETY: `data` is an entry of a diary, as `note` needs.
        unsafe { note(data) };
    }
}
