//! Page-locked memory across a network: each side has its own copy, and sends what has changed. Read
//! [`put_change`] first.
//!
//! `mirrorWrite` precedes what may read the memory on the worker's side: launches, copies, the return
//! of a host function. `mirrorChanged` precedes the answers after which the program may look.

use crate::wire::{Get, Put, Wire, WireError};

/// Most bytes of changes in a record.
pub const CHANGES_BYTES_MAX: usize = 48 << 10;
/// Largest mirror.
pub const MIRROR_BYTES_MAX: u64 = 256 << 10;
/// Most bytes of all mirrors of a session: they are compared word by word.
pub const MIRRORS_BYTES_MAX: u64 = 1 << 20;
/// Largest mirror of memory that the program wants mapped for the GPU, at whatever cost.
pub const MAPPED_BYTES_MAX: u64 = 16 << 20;
/// Most bytes of all mirrors of a session with such memory.
pub const MAPPED_BYTES_ALL_MAX: u64 = 64 << 20;
/// Most mirrors of a session.
pub const MIRRORS_MAX: usize = 4096;

/// `mirrorMap` and `mirrorUnmap`: memory that begins as zeroes on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MirrorMap {
    /// First address, on a page.
    pub address: u64,
    /// Size, whole pages.
    pub bytes: u64,
}

impl Wire for MirrorMap {
    fn put(&self, out: &mut Put) {
        out.put(&self.address);
        out.put(&self.bytes);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            address: from.get()?,
            bytes: from.get()?,
        })
    }
}

/// `hostRegister` and `hostUnregister`: memory of the program's, which it has registered. The worker's
/// copy begins as zeroes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostRegister {
    /// First address.
    pub address: u64,
    /// Size.
    pub bytes: u64,
    /// `CU_MEMHOSTREGISTER_*`.
    pub flags: u32,
}

impl Wire for HostRegister {
    fn put(&self, out: &mut Put) {
        out.put(&self.address);
        out.put(&self.bytes);
        out.put(&self.flags);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            address: from.get()?,
            bytes: from.get()?,
            flags: from.get()?,
        })
    }
}

/// Writes one change; a record of `mirrorWrite` or `mirrorChanged` is a row of them.
pub fn put_change(out: &mut Put, address: u64, bytes: &[u8]) {
    out.put(&address);
    out.bytes(bytes);
}

/// Reads the next change; `None` at the end of the record.
pub fn get_change<'a>(from: &mut Get<'a>) -> Result<Option<(u64, &'a [u8])>, WireError> {
    if from.left() == 0 {
        return Ok(None);
    }
    Ok(Some((from.get()?, from.bytes()?)))
}

/// Packs changes into records of at most about [`CHANGES_BYTES_MAX`] each.
#[derive(Debug, Default)]
pub struct ChangeRecords {
    records: Vec<Put>,
}

impl ChangeRecords {
    /// Adds a change.
    pub fn add(&mut self, address: u64, bytes: &[u8]) {
        let full = |record: &Put| record.as_slice().len() + bytes.len() > CHANGES_BYTES_MAX;
        if self.records.last().is_none_or(full) {
            self.records.push(Put::new());
        }
        if let Some(record) = self.records.last_mut() {
            put_change(record, address, bytes);
        }
    }

    /// The payloads of the records.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(Put::as_slice)
    }

    /// Likewise, to be sent later.
    pub fn into_records(self) -> impl Iterator<Item = Vec<u8>> {
        self.records.into_iter().map(Put::into_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_changes_are_read_back_in_order() {
        let mut records = ChangeRecords::default();
        // With its 12 bytes of head it fits a record of its own, and nothing before it does.
        let long = vec![7; CHANGES_BYTES_MAX - 14];
        records.add(1, b"one");
        records.add(2, &long);
        records.add(3, b"");
        let mut read = Vec::new();
        for record in records.records() {
            let mut get = Get::new(record);
            while let Some((address, bytes)) = get_change(&mut get).unwrap() {
                read.push((address, bytes.len()));
            }
        }
        assert_eq!(read, [(1, 3), (2, long.len()), (3, 0)]);
        assert_eq!(records.records().count(), 2);
    }

    #[test]
    fn change_that_is_cut_is_refused() {
        let mut put = Put::new();
        put_change(&mut put, 1, b"bytes");
        for end in 1..put.as_slice().len() {
            assert!(get_change(&mut Get::new(&put.as_slice()[..end])).is_err());
        }
    }
}
