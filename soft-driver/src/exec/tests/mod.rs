//! Tests of the executor on PTX text: forms in tables, control flow, memory, faults. The machine they
//! run on is in `support`.

mod async_copy;
mod atomics;
mod compile;
mod control;
mod faults;
mod float;
mod functions;
mod integer;
mod masked;
mod matrix;
mod memory;
mod narrow;
mod newer;
mod progress;
mod support;
mod synchrony;
mod warp;
