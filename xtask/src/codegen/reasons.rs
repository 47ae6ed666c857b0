//! Why calls are not supported: one reason a group, for the coverage page. A call without a reason is an
//! error of the generator. Read [`reason`].

use super::table::{Call, Table};

/// Calls by the beginnings of their names, and why they are not supported. The first that fits counts.
const REASONS: &[(&[&str], &str)] = &[
    (
        &["cuLaunchCooperativeKernelMultiDevice"],
        "removed from CUDA 13's runtime; programs launch on each device",
    ),
    (
        &[
            "cuTexRef",
            "cuParamSetTexRef",
            "cuSurfRef",
            "cuModuleGetTexRef",
            "cuModuleGetSurfRef",
        ],
        "texture references; no compiler since CUDA 12 makes them",
    ),
    (
        &["cuArray", "cuMipmappedArray", "cuTexObject", "cuSurfObject"],
        "arrays and textures are not built yet",
    ),
    (
        &["cuTensorMap"],
        "descriptors for the memory units of devices from 9.0 on, which soft GPUs are not; not forwarded yet",
    ),
    (
        &[
            "cuImportExternal",
            "cuExternalMemory",
            "cuDestroyExternal",
            "cuSignalExternal",
            "cuWaitExternal",
            "cuGraphAddExternal",
            "cuGraphExternal",
            "cuGraphExecExternal",
            "cuDeviceGetNvSciSync",
        ],
        "memory and semaphores of other interfaces lie in the client's machine, not the pool's",
    ),
    (
        &[
            "cuGraphics",
            "cuStreamBeginCaptureToCig",
            "cuStreamEndCaptureToCig",
        ],
        "there is no graphics beside the pool's GPUs",
    ),
    (
        &[
            "cuGreenCtx",
            "cuCtxFromGreenCtx",
            "cuDevSmResource",
            "cuDevResource",
            "cuCtxRecordEvent",
            "cuCtxWaitEvent",
        ],
        "a GPU is divided by time, with leases, not by multiprocessors",
    ),
    (&["cuMulticast"], "devices report `MULTICAST_SUPPORTED` 0"),
    (
        &[
            "cuMemGetHandleForAddressRange",
            "cuFlushGPUDirectRDMAWrites",
        ],
        "devices report `DMA_BUF_SUPPORTED` and `GPU_DIRECT_RDMA_SUPPORTED` 0: other hardware does not reach the pool's memory",
    ),
    (
        &["cuMemMapArrayAsync"],
        "devices report `SPARSE_CUDA_ARRAY_SUPPORTED` 0",
    ),
    (
        &["cuMemBatchDecompressAsync"],
        "devices report `MEM_DECOMPRESS_ALGORITHM_MASK` 0",
    ),
    (
        &["cuCheckpoint"],
        "what a process has on a GPU lies in its worker, which the server suspends and ends",
    ),
    (
        &["cuCoredump"],
        "there are no core dumps; the attributes can be asked for",
    ),
    (
        &[
            "cuDeviceRegisterAsyncNotification",
            "cuDeviceUnregisterAsyncNotification",
        ],
        "the only notice is of memory over budget, and a quota is never exceeded",
    ),
    (
        &[
            "cuOccupancyMaxPotentialClusterSize",
            "cuOccupancyMaxActiveClusters",
        ],
        "clusters need devices from 9.0 on, which soft GPUs are not; not forwarded yet",
    ),
    (
        &["cuLibraryGetUnifiedFunction"],
        "devices report `UNIFIED_FUNCTION_POINTERS` 0",
    ),
    (
        &[
            "cuDeviceGetHostAtomicCapabilities",
            "cuDeviceGetP2PAtomicCapabilities",
        ],
        "devices report no native atomics on the host's memory or on each other's",
    ),
    (
        &["cuGraphConditional"],
        "graphs with conditions are not built yet",
    ),
];

/// What is said of forms that came before addresses had 64 bits.
const OLD: &str = "the form with 32-bit addresses or sizes, replaced in CUDA 3.2";

/// Why a call is not supported; none if nobody has said.
pub(super) fn reason(table: &Table, call: &Call) -> Option<&'static str> {
    let given = REASONS.iter().find(|(names, _)| {
        names.iter().any(|name| call.symbol.starts_with(name)) && !is_old(table, call)
    });
    match given {
        Some((_, reason)) => Some(reason),
        None => is_old(table, call).then_some(OLD),
    }
}

/// Whether a newer form of the same name took its place when addresses grew.
fn is_old(table: &Table, call: &Call) -> bool {
    /// The version in which they did.
    const GREW: u32 = 3020;
    let newer = format!("{}_v2", call.symbol);
    call.since.is_some_and(|since| since < GREW) && table.calls().any(|other| other.symbol == newer)
}
