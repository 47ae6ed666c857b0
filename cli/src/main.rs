//! The rigel command: run, serve, worker, status.

fn main() {}
