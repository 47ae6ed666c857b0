//! What follows from a call's description: its class, the meaning of each parameter, and the types
//! on both sides of the border. Read [`Plan`] first.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

use super::names;
use super::table::{CType, Call, Param, Table};

/// The table with everything decided.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The table.
    pub(crate) table: &'a Table,
    /// Areas that have methods, with them.
    pub(crate) traits: Vec<TraitPlan<'a>>,
}

/// One generated trait.
#[derive(Debug)]
pub(crate) struct TraitPlan<'a> {
    /// The area's name.
    pub(crate) area: &'a str,
    /// The trait's name.
    pub(crate) name: String,
    /// Its methods.
    pub(crate) methods: Vec<Method<'a>>,
}

/// One generated method of the `Driver` trait.
#[derive(Debug)]
pub(crate) struct Method<'a> {
    /// The call.
    pub(crate) call: &'a Call,
    /// Its name.
    pub(crate) name: String,
    /// The C parameters and what they mean, in C order.
    pub(crate) params: Vec<Arg<'a>>,
}

/// A C parameter and its meaning.
#[derive(Debug)]
pub(crate) struct Arg<'a> {
    /// The parameter.
    pub(crate) param: &'a Param,
    /// Its name in Rust.
    pub(crate) name: String,
    /// The type of the value (behind the pointer, if there is one).
    pub(crate) ty: Ty,
    /// What it means.
    pub(crate) shape: Shape,
}

/// What a parameter means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A value in.
    In,
    /// A string in.
    Text,
    /// A structure or value behind a pointer, in.
    InRef,
    /// A list in; its count is another parameter.
    InList {
        /// The count.
        count: String,
    },
    /// The count of a list in: it is no parameter behind the border.
    Count,
    /// A 64-bit value behind an untyped pointer, in.
    InWord,
    /// A number in the place of a pointer, in.
    InAddress,
    /// A value out.
    Out,
    /// A handle that the call creates: the client mints it.
    New,
    /// A value in and out.
    InOut,
    /// A 64-bit value behind an untyped pointer, out.
    OutWord,
    /// Bytes out; their number is another parameter.
    OutBytes {
        /// The number of bytes.
        count: String,
    },
    /// A list out, with room for the count that goes in; the count that comes out follows it.
    OutList {
        /// The count, in and out.
        count: String,
    },
    /// The count of a list out.
    OutCount,
}

/// A type behind the border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    /// A number.
    Number(&'static str),
    /// A handle: the newtype's name.
    Handle(&'static str),
    /// A device.
    Device,
    /// A device address.
    DevicePtr,
    /// An enum or structure of `types.rs`.
    Named(String),
    /// Bytes without a type.
    Void,
    /// A character.
    Char,
    /// Nothing we know.
    Unknown(String),
}

impl<'a> Plan<'a> {
    /// Decides everything, or says what in the table makes no sense.
    pub(crate) fn new(table: &'a Table) -> Result<Self> {
        let types = Types::new(table);
        let mut traits = Vec::new();
        for area in &table.areas {
            let newest = newest_versions(area.calls.iter().filter(|call| has_method(call)));
            let mut methods = Vec::new();
            for call in area.calls.iter().filter(|call| has_method(call)) {
                let method = plan_method(&types, call, &newest)
                    .with_context(|| format!("{} in {}.rs", call.symbol, area.name))?;
                methods.push(method);
            }
            if !methods.is_empty() {
                traits.push(TraitPlan {
                    area: &area.name,
                    name: trait_name(&area.name),
                    methods,
                });
            }
        }
        for call in table.calls() {
            check_class(call).with_context(|| call.symbol.clone())?;
        }
        Ok(Self { table, traits })
    }

    /// The method of a call, following aliases.
    pub(crate) fn method(&self, call: &Call) -> Option<&Method<'a>> {
        let symbol = call.alias.as_ref().unwrap_or(&call.symbol);
        self.methods().find(|method| &method.call.symbol == symbol)
    }

    /// All methods.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method<'a>> {
        self.traits.iter().flat_map(|item| &item.methods)
    }
}

impl Method<'_> {
    /// Arguments of the Rust method: name and type.
    pub(crate) fn inputs(&self) -> Vec<(String, String)> {
        self.params
            .iter()
            .filter_map(|arg| Some((arg.name.clone(), arg.input_type()?)))
            .collect()
    }

    /// Types of what it returns, in order.
    pub(crate) fn outputs(&self) -> Vec<String> {
        self.params.iter().filter_map(Arg::output_type).collect()
    }

    /// What it returns, as one type.
    pub(crate) fn output(&self) -> String {
        let outputs = self.outputs();
        match outputs.as_slice() {
            [one] => one.clone(),
            several => format!("({})", several.join(", ")),
        }
    }

    /// A pattern or value of all results, made of these names.
    pub(crate) fn tuple(names: &[String]) -> String {
        match names {
            [one] => one.clone(),
            several => format!("({})", several.join(", ")),
        }
    }

    /// The argument of this C name.
    pub(crate) fn arg(&self, c_name: &str) -> Option<&Arg<'_>> {
        self.params.iter().find(|arg| arg.param.name == c_name)
    }

    /// Whether it travels at all.
    pub(crate) fn on_wire(&self) -> bool {
        ["post", "wait", "block", "cached"]
            .iter()
            .any(|mark| self.call.has(mark))
    }
}

impl Arg<'_> {
    /// Its type as an argument of the Rust method, if it is one.
    pub(crate) fn input_type(&self) -> Option<String> {
        let ty = self.ty.rust();
        Some(match &self.shape {
            Shape::In | Shape::InOut | Shape::OutCount => ty,
            Shape::Text => "&CStr".to_owned(),
            Shape::InRef => format!("&{ty}"),
            Shape::InList { .. } => format!("&[{ty}]"),
            Shape::InWord | Shape::InAddress => "u64".to_owned(),
            _ => return None,
        })
    }

    /// Its type as a result of the Rust method, if it is one.
    pub(crate) fn output_type(&self) -> Option<String> {
        let ty = self.ty.rust();
        Some(match &self.shape {
            Shape::Out | Shape::New | Shape::InOut | Shape::OutCount => ty,
            Shape::OutWord => "u64".to_owned(),
            Shape::OutBytes { .. } => "Vec<u8>".to_owned(),
            Shape::OutList { .. } => format!("Vec<{ty}>"),
            _ => return None,
        })
    }

    /// Its name as a result.
    pub(crate) fn output_name(&self) -> String {
        match self.shape {
            Shape::InOut | Shape::OutCount => format!("new_{}", self.name),
            _ => self.name.clone(),
        }
    }

    /// The newtype, if it is a handle.
    pub(crate) fn handle(&self) -> Option<&'static str> {
        match self.ty {
            Ty::Handle(name) => Some(name),
            _ => None,
        }
    }
}

impl Ty {
    /// How Rust spells it.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::Number(name) | Self::Handle(name) => (*name).to_owned(),
            Self::Device => "Device".to_owned(),
            Self::DevicePtr => "DevicePtr".to_owned(),
            Self::Named(name) => name.clone(),
            Self::Void => "c_void".to_owned(),
            Self::Char => "c_char".to_owned(),
            Self::Unknown(name) => format!("/* {name} */ c_void"),
        }
    }
}

/// Resolves the names of types.
#[derive(Debug)]
pub(crate) struct Types<'a> {
    table: &'a Table,
}

impl<'a> Types<'a> {
    /// The types of a table.
    pub(crate) fn new(table: &'a Table) -> Self {
        Self { table }
    }

    /// What a C name stands for.
    pub(crate) fn resolve(&self, base: &str) -> Ty {
        if let Some(ty) = fixed(base) {
            return ty;
        }
        let known = self.table.enums.iter().any(|item| item.name == base)
            || self.table.structs.iter().any(|item| item.name == base)
            || CALLBACKS.contains(&base);
        match known {
            true => Ty::Named(base.to_owned()),
            false => Ty::Unknown(base.to_owned()),
        }
    }

    /// Whether a name is that of a structure.
    pub(crate) fn is_struct(&self, name: &str) -> bool {
        self.table.structs.iter().any(|item| item.name == name)
    }

    /// The type as it stands in an `extern "C"` signature.
    pub(crate) fn c_signature(&self, ty: &CType) -> String {
        let mut text = String::new();
        for constant in &ty.pointers {
            text.push_str(if *constant { "*const " } else { "*mut " });
        }
        match self.resolve(&ty.base) {
            // An enum passed by value that nobody reads is an int to the ABI.
            Ty::Unknown(_) if ty.pointers.is_empty() => text.push_str("u32"),
            Ty::Unknown(_) => text.push_str("c_void"),
            known => text.push_str(&known.rust()),
        }
        text
    }
}

/// Function pointers that callers pass, defined in `types.rs` of the protocol.
pub(crate) const CALLBACKS: [&str; 3] = ["CUstreamCallback", "CUhostFn", "CUoccupancyB2DSize"];

fn fixed(base: &str) -> Option<Ty> {
    Some(match base {
        "c_int" | "CUresult" | "i32" => Ty::Number("i32"),
        "c_uint" | "cuuint32_t" | "CUdeviceptr_v1" | "u32" => Ty::Number("u32"),
        "c_ulonglong" | "cuuint64_t" | "u64" => Ty::Number("u64"),
        "size_t" | "usize" => Ty::Number("usize"),
        "c_uchar" | "u8" => Ty::Number("u8"),
        "c_ushort" | "u16" => Ty::Number("u16"),
        "c_float" => Ty::Number("f32"),
        "c_void" => Ty::Void,
        "c_char" => Ty::Char,
        "CUdevice" => Ty::Device,
        "CUdeviceptr" => Ty::DevicePtr,
        "CUcontext" => Ty::Handle("Context"),
        "CUstream" => Ty::Handle("Stream"),
        "CUevent" => Ty::Handle("Event"),
        "CUmodule" => Ty::Handle("Module"),
        "CUlibrary" => Ty::Handle("Library"),
        "CUfunction" | "CUkernel" => Ty::Handle("Function"),
        "CUmemoryPool" => Ty::Handle("MemPool"),
        "CUmemGenericAllocationHandle" => Ty::Handle("MemAllocation"),
        "CUgraph" => Ty::Handle("Graph"),
        "CUgraphExec" => Ty::Handle("GraphExec"),
        "CUgraphNode" => Ty::Handle("GraphNode"),
        "CUarray" => Ty::Handle("Array"),
        "CUmipmappedArray" => Ty::Handle("MipmappedArray"),
        "CUlinkState" => Ty::Handle("LinkState"),
        "CUtexObject" | "CUtexref" => Ty::Handle("Texture"),
        "CUsurfObject" | "CUsurfref" => Ty::Handle("Surface"),
        "CUgreenCtx" => Ty::Handle("GreenContext"),
        "CUuserObject" => Ty::Handle("UserObject"),
        "CUgraphConditionalHandle" => Ty::Handle("GraphConditional"),
        "CUexternalMemory" => Ty::Handle("ExternalMemory"),
        "CUexternalSemaphore" => Ty::Handle("ExternalSemaphore"),
        "CUasyncCallbackHandle" | "CUlogsCallbackHandle" => Ty::Handle("CallbackRegistration"),
        "CUstreamAttrID" | "CUkernelNodeAttrID" => Ty::Named("CUlaunchAttributeID".to_owned()),
        "CUkernelNodeAttrValue" => Ty::Named("CUstreamAttrValue".to_owned()),
        _ => return None,
    })
}

/// Whether a call has a method of its own in a generated trait.
fn has_method(call: &Call) -> bool {
    let hand_written = call.has("custom") && !call.has("post") && !call.has("wait");
    !(call.has("unsupported") || call.alias.is_some() || call.is_link() || hand_written)
}

fn trait_name(area: &str) -> String {
    let mut chars = area.chars();
    match chars.next() {
        Some(first) => format!("{}{}Api", first.to_ascii_uppercase(), chars.as_str()),
        None => "Api".to_owned(),
    }
}

fn newest_versions<'a>(calls: impl Iterator<Item = &'a Call>) -> BTreeMap<&'a str, u32> {
    let mut newest = BTreeMap::new();
    for call in calls {
        let (base, version) = names::split_version(&call.symbol);
        let entry = newest.entry(base).or_insert(version);
        *entry = version.max(*entry);
    }
    newest
}

fn plan_method<'a>(
    types: &Types<'_>,
    call: &'a Call,
    newest: &BTreeMap<&str, u32>,
) -> Result<Method<'a>> {
    let (base, version) = names::split_version(&call.symbol);
    let mut name = names::method(&call.symbol);
    if newest.get(base) != Some(&version) {
        name.push_str(&format!("_v{version}"));
    }
    let params = call
        .params
        .iter()
        .map(|param| {
            let shape = shape(types, call, param).with_context(|| param.name.clone())?;
            Ok(Arg {
                param,
                name: names::parameter(&param.name),
                ty: types.resolve(&param.ty.base),
                shape,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    for mark in [&call.charge, &call.refund].into_iter().flatten() {
        ensure!(call.param(mark).is_some(), "{mark} is no parameter");
    }
    Ok(Method { call, name, params })
}

fn shape(types: &Types<'_>, call: &Call, param: &Param) -> Result<Shape> {
    let ty = types.resolve(&param.ty.base);
    let list = call
        .params
        .iter()
        .find(|other| other.len.as_ref() == Some(&param.name));
    let counts = list.is_some();
    match param.ty.pointers.as_slice() {
        [] if counts => Ok(Shape::Count),
        [] => match ty {
            Ty::Unknown(name) => bail!("{name} is not in types.rs"),
            _ => Ok(Shape::In),
        },
        [true] if ty == Ty::Char => Ok(Shape::Text),
        [_] if ty == Ty::Void => shape_untyped(param),
        [constant] => {
            if let Ty::Unknown(name) = ty {
                bail!("{name} is not in types.rs");
            }
            shape_typed(call, param, *constant || param.has("input"), counts)
        }
        _ => bail!("a pointer to a pointer needs a custom call"),
    }
}

fn shape_untyped(param: &Param) -> Result<Shape> {
    if param.has("word") {
        return Ok(Shape::InAddress);
    }
    match param.bytes.as_deref() {
        Some("8") if param.has("input") => Ok(Shape::InWord),
        Some("8") => Ok(Shape::OutWord),
        Some(count) => Ok(Shape::OutBytes {
            count: count.to_owned(),
        }),
        None => bail!("an untyped pointer needs bytes(…), or a custom call"),
    }
}

fn shape_typed(call: &Call, param: &Param, input: bool, counts: bool) -> Result<Shape> {
    if input {
        return Ok(match &param.len {
            Some(count) => Shape::InList {
                count: count.clone(),
            },
            None => Shape::InRef,
        });
    }
    if let Some(count) = &param.len {
        return Ok(Shape::OutList {
            count: count.clone(),
        });
    }
    if counts {
        ensure!(param.has("inout"), "the count of a list out is inout");
        return Ok(Shape::OutCount);
    }
    if param.has("new") {
        return Ok(Shape::New);
    }
    if param.has("inout") {
        return Ok(Shape::InOut);
    }
    let count = call.params.iter().find(|other| {
        let name = other.name.to_lowercase();
        let counted = name.starts_with("num") || name.ends_with("count") || name == "n";
        counted && other.ty.pointers.is_empty() && !param.has("nullable")
    });
    let is_counted = |name: &String| {
        call.params
            .iter()
            .any(|other| other.len.as_ref() == Some(name))
    };
    if let Some(count) = count.filter(|count| !is_counted(&count.name))
        && count.name != "numBlocks"
        && count.name != "count"
    {
        bail!(
            "it stands beside the count {}: say len, inout or new",
            count.name
        );
    }
    Ok(Shape::Out)
}

fn check_class(call: &Call) -> Result<()> {
    let classes: Vec<_> = ["local", "cached", "post", "wait", "block"]
        .into_iter()
        .filter(|mark| call.has(mark))
        .collect();
    let states = usize::from(call.has("unsupported"))
        + usize::from(call.alias.is_some())
        + usize::from(call.has("custom") || !classes.is_empty());
    ensure!(
        states == 1,
        "it is one of: unsupported, alias, custom, or of a class"
    );
    match classes.as_slice() {
        [] | [_] | ["local", _] => Ok(()),
        _ => bail!("it is of several classes: {classes:?}"),
    }
}
