//! A kernel as the driver sees it: its parameter layout, its resources, and its lowered program.
//! Read [`Kernel`].

use std::sync::Arc;

use super::{error::ExecError, program::Program};
use crate::ptx::ParamSlot;

/// One kernel of a [`super::LinkedModule`].
#[derive(Debug)]
pub struct Kernel {
    /// Its name.
    pub name: Arc<str>,
    /// Where each parameter lies in the parameter buffer.
    pub params: Vec<ParamSlot>,
    /// Bytes of the parameter buffer.
    pub param_bytes: u32,
    /// Bytes of `.shared` variables with a size.
    pub static_shared_bytes: u32,
    /// Bytes of `.local` memory a thread, callees included; recursion is not counted.
    pub local_bytes: u32,
    /// Bytes of the module's `.const` variables.
    pub const_bytes: u32,
    /// 32-bit registers a thread holds at most at one point.
    pub registers: u32,
    /// Threads that a block may have (`.maxntid`, `.reqntid`, else 1024).
    pub max_threads: u32,
    /// `.maxntid`.
    pub max_ntid: Option<[u32; 3]>,
    /// `.reqntid`.
    pub required_ntid: Option<[u32; 3]>,
    /// `.minnctapersm`.
    pub min_blocks_per_multiprocessor: Option<u32>,
    /// Architecture of the PTX that is executed: 120 for `sm_120`.
    pub ptx_version: u32,
    pub(super) program: Result<Arc<Program>, ExecError>,
}

impl Kernel {
    /// Why this kernel cannot be launched, if it cannot.
    #[must_use]
    pub fn refusal(&self) -> Option<&ExecError> {
        self.program.as_ref().err()
    }
}
