//! Exports written by hand: what the table marks `custom`, one file an area.
//!
//! The generated export of a custom call does nothing but stop panics and pass its arguments on:
//!
//! ```text
//! extern "C" fn cuMemcpyHtoD_v2_ptds(dst: DevicePtr, src: *const c_void, bytes: usize) -> i32 {
//!     ffi::call(|| unsafe { custom::copy::cuMemcpyHtoD_v2(Stream::PER_THREAD, dst, src, bytes) })
//! }
//! ```
//!
//! A function here has the C name and the C parameters in order; where the call has a `_ptds` or
//! `_ptsz` form, one more comes first: what the null stream means in the form that was called. It
//! returns a `CuResult<()>`. Read [`copy`] first: it shows how many C functions fold into one method.
//!
//! # Safety
//! All functions here are unsafe for the same reason, said once: a pointer they take is null or valid
//! as the CUDA manual asks of that parameter. They check it for null; nobody can check the rest.
#![expect(
    unsafe_code,
    reason = "the C border: reads and writes callers' pointers"
)]
#![expect(non_snake_case, reason = "functions bear their C names")]
#![expect(
    clippy::too_many_arguments,
    reason = "functions have their C parameters"
)]

pub(crate) mod context;
pub(crate) mod copy;
mod copy_batch;
pub(crate) mod copy_box;
mod core_dump;
pub(crate) mod device;
pub(crate) mod entry;
pub(crate) mod function;
pub(crate) mod graph;
pub(crate) mod graph_node;
pub(crate) mod green;
mod hints;
pub(crate) mod jit;
pub(crate) mod launch;
mod legacy;
pub(crate) mod linker;
pub(crate) mod memory;
pub(crate) mod module;
pub(crate) mod occupancy;
pub(crate) mod pointer;
pub(crate) mod pool;
pub(crate) mod profiler;
pub(crate) mod stream;
pub(crate) mod tools;
pub(crate) mod user_object;
pub(crate) mod vmm;
