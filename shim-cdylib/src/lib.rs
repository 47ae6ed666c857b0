//! What a client process loads as `libcuda.so.1`: a [`rigel_protocol::Driver`] that forwards
//! calls to a pool.
//!
//! It leaves to others the C border (`interposer`), the rings (`transport`) and everything a call does
//! (the worker's driver). Nothing starts when the library is loaded: the first call connects. Read
//! [`remote::Remote`] first.

mod allocations;
mod bulk;
mod caller;
mod caller_box;
mod config;
mod connect;
mod contexts;
mod copies;
mod exports;
mod fork;
mod functions;
mod generated;
mod graphs;
mod handles;
mod hosts;
mod idle;
mod images;
mod inbox;
mod launches;
mod logging;
mod managed;
mod mark;
mod mirrors;
mod observe;
mod outbox;
mod pinned;
mod pools;
mod posted;
mod print;
mod quick;
mod registered;
mod remote;
mod session;
mod shadow;
mod shared_events;
mod soft;
mod stats;
mod streams;
mod trace;
mod way;

use rigel_protocol::Driver;

use crate::remote::Remote;

rigel_interposer::register!(driver);

/// The driver behind this library's exports.
fn driver() -> &'static dyn Driver {
    static REMOTE: Remote = Remote::new();
    &REMOTE
}
