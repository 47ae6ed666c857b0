//! Streams that record graphs: what begins and ends a capture, and what makes it worthless.

use std::ptr::null_mut;

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::gate::Diary;
use crate::generated::types::*;

/// `CU_STREAM_CAPTURE_MODE_*`.
const GLOBAL: u32 = CU_STREAM_CAPTURE_MODE_GLOBAL;
const RELAXED: u32 = CU_STREAM_CAPTURE_MODE_RELAXED;
const LOCAL: u32 = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story("cuStreamBeginCapture_v2/records", "What is put into a capturing stream runs when the graph is launched, not before.", "0 SUCCESS 1,2", |cu| {
        with(cu, 1, |stream| {
            let diary = Diary::new();
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            diary.launch(cu, stream, 1).must("cuLaunchHostFunc");
            diary.launch(cu, stream, 2).must("cuLaunchHostFunc");
            let (mut graph, mut exec) = (0, 0);
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            let before = diary.text().len();
            cu.cuGraphInstantiateWithFlags(&mut exec, graph, 0).must("cuGraphInstantiateWithFlags");
            cu.cuGraphLaunch(exec, stream).must("cuGraphLaunch");
            cu.cuStreamSynchronize(stream).must("cuStreamSynchronize");
            cu.cuGraphExecDestroy(exec).must("cuGraphExecDestroy");
            cu.cuGraphDestroy(graph).must("cuGraphDestroy");
            seen![before, ended, diary.text()]
        })
    }),
    story("cuStreamBeginCapture_v2/twice", "A stream captures one graph at a time.", "SUCCESS ILLEGAL_STATE", |cu| {
        with(cu, 1, |stream| {
            let first = cu.cuStreamBeginCapture_v2(stream, RELAXED);
            let second = cu.cuStreamBeginCapture_v2(stream, RELAXED);
            end(cu, stream);
            seen![first, second]
        })
    })
    .believed(),
    call("cuStreamBeginCapture_v2/legacy", "The legacy default stream cannot capture.", "STREAM_CAPTURE_UNSUPPORTED", |cu| {
        cu.cuStreamBeginCapture_v2(0, RELAXED)
    }),
    story("cuStreamBeginCapture_v2/mode", "The mode must be a known one.", "INVALID_VALUE", |cu| {
        with(cu, 1, |stream| seen![cu.cuStreamBeginCapture_v2(stream, 77)])
    }),
    story("cuStreamEndCapture/not_begun", "What has not begun cannot end.", "ILLEGAL_STATE", |cu| {
        with(cu, 1, |stream| seen![cu.cuStreamEndCapture(stream, &mut 0)])
    })
    .believed(),
    story("cuStreamIsCapturing/states", "A stream tells whether it captures.", "1 0", |cu| {
        with(cu, 1, |stream| {
            let state = || {
                let mut state = 9;
                cu.cuStreamIsCapturing(stream, &mut state).must("cuStreamIsCapturing");
                state
            };
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let during = state();
            end(cu, stream);
            seen![during, state()]
        })
    }),
    story("cuStreamSynchronize/capturing", "A capturing stream cannot be waited for; trying makes the capture worthless.", "STREAM_CAPTURE_UNSUPPORTED 2 STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let waited = cu.cuStreamSynchronize(stream);
            let (mut state, mut graph) = (9, 7);
            cu.cuStreamIsCapturing(stream, &mut state).must("cuStreamIsCapturing");
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            seen![waited, state, ended]
        })
    }),
    story("cuStreamQuery/capturing", "Nor can it be queried.", "STREAM_CAPTURE_UNSUPPORTED STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let queried = cu.cuStreamQuery(stream);
            seen![queried, cu.cuStreamEndCapture(stream, &mut 0)]
        })
    }),
    story("cuMemAlloc_v2/global_capture", "While a capture in global mode goes on, calls that may wait are refused and make it worthless.", "STREAM_CAPTURE_UNSUPPORTED STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, GLOBAL).must("cuStreamBeginCapture_v2");
            let refused = cu.cuMemAlloc_v2(&mut 0, 64);
            seen![refused, cu.cuStreamEndCapture(stream, &mut 0)]
        })
    })
    .alone(),
    story("cuMemAlloc_v2/relaxed_capture", "In relaxed mode they are allowed.", "SUCCESS SUCCESS", |cu| {
        with(cu, 1, |stream| {
            let (mut device, mut graph) = (0, 0);
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let allowed = cu.cuMemAlloc_v2(&mut device, 64);
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph).must("cuGraphDestroy");
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            seen![allowed, ended]
        })
    }),
    story("cuMemAlloc_v2/other_threads_capture", "A capture in thread-local mode concerns its own thread only.", "SUCCESS SUCCESS", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, LOCAL).must("cuStreamBeginCapture_v2");
            let other = std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    let mut device = 0;
                    cu.begin();
                    let status = cu.cuMemAlloc_v2(&mut device, 64);
                    cu.cuMemFree_v2(device);
                    status
                });
                thread.join().map_or("panicked".to_owned(), |status| status.to_string())
            });
            let mut graph = 0;
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph).must("cuGraphDestroy");
            seen![other, ended]
        })
    })
    .alone(),
    story("cuMemAlloc_v2/global_capture_of_another", "A capture in global mode concerns every thread.", "STREAM_CAPTURE_UNSUPPORTED STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, GLOBAL).must("cuStreamBeginCapture_v2");
            let other = elsewhere(cu, || cu.cuMemAlloc_v2(&mut 0, 64));
            seen![other, cu.cuStreamEndCapture(stream, &mut 0)]
        })
    })
    .alone(),
    story("cuThreadExchangeStreamCaptureMode/relaxed", "A relaxed thread may do what its capture forbids.", "SUCCESS SUCCESS", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, GLOBAL).must("cuStreamBeginCapture_v2");
            let (mut mode, mut memory, mut graph) = (RELAXED, 0, 0);
            cu.cuThreadExchangeStreamCaptureMode(&mut mode).must("cuThreadExchangeStreamCaptureMode");
            let allocated = cu.cuMemAlloc_v2(&mut memory, 64);
            cu.cuThreadExchangeStreamCaptureMode(&mut mode).must("cuThreadExchangeStreamCaptureMode");
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph);
            cu.cuMemFree_v2(memory);
            seen![allocated, ended]
        })
    })
    .alone(),
    story("cuThreadExchangeStreamCaptureMode/thread_local", "A thread in thread-local mode heeds its own captures only.", "SUCCESS SUCCESS", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, GLOBAL).must("cuStreamBeginCapture_v2");
            let other = elsewhere(cu, || {
                let mut memory = 0;
                cu.cuThreadExchangeStreamCaptureMode(&mut { LOCAL }).must("cuThreadExchangeStreamCaptureMode");
                let status = cu.cuMemAlloc_v2(&mut memory, 64);
                cu.cuMemFree_v2(memory);
                status
            });
            let mut graph = 0;
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph);
            seen![other, ended]
        })
    })
    .alone(),
    story("cuStreamEndCapture/other_thread_relaxed", "A relaxed capture ends in any thread.", "SUCCESS", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            elsewhere(cu, || {
                let mut graph = 0;
                let ended = cu.cuStreamEndCapture(stream, &mut graph);
                cu.cuGraphDestroy(graph);
                ended
            })
        })
    }),
    story("cuMemcpyDtoD_v2/during_capture", "A copy in the legacy default stream spoils the capture of a blocking stream.", "STREAM_CAPTURE_IMPLICIT STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 0, |stream| {
            let memory = cu.alloc(64);
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let copied = cu.cuMemcpyDtoD_v2(memory + 32, memory, 32);
            seen![copied, cu.cuStreamEndCapture(stream, &mut 0)]
        })
    })
    .alone(),
    story("cuMemsetD8_v2/free_capture", "The legacy default stream goes on while streams without order with it capture.", "SUCCESS SUCCESS", |cu| {
        with(cu, 1, |stream| {
            let (memory, mut graph) = (cu.alloc(64), 0);
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let filled = cu.cuMemsetD8_v2(memory, 1, 64);
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph);
            cu.cuMemFree_v2(memory);
            seen![filled, ended]
        })
    })
    .believed(),
    story("cuStreamEndCapture/other_thread", "Unless relaxed, a capture ends in the thread where it began.", "STREAM_CAPTURE_WRONG_THREAD SUCCESS", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, LOCAL).must("cuStreamBeginCapture_v2");
            let other = std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    cu.begin();
                    cu.cuStreamEndCapture(stream, &mut 0)
                });
                thread.join().map_or("panicked".to_owned(), |status| status.to_string())
            });
            let mut graph = 0;
            let ended = cu.cuStreamEndCapture(stream, &mut graph);
            cu.cuGraphDestroy(graph);
            seen![other, ended]
        })
    })
    .alone(),
    story("cuStreamWaitEvent/joins_capture", "A stream that waits for a captured event captures too, and must be joined.", "1 STREAM_CAPTURE_UNJOINED", |cu| {
        with(cu, 1, |stream| {
            with(cu, 1, |other| {
                let (event, mut state) = (cu.event(2), 9);
                cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
                cu.cuEventRecord(event, stream).must("cuEventRecord");
                cu.cuStreamWaitEvent(other, event, 0).must("cuStreamWaitEvent");
                cu.cuStreamIsCapturing(other, &mut state).must("cuStreamIsCapturing");
                Diary::new().launch(cu, other, 1).must("cuLaunchHostFunc");
                let ended = cu.cuStreamEndCapture(stream, &mut 0);
                cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
                seen![state, ended]
            })
        })
    }),
    story("cuStreamEndCapture/joined", "A stream that joined and is waited for leaves a whole graph.", "SUCCESS 2", |cu| {
        with(cu, 1, |stream| {
            with(cu, 1, |other| {
                let (fork, join, diary, mut graph, mut nodes) = (cu.event(2), cu.event(2), Diary::new(), 0, 0);
                cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
                diary.launch(cu, stream, 1).must("cuLaunchHostFunc");
                cu.cuEventRecord(fork, stream).must("cuEventRecord");
                cu.cuStreamWaitEvent(other, fork, 0).must("cuStreamWaitEvent");
                diary.launch(cu, other, 2).must("cuLaunchHostFunc");
                cu.cuEventRecord(join, other).must("cuEventRecord");
                cu.cuStreamWaitEvent(stream, join, 0).must("cuStreamWaitEvent");
                let ended = cu.cuStreamEndCapture(stream, &mut graph);
                cu.cuGraphGetNodes(graph, null_mut(), &mut nodes).must("cuGraphGetNodes");
                cu.cuGraphDestroy(graph).must("cuGraphDestroy");
                for event in [fork, join] {
                    cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
                }
                seen![ended, nodes]
            })
        })
    }),
    story("cuEventQuery/captured", "An event recorded in a capture cannot be queried or waited for.", "CAPTURED_EVENT", |cu| {
        with(cu, 1, |stream| {
            let event = cu.event(2);
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            cu.cuEventRecord(event, stream).must("cuEventRecord");
            let queried = cu.cuEventQuery(event);
            end(cu, stream);
            cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
            seen![queried]
        })
    }),
    story("cuStreamEndCapture/null", "The pointer must not be null.", "INVALID_VALUE", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let status = cu.cuStreamEndCapture(stream, null_mut());
            end(cu, stream);
            seen![status]
        })
    })
    .believed(),
    story("cuLaunchHostFunc/legacy_during_capture", "The legacy default stream cannot be used while a blocking stream captures.", "STREAM_CAPTURE_IMPLICIT STREAM_CAPTURE_INVALIDATED", |cu| {
        with(cu, 0, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let used = Diary::new().launch(cu, 0, 1);
            seen![used, cu.cuStreamEndCapture(stream, &mut 0)]
        })
    })
    .alone(),
    story("cuStreamGetCaptureInfo_v2/numbers", "A capture has a number, and the graph that grows.", "SUCCESS 1 true true", |cu| {
        with(cu, 1, |stream| {
            cu.cuStreamBeginCapture_v2(stream, RELAXED).must("cuStreamBeginCapture_v2");
            let (mut state, mut id, mut graph) = (9, 0, 0);
            let (mut dependencies, mut n) = (std::ptr::null(), 0);
            let status = cu.cuStreamGetCaptureInfo_v2(stream, &mut state, &mut id, &mut graph, &mut dependencies, &mut n);
            end(cu, stream);
            seen![status, state, id != 0, graph != 0]
        })
    }),
    story("cuThreadExchangeStreamCaptureMode/swap", "The thread's mode is exchanged for the given one.", "SUCCESS 0 2", |cu| {
        let mut mode = RELAXED;
        let status = cu.cuThreadExchangeStreamCaptureMode(&mut mode);
        let before = mode;
        cu.cuThreadExchangeStreamCaptureMode(&mut mode).must("cuThreadExchangeStreamCaptureMode");
        seen![status, before, mode]
    }),
    call("cuThreadExchangeStreamCaptureMode/null", "The pointer must not be null.", "INVALID_VALUE", |cu| {
        cu.cuThreadExchangeStreamCaptureMode(null_mut())
    }),
    call("cuThreadExchangeStreamCaptureMode/unknown", "The mode must be a known one.", "INVALID_VALUE", |cu| {
        cu.cuThreadExchangeStreamCaptureMode(&mut 77)
    }),
];

/// Gives a story a stream.
fn with(cu: &Cuda, flags: u32, story: impl FnOnce(u64) -> String) -> String {
    let stream = cu.stream(flags);
    let seen = story(stream);
    cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
    seen
}

/// What a call answers in another thread with the same context.
fn elsewhere(cu: &Cuda, call: impl FnOnce() -> crate::cuda::Status + Send) -> String {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            cu.begin();
            call()
        });
        thread
            .join()
            .map_or("panicked".to_owned(), |status| status.to_string())
    })
}

/// Ends a capture, whatever came of it.
fn end(cu: &Cuda, stream: u64) {
    let mut graph = 0;
    if cu.cuStreamEndCapture(stream, &mut graph).is_ok() {
        cu.cuGraphDestroy(graph).must("cuGraphDestroy");
    }
}
