//! Why a kernel could not be lowered or launched, and what a running kernel did wrong. Read
//! [`ExecError`] for the first and [`Fault`] for the second.

use std::sync::Arc;

use thiserror::Error;

use crate::ptx::PtxError;

/// A refusal before anything ran.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExecError {
    /// The PTX text does not parse.
    #[error(transparent)]
    Ptx(#[from] PtxError),
    /// The executor has no lowering for this form.
    #[error("lower '{form}' in '{kernel}' at line {line}: {reason}")]
    Unsupported {
        /// Kernel or device function that holds the instruction.
        kernel: String,
        /// Line in the module's text.
        line: u32,
        /// Opcode and modifiers as written.
        form: String,
        /// What exactly is not understood.
        reason: String,
    },
    /// The module has no kernel of this name.
    #[error("find kernel '{name}': the module does not define it")]
    UnknownKernel {
        /// The name asked for.
        name: String,
    },
    /// A variable or function is used that no module defines.
    #[error("link '{name}': nothing defines it")]
    UnknownSymbol {
        /// The name.
        name: String,
    },
    /// A module-level variable could not be given memory.
    #[error("place variable '{name}' of {bytes} bytes: {reason}")]
    Placement {
        /// The variable.
        name: String,
        /// Its size.
        bytes: u64,
        /// Why not.
        reason: String,
    },
    /// A limit of the executor is exceeded.
    #[error("lower '{kernel}': {what} is {value}, over the limit of {max}")]
    TooLarge {
        /// Kernel or module.
        kernel: String,
        /// What is too large.
        what: &'static str,
        /// How large it is.
        value: u64,
        /// The limit.
        max: u64,
    },
    /// Grid, block or parameter buffer do not fit the kernel.
    #[error("launch '{kernel}': {reason}")]
    BadLaunch {
        /// The kernel.
        kernel: String,
        /// What does not fit.
        reason: String,
    },
}

/// What kind of mistake ended a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// An access outside every allocation (CUDA error 700).
    IllegalAddress,
    /// An address that is no multiple of the access size (716).
    Misaligned,
    /// An address of the wrong state space for the instruction (717).
    InvalidAddressSpace,
    /// A jump or call to something that is no function (718).
    InvalidPc,
    /// `trap`.
    Trap,
    /// `brkpt` with no debugger.
    Breakpoint,
    /// A failed device-side `assert` (710).
    Assert,
    /// An operation that the machine cannot perform with these operands (715).
    IllegalInstruction,
    /// Calls nested beyond the stack limit.
    StackOverflow,
    /// Every thread of a block waits for something that cannot come.
    Deadlock,
    /// The launch was cancelled from outside.
    Cancelled,
}

/// The first mistake of a kernel; it ends the whole launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of mistake.
    pub kind: FaultKind,
    /// The kernel.
    pub kernel: Arc<str>,
    /// `%ctaid` of the thread.
    pub block: [u32; 3],
    /// `%tid` of the thread.
    pub thread: [u32; 3],
    /// The offending address, for memory faults.
    pub address: Option<u64>,
    /// Line of the instruction in the module's text, 0 if unknown.
    pub line: u32,
    /// One sentence for the log.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ([bx, by, bz], [tx, ty, tz]) = (self.block, self.thread);
        write!(
            f,
            "{:?} in '{}' at PTX line {}, block ({bx},{by},{bz}), thread ({tx},{ty},{tz})",
            self.kind, self.kernel, self.line
        )?;
        if let Some(address) = self.address {
            write!(f, ", address {address:#x}")?;
        }
        write!(f, ": {}", self.message)
    }
}
