//! libcuda.so.1 without a GPU: a Driver that runs PTX on the CPU.

pub mod exec;
pub mod image;
pub mod ptx;
