//! One loaded module: its variables placed in device memory, its kernels lowered on first use.
//! Read [`LinkedModule`].

use std::sync::Arc;

use super::{error::ExecError, kernel::Kernel};
use crate::ptx::Space;

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
    globals: Vec<GlobalSymbol>,
    initial: Vec<InitialData>,
    kernels: Vec<String>,
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
        let _ = (text, place);
        Ok(Self {
            globals: Vec::new(),
            initial: Vec::new(),
            kernels: Vec::new(),
        })
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
        self.kernels.iter().map(String::as_str)
    }

    /// The kernel called `name`, lowered on first use. A kernel that cannot be lowered is returned
    /// too: its layout is known, and [`super::Launch::new`] reports why it cannot run.
    ///
    /// # Errors
    /// If there is no such kernel, or its declaration does not parse.
    pub fn kernel(&self, name: &str) -> Result<Arc<Kernel>, ExecError> {
        Err(ExecError::UnknownKernel {
            name: name.to_owned(),
        })
    }
}
