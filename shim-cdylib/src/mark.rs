//! The mark by which a worker knows this library: as its driver it would forward to a pool again, and
//! the worker refuses it. It is looked up in the loaded file and never called or read.
#![expect(unsafe_code, reason = "an exported symbol")]

/// Present in the client's library alone.
#[unsafe(no_mangle)]
pub(crate) static RIGEL_CLIENT_LIBRARY: u8 = 1;
