//! The daemon: identity, leases, placement, the books, and the control side of every session. It
//! never loads a CUDA library. Read [`run`] first.

mod admin;
mod books;
mod end;
mod lease;
mod link;
mod live;
mod load;
mod placement;
mod process;
mod remote;
mod returns;
mod server;
mod session;
mod spares;
mod status;
mod turns;
mod view;

pub use server::run;
