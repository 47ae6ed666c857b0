//! The daemon: identity, leases, placement, the books, and the control side of every session. It
//! never loads a CUDA library. Read [`run`] first.

mod admin;
mod alerts;
mod assigned;
mod attendants;
mod audit;
mod books;
mod end;
mod growing;
mod guests;
mod http;
mod issue;
mod images;
mod lease;
mod lifecycle;
mod link;
mod live;
mod load;
mod metrics;
mod notify;
mod openers;
mod peer;
mod placement;
mod process;
mod questions;
mod queue;
mod reload;
mod remote;
mod returns;
mod server;
mod session;
mod spares;
mod status;
mod tokens;
mod shelf;
mod turns;
mod usage;
mod view;
mod why;

pub use reload::Reread;
pub use server::{check, run};
