//! Graphs made node by node: structure, instances, updates, clones, user objects.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::gate::{Diary, note};
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuGraphCreate/flags",
        "The flags must be zero.",
        "INVALID_VALUE",
        |cu| cu.cuGraphCreate(&mut 0, 1),
    ),
    call(
        "cuGraphCreate/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuGraphCreate(null_mut(), 0),
    ),
    story(
        "cuGraphCreate/no_context",
        "A graph needs no current context.",
        "SUCCESS SUCCESS",
        |cu| {
            let mut graph = 0;
            seen![cu.cuGraphCreate(&mut graph, 0), cu.cuGraphDestroy(graph)]
        },
    )
    .believed()
    .bare(),
    story(
        "cuGraphGetNodes/counted",
        "Nodes, roots and edges are counted when no list is given.",
        "3 1 2",
        |cu| {
            with(cu, |graph| {
                let (mut nodes, mut roots, mut edges) = (0, 0, 0);
                chain(cu, graph);
                cu.cuGraphGetNodes(graph, null_mut(), &mut nodes)
                    .must("cuGraphGetNodes");
                cu.cuGraphGetRootNodes(graph, null_mut(), &mut roots)
                    .must("cuGraphGetRootNodes");
                cu.cuGraphGetEdges_v2(graph, null_mut(), null_mut(), null_mut(), &mut edges)
                    .must("cuGraphGetEdges_v2");
                seen![nodes, roots, edges]
            })
        },
    ),
    story(
        "cuGraphGetNodes/short_and_long_lists",
        "A list gets as many as fit; places left over become null.",
        "2 3 true",
        |cu| {
            with(cu, |graph| {
                chain(cu, graph);
                let (mut list, mut short, mut long) = ([7_u64; 5], 2, 5);
                cu.cuGraphGetNodes(graph, list.as_mut_ptr(), &mut short)
                    .must("cuGraphGetNodes");
                cu.cuGraphGetNodes(graph, list.as_mut_ptr(), &mut long)
                    .must("cuGraphGetNodes");
                seen![short, long, list[3] == 0 && list[4] == 0]
            })
        },
    ),
    story(
        "cuGraphGetNodes/null",
        "There must be a place for the count.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                seen![cu.cuGraphGetNodes(graph, null_mut(), null_mut())]
            })
        },
    ),
    story(
        "cuGraphNodeGetType/kinds",
        "A node knows its kind.",
        "5 2 3",
        |cu| {
            with(cu, |graph| {
                let kind = |node| {
                    let mut kind = 99;
                    cu.cuGraphNodeGetType(node, &mut kind)
                        .must("cuGraphNodeGetType");
                    kind
                };
                let device = cu.alloc(64);
                let got = seen![
                    kind(empty(cu, graph, &[])),
                    kind(fill(cu, graph, device, 1)),
                    kind(host(cu, graph, &[], Diary::new(), 1))
                ];
                cu.cuMemFree_v2(device).must("cuMemFree_v2");
                got
            })
        },
    ),
    story(
        "cuGraphAddEmptyNode/unknown_dependency",
        "The dependencies are nodes of the same graph.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                with(cu, |other| {
                    let foreign = empty(cu, other, &[]);
                    seen![cu.cuGraphAddEmptyNode(&mut 0, graph, &raw const foreign, 1)]
                })
            })
        },
    ),
    story(
        "cuGraphAddEmptyNode/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                seen![cu.cuGraphAddEmptyNode(null_mut(), graph, null(), 0)]
            })
        },
    ),
    story(
        "cuGraphAddEmptyNode/same_dependency_twice",
        "No dependency is named twice.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let first = empty(cu, graph, &[]);
                seen![cu.cuGraphAddEmptyNode(&mut 0, graph, [first, first].as_ptr(), 2)]
            })
        },
    ),
    story(
        "cuGraphAddDependencies_v2/again",
        "An edge that is there cannot be added.",
        "SUCCESS INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let (a, b) = (empty(cu, graph, &[]), empty(cu, graph, &[]));
                let add =
                    || cu.cuGraphAddDependencies_v2(graph, &raw const a, &raw const b, null(), 1);
                seen![add(), add()]
            })
        },
    ),
    story(
        "cuGraphRemoveDependencies_v2/missing",
        "An edge that is not there cannot be removed.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let (a, b) = (empty(cu, graph, &[]), empty(cu, graph, &[]));
                seen![cu.cuGraphRemoveDependencies_v2(graph, &raw const a, &raw const b, null(), 1)]
            })
        },
    ),
    story(
        "cuGraphInstantiateWithFlags/cycle",
        "A graph with a cycle is not instantiated.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let (a, b) = (empty(cu, graph, &[]), empty(cu, graph, &[]));
                cu.cuGraphAddDependencies_v2(graph, &raw const a, &raw const b, null(), 1)
                    .must("cuGraphAddDependencies_v2");
                let status =
                    cu.cuGraphAddDependencies_v2(graph, &raw const b, &raw const a, null(), 1);
                match status.is_ok() {
                    true => seen![cu.cuGraphInstantiateWithFlags(&mut 0, graph, 0)],
                    false => seen![status],
                }
            })
        },
    ),
    story(
        "cuGraphInstantiateWithFlags/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                seen![cu.cuGraphInstantiateWithFlags(null_mut(), graph, 0)]
            })
        },
    ),
    story(
        "cuGraphInstantiateWithFlags/unknown",
        "Unknown flags are refused.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                seen![cu.cuGraphInstantiateWithFlags(&mut 0, graph, 0x4000)]
            })
        },
    ),
    story(
        "cuGraphLaunch/order",
        "Nodes run after those they depend on, at every launch.",
        "1,2,3,1,2,3",
        |cu| {
            with(cu, |graph| {
                let diary = Diary::new();
                let first = host(cu, graph, &[], diary, 1);
                let second = host(cu, graph, &[first], diary, 2);
                host(cu, graph, &[second], diary, 3);
                instantiated(cu, graph, |exec| {
                    for _ in 0..2 {
                        cu.cuGraphLaunch(exec, 0).must("cuGraphLaunch");
                    }
                    cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
                    diary.text()
                })
            })
        },
    ),
    story(
        "cuGraphLaunch/empty",
        "An empty graph may be launched.",
        "SUCCESS",
        |cu| {
            with(cu, |graph| {
                instantiated(cu, graph, |exec| seen![cu.cuGraphLaunch(exec, 0)])
            })
        },
    ),
    story(
        "cuGraphLaunch/after_graph_destroyed",
        "An instance does not need its graph any longer.",
        "SUCCESS SUCCESS 1",
        |cu| {
            let (mut graph, mut exec, diary) = (0, 0, Diary::new());
            cu.cuGraphCreate(&mut graph, 0).must("cuGraphCreate");
            host(cu, graph, &[], diary, 1);
            cu.cuGraphInstantiateWithFlags(&mut exec, graph, 0)
                .must("cuGraphInstantiateWithFlags");
            cu.cuGraphDestroy(graph).must("cuGraphDestroy");
            let launched = cu.cuGraphLaunch(exec, 0);
            seen![launched, cu.cuCtxSynchronize(), diary.text()]
        },
    ),
    story(
        "cuGraphExecDestroy/pending",
        "An instance may be destroyed while it runs.",
        "SUCCESS SUCCESS 1",
        |cu| {
            with(cu, |graph| {
                let (mut exec, diary, stream) = (0, Diary::new(), cu.stream(1));
                host(cu, graph, &[], diary, 1);
                cu.cuGraphInstantiateWithFlags(&mut exec, graph, 0)
                    .must("cuGraphInstantiateWithFlags");
                let gate = crate::gate::Gate::hold(cu, stream);
                cu.cuGraphLaunch(exec, stream).must("cuGraphLaunch");
                let destroyed = cu.cuGraphExecDestroy(exec);
                gate.open();
                let got = seen![destroyed, cu.cuStreamSynchronize(stream), diary.text()];
                cu.cuStreamDestroy_v2(stream).must("cuStreamDestroy_v2");
                got
            })
        },
    ),
    story(
        "cuGraphExecUpdate_v2/parameters",
        "An instance takes new parameters from a graph of the same shape.",
        "SUCCESS 0 8",
        |cu| {
            let device = cu.alloc(64);
            let got = with(cu, |graph| {
                fill(cu, graph, device, 7);
                instantiated(cu, graph, |exec| {
                    with(cu, |other| {
                        fill(cu, other, device, 8);
                        let (mut result, mut byte) = (CUgraphExecUpdateResultInfo::default(), 0_u8);
                        let updated = cu.cuGraphExecUpdate_v2(exec, other, &raw mut result);
                        cu.cuGraphLaunch(exec, 0).must("cuGraphLaunch");
                        cu.cuMemcpyDtoH_v2((&raw mut byte).cast(), device, 1)
                            .must("cuMemcpyDtoH_v2");
                        seen![updated, result.result, byte]
                    })
                })
            });
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            got
        },
    ),
    story(
        "cuGraphExecUpdate_v2/other_shape",
        "A graph of another shape is refused, and the result says why.",
        "GRAPH_EXEC_UPDATE_FAILURE 2",
        |cu| {
            with(cu, |graph| {
                chain(cu, graph);
                instantiated(cu, graph, |exec| {
                    with(cu, |other| {
                        empty(cu, other, &[]);
                        let mut result = CUgraphExecUpdateResultInfo::default();
                        seen![
                            cu.cuGraphExecUpdate_v2(exec, other, &raw mut result),
                            result.result
                        ]
                    })
                })
            })
        },
    ),
    story(
        "cuGraphExecUpdate_v2/other_kind",
        "A node of another kind is refused, and the result says why.",
        "GRAPH_EXEC_UPDATE_FAILURE 3",
        |cu| {
            with(cu, |graph| {
                empty(cu, graph, &[]);
                instantiated(cu, graph, |exec| {
                    with(cu, |other| {
                        host(cu, other, &[], Diary::new(), 1);
                        let mut result = CUgraphExecUpdateResultInfo::default();
                        seen![
                            cu.cuGraphExecUpdate_v2(exec, other, &raw mut result),
                            result.result
                        ]
                    })
                })
            })
        },
    ),
    story(
        "cuGraphNodeSetEnabled/off",
        "A disabled node does nothing until it is enabled again.",
        "SUCCESS 0 6 SUCCESS 9",
        |cu| {
            let device = cu.alloc(64);
            let got = with(cu, |graph| {
                let node = fill(cu, graph, device, 9);
                instantiated(cu, graph, |exec| {
                    let byte = || {
                        let mut byte = 0_u8;
                        cu.cuGraphLaunch(exec, 0).must("cuGraphLaunch");
                        cu.cuMemcpyDtoH_v2((&raw mut byte).cast(), device, 1)
                            .must("cuMemcpyDtoH_v2");
                        byte
                    };
                    cu.cuMemsetD8_v2(device, 6, 64).must("cuMemsetD8_v2");
                    let (off, mut enabled) = (cu.cuGraphNodeSetEnabled(exec, node, 0), 9);
                    cu.cuGraphNodeGetEnabled(exec, node, &mut enabled)
                        .must("cuGraphNodeGetEnabled");
                    let skipped = byte();
                    seen![
                        off,
                        enabled,
                        skipped,
                        cu.cuGraphNodeSetEnabled(exec, node, 1),
                        byte()
                    ]
                })
            });
            cu.cuMemFree_v2(device).must("cuMemFree_v2");
            got
        },
    ),
    story(
        "cuGraphNodeSetEnabled/host",
        "Only kernels, copies and fills can be disabled.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let node = host(cu, graph, &[], Diary::new(), 1);
                instantiated(cu, graph, |exec| {
                    seen![cu.cuGraphNodeSetEnabled(exec, node, 0)]
                })
            })
        },
    )
    .believed(),
    story(
        "cuGraphClone/find",
        "A clone has nodes of its own, found through the originals.",
        "SUCCESS SUCCESS true",
        |cu| {
            with(cu, |graph| {
                let (node, mut clone, mut found) = (empty(cu, graph, &[]), 0, 0);
                let cloned = cu.cuGraphClone(&mut clone, graph);
                let status = cu.cuGraphNodeFindInClone(&mut found, node, clone);
                cu.cuGraphDestroy(clone).must("cuGraphDestroy");
                seen![cloned, status, found != node && found != 0]
            })
        },
    ),
    story(
        "cuGraphNodeFindInClone/no_clone",
        "The other graph must be a clone.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let node = empty(cu, graph, &[]);
                with(cu, |other| {
                    seen![cu.cuGraphNodeFindInClone(&mut 0, node, other)]
                })
            })
        },
    ),
    story(
        "cuGraphDestroyNode/edges",
        "With a node go its edges.",
        "SUCCESS 2 0",
        |cu| {
            with(cu, |graph| {
                let [_, middle, _] = chain(cu, graph);
                let (mut nodes, mut edges) = (0, 9);
                let status = cu.cuGraphDestroyNode(middle);
                cu.cuGraphGetNodes(graph, null_mut(), &mut nodes)
                    .must("cuGraphGetNodes");
                cu.cuGraphGetEdges_v2(graph, null_mut(), null_mut(), null_mut(), &mut edges)
                    .must("cuGraphGetEdges_v2");
                seen![status, nodes, edges]
            })
        },
    ),
    story(
        "cuGraphAddChildGraphNode/runs",
        "A graph within a graph runs in its place.",
        "1,2,3",
        |cu| {
            with(cu, |graph| {
                with(cu, |child| {
                    let (diary, mut node) = (Diary::new(), 0);
                    host(cu, child, &[], diary, 2);
                    let first = host(cu, graph, &[], diary, 1);
                    cu.cuGraphAddChildGraphNode(&mut node, graph, &raw const first, 1, child)
                        .must("cuGraphAddChildGraphNode");
                    host(cu, graph, &[node], diary, 3);
                    instantiated(cu, graph, |exec| {
                        cu.cuGraphLaunch(exec, 0).must("cuGraphLaunch");
                        cu.cuStreamSynchronize(0).must("cuStreamSynchronize");
                        diary.text()
                    })
                })
            })
        },
    ),
    story(
        "cuGraphAddEventRecordNode/recorded",
        "A node records its event at every launch.",
        "SUCCESS true SUCCESS",
        |cu| {
            with(cu, |graph| {
                let (event, mut node, mut of) = (cu.event(0), 0, 0);
                let added = cu.cuGraphAddEventRecordNode(&mut node, graph, null(), 0, event);
                cu.cuGraphEventRecordNodeGetEvent(node, &mut of)
                    .must("cuGraphEventRecordNodeGetEvent");
                let got = instantiated(cu, graph, |exec| {
                    cu.cuGraphLaunch(exec, 0).must("cuGraphLaunch");
                    seen![added, of == event, cu.cuEventSynchronize(event)]
                });
                cu.cuEventDestroy_v2(event).must("cuEventDestroy_v2");
                got
            })
        },
    ),
    story(
        "cuGraphAddMemsetNode/element",
        "Elements have 1, 2 or 4 bytes.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let device = cu.alloc(64);
                let params = CUDA_MEMSET_NODE_PARAMS {
                    elementSize: 3,
                    ..fill_of(device, 1)
                };
                let status = cu.cuGraphAddMemsetNode(
                    &mut 0,
                    graph,
                    null(),
                    0,
                    &raw const params,
                    cu.primary(0),
                );
                cu.cuMemFree_v2(device).must("cuMemFree_v2");
                seen![status]
            })
        },
    ),
    story(
        "cuGraphMemsetNodeGetParams/given",
        "A node knows its parameters.",
        "SUCCESS 3 64",
        |cu| {
            with(cu, |graph| {
                let device = cu.alloc(64);
                let (node, mut params) = (
                    fill(cu, graph, device, 3),
                    CUDA_MEMSET_NODE_PARAMS::default(),
                );
                let status = cu.cuGraphMemsetNodeGetParams(node, &raw mut params);
                cu.cuMemFree_v2(device).must("cuMemFree_v2");
                seen![status, params.value, params.width]
            })
        },
    ),
    story(
        "cuGraphAddHostNode/null",
        "There must be a function.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |graph| {
                let params = CUDA_HOST_NODE_PARAMS::default();
                seen![cu.cuGraphAddHostNode(&mut 0, graph, null(), 0, &raw const params)]
            })
        },
    )
    .believed(),
    story(
        "cuGraphUpload/ready",
        "An instance can be made ready before its launch.",
        "SUCCESS SUCCESS",
        |cu| {
            with(cu, |graph| {
                chain(cu, graph);
                instantiated(cu, graph, |exec| {
                    seen![cu.cuGraphUpload(exec, 0), cu.cuStreamSynchronize(0)]
                })
            })
        },
    ),
    story(
        "cuUserObjectCreate/released",
        "An object ends with its last reference.",
        "SUCCESS SUCCESS 4",
        |cu| {
            let (mut object, diary) = (0, Diary::new());
            let created = cu.cuUserObjectCreate(&mut object, diary.entry(4), Some(note), 1, 1);
            let released = cu.cuUserObjectRelease(object, 1);
            settle(diary);
            seen![created, released, diary.text()]
        },
    ),
    story(
        "cuGraphRetainUserObject/moved",
        "A graph that owns an object ends it when it is destroyed.",
        "SUCCESS 5",
        |cu| {
            let (mut object, mut graph, diary) = (0, 0, Diary::new());
            cu.cuUserObjectCreate(&mut object, diary.entry(5), Some(note), 1, 1)
                .must("cuUserObjectCreate");
            cu.cuGraphCreate(&mut graph, 0).must("cuGraphCreate");
            let moved = cu.cuGraphRetainUserObject(graph, object, 1, 1);
            cu.cuGraphDestroy(graph).must("cuGraphDestroy");
            settle(diary);
            seen![moved, diary.text()]
        },
    ),
    call(
        "cuUserObjectCreate/flags",
        "The destructor must be allowed to come later.",
        "INVALID_VALUE",
        |cu| cu.cuUserObjectCreate(&mut 0, null_mut(), Some(note), 1, 0),
    ),
    call(
        "cuUserObjectCreate/no_references",
        "There must be a reference at first.",
        "INVALID_VALUE",
        |cu| cu.cuUserObjectCreate(&mut 0, null_mut(), Some(note), 0, 1),
    )
    .believed(),
];

/// Gives a story a graph.
fn with(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let mut graph = 0;
    cu.cuGraphCreate(&mut graph, 0).must("cuGraphCreate");
    let seen = story(graph);
    cu.cuGraphDestroy(graph).must("cuGraphDestroy");
    seen
}

/// Gives a story an instance of a graph.
fn instantiated(cu: &Cuda, graph: u64, story: impl FnOnce(u64) -> String) -> String {
    let mut exec = 0;
    cu.cuGraphInstantiateWithFlags(&mut exec, graph, 0)
        .must("cuGraphInstantiateWithFlags");
    let seen = story(exec);
    cu.cuGraphExecDestroy(exec).must("cuGraphExecDestroy");
    seen
}

fn empty(cu: &Cuda, graph: u64, after: &[u64]) -> u64 {
    let mut node = 0;
    cu.cuGraphAddEmptyNode(&mut node, graph, after.as_ptr(), after.len())
        .must("cuGraphAddEmptyNode");
    node
}

/// Three empty nodes, one after the other.
fn chain(cu: &Cuda, graph: u64) -> [u64; 3] {
    let first = empty(cu, graph, &[]);
    let second = empty(cu, graph, &[first]);
    [first, second, empty(cu, graph, &[second])]
}

fn host(cu: &Cuda, graph: u64, after: &[u64], diary: &'static Diary, value: u32) -> u64 {
    let mut node = 0;
    let params = CUDA_HOST_NODE_PARAMS {
        r#fn: note as unsafe extern "C" fn(*mut c_void) as *mut c_void,
        userData: diary.entry(value),
        ..CUDA_HOST_NODE_PARAMS::default()
    };
    cu.cuGraphAddHostNode(
        &mut node,
        graph,
        after.as_ptr(),
        after.len(),
        &raw const params,
    )
    .must("cuGraphAddHostNode");
    node
}

/// A fill of 64 bytes.
fn fill_of(device: u64, value: u32) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: device,
        value,
        elementSize: 1,
        width: 64,
        height: 1,
        ..CUDA_MEMSET_NODE_PARAMS::default()
    }
}

fn fill(cu: &Cuda, graph: u64, device: u64, value: u32) -> u64 {
    let (mut node, params) = (0, fill_of(device, value));
    cu.cuGraphAddMemsetNode(
        &mut node,
        graph,
        null(),
        0,
        &raw const params,
        cu.primary(0),
    )
    .must("cuGraphAddMemsetNode");
    node
}

/// Waits until something is written, for a while: destructors may run in a thread of the driver.
fn settle(diary: &Diary) {
    let begun = std::time::Instant::now();
    while diary.text().is_empty() && begun.elapsed().as_secs() < 10 {
        std::thread::yield_now();
    }
}
