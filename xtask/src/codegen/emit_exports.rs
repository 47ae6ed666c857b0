//! `interposer/src/generated/exports.rs`: every symbol of the library, and their addresses.

use std::fmt::Write;

use super::HEAD;
use super::emit_protocol::symbol_rows;
use super::names;
use super::rules::{Arg, Method, Plan, Shape, Types};
use super::table::{Area, Call};

/// The exports.
pub(super) fn exports(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Every exported symbol. A body is shared by the symbols of one call: plain, per-thread, older.\n\
         #![expect(unsafe_code, reason = \"the C border: exported symbols and callers' pointers\")]\n\
         #![allow(missing_docs, non_snake_case, unreachable_pub)]\n\
         #![allow(clippy::missing_safety_doc, clippy::too_many_arguments, clippy::unnecessary_cast)]\n\
         #![allow(clippy::undocumented_unsafe_blocks, reason = \"one reason for all: the caller vouches\")]\n\n\
         use std::ffi::{{c_char, c_void}};\n\n\
         use rigel_protocol::custom::not_supported;\n\
         use rigel_protocol::generated::types::*;\n\
         use rigel_protocol::handle::*;\n\nuse crate::checks;\nuse crate::custom;\nuse crate::ffi;\n\n"
    );
    text.push_str(
        "/// The address of an export.\n#[derive(Clone, Copy, Debug)]\n\
         pub(crate) struct Address(pub(crate) *const c_void);\n\n\
         // SAFETY: the address of a function is the same number on every thread.\n\
         unsafe impl Sync for Address {}\n\n",
    );
    write_addresses(&mut text, plan);
    let types = Types::new(plan.table);
    for area in &plan.table.areas {
        for call in area.calls.iter().filter(|call| !call.is_link()) {
            export_call(&mut text, plan, &types, area, call);
        }
    }
    for method in plan.methods().filter(|method| !method.call.has("custom")) {
        body(&mut text, &types, method);
    }
    text
}

fn write_addresses(text: &mut String, plan: &Plan<'_>) {
    let rows = symbol_rows(plan);
    write!(
        text,
        "/// The address of each symbol, in the order of `rigel_protocol::generated::symbols::SYMBOLS`.\n\
         pub(crate) static ADDRESSES: [Address; {}] = [\n",
        rows.len()
    )
    .ok();
    for row in rows {
        writeln!(text, "Address({} as *const c_void),", row.name).ok();
    }
    text.push_str("];\n\n");
}

fn export_call(text: &mut String, plan: &Plan<'_>, types: &Types<'_>, area: &Area, call: &Call) {
    for (symbol, per_thread) in call.symbols() {
        if call.has("unsupported") {
            write!(
                text,
                "#[unsafe(no_mangle)]\npub extern \"C\" fn {symbol}() -> i32 {{\n\
                 ffi::call(|| not_supported(\"{symbol}\"))\n}}\n\n"
            )
            .ok();
            continue;
        }
        let names: Vec<_> = call
            .params
            .iter()
            .map(|param| names::parameter(&param.name))
            .collect();
        write!(
            text,
            "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {symbol}("
        )
        .ok();
        for (param, name) in call.params.iter().zip(&names) {
            write!(text, "{name}: {}, ", types.c_signature(&param.ty)).ok();
        }
        text.push_str(") -> i32 {\n");
        let mut arguments = Vec::new();
        if call.per_thread.is_some() {
            let null = if per_thread { "PER_THREAD" } else { "LEGACY" };
            arguments.push(format!("Stream::{null}"));
        }
        arguments.extend(names);
        let arguments = arguments.join(", ");
        match plan
            .method(call)
            .filter(|method| !method.call.has("custom"))
        {
            Some(method) => write!(
                text,
                "// SAFETY: the caller vouches for its pointers as CUDA asks of it.\n\
                 unsafe {{ {}({arguments}) }}\n}}\n\n",
                method.name
            ),
            None => write!(
                text,
                "// SAFETY: the caller vouches for its pointers as CUDA asks of it.\n\
                 ffi::call(|| unsafe {{ custom::{}::{}({arguments}) }})\n}}\n\n",
                area.name,
                call.alias.as_ref().unwrap_or(&call.symbol)
            ),
        }
        .ok();
    }
}

fn body(text: &mut String, types: &Types<'_>, method: &Method<'_>) {
    write!(
        text,
        "/// Behind `{}`.\nunsafe fn {}(",
        method.call.symbol, method.name
    )
    .ok();
    let has_null_stream = method.call.per_thread.is_some();
    if has_null_stream {
        text.push_str("null_stream: Stream, ");
    }
    for arg in &method.params {
        write!(text, "{}: {}, ", arg.name, types.c_signature(&arg.param.ty)).ok();
    }
    text.push_str(") -> i32 {\nffi::call(|| {\n");
    for arg in &method.params {
        before(text, method, arg);
    }
    if has_null_stream {
        for arg in streams(method) {
            writeln!(text, "let {0} = ffi::stream({0}, null_stream);", arg.name).ok();
        }
    }
    writeln!(text, "let (driver, cx) = {};", enter(method)).ok();
    let inputs: Vec<_> = method.params.iter().filter_map(argument).collect();
    if CHECKED.contains(&method.name.as_str()) {
        writeln!(text, "checks::{}({})?;", method.name, inputs.join(", ")).ok();
    }
    let results: Vec<_> = method
        .params
        .iter()
        .filter(|arg| arg.output_type().is_some())
        .map(|arg| format!("{}_out", arg.output_name()))
        .collect();
    let call = format!("driver.{}(cx, {})", method.name, inputs.join(", "));
    match results.as_slice() {
        [] => {
            writeln!(text, "{call}").ok();
        }
        results => {
            writeln!(text, "let {} = {call}?;", Method::tuple(results)).ok();
            for arg in &method.params {
                after(text, method, arg);
            }
            text.push_str("Ok(())\n");
        }
    }
    text.push_str("})\n}\n\n");
}

/// What is checked and read before the driver is asked.
fn before(text: &mut String, method: &Method<'_>, arg: &Arg<'_>) {
    let name = &arg.name;
    match &arg.shape {
        Shape::Text => writeln!(text, "let {name} = unsafe {{ ffi::cstr({name}) }}?;"),
        Shape::InRef => writeln!(text, "let {name} = unsafe {{ ffi::read({name}) }}?;"),
        Shape::InList { count } => writeln!(
            text,
            "let {name} = unsafe {{ ffi::slice({name}, {} as usize) }}?;",
            c_name(method, count)
        ),
        Shape::InWord => writeln!(text, "let {name} = unsafe {{ ffi::read({name}.cast::<u64>()) }}?;"),
        Shape::InAddress => writeln!(text, "let {name} = {name}.addr() as u64;"),
        Shape::InOut => writeln!(text, "let {name}_in = unsafe {{ ffi::read({name}) }}?;"),
        Shape::Out | Shape::New | Shape::OutWord if !arg.param.has("nullable") => {
            writeln!(text, "ffi::check_out({name})?;")
        }
        Shape::OutList { count } => {
            let count = c_name(method, count);
            writeln!(
                text,
                "let {count}_in = match {name}.is_null() {{ true => 0, false => unsafe {{ ffi::read({count}) }}? }};\n\
                 ffi::check_out({count})?;"
            )
        }
        _ => Ok(()),
    }
    .ok();
}

/// An argument of the driver's method.
fn argument(arg: &Arg<'_>) -> Option<String> {
    arg.input_type()?;
    Some(match arg.shape {
        Shape::InRef => format!("&{}", arg.name),
        Shape::InOut | Shape::OutCount => format!("{}_in", arg.name),
        _ => arg.name.clone(),
    })
}

/// What is written after the driver has answered.
fn after(text: &mut String, method: &Method<'_>, arg: &Arg<'_>) {
    let name = &arg.name;
    let value = format!("{}_out", arg.output_name());
    match &arg.shape {
        Shape::Out | Shape::New if arg.param.has("nullable") => {
            writeln!(text, "unsafe {{ ffi::write_optional({name}, {value}) }};")
        }
        Shape::Out | Shape::New | Shape::InOut => {
            writeln!(text, "unsafe {{ ffi::write({name}, {value}) }}?;")
        }
        Shape::OutWord => writeln!(text, "unsafe {{ ffi::write({name}.cast::<u64>(), {value}) }}?;"),
        Shape::OutBytes { count } => {
            let count = c_name(method, count);
            writeln!(
                text,
                "let room = unsafe {{ ffi::slice_mut({name}.cast::<u8>(), {count} as usize) }}?;\n\
                 for (to, from) in room.iter_mut().zip({value}) {{ *to = from; }}"
            )
        }
        Shape::OutList { count } => {
            let count = c_name(method, count);
            // CUDA: places of a list of handles that are left over become null.
            let rest = arg.handle().map_or_else(String::new, |handle| {
                format!("room.iter_mut().skip(filled).for_each(|to| *to = {handle}::NONE);\n")
            });
            writeln!(
                text,
                "if {name}.is_null() {{\nunsafe {{ ffi::write({count}, new_{count}_out) }}?;\n}} else {{\n\
                 let room = unsafe {{ ffi::slice_mut({name}, {count}_in) }}?;\n\
                 let filled = room.iter_mut().zip({value}).map(|(to, from)| *to = from).count();\n\
                 {rest}unsafe {{ ffi::write({count}, filled) }}?;\n}}"
            )
        }
        _ => Ok(()),
    }
    .ok();
}

/// The area of `protocol/api/vmm.rs`, in the high byte of its calls' ids.
const VIRTUAL_MEMORY: u16 = 0x0c;

/// Methods whose arguments `interposer/src/checks.rs` judges before the driver is asked.
const CHECKED: [&str; 19] = [
    "event_create",
    "event_record",
    "event_record_with_flags",
    "graph_create",
    "mem_address_reserve",
    "mem_alloc",
    "mem_free",
    "mem_get_allocation_granularity",
    "mem_pool_create",
    "occupancy_max_active_blocks_per_multiprocessor_with_flags",
    "stream_begin_capture",
    "stream_create",
    "stream_create_with_priority",
    "stream_end_capture",
    "stream_wait_event",
    "stream_wait_value32",
    "stream_wait_value64",
    "stream_write_value32",
    "stream_write_value64",
];

/// How the driver is reached. A call that names a handle or a device needs no current context, nor does
/// one whose structures name a device, as all of virtual memory does; one that names a stream needs it if the stream is a
/// default stream.
fn enter(method: &Method<'_>) -> String {
    let names_object = method.params.iter().any(|arg| {
        let object = arg.ty == super::rules::Ty::Device
            || arg.handle().is_some_and(|handle| handle != "Stream");
        object && arg.shape == Shape::In
    });
    let names_location = method
        .params
        .iter()
        .any(|arg| matches!(&arg.ty, super::rules::Ty::Named(name) if name == "CUmemPoolProps" || name == "CUmemLocation"))
        && streams(method).is_empty();
    if names_object || names_location || method.call.id >> 8 == VIRTUAL_MEMORY {
        return "ffi::enter_unbound()?".to_owned();
    }
    match streams(method).first() {
        Some(stream) => format!(
            "if {}.index().is_some() {{ ffi::enter_unbound()? }} else {{ ffi::enter()? }}",
            stream.name
        ),
        None => "ffi::enter()?".to_owned(),
    }
}

fn streams<'m>(method: &'m Method<'_>) -> Vec<&'m Arg<'m>> {
    method
        .params
        .iter()
        .filter(|arg| arg.handle() == Some("Stream") && arg.shape == Shape::In)
        .collect()
}

fn c_name(method: &Method<'_>, name: &str) -> String {
    method
        .arg(name)
        .map_or_else(|| name.to_owned(), |arg| arg.name.clone())
}
