//! Machine code for straight runs of ops. Lowering cuts a program into units ([`Unit`]) and puts a marker in
//! front of each; a unit that has been reached often becomes machine code, and the marker runs that. What the
//! compiler does not know stays a closure, which the code calls. The interpreter remains the reference: every
//! unit can be interpreted at any time, and is wherever the code is not sure. Read [`enter`], then `build`.
//!
//! 1. Code runs for whole warps only: every lane that is not idle is active, and no other group of lanes waits
//!    at an op inside. All else is interpreted.
//! 2. Code leaves at an op before which everything has been done and after which nothing: registers that
//!    somebody reads later are in their rows, and the interpreter goes on from there. So a check that fails
//!    has no consequence but time, and faults are raised by the interpreter alone.
//! 3. Memory is written and then made executable, never both, is limited by `memory::CODE_MAX`, and is freed
//!    with the module.

mod template;
mod unit;

#[cfg(target_arch = "x86_64")]
mod access;
#[cfg(target_arch = "x86_64")]
mod assembler;
#[cfg(target_arch = "x86_64")]
mod build;
#[cfg(target_arch = "x86_64")]
mod carry;
#[cfg(target_arch = "x86_64")]
mod double;
#[cfg(target_arch = "x86_64")]
mod field;
#[cfg(target_arch = "x86_64")]
mod flow;
#[cfg(target_arch = "x86_64")]
mod gather;
#[cfg(target_arch = "x86_64")]
mod guard;
#[cfg(target_arch = "x86_64")]
mod mask;
#[cfg(target_arch = "x86_64")]
mod memory;
#[cfg(target_arch = "x86_64")]
mod number;
#[cfg(target_arch = "x86_64")]
mod operation;
#[cfg(target_arch = "x86_64")]
mod pick;
#[cfg(target_arch = "x86_64")]
mod scalar;
#[cfg(target_arch = "x86_64")]
mod scatter;
#[cfg(target_arch = "x86_64")]
mod together;
#[cfg(target_arch = "x86_64")]
mod value;
#[cfg(target_arch = "x86_64")]
mod vector;

pub(in crate::exec) use template::{
    Access, Compared, FloatOp, IntOp, LogicOp, Place, Relation, ShiftOp, Template, Width,
};
pub use unit::Compile;
pub(in crate::exec) use unit::{Layout, Step, Touch, Unit, enter};
