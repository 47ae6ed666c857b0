//! The daemon: identity, leases, placement, the books, and the control side of every session. It
//! never loads a CUDA library. Read [`run`] first.

mod admin;
mod alerts;
mod assigned;
mod attempts;
mod attendants;
mod audit;
mod books;
mod end;
mod exports;
mod growing;
mod guests;
mod http;
mod images;
mod issue;
mod journal;
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
mod record;
mod reload;
mod remote;
mod returns;
mod server;
mod session;
mod shelf;
mod spares;
mod status;
mod tokens;
mod turns;
mod usage;
mod view;
mod why;
mod worker_users;

pub use reload::Reread;
pub use server::{check, run};
