//! Layouts of the hand-written records: what `protocol/api/link.rs` numbers, and what the worker
//! sends back. It leaves to others when they are sent. Read [`Blob`] first: it says how bytes travel.
//!
//! 1. The **sequence number** of a call is the position of its record in the command ring, which the
//!    client knows when it has reserved it. Nothing else numbers calls.
//! 2. A record with the flag [`WAITS`] is answered by exactly one [`REPLY`]; one without by nothing if
//!    it succeeds and by one [`NOTICE`] if it fails.
//! 3. Bytes too long for a record follow in the upload ring as chunks of the transfer whose number is
//!    the call's sequence number. The record is published first. A client sends the chunks of its
//!    transfers whole and in the order of their records: the worker reads both rings in order.
//! 4. Bytes too long for a reply precede it in the download ring, likewise numbered. The reply says how
//!    many there are.
//! 5. Functions and kernels are numbered by the worker, all other handles by the client. Where the
//!    worker must name another handle (a default memory pool, a library's module), its index is
//!    [`SERVER_MINTED`] or more, and the same object has the same handle again.

mod copy;
mod image;
mod launch;
mod reply;

pub use copy::{CopyBox, CopyLine, End, EndBox, FillRecord};
pub use image::{FunctionSetAttribute, Linked, LinkInput, LinkRecord, LoadRecord, Loaded};
pub use launch::{HostReturned, LaunchHost, LaunchRecord};
pub use reply::{
    CALLBACK, Callback, NOTICE, Notice, OUTPUT, REPLY, RESULTS_IN_BULK, ReplyHead,
};

use crate::call::HostPtr;
use crate::handle::{Context, Device};
use crate::wire::{Get, Put, Wire, WireError};

/// Flag of a command record: its caller waits for a reply.
pub const WAITS: u16 = 1;

/// Longest run of bytes that rides in a record or reply; longer ones go through the bulk rings.
pub const INLINE_BYTES_MAX: usize = 4096;

/// Longest transfer that the worker assembles before it uses it: an image, inputs of a link, a box of
/// a 2D or 3D copy. Linear copies have no limit. A client cuts larger boxes into several.
pub const ASSEMBLED_BYTES_MAX: u64 = 256 << 20;

/// First index of handles that the worker mints.
pub const SERVER_MINTED: u32 = 1 << 31;

/// Bytes of a record: in it, or in the bulk ring of its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blob<'a> {
    /// Here.
    Inline(&'a [u8]),
    /// This many, as the next part of the call's transfer.
    Bulk(u64),
}

impl<'a> Blob<'a> {
    /// The form in which bytes of this length travel.
    pub fn of(bytes: &'a [u8]) -> Self {
        match bytes.len() {
            0..=INLINE_BYTES_MAX => Self::Inline(bytes),
            len => Self::Bulk(len as u64),
        }
    }

    /// How many bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Bulk(bytes) => *bytes,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends it.
    pub fn put(&self, out: &mut Put) {
        match self {
            Self::Inline(bytes) => {
                out.put(&0_u8);
                out.bytes(bytes);
            }
            Self::Bulk(bytes) => {
                out.put(&1_u8);
                out.put(bytes);
            }
        }
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        match from.get::<u8>()? {
            0 => Ok(Self::Inline(from.bytes()?)),
            1 => Ok(Self::Bulk(from.get()?)),
            value => Err(WireError::BadValue { what: "the form of bytes", value: value.into() }),
        }
    }
}

/// Defines a record of plain fields.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $kind,)*
            }

            impl $crate::wire::Wire for $name {
                fn put(&self, out: &mut $crate::wire::Put) {
                    $(out.put(&self.$field);)*
                }

                fn get(
                    from: &mut $crate::wire::Get<'_>,
                ) -> Result<Self, $crate::wire::WireError> {
                    Ok(Self { $($field: from.get()?,)* })
                }
            }
        )*
    };
}
use records;

records! {
    /// Makes a primary context active.
    PrimaryActivate {
        /// Its device.
        device: Device,
        /// `CUctx_flags`.
        flags: u32,
    }

    /// Destroys what a primary context holds.
    PrimaryReset {
        /// Its device.
        device: Device,
    }

    /// Creates a context.
    ContextCreate {
        /// Its handle, minted by the client.
        context: Context,
        /// Its device.
        device: Device,
        /// `CUctx_flags`.
        flags: u32,
    }

    /// Destroys a context.
    ContextDestroy {
        /// Which.
        context: Context,
    }

    /// Says where the client has mapped an arena, which the worker maps at the same address and
    /// page-locks. Failing with `CUDA_ERROR_MAP_FAILED` means that the address is taken: try another.
    HostAlloc {
        /// The arena, as the daemon numbered it.
        arena: u32,
        /// Its first address.
        address: HostPtr,
        /// Its size in bytes.
        bytes: u64,
    }

    /// A stretch of an arena is to be free: answered when all earlier work has ended.
    HostFree {
        /// The first address.
        address: HostPtr,
        /// Its size in bytes.
        bytes: u64,
        /// Given if the whole arena ends: the worker unmaps it.
        arena: Option<u32>,
    }
}

impl Wire for HostPtr {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Encodes, decodes, compares, and checks that every shorter record is refused.
    pub(crate) fn check<T: Wire + PartialEq + std::fmt::Debug>(record: T) {
        let mut put = Put::new();
        put.put(&record);
        let mut get = Get::new(put.as_slice());
        assert_eq!(get.get::<T>().as_ref(), Ok(&record));
        get.finish().unwrap();
        for end in 0..put.as_slice().len() {
            assert!(Get::new(&put.as_slice()[..end]).get::<T>().is_err(), "{record:?} cut to {end}");
        }
    }

    #[test]
    fn plain_records_decode_to_the_same() {
        check(PrimaryActivate { device: Device(1), flags: 4 });
        check(PrimaryReset { device: Device(0) });
        check(ContextCreate { context: Context::mint(70), device: Device(2), flags: 1 });
        check(ContextDestroy { context: Context::mint(70) });
        check(HostAlloc { arena: 3, address: HostPtr(0x7000_0000), bytes: 1 << 20 });
        check(HostFree { address: HostPtr(0x7000_0000), bytes: 64, arena: Some(3) });
        check(HostFree { address: HostPtr(0x7000_0000), bytes: 64, arena: None });
    }

    #[test]
    fn blob_takes_the_form_of_its_length() {
        let long = vec![7; INLINE_BYTES_MAX + 1];
        assert_eq!(Blob::of(&long), Blob::Bulk(4097));
        assert_eq!(Blob::of(&long[1..]), Blob::Inline(&long[1..]));
    }

    #[test]
    fn blob_decodes_to_the_same_and_refuses_other_forms() {
        for blob in [Blob::Inline(b""), Blob::Inline(b"abc"), Blob::Bulk(u64::MAX)] {
            let mut put = Put::new();
            blob.put(&mut put);
            assert_eq!(Blob::get(&mut Get::new(put.as_slice())), Ok(blob));
        }
        assert!(Blob::get(&mut Get::new(&[2, 0, 0, 0, 0])).is_err());
    }
}
