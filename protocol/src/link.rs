//! What travels in the rings besides the generated calls: copies, launches, images, answers.
//!
//! Ids are those of `protocol/api/link.rs`. Both sides use the same functions here, so that a layout
//! is written once. It knows nothing of rings: the heads of records are the transport's. Read
//! [`copy`] first.
//!
//! 1. The head of a record names the call, the calling thread, and the current context by
//!    [`context_word`].
//! 2. A call of class cached, wait or block is answered by a record with the same id and thread:
//!    [`Reply`], then the results. It names the call by the position of its record in the command
//!    ring. A thread waits for one answer at a time.
//! 3. A posted call is not answered. If it fails, a [`Notice`] says so.
//! 4. Bytes up to [`INLINE_BYTES_MAX`] ride in the record; more follow as a bulk transfer whose number
//!    the client chooses, in the upload ring, or come back so in the download ring *before* the answer
//!    is sent (the rings are read separately: the client counts bytes).

pub mod copy;
pub mod graph;
pub mod image;
pub mod launch;
pub mod mirror;

pub use copy::{WireCopy, WireCopy3d, WireFill, WirePlace, WireSide};
pub use graph::WireNode;
pub use image::{FunctionRow, ImageHead, ImageName, LinkHead, Loaded, NamedHead, NamedImage};
pub use launch::{HostCall, LaunchHead, LaunchHost};
pub use mirror::{HostRegister, MirrorMap};

use crate::handle::{Context, Device};
use crate::status::{CuError, CuResult};
use crate::wire::{Get, Put, Wire, WireError};

/// Most bytes that ride in a record instead of a bulk transfer.
pub const INLINE_BYTES_MAX: usize = 4096;

/// Longest bulk transfer the worker collects in memory as a whole (an image, a link's inputs).
pub const COLLECT_BYTES_MAX: u64 = 1 << 30;

/// A context as the head of a record names it: 0 for none, else the handle's index plus one.
/// `None` for what is no handle of ours.
pub fn context_word(context: Context) -> Option<u32> {
    if context.is_none() {
        return Some(0);
    }
    context.index().and_then(|index| index.checked_add(1))
}

/// The context that the head of a record names.
pub fn context_of_word(word: u32) -> Context {
    match word.checked_sub(1) {
        Some(index) => Context::mint(index),
        None => Context::NONE,
    }
}

/// The start of every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Position of the call's record in the command ring.
    pub position: u64,
    /// How it ended; results follow only if well.
    pub result: CuResult<()>,
}

impl Wire for Reply {
    fn put(&self, out: &mut Put) {
        out.put(&self.position);
        out.put(&code(self.result));
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            position: from.get()?,
            result: CuError::check(from.get()?),
        })
    }
}

/// A posted call of the thread in the record's head has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The call's id.
    pub call: u16,
    /// Its error.
    pub error: CuError,
}

impl Wire for Notice {
    fn put(&self, out: &mut Put) {
        out.put(&self.call);
        out.put(&self.error.code());
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let call = from.get()?;
        let error = CuError::from_code(from.get()?).ok_or(WireError::BadValue {
            what: "an error",
            value: 0,
        })?;
        Ok(Self { call, error })
    }
}

/// Bytes that go with a call: in its record, or in a transfer of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// They are here.
    Inline(&'a [u8]),
    /// They come separately.
    Bulk(Transfer),
}

/// A bulk transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its number, chosen by the client, never used again in the session.
    pub number: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

impl Wire for Transfer {
    fn put(&self, out: &mut Put) {
        out.put(&self.number);
        out.put(&self.bytes);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            number: from.get()?,
            bytes: from.get()?,
        })
    }
}

impl<'a> Payload<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        match self {
            Self::Inline(bytes) => {
                out.put(&0_u8);
                out.bytes(bytes);
            }
            Self::Bulk(transfer) => {
                out.put(&1_u8);
                out.put(transfer);
            }
        }
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        match from.get::<u8>()? {
            0 => Ok(Self::Inline(from.bytes()?)),
            1 => Ok(Self::Bulk(from.get()?)),
            value => Err(WireError::BadValue {
                what: "the kind of a payload",
                value: value.into(),
            }),
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Bulk(transfer) => transfer.bytes,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `primaryActivate` and `contextCreate`: the context to be, its device and flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextBegin {
    /// The handle: a primary one, or minted by the client.
    pub context: Context,
    /// The client's ordinal.
    pub device: Device,
    /// `CU_CTX_*`.
    pub flags: u32,
}

impl Wire for ContextBegin {
    fn put(&self, out: &mut Put) {
        out.put(&self.context);
        out.put(&self.device);
        out.put(&self.flags);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            context: from.get()?,
            device: from.get()?,
            flags: from.get()?,
        })
    }
}

/// `arenaMap`: page-locked memory that both sides map at the same address. `arenaUnmap` sends the
/// same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaMap {
    /// The number that the daemon gave the arena.
    pub arena: u32,
    /// Where the client has mapped it.
    pub address: u64,
    /// Its size.
    pub bytes: u64,
    /// `CU_MEMHOSTALLOC_*`.
    pub flags: u32,
}

impl Wire for ArenaMap {
    fn put(&self, out: &mut Put) {
        out.put(&self.arena);
        out.put(&self.address);
        out.put(&self.bytes);
        out.put(&self.flags);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            arena: from.get()?,
            address: from.get()?,
            bytes: from.get()?,
            flags: from.get()?,
        })
    }
}

/// The number of a result: 0 for success.
pub(crate) fn code(result: CuResult<()>) -> i32 {
    result.map_or_else(CuError::code, |()| 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_word_of_any_context_gives_it_back() {
        for context in [
            Context::NONE,
            Context::primary(Device(0)),
            Context::mint(99),
        ] {
            let word = context_word(context).unwrap();
            assert_eq!(context_of_word(word), context);
        }
        assert_eq!(context_word(Context(7)), None);
        assert_eq!(context_word(Context::mint(u32::MAX)), None);
    }

    #[test]
    fn payload_kinds_survive_the_wire() {
        for payload in [
            Payload::Inline(b"abc"),
            Payload::Bulk(Transfer {
                number: 9,
                bytes: 1 << 40,
            }),
        ] {
            let mut put = Put::new();
            payload.put(&mut put);
            let mut get = Get::new(put.as_slice());
            assert_eq!(Payload::get(&mut get), Ok(payload));
            assert_eq!(get.finish(), Ok(()));
        }
        assert!(Payload::get(&mut Get::new(&[2])).is_err());
    }
}
