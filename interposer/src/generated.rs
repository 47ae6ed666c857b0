//! What `cargo xtask codegen` writes from the table in `protocol/api/`; never edited.

pub(crate) mod exports;
