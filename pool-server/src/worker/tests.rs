//! The worker's session from record to reply, over real rings, with a driver that only remembers.

mod bench;
mod calls;
mod copies;
mod gates;
mod hostile;
mod memory;
