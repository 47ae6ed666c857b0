//! What `cargo xtask codegen` writes from the table of driver calls: prototypes and structures.

pub(crate) mod api;
pub(crate) mod types;
