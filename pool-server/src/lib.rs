//! Owns GPUs and shares them: the daemon and the worker processes.

pub mod worker;
