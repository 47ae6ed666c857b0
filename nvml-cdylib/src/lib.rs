//! What a client process loads as `libnvidia-ml.so.1`: the session's view of its virtual GPUs.
//!
//! It leaves to others what a lease is and who holds what (`pool-server`): it asks the daemon for a
//! [`View`](rigel_protocol::control::View) of the lease and answers from it; beside the soft driver
//! used directly, from that driver's settings. It opens no session and touches no CUDA, so asking it
//! before a fork is safe. Functions that say nothing of a virtual GPU answer `NVML_ERROR_NOT_SUPPORTED`.
//! Read `state` first.

mod border;
mod config;
mod device;
mod numbers;
mod pool;
mod processes;
mod soft;
mod state;
mod status;
mod system;
mod unsupported;
