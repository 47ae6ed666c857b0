//! The executor: PTX functions are lowered to register code and run by a warp-lockstep interpreter
//! on the CPU's cores. It knows neither streams nor allocations; whoever launches gives it an
//! allocation map and runs the blocks from as many threads as there are cores to use.
//!
//! Read [`LinkedModule`] (one loaded image), then [`Kernel`], then [`Launch`].
//!
//! 1. `LinkedModule::new` places the module's variables; the caller copies `initial_data` to them.
//! 2. `LinkedModule::kernel` describes and lowers a kernel on first use.
//! 3. `Launch::new` checks shape and parameters; `Launch::run_blocks` is called by each thread that
//!    helps, until it returns [`RunState::Finished`] or [`RunState::Drained`].

mod access;
mod access_vector;
mod async_copy;
mod atomics;
mod bits;
mod block;
mod builtin;
mod compile;
mod control;
mod cross;
mod env;
mod error;
mod float8;
mod format;
mod fpu;
mod half;
mod kernel;
mod lanes;
mod launch;
mod link;
mod lower;
mod math;
mod matrix;
mod memory;
mod op;
mod program;
mod quads;
mod rows;
mod simd;
mod soft;
mod special;
mod stack;
mod tiles;
mod video;
mod warp;
mod wide_atomics;

pub use compile::Compile;
pub use env::{
    Access, Counters, DeviceMemory, DeviceServices, LaunchEnv, LaunchShape, Poll, RunState,
};
pub use error::{ExecError, Fault, FaultKind};
pub use kernel::Kernel;
pub use launch::{Launch, Outcome};
pub use link::{GlobalDecl, GlobalSymbol, InitialData, LinkedModule};

#[cfg(test)]
mod tests;
