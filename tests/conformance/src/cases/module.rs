//! Modules, their kernels and variables, and the linker.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

use crate::case::{Case, call, seen, story};
use crate::cuda::Cuda;
use crate::generated::types::*;
use crate::ptx;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuModuleLoadData/null_image",
        "There must be an image.",
        "INVALID_VALUE",
        |cu| cu.cuModuleLoadData(&mut 0, null()),
    ),
    call(
        "cuModuleLoadData/null_out",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuModuleLoadData(null_mut(), ptx::MODULE.as_ptr().cast()),
    ),
    call(
        "cuModuleLoadData/broken_text",
        "Text that does not assemble is refused.",
        "INVALID_PTX",
        |cu| cu.cuModuleLoadData(&mut 0, ptx::BROKEN.as_ptr().cast()),
    ),
    call(
        "cuModuleLoadData/no_image",
        "Bytes that are no image are refused.",
        "INVALID_IMAGE",
        |cu| cu.cuModuleLoadData(&mut 0, [1_u8, 2, 3, 4, 0, 0, 0, 0].as_ptr().cast()),
    )
    .believed(),
    call(
        "cuModuleLoadData/no_context",
        "There must be a current context.",
        "INVALID_CONTEXT",
        |cu| cu.cuModuleLoadData(&mut 0, ptx::MODULE.as_ptr().cast()),
    )
    .bare(),
    story(
        "cuModuleLoadDataEx/error_log",
        "The reason for a refusal is written into the given buffer.",
        "INVALID_PTX true",
        |cu| {
            let mut log = [0_u8; 512];
            let mut options = [CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES];
            let mut values = [
                log.as_mut_ptr().cast::<c_void>(),
                std::ptr::without_provenance_mut(512),
            ];
            let image = ptx::BROKEN.as_ptr().cast();
            let status =
                cu.cuModuleLoadDataEx(&mut 0, image, 2, options.as_mut_ptr(), values.as_mut_ptr());
            seen![status, log[0] != 0]
        },
    ),
    call(
        "cuModuleLoadDataEx/null_options",
        "Options must be given if there are some.",
        "INVALID_VALUE",
        |cu| {
            cu.cuModuleLoadDataEx(
                &mut 0,
                ptx::MODULE.as_ptr().cast(),
                2,
                null_mut(),
                null_mut(),
            )
        },
    )
    .believed(),
    call(
        "cuModuleLoad/no_file",
        "The file must exist.",
        "FILE_NOT_FOUND",
        |cu| cu.cuModuleLoad(&mut 0, c"/nonexistent/module.cubin".as_ptr()),
    ),
    call(
        "cuModuleLoad/null",
        "There must be a name.",
        "INVALID_VALUE",
        |cu| cu.cuModuleLoad(&mut 0, null()),
    ),
    call(
        "cuModuleLoadFatBinary/null",
        "There must be an image.",
        "INVALID_VALUE",
        |cu| cu.cuModuleLoadFatBinary(&mut 0, null()),
    ),
    story(
        "cuModuleUnload/gone",
        "A module can be unloaded.",
        "SUCCESS",
        |cu| seen![cu.cuModuleUnload(cu.module())],
    ),
    story(
        "cuModuleGetFunction/missing",
        "A kernel that the module lacks is not found.",
        "NOT_FOUND",
        |cu| {
            with(cu, |module| {
                seen![cu.cuModuleGetFunction(&mut 0, module, c"missing".as_ptr())]
            })
        },
    ),
    story(
        "cuModuleGetFunction/null",
        "The pointers must not be null.",
        "INVALID_VALUE INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                seen![
                    cu.cuModuleGetFunction(null_mut(), module, c"empty".as_ptr()),
                    cu.cuModuleGetFunction(&mut 0, module, null())
                ]
            })
        },
    ),
    story(
        "cuModuleGetFunction/same",
        "A kernel has one handle.",
        "true",
        |cu| {
            with(cu, |module| {
                seen![cu.function(module, "empty") == cu.function(module, "empty")]
            })
        },
    )
    .believed(),
    story(
        "cuModuleGetFunctionCount/all",
        "All kernels of the module are counted and listed.",
        "SUCCESS 7 SUCCESS true",
        |cu| {
            with(cu, |module| {
                let (mut n, mut functions) = (0, [0_u64; 7]);
                let counted = cu.cuModuleGetFunctionCount(&mut n, module);
                let listed = cu.cuModuleEnumerateFunctions(functions.as_mut_ptr(), 7, module);
                seen![
                    counted,
                    n,
                    listed,
                    functions.iter().all(|function| *function != 0)
                ]
            })
        },
    ),
    story(
        "cuModuleGetGlobal_v2/size_and_value",
        "A variable has its size and begins with its value.",
        "SUCCESS 4 7",
        |cu| {
            with(cu, |module| {
                let (mut address, mut bytes, mut value) = (0, 0, 0_u32);
                let status =
                    cu.cuModuleGetGlobal_v2(&mut address, &mut bytes, module, c"counter".as_ptr());
                cu.cuMemcpyDtoH_v2((&raw mut value).cast(), address, 4)
                    .must("cuMemcpyDtoH_v2");
                seen![status, bytes, value]
            })
        },
    ),
    story(
        "cuModuleGetGlobal_v2/constant",
        "Constant memory is found too, and can be written.",
        "SUCCESS 16 SUCCESS",
        |cu| {
            with(cu, |module| {
                let (mut address, mut bytes) = (0, 0);
                let status =
                    cu.cuModuleGetGlobal_v2(&mut address, &mut bytes, module, c"table".as_ptr());
                seen![
                    status,
                    bytes,
                    cu.cuMemcpyHtoD_v2(address, [1_u8; 16].as_ptr().cast(), 16)
                ]
            })
        },
    ),
    story(
        "cuModuleGetGlobal_v2/missing",
        "A variable that the module lacks is not found.",
        "NOT_FOUND",
        |cu| {
            with(cu, |module| {
                seen![cu.cuModuleGetGlobal_v2(&mut 0, &mut 0, module, c"missing".as_ptr())]
            })
        },
    ),
    story(
        "cuModuleGetGlobal_v2/optional",
        "Either result may be left out.",
        "SUCCESS SUCCESS",
        |cu| {
            with(cu, |module| {
                let mut address = 0;
                seen![
                    cu.cuModuleGetGlobal_v2(&mut address, null_mut(), module, c"counter".as_ptr()),
                    cu.cuModuleGetGlobal_v2(null_mut(), &mut 0, module, c"counter".as_ptr())
                ]
            })
        },
    ),
    story(
        "cuModuleGetGlobal_v2/null_name",
        "There must be a name.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                seen![cu.cuModuleGetGlobal_v2(&mut 0, &mut 0, module, null())]
            })
        },
    ),
    story(
        "cuModuleGetLoadingMode/known",
        "Loading is eager or lazy.",
        "SUCCESS true",
        |cu| {
            let mut mode = 0;
            seen![cu.cuModuleGetLoadingMode(&mut mode), mode == 1 || mode == 2]
        },
    )
    .bare(),
    story(
        "cuFuncGetAttribute/of_code",
        "What the code says: threads at most, shared memory, version.",
        "128 1024 70",
        |cu| {
            with(cu, |module| {
                let attribute = |name, attribute| {
                    let mut value = -1;
                    cu.cuFuncGetAttribute(&mut value, attribute, cu.function(module, name))
                        .must("cuFuncGetAttribute");
                    value
                };
                seen![
                    attribute("bounded", CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
                    attribute("shares", CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES),
                    attribute("empty", CU_FUNC_ATTRIBUTE_PTX_VERSION)
                ]
            })
        },
    ),
    story(
        "cuFuncGetAttribute/unknown",
        "The attribute must be a known one.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                seen![cu.cuFuncGetAttribute(&mut 0, 99, cu.function(module, "empty"))]
            })
        },
    ),
    story(
        "cuFuncGetAttribute/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                seen![cu.cuFuncGetAttribute(null_mut(), 0, cu.function(module, "empty"))]
            })
        },
    ),
    story(
        "cuFuncSetAttribute/dynamic_shared",
        "A kernel can be allowed more shared memory, up to the device's limit.",
        "SUCCESS 65536 INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                let (kernel, mut value) = (cu.function(module, "empty"), 0);
                let (limit, attribute) = (1 << 30, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
                let set = cu.cuFuncSetAttribute(kernel, attribute, 65536);
                cu.cuFuncGetAttribute(&mut value, attribute, kernel)
                    .must("cuFuncGetAttribute");
                seen![set, value, cu.cuFuncSetAttribute(kernel, attribute, limit)]
            })
        },
    ),
    story(
        "cuFuncSetAttribute/read_only",
        "What the code says cannot be changed.",
        "INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                seen![cu.cuFuncSetAttribute(
                    cu.function(module, "empty"),
                    CU_FUNC_ATTRIBUTE_NUM_REGS,
                    8
                )]
            })
        },
    ),
    story(
        "cuFuncGetName/own",
        "A kernel knows its name.",
        "SUCCESS put",
        |cu| {
            with(cu, |module| {
                let mut name = null();
                let status = cu.cuFuncGetName(&mut name, cu.function(module, "put"));
                seen![status, text(name)]
            })
        },
    ),
    story(
        "cuFuncGetModule/own",
        "A kernel knows its module.",
        "SUCCESS true",
        |cu| {
            with(cu, |module| {
                let mut of = 0;
                seen![
                    cu.cuFuncGetModule(&mut of, cu.function(module, "put")),
                    of == module
                ]
            })
        },
    ),
    story(
        "cuFuncGetParamInfo/layout",
        "Parameters have their offsets and sizes; there are no others.",
        "0 8 8 4 INVALID_VALUE",
        |cu| {
            with(cu, |module| {
                let kernel = cu.function(module, "put");
                let info = |index| {
                    let (mut offset, mut bytes) = (9, 9);
                    cu.cuFuncGetParamInfo(kernel, index, &mut offset, &mut bytes)
                        .must("cuFuncGetParamInfo");
                    format!("{offset} {bytes}")
                };
                seen![
                    info(0),
                    info(1),
                    cu.cuFuncGetParamInfo(kernel, 2, &mut 0, &mut 0)
                ]
            })
        },
    ),
    story(
        "cuFuncLoad/loaded",
        "A kernel can be loaded before it is launched.",
        "SUCCESS SUCCESS 1",
        |cu| {
            with(cu, |module| {
                let (kernel, mut state) = (cu.function(module, "put"), 9);
                seen![
                    cu.cuFuncLoad(kernel),
                    cu.cuFuncIsLoaded(&mut state, kernel),
                    state
                ]
            })
        },
    ),
    story(
        "cuFuncSetCacheConfig/accepted",
        "A preference is accepted.",
        "SUCCESS",
        |cu| {
            with(cu, |module| {
                seen![cu.cuFuncSetCacheConfig(cu.function(module, "put"), CU_FUNC_CACHE_PREFER_L1)]
            })
        },
    ),
    story(
        "cuLinkComplete/two_files",
        "A function of one file is called from a kernel of another.",
        "SUCCESS SUCCESS SUCCESS 6",
        link_two,
    ),
    story(
        "cuLinkAddData_v2/broken_text",
        "Text that does not assemble is refused.",
        "INVALID_PTX",
        |cu| with_linker(cu, |linker| seen![add(cu, linker, ptx::BROKEN)]),
    ),
    story(
        "cuLinkAddData_v2/unknown_kind",
        "The kind of input must be a known one.",
        "INVALID_VALUE",
        |cu| {
            with_linker(cu, |linker| {
                let data = ptx::CALLEE.as_ptr().cast_mut().cast();
                seen![cu.cuLinkAddData_v2(
                    linker,
                    99,
                    data,
                    10,
                    c"x".as_ptr(),
                    0,
                    null_mut(),
                    null_mut()
                )]
            })
        },
    ),
    story(
        "cuLinkAddFile_v2/no_file",
        "The file must exist.",
        "FILE_NOT_FOUND",
        |cu| {
            with_linker(cu, |linker| {
                let path = c"/nonexistent/input.ptx".as_ptr();
                seen![cu.cuLinkAddFile_v2(
                    linker,
                    CU_JIT_INPUT_PTX,
                    path,
                    0,
                    null_mut(),
                    null_mut()
                )]
            })
        },
    ),
    call(
        "cuLinkCreate_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuLinkCreate_v2(0, null_mut(), null_mut(), null_mut()),
    ),
];

/// Gives a story a module.
fn with(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let module = cu.module();
    let seen = story(module);
    cu.cuModuleUnload(module).must("cuModuleUnload");
    seen
}

/// Gives a story a linker.
fn with_linker(cu: &Cuda, story: impl FnOnce(u64) -> String) -> String {
    let mut linker = 0;
    cu.cuLinkCreate_v2(0, null_mut(), null_mut(), &mut linker)
        .must("cuLinkCreate_v2");
    let seen = story(linker);
    cu.cuLinkDestroy(linker).must("cuLinkDestroy");
    seen
}

/// Adds text to what is linked.
fn add(cu: &Cuda, linker: u64, text: &'static CStr) -> crate::cuda::Status {
    let bytes = text.to_bytes_with_nul();
    let data = bytes.as_ptr().cast_mut().cast();
    let name = c"input".as_ptr();
    cu.cuLinkAddData_v2(
        linker,
        CU_JIT_INPUT_PTX,
        data,
        bytes.len(),
        name,
        0,
        null_mut(),
        null_mut(),
    )
}

fn link_two(cu: &Cuda) -> String {
    with_linker(cu, |linker| {
        let added = [add(cu, linker, ptx::CALLER), add(cu, linker, ptx::CALLEE)];
        let (mut image, mut bytes, mut module) = (null_mut(), 0, 0);
        let completed = cu.cuLinkComplete(linker, &mut image, &mut bytes);
        cu.cuModuleLoadData(&mut module, image)
            .must("cuModuleLoadData");
        let (device, mut got) = (cu.alloc(64), 0_u32);
        let mut to = device;
        let mut params = [(&raw mut to).cast::<c_void>()];
        let kernel = cu.function(module, "calls");
        cu.cuLaunchKernel(
            kernel,
            1,
            1,
            1,
            1,
            1,
            1,
            0,
            0,
            params.as_mut_ptr(),
            null_mut(),
        )
        .must("cuLaunchKernel");
        cu.cuMemcpyDtoH_v2((&raw mut got).cast(), device, 4)
            .must("cuMemcpyDtoH_v2");
        cu.cuMemFree_v2(device).must("cuMemFree_v2");
        cu.cuModuleUnload(module).must("cuModuleUnload");
        seen![added[0], added[1], completed, got]
    })
}

#[expect(unsafe_code, reason = "reads a C string that the driver owns")]
fn text(text: *const c_char) -> String {
    if text.is_null() {
        return "none".to_owned();
    }
    // SAFETY: a kernel's name, which lives as long as its module.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}
