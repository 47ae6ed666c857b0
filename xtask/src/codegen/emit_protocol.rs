//! What goes into `protocol/src/generated/`: ids, types, the generated half of the `Driver` trait,
//! and the symbols with their versions.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::HEAD;
use super::names;
use super::rules::{Arg, Method, Plan, Shape, Types};
use super::table::{CType, Call};

/// `generated.rs`.
pub(super) fn module() -> String {
    format!(
        "{HEAD}//! What follows from the table of driver calls in `protocol/api/`.\n\n\
         pub mod calls;\npub mod driver;\npub mod layouts;\npub mod symbols;\npub mod types;\n"
    )
}

/// `calls.rs`: ids, names, classes.
pub(super) fn calls(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! The ids of the calls, with their names and classes.\n\n\
         /// A call's id on the wire. Any number may come from a peer; [`Call::name`] knows the valid ones.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
         #[repr(transparent)]\npub struct Call(pub u16);\n\n\
         /// How a call travels.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum Class {{\n\
         /// Never: it is answered in the client.\nLocal,\n\
         /// It waits for its answer once; later it is answered in the client.\nCached,\n\
         /// It returns at once.\nPost,\n\
         /// It waits for its answer.\nWait,\n\
         /// It waits for its answer, which may wait for the GPU.\nBlock,\n}}\n\n\
         #[allow(missing_docs)]\nimpl Call {{\n"
    );
    for call in plan.table.calls().filter(|call| has_constant(call)) {
        let constant = constant(call);
        writeln!(text, "pub const {constant}: Self = Self({:#06x});", call.id).ok();
    }
    text.push_str("}\n\nimpl Call {\n/// The C name; `None` for a number that is no call's.\n");
    text.push_str("#[expect(clippy::too_many_lines, reason = \"one line a call\")]\n");
    text.push_str("pub const fn name(self) -> Option<&'static str> {\nSome(match self.0 {\n");
    for call in plan.table.calls() {
        writeln!(text, "{:#06x} => \"{}\",", call.id, call.symbol).ok();
    }
    text.push_str("_ => return None,\n})\n}\n\n");
    text.push_str("/// How it travels; [`Class::Local`] for what has no wire form.\n");
    text.push_str("pub const fn class(self) -> Class {\nmatch self.0 {\n");
    for (mark, class) in [
        ("cached", "Cached"),
        ("post", "Post"),
        ("wait", "Wait"),
        ("block", "Block"),
    ] {
        let ids: Vec<_> = plan
            .table
            .calls()
            .filter(|call| call.has(mark))
            .map(|call| format!("{:#06x}", call.id))
            .collect();
        writeln!(text, "{} => Class::{class},", ids.join(" | ")).ok();
    }
    text.push_str("_ => Class::Local,\n}\n}\n\n");
    text.push_str("/// All ids, in order.\npub const ALL: &'static [Self] = &[\n");
    let mut ids: Vec<u16> = plan.table.calls().map(|call| call.id).collect();
    ids.sort_unstable();
    for id in ids {
        writeln!(text, "Self({id:#06x}),").ok();
    }
    text.push_str("];\n}\n");
    text
}

/// The constant of a call in `Call`.
pub(super) fn constant(call: &Call) -> String {
    match call.is_link() {
        true => names::snake(&call.symbol).to_uppercase(),
        false => names::constant(&call.symbol),
    }
}

fn has_constant(call: &Call) -> bool {
    let classes = ["cached", "post", "wait", "block"];
    call.is_link() || classes.iter().any(|mark| call.has(mark))
}

/// `types.rs`: enums and structures.
pub(super) fn types(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Enums and plain structures of the calls, under their C names.\n\
         #![allow(missing_docs, non_camel_case_types, non_snake_case)]\n\n\
         use std::ffi::c_void;\n\nuse crate::handle::*;\nuse crate::wire::{{Get, Put, Wire, WireError}};\n\n\
         pub type CUstreamCallback = Option<unsafe extern \"C\" fn(Stream, i32, *mut c_void)>;\n\
         pub type CUhostFn = Option<unsafe extern \"C\" fn(*mut c_void)>;\n\
         pub type CUoccupancyB2DSize = Option<unsafe extern \"C\" fn(i32) -> usize>;\n\n"
    );
    for item in &plan.table.enums {
        let name = &item.name;
        write!(
            text,
            "/// `{name}`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]\n\
             #[repr(transparent)]\npub struct {name}(pub u32);\n\nimpl {name} {{\n"
        )
        .ok();
        let mut seen = BTreeSet::new();
        for (constant, value) in item.values.iter().filter(|(name, _)| seen.insert(name)) {
            writeln!(text, "pub const {constant}: Self = Self({value});").ok();
        }
        text.push_str("}\n\n");
        write!(
            text,
            "impl Wire for {name} {{\nfn put(&self, out: &mut Put) {{\nself.0.put(out);\n}}\n\n\
             fn get(from: &mut Get<'_>) -> Result<Self, WireError> {{\nfrom.get().map(Self)\n}}\n}}\n\n"
        )
        .ok();
    }
    let types = Types::new(plan.table);
    for item in &plan.table.structs {
        for line in &item.doc {
            writeln!(text, "/// {line}").ok();
        }
        let name = &item.name;
        let derive = if item.border { "" } else { ", PartialEq, Eq" };
        writeln!(
            text,
            "#[derive(Clone, Copy, Debug{derive})]\n#[repr(C)]\npub struct {name} {{"
        )
        .ok();
        for (field, ty) in &item.fields {
            writeln!(text, "pub {field}: {},", field_type(&types, ty)).ok();
        }
        text.push_str("}\n\n");
        if !item.border {
            let fields: Vec<_> = item.fields.iter().map(|(field, _)| field.clone()).collect();
            text.push_str(&wire_impl(name, &fields));
        }
    }
    text
}

fn field_type(types: &Types<'_>, written: &str) -> String {
    if written.starts_with('[') {
        return written.to_owned();
    }
    match syn::parse_str::<syn::Type>(written)
        .ok()
        .and_then(|ty| CType::read(&ty).ok())
    {
        Some(ty) => types.c_signature(&ty),
        None => written.to_owned(),
    }
}

fn wire_impl(name: &str, fields: &[String]) -> String {
    let mut text = format!("impl Wire for {name} {{\nfn put(&self, out: &mut Put) {{\n");
    for field in fields {
        writeln!(text, "self.{field}.put(out);").ok();
    }
    text.push_str("}\n\nfn get(from: &mut Get<'_>) -> Result<Self, WireError> {\nOk(Self {\n");
    for field in fields {
        writeln!(text, "{field}: from.get()?,").ok();
    }
    text.push_str("})\n}\n}\n\n");
    text
}

/// `driver.rs`: the generated half of the trait.
pub(super) fn driver(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! The generated half of the [`Driver`] trait: one trait an area.\n\
         #![allow(clippy::too_many_arguments, clippy::type_complexity)]\n\n\
         use std::ffi::CStr;\n\nuse crate::call::Cx;\n\
         use crate::custom::{{Contexts, Copies, HostMemory, Graphs, Images, Launches, Lifecycle, not_supported}};\n\
         use crate::handle::*;\nuse crate::status::CuResult;\nuse super::types::*;\n\n\
         /// A CUDA driver: what stands behind the border, in the client, in the worker, on the CPU.\n\
         pub trait Driver: Lifecycle + Contexts + HostMemory + Copies + Images + Launches + Graphs"
    );
    for item in &plan.traits {
        write!(text, " + {}", item.name).ok();
    }
    text.push_str(" + Send + Sync {}\n\n");
    for item in &plan.traits {
        write!(
            text,
            "/// Calls of `protocol/api/{}.rs`.\npub trait {} {{\n",
            item.area, item.name
        )
        .ok();
        for method in &item.methods {
            driver_method(&mut text, method);
        }
        text.push_str("}\n\n");
    }
    text
}

fn driver_method(text: &mut String, method: &Method<'_>) {
    writeln!(text, "/// `{}`.", method.call.symbol).ok();
    if !method.call.doc.is_empty() {
        text.push_str("///\n");
    }
    for line in &method.call.doc {
        writeln!(text, "/// {line}").ok();
    }
    writeln!(text, "fn {} {{", signature(method)).ok();
    let inputs: Vec<_> = method.inputs().into_iter().map(|(name, _)| name).collect();
    let mut used = vec!["cx".to_owned()];
    used.extend(inputs);
    writeln!(text, "let _ = ({});", used.join(", ") + ",").ok();
    writeln!(text, "not_supported(\"{}\")\n}}\n", method.call.symbol).ok();
}

/// Name, arguments and result of a method.
pub(super) fn signature(method: &Method<'_>) -> String {
    let mut text = format!("{}(&self, cx: Cx", method.name);
    for (name, ty) in method.inputs() {
        write!(text, ", {name}: {ty}").ok();
    }
    write!(text, ") -> CuResult<{}>", method.output()).ok();
    text
}

/// `symbols.rs`: what `cuGetProcAddress` chooses from.
pub(super) fn symbols(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Every exported symbol with the CUDA version it came with; sorted by base name, then version.\n\n\
         use super::calls::Call;\n\n\
         /// One exported symbol.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub struct Symbol {{\n\
         /// The name a caller asks for: without version and suffix.\npub base: &'static str,\n\
         /// The version it came with, e.g. 11020.\npub since: u32,\n\
         /// Its null stream is the calling thread's (`_ptds`, `_ptsz`).\npub per_thread: bool,\n\
         /// The exported name.\npub name: &'static str,\n\
         /// The call it stands for.\npub call: Call,\n}}\n\n\
         /// All symbols.\npub static SYMBOLS: &[Symbol] = &[\n"
    );
    for row in symbol_rows(plan) {
        writeln!(
            text,
            "Symbol {{ base: \"{}\", since: {}, per_thread: {}, name: \"{}\", call: Call({:#06x}) }},",
            row.base, row.since, row.per_thread, row.name, row.id
        )
        .ok();
    }
    text.push_str("];\n");
    text
}

/// One row of `symbols.rs`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SymbolRow {
    /// Name asked for.
    pub(super) base: String,
    /// Version.
    pub(super) since: u32,
    /// Per-thread form.
    pub(super) per_thread: bool,
    /// Exported name.
    pub(super) name: String,
    /// The call's id.
    pub(super) id: u16,
}

/// The rows of `symbols.rs`, sorted.
pub(super) fn symbol_rows(plan: &Plan<'_>) -> Vec<SymbolRow> {
    let mut rows = Vec::new();
    for call in plan.table.calls() {
        let Some(since) = call.since else { continue };
        for (name, per_thread) in call.symbols() {
            let since = match &call.per_thread {
                Some(form) if per_thread => form.since,
                _ => since,
            };
            rows.push(SymbolRow {
                base: call.base().to_owned(),
                since,
                per_thread,
                name,
                id: call.id,
            });
        }
    }
    rows.sort();
    rows
}

/// `layouts.rs`: what the records of generated calls hold, in words.
pub(super) fn layouts(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! What the records of generated calls hold, for the listing that keeps the wire from changing by\n\
         //! accident. Types are Rust's; how each is written stands in [`crate::wire`].\n\n\
         /// The layout of one call.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub struct CallLayout {{\n\
         /// The call.\npub call: super::calls::Call,\n\
         /// Fields of its record, in order.\npub arguments: &'static [&'static str],\n\
         /// Fields of its answer, in order.\npub results: &'static [&'static str],\n}}\n\n\
         /// The layout of a structure.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub struct StructLayout {{\n\
         /// Its name.\npub name: &'static str,\n\
         /// Its fields, in order.\npub fields: &'static [&'static str],\n}}\n\n"
    );
    text.push_str("/// Structures that travel.\npub static STRUCTS: &[StructLayout] = &[\n");
    for item in plan.table.structs.iter().filter(|item| !item.border) {
        let fields: Vec<_> = item
            .fields
            .iter()
            .map(|(name, ty)| format!("{name}: {ty}"))
            .collect();
        writeln!(
            text,
            "StructLayout {{ name: \"{}\", fields: &{fields:?} }},",
            item.name
        )
        .ok();
    }
    text.push_str(
        "];\n\n/// Calls of `protocol/api` that travel and have no layout written by hand.\n",
    );
    text.push_str("pub static CALLS: &[CallLayout] = &[\n");
    for method in plan.methods().filter(|method| method.on_wire()) {
        let arguments: Vec<_> = method.params.iter().filter_map(sent).collect();
        let results: Vec<_> = method.params.iter().filter_map(returned).collect();
        writeln!(
            text,
            "CallLayout {{ call: super::calls::Call({:#06x}), arguments: &{arguments:?}, results: &{results:?} }},",
            method.call.id
        )
        .ok();
    }
    text.push_str("];\n");
    text
}

/// An argument as it stands in a record.
fn sent(arg: &Arg<'_>) -> Option<String> {
    let ty = arg.ty.rust();
    let ty = match &arg.shape {
        Shape::New => format!("new {ty}"),
        Shape::In | Shape::InRef | Shape::InOut | Shape::OutCount => ty,
        Shape::Text => "text".to_owned(),
        Shape::InList { .. } => format!("list of {ty}"),
        Shape::InWord | Shape::InAddress => "u64".to_owned(),
        _ => return None,
    };
    Some(format!("{}: {ty}", arg.name))
}

/// A result as it stands in an answer.
fn returned(arg: &Arg<'_>) -> Option<String> {
    let ty = arg.ty.rust();
    let ty = match &arg.shape {
        Shape::Out | Shape::InOut | Shape::OutCount => ty,
        Shape::OutWord => "u64".to_owned(),
        Shape::OutBytes { .. } => "bytes".to_owned(),
        Shape::OutList { .. } => format!("list of {ty}"),
        _ => return None,
    };
    Some(format!("{}: {ty}", arg.name))
}
