//! `pool-server/src/worker/native/generated/mod.rs`: every generated call on a loaded libcuda.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::HEAD;
use super::emit_protocol::signature;
use super::rules::{Arg, Method, Plan, Shape, Ty, Types};

/// The symbols that hand-written code calls, besides those of generated methods.
const BY_HAND: &[&str] = &[
    "cuInit",
    "cuDriverGetVersion",
    "cuGetExportTable",
    "cuDeviceGet",
    "cuDeviceGetCount",
    "cuDeviceGetName",
    "cuDeviceGetUuid_v2",
    "cuDeviceGetUuid",
    "cuDeviceTotalMem_v2",
    "cuDeviceGetAttribute",
    "cuDevicePrimaryCtxRetain",
    "cuDevicePrimaryCtxRelease_v2",
    "cuDevicePrimaryCtxSetFlags_v2",
    "cuCtxCreate_v4",
    "cuCtxCreate_v2",
    "cuCtxDestroy_v2",
    "cuCtxSetCurrent",
    "cuMemHostRegister_v2",
    "cuMemHostUnregister",
    "cuMemcpyDtoH_v2",
    "cuMemcpyHtoDAsync_v2",
    "cuMemcpyDtoHAsync_v2",
    "cuMemcpyAsync",
    "cuMemcpyDtoDAsync_v2",
    "cuMemcpyHtoAAsync_v2",
    "cuMemcpyAtoHAsync_v2",
    "cuMemcpyDtoA_v2",
    "cuMemcpyAtoD_v2",
    "cuMemcpyAtoA_v2",
    "cuMemcpy3DAsync_v2",
    "cuMemsetD8Async",
    "cuMemsetD16Async",
    "cuMemsetD32Async",
    "cuMemsetD2D8Async",
    "cuMemsetD2D16Async",
    "cuMemsetD2D32Async",
    "cuModuleLoadDataEx",
    "cuModuleGetFunction",
    "cuModuleGetFunctionCount",
    "cuModuleEnumerateFunctions",
    "cuLibraryLoadData",
    "cuLibraryGetKernel",
    "cuLibraryGetKernelCount",
    "cuLibraryEnumerateKernels",
    "cuKernelGetFunction",
    "cuKernelGetName",
    "cuFuncGetName",
    "cuFuncGetAttribute",
    "cuFuncSetAttribute",
    "cuFuncGetParamInfo",
    "cuLinkCreate_v2",
    "cuLinkAddData_v2",
    "cuLinkComplete",
    "cuLinkDestroy",
    "cuLaunchKernel",
    "cuLaunchKernelEx",
    "cuLaunchHostFunc",
    "cuStreamAddCallback",
    "cuKernelGetAttribute",
    "cuKernelGetParamInfo",
    "cuThreadExchangeStreamCaptureMode",
    "cuGraphAddKernelNode_v2",
    "cuGraphKernelNodeGetParams_v2",
    "cuGraphKernelNodeSetParams_v2",
    "cuGraphExecKernelNodeSetParams_v2",
    "cuGraphAddMemcpyNode",
    "cuGraphMemcpyNodeGetParams",
    "cuGraphMemcpyNodeSetParams",
    "cuGraphExecMemcpyNodeSetParams",
    "cuGraphAddMemsetNode",
    "cuGraphMemsetNodeGetParams",
    "cuGraphMemsetNodeSetParams",
    "cuGraphExecMemsetNodeSetParams",
    "cuGraphAddHostNode",
    "cuGraphHostNodeGetParams",
    "cuGraphHostNodeSetParams",
    "cuGraphExecHostNodeSetParams",
    "cuGraphAddBatchMemOpNode",
    "cuGraphBatchMemOpNodeGetParams",
    "cuGraphBatchMemOpNodeSetParams",
    "cuGraphExecBatchMemOpNodeSetParams",
    "cuGraphAddMemAllocNode",
    "cuGraphMemAllocNodeGetParams",
    "cuGraphAddMemFreeNode",
    "cuGraphMemFreeNodeGetParams",
    "cuGraphExecUpdate_v2",
    "cuStreamGetCaptureInfo_v2",
    "cuStreamGetCaptureInfo_v3",
];

/// The native driver's generated half.
pub(super) fn native(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Entry points of a loaded libcuda, and the generated calls on them.\n\
         #![expect(unsafe_code, reason = \"calls into a loaded libcuda\")]\n\
         #![allow(non_snake_case, clippy::too_many_arguments, clippy::too_many_lines)]\n\
         #![allow(clippy::type_complexity, clippy::unnecessary_cast)]\n\n\
         use std::ffi::{{CStr, c_char, c_void}};\nuse std::ptr;\n\n\
         use rigel_protocol::call::Cx;\nuse rigel_protocol::generated::driver::*;\n\
         use rigel_protocol::generated::types::*;\nuse rigel_protocol::handle::*;\n\
         use rigel_protocol::status::{{CuError, CuResult}};\n\n\
         use super::Native;\nuse super::loader::Entry;\n\n"
    );
    symbols(&mut text, plan);
    for item in &plan.traits {
        writeln!(text, "impl {} for Native {{", item.name).ok();
        for method in item.methods.iter().filter(|method| method.on_wire()) {
            body(&mut text, plan, method);
        }
        text.push_str("}\n\n");
    }
    text
}

/// The structure of entry points, each optional.
fn symbols(text: &mut String, plan: &Plan<'_>) {
    let types = Types::new(plan.table);
    let mut names: BTreeSet<&str> = BY_HAND.iter().copied().collect();
    for method in plan.methods().filter(|method| method.on_wire()) {
        names.insert(&method.call.symbol);
        names.extend(older_forms(plan, method));
    }
    let calls: Vec<_> = plan
        .table
        .calls()
        .filter(|call| names.contains(call.symbol.as_str()))
        .collect();
    text.push_str(
        "/// The entry points, those present.\n#[derive(Debug)]\npub(super) struct Symbols {\n",
    );
    for call in &calls {
        write!(
            text,
            "pub(super) {}: Entry<unsafe extern \"C\" fn(",
            call.symbol
        )
        .ok();
        for param in &call.params {
            write!(text, "{}, ", types.c_signature(&param.ty)).ok();
        }
        text.push_str(") -> i32>,\n");
    }
    text.push_str(
        "}\n\nimpl Symbols {\n/// Looks every entry point up.\n\
         pub(super) fn load(library: &libloading::Library) -> Self {\nSelf {\n",
    );
    for call in &calls {
        // SAFETY of the emitted code: the type is the table's, checked against NVIDIA's header.
        writeln!(text, "{0}: Entry::find(library, \"{0}\"),", call.symbol).ok();
    }
    text.push_str("}\n}\n}\n\n");
}

/// Older symbols of the same signature, for drivers that lack the newest.
fn older_forms<'p>(plan: &'p Plan<'_>, method: &Method<'_>) -> Vec<&'p str> {
    let of = Some(&method.call.symbol);
    let same = plan.table.calls().filter(|call| call.alias.as_ref() == of);
    same.filter(|call| call.params.len() == method.call.params.len())
        .map(|call| call.symbol.as_str())
        .collect()
}

fn body(text: &mut String, plan: &Plan<'_>, method: &Method<'_>) {
    writeln!(text, "fn {} {{", signature(method)).ok();
    let entry = format!("self.symbols.{}", method.call.symbol);
    let older: String = older_forms(plan, method)
        .into_iter()
        .map(|symbol| format!(".or(&self.symbols.{symbol})"))
        .collect();
    writeln!(text, "let entry = {entry}{older}.get()?;").ok();
    for arg in &method.params {
        before(text, method, arg);
    }
    let arguments: Vec<_> = method
        .params
        .iter()
        .map(|arg| argument(method, arg))
        .collect();
    writeln!(
        text,
        "self.enter(cx)?;\n\
         // SAFETY: pointers lead to locals and slices that live across the call, with the counts beside them.\n\
         CuError::check(unsafe {{ entry({}) }})?;",
        arguments.join(", ")
    )
    .ok();
    for arg in &method.params {
        after(text, method, arg);
    }
    let outputs: Vec<_> = method
        .params
        .iter()
        .filter(|arg| arg.output_type().is_some())
        .map(|arg| format!("{}_out", arg.output_name()))
        .collect();
    writeln!(text, "Ok({})\n}}\n", Method::tuple(&outputs)).ok();
}

/// Whether a type names a device inside.
fn is_located(ty: &Ty) -> bool {
    const LOCATED: [&str; 4] = [
        "CUmemLocation",
        "CUmemPoolProps",
        "CUmemAccessDesc",
        "CUmemAllocationProp",
    ];
    matches!(ty, Ty::Named(name) if LOCATED.contains(&name.as_str()))
}

fn before(text: &mut String, method: &Method<'_>, arg: &Arg<'_>) {
    let name = &arg.name;
    match &arg.shape {
        Shape::In if arg.handle() == Some("Context") => {
            writeln!(text, "let {name} = self.real_context({name})?;")
        }
        Shape::In if arg.ty == Ty::Device => {
            writeln!(text, "let {name} = self.real_device({name})?;")
        }
        Shape::In if is_located(&arg.ty) => writeln!(text, "let {name} = self.located(&{name})?;"),
        Shape::InRef if is_located(&arg.ty) => {
            writeln!(text, "let {name} = &self.located({name})?;")
        }
        Shape::InList { .. } if is_located(&arg.ty) => {
            writeln!(text, "let {name} = &self.all_located({name})?;")
        }
        Shape::Out | Shape::New => {
            let zero = match &arg.ty {
                Ty::Number("f32") => "0.0_f32".to_owned(),
                Ty::Number(number) => format!("0_{number}"),
                Ty::Handle(handle) => format!("{handle}(0)"),
                Ty::Device => "Device(0)".to_owned(),
                Ty::DevicePtr => "DevicePtr(0)".to_owned(),
                other => zeroed(other),
            };
            writeln!(text, "let mut {name}_out = {zero};")
        }
        Shape::InOut | Shape::OutCount => writeln!(text, "let mut new_{name}_out = {name};"),
        Shape::OutWord => writeln!(text, "let mut {name}_out = 0_u64;"),
        Shape::OutBytes { count } => writeln!(
            text,
            "let mut {name}_out = vec![0_u8; super::bounded({} as usize)?];",
            rust_name(method, count)
        ),
        Shape::OutList { count } => {
            let zero = match arg.handle() {
                Some(handle) => format!("{handle}(0)"),
                None => zeroed(&arg.ty),
            };
            writeln!(
                text,
                "let mut {name}_out = vec![{zero}; super::bounded({} as usize)?];",
                rust_name(method, count)
            )
        }
        _ => Ok(()),
    }
    .ok();
}

/// A structure of zeros.
fn zeroed(ty: &Ty) -> String {
    format!(
        "{{\n// SAFETY: a C structure of numbers, for which zeros are a value.\n\
         unsafe {{ std::mem::zeroed::<{}>() }}\n}}",
        ty.rust()
    )
}

/// The C argument.
fn argument(method: &Method<'_>, arg: &Arg<'_>) -> String {
    let name = &arg.name;
    let constant = arg.param.ty.pointers.first() == Some(&true);
    let cast = if constant { "" } else { ".cast_mut()" };
    match &arg.shape {
        Shape::In => name.clone(),
        Shape::Text => format!("{name}.as_ptr()"),
        Shape::InRef => format!("ptr::from_ref({name}){cast}"),
        Shape::InList { .. } => format!("{name}.as_ptr(){cast}"),
        Shape::Count => {
            let list = method.params.iter().find(
                |list| matches!(&list.shape, Shape::InList { count } if *count == arg.param.name),
            );
            format!(
                "{}.len() as _",
                list.map_or(name.as_str(), |list| &list.name)
            )
        }
        Shape::InAddress => format!("ptr::with_exposed_provenance_mut::<c_void>({name} as usize)"),
        Shape::InWord => format!("ptr::from_ref(&{name}).cast_mut().cast::<c_void>()"),
        Shape::Out | Shape::New => format!("&mut {name}_out"),
        Shape::InOut | Shape::OutCount => format!("&mut new_{name}_out"),
        Shape::OutWord => format!("ptr::from_mut(&mut {name}_out).cast::<c_void>()"),
        Shape::OutBytes { .. } => format!("{name}_out.as_mut_ptr().cast::<c_void>()"),
        Shape::OutList { count } => format!(
            "if {} == 0 {{ ptr::null_mut() }} else {{ {name}_out.as_mut_ptr() }}",
            rust_name(method, count)
        ),
    }
}

/// What a result needs after the call.
fn after(text: &mut String, method: &Method<'_>, arg: &Arg<'_>) {
    if let Shape::OutList { count } = &arg.shape {
        let count = rust_name(method, count);
        writeln!(text, "{}_out.truncate(new_{count}_out as usize);", arg.name).ok();
    }
}

fn rust_name(method: &Method<'_>, name: &str) -> String {
    method
        .arg(name)
        .map_or_else(|| name.to_owned(), |arg| arg.name.clone())
}
