//! What processes that use the same soft devices lend each other: memory of `cuMemAlloc` and of pools,
//! and events, by names of 64 bytes. Read [`Name`].
//!
//! A name says which process has the pages, in which of its files, and where. Whoever may look at that
//! process's descriptors, which the system decides, opens the file; it lives as long as somebody maps it.
//! Who has been handed a descriptor of it notes that in the name ([`note_descriptor`]).

mod event;

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use rigel_protocol::generated::types::CUipcMemHandle;
use rigel_protocol::handle::{DevicePtr, MemPool};
use rigel_protocol::{CuError, CuResult, Cx};

pub(crate) use self::event::{SharedEvent, Slots};
use crate::driver::World;
use crate::memory::Lent;

/// First word of a name.
const MAGIC: u64 = 0x7269_6765_6c6e_0001;

/// `CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS`, without which no memory is opened.
const LAZY_PEER_ACCESS: u32 = 1;

/// What is lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Memory of a `cuMemAlloc`.
    Memory = 1,
    /// Memory of a pool.
    PoolMemory = 2,
    /// An event.
    Event = 3,
}

/// A name, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// What it names.
    pub(crate) kind: Kind,
    /// The process that has it.
    pub(crate) pid: u32,
    /// The file there, by descriptor and by what the system calls it.
    pub(crate) descriptor: u32,
    pub(crate) inode: u64,
    /// First byte in the file, and how many: of an event, its slot and none.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    /// Tells memory from memory that lay there before.
    pub(crate) number: u64,
    /// A descriptor of the file in the process that reads the name, if it has one.
    here: Option<i32>,
}

/// The descriptor of this process that a name of its own speaks of.
pub(crate) fn own_descriptor(bytes: &[u8; 64]) -> Option<i32> {
    let kinds = [Kind::Memory, Kind::PoolMemory, Kind::Event];
    let read = kinds
        .into_iter()
        .find_map(|kind| Name::read(bytes, kind).ok());
    read.filter(Name::is_own)
        .and_then(|name| i32::try_from(name.descriptor).ok())
}

/// Notes a descriptor of this process in a name.
pub(crate) fn note_descriptor(bytes: &mut [u8; 64], descriptor: i32) {
    let word = u64::from(descriptor.max(-1).wrapping_add(1) as u32);
    bytes[56..].copy_from_slice(&word.to_le_bytes());
}

impl Name {
    /// The name of something in a file of this process.
    pub(crate) fn of_own(kind: Kind, file: &OwnedFd, lent: &Lent) -> CuResult<Self> {
        Ok(Self {
            kind,
            pid: std::process::id(),
            descriptor: file.as_raw_fd() as u32,
            inode: inode(file)?,
            offset: lent.offset,
            bytes: lent.bytes,
            number: lent.number,
            here: None,
        })
    }

    /// Whether both name the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let of = |name: &Self| Self {
            here: None,
            ..*name
        };
        of(self) == of(other)
    }

    /// As it travels.
    pub(crate) fn written(&self) -> [u8; 64] {
        let words = [
            MAGIC,
            self.kind as u64,
            u64::from(self.pid) << 32 | u64::from(self.descriptor),
            self.inode,
            self.offset,
            self.bytes,
            self.number,
            0,
        ];
        let mut bytes = [0; 64];
        for (room, word) in bytes.chunks_exact_mut(8).zip(words) {
            room.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Reads a name; what is none, or names something else, is `CUDA_ERROR_INVALID_VALUE`.
    pub(crate) fn read(bytes: &[u8; 64], kind: Kind) -> CuResult<Self> {
        let mut words = [0; 8];
        for (word, from) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = from
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        let [magic, found, place, inode, offset, bytes, number, here] = words;
        let here = i32::try_from(here).map_err(|_| CuError::INVALID_VALUE)?;
        if magic != MAGIC || found != kind as u64 {
            return Err(CuError::INVALID_VALUE);
        }
        Ok(Self {
            kind,
            pid: (place >> 32) as u32,
            descriptor: place as u32,
            inode,
            offset,
            bytes,
            number,
            here: here.checked_sub(1).filter(|descriptor| *descriptor >= 0),
        })
    }

    /// Whether this process lent it: no process opens its own.
    pub(crate) fn is_own(&self) -> bool {
        self.pid == std::process::id()
    }

    /// Opens the file of the process that has it.
    pub(crate) fn open(&self) -> CuResult<OwnedFd> {
        if self.is_own() {
            return Err(CuError::INVALID_CONTEXT);
        }
        let path = match self.here {
            Some(descriptor) => format!("/proc/self/fd/{descriptor}"),
            None => format!("/proc/{}/fd/{}", self.pid, self.descriptor),
        };
        let file = File::options().read(true).write(true).open(path);
        let file = OwnedFd::from(file.map_err(|error| {
            tracing::debug!(%error, pid = self.pid, "open what another process has lent");
            CuError::INVALID_VALUE
        })?);
        match inode(&file)? == self.inode && is_fixed(&file) {
            true => Ok(file),
            false => Err(CuError::INVALID_VALUE),
        }
    }
}

/// Seals of all files that are lent: whoever maps one can rely on its length.
pub(crate) const SEALS: SealFlag = SealFlag::F_SEAL_SHRINK.union(SealFlag::F_SEAL_GROW);

/// Whether a file can change its length no more.
pub(crate) fn is_fixed(file: &OwnedFd) -> bool {
    let seals = fcntl(file, FcntlArg::F_GET_SEALS).map(SealFlag::from_bits_truncate);
    seals.is_ok_and(|seals| seals.contains(SEALS))
}

fn inode(file: &OwnedFd) -> CuResult<u64> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let meta = std::fs::metadata(path).map_err(|_| CuError::OPERATING_SYSTEM)?;
    Ok(meta.ino())
}

impl World {
    /// Lends memory, all of the allocation.
    pub(crate) fn lend(&self, cx: Cx, address: DevicePtr, kind: Kind) -> CuResult<[u8; 64]> {
        if kind == Kind::Memory {
            self.context(cx)?;
        }
        let lendable = self.memory.lendable(address.0)?;
        let from_pool = lendable.pool != MemPool::NONE;
        if from_pool != (kind == Kind::PoolMemory) || self.graph_memory.holds(lendable.base) {
            return Err(CuError::INVALID_VALUE);
        }
        if from_pool && !self.pools.find(lendable.pool)?.is_shareable() {
            return Err(CuError::INVALID_VALUE);
        }
        let lent = match self.memory.lent(&lendable)? {
            Some(lent) => lent,
            None => self
                .engine
                .while_idle(|| self.memory.lend(&lendable))
                .ok_or(CuError::OPERATING_SYSTEM)??,
        };
        let file = self.memory.lent_file(lendable.device)?;
        Ok(Name::of_own(kind, file, &lent)?.written())
    }

    /// Opens memory that another process has lent.
    pub(crate) fn borrow(
        &self,
        cx: Cx,
        handle: &CUipcMemHandle,
        flags: u32,
    ) -> CuResult<DevicePtr> {
        let context = self.context(cx)?;
        if flags != LAZY_PEER_ACCESS {
            return Err(CuError::INVALID_VALUE);
        }
        let name = Name::read(&handle.reserved, Kind::Memory)?;
        let owner = (context.handle, context.device);
        self.memory
            .borrow(&name, owner, MemPool::NONE)
            .map(DevicePtr)
    }

    /// Closes it again.
    pub(crate) fn give_back(&self, cx: Cx, address: DevicePtr) -> CuResult<()> {
        self.context(cx)?;
        self.engine.wait_all();
        self.memory.give_back(address.0, MemPool::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_survives_and_a_name_of_something_else_is_refused() {
        let name = Name {
            kind: Kind::Memory,
            pid: 7,
            descriptor: 9,
            inode: 1 << 40,
            offset: 512,
            bytes: 100,
            number: 3,
            here: None,
        };
        let written = name.written();
        assert_eq!(Name::read(&written, Kind::Memory), Ok(name));
        assert_eq!(
            Name::read(&written, Kind::Event),
            Err(CuError::INVALID_VALUE)
        );
        let mut noted = written;
        note_descriptor(&mut noted, 5);
        let noted = Name::read(&noted, Kind::Memory).unwrap();
        assert_eq!(noted.here, Some(5));
        assert!(noted.is_same(&name));
        let mut forged = written;
        forged[0] ^= 1;
        assert!(Name::read(&forged, Kind::Memory).is_err());
        assert_eq!(
            Name::read(&[0; 64], Kind::Memory),
            Err(CuError::INVALID_VALUE)
        );
    }

    #[test]
    fn open_of_a_process_that_is_not_there_is_invalid() {
        let name = Name {
            kind: Kind::Memory,
            pid: u32::MAX - 1,
            descriptor: 3,
            inode: 1,
            offset: 0,
            bytes: 1,
            number: 0,
            here: None,
        };
        assert_eq!(name.open().err(), Some(CuError::INVALID_VALUE));
        let own = Name {
            pid: std::process::id(),
            ..name
        };
        assert_eq!(own.open().err(), Some(CuError::INVALID_CONTEXT));
    }
}
