//! `tests/conformance/src/generated/`: the driver API as the conformance suite calls it, through
//! addresses that a loaded library gave.
//!
//! The types are bare: handles and enums are numbers, so that a case can pass any number.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::HEAD;
use super::names;
use super::rules::{CALLBACKS, Plan, Ty, Types};
use super::table::{CType, Call};

/// One method for each symbol.
pub(super) fn api(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Every function of the driver API, called through a loaded library.\n\
         #![expect(unsafe_code, reason = \"calls C functions through their addresses\")]\n\
         #![allow(dead_code, missing_docs, non_snake_case)]\n\
         #![allow(clippy::too_many_arguments)]\n\
         #![allow(clippy::undocumented_unsafe_blocks, reason = \"one reason for all: see `Cuda`\")]\n\n\
         use std::ffi::{{c_char, c_void}};\n\nuse super::types::*;\nuse crate::cuda::{{Cuda, Status}};\n\n"
    );
    let types = Types::new(plan.table);
    let calls: Vec<(&str, &Call)> = plan
        .table
        .areas
        .iter()
        .flat_map(|area| area.calls.iter().map(|call| (area.name.as_str(), call)))
        .filter(|(_, call)| !call.is_link())
        .collect();
    let symbols: Vec<(String, &str, &Call)> = calls
        .iter()
        .flat_map(|(area, call)| {
            let symbols = call.symbols().into_iter();
            symbols.map(move |(symbol, _)| (symbol, *area, *call))
        })
        .collect();
    write!(
        text,
        "/// Each function's symbol and area, in the order of their numbers here.\n\
         pub(crate) static FUNCTIONS: [(&std::ffi::CStr, &str); {}] = [\n",
        symbols.len()
    )
    .ok();
    for (symbol, area, _) in &symbols {
        writeln!(text, "(c\"{symbol}\", \"{area}\"),").ok();
    }
    text.push_str("];\n\nimpl Cuda {\n");
    for (number, (symbol, _, call)) in symbols.iter().enumerate() {
        let (mut params, mut arguments, mut signature) =
            (String::new(), String::new(), String::new());
        for param in &call.params {
            let (name, ty) = (names::parameter(&param.name), bare(&types, &param.ty));
            write!(params, ", {name}: {ty}").ok();
            write!(arguments, "{name}, ").ok();
            write!(signature, "{ty}, ").ok();
        }
        write!(
            text,
            "pub(crate) fn {symbol}(&self{params}) -> Status {{\n\
             self.call({number}, |address| unsafe {{\n\
             type F = unsafe extern \"C\" fn({signature}) -> i32;\n\
             std::mem::transmute::<*const c_void, F>(address)({arguments})\n}})\n}}\n\n"
        )
        .ok();
    }
    text.push_str("}\n");
    text
}

/// Constants and structures.
pub(super) fn types(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Constants and structures of the driver API, under their C names.\n\
         #![expect(unsafe_code, reason = \"structures of C begin as zeros\")]\n\
         #![allow(dead_code, missing_docs, non_camel_case_types, non_snake_case)]\n\n\
         use std::ffi::c_void;\n\n\
         pub(crate) type CUstreamCallback = Option<unsafe extern \"C\" fn(u64, i32, *mut c_void)>;\n\
         pub(crate) type CUhostFn = Option<unsafe extern \"C\" fn(*mut c_void)>;\n\
         pub(crate) type CUoccupancyB2DSize = Option<unsafe extern \"C\" fn(i32) -> usize>;\n\n"
    );
    let mut seen = BTreeSet::new();
    for item in &plan.table.enums {
        for (constant, value) in item.values.iter().filter(|(name, _)| seen.insert(name)) {
            writeln!(text, "pub(crate) const {constant}: u32 = {value};").ok();
        }
    }
    let types = Types::new(plan.table);
    for item in &plan.table.structs {
        let name = &item.name;
        write!(
            text,
            "\n/// `{name}`.\n#[derive(Clone, Copy, Debug)]\n#[repr(C)]\npub(crate) struct {name} {{\n"
        )
        .ok();
        for (field, ty) in &item.fields {
            let ty = match syn::parse_str::<syn::Type>(ty).map(|ty| CType::read(&ty)) {
                Ok(Ok(read)) if !ty.starts_with('[') => bare(&types, &read),
                _ => ty.clone(),
            };
            writeln!(text, "pub(crate) {field}: {ty},").ok();
        }
        write!(
            text,
            "}}\n\nimpl Default for {name} {{\nfn default() -> Self {{\n\
             // SAFETY: a structure of numbers and pointers, for which zeros are a value.\n\
             unsafe {{ std::mem::zeroed() }}\n}}\n}}\n"
        )
        .ok();
    }
    text
}

/// A type without our newtypes.
fn bare(types: &Types<'_>, ty: &CType) -> String {
    let mut text = String::new();
    for constant in &ty.pointers {
        text.push_str(if *constant { "*const " } else { "*mut " });
    }
    text.push_str(&match types.resolve(&ty.base) {
        Ty::Number(name) => name.to_owned(),
        Ty::Handle(_) | Ty::DevicePtr => "u64".to_owned(),
        Ty::Device => "i32".to_owned(),
        Ty::Void => "c_void".to_owned(),
        Ty::Char => "c_char".to_owned(),
        Ty::Named(name) if CALLBACKS.contains(&name.as_str()) || types.is_struct(&name) => name,
        Ty::Named(_) => "u32".to_owned(),
        Ty::Unknown(_) if ty.pointers.is_empty() => "u32".to_owned(),
        Ty::Unknown(_) => "c_void".to_owned(),
    });
    text
}
