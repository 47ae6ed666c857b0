// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! What follows from the table of driver calls in `protocol/api/`.

pub mod calls;
pub mod driver;
pub mod layouts;
pub mod symbols;
pub mod types;
