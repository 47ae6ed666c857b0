//! Every instruction form of the first tier, executed and compared with results computed in Rust,
//! apart from the executor's own code.

mod approximate;
mod atomic;
mod control;
mod convert;
mod cross;
mod float;
mod integer;
mod memory;
mod mixed;
mod oracle;
mod support;
mod video;
mod words;
