//! Keeps two copies of a session's rings equal; knows nothing of CUDA.
//!
//! It leaves to others what the records mean (`protocol`), who may connect (`pool-server`) and which
//! call waits for what (`shim-cdylib`). Read [`SessionMemory`] first.
//!
//! # A session's memory
//!
//! One block, created and sealed by the server on one host, anonymous for a remote client:
//!
//! ```text
//! 0        control page (4096 bytes)
//!            0x000 + 128·ring       released  u64   how far the consumer has given back, in bytes
//!            0x200 + 128·ring       space bell: sequence u32, waiting u32
//!            0x400 + 128·direction  data bell:  sequence u32, waiting u32   (0: to worker, 1: to client)
//!            0x600 + 128·side       closed    u32   0 while open, else a reason (0: client, 1: worker)
//! 4096     stamps of the command ring   u32 per granule of 64 bytes, rounded up to a page
//!          stamps of the upload, reply, download rings, likewise
//!          command ring, upload ring, reply ring, download ring
//! ```
//!
//! # A record
//!
//! ```text
//! 0       4    6      8        12        16
//! ├ len ──┼ op ┼ flags┼ thread ┼ context ┼ payload (len bytes) ┊ up to the next multiple of 64
//! ```
//!
//! Little-endian. A record starts on a granule and never wraps: a pad record (op 0xffff) fills the end
//! of a lap. Its position is the count of bytes before it since the ring was made, so positions are
//! issue order, and a link that copies records and pads verbatim reproduces the same positions.

pub mod arena;
mod bell;
mod block;
mod bulk;
mod error;
mod inflow;
mod layout;
pub mod local;
pub mod memory;
pub mod mirror;
pub mod pages;
pub mod peer;
pub mod pki;
pub mod quic;
mod ring;
mod session;
pub mod tls;

pub use bell::{Patience, hold};
pub use bulk::{BULK_HEAD_BYTES, BULK_OP, BulkChunk, BulkReservation};
pub use error::{CloseReason, RingError, TransportError};
pub use layout::{Direction, Layout, Ring, Side};
pub use ring::{
    Consumer, HeldRecord, PAD_OP, Producer, RECORD_HEAD_BYTES, Record, RecordHead, Reservation,
    RingSlice,
};
pub use session::{ClientEnd, SessionMemory, WorkerEnd, bell_eventfd};
