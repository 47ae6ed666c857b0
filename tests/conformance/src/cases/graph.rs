//! Graphs made node by node: structure, clones, children, user objects.

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
pub(super) fn with(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let mut graph = 0;
    cu.cuGraphCreate(&mut graph, 0).must("cuGraphCreate");
    let seen = story(graph);
    cu.cuGraphDestroy(graph).must("cuGraphDestroy");
    seen
}

/// Gives a story an instance of a graph.
pub(super) fn instantiated(cu: &Cuda, graph: u64, story: impl FnOnce(u64) -> String) -> String {
    let mut exec = 0;
    cu.cuGraphInstantiateWithFlags(&mut exec, graph, 0)
        .must("cuGraphInstantiateWithFlags");
    let seen = story(exec);
    cu.cuGraphExecDestroy(exec).must("cuGraphExecDestroy");
    seen
}

pub(super) fn empty(cu: &Cuda, graph: u64, after: &[u64]) -> u64 {
    let mut node = 0;
    cu.cuGraphAddEmptyNode(&mut node, graph, after.as_ptr(), after.len())
        .must("cuGraphAddEmptyNode");
    node
}

/// Three empty nodes, one after the other.
pub(super) fn chain(cu: &Cuda, graph: u64) -> [u64; 3] {
    let first = empty(cu, graph, &[]);
    let second = empty(cu, graph, &[first]);
    [first, second, empty(cu, graph, &[second])]
}

pub(super) fn host(cu: &Cuda, graph: u64, after: &[u64], diary: &'static Diary, value: u32) -> u64 {
    let mut node = 0;
    let params = CUDA_HOST_NODE_PARAMS {
        r#fn: note as unsafe extern "C" fn(*mut c_void) as *mut c_void,
        userData: diary.entry(value),
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
pub(super) fn fill_of(device: u64, value: u32) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: device,
        value,
        elementSize: 1,
        width: 64,
        height: 1,
        ..CUDA_MEMSET_NODE_PARAMS::default()
    }
}

pub(super) fn fill(cu: &Cuda, graph: u64, device: u64, value: u32) -> u64 {
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
