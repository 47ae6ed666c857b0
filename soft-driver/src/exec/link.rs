//! One loaded module: its variables placed in device memory, its kernels lowered on first use.
//! Read [`LinkedModule`].

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use super::{
    compile::Compile,
    error::ExecError,
    kernel::Kernel,
    lower::{FunctionEntry, GlobalEntry, Symbols, lower_kernel},
    program::{Program, function_address},
};
use crate::ptx::{Function, Linkage, Module, Param, Space, Variable};

/// Bytes of a module's variables together.
const GLOBALS_MAX: u64 = 1 << 36;

/// A module-level variable that needs memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalDecl {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its alignment.
    pub align: u32,
    /// [`Space::Global`] or [`Space::Const`].
    pub space: Space,
    /// `.attribute(.managed)`.
    pub managed: bool,
}

/// A placed variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSymbol {
    /// What was asked for.
    pub decl: GlobalDecl,
    /// Where it was placed.
    pub address: u64,
}

/// Bytes to be copied to a variable before the first launch; variables without any are zeroed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialData {
    /// Address of the variable.
    pub address: u64,
    /// The whole variable.
    pub bytes: Vec<u8>,
}

/// One loaded module.
#[derive(Debug)]
pub struct LinkedModule {
    text: Arc<str>,
    symbols: Symbols,
    globals: Vec<GlobalSymbol>,
    initial: Vec<InitialData>,
    names: Vec<String>,
    kernels: HashMap<String, OnceLock<Arc<Kernel>>>,
    const_bytes: u32,
    ptx_version: u32,
    compile: Compile,
}

impl LinkedModule {
    /// Reads the declarations of `text` and lets `place` choose an address for each variable.
    ///
    /// # Errors
    /// If the text does not parse, or a variable finds no place.
    pub fn new(
        text: Arc<str>,
        place: &mut dyn FnMut(&GlobalDecl) -> Result<u64, ExecError>,
    ) -> Result<Self, ExecError> {
        let source = Arc::clone(&text);
        let module = Module::parse(&source)?;
        let mut symbols = Symbols {
            functions: Symbols::functions_of(&module),
            ..Symbols::default()
        };
        let globals = place_all(&module, &mut symbols, place)?;
        let initial = initial_data(&module, &mut symbols)?;
        let const_bytes = globals
            .iter()
            .filter(|global| global.decl.space == Space::Const)
            .map(|global| global.decl.bytes as u32)
            .sum();
        let names: Vec<String> = module.kernels().map(|k| k.name.to_owned()).collect();
        Ok(Self {
            text,
            symbols,
            globals,
            initial,
            kernels: names
                .iter()
                .map(|name| (name.clone(), OnceLock::new()))
                .collect(),
            names,
            const_bytes,
            ptx_version: module.target.sm,
            compile: Compile::of_process(),
        })
    }

    /// Says when kernels that are lowered from here on become machine code, where the CPU allows it at all.
    #[must_use]
    pub fn compiled(self, compile: Compile) -> Self {
        let compile = if Compile::is_possible() {
            compile
        } else {
            Compile::Off
        };
        Self { compile, ..self }
    }

    /// What to copy into the variables, references to other symbols resolved.
    pub fn initial_data(&self) -> impl Iterator<Item = &InitialData> {
        self.initial.iter()
    }

    /// The module's variables.
    #[must_use]
    pub fn globals(&self) -> &[GlobalSymbol] {
        &self.globals
    }

    /// The names of the kernels, in order.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The kernel called `name`, lowered on first use. A kernel that cannot be lowered is returned
    /// too: its layout is known, and [`super::Launch::new`] reports why it cannot run.
    ///
    /// # Errors
    /// If there is no such kernel, or its declaration does not parse.
    pub fn kernel(&self, name: &str) -> Result<Arc<Kernel>, ExecError> {
        let unknown = || ExecError::UnknownKernel {
            name: name.to_owned(),
        };
        let slot = self.kernels.get(name).ok_or_else(unknown)?;
        if let Some(kernel) = slot.get() {
            return Ok(Arc::clone(kernel));
        }
        let entry = self.symbols.functions.get(name).ok_or_else(unknown)?;
        let kernel = Arc::new(self.lower(name, *entry)?);
        Ok(Arc::clone(slot.get_or_init(|| kernel)))
    }

    fn lower(&self, name: &str, entry: FunctionEntry) -> Result<Kernel, ExecError> {
        let function = Function::parse_at(&self.text, entry.span)?;
        let params = Param::layout(&function.params).ok_or_else(|| ExecError::TooLarge {
            kernel: name.to_owned(),
            what: "the parameter buffer",
            value: u64::MAX,
            max: u64::from(u32::MAX),
        })?;
        let lowered = lower_kernel(&self.text, &self.symbols, name);
        let program = lowered.map(|program| {
            Arc::new(Program {
                compile: self.compile,
                ..program
            })
        });
        if let Err(error) = &program {
            tracing::warn!(kernel = name, %error, "this kernel cannot be executed");
        }
        let lowered = program.as_ref().ok();
        let directives = &function.directives;
        let threads = |shape: [u32; 3]| shape.iter().product::<u32>().clamp(1, 1024);
        let bounds = directives.req_ntid.or(directives.max_ntid);
        Ok(Kernel {
            name: name.into(),
            param_bytes: params.last().map_or(0, |slot| slot.offset + slot.size),
            params,
            static_shared_bytes: lowered.map_or(0, |program| program.shared_bytes),
            local_bytes: lowered.map_or(0, |program| program.local_bytes),
            const_bytes: self.const_bytes,
            registers: lowered.map_or(32, |program| program.registers.clamp(16, 255)),
            max_threads: bounds.map_or(1024, threads),
            max_ntid: directives.max_ntid,
            required_ntid: directives.req_ntid,
            min_blocks_per_multiprocessor: directives.min_ncta_per_sm,
            ptx_version: self.ptx_version,
            program,
        })
    }
}

fn place_all(
    module: &Module<'_>,
    symbols: &mut Symbols,
    place: &mut dyn FnMut(&GlobalDecl) -> Result<u64, ExecError>,
) -> Result<Vec<GlobalSymbol>, ExecError> {
    let mut placed = Vec::new();
    let mut total = 0u64;
    for variable in &module.globals {
        let chosen = module.global(variable.name);
        if chosen.is_some_and(|chosen| !std::ptr::eq(chosen, variable)) {
            continue;
        }
        let bytes = variable.size_bytes();
        let is_extern = variable.linkage == Linkage::Extern || variable.is_unsized();
        let mut entry = GlobalEntry {
            space: variable.space,
            ty: variable.ty,
            address: None,
            bytes: if variable.is_unsized() { 0 } else { bytes },
            align: variable.align,
            is_extern,
        };
        if !is_extern && matches!(variable.space, Space::Global | Space::Const) {
            total = total.saturating_add(bytes);
            if total > GLOBALS_MAX {
                return Err(ExecError::Placement {
                    name: variable.name.to_owned(),
                    bytes,
                    reason: "the module's variables are too large".to_owned(),
                });
            }
            let decl = declaration(variable, bytes);
            let address = place(&decl)?;
            entry.address = Some(address);
            placed.push(GlobalSymbol { decl, address });
        }
        symbols.globals.insert(variable.name.to_owned(), entry);
    }
    Ok(placed)
}

fn declaration(variable: &Variable<'_>, bytes: u64) -> GlobalDecl {
    GlobalDecl {
        name: variable.name.to_owned(),
        bytes,
        align: variable.align.max(1),
        space: variable.space,
        managed: variable.managed,
    }
}

/// The bytes of variables with initial values; functions named in them may be called indirectly.
fn initial_data(module: &Module<'_>, symbols: &mut Symbols) -> Result<Vec<InitialData>, ExecError> {
    let mut data = Vec::new();
    let mut addressed = Vec::new();
    for variable in &module.globals {
        let entry = symbols.globals.get(variable.name);
        let Some(address) = entry.and_then(|entry| entry.address) else {
            continue;
        };
        if variable.init.is_empty() || variable.linkage == Linkage::Extern {
            continue;
        }
        let mut bytes = vec![0; variable.size_bytes() as usize];
        let resolve = |name: &str, _generic: bool| {
            if let Some(function) = symbols.functions.get(name) {
                addressed.push(name.to_owned());
                return Some(function_address(function.index));
            }
            symbols.globals.get(name)?.address
        };
        let written = variable.write_initial(resolve, |at, piece| {
            let end = (at as usize).saturating_add(piece.len());
            if let Some(room) = bytes.get_mut(at as usize..end) {
                room.copy_from_slice(piece);
            }
        });
        if let Err(unresolved) = written {
            let name = unresolved.0.to_owned();
            return Err(ExecError::UnknownSymbol { name });
        }
        data.push(InitialData { address, bytes });
    }
    symbols.addressed = addressed;
    Ok(data)
}
