//! Initialisation, versions, error texts and entry points.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::{Cuda, Status};

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call("cuInit/flags", "The flags must be zero.", "INVALID_VALUE", |cu| cu.cuInit(1)).fresh(),
    story("cuInit/again", "Calling it again does nothing.", "SUCCESS SUCCESS", |cu| {
        seen![cu.cuInit(0), cu.cuInit(0)]
    })
    .fresh(),
    story(
        "cuInit/from_threads_at_once",
        "Any number of threads may call it at the same time.",
        "16",
        |cu| {
            let ready = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| cu.cuInit(0))).collect();
                let ended = threads.into_iter().filter_map(|thread| thread.join().ok());
                ended.filter(|status| status.is_ok()).count()
            });
            seen![ready]
        },
    )
    .fresh(),
    story(
        "cuInit/first",
        "Before it any other function of devices, contexts, memory, streams and modules answers NOT_INITIALIZED.",
        "8 of 8",
        before_init,
    )
    .fresh(),
    story(
        "cuDriverGetVersion/before_init",
        "The version can be asked before cuInit.",
        "SUCCESS true",
        |cu| {
            let mut version = 0;
            seen![cu.cuDriverGetVersion(&mut version), version >= 12000]
        },
    )
    .fresh(),
    call("cuDriverGetVersion/null", "The pointer must not be null.", "INVALID_VALUE", |cu| {
        cu.cuDriverGetVersion(null_mut())
    }),
    story(
        "cuGetErrorName/known",
        "Every code has the name of its constant.",
        "CUDA_SUCCESS CUDA_ERROR_INVALID_VALUE CUDA_ERROR_ILLEGAL_ADDRESS CUDA_ERROR_UNKNOWN",
        |cu| {
            let name = |code| text(|out| cu.cuGetErrorName(code, out));
            seen![name(0), name(1), name(700), name(999)]
        },
    )
    .fresh(),
    story(
        "cuGetErrorName/unknown",
        "For a number that is no code the name is null and the answer INVALID_VALUE.",
        "INVALID_VALUE true",
        |cu| {
            let mut name = c"x".as_ptr();
            seen![cu.cuGetErrorName(12345, &mut name), name.is_null()]
        },
    ),
    call("cuGetErrorName/null", "The pointer must not be null.", "INVALID_VALUE", |cu| {
        cu.cuGetErrorName(1, null_mut())
    })
    .believed(),
    story(
        "cuGetErrorString/known",
        "Every code has a description.",
        "true true",
        |cu| {
            let known = |code| text(|out| cu.cuGetErrorString(code, out)).len() > 3;
            seen![known(0), known(2)]
        },
    )
    .fresh(),
    story(
        "cuGetErrorString/unknown",
        "For a number that is no code the description is null and the answer INVALID_VALUE.",
        "INVALID_VALUE true",
        |cu| {
            let mut name = c"x".as_ptr();
            seen![cu.cuGetErrorString(-5, &mut name), name.is_null()]
        },
    ),
    story(
        "cuGetProcAddress_v2/known",
        "A function is found by its name without version.",
        "SUCCESS false 0",
        |cu| {
            let (status, address, result) = lookup(cu, c"cuMemAlloc", 12000, 0);
            seen![status, address.is_null(), result]
        },
    ),
    story(
        "cuGetProcAddress_v2/unknown",
        "A name that no version has is not found; the status says so.",
        "NOT_FOUND true 1",
        |cu| {
            let (status, address, result) = lookup(cu, c"cuNoSuchFunction", 12000, 0);
            seen![status, address.is_null(), result]
        },
    ),
    story(
        "cuGetProcAddress_v2/too_new",
        "A function of a later version than asked for is not found; the status tells why.",
        "NOT_FOUND true 2",
        |cu| {
            let (status, address, result) = lookup(cu, c"cuGraphCreate", 9000, 0);
            seen![status, address.is_null(), result]
        },
    ),
    story(
        "cuGetProcAddress_v2/per_thread",
        "The flag for per-thread default streams chooses another function where there is one.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (plain, address, _) = lookup(cu, c"cuStreamSynchronize", 12000, 1);
            let (own, other, _) = lookup(cu, c"cuStreamSynchronize", 12000, 2);
            seen![plain, own, address != other]
        },
    ),
    story(
        "cuGetProcAddress_v2/version_chooses",
        "The version chooses among the forms of a function.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (old, address, _) = lookup(cu, c"cuCtxCreate", 3020, 0);
            let (new, other, _) = lookup(cu, c"cuCtxCreate", 12050, 0);
            seen![old, new, address != other]
        },
    ),
    story(
        "cuGetProcAddress_v2/status_is_optional",
        "The place for the status may be null.",
        "SUCCESS NOT_FOUND",
        |cu| {
            let mut address = null_mut();
            let (known, unknown) = (c"cuInit".as_ptr(), c"cuNothing".as_ptr());
            seen![
                cu.cuGetProcAddress_v2(known, &mut address, 12000, 0, null_mut()),
                cu.cuGetProcAddress_v2(unknown, &mut address, 12000, 0, null_mut())
            ]
        },
    ),
    call("cuGetProcAddress_v2/null_name", "The name must not be null.", "INVALID_VALUE", |cu| {
        let mut address = null_mut();
        cu.cuGetProcAddress_v2(null(), &mut address, 12000, 0, null_mut())
    }),
    call("cuGetProcAddress_v2/null_out", "The place for the address must not be null.", "INVALID_VALUE", |cu| {
        cu.cuGetProcAddress_v2(c"cuInit".as_ptr(), null_mut(), 12000, 0, null_mut())
    }),
    story(
        "cuGetExportTable/unknown",
        "An id that names no table is refused and leaves a null pointer.",
        "false true",
        |cu| {
            let mut table = null();
            let id = [0x42_u8; 16];
            let status = cu.cuGetExportTable(&mut table, id.as_ptr().cast());
            seen![status.is_ok(), table.is_null()]
        },
    )
    .believed(),
];

/// The text that a function gives for a code.
fn text(ask: impl FnOnce(*mut *const c_char) -> Status) -> String {
    let mut text = null();
    if !ask(&mut text).is_ok() || text.is_null() {
        return "none".to_owned();
    }
    own(text)
}

#[expect(unsafe_code, reason = "reads a C string that the driver owns")]
fn own(text: *const c_char) -> String {
    // SAFETY: the driver's texts are constants that end with a zero.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

fn lookup(cu: &Cuda, name: &CStr, version: i32, flags: u64) -> (Status, *mut c_void, u32) {
    let (mut address, mut result) = (null_mut(), 9);
    let status = cu.cuGetProcAddress_v2(name.as_ptr(), &mut address, version, flags, &mut result);
    (status, address, result)
}

fn before_init(cu: &Cuda) -> String {
    let mut handle = 0;
    let answers = [
        cu.cuDeviceGetCount(&mut 0),
        cu.cuDeviceGet(&mut 0, 0),
        cu.cuCtxGetCurrent(&mut handle),
        cu.cuDevicePrimaryCtxRetain(&mut handle, 0),
        cu.cuMemAlloc_v2(&mut handle, 16),
        cu.cuStreamCreate(&mut handle, 0),
        cu.cuEventCreate(&mut handle, 0),
        cu.cuModuleLoadData(&mut handle, crate::ptx::MODULE.as_ptr().cast()),
    ];
    let refused = answers
        .iter()
        .filter(|status| status.to_string() == "NOT_INITIALIZED");
    format!("{} of {}", refused.count(), answers.len())
}
