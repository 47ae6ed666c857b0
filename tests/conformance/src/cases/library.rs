//! Libraries, which belong to no context, and their kernels.

use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::{Cuda, Status};
use crate::generated::types::*;
use crate::ptx;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuLibraryLoadData/no_context",
        "A library needs no current context.",
        "SUCCESS SUCCESS",
        |cu| {
            let mut library = 0;
            let loaded = load(cu, &mut library, ptx::MODULE.as_ptr().cast());
            seen![loaded, cu.cuLibraryUnload(library)]
        },
    )
    .bare(),
    call(
        "cuLibraryLoadData/null_image",
        "There must be an image.",
        "INVALID_VALUE",
        |cu| load(cu, &mut 0, null()),
    ),
    call(
        "cuLibraryLoadData/null_out",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| load(cu, null_mut(), ptx::MODULE.as_ptr().cast()),
    ),
    call(
        "cuLibraryLoadFromFile/no_file",
        "The file must exist.",
        "FILE_NOT_FOUND",
        |cu| {
            let path = c"/nonexistent/library.fatbin".as_ptr();
            cu.cuLibraryLoadFromFile(
                &mut 0,
                path,
                null_mut(),
                null_mut(),
                0,
                null_mut(),
                null_mut(),
                0,
            )
        },
    ),
    story(
        "cuLibraryGetKernel/missing",
        "A kernel that the library lacks is not found.",
        "NOT_FOUND",
        |cu| {
            with(cu, |library| {
                seen![cu.cuLibraryGetKernel(&mut 0, library, c"missing".as_ptr())]
            })
        },
    ),
    story(
        "cuLibraryGetKernel/null",
        "The pointers must not be null.",
        "INVALID_VALUE INVALID_VALUE",
        |cu| {
            with(cu, |library| {
                seen![
                    cu.cuLibraryGetKernel(null_mut(), library, c"put".as_ptr()),
                    cu.cuLibraryGetKernel(&mut 0, library, null())
                ]
            })
        },
    ),
    story(
        "cuLibraryGetKernelCount/all",
        "All kernels of the library are counted and listed.",
        "SUCCESS 7 SUCCESS true",
        |cu| {
            with(cu, |library| {
                let (mut n, mut kernels) = (0, [0_u64; 7]);
                let counted = cu.cuLibraryGetKernelCount(&mut n, library);
                let listed = cu.cuLibraryEnumerateKernels(kernels.as_mut_ptr(), 7, library);
                seen![
                    counted,
                    n,
                    listed,
                    kernels.iter().all(|kernel| *kernel != 0)
                ]
            })
        },
    ),
    story(
        "cuLibraryGetModule/of_context",
        "In a context the library is a module, the same each time.",
        "SUCCESS SUCCESS true",
        |cu| {
            with(cu, |library| {
                let (mut one, mut other) = (0, 0);
                let first = cu.cuLibraryGetModule(&mut one, library);
                seen![
                    first,
                    cu.cuLibraryGetModule(&mut other, library),
                    one == other && one != 0
                ]
            })
        },
    ),
    story(
        "cuLibraryGetGlobal/size",
        "A variable has its size; the place for it may be null.",
        "SUCCESS 4 SUCCESS",
        |cu| {
            with(cu, |library| {
                let (mut address, mut bytes) = (0, 0);
                let status =
                    cu.cuLibraryGetGlobal(&mut address, &mut bytes, library, c"counter".as_ptr());
                seen![
                    status,
                    bytes,
                    cu.cuLibraryGetGlobal(&mut address, null_mut(), library, c"counter".as_ptr())
                ]
            })
        },
    ),
    story(
        "cuLibraryGetGlobal/missing",
        "A variable that the library lacks is not found.",
        "NOT_FOUND",
        |cu| {
            with(cu, |library| {
                seen![cu.cuLibraryGetGlobal(&mut 0, &mut 0, library, c"missing".as_ptr())]
            })
        },
    ),
    story(
        "cuLibraryGetManaged/missing",
        "A managed variable that the library lacks is not found.",
        "NOT_FOUND",
        |cu| {
            with(cu, |library| {
                seen![cu.cuLibraryGetManaged(&mut 0, &mut 0, library, c"counter".as_ptr())]
            })
        },
    )
    .believed(),
    story(
        "cuKernelGetFunction/launched",
        "A kernel becomes a function of the current context, and may be launched as it is.",
        "SUCCESS SUCCESS SUCCESS",
        |cu| {
            with(cu, |library| {
                let (kernel, mut function) = (kernel(cu, library, c"empty"), 0);
                let status = cu.cuKernelGetFunction(&mut function, kernel);
                let launch =
                    |what| cu.cuLaunchKernel(what, 1, 1, 1, 1, 1, 1, 0, 0, null_mut(), null_mut());
                seen![status, launch(function), launch(kernel)]
            })
        },
    ),
    story(
        "cuKernelGetLibrary/own",
        "A kernel knows its library.",
        "SUCCESS true",
        |cu| {
            with(cu, |library| {
                let mut of = 0;
                seen![
                    cu.cuKernelGetLibrary(&mut of, kernel(cu, library, c"put")),
                    of == library
                ]
            })
        },
    ),
    story(
        "cuKernelGetAttribute/of_device",
        "Attributes are asked for a device.",
        "SUCCESS 128 INVALID_DEVICE",
        |cu| {
            with(cu, |library| {
                let (kernel, mut value) = (kernel(cu, library, c"bounded"), 0);
                let attribute = CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
                let status = cu.cuKernelGetAttribute(&mut value, attribute, kernel, 0);
                seen![
                    status,
                    value,
                    cu.cuKernelGetAttribute(&mut 0, attribute, kernel, super::NO_DEVICE)
                ]
            })
        },
    ),
    story(
        "cuKernelSetAttribute/read_back",
        "A kernel can be allowed more shared memory on a device.",
        "SUCCESS 60000",
        |cu| {
            with(cu, |library| {
                let (kernel, mut value) = (kernel(cu, library, c"empty"), 0);
                let attribute = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
                let set = cu.cuKernelSetAttribute(attribute, 60000, kernel, 0);
                cu.cuKernelGetAttribute(&mut value, attribute, kernel, 0)
                    .must("cuKernelGetAttribute");
                seen![set, value]
            })
        },
    ),
    story(
        "cuKernelGetParamInfo/layout",
        "Parameters have their offsets and sizes; there are no others.",
        "SUCCESS 8 4 INVALID_VALUE",
        |cu| {
            with(cu, |library| {
                let (kernel, mut offset, mut bytes) = (kernel(cu, library, c"put"), 0, 0);
                let status = cu.cuKernelGetParamInfo(kernel, 1, &mut offset, &mut bytes);
                seen![
                    status,
                    offset,
                    bytes,
                    cu.cuKernelGetParamInfo(kernel, 2, &mut 0, &mut 0)
                ]
            })
        },
    ),
    call(
        "cuKernelGetFunction/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuKernelGetFunction(null_mut(), 0),
    ),
];

fn load(cu: &Cuda, library: *mut u64, image: *const std::ffi::c_void) -> Status {
    cu.cuLibraryLoadData(
        library,
        image,
        null_mut(),
        null_mut(),
        0,
        null_mut(),
        null_mut(),
        0,
    )
}

/// Gives a story the library of [`ptx::MODULE`].
fn with(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let mut library = 0;
    load(cu, &mut library, ptx::MODULE.as_ptr().cast()).must("cuLibraryLoadData");
    let seen = story(library);
    cu.cuLibraryUnload(library).must("cuLibraryUnload");
    seen
}

fn kernel(cu: &Cuda, library: u64, name: &std::ffi::CStr) -> u64 {
    let mut kernel = 0;
    cu.cuLibraryGetKernel(&mut kernel, library, name.as_ptr())
        .must("cuLibraryGetKernel");
    kernel
}
