//! The table of driver calls as it is written in `protocol/api/`.
//!
//! It reads and checks what stands there and decides nothing; `rules.rs` says what follows from it.
//! Read [`Table`] first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use quote::ToTokens;

use super::names;

/// All of `protocol/api/`.
#[derive(Debug)]
pub(crate) struct Table {
    /// The areas, in the order of their ids.
    pub(crate) areas: Vec<Area>,
    /// Structures, from `types.rs`.
    pub(crate) structs: Vec<Struct>,
    /// Enums, from `types.rs`.
    pub(crate) enums: Vec<Enum>,
}

/// One file of calls.
#[derive(Debug)]
pub(crate) struct Area {
    /// The file's stem.
    pub(crate) name: String,
    /// Its calls, in the order written.
    pub(crate) calls: Vec<Call>,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    /// The exported symbol, version included.
    pub(crate) symbol: String,
    /// Doc lines.
    pub(crate) doc: Vec<String>,
    /// `call(id)`.
    pub(crate) id: u16,
    /// `since(version)`; none in `link.rs`.
    pub(crate) since: Option<u32>,
    /// `since(…, ptsz = version)`: a second symbol for the per-thread default stream.
    pub(crate) per_thread: Option<PerThread>,
    /// Marks without a value: `custom`, `local`, `post`, …
    pub(crate) marks: BTreeSet<String>,
    /// `alias(symbol)`.
    pub(crate) alias: Option<String>,
    /// `charge(parameter)`.
    pub(crate) charge: Option<String>,
    /// `refund(parameter)`.
    pub(crate) refund: Option<String>,
    /// The parameters of the C function.
    pub(crate) params: Vec<Param>,
}

/// The per-thread form of a call.
#[derive(Debug, Clone)]
pub(crate) struct PerThread {
    /// `ptsz` or `ptds`.
    pub(crate) suffix: String,
    /// The version it came with.
    pub(crate) since: u32,
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct Param {
    /// The name as in C.
    pub(crate) name: String,
    /// Its type.
    pub(crate) ty: CType,
    /// Marks without a value.
    pub(crate) marks: BTreeSet<String>,
    /// `len(parameter)`.
    pub(crate) len: Option<String>,
    /// `bytes(parameter)` or `bytes(8)`.
    pub(crate) bytes: Option<String>,
}

/// A C type: a base behind pointers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CType {
    /// The pointers, outermost first; true for `const`.
    pub(crate) pointers: Vec<bool>,
    /// The base's name.
    pub(crate) base: String,
}

/// A structure of `types.rs`.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Name in C.
    pub(crate) name: String,
    /// Doc lines.
    pub(crate) doc: Vec<String>,
    /// Read at the border only, never sent.
    pub(crate) border: bool,
    /// Fields: name and Rust type as written.
    pub(crate) fields: Vec<(String, String)>,
}

/// An enum of `types.rs`.
#[derive(Debug)]
pub(crate) struct Enum {
    /// Name in C.
    pub(crate) name: String,
    /// Constants.
    pub(crate) values: Vec<(String, String)>,
}

const CALL_MARKS: [&str; 8] = [
    "local",
    "cached",
    "post",
    "wait",
    "block",
    "custom",
    "unsupported",
    "meter",
];
const PARAM_MARKS: [&str; 7] = [
    "nullable", "inout", "input", "new", "gone", "device", "word",
];

impl Table {
    /// Reads the table and checks what concerns all of it.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut table = Self {
            areas: Vec::new(),
            structs: Vec::new(),
            enums: Vec::new(),
        };
        let mut paths: Vec<_> = fs::read_dir(folder)
            .with_context(|| format!("read {}", folder.display()))?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path)?;
            table
                .read_file(&stem(&path), &text)
                .with_context(|| format!("read {}", path.display()))?;
        }
        table
            .areas
            .sort_by_key(|area| area.calls.first().map(|call| call.id));
        table.check()?;
        Ok(table)
    }

    /// All calls, in the order of areas.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.areas.iter().flat_map(|area| &area.calls)
    }

    /// The call with this symbol.
    pub(crate) fn call(&self, symbol: &str) -> Option<&Call> {
        self.calls().find(|call| call.symbol == symbol)
    }

    fn read_file(&mut self, stem: &str, text: &str) -> Result<()> {
        let file = syn::parse_file(text)?;
        let mut calls = Vec::new();
        for item in file.items {
            match item {
                syn::Item::ForeignMod(block) => {
                    for item in block.items {
                        let syn::ForeignItem::Fn(function) = item else {
                            bail!("an area holds functions only");
                        };
                        let name = function.sig.ident.to_string();
                        calls.push(read_call(&function).with_context(|| format!("read {name}"))?);
                    }
                }
                syn::Item::Struct(item) => self.structs.push(read_struct(&item)?),
                syn::Item::Enum(item) => self.enums.push(read_enum(&item)?),
                _ => bail!("a file holds one block of functions, structures and enums"),
            }
        }
        if !calls.is_empty() {
            self.areas.push(Area {
                name: stem.to_owned(),
                calls,
            });
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        let mut ids = BTreeMap::new();
        let mut symbols = BTreeSet::new();
        for area in &self.areas {
            for call in &area.calls {
                if let Some(other) = ids.insert(call.id, &call.symbol) {
                    bail!("{} and {other} have the same id", call.symbol);
                }
                ensure!(
                    symbols.insert(&call.symbol),
                    "{} is there twice",
                    call.symbol
                );
                ensure!(
                    area.name == "link" || call.id >> 8 == area.calls[0].id >> 8,
                    "{} has an id of another area",
                    call.symbol
                );
            }
        }
        for call in self.calls() {
            if let Some(of) = &call.alias {
                ensure!(
                    self.call(of).is_some(),
                    "{} is an alias of {of}, which is not there",
                    call.symbol
                );
            }
        }
        Ok(())
    }
}

impl Call {
    /// Whether it has this mark.
    pub(crate) fn has(&self, mark: &str) -> bool {
        self.marks.contains(mark)
    }

    /// Whether it belongs to the wire alone.
    pub(crate) fn is_link(&self) -> bool {
        self.id >= 0xf000
    }

    /// Name without version.
    pub(crate) fn base(&self) -> &str {
        names::split_version(&self.symbol).0
    }

    /// The parameter with this name.
    pub(crate) fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Its symbols: the plain one, and the per-thread one if there is one.
    pub(crate) fn symbols(&self) -> Vec<(String, bool)> {
        let mut symbols = vec![(self.symbol.clone(), false)];
        if let Some(form) = &self.per_thread {
            symbols.push((format!("{}_{}", self.symbol, form.suffix), true));
        }
        symbols
    }
}

impl Param {
    /// Whether it has this mark.
    pub(crate) fn has(&self, mark: &str) -> bool {
        self.marks.contains(mark)
    }
}

impl CType {
    /// Reads a type: pointers before a name.
    pub(crate) fn read(ty: &syn::Type) -> Result<Self> {
        let mut pointers = Vec::new();
        let mut ty = ty;
        while let syn::Type::Ptr(pointer) = ty {
            pointers.push(pointer.const_token.is_some());
            ty = &pointer.elem;
        }
        Ok(Self {
            pointers,
            base: ty.to_token_stream().to_string(),
        })
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn read_call(function: &syn::ForeignItemFn) -> Result<Call> {
    let mut call = Call {
        symbol: function.sig.ident.to_string(),
        doc: docs(&function.attrs),
        id: 0,
        since: None,
        per_thread: None,
        marks: BTreeSet::new(),
        alias: None,
        charge: None,
        refund: None,
        params: Vec::new(),
    };
    for attribute in &function.attrs {
        read_call_mark(&mut call, attribute)?;
    }
    ensure!(call.id != 0, "every call has an id: #[call(0x0601)]");
    for input in &function.sig.inputs {
        let syn::FnArg::Typed(input) = input else {
            bail!("a C function has no self");
        };
        call.params.push(read_param(input)?);
    }
    Ok(call)
}

fn read_call_mark(call: &mut Call, attribute: &syn::Attribute) -> Result<()> {
    let name = attribute.path().to_token_stream().to_string();
    match name.as_str() {
        "doc" => {}
        "call" => call.id = attribute.parse_args::<syn::LitInt>()?.base10_parse()?,
        "since" => read_since(call, &argument(attribute)?)?,
        "alias" => call.alias = Some(argument(attribute)?),
        "charge" => call.charge = Some(argument(attribute)?),
        "refund" => call.refund = Some(argument(attribute)?),
        mark if CALL_MARKS.contains(&mark) => {
            call.marks.insert(name);
        }
        _ => bail!("the mark {name} is not known; the list is closed"),
    }
    Ok(())
}

fn read_since(call: &mut Call, text: &str) -> Result<()> {
    let mut parts = text.split(',').map(str::trim);
    let plain = parts.next().context("since(version)")?;
    call.since = Some(plain.parse().context("since takes a number")?);
    if let Some(form) = parts.next() {
        let (suffix, since) = form
            .split_once('=')
            .context("since(version, ptsz = version)")?;
        call.per_thread = Some(PerThread {
            suffix: suffix.trim().to_owned(),
            since: since.trim().parse()?,
        });
    }
    Ok(())
}

fn read_param(input: &syn::PatType) -> Result<Param> {
    let mut param = Param {
        name: input
            .pat
            .to_token_stream()
            .to_string()
            .trim_start_matches("r#")
            .to_owned(),
        ty: CType::read(&input.ty)?,
        marks: BTreeSet::new(),
        len: None,
        bytes: None,
    };
    for attribute in &input.attrs {
        let name = attribute.path().to_token_stream().to_string();
        match name.as_str() {
            "len" => param.len = Some(argument(attribute)?),
            "bytes" => param.bytes = Some(argument(attribute)?),
            mark if PARAM_MARKS.contains(&mark) => {
                param.marks.insert(name);
            }
            _ => bail!("the mark {name} is not known; the list is closed"),
        }
    }
    Ok(param)
}

fn read_struct(item: &syn::ItemStruct) -> Result<Struct> {
    let fields = item
        .fields
        .iter()
        .map(|field| {
            let name = field.ident.as_ref().context("a field has a name")?;
            Ok((name.to_string(), field.ty.to_token_stream().to_string()))
        })
        .collect::<Result<_>>()?;
    Ok(Struct {
        name: item.ident.to_string(),
        doc: docs(&item.attrs),
        border: item
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("border")),
        fields,
    })
}

fn read_enum(item: &syn::ItemEnum) -> Result<Enum> {
    let values = item
        .variants
        .iter()
        .map(|variant| {
            let (_, value) = variant
                .discriminant
                .as_ref()
                .context("a constant has a value")?;
            Ok((
                variant.ident.to_string(),
                value.to_token_stream().to_string(),
            ))
        })
        .collect::<Result<_>>()?;
    Ok(Enum {
        name: item.ident.to_string(),
        values,
    })
}

fn argument(attribute: &syn::Attribute) -> Result<String> {
    Ok(attribute.meta.require_list()?.tokens.to_string())
}

fn docs(attributes: &[syn::Attribute]) -> Vec<String> {
    attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect()
}
