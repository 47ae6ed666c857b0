//! What lowering produces for one kernel: the ops of the kernel and of every function it can call.
//! Read [`Program`].

use std::collections::HashMap;

use super::{
    compile::{Compile, Unit},
    op::Op,
    rows::AlignedBytes,
};

/// Generic addresses carry the state space in their upper 16 bits; host addresses, and with them
/// global ones, leave these zero.
pub(super) const SHARED_TAG: u64 = 1;
/// Local memory of the thread.
pub(super) const LOCAL_TAG: u64 = 2;
/// The kernel's parameters.
pub(super) const PARAM_TAG: u64 = 3;
/// Functions; not readable.
pub(super) const FUNCTION_TAG: u64 = 4;
/// Bits below the tag.
pub(super) const TAG_SHIFT: u32 = 48;
/// Distance of two function addresses.
pub(super) const FUNCTION_STEP: u64 = 16;

/// The address that stands for the `index`-th function of a module.
pub(super) fn function_address(index: usize) -> u64 {
    (FUNCTION_TAG << TAG_SHIFT) + (index as u64 + 1) * FUNCTION_STEP
}

/// One function of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FunctionCode {
    /// Its name.
    pub(super) name: String,
    /// Its first op.
    pub(super) pc: u32,
    /// Bytes of its registers.
    pub(super) window_bytes: u32,
    /// Bytes of its frame in local memory.
    pub(super) frame_bytes: u32,
}

/// The ops of a kernel and its callees, and what they refer to.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// All ops; every function ends in an op that does not fall through.
    pub(super) ops: Vec<Op>,
    /// What all threads of a launch compute alike, executed once by each CPU thread.
    pub(super) launch_ops: Vec<Op>,
    /// What all threads of a block compute alike, executed once a block.
    pub(super) block_ops: Vec<Op>,
    /// Bytes of the results of both.
    pub(super) uniform_bytes: u32,
    /// How many of both each thread counts as its own.
    pub(super) n_hoisted: u32,
    /// When they become machine code.
    pub(super) compile: Compile,
    /// Runs of ops that may become machine code.
    pub(super) units: Vec<Unit>,
    /// For each op its line in the text.
    pub(super) lines: Vec<u32>,
    /// Slots and numbers of ops that need more than an `Op` holds.
    pub(super) lists: Vec<u32>,
    /// Rows of constants.
    pub(super) constants: AlignedBytes,
    /// The kernel first, then its callees.
    pub(super) functions: Vec<FunctionCode>,
    /// Address of a function to its index in `functions`.
    pub(super) by_address: HashMap<u64, u32>,
    /// Memory ops that cache the allocation they last used.
    pub(super) n_sites: u32,
    /// Bytes of local memory a thread needs for the deepest chain of calls without recursion.
    pub(super) local_bytes: u32,
    /// Whether calls may nest deeper than `local_bytes` allows.
    pub(super) unbounded_stack: bool,
    /// Bytes of static shared memory.
    pub(super) shared_bytes: u32,
    /// 32-bit registers a thread holds at most.
    pub(super) registers: u32,
}
