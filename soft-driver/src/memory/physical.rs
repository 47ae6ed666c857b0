//! Physical memory of a device for virtual memory management: pages of one file in memory, which
//! may be mapped at any reserved address, also at several. Read [`Physical`].

use std::{
    io,
    ops::Range,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{Mutex, PoisonError},
};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::ftruncate;
use rigel_protocol::{CuError, CuResult};

use super::ranges::Ranges;

/// Granularity of physical memory.
pub(crate) const GRANULARITY_BYTES: u64 = 2 << 20;

/// The physical memory of one device. Pages take host memory only once they are written.
#[derive(Debug)]
pub(crate) struct Physical {
    file: OwnedFd,
    free: Mutex<Ranges>,
}

impl Physical {
    /// Memory of this size, all free.
    pub(super) fn new(bytes: u64) -> io::Result<Self> {
        let file = memfd_create("rigel-soft-gpu", MFdFlags::MFD_CLOEXEC)?;
        ftruncate(
            &file,
            i64::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?,
        )?;
        Ok(Self {
            file,
            free: Mutex::new(Ranges::new(0..bytes)),
        })
    }

    /// The file to map.
    pub(super) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Takes pages; they read as zero.
    pub(super) fn take(&self, bytes: u64) -> CuResult<Range<u64>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let start = free
            .take(bytes, GRANULARITY_BYTES)
            .ok_or(CuError::OUT_OF_MEMORY)?;
        Ok(start..start + bytes)
    }

    /// Takes pages back that are mapped nowhere.
    pub(super) fn give(&self, pages: Range<u64>) {
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let (start, bytes) = (pages.start as i64, (pages.end - pages.start) as i64);
        if let Err(error) = fallocate(&self.file, flags, start, bytes) {
            tracing::warn!(%error, bytes, "discard physical memory");
        }
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .give(pages);
    }
}

/// `CU_MEM_ACCESS_FLAGS_PROT_READWRITE`.
pub(crate) const ACCESS_READ_WRITE: u32 = 3;
