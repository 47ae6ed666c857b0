//! Memory of the null driver: one stretch of addresses, pages of which come when they are written. Every
//! copy stays inside it. Read [`Memory`] first.
#![expect(
    unsafe_code,
    reason = "moves bytes between memory of its own and what the worker has checked"
)]

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use anyhow::Context as _;
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous, munmap};
use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::{Copy3d, Fill, Place, Side};
use rigel_protocol::handle::DevicePtr;
use rigel_protocol::{CuError, CuResult, HostPtr};

use super::lock;
use crate::worker::landing::further;

/// Where it lies: an address that neither programs nor loaders use by themselves.
const BASE: usize = 0x1800_0000_0000;
/// How many addresses.
const BYTES: usize = 256 << 30;
/// Allocations begin on multiples of this.
const UNIT: u64 = 2 << 20;

/// The memory.
#[derive(Debug)]
pub(super) struct Memory {
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    /// All addresses below are or were given out.
    reached: u64,
    /// Rounded sizes by first address.
    live: HashMap<u64, u64>,
    /// First addresses of what was freed, by rounded size.
    freed: HashMap<u64, Vec<u64>>,
}

impl Memory {
    /// Takes the addresses; pages come later.
    pub(super) fn reserve() -> anyhow::Result<Self> {
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE | MapFlags::MAP_FIXED_NOREPLACE;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let bytes = NonZeroUsize::new(BYTES).context("the null driver's memory has a size")?;
        // SAFETY: the address is taken only if nothing is there.
        unsafe { mmap_anonymous(NonZeroUsize::new(BASE), bytes, protection, flags) }
            .context("reserve the null driver's memory")?;
        Ok(Self {
            books: Mutex::default(),
        })
    }

    /// Its addresses.
    pub(super) fn range(&self) -> AddressRange {
        AddressRange {
            base: BASE as u64,
            bytes: BYTES as u64,
        }
    }

    /// Gives out memory.
    pub(super) fn allocate(&self, bytes: u64) -> CuResult<DevicePtr> {
        if bytes == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let rounded = bytes
            .checked_next_multiple_of(UNIT)
            .ok_or(CuError::OUT_OF_MEMORY)?;
        let mut books = lock(&self.books);
        let again = books.freed.get_mut(&rounded).and_then(Vec::pop);
        let address = match again {
            Some(address) => address,
            None => {
                let end = books.reached.checked_add(rounded);
                let end = end.filter(|end| *end <= BYTES as u64);
                let start = books.reached;
                books.reached = end.ok_or(CuError::OUT_OF_MEMORY)?;
                BASE as u64 + start
            }
        };
        books.live.insert(address, rounded);
        Ok(DevicePtr(address))
    }

    /// Takes it back, pages too.
    pub(super) fn free(&self, memory: DevicePtr) -> CuResult<()> {
        let mut books = lock(&self.books);
        let bytes = books.live.remove(&memory.0).ok_or(CuError::INVALID_VALUE)?;
        books.freed.entry(bytes).or_default().push(memory.0);
        let start =
            NonNull::new(memory.0 as *mut std::ffi::c_void).ok_or(CuError::INVALID_VALUE)?;
        // SAFETY: an allocation of ours, whole pages within the reserved addresses.
        unsafe { madvise(start, bytes as usize, MmapAdvise::MADV_DONTNEED) }
            .map_err(|_| CuError::OPERATING_SYSTEM)
    }

    /// Copies bytes.
    pub(super) fn copy(&self, dst: Place, src: Place, bytes: u64) -> CuResult<()> {
        let (dst, src) = (place(dst, bytes)?, place(src, bytes)?);
        // SAFETY: a device end lies in the reserved addresses, as `place` has checked; a host end is the
        // worker's own or in an arena, as its callers check. Ends may overlap.
        unsafe { ptr::copy(src as *const u8, dst as *mut u8, bytes as usize) };
        Ok(())
    }

    /// Copies the rows of a box.
    pub(super) fn copy_box(&self, copy: &Copy3d) -> CuResult<()> {
        let extent = copy.extent;
        for slice in 0..extent.depth {
            for row in 0..extent.height {
                let dst = row_of(&copy.dst, row, slice)?;
                let src = row_of(&copy.src, row, slice)?;
                self.copy(dst, src, extent.width_bytes)?;
            }
        }
        Ok(())
    }

    /// Fills bytes, which is all that a row of equal bytes needs.
    pub(super) fn fill(&self, fill: &Fill) -> CuResult<()> {
        let element = u64::from(fill.element_bytes);
        let width = fill.width.checked_mul(element);
        let width = width.ok_or(CuError::INVALID_VALUE)?;
        let value = fill.value.to_le_bytes();
        let pattern = value
            .get(..element as usize)
            .filter(|pattern| !pattern.is_empty())
            .ok_or(CuError::INVALID_VALUE)?;
        for row in 0..fill.height {
            let offset = row.checked_mul(fill.pitch_bytes);
            let start = offset.and_then(|offset| fill.dst.0.checked_add(offset));
            let row = inside(start.ok_or(CuError::INVALID_VALUE)?, width)?;
            // SAFETY: the row lies in the reserved addresses, as `inside` has checked.
            let row = unsafe { std::slice::from_raw_parts_mut(row as *mut u8, width as usize) };
            for place in row.chunks_exact_mut(pattern.len()) {
                place.copy_from_slice(pattern);
            }
        }
        Ok(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(base) = NonNull::new(BASE as *mut std::ffi::c_void) {
            // SAFETY: our own mapping, which nothing outlives. A failure cannot be acted on.
            let _ = unsafe { munmap(base, BYTES) };
        }
    }
}

/// Where a row of a box begins.
fn row_of(side: &Side, row: u64, slice: u64) -> CuResult<Place> {
    let offset = || {
        let slices = side.z.checked_add(slice)?.checked_mul(side.rows)?;
        let rows = slices.checked_add(side.y)?.checked_add(row)?;
        rows.checked_mul(side.pitch_bytes)?
            .checked_add(side.x_bytes)
    };
    further(side.place, offset().ok_or(CuError::INVALID_VALUE)?)
}

/// The address of an end of a copy.
fn place(place: Place, bytes: u64) -> CuResult<u64> {
    match place {
        Place::Host(HostPtr(address)) => Ok(address),
        Place::Device(DevicePtr(address)) => inside(address, bytes),
        Place::Array(_) => Err(CuError::NOT_SUPPORTED),
    }
}

fn inside(address: u64, bytes: u64) -> CuResult<u64> {
    let offset = address.checked_sub(BASE as u64);
    let end = offset.and_then(|offset| offset.checked_add(bytes));
    match end {
        Some(end) if end <= BYTES as u64 => Ok(address),
        _ => Err(CuError::INVALID_VALUE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_outside_are_refused() {
        let (base, end) = (BASE as u64, (BASE + BYTES) as u64);
        assert!(inside(base, BYTES as u64).is_ok());
        for (address, bytes) in [
            (base - 1, 1),
            (base, BYTES as u64 + 1),
            (end, 1),
            (base + 1, u64::MAX),
        ] {
            assert!(inside(address, bytes).is_err(), "{address:#x} {bytes}");
        }
        assert!(place(Place::Device(DevicePtr(end)), 1).is_err());
    }
}
