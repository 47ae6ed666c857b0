//! The worker: a process that hosts one session. It takes calls from the session's rings in order,
//! translates handles, charges what allocates, and calls a loaded libcuda. It does not know who the
//! client is or what it may hold: that is the daemon's. Read [`control`] for how it is started.

pub mod control;
pub mod ledger;
pub mod meter;
pub mod shared;
