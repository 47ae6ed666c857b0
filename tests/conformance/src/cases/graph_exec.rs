//! Instances of graphs: launches, updates, nodes that are switched off.

use std::ptr::{null, null_mut};

use super::graph::{chain, empty, fill, host, instantiated, with};
use crate::case::{Case, seen, story};
use crate::gate::{Diary, Gate};
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
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
                let gate = Gate::hold(cu, stream);
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
];
