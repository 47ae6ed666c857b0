//! The C border: exported `cu*` symbols in front of any [`Driver`](rigel_protocol::Driver).
//!
//! It leaves to others what a call does. Here C becomes Rust: pointers are checked and read, many C
//! functions fold into few methods, and what needs no driver is answered on the spot: the current
//! context, device attributes, error strings, the lookup of entry points, the private tables of
//! NVIDIA's libraries. A library of ours links this crate and names its driver with [`register!`];
//! read `ffi` first, then `custom`.

mod captures;
mod checks;
mod context;
mod current;
mod custom;
mod export_table;
mod ffi;
mod generated;
mod image;
mod install;
mod integrity;
mod local_storage;
mod state;
mod symbols;

pub use install::{DriverSource, OwnTable, install, offer_table};
