//! Owns GPUs and shares them: the daemon (`rigel serve`) and its worker processes (`rigel worker`).
//!
//! A library, so that one binary serves both and tests can drive either. The daemon knows who may
//! hold what and never touches CUDA; a worker knows CUDA and nothing of tenants. Read
//! [`daemon::run`] and [`worker::main`] first.

pub mod ask;
pub mod bytes;
pub mod config;
pub mod daemon;
pub mod paths;
pub mod percent;
pub mod worker;
