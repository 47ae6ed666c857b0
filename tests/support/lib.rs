//! End to end: unmodified programs, directly on a driver and through the pool.
//!
//! This library is the harness: a server of the test's own ([`Server`]), a program run in one of
//! three ways ([`Client`], [`Mode`]), and what is needed for both. It judges nothing; the tests in
//! `e2e/` do. The programs are in `programs/`; `cargo xtask programs` builds them and
//! `cargo xtask layout` the libraries they run against.

mod client;
mod image;
mod installation;
mod liar;
mod manager;
mod random_client;
mod requirement;
mod server;

pub use client::{Client, Mode, Output, RunningClient, run_alike};
pub use image::{Bundle, Image};
pub use installation::Installation;
pub use liar::{Answer, Heard, Liar};
pub use manager::Manager;
pub use random_client::{RandomClient, Tally};
pub use requirement::missing;
pub use server::{Lease, Server, ServerOptions};

/// How long anything in a test may take before it counts as hung.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);
