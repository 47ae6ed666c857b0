//! `cargo xtask api-check`: the table of driver calls against NVIDIA's headers.
//!
//! It compares names, signatures (types and their order) and the CUDA version of every symbol. Headers
//! come from NVIDIA's wheel; they are read and never committed. Read [`check`] first.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::codegen::table::{CType, Table};
use crate::codegen::table_folder;
use crate::exec;
use crate::workspace::Workspace;

/// The headers that the table describes.
const WHEEL: &str = "nvidia-cuda-runtime==13.2.86";

/// Compare the table of driver calls with NVIDIA's headers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A `cuda.h` with `cudaTypedefs.h` and `cudaProfilerTypedefs.h` beside it; without it they are
    /// taken from NVIDIA's wheel.
    #[arg(long)]
    header: Option<PathBuf>,
}

/// A function as a header declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Declared {
    params: Vec<CType>,
    since: Option<u32>,
}

/// `cargo xtask api-check`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let header = match &args.header {
        Some(header) => header.clone(),
        None => download(workspace)?,
    };
    let folder = header.parent().context("the header lies in a folder")?;
    let mut declared = functions(&preprocess(&header)?);
    ensure!(
        declared.len() > 600,
        "{} declares {} functions only",
        header.display(),
        declared.len()
    );
    let n_prototypes = declared.len();
    date(&mut declared, &read(&folder.join("cudaTypedefs.h"))?);
    for (name, params, since) in typedefs(&read(&folder.join("cudaProfilerTypedefs.h"))?) {
        let since = Some(since);
        declared.insert(name.base, Declared { params, since });
    }
    let table = Table::read(&table_folder(workspace.root()))?;
    let differences = check(&table, &declared);
    for difference in &differences {
        eprintln!("{difference}");
    }
    let n_bad = differences.len();
    println!(
        "api-check: {}/{} symbols agree in name, signature and version ({n_prototypes} prototypes of cuda.h, {} of the profiler)",
        declared.len().saturating_sub(n_bad),
        declared.len(),
        declared.len() - n_prototypes
    );
    ensure!(
        n_bad == 0,
        "{n_bad} symbols differ from {}",
        header.display()
    );
    Ok(())
}

/// What differs, a line each.
fn check(table: &Table, declared: &BTreeMap<String, Declared>) -> Vec<String> {
    let mut ours = BTreeMap::new();
    for call in table.calls().filter(|call| !call.is_link()) {
        let params: Vec<_> = call.params.iter().map(|param| param.ty.clone()).collect();
        for (symbol, per_thread) in call.symbols() {
            let since = match &call.per_thread {
                Some(form) if per_thread => Some(form.since),
                _ => call.since,
            };
            let params = params.clone();
            ours.insert(symbol, Declared { params, since });
        }
    }
    let mut differences = Vec::new();
    for (symbol, theirs) in declared {
        match ours.get(symbol) {
            None => differences.push(format!("{symbol} is not in the table")),
            Some(ours) if ours.params != theirs.params => differences.push(format!(
                "{symbol} has the parameters {:?} in the header, {:?} in the table",
                theirs.params, ours.params
            )),
            Some(ours) if ours.since != theirs.since => differences.push(format!(
                "{symbol} came with {:?} by the header, {:?} by the table",
                theirs.since, ours.since
            )),
            Some(_) => {}
        }
    }
    for symbol in ours.keys().filter(|symbol| !declared.contains_key(*symbol)) {
        differences.push(format!("{symbol} is in the table and in no header"));
    }
    differences
}

/// Fetches the headers into the target folder, once.
fn download(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("headers");
    let header = folder.join("nvidia/cu13/include/cuda.h");
    if header.exists() {
        return Ok(header);
    }
    fs::create_dir_all(&folder)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(&folder)
        .arg(WHEEL);
    exec::check(&mut pip)?;
    let wheel = fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip left no wheel")?;
    let mut unpack = Command::new("python3");
    unpack.args(["-m", "zipfile", "-e"]).arg(wheel).arg(&folder);
    exec::check(&mut unpack)?;
    ensure!(header.exists(), "the wheel holds no cuda.h");
    Ok(header)
}

/// The header with every versioned name written out.
fn preprocess(header: &Path) -> Result<String> {
    let mut compiler = Command::new("gcc");
    compiler
        .args(["-E", "-P", "-D__CUDA_API_VERSION_INTERNAL"])
        .arg(header);
    exec::stdout(&mut compiler)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

/// The functions that a preprocessed header declares.
fn functions(text: &str) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::new();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for statement in text.split(';') {
        let Some((_, rest)) = statement.rsplit_once("CUresult cu") else {
            continue;
        };
        let declaration = rest.split_once('(').and_then(|(name, rest)| {
            let (params, _) = rest.rsplit_once(')')?;
            name.chars().all(is_name).then_some((name, params))
        });
        if let Some((name, params)) = declaration {
            let declared = Declared {
                params: parameters(params),
                since: None,
            };
            found.insert(format!("cu{name}"), declared);
        }
    }
    found
}

/// A name with its per-thread suffix apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Versioned {
    base: String,
    suffix: String,
}

/// The rows of a header of function types: name, parameters, version.
fn typedefs(text: &str) -> Vec<(Versioned, Vec<CType>, u32)> {
    let mut rows = Vec::new();
    for statement in text.split(';') {
        let Some((_, rest)) = statement.split_once("*PFN_") else {
            continue;
        };
        let Some((name, params)) = rest.split_once(")(") else {
            continue;
        };
        let (name, suffix) = split_suffix(name);
        let Some((base, version)) = name.rsplit_once("_v") else {
            continue;
        };
        if let Ok(version) = version.parse() {
            let name = Versioned {
                base: base.to_owned(),
                suffix: suffix.to_owned(),
            };
            let params = params.trim_end().trim_end_matches(')');
            rows.push((name, parameters(params), version));
        }
    }
    rows
}

/// Gives each function its version: of one name and form, the newest symbol came with the newest
/// version, and so on backwards.
fn date(declared: &mut BTreeMap<String, Declared>, text: &str) {
    let mut versions: BTreeMap<Versioned, Vec<u32>> = BTreeMap::new();
    for (name, _, version) in typedefs(text) {
        versions.entry(name).or_default().push(version);
    }
    let mut symbols: BTreeMap<Versioned, Vec<(u32, String)>> = BTreeMap::new();
    for symbol in declared.keys() {
        let (name, suffix) = split_suffix(symbol);
        let (base, number) = match name.rsplit_once("_v").map(|(base, n)| (base, n.parse())) {
            Some((base, Ok(number))) => (base, number),
            _ => (name, 1),
        };
        let name = Versioned {
            base: base.to_owned(),
            suffix: suffix.to_owned(),
        };
        symbols
            .entry(name)
            .or_default()
            .push((number, symbol.clone()));
    }
    for (name, mut family) in symbols {
        let mut versions = versions.remove(&name).unwrap_or_default();
        versions.sort_unstable();
        family.sort();
        for ((_, symbol), version) in family.iter().rev().zip(versions.iter().rev()) {
            if let Some(entry) = declared.get_mut(symbol) {
                entry.since = Some(*version);
            }
        }
    }
}

fn split_suffix(name: &str) -> (&str, &str) {
    for suffix in ["ptsz", "ptds"] {
        if let Some(name) = name
            .strip_suffix(suffix)
            .and_then(|name| name.strip_suffix('_'))
        {
            return (name, suffix);
        }
    }
    (name, "")
}

fn parameters(text: &str) -> Vec<CType> {
    let text = text.trim();
    if text.is_empty() || text == "void" {
        return Vec::new();
    }
    text.split(',').map(parameter).collect()
}

/// A C parameter as the table writes its type.
fn parameter(text: &str) -> CType {
    let text = text.trim();
    let end = text.trim_end_matches(is_name).len();
    // A parameter without a name is all type.
    let ty = if end == 0 { text } else { &text[..end] };
    let constant = ty.split(|c: char| !is_name(c)).any(|word| word == "const");
    let n_pointers = ty.matches('*').count();
    let words: Vec<_> = ty
        .split(|c: char| !is_name(c))
        .filter(|word| !word.is_empty() && *word != "const")
        .collect();
    let base = match words.join(" ").as_str() {
        "unsigned int" | "unsigned" => "c_uint",
        "int" => "c_int",
        "unsigned long long" => "c_ulonglong",
        "unsigned char" => "c_uchar",
        "unsigned short" => "c_ushort",
        "char" => "c_char",
        "float" => "c_float",
        "void" => "c_void",
        other => other,
    }
    .to_owned();
    // `const T **` is a pointer to a pointer to a constant: only the innermost is one to const.
    let pointers = (0..n_pointers)
        .map(|depth| constant && depth + 1 == n_pointers)
        .collect();
    CType { pointers, base }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "CUresult cuA_v2(const char **name, unsigned int n);
        CUresult cuA(int *out); CUresult cuA_v2_ptsz(const char **name, unsigned int n);
        typedef void (*cb)(CUresult cuStatus); CUresult cuB(void);";
    const TYPEDEFS: &str = "typedef CUresult (CUDAAPI *PFN_cuA_v2000)(int *out);
        typedef CUresult (CUDAAPI *PFN_cuA_v3020)(const char **name, unsigned int n);
        typedef CUresult (CUDAAPI *PFN_cuA_v7000_ptsz)(const char **name, unsigned int n);
        typedef CUresult (CUDAAPI *PFN_cuB_v4000)(void);";

    #[test]
    fn functions_are_found_with_their_types() {
        let found = functions(HEADER);
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            ["cuA", "cuA_v2", "cuA_v2_ptsz", "cuB"]
        );
        let name = CType {
            pointers: vec![false, true],
            base: "c_char".into(),
        };
        assert_eq!(found["cuA_v2"].params[0], name);
        assert!(found["cuB"].params.is_empty());
    }

    #[test]
    fn newest_symbol_has_the_newest_version() {
        let mut found = functions(HEADER);
        date(&mut found, TYPEDEFS);
        let since: Vec<_> = found.values().map(|declared| declared.since).collect();
        assert_eq!(since, [Some(2000), Some(3020), Some(7000), Some(4000)]);
    }

    #[test]
    fn table_that_lacks_or_changes_a_symbol_is_told() {
        let workspace = Workspace::find().unwrap();
        let table = Table::read(&table_folder(workspace.root())).unwrap();
        let mut declared = functions("CUresult cuInit(int Flags); CUresult cuNew(void);");
        declared.get_mut("cuInit").unwrap().since = Some(2000);
        let differences = check(&table, &declared);
        assert!(
            differences
                .iter()
                .any(|line| line.starts_with("cuInit has the parameters"))
        );
        assert!(
            differences
                .iter()
                .any(|line| line.starts_with("cuNew is not in the table"))
        );
        assert!(
            differences
                .iter()
                .any(|line| line.starts_with("cuMemAlloc_v2 is in the table and"))
        );
    }
}
