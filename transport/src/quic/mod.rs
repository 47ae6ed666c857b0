//! Between hosts: one QUIC connection a client process, whose streams are the rings' own bytes. The
//! pumps keep both copies of the rings equal; what the records say is not looked at.
//! Read [`RemoteLink`] (client) or [`QuicServer`] first.
//!
//! # On the wire
//!
//! The client opens every stream, and each side begins it with a preamble:
//!
//! ```text
//! 0            4      5      7      8          16         24         32
//! ├ "RGL1" ────┼ kind ┼ lane ┼ zero ┼ session ─┼ sends ───┼ expects ─┤
//! ```
//!
//! `kind` is 0 for control, 1 for calls (command one way, reply the other), 2 for bulk (upload and
//! download), 3 for acknowledgements of both. `sends` is the ring position of the first byte this side sends on the stream, `expects`
//! that of the first byte it wants: on a session's first connection both are 0, on a later one where the
//! one before broke off. `lane` is zero but for bulk that goes over TCP instead (`lane`, `desk`, `stripe`):
//! the same bytes there. Integers are little-endian.
//!
//! After it the control stream carries messages: length u32, bytes. The others carry records as they
//! stand in the ring: head, payload, without the gap up to the next granule; of a pad record only the
//! head, so that positions stay equal on both sides. Acknowledgements are 16 bytes each: kind u64,
//! position u64; everything of that kind before the position is in the ring. They have a stream of their
//! own because an acknowledgement never waits for payload.

mod acks;
mod address;
mod client;
mod config;
mod congestion;
mod connect;
mod control;
mod desk;
mod dial;
#[cfg(test)]
mod flood;
mod flow;
mod lane;
mod pump;
mod server;
mod shape;
mod shape_lane;
mod silence;
mod socket;
mod stripe;
mod turn;
mod ucx;

pub use client::{QuicTarget, RemoteLink, Resumption, Understand};
pub use config::QuicTuning;
pub use control::CONTROL_BYTES_MAX;
pub use lane::{BadLane, LaneKind, LaneSet, Lanes};
pub use server::{Bridge, BridgeEnd, Bridgehead, QuicConnecting, QuicPeer, QuicServer};
pub use shape::{BadShape, Shape};
