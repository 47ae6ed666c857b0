//! libcuda.so.1 without a GPU: a Driver that runs PTX on the CPU.

mod capture;
mod complaint;
mod config;
mod context;
mod copy;
mod device;
mod driver;
mod engine;
mod event;
pub mod exec;
mod graph;
pub mod image;
mod ipc;
mod launch;
mod library;
mod link;
mod logging;
mod memory;
mod module;
mod output;
mod pool;
pub mod ptx;
mod segment;
mod stats;
mod stream;
mod table;
mod vmm;

pub use driver::SoftDriver;
pub use library::TABLE_ID;
pub use stats::Snapshot;

#[cfg(test)]
mod tests;
