//! The language both sides of Rigel speak: calls, types, wire layouts and the [`Driver`] trait.
//!
//! It leaves to others everything that touches the world: no I/O, no clock, no threads, no unsafe.
//! Read [`custom`] first: it is the hand-written half of the `Driver` trait; the other half, and
//! every id and layout, is generated from the table in `protocol/api/`.

pub mod call;
pub mod client_file;
pub mod control;
pub mod custom;
pub mod generated;
pub mod handle;
pub mod link;
pub mod pool;
pub mod span;
pub mod status;
pub mod trace;
pub mod visible;
pub mod wire;

pub use call::{Cx, HostPtr, ThreadId};
pub use custom::{Contexts, Copies, Graphs, HostMemory, Images, Launches, Lifecycle};
pub use generated::driver::Driver;
pub use status::{CuError, CuResult};
